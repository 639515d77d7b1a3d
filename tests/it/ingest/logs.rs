//! Event logs and other offices' exports: one file for two tables, defaults, repeats, zones, calendars, open processes.

use crate::place::{Place, holds, lines, shown};

/// A log whose rows are in no order; A1 checks twice, and nobody knows who reported.
const LOG: &str = "\
case,what,when,who,opened,closed,until
A1,Check,2011-10-31T08:00:00Z,Desk,2011-10-28T23:30:00+02:00,2011-11-02,2011-11-10
A2,报告 · Report,2011-10-31 12:00:00.5+01:00,NONE,2011-10-29 00:30:00+0200,,2011-10-30
A1,报告 · Report,2011-11-01 10:00+01,,2011-10-28T23:30:00+02:00,2011-11-02,2011-11-10
A1,Check,2011-10-31T07:00:00Z,Desk,2011-10-28T23:30:00+02:00,2011-11-02,2011-11-10
A2,Check,2011-10-30 09:00:00,Desk,2011-10-29 00:30:00+0200,,2011-10-30
";

const MAPPING: &str = r#"
[tables.applications]
files = ["log.csv"]
columns = { application_id = "case", accepted_at = "opened", energised_at = "closed", promised_on = "until" }
defaults = { voltage_kv = "0", capacity_kva = "0", bureau = "South", mode = "order" }
[tables.stages]
files = ["log.csv"]
columns = { application_id = "case", stage = "what", department = "who", started_at = "when", finished_at = "when" }
values.department = { NONE = "" }
defaults = { department = "(unknown)" }
"#;

const OPEN: &str = "title = { zh = \"月报\", en = \"Monthly\" }\nlang = \"en\"\nname = \"p\"\ndata = \"data\"\n\
                    source = \"map.toml\"\nstandards = \"none\"\n";

/// The log, its mapping, an open process and a pipeline with these further settings.
fn log(settings: &str) -> Place {
    let place = Place::new();
    place.write("data/log.csv", LOG);
    place.write("map.toml", MAPPING);
    place.write("process.toml", "open = true\n");
    place.write("p.toml", format!("{OPEN}{settings}\n"));
    place
}

#[test]
fn one_file_feeds_two_tables() {
    let place = log("calendar = \"nl\"");
    let ledger = place.ingest().ends(0).json();
    let counts = |table: usize| ["read", "accepted", "rejected", "duplicate"].map(|key| ledger[table][key].clone());
    assert_eq!((counts(0), counts(1)), ([5, 2, 0, 3].map(Into::into), [5, 5, 0, 0].map(Into::into)));
    // Of the cases that are kept, and of the events: one says NONE, one nothing.
    assert_eq!(ledger[0]["filled"], serde_json::json!({ "bureau": 2, "capacity_kva": 2, "mode": 2, "voltage_kv": 2 }));
    assert_eq!(ledger[1]["filled"], serde_json::json!({ "department": 2 }));
    assert_eq!(place.column("stages", "department"), ["Desk", "(unknown)", "(unknown)", "Desk", "Desk"]);
    let said = place.yekuo("run p.toml --as-of 2011-12-31 --out o --allow-stale").ends(0).err;
    holds(&said, &["log.csv · applications: 5 read", "8 cells filled with defaults", "log.csv · stages"]);
    holds(
        &place.pages("o"),
        &[
            "Cells filled with defaults",
            "(unknown)",
            "public holidays of the Netherlands, 2000–2035",
            "Europe/Amsterdam",
        ],
    );
}

#[test]
fn moments_are_told_in_the_zone_of_the_calendar_or_the_pipeline() {
    for (settings, times, accepted) in [
        (
            "calendar = \"nl\"",
            ["09:00:00", "12:00:00.5", "10:00:00", "08:00:00", "09:00:00"],
            ["10-28 23:30", "10-29 00:30"],
        ),
        (
            "calendar = \"nl\"\ntime_zone = \"Asia/Shanghai\"",
            ["16:00:00", "19:00:00.5", "17:00:00", "15:00:00", "09:00:00"],
            ["10-29 05:30", "10-29 06:30"],
        ),
    ] {
        let place = log(settings);
        place.ingest().ends(0);
        let started = place.column("stages", "started_at");
        for (at, time) in started.iter().zip(times) {
            assert!(at.contains(time), "{settings}: {at} is not at {time}");
        }
        for (at, moment) in place.column("applications", "accepted_at").iter().zip(accepted) {
            assert!(at.contains(moment), "{settings}: {at} is not {moment}");
        }
    }
}

#[test]
fn utc_is_refused_where_no_zone_is_known() {
    let place = log("calendar = \"weekdays\"\nmax_rejects = 1.0");
    let utc = |line| (line, "started_at".to_owned(), "no_time_zone".to_owned());
    assert_eq!(place.faults("stages"), [utc(2), utc(5)]);
    let reject = &place.rejects("stages")[0];
    holds(&reject.expected, &["a time_zone in the pipeline file"]);
    // What other clocks show is somebody's local time.
    holds(&place.column("stages", "started_at")[0], &["12:00:00.5"]);
    let place = log("calendar = \"weekdays\"\ntime_zone = \"Europe/Amsterdm\"");
    place.ingest().fails(2, &["there is no time zone `Europe/Amsterdm`", "`Europe/Amsterdam`", "p.toml:"]);
}

#[test]
fn moments_of_parquet_are_told_in_the_zone_too() {
    let place = Place::new();
    let application = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,x,10,5,2011-03-01,\n";
    place.write("data/applications.csv", application);
    place.python("moments.py", &["data"]);
    place.write("p.toml", "name = \"p\"\ntitle = { zh = \"一\", en = \"One\" }\ndata = \"data\"\nsource = \"map.toml\"\ncalendar = \"nl\"\n");
    place.write("map.toml", "[tables.stages]\nabsent = [\"finished_at\"]\n");
    place.yekuo("ingest p.toml").ends(0);
    let stages = place.table("lake/raw/stages/0000.parquet");
    let started: Vec<String> = shown(&stages.select(["started_at"]).unwrap()).concat();
    // An hour is skipped in between.
    for (at, civil) in started.iter().zip(["2011-03-27 00:30:00.25", "2011-03-27 03:00:00"]) {
        assert!(at.starts_with(civil), "{at} is not {civil}");
    }
}

#[test]
fn a_stage_that_comes_again_is_another_pass() {
    let place = log("calendar = \"nl\"");
    place.yekuo("run p.toml --as-of 2011-12-31 --out o --allow-stale").ends(0);
    let stages = yekuo::lake::read(&place.path("lake/o/clean/stages.parquet")).unwrap();
    let told = shown(&stages.select(["application_id", "stage", "pass"]).unwrap());
    let told: Vec<String> = told.iter().map(|row| row.join(" ")).collect();
    assert_eq!(told, ["A1 Check 1", "A1 Check 2", "A1 报告 · Report 1", "A2 Check 1", "A2 报告 · Report 1"]);
}

#[test]
fn a_stage_without_a_number_is_told_by_its_start() {
    let header = "application_id,stage,department,started_at,finished_at\n";
    let rows = "A1,survey,营销部,2026-03-02 09:00,2026-03-03\nA1,survey,营销部,2026-03-02 09:00,2026-03-04\n\
                A1,survey,营销部,2026-03-09,2026-03-10\n";
    let conflict = |line| (line, "application_id".to_owned(), "conflicting_duplicate".to_owned());
    let place = Place::with_exports();
    place.write("data/stages.csv", [header, rows].concat());
    assert_eq!(place.faults("stages"), [conflict(2), conflict(3)]);
    holds(&place.rejects("stages")[0].expected, &["application_id + stage + started_at", "repeat = \"last\""]);
    for (repeat, finished) in [("first", vec!["03-03", "03-10"]), ("last", vec!["03-04", "03-10"])] {
        place.mapping(&format!("[tables.stages]\nrepeat = \"{repeat}\""));
        assert_eq!(place.faults("stages"), []);
        let kept = place.column("stages", "finished_at");
        assert!(kept.iter().zip(&finished).all(|(at, day)| at.contains(day)), "{repeat}: {kept:?}");
    }
    // Two events of one stage in one moment, where the log says that each is a pass.
    place.mapping("[tables.stages]\nrepeat = \"pass\"");
    assert_eq!(place.faults("stages"), []);
    assert_eq!(place.column("stages", "pass"), ["", "", ""]);
    // Where any file numbers its passes, one without a number is the first.
    place.mapping("");
    place.write(
        "data/stages_2.csv",
        "application_id,stage,pass,department,started_at,finished_at\nA2,survey,2,营销部,2026-03-05,\n",
    );
    assert_eq!(place.faults("stages"), [conflict(2), conflict(3), conflict(4)]);
}

#[test]
fn cases_whose_columns_change_can_be_told_by_their_last_event() {
    let place = log("calendar = \"nl\"\nmax_rejects = 1.0");
    place.write(
        "data/log.csv",
        LOG.replace(
            "A1,Check,2011-10-31T07:00:00Z,Desk,2011-10-28T23:30:00+02:00,2011-11-02",
            "A1,Check,2011-10-31T07:00:00Z,Desk,2011-10-28T23:30:00+02:00,2011-11-03",
        ),
    );
    let (one, other) = (2, 5);
    let faults: Vec<u64> = place.faults("applications").iter().map(|fault| fault.0).collect();
    assert_eq!(faults, [one, other]);
    holds(
        &place.rejects("applications")[0].expected,
        &["repeat = \"last\" or \"first\" (the row that counts) under [tables.applications]"],
    );
    let mapping = MAPPING.replacen("files", "repeat = \"last\"\nfiles", 1);
    place.write("map.toml", mapping);
    let ledger = place.ingest().ends(0).json();
    assert_eq!([&ledger[0]["accepted"], &ledger[0]["rejected"], &ledger[0]["duplicate"]], [2, 0, 3]);
    assert!(place.column("applications", "energised_at").iter().any(|at| at.contains("2011-11-03")));
}

#[test]
fn what_an_export_lacks_is_said_with_the_default_that_would_mend_it() {
    let place = log("calendar = \"nl\"\nmax_rejects = 1.0");
    let without = MAPPING.replace("defaults = { department = \"(unknown)\" }", "");
    place.write("map.toml", &without);
    assert_eq!(place.faults("stages").len(), 2);
    holds(&place.rejects("stages")[0].expected, &["a default for department under [tables.stages.defaults]"]);
    place.write("map.toml", without.replace("bureau = \"South\", ", ""));
    place.ingest().fails(2, &["log.csv, line 1", "bureau (供电单位)", "[tables.applications.defaults]"]);
    for (defaults, said) in [
        ("bureu = \"South\"", "table `applications` has no column `bureu`"),
        ("application_id = \"A\"", "it can have no default"),
        ("capacity_kva = \"many\"", "`many` cannot be read as `capacity_kva`"),
        ("capacity_kva = \"-\"", "says nothing"),
    ] {
        place.write("map.toml", MAPPING.replace("voltage_kv = \"0\", capacity_kva = \"0\"", defaults));
        place.ingest().fails(2, &[said, "map.toml:"]);
    }
    place.write("map.toml", MAPPING.replacen("files", "repeat = \"pass\"\nfiles", 1));
    place.ingest().fails(2, &["`repeat = \"pass\"` is for the table `stages`"]);
}

#[test]
fn a_calendar_of_ones_own_lies_beside_the_pipeline() {
    // From Friday 28 October to Wednesday 2 November 2011.
    for (calendar, file, wd) in [
        ("nl", None, 3),
        ("weekdays", None, 3),
        ("holidays.csv", Some("日期,名称,类型\n2011/11/1,Allerheiligen\n2011-10-29,,班\n"), 3),
        ("holidays.csv", Some("2011-10-31\n2011-11-01\n"), 1),
        ("own.toml", Some("weekend = [\"fri\", \"sat\"]\nholidays = [{ on = \"2011-11-01\" }]\n"), 3),
    ] {
        let place = log(&format!("calendar = \"{calendar}\"\ntime_zone = \"Europe/Amsterdam\""));
        if let Some(text) = file {
            place.write(calendar, text);
        }
        place.yekuo("run p.toml --as-of 2011-12-31 --out o --allow-stale").ends(0);
        let applications = yekuo::lake::read(&place.path("lake/o/clean/applications.parquet")).unwrap();
        let told = shown(&applications.select(["application_id", "gross_wd", "calendar_days"]).unwrap());
        assert_eq!(told[0], ["A1", &wd.to_string(), "5"], "{calendar}");
    }
    let place = log("calendar = \"holiday.csv\"");
    place.ingest().fails(2, &["holiday.csv", "`cn`, `nl`, `weekdays`", "p.toml:"]);
}

#[test]
fn years_that_a_list_does_not_cover_are_named() {
    let place = log("calendar = \"holidays.csv\"\ntime_zone = \"Europe/Amsterdam\"");
    place.write("holidays.csv", "2011-11-01\n");
    let said = place.yekuo("run p.toml --as-of 2012-01-31 --out o --allow-stale").ends(0).err;
    holds(&said, &["the calendar does not cover [2012]; only weekends are off there"]);
    let page = place.pages("o");
    holds(
        &page,
        &["The calendar does not cover 2012: in those years only weekends are off.", "holidays.csv, 2011–2011"],
    );
}

#[test]
fn a_process_lists_its_stages_or_is_open() {
    let place = log("calendar = \"nl\"");
    place.write("process.toml", "");
    place.ingest().fails(2, &["the process has no stages", "open = true"]);
    // Listed stages keep their codes and names, whatever other stages occur.
    let listed = "open = true\n[[stages]]\ncode = \"report\"\ntitle = { zh = \"报告\", en = \"report\" }\naliases = [\"报告 · Report\"]\n";
    place.write("process.toml", listed);
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "stage"), ["Check", "report", "report", "Check", "Check"]);
    // The program's own limits are for its own stages: a custom process need not have them.
    place.write(
        "process.toml",
        listed.replace("open = true\n", "").replace("报告 · Report\"", "报告 · Report\", \"check\""),
    );
    place.write("p.toml", OPEN.replace("standards = \"none\"\n", "calendar = \"nl\"\n"));
    place.ingest().ends(0);
}

/// A log of nothing but events, in no order: a case begins with its first one, and ends with its last one or with the
/// last of those that close a case.
#[test]
fn events_alone_bound_their_cases() {
    let log = "\
case,what,when
A1,Decide,2024-03-20
A1,Check,2024-03-04
A1,Check,2024-03-11
A2,Check,2024-03-08
A1,Reopen,2024-03-25
";
    let mapping = r#"
[tables.applications]
files = ["log.csv"]
repeat = "first"
columns = { application_id = "case", accepted_at = "when" }
absent = ["energised_at"]
defaults = { voltage_kv = "0", capacity_kva = "0", bureau = "South" }
[tables.stages]
files = ["log.csv"]
columns = { application_id = "case", stage = "what", started_at = "when", finished_at = "when" }
defaults = { department = "(unknown)" }
"#;
    let columns = ["application_id", "accepted_on", "energised_on", "state"];
    let cases = |process: &str, as_of: &str| {
        let place = Place::new();
        place.write("data/log.csv", log);
        place.write("map.toml", mapping);
        place.write("process.toml", process);
        place.write("p.toml", format!("{OPEN}calendar = \"weekdays\"\n"));
        place.report("report", &["p.toml", "--as-of", as_of]);
        lines(&place.table("lake/report/clean/applications.parquet").select(columns).unwrap())
    };
    let both = "open = true\nbegins = \"first\"\n";
    // As the rows stand the first row of A1 is its decision.
    assert_eq!(cases("open = true\n", "2024-04-30")[0], "A1 | 2024-03-20 | - | open");
    assert_eq!(
        cases(&format!("{both}ends = \"last\"\n"), "2024-04-30"),
        ["A1 | 2024-03-04 | 2024-03-25 | energised", "A2 | 2024-03-08 | 2024-03-08 | energised"]
    );
    assert_eq!(
        cases(&format!("{both}ends = [\"Decide\"]\n"), "2024-04-30"),
        ["A1 | 2024-03-04 | 2024-03-20 | energised", "A2 | 2024-03-08 | - | open"]
    );
    // What comes after the as-of day is not known on it.
    assert_eq!(cases(&format!("{both}ends = \"last\"\n"), "2024-03-21")[0], "A1 | 2024-03-04 | - | open");

    // What the events end is said, and so is an end before the acceptance, and a stage that nobody has.
    let place = Place::new();
    place.write("data/log.csv", log);
    place.write("map.toml", mapping.replace("\"first\"", "\"last\""));
    place.write("process.toml", "open = true\nends = [\"Decide\", \"Energised\"]\n");
    place.write("p.toml", format!("{OPEN}calendar = \"weekdays\"\n"));
    let said = place.yekuo("run p.toml --as-of 2024-03-31 --out o --allow-stale --lang en").ends(0).err;
    let expected = [
        "applications that an event ends: 0",
        "as the event that ends them lies before their acceptance: 1",
        "`ends` names `Energised`, which is no stage of the exports",
    ];
    holds(&said, &expected);
    assert_eq!(place.json("o/run.json")["events"]["ends"]["before_acceptance"], 1);

    let place = Place::new();
    place.write("data/log.csv", log);
    place.write("map.toml", mapping);
    place.write("process.toml", "open = true\nends = \"first\"\n");
    place.write("p.toml", format!("{OPEN}calendar = \"weekdays\"\n"));
    place.yekuo("run p.toml").fails(2, &["`ends` is \"last\", or a list of stages"]);
}
