//! Curves and their medians.

use rand_pcg::Pcg64Mcg;
use yekuo::marts::estimate::covered::{self, CURVE, PointOf, RARE};
use yekuo::stats::Interval;
use yekuo::stats::survival::{End, LifeTable};

use super::differences::{Population, incidence, waiting};
use super::{Coverage, DELAY, DELAYED, SHAPE, WATCHED_DAYS, chance};

/// Nothing is drawn anew here, so that more data sets cost little.
const MANY_DATA_SETS: u64 = 1_000;
/// The days of a curve that are looked at: each of so many days.
const EVERY: usize = 10;
const LAST: i32 = 300;

/// The coverage of the curves of a population: not energised, energised, cancelled.
fn of_curves(population: &Population, mode: usize) -> [Coverage; 3] {
    let mut coverage: [Coverage; 3] = Default::default();
    let days = || (0..=LAST).step_by(EVERY);
    let truths: Vec<[f64; 3]> = days()
        .map(|day| {
            let [energised, gone] = [0, 1].map(|end: usize| population.mix(mode, &|scale| incidence(scale, day)[end]));
            [population.mix(mode, &|scale| waiting(scale, day)), energised, gone]
        })
        .collect();
    for number in 0..MANY_DATA_SETS {
        let table = population.table(mode, &mut Pcg64Mcg::new(u128::from(number) << 64 | 11));
        let (curve, shares) = (table.kaplan_meier(), table.aalen_johansen());
        for (day, truth) in days().zip(&truths) {
            let before = || table.moments().iter().filter(|moment| moment.day <= day);
            let ended = [before().map(|moment| moment.events).sum(), before().map(|moment| moment.competing).sum()];
            let of = |ended: u64| PointOf { cases: table.cases(), ended, left: table.at_risk(day + 1) };
            let (Some(point), Some(shares)) =
                (curve.points().iter().rfind(|point| point.moment.day <= day), shares.point(day))
            else {
                continue;
            };
            let found = [
                (point.survival, covered::point(point.interval, of(ended[0]), CURVE)),
                (shares.event.value, covered::point(shares.event.interval, of(ended[0]), CURVE)),
                (shares.competing.value, covered::point(shares.competing.interval, of(ended[1]), RARE)),
            ];
            for ((coverage, (value, interval)), truth) in coverage.iter_mut().zip(found).zip(*truth) {
                if interval.is_some() {
                    coverage.count(interval, value, truth);
                }
            }
        }
    }
    coverage
}

#[test]
fn the_coverage_of_curves() {
    for population in [
        Population::all(),
        Population::class(),
        Population::alike("50 and 100", 50, 100),
        Population::alike("200 and 400", 200, 400),
    ] {
        for mode in [0, 1] {
            let name = format!("{}, mode {mode}", population.name);
            let [waiting, energised, cancelled] = of_curves(&population, mode);
            waiting.holds(&format!("not energised, {name}"));
            energised.holds(&format!("energised, {name}"));
            if population.cases[mode] as u64 >= RARE.cases {
                cancelled.holds(&format!("cancelled, {name}"));
            } else {
                assert_eq!(cancelled.of, 0, "cancelled, {name}");
            }
        }
    }
}

/// Medians of so many applications, in units of a day or finer: how often the interval holds the true one.
fn of_medians(cases: usize, scale: f64, per_day: f64) -> Coverage {
    let mut coverage = Coverage::default();
    let waiting = |unit: i32| {
        let beyond = |scale: f64| libm::exp(-libm::pow(f64::from(unit) / per_day / scale, SHAPE));
        (1.0 - DELAYED) * beyond(scale) + DELAYED * beyond(scale * DELAY)
    };
    let truth = f64::from((1..).find(|unit| waiting(*unit) <= 0.5).unwrap());
    for number in 0..MANY_DATA_SETS {
        let mut dice = Pcg64Mcg::new(u128::from(number) << 64 | 9);
        let mut case = || {
            let scale = if chance(&mut dice) < DELAYED { scale * DELAY } else { scale };
            let taken = (per_day * scale * libm::pow(-libm::log(chance(&mut dice)), 1.0 / SHAPE)).ceil() as i32;
            let watched = (chance(&mut dice) * WATCHED_DAYS * per_day) as i32;
            if taken <= watched { (taken, End::Event) } else { (watched, End::Censored) }
        };
        let table: LifeTable = (0..cases).map(|_| case()).collect();
        let median = covered::median(table.kaplan_meier().median(), table.cases());
        let Some(low) = median.low.map(f64::from) else { continue };
        let high = median.high.map_or(f64::INFINITY, f64::from);
        coverage.count(Some(Interval { low, high }), truth, truth);
    }
    coverage
}

/// Days are whole, and an interval of days includes both of its ends, so that short ones cover more than they say: where
/// time is finer they cover 93 to 97 %, in days no less.
#[test]
fn the_coverage_of_medians() {
    for (cases, scale) in [(10, 190.0), (15, 250.0), (34, 170.0), (243, 110.0), (418, 42.0), (762, 120.0)] {
        let share = |coverage: &Coverage| coverage.covered as f64 / coverage.of as f64;
        let [fine, days] = [100.0, 1.0].map(|per_day| share(&of_medians(cases, scale, per_day)));
        eprintln!("median of {cases}: {fine:.3}, in days {days:.3}");
        assert!((0.93..=0.97).contains(&fine), "median of {cases}: {fine}");
        assert!(days >= 0.93, "median of {cases} in days: {days}");
    }
    assert_eq!(of_medians(9, 120.0, 1.0).of, 0, "nine are too few");
}
