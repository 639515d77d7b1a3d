//! Fuzz targets of the files that users write.

use super::*;
use crate::tests::fuzz::fuzz;

/// What is wrong with a file is said in both languages, at places that the file has.
fn mistakes_fit(mistakes: Vec<Mistake>) -> String {
    assert!(!mistakes.is_empty(), "refused without a reason");
    let mut outcome = String::new();
    for mistake in &mistakes {
        let (message, _) = mistake.checked().unwrap_or_else(|| panic!("{mistake}: no such place in the file"));
        assert!(!message.zh.is_empty() && !message.en.is_empty());
        outcome += &message.en;
    }
    let error = Error::from(mistakes);
    assert!(!error.report(Lang::Zh).is_empty() && !error.report(Lang::En).is_empty());
    outcome
}

/// Any text is a pipeline file, or has mistakes.
fn pipeline_toml(input: &[u8]) -> String {
    let file = TomlFile::new("any.toml", String::from_utf8_lossy(input));
    match file.read::<PipelineFile>() {
        Ok(pipeline) => match pipeline.mistakes(&file) {
            none if none.is_empty() => "read".to_owned(),
            mistakes => mistakes_fit(mistakes),
        },
        Err(mistakes) => mistakes_fit(mistakes),
    }
}

/// Any text is a mapping, or has mistakes.
fn mapping_toml(input: &[u8]) -> String {
    let file = TomlFile::new("any.toml", String::from_utf8_lossy(input));
    match Mapping::open(&file, &any_stage()) {
        Ok(mapping) => mapping.tables.into_keys().collect(),
        Err(mistakes) => mistakes_fit(mistakes),
    }
}

#[test]
fn fuzz_pipeline_toml() {
    fuzz("pipeline_toml", pipeline_toml);
}

#[test]
fn fuzz_mapping_toml() {
    fuzz("mapping_toml", mapping_toml);
}
