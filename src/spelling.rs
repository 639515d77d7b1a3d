//! How names are compared: folded, so that width, case and blanks do not matter, and by likeness, to suggest the name
//! that was meant.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A name that is spelt in several ways.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Joined {
    /// As it is shown.
    pub shown: String,
    /// The other ways, each with how often it occurs.
    pub others: Vec<(String, u64)>,
}

/// What decides which spelling of a name is shown: the most frequent, of equally frequent ones the shortest, and of those
/// the first by their characters. The greatest is shown.
pub(crate) fn commonness(text: &str, times: u64) -> (u64, Reverse<(usize, &str)>) {
    (times, Reverse((text.len(), text)))
}

/// A text that no spreadsheet takes for a formula (CWE-1236), as it is written into a CSV file.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if is_taken_for_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`harmless`] was given.
pub(crate) fn rearmed(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_taken_for_formula(rest)).unwrap_or(text)
}

/// Whether it begins with what begins a formula, of either width, behind whatever does not show.
fn is_taken_for_formula(text: &str) -> bool {
    let shows_not = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}');
    let begins = text.trim_start_matches(|c| shows_not(c) || matches!(c, '"' | '\''));
    begins.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{2212}'])
        || text.trim_start_matches('\'').starts_with(['\t', '\r', '\n'])
}

/// A header folded for comparison: a [`word`] without what follows in brackets, such as a unit.
///
/// ```
/// use yekuo::spelling::normal;
/// assert_eq!(normal(" 申请容量(kVA) "), normal("申请容量"));
/// assert_eq!(normal("Application_ID"), "application_id");
/// ```
pub fn normal(text: &str) -> String {
    before_brackets(&word(text)).0.to_owned()
}

/// What stands before the first bracket of a folded text, and the rest.
pub(crate) fn before_brackets(folded: &str) -> (&str, &str) {
    folded.split_at(folded.find(['(', '[', '【']).filter(|at| *at > 0).unwrap_or(folded.len()))
}

/// A word folded for comparison: half width, lower case, no spaces, no asterisk.
pub fn word(text: &str) -> String {
    half_width(text).chars().filter(|c| !c.is_whitespace() && *c != '*').collect::<String>().to_lowercase()
}

/// A name folded for comparison with others of its kind: half width, without quotes around it, without blanks at its
/// ends and beside Chinese characters; a whole number without `.0`. Its case stays.
///
/// ```
/// use yekuo::spelling::identity;
/// assert_eq!(identity("“江城 电力（一分公司）” "), identity("江城电力 (一分公司)"));
/// assert_eq!(identity("1001.0"), "1001");
/// assert_ne!(identity("East Works"), identity("EastWorks"));
/// ```
pub fn identity(text: &str) -> String {
    folded_identity(text).into_owned()
}

/// The same, of a text that is mostly folded already, as identifiers are.
pub(crate) fn folded_identity(text: &str) -> Cow<'_, str> {
    if is_folded(text) {
        return Cow::Borrowed(text);
    }
    let half = half_width(text);
    let bare = half.trim_matches(|c: char| c == ' ' || QUOTES.contains(&c));
    if let Some(whole) = whole_number(bare) {
        return Cow::Owned(whole.to_owned());
    }
    let mut folded = String::with_capacity(bare.len());
    for part in bare.split(' ').filter(|part| !part.is_empty()) {
        if folded.ends_with(|c: char| c.is_ascii()) && part.starts_with(|c: char| c.is_ascii()) {
            folded.push(' ');
        }
        folded.extend(part.chars().map(|c| BRACKETS.iter().find(|(own, _)| *own == c).map_or(c, |(_, to)| *to)));
    }
    Cow::Owned(folded)
}

/// Whether a text certainly is its own folded form.
fn is_folded(text: &str) -> bool {
    // What folding changes: blanks, marks, brackets and full width, and the decimals of whole numbers.
    let is_kept_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'(' | b')' | b'[' | b']' | b'-' | b'_' | b'/');
    let is_kept = |c: char| match u8::try_from(c) {
        Ok(byte) if byte.is_ascii() => is_kept_byte(byte),
        _ => ('\u{4e00}'..='\u{9fff}').contains(&c),
    };
    text.bytes().all(is_kept_byte) || text.chars().all(is_kept)
}

/// A whole number without the decimals that a program gave it: `1001.0` is 1001.
pub(crate) fn whole_number(text: &str) -> Option<&str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, zeros) = text.split_once('.')?;
    (digits(whole) && digits(zeros) && zeros.bytes().all(|byte| byte == b'0')).then_some(whole)
}

/// Marks that stand around a name and are no part of it.
const QUOTES: [char; 11] = ['"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』', '`'];

/// Brackets of other shapes, and what they are read as.
const BRACKETS: [(char, char); 6] = [('【', '['), ('】', ']'), ('〔', '['), ('〕', ']'), ('［', '['), ('］', ']')];

/// Full-width letters, digits and signs as their ASCII forms; white space of every kind as a blank.
pub fn half_width(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ if c.is_whitespace() => ' ',
            _ => c,
        })
        .collect()
}

/// How alike two names are, 0–1: by the edits between them; Chinese ones, which say the same in another order, also by
/// the pairs of characters that they share.
pub(crate) fn likeness(a: &str, b: &str) -> f64 {
    let edits = strsim::normalized_damerau_levenshtein(a, b);
    if a.is_ascii() || b.is_ascii() { edits } else { edits.max(strsim::sorensen_dice(a, b)) }
}

/// The name nearest to `name`, if one is near.
pub fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .map(|candidate| (likeness(&normal(name), &normal(candidate)), candidate))
        .filter(|(likeness, _)| *likeness > 0.4)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The number nearest to one that nobody has: with one edit in four signs, and no more than two; of equally near ones the
/// least. A number that is another's neighbour in a row of numbers is no slip of the pen, so short ones have none.
///
/// ```
/// use yekuo::spelling::nearest_number;
/// let known = ["YK2026-00012", "YK2026-00312"];
/// assert_eq!(nearest_number("YK2026-0012", known.into_iter()), Some("YK2026-00012"));
/// assert_eq!(nearest_number("yk2026-00321", known.into_iter()), Some("YK2026-00312"));
/// assert_eq!(nearest_number("XY17", known.into_iter()), None);
/// ```
pub fn nearest_number<'a>(number: &str, numbers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word(number);
    let length = wanted.chars().count();
    let most = (length / 4).min(2);
    numbers
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= most)
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &word(candidate)), candidate))
        .filter(|(edits, _)| *edits <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Whether a name can be that of a report, a mart or a column.
pub fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// A text as the name of a file on any system, at most so long: neither hidden, nor what file managers or open spreadsheets leave
/// behind, nor a device of Windows, nor turned round by marks of direction.
pub(crate) fn file_name(text: &str, longest: usize) -> String {
    let is_mark =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    let forbidden = |c: char| c.is_control() || is_mark(c) || r#"/\:*?"<>|"#.contains(c);
    let name: String = text.chars().map(|c| if forbidden(c) { '-' } else { c }).take(longest).collect();
    let name = name.trim_start_matches('~').trim_matches(|c: char| c == '.' || c.is_whitespace());
    let name = name.trim_start_matches('~');
    match name.is_empty() || is_device(name) {
        true => format!("-{name}"),
        false => name.to_owned(),
    }
}

/// The names of files of one folder: no two are one, on file systems too that know no capitals.
pub(crate) struct FileNames {
    longest: usize,
    /// What stands before the number of the second of a name.
    between: &'static str,
    taken: BTreeSet<String>,
}

impl FileNames {
    /// Names of at most so many characters, and a number where one is taken.
    pub(crate) fn new(longest: usize, between: &'static str) -> FileNames {
        FileNames { longest, between, taken: BTreeSet::new() }
    }

    /// The name of a file that a text gives, and no other bears: two texts can be one once a file may bear them.
    pub(crate) fn of(&mut self, text: &str) -> String {
        let stem = file_name(text, self.longest);
        let numbered = (2..).map(|number| format!("{stem}{}{number}", self.between));
        let mut names = std::iter::once(stem.clone()).chain(numbered);
        names.find(|name| self.taken.insert(name.to_lowercase())).unwrap_or(stem)
    }
}

/// Whether Windows takes a file name for a device, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |device: &str| {
        let mut number = stem.strip_prefix(device).unwrap_or_default().chars();
        matches!((number.next(), number.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_taken_for_a_formula_and_every_one_reads_back() {
        let dangerous = [
            "=1+1",
            " @x",
            "-5",
            "\u{ff1d}cmd",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}S",
            "\u{3000}=1",
            "\u{a0}=1",
            "\u{feff}=1",
            "\u{200b}=1",
            "\tx",
            "\n=1",
            "'=1",
            "'\n1",
        ];
        for text in dangerous {
            assert_eq!(harmless(text), format!("'{text}"));
            assert_eq!(rearmed(&harmless(text)), text);
        }
        for text in ["张三", "", "A-1", "'quoted'", "2026-05-01"] {
            assert_eq!(rearmed(&harmless(text)), text);
            assert_eq!(harmless(text), text);
        }
    }
}
