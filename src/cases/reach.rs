//! How far the exports reach: the newest event of each table, and whether a run that looks at a later day would take
//! what was not exported for what did not happen.
//!
//! An event is something that happened (accepted, started, finished, energised, cancelled), not a promise or a due date.

use serde::{Deserialize, Serialize};

use std::ops::RangeInclusive;

use super::events::{EventLog, Noted};
use super::{Bucket, Case, Cases, Known, StagePass};
use crate::calendar::{Calendar, Day};
use crate::error::Result;

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

/// What is to be known of all cases before any of them is judged.
pub struct Overview {
    /// What was made of the events of the exports.
    pub events: EventLog,
    /// How far the exports reach, of what is known on the day; `None`: nothing has happened yet.
    pub reach: Option<Reach>,
    /// The newest event of the exports, whatever day is looked at.
    pub newest: Option<Day>,
}

impl Cases<'_> {
    /// Goes through all cases once, as they are known on a day; what `beside` makes of each bucket by the way goes to `take`.
    pub fn overview<T: Send>(
        &self,
        on: Day,
        calendar: &Calendar,
        beside: impl Fn(&Bucket) -> T + Sync,
        mut take: impl FnMut(T),
    ) -> Result<Overview> {
        let (known, whenever) = (self.known_on(on), self.known_on(Day::LAST));
        let (mut noted, mut applications, mut stages) = (Noted::default(), Days::default(), Days::default());
        let mut newest = None;
        let look = |bucket: &Bucket| {
            let happened =
                whenever.cases_of(bucket).flat_map(|case| days_of_case(&case).chain(days_of_passes(&case)).max());
            let mut own = Noted::default();
            own.add(&bucket.noted);
            Ok((own, known.days_of(bucket), happened.max(), beside(bucket)))
        };
        known.in_buckets(look, |(own, (of_applications, of_stages), own_newest, made)| {
            noted.add(&own);
            applications.join(&of_applications);
            stages.join(&of_stages);
            newest = newest.max(own_newest);
            take(made);
            Ok(())
        })?;
        Ok(Overview { events: self.event_log(noted), reach: reach(&applications, &stages, calendar), newest })
    }

    /// The first and the last day on which an application or a stage was begun.
    pub fn begun(&self) -> Result<Option<RangeInclusive<Day>>> {
        let mut all: Option<RangeInclusive<Day>> = None;
        let begun = |bucket: &Bucket| {
            let accepted = bucket.applications.iter().map(|application| application.facts.accepted_on);
            let days = || accepted.clone().chain(bucket.passes.iter().map(StagePass::started_on));
            Ok(days().min().zip(days().max()))
        };
        self.known_on(Day::LAST).in_buckets(begun, |own| {
            let known = all.iter().flat_map(|days| [*days.start(), *days.end()]);
            let days: Vec<Day> = known.chain(own.into_iter().flat_map(|(first, last)| [first, last])).collect();
            all = days.iter().min().zip(days.iter().max()).map(|(first, last)| *first..=*last);
            Ok(())
        })?;
        Ok(all)
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
    /// The days on which something happened to the applications of a bucket, and to their stages.
    fn days_of(self, bucket: &Bucket) -> (Days, Days) {
        let (mut applications, mut stages) = (Days::default(), Days::default());
        for case in self.cases_of(bucket) {
            days_of_case(&case).for_each(|day| applications.add(day));
            days_of_passes(&case).for_each(|day| stages.add(day));
        }
        (applications, stages)
    }
}

/// How far the exports reach; `None` where nothing has happened yet.
fn reach(applications: &Days, stages: &Days, calendar: &Calendar) -> Option<Reach> {
    let mut all = Days::default();
    [applications, stages].into_iter().for_each(|days| all.join(days));
    Some(Reach {
        first: all.first()?,
        applications: applications.events(calendar),
        stages: stages.events(calendar),
        all: all.events(calendar)?,
    })
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

    fn join(&mut self, others: &Days) {
        self.0.iter_mut().zip(&others.0).for_each(|(own, other)| *own |= *other);
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
