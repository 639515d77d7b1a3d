//! The shares that have met each of two ends (Aalen–Johansen).

use super::life_table::{LifeTable, Moment};
use crate::stats::{Estimate, Interval};

impl LifeTable {
    /// The share of cases that has met the end, and that has met the other, by each day: Σ S(t−) · ends ÷ at risk.
    ///
    /// The variance is that of the delta method (D. Collett, *Modelling Survival Data in Medical Research*, 3rd ed.,
    /// p. 411), which lifelines and SAS use too; the interval is log-log.
    ///
    /// ```
    /// use yekuo::stats::survival::{End, LifeTable};
    /// // Four cases: energised on day 1 and 4, cancelled on day 2, open on day 3.
    /// let cases: LifeTable =
    ///     [(1, End::Event), (2, End::Competing), (3, End::Censored), (4, End::Event)].into_iter().collect();
    /// let incidence = cases.aalen_johansen();
    /// // 1/4 on day 1; half are left on day 4, of whom all are energised.
    /// assert!((incidence.at(4).0 - (0.25 + 0.5)).abs() < 1e-12);
    /// assert!((incidence.at(4).1 - 0.25).abs() < 1e-12);
    /// ```
    pub fn aalen_johansen(&self) -> Incidence {
        let mut waiting = 1.0;
        let (mut event, mut competing) = (Cumulative::default(), Cumulative::default());
        let point = |moment: &Moment| {
            let ended = moment.events + moment.competing;
            let left = moment.at_risk - ended;
            let event = event.step(waiting, moment.events, ended, moment.at_risk);
            let competing = competing.step(waiting, moment.competing, ended, moment.at_risk);
            waiting = if left == 0 { 0.0 } else { waiting * (left as f64 / moment.at_risk as f64) };
            IncidencePoint { moment: *moment, event, competing }
        };
        Incidence { points: self.moments.iter().map(point).collect() }
    }
}

/// The cumulative incidence of both ends.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Incidence {
    points: Vec<IncidencePoint>,
}

/// A day of a cumulative incidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidencePoint {
    /// What happened on it.
    pub moment: Moment,
    /// The share that has met the end by it.
    pub event: Share,
    /// The share that has met the other end by it.
    pub competing: Share,
}

/// A share, its variance and interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// 0–1.
    pub value: f64,
    /// The variance of the share.
    pub variance: f64,
    /// Its log-log interval: 0 to 0 before the first end; none where the share is 1.
    pub interval: Option<Interval>,
}

impl Share {
    /// By how much this share exceeds another of other cases, its interval made of both, so that it stays within −1 and 1
    /// (R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890, method 10).
    pub fn minus(&self, other: &Share) -> Estimate {
        let value = self.value - other.value;
        let interval = self.interval.zip(other.interval).map(|(of_self, of_other)| {
            let (below, above) = (self.value - of_self.low, of_other.high - other.value);
            let (over, under) = (of_self.high - self.value, other.value - of_other.low);
            Interval {
                low: value - (below * below + above * above).sqrt(),
                high: value + (over * over + under * under).sqrt(),
            }
        });
        Estimate { value, interval: interval.filter(|interval| interval.low < interval.high) }
    }
}

impl Incidence {
    /// The days, in order; between two of them the shares are level.
    pub fn points(&self) -> &[IncidencePoint] {
        &self.points
    }

    /// The day's point: the last that is not after it.
    pub fn point(&self, day: i32) -> Option<&IncidencePoint> {
        let after = self.points.partition_point(|point| point.moment.day <= day);
        self.points.get(after.checked_sub(1)?)
    }

    /// The mean days without the end up to a horizon, who met the other end being without it for good: the area below 1 −
    /// share. Beyond the last observation the share is carried on.
    pub fn mean_days_without(&self, horizon: i32) -> f64 {
        let (mut area, mut until) = (0.0, horizon);
        for point in self.points.iter().rev().filter(|point| point.moment.day <= horizon) {
            area += (1.0 - point.event.value) * f64::from(until - point.moment.day);
            until = point.moment.day;
        }
        area
    }

    /// The shares that have met the end and the other end by a day; 0 before the first.
    pub fn at(&self, day: i32) -> (f64, f64) {
        self.point(day).map_or((0.0, 0.0), |point| (point.event.value, point.competing.value))
    }
}

/// One end's share F while it grows, and the sums of its variance:
/// Σ (F − Fᵢ)² d ÷ (n (n − d)) + Σ S² dₖ (n − dₖ) ÷ n³ − 2 Σ (F − Fᵢ) S dₖ ÷ n².
///
/// The sums are kept relative to the present F, so that each step adds and nothing large is subtracted.
#[derive(Default)]
struct Cumulative {
    share: f64,
    /// Σ gᵢ, Σ gᵢ (F − Fᵢ), Σ gᵢ (F − Fᵢ)², with gᵢ = d ÷ (n (n − d)).
    squares: [f64; 3],
    own: f64,
    /// Σ hᵢ, Σ hᵢ (F − Fᵢ), with hᵢ = S dₖ ÷ n².
    mixed: [f64; 2],
}

impl Cumulative {
    /// `waiting`: the share with neither end before the day; `met`: its own ends; `ended`: all ends; `at_risk`.
    fn step(&mut self, waiting: f64, met: u64, ended: u64, at_risk: u64) -> Share {
        let (met, ended, at_risk) = (met as f64, ended as f64, at_risk as f64);
        let growth = waiting * met / at_risk;
        // The last bit of a sum of shares is no reason to exceed 1.
        self.share = (self.share + growth).min(1.0);
        let [g0, g1, g2] = self.squares;
        self.squares = [g0, g1 + growth * g0, g2 + 2.0 * growth * g1 + growth * growth * g0];
        self.mixed[1] += growth * self.mixed[0];
        // What comes after the last case's end cannot grow, so its infinite term never counts.
        if ended < at_risk {
            self.squares[0] += ended / (at_risk * (at_risk - ended));
        }
        self.own += waiting * waiting * met * (at_risk - met) / (at_risk * at_risk * at_risk);
        self.mixed[0] += waiting * met / (at_risk * at_risk);
        let variance = (self.squares[2] + self.own - 2.0 * self.mixed[1]).max(0.0);
        let interval = match self.share {
            0.0 => Some(Interval { low: 0.0, high: 0.0 }),
            share => Interval::log_log(share, variance),
        };
        Share { value: self.share, variance, interval }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A share with an interval that holds it.
    fn share(ends: [f64; 3]) -> Share {
        let mut ends = ends;
        ends.sort_by(f64::total_cmp);
        Share { value: ends[1], variance: 0.0, interval: Some(Interval { low: ends[0], high: ends[2] }) }
    }

    /// 56 of 70 against 48 of 80 with Wilson's intervals: 0.2 (0.0524 to 0.3339), the first row of Newcombe's table.
    #[test]
    fn the_difference_of_newcombe() {
        let of = |part, whole| Share {
            value: part as f64 / whole as f64,
            variance: 0.0,
            interval: crate::stats::wilson(part, whole),
        };
        let Interval { low, high } = of(56, 70).minus(&of(48, 80)).interval.unwrap();
        assert!((low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5, "{low} {high}");
    }

    proptest! {
        /// A difference of shares and its interval never leave −1 to 1.
        #[test]
        fn a_difference_of_shares_is_one_of_shares(a in prop::array::uniform3(0.0..=1.0), b in prop::array::uniform3(0.0..=1.0)) {
            let found = share(a).minus(&share(b));
            if let Some(Interval { low, high }) = found.interval {
                prop_assert!(-1.0 - 1e-12 <= low && low <= found.value && found.value <= high && high <= 1.0 + 1e-12);
            }
        }
    }
}
