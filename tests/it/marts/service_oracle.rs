//! The marts of service against the second program that computes them, on data full of awkward cases: outages after
//! their application was cancelled (seed 1), a stage due before it starts on a day off (seed 8), equal scores (208).

use crate::place::{Place, lines};

/// Runs the program and the oracle on the same data, and compares their marts.
fn agrees(seed: u32, as_of: &str, without: &[&str], settings: &[&str], oracle_options: &[&str]) {
    agrees_on(150, seed, as_of, without, settings, oracle_options);
}

fn agrees_on(
    applications: u32,
    seed: u32,
    as_of: &str,
    without: &[&str],
    settings: &[&str],
    oracle_options: &[&str],
) -> Place {
    let place = Place::new();
    let (seed, applications) = (seed.to_string(), applications.to_string());
    let mut arguments = vec!["data", "--as-of", as_of, "--seed", &seed, "--applications", &applications];
    arguments.extend(without.iter().flat_map(|table| ["--without", *table]));
    place.python("awkward_service.py", &arguments);
    place.pipelines();
    place.set(settings);
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of]);
    place.python("oracle_service.py", &[&["data", as_of, "expected"], oracle_options].concat());
    place.python("compare.py", &["expected", "report/marts"]);
    place
}

/// With this many applications every basis but the finest has its thirty cases.
#[test]
fn the_oracle_agrees_on_forecasts() {
    let place = agrees_on(600, 3, "2026-06-30", &[], &[], &[]);
    let list = place.table("report/marts/watchlist.parquet");
    let told = lines(&list.select(["forecast_basis", "p_on_time", "forecast_p50_on"]).unwrap());
    for basis in ["like_mode", "like_class", "like_stage", "like_age", "too_few_alike"] {
        assert!(told.iter().filter(|line| line.starts_with(basis)).count() > 20, "{basis}: {told:?}");
    }
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
