//! `yekuo export`: event logs that pm4py opens, and that come back as the same cases.

use crate::place::{Place, can_import, holds, lines, project};

const AS_OF: &str = "2026-06-30";

/// Sample data of so many applications and a report on them; `tables`: only these.
fn reported(applications: &str, tables: Option<&[&str]>) -> Place {
    let place = Place::new();
    place.run(&["sample", "data", "--applications", applications, "--layout", "canonical"]).ends(0);
    if let Some(tables) = tables {
        for file in place.files("data").into_keys() {
            if !tables.iter().any(|table| file == format!("{table}.csv")) {
                place.remove(&format!("data/{file}"));
            }
        }
    }
    place.report("reports/first", &["--data", "data", "--as-of", AS_OF]);
    place
}

fn has_pm4py() -> bool {
    let found = can_import("pm4py");
    if !found {
        eprintln!("skipped: pm4py cannot be imported; ./test installs tests/requirements.txt");
    }
    found
}

#[test]
fn pm4py_finds_the_same_in_what_is_exported() {
    let place = reported("150", None);
    let logs = ["log.xes", "log.xes.gz", "log.ocel.json", "log.xmlocel"];
    for log in logs {
        let said = place.yekuo(&format!("export {log} --lang en")).ends(0);
        holds(&said.out, &[log, " applications, ", "up to 2026-06-30"]);
        holds(&said.err, &["from the newest report's data", "does not carry these tables (rows)", "complaints"]);
    }
    if has_pm4py() {
        let arguments = ["compare", "reports/first/marts", "reports/lake/first/clean"];
        place.python("eventlog.py", &[&arguments[..], &logs].concat());
    }
}

#[test]
fn a_log_that_is_read_again_gives_the_same_cases() {
    let place = reported("80", Some(&["applications", "stages", "callbacks"]));
    let mapping = "[tables.applications]\nfiles = [\"log*\"]\nOBJECT\n[tables.stages]\nfiles = [\"log*\"]\nOBJECT\n";
    for (log, object) in [("log.xes.gz", ""), ("log.ocel.xml", "object = \"application\"")] {
        place.run(&["export", &format!("{log}/{log}"), "--personal", "--lake", "reports/lake/first"]).ends(0);
        let columns = match object {
            "" => "",
            _ => "columns = { department = \"ocel:type:department\" }\n",
        };
        place.write("map.toml", mapping.replace("OBJECT", object) + columns);
        place.report("again", &["--data", log, "--source", "map.toml", "--as-of", AS_OF]);
        let (first, again) = (place.files("reports/lake/first/clean"), place.files("lake/again/clean"));
        for table in ["applications", "edges"] {
            let name = format!("{table}.parquet");
            assert!(first[&name] == again[&name], "{log}: {table} is another");
        }
        // What has not begun is in no log.
        let begun = |folder: &str| {
            let stages = place.table(&format!("{folder}/clean/stages.parquet"));
            let mut rows = lines(&stages);
            rows.retain(|row| !row.contains(" | planned | ") && !row.contains(" | waiting | "));
            rows
        };
        assert_eq!(begun("reports/lake/first"), begun("lake/again"), "{log}");
    }
}

#[test]
fn the_same_cases_give_the_same_file_and_no_file_is_lost() {
    let place = reported("60", None);
    for log in ["log.xes", "log.xes.gz", "log.ocel.json", "log.ocel.xml"] {
        place.run(&["export", log]).ends(0);
        let first = place.bytes(log);
        place.run(&["export", log, "--lang", "en"]).fails(2, &["exists already", "--force"]);
        place.run(&["export", log, "--force", "--data", "data", "--as-of", AS_OF]).ends(0);
        assert!(place.bytes(log) == first, "{log} is another");
    }
    place.run(&["export", "log.csv", "--lang", "en"]).fails(2, &["a file ends in .xes"]);
    // What is known later is not in it.
    let early = place.run(&["export", "early.xes", "--data", "data", "--as-of", "2026-03-31", "--json"]).ends(0).json();
    assert!(early["later"].as_u64().unwrap() > 0, "{early}");
    let early = place.text("early.xes");
    let after = |month: &str| early.contains(&format!("\"time:timestamp\" value=\"2026-{month}"));
    assert!(after("03") && !after("04") && !after("05") && !after("06"), "an event after the as-of day");
    assert!(
        place.files(".").into_keys().all(|name| !name.contains(".yekuo-building")),
        "what was built is left behind"
    );
}

#[test]
fn all_that_the_day_hides_is_counted() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n\
         A1,甲,城东,10,500,2026-03-02,2026-05-01\nA2,乙,城东,10,500,2026-04-05,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,营销部,2026-03-02,2026-03-20\n\
         A1,scheme,营销部,2026-04-02,2026-04-09\nA2,survey,营销部,2026-04-06,\n",
    );
    place.pipeline("max_rejects = 1.0");
    let said = place.yekuo("export log.xes --pipeline p.toml --as-of 2026-03-10 --json").ends(0).json();
    // A2 and the scheme; the finish of the survey and the energisation; the name of A1.
    let counts = ["cases", "events", "later", "later_times", "personal"].map(|key| said[key].as_u64().unwrap());
    assert_eq!(counts, [1, 1, 2, 2, 1], "{said}");
}

/// What the mapping said of a run counts for its lake, whatever stands beside the pipeline now.
#[test]
fn a_lake_is_exported_as_its_rows_were_gathered() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at\nA1,甲,城东,10,500,2026-03-01\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,finished_at\nA1,survey,营销部,2026-03-20\nA1,metering,营销部,2026-04-09\n",
    );
    place.write(
        "data/sources/own.toml",
        "[cases]\nends = [\"metering\"]\nstarts = \"previous\"\nbegins = \"first\"\n\
         [tables.applications]\nabsent = [\"energised_at\"]\n",
    );
    place.report("reports/first", &["--data", "data", "--as-of", AS_OF]);
    let direct = place.yekuo("export direct.xes --data data --as-of 2026-06-30 --json").ends(0).json();
    assert_eq!(direct["events"], 2);
    place.yekuo("export lake.xes --json").ends(0);
    assert_eq!(place.text("lake.xes"), place.text("direct.xes"));
    holds(&place.text("lake.xes"), &["<date key=\"energised_at\" value=\"2026-04-09"]);
    // The acceptance of the exports gives way to the first event, and starts are not made up: both are said.
    let said = place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out r --lang en").ends(0).err;
    holds(&said, &["their first event accepts: 1", "which is not used: 1"]);
    assert_eq!(place.json("r/run.json")["events"]["begins"], serde_json::json!({ "cases": 1, "moved": 1 }));
    assert_eq!(direct["starts_not_given"], 2);
    let said = place.yekuo("export again.xes --lang en").ends(0).err;
    holds(&said, &["2 starts were taken from the stage before", "[cases] starts = \"previous\""]);
}

#[test]
fn names_of_customers_are_written_where_asked_for() {
    let place = Place::with_exports();
    for (arguments, is_named) in [("", false), (" --personal", true)] {
        for log in ["log.xes", "log.ocel.json"] {
            let said = place
                .yekuo(&format!("export {log} --force --pipeline p.toml --as-of {AS_OF} --lang en{arguments}"))
                .ends(0);
            assert_eq!(place.text(log).contains("城东机械厂"), is_named, "{log}{arguments}");
            assert_eq!(said.err.contains("2 names and telephone numbers"), !is_named, "{}", said.err);
        }
    }
}

#[test]
fn what_xml_cannot_hold_is_left_out_and_counted() {
    let place = Place::with_exports();
    let stages = place.text("data/stages.csv").replace("营销部", "营\u{8}销 <部> & \"科\"");
    place.write("data/stages.csv", stages);
    let said = place.yekuo(&format!("export log.xes --pipeline p.toml --as-of {AS_OF} --lang en")).ends(0);
    holds(&said.err, &["3 control characters that XML cannot hold"]);
    holds(&place.text("log.xes"), &["value=\"营销 &lt;部&gt; &amp; &quot;科&quot;\"", "2026-03-02T00:00:00+08:00"]);
}

#[test]
fn what_pm4py_writes_reads_like_the_csv() {
    if !has_pm4py() {
        return;
    }
    let place = Place::new();
    place.write(
        "csv/log.csv",
        "\
case:concept:name,case:opened,concept:name,time:timestamp,org:group,org:resource
A1,2011-10-28T23:30:00+02:00,Check,2011-10-31T08:00:00.5Z,Desk,<王> & \"Co\"
A1,2011-10-28T23:30:00+02:00,报告 · Report,2011-11-01T10:00:00+01:00,Post,
A2,2011-10-29T00:30:00+02:00,Check,2011-10-30T09:00:00Z,Desk,
",
    );
    std::fs::create_dir(place.path("xes")).unwrap();
    place.python("eventlog.py", &["write", "csv/log.csv", "xes/log.xes"]);
    place.write("map.toml", "[tables.applications]\nfiles = [\"log*\"]\nabsent = [\"energised_at\"]\n\
        columns = { accepted_at = \"case:opened\" }\ndefaults = { voltage_kv = \"0\", capacity_kva = \"0\", bureau = \"South\" }\n\
        [tables.stages]\nfiles = [\"log*\"]\nabsent = [\"due_on\"]\n");
    place.write("process.toml", "open = true\n");
    place.pipeline("source = \"map.toml\"\ncalendar = \"nl\"\nstandards = \"none\"");
    let mut rows = Vec::new();
    for data in ["csv", "xes"] {
        place.yekuo(&format!("ingest p.toml --data {data} --source map.toml")).ends(0);
        rows.push((place.rows("applications"), place.rows("stages")));
    }
    assert_eq!(rows[0], rows[1]);
    assert_eq!((rows[0].0.len(), rows[0].1.len()), (2, 3));
}

#[test]
fn the_receipt_log_as_xes_gives_the_same_marts() {
    let folder = match std::env::var_os("YEKUO_RECEIPT") {
        Some(folder) => Some(folder.into()),
        None => project().parent().map(|parent| parent.join("shared/data/receipt")),
    };
    let Some(csv) = folder.map(|folder| folder.join("receipt.csv")).filter(|csv| csv.exists()) else {
        eprintln!("skipped: no receipt.csv beside the project, and YEKUO_RECEIPT names no folder that holds it");
        return;
    };
    if !has_pm4py() {
        return;
    }
    let place = Place::new();
    for name in ["receipt.toml", "log.toml", "process.toml"] {
        let text = std::fs::read_to_string(project().join("pipelines/examples/event-log").join(name)).unwrap();
        place.write(&format!("own/{name}"), text.replace("receipt*.csv", "receipt*"));
    }
    std::fs::create_dir(place.path("xes")).unwrap();
    place.python("eventlog.py", &["write", csv.to_str().unwrap(), "xes/receipt.xes"]);
    let csv = csv.parent().unwrap().to_str().unwrap().to_owned();
    for (data, out) in [(csv.as_str(), "of_csv"), ("xes", "of_xes")] {
        place.report(out, &["own/receipt.toml", "--data", data, "--source", "own/log.toml", "--as-of", "2012-01-31"]);
    }
    let (of_csv, of_xes) = (place.files("of_csv/marts"), place.files("of_xes/marts"));
    for (name, bytes) in &of_csv {
        assert!(of_xes[name] == *bytes, "{name} is another");
    }
}
