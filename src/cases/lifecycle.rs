//! Logs that record what happened to a stage instead of its passes: a row when it starts and a row when it completes.
//!
//! The events of one case, stage and instance (and pass, where the export numbers them) are paired in the order of time:
//! a start with the next end that is free, first in, first out. Of one moment a start comes before an end, so the order
//! of the rows does not matter. An end without a start is a pass of no duration, a start without an end is an open pass.
//! What an abort or a withdrawal ends has ended then; without a start it ends nothing. Other transitions make no pass.
//! A row with both times, which differ, is a pass by itself. Every event is counted under what became of it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Name, Names, StagePass};
use crate::calendar::Instant;
use crate::rules::vocabulary::{Happens, Transition};

/// An event of a stage.
pub(super) struct Event {
    /// What happened.
    pub transition: Transition,
    /// Which of several that run at the same time it happened to.
    pub instance: Option<Name>,
    /// The row as if it were a pass.
    pub row: StagePass,
}

impl Event {
    /// When it happened: where a log keeps starts and ends in columns of their own, in the one that is meant.
    fn at(&self) -> Instant {
        match self.transition.happens() {
            Happens::Begins | Happens::Nothing => self.row.started_at,
            Happens::Ends | Happens::Stops => self.row.finished_at.unwrap_or(self.row.started_at),
        }
    }

    /// Whether the row tells a whole pass.
    fn is_whole(&self) -> bool {
        self.row.finished_at.is_some_and(|finished_at| finished_at != self.row.started_at)
    }

    /// What must be the same of the events of one pass.
    fn place(&self) -> (u32, Name, Option<Name>, u32) {
        (self.row.application, self.row.stage, self.instance, self.row.pass)
    }

    /// In the order in which they are paired. What the rows say decides between those of one moment, not their order.
    fn cmp(&self, other: &Event, names: &Names) -> Ordering {
        let happens = |event: &Event| (event.place(), event.at(), event.transition.happens(), event.transition);
        let who = |event: &Event| (names.text(event.row.department), event.row.handler.map(|name| names.text(name)));
        happens(self)
            .cmp(&happens(other))
            .then_with(|| who(self).cmp(&who(other)))
            .then_with(|| (self.row.due_on, self.row.line).cmp(&(other.row.due_on, other.row.line)))
    }
}

/// What became of the events of a log with a lifecycle.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// Events.
    pub events: u64,
    /// Passes of a start and a complete.
    pub paired: u64,
    /// Passes of a start and an abort or a withdrawal.
    pub stopped: u64,
    /// Passes of a start alone, which are open.
    pub started_only: u64,
    /// Passes of a complete alone, which have no duration.
    pub completed_only: u64,
    /// Passes of a row that has a start and an end.
    pub whole: u64,
    /// Events that make no pass, by transition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<Transition, u64>,
}

impl Lifecycle {
    /// Adds what became of others.
    pub(super) fn add(&mut self, others: &Lifecycle) {
        let Lifecycle { events, paired, stopped, started_only, completed_only, whole, set_aside } = others;
        self.events += events;
        self.paired += paired;
        self.stopped += stopped;
        self.started_only += started_only;
        self.completed_only += completed_only;
        self.whole += whole;
        for (transition, count) in set_aside {
            *self.set_aside.entry(*transition).or_default() += count;
        }
    }

    /// Whether there are starts and completes, of which none belong together.
    pub fn pairs_nothing(&self) -> bool {
        self.paired + self.stopped == 0 && self.started_only > 0 && self.completed_only > 0
    }
}

/// The passes that events make.
#[derive(Default)]
pub(super) struct Paired {
    /// Those with a start.
    pub begun: Vec<StagePass>,
    /// Those of which only the end is known; they start with it.
    pub only_ended: Vec<StagePass>,
    /// What became of the events.
    pub lifecycle: Lifecycle,
    /// The first event that makes no pass, by application: it happened all the same.
    pub first_aside: HashMap<u32, Instant>,
}

/// Pairs the events of all cases. A department that stands for none, `unknown`, gives way to that of the end.
pub(super) fn pair(mut events: Vec<Event>, names: &Names, unknown: Option<&str>) -> Paired {
    let mut paired = Paired::default();
    paired.lifecycle.events = events.len() as u64;
    events.retain(|event| {
        let happens = event.transition.happens();
        if happens == Happens::Nothing {
            paired.set_aside(event);
        } else if event.is_whole() {
            paired.lifecycle.whole += 1;
            paired.begun.push(event.row);
        } else {
            return true;
        }
        false
    });
    events.sort_unstable_by(|a, b| a.cmp(b, names));
    for group in events.chunk_by(|a, b| a.place() == b.place()) {
        paired.add(group, names, unknown);
    }
    paired
}

impl Paired {
    /// Adds the events of one place, in their order.
    fn add(&mut self, group: &[Event], names: &Names, unknown: Option<&str>) {
        let mut running: VecDeque<&Event> = VecDeque::new();
        for event in group {
            let happens = event.transition.happens();
            if happens == Happens::Begins {
                running.push_back(event);
                continue;
            }
            match (running.pop_front(), happens) {
                (Some(start), _) => {
                    *(if happens == Happens::Ends {
                        &mut self.lifecycle.paired
                    } else {
                        &mut self.lifecycle.stopped
                    }) += 1;
                    self.begun.push(joined(start, event, names, unknown));
                }
                (None, Happens::Ends) => {
                    self.lifecycle.completed_only += 1;
                    let at = event.at();
                    self.only_ended.push(StagePass { started_at: at, finished_at: Some(at), ..event.row });
                }
                (None, _) => self.set_aside(event),
            }
        }
        self.lifecycle.started_only += running.len() as u64;
        self.begun.extend(running.into_iter().map(|start| StagePass { finished_at: None, ..start.row }));
    }

    fn set_aside(&mut self, event: &Event) {
        *self.lifecycle.set_aside.entry(event.transition).or_default() += 1;
        let first = self.first_aside.entry(event.row.application).or_insert(event.at());
        *first = event.at().min(*first);
    }
}

/// The pass of a start and its end: what the start does not say, the end does.
fn joined(start: &Event, end: &Event, names: &Names, unknown: Option<&str>) -> StagePass {
    let is_unknown = unknown.is_some_and(|unknown| names.text(start.row.department) == unknown);
    StagePass {
        department: if is_unknown { end.row.department } else { start.row.department },
        handler: start.row.handler.or(end.row.handler),
        due_on: start.row.due_on.or(end.row.due_on),
        finished_at: Some(end.at()),
        ..start.row
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::Day;

    /// An event of a stage at a minute, done by a department.
    fn event(names: &mut Names, at: i64, transition: Transition, department: &str, line: u32) -> Event {
        let stage = names.number("survey");
        let row = StagePass {
            stage,
            pass: 0,
            department: names.number(department),
            handler: None,
            started_at: Instant::at(Day::FIRST, 60 * at),
            start_taken: false,
            finished_at: None,
            due_on: None,
            planned_start_on: None,
            position: 0,
            to_goal: Ordering::Less,
            application: 0,
            line,
        };
        Event { transition, instance: None, row }
    }

    fn minute(at: Instant) -> i64 {
        (at.0 - Instant::at(Day::FIRST, 0).0) / 60_000_000
    }

    /// From which minute to which the passes last, in their order.
    fn spans(paired: &Paired) -> Vec<(i64, Option<i64>)> {
        let passes = paired.begun.iter().chain(&paired.only_ended);
        let mut spans: Vec<_> = passes.map(|pass| (minute(pass.started_at), pass.finished_at.map(minute))).collect();
        spans.sort_unstable();
        spans
    }

    fn paired(told: &[(i64, Transition)]) -> Paired {
        let mut names = Names::default();
        let events = told.iter().enumerate();
        let events = events.map(|(line, (at, what))| event(&mut names, *at, *what, "East", line as u32)).collect();
        pair(events, &names, None)
    }

    #[test]
    fn a_start_and_the_next_complete_are_one_pass() {
        use Transition::{AteAbort, Complete, Resume, Start, Suspend, Withdraw};
        for (told, expected) in [
            (&[(1, Start), (5, Complete)][..], &[(1, Some(5))][..]),
            // In whatever order the rows stand, also of one moment.
            (&[(5, Complete), (1, Start)], &[(1, Some(5))]),
            (&[(3, Complete), (3, Start)], &[(3, Some(3))]),
            (&[(1, Start), (4, Complete), (4, Start), (9, Complete)], &[(1, Some(4)), (4, Some(9))]),
            // First in, first out.
            (&[(1, Start), (2, Start), (5, Complete), (9, Complete)], &[(1, Some(5)), (2, Some(9))]),
            (&[(2, Complete), (3, Start)], &[(2, Some(2)), (3, None)]),
            (&[(1, Start), (2, Start), (5, Complete)], &[(1, Some(5)), (2, None)]),
            (&[(1, Start), (2, Suspend), (3, Resume), (5, AteAbort), (6, Withdraw)], &[(1, Some(5))]),
        ] {
            assert_eq!(spans(&paired(told)), expected, "{told:?}");
        }
        let counted = paired(&[(1, Start), (2, Suspend), (5, AteAbort), (6, Withdraw), (7, Complete)]).lifecycle;
        let set_aside = BTreeMap::from([(Suspend, 1), (Withdraw, 1)]);
        let expected = Lifecycle { events: 5, stopped: 1, completed_only: 1, set_aside, ..Lifecycle::default() };
        assert_eq!(counted, expected);
    }

    #[test]
    fn instances_are_paired_apart() {
        let mut names = Names::default();
        let instances = [names.number("a"), names.number("b")];
        let mut told = Vec::new();
        for (at, transition, instance) in [
            (1, Transition::Start, 0),
            (2, Transition::Start, 1),
            (3, Transition::Complete, 1),
            (9, Transition::Complete, 0),
        ] {
            let event = event(&mut names, at, transition, "East", 0);
            told.push(Event { instance: Some(instances[instance]), ..event });
        }
        assert_eq!(spans(&pair(told, &names, None)), [(1, Some(9)), (2, Some(3))]);
    }

    #[test]
    fn the_start_says_who_unless_it_says_nothing() {
        for (unknown, expected) in [(None, "(unknown)"), (Some("(unknown)"), "East")] {
            let mut names = Names::default();
            let start = event(&mut names, 1, Transition::Start, "(unknown)", 1);
            let end = event(&mut names, 2, Transition::Complete, "East", 2);
            let handler = Some(names.number("Li"));
            let end = Event { row: StagePass { handler, ..end.row }, ..end };
            let paired = pair(vec![start, end], &names, unknown);
            assert_eq!(names.text(paired.begun[0].department), expected);
            assert_eq!((paired.begun[0].handler, paired.begun[0].line), (handler, 1));
        }
    }

    #[test]
    fn a_row_with_both_times_is_a_pass_by_itself() {
        let mut names = Names::default();
        let row = event(&mut names, 1, Transition::Complete, "East", 1);
        let finished_at = Some(Instant::at(Day::FIRST, 540));
        let whole = Event { row: StagePass { finished_at, ..row.row }, ..row };
        let start = event(&mut names, 0, Transition::Start, "East", 2);
        let paired = pair(vec![start, whole], &names, None);
        assert_eq!(spans(&paired), [(0, None), (1, Some(9))]);
        assert_eq!((paired.lifecycle.whole, paired.lifecycle.started_only), (1, 1));
    }

    proptest! {
        /// Every event is counted once, and the order of the rows moves no pass.
        #[test]
        fn nothing_is_lost_in_any_order(
            told in prop::collection::vec((0_i64..6, prop::sample::select(Transition::ALL.to_vec())), 0..24)
                .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle()))
        ) {
            let (one, other) = (paired(&told.0), paired(&told.1));
            prop_assert_eq!(spans(&one), spans(&other));
            prop_assert_eq!(&one.lifecycle, &other.lifecycle);
            let Lifecycle { events, paired, stopped, started_only, completed_only, whole, set_aside } = one.lifecycle;
            let aside: u64 = set_aside.values().sum();
            prop_assert_eq!(events, 2 * (paired + stopped) + started_only + completed_only + whole + aside);
        }
    }
}
