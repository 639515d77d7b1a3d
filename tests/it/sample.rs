//! The sample, made and read back.

use yekuo_sample::Table;

use crate::place::Place;

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
