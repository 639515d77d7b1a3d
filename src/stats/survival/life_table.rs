//! When cases ended: the days on which something happened.

use std::collections::BTreeMap;

/// How the watching of a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the end that is asked about.
    Event,
    /// With another end, after which that one cannot come.
    Competing,
    /// Without an end: it is still open.
    Censored,
}

/// A day on which something happened, or day 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Days since the beginning of each case.
    pub day: i32,
    /// Cases that had no end before this day and were still watched on it.
    pub at_risk: u64,
    /// Those that met the end on it.
    pub events: u64,
    /// Those that met the other end on it.
    pub competing: u64,
    /// Those last seen on it.
    pub censored: u64,
}

impl Moment {
    /// Those still at risk after it.
    pub fn left(&self) -> u64 {
        self.at_risk - self.events - self.competing - self.censored
    }
}

/// When cases ended, day by day; begins with day 0 unless there is no case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifeTable {
    pub(super) moments: Vec<Moment>,
}

/// Cases as days and how they ended, in any order.
impl FromIterator<(i32, End)> for LifeTable {
    fn from_iter<I: IntoIterator<Item = (i32, End)>>(cases: I) -> LifeTable {
        cases.into_iter().map(|(day, end)| (day, end, 1)).collect()
    }
}

/// Days, how cases ended then, and how many did, in any order.
impl FromIterator<(i32, End, u64)> for LifeTable {
    fn from_iter<I: IntoIterator<Item = (i32, End, u64)>>(cases: I) -> LifeTable {
        let mut days: BTreeMap<i32, [u64; 3]> = BTreeMap::new();
        for (day, end, n) in cases {
            let place = match end {
                End::Event => 0,
                End::Competing => 1,
                End::Censored => 2,
            };
            days.entry(day).or_default()[place] += n;
        }
        if days.keys().next().is_some_and(|first| *first > 0) {
            days.insert(0, [0; 3]);
        }
        let mut at_risk: u64 = days.values().flatten().sum();
        let moments = days.into_iter().map(|(day, [events, competing, censored])| {
            let moment = Moment { day, at_risk, events, competing, censored };
            at_risk -= events + competing + censored;
            moment
        });
        LifeTable { moments: moments.collect() }
    }
}

impl LifeTable {
    /// The days on which something happened, in order.
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// How many cases there are.
    pub fn cases(&self) -> u64 {
        self.moments.first().map_or(0, |first| first.at_risk)
    }

    /// The longest that a case was watched; `None` without cases.
    pub fn last_day(&self) -> Option<i32> {
        self.moments.last().map(|last| last.day)
    }

    /// The last day on which at least so many cases were at risk; `None` where there never were, or none is asked for.
    pub fn last_day_with(&self, at_risk: u64) -> Option<i32> {
        let enough = |moment: &&Moment| moment.at_risk >= at_risk.max(1);
        self.moments.iter().rfind(enough).map(|moment| moment.day)
    }

    /// How many cases were at risk on a day.
    pub fn at_risk(&self, day: i32) -> u64 {
        let next = self.moments.partition_point(|moment| moment.day < day);
        self.moments.get(next).map_or(0, |moment| moment.at_risk)
    }

    /// How many met the end before a day.
    pub fn events_before(&self, day: i32) -> u64 {
        self.moments.iter().take_while(|moment| moment.day < day).map(|moment| moment.events).sum()
    }

    /// The table in which both ends are the one asked about.
    pub fn any_end(&self) -> LifeTable {
        let both = |moment: &Moment| Moment { events: moment.events + moment.competing, competing: 0, ..*moment };
        LifeTable { moments: self.moments.iter().map(both).collect() }
    }
}

/// The longest time up to which each of some groups still has so many cases at risk; `None` where one never has.
///
/// ```
/// use yekuo::stats::survival::{End, LifeTable, common_horizon};
/// let a: LifeTable = [(2, End::Event), (3, End::Censored), (9, End::Event)].into_iter().collect();
/// let b: LifeTable = [(4, End::Event), (4, End::Event), (7, End::Event)].into_iter().collect();
/// assert_eq!(common_horizon([&a, &b], 2), Some(3)); // of a, two are at risk on day 3 and one after it
/// assert_eq!(common_horizon([&a, &b], 1), Some(7));
/// assert_eq!(common_horizon([&a, &b], 4), None);
/// ```
pub fn common_horizon<'a>(groups: impl IntoIterator<Item = &'a LifeTable>, at_risk: u64) -> Option<i32> {
    let mut horizon = None;
    for group in groups {
        let last = group.last_day_with(at_risk)?;
        horizon = Some(horizon.map_or(last, |known: i32| known.min(last)));
    }
    horizon
}
