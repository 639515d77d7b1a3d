//! Two groups as they are: their means side by side, and how unlike they are in what else may matter.

use std::collections::BTreeMap;

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{Estimate, Interval};

/// Whole numbers of days, each distinct one with how often it comes; sums are exact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    values: Vec<(i32, u64)>,
    cases: u64,
    sum: i128,
}

/// Days, one after the other.
impl FromIterator<i32> for Sample {
    fn from_iter<I: IntoIterator<Item = i32>>(days: I) -> Sample {
        days.into_iter().map(|day| (day, 1)).collect()
    }
}

/// Days and how often each comes.
impl FromIterator<(i32, u64)> for Sample {
    fn from_iter<I: IntoIterator<Item = (i32, u64)>>(days: I) -> Sample {
        let mut values: BTreeMap<i32, u64> = BTreeMap::new();
        for (day, n) in days {
            *values.entry(day).or_default() += n;
        }
        let sum = values.iter().map(|(value, count)| i128::from(*value) * i128::from(*count)).sum();
        Sample { cases: values.values().sum(), sum, values: values.into_iter().collect() }
    }
}

impl Sample {
    /// The cases of several samples.
    pub fn union<'a>(samples: impl IntoIterator<Item = &'a Sample>) -> Sample {
        let mut values: BTreeMap<i32, u64> = BTreeMap::new();
        let mut union = Sample::default();
        for sample in samples {
            sample.values.iter().for_each(|(value, count)| *values.entry(*value).or_default() += count);
            (union.cases, union.sum) = (union.cases + sample.cases, union.sum + sample.sum);
        }
        Sample { values: values.into_iter().collect(), ..union }
    }

    /// How many cases there are.
    pub fn cases(&self) -> u64 {
        self.cases
    }

    /// Their mean; `None` without cases.
    pub fn mean(&self) -> Option<f64> {
        (self.cases > 0).then(|| self.sum as f64 / self.cases as f64)
    }

    /// Their variance, by n − 1; `None` with fewer than two.
    pub fn variance(&self) -> Option<f64> {
        let cases = i128::from(self.cases);
        let squares: i128 = self.values.iter().map(|(value, n)| i128::from(*value).pow(2) * i128::from(*n)).sum();
        (cases > 1).then(|| (cases * squares - self.sum * self.sum) as f64 / (cases * (cases - 1)) as f64)
    }
}

/// By how much the mean of one sample exceeds that of another, with Welch's t interval.
///
/// B. L. Welch, Biometrika 34 (1947) 28–35: variances are not taken to be equal. No interval where a sample has fewer
/// than two cases or neither varies; `None` where one is empty.
///
/// ```
/// use yekuo::stats::matching::{Sample, welch};
/// // Means 3 and 7, variances 4 and 4, three cases each: standard error √(4/3 + 4/3) = 1.633, 4 degrees of freedom,
/// // t = 2.776 in any table.
/// let order: Sample = [1, 3, 5].into_iter().collect();
/// let conventional: Sample = [5, 7, 9].into_iter().collect();
/// let plain = welch(&order, &conventional).unwrap();
/// assert_eq!(plain.value, -4.0);
/// let half = plain.interval.unwrap().high - plain.value;
/// assert!((half - 2.776_445_105 * (8.0_f64 / 3.0).sqrt()).abs() < 1e-8);
/// ```
pub fn welch(a: &Sample, b: &Sample) -> Option<Estimate> {
    let value = a.mean()? - b.mean()?;
    let interval = a.variance().zip(b.variance()).and_then(|(variance_a, variance_b)| {
        let (of_a, of_b) = (variance_a / a.cases as f64, variance_b / b.cases as f64);
        let both = of_a + of_b;
        let degrees = both * both / (of_a * of_a / (a.cases - 1) as f64 + of_b * of_b / (b.cases - 1) as f64);
        let t = StudentsT::new(0.0, 1.0, degrees).ok()?.inverse_cdf(0.975);
        let half = t * both.sqrt();
        half.is_finite().then_some(Interval { low: value - half, high: value + half })
    });
    Some(Estimate { value, interval })
}

/// Numbers with their weights: a covariate of some cases.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// Σ weight · value ÷ Σ weight.
    pub mean: f64,
    /// Σ weight · (value − mean)² ÷ Σ weight.
    pub variance: f64,
}

impl Spread {
    /// Of values and weights; `None` where nothing weighs.
    pub fn of(values: &[(f64, f64)]) -> Option<Spread> {
        let whole: f64 = values.iter().map(|(_, weight)| weight).sum();
        let mean = values.iter().map(|(value, weight)| value * weight).sum::<f64>() / whole;
        let variance =
            values.iter().map(|(value, weight)| weight * ((value - mean) * (value - mean))).sum::<f64>() / whole;
        (whole > 0.0).then_some(Spread { mean, variance })
    }
}

/// By how many of their common standard deviations two means differ: how unlike two groups are in a covariate.
///
/// `spreads`: the groups before matching, for the means after it too, so that only the means can move the figure
/// (Stuart 2010, §4.1). Above 0.1 the groups are called unbalanced (P. C. Austin, Statistics in Medicine 28 (2009)
/// 3083–3107). 0 where the means are equal; `None` where they differ and neither group varies.
///
/// ```
/// use yekuo::stats::matching::{Spread, standardised_difference};
/// // Shares of 60 % and 50 %: variances 0.24 and 0.25.
/// let spreads = [Spread { mean: 0.6, variance: 0.24 }, Spread { mean: 0.5, variance: 0.25 }];
/// let smd = standardised_difference([0.6, 0.5], spreads).unwrap();
/// assert!((smd - 0.1 / 0.245_f64.sqrt()).abs() < 1e-12);
/// ```
pub fn standardised_difference(means: [f64; 2], spreads: [Spread; 2]) -> Option<f64> {
    let deviation = ((spreads[0].variance + spreads[1].variance) / 2.0).sqrt();
    match means[0] - means[1] {
        0.0 => Some(0.0),
        difference => (deviation > 0.0).then(|| difference / deviation),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(days: &[i32]) -> Sample {
        days.iter().copied().collect()
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        assert_eq!(welch(&sample(&[]), &sample(&[1])), None);
        assert_eq!(welch(&sample(&[4]), &sample(&[1, 3])), Some(Estimate { value: 2.0, interval: None }));
        assert_eq!(welch(&sample(&[4, 4]), &sample(&[1, 1])), Some(Estimate { value: 3.0, interval: None }));
        let spread = Spread { mean: 1.0, variance: 0.0 };
        assert_eq!(standardised_difference([1.0, 1.0], [spread; 2]), Some(0.0));
        assert_eq!(standardised_difference([1.0, 2.0], [spread; 2]), None);
        assert_eq!(Spread::of(&[]), None);
    }
}
