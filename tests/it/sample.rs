//! The sample, made and read back.

use serde_json::Value;
use yekuo_sample::Table;

use crate::place::{Place, holds, project, sha256};

/// A folder with a sample in `data`, read into `lake`.
fn read_back(arguments: &str) -> Place {
    let place = Place::new();
    place.pipeline("");
    place.yekuo(&format!("sample data {arguments}")).ends(0);
    place.ingest().ends(0);
    place
}

#[test]
fn what_is_left_of_the_dirty_exports_is_clean() {
    let clean = read_back("--applications 300 --layout canonical");
    let typed = read_back("--applications 300 --layout canonical --format parquet");
    let dirty = read_back("--applications 300");
    for table in Table::ALL {
        let rows = |place: &Place| {
            let mut rows = place.rows(table.name());
            rows.sort();
            rows
        };
        assert!(!rows(&clean).is_empty(), "{table:?}");
        assert_eq!(rows(&typed), rows(&clean), "{table:?}");
        if matches!(table, Table::Stages | Table::Delays) {
            // Some rows of these were typed by hand, without the time of day.
            assert_eq!(rows(&dirty).len(), rows(&clean).len(), "{table:?}");
        } else {
            assert_eq!(rows(&dirty), rows(&clean), "{table:?}");
        }
    }
}

#[test]
fn a_run_takes_a_sample_of_any_size() {
    for size in ["--applications 20", "--applications 21 --months 1", "--applications 60 --months 12"] {
        read_back(size);
    }
}

#[test]
fn a_sample_replaces_nothing_but_a_sample() {
    let place = Place::new();
    place.write("data/applications.csv", "mine");
    for form in ["", "--layout canonical", "--layout canonical --format parquet"] {
        let said = place.yekuo(&format!("sample data --applications 20 --lang en {form}")).ends(2).err;
        holds(&said, &["data holds applications.csv, which yekuo did not make"]);
        assert_eq!(place.files("data").len(), 1);
    }
    place.yekuo("sample fresh --applications 20").ends(0);
    let first = place.files("fresh");
    place.yekuo("sample fresh --applications 20").ends(0);
    assert_eq!(place.files("fresh"), first);
    // Whoever has changed one of its files keeps it.
    let csv = first.keys().find(|name| name.ends_with(".csv")).unwrap();
    place.write(&format!("fresh/{csv}"), "mine");
    place.yekuo("sample fresh --applications 20").ends(2);
    assert_eq!(place.text(&format!("fresh/{csv}")), "mine");
    for many in ["20000001", "18446744073709551615", "-1"] {
        place.yekuo(&format!("sample x --applications {many}")).ends(2);
    }
}

/// What a newcomer opens is what the program makes: the same files, and the same figures at the top.
#[test]
fn the_sample_reports_say_what_the_program_says() {
    let place = Place::new();
    place.yekuo("sample exports --applications 80 --months 4").ends(0);
    for report in ["monthly", "public"] {
        let out = format!("{report}-2026-06-30");
        place.yekuo(&format!("run {report} --data exports --as-of 2026-06-30 --out {out} --lang zh")).ends(0);
        let committed = project().join("reports/sample").join(&out);
        let text = std::fs::read_to_string(committed.join("run.json")).unwrap();
        let (made, committed): (Value, Value) =
            (place.json(&format!("{out}/run.json")), serde_json::from_str(&text).unwrap());
        let paths = |run: &Value| -> Vec<String> {
            run["artefacts"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(paths(&made), paths(&committed), "just sample-reports makes them again");
        for part in ["headlines", "cases", "inputs"] {
            assert_eq!(made[part], committed[part], "{report}: just sample-reports makes it again");
        }
        for file in committed["artefacts"].as_array().unwrap() {
            let bytes = std::fs::read(project().join("reports/sample").join(&out).join(file["path"].as_str().unwrap()));
            assert_eq!(sha256(&bytes.unwrap()), file["sha256"].as_str().unwrap(), "{file}");
        }
    }
}
