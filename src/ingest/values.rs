//! One cell of an export → one typed value, or what was expected instead.
//!
//! Every form of docs/method.md §2 is read: dates with dashes, slashes, dots or 年月日, packed dates, Excel serials, with or
//! without a time, which may say how far it is from UTC; numbers with thousands separators, full-width digits and units; yes and no in four spellings. What
//! cannot be read for certain is refused: a wrong guess would become somebody's bonus.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::zone::{Moment, Zone, offset};
use crate::calendar::{Day, Instant};
use crate::contract::{Column, Kind};
use crate::lake::Value;
use crate::spelling::{half_width, word};

/// A cell as the file holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text.
    Text(&'a str),
    /// A number of a sheet or a Parquet file.
    Number(f64),
    /// A number of a workbook that counts its days from 1904.
    NumberSince1904(f64),
    /// A cell that a sheet shows as a date: days since 1899-12-30.
    Serial(f64),
    /// A whole number of a Parquet file.
    Integer(i64),
    /// A truth value.
    Flag(bool),
    /// A date of a Parquet file.
    Date(Day),
    /// A civil time of a Parquet file.
    Instant(Instant),
    /// An exact moment of a Parquet file.
    Moment(Moment),
    /// A sheet's error value, such as `#N/A`.
    Broken(&'a str),
}

impl Cell<'_> {
    /// The cell as text, for rejects and headers.
    pub fn display(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Broken(text) => (*text).to_owned(),
            Cell::Number(number) | Cell::NumberSince1904(number) => number.to_string(),
            Cell::Serial(serial) => from_serial(*serial).map_or_else(|| serial.to_string(), |at| at.to_string()),
            Cell::Integer(integer) => integer.to_string(),
            Cell::Flag(flag) => flag.to_string(),
            Cell::Date(day) => day.to_string(),
            Cell::Instant(instant) => instant.to_string(),
            Cell::Moment(moment) => format!("{}Z", moment.utc),
        }
    }
}

/// Why a cell was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It cannot be read as what the column holds.
    Unparsable,
    /// It is none of the column's words.
    UnknownWord,
    /// It can be read, and no such value can be true.
    OutOfRange,
    /// An identifier that a spreadsheet has rounded: its digits are lost.
    RoundedIdentifier,
    /// A time in UTC, and nobody has said what zone the office is in.
    NoZone,
}

/// What an export's words and times stand for, beyond what the contract says.
#[derive(Debug, Default, Clone)]
pub struct Vocabulary {
    /// A stage's code or name, as it is and folded → its code.
    pub stages: BTreeMap<String, String>,
    /// Whether a stage that is not among them is its own code.
    pub any_stage: bool,
    /// Whose civil time a moment is turned into.
    pub zone: Option<Zone>,
    /// Canonical column → folded word → the text that it stands for.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

/// Reads one cell of a column.
pub fn read<'a>(column: &Column, cell: Cell<'a>, words: &Vocabulary) -> Result<Value<'a>, Refusal> {
    let trimmed = match cell {
        Cell::Empty => return Ok(Value::Null),
        Cell::NumberSince1904(number) if !matches!(column.kind, Kind::Date | Kind::Instant) => Cell::Number(number),
        Cell::Broken(_) => return Err(Refusal::Unparsable),
        Cell::Text(text) => {
            let text = trim(text);
            if is_missing(text) {
                return Ok(Value::Null);
            }
            Cell::Text(text)
        }
        other => other,
    };
    if !words.values.is_empty()
        && let (Cell::Text(text), Some(mapped)) = (trimmed, words.values.get(column.name))
        && let Some(stands_for) = mapped.get(&word(text))
    {
        if is_missing(trim(stands_for)) {
            return Ok(Value::Null);
        }
        return read_kind(column.kind, Cell::Text(stands_for), words).map(own);
    }
    read_kind(column.kind, trimmed, words)
}

fn own<'a>(value: Value<'_>) -> Value<'a> {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::Number(number) => Value::Number(number),
        Value::Integer(integer) => Value::Integer(integer),
        Value::Flag(flag) => Value::Flag(flag),
        Value::Date(day) => Value::Date(day),
        Value::Instant(instant) => Value::Instant(instant),
    }
}

fn read_kind<'a>(kind: Kind, cell: Cell<'a>, words: &Vocabulary) -> Result<Value<'a>, Refusal> {
    match kind {
        Kind::Id => identifier(cell),
        Kind::Text => Ok(match cell {
            Cell::Text(text) => Value::text(text),
            other => Value::Text(Cow::Owned(other.display())),
        }),
        Kind::Stage => {
            let Cell::Text(text) = cell else {
                return if words.any_stage { identifier(cell) } else { Err(Refusal::UnknownWord) };
            };
            match words.stages.get(text).or_else(|| words.stages.get(&word(text))) {
                Some(code) => Ok(Value::Text(Cow::Owned(code.clone()))),
                None if words.any_stage => Ok(Value::text(text)),
                None => Err(Refusal::UnknownWord),
            }
        }
        Kind::Number(units) => number(cell, units).map(Value::Number),
        Kind::Within(most, units) => number(cell, units)
            .and_then(|number| if number <= most { Ok(Value::Number(number)) } else { Err(Refusal::OutOfRange) }),
        Kind::Integer(least, most, named) => integer(cell, least, most, named).map(Value::Integer),
        Kind::Flag => flag(cell).map(Value::Flag),
        Kind::Date => instant(cell, words.zone).map(|at| Value::Date(at.day())),
        Kind::Month => month(cell, words.zone).map(|day| Value::Date(day.month())),
        Kind::Instant => instant(cell, words.zone).map(Value::Instant),
        Kind::List => list(cell).map(|text| Value::Text(Cow::Owned(text))),
        Kind::Answers => answers(cell, words.zone).map(|text| Value::Text(Cow::Owned(text))),
        Kind::Choice { codes, open } => choice(cell, codes, open),
    }
}

/// Cuts blanks of every width, invisible marks and a spreadsheet's text marks (`'x`, `="x"`) off a text.
fn trim(text: &str) -> &str {
    let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\0');
    let text = text.trim_matches(blank);
    let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    text.strip_prefix('\'').unwrap_or(text).trim_matches(blank)
}

fn is_missing(text: &str) -> bool {
    text.is_empty()
        || matches!(text, "-" | "--" | "—" | "——" | "/" | "\\N" | "#N/A")
        || ["null", "none", "nan", "n/a"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a text needs folding before digits are looked for.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(half_width(text)) }
}

fn identifier(cell: Cell<'_>) -> Result<Value<'_>, Refusal> {
    // A double holds 15 decimal digits: past that a sheet's number is no longer the identifier that was typed.
    const EXACT: f64 = 1e15;
    match cell {
        Cell::Text(text) => {
            let rounded = text.contains(['e', 'E']) && text.contains('+') && text.parse::<f64>().is_ok();
            if rounded { Err(Refusal::RoundedIdentifier) } else { Ok(Value::Text(folded(text))) }
        }
        Cell::Number(number) | Cell::Serial(number) if number.fract() != 0.0 || number < 0.0 => {
            Err(Refusal::Unparsable)
        }
        Cell::Number(number) | Cell::Serial(number) if number >= EXACT => Err(Refusal::RoundedIdentifier),
        Cell::Number(number) | Cell::Serial(number) => Ok(Value::Text(Cow::Owned(format!("{number:.0}")))),
        Cell::Integer(integer) => Ok(Value::Text(Cow::Owned(integer.to_string()))),
        _ => Err(Refusal::Unparsable),
    }
}

fn number(cell: Cell<'_>, units: &[(&str, f64)]) -> Result<f64, Refusal> {
    let number = match cell {
        Cell::Number(number) | Cell::Serial(number) => number,
        Cell::Integer(integer) => integer as f64,
        Cell::Text(text) => quantity(text, units).ok_or(Refusal::Unparsable)?,
        _ => return Err(Refusal::Unparsable),
    };
    if number.is_finite() && number >= 0.0 { Ok(number) } else { Err(Refusal::OutOfRange) }
}

fn quantity(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    if let Ok(plain) = text.parse::<f64>() {
        return plain.is_finite().then_some(plain);
    }
    let text = folded(text).to_lowercase();
    let text = ["交流", "直流", "ac", "dc", "¥", "¥"].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(&text);
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-'))).unwrap_or(text.len());
    let (digits, unit) = (&text[..end], text[end..].trim());
    let digits = if digits.contains(',') { without_separators(digits)? } else { digits.to_owned() };
    let number: f64 = digits.parse().ok()?;
    if unit.is_empty() {
        return Some(number);
    }
    let factor = |unit: &str| units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    let ten_thousands =
        || unit.strip_prefix('万').and_then(|rest| if rest.is_empty() { Some(1.0) } else { factor(rest) });
    Some(number * factor(unit).or_else(|| ten_thousands().map(|factor| factor * 10_000.0))?)
}

/// `48,000` → `48000`; `4,80` is no number.
fn without_separators(digits: &str) -> Option<String> {
    let whole = digits.split('.').next()?;
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next()?;
    let regular = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    (regular && !digits[whole.len()..].contains(',')).then(|| digits.replace(',', ""))
}

fn integer(cell: Cell<'_>, least: i64, most: i64, named: &[(&str, i64)]) -> Result<i64, Refusal> {
    if let Cell::Text(text) = cell
        && let Some((_, integer)) = named.iter().find(|(word, _)| *word == text)
    {
        return Ok(*integer);
    }
    let number = match cell {
        Cell::Integer(integer) => integer as f64,
        other => number(other, &[("次", 1.0), ("分", 1.0), ("星", 1.0), ("户", 1.0)])?,
    };
    if number.fract() != 0.0 {
        return Err(Refusal::Unparsable);
    }
    let integer = number as i64;
    if (least..=most).contains(&integer) { Ok(integer) } else { Err(Refusal::OutOfRange) }
}

fn flag(cell: Cell<'_>) -> Result<bool, Refusal> {
    match cell {
        Cell::Flag(flag) => Ok(flag),
        Cell::Number(1.0) | Cell::Integer(1) => Ok(true),
        Cell::Number(0.0) | Cell::Integer(0) => Ok(false),
        Cell::Text(text) => match word(text).as_str() {
            "是" | "y" | "yes" | "1" | "true" | "t" | "有" | "√" | "✓" => Ok(true),
            "否" | "n" | "no" | "0" | "false" | "f" | "无" | "×" | "✗" => Ok(false),
            _ => Err(Refusal::UnknownWord),
        },
        _ => Err(Refusal::UnknownWord),
    }
}

fn choice<'a>(cell: Cell<'a>, codes: &[(&'static str, &[&str])], open: bool) -> Result<Value<'a>, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::UnknownWord) };
    if let Some((code, _)) = codes.iter().find(|(code, words)| *code == text || words.contains(&text)) {
        return Ok(Value::text(code));
    }
    let folded = word(text);
    match codes.iter().find(|(code, words)| *code == folded || words.iter().any(|w| word(w) == folded)) {
        Some((code, _)) => Ok(Value::text(code)),
        None if open => Ok(Value::text(text)),
        None => Err(Refusal::UnknownWord),
    }
}

/// Names in one cell, each once, as `a;b`.
fn list(cell: Cell<'_>) -> Result<String, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::Unparsable) };
    let mut names: Vec<&str> = Vec::new();
    for name in text.split([';', '；', '、', ',', '，', '|', '/', '\n']).map(str::trim) {
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { Err(Refusal::Unparsable) } else { Ok(names.join(";")) }
}

/// `营销部 2026-05-28 15:00；配电工区 2026-05-29` as `营销部@2026-05-28 15:00:00;配电工区@2026-05-29 00:00:00`.
fn answers(cell: Cell<'_>, zone: Option<Zone>) -> Result<String, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::Unparsable) };
    let pairs = text.split([';', '；', '、', ',', '，', '|', '\n']).map(str::trim).filter(|pair| !pair.is_empty());
    let read = |pair: &str| -> Result<String, Refusal> {
        let between = |c: char| c.is_whitespace() || matches!(c, '@' | '=' | ':' | '：' | '(' | '（' | ')' | '）');
        // The name ends where what follows is a time: names may hold digits too.
        let begins = |at: usize| pair[at..].starts_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
        pair.char_indices()
            .filter(|(at, _)| *at > 0 && begins(*at))
            .find_map(|(at, _)| {
                let (name, time) = (pair[..at].trim_matches(between), pair[at..].trim_matches(between));
                let given = instant(Cell::Text(time), zone).ok().filter(|_| !name.is_empty())?;
                Some(format!("{name}@{given}"))
            })
            .ok_or(Refusal::Unparsable)
    };
    pairs.map(read).collect::<Result<Vec<_>, _>>().map(|pairs| pairs.join(";"))
}

/// A month: `2026-05`, `2026/5`, `2026年5月`, `202605`, or any date in it.
fn month(cell: Cell<'_>, zone: Option<Zone>) -> Result<Day, Refusal> {
    let text = match cell {
        Cell::Text(text) => half_width(text),
        Cell::Number(number) if (198_001.0..=209_912.0).contains(&number) => format!("{number:.0}"),
        Cell::Integer(number) => number.to_string(),
        other => return instant(other, zone).map(Instant::day),
    };
    let packed = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    let parts = if packed { Some((&text[..4], &text[4..])) } else { text.split_once(['-', '/', '.', '年']) };
    let first = parts.and_then(|(year, month)| {
        let month = month.strip_suffix('月').unwrap_or(month).trim();
        let whole = year.len() == 4 && (1..=2).contains(&month.len());
        ymd(digits(year.as_bytes()).filter(|_| whole)?, digits(month.as_bytes())?, 1)
    });
    match first {
        Some(day) if day.is_known() => Ok(day),
        Some(_) => Err(Refusal::OutOfRange),
        None => instant(Cell::Text(&text), zone).map(Instant::day),
    }
}

/// A day in any form in which exports write one.
pub fn day(text: &str) -> Option<Day> {
    instant(Cell::Text(trim(text)), None).ok().map(Instant::day)
}

fn instant(cell: Cell<'_>, zone: Option<Zone>) -> Result<Instant, Refusal> {
    let stamp = match cell {
        Cell::Instant(instant) => Some(Stamp::Civil(instant)),
        Cell::Moment(moment) => Some(Stamp::Exact(moment)),
        Cell::Date(day) => Some(Stamp::Civil(Instant::at(day, 0))),
        Cell::Serial(serial) | Cell::Number(serial) => numeric_instant(serial).map(Stamp::Civil),
        Cell::NumberSince1904(serial) => {
            numeric_instant(serial + EPOCH_1904).filter(|_| serial < PACKED).map(Stamp::Civil)
        }
        Cell::Integer(integer) => numeric_instant(integer as f64).map(Stamp::Civil),
        Cell::Text(text) => text_instant(text.as_bytes()).or_else(|| text_instant(half_width(text).as_bytes())),
        _ => return Err(Refusal::Unparsable),
    };
    let instant = match stamp.ok_or(Refusal::Unparsable)? {
        Stamp::Civil(instant) => instant,
        Stamp::Exact(moment) => moment.civil(zone).ok_or(Refusal::NoZone)?,
    };
    if instant.day().is_known() { Ok(instant) } else { Err(Refusal::OutOfRange) }
}

/// What a date and a time of day say.
enum Stamp {
    /// A civil time.
    Civil(Instant),
    /// A time that says how far it is from UTC.
    Exact(Moment),
}

/// Days from a sheet's 1899-12-30 to its 1904-01-01.
pub const EPOCH_1904: f64 = 1_462.0;
/// The least number that is a packed date, 19000101, and no serial.
const PACKED: f64 = 19_000_101.0;

/// A plain number in a date column: a packed date of eight digits, or an Excel serial.
fn numeric_instant(number: f64) -> Option<Instant> {
    if number.fract() == 0.0 && (PACKED..=99_991_231.0).contains(&number) {
        let packed = number as i32;
        let day = chrono::NaiveDate::from_ymd_opt(packed / 10_000, packed as u32 / 100 % 100, packed as u32 % 100)?;
        return Some(Instant::at(Day::from(day), 0));
    }
    from_serial(number)
}

/// An Excel serial, days since 1899-12-30, to the nearest second.
fn from_serial(serial: f64) -> Option<Instant> {
    const EPOCH: f64 = 25_569.0;
    // 2958465 is 9999-12-31, the last day that a sheet knows.
    (1.0..=2_958_465.999)
        .contains(&serial)
        .then(|| Instant::at(Day(0), ((serial - EPOCH) * Instant::DAY as f64).round() as i64))
}

/// Reads `2010-05-28`, `2010/5/28`, `2010.5.28`, `2010年5月28日`, `20100528` or a serial, each with an optional time.
fn text_instant(text: &[u8]) -> Option<Stamp> {
    let mut rest = text;
    let year_digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    if year_digits == rest.len() && matches!(year_digits, 8 | 14) || (year_digits == 8 && rest[8..].starts_with(b" ")) {
        let day = ymd(digits(&rest[..4])?, digits(&rest[4..6])?, digits(&rest[6..8])?)?;
        return match rest.len() {
            8 => Some(Time::MIDNIGHT.on(day)),
            14 if year_digits == 14 => {
                Some(hms(digits(&rest[8..10])?, digits(&rest[10..12])?, digits(&rest[12..14])?)?.on(day))
            }
            _ => Some(clock(&rest[9..])?.on(day)),
        };
    }
    if year_digits != 4 {
        let serial: f64 = std::str::from_utf8(rest).ok()?.parse().ok()?;
        return numeric_instant(serial).map(Stamp::Civil);
    }
    let year = digits(&rest[..4])?;
    rest = &rest[4..];
    let month;
    let day;
    if let Some(after) = rest.strip_prefix("年".as_bytes()) {
        (month, rest) = leading(after)?;
        (day, rest) = leading(rest.strip_prefix("月".as_bytes())?)?;
        rest = rest.strip_prefix("日".as_bytes()).unwrap_or(rest);
    } else {
        let separator = *rest.first().filter(|b| matches!(b, b'-' | b'/' | b'.'))?;
        (month, rest) = leading(&rest[1..])?;
        (day, rest) = leading(rest.strip_prefix(&[separator])?)?;
    }
    let day = ymd(year, month, day)?;
    let time = match rest {
        [] => Time::MIDNIGHT,
        [b' ' | b'T' | b't', time @ ..] => clock(time)?,
        // 2010年5月28日9时30分: no blank is needed after 日.
        time if text.ends_with("分".as_bytes()) || text.ends_with("时".as_bytes()) => clock(time)?,
        _ => return None,
    };
    Some(time.on(day))
}

/// A time of day.
struct Time {
    /// Whole seconds since midnight, and the microseconds after them.
    seconds: i64,
    micros: i64,
    /// How many seconds the clock is ahead of UTC, if given.
    offset: Option<i64>,
}

impl Time {
    const MIDNIGHT: Time = Time { seconds: 0, micros: 0, offset: None };

    fn on(self, day: Day) -> Stamp {
        let instant = Instant(Instant::at(day, self.seconds).0 + self.micros);
        match self.offset {
            None => Stamp::Civil(instant),
            Some(offset) => Stamp::Exact(Moment::written(instant, offset)),
        }
    }
}

/// Reads `9:30`, `09:30:00`, `09:30:00.000` or `9时30分`, the first three with an optional offset from UTC.
fn clock(text: &[u8]) -> Option<Time> {
    let text = text.trim_ascii();
    let (hour, rest) = leading(text)?;
    if let Some(rest) = rest.strip_prefix("时".as_bytes()) {
        if rest.is_empty() {
            return hms(hour, 0, 0);
        }
        let (minute, rest) = leading(rest)?;
        return rest.strip_prefix("分".as_bytes()).filter(|rest| rest.is_empty()).and_then(|_| hms(hour, minute, 0));
    }
    let (minute, rest) = leading(rest.strip_prefix(b":")?)?;
    let (second, rest) = match rest.strip_prefix(b":") {
        Some(rest) => leading(rest)?,
        None => (0, rest),
    };
    let (micros, rest) = match rest {
        [b'.' | b',', rest @ ..] => fraction(rest),
        _ => (0, rest),
    };
    let rest = rest.trim_ascii();
    let offset = if rest.is_empty() { None } else { Some(offset(rest)?) };
    Some(Time { micros, offset, ..hms(hour, minute, second)? })
}

/// The microseconds of a decimal fraction of a second, cut off after the sixth digit, and what follows it.
fn fraction(text: &[u8]) -> (i64, &[u8]) {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let digit = |place| text[..count].get(place).map_or(0, |b| i64::from(b - b'0'));
    ((0..6).fold(0, |micros, place| micros * 10 + digit(place)), &text[count..])
}

fn ymd(year: i32, month: i32, day: i32) -> Option<Day> {
    chrono::NaiveDate::from_ymd_opt(year, month as u32, day as u32).map(Day::from)
}

fn hms(hour: i32, minute: i32, second: i32) -> Option<Time> {
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    (hour < 24 && minute < 60 && second < 60).then_some(Time { seconds, ..Time::MIDNIGHT })
}

/// One or two leading digits and what follows them.
fn leading(text: &[u8]) -> Option<(i32, &[u8])> {
    let count = text.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
    (1..=2).contains(&count).then(|| digits(&text[..count]).map(|number| (number, &text[count..])))?
}

fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + i32::from(b - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Table;

    fn column(table: &str, name: &str) -> &'static Column {
        let table = Table::named(table).unwrap();
        &table.columns[table.position(name)]
    }

    fn show(table: &str, name: &str, cell: Cell<'_>) -> Result<String, Refusal> {
        let mut words = Vocabulary::default();
        words.stages.insert("现场勘查".into(), "survey".into());
        read(column(table, name), cell, &words).map(|value| value.display())
    }

    #[test]
    fn dates_and_times_in_every_form() {
        for (text, expected) in [
            ("2010-05-28", "2010-05-28 00:00:00"),
            ("2010/5/28", "2010-05-28 00:00:00"),
            ("2010.5.28", "2010-05-28 00:00:00"),
            ("2010年5月28日", "2010-05-28 00:00:00"),
            ("20100528", "2010-05-28 00:00:00"),
            ("2010-05-28 09:30", "2010-05-28 09:30:00"),
            ("2010-05-28T09:30:05", "2010-05-28 09:30:05"),
            ("2010-05-28 09:30:05.123", "2010-05-28 09:30:05"),
            ("2010/5/28 9:30", "2010-05-28 09:30:00"),
            ("2010年5月28日 9时30分", "2010-05-28 09:30:00"),
            ("2010年5月28日9时30分", "2010-05-28 09:30:00"),
            ("20100528093005", "2010-05-28 09:30:05"),
            ("20100528 09:30", "2010-05-28 09:30:00"),
            ("２０１０-05-28", "2010-05-28 00:00:00"),
            ("40326", "2010-05-28 00:00:00"),
            ("40326.395833333", "2010-05-28 09:30:00"),
            (" 2010-05-28\t", "2010-05-28 00:00:00"),
        ] {
            assert_eq!(show("applications", "accepted_at", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(show("applications", "promised_on", Cell::Serial(40326.4)).as_deref(), Ok("2010-05-28"));
        assert_eq!(show("applications", "promised_on", Cell::Number(20_100_528.0)).as_deref(), Ok("2010-05-28"));
    }

    #[test]
    fn a_moment_becomes_the_civil_time_of_the_zone() {
        let accepted = column("applications", "accepted_at");
        let said = |zone: Option<&str>, text: &str| {
            let words = Vocabulary { zone: zone.map(|name| Zone::named(name).unwrap()), ..Vocabulary::default() };
            match read(accepted, Cell::Text(text), &words) {
                Ok(Value::Instant(at)) => Ok(format!("{at}.{:06}", at.0.rem_euclid(1_000_000))),
                other => other.map(|value| value.display()),
            }
        };
        let (nl, cn) = (Some("Europe/Amsterdam"), Some("Asia/Shanghai"));
        for (zone, text, civil) in [
            (nl, "2011-10-11 13:42:22.688000+02:00", "2011-10-11 13:42:22.688000"),
            (nl, "2011-10-11T13:42:22Z", "2011-10-11 15:42:22.000000"),
            (nl, "2011-10-11T13:42:22.5 UTC", "2011-10-11 15:42:22.500000"),
            (nl, "2011-10-11 13:42+0200", "2011-10-11 13:42:00.000000"),
            (nl, "2011-10-11 13:42:22 +02", "2011-10-11 13:42:22.000000"),
            // What has no offset is civil time already.
            (nl, "2011-10-11T13:42:22.688", "2011-10-11 13:42:22.688000"),
            (cn, "2011-10-11T13:42:22,6889999", "2011-10-11 13:42:22.688999"),
            // The date changes with the zone, and so does the year.
            (cn, "2011-10-11 20:30:00+02:00", "2011-10-12 02:30:00.000000"),
            (nl, "2011-12-31 23:30:00Z", "2012-01-01 00:30:00.000000"),
            (Some("America/New_York"), "2012-01-01T04:59:59Z", "2011-12-31 23:59:59.000000"),
            // An hour is skipped in spring: 02:00 to 03:00 on 2011-03-27.
            (nl, "2011-03-27T00:59:59Z", "2011-03-27 01:59:59.000000"),
            (nl, "2011-03-27T01:00:00Z", "2011-03-27 03:00:00.000000"),
            // And comes twice in autumn: two moments with the same civil time.
            (nl, "2011-10-30T00:30:00Z", "2011-10-30 02:30:00.000000"),
            (nl, "2011-10-30T01:30:00Z", "2011-10-30 02:30:00.000000"),
            // China had summer time from 1986 to 1991.
            (cn, "1988-07-01T00:00:00Z", "1988-07-01 09:00:00.000000"),
            // Without a zone the clock that was written down stays.
            (None, "2011-10-11 13:42:22.688+02:00", "2011-10-11 13:42:22.688000"),
            (None, "2011-10-11 23:42:22-05:00", "2011-10-11 23:42:22.000000"),
        ] {
            assert_eq!(said(zone, text).as_deref(), Ok(civil), "{text} in {zone:?}");
        }
        // But UTC is hardly anybody's civil time.
        for text in ["2011-10-11T13:42:22Z", "2011-10-11 13:42:22+00:00", "2011-10-11 13:42 UTC"] {
            assert_eq!(said(None, text), Err(Refusal::NoZone), "{text}");
        }
        for text in ["2011-10-11 13:42:22+25:00", "2011-10-11 13:42:22 CET", "2011-10-11 13:42:22.5x", "2011-10-11Z"] {
            assert_eq!(said(nl, text), Err(Refusal::Unparsable), "{text}");
        }
    }

    #[test]
    fn a_moment_of_a_typed_file_does_too() {
        let (day, four) = (Day::from_ymd(2011, 10, 11).unwrap(), 4 * 3600);
        let promised = column("applications", "promised_on");
        let read = |moment, zone: Option<&str>| {
            let words = Vocabulary { zone: zone.map(|name| Zone::named(name).unwrap()), ..Vocabulary::default() };
            read(promised, Cell::Moment(moment), &words).map(|value| value.display())
        };
        let utc = Moment::written(Instant::at(day, four), 0);
        let written = Moment::written(Instant::at(day, four), 5 * 3600);
        assert_eq!(read(utc, Some("America/New_York")).as_deref(), Ok("2011-10-11"));
        assert_eq!(read(utc, Some("America/Los_Angeles")).as_deref(), Ok("2011-10-10"));
        assert_eq!(read(utc, None), Err(Refusal::NoZone));
        assert_eq!(read(written, None).as_deref(), Ok("2011-10-11"));
        assert_eq!(read(written, Some("Europe/London")).as_deref(), Ok("2011-10-11"));
        assert_eq!(read(written, Some("America/New_York")).as_deref(), Ok("2011-10-10"));
    }

    #[test]
    fn a_word_can_mean_nothing_and_any_stage_its_own_code() {
        let mut words = Vocabulary::default();
        words.values.insert("department".into(), BTreeMap::from([("empty".into(), String::new())]));
        assert_eq!(read(column("stages", "department"), Cell::Text(" EMPTY "), &words), Ok(Value::Null));
        let stage = column("stages", "stage");
        assert_eq!(read(stage, Cell::Text("核查 · T02"), &words), Err(Refusal::UnknownWord));
        words.any_stage = true;
        words.stages.insert("survey".into(), "survey".into());
        assert_eq!(read(stage, Cell::Text(" 核查 · T02 "), &words), Ok(Value::text("核查 · T02")));
        assert_eq!(read(stage, Cell::Text("SURVEY"), &words), Ok(Value::text("survey")));
        assert_eq!(read(stage, Cell::Integer(7), &words), Ok(Value::text("7")));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "2010-02-30",
            "2010-13-01",
            "28/05/2010",
            "2010-05",
            "明天",
            "2010-05-28 25:00",
            "2010-05-28 24:00",
            "2010-5/28",
            "2010-05-28 9",
            "2010-05-28x",
            "201005281",
            "2010-05-281",
            "1e300",
        ] {
            assert_eq!(show("applications", "accepted_at", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
        }
        for text in ["1899-12-31", "9999-12-31", "0", "5"] {
            assert!(show("applications", "accepted_at", Cell::Text(text)).is_err(), "{text}");
        }
        assert_eq!(show("applications", "accepted_at", Cell::Broken("#N/A")), Err(Refusal::Unparsable));
    }

    #[test]
    fn numbers_with_separators_widths_and_units() {
        for (text, expected) in [
            ("48000", "48000"),
            ("48,000", "48000"),
            ("４８０００", "48000"),
            ("48000 kVA", "48000"),
            ("48000千伏安", "48000"),
            ("48 MVA", "48000"),
            ("4.8万", "48000"),
            ("1,234,567.5", "1234567.5"),
            ("48,000", "48000"),
        ] {
            assert_eq!(show("applications", "capacity_kva", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in
            [("10kV", "10"), ("交流10kV", "10"), ("380V", "0.38"), ("0.4", "0.4"), ("AC110kV", "110")]
        {
            assert_eq!(show("applications", "voltage_kv", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
        }
        for text in ["4,80", "abc", "10(20)kV", "48000 kg", "1.2.3", "inf"] {
            assert_eq!(show("applications", "capacity_kva", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
        }
        assert_eq!(show("applications", "capacity_kva", Cell::Text("-5")), Err(Refusal::OutOfRange));
    }

    #[test]
    fn months_lists_answers_and_bounds() {
        for (table, name, text, expected) in [
            ("surveys", "period", "2026-05", Ok("2026-05-01")),
            ("surveys", "period", "2026年5月", Ok("2026-05-01")),
            ("surveys", "period", "2026/5", Ok("2026-05-01")),
            ("surveys", "period", "202605", Ok("2026-05-01")),
            ("surveys", "period", "２０２６-05", Ok("2026-05-01")),
            ("surveys", "period", "2026-05-17", Ok("2026-05-01")),
            ("surveys", "period", "2026-13", Err(Refusal::Unparsable)),
            ("surveys", "period", "五月", Err(Refusal::Unparsable)),
            ("surveys", "weight", "30%", Ok("0.3")),
            ("surveys", "score", "86.5分", Ok("86.5")),
            ("surveys", "score", "101", Err(Refusal::OutOfRange)),
            ("restrictions", "load_rate", "85 %", Ok("0.85")),
            ("restrictions", "load_rate", "0.85", Ok("0.85")),
            ("restrictions", "load_rate", "85", Err(Refusal::OutOfRange)),
            ("requests", "departments", "营销部、配电工区；营销部", Ok("营销部;配电工区")),
            ("requests", "departments", "；", Err(Refusal::Unparsable)),
            ("requests", "answered", "营销部 2026-05-28 15:00", Ok("营销部@2026-05-28 15:00:00")),
            (
                "requests",
                "answered",
                "营销部：2026/5/28 15:00；110kV工区(2026年5月29日)",
                Ok("营销部@2026-05-28 15:00:00;110kV工区@2026-05-29 00:00:00"),
            ),
            ("requests", "answered", "营销部", Err(Refusal::Unparsable)),
            ("requests", "answered", "2026-05-28", Err(Refusal::Unparsable)),
        ] {
            assert_eq!(show(table, name, Cell::Text(text)).as_deref().map_err(|e| *e), expected, "{text}");
        }
        assert_eq!(show("surveys", "period", Cell::Number(202_605.0)).as_deref(), Ok("2026-05-01"));
        assert_eq!(show("surveys", "period", Cell::Serial(40326.0)).as_deref(), Ok("2010-05-01"));
    }

    #[test]
    fn identifiers_words_scores_and_flags() {
        for (name, cell, expected) in [
            ("application_id", Cell::Text("\t00123 "), Ok("00123")),
            ("application_id", Cell::Text("=\"00123\""), Ok("00123")),
            ("application_id", Cell::Text("'00123"), Ok("00123")),
            ("application_id", Cell::Text("ＹＫ01"), Ok("YK01")),
            ("application_id", Cell::Number(202_600_123.0), Ok("202600123")),
            ("application_id", Cell::Text("2.026E+17"), Err(Refusal::RoundedIdentifier)),
            ("application_id", Cell::Number(1.234_567_890_123_456_7e17), Err(Refusal::RoundedIdentifier)),
            ("supply", Cell::Text("双电源"), Ok("dual")),
            ("supply", Cell::Text("Dual"), Ok("dual")),
            ("supply", Cell::Text("三电源"), Err(Refusal::UnknownWord)),
            ("channel", Cell::Text("政务大厅"), Ok("政务大厅")),
            ("key_project", Cell::Text("是"), Ok("true")),
            ("key_project", Cell::Text("N"), Ok("false")),
            ("key_project", Cell::Number(1.0), Ok("true")),
            ("key_project", Cell::Text("true"), Ok("true")),
            ("key_project", Cell::Text("也许"), Err(Refusal::UnknownWord)),
            ("customer_name", Cell::Text("NULL"), Ok("")),
        ] {
            assert_eq!(show("applications", name, cell).as_deref().map_err(|e| *e), expected, "{cell:?}");
        }
        assert_eq!(show("stages", "stage", Cell::Text("现场勘查")).as_deref(), Ok("survey"));
        assert_eq!(show("stages", "stage", Cell::Text("喝茶")), Err(Refusal::UnknownWord));
        assert_eq!(show("callbacks", "score", Cell::Text("非常满意")).as_deref(), Ok("5"));
        assert_eq!(show("callbacks", "score", Cell::Text("4.0")).as_deref(), Ok("4"));
        assert_eq!(show("callbacks", "score", Cell::Text("4.5")), Err(Refusal::Unparsable));
        assert_eq!(show("callbacks", "score", Cell::Text("9")), Err(Refusal::OutOfRange));
    }
}
