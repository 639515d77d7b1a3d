//! What can go wrong, and how it is reported.
//!
//! One error type for the whole library. Its kinds say *where* (file, sheet, line, column), *what* stood there, and
//! *what to do*; [`Error::report`] says it in the user's language. A mistake in a configuration file is shown with
//! its source line, and all mistakes of a file are collected before the run fails.

mod toml_file;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::{Serialize, Serializer};

use crate::calendar::Day;
use crate::words::{Lang, Term, Words};
pub use toml_file::{TomlFile, TomlPath};

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// How a run of the program ended, as its exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: published, or the question was answered.
    Good = 0,
    /// 1: it ran, but a gate failed; the previous report stays.
    GateFailed = 1,
    /// 2: it could not run.
    CouldNotRun = 2,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `write`, `rename`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Mistakes in configuration files, all of them.
    #[error("{} in the configuration", plural(mistakes.len(), "mistake"))]
    Config {
        /// One entry per mistake, in the order of the file.
        mistakes: Vec<Mistake>,
    },
    /// Exports that cannot be read as a whole, all of them.
    #[error("{}", faults.iter().map(ExportFault::to_string).collect::<Vec<_>>().join("\n"))]
    Export {
        /// Where and what, in the order of the files.
        faults: Vec<ExportFault>,
    },
    /// A gate failed: the figures would rest on too little.
    #[error("{gate}")]
    Gate {
        /// Which gate, and by how much.
        gate: Gate,
    },
    /// The engine refused a step that should have worked.
    #[error("{doing}: {source}")]
    Engine {
        /// The step.
        doing: String,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A renderer refused.
    #[error("cannot render {artefact}: {source}")]
    Render {
        /// The file that was being made.
        artefact: String,
        /// Why not.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another run holds the output.
    #[error("another run is writing {}", path.display())]
    Busy {
        /// The output folder.
        path: PathBuf,
    },
    /// The output folder holds something that yekuo did not make.
    #[error("{} holds {}, which yekuo did not make: move it, or choose another folder", path.display(), file.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The first such file, relative to it.
        file: PathBuf,
    },
    /// What is to be compared with is no earlier report of the pipeline.
    #[error("cannot compare with {}: {}", path.display(), problem.en)]
    Since {
        /// The folder that was named.
        path: PathBuf,
        /// What is wrong with it.
        problem: Words,
    },
    /// No exports are named.
    #[error("no exports are named: give --data DIR, or a pipeline file that names its `data`")]
    NoExports,
    /// What was asked for does not exist.
    #[error("there is no {} `{name}`{}", what.title(Lang::En), nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown {
        /// The kind of thing.
        what: Sought,
        /// The name that was given.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
    /// An application that is to be planned has ended.
    #[error("application `{application_id}` is {}: there is nothing left to plan", state.en)]
    Closed {
        /// The application.
        application_id: String,
        /// How it ended.
        state: Term,
    },
}

/// What somebody asks for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sought {
    /// A pipeline.
    Pipeline,
    /// An application.
    Application,
    /// A fault.
    Fault,
    /// A complaint.
    Complaint,
    /// A fault or a complaint.
    Case,
    /// A customer manager.
    Manager,
    /// A department.
    Department,
    /// A mart.
    Mart,
    /// A clean table.
    Table,
    /// A figure of a mart.
    Figure,
    /// A column of a mart's grain.
    Column,
    /// A set of standard limits.
    Standards,
    /// Anything that can be explained.
    Subject,
}

impl Sought {
    /// What users call it.
    pub fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Sought::Pipeline => ("流水线", "pipeline"),
            Sought::Application => ("工单", "application"),
            Sought::Fault => ("故障", "fault"),
            Sought::Complaint => ("投诉", "complaint"),
            Sought::Case => ("记录", "case"),
            Sought::Manager => ("客户经理", "manager"),
            Sought::Department => ("部门", "department"),
            Sought::Mart => ("指标表", "mart"),
            Sought::Table => ("明细表", "table"),
            Sought::Figure => ("指标", "figure"),
            Sought::Column => ("列", "column"),
            Sought::Standards => ("时限规则集", "set of standards"),
            Sought::Subject => ("工单、故障、投诉、客户经理、部门或指标表", "case, manager, department or mart"),
        };
        lang.pick(zh, en)
    }
}

impl From<Vec<Mistake>> for Error {
    fn from(mistakes: Vec<Mistake>) -> Error {
        Error::Config { mistakes }
    }
}

/// One mistake in a configuration file, with its place.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{message}")]
pub struct Mistake {
    message: String,
    #[source_code]
    source_code: Arc<NamedSource<String>>,
    #[label("here")]
    span: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

impl Mistake {
    /// A mistake in `file`, whose whole text is `text`, at the bytes `span`.
    pub fn new(file: &str, text: &str, span: Option<std::ops::Range<usize>>, message: impl Into<String>) -> Mistake {
        // The file is shown with the span: what concerns a whole file must name it itself.
        let message = match span {
            None if !file.is_empty() => format!("{file}: {}", message.into()),
            _ => message.into(),
        };
        Mistake {
            message,
            source_code: Arc::new(NamedSource::new(file, text.to_owned())),
            span: span.map(SourceSpan::from),
            help: None,
        }
    }

    /// The same mistake, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Mistake {
        self.help = Some(help.into());
        self
    }

    /// The same mistake, with the name that was meant, where one is near.
    pub fn did_you_mean(self, near: Option<&str>) -> Mistake {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}

/// Why an export file cannot be read as a whole.
#[derive(Debug, Clone)]
pub struct ExportFault {
    /// The file, as it was named.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The line of a text file or the row of a sheet, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: ExportProblem,
}

/// What is wrong with an export file.
#[derive(Debug, Clone)]
pub enum ExportProblem {
    /// Nothing matches the table's file names.
    NoFile {
        /// The table.
        table: &'static str,
        /// The names that were looked for.
        looked_for: Vec<String>,
        /// The files that are there.
        found: Vec<String>,
        /// Those of them that have the table's headers.
        likely: Vec<String>,
    },
    /// A required column has no header.
    NoColumn {
        /// The table.
        table: &'static str,
        /// The missing columns, canonical and Chinese, each with the nearest header found.
        missing: Vec<(String, Option<String>)>,
        /// The headers found.
        found: Vec<String>,
    },
    /// Two headers claim the same column.
    TwoColumns {
        /// The table.
        table: &'static str,
        /// The canonical column.
        column: &'static str,
        /// The headers.
        headers: Vec<String>,
    },
    /// The mapping names a header that is not there.
    NoHeader {
        /// The header that the mapping names.
        header: String,
        /// The headers found.
        found: Vec<String>,
    },
    /// The mapping names a sheet that is not there.
    NoSheet {
        /// The sheet that the mapping names.
        sheet: String,
        /// The sheets found.
        found: Vec<String>,
    },
    /// A header's unit is none that its column can have.
    UnknownUnit {
        /// The table.
        table: &'static str,
        /// The canonical column.
        column: &'static str,
        /// The header.
        header: String,
        /// The unit.
        unit: String,
        /// The units that the column can have.
        known: Vec<String>,
    },
    /// Columns on which figures hang are absent, and headers that are not used could be them.
    Absent {
        /// The table.
        table: &'static str,
        /// The columns, canonical and Chinese.
        columns: Vec<(&'static str, &'static str)>,
        /// The headers that could be them.
        candidates: Vec<Candidate>,
    },
    /// A sheet looks like the table and cannot be read, next to others that can.
    SheetLeftOut {
        /// The table.
        table: &'static str,
        /// Why it cannot be read.
        why: SheetFault,
    },
    /// The bytes are not what the name says.
    WrongFormat {
        /// What it seems to be.
        looks_like: String,
    },
    /// The text is in none of the encodings that are read, or not in the declared one.
    Encoding {
        /// The encodings that were tried.
        tried: String,
    },
    /// A quote opens and does not close, or a line is longer than a mebibyte.
    Runaway,
    /// The file is protected with a password.
    Protected,
    /// The file ends too early or is damaged.
    Damaged {
        /// What the reader said.
        reason: String,
    },
    /// A workbook that would take more memory than any export needs.
    TooLarge {
        /// What exceeds its cap.
        what: String,
    },
}

/// A header that is not used and could be a column that is absent.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The header.
    pub header: String,
    /// The columns that it could be.
    pub columns: Vec<&'static str>,
    /// Some of its cells.
    pub samples: Vec<String>,
}

/// Why a sheet that looks like the table cannot be read.
#[derive(Debug, Clone)]
pub enum SheetFault {
    /// Its headers are not right.
    Headers(Box<ExportProblem>),
    /// It has no headers, and its cells are like those of the sheet before it.
    Continues(String),
}

impl ExportProblem {
    /// The column that a header was found for and cannot be read from.
    pub(crate) fn column(&self) -> Option<&'static str> {
        match self {
            ExportProblem::TwoColumns { column, .. } | ExportProblem::UnknownUnit { column, .. } => Some(column),
            _ => None,
        }
    }
}

/// A gate that kept a report from being published.
#[derive(Debug, Clone)]
pub enum Gate {
    /// Too many rows of a table were rejected, or none was accepted.
    Rejects {
        /// The table.
        table: String,
        /// Rows read.
        read: u64,
        /// Rows accepted.
        accepted: u64,
        /// Rows rejected.
        rejected: u64,
        /// The share that is tolerated, 0–1.
        max_rejects: f64,
        /// What was wrong with them, a line for what is alike.
        alike: Vec<String>,
        /// Where the list of rejects was kept.
        kept: Option<PathBuf>,
    },
    /// An audit query returned rows.
    Audit {
        /// The audit.
        name: String,
        /// What its rows mean.
        meaning: String,
        /// How many rows it returned.
        rows: usize,
        /// The first of them.
        sample: String,
    },
    /// The as-of day lies before the first event of the exports.
    Early {
        /// The as-of day.
        as_of: Day,
        /// The day of the first event.
        first: Day,
    },
    /// The exports end long before the as-of day, or one of their tables long before the other.
    Stale(Stale),
    /// Figures touch years that the calendar does not cover, and `strict_calendar` is on.
    Calendar {
        /// The years.
        years: Vec<i32>,
    },
}

/// Exports that end too early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stale {
    /// What ends too early.
    pub what: StaleTable,
    /// Its newest event.
    #[serde(serialize_with = "as_text")]
    pub until: Day,
    /// The day that it should reach: as-of, or the newest event of the other table.
    #[serde(serialize_with = "as_text")]
    pub reaches: Day,
    /// The working days between.
    pub gap_wd: i32,
}

fn as_text<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(day)
}

/// Which part of the exports ends too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StaleTable {
    /// All of them, before the as-of day.
    All,
    /// The applications, before the stages.
    Applications,
    /// The stages, before the applications.
    Stages,
}

impl Stale {
    /// What it means for the figures.
    pub fn say(&self, lang: Lang) -> String {
        let Stale { until, reaches, gap_wd, .. } = self;
        match self.what {
            StaleTable::All => lang.pick(
                format!("数据只到 {until}，比统计日 {reaches} 早 {gap_wd} 个工作日：其间发生的事都会被当作没有发生，在途的环节会被算成超时"),
                format!("the exports end on {until}, {gap_wd} working days before the as-of day {reaches}: whatever happened since is taken for not having happened, and open stages run into overdue"),
            ),
            StaleTable::Applications => lang.pick(
                format!("业扩工单只到 {until}，而环节记录到 {reaches}（相差 {gap_wd} 个工作日）：两份导出不是同一时间的，其后的受理和送电都没有"),
                format!("the applications end on {until}, the stages on {reaches} ({gap_wd} working days later): the two were not exported together, and what was accepted or energised since is missing"),
            ),
            StaleTable::Stages => lang.pick(
                format!("环节记录只到 {until}，而业扩工单到 {reaches}（相差 {gap_wd} 个工作日）：两份导出不是同一时间的，其后完成的环节会被算成在途、超时"),
                format!("the stages end on {until}, the applications on {reaches} ({gap_wd} working days later): the two were not exported together, and stages finished since are taken for open and overdue"),
            ),
        }
    }
}

impl Error {
    /// An [`Error::Io`], for `map_err`.
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(io::Error) -> Error {
        let path = path.as_ref().to_owned();
        move |source| Error::Io { action, path, source }
    }

    /// An [`Error::Engine`], for `map_err`.
    pub fn engine<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        doing: impl Into<String>,
    ) -> impl FnOnce(E) -> Error {
        let doing = doing.into();
        move |source| Error::Engine { doing, source: source.into() }
    }

    /// An [`Error::Render`], for `map_err`.
    pub fn render<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
        artefact: impl Into<String>,
    ) -> impl FnOnce(E) -> Error {
        let artefact = artefact.into();
        move |source| Error::Render { artefact, source: source.into() }
    }

    /// An [`Error::Export`] about a whole file.
    pub fn export(file: &str, problem: ExportProblem) -> Error {
        Error::Export { faults: vec![ExportFault { file: file.to_owned(), sheet: None, line: None, problem }] }
    }

    /// The exit status of a run that ends so.
    pub fn status(&self) -> ExitStatus {
        match self {
            Error::Gate { .. } => ExitStatus::GateFailed,
            _ => ExitStatus::CouldNotRun,
        }
    }

    /// The error as the user reads it: one paragraph, in their language, ending with what to do.
    pub fn report(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        match self {
            Error::Io { path, source, .. } if zh && source.kind() == io::ErrorKind::NotFound => {
                format!("没有这个文件或目录：{}", path.display())
            }
            Error::Io { path, source, .. } if zh => format!("文件操作失败：{}：{source}", path.display()),
            Error::Config { mistakes } => {
                let mut text = String::new();
                let handler = miette::GraphicalReportHandler::new_themed(theme()).with_width(100);
                for mistake in mistakes {
                    if handler.render_report(&mut text, mistake).is_err() {
                        text.push_str(&mistake.message);
                    }
                }
                text.trim_end().to_owned()
            }
            Error::Export { faults } => faults_text(faults, lang),
            Error::Gate { gate } => gate.say(lang),
            Error::Busy { path } if zh => format!("另一个 yekuo 正在写入 {}，请等它结束后再运行", path.display()),
            Error::Occupied { path, file } if zh => {
                format!("{} 中有不是 yekuo 生成的文件 {}，请移走它，或换一个目录", path.display(), file.display())
            }
            Error::Since { path, problem } if zh => format!("无法与 {} 比较：{}", path.display(), problem.zh),
            Error::NoExports if zh => "没有指明数据：请用 --data 目录，或用写明 data 的流水线文件".to_owned(),
            Error::Unknown { what, name, nearest } if zh => {
                let what = what.title(lang);
                match nearest {
                    Some(nearest) => format!("找不到{what}「{name}」，是否指「{nearest}」？"),
                    None => format!("找不到{what}「{name}」"),
                }
            }
            Error::Closed { application_id, state } if zh => {
                let state = lang.pick(state.zh, state.en);
                format!("工单「{application_id}」{state}，无需再编制计划")
            }
            other => other.to_string(),
        }
    }
}

fn theme() -> miette::GraphicalTheme {
    use std::io::IsTerminal;
    match (io::stderr().is_terminal(), std::env::var_os("NO_COLOR")) {
        (true, None) => miette::GraphicalTheme::unicode(),
        _ => miette::GraphicalTheme::unicode_nocolor(),
    }
}

/// What is wrong with some exports; where there is more than one fault, how many.
fn faults_text(faults: &[ExportFault], lang: Lang) -> String {
    let texts: Vec<String> = faults.iter().map(|fault| fault.say(lang)).collect();
    if let [one] = &texts[..] {
        return one.clone();
    }
    let count = texts.len();
    let title = lang.pick(format!("导出文件有 {count} 处问题："), format!("{count} faults in the exports:"));
    [title].into_iter().chain(texts).collect::<Vec<_>>().join("\n\n")
}

/// Names in the quotes of a language, between its commas.
fn quoted(names: &[String], lang: Lang) -> String {
    match lang {
        Lang::Zh => names.iter().map(|name| format!("「{name}」")).collect::<Vec<_>>().join("、"),
        Lang::En => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

/// The files that have the headers of a table without files, ready to paste into its mapping.
fn likely_text(table: &str, likely: &[String], lang: Lang) -> String {
    if likely.is_empty() {
        return String::new();
    }
    let files = likely.iter().map(|file| toml_text(file)).collect::<Vec<_>>().join(", ");
    lang.pick(
        format!("；表头相符的文件：\n    [tables.{table}]\n    files = [{files}]"),
        format!("; these have its headers:\n    [tables.{table}]\n    files = [{files}]"),
    )
}

/// A text as TOML writes it.
fn toml_text(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for ExportFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

impl ExportFault {
    fn place(&self, lang: Lang) -> String {
        let mut place = self.file.clone();
        if let Some(sheet) = &self.sheet {
            place += &lang.pick(format!("，工作表「{sheet}」"), format!(", sheet `{sheet}`"));
        }
        if let Some(line) = self.line {
            place += &lang.pick(format!("，第 {line} 行"), format!(", line {line}"));
        }
        place
    }

    fn say(&self, lang: Lang) -> String {
        self.problem.say(&self.place(lang), self.sheet.as_deref().unwrap_or_default(), lang)
    }
}

impl ExportProblem {
    fn say(&self, place: &str, sheet: &str, lang: Lang) -> String {
        let quoted = |names: &[String]| quoted(names, lang);
        match self {
            ExportProblem::NoFile { table, looked_for, found, likely } => lang.pick(
                format!(
                    "{place}：没有找到 {table} 表的文件。\n  查找的名称：{}\n  目录中的文件：{}\n  请把文件改成其中一个名称，或在来源映射(sources)里用 files 指明{}",
                    quoted(looked_for),
                    quoted(found),
                    likely_text(table, likely, lang)
                ),
                format!(
                    "{place}: there is no file for the table `{table}`.\n  looked for: {}\n  files here: {}\n  hint: rename the file, or name it in `files` of the source mapping{}",
                    quoted(looked_for),
                    quoted(found),
                    likely_text(table, likely, lang)
                ),
            ),
            ExportProblem::NoColumn { table, missing, found } => {
                let list = missing
                    .iter()
                    .map(|(column, nearest)| match nearest {
                        Some(nearest) => lang.pick(
                            format!("    {column} —— 是否为「{nearest}」？"),
                            format!("    {column}: is it `{nearest}`?"),
                        ),
                        None => format!("    {column}"),
                    })
                    .collect::<Vec<_>>()
                    .join("\n");
                lang.pick(
                    format!(
                        "{place}：{table} 表缺少必需的列：\n{list}\n  找到的表头：{}\n  请在来源映射的 [tables.{table}.columns] 中写明，例如 列名 = \"表头\"；导出中没有的列，在 [tables.{table}.defaults] 中写明缺省值，例如 列名 = \"…\"",
                        quoted(found)
                    ),
                    format!(
                        "{place}: required columns of `{table}` are missing:\n{list}\n  headers found: {}\n  hint: name them under [tables.{table}.columns] in the source mapping, as column = \"header\";\n        what the export does not have, under [tables.{table}.defaults], as column = \"the text that stands for it\"",
                        quoted(found)
                    ),
                )
            }
            ExportProblem::TwoColumns { table, column, headers } => {
                let first = toml_text(headers.first().map_or("", String::as_str));
                lang.pick(
                    format!(
                        "{place}：多个表头都对应 {column}：{}。\n  请在来源映射的 [tables.{table}] 中指明用哪一个，例如 columns.{column} = {first}；两行表头写作「上/下」；完全同名的请先在导出中改名",
                        quoted(headers)
                    ),
                    format!(
                        "{place}: several headers stand for `{column}`: {}.\n  hint: choose one under [tables.{table}] in the source mapping, as columns.{column} = {first}; of a header of two rows, \"upper/lower\"; equal names must be changed in the export",
                        quoted(headers)
                    ),
                )
            }
            ExportProblem::UnknownUnit { table, column, header, unit, known } => {
                let first = toml_text(known.first().map_or("", String::as_str));
                lang.pick(
                    format!(
                        "{place}：表头「{header}」的单位「{unit}」不认识，{column} 可用的单位：{}。\n  请改表头，或在来源映射的 [tables.{table}] 中写明单位，例如 units.{column} = {first}",
                        quoted(known)
                    ),
                    format!(
                        "{place}: the unit `{unit}` of the header `{header}` is unknown; `{column}` can be in {}.\n  hint: change the header, or declare the unit under [tables.{table}] in the source mapping, as units.{column} = {first}",
                        quoted(known)
                    ),
                )
            }
            ExportProblem::Absent { table, columns, candidates } => say_absent(place, table, columns, candidates, lang),
            ExportProblem::SheetLeftOut { table, why } => {
                let why = match why {
                    SheetFault::Headers(problem) => problem.say(place, sheet, lang),
                    SheetFault::Continues(before) => lang.pick(
                        format!("{place}：没有表头，而内容像是工作表「{before}」的续页。请在首行补上表头"),
                        format!("{place}: it has no headers, and looks like the rest of the sheet `{before}`. Give it the headers of that sheet"),
                    ),
                };
                let sheet = toml_text(sheet);
                why + &lang.pick(
                    format!("\n  这张工作表不是数据时，在 [tables.{table}] 中写 ignore_sheets = [{sheet}]"),
                    format!("\n  hint: if the sheet is no data, write ignore_sheets = [{sheet}] under [tables.{table}]"),
                )
            }
            ExportProblem::NoHeader { header, found } => lang.pick(
                format!("{place}：来源映射中的表头「{header}」不存在。找到的表头：{}", quoted(found)),
                format!("{place}: the mapping names the header `{header}`, which is not there. Headers found: {}", quoted(found)),
            ),
            ExportProblem::NoSheet { sheet, found } => lang.pick(
                format!("{place}：来源映射中的工作表「{sheet}」不存在。找到的工作表：{}", quoted(found)),
                format!("{place}: the mapping names the sheet `{sheet}`, which is not there. Sheets found: {}", quoted(found)),
            ),
            ExportProblem::WrongFormat { looks_like } => lang.pick(
                format!("{place}：文件内容与扩展名不符（看起来是 {looks_like}）。请用 Excel 打开后另存为 .xlsx 或 CSV"),
                format!("{place}: the content is not what its name says (it looks like {looks_like}). Open it in Excel and save it as .xlsx or CSV"),
            ),
            ExportProblem::Encoding { tried } => lang.pick(
                format!("{place}：无法按 {tried} 解码。请另存为 UTF-8，或在来源映射中用 encoding 指明编码"),
                format!("{place}: cannot be decoded as {tried}. Save it as UTF-8, or declare `encoding` in the source mapping"),
            ),
            ExportProblem::Runaway => lang.pick(
                format!("{place}：这一行的引号没有闭合，后面的行会被并入同一字段（或该行超过 1 MiB）。请修正该行的引号"),
                format!("{place}: a quote opens here and does not close, so that it would swallow the rows that follow (or the line is longer than 1 MiB). Mend the quotes of that line"),
            ),
            ExportProblem::Protected => lang.pick(
                format!("{place}：文件设有密码。请打开后去掉密码（Excel：文件 → 信息 → 保护工作簿），另存后再读取"),
                format!("{place}: the file is protected with a password. Open it, remove the password (Excel: File → Info → Protect Workbook), and save it"),
            ),
            ExportProblem::Damaged { reason } => lang.pick(
                format!("{place}：文件不完整或已损坏（{reason}）。请重新导出"),
                format!("{place}: the file is cut short or damaged ({reason}). Export it again"),
            ),
            ExportProblem::TooLarge { what } => lang.pick(
                format!("{place}：文件过大（{what}）。请分开导出，或改为导出 CSV"),
                format!("{place}: the file is too large ({what}). Export it in parts, or as CSV"),
            ),
        }
    }
}

/// Columns that are absent, the headers that could be them, and the ways out, ready to paste.
fn say_absent(
    place: &str,
    table: &str,
    columns: &[(&'static str, &'static str)],
    candidates: &[Candidate],
    lang: Lang,
) -> String {
    let named: Vec<String> = columns.iter().map(|(name, zh)| format!("{name} ({zh})")).collect();
    let named = named.join(lang.pick("、", ", "));
    let mut lines = vec![if candidates.is_empty() {
        lang.pick(format!("{place}：没有 {named} 列"), format!("{place}: there is no column for {named}"))
    } else {
        lang.pick(
            format!("{place}：没有 {named} 列，而以下未用的表头可能就是："),
            format!("{place}: there is no column for {named}, and headers that are not used could be it:"),
        )
    }];
    for Candidate { header, columns, samples } in candidates {
        let (samples, columns) = (samples.join(lang.pick("、", ", ")), columns.join(" / "));
        lines.push(lang.pick(
            format!("    「{header}」（例如 {samples}）—— {columns}？"),
            format!("    `{header}` (such as {samples}): {columns}?"),
        ));
    }
    let ways = lang.pick(
        "  请在来源映射中写明（以下各行可直接粘贴）：",
        "  hint: say so in the source mapping, with the lines that are true:",
    );
    lines.push(ways.to_owned());
    lines.push(format!("    [tables.{table}]"));
    for Candidate { header, columns, .. } in candidates {
        let text = toml_text(header);
        for column in columns {
            let remark = lang.pick("# 就是这一列", "# it is that column");
            lines.push(format!("    columns.{column} = {text}  {remark}"));
        }
    }
    if !candidates.is_empty() {
        let headers: Vec<String> = candidates.iter().map(|candidate| toml_text(&candidate.header)).collect();
        let remark = lang.pick("# 不是，也不用", "# it is not, and is not used");
        lines.push(format!("    ignore = [{}]  {remark}", headers.join(", ")));
    }
    let names: Vec<String> = columns.iter().map(|(name, _)| toml_text(name)).collect();
    let remark = lang.pick("# 导出中没有，相关指标为「无数据」", "# the exports do not have it: “no data”");
    lines.push(format!("    absent = [{}]  {remark}", names.join(", ")));
    lines.join("\n")
}

/// Lines of what is wrong with rejected rows that an error shows.
const MOST_ALIKE: usize = 5;

impl Gate {
    fn say(&self, lang: Lang) -> String {
        match self {
            Gate::Rejects { table, read, accepted, rejected, max_rejects, alike, kept } => {
                let percent = max_rejects * 100.0;
                let list = kept
                    .as_ref()
                    .map(|path| path.display())
                    .map(|path| lang.pick(format!("\n  拒收明细：{path}"), format!("\n  rejects: {path}")));
                let alike: String = alike.iter().take(MOST_ALIKE).map(|line| format!("\n  {line}")).collect();
                let list = alike + &list.unwrap_or_default();
                lang.pick(
                    format!(
                        "{table} 表读入 {read} 行，接受 {accepted} 行，拒收 {rejected} 行：超过允许的 {percent} %（或没有一行可用），不发布报告。{list}\n  请修正数据；确认无误时可用 max_rejects 放宽"
                    ),
                    format!(
                        "table `{table}`: {read} rows read, {accepted} accepted, {rejected} rejected, more than the {percent} % allowed (or none is left). Nothing is published.{list}\n  hint: correct the data, or raise `max_rejects` once you have looked"
                    ),
                )
            }
            Gate::Audit { name, meaning, rows, sample } => lang.pick(
                format!("审计「{name}」未通过（{rows} 行）：{meaning}。不发布报告。\n  例如：{sample}"),
                format!("audit `{name}` found {rows} rows: {meaning}. Nothing is published.\n  such as: {sample}"),
            ),
            Gate::Early { as_of, first } => lang.pick(
                format!("统计日 {as_of} 早于数据中最早的事件（{first}）：报告会是空的，不发布。请检查 --as-of / --month"),
                format!("the as-of day {as_of} lies before the first event of the exports ({first}): the report would be empty. Nothing is published.\n  hint: look at --as-of or --month"),
            ),
            Gate::Stale(stale) => {
                let (said, until) = (stale.say(lang), stale.until);
                lang.pick(
                    format!("{said}。不发布报告。\n  请导出到统计日的数据，或把统计日改到 {until}；确认无误时可加 --allow-stale，报告首行会以红字注明"),
                    format!("{said}. Nothing is published.\n  hint: export up to the as-of day, or report as of {until}; --allow-stale publishes with a red line at the top"),
                )
            }
            Gate::Calendar { years } => {
                let years = years.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
                lang.pick(
                    format!("数据涉及日历未覆盖的年份 {years}，而 strict_calendar = true。请补充日历，或改为 false（只扣除周末）"),
                    format!("the figures touch years that the calendar does not cover ({years}) and strict_calendar = true. Extend the calendar, or set it to false (only weekends are off)"),
                )
            }
        }
    }
}
