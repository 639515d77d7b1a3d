//! What must be counted of all applications before any of them is judged: which are compared with which, and what became
//! of the like of an open one.

use std::collections::BTreeMap;

use super::bucket::stratum;
use super::forecasts;
use crate::calendar::{Calendar, Day};
use crate::cases::{Bucket, Cases, Extent, Known, Name};
use crate::error::Result;
use crate::forecast::History;
use crate::rules::strata::{Groups, Sizes};

/// What is counted of all applications beforehand.
pub struct Beforehand<'a> {
    /// The days that any figure is counted from or to.
    pub extent: Extent,
    /// The applications that the as-of day hides.
    pub(super) later: u64,
    /// The applications of each bureau.
    pub bureaus: BTreeMap<Name, u64>,
    sizes: Sizes,
    pub(super) history: History<'a>,
}

impl<'a> Beforehand<'a> {
    /// Nothing has been counted yet.
    pub fn new(calendar: &'a Calendar, as_of: Day) -> Beforehand<'a> {
        let extent = Extent { first: as_of, last: as_of };
        Beforehand {
            extent,
            later: 0,
            bureaus: BTreeMap::new(),
            sizes: Sizes::default(),
            history: History::new(calendar),
        }
    }

    /// Goes through all applications once, as they are known on a day.
    pub fn count(cases: &Cases<'_>, calendar: &'a Calendar, as_of: Day) -> Result<Beforehand<'a>> {
        let known = cases.known_on(as_of);
        let mut all = Beforehand::new(calendar, as_of);
        known.in_buckets(
            |bucket| Ok(Beforehand::of(known, bucket, calendar)),
            |own| {
                all.add(own);
                Ok(())
            },
        )?;
        Ok(all)
    }

    /// Counts the applications of a bucket.
    pub fn of(known: Known<'_>, bucket: &Bucket, calendar: &'a Calendar) -> Beforehand<'a> {
        let mut own = Beforehand::new(calendar, known.day());
        let numbers = forecasts::numbers(known);
        for case in known.cases_of(bucket) {
            *own.bureaus.entry(case.facts.bureau).or_default() += 1;
            own.sizes.add(stratum(&case), case.facts.served());
            forecasts::remember(&case, &numbers, &mut own.history);
        }
        Beforehand { extent: known.extent_of(bucket), later: known.later_of(bucket), ..own }
    }

    /// Adds the applications of another bucket.
    pub fn add(&mut self, others: Beforehand<'a>) {
        self.extent = self.extent.with(others.extent);
        self.later += others.later;
        for (bureau, applications) in others.bureaus {
            *self.bureaus.entry(bureau).or_default() += applications;
        }
        self.sizes.join(others.sizes);
        self.history.join(others.history);
    }

    /// Which applications are compared with which.
    pub(super) fn groups(&self, min_arm: u64) -> Groups {
        self.sizes.clone().groups(min_arm)
    }
}
