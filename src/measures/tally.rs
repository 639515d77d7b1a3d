//! How often each value comes: what percentiles, medians and concentrations are made of.
//!
//! An engine groups the cases by value and counts them, so that a million cases are as many rows as there are different
//! values.

use super::Datum;
use crate::stats;

/// The values of some cases and how often each comes, from the least value on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    values: Vec<(Datum, u64)>,
}

impl FromIterator<(Datum, u64)> for Tally {
    /// Of values in any order, each once; those that are nothing are left out.
    fn from_iter<I: IntoIterator<Item = (Datum, u64)>>(values: I) -> Tally {
        let mut values: Vec<(Datum, u64)> = values.into_iter().filter(|(value, _)| !value.is_null()).collect();
        values.sort_by(|(a, _), (b, _)| a.number().unwrap_or(0.0).total_cmp(&b.number().unwrap_or(0.0)));
        Tally { values }
    }
}

impl Tally {
    /// How many cases there are.
    pub fn cases(&self) -> u64 {
        self.values.iter().map(|(_, n)| n).sum()
    }

    /// How many different values there are.
    pub fn distinct(&self) -> u64 {
        self.values.len() as u64
    }

    /// The percentile (0–100) by linear interpolation between the two nearest; nothing of none.
    ///
    /// ```
    /// use yekuo::measures::{Datum, tally::Tally};
    /// // 9 and 11: 9 + 0.8 × (11 − 9).
    /// let days: Tally = [(Datum::Whole(9), 1), (Datum::Whole(11), 1)].into_iter().collect();
    /// assert_eq!(days.percentile(80), Datum::Real(10.6));
    /// ```
    pub fn percentile(&self, percent: u8) -> Datum {
        let numbers = self.values.iter().filter_map(|(value, n)| value.number().map(|number| (number, *n)));
        let numbers: Vec<(f64, u64)> = numbers.collect();
        Datum::real(stats::percentile_of_counts(&numbers, u64::from(percent) * 10))
    }

    /// How many cases lie above a number.
    pub fn above(&self, limit: f64) -> u64 {
        let above = self.values.iter().filter(|(value, _)| value.number().is_some_and(|number| number > limit));
        above.map(|(_, n)| n).sum()
    }

    /// The share of the most frequent value; nothing of none.
    pub fn top_share(&self) -> Datum {
        let most = self.values.iter().map(|(_, n)| *n).max();
        Datum::real(most.map(|most| most as f64 / self.cases() as f64))
    }

    /// Σ share² (Herfindahl–Hirschman index, 0–1); nothing of none.
    pub fn concentration(&self) -> Datum {
        let cases = self.cases();
        let squares: u64 = self.values.iter().map(|(_, n)| n * n).sum();
        Datum::real((cases > 0).then(|| squares as f64 / (cases * cases) as f64))
    }
}

/// What is expected of some cases, of which each has a share of its own: a part and a whole of others, and how many cases
/// have the same; in a fixed order.
pub fn expected(shares: &[(f64, f64, u64)]) -> Datum {
    let of = |(part, whole, n): &(f64, f64, u64)| (*whole != 0.0).then(|| part / whole * *n as f64);
    Datum::real((!shares.is_empty()).then(|| shares.iter().filter_map(of).sum()))
}

/// Values with a weight each, and how often both come together, in a fixed order.
///
/// Weights and values can be any numbers: added up in the order of the engine's keys, their sums are always the same.
pub fn weighted_mean(pairs: &[(f64, f64, u64)]) -> Datum {
    let whole: f64 = pairs.iter().map(|(_, weight, n)| weight * *n as f64).sum();
    let weighted: f64 = pairs.iter().map(|(value, weight, n)| value * weight * *n as f64).sum();
    Datum::real((whole != 0.0).then(|| weighted / whole))
}
