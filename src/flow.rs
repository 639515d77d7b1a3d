//! The order of the stages in one application: what waited for what, which chain of them made it take as long as it
//! did, and what meeting a limit would have saved. The rules of docs/method.md §8, and nothing else: pure functions of days.
//!
//! - **Before.** A pass is finished before another begins where its finish is not after the other's start: by the time
//!   of day where both are known, by the day where one is not (a time of exactly midnight is a day without a time). It
//!   must also stand before it in the order of start, usual order and pass, so nothing can wait for itself, not even
//!   among passes of no length at the same instant.
//! - **Critical path.** Of the passes that were finished before one began, the one that finished last *determines* it (of
//!   several: the one that started last, then the last in usual order, then the last pass). The path is walked back so
//!   from the energisation. The stage whose finish is the energisation may be closed later that day and determines it all
//!   the same, before what finished together with it; what usually comes after it does not, unless it is known to have
//!   begun and finished before. While an application is open it begins with the latest event: with the finish of a
//!   pass, or with a pass that is still running where nothing finished after its start; never with one that gates
//!   another. One that was cancelled is looked at on the day of its cancellation. What determines nothing is not on the
//!   path.
//! - **Two measures.** In calendar days the time from acceptance to energisation is tiled without a gap: what passed
//!   before the first pass ([`Trace::lead_days`]), then the wait *before* each pass ([`Critical::wait_days`]) and its
//!   work ([`Critical::work_days`]), then what passed after the last ([`Trace::tail_days`]). [`days`] says whose each of
//!   them is; a pass on the path stands for those that are its department's, in working days [`Critical::wd`].
//! - **What if.** A change is followed to the end: every pass keeps its length and its wait, in calendar days, after
//!   the last of all that had finished before it, whether on the path or not. So a gain ends where parallel work would
//!   become critical. The passes of one department are changed together, and each is given what it adds to the gain of
//!   those before it on the path: they add up to what the department would bring, neither more nor less.
//!
//! ```
//! use yekuo::flow::{End, Step, days::Causes, trace};
//! # use yekuo::calendar::Instant;
//! # let calendar = yekuo::config::embedded_calendar("cn").unwrap();
//! # let day = |text: &str| text.parse::<yekuo::calendar::Day>().unwrap();
//! # let at = |text: &str| Instant::at(day(text), 0);
//! let step = |stage, from: &str, to: &str, net_wd, at_limit_on: Option<&str>| Step {
//!     stage,
//!     department: stage,
//!     position: 0,
//!     to_goal: std::cmp::Ordering::Less,
//!     started_at: at(from),
//!     finished_at: Some(at(to)),
//!     until: day(to),
//!     net_wd,
//!     at_limit_on: at_limit_on.map(day),
//! };
//! // All in June 2026; Friday the 19th is a holiday. The works could have been finished on the 12th.
//! let steps = [
//!     step("scheme", "2026-06-01", "2026-06-03", 2, None),
//!     step("contract", "2026-06-04", "2026-06-15", 7, None),
//!     step("works", "2026-06-05", "2026-06-18", 9, Some("2026-06-12")),
//!     step("metering", "2026-06-22", "2026-06-24", 2, None),
//! ];
//! let trace = trace(day("2026-06-01"), &steps, End::Energised(at("2026-06-24")), &Causes::default(), &calendar);
//! // The contract determines nothing: the works finished later.
//! assert_eq!(trace.path, [0, 2, 3]);
//! // Before the works two working days passed, the 4th and the 5th: they were awaited. The Monday after them is the
//! // metering's.
//! assert_eq!(trace.steps[2].waiting_wd, Some(2));
//! let works = trace.steps[2].critical.unwrap();
//! assert_eq!((works.wd, works.wait_days, works.work_days), (2 + 9, 2, 13));
//! // Six days are over the limit, but the contract would have held the metering until the 15th.
//! assert_eq!(works.saved_at_limit_days, 3);
//! ```

pub mod days;
mod outlook;
mod rerun;
mod waits;
mod what_if;

use std::cmp::Ordering;
use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::calendar::{Calendar, Day, Instant};
use crate::words::vocabulary;
use days::{Causes, Split, Stretch};
use waits::Waits;

/// One pass of a stage, as it is known on the as-of day.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The stage's code.
    pub stage: &'a str,
    /// Who does it.
    pub department: &'a str,
    /// Where its stage stands in the usual order.
    pub position: u16,
    /// Where its stage usually stands to that whose finish is the energisation.
    pub to_goal: Ordering,
    /// When it started.
    pub started_at: Instant,
    /// When it finished; `None`: it is open, or was stopped by a cancellation.
    pub finished_at: Option<Instant>,
    /// The day it finished or was stopped, or the as-of day; before its start: it never ran.
    pub until: Day,
    /// Its net working days.
    pub net_wd: i32,
    /// The day on which it reached its limit, where it then ran past it.
    pub at_limit_on: Option<Day>,
}

impl Step<'_> {
    fn started_on(&self) -> Day {
        self.started_at.day()
    }
}

/// How an application stands on the as-of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is open.
    Open,
    /// It was energised then.
    Energised(Instant),
    /// It was cancelled on that day.
    Cancelled(Day),
}

/// What the order of the steps shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// One a step, in their order.
    pub steps: Vec<Traced>,
    /// The steps of the critical path, from the first to the last.
    pub path: Vec<usize>,
    /// Its days along the path, from the acceptance to the energisation, or as far as it has come.
    pub stretches: Vec<Stretch>,
    /// Calendar days from the acceptance to the start of the path, or to the energisation where there is no path;
    /// negative if a stage began before the acceptance. `None`: not energised.
    pub lead_days: Option<i32>,
    /// Calendar days from the end of the path to the energisation. `None`: not energised.
    pub tail_days: Option<i32>,
    /// Calendar days by which the application would have been energised earlier, had every overdue pass of the path,
    /// of any department, finished at its limit. Zero if it is not energised.
    pub saved_at_limits_days: i32,
}

impl Trace {
    /// The calendar days of one that is energised, by whose they are.
    pub fn split(&self) -> Split {
        Split::of(&self.stretches)
    }
}

/// What the order shows about one step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traced {
    /// Whether its stage came before in the application.
    pub rework: bool,
    /// Working days between the latest earlier finish and its start; `None`: nothing had finished.
    pub waiting_wd: Option<i32>,
    /// Its part in the critical path, if it is on it.
    pub critical: Option<Critical>,
}

/// What a step of the critical path stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Critical {
    /// The working days on the path that are its department's: its net days and the queue before it.
    pub wd: i32,
    /// Of them, the queue.
    pub queue_wd: i32,
    /// The queue in calendar days.
    pub queue_days: i32,
    /// Calendar days from its start to its finish, or to the day that is looked at.
    pub work_days: i32,
    /// Calendar days from the finish of the step before it on the path to its start.
    pub wait_days: i32,
    /// Its part in the calendar days that the energisation would have been earlier, had the overdue steps of its
    /// department on the path finished at their limits.
    pub saved_at_limit_days: i32,
    /// The same, had the waits before the steps of its department on the path been halved, in half days.
    pub saved_half_wait_half_days: i32,
}

/// Reads the order of the steps of one application, which come by start, usual order and pass.
pub fn trace(accepted_on: Day, steps: &[Step<'_>], end: End, causes: &Causes<'_>, calendar: &Calendar) -> Trace {
    let energised_at = if let End::Energised(at) = end { Some(at) } else { None };
    let waits = Waits::of(steps, energised_at);
    let mut at = match end {
        End::Energised(_) => waits.gate[steps.len()],
        End::Cancelled(_) | End::Open => latest_event(steps, &waits.gate),
    };
    let mut path = Vec::new();
    while let Some(step) = at {
        path.push(step);
        at = waits.gate[step];
    }
    path.reverse();

    let mut begun: HashSet<&str, FixedState> = HashSet::default();
    let mut traced: Vec<Traced> = steps
        .iter()
        .enumerate()
        .map(|(at, step)| Traced {
            rework: !begun.insert(step.stage),
            waiting_wd: waits.gate[at].map(|gate| calendar.working_days(steps[gate].until, step.started_on())),
            critical: None,
        })
        .collect();
    for (place, &at) in path.iter().enumerate() {
        let step = &steps[at];
        let before = place.checked_sub(1).map(|before| steps[path[before]].until);
        traced[at].critical = Some(Critical {
            work_days: step.until.0 - step.started_on().0,
            wait_days: before.map_or(0, |before| step.started_on().0 - before.0),
            ..Critical::default()
        });
    }
    let stretches = days::stretches(accepted_on, steps, &path, end, causes);
    charge(&mut traced, &stretches, calendar);
    let mut trace = Trace { steps: traced, path, stretches, lead_days: None, tail_days: None, saved_at_limits_days: 0 };
    if let Some(energised_on) = energised_at.map(Instant::day) {
        let begins = trace.path.first().map_or(energised_on, |first| steps[*first].started_on());
        let ends = trace.path.last().map_or(energised_on, |last| steps[*last].until);
        trace.lead_days = Some(begins.0 - accepted_on.0);
        trace.tail_days = Some(energised_on.0 - ends.0);
        what_if::fill(&mut trace, steps, &waits, energised_on);
    }
    trace
}

/// Gives every step of the path the days that are its department's.
fn charge(traced: &mut [Traced], stretches: &[Stretch], calendar: &Calendar) {
    for stretch in stretches.iter().filter(|stretch| stretch.is_charged) {
        let Some(critical) = stretch.step.and_then(|at| traced[at].critical.as_mut()) else { continue };
        let wd = calendar.working_days(stretch.after, stretch.until);
        critical.wd += wd;
        if stretch.is_wait {
            critical.queue_wd += wd;
            critical.queue_days += stretch.days();
        }
    }
}

/// Whether what finished was done when what started began.
fn precedes(finished_at: Instant, started_at: Instant) -> bool {
    let day_only = started_at == Instant::at(started_at.day(), 0);
    // A finish without a time is not after any start of its day.
    finished_at <= started_at || (day_only && finished_at.day() == started_at.day())
}

/// Whether a step that finished then was done when the supply went live.
fn precedes_energisation(step: &Step<'_>, finished_at: Instant, energised_at: Instant) -> bool {
    let done = precedes(step.started_at, energised_at) && precedes(finished_at, energised_at);
    match step.to_goal {
        Ordering::Less => done,
        // The work is done when the supply goes live, and written down minutes later.
        Ordering::Equal => done || finished_at.day() == energised_at.day(),
        Ordering::Greater => done && !precedes(energised_at, step.started_at),
    }
}

/// The step with which the path of an application that is not energised ends.
fn latest_event(steps: &[Step<'_>], gate: &[Option<usize>]) -> Option<usize> {
    let ran = |step: &Step<'_>| step.finished_at.is_some() || step.started_on() <= step.until;
    let running = steps.iter().rposition(|step| step.finished_at.is_none() && ran(step));
    // Of two that finished on one day without times of day, the one that waited for the other is the later.
    let gates: HashSet<usize> =
        steps.iter().zip(gate).filter(|(step, _)| ran(step)).filter_map(|(_, gate)| *gate).collect();
    let finished = steps.iter().enumerate().filter_map(|(at, step)| Some((step.finished_at?, at)));
    let finished = finished.filter(|(_, at)| !gates.contains(at)).max();
    match (running, finished) {
        (Some(running), Some((finished_at, at))) => {
            Some(if precedes(finished_at, steps[running].started_at) { running } else { at })
        }
        (running, finished) => running.or(finished.map(|(_, at)| at)),
    }
}

/// One step directly after another, in the order of start, usual order and pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The step before; `None`: the acceptance.
    pub from: Option<usize>,
    /// The step after; `None`: the end of the application.
    pub to: Option<usize>,
    /// What sort of step this is.
    pub kind: EdgeKind,
    /// Whether the stage that follows came before in the application, wherever.
    pub rework: bool,
    /// Whether the step after began before the one before had finished.
    pub overlap: bool,
    /// Working days from the finish of the one before (its start where it has no finish) to the start of the one
    /// after, zero if they overlap. `None` at the end.
    pub wd: Option<i32>,
    /// The same in calendar days.
    pub days: Option<i32>,
}

vocabulary! {
    /// What sort of step leads from one stage to the next.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum EdgeKind {
        /// From the acceptance to the first stage.
        Start = ["start", "开始", "start"],
        /// To another stage that does not usually come earlier.
        Next = ["next", "顺序", "onward"],
        /// To a stage that usually comes earlier.
        Back = ["back", "退回", "back"],
        /// To the same stage.
        Again = ["again", "重办", "again"],
        /// From the last stage of an application that was energised.
        End = ["end", "结束", "end"],
        /// From the last stage of one that was cancelled.
        Cancelled = ["cancelled", "已撤销", "cancelled"],
    }
}

/// The steps as pairs that directly follow each other, with the acceptance before the first and, once the application
/// has ended, its end after the last. An application without steps has none.
pub fn edges(
    accepted_on: Day,
    steps: &[Step<'_>],
    traced: &[Traced],
    end: End,
    calendar: &Calendar,
) -> impl Iterator<Item = Edge> {
    let follows = move |to: usize| {
        let (from, step) = (to.checked_sub(1), &steps[to]);
        let (kind, since, overlap) = match from.map(|from| &steps[from]) {
            None => (EdgeKind::Start, accepted_on, step.started_on() < accepted_on),
            Some(before) => {
                let kind = if before.stage == step.stage {
                    EdgeKind::Again
                } else if step.position < before.position {
                    EdgeKind::Back
                } else {
                    EdgeKind::Next
                };
                let overlap = before.finished_at.is_none_or(|finished_at| !precedes(finished_at, step.started_at));
                (kind, before.finished_at.unwrap_or(before.started_at).day(), overlap)
            }
        };
        let until = step.started_on().max(since);
        let (wd, days) = (Some(calendar.working_days(since, until)), Some(until.0 - since.0));
        Edge { from, to: Some(to), kind, rework: traced[to].rework, overlap, wd, days }
    };
    let last = match end {
        End::Open => None,
        End::Energised(_) => Some(EdgeKind::End),
        End::Cancelled(_) => Some(EdgeKind::Cancelled),
    };
    let ends = last.zip(steps.len().checked_sub(1)).map(|(kind, from)| Edge {
        from: Some(from),
        to: None,
        kind,
        rework: false,
        overlap: false,
        wd: None,
        days: None,
    });
    (0..steps.len()).map(follows).chain(ends)
}

/// The stages of an application in their order: `survey→scheme→scheme`; `None`: there is none on record.
pub fn variant(steps: &[Step<'_>]) -> Option<String> {
    let stages: Vec<&str> = steps.iter().map(|step| step.stage).collect();
    (!stages.is_empty()).then(|| stages.join(BETWEEN_STAGES))
}

/// What stands between the stages of a [`variant`].
pub const BETWEEN_STAGES: &str = "→";

#[cfg(test)]
mod tests;
