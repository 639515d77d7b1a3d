//! Points, proposed and verified, and what callbacks leave to do, against the second program that computes them.

use crate::place::Place;

fn agrees(as_of: &str, answered: bool) {
    let place = Place::new();
    place.yekuo("sample data --layout canonical --applications 300 --seed 3").ends(0);
    let answer: &[&str] = if answered { &["--answer"] } else { &[] };
    place.python("oracle_dealings.py", &[&["data", as_of, "expected"], answer].concat());
    place.report("report", &["--data", "data", "--as-of", as_of]);
    place.python("compare.py", &["expected", "report/marts"]);
}

/// What is to be done, on the sample and on a day in the middle of it.
#[test]
fn the_oracle_agrees_on_what_is_to_be_done() {
    for as_of in ["2026-06-30", "2026-03-18"] {
        let place = Place::new();
        place.yekuo("sample data --layout canonical --applications 600 --seed 5").ends(0);
        place.report("report", &["--data", "data", "--as-of", as_of]);
        place.python("oracle_todo.py", &["data", as_of, "expected", "lake/report/clean"]);
        place.python("compare.py", &["expected", "report/marts"]);
    }
}

#[test]
fn the_oracle_agrees_on_points_and_callbacks() {
    agrees("2026-06-30", false);
}

#[test]
fn the_oracle_agrees_on_verified_points() {
    agrees("2026-03-31", true);
}
