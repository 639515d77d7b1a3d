//! Editions: what is published again says what it changed, and why; what was signed is not replaced (docs/method.md §10).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use yekuo::disk::files;

use crate::place::{Outcome, Place, holds, lines, sha256};

const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at
A1,East,10,500,2026-04-01,
A2,West,10,500,2026-04-01,
";

/// Of A1 the survey takes 6 of 2 working days, the scheme 4 of 2; of A2 the survey takes 5 of 2.
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at,due_on
A1,survey,Survey,2026-04-01,2026-04-10,2026-04-03
A1,scheme,Planning,2026-04-07,2026-04-13,2026-04-09
A2,survey,Survey,2026-04-01,2026-04-09,2026-04-03
";

/// Of the survey of A2 all five days are claimed, in time; nobody has ruled on it.
const DELAYS: &str = "\
delay_id,application_id,stage,cause,began_at,ended_at,reported_at,ruling
D1,A2,survey,customer,2026-04-01,2026-04-09,2026-04-02,
";

fn place() -> Place {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    place.write("data/delays.csv", DELAYS);
    place
}

const RUN: &str = "run --data data --as-of 2026-04-30 --allow-stale --out reports/m --lang en";

fn run(place: &Place, more: &str) -> Outcome {
    place.yekuo(&format!("{RUN} {more}"))
}

/// A sheet of the workbook without its title: the rows below the headers.
fn rows(place: &Place, sheet: &str) -> Vec<String> {
    use calamine::{Reader, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("reports/m/assessment.xlsx")).unwrap();
    let Ok(range) = book.worksheet_range(sheet) else { return Vec::new() };
    let line = |row: &[calamine::Data]| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ");
    range.rows().skip(3).map(line).collect()
}

const CHANGES: &str = "What the edition changed";

#[test]
fn an_edition_names_what_it_changed_and_why() {
    let place = place();
    run(&place, "").ends(0);
    assert_eq!(place.json("reports/m/run.json")["edition"], 1);
    assert!(rows(&place, CHANGES).is_empty(), "the first edition has nothing to compare with");
    let first = place.files("reports/m");

    // The same data again are the same edition, with the same bytes.
    run(&place, "").ends(0);
    assert_eq!(place.files("reports/m"), first);
    assert!(!place.path("reports/editions/m/1").exists());

    // The claim is ruled on, a finish was entered wrongly, and a stage was not on record.
    place.write("data/delays.csv", DELAYS.replace("2026-04-02,", "2026-04-02,rejected"));
    let late = "A2,scheme,Planning,2026-04-13,2026-04-20,2026-04-15\n";
    place.write("data/stages.csv", STAGES.replace("2026-04-13,2026-04-09", "2026-04-14,2026-04-09") + late);
    holds(&run(&place, "").ends(0).err, &["edition 2 of the period's report"]);
    assert_eq!(place.json("reports/m/run.json")["edition"], 2);
    assert_eq!(place.files("reports/editions/m/1"), first, "the edition before stays readable, whole");
    assert_eq!(
        rows(&place, CHANGES),
        [
            "A1 | supply scheme | 1 | Planning | points | 1.4 | 1.6 | corrected data",
            "A2 | supply scheme | 1 | Planning | settlement | not in the month | overdue 2026-04-16 | late data",
            "A2 | supply scheme | 1 | Planning | points | not in the month | 1.6 | late data",
            "A2 | site survey | 1 | Survey | settlement | not overdue 2026-04-09 | overdue 2026-04-07 | ruling",
            "A2 | site survey | 1 | Survey | points |  | 1.6 | ruling",
            "A2 | site survey | 1 | Survey | verdict of claim D1 | provisional | ruled against | ruling",
        ]
    );
    let figures = rows(&place, "Figures that moved");
    assert!(figures.contains(&"Points of departments | Survey | points | 1.80 | 3.40".to_owned()), "{figures:?}");
    let second = place.files("reports/m");
    run(&place, "").ends(0);
    assert_eq!(place.files("reports/m"), second);

    // Nothing but a rule is another.
    place.pipelines();
    let scorecard = place.text("pipelines/scorecard.toml");
    place.write("pipelines/scorecard.toml", scorecard.replace("per_wd = 0.2", "per_wd = 0.1"));
    place.yekuo(&RUN.replacen("run", "run pipelines/monthly.toml", 1)).ends(0);
    let changes = rows(&place, CHANGES);
    assert_eq!(changes.len(), 4, "{changes:?}");
    assert!(changes.iter().all(|row| row.ends_with("rule change")), "{changes:?}");
    assert_eq!(lines(&place.table("reports/editions/m/2/marts/points.parquet")).len(), 2);
}

#[test]
fn a_signed_edition_is_not_replaced_unless_it_is_revised() {
    let place = place();
    place.yekuo("sign reports/m --by W --on 2026-05-08 --lang en").fails(2, &["there is no report in reports/m"]);
    run(&place, "").ends(0);
    let page = place.bytes("reports/m/index.html");
    place.write("reports/m/index.html", "another");
    place.yekuo("sign reports/m --by W --on 2026-05-08 --lang en").fails(2, &["not as it was published"]);
    place.write("reports/m/index.html", page);
    #[cfg(unix)]
    {
        // A link that somebody has put there is not followed.
        std::os::unix::fs::symlink("../../elsewhere", place.path("reports/m/signed.json")).unwrap();
        place.yekuo("sign reports/m --by W --on 2026-05-08 --lang en").fails(2, &["reports/m/signed.json"]);
        assert!(!place.path("elsewhere").exists());
        place.remove("reports/m/signed.json");
    }
    place.yekuo("sign reports/m --by W --on 2026-05-08 --lang en").ends(0);
    place.yekuo("sign reports/m --by V --on 2026-05-09 --lang en").fails(1, &["was signed by W on 2026-05-08"]);
    let signed = place.files("reports/m");
    assert!(signed.contains_key("signed.json"));

    // The same figures leave it as it is; others do not get through.
    run(&place, "").ends(0);
    assert_eq!(place.files("reports/m"), signed);
    place.write("data/stages.csv", STAGES.replace("2026-04-13,2026-04-09", "2026-04-14,2026-04-09"));
    holds(&run(&place, "").ends(1).err, &["edition 1 in reports/m was signed by W on 2026-05-08", "--revise"]);
    assert_eq!(place.files("reports/m"), signed);
    // Neither does the report of another month, of some applications or of another pipeline in its place, whatever is revised,
    // nor a plan.
    let other_month = RUN.replace("2026-04-30", "2026-04-15");
    let others = [&other_month, &format!("{RUN} --only mode=conventional"), &RUN.replacen("run", "run weekly", 1)];
    for other in others {
        let said = place.yekuo(&format!("{other} --revise")).ends(1).err;
        holds(&said, &["reports/m holds another report, whose edition 1 was signed by W", "--out"]);
    }
    let plan = "plan --data data --as-of 2026-04-30 --out reports/m --lang en";
    place.yekuo(plan).fails(1, &["reports/m holds another report", "--out"]);
    assert_eq!(place.files("reports/m"), signed);
    place.yekuo("sign reports/m --by= --on 2026-05-08 --lang en").fails(2, &["a name is needed"]);

    run(&place, "--revise").ends(0);
    assert_eq!(place.files("reports/editions/m/1"), signed);
    assert_eq!(place.json("reports/m/run.json")["edition"], 2);
    assert!(!place.path("reports/m/signed.json").exists(), "the new edition is not signed");
}

#[test]
fn exports_that_hold_less_than_they_did_are_told() {
    let place = Place::new();
    place.yekuo("sample data --applications 120 --layout canonical").ends(0);
    let run = |as_of: &str, out: &str| {
        place.yekuo(&format!("run --data data --as-of {as_of} --allow-stale --out reports/{out} --lang en")).ends(0)
    };
    run("2026-05-31", "may");
    let told = "fewer stages begun than in the report of 2026-05-31";
    assert!(!run("2026-06-30", "june").err.contains(told));
    // Of one month every other stage goes.
    let stages = place.text("data/stages.csv");
    let mut other = false;
    let of_april = |line: &&str| line.contains(",2026-04-");
    let halved: Vec<&str> = stages
        .lines()
        .filter(|line| {
            other ^= of_april(line);
            !(of_april(line) && other)
        })
        .collect();
    assert!(halved.len() < stages.lines().count() - 10);
    place.write("data/stages.csv", halved.join("\n") + "\n");
    let said = run("2026-06-30", "june").err;
    holds(
        &said,
        &[&format!("{told}: "), "2026-04 ", "the exports may be incomplete", "than in the report of 2026-06-30"],
    );
    holds(&place.pages("reports/june"), &[told]);
    // The same again says the same.
    assert!(run("2026-06-30", "june").err.contains(told));
}

#[test]
fn a_report_beside_whose_marts_are_of_no_use_stops_nothing() {
    let place = place();
    place.yekuo(&RUN.replace("2026-04-30", "2026-04-15").replace("reports/m", "reports/march")).ends(0);
    for damage in ["", "PAR1 and no more"] {
        for mart in ["watchlist", "department_month"] {
            place.write(&format!("reports/march/marts/{mart}.parquet"), damage);
        }
        run(&place, "--fresh").ends(0);
        holds(&place.pages("reports/m"), &["It cannot be compared with the report of 2026-04-15"]);
    }
    for mart in ["watchlist", "department_month"] {
        place.remove(&format!("reports/march/marts/{mart}.parquet"));
    }
    run(&place, "--since reports/march").ends(0);
    holds(&place.pages("reports/m"), &["department_month.parquet is not in it"]);
}

/// Reports that are given no place of their own are listed beside them, the newest first, with what moved.
#[test]
fn the_reports_of_a_folder_are_listed() {
    let place = place();
    place.pipeline("max_rejects = 1.0\nlang = \"en\"");
    let run = |arguments: &str| place.yekuo(&format!("run p.toml --allow-stale {arguments}"));
    holds(&run("--as-of 2026-05-31").ends(0).err, &["all reports are listed in reports/index.html"]);
    run("--as-of 2026-06-30").ends(0);
    place.write(
        "data/applications.csv",
        APPLICATIONS.replace("A1,East,10,500,2026-04-01,", "A1,East,10,500,2026-04-01,2026-06-20"),
    );
    run("--as-of 2026-06-30").ends(0);
    let list = place.text("reports/index.html");
    let at = |part: &str| list.find(part).unwrap_or_else(|| panic!("{part} is not in the list"));
    assert!(at("href=\"p-2026-06-30/index.html\"") < at("href=\"p-2026-05-31/index.html\""));
    assert!(at("href=\"editions/p-2026-06-30/1/index.html\"") < at("href=\"p-2026-05-31/index.html\""));
    assert!(list.contains(" → "), "what moved between the editions");
    for page in ["p-2026-06-30/index.html", "editions/p-2026-06-30/1/index.html"] {
        assert!(place.path("reports").join(page).is_file(), "{page}");
    }
    let first = &place.json("reports/p-2026-06-30/run.json")["headlines"][0];
    assert!(list.contains(first["value"].as_str().unwrap()), "{first}");
    assert!(!place.path("reports/.yekuo-building").exists());
    // The same again changes nothing, a signature is shown; what somebody has changed stays.
    run("--as-of 2026-06-30").ends(0);
    assert_eq!(place.text("reports/index.html"), list);
    place.yekuo("sign reports/p-2026-06-30 --by 张三 --on 2026-07-02").ends(0);
    let signed = place.text("reports/index.html");
    assert!(signed.contains("signed by 张三 on 2026-07-02"));
    place.write("reports/index.html", signed.replace("<h1>", "<h1>our "));
    let said = run("--as-of 2026-05-31 --fresh").ends(0).err;
    holds(&said, &["reports/index.html is not as yekuo wrote it"]);
    assert!(place.text("reports/index.html").contains("<h1>our "));
    // Where a place was named, nobody asked for a list.
    run("--as-of 2026-05-31 --out elsewhere/r").ends(0);
    assert!(!place.path("elsewhere/index.html").exists());
}

/// One language never takes the place of another: each has its own folder, editions and signature, and the list has both.
#[test]
fn languages_stand_beside_each_other() {
    let place = place();
    let shown = "tables = [\"overdue\"]\ncharts = []\nheadlines = [\"overdue_net\"]";
    place.pipeline(&format!("max_rejects = 1.0\n{shown}"));
    let run = |arguments: &str| place.yekuo(&format!("run p.toml --allow-stale --as-of 2026-05-31 {arguments}"));
    run("").ends(0);
    place.yekuo("sign reports/p-2026-05-31 --by W --on 2026-06-02").ends(0);
    let signed = place.files("reports/p-2026-05-31");
    holds(&run("--lang en").ends(0).out, &["reports/p-2026-05-31-en/index.html"]);
    assert_eq!(place.files("reports/p-2026-05-31"), signed);
    assert_eq!(place.json("reports/p-2026-05-31-en/run.json")["lang"], "en");
    assert!(place.path("reports/editions/p-2026-05-31-en/latest").is_file());
    let list = place.text("reports/index.html");
    assert_eq!(list.matches("<h2>").count(), 1);
    holds(&list, &["href=\"p-2026-05-31/index.html\"", "<a href=\"p-2026-05-31-en/index.html\">English</a>"]);
    // In a place that was named it is another report.
    run("--out one").ends(0);
    run("--out one --lang en").ends(0);
    assert_eq!(place.json("editions/one/p-2026-05-31/run.json")["lang"], "zh");
    place.yekuo("sign one --by W --on 2026-06-02 --lang en").ends(0);
    run("--out one --revise --lang zh").fails(1, &["one"]);
    assert_eq!(place.json("one/run.json")["lang"], "en");
}

/// The folder that `latest` names, with what it holds.
fn latest(place: &Path) -> (String, BTreeMap<String, Vec<u8>>) {
    let line = fs::read_to_string(place.join("reports/editions/m/latest")).unwrap();
    let folder = place.join("reports/editions/m").join(line.strip_suffix('\n').unwrap());
    let files = files(&folder).unwrap().into_iter();
    let read = |file: PathBuf| (file.to_str().unwrap().to_owned(), fs::read(folder.join(&file)).unwrap());
    (line, files.map(read).collect())
}

#[test]
fn the_latest_publication_has_a_name_of_its_own() {
    let place = place();
    run(&place, "").ends(0);
    let (first, files) = latest(&place.path(""));
    assert!(first.starts_with("published/1-"), "{first}");
    assert_eq!(files, place.files("reports/m"));
    // The same again is the same; what a killed run has not named yet is named, and what is lost is made again.
    run(&place, "").ends(0);
    assert_eq!(latest(&place.path("")).0, first);
    place.write("reports/editions/m/latest", "published/0-gone\n");
    run(&place, "").ends(0);
    fs::remove_dir_all(place.path("reports/editions/m/published")).unwrap();
    place.remove("reports/editions/m/latest");
    run(&place, "").ends(0);
    assert_eq!(latest(&place.path("")), (first.clone(), files.clone()));
    // A signature is part of it.
    place.yekuo("sign reports/m --by W --on 2026-05-08").ends(0);
    assert_eq!(latest(&place.path("")), (first.clone(), place.files("reports/m")));

    place.write("data/stages.csv", STAGES.replace("2026-04-13,2026-04-09", "2026-04-14,2026-04-09"));
    run(&place, "--revise").ends(0);
    let (second, files) = latest(&place.path(""));
    assert!(second.starts_with("published/2-"), "{second}");
    assert_eq!(files, place.files("reports/m"));
    let older = place.path("reports/editions/m").join(first.trim_end());
    assert!(older.is_dir(), "whoever reads the one before reads on");
    // After a day it goes, unless somebody has changed it.
    let made = |folder: &Path, hours: u64| {
        let file = fs::File::open(folder).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - Duration::from_hours(hours)).unwrap();
    };
    let page = fs::read(older.join("index.html")).unwrap();
    fs::write(older.join("index.html"), "changed").unwrap();
    for (hours, page, stays) in [(25, None, true), (0, Some(&page), false)] {
        page.iter().for_each(|page| fs::write(older.join("index.html"), page).unwrap());
        made(&older.join("run.json"), hours);
        place.write("reports/editions/m/latest", "published/0-gone\n");
        run(&place, "").ends(0);
        assert_eq!(older.is_dir(), stays);
    }
    assert_eq!(latest(&place.path("")), (second, files));

    // Where it cannot be named the report stands, and that is said.
    place.remove("reports/editions/m/latest");
    fs::create_dir(place.path("reports/editions/m/latest")).unwrap();
    holds(&run(&place, "").ends(0).err, &["does not name this report", "reports/editions/m holds latest"]);
}

/// Other stages on each call: the next edition.
fn next_edition(place: &Place) {
    let stages = place.text("data/stages.csv");
    let changed = stages.replacen("2026-04-13", "2026-04-14", 1);
    let changed = if changed == stages { stages.replacen("2026-04-14", "2026-04-13", 1) } else { changed };
    place.write("data/stages.csv", changed);
}

/// A report may stand for a month: whoever reads it as the next one comes reads it to its end.
#[test]
fn a_publication_stays_for_a_day_after_the_next_one_has_come() {
    let place = place();
    run(&place, "").ends(0);
    let (first, files) = latest(&place.path(""));
    let folder = place.path("reports/editions/m").join(first.trim_end());
    let long_ago = |path: &Path| {
        let file = fs::File::open(path).unwrap();
        file.set_modified(file.metadata().unwrap().modified().unwrap() - Duration::from_hours(30 * 24)).unwrap();
    };
    long_ago(&folder.join("run.json"));
    long_ago(&folder);
    next_edition(&place);
    run(&place, "").ends(0);
    assert_eq!(yekuo::disk::files(&folder).unwrap().len(), files.len(), "what was replaced just now is read on");
    // What no run has finished goes at once: nobody reads it, and the report is locked.
    fs::create_dir(place.path("reports/editions/m/published/.yekuo-cut")).unwrap();
    long_ago(&folder.join("run.json"));
    next_edition(&place);
    run(&place, "--revise").ends(0);
    assert!(!folder.exists() && !place.path("reports/editions/m/published/.yekuo-cut").exists());
}

/// What `latest` names is the report that stands, whole, whatever has become of what was there.
#[test]
fn what_latest_names_is_whole() {
    let place = place();
    run(&place, "").ends(0);
    let (first, files) = latest(&place.path(""));
    let named = place.path("reports/editions/m").join(first.trim_end());
    let page = named.join("index.html");
    let damages: [(&str, &dyn Fn()); 4] = [
        ("a file of it is gone", &|| fs::remove_file(&page).unwrap()),
        ("a file of it was changed", &|| fs::write(&page, "mine").unwrap()),
        ("nobody knows what it is", &|| fs::write(named.join("run.json"), "").unwrap()),
        ("a file stands in its place", &|| {
            fs::remove_dir_all(&named).unwrap();
            fs::write(&named, "mine").unwrap();
        }),
    ];
    for (what, damage) in damages {
        damage();
        run(&place, "").ends(0);
        let (line, found) = latest(&place.path(""));
        assert_eq!(found, files, "{what}: {line}");
    }
    assert_eq!(fs::read_to_string(&named).unwrap(), "mine", "what is not ours stays");
    // Who writes into a file of the report writes into none of it.
    let marts = files.keys().find(|name| name.starts_with("marts/")).unwrap();
    let path = place.path("reports/m").join(marts);
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(b"more").unwrap();
    assert_eq!(latest(&place.path("")).1, files);
}

/// Nothing is written to where a link leads, and nothing is waited for.
#[cfg(unix)]
#[test]
fn links_and_pipes_beside_a_report_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let place = place();
    run(&place, "").ends(0);
    let beside = place.path("reports/editions/m");
    fs::remove_file(beside.join("latest")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(beside.join("latest")).status().unwrap().success());
    holds(&run(&place, "").ends(0).err, &["does not name this report", "reports/editions/m holds latest"]);
    fs::create_dir(place.path("elsewhere")).unwrap();
    for link in ["reports/editions/m/published", "reports/editions/m", "reports/editions"] {
        fs::remove_dir_all(place.path("reports/editions")).unwrap();
        fs::create_dir_all(place.path(link).parent().unwrap()).unwrap();
        symlink(place.path("elsewhere"), place.path(link)).unwrap();
        next_edition(&place);
        let outcome = run(&place, "");
        let name = link.rsplit('/').next().unwrap();
        holds(&outcome.err, &[&format!("holds {name}, which yekuo did not make")]);
        assert_eq!(files(&place.path("elsewhere")).unwrap(), Vec::<PathBuf>::new(), "{link}");
        fs::remove_file(place.path(link)).unwrap();
        fs::create_dir_all(place.path("reports/editions")).unwrap();
    }
}

/// What is signed is the report that stands, by its own name, while nobody works at it.
#[test]
fn a_report_is_signed_where_it_stands_and_by_nobody_else_meanwhile() {
    const BY: &[&str] = &["--by", "W", "--on", "2026-05-08", "--lang", "en"];
    let place = place();
    run(&place, "").ends(0);
    let sign = |report: &str| place.run(&[&["sign", report], BY].concat());
    place.write("reports/.yekuo-building/m.lock", "7\nhere\nlong ago\n");
    let lock = fs::File::open(place.path("reports/.yekuo-building/m.lock")).unwrap();
    lock.lock().unwrap();
    holds(&sign("reports/m").ends(75).err, &["another run is writing"]);
    assert!(!place.path("reports/m/signed.json").exists());
    drop(lock);
    let (line, _) = latest(&place.path(""));
    for copy in [format!("reports/editions/m/{}", line.trim_end()), "reports/editions".to_owned()] {
        sign(&copy).ends(2);
    }
    for bad in ["reports/editions", "reports/editions/m"] {
        holds(&place.yekuo(&RUN.replace("reports/m", bad)).ends(2).err, &["choose another"]);
    }
    // By whatever path it is named, it is the same report.
    let mut command = place.command(&[&["sign", "."], BY].concat());
    let said = Outcome::new(command.current_dir(place.path("reports/m")).output().unwrap()).ends(0);
    holds(&said.out, &["edition 1 signed by W"]);
    assert!(!place.path("reports/m/editions").exists());
    assert_eq!(latest(&place.path("")).1, place.files("reports/m"));
    next_edition(&place);
    run(&place, "").ends(1);
}

/// Every byte of what is read by `latest` belongs to one report, however slowly it is read and however often it is replaced.
#[test]
fn readers_by_the_latest_name_meet_one_report() {
    let place = place();
    let [one, other] = [STAGES.to_owned(), STAGES.replace("2026-04-13,2026-04-09", "2026-04-14,2026-04-09")];
    run(&place, "").ends(0);
    let is_over = AtomicBool::new(false);
    let read = |pause: Duration| {
        let mut reports = BTreeSet::new();
        let mut times = 0;
        while !is_over.load(Ordering::Relaxed) || times == 0 {
            let line = fs::read_to_string(place.path("reports/editions/m/latest")).unwrap();
            let folder = place.path("reports/editions/m").join(line.trim_end());
            let run: Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
            for artefact in run["artefacts"].as_array().unwrap() {
                thread::sleep(pause);
                let bytes = fs::read(folder.join(artefact["path"].as_str().unwrap())).unwrap();
                assert_eq!(artefact["sha256"], sha256(&bytes), "{line}");
            }
            reports.insert(line);
            times += 1;
        }
        (times, reports.len())
    };
    let read: Vec<(u32, usize)> = thread::scope(|scope| {
        let readers = [0, 0, 15].map(|millis| scope.spawn(move || read(Duration::from_millis(millis))));
        for stages in [&other, &one, &other, &one, &other] {
            place.write("data/stages.csv", stages);
            run(&place, "").ends(0);
        }
        is_over.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    });
    assert!(read[0].0 > 20 && read[0].1 > 2, "{read:?}");
}
