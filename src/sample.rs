//! The generator of sample data: an invented utility, its applications, and the exports that it hands out.
//!
//! Chance is separated from life, life from rows, and rows from files: [`dice`] draws, [`story`] lives one application
//! and [`hotline`] one fault after the facts in [`world`], [`rows`] lays them out by the contract, and either
//! [`canonical`] streams them as clean tables or [`exports`] writes what a marketing system would really hand out,
//! dirt ([`dirt`]) included. The dirt is only ever *added*: whoever rejects it is left with exactly the rows of the
//! canonical layout.
//!
//! The same plan gives the same bytes, and an application does not depend on how many others are asked for.

mod canonical;
mod dice;
mod dirt;
mod exports;
mod hotline;
mod rows;
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
    /// How many applications; to every five of them there are three faults and some fifty stage passes.
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
    for number in 0..plan.applications {
        rows::of_case(&setting.case(number), push)?;
        if number % 5 < 3 {
            let (fault, calls) = setting.fault(number / 5 * 3 + number % 5);
            rows::of_fault(&fault, &calls, push)?;
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
    use crate::lake::Value;

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
        for (name, text) in &few {
            assert!(many[name].starts_with(text), "{name}");
            assert!(many[name].len() > text.len(), "{name}");
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
                    (Value::Text(text), Kind::List | Kind::Answers) => !text.is_empty(),
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
                Parent::None => assert!(cases.insert(row[0].display())),
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
        for (_, row) in table(&plan) {
            for value in &row {
                assert!(!matches!(value, Value::Instant(at) if *at > exported_at), "{row:?}");
            }
        }
    }

    #[test]
    fn every_kind_of_dirt_is_present_and_counted() {
        let files = bytes(&small(60, Layout::Exports));
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
