//! Two groups compared within strata: only cases of the same stratum are compared.
//!
//! The *treated* group is the one whose effect is asked about (order-style service), the *controls* are what it is
//! measured against. A stratum without either is left out; of the others, each counts by its treated cases, so that
//! the result is the effect on those who were treated. The same is had by giving each control the weight of
//! [`Stratum::control_weight`] (E. A. Stuart, Statistical Science 25 (2010) 1–21, §3.4: subclassification).

use std::collections::BTreeMap;
use std::thread;

use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use statrs::distribution::{ContinuousCDF, StudentsT};
use xxhash_rust::xxh3::xxh3_128;

use super::{Estimate, Interval, percentile};

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

/// Cases that are like each other in all that the strata are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stratum {
    /// Days of those treated.
    pub treated: Sample,
    /// Days of the controls.
    pub control: Sample,
}

impl Stratum {
    /// Whether it has both, and so can compare them.
    pub fn matched(&self) -> bool {
        self.treated.cases > 0 && self.control.cases > 0
    }

    /// Mean of the treated − mean of the controls; `None` without both.
    pub fn difference(&self) -> Option<f64> {
        Some(self.treated.mean()? - self.control.mean()?)
    }

    /// What each control counts for, so that the controls of the stratum weigh as much as those treated: treated ÷
    /// controls. `None` where it is not matched.
    pub fn control_weight(&self) -> Option<f64> {
        self.matched().then(|| self.treated.cases as f64 / self.control.cases as f64)
    }
}

/// Strata taken together, each by its treated cases.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Matched {
    /// Treated cases in strata with both.
    pub treated: u64,
    /// Controls in strata with both.
    pub control: u64,
    /// Treated cases in strata without controls: they are not compared.
    pub unmatched: u64,
    /// Mean of the matched treated cases.
    pub treated_mean: Option<f64>,
    /// Mean of the controls, each with its weight.
    pub control_mean: Option<f64>,
}

impl Matched {
    /// Weighs strata against each other.
    ///
    /// ```
    /// use yekuo::stats::matching::{Matched, Stratum};
    /// // Small ones: 10 and 20 against 30; large ones: 100 against 90 and 130; one of its own kind finds no match.
    /// let stratum = |treated: &[i32], control: &[i32]| Stratum {
    ///     treated: treated.iter().copied().collect(),
    ///     control: control.iter().copied().collect(),
    /// };
    /// let strata = [stratum(&[10, 20], &[30]), stratum(&[100], &[90, 130]), stratum(&[7], &[])];
    /// let matched = Matched::of(&strata);
    /// // (2 · (15 − 30) + 1 · (100 − 110)) ÷ 3
    /// assert!((matched.difference().unwrap() - -40.0 / 3.0).abs() < 1e-12);
    /// assert_eq!((matched.treated, matched.control, matched.unmatched), (3, 3, 1));
    /// ```
    pub fn of<'a>(strata: impl IntoIterator<Item = &'a Stratum>) -> Matched {
        let mut all = Matched::default();
        let (mut treated_sum, mut control_sum) = (0_i128, 0.0);
        for stratum in strata {
            match (stratum.matched(), stratum.control.mean()) {
                (true, Some(mean)) => {
                    all.treated += stratum.treated.cases;
                    all.control += stratum.control.cases;
                    treated_sum += stratum.treated.sum;
                    control_sum += stratum.treated.cases as f64 * mean;
                }
                _ => all.unmatched += stratum.treated.cases,
            }
        }
        if all.treated > 0 {
            all.treated_mean = Some(treated_sum as f64 / all.treated as f64);
            all.control_mean = Some(control_sum / all.treated as f64);
        }
        all
    }

    /// Σ treated · difference ÷ Σ treated over the strata with both; `None` where there is none.
    pub fn difference(&self) -> Option<f64> {
        Some(self.treated_mean? - self.control_mean?)
    }
}

/// Bootstrap differences: those of samples drawn from the strata with replacement.
///
/// In each draw, each group of each stratum is drawn anew from itself with replacement, as many as it has (B. Efron and
/// R. J. Tibshirani, *An Introduction to the Bootstrap*, 1993, ch. 8 and 13: percentile intervals). A draw of a stratum
/// has a generator of its own, made from the seed and both numbers, so that neither threads nor the other strata move it.
#[derive(Debug, Clone)]
pub struct Bootstrap {
    /// By draw, the difference of each stratum, 0 where it is not matched.
    differences: Vec<Vec<f64>>,
    /// The treated cases of each matched stratum, 0 of the others.
    weights: Vec<f64>,
    /// Whether each group of each stratum has more than one case to draw from.
    varies: Vec<[bool; 2]>,
}

impl Bootstrap {
    /// Draws `draws` times, on `threads` threads.
    pub fn new(strata: &[Stratum], draws: usize, seed: u64, threads: usize) -> Bootstrap {
        let urns: Vec<Option<[Urn<'_>; 2]>> = strata
            .iter()
            .map(|stratum| stratum.matched().then(|| [Urn::new(&stratum.treated), Urn::new(&stratum.control)]))
            .collect();
        let draw = |draw: usize| -> Vec<f64> {
            let stratum = |(number, urns): (usize, &Option<[Urn<'_>; 2]>)| {
                let Some([treated, control]) = urns else { return 0.0 };
                let mut dice = generator(seed, draw as u64, number as u64);
                let treated = treated.mean(&mut dice);
                treated - control.mean(&mut dice)
            };
            urns.iter().enumerate().map(stratum).collect()
        };
        let share = draws.div_ceil(threads.max(1)).max(1);
        let differences = thread::scope(|scope| {
            let parts: Vec<_> = (0..draws)
                .step_by(share)
                .map(|first| scope.spawn(move || (first..draws.min(first + share)).map(draw).collect::<Vec<_>>()))
                .collect();
            let joined = parts.into_iter().flat_map(|part| part.join().expect("drawing does not panic"));
            joined.collect()
        });
        let weight = |stratum: &Stratum| if stratum.matched() { stratum.treated.cases as f64 } else { 0.0 };
        let varies = |stratum: &Stratum| [stratum.treated.cases > 1, stratum.control.cases > 1];
        Bootstrap {
            differences,
            weights: strata.iter().map(weight).collect(),
            varies: strata.iter().map(varies).collect(),
        }
    }

    /// The percentile interval of the difference over some of the strata, by their numbers.
    ///
    /// `None` where none of them is matched, or where of either group each has a single case: drawn again and again,
    /// that one would look as if it were certain.
    pub fn interval(&self, strata: &[usize]) -> Option<Interval> {
        let matched: Vec<usize> = strata.iter().copied().filter(|number| self.weights[*number] > 0.0).collect();
        if (0..2).any(|group| matched.iter().all(|number| !self.varies[*number][group])) {
            return None;
        }
        let whole: f64 = matched.iter().map(|number| self.weights[*number]).sum();
        let of_draw = |draw: &Vec<f64>| -> f64 {
            matched.iter().map(|number| draw[*number] * self.weights[*number]).sum::<f64>() / whole
        };
        let mut differences: Vec<f64> = self.differences.iter().map(of_draw).collect();
        differences.sort_by(f64::total_cmp);
        Some(Interval { low: percentile(&differences, 25)?, high: percentile(&differences, 975)? })
    }
}

fn generator(seed: u64, draw: u64, stratum: u64) -> Pcg64Mcg {
    Pcg64Mcg::new(xxh3_128(&[seed, draw, stratum].map(u64::to_le_bytes).concat()))
}

/// A sample to be drawn from with replacement, as many as it has.
enum Urn<'a> {
    /// Each case by itself: quickest where most are distinct.
    Cases { cases: Vec<i32>, threshold: u32 },
    /// How often each distinct value is drawn: the same distribution, by conditional binomials (L. Devroye,
    /// *Non-Uniform Random Variate Generation*, 1986, p. 558). Its cost does not grow with the cases.
    Counts(&'a Sample),
}

/// A binomial number costs as much as this many cases drawn one by one (measured).
const CASES_PER_BINOMIAL: u64 = 32;

impl<'a> Urn<'a> {
    fn new(sample: &'a Sample) -> Urn<'a> {
        match u32::try_from(sample.cases) {
            Ok(cases) if sample.cases <= CASES_PER_BINOMIAL * sample.values.len() as u64 => Urn::Cases {
                cases: sample.values.iter().flat_map(|(value, n)| (0..*n).map(|_| *value)).collect(),
                threshold: cases.wrapping_neg() % cases.max(1),
            },
            _ => Urn::Counts(sample),
        }
    }

    /// The mean of one draw.
    fn mean(&self, dice: &mut Pcg64Mcg) -> f64 {
        match self {
            Urn::Cases { cases, threshold } => {
                let sum: i64 = cases.iter().map(|_| i64::from(cases[index(dice, cases.len(), *threshold)])).sum();
                sum as f64 / cases.len() as f64
            }
            Urn::Counts(sample) => {
                let (mut sum, mut draws, mut rest) = (0_i128, sample.cases, sample.cases);
                for (value, count) in &sample.values {
                    let drawn = match *count == rest {
                        true => draws,
                        false => Binomial::new(draws, *count as f64 / rest as f64)
                            .expect("a count is a share of what is left")
                            .sample(dice),
                    };
                    sum += i128::from(*value) * i128::from(drawn);
                    draws -= drawn;
                    rest -= count;
                    if draws == 0 {
                        break;
                    }
                }
                sum as f64 / sample.cases as f64
            }
        }
    }
}

/// A number below `cases`, each as likely (D. Lemire, ACM TOMACS 29 (2019) 3).
fn index(dice: &mut Pcg64Mcg, cases: usize, threshold: u32) -> usize {
    loop {
        let wide = u64::from(dice.next_u32()) * cases as u64;
        if wide as u32 >= threshold {
            return (wide >> 32) as usize;
        }
    }
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
    use proptest::prelude::*;

    use super::*;
    use crate::stats::tests::close;

    fn sample(days: &[i32]) -> Sample {
        days.iter().copied().collect()
    }

    fn stratum(treated: &[i32], control: &[i32]) -> Stratum {
        Stratum { treated: sample(treated), control: sample(control) }
    }

    /// Both ways of drawing give the mean of a draw its mean and variance: those of the sample, and σ² ÷ n.
    #[test]
    fn both_urns_draw_the_same_distribution() {
        let days: Vec<i32> = (0..600).map(|number| [3, 5, 8, 13, 90][number % 5] + (number / 300) as i32).collect();
        let sample = sample(&days);
        let variance = sample.variance().unwrap() * 599.0 / 600.0 / 600.0;
        let whole = Urn::Cases { cases: days.clone(), threshold: 600_u32.wrapping_neg() % 600 };
        assert!(matches!(Urn::new(&sample), Urn::Counts(_)));
        for (name, urn) in [("cases", whole), ("counts", Urn::new(&sample))] {
            let draws = 20_000;
            let means: Vec<f64> = (0..draws).map(|draw| urn.mean(&mut generator(1, draw, 2))).collect();
            let mean = means.iter().sum::<f64>() / means.len() as f64;
            let spread = means.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / means.len() as f64;
            // Five standard errors: √(σ² ÷ draws) of the mean, √(2 ÷ draws) of the variance.
            let error = (variance / f64::from(draws as u32)).sqrt();
            assert!((mean - sample.mean().unwrap()).abs() < 5.0 * error, "{name}: {mean}");
            assert!((spread / variance - 1.0).abs() < 5.0 * (2.0 / f64::from(draws as u32)).sqrt(), "{name}: {spread}");
        }
    }

    /// Two cases, 0 and 10, against one of 4 and one of 4: a draw of the treated is 0, 5 or 10 with 1/4, 1/2, 1/4.
    #[test]
    fn a_small_bootstrap_by_hand() {
        let bootstrap = Bootstrap::new(&[stratum(&[0, 10], &[4, 4])], 2_000, 7, 1);
        assert_eq!(bootstrap.interval(&[0]), Some(Interval { low: -4.0, high: 6.0 }));
        let middle = bootstrap.differences.iter().filter(|draw| draw[0] == 1.0).count();
        // 2,000 · 1/2 ± 5 √500.
        assert!(middle.abs_diff(1_000) < 112, "{middle}");
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        let empty = stratum(&[], &[]);
        let nothing = Matched::of([&empty]);
        assert_eq!((nothing, nothing.difference()), (Matched::default(), None));
        let strata = [stratum(&[1], &[2]), stratum(&[1, 2], &[]), stratum(&[], &[3]), stratum(&[1, 2, 3], &[4, 5])];
        let bootstrap = Bootstrap::new(&strata, 100, 1, 2);
        assert_eq!(bootstrap.interval(&[]), None);
        assert_eq!(bootstrap.interval(&[0]), None, "one case each");
        assert_eq!(bootstrap.interval(&[1, 2]), None, "no match");
        assert!(bootstrap.interval(&[0, 1, 2, 3]).is_some());
        assert_eq!(Bootstrap::new(&strata, 0, 1, 1).interval(&[3]), None, "no draws");

        assert_eq!(welch(&sample(&[]), &sample(&[1])), None);
        assert_eq!(welch(&sample(&[4]), &sample(&[1, 3])), Some(Estimate { value: 2.0, interval: None }));
        assert_eq!(welch(&sample(&[4, 4]), &sample(&[1, 1])), Some(Estimate { value: 3.0, interval: None }));
        let spread = Spread { mean: 1.0, variance: 0.0 };
        assert_eq!(standardised_difference([1.0, 1.0], [spread; 2]), Some(0.0));
        assert_eq!(standardised_difference([1.0, 2.0], [spread; 2]), None);
        assert_eq!(Spread::of(&[]), None);
    }

    prop_compose! {
        fn some_strata()(
            strata in prop::collection::vec(
                (prop::collection::vec(0..200_i32, 0..9), prop::collection::vec(0..200_i32, 0..9)), 1..6,
            ),
        ) -> Vec<Stratum> {
            strata.iter().map(|(treated, control)| stratum(treated, control)).collect()
        }
    }

    proptest! {
        #[test]
        fn the_number_of_threads_moves_nothing(strata in some_strata(), seed in any::<u64>()) {
            let all: Vec<usize> = (0..strata.len()).collect();
            let one = Bootstrap::new(&strata, 61, seed, 1);
            for threads in [2, 8, 100] {
                let many = Bootstrap::new(&strata, 61, seed, threads);
                prop_assert_eq!(&one.differences, &many.differences);
                prop_assert_eq!(one.interval(&all), many.interval(&all));
            }
        }

        /// The matched difference is the mean of the treated less the mean of the controls by their weights; with the
        /// groups exchanged each stratum's difference turns round.
        #[test]
        fn weights_and_strata_say_the_same(strata in some_strata()) {
            let matched = Matched::of(&strata);
            let weights: f64 = strata.iter().filter_map(Stratum::control_weight).sum();
            prop_assert_eq!(matched.difference().is_some(), weights > 0.0);
            let mut sum = 0.0;
            for stratum in strata.iter().filter(|stratum| stratum.matched()) {
                let weighed: f64 = stratum.control.values.iter().map(|(value, n)| f64::from(*value) * *n as f64).sum();
                sum += weighed * stratum.control_weight().unwrap();
                let turned = Stratum { treated: stratum.control.clone(), control: stratum.treated.clone() };
                close(stratum.difference().unwrap(), -turned.difference().unwrap());
            }
            if let Some(mean) = matched.control_mean {
                close(mean, sum / matched.treated as f64);
            }
        }
    }
}
