//! The share still waiting (Kaplan–Meier), its median and its restricted mean.

use super::life_table::{LifeTable, Moment};
use crate::stats::{Estimate, HAIR, Interval};

impl LifeTable {
    /// The share of cases without the end after each day: Π (1 − events ÷ at risk), the other end censored.
    ///
    /// Its variance is Greenwood's, S² Σ d ÷ (n (n − d)), its interval the log-log one (Kalbfleisch & Prentice).
    ///
    /// ```
    /// use yekuo::stats::survival::{End, LifeTable};
    /// // Three cases: one ends on day 2, one is last seen on day 3, one ends on day 5.
    /// let cases: LifeTable = [(2, End::Event), (3, End::Censored), (5, End::Event)].into_iter().collect();
    /// let curve = cases.kaplan_meier();
    /// assert!((curve.at(2) - 2.0 / 3.0).abs() < 1e-12); // 2 of 3 are left
    /// assert!((curve.at(4) - 2.0 / 3.0).abs() < 1e-12); // nobody ended
    /// assert_eq!(curve.at(5), 0.0); // the last one left
    /// assert_eq!(curve.median().day, Some(5));
    /// // 3 days for all, and 2 more for two thirds.
    /// let mean = curve.restricted_mean(5).unwrap().value;
    /// assert!((mean - (2.0 + 3.0 * 2.0 / 3.0)).abs() < 1e-12);
    /// ```
    pub fn kaplan_meier(&self) -> Curve {
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let point = |moment: &Moment| {
            let (left, at_risk) = (moment.at_risk - moment.events, moment.at_risk as f64);
            if moment.events > 0 {
                survival = if left == 0 { 0.0 } else { survival * (left as f64 / at_risk) };
                if left > 0 {
                    greenwood += moment.events as f64 / (at_risk * left as f64);
                }
            }
            let variance = survival * survival * greenwood;
            let interval = match survival {
                1.0 => Some(Interval { low: 1.0, high: 1.0 }),
                share => Interval::log_log(share, variance),
            };
            Point { moment: *moment, survival, variance, interval }
        };
        Curve { points: self.moments.iter().map(point).collect() }
    }
}

/// A Kaplan–Meier curve.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    points: Vec<Point>,
}

/// A day of a Kaplan–Meier curve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What happened on it.
    pub moment: Moment,
    /// The share without the end after it.
    pub survival: f64,
    /// Greenwood's variance of the share; 0 once nobody is left.
    pub variance: f64,
    /// The share's interval: 1 to 1 before the first end; none once nobody is left, where the log-log one has no limit.
    pub interval: Option<Interval>,
}

/// The day by which half of the cases have met the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Median {
    /// The first day after which at most half are without the end; `None` where the curve never falls so far.
    pub day: Option<i32>,
    /// The first day on which the lower limit of the curve is at most one half.
    pub low: Option<i32>,
    /// The same of the upper limit; `None` where it never is, or nobody is left by then.
    pub high: Option<i32>,
}

/// The mean time to the end, no case counting for more than a horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RestrictedMean {
    /// Days.
    pub value: f64,
    /// The variance of that mean.
    pub variance: f64,
    /// The share still without the end at the horizon: what the mean does not know of.
    pub left_over: f64,
}

impl RestrictedMean {
    /// The mean and its normal interval; none where nothing varies.
    pub fn estimate(&self) -> Estimate {
        let interval = (self.variance > 0.0).then(|| Interval::normal(self.value, self.variance));
        Estimate { value: self.value, interval }
    }

    /// By how much this mean exceeds another of other cases, by the normal distribution.
    pub fn minus(&self, other: &RestrictedMean) -> Estimate {
        let variance = self.variance + other.variance;
        RestrictedMean { value: self.value - other.value, variance, left_over: 0.0 }.estimate()
    }
}

impl Curve {
    /// The days of the curve, in order; between two of them it is level.
    pub fn points(&self) -> &[Point] {
        &self.points
    }

    /// The share without the end after a day; 1 before the first and, without cases, always.
    pub fn at(&self, day: i32) -> f64 {
        let after = self.points.partition_point(|point| point.moment.day <= day);
        after.checked_sub(1).map_or(1.0, |last| self.points[last].survival)
    }

    /// The median, with the interval of Brookmeyer and Crowley on the log-log limits.
    pub fn median(&self) -> Median {
        let first = |share: &dyn Fn(&Point) -> Option<f64>| {
            let half = |point: &&Point| share(point).is_some_and(|share| share <= 0.5 + HAIR);
            self.points.iter().find(half).map(|point| point.moment.day)
        };
        Median {
            day: first(&|point| Some(point.survival)),
            low: first(&|point| point.interval.map(|interval| interval.low)),
            high: first(&|point| point.interval.map(|interval| interval.high)),
        }
    }

    /// The area below the curve up to a horizon: the mean time, none counting for more than it.
    ///
    /// The variance is Σ A(t)² d ÷ (n (n − d)), A(t) the area from t to the horizon. `None` without cases, and where
    /// the horizon lies beyond the last observation of a curve that has not come down to 0: nobody knows it there.
    pub fn restricted_mean(&self, horizon: i32) -> Option<RestrictedMean> {
        let last = self.points.last()?;
        if horizon > last.moment.day && last.survival > 0.0 {
            return None;
        }
        let (mut area, mut variance, mut until) = (0.0, 0.0, horizon);
        for point in self.points.iter().rev().filter(|point| point.moment.day <= horizon) {
            let Moment { day, at_risk, events, .. } = point.moment;
            area += point.survival * f64::from(until - day);
            until = day;
            if events > 0 && events < at_risk {
                variance += area * area * events as f64 / (at_risk as f64 * (at_risk - events) as f64);
            }
        }
        Some(RestrictedMean { value: area, variance, left_over: self.at(horizon) })
    }
}
