//! `yekuo plan`: confirmation tables scheduled backwards from the requested date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use calamine::{Reader as _, Xlsx};
use yekuo::disk::files;

use crate::place::{Place, holds};

/// Two applications of the order-style service, one conventional, one that is energised.
const APPLICATIONS: &str = "\
application_id,customer_name,bureau,voltage_kv,capacity_kva,supply,new_feeder,mode,manager_id,accepted_at,desired_on,energised_at
A1,城东机械厂,城东,10,5000,single,no,order,KM01,2026-09-21,2026-11-13,
A2,南湖酒店,城西,10,4000,dual,yes,,KM02,2026-09-01,2026-09-30,
A3,北港仓储,城西,10,4500,single,no,order,,2026-09-21,,
C1,西山小学,城西,10,315,single,no,conventional,,2026-09-02,2026-12-31,
E1,东湖商场,城东,10,5000,single,no,order,,2026-03-02,2026-06-30,2026-06-12
";

const STAGES: &str = "\
application_id,stage,department,started_at,finished_at,due_on
A2,survey,客户服务中心,2026-09-01,2026-09-04,
A2,scheme,发展策划部,2026-09-04,,
C1,survey,客户服务中心,2026-09-02,,
E1,survey,客户服务中心,2026-03-02,2026-03-05,
";

/// Four stages and the customer's works between them.
const PROCESS: &str = r#"
goal = "energisation"

[[stages]]
code = "survey"
title = { zh = "现场勘查", en = "site survey" }
department = "客户服务中心"
customer = { zh = "配合勘查", en = "attend the survey" }

[[stages]]
code = "scheme"
title = { zh = "供电方案答复", en = "supply scheme" }
after = ["survey"]
department = "发展策划部"

[[stages]]
code = "grid_works"
title = { zh = "电网配套工程", en = "grid works" }
after = ["scheme"]
department = "配电工区"
plan_wd = 15

[[stages]]
code = "energisation"
title = { zh = "送电", en = "energisation" }
after = ["grid_works", "works"]
department = "电力调度中心"
customer = { zh = "具备送电条件", en = "be ready for live supply", by = "start" }

[[activities]]
code = "works"
title = { zh = "受电工程施工", en = "customer's works" }
after = ["scheme"]
plan_wd = 8
customer = { zh = "完成施工", en = "finish the works" }
"#;

const STANDARDS: &str = r#"
[sources]
a = { zh = "甲", en = "A" }
b = { zh = "乙", en = "B" }
c = { zh = "丙", en = "C" }

[sets.default]
title = { zh = "试用标准", en = "Trial standards" }
rules = [
    { stage = "survey", limit = 5, source = "a" },
    { stage = "scheme", limit = 10, unit = "calendar_days", source = "b" },
    { stage = "energisation", limit = 7, source = "c" },
]
"#;

/// The data above with a process and standards that can be reckoned by hand.
fn small() -> Place {
    let place = shipped();
    place.write("process.toml", PROCESS);
    place.write("standards.toml", STANDARDS);
    place
}

/// The data above with the process and the standards that are shipped.
fn shipped() -> Place {
    let place = Place::with_exports();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    place
}

type Row = BTreeMap<String, String>;

/// The rows of a `plan.csv`, which must be one that spreadsheets read as UTF-8.
fn rows(place: &Place, name: &str) -> Vec<Row> {
    let text = place.text(name);
    let text = text.strip_prefix('\u{feff}').expect("plan.csv begins with a mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// The steps of one application: `stage start due limit slack basis`, `*` where they are critical.
fn told(place: &Place, name: &str, id: &str) -> Vec<String> {
    let line = |row: &Row| {
        let cell = |column: &str| if row[column].is_empty() { "-" } else { row[column].as_str() };
        let critical = if row["is_critical"] == "true" { "*" } else { "" };
        let cells = ["stage", "start_on", "due_on", "limit_wd", "slack_wd", "basis"].map(cell);
        format!("{}{critical}", cells.join(" "))
    };
    rows(place, name).iter().filter(|row| row["application_id"] == id).map(line).collect()
}

/// Every cell of a workbook, sheet by sheet.
fn sheets(place: &Place, name: &str) -> Vec<(String, Vec<String>)> {
    let mut book: Xlsx<_> = calamine::open_workbook(place.path(name)).unwrap();
    let names = book.sheet_names();
    let sheet = |name: String| {
        let range = book.worksheet_range(&name).unwrap();
        let cells = range.used_cells().map(|(_, _, value)| value.to_string()).collect();
        (name, cells)
    };
    names.into_iter().map(sheet).collect()
}

fn is_chinese(text: &str) -> bool {
    text.chars().any(|c| u32::from(c) >= 0x2E80)
}

#[test]
fn a_plan_that_was_reckoned_by_hand() {
    let place = small();
    let said = place.yekuo("plan p.toml --as-of 2026-09-21 --out o --lang en").ends(0);
    assert_eq!(said.out, "published; open o/plan.xlsx\n");
    holds(&said.err, &["2 planned, of which 1 cannot be done by the day that was wished for"]);

    // Mid-autumn is off from Friday 25 to Sunday 27 September, National Day from 1 to 7 October; Saturday 10 October is
    // worked. A1 was accepted on Monday 21 September, and its survey has begun then: 22, 23, 24, 28, 29. The scheme is
    // given 10 calendar days. Grid works take 15 working days from 9 October, to the 29th; energisation 7, to 9 November.
    // The requested date is Friday 13 November, 4 working days later. Backwards: energisation from 4 November, grid works from 14
    // October; the scheme from 4 October, which counts as 30 September, for nobody works in between, and its 10 days run
    // from that day. So the survey has a day to spare where the whole has four; it is under way, and due by its own limit.
    assert_eq!(
        told(&place, "o/plan.csv", "A1"),
        [
            "survey 2026-09-21 2026-09-29 5 1 limit*",
            "scheme 2026-09-30 2026-10-10 3 4 limit*",
            "grid_works 2026-10-14 2026-11-04 15 4 house*",
            "works 2026-10-23 2026-11-04 8 11 house",
            "energisation 2026-11-04 2026-11-13 7 4 limit*",
        ]
    );
    let project = &place.yekuo("plan p.toml --as-of 2026-09-21 --out o --json").ends(0).json()["projects"][0];
    assert_eq!(project["application_id"], "A1");
    assert_eq!((project["earliest_on"].as_str(), project["short_wd"].as_i64()), (Some("2026-11-09"), Some(-4)));
    assert_eq!(project["critical"].as_array().unwrap().len(), 4);

    // The customer's part: 配合勘查 in the survey, the works, and to be ready when energisation begins.
    let duties: Vec<(String, String)> = rows(&place, "o/plan.csv")
        .into_iter()
        .filter(|row| row["application_id"] == "A1" && !row["customer_duty"].is_empty())
        .map(|row| (row["stage"].clone(), row["customer_by_on"].clone()))
        .collect();
    let due = |stage: &str, day: &str| (stage.to_owned(), day.to_owned());
    assert_eq!(duties, [due("survey", "2026-09-29"), due("works", "2026-11-04"), due("energisation", "2026-11-04")]);
}

#[test]
fn a_wish_that_cannot_be_met_gets_the_plan_of_the_earliest_day() {
    let place = small();
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --application A2").ends(0);
    // A2's scheme is past its 10 days since the 14th: it can be finished on the 22nd, and is due when it was.
    // 15 days from Tuesday the 22nd: 23, 24, 28–30 September, 8–10, 12–16, 19, 20 October; 7 more: 29 October.
    assert_eq!(
        told(&place, "o/plan.csv", "A2"),
        [
            "survey - - - - -",
            "scheme 2026-09-04 2026-09-14 6 0 limit*",
            "grid_works 2026-09-22 2026-10-20 15 0 house*",
            "works 2026-10-09 2026-10-20 8 7 house",
            "energisation 2026-10-20 2026-10-29 7 0 limit*",
        ]
    );
    let sheet = &sheets(&place, "o/plan.xlsx")[1];
    let text = sheet.1.join("\n");
    holds(
        &text,
        &[
            "期望 2026-09-30 送电不可行：最早 2026-10-29，迟 17 个工作日（29 天）；本计划按最早日期编制",
            "办理中，已超时",
            "南湖酒店",
            "10 kV / 4000 kVA",
            "双电源，新建线路",
            "客户（签章）：",
            "客户经理（签字）：",
            "客户服务中心（盖章）：",
        ],
    );
}

#[test]
fn days_that_the_customer_held_a_stage_up_are_still_its_own() {
    let place = small();
    place.write(
        "data/delays.csv",
        "application_id,stage,cause,began_at,ended_at,reported_at,ruling\n\
         A2,scheme,customer,2026-09-07,2026-09-18,2026-09-07,admitted\n",
    );
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --application A2").ends(0);
    // The 8th to 11th and the 14th to 18th are taken out, 9 working days. So of 6 + 9 from the 4th the last is Thursday
    // the 24th; the due date stays what it is.
    let told = told(&place, "o/plan.csv", "A2");
    assert_eq!(told[1..3], ["scheme 2026-09-04 2026-09-14 6 0 limit*", "grid_works 2026-09-24 2026-10-22 15 0 house*"]);
    assert_eq!(rows(&place, "o/plan.csv")[1]["earliest_finish_on"], "2026-09-24");
    let text = sheets(&place, "o/plan.xlsx")[1].1.join("\n");
    assert!(text.contains("办理中") && !text.contains("已超时"), "{text}");
}

#[test]
fn a_connection_that_has_its_supply_is_told_what_is_left() {
    let place = small();
    place.write("process.toml", PROCESS.to_owned() + "[[stages]]\ncode = \"archiving\"\ntitle = { zh = \"归档\", en = \"archiving\" }\nafter = [\"energisation\"]\nplan_wd = 8\n");
    place.write("data/stages.csv", STAGES.to_owned() + "A1,energisation,电力调度中心,2026-09-16,2026-09-18,\n");
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --application A1").ends(0);
    assert_eq!(
        told(&place, "o/plan.csv", "A1"),
        [
            "energisation - - - - -",
            "archiving 2026-09-21 2026-10-09 8 0 house",
            "survey - - - - -",
            "scheme - - - - -",
            "grid_works - - - - -",
            "works - - - - -",
        ]
    );
    let text = sheets(&place, "o/plan.xlsx")[1].1.join("\n");
    holds(&text, &["送电环节已于 2026-09-18 完成", "视为不再办理：现场勘查、供电方案答复、电网配套工程、受电工程施工"]);
}

#[test]
fn whom_a_plan_is_made_for() {
    let place = small();
    let planned = |arguments: &str| -> BTreeSet<String> {
        place.yekuo(&format!("plan p.toml --as-of 2026-09-21 --out o {arguments}")).ends(0);
        rows(&place, "o/plan.csv").into_iter().map(|row| row["application_id"].clone()).collect()
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<String>>();
    assert_eq!(planned(""), ids(&["A1", "A2"]));
    assert_eq!(planned("--all"), ids(&["A1", "A2", "A3"]));
    assert_eq!(planned("--application C1 --application A3 --application C1"), ids(&["A3", "C1"]));
    // No requested date: the plan of the earliest day, which says so.
    let a3 = &sheets(&place, "o/plan.xlsx")[1];
    assert_eq!(a3.0, "A3");
    holds(&a3.1.join("\n"), &["客户未提出期望日期：本计划按最早可送电日期 2026-11-09 编制"]);

    // One that has due dates has a plan, until somebody asks for another.
    place.write("data/stages.csv", STAGES.replace("2026-09-04,,\n", "2026-09-04,,2026-09-18\n"));
    assert_eq!(planned(""), ids(&["A1"]));
    assert_eq!(planned("--application A2"), ids(&["A2"]));
    assert_eq!(told(&place, "o/plan.csv", "A2")[1], "scheme 2026-09-04 2026-09-18 10 0 due_on*");
}

#[test]
fn what_is_asked_for_and_cannot_be_planned_is_an_error() {
    let place = small();
    let said = |arguments: &str| {
        let arguments = format!("plan p.toml --as-of 2026-09-21 --out o {arguments}");
        let said = place.yekuo(&arguments).ends(2).err;
        assert!(!place.path("o").exists(), "{arguments}");
        said
    };
    assert_eq!(said("--application A7 --lang en"), "error: there is no application `A7`; did you mean `A3`?\n");
    assert_eq!(
        said("--application A1 --application E1 --lang en"),
        "error: application `E1` is energised: there is nothing left to plan\n"
    );
    assert_eq!(said("--application E1"), "错误：工单「E1」已送电，无需再编制计划\n");
    holds(&said("--application A1 --all"), &["不能与「--all」同时使用"]);
    holds(&said("--application A1 --all --lang en"), &["cannot be used with"]);

    place.write("process.toml", PROCESS.replace("goal = \"energisation\"", ""));
    holds(&said("--lang en"), &["process.toml", "names no `goal`"]);
    place.write("process.toml", PROCESS.replace("\"works\"]", "\"work\"]"));
    holds(&said("--lang en"), &["process.toml:26:24", "`after` names `work`", "did you mean `works`?"]);
    place.yekuo("check p.toml").fails(2, &["process.toml:26:24"]);
    place.write("process.toml", PROCESS.replace("after = [\"survey\"]", "after = [\"grid_works\"]"));
    holds(&said("--lang en"), &["process.toml:19:10", "circle: scheme ← grid_works ← scheme"]);
    place.write("process.toml", PROCESS.replace("plan_wd = 15\n", ""));
    holds(&said("--lang en"), &["process.toml", "`grid_works` has no standard limit and no `plan_wd`", "`A1`"]);
}

#[test]
fn where_nothing_is_to_be_planned_the_tables_are_empty_and_say_so() {
    let place = Place::with_exports();
    let said = place.yekuo("plan --data data --as-of 2026-06-30 --out o").ends(0);
    holds(&said.err, &["没有需要编制计划的订单式工单", "编制计划 0 项"]);
    assert_eq!(rows(&place, "o/plan.csv"), Vec::<Row>::new());
    let sheets = sheets(&place, "o/plan.xlsx");
    assert_eq!(sheets.len(), 1);
    holds(&sheets[0].1.join("\n"), &["没有需要编制计划的工单"]);

    place.write("data/applications.csv", APPLICATIONS.lines().next().unwrap());
    place.write("data/stages.csv", STAGES.lines().next().unwrap());
    let before = place.text("o/plan.csv");
    place.yekuo("plan --data data --as-of 2026-06-30 --out o").ends(1);
    assert_eq!(place.text("o/plan.csv"), before, "what failed leaves the plan before it");
}

#[test]
fn the_due_dates_of_a_plan_are_limits_when_they_are_given_back() {
    let place = shipped();
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --all").ends(0);
    let plan: Vec<Row> = rows(&place, "o/plan.csv")
        .into_iter()
        .filter(|row| row["kind"] == "stage" && !row["due_on"].is_empty())
        .collect();
    assert!(plan.len() > 30);
    let mut stages = "application_id,stage,pass,department,started_at,finished_at,due_on\n".to_owned();
    for row in &plan {
        let cells = ["application_id", "stage", "pass", "department", "start_on"].map(|column| row[column].as_str());
        writeln!(stages, "{},,{}", cells.join(","), row["due_on"]).unwrap();
    }
    place.write("data/stages.csv", stages);
    place.yekuo("run p.toml --as-of 2027-06-30 --out r").ends(0);
    let clean = yekuo::lake::read(&place.path("lake/r/clean/stages.parquet")).unwrap();
    let columns = yekuo::lake::Columns(&clean);
    let (ids, codes) = (columns.texts("application_id").unwrap(), columns.texts("stage").unwrap());
    let (limits, sources) = (columns.integers("limit_wd").unwrap(), columns.texts("limit_source").unwrap());
    let limits: BTreeMap<(&str, &str), String> = (0..ids.len())
        .map(|row| {
            assert_eq!(sources.get(row), Some("due_on"));
            ((ids.get(row).unwrap(), codes.get(row).unwrap()), limits[row].unwrap().to_string())
        })
        .collect();
    assert_eq!(limits.len(), plan.len());
    for row in &plan {
        assert_eq!(limits[&(row["application_id"].as_str(), row["stage"].as_str())], row["limit_wd"], "{row:?}");
    }
    // Now they all have a plan.
    holds(&place.yekuo("plan p.toml --as-of 2027-06-30 --out o").ends(0).err, &["编制计划 0 项"]);
}

#[test]
fn history_is_used_where_there_is_enough_of_it() {
    let place = small();
    // 1 … 10 working days: the rank 7.2 lies between 8 and 9.
    with_ten_schemes(&place, "");
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --all --basis history --lang en").ends(0);
    let basis = |id: &str| {
        let rows = rows(&place, "o/plan.csv");
        let of = rows.iter().filter(|row| row["application_id"] == id && !row["basis"].is_empty());
        of.map(|row| format!("{} {} {} {}", row["stage"], row["limit_wd"], row["basis"], row["basis_passes"]))
            .collect::<Vec<_>>()
    };
    let [works, grid_works] = ["works 8 house ", "grid_works 15 house "];
    assert_eq!(basis("A1"), ["survey 5 limit ", "scheme 9 history 10", grid_works, works, "energisation 7 limit "]);
    // None has two supplies and a new feeder: all of high voltage count. Surveys there are too few of.
    assert_eq!(basis("A2"), ["scheme 9 history_of_voltage 10", grid_works, works, "energisation 7 limit "]);
    let text = sheets(&place, "o/plan.xlsx").into_iter().flat_map(|(_, cells)| cells).collect::<Vec<_>>().join("\n");
    holds(&text, &["p80 of 10 passes", "p80 of 10 passes of the voltage class", "house number"]);
}

/// Ten finished schemes of single supply that took 1 … 10 working days; the last of them was finished on 13 March.
fn with_ten_schemes(place: &Place, more: &str) {
    let (mut applications, mut stages) = (APPLICATIONS.to_owned() + more, STAGES.to_owned());
    for (number, finish) in ["02", "03", "04", "05", "06", "09", "10", "11", "12", "13"].iter().enumerate() {
        writeln!(applications, "H{number},某厂,城东,10,400,single,no,conventional,,2026-03-01,,").unwrap();
        writeln!(stages, "H{number},scheme,发展策划部,2026-03-01,2026-03-{finish},").unwrap();
    }
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
}

#[test]
fn limits_and_history_stand_side_by_side() {
    let place = small();
    with_ten_schemes(&place, "");
    let manifest = place.yekuo("plan p.toml --as-of 2026-09-21 --out o --json").ends(0).json();
    let project = &manifest["projects"][0];
    // As above by limits. The median of the schemes is 5.5, so 6 working days: from 29 September 30, 8 to 10, 12, 13
    // October; 15 more to 3 November, 7 more to the 12th. The 80th percentile is 9: 16 October, 6 November, the 17th.
    for (key, day) in [("by_limits_on", "2026-11-09"), ("half_on", "2026-11-12"), ("most_on", "2026-11-17")] {
        assert_eq!(project[key], day, "{key}");
    }
    let book = sheets(&place, "o/plan.xlsx");
    holds(
        &book[1].1.join("\n"),
        &[
            "按时限最早 2026-11-09；按同类环节历史，各环节取中位数为 2026-11-12，取 80 分位为 2026-11-17（余下 4 个环节中 1 个有历史）",
            "期望 2026-11-13：按时限可行，按中位数可行，按 80 分位不可行",
        ],
    );
    holds(&book[0].1.join("\n"), &["按历史\n中位数", "尚无一项可以对照"]);

    // Without a history nothing is said of it.
    let place = small();
    let manifest = place.yekuo("plan p.toml --as-of 2026-09-21 --out o --json").ends(0).json();
    let project = &manifest["projects"][0];
    assert_eq!((project["by_limits_on"].as_str(), project["half_on"].as_str()), (Some("2026-11-09"), None));
    holds(&sheets(&place, "o/plan.xlsx")[1].1.join("\n"), &["同类环节的历史不足，不能说实际多久"]);
}

#[test]
fn plans_of_the_past_are_made_from_what_was_known_then() {
    let place = small();
    // P1, accepted on Monday 16 March 2026. By limits: survey to the 23rd, the scheme's 10 calendar days to 2 April, 15
    // working days to the 24th, 7 to 8 May. With the median of 6 working days the scheme is done on 31 March, the whole on 6
    // May; with 9, on 3 April and on Saturday 9 May, which is worked. P2 is given up. Of E1 nothing was known yet: one scheme had
    // finished when it was accepted. The days of A1, A2 and A3 have not come.
    with_ten_schemes(
        &place,
        "P1,钢厂,城东,10,5000,single,no,order,,2026-03-16,2026-05-07,2026-05-08\n\
         P2,纸厂,城东,10,5000,single,no,order,,2026-03-16,2026-05-07,\n",
    );
    let applications = place.text("data/applications.csv");
    let cancelled = applications.lines().map(|line| match line {
        line if line.starts_with("application_id") => format!("{line},cancelled_at\n"),
        line if line.starts_with("P2") => format!("{line},2026-04-01\n"),
        line => format!("{line},\n"),
    });
    place.write("data/applications.csv", cancelled.collect::<String>());
    let backtest = |as_of: &str| {
        place.yekuo(&format!("plan p.toml --as-of {as_of} --out o --json")).ends(0).json()["backtest"].take()
    };
    let told = backtest("2026-09-21");
    for (key, count) in [("projects", 6), ("judged", 1), ("not_yet", 3), ("cancelled", 1), ("without_history", 1)] {
        assert_eq!(told[key], count, "{key}");
    }
    let met = |way: &str| told[way]["energised_by"]["met"].as_u64();
    assert_eq!([met("by_limits"), met("by_half"), met("by_most")], [Some(1), Some(0), Some(1)]);
    // The wish, 7 May, could be met by the medians alone; it was missed by a day.
    for (way, feasible) in [("by_limits", 0), ("by_half", 1), ("by_most", 0)] {
        let wishes = &told[way]["wishes"];
        assert_eq!((&wishes["feasible"]["days"], &wishes["feasible"]["met"]), (&feasible.into(), &0.into()), "{way}");
        assert_eq!(
            (&wishes["not_feasible"]["days"], &wishes["not_feasible"]["met"]),
            (&(1 - feasible).into(), &0.into()),
            "{way}"
        );
    }
    // On 8 May the last of its days has not come, on the 9th it has: whoever is not energised then counts as missed.
    assert_eq!(backtest("2026-05-08")["judged"], 0);
    assert_eq!(backtest("2026-05-09")["judged"], 1);
    let said = place.yekuo("plan p.toml --as-of 2026-09-21 --out o --lang en").ends(0).err;
    holds(&said, &["6 order-style projects accepted since 2024-09-21", "Of 1 whose days have come, 1 were energised"]);
    // A past that cannot be planned, for its grid works have no time, stops no plan of what has them behind it.
    place.write("process.toml", PROCESS.replace("plan_wd = 15\n", ""));
    let stages = place.text("data/stages.csv") + "A2,grid_works,配电工区,2026-09-07,2026-09-10,\n";
    place.write("data/stages.csv", stages);
    let said = place.yekuo("plan p.toml --as-of 2026-09-21 --out o --application A2 --json").ends(0).json();
    assert_eq!((&said["backtest"]["not_planned"], &said["projects"][0]["application_id"]), (&6.into(), &"A2".into()));
}

#[test]
fn the_tables_are_in_the_language_that_is_asked_for() {
    let place = shipped();
    place.yekuo("plan p.toml --as-of 2026-09-21 --out zh --all").ends(0);
    place.yekuo("plan p.toml --as-of 2026-09-21 --out en --all --lang en").ends(0);
    let names = |name: &str| sheets(&place, name).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(names("zh/plan.xlsx"), ["计划汇总", "A1", "A2", "A3"]);
    assert_eq!(names("en/plan.xlsx"), ["Overview", "A1", "A2", "A3"]);

    // In English only what the exports and the process call something is Chinese: customers, bureaus, departments.
    let mut given: BTreeSet<String> =
        APPLICATIONS.lines().flat_map(|line| line.split(',').map(str::to_owned)).collect();
    for row in rows(&place, "en/plan.csv") {
        given.insert(row["department"].clone());
        for column in ["name", "customer_duty"] {
            assert!(!is_chinese(&row[column]), "{row:?}");
        }
    }
    for (sheet, cells) in sheets(&place, "en/plan.xlsx") {
        for cell in cells {
            assert!(!is_chinese(&cell) || given.contains(&cell), "{sheet}: {cell}");
        }
    }
    let svg = place.text("en/charts/A2.svg");
    for text in svg.split("<text").skip(1).filter_map(|text| text.split(['>', '<']).nth(1)) {
        let names = given.iter().any(|name| !name.is_empty() && is_chinese(name) && text.contains(name.as_str()));
        assert!(!is_chinese(text) || names, "{text}");
    }
    holds(&svg, &["by the customer, critical", "as of 2026-09-21", "wish 2026-09-30"]);
    holds(&place.text("zh/charts/A2.svg"), &["客户工作（关键）", "统计日 2026-09-21", "期望送电 2026-09-30"]);

    // Every chart is a picture too, and no cell is a formula.
    let charts: Vec<String> =
        files(&place.path("zh/charts")).unwrap().iter().map(|p| p.display().to_string()).collect();
    assert_eq!(charts, ["A1.png", "A1.svg", "A2.png", "A2.svg", "A3.png", "A3.svg"]);
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("zh/plan.xlsx")).unwrap();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty());
    }
}

#[test]
fn identifiers_cannot_break_names_or_become_formulas() {
    let place = shipped();
    let odd = ["=1+1", "a/b\\..:c*?", "History", "-x", "A1 ", "a1"];
    let mut applications = APPLICATIONS.to_owned();
    for id in odd {
        writeln!(applications, "{id},+某厂,=城东,10,5000,single,no,order,@KM,2026-09-21,2026-12-31,").unwrap();
    }
    // `A1 ` is A1 again.
    place.write("data/applications.csv", applications.replace("A1 ,", "Ａ4,"));
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o").ends(0);
    let ids: BTreeSet<String> =
        rows(&place, "o/plan.csv").into_iter().map(|row| row["application_id"].clone()).collect();
    assert!(ids.contains("'=1+1") && ids.contains("a/b\\..:c*?"), "{ids:?}");
    let charts: BTreeSet<String> =
        files(&place.path("o/charts")).unwrap().iter().map(|p| p.display().to_string()).collect();
    assert_eq!(charts.len(), 2 * ids.len(), "{charts:?}");
    assert_eq!(sheets(&place, "o/plan.xlsx").len(), 1 + ids.len());
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("o/plan.xlsx")).unwrap();
    for name in book.sheet_names() {
        assert!(book.worksheet_formula(&name).unwrap().is_empty(), "{name}");
    }
}

#[test]
fn a_plan_is_published_whole_and_the_same_again() {
    let place = shipped();
    let tree = || -> BTreeMap<_, _> {
        let read = |file: std::path::PathBuf| (file.clone(), std::fs::read(place.path("o").join(file)).unwrap());
        files(&place.path("o")).unwrap().into_iter().map(read).collect()
    };
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o").ends(0);
    let first = tree();
    let listed: Vec<String> = first.keys().map(|path| path.display().to_string()).collect();
    assert_eq!(
        listed,
        [
            "charts/A1.png",
            "charts/A1.svg",
            "charts/A2.png",
            "charts/A2.svg",
            "plan.csv",
            "plan.xlsx",
            "rejects/applications.csv",
            "rejects/stages.csv",
            "run.json"
        ]
    );
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o").ends(0);
    assert_eq!(tree(), first);
    assert!(!place.path(".yekuo-building").exists() && !place.path("lake").exists());

    place.write("o/notes.txt", "mine");
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o --lang en").fails(2, &["o holds notes.txt"]);
    std::fs::remove_file(place.path("o/notes.txt")).unwrap();

    // A plan reaches further than the data: into a year whose holidays are not published.
    place.write("data/applications.csv", APPLICATIONS.replace("2026-11-13", "2027-03-01"));
    holds(&place.yekuo("plan p.toml --as-of 2026-09-21 --out o").ends(0).err, &["[2027]"]);
    let kept = tree();
    place.pipeline("max_rejects = 1.0\nstrict_calendar = true");
    place.yekuo("plan p.toml --as-of 2026-09-21 --out o").fails(1, &["2027", "strict_calendar"]);
    assert_eq!(tree(), kept);
    // Where it goes when nobody says.
    place.pipeline("max_rejects = 1.0");
    place.yekuo("plan p.toml --month 2026-09").ends(0);
    assert!(place.path("reports/p-plan-2026-09-30/plan.xlsx").exists());
}
