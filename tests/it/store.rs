//! What earlier runs have kept: taken where nothing that counts has changed, worked out again where anything has, and never
//! anything else than what a run from nothing makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::place::{Outcome, Place};

const RUN: &str = "--lang en -v run pipelines/monthly.toml --data data --as-of 2026-06-30 --allow-stale";

/// Sample data and the configuration as files.
fn place() -> Place {
    let place = Place::new();
    place.yekuo("sample data --applications 90 --months 12 --layout canonical").ends(0);
    place.pipelines();
    place
}

/// The same with a report of a few tables.
fn small() -> Place {
    let place = place();
    let text = place.text("pipelines/monthly.toml");
    let (from, to) = (text.find("\ntables = [").unwrap(), text.find("\nheadlines = [").unwrap());
    let tables = "overdue reminder idle warning turning department_month manager promise cycle_by_mode outage_plan";
    let tables: Vec<&str> = tables.split(' ').collect();
    let (head, rest) = (&text[..from], &text[to..]);
    let (headlines, rest) = rest.split_once(']').unwrap();
    assert!(headlines.contains("overdue_net"));
    let rest = rest.split_once("\n[verification]").unwrap().0;
    let shown = format!("tables = {tables:?}\ncharts = []\nheadlines = [\"overdue_net\"]");
    place.write("pipelines/monthly.toml", format!("{head}\n{shown}\n{rest}\n"));
    place
}

/// Which parts of its work a run did itself.
#[derive(Debug, PartialEq, Eq)]
struct Did {
    read: bool,
    clock: bool,
    marts: bool,
}

const ALL: Did = Did { read: true, clock: true, marts: true };
const COUNTED: Did = Did { read: false, clock: false, marts: true };
const NOTHING: Did = Did { read: false, clock: false, marts: false };

/// By what it counted: rows read, applications through the clock, marts computed.
fn did(outcome: &Outcome) -> Did {
    let Some((before, _)) = outcome.err.split_once(" marts computed") else { return NOTHING };
    let line = before.rsplit('\n').next().unwrap();
    let counts: Vec<u64> = line.split([' ', ',']).filter_map(|word| word.parse().ok()).collect();
    let [rows, applications, marts] = counts[..] else { panic!("{line}") };
    Did { read: rows > 0, clock: applications > 0, marts: marts > 0 }
}

/// The files of a report and its lake.
fn made(place: &Place, out: &str) -> BTreeMap<String, Vec<u8>> {
    let lake = Path::new(out).with_file_name("lake").join(Path::new(out).file_name().unwrap());
    let lake = place.files(lake.to_str().unwrap()).into_iter().map(|(name, bytes)| (format!("lake/{name}"), bytes));
    place.files(out).into_iter().chain(lake).collect()
}

fn equal(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.keys().eq(other.keys()), "{:?}\n{:?}", one.keys(), other.keys());
    for (name, bytes) in one {
        assert!(other[name] == *bytes, "{name}");
    }
}

/// Runs beside what earlier runs have kept, and from nothing; both make the same.
#[track_caller]
fn same_as_from_nothing(place: &Place, run: &str) -> Did {
    let outcome = place.yekuo(&format!("{run} --out kept/r")).ends(0);
    for folder in ["new", "kept/editions"] {
        let _ = fs::remove_dir_all(place.path(folder));
    }
    place.yekuo(&format!("{run} --out new/r")).ends(0);
    equal(&made(place, "kept/r"), &made(place, "new/r"));
    did(&outcome)
}

/// Removes the report and its lake, so that the next one is the first edition again; what was kept stays.
fn unpublish(place: &Place) {
    for folder in ["kept/r", "kept/lake/r", "kept/editions"] {
        let _ = fs::remove_dir_all(place.path(folder));
    }
}

/// Where entries of a kind are.
fn entries(place: &Place, kind: &str) -> Vec<PathBuf> {
    let found = fs::read_dir(place.path("kept/lake/.yekuo-store")).unwrap().map(|entry| entry.unwrap().path());
    found.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind)).collect()
}

#[test]
fn what_has_not_changed_is_not_worked_out_again() {
    let place = place();
    assert_eq!(same_as_from_nothing(&place, RUN), ALL);
    let before = made(&place, "kept/r");
    let again = place.yekuo(&format!("{RUN} --out kept/r")).ends(0);
    says(&again, &["the report that stands"]);
    assert_eq!(did(&again), NOTHING);
    equal(&made(&place, "kept/r"), &before);

    let same_again = || {
        let outcome = place.yekuo(&format!("{RUN} --out kept/r")).ends(0);
        equal(&made(&place, "kept/r"), &before);
        did(&outcome)
    };
    // Nothing of it is left: marts and pages are made again, of what was kept.
    unpublish(&place);
    assert_eq!(same_again(), COUNTED);
    // A file of the report or of its lake is another, or is gone.
    fs::write(place.path("kept/r/index.html"), "other").unwrap();
    assert_eq!(same_again(), COUNTED);
    for file in ["kept/r/marts/manager.parquet", "kept/lake/r/clean/stages.parquet"] {
        fs::remove_file(place.path(file)).unwrap();
        assert_eq!(same_again(), COUNTED, "{file}");
    }
    // Who writes into a file of a published lake spoils what was kept with it.
    fs::write(place.path("kept/lake/r/clean/stages.parquet"), "other").unwrap();
    assert_eq!(same_again(), Did { read: false, ..ALL });
    // Other pipelines of the same exports read nothing and let no clock run; one that needs more makes that alone.
    for pipeline in ["weekly", "half-monthly", "daily", "comparison", "bottleneck", "public"] {
        unpublish(&place);
        let run = RUN.replace("monthly", pipeline);
        assert_eq!(same_as_from_nothing(&place, &run), COUNTED, "{pipeline}");
    }
    unpublish(&place);
    let fresh = place.yekuo(&format!("{RUN} --out kept/r --fresh")).ends(0);
    assert_eq!(did(&fresh), ALL);
    equal(&made(&place, "kept/r"), &before);
}

/// Whatever decides what is made decides whether what was kept is taken.
#[test]
fn what_has_changed_is_worked_out_again() {
    let place = small();
    assert_eq!(same_as_from_nothing(&place, RUN), ALL);
    let change = |file: &str, from: &str, to: &str| {
        let text = place.text(file);
        assert!(text.contains(from), "{file}: {from}");
        place.write(file, text.replacen(from, to, 1));
    };
    let edit = |file: &str, from: &str, to: &str, expected: Did| {
        unpublish(&place);
        change(file, from, to);
        assert_eq!(same_as_from_nothing(&place, RUN), expected, "{file}: {to}");
    };
    const NO_READ: Did = Did { read: false, ..ALL };
    // Exports.
    let applications = place.text("data/applications.csv");
    let (first, _) = applications.trim_end().rsplit_once('\n').unwrap();
    place.write("data/applications.csv", format!("{first}\n"));
    unpublish(&place);
    assert_eq!(same_as_from_nothing(&place, RUN), ALL);
    fs::remove_file(place.path("data/visits.csv")).unwrap();
    unpublish(&place);
    assert_eq!(same_as_from_nothing(&place, RUN), ALL);
    // What days are off, what limits are, who is responsible, how is scored.
    edit("pipelines/calendars/cn.toml", "\"2026-05-01\"", "\"2026-05-20\"", NO_READ);
    edit("pipelines/monthly.toml", "pending = \"admit\"", "pending = \"refuse\"", NO_READ);
    edit("pipelines/monthly.toml", "min_arm = 10", "min_arm = 3", NO_READ);
    edit("pipelines/monthly.toml", "open_claim_wd = 20", "open_claim_wd = 5", NO_READ);
    edit("pipelines/monthly.toml", "fault_days = 7", "fault_days = 1", NO_READ);
    // What only marts and pages depend on.
    for (from, to) in [
        ("remind_wd = 1", "remind_wd = 4"),
        ("idle_wd = 3", "idle_wd = 1"),
        ("warn_elapsed = 0.8", "warn_elapsed = 0.2"),
        ("min_cases = 10", "min_cases = 1"),
        ("min_at_risk = 5", "min_at_risk = 1"),
        ("announce_days = 7", "announce_days = 30"),
        ("zh = \"业扩服务月度考核报告\"", "zh = \"月报\""),
    ] {
        edit("pipelines/monthly.toml", from, to, COUNTED);
    }
    place.write("pipelines/targets.toml", place.text("pipelines/targets.toml") + "\n# A remark.\n");
    unpublish(&place);
    assert_eq!(same_as_from_nothing(&place, RUN), COUNTED);
    // Another day, another part of the cases, another language.
    for (options, expected) in
        [("--as-of 2026-05-31", NO_READ), ("--only mode=order", NO_READ), ("--lang zh", Did { ..ALL })]
    {
        unpublish(&place);
        let run = match options.split_once(' ').unwrap() {
            ("--as-of", day) => RUN.replace("2026-06-30", day),
            ("--lang", _) => format!("{} --lang zh", RUN.replace("--lang en ", "")),
            _ => format!("{RUN} {options}"),
        };
        let outcome = place.yekuo(&format!("{run} --out kept/r")).ends(0);
        let _ = fs::remove_dir_all(place.path("new"));
        place.yekuo(&format!("{run} --out new/r")).ends(0);
        equal(&made(&place, "kept/r"), &made(&place, "new/r"));
        if !options.starts_with("--lang") {
            assert_eq!(did(&outcome), expected, "{options}");
        }
    }
}

/// What was kept and is damaged is never taken.
#[test]
fn what_is_damaged_is_worked_out_again() {
    let place = small();
    assert_eq!(same_as_from_nothing(&place, RUN), ALL);
    let spoil = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::remove_file(path).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let cut = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    let gone = |path: &Path| fs::remove_file(path).unwrap();
    for (kind, file, reads) in [
        ("raw", "raw/stages/part-00000.parquet", true),
        ("raw", "entry", true),
        ("clean", "clean/applications.parquet", false),
        ("clean", "entry", false),
    ] {
        for (how, break_it) in [("spoil", &spoil as &dyn Fn(&Path)), ("cut", &cut), ("gone", &gone)] {
            unpublish(&place);
            let folder = entries(&place, kind).remove(0);
            let path = if folder.join(file).exists() { folder.join(file) } else { first_file(&folder.join(kind)) };
            break_it(&path);
            let did = same_as_from_nothing(&place, RUN);
            assert_eq!((did.read, did.clock), (reads, !reads), "{kind}/{file} {how}");
        }
    }
}

fn first_file(folder: &Path) -> PathBuf {
    let files = yekuo::disk::files(folder).unwrap();
    folder.join(files.iter().find(|file| file.to_str().unwrap().contains("stages")).unwrap())
}

#[test]
fn what_is_kept_can_be_listed_verified_and_removed() {
    let place = small();
    says(&place.yekuo("lake list kept/lake --lang en").ends(0), &["nothing is kept"]);
    place.yekuo(&format!("{RUN} --out kept/r")).ends(0);
    let listed = place.yekuo("lake list kept/lake --lang en").ends(0);
    says(&listed, &["clean tables as of 2026-06-30: ", "rows of exports: ", "published report: kept/r"]);
    assert_eq!(listed.out.lines().count(), 3);
    says(&place.yekuo("lake list kept/lake --lang zh").ends(0), &["截至 2026-06-30 的明细表", "今天用过"]);
    assert_eq!(place.yekuo("lake list kept/lake --json").ends(0).json().as_array().unwrap().len(), 3);
    let whole = place.yekuo("lake verify kept/lake --lang en").ends(0);
    assert_eq!(whole.out.matches("  whole").count(), 3);
    let clean = entries(&place, "clean").remove(0).join("clean/stages.parquet");
    fs::remove_file(&clean).unwrap();
    fs::write(&clean, "other").unwrap();
    says(&place.yekuo("lake verify kept/lake --lang en").ends(1), &["stages.parquet is not what was kept"]);
    assert!(entries(&place, "clean").is_empty());
    says(&place.yekuo("lake prune kept/lake --days 3 --lang en").ends(0), &["removed 0 "]);
    says(&place.yekuo("lake prune kept/lake --lang zh").ends(0), &["删除 2 项"]);
    says(&place.yekuo("lake list kept/lake --lang en").ends(0), &["nothing is kept"]);
    assert_eq!(did(&place.yekuo(&format!("{RUN} --out kept/r")).ends(0)), ALL);
}

/// What a run has read is there for the next one, however it ended; what `ingest` has read, too.
#[test]
fn a_run_goes_on_where_another_one_ended() {
    let place = small();
    const NO_READ: Did = Did { read: false, ..ALL };
    // It reads everything, and then refuses a day before all events.
    let early = RUN.replace("2026-06-30", "1999-01-31");
    place.yekuo(&format!("{early} --out kept/r")).ends(1);
    assert_eq!(did(&place.yekuo(&format!("{RUN} --out kept/r")).ends(0)), NO_READ);
    place.yekuo("ingest pipelines/monthly.toml --data data --lake other/lake --lang en").ends(0);
    assert_eq!(did(&place.yekuo(&format!("{RUN} --out other/r --lake other/l")).ends(0)), NO_READ);
}

/// Nothing that was finished is done again, wherever a run dies.
#[cfg(feature = "failpoints")]
#[test]
fn a_run_that_dies_is_gone_on_with() {
    let place = small();
    let arguments: Vec<&str> = RUN.split(' ').chain(["--out", "kept/r"]).collect();
    place.run(&arguments).ends(0);
    let from_nothing = made(&place, "kept/r");
    for (step, again) in [
        ("mid_reading", ALL),
        ("after_reading", Did { read: false, ..ALL }),
        ("mid_clock", Did { read: false, ..ALL }),
        ("after_clock", COUNTED),
        ("before_swap", COUNTED),
    ] {
        fs::remove_dir_all(place.path("kept")).unwrap();
        let mut command = place.command(&arguments);
        command.env("YEKUO_ALONE", "1").env("YEKUO_FAILPOINTS", format!("{step}=abort"));
        assert_eq!(Outcome::new(command.output().unwrap()).status, -1, "{step}");
        assert_eq!(did(&place.run(&arguments).ends(0)), again, "{step}");
        equal(&made(&place, "kept/r"), &from_nothing);
    }
}

/// On stdout or stderr.
#[track_caller]
fn says(outcome: &Outcome, words: &[&str]) {
    let said = format!("{}{}", outcome.out, outcome.err);
    for word in words {
        assert!(said.contains(word), "{word}: {said}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3, failure_persistence: None, ..ProptestConfig::default() })]

    /// Awkward exports with rejects, repeats and odd spellings tell the same the second time.
    #[test]
    fn what_awkward_exports_tell_is_kept_whole(seed in 0_u32..1000) {
        let place = Place::new();
        place.awkward(seed, &[]);
        place.pipelines();
        let run = "--lang en -v run pipelines/monthly.toml --data data --as-of 2026-06-30 --allow-stale";
        place.set(&["max_rejects = 1.0"]);
        let first = place.yekuo(&format!("{run} --out kept/r")).ends(0);
        let before = made(&place, "kept/r");
        unpublish(&place);
        let second = place.yekuo(&format!("{run} --out kept/r")).ends(0);
        prop_assert_eq!(did(&second), COUNTED);
        equal(&made(&place, "kept/r"), &before);
        let third = place.yekuo(&format!("{run} --out kept/r")).ends(0);
        prop_assert_eq!(did(&third), NOTHING);
        let told = |outcome: &Outcome| -> Vec<String> {
            outcome.err.lines().filter(|line| !line.contains("INFO")).map(str::to_owned).collect()
        };
        prop_assert_eq!(told(&first), told(&second));
        prop_assert_eq!(told(&first), told(&third));
    }
}
