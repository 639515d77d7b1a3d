//! Where figures lead: to the rows of the list that has their cases.
//!
//! A figure's column names the list; the cases of a row are the rows of the list with the same values. A door opens only
//! on as many rows as the figure says: where the list tells its cases otherwise, or not all of them, there is none.

use std::fmt::Write as _;

use super::laid::Laid;
use crate::calendar::Day;
use crate::cells::{Cell, Table};
use crate::marts::{Catalogue, Kind, Mart};
use crate::report::Relatives;

/// Gives the figures of all tables their doors.
pub(super) fn open(tables: &mut [Laid<'_>], catalogue: &Catalogue, month: Day) {
    let doors: Vec<Vec<Door>> = tables.iter().map(|laid| of_table(laid, tables, catalogue, month)).collect();
    for (laid, doors) in tables.iter_mut().zip(doors) {
        for Door { row, column, link } in doors {
            laid.rows[row][column].link = link;
        }
    }
}

/// The link of one cell.
struct Door {
    row: usize,
    column: usize,
    link: String,
}

fn of_table(laid: &Laid<'_>, tables: &[Laid<'_>], catalogue: &Catalogue, month: Day) -> Vec<Door> {
    let mut doors = Vec::new();
    let Some(mart) = catalogue.marts.iter().find(|mart| mart.name == laid.table.name) else { return doors };
    for column in &mart.definition.columns {
        let (Some(list), Some(at)) = (&column.cases_in, laid.place(&column.name)) else { continue };
        let Some(list) = tables.iter().find(|other| other.table.name == *list.get_ref()) else { continue };
        // By the columns of the grain that both show.
        let told_by: Option<Vec<(usize, usize)>> =
            mart.told_by().map(|name| Some((laid.place(name)?, list.place(name)?))).collect();
        let Some(told_by) = told_by else { continue };
        for (row, cells) in laid.rows.iter().enumerate().filter(|(row, _)| is_of(laid.table, mart, *row, month)) {
            let is_mine = |case: &&Vec<super::laid::Shown>| {
                told_by.iter().all(|(mine, its)| cells[*mine].text == case[*its].text)
            };
            let cases = list.rows.iter().filter(is_mine).count();
            if cases > 0 && cases.to_string() == cells[at].text {
                let wanted = told_by.iter().map(|(mine, its)| (*its, cells[*mine].text.as_str()));
                doors.push(Door { row, column: at, link: address(list, wanted) });
            }
        }
    }
    doors
}

/// Whether a row is about the month of the report, or about no month at all.
fn is_of(table: &Table, mart: &Mart, row: usize, month: Day) -> bool {
    let months = mart.definition.columns.iter().filter(|column| column.kind == Kind::Month);
    let mut of_grain = months.filter(|column| mart.definition.grain.contains(&column.name));
    of_grain.all(|column| {
        let at = table.columns.iter().position(|own| own.name == column.name);
        at.is_some_and(|at| table.rows[table.shown[row]][at] == Cell::Date(month))
    })
}

/// The address of some rows of a list: the page's script shows those, and where there is none the whole list is seen.
pub(super) fn address<'a>(list: &Laid<'_>, wanted: impl Iterator<Item = (usize, &'a str)>) -> String {
    let name = &list.table.name;
    let wanted = wanted.map(|(column, text)| format!("{name}.{column}={}", escaped(text))).collect::<Vec<_>>();
    match wanted.is_empty() {
        true => list.address(),
        false => format!("{}?{}#{name}", list.file, wanted.join("&")),
    }
}

/// Leads the units of all tables to their own reports.
pub(super) fn lead(tables: &mut [Laid<'_>], catalogue: &Catalogue, relatives: &Relatives) {
    for laid in tables {
        let Some(mart) = catalogue.marts.iter().find(|mart| mart.name == laid.table.name) else { continue };
        let units = mart.definition.columns.iter().filter(|column| column.kind == Kind::Unit);
        let places: Vec<usize> = units.filter_map(|column| laid.place(&column.name)).collect();
        for row in &mut laid.rows {
            for at in &places {
                let part = relatives.parts.iter().find(|part| part.name == row[*at].text);
                row[*at].link = part.map_or_else(String::new, |part| beside(&part.folder));
            }
        }
    }
}

/// The address of a report from one next to it.
pub(super) fn beside(folder: &str) -> String {
    format!("../{}/index.html", escaped(folder))
}

/// A text as a part of an address.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => escaped.push(byte.into()),
            _ => drop(write!(escaped, "%{byte:02X}")),
        }
    }
    escaped
}
