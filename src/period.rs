//! What a report is about: its as-of day, the days since the last one, and the last one itself.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::disk;
use crate::error::{Error, Result};
use crate::words::{Lang, Words};

/// How often a pipeline reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// At the end of a month.
    #[default]
    Month,
    /// On Sundays.
    Week,
    /// On the 15th and at the end of a month.
    HalfMonth,
    /// Every day.
    Day,
}

impl Rhythm {
    /// The last day that ends a period of this rhythm and that the data hold whole: something was begun after it, or on
    /// it. `begun` are the first and the last day on which something was; data of a single month are held to be whole.
    pub fn as_of(self, begun: RangeInclusive<Day>) -> Day {
        let (first, last) = begun.into_inner();
        match self {
            Rhythm::Month if last == last.month_end() || last.month() == first.month() => last.month_end(),
            Rhythm::Month => last.month().plus_days(-1),
            Rhythm::Day => last,
            // 1970-01-04 was a Sunday.
            Rhythm::Week => last.plus_days(-(last.0 - 3).rem_euclid(7)),
            Rhythm::HalfMonth if last == last.month_end() => last,
            Rhythm::HalfMonth => {
                let middle = last.month().plus_days(14);
                if last >= middle { middle } else { last.month().plus_days(-1) }
            }
        }
    }

    /// The last day of the period after the one that ends on `as_of`.
    pub fn next(self, as_of: Day) -> Day {
        let middle = as_of.month().plus_days(14);
        match self {
            Rhythm::Month => as_of.plus_days(1).month_end(),
            Rhythm::Week => as_of.plus_days(7),
            Rhythm::HalfMonth if as_of < middle => middle,
            Rhythm::HalfMonth if as_of < as_of.month_end() => as_of.month_end(),
            Rhythm::HalfMonth => as_of.plus_days(15),
            Rhythm::Day => as_of.plus_days(1),
        }
    }

    /// The first day of the period that ends on `as_of`.
    pub fn first_day(self, as_of: Day) -> Day {
        match self {
            Rhythm::Month => as_of.month(),
            Rhythm::Week => as_of.plus_days(-6),
            Rhythm::HalfMonth if as_of <= as_of.month().plus_days(14) => as_of.month(),
            Rhythm::HalfMonth => as_of.month().plus_days(15),
            Rhythm::Day => as_of,
        }
    }
}

/// The period of one report.
#[derive(Debug, Clone)]
pub struct Period {
    /// How often there is a report.
    pub rhythm: Rhythm,
    /// Its first day: the day after the last report, or that of the rhythm.
    pub from: Day,
    /// Its last day, which is the as-of day.
    pub to: Day,
    /// The last report, where there is one.
    pub previous: Option<Previous>,
    /// Which publication of the period's report it is.
    pub edition: Edition,
}

/// Which publication of a period's report it is.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Its number, from 1.
    pub number: u32,
    /// The one before it, where there is one and it is still there.
    pub before: Option<Before>,
}

impl Edition {
    /// The first of a period.
    const FIRST: Edition = Edition { number: 1, before: None };
}

/// An earlier edition of a report.
#[derive(Debug, Clone)]
pub struct Before {
    /// Its folder.
    pub folder: PathBuf,
    /// Its number.
    pub number: u32,
}

/// An earlier report of the same pipeline.
#[derive(Debug, Clone)]
pub struct Previous {
    /// Its folder.
    pub folder: PathBuf,
    /// Its as-of day.
    pub as_of: Day,
}

impl Period {
    /// The period that ends on `as_of`, after the report before it.
    pub fn new(rhythm: Rhythm, as_of: Day, previous: Option<Previous>) -> Period {
        let from = previous.as_ref().map_or_else(|| rhythm.first_day(as_of), |before| before.as_of.plus_days(1));
        Period { rhythm, from, to: as_of, previous, edition: Edition::FIRST }
    }

    /// The period as people write it, with the edition from the second on.
    pub fn label(&self, lang: Lang) -> String {
        let Period { from, to, .. } = self;
        let period = match self.rhythm {
            Rhythm::Month => to.month_label(),
            Rhythm::Day if from == to => to.to_string(),
            _ => lang.pick(format!("{from} 至 {to}"), format!("{from} to {to}")),
        };
        match self.edition.number {
            1 => period,
            number => lang.pick(format!("{period} 第 {number} 版"), format!("{period}, edition {number}")),
        }
    }
}

/// The part of `run.json` that says which report a folder holds.
#[derive(Deserialize)]
struct Described {
    pipeline: String,
    as_of: Day,
    #[serde(default)]
    edition: u32,
    #[serde(default)]
    lang: String,
}

fn described(folder: &Path) -> Option<Described> {
    serde_json::from_slice(&disk::small(&folder.join("run.json"))?).ok()
}

impl Previous {
    /// The report in a folder, which must be of this pipeline and of an earlier day.
    pub fn at(folder: &Path, pipeline: &str, as_of: Day) -> Result<Previous> {
        let problem = match described(folder) {
            None => Words { zh: "其中没有报告".to_owned(), en: "there is no report in it".to_owned() },
            Some(Described { pipeline: name, .. }) if name != pipeline => Words {
                zh: format!("它是流水线 {name} 的报告，不是 {pipeline} 的"),
                en: format!("its report is of the pipeline `{name}`, not of `{pipeline}`"),
            },
            Some(Described { as_of: day, .. }) if day >= as_of => Words {
                zh: format!("它的统计日是 {day}，不早于 {as_of}"),
                en: format!("its report is of {day}, not before {as_of}"),
            },
            Some(Described { as_of, .. }) => return Ok(Previous { folder: folder.to_owned(), as_of }),
        };
        Err(Error::Since { path: folder.to_owned(), problem })
    }

    /// Whether a folder has the report of a pipeline and a day.
    pub(crate) fn is_of(folder: &Path, pipeline: &str, as_of: Day) -> bool {
        described(folder).is_some_and(|described| described.pipeline == pipeline && described.as_of == as_of)
    }

    /// The report in a folder, whatever pipeline it is of.
    pub(crate) fn in_folder(folder: &Path) -> Result<Previous> {
        let found = described(folder).map(|Described { as_of, .. }| Previous { folder: folder.to_owned(), as_of });
        found.ok_or_else(|| Error::NoReport { path: folder.to_owned() })
    }

    /// The newest report in a folder of reports; of one pipeline, where its file or name is given.
    pub fn newest(reports: &Path, pipeline: Option<&Path>) -> Option<Previous> {
        let wanted = pipeline.and_then(Path::file_stem).map(|stem| stem.to_string_lossy().into_owned());
        let reports = std::fs::read_dir(reports).ok()?.filter_map(|entry| {
            let folder = entry.ok()?.path();
            let Described { pipeline: name, as_of, .. } = described(&folder)?;
            wanted.as_ref().is_none_or(|wanted| *wanted == name).then_some(Previous { folder, as_of })
        });
        reports.max_by(|a, b| a.as_of.cmp(&b.as_of).then_with(|| b.folder.cmp(&a.folder)))
    }

    /// The newest earlier report of a pipeline in some folders of reports; of one day, that in a language before others.
    pub fn beside(reports: &[&Path], pipeline: &str, as_of: Day, lang: Lang) -> Option<Previous> {
        let folders = reports.iter().flat_map(std::fs::read_dir).flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let earlier = folders.filter_map(|folder| {
            let Described { pipeline: name, as_of: day, edition, lang: own } = described(&folder)?;
            (name == pipeline && day < as_of).then_some(((day, own == lang.code(), edition), folder))
        });
        let newest = earlier.max_by(|(a, b), (c, d)| a.cmp(c).then_with(|| d.cmp(b)));
        newest.map(|((as_of, ..), folder)| Previous { folder, as_of })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_period_ends_where_the_rhythm_says() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        for (rhythm, as_of, next) in [
            (Rhythm::Month, "2026-01-31", "2026-02-28"),
            (Rhythm::Month, "2026-06-12", "2026-06-30"),
            (Rhythm::Week, "2026-06-28", "2026-07-05"),
            (Rhythm::HalfMonth, "2026-06-15", "2026-06-30"),
            (Rhythm::HalfMonth, "2026-06-30", "2026-07-15"),
            (Rhythm::HalfMonth, "2026-06-03", "2026-06-15"),
            (Rhythm::Day, "2026-12-31", "2027-01-01"),
        ] {
            assert_eq!(rhythm.next(day(as_of)), day(next), "{rhythm:?} {as_of}");
        }
    }

    #[test]
    fn a_period_begins_where_the_rhythm_says_or_after_the_last_report() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        for (rhythm, as_of, from) in [
            (Rhythm::Month, "2026-06-30", "2026-06-01"),
            (Rhythm::Week, "2026-06-28", "2026-06-22"),
            (Rhythm::HalfMonth, "2026-06-15", "2026-06-01"),
            (Rhythm::HalfMonth, "2026-06-30", "2026-06-16"),
            (Rhythm::Day, "2026-06-30", "2026-06-30"),
        ] {
            assert_eq!(rhythm.first_day(day(as_of)), day(from), "{rhythm:?}");
        }
        let previous = Some(Previous { folder: PathBuf::new(), as_of: day("2026-06-10") });
        assert_eq!(Period::new(Rhythm::Week, day("2026-06-28"), previous).from, day("2026-06-11"));
    }
}
