//! A configuration file in TOML, and the places in it.
//!
//! Whoever reads such a file keeps it as a [`TomlFile`] and names what is wrong by its path, as in
//! `file.at("rules").item(2).key("stage").mistake("…")`. Where that stands is known from the parser, never by searching
//! the text: a word may stand anywhere.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::{Mistake, toml_words};
use crate::words::Words;

/// A configuration file: the name under which mistakes show it, and its text.
#[derive(Debug, Clone)]
pub struct TomlFile {
    name: String,
    text: String,
}

/// What a path leads to in a [`TomlFile`]; the empty path leads to the whole file.
#[derive(Debug, Clone)]
pub struct TomlPath<'a> {
    file: &'a TomlFile,
    steps: Vec<Step<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

/// Mistakes of one file that are shown: whoever mends them sees the rest.
const MOST_MISTAKES: usize = 50;

impl TomlFile {
    /// A file called `name` whose whole text is `text`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> TomlFile {
        TomlFile { name: name.into(), text: text.into() }
    }

    /// The typed value of the file. Of what does not fit its type every mistake is returned, but for those that only
    /// follow from another: a key that is misspelt is not missing as well.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Mistake>> {
        let mut root = DeTable::parse(&self.text).map_err(|error| vec![self.refused(&error)])?;
        let mut errors: Vec<toml::de::Error> = Vec::new();
        // The tables that something was taken out of.
        let mut hollow = Vec::new();
        loop {
            let error = match T::deserialize(Deserializer::from(root.clone())) {
                Ok(value) if errors.is_empty() => return Ok(value),
                Ok(_) => break,
                Err(error) => error,
            };
            let span = error.span().unwrap_or_default();
            if !hollow.contains(&span) {
                errors.push(error);
            }
            if errors.len() >= MOST_MISTAKES {
                break;
            }
            let whole = root.span();
            if !take_out_of_table(root.get_mut(), &whole, &span, &mut hollow) {
                break;
            }
        }
        errors.sort_by_key(|error| error.span().unwrap_or_default().start);
        Err(errors.iter().map(|error| self.refused(error)).collect())
    }

    /// Its whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Something is wrong at some bytes of the file.
    pub fn mistake(&self, span: Range<usize>, message: Words) -> Mistake {
        Mistake::new(&self.name, &self.text, Some(span), message)
    }

    /// What the parser refused.
    pub fn refused(&self, error: &toml::de::Error) -> Mistake {
        let said = toml_words::said(error.message());
        let mistake = Mistake::new(&self.name, &self.text, error.span(), said.words);
        mistake.did_you_mean(said.near.as_deref())
    }

    /// The whole file.
    pub fn whole(&self) -> TomlPath<'_> {
        TomlPath { file: self, steps: Vec::new() }
    }

    /// What stands at a key of the file.
    pub fn at<'a>(&'a self, key: &'a str) -> TomlPath<'a> {
        self.whole().key(key)
    }
}

impl<'a> TomlPath<'a> {
    /// What stands at a key of the table here.
    pub fn key(&self, key: &'a str) -> TomlPath<'a> {
        self.and(Step::Key(key))
    }

    /// An item of the list here, from 0.
    pub fn item(&self, number: usize) -> TomlPath<'a> {
        self.and(Step::Item(number))
    }

    /// Something is wrong with the value here. Where the file has no such value, the nearest that contains it is shown.
    pub fn mistake(&self, message: Words) -> Mistake {
        Mistake::new(&self.file.name, &self.file.text, self.place().map(|place| place.value), message)
    }

    /// Something is wrong with the key here.
    pub fn key_mistake(&self, message: Words) -> Mistake {
        Mistake::new(&self.file.name, &self.file.text, self.place().map(|place| place.key), message)
    }

    /// The line of the value, from 1; 1 for the whole file.
    pub fn line(&self) -> usize {
        let start = self.place().map_or(0, |place| place.value.start);
        1 + self.file.text.bytes().take(start).filter(|byte| *byte == b'\n').count()
    }

    fn and(&self, step: Step<'a>) -> TomlPath<'a> {
        TomlPath { file: self.file, steps: self.steps.iter().copied().chain([step]).collect() }
    }

    /// The file is parsed again: nobody waits for a mistake.
    fn place(&self) -> Option<Place> {
        let root = DeTable::parse(&self.file.text).ok()?;
        let mut here = &DeValue::Table(root.into_inner());
        let mut place = None;
        for step in &self.steps {
            let Some((found, value)) = step.of(here) else { break };
            (place, here) = (Some(found), value);
        }
        place
    }
}

/// Where a key and its value stand, in bytes; an item of a list has no key, and stands for it itself.
struct Place {
    key: Range<usize>,
    value: Range<usize>,
}

impl Step<'_> {
    fn of<'v, 'i>(self, value: &'v DeValue<'i>) -> Option<(Place, &'v DeValue<'i>)> {
        let (key, found) = match (self, value) {
            (Step::Key(key), DeValue::Table(table)) => {
                let (key, found) = table.get_key_value(key)?;
                (key.span(), found)
            }
            (Step::Item(number), DeValue::Array(items)) => {
                let found = items.get(number)?;
                (found.span(), found)
            }
            _ => return None,
        };
        Some((Place { key, value: found.span() }, found.get_ref()))
    }
}

/// Takes the key or value at `span` out of a table that stands at `own`, or out of one within it, which is then
/// hollow; false where there is none.
fn take_out_of_table(
    table: &mut DeTable<'_>,
    own: &Range<usize>,
    span: &Range<usize>,
    hollow: &mut Vec<Range<usize>>,
) -> bool {
    let found = table.iter().find(|(key, value)| key.span() == *span || value.span() == *span);
    if let Some(key) = found.map(|(key, _)| key.get_ref().to_string()) {
        table.remove(key.as_str());
        hollow.push(own.clone());
        return true;
    }
    table.iter_mut().any(|(_, value)| take_out_of_value(value, span, hollow))
}

fn take_out_of_value(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>, hollow: &mut Vec<Range<usize>>) -> bool {
    let own = value.span();
    match value.get_mut() {
        DeValue::Table(table) => take_out_of_table(table, &own, span, hollow),
        DeValue::Array(items) if items.iter().any(|item| item.span() == *span) => {
            let kept = std::mem::replace(items, DeArray::new()).into_iter().filter(|item| item.span() != *span);
            *items = kept.collect();
            true
        }
        DeValue::Array(items) => items.iter_mut().any(|item| take_out_of_value(item, span, hollow)),
        _ => false,
    }
}

/// A text as TOML writes it.
pub(crate) fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
