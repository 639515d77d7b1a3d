//! How far the exports reach, and names that are spelt in several ways.

use std::collections::BTreeSet;

use serde_json::json;

use crate::place::{Place, holds, lines};

/// Ten weeks of one application each, accepted on a Monday and surveyed in the same week; the stages of the last weeks
/// are left out, and of the applications.
fn weekly(place: &Place, without_applications: usize, without_stages: usize) {
    let mut applications = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n".to_owned();
    let mut stages = "application_id,stage,department,started_at,finished_at\n".to_owned();
    let first: yekuo::calendar::Day = "2026-03-02".parse().unwrap();
    for week in 0..10_usize {
        let monday = first.plus_days(7 * week as i32);
        if week < 10 - without_applications {
            applications += &format!("A{week},东,10,400,{monday},\n");
        }
        if week < 10 - without_stages {
            // Stages of an application that is not there would be rejected: they belong to the first.
            stages += &format!("A0,survey,营销部,{monday},{}\n", monday.plus_days(2));
        }
    }
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
    place.write("map.toml", "[tables.stages]\nrepeat = \"pass\"\n");
    place.pipeline("fresh_wd = 3\nmax_rejects = 1.0\nsource = \"map.toml\"");
}

#[test]
fn exports_that_end_long_before_the_as_of_day_are_refused() {
    let place = Place::new();
    weekly(&place, 0, 0);
    // The last events are of 4 May; every second stretch without one has three working days.
    for day in ["2026-05-06", "2026-05-12"] {
        place.yekuo(&format!("run p.toml --out {day} --as-of {day}")).ends(0);
        assert_eq!(place.json(&format!("{day}/run.json"))["data_until"], "2026-05-06");
    }
    place.yekuo("run p.toml --out late --as-of 2026-06-30").fails(1, &["2026-05-06", "2026-06-30", "--allow-stale"]);
    assert!(!place.path("late").exists());
    place.yekuo("run p.toml --out late --as-of 2026-06-30 --allow-stale").ends(0);
    assert_eq!(place.json("late/run.json")["stale"]["what"], "all");
    holds(&place.pages("late"), &["数据截至 2026-05-06", "class=\"notice alarm\"", "数据只到 2026-05-06"]);
    assert!(!place.pages("2026-05-12").contains("class=\"notice alarm\""));
}

/// Between two days with events lies a stretch that was not exported: the message says so, and not that the data end.
#[test]
fn a_gap_before_the_as_of_day_is_no_end() {
    let place = Place::new();
    weekly(&place, 0, 0);
    let months_later = "A0,metering,营销部,2026-09-01,2026-09-03\n";
    place.write("data/stages.csv", place.text("data/stages.csv") + months_later);
    let said = ["no event from 2026-05-06", "up to 2026-09-03", "add the exports of the days between"];
    place.yekuo("run p.toml --out late --as-of 2026-06-30 --lang en").fails(1, &said);
    place.yekuo("run p.toml --out late --as-of 2026-06-30 --allow-stale").ends(0);
    assert_eq!(place.json("late/run.json")["stale"]["later"], "2026-09-03");
    holds(&place.pages("late"), &["中间缺了一段"]);
}

#[test]
fn a_day_before_the_first_event_is_refused() {
    let place = Place::new();
    weekly(&place, 0, 0);
    for more in ["", "--allow-stale"] {
        place.yekuo(&format!("run p.toml --as-of 2026-03-01 {more}")).fails(1, &["2026-03-01", "2026-03-02"]);
    }
}

#[test]
fn tables_that_do_not_end_together_are_refused() {
    for (applications, stages, what) in [(3, 0, "applications"), (0, 3, "stages")] {
        let place = Place::new();
        weekly(&place, applications, stages);
        place.yekuo("run p.toml --out out --as-of 2026-05-06").fails(1, &["--allow-stale"]);
        place.yekuo("run p.toml --out out --as-of 2026-05-06 --allow-stale").ends(0);
        assert_eq!(place.json("out/run.json")["stale"]["what"], what);
    }
}

#[test]
fn what_happened_later_does_not_make_exports_fresh() {
    let place = Place::new();
    weekly(&place, 0, 0);
    place.yekuo("run p.toml --out early --as-of 2026-03-31").ends(0);
    assert_eq!(place.json("early/run.json")["data_until"], "2026-03-30");
}

#[test]
fn spellings_of_a_name_are_counted_as_one_and_named() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA,城东,10,400,2026-06-01,\n",
    );
    let stage = |stage: &str, department: &str| format!("A,{stage},{department},2026-06-01,2026-06-30\n");
    let names = ["配电工区（一班）", "配电工区(一班)", " 配电工区 (一班)", "“配电工区(一班)”", "配电工区(一班)"];
    let stages = ["survey", "scheme", "design_review", "mid_inspection", "metering"];
    let rows: String = stages.iter().zip(names).map(|(code, name)| stage(code, name)).collect();
    place.write("data/stages.csv", format!("application_id,stage,department,started_at,finished_at\n{rows}"));
    place.pipeline("tables = [\"department_month\"]");
    let outcome = place.yekuo("run p.toml --out out --as-of 2026-06-30").ends(0);
    holds(&outcome.err, &["配电工区（一班）", "按同一名称统计"]);
    let departments =
        lines(&place.table("out/marts/department_month.parquet").select(["department", "settled"]).unwrap());
    assert!(departments.iter().all(|row| row.starts_with("配电工区(一班) | ")), "{departments:?}");
    let joined = &place.json("out/run.json")["joined_names"];
    assert_eq!(joined[0]["shown"], "配电工区(一班)");
    let spelt = json!([["“配电工区(一班)”", 1], ["配电工区 (一班)", 1], ["配电工区（一班）", 1]]);
    assert_eq!(joined[0]["others"], spelt);
    holds(&place.pages("out"), &["配电工区（一班）"]);
}

#[test]
fn identifiers_are_shown_as_they_are_mostly_written() {
    let place = Place::new();
    let register = "application_id,bureau,manager_id,voltage_kv,capacity_kva,accepted_at,energised_at\n";
    let rows = "业扩[2026]1号,城东,1001.0,10,400,2026-06-01,\n业扩[2026]2号,城东,1001,10,400,2026-06-01,\nＡ3,城东,1001.0,10,400,2026-06-01,\n";
    place.write("data/applications.csv", format!("{register}{rows}"));
    let stages = ["survey", "scheme", "design_review"].map(|code| {
        let stage = |id: &str| format!("{id},{code},营销部,2026-06-01,2026-06-30\n");
        stage("业扩〔2026〕1号") + &stage("业扩[2026]2号") + &stage("A3")
    });
    place.write(
        "data/stages.csv",
        format!("application_id,stage,department,started_at,finished_at\n{}", stages.concat()),
    );
    place.pipeline("tables = [\"department_month\"]");
    let outcome = place.yekuo("run p.toml --out out --lake lake/out --as-of 2026-06-30").ends(0);
    holds(&outcome.err, &["「业扩[2026]1号」×1 与「业扩〔2026〕1号」"]);
    let of = |file: &str| {
        let ids = place.table(file).select(["application_id"]).unwrap();
        lines(&ids).into_iter().collect::<BTreeSet<_>>()
    };
    let shown = BTreeSet::from(["A3", "业扩[2026]2号", "业扩〔2026〕1号"].map(str::to_owned));
    assert_eq!(of("lake/out/clean/applications.parquet"), shown);
    assert_eq!(of("lake/out/clean/stages.parquet"), shown);
    let joined = &place.json("out/run.json")["joined_names"];
    let spelt = json!([
        {"shown": "1001", "others": [["1001.0", 2]]},
        {"shown": "A3", "others": [["Ａ3", 1]]},
        {"shown": "业扩〔2026〕1号", "others": [["业扩[2026]1号", 1]]},
    ]);
    assert_eq!(joined, &spelt);
    // An identifier is found however it is typed.
    holds(&place.yekuo("explain 业扩[2026]1号 --pipeline p.toml").ends(0).out, &["业扩〔2026〕1号"]);
}
