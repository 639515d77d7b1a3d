//! What a run is told to do: the pipeline file and everything that it names.
//!
//! The folder `pipelines/` is embedded in the binary, so that the binary alone works. A pipeline file on disk brings
//! its own folder: what lies beside it wins over the embedded copy, file by file. Every mistake of a file is collected
//! and shown with its line before anything else happens.

pub mod process;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::calendar::{Calendar, CalendarFile};
use crate::clock::limits::{RuleBook, StandardsFile};
use crate::clock::{Pending, Rules};
use crate::error::{Error, Mistake, Result};
use crate::ingest::mapping::{Mapping, nearest};
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
    /// The calendar, by name.
    #[serde(default = "default_calendar")]
    pub calendar: String,
    /// Whether figures that touch uncovered years are an error.
    #[serde(default)]
    pub strict_calendar: bool,
    /// The set of standard limits, by name.
    #[serde(default = "default_standards")]
    pub standards: String,
    /// The causes whose delays can be taken out.
    #[serde(default = "default_causes")]
    pub excludable_causes: Vec<String>,
    /// What becomes of claims that are not ruled on.
    #[serde(default)]
    pub pending: Pending,
    /// Whether claims must be reported by the due date.
    #[serde(default = "default_true")]
    pub require_timely_report: bool,
    /// A fault's callback is due so many calendar days after restoration.
    #[serde(default = "default_fault_days")]
    pub fault_days: u16,
    /// The share of a table that may be rejected, 0–1.
    #[serde(default = "default_max_rejects")]
    pub max_rejects: f64,
    /// The language of the report, where the command line does not say.
    #[serde(default)]
    pub lang: Lang,
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
fn default_max_rejects() -> f64 {
    0.05
}

/// Everything that a run is told, read and found to be right.
#[derive(Debug)]
pub struct Config {
    /// The pipeline.
    pub pipeline: PipelineFile,
    /// Working days.
    pub calendar: Calendar,
    /// Standard limits.
    pub standards: RuleBook,
    /// The stages.
    pub process: Process,
    /// Where rows come from.
    pub mapping: Mapping,
    /// What counts of claims.
    pub rules: Rules,
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
        let (text, shown) = assets.text(name)?;
        let pipeline: PipelineFile = parse(&shown, &text)?;
        let mut mistakes = pipeline_mistakes(&pipeline, &shown, &text);

        // What the pipeline names and is not there is a mistake of the line that names it.
        let mut collect = |error, named: &str| match error {
            Error::Config { mistakes: more } => mistakes.extend(more),
            other => {
                let span = text.find(&format!("\"{named}\"")).map(|at| at..at + named.len() + 2);
                mistakes.push(Mistake::new(&shown, &text, span, other.to_string()));
            }
        };
        let calendar = assets.calendar(&pipeline.calendar).map_err(|error| collect(error, &pipeline.calendar)).ok();
        let process = assets.process().map_err(|error| collect(error, "")).ok();
        let standards = process.as_ref().and_then(|process| {
            assets.standards(&pipeline.standards, process).map_err(|error| collect(error, &pipeline.standards)).ok()
        });
        // The embedded pipeline is for canonical data: its mapping belongs to the sample.
        let source = pipeline.source.as_ref().filter(|_| on_disk);
        let mapping = match source {
            None => Some(Mapping::default()),
            Some(source) => assets.mapping(source).map_err(|error| collect(error, source)).ok(),
        };
        match (calendar, process, standards, mapping) {
            (Some(calendar), Some(process), Some(standards), Some(mapping)) if mistakes.is_empty() => {
                let rules = Rules {
                    excludable_causes: pipeline.excludable_causes.clone(),
                    pending: pipeline.pending,
                    require_timely_report: pipeline.require_timely_report,
                };
                Ok(Config { pipeline, calendar, standards, process, mapping, rules, assets })
            }
            _ => Err(Error::Config { mistakes }),
        }
    }

    /// The folder of the exports that the pipeline file names.
    pub fn data(&self) -> Option<PathBuf> {
        let folder = self.assets.folder.as_ref()?;
        self.pipeline.data.as_ref().map(|data| folder.join(data))
    }

    /// The files of a subfolder, by name: those beside the pipeline file and, for names not there, the embedded ones.
    pub fn files(&self, subfolder: &str) -> Result<BTreeMap<String, String>> {
        self.assets.files(subfolder)
    }
}

fn pipeline_mistakes(pipeline: &PipelineFile, file: &str, text: &str) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    let at = |word: &str| text.find(word).map(|at| at..at + word.len());
    if !is_name(&pipeline.name) {
        let message = "a name has small letters, digits, `-` and `_`, and begins with a letter";
        mistakes.push(Mistake::new(file, text, at("name"), message));
    }
    if !(0.0..=1.0).contains(&pipeline.max_rejects) {
        mistakes.push(
            Mistake::new(file, text, at("max_rejects"), "max_rejects is a share from 0 to 1").help("5 % is 0.05"),
        );
    }
    mistakes
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

impl Assets {
    /// The text of a file and the name under which mistakes show it.
    fn text(&self, name: &str) -> Result<(String, String)> {
        if let Some(folder) = &self.folder {
            let path = folder.join(name);
            match std::fs::read_to_string(&path) {
                Ok(text) => return Ok((text, path.display().to_string())),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("read", &path)(error)),
            }
        }
        match EMBEDDED.get_file(name).and_then(|file| file.contents_utf8()) {
            Some(text) => Ok((text.to_owned(), format!("<embedded>/{name}"))),
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

    fn calendar(&self, name: &str) -> Result<Calendar> {
        let (text, shown) = self.text(&format!("calendars/{name}.toml"))?;
        let file: CalendarFile = parse(&shown, &text)?;
        Calendar::new(&file).map_err(|message| {
            let span =
                message.split(' ').next().and_then(|word| text.find(word.trim_matches('`')).map(|at| at..at + 10));
            Error::Config { mistakes: vec![Mistake::new(&shown, &text, span, message)] }
        })
    }

    fn process(&self) -> Result<Process> {
        let (text, shown) = self.text("process.toml")?;
        process::read(&shown, &text)
    }

    fn standards(&self, set: &str, process: &Process) -> Result<RuleBook> {
        let (text, shown) = self.text("standards.toml")?;
        let file: StandardsFile = parse(&shown, &text)?;
        let Some(rules) = file.sets.get(set) else {
            let near = nearest(set, file.sets.keys().map(String::as_str)).map(str::to_owned);
            return Err(Error::Unknown { what: "set of standards", name: set.to_owned(), nearest: near });
        };
        let stages: Vec<&str> = process.stages.iter().map(|stage| stage.code.as_str()).collect();
        RuleBook::open(&file, rules, &shown, &text, &stages).map_err(|mistakes| Error::Config { mistakes })
    }

    fn mapping(&self, source: &str) -> Result<Mapping> {
        let (text, shown) = self.text(source)?;
        let mapping: Mapping = parse(&shown, &text)?;
        let mistakes = mapping.mistakes(&shown, &text);
        if mistakes.is_empty() { Ok(mapping) } else { Err(Error::Config { mistakes }) }
    }
}

/// Reads a TOML text; a mistake is shown at its place.
pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|error| Error::Config {
        mistakes: vec![Mistake::new(file, text, error.span(), error.message().to_owned())],
    })
}

/// An embedded calendar.
pub fn embedded_calendar(name: &str) -> Result<Calendar> {
    Assets { folder: None }.calendar(name)
}

/// An embedded set of standard limits.
pub fn embedded_standards(set: &str) -> Result<RuleBook> {
    let assets = Assets { folder: None };
    let process = assets.process()?;
    assets.standards(set, &process)
}

/// The files of a project of one's own: the embedded ones, with the pipeline pointed at `data/` and no mapping.
pub fn starter() -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![&EMBEDDED];
    while let Some(folder) = folders.pop() {
        folders.extend(folder.dirs());
        for file in folder.files() {
            let path = Path::new("pipelines").join(file.path());
            let wanted = file.path().extension().is_some_and(|extension| extension == "toml" || extension == "sql");
            match file.contents_utf8() {
                Some(text) if file.path() == Path::new(DEFAULT_PIPELINE) => {
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
