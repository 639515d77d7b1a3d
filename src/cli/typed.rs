//! What was typed, exactly, and what it means; nothing is read or written here.
//!
//! Help stands in both languages side by side.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calendar::Day;
use crate::explain::{Question, Subject};
use crate::pipeline::{self, Output, Request};
use crate::plan;
use crate::sample::Sample;
use crate::words::Lang;

/// 业扩：把营销系统的导出文件变成当月的考核报告。
///
/// yekuo judges how fast and how well an electric utility connects its customers: exports in, the monthly assessment
/// and other reports out. Start with `yekuo run --data DIR`, where DIR holds applications.csv, stages.csv and what else
/// there is (delays, callbacks, faults, complaints …: `yekuo check --data DIR` lists the tables and the files found);
/// Chinese headers, GB18030 and Excel files are understood.
///
/// Exit status: 0 published; 1 it ran, but a gate failed and the previous report stays; 2 it could not run.
#[derive(Debug, Parser)]
#[command(name = "yekuo", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// 界面语言 · language of messages and reports [default: zh, or what the pipeline says]
    #[arg(long, global = true, value_enum)]
    pub(super) lang: Option<Lang>,
    /// 显示运行日志 · log what is done
    #[arg(long, short, global = true)]
    pub(super) verbose: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 运行流水线并发布报告 · run a pipeline to its published report
    ///
    /// Reads every export once, judges every row, computes the marts, checks them, and publishes the report whole or
    /// not at all. Memory grows with the number of applications, by about 2.6 kilobytes for each (ten stages).
    Run(RunArguments),
    /// 只读入导出文件 · read the exports into a lake, and stop there
    Ingest(IngestArguments),
    /// 检查配置与输入，不写任何文件 · check configuration and inputs; writes nothing
    Check(SourceArguments),
    /// 列出指标表，或显示一个的定义与 SQL · list the marts, or show one's definition and SQL
    Marts(MartsArguments),
    /// 列出明细表及其字段的含义 · list the clean tables, or say what the columns of one mean
    ///
    /// What SQL of a custom mart can select from: each table with its grain and meaning, each column with its type,
    /// meaning and unit. Reads no data.
    Tables(TablesArguments),
    /// 逐项解释：工单、故障、投诉、客户经理或部门 · explain an application, fault, complaint, manager or department
    ///
    /// An application is explained day by day. For a manager or a department every figure of the month is shown
    /// with its arithmetic and the cases that it counts, by the very SQL that made it.
    Explain(ExplainArguments),
    /// 编制业扩工程计划安排确认表 · schedule order-style projects backwards from the requested energisation date
    ///
    /// Writes the plan confirmation tables (plan.xlsx, one sheet per project), one Gantt chart per project, and plan.csv, whose
    /// due_on can be given back as the stages' limits. Plans the open order-style applications that have a requested date and no
    /// due dates yet. Costs what reading the exports costs, plus a sheet and two pictures for each project.
    Plan(PlanArguments),
    /// 回放预测，看它准不准 · replay the forecast at past month ends and report its skill
    ///
    /// Forecasts every application that was open on those days from what was known then, and prints how often the
    /// chances came true and how far the dates were off, against the due date and the mean remaining time. Costs what a
    /// run costs without its marts and pages; publishes nothing.
    Backtest(BacktestArguments),
    /// 生成示例数据 · make sample data
    Sample(SampleArguments),
    /// 建立自己的项目目录 · set up a folder with pipelines to adapt
    Init {
        /// 目录 · the folder, which must not exist or be empty
        folder: PathBuf,
    },
    /// 生成命令补全脚本 · print a completion script
    Completions {
        /// 命令行外壳 · the shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Args)]
pub(super) struct SourceArguments {
    /// 流水线文件（缺省：内置的月度考核）· pipeline file [default: the embedded monthly one]
    pub(super) pipeline: Option<PathBuf>,
    /// 数据目录，文件用标准名称或常用中文名称（不使用流水线的来源映射）· folder of exports with canonical or usual Chinese names; the pipeline's mapping does not apply
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    pub(super) source: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct AsOfArguments {
    /// 统计日，例如 2026-06-30 · as-of date: later events are ignored [default: the end of the last complete month, week, half month or day in the data, as the pipeline reports]
    #[arg(long, value_name = "DATE", conflicts_with = "month")]
    pub(super) as_of: Option<Day>,
    /// 统计月份，例如 2026-06，即以月末为统计日 · the same as --as-of with the month's last day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    pub(super) month: Option<Day>,
}

impl SourceArguments {
    /// What is asked for.
    pub(super) fn request(&self, as_of: Option<Day>, lang: Lang) -> Request {
        let SourceArguments { pipeline, data, source } = self.clone();
        Request { pipeline, data, source, as_of, allow_stale: false, lang }
    }
}

impl AsOfArguments {
    /// The as-of day.
    pub(super) fn day(&self) -> Option<Day> {
        self.as_of.or(self.month)
    }
}

fn month_end(text: &str) -> Result<Day, String> {
    let first: Day = format!("{text}-01").parse().map_err(|_| format!("`{text}` is not a month written as 2026-06"))?;
    Ok(first.month_end())
}

fn condition(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or_else(|| format!("`{text}` is not written as COLUMN=VALUE"))?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    #[command(flatten)]
    pub(super) as_of: AsOfArguments,
    /// 数据明显早于统计日时仍然发布，报告首行以红字注明 · publish although the exports end long before the as-of day, with a red line
    #[arg(long)]
    pub(super) allow_stale: bool,
    /// 报告目录 · where the report goes [default: reports/<pipeline>-<as-of>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 中间数据(Parquet)目录 · where the lake goes [default: lake/<report> next to the report]
    #[arg(long, value_name = "DIR")]
    pub(super) lake: Option<PathBuf>,
    /// 与此前的报告比较，列出自那以来的变化 · the report to compare with [default: the newest earlier one in the same folder]
    #[arg(long, value_name = "PREVIOUS_OUT")]
    pub(super) since: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl RunArguments {
    /// Where the report goes.
    pub(super) fn output(&self) -> Output {
        Output { out: self.out.clone(), lake: self.lake.clone(), since: self.since.clone() }
    }
}

#[derive(Debug, Args)]
pub(super) struct IngestArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    /// 中间数据(Parquet)目录 · where the lake goes
    #[arg(long, value_name = "DIR", default_value = "lake")]
    pub(super) lake: PathBuf,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct MartsArguments {
    /// 指标表名称 · the mart
    pub(super) name: Option<String>,
    /// 流水线文件 · pipeline file whose marts/ folder counts
    #[arg(long)]
    pub(super) pipeline: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct TablesArguments {
    /// 明细表名称 · the table
    pub(super) name: Option<String>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// 工单、故障、投诉或客户经理的编号，部门名称，或指标表名 · an application, fault, complaint or manager by number, a department, or a mart
    pub(super) subject: String,
    /// 是什么（缺省：按以上次序查找）· what it is [default: the first match in this order]
    #[arg(long, value_enum)]
    pub(super) kind: Option<Subject>,
    /// 指标月份，例如 2026-06；未给统计日时即以其月末为统计日 · the month of the figures; without --as-of its last day is the as-of day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    pub(super) month: Option<Day>,
    /// 统计日 · as-of date: later events are ignored [default: the end of the month, or of the last complete period in the data]
    #[arg(long, value_name = "DATE")]
    pub(super) as_of: Option<Day>,
    /// 只看这一行，例如 bureau=城中供电分局 · only rows with this value, such as bureau=East
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    pub(super) conditions: Vec<(String, String)>,
    /// 只看一个指标表 · only this mart
    #[arg(long, value_name = "MART")]
    pub(super) mart: Option<String>,
    /// 只看一个指标 · only this figure
    #[arg(long, value_name = "COLUMN")]
    pub(super) figure: Option<String>,
    /// 流水线文件（缺省：内置的月度考核）· pipeline file [default: the embedded monthly one]
    #[arg(long)]
    pub(super) pipeline: Option<PathBuf>,
    /// 数据目录 · folder of exports with canonical or usual Chinese names
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    pub(super) source: Option<PathBuf>,
    /// 已有的中间数据目录，不再读导出文件 · the lake of an earlier run, instead of reading the exports again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "as_of"])]
    pub(super) lake: Option<PathBuf>,
    /// 把工单的进度图写入文件（.svg 或 .png）· write an application's Gantt chart to a file (.svg or .png)
    #[arg(long, value_name = "FILE")]
    pub(super) chart: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl ExplainArguments {
    /// What is asked for.
    pub(super) fn request(&self, lang: Lang) -> Request {
        let (pipeline, data, source) = (self.pipeline.clone(), self.data.clone(), self.source.clone());
        Request { pipeline, data, source, as_of: self.as_of.or(self.month), allow_stale: false, lang }
    }

    /// What is to be explained.
    pub(super) fn question(&self) -> Question<'_> {
        Question {
            name: &self.subject,
            subject: self.kind,
            month: self.month,
            conditions: self.conditions.clone(),
            mart: self.mart.as_deref(),
            figure: self.figure.as_deref(),
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    #[command(flatten)]
    pub(super) as_of: AsOfArguments,
    /// 只编制这些工单（可重复）· plan these applications (repeatable)
    #[arg(long = "application", value_name = "ID", conflicts_with = "all")]
    pub(super) applications: Vec<String>,
    /// 编制全部在途订单式工单 · plan every open order-style application
    #[arg(long)]
    pub(super) all: bool,
    /// 工期依据 · what says how long a stage takes
    #[arg(long, value_enum, default_value = "limits")]
    pub(super) basis: plan::Basis,
    /// 计划目录 · where the plans go [default: reports/<pipeline>-plan-<as-of>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl PlanArguments {
    /// What is to be planned.
    pub(super) fn wanted(&self) -> plan::Wanted {
        let mut named = self.applications.clone();
        named.sort();
        named.dedup();
        let which = match (self.all, named.is_empty()) {
            (true, _) => plan::Which::All,
            (false, true) => plan::Which::Unplanned,
            (false, false) => plan::Which::Named(named),
        };
        plan::Wanted { which, basis: self.basis, out: self.out.clone() }
    }
}

#[derive(Debug, Args)]
pub(super) struct BacktestArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    #[command(flatten)]
    pub(super) as_of: AsOfArguments,
    /// 回放统计日之前几个月的月末 · how many month ends before the as-of day
    #[arg(long, default_value_t = pipeline::REPLAYED_MONTHS, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(super) months: u32,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct SampleArguments {
    /// 目录 · where the files go
    pub(super) folder: PathBuf,
    /// 申请数 · how many applications
    #[arg(long, default_value_t = Sample::default().applications)]
    pub(super) applications: u64,
    /// 随机种子 · what chance starts from
    #[arg(long, default_value_t = Sample::default().seed)]
    pub(super) seed: u64,
    /// 月数 · how many months, the last of them 2026-06
    #[arg(long, default_value_t = Sample::default().months, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(super) months: u32,
    /// 标准布局的文件格式 · file format of the canonical layout
    #[arg(long, value_enum, default_value = "csv")]
    pub(super) format: SampleFormat,
    /// exports：营销系统导出的样子（带脏数据）；canonical：标准表 · dirty exports, or clean canonical tables
    #[arg(long, value_enum, default_value = "exports")]
    pub(super) layout: SampleLayout,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SampleFormat {
    Csv,
    Parquet,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SampleLayout {
    Exports,
    Canonical,
}

impl Arguments {
    /// The pipeline file that was named.
    pub(super) fn pipeline(&self) -> Option<&Path> {
        let named = match &self.command {
            Command::Run(run) => &run.source.pipeline,
            Command::Ingest(ingest) => &ingest.source.pipeline,
            Command::Check(source) => &source.pipeline,
            Command::Plan(plan) => &plan.source.pipeline,
            Command::Backtest(backtest) => &backtest.source.pipeline,
            Command::Explain(explain) => &explain.pipeline,
            Command::Marts(marts) => &marts.pipeline,
            Command::Tables(_) | Command::Sample(_) | Command::Init { .. } | Command::Completions { .. } => {
                return None;
            }
        };
        named.as_deref()
    }
}
