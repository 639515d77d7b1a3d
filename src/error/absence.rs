//! The lines of a mapping for columns that are absent while headers that are not used could be them. The block says one
//! thing: each header stands in one line, and so does each column.

use super::ledger::StatusOffer;
use super::toml_file::toml_text;
use crate::words::Lang;

/// A header that is not used and could be a column that is absent.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The header.
    pub header: String,
    /// The columns that it could be.
    pub columns: Vec<&'static str>,
    /// The one of them that its name is near to.
    pub nearest: Option<&'static str>,
    /// Some of its cells.
    pub samples: Vec<String>,
}

/// Headers that one line names where several could be a column.
const SHOWN: usize = 8;

/// The columns and headers for which no line was found yet.
struct Left<'a> {
    columns: Vec<&'static str>,
    candidates: Vec<&'a Candidate>,
}

impl<'a> Left<'a> {
    /// Takes the columns of which one header is the likeliest: the only one whose name is near, or the only one that
    /// could be it.
    fn take_plain(&mut self) -> Vec<(&'static str, &'a Candidate)> {
        let mut plain = Vec::new();
        for is_of in [is_near as fn(&Candidate, &str) -> bool, is_only] {
            for column in self.columns.clone() {
                let own: Vec<&'a Candidate> =
                    self.candidates.iter().filter(|candidate| is_of(candidate, column)).copied().collect();
                let rivals = self.candidates.iter().filter(|candidate| candidate.columns.contains(&column)).count();
                let [one] = own[..] else { continue };
                if rivals == 1 || is_near(one, column) {
                    self.columns.retain(|name| *name != column);
                    self.candidates.retain(|candidate| candidate.header != one.header);
                    plain.push((column, one));
                }
            }
        }
        plain
    }

    /// The columns that several headers could be, or that share one.
    fn open(&self) -> Vec<&'static str> {
        let could_be = |column: &&&'static str| self.candidates.iter().any(|own| own.columns.contains(*column));
        self.columns.iter().filter(could_be).copied().collect()
    }
}

fn is_near(candidate: &Candidate, column: &str) -> bool {
    candidate.nearest == Some(column)
}

fn is_only(candidate: &Candidate, column: &str) -> bool {
    candidate.columns == [column]
}

/// What a mapping says of a table already, and so cannot say again.
#[derive(Debug, Clone, Copy, Default)]
pub struct Present {
    /// Its header.
    pub header: bool,
    /// A list of headers that are not used.
    pub ignore: bool,
    /// A list of columns that are absent.
    pub absent: bool,
}

/// What is known of the columns that are absent.
pub(super) struct Offered<'a> {
    /// The table.
    pub table: &'a str,
    /// The headers that could be them.
    pub candidates: &'a [Candidate],
    /// How one header and a status word could be all of them.
    pub status: Option<&'a StatusOffer>,
    /// What the mapping says already.
    pub written: Present,
}

/// A line that begins a list, or says what to add to the one that is there.
fn list(key: &str, items: &[String], is_there: bool, remark: &str, lang: Lang) -> String {
    let items = items.join(", ");
    match is_there {
        false => format!("{key} = [{items}]  {remark}"),
        true => lang.pick(
            format!("# 在已有的 {key} 中加入 {items}  {remark}"),
            format!("# add to the {key} that is there: {items}  {remark}"),
        ),
    }
}

/// The lines, of which the first is the header of the table, or says where the others go.
pub(super) fn lines(columns: &[&'static str], offered: &Offered<'_>, lang: Lang) -> Vec<String> {
    let Offered { table, candidates, status, written } = *offered;
    let is_of_status = |column: &str| status.is_some_and(|own| own.words.iter().any(|(name, _)| *name == column));
    let mut left = Left {
        columns: columns.iter().copied().filter(|column| !is_of_status(column)).collect(),
        candidates: candidates.iter().filter(|own| status.is_none_or(|status| status.header != own.header)).collect(),
    };
    let mut lines = status.map(|status| status.head_lines(lang)).unwrap_or_default();
    lines.push(match written.header {
        false => format!("[tables.{table}]"),
        true => lang.pick(
            format!("# 以下各行加在来源映射已有的 [tables.{table}] 之下："),
            format!("# below the [tables.{table}] that the mapping has:"),
        ),
    });
    lines.extend(status.map(|status| status.column_lines(lang)).unwrap_or_default());
    for (column, candidate) in left.take_plain() {
        let header = toml_text(&candidate.header);
        // A header of another name can be the only one that fits by its cells, and still be something else.
        let (mark, remark) = match is_near(candidate, column) {
            true => ("", lang.pick("就是这一列；不是时改为", "it is that column; if not:")),
            false => (
                "# ",
                lang.pick("是这一列时去掉行首的 #；不是时改为", "without the first # if it is that column; if not:"),
            ),
        };
        let otherwise = lang.pick(
            format!("ignore = [{header}] 和 absent = [\"{column}\"]"),
            format!("ignore = [{header}] and absent = [\"{column}\"]"),
        );
        lines.push(format!("{mark}columns.{column} = {header}  # {remark} {otherwise}"));
    }
    let open = left.open();
    let (of_open, unused): (Vec<&Candidate>, Vec<&Candidate>) =
        left.candidates.iter().partition(|own| own.columns.iter().any(|column| open.contains(column)));
    if !open.is_empty() {
        lines.push(choice(&open, &of_open, lang));
    }
    if !unused.is_empty() {
        let headers: Vec<String> = unused.iter().map(|own| toml_text(&own.header)).collect();
        let remark = lang.pick("# 不是，也不用", "# it is not, and is not used");
        lines.push(list("ignore", &headers, written.ignore, remark, lang));
    }
    let nowhere = left.columns.iter().filter(|column| !open.contains(column));
    let nowhere: Vec<String> = nowhere.map(|name| toml_text(name)).collect();
    if !nowhere.is_empty() {
        let remark = lang.pick("# 导出中没有，相关指标为「无数据」", "# the exports do not have it: “no data”");
        lines.push(list("absent", &nowhere, written.absent, remark, lang));
    }
    lines.extend(status.map(|status| status.condition_lines(table, lang)).unwrap_or_default());
    lines
}

/// One line for the columns that several headers could be.
fn choice(columns: &[&str], candidates: &[&Candidate], lang: Lang) -> String {
    let quoted: Vec<String> = candidates.iter().take(SHOWN).map(|own| toml_text(&own.header)).collect();
    let more = match candidates.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => lang.pick(format!(" 等，另 {more} 个"), format!(" and {more} more")),
    };
    let (names, headers) = (columns.join(" / "), quoted.join(lang.pick("、", ", ")));
    let first = columns.first().copied().unwrap_or_default();
    lang.pick(
        format!("# {names} 可能是 {headers}{more}：选定后写 columns.{first} = 表头；没有的列写入 absent，不用的表头写入 ignore"),
        format!("# {names} could be {headers}{more}: write columns.{first} = the header; columns that are not there go under absent, headers that are not used under ignore"),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: [&str; 3] = ["energised_at", "cancelled_at", "promised_on"];
    const HEADERS: [&str; 5] = ["办结日期", "甲\"日期", "乙日期", "送电日", "丙"];

    fn candidate(number: usize, could_be: u8, near: u8) -> Option<Candidate> {
        let columns: Vec<&'static str> =
            COLUMNS.iter().enumerate().filter(|(at, _)| could_be & (1 << at) != 0).map(|(_, name)| *name).collect();
        let nearest = columns.get(usize::from(near)).copied();
        let header = HEADERS[number].to_owned();
        (!columns.is_empty()).then_some(Candidate { header, columns, nearest, samples: Vec::new() })
    }

    proptest! {
        #[test]
        fn each_header_and_each_column_stands_in_one_line(all in prop::collection::vec((0u8..8, 0u8..5), 0..5)) {
            let candidates: Vec<Candidate> =
                all.iter().enumerate().filter_map(|(number, (could, near))| candidate(number, *could, *near)).collect();
            let offered = |written| Offered { table: "applications", candidates: &candidates, status: None, written };
            let lines = lines(&COLUMNS, &offered(Present::default()), Lang::Zh);
            // Below what is there, nothing is written twice.
            let before = "[tables.applications]\nignore = []\nabsent = []\n";
            let all = Present { header: true, ignore: true, absent: true };
            let below = super::lines(&COLUMNS, &offered(all), Lang::En).join("\n");
            prop_assert!((before.to_owned() + &below).parse::<toml::Table>().is_ok(), "{}", below);
            let read: toml::Table = lines.join("\n").parse().unwrap();
            prop_assert!(read["tables"]["applications"].is_table());
            for Candidate { header, .. } in &candidates {
                let own = toml_text(header);
                prop_assert_eq!(lines.iter().filter(|line| line.contains(&own)).count(), 1, "{}: {:?}", header, &lines);
            }
            for column in COLUMNS {
                prop_assert_eq!(lines.iter().filter(|line| line.contains(column)).count(), 1, "{}: {:?}", column, &lines);
            }
        }
    }
}
