//! Words: identifiers, names, yes and no, choices, and several of them in one cell.

use std::borrow::Cow;

use super::{Cell, MOST_NAME, Refusal, Vocabulary, time};
use crate::lake::Value;
use crate::spelling::{folded_identity, word};

/// Cuts blanks of every width, invisible marks and a spreadsheet's text marks (`'x`, `="x"`) off a text.
pub(super) fn trim(text: &str) -> &str {
    // What begins and ends with a letter or a digit has nothing around it.
    if let [first, .., last] = text.as_bytes()
        && first.is_ascii_alphanumeric()
        && last.is_ascii_alphanumeric()
    {
        return text;
    }
    let text = text.trim_matches(is_blank);
    let text = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    text.strip_prefix('\'').unwrap_or(text).trim_matches(is_blank)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\0')
}

/// Cuts a pair of quotes off a text that is no name: names keep theirs, and are compared without.
pub(super) fn unquoted(text: &str) -> &str {
    inside_quotes(text).unwrap_or(text)
}

fn inside_quotes(text: &str) -> Option<&str> {
    let open = text.chars().next()?;
    let close = match open {
        '“' => '”',
        '‘' => '’',
        '「' => '」',
        '"' | '\'' | '＂' => open,
        _ => return None,
    };
    let inner = text.strip_prefix(open)?.strip_suffix(close)?;
    (!inner.contains([open, close])).then(|| inner.trim_matches(is_blank))
}

/// Whether a text says that there is nothing.
pub(crate) fn is_missing(text: &str) -> bool {
    // Nearly every cell of a file is longer.
    const LONGEST: usize = "——".len();
    if text.len() > LONGEST {
        return false;
    }
    text.is_empty()
        || matches!(text, "-" | "--" | "—" | "——" | "/" | "\\N")
        || ["null", "none", "nan", "n/a", NOT_AVAILABLE].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The error value by which a lookup says that it found nothing.
const NOT_AVAILABLE: &str = "#N/A";

/// Whether a text is an error value of a spreadsheet, such as `#REF!`, or a column too narrow for its number.
pub(super) fn is_error(text: &str) -> bool {
    const VALUES: [&str; 12] = [
        "#REF!",
        "#VALUE!",
        "#DIV/0!",
        "#NAME?",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BUSY!",
        "#UNKNOWN!",
        "#GETTING_DATA",
    ];
    text.starts_with('#')
        && (VALUES.iter().any(|value| text.eq_ignore_ascii_case(value))
            || text.len() > 2 && text.bytes().all(|b| b == b'#'))
        || text.strip_prefix("Err:").is_some_and(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()))
}

/// Free text.
pub(super) fn text(cell: Cell<'_>) -> Result<Value<'_>, Refusal> {
    match cell {
        Cell::Text(text) if text.len() > MOST_NAME && text.chars().count() > MOST_NAME => Err(Refusal::TooLong),
        Cell::Text(text) => Ok(Value::text(text)),
        other => Ok(Value::Text(Cow::Owned(other.display()))),
    }
}

pub(super) fn identifier(cell: Cell<'_>) -> Result<Value<'_>, Refusal> {
    // A double holds 15 decimal digits: past that a sheet's number is no longer the identifier that was typed.
    const EXACT: f64 = 1e15;
    match cell {
        Cell::Text(text) if text.len() > MOST_NAME => Err(Refusal::TooLong),
        Cell::Text(text) => {
            let text = folded_identity(text);
            match &text {
                Cow::Owned(folded) if is_missing(folded) => Ok(Value::Null),
                Cow::Owned(folded) if is_error(folded) => Err(Refusal::ErrorValue),
                text if is_rounded(text) => Err(Refusal::RoundedIdentifier),
                _ => Ok(Value::Text(text)),
            }
        }
        Cell::Serial(_) | Cell::Date(_) | Cell::Instant(_) => Err(Refusal::DatedIdentifier),
        Cell::Number(number) if number.fract() != 0.0 || number < 0.0 => Err(Refusal::Unparsable),
        Cell::Number(number) if number >= EXACT => Err(Refusal::RoundedIdentifier),
        Cell::Number(number) => Ok(Value::Text(Cow::Owned(format!("{number:.0}")))),
        Cell::Integer(integer) => Ok(Value::Text(Cow::Owned(integer.to_string()))),
        _ => Err(Refusal::Unparsable),
    }
}

/// Whether a text is how a spreadsheet shows a number of many digits.
fn is_rounded(text: &str) -> bool {
    text.contains(['e', 'E']) && text.contains('+') && text.parse::<f64>().is_ok()
}

pub(super) fn stage<'a>(cell: Cell<'a>, words: &Vocabulary) -> Result<Value<'a>, Refusal> {
    let Cell::Text(text) = cell else {
        return if words.any_stage { identifier(cell) } else { Err(Refusal::UnknownWord) };
    };
    match words.stages.get(text).or_else(|| words.stages.get(&word(text))) {
        Some(code) if code == text => Ok(Value::text(text)),
        Some(code) => Ok(Value::Text(Cow::Owned(code.clone()))),
        None if words.any_stage => self::text(cell),
        None => Err(Refusal::UnknownWord),
    }
}

pub(super) fn flag(cell: Cell<'_>) -> Result<bool, Refusal> {
    match cell {
        Cell::Flag(flag) => Ok(flag),
        Cell::Number(1.0) | Cell::Integer(1) => Ok(true),
        Cell::Number(0.0) | Cell::Integer(0) => Ok(false),
        Cell::Text(text) => said(text).or_else(|| said(&word(text))).ok_or(Refusal::UnknownWord),
        _ => Err(Refusal::UnknownWord),
    }
}

/// What a folded word says.
fn said(word: &str) -> Option<bool> {
    match word {
        "是" | "y" | "yes" | "1" | "true" | "t" | "有" | "√" | "✓" => Some(true),
        "否" | "n" | "no" | "0" | "false" | "f" | "无" | "×" | "✗" => Some(false),
        _ => None,
    }
}

pub(super) fn choice<'a>(cell: Cell<'a>, codes: &[(&'static str, &[&str])], open: bool) -> Result<Value<'a>, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::UnknownWord) };
    if let Some((code, _)) = codes.iter().find(|(code, words)| *code == text || words.contains(&text)) {
        return Ok(Value::text(code));
    }
    let folded = word(text);
    match codes.iter().find(|(code, words)| *code == folded || words.iter().any(|w| word(w) == folded)) {
        Some((code, _)) => Ok(Value::text(code)),
        None if open => self::text(cell),
        None => Err(Refusal::UnknownWord),
    }
}

/// Names in one cell, each once, as `a;b`.
pub(super) fn list(cell: Cell<'_>) -> Result<Value<'_>, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::Unparsable) };
    let given: Vec<&str> = text.split([';', '；', '、', ',', '，', '|', '/', '\n']).map(trim).collect();
    let mut names: Vec<&str> = Vec::new();
    for name in &given {
        if !is_missing(name) && !names.contains(name) {
            names.push(name);
        }
    }
    match () {
        () if names.iter().any(|name| is_error(name)) => Err(Refusal::ErrorValue),
        () if !names.is_empty() => Ok(Value::Text(Cow::Owned(names.join(";")))),
        () if given.iter().any(|name| !name.is_empty()) => Ok(Value::Null),
        () => Err(Refusal::Unparsable),
    }
}

/// `营销部 2026-05-28 15:00；配电工区 2026-05-29` as `营销部@2026-05-28 15:00:00;配电工区@2026-05-29 00:00:00`.
pub(super) fn answers(cell: Cell<'_>, words: &Vocabulary) -> Result<String, Refusal> {
    let Cell::Text(text) = cell else { return Err(Refusal::Unparsable) };
    let pairs = text.split([';', '；', '、', ',', '，', '|', '\n']).map(trim).filter(|pair| !pair.is_empty());
    pairs.map(|pair| answer(pair, words)).collect::<Result<Vec<_>, _>>().map(|pairs| pairs.join(";"))
}

fn answer(pair: &str, words: &Vocabulary) -> Result<String, Refusal> {
    let between = |c: char| is_blank(c) || matches!(c, '@' | '=' | ':' | '：' | '(' | '（' | ')' | '）');
    // The name ends where what follows is a time: names may hold digits too.
    let begins = |at: usize| pair[at..].starts_with(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    pair.char_indices()
        .filter(|(at, _)| *at > 0 && begins(*at))
        .find_map(|(at, _)| {
            let (name, time) = (pair[..at].trim_matches(between), pair[at..].trim_matches(between));
            let given = time::instant(Cell::Text(time), words).ok().filter(|_| !name.is_empty())?;
            Some(format!("{name}@{given}"))
        })
        .ok_or(Refusal::Unparsable)
}
