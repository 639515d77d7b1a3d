//! What all workbooks share: dates, names of tabs, and how wide a text is.

use std::collections::BTreeSet;

use rust_xlsxwriter::{ExcelDateTime, XlsxError};

use crate::calendar::Day;

/// A day as a workbook has it.
pub(crate) fn date(day: Day) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::parse_from_str(&day.to_string())
}

/// A tab's name: no `[]:*?/\`, no apostrophe at an end, at most 31 UTF-16 units, not Excel's own `History`, and no other
/// tab's, regardless of case.
pub(crate) fn tab_name(title: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String =
        title.chars().map(|c| if c.is_control() || "[]:*?/\\'".contains(c) { '-' } else { c }).collect();
    let clean = clean.trim();
    let clean =
        if clean.is_empty() || clean.eq_ignore_ascii_case("history") { format!("{clean}-") } else { clean.to_owned() };
    let cut = |most: usize| {
        let mut length = 0;
        let kept = clean.chars().take_while(|c| {
            length += c.len_utf16();
            length <= most
        });
        kept.collect::<String>().trim_end().to_owned()
    };
    let numbered = (2_u64..).map(|number| {
        let number = format!(" {number}");
        cut(31 - number.len()) + &number
    });
    let mut names = std::iter::once(cut(31)).chain(numbered);
    names.find(|name| taken.insert(name.to_lowercase())).unwrap_or(clean)
}

/// How many half-width cells a text takes: a Chinese character takes two.
pub(crate) fn cells_wide(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tabs_name_is_legal_and_its_own() {
        let mut taken = BTreeSet::from(["计划汇总".to_owned()]);
        let long = "业".repeat(40);
        for (id, name) in [
            ("A1", "A1"),
            ("a1", "a1 2"),
            ("A1", "A1 3"),
            ("a/b:c", "a-b-c"),
            ("'x'", "-x-"),
            ("History", "History-"),
            ("计划汇总", "计划汇总 2"),
            (&long, &long[..93]),
            (&long, &format!("{} 2", &long[..87])),
            // Each of these is two UTF-16 units.
            (&"𠮷".repeat(20), &"𠮷".repeat(15)),
        ] {
            assert_eq!(tab_name(id, &mut taken), name, "{id}");
        }
    }
}
