//! What else is asked of the modes, worked out with a pencil: satisfaction, what order-style costs the others, what
//! widening would bring; and counted again from the cases.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use super::estimated::{Seen, cells, days_of, numbers, same, texts, waited};
use crate::place::Place;

const HEADER: &str = "application_id,bureau,voltage_kv,capacity_kva,mode,accepted_at,energised_at,cancelled_at\n";

fn report(applications: &str, callbacks: Option<&str>) -> Place {
    let place = Place::new();
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    if let Some(callbacks) = callbacks {
        place.write("data/callbacks.csv", callbacks);
    }
    place.pipelines();
    let comparison = place.text("pipelines/comparison.toml");
    let comparison = comparison.replace("min_arm = 10", "min_arm = 2").replace("min_at_risk = 5", "min_at_risk = 1");
    place.write("pipelines/comparison.toml", comparison);
    place.report("report", &["pipelines/comparison.toml", "--data", "data", "--as-of", "2026-06-30", "--lang", "en"]);
    place
}

/// O1 is open from 10 March to 20 May: one order-style project is open when April and May begin, none when March and June
/// do. The median of 0, 1, 1 and 0 is 0.5, so that April and May are high. C5 was cancelled 12 days after acceptance.
const COST: &str = "\
O1,East,10,5000,order,2026-03-10,2026-05-20,
C1,East,10,500,conventional,2026-03-02,2026-03-12,
C2,East,10,500,conventional,2026-03-02,2026-03-22,
C3,East,10,500,conventional,2026-04-02,2026-04-27,
C4,East,10,500,conventional,2026-04-02,2026-05-02,
C5,East,10,500,conventional,2026-05-04,,2026-05-16
C6,East,10,500,conventional,2026-06-01,,
C7,West,10,500,conventional,2026-04-02,2026-04-03,
C8,East,0.4,8,conventional,2026-04-02,2026-04-03,
";

#[test]
fn what_order_style_costs_the_others_by_hand() {
    let place = report(&(HEADER.to_owned() + COST), None);
    // High: C3 25 days, C4 30, C5 seen for 12; low: C1 10, C2 20, C6 open for 29. The last of the low ones is at risk until
    // day 29, the last of the high ones until day 30: up to day 29. High: of three, after C5 has gone, one of two ends on
    // day 25: 25 + 4 · 1/2 = 27. Low: 10 + 10 · 2/3 + 9 · 1/3 = 59/3. The difference is 22/3. West has no month that is
    // above its median, and the low-voltage one is alone.
    let columns = [
        "scope",
        "bureaus",
        "high_n",
        "low_n",
        "left_out_n",
        "high_open",
        "low_open",
        "high_mean_days",
        "low_mean_days",
        "difference_days",
        "horizon_days",
        "remark",
    ];
    assert_eq!(
        cells(&place, "mode_cost", &columns),
        [
            "below_1_kv | 0 | 0 | 0 | 1 | - | - | - | - | - | - | no_match",
            "1_35_kv | 1 | 3 | 3 | 1 | 1 | 0 | 27 | 19.666666667 | 7.333333333 | 29 | no_interval",
        ]
    );
    let page = place.pages("report");
    assert!(page.contains("35 kV +7.3 days"), "the headline");
    assert!(page.contains("nobody drew lots"), "and what it does not say");
    // Nobody was called, so that nothing is known of satisfaction.
    assert_eq!(cells(&place, "mode_satisfaction", &["mode"]).len(), 0);
    assert!(page.contains("<div class=\"v\">no data</div>"), "no scores, no figure");
    // No order-style project of 1,000 to 4,000 kVA.
    assert!(page.contains("no group between 1,000 and 4,000 kVA has enough of both modes"));
}

/// O1 20 days, O2 30, O3 with a new feeder 40; C1 40, C2 open since 60 days, C3 with a new feeder 50. With a new
/// feeder there are not two of both, so that these join the others. O9 is too large to be here, C9 too small.
const WIDENING: &str = "\
application_id,bureau,voltage_kv,capacity_kva,new_feeder,mode,accepted_at,energised_at
O1,East,10,1000,false,order,2026-03-02,2026-03-22
O2,East,10,2000,false,order,2026-03-02,2026-04-01
O3,East,10,2000,true,order,2026-03-02,2026-04-11
O9,East,10,4000,false,order,2026-03-02,2026-03-03
C1,East,10,3999,false,conventional,2026-03-02,2026-04-11
C2,East,10,2000,false,conventional,2026-05-01,
C3,East,10,2000,true,conventional,2026-03-02,2026-04-21
C9,East,10,500,false,conventional,2026-03-02,2026-03-03
";

#[test]
fn what_widening_would_bring_by_hand() {
    let place = report(WIDENING, None);
    // The last order-style one is at risk until day 40: 20 + 10 · 2/3 + 10 · 1/3 = 30 against 40.
    let columns = ["stratum", "order_n", "conventional_n", "order_mean_days", "difference_days", "horizon_days"];
    assert_eq!(
        cells(&place, "mode_widening", &columns),
        ["all | 3 | 3 | 30 | -10 | 40", "10-kv-one-any-1000_4000 | 3 | 3 | 30 | -10 | 40"]
    );
    let page = place.pages("report");
    assert!(page.contains("<div class=\"v\">-10.0 days</div>"), "the headline");
    assert!(page.contains("too few for an interval"), "three are too few");
}

/// Twelve of the order-style ones were called, eleven of them satisfied, and one conventional one.
#[test]
fn satisfaction_of_each_mode_by_hand() {
    let mut applications = HEADER.to_owned();
    let mut callbacks = "kind,subject_id,called_at,outcome,score\n".to_owned();
    for number in 1..=12 {
        applications += &format!("O{number},East,10,5000,order,2026-03-02,2026-04-{number:02},\n");
        let score = if number == 1 { 2 } else { 4 };
        callbacks += &format!("connection,O{number},2026-04-20,reached,{score}\n");
    }
    applications += "C1,East,10,500,conventional,2026-03-02,2026-04-01,\nC2,East,10,500,conventional,2026-03-02,,\n";
    callbacks += "connection,C1,2026-04-20,reached,3\n";
    let place = report(&applications, Some(&callbacks));
    // 11 of 12: (11/12 + z²/24 ± z · √(11/144/12 + z²/576)) ÷ (1 + z²/12). (2 + 11 · 4) ÷ 12.
    let columns = ["mode", "scored", "satisfied", "satisfaction_rate", "wilson_low", "wilson_high", "mean_score"];
    assert_eq!(
        cells(&place, "mode_satisfaction", &columns),
        [
            "conventional | 1 | 0 | 0 | - | - | 3",
            "order | 12 | 11 | 0.916666667 | 0.646120089 | 0.985134906 | 3.833333333"
        ]
    );
    let page = place.pages("report");
    assert!(page.contains("<div class=\"v\">order-style 91.7 %, conventional 0.0 %</div>"), "the headline");
    assert!(page.contains("11 / 12, 95 % interval 64.6 % to 98.5 %, mean score 3.83"), "what it rests on");
}

/// Each class of voltage again from its cases: who is in months with many, and their means.
pub fn recount_cost(rows: &DataFrame, cases: &DataFrame) -> usize {
    let (scopes, bureaus, months) = (texts(cases, "scope"), texts(cases, "bureau"), days_of(cases, "month"));
    let (loads, days, states) = (numbers(cases, "open_order"), numbers(cases, "days"), texts(cases, "state"));
    let mut of_bureau: BTreeMap<&String, BTreeMap<i32, f64>> = BTreeMap::new();
    for case in 0..scopes.len() {
        of_bureau.entry(&bureaus[case]).or_default().insert(months[case], loads[case]);
    }
    let median = |months: &BTreeMap<i32, f64>| {
        let mut loads: Vec<f64> = months.values().copied().collect();
        loads.sort_by(f64::total_cmp);
        (loads[(loads.len() - 1) / 2] + loads[loads.len() / 2]) / 2.0
    };
    let min_arm = numbers(cases, "min_arm").first().copied().unwrap_or_default() as usize;
    let figures = ["high_n", "low_n", "left_out_n", "high_mean_days", "low_mean_days", "horizon_days"]
        .map(|name| numbers(rows, name));
    let mut cells = 0;
    for (row, scope) in texts(rows, "scope").iter().enumerate() {
        let mine: Vec<usize> = (0..scopes.len()).filter(|case| scopes[*case] == *scope).collect();
        let mut sides: BTreeMap<&String, [Vec<Seen>; 2]> = BTreeMap::new();
        for case in &mine {
            let side = usize::from(loads[*case] <= median(&of_bureau[&bureaus[*case]]));
            let seen = (days[*case], states[*case] == "energised", states[*case] == "cancelled");
            sides.entry(&bureaus[*case]).or_default()[side].push(seen);
        }
        sides.retain(|_, sides| sides.iter().all(|side| side.len() >= min_arm));
        let n = [0, 1].map(|side: usize| sides.values().map(|sides| sides[side].len()).sum::<usize>() as f64);
        let means = [0, 1].map(|side: usize| -> f64 {
            let weighed = sides.values().map(|of| of[0].len() as f64 * waited(&of[side], figures[5][row], false));
            weighed.sum::<f64>() / n[0]
        });
        let expected = [n[0], n[1], mine.len() as f64 - n[0] - n[1], means[0], means[1]];
        for (figure, expected) in figures.iter().zip(expected) {
            cells += same(scope, figure[row], expected);
        }
    }
    cells
}

/// Every application of that size is in a row, and the row of all weighs the others by their order-style ones.
pub fn recount_widening(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let names = texts(rows, "stratum");
    let figures = ["order_n", "conventional_n", "difference_days"].map(|name| numbers(rows, name));
    let groups: BTreeSet<&String> = names.iter().skip(1).collect();
    assert_eq!(groups.len() + 1, names.len().max(1), "each group has one row");
    let mut cells = 0;
    for (mode, figure) in ["order", "conventional"].iter().zip(&figures) {
        let n = modes.iter().filter(|own| own == mode).count() as f64;
        cells += same(mode, figure.iter().skip(1).sum(), n);
    }
    if !names.is_empty() {
        let matched = || (1..names.len()).filter(|row| figures[2][*row].is_finite());
        let weighed: f64 = matched().map(|row| figures[0][row] * figures[2][row]).sum();
        cells += same("all", figures[2][0], weighed / figures[0][0]);
        cells += same("order-style", figures[0][0], matched().map(|row| figures[0][row]).sum());
    }
    assert!(numbers(cases, "days").iter().all(|days| days.is_finite()));
    cells
}
