//! The 95598 hotline: faults, the calls after an energisation or a repair, and complaints.

use yekuo_calendar::{Day, Instant};

use super::dice::{Dice, Subject};
use super::setting::{Setting, digits};
use super::world::{BUREAUS, Bureau, COMPLAINED, Department, ISSUES, SCORES};

/// What is done about an issue that proved true.
const REMEDIES: [&str; 5] =
    ["约谈责任人并限期整改", "调整停电计划并回复客户", "组织业务培训", "补充一次性告知书", "与施工单位协调进度"];

/// One row of `callbacks`.
#[derive(Clone, Debug)]
pub struct Call {
    pub id: String,
    pub kind: &'static str,
    pub called_at: Instant,
    pub outcome: &'static str,
    pub score: Option<i64>,
    pub manager_score: Option<i64>,
    pub free_choice: Option<bool>,
    pub issue: Option<(&'static str, Department, Option<bool>)>,
    pub issue_action: Option<&'static str>,
    pub issue_settled_at: Option<Instant>,
}

/// One row of `faults`.
#[derive(Clone, Debug)]
pub struct Fault {
    pub id: String,
    pub bureau: &'static str,
    pub area: &'static str,
    pub outage_at: Option<Instant>,
    pub reported_at: Instant,
    pub notified_at: Option<Instant>,
    pub arrived_at: Option<Instant>,
    pub arrival_call_at: Option<Instant>,
    pub restored_at: Option<Instant>,
    pub completion_call_at: Option<Instant>,
}

/// One row of `complaints`.
#[derive(Clone, Debug)]
pub struct Complaint {
    pub id: String,
    pub bureau: &'static str,
    pub department: Department,
    pub received_at: Instant,
    pub forwarded_at: Option<Instant>,
    pub due_at: Option<Instant>,
    pub handled_at: Option<Instant>,
    pub satisfied: Option<bool>,
}

impl Setting<'_> {
    /// The fault of that number and the calls about it, as known at the export.
    pub fn fault(&self, number: u64) -> (Fault, Vec<Call>) {
        let dice = &mut Dice::new(self.seed, Subject::Fault, number);
        let bureau = &BUREAUS[dice.weighed(BUREAUS.iter().map(|bureau| bureau.weight))];
        let urban = dice.chance(bureau.urban);
        let day = self.day(dice, &self.faults);
        let reported_at = Instant::at(day, dice.between(0, 86_399));
        let outage_at = dice.chance(0.92).then(|| reported_at.plus_seconds(-dice.between(60, 25 * 60)));
        let notified_at = outage_at
            .filter(|_| dice.chance(0.9))
            .map(|at| at.plus_seconds(if dice.chance(0.91) { dice.between(40, 299) } else { dice.between(330, 1500) }));
        let late = dice.chance(0.045 * bureau.lateness);
        let arrival_min = match (urban, late) {
            (true, false) => dice.between(11, 44),
            (true, true) => dice.between(46, 75),
            (false, false) => dice.between(24, 88),
            (false, true) => dice.between(91, 150),
        };
        let arrived_at = reported_at.plus_seconds(arrival_min * 60 + dice.between(0, 59));
        let late = dice.chance(0.05 * bureau.lateness);
        let repair_min = match (urban, late) {
            (true, false) => 25 + (dice.small() * 212.0) as i64,
            (true, true) => dice.between(245, 420),
            (false, false) => 35 + (dice.small() * 262.0) as i64,
            (false, true) => dice.between(305, 560),
        };
        let restored_at = arrived_at.plus_seconds(repair_min * 60 + dice.between(0, 59));
        let arrival_call_at = dice.chance(0.96).then(|| arrived_at.plus_seconds(dice.between(30, 600)));
        let completion_call_at = dice.chance(0.94).then(|| restored_at.plus_seconds(dice.between(60, 1800)));
        // Now and then a crew goes to work without ever saying that it has come.
        let silent = Dice::new(self.seed, Subject::Arrival, number).chance(0.018);
        let (told_at, arrival_call_at) = if silent { (None, None) } else { (Some(arrived_at), arrival_call_at) };
        let known = |at: &Instant| *at <= self.exported_at;
        let fault = Fault {
            id: format!("GZ{}{number:07}", digits(reported_at.day())),
            bureau: bureau.name,
            area: if urban { "urban" } else { "rural" },
            outage_at,
            reported_at,
            notified_at: notified_at.filter(known),
            arrived_at: told_at.filter(known),
            arrival_call_at: arrival_call_at.filter(known),
            restored_at: Some(restored_at).filter(known),
            completion_call_at: completion_call_at.filter(known),
        };
        let due = restored_at.day().plus_days(7);
        let mut calls = self.calls(dice, "fault", number, restored_at.day(), due, &SCORES[3]);
        calls.retain(|call| call.called_at <= self.exported_at);
        (fault, calls)
    }

    /// The complaint of that number, as known at the export.
    pub fn complaint(&self, number: u64) -> Complaint {
        let dice = &mut Dice::new(self.seed, Subject::Complaint, number);
        let often = |bureau: &Bureau| (f64::from(bureau.weight) * bureau.lateness * 100.0) as u32;
        let bureau = &BUREAUS[dice.weighed(BUREAUS.iter().map(often))];
        let department = COMPLAINED[dice.weighed(COMPLAINED.iter().map(|complained| complained.1))].0;
        let day = self.day(dice, &self.demand);
        let received_at = Instant::at(day, dice.between(8 * 3600, 21 * 3600));
        // It is passed on the day it comes in (docs/method.md §7).
        let (soon, morning) = (dice.between(8, 150) * 60, dice.between(31_000, 40_000));
        let forwarded_at = if dice.chance(1.0 - 0.07 * bureau.lateness) {
            received_at.plus_seconds(soon)
        } else {
            Instant::at(day.plus_days(dice.between(1, 3) as i32), morning)
        };
        let (first, due_wd) = (self.calendar.ordinal(day), 5);
        let late = dice.chance((0.06 * bureau.lateness * self.lateness(department, day)).min(0.5));
        let wd = if late { due_wd + dice.between(1, 6) as i32 } else { dice.between(1, i64::from(due_wd)) as i32 };
        let handled_on = self.calendar.first_day(first + wd);
        let handled_at =
            Instant::at(handled_on, dice.between(9 * 3600, 17 * 3600)).max(forwarded_at.plus_seconds(3600));
        let due_at = Instant::at(self.calendar.first_day(first + due_wd), 17 * 3600 + 1800);
        let known = |at: &Instant| *at <= self.exported_at;
        let handled_at = (!dice.chance(0.02)).then_some(handled_at).filter(known);
        let (asked, pleased) = (dice.chance(0.88), dice.chance(if late { 0.45 } else { 0.82 }));
        Complaint {
            id: format!("TS{}{number:05}", digits(day)),
            bureau: bureau.name,
            department,
            received_at,
            forwarded_at: Some(forwarded_at).filter(known),
            due_at: dice.chance(0.97).then_some(due_at),
            handled_at,
            satisfied: handled_at.filter(|_| asked).map(|_| pleased),
        }
    }

    /// What was done about the issue of a call, and when it was settled, as known at the export.
    fn settling(
        &self,
        call: u64,
        called_at: Instant,
        verified: Option<bool>,
    ) -> (Option<&'static str>, Option<Instant>) {
        let dice = &mut Dice::new(self.seed, Subject::Settling, call);
        let (begun, settled) = (dice.chance(0.9), dice.chance(0.85));
        let (days, action) = match verified {
            Some(true) => (dice.between(3, 40), dice.pick(&REMEDIES)),
            Some(false) => (dice.between(1, 7), "查无此事，已向客户解释"),
            None => return (None, None),
        };
        let on = self.calendar.next_working(called_at.day().plus_days(days as i32));
        let at = Instant::at(on, dice.between(9 * 3600, 17 * 3600));
        let settled_at = Some(at).filter(|at| settled && *at <= self.exported_at);
        ((begun || settled_at.is_some()).then_some(action), settled_at)
    }

    /// The calls about one case: when, and how they went.
    pub fn calls(
        &self,
        dice: &mut Dice,
        kind: &'static str,
        number: u64,
        done_on: Day,
        due_on: Day,
        scores: &[u32; 5],
    ) -> Vec<Call> {
        let days = i64::from(due_on.0 - done_on.0);
        let prefix = if kind == "fault" { "HG" } else { "HF" };
        let mut calls = Vec::with_capacity(2);
        let mut call = |dice: &mut Dice, after_days: i64, outcome| {
            let at = Instant::at(done_on.plus_days(after_days as i32), dice.between(9 * 3600, 18 * 3600));
            let id = format!("{prefix}{number:07}{}", calls.len() + 1);
            let answered = outcome == "reached";
            let score = (answered && dice.chance(0.95)).then(|| 5 - dice.weighed(scores.iter().copied()) as i64);
            let displeased = score.is_some_and(|score| score <= 3);
            let issue = (answered && dice.chance(if displeased { 0.55 } else { 0.03 })).then(|| {
                let (category, _, department) = ISSUES[dice.weighed(ISSUES.iter().map(|issue| issue.1))];
                (category, department, dice.chance(0.9).then(|| dice.chance(0.66)))
            });
            let issue = issue.filter(|_| kind == "connection");
            let (issue_action, issue_settled_at) = match issue {
                Some((.., verified)) => self.settling(number * 8 + calls.len() as u64, at, verified),
                None => (None, None),
            };
            calls.push(Call {
                id,
                kind,
                called_at: at,
                outcome,
                score,
                manager_score: score
                    .filter(|_| kind == "connection" && dice.chance(0.85))
                    .map(|score| (score + dice.between(-1, 1)).clamp(1, 5)),
                free_choice: (answered && kind == "connection" && dice.chance(0.8)).then(|| !dice.chance(0.03)),
                issue,
                issue_action,
                issue_settled_at,
            });
        };
        let soon = dice.between(1, (days - 2).max(1));
        let late = days + dice.between(1, 14);
        match dice.unit() {
            u if u < 0.86 => call(dice, soon, "reached"),
            u if u < 0.91 => {
                call(dice, soon, "unreached");
                call(dice, (soon + 2).min(days), "reached");
            }
            u if u < 0.935 => {
                call(dice, soon, "unreached");
                call(dice, late, "reached");
            }
            u if u < 0.955 => call(dice, late, "reached"),
            u if u < 0.97 => call(dice, soon, "unreached"),
            u if u < 0.985 => call(dice, soon, "refused"),
            _ => {}
        }
        calls
    }
}
