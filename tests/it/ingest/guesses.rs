//! What `yekuo map` may take a header for: what its name says, never what the kind of its cells alone could be.

use serde_json::json;

use super::maps::active;
use crate::place::{Place, holds, lines};

/// Maps and runs a folder of one file, and gives back its mapping.
fn mapped(place: &Place, name: &str, text: &str) -> String {
    std::fs::remove_dir_all(place.path("data")).ok();
    place.write(&format!("data/{name}"), text);
    place.yekuo("map data --yes").ends(0);
    place.text("data/sources/own.toml")
}

/// A ledger under a header of two rows: the plan, the time and the department of each stage.
const TWO_ROWS: &str = "\
工单编号,供电单位,电压等级,申请容量,受理日期,勘查,,,方案答复,,装表,,,送电,,
,,,,,计划,实际,责任部门,计划,实际,计划,实际,责任部门,计划,实际,责任部门
Z1,东,10kV,100,2026-04-01,2026-04-03,2026-04-04,营销部,2026-04-08,2026-04-09,2026-04-20,2026-04-22,配电工区,2026-04-24,2026-04-27,调度
Z2,东,10kV,100,2026-04-02,2026-04-04,2026-04-04,营销部,2026-04-08,2026-04-10,2026-04-21,,配电工区,2026-04-25,,调度
";

#[test]
fn a_plan_in_a_header_of_two_rows_is_no_time_at_which_anything_happened() {
    let place = Place::new();
    let mapping = mapped(&place, "台账.csv", TWO_ROWS);
    holds(
        &mapping,
        &[
            "送电/实际 → energised_at",
            "due_on = \"勘查/计划\", finished_at = \"勘查/实际\", department = \"勘查/责任部门\"",
            "defaults = { stage = \"供电方案答复\", department = \"（未写明）\" }  # 请核对：2 行中 2 行没有责任部门",
        ],
    );
    for line in active(&mapping) {
        for time in ["energised_at = ", "cancelled_at = ", "desired_on = ", "promised_on = "] {
            assert!(!line.contains(time), "{line}");
        }
    }
    // The planned energisation may be a promise to the customer: nobody knows but the office.
    place
        .yekuo("run --data data --as-of 2026-04-30 --allow-stale --out refused")
        .fails(2, &["送电/计划", "promised_on"]);
    let said = "[tables.applications]\nignore = [\"送电/计划\"]\nabsent = [\"promised_on\", \"cancelled_at\"]";
    place.write("data/sources/own.toml", mapping.replacen("[tables.applications]", said, 1));
    place.yekuo("run --data data --as-of 2026-04-30 --allow-stale --out o").ends(0);
    let ended = place.table("lake/o/clean/applications.parquet").select(["application_id", "energised_on"]).unwrap();
    assert_eq!(lines(&ended), ["Z1 | 2026-04-27", "Z2 | -"]);
    let columns = ["application_id", "stage", "department", "finished_on"];
    let stages = place.table("lake/o/clean/stages.parquet").select(columns).unwrap();
    assert_eq!(
        lines(&stages),
        [
            "Z1 | survey | 营销部 | 2026-04-04",
            "Z1 | scheme | （未写明） | 2026-04-09",
            "Z1 | metering | 配电工区 | 2026-04-22",
            "Z2 | survey | 营销部 | 2026-04-04",
            "Z2 | scheme | （未写明） | 2026-04-10",
            "Z2 | metering | 配电工区 | -",
        ]
    );
}

const LEDGER: &str = "工单编号,供电单位,电压等级,申请容量,受理时间,勘查完成时间,装表完成时间,送电时间,撤销时间";

#[test]
fn files_of_one_form_belong_to_a_table_together() {
    let place = Place::new();
    let row =
        |number: &str, bureau: &str| format!("{number},{bureau},10kV,100,2026-03-01,2026-03-10,2026-04-01,2026-04-11,");
    let march: Vec<String> = (1..=6).map(|number| row(&format!("X{number}"), "甲局")).collect();
    let mut april: Vec<String> = (1..=5).map(|number| row(&format!("Y{number}"), "乙局")).collect();
    april.push(march[0].replace("2026-04-11", "2026-04-13"));
    place.write("data/台账_3月.csv", format!("{LEDGER}\n{}\n", march.join("\n")));
    place.write("data/台账_4月.csv", format!("{LEDGER}\n{}\n", april.join("\n")));
    place.yekuo("map data --yes").ends(0);
    let mapping = place.text("data/sources/own.toml");
    holds(&mapping, &["repeat = \"last\"  # 请核对：有 1 个编号在前后的文件中重复，以后一个文件的行为准"]);
    let run = place.yekuo("run --data data --as-of 2026-04-30 --allow-stale --out o").ends(0);
    let cases = place.table("lake/o/clean/applications.parquet").select(["application_id", "energised_on"]).unwrap();
    assert_eq!(cases.height(), 11);
    assert!(lines(&cases).contains(&"X1 | 2026-04-13".to_owned()), "{}", run.err);
    // A mapping that leaves one out is followed, and that is said.
    let alone = mapping.replacen("files = [\"台账_3月.csv\", \"台账_4月.csv\"]", "files = [\"台账_3月.csv\"]", 1);
    place.write("data/sources/own.toml", alone);
    let checked = place.yekuo("check --data data");
    holds(&(checked.out + &checked.err), &["台账_4月.csv：注意：业扩工单不读这个文件，而读表头相同的 台账_3月.csv"]);
}

#[test]
fn a_log_of_one_time_an_event_has_finishes_only() {
    let place = Place::new();
    let row =
        |number: usize, stage: &str, day: usize| format!("E{number};{stage};complete;2026-04-{day:02} 09:00;营销部\n");
    let events: String = (1..=6)
        .flat_map(|number| {
            [("survey", 2), ("scheme", 10), ("energisation", 20)].map(|(stage, day)| row(number, stage, day + number))
        })
        .collect();
    let with = format!("案例编号;活动;lifecycle:transition;时间戳;责任部门\n{events}");
    for text in [with.clone(), with.replace("lifecycle:transition;", "").replace("complete;", "")] {
        let mapping = mapped(&place, "log.csv", &text);
        holds(&mapping, &["columns.finished_at = \"时间戳\"", "starts = \"previous\"  # 请核对"]);
        assert!(!mapping.contains("started_at ="), "{mapping}");
        let run = place.yekuo("run --data data --as-of 2026-04-30 --allow-stale --out o").ends(0);
        assert!(!run.err.contains("同一时刻"), "{}", run.err);
        let stages = place.table("lake/o/clean/stages.parquet").select(["stage", "started_on", "finished_on"]).unwrap();
        assert_eq!(lines(&stages)[1], "scheme | 2026-04-03 | 2026-04-11");
        // Who maps both to one time is told what that makes of the stages.
        let both = mapping.replace("columns.finished_at =", "columns.started_at = \"时间戳\"\ncolumns.finished_at =");
        place.write("data/sources/own.toml", both.replace("\nstarts =", "\n# starts ="));
        let run = place.yekuo("run --data data --as-of 2026-04-30 --allow-stale --out p").ends(0);
        holds(
            &run.err,
            &["注意：已完成的 18 个环节中有 18 个的开始与完成是同一时刻，用时都是 0", "starts = \"previous\""],
        );
        assert_eq!(place.json("p/run.json")["events"]["momentary"], json!({ "stages": 18, "finished": 18 }));
        holds(&place.pages("p"), &["已完成的 18 个环节中有 18 个"]);
    }
}

#[test]
fn the_kind_of_the_cells_alone_makes_no_column() {
    let place = Place::new();
    let head = "工单编号,供电单位,电压等级,申请容量,受理时间,送电时间";
    let stages = "工单编号,环节,责任部门,开始时间,完成时间\n";
    for (header, cells, columns) in [
        ("是否超期", ["是", "否"], &["new_feeder", "key_project", "free_choice", "special_approval"][..]),
        ("打印日期", ["2026-04-29", "2026-04-29"], &["cancelled_at", "promised_on", "desired_on"]),
        ("REG_DATE", ["2026-04-01", "2026-04-02"], &["cancelled_at", "promised_on", "desired_on"]),
        ("Deadline", ["2026-04-21", "2026-04-22"], &["cancelled_at", "promised_on", "desired_on"]),
        ("Received", ["2026-04-01", "2026-04-02"], &["cancelled_at", "promised_on", "desired_on"]),
        ("pass", ["1", "2"], &["supply"]),
        ("客户", ["甲厂", "乙店"], &["customer_phone"]),
    ] {
        std::fs::remove_dir_all(place.path("data")).ok();
        let row = |number: usize| {
            format!("{number},东局,10kV,100,2026-04-01,2026-04-2{number},{}\n", cells[(number - 1) % 2])
        };
        let rows: String = (1..=6).map(row).collect();
        let of_stage = |number: usize| format!("{number},勘查,营销部,2026-04-01,2026-04-1{number}\n");
        place.write("data/业扩工单.csv", format!("{head},{header}\n{rows}"));
        place.write("data/环节记录.csv", stages.to_owned() + &(1..=6).map(of_stage).collect::<String>());
        place.yekuo("map data --yes").ends(0);
        let mapping = place.text("data/sources/own.toml");
        let taken: Vec<&str> = active(&mapping)
            .into_iter()
            .filter(|line| columns.iter().any(|column| line.starts_with(&format!("columns.{column} ="))))
            .collect();
        assert!(taken.is_empty(), "{header}: {taken:?}");
        holds(&mapping, &[header]);
    }
}

#[test]
fn a_date_of_cases_that_go_on_is_no_end_of_theirs() {
    let place = Place::new();
    let row = |number: usize| {
        let (end, state) = match number % 4 {
            0 => ("", "在途"),
            1 => ("2026-04-25", "终止"),
            _ => ("2026-04-26", "办结"),
        };
        let metered = if end.is_empty() { "" } else { "2026-04-22" };
        format!("S{number},东局,10,315,2026-04-01,2026-04-10,2026-04-11,{metered},{end},{state}\n")
    };
    let rows: String = (1..=12).map(row).collect();
    for first in ["初审日期", "审核办结日期"] {
        let head = format!("申请编号,所属单位,电压,容量,受理日期,勘查完成日期,{first},装表完成日期,办结日期,状态");
        let mapping = mapped(&place, "台账.csv", &format!("{head}\n{rows}"));
        holds(
            &mapping,
            &[
                "\ncolumns.energised_at = \"办结日期\"",
                "\ncolumns.cancelled_at = \"办结日期\"",
                "otherwise = { \"状态\" = [\"在途\"] }  # 在途 ×3 (0)",
            ],
        );
    }
}

#[test]
fn thousands_with_points_are_asked_for_as_those_with_commas_are() {
    let place = Place::new();
    for capacities in [["1.250", "2.500"], ["1,250", "2,500"]] {
        let row = |number: usize| format!("D{number};东;10kV;{};2026-04-01;2026-04-21;\n", capacities[number % 2]);
        std::fs::remove_dir_all(place.path("data")).ok();
        place.write(
            "data/业扩工单.csv",
            "工单编号;供电单位;电压等级;申请容量;受理时间;送电时间;撤销时间\n".to_owned()
                + &(1..=6).map(row).collect::<String>(),
        );
        place.write(
            "data/环节记录.csv",
            "工单编号,环节,责任部门,开始时间,完成时间\nD1,勘查,营销部,2026-04-01,2026-04-10\n",
        );
        let said = place.yekuo("map data --yes").ends(1).out;
        holds(&said, &["选定 decimal", "\".\" = 1", "= 1250"]);
    }
}

#[test]
fn marks_of_nothing_hide_no_ledger() {
    let place = Place::new();
    let row = |number: usize, none: &str| {
        let (answered, metered) = if number.is_multiple_of(3) { (none, none) } else { ("2026-04-10", "2026-04-20") };
        format!("L{number},西局,10kV,630,2026-04-01,2026-04-05,{answered},{metered},{metered}\n")
    };
    let mappings = ["", "/", "—", "-"].map(|none| {
        let rows: String = (1..=9).map(|number| row(number, none)).collect();
        let head = "工单编号,供电单位,电压等级,申请容量,受理时间,勘查时间,方案答复时间,装表时间,送电时间\n";
        mapped(&place, "台账.csv", &(head.to_owned() + &rows))
    });
    for mapping in &mappings {
        assert_eq!(mapping.matches("[[tables.stages.groups]]").count(), 3, "{mapping}");
        assert_eq!(*mapping, mappings[0]);
    }
}
