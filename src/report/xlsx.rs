//! The workbook: one sheet per table, ready to print and to hand out.
//!
//! Every text is written as text and every figure as a number; nothing of the data can become a formula. The only formulas are
//! the sums below lists: of what a filter leaves, and they carry the value of all.

mod drawn;
mod first;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use rust_xlsxwriter::utility::row_col_to_cell;
use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DocProperties, Format as Style, FormatAlign, FormatBorder,
    Formula, Url, Workbook, Worksheet, XlsxError,
};

use super::summary::Summary;
use super::{Input, charts};
use crate::cells::workbook::{cells_wide, date, tab_name};
use crate::cells::{Below, Cell, Column, Format, Part, Table, printable};
use crate::error::{Error, Result};
use crate::vocabularies::Tone;
use crate::words::Lang;

/// From this many rows on a sheet is written row by row, without keeping it in memory.
const LONG: usize = 20_000;
/// The most rows that a sheet holds below its headers.
const MOST_ROWS: usize = 1_048_000;
/// Title, subtitle, headers.
const HEAD_ROWS: u32 = 3;

/// Lays the workbook of the report out; the first sheet is its summary, and the last says what the figures mean.
pub(super) fn workbook(
    input: &Input<'_>,
    name: &str,
    summary: &Summary,
    charts: &[charts::Chart],
    tables: &[Table],
) -> Result<Vec<u8>> {
    let charts = charts.iter().filter_map(|chart| chart.plotted.as_ref()).collect();
    let title = input.config.pipeline.title.get(input.lang);
    build(input, title, tables, Some(&Whole { summary, charts })).map_err(Error::render(name))
}

/// Lays a hand-out out: some tables under a title of their own.
pub fn handout(input: &Input<'_>, name: &str, title: &str, tables: &[Table]) -> Result<Vec<u8>> {
    build(input, title, tables, None).map_err(Error::render(name))
}

/// What the workbook of a whole report has besides its tables.
struct Whole<'a> {
    summary: &'a Summary,
    charts: Vec<&'a charts::Plotted>,
}

fn build(input: &Input<'_>, title: &str, tables: &[Table], whole: Option<&Whole<'_>>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    set_properties(&mut book, input, title)?;
    let styles = Styles::new();
    let lang = input.lang;
    let mut taken =
        BTreeSet::from([definitions_name(lang), first::name(lang), drawn::name(lang)].map(str::to_lowercase));
    let names: Vec<String> = tables.iter().map(|table| tab_name(titled(table), &mut taken)).collect();
    if let Some(Whole { summary, charts }) = whole {
        first::fill(book.add_worksheet(), input, (title, summary), (charts, tables, &names), &styles)?;
    }
    for (table, name) in tables.iter().zip(&names) {
        let sheet =
            if table.rows.len() > LONG { book.add_worksheet_with_constant_memory()? } else { book.add_worksheet() };
        sheet.set_name(name)?;
        fill(sheet, input, title, table, &styles, whole.map(|_| link(first::name(lang))))?;
    }
    if let Some(Whole { charts, .. }) = whole {
        if !charts.is_empty() {
            drawn::fill(book.add_worksheet(), input, title, charts, link(first::name(lang)), &styles)?;
        }
        definitions(book.add_worksheet(), input, tables, &styles)?;
    }
    book.save_to_buffer()
}

/// A link to the top of a sheet; the names of sheets have no apostrophes.
fn link(sheet: &str) -> Url {
    Url::new(format!("internal:'{sheet}'!A1"))
}

/// Makes the title of a sheet a link to the first.
fn leads_back(sheet: &mut Worksheet, back: Url, title: &str, lang: Lang, styles: &Styles) -> Result<(), XlsxError> {
    let tip = lang.pick("回到摘要", "to the summary");
    sheet.write_url_with_format(0, 0, back.set_text(title).set_tip(tip), &styles.title).map(drop)
}

/// Names a workbook, and dates it by the as-of day.
pub(super) fn set_properties(book: &mut Workbook, input: &Input<'_>, title: &str) -> Result<(), XlsxError> {
    let created = date(input.as_of)?;
    book.set_properties(&DocProperties::new().set_title(title).set_author("yekuo").set_creation_datetime(&created));
    Ok(())
}

/// How cells look.
pub(super) struct Styles {
    pub(super) title: Style,
    pub(super) subtitle: Style,
    head: Style,
    text: Style,
    wrapped: Style,
    integer: Style,
    decimals: [Style; 5],
    rate: Style,
    date: Style,
    month: Style,
}

impl Styles {
    pub(super) fn new() -> Styles {
        let font = |style: Style| style.set_font_name("Microsoft YaHei").set_font_size(9);
        let cell = || {
            font(Style::new())
                .set_border(FormatBorder::Thin)
                .set_border_color(0x00C8_D0D8)
                .set_align(FormatAlign::VerticalCenter)
        };
        let number = |format: &str| cell().set_num_format(format).set_align(FormatAlign::Right);
        Styles {
            title: font(Style::new())
                .set_font_size(16)
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_align(FormatAlign::VerticalCenter)
                .set_shrink(),
            subtitle: font(Style::new())
                .set_font_size(9)
                .set_font_color(0x005B_6875)
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter),
            head: cell().set_bold().set_background_color(0x00E8_EEF4).set_text_wrap().set_align(FormatAlign::Center),
            text: cell().set_text_wrap(),
            wrapped: cell().set_text_wrap(),
            integer: number("0"),
            decimals: [number("0"), number("0.0"), number("0.00"), number("0.000"), number("0.0000")],
            rate: number("0.0%"),
            date: cell().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Center),
            month: cell().set_num_format("yyyy-mm").set_align(FormatAlign::Center),
        }
    }

    /// The style of headers.
    pub(super) fn of_heads(&self) -> &Style {
        &self.head
    }

    pub(super) fn of(&self, format: Format) -> &Style {
        match format {
            Format::Text => &self.text,
            Format::Wrapped => &self.wrapped,
            Format::Month => &self.month,
            Format::Date => &self.date,
            Format::Integer => &self.integer,
            Format::Decimal(places) => &self.decimals[usize::from(places.min(4))],
            Format::Rate => &self.rate,
        }
    }
}

fn fill(
    sheet: &mut Worksheet,
    input: &Input<'_>,
    heading: &str,
    table: &Table,
    styles: &Styles,
    back: Option<Url>,
) -> Result<(), XlsxError> {
    let lang = input.lang;
    let last = (table.columns.len().max(1) - 1) as u16;
    let widths: Vec<f64> =
        table.columns.iter().enumerate().map(|(index, column)| width(table, index, column)).collect();
    for (index, width) in widths.iter().enumerate() {
        sheet.set_column_width(index as u16, *width)?;
    }
    sheet.set_row_height(0, 30)?;
    let period = input.period.label(lang);
    let title = match table.part {
        Part::Assessment => lang
            .pick(format!("{heading} {}（{period}）", table.title), format!("{heading}. {} ({period})", table.title)),
        _ => table.title.clone(),
    };
    merged(sheet, 0, last, &title, &styles.title)?;
    if let Some(back) = back {
        leads_back(sheet, back, &title, lang, styles)?;
    }
    let facts = input.facts() + lang.pick("", " ") + &table.about;
    let facts = input
        .stale
        .map_or_else(|| facts.clone(), |stale| format!("{}{}{facts}", stale.say(lang), lang.pick("。", ". ")));
    let printed = printed(table);
    let facts = match printed {
        Some(rows) => {
            let others = table.rows.len() - rows;
            facts
                + &lang.pick(
                    format!("打印的是本期 {rows} 行；以往各期的 {others} 行在其下，不打印。"),
                    format!(" Printed are the {rows} rows of the period; {others} of earlier ones stand below them."),
                )
        }
        None => facts,
    };
    // Long sentences take a second line where the sheet is narrow.
    let sheet_width: f64 = widths.iter().sum();
    let lines_of_facts = (cells_wide(&facts) as f64 * 0.95 / sheet_width.max(1.0)).ceil().clamp(1.0, 4.0);
    sheet.set_row_height(1, 15.0 * lines_of_facts + 3.0)?;
    merged(sheet, 1, last, &facts, &styles.subtitle)?;
    sheet.set_row_height(2, 32)?;
    for (index, column) in table.columns.iter().enumerate() {
        sheet.write_string_with_format(2, index as u16, &column.title, &styles.head)?;
    }
    let shown = table.rows.len().min(MOST_ROWS);
    for (offset, row) in table.rows.iter().take(shown).enumerate() {
        line(sheet, HEAD_ROWS + offset as u32, row, table, &widths, styles, false)?;
    }
    let after = HEAD_ROWS + shown as u32;
    if let Some(total) = table.total.as_ref().filter(|_| shown > 0) {
        line(sheet, after, total, table, &widths, styles, true)?;
    }
    marks(sheet, after, table)?;
    if shown == 0 {
        let nothing = table.absent.as_deref().unwrap_or(lang.pick("本期没有记录", "nothing in this period"));
        merged(sheet, HEAD_ROWS, last, nothing, &styles.subtitle)?;
    } else {
        sheet.autofilter(2, 0, after - 1, last)?;
    }
    sheet.set_freeze_panes(HEAD_ROWS, if table.columns.len() > 6 { 3 } else { 1 })?;
    print_setup(sheet, lang)?;
    sheet.set_repeat_rows(2, 2)?;
    if let Some(rows) = printed {
        sheet.set_print_area(0, 0, HEAD_ROWS + rows as u32 - 1, last)?;
    }
    Ok(())
}

/// How many rows of a table go on paper, where these are not all: those of the report's period, which come first.
fn printed(table: &Table) -> Option<usize> {
    let first = table.shown.len();
    let are_first = (1..table.rows.len()).contains(&first) && table.shown.iter().all(|row| *row < first);
    are_first.then_some(first)
}

pub(super) fn print_setup(sheet: &mut Worksheet, lang: Lang) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_print_center_horizontally(true);
    sheet.set_footer(lang.pick("&L&8yekuo&C&8第 &P 页 共 &N 页", "&L&8yekuo&C&8page &P of &N"));
    Ok(())
}

pub(super) fn merged(sheet: &mut Worksheet, row: u32, last: u16, text: &str, style: &Style) -> Result<(), XlsxError> {
    if last == 0 {
        sheet.write_string_with_format(row, 0, text, style)?;
    } else {
        sheet.merge_range(row, 0, row, last, text, style)?;
    }
    Ok(())
}

pub(super) fn line(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[Cell],
    table: &Table,
    widths: &[f64],
    styles: &Styles,
    total: bool,
) -> Result<(), XlsxError> {
    let tallest = cells.iter().zip(widths).map(|(cell, width)| lines(cell, *width)).max().unwrap_or(1);
    if tallest > 1 {
        sheet.set_row_height(row, 13.5 * tallest as f64 + 3.0)?;
    }
    for (index, (cell, column)) in cells.iter().zip(&table.columns).enumerate() {
        let format = match (cell, column.format) {
            (Cell::Share(_), _) => Format::Rate,
            (Cell::Integer(_), Format::Decimal(_)) => Format::Integer,
            (_, format) => format,
        };
        let style = match total {
            true => &total_style(styles.of(format)),
            false => styles.of(format),
        };
        let index = index as u16;
        let is_sum = total && column.below == Below::Sum;
        match cell {
            Cell::Integer(sum) if is_sum => {
                sheet.write_formula_with_format(row, index, sum_above(row, index, sum), style)?
            }
            Cell::Number(sum) if is_sum => {
                sheet.write_formula_with_format(row, index, sum_above(row, index, sum), style)?
            }
            Cell::Empty => sheet.write_blank(row, index, style)?,
            Cell::Text(text) | Cell::Toned(text, _) => {
                let style = style.clone().set_align(FormatAlign::Left);
                sheet.write_string_with_format(row, index, fitting(&printable(text)), &style)?
            }
            Cell::Integer(integer) => sheet.write_number_with_format(row, index, *integer as f64, style)?,
            Cell::Number(number) => sheet.write_number_with_format(row, index, *number, style)?,
            Cell::Share(share) => sheet.write_number_with_format(row, index, *share, style)?,
            Cell::Date(day) => sheet.write_datetime_with_format(row, index, &date(*day)?, style)?,
        };
    }
    Ok(())
}

/// The sum below a list: a formula over the rows that a filter leaves, with the sum of all rows as its value.
fn sum_above(row: u32, column: u16, sum: impl Display) -> Formula {
    let [first, last] = [HEAD_ROWS, row - 1].map(|row| row_col_to_cell(row, column));
    Formula::new(format!("=SUBTOTAL(109,{first}:{last})")).set_result(sum.to_string())
}

/// Marks the words that stand out, wherever they stand in their column: by weight and colour, beside the word itself.
fn marks(sheet: &mut Worksheet, after: u32, table: &Table) -> Result<(), XlsxError> {
    for at in 0..table.columns.len() {
        let toned = table.rows.iter().take(MOST_ROWS).filter_map(|row| match &row[at] {
            Cell::Toned(word, tone) => Some((fitting(&printable(word)).into_owned(), *tone)),
            _ => None,
        });
        for (word, tone) in toned.collect::<BTreeMap<_, _>>().into_iter().take(MOST_MARKS) {
            let colour = match tone {
                Tone::Better => 0x0015_7347,
                Tone::Worse => 0x00B3_261E,
            };
            let mark = ConditionalFormatCell::new()
                .set_rule(ConditionalFormatCellRule::EqualTo(word))
                .set_format(Style::new().set_bold().set_font_color(colour));
            sheet.add_conditional_format(HEAD_ROWS, at as u16, after - 1, at as u16, &mark)?;
        }
    }
    Ok(())
}

/// Words of one column that are marked: there are a handful of codes.
const MOST_MARKS: usize = 50;

fn total_style(style: &Style) -> Style {
    style.clone().set_bold().set_background_color(0x00F4_F6F8)
}

fn definitions_name(lang: Lang) -> &'static str {
    lang.pick("指标说明", "Definitions")
}

/// 指标说明: every column of every table that has a meaning.
fn definitions(sheet: &mut Worksheet, input: &Input<'_>, tables: &[Table], styles: &Styles) -> Result<(), XlsxError> {
    let lang = input.lang;
    let heads = lang.pick(["表", "指标", "说明"], ["table", "figure", "meaning"]);
    sheet.set_name(definitions_name(lang))?;
    for (index, (head, width)) in heads.iter().zip([22.0, 24.0, 90.0]).enumerate() {
        sheet.set_column_width(index as u16, width)?;
        sheet.write_string_with_format(0, index as u16, *head, &styles.head)?;
    }
    let mut row = 1;
    for table in tables {
        for column in table.columns.iter().filter(|column| !column.about.is_empty()) {
            for (index, text) in [&table.title, &column.title, &column.about].into_iter().enumerate() {
                sheet.write_string_with_format(row, index as u16, text, &styles.wrapped)?;
            }
            row += 1;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    print_setup(sheet, lang)
}

/// What a table's tab is called.
fn titled(table: &Table) -> &str {
    if table.title.trim().is_empty() { &table.name } else { &table.title }
}

/// The width of a column, by what stands in it.
pub(super) fn width(table: &Table, index: usize, column: &Column) -> f64 {
    let longest = |text: &str| text.lines().map(cells_wide).max().unwrap_or(0);
    // A thousand rows show how wide a column is; all of them would show no more.
    let widest =
        table.rows.iter().take(1_000).map(|row| longest(&row[index].display(column.format))).max().unwrap_or(0);
    let (least, most) = match column.format {
        Format::Wrapped => (16, 42),
        Format::Date => (10, 10),
        Format::Month => (8, 8),
        Format::Integer | Format::Decimal(_) | Format::Rate => (4, 14),
        Format::Text => (4, 22),
    };
    // A head may break once; the two more keep a bracket from standing alone.
    let head = cells_wide(&column.title).div_ceil(2).max(2) + 2;
    widest.max(head).clamp(least, most) as f64 + 1.4
}

/// How many lines a cell takes in its column.
fn lines(cell: &Cell, width: f64) -> usize {
    let (Cell::Text(text) | Cell::Toned(text, _)) = cell else { return 1 };
    text.lines().map(|line| (cells_wide(line) as f64 / (width - 1.0)).ceil().max(1.0) as usize).sum::<usize>().max(1)
}

/// The most that a cell of a sheet can hold, in units of UTF-16.
const MOST_UNITS: usize = 32_767;

/// A text as far as a cell can hold it: what is cut off is said at its end.
fn fitting(text: &str) -> Cow<'_, str> {
    let units = text.encode_utf16().count();
    if units <= MOST_UNITS {
        return Cow::Borrowed(text);
    }
    let end = format!("… ({units})");
    let (mut kept, mut room) = (String::new(), MOST_UNITS - end.encode_utf16().count());
    for sign in text.chars() {
        let Some(left) = room.checked_sub(sign.len_utf16()) else { break };
        room = left;
        kept.push(sign);
    }
    Cow::Owned(kept + &end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_holds_what_a_sheet_can() {
        assert_eq!(fitting("短"), "短");
        for text in ["长".repeat(40_000), "😀".repeat(20_000)] {
            let cut = fitting(&text);
            assert!(cut.encode_utf16().count() <= MOST_UNITS);
            assert!(cut.ends_with("… (40000)"), "{}", &cut[cut.len() - 30..]);
        }
    }
}
