//! The marts that are estimated from their cases: worked out with a pencil, and counted again from the cases.

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use yekuo::lake::Columns;
use yekuo::marts::Mart;
use yekuo::marts::estimate::{Estimator, MODES};
use yekuo::rules::vocabulary::Mode;

use super::modes_by_hand::{recount_cost, recount_widening};
use crate::place::{Place, lines};

/// Small ones at 10 kV: O1 10 days, O2 20, O5 open since 10, C1 30, C4 cancelled after 15. Large ones: O3 100 days,
/// C2 90, C3 130. O4 at 110 kV has taken 50 days and has no like.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,supply,new_feeder,mode,accepted_at,energised_at,cancelled_at
O1,East,10,500,,,order,2026-03-02,2026-03-12,
O2,East,10,500,single,false,order,2026-03-02,2026-03-22,
O3,West,10,5000,,,order,2026-01-01,2026-04-11,
O4,West,110,48000,dual,true,order,2026-03-02,2026-04-21,
O5,East,10,500,,,order,2026-04-20,,
C1,East,10,500,,,conventional,2026-03-02,2026-04-01,
C2,West,10,5000,,,conventional,2026-01-01,2026-04-01,
C3,East,10,5000,,,conventional,2025-12-02,2026-04-11,
C4,East,10,500,,,conventional,2026-04-01,,2026-04-16
";

const HEADER: &str = "application_id,bureau,voltage_kv,capacity_kva,mode,accepted_at,energised_at,cancelled_at\n";

fn report(applications: &str) -> Place {
    report_as_of(applications, "2026-04-30")
}

/// A group is compared however few it has, so that few are enough to work out by hand.
fn report_as_of(applications: &str, as_of: &str) -> Place {
    let place = Place::new();
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.pipelines();
    place.set(&["min_arm = 1", "min_at_risk = 1"]);
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of, "--lang", "en"]);
    place
}

fn mart(place: &Place, name: &str) -> DataFrame {
    place.table(&format!("report/marts/{name}.parquet"))
}

pub(super) fn cells(place: &Place, name: &str, columns: &[&str]) -> Vec<String> {
    lines(&mart(place, name).select(columns.iter().copied()).unwrap())
}

#[test]
fn nine_applications_by_hand() {
    let place = report(APPLICATIONS);
    let small = "10-kv-one-existing-315_1000";
    let large = "10-kv-one-existing-4000_10000";
    let alone = "110-kv-two-new-from_10000";

    // … matched | n | n | mean | mean | difference | interval | horizon | at risk. Nobody but O1, O2 and O5 is of the small
    // order-style ones: on day 20 the last of them is at risk, so the horizon is 20. Of them 2/3 are left after day 10: 10 +
    // 10 · 2/3 days; everybody else still waits on day 20. All: (3 · (50/3 − 20) + 1 · (20 − 20)) ÷ 4. One case alone, O3,
    // says nothing of how it varies, so that the whole has no interval.
    let all = cells(
        &place,
        "mode_comparison",
        &[
            "stratum",
            "voltage_kv",
            "supply",
            "new_feeder",
            "capacity_band",
            "capacity_band_to",
            "matched",
            "order_n",
            "conventional_n",
            "order_mean_days",
            "conventional_mean_days",
            "difference_days",
            "horizon_days",
            "order_at_risk",
            "conventional_at_risk",
        ],
    );
    assert_eq!(
        all,
        [
            "all | - | - | - | - | - | true | 4 | 4 | 17.5 | 20 | -2.5 | 20 | - | -",
            &format!(
                "{small} | 10 | single | false | 315_1000 | 315_1000 | true | 3 | 2 | 16.666666667 | 20 | \
                 -3.333333333 | 20 | 1 | 1"
            ),
            &format!(
                "{large} | 10 | single | false | 4000_10000 | 4000_10000 | true | 1 | 2 | 20 | 20 | 0 | 20 | 1 | 2"
            ),
            &format!("{alone} | 110 | dual | true | from_10000 | from_10000 | false | 1 | 0 | - | - | - | - | - | -"),
        ]
    );
    assert_eq!(cells(&place, "mode_comparison", &["ci_low", "ci_high"])[0], "- | -");

    // Plain: 180/4 − 250/3, Welch's interval from a t table's 3.6 degrees. Order-style curve: 4/5 after day 10, · 2/3
    // after 20, · 1/2 after 50, 0 after 100. Conventional, C4 censored: 2/3 after 30, 1/3 after 90, 0 after 130. Up to
    // day 100: 10 + 10 · 4/5 + 30 · 8/15 + 50 · 4/15 = 142/3; 30 + 60 · 2/3 + 10 · 1/3 = 220/3. Incidence of the
    // conventional: 1/4 cancelled on day 15, then 1/4 energised on day 30, 90 and 130.
    let columns =
        ["scope", "measure", "unit", "order_n", "conventional_n", "order_value", "conventional_value", "difference"];
    let effects = cells(&place, "mode_effect", &[&columns[..], &["horizon_days", "remark"]].concat());
    assert_eq!(
        effects[..11],
        [
            "all | matched | days | 4 | 4 | 17.5 | 20 | -2.5 | 20 | too_few",
            "all | matched_projects | projects | 5 | 4 | 4 | 4 | - | - | too_few",
            "all | unmatched_projects | projects | 5 | 4 | 1 | 0 | - | - | too_few",
            "all | plain | days | 4 | 3 | 45 | 83.333333333 | -38.333333333 | - | too_few",
            "all | median | days | 5 | 4 | 50 | 90 | -40 | - | too_few",
            "all | restricted_mean | days | 5 | 4 | 47.333333333 | 73.333333333 | -26 | 100 | too_few",
            "all | log_rank | test | 5 | 4 | - | - | - | - | too_few",
            "all | log_rank_matched | test | 4 | 4 | - | - | - | - | too_few",
            "all | share_energised | share | 5 | 4 | 1 | 0.5 | 0.5 | 100 | too_few",
            "all | share_cancelled | share | 5 | 4 | 0 | 0.25 | -0.25 | 100 | too_few",
            "all | share_open | share | 5 | 4 | 0 | 0.25 | -0.25 | 100 | too_few",
        ]
    );
    let scopes: Vec<&str> = effects.iter().step_by(11).map(|row| row.split(" | ").next().unwrap()).collect();
    assert_eq!(scopes, ["all", "1_35_kv", "from_110_kv"]);
    assert_eq!(effects[22], "from_110_kv | matched | days | 0 | 0 | - | - | - | - | no_match");
    // So few have no interval that covers. The test is lifelines' logrank_test.
    assert_eq!(cells(&place, "mode_effect", &["measure", "order_low", "order_high"])[4], "median | - | -");
    assert_eq!(
        cells(&place, "mode_effect", &["measure", "ci_low", "ci_high", "chi2", "p_value"])[..7],
        [
            "matched | - | - | - | -",
            "matched_projects | - | - | - | -",
            "unmatched_projects | - | - | - | -",
            "plain | - | - | - | -",
            "median | - | - | - | -",
            "restricted_mean | - | - | - | -",
            "log_rank | - | - | 1.005245791 | 0.316044501",
        ]
    );

    // The same in other ways. Cancelled ones never energised: C4 has 20 days too. At a year: O1, O2 and O5 10 + 10 · 2/3, all
    // energised then; C1 30; O3 100; C2 and C3 110. Without C4 and O5, finished ones: (2 · (15 − 30) + (100 − 110)) ÷ 3.
    let answers = cells(
        &place,
        "mode_sensitivity",
        &[
            "analysis",
            "order_n",
            "conventional_n",
            "left_out_n",
            "order_value",
            "conventional_value",
            "difference",
            "horizon_days",
            "finding",
        ],
    );
    assert_eq!(
        answers[..7],
        [
            "headline | 4 | 4 | 1 | 17.5 | 20 | -2.5 | 20 | -",
            "never_energised | 4 | 4 | 1 | 17.5 | 20 | -2.5 | 20 | -",
            "at_365_days | 4 | 4 | 1 | 37.5 | 50 | -12.5 | 365 | -",
            "without_key | 4 | 4 | 1 | 17.5 | 20 | -2.5 | 20 | -",
            "accepted_12_months_ago | 0 | 0 | 0 | - | - | - | 20 | -",
            "matched_finished | 3 | 3 | 1 | 43.333333333 | 56.666666667 | -13.333333333 | - | -",
            "plain | 4 | 3 | 0 | 45 | 83.333333333 | -38.333333333 | - | -",
        ]
    );

    // scope, mode, day | at risk | energised | censored or cancelled | share.
    let head = ["scope", "mode", "day", "at_risk", "energised"];
    assert_eq!(
        cells(&place, "survival", &[&head[..], &["censored", "survival"]].concat())[..10],
        [
            "all | order | 0 | 5 | 0 | 0 | 1",
            "all | order | 10 | 5 | 1 | 1 | 0.8",
            "all | order | 20 | 3 | 1 | 0 | 0.533333333",
            "all | order | 50 | 2 | 1 | 0 | 0.266666667",
            "all | order | 100 | 1 | 1 | 0 | 0",
            "all | conventional | 0 | 4 | 0 | 0 | 1",
            "all | conventional | 15 | 4 | 0 | 1 | 1",
            "all | conventional | 30 | 3 | 1 | 0 | 0.666666667",
            "all | conventional | 90 | 2 | 1 | 0 | 0.333333333",
            "all | conventional | 130 | 1 | 1 | 0 | 0",
        ]
    );
    assert_eq!(
        cells(&place, "cumulative_incidence", &[&head[..], &["cancelled", "cif_energised", "cif_cancelled"]].concat())
            [5..10],
        [
            "all | conventional | 0 | 4 | 0 | 0 | 0 | 0",
            "all | conventional | 15 | 4 | 0 | 1 | 0 | 0.25",
            "all | conventional | 30 | 3 | 1 | 0 | 0.25 | 0.25",
            "all | conventional | 90 | 2 | 1 | 0 | 0.5 | 0.25",
            "all | conventional | 130 | 1 | 1 | 0 | 0.75 | 0.25",
        ]
    );

    // After matching O1, O2, O5 and O3 stand against C1 and C4 with weight 3/2 and C2, C3 with 1/2 each; O4 is gone. West:
    // O3 and O4 of five against C2 of four, variances 6/25 and 3/16; then 1/4 against 1/2 of 4.
    let balance = cells(
        &place,
        "balance",
        &["covariate", "level", "bureau", "order_before", "conventional_before", "smd_before"],
    );
    assert!(balance.contains(&"voltage | 10 kV | - | 0.8 | 1 | -0.707106781".to_owned()), "{balance:?}");
    assert!(balance.contains(&"bureau | - | West | 0.4 | 0.25 | 0.324442842".to_owned()), "{balance:?}");
    let balance = cells(
        &place,
        "balance",
        &["covariate", "level", "bureau", "unit", "order_after", "conventional_after", "smd_after", "unbalanced_after"],
    );
    assert_eq!(balance[0], "capacity | geometric_mean | - | kva | 889.139705019 | 889.139705019 | 0 | false");
    assert_eq!(balance[1], "key_project | key | - | share | 0 | 0 | 0 | false");
    assert_eq!(balance[2], "voltage | 10 kV | - | share | 1 | 1 | 0 | false");
    assert_eq!(balance[3], "voltage | 110 kV | - | share | 0 | 0 | 0 | false");
    assert!(balance.contains(&"bureau | - | West | share | 0.25 | 0.125 | 0.270369035 | true".to_owned()));

    assert_eq!(
        lines(&mart(&place, "unmatched")),
        [format!("O4 | - | West | 110 | 48000 | dual | true | energised | 50 | {alone}")]
    );
}

/// A share stands as percent, a number of projects whole and days with a decimal, each in the column of its mode; and
/// an estimate is shown with the cases that it was estimated from.
#[test]
fn measures_are_shown_in_their_units_and_told_by_their_cases() {
    let place = report(APPLICATIONS);
    let comparison = place.text("pipelines/comparison.toml");
    let comparison = comparison.replace("min_arm = 10", "min_arm = 1").replace("min_at_risk = 5", "min_at_risk = 1");
    place.write("pipelines/comparison.toml", comparison);
    let data = ["--data", "data", "--as-of", "2026-04-30", "--lang", "en"];
    place.report("comparison", &[&["pipelines/comparison.toml"], &data[..]].concat());
    let page = place.pages("comparison");
    let row = |cells: &[&str]| cells.iter().map(|cell| format!("<td class=\"n\">{cell}</td>")).collect::<String>();
    // Of so few there are no intervals.
    let filled = page.replace("<td class=\"n\"></td>", "");
    for cells in [&["4", "3", "45.0", "83.3", "-38.3"][..], &["5", "4", "4", "4"], &["5", "4", "0.0 %", "25.0 %"]] {
        assert!(filled.contains(&row(cells)), "{cells:?}");
    }
    assert!(page.contains("<div class=\"v\">-2.5 days</div>"), "the headline");

    let told = place
        .run(&[&["explain", "mode_effect", "--cases", "--where", "scope=from_110_kv"], &data[..]].concat())
        .ends(0);
    for words in
        ["order-style order_value = 50.0", "estimated from these 1 cases:\n    · order-style energised O4: 50\n"]
    {
        assert!(told.out.contains(words), "{words}:\n{}", told.out);
    }
    let shown = place.yekuo("marts survival --lang en").ends(0);
    assert!(shown.out.contains("estimated; the SQL below only counts"), "{}", shown.out);
    let told =
        place.run(&[&["explain", "survival", "--cases", "--where", "mode=conventional"], &data[..]].concat()).ends(0);
    assert!(told.out.contains("estimated from these 4 cases:"), "{}", told.out);
}

#[test]
fn without_order_style_nothing_is_compared_and_all_is_told() {
    let row = |n: i32| format!("C{n},East,10,500,conventional,2026-03-02,2026-03-{:02},\n", n + 2);
    let place = report(&(HEADER.to_owned() + &(1..=12).map(row).collect::<String>()));
    let all = cells(&place, "mode_comparison", &["matched", "order_n", "conventional_n", "difference_days", "ci_low"]);
    assert_eq!(all, ["false | 0 | 0 | - | -", "false | 0 | 12 | - | -"]);
    let answers = cells(&place, "mode_sensitivity", &["analysis", "order_n", "difference", "remark"]);
    assert!(answers.contains(&"headline | 0 | - | no_match".to_owned()), "{answers:?}");
    assert!(answers.contains(&"cox | 0 | - | no_match".to_owned()), "{answers:?}");
    let effects = cells(&place, "mode_effect", &["measure", "order_n", "order_value", "conventional_value", "remark"]);
    assert!(effects.contains(&"plain | 0 | - | 6.5 | too_few".to_owned()), "{effects:?}");
    assert!(effects.contains(&"matched | 0 | - | - | no_match".to_owned()), "{effects:?}");
    assert!(effects.contains(&"median | 0 | - | 6 | too_few".to_owned()), "{effects:?}");
    assert!(effects.contains(&"restricted_mean | 0 | - | - | too_few".to_owned()), "{effects:?}");
    assert!(cells(&place, "survival", &["mode"]).iter().all(|mode| mode == "conventional"));
    assert!(cells(&place, "balance", &["smd_before", "smd_after"]).iter().all(|smd| smd == "- | -"));
    assert_eq!(lines(&mart(&place, "unmatched")).len(), 0);
}

#[test]
fn everything_open_is_told_as_open() {
    let row = |mode: &str, n: i32| format!("{mode}{n},East,10,500,{mode},2026-04-{n:02},,\n");
    let rows: String = (1..=10).flat_map(|n| ["order", "conventional"].map(|mode| row(mode, n))).collect();
    let place = report(&(HEADER.to_owned() + &rows));
    assert_eq!(
        cells(&place, "mode_comparison", &["stratum", "order_n", "order_mean_days", "difference_days", "horizon_days"])
            [0],
        "all | 10 | 29 | 0 | 29"
    );
    let effects = cells(
        &place,
        "mode_effect",
        &["measure", "order_n", "order_value", "difference", "chi2", "horizon_days", "remark"],
    );
    for row in [
        "plain | 0 | - | - | - | - | too_few",
        "median | 10 | - | - | - | - | not_reached",
        "restricted_mean | 10 | 29 | 0 | - | 29 | not_covered",
        "log_rank | 10 | - | - | - | - | -",
        "share_energised | 10 | 0 | 0 | - | 29 | not_covered",
        "share_open | 10 | 1 | 0 | - | 29 | no_interval",
    ] {
        assert!(effects.contains(&row.to_owned()), "{row}: {effects:?}");
    }
    assert!(cells(&place, "survival", &["survival", "ci_low", "ci_high"]).iter().all(|row| row == "1 | - | -"));
}

/// The example of `mode_stage`: the order-style one takes 5 days, waits 3, takes 12; the other 6, 10 and 14. C2 has no
/// like and counts nowhere; the second conventional one of the stratum is still open.
#[test]
fn where_the_days_are_won_by_hand() {
    let place = Place::new();
    let applications = "\
O1,East,10,500,order,2026-03-02,2026-03-22,
C1,East,10,500,conventional,2026-03-02,2026-04-01,
C2,East,0.4,8,conventional,2026-03-02,2026-03-05,
C3,East,10,500,conventional,2026-03-02,,
";
    place.write("data/applications.csv", format!("{HEADER}{applications}"));
    let stages = "\
application_id,stage,department,started_at,finished_at
O1,survey,Survey,2026-03-02,2026-03-07
O1,energisation,Dispatch,2026-03-10,2026-03-22
C1,survey,Survey,2026-03-02,2026-03-08
C1,energisation,Dispatch,2026-03-18,2026-04-01
C2,survey,Survey,2026-03-02,2026-03-05
C3,survey,Survey,2026-03-02,2026-03-08
";
    place.write("data/stages.csv", stages);
    place.pipelines();
    place.set(&["min_arm = 1", "min_at_risk = 1"]);
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-04-30"]);
    assert_eq!(
        lines(&mart(&place, "mode_stage")),
        [
            "total | - | 1 | 1 | 20 | 30 | -10",
            "lead | - | 1 | 1 | 0 | 0 | 0",
            "tail | - | 1 | 1 | 0 | 0 | 0",
            "waiting | energisation | 1 | 1 | 3 | 10 | -7",
            "waiting | survey | 1 | 1 | 0 | 0 | 0",
            "work | energisation | 1 | 1 | 12 | 14 | -2",
            "work | survey | 1 | 1 | 5 | 6 | -1",
        ]
    );
}

/// Ten surveys a month, of which 1, 3, 2, 1, 2 and 3 are late: mean 20 %, moving ranges 20, 10, 10, 10 and 10 points
/// with mean 12, limits 20 ± 2.66 · 12 = 51.92 % and, cut off, 0. The five of the planners in one month have no limits.
/// In the seventh month 9 of 10 are late; then all means move: 21 ÷ 70 and ranges of 120 ÷ 6 points.
#[test]
fn a_control_chart_by_hand() {
    let with = |late: &[usize]| {
        let place = Place::new();
        let (mut applications, mut stages) =
            (HEADER.to_owned(), "application_id,stage,department,started_at,finished_at,due_on\n".to_owned());
        for (month, late) in late.iter().enumerate() {
            for number in 0..10 {
                let (id, month) = (format!("A{month}{number}"), 9 + month);
                let (year, month) = (2025 + (month - 1) / 12, (month - 1) % 12 + 1);
                let due = if number < *late { "10" } else { "20" };
                let day = |day: &str| format!("{year}-{month:02}-{day}");
                applications += &format!("{id},East,10,500,order,{},,\n", day("10"));
                stages += &format!("{id},survey,Survey,{},{},{}\n", day("10"), day("20"), day(due));
                if month == 9 && number < 5 {
                    stages += &format!("{id},scheme,Planning,{},{},{}\n", day("10"), day("20"), day(due));
                }
            }
        }
        place.write("data/applications.csv", &applications);
        place.write("data/stages.csv", &stages);
        place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
        cells(
            &place,
            "control",
            &["department", "settled", "overdue_net", "rate_net", "centre", "limit_low", "limit_high", "rule"],
        )
    };
    let six = with(&[1, 3, 2, 1, 2, 3]);
    assert_eq!(six[0], "Planning | 5 | 1 | 0.2 | - | - | - | -");
    assert_eq!(six[1], "Survey | 10 | 1 | 0.1 | 0.2 | 0 | 0.5192 | -");
    assert_eq!(six.len(), 7);
    assert!(six[1..].iter().all(|row| row.ends_with("| 0.2 | 0 | 0.5192 | -")), "{six:?}");

    let seven = with(&[1, 3, 2, 1, 2, 3, 9]);
    assert_eq!(seven[7], "Survey | 10 | 9 | 0.9 | 0.3 | 0 | 0.832 | beyond_limit");
}

/// The figures of a column, those left empty as NaN.
pub(super) fn numbers(table: &DataFrame, name: &str) -> Vec<f64> {
    Columns(table).numbers(name).unwrap().into_iter().map(|number| number.unwrap_or(f64::NAN)).collect()
}

pub(super) fn texts(table: &DataFrame, name: &str) -> Vec<String> {
    Columns(table).texts(name).unwrap().iter().map(|text| text.unwrap_or_default().to_owned()).collect()
}

#[track_caller]
pub(super) fn same(what: &str, got: f64, expected: f64) -> usize {
    let near = (got - expected).abs() <= 1e-9 * expected.abs().max(1.0) || (got.is_nan() && expected.is_nan());
    assert!(near, "{what}: {got}, by the cases {expected}");
    1
}

/// Counts the rows of an estimated mart again from its cases, the plain way; returns how many cells.
pub fn recount(mart: &Mart, rows: &DataFrame, cases: &DataFrame) -> usize {
    let Some(estimator) = mart.definition.estimator else { return 0 };
    if estimator == Estimator::ControlLimits {
        return recount_control(rows, cases);
    }
    if estimator == Estimator::ModeCost {
        return recount_cost(rows, cases);
    }
    let modes = texts(cases, "mode");
    match estimator {
        Estimator::ControlLimits | Estimator::ModeCost => unreachable!("counted above"),
        Estimator::ModeWidening => recount_widening(rows, cases, &modes),
        Estimator::ModeStage => recount_stages(rows, cases, &modes),
        Estimator::ModeComparison => recount_strata(rows, cases, &modes),
        Estimator::ModeSensitivity => recount_answers(rows, cases, &modes),
        Estimator::ModeEffect => recount_effects(rows, cases, &modes),
        Estimator::Balance => recount_balance(rows, cases, &modes),
        Estimator::Survival | Estimator::CumulativeIncidence => recount_curves(estimator, rows, cases, &modes),
    }
}

fn mean(days: &[f64]) -> f64 {
    days.iter().sum::<f64>() / days.len() as f64
}

/// An application: days, whether it was energised then, and whether it was cancelled.
pub(super) type Seen = (f64, bool, bool);

/// The mean days to energisation up to a horizon, day by day; `never`: of cancelled ones the day never comes.
pub(super) fn waited(seen: &[Seen], horizon: f64, never: bool) -> f64 {
    let (mut waiting, mut area, mut uncancelled) = (1.0, 0.0, 1.0);
    for day in 0..horizon as i32 {
        let at_risk = seen.iter().filter(|(days, ..)| *days >= f64::from(day)).count() as f64;
        let ended = seen.iter().filter(|(days, energised, _)| *energised && *days == f64::from(day)).count() as f64;
        let gone = seen.iter().filter(|(days, _, cancelled)| *cancelled && *days == f64::from(day)).count() as f64;
        if at_risk > 0.0 {
            waiting -= if never { uncancelled * ended / at_risk } else { waiting * ended / at_risk };
            uncancelled *= 1.0 - (ended + gone) / at_risk;
        }
        area += waiting;
    }
    area
}

/// What is known of both modes' applications by group; the groups that have a match first.
fn seen_by_group(cases: &DataFrame, modes: &[String]) -> BTreeMap<String, [Vec<Seen>; 2]> {
    let (groups, states, days) = (texts(cases, "stratum"), texts(cases, "state"), numbers(cases, "days"));
    let mut found: BTreeMap<String, [Vec<Seen>; 2]> = BTreeMap::new();
    for (case, group) in groups.into_iter().enumerate() {
        let mode = MODES.iter().position(|known| known.code() == modes[case]).unwrap();
        let seen = (days[case], states[case] == "energised", states[case] == "cancelled");
        found.entry(group).or_default()[mode].push(seen);
    }
    found
}

/// The last day on which so many of either mode of every group are at risk.
fn horizon_of(groups: &BTreeMap<String, [Vec<Seen>; 2]>, at_risk: usize) -> f64 {
    let last = |seen: &Vec<Seen>| {
        let mut days: Vec<f64> = seen.iter().map(|(days, ..)| *days).collect();
        days.sort_by(f64::total_cmp);
        days[days.len() - at_risk]
    };
    groups.values().flatten().map(last).fold(f64::INFINITY, f64::min)
}

fn recount_strata(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let mut groups = seen_by_group(cases, modes);
    let names = texts(rows, "stratum");
    let figures = ["order_n", "conventional_n", "order_mean_days", "conventional_mean_days", "difference_days"]
        .map(|name| numbers(rows, name));
    let (low, high, horizons) = (numbers(rows, "ci_low"), numbers(rows, "ci_high"), numbers(rows, "horizon_days"));
    let is_matched = |row: &usize| figures[4][*row].is_finite();
    let mut cells = 0;
    for (row, name) in names.iter().enumerate().skip(1) {
        let modes = groups.get(name).unwrap();
        let means =
            modes.each_ref().map(|seen| if is_matched(&row) { waited(seen, horizons[row], false) } else { f64::NAN });
        let expected = [modes[0].len() as f64, modes[1].len() as f64, means[0], means[1], means[0] - means[1]];
        for (figure, expected) in figures.iter().zip(expected) {
            cells += same(name, figure[row], expected);
        }
    }
    assert_eq!(groups.len() + 1, names.len().max(1), "each group has its row");
    if !names.is_empty() {
        let weigh = |figure: &[f64]| -> f64 {
            (1..names.len()).filter(is_matched).map(|row| figures[0][row] * figure[row]).sum::<f64>() / figures[0][0]
        };
        for figure in &figures[2..] {
            cells += same("all", figure[0], weigh(figure));
        }
        assert!(low[0].is_nan() || low[0] <= figures[4][0] && figures[4][0] <= high[0]);
        groups.retain(|name, _| names.iter().position(|known| known == name).is_some_and(|row| is_matched(&row)));
        if !groups.is_empty() {
            let at_risk = numbers(cases, "min_at_risk")[0] as usize;
            cells += same("horizon", horizons[0], horizon_of(&groups, at_risk));
        }
    }
    cells
}

fn recount_answers(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let mut groups = seen_by_group(cases, modes);
    let unmatched = groups.remove("").unwrap_or_default();
    let figures = ["order_n", "left_out_n", "order_value", "conventional_value"].map(|name| numbers(rows, name));
    let order: usize = groups.values().map(|[order, _]| order.len()).sum();
    let mut cells = 0;
    for (row, analysis) in texts(rows, "analysis").iter().enumerate() {
        let (horizon, never) = match analysis.as_str() {
            "headline" => (horizon_of(&groups, numbers(cases, "min_at_risk")[0] as usize), false),
            "never_energised" => (horizon_of(&groups, numbers(cases, "min_at_risk")[0] as usize), true),
            "at_365_days" => (365.0, false),
            _ => continue,
        };
        let weigh = |mode: usize| -> f64 {
            groups.values().map(|of| of[0].len() as f64 * waited(&of[mode], horizon, never)).sum::<f64>() / order as f64
        };
        let expected = [order as f64, unmatched[0].len() as f64, weigh(0), weigh(1)];
        if order > 0 {
            for (figure, expected) in figures.iter().zip(expected) {
                cells += same(analysis, figure[row], expected);
            }
        }
    }
    cells
}

fn recount_effects(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let (scopes, states, days) = (texts(cases, "scope"), texts(cases, "state"), numbers(cases, "days"));
    let (row_scopes, measures) = (texts(rows, "scope"), texts(rows, "measure"));
    let counts = ["order_n", "conventional_n"].map(|name| numbers(rows, name));
    let values = ["order_value", "conventional_value"].map(|name| numbers(rows, name));
    let mut cells = 0;
    for row in 0..rows.height() {
        let scope = &row_scopes[row];
        for (group, mode) in MODES.map(Mode::code).iter().enumerate() {
            let mine = (0..modes.len()).filter(|case| modes[*case] == *mode);
            let mine: Vec<usize> = mine.filter(|case| scope == "all" || scopes[*case] == *scope).collect();
            let finished: Vec<f64> =
                mine.iter().filter(|case| states[**case] == "energised").map(|case| days[*case]).collect();
            let what = format!("{scope} {} {mode}", measures[row]);
            match measures[row].as_str() {
                "plain" => {
                    cells += same(&what, counts[group][row], finished.len() as f64);
                    cells += same(&what, values[group][row], mean(&finished));
                }
                "matched" | "log_rank_matched" => {}
                "matched_projects" => {
                    cells += same(&what, values[group][row] + values[group][row + 1], mine.len() as f64);
                }
                "share_energised" if values[group][row].is_finite() => {
                    let together = values[group][row] + values[group][row + 1] + values[group][row + 2];
                    cells += same(&what, together, 1.0);
                }
                _ => cells += same(&what, counts[group][row], mine.len() as f64),
            }
        }
    }
    cells
}

fn recount_balance(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let covariates = texts(rows, "covariate");
    let before = ["order_before", "conventional_before"].map(|name| numbers(rows, name));
    let mut cells = 0;
    for row in 0..rows.height() {
        let (column, level) = match covariates[row].as_str() {
            "season" => ("accepted_quarter", "level"),
            "bureau" => ("bureau", "bureau"),
            _ => continue,
        };
        let (given, level) = (texts(cases, column), &texts(rows, level)[row]);
        for (group, mode) in MODES.map(Mode::code).iter().enumerate() {
            let mine: Vec<usize> = (0..modes.len()).filter(|case| modes[*case] == *mode).collect();
            let with = mine.iter().filter(|case| given[**case] == *level).count();
            cells += same(level, before[group][row], with as f64 / mine.len() as f64);
        }
    }
    cells
}

fn recount_curves(estimator: Estimator, rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let (scopes, states, days) = (texts(cases, "scope"), texts(cases, "state"), numbers(cases, "days"));
    let (row_scopes, row_modes, row_days) = (texts(rows, "scope"), texts(rows, "mode"), numbers(rows, "day"));
    let (at_risk, energised) = (numbers(rows, "at_risk"), numbers(rows, "energised"));
    let survival = estimator == Estimator::Survival;
    let left = numbers(rows, if survival { "censored" } else { "cancelled" });
    let share = numbers(rows, if survival { "survival" } else { "cif_energised" });
    let (mut cells, mut waiting, mut met) = (0, 1.0, 0.0);
    for row in 0..rows.height() {
        let (scope, mode, day) = (&row_scopes[row], &row_modes[row], row_days[row]);
        let mine = (0..modes.len()).filter(|case| modes[*case] == *mode);
        let mine: Vec<usize> = mine.filter(|case| scope == "all" || scopes[*case] == *scope).collect();
        let ended =
            |state: &str| mine.iter().filter(|case| days[**case] == day && states[**case] == state).count() as f64;
        let what = format!("{scope} {mode} day {day}");
        let expected = mine.iter().filter(|case| days[**case] >= day).count() as f64;
        let away = if survival { ended("open") + ended("cancelled") } else { ended("cancelled") };
        cells += same(&what, at_risk[row], expected);
        cells += same(&what, energised[row], ended("energised"));
        cells += same(&what, left[row], away);
        if day == 0.0 {
            (waiting, met) = (1.0, 0.0);
        }
        met += waiting * ended("energised") / expected;
        let ends = if survival { ended("energised") } else { ended("energised") + ended("cancelled") };
        waiting *= 1.0 - ends / expected;
        cells += same(&what, share[row], if survival { waiting } else { met });
    }
    cells
}

/// Wheeler's limits: mean ± 2.66 · mean moving range, with six months at least.
fn recount_control(rows: &DataFrame, cases: &DataFrame) -> usize {
    let (departments, months, overdue) =
        (texts(cases, "department"), days_of(cases, "month"), numbers(cases, "overdue_net"));
    let mut counts: BTreeMap<(String, i32), [f64; 2]> = BTreeMap::new();
    for ((department, month), overdue) in departments.into_iter().zip(months).zip(overdue) {
        let count = counts.entry((department, month)).or_default();
        *count = [count[0] + 1.0, count[1] + overdue];
    }
    let keys = texts(rows, "department").into_iter().zip(days_of(rows, "month"));
    let figures = ["settled", "overdue_net", "rate_net", "centre", "limit_low", "limit_high"];
    let figures = figures.map(|name| numbers(rows, name));
    let rules = texts(rows, "rule");
    let mut cells = 0;
    for (row, key) in keys.enumerate() {
        let series: Vec<f64> =
            counts.iter().filter(|((of, _), _)| *of == key.0).map(|(_, [n, late])| late / n).collect();
        let ranges: Vec<f64> = series.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
        let (centre, reach) = (mean(&series), 2.66 * mean(&ranges));
        let limits = match series.len() < 6 {
            true => [f64::NAN; 3],
            false => [centre, (centre - reach).max(0.0), (centre + reach).min(1.0)],
        };
        let [n, late] = counts[&key];
        let what = format!("{} {}", key.0, key.1);
        for (figure, expected) in figures.iter().zip([n, late, late / n].into_iter().chain(limits)) {
            cells += same(&what, figure[row], expected);
        }
        let outside = late / n > centre + reach + 1e-9 || late / n < centre - reach - 1e-9;
        assert_eq!(rules[row] == "beyond_limit", outside && series.len() >= 6 && n >= 5.0, "{what}");
    }
    assert_eq!(counts.len(), rows.height());
    cells
}

/// Matched means of each part, and the parts of each mode add up to its total.
fn recount_stages(rows: &DataFrame, cases: &DataFrame, modes: &[String]) -> usize {
    let (strata, parts, days) = (texts(cases, "stratum"), texts(cases, "part"), numbers(cases, "days"));
    let stages = texts(cases, "stage");
    let n = |stratum: &str, mode: &str| {
        let of = |case: &usize| parts[*case] == "total" && strata[*case] == stratum && modes[*case] == mode;
        (0..modes.len()).filter(of).count() as f64
    };
    let known: std::collections::BTreeSet<&String> = strata.iter().collect();
    let weights: BTreeMap<&String, [f64; 2]> = known
        .into_iter()
        .map(|stratum| (stratum, MODES.map(|mode| n(stratum, mode.code()))))
        .filter(|(_, [order, conventional])| *order > 0.0 && *conventional > 0.0)
        .collect();
    let whole: f64 = weights.values().map(|[order, _]| order).sum();
    let (row_parts, row_stages) = (texts(rows, "part"), texts(rows, "stage"));
    let means = ["order_mean_days", "conventional_mean_days"].map(|name| numbers(rows, name));
    let mut cells = 0;
    for row in 0..rows.height() {
        for (group, mode) in MODES.map(Mode::code).iter().enumerate() {
            let of = |case: &usize| {
                modes[*case] == *mode && parts[*case] == row_parts[row] && stages[*case] == row_stages[row]
            };
            let weigh = |case: usize| {
                let of_stratum = weights.get(&strata[case]);
                of_stratum
                    .map_or(0.0, |[order, other]| if group == 0 { days[case] } else { days[case] * order / other })
            };
            let expected = (0..modes.len()).filter(of).map(weigh).sum::<f64>() / whole;
            cells += same(&format!("{} {} {mode}", row_parts[row], row_stages[row]), means[group][row], expected);
        }
    }
    for group in &means {
        let total: f64 = (0..rows.height()).filter(|row| row_parts[*row] == "total").map(|row| group[row]).sum();
        let rest: f64 = (0..rows.height()).filter(|row| row_parts[*row] != "total").map(|row| group[row]).sum();
        cells += same("the parts of the total", rest, total);
    }
    cells
}

pub(super) fn days_of(table: &DataFrame, name: &str) -> Vec<i32> {
    Columns(table).days(name).unwrap().into_iter().map(|day| day.unwrap().0).collect()
}
