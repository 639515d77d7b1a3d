//! The settings of a run: the pipeline file and everything that it names.
//!
//! The folder `pipelines/` is embedded in the binary, so that the binary alone works. A pipeline file on disk brings
//! its own folder: files next to it win over the embedded copy, one by one. Every mistake of a file is collected
//! and shown with its line before anything else happens.

mod holidays;
mod pipeline_file;
mod source_used;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub use self::pipeline_file::{Handout, PipelineFile, Round};
pub use self::source_used::SourceUsed;
use crate::assets::{Assets, Found};
use crate::calendar::{Calendar, CalendarFault, CalendarFile};
use crate::clock::Rules;
use crate::disk;
use crate::error::{Error, Mistake, Result, Sought, TomlFile, TomlPath};
use crate::ingest::mapping::Mapping;
use crate::ingest::values::Vocabulary;
use crate::ingest::zone::Zone;
use crate::rules::house::House;
use crate::rules::limits::{RuleBook, StandardsFile};
use crate::rules::only::Only;
use crate::rules::owners::Owners;
use crate::rules::process::{self, Process};
use crate::rules::scorecard::Scorecard;
use crate::rules::targets::Targets;
use crate::rules::units::Units;
use crate::spelling::nearest;
use crate::vocabularies::{UNIT_LEVEL, Vocabularies};
use crate::words::{Lang, Words};

/// The pipeline that runs where none is named.
pub const DEFAULT_PIPELINE: &str = "monthly";

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
    /// Who issues reports.
    pub house: House,
    /// The units that bureaus belong to.
    pub units: Units,
    /// The pipeline file, to show mistakes in.
    pub file: TomlFile,
    /// What it is called.
    pub file_name: String,
    /// Where it was read from.
    pub assets: Assets,
}

impl Config {
    /// Reads a pipeline and what it names; `None`: the monthly pipeline, that of the current folder's `pipelines` before the
    /// embedded one.
    pub fn load(pipeline: Option<&Path>) -> Result<Config> {
        let found = Found::of(pipeline.unwrap_or(Path::new(DEFAULT_PIPELINE)))?;
        let assets = Assets::of(found.folder());
        Config::read(assets, &found.file_name(), matches!(found, Found::File(_)))
    }

    fn read(assets: Assets, name: &str, on_disk: bool) -> Result<Config> {
        let file = assets.toml(name)?;
        let mut pipeline: PipelineFile = file.read()?;
        if pipeline.title == Words::default() {
            pipeline.title = Words { zh: pipeline.name.clone(), en: pipeline.name.clone() };
        }
        let mut mistakes = pipeline.mistakes(&file);
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
        let units = keep(units_of(&assets), &file.whole(), &mut mistakes);
        if let Some(units) = &units {
            mistakes.extend(unit_mistakes(&pipeline.only, units, &file));
            units.settle(&mut pipeline.only);
        }
        let vocabularies = keep(
            assets.layers("vocabularies.toml").and_then(|layers| Ok(Vocabularies::open(&layers)?)),
            &file.whole(),
            &mut mistakes,
        );
        let scorecard = keep(scorecard_of(&assets), &file.whole(), &mut mistakes);
        let targets = keep(targets_of(&assets), &file.whole(), &mut mistakes);
        let house = keep(house_of(&assets), &file.whole(), &mut mistakes);
        match (calendar, process, standards, mapping, owners, scorecard, targets, house, units, vocabularies) {
            (
                Some((calendar, calendar_name, zone_of_calendar)),
                Some(process),
                Some(standards),
                Some(mapping),
                Some(owners),
                Some(scorecard),
                Some(targets),
                Some(house),
                Some(units),
                Some(mut vocabularies),
            ) if mistakes.is_empty() => {
                let rules = Rules {
                    excludable_causes: pipeline.excludable_causes.clone(),
                    pending: pipeline.pending,
                    require_timely_report: pipeline.require_timely_report,
                    open_claim_wd: pipeline.open_claim_wd,
                };
                vocabularies.call(UNIT_LEVEL, units.levels());
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
                    house,
                    units,
                    file,
                    file_name: name.to_owned(),
                    assets,
                })
            }
            _ => Err(mistakes.into()),
        }
    }

    /// What the figures of single cases are worked out by, besides their rows: the settings that they depend on, and the
    /// files of the configuration, each with its SHA-256, without those that are about marts and pages.
    pub fn of_cases(&self) -> Result<impl Serialize> {
        let mut texts = self.assets.texts();
        texts.retain(|(name, _)| *name != self.file_name && !OF_REPORTS.iter().any(|of| name.starts_with(of)));
        Ok((self.pipeline.of_cases()?, texts))
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

/// Whether a data folder brings a mapping. One that is there and cannot be read is not passed over: without it other figures
/// would come out.
fn brings_own(data: &Path) -> Result<bool> {
    let own = data.join(OWN_SOURCE);
    for place in [own.parent().unwrap_or(data), &own] {
        match (fs::symlink_metadata(place), fs::metadata(place)) {
            (Err(error), _) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(false);
            }
            (Err(error), _) | (Ok(_), Err(error)) => return Err(Error::io("read", place)(error)),
            (Ok(_), Ok(_)) => {}
        }
    }
    Ok(true)
}

impl Config {
    /// Decides which mapping counts: the one given by hand; that of the pipeline, for the pipeline's own data; else that
    /// of the data folder. Gives back the data folder, which is the current one where nothing else is named and it brings
    /// a mapping.
    pub fn settle_source(&mut self, data: Option<&Path>, source: Option<&Path>) -> Result<PathBuf> {
        let folder = match data.map(Path::to_owned).or_else(|| self.data()) {
            Some(folder) => folder,
            None if brings_own(Path::new("."))? => PathBuf::from("."),
            None => return Err(Error::NoExports),
        };
        let own = folder.join(OWN_SOURCE);
        let brings_own = match source {
            Some(_) => brings_own(&folder).unwrap_or(true),
            None => brings_own(&folder)?,
        };
        match source {
            Some(path) => {
                self.mapping = mapping(path, &self.process)?;
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                self.source = Some(SourceUsed::at(name, path));
            }
            None if data.is_none() && self.source.is_some() => {}
            None if brings_own => {
                self.mapping = mapping(&own, &self.process)?;
                self.source = Some(SourceUsed::at(OWN_SOURCE.to_owned(), &own));
            }
            None => (self.mapping, self.source) = (Mapping::default(), None),
        }
        if let Some(used) = self.source.as_mut().filter(|used| used.file != OWN_SOURCE) {
            used.passes_over_own = brings_own;
        }
        self.bound_cases();
        Ok(folder)
    }

    /// Asks for some applications before those that the pipeline asks for; the report is called after them.
    pub fn ask_for(&mut self, only: &Only) -> Result<()> {
        let mut only = std::mem::take(&mut self.pipeline.only).replaced_by(only);
        if let Some(unit) = only.unit.iter().find(|unit| self.units.named(unit).is_none()) {
            let nearest = self.units.nearest(unit).map(str::to_owned);
            return Err(Error::Unknown { what: Sought::Unit, name: unit.clone(), nearest });
        }
        self.units.settle(&mut only);
        if !only.is_everything() {
            self.divisible()?;
        }
        self.pipeline.name += &only.suffix();
        self.pipeline.only = only;
        Ok(())
    }

    /// Fails where there is no report about some applications only.
    pub fn divisible(&self) -> Result<()> {
        if !self.pipeline.public {
            return Ok(());
        }
        let message = Words::new(
            "公开报告须含全部工单：只含部分工单会显出个别客户",
            "a report for everybody is about all applications: groups of a few would be persons",
        );
        Err(vec![self.file.whole().mistake(message)].into())
    }

    /// What the report about some other applications is called, once this one is called after its own.
    pub fn named_for(&self, only: &Only) -> String {
        let PipelineFile { name, only: own, .. } = &self.pipeline;
        name.strip_suffix(&own.suffix()).unwrap_or(name).to_owned() + &only.suffix()
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

const STANDARDS: &str = "standards.toml";

/// The file of the process.
pub const PROCESS: &str = "process.toml";

/// The files that no figure of a single case depends on, and the folders of such.
const OF_REPORTS: [&str; 13] = [
    "audits/",
    "charts/",
    "columns.toml",
    "examples.toml",
    "examples/",
    "form.toml",
    "headlines.toml",
    "house.toml",
    "marts/",
    "schema/",
    "targets.toml",
    "units.toml",
    "vocabularies.toml",
];

/// A calendar by name or from a file; what it is called, and the time zone of its offices.
fn calendar_of(assets: &Assets, name: &str) -> Result<(Calendar, Words, Option<Zone>)> {
    let is = |extension: &str| name.to_ascii_lowercase().ends_with(extension);
    let (list, file): (CalendarFile, _) = if is(".csv") || is(".txt") {
        let path = assets.folder.clone().unwrap_or_default().join(name);
        let shown = path.display().to_string();
        let bytes = disk::bytes(&path).map_err(Error::io("read", &path))?;
        assets.note(name, &bytes);
        let list = holidays::read(&shown, &bytes)?;
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
    Ok(process::read(assets.toml(PROCESS)?)?)
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

/// Who issues reports, as a configuration says it.
pub(crate) fn house_of(assets: &Assets) -> Result<House> {
    const FILE: &str = "house.toml";
    Ok(House::open(&assets.toml(FILE)?, |logo| assets.part(FILE, logo))?)
}

fn units_of(assets: &Assets) -> Result<Units> {
    Ok(Units::open(assets.toml("units.toml")?)?)
}

/// The units that a pipeline is about and that there are not.
fn unit_mistakes(only: &Only, units: &Units, file: &TomlFile) -> Vec<Mistake> {
    let unknown = only.unit.iter().enumerate().filter(|(_, unit)| units.named(unit).is_none());
    let mistake = |(number, unit): (usize, &String)| {
        let here = file.at("only").key("unit").item(number);
        let message =
            Words::new(format!("units.toml 中没有单位「{unit}」"), format!("units.toml has no unit `{unit}`"));
        here.mistake(message).did_you_mean(units.nearest(unit))
    };
    unknown.map(mistake).collect()
}

/// The language that a pipeline file names, as far as it can be read.
pub fn lang_of(pipeline: &Path) -> Option<Lang> {
    let found = Found::of(pipeline).ok()?;
    let assets = Assets::of(found.folder());
    let file: toml::Table = assets.toml(&found.file_name()).ok()?.text().parse().ok()?;
    file.get("lang")?.clone().try_into().ok()
}

/// An embedded calendar.
pub fn embedded_calendar(name: &str) -> Result<Calendar> {
    calendar_of(&Assets::embedded(), name).map(|(calendar, ..)| calendar)
}

/// A source mapping on disk, with stages of a process.
pub fn mapping(path: &Path, process: &Process) -> Result<Mapping> {
    fs::metadata(path).map_err(Error::io("read", path))?;
    mapping_of(&Assets::of(Some(PathBuf::new())), &path.to_string_lossy(), &words_of(process))
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

#[cfg(test)]
mod tests;
