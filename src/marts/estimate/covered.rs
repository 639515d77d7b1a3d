//! Which intervals are published: those of which a simulation has found that they cover what they say.
//!
//! An interval is given where each mode has at least so many applications, and left blank below that. Each number here is the smallest for which tests/it/stats/coverage.rs finds 93 to
//! 97 %; the test goes through these functions, so that what is tested is what is published. docs/method.md §6 lists them.

use crate::stats::matched::Matched;
use crate::stats::survival::Median;
use crate::stats::{Estimate, Interval};

/// Applications of each mode in a matched difference. Groups of 10 to 16 against more cover 97 to 100 %, or, where few
/// have been energised before the horizon, 89 %.
pub const MATCHED: u64 = 20;
/// Of these, energised before the horizon.
pub const MATCHED_ENERGISED: u64 = 3;
/// Energised applications of each mode in the plain difference and in the Cox regression.
pub const ENERGISED: u64 = 20;
/// Applications in a median.
pub const MEDIAN: u64 = 10;
/// Applications of each mode in an unmatched restricted mean: with 30, normal intervals cover less than 93 %.
pub const MEAN: u64 = 50;
/// Applications of each mode in the share energised, or cancelled, by the horizon. The share still open then has no interval:
/// few are left to judge it by, and it covers less than 93 %.
pub const SHARE: u64 = 200;
/// What a point of the curve of the energised, or not energised, needs.
pub const CURVE: PointNeeds = PointNeeds { cases: 50, either_side: 5 };
/// What a point of the curve of a rare end needs: of the cancelled.
pub const RARE: PointNeeds = PointNeeds { cases: 400, either_side: 3 };
/// Scores behind a share of satisfied customers.
pub const SCORED: u64 = 10;

fn at_least(cases: [u64; 2], needed: u64) -> bool {
    cases.iter().all(|cases| *cases >= needed)
}

/// A matched difference, with its interval where it covers.
pub fn matched(of: Matched) -> Matched {
    let covers = at_least([of.treated, of.control], MATCHED) && at_least(of.ended, MATCHED_ENERGISED);
    let difference = of.difference.map(|found| Estimate { interval: found.interval.filter(|_| covers), ..found });
    Matched { difference, ..of }
}

/// A figure of some applications of each mode, with its interval where each has at least so many.
pub fn enough(of: Estimate, cases: [u64; 2], needed: u64) -> Estimate {
    Estimate { interval: of.interval.filter(|_| at_least(cases, needed)), ..of }
}

/// A median of so many applications, with its ends where they cover.
pub fn median(of: Median, cases: u64) -> Median {
    let ends = |day: Option<i32>| day.filter(|_| cases >= MEDIAN);
    Median { day: of.day, low: ends(of.low), high: ends(of.high) }
}

/// How many applications a mode must have for the interval of a point of its curve.
#[derive(Debug, Clone, Copy)]
pub struct PointNeeds {
    /// In all.
    pub cases: u64,
    /// That have met the end so far, and that are still at risk afterwards.
    pub either_side: u64,
}

/// A point of a curve: how many applications its mode has, and where they are.
#[derive(Debug, Clone, Copy)]
pub struct PointOf {
    /// Applications of the mode.
    pub cases: u64,
    /// Those that have met the end so far.
    pub ended: u64,
    /// Those still at risk afterwards.
    pub left: u64,
}

/// The interval of a point of a curve, where it covers; `needs`: [`CURVE`] or [`RARE`].
pub fn point(interval: Option<Interval>, of: PointOf, needs: PointNeeds) -> Option<Interval> {
    interval.filter(|_| of.cases >= needs.cases && of.ended.min(of.left) >= needs.either_side)
}
