//! The command line: what was typed, and one short function a command.
//!
//! stdout is the answer, stderr is for people. Help stands in both languages side by side.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::backtest;
use crate::calendar::Day;
use crate::config::{self, Config};
use crate::draw;
use crate::error::{Error, ExitStatus, Result, Sought};
use crate::explain::{Explanation, Question, Sources, Subject};
use crate::ingest;
use crate::marts::Catalogue;
use crate::pipeline::publish::Staging;
use crate::pipeline::{self, Plan, Prepared, Steps, publish};
use crate::plan;
use crate::sample;
use crate::words::{self, Lang};

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
struct Arguments {
    /// 界面语言 · language of messages and reports [default: zh, or what the pipeline says]
    #[arg(long, global = true, value_enum)]
    lang: Option<Lang>,
    /// 显示运行日志 · log what is done
    #[arg(long, short, global = true)]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
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
    /// 逐项解释：工单、故障、投诉、客户经理或部门 · explain an application, fault, complaint, manager or department
    ///
    /// An application is told to the last working day. Of a manager or a department every figure of the month is told
    /// with its arithmetic and the cases that it counts, by the very SQL that made it.
    Explain(ExplainArguments),
    /// 编制业扩工程计划安排确认表 · schedule order-style projects backwards from the customer's wish
    ///
    /// Writes the plan confirmation tables (plan.xlsx, one sheet a project), a Gantt chart each, and plan.csv, whose
    /// due_on can be given back as the stages' limits. Plans the open order-style applications that have a wish and no
    /// due dates yet. Costs what reading the exports costs, plus a sheet and two pictures for each project.
    Plan(PlanArguments),
    /// 回放预测，看它准不准 · replay the forecast on past month ends, and tell what it was worth
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

#[derive(Debug, Args)]
struct SourceArguments {
    /// 流水线文件（缺省：内置的月度考核）· pipeline file [default: the embedded monthly one]
    pipeline: Option<PathBuf>,
    /// 数据目录，文件用标准名称或常用中文名称（不使用流水线的来源映射）· folder of exports with canonical or usual Chinese names; the pipeline's mapping does not apply
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct AsOfArguments {
    /// 统计日，例如 2026-06-30 · the last day that is known [default: the end of the last complete month, week, half month or day in the data, as the pipeline reports]
    #[arg(long, value_name = "DATE", conflicts_with = "month")]
    as_of: Option<Day>,
    /// 统计月份，例如 2026-06，即以月末为统计日 · the same as --as-of with the month's last day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    month: Option<Day>,
}

impl AsOfArguments {
    fn day(&self) -> Option<Day> {
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
struct RunArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    as_of: AsOfArguments,
    /// 报告目录 · where the report goes [default: reports/<pipeline>-<as-of>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// 中间数据(Parquet)目录 · where the lake goes [default: lake/<report> beside the report]
    #[arg(long, value_name = "DIR")]
    lake: Option<PathBuf>,
    /// 与此前的报告比较，列出自那以来的变化 · the report to compare with [default: the newest earlier one beside it]
    #[arg(long, value_name = "PREVIOUS_OUT")]
    since: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct IngestArguments {
    #[command(flatten)]
    source: SourceArguments,
    /// 中间数据(Parquet)目录 · where the lake goes
    #[arg(long, value_name = "DIR", default_value = "lake")]
    lake: PathBuf,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct MartsArguments {
    /// 指标表名称 · the mart
    name: Option<String>,
    /// 流水线文件 · pipeline file whose marts/ folder counts
    #[arg(long)]
    pipeline: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ExplainArguments {
    /// 工单、故障、投诉或客户经理的编号，部门名称，或指标表名 · an application, fault, complaint or manager by number, a department, or a mart
    subject: String,
    /// 是什么（缺省：按以上次序查找）· what it is [default: the first of these that bears the name]
    #[arg(long, value_enum)]
    kind: Option<Subject>,
    /// 指标月份，例如 2026-06；未给统计日时即以其月末为统计日 · the month of the figures; without --as-of its last day is the as-of day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    month: Option<Day>,
    /// 统计日 · the last day that is known [default: the end of the month, or of the last complete period in the data]
    #[arg(long, value_name = "DATE")]
    as_of: Option<Day>,
    /// 只看这一行，例如 bureau=城中供电分局 · only rows with this value, such as bureau=East
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// 只看一个指标表 · only this mart
    #[arg(long, value_name = "MART")]
    mart: Option<String>,
    /// 只看一个指标 · only this figure
    #[arg(long, value_name = "COLUMN")]
    figure: Option<String>,
    /// 流水线文件（缺省：内置的月度考核）· pipeline file [default: the embedded monthly one]
    #[arg(long)]
    pipeline: Option<PathBuf>,
    /// 数据目录 · folder of exports with canonical or usual Chinese names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// 已有的中间数据目录，不再读导出文件 · the lake of an earlier run, instead of reading the exports again
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "as_of"])]
    lake: Option<PathBuf>,
    /// 把工单的进度图写入文件（.svg 或 .png）· write an application's Gantt chart to a file (.svg or .png)
    #[arg(long, value_name = "FILE")]
    chart: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct PlanArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    as_of: AsOfArguments,
    /// 只编制这些工单（可重复）· plan these applications (repeatable)
    #[arg(long = "application", value_name = "ID", conflicts_with = "all")]
    applications: Vec<String>,
    /// 编制全部在途订单式工单 · plan every open order-style application
    #[arg(long)]
    all: bool,
    /// 工期依据 · what says how long a stage takes
    #[arg(long, value_enum, default_value = "limits")]
    basis: plan::Basis,
    /// 计划目录 · where the plans go [default: reports/<pipeline>-plan-<as-of>]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct BacktestArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    as_of: AsOfArguments,
    /// 回放统计日之前几个月的月末 · how many month ends before the as-of day
    #[arg(long, default_value_t = pipeline::REPLAYED_MONTHS, value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct SampleArguments {
    /// 目录 · where the files go
    folder: PathBuf,
    /// 申请数 · how many applications
    #[arg(long, default_value_t = sample::Plan::default().applications)]
    applications: u64,
    /// 随机种子 · what chance starts from
    #[arg(long, default_value_t = sample::Plan::default().seed)]
    seed: u64,
    /// 月数 · how many months, the last of them 2026-06
    #[arg(long, default_value_t = sample::Plan::default().months, value_parser = clap::value_parser!(u32).range(1..=120))]
    months: u32,
    /// 标准布局的文件格式 · file format of the canonical layout
    #[arg(long, value_enum, default_value = "csv")]
    format: SampleFormat,
    /// exports：营销系统导出的样子（带脏数据）；canonical：标准表 · dirty exports, or clean canonical tables
    #[arg(long, value_enum, default_value = "exports")]
    layout: SampleLayout,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SampleFormat {
    Csv,
    Parquet,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SampleLayout {
    Exports,
    Canonical,
}

impl Arguments {
    /// The pipeline file that was named.
    fn pipeline(&self) -> Option<&Path> {
        let named = match &self.command {
            Command::Run(run) => &run.source.pipeline,
            Command::Ingest(ingest) => &ingest.source.pipeline,
            Command::Check(source) => &source.pipeline,
            Command::Plan(plan) => &plan.source.pipeline,
            Command::Backtest(backtest) => &backtest.source.pipeline,
            Command::Explain(explain) => &explain.pipeline,
            Command::Marts(marts) => &marts.pipeline,
            Command::Sample(_) | Command::Init { .. } | Command::Completions { .. } => return None,
        };
        named.as_deref()
    }
}

/// Runs the program on its arguments.
pub fn run() -> ExitStatus {
    let arguments = Arguments::parse();
    let level = if arguments.verbose { "info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("YEKUO_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).without_time().init();
    // What goes wrong is said in the language of the report, where one is named.
    let lang = arguments.lang.or_else(|| config::lang_of(arguments.pipeline()?)).unwrap_or_default();
    match execute(&arguments) {
        Ok(answer) => match io::stdout().lock().write_all(answer.as_bytes()) {
            Ok(()) => ExitStatus::Good,
            // Whoever read the answer has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Good,
            Err(_) => ExitStatus::CouldNotRun,
        },
        Err(error) => {
            let mark = lang.pick("错误：", "error: ");
            let _ = writeln!(io::stderr(), "{mark}{}", error.report(lang));
            error.status()
        }
    }
}

fn execute(arguments: &Arguments) -> Result<String> {
    let lang = arguments.lang;
    match &arguments.command {
        Command::Run(run) => run_pipeline(run, lang),
        Command::Ingest(ingest) => ingest_only(ingest, lang),
        Command::Check(source) => check(source, lang),
        Command::Marts(marts) => show_marts(marts, lang.unwrap_or_default()),
        Command::Explain(explain) => explain_one(explain, lang),
        Command::Plan(plan) => make_plans(plan, lang),
        Command::Backtest(replay) => replay_forecasts(replay, lang),
        Command::Sample(sample) => make_sample(sample, lang.unwrap_or_default()),
        Command::Init { folder } => init(folder, lang.unwrap_or_default()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(*shell, &mut Arguments::command(), "yekuo", &mut script);
            Ok(String::from_utf8_lossy(&script).into_owned())
        }
    }
}

/// Says something to people, not to programs.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn plan(source: &SourceArguments, as_of: Option<Day>, lang: Option<Lang>) -> Plan {
    Plan {
        pipeline: source.pipeline.clone(),
        data: source.data.clone(),
        source: source.source.clone(),
        as_of,
        out: None,
        lake: None,
        since: None,
        lang,
    }
}

fn run_pipeline(arguments: &RunArguments, lang: Option<Lang>) -> Result<String> {
    let plan = Plan {
        out: arguments.out.clone(),
        lake: arguments.lake.clone(),
        since: arguments.since.clone(),
        ..plan(&arguments.source, arguments.as_of.day(), lang)
    };
    let published = pipeline::run(&plan, &Steps::shown())?;
    if arguments.json {
        return json(&published.manifest);
    }
    let lang = lang.or_else(|| config::lang_of(plan.pipeline.as_deref()?)).unwrap_or_default();
    if plan.as_of.is_none() {
        tell_as_of(&published.manifest.as_of, lang);
    }
    tell_uncovered(&published.manifest.uncovered_years, lang);
    tell(&ledger_text(&published.manifest.inputs, lang));
    let page = published.out.join("index.html");
    Ok(lang.pick(format!("报告已发布，请打开：{}\n", page.display()), format!("published; open {}\n", page.display())))
}

fn tell_as_of(as_of: &str, lang: Lang) {
    tell(&lang.pick(
        format!("未指定统计日：采用数据中最后一个完整报告期的末日 {as_of}"),
        format!("no --as-of was given: the last complete period in the data ends on {as_of}"),
    ));
}

fn tell_uncovered(years: &[i32], lang: Lang) {
    if !years.is_empty() {
        tell(&lang.pick(
            format!("注意：日历未覆盖 {years:?} 年，只扣除周末"),
            format!("note: the calendar does not cover {years:?}; only weekends are off there"),
        ));
    }
}

fn ledger_text(files: &[ingest::FileLedger], lang: Lang) -> String {
    let lines = files.iter().map(|entry| {
        let ingest::FileLedger { table, file, read, accepted, rejected, duplicate, filled, .. } = entry;
        // An event log is the file of several tables.
        let shared = files.iter().any(|other| other.file == *file && other.table != *table);
        let file = if shared { format!("{file} · {}", words::table(table, lang)) } else { file.clone() };
        let line = lang.pick(
            format!("  {file}：读入 {read} = 接受 {accepted} + 拒收 {rejected} + 重复 {duplicate}"),
            format!("  {file}: {read} read = {accepted} accepted + {rejected} rejected + {duplicate} duplicate"),
        );
        match filled.values().sum::<u64>() {
            0 => line,
            cells => {
                line + &lang.pick(format!("；缺省值补填 {cells} 格"), format!("; {cells} cells filled with defaults"))
            }
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Error::Render { artefact: "JSON".to_owned(), reason: error.to_string() })
}

fn ingest_only(arguments: &IngestArguments, lang: Option<Lang>) -> Result<String> {
    let prepared = plan(&arguments.source, None, lang).prepare()?;
    let parent = arguments.lake.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let staging = Staging::open(parent)?;
    let lake = staging.path().join("lake");
    fs::create_dir_all(&lake).map_err(Error::io("create", &lake))?;
    let rejects = lake.join("rejects");
    let gathered = pipeline::gather(&prepared, None, &lake, &rejects, &Steps::shown()).map_err(|error| {
        let name = arguments.lake.file_name().unwrap_or_default().to_string_lossy();
        pipeline::keep_rejects(error, &staging, &rejects, &parent.join(format!("{name}-rejects")))
    })?;
    staging.publish(&lake, &arguments.lake)?;
    match arguments.json {
        true => json(&gathered.ledger.files),
        false => Ok(ledger_text(&gathered.ledger.files, prepared.lang) + "\n"),
    }
}

fn check(source: &SourceArguments, lang: Option<Lang>) -> Result<String> {
    let prepared = plan(source, None, lang).prepare()?;
    let lang = prepared.lang;
    let words = prepared.config.vocabulary();
    let nowhere = PathBuf::new();
    let settings = ingest::Settings {
        data: &prepared.data,
        mapping: &prepared.config.mapping,
        words: &words,
        lake: &nowhere,
        rejects: &nowhere,
        lang,
    };
    let mut answer = lang.pick("配置正确；找到的文件：\n", "the configuration is right; files found:\n").to_owned();
    for (table, files) in ingest::check(&settings)? {
        let files = if files.is_empty() { lang.pick("无数据", "no data").to_owned() } else { files.join(", ") };
        answer += &format!("  {}{}{files}\n", words::table(table, lang), lang.pick(":", ": "));
    }
    Ok(answer)
}

fn show_marts(arguments: &MartsArguments, lang: Lang) -> Result<String> {
    let config = Config::load(arguments.pipeline.as_deref())?;
    let catalogue = Catalogue::open(&config.files("marts")?, &config.files("audits")?)?;
    let Some(name) = &arguments.name else {
        if arguments.json {
            let names: Vec<_> = catalogue.marts.iter().map(|m| (&m.name, m.definition.title.get(lang))).collect();
            return json(&names);
        }
        let line = |mart: &crate::marts::Mart| format!("{:<20} {}\n", mart.name, mart.definition.title.get(lang));
        return Ok(catalogue.marts.iter().map(line).collect());
    };
    let mart = catalogue.mart(name)?;
    let definition = &mart.definition;
    if arguments.json {
        let columns: Vec<_> =
            definition.columns.iter().map(|c| (&c.name, c.title.get(lang), c.about.get(lang))).collect();
        return json(
            &serde_json::json!({ "name": mart.name, "grain": definition.grain, "columns": columns, "sql": mart.sql }),
        );
    }
    let mut answer = format!("{} · {}\n{}\n", mart.name, definition.title.get(lang), definition.about.get(lang));
    if !definition.example.get(lang).is_empty() {
        answer += &format!("{}{}\n", lang.pick("例：", "Example: "), definition.example.get(lang));
    }
    answer += &lang.pick(
        format!("粒度：{}\n\n", definition.grain.join("、")),
        format!("grain: {}\n\n", definition.grain.join(", ")),
    );
    for column in &definition.columns {
        answer += format!("  {:<24} {}  {}", column.name, column.title.get(lang), column.about.get(lang)).trim_end();
        answer.push('\n');
    }
    if definition.estimator.is_some() {
        answer += lang.pick(
            "\n由估计方法得出，下面的 SQL 只选出工单，一件一行：\n",
            "\nestimated; the SQL below selects the cases, one a row:\n",
        );
    }
    Ok(answer + "\n" + &mart.sql)
}

fn explain_one(arguments: &ExplainArguments, lang: Option<Lang>) -> Result<String> {
    let question = Question {
        name: &arguments.subject,
        subject: arguments.kind,
        month: arguments.month,
        conditions: arguments.conditions.clone(),
        mart: arguments.mart.as_deref(),
        figure: arguments.figure.as_deref(),
    };
    let explanation = match &arguments.lake {
        Some(lake) => {
            let config = Config::load(arguments.pipeline.as_deref())?;
            let catalogue = Catalogue::open(&config.files("marts")?, &config.files("audits")?)?;
            let clean = &lake.join("clean");
            let params = crate::lake::read(&clean.join("params.parquet"))?;
            let as_of = crate::lake::Columns(&params).days("as_of")?.first().copied().flatten().unwrap_or(Day::LAST);
            let lang = lang.unwrap_or(config.pipeline.lang);
            let sources = Sources { clean, as_of, config: &config, catalogue: &catalogue, lang };
            Explanation::read(&question, &sources)?
        }
        None => {
            let source = SourceArguments {
                pipeline: arguments.pipeline.clone(),
                data: arguments.data.clone(),
                source: arguments.source.clone(),
            };
            let as_of = arguments.as_of.or(arguments.month);
            let prepared = plan(&source, as_of, lang).prepare()?;
            let folder = tempfile::tempdir().map_err(Error::io("create", "a temporary folder"))?;
            let lake = folder.path().join("lake");
            fs::create_dir_all(&lake).map_err(Error::io("create", &lake))?;
            let steps = Steps::shown();
            let gathered = pipeline::gather(&prepared, as_of, &lake, &folder.path().join("rejects"), &steps)?;
            let from = prepared.config.pipeline.rhythm.first_day(gathered.as_of);
            pipeline::clock(&prepared, &gathered, from, &lake, &steps)?;
            let Prepared { config, catalogue, lang, .. } = &prepared;
            let clean = &lake.join("clean");
            let sources = Sources { clean, as_of: gathered.as_of, config, catalogue, lang: *lang };
            Explanation::read(&question, &sources)?
        }
    };
    if let Some(path) = &arguments.chart {
        let Some(svg) = explanation.gantt()? else {
            return Err(Error::Unknown { what: Sought::Application, name: arguments.subject.clone(), nearest: None });
        };
        let png = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
        let bytes = if png {
            draw::render_png(&draw::cover_missing(&svg), 2.0)
                .map_err(|error| Error::Render { artefact: path.display().to_string(), reason: error.to_string() })?
        } else {
            svg.into_bytes()
        };
        publish::write(path, &bytes)?;
    }
    if arguments.json { json(&explanation) } else { Ok(explanation.text()) }
}

fn make_plans(arguments: &PlanArguments, lang: Option<Lang>) -> Result<String> {
    let mut source = plan(&arguments.source, arguments.as_of.day(), lang);
    source.out.clone_from(&arguments.out);
    let mut named = arguments.applications.clone();
    named.sort();
    named.dedup();
    let which = match (arguments.all, named.is_empty()) {
        (true, _) => plan::Which::All,
        (false, true) => plan::Which::Unplanned,
        (false, false) => plan::Which::Named(named),
    };
    let published = plan::run(&plan::Request { source, which, basis: arguments.basis }, &Steps::shown())?;
    let plan::Published { out, manifest } = published;
    if arguments.json {
        return json(&manifest);
    }
    let lang = lang.or_else(|| config::lang_of(arguments.source.pipeline.as_deref()?)).unwrap_or_default();
    if arguments.as_of.day().is_none() {
        tell_as_of(&manifest.as_of, lang);
    }
    tell_uncovered(&manifest.uncovered_years, lang);
    let count = manifest.projects.len();
    if count == 0 {
        tell(lang.pick(
            "没有需要编制计划的订单式工单：在途、有期望送电日期、尚无环节要求完成日期的才编制；--all 编制全部",
            "no order-style application is to be planned: open, with a wish, and without due dates; --all plans them all",
        ));
    }
    let late = manifest.projects.iter().filter(|project| project.is_feasible == Some(false)).count();
    tell(&lang.pick(
        format!("编制计划 {count} 项，其中期望日期不可行 {late} 项"),
        format!("{count} planned, of which {late} cannot be done by the day that was wished for"),
    ));
    let book = out.join("plan.xlsx");
    Ok(lang.pick(format!("计划已发布，请打开：{}\n", book.display()), format!("published; open {}\n", book.display())))
}

fn replay_forecasts(arguments: &BacktestArguments, lang: Option<Lang>) -> Result<String> {
    let plan = plan(&arguments.source, arguments.as_of.day(), lang);
    let backtest = backtest::run(&plan, arguments.months, &Steps::shown())?;
    if arguments.json { json(&backtest) } else { Ok(backtest.text().to_owned()) }
}

fn make_sample(arguments: &SampleArguments, lang: Lang) -> Result<String> {
    let plan = sample::Plan {
        applications: arguments.applications,
        seed: arguments.seed,
        months: arguments.months,
        format: match arguments.format {
            SampleFormat::Csv => sample::Format::Csv,
            SampleFormat::Parquet => sample::Format::Parquet,
        },
        layout: match arguments.layout {
            SampleLayout::Exports => sample::Layout::Exports,
            SampleLayout::Canonical => sample::Layout::Canonical,
        },
        ..sample::Plan::default()
    };
    let calendar = config::embedded_calendar("cn")?;
    let files = sample::write(&plan, &calendar, &arguments.folder, &mut |_| {})?;
    let folder = arguments.folder.display();
    tell(&lang.pick(
        format!("已写入 {} 个文件到 {folder}", files.len()),
        format!("{} files written to {folder}", files.len()),
    ));
    Ok(files.iter().map(|file| format!("{}\n", file.display())).collect())
}

fn init(folder: &Path, lang: Lang) -> Result<String> {
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::io("create", folder)(io::ErrorKind::AlreadyExists.into()));
    }
    for (path, bytes) in config::starter() {
        publish::write(&folder.join(path), &bytes)?;
    }
    fs::create_dir_all(folder.join("data")).map_err(Error::io("create", folder))?;
    let pipeline = folder.join("pipelines").join(config::DEFAULT_PIPELINE);
    Ok(lang.pick(
        format!(
            "已建立。请把导出文件放入 {}，然后运行：\n  yekuo run {}\n",
            folder.join("data").display(),
            pipeline.display()
        ),
        format!(
            "done. Put the exports into {}, then\n  yekuo run {}\n",
            folder.join("data").display(),
            pipeline.display()
        ),
    ))
}
