//! Times to an end, of which not all have come: what was still open is counted for as long as it was seen.
//!
//! A [`LifeTable`] holds the days on which something happened. From it come the share still waiting
//! ([`LifeTable::kaplan_meier`]), its median and restricted mean, the test whether two groups differ ([`log_rank`]),
//! and, where another end takes cases away for good, the share that has met each end ([`LifeTable::aalen_johansen`]).
//! On a day, ends come before censorings: who was last seen on a day was at risk on it.
//!
//! Sources: E. L. Kaplan and P. Meier, JASA 53 (1958) 457–481; M. Greenwood (1926) for the variance; J. D. Kalbfleisch
//! and R. L. Prentice, *The Statistical Analysis of Failure Time Data* (1980) for the log-log interval; R. Brookmeyer and
//! J. Crowley, Biometrics 38 (1982) 29–41 for that of the median; J. P. Klein and M. L. Moeschberger, *Survival Analysis*
//! (2003) for the restricted mean; O. O. Aalen and S. Johansen, Scand. J. Statist. 5 (1978) 141–150.

use std::collections::BTreeMap;

use super::{Estimate, HAIR, Interval, chi_squared_tail};

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

/// When cases ended, day by day; begins with day 0 unless there is no case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifeTable {
    moments: Vec<Moment>,
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

    /// The table in which both ends are the one asked about.
    pub fn any_end(&self) -> LifeTable {
        let both = |moment: &Moment| Moment { events: moment.events + moment.competing, competing: 0, ..*moment };
        LifeTable { moments: self.moments.iter().map(both).collect() }
    }

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

/// The longest time up to which both groups are known: the smaller of their last days; `None` where one has no case.
pub fn common_horizon(a: &LifeTable, b: &LifeTable) -> Option<i32> {
    Some(a.last_day()?.min(b.last_day()?))
}

/// The log-rank test of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRank {
    /// Chi-squared with one degree of freedom.
    pub chi2: f64,
    /// The chance of at least this much between groups that do not differ.
    pub p: f64,
    /// Ends in each group.
    pub observed: [u64; 2],
    /// Ends that each group would have had, were there no difference.
    pub expected: [f64; 2],
}

/// Whether the end comes at another rate in one group than in the other, the other end censored.
///
/// (O − E)² ÷ V with the hypergeometric variance (N. Mantel, Cancer Chemother. Rep. 50 (1966) 163–170). `None` where no
/// day has an end and both groups at risk, one group being empty for instance.
///
/// ```
/// use yekuo::stats::survival::{End, LifeTable, log_rank};
/// // A ends on day 1 and 2, B on day 3 and 4: of the ends, A expects 2/4 on day 1 and 1/3 on day 2, then it is gone.
/// let a: LifeTable = [(1, End::Event), (2, End::Event)].into_iter().collect();
/// let b: LifeTable = [(3, End::Event), (4, End::Event)].into_iter().collect();
/// let test = log_rank(&a, &b).unwrap();
/// assert!((test.expected[0] - (1.0 / 2.0 + 1.0 / 3.0)).abs() < 1e-12);
/// // Two ends were observed, 7/6 more than that.
/// let variance = 1.0 / 4.0 + 2.0 / 9.0;
/// assert!((test.chi2 - (7.0 / 6.0) * (7.0 / 6.0) / variance).abs() < 1e-12);
/// ```
pub fn log_rank(a: &LifeTable, b: &LifeTable) -> Option<LogRank> {
    stratified_log_rank([(a, b)])
}

/// The same with like compared to like: what was observed and expected, and its variance, added up over strata (Klein &
/// Moeschberger, §7.5). A stratum with one group adds nothing to the test.
pub fn stratified_log_rank<'a>(strata: impl IntoIterator<Item = (&'a LifeTable, &'a LifeTable)>) -> Option<LogRank> {
    let (mut observed, mut expected, mut variance) = ([0; 2], [0.0; 2], 0.0);
    for (a, b) in strata {
        let mut days: BTreeMap<i32, [u64; 2]> = BTreeMap::new();
        for (group, table) in [a, b].into_iter().enumerate() {
            for moment in table.moments.iter().filter(|moment| moment.events > 0) {
                days.entry(moment.day).or_default()[group] += moment.events;
            }
        }
        let at_risk = |table: &LifeTable, day: i32| {
            let next = table.moments.partition_point(|moment| moment.day < day);
            table.moments.get(next).map_or(0, |moment| moment.at_risk)
        };
        for (day, [ends_a, ends_b]) in days {
            let (risk_a, risk_b) = (at_risk(a, day) as f64, at_risk(b, day) as f64);
            let (risk, ends) = (risk_a + risk_b, (ends_a + ends_b) as f64);
            observed = [observed[0] + ends_a, observed[1] + ends_b];
            expected = [expected[0] + ends * risk_a / risk, expected[1] + ends * risk_b / risk];
            if risk > 1.0 {
                variance += ends * (risk_a / risk) * (risk_b / risk) * (risk - ends) / (risk - 1.0);
            }
        }
    }
    let excess = observed[0] as f64 - expected[0];
    let chi2 = excess * excess / variance;
    (variance > 0.0).then(|| LogRank { chi2, p: chi_squared_tail(chi2), observed, expected })
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

    use super::End::{Censored, Competing, Event};
    use super::*;
    use crate::stats::tests::close;

    /// Times, those with a minus censored.
    fn table(times: &[i32]) -> LifeTable {
        times.iter().map(|time| (time.abs(), if *time < 0 { Censored } else { Event })).collect()
    }

    /// Weeks in remission of 42 leukaemia patients: E. J. Freireich et al., Blood 21 (1963) 699–716.
    const MERCAPTOPURINE: [i32; 21] =
        [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35];
    const PLACEBO: [i32; 21] = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];

    #[test]
    fn the_remission_data_of_freireich() {
        let (treated, placebo) = (table(&MERCAPTOPURINE), table(&PLACEBO));
        let curve = treated.kaplan_meier();
        // The table of every textbook (Klein & Moeschberger, table 4.1A): day, at risk, S and its standard error to
        // four decimals; S exactly from its factors, the error from Greenwood's terms.
        let (mut share, mut greenwood) = (1.0, 0.0);
        for (week, at_risk, ends, published, error) in [
            (6, 21, 3, 0.8571, 0.0764),
            (7, 17, 1, 0.8067, 0.0869),
            (10, 15, 1, 0.7529, 0.0963),
            (13, 12, 1, 0.6902, 0.1068),
            (16, 11, 1, 0.6275, 0.1141),
            (22, 7, 1, 0.5378, 0.1282),
            (23, 6, 1, 0.4482, 0.1346),
        ] {
            let point = curve.points().iter().find(|point| point.moment.day == week).unwrap();
            assert_eq!((point.moment.at_risk, point.moment.events), (at_risk, ends), "week {week}");
            let (n, d) = (at_risk as f64, f64::from(ends as u32));
            share *= 1.0 - d / n;
            greenwood += d / (n * (n - d));
            close(point.survival, share);
            assert!((point.survival - published).abs() < 5e-5, "week {week}");
            assert!((share * greenwood.sqrt() - error).abs() < 5e-5, "week {week}");
            // exp(−exp(ln(−ln S) ± z √greenwood ÷ ln S)), as it is written in the books.
            let log = libm::log(share);
            let half = crate::stats::Z_95 * greenwood.sqrt() / log;
            let interval = point.interval.unwrap();
            close(interval.low, libm::exp(-libm::exp(libm::log(-log) - half)));
            close(interval.high, libm::exp(-libm::exp(libm::log(-log) + half)));
        }
        // Medians 23 and 8 weeks, with the limits that the log-log transformation gives in SAS PROC LIFETEST.
        assert_eq!(curve.median(), Median { day: Some(23), low: Some(13), high: None });
        assert_eq!(placebo.kaplan_meier().median(), Median { day: Some(8), low: Some(4), high: Some(11) });
        // 21 remissions of placebo patients add up to 182 weeks; nobody is censored.
        let mean = placebo.kaplan_meier().restricted_mean(23).unwrap();
        close(mean.value, 182.0 / 21.0);
        assert_eq!(mean.left_over, 0.0);

        let test = log_rank(&treated, &placebo).unwrap();
        assert_eq!(test.observed, [9, 21]);
        assert!((test.expected[0] - 19.25).abs() < 5e-3 && (test.expected[1] - 10.75).abs() < 5e-3, "{test:?}");
        assert!((test.chi2 - 16.793).abs() < 5e-4 && (test.p - 4.17e-5).abs() < 5e-8, "{test:?}");
    }

    /// Eight observations in months, the worked example of Kaplan and Meier (1958, §1.1), here in tenths of months.
    #[test]
    fn the_example_of_kaplan_and_meier() {
        let curve = table(&[8, 31, 54, 92, -10, -27, -70, -121]).kaplan_meier();
        for (month, share) in [(8, 0.875), (31, 0.7), (54, 0.525), (92, 0.2625), (121, 0.2625)] {
            close(curve.at(month), share);
        }
    }

    /// Weeks in remission of 23 patients with acute myelogenous leukaemia: R. G. Miller, *Survival Analysis* (1981),
    /// p. 49; the figures are those of the manual of R's package survival.
    #[test]
    fn the_maintenance_data_of_miller() {
        let maintained = table(&[9, 13, -13, 18, 23, -28, 31, 34, -45, 48, -161]);
        let other = table(&[5, 5, 8, 8, 12, -16, 23, 27, 30, 33, 43, 45]);
        let curve = maintained.kaplan_meier();
        for (week, share) in [(9, 0.909), (13, 0.818), (18, 0.716), (23, 0.614), (31, 0.491), (34, 0.368), (48, 0.184)]
        {
            assert!((curve.at(week) - share).abs() < 5e-4, "week {week}: {}", curve.at(week));
        }
        assert_eq!(curve.median().day, Some(31));
        assert_eq!(other.kaplan_meier().median().day, Some(23));
        let test = log_rank(&maintained, &other).unwrap();
        assert!((test.chi2 - 3.4).abs() < 0.05 && (test.p - 0.0653).abs() < 5e-5, "{test:?}");
    }

    /// Day 1: 2 of 5 end, one each way; day 2: one is lost; day 3: 1 of 2 is cancelled.
    #[test]
    fn the_variance_of_incidences_by_hand() {
        let cases: LifeTable =
            [(1, Event), (1, Competing), (2, Censored), (3, Competing), (4, Event)].into_iter().collect();
        let incidence = cases.aalen_johansen();
        let (first, third) = (incidence.point(1).unwrap(), incidence.point(3).unwrap());
        // S(0) = 1: the share is 1/5 and varies like one, 1/5 · 4/5 ÷ 5.
        close(first.event.value, 0.2);
        close(first.event.variance, 0.2 * 0.8 / 5.0);
        // F = 1/5 + 3/5 · 1/2 = 1/2. (F − F₁)² · 2/(5·3) + 1·1·4/125 + 9/25 · 1·1/8 − 2 (F − F₁) · 1/25.
        close(third.competing.value, 0.5);
        close(third.competing.variance, 0.09 * 2.0 / 15.0 + 4.0 / 125.0 + 9.0 / 25.0 / 8.0 - 0.6 / 25.0);
        let last = incidence.point(9).unwrap();
        close(last.event.value + last.competing.value, 1.0);
        assert!(last.event.interval.is_some());
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        let nobody = table(&[]);
        assert_eq!((nobody.cases(), nobody.last_day()), (0, None));
        assert_eq!(nobody.kaplan_meier().median(), Median::default());
        assert_eq!(nobody.kaplan_meier().restricted_mean(10), None);
        assert_eq!(nobody.kaplan_meier().at(10), 1.0);
        assert_eq!(nobody.aalen_johansen().at(10), (0.0, 0.0));
        let some = table(&[3, -5, 9]);
        assert_eq!(log_rank(&some, &nobody), None);
        assert_eq!(common_horizon(&some, &nobody), None);

        // One case: its day is the median, and nothing varies.
        let one = table(&[7]).kaplan_meier();
        assert_eq!(one.median(), Median { day: Some(7), low: None, high: None });
        assert_eq!(one.restricted_mean(7).unwrap().estimate(), Estimate { value: 7.0, interval: None });
        assert_eq!(one.points().last().unwrap().interval, None);
        // All on one day: the same, and no day has both an end and someone who stays.
        let at_once = table(&[7, 7, 7]);
        assert_eq!(at_once.kaplan_meier().median(), Median { day: Some(7), low: None, high: None });
        assert_eq!(log_rank(&at_once, &at_once), None);
        assert_eq!(at_once.aalen_johansen().point(7).unwrap().event.interval, None);
        // Three, one of them open.
        let three = some.kaplan_meier();
        assert_eq!(three.median(), Median { day: Some(9), low: Some(3), high: None });
        assert_eq!(three.points().last().unwrap().interval, None);

        // All open: nobody has ended, so half never have.
        let open = table(&[-3, -8]);
        assert_eq!(open.kaplan_meier().median(), Median::default());
        let mean = open.kaplan_meier().restricted_mean(8).unwrap();
        assert_eq!((mean.value, mean.left_over, mean.estimate().interval), (8.0, 1.0, None));
        // Beyond the last observation the curve is known only where it has come down to 0.
        assert_eq!(open.kaplan_meier().restricted_mean(9), None);
        assert_eq!(one.restricted_mean(9).unwrap().value, 7.0);
        // On the day of acceptance.
        assert_eq!(table(&[0, 4]).kaplan_meier().at(0), 0.5);
        assert_eq!(table(&[0, 4]).kaplan_meier().median().day, Some(0));
    }

    prop_compose! {
        fn some_cases()(cases in prop::collection::vec((0..40_i32, 0..3_u8), 1..60)) -> Vec<(i32, End)> {
            cases.into_iter().map(|(day, end)| (day, [Event, Competing, Censored][usize::from(end)])).collect()
        }
    }

    fn of(cases: &[(i32, End)]) -> LifeTable {
        cases.iter().copied().collect()
    }

    proptest! {
        /// Nobody censored: the share without the end is the share whose time is longer; the restricted mean is the mean
        /// of the clipped times, and varies like one.
        #[test]
        fn without_censoring_it_is_the_empirical_distribution(
            times in prop::collection::vec(0..50_i32, 1..60), horizon in 0..60_i32,
        ) {
            let curve = table(&times).kaplan_meier();
            let n = times.len() as f64;
            for day in 0..60 {
                close(curve.at(day), times.iter().filter(|time| **time > day).count() as f64 / n);
            }
            let clipped: Vec<f64> = times.iter().map(|time| f64::from(*time.min(&horizon))).collect();
            let mean = clipped.iter().sum::<f64>() / n;
            let restricted = curve.restricted_mean(horizon).unwrap();
            close(restricted.value, mean);
            let squares: f64 = clipped.iter().map(|time| (time - mean) * (time - mean)).sum();
            close(restricted.variance, squares / (n * n));
        }

        #[test]
        fn relabelling_groups_turns_differences_round(a in some_cases(), b in some_cases()) {
            let (a, b) = (of(&a), of(&b));
            let horizon = common_horizon(&a, &b).unwrap();
            let mean = |table: &LifeTable| table.kaplan_meier().restricted_mean(horizon).unwrap();
            close(mean(&a).minus(&mean(&b)).value, -mean(&b).minus(&mean(&a)).value);
            match (log_rank(&a, &b), log_rank(&b, &a)) {
                (Some(one), Some(other)) => {
                    close(one.chi2, other.chi2);
                    close(one.p, other.p);
                    close(one.expected.iter().sum(), one.observed.iter().sum::<u64>() as f64);
                }
                (one, other) => prop_assert!(one.is_none() && other.is_none()),
            }
            // Twice the same stratum has twice the excess and twice the variance; one without the other group, neither.
            let nobody = LifeTable::default();
            let twice = stratified_log_rank([(&a, &b), (&a, &nobody), (&a, &b)]);
            prop_assert_eq!(twice.is_some(), log_rank(&a, &b).is_some());
            if let Some((twice, once)) = twice.zip(log_rank(&a, &b)) {
                close(twice.chi2, 2.0 * once.chi2);
            }
        }

        #[test]
        fn time_scales(cases in some_cases(), factor in 2..5_i32) {
            let longer: Vec<(i32, End)> = cases.iter().map(|(day, end)| (day * factor, *end)).collect();
            let (short, long) = (of(&cases).kaplan_meier(), of(&longer).kaplan_meier());
            let times = |day: Option<i32>| day.map(|day| day * factor);
            let Median { day, low, high } = short.median();
            prop_assert_eq!(long.median(), Median { day: times(day), low: times(low), high: times(high) });
            let horizon = of(&cases).last_day().unwrap();
            let (short, long) =
                (short.restricted_mean(horizon).unwrap(), long.restricted_mean(horizon * factor).unwrap());
            close(long.value, short.value * f64::from(factor));
            close(long.variance, short.variance * f64::from(factor * factor));
        }

        /// Who waits, who is energised and who is cancelled are everybody; and every interval holds its figure.
        #[test]
        fn the_shares_add_up_to_one(cases in some_cases()) {
            let table = of(&cases);
            let (waiting, incidence) = (table.any_end().kaplan_meier(), table.aalen_johansen());
            for day in 0..45 {
                let (event, competing) = incidence.at(day);
                close(event + competing + waiting.at(day), 1.0);
            }
            for point in incidence.points() {
                for share in [point.event, point.competing] {
                    if let Some(Interval { low, high }) = share.interval {
                        prop_assert!(0.0 <= low && low <= share.value && share.value <= high && high <= 1.0);
                    }
                }
            }
        }

        /// With one kind of end the incidence is what the curve lacks to 1, and varies like it.
        #[test]
        fn with_one_kind_of_end_incidence_is_the_rest_of_the_curve(times in prop::collection::vec(-40..40_i32, 1..60)) {
            let table = table(&times);
            let (curve, incidence) = (table.kaplan_meier(), table.aalen_johansen());
            let mut greenwood = 0.0;
            for (point, share) in curve.points().iter().zip(incidence.points()) {
                close(share.event.value, 1.0 - point.survival);
                let Moment { at_risk, events, .. } = point.moment;
                if events < at_risk {
                    greenwood += events as f64 / (at_risk as f64 * (at_risk - events) as f64);
                    close(share.event.variance, point.survival * point.survival * greenwood);
                }
            }
        }
    }
}
