//! Forecasts and what they were worth, worked out with a pencil; and a forecast replayed against the run of that day.
//!
//! Of March and April 2026 every Monday to Friday is a working day except 6 April; from 1 to 5 May nobody works, and
//! Saturday 9 May is made up for.

use polars::prelude::{DataType, IntoLazy, col, lit};
use yekuo::calendar::Day;

use crate::place::{Place, lines};

/// Forty that took 10 and 20 working days from their survey; O1 is open on the as-of day, 30 April, and O2 to O5 were
/// on 31 March.
fn place() -> Place {
    let mut applications =
        "application_id,bureau,voltage_kv,capacity_kva,supply,mode,accepted_at,promised_on,energised_at,cancelled_at\n"
            .to_owned();
    let mut stages = "application_id,stage,department,started_at,finished_at\n".to_owned();
    let mut add = |id: &str, accepted: &str, promised: &str, energised: &str, cancelled: &str| {
        applications += &format!("{id},East,10,5000,single,order,{accepted},{promised},{energised},{cancelled}\n");
        stages += &format!("{id},survey,Survey,{accepted},\n");
    };
    for number in 1..=40 {
        let energised = if number <= 20 { "2026-03-16" } else { "2026-03-30" };
        add(&format!("H{number:02}"), "2026-03-02", "2026-03-24", energised, "");
    }
    add("O1", "2026-04-20", "2026-05-12", "", "");
    add("O2", "2026-03-23", "2026-04-10", "2026-04-08", "");
    add("O3", "2026-03-23", "2026-04-03", "2026-04-22", "");
    add("O4", "2026-03-23", "2026-04-10", "", "2026-04-02");
    add("O5", "2026-03-23", "2026-03-20", "2026-04-01", "");
    let place = Place::new();
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
    place
}

#[track_caller]
fn check(place: &Place, table: &str, expected: &[&str]) {
    assert_eq!(lines(&place.table(&format!("report/marts/{table}.parquet"))), expected, "{table}");
}

#[test]
fn one_forecast_and_four_replayed_by_hand() {
    let place = place();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);

    // O1 has been in its survey for 8 working days. After as many, 40 had 2 or 12 left, O2 had 3 and O3 had 13; O4 was
    // cancelled and O5 energised before that. Due in 6 (6–9, 11 and 12 May): 21 of 42 are left, and so half of them
    // after 3 (8 May), a fifth after 12 (20 May).
    let list = place.table("report/marts/watchlist.parquet");
    let forecast =
        ["p_on_time", "forecast_p50_on", "forecast_p80_on", "forecast_basis", "forecast_cases", "forecast_trust"];
    let columns = ["application_id", "remaining_wd"].into_iter().chain(forecast);
    assert_eq!(
        lines(&list.select(columns).unwrap()),
        ["O1 | 6 | 0.5 | 2026-05-08 | 2026-05-20 | like_supply | 42 | few_cases"]
    );

    // On 31 March the four had been in their surveys for 6 working days: of the forty, half had 4 left (7 April) and
    // half 14 (21 April), 9 on average (14 April).
    // O2 was due in 7: 50 %, and came on the 8th. O3 was due in 3: 0 %, and came on the 22nd. O4 was cancelled before
    // it was due, and O5 was past due already.
    // … basis | cases | due | chance | in millionths | band | 50 % | 80 % | mean | energised | cancelled | on time
    //   | within 80 % | error of 50 % | of the due date | of the mean.
    let expected =
        |id: &str, rest: &str| format!("2026-03-31 | {id} | East | order | survey | like_supply | 40 | {rest}");
    let dates = "2026-04-07 | 2026-04-21 | 2026-04-14";
    assert_eq!(
        lines(&place.table("lake/report/clean/backtest.parquet")),
        [
            expected(
                "O2",
                &format!("2026-04-10 | 0.5 | 500000 | 50_60 | {dates} | 2026-04-08 | - | true | true | 1 | 2 | 6")
            ),
            expected(
                "O3",
                &format!("2026-04-03 | 0 | 0 | 0_10 | {dates} | 2026-04-22 | - | false | false | 15 | 19 | 8")
            ),
            expected(
                "O4",
                &format!("2026-04-10 | 0.5 | 500000 | 50_60 | {dates} | - | 2026-04-02 | - | - | - | - | -")
            ),
            expected("O5", &format!("2026-03-20 | 0 | 0 | 0_10 | {dates} | 2026-04-01 | - | - | true | - | - | -")),
        ]
    );

    // … forecasts | mean | on time | rate | interval: of one case, 1 ÷ (1 + 1.96²) is its lower or 1 − that its upper end.
    check(
        &place,
        "calibration",
        &[
            "0_10 | 1 | 0 | 0 | 0 | 0 | 0.793450686 | few_cases",
            "50_60 | 1 | 0.5 | 1 | 1 | 0.206549314 | 1 | few_cases",
        ],
    );
    // Brier: (0.5² + 0²) ÷ 2; always saying 50 % scores 0.25. Errors: (1 + 15) ÷ 2, (2 + 19) ÷ 2, (6 + 8) ÷ 2.
    let row = "2 | 2 | 1 | 0.5 | 0.125 | 0.25 | 0.5 | few_cases | 2 | 8 | 10.5 | 7 | few_cases | 2 | 1 | 0.5";
    let of = |subject: &str| format!("{subject} | {row}");
    let rows = [of("all | - | -"), of("mode | order | -"), of("stage | - | survey")];
    check(&place, "forecast_skill", &rows.each_ref().map(String::as_str));
}

#[test]
fn backtest_prints_what_the_marts_say() {
    let place = place();
    let run = |more: &[&str]| {
        let said = place.run(&[&["backtest", "--data", "data", "--as-of", "2026-04-30"], more].concat()).ends(0);
        assert!(!place.path("reports").exists());
        said.out
    };
    let one_space = |text: &str| {
        let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n");
        lines.collect::<String>()
    };
    let english = one_space(&run(&["--lang", "en", "--months", "1"]));
    for part in [
        "Forecasts replayed on 1 month ends, 2026-03-31 to 2026-03-31, against what came by 2026-04-30",
        "\n50–60 % 1 50.0 % 1 100.0 % 20.7 % 100.0 % fewer than 30: not said\n",
        "The date is off by 8.0 days on average, the due date by 10.5, the mean remaining time by 7.0: fewer than 30: not said.",
    ] {
        assert!(english.contains(part), "no `{part}` in:\n{english}");
    }
    let chinese = run(&[]);
    for part in ["预测回放：2025-04-30 至 2026-03-31 的 12 个月末", "技巧 0.50", "应送电日期 10.5 日"]
    {
        assert!(chinese.contains(part), "no `{part}` in:\n{chinese}");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&["--json", "--months", "2"])).unwrap();
    assert_eq!(json["replayed_on"], serde_json::json!(["2026-02-28", "2026-03-31"]));
    assert_eq!(json["forecast_skill"][0]["skill"], 0.5);
    assert_eq!(json["calibration"][1]["on_time"], 1);

    // A day that nothing was open before: nothing can be said.
    let nothing = place.yekuo("backtest --data data --as-of 2026-03-31 --lang en").ends(0);
    assert!(nothing.out.contains("nothing could be replayed"), "{}", nothing.out);
    assert!(nothing.out.contains("it has not earned trust"), "{}", nothing.out);
}

/// A forecast replayed for a day, from exports that hold later events, is the one that a run of that day gives.
#[test]
fn a_replay_is_the_run_of_that_day() {
    let place = Place::new();
    place.yekuo("sample data --seed 4 --applications 700 --layout canonical").ends(0);
    place.report("then", &["--data", "data", "--as-of", "2026-04-30"]);
    place.report("now", &["--data", "data", "--as-of", "2026-06-30"]);
    let day: Day = "2026-04-30".parse().unwrap();
    let replayed = place.table("lake/now/clean/backtest.parquet").lazy();
    let replayed = replayed.filter(col("replayed_on").cast(DataType::Int32).eq(lit(day.0))).collect().unwrap();
    let columns = ["application_id", "stage", "basis", "cases", "p_on_time", "p50_on", "p80_on"];
    let of = |table: &polars::prelude::DataFrame| lines(&table.select(columns).unwrap());
    let (then, now) = (of(&place.table("lake/then/clean/forecasts.parquet")), of(&replayed));
    assert!(then.len() > 60, "{then:?}");
    assert!(then.iter().filter(|line| line.contains("like_supply")).count() > 30, "{then:?}");
    assert_eq!(then, now);
    // And so is the due date that it was compared with, pushed out by the claims of that day.
    let due =
        |table: &polars::prelude::DataFrame| lines(&table.select(["application_id", "effective_due_on"]).unwrap());
    assert_eq!(due(&place.table("then/marts/watchlist.parquet")), due(&replayed));
}
