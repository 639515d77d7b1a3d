//! One row per stage pass, with what the clock shows of it and its part in the order of the application ([`flow`]); and
//! what directly follows what.

use std::collections::{BTreeSet, HashSet};

use foldhash::fast::FixedState;

use super::stretches::Along;
use super::verifications::{Found, Points};
use crate::calendar::{Calendar, Day};
use crate::cases::beginning::Begins;
use crate::cases::standing::{JudgedPass, Outcome, Standing};
use crate::cases::{KnownPass, Name, Names};
use crate::flow::days::{Awaited, Causes, Split};
use crate::flow::{self, Critical, Edge, EdgeKind, End, Step, Trace, Traced};
use crate::rules::vocabulary::{ClockFrom, Finding, Mode, StageState, State};
use crate::table::{Code, Count, Date, Flag, Maybe, Number, Text, table};

table! {
    /// One stage pass that started by the as-of day, or is planned.
    Stages of StageRow<'a> from Pass<'a> as of;
    "stages" by [application_id, stage, pass],
    "每次环节一行：截至统计日已开始的，和给出要求完成日期而尚未开始的；按工单、开始时间和通常次序排序，未开始的在后。工作日首日不计。",
    "One row per stage pass: those that started by the as-of day, and those with a due date that have not; by application, start and usual order, what has not begun after the rest. Working days do not count the first day.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.text(of.standing.case.facts.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.standing.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    manager_id: Maybe<Text> = of.maybe(of.standing.case.facts.manager_id), "客户经理编号", "identifier of the customer manager";
    stage: Text = of.text(of.judged.stage.stage), "环节代码", "code of the stage";
    pass: Count = of.judged.stage.pass as i32, "第几次办理该环节，从 1 起", "which pass of the stage it is, from 1";
    department: Text = of.text(of.judged.stage.department), "责任部门", "department that does it";
    of_managers: Flag = of.managers.contains(&of.judged.stage.department), "责任部门是否客户经理所在部门（scorecard.toml）", "whether that department is one that customer managers belong to (scorecard.toml)";
    handler: Maybe<Text> = of.maybe(of.judged.stage.handler), "处理人", "who handled it";
    state: Code<StageState> = of.state(), "状态：open 在途，finished 已完成，stopped 随工单结束中止；未开始的：planned 计划中，waiting 等待上游，not_started 逾期未开始，passed_over 未经办理", "`open`, `finished`, or `stopped` by the end of its application; of what has not begun, `planned`, `waiting` for what comes before it, `not_started` though it could have been and is past its due date, or `passed_over` in an application that has ended";
    started_on: Maybe<Date> = of.started_on(), "开始日期；未开始为空", "day it started; blank while it has not";
    clock_on: Maybe<Date> = of.judged.begins.clock_on(), "计时起点：实际开始；到要求完成日仍未开始而当时已具备条件的，为具备条件之日；不计时为空", "day from which its clock runs: its start, or, where it had not begun by its due date, the day on which it could have; blank where it does not run";
    clock_from: Maybe<Code<ClockFrom>> = of.clock_from(), "计时起点的依据：start 实际开始，ready 具备条件", "what that day is: its `start`, or when it was `ready` to start";
    planned_start_on: Maybe<Date> = of.judged.stage.planned_start_on, "导出文件中的计划开始日期", "planned start, in the export";
    planned_due_on: Maybe<Date> = of.judged.stage.due_on, "导出文件中的要求完成日期", "due day, in the export";
    inherited_wd: Maybe<Count> = of.judged.begins.inherited().map(|inherited| inherited.wd), "上游延误：要求完成日至其所等环节最后完成（或统计日）的工作日；没有为空", "inherited delay: working days from its due day to the last finish of what it waited for, or to the as-of day; blank without one";
    late_stage: Maybe<Text> = of.maybe(of.late().map(|late| late.stage)), "最后完成（或尚未完成）的上游环节", "stage that came last, or has not come, of what it waited for";
    late_department: Maybe<Text> = of.maybe(of.late().map(|late| late.department)), "该环节的责任部门", "department of that stage";
    late_finished_on: Maybe<Date> = of.late().and_then(|late| late.finished_on()), "该环节的完成日期；未完成为空", "day that stage finished; blank while it has not";
    start_taken: Flag = of.judged.stage.start_taken, "导出未给出开始时间，取自上一环节的完成（没有则取受理）", "whether the export gives no start, and the finish of the stage before it (else the acceptance) stands for it";
    started_month: Maybe<Date> = of.started_on().map(Day::month), "开始月份（该月 1 日）", "month it started, its first day";
    finished_on: Maybe<Date> = of.finished_on(), "完成日期；未完成为空", "day it finished; blank while it is not";
    finished_month: Maybe<Date> = of.finished_on().map(Day::month), "完成月份（该月 1 日）", "month it finished, its first day";
    until_on: Date = of.judged.pass.until, "算至的日期：完成、中止或统计日", "day it is counted to: its finish, its stop, or the as-of day";
    due_on: Maybe<Date> = of.due_on(), "要求完成日期；没有时限为空", "day it is due; blank where it has no limit";
    effective_due_on: Maybe<Date> = of.judged.reading.effective_due_on, "顺延后的要求完成日期：要求完成日期按剔除的工作日顺延", "due day pushed out by the excluded working days";
    due_in_wd: Maybe<Count> = of.judged.reading.due_in_wd, "统计日距要求完成日期（未顺延）的工作日；负数为已过", "working days from the as-of day to the due day, not pushed out; negative once it has passed";
    limit_wd: Maybe<Count> = of.judged.reading.limit.map(|limit| limit.limit_wd), "时限，工作日；没有时限为空", "limit in working days; blank where it has none";
    limit_source: Maybe<Text> = of.judged.limit_source, "时限的依据：due_on 导出文件中的要求日期，标准时限的出处，或 inherited 上游延误（自实际开始按计划工期或标准时限）", "what the limit rests on: `due_on`, the day in the export, the source of the standard limit, or `inherited`: its planned duration or the standard limit, from its start";
    calendar_days: Count = of.calendar_days(), "开始至算至日期的自然日；未开始为 0", "calendar days from the start to `until_on`; 0 where it has not begun";
    elapsed_wd: Count = of.elapsed_wd(), "实际开始至算至日期的毛工作日；未开始为 0", "gross working days from its own start to `until_on`; 0 where it has not begun";
    worked_wd: Count = of.judged.worked_wd, "实际开始至算至日期的净工作日；未开始为 0", "net working days from its own start to `until_on`; 0 where it has not begun";
    slip_wd: Maybe<Count> = of.slip_wd(), "要求完成日（导出给出的，否则按时限推算的）至完成日的工作日，提前为负；未完成的至统计日，未到为 0", "working days from its due day (the export's, else that of the limit) to its finish, negative if early; while it is not finished, to the as-of day, 0 before it";
    gross_wd: Count = of.judged.reading.gross_wd, "计时起点至算至日期的毛工作日；不计时为 0", "gross working days from `clock_on` to `until_on`; 0 where the clock does not run";
    claimed_wd: Count = of.judged.reading.claimed_wd, "可剔除原因的延误说明所涉工作日，不论是否剔除，重叠只计一次", "working days covered by claims of an excludable cause, counting or not, overlaps counted once";
    excluded_wd: Count = of.judged.reading.excluded_wd, "剔除的工作日：属实的和暂剔除的说明，重叠只计一次", "working days taken out by claims that count, admitted and provisional, overlaps counted once";
    provisional_wd: Count = of.judged.reading.provisional_wd, "其中暂剔除的工作日：若未核实的说明都不剔除，就不会剔除", "of them, those that would not be taken out if claims that are not ruled on were refused";
    net_wd: Count = of.judged.reading.net_wd, "净工作日 = 毛工作日 − 剔除", "net working days: gross less excluded";
    remaining_wd: Maybe<Count> = of.remaining_wd(), "距时限的工作日 = 时限 − 净工作日；负数为已超", "working days left: limit less net; negative once it is over the limit";
    over_wd: Maybe<Count> = of.judged.reading.over_wd, "剔除后超过时限的工作日，未超为 0；没有时限为空", "working days past the limit after exclusion, at least 0; blank without a limit";
    overdue_gross: Maybe<Flag> = of.judged.reading.overdue_gross, "毛工作日是否超过时限；没有时限为空", "whether gross working days exceed the limit; blank without a limit";
    overdue_net: Maybe<Flag> = of.judged.reading.overdue_net, "净工作日是否超过时限；没有时限为空", "whether net working days exceed the limit; blank without a limit";
    breached_on: Maybe<Date> = of.judged.reading.breached_on, "净工作日超过时限的第一个工作日", "first working day on which the net time exceeded the limit";
    settled_on: Maybe<Date> = of.judged.reading.settled_on, "判定日期：超时之日，否则完成之日；未判定为空", "day its outcome was decided: when it ran out of time, else its finish; blank until then";
    settled_month: Maybe<Date> = of.judged.reading.settled_on.map(Day::month), "判定月份（该月 1 日）", "month its outcome was decided, its first day";
    other_overdue_net: Maybe<Flag> = of.other.overdue_net, "待核实说明按另一口径处理时是否净超时", "whether it is overdue net when claims not yet ruled on are treated the other way";
    other_settled_month: Maybe<Date> = of.other.settled_on.map(Day::month), "按另一口径的判定月份（该月 1 日）", "month its outcome is decided when such claims are treated the other way, its first day";
    proposed_milli: Maybe<Count> = of.points.map(|points| points.proposed_milli), "建议考核分数，千分之一分；未净超时为空", "points proposed for it, in thousandths; blank unless it is overdue net";
    verified_milli: Maybe<Count> = of.points.map(|points| points.verified_milli), "考核分数，千分之一分：核实的，未核实的为建议分数；未净超时为空", "points that count, in thousandths: as verified, else as proposed; blank unless it is overdue net";
    finding: Maybe<Code<Finding>> = of.found().map(|found| found.finding), "核实结论：upheld 维持，reduced 减轻，withdrawn 撤销；未核实为空", "what its verification found: `upheld`, `reduced`, `withdrawn`; blank without one";
    verified_by: Maybe<Text> = of.found().and_then(|found| found.by), "核实人", "who verified it";
    verified_on: Maybe<Date> = of.found().map(|found| found.on), "核实日期", "day of the verification";
    verification_note: Maybe<Text> = of.found().and_then(|found| found.note), "核实意见", "note of the verification";
    application_state: Code<State> = State::from(of.standing.end), "工单状态：open、energised、cancelled", "state of the application: `open`, `energised` or `cancelled`";
    compared_in: Maybe<Text> = of.compared_in, "工单的两种方式在其中比较的组；没有可比对象的为空", "group in which the application's mode is compared; blank without a match";
    sequence: Maybe<Count> = of.order.map(|order| order.at as i32 + 1), "在工单内按开始先后的序号，从 1 起；未开始为空", "its place in the application by start, from 1; blank where it has not begun";
    rework: Flag = of.order.is_some_and(|order| order.traced.rework), "是否重办：该环节此前已办过", "whether its stage came before in the application";
    first_here: Flag = of.order.is_some_and(|order| order.first.here), "是否该工单在该环节、该部门的第一次", "whether it is the application's first pass of this stage in this department";
    first_again_here: Flag = of.order.is_some_and(|order| order.first.again_here), "是否该工单在该环节、该部门的第一次重办", "whether it is the application's first repeat pass of this stage in this department";
    waiting_wd: Maybe<Count> = of.order.and_then(|order| order.traced.waiting_wd), "此前最近完成的环节至本次开始的工作日；此前无完成为空", "working days from the latest earlier finish to its start; blank if nothing had finished";
    on_critical: Flag = of.order.is_some_and(|order| order.traced.critical.is_some()), "是否在关键路径上", "whether it is on the critical path";
    critical_wd: Count = of.critical().wd, "关键路径上归该部门的工作日：净工作日加其前排队；不在路径上为 0", "working days of the critical path that are its department's: its net days and the queue before it; 0 off the path";
    critical_queue_wd: Count = of.critical().queue_wd, "其中其前排队的工作日（归客户或其他原因的不计）", "of them, the queue before it, without what is the customer's or another cause's";
    critical_work_days: Count = of.critical().work_days, "在关键路径上办理的自然日；不在路径上为 0", "calendar days of work on the critical path; 0 off the path";
    critical_wait_days: Count = of.critical().wait_days, "关键路径上其前等待的自然日；不在路径上为 0", "calendar days waited before it on the critical path; 0 off the path";
    saved_at_limit_days: Count = of.critical().saved_at_limit_days, "本部门在关键路径上的超时环节都按时限完成时，可提前送电的自然日中它的份额", "its share of the calendar days by which energisation would come earlier, had its department's overdue passes on the path met their limits";
    saved_half_wait_half_days: Count = of.critical().saved_half_wait_half_days, "排队减半可提前的自然日中它的份额，以半天计", "its share of the days saved by halving its queues, in half days";
    saved_half_wait_days: Number = f64::from(of.critical().saved_half_wait_half_days) / 2.0, "本部门在关键路径上的排队减半时，可提前送电的自然日中它的份额（可有半天）", "its share of the calendar days by which energisation would come earlier, had the queues before its department's passes on the path been halved; whole and half days";
}

table! {
    /// One stage pass and the one directly before it.
    Edges of EdgeRow<'a> from Following<'a> as of;
    "edges" by [application_id, sequence],
    "工单内前后相邻的环节一行，按工单和开始先后排序；第一个环节没有前者，已送电或撤销的工单结束一行没有后者。",
    "One row per stage pass and the one directly before it in its application, by application and order of start: without a stage before it for the first, without one after it for the end of an application that was energised or cancelled.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.names.text(of.standing.case.facts.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.standing.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    application_state: Code<State> = State::from(of.standing.end), "工单状态：open、energised、cancelled", "state of the application: `open`, `energised` or `cancelled`";
    sequence: Count = of.sequence as i32 + 1, "在工单内的序号，从 1 起", "its place in the application, from 1";
    kind: Code<EdgeKind> = of.edge.kind, "类型：start 开始，next 顺序，back 退回，again 重办，end 结束，cancelled 撤销", "`start`, `next`, `back` to a stage that usually comes earlier, `again` the same stage, `end` or `cancelled`";
    from_stage: Maybe<Text> = of.from().map(|step| step.stage), "前一环节", "stage before";
    to_stage: Maybe<Text> = of.to().map(|step| step.stage), "后一环节", "stage after";
    from_department: Maybe<Text> = of.from().map(|step| step.department), "前一部门", "department before";
    to_department: Maybe<Text> = of.to().map(|step| step.department), "后一部门", "department after";
    rework: Flag = of.edge.rework, "后一环节是否重办", "whether the stage after is a repeat pass";
    overlap: Flag = of.edge.overlap, "后者是否在前者完成前开始", "whether the one after started before the one before had finished";
    first_of_stages: Flag = of.first.of_stages, "是否该工单中这两个环节首次相接", "whether the application has this pair of stages for the first time";
    first_of_departments: Flag = of.first.of_departments, "是否该工单中这两个部门首次相接", "whether the application has this pair of departments for the first time";
    wd: Maybe<Count> = of.edge.wd, "前者完成（未完成的按其开始）至后者开始的工作日，重叠为 0；工单结束一行为空", "working days from the finish of the one before (its start where it has none) to the start of the one after, 0 where they overlap; blank at the end";
    days: Maybe<Count> = of.edge.days, "同上，自然日", "the same in calendar days";
}

/// One judged pass in the order of its application.
pub struct Pass<'a> {
    /// The application.
    pub standing: &'a Standing<'a>,
    /// The pass.
    pub judged: &'a JudgedPass<'a>,
    /// Its outcome under the other setting of `pending`.
    pub other: Outcome,
    /// Where it stands among the others; none where it has not begun.
    order: Option<InOrder<'a>>,
    calendar: &'a Calendar,
    names: &'a Names,
    compared_in: Option<&'a str>,
    /// The departments that customer managers belong to.
    managers: &'a BTreeSet<Name>,
    /// What it costs, where it is overdue.
    points: Option<Points<'a>>,
}

/// Where a pass stands among those of its application that have begun.
#[derive(Clone, Copy)]
struct InOrder<'a> {
    traced: &'a Traced,
    first: FirstPass,
    /// Its number among them, by start.
    at: usize,
}

impl<'a> Pass<'a> {
    fn text(&self, name: Name) -> &'a str {
        self.names.text(name)
    }

    fn maybe(&self, name: Option<Name>) -> Option<&'a str> {
        name.map(|name| self.text(name))
    }

    fn state(&self) -> StageState {
        let never_ran = matches!(self.judged.begins, Begins::PassedOver);
        if self.judged.stage.started_at.is_none() || never_ran {
            return self.state_before_start();
        }
        match (self.judged.pass.finished, self.standing.end) {
            (true, _) => StageState::Finished,
            (false, End::Cancelled(_)) => StageState::Stopped,
            (false, _) => StageState::Open,
        }
    }

    /// How a pass stands that has not begun: it counts where it ran out of time before its application ended.
    fn state_before_start(&self) -> StageState {
        let has_ended = self.standing.case.begins_no_more(&self.judged.stage).is_some();
        match self.judged.begins {
            Begins::Ready(_) if !has_ended => StageState::NotStarted,
            Begins::Ready(_) if self.judged.reading.overdue_net == Some(true) => StageState::Stopped,
            Begins::Ready(_) => StageState::PassedOver,
            Begins::Planned(false) => StageState::Planned,
            Begins::Planned(true) | Begins::Inherited(_) => StageState::Waiting,
            Begins::PassedOver | Begins::Started(_) => StageState::PassedOver,
        }
    }

    fn found(&self) -> Option<Found<'a>> {
        self.points.and_then(|points| points.found)
    }

    fn started_on(&self) -> Option<Day> {
        self.judged.stage.started_on()
    }

    fn clock_from(&self) -> Option<ClockFrom> {
        self.judged.begins.clock_on().map(|_| match self.judged.begins {
            Begins::Ready(_) => ClockFrom::Ready,
            _ => ClockFrom::Start,
        })
    }

    fn late(&self) -> Option<KnownPass> {
        self.judged.begins.inherited()?.late
    }

    fn elapsed_wd(&self) -> i32 {
        let until = self.judged.pass.until;
        self.started_on().map_or(0, |started_on| self.calendar.working_days(started_on, until).max(0))
    }

    /// How far it is behind its plan.
    fn slip_wd(&self) -> Option<i32> {
        let due_on = self.judged.stage.due_on.or(self.due_on())?;
        let slip = self.calendar.working_days(due_on, self.finished_on().unwrap_or(self.judged.pass.until));
        Some(if self.finished_on().is_some() { slip } else { slip.max(0) })
    }

    fn calendar_days(&self) -> i32 {
        self.started_on().map_or(0, |started_on| (self.judged.pass.until.0 - started_on.0).max(0))
    }

    /// The day of its limit; of what has not begun, that of the export.
    fn due_on(&self) -> Option<Day> {
        let of_plan = || self.judged.stage.due_on.filter(|_| self.judged.begins.clock_on().is_none());
        self.judged.reading.limit.map(|limit| limit.due_on).or_else(of_plan)
    }

    fn finished_on(&self) -> Option<Day> {
        self.judged.pass.finished.then_some(self.judged.pass.until)
    }

    fn remaining_wd(&self) -> Option<i32> {
        self.judged.reading.limit.map(|limit| limit.limit_wd - self.judged.reading.net_wd)
    }

    /// Off the path its parts are zero: they add up to those of the path.
    fn critical(&self) -> Critical {
        self.order.and_then(|order| order.traced.critical).unwrap_or_default()
    }
}

/// What directly follows what.
pub struct Following<'a> {
    standing: &'a Standing<'a>,
    names: &'a Names,
    steps: &'a [Step<'a>],
    edge: &'a Edge,
    first: FirstEdge,
    /// The number of the edge among those of the application.
    sequence: usize,
}

impl<'a> Following<'a> {
    fn from(&self) -> Option<&'a Step<'a>> {
        self.edge.from.map(|from| &self.steps[from])
    }

    fn to(&self) -> Option<&'a Step<'a>> {
        self.edge.to.map(|to| &self.steps[to])
    }
}

/// Whether a pass is the first of its application of such a sort: the application counts once for each.
#[derive(Clone, Copy)]
struct FirstPass {
    /// Of the stage in the department.
    here: bool,
    /// Of the repeat passes of the stage in the department.
    again_here: bool,
}

/// What has been met in an application.
type Met<T> = HashSet<T, FixedState>;

/// Which passes are the first of their sort.
fn first_passes(steps: &[Step<'_>], trace: &Trace) -> Vec<FirstPass> {
    let (mut met, mut met_again) = (Met::default(), Met::default());
    let mut firsts = Vec::with_capacity(steps.len());
    for (step, traced) in steps.iter().zip(&trace.steps) {
        let place = (step.stage, step.department);
        let (here, again_here) = (met.insert(place), traced.rework && met_again.insert(place));
        firsts.push(FirstPass { here, again_here });
    }
    firsts
}

/// Whether an edge is the first of its application between such ends.
#[derive(Clone, Copy)]
struct FirstEdge {
    /// Of its kind between the two stages.
    of_stages: bool,
    /// Between the two departments.
    of_departments: bool,
}

/// Which edges are the first between their ends.
fn first_edges(edges: &[Edge], steps: &[Step<'_>]) -> Vec<FirstEdge> {
    let (mut stages, mut departments) = (Met::default(), Met::default());
    let first = |edge: &Edge| {
        let (from, to) = (edge.from.map(|at| &steps[at]), edge.to.map(|at| &steps[at]));
        FirstEdge {
            of_stages: stages.insert((from.map(|step| step.stage), to.map(|step| step.stage), edge.kind)),
            of_departments: departments.insert((from.map(|step| step.department), to.map(|step| step.department))),
        }
    };
    edges.iter().map(first).collect()
}

/// What the order of its passes shows about an application.
pub struct Order {
    /// Passes whose stage came before.
    pub rework: i32,
    /// Its stages in their order.
    pub variant: Option<String>,
    /// Working days of its critical path that are its departments'.
    pub critical_wd: i32,
    /// Whose its calendar days are, once it is energised.
    pub split: Option<Split>,
    /// Calendar days waited between the passes of the path.
    pub critical_wait_days: i32,
    /// Calendar days before the path.
    pub lead_days: Option<i32>,
    /// Calendar days after it.
    pub tail_days: Option<i32>,
    /// Calendar days by which it would have been energised earlier, had all of the path met its limits.
    pub saved_at_limits_days: i32,
}

/// The passes of an application in their order.
pub struct Traces<'a> {
    standing: &'a Standing<'a>,
    names: &'a Names,
    calendar: &'a Calendar,
    steps: Vec<Step<'a>>,
    trace: Trace,
    awaited: Option<Awaited<'a>>,
    edges: Vec<Edge>,
}

impl<'a> Traces<'a> {
    /// Reads the order of the passes of an application, which come by start, usual order and pass.
    pub fn of(standing: &'a Standing<'a>, causes: &Causes<'a>, names: &'a Names, calendar: &'a Calendar) -> Traces<'a> {
        let steps: Vec<Step<'a>> = standing.passes.iter().filter_map(|judged| step(judged, names)).collect();
        let accepted_on = standing.case.facts.accepted_on;
        let trace = flow::trace(accepted_on, &steps, standing.end, causes, calendar);
        let edges = flow::edges(accepted_on, &steps, &trace.steps, standing.end, calendar).collect();
        Traces { standing, names, calendar, steps, trace, awaited: causes.awaited, edges }
    }

    /// The passes, each with its outcome under the other setting of `pending`, and what it costs.
    pub fn passes<'b>(
        &'b self,
        compared_in: Option<&'b str>,
        managers: &'b BTreeSet<Name>,
        other: impl Fn(&JudgedPass<'_>) -> Outcome,
        mut points: impl FnMut(&JudgedPass<'_>) -> Option<Points<'b>>,
    ) -> impl Iterator<Item = Pass<'b>> {
        let first = first_passes(&self.steps, &self.trace);
        let begun = self.trace.steps.iter().zip(first).enumerate();
        let mut begun = begun.map(|(at, (traced, first))| InOrder { traced, first, at });
        self.standing.passes.iter().map(move |judged| Pass {
            standing: self.standing,
            judged,
            other: other(judged),
            order: judged.stage.started_at.and_then(|_| begun.next()),
            calendar: self.calendar,
            names: self.names,
            compared_in,
            managers,
            points: points(judged),
        })
    }

    /// Whose its days are.
    pub fn stretches(&self) -> impl Iterator<Item = Along<'_>> {
        self.trace.stretches.iter().enumerate().map(|(at, stretch)| Along {
            standing: self.standing,
            names: self.names,
            calendar: self.calendar,
            steps: &self.steps,
            awaited: self.awaited,
            stretch,
            at,
        })
    }

    /// What directly follows what.
    pub fn followings(&self) -> impl Iterator<Item = Following<'_>> {
        let first = first_edges(&self.edges, &self.steps);
        self.edges.iter().zip(first).enumerate().map(|(sequence, (edge, first))| Following {
            standing: self.standing,
            names: self.names,
            steps: &self.steps,
            edge,
            first,
            sequence,
        })
    }

    /// What it all adds up to.
    pub fn order(&self) -> Order {
        let critical = || self.trace.steps.iter().filter_map(|step| step.critical);
        Order {
            rework: self.trace.steps.iter().filter(|step| step.rework).count() as i32,
            variant: flow::variant(&self.steps),
            critical_wd: critical().map(|critical| critical.wd).sum(),
            split: matches!(self.standing.end, End::Energised(_)).then(|| self.trace.split()),
            critical_wait_days: critical().map(|critical| critical.wait_days).sum(),
            lead_days: self.trace.lead_days,
            tail_days: self.trace.tail_days,
            saved_at_limits_days: self.trace.saved_at_limits_days,
        }
    }
}

/// A pass that has begun, in the order of its application. That it could have begun earlier is its clock's business.
fn step<'a>(judged: &JudgedPass<'a>, names: &'a Names) -> Option<Step<'a>> {
    let started_at = judged.stage.started_at?;
    Some(Step {
        stage: names.text(judged.stage.stage),
        department: names.text(judged.stage.department),
        position: judged.stage.position,
        to_goal: judged.stage.to_goal,
        started_at,
        finished_at: judged.stage.finished_at.filter(|_| judged.pass.finished),
        until: judged.pass.until,
        net_wd: judged.worked_wd,
        at_limit_on: judged.reading.at_limit_on.map(|day| day.max(started_at.day())),
    })
}
