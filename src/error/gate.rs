//! Gates that keep a report from being published, and what a reader is told of exports that end too early.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::calendar::Day;
use crate::words::{Lang, Words};

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
        alike: Vec<Words>,
        /// Where the list of rejects was kept.
        kept: Option<PathBuf>,
    },
    /// An audit query returned rows.
    Audit {
        /// The audit.
        name: String,
        /// What its rows mean.
        meaning: Words,
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
    /// The report that stands was signed.
    Signed {
        /// Its folder.
        path: PathBuf,
        /// Which edition it is.
        edition: u32,
        /// Who signed.
        by: String,
        /// The day of it.
        on: String,
        /// Whether it is of the pipeline and day that are published, so that `--revise` keeps it and takes its place.
        is_revisable: bool,
    },
    /// No application is of those that the report is asked to be about.
    Nobody {
        /// What is asked for.
        only: Words,
        /// How many applications there are.
        of: usize,
    },
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
    pub until: Day,
    /// The day that it should reach: as-of, or the newest event of the other table.
    pub reaches: Day,
    /// The working days between.
    pub gap_wd: i32,
    /// The newest event of all, where there are some after the as-of day: the exports do not end, they have a gap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub later: Option<Day>,
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
            StaleTable::All if let Some(later) = self.later => lang.pick(
                format!("数据在 {until} 之后、统计日 {reaches} 之前的 {gap_wd} 个工作日里没有任何事件，其后（至 {later}）又有：中间缺了一段，缺的部分会被当作没有发生"),
                format!("the exports have no event from {until} to the as-of day {reaches}, {gap_wd} working days, and some after it (up to {later}): a part is missing, and is taken for not having happened"),
            ),
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

impl fmt::Display for Gate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

/// Lines of what is wrong with rejected rows that an error shows.
const MOST_ALIKE: usize = 5;

impl Gate {
    pub(super) fn say(&self, lang: Lang) -> String {
        match self {
            Gate::Rejects { table, read, accepted, rejected, max_rejects, alike, kept } => {
                let percent = max_rejects * 100.0;
                let list = kept
                    .as_ref()
                    .map(|path| path.display())
                    .map(|path| lang.pick(format!("\n  拒收明细：{path}"), format!("\n  rejects: {path}")));
                let alike: String = alike.iter().take(MOST_ALIKE).map(|line| format!("\n  {}", line.get(lang))).collect();
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
                format!("审计「{name}」未通过（{rows} 行）：{}。不发布报告。\n  例如：{sample}", meaning.zh),
                format!("audit `{name}` found {rows} rows: {}. Nothing is published.\n  such as: {sample}", meaning.en),
            ),
            Gate::Early { as_of, first } => lang.pick(
                format!("统计日 {as_of} 早于数据中最早的事件（{first}）：报告会是空的，不发布。请检查 --as-of / --month"),
                format!("the as-of day {as_of} lies before the first event of the exports ({first}): the report would be empty. Nothing is published.\n  hint: look at --as-of or --month"),
            ),
            Gate::Stale(stale) if stale.later.is_some() => {
                let said = stale.say(lang);
                lang.pick(
                    format!("{said}。不发布报告。\n  请补上缺的导出文件；确实没有发生任何事时可加 --allow-stale，报告首行会以红字注明"),
                    format!("{said}. Nothing is published.\n  hint: add the exports of the days between; if nothing happened on them, --allow-stale publishes with a red line at the top"),
                )
            }
            Gate::Stale(stale) => {
                let (said, until) = (stale.say(lang), stale.until);
                lang.pick(
                    format!("{said}。不发布报告。\n  请导出到统计日的数据，或把统计日改到 {until}；确认无误时可加 --allow-stale，报告首行会以红字注明"),
                    format!("{said}. Nothing is published.\n  hint: export up to the as-of day, or report as of {until}; --allow-stale publishes with a red line at the top"),
                )
            }
            Gate::Signed { path, edition, by, on, is_revisable: false } => {
                let path = path.display();
                lang.pick(
                    format!("{path} 中另有一份报告，其第 {edition} 版已由 {by} 于 {on} 签署，不能替换。请用 --out 另选目录"),
                    format!("{path} holds another report, whose edition {edition} was signed by {by} on {on}; it stays.\n  hint: choose another --out"),
                )
            }
            Gate::Signed { path, edition, by, on, .. } => {
                let path = path.display();
                lang.pick(
                    format!("{path} 的第 {edition} 版已由 {by} 于 {on} 签署，原报告不变。\n  确要修订的，用 --revise 发布下一版（已签署的一版保留在 editions 目录中）；或用 --out 另选目录"),
                    format!("edition {edition} in {path} was signed by {by} on {on}; the report stays as it is.\n  hint: --revise publishes the next edition, and keeps the signed one in the folder `editions`; or choose another --out"),
                )
            }
            Gate::Nobody { only, of } => lang.pick(
                format!("全部 {of} 户申请中没有一户符合「{}」：报告会是空的，不发布。请检查 --only 或流水线的 [only]", only.zh),
                format!("none of the {of} applications is one of {}: the report would be empty. Nothing is published.\n  hint: look at --only, or at [only] of the pipeline", only.en),
            ),
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
