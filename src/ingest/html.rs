//! Web pages that are called workbooks: every table of the page is a sheet.
//!
//! A system that «exports to Excel» often writes a page with a table. Its rows and cells are read as a browser lays them
//! out: end tags may be missing, and a cell that spans rows or columns takes their places.

use std::collections::BTreeMap;
use std::path::Path;

use encoding_rs::Encoding;
use html5gum::{DefaultEmitter, HtmlString, Spanned, Token, Tokenizer};

use super::held::MOST_COLUMNS;
use super::reasons::{bytes as size, column};
use super::text;
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// The largest page that is read, in bytes: it is held in memory.
const MOST_BYTES: u64 = 256 << 20;
/// The most rows that a cell may span, and the most cells of a table.
const MOST_ROWS: usize = 65_536;
const MOST_CELLS: usize = 20_000_000;

/// One table of a page: its rows, each with its cells.
pub(super) type Table = Vec<Vec<HtmlCell>>;

/// A cell of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct HtmlCell {
    /// The text, with a line feed for each break.
    pub(super) text: String,
    /// Whether the text is that of a cell above, which spans this row.
    pub(super) spanned: bool,
}

/// Reads the tables of a page, in their order.
pub(super) fn tables(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Vec<Table>> {
    let bytes = std::fs::metadata(path).map_err(Error::io("read", path))?.len();
    if bytes > MOST_BYTES {
        return Err(Error::export(name, ExportProblem::TooLarge { what: size(bytes) }));
    }
    let page = std::fs::read(path).map_err(Error::io("read", path))?;
    let marked = Encoding::for_bom(&page).map(|(encoding, _)| encoding).or(declared).or_else(|| charset(&page));
    let encoding = match marked {
        // What pages call GBK or GB2312 is GB18030.
        Some(encoding) if encoding == encoding_rs::GBK => encoding_rs::GB18030,
        Some(encoding) => encoding,
        None => text::scan(path, name, None)?.encoding.unwrap_or(encoding_rs::UTF_8),
    };
    let (decoded, _, broken) = encoding.decode(&page);
    if broken {
        return Err(Error::export(name, ExportProblem::Encoding { tried: encoding.name().to_owned() }));
    }
    parse(&decoded).map_err(|what| Error::export(name, ExportProblem::TooLarge { what }))
}

/// The encoding that a page names in its head.
fn charset(page: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&page[..page.len().min(4_096)]).to_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label = rest.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(['"', '\'', ' ', ';', '>', '/'])?;
    Encoding::for_label(&label.as_bytes()[..end])
}

/// A table while its tags go by.
#[derive(Default)]
struct Open {
    /// Where the table stands among those of the page.
    index: usize,
    rows: Table,
    /// The cell that text goes to, with the columns and rows that it spans.
    cell: Option<Spanning>,
    /// Column → the cell that comes down into it, and for how many more rows.
    down: BTreeMap<usize, (String, usize)>,
    in_row: bool,
    /// The cells of all finished rows.
    cells: usize,
}

struct Spanning {
    text: String,
    columns: usize,
    rows: usize,
}

impl Open {
    fn begin_row(&mut self) {
        self.end_row();
        self.rows.push(Vec::new());
        self.in_row = true;
    }

    fn add(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell {
            cell.text.push_str(text);
        }
    }

    fn within_caps(&self) -> std::result::Result<(), Words> {
        if self.width() > MOST_COLUMNS as usize {
            return Err(column(self.width()));
        }
        let cells = self.cells;
        if cells > MOST_CELLS {
            return Err(Words::new(format!("{cells} 个单元格"), format!("{cells} cells")));
        }
        Ok(())
    }

    fn begin_cell(&mut self, columns: usize, rows: usize) {
        if !self.in_row {
            self.begin_row();
        }
        self.end_cell();
        self.cell = Some(Spanning { text: String::new(), columns, rows });
    }

    /// Puts the cells that come down from above into the row, up to the next free column.
    fn take_spanned(&mut self) {
        let Some(row) = self.rows.last_mut() else { return };
        while let Some((text, left)) = self.down.get_mut(&row.len()) {
            let column = row.len();
            row.push(HtmlCell { text: text.clone(), spanned: true });
            *left -= 1;
            if *left == 0 {
                self.down.remove(&column);
            }
        }
    }

    fn end_cell(&mut self) {
        let Some(cell) = self.cell.take() else { return };
        self.take_spanned();
        let Some(row) = self.rows.last_mut() else { return };
        let text = tidy(&cell.text);
        for offset in 0..cell.columns {
            // A browser shows the text once, over all columns: only the first one holds it.
            let own = if offset == 0 { text.clone() } else { String::new() };
            if cell.rows > 1 {
                self.down.insert(row.len(), (own.clone(), cell.rows - 1));
            }
            row.push(HtmlCell { text: own, spanned: false });
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        if !self.in_row {
            return;
        }
        self.in_row = false;
        let mut width = self.width();
        while self.down.last_key_value().is_some_and(|(column, _)| *column >= width) {
            self.take_spanned();
            // A row that ends before the column of a cell that spans it.
            if self.width() == width
                && let Some(row) = self.rows.last_mut()
            {
                row.push(HtmlCell::default());
            }
            width = self.width();
        }
        self.cells += width;
    }

    fn width(&self) -> usize {
        self.rows.last().map_or(0, Vec::len)
    }
}

/// The tables of a decoded page, or what exceeds its cap.
fn parse(page: &str) -> std::result::Result<Vec<Table>, Words> {
    let mut emitter: DefaultEmitter<()> = DefaultEmitter::default();
    // What scripts and styles hold is no text.
    emitter.naively_switch_states(true);
    let mut tables: Vec<Table> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut hidden = false;
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"table" => {
                    open.push(Open { index: tables.len(), ..Open::default() });
                    tables.push(Table::new());
                }
                b"script" | b"style" | b"title" => hidden = true,
                name => {
                    let Some(table) = open.last_mut() else { continue };
                    match name {
                        b"tr" => table.begin_row(),
                        b"td" | b"th" => {
                            let span = |name: &[u8], most: usize| span(&tag.attributes, name, most);
                            table.begin_cell(span(b"colspan", MOST_COLUMNS as usize), span(b"rowspan", MOST_ROWS));
                        }
                        b"br" | b"p" | b"div" => table.add("\n"),
                        _ => {}
                    }
                    table.within_caps()?;
                }
            },
            Token::EndTag(tag) => match (tag.name.as_slice(), open.last_mut()) {
                (b"script" | b"style" | b"title", _) => hidden = false,
                (b"td" | b"th", Some(table)) => table.end_cell(),
                (b"tr", Some(table)) => table.end_row(),
                (b"table", Some(_)) => close(&mut open, &mut tables),
                _ => {}
            },
            Token::String(text) if !hidden => {
                if let Some(table) = open.last_mut() {
                    // A line break of the page's source is a blank.
                    table.add(&String::from_utf8_lossy(&text).replace(['\r', '\n'], " "));
                }
            }
            _ => {}
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut tables);
    }
    tables.retain(|table| !table.is_empty());
    Ok(tables)
}

fn close(open: &mut Vec<Open>, tables: &mut [Table]) {
    if let Some(mut table) = open.pop() {
        table.end_row();
        tables[table.index] = table.rows;
    }
}

/// How many columns or rows a cell takes.
fn span(attributes: &BTreeMap<HtmlString, Spanned<HtmlString, ()>>, name: &[u8], most: usize) -> usize {
    let attribute = attributes.iter().find(|(key, _)| key.as_slice() == name);
    let number = attribute.and_then(|(_, value)| String::from_utf8_lossy(&value.value).trim().parse().ok());
    number.unwrap_or(1).clamp(1, most)
}

/// A cell's text as a browser shows it: runs of blanks are one, and line breaks are those of the mark-up.
fn tidy(text: &str) -> String {
    let lines = text.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> Vec<String> {
        let row = |row: &Vec<HtmlCell>| row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>().join("|");
        parse(page).unwrap().iter().map(|table| table.iter().map(row).collect::<Vec<_>>().join("/")).collect()
    }

    #[test]
    fn tables_are_laid_out_as_a_browser_does() {
        for (page, expected) in [
            ("<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", vec!["a|b/1|2"]),
            ("<TABLE><TR><TD>a<TD>b<TR><TD>1<TD>2</TABLE>", vec!["a|b/1|2"]),
            ("<table><td>a<td>b<tr><td>1<td>2", vec!["a|b/1|2"]),
            ("<table><tr><td colspan=2>t<tr><td>a<td>b</table>", vec!["t|/a|b"]),
            ("<table><tr><td rowspan=2>x<td>1<tr><td>2<tr><td>y<td>3</table>", vec!["x|1/x|2/y|3"]),
            ("<table><tr><td>1<td rowspan=3>x<tr><td>2<tr></table>", vec!["1|x/2|x/|x"]),
            ("<table><tr><td rowspan='2' colspan=\"2\">x<td>1<tr><td>2</table>", vec!["x||1/x||2"]),
            ("<table><tr><td>A &amp; B&nbsp;&lt;C&gt; &#22478;</table>", vec!["A & B <C> 城"]),
            ("<table><tr><td> a\n  b <br>c</td></tr></table>", vec!["a b\nc"]),
            ("<style>td {x}</style><table><tr><td><script>if (a<b) {}</script>1</table>", vec!["1"]),
            ("<table><tr><td>1</table><p>text</p><table><tr><td>2</table>", vec!["1", "2"]),
            ("<table><tr><td>o<table><tr><td>i</table>p<td>q</table>", vec!["op|q", "i"]),
            ("<table><thead><tr><th>h</thead><tbody><tr><td>1</tbody></table>", vec!["h/1"]),
            ("<!--[if gte mso 9]><table><tr><td>no</table><![endif]--><table><tr><td>1</table>", vec!["1"]),
            ("<p>none", vec![]),
        ] {
            assert_eq!(shown(page), expected, "{page}");
        }
    }

    #[test]
    fn a_page_that_would_fill_the_memory_is_refused() {
        let page = format!("<table><tr><td colspan=1000 rowspan=65000>x{}", "<tr>".repeat(65_000));
        assert!(parse(&page).is_err());
    }

    #[test]
    fn a_page_names_its_encoding() {
        for (head, encoding) in [
            ("<meta charset=\"gb2312\">", Some(encoding_rs::GBK)),
            ("<META http-equiv=Content-Type content='text/html; charset=utf-8'>", Some(encoding_rs::UTF_8)),
            ("<html>", None),
        ] {
            assert_eq!(charset(head.as_bytes()), encoding, "{head}");
        }
    }
}
