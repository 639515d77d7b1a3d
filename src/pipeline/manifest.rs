//! `run.json`: what a report was made from, by what, and what it is made of.
//!
//! It does not depend on the clock or the machine: the same exports with the same as-of day give the same bytes.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::phases::{Clean, Counted, Lake};
use super::publish;
use crate::calendar::Day;
use crate::cases::EventLog;
use crate::cases::apart::Kept;
use crate::clean::Totals;
use crate::clock::Pending;
use crate::config::SourceUsed;
use crate::contract;
use crate::disk;
use crate::error::{Error, Result, Stale};
use crate::ingest::survey::Survey;
use crate::ingest::{self, FileLedger, Incomplete, Ledger, Reason};
use crate::report::headline::Headline;
use crate::report::{HandedOut, Reached, Shown};
use crate::rules::only::Only;
use crate::spelling::Joined;
use crate::words::{Lang, Words};

/// What `run.json` holds.
#[derive(Debug, Serialize)]
pub struct Manifest {
    /// The program and its version.
    pub program: String,
    /// The pipeline's name.
    pub pipeline: String,
    /// What it is called.
    pub title: String,
    /// The days that it is about, in words.
    pub period: String,
    /// The last day that was known.
    pub as_of: Day,
    /// Whether it is for everybody.
    pub public: bool,
    /// Which publication of the period's report it is, from 1.
    pub edition: u32,
    /// The first day of the report's period.
    pub period_from: String,
    /// The as-of day of the report that it was compared with.
    pub since: Option<String>,
    /// The language of the report.
    pub lang: &'static str,
    /// What the figures were computed by.
    pub settings: Settings,
    /// Which applications it is about; absent: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<About>,
    /// The bureaus whose applications it is about.
    #[serde(skip)]
    pub bureaus: Vec<String>,
    /// The source mapping that the exports were read by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceUsed>,
    /// The years that the figures touch and the calendar does not cover.
    pub uncovered_years: Vec<i32>,
    /// The newest event of the exports.
    pub data_until: Option<String>,
    /// What of the exports ends too early, where that was allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<Stale>,
    /// Names that the exports spell in several ways, each counted as one; none in a public report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub joined_names: Vec<Joined>,
    /// What makes the figures doubtful as a whole, in words.
    pub doubts: Vec<Words>,
    /// What was made of the events of the exports: starts paired with completes, and what begins in one moment.
    pub events: EventLog,
    /// One line per file: its hash and the outcome of its rows.
    pub inputs: Inputs,
    /// What was used of every file, sheet and header, what was not, and which columns are absent;
    /// not in public reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub survey: Option<Survey>,
    /// How many rows were rejected, by table and reason.
    pub rejects: Vec<Reason>,
    /// Accepted cases that lost rows, by table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<Incomplete>,
    /// How the figures stand to the targets in force.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Reached>,
    /// The figures at the top of the page, as they are shown.
    pub headlines: Vec<Headline>,
    /// The workbooks that are handed out, each with whom it is for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handouts: Vec<HandedOut>,
    /// What the clock counted.
    pub cases: Totals,
    /// The marts and their rows.
    pub marts: Vec<MartRows>,
    /// Every other file of the report.
    pub artefacts: Vec<Artefact>,
}

/// Lines of what is wrong with the rejected rows of a table that a terminal shows.
const MOST_ALIKE: usize = 3;

/// What became of the rows of each file, in reading order.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Inputs {
    files: Vec<FileLedger>,
    /// What was wrong with rejected rows, by table.
    #[serde(skip)]
    alike: BTreeMap<&'static str, Vec<Words>>,
    #[serde(skip)]
    incomplete: Vec<Incomplete>,
}

impl From<Ledger> for Inputs {
    fn from(ledger: Ledger) -> Inputs {
        Inputs { files: ledger.files, alike: ledger.alike, incomplete: ledger.incomplete }
    }
}

impl Inputs {
    /// A line per file, and what is wrong with rejected rows, for a terminal.
    pub fn text(&self, lang: Lang) -> String {
        let files = self.files.iter().map(|entry| self.line(entry, lang));
        let wrong = self.alike.iter().flat_map(|(table, lines)| {
            let title = contract::title(table, lang);
            lines.iter().take(MOST_ALIKE).map(move |line| {
                let line = line.get(lang);
                lang.pick(format!("  拒收（{title}）：{line}"), format!("  rejected of {title}: {line}"))
            })
        });
        let incomplete = self.incomplete.iter().map(|lost| lost.say(lang));
        files.chain(wrong).chain(incomplete).collect::<Vec<_>>().join("\n")
    }

    fn line(&self, entry: &FileLedger, lang: Lang) -> String {
        let FileLedger { table, file, read, accepted, rejected, duplicate, filled, groups, .. } = entry;
        // An event log is the file of several tables.
        let shared = self.files.iter().any(|other| other.file == *file && other.table != *table);
        let file = if shared { format!("{file} · {}", contract::title(table, lang)) } else { file.clone() };
        let line = lang.pick(
            format!("  {file}：读入 {read} = 接受 {accepted} + 拒收 {rejected} + 重复 {duplicate}"),
            format!("  {file}: {read} read = {accepted} accepted + {rejected} rejected + {duplicate} duplicate"),
        );
        let line = match filled.values().sum::<u64>() {
            0 => line,
            cells => {
                line + &lang.pick(format!("；缺省值补填 {cells} 格"), format!("; {cells} cells filled with defaults"))
            }
        };
        let more = groups.iter().map(|grouped| grouped.say(table, lang)).chain(entry.statuses(lang));
        more.fold(line, |line, more| line + lang.pick("；", "; ") + &more)
    }
}

/// The settings of a run.
#[derive(Debug, Serialize)]
pub struct Settings {
    calendar: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    covered: [i32; 2],
    standards: String,
    excludable_causes: Vec<String>,
    pending: Pending,
    require_timely_report: bool,
    open_claim_wd: u16,
    idle_wd: u16,
    announce_days: u16,
    warn_wd: u16,
    warn_elapsed: f64,
    warn_p_on_time: f64,
    min_cases: u16,
    min_arm: u16,
    min_at_risk: u16,
    promises: Vec<&'static str>,
    fault_days: u16,
    remind_wd: u16,
    fresh_wd: u16,
    max_rejects: f64,
}

/// Which applications a report is about, where it is not about all of them.
#[derive(Debug, Serialize)]
pub struct About {
    #[serde(flatten)]
    asked: Only,
    /// The same in words.
    said: String,
    applications: usize,
    of: usize,
}

impl About {
    /// Which, and how many of all.
    pub fn say(&self, lang: Lang) -> String {
        let About { asked, applications, of, .. } = self;
        let asked = asked.say(lang);
        lang.pick(
            format!("只含：{asked}（{of} 户中的 {applications} 户）"),
            format!("about {asked} only ({applications} of {of} applications)"),
        )
    }
}

/// A mart's rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MartRows {
    name: String,
    rows: usize,
}

/// A file of the report.
#[derive(Debug, Serialize)]
pub struct Artefact {
    path: String,
    bytes: u64,
    sha256: String,
}

impl Artefact {
    /// The files of a report but those that are about the others.
    pub fn list(folder: &Path) -> Result<Vec<Artefact>> {
        let is_of_report = |path: &Path| {
            ![publish::MANIFEST, publish::SIGNED].map(Path::new).contains(&path) && !publish::is_litter(path)
        };
        let files = disk::files(folder)?.into_iter().filter(|path| is_of_report(path));
        let artefacts = files.map(|path| {
            let found = ingest::fingerprint(&folder.join(&path))?;
            let path = path.to_string_lossy().replace('\\', "/");
            Ok(Artefact { path, bytes: found.bytes, sha256: found.sha256 })
        });
        artefacts.collect()
    }
}

impl Manifest {
    /// Describes a report that is built in `folder`.
    pub(super) fn new(
        clean: Clean<'_>,
        marts: Vec<MartRows>,
        shown: Shown,
        doubts: Vec<Words>,
        folder: &Path,
    ) -> Result<Manifest> {
        let Clean { lake, mut ledger, facts, stale, period, .. } = clean;
        let bureaus = facts.told();
        let Facts { kept, totals, uncovered_years, reach, joined, events, .. } = facts;
        let Lake { config, lang, .. } = lake;
        let pipeline = &config.pipeline;
        Ok(Manifest {
            program: format!("yekuo {}", env!("CARGO_PKG_VERSION")),
            pipeline: pipeline.name.clone(),
            title: pipeline.title.get(lang).to_owned(),
            period: period.label(lang),
            as_of: period.to,
            public: pipeline.public,
            edition: period.edition.number,
            period_from: period.from.to_string(),
            since: period.previous.as_ref().map(|previous| previous.as_of.to_string()),
            lang: lang.code(),
            settings: Settings {
                calendar: pipeline.calendar.clone(),
                time_zone: config.zone.map(|zone| zone.to_string()),
                covered: config.calendar.covered(),
                standards: pipeline.standards.clone(),
                excludable_causes: pipeline.excludable_causes.clone(),
                pending: pipeline.pending,
                require_timely_report: pipeline.require_timely_report,
                open_claim_wd: pipeline.open_claim_wd,
                idle_wd: pipeline.idle_wd,
                announce_days: pipeline.announce_days,
                warn_wd: pipeline.warn_wd,
                warn_elapsed: pipeline.warn_elapsed,
                warn_p_on_time: pipeline.warn_p_on_time,
                min_cases: pipeline.min_cases,
                min_arm: pipeline.min_arm,
                min_at_risk: pipeline.min_at_risk,
                promises: pipeline.promises.iter().map(|promise| promise.code()).collect(),
                fault_days: pipeline.fault_days,
                remind_wd: pipeline.remind_wd,
                fresh_wd: pipeline.fresh_wd,
                max_rejects: pipeline.max_rejects,
            },
            only: kept.map(|Kept { applications, of }| About {
                asked: pipeline.only.clone(),
                said: pipeline.only.say(lang),
                applications,
                of,
            }),
            bureaus,
            source: config.source.clone(),
            uncovered_years,
            data_until: reach.map(|reach| reach.all.until.to_string()),
            stale,
            doubts,
            joined_names: if pipeline.public { Vec::new() } else { joined },
            events,
            rejects: ledger.reasons.clone(),
            incomplete: ledger.incomplete.clone(),
            // What is for everybody lists no headers.
            survey: (!pipeline.public).then(|| std::mem::take(&mut ledger.survey)),
            inputs: ledger.into(),
            targets: shown.targets,
            headlines: shown.headlines,
            handouts: shown.handouts,
            cases: totals,
            marts,
            artefacts: Artefact::list(folder)?,
        })
    }

    /// What stands in `run.json`.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        bytes(self)
    }
}

/// Writes `run.json` into a folder that is being built.
pub fn write(folder: &Path, manifest: &impl Serialize) -> Result<()> {
    disk::write(&folder.join(publish::MANIFEST), &bytes(manifest)?)
}

fn bytes(manifest: &impl Serialize) -> Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(manifest).map_err(Error::render(publish::MANIFEST))?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl Counted<'_> {
    /// The marts of the report and their rows.
    pub(super) fn published_marts(&self) -> Vec<MartRows> {
        let pipeline = &self.clean.lake.config.pipeline;
        let is_published = |name: &str| !pipeline.public || pipeline.tables.iter().any(|named| named == name);
        let published = self.marts.rows().filter(|(name, _)| is_published(name));
        published.map(|(name, rows)| MartRows { name: name.to_owned(), rows }).collect()
    }
}
