//! The one row of parameters that marts bind.

use std::path::Path;

use crate::calendar::Day;
use crate::cases::LogRules;
use crate::contract::{Given, TieOrder};
use crate::error::Result;
use crate::rules::bounds::{CaseBounds, CaseEnd, Starts};
use crate::rules::process::Process;
use crate::rules::scorecard::Scorecard;
use crate::table::{Count, Date, Flag, Integer, Maybe, Number, Text, Writer, table};

/// The smallest group that a public table shows: of fewer, a reader could tell who is meant.
const MIN_CELL: i32 = 5;
/// The latest months with an energisation that public tables cover.
const RECENT_MONTHS: i32 = 12;

table! {
    /// What marts get besides the cases.
    Params of ParamRow<'a> from Parameters<'a> as of;
    "params" by [k],
    "计算所用的参数，只有一行，k 恒为 1。",
    "The parameters that SQL binds: one row, whose key `k` is always 1.";

    k: Integer = 1, "键，恒为 1", "key, always 1";
    as_of: Date = of.as_of, "统计日", "as-of day, the last that is known";
    month: Date = of.as_of.month(), "统计月（该月 1 日）", "month of the as-of day, its first day";
    month_before: Date = of.as_of.month_before(), "上月（该月 1 日）", "month before it, its first day";
    period_from: Date = of.period_from, "报告期的第一天", "first day of the report's period";
    remind_wd: Count = i32::from(of.remind_wd), "到期前多少个工作日提醒", "working days before its due day that a stage is reminded of";
    open_claim_wd: Count = i32::from(of.open_claim_wd), "未结束、也未核实属实的说明，最后一次得知后采信多少个工作日", "working days for which an open claim that was not admitted is believed after it was last heard of";
    idle_wd: Count = i32::from(of.idle_wd), "在途工单没有在办环节超过多少个工作日为停顿", "working days without a running stage after which an open application is idle";
    warn_wd: Count = i32::from(of.warn_wd), "说明不再采信、回访到期、主人升级之前多少个工作日预警", "working days before a claim lapses, a callback falls due or an owner rises that it is warned of";
    warn_elapsed_milli: Count = i32::from(of.warn_elapsed_milli), "净用时达到时限的千分之几即预警", "thousandths of a limit after which a stage or an application is warned of";
    warn_p_on_time: Number = of.warn_p_on_time, "按期概率低于此数即预警", "an application is warned of below this on-time probability";
    announce_days: Count = i32::from(of.announce_days), "影响其他客户的停电至少提前多少个自然日公告", "calendar days ahead that an outage which affects others is announced";
    min_cases: Count = i32::from(of.min_cases), "部门或单位判定环节少于此数的不排名、不下结论", "of fewer settled stages than this, a department or unit gets no rank and no signal";
    some_bureaus: Flag = of.some_bureaus, "是否只含部分供电单位，因而各单位不排名", "whether it is about some bureaus only, so that no unit is ranked";
    min_arm: Count = i32::from(of.min_arm), "某一方式的工单少于此数的可比组并入相近的组", "strata with fewer applications of a mode are merged with like ones";
    min_at_risk: Count = i32::from(of.min_at_risk), "比较期限内每组每种方式至少还有多少件未送电、仍在观察", "applications of each mode that every group must still have at risk at the horizon of the comparison";
    has_delays: Flag = of.given.has("delays"), "是否有延误说明表", "whether the exports have delay claims";
    has_callbacks: Flag = of.given.has("callbacks"), "是否有回访表", "whether the exports have callbacks";
    has_faults: Flag = of.given.has("faults"), "是否有故障表", "whether the exports have faults";
    has_complaints: Flag = of.given.has("complaints"), "是否有投诉表", "whether the exports have complaints";
    has_outages: Flag = of.given.has("outages"), "是否有停电接入表", "whether the exports have outages";
    has_replans: Flag = of.given.has("replans"), "是否有计划调整表", "whether the exports have re-plans";
    has_requests: Flag = of.given.has("requests"), "是否有协调事项表", "whether the exports have requests";
    has_surveys: Flag = of.given.has("surveys"), "是否有满意度调查表", "whether the exports have surveys";
    has_managers: Flag = of.given.has("managers"), "是否有客户经理名册", "whether the exports have a register of managers";
    has_restrictions: Flag = of.given.has("restrictions"), "是否有受限设备表", "whether the exports have restricted equipment";
    has_demands: Flag = of.given.has("demands"), "是否有用电需求表", "whether the exports have expected demands";
    has_verifications: Flag = of.given.has("verifications"), "是否有核实结论表", "whether the exports have verifications";
    has_visits: Flag = of.given.has("visits"), "是否有走访表", "whether the exports have visits";
    has_actions: Flag = of.given.has("actions"), "是否有问责表", "whether the exports have actions";
    absent: Text = of.given.absent(), "各表中所有文件都没有的可选列，写作 表.列，以分号分隔", "optional columns that no file of their table has, as `table.column` between semicolons";
    begins_by_events: Flag = of.process.cases.begins, "工单的受理是否取其第一个事件", "whether a case is accepted with its first event";
    ends_by_events: Maybe<Text> = of.ends, "工单以哪些环节的完成为送电，以分号分隔；last 为最后一个环节；空为不取", "stages with whose finish a case is energised, between semicolons; `last`: its last one; blank: none";
    starts_of_previous: Flag = of.process.takes_starts(), "没有开始的环节是否取上一环节的完成", "whether a stage without a start begins when the one before it ended";
    ties_by_file: Flag = of.log.order == TieOrder::File, "同一时刻开始的环节是否按行序", "whether passes of one moment stand in the order of the rows";
    unknown_department: Maybe<Text> = of.log.unknown_department, "代替未写明部门的缺省值", "what stands for a department that is not given";
    weight_stage_rate: Number = of.scorecard.weights.stage_rate, "客户经理评分中环节未超时率的权重", "weight in a manager's score of stages not overdue";
    weight_promise: Number = of.scorecard.weights.promise, "承诺兑现率的权重", "weight of promises kept";
    weight_callback: Number = of.scorecard.weights.callback, "客户评分的权重", "weight of the customers' scores";
    weight_timely_claims: Number = of.scorecard.weights.timely_claims, "按时报送说明的权重", "weight of claims reported on time";
    shrink: Number = of.scorecard.sample.shrink, "每个比率向总平均收缩所用的件数", "cases by which every rate is shrunk towards the mean of all";
    small: Count = i32::from(of.scorecard.sample.small), "判定环节少于此数为小样本", "fewer settled stages than this are a small sample";
    bottom: Count = i32::from(of.scorecard.sample.bottom), "每月排末位的人数", "managers that are the bottom of a month";
    bottom_months: Count = i32::from(of.scorecard.sample.bottom_months), "连续末位多少个月予以标记", "months running at the bottom after which a manager is flagged";
    points_per_stage: Number = of.scorecard.proposal.per_stage, "每个超时环节的建议考核分数", "proposed points for an overdue stage";
    points_per_wd: Number = of.scorecard.proposal.per_wd, "每超一个工作日的建议考核分数", "proposed points for each working day over the limit";
    points_most: Number = of.scorecard.proposal.most, "每个环节的最高建议考核分数", "most points proposed for a stage";
    large_kv: Number = of.scorecard.coverage.large_kv, "大客户的电压下限，kV", "voltage from which a customer is large, kV";
    fulfilment_high: Number = of.scorecard.fulfilment.weights.high, "时限达标率指数中高压的权重", "weight of high voltage in the index of connections on time";
    fulfilment_low: Number = of.scorecard.fulfilment.weights.low, "低压的权重", "weight of low voltage";
    fulfilment_generation: Number = of.scorecard.fulfilment.weights.generation, "分布式电源与充电设施的权重", "weight of generation and charging";
    min_cell: Count = MIN_CELL, "公示的最小组：少于此数的合并或不公示", "smallest group that public tables show; smaller ones are combined or left out";
    recent_months: Count = RECENT_MONTHS, "公示所取最近有送电的月份数", "latest months with an energisation that public tables cover";
    customers_per_manager: Number = of.scorecard.coverage.customers_per_manager, "每名专职客户经理可服务的大客户数", "large customers that one full-time manager can serve";
}

/// What marts get besides the cases.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a> {
    /// The last day that is known.
    pub as_of: Day,
    /// The first day of the report's period: a month, a week, half a month, a day, or what passed since the last one.
    pub period_from: Day,
    /// A stage is reminded of this many working days before it is due.
    pub remind_wd: u16,
    /// An open claim is believed for so many working days after it was last heard of.
    pub open_claim_wd: u16,
    /// An open application without a running stage is idle after so many working days.
    pub idle_wd: u16,
    /// A claim that lapses, a callback that falls due, an owner that rises is warned of so many working days before.
    pub warn_wd: u16,
    /// A stage or an application is warned of once it has used so many thousandths of its limit.
    pub warn_elapsed_milli: u16,
    /// An application is warned of below this on-time probability.
    pub warn_p_on_time: f64,
    /// An outage that affects others is announced so many calendar days ahead.
    pub announce_days: u16,
    /// Of fewer settled stages than this, a department or a unit gets no rank and no signal.
    pub min_cases: u16,
    /// Whether it is about some bureaus only: then no unit is ranked.
    pub some_bureaus: bool,
    /// Strata with fewer applications of a mode are merged with like ones.
    pub min_arm: u16,
    /// Each mode has at least so many at risk in every group at the horizon of the comparison.
    pub min_at_risk: u16,
    /// Which optional tables there are.
    pub given: &'a Given,
    /// How managers are scored.
    pub scorecard: &'a Scorecard,
    /// When cases and stages begin and end.
    pub process: &'a Process,
    /// The stages that end a case, by [`ends`].
    pub ends: Option<&'a str>,
    /// How rows became passes.
    pub log: LogRules<'a>,
}

/// The last stage of a case, whichever it is.
const LAST: &str = "last";

/// The stages that end a case, as the parameters tell them.
pub fn ends(process: &Process) -> Option<String> {
    process.cases.ends.as_ref().map(|ends| match ends {
        CaseEnd::Last => LAST.to_owned(),
        CaseEnd::Stages(codes) => codes.join(";"),
    })
}

impl<'a> ParamRow<'a> {
    /// How the rows of the exports became cases: what a mapping or a process may say otherwise by now.
    pub fn gathered_by(&self, process: &mut Process) -> LogRules<'a> {
        let ends = self.ends_by_events.map(|ends| match ends {
            LAST => CaseEnd::Last,
            stages => CaseEnd::Stages(stages.split(';').map(str::to_owned).collect()),
        });
        process.cases = CaseBounds { begins: self.begins_by_events, ends };
        process.starts = if self.starts_of_previous { Starts::Previous } else { Starts::Given };
        let order = if self.ties_by_file { TieOrder::File } else { TieOrder::Usual };
        LogRules { order, unknown_department: self.unknown_department }
    }
}

/// Writes the table.
pub fn write(folder: &Path, parameters: &Parameters<'_>) -> Result<()> {
    let mut table = Writer::<Params>::create(folder)?;
    table.push(parameters)?;
    table.finish()
}
