//! One value as a file writes it.

use std::fmt::Write as _;

use yekuo_calendar::{Day, Instant};

use super::super::dice::Dice;
use super::super::setting::season;
use super::super::tables::{Column, Content, SCORES, Table};
use super::super::value::{Cell, Value};
use super::super::world::STEPS;
use super::habits::{Dates, Style};

/// A row as the file writes it.
pub fn cells(table: Table, row: &[Value<'_>], style: Style, form: &mut Dice) -> Vec<Cell> {
    let dates = style.by_hand.filter(|_| form.chance(1.0 / 30.0)).unwrap_or(style.dates);
    table.columns().iter().zip(row).map(|(column, value)| cell(column, value, dates, style, form)).collect()
}

fn cell(column: &Column, value: &Value<'_>, dates: Dates, style: Style, form: &mut Dice) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Flag(flag) => Cell::Text(if *flag { style.flags.0 } else { style.flags.1 }.to_owned()),
        Value::Date(day) if matches!(column.content, Content::Month) => Cell::Text(month(*day, style.dates)),
        Value::Date(day) => date(*day, dates),
        Value::Instant(at) => instant(*at, dates),
        Value::Integer(integer) => match column.content {
            Content::Score if form.chance(0.12) => {
                let word = SCORES.iter().find(|(_, stands_for)| stands_for == integer);
                word.map_or(Cell::Number(*integer as f64), |(word, _)| Cell::Text((*word).to_owned()))
            }
            _ => Cell::Number(*integer as f64),
        },
        Value::Number(number) => quantity(column.name, *number, form),
        Value::Text(text) => Cell::Text(match column.content {
            Content::Stage => match STEPS.iter().find(|step| step.code == text) {
                Some(step) => step.zh.to_owned(),
                None => text.to_string(),
            },
            Content::Words(codes) => match codes.iter().find(|(code, _)| code == text) {
                Some((_, words)) if words.len() > 1 && form.chance(0.06) => form.pick(&words[1..]).to_owned(),
                Some((_, words)) => words.first().unwrap_or(&"").to_string(),
                None => text.to_string(),
            },
            Content::List => text.replace(';', "、"),
            Content::Answers => text.split(';').map(answer).collect::<Vec<_>>().join("；"),
            _ => text.to_string(),
        }),
    }
}

/// `营销部@2026-05-28 15:00:00` as `营销部 2026-05-28 15:00`.
fn answer(kept: &str) -> String {
    kept.strip_suffix(":00").unwrap_or(kept).replace('@', " ")
}

/// A month, by the habit of the file's dates.
fn month(first: Day, dates: Dates) -> String {
    let (year, month, _) = parts(first);
    match dates {
        Dates::Chinese => format!("{year}年{month}月"),
        Dates::Iso => format!("{year}-{month:02}"),
        _ => format!("{year}{month:02}"),
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
        "load_rate" | "weight" => format!("{:.0}%", number * 100.0),
        "expected_kva" if odd < 0.06 => grouped(number),
        "expected_kva" if odd < 0.12 => format!("{number}kVA"),
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
