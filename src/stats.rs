//! Estimators: numbers in, plain figures out.
//!
//! No files, no tables, no words: [`survival`] times to an end of which not all have come, [`matched`] two
//! groups of them compared within strata, [`matching`] groups compared as they are, [`control`] a series' own noise. Times are whole days. Every interval is a 95 % one. What
//! cannot be said (no cases, nothing that varies, a curve that never falls so far) is `None`, never a NaN.
//! Logarithms, powers and distributions are computed with `libm`, which gives the same bits on every platform.

pub mod control;
pub mod matched;
pub mod matching;
pub mod survival;

use std::f64::consts::{PI, SQRT_2};

/// Shares this near to each other are one: a product of fractions that should be 0.5 seldom is to the last bit.
const HAIR: f64 = 1e-12;

/// The 97.5 % point of the standard normal distribution: half the width of a 95 % interval in standard errors.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Beyond so many standard errors a difference is called a signal: [`Z_95`] as the textbooks round it.
pub const Z_SIGNAL: f64 = 1.96;

/// What a tail of a distribution is below where it is called a signal: on either side, one in forty by chance.
pub const TAIL_SIGNAL: f64 = 0.025;

/// An interval that covers the true figure in 95 of 100 such samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// The interval of a figure that is normally distributed with this variance.
    pub fn normal(value: f64, variance: f64) -> Interval {
        let half = Z_95 * variance.sqrt();
        Interval { low: value - half, high: value + half }
    }

    /// The interval of a share in (0, 1) with this variance, by the normal distribution of ln(−ln share): it stays
    /// within 0 and 1 (Kalbfleisch & Prentice 1980, §1.3). A share of 0 or 1 has none.
    pub fn log_log(share: f64, variance: f64) -> Option<Interval> {
        if !(share > HAIR && share < 1.0 - HAIR) {
            return None;
        }
        let spread = libm::exp((Z_95 * variance.sqrt() / (share * libm::log(share))).abs());
        Some(Interval { low: libm::pow(share, spread), high: libm::pow(share, 1.0 / spread) })
    }
}

/// A figure and its interval, where it has one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure.
    pub value: f64,
    /// Its interval.
    pub interval: Option<Interval>,
}

/// The value that a standard normal variable exceeds with the probability `tail`, above 0 and at most 0.5.
///
/// By Newton's method from 0. The tail is convex there, so every step falls short of the point, until rounding ends it.
fn normal_point(tail: f64) -> f64 {
    let mut point = 0.0;
    loop {
        let density = libm::exp(-point * point / 2.0) / (2.0 * PI).sqrt();
        let next = point + (libm::erfc(point / SQRT_2) / 2.0 - tail) / density;
        if next <= point || next.is_nan() {
            return point;
        }
        point = next;
    }
}

/// Within which a rate of `n` cases stays in a share `inside` of all samples, where each case has the chance `rate`:
/// the limits of a funnel plot (D. J. Spiegelhalter, Statistics in Medicine 24 (2005) 1185–1202), by the normal
/// distribution, cut off at 0 and 1.
///
/// ```
/// // 100 cases at 10 %: a standard error of 3 points.
/// let limits = yekuo::stats::binomial_limits(100, 0.1, 0.95);
/// assert!((limits.low - (0.1 - 1.959_963_985 * 0.03)).abs() < 1e-9);
/// assert!((limits.high - (0.1 + 1.959_963_985 * 0.03)).abs() < 1e-9);
/// ```
pub fn binomial_limits(n: u64, rate: f64, inside: f64) -> Interval {
    let half = normal_point((1.0 - inside) / 2.0) * (rate * (1.0 - rate) / n.max(1) as f64).sqrt();
    Interval { low: (rate - half).max(0.0), high: (rate + half).min(1.0) }
}

/// The probability that chi-squared with one degree of freedom, the square of a standard normal variable, exceeds a value.
///
/// ```
/// // Any table of the distribution: 5 % lie beyond 3.841.
/// let p = yekuo::stats::chi_squared_tail(3.841_458_820_694_124);
/// assert!((p - 0.05).abs() < 1e-12);
/// ```
pub fn chi_squared_tail(value: f64) -> f64 {
    libm::erfc((value / 2.0).sqrt())
}

/// The percentile of sorted numbers, in tenths of a per cent, by linear interpolation between the two nearest; `None` of
/// none.
///
/// ```
/// // 9 and 11: 9 + 0.8 × (11 − 9).
/// assert_eq!(yekuo::stats::percentile(&[9.0, 11.0], 800), Some(10.6));
/// ```
pub fn percentile(sorted: &[f64], per_mille: u64) -> Option<f64> {
    interpolated(sorted.len() as u64, per_mille, |place| sorted.get(place as usize).copied())
}

/// The percentile of sorted numbers, each with how often it comes, in tenths of a per cent; `None` of none.
///
/// ```
/// // 9, 9, 11: the second of three is the median.
/// assert_eq!(yekuo::stats::percentile_of_counts(&[(9.0, 2), (11.0, 1)], 500), Some(9.0));
/// ```
pub fn percentile_of_counts(sorted: &[(f64, u64)], per_mille: u64) -> Option<f64> {
    let cases = sorted.iter().map(|(_, n)| n).sum();
    let at = |wanted: u64| {
        let mut before = 0;
        let number = sorted.iter().find(|(_, n)| {
            before += n;
            before > wanted
        });
        number.map(|(number, _)| *number)
    };
    interpolated(cases, per_mille, at)
}

/// The place among the cases is a whole number and so many thousandths of the way to the next: what falls on a case is
/// that case's number to the bit.
fn interpolated(cases: u64, per_mille: u64, at: impl Fn(u64) -> Option<f64>) -> Option<f64> {
    let thousandths = per_mille * cases.checked_sub(1)?;
    let (place, way) = (thousandths / 1000, thousandths % 1000);
    let below = at(place)?;
    if way == 0 { Some(below) } else { Some(below + (at(place + 1)? - below) * way as f64 / 1000.0) }
}

/// The 95 % interval of a share of `whole` cases: E. B. Wilson, Journal of the American Statistical Association 22 (1927)
/// 209–212. It stays within 0 and 1, and holds of few cases too; `None` of no cases.
///
/// ```
/// // 1 of 4: (0.25 + z²/8 ± z · √(0.25 · 0.75/4 + z²/64)) ÷ (1 + z²/4).
/// let interval = yekuo::stats::wilson(1, 4).unwrap();
/// assert!((interval.low - 0.045_587_261).abs() < 1e-9);
/// assert!((interval.high - 0.699_358_157).abs() < 1e-9);
/// ```
pub fn wilson(part: u64, whole: u64) -> Option<Interval> {
    let n = Some(whole as f64).filter(|n| *n > 0.0)?;
    let rate = part as f64 / n;
    let middle = (rate + Z_95 * Z_95 / (2.0 * n)) / (1.0 + Z_95 * Z_95 / n);
    let half = Z_95 * (rate * (1.0 - rate) / n + Z_95 * Z_95 / (4.0 * n * n)).sqrt() / (1.0 + Z_95 * Z_95 / n);
    let low = if part == 0 { 0.0 } else { middle - half };
    let high = if part == whole { 1.0 } else { middle + half };
    Some(Interval { low, high })
}

/// How likely a binomial count of `whole` trials, each with the chance `rate`, is at most `part`, and at least `part`; exact.
/// `None` where the rate is no chance, or more have come than could.
///
/// ```
/// // At least 3 of 20 at 5 %: 1 − 0.95²⁰ − 20 · 0.05 · 0.95¹⁹ − 190 · 0.05² · 0.95¹⁸.
/// let [low, high] = yekuo::stats::binomial_tails(3, 20, 0.05).unwrap();
/// assert!((high - 0.075_483_674).abs() < 1e-9);
/// assert!((low + high - 1.0 - 0.059_582_148).abs() < 1e-9);
/// ```
pub fn binomial_tails(part: u64, whole: u64, rate: f64) -> Option<[f64; 2]> {
    if !(0.0..=1.0).contains(&rate) || part > whole {
        return None;
    }
    if rate == 0.0 || rate == 1.0 {
        let certain = if rate == 0.0 { 0 } else { whole };
        return Some([part >= certain, part <= certain].map(|holds| if holds { 1.0 } else { 0.0 }));
    }
    let (k, n) = (part as f64, whole as f64);
    let ways = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0);
    let exactly = libm::exp(ways + k * libm::log(rate) + (n - k) * libm::log1p(-rate));
    let odds = rate / (1.0 - rate);
    // Away from the mean, each count is less likely than the one before it.
    let is_above = k >= n * rate;
    let (mut beyond, mut mass) = (0.0, exactly);
    let counts: Box<dyn Iterator<Item = f64>> = if is_above {
        Box::new((part..whole).map(|at| (n - at as f64) / (at as f64 + 1.0) * odds))
    } else {
        Box::new((1..=part).rev().map(|at| at as f64 / (n - at as f64 + 1.0) / odds))
    };
    for step in counts {
        mass *= step;
        beyond += mass;
        if mass <= beyond * f64::EPSILON {
            break;
        }
    }
    let (near, far) = ((exactly + beyond).min(1.0), (1.0 - beyond).clamp(0.0, 1.0));
    Some(if is_above { [far, near] } else { [near, far] })
}

#[cfg(test)]
pub(crate) mod tests {
    /// Asserts that two numbers agree to 1e-9.
    #[track_caller]
    pub fn close(got: f64, expected: f64) {
        assert!((got - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{got}, expected {expected}");
    }

    #[test]
    fn a_percentile_that_falls_on_a_case_is_its_number() {
        for number in [113.0, 0.1, 1e-9] {
            assert_eq!(super::percentile(&[number], 800), Some(number));
            assert_eq!(super::percentile_of_counts(&[(number, 101)], 990), Some(number));
        }
        assert_eq!(super::percentile(&[], 500), None);
        // The 80th percentile of 1, 2, … 101 is the 81st.
        let numbers: Vec<f64> = (1..=101).map(f64::from).collect();
        assert_eq!(super::percentile(&numbers, 800), Some(81.0));
    }

    #[test]
    fn the_distributions_agree_with_their_tables() {
        close(super::normal_point(0.025), super::Z_95);
        close(super::normal_point(0.001), 3.090_232_306_167_813);
        close(super::normal_point(0.5), 0.0);
        // The upper 1 % point of chi-squared with one degree of freedom.
        close(super::chi_squared_tail(6.634_896_601_021_214), 0.01);
    }

    #[test]
    fn the_tails_of_a_binomial_are_its_sums() {
        for (n, rate) in [(1_u64, 0.5_f64), (7, 0.03), (40, 0.5), (300, 0.9), (2_000, 0.046)] {
            // Each probability from the one before it, from the likeliest on: nothing is lost to underflow.
            let mode = ((n as f64 + 1.0) * rate) as u64;
            let odds = rate / (1.0 - rate);
            let mut mass = vec![0.0; n as usize + 1];
            mass[mode as usize] = 1.0;
            for at in mode..n {
                mass[at as usize + 1] = mass[at as usize] * (n - at) as f64 / (at + 1) as f64 * odds;
            }
            for at in (1..=mode).rev() {
                mass[at as usize - 1] = mass[at as usize] * at as f64 / (n - at + 1) as f64 / odds;
            }
            let all: f64 = mass.iter().sum();
            for part in 0..=n {
                let [low, high] = super::binomial_tails(part, n, rate).unwrap();
                close(low, mass[..=part as usize].iter().sum::<f64>() / all);
                close(high, mass[part as usize..].iter().sum::<f64>() / all);
            }
        }
        assert_eq!(super::binomial_tails(0, 5, 0.0), Some([1.0, 1.0]));
        assert_eq!(super::binomial_tails(2, 5, 0.0), Some([1.0, 0.0]));
        assert_eq!(super::binomial_tails(4, 5, 1.0), Some([0.0, 1.0]));
        assert_eq!(super::binomial_tails(6, 5, 0.5), None);
    }
}
