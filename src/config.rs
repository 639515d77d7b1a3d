//! The settings of a run: the pipeline file and everything that it names.
//!
//! The folder `pipelines/` is embedded in the binary, so that the binary alone works. A pipeline file on disk brings
//! its own folder: files next to it win over the embedded copy, one by one. Every mistake of a file is collected
//! and shown with its line before anything else happens.

mod holidays;
mod source_used;

use std::path::{Path, PathBuf};

use serde::Deserialize;

pub use self::source_used::SourceUsed;
use crate::assets::{Assets, Found};
use crate::calendar::{Calendar, CalendarFault, CalendarFile};
use crate::clock::{Pending, Rules};
use crate::error::{Error, Mistake, Result, Sought, TomlFile, TomlPath};
use crate::ingest::mapping::Mapping;
use crate::ingest::values::Vocabulary;
use crate::ingest::zone::Zone;
use crate::period::Rhythm;
use crate::rules::limits::{RuleBook, StandardsFile};
use crate::rules::only::Only;
use crate::rules::owners::Owners;
use crate::rules::process::{self, Process};
use crate::rules::scorecard::Scorecard;
use crate::rules::targets::Targets;
use crate::rules::vocabulary::Promise;
use crate::spelling::{is_name, nearest};
use crate::vocabularies::Vocabularies;
use crate::words::{Lang, Words};

/// The pipeline that runs where none is named.
pub const DEFAULT_PIPELINE: &str = "monthly";

/// A pipeline file.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Its name, also that of its reports.
    pub name: String,
    /// What its report is called.
    #[serde(default)]
    pub title: Words,
    /// The folder of the exports, relative to the file.
    pub data: Option<PathBuf>,
    /// The source mapping, relative to the file.
    pub source: Option<String>,
    /// The calendar: a name, or a `.csv` or `.toml` file relative to this one.
    #[serde(default = "default_calendar")]
    pub calendar: String,
    /// The time zone that moments are turned into, such as `Europe/Amsterdam`; absent: the calendar's.
    pub time_zone: Option<String>,
    /// Whether figures that touch uncovered years are an error.
    #[serde(default)]
    pub strict_calendar: bool,
    /// The set of standard limits, by name.
    #[serde(default = "default_standards")]
    pub standards: String,
    /// The causes whose delays can be taken out.
    #[serde(default = "default_causes")]
    pub excludable_causes: Vec<String>,
    /// How claims that are not ruled on are treated.
    #[serde(default)]
    pub pending: Pending,
    /// Whether claims must be reported by the due date.
    #[serde(default = "default_true")]
    pub require_timely_report: bool,
    /// A claim without an end that is not admitted is believed for this many working days after it was last heard of.
    #[serde(default = "default_open_claim_wd")]
    pub open_claim_wd: u16,
    /// The service promises that count.
    #[serde(default = "default_promises")]
    pub promises: Vec<Promise>,
    /// Of fewer settled stages than this, a department gets no rank and no signal.
    #[serde(default = "default_min_cases")]
    pub min_cases: u16,
    /// Order-style against conventional: strata with fewer applications of a mode are merged with like ones.
    #[serde(default = "default_min_arm")]
    pub min_arm: u16,
    /// The horizon of that comparison: the last day on which each mode still has so many at risk in every group.
    #[serde(default = "default_min_at_risk")]
    pub min_at_risk: u16,
    /// An open application without a running stage is idle after this many working days.
    #[serde(default = "default_idle_wd")]
    pub idle_wd: u16,
    /// An outage that affects others is announced this many calendar days ahead.
    #[serde(default = "default_announce_days")]
    pub announce_days: u16,
    /// Early warning: a claim that lapses, a callback that falls due, an owner that rises within this many working days.
    #[serde(default = "default_warn_wd")]
    pub warn_wd: u16,
    /// Early warning: a stage or an application that has used this share of its limit, 0–1.
    #[serde(default = "default_warn_elapsed")]
    pub warn_elapsed: f64,
    /// Early warning: an application whose on-time probability is below this, 0–1.
    #[serde(default = "default_warn_p_on_time")]
    pub warn_p_on_time: f64,
    /// A fault's callback is due this many calendar days after restoration.
    #[serde(default = "default_fault_days")]
    pub fault_days: u16,
    /// The share of a table that may be rejected, 0–1.
    #[serde(default = "default_max_rejects")]
    pub max_rejects: f64,
    /// The language of the report, where the command line does not say.
    #[serde(default)]
    pub lang: Lang,
    /// How often there is a report.
    #[serde(default)]
    pub rhythm: Rhythm,
    /// Working days by which the newest event of the exports may lie before the as-of day.
    #[serde(default = "default_fresh_wd")]
    pub fresh_wd: u16,
    /// A stage is reminded of this many working days before it is due.
    #[serde(default = "default_remind_wd")]
    pub remind_wd: u16,
    /// The tables of the report in their order; `*` stands for every custom mart that is not named.
    #[serde(default = "default_tables")]
    pub tables: Vec<String>,
    /// The charts of the report.
    charts: Option<Vec<String>>,
    /// The figures at the top of the report.
    headlines: Option<Vec<String>>,
    /// What is cut up and handed out.
    #[serde(default)]
    pub handouts: Vec<Handout>,
    /// The 考核表 that goes round to be answered.
    pub verification: Option<Round>,
    /// The name of the workbook; absent: that of the pipeline.
    pub workbook: Option<String>,
    /// Which applications the report is about; absent: all of them.
    #[serde(default)]
    pub only: Only,
    /// Whether the report is for everybody: only the tables named, no rejects, no explanation of cases.
    #[serde(default)]
    pub public: bool,
}

impl PipelineFile {
    /// The file name of the workbook.
    pub fn workbook(&self) -> String {
        self.workbook.clone().unwrap_or_else(|| format!("{}.xlsx", self.name))
    }

    /// The share of a limit after which there is a warning, in thousandths.
    pub(crate) fn warn_elapsed_milli(&self) -> u16 {
        (self.warn_elapsed * 1000.0).round_ties_even() as u16
    }

    /// The charts of the report; where the file does not say, those of the monthly pipeline.
    pub fn charts(&self) -> Vec<String> {
        self.charts.clone().unwrap_or_else(|| self.default_of("charts"))
    }

    /// The figures at the top of the report; where the file does not say, those of the monthly pipeline.
    pub fn headlines(&self) -> Vec<String> {
        self.headlines.clone().unwrap_or_else(|| self.default_of("headlines"))
    }

    /// What is for everybody shows nothing of the office that it does not name.
    fn default_of(&self, key: &str) -> Vec<String> {
        if self.public { Vec::new() } else { of_monthly(key) }
    }
}

/// Tables cut up by columns, a workbook for each of their values.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handout {
    /// The columns, such as `department`; the last of them that is not empty names the workbook.
    pub by: Vec<String>,
    /// What the folder of its workbooks is called.
    pub title: Words,
    /// The tables, of which each must have the columns.
    pub tables: Vec<String>,
}

/// The 考核表 as forms that go round and come back: one for each value of some of its columns.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// What the folder of the forms is called.
    pub title: Words,
    /// The columns that tell the forms apart.
    #[serde(default = "default_by")]
    pub by: Vec<String>,
}

fn default_by() -> Vec<String> {
    vec!["department".to_owned()]
}

fn default_calendar() -> String {
    "cn".to_owned()
}
fn default_standards() -> String {
    "default".to_owned()
}
fn default_causes() -> Vec<String> {
    Rules::default().excludable_causes
}
fn default_true() -> bool {
    true
}
fn default_open_claim_wd() -> u16 {
    Rules::default().open_claim_wd
}
fn default_promises() -> Vec<Promise> {
    Promise::ALL.iter().copied().filter(|promise| *promise != Promise::SchemeOneDay).collect()
}
fn default_min_cases() -> u16 {
    10
}
fn default_min_arm() -> u16 {
    10
}
fn default_min_at_risk() -> u16 {
    5
}
fn default_idle_wd() -> u16 {
    3
}
fn default_announce_days() -> u16 {
    7
}
fn default_warn_wd() -> u16 {
    3
}
fn default_warn_elapsed() -> f64 {
    0.8
}
fn default_warn_p_on_time() -> f64 {
    0.5
}
fn default_fault_days() -> u16 {
    7
}
fn default_fresh_wd() -> u16 {
    3
}

fn default_remind_wd() -> u16 {
    1
}
/// What the monthly pipeline says of a key: the default of the others.
fn of_monthly(key: &str) -> Vec<String> {
    let monthly = Assets::embedded().toml(&format!("{DEFAULT_PIPELINE}.toml")).ok();
    let file: toml::Table = monthly.and_then(|file| file.read().ok()).unwrap_or_default();
    let names = file.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
fn default_tables() -> Vec<String> {
    of_monthly("tables")
}
fn default_max_rejects() -> f64 {
    0.05
}

/// The settings of a run, read and checked.
#[derive(Debug)]
pub struct Config {
    /// The pipeline.
    pub pipeline: PipelineFile,
    /// Working days.
    pub calendar: Calendar,
    /// What the calendar is called.
    pub calendar_name: Words,
    /// Whose civil time moments are turned into, where that is known.
    pub zone: Option<Zone>,
    /// Standard limits.
    pub standards: RuleBook,
    /// The stages.
    pub process: Process,
    /// Where rows come from.
    pub mapping: Mapping,
    /// The file that says so, if there is one.
    pub source: Option<SourceUsed>,
    /// What users call the codes in marts.
    pub vocabularies: Vocabularies,
    /// What counts of claims.
    pub rules: Rules,
    /// Who is responsible for an application, and from when.
    pub owners: Owners,
    /// How managers are scored.
    pub scorecard: Scorecard,
    /// What figures are to reach.
    pub targets: Targets,
    /// The pipeline file, to show mistakes in.
    pub file: TomlFile,
    /// Where it was read from.
    pub assets: Assets,
}

impl Config {
    /// Reads a pipeline and what it names; `None`: the monthly pipeline, that of the current folder's `pipelines` before the
    /// embedded one.
    pub fn load(pipeline: Option<&Path>) -> Result<Config> {
        let found = Found::of(pipeline.unwrap_or(Path::new(DEFAULT_PIPELINE)))?;
        let assets = Assets { folder: found.folder() };
        Config::read(assets, &found.file_name(), matches!(found, Found::File(_)))
    }

    fn read(assets: Assets, name: &str, on_disk: bool) -> Result<Config> {
        let file = assets.toml(name)?;
        let mut pipeline: PipelineFile = file.read()?;
        if pipeline.title == Words::default() {
            pipeline.title = Words { zh: pipeline.name.clone(), en: pipeline.name.clone() };
        }
        let mut mistakes = pipeline_mistakes(&pipeline, &file);
        let calendar = calendar_of(&assets, &pipeline.calendar).map_err(|error| match error {
            Error::Config { .. } => error,
            other => vec![file.at("calendar").mistake(other.words()).help(calendar_help())].into(),
        });
        let calendar = keep(calendar, &file.at("calendar"), &mut mistakes);
        let zone = pipeline.time_zone.as_deref().map(|name| zone_of(name, &file));
        let zone = zone.and_then(|zone| keep(zone, &file.at("time_zone"), &mut mistakes));
        let process = keep(process_of(&assets), &file.whole(), &mut mistakes);
        let standards = process.as_ref().and_then(|process| {
            keep(standards_of(&assets, &pipeline.standards, process), &file.at("standards"), &mut mistakes)
        });
        // The embedded pipeline is for canonical data: its mapping belongs to the sample.
        let mapping = match pipeline.source.as_ref().filter(|_| on_disk) {
            None => Some(Mapping::default()),
            // Where the process cannot be read, its stages are not known to be wrong.
            Some(source) => {
                let words = process.as_ref().map_or_else(any_stage, words_of);
                keep(mapping_of(&assets, source, &words), &file.at("source"), &mut mistakes)
            }
        };
        let source = pipeline.source.as_ref().filter(|_| on_disk).map(|source| SourceUsed::of(&assets, source));
        let owners = keep(owners_of(&assets), &file.whole(), &mut mistakes);
        let vocabularies = keep(
            assets.layers("vocabularies.toml").and_then(|layers| Ok(Vocabularies::open(&layers)?)),
            &file.whole(),
            &mut mistakes,
        );
        let scorecard = keep(scorecard_of(&assets), &file.whole(), &mut mistakes);
        let targets = keep(targets_of(&assets), &file.whole(), &mut mistakes);
        match (calendar, process, standards, mapping, owners, scorecard, targets, vocabularies) {
            (
                Some((calendar, calendar_name, zone_of_calendar)),
                Some(process),
                Some(standards),
                Some(mapping),
                Some(owners),
                Some(scorecard),
                Some(targets),
                Some(vocabularies),
            ) if mistakes.is_empty() => {
                let rules = Rules {
                    excludable_causes: pipeline.excludable_causes.clone(),
                    pending: pipeline.pending,
                    require_timely_report: pipeline.require_timely_report,
                    open_claim_wd: pipeline.open_claim_wd,
                };
                Ok(Config {
                    pipeline,
                    calendar,
                    calendar_name,
                    zone: zone.or(zone_of_calendar),
                    standards,
                    process,
                    mapping,
                    source,
                    vocabularies,
                    rules,
                    owners,
                    scorecard,
                    targets,
                    file,
                    assets,
                })
            }
            _ => Err(mistakes.into()),
        }
    }

    /// What an export's words and times stand for.
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary { zone: self.zone, ..words_of(&self.process) }
    }

    /// The folder of the exports that the pipeline file names.
    pub fn data(&self) -> Option<PathBuf> {
        let folder = self.assets.folder.as_ref()?;
        self.pipeline.data.as_ref().map(|data| folder.join(data))
    }
}

/// The source mapping that a data folder brings itself, relative to it.
pub const OWN_SOURCE: &str = "sources/own.toml";

impl Config {
    /// Decides which mapping counts: the one given by hand; that of the pipeline, for the pipeline's own data; else that
    /// of the data folder. Gives back the data folder, which is the current one where nothing else is named and it brings
    /// a mapping.
    pub fn settle_source(&mut self, data: Option<&Path>, source: Option<&Path>) -> Result<PathBuf> {
        let here = Path::new(".");
        let current = || here.join(OWN_SOURCE).is_file().then(|| here.to_owned());
        let folder = data.map(Path::to_owned).or_else(|| self.data()).or_else(current).ok_or(Error::NoExports)?;
        let own = folder.join(OWN_SOURCE);
        match source {
            Some(path) => {
                self.mapping = mapping(path, &self.process)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.source = Some(SourceUsed::at(name, path));
            }
            None if data.is_none() && self.source.is_some() => {}
            None if own.is_file() => {
                self.mapping = mapping(&own, &self.process)?;
                self.source = Some(SourceUsed::at(OWN_SOURCE.to_owned(), &own));
            }
            None => (self.mapping, self.source) = (Mapping::default(), None),
        }
        if let Some(used) = self.source.as_mut().filter(|used| used.file != OWN_SOURCE) {
            used.passes_over_own = own.is_file();
        }
        self.bound_cases();
        Ok(folder)
    }

    /// Asks for some applications before those that the pipeline asks for; the report is called after them.
    pub fn ask_for(&mut self, only: &Only) -> Result<()> {
        let only = std::mem::take(&mut self.pipeline.only).replaced_by(only);
        if self.pipeline.public && !only.is_everything() {
            let message = Words::new(
                "公开报告须含全部工单：只含部分工单会显出个别客户",
                "a report for everybody is about all applications: groups of a few would be persons",
            );
            return Err(vec![self.file.whole().mistake(message)].into());
        }
        self.pipeline.name += &only.suffix();
        self.pipeline.only = only;
        Ok(())
    }

    /// Lets the mapping say when cases and stages begin and end, where it does.
    pub fn bound_cases(&mut self) {
        self.process.bound(&self.mapping.cases);
    }
}

fn calendar_help() -> Words {
    let files = Assets::embedded().files("calendars").unwrap_or_default();
    let names: Vec<&str> = files.keys().filter_map(|name| name.strip_suffix(".toml")).collect();
    Words::new(
        format!("可用的日历：{}；自己的节假日清单是流水线旁的文件：calendar = \"holidays.csv\"", names.join("、")),
        format!(
            "there are `{}`; a list of your own holidays is a file next to the pipeline: calendar = \"holidays.csv\"",
            names.join("`, `")
        ),
    )
}

/// What was read. If it could not be, why is kept: what the pipeline names and is not there is a mistake of the line
/// that names it.
fn keep<T>(read: Result<T>, named: &TomlPath<'_>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    match read {
        Ok(read) => return Some(read),
        Err(Error::Config { mistakes: more }) => mistakes.extend(more),
        Err(other) => mistakes.push(named.mistake(other.words())),
    }
    None
}

/// A fault of a calendar at its place; an item of a list of days has its own table.
fn calendar_mistake(fault: &CalendarFault, file: &TomlFile) -> Mistake {
    let here = file.at(fault.key);
    fault
        .item
        .map_or(here.clone(), |number| here.item(number))
        .mistake(Words::new(fault.what.in_chinese(), fault.what.to_string()))
}

/// The zone that the key `time_zone` of a file names.
fn zone_of(name: &str, file: &TomlFile) -> Result<Zone> {
    Zone::named(name).map_err(|message| vec![file.at("time_zone").mistake(message)].into())
}

fn pipeline_mistakes(pipeline: &PipelineFile, file: &TomlFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if !is_name(&pipeline.name) {
        let message = Words::new(
            "名称只用小写字母、数字、「-」和「_」，并以字母开头",
            "a name has small letters, digits, `-` and `_`, and begins with a letter",
        );
        mistakes.push(file.at("name").mistake(message));
    }
    if !pipeline.workbook.as_deref().is_none_or(is_workbook) {
        let message = Words::new(
            "工作簿名只用字母、汉字、数字、「-」和「_」，并以 .xlsx 结尾",
            "a workbook's name has letters, digits, `-` and `_`, and ends with `.xlsx`",
        );
        mistakes.push(file.at("workbook").mistake(message));
    }
    for (key, share) in [
        ("max_rejects", pipeline.max_rejects),
        ("warn_elapsed", pipeline.warn_elapsed),
        ("warn_p_on_time", pipeline.warn_p_on_time),
    ] {
        if !(0.0..=1.0).contains(&share) {
            let message = Words::new(format!("{key} 是 0 至 1 的比例"), format!("{key} is a share from 0 to 1"));
            let help = Words::new("5 % 写作 0.05", "5 % is 0.05");
            mistakes.push(file.at(key).mistake(message).help(help));
        }
    }
    mistakes
}

fn is_workbook(name: &str) -> bool {
    let stem = name.strip_suffix(".xlsx").unwrap_or_default();
    !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

const STANDARDS: &str = "standards.toml";

/// A calendar by name or from a file; what it is called, and the time zone of its offices.
fn calendar_of(assets: &Assets, name: &str) -> Result<(Calendar, Words, Option<Zone>)> {
    let is = |extension: &str| name.to_ascii_lowercase().ends_with(extension);
    let (list, file): (CalendarFile, _) = if is(".csv") || is(".txt") {
        let path = assets.folder.clone().unwrap_or_default().join(name);
        let shown = path.display().to_string();
        let list = holidays::read(&shown, &std::fs::read(&path).map_err(Error::io("read", &path))?)?;
        // A list is no TOML, and has no keys to show.
        (list, TomlFile::new(shown, ""))
    } else {
        let name = if is(".toml") { name.to_owned() } else { format!("calendars/{name}.toml") };
        let file = assets.toml(&name)?;
        (file.read()?, file)
    };
    let calendar = Calendar::new(&list)
        .map_err(|faults| faults.iter().map(|fault| calendar_mistake(fault, &file)).collect::<Vec<_>>())?;
    let zone = list.time_zone.as_deref().map(|name| zone_of(name, &file)).transpose()?;
    let called = |own: String| if own.is_empty() { name.to_owned() } else { own };
    let words = Words { zh: called(list.title.zh), en: called(list.title.en) };
    Ok((calendar, words, zone))
}

fn process_of(assets: &Assets) -> Result<Process> {
    Ok(process::read(assets.toml("process.toml")?)?)
}

fn owners_of(assets: &Assets) -> Result<Owners> {
    Ok(Owners::open(&assets.toml("owners.toml")?)?)
}

fn standards_of(assets: &Assets, set: &str, process: &Process) -> Result<RuleBook> {
    let file = assets.toml(STANDARDS)?;
    let standards: StandardsFile = file.read()?;
    let Some(rules) = standards.sets.get(set) else {
        let near = nearest(set, standards.sets.keys().map(String::as_str)).map(str::to_owned);
        return Err(Error::Unknown { what: Sought::Standards, name: set.to_owned(), nearest: near });
    };
    let stages: Vec<&str> = process.stages.iter().map(|stage| stage.code.as_str()).collect();
    // The program's own rules may be for stages that a custom process does not have.
    let known = (!process.is_open && assets.has(STANDARDS)).then_some(&stages[..]);
    Ok(RuleBook::open(&standards, (set, rules), &file, known)?)
}

fn mapping_of(assets: &Assets, source: &str, words: &Vocabulary) -> Result<Mapping> {
    Ok(Mapping::open(&assets.toml(source)?, words)?)
}

/// What the stages of a process are called.
fn words_of(process: &Process) -> Vocabulary {
    let titles = process.stages.iter().map(|stage| (stage.code.clone(), stage.title.clone())).collect();
    let goal = process.network.goal().ok().map(|goal| process.network.steps[goal].code.clone());
    Vocabulary { stages: process.vocabulary(), titles, goal, any_stage: process.is_open, ..Vocabulary::default() }
}

fn any_stage() -> Vocabulary {
    Vocabulary { any_stage: true, ..Vocabulary::default() }
}

fn scorecard_of(assets: &Assets) -> Result<Scorecard> {
    Ok(Scorecard::open(&assets.toml("scorecard.toml")?)?)
}

fn targets_of(assets: &Assets) -> Result<Targets> {
    Ok(Targets::open(assets.toml("targets.toml")?)?)
}

/// The language that a pipeline file names, as far as it can be read.
pub fn lang_of(pipeline: &Path) -> Option<Lang> {
    let found = Found::of(pipeline).ok()?;
    let assets = Assets { folder: found.folder() };
    let file: toml::Table = assets.toml(&found.file_name()).ok()?.text().parse().ok()?;
    file.get("lang")?.clone().try_into().ok()
}

/// An embedded calendar.
pub fn embedded_calendar(name: &str) -> Result<Calendar> {
    calendar_of(&Assets::embedded(), name).map(|(calendar, ..)| calendar)
}

/// A source mapping on disk, with stages of a process.
pub fn mapping(path: &Path, process: &Process) -> Result<Mapping> {
    std::fs::metadata(path).map_err(Error::io("read", path))?;
    mapping_of(&Assets { folder: Some(PathBuf::new()) }, &path.to_string_lossy(), &words_of(process))
}

/// The embedded tiers of owners.
pub fn embedded_owners() -> Result<Owners> {
    owners_of(&Assets::embedded())
}

/// An embedded set of standard limits.
pub fn embedded_standards(set: &str) -> Result<RuleBook> {
    let assets = Assets::embedded();
    let process = process_of(&assets)?;
    standards_of(&assets, set, &process)
}
