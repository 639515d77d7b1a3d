//! The generator of sample data: an invented utility, its applications, and the exports that it hands out.
//!
//! Chance is separated from life, life from rows, and rows from files: [`dice`] draws, [`story`] lives one application
//! and [`hotline`] one fault or complaint after the facts in [`world`], [`service`] adds what is done around them,
//! [`managers`], [`grid`] and [`monthly`] what is written down of everybody, [`rows`] lays it all out by the contract,
//! and either
//! [`canonical`] streams them as clean tables or [`exports`] writes what a marketing system would really hand out,
//! dirt ([`dirt`]) included. The dirt is only ever *added*: whoever rejects it is left with exactly the rows of the
//! canonical layout.
//!
//! The same plan gives the same bytes, and an application does not depend on how many others are asked for.

mod canonical;
mod case;
mod dice;
mod dirt;
mod exports;
mod grid;
mod hotline;
mod managers;
mod monthly;
mod rows;
mod service;
mod setting;
mod story;
mod world;

use std::path::{Path, PathBuf};

use crate::calendar::{Calendar, Day};
use crate::error::{Error, Result};

use self::canonical::Canonical;
use self::exports::Exports;
use self::rows::Push;
use self::setting::Setting;

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// How many applications; to every five of them there are three faults and some fifty stage passes. What is written
    /// down once a month, and the managers, do not grow with them.
    pub applications: u64,
    /// What chance starts from.
    pub seed: u64,
    /// How many months of applications, at least one.
    pub months: u32,
    /// The first day of the last month; the export is made on the third day after it.
    pub last_month: Day,
    /// The files of the canonical layout; exports have formats of their own.
    pub format: Format,
    /// Whose files they are.
    pub layout: Layout,
}

impl Default for Plan {
    fn default() -> Plan {
        Plan {
            applications: 1500,
            seed: 20_260_630,
            months: 24,
            last_month: Day(20_605), // 2026-06-01
            format: Format::Csv,
            layout: Layout::Exports,
        }
    }
}

/// The file format of canonical tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 text, ISO dates.
    Csv,
    /// Parquet, typed.
    Parquet,
}

/// Whose files are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A marketing system's: Chinese headers, several files and encodings, a little dirt. Held in memory.
    Exports,
    /// yekuo's own: clean canonical tables, streamed in constant memory.
    Canonical,
}

/// To how many applications there is a complaint.
const COMPLAINT_EVERY: u64 = 10;
/// To how many applications there is a request of somebody who has none.
const REQUEST_EVERY: u64 = 15;
/// How many applications pass between two calls of `progress`.
const PROGRESS_EVERY: u64 = 256;

/// Makes the sample in `folder` and returns its files, sorted; `progress` hears how many applications are done.
pub fn write(plan: &Plan, calendar: &Calendar, folder: &Path, progress: &mut dyn FnMut(u64)) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let setting = Setting::new(calendar, plan.seed, plan.last_month, plan.months);
    let mut files = match plan.layout {
        Layout::Exports => {
            let mut exports = Exports::default();
            fill(plan, &setting, progress, &mut |filled, row| {
                exports.push(filled, row);
                Ok(())
            })?;
            exports.write(plan, setting.exported_at, folder)?
        }
        Layout::Canonical => {
            let mut canonical = Canonical::create(plan.format, folder, setting.first_day())?;
            fill(plan, &setting, progress, &mut |filled, row| canonical.push(filled, row))?;
            canonical.finish()?
        }
    };
    files.sort();
    Ok(files)
}

/// Hands every row of the sample to `push`, case by case.
fn fill(plan: &Plan, setting: &Setting<'_>, progress: &mut dyn FnMut(u64), push: &mut Push<'_>) -> Result<()> {
    rows::of_setting(setting, push)?;
    for number in 0..plan.applications {
        let case = setting.case(number);
        let (outage, asked) = (setting.outage(number, &case), setting.coordination(number, &case));
        rows::of_case(&case, outage.as_ref(), asked.as_ref(), push)?;
        if number % 5 < 3 {
            let (fault, calls) = setting.fault(number / 5 * 3 + number % 5);
            rows::of_fault(&fault, &calls, push)?;
        }
        if number % COMPLAINT_EVERY == 5 {
            rows::of_complaint(&setting.complaint(number / COMPLAINT_EVERY), push)?;
        }
        if let Some(request) = (number % REQUEST_EVERY == 7).then(|| setting.request(number / REQUEST_EVERY)).flatten()
        {
            rows::of_request(&request, push)?;
        }
        if (number + 1) % PROGRESS_EVERY == 0 {
            progress(number + 1);
        }
    }
    progress(plan.applications);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::rows::Filled;
    use super::*;
    use crate::config::embedded_calendar;
    use crate::ingest::contract::{Kind, Parent};
    use crate::ingest::mapping::Mapping;
    use crate::lake::Value;
    use crate::words::Lang;
    use crate::{ingest, lake};

    fn small(applications: u64, layout: Layout) -> Plan {
        Plan { applications, layout, ..Plan::default() }
    }

    fn bytes(plan: &Plan) -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let files = write(plan, &embedded_calendar("cn").unwrap(), folder.path(), &mut |_| {}).unwrap();
        assert!(files.is_sorted());
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        files.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
    }

    fn table(plan: &Plan) -> Vec<(Filled, Vec<Value<'static>>)> {
        let calendar = embedded_calendar("cn").unwrap();
        let mut all = Vec::new();
        fill(
            plan,
            &Setting::new(&calendar, plan.seed, plan.last_month, plan.months),
            &mut |_| {},
            &mut |filled, row| {
                let mut exports = Exports::default();
                exports.push(filled, row);
                all.push((filled, exports.take(filled).remove(0)));
                Ok(())
            },
        )
        .unwrap();
        all
    }

    #[test]
    fn the_default_ends_in_june_2026() {
        assert_eq!(Plan::default().last_month.to_string(), "2026-06-01");
    }

    #[test]
    fn the_same_plan_gives_the_same_bytes() {
        for layout in [Layout::Exports, Layout::Canonical] {
            let plan = small(80, layout);
            assert_eq!(bytes(&plan), bytes(&plan));
            assert_ne!(bytes(&plan), bytes(&Plan { seed: 1, ..plan }));
        }
    }

    #[test]
    fn an_application_does_not_depend_on_how_many_there_are() {
        let (few, many) = (bytes(&small(40, Layout::Canonical)), bytes(&small(95, Layout::Canonical)));
        let standing = ["managers.csv", "surveys.csv", "restrictions.csv", "demands.csv"];
        for (name, text) in &few {
            assert!(many[name].starts_with(text), "{name}");
            assert_eq!(many[name].len() > text.len(), !standing.contains(&name.as_str()), "{name}");
        }
        let lines = |files: &BTreeMap<String, Vec<u8>>| files["applications.csv"].split(|b| *b == b'\n').count();
        assert_eq!((lines(&few), lines(&many)), (40 + 2, 95 + 2));
    }

    #[test]
    fn canonical_rows_satisfy_the_contract() {
        let plan = Plan { months: 7, ..small(700, Layout::Canonical) };
        let (mut keys, mut cases) = (BTreeSet::new(), BTreeSet::new());
        for (filled, row) in table(&plan) {
            let table = filled.table();
            let value = |column: &str| &row[table.position(column)];
            for (column, value) in table.columns.iter().zip(&row) {
                let fits = match (value, column.kind) {
                    (Value::Null, _) => !column.required,
                    (Value::Text(text), Kind::Choice { codes, .. }) => codes.iter().any(|(code, _)| code == text),
                    (Value::Text(text), Kind::Id | Kind::Text | Kind::Stage) => !text.is_empty(),
                    (Value::Integer(integer), Kind::Integer(low, high, _)) => (low..=high).contains(integer),
                    (Value::Number(number), Kind::Number(_)) => *number >= 0.0,
                    (Value::Number(number), Kind::Within(most, _)) => (0.0..=most).contains(number),
                    (Value::Date(day), Kind::Date) => day.is_known(),
                    (Value::Date(day), Kind::Month) => *day == day.month(),
                    (Value::Text(text), Kind::List) => text.split(';').all(|name| !name.is_empty()),
                    (Value::Text(text), Kind::Answers) => {
                        text.split(';').all(|answer| answer.split_once('@').is_some_and(|(who, _)| !who.is_empty()))
                    }
                    (Value::Instant(at), Kind::Instant) => at.day().is_known(),
                    (Value::Flag(_), Kind::Flag) => true,
                    _ => false,
                };
                assert!(fits, "{}.{} = {value:?}", table.name, column.name);
            }
            for (first, second) in table.order {
                if let (Value::Instant(first), Value::Instant(second)) = (value(first), value(second)) {
                    assert!(first <= second, "{row:?}");
                }
            }
            let key: Vec<String> = table.key.iter().map(|column| value(column).display()).collect();
            assert!(keys.insert((filled, key)), "{row:?}");
            match table.parent {
                Parent::None => {
                    cases.insert(row[0].display());
                }
                Parent::MaybeApplication if *value("application_id") == Value::Null => {}
                Parent::Application | Parent::MaybeApplication => {
                    assert!(cases.contains(&value("application_id").display()));
                }
                Parent::CallbackSubject => assert!(cases.contains(&value("subject_id").display())),
            }
        }
    }

    #[test]
    fn nothing_is_known_after_the_export() {
        let calendar = embedded_calendar("cn").unwrap();
        let plan = small(400, Layout::Canonical);
        let exported_at = Setting::new(&calendar, plan.seed, plan.last_month, plan.months).exported_at;
        assert_eq!(exported_at.to_string(), "2026-07-03 23:59:59");
        let exported_on = exported_at.day().to_string();
        for (filled, row) in table(&plan) {
            for (column, value) in filled.table().columns.iter().zip(&row) {
                let later = match value {
                    // A time limit is known before it has come.
                    Value::Instant(at) => *at > exported_at && column.name != "due_at",
                    Value::Date(month) => column.kind == Kind::Month && *month > exported_at.day(),
                    Value::Text(text) if column.kind == Kind::Answers => {
                        text.split(';').any(|answer| answer.split_once('@').unwrap().1[..10] > *exported_on)
                    }
                    _ => false,
                };
                assert!(!later, "{row:?}");
            }
        }
    }

    /// Makes a sample and reads it: what became of its rows, and the accepted ones of each table, in no order.
    fn read_back(plan: &Plan) -> (ingest::Ledger, BTreeMap<Filled, Vec<String>>) {
        let folder = tempfile::tempdir().unwrap();
        let [data, lake, rejects] = ["data", "lake", "rejects"].map(|name| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(&path).unwrap();
            path
        });
        write(plan, &embedded_calendar("cn").unwrap(), &data, &mut |_| {}).unwrap();
        let words = world::STEPS.iter().flat_map(|step| [(step.code, step.code), (step.zh, step.code)]);
        let stages = words.map(|(word, code)| (word.to_owned(), code.to_owned())).collect();
        let words = ingest::values::Vocabulary { stages, ..Default::default() };
        let (data, lake) = (data.as_path(), lake.as_path());
        let settings = ingest::Settings {
            data,
            mapping: &Mapping::default(),
            words: &words,
            lake,
            rejects: &rejects,
            lang: Lang::En,
        };
        let ledger = ingest::run(&settings, &|_, _| {}).unwrap();
        let mut accepted: BTreeMap<Filled, Vec<String>> = BTreeMap::new();
        for filled in Filled::ALL {
            let rows = accepted.entry(filled).or_default();
            for file in lake::raw_files(lake, filled.name()).unwrap() {
                let slice = lake::read(&file).unwrap();
                rows.extend((0..slice.height()).map(|at| {
                    let cells = filled
                        .table()
                        .columns
                        .iter()
                        .map(|column| slice.column(column.name).unwrap().get(at).unwrap().to_string());
                    cells.collect::<Vec<_>>().join("|")
                }));
            }
            rows.sort();
        }
        (ledger, accepted)
    }

    #[test]
    fn what_is_left_of_the_dirty_exports_is_clean() {
        let (_, clean) = read_back(&small(300, Layout::Canonical));
        let (_, dirty) = read_back(&small(300, Layout::Exports));
        for filled in Filled::ALL {
            // Some rows of these were typed by hand, without the time of day.
            let dated = matches!(filled, Filled::Stages | Filled::Delays);
            let rows = |of: &BTreeMap<Filled, Vec<String>>| {
                if dated { vec![of[&filled].len().to_string()] } else { of[&filled].clone() }
            };
            assert_eq!(rows(&dirty), rows(&clean), "{filled:?}");
            assert!(!clean[&filled].is_empty(), "{filled:?}");
        }
    }

    #[test]
    fn a_run_takes_a_sample_of_any_size() {
        for (applications, months) in [(20, 24), (21, 1), (60, 12)] {
            let plan = Plan { months, ..small(applications, Layout::Exports) };
            read_back(&plan).0.gate(0.05).unwrap_or_else(|error| panic!("{plan:?}: {error}"));
        }
    }

    #[test]
    fn every_kind_of_dirt_is_present_and_counted() {
        let files = bytes(&Plan::default());
        let readme = String::from_utf8(files["README.md"].clone()).unwrap();
        for filled in Filled::ALL {
            for (dirt, ..) in dirt::doses(filled) {
                let start = format!("| {} | {} |", filled.name(), dirt.words().0);
                let line = readme.lines().find(|line| line.starts_with(&start)).unwrap();
                let rows: u32 = line.split('|').nth(4).unwrap().trim().parse().unwrap();
                assert!(rows > 0, "{line}");
            }
        }
    }

    #[test]
    fn order_style_service_is_faster_at_the_same_size() {
        let mut days: BTreeMap<bool, Vec<i32>> = BTreeMap::new();
        let calendar = embedded_calendar("cn").unwrap();
        let setting = Setting::new(&calendar, 1, Plan::default().last_month, 24);
        for number in 0..4000 {
            let of = setting.case(number).application;
            let alike = of.voltage_kv == 10.0 && of.capacity_kva >= 2500.0 && of.supply == Some("single");
            if let (true, Some(energised_at)) = (alike, of.energised_at) {
                days.entry(of.promised_on.is_some()).or_default().push(energised_at.day().0 - of.accepted_at.day().0);
            }
        }
        let mean = |order: bool| f64::from(days[&order].iter().sum::<i32>()) / days[&order].len() as f64;
        let saved = mean(false) - mean(true);
        assert!((8.0..24.0).contains(&saved), "{saved} days saved");
    }
}
