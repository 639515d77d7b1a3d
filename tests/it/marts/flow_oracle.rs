//! The critical path, the flow, the comparison of modes and the load against the second program that computes them: on
//! the sample, and on data full of awkward cases, with and without energisations on the very day of that stage.

use crate::place::Place;

/// Runs the program and the oracle on the same data as two days know them, and compares their tables.
fn agrees(place: &Place, days: [&str; 2], settings: &[&str], oracle_options: &[&str]) {
    place.pipelines();
    place.set(settings);
    for as_of in days {
        let [report, expected] = ["report", "expected"].map(|folder| format!("{folder}-{as_of}"));
        place.report(&report, &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of]);
        place.python("oracle_flow.py", &[&["data", as_of, &expected], oracle_options].concat());
        let (marts, clean) = (format!("{report}/marts"), format!("lake/{report}/clean"));
        place.python("compare.py", &[&expected, &marts, &clean]);
    }
}

#[test]
fn the_oracle_agrees_on_the_flow_of_the_sample() {
    let place = Place::new();
    place.yekuo("sample data --layout canonical --applications 300 --seed 3").ends(0);
    agrees(&place, ["2026-06-30", "2026-03-31"], &[], &[]);
}

/// One is energised and cancelled later.
#[test]
fn the_oracle_agrees_on_the_flow_of_awkward_data() {
    let place = Place::new();
    place.awkward(4, &[]);
    agrees(&place, ["2026-06-30", "2026-12-31"], &[], &[]);
}

/// Paths of open and cancelled applications among passes without hours, and ends on one day.
#[test]
fn the_oracle_agrees_on_the_flow_of_energisations_on_the_day() {
    for seed in ["11", "13"] {
        let place = Place::new();
        place.python("awkward.py", &["data", "--seed", seed, "--applications", "120", "--on-the-day"]);
        agrees(&place, ["2026-06-30", "2026-12-31"], &[], &[]);
    }
}

#[test]
fn the_oracle_agrees_on_the_flow_under_other_rules() {
    let place = Place::new();
    place.awkward(8, &["callbacks"]);
    agrees(
        &place,
        ["2026-03-15", "2026-09-30"],
        &["pending = \"refuse\"", "require_timely_report = false", "excludable_causes = [\"customer\", \"weather\"]"],
        &["--pending", "refuse", "--no-timely-report", "--excludable-causes", "customer,weather"],
    );
}
