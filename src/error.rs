//! What can go wrong, and how it is reported.
//!
//! One error type for the whole library. Its kinds say *where* (file, sheet, line, column), *what* stood there, and
//! *what to do*; [`Error::report`] says it in the user's language. A mistake in a configuration file is shown with
//! its source line, and all mistakes of a file are collected before the run fails.

mod absence;
mod export;
mod gate;
mod ledger;
mod mistake;
mod system;
mod toml_file;
mod toml_words;

use std::io;
use std::path::{Path, PathBuf};

use crate::words::{Lang, Term, Words};
pub use absence::{Candidate, Present};
use export::faults_text;
pub use export::{AbsentOf, ExportFault, ExportProblem, MissingColumn, QueryFault, SheetFault};
pub use gate::{Gate, Stale, StaleTable};
pub use ledger::{LedgerOffer, OfferedGroup, StatusOffer};
pub use mistake::Mistake;
pub(crate) use toml_file::toml_text;
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
    /// 75: another run is at work there; the same can be tried later.
    Busy = 75,
}

/// A run that holds what another one wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Its process.
    pub process: String,
    /// The machine on which it runs.
    pub host: String,
    /// When it began.
    pub since: String,
}

impl Holder {
    fn say(&self, lang: Lang) -> String {
        let Holder { process, host, since } = self;
        lang.pick(
            format!("（主机 {host}，进程号 {process}，始于 {since}）"),
            format!(" (pid {process} on {host}, since {since})"),
        )
    }
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
    #[error("another run is writing {}{}", path.display(), holder.as_ref().map(|holder| holder.say(Lang::En)).unwrap_or_default())]
    Busy {
        /// The output folder.
        path: PathBuf,
        /// Who it is, where that is known.
        holder: Option<Holder>,
    },
    /// Nothing can be published at a place.
    #[error("cannot publish at {}: {}", path.display(), problem.en)]
    Place {
        /// The place.
        path: PathBuf,
        /// Why not.
        problem: Words,
    },
    /// The output folder holds something that yekuo did not make.
    #[error("{} holds {}, which yekuo did not make: move it, or choose another folder", path.display(), file.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The first such file, relative to it.
        file: PathBuf,
    },
    /// A file is there that nothing may replace without being told.
    #[error("{} exists already: choose another name, or replace it with {option}", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
        /// The option that replaces it.
        option: &'static str,
    },
    /// A table is there that this command did not write.
    #[error("{} was not written by yekuo verify: choose another --out, or add its rows to it by hand", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file of a report is not as it was published.
    #[error("{} is not as it was published: run the pipeline again first", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
    },
    /// A report cannot be sent.
    #[error("cannot send {}: {}", path.display(), problem.en)]
    Unsendable {
        /// Its folder, or the file that is in the way.
        path: PathBuf,
        /// Why not, and what to do.
        problem: Words,
    },
    /// There is no report where one is needed.
    #[error("there is no report in {}: name the folder of one", path.display())]
    NoReport {
        /// The folder.
        path: PathBuf,
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
    /// Several bear the name that was asked for.
    #[error("{} {}s are called `{name}`: name one of {}", ids.len(), what.title(Lang::En), ids.join(", "))]
    Ambiguous {
        /// The kind of thing.
        what: Sought,
        /// The name.
        name: String,
        /// The numbers of those who bear it.
        ids: Vec<String>,
    },
    /// A mart reads a table that a run did not make.
    #[error(
        "the mart {mart} reads the table {table}, which this run did not make: a run makes what its report needs; run it with --all-marts"
    )]
    NotMade {
        /// The mart.
        mart: String,
        /// The table.
        table: String,
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
    /// A bureau.
    Bureau,
    /// A unit that bureaus belong to.
    Unit,
    /// A level of such units.
    Level,
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
    /// A value of such a column.
    Value,
    /// A set of standard limits.
    Standards,
    /// A schema of configuration files.
    Schema,
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
            Sought::Bureau => ("供电单位", "bureau"),
            Sought::Unit => ("单位", "unit"),
            Sought::Level => ("层级", "level"),
            Sought::Manager => ("客户经理", "manager"),
            Sought::Department => ("部门", "department"),
            Sought::Mart => ("指标表", "mart"),
            Sought::Table => ("明细表", "table"),
            Sought::Figure => ("指标", "figure"),
            Sought::Column => ("列", "column"),
            Sought::Value => ("值", "value"),
            Sought::Standards => ("时限规则集", "set of standards"),
            Sought::Schema => ("配置格式", "schema"),
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
            Error::Busy { .. } => ExitStatus::Busy,
            _ => ExitStatus::CouldNotRun,
        }
    }

    /// The error in both languages, as the reason of another.
    pub(crate) fn words(&self) -> Words {
        Words::new(self.report(Lang::Zh), self.report(Lang::En))
    }

    /// The error as the user reads it: one paragraph, in their language, ending with what to do.
    pub fn report(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        match self {
            Error::Io { path, source, .. } if zh && source.kind() == io::ErrorKind::NotFound => {
                format!("没有这个文件或目录：{}", path.display())
            }
            Error::Io { action, path, source } if zh => {
                format!("无法{}：{}（{}）", system::action(action), path.display(), system::reason(source).zh)
            }
            Error::Engine { doing, source } if zh => format!(
                "程序内部的一步没有完成，请重新运行 yekuo run；仍然如此时，请把以下文字报告给维护者（原文「{doing}: {source}」）"
            ),
            Error::Render { artefact, source } if zh => format!("无法生成 {artefact}（原文「{source}」）"),
            Error::Config { mistakes } => mistake::shown(mistakes, lang),
            Error::Export { faults } => faults_text(faults, lang),
            Error::Gate { gate } => gate.say(lang),
            Error::Busy { path, holder } if zh => {
                let holder = holder.as_ref().map(|holder| holder.say(lang)).unwrap_or_default();
                format!("另一个 yekuo 正在写入 {}{holder}，请等它结束后再运行", path.display())
            }
            Error::Place { path, problem } if zh => format!("无法发布到 {}：{}", path.display(), problem.zh),
            Error::Occupied { path, file } if zh => {
                format!("{} 中有不是 yekuo 生成的文件 {}，请移走它，或换一个目录", path.display(), file.display())
            }
            Error::Foreign { path } if zh => {
                format!("{} 不是 yekuo verify 写的表，请用 --out 另指一个文件，或手工把其中的行合并", path.display())
            }
            Error::Altered { path } if zh => {
                format!("{} 与发布时不同，请先重新运行流水线", path.display())
            }
            Error::Unsendable { path, problem } if zh => format!("无法发送 {}：{}", path.display(), problem.zh),
            Error::NoReport { path } if zh => {
                format!("{} 中没有报告，请指明报告所在的目录", path.display())
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
            Error::Ambiguous { what, name, ids } if zh => {
                let (count, what, ids) = (ids.len(), what.title(lang), ids.join("、"));
                format!("有 {count} 位{what}叫「{name}」，请用编号：{ids}")
            }
            Error::NotMade { mart, table } if zh => format!(
                "指标表「{mart}」要读明细表 {table}，而这次运行没有生成它：运行只生成报告用到的表；请加 --all-marts 重新运行"
            ),
            Error::Exists { path, option } if zh => {
                format!("{} 已经存在：请换一个文件名，或用 {option} 替换", path.display())
            }
            Error::Closed { application_id, state } if zh => {
                let state = lang.pick(state.zh, state.en);
                format!("工单「{application_id}」{state}，无需再编制计划")
            }
            other => other.to_string(),
        }
    }
}

fn plural(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
