//! The promises of docs/reliability.md: each is held by tests that are there and run, or says that it is not held.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::place::project;

/// The tests that run: functions with `#[test]`, and without `#[ignore]`.
fn tests() -> BTreeSet<String> {
    fn gather(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                gather(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                of_file(&fs::read_to_string(path).unwrap(), found);
            }
        }
    }
    fn of_file(text: &str, found: &mut BTreeSet<String>) {
        for after in text.split("#[test]\n").skip(1) {
            let Some((attributes, function)) = after.split_once("fn ") else { continue };
            if !attributes.contains("#[ignore") {
                found.extend(function.split('(').next().map(str::to_owned));
            }
        }
    }
    let mut found = BTreeSet::new();
    for folder in ["src", "tests/it", "crates"] {
        gather(&project().join(folder), &mut found);
    }
    found
}

#[test]
fn every_promise_is_held_by_tests_that_run() {
    let tests = tests();
    let text = fs::read_to_string(project().join("docs/reliability.md")).unwrap();
    let (mut held, mut not_held) = (0, 0);
    for line in text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| promise") && !line.starts_with("| ---"))
    {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").collect();
        let [promise, by] = cells[..] else { panic!("{line}") };
        let named: Vec<&str> = by.split('`').skip(1).step_by(2).collect();
        for name in &named {
            assert!(tests.contains(*name), "«{}» is held by no test `{name}`", promise.trim());
        }
        match named.is_empty() {
            true if by.trim().starts_with("not held") => not_held += 1,
            true => panic!("«{}» is held by nothing", promise.trim()),
            false => held += 1,
        }
    }
    assert!(held > 30 && not_held < 5, "{held} held, {not_held} not");
}
