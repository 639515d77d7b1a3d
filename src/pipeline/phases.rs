//! The phases of a run, each made from the one before by a method: the order is what compiles.
//!
//! ```text
//! Request ─prepare─► Prepared ─survey─► Surveyed ─read─► Read ─known─► Known ─clean─► Cleaned ─of_period─► Clean
//!                                                              Clean ─count─► Counted ─render─► artefacts
//! ```
//!
//! A phase that exists has passed its gates: what was read is not refused as a whole, a calendar that must cover the
//! figures does, and no audit found anything in what was counted. Each command takes as many of them as it needs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::building::Building;
use super::facts::Facts;
use super::steps::{Steps, Work};
use super::{Rehearsed, fewer, recalled};
use crate::calendar::Day;
use crate::cases::apart;
use crate::cases::{self, Bucket, Cases, EventLog, Events, Extent, LogRules, Overview, Reach};
use crate::clean::params::{self, Parameters, Params};
use crate::clean::{self, Beforehand, Kept, units};
use crate::clock::Clock;
use crate::config::{Config, PROCESS, SourceUsed};
use crate::contract::Given;
use crate::disk;
use crate::error::{Error, Gate, Result, Stale, StaleTable};
use crate::failpoint::failpoint;
use crate::ingest::mapping::Mapping;
use crate::ingest::survey::Survey;
use crate::ingest::{self, Ledger, Scans};
use crate::marts::engine::{Asked, Engine, MartFiles};
use crate::marts::{Catalogue, Mart};
use crate::period::{Edition, Period, Previous};
use crate::report::{self, Contents, Relatives, Shown};
use crate::rules::only::Only;
use crate::store::{Key, Kind, Store};
use crate::table::Rows;
use crate::words::{Lang, Words};

/// What is asked for: which exports are read, by which rules, and as of when.
#[derive(Debug, Clone)]
pub struct Request {
    /// The pipeline file; `None`: the embedded monthly one.
    pub pipeline: Option<PathBuf>,
    /// The folder of canonical exports, instead of the one that the pipeline names.
    pub data: Option<PathBuf>,
    /// The source mapping, instead of the one that the pipeline names.
    pub source: Option<PathBuf>,
    /// The last day that is known; `None`: that of the last complete period in the data.
    pub as_of: Option<Day>,
    /// Whether exports that end long before the as-of day are reported on all the same.
    pub allow_stale: bool,
    /// Which applications it is about, beside what the pipeline says.
    pub only: Only,
    /// Whether the marts that the report does not show are computed too.
    pub all_marts: bool,
    /// The language of what is made.
    pub lang: Lang,
}

/// What a pipeline file says, with all that it names.
pub struct Definitions {
    /// The configuration.
    pub config: Config,
    /// The marts and audits.
    pub catalogue: Catalogue,
}

impl Definitions {
    /// Reads a pipeline file; `None`: the embedded monthly one.
    pub fn read(pipeline: Option<&Path>) -> Result<Definitions> {
        let config = Config::load(pipeline)?;
        let catalogue = Catalogue::open(&config.assets, &config.vocabularies)?;
        Ok(Definitions { config, catalogue })
    }

    /// The example of a mart in words; no line where it has none.
    pub fn example(&self, mart: &Mart, lang: Lang) -> Result<Vec<String>> {
        let example = self.catalogue.examples.get(&mart.name);
        example.map_or(Ok(Vec::new()), |example| report::example::lines(&self.config, lang, example))
    }
}

/// A request whose configuration has been read and found to be right.
pub struct Prepared {
    /// The configuration.
    pub config: Config,
    /// The marts and audits.
    pub catalogue: Catalogue,
    /// The headlines and charts.
    pub contents: Contents,
    /// The folder of the exports.
    pub data: PathBuf,
    /// The language of what is made.
    pub lang: Lang,
}

impl Request {
    /// Reads everything that the request names.
    pub fn prepare(&self) -> Result<Prepared> {
        let Definitions { mut config, catalogue } = Definitions::read(self.pipeline.as_deref())?;
        let contents = Contents::read(&config, &catalogue)?;
        let data = config.settle_source(self.data.as_deref(), self.source.as_deref())?;
        Ok(Prepared { config, catalogue, contents, data, lang: self.lang })
    }
}

/// Exports whose files, sheets and headers are known.
pub struct Surveyed<'a> {
    prepared: &'a Prepared,
    /// What of them is used, and what is not.
    pub survey: Survey,
    /// What the rows are read from and by.
    pub(super) key: Key,
}

/// Exports of which every row is in the lake or among the rejects.
pub struct Read<'a> {
    prepared: &'a Prepared,
    /// The lake.
    lake: PathBuf,
    /// What became of every row.
    pub ledger: Ledger,
    work: Work,
}

/// What decides how exports are read, beside the program.
#[derive(Serialize)]
struct ReadFrom<'a> {
    files: Vec<(&'a str, &'a str, &'a str)>,
    mapping: Option<&'a SourceUsed>,
    zone: Option<String>,
    process: BTreeSet<(String, String)>,
    lang: Lang,
}

impl Prepared {
    /// What the exports hold; nothing is written.
    pub fn survey(&self, store: Option<&Store>) -> Result<Surveyed<'_>> {
        let nowhere = Path::new("");
        let scans: Scans = store.map(Store::scans).unwrap_or_default();
        let survey = self.ingest(nowhere, nowhere, Some(&scans), ingest::check)?;
        if let Some(store) = store {
            scans.prune();
            store.keep_scans(&scans);
        }
        let Config { source, zone, assets, .. } = &self.config;
        let key = Key::of(
            Kind::Raw,
            &ReadFrom {
                files: survey.sources().collect(),
                mapping: source.as_ref(),
                zone: zone.map(|zone| zone.to_string()),
                process: assets.texts().into_iter().filter(|(name, _)| name == PROCESS).collect(),
                lang: self.lang,
            },
        )?;
        Ok(Surveyed { prepared: self, survey, key })
    }

    /// Reads the exports into the lake; fails where too much of them was rejected.
    pub fn read(&self, building: &Building<'_>, steps: &Steps) -> Result<Read<'_>> {
        steps.step("读取导出文件", "reading exports");
        self.survey(building.store.as_ref())?.read(building, steps)
    }

    fn ingest<T>(
        &self,
        lake: &Path,
        rejects: &Path,
        scans: Option<&Scans>,
        ingest: impl FnOnce(&ingest::Settings<'_>) -> Result<T>,
    ) -> Result<T> {
        let words = self.config.vocabulary();
        let mapping = &self.config.mapping;
        let ends_by_log = self.config.process.cases.ends.is_some();
        ingest(&ingest::Settings {
            data: &self.data,
            mapping,
            words: &words,
            lake,
            rejects,
            ends_by_log,
            starts_by_log: self.config.process.takes_starts(),
            lang: self.lang,
            scans,
        })
    }
}

impl<'a> Surveyed<'a> {
    /// Reads the exports into the lake, or takes the rows from an earlier run; fails where too much of them was rejected.
    pub fn read(self, building: &Building<'_>, steps: &Steps) -> Result<Read<'a>> {
        let Surveyed { prepared, survey, key } = self;
        let Building { lake, rejects, .. } = building;
        let (ledger, work) = match recalled::raw(building, &key)? {
            Some(outcome) => {
                steps.step("沿用已读入的数据", "taking the rows that an earlier run has read");
                (outcome.ledger(survey), Work::default())
            }
            None => {
                let rows = |table: &str, rows: u64| {
                    steps.rows(table, rows);
                    failpoint("mid_reading");
                };
                let ledger = prepared.ingest(lake, rejects, None, |settings| ingest::run(settings, survey, &rows))?;
                recalled::keep_raw(building, &key, &ledger);
                failpoint("after_reading");
                let work = Work { rows: ledger.read(), ..Work::default() };
                (ledger, work)
            }
        };
        let max_rejects = prepared.config.pipeline.max_rejects;
        ledger.gate(max_rejects).map_err(|error| building.keep_rejects(error))?;
        Ok(Read { prepared, lake: lake.clone(), ledger, work })
    }
}

/// The cases as they are known on the as-of day.
pub struct Known<'a> {
    read: Read<'a>,
    cases: Cases<'a>,
    given: Given,
    /// What was made of the events of the exports.
    events: EventLog,
    /// What is counted of all applications before any is judged.
    beforehand: Beforehand<'a>,
    /// How many applications the report is about; `None`: all of them.
    kept: Option<apart::Kept>,
    /// How far the exports reach; `None`: nothing has happened by the as-of day.
    reach: Option<Reach>,
    /// The newest event of the exports.
    newest: Option<Day>,
    /// The as-of day.
    pub as_of: Day,
}

/// How the rows of a mapping's stages become passes.
fn log_rules(mapping: &Mapping) -> LogRules<'_> {
    let stages = mapping.tables.get("stages");
    LogRules {
        order: stages.map(|mapping| mapping.order).unwrap_or_default(),
        unknown_department: stages.and_then(|mapping| mapping.defaults.get("department")).map(String::as_str),
    }
}

impl<'a> Read<'a> {
    /// Gathers the cases; without an as-of day the last complete period in the data ends on it.
    pub fn known(self, as_of: Option<Day>, steps: &Steps) -> Result<Known<'a>> {
        let Prepared { config, .. } = self.prepared;
        steps.step("整理工单", "gathering cases");
        let cases = Cases::gather(&self.lake, &self.lake, &config.process, log_rules(&config.mapping))?;
        let as_of = match as_of {
            Some(as_of) => as_of,
            None => cases.begun()?.map_or(Day::FIRST, |begun| config.pipeline.rhythm.as_of(begun)),
        };
        let given = self.ledger.survey.given();
        let (known, mut beforehand) = (cases.known_on(as_of), Beforehand::new(&config.calendar, as_of));
        let count = |bucket: &Bucket| Beforehand::of(known, bucket, &config.calendar);
        let overview = cases.overview(as_of, &config.calendar, count, |own| beforehand.add(own))?;
        let bureaus = cases.of_bureaus(&beforehand.bureaus);
        settled(config, &bureaus.into_keys().collect::<Vec<_>>())?;
        let Overview { events, reach, newest } = overview;
        Ok(Known { read: self, cases, given, events, beforehand, kept: None, reach, newest, as_of })
    }

    /// With the clean tables of an earlier run, which are in the lake.
    pub(super) fn recalled(self, facts: Facts) -> Cleaned<'a> {
        let Read { prepared, lake, ledger, work } = self;
        Cleaned { clean: lake.join(CLEAN), work, ..Cleaned::recalled(prepared, ledger, facts) }
    }
}

impl Prepared {
    /// What the folder of a report is called: one in another language than the pipeline's own stands next to that in its own.
    pub(super) fn report_name(&self, name: &str, as_of: Day) -> String {
        match self.lang == self.config.pipeline.lang {
            true => format!("{name}-{as_of}"),
            false => format!("{name}-{as_of}-{}", self.lang.code()),
        }
    }

    /// What the clean tables are worked out from and by, of rows that were read from and by something.
    pub(super) fn clean_key(&self, raw: &Key, as_of: Option<Day>) -> Result<Key> {
        let rhythm = as_of.is_none().then_some(self.config.pipeline.rhythm);
        Key::of(Kind::Clean, &(raw.sha256(), as_of, rhythm, self.config.of_cases()?))
    }
}

impl Known<'_> {
    /// The cases.
    pub(crate) fn cases(&self) -> cases::Known<'_> {
        self.cases.known_on(self.as_of)
    }

    /// Which bureaus and units belong to no unit above them, in words.
    pub fn unassigned(&self) -> Vec<Words> {
        let bureaus: Vec<String> = self.cases.of_bureaus(&self.beforehand.bureaus).into_keys().collect();
        self.read.prepared.config.units.unassigned(&bureaus)
    }

    /// How the applications are divided.
    pub(super) fn division(&self) -> (usize, usize) {
        self.cases.division()
    }

    /// Fails where the as-of day lies before all events, or, unless that is allowed, long after the last of them.
    pub fn reaching(self, allow_stale: bool) -> Result<Self> {
        let gate = match self.reach {
            None => self.cases.begun()?.map(|begun| Gate::Early { as_of: self.as_of, first: *begun.start() }),
            Some(_) if allow_stale => None,
            Some(reach) => stale(reach, self.newest, self.as_of, &self.read.prepared.config).map(Gate::Stale),
        };
        gate.map_or(Ok(self), |gate| Err(Error::Gate { gate }))
    }

    /// Leaves out what the report is not about.
    pub fn asked_for(mut self) -> Result<Self> {
        let Config { pipeline, calendar, .. } = &self.read.prepared.config;
        let only = &pipeline.only;
        self.kept = self.cases.keep(only, self.as_of)?;
        if self.kept.is_some() {
            self.beforehand = Beforehand::count(&self.cases, calendar, self.as_of)?;
        }
        self.given = self.given.without(&apart::blind(only));
        Ok(self)
    }

    /// What a run begins with; fails where the calendar must cover the figures and does not.
    pub fn rehearsed(self) -> Result<Rehearsed> {
        let Extent { first, last } = self.beforehand.extent;
        let ledger = &self.read.ledger;
        Ok(Rehearsed {
            read: ledger.read(),
            rejected: ledger.files.iter().map(|file| file.rejected).sum(),
            as_of: self.as_of,
            until: self.reach.map(|reach| reach.all.until),
            uncovered_years: uncovered_years(&self.read.prepared.config, first, last)?,
        })
    }
}

/// What of the exports ends too early, if anything: all before the as-of day, or one table before the other.
fn stale(reach: Reach, newest: Option<Day>, as_of: Day, config: &Config) -> Option<Stale> {
    let Config { pipeline, calendar, .. } = config;
    let behind = |what: StaleTable, events: Events, reaches: Day| {
        let gap_wd = events.behind(reaches, i32::from(pipeline.fresh_wd), calendar)?;
        let later = newest.filter(|newest| what == StaleTable::All && *newest > reaches);
        Some(Stale { what, until: events.until, reaches, gap_wd, later })
    };
    let lags = |what: StaleTable, events: Option<Events>| {
        let events = events.filter(|events| events.longest_wd.is_some())?;
        behind(what, events, reach.all.until)
    };
    behind(StaleTable::All, reach.all, as_of)
        .or_else(|| lags(StaleTable::Applications, reach.applications))
        .or_else(|| lags(StaleTable::Stages, reach.stages))
}

/// The clean tables of a lake, and what they are read by.
pub struct Lake<'a> {
    /// The configuration.
    pub config: &'a Config,
    /// The marts and audits.
    pub catalogue: &'a Catalogue,
    /// The folder of the clean tables.
    pub clean: PathBuf,
    /// The as-of day.
    pub as_of: Day,
    /// The language.
    pub lang: Lang,
}

impl<'a> Lake<'a> {
    /// Opens the lake of an earlier run.
    pub fn open(folder: &Path, definitions: &'a Definitions, lang: Lang) -> Result<Lake<'a>> {
        let clean = folder.join("clean");
        let params = Rows::<Params>::read(&clean)?;
        let as_of = params.iter().next().map_or(Day::LAST, |params| params.as_of);
        let Definitions { config, catalogue } = definitions;
        Ok(Lake { config, catalogue, clean, as_of, lang })
    }
}

/// Every figure of a single case that depends on no report, on disk; the cases themselves are gone.
pub struct Cleaned<'a> {
    prepared: &'a Prepared,
    /// The folder of the clean tables.
    clean: PathBuf,
    ledger: Ledger,
    given: Given,
    /// What is known of the cases.
    pub facts: Facts,
    work: Work,
}

/// Every figure of a single case, on disk, for a report of some days.
pub struct Clean<'a> {
    /// The clean tables.
    pub lake: Lake<'a>,
    /// What became of every row of the exports.
    pub ledger: Ledger,
    /// Which tables there are.
    pub given: Given,
    /// What is known of the cases.
    pub facts: Facts,
    /// What of the exports ends too early.
    pub stale: Option<Stale>,
    /// The days that the report is about.
    pub period: Period,
    /// What was done for it.
    pub work: Work,
}

/// A year of replays, so that every season counts once.
pub const REPLAYED_MONTHS: u32 = 12;

/// The folder of the clean tables in a lake.
const CLEAN: &str = "clean";

impl<'a> Known<'a> {
    /// Runs the clock over the cases, but for the buckets that were kept, and replays the forecasts on so many month ends; fails where the calendar must cover
    /// the figures and does not.
    pub fn clean(self, replayed_months: u32, kept: Option<&Kept<'_>>, steps: &Steps) -> Result<Cleaned<'a>> {
        steps.step("计算时限", "running the clock");
        let settings = self.settings(replayed_months);
        let Extent { first, last } = self.beforehand.extent;
        let uncovered_years = uncovered_years(&self.read.prepared.config, first, last)?;
        let clean = self.read.lake.join(CLEAN);
        let applications = |done| {
            steps.rows("applications", done);
            failpoint("mid_clock");
        };
        let written = clean::write(&self.cases, &settings, &self.beforehand, &clean, kept, &applications)?;
        let (totals, taken) = written;
        let Known { read, cases, given, events, kept, reach, newest, as_of, .. } = self;
        let Read { prepared, ledger, work, .. } = read;
        let (joined, bureaus) = (cases.joined(), cases.of_bureaus(&self.beforehand.bureaus));
        let work = Work { applications: totals.applications - taken, ..work };
        let facts = Facts { as_of, kept, totals, uncovered_years, reach, newest, joined, events, bureaus };
        Ok(Cleaned { prepared, clean, ledger, given, facts, work })
    }

    /// Replays the forecasts on so many month ends for clean tables of an earlier run that have none, and are in the lake.
    pub(super) fn replay(self, facts: Facts, months: u32, steps: &Steps) -> Result<Cleaned<'a>> {
        steps.step("回放预测", "replaying the forecasts");
        let clean = self.read.lake.join(CLEAN);
        let settings = self.settings(months);
        clean::write_on_demand(&self.cases, &settings, &self.beforehand, &clean)?;
        Ok(self.read.recalled(facts))
    }

    fn settings(&self, replayed_months: u32) -> clean::Settings<'_> {
        let Config { pipeline, process, calendar, rules, standards, scorecard, owners, .. } =
            &self.read.prepared.config;
        clean::Settings {
            process,
            promises: &pipeline.promises,
            clock: Clock { calendar, rules, as_of: self.as_of },
            standards,
            given: &self.given,
            fault_days: i32::from(pipeline.fault_days),
            nodes: &scorecard.fulfilment.nodes,
            owners,
            managers: &scorecard.managers,
            min_arm: pipeline.min_arm.into(),
            proposal: &scorecard.proposal,
            replayed_months,
        }
    }
}

impl<'a> Cleaned<'a> {
    /// What an earlier run has worked out; the files are nowhere yet.
    pub(super) fn recalled(prepared: &'a Prepared, ledger: Ledger, facts: Facts) -> Cleaned<'a> {
        let given = ledger.survey.given().without(&apart::blind(&prepared.config.pipeline.only));
        Cleaned { prepared, clean: PathBuf::new(), ledger, given, facts, work: Work::default() }
    }

    /// Adds the units and the parameters of a report. Its period begins after the previous one, or where the rhythm says.
    pub fn of_period(self, previous: Option<Previous>) -> Result<Clean<'a>> {
        let cleaned = self.described(previous);
        let Clean { lake: Lake { config, clean, as_of, .. }, given, facts, period, .. } = &cleaned;
        let pipeline = &config.pipeline;
        settled(config, &facts.of_exports())?;
        let some_bureaus = pipeline.only.bureaus().filter(|_| facts.kept.is_some());
        units::write(clean, &config.units.memberships(&facts.told(), some_bureaus.as_deref()))?;
        let ends = params::ends(&config.process);
        let parameters = Parameters {
            as_of: *as_of,
            period_from: period.from,
            remind_wd: pipeline.remind_wd,
            open_claim_wd: pipeline.open_claim_wd,
            idle_wd: pipeline.idle_wd,
            announce_days: pipeline.announce_days,
            warn_wd: pipeline.warn_wd,
            warn_elapsed_milli: pipeline.warn_elapsed_milli(),
            warn_p_on_time: pipeline.warn_p_on_time,
            min_cases: pipeline.min_cases,
            some_bureaus: some_bureaus.is_some(),
            min_arm: pipeline.min_arm,
            min_at_risk: pipeline.min_at_risk,
            given,
            scorecard: &config.scorecard,
            process: &config.process,
            ends: ends.as_deref(),
            log: log_rules(&config.mapping),
        };
        params::write(clean, &parameters)?;
        Ok(cleaned)
    }

    /// The same without a file.
    pub(super) fn described(self, previous: Option<Previous>) -> Clean<'a> {
        let Cleaned { prepared, clean, ledger, given, mut facts, work, .. } = self;
        let Prepared { config, catalogue, lang, .. } = prepared;
        facts.joined.extend(ledger.joined.iter().cloned());
        let as_of = facts.as_of;
        let stale = facts.reach.and_then(|reach| stale(reach, facts.newest, as_of, config));
        let period = Period::new(config.pipeline.rhythm, as_of, previous);
        let lake = Lake { config, catalogue, clean, as_of, lang: *lang };
        Clean { lake, ledger, given, facts, stale, period, work }
    }

    /// Fails where the exports end long before the as-of day, unless that is allowed.
    pub(super) fn reaching(self, allow_stale: bool) -> Result<Self> {
        let Facts { reach, newest, as_of, .. } = self.facts;
        let stale = reach.and_then(|reach| stale(reach, newest, as_of, &self.prepared.config));
        match stale.filter(|_| !allow_stale) {
            Some(stale) => Err(Error::Gate { gate: Gate::Stale(stale) }),
            None => Ok(self),
        }
    }
}

/// Finds that the units have the bureaus of the exports.
fn settled(config: &Config, bureaus: &[String]) -> Result<()> {
    match config.units.mistakes(bureaus) {
        mistakes if mistakes.is_empty() => Ok(()),
        mistakes => Err(mistakes.into()),
    }
}

/// The years that the calendar does not cover from one day to another; fails where it must cover them all.
pub(crate) fn uncovered_years(config: &Config, first: Day, last: Day) -> Result<Vec<i32>> {
    let years: Vec<i32> = config.calendar.uncovered_years(first, last).collect();
    if config.pipeline.strict_calendar && !years.is_empty() {
        return Err(Error::Gate { gate: Gate::Calendar { years } });
    }
    Ok(years)
}

/// Every figure about many cases, on disk.
pub struct Counted<'a> {
    /// What was counted.
    pub clean: Clean<'a>,
    /// The marts.
    pub marts: MartFiles,
}

impl<'a> Clean<'a> {
    /// What makes the figures doubtful as a whole, in words.
    pub(super) fn doubts(&self) -> Vec<Words> {
        let Clean { lake, facts, period, .. } = self;
        let hardly_meant = facts.totals.hardly_meant(&lake.config.standards.title);
        if facts.kept.is_some() {
            return hardly_meant;
        }
        let unassigned = lake.config.units.unassigned(&facts.told());
        let before = [
            period.previous.as_ref().map(|previous| &previous.folder),
            period.edition.before.as_ref().map(|before| &before.folder),
        ];
        let fewer = before.into_iter().flatten().flat_map(|report| fewer::than(report, &facts.totals));
        hardly_meant.into_iter().chain(unassigned).chain(fewer).collect()
    }

    /// Computes the marts; fails where an audit finds something. What is for everybody holds only the marts that its
    /// tables name, the lake the others.
    pub fn count(self, asked: Asked<'_>, building: &Building<'_>, steps: &Steps) -> Result<Counted<'a>> {
        let Lake { config, catalogue, .. } = self.lake;
        steps.step("汇总指标", "computing marts");
        let mut engine = Engine::open(&self.lake.clean)?;
        let published = building.report.join("marts");
        let pipeline = &config.pipeline;
        let folder = if pipeline.public { building.lake.join("marts") } else { published.clone() };
        let counting = |name: &str| {
            steps.detail(name);
            failpoint("mid_marts");
        };
        let marts = engine.marts(catalogue, asked, &folder, &counting)?;
        if pipeline.public {
            for mart in catalogue.marts.iter().filter(|mart| pipeline.tables.contains(&mart.name)) {
                disk::copy(&folder, &published, format!("{}.parquet", mart.name))?;
            }
        }
        catalogue.audits.iter().try_for_each(|audit| engine.audit(audit))?;
        let work = Work { marts: marts.rows().count(), ..self.work };
        Ok(Counted { clean: Clean { work, ..self }, marts })
    }
}

impl Counted<'_> {
    /// Makes it an edition of its period's report.
    pub(super) fn edition(&mut self, edition: Edition) {
        self.clean.period.edition = edition;
    }

    /// Writes the files of the report, all but `run.json`, which lists them; gives back what they show.
    pub fn render(
        &self,
        contents: &Contents,
        doubts: &[Words],
        relatives: &Relatives,
        folder: &Path,
        steps: &Steps,
    ) -> Result<Shown> {
        let Clean { lake, ledger, given, facts, stale, period, .. } = &self.clean;
        let Facts { kept, totals, uncovered_years, reach, joined, events, .. } = facts;
        steps.step("生成报告", "rendering the report");
        let input = report::Input {
            config: lake.config,
            catalogue: lake.catalogue,
            contents,
            marts: &self.marts,
            clean: &lake.clean,
            ledger,
            totals,
            doubts,
            given,
            kept: kept.as_ref(),
            uncovered_years,
            data_until: reach.map(|reach| reach.all.until),
            stale: stale.as_ref(),
            joined,
            events,
            period,
            relatives,
            as_of: lake.as_of,
            lang: lake.lang,
        };
        let rendered = report::render(&input)?;
        for (name, bytes) in rendered.artefacts {
            disk::write(&folder.join(name), &bytes)?;
            failpoint("mid_render");
        }
        Ok(rendered.shown)
    }
}
