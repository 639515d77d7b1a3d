//! The settings of a run: the pipeline file and everything that it names.
//!
//! The folder `pipelines/` is embedded in the binary, so that the binary alone works. A pipeline file on disk brings
//! its own folder: files next to it win over the embedded copy, one by one. Every mistake of a file is collected
//! and shown with its line before anything else happens.

mod holidays;
pub mod process;
pub mod vocabularies;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::Deserialize;

use self::vocabularies::Vocabularies;
use crate::calendar::{Calendar, CalendarFault, CalendarFile};
use crate::clock::limits::{RuleBook, StandardsFile};
use crate::clock::owners::Owners;
use crate::clock::{Pending, Rules};
use crate::error::{Error, Mistake, Result, Sought, TomlFile, TomlPath};
use crate::ingest::mapping::Mapping;
use crate::ingest::values::Vocabulary;
use crate::ingest::zone::Zone;
use crate::period::Rhythm;
use crate::spelling::nearest;
use crate::words::{Lang, Words};
pub use process::{Process, Stage};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/pipelines");

/// The pipeline that runs where none is named.
pub const DEFAULT_PIPELINE: &str = "monthly.toml";

/// A pipeline file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Its name, also that of its reports.
    pub name: String,
    /// What its report is called.
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
    /// The name of the workbook; absent: that of the pipeline.
    pub workbook: Option<String>,
    /// Whether the report is for everybody: only the tables named, no rejects, no explanation of cases.
    #[serde(default)]
    pub public: bool,
}

impl PipelineFile {
    /// The file name of the workbook.
    pub fn workbook(&self) -> String {
        self.workbook.clone().unwrap_or_else(|| format!("{}.xlsx", self.name))
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
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handout {
    /// The columns, such as `department`; the last of them that is not empty names the workbook.
    pub by: Vec<String>,
    /// What the folder of its workbooks is called.
    pub title: Words,
    /// The tables, of which each must have the columns.
    pub tables: Vec<String>,
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
fn default_fault_days() -> u16 {
    7
}
fn default_remind_wd() -> u16 {
    1
}
/// What the monthly pipeline says of a key: the default of the others.
fn of_monthly(key: &str) -> Vec<String> {
    let text = EMBEDDED.get_file(DEFAULT_PIPELINE).and_then(|file| file.contents_utf8()).unwrap_or_default();
    let file: toml::Table = text.parse().unwrap_or_default();
    let names = file.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
fn default_tables() -> Vec<String> {
    of_monthly("tables")
}
fn default_max_rejects() -> f64 {
    0.05
}

/// `scorecard.toml`: how managers are scored, what is proposed for an overdue stage, and what a large customer is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// The weights of the parts of a manager's score.
    pub weights: Weights,
    /// How small samples are treated, and who is at the bottom.
    pub sample: Sample,
    /// What is proposed for an overdue stage.
    pub proposal: Proposal,
    /// What a large customer is.
    pub coverage: Coverage,
}

/// The weights of the parts of a manager's score.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weights {
    /// Of stages not overdue.
    pub stage_rate: f64,
    /// Of promises kept.
    pub promise: f64,
    /// Of the customers' scores.
    pub callback: f64,
    /// Of claims reported on time.
    pub timely_claims: f64,
}

/// How small samples are treated, and who is at the bottom.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    /// Cases by which every rate is shrunk towards the mean of all.
    pub shrink: f64,
    /// Fewer settled stages than this are a small sample.
    pub small: u16,
    /// How many managers are the bottom of a month.
    pub bottom: u16,
    /// After how many months running a manager is flagged.
    pub bottom_months: u16,
}

/// What is proposed for an overdue stage, in points.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// For the stage.
    pub per_stage: f64,
    /// For each working day over its limit.
    pub per_wd: f64,
    /// At most.
    pub most: f64,
}

/// What a large customer is, and how many of them a full-time manager can serve (docs/method.md §5).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// The least voltage, in kV.
    pub large_kv: f64,
    /// How many customers a full-time manager can serve.
    pub customers_per_manager: f64,
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
    /// What users call the codes in marts.
    pub vocabularies: Vocabularies,
    /// What counts of claims.
    pub rules: Rules,
    /// Who is responsible for an application, and from when.
    pub owners: Owners,
    /// How managers are scored.
    pub scorecard: Scorecard,
    /// The pipeline file, to show mistakes in.
    pub file: TomlFile,
    assets: Assets,
}

impl Config {
    /// Reads a pipeline file and what it names; `None`: the embedded monthly pipeline.
    pub fn load(path: Option<&Path>) -> Result<Config> {
        let (assets, name) = match path {
            None => (Assets { folder: None }, DEFAULT_PIPELINE.to_owned()),
            Some(path) => {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                // What is named must be there: only what it names in turn may be embedded.
                std::fs::metadata(path).map_err(Error::io("read", path))?;
                (Assets { folder: Some(folder) }, name)
            }
        };
        Config::read(assets, &name, path.is_some())
    }

    fn read(assets: Assets, name: &str, on_disk: bool) -> Result<Config> {
        let file = assets.toml(name)?;
        let pipeline: PipelineFile = file.read()?;
        let mut mistakes = pipeline_mistakes(&pipeline, &file);
        let calendar = assets.calendar(&pipeline.calendar).map_err(|error| match error {
            Error::Config { .. } => error,
            other => vec![file.at("calendar").mistake(other.to_string()).help(calendar_help())].into(),
        });
        let calendar = keep(calendar, &file.at("calendar"), &mut mistakes);
        let zone = pipeline.time_zone.as_deref().map(|name| zone_of(name, &file));
        let zone = zone.and_then(|zone| keep(zone, &file.at("time_zone"), &mut mistakes));
        let process = keep(assets.process(), &file.whole(), &mut mistakes);
        let standards = process.as_ref().and_then(|process| {
            keep(assets.standards(&pipeline.standards, process), &file.at("standards"), &mut mistakes)
        });
        // The embedded pipeline is for canonical data: its mapping belongs to the sample.
        let mapping = match pipeline.source.as_ref().filter(|_| on_disk) {
            None => Some(Mapping::default()),
            Some(source) => keep(assets.mapping(source), &file.at("source"), &mut mistakes),
        };
        let owners = keep(assets.owners(), &file.whole(), &mut mistakes);
        let vocabularies = keep(assets.vocabularies(), &file.whole(), &mut mistakes);
        let scorecard = keep(assets.scorecard(), &file.whole(), &mut mistakes);
        match (calendar, process, standards, mapping, owners, scorecard, vocabularies) {
            (
                Some((calendar, calendar_name, zone_of_calendar)),
                Some(process),
                Some(standards),
                Some(mapping),
                Some(owners),
                Some(scorecard),
                Some(vocabularies),
            ) if mistakes.is_empty() => {
                let rules = Rules {
                    excludable_causes: pipeline.excludable_causes.clone(),
                    pending: pipeline.pending,
                    require_timely_report: pipeline.require_timely_report,
                };
                Ok(Config {
                    pipeline,
                    calendar,
                    calendar_name,
                    zone: zone.or(zone_of_calendar),
                    standards,
                    process,
                    mapping,
                    vocabularies,
                    rules,
                    owners,
                    scorecard,
                    file,
                    assets,
                })
            }
            _ => Err(mistakes.into()),
        }
    }

    /// What an export's words and times stand for.
    pub fn vocabulary(&self) -> Vocabulary {
        let (stages, any_stage) = (self.process.vocabulary(), self.process.is_open);
        Vocabulary { stages, any_stage, zone: self.zone, ..Vocabulary::default() }
    }

    /// The folder of the exports that the pipeline file names.
    pub fn data(&self) -> Option<PathBuf> {
        let folder = self.assets.folder.as_ref()?;
        self.pipeline.data.as_ref().map(|data| folder.join(data))
    }

    /// A file as it is embedded, and then as it lies beside the pipeline, if it does.
    pub(crate) fn layers(&self, name: &str) -> Result<Vec<TomlFile>> {
        let mut layers = vec![Assets { folder: None }.toml(name)?];
        if self.assets.folder.is_some() && self.assets.has(name) {
            layers.push(self.assets.toml(name)?);
        }
        Ok(layers)
    }

    /// The files of a subfolder, by name: those next to the pipeline file and, for names not there, the embedded ones.
    pub fn files(&self, subfolder: &str) -> Result<BTreeMap<String, String>> {
        self.assets.files(subfolder)
    }
}

fn calendar_help() -> String {
    let calendars = EMBEDDED.get_dir("calendars").into_iter().flat_map(Dir::files);
    let mut names: Vec<_> = calendars
        .filter(|file| file.path().extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|file| file.path().file_stem()?.to_str())
        .collect();
    names.sort_unstable();
    let names = names.join("`, `");
    format!(
        "there are `{names}`; a list of your own holidays is a file beside the pipeline: calendar = \"holidays.csv\""
    )
}

/// What was read. If it could not be, why is kept: what the pipeline names and is not there is a mistake of the line
/// that names it.
fn keep<T>(read: Result<T>, named: &TomlPath<'_>, mistakes: &mut Vec<Mistake>) -> Option<T> {
    match read {
        Ok(read) => return Some(read),
        Err(Error::Config { mistakes: more }) => mistakes.extend(more),
        Err(other) => mistakes.push(named.mistake(other.to_string())),
    }
    None
}

/// A fault of a calendar at its place; an item of a list of days has its own table.
fn calendar_mistake(fault: &CalendarFault, file: &TomlFile) -> Mistake {
    let here = file.at(fault.key);
    fault.item.map_or(here.clone(), |number| here.item(number)).mistake(fault.message.as_str())
}

/// The zone that the key `time_zone` of a file names.
fn zone_of(name: &str, file: &TomlFile) -> Result<Zone> {
    Zone::named(name).map_err(|message| vec![file.at("time_zone").mistake(message)].into())
}

fn pipeline_mistakes(pipeline: &PipelineFile, file: &TomlFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    if !is_name(&pipeline.name) {
        let message = "a name has small letters, digits, `-` and `_`, and begins with a letter";
        mistakes.push(file.at("name").mistake(message));
    }
    if !pipeline.workbook.as_deref().is_none_or(is_workbook) {
        let message = "a workbook's name has letters, digits, `-` and `_`, and ends with `.xlsx`";
        mistakes.push(file.at("workbook").mistake(message));
    }
    if !(0.0..=1.0).contains(&pipeline.max_rejects) {
        let mistake = file.at("max_rejects").mistake("max_rejects is a share from 0 to 1");
        mistakes.push(mistake.help("5 % is 0.05"));
    }
    mistakes
}

fn is_workbook(name: &str) -> bool {
    let stem = name.strip_suffix(".xlsx").unwrap_or_default();
    !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

/// Whether a name can be that of a report, a mart or a column.
pub fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// Configuration files: a folder on disk before the embedded copy.
#[derive(Debug, Clone)]
struct Assets {
    folder: Option<PathBuf>,
}

const STANDARDS: &str = "standards.toml";

impl Assets {
    /// Whether a file is next to the pipeline, or there is no pipeline on disk.
    fn has(&self, name: &str) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.join(name).exists())
    }

    /// A file, under the name that mistakes show.
    fn toml(&self, name: &str) -> Result<TomlFile> {
        if let Some(folder) = &self.folder {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => return Ok(TomlFile::new(path.display().to_string(), text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("read", &path)(error)),
            }
        }
        match EMBEDDED.get_file(name).and_then(|file| file.contents_utf8()) {
            Some(text) => Ok(TomlFile::new(format!("<embedded>/{name}"), text)),
            None => {
                let path = self.folder.clone().unwrap_or_default().join(name);
                Err(Error::io("read", &path)(std::io::ErrorKind::NotFound.into()))
            }
        }
    }

    fn files(&self, subfolder: &str) -> Result<BTreeMap<String, String>> {
        let mut files = BTreeMap::new();
        for file in EMBEDDED.get_dir(subfolder).into_iter().flat_map(Dir::files) {
            if let (Some(name), Some(text)) = (file.path().file_name().and_then(|n| n.to_str()), file.contents_utf8()) {
                files.insert(name.to_owned(), text.to_owned());
            }
        }
        let Some(folder) = self.folder.as_ref().map(|folder| folder.join(subfolder)).filter(|folder| folder.is_dir())
        else {
            return Ok(files);
        };
        for entry in std::fs::read_dir(&folder).map_err(Error::io("read", &folder))? {
            let path = entry.map_err(Error::io("read", &folder))?.path();
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && path.is_file()
            {
                let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
                files.insert(name.to_owned(), text);
            }
        }
        Ok(files)
    }

    /// A calendar by name or from a file; what it is called, and the time zone of its offices.
    fn calendar(&self, name: &str) -> Result<(Calendar, Words, Option<Zone>)> {
        let is = |extension: &str| name.to_ascii_lowercase().ends_with(extension);
        let (list, file): (CalendarFile, _) = if is(".csv") || is(".txt") {
            let path = self.folder.clone().unwrap_or_default().join(name);
            let shown = path.display().to_string();
            let list = holidays::read(&shown, &std::fs::read(&path).map_err(Error::io("read", &path))?)?;
            // A list is no TOML, and has no keys to show.
            (list, TomlFile::new(shown, ""))
        } else {
            let name = if is(".toml") { name.to_owned() } else { format!("calendars/{name}.toml") };
            let file = self.toml(&name)?;
            (file.read()?, file)
        };
        let calendar = Calendar::new(&list)
            .map_err(|faults| faults.iter().map(|fault| calendar_mistake(fault, &file)).collect::<Vec<_>>())?;
        let zone = list.time_zone.as_deref().map(|name| zone_of(name, &file)).transpose()?;
        let called = |own: String| if own.is_empty() { name.to_owned() } else { own };
        let words = Words { zh: called(list.title.zh), en: called(list.title.en) };
        Ok((calendar, words, zone))
    }

    fn process(&self) -> Result<Process> {
        Ok(process::read(self.toml("process.toml")?)?)
    }

    /// What users call codes: as the program says, and what a file beside the pipeline adds.
    fn vocabularies(&self) -> Result<Vocabularies> {
        const FILE: &str = "vocabularies.toml";
        let mut layers = vec![Assets { folder: None }.toml(FILE)?];
        if self.folder.is_some() && self.has(FILE) {
            layers.push(self.toml(FILE)?);
        }
        Ok(Vocabularies::open(&layers)?)
    }

    fn owners(&self) -> Result<Owners> {
        Ok(Owners::open(&self.toml("owners.toml")?)?)
    }

    fn scorecard(&self) -> Result<Scorecard> {
        let file = self.toml("scorecard.toml")?;
        let scorecard: Scorecard = file.read()?;
        let Scorecard { weights, sample, proposal, coverage } = &scorecard;
        let mut mistakes = Vec::new();
        for (section, key, number) in [
            ("weights", "stage_rate", weights.stage_rate),
            ("weights", "promise", weights.promise),
            ("weights", "callback", weights.callback),
            ("weights", "timely_claims", weights.timely_claims),
            ("sample", "shrink", sample.shrink),
            ("proposal", "per_stage", proposal.per_stage),
            ("proposal", "per_wd", proposal.per_wd),
            ("proposal", "most", proposal.most),
            ("coverage", "large_kv", coverage.large_kv),
            ("coverage", "customers_per_manager", coverage.customers_per_manager),
        ] {
            if !(number.is_finite() && number >= 0.0) {
                mistakes.push(file.at(section).key(key).mistake(format!("`{key}` is a number of at least 0")));
            }
        }
        if mistakes.is_empty() { Ok(scorecard) } else { Err(mistakes.into()) }
    }

    fn standards(&self, set: &str, process: &Process) -> Result<RuleBook> {
        let file = self.toml(STANDARDS)?;
        let standards: StandardsFile = file.read()?;
        let Some(rules) = standards.sets.get(set) else {
            let near = nearest(set, standards.sets.keys().map(String::as_str)).map(str::to_owned);
            return Err(Error::Unknown { what: Sought::Standards, name: set.to_owned(), nearest: near });
        };
        let stages: Vec<&str> = process.stages.iter().map(|stage| stage.code.as_str()).collect();
        // The program's own rules may be for stages that a custom process does not have.
        let known = (!process.is_open && self.has(STANDARDS)).then_some(&stages[..]);
        Ok(RuleBook::open(&standards, (set, rules), &file, known)?)
    }

    fn mapping(&self, source: &str) -> Result<Mapping> {
        Ok(Mapping::open(&self.toml(source)?)?)
    }
}

/// The language that a pipeline file names, as far as it can be read.
pub fn lang_of(path: &Path) -> Option<Lang> {
    let file: toml::Table = std::fs::read_to_string(path).ok()?.parse().ok()?;
    file.get("lang")?.clone().try_into().ok()
}

/// Whether the program brings the marts of files of that name itself.
pub fn ships_mart(file: &str) -> bool {
    EMBEDDED.get_file(format!("marts/{file}.sql")).is_some()
}

/// An embedded calendar.
pub fn embedded_calendar(name: &str) -> Result<Calendar> {
    Assets { folder: None }.calendar(name).map(|(calendar, ..)| calendar)
}

/// A source mapping on disk.
pub fn mapping(path: &Path) -> Result<Mapping> {
    std::fs::metadata(path).map_err(Error::io("read", path))?;
    Assets { folder: Some(PathBuf::new()) }.mapping(&path.to_string_lossy())
}

/// The embedded tiers of owners.
pub fn embedded_owners() -> Result<Owners> {
    Assets { folder: None }.owners()
}

/// An embedded set of standard limits.
pub fn embedded_standards(set: &str) -> Result<RuleBook> {
    let assets = Assets { folder: None };
    let process = assets.process()?;
    assets.standards(set, &process)
}

/// The files of a new project: the embedded ones, with the pipeline pointed at `data/` and no mapping.
pub fn starter() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = Path::new("pipelines").join(file.path());
            let wanted = file.path().extension().is_some_and(|extension| extension == "toml" || extension == "sql");
            match file.contents_utf8() {
                Some(text) if text.contains("data = \"../sample_data\"") => {
                    let own = text.replace("data = \"../sample_data\"", "data = \"../data\"");
                    let own = own.replace("source = \"sources/sample.toml\"", "# source = \"sources/own.toml\"");
                    files.push((path, own.into_bytes()));
                }
                _ if wanted && !file.path().starts_with("sources") => files.push((path, file.contents().to_vec())),
                _ => {}
            }
        }
    }
    files.sort();
    files
}
