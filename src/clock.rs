//! The clock of a stage: how long it took, whose days they were, and when it ran out of time.
//!
//! The rules of docs/method.md §4, and nothing else: pure functions of days. Three ideas carry everything:
//!
//! - A span of time is `(after, until]` in whole days: the first day is not counted. Working days in it are
//!   `W(until) − W(after)`, a subtraction of two ordinals of the [`Calendar`].
//! - A delay claim is judged once against each stage pass that it concerns, by the first rule that fails
//!   ([`Verdict`]). Those that count, clipped to the stage and united so that overlaps count once, are taken out; the
//!   days that nobody has ruled on are told apart. One without an end is not believed for ever ([`Clock::covers`]).
//! - A stage is settled on one day: the day it ran out of time, or else the day it finished. Leaving it open hides
//!   nothing, and past months do not move.
//!
//! ```
//! use yekuo::clock::{Claim, Clock, Pass, Rules, Ruling, Verdict};
//! # let calendar = yekuo::config::embedded_calendar("cn").unwrap();
//! # let day = |text: &str| text.parse::<yekuo::calendar::Day>().unwrap();
//! let rules = Rules::default();
//! let clock = Clock { calendar: &calendar, rules: &rules, as_of: day("2026-06-30") };
//! // Monday 1 June to Monday 15 June with a limit of 5 working days; the customer held it from the 3rd to the 9th.
//! let pass = Pass { started_on: day("2026-06-01"), until: day("2026-06-15"), finished: true };
//! let limit = clock.limit_until(pass.started_on, day("2026-06-08"));
//! let claim = Claim {
//!     excludable: true,
//!     ruling: Ruling::Admitted,
//!     began_on: day("2026-06-03"),
//!     ended_on: Some(day("2026-06-09")),
//!     reported_on: Some(day("2026-06-05")),
//!     confirmed_on: None,
//! };
//! let reading = clock.read(&pass, Some(limit), &[claim]);
//! assert_eq!(reading.verdicts[0].verdict, Verdict::Admitted);
//! assert_eq!((reading.gross_wd, reading.excluded_wd, reading.net_wd), (10, 4, 6));
//! assert_eq!((reading.overdue_gross, reading.overdue_net), (Some(true), Some(true)));
//! assert_eq!(reading.breached_on, Some(day("2026-06-15")));
//! ```

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Day};
use crate::rules::limits::{Rule, Unit};
use crate::words::vocabulary;

/// What the performance office has decided about claims.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The causes whose delays can be taken out, such as `customer`.
    pub excludable_causes: Vec<String>,
    /// How a claim that is not ruled on yet is treated.
    pub pending: Pending,
    /// Whether a claim counts only when it was reported by the due date (docs/method.md §4).
    pub require_timely_report: bool,
    /// For how many working days after it was last heard of a claim is believed that has no end and was not admitted.
    pub open_claim_wd: u16,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            excludable_causes: vec!["customer".to_owned()],
            pending: Pending::Admit,
            require_timely_report: true,
            open_claim_wd: 20,
        }
    }
}

/// How a claim that is not ruled on yet is treated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pending {
    /// It counts as admitted.
    #[default]
    Admit,
    /// It counts as not admitted.
    Refuse,
}

impl Pending {
    /// The other setting, under which reports show the rate too.
    pub fn other(self) -> Pending {
        match self {
            Pending::Admit => Pending::Refuse,
            Pending::Refuse => Pending::Admit,
        }
    }
}

vocabulary! {
    /// What the marketing department ruled on a claim.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Ruling {
        /// Not ruled on yet.
        Pending = ["pending", "待核实", "pending"],
        /// The customer did hold the stage up.
        Admitted = ["admitted", "属实", "admitted"],
        /// The customer did not.
        Rejected = ["rejected", "不属实", "rejected"],
    }
}

vocabulary! {
    /// The verdict on a claim against one stage pass: the first rule that fails, in this order.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Verdict {
        /// Its cause is not one whose delays are taken out.
        NotExcludable = ["not_excludable", "不属可剔除原因", "not excludable"],
        /// The marketing department ruled against it.
        Rejected = ["rejected", "核实不属实", "ruled against"],
        /// It is not ruled on, and such claims are refused.
        Pending = ["pending", "待核实", "not ruled on"],
        /// It was never reported, or after the due date.
        LateReport = ["late_report", "未按时报送", "reported late"],
        /// No working day of it lies inside the stage.
        OutsideStage = ["outside_stage", "不在环节期内", "outside the stage"],
        /// It would be admitted, and nobody has ruled on it: its days are taken out for the time being.
        Provisional = ["provisional", "暂剔除（待核实）", "provisional"],
        /// Its days are taken out.
        Admitted = ["admitted", "剔除", "admitted"],
    }
}

impl Verdict {
    /// Whether the days of the claim are taken out.
    pub fn counts(self) -> bool {
        matches!(self, Verdict::Admitted | Verdict::Provisional)
    }
}

/// Whole days `(after, until]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The day that is not counted.
    pub after: Day,
    /// The last day that is.
    pub until: Day,
}

impl Span {
    /// What lies in both spans, if any day does.
    pub fn clip(self, other: Span) -> Option<Span> {
        let span = Span { after: self.after.max(other.after), until: self.until.min(other.until) };
        (span.after < span.until).then_some(span)
    }

    /// The same days as spans that neither overlap nor touch, in order.
    pub fn unite(mut spans: Vec<Span>) -> Vec<Span> {
        spans.sort_unstable();
        let mut united: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            match united.last_mut() {
                Some(last) if span.after <= last.until => last.until = last.until.max(span.until),
                _ => united.push(span),
            }
        }
        united
    }
}

/// One stage pass, as it is known on the as-of day; or an application, seen as one long stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The day it started.
    pub started_on: Day,
    /// The day it finished, was stopped by a cancellation, or is looked at while it is open.
    pub until: Day,
    /// Whether `until` is its finish.
    pub finished: bool,
}

impl Pass {
    /// A pass as it is known at the end of `today`, of an application that is known to be cancelled on `cancelled_on`:
    /// what was still open then stops there.
    pub fn seen(started_on: Day, finished_on: Option<Day>, cancelled_on: Option<Day>, today: Day) -> Pass {
        match (finished_on, cancelled_on) {
            (Some(finish), None) => Pass { started_on, until: finish, finished: true },
            (Some(finish), Some(cancelled)) if finish <= cancelled => {
                Pass { started_on, until: finish, finished: true }
            }
            // One that starts after the cancellation has no day at all.
            (_, Some(cancelled)) => Pass { started_on, until: cancelled, finished: false },
            (None, None) => Pass { started_on, until: today, finished: false },
        }
    }

    fn span(&self) -> Span {
        Span { after: self.started_on, until: self.until }
    }
}

/// How long something may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The limit in working days; negative where the due date precedes the start.
    pub limit_wd: i32,
    /// The day it is due.
    pub due_on: Day,
}

/// A span of time for which somebody else is said to have held a stage up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Whether its cause is one whose delays can be taken out.
    pub excludable: bool,
    /// What the marketing department ruled.
    pub ruling: Ruling,
    /// The day that is not counted.
    pub began_on: Day,
    /// The last day that is; `None`: it is open.
    pub ended_on: Option<Day>,
    /// The day it was reported, if that is known on the as-of day.
    pub reported_on: Option<Day>,
    /// The day it was last confirmed to go on, if that is known on the as-of day.
    pub confirmed_on: Option<Day>,
}

/// The days that a claim stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Covered {
    /// The days that it covers.
    pub span: Span,
    /// The days since then for which nobody has said that it goes on.
    pub lapsed: Option<Span>,
    /// The last day that it is believed, where it has no end and was not admitted; it may lie after the as-of day.
    pub believed_until: Option<Day>,
}

/// What a claim was worth against one pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The first rule that failed, or else whether it is ruled on.
    pub verdict: Verdict,
    /// Working days of the claim inside the pass.
    pub claimed_wd: i32,
    /// The same if they are taken out, else 0.
    pub admitted_wd: i32,
    /// Working days inside the pass for which it is no longer believed.
    pub lapsed_wd: i32,
    /// The days inside the pass.
    pub inside: Option<Span>,
}

/// What the clock shows for one pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Working days from start to finish, or to as-of.
    pub gross_wd: i32,
    /// Working days in the union of the claims that count.
    pub excluded_wd: i32,
    /// Of them, those that would not be taken out if claims that are not ruled on were refused.
    pub provisional_wd: i32,
    /// Working days in the union of all claims of an excludable cause.
    pub claimed_wd: i32,
    /// `gross_wd − excluded_wd`.
    pub net_wd: i32,
    /// The limit; `None`: the pass is not assessed.
    pub limit: Option<Limit>,
    /// The due date pushed out by the days taken out.
    pub effective_due_on: Option<Day>,
    /// Working days from the as-of day to the due date.
    pub due_in_wd: Option<i32>,
    /// Whether the gross time exceeds the limit.
    pub overdue_gross: Option<bool>,
    /// Whether the net time exceeds the limit.
    pub overdue_net: Option<bool>,
    /// Working days by which the net time exceeds the limit, at least 0.
    pub over_wd: Option<i32>,
    /// The first working day on which the net time ran past the limit.
    pub breached_on: Option<Day>,
    /// The day on which the net time reached the limit, if it then exceeded it: the last day that was on time.
    pub at_limit_on: Option<Day>,
    /// The day the outcome was decided.
    pub settled_on: Option<Day>,
    /// One judgement per claim, in the order given.
    pub verdicts: Vec<Judgement>,
    /// The days taken out, united.
    pub excluded: Vec<Span>,
}

/// A calendar, the rules and an as-of day: all that a reading depends on besides the case.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// Working days.
    pub calendar: &'a Calendar,
    /// What counts.
    pub rules: &'a Rules,
    /// The last day that is known.
    pub as_of: Day,
}

impl Clock<'_> {
    /// Working days in a span.
    pub fn working_days(&self, span: Span) -> i32 {
        self.calendar.working_days(span.after, span.until)
    }

    /// The limit of something that starts on `started_on` and is due on `due_on`.
    pub fn limit_until(&self, started_on: Day, due_on: Day) -> Limit {
        Limit { limit_wd: self.calendar.working_days(started_on, due_on), due_on }
    }

    /// The limit of something that starts on `started_on` and may take `limit_wd` working days.
    pub fn limit_of(&self, started_on: Day, limit_wd: i32) -> Limit {
        Limit { limit_wd, due_on: self.calendar.first_day(self.calendar.ordinal(started_on) + limit_wd) }
    }

    /// The limit that a rule sets for what starts on `started_on`.
    pub fn limit_by(&self, rule: &Rule, started_on: Day) -> Limit {
        match rule.unit {
            Unit::WorkingDays => self.limit_of(started_on, rule.limit),
            Unit::CalendarDays => self.limit_until(started_on, started_on.plus_days(rule.limit)),
            Unit::Minutes => unreachable!("only a promise counts minutes, and it has no day"),
        }
    }

    /// The days that a claim stands for: up to its end; while it is open, up to the as-of day if it was admitted, else
    /// for as long as it is believed.
    pub fn covers(&self, claim: &Claim) -> Covered {
        let covered = |until: Day| Span { after: claim.began_on, until };
        if let Some(ended_on) = claim.ended_on {
            return Covered { span: covered(ended_on), lapsed: None, believed_until: None };
        }
        if claim.ruling == Ruling::Admitted {
            return Covered { span: covered(self.as_of), lapsed: None, believed_until: None };
        }
        let heard = [Some(claim.began_on), claim.reported_on, claim.confirmed_on];
        let heard_on = heard.into_iter().flatten().fold(claim.began_on, Day::max);
        let believed_until = self.limit_of(heard_on, i32::from(self.rules.open_claim_wd)).due_on;
        let until = believed_until.min(self.as_of);
        let lapsed = Span { after: until, until: self.as_of };
        Covered {
            span: covered(until),
            lapsed: (until < self.as_of).then_some(lapsed),
            believed_until: Some(believed_until),
        }
    }

    /// Judges one claim against one pass.
    pub fn judge(&self, claim: &Claim, pass: &Pass, due_on: Option<Day>) -> Judgement {
        let covered = self.covers(claim);
        let inside = covered.span.clip(pass.span());
        let worth = |span: Option<Span>| span.map_or(0, |span| self.working_days(span));
        let claimed_wd = worth(inside);
        let in_time = claim.reported_on.is_some_and(|reported| due_on.is_none_or(|due| reported <= due));
        let verdict = if !claim.excludable {
            Verdict::NotExcludable
        } else if claim.ruling == Ruling::Rejected {
            Verdict::Rejected
        } else if claim.ruling == Ruling::Pending && self.rules.pending == Pending::Refuse {
            Verdict::Pending
        } else if self.rules.require_timely_report && !in_time {
            Verdict::LateReport
        } else if claimed_wd == 0 {
            Verdict::OutsideStage
        } else if claim.ruling == Ruling::Pending {
            Verdict::Provisional
        } else {
            Verdict::Admitted
        };
        let admitted_wd = if verdict.counts() { claimed_wd } else { 0 };
        let lapsed_wd = worth(covered.lapsed.and_then(|lapsed| lapsed.clip(pass.span())));
        Judgement { verdict, claimed_wd, admitted_wd, lapsed_wd, inside }
    }

    /// Reads the clock of one pass, given its limit and the claims that concern it.
    pub fn read(&self, pass: &Pass, limit: Option<Limit>, claims: &[Claim]) -> Reading {
        let due_on = limit.map(|limit| limit.due_on);
        let verdicts: Vec<Judgement> = claims.iter().map(|claim| self.judge(claim, pass, due_on)).collect();
        let united = |counts: &dyn Fn(&Claim, &Judgement) -> bool| {
            let pairs = claims.iter().zip(&verdicts);
            Span::unite(
                pairs.filter(|(claim, judged)| counts(claim, judged)).filter_map(|(_, judged)| judged.inside).collect(),
            )
        };
        let excluded = united(&|_, judged| judged.verdict.counts());
        let ruled = united(&|_, judged| judged.verdict == Verdict::Admitted);
        let claimed = united(&|claim, _| claim.excludable);
        let total = |spans: &[Span]| spans.iter().map(|span| self.working_days(*span)).sum::<i32>();

        let gross_wd = self.working_days(pass.span()).max(0);
        let excluded_wd = total(&excluded);
        let net_wd = gross_wd - excluded_wd;
        let over = limit.map(|limit| net_wd - limit.limit_wd);
        let overdue_net = over.map(|over| over > 0);
        let breached_on = limit.and_then(|limit| self.breach(pass, limit.limit_wd, &excluded));
        let finish = pass.finished.then_some(pass.until);
        let settled_on = overdue_net.and_then(|overdue| if overdue { breached_on.or(finish) } else { finish });
        Reading {
            gross_wd,
            excluded_wd,
            provisional_wd: excluded_wd - total(&ruled),
            claimed_wd: total(&claimed),
            net_wd,
            limit,
            effective_due_on: due_on.map(|due_on| self.pushed_out(due_on, excluded_wd)),
            due_in_wd: due_on.map(|due_on| self.calendar.working_days(self.as_of, due_on)),
            overdue_gross: limit.map(|limit| gross_wd > limit.limit_wd),
            overdue_net,
            over_wd: over.map(|over| over.max(0)),
            breached_on,
            at_limit_on: limit
                .filter(|_| overdue_net == Some(true))
                .map(|limit| self.net_day(pass.started_on, limit.limit_wd, &excluded)),
            settled_on,
            verdicts,
            excluded,
        }
    }

    /// The first working day of the pass on which its net time exceeds `limit_wd`, given the days taken out.
    fn breach(&self, pass: &Pass, limit_wd: i32, excluded: &[Span]) -> Option<Day> {
        if limit_wd < 0 {
            // Due before it started: it is late from its first working day.
            return Some(self.calendar.next_working(pass.started_on)).filter(|day| *day <= pass.until);
        }
        Some(self.net_day(pass.started_on, limit_wd + 1, excluded)).filter(|day| *day <= pass.until)
    }

    /// The day on which something that starts on `started_on` has taken `net_wd` working days net of those taken out;
    /// the day itself where it may take none.
    fn net_day(&self, started_on: Day, net_wd: i32, excluded: &[Span]) -> Day {
        if net_wd <= 0 {
            return started_on;
        }
        // Net days that are still to run, from `at` on.
        let (mut to_run, mut at) = (net_wd, started_on);
        for span in excluded {
            let free = self.calendar.working_days(at, span.after);
            if free >= to_run {
                break;
            }
            to_run -= free;
            at = span.until;
        }
        self.calendar.first_day(self.calendar.ordinal(at) + to_run)
    }

    /// The due date pushed out by the days taken out; the date itself where there are none.
    pub fn pushed_out(&self, due_on: Day, excluded_wd: i32) -> Day {
        match excluded_wd {
            0 => due_on,
            days => self.calendar.first_day(self.calendar.ordinal(due_on) + days),
        }
    }
}

#[cfg(test)]
mod tests;
