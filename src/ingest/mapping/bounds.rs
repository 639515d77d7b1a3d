//! What is wrong with what a mapping says of when cases begin and end: `[cases]`.
//!
//! It is a fact of the exports that they have no column for it, so that their mapping can say it; what it says counts
//! more than `process.toml`.

use crate::error::{Mistake, TomlPath};
use crate::ingest::values::Vocabulary;
use crate::rules::bounds::{Bounds, Ends};
use crate::spelling::{nearest, word};
use crate::words::Words;

/// The stages that end a case and that no process has.
pub(super) fn mistakes(bounds: &Bounds, words: &Vocabulary, here: &TomlPath<'_>) -> Vec<Mistake> {
    let Some(Ends::Stages(names)) = bounds.ends.as_ref().filter(|_| !words.any_stage) else { return Vec::new() };
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
