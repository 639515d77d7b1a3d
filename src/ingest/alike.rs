//! Rejected rows summed up by what is wrong with them: one line for a word that occurs a hundred times, with what mends it.

use std::collections::BTreeMap;

use super::mapping::{Offer, Spot, TableMapping};
use super::rejects::{Code, Reject};
use super::values::Vocabulary;
use crate::contract::{Kind, Table};
use crate::error::toml_text;
use crate::spelling::nearest;
use crate::words::{Lang, Words};

/// Different values that are counted apart; what comes after them is counted together.
const MOST_VALUES: usize = 1_000;

/// The characters of a value that are kept.
const LONGEST: usize = 40;

/// Values that a line shows.
const SHOWN: usize = 3;

/// Rejected rows, by column and reason.
#[derive(Default)]
pub(super) struct Alike(BTreeMap<(&'static str, Code), Group>);

/// What was expected of some rows.
#[derive(Default)]
enum Expected {
    #[default]
    Nothing,
    This(Words),
    Different,
}

/// Rows that are rejected for one reason.
#[derive(Default)]
struct Group {
    rows: u64,
    values: BTreeMap<String, u64>,
    /// What was expected, where it is the same of all.
    expected: Expected,
    /// What was expected of the first.
    first: Option<Words>,
}

impl Alike {
    /// Counts one more.
    pub(super) fn add(&mut self, reject: &Reject) {
        let group = self.0.entry((reject.column, reject.code)).or_default();
        group.rows += 1;
        group.first.get_or_insert_with(|| reject.expected.clone());
        group.expected = match std::mem::take(&mut group.expected) {
            Expected::Nothing => Expected::This(reject.expected.clone()),
            Expected::This(expected) if expected == reject.expected => Expected::This(expected),
            _ => Expected::Different,
        };
        let value: String = reject.value.chars().take(LONGEST).collect();
        if group.values.len() < MOST_VALUES || group.values.contains_key(&value) {
            *group.values.entry(value).or_default() += 1;
        }
    }

    /// How many rows were rejected for each reason.
    pub(super) fn reasons(&self) -> impl Iterator<Item = (Code, u64)> {
        let mut reasons: BTreeMap<Code, u64> = BTreeMap::new();
        for ((_, code), group) in &self.0 {
            *reasons.entry(*code).or_default() += group.rows;
        }
        reasons.into_iter()
    }

    /// A line for each reason, the commonest first.
    pub(super) fn lines(&self, table: &Table, mapping: &TableMapping, words: &Vocabulary) -> Vec<Words> {
        let mut groups: Vec<_> = self.0.iter().collect();
        groups.sort_by(|(a, one), (b, other)| other.rows.cmp(&one.rows).then_with(|| a.cmp(b)));
        let line = |((column, code), group): (&(&'static str, Code), &Group)| {
            Words::of(|lang| group.line(table, mapping, column, *code, words, lang))
        };
        groups.into_iter().map(line).collect()
    }
}

impl Group {
    fn line(
        &self,
        table: &Table,
        mapping: &TableMapping,
        column: &str,
        code: Code,
        words: &Vocabulary,
        lang: Lang,
    ) -> String {
        let mut values: Vec<_> = self.values.iter().filter(|(value, _)| !value.is_empty()).collect();
        values.sort_by(|(a, one), (b, other)| other.cmp(one).then_with(|| a.cmp(b)));
        let shown: Vec<String> = values
            .iter()
            .take(SHOWN)
            .map(|(value, times)| lang.pick(format!("「{value}」×{times}"), format!("`{value}` ×{times}")))
            .collect();
        let (reason, rows) = (code.words(lang), self.rows);
        let shown = match (shown.is_empty(), values.len() > SHOWN) {
            (true, _) => String::new(),
            (false, more) => {
                let shown = shown.join(lang.pick("、", ", ")) + if more { "…" } else { "" };
                lang.pick(format!("（{shown}）"), format!(" ({shown})"))
            }
        };
        let place = if column.is_empty() { String::new() } else { format!("{column} ") };
        let line = lang.pick(
            format!("{place}{reason}：{rows} 行{shown}"),
            format!("{place}{reason}: {rows} row{}{shown}", if rows == 1 { "" } else { "s" }),
        );
        let line = match &self.expected {
            Expected::This(expected) => {
                let expected = expected.get(lang);
                line + &lang.pick(format!("；应为：{expected}"), format!("; expected: {expected}"))
            }
            // Each has readings of its own; the key that chooses between them is the same.
            Expected::Different if code == Code::Ambiguous => {
                let first = self.first.as_ref().map_or("", |first| first.get(lang));
                line + &lang.pick(format!("；例如 {first}"), format!("; for example {first}"))
            }
            Expected::Nothing | Expected::Different => line,
        };
        let fix = values.first().and_then(|(value, _)| fix(table, column, code, value, words));
        match fix {
            Some(fix) => {
                let keys = ["values", column];
                let offer = Offer { table: table.name, keys: &keys, key: &fix.word, value: fix.means };
                let said = offer.say(&Spot::of(&offer, &mapping.written), lang);
                line + &lang.pick(format!("；{said}"), format!("; {said}"))
            }
            None => line,
        }
    }
}

/// What an unknown word may mean.
struct Fix {
    word: String,
    /// In TOML.
    means: String,
}

/// What an unknown word means, by the nearest word that is known.
fn fix(table: &Table, column: &str, code: Code, value: &str, words: &Vocabulary) -> Option<Fix> {
    if code != Code::UnknownWord {
        return None;
    }
    let kind = table.columns.iter().find(|known| known.name == column)?.kind;
    let near = match kind {
        Kind::Stage => nearest(value, words.stages.keys().map(String::as_str))?.to_owned(),
        Kind::Choice { codes, .. } => {
            let known = codes.iter().flat_map(|(code, words)| words.iter().chain([code]));
            match nearest(value, known.copied()) {
                Some(near) => near.to_owned(),
                // Most words of a lifecycle are neither a start nor a complete.
                None if column == "transition" => String::new(),
                None => return None,
            }
        }
        _ => return None,
    };
    Some(Fix { word: value.to_owned(), means: toml_text(&near) })
}
