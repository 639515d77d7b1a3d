//! The cases as event logs that other tools open: XES and OCEL 2.0.
//!
//! What is written is read from the raw tables of a lake as it was known on the as-of day, in the order of the cases. The
//! same input gives the same bytes: no clock, no chance. What a form does not carry is counted and said.

mod ocel;
mod xes;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use serde::Serialize;

use crate::calendar::{Day, Instant};
use crate::cases::{Case, Cases, Known, LogRules, StagePass};
use crate::clean::params::Params;
use crate::config::Config;
use crate::contract::{PERSONAL, TABLES};
use crate::disk;
use crate::error::{Error, Result};
use crate::ingest::zone::Zone;
use crate::lake::{self, Value};
use crate::pipeline::{Building, Definitions, Lake, Request, Steps, building};
use crate::rules::vocabulary::Transition;
use crate::table::Rows;
use crate::words::Lang;

/// What an event log is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// XES: a trace for each application.
    Xes,
    /// The same, packed.
    XesGz,
    /// OCEL 2.0 in JSON.
    OcelJson,
    /// OCEL 2.0 in XML.
    OcelXml,
}

impl Format {
    /// What each form's files end in.
    pub const ENDINGS: [(&str, Format); 6] = [
        (".xes", Format::Xes),
        (".xes.gz", Format::XesGz),
        (".ocel.json", Format::OcelJson),
        (".jsonocel", Format::OcelJson),
        (".ocel.xml", Format::OcelXml),
        (".xmlocel", Format::OcelXml),
    ];

    /// The form that a file's name asks for.
    pub fn of(file: &Path) -> Option<Format> {
        let name = file.file_name()?.to_string_lossy().to_lowercase();
        Format::ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, format)| *format)
    }

    /// The input tables that it carries.
    fn tables(self) -> &'static [&'static str] {
        match self {
            Format::Xes | Format::XesGz => &["applications", "stages"],
            Format::OcelJson | Format::OcelXml => &["applications", "stages", "delays", "callbacks", "managers"],
        }
    }
}

/// What is to be written, and where.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The file.
    pub file: PathBuf,
    /// In what it is written.
    pub format: Format,
    /// Whether the names and telephone numbers of customers are written too.
    pub personal: bool,
    /// Whether a file that is there is replaced.
    pub force: bool,
}

/// What was written, and what was not.
#[derive(Debug, Default, Serialize)]
pub struct Exported {
    /// The as-of day.
    pub as_of: String,
    /// Applications.
    pub cases: u64,
    /// Events.
    pub events: u64,
    /// Objects, of an object-centric log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objects: Option<u64>,
    /// Applications and passes that the as-of day hides.
    pub later: u64,
    /// Times of the others that it hides: finishes, energisations and such.
    pub later_times: u64,
    /// Cells that say who a customer is, and were not asked for.
    pub personal: u64,
    /// Characters that XML cannot hold, and that were left out.
    pub characters: u64,
    /// Times that no clock of the office's zone showed, written without their distance from UTC.
    pub unzoned: u64,
    /// Delay claims whose explanation was left out.
    pub reasons: u64,
    /// Passes whose start the exports do not give: only their finish is written.
    pub starts_not_given: u64,
    /// Passes that are planned and have not begun: a log tells what has happened.
    pub plans: u64,
    /// Calls about faults, where the form carries those about applications.
    pub fault_calls: u64,
    /// Input tables that the form does not carry, with their rows.
    pub tables: BTreeMap<&'static str, u64>,
}

impl Exported {
    /// What was not written, a line each.
    pub fn losses(&self, lang: Lang) -> Vec<String> {
        let counted = [
            (
                self.later,
                "件统计日之后的工单、环节不写入",
                "applications and stage passes after the as-of day are not in it",
            ),
            (
                self.later_times,
                "个统计日之后的完成、送电等时间不写入",
                "times after the as-of day (finishes, energisations …) are not in it",
            ),
            (
                self.personal,
                "个客户名称、电话不写入（--personal 写入）",
                "names and telephone numbers of customers are not in it (--personal writes them)",
            ),
            (self.reasons, "条延误说明的原因文字不写入", "explanations of delay claims are not in it"),
            (
                self.starts_not_given,
                "个环节的开始取自上一环节的完成，不写入；再读入时在映射中写 [cases] starts = \"previous\"",
                "starts were taken from the stage before and are not in it; to read it again, write [cases] starts = \"previous\" in the mapping",
            ),
            (
                self.plans,
                "个计划中、尚未开始的环节不写入：日志只有发生过的事",
                "planned passes that have not begun are not in it: a log tells what has happened",
            ),
            (self.fault_calls, "条故障回访不写入", "calls about faults are not in it"),
            (
                self.characters,
                "个 XML 不能表示的控制字符已去掉",
                "control characters that XML cannot hold were left out",
            ),
            (
                self.unzoned,
                "个时间在本地时区不存在，写入时不带时差",
                "times do not exist in the zone of the office, and are written without an offset",
            ),
        ];
        let counted = counted.iter().filter(|(count, ..)| *count > 0);
        let mut lines: Vec<String> =
            counted.map(|(count, zh, en)| lang.pick(format!("{count} {zh}"), format!("{count} {en}"))).collect();
        let tables: Vec<String> = self.tables.iter().map(|(table, rows)| format!("{table} {rows}")).collect();
        if !tables.is_empty() {
            lines.push(lang.pick(
                format!("这种格式不含以下各表（行数）：{}", tables.join("、")),
                format!("the form does not carry these tables (rows): {}", tables.join(", ")),
            ));
        }
        lines
    }
}

/// Writes the cases of an earlier run's lake, or of exports that are read for it, to a file.
pub fn run(request: &Request, lake: Option<&Path>, wanted: &Wanted, steps: &Steps) -> Result<Exported> {
    if !wanted.force && disk::is_there(&wanted.file) {
        return Err(Error::Exists { path: wanted.file.clone(), option: "--force" });
    }
    if let Some(lake) = lake {
        let mut definitions = Definitions::read(request.pipeline.as_deref())?;
        // As the rows were gathered then, whatever the mapping and the process say by now.
        let as_of = Lake::open(lake, &definitions, request.lang)?.as_of;
        let params = Rows::<Params>::read(&lake.join("clean"))?;
        let process = &mut definitions.config.process;
        let log = params.iter().next().map_or(LogRules::default(), |params| params.gathered_by(process));
        let folder = building::temporary()?;
        let cases = Cases::gather(lake, folder.path(), &definitions.config.process, log)?;
        return Source { config: &definitions.config, lake, known: cases.known_on(as_of) }.write(wanted);
    }
    let prepared = request.prepare()?;
    let folder = building::temporary()?;
    let building = Building::temporary(&folder)?;
    let known = prepared.read(&building, steps)?.known(request.as_of, steps)?;
    steps.done();
    Source { config: &prepared.config, lake: &building.lake, known: known.cases() }.write(wanted)
}

/// What is written.
struct Source<'a> {
    config: &'a Config,
    lake: &'a Path,
    known: Known<'a>,
}

/// An attribute: its key and what it says.
type Attributes = Vec<(String, Value<'static>)>;

impl Source<'_> {
    fn write(&self, wanted: &Wanted) -> Result<Exported> {
        let mut exported = Exported { as_of: self.known.day().to_string(), ..Exported::default() };
        self.count_cases(&mut exported)?;
        self.count_tables(wanted.format, &mut exported)?;
        if wanted.format.tables().contains(&"callbacks") {
            self.known.each_fault(|fault| {
                exported.fault_calls += fault.calls.len() as u64;
                Ok(())
            })?;
        }
        let attributes = self.attributes(wanted.personal, &mut exported)?;
        let clock = Clock { zone: self.config.zone };
        disk::file(&wanted.file, wanted.force, |out| match wanted.format {
            Format::Xes => xes::write(self, &attributes, clock, out, &mut exported),
            Format::XesGz => {
                let mut packed = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                xes::write(self, &attributes, clock, &mut packed, &mut exported)?;
                packed.finish().map(drop)
            }
            Format::OcelJson => ocel::write_json(&ocel::Log::of(self, &attributes, clock, &mut exported)?, out),
            Format::OcelXml => {
                let log = ocel::Log::of(self, &attributes, clock, &mut exported)?;
                ocel::write_xml(&log, out, &mut exported.characters)
            }
        })?;
        Ok(exported)
    }

    /// Counts the applications that the as-of day hides, and what of the others is not written.
    fn count_cases(&self, exported: &mut Exported) -> Result<()> {
        for bucket in self.known.buckets() {
            let bucket = bucket?;
            exported.later += self.known.later_of(&bucket);
            for case in self.known.cases_of(&bucket) {
                let later = case.later();
                exported.later += later.passes;
                exported.later_times += later.finishes;
                exported.starts_not_given += case.passes().filter(|pass| pass.start_taken).count() as u64;
                exported.plans += case.plans();
            }
        }
        Ok(())
    }

    /// Counts the rows of the tables that a form does not carry.
    fn count_tables(&self, format: Format, exported: &mut Exported) -> Result<()> {
        for table in TABLES.iter().filter(|table| !format.tables().contains(&table.name)) {
            for file in lake::raw_files(self.lake, table.name)? {
                lake::each_batch(&file, |batch| {
                    *exported.tables.entry(table.name).or_default() += batch.num_rows() as u64;
                    Ok(true)
                })?;
            }
        }
        exported.tables.retain(|_, rows| *rows > 0);
        Ok(())
    }

    /// What the exports say of each application that is known, in the order of their columns.
    fn attributes(&self, personal: bool, exported: &mut Exported) -> Result<BTreeMap<String, Attributes>> {
        let mut all: BTreeMap<String, Attributes> = BTreeMap::new();
        for bucket in self.known.buckets() {
            let known = self.known.cases_of(&bucket?).map(|case| case.facts.application_id.clone()).collect::<Vec<_>>();
            all.extend(known.into_iter().map(|id| (id, Attributes::new())));
        }
        for file in lake::raw_files(self.lake, "applications")? {
            lake::each_batch(&file, |batch| {
                let schema = batch.schema();
                let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
                let ids = batch.column_by_name("application_id").map(|ids| ids.as_string::<i32>());
                for row in 0..batch.num_rows() {
                    let Some(own) = ids.and_then(|ids| all.get_mut(ids.value(row))) else { continue };
                    for (name, column) in names.iter().zip(batch.columns()) {
                        match value(column, row) {
                            Value::Null => {}
                            _ if matches!(*name, "application_id" | "source_line") => {}
                            _ if !personal && PERSONAL.contains(name) => exported.personal += 1,
                            Value::Instant(at) if !self.known.has_come(at.day()) => exported.later_times += 1,
                            value => own.push(((*name).to_owned(), value)),
                        }
                    }
                }
                Ok(true)
            })?;
        }
        for bucket in self.known.buckets() {
            for case in self.known.cases_of(&bucket?) {
                let Some(own) = all.get_mut(&case.facts.application_id) else { continue };
                // The end that a process takes from the log itself.
                if let Some(at) = case.energised_at.filter(|_| !own.iter().any(|(name, _)| name == "energised_at")) {
                    own.push(("energised_at".to_owned(), Value::Instant(at)));
                }
            }
        }
        Ok(all)
    }

    fn text(&self, name: crate::cases::Name) -> String {
        self.known.text(name).to_owned()
    }
}

/// One value of a raw table.
fn value(column: &ArrayRef, row: usize) -> Value<'static> {
    if column.is_null(row) {
        return Value::Null;
    }
    match column.data_type() {
        DataType::Utf8 => Value::Text(Cow::Owned(column.as_string::<i32>().value(row).to_owned())),
        DataType::Float64 => Value::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Int64 => Value::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::Boolean => Value::Flag(column.as_boolean().value(row)),
        DataType::Date32 => Value::Date(Day(column.as_primitive::<Date32Type>().value(row))),
        DataType::Timestamp(..) => {
            Value::Instant(Instant(column.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        other => unreachable!("a raw table has no column of {other}"),
    }
}

/// An event of an application.
struct StageEvent {
    at: Instant,
    transition: Transition,
    pass: StagePass,
}

/// The starts and ends of the passes of an application by time; of one moment in the order of the passes. A start that the
/// exports do not give is not made up.
fn events(case: &Case<'_>) -> Vec<StageEvent> {
    let mut events: Vec<(usize, StageEvent)> = Vec::new();
    for (place, pass) in case.passes().enumerate() {
        if !pass.start_taken {
            events.push((place, StageEvent { at: pass.started_at, transition: Transition::Start, pass }));
        }
        if let Some(at) = pass.finished_at {
            events.push((place, StageEvent { at, transition: Transition::Complete, pass }));
        }
    }
    events.sort_by_key(|(place, event)| (event.at, *place, event.transition));
    events.into_iter().map(|(_, event)| event).collect()
}

/// What civil times are written as.
#[derive(Clone, Copy)]
struct Clock {
    /// The zone of the office; without one times are written without an offset.
    zone: Option<Zone>,
}

impl Clock {
    fn day(self, day: Day, unzoned: &mut u64) -> String {
        self.stamp(Instant::at(day, 0), unzoned)
    }

    /// A time as `2026-05-28T09:30:00+08:00`.
    fn stamp(self, at: Instant, unzoned: &mut u64) -> String {
        let mut text = at.to_string().replace(' ', "T");
        let micros = at.0.rem_euclid(1_000_000);
        if micros > 0 {
            text += format!(".{micros:06}").trim_end_matches('0');
        }
        let Some(zone) = self.zone else { return text };
        match zone.offset_at(at) {
            Some(offset) if offset % 60 == 0 => {
                let sign = if offset < 0 { '-' } else { '+' };
                let minutes = offset.abs() / 60;
                text + &format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            _ => {
                *unzoned += 1;
                text
            }
        }
    }
}

/// A text without the characters that XML cannot hold, which are counted.
fn xml_text<'a>(text: &'a str, left_out: &mut u64) -> Cow<'a, str> {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(fits) {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().filter(|c| fits(*c)).collect();
    *left_out += (text.chars().count() - kept.chars().count()) as u64;
    Cow::Owned(kept)
}
