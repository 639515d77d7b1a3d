//! Every rule by which a row is rejected: where, which, and what stood there.

use crate::place::{APPLICATIONS, Place, STAGES, holds};

/// Reads one row of a table together with sound ones; gives back `(file, line, column, code, value)` of its rejects.
fn rejected(table: &str, header: &str, row: &str) -> Vec<(String, u64, String, String, String)> {
    let place = Place::with_exports();
    place.write("data/delays.csv", "application_id,cause,began_at\nA1,customer,2026-03-03\n");
    place.write("data/callbacks.csv", "kind,subject_id,called_at,outcome\nconnection,A1,2026-06-01,reached\n");
    place.write(&format!("data/{table}_2.csv"), format!("{header}\n\n{row}\n"));
    place.ingest().ends(0);
    let rejects = place.rejects(table).into_iter();
    rejects.map(|r| (r.file, r.line, r.column, r.code, r.value)).collect()
}

#[test]
fn every_rule_names_the_cell() {
    let applications = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,supply,visits";
    let stages = "application_id,stage,department,started_at,finished_at,pass";
    let delays = "application_id,cause,began_at,ended_at,ruling";
    let callbacks = "kind,subject_id,called_at,outcome,score,free_choice";
    for (table, header, row, column, code, value) in [
        ("applications", applications, "B1,城东,10kg,5,2026-03-02,,,", "voltage_kv", "unparsable", "10kg"),
        ("applications", applications, "B1,城东,10,5,03/02/2026,,,", "accepted_at", "ambiguous", "03/02/2026"),
        ("applications", applications, "B1,城东,10,5,2026-02-30,,,", "accepted_at", "unparsable", "2026-02-30"),
        ("applications", applications, "B1, ,10,5,2026-03-02,,,", "bureau", "missing", ""),
        ("applications", applications, "N/A,城东,10,5,2026-03-02,,,", "application_id", "missing", ""),
        ("applications", applications, "B1,城东,10,5,2026-03-02,,三电源,", "supply", "unknown_word", "三电源"),
        ("applications", applications, "B1,城东,10,-5,2026-03-02,,,", "capacity_kva", "out_of_range", "'-5"),
        ("applications", applications, "B1,城东,10,5,1979-12-31,,,", "accepted_at", "out_of_range", "1979-12-31"),
        ("applications", applications, "B1,城东,10,5,2026-03-02,,,1001", "visits", "out_of_range", "1001"),
        (
            "applications",
            applications,
            "2.026E+17,城东,10,5,2026-03-02,,,",
            "application_id",
            "rounded_identifier",
            "2.026E+17",
        ),
        (
            "applications",
            applications,
            "B1,城东,10,5,2026-03-02 10:00,2026-03-02 09:59,,",
            "energised_at",
            "end_before_start",
            "2026-03-02 09:59:00",
        ),
        ("stages", stages, "A1,喝茶,营销部,2026-03-02,,", "stage", "unknown_word", "喝茶"),
        ("stages", stages, "A1,fee,,2026-03-02,,", "department", "missing", ""),
        ("stages", stages, "A1,fee,营销部,2026-03-02,,0", "pass", "out_of_range", "0"),
        ("stages", stages, "A1,fee,营销部,2026-03-02,,1.5", "pass", "unparsable", "1.5"),
        (
            "stages",
            stages,
            "A1,fee,营销部,2026-03-02 10:00,2026-03-01,",
            "finished_at",
            "end_before_start",
            "2026-03-01 00:00:00",
        ),
        ("stages", stages, "A9,fee,营销部,2026-03-02,,", "application_id", "unknown_case", "A9"),
        ("delays", delays, "A1,customer,2026-03-02,2026-03-01,", "ended_at", "end_before_start", "2026-03-01 00:00:00"),
        ("delays", delays, "A1,customer,2026-03-02,,也许", "ruling", "unknown_word", "也许"),
        ("delays", delays, "A9,customer,2026-03-02,,", "application_id", "unknown_case", "A9"),
        ("callbacks", callbacks, "业扩,A9,2026-03-02,成功,,", "subject_id", "unknown_case", "A9"),
        ("callbacks", callbacks, "业扩,A1,2026-03-02,成功,6,", "score", "out_of_range", "6"),
        ("callbacks", callbacks, "业扩,A1,2026-03-02,成功,5,也许", "free_choice", "unknown_word", "也许"),
    ] {
        let expected = (format!("{table}_2.csv"), 3, column.to_owned(), code.to_owned(), value.to_owned());
        assert_eq!(rejected(table, header, row), [expected], "{table}: {row}");
    }
}

#[test]
fn an_end_on_the_day_of_the_start_is_no_fault() {
    let header = "application_id,stage,department,started_at,finished_at";
    for row in ["A1,fee,营销部,2026-03-02 10:00,2026-03-02", "A1,fee,营销部,2026-03-02,2026-03-02"] {
        assert_eq!(rejected("stages", header, row), [], "{row}");
    }
}

#[test]
fn rows_of_a_rejected_case_are_rejected_too() {
    let place = Place::with_exports();
    place.write("data/applications.csv", APPLICATIONS.replace("2026-03-03", "不详"));
    let unknown = (4, "application_id".to_owned(), "unknown_case".to_owned());
    assert_eq!(place.faults("stages"), [unknown]);
}

#[test]
fn calls_about_faults_are_held_against_faults_where_there_are_any() {
    let place = Place::with_exports();
    place.write(
        "data/callbacks.csv",
        "kind,subject_id,called_at,outcome\n故障,F1,2026-03-02,成功\n故障,F2,2026-03-02,成功\n",
    );
    assert_eq!(place.faults("callbacks"), []);
    place.write("data/faults.csv", "fault_id,bureau,area,reported_at\nF1,城东,城市,2026-03-01 10:00\n");
    assert_eq!(place.faults("callbacks"), [(3, "subject_id".to_owned(), "unknown_case".to_owned())]);
}

#[test]
fn repeats_are_dropped_and_conflicts_are_listed() {
    let place = Place::with_exports();
    let (head, rows) = STAGES.split_once('\n').unwrap();
    // The same row once more, in other words; then two that contradict it, and one of them again.
    let repeat = "A1,现场勘查,营销部,2026/3/2,2026年3月6日\n";
    place.write("data/stages.csv", format!("{head}\n{rows}{repeat}"));
    let ledger = place.ingest().ends(0).json();
    assert_eq!([&ledger[1]["read"], &ledger[1]["accepted"], &ledger[1]["duplicate"]], [4, 3, 1]);
    assert_eq!(place.rejects("stages"), []);

    let conflict = "A1,survey,生产技术部,2026-03-02,2026-03-06\n";
    place.write("data/stages_2.csv", format!("{head}\nA2,scheme,营销部,2026-03-04,\n{conflict}{conflict}"));
    let ledger = place.ingest().ends(0).json();
    let counts =
        |file: usize| ["read", "accepted", "rejected", "duplicate"].map(|key| ledger[file][key].as_u64().unwrap());
    assert_eq!(counts(1), [4, 2, 1, 1]);
    assert_eq!(counts(2), [3, 1, 1, 1]);
    let found: Vec<_> = place.rejects("stages").into_iter().map(|r| (r.file, r.line, r.column, r.code)).collect();
    let conflict =
        |file: &str, line| (file.to_owned(), line, "application_id".to_owned(), "conflicting_duplicate".to_owned());
    assert_eq!(found, [conflict("stages.csv", 2), conflict("stages_2.csv", 3)]);
    let expected = &place.rejects("stages")[0].expected;
    assert_eq!(
        expected,
        "one row for each application_id + stage + started_at; or repeat = \"last\" or \"first\" (the row that counts) under [tables.stages] of the source mapping"
    );
}

#[test]
fn conflicting_applications_take_their_stages_with_them() {
    let place = Place::with_exports();
    place.write("data/applications_2.csv", APPLICATIONS.replace("5000", "5001"));
    let ledger = place.ingest().ends(0).json();
    // A2 stands in both files and says the same: it stays, once.
    assert_eq!(place.column("applications", "application_id"), ["A2"]);
    assert_eq!(ledger[1]["duplicate"], 1);
    let unknown = |line| (line, "application_id".to_owned(), "unknown_case".to_owned());
    assert_eq!(place.faults("stages"), [unknown(2), unknown(3)]);
}

#[test]
fn rows_without_a_key_repeat_only_as_a_whole() {
    let place = Place::with_exports();
    let rows = "A1,customer,2026-03-03\nA1,customer,2026-03-04\nA1,customer,2026-03-03\n";
    place.write("data/delays.csv", format!("application_id,cause,began_at\n{rows}"));
    let ledger = place.ingest().ends(0).json();
    assert_eq!([&ledger[2]["accepted"], &ledger[2]["rejected"], &ledger[2]["duplicate"]], [2, 0, 1]);
}

/// Rows that are rejected for one word are one line, which says what mends it; written so, the rows are accepted.
#[test]
fn rejected_words_are_summed_up_with_what_mends_them() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    let row = |day: u32| format!("A1,\"拟定\"\"供电方案\",发展策划部,2026-03-{day:02},\n");
    let rows: String = (2..7).map(row).collect();
    place.write("data/stages.csv", format!("application_id,stage,department,started_at,finished_at\n{rows}"));
    place.write("map.toml", "");
    place.pipeline("max_rejects = 0.1\nsource = \"map.toml\"");
    let said = place.yekuo("run p.toml --as-of 2026-06-30 --out o").ends(1).err;
    holds(&said, &["5 行", "拟定\"供电方案」×5", "在来源映射末尾加："]);
    let offered = |said: &str| -> String {
        let lines = said.lines().skip_while(|line| !line.ends_with("加：") && !line.ends_with("加一行：")).skip(1);
        lines.take_while(|line| line.trim_start().starts_with(['[', '"', '\''])).collect::<Vec<_>>().join("\n")
    };
    let mapping = format!("[tables.stages]\nrepeat = \"pass\"\n{}\n", offered(&said));
    place.write("map.toml", &mapping);
    place.yekuo("run p.toml --as-of 2026-06-30 --out o").ends(0);
    // A word more goes below the header that is there now.
    let another = rows.replace("供电方案", "供电方按");
    place.write("data/stages.csv", format!("application_id,stage,department,started_at,finished_at\n{another}"));
    let said = place.yekuo("run p.toml --as-of 2026-06-30 --out o").ends(1).err;
    holds(&said, &["已有的 [tables.stages.values.stage] 之下加一行："]);
    let header = "[tables.stages.values.stage]\n";
    let written: String = mapping
        .lines()
        .map(|line| line.trim().to_owned() + "\n")
        .collect::<String>()
        .replace(header, &format!("{header}{}\n", offered(&said)));
    place.write("map.toml", written);
    place.yekuo("run p.toml --as-of 2026-06-30 --out o").ends(0);
}

/// What is wrong with a row whose cells can all be read is never hidden behind the word it begins with.
#[test]
fn a_row_of_the_table_is_no_footer() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write(
        "data/stages.csv",
        "department,application_id,stage,started_at,finished_at\n导出所,A1,survey,2026-03-02,2026-03-09\n导出所,A1,survey,2026-03-09,2026-03-02\n导出所,A9,survey,2026-03-09,\n导出所,,,,\n",
    );
    place.pipeline("max_rejects = 1.0");
    place.ingest().ends(0);
    let codes: Vec<String> = place.rejects("stages").into_iter().map(|reject| reject.code).collect();
    assert_eq!(codes, ["end_before_start", "unknown_case", "footer"]);
}
