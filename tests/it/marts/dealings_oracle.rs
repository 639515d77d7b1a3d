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

#[test]
fn the_oracle_agrees_on_points_and_callbacks() {
    agrees("2026-06-30", false);
}

#[test]
fn the_oracle_agrees_on_verified_points() {
    agrees("2026-03-31", true);
}
