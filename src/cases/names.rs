//! Texts that occur again and again, each kept once and whatever its spelling: `江城电力（一分公司）` and
//! `江城电力(一分公司)` are one name, shown as it is most often written.

use std::collections::HashMap;
use std::num::NonZeroU32;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use crate::spelling::{Joined, commonness, identity};

/// Texts that occur again and again.
#[derive(Default)]
pub struct Names {
    /// By number, as each is shown.
    texts: Vec<String>,
    spellings: HashMap<String, Spelling, FixedState>,
    /// By the folded text.
    numbers: HashMap<String, Name>,
}

/// How often a name is written in one way.
struct Spelling {
    name: Name,
    times: u64,
}

/// A text of [`Names`], counted from 1: so an absent name takes no more room than a given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Name(NonZeroU32);

impl Name {
    pub(super) fn place(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl Names {
    /// The number of a text, which is counted as one more of its spelling.
    pub(super) fn number(&mut self, text: &str) -> Name {
        if let Some(spelling) = self.spellings.get_mut(text) {
            spelling.times += 1;
            return spelling.name;
        }
        let name = self.name(text);
        self.spellings.insert(text.to_owned(), Spelling { name, times: 1 });
        name
    }

    /// Takes the names of others, each with how often it is written how; gives back the own number of each, by place.
    pub(super) fn merge(&mut self, others: &Names) -> Vec<Name> {
        // In their order, so that numbers do not depend on how rows were divided.
        let own: Vec<Name> = others.texts.iter().map(|text| self.name(text)).collect();
        for (text, Spelling { name, times }) in &others.spellings {
            let name = own[name.place()];
            self.spellings.entry(text.clone()).or_insert(Spelling { name, times: 0 }).times += times;
        }
        own
    }

    fn name(&mut self, text: &str) -> Name {
        let texts = &mut self.texts;
        *self.numbers.entry(identity(text)).or_insert_with(|| {
            texts.push(text.to_owned());
            Name(NonZeroU32::new(texts.len() as u32).expect("a text was just added"))
        })
    }

    pub(super) fn maybe(&mut self, text: Option<&str>) -> Option<Name> {
        text.map(|text| self.number(text))
    }

    /// Shows each name in its commonest spelling from here on; of equally common ones, in the shortest, and
    /// of those in the first by their characters.
    pub(super) fn settle(&mut self) {
        let mut best: Vec<Option<(&String, u64)>> = vec![None; self.texts.len()];
        for (text, Spelling { name, times }) in &self.spellings {
            let place = &mut best[name.place()];
            if place.is_none_or(|(best, most)| commonness(text, *times) > commonness(best, most)) {
                *place = Some((text, *times));
            }
        }
        for (shown, best) in self.texts.iter_mut().zip(best) {
            if let Some((text, _)) = best {
                text.clone_into(shown);
            }
        }
    }

    /// The number of a text in any spelling; none where nothing bears the name.
    pub fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(&identity(text)).copied()
    }

    /// A text as its name is shown.
    pub(super) fn shown<'a>(&'a self, text: &'a str) -> &'a str {
        self.spellings.get(text).map_or(text, |spelling| self.text(spelling.name))
    }

    /// The text of a number.
    pub fn text(&self, name: Name) -> &str {
        &self.texts[name.place()]
    }

    /// The names that are spelt in several ways, by how they are shown.
    pub(super) fn joined(&self) -> Vec<Joined> {
        let mut others: HashMap<Name, Vec<(String, u64)>> = HashMap::new();
        for (text, spelling) in &self.spellings {
            if text != self.text(spelling.name) {
                others.entry(spelling.name).or_default().push((text.clone(), spelling.times));
            }
        }
        let mut joined: Vec<Joined> = others
            .into_iter()
            .map(|(name, mut others)| {
                others.sort();
                Joined { shown: self.text(name).to_owned(), others }
            })
            .collect();
        joined.sort();
        joined
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_name_are_one_and_the_commonest_is_shown() {
        let mut names = Names::default();
        let first = names.number("江城电力（一分公司）");
        let spellings = ["江城电力(一分公司)", "“江城电力（一分公司）”", " 江城 电力(一分公司)", "江城电力(一分公司)"];
        assert!(spellings.iter().all(|text| names.number(text) == first));
        assert_ne!(names.number("江城电力(二分公司)"), first);
        assert_eq!(names.text(first), "江城电力（一分公司）");
        names.settle();
        assert_eq!(names.text(first), "江城电力(一分公司)");
        assert_eq!(names.shown("江城电力（一分公司）"), "江城电力(一分公司)");
        let others = [(" 江城 电力(一分公司)", 1), ("“江城电力（一分公司）”", 1), ("江城电力（一分公司）", 1)];
        let others = others.map(|(text, times)| (text.to_owned(), times)).to_vec();
        assert_eq!(names.joined(), [Joined { shown: "江城电力(一分公司)".into(), others }]);
    }
}
