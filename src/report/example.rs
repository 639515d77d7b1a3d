//! A mart's example in words: its rows cell by cell, as the report writes them.

use crate::cells::Cell;
use crate::cells::marts::mart_cells;
use crate::clean;
use crate::config::Config;
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::example::{Example, Extract};
use crate::words::Lang;

/// Rows of one table that are told; the file has them all.
const MOST_ROWS: usize = 8;

/// What is given and what comes of it, a line for each row.
pub fn lines(config: &Config, lang: Lang, example: &Example) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for extract in &example.given {
        lines.push(heading(extract, lang));
        lines.extend(rows(config, lang, example, extract)?);
    }
    let found = example.found.rows.len();
    lines.push(lang.pick(format!("得 {found} 行："), format!("give {}:", counted(found, "row"))));
    lines.extend(rows(config, lang, example, &example.found)?);
    Ok(lines)
}

fn heading(extract: &Extract, lang: Lang) -> String {
    let rows = extract.rows.len();
    match &extract.table {
        Some(name) => {
            let meaning = clean::TABLES.iter().find(|table| table.name == name).map(|table| table.meaning.head(lang));
            // «每次环节一行»: of each such thing there is a row.
            let each = meaning.map_or(name.as_str(), |meaning| meaning.trim_end_matches("一行"));
            lang.pick(format!("{each}，{rows} 行："), format!("{} of {name}:", counted(rows, "row")))
        }
        None => lang.pick(format!("{rows} 个案例："), format!("{}:", counted(rows, "case"))),
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn rows(config: &Config, lang: Lang, example: &Example, extract: &Extract) -> Result<Vec<String>> {
    let frame = extract.frame()?;
    let mut columns = Vec::new();
    for column in extract.columns.iter().filter(|column| !column.hidden) {
        let (format, cells) = mart_cells(config, lang, column, Columns(&frame))?;
        columns.push((column, format, cells));
    }
    let told = |row: usize| {
        // That a case is not something goes without saying.
        let is_not = |name: &str| extract.rows[row].get(name).is_some_and(|value| value.as_bool() == Some(false));
        let cells = columns
            .iter()
            .filter(|(column, ..)| !is_not(&column.name))
            .filter(|(_, _, cells)| cells[row] != Cell::Empty)
            .map(|(column, format, cells)| {
                let shown = cells[row].display(*format);
                format!("{}{}{}", column.title.get(lang), lang.pick("：", ": "), example.text(&shown, lang))
            });
        format!("· {}", cells.collect::<Vec<_>>().join(lang.pick("；", "; ")))
    };
    let mut lines: Vec<String> = (0..extract.rows.len().min(MOST_ROWS)).map(told).collect();
    let more = extract.rows.len().saturating_sub(MOST_ROWS);
    if more > 0 {
        lines.push(lang.pick(format!("· 另有 {more} 行"), format!("· and {more} more")));
    }
    Ok(lines)
}
