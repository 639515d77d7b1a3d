//! Wide ledgers: one row a customer, some columns for each stage; and one date whose meaning a status word says.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::json;
use yekuo::config::Config;
use yekuo::error::TomlFile;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::values::Vocabulary;
use yekuo::ingest::{Grouped, Ledger};

use super::{drawn, ingested, settings};
use crate::place::{Outcome, Place, holds, lines, project};

/// A ledger: A1 is energised, A2 waits for its meter, A3 was cancelled after the survey, A4 has only a plan.
const LEDGER: &str = "\
工单编号,客户名称,供电单位,电压等级,申请容量,受理时间,工单状态,办结日期,现场勘查日期,计划方案答复日期,方案答复日期,方案责任部门,装表派工日期,装表完成日期,备注
A1,甲厂,城东,10,500,2026-05-04,已送电,2026-05-29,2026-05-06,2026-05-20,2026-05-18,发展策划部,2026-05-20,2026-05-22,x
A2,乙店,城西,10,315,2026-05-05,在途,,2026-05-08,2026-05-19,2026-05-21,,2026-05-25,,
A3,丙院,城东,10,315,2026-05-06,已终止,2026-05-25,2026-05-09,2026-05-20,,,,,
A4,丁场,城西,10,800,2026-05-07,在途,,,2026-05-22,,营销部,,,
";

/// The example of a ledger, with this one as its data.
fn example() -> Place {
    let place = Place::new();
    for name in ["ledger.toml", "mapping.toml", "process.toml"] {
        let text = std::fs::read_to_string(project().join("pipelines/examples/ledger").join(name)).unwrap();
        place.write(name, text.replace("name = \"ledger\"\ntitle", "max_rejects = 1.0\nname = \"ledger\"\ntitle"));
    }
    place.write("data/业扩工单台账2026.csv", LEDGER);
    place
}

fn read(place: &Place) -> Outcome {
    place.yekuo("ingest ledger.toml --lang en --json")
}

#[test]
fn each_group_of_a_row_is_a_stage() {
    let place = example();
    let ledger = read(&place).ends(0).json();
    let counts = ["read", "accepted", "rejected", "duplicate"].map(|key| ledger[1][key].clone());
    assert_eq!(json!(counts), json!([9, 9, 0, 0]));
    // Four rows of three groups: A3 and A4 have a plan, and no answer yet.
    assert_eq!(
        ledger[1]["groups"],
        json!({ "rows": 4, "groups": 3, "made": 9, "planned": 2, "partial": 0, "empty": 3 })
    );
    // What a group says of its department where the row does not; its stage is no default.
    assert_eq!(ledger[1]["filled"], json!({ "department": 7 }));
    let columns = ["application_id", "stage", "pass", "department", "started_at", "finished_at", "due_on"];
    let rows: Vec<String> = lines(&place.table("lake/raw/stages/0000.parquet").select(columns).unwrap());
    let expected = [
        "A1 | survey | 1 | 客户服务中心 | - | 2026-05-06 00:00:00 | -",
        "A1 | scheme | 1 | 发展策划部 | - | 2026-05-18 00:00:00 | 2026-05-20",
        "A1 | metering | 1 | 营销部 | 2026-05-20 00:00:00 | 2026-05-22 00:00:00 | -",
        "A2 | survey | 1 | 客户服务中心 | - | 2026-05-08 00:00:00 | -",
        "A2 | scheme | 1 | 发展策划部 | - | 2026-05-21 00:00:00 | 2026-05-19",
        "A2 | metering | 1 | 营销部 | 2026-05-25 00:00:00 | - | -",
        "A3 | survey | 1 | 客户服务中心 | - | 2026-05-09 00:00:00 | -",
        "A3 | scheme | 1 | 发展策划部 | - | - | 2026-05-20",
        "A4 | scheme | 1 | 营销部 | - | - | 2026-05-22",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn the_example_of_a_ledger_runs() {
    let place = example();
    let check = place.yekuo("check ledger.toml --lang en").ends(0).out;
    holds(
        &check,
        &[
            "现场勘查日期 → 现场勘查·finished_at",
            "工单状态 → condition of energised_at",
            "3 groups",
            "figures of rework are «no data»",
        ],
    );
    let said = place.yekuo("run ledger.toml --as-of 2026-05-31 --out o --allow-stale --lang en").ends(0).err;
    holds(
        &said,
        &[
            "4 rows of the file × 3 groups: 9 stages (2 of them only planned), 3 groups without anything",
            "headers not used: `备注`",
        ],
    );
    let stages = place.table("lake/o/clean/stages.parquet");
    let columns = ["application_id", "stage", "started_on", "finished_on", "start_taken"];
    let expected = [
        "A1 | survey | 2026-05-04 | 2026-05-06 | true",
        "A1 | scheme | 2026-05-06 | 2026-05-18 | true",
        "A1 | metering | 2026-05-20 | 2026-05-22 | false",
        "A2 | survey | 2026-05-05 | 2026-05-08 | true",
        "A2 | scheme | 2026-05-08 | 2026-05-21 | true",
        "A2 | metering | 2026-05-25 | - | false",
        "A3 | survey | 2026-05-06 | 2026-05-09 | true",
        "A3 | scheme | - | - | false",
        "A4 | scheme | - | - | false",
    ];
    assert_eq!(lines(&stages.select(columns).unwrap()), expected);
    let run = place.json("o/run.json");
    assert_eq!((&run["cases"]["starts_taken"], &run["cases"]["cancelled"]), (&json!(5), &json!(1)));
    let page = place.pages("o");
    holds(
        &page,
        &["the finish of the stage before, else the acceptance", "5 have no start of their own", "rows of the file"],
    );
    let explained = place.yekuo("explain A1 --lake lake/o --lang en");
    holds(
        &explained.out,
        &["2 stages have no start of their own", "started 2026-05-06 (the finish of the stage before)"],
    );
    // A ledger does not tell whether a stage was done again, unless the mapping says that none was.
    let rework = |report: &str| {
        let rework = place.table(&format!("{report}/marts/bottleneck.parquet")).column("rework").unwrap().clone();
        (rework.len(), rework.null_count())
    };
    // Three stages in a department each, and what a customer was awaited for.
    assert_eq!(rework("o"), (4, 4));
    let mapping = place.text("mapping.toml");
    place.write(
        "mapping.toml",
        mapping.replacen("[tables.stages]\n", "[tables.stages]\ndefaults = { pass = \"1\" }\n", 1),
    );
    place.report("once", &["ledger.toml", "--as-of", "2026-05-31"]);
    assert_eq!(rework("once"), (4, 0));
    place.write("mapping.toml", mapping);
    // What was finished later is not on record before: its start is known only with it.
    place.report("early", &["ledger.toml", "--as-of", "2026-05-20"]);
    let early = place.table("lake/early/clean/stages.parquet");
    let begun = early.column("started_on").unwrap().len() - early.column("started_on").unwrap().null_count();
    assert_eq!(begun, 5, "{:?}", lines(&early));
}

/// A row of a ledger says its identifier once for all that it gives: as it is written there it is shown everywhere.
#[test]
fn the_identifiers_of_a_ledger_are_shown_as_they_are_written() {
    let place = example();
    place.write("data/业扩工单台账2026.csv", LEDGER.replace("\nA1,", "\n业扩〔2026〕1号,"));
    let written = read(&place).ends(0).json();
    assert_eq!(written[0]["read"], 4);
    for table in ["applications", "stages"] {
        let ids = place.table(&format!("lake/raw/{table}/0000.parquet")).select(["application_id"]).unwrap();
        assert!(lines(&ids).contains(&"业扩〔2026〕1号".to_owned()), "{table}: {:?}", lines(&ids));
    }
    let said = place.yekuo("run ledger.toml --as-of 2026-05-31 --out o --allow-stale --lang en").ends(0).err;
    assert!(!said.contains("as one name"), "{said}");
}

#[test]
fn rows_of_a_ledger_are_rejected_with_their_header() {
    let place = example();
    let bad = "A5,戊楼,城东,10,500,2026-05-04,已送电,2026-05-29,2026-05-06,,上周,,,,\n\
               ,无号,城东,10,500,2026-05-04,在途,,,,,,,,\n\
               合计,3,,,,,,,3,,2,,,,\n\
               制表人：张三,,,,,,,,,,,,,,\n";
    place.write("data/业扩工单台账2026.csv", LEDGER.to_owned() + bad);
    let ledger = read(&place).ends(0).json();
    let rejects = place.rejects("stages");
    let told: Vec<(u64, &str, &str)> =
        rejects.iter().map(|reject| (reject.line, reject.column.as_str(), reject.code.as_str())).collect();
    assert_eq!(
        told,
        [(6, "finished_at", "unparsable"), (7, "application_id", "missing"), (8, "", "footer"), (9, "", "footer"),]
    );
    holds(&rejects[0].expected, &["`方案答复日期`"]);
    let counts = ["read", "accepted", "rejected", "footers", "duplicate"].map(|key| ledger[1][key].clone());
    assert_eq!(json!(counts), json!([14, 10, 4, 2, 0]));
}

#[test]
fn mistakes_in_groups_are_told_all_at_once() {
    let place = example();
    let mapping = "\
[tables.stages]
files = [\"业扩工单台账*\"]
columns = { application_id = \"工单编号\" }
ignore = [\"装表完成日期\"]
[[tables.stages.groups]]
columns = { finish_at = \"现场勘查日期\" }
defaults = { stage = \"现场勘查\" }
[[tables.stages.groups]]
columns = { finished_at = \"方案答复日期\" }
[[tables.stages.groups]]
columns = { finished_at = \"装表完成日期\", application_id = \"工单编号\" }
defaults = { stage = \"survey\" }
absent = [\"started_at\", \"finished_at\"]
[[tables.stages.groups]]
columns = { finished_at = \"方案答复日期\" }
defaults = { stage = \"供电方案答覆\", departement = \"x\" }
[tables.applications.when]
accepted_at = { \"工单状态\" = [\"x\"] }
energised_at = { \"工单状态\" = [\"已送电\", \"办结\"] }
cancelled_at = { \"工单状态\" = [\"办结\"], \"x\" = [] }
[tables.applications]
columns = { energised_at = \"办结日期\", cancelled_at = \"办结日期\" }
otherwise = { \"工单状态\" = [\"已送电\"], \"工单形态\" = [\"x\"] }
";
    place.write("mapping.toml", mapping);
    read(&place).fails(
        2,
        &[
            "mapping.toml:6",
            "no column `finish_at`",
            "`finished_at`?",
            "mapping.toml:8",
            "the group does not say its `stage`",
            "the header `装表完成日期` is ignored, and the group uses it",
            "`application_id` is under the `columns` that all groups share",
            "cannot do without `started_at`",
            "`finished_at` is declared absent, and the group says",
            "the same `application_id` + `stage` + `pass` as group 1",
            "`供电方案答覆` is no stage",
            "`供电方案答复`?",
            "no column `departement`",
            "`accepted_at` is needed in every row",
            "`办结` makes one cell both",
            "the condition of `cancelled_at` names no word",
            "`已送电` is under `when`",
            "looks at the header `工单形态`",
        ],
    );
}

#[test]
fn headers_of_groups_are_named_where_they_are_not_there() {
    let place = example();
    let text = place.text("mapping.toml");
    place.write(
        "mapping.toml",
        text.replace("\"装表完成日期\"", "\"装表完工日期\"").replace(
            "absent = [\"due_on\"]\n\n[[tables.stages.groups]]\ncolumns = { finished_at = \"方案",
            "\n[[tables.stages.groups]]\ncolumns = { finished_at = \"方案",
        ),
    );
    read(&place).fails(2, &["the header `装表完工日期`, which is not there. Is it `装表完成日期`?", "line 1"]);
    // A group without a finish is at fault, unless it says so.
    place.write("mapping.toml", text.replace(", finished_at = \"装表完成日期\"", ""));
    let words = ["these groups of columns do not say", "`装表`: finished_at", "`装表完成日期`", "in the group `装表`"];
    read(&place).fails(2, &words);
    let absent = text
        .replace(", finished_at = \"装表完成日期\"", "")
        .replace("营销部\" }\nabsent = [\"due_on\"]", "营销部\" }\nabsent = [\"due_on\", \"finished_at\"]");
    place.write("mapping.toml", absent);
    let words = LEDGER.replace("装表完成日期", "装表说明").replace("2026-05-22,x", "已装,x");
    place.write("data/业扩工单台账2026.csv", words);
    holds(&read(&place).ends(0).err, &["headers not used: `装表说明`"]);
    place.write("data/业扩工单台账2026.csv", LEDGER);
    // A planned date that no group has could be that of one that lacks it.
    place.write("mapping.toml", text.replace(" due_on = \"计划方案答复日期\",", ""));
    read(&place).fails(2, &["`供电方案答复`: due_on", "`计划方案答复日期`"]);
}

#[test]
fn stages_with_only_a_finish_need_a_start() {
    let place = example();
    place.write("process.toml", place.text("process.toml").replace("starts = \"previous\"", ""));
    read(&place).fails(2, &["started_at (开始时间) (of `现场勘查`, `供电方案答复`)", "starts = \"previous\""]);
    // Of a table with the column, the rows that lack it.
    let place = Place::with_exports();
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,x,,2026-03-06\nA1,scheme,x,2026-03-06,\n",
    );
    assert_eq!(place.faults("stages"), [(2, "started_at".to_owned(), "missing".to_owned())]);
    holds(&place.rejects("stages")[0].expected, &["starts = \"previous\""]);
    place.write("process.toml", "open = true\nstarts = \"previous\"\n");
    assert_eq!(place.faults("stages"), []);
    // Neither start nor finish is nothing.
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,x,,\nA1,scheme,x,,2026-03-09\n",
    );
    assert_eq!(place.faults("stages").len(), 1);
}

/// The headers of a ledger whose dates are named after stages.
const BARE: &str = "\
工单编号,客户名称,供电单位,电压等级,申请容量,受理时间,承诺送电日期,送电时间,撤销时间,现场勘查日期,计划方案答复日期,供电方案开始时间,方案答复完成时间,方案答复责任部门,装表日期
A1,甲厂,城东,10,500,2026-05-04,2026-06-01,2026-05-29,,2026-05-06,2026-05-20,2026-05-07,2026-05-18,营销部,2026-05-22
A2,乙店,城西,10,315,2026-05-05,2026-06-02,,,2026-05-08,2026-05-19,2026-05-09,,营销部,
A3,丙院,城东,10,315,2026-05-06,2026-06-03,2026-05-30,,2026-05-09,2026-05-20,2026-05-10,2026-05-19,营销部,2026-05-23
";

#[test]
fn a_ledger_without_a_mapping_is_met_with_its_lines() {
    for (file, is_known) in [("业扩工单.csv", true), ("业扩工单台账.csv", false), ("环节记录.csv", true)]
    {
        let place = Place::new();
        place.write(&format!("data/{file}"), BARE);
        if file.starts_with("环节") {
            place.write("data/业扩工单.csv", BARE);
        }
        place.pipeline("max_rejects = 1.0");
        let said = place.ingest().ends(2).err;
        let lines = [
            "it looks like a ledger",
            "[[tables.stages.groups]]",
            "columns = { finished_at = \"现场勘查日期\" }",
            "due_on = \"计划方案答复日期\"",
            "started_at = \"供电方案开始时间\"",
            "finished_at = \"方案答复完成时间\"",
            "department = \"方案答复责任部门\"",
            "columns = { finished_at = \"装表日期\" }",
            "starts = \"previous\"",
        ];
        holds(&said, &lines);
        assert!(!said.contains("送电时间\" }"), "that is the application's own: {said}");
        // What is offered can be pasted, and then all of it is read.
        let mut mapping: Vec<&str> = said.lines().skip_while(|line| !line.contains("[tables.stages]")).collect();
        let end = mapping.iter().position(|line| line.contains("hint:")).unwrap();
        mapping.truncate(end);
        let mut mapping = mapping.join("\n");
        if !is_known {
            mapping += "\n[tables.applications]\nfiles = [\"业扩工单台账.csv\"]\n";
        }
        place.mapping(&mapping);
        place.write("process.toml", place_process());
        place.ingest().ends(0);
        assert_eq!(place.column("stages", "stage").len(), 8, "{file}: {mapping}");
        assert_eq!(place.column("stages", "due_on")[1], "2026-05-20");
    }
}

/// The program's own process, with starts taken from the stage before.
fn place_process() -> String {
    let own = std::fs::read_to_string(project().join("pipelines/process.toml")).unwrap();
    own.replacen("goal = ", "starts = \"previous\"\ngoal = ", 1)
}

#[test]
fn one_date_is_that_of_the_end_that_a_word_names() {
    let place = Place::new();
    let rows = |words: [&str; 5]| {
        let head = "工单编号,供电单位,电压等级,申请容量,受理时间,工单状态,归档时间\n";
        let dates = ["2026-05-28", "2026-05-30", "", "2026-06-02", "2026-06-03"];
        let rows = words.iter().zip(dates).enumerate();
        head.to_owned()
            + &rows.map(|(n, (word, date))| format!("A{n},城东,10,500,2026-05-07,{word},{date}\n")).collect::<String>()
    };
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.write("data/applications.csv", rows(["已归档", "已终止", "流程中", "已归档", "已终止"]));
    place.pipeline("max_rejects = 1.0");
    let said = place.ingest().ends(2).err;
    let lines = [
        "columns.energised_at = \"归档时间\"",
        "columns.cancelled_at = \"归档时间\"",
        "otherwise = { \"工单状态\" = [\"流程中\"] }",
        "energised_at = { \"工单状态\" = [\"已归档\"] }",
        "cancelled_at = { \"工单状态\" = [\"已终止\"] }",
    ];
    holds(&said, &lines);
    // The block is pasted as it is.
    let offered: Vec<&str> = said.lines().skip_while(|line| !line.contains("# if `工单状态`")).collect();
    place.mapping(&offered.into_iter().take_while(|line| line.starts_with("    ")).collect::<Vec<_>>().join("\n"));
    place.ingest().ends(0);
    let ends = |place: &Place| ["energised_at", "cancelled_at"].map(|column| place.column("applications", column));
    let day = |date: &str| if date.is_empty() { String::new() } else { format!("{date} 00:00:00") };
    assert_eq!(
        ends(&place),
        [["2026-05-28", "", "", "2026-06-02", ""].map(day), ["", "2026-05-30", "", "", "2026-06-03"].map(day)]
    );
    holds(&place.yekuo("check p.toml --lang zh").ends(0).out, &["工单状态 → energised_at 的条件"]);
    // Folded words; one that nobody knows loses no date in silence; one without a date is counted.
    place.write("data/applications.csv", rows(["已 归档 ", "已终止", "已终止", "挂起", "流程中"]));
    let ledger = place.ingest().ends(0).json();
    let rejects = place.rejects("applications");
    assert_eq!((rejects.len(), rejects[0].line, rejects[0].value.as_str()), (1, 5, "挂起"));
    assert_eq!((rejects[0].column.as_str(), rejects[0].code.as_str()), ("energised_at", "unknown_word"));
    holds(&rejects[0].expected, &["add \"挂起\" to the list of \"工单状态\" in the `otherwise`", "已归档"]);
    assert_eq!(ledger[0]["undated"], json!({ "cancelled_at": 1 }));
    // All other words mean neither.
    let open = place.text("map.toml").replace("[\"流程中\"]", "[\"*\"]");
    place.mapping(&open);
    assert_eq!(place.faults("applications"), []);
    // Dates that such a word sets aside are counted.
    let ledger = place.ingest().ends(0).json();
    assert_eq!(ledger[0]["aside"], json!({ "cancelled_at": 2, "energised_at": 2 }));
    assert_eq!(ends(&place)[0].len(), 5);
    let said = place.yekuo("run p.toml --as-of 2026-06-30 --out o --lake l --lang en --allow-stale").ends(0).err;
    holds(&said, &["without a date although the status says `cancelled_at`, counted as not happened: 1"]);
}

#[test]
fn dates_of_a_ledgers_stages_are_no_ends_of_the_case() {
    let place = Place::new();
    let ledger = LEDGER.replace("办结日期,现场勘查日期", "办结日期,供电方案答复开始");
    place.write("data/业扩工单.csv", &ledger);
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.pipeline("max_rejects = 1.0");
    let said = place.yekuo("check p.toml --lang zh").ends(2).err;
    holds(&said, &["columns.energised_at = \"办结日期\""]);
    assert!(!said.contains("= \"供电方案答复开始\""), "{said}");
    let said = place.yekuo("map data --yes").ends(0).out;
    let mapping = place.text("data/sources/own.toml");
    assert!(!mapping.contains("_at = \"供电方案答复开始\""), "{mapping}\n{said}");
    // One header is not the end of a case in two ways, unless a word says which.
    place.mapping("[tables.applications]\ncolumns = { energised_at = \"办结日期\", cancelled_at = \"办结日期\" }\n");
    place.yekuo("check p.toml --lang en").fails(2, &["`办结日期` is the end of a case in two ways"]);
}

#[test]
fn a_status_has_a_date_of_its_own() {
    let place = Place::new();
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.write(
        "data/applications.csv",
        "工单编号,供电单位,电压等级,申请容量,受理时间,送电日期,状态,状态时间\n\
         A1,城东,10,500,2026-05-07,2026-05-28,已送电,2026-05-29\n\
         A2,城东,10,500,2026-05-07,,已终止,2026-05-30\n\
         A3,城东,10,500,2026-05-07,,方案答复,2026-05-20\n",
    );
    place.pipeline("max_rejects = 1.0");
    let lines = ["columns.cancelled_at = \"状态时间\"", "otherwise = { \"状态\" = [\"已送电\"] }"];
    let said = place.ingest().ends(2).err;
    holds(&said, &lines);
    place.mapping(
        "[tables.applications]\ncolumns.cancelled_at = \"状态时间\"\notherwise = { \"状态\" = [\"*\"] }\n\
         when.cancelled_at = { \"状态\" = [\"已终止\"] }",
    );
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "cancelled_at"), ["", "2026-05-30 00:00:00", ""]);
    assert_eq!(place.column("applications", "energised_at"), ["2026-05-28 00:00:00", "", ""]);
    place.mapping(&place.text("map.toml").replace("\"状态\"", "\"工单状态\""));
    place.ingest().fails(2, &["the header `工单状态`, which is not there. Is it `状态`?"]);
}

/// The rows of a long table of stages as a ledger of some of them, and the mapping that reads it.
struct Wide {
    ledger: String,
    mapping: String,
}

const CELLS: [&str; 5] = ["department", "handler", "started_at", "finished_at", "due_on"];

/// Lays rows of `application_id, stage, pass` and [`CELLS`] out side by side; `order` shuffles the columns.
fn widened(rows: &[Vec<String>], order: &[usize]) -> Wide {
    let mut groups: Vec<(String, String)> = rows.iter().map(|row| (row[1].clone(), row[2].clone())).collect();
    groups.sort();
    groups.dedup();
    let mut headers = vec!["工单编号".to_owned()];
    let mut mapping = "[tables.stages]\nfiles = [\"wide.csv\"]\n".to_owned();
    for (stage, pass) in &groups {
        let named = CELLS.map(|column| format!("{column} = \"{stage}{pass}-{column}\"")).join(", ");
        mapping += &format!(
            "[[tables.stages.groups]]\ncolumns = {{ {named} }}\ndefaults = {{ stage = \"{stage}\", pass = \"{pass}\" }}\n"
        );
        headers.extend(CELLS.map(|column| format!("{stage}{pass}-{column}")));
    }
    let mut cases: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for row in rows {
        let group = groups.iter().position(|(stage, pass)| (stage, pass) == (&row[1], &row[2])).unwrap();
        let cells = cases.entry(&row[0]).or_insert_with(|| vec![String::new(); headers.len()]);
        cells[0] = row[0].clone();
        cells[1 + group * CELLS.len()..][..CELLS.len()].clone_from_slice(&row[3..]);
    }
    let mut columns: Vec<usize> = (0..headers.len()).collect();
    columns.sort_by_key(|column| (order[column % order.len()], *column));
    let shuffled = |cells: &[String]| columns.iter().map(|at| cells[*at].clone()).collect::<Vec<_>>().join(",");
    let table = std::iter::once(shuffled(&headers)).chain(cases.values().map(|cells| shuffled(cells)));
    Wide { ledger: table.collect::<Vec<_>>().join("\n") + "\n", mapping }
}

/// The stages of a small sample, as rows of `application_id, stage, pass` and [`CELLS`].
fn long(place: &Place) -> Vec<Vec<String>> {
    let text = place.text("data/stages.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().unwrap().clone();
    let of = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let at: Vec<usize> = ["application_id", "stage", "pass"].into_iter().chain(CELLS).map(of).collect();
    let row = |row: csv::StringRecord| at.iter().map(|at| row[*at].to_owned()).collect::<Vec<_>>();
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A small sample without tables that belong to no stage.
fn sample() -> Place {
    static TABLES: OnceLock<[String; 2]> = OnceLock::new();
    let tables = TABLES.get_or_init(|| {
        let place = Place::new();
        place.yekuo("sample data --applications 30 --layout canonical").ends(0);
        ["applications", "stages"].map(|table| place.text(&format!("data/{table}.csv")))
    });
    let place = Place::new();
    for (name, text) in ["applications", "stages"].iter().zip(tables) {
        place.write(&format!("data/{name}.csv"), text);
    }
    place
}

fn csv_of(rows: &[Vec<String>]) -> String {
    let head = format!("application_id,stage,pass,{}\n", CELLS.join(","));
    head + &rows.iter().map(|row| row.join(",") + "\n").collect::<String>()
}

/// The stages of the lake in the order of their cells, without their lines, and what became of the rows of the files.
fn stages_in_lake(place: &Place, mapping: &str) -> (Vec<Vec<String>>, Ledger) {
    static WORDS: OnceLock<Vocabulary> = OnceLock::new();
    let words = WORDS.get_or_init(|| Config::load(None).unwrap().vocabulary());
    let mapping = Mapping::open(&TomlFile::new("map.toml", mapping), words).unwrap();
    let [data, lake, rejects] = ["data", "lake", "lake/rejects"].map(|name| place.path(name));
    std::fs::remove_dir_all(&lake).ok();
    std::fs::create_dir_all(&rejects).unwrap();
    let settings = settings(&data, &mapping, words, &lake, &rejects);
    let ledger = ingested(&settings).unwrap();
    let mut rows = place.rows("stages");
    rows.sort();
    (rows, ledger)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_ledger_is_the_long_table_laid_out_side_by_side(
        taken in prop::collection::vec(any::<bool>(), 12),
        order in prop::collection::vec(0_usize..100, 1..20),
    ) {
        let place = sample();
        let all = long(&place);
        let mut stages: Vec<&str> = all.iter().map(|row| row[1].as_str()).collect();
        stages.sort_unstable();
        stages.dedup();
        let is_taken = |row: &&Vec<String>| taken[stages.iter().position(|stage| *stage == row[1]).unwrap() % taken.len()];
        let rows: Vec<Vec<String>> = all.iter().filter(is_taken).cloned().collect();
        prop_assume!(!rows.is_empty());
        place.write("data/stages.csv", csv_of(&rows));
        let (expected, _) = stages_in_lake(&place, "");
        prop_assert_eq!(expected.len(), rows.len());
        let wide = widened(&rows, &order);
        place.remove("data/stages.csv");
        place.write("data/wide.csv", &wide.ledger);
        let (found, ledger) = stages_in_lake(&place, &wide.mapping);
        prop_assert_eq!(found, expected);
        let file = ledger.files.iter().find(|file| file.table == "stages").unwrap();
        let Grouped { rows: of_file, groups, made, partial, empty, .. } = file.groups.unwrap();
        prop_assert_eq!((file.read, made), (rows.len() as u64, rows.len() as u64));
        prop_assert_eq!(of_file * groups, made + partial + empty);
    }
}

#[test]
fn a_ledger_gives_the_figures_of_the_long_table() {
    let place = sample();
    let rows: Vec<Vec<String>> = long(&place).into_iter().filter(|row| row[1] != "contract").collect();
    place.write("data/stages.csv", csv_of(&rows));
    place.pipeline("max_rejects = 1.0");
    place.report("long", &["p.toml"]);
    let wide = widened(&rows, &[3, 1, 2]);
    place.remove("data/stages.csv");
    place.write("data/wide.csv", &wide.ledger);
    place.mapping(&wide.mapping);
    place.report("wide", &["p.toml"]);
    let (long, wide) = (place.files("long/marts"), place.files("wide/marts"));
    assert!(long.len() > 20 && long.keys().eq(wide.keys()));
    for (name, bytes) in long {
        assert!(wide[&name] == bytes, "{name} differs");
    }
}

#[test]
fn a_workbook_has_two_rows_of_headers() {
    let place = example();
    place.remove("data/业扩工单台账2026.csv");
    let upper = [
        "工单编号",
        "供电单位",
        "电压等级",
        "申请容量",
        "受理时间",
        "工单状态",
        "办结日期",
        "现场勘查",
        "",
        "供电方案",
        "",
    ];
    let lower = ["", "", "", "", "", "", "", "开始", "完成", "开始", "完成"];
    let row = ["A1", "城东", "10", "500", "2026-05-04", "在途", "", "2026-05-05", "2026-05-06", "2026-05-07", ""];
    let book = drawn(|book| {
        let sheet = book.add_worksheet();
        for (at, cells) in (0..).zip([upper, lower, row]) {
            for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    });
    place.write("data/业扩工单台账.xlsx", book);
    let own = place.text("mapping.toml");
    let shared = own.split("[[tables").next().unwrap();
    let group = |stage: &str, above: &str| {
        format!(
            "[[tables.stages.groups]]\ncolumns = {{ started_at = \"{above}/开始\", finished_at = \"{above}/完成\" }}\n\
             defaults = {{ stage = \"{stage}\", department = \"x\" }}\n"
        )
    };
    place.write("mapping.toml", shared.to_owned() + &group("survey", "现场勘查") + &group("scheme", "供电方案"));
    read(&place).ends(0);
    assert_eq!(place.column("stages", "finished_at"), ["2026-05-06 00:00:00", ""]);
}
