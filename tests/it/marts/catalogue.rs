//! The catalogue: what a user puts next to the others becomes part of the report, or is refused with its line.

use std::collections::BTreeSet;

use calamine::{Reader, Xlsx};

use super::cases::shipped;
use crate::place::{Place, holds, lines, project};

const SQL: &str = "\
select
    application_id,
    bureau,
    mode,
    gross_wd
from stages
where state = 'open'
";

const DEFINITION: &str = r#"
title = { zh = "在途环节", en = "Waiting stages" }
about = { zh = "截至统计日在途的环节。", en = "Stages that are open on the as-of day." }
grain = ["bureau"]
sort = "waited_wd"
cases = ["application_id"]

[[columns]]
name = "bureau"
kind = "text"
title = { zh = "供电单位", en = "bureau" }

[[columns]]
name = "waiting"
kind = "count"
title = { zh = "在途", en = "waiting" }
from = { count = "*" }

[[columns]]
name = "waited_wd"
kind = "days"
title = { zh = "已用工作日", en = "waited" }
about = { zh = "毛工作日合计", en = "gross working days, added up" }
from = { sum = "gross_wd" }
"#;

const AUDIT: &str =
    "meaning = { zh = \"有环节在途\", en = \"stages are open\" }\naction = { zh = \"请催办\", en = \"see to them\" }\n";

/// Two applications, each with an open stage, and pipelines to change.
fn place() -> Place {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,East,10,500,2026-05-06,\nA2,West,0.4,8,2026-05-06,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,Survey,2026-05-06,\nA2,survey,Survey,2026-05-25,\n",
    );
    place.pipelines();
    place
}

fn run(place: &Place, lang: &str) -> crate::place::Outcome {
    place.run(&[
        "run",
        "pipelines/monthly.toml",
        "--allow-stale",
        "--lang",
        lang,
        "--as-of",
        "2026-05-31",
        "--out",
        "report",
    ])
}

#[test]
fn a_mart_of_ones_own_is_a_file_a_sheet_and_a_table() {
    let place = place();
    place.write("pipelines/marts/waiting.sql", SQL);
    place.write("pipelines/marts/waiting.toml", DEFINITION);
    for (lang, title, heads) in [
        ("zh", "在途环节", ["供电单位", "在途", "已用工作日"]),
        ("en", "Waiting stages", ["bureau", "waiting", "waited"]),
    ] {
        run(&place, lang).ends(0);
        // 6 to 31 May: 7–9 (the 9th is made up for), 11–15, 18–22, 25–29; 25 to 31 May: 26–29.
        assert_eq!(lines(&place.table("report/marts/waiting.parquet")), ["East | 1 | 18", "West | 1 | 4"]);

        let page = place.pages("report");
        assert!(page.contains(&format!("<h3 id=\"waiting\">{title}</h3>")), "{lang}");
        // The page has its rows by `sort`, the sheet and the file by the grain.
        let row = |bureau: &str, days: i32| {
            format!("<tr><td>{bureau}</td><td class=\"n\">1</td><td class=\"n\">{days}</td></tr>")
        };
        assert!(page.contains(&[row("West", 4), row("East", 18)].join("\n")), "{lang}");

        let mut book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
        let sheet = book.worksheet_range(title).unwrap();
        let rows: Vec<String> = sheet
            .rows()
            .skip(2)
            .map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "))
            .collect();
        assert_eq!(rows, [&heads.join(" | "), "East | 1 | 18", "West | 1 | 4"], "{lang}");

        let listed = place.run(&["marts", "--pipeline", "pipelines/monthly.toml", "--lang", lang]).ends(0);
        assert!(listed.out.contains(title), "{}", listed.out);
    }
}

/// A list with all that only a printed list has.
const LIST: &str = r#"
title = { zh = "在途清单", en = "Open list" }
grain = ["application_id"]
place = "cases"
sort = "gross_wd"

[[columns]]
name = "number"
title = { zh = "序号", en = "no." }
print = "row_number"
total = { words = { zh = "合计", en = "total" } }

[[columns]]
name = "application_id"
total = { words = { zh = "{rows} 户", en = "{rows} applications" } }

[[columns]]
name = "bureau"

[[columns]]
name = "gross_wd"
kind = "days"
title = { zh = "毛工作日", en = "gross" }
total = "sum"

[[columns]]
name = "watched"
title = { zh = "预警", en = "watched" }

[columns.print.rows]
of = "watchlist"
by = ["application_id", "bureau"]
words = { zh = "{mode}[，{next_rise_on} 升级|]", en = "{mode}[, rises on {next_rise_on}|, no rise]" }

[[columns]]
name = "remarks"
title = { zh = "备注", en = "remarks" }
print = "blank"
"#;

const LIST_REPORT: &str = r#"
name = "own"
title = { zh = "在途", en = "Open" }
data = "../data"
workbook = "own.xlsx"
tables = ["open_list"]

[[handouts]]
by = ["bureau"]
title = { zh = "供电单位", en = "bureaus" }
tables = ["open_list"]
"#;

/// The rows of a sheet below its heading.
#[test]
fn cases_that_come_more_than_once_are_told() {
    let place = place();
    place.write("pipelines/marts/waiting.toml", DEFINITION);
    place.write("pipelines/marts/waiting.sql", SQL);
    let told = "come more than once";
    assert!(!run(&place, "en").ends(0).err.contains(told));
    let joined = "select\n    a.application_id,\n    a.bureau,\n    a.mode,\n    a.gross_wd\nfrom stages a\njoin stages b on a.state = b.state\nwhere a.state = 'open'\n";
    place.write("pipelines/marts/waiting.sql", joined);
    let words = "2 cases (application_id) of “Waiting stages” come more than once, up to 2 times";
    holds(&run(&place, "en").ends(0).err, &[words]);
    assert!(place.pages("report").contains(told));
    // The same again: the report that stands says so, too.
    let again = run(&place, "en").ends(0);
    holds(&again.out, &["so is the report that stands"]);
    holds(&again.err, &[words]);
}

fn sheet(place: &Place, path: &str, title: &str) -> Vec<String> {
    let mut book: Xlsx<_> = calamine::open_workbook(place.path(path)).unwrap();
    let sheet = book.worksheet_range(title).unwrap();
    sheet.rows().skip(2).map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")).collect()
}

#[test]
fn a_list_is_numbered_and_added_up_and_shows_rows_of_another_mart() {
    let place = place();
    place.write(
        "pipelines/marts/open_list.sql",
        "select application_id, bureau, gross_wd from stages where state = 'open'",
    );
    place.write("pipelines/marts/open_list.toml", LIST);
    place.write("pipelines/own.toml", LIST_REPORT);
    place
        .run(&[
            "run",
            "pipelines/own.toml",
            "--allow-stale",
            "--lang",
            "en",
            "--as-of",
            "2026-05-31",
            "--out",
            "report",
        ])
        .ends(0);
    // What is only printed is in no file of figures.
    assert_eq!(lines(&place.table("report/marts/open_list.parquet")), ["A1 | East | 18", "A2 | West | 4"]);
    let heads = "no. | application | bureau | gross | watched | remarks";
    let (a1, a2) = ("A1 | East | 18 | conventional, rises on 2026-07-26", "A2 | West | 4 | conventional, no rise");
    assert_eq!(
        sheet(&place, "report/own.xlsx", "Open list"),
        [heads, &format!("1 | {a2} | "), &format!("2 | {a1} | "), "total | 2 applications |  | 22 |  | "]
    );
    // A part is numbered and added up for itself.
    assert_eq!(
        sheet(&place, "report/handouts/bureaus/East.xlsx", "Open list"),
        [heads, &format!("1 | {a1} | "), "total | 1 applications |  | 18 |  | "]
    );
    let listed = place.run(&["marts", "open_list", "--pipeline", "pipelines/own.toml", "--lang", "en"]).ends(0);
    assert!(listed.out.contains("remarks"), "{}", listed.out);
}

#[test]
fn a_public_list_shows_no_rows_of_the_office() {
    let place = place();
    place.write(
        "pipelines/marts/public_list.sql",
        "select application_id, bureau, gross_wd from stages where state = 'open'",
    );
    place.write("pipelines/marts/public_list.toml", LIST);
    run(&place, "en").fails(2, &["public_list.toml:31", "it shows the mart `watchlist`, which is for the office"]);
}

#[test]
fn a_mart_that_cannot_be_is_refused_before_anything_is_written() {
    let definition = |from: &str, to: &str| {
        assert!(DEFINITION.contains(from), "{from}");
        DEFINITION.replace(from, to)
    };
    for (name, sql, toml, words) in [
        // Not portable, at its line.
        ("waiting", "select *\nfrom stages", DEFINITION.to_owned(), &["marts/waiting.sql:1", "select *"][..]),
        (
            "waiting",
            &SQL.replace("    gross_wd\n", "    median(gross_wd) as gross_wd\n"),
            DEFINITION.to_owned(),
            &["marts/waiting.sql:5", "`median` is not portable"],
        ),
        (
            "waiting",
            &format!("{SQL}order by bureau\n"),
            DEFINITION.to_owned(),
            &["marts/waiting.sql:1", "`order by` is not portable", "their order comes from the grain"],
        ),
        (
            "waiting",
            &SQL.replace("from stages", "from 'data/stages.csv'"),
            DEFINITION.to_owned(),
            &["marts/waiting.sql", "there is no table"],
        ),
        ("waiting", "copy stages to 'x.csv'", DEFINITION.to_owned(), &["marts/waiting.sql", "one select"]),
        ("waiting", "select bureau fro stages", DEFINITION.to_owned(), &["marts/waiting.sql:1"]),
        // SQL and definition that differ.
        (
            "waiting",
            &SQL.replace("    gross_wd\n", "    net_wd\n"),
            DEFINITION.to_owned(),
            &["waiting.toml:24", "`waited_wd` comes from `gross_wd`, which the SQL does not select"],
        ),
        (
            "waiting",
            SQL,
            definition("grain = [\"bureau\"]", "grain = [\"month\"]"),
            &["waiting.toml:4", "the grain names `month`"],
        ),
        (
            "waiting",
            SQL,
            definition("kind = \"days\"", "kind = \"weeks\""),
            &["waiting.toml:21", "unknown variant `weeks`"],
        ),
        (
            "waiting",
            SQL,
            definition("about = { zh = \"毛", "meaning = { zh = \"毛"),
            &["waiting.toml:23", "unknown field `meaning`"],
        ),
        (
            "waiting",
            SQL,
            definition("sort = \"waited_wd\"", "sort = \"bureau\""),
            &["waiting.toml:5", "`bureau` is no column of numbers to sort by"],
        ),
        // One without the other.
        ("waiting", SQL, String::new(), &["marts/waiting.sql", "its sibling `waiting.toml` is missing"]),
        ("waiting", "", DEFINITION.to_owned(), &["marts/waiting.toml", "its sibling `waiting.sql` is missing"]),
        // Names.
        ("Waiting", SQL, DEFINITION.to_owned(), &["`Waiting` is no name"]),
        ("2waiting", SQL, DEFINITION.to_owned(), &["`2waiting` is no name"]),
        ("stages", SQL, DEFINITION.to_owned(), &["`stages` is a clean table"]),
    ] {
        let place = place();
        for (file, text) in [(format!("{name}.sql"), sql), (format!("{name}.toml"), &toml)] {
            if !text.is_empty() {
                place.write(&format!("pipelines/marts/{file}"), text);
            }
        }
        run(&place, "en").fails(2, words);
        assert!(!place.path("report").exists() && !place.path("lake").exists(), "{words:?}");
    }
}

#[test]
fn what_the_sql_gives_must_be_what_is_declared() {
    for (from, to, words) in [
        ("kind = \"count\"", "kind = \"date\"", "`waiting` is declared as Date"),
        ("kind = \"days\"", "kind = \"text\"", "`waited_wd` is declared as Text"),
        ("kind = \"text\"", "kind = \"month\"", "`bureau` is declared as Month"),
    ] {
        let place = place();
        place.write("pipelines/marts/waiting.sql", SQL);
        place.write("pipelines/marts/waiting.toml", DEFINITION.replace("sort = \"waited_wd\"\n", "").replace(from, to));
        run(&place, "en").fails(2, &["marts/waiting.toml", words]);
    }
    // Sums of what is no whole number depend on the order.
    let place = place();
    place.write(
        "pipelines/marts/waiting.sql",
        SQL.replace("    gross_wd\n", "    cast(gross_wd as double) as gross_wd\n"),
    );
    place.write("pipelines/marts/waiting.toml", DEFINITION);
    run(&place, "en").fails(2, &["`gross_wd` is added up, but the SQL gives f64"]);
    assert!(!place.path("report").exists());
}

/// The curve of the key projects alone, by an estimator.
const KEY_PROJECTS: &str = "\
select
    application_id,
    voltage_class as scope,
    mode,
    state,
    followed_days as days
from applications
where key_project
";

/// The definition of the shipped curve.
fn curve() -> String {
    std::fs::read_to_string(project().join("pipelines/marts/survival.toml")).unwrap()
}

#[test]
fn an_estimator_takes_cases_of_ones_own() {
    let place = place();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,key_project,accepted_at,energised_at\n\
         A1,East,10,500,true,2026-05-06,2026-05-16\nA2,West,0.4,8,,2026-05-06,\nA3,East,10,500,true,2026-05-20,\n",
    );
    place.write("pipelines/marts/key_curve.sql", KEY_PROJECTS);
    place.write("pipelines/marts/key_curve.toml", curve());
    run(&place, "en").ends(0);
    let curve = place.table("report/marts/key_curve.parquet");
    let columns = ["scope", "mode", "day", "at_risk", "energised", "censored", "survival"];
    assert_eq!(
        lines(&curve.select(columns).unwrap())[..3],
        ["all | order | 0 | 2 | 0 | 0 | 1", "all | order | 10 | 2 | 1 | 0 | 0.5", "all | order | 11 | 1 | 0 | 1 | 0.5"]
    );
}

#[test]
fn an_estimator_without_what_it_needs_is_refused() {
    for (sql, toml, words) in [
        (
            KEY_PROJECTS.replace("    state,\n", ""),
            curve(),
            &["key_curve.toml", "the estimator needs a column `state`, which"][..],
        ),
        (KEY_PROJECTS.replace("    application_id,\n", ""), curve(), &["the cases have no column `application_id`"]),
        (
            KEY_PROJECTS.replace("    mode,\n", "    gross_wd as mode,\n"),
            curve(),
            &["key_curve.sql", "`mode` is needed as Text, but the SQL gives i64"],
        ),
        (
            KEY_PROJECTS.to_owned(),
            curve().replace("name = \"censored\"", "name = \"left\""),
            &["key_curve.toml", "the columns of the estimator are not those declared"],
        ),
        (
            KEY_PROJECTS.to_owned(),
            curve().replace("name = \"energised\"", "name = \"energised\"\nfrom = { sum = \"days\" }"),
            &["`energised` comes from the estimator"],
        ),
        (
            KEY_PROJECTS.to_owned(),
            curve().replace("estimator = \"survival\"", "estimator = \"guess\""),
            &["key_curve.toml", "unknown variant `guess`"],
        ),
        (
            SQL.to_owned(),
            DEFINITION.replace("kind = \"days\"", "kind = \"measure\""),
            &["a `measure` needs a column `unit` next to it"],
        ),
    ] {
        let place = place();
        place.write("pipelines/marts/key_curve.sql", sql);
        place.write("pipelines/marts/key_curve.toml", toml);
        run(&place, "en").fails(2, words);
        assert!(!place.path("report").exists(), "{words:?}");
    }
}

#[test]
fn two_tables_of_one_title_have_two_sheets() {
    let place = place();
    for (name, title) in [("waiting", "data QUALITY"), ("waiting_2", "Definitions"), ("waiting_3", " ")] {
        place.write(&format!("pipelines/marts/{name}.sql"), SQL);
        place.write(&format!("pipelines/marts/{name}.toml"), DEFINITION.replace("Waiting stages", title));
    }
    run(&place, "en").ends(0);
    let book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
    let names = book.sheet_names();
    for name in ["data QUALITY", "Data quality 2", "Definitions 2", "waiting_3", "Definitions"] {
        assert!(names.iter().any(|sheet| sheet == name), "{name}: {names:?}");
    }
}

#[test]
fn every_mistake_is_told_at_once() {
    let place = place();
    place.write("pipelines/marts/waiting.sql", SQL.replace("    gross_wd\n", "    median(gross_wd) as gross_wd\n"));
    place.write("pipelines/marts/waiting.toml", DEFINITION);
    place.write("pipelines/marts/lonely.toml", DEFINITION);
    place.write("pipelines/audits/open.sql", "select stage as s from nowhere");
    place.write("pipelines/audits/open.toml", "meaning = 1");
    run(&place, "en").fails(2, &["`median`", "`lonely.sql` is missing", "no table `nowhere`", "audits/open.toml:1"]);
}

#[test]
fn a_failed_audit_keeps_the_report_that_is_there() {
    let place = place();
    run(&place, "en").ends(0);
    let before = (place.files("report"), place.files("lake/report"));
    place.write("pipelines/audits/none_open.sql", "select application_id, stage from stages where state = 'open'");
    place.write("pipelines/audits/none_open.toml", AUDIT);
    run(&place, "en")
        .fails(1, &["audit `none_open` found 2 rows", "stages are open; see to them", "application_id = \"A1\""]);
    run(&place, "zh").fails(1, &["审计「none_open」未通过（2 行）", "有环节在途；请催办"]);
    assert!(before == (place.files("report"), place.files("lake/report")), "the report has changed");
    assert!(!place.path(".yekuo-building").exists());
}

#[test]
fn audits_see_the_marts() {
    let place = place();
    place.write("pipelines/marts/waiting.sql", SQL);
    place.write("pipelines/marts/waiting.toml", DEFINITION);
    place.write("pipelines/audits/few.sql", "select bureau, waiting from waiting where waited_wd > 10");
    place.write("pipelines/audits/few.toml", AUDIT);
    run(&place, "en").fails(1, &["audit `few` found 1 rows", "bureau = \"East\""]);
}

#[test]
fn a_grain_that_repeats_is_a_failed_gate() {
    let place = place();
    place.write("pipelines/marts/waiting.sql", "select mode, gross_wd as waited_wd from stages where state = 'open'");
    let list = DEFINITION.replace("cases = [\"application_id\"]\n", "").replace("from = { sum = \"gross_wd\" }\n", "");
    let list = list.replace("name = \"bureau\"", "name = \"mode\"").replace("[\"bureau\"]", "[\"mode\"]");
    let list = list.replace("kind = \"count\"", "kind = \"number\"").replace("{ count = \"*\" }", "\"waited_wd / 2\"");
    place.write("pipelines/marts/waiting.toml", list);
    run(&place, "en").fails(1, &["waiting", "1 of 2 rows repeat a grain"]);
    assert!(!place.path("report").exists());
}

/// Every mart has a title and a meaning in both languages, each in its own script.
#[test]
fn every_mart_speaks_both_languages() {
    let chinese = |text: &str| {
        text.chars().any(|c| matches!(c, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}'))
    };
    for mart in &shipped().marts {
        let definition = &mart.definition;
        for (what, words) in [("title", &definition.title), ("about", &definition.about)] {
            assert!(chinese(&words.zh), "{}: {what}: {}", mart.name, words.zh);
            assert!(!words.en.is_empty() && !chinese(&words.en), "{}: {what}: {}", mart.name, words.en);
            // Commas and brackets of a Chinese sentence are full-width ones.
            let half =
                words.zh.chars().zip(words.zh.chars().skip(1)).any(|(a, b)| {
                    matches!(a, '\u{4e00}'..='\u{9fff}') && matches!(b, ',' | ';' | ':' | '(' | ')' | '?')
                });
            assert!(!half, "{}: {what}: {}", mart.name, words.zh);
        }
        assert!(
            definition.title.zh.chars().count() <= 31 && definition.title.en.chars().count() <= 31,
            "{}",
            mart.name
        );
        assert!(!definition.source.is_empty(), "{}: no source", mart.name);
        for column in &definition.columns {
            let (title, about) = (&column.title, &column.about);
            assert!(
                chinese(&title.zh) || title.zh.chars().any(|c| c.is_ascii_alphanumeric()),
                "{} {}",
                mart.name,
                column.name
            );
            assert!(
                !title.en.is_empty() && !chinese(&title.en) && !chinese(&about.en),
                "{} {}",
                mart.name,
                column.name
            );
            assert_eq!(about.zh.is_empty(), about.en.is_empty(), "{} {}", mart.name, column.name);
        }
        let titles: BTreeSet<&str> = definition.columns.iter().map(|column| column.title.zh.as_str()).collect();
        assert_eq!(titles.len(), definition.columns.len(), "{}: two columns of one title", mart.name);
    }
}
