//! The marts of service against the second program that computes them, on data full of awkward cases: outages after
//! their application was cancelled (seed 1), a stage due before it starts on a day off (seed 8), equal scores (208).

use crate::support::Place;

/// Runs the program and the oracle on the same data, and compares their marts.
fn agrees(seed: u32, as_of: &str, without: &[&str], settings: &[&str], oracle_options: &[&str]) {
    let place = Place::new();
    let seed = seed.to_string();
    let mut arguments = vec!["data", "--as-of", as_of, "--seed", &seed, "--applications", "150"];
    arguments.extend(without.iter().flat_map(|table| ["--without", *table]));
    place.python("awkward_service.py", &arguments);
    place.pipelines();
    place.set(settings);
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of]);
    place.python("oracle_service.py", &[&["data", as_of, "expected"], oracle_options].concat());
    place.python("compare.py", &["expected", "report/marts"]);
}

#[test]
fn the_oracle_agrees_on_the_marts_of_service() {
    agrees(1, "2026-06-30", &[], &[], &[]);
}

#[test]
fn the_oracle_agrees_on_the_marts_of_service_without_optional_tables() {
    let without = ["faults", "complaints", "surveys", "managers", "restrictions", "replans"];
    agrees(5, "2026-12-31", &without, &[], &[]);
    agrees(208, "2025-12-31", &["delays", "callbacks", "requests"], &[], &[]);
}

#[test]
fn the_oracle_agrees_on_the_marts_of_service_under_other_rules() {
    agrees(
        8,
        "2026-03-15",
        &["demands"],
        &["pending = \"refuse\"", "excludable_causes = [\"customer\", \"weather\"]", "fault_days = 3"],
        &["--pending", "refuse", "--excludable-causes", "customer,weather", "--fault-days", "3"],
    );
}
