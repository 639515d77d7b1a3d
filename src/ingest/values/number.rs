//! Quantities: digits with separators of every kind, units, and the ways in which voltages and capacities are written.

use serde::Deserialize;

use super::{Cell, Refusal, folded};

/// What a comma in a number is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comma {
    /// It groups thousands, as in `48,000`.
    #[default]
    Groups,
    /// Nobody knows: the file separates its fields by semicolons, as offices do that write decimals with a comma.
    Unsure,
    /// It begins the decimals, as in `0,240`; then a point or a blank groups thousands.
    Decimal,
}

/// The sign that begins decimals, as a mapping names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
pub enum DecimalSign {
    /// `0.24`.
    #[serde(rename = ".")]
    Point,
    /// `0,24`.
    #[serde(rename = ",")]
    Comma,
}

/// What a column of quantities measures, which its first unit says.
#[derive(Clone, Copy, PartialEq)]
enum Measure {
    Voltage,
    Capacity,
    Other,
}

impl Measure {
    fn of(units: &[(&str, f64)]) -> Measure {
        match units.first() {
            Some(("kv", _)) => Measure::Voltage,
            Some(("kva", _)) => Measure::Capacity,
            _ => Measure::Other,
        }
    }
}

/// What whole numbers may be counted in.
pub(crate) const PIECES: &[(&str, f64)] = &[("次", 1.0), ("分", 1.0), ("星", 1.0), ("户", 1.0)];

/// How many of a column's own unit a unit is, or ten thousand of it: `mva`, `万kva`.
pub(crate) fn factor(units: &[(&str, f64)], unit: &str) -> Option<f64> {
    let named = |unit: &str| units.iter().find(|(name, _)| *name == unit).map(|(_, factor)| *factor);
    named(unit).or_else(|| Some(10_000.0 * named(unit.strip_prefix('万').filter(|rest| !rest.is_empty())?)?))
}

/// Low voltage, as its line voltage in kV (docs/method.md §2).
const LOW_KV: f64 = 0.38;
const LOW: [&str; 4] = ["低压", "不满1千伏", "不满1kv", "1千伏以下"];

/// No capacity in kVA and no amount in yuan of a connection is greater, and sums of them hold.
pub(crate) const MOST: f64 = 1e9;

pub(super) fn number(cell: Cell<'_>, units: &[(&str, f64)], comma: Comma) -> Result<f64, Refusal> {
    let number = match cell {
        Cell::Number(number) | Cell::Serial(number) => number,
        Cell::Integer(integer) => integer as f64,
        Cell::Text(text) => measured(text, units, comma)?,
        _ => return Err(Refusal::Unparsable),
    };
    if (0.0..=MOST).contains(&number) { Ok(number) } else { Err(Refusal::OutOfRange) }
}

pub(super) fn integer(
    cell: Cell<'_>,
    least: i64,
    most: i64,
    named: &[(&str, i64)],
    comma: Comma,
) -> Result<i64, Refusal> {
    if let Cell::Text(text) = cell
        && let Some((_, integer)) = named.iter().find(|(word, _)| *word == text)
    {
        return Ok(*integer);
    }
    let number = match cell {
        Cell::Integer(integer) => integer as f64,
        other => number(other, PIECES, comma)?,
    };
    if number.fract() != 0.0 {
        return Err(Refusal::Unparsable);
    }
    let integer = number as i64;
    if (least..=most).contains(&integer) { Ok(integer) } else { Err(Refusal::OutOfRange) }
}

fn measured(text: &str, units: &[(&str, f64)], comma: Comma) -> Result<f64, Refusal> {
    // Who writes decimals with a comma groups thousands with a point: `1.250` is as open as `1,250`.
    if comma == Comma::Unsure && is_grouped_by_points(text) {
        return Err(Refusal::Ambiguous);
    }
    if let Ok(plain) = text.parse::<f64>()
        && (comma != Comma::Decimal || !text.contains('.'))
    {
        return if plain.is_finite() { Ok(plain) } else { Err(Refusal::Unparsable) };
    }
    let text = folded(text).to_lowercase();
    let reader = Quantities { units, comma };
    match Measure::of(units) {
        Measure::Voltage => reader.voltage(&text),
        Measure::Capacity => reader.capacity(&text),
        Measure::Other => reader.single(&text),
    }
}

/// The two numbers that a number with a comma can be: with grouped thousands, and with a decimal comma.
pub(crate) fn readings(text: &str) -> [Option<f64>; 2] {
    let text = folded(text);
    let digits: String = text.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    [Comma::Groups, Comma::Decimal].map(|comma| decimal(&digits, comma).ok())
}

/// The quantities of one column.
struct Quantities<'a> {
    units: &'a [(&'a str, f64)],
    comma: Comma,
}

impl Quantities<'_> {
    /// `10kV`, `AC 10kV`, `10(20)kV`, `380/220V`, `低压`.
    fn voltage(&self, text: &str) -> Result<f64, Refusal> {
        let text = without_any(text, &["交流", "直流", "三相", "单相", "ac", "dc"]);
        if LOW.contains(&text) {
            return Ok(LOW_KV);
        }
        for (word, fits) in
            [("低压", (|kv| kv < 1.0) as fn(f64) -> bool), ("中压", |kv| kv >= 1.0), ("高压", |kv| kv >= 1.0)]
        {
            if let Some(rest) = text.strip_prefix(word) {
                return self
                    .single(rest.trim())
                    .and_then(|kv| if fits(kv) { Ok(kv) } else { Err(Refusal::Unparsable) });
            }
        }
        if let Some((first, second)) = text.split_once('/') {
            // The line and the phase of a low-voltage supply; of two others nobody knows which one is meant.
            let unit = second.trim_start_matches(|c: char| !c.is_alphabetic());
            let bare = first.trim_end().ends_with(|c: char| c.is_ascii_digit());
            let first = self.single(&if bare { format!("{first}{unit}") } else { first.to_owned() })?;
            let second = self.single(second)?;
            return if first < 1.0 && second < 1.0 { Ok(first.max(second)) } else { Err(Refusal::Unparsable) };
        }
        // 10(20)kV: built for the voltage in brackets, supplied at the one before them.
        match text.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?))) {
            Some((before, (other, unit))) => {
                self.single(other)?;
                self.single(&format!("{before}{unit}"))
            }
            None => self.single(text),
        }
    }

    /// `630`, `630 kVA`, `630+400`, `2×1000kVA`.
    fn capacity(&self, text: &str) -> Result<f64, Refusal> {
        let start = text.trim_start_matches(['+', '-']);
        if !start.contains('+') && !start.contains(TIMES) {
            return self.single(text);
        }
        // A unit behind the last transformer is that of all that have none.
        let last = start.trim_start_matches(|c: char| !c.is_alphabetic() || c == 'x');
        let common = self.factor(last);
        let has_unit = |term: &str| term.contains(|c: char| c.is_alphabetic() && c != 'x');
        let mixed = start.split('+').any(has_unit) && !start.split('+').all(has_unit);
        if mixed && common.is_none() {
            // 2 MVA + 1: of what?
            return Err(Refusal::Unparsable);
        }
        start.split('+').try_fold(0.0, |sum, term| {
            let factor = if has_unit(term) { 1.0 } else { common.unwrap_or(1.0) };
            Ok(sum + factor * self.transformers(term)?)
        })
    }

    /// `630`, `630kVA` or `2×1000kVA`: one of two factors is a count.
    fn transformers(&self, term: &str) -> Result<f64, Refusal> {
        const MOST: f64 = 50.0;
        let Some((first, second)) = term.split_once(TIMES) else { return self.single(term.trim()) };
        let (first, second) = (self.single(first.trim())?, self.single(second.trim())?);
        let counts = |number: f64| number.fract() == 0.0 && (1.0..=MOST).contains(&number);
        if counts(first) || counts(second) { Ok(first * second) } else { Err(Refusal::Unparsable) }
    }

    /// One number with an optional unit.
    fn single(&self, text: &str) -> Result<f64, Refusal> {
        let text = without_any(text, &["交流", "直流", "ac", "dc", "\u{a5}", "\u{ffe5}"]);
        let blank_groups = self.comma == Comma::Decimal;
        let part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-') || blank_groups && c == ' ';
        let end = text.find(|c: char| !part(c)).unwrap_or(text.len());
        let number = decimal(text[..end].trim(), self.comma)?;
        let unit = text[end..].trim();
        if unit.is_empty() {
            return Ok(number);
        }
        self.factor(unit).map(|factor| number * factor).ok_or(Refusal::Unparsable)
    }

    /// How many of the column's first unit a unit is.
    fn factor(&self, unit: &str) -> Option<f64> {
        // In a cell `4.8万` is of the column's own unit.
        factor(self.units, unit).or_else(|| (unit == "万").then_some(10_000.0))
    }
}

/// The signs between a count of transformers and the capacity of each.
const TIMES: [char; 5] = ['×', '*', 'x', '✕', '╳'];

fn without_any<'a>(text: &'a str, marks: &[&str]) -> &'a str {
    marks.iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text).trim()
}

/// Digits with separators as a number.
fn decimal(digits: &str, comma: Comma) -> Result<f64, Refusal> {
    let parse = |plain: &str| plain.parse::<f64>().map_err(|_| Refusal::Unparsable);
    if comma == Comma::Decimal {
        let (whole, fraction) = digits.split_once(',').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
        let whole = ungrouped(whole, &['.', ' ']).ok_or(Refusal::Unparsable)?;
        return match fraction {
            Some(fraction) if fraction.bytes().all(|b| b.is_ascii_digit()) => parse(&format!("{whole}.{fraction}")),
            Some(_) => Err(Refusal::Unparsable),
            None => parse(&whole),
        };
    }
    let Some((before, after)) = digits.split_once(',') else { return parse(digits) };
    let end = digits.rfind('.').filter(|at| *at > before.len()).unwrap_or(digits.len());
    let grouped = ungrouped(&digits[..end], &[',']).map(|whole| whole + &digits[end..]);
    let one_comma = !after.is_empty() && after.bytes().all(|b| b.is_ascii_digit());
    match grouped {
        Some(plain) if comma == Comma::Groups || !one_comma => parse(&plain),
        None if !one_comma => Err(Refusal::Unparsable),
        _ => Err(Refusal::Ambiguous),
    }
}

/// Whether points could group the thousands of a number.
fn is_grouped_by_points(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    text[..end].contains('.') && ungrouped(&text[..end], &['.']).is_some()
}

/// `48,000` → `48000`; `4,80` and `0,240` are no groups of thousands.
fn ungrouped(whole: &str, signs: &[char]) -> Option<String> {
    if !whole.contains(signs) {
        return Some(whole.to_owned());
    }
    let mut groups = whole.trim_start_matches(['+', '-']).split(signs);
    let first = groups.next()?;
    let digits = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let leads = (1..=3).contains(&first.len()) && !first.starts_with('0') && digits(first);
    let regular = leads && groups.all(|group| group.len() == 3 && digits(group));
    regular.then(|| whole.replace(signs, ""))
}
