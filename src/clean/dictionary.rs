//! The data dictionary of the clean tables, for a terminal, for programs and for `docs/tables.md`.

use std::fmt::Write as _;

use serde::Serialize;

use super::TABLES;
use crate::error::{Error, Result, Sought};
use crate::lake::Layout;
use crate::spelling::nearest;
use crate::table::{Column, Table};
use crate::words::Lang;

/// A table, as programs read it.
#[derive(Debug, Serialize)]
pub struct Entry {
    name: &'static str,
    grain: &'static [&'static str],
    about: &'static str,
    columns: Vec<Field>,
}

/// A column, as programs read it.
#[derive(Debug, Serialize)]
struct Field {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    nullable: bool,
    about: &'static str,
}

/// The table of that name.
pub fn table(name: &str) -> Result<Table> {
    TABLES.into_iter().find(|table| table.name == name).ok_or_else(|| {
        let nearest = nearest(name, TABLES.iter().map(|table| table.name)).map(str::to_owned);
        Error::Unknown { what: Sought::Table, name: name.to_owned(), nearest }
    })
}

/// A table for programs.
pub fn entry(table: &Table, lang: Lang) -> Entry {
    let field = |column: &Column| Field {
        name: column.name,
        kind: sql_type(column.layout),
        nullable: column.optional,
        about: column.meaning.get(lang),
    };
    Entry {
        name: table.name,
        grain: table.grain,
        about: table.meaning.get(lang),
        columns: table.columns.iter().map(field).collect(),
    }
}

/// Every table for programs.
pub fn entries(lang: Lang) -> Vec<Entry> {
    TABLES.iter().map(|table| entry(table, lang)).collect()
}

/// A line per table.
pub fn list(lang: Lang) -> String {
    TABLES.iter().map(|table| format!("{:<20} {}\n", table.name, table.meaning.get(lang))).collect()
}

/// A table and its columns, for a terminal.
pub fn text(table: &Table, lang: Lang) -> String {
    let mut text = format!("{}\n{}\n", table.name, table.meaning.get(lang));
    text += &grain(table, lang);
    text += "\n";
    for column in table.columns {
        let (name, kind) = (column.name, sql_type(column.layout));
        let null = if column.optional { lang.pick("可空", "null") } else { "" };
        let null = format!("{null}{}", " ".repeat(4 - unicode_width::UnicodeWidthStr::width(null)));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name:<24} {kind:<9} {null}  {}", column.meaning.get(lang));
    }
    text
}

fn grain(table: &Table, lang: Lang) -> String {
    lang.pick(format!("粒度：{}\n", table.grain.join("、")), format!("grain: {}\n", table.grain.join(", ")))
}

/// The type of a column, as SQL calls it.
fn sql_type(layout: Layout) -> &'static str {
    match layout {
        Layout::Text => "varchar",
        Layout::Number => "double",
        Layout::Integer => "bigint",
        Layout::Flag => "boolean",
        Layout::Date => "date",
        Layout::Instant => "timestamp",
    }
}

/// The whole dictionary as a page of the documentation.
pub fn markdown(lang: Lang) -> String {
    let mut page = lang.pick(INTRODUCTION_ZH, INTRODUCTION_EN).to_owned();
    for table in &TABLES {
        let heads = lang.pick("| 字段 | 类型 | 可空 | 含义 |", "| column | type | null | meaning |");
        let _ = write!(
            page,
            "\n## {}\n\n{}\n\n{}\n{heads}\n| --- | --- | --- | --- |\n",
            table.name,
            table.meaning.get(lang),
            grain(table, lang)
        );
        for column in table.columns {
            let null = if column.optional { lang.pick("是", "yes") } else { "" };
            let (kind, meaning) = (sql_type(column.layout), column.meaning.get(lang).replace('|', "\\|"));
            let _ = writeln!(page, "| `{}` | {kind} | {null} | {meaning} |", column.name);
        }
    }
    page
}

const INTRODUCTION_ZH: &str = "\
# 明细表

自定义指标表的 SQL 可以查询的表，每个案件的推导结果都在其中。写入 `<lake>/clean/*.parquet`，也可用 `yekuo tables NAME` 查看。
日期为当地日期；`_wd` 为工作日，首日不计；`_days` 为自然日；`_min` 为分钟；`_on` 为日期，`_at` 为时刻；月份记为该月 1 日。
统计日之后发生的事在这些表中不存在。`stretches`、`open_months`、`open_passes` 和 `backtest` 只在报告的指标表要用
时写入；要全部，用 `yekuo run --all-marts`。

本页由程序生成（`BLESS=1 cargo nextest run -E 'test(dictionary)'`），请勿手工修改。
";

const INTRODUCTION_EN: &str = "\
# Clean tables

What the SQL of a custom mart can select from: every derived figure of a single case. They are written to
`<lake>/clean/*.parquet`; `yekuo tables NAME` prints the same. Dates are local; `_wd` counts working days, the first not
counted; `_days` counts calendar days, `_min` minutes; `_on` is a date, `_at` a time; a month is its first day. What
happened after the as-of day does not exist in these tables. `stretches`, `open_months`, `open_passes` and
`backtest` are written where a mart of the report reads them; `yekuo run --all-marts` writes all.

This page is generated (`BLESS=1 cargo nextest run -E 'test(dictionary)'`); do not edit it.
";

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::table::Meaning;

    #[test]
    fn the_documentation_is_what_the_tables_declare() {
        for (name, lang) in [("tables.md", Lang::En), ("tables.zh-CN.md", Lang::Zh)] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
            if std::env::var_os("BLESS").is_some() {
                std::fs::write(&path, markdown(lang)).unwrap();
            }
            let page = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(page == markdown(lang), "docs/{name} is out of date: run this test with BLESS=1");
        }
    }

    #[test]
    fn every_column_has_a_meaning_in_both_languages() {
        let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for table in TABLES {
            for key in table.grain {
                assert!(table.columns.iter().any(|column| column.name == *key), "{}: {key}", table.name);
            }
            let columns = table.columns.iter().map(|column| (column.name, column.meaning));
            for (name, Meaning { zh, en }) in columns.chain([("", table.meaning)]) {
                assert!(is_chinese(zh) && !is_chinese(en) && en.len() > 3, "{}.{name}: {zh} · {en}", table.name);
            }
        }
    }
}
