//! What a marketing system really hands out: each file with habits of its own.
//!
//! | table | files | habits |
//! | --- | --- | --- |
//! | applications | `业扩工单_2025.xlsx`, one a year of acceptance | title row, a row with the export's date, two header rows, real dates, some numbers as text |
//! | stages | `环节记录_2025.csv`, one a year of start | GB18030, another way of writing dates each year, the first year's headers from an older release |
//! | delays | `延误说明.csv` | GB18030, a title line above the header |
//! | faults | `故障报修.csv` | UTF-8 with a byte order mark |
//! | callbacks | `回访记录.xlsx` | title row, scores sometimes as words |
//! | complaints | `客户投诉.csv` | GB18030 |
//! | outages | `停电接入计划.xlsx` | title row |
//! | replans | `计划调整记录.csv` | GB18030 |
//! | requests | `协调事项.xlsx` | title row; several departments, and their answers, in one cell |
//! | surveys | `第三方满意度.xlsx` | title row, months as `2026年5月`, weights as `20%` |
//! | managers | `客户经理名册.csv` | UTF-8, yes and no as √ and × |
//! | restrictions | `受限设备清单.csv` | GB18030, a title line, months as `2026-05`, rates as `92%` |
//! | demands | `潜在用电需求.csv` | UTF-16 with tabs, months as `202605` |
//!
//! Rows are held in memory: an export is for people, and people's exports end where a sheet ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::calendar::Day;
use crate::error::{Error, Result};
use crate::lake::{Instant, Value};

use super::Plan;
use super::dice::{Dice, Subject};
use super::dirt::{Dirt, dealt, stain};
use super::rows::Filled;

use self::cells::cells;
use self::habits::{Style, habits, header, style};

mod cells;
mod files;
mod habits;
mod readme;

/// What one cell of an export holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Date(Day),
    Instant(Instant),
}

/// One file of an export before it is written.
struct Sheet {
    name: String,
    filled: Filled,
    header: Vec<String>,
    /// The clean rows, then the dirty ones among them.
    lines: Vec<Vec<Cell>>,
}

/// How many pieces of each kind of dirt each table got.
pub type Counts = BTreeMap<(Filled, Dirt), usize>;

/// The rows of every table, as they came.
#[derive(Default)]
pub struct Exports {
    rows: [Vec<Vec<Value<'static>>>; Filled::ALL.len()],
}

impl Exports {
    /// Keeps a row.
    pub fn push(&mut self, filled: Filled, row: &[Value<'_>]) {
        let owned = row.iter().map(|value| match value {
            Value::Null => Value::Null,
            Value::Text(text) => Value::Text(text.to_string().into()),
            Value::Number(number) => Value::Number(*number),
            Value::Integer(integer) => Value::Integer(*integer),
            Value::Flag(flag) => Value::Flag(*flag),
            Value::Date(day) => Value::Date(*day),
            Value::Instant(at) => Value::Instant(*at),
        });
        self.rows[filled as usize].push(owned.collect());
    }

    #[cfg(test)]
    pub fn take(&mut self, filled: Filled) -> Vec<Vec<Value<'static>>> {
        std::mem::take(&mut self.rows[filled as usize])
    }

    /// Writes every file and a README, and names them.
    pub fn write(mut self, plan: &Plan, exported_at: Instant, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut counts = Counts::new();
        let mut written = Vec::new();
        for filled in Filled::ALL {
            let mut rows = std::mem::take(&mut self.rows[filled as usize]);
            sort(filled, &mut rows);
            for sheet in sheets(plan, filled, &rows, &mut counts) {
                let path = folder.join(&sheet.name);
                files::write(&sheet, exported_at, &path)?;
                written.push(path);
            }
            self.rows[filled as usize] = rows;
        }
        let path = folder.join("README.md");
        let totals = Filled::ALL.map(|filled| self.rows[filled as usize].len());
        std::fs::write(&path, readme::readme(plan, exported_at, &written, &totals, &counts))
            .map_err(Error::io("write", &path))?;
        written.push(path);
        Ok(written)
    }
}

/// Puts rows in the order in which the system lists them: by case, calls and faults by time.
fn sort(filled: Filled, rows: &mut [Vec<Value<'static>>]) {
    let table = filled.table();
    let (key, then) = habits(filled).order;
    let (key, then) = (table.position(key), table.position(then));
    rows.sort_by_cached_key(|row| (row[key].display(), row[then].display()));
}

/// The sheets of a table, dirt included.
fn sheets(plan: &Plan, filled: Filled, rows: &[Vec<Value<'static>>], counts: &mut Counts) -> Vec<Sheet> {
    let table = filled.table();
    let habits = habits(filled);
    let (stem, extension) = (habits.stem, habits.form.extension());
    let mut years: BTreeMap<Option<i32>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let year = habits.yearly.and_then(|column| match row[table.position(column)] {
            Value::Instant(instant) => Some(instant.day().year()),
            _ => None,
        });
        years.entry(year).or_default().push(at);
    }
    if years.is_empty() {
        years.insert(None, Vec::new());
    }
    let mut form = Dice::new(plan.seed, Subject::Form, filled as u64);
    let mut all: Vec<(Sheet, Vec<usize>, Style)> = Vec::new();
    for (at, (year, members)) in years.into_iter().enumerate() {
        let style = style(filled, at);
        let lines = members.iter().map(|row| cells(filled, &rows[*row], style, &mut form)).collect();
        let header = table.columns.iter().map(|column| header(filled, column, at)).collect();
        let name = year.map_or(format!("{stem}.{extension}"), |year| format!("{stem}_{year}.{extension}"));
        all.push((Sheet { name, filled, header, lines }, members, style));
    }
    let mut dice = Dice::new(plan.seed, Subject::Dirt, filled as u64);
    soil(filled, rows, &mut all, &mut dice, counts);
    all.into_iter().map(|(sheet, ..)| sheet).collect()
}

/// Adds the table's dirt to its sheets.
fn soil(
    filled: Filled,
    rows: &[Vec<Value<'static>>],
    sheets: &mut [(Sheet, Vec<usize>, Style)],
    dice: &mut Dice,
    counts: &mut Counts,
) {
    if rows.is_empty() {
        return;
    }
    let weights: Vec<u32> = sheets.iter().map(|(_, members, _)| members.len() as u32).collect();
    let mut added: Vec<(usize, usize, Vec<Cell>)> = Vec::new();
    let mut number = 0;
    for (dirt, pieces) in dealt(filled, rows.len()) {
        for piece in 0..pieces {
            let at = dice.weighed(weights.iter().copied());
            let (sheet, members, style) = &mut sheets[at];
            let member = dice.between(0, members.len() as i64 - 1) as usize;
            let mut place = || dice.between(1, members.len() as i64) as usize;
            let mut found = 1;
            match dirt {
                Dirt::ExactDuplicate => added.push((at, place(), sheet.lines[member].clone())),
                Dirt::BlankLine => {
                    // Quite empty, or nothing but commas.
                    let width = if piece % 2 == 0 { 0 } else { sheet.header.len() };
                    added.push((at, place(), vec![Cell::Empty; width]));
                }
                Dirt::TrailingTab => {
                    let id = filled.table().position("application_id");
                    match &mut sheet.lines[member][id] {
                        Cell::Text(text) if !text.ends_with('\t') => text.push('\t'),
                        _ => found = 0,
                    }
                }
                _ => {
                    let stains = stain(filled, dirt, &rows[members[member]], number, dice);
                    found = stains.len();
                    for stain in stains {
                        let mut line = cells(filled, &stain.row, Style { by_hand: None, ..*style }, dice);
                        for (column, cell) in stain.instead {
                            line[column] = cell;
                        }
                        if let Some(width) = stain.cells {
                            line.resize(width, Cell::Text("补充说明".to_owned()));
                        }
                        let place = dice.between(1, members.len() as i64) as usize;
                        added.push((at, place, line));
                    }
                }
            }
            *counts.entry((filled, dirt)).or_default() += found;
            number += 1;
        }
    }
    // From the bottom up, so that a place means the same before and after.
    added.sort_by_key(|(sheet, place, _)| (*sheet, std::cmp::Reverse(*place)));
    for (sheet, place, line) in added {
        sheets[sheet].0.lines.insert(place, line);
    }
}
