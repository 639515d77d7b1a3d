//! Reports of units: one for each bureau or unit next to that of the whole, which leads to them; and what is wrong with units.

use std::fs;

use calamine::{Reader, Xlsx};

use crate::place::{Outcome, Place, holds, lines};

const RUN: &str = "--lang en -v run p.toml --as-of 2026-03-31";
const EACH: &str = "--lang en -v run p.toml --as-of 2026-03-31 --each bureau";
const WHOLE: &str = "reports/p-2026-03-31-en";
const EAST: &str = "reports/p-城东-2026-03-31-en";
const WEST: &str = "reports/p-城西-2026-03-31-en";
/// Where a report next to the east's leads to that.
const TO_EAST: &str = "<a href=\"../p-%E5%9F%8E%E4%B8%9C-2026-03-31-en/index.html\">城东</a>";

/// One application in the east and one in the west, and a report of few tables.
fn place() -> Place {
    let place = Place::with_exports();
    let shown =
        "tables = [\"rank_unit\", \"department_month\"]\ncharts = []\nheadlines = [\"overdue_net\"]\nmin_cases = 1";
    place.pipeline(&format!("max_rejects = 1.0\n{shown}"));
    place
}

/// The east is in a county and that in a city; the west is in none.
const UNITS: &str = "\
[[levels]]
name = \"city\"
title = { zh = \"地市\", en = \"city\" }
[levels.units]
\"江城\" = [\"城区\"]

[[levels]]
name = \"county\"
title = { zh = \"区县\", en = \"county\" }
[levels.units]
\"城区\" = [\"“城东”\"]
";

/// What each of the runs of a command did itself: rows read, applications through the clock, marts computed.
fn did(outcome: &Outcome) -> Vec<[u64; 3]> {
    let lines = outcome.err.lines().filter_map(|line| line.strip_suffix(" marts computed"));
    let counts = |line: &str| -> Vec<u64> { line.split([' ', ',']).filter_map(|word| word.parse().ok()).collect() };
    lines.map(|line| counts(line).try_into().unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[test]
fn each_bureau_has_the_report_that_only_it_would_have() {
    let place = place();
    let outcome = place.yekuo(EACH).ends(0);
    // Four runs: the whole, two parts, and the whole once more, which leads to them. The exports are read once.
    let done: Vec<[u64; 2]> = did(&outcome).iter().map(|[rows, applications, _]| [*rows, *applications]).collect();
    assert_eq!(done, [[5, 2], [0, 1], [0, 1], [0, 0]]);
    holds(&outcome.out, &[&format!("城东: {EAST}/index.html"), &format!("城西: {WEST}/index.html")]);
    let about = &place.json(&format!("{EAST}/run.json"))["only"];
    assert_eq!((&about["bureau"][0], &about["of"]), (&"城东".into(), &2.into()));

    // The whole leads to each, and each to the whole.
    let (whole, east) = (place.pages(WHOLE), place.pages(EAST));
    holds(&whole, &[TO_EAST]);
    assert!(!whole.contains("is a part of") && place.path(EAST).join("index.html").is_file());
    holds(&east, &["about bureau 城东 only, a part of: <a href=\"../p-2026-03-31-en/index.html\">all bureaus</a>"]);
    assert!(!east.contains(TO_EAST), "a report does not lead to itself");
    let mut book: Xlsx<_> = calamine::open_workbook(place.path(EAST).join("p-城东.xlsx")).unwrap();
    for sheet in ["Summary", "Units ranked"] {
        let facts = book.worksheet_range(sheet).unwrap().get_value((1, 0)).unwrap().to_string();
        assert!(facts.starts_with("About bureau 城东 only. As of 2026-03-31"), "{facts}");
    }
    let shelf = place.text("reports/index.html");
    holds(&shelf, &["<h2>Monthly</h2>", "<h2>Monthly · bureau 城东</h2>"]);

    // Nothing is left to do, and of what is gone only that is made again.
    let all = || [WHOLE, EAST, WEST].map(|report| place.files(report));
    let before = all();
    assert!(did(&place.yekuo(EACH).ends(0)).is_empty());
    fs::remove_dir_all(place.path(WEST)).unwrap();
    let again = did(&place.yekuo(&EACH.replace("bureau", "供电单位")).ends(0));
    assert!(again.iter().all(|[rows, applications, _]| *rows + *applications == 0), "{again:?}");
    assert!(before == all());

    // The same by itself, next to the whole.
    let alone = self::place();
    alone.yekuo(RUN).ends(0);
    alone.yekuo(&format!("{RUN} --only bureau=城东")).ends(0);
    let (one, other) = (alone.files(EAST), place.files(EAST));
    assert!(one.keys().eq(other.keys()));
    for (name, bytes) in one {
        assert!(other[&name] == bytes, "{name}");
    }
}

#[test]
fn a_part_that_fails_is_named_and_the_others_stand() {
    let place = place();
    place.write(&format!("{EAST}/own.txt"), "not ours");
    place.yekuo(EACH).fails(2, &["error: 城东: ", "own.txt"]);
    assert!(place.path(WEST).join("run.json").is_file());
    let pages = place.pages(WHOLE);
    assert!(pages.contains("%E5%9F%8E%E8%A5%BF") && !pages.contains(TO_EAST), "no door leads to nothing");
    place.yekuo(&format!("{RUN} --each county")).fails(2, &["there is no level `county`"]);
    place.yekuo(&format!("{EACH} --out o")).ends(2);
    place.pipeline("max_rejects = 1.0\npublic = true\ntables = []");
    place.yekuo(EACH).fails(2, &["a report for everybody is about all applications"]);
}

/// A run that is ended leaves each report whole or absent, and the next one makes what is missing.
#[cfg(feature = "failpoints")]
#[test]
fn parts_are_whole_or_absent() {
    let place = place();
    place.yekuo(RUN).ends(0);
    let mut command = place.command(&EACH.split(' ').collect::<Vec<_>>());
    command.env("YEKUO_ALONE", "1").env("YEKUO_FAILPOINTS", "before_swap=abort");
    assert_eq!(Outcome::new(command.output().unwrap()).status, -1);
    assert!(!place.path(EAST).exists() && place.path(WHOLE).join("index.html").is_file());
    assert!(did(&place.yekuo(EACH).ends(0)).iter().all(|[rows, ..]| *rows == 0));
    assert!([EAST, WEST].iter().all(|report| place.path(report).join("run.json").is_file()));
}

#[test]
fn units_are_ranked_by_level_and_have_reports() {
    let place = place();
    place.write("units.toml", UNITS);
    let outcome = place.yekuo(&format!("{RUN} --each 区县")).ends(0);
    let county = "reports/p-城区-2026-03-31-en";
    holds(&outcome.out, &[&format!("城区: {county}/index.html")]);
    let unassigned = "units.toml puts bureau 城西 into no county: there they count as “not assigned”";
    holds(&place.yekuo("check p.toml --lang en").ends(0).err, &[&format!("note: {unassigned}")]);
    holds(&outcome.err, &[unassigned]);
    holds(&place.pages(WHOLE), &[unassigned, "../p-%E5%9F%8E%E5%8C%BA-2026-03-31-en/index.html"]);

    // Month | level | unit | part of | settled | overdue | rate | median | points | rate ranked | rank | before | movement |
    // note | place. A1 was in time with survey (4 days) and scheme; the survey of A2 is open and breached in March.
    let ranked = |report: &str| -> Vec<String> {
        let rows = lines(&place.table(&format!("{report}/marts/rank_unit.parquet")));
        let cells = |row: &String| {
            let cells: Vec<&str> = row.split(" | ").collect();
            [1, 2, 3, 4, 5, 10, 13].map(|at| cells[at]).join(" | ")
        };
        rows.iter().map(cells).collect()
    };
    let all = [
        "bureau | 城东 | 城区 | 2 | 0 | 1 | ranked",
        "bureau | 城西 | - | 1 | 1 | 2 | ranked",
        "city | - | - | 1 | 1 | - | not_assigned",
        "city | 江城 | - | 2 | 0 | 1 | ranked",
        "county | - | - | 1 | 1 | - | not_assigned",
        "county | 城区 | 江城 | 2 | 0 | 1 | ranked",
    ];
    assert_eq!(ranked(WHOLE), all);

    // The report of a unit ranks nobody, and is what `--only` makes.
    assert_eq!(place.json(&format!("{county}/run.json"))["only"]["unit"][0], "城区");
    let part = ["bureau | 城东 | 城区", "city | 江城 | -", "county | 城区 | 江城"]
        .map(|row| format!("{row} | 2 | 0 | - | part"));
    assert_eq!(ranked(county), part);
    let before = place.files(county);
    holds(&place.yekuo(&format!("{RUN} --only 单位=“城区”")).ends(0).out, &["the report that stands"]);
    assert!(before == place.files(county));
    // A bureau's report leads to that of its county too.
    place.yekuo(&format!("{RUN} --only bureau=城东")).ends(0);
    holds(
        &place.pages(EAST),
        &["all bureaus</a>, <a href=\"../p-%E5%9F%8E%E5%8C%BA-2026-03-31-en/index.html\">城区</a>"],
    );
    place.yekuo(&format!("{RUN} --only unit=城区 --only bureau=城西")).fails(1, &["none of the 2 applications"]);
    place.yekuo(&format!("{RUN} --only unit=城曲")).fails(2, &["there is no unit `城曲`; did you mean `城区`?"]);
}

#[test]
fn units_that_cannot_be_are_shown_with_their_line() {
    let place = Place::with_exports();
    let of = |bureaus: &str| UNITS.replace("[\"“城东”\"]", bureaus);
    let run = |said: &[&str]| {
        place.yekuo("run p.toml --as-of 2026-03-31 --out o --lang en").fails(2, said);
        place.yekuo("check p.toml --lang en").fails(2, said);
        assert!(!place.path("o").exists());
    };
    place.write("units.toml", of("[\"城东\", \"城西所\"]"));
    run(&["units.toml:11:", "the exports have no bureau `城西所`", "did you mean `城西`?"]);
    place.write("units.toml", of("[\"城东\", \"城东\"]"));
    run(&["units.toml:11:", "`城东` belongs to `城区` already"]);
    place.write("units.toml", of("[\"城西\"]\n\"城东\" = []"));
    run(&["units.toml:12:", "`城东` is the name of another unit or of a bureau"]);
    place.write("units.toml", UNITS);
    place.pipeline("max_rejects = 1.0\nonly = { unit = [\"城曲\"] }");
    run(&["p.toml:", "units.toml has no unit `城曲`"]);
    place.pipeline("max_rejects = 1.0\nonly = { unit = [\"城区\"] }");
    place.yekuo("run p.toml --as-of 2026-03-31 --out o --lang en").ends(0);
    assert_eq!(place.json("o/run.json")["cases"]["applications"], 1);
}
