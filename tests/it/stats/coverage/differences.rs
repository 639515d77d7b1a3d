//! Differences that are not matched: plain means, restricted means, shares at the horizon; and shares of scores.

use rand_pcg::Pcg64Mcg;
use yekuo::marts::estimate::covered;
use yekuo::stats::matching::{Sample, welch};
use yekuo::stats::survival::{End, LifeTable, Share, common_horizon};
use yekuo::stats::{Estimate, Interval, wilson};

use super::{AT_RISK, Coverage, DELAYED, FACTOR, GROUPS, Group, SHAPE, WATCHED_DAYS, chance, days, known, truth};

/// Nothing is drawn anew here, so that more data sets cost little.
const MANY_DATA_SETS: u64 = 2_000;
/// The sample's applications outside its groups: below 1 kV, where all are conventional, and at 110 kV.
const OTHERS: [Group; 2] = [super::group(0, 418, 42.0), super::group(15, 8, 250.0)];

/// Applications of both modes, of which some are larger than others.
pub(super) struct Population {
    pub name: &'static str,
    pub groups: Vec<Group>,
    pub cases: [usize; 2],
}

impl Population {
    fn new(name: &'static str, groups: Vec<Group>) -> Population {
        let cases = [0, 1].map(|mode: usize| groups.iter().map(|group| group.cases[mode]).sum());
        Population { name, groups, cases }
    }

    /// All applications of the sample.
    pub fn all() -> Population {
        Population::new("all", GROUPS.into_iter().chain(OTHERS).collect())
    }

    /// Those from 1 to 35 kV.
    pub fn class() -> Population {
        Population::new("1 to 35 kV", GROUPS[..8].to_vec())
    }

    /// Alike ones.
    pub fn alike(name: &'static str, order: usize, conventional: usize) -> Population {
        Population::new(name, vec![super::group(order, conventional, 120.0)])
    }

    /// How long one of a mode takes: it is of a group by chance.
    pub fn draw(&self, mode: usize, dice: &mut Pcg64Mcg) -> i32 {
        let mut place = (chance(dice) * self.cases[mode] as f64) as usize;
        let mine = self.groups.iter().find(|group| {
            let inside = place < group.cases[mode];
            place = place.saturating_sub(group.cases[mode]);
            inside
        });
        days(mine.unwrap().days * [FACTOR, 1.0][mode], DELAYED, dice)
    }

    pub fn table(&self, mode: usize, dice: &mut Pcg64Mcg) -> LifeTable {
        let mut case = || {
            let taken = self.draw(mode, dice);
            known(taken, dice)
        };
        (0..self.cases[mode]).map(|_| case()).collect()
    }

    /// A figure of a mode, from that of each scale.
    pub fn mix(&self, mode: usize, of: &dyn Fn(f64) -> f64) -> f64 {
        let part = |group: &Group| group.cases[mode] as f64 * of(group.days * [FACTOR, 1.0][mode]);
        self.groups.iter().map(part).sum::<f64>() / self.cases[mode] as f64
    }
}

/// The share that takes longer than some days.
pub(super) fn waiting(scale: f64, day: i32) -> f64 {
    let beyond = |scale: f64| libm::exp(-libm::pow(f64::from(day) / scale, SHAPE));
    (1.0 - DELAYED) * beyond(scale) + DELAYED * beyond(scale * super::DELAY)
}

/// The share cancelled by the end of a day, were nobody energised: 3 % within 60 days.
fn cancelled(day: i32) -> f64 {
    0.03 * f64::from((day + 1).clamp(0, 60)) / 60.0
}

/// The share energised on a day, and the share cancelled: of one day, who is energised on it is not cancelled.
fn ends_on(scale: f64, day: i32) -> [f64; 2] {
    let energised = match day {
        0 => 0.0,
        day => (waiting(scale, day - 1) - waiting(scale, day)) * (1.0 - cancelled(day - 1)),
    };
    [energised, (cancelled(day) - cancelled(day - 1)) * waiting(scale, day)]
}

/// The shares energised and cancelled by a day.
pub(super) fn incidence(scale: f64, day: i32) -> [f64; 2] {
    [0, 1].map(|end: usize| (0..=day).map(|day| ends_on(scale, day)[end]).sum())
}

/// The mean days of those who are energised within the time that is watched and not cancelled before.
fn finished_mean(population: &Population, mode: usize) -> f64 {
    let seen = |day: i32| (1.0 - f64::from(day) / WATCHED_DAYS) * (1.0 - cancelled(day - 1));
    let sum = |of: &dyn Fn(i32) -> f64| {
        population.mix(mode, &|scale| {
            let ends = |day: i32| waiting(scale, day - 1) - waiting(scale, day);
            (1..WATCHED_DAYS as i32).map(|day| of(day) * ends(day) * seen(day)).sum()
        })
    };
    sum(&f64::from) / sum(&|_| 1.0)
}

/// Days are skewed, and one in twelve takes more than twice as long.
#[test]
fn the_coverage_of_plain_differences() {
    let populations = [
        Population::all(),
        Population::class(),
        Population::alike("30 and 30", 30, 30),
        Population::alike("30 and 60", 30, 60),
    ];
    for population in populations {
        let truth = finished_mean(&population, 0) - finished_mean(&population, 1);
        let mut coverage = Coverage::default();
        for number in 0..MANY_DATA_SETS {
            let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 7);
            let [order, other] = [0, 1].map(|mode: usize| -> Sample {
                let table = population.table(mode, &mut dice);
                table.moments().iter().map(|moment| (moment.day, moment.events)).filter(|(_, n)| *n > 0).collect()
            });
            let energised = [order.cases(), other.cases()];
            let found = covered::enough(welch(&order, &other).unwrap(), energised, covered::ENERGISED);
            coverage.count(found.interval, found.value, truth);
        }
        coverage.holds(&format!("plain difference, {}", population.name));
    }
}

/// The coverage of what is said of each mode at the common horizon, and of their difference.
#[derive(Default)]
struct AtHorizon {
    modes: [Coverage; 2],
    difference: Coverage,
}

impl AtHorizon {
    fn count(&mut self, found: [Estimate; 2], difference: Estimate, cases: [u64; 2], needed: u64, truth: [f64; 2]) {
        for mode in [0, 1] {
            let found = covered::enough(found[mode], [cases[mode]; 2], needed);
            self.modes[mode].count(found.interval, found.value, truth[mode]);
        }
        let found = covered::enough(difference, cases, needed);
        self.difference.count(found.interval, found.value, truth[0] - truth[1]);
    }

    fn holds(&self, what: &str) {
        self.modes[0].holds(&format!("{what}, order-style"));
        self.modes[1].holds(&format!("{what}, conventional"));
        self.difference.holds(&format!("{what}, difference"));
    }
}

fn estimate(share: &Share) -> Estimate {
    Estimate { value: share.value, interval: share.interval.filter(|interval| interval.low < interval.high) }
}

/// What is true of a mode up to a horizon.
#[derive(Clone, Copy)]
struct Truth {
    mean: f64,
    energised: f64,
    cancelled: f64,
}

/// What is true up to each day, each from the day before.
fn truths(population: &Population, mode: usize) -> Vec<Truth> {
    let mut so_far = Truth { mean: 0.0, energised: 0.0, cancelled: 0.0 };
    let mut each = Vec::new();
    for day in 0..=WATCHED_DAYS as i32 {
        let [energised, gone] = [0, 1].map(|end: usize| population.mix(mode, &|scale| ends_on(scale, day)[end]));
        so_far = Truth { energised: so_far.energised + energised, cancelled: so_far.cancelled + gone, ..so_far };
        each.push(so_far);
        so_far.mean += population.mix(mode, &|scale| waiting(scale, day));
    }
    each
}

/// What is published of one data set at its horizon: restricted means, and the shares energised and cancelled.
fn at_horizon(tables: &[LifeTable; 2], truths: &[Vec<Truth>; 2], means: &mut AtHorizon, shares: &mut [AtHorizon; 2]) {
    let cases = tables.each_ref().map(LifeTable::cases);
    let horizon = common_horizon(tables, AT_RISK).unwrap();
    let found = tables.each_ref().map(|table| table.kaplan_meier().restricted_mean(horizon).unwrap());
    let truths = [0, 1].map(|mode: usize| truths[mode][horizon as usize]);
    means.count(
        found.map(|mean| mean.estimate()),
        found[0].minus(&found[1]),
        cases,
        covered::MEAN,
        truths.map(|truth| truth.mean),
    );
    let points = tables.each_ref().map(|table| *table.aalen_johansen().point(horizon).unwrap());
    let found = [points.map(|point| point.event), points.map(|point| point.competing)];
    let expected = [truths.map(|truth| truth.energised), truths.map(|truth| truth.cancelled)];
    for ((coverage, found), expected) in shares.iter_mut().zip(found).zip(expected) {
        let difference = found[0].minus(&found[1]);
        coverage.count(found.each_ref().map(estimate), difference, cases, covered::SHARE, expected);
    }
}

#[test]
fn the_coverage_of_what_is_said_at_the_horizon() {
    for population in [Population::all(), Population::class(), Population::alike("50 and 60", 50, 60)] {
        let (mut means, mut shares) = (AtHorizon::default(), <[AtHorizon; 2]>::default());
        let truths = [0, 1].map(|mode| truths(&population, mode));
        for number in 0..MANY_DATA_SETS {
            let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 17);
            let tables = [0, 1].map(|mode: usize| population.table(mode, &mut dice));
            at_horizon(&tables, &truths, &mut means, &mut shares);
        }
        let name = population.name;
        means.holds(&format!("restricted mean, {name}"));
        for (share, what) in shares.iter().zip(["energised", "cancelled"]) {
            if population.cases.iter().all(|cases| *cases as u64 >= covered::SHARE) {
                share.holds(&format!("{what}, {name}"));
            } else {
                assert_eq!(share.difference.of, 0, "{what}, {name}");
            }
        }
    }
}

/// Exact, from the binomial distribution: averaged over shares of satisfied customers from 50 to 98 %, as one share is
/// covered a little more and the next a little less.
#[test]
fn the_coverage_of_shares_of_scores() {
    for n in [covered::SCORED, 20, 50, 150] {
        let of_rate = |rate: f64| -> f64 {
            let mut mass = libm::pow(1.0 - rate, n as f64);
            let mut covered = 0.0;
            for part in 0..=n {
                let Interval { low, high } = wilson(part, n).unwrap();
                covered += if (low..=high).contains(&rate) { mass } else { 0.0 };
                mass *= (n - part) as f64 / (part + 1) as f64 * rate / (1.0 - rate);
            }
            covered
        };
        let rates: Vec<f64> = (500..=980).step_by(5).map(|rate| f64::from(rate) / 1000.0).collect();
        let covered = rates.iter().map(|rate| of_rate(*rate)).sum::<f64>() / rates.len() as f64;
        eprintln!("satisfied of {n}: {covered:.3}");
        assert!((0.93..=0.97).contains(&covered), "of {n}: {covered}");
    }
}

/// The populations are what their truths say: of very many, what is estimated is the truth.
#[test]
fn the_truths_are_those_of_the_populations() {
    let population = Population { cases: [20_000, 20_000], ..Population::alike("many", 20_000, 20_000) };
    let mut dice = Pcg64Mcg::new(1);
    let table = population.table(1, &mut dice);
    let point = *table.aalen_johansen().point(150).unwrap();
    let [energised, gone] = incidence(120.0, 150);
    assert!((point.event.value - energised).abs() < 0.01 && (point.competing.value - gone).abs() < 0.005);
    let mean = table.kaplan_meier().restricted_mean(200).unwrap().value;
    assert!((mean - truth(120.0, DELAYED, 200)).abs() < 1.0);
    let finished: Sample =
        table.moments().iter().map(|moment| (moment.day, moment.events)).filter(|(_, n)| *n > 0).collect();
    assert!((finished.mean().unwrap() - finished_mean(&population, 1)).abs() < 1.5);
    assert_eq!(known(1, &mut Pcg64Mcg::new(1)).1, End::Event);
}
