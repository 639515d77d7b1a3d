//! What is done about an application besides its stages: what sort it is, visits, actions against delay, and what the
//! verification of overdue stages found.
//!
//! Each has a stream of chance of its own, so that nothing else moves with it.

use yekuo_calendar::{Day, Instant};

use super::case::{Application, Case, Pass};
use super::dice::{Dice, Subject};
use super::service::{Outage, Request};
use super::setting::{OPENS_S, Setting};
use super::world::{Department, Step};

/// What is done around a case.
#[derive(Clone, Debug)]
pub struct Around {
    pub sort: Sort,
    pub outage: Option<Outage>,
    pub asked: Option<Request>,
    pub visit: Option<Visit>,
    pub actions: Vec<Action>,
    pub verifications: Vec<Verification>,
}

/// What sort of business an application is, and of whom.
#[derive(Clone, Copy, Debug)]
pub struct Sort {
    pub business: Option<&'static str>,
    pub customer_class: Option<&'static str>,
}

/// One row of `visits`.
#[derive(Clone, Debug)]
pub struct Visit {
    pub id: String,
    pub manager_id: String,
    pub customer: String,
    pub of_application: bool,
    pub visited_at: Instant,
    pub opinion: Option<&'static str>,
    pub answered_at: Option<Instant>,
}

/// One row of `actions`.
#[derive(Clone, Debug)]
pub struct Action {
    pub id: String,
    pub kind: &'static str,
    pub taken_at: Instant,
    pub owner_role: &'static str,
    pub department: Option<Department>,
}

/// One row of `verifications`.
#[derive(Clone, Debug)]
pub struct Verification {
    pub step: Step,
    pub pass: i64,
    pub period: Day,
    pub result: &'static str,
    pub points: Option<f64>,
    pub verified_by: &'static str,
    pub verified_at: Instant,
    pub note: Option<&'static str>,
}

const HOUR: i64 = 3600;

/// What customers say when a manager comes.
const OPINIONS: [&str; 6] = [
    "希望一次告知全部资料",
    "希望停电时间避开生产旺季",
    "配套工程进度没有人通知",
    "希望提供用能优化建议",
    "希望线上能查办理进度",
    "高可靠性费用计算不清楚",
];

/// Who verifies overdue stages.
const VERIFIERS: [&str; 3] = ["监察部王晓", "监察部李青", "营销部赵敏"];

/// What low voltage, 10 or 20 kV, and more are applied for, as likely as their weights.
const BUSINESS: [&str; 5] = ["new", "increase", "temporary", "generation", "charging"];
const BUSINESS_WEIGHTS: [[u32; 5]; 3] = [[58, 14, 3, 11, 14], [52, 33, 8, 2, 5], [72, 28, 0, 0, 0]];

/// Who takes an action, which, from how many days after the due day to how many, and how likely.
const ACTIONS: [(&str, &str, (i64, i64), f64); 4] = [
    ("服务中心主任", "talk", (-25, -12), 0.06),
    ("分管局长", "inquiry", (-9, -1), 0.16),
    ("局长", "notice", (1, 12), 0.5),
    ("局长", "talk", (14, 40), 0.35),
];

/// The total limit of those to whom nothing was promised, in working days.
const TOTAL_WD: i32 = 80;

impl Setting<'_> {
    /// What sort of business an application is, and of whom.
    pub fn sort(&self, number: u64, of: &Application) -> Sort {
        let dice = &mut Dice::new(self.seed, Subject::Sort, number);
        let level = usize::from(of.voltage_kv >= 1.0) + usize::from(of.voltage_kv >= 35.0);
        let business = BUSINESS[dice.weighed(BUSINESS_WEIGHTS[level].into_iter())];
        let is_important = of.key_project || of.supply == Some("dual");
        let class = match dice.unit() {
            u if is_important && u < 0.6 => "important",
            u if of.voltage_kv >= 10.0 && (of.capacity_kva >= 1000.0 || u < 0.15) => "large",
            _ => "ordinary",
        };
        Sort { business: dice.chance(0.985).then_some(business), customer_class: dice.chance(0.97).then_some(class) }
    }

    /// The visit of a manager to a customer, while the application is under way; every fifth to one who has none.
    pub fn visit(&self, number: u64, case: &Case) -> Option<Visit> {
        let of = &case.application;
        let dice = &mut Dice::new(self.seed, Subject::Visit, number);
        let share = if of.promised_on.is_some() { 0.7 } else { 0.25 };
        if of.voltage_kv < 1.0 || of.manager_id.is_empty() || !dice.chance(share) {
            return None;
        }
        let day = self.calendar.next_working(of.accepted_at.day().plus_days(dice.between(5, 60) as i32));
        let visited_at = Instant::at(day, OPENS_S + dice.between(0, 16) * HOUR / 2);
        let end = of.cancelled_at.or(of.energised_at).unwrap_or(self.exported_at).min(self.exported_at);
        let of_application = !dice.chance(0.2);
        let opinion = dice.chance(0.4).then(|| dice.pick(&OPINIONS));
        let answered_on = self.calendar.next_working(day.plus_days(dice.between(1, 9) as i32));
        let answered_at = Instant::at(answered_on, OPENS_S + dice.between(0, 14) * HOUR / 2);
        let is_answered = opinion.is_some() && dice.chance(0.82);
        let stranger = format!("{}（老用户）", of.bureau.name);
        (visited_at <= end).then(|| Visit {
            id: format!("ZF{number:07}"),
            manager_id: of.manager_id.clone(),
            customer: if of_application { of.customer_name.clone() } else { stranger },
            of_application,
            visited_at,
            opinion,
            answered_at: is_answered.then_some(answered_at).filter(|at| *at <= self.exported_at),
        })
    }

    /// What its owners did against its delay, as its due day came near and went by.
    pub fn actions(&self, number: u64, case: &Case) -> Vec<Action> {
        let of = &case.application;
        let dice = &mut Dice::new(self.seed, Subject::Action, number);
        let total = || self.calendar.first_day(self.calendar.ordinal(of.accepted_at.day()) + TOTAL_WD);
        let Some(due_on) = of.promised_on.or((of.voltage_kv >= 10.0).then(total)) else { return Vec::new() };
        let end = of.cancelled_at.or(of.energised_at).unwrap_or(self.exported_at).min(self.exported_at);
        let mut actions = Vec::new();
        for (owner_role, kind, (from, to), share) in ACTIONS {
            let day = self.calendar.next_working(due_on.plus_days(dice.between(from, to) as i32));
            let taken_at = Instant::at(day, OPENS_S + dice.between(0, 16) * HOUR / 2);
            if !dice.chance(share) || taken_at > end || taken_at < of.accepted_at {
                continue;
            }
            let runs = |pass: &&Pass| pass.started_at <= taken_at && pass.finished_at.is_none_or(|at| at > taken_at);
            actions.push(Action {
                id: format!("WZ{number:07}{}", actions.len() + 1),
                kind,
                taken_at,
                owner_role,
                department: case.passes.iter().rfind(runs).map(|pass| pass.department),
            });
        }
        actions
    }

    /// What came back about its overdue stages: those of months whose table has gone round. Those that nobody claims to
    /// have been held up are known to be overdue from the first working day after they were due.
    pub fn verifications(&self, number: u64, case: &Case) -> Vec<Verification> {
        let dice = &mut Dice::new(self.seed, Subject::Verification, number);
        let last = self.exported_at.day().month().month_before();
        let mut verifications = Vec::new();
        for pass in &case.passes {
            let Some((breached_on, over_wd)) = self.overdue(case, pass) else { continue };
            let (answered, misdated) = (dice.chance(0.85), dice.chance(0.02));
            let period = if misdated { breached_on.month().plus_months(1) } else { breached_on.month() };
            let proposal = (1.0 + 0.2 * f64::from(over_wd)).min(5.0);
            let (result, points, note) = match dice.unit() {
                u if u < 0.7 => ("upheld", None, None),
                u if u < 0.88 => {
                    let points = (proposal * dice.within((0.2, 0.8)) * 10.0).round() / 10.0;
                    ("reduced", Some(points.clamp(0.1, proposal - 0.1)), Some("部分属客户原因，未及时报送"))
                }
                _ => ("withdrawn", None, Some("停电安排调整，非本部门责任")),
            };
            let verified_on = self.calendar.next_working(period.plus_months(1).plus_days(dice.between(4, 9) as i32));
            let verified_at = Instant::at(verified_on, OPENS_S + dice.between(0, 16) * HOUR / 2);
            let verified_by = dice.pick(&VERIFIERS);
            if answered && period < last && verified_at <= self.exported_at {
                verifications.push(Verification {
                    step: pass.step,
                    pass: pass.pass,
                    period,
                    result,
                    points,
                    verified_by,
                    verified_at,
                    note,
                });
            }
        }
        verifications
    }

    /// The first working day after a pass was due, and by how many working days it came late, where that is beyond
    /// dispute: it began by its due day, and no claim is about it.
    fn overdue(&self, case: &Case, pass: &Pass) -> Option<(Day, i32)> {
        let (due_on, finished_on) = (pass.due_on?, pass.finished_at?.day());
        let ordinal = |day: Day| self.calendar.ordinal(day);
        let is_claimed = case.claims.iter().any(|claim| claim.step.is_none_or(|step| step == pass.step));
        let over_wd = ordinal(finished_on) - ordinal(due_on);
        let began_in_time = ordinal(pass.started_at.day()) <= ordinal(due_on);
        (over_wd > 0 && began_in_time && !is_claimed).then(|| (self.calendar.first_day(ordinal(due_on) + 1), over_wd))
    }
}
