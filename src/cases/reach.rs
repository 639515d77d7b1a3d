//! How far the exports reach: the newest event of each table, and whether a run that looks at a later day would take
//! what was not exported for what did not happen.
//!
//! An event is something that happened (accepted, started, finished, energised, cancelled), not a promise or a due date.

use serde::{Deserialize, Serialize};

use super::{Case, Cases, Known};
use crate::calendar::{Calendar, Day};

/// Months in which the longest stretch without an event is looked for.
const MONTHS: u32 = 12;

/// Days with events below which nobody can say how often there are some.
const FEWEST_DAYS: usize = 3;

/// How far the exports reach, of what is known on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// The day of the first event.
    pub first: Day,
    /// Acceptances, energisations and cancellations.
    pub applications: Option<Events>,
    /// Starts and finishes of stages.
    pub stages: Option<Events>,
    /// Both together.
    pub all: Events,
}

/// The events of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// The newest day with one.
    pub until: Day,
    /// The longest stretch between two such days in the twelve months up to the newest, in working days; `None`: there are
    /// too few days to tell.
    pub longest_wd: Option<i32>,
}

impl Events {
    /// Working days by which these events end before `day`, where that is more than `fresh_wd` and more than twice the
    /// longest stretch without any.
    pub fn behind(&self, day: Day, fresh_wd: i32, calendar: &Calendar) -> Option<i32> {
        let gap = calendar.working_days(self.until, day);
        (gap > fresh_wd.max(2 * self.longest_wd.unwrap_or_default())).then_some(gap)
    }
}

impl Cases {
    /// The newest event of the exports, whatever day is looked at.
    pub fn newest_event(&self) -> Option<Day> {
        self.known_on(Day::LAST).cases().flat_map(|case| days_of_case(&case).chain(days_of_passes(&case)).max()).max()
    }
}

/// The days on which something happened to an application.
fn days_of_case(case: &Case<'_>) -> impl Iterator<Item = Day> {
    [Some(case.facts.accepted_on), case.ended_on(), case.other_end_on].into_iter().flatten()
}

/// The days on which its stages began and ended.
fn days_of_passes<'a>(case: &Case<'a>) -> impl Iterator<Item = Day> + use<'a> {
    case.passes().flat_map(|pass| [Some(pass.started_on()), pass.finished_on()]).flatten()
}

impl Known<'_> {
    /// How far the exports reach; `None` where nothing has happened yet.
    pub fn reach(self, calendar: &Calendar) -> Option<Reach> {
        let (mut applications, mut stages) = (Days::default(), Days::default());
        for case in self.cases() {
            days_of_case(&case).for_each(|day| applications.add(day));
            days_of_passes(&case).for_each(|day| stages.add(day));
        }
        let all = applications.with(&stages);
        Some(Reach {
            first: all.first()?,
            applications: applications.events(calendar),
            stages: stages.events(calendar),
            all: all.events(calendar)?,
        })
    }
}

/// A set of days.
struct Days(Vec<bool>);

impl Default for Days {
    fn default() -> Days {
        Days(vec![false; (Day::LAST.0 - Day::FIRST.0) as usize + 1])
    }
}

impl Days {
    fn add(&mut self, day: Day) {
        self.0[(day.0 - Day::FIRST.0) as usize] = true;
    }

    fn with(&self, others: &Days) -> Days {
        Days(self.0.iter().zip(&others.0).map(|(own, other)| *own || *other).collect())
    }

    fn in_order(&self) -> impl DoubleEndedIterator<Item = Day> {
        self.0.iter().enumerate().filter(|(_, met)| **met).map(|(at, _)| Day::FIRST.plus_days(at as i32))
    }

    fn first(&self) -> Option<Day> {
        self.in_order().next()
    }

    fn events(&self, calendar: &Calendar) -> Option<Events> {
        let until = self.in_order().next_back()?;
        let since = until.minus_months(MONTHS);
        let days: Vec<Day> = self.in_order().filter(|day| *day >= since).collect();
        let stretches = days.windows(2).map(|pair| calendar.working_days(pair[0], pair[1]));
        let longest_wd = stretches.max().filter(|_| days.len() >= FEWEST_DAYS);
        Some(Events { until, longest_wd })
    }
}
