//! The event log of a permit office, by the example pipeline, against what pm4py finds in the same file.

use std::path::PathBuf;

use crate::place::{Place, can_import, project};

/// The folder of `receipt.csv`, which is not part of the project: `YEKUO_RECEIPT`, or next to the project.
fn log() -> Option<PathBuf> {
    let folder = match std::env::var_os("YEKUO_RECEIPT") {
        Some(folder) => PathBuf::from(folder),
        None => project().parent()?.join("shared/data/receipt"),
    };
    folder.join("receipt.csv").exists().then_some(folder)
}

/// The example pipeline, copied as a user would, reading the log.
fn example(place: &Place) -> Option<PathBuf> {
    let Some(log) = log() else {
        eprintln!("skipped: no receipt.csv beside the project, and YEKUO_RECEIPT names no folder that holds it");
        return None;
    };
    for name in ["receipt.toml", "log.toml", "process.toml"] {
        let path = project().join("pipelines/examples/event-log").join(name);
        place.write(&format!("own/{name}"), std::fs::read(path).unwrap());
    }
    Some(log)
}

fn run(place: &Place, data: &str, out: &str) {
    let arguments = ["own/receipt.toml", "--data", data, "--source", "own/log.toml", "--as-of", "2012-01-31"];
    place.report(out, &arguments);
}

#[test]
fn the_receipt_log_agrees_with_pm4py() {
    let place = Place::new();
    let Some(log) = example(&place) else { return };
    run(&place, log.to_str().unwrap(), "report");
    let ledger = place.json("report/run.json")["inputs"].clone();
    let counts = |table: usize| ["read", "accepted", "rejected", "duplicate"].map(|key| ledger[table][key].clone());
    // Two cases, of one and three events, end before they start.
    assert_eq!(counts(0), [8577, 1432, 4, 7141]);
    assert_eq!(counts(1), [8577, 8573, 4, 0]);
    assert_eq!(ledger[0]["filled"]["voltage_kv"], 1432);
    assert_eq!(ledger[1]["filled"]["department"], 1935);
    let page = place.pages("report");
    for part in ["ends before it begins", "Cells filled with defaults", "(unknown)"] {
        assert!(page.contains(part), "no `{part}`");
    }
    if !can_import("pm4py") {
        eprintln!("skipped: pm4py cannot be imported; ./test installs tests/requirements.txt");
        return;
    }
    let log = log.join("receipt.csv");
    place.python("receipt.py", &[log.to_str().unwrap(), "report/marts", "lake/report/clean", "2012-01-31"]);
}

#[test]
fn the_order_of_its_rows_moves_no_figure() {
    let place = Place::new();
    let Some(log) = example(&place) else { return };
    let text = std::fs::read_to_string(log.join("receipt.csv")).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    rows.rotate_left(1234);
    place.write("shuffled/receipt.csv", format!("{header}\n{}\n", rows.join("\n")));
    run(&place, log.to_str().unwrap(), "report");
    run(&place, "shuffled", "again");
    let (marts, again) = (place.files("report/marts"), place.files("again/marts"));
    for (name, bytes) in &marts {
        assert!(again[name] == *bytes, "{name} depends on the order of the rows");
    }
    assert_eq!(marts.len(), again.len());
}
