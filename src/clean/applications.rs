//! One row per application: what it is, how it stands, who answers for it, and what holds it up.

use super::fulfilment::Fulfilment;
use super::stages::Order;
use super::{whole_fen, whole_va};
use crate::calendar::{Calendar, Day};
use crate::cases::idle::Idle;
use crate::cases::standing::{JudgedPass, Standing};
use crate::cases::{Facts, Known, KnownPass, Name};
use crate::flow::End;
use crate::flow::days::Split;
use crate::rules::limits::{Area, Supply};
use crate::rules::owners::Ownership;
use crate::rules::strata::{CapacityBand, VoltageClass};
use crate::rules::vocabulary::{FulfilmentClass, Mode, PastDue, Quarter, State};
use crate::table::{Code, Count, Date, Flag, Integer, Maybe, Number, Text, table};

table! {
    /// One application accepted by the as-of day.
    Applications of ApplicationRow<'a> from Subject<'a> as of;
    "applications" by [application_id],
    "截至统计日已受理的每张业扩工单一行，按工单编号排序。",
    "One row per application accepted by the as-of day, by identifier.";

    application_id: Text = &of.facts.application_id, "工单编号", "identifier of the application";
    customer_name: Maybe<Text> = of.facts.customer_name.as_deref(), "客户名称（个人信息，公开报告不用）", "name of the customer; personal, never in a public report";
    bureau: Text = of.text(of.facts.bureau), "供电单位", "bureau that answers for it";
    area: Maybe<Code<Area>> = of.facts.area, "城乡类别：urban 城市，rural 农村", "`urban` or `rural`";
    channel: Maybe<Text> = of.maybe(of.facts.channel), "受理渠道：online、hall、phone，或导出文件中的原文", "channel it came in by: `online`, `hall`, `phone`, or the export's own word";
    voltage_kv: Number = of.facts.voltage_kv, "供电电压，kV", "supply voltage, kV";
    capacity_kva: Number = of.facts.capacity_kva, "申请容量，kVA", "requested capacity, kVA";
    capacity_va: Integer = whole_va(of.facts.capacity_kva), "申请容量，整 VA", "requested capacity, whole VA";
    supply: Maybe<Code<Supply>> = of.facts.supply, "电源数目：single 单电源，dual 双电源；空白按单电源", "`single` or `dual` supply; blank counts as single";
    new_feeder: Maybe<Flag> = of.facts.new_feeder, "是否新建线路；空白按否", "whether a new feeder is built; blank counts as no";
    key_project: Maybe<Flag> = of.facts.key_project, "是否重点项目", "whether it is a key project";
    mode: Code<Mode> = of.standing.mode, "服务方式：order 订单式，conventional 常规；未注明的，4000 kVA 及以上或重点项目为订单式", "`order` or `conventional`; where the export does not say, 4000 kVA or more and key projects are order-style";
    manager_id: Maybe<Text> = of.maybe(of.facts.manager_id), "客户经理编号", "identifier of its customer manager";
    state: Code<State> = State::from(of.standing.end), "统计日的状态：open 在途，energised 已送电，cancelled 已撤销", "state on the as-of day: `open`, `energised` or `cancelled`";
    accepted_on: Date = of.facts.accepted_on, "受理日期", "day of acceptance";
    accepted_month: Date = of.facts.accepted_on.month(), "受理月份（该月 1 日）", "month of acceptance, its first day";
    desired_on: Maybe<Date> = of.facts.desired_on, "客户期望送电日期", "day on which the customer wants to be energised";
    promised_on: Maybe<Date> = of.facts.promised_on, "承诺送电日期（首次承诺）", "promised day of energisation, as first promised";
    replanned_on: Maybe<Date> = of.facts.replanned_on, "工单上的调整后送电日期", "re-planned day of energisation, as the application carries it";
    energised_on: Maybe<Date> = of.standing.case.energised_on(), "送电日期", "day of energisation";
    energised_month: Maybe<Date> = of.standing.case.energised_on().map(Day::month), "送电月份（该月 1 日）", "month of energisation, its first day";
    cancelled_on: Maybe<Date> = of.standing.case.cancelled_on, "撤销日期", "day of cancellation";
    cancelled_month: Maybe<Date> = of.standing.case.cancelled_on.map(Day::month), "撤销月份（该月 1 日）", "month of cancellation, its first day";
    other_end_on: Maybe<Date> = of.standing.case.other_end_on, "另一种结束的日期：送电后又撤销的撤销日期，或撤销后又送电的送电日期；先到的结束为准，同一天的以送电为准", "day of the end that came too late to count: a cancellation after the energisation, or an energisation after the cancellation; the first counts, on one day the energisation";
    due_on: Maybe<Date> = of.standing.due_on, "应送电日期：订单式为承诺日期，其余按受理日加标准总时限", "due day: the promise of an order-style application, else acceptance plus the standard total limit";
    due_source: Maybe<Text> = of.standing.due_source, "应送电日期的依据：promise 承诺，或标准时限的出处", "what the due day rests on: `promise`, or the source of the standard limit";
    effective_due_on: Maybe<Date> = of.standing.effective_due_on, "有效应送电日期：应送电日期按剔除的工作日顺延", "due day pushed out by the excluded working days";
    remaining_wd: Maybe<Count> = of.remaining_wd, "距有效应送电日期的工作日；负数为已超", "working days from the as-of day to the effective due day; negative once it has passed";
    original_remaining_wd: Maybe<Count> = of.original_remaining_wd, "距原定应送电日期的工作日；负数为已超", "working days from the as-of day to the original due day; negative once it has passed";
    past_due: Maybe<Code<PastDue>> = of.past_due(), "已超原定应送电日期的在途工单：past_both 顺延后仍超期，by_unruled 靠未核实的说明未超期，by_ruled 靠属实的说明未超期；其余为空", "of an open application past its original due day: `past_both`, or not past the effective day, `by_unruled` claims or `by_ruled` ones; else blank";
    past_original: Flag = of.is_past_original(), "在途工单是否已超原定应送电日期", "whether an open application is past its original due day";
    remaining_days: Maybe<Count> = of.remaining_days(), "距有效应送电日期的自然日；负数为已超", "calendar days from the as-of day to the effective due day; negative once it has passed";
    calendar_days: Maybe<Count> = of.calendar_days(), "受理至送电的自然日；未送电为空", "calendar days from acceptance to energisation; blank until energised";
    gross_wd: Count = of.gross_wd, "毛工作日：受理至送电、撤销或统计日，首日不计", "gross working days from acceptance to energisation, cancellation or the as-of day, the first day not counted";
    excluded_wd: Count = of.standing.excluded_wd, "剔除的工作日：属实的和暂剔除的延误说明，重叠只计一次", "working days taken out by claims that count, admitted and provisional, overlaps counted once";
    excused_ruled_wd: Count = of.standing.excused.ruled_wd, "其中由已结束、核实属实的说明剔除的", "of them, those that rest on claims with an end that were admitted";
    excused_unruled_wd: Count = of.standing.excused.unruled_wd, "其中由已结束、尚未核实的说明剔除的（不含上一项）", "of them, those that rest on claims with an end that nobody has ruled on, beyond the former";
    excused_open_wd: Count = of.standing.excused.open_wd, "其中由未结束的说明剔除的（不含前两项）", "of them, those that rest on claims without an end, beyond both";
    provisional_wd: Count = of.standing.excused.provisional_wd, "剔除的工作日中，若未核实的说明都不剔除，就不会剔除的", "excluded working days that would not be taken out if claims that are not ruled on were refused";
    net_wd: Count = of.gross_wd - of.standing.excluded_wd, "净工作日 = 毛工作日 − 剔除", "net working days: gross less excluded";
    promise_kept: Maybe<Flag> = of.promise_kept(), "是否在承诺日期前送电；未送电或无承诺为空", "whether it was energised by the promised day; blank while not energised or without a promise";
    all_met: Flag = of.stages.overdue == 0, "是否没有环节净超时", "whether no stage pass is overdue net";
    passes: Count = of.stages.begun, "已开始的环节次数", "stage passes that have started";
    passes_overdue_net: Count = of.stages.overdue, "其中净超时的次数", "of them, overdue net of exclusions";
    passes_rework: Count = of.order.rework, "其中重办的次数（此前已办过该环节）", "of them, repeat passes of a stage";
    variant: Maybe<Text> = of.order.variant.as_deref(), "环节的先后顺序", "its stages in order of start";
    critical_wd: Count = of.order.critical_wd, "关键路径上归各部门的工作日（净工作日加其前排队）", "working days of the critical path that are its departments': net days, and the queues before its passes";
    critical_wait_days: Count = of.order.critical_wait_days, "关键路径上环节之间等待的自然日", "calendar days waited between passes of the critical path";
    lead_days: Maybe<Count> = of.order.lead_days, "受理至关键路径开始的自然日；未送电为空", "calendar days from acceptance to the start of the critical path; blank until energised";
    tail_days: Maybe<Count> = of.order.tail_days, "关键路径结束至送电的自然日；未送电为空", "calendar days from the end of the critical path to energisation; blank until energised";
    utility_work_days: Maybe<Count> = of.split().map(|split| split.work_days), "周期中归我方作业的自然日；未送电为空", "calendar days of the cycle in which the utility worked on it; blank until energised";
    utility_waiting_days: Maybe<Count> = of.split().map(|split| split.waiting_days), "周期中等待我方的自然日", "those in which a stage of the utility was awaited";
    customer_days: Maybe<Count> = of.split().map(|split| split.customer_days), "周期中归客户的自然日：成立的客户原因说明，以及环节之间客户须办事项的等待", "those of the customer: claims that count, and waits between stages in which the customer has something to do";
    government_days: Maybe<Count> = of.split().map(|split| split.government_days), "周期中归政府的自然日", "those of authorities";
    other_days: Maybe<Count> = of.split().map(|split| split.other_days), "周期中归其他原因的自然日；五项之和即周期", "those of other causes; the five add up to the cycle";
    saved_at_limits_days: Count = of.order.saved_at_limits_days, "关键路径上超时环节若都按时限完成，可提前送电的自然日", "calendar days by which it would have been energised earlier, had every overdue pass of the critical path met its limit";
    visits: Maybe<Integer> = of.facts.visits, "客户往返次数", "times the customer had to come";
    designer: Maybe<Text> = of.maybe(of.facts.designer), "设计单位", "who designed the customer's works";
    builder: Maybe<Text> = of.maybe(of.facts.builder), "施工单位", "who built the customer's works";
    supplier: Maybe<Text> = of.maybe(of.facts.supplier), "供货单位", "who supplied the customer's works";
    fee_charged: Maybe<Number> = of.facts.fee_charged, "实收费用，元", "fee charged, yuan";
    fee_standard: Maybe<Number> = of.facts.fee_standard, "标准费用，元", "standard fee, yuan";
    customer_class: Maybe<Text> = of.maybe(of.facts.customer_class), "客户类别：important 重要客户，large 大客户，ordinary 普通客户，或导出文件中的原文", "class of the customer: `important`, `large`, `ordinary`, or the export's own word";
    leader: Maybe<Text> = of.maybe(of.facts.leader), "挂牌督办的领导", "who leads it, where it is a listed project";
    live_work: Maybe<Flag> = of.facts.live_work, "是否带电作业", "whether it is connected under voltage";
    fee_charged_fen: Maybe<Integer> = of.facts.fee_charged.map(whole_fen), "实收费用，整分；不详为空", "fee charged, whole fen; blank if unknown";
    fee_standard_fen: Maybe<Integer> = of.facts.fee_standard.map(whole_fen), "标准费用，整分；不详为空", "standard fee, whole fen; blank if unknown";
    fee_deviates: Maybe<Flag> = of.fee_deviates(), "实收与标准是否相差超过 0.005 元；任一为空则为空", "whether charged and standard fee differ by more than 0.005 yuan; blank without both";
    feeder_or_station: Maybe<Text> = of.maybe(of.facts.feeder_or_station), "接入的线路或变电站", "feeder or station it is connected to";
    replans: Maybe<Count> = of.replanned.map(|replanned| replanned.count), "承诺调整次数；未调整为空", "times the promise was moved; blank where it was not";
    first_promise_on: Maybe<Date> = of.replanned.and_then(|replanned| replanned.first_on), "调整前的首次承诺日期", "first promised day, of a promise that was moved";
    current_promise_on: Maybe<Date> = of.replanned.map(|replanned| replanned.promised_on), "调整后的现行承诺日期", "day promised now, of a promise that was moved";
    slip_days: Maybe<Count> = of.replanned.and_then(|replanned| replanned.slip_days), "现行承诺比首次承诺推后的自然日；提前为负", "calendar days from the first promise to the current one; negative where it was moved forward";
    replan_reason: Maybe<Text> = of.replanned.and_then(|replanned| replanned.reason), "最近一次调整的原因", "reason given for the last re-plan";
    owner_level: Maybe<Integer> = of.owner.map(|owner| owner.level), "在途工单现由第几级负责，从 0 起", "level that is responsible for an open application, from 0";
    owner_role: Maybe<Text> = of.owner.map(|owner| owner.role), "现负责岗位的代码（owners.toml）", "code of the role that is responsible now (owners.toml)";
    original_owner_level: Maybe<Integer> = of.original_owner.map(|owner| owner.level), "若按原定应送电日期，在途工单由第几级负责", "level that would be responsible by the original due day";
    original_owner_role: Maybe<Text> = of.original_owner.map(|owner| owner.role), "若按原定应送电日期，负责岗位的代码", "code of the role that would be responsible by the original due day";
    original_owner_since_on: Maybe<Date> = of.since_on(of.original_owner), "若按原定应送电日期，由该级负责的起始日期", "day since which that level would have been responsible";
    owner_since_on: Maybe<Date> = of.since_on(of.owner), "由该级负责的起始日期", "day since which that level is responsible";
    next_rise_on: Maybe<Date> = of.owner.and_then(|owner| owner.next_rise_on), "下次升级的日期", "day of the next escalation";
    next_rise_in_wd: Maybe<Count> = of.next_rise_in_wd(), "统计日至该日的工作日", "working days from the as-of day to it";
    current_stage: Maybe<Text> = of.current().map(|current| of.text(current.stage)), "在途工单的当前环节（最后开始的未完环节）", "current stage of an open application: the open pass that started last";
    current_department: Maybe<Text> = of.current().map(|current| of.text(current.department)), "当前环节的责任部门", "department of the current stage";
    idle_since_on: Maybe<Date> = of.idle.map(|idle| idle.since_on), "没有在办环节的在途工单，最近一次完成（或受理）的日期；有在办环节或已结束为空", "of an open application without a running stage, the day of its last finish, or of its acceptance; blank otherwise";
    idle_wd: Maybe<Count> = of.idle.map(|idle| idle.wd), "该日至统计日的工作日", "working days from it to the as-of day";
    next_stage: Maybe<Text> = of.idle.and_then(|idle| idle.next).map(|next| next.stage), "没有在办环节时，按 process.toml 接下来的环节", "the stage that comes next by process.toml, where none is running";
    next_department: Maybe<Text> = of.idle.and_then(|idle| idle.next).and_then(|next| next.department), "其责任部门：计划中的，否则通常负责的", "its department: that of its plan, else the one that usually does it";
    stage_overdue: Flag = of.is_open() && of.stages.open_overdue, "在途工单是否有未完环节已净超时", "whether an open pass of an open application is overdue net";
    stage_breached_on: Maybe<Date> = of.stages.breached_on.filter(|_| of.is_open()), "未完环节最早超时的日期", "first day on which an open pass ran out of time";
    oldest_open_claim_on: Maybe<Date> = of.held_up.claims_since_on, "未结束的延误说明中最早的影响开始日期", "day on which the oldest claim that has not ended began";
    oldest_open_claim_wd: Maybe<Count> = of.held_up.claims_since_on.map(|day| of.working_days_since(day)), "该日至统计日的工作日", "working days from it to the as-of day";
    open_claims: Maybe<Count> = of.held_up.claims, "未结束的延误说明件数；无延误说明表为空", "delay claims that have not ended; blank without the table of delays";
    open_requests: Maybe<Count> = of.held_up.requests, "未办结的协调事项件数；无协调事项表为空", "requests that are not settled; blank without the table of requests";
    grid_works_since_on: Maybe<Date> = of.held_up.grid_works_since_on, "电网配套工程未完环节的开始日期", "start of the open grid works it waits for";
    restricted_since_on: Maybe<Date> = of.held_up.restricted_since_on, "接入设备连续受限的起始月份（该月 1 日）", "month since which its feeder or station is restricted without a break, its first day";
    blocked_since_on: Maybe<Date> = of.held_up.since_on, "上述受阻中最早的起始日期", "earliest start of what holds it up: claims, requests, grid works, restriction";
    followed_days: Count = of.followed_days(), "受理至送电、撤销或统计日的自然日（生存分析用）", "calendar days from acceptance to energisation, cancellation or the as-of day, as survival analysis follows it";
    accepted_quarter: Code<Quarter> = Quarter::of(of.facts.accepted_on), "受理季度", "quarter of acceptance";
    voltage_class: Code<VoltageClass> = VoltageClass::of(of.facts.voltage_kv), "电压分档", "class of voltages";
    capacity_band: Code<CapacityBand> = CapacityBand::of(of.facts.capacity_kva), "容量分档", "band of capacities";
    rejected_rows: Integer = i64::from(of.standing.case.rejected_rows()), "被拒的记录行数：不为 0 时，其环节、延误或回访可能不全", "rows of it that were rejected: its stages, claims or calls may lack some unless it is 0";
    business: Maybe<Text> = of.maybe(of.facts.business), "业务类型：new、increase、temporary、generation、charging，或导出文件中的原文", "sort of business: `new`, `increase`, `temporary`, `generation`, `charging`, or the export's own word";
    fulfilment_class: Maybe<Code<FulfilmentClass>> = of.fulfilment.map(|fulfilment| fulfilment.class), "时限达标率的类别：high 高压，low 低压，generation 分布式电源与充电设施；未送电为空", "class of the rate of connections on time: `high` or `low` voltage, or `generation` and charging; blank until energised";
    fulfilment_month: Maybe<Date> = of.fulfilment.map(|fulfilment| fulfilment.on.month()), "计入时限达标率的月份：归档完成所在月，未归档的为送电所在月（该月 1 日）", "month in which it counts there: that of its archiving, else of its energisation, its first day";
    fulfilment_met: Maybe<Flag> = of.fulfilment.and_then(|fulfilment| fulfilment.is_met), "是否达标：高压各节点均未净超时；低压在总时限内送电；没有时限的为空", "whether it was on time: of high voltage no node overdue net, of low voltage energised within the total; blank without a limit";
    stratum: Text = of.likes.stratum.as_str(), "可比组：电压、电源、新建线路、容量分档相同", "stratum of comparable applications: same voltage, supply, feeder and capacity band";
    compared_in: Maybe<Text> = of.likes.compared_in.as_deref(), "两种方式在其中比较的组：某一方式不足 min_arm 件的可比组并入相近的；没有可比对象的为空", "group in which the modes are compared: strata with fewer than min_arm applications of a mode are merged with like ones; blank without a match";
}

/// A difference of fees below this is rounding, in yuan.
const CENT: f64 = 0.005;
/// The stage in which the utility builds what the grid lacks.
const GRID_WORKS: &str = "grid_works";

/// An application and all that its row tells.
pub struct Subject<'a> {
    /// What it is.
    pub facts: &'a Facts,
    /// How it stands.
    pub standing: &'a Standing<'a>,
    /// What is known.
    pub known: Known<'a>,
    /// Working days from acceptance to its end or the as-of day.
    pub gross_wd: i32,
    /// Working days to the effective due date.
    pub remaining_wd: Option<i32>,
    /// What its passes add up to.
    pub stages: &'a Stages,
    /// What the order of its passes tells.
    pub order: &'a Order,
    /// Whether it was on time.
    pub fulfilment: Option<Fulfilment>,
    /// What it waits for.
    pub held_up: HeldUp,
    /// How often its promise was moved.
    pub replanned: Option<Replanned<'a>>,
    /// Who answers for it, while it is open.
    pub owner: Option<Ownership<'a>>,
    /// That nobody works on it.
    pub idle: Option<Idle<'a>>,
    /// Who would answer for it by the original due date.
    pub original_owner: Option<Ownership<'a>>,
    /// Working days to the original due date.
    pub original_remaining_wd: Option<i32>,
    /// Working days.
    pub calendar: &'a Calendar,
    /// What it is compared with.
    pub likes: &'a Likes,
}

/// What an application is compared with.
pub struct Likes {
    /// The code of its stratum.
    pub stratum: String,
    /// The code of the group of strata in which the modes are compared; `None`: it has no match.
    pub compared_in: Option<String>,
}

impl<'a> Subject<'a> {
    fn text(&self, name: Name) -> &'a str {
        self.known.text(name)
    }

    fn maybe(&self, name: Option<Name>) -> Option<&'a str> {
        name.map(|name| self.text(name))
    }

    fn is_open(&self) -> bool {
        self.standing.end == End::Open
    }

    fn current(&self) -> Option<KnownPass> {
        self.stages.current.filter(|_| self.is_open())
    }

    fn working_days_since(&self, day: Day) -> i32 {
        self.calendar.working_days(day, self.known.day())
    }

    fn next_rise_in_wd(&self) -> Option<i32> {
        let rise_on = self.owner?.next_rise_on?;
        Some(self.calendar.working_days(self.known.day(), rise_on))
    }

    fn remaining_days(&self) -> Option<i32> {
        self.standing.effective_due_on.map(|due| due.0 - self.known.day().0)
    }

    fn calendar_days(&self) -> Option<i32> {
        self.standing.case.energised_on().map(|energised| energised.0 - self.facts.accepted_on.0)
    }

    fn followed_days(&self) -> i32 {
        self.standing.whole.until.0 - self.facts.accepted_on.0
    }

    fn is_past_original(&self) -> bool {
        self.is_open() && self.original_remaining_wd.is_some_and(|days| days < 0)
    }

    fn past_due(&self) -> Option<PastDue> {
        let remaining_wd = self.remaining_wd.filter(|_| self.is_past_original())?;
        Some(match remaining_wd {
            ..0 => PastDue::Both,
            days if days < self.standing.excused.provisional_wd => PastDue::ByUnruled,
            _ => PastDue::ByRuled,
        })
    }

    fn split(&self) -> Option<Split> {
        self.order.split
    }

    fn promise_kept(&self) -> Option<bool> {
        let (energised, promised) = (self.standing.case.energised_on()?, self.facts.promised_on?);
        Some(energised <= promised)
    }

    fn fee_deviates(&self) -> Option<bool> {
        let (charged, standard) = (self.facts.fee_charged?, self.facts.fee_standard?);
        Some((charged - standard).abs() > CENT)
    }

    /// Since when an owner answers for it: from its acceptance on.
    fn since_on(&self, owner: Option<Ownership<'_>>) -> Option<Day> {
        let accepted_on = self.facts.accepted_on;
        owner.map(|owner| owner.since_on.map_or(accepted_on, |since| since.max(accepted_on)))
    }
}

/// How often a promise was moved, and to when.
#[derive(Clone, Copy)]
pub struct Replanned<'a> {
    count: i32,
    /// The first promise: the application's own, else that of the first re-plan.
    first_on: Option<Day>,
    promised_on: Day,
    /// Calendar days from the first promise to the current one.
    slip_days: Option<i32>,
    reason: Option<&'a str>,
}

impl<'a> Replanned<'a> {
    /// Of an application; the last re-plan of an export without a history counts as one.
    pub fn of(standing: &Standing<'a>) -> Option<Replanned<'a>> {
        let promised_on = standing.case.facts.promised_on;
        let Some(replans) = standing.case.replans() else {
            let moved_to = standing.case.replanned_on()?;
            let slip_days = promised_on.map(|first| moved_to.0 - first.0);
            return Some(Replanned { count: 1, first_on: promised_on, promised_on: moved_to, slip_days, reason: None });
        };
        let (first, last) = (replans.first()?, replans.last()?);
        let first_on = promised_on.unwrap_or(first.promised_on);
        Some(Replanned {
            count: replans.len() as i32,
            first_on: Some(first_on),
            promised_on: last.promised_on,
            slip_days: Some(last.promised_on.0 - first_on.0),
            reason: last.reason.as_deref(),
        })
    }
}

/// What the passes of one application add up to.
#[derive(Default)]
pub struct Stages {
    begun: i32,
    overdue: i32,
    /// The open pass that started last; of several, the last in usual order.
    current: Option<KnownPass>,
    /// Whether a pass that is still open has run out of time.
    open_overdue: bool,
    /// The first day on which one did, if that day has come.
    breached_on: Option<Day>,
    grid_works_since_on: Option<Day>,
}

impl Stages {
    /// Adds up the passes of an application.
    pub fn of(standing: &Standing<'_>, known: Known<'_>) -> Stages {
        let mut stages = Stages::default();
        for judged in &standing.passes {
            let is_begun = judged.stage.started_at.is_some();
            stages.begun += i32::from(is_begun);
            stages.overdue += i32::from(judged.reading.overdue_net == Some(true));
            if !judged.pass.finished && standing.case.cancelled_on.is_none() {
                stages.opened(judged, known.text(judged.stage.stage));
            }
        }
        stages
    }

    /// Takes note of an open pass; they come by start and usual order.
    fn opened(&mut self, judged: &JudgedPass<'_>, code: &str) {
        self.current = if judged.stage.started_at.is_some() { Some(judged.stage) } else { self.current };
        if judged.reading.overdue_net == Some(true) {
            self.open_overdue = true;
            self.breached_on = self.breached_on.into_iter().chain(judged.reading.breached_on).min();
        }
        if code == GRID_WORKS {
            self.grid_works_since_on = self.grid_works_since_on.or(judged.stage.started_on());
        }
    }
}

/// The open requests about an application.
#[derive(Clone, Copy)]
pub struct OpenRequests {
    /// How many.
    pub count: i32,
    /// The day on which the first of them was raised.
    pub since_on: Day,
}

/// What an open application waits for besides its stages.
#[derive(Default)]
pub struct HeldUp {
    claims: Option<i32>,
    claims_since_on: Option<Day>,
    requests: Option<i32>,
    grid_works_since_on: Option<Day>,
    restricted_since_on: Option<Day>,
    since_on: Option<Day>,
}

impl HeldUp {
    /// Of an application; nothing holds up one that has ended.
    pub fn of(standing: &Standing<'_>, known: Known<'_>, stages: &Stages, requests: Option<OpenRequests>) -> HeldUp {
        if standing.end != End::Open {
            return HeldUp::default();
        }
        let facts = standing.case.facts;
        let open = || standing.claims.iter().filter(|claim| claim.ended_on.is_none());
        let restricted_since_on = facts
            .feeder_or_station
            .and_then(|feeder| known.restricted_since(known.text(facts.bureau), known.text(feeder)));
        let claims_since_on = open().map(|claim| claim.facts.began_on).min();
        let since = [
            claims_since_on,
            requests.map(|requests| requests.since_on),
            stages.grid_works_since_on,
            restricted_since_on.map(|since| since.max(facts.accepted_on)),
        ];
        HeldUp {
            claims_since_on,
            claims: known.has_delays().then(|| open().count() as i32),
            requests: known.has_requests().then(|| requests.map_or(0, |requests| requests.count)),
            grid_works_since_on: stages.grid_works_since_on,
            restricted_since_on,
            since_on: since.into_iter().flatten().min(),
        }
    }
}
