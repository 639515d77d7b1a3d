//! When cases and their stages begin and end, where exports record no more than events: `[cases]` of a mapping.
//!
//! It is a fact of the exports that they have no column for it, so that their mapping can say it; what it says counts
//! more than `process.toml`.

use serde::Deserialize;

use crate::error::{Mistake, TomlPath};
use crate::ingest::values::Vocabulary;
use crate::spelling::{nearest, word};
use crate::words::Words;

/// What the events of a case say of its beginning and its end: `[cases]`.
#[derive(Debug, Default, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// `first`: a case is accepted when its first stage begins.
    pub begins: Option<First>,
    /// What a case ends with: `last`, or a list of stages of which the last finish ends it.
    pub ends: Option<Ends>,
    /// `previous`: a stage of which only the finish is given began when the one before it ended.
    pub starts: Option<Previous>,
}

/// The first event.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum First {
    /// When it begins.
    First,
}

/// The last event.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Last {
    /// When it ends.
    Last,
}

/// The stage before.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Previous {
    /// When it ended.
    Previous,
}

/// What a case ends with.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(
    untagged,
    expecting = "ends 应为 \"last\"，或一列环节，如 [\"Case closed\"]\u{1e}`ends` is \"last\", or a list of stages such as [\"Case closed\"]"
)]
pub enum Ends {
    /// Its last event.
    Last(Last),
    /// The last of these stages.
    Stages(Vec<String>),
}

impl Bounds {
    /// The stages that end a case and that no process has.
    pub(super) fn mistakes(&self, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
        let Some(Ends::Stages(names)) = self.ends.as_ref().filter(|_| !words.any_stage) else { return Vec::new() };
        let here = here.key("ends");
        if names.is_empty() {
            return vec![here.mistake(Words::new("`ends` 没有写明任何环节", "`ends` names no stage"))];
        }
        let unknown = |name: &String| !words.stages.contains_key(name) && !words.stages.contains_key(&word(name));
        let names = names.iter().enumerate().filter(|(_, name)| unknown(name));
        names
            .map(|(item, name)| {
                let near = nearest(name, words.stages.keys().map(String::as_str));
                let wrong = Words::new(
                    format!("process.toml 中没有环节 `{name}`"),
                    format!("`{name}` is no stage of process.toml"),
                );
                here.item(item).mistake(wrong).did_you_mean(near)
            })
            .collect()
    }
}
