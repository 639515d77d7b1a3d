//! The figures: against two other programs, against a pencil, and as a catalogue that users add to.

pub mod by_hand;
pub mod cases;
mod catalogue;
mod dealings_by_hand;
mod dealings_oracle;
mod estimated;
mod examples;
mod flow_by_hand;
mod flow_oracle;
mod forecast_by_hand;
mod lists_by_hand;
mod load_by_hand;
mod modes_by_hand;
mod service_by_hand;
mod service_oracle;
mod split_by_hand;
mod starts_by_hand;
mod todo_by_hand;

use polars::prelude::{DataFrame, IntoLazy, col, lit};
use yekuo::marts::engine::Engine;

use crate::place::{Place, lines, project};

/// Whatever a report asked of its engine has the same answer in DuckDB, to the bit, from the same SQL over the same
/// clean tables; its audits find nothing there either.
fn agrees_in_duckdb(place: &Place) {
    let mut engine = Engine::open(&place.path("lake/report/clean")).unwrap();
    for mart in &cases::shipped().marts {
        let mut counted = engine.counted(mart).unwrap();
        for (number, (sql, answer)) in mart.texts().iter().zip(counted.answers()).enumerate() {
            let name = format!("answers/{}.{number}", mart.name);
            place.write(&format!("{name}.sql"), sql);
            yekuo::lake::write(&place.path(&format!("{name}.parquet")), answer).unwrap();
        }
    }
    let audits = project().join("pipelines/audits");
    place.python("portable.py", &["lake/report/clean", "report/marts", "answers", audits.to_str().unwrap()]);
}

#[test]
fn duckdb_agrees() {
    let place = Place::new();
    place.yekuo("sample exports --seed 3").ends(0);
    place.report("report", &["--data", "exports"]);
    agrees_in_duckdb(&place);

    let place = Place::new();
    place.awkward(11, &[]);
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    agrees_in_duckdb(&place);
}

/// Runs the program on awkward data and compares its marts with those of the oracle.
fn agrees_with_the_oracle(seed: u32, without: &[&str], as_of: &str, settings: &[&str], oracle_options: &[&str]) {
    let place = Place::new();
    place.awkward(seed, without);
    place.pipelines();
    place.set(settings);
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of]);
    place.python("oracle.py", &[&["data", as_of, "expected"], oracle_options].concat());
    place.python("compare.py", &["expected", "report/marts"]);
}

#[test]
fn the_oracle_agrees_on_every_table() {
    for (seed, as_of) in [(1, "2026-06-30"), (2, "2026-12-31")] {
        agrees_with_the_oracle(seed, &[], as_of, &[], &[]);
    }
}

#[test]
fn the_oracle_agrees_without_optional_tables() {
    for (seed, as_of, without) in [
        (3, "2025-12-31", &["delays"][..]),
        (4, "2026-05-31", &["faults"]),
        (5, "2026-12-31", &["callbacks"]),
        (6, "2026-03-15", &["delays", "callbacks", "faults"]),
    ] {
        agrees_with_the_oracle(seed, without, as_of, &[], &[]);
    }
}

#[test]
fn the_oracle_agrees_under_other_rules() {
    for (seed, as_of, settings, options) in [
        (7, "2026-06-30", &["pending = \"refuse\""][..], &["--pending", "refuse"][..]),
        (8, "2026-12-31", &["require_timely_report = false"], &["--no-timely-report"]),
        (
            9,
            "2026-08-31",
            &["excludable_causes = [\"customer\", \"weather\"]", "fault_days = 3"],
            &["--excludable-causes", "customer,weather", "--fault-days", "3"],
        ),
        (
            10,
            "2026-09-30",
            &[
                "pending = \"refuse\"",
                "require_timely_report = false",
                "excludable_causes = [\"government\"]",
                "fault_days = 30",
            ],
            &["--pending", "refuse", "--no-timely-report", "--excludable-causes", "government", "--fault-days", "30"],
        ),
    ] {
        agrees_with_the_oracle(seed, &[], as_of, settings, options);
    }
}

fn until(table: DataFrame, month: &str) -> DataFrame {
    let month = month.parse::<yekuo::calendar::Day>().unwrap();
    let known = col("month").cast(polars::prelude::DataType::Int32).lt_eq(lit(month.0));
    table.lazy().filter(known).collect().unwrap()
}

/// Without claims, which can be ruled on late, a month that has ended never moves again: what was settled stays so,
/// and a stage that is left open for another month is not settled twice.
#[test]
fn past_months_do_not_move() {
    let place = Place::new();
    place.awkward(12, &["delays"]);
    place.report("may", &["--data", "data", "--as-of", "2026-05-31"]);
    place.report("june", &["--data", "data", "--as-of", "2026-06-30"]);
    for (mart, columns) in [
        (
            "department_month",
            &[
                "month",
                "department",
                "settled",
                "overdue_gross",
                "overdue_net",
                "rate_net",
                "expected",
                "p_value",
                "rank",
            ][..],
        ),
        ("month_overdue", &["month", "settled", "overdue_gross", "overdue_net", "other_settled", "other_overdue_net"]),
        (
            "stage_overdue",
            &["month", "bureau", "department", "stage", "mode", "settled", "overdue_gross", "overdue_net"],
        ),
    ] {
        let known = |report: &str| {
            let table = place.table(&format!("{report}/marts/{mart}.parquet"));
            lines(&until(table.select(columns.iter().copied()).unwrap(), "2026-05-01"))
        };
        let may = known("may");
        assert!(may.len() > 10, "{mart}: {} rows", may.len());
        assert_eq!(may, known("june"), "{mart}");
    }
}

/// The order of the rows in the exports moves no figure. Calls of one case keep theirs: of two at the same time, the
/// one that stands first was the first.
#[test]
fn the_order_of_rows_does_not_matter() {
    let place = Place::new();
    place.awkward(13, &[]);
    for table in ["applications", "stages", "delays", "callbacks", "faults"] {
        shuffle(&place, table);
    }
    for data in ["data", "shuffled"] {
        place.report(&format!("of_{data}"), &["--data", data, "--as-of", "2026-06-30"]);
    }
    assert_ne!(place.bytes("data/stages.csv"), place.bytes("shuffled/stages.csv"));
    let (given, shuffled) = (place.files("of_data/marts"), place.files("of_shuffled/marts"));
    assert!(given.len() >= 7);
    for (name, bytes) in &given {
        assert!(Some(bytes) == shuffled.get(name), "{name} differs");
    }
}

/// Writes a table of `data` into `shuffled`, its rows by a hash of their key.
fn shuffle(place: &Place, table: &str) {
    let content = place.bytes(&format!("data/{table}.csv"));
    let mut reader = csv::Reader::from_reader(content.as_slice());
    let headers = reader.headers().unwrap().clone();
    let mut rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    let subject = headers.iter().position(|header| header == "subject_id");
    rows.sort_by_cached_key(|row| {
        let key = subject.map_or_else(|| row.iter().collect::<Vec<_>>().join("\n"), |subject| row[subject].to_owned());
        xxhash_rust::xxh3::xxh3_64(key.as_bytes())
    });
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    place.write(&format!("shuffled/{table}.csv"), writer.into_inner().unwrap());
}
