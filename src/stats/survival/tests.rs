//! The estimators of survival: published examples, examples by hand, and what holds of any cases.

use proptest::prelude::*;

use super::End::{Censored, Competing, Event};
use super::*;
use crate::stats::tests::close;
use crate::stats::{Estimate, Interval};

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
    for (week, share) in [(9, 0.909), (13, 0.818), (18, 0.716), (23, 0.614), (31, 0.491), (34, 0.368), (48, 0.184)] {
        assert!((curve.at(week) - share).abs() < 5e-4, "week {week}: {}", curve.at(week));
    }
    assert_eq!(curve.median().day, Some(31));
    assert_eq!(other.kaplan_meier().median().day, Some(23));
    let test = log_rank(&maintained, &other).unwrap();
    assert!((test.chi2 - 3.4).abs() < 0.05 && (test.p - 0.0653).abs() < 5e-5, "{test:?}");
}

/// Regression of two groups, the first with the covariate 1; times with a minus are censored.
fn hazard(first: &[i32], other: &[i32]) -> Cox {
    let subject = |time: &i32, of: f64| Subject {
        stratum: 0,
        days: time.abs(),
        end: if *time < 0 { Censored } else { Event },
        covariates: vec![of],
        cases: 1,
    };
    let subjects: Vec<Subject> =
        first.iter().map(|time| subject(time, 1.0)).chain(other.iter().map(|time| subject(time, 0.0))).collect();
    cox(&subjects).unwrap()
}

/// R's survfit(Surv(time, status) ~ x, aml), printed with rmean up to the last time of all, 161 weeks: 52.6 (standard error
/// 19.83) maintained, 22.7 (4.18) not. R's coxph of the same: 0.9155 (0.5119), p 0.0737, of those not maintained.
#[test]
fn the_restricted_means_and_the_regression_of_aml() {
    let maintained = [9, 13, -13, 18, 23, -28, 31, 34, -45, 48, -161];
    let other = [5, 5, 8, 8, 12, -16, 23, 27, 30, 33, 43, 45];
    for (times, mean, error) in [(&maintained[..], 52.6, 19.83), (&other[..], 22.7, 4.18)] {
        let restricted = table(times).kaplan_meier().restricted_mean(161).unwrap();
        assert!((restricted.value - mean).abs() < 0.05, "{restricted:?}");
        assert!((restricted.variance.sqrt() - error).abs() < 0.005, "{restricted:?}");
    }
    let fitted = hazard(&other, &maintained);
    assert!((fitted.coefficient - 0.9155).abs() < 5e-5 && (fitted.standard_error - 0.5119).abs() < 5e-5, "{fitted:?}");
    assert!((fitted.p - 0.0737).abs() < 5e-5, "{fitted:?}");
}

/// The remission data with ties by Efron: 1.57 (0.41) of placebo (J. P. Klein and M. L. Moeschberger, §8.4).
#[test]
fn the_regression_of_freireich() {
    let fitted = hazard(&PLACEBO, &MERCAPTOPURINE);
    assert!((fitted.coefficient - 1.5721).abs() < 5e-5 && (fitted.standard_error - 0.4124).abs() < 5e-5, "{fitted:?}");
    assert_eq!(fitted.events, 30);
}

/// Days of 138 men and 90 women with lung cancer: C. L. Loprinzi et al., J. Clin. Oncol. 12 (1994) 601–607, the data set
/// `lung` of R's package survival.
const MEN: [i32; 138] = [
    11, 11, 11, 12, 13, 13, 15, 26, 30, 31, 53, 53, 54, 59, 60, 65, 65, 71, 81, 88, 88, 92, 93, 95, 105, 107, 110, 116,
    118, 131, 132, 132, 135, 142, 144, 147, 156, 156, 163, 163, 163, 166, 170, -174, 175, 176, 177, 179, 179, 180, 181,
    181, 183, -185, -188, 189, -191, -196, -197, 197, 202, 207, 210, 212, 218, -221, -222, 222, 223, -225, -225, 229,
    230, -237, 239, 246, -259, 267, 269, 270, -279, 283, -284, 284, 285, 286, 288, 291, -292, -300, -301, 301, -303,
    303, 306, 310, 320, 329, 337, 353, 353, 363, 364, 371, 387, 390, 394, -404, -413, 428, 429, 442, -444, 455, 457,
    -458, 460, 477, 519, 524, 533, 558, 567, 574, 583, 613, 624, 643, 655, 689, 707, 791, -806, 814, -840, 883, -1010,
    -1022,
];
const WOMEN: [i32; 90] = [
    5, 60, 61, 62, 79, 81, -92, 95, -105, 107, 122, 145, 145, 153, 166, 167, -173, -175, -177, 182, 186, -192, 194,
    199, 201, 201, -202, -203, 208, -211, -224, 226, -235, 239, -240, -243, 245, -252, -266, 268, -269, -272, -276,
    285, -292, 293, -296, 305, 310, -315, -332, 340, 345, 348, 350, 351, -356, 361, 363, -364, 371, -376, -382, -384,
    426, 433, 444, 450, 473, -511, -511, 520, 524, -529, -543, 550, -551, -559, -588, 641, 654, 687, 705, 728, 731,
    735, -740, 765, -821, -965,
];

/// R's survdiff and coxph of Surv(time, status) ~ sex: observed 112 and 53, expected 91.6 and 73.4, chi-squared 10.3;
/// coefficient −0.531 (0.167), hazard ratio 0.588 (0.424 to 0.816), p 0.00149. Medians 270 and 426 days.
#[test]
fn the_lung_data_of_loprinzi() {
    let (men, women) = (table(&MEN), table(&WOMEN));
    let test = log_rank(&men, &women).unwrap();
    assert_eq!(test.observed, [112, 53]);
    assert!((test.expected[0] - 91.6).abs() < 0.05 && (test.expected[1] - 73.4).abs() < 0.05, "{test:?}");
    assert!((test.chi2 - 10.3).abs() < 0.05, "{test:?}");
    assert_eq!([&men, &women].map(|table| table.kaplan_meier().median().day), [Some(270), Some(426)]);
    let fitted = hazard(&WOMEN, &MEN);
    assert!((fitted.coefficient + 0.5310).abs() < 5e-5 && (fitted.standard_error - 0.1672).abs() < 5e-5, "{fitted:?}");
    assert!((fitted.p - 0.00149).abs() < 5e-6, "{fitted:?}");
    let Interval { low, high } = fitted.interval();
    assert!((low - 0.4237).abs() < 5e-5 && (high - 0.816).abs() < 5e-5, "{low} {high}");
}

#[test]
fn a_regression_that_cannot_be_fitted_is_not() {
    let subject = |stratum: usize, days: i32, a: f64, b: f64| Subject {
        stratum,
        days,
        end: Event,
        covariates: vec![a, b],
        cases: 1,
    };
    assert_eq!(cox(&[]), None);
    // The groups never meet in a stratum, or one always ends first.
    assert_eq!(cox(&[subject(0, 1, 1.0, 0.0), subject(0, 2, 1.0, 1.0), subject(1, 3, 0.0, 0.0)]), None);
    assert_eq!(cox(&[subject(0, 1, 1.0, 0.0), subject(0, 2, 0.0, 0.0)]), None);
    // A covariate that the first determines is dropped.
    let days = [(1, 1.0), (2, 0.0), (3, 1.0), (4, 0.0)];
    let twice: Vec<Subject> = days.iter().map(|(day, a)| subject(0, *day, *a, 2.0 * a)).collect();
    let once: Vec<Subject> = days.iter().map(|(day, a)| subject(0, *day, *a, 0.0)).collect();
    let (twice, once) = (cox(&twice).unwrap(), cox(&once).unwrap());
    close(twice.coefficient, once.coefficient);
    close(twice.standard_error, once.standard_error);
    assert_eq!(twice.coefficients[1], 0.0);
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

/// Six cases, of which two meet each end. The variances and the log-log limits are those of SAS's PROC LIFETEST, as the test
/// suite of lifelines cites them (CamDavidsonPilon/lifelines, lifelines/tests/test_estimation.py, TestAalenJohansenFitter:
/// `test_variance_calculation_against_sas`, `test_ci_calculation_against_sas`).
#[test]
fn the_incidence_of_sas() {
    let cases: LifeTable =
        [(1, Censored), (2, Competing), (3, Competing), (4, Event), (5, Event), (6, Censored)].into_iter().collect();
    let incidence = cases.aalen_johansen();
    for (day, variance) in [(1, 0.0), (2, 0.0), (3, 0.0), (4, 0.032), (5, 0.048), (6, 0.048)] {
        close(incidence.point(day).unwrap().event.variance, variance);
    }
    for (day, limits) in [(4, [0.00836904, 0.58185303]), (5, [0.05197575, 0.75281579]), (6, [0.05197575, 0.75281579])] {
        let Interval { low, high } = incidence.point(day).unwrap().event.interval.unwrap();
        assert!((low - limits[0]).abs() < 5e-9 && (high - limits[1]).abs() < 5e-9, "day {day}: {low} {high}");
    }
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
    assert_eq!(common_horizon([&some, &nobody], 1), None);

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
        let horizon = common_horizon([&a, &b], 1).unwrap();
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

    /// Cases counted at once are cases one by one; strata of one kind of case say nothing.
    #[test]
    fn a_regression_takes_cases_in_any_order_and_number(
        times in prop::collection::vec((0..30_i32, any::<bool>(), 0..2_u8, 0..2_usize), 4..40),
    ) {
        let subject = |(days, ended, group, stratum): &(i32, bool, u8, usize), cases: u64| Subject {
            stratum: *stratum,
            days: *days,
            end: if *ended { Event } else { Censored },
            covariates: vec![f64::from(*group)],
            cases,
        };
        let twice: Vec<Subject> = times.iter().rev().flat_map(|case| [subject(case, 1), subject(case, 1)]).collect();
        let counted: Vec<Subject> = times.iter().map(|case| subject(case, 2)).collect();
        match (cox(&twice), cox(&counted)) {
            (Some(a), Some(b)) => {
                prop_assert!((a.coefficient - b.coefficient).abs() < 1e-7);
                prop_assert!((a.standard_error / b.standard_error - 1.0).abs() < 1e-6);
            }
            (a, b) => prop_assert!(a.is_none() && b.is_none(), "{a:?} {b:?}"),
        }
    }
}
