//! What is called a 95 % interval covers the truth in 93 to 97 of 100 data sets like the sample.
//!
//! 500 data sets are drawn with the groups and the numbers of the sample, open and cancelled applications too, from
//! distributions whose means, medians and shares are known. Every interval that the comparison publishes goes through
//! [`covered`], here as there: what is too small to cover is not published, and not counted here. The short form draws
//! each bootstrap 99 times, which is enough for an interval to cover (it is only a little wider); the full form draws
//! 2,000 times, as a report does:
//!
//! ```text
//! cargo test --release --test it -- --ignored coverage
//! ```
//!
//! Neither can pass by chance: both draw the same data sets each time, and intervals that are a fifth too short must fail.

mod curves;
mod differences;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use yekuo::marts::estimate::covered;
use yekuo::stats::matched::{Comparison, Matched, Stratum};
use yekuo::stats::survival::{End, LifeTable, Subject, common_horizon, cox};
use yekuo::stats::{Estimate, Interval};

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
#[derive(Clone, Copy)]
struct Group {
    cases: [usize; 2],
    days: f64,
}

const fn group(order: usize, conventional: usize, days: f64) -> Group {
    Group { cases: [order, conventional], days }
}

/// The groups of 10 to 110 kV; the last one is the only one above 35 kV.
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

/// How often an interval that is published covered, and how often it would have, had it been a fifth shorter.
#[derive(Default)]
struct Coverage {
    covered: u64,
    shortened: u64,
    of: u64,
    without: u64,
}

impl Coverage {
    fn count(&mut self, interval: Option<Interval>, value: f64, truth: f64) {
        let Some(Interval { low, high }) = interval else {
            self.without += 1;
            return;
        };
        self.of += 1;
        let shorter = |end: f64| value + 0.8 * (end - value);
        self.covered += u64::from((low..=high).contains(&truth));
        self.shortened += u64::from((shorter(low)..=shorter(high)).contains(&truth));
    }

    fn add(&mut self, other: &Coverage) {
        self.covered += other.covered;
        self.shortened += other.shortened;
        self.of += other.of;
        self.without += other.without;
    }

    fn holds(&self, what: &str) {
        let share = |n: u64| n as f64 / self.of as f64;
        let (covered, shortened) = (share(self.covered), share(self.shortened));
        eprintln!("{what}: {covered:.3}, shortened {shortened:.3}, of {}, without {}", self.of, self.without);
        assert!((0.93..=0.97).contains(&covered), "{what}: the 95 % interval covers {covered:.3}");
        assert!(self.of > self.without, "{what}: mostly without an interval");
        assert!(shortened < 0.93, "{what}: an interval that is too short covers {shortened:.3}");
    }
}

fn order_style(strata: &[Stratum]) -> f64 {
    strata.iter().map(|stratum| stratum.treated.cases()).sum::<u64>() as f64
}

/// A group, drawn: as it is known, and as it will be.
struct Drawn {
    group: Group,
    seen: Stratum,
    whole: Stratum,
}

impl Drawn {
    fn new(group: Group, dice: &mut Pcg64Mcg) -> Drawn {
        let arms = [0, 1].map(|mode: usize| {
            let scale = group.days * [FACTOR, 1.0][mode];
            let taken: Vec<i32> = (0..group.cases[mode]).map(|_| days(scale, DELAYED, dice)).collect();
            let seen: LifeTable = taken.iter().map(|days| known(*days, dice)).collect();
            let whole: LifeTable = taken.into_iter().map(|days| (days, End::Event)).collect();
            [seen, whole]
        });
        let [[seen_order, whole_order], [seen_other, whole_other]] = arms;
        Drawn {
            group,
            seen: Stratum { treated: seen_order, control: seen_other },
            whole: Stratum { treated: whole_order, control: whole_other },
        }
    }

    /// What order-style saves up to a horizon.
    fn truth(&self, horizon: i32) -> f64 {
        let means = [FACTOR, 1.0].map(|factor| truth(self.group.days * factor, DELAYED, horizon));
        means[0] - means[1]
    }
}

/// What order-style saves in some groups taken together.
fn expected(groups: &[&Drawn], horizon: i32) -> f64 {
    let strata: Vec<Stratum> = groups.iter().map(|drawn| drawn.seen.clone()).collect();
    let weight = |drawn: &Drawn| drawn.seen.treated.cases() as f64 / order_style(&strata);
    groups.iter().map(|drawn| weight(drawn) * drawn.truth(horizon)).sum()
}

fn horizon(strata: &[Stratum]) -> i32 {
    common_horizon(strata.iter().flat_map(|of| [&of.treated, &of.control]), AT_RISK).unwrap()
}

fn compare(strata: &[Stratum], horizon: i32, draws: usize, number: u64) -> Comparison {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Comparison::new(strata, horizon, draws, number, threads)
}

/// Counts a difference as it is published.
fn count(coverage: &mut Coverage, found: Matched, truth: f64) {
    let difference = covered::matched(found).difference.unwrap();
    coverage.count(difference.interval, difference.value, truth);
}

/// The coverage of the headline, of that at 365 days, of the finished ones alone, and of the rows of groups.
fn of_means(draws: usize) {
    let [mut headline, mut year, mut finished] = [Coverage::default(), Coverage::default(), Coverage::default()];
    let mut by_group: [Coverage; 9] = Default::default();
    for number in 0..DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 1);
        let drawn: Vec<Drawn> = GROUPS.into_iter().map(|group| Drawn::new(group, &mut dice)).collect();
        let groups: Vec<&Drawn> = drawn.iter().collect();
        let strata: Vec<Stratum> = drawn.iter().map(|drawn| drawn.seen.clone()).collect();
        let uncensored: Vec<Stratum> = drawn.iter().map(|drawn| drawn.whole.clone()).collect();
        let horizon = horizon(&strata);
        let comparison = compare(&strata, horizon, draws, number);
        count(&mut headline, comparison.all(), expected(&groups, horizon));
        for (at, coverage) in by_group.iter_mut().enumerate() {
            count(coverage, comparison.of(&[at]), drawn[at].truth(horizon));
        }
        count(&mut year, compare(&strata, 365, draws, number).all(), expected(&groups, 365));
        count(&mut finished, compare(&uncensored, 2_000, draws, number).all(), expected(&groups, 2_000));
    }
    headline.holds("headline");
    year.holds("at 365 days");
    finished.holds("finished ones");
    let mut rows = Coverage::default();
    for (group, coverage) in GROUPS.iter().zip(by_group) {
        let [order, conventional] = group.cases;
        if group.cases.iter().all(|cases| *cases as u64 >= covered::MATCHED) {
            eprintln!("a group of {order} and {conventional}: {} of {}", coverage.covered, coverage.of);
            // Each by itself is 500 data sets: two standard errors are 2 %.
            assert!(coverage.covered as f64 >= 0.93 * coverage.of as f64, "a group of {order} and {conventional}");
            rows.add(&coverage);
        } else {
            assert_eq!(coverage.of, 0, "a group of {order} and {conventional} has an interval");
        }
    }
    rows.holds("rows of groups");
}

/// The coverage of a voltage class with a horizon of its own, and of a part of the applications up to the horizon of all.
fn of_parts(draws: usize) {
    let [mut class, mut two_groups, mut part] = [Coverage::default(), Coverage::default(), Coverage::default()];
    for number in 0..DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 5);
        let drawn: Vec<Drawn> = GROUPS.into_iter().map(|group| Drawn::new(group, &mut dice)).collect();
        let of_all = horizon(&drawn.iter().map(|drawn| drawn.seen.clone()).collect::<Vec<_>>());
        for (coverage, wanted) in [(&mut class, 0..8), (&mut two_groups, 4..6)] {
            let groups: Vec<&Drawn> = drawn[wanted].iter().collect();
            let strata: Vec<Stratum> = groups.iter().map(|drawn| drawn.seen.clone()).collect();
            let horizon = horizon(&strata);
            count(coverage, compare(&strata, horizon, draws, number).all(), expected(&groups, horizon));
        }
        let half = |group: Group| Group { cases: group.cases.map(|cases| cases / 2), ..group };
        let half: Vec<Drawn> = GROUPS.into_iter().map(|group| Drawn::new(half(group), &mut dice)).collect();
        let is_followed = |drawn: &&Drawn| {
            [&drawn.seen.treated, &drawn.seen.control].into_iter().all(|of| of.at_risk(of_all) >= AT_RISK)
        };
        let groups: Vec<&Drawn> = half.iter().filter(is_followed).collect();
        let strata: Vec<Stratum> = groups.iter().map(|drawn| drawn.seen.clone()).collect();
        if !strata.is_empty() {
            count(&mut part, compare(&strata, of_all, draws, number).all(), expected(&groups, of_all));
        }
    }
    class.holds("a voltage class");
    two_groups.holds("two small groups");
    part.holds("half of the applications");
}

#[test]
fn the_coverage_of_matched_differences() {
    of_means(99);
}

#[test]
fn the_coverage_of_matched_differences_of_parts() {
    of_parts(99);
}

#[test]
#[ignore = "takes minutes in a debug build: 500 data sets of 2,000 draws"]
fn the_coverage_of_matched_differences_in_full() {
    of_means(2_000);
    of_parts(2_000);
}

/// Without delays the hazards are proportional: order-style's is the factor to the power of −shape. Of one group of the
/// sample too.
#[test]
fn the_coverage_of_the_hazard_ratio() {
    of_hazards(&GROUPS, "hazard ratio");
    of_hazards(&GROUPS[3..4], "hazard ratio in one group");
}

fn of_hazards(groups: &[Group], what: &str) {
    let mut coverage = Coverage::default();
    let truth = -SHAPE * libm::log(FACTOR);
    for number in 0..DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 3);
        let mut subjects: Vec<Subject> = Vec::new();
        for (stratum, Group { cases, days: scale }) in groups.iter().enumerate() {
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
        let energised = [1.0, 0.0].map(|mode| {
            subjects.iter().filter(|case| case.end == End::Event && case.covariates[0] == mode).count() as u64
        });
        let fitted = cox(&subjects).unwrap();
        let Interval { low, high } = fitted.interval();
        let interval = Some(Interval { low: libm::log(low), high: libm::log(high) });
        let found = covered::enough(Estimate { value: fitted.coefficient, interval }, energised, covered::ENERGISED);
        coverage.count(found.interval, found.value, truth);
    }
    coverage.holds(what);
}
