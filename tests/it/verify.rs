//! The 考核表 goes round and comes back: filled in with a spreadsheet library, read by `yekuo verify`, counted by the next
//! run (docs/method.md §10).
//!
//! Of April 2026 every Monday to Friday is a working day except the 6th.

use serde_json::{Value, json};

use crate::place::{Place, can_import, holds, lines, rejects};

const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at
A1,East,10,500,2026-04-01,
A2,West,10,500,2026-04-01,
";

/// ```text
/// A1 survey  6 of 2: 1.0 + 0.2 × 4 = 1.8
/// A1 scheme  4 of 2: 1.0 + 0.2 × 2 = 1.4
/// A2 survey  5 of 2: 1.0 + 0.2 × 3 = 1.6
/// ```
const STAGES: &str = "\
application_id,stage,department,handler,started_at,finished_at,due_on
A1,survey,Survey,张三,2026-04-01,2026-04-10,2026-04-03
A1,scheme,Planning,,2026-04-07,2026-04-13,2026-04-09
A2,survey,Survey,李四,2026-04-01,2026-04-09,2026-04-03
";

fn place() -> Option<Place> {
    if !can_import("openpyxl") {
        return None;
    }
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    run(&place);
    Some(place)
}

fn run(place: &Place) {
    place.report("reports/m", &["--data", "data", "--as-of", "2026-04-30"]);
}

/// Fills the form of a department in.
fn fill(place: &Place, department: &str, out: &str, edits: &Value) {
    let form = format!("reports/m/handouts/考核表核实/{department}.xlsx");
    place.python("fill_in.py", &[&form, out, &edits.to_string()]);
}

fn signed(rows: &Value) -> Value {
    json!({ "by": "王主任", "on": "2026-05-06", "rows": rows })
}

const VERIFY: &str = "verify --report reports/m --data data --lang en";

fn verify(place: &Place, more: &str, status: i32) -> String {
    let outcome = place.yekuo(&format!("{VERIFY} {more}")).ends(status);
    outcome.out + &outcome.err
}

fn table(place: &Place) -> Vec<String> {
    place.text("data/verifications.csv").trim_start_matches('\u{feff}').lines().skip(1).map(str::to_owned).collect()
}

fn points(place: &Place, mart: &str) -> Vec<String> {
    lines(&place.table(&format!("reports/m/marts/{mart}.parquet")))
}

#[test]
fn what_departments_answer_is_what_counts() {
    let Some(place) = place() else { return };
    // month | department | overdue | verified | rate | upheld | reduced | withdrawn | proposed | in the end
    assert_eq!(
        points(&place, "points"),
        [
            "2026-04-01 | Planning | 1 | - | - | - | - | - | 1.4 | 1.4",
            "2026-04-01 | Survey | 2 | - | - | - | - | - | 3.4 | 3.4"
        ]
    );
    let rows = json!({
        "A1/survey": { "核实结果": "维持" },
        "A2/survey": { "核实结果": "减轻", "核定分数": 0.6, "核实意见": "场地未平" },
    });
    fill(&place, "Survey", "back.xlsx", &signed(&rows));
    let said = verify(&place, "back.xlsx", 0);
    holds(
        &said,
        &[
            "2 rows, 0 not answered; 2 read = 2 accepted + 0 rejected + 0 duplicate",
            "of 3 stages of 2026-04, 2 are verified",
        ],
    );
    assert_eq!(
        table(&place),
        [
            "A1,survey,1,2026-04,upheld,,王主任,2026-05-06,",
            "A2,survey,1,2026-04,reduced,0.6,王主任,2026-05-06,场地未平"
        ]
    );

    // It was verified after the as-of day, as every month is: the month's report counts it.
    run(&place);
    assert_eq!(
        points(&place, "points"),
        [
            "2026-04-01 | Planning | 1 | 0 | 0 | 0 | 0 | 0 | 1.4 | 1.4",
            "2026-04-01 | Survey | 2 | 2 | 1 | 1 | 1 | 0 | 3.4 | 2.4"
        ]
    );
    assert_eq!(points(&place, "points_bureau")[1], "2026-04-01 | West | 1 | 1 | 1 | 0 | 1 | 0 | 1.6 | 0.6");
    assert_eq!(
        points(&place, "points_handler"),
        [
            "2026-04-01 | Planning | - | 1 | 0 | 0 | 0 | 0 | 0 | 1.4 | 1.4",
            "2026-04-01 | Survey | 张三 | 1 | 1 | 1 | 1 | 0 | 0 | 1.8 | 1.8",
            "2026-04-01 | Survey | 李四 | 1 | 1 | 1 | 0 | 1 | 0 | 1.6 | 0.6",
        ]
    );
    let overdue = points(&place, "overdue");
    assert!(overdue[0].ends_with("| 1.4 | - | 1.4 | - | - | -"), "{}", overdue[0]);
    assert!(overdue[2].ends_with("| 1.6 | reduced | 0.6 | 王主任 | 2026-05-06 | 场地未平"), "{}", overdue[2]);

    // The same workbook again says nothing new; another department's is added.
    holds(&verify(&place, "back.xlsx", 0), &["2 read = 0 accepted + 0 rejected + 2 duplicate"]);
    fill(&place, "Planning", "planning.xlsx", &json!({ "rows": { "A1/scheme": { "核实结果": "撤销" } } }));
    holds(&verify(&place, "planning.xlsx", 1), &["A1", "verified_by", "required value is missing", "or --by"]);
    holds(&verify(&place, "planning.xlsx --by 李局 --on 2026-05-07", 0), &["3 are verified"]);
    assert_eq!(table(&place)[0], "A1,scheme,1,2026-04,withdrawn,,李局,2026-05-07,");

    // A changed mind is no answer until somebody says so.
    fill(&place, "Survey", "other.xlsx", &signed(&json!({ "A1/survey": { "核实结果": "撤销" } })));
    holds(&verify(&place, "other.xlsx", 1), &["same key, different content", "upheld", "--replace"]);
    assert!(table(&place)[1].starts_with("A1,survey,1,2026-04,upheld,"));
    holds(&verify(&place, "other.xlsx --replace", 0), &["1 replaced"]);
    assert!(table(&place)[1].starts_with("A1,survey,1,2026-04,withdrawn,"));
}

#[test]
fn what_cannot_be_an_answer_is_named_with_its_place() {
    let Some(place) = place() else { return };
    let row = "A1/survey";
    for (cells, column, code) in [
        (json!({ "核实结果": "也许" }), "result", "unknown_word"),
        (json!({ "核实意见": "再议" }), "result", "missing"),
        (json!({ "核实结果": "维持", "核实意见": "=1+1" }), "note", "formula_without_value"),
        (json!({ "核实结果": "=A1" }), "result", "formula_without_value"),
        (json!({ "核实结果": "减轻" }), "points", "missing"),
        (json!({ "核实结果": "减轻", "核定分数": 1.9 }), "points", "out_of_range"),
        (json!({ "核实结果": "减轻", "核定分数": -1 }), "points", "out_of_range"),
        (json!({ "核实结果": "减轻", "核定分数": 1.8 }), "points", "out_of_range"),
        (json!({ "核实结果": "维持", "核定分数": 1 }), "points", "out_of_range"),
        (json!({ "核实结果": "撤销", "核定分数": 1 }), "points", "out_of_range"),
        (json!({ "核实结果": "减轻", "核定分数": "少一些" }), "points", "unparsable"),
        (json!({ "核实结果": "维持", "yekuo.application_id": "A2" }), "application_id", "changed_key"),
        (json!({ "核实结果": "维持", "yekuo.stage": "scheme" }), "application_id", "changed_key"),
        (json!({ "核实结果": "维持", "yekuo.proposed": "9000" }), "application_id", "changed_key"),
        (json!({ "核实结果": "维持", "工单编号": "A2" }), "application_id", "changed_key"),
    ] {
        let rows = json!({ row: cells });
        fill(&place, "Survey", "back.xlsx", &signed(&rows));
        verify(&place, "back.xlsx", 1);
        let found = rejects(&place.path("reports/m-verify-rejects/verifications.csv"));
        assert_eq!(found.len(), 1, "{rows}");
        assert_eq!((found[0].column.as_str(), found[0].code.as_str()), (column, code), "{rows}");
        assert_eq!(table(&place).len(), 0, "{rows}");
    }
    for (edits, code) in [
        (json!({ "by": "王", "rows": { row: { "核实结果": "维持" } } }), "missing"),
        (json!({ "by": "王", "on": "2026-03-31", "rows": { row: { "核实结果": "维持" } } }), "out_of_range"),
    ] {
        fill(&place, "Survey", "back.xlsx", &edits);
        verify(&place, "back.xlsx", 1);
        let found = rejects(&place.path("reports/m-verify-rejects/verifications.csv"));
        assert_eq!((found[0].column.as_str(), found[0].code.as_str()), ("verified_at", code));
    }

    // Two answers for one stage: nobody knows which is right.
    fill(&place, "Survey", "one.xlsx", &signed(&json!({ row: { "核实结果": "维持" } })));
    fill(&place, "Survey", "two.xlsx", &signed(&json!({ row: { "核实结果": "撤销" } })));
    let said = verify(&place, "one.xlsx two.xlsx", 1);
    holds(
        &said,
        &["one conclusion for a stage; another is in two.xlsx, sheet 考核表, row 5", "another is in one.xlsx"],
    );
    assert_eq!(table(&place).len(), 0);

    // A form of another month, and a proposal that has moved since.
    place.report("reports/march", &["--data", "data", "--as-of", "2026-04-02"]);
    let said = place.yekuo("verify one.xlsx --report reports/march --data data --lang en").ends(1).err;
    holds(&said, &["not a row that was handed out", "name the report with --report"]);
    place.write("data/stages.csv", STAGES.replace("2026-04-10,2026-04-03", "2026-04-13,2026-04-03"));
    run(&place);
    holds(&verify(&place, "one.xlsx", 1), &["the proposal has become 2 instead of 1.8"]);

    // What is no form, and a table that somebody else made.
    place.write("data/verifications.csv", "工单编号,环节\nA1,survey\n");
    holds(&place.yekuo(&format!("{VERIFY} one.xlsx")).ends(2).err, &["not written by yekuo verify"]);
    let said = place.yekuo("verify reports/m/assessment.xlsx --report reports/m --out v.csv --lang en").ends(2).err;
    holds(&said, &["no form that was handed out"]);
    let said = place.yekuo("verify one.xlsx --report nowhere --out v.csv --lang en").ends(2).err;
    holds(&said, &["there is no report in nowhere"]);
}

/// A table that was written by hand can say what no form lets pass. Without a column of passes each is the first.
#[test]
fn conclusions_that_decide_nothing_are_listed() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    let table = "\
application_id,stage,period,result,points,verified_at
A1,survey,2026-04,reduced,9,2026-05-06
A1,scheme,2026-04,reduced,,2026-05-06
A2,survey,2026-04,upheld,,2026-05-06
A2,scheme,2026-04,withdrawn,,2026-05-06
";
    place.write("data/verifications.csv", table);
    run(&place);
    assert_eq!(
        points(&place, "verification"),
        [
            "2026-04-01 | A1 | scheme | 1 | 1 | reduced | - | - | 2026-05-06 | - | no_points",
            "2026-04-01 | A1 | survey | 1 | 1 | reduced | 9 | - | 2026-05-06 | - | capped",
            "2026-04-01 | A2 | scheme | 1 | 1 | withdrawn | - | - | 2026-05-06 | - | not_overdue",
        ]
    );
    assert_eq!(points(&place, "points")[1], "2026-04-01 | Survey | 2 | 2 | 1 | 1 | 1 | 0 | 3.4 | 3.4");
}
