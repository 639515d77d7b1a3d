//! Sample data for yekuo: an invented utility, its applications, and the exports that it hands out.
//!
//! Chance is separated from life, life from rows, and rows from files: [`dice`] draws, [`story`] lives one application
//! and [`hotline`] one fault or complaint after the facts in [`world`], [`service`] and [`dealings`] add what is done around them,
//! [`managers`], [`grid`] and [`monthly`] what is written down of everybody, [`rows`] lays it all out by [`tables`],
//! and either [`canonical`] streams them as clean tables or [`exports`] writes what a marketing system would really
//! hand out, dirt ([`dirt`]) included. The dirt is only ever *added*: whoever rejects it is left with exactly the rows
//! of the canonical layout.
//!
//! The same [`Sample`] gives the same bytes, and an application does not depend on how many others are asked for.
//!
//! Of yekuo this knows the calendar and nothing else: the invented utility's tables, headers and words are its own, as
//! a real one's are, so that whoever reads them is tested and not merely repeated.

mod canonical;
mod case;
mod dealings;
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
mod tables;
mod value;
mod world;

use std::io;
use std::path::{Path, PathBuf};

use yekuo_calendar::{Calendar, Day};

use self::canonical::Canonical;
use self::dealings::Around;
use self::exports::Exports;
use self::rows::Push;
use self::setting::Setting;

pub use self::tables::{Column, Table};
pub use self::value::Value;

/// Why a sample could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A library refused what was to become of a file.
    #[error("cannot make {}: {source}", path.display())]
    Made {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { action, path, source }
    }

    fn made<E: Into<Box<dyn std::error::Error + Send + Sync>>>(path: &Path) -> impl FnOnce(E) -> Error {
        let path = path.to_owned();
        move |refused| Error::Made { path, source: refused.into() }
    }
}

/// What is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// How many applications; to every five of them there are three faults and some fifty stage passes. What is written
    /// down once a month, and the managers, do not grow with them.
    pub applications: u64,
    /// What chance starts from.
    pub seed: u64,
    /// How many months of applications, at least one.
    pub months: u32,
    /// The first day of the last month; the export is made on the third day after it.
    pub last_month: Day,
}

impl Default for Sample {
    fn default() -> Sample {
        Sample {
            applications: 1500,
            seed: 20_260_630,
            months: 24,
            last_month: Day(20_605), // 2026-06-01
        }
    }
}

/// To how many applications there is a complaint.
const COMPLAINT_EVERY: u64 = 10;
/// To how many applications there is a request of somebody who has none.
const REQUEST_EVERY: u64 = 15;

impl Sample {
    /// Writes what a marketing system would hand out into `folder`, and returns the files, sorted: Chinese headers,
    /// several files and encodings, a little dirt. Held in memory.
    pub fn exports(&self, calendar: &Calendar, folder: &Path) -> Result<Vec<PathBuf>> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut exports = Exports::default();
        self.rows(calendar, &mut |table, row| {
            exports.push(table, row);
            Ok(())
        })?;
        let mut files = exports.write(self, self.setting(calendar).exported_at, folder)?;
        files.sort();
        Ok(files)
    }

    /// Writes clean tables with yekuo's own names into `folder`, and returns the files, sorted: UTF-8, ISO dates.
    /// Streamed in constant memory.
    pub fn canonical(&self, calendar: &Calendar, folder: &Path) -> Result<Vec<PathBuf>> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut canonical = Canonical::create(folder, self.setting(calendar).first_day())?;
        self.rows(calendar, &mut |table, row| canonical.push(table, row))?;
        let mut files = canonical.finish()?;
        files.sort();
        Ok(files)
    }

    /// Hands every row of the clean tables to `push`, case by case, each a value per column of its table.
    pub fn rows<E>(&self, calendar: &Calendar, push: &mut Push<'_, E>) -> std::result::Result<(), E> {
        let setting = self.setting(calendar);
        rows::of_setting(&setting, push)?;
        for number in 0..self.applications {
            let case = setting.case(number);
            let around = Around {
                sort: setting.sort(number, &case.application),
                outage: setting.outage(number, &case),
                asked: setting.coordination(number, &case),
                visit: setting.visit(number, &case),
                actions: setting.actions(number, &case),
                verifications: setting.verifications(number, &case),
            };
            rows::of_case(&case, &around, push)?;
            if number % 5 < 3 {
                let (fault, calls) = setting.fault(number / 5 * 3 + number % 5);
                rows::of_fault(&fault, &calls, push)?;
            }
            if number % COMPLAINT_EVERY == 5 {
                rows::of_complaint(&setting.complaint(number / COMPLAINT_EVERY), push)?;
            }
            let asks = number % REQUEST_EVERY == 7;
            if let Some(request) = asks.then(|| setting.request(number / REQUEST_EVERY)).flatten() {
                rows::of_request(&request, push)?;
            }
        }
        Ok(())
    }

    fn setting<'c>(&self, calendar: &'c Calendar) -> Setting<'c> {
        Setting::new(calendar, self.seed, self.last_month, self.months)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use yekuo_calendar::CalendarFile;

    use super::*;

    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
        let file: CalendarFile = toml::from_str(include_str!("../../../pipelines/calendars/cn.toml")).unwrap();
        Calendar::new(&file).unwrap()
    });

    type Write = fn(&Sample, &Calendar, &Path) -> Result<Vec<PathBuf>>;

    fn bytes(write: Write, sample: &Sample) -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let files = write(sample, &CALENDAR, folder.path()).unwrap();
        assert!(files.is_sorted());
        let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
        files.iter().map(|path| (name(path), std::fs::read(path).unwrap())).collect()
    }

    fn of(applications: u64) -> Sample {
        Sample { applications, ..Sample::default() }
    }

    #[test]
    fn the_default_ends_in_june_2026() {
        assert_eq!(Sample::default().last_month.to_string(), "2026-06-01");
    }

    #[test]
    fn the_same_sample_gives_the_same_bytes() {
        for write in [Sample::exports as Write, Sample::canonical] {
            assert_eq!(bytes(write, &of(80)), bytes(write, &of(80)));
            assert_ne!(bytes(write, &of(80)), bytes(write, &Sample { seed: 1, ..of(80) }));
        }
    }

    #[test]
    fn an_application_does_not_depend_on_how_many_there_are() {
        let (few, many) = (bytes(Sample::canonical, &of(40)), bytes(Sample::canonical, &of(95)));
        let standing = ["managers.csv", "surveys.csv", "restrictions.csv", "demands.csv"];
        for (name, text) in &few {
            assert!(many[name].starts_with(text), "{name}");
            assert_eq!(many[name].len() > text.len(), !standing.contains(&name.as_str()), "{name}");
        }
        let lines = |files: &BTreeMap<String, Vec<u8>>| files["applications.csv"].split(|b| *b == b'\n').count();
        assert_eq!((lines(&few), lines(&many)), (40 + 2, 95 + 2));
    }

    #[test]
    fn every_row_has_a_value_per_column() {
        let rows = of(60).rows(&CALENDAR, &mut |table, row| {
            assert_eq!(row.len(), table.columns().len(), "{table:?}");
            Ok::<(), Error>(())
        });
        rows.unwrap();
    }

    #[test]
    fn nothing_is_known_after_the_export() {
        let exported_at = of(400).setting(&CALENDAR).exported_at;
        assert_eq!(exported_at.to_string(), "2026-07-03 23:59:59");
        let exported_on = exported_at.day().to_string();
        let rows = of(400).rows(&CALENDAR, &mut |table, row| {
            for (column, value) in table.columns().iter().zip(row) {
                let later = match value {
                    // A time limit is known before it has come.
                    Value::Instant(at) => *at > exported_at && column.name != "due_at",
                    Value::Date(month) => {
                        matches!(column.content, tables::Content::Month) && *month > exported_at.day()
                    }
                    Value::Text(text) if matches!(column.content, tables::Content::Answers) => {
                        text.split(';').any(|answer| answer.split_once('@').unwrap().1[..10] > *exported_on)
                    }
                    _ => false,
                };
                assert!(!later, "{row:?}");
            }
            Ok::<(), Error>(())
        });
        rows.unwrap();
    }

    #[test]
    fn every_kind_of_dirt_is_present_and_counted() {
        let files = bytes(Sample::exports, &Sample::default());
        let readme = String::from_utf8(files["README.md"].clone()).unwrap();
        for table in Table::ALL {
            for (dirt, ..) in dirt::doses(table) {
                let start = format!("| {} | {} |", table.name(), dirt.words().0);
                let line = readme.lines().find(|line| line.starts_with(&start)).unwrap();
                let rows: u32 = line.split('|').nth(4).unwrap().trim().parse().unwrap();
                assert!(rows > 0, "{line}");
            }
        }
    }

    #[test]
    fn order_style_service_is_faster_at_the_same_size() {
        let mut days: BTreeMap<bool, Vec<i32>> = BTreeMap::new();
        let setting = Sample { seed: 1, ..Sample::default() }.setting(&CALENDAR);
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
