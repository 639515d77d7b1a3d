//! What was typed, exactly, and what it means; nothing is read or written here.
//!
//! Help stands in both languages side by side.

mod answers;
mod lake;
mod only;
mod plan;
mod send;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calendar::Day;
use crate::contract::{Column, Kind};
use crate::explain::{Question, Subject};
use crate::export::Format;
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::lake::Value;
use crate::period::Previous;
use crate::pipeline::{self, Output, Request};
use crate::rules::only::Only;
use crate::sample::Sample;
use crate::words::{Lang, Words};
pub(super) use answers::{SignArguments, VerifyArguments};
pub(super) use lake::{LakeArguments, LakeCommand};
use only::OnlyArguments;
pub(super) use plan::PlanArguments;
pub(super) use send::SendArguments;

/// 业扩：把营销系统的导出文件变成当月的考核报告 · service connection: a utility's exports in, the monthly assessment out
///
/// 从 `yekuo run --data 目录` 开始：目录中放业扩工单、环节记录两个文件，以及有的其他文件（延误说明、客户回访、故障、投诉……）；
/// 中文表头、GB18030、Excel 都能读。`yekuo check --data 目录` 列出各表找到的文件。
///
/// 退出码：0 已发布；1 已运行但未通过检查，原有报告不变；2 无法运行；75 另一个运行正在处理同一份报告；130、143、129 被中断，未留下任何东西。
///
/// yekuo judges how fast and how well an electric utility connects its customers: exports in, the monthly assessment
/// and other reports out. Start with `yekuo run --data DIR`, where DIR holds applications.csv, stages.csv and what else
/// there is (delays, callbacks, faults, complaints …: `yekuo check --data DIR` lists the tables and the files found);
/// Chinese headers, GB18030 and Excel files are understood.
///
/// Exit status: 0 published; 1 it ran, but a gate failed and the previous report stays; 2 it could not run; 75 another run
/// is at work on the same report; 130, 143, 129 it was interrupted, and left nothing behind.
#[derive(Debug, Parser)]
#[command(name = "yekuo", version, max_term_width = 100)]
pub(super) struct Arguments {
    /// 语言：zh 中文，en 英文 [缺省：提示信息按环境变量 LANG，否则与报告相同；报告按流水线所写，否则为 zh] · language, zh or en [default: messages by LANG, else as the report; the report by the pipeline, else zh]
    #[arg(long, global = true, value_enum, hide_possible_values = true)]
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
    /// 每个导出文件读一遍（以前的运行读过的直接取用，见 lake），逐行判定，汇总指标并校验，报告整份发布或完全不发布。内存随工单数增长，每件约 2.6 KB（十个环节）。
    ///
    /// Reads every export once (what an earlier run has read is taken from it, see `lake`), judges every row, computes the marts, checks them, and publishes the report whole or
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
    /// 自定义指标表的 SQL 可以查询的内容：每个表的粒度和含义，每个字段的类型、含义和单位。不读任何数据。
    ///
    /// What SQL of a custom mart can select from: each table with its grain and meaning, each column with its type,
    /// meaning and unit. Reads no data.
    Tables(TablesArguments),
    /// 逐项解释：工单、故障、投诉、客户经理或部门 · explain an application, fault, complaint, manager or department
    ///
    /// 工单逐日说明。客户经理、部门、指标表先列出当月的指标：数值、计入的件数和全部件数；--cases 加列算式和个案，
    /// --figure 列出计入一个指标的全部个案，比率分列分子和分母。所用 SQL 与报告完全相同。
    ///
    /// An application is explained day by day. Of a manager, a department or a mart the figures of the month come first:
    /// value, and how many cases it counts of how many. --cases adds the arithmetic and the cases, --figure lists every
    /// case that makes one figure: of a rate, numerator and denominator. All by the very SQL that made the figures.
    Explain(ExplainArguments),
    /// 把工单写成事件日志（XES、OCEL 2.0），供其他工具读取 · write the applications as an event log (XES, OCEL 2.0) for other tools
    ///
    /// XES 每张工单一条轨迹，每次环节一个开始、一个完成事件。OCEL 以工单、部门、客户经理为对象，环节、延误说明、回访为事件。
    /// 格式不能表示的内容在终端列出数目。不写入客户名称和电话，除非 --personal。
    ///
    /// XES has a trace for each application, with a start and a complete event for each stage pass. OCEL has applications,
    /// departments and managers as objects; stages, delay claims and callbacks as events. What a form cannot carry is
    /// counted on stderr. Names and telephone numbers of customers are written with --personal only. OCEL is held in memory.
    Export(ExportArguments),
    /// 编制业扩工程计划安排确认表 · schedule order-style projects backwards from the requested energisation date
    ///
    /// 生成计划确认表（plan.xlsx，每个项目一张）、每个项目的横道图和 plan.csv，后者的要求完成日期可以再导入作为环节时限。
    /// 缺省编制在途、有期望送电日期、尚无环节要求完成日期的订单式工单。
    ///
    /// Writes the plan confirmation tables (plan.xlsx, one sheet per project), one Gantt chart per project, and plan.csv, whose
    /// due_on can be given back as the stages' limits. Plans the open order-style applications that have a requested date and no
    /// due dates yet. Costs what reading the exports costs, plus a sheet and two pictures for each project.
    Plan(PlanArguments),
    /// 读入返回的考核表，写成核实结论表 · read returned assessment workbooks into the table of verifications
    ///
    /// 报告的分发件「考核表核实」中每个部门一本考核表：选核实结果（维持、减轻、撤销），填核定分数和意见，写上核实人和日期。
    /// 返回的工作簿与发出它的报告逐行核对，写入数据目录的核实结论表，下次运行即计入考核。可以分批读入；
    /// 键被改动、不是发出的行、同一环节两个结论、结果不在三者之中、分数高于建议或为负的行逐一列出，不写入。
    /// 退出码：0 全部读入，1 有拒收的行（其余已写入）。
    ///
    /// The report's folder handouts/verification has a workbook for each department: choose a result (upheld, reduced,
    /// withdrawn), fill in points and note, and say who verified and when. What comes back is compared row by row with
    /// the report that handed it out, and written to verifications.csv of the data folder, which the next run counts.
    /// Workbooks can come one by one. A changed key, a row that was not handed out, two answers for one stage, another
    /// result, points above the proposal or below zero are listed and not written. Exit status: 0 all was read, 1 some
    /// rows were refused, and the others written.
    Verify(VerifyArguments),
    /// 签署一份报告：此后不加 --revise 不会被替换 · sign a report: from then on it is replaced with --revise only
    Sign(SignArguments),
    /// 把报告发给该收的人：邮件，企业微信、钉钉群；缺省只预览 · send a report to those who may have it, by mail and to groups; by default it is only shown
    ///
    /// 公开报告：页面和工作簿发邮件，要点数字发到群里。内部报告：每个部门、供电单位、个人只收自己的分发件（邮件），本部门的群里只告诉行数；
    /// 报告本身、别人的分发件、姓名和电话不发。谁收什么写在流水线旁的 send.toml 中；密码、机器人地址在环境变量中。
    /// 不加 --really 不连接任何服务器。发送过的记在报告旁，不会再发；--again 重发。
    /// 退出码：0 预览，或全部已发送；1 有的没有发出（其余已发送）；2 无法开始。
    ///
    /// A public report goes by mail (pages and workbook) and to groups (its figures). Of any other, each department, bureau and
    /// person gets the hand-outs that are theirs by mail, and a department's own group is told how many rows there are; the
    /// report itself, the hand-outs of others, names and telephone numbers go nowhere. Who gets what stands in send.toml
    /// next to the pipeline; passwords and webhooks in the environment. Nothing is connected to without --really. What was sent is
    /// noted in sent/ next to the report and not sent twice, but with --again. Exit status: 0 shown, or all was sent; 1 some
    /// was not, and the rest was; 2 it could not start.
    Send(SendArguments),
    /// 查看、核对、删除以前的运行留存的结果 · list, verify or remove what earlier runs have kept
    ///
    /// 同样的导出文件、规则和程序不重新读入、不重新计算：每次运行把读入的数据和明细表留在报告旁的 lake/.yekuo-store 中，按它们由什么
    /// 得出来存放，下次（其他流水线也是）直接取用；什么都没有变时，报告就是原来的。一周没有用过的自动删除。全部删掉也只是
    /// 下次多花时间。run --fresh 一概不取用。
    ///
    /// Of the same exports, rules and program nothing is read or worked out twice: a run leaves rows and clean tables in
    /// lake/.yekuo-store next to its reports, by what they were made from, and the next one takes them, of another pipeline too;
    /// where nothing has changed, the report that stands is the report. What no run has used for a week is removed. To
    /// remove all of it costs time, nothing else. `run --fresh` takes nothing from it. Exit status of verify: 0 all of it
    /// is whole, 1 something was not and is removed.
    Lake(LakeArguments),
    /// 回放预测，看它准不准 · replay the forecast at past month ends and report its skill
    ///
    /// 以过去各月末当时已知的情况预测每件在途工单，给出机会实现的比例和日期的误差，并与应送电日期和平均剩余时间相比较。
    /// 不发布任何文件。
    ///
    /// Forecasts every application that was open on those days from what was known then, and prints how often the
    /// chances came true and how far the dates were off, against the due date and the mean remaining time. Costs what a
    /// run costs without its marts and pages; publishes nothing.
    Backtest(BacktestArguments),
    /// 生成示例数据 · make sample data
    Sample(SampleArguments),
    /// 看一遍导出目录，推测来源映射并写成文件 · look at a folder of exports, guess its source mapping and write it
    ///
    /// 查看每个文件、工作表与表头，推测哪张表、哪一列、单位、日期次序和词的含义，写成 目录/sources/own.toml，每处都注明
    /// 是否确定和样例；没有把握的写成注释。此后读这个目录的命令都用它。在终端中会逐项询问，--yes 不问。
    /// 台账的各环节、状态词、事件日志都会写出。退出码：0 已写出，1 已写出而日期次序或小数点无法判断，须在文件中选定。
    ///
    /// Looks at every file, sheet and header, guesses tables, columns, units, the order of dates and what words mean, and
    /// writes FOLDER/sources/own.toml, each guess with how sure it is and some cells; what is not sure is commented out.
    /// Commands that read the folder use it from then on. In a terminal it asks about what is not sure. The
    /// stages of a wide ledger, status words and event logs are written too. Exit status: 0 written, 1 written, and an order
    /// of dates or a sign of decimals is left to be chosen in the file.
    Map(MapArguments),
    /// 检查这台机器和目录里会出问题的地方 · check what can go wrong on this machine and in this folder
    ///
    /// 程序、终端编码、流水线与配置、数据文件、来源映射、数据行、日历、报告目录、磁盘空间、上次运行的残留，逐项说明怎么办。
    /// 数据读一遍，不写报告。退出码：0 可以运行，1 有会使运行失败的问题。
    ///
    /// The program, the terminal's encoding, pipelines, exports, mapping, rows, calendar, output, disk space, and what an
    /// earlier run left, each with what to do. Reads the exports once and publishes nothing. Exit status: 0 ready to run,
    /// 1 something would stop a run.
    Doctor(DoctorArguments),
    /// 建立自己的项目目录 · set up a folder with pipelines to adapt
    Init {
        /// 目录 · the folder, which must not exist or be empty
        folder: PathBuf,
    },
    /// 输出配置文件的 JSON 格式定义，供编辑器使用 · print the JSON schema of a kind of configuration file, for editors
    ///
    /// 不写名称则列出各种配置文件。它们也在 pipelines/schema/ 中，配置文件首行的 #:schema 指向它。
    ///
    /// Without a name, lists the kinds of files. The schemas are in pipelines/schema/ too, where the first line of a file,
    /// `#:schema …`, points.
    Schema {
        /// 哪一种 · which kind
        name: Option<String>,
    },
    /// 生成手册页（man） · print the manual page
    Man,
    /// 生成命令补全脚本 · print a completion script
    Completions {
        /// 命令行外壳 · the shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Clone, Args)]
pub(super) struct SourceArguments {
    /// 流水线文件，或内置流水线的名称：monthly、weekly、half-monthly、daily、public、comparison、bottleneck [缺省：monthly] · pipeline file, or the name of one that is built in: monthly, weekly, half-monthly, daily, public, comparison, bottleneck [default: monthly]
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
    /// 统计日，其后的事件不计，例如 2026-06-30 [缺省：数据中最后一个完整报告期（月、周、半月或日）的末日] · as-of date: later events are ignored [default: the end of the last complete month, week, half month or day in the data, as the pipeline reports]
    #[arg(long, value_name = "DATE", value_parser = day, conflicts_with = "month")]
    pub(super) as_of: Option<Day>,
    /// 统计月份，例如 2026-06，即以月末为统计日 · the same as --as-of with the month's last day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    pub(super) month: Option<Day>,
}

impl SourceArguments {
    /// What is asked for.
    pub(super) fn request(&self, as_of: Option<Day>, lang: Lang) -> Request {
        let SourceArguments { pipeline, data, source } = self.clone();
        Request { pipeline, data, source, as_of, allow_stale: false, only: Only::default(), all_marts: false, lang }
    }
}

impl AsOfArguments {
    /// The as-of day.
    pub(super) fn day(&self) -> Option<Day> {
        self.as_of.or(self.month)
    }
}

/// Why a value cannot be read; the parser shows it in English.
#[derive(Debug, thiserror::Error)]
#[error("{}", _0.en)]
pub(super) struct NotRead(pub(super) Words);

impl NotRead {
    fn new(zh: &str, en: &str) -> NotRead {
        NotRead(Words { zh: zh.to_owned(), en: en.to_owned() })
    }
}

/// A day as people type it: `2026-06-30`, `2026/6/30`, `2026年6月30日`, `20260630`.
fn day(text: &str) -> Result<Day, NotRead> {
    let wrong = || {
        NotRead::new(
            "日期写作 2026-06-30 或 2026年6月30日，在 1980 至 2099 年之间",
            "a date is written as 2026-06-30 or 2026/6/30, and lies in 1980 to 2099",
        )
    };
    read(Kind::Date, text).ok_or_else(wrong)
}

/// The last day of a month as people type it: `2026-06`, `2026/6`, `2026年6月`, `202606`.
fn month_end(text: &str) -> Result<Day, NotRead> {
    let wrong = || {
        NotRead::new(
            "月份写作 2026-06 或 2026年6月，在 1980 至 2099 年之间",
            "a month is written as 2026-06 or 2026/6, and lies in 1980 to 2099",
        )
    };
    read(Kind::Month, text).map(Day::month_end).ok_or_else(wrong)
}

/// A day or month, by the rules for cells of exports.
fn read(kind: Kind, text: &str) -> Option<Day> {
    let column = Column { name: "", zh: &[], kind, required: true, absence: None };
    match values::read(&column, Cell::Text(text), &Vocabulary::default()) {
        Ok(Value::Date(day)) => Some(day),
        _ => None,
    }
}

fn condition(text: &str) -> Result<(String, String), NotRead> {
    let wrong = || NotRead::new("写作 列=值", "it is written as COLUMN=VALUE");
    let (column, value) = text.split_once('=').ok_or_else(wrong)?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    #[command(flatten)]
    pub(super) as_of: AsOfArguments,
    #[command(flatten)]
    pub(super) only: OnlyArguments,
    /// 先发布整份报告，再为某一级的每个单位各发布一份只含其工单的报告：供电单位，或 units.toml 中某一级的单位 · publish the report, and then one for each unit of a level about its applications only: `bureau`, or a level of units.toml
    #[arg(long, value_name = "LEVEL", conflicts_with_all = ["out", "lake", "since", "json"])]
    pub(super) each: Option<String>,
    /// 数据明显早于统计日时仍然发布，报告首行以红字注明 · publish although the exports end long before the as-of day, with a red line
    #[arg(long)]
    pub(super) allow_stale: bool,
    /// 报告目录 [缺省：reports/<流水线>-<统计日>] · where the report goes [default: reports/<pipeline>-<as-of>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 中间数据(Parquet)目录 [缺省：报告旁的 lake/<报告>] · where the lake goes [default: lake/<report> next to the report]
    #[arg(long, value_name = "DIR")]
    pub(super) lake: Option<PathBuf>,
    /// 报告不用的指标表也计算并存为 Parquet · compute the marts that the report does not show too
    #[arg(long)]
    pub(super) all_marts: bool,
    /// 不沿用以前运行留存的结果，全部重新计算 · take nothing from earlier runs: work everything out anew
    #[arg(long)]
    pub(super) fresh: bool,
    /// 已签署的报告也以新的一版替换，原版保留 · publish the next edition of a signed report too; the signed one is kept
    #[arg(long)]
    pub(super) revise: bool,
    /// 与此前的报告比较，列出自那以来的变化 [缺省：同一目录中最近的一份] · the report to compare with [default: the newest earlier one in the same folder]
    #[arg(long, value_name = "PREVIOUS_OUT")]
    pub(super) since: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl RunArguments {
    /// Where the report goes.
    pub(super) fn output(&self) -> Output {
        let RunArguments { out, lake, since, revise, fresh, .. } = self;
        let (out, lake, since) = (out.clone(), lake.clone(), since.clone());
        Output { out, lake, since, revise: *revise, fresh: *fresh }
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

/// Where a command reads that needs no report of its own.
#[derive(Debug, Args)]
pub(super) struct ReadFrom {
    /// 流水线文件，或内置流水线的名称：monthly、weekly、half-monthly、daily、public、comparison、bottleneck [缺省：monthly] · pipeline file, or the name of one that is built in: monthly, weekly, half-monthly, daily, public, comparison, bottleneck [default: monthly]
    #[arg(long)]
    pub(super) pipeline: Option<PathBuf>,
    /// 数据目录 · folder of exports with canonical or usual Chinese names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// 已有的中间数据目录，不再读导出文件 [缺省：没有 --data、--source、--as-of 时，reports/ 中最近一份报告的] · the lake of an earlier run, instead of reading the exports again [default: without --data, --source and --as-of that of the newest report in reports/]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "source", "as_of"])]
    pub(super) lake: Option<PathBuf>,
}

/// The lake of the newest report, and its as-of day.
struct Newest {
    lake: PathBuf,
    as_of: Day,
}

impl ReadFrom {
    fn request(&self, as_of: Option<Day>, lang: Lang) -> Request {
        let (pipeline, data, source) = (self.pipeline.clone(), self.data.clone(), self.source.clone());
        Request { pipeline, data, source, as_of, allow_stale: false, only: Only::default(), all_marts: false, lang }
    }

    /// The lake of the newest report in `reports/` with the part that is needed, where nothing says what else to read.
    fn newest(&self, part: &str) -> Option<Newest> {
        if self.data.is_some() || self.source.is_some() {
            return None;
        }
        let reports = Path::new("reports");
        let newest = Previous::newest(reports, self.pipeline.as_deref())?;
        let lake = reports.join("lake").join(newest.folder.file_name()?);
        lake.join(part).is_dir().then_some(Newest { lake, as_of: newest.as_of })
    }
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// 工单、故障、投诉或客户经理的编号，部门名称，或指标表名 · an application, fault, complaint or manager by number, a department, or a mart
    #[arg(required_unless_present = "mart")]
    pub(super) subject: Option<String>,
    /// 是什么：application 工单、fault 故障、complaint 投诉、manager 客户经理、department 部门、mart 指标表 [缺省：按此次序查找] · what it is: application, fault, complaint, manager, department or mart [default: the first match in this order]
    #[arg(long, value_enum, hide_possible_values = true)]
    pub(super) kind: Option<Subject>,
    /// 指标月份，例如 2026-06；未给统计日时即以其月末为统计日 · the month of the figures; without --as-of its last day is the as-of day
    #[arg(long, value_name = "YYYY-MM", value_parser = month_end)]
    pub(super) month: Option<Day>,
    /// 统计日，其后的事件不计 [缺省：该月末，或数据中最后一个完整报告期的末日] · as-of date: later events are ignored [default: the end of the month, or of the last complete period in the data]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) as_of: Option<Day>,
    /// 只看这一行，例如 bureau=城中供电分局 · only rows with this value, such as bureau=East
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    pub(super) conditions: Vec<(String, String)>,
    /// 只看一个指标表；不写对象时看它的全部行 · only this mart; without a subject all its rows
    #[arg(long, value_name = "MART")]
    pub(super) mart: Option<String>,
    /// 只看一个指标，并列出计入它的全部个案（比率分列分子、分母）· only this figure, with every case that makes it: of a rate, numerator and denominator
    #[arg(long, value_name = "COLUMN")]
    pub(super) figure: Option<String>,
    /// 列出每个指标的算式和前 30 个个案 · list how each figure comes about and the first 30 of its cases
    #[arg(long)]
    pub(super) cases: bool,
    #[command(flatten)]
    pub(super) from: ReadFrom,
    /// 把工单的进度图写入文件（.svg 或 .png）· write an application's Gantt chart to a file (.svg or .png)
    #[arg(long, value_name = "FILE")]
    pub(super) chart: Option<PathBuf>,
    /// 替换已有的图 · replace a chart that is there
    #[arg(long, requires = "chart")]
    pub(super) force: bool,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl ExplainArguments {
    /// What is asked for.
    pub(super) fn request(&self, lang: Lang) -> Request {
        self.from.request(self.as_of.or(self.month), lang)
    }

    /// The lake of the newest report, where nothing says what else to read and its month is not before the one asked for.
    pub(super) fn newest_lake(&self) -> Option<PathBuf> {
        let newest = self.from.newest("clean").filter(|_| self.as_of.is_none())?;
        self.month.is_none_or(|month| month.month() <= newest.as_of).then_some(newest.lake)
    }

    /// What is to be explained.
    pub(super) fn question(&self) -> Question<'_> {
        // Without a subject the mart is one.
        let (name, subject) = match (&self.subject, &self.mart) {
            (None, Some(mart)) => (mart, Some(Subject::Mart)),
            (subject, _) => (subject.as_ref().expect("clap requires one without a mart"), self.kind),
        };
        Question {
            name,
            subject,
            month: self.month,
            conditions: self.conditions.clone(),
            mart: self.mart.as_deref(),
            figure: self.figure.as_deref(),
            cases: self.cases,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// 文件；格式由扩展名决定：.xes、.xes.gz、.ocel.json、.jsonocel、.ocel.xml、.xmlocel · the file; what it ends in says the form: .xes, .xes.gz, .ocel.json, .jsonocel, .ocel.xml, .xmlocel
    #[arg(value_parser = event_log)]
    pub(super) file: PathBuf,
    /// 替换已有的文件 · replace a file that is there
    #[arg(long)]
    pub(super) force: bool,
    /// 也写入客户名称和电话 · write the names and telephone numbers of customers too
    #[arg(long)]
    pub(super) personal: bool,
    /// 统计日，其后的事件不写入 [缺省：数据中最后一个完整报告期的末日] · as-of date: later events are not written [default: the end of the last complete period in the data]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) as_of: Option<Day>,
    #[command(flatten)]
    pub(super) from: ReadFrom,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A file whose name says the form.
fn event_log(text: &str) -> Result<PathBuf, NotRead> {
    let endings = Format::ENDINGS.map(|(ending, _)| ending);
    let wrong = || {
        NotRead::new(
            &format!("文件名以 {} 结尾", endings.join("、")),
            &format!("a file ends in {}", endings.join(", ")),
        )
    };
    let file = PathBuf::from(text);
    Format::of(&file).map(|_| file).ok_or_else(wrong)
}

impl ExportArguments {
    /// What is asked for.
    pub(super) fn request(&self, lang: Lang) -> Request {
        Request { allow_stale: true, ..self.from.request(self.as_of, lang) }
    }

    /// The lake of the newest report, where nothing says what else to read.
    pub(super) fn newest_lake(&self) -> Option<PathBuf> {
        self.from.newest("raw").filter(|_| self.as_of.is_none()).map(|newest| newest.lake)
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
    #[arg(long, default_value_t = Sample::default().applications, value_parser = clap::value_parser!(u64).range(..=20_000_000))]
    pub(super) applications: u64,
    /// 随机种子 · what chance starts from
    #[arg(long, default_value_t = Sample::default().seed)]
    pub(super) seed: u64,
    /// 月数，最后一个月为 2026-06 · how many months, the last of them 2026-06
    #[arg(long, default_value_t = Sample::default().months, value_parser = clap::value_parser!(u32).range(1..=120))]
    pub(super) months: u32,
    /// 标准布局的文件格式 · file format of the canonical layout
    #[arg(long, value_enum, default_value = "csv")]
    pub(super) format: SampleFormat,
    /// exports：营销系统导出的样子（带脏数据）；canonical：标准表 · dirty exports, or clean canonical tables
    #[arg(long, value_enum, default_value = "exports")]
    pub(super) layout: SampleLayout,
}

#[derive(Debug, Args)]
pub(super) struct DoctorArguments {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    /// 报告所在的目录 [缺省：reports] · the folder of the reports [default: reports]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct MapArguments {
    /// 导出文件的目录 · the folder of the exports
    #[arg(default_value = ".")]
    pub(super) folder: PathBuf,
    /// 写到哪个文件 [缺省：目录中的 sources/own.toml] · the file to write [default: sources/own.toml in the folder]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// 覆盖已有的文件 · replace the file if it exists
    #[arg(long)]
    pub(super) force: bool,
    /// 不询问 · ask nothing
    #[arg(long, short)]
    pub(super) yes: bool,
    /// 流水线，环节名称以其 process.toml 为准 [缺省：monthly] · the pipeline whose process.toml names the stages [default: monthly]
    #[arg(long)]
    pub(super) pipeline: Option<PathBuf>,
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
            Command::Doctor(asked) => &asked.source.pipeline,
            Command::Plan(plan) => &plan.source.pipeline,
            Command::Verify(asked) => &asked.pipeline,
            Command::Send(asked) => &asked.pipeline,
            Command::Backtest(backtest) => &backtest.source.pipeline,
            Command::Explain(explain) => &explain.from.pipeline,
            Command::Export(export) => &export.from.pipeline,
            Command::Marts(marts) => &marts.pipeline,
            Command::Tables(_)
            | Command::Sample(_)
            | Command::Init { .. }
            | Command::Map(_)
            | Command::Schema { .. }
            | Command::Completions { .. }
            | Command::Lake(_)
            | Command::Sign(_)
            | Command::Man => {
                return None;
            }
        };
        named.as_deref()
    }
}
