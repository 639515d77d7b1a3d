//! The sample, made and read back.

use yekuo_sample::Table;

use crate::place::{Place, holds};

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
