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
//! | visits | `客户走访.csv` | GB18030 |
//! | actions | `督办问责记录.csv` | GB18030 |
//! | verifications | `考核核实结论.csv` | UTF-8 with a byte order mark |
//! | demands | `潜在用电需求.csv` | UTF-16 with tabs, months as `202605` |
//!
//! Rows are held in memory: an export is for people, and people's exports end where a sheet ends.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use yekuo_calendar::Instant;

use super::dice::{Dice, Subject};
use super::dirt::{Dirt, dealt, stain};
use super::tables::Table;
use super::value::{Cell, Value};
use super::{Error, Result, Sample};

use self::cells::cells;
use self::habits::{Style, habits, header, style};

mod cells;
mod files;
mod habits;
mod readme;

/// One file of an export before it is written.
struct Sheet {
    name: String,
    table: Table,
    header: Vec<String>,
    /// The clean rows, then the dirty ones among them.
    lines: Vec<Vec<Cell>>,
}

/// How many pieces of each kind of dirt each table got.
pub type Counts = BTreeMap<(Table, Dirt), usize>;

/// The rows of every table, as they came.
#[derive(Default)]
pub struct Exports {
    rows: [Vec<Vec<Value<'static>>>; Table::ALL.len()],
}

impl Exports {
    /// Keeps a row.
    pub fn push(&mut self, table: Table, row: &[Value<'_>]) {
        self.rows[table as usize].push(row.iter().map(Value::owned).collect());
    }

    /// Writes every file and a README, and names them.
    pub fn write(mut self, sample: &Sample, exported_at: Instant, folder: &Path) -> Result<Vec<PathBuf>> {
        let mut counts = Counts::new();
        let mut written = Vec::new();
        for table in Table::ALL {
            let mut rows = std::mem::take(&mut self.rows[table as usize]);
            sort(table, &mut rows);
            for sheet in sheets(sample, table, &rows, &mut counts) {
                let path = folder.join(&sheet.name);
                files::write(&sheet, exported_at, &path)?;
                written.push(path);
            }
            self.rows[table as usize] = rows;
        }
        let path = folder.join("README.md");
        let totals = Table::ALL.map(|table| self.rows[table as usize].len());
        std::fs::write(&path, readme::readme(sample, exported_at, &written, &totals, &counts))
            .map_err(Error::io("write", &path))?;
        written.push(path);
        Ok(written)
    }
}

/// Puts rows in the order in which the system lists them: by case, calls and faults by time.
fn sort(table: Table, rows: &mut [Vec<Value<'static>>]) {
    let (key, then) = habits(table).order;
    let (key, then) = (table.position(key), table.position(then));
    rows.sort_by_cached_key(|row| (row[key].display(), row[then].display()));
}

/// The sheets of a table, dirt included.
fn sheets(sample: &Sample, table: Table, rows: &[Vec<Value<'static>>], counts: &mut Counts) -> Vec<Sheet> {
    let habits = habits(table);
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
    let mut form = Dice::new(sample.seed, Subject::Form, table as u64);
    let mut all: Vec<(Sheet, Vec<usize>, Style)> = Vec::new();
    for (at, (year, members)) in years.into_iter().enumerate() {
        let style = style(table, at);
        let lines = members.iter().map(|row| cells(table, &rows[*row], style, &mut form)).collect();
        let header = table.columns().iter().map(|column| header(table, column, at)).collect();
        let name = year.map_or(format!("{stem}.{extension}"), |year| format!("{stem}_{year}.{extension}"));
        all.push((Sheet { name, table, header, lines }, members, style));
    }
    let mut dice = Dice::new(sample.seed, Subject::Dirt, table as u64);
    soil(table, rows, &mut all, &mut dice, counts);
    all.into_iter().map(|(sheet, ..)| sheet).collect()
}

/// Adds the table's dirt to its sheets.
fn soil(
    table: Table,
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
    for (dirt, pieces) in dealt(table, rows.len()) {
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
                    let id = table.position("application_id");
                    match &mut sheet.lines[member][id] {
                        Cell::Text(text) if !text.ends_with('\t') => text.push('\t'),
                        _ => found = 0,
                    }
                }
                _ => {
                    let stains = stain(table, dirt, &rows[members[member]], number, dice);
                    found = stains.len();
                    for stain in stains {
                        let mut line = cells(table, &stain.row, Style { by_hand: None, ..*style }, dice);
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
            *counts.entry((table, dirt)).or_default() += found;
            number += 1;
        }
    }
    // From the bottom up, so that a place means the same before and after.
    added.sort_by_key(|(sheet, place, _)| (*sheet, std::cmp::Reverse(*place)));
    for (sheet, place, line) in added {
        sheets[sheet].0.lines.insert(place, line);
    }
}
