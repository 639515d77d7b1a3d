//! Event logs as they are: start and complete as two rows, rows with both times, and events of one moment.

use crate::place::{Place, can_import, holds, lines};

const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at
A1,x,10,630,2026-03-01,
A2,x,10,630,2026-03-01,
";

const MAPPING: &str = "\
[tables.stages]
files = [\"log.csv\"]
columns = { application_id = \"case\", stage = \"what\", department = \"who\", started_at = \"when\" }
";

/// A log below its headers, read by the mapping with these further lines.
fn log(headers: &str, rows: &str, mapping: &str) -> Place {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/log.csv", format!("{headers}\n{rows}"));
    place.mapping(&[MAPPING, mapping].concat());
    place
}

/// The passes of a run, each with its department and days, and what the run says of the log.
fn passes(place: &Place) -> (Vec<String>, String) {
    let said = place.yekuo("run p.toml --as-of 2026-04-30 --allow-stale --lang en --out report").ends(0).err;
    let columns = ["application_id", "stage", "pass", "department", "started_on", "finished_on"];
    (lines(&place.table("lake/report/clean/stages.parquet").select(columns).unwrap()), said)
}

const HEADERS: &str = "case,what,who,when,lifecycle:transition";

#[test]
fn start_and_complete_rows_are_one_pass() {
    // In no order; the scheme is done twice, the second time it is still running; nobody knows when metering began.
    let rows = "\
A1,scheme,East,2026-03-06 10:00,COMPLETE
A1,survey,East,2026-03-02 09:00,start
A1,scheme,East,2026-03-04 09:00,start
A1,survey,West,2026-03-04 09:00,complete
A1,metering,East,2026-03-20,完成
A1,survey,East,2026-03-02 08:00,schedule
A1,scheme,South,2026-03-06 10:00,Start
A2,survey,East,2026-03-03,开始
A2,survey,East,2026-03-05,撤回
";
    let place = log(HEADERS, rows, "");
    let (passes, said) = passes(&place);
    assert_eq!(
        passes,
        [
            "A1 | survey | 1 | East | 2026-03-02 | 2026-03-04",
            "A1 | scheme | 1 | East | 2026-03-04 | 2026-03-06",
            "A1 | scheme | 2 | South | 2026-03-06 | -",
            "A1 | metering | 1 | East | 2026-03-20 | 2026-03-20",
            "A2 | survey | 1 | East | 2026-03-03 | 2026-03-05",
        ]
    );
    let told = [
        "rows with a lifecycle: 9",
        "passes of a start and a complete: 2",
        "passes of a start and an abort or withdrawal: 1",
        "open passes of a start alone: 1",
        "passes of a complete alone: 1",
        "rows that make no pass (schedule): 1",
    ];
    holds(&said, &told);
    let run = place.json("report/run.json");
    assert_eq!(
        run["events"]["lifecycle"],
        serde_json::json!({
            "events": 9, "paired": 2, "stopped": 1, "started_only": 1, "completed_only": 1, "whole": 0,
            "set_aside": { "schedule": 1 }
        })
    );
    // The completes are the finishes: no column is missing.
    let absent = run["survey"]["absent"].as_array().unwrap();
    assert!(absent.iter().all(|absent| absent["column"] != "finished_at" && absent["column"] != "transition"));
    holds(&place.pages("report"), &["Events and their order", "open passes of a start alone"]);
    let checked = place.yekuo("check p.toml --lang en").ends(0).out;
    holds(&checked, &["lifecycle:transition → transition"]);
}

#[test]
fn a_word_that_no_lifecycle_has_is_rejected_with_the_line_that_mends_it() {
    let rows = "A1,survey,East,2026-03-02,start\nA1,survey,East,2026-03-04,notify\nA1,survey,East,2026-03-05,\n";
    let place = log(HEADERS, rows, "");
    let fault = |line, code: &str| (line, "transition".to_owned(), code.to_owned());
    assert_eq!(place.faults("stages"), [fault(3, "unknown_word"), fault(4, "missing")]);
    holds(&place.rejects("stages")[1].expected, &["a default for transition under [tables.stages.defaults]"]);
    let (kept, said) = passes(&place);
    assert_eq!(kept, ["A1 | survey | 1 | East | 2026-03-02 | -"]);
    holds(&said, &["`notify` ×1", "[tables.stages.values.transition]\n    \"notify\" = \"\""]);
    // As the line says, with a default for the empty cell.
    let mapping = "values.transition = { \"notify\" = \"\" }\ndefaults = { transition = \"complete\" }\n";
    let (kept, said) = passes(&log(HEADERS, rows, mapping));
    assert_eq!(kept, ["A1 | survey | 1 | East | 2026-03-02 | 2026-03-05"]);
    holds(&said, &["rows that make no pass (declared to mean nothing): 1"]);
}

/// A lifecycle under a header that nobody knows is never two passes.
#[test]
fn a_lifecycle_whose_header_is_unknown_is_refused() {
    let rows = "A1,survey,East,2026-03-02,start\nA1,survey,East,2026-03-04,complete\n";
    let place = log("case,what,who,when,phase", rows, "absent = [\"finished_at\"]\n");
    place.ingest().fails(2, &["transition", "phase", "start", "ignore = ", "absent = "]);
    place.mapping(&MAPPING.replace("started_at", "transition = \"phase\", started_at"));
    assert_eq!(passes(&place).0.len(), 1);
    // A status is none.
    let status = rows.replace("start", "办理中").replace("complete", "完成");
    log("case,what,who,when,状态", &status, "absent = [\"finished_at\"]\n").ingest().ends(0);
}

#[test]
fn instances_and_numbers_of_passes_are_paired_apart() {
    let rows = "\
A1,survey,East,2026-03-02,start,i1
A1,survey,West,2026-03-03,start,i2
A1,survey,West,2026-03-04,complete,i2
A1,survey,East,2026-03-09,complete,i1
";
    let headers = format!("{HEADERS},concept:instance");
    let expected =
        ["A1 | survey | 1 | East | 2026-03-02 | 2026-03-09", "A1 | survey | 2 | West | 2026-03-03 | 2026-03-04"];
    assert_eq!(passes(&log(&headers, rows, "")).0, expected);
    let numbered = rows.replace(",i", ",");
    assert_eq!(passes(&log(&format!("{HEADERS},pass"), &numbered, "")).0, expected);
    // Numbers of rows are no instances: nothing is paired, and the run says so.
    let rows = "A1,survey,East,2026-03-02,start,1\nA1,survey,East,2026-03-04,complete,2\n";
    let (apart, said) = passes(&log(&headers, rows, ""));
    assert_eq!(apart.len(), 2);
    holds(&said, &["note: no start and complete belong to one instance of a stage", "`ignore` under [tables.stages]"]);
    assert_eq!(passes(&log(&headers, rows, "ignore = [\"concept:instance\"]\n")).0.len(), 1);
}

/// Of rows that share a start, the lifecycle tells apart those of one moment; equal ones are passes where the mapping
/// says so.
#[test]
fn start_and_complete_of_one_moment_repeat_nothing() {
    let rows = "\
A1,survey,East,2026-03-02 09:00,complete
A1,survey,East,2026-03-02 09:00,start
A1,survey,East,2026-03-02 09:00,start
A1,survey,East,2026-03-02 09:00,complete
A1,survey,West,2026-03-05 09:00,start
";
    let place = log(HEADERS, rows, "");
    let ledger = place.ingest().ends(0).json();
    assert_eq!([&ledger[1]["accepted"], &ledger[1]["duplicate"], &ledger[1]["rejected"]], [3, 2, 0]);
    assert_eq!(passes(&place).0.len(), 2);
    let (kept, said) = passes(&log(HEADERS, rows, "repeat = \"pass\"\n"));
    assert_eq!(kept.len(), 3);
    holds(&said, &["passes of a start and a complete: 2"]);
    // Two starts of one moment that say different things are nobody's to choose between.
    let place = log(HEADERS, &rows.replace("West,2026-03-05", "West,2026-03-02"), "");
    assert_eq!(place.faults("stages").iter().filter(|fault| fault.2 == "conflicting_duplicate").count(), 2);
    holds(&place.rejects("stages")[0].expected, &["application_id + stage + started_at + transition"]);
}

#[test]
fn the_start_says_who_unless_it_takes_a_default() {
    let rows = "A1,survey,,2026-03-02,start\nA1,survey,East,2026-03-04,complete\n";
    let (kept, _) = passes(&log(HEADERS, rows, "defaults = { department = \"(unknown)\" }\n"));
    assert_eq!(kept, ["A1 | survey | 1 | East | 2026-03-02 | 2026-03-04"]);
}

/// A log whose rows have both times is read as it is, also where each says that it is complete.
#[test]
fn rows_with_both_times_are_passes() {
    let headers = "case,what,who,when,finished_at";
    let rows = "\
A1,survey,East,2026-03-02 09:00,2026-03-04 10:00
A1,scheme,East,2026-03-04 10:00,
A2,survey,East,2026-03-05 09:00,2026-03-04 09:00
A2,scheme,East,,2026-03-09
";
    let place = log(headers, rows, "");
    let fault = |line, column: &str, code: &str| (line, column.to_owned(), code.to_owned());
    assert_eq!(
        place.faults("stages"),
        [fault(4, "finished_at", "end_before_start"), fault(5, "started_at", "missing")]
    );
    let expected = ["A1 | survey | 1 | East | 2026-03-02 | 2026-03-04", "A1 | scheme | 1 | East | 2026-03-04 | -"];
    assert_eq!(passes(&place).0, expected);
    let complete: String = rows.lines().take(2).map(|row| format!("{row},complete\n")).collect();
    let (kept, said) = passes(&log(&format!("{headers},transition"), &complete, ""));
    // Of the second no end is known, but that it is complete: it ended when it happened.
    let ended = "A1 | scheme | 1 | East | 2026-03-04 | 2026-03-04";
    assert_eq!(kept, [expected[0], ended]);
    holds(&said, &["passes of a row with both times: 1", "passes of a complete alone: 1"]);
}

/// The first event of a case accepts it, also one that makes no pass.
#[test]
fn what_makes_no_pass_happened_all_the_same() {
    let rows = "A1,survey,East,2026-03-03,schedule\nA1,survey,East,2026-03-05,start\n";
    let place = log(HEADERS, rows, "");
    let process = place.text("p.toml") + "standards = \"none\"\n";
    place.write("p.toml", process);
    place.write("process.toml", "open = true\nbegins = \"first\"\n");
    passes(&place);
    let applications = place.table("lake/report/clean/applications.parquet");
    assert_eq!(lines(&applications.select(["accepted_on"]).unwrap())[0], "2026-03-03");
}

/// Events of one moment, in two files of which the second comes first by its plain name.
fn one_moment(order: &str) -> Place {
    let mut seed: u64 = 11;
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let place = Place::new();
    let mut applications = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n".to_owned();
    (0..30).for_each(|case| applications += &format!("C{case},x,10,630,2026-03-01,2026-03-20\n"));
    place.write("data/applications.csv", applications);
    for file in ["log_9.csv", "log_10.csv"] {
        let mut rows = "case,what,when\n".to_owned();
        for _ in 0..200 {
            let (case, what, day) = (below(30), below(7), 2 + below(4));
            rows += &format!("C{case},stage {what},2026-03-{day:02} 09:00:00\n");
        }
        place.write(&format!("data/{file}"), rows);
    }
    place.write("process.toml", "open = true\n");
    place.mapping(&format!(
        "[tables.stages]\nfiles = [\"log_*.csv\"]\nrepeat = \"pass\"\ndefaults = {{ department = \"x\" }}\n{order}\n\
         columns = {{ application_id = \"case\", stage = \"what\", started_at = \"when\", finished_at = \"when\" }}\n"
    ));
    place.write("p.toml", place.text("p.toml") + "standards = \"none\"\n");
    place
}

#[test]
fn events_of_one_moment_keep_the_order_of_their_rows() {
    let place = one_moment("order = \"file\"");
    let said = place.yekuo("run p.toml --as-of 2026-03-31 --allow-stale --lang en --out report").ends(0).err;
    holds(&said, &["in the same moment as another of their case, in the order of the files: ", " of 400"]);
    let ties = &place.json("report/run.json")["events"]["ties"];
    assert_eq!((&ties["passes"], &ties["order"]), (&400.into(), &"file".into()));
    assert!(ties["tied"].as_u64().unwrap() > 300, "{ties}");
    holds(&place.pages("report"), &["in the order of the files"]);
    if can_import("pm4py") {
        place.python("ties.py", &["lake/report/clean", "data/log_9.csv", "data/log_10.csv"]);
    } else {
        eprintln!("skipped: pm4py cannot be imported; ./test installs tests/requirements.txt");
    }
}

#[test]
fn without_a_word_events_of_one_moment_stand_in_the_usual_order() {
    let place = one_moment("");
    let said = place.yekuo("run p.toml --as-of 2026-03-31 --allow-stale --lang en --out report").ends(0).err;
    holds(&said, &["in the usual order of the stages: ", "write order = \"file\" under [tables.stages]"]);
    // Where the process lists its stages, their order is known: the report says it, and the run needs no remark.
    let place = Place::with_exports();
    place.write(
        "data/stages.csv",
        crate::place::STAGES.replace("A1,scheme,发展策划部,2026-03-06", "A1,scheme,发展策划部,2026-03-02"),
    );
    let said = place.yekuo("run p.toml --as-of 2026-04-30 --allow-stale --lang en --out report").ends(0).err;
    assert!(!said.contains("in the same moment"), "{said}");
    assert_eq!(
        place.json("report/run.json")["events"]["ties"],
        serde_json::json!({ "passes": 3, "tied": 2, "order": "usual", "usual_is_given": true })
    );
    holds(&place.pages("report"), &["in the same moment as another of their case, in the usual order"]);
    place.mapping("[tables.applications]\norder = \"file\"");
    place.ingest().fails(2, &["`order = \"file\"` is for the table `stages`, not for `applications`"]);
    place.mapping("[tables.stages]\norder = \"row\"");
    place.ingest().fails(2, &["map.toml:2", "`usual`", "`file`"]);
}
