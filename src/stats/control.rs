//! The chart of a series and its moving ranges (XmR): what is signal in it, and what its own noise.
//!
//! D. J. Wheeler, *Understanding Variation* (1993) and *Making Sense of Data* (2003).

use super::Interval;
use crate::words::vocabulary;

/// 3 ÷ 1.128: turns the mean moving range into three standard deviations of single values.
const SCALE: f64 = 2.66;

/// What a series says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The mean.
    pub centre: f64,
    /// The natural process limits: mean ± 2.66 · mean moving range. Whoever charts rates clamps them to 0–1.
    pub limits: Interval,
    /// The rules that each value completes; none: it is noise.
    pub rules: Vec<Vec<Rule>>,
}

vocabulary! {
    /// Why a value is a signal.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Rule {
        /// It lies outside the limits.
        BeyondLimit = ["beyond_limit", "超出上下限", "beyond a limit"],
        /// It and the seven before it lie on one side of the centre.
        RunOfEight = ["run_of_eight", "连续 8 个月同侧", "eight on one side"],
        /// Of it and the three before it, three, including it, lie nearer to the same limit than to the centre.
        ThreeOfFour = ["three_of_four", "4 个月中 3 个月靠近限", "three of four near a limit"],
    }
}

/// Charts a series in its order; `None` with fewer than two values, which have no moving range.
///
/// ```
/// use yekuo::stats::control::{Rule, chart};
/// // Mean 30 ÷ 6 = 5; moving ranges 2, 1, 3, 2 and 5 with mean 13 ÷ 5; limits 5 ± 2.66 · 2.6.
/// let chart = chart(&[4.0, 6.0, 5.0, 2.0, 4.0, 9.0]).unwrap();
/// assert!((chart.centre - 5.0).abs() < 1e-12);
/// assert!((chart.limits.high - (5.0 + 2.66 * 13.0 / 5.0)).abs() < 1e-12);
/// assert!(chart.rules.iter().all(Vec::is_empty));
/// ```
pub fn chart(series: &[f64]) -> Option<Chart> {
    let ranges = series.windows(2).map(|pair| (pair[1] - pair[0]).abs());
    let range = ranges.sum::<f64>() / series.len().checked_sub(1).filter(|ranges| *ranges > 0)? as f64;
    let centre = series.iter().sum::<f64>() / series.len() as f64;
    let (reach, hair) = (SCALE * range, 1e-12 * centre.abs().max(1.0));
    // −1 below, 1 above; a value on a line is not beyond it, regardless of the last bit of the mean.
    let beyond = |value: f64, reach: f64| match value - centre {
        off if off > reach + hair => 1,
        off if off < -reach - hair => -1,
        _ => 0_i32,
    };
    let same = |values: &[f64], reach: f64, at_least: usize| {
        let last = values.last().map_or(0, |last| beyond(*last, reach));
        last != 0 && values.iter().filter(|value| beyond(**value, reach) == last).count() >= at_least
    };
    let back = |last: usize, count: usize| last.checked_sub(count - 1).map(|first| &series[first..=last]);
    let of = |last: usize| {
        let mut rules = Vec::new();
        if beyond(series[last], reach) != 0 {
            rules.push(Rule::BeyondLimit);
        }
        if back(last, 8).is_some_and(|values| same(values, 0.0, 8)) {
            rules.push(Rule::RunOfEight);
        }
        // Without noise every value off the centre is beyond the limit, which says enough.
        if reach > 0.0 && back(last, 4).is_some_and(|values| same(values, reach / 2.0, 3)) {
            rules.push(Rule::ThreeOfFour);
        }
        rules
    };
    let limits = Interval { low: centre - reach, high: centre + reach };
    Some(Chart { centre, limits, rules: (0..series.len()).map(of).collect() })
}

#[cfg(test)]
mod tests {
    use rand_distr::{Binomial, Distribution};
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn rules(series: &[f64]) -> Vec<(usize, &'static str)> {
        let chart = chart(series).unwrap();
        let fired = |(place, rules): (usize, &Vec<Rule>)| rules.iter().map(move |rule| (place, rule.code())).collect();
        chart.rules.iter().enumerate().flat_map::<Vec<_>, _>(fired).collect()
    }

    #[test]
    fn each_rule_fires_where_its_pattern_is_complete() {
        // Ranges 0 but for 20 twice: mean 40/20 = 2, centre 20/21, limit 20/21 + 5.32.
        let mut series = [0.0; 21];
        series[12] = 20.0;
        let fired = rules(&series);
        assert!(fired.contains(&(12, "beyond_limit")) && !fired.iter().any(|(_, rule)| *rule == "three_of_four"));
        // Eight zeros below the centre: from the 8th on, and again after the peak.
        let runs: Vec<usize> = fired.iter().filter(|(_, rule)| *rule == "run_of_eight").map(|(at, _)| *at).collect();
        assert_eq!(runs, [7, 8, 9, 10, 11, 20]);

        // Three of four near the upper limit, then three in a row near the lower one, none beyond it.
        let calmer = [0.0, 0.1, 0.0, -0.1, 0.9, 0.8, 0.1, 0.9, 0.0, -0.9, -0.8, -0.8, -0.1];
        let chart = chart(&calmer).unwrap();
        let near = (chart.limits.high + chart.centre) / 2.0;
        assert!(near > 0.5 && near < 0.8 && chart.limits.high < 1.3, "{chart:?}");
        assert_eq!(rules(&calmer), [(7, "three_of_four"), (11, "three_of_four")]);
    }

    /// How often a month is called a signal though nothing changes: what the mart says of itself.
    #[test]
    fn false_alarms_are_as_rare_as_they_are_said_to_be() {
        let mut dice = Pcg64Mcg::new(20_260_630);
        for (stages, rate) in [(15, 0.06), (30, 0.03), (30, 0.06), (60, 0.03), (60, 0.1)] {
            let overdue = Binomial::new(stages, rate).unwrap();
            let (mut fired, mut months) = (0, 0);
            for series in (0..4000).map(|number| 12 + number % 25) {
                let rates: Vec<f64> = (0..series).map(|_| overdue.sample(&mut dice) as f64 / stages as f64).collect();
                let rules = chart(&rates).unwrap().rules;
                fired += rules.iter().filter(|rules| !rules.is_empty()).count();
                months += rules.len();
            }
            let share = fired as f64 / months as f64;
            assert!((0.005..0.04).contains(&share), "{share} of {stages} stages at {rate}");
        }
    }

    #[test]
    fn a_constant_series_has_no_signals() {
        assert_eq!(rules(&[0.1; 30]), []);
        assert_eq!(chart(&[0.1]), None);
        assert_eq!(chart(&[]), None);
    }
}
