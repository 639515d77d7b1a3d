//! The schemas of configuration files: made from the types, shipped next to the files, and true of each of them.

use std::fs;
use std::path::{Path, PathBuf};

use yekuo::schema::{KINDS, Kind};

use crate::place::{Place, holds, project};

/// The shipped TOML files below `pipelines/`.
fn shipped() -> Vec<PathBuf> {
    let (mut open, mut files) = (vec![project().join("pipelines")], Vec::new());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => open.push(path),
                false if path.extension().is_some_and(|extension| extension == "toml") => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files
}

fn schema_file(kind: &Kind) -> PathBuf {
    project().join(format!("pipelines/schema/{}.json", kind.name))
}

/// The schema that the first line of a file names.
fn named(file: &Path) -> PathBuf {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().next().and_then(|line| line.strip_prefix("#:schema "));
    let schema = line.unwrap_or_else(|| panic!("{}: the first line names no schema", file.display()));
    file.parent().unwrap().join(schema).canonicalize().unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

#[test]
fn the_shipped_schemas_are_those_of_the_types() {
    for kind in &KINDS {
        let text = kind.text().unwrap();
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(project().join("pipelines/schema")).unwrap();
            fs::write(schema_file(kind), &text).unwrap();
        }
        let found = fs::read_to_string(schema_file(kind)).unwrap_or_default();
        assert!(found == text, "pipelines/schema/{}.json differs: BLESS=1 ./test writes it", kind.name);
    }
}

/// Validates files against the schemas that they name.
fn validate(place: &Place, files: &[PathBuf]) {
    let pairs: Vec<[String; 2]> =
        files.iter().map(|file| [file, &named(file)].map(|path| path.display().to_string())).collect();
    place.write("pairs.json", serde_json::to_vec(&pairs).unwrap());
    place.python("schemas.py", &["pairs.json"]);
}

#[test]
fn every_shipped_file_is_true_to_the_schema_that_it_names() {
    let files = shipped();
    assert!(files.len() > 80, "{} files", files.len());
    validate(&Place::new(), &files);
}

#[test]
fn what_map_writes_is_true_to_the_schema_next_to_it() {
    let place = Place::with_exports();
    place.yekuo("map data --yes").ends(0);
    let own = place.path("data/sources/own.toml");
    assert_eq!(fs::read_to_string(named(&own)).unwrap(), Kind::named("source").unwrap().text().unwrap());
    validate(&place, &[own]);
    // The schema is no export, and no file that is left over.
    for command in ["map data --yes --force", "check --data data"] {
        let said = place.yekuo(command).ends(0).out;
        assert!(!said.contains("schema"), "{command}: {said}");
    }
}

#[test]
fn a_schema_is_printed_and_goes_with_a_new_folder() {
    let place = Place::new();
    let list = place.yekuo("schema").ends(0).out;
    for kind in &KINDS {
        holds(&list, &[kind.name]);
        assert_eq!(place.yekuo(&format!("schema {}", kind.name)).ends(0).out, kind.text().unwrap());
    }
    place.yekuo("schema sorce").fails(2, &["「source」"]);
    place.yekuo("init own").ends(0);
    for file in ["own/pipelines/monthly.toml", "own/pipelines/marts/cycle.toml", "own/pipelines/sources/sample.toml"] {
        named(&place.path(file));
    }
}
