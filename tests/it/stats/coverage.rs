//! What is called a 95 % interval covers the truth in 93 to 97 of 100 data sets like the sample.
//!
//! 500 data sets are drawn with the groups and the numbers of the sample, open and cancelled applications too, from
//! distributions whose restricted means are known. The short form draws each bootstrap 99 times, which is enough for an
//! interval to cover (it is only a little wider); the full form draws 2,000 times, as a report does:
//!
//! ```text
//! cargo test --release --test it -- --ignored coverage
//! ```
//!
//! Neither can pass by chance: both draw the same data sets each time, and intervals that are a fifth too short must fail.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use yekuo::stats::Interval;
use yekuo::stats::matched::{Comparison, Stratum};
use yekuo::stats::survival::{End, LifeTable, Subject, common_horizon, cox};

const DATA_SETS: u64 = 500;
/// So many are at risk in each mode of every group at the horizon.
const AT_RISK: u64 = 5;
/// The exports of the sample cover two years.
const WATCHED_DAYS: f64 = 730.0;
/// A delay that many cases meet makes them so much longer: those are the ones that are still open.
const DELAYED: f64 = 0.08;
const DELAY: f64 = 2.5;
/// The shape of the Weibull distribution of days, and what order-style saves of them.
const SHAPE: f64 = 4.0;
const FACTOR: f64 = 0.9;

/// A group of the sample: order-style and conventional applications, and the scale of the days of the latter.
struct Group {
    cases: [usize; 2],
    days: f64,
}

const fn group(order: usize, conventional: usize, days: f64) -> Group {
    Group { cases: [order, conventional], days }
}

const GROUPS: [Group; 9] = [
    group(20, 56, 125.0),
    group(29, 423, 105.0),
    group(27, 138, 115.0),
    group(63, 34, 130.0),
    group(12, 16, 130.0),
    group(14, 71, 120.0),
    group(22, 12, 135.0),
    group(56, 12, 130.0),
    group(34, 10, 190.0),
];

fn chance(dice: &mut Pcg64Mcg) -> f64 {
    ((dice.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// Days from acceptance to energisation: what is asked about.
fn days(scale: f64, delayed: f64, dice: &mut Pcg64Mcg) -> i32 {
    let scale = if chance(dice) < delayed { scale * DELAY } else { scale };
    (scale * libm::pow(-libm::log(chance(dice)), 1.0 / SHAPE)).ceil() as i32
}

/// The mean of these days, none counting for more than the horizon: the sum of the shares still waiting.
fn truth(scale: f64, delayed: f64, horizon: i32) -> f64 {
    let waiting = |scale: f64, day: i32| libm::exp(-libm::pow(f64::from(day) / scale, SHAPE));
    (0..horizon).map(|day| (1.0 - delayed) * waiting(scale, day) + delayed * waiting(scale * DELAY, day)).sum()
}

/// The case as it is known: energised, cancelled early, or open on the last day.
fn known(days: i32, dice: &mut Pcg64Mcg) -> (i32, End) {
    let watched = (chance(dice) * WATCHED_DAYS) as i32;
    let cancelled = if chance(dice) < 0.03 { (chance(dice) * 60.0) as i32 } else { i32::MAX };
    match () {
        () if days <= watched && days <= cancelled => (days, End::Event),
        () if cancelled <= watched => (cancelled, End::Competing),
        () => (watched, End::Censored),
    }
}

/// How often an interval covered, and how often it would have, had it been a fifth shorter.
#[derive(Default)]
struct Coverage {
    covered: u64,
    shortened: u64,
    of: u64,
    without: u64,
}

impl Coverage {
    fn count(&mut self, interval: Option<Interval>, value: f64, truth: f64) {
        self.of += 1;
        let Some(Interval { low, high }) = interval else {
            self.without += 1;
            return;
        };
        let shorter = |end: f64| value + 0.8 * (end - value);
        self.covered += u64::from((low..=high).contains(&truth));
        self.shortened += u64::from((shorter(low)..=shorter(high)).contains(&truth));
    }

    fn holds(&self, what: &str) {
        let share = |n: u64| n as f64 / self.of as f64;
        let (covered, shortened) = (share(self.covered), share(self.shortened));
        eprintln!("{what}: {covered:.3}, shortened {shortened:.3}, of {}, without {}", self.of, self.without);
        assert!((0.93..=0.97).contains(&covered), "{what}: the 95 % interval covers {covered:.3}");
        assert!(shortened < 0.93, "{what}: an interval that is too short covers {shortened:.3}");
    }
}

/// The coverage of the headline, of that at 365 days, and of the finished ones alone.
fn of_means(draws: usize) {
    let [mut headline, mut year, mut finished] = [Coverage::default(), Coverage::default(), Coverage::default()];
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for number in 0..DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 1);
        let mut strata = Vec::new();
        let mut uncensored = Vec::new();
        for Group { cases, days: scale } in GROUPS {
            let arms = [0, 1].map(|mode| {
                let scale = scale * [FACTOR, 1.0][mode];
                let taken: Vec<i32> = (0..cases[mode]).map(|_| days(scale, DELAYED, &mut dice)).collect();
                let seen: LifeTable = taken.iter().map(|days| known(*days, &mut dice)).collect();
                let whole: LifeTable = taken.into_iter().map(|days| (days, End::Event)).collect();
                [seen, whole]
            });
            let [[seen_order, whole_order], [seen_other, whole_other]] = arms;
            strata.push(Stratum { treated: seen_order, control: seen_other });
            uncensored.push(Stratum { treated: whole_order, control: whole_other });
        }
        let order: usize = GROUPS.iter().map(|group| group.cases[0]).sum();
        let expected = |horizon: i32| -> f64 {
            let difference = |group: &Group| {
                let means = [FACTOR, 1.0].map(|factor| truth(group.days * factor, DELAYED, horizon));
                group.cases[0] as f64 * (means[0] - means[1]) / order as f64
            };
            GROUPS.iter().map(difference).sum()
        };
        let horizon = common_horizon(strata.iter().flat_map(|of| [&of.treated, &of.control]), AT_RISK).unwrap();
        for (coverage, strata, horizon) in
            [(&mut headline, &strata, horizon), (&mut year, &strata, 365), (&mut finished, &uncensored, 2_000)]
        {
            let difference = Comparison::new(strata, horizon, draws, number, threads).all().difference.unwrap();
            coverage.count(difference.interval, difference.value, expected(horizon));
        }
    }
    headline.holds("headline");
    year.holds("at 365 days");
    finished.holds("finished ones");
}

#[test]
fn the_coverage_of_matched_differences() {
    of_means(99);
}

#[test]
#[ignore = "takes minutes in a debug build: 500 data sets of 2,000 draws"]
fn the_coverage_of_matched_differences_in_full() {
    of_means(2_000);
}

/// Without delays the hazards are proportional: order-style's is the factor to the power of −shape.
#[test]
fn the_coverage_of_the_hazard_ratio() {
    let mut coverage = Coverage::default();
    let truth = -SHAPE * libm::log(FACTOR);
    for number in 0..DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 3);
        let mut subjects = Vec::new();
        for (stratum, Group { cases, days: scale }) in GROUPS.iter().enumerate() {
            for (mode, cases) in cases.iter().enumerate() {
                for _ in 0..*cases {
                    // Key projects are mostly order-style, and a little slower.
                    let key = f64::from(u8::from(chance(&mut dice) < [0.5, 0.02][mode]));
                    let scale = scale * [FACTOR, 1.0][mode] * (1.0 + 0.05 * key);
                    let taken = days(scale, 0.0, &mut dice);
                    let (days, end) = known(taken, &mut dice);
                    subjects.push(Subject { stratum, days, end, covariates: vec![1.0 - mode as f64, key], cases: 1 });
                }
            }
        }
        let fitted = cox(&subjects).unwrap();
        let Interval { low, high } = fitted.interval();
        let interval = Interval { low: libm::log(low), high: libm::log(high) };
        coverage.count(Some(interval), fitted.coefficient, truth);
    }
    coverage.holds("hazard ratio");
}
