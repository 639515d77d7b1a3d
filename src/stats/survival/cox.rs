//! How much more often the end comes to one group, other things being equal (Cox regression).
//!
//! D. R. Cox, J. R. Statist. Soc. B 34 (1972) 187–220: within a stratum, whoever is at risk on a day meets the end with a
//! chance proportional to exp(Σ coefficient · covariate). Ends of one day share it by B. Efron, JASA 72 (1977) 557–565, as
//! R does. The coefficients maximise the partial likelihood, by Newton's method; the interval is Wald's.

use std::collections::BTreeMap;

use super::life_table::End;
use crate::stats::{Interval, chi_squared_tail};

/// Cases that agree in all that a regression looks at.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    /// Which cases it is compared with: those of the same number.
    pub stratum: usize,
    /// Days until the end, or until it was last seen.
    pub days: i32,
    /// Whether the end came; the other end counts as last seen.
    pub end: End,
    /// What may matter; the first is the one that is asked about.
    pub covariates: Vec<f64>,
    /// How many such cases there are.
    pub cases: u64,
}

/// What a Cox regression says of its first covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Cox {
    /// The logarithm of the hazard ratio of two cases that differ by 1 in the first covariate.
    pub coefficient: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Wald's test: the chance of a coefficient at least this far from 0, were it 0.
    pub p: f64,
    /// Every coefficient, 0 of a covariate that the others determine.
    pub coefficients: Vec<f64>,
    /// Ends that were used.
    pub events: u64,
}

impl Cox {
    /// How many times as often the end comes.
    pub fn hazard_ratio(&self) -> f64 {
        libm::exp(self.coefficient)
    }

    /// The 95 % interval of the hazard ratio.
    pub fn interval(&self) -> Interval {
        let ends = Interval::normal(self.coefficient, self.standard_error * self.standard_error);
        Interval { low: libm::exp(ends.low), high: libm::exp(ends.high) }
    }
}

/// After so many steps without coming to rest, the likelihood has no maximum.
const MOST_STEPS: usize = 30;
/// A coefficient beyond this grows without end: one group meets the end before the other in every stratum.
const MOST_COEFFICIENT: f64 = 15.0;
/// A covariate of whose squares less than this share is information of its own is determined by the others, or constant
/// among those at risk.
const OWN_SHARE: f64 = 1e-9;

/// Fits the regression; `None` where the first covariate does not vary among those at risk, or separates the groups.
///
/// ```
/// use yekuo::stats::survival::{End, Subject, cox};
/// // A ends on day 1 and 3, B on day 2: with r = exp(coefficient) of A, the likelihood is 2r/(2r + 1) · 1/(r + 1), which is
/// // greatest at r = √½.
/// let case = |a: f64, days| Subject { stratum: 0, days, end: End::Event, covariates: vec![a], cases: 1 };
/// let fitted = cox(&[case(1.0, 1), case(1.0, 3), case(0.0, 2)]).unwrap();
/// assert!((fitted.hazard_ratio() - 0.5_f64.sqrt()).abs() < 1e-9);
/// ```
pub fn cox(subjects: &[Subject]) -> Option<Cox> {
    let covariates = subjects.first()?.covariates.len();
    let strata = Strata::of(subjects, covariates);
    let mut coefficients = vec![0.0; covariates];
    let mut here = strata.likelihood(&coefficients);
    for _ in 0..MOST_STEPS {
        let factor = Factor::of(&here.information, &here.squares);
        let step = factor.solve(&here.score);
        let mut scale = 1.0;
        let (next, there) = loop {
            let next: Vec<f64> = coefficients.iter().zip(&step).map(|(at, step)| at + scale * step).collect();
            let there = strata.likelihood(&next);
            // A step that overshoots is halved.
            if there.logarithm >= here.logarithm - 1e-9 * here.logarithm.abs() || scale < 1e-4 {
                break (next, there);
            }
            scale /= 2.0;
        };
        let moved = next.iter().zip(&coefficients).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        (coefficients, here) = (next, there);
        if coefficients.iter().any(|coefficient| coefficient.is_nan() || coefficient.abs() >= MOST_COEFFICIENT) {
            return None;
        }
        if moved < 1e-10 {
            let mut first = vec![0.0; covariates];
            first[0] = 1.0;
            let factor = Factor::of(&here.information, &here.squares);
            let variance = factor.solve(&first)[0];
            let is_known = factor.pivots[0] > 0.0 && variance > 0.0;
            let wald = coefficients[0] * coefficients[0] / variance;
            return is_known.then(|| Cox {
                coefficient: coefficients[0],
                standard_error: variance.sqrt(),
                p: chi_squared_tail(wald),
                coefficients,
                events: strata.events,
            });
        }
    }
    None
}

/// The cases of a day of a stratum.
#[derive(Default)]
struct OnDay<'a> {
    ended: Vec<&'a Subject>,
    last_seen: Vec<&'a Subject>,
}

/// The cases by stratum and day.
struct Strata<'a> {
    by_day: BTreeMap<usize, BTreeMap<i32, OnDay<'a>>>,
    /// The mean of each covariate: what it differs by is what counts, and small numbers keep their digits.
    means: Vec<f64>,
    events: u64,
}

/// The logarithm of the partial likelihood, its slope, and minus its curvature.
struct Likelihood {
    logarithm: f64,
    score: Vec<f64>,
    information: Vec<Vec<f64>>,
    /// The squares of each covariate, of which the information is a part.
    squares: Vec<f64>,
}

/// Σ weight, Σ weight · covariate, Σ weight · covariate · covariate.
#[derive(Clone)]
struct Sums {
    weight: f64,
    first: Vec<f64>,
    second: Vec<Vec<f64>>,
}

impl Sums {
    fn none(covariates: usize) -> Sums {
        Sums { weight: 0.0, first: vec![0.0; covariates], second: vec![vec![0.0; covariates]; covariates] }
    }

    fn add(&mut self, covariates: &[f64], weight: f64) {
        self.weight += weight;
        for (row, a) in covariates.iter().enumerate() {
            self.first[row] += weight * a;
            for (column, b) in covariates.iter().enumerate().take(row + 1) {
                self.second[row][column] += weight * a * b;
            }
        }
    }
}

impl<'a> Strata<'a> {
    fn of(subjects: &'a [Subject], covariates: usize) -> Strata<'a> {
        let mut by_day: BTreeMap<usize, BTreeMap<i32, OnDay<'a>>> = BTreeMap::new();
        let (mut sums, mut cases, mut events) = (vec![0.0; covariates], 0, 0);
        for subject in subjects {
            let on_day = by_day.entry(subject.stratum).or_default().entry(subject.days).or_default();
            match subject.end {
                End::Event => on_day.ended.push(subject),
                End::Competing | End::Censored => on_day.last_seen.push(subject),
            }
            cases += subject.cases;
            events += if subject.end == End::Event { subject.cases } else { 0 };
            for (sum, covariate) in sums.iter_mut().zip(&subject.covariates) {
                *sum += subject.cases as f64 * covariate;
            }
        }
        let means = sums.iter().map(|sum| sum / cases.max(1) as f64).collect();
        Strata { by_day, means, events }
    }

    fn likelihood(&self, coefficients: &[f64]) -> Likelihood {
        let many = coefficients.len();
        let mut likelihood = Likelihood {
            logarithm: 0.0,
            score: vec![0.0; many],
            information: vec![vec![0.0; many]; many],
            squares: vec![0.0; many],
        };
        for days in self.by_day.values() {
            let mut at_risk = Sums::none(many);
            // From the last day back, everybody joins those at risk on the day on which they leave.
            for on_day in days.values().rev() {
                let mut ended = Sums::none(many);
                let mut ends = 0;
                for (subject, is_end) in
                    on_day.last_seen.iter().map(|s| (s, false)).chain(on_day.ended.iter().map(|s| (s, true)))
                {
                    let centred: Vec<f64> = subject.covariates.iter().zip(&self.means).map(|(a, b)| a - b).collect();
                    let linear: f64 = centred.iter().zip(coefficients).map(|(a, b)| a * b).sum();
                    let (cases, risk) = (subject.cases as f64, libm::exp(linear));
                    at_risk.add(&centred, cases * risk);
                    if is_end {
                        ended.add(&centred, cases * risk);
                        ends += subject.cases;
                        likelihood.logarithm += cases * linear;
                        centred.iter().zip(&mut likelihood.score).for_each(|(a, score)| *score += cases * a);
                    }
                }
                (0..ends).for_each(|before| likelihood.less(&at_risk, &ended, before as f64 / ends as f64));
            }
        }
        likelihood
    }
}

impl Likelihood {
    /// One end among those at risk, a share of the day's ends gone before it.
    fn less(&mut self, at_risk: &Sums, ended: &Sums, gone: f64) {
        let weight = at_risk.weight - gone * ended.weight;
        self.logarithm -= libm::log(weight);
        let means: Vec<f64> =
            at_risk.first.iter().zip(&ended.first).map(|(all, ended)| (all - gone * ended) / weight).collect();
        for row in 0..means.len() {
            self.score[row] -= means[row];
            for column in 0..=row {
                let second = (at_risk.second[row][column] - gone * ended.second[row][column]) / weight;
                self.information[row][column] += second - means[row] * means[column];
                self.squares[row] += if row == column { second } else { 0.0 };
            }
        }
    }
}

/// A symmetric matrix as L · D · Lᵀ; a row that the rows before it determine has the pivot 0.
struct Factor {
    below: Vec<Vec<f64>>,
    pivots: Vec<f64>,
}

impl Factor {
    fn of(matrix: &[Vec<f64>], squares: &[f64]) -> Factor {
        let size = matrix.len();
        let (mut below, mut pivots) = (vec![vec![0.0; size]; size], vec![0.0; size]);
        for row in 0..size {
            for column in 0..row {
                let known: f64 = (0..column).map(|at| below[row][at] * below[column][at] * pivots[at]).sum();
                let rest: f64 = matrix[row][column] - known;
                below[row][column] = if pivots[column] > 0.0 { rest / pivots[column] } else { 0.0 };
            }
            let known: f64 = (0..row).map(|at| below[row][at] * below[row][at] * pivots[at]).sum();
            let own = matrix[row][row] - known;
            pivots[row] = if own > OWN_SHARE * squares[row] { own } else { 0.0 };
        }
        Factor { below, pivots }
    }

    /// The solution that is 0 where the pivot is.
    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = right.len();
        let mut found = right.to_vec();
        for row in 0..size {
            let known: f64 = (0..row).map(|at| self.below[row][at] * found[at]).sum();
            found[row] = if self.pivots[row] > 0.0 { found[row] - known } else { 0.0 };
        }
        for row in (0..size).rev() {
            let later: f64 = (row + 1..size).map(|at| self.below[at][row] * found[at]).sum();
            found[row] = if self.pivots[row] > 0.0 { found[row] / self.pivots[row] - later } else { 0.0 };
        }
        found
    }
}
