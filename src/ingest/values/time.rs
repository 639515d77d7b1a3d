//! Days and times of day, in every form in which exports write them.
//!
//! A form is read where it has one meaning. Where the year comes last, day and month change places between offices: such
//! a date is read in the order that the mapping names, and refused without one. Dates that systems write where there is
//! none yet are refused as [`Refusal::Sentinel`].

use serde::Deserialize;

use super::{Cell, Refusal, Vocabulary};
use crate::calendar::{Day, Instant};
use crate::ingest::zone::{Moment, offset};
use crate::spelling::half_width;

/// The order of the parts of a date that does not begin with a year of four digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DateOrder {
    /// Day, month, year: `28.05.2010`.
    Dmy,
    /// Month, day, year: `05/28/2010`.
    Mdy,
    /// Year, month, day: `10-05-28`.
    Ymd,
}

impl DateOrder {
    /// Every order.
    pub(crate) const ALL: [DateOrder; 3] = [DateOrder::Dmy, DateOrder::Mdy, DateOrder::Ymd];

    /// The order as a mapping names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DateOrder::Dmy => "dmy",
            DateOrder::Mdy => "mdy",
            DateOrder::Ymd => "ymd",
        }
    }
}

/// What a date and a time of day say.
enum Stamp {
    /// A civil time.
    Civil(Instant),
    /// 24:00 of a day: as a moment it is the next day's beginning, as a date it is that day.
    EndOf(Day),
    /// A time that says how far it is from UTC.
    Exact(Moment),
}

/// Days from a sheet's 1899-12-30 to its 1904-01-01.
pub const EPOCH_1904: f64 = 1_462.0;
/// The least number that is a packed date, 19000101, and no serial.
const PACKED: f64 = 19_000_101.0;
/// A day's length in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Days that stand for none: the first and last ones that databases and spreadsheets know, as (year, month, day).
const SENTINELS: [(i32, i32, i32); 9] = [
    (1, 1, 1),
    (1753, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1904, 1, 1),
    (1970, 1, 1),
    (2999, 12, 31),
    (9999, 12, 31),
];

fn is_sentinel(day: Day) -> bool {
    !day.is_known() && SENTINELS.iter().any(|(year, month, date)| ymd(*year, *month, *date) == Some(day))
}

/// A moment of civil time.
pub(super) fn instant(cell: Cell<'_>, words: &Vocabulary) -> Result<Instant, Refusal> {
    known(match stamp(cell, words)? {
        Stamp::Civil(instant) => instant,
        Stamp::EndOf(day) => Instant::at(day.plus_days(1), 0),
        Stamp::Exact(moment) => civil(moment, words)?,
    })
}

/// A day; of a time of day only its day counts.
pub(super) fn date(cell: Cell<'_>, words: &Vocabulary) -> Result<Day, Refusal> {
    let instant = match stamp(cell, words)? {
        Stamp::Civil(instant) => instant,
        Stamp::EndOf(day) => Instant::at(day, 0),
        Stamp::Exact(moment) => civil(moment, words)?,
    };
    known(instant).map(Instant::day)
}

fn civil(moment: Moment, words: &Vocabulary) -> Result<Instant, Refusal> {
    if is_sentinel(moment.written.unwrap_or(moment.utc).day()) {
        return Err(Refusal::Sentinel);
    }
    moment.civil(words.zone).ok_or(Refusal::NoZone)
}

fn known(instant: Instant) -> Result<Instant, Refusal> {
    match instant.day() {
        day if day.is_known() => Ok(instant),
        day if is_sentinel(day) => Err(Refusal::Sentinel),
        _ => Err(Refusal::OutOfRange),
    }
}

fn stamp(cell: Cell<'_>, words: &Vocabulary) -> Result<Stamp, Refusal> {
    match cell {
        Cell::Instant(instant) => Ok(Stamp::Civil(instant)),
        Cell::Moment(moment) => Ok(Stamp::Exact(moment)),
        Cell::Date(day) => Ok(Stamp::Civil(Instant::at(day, 0))),
        Cell::Serial(serial) | Cell::Number(serial) => numeric(serial),
        Cell::NumberSince1904(0.0) => Err(Refusal::Sentinel),
        Cell::NumberSince1904(serial) if serial < PACKED => numeric(serial + EPOCH_1904),
        Cell::Integer(integer) => numeric(integer as f64),
        Cell::Text(text) if text.is_ascii() => text_stamp(text, words.order),
        Cell::Text(text) => text_stamp(&half_width(text), words.order),
        _ => Err(Refusal::Unparsable),
    }
}

/// A plain number in a date column: a packed date of eight digits, or an Excel serial.
fn numeric(number: f64) -> Result<Stamp, Refusal> {
    if [0.0, 1.0, 2.0].contains(&number) {
        return Err(Refusal::Sentinel);
    }
    if number.fract() == 0.0 && (PACKED..=99_991_231.0).contains(&number) {
        let packed = number as i32;
        let day = ymd(packed / 10_000, packed / 100 % 100, packed % 100);
        return day.map(|day| Stamp::Civil(Instant::at(day, 0))).ok_or(Refusal::Unparsable);
    }
    from_serial(number).map(Stamp::Civil).ok_or(Refusal::Unparsable)
}

/// An Excel serial, days since 1899-12-30, to the nearest second of its day.
///
/// A serial is a little less or more than the time that was typed: what lies within half a millisecond of midnight is
/// midnight, and 23:59:59.7 stays on its day.
pub(super) fn from_serial(serial: f64) -> Option<Instant> {
    const EPOCH: i64 = 25_569;
    // 2958465 is 9999-12-31, the last day that a sheet knows.
    if !(1.0..=2_958_465.999_999).contains(&serial) {
        return None;
    }
    let millis = (serial * DAY_MS as f64).round() as i64;
    let (day, of_day) = (millis.div_euclid(DAY_MS), millis.rem_euclid(DAY_MS));
    let seconds = ((of_day + 500) / 1_000).min(86_399);
    Some(Instant::at(Day((day - EPOCH) as i32), seconds))
}

/// The forms in which a mapping may name the day of a cell that is no text, besides how it is shown.
pub(super) fn spellings(cell: Cell<'_>) -> Vec<String> {
    let number = match cell {
        Cell::Serial(number) | Cell::Number(number) => number,
        _ => f64::NAN,
    };
    let at = match stamp(cell, &Vocabulary::default()) {
        Ok(Stamp::Civil(at)) => Some(at),
        _ => from_serial(number),
    };
    let midnight = at.filter(|at| at.is_midnight()).map(|at| at.day().to_string());
    let plain = number.is_finite().then(|| number.to_string());
    midnight.into_iter().chain(at.map(|at| at.to_string())).chain(plain).collect()
}

/// How a mapping's word for a date is spelled where cells are dates; none where it is no date.
pub(crate) fn canonical(text: &str) -> Option<String> {
    match text_stamp(&half_width(text.trim()), None) {
        Ok(Stamp::Civil(at)) if at.is_midnight() => Some(at.day().to_string()),
        Ok(Stamp::Civil(at)) => Some(at.to_string()),
        _ => None,
    }
}

/// The days that a date can mean in the orders that offices use, each once.
pub(crate) fn readings(text: &str) -> Vec<(DateOrder, Day)> {
    let text = half_width(text.trim());
    let Some((parts, _)) = Parts::split(&text) else { return Vec::new() };
    let mut found: Vec<(DateOrder, Day)> = Vec::new();
    for order in DateOrder::ALL {
        if let Some(day) = parts.day(Some(order)).filter(|day| day.is_known())
            && !found.iter().any(|(_, known)| *known == day)
        {
            found.push((order, day));
        }
    }
    found
}

/// Reads `2010-05-28`, `2010/5/28`, `2010.5.28`, `2010年5月28日`, `20100528`, `28.05.2010` in its order or a serial, each
/// with an optional time.
fn text_stamp(text: &str, order: Option<DateOrder>) -> Result<Stamp, Refusal> {
    if let Some(at) = iso(text.as_bytes()) {
        return Ok(Stamp::Civil(at));
    }
    if let Some(stamp) = packed(text) {
        return stamp;
    }
    let Some((parts, rest)) = Parts::split(text) else {
        return numeric(text.parse().map_err(|_| Refusal::Unparsable)?);
    };
    if parts.is_zero() {
        return Err(Refusal::Sentinel);
    }
    let Some(day) = parts.day(order) else {
        let another = order.is_none() && !parts.begins_with_year() && !readings(text).is_empty();
        return Err(if another { Refusal::Ambiguous } else { Refusal::Unparsable });
    };
    time_of(rest, day).map(|time| time.on(day)).ok_or(Refusal::Unparsable)
}

/// `2010-05-28` or `2010-05-28 09:30:05`, as most exports write them; whatever else it is, is read below.
fn iso(text: &[u8]) -> Option<Instant> {
    let two = |at: usize| match text[at..at + 2] {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(i32::from(tens - b'0') * 10 + i32::from(ones - b'0')),
        _ => None,
    };
    if !matches!(text.len(), 10 | 19) || (text[4], text[7]) != (b'-', b'-') {
        return None;
    }
    let day = ymd(two(0)? * 100 + two(2)?, two(5)?, two(8)?)?;
    if text.len() == 10 {
        return Some(Instant::at(day, 0));
    }
    if (text[10], text[13], text[16]) != (b' ', b':', b':') {
        return None;
    }
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let is_of_day = hour < 24 && minute < 60 && second < 60;
    is_of_day.then(|| Instant::at(day, i64::from((hour * 60 + minute) * 60 + second)))
}

/// Whether a text is a date that no time follows.
pub(super) fn is_day(text: &str) -> bool {
    let text = half_width(text);
    let has_time = |rest: &str| rest.contains(|c: char| c.is_ascii_digit() || c == '午');
    match Parts::split(&text) {
        Some((_, rest)) => !has_time(rest),
        None => {
            packed(&text).is_some() && text.bytes().take_while(u8::is_ascii_digit).count() == 8 && !has_time(&text[8..])
        }
    }
}

/// `20100528`, `20100528093005` or `20100528 09:30`.
fn packed(text: &str) -> Option<Result<Stamp, Refusal>> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let alone = count == text.len();
    if !(alone && matches!(count, 8 | 14) || count == 8 && text[8..].starts_with(' ')) {
        return None;
    }
    if text[..8] == *"00000000" {
        return Some(Err(Refusal::Sentinel));
    }
    let read = || {
        let day = ymd(number(&text[..4])?, number(&text[4..6])?, number(&text[6..8])?)?;
        let time = match count {
            14 => hms(number(&text[8..10])?, number(&text[10..12])?, number(&text[12..14])?)?,
            _ => time_of(&text[8..], day)?,
        };
        Some(time.on(day))
    };
    Some(read().ok_or(Refusal::Unparsable))
}

/// The three numbers of a date, as they stand.
struct Parts<'a> {
    numbers: [&'a str; 3],
}

impl<'a> Parts<'a> {
    /// The parts of the date at the beginning of a text, and what follows it.
    fn split(text: &'a str) -> Option<(Parts<'a>, &'a str)> {
        let (first, rest) = run(text);
        if let Some(rest) = rest.strip_prefix('年') {
            let (month, rest) = run(rest.trim_start());
            let (day, rest) = run(rest.trim_start().strip_prefix('月')?.trim_start());
            let whole = first.len() == 4 && short(month) && short(day);
            return whole.then(|| (Parts { numbers: [first, month, day] }, rest.strip_prefix('日').unwrap_or(rest)));
        }
        let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
        let (second, rest) = run(&rest[1..]);
        let (third, rest) = run(rest.strip_prefix(separator)?);
        let year_first = first.len() == 4 && short(third);
        let year_last = short(first) && (third.len() == 4 || third.len() == 2);
        (short(second) && (year_first || year_last)).then_some((Parts { numbers: [first, second, third] }, rest))
    }

    fn begins_with_year(&self) -> bool {
        self.numbers[0].len() == 4
    }

    fn is_zero(&self) -> bool {
        self.numbers.iter().all(|part| part.bytes().all(|byte| byte == b'0'))
    }

    /// The day in an order, which a date that begins with four digits does not need.
    fn day(&self, order: Option<DateOrder>) -> Option<Day> {
        let [first, second, third] = self.numbers;
        let (year, month, day) = match order {
            _ if self.begins_with_year() => (first, second, third),
            Some(DateOrder::Dmy) => (third, second, first),
            Some(DateOrder::Mdy) => (third, first, second),
            Some(DateOrder::Ymd) if third.len() == 2 && first.len() == 2 => (first, second, third),
            _ => return None,
        };
        let short_year = year.len() == 2;
        let year = number(year)?;
        let year = if short_year { year + if year < 80 { 2_000 } else { 1_900 } } else { year };
        ymd(year, number(month)?, number(day)?)
    }
}

/// The digits at the beginning of a text, and what follows them.
fn run(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn short(digits: &str) -> bool {
    (1..=2).contains(&digits.len())
}

fn number(digits: &str) -> Option<i32> {
    digits.parse().ok()
}

/// A day of any year: whether it is known is judged later.
fn ymd(year: i32, month: i32, day: i32) -> Option<Day> {
    chrono::NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?).map(Day::from)
}

/// A time of day.
struct Time {
    /// Whole seconds since midnight, and the microseconds after them; 24:00 is the last of its day.
    seconds: i64,
    micros: i64,
    /// How many seconds the clock is ahead of UTC, if given.
    offset: Option<i64>,
}

impl Time {
    const MIDNIGHT: Time = Time { seconds: 0, micros: 0, offset: None };
    const END: i64 = 24 * 3600;

    fn on(self, day: Day) -> Stamp {
        let instant = Instant(Instant::at(day, self.seconds).0 + self.micros);
        match self.offset {
            Some(offset) => Stamp::Exact(Moment::written(instant, offset)),
            None if self.seconds == Time::END => Stamp::EndOf(day),
            None => Stamp::Civil(instant),
        }
    }
}

/// The half of the day that a word before or after a clock names.
#[derive(Clone, Copy, PartialEq)]
enum Half {
    /// 上午, AM.
    Morning,
    /// 中午: eleven and the first hours after twelve.
    Noon,
    /// 下午, PM.
    Afternoon,
    /// 晚上: afternoon hours, where 12 is not said to be the day's end or the next one's beginning.
    Evening,
}

const HALVES: [(&str, Half); 14] = [
    ("上午", Half::Morning),
    ("早上", Half::Morning),
    ("早晨", Half::Morning),
    ("凌晨", Half::Morning),
    ("中午", Half::Noon),
    ("下午", Half::Afternoon),
    ("傍晚", Half::Evening),
    ("晚上", Half::Evening),
    ("晚间", Half::Evening),
    ("夜间", Half::Evening),
    ("a.m.", Half::Morning),
    ("p.m.", Half::Afternoon),
    ("am", Half::Morning),
    ("pm", Half::Afternoon),
];

impl Half {
    /// The hour of 24 that an hour of this half is; none where the two contradict each other.
    fn hour(self, hour: i32) -> Option<i32> {
        match (self, hour) {
            (Half::Morning, 12) => Some(0),
            (Half::Morning, 0..=11) => Some(hour),
            (Half::Noon, 11..=14) => Some(hour),
            (Half::Noon, 1 | 2) => Some(hour + 12),
            (Half::Afternoon, 12) => Some(12),
            (Half::Afternoon | Half::Evening, 1..=11) => Some(hour + 12),
            (Half::Afternoon | Half::Evening, 13..=23) => Some(hour),
            _ => None,
        }
    }
}

/// Days of the week, Monday first, in the forms that follow a date.
const WEEKDAYS: [[&str; 3]; 7] = [
    ["一", "monday", "mon"],
    ["二", "tuesday", "tue"],
    ["三", "wednesday", "wed"],
    ["四", "thursday", "thu"],
    ["五", "friday", "fri"],
    ["六", "saturday", "sat"],
    ["日", "sunday", "sun"],
];

/// The time of day that follows a date, midnight where nothing does.
fn time_of(rest: &str, day: Day) -> Option<Time> {
    if rest.is_empty() {
        return Some(Time::MIDNIGHT);
    }
    // The usual form first: it needs no folding.
    if let Some(time) = rest.strip_prefix([' ', 'T', 't']).and_then(|rest| clock(rest.trim(), None)) {
        return Some(time);
    }
    // Some exports put nothing between a date and its weekday, or between 日 and the hour.
    if !rest.starts_with([' ', 'T', 't', ',', '(']) && rest.is_ascii() && !rest.contains(':') {
        return None;
    }
    let lower = rest.trim_start_matches(['T', 't', ',']).trim().to_lowercase();
    let text = without_weekday(&lower, day)?;
    if text.is_empty() {
        return Some(Time::MIDNIGHT);
    }
    let before = HALVES.iter().find_map(|(word, half)| Some((*half, text.strip_prefix(word)?.trim_start())));
    let after = HALVES.iter().find_map(|(word, half)| Some((*half, text.strip_suffix(word)?.trim_end())));
    match (before, after) {
        (Some((half, text)), _) | (None, Some((half, text))) => clock(text, Some(half)),
        (None, None) => clock(text, None),
    }
}

/// A text without the day of the week at its beginning; none where that is another one than the date's.
fn without_weekday(text: &str, day: Day) -> Option<&str> {
    let inner = text.trim_start_matches(['(', ' ']);
    let chinese = ["星期", "礼拜", "周"].iter().find_map(|mark| inner.strip_prefix(mark));
    let bracketed = inner.len() < text.len();
    let named = |word: &&str| {
        let is_chinese = !word.is_ascii();
        let rest = if is_chinese { chinese.or(bracketed.then_some(inner))? } else { inner }.strip_prefix(*word)?;
        // `mon` begins `monday` too: the longer name stands first.
        Some(rest)
    };
    let sunday = chinese.and_then(|rest| rest.strip_prefix('天')).map(|rest| (6, rest));
    let found = WEEKDAYS
        .iter()
        .enumerate()
        .find_map(|(index, words)| words.iter().find_map(named).map(|rest| (index as i32, rest)))
        .or(sunday);
    match found {
        None => Some(text),
        // The first day of 1970 was a Thursday.
        Some((index, _)) if (day.0 + 3).rem_euclid(7) != index => None,
        Some((_, rest)) => Some(rest.trim_start_matches([')', '.', ',', ' '])),
    }
}

/// Reads `9:30`, `09:30:00`, `09:30:00.000` or `9时30分`, the first three with an optional offset from UTC.
fn clock(text: &str, half: Option<Half>) -> Option<Time> {
    let (hour, rest) = small(text)?;
    let hour = half.map_or(Some(hour), |half| half.hour(hour))?;
    if let Some(rest) = rest.strip_prefix(['时', '点']) {
        if rest.is_empty() {
            return hms(hour, 0, 0);
        }
        let (minute, rest) = small(rest)?;
        let rest = rest.strip_prefix('分').or(rest.is_empty().then_some(rest))?;
        if rest.is_empty() {
            return hms(hour, minute, 0);
        }
        let (second, rest) = small(rest)?;
        return hms(hour, minute, second).filter(|_| rest == "秒");
    }
    let (minute, rest) = small(rest.strip_prefix(':')?)?;
    let (second, rest) = match rest.strip_prefix(':') {
        Some(rest) => small(rest)?,
        None => (0, rest),
    };
    let (micros, rest) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => fraction(rest),
        None => (0, rest),
    };
    let rest = rest.trim();
    let offset = if rest.is_empty() { None } else { Some(offset(rest.as_bytes())?) };
    let time = hms(hour, minute, second)?;
    (time.seconds < Time::END || micros == 0).then_some(Time { micros, offset, ..time })
}

/// The microseconds of a decimal fraction of a second, cut off after the sixth digit, and what follows it.
fn fraction(text: &str) -> (i64, &str) {
    let (digits, rest) = run(text);
    let digit = |place| digits.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
    ((0..6).fold(0, |micros, place| micros * 10 + digit(place)), rest)
}

fn hms(hour: i32, minute: i32, second: i32) -> Option<Time> {
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    let within = minute < 60 && second < 60 && seconds <= Time::END;
    within.then_some(Time { seconds, ..Time::MIDNIGHT })
}

/// One or two leading digits and what follows them.
fn small(text: &str) -> Option<(i32, &str)> {
    let (digits, rest) = run(text);
    short(digits).then(|| number(digits).map(|number| (number, rest)))?
}

/// A month: `2026-05`, `2026/5`, `2026年5月`, `202605`, or any date in it.
pub(super) fn month(cell: Cell<'_>, words: &Vocabulary) -> Result<Day, Refusal> {
    let text = match cell {
        Cell::Text(text) => half_width(text),
        Cell::Number(number) if (198_001.0..=209_912.0).contains(&number) => format!("{number:.0}"),
        Cell::Integer(number) => number.to_string(),
        other => return date(other, words).map(Day::month),
    };
    let packed = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit());
    let parts = if packed { Some((&text[..4], &text[4..])) } else { text.split_once(['-', '/', '.', '年']) };
    let first = parts.and_then(|(year, month)| {
        let month = month.strip_suffix('月').unwrap_or(month).trim();
        let whole = year.len() == 4 && short(month);
        ymd(number(year).filter(|_| whole)?, number(month)?, 1)
    });
    match first {
        Some(day) if day.is_known() => Ok(day),
        Some(_) => Err(Refusal::OutOfRange),
        None => date(Cell::Text(&text), words).map(Day::month),
    }
}
