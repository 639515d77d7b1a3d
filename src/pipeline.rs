//! A plan is run: the steps in their order, progress, and publication.
//!
//! Only this module knows the order; the others take paths and settings and give back paths and counts. Everything is
//! built in a folder beside the output and renamed into place at the end, so that the report before it stays whole at
//! every moment.

pub mod manifest;
pub mod publish;

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};

use crate::calendar::Day;
use crate::clock::cases::Cases;
use crate::clock::records::{Given, Records};
use crate::clock::service::{self, Parameters};
use crate::clock::{Clock, clean};
use crate::config::{self, Config};
use crate::error::{Error, Gate, Result};
use crate::ingest::{self, Ledger};
use crate::marts::Catalogue;
use crate::marts::engine::Engine;
use crate::period::{Period, Previous};
use crate::report::{self, Contents};
use crate::words::Lang;
use manifest::Manifest;
use publish::Staging;

/// What is to be run, as the command line says it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The pipeline file; `None`: the embedded monthly one.
    pub pipeline: Option<PathBuf>,
    /// The folder of canonical exports, instead of the one that the pipeline names.
    pub data: Option<PathBuf>,
    /// The source mapping, instead of the one that the pipeline names.
    pub source: Option<PathBuf>,
    /// The last day that is known; `None`: that of the last complete period in the data.
    pub as_of: Option<Day>,
    /// Where the report goes; `None`: `reports/<pipeline>-<as-of>`.
    pub out: Option<PathBuf>,
    /// Where the lake goes; `None`: `lake/<name of the report>` beside it.
    pub lake: Option<PathBuf>,
    /// The report to compare with; `None`: the newest earlier one of the pipeline beside the report.
    pub since: Option<PathBuf>,
    /// The language of the report; `None`: the pipeline's.
    pub lang: Option<Lang>,
}

/// A plan whose configuration has been read.
pub struct Prepared {
    /// The configuration.
    pub config: Config,
    /// The marts and audits.
    pub catalogue: Catalogue,
    /// The headlines and charts.
    pub contents: Contents,
    /// The folder of the exports.
    pub data: PathBuf,
    /// The language of the report.
    pub lang: Lang,
    /// On the last days of how many months before the as-of day forecasts are replayed.
    pub replayed_months: u32,
}

/// A year of replays, so that every season counts once.
pub const REPLAYED_MONTHS: u32 = 12;

impl Plan {
    /// Reads everything that the plan names, and finds it to be right.
    pub fn prepare(&self) -> Result<Prepared> {
        let mut config = Config::load(self.pipeline.as_deref())?;
        let catalogue = Catalogue::open(&config.files("marts")?, &config.files("audits")?)?;
        let contents = Contents::read(&config, &catalogue)?;
        match (&self.source, &self.data) {
            (Some(source), _) => config.mapping = config::mapping(source)?,
            // A folder given by hand has the usual names: the mapping is for the pipeline's own exports.
            (None, Some(_)) => config.mapping = ingest::mapping::Mapping::default(),
            (None, None) => {}
        }
        let data = match &self.data {
            Some(data) => data.clone(),
            None => config.data().ok_or(Error::NoExports)?,
        };
        let lang = self.lang.unwrap_or(config.pipeline.lang);
        Ok(Prepared { config, catalogue, contents, data, lang, replayed_months: REPLAYED_MONTHS })
    }

    /// The folder in which the report is built and published, and where things are kept that are no report.
    pub fn parent(&self) -> PathBuf {
        let parent = self.out.as_ref().and_then(|out| out.parent().map(Path::to_owned));
        match parent {
            None => PathBuf::from("reports"),
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent,
        }
    }
}

/// What a run published.
#[derive(Debug)]
pub struct Published {
    /// The report.
    pub out: PathBuf,
    /// The lake.
    pub lake: PathBuf,
    /// The as-of day.
    pub as_of: Day,
    /// What `run.json` says.
    pub manifest: Manifest,
}

/// Exports read and gathered into cases, in a folder that is not published yet.
pub struct Gathered {
    /// What became of every row.
    pub ledger: Ledger,
    /// The cases.
    pub cases: Cases,
    /// What stands beside their stages, as known on the as-of day.
    pub records: Records,
    /// Which tables there are.
    pub given: Given,
    /// The as-of day.
    pub as_of: Day,
}

/// Reads the exports into `<lake>/raw` and gathers the cases.
pub fn gather(prepared: &Prepared, as_of: Option<Day>, lake: &Path, rejects: &Path, steps: &Steps) -> Result<Gathered> {
    let Prepared { config, data, lang, .. } = prepared;
    let words = config.vocabulary();
    let settings = ingest::Settings { data, mapping: &config.mapping, words: &words, lake, rejects, lang: *lang };
    let ledger = ingest::run(&settings, &|table, rows| steps.rows(table, rows))?;
    ledger.gate(config.pipeline.max_rejects)?;
    steps.step(lang.pick("整理工单", "gathering cases"));
    let cases = Cases::gather(lake, &config.process)?;
    let as_of = as_of.or_else(|| config.pipeline.rhythm.as_of(&cases)).unwrap_or(Day::FIRST);
    let records = Records::gather(lake, as_of)?;
    let given = Given::of(lake)?;
    Ok(Gathered { ledger, cases, records, given, as_of })
}

/// Without a report the list of rejects is what the user needs: it is kept beside, and the error says where.
pub fn keep_rejects(error: Error, staging: &Staging, rejects: &Path, kept: &Path) -> Error {
    match error {
        Error::Gate { gate: Gate::Rejects { table, read, accepted, rejected, max_rejects, .. } } => {
            let gate = Gate::Rejects { table, read, accepted, rejected, max_rejects, kept: Some(kept.to_owned()) };
            staging.publish(rejects, kept).err().unwrap_or(Error::Gate { gate })
        }
        other => other,
    }
}

/// Runs the clock over gathered cases, into `<lake>/clean`; says which uncovered years the figures touch.
pub fn clock(
    prepared: &Prepared,
    gathered: &Gathered,
    period_from: Day,
    lake: &Path,
    steps: &Steps,
) -> Result<(clean::Tally, Vec<i32>)> {
    let Prepared { config, lang, .. } = prepared;
    let Gathered { cases, records, given, as_of, .. } = gathered;
    let clock = Clock { calendar: &config.calendar, rules: &config.rules, as_of: *as_of };
    let (first, last) = cases.extent(*as_of);
    let years: Vec<i32> = config.calendar.uncovered_years(first, last).collect();
    if config.pipeline.strict_calendar && !years.is_empty() {
        return Err(Error::Gate { gate: Gate::Calendar { years } });
    }
    steps.step(lang.pick("计算时限", "running the clock"));
    let fault_days = i32::from(config.pipeline.fault_days);
    let settings = clean::Settings {
        clock,
        standards: &config.standards,
        fault_days,
        owners: &config.owners,
        replayed_months: prepared.replayed_months,
    };
    let clean = lake.join("clean");
    let tally = clean::write(cases, records, &settings, &clean, &|done| {
        steps.rows(lang.pick("工单", "applications"), done);
    })?;
    let (remind_wd, scorecard) = (config.pipeline.remind_wd, &config.scorecard);
    service::params(&clean, &Parameters { as_of: *as_of, period_from, remind_wd, given, scorecard })?;
    Ok((tally, years))
}

/// Runs a plan to its published report.
pub fn run(plan: &Plan, steps: &Steps) -> Result<Published> {
    let prepared = plan.prepare()?;
    let lang = prepared.lang;
    steps.step(lang.pick("读取导出文件", "reading exports"));
    let staging = Staging::open(&plan.parent())?;
    let (lake, report) = (staging.path().join("lake"), staging.path().join("report"));
    // What was refused holds names and telephone numbers: it is for the office alone.
    let rejects = if prepared.config.pipeline.public { lake.join("rejects") } else { report.join("rejects") };
    for folder in [&lake, &report] {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    }

    let gathered = gather(&prepared, plan.as_of, &lake, &rejects, steps).map_err(|error| {
        let name = plan.out.as_ref().and_then(|out| out.file_name()).map(|name| name.to_string_lossy());
        let name = name.as_deref().unwrap_or(&prepared.config.pipeline.name);
        keep_rejects(error, &staging, &rejects, &plan.parent().join(format!("{name}-rejects")))
    })?;
    let as_of = gathered.as_of;
    let out =
        plan.out.clone().unwrap_or_else(|| plan.parent().join(format!("{}-{as_of}", prepared.config.pipeline.name)));
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let published_lake = plan.lake.clone().unwrap_or_else(|| plan.parent().join("lake").join(&name));
    for place in [&out, &published_lake] {
        publish::free(place)?;
    }
    let pipeline = &prepared.config.pipeline;
    let previous = match &plan.since {
        Some(folder) => Some(Previous::at(folder, &pipeline.name, as_of)?),
        None => Previous::beside(&plan.parent(), &pipeline.name, as_of),
    };
    let period = Period::new(pipeline.rhythm, as_of, previous);
    let (tally, uncovered_years) = clock(&prepared, &gathered, period.from, &lake, steps)?;
    let Gathered { ledger, cases, records, given, .. } = gathered;
    drop((cases, records));

    steps.step(lang.pick("汇总指标", "computing marts"));
    let mut engine = Engine::open(&lake.join("clean"))?;
    // What is for everybody holds only the marts that its tables name.
    let all_marts = if pipeline.public { lake.join("marts") } else { report.join("marts") };
    let marts = engine.marts(&prepared.catalogue, &all_marts, &|name| steps.detail(name))?;
    if pipeline.public {
        for mart in prepared.catalogue.marts.iter().filter(|mart| pipeline.tables.contains(&mart.name)) {
            publish::copy(&all_marts, &report.join("marts"), &format!("{}.parquet", mart.name))?;
        }
    }
    for audit in &prepared.catalogue.audits {
        engine.audit(audit, lang)?;
    }

    steps.step(lang.pick("生成报告", "rendering the report"));
    let input = report::Input {
        config: &prepared.config,
        catalogue: &prepared.catalogue,
        contents: &prepared.contents,
        marts: &marts,
        clean: &lake.join("clean"),
        ledger: &ledger,
        tally: &tally,
        given: &given,
        uncovered_years: &uncovered_years,
        period: &period,
        as_of,
        lang,
    };
    for (name, bytes) in report::render(&input)? {
        publish::write(&report.join(name), &bytes)?;
    }
    let manifest = Manifest::new(&prepared, &period, ledger, tally, uncovered_years, &marts, &report)?;
    publish::write(&report.join("run.json"), &manifest.to_bytes()?)?;

    steps.step(lang.pick("发布", "publishing"));
    staging.publish(&lake, &published_lake)?;
    staging.publish(&report, &out)?;
    steps.done();
    Ok(Published { out, lake: published_lake, as_of, manifest })
}

/// Progress for people: a bar on a terminal, nothing elsewhere.
pub struct Steps {
    bar: Option<ProgressBar>,
    begun: std::time::Instant,
}

impl Steps {
    /// Shows progress on stderr where that is a terminal.
    pub fn shown() -> Steps {
        use std::io::IsTerminal;
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        Steps { bar, begun: std::time::Instant::now() }
    }

    /// Says which step begins.
    pub fn step(&self, name: &str) {
        tracing::info!("{:7.1} s  {name}", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.set_prefix(name.to_owned());
            bar.set_message("");
        }
    }

    fn detail(&self, detail: &str) {
        tracing::debug!("{:7.1} s    {detail}", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.set_message(detail.to_owned());
        }
    }

    fn rows(&self, what: &str, rows: u64) {
        self.detail(&format!("{what} {rows}"));
    }

    /// Says that all is done.
    pub fn done(&self) {
        tracing::info!("{:7.1} s", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
