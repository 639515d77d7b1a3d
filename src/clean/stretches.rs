//! Whose the days of an application are, along its critical path: a row per stretch of days that are all somebody's.

use crate::calendar::{Calendar, Day};
use crate::cases::Names;
use crate::cases::standing::{JudgedPass, Standing};
use crate::flow::Step;
use crate::flow::days::{Awaited, Stretch, Whose};
use crate::rules::strata::VoltageClass;
use crate::rules::vocabulary::{Mode, State};
use crate::table::{Code, Count, Date, Flag, Maybe, Text, table};

table! {
    /// Some days of an application on its critical path that are all somebody's.
    Stretches of StretchRow<'a> from Along<'a> as of;
    "stretches" by [application_id, sequence],
    "工单沿关键路径的一段天数一行，按工单和先后排序：自受理起（已送电的到送电）无缝隙、无重叠，每一天只归一方。",
    "One row per stretch of days of an application along its critical path, by application and order: from acceptance on (of one that is energised, up to its energisation) without gap or overlap, each day somebody's.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    sequence: Count = of.at as i32 + 1, "在工单内的序号，从 1 起", "its place in the application, from 1";
    bureau: Text = of.names.text(of.standing.case.facts.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.standing.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    voltage_class: Code<VoltageClass> = VoltageClass::of(of.standing.case.facts.voltage_kv), "电压分档", "class of voltages";
    application_state: Code<State> = State::from(of.standing.end), "工单状态：open、energised、cancelled", "state of the application: `open`, `energised` or `cancelled`";
    energised_month: Maybe<Date> = of.standing.case.energised_on().map(Day::month), "送电月份（该月 1 日）", "month of energisation, its first day";
    whose: Code<Whose> = of.stretch.whose, "归谁：work 我方作业，waiting 我方等待，customer 客户，government 政府，other 其他原因", "whose the days are: `work` or `waiting` of the utility, `customer`, `government` or `other` causes";
    is_charged: Flag = of.stretch.is_charged, "是否计入该部门的关键天数：我方的；以及不可剔除原因的（其净工作日含这些天）", "whether they are among the critical days of the department: those of the utility, and those of a cause that is not taken out of its net days";
    is_wait: Flag = of.stretch.is_wait, "是否在环节开始之前（等待），否则在办理期间", "whether it lies before the start of the stage, or else while it is worked on";
    stage: Maybe<Text> = of.stage(), "办理中或所等待的环节；不详为空", "stage that is worked on or awaited; blank where it is not known";
    pass: Maybe<Count> = of.pass(), "第几次办理该环节；末段之后的等待为空", "which pass of the stage; blank for what is awaited at the end";
    department: Maybe<Text> = of.department(), "该环节的责任部门", "department of the stage";
    handler: Maybe<Text> = of.handler(), "该环节的处理人", "who handled it";
    after_on: Date = of.stretch.after, "起点（当日不计）", "day after which it begins";
    until_on: Date = of.stretch.until, "最后一天", "its last day";
    days: Count = of.stretch.days(), "自然日", "calendar days";
    wd: Count = of.calendar.working_days(of.stretch.after, of.stretch.until), "工作日", "working days";
}

/// A stretch of an application.
pub struct Along<'a> {
    /// The application.
    pub standing: &'a Standing<'a>,
    /// The texts behind the numbers.
    pub names: &'a Names,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Its passes that have begun, in their order.
    pub steps: &'a [Step<'a>],
    /// What is awaited after the last of the path.
    pub awaited: Option<Awaited<'a>>,
    /// The stretch.
    pub stretch: &'a Stretch,
    /// Its number in the application.
    pub at: usize,
}

impl<'a> Along<'a> {
    fn step(&self) -> Option<&'a Step<'a>> {
        self.stretch.step.map(|at| &self.steps[at])
    }

    fn stage(&self) -> Option<&'a str> {
        self.step().map(|step| step.stage).or_else(|| self.awaited?.stage)
    }

    fn department(&self) -> Option<&'a str> {
        self.step().map(|step| step.department).or_else(|| self.awaited?.department)
    }

    /// The pass behind a step.
    fn judged(&self) -> Option<&'a JudgedPass<'a>> {
        let mut begun = self.standing.passes.iter().filter(|judged| judged.stage.started_at.is_some());
        begun.nth(self.stretch.step?)
    }

    fn pass(&self) -> Option<i32> {
        self.judged().map(|judged| judged.stage.pass as i32)
    }

    fn handler(&self) -> Option<&'a str> {
        self.judged()?.stage.handler.map(|handler| self.names.text(handler))
    }
}
