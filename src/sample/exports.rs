//! What a marketing system really hands out: five kinds of file, each with habits of its own.
//!
//! | table | files | habits |
//! | --- | --- | --- |
//! | applications | `业扩工单_2025.xlsx`, one a year of acceptance | title row, a row with the export's date, two header rows, real dates, some numbers as text |
//! | stages | `环节记录_2025.csv`, one a year of start | GB18030, another way of writing dates each year, the first year's headers from an older release |
//! | delays | `延误说明.csv` | GB18030, a title line above the header |
//! | callbacks | `回访记录.xlsx` | title row, scores sometimes as words |
//! | faults | `故障报修.csv` | UTF-8 with a byte order mark |
//!
//! Rows are held in memory: an export is for people, and people's exports end where a sheet ends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::calendar::Day;
use crate::error::{Error, Result};
use crate::ingest::contract::{Column, Kind};
use crate::lake::{Instant, Value};

use super::Plan;
use super::dice::{Dice, Subject};
use super::dirt::{Dirt, doses, stain};
use super::rows::Filled;
use super::setting::season;
use super::world::{STEPS, UTILITY};

mod files;

/// What one cell of an export holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Date(Day),
    Instant(Instant),
}

/// How a file writes a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dates {
    /// `2026-05-28 09:30:00`
    Iso,
    /// `2026/5/28 9:30`, with seconds where there are any.
    Slash,
    /// `2026年5月28日 9:30`
    Chinese,
    /// `20260528`, never with a time.
    Compact,
    /// `2026/5/28`, never with a time.
    SlashDay,
    /// A serial number with a date format.
    Excel,
}

/// How a file writes its cells.
#[derive(Clone, Copy, Debug)]
struct Style {
    dates: Dates,
    /// What somebody who typed a row by hand wrote instead, in one row of thirty; null: nobody did.
    by_hand: Option<Dates>,
    flags: (&'static str, &'static str),
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
        std::fs::write(&path, readme(plan, exported_at, &written, &totals, &counts))
            .map_err(Error::io("write", &path))?;
        written.push(path);
        Ok(written)
    }
}

/// Puts rows in the order in which the system lists them: by case, calls and faults by time.
fn sort(filled: Filled, rows: &mut [Vec<Value<'static>>]) {
    let table = filled.table();
    let (key, then) = match filled {
        Filled::Applications => ("application_id", "application_id"),
        Filled::Stages => ("application_id", "started_at"),
        Filled::Delays => ("began_at", "delay_id"),
        Filled::Faults => ("reported_at", "fault_id"),
        Filled::Callbacks => ("called_at", "callback_id"),
    };
    let (key, then) = (table.position(key), table.position(then));
    rows.sort_by_cached_key(|row| (row[key].display(), row[then].display()));
}

/// The sheets of a table, dirt included.
fn sheets(plan: &Plan, filled: Filled, rows: &[Vec<Value<'static>>], counts: &mut Counts) -> Vec<Sheet> {
    let table = filled.table();
    let (stem, extension, dated) = match filled {
        Filled::Applications => ("业扩工单", "xlsx", Some("accepted_at")),
        Filled::Stages => ("环节记录", "csv", Some("started_at")),
        Filled::Delays => ("延误说明", "csv", None),
        Filled::Faults => ("故障报修", "csv", None),
        Filled::Callbacks => ("回访记录", "xlsx", None),
    };
    let mut years: BTreeMap<Option<i32>, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let year = dated.and_then(|column| match row[table.position(column)] {
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
    for (dirt, least, per_thousand) in doses(filled) {
        let pieces = (*least).max((rows.len() as f64 * per_thousand / 1000.0) as usize);
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
                    let stains = stain(filled, *dirt, &rows[members[member]], number, dice);
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
            *counts.entry((filled, *dirt)).or_default() += found;
            number += 1;
        }
    }
    // From the bottom up, so that a place means the same before and after.
    added.sort_by_key(|(sheet, place, _)| (*sheet, std::cmp::Reverse(*place)));
    for (sheet, place, line) in added {
        sheets[sheet].0.lines.insert(place, line);
    }
}

/// The habits of the `nth` file of a table.
fn style(filled: Filled, nth: usize) -> Style {
    let (dates, by_hand) = match (filled, nth % 3) {
        (Filled::Applications, _) => (Dates::Excel, Some(Dates::Chinese)),
        (Filled::Stages, 0) => (Dates::Slash, Some(Dates::Compact)),
        (Filled::Stages, 1) => (Dates::Iso, Some(Dates::SlashDay)),
        (Filled::Stages, _) => (Dates::Chinese, Some(Dates::Slash)),
        (Filled::Delays, _) => (Dates::SlashDay, Some(Dates::Compact)),
        (Filled::Faults, _) => (Dates::Iso, Some(Dates::Slash)),
        (Filled::Callbacks, _) => (Dates::Excel, Some(Dates::Slash)),
    };
    let flags = if nth == 0 && filled == Filled::Applications { ("Y", "N") } else { ("是", "否") };
    Style { dates, by_hand, flags }
}

/// The header of a column in the `nth` file of a table: its first Chinese name, with its unit where it has one.
fn header(filled: Filled, column: &Column, nth: usize) -> String {
    let name = match (filled, nth) {
        (Filled::Stages, 0) => column.zh.get(1).or(column.zh.first()),
        _ => column.zh.first(),
    };
    let unit = match column.name {
        "voltage_kv" => "(kV)",
        "capacity_kva" => "(kVA)",
        "fee_charged" | "fee_standard" => "（元）",
        _ => "",
    };
    format!("{}{unit}", name.unwrap_or(&column.name))
}

/// A row as the file writes it.
fn cells(filled: Filled, row: &[Value<'_>], style: Style, form: &mut Dice) -> Vec<Cell> {
    let dates = style.by_hand.filter(|_| form.chance(1.0 / 30.0)).unwrap_or(style.dates);
    let columns = filled.table().columns;
    columns.iter().zip(row).map(|(column, value)| cell(column, value, dates, style, form)).collect()
}

fn cell(column: &Column, value: &Value<'_>, dates: Dates, style: Style, form: &mut Dice) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Flag(flag) => Cell::Text(if *flag { style.flags.0 } else { style.flags.1 }.to_owned()),
        Value::Date(day) => date(*day, dates),
        Value::Instant(at) => instant(*at, dates),
        Value::Integer(integer) => match column.kind {
            Kind::Integer(.., words) if !words.is_empty() && form.chance(0.12) => {
                let word = words.iter().find(|(_, stands_for)| stands_for == integer);
                word.map_or(Cell::Number(*integer as f64), |(word, _)| Cell::Text((*word).to_owned()))
            }
            _ => Cell::Number(*integer as f64),
        },
        Value::Number(number) => quantity(column.name, *number, form),
        Value::Text(text) => Cell::Text(match column.kind {
            Kind::Stage => match STEPS.iter().find(|step| step.code == text) {
                Some(step) => step.zh.to_owned(),
                None => text.to_string(),
            },
            Kind::Choice { codes, .. } => match codes.iter().find(|(code, _)| code == text) {
                Some((_, words)) if words.len() > 1 && form.chance(0.06) => form.pick(&words[1..]).to_owned(),
                Some((_, words)) => words.first().unwrap_or(&"").to_string(),
                None => text.to_string(),
            },
            _ => text.to_string(),
        }),
    }
}

/// A quantity, now and then as somebody typed it.
fn quantity(column: &str, number: f64, form: &mut Dice) -> Cell {
    let odd = form.unit();
    let text = match column {
        "capacity_kva" if odd < 0.02 => grouped(number),
        "capacity_kva" if odd < 0.035 => number.to_string().chars().map(full_width).collect(),
        "capacity_kva" if odd < 0.06 => format!("{number} kVA"),
        "capacity_kva" | "fee_charged" if odd < 0.10 => number.to_string(),
        "voltage_kv" if odd < 0.10 => format!("{number}kV"),
        "voltage_kv" if odd < 0.13 => format!("{number}千伏"),
        "fee_charged" if odd < 0.13 && number >= 10_000.0 => grouped(number),
        _ => return Cell::Number(number),
    };
    Cell::Text(text)
}

/// `48,000`
fn grouped(number: f64) -> String {
    let digits = number.to_string();
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

fn full_width(c: char) -> char {
    if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xfee0).unwrap_or(c) } else { c }
}

/// Year, month and day of month.
fn parts(day: Day) -> (i32, usize, i32) {
    let month = day.month();
    (day.year(), season(month) + 1, day.0 - month.0 + 1)
}

fn date(day: Day, dates: Dates) -> Cell {
    let (year, month, of_month) = parts(day);
    Cell::Text(match dates {
        Dates::Excel => return Cell::Date(day),
        Dates::Iso => day.to_string(),
        Dates::Slash | Dates::SlashDay => format!("{year}/{month}/{of_month}"),
        Dates::Chinese => format!("{year}年{month}月{of_month}日"),
        Dates::Compact => format!("{year}{month:02}{of_month:02}"),
    })
}

fn instant(at: Instant, dates: Dates) -> Cell {
    let Cell::Text(mut text) = date(at.day(), dates) else { return Cell::Instant(at) };
    let seconds = at.seconds_of_day();
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    // Writing to a String cannot fail.
    let _ = match dates {
        Dates::Compact | Dates::SlashDay | Dates::Excel => Ok(()),
        Dates::Iso => write!(text, " {hour:02}:{minute:02}:{second:02}"),
        Dates::Slash | Dates::Chinese if second == 0 => write!(text, " {hour}:{minute:02}"),
        Dates::Slash | Dates::Chinese => write!(text, " {hour}:{minute:02}:{second:02}"),
    };
    Cell::Text(text)
}

/// What the folder's README says.
fn readme(plan: &Plan, exported_at: Instant, written: &[PathBuf], totals: &[usize; 5], counts: &Counts) -> String {
    let files: Vec<String> = written
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| format!("`{}`", name.to_string_lossy()))
        .collect();
    let rows: Vec<String> =
        Filled::ALL.iter().zip(totals).map(|(filled, rows)| format!("{} {rows}", filled.name())).collect();
    let as_of = plan.last_month.month_end();
    let mut out = format!(
        "# 样例数据 / Sample data\n\n\
         {UTILITY}的业扩导出,全部虚构,由程序生成:没有真实的单位、个人或电话。导出于 {day},统计截止日用 {as_of},之后发生的事不应计入。\n\n\
         The connection exports of an invented utility, all made by a program: no real company, person or number. \
         Exported on {day}; use {as_of} as the as-of day, what happened later must not count.\n\n\
         ```\nyekuo sample DIR --applications {applications} --seed {seed} --months {months}{last}\n```\n\n\
         文件 / Files: {files}\n\n\
         干净的行数 / Clean rows: {rows}\n\n\
         ## 故意放入的脏数据 / Dirty on purpose\n\n\
         脏行都是另外添加的:剔除之后,剩下的正是 `--layout canonical` 的数据(个别手工录入的行只有日期没有时间)。\n\
         Dirty rows are only added: without them the data are those of `--layout canonical` (some rows, typed by hand, have dates without times).\n\n\
         | 表 table | 问题 | problem | 行 rows | 处理 |\n| --- | --- | --- | ---: | --- |\n",
        day = exported_at.day(),
        applications = plan.applications,
        seed = plan.seed,
        months = plan.months,
        last = if plan.last_month.month() == Plan::default().last_month {
            String::new()
        } else {
            format!("  # last month {}", plan.last_month.month_label())
        },
        files = files.join(", "),
        rows = rows.join(", "),
    );
    for ((filled, dirt), pieces) in counts {
        let (zh, en, rejected) = dirt.words();
        let fate = if rejected { "拒收 rejected" } else { "无害 harmless" };
        let _ = writeln!(out, "| {} | {zh} | {en} | {pieces} | {fate} |", filled.name());
    }
    out
}
