//! Logs that record what happened to a stage instead of its passes: a row when it starts and a row when it completes.
//!
//! The events of one case, stage and instance (and pass, where the export numbers them) are paired in the order of time:
//! a start with the next end that is free, first in, first out. Of one moment a start comes before an end, so the order
//! of the rows does not matter. An end without a start is a pass of no duration, a start without an end is an open pass.
//! What an abort or a withdrawal ends has ended then; without a start it ends nothing. Other transitions make no pass.
//! A row with both times, which differ, is a pass by itself. Every event is counted under what became of it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

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
        let happens = |event: &Event| (event.place(), event.at(), event.transition.happens());
        let who = |event: &Event| (names.text(event.row.department), event.row.handler.map(|name| names.text(name)));
        happens(self)
            .cmp(&happens(other))
            .then_with(|| who(self).cmp(&who(other)))
            .then_with(|| (self.row.due_on, self.row.line).cmp(&(other.row.due_on, other.row.line)))
    }
}

/// What became of the events of a log with a lifecycle.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
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
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set_aside: BTreeMap<&'static str, u64>,
}

impl Lifecycle {
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
        *self.lifecycle.set_aside.entry(event.transition.code()).or_default() += 1;
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
