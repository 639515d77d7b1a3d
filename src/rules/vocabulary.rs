//! The closed vocabularies of cases: what a code of the exports or of a clean table can be, and what users call it.
//!
//! Codes of a type that has rules of its own ([`crate::clock::Verdict`], the classes of [`super::limits`]) are declared
//! with them.

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::words::{Term, vocabulary};

vocabulary! {
    /// A quarter of a year.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
    pub enum Quarter {
        /// January to March.
        First = ["q1", "一季度", "first quarter"],
        /// April to June.
        Second = ["q2", "二季度", "second quarter"],
        /// July to September.
        Third = ["q3", "三季度", "third quarter"],
        /// October to December.
        Fourth = ["q4", "四季度", "fourth quarter"],
    }
}

impl Quarter {
    /// The quarter that a day is in.
    pub fn of(day: Day) -> Quarter {
        match day.quarter() {
            1 => Quarter::First,
            2 => Quarter::Second,
            3 => Quarter::Third,
            _ => Quarter::Fourth,
        }
    }
}

vocabulary! {
    /// How an application is served.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Mode {
        /// With a promised date and one manager for the whole project.
        Order = ["order", "订单式", "order-style"],
        /// Any other.
        Conventional = ["conventional", "常规", "conventional"],
    }
}

vocabulary! {
    /// What sort of business an application is that exports know by a code. An export may give others.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Business {
        /// A new connection.
        New = ["new", "新装", "new connection"],
        /// More capacity.
        Increase = ["increase", "增容", "more capacity"],
        /// For a time.
        Temporary = ["temporary", "临时用电", "temporary supply"],
        /// Distributed generation.
        Generation = ["generation", "分布式电源", "generation"],
        /// Charging of vehicles.
        Charging = ["charging", "充电设施", "charging"],
    }
}

vocabulary! {
    /// A class of the rate of connections on time (时限达标率), each judged in its own way.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum FulfilmentClass {
        /// High voltage: each node within its limit.
        High = ["high", "高压", "high voltage"],
        /// Low voltage: the whole of it within the total limit.
        Low = ["low", "低压", "low voltage"],
        /// Generation and charging, as their voltage.
        Generation = ["generation", "分布式电源与充电设施", "generation and charging"],
    }
}

vocabulary! {
    /// A cause of delay that exports know by a code. An export may give others: they are what it calls them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Cause {
        /// The customer.
        Customer = ["customer", "客户原因", "customer"],
        /// An authority.
        Government = ["government", "政府原因", "government"],
        /// The weather.
        Weather = ["weather", "天气原因", "weather"],
        /// The grid.
        Grid = ["grid", "电网原因", "grid"],
        /// The company itself.
        Internal = ["internal", "内部原因", "internal"],
    }
}

impl Cause {
    /// What users call a cause of the data: one without a code is what the export calls it.
    pub fn name(cause: &str, lang: crate::words::Lang) -> &str {
        Cause::of_code(cause).map_or(cause, |cause| cause.title(lang))
    }
}

vocabulary! {
    /// What a callback is about.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum CallbackKind {
        /// An application that was energised.
        Connection = ["connection", "业扩送电", "connection"],
        /// A fault that was repaired.
        Fault = ["fault", "故障报修", "fault"],
    }
}

vocabulary! {
    /// How an application stands on the as-of day.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum State {
        /// Neither energised nor cancelled.
        Open = ["open", "在途", "open"],
        /// The supply is live.
        Energised = ["energised", "已送电", "energised"],
        /// Given up, even if it was energised before.
        Cancelled = ["cancelled", "已撤销", "cancelled"],
    }
}

vocabulary! {
    /// How a stage pass stands on the as-of day.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum StageState {
        /// Begun and not finished.
        Open = ["open", "在途", "open"],
        /// Finished.
        Finished = ["finished", "已完成", "finished"],
        /// Not finished, and its application was cancelled; or never begun by its due date, and its application has ended.
        Stopped = ["stopped", "随工单结束中止", "stopped"],
        /// Not begun, and not due yet.
        Planned = ["planned", "计划中", "planned"],
        /// Not begun: what it waits for is not finished.
        Waiting = ["waiting", "等待上游", "waiting"],
        /// Not begun though it could have been, and past its due date.
        NotStarted = ["not_started", "逾期未开始", "not started"],
        /// Never begun in an application that has ended.
        PassedOver = ["passed_over", "未经办理", "passed over"],
    }
}

vocabulary! {
    /// From when the clock of a stage pass runs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ClockFrom {
        /// From its start.
        Start = ["start", "实际开始", "its start"],
        /// From the day on which it could have begun, as it did not begin by its due date.
        Ready = ["ready", "具备条件", "when it could start"],
    }
}

vocabulary! {
    /// What an event of a log with a lifecycle says of its stage: the standard transitions of XES.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Transition {
        /// It is planned.
        Schedule = ["schedule", "排程", "schedule"],
        /// It is given to somebody.
        Assign = ["assign", "分派", "assign"],
        /// It is given to somebody else.
        Reassign = ["reassign", "改派", "reassign"],
        /// It begins.
        Start = ["start", "开始", "start"],
        /// It is interrupted.
        Suspend = ["suspend", "挂起", "suspend"],
        /// It goes on.
        Resume = ["resume", "恢复", "resume"],
        /// It is done.
        Complete = ["complete", "完成", "complete"],
        /// It is given up.
        AteAbort = ["ate_abort", "环节中止", "ate_abort"],
        /// It is given up with its whole case.
        PiAbort = ["pi_abort", "流程终止", "pi_abort"],
        /// It is taken back.
        Withdraw = ["withdraw", "撤回", "withdraw"],
        /// A program passes over it.
        Autoskip = ["autoskip", "自动跳过", "autoskip"],
        /// Somebody passes over it.
        Manualskip = ["manualskip", "人工跳过", "manualskip"],
        /// What the mapping declares to mean nothing.
        #[serde(rename = "none")]
        Other = ["none", "不计", "declared to mean nothing"],
    }
}

/// What a transition does to the pass of its stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happens {
    /// It begins.
    Begins,
    /// It ends, with its work done.
    Ends,
    /// It ends, if it was running, without.
    Stops,
    /// Nothing.
    Nothing,
}

impl Transition {
    /// What it does to the pass of its stage. An interruption does not stop the clock: only a delay claim does.
    pub fn happens(self) -> Happens {
        match self {
            Transition::Start => Happens::Begins,
            Transition::Complete => Happens::Ends,
            Transition::AteAbort | Transition::PiAbort | Transition::Withdraw => Happens::Stops,
            Transition::Schedule
            | Transition::Assign
            | Transition::Reassign
            | Transition::Suspend
            | Transition::Resume
            | Transition::Autoskip
            | Transition::Manualskip
            | Transition::Other => Happens::Nothing,
        }
    }
}

vocabulary! {
    /// How a request of several departments stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum RequestState {
        /// Not settled.
        Open = ["open", "在途", "open"],
        /// Settled.
        Settled = ["settled", "已办结", "settled"],
    }
}

vocabulary! {
    /// A service promise (docs/method.md §7).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Promise {
        /// The supply scheme within a day.
        SchemeOneDay = ["scheme_one_day", "供电方案一日答复", "supply scheme within a day"],
        /// The negotiation of an order-style project.
        #[serde(rename = "survey_5wd")]
        Survey = ["survey_5wd", "订单式项目五个工作日内洽谈", "order-style negotiation within five working days"],
        /// The outage that a connection waits for.
        #[serde(rename = "outage_7wd")]
        Outage = ["outage_7wd", "停电接入七个工作日内安排", "outage within seven working days"],
        /// The third and each later outage of a line in a year.
        ThirdOutageApproved = ["third_outage_approved", "年度第三次及以上停电特批", "third and later outages approved"],
        /// The crew's arrival.
        Arrival = ["arrival", "抢修到达现场", "arrival at a fault"],
        /// The restoration after the arrival.
        Restore = ["restore", "故障恢复送电", "power restored"],
        /// The notice of an outage.
        OutageNotice = ["outage_notice", "停电后告知客户", "notice of an outage"],
        /// The call on arrival and the one on completion.
        TwoCalls = ["two_calls", "抢修两次回访", "both calls of a repair"],
        /// A complaint passed on.
        ComplaintSameDay = ["complaint_same_day", "投诉当日转派", "complaint passed on the same day"],
        /// A complaint handled by its due date.
        ComplaintHandled = ["complaint_handled", "投诉按期办结", "complaint handled on time"],
    }
}

vocabulary! {
    /// How an open application stands that is past its original due date.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum PastDue {
        /// Past the effective due date as well.
        Both = ["past_both", "顺延后仍超期", "past the effective date too"],
        /// It would be past the effective date if claims that nobody ruled on did not count.
        ByUnruled = ["by_unruled", "靠未核实的说明未超期", "not past due by claims not ruled on"],
        /// Admitted claims alone push its due date out.
        ByRuled = ["by_ruled", "靠属实的说明未超期", "not past due by admitted claims"],
    }
}

/// Why an application is on the list of what is long open that is not past its due date.
pub const OPEN_CLAIM: Term =
    Term { code: "open_claim", zh: "延误说明长期未结束", en: "a claim long without an end" };

vocabulary! {
    /// Why nobody can say whether a limit in minutes was kept.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Undecided {
        /// Of one of its times only the day was written.
        NoTime = ["no_time", "只有日期，没有时刻", "a day without a time"],
        /// It ends before it begins.
        Backwards = ["backwards", "时间先后颠倒", "ends before it begins"],
    }
}

impl Promise {
    /// Whether a rule of the book sets its limit.
    pub fn has_limit(self) -> bool {
        use Promise::{Arrival, Outage, OutageNotice, Restore, SchemeOneDay, Survey};
        matches!(self, SchemeOneDay | Survey | Outage | Arrival | Restore | OutageNotice)
    }

    /// Whether its limit counts minutes by the clock.
    pub fn counts_minutes(self) -> bool {
        matches!(self, Promise::Arrival | Promise::Restore | Promise::OutageNotice)
    }

    /// Whether it is about a complaint.
    pub fn is_about_complaints(self) -> bool {
        matches!(self, Promise::ComplaintSameDay | Promise::ComplaintHandled)
    }
}

vocabulary! {
    /// What the verification of an overdue stage found (docs/method.md §10).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Finding {
        /// The proposal stands.
        Upheld = ["upheld", "维持", "upheld"],
        /// It counts, with fewer points.
        Reduced = ["reduced", "减轻", "reduced"],
        /// It does not count.
        Withdrawn = ["withdrawn", "撤销", "withdrawn"],
    }
}

vocabulary! {
    /// What became of a conclusion of a verification.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    pub enum FindingUse {
        /// It counts.
        Applied = ["applied", "已采用", "applied"],
        /// It reduces the points to more than are proposed now, which count.
        Capped = ["capped", "高于现建议分，按现建议分", "above the present proposal, which counts"],
        /// No stage of that application was overdue in that month.
        NotOverdue = ["not_overdue", "未采用：该月没有这个超时环节", "not used: no such overdue stage in that month"],
        /// It reduces the points and does not say to how many.
        NoPoints = ["no_points", "未采用：减轻而没有分数", "not used: reduced without points"],
        /// Another says something else of the same stage.
        Contradictory = ["contradictory", "未采用：同一环节结论不一", "not used: two conclusions for one stage"],
    }
}

vocabulary! {
    /// A class of customers. An export may give others: they are what it calls them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum CustomerClass {
        /// An important customer.
        Important = ["important", "重要客户", "important"],
        /// A large customer.
        Large = ["large", "大客户", "large"],
        /// Any other.
        Ordinary = ["ordinary", "普通客户", "ordinary"],
    }
}

vocabulary! {
    /// What is done against delay. An export may give others: they are what it calls them.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ActionKind {
        /// An inquiry.
        Inquiry = ["inquiry", "问责", "inquiry"],
        /// A talk.
        Talk = ["talk", "约谈", "talk"],
        /// A notice to all.
        Notice = ["notice", "通报", "notice"],
    }
}

vocabulary! {
    /// What a standard limit is for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum LimitFor {
        /// A stage.
        Stage = ["stage", "环节", "stage"],
        /// A service promise.
        Promise = ["promise", "服务承诺", "service promise"],
        /// The whole application.
        Total = ["total", "全过程", "whole application"],
    }
}

vocabulary! {
    /// Where a due date comes from, where it is no standard limit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum DueSource {
        /// The due date of a stage in the export.
        DueOn = ["due_on", "计划要求", "plan"],
        /// The planned duration of a stage, or the standard limit, from the start that what it waited for allowed.
        Inherited = ["inherited", "上游延误", "inherited delay"],
        /// The promised date of an order.
        Promise = ["promise", "承诺送电日期", "promised date"],
    }
}

vocabulary! {
    /// Whether a new feeder has to be built.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Feeder {
        /// It has.
        New = ["new_feeder", "需新建线路", "with a new feeder"],
        /// It has not.
        Existing = ["no_new_feeder", "不需新建线路", "without a new feeder"],
    }
}

impl From<bool> for Feeder {
    fn from(new: bool) -> Feeder {
        if new { Feeder::New } else { Feeder::Existing }
    }
}

vocabulary! {
    /// A band of chances, the smallest first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum ChanceBand {
        /// From 0 %.
        UpTo10 = ["0_10", "0–10 %", "0–10 %"],
        /// From 10 %.
        UpTo20 = ["10_20", "10–20 %", "10–20 %"],
        /// From 20 %.
        UpTo30 = ["20_30", "20–30 %", "20–30 %"],
        /// From 30 %.
        UpTo40 = ["30_40", "30–40 %", "30–40 %"],
        /// From 40 %.
        UpTo50 = ["40_50", "40–50 %", "40–50 %"],
        /// From 50 %.
        UpTo60 = ["50_60", "50–60 %", "50–60 %"],
        /// From 60 %.
        UpTo70 = ["60_70", "60–70 %", "60–70 %"],
        /// From 70 %.
        UpTo80 = ["70_80", "70–80 %", "70–80 %"],
        /// From 80 %.
        UpTo90 = ["80_90", "80–90 %", "80–90 %"],
        /// From 90 %.
        UpTo100 = ["90_100", "90–100 %", "90–100 %"],
    }
}

impl ChanceBand {
    /// The band of a chance in millionths; the highest takes in 100 %.
    pub fn of(ppm: i64) -> ChanceBand {
        let band = usize::try_from(ppm / 100_000).unwrap_or(0);
        ChanceBand::ALL.get(band).copied().unwrap_or(ChanceBand::UpTo100)
    }
}

/// In place of a forecast's basis: no like cases enough, and so no forecast.
pub const TOO_FEW_ALIKE: Term =
    Term { code: "too_few_alike", zh: "相似工单不足 30 件", en: "fewer than 30 alike" };
