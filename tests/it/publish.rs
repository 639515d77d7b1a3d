//! Whole or not at all: gates, publication, and runs that are ended or meet another.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rand_pcg::rand_core::Rng;
use serde_json::Value;
use yekuo::disk::files;

use crate::place::{APPLICATIONS, Outcome, Place, STAGES, holds, lines, rejects, sha256};

const RUN: &str = "run --data data --out out/r --as-of 2026-06-30 --allow-stale --lang en";

/// Every file below a folder with its bytes.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let read = |file: PathBuf| (file.clone(), fs::read(folder.join(file)).unwrap());
    // What runs keep for the next one is nothing that they publish.
    let is_of_runs = |file: &Path| file.iter().any(|part| part == ".yekuo-store");
    files(folder).unwrap().into_iter().filter(|file| !is_of_runs(file)).map(read).collect()
}

/// Asserts that a report is what its `run.json` says, file by file; gives back the manifest.
#[track_caller]
fn whole(report: &Path) -> Value {
    let manifest: Value = serde_json::from_slice(&fs::read(report.join("run.json")).unwrap()).unwrap();
    let artefacts = manifest["artefacts"].as_array().unwrap();
    let mut listed: Vec<PathBuf> = artefacts.iter().map(|file| file["path"].as_str().unwrap().into()).collect();
    for (artefact, path) in artefacts.iter().zip(&listed) {
        let found = yekuo::ingest::fingerprint(&report.join(path)).unwrap();
        assert_eq!(artefact["sha256"], found.sha256, "{}", path.display());
    }
    listed.push("run.json".into());
    listed.sort();
    assert_eq!(files(report).unwrap(), listed);
    assert!(listed.contains(&"index.html".into()));
    manifest
}

fn run(place: &Place) -> Outcome {
    place.yekuo(RUN)
}

#[test]
fn a_second_run_replaces_the_report() {
    let place = Place::with_exports();
    let answer = run(&place).ends(0).out;
    assert_eq!(answer, "published; open out/r/index.html\n");
    let [report, lake] = ["out/r", "out/lake/r"].map(|name| place.path(name));
    let first = (tree(&report), tree(&lake));
    assert_eq!(whole(&report)["inputs"][1]["accepted"], 3);

    run(&place).ends(0);
    assert_eq!((tree(&report), tree(&lake)), first, "the same exports with the same as-of give the same bytes");

    place.write("data/stages.csv", STAGES.replace("A2,survey,营销部,2026-03-03,\n", ""));
    run(&place).ends(0);
    assert_eq!(whole(&report)["inputs"][1]["accepted"], 2);
    assert!(!place.path("out/.yekuo-building").exists());
}

#[test]
fn the_report_and_the_lake_go_where_they_are_told() {
    let place = Place::with_exports();
    place.yekuo("run p.toml --month 2026-06").ends(0);
    assert_eq!(whole(&place.path("reports/p-2026-06-30"))["as_of"], "2026-06-30");
    assert!(place.path("reports/lake/p-2026-06-30/clean/stages.parquet").exists());
    place.yekuo("run p.toml --out r --lake l/l --as-of 2026-06-29").ends(0);
    assert_eq!(whole(&place.path("r"))["as_of"], "2026-06-29");
    assert!(place.path("l/l/raw/stages/0000.parquet").exists());
}

#[test]
fn what_yekuo_did_not_make_is_never_replaced() {
    let foreign = |file: &str, run: &str, folder: &str| {
        let place = Place::with_exports();
        place.write(file, "mine");
        let before = tree(&place.path(""));
        let said = place.yekuo(run).ends(2).err;
        let name = Path::new(file).strip_prefix(folder).unwrap();
        holds(&said, &[&format!("{folder} holds {}", name.display()), "did not make"]);
        assert_eq!(tree(&place.path("")), before, "{run}");
    };
    foreign("out/r/notes.txt", RUN, "out/r");
    foreign("out/r/run.json", RUN, "out/r");
    foreign("out/r/raw/photo.jpg", RUN, "out/r");
    foreign("out/lake/r/mine.parquet", RUN, "out/lake/r");
    foreign("lake/clean/mine.txt", "ingest p.toml --lang en", "lake");
    foreign("data/a.txt", "run p.toml --as-of 2026-06-30 --out data --lang en", "data");

    let place = Place::with_exports();
    run(&place).ends(0);
    place.write("out/r/marts/mine.txt", "mine");
    let before = tree(&place.path("out"));
    holds(&run(&place).ends(2).err, &["out/r holds marts/mine.txt"]);
    assert_eq!(tree(&place.path("out")), before);

    // Nor is a folder, though nothing is in it.
    fs::remove_file(place.path("out/r/marts/mine.txt")).unwrap();
    fs::create_dir(place.path("out/r/mine")).unwrap();
    holds(&run(&place).ends(2).err, &["out/r holds mine"]);
}

#[test]
fn what_file_managers_leave_stays_where_it_is() {
    let place = Place::with_exports();
    run(&place).ends(0);
    let litter =
        ["out/r/Thumbs.db", "out/r/~$assessment.xlsx", "out/r/marts/.DS_Store", "out/lake/r/clean/desktop.ini"];
    litter.iter().for_each(|file| place.write(file, "litter"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("/usr", place.path("out/r/.link")).unwrap();
    place.write("data/stages.csv", STAGES.replace("A2,survey,营销部,2026-03-03,\n", ""));
    run(&place).ends(0);
    assert_eq!(place.json("out/r/run.json")["edition"], 2);
    litter.iter().for_each(|file| assert_eq!(place.text(file), "litter", "{file}"));
    #[cfg(unix)]
    assert_eq!(fs::read_link(place.path("out/r/.link")).unwrap(), Path::new("/usr"));
}

#[test]
fn what_a_user_has_changed_is_kept_and_what_was_published_is_never_deleted_at_once() {
    let place = Place::with_exports();
    run(&place).ends(0);
    let first = tree(&place.path("out/r"));
    // The same exports again.
    place.write("out/r/assessment.xlsx", "filled in");
    let said = run(&place).ends(0).err;
    holds(&said, &["note: assessment.xlsx of the report before", "kept with it in out/editions/r/1-edited"]);
    assert_eq!(place.text("out/editions/r/1-edited/assessment.xlsx"), "filled in");
    assert_eq!(tree(&place.path("out/r")), first);
    // Changed once more: neither goes.
    place.write("out/r/assessment.xlsx", "filled in again");
    place.yekuo(&format!("{RUN} --fresh")).ends(0);
    assert_eq!(place.text("out/editions/r/1-edited/assessment.xlsx"), "filled in");
    assert_eq!(place.text("out/editions/r/1-edited-2/assessment.xlsx"), "filled in again");
    // Another language in the same place: a report of its own.
    place.yekuo(&RUN.replace("--lang en", "--lang zh")).ends(0);
    assert_eq!(tree(&place.path("out/editions/r/monthly-2026-06-30")), first);
    // Another day in the same place: a report of its own, which is compared with the one that stood there, twice.
    for _ in 0..2 {
        place.yekuo(&RUN.replace("2026-06-30", "2026-07-31")).ends(0);
        assert_eq!(whole(&place.path("out/r"))["since"], "2026-06-30");
    }
    assert_eq!(whole(&place.path("out/editions/r/monthly-2026-06-30"))["as_of"], "2026-06-30");
    // A list of rejects into which somebody has written.
    place.write("data/applications.csv", APPLICATIONS.replace("2026-03-0", "x"));
    run(&place).ends(1);
    let list = place.path("out/r-rejects/applications.csv");
    fs::write(&list, fs::read_to_string(&list).unwrap() + "mine").unwrap();
    run(&place).ends(1);
    assert!(place.text("out/r-rejects-2/applications.csv").ends_with("mine"));
    assert!(!place.text("out/r-rejects/applications.csv").ends_with("mine"));
}

#[test]
fn a_report_goes_to_a_folder_of_its_own() {
    let place = Place::with_exports();
    let run = |out: &str| place.yekuo(&format!("run p.toml --as-of 2026-06-30 --lang en {out}"));
    for (out, said) in [
        ("--out /", "name a folder of its own"),
        ("--out ..", "name a folder of its own"),
        ("--out x --lake x", "choose another --lake"),
        ("--out x --lake x/lake", "choose another --lake"),
        ("--out x/r --lake x", "choose another --lake"),
        ("--out reports/lake", "choose another --lake"),
    ] {
        holds(&run(out).ends(2).err, &[said]);
    }
    #[cfg(unix)]
    {
        // A link is followed.
        fs::create_dir_all(place.path("elsewhere/r")).unwrap();
        std::os::unix::fs::symlink("elsewhere/r", place.path("link")).unwrap();
        run("--out link").ends(0);
        assert!(place.path("link").is_symlink());
        whole(&place.path("elsewhere/r"));
        // A pipe where a report is looked for, or a lock, is not waited for.
        fs::create_dir(place.path("elsewhere/pipe")).unwrap();
        for pipe in ["elsewhere/pipe/run.json", "elsewhere/lake/.yekuo-store/scans"] {
            let _ = fs::remove_file(place.path(pipe));
            assert!(std::process::Command::new("mkfifo").arg(place.path(pipe)).status().unwrap().success());
        }
        run("--out elsewhere/s").ends(0);
    }
}

#[test]
fn of_two_runs_at_once_the_second_gives_way() {
    let place = Place::with_exports();
    place.write("out/.yekuo-building/r.lock", "7\nhere\nlong ago\n");
    let lock = File::open(place.path("out/.yekuo-building/r.lock")).unwrap();
    lock.lock().unwrap();
    holds(&run(&place).ends(75).err, &["another run is writing out/r (pid 7 on here, since long ago)"]);
    // Another report in the same folder is published, and leaves the lock alone.
    place.yekuo(&RUN.replace("out/r", "out/s")).ends(0);
    whole(&place.path("out/s"));
    assert_eq!(files(&place.path("out/.yekuo-building")).unwrap(), [Path::new("r.lock")]);
    drop(lock);
    run(&place).ends(0);
    assert!(!place.path("out/.yekuo-building").exists());
    #[cfg(unix)]
    {
        // A link that somebody has put there is not followed.
        place.write("mine", "mine");
        fs::create_dir(place.path("out/.yekuo-building")).unwrap();
        std::os::unix::fs::symlink("../../mine", place.path("out/.yekuo-building/r.lock")).unwrap();
        holds(&run(&place).ends(2).err, &["out/.yekuo-building holds r.lock, which yekuo did not make"]);
        assert_eq!(place.text("mine"), "mine");
    }
}

#[test]
fn what_an_ended_run_left_is_cleared_away() {
    let place = Place::with_exports();
    place.write("out/.yekuo-building/r/old-report/run.json", "{}");
    place.write("out/lake/.yekuo-building/r/lake/raw/stages/0000.part", "cut");
    // Of another report, too; but nothing that is no run's.
    place.write("out/.yekuo-building/s/report/index.html", "cut");
    run(&place).ends(0);
    whole(&place.path("out/r"));
    assert!(!place.path("out/lake/.yekuo-building").exists());
    let mine = ["out/.yekuo-building/s/mine.txt", "out/.yekuo-building/mine.txt"];
    mine.iter().for_each(|file| place.write(file, "mine"));
    run(&place).ends(0);
    mine.iter().for_each(|file| assert_eq!(place.text(file), "mine"));
    fs::remove_dir_all(place.path("out/.yekuo-building")).unwrap();
    assert!(!place.path("out/.yekuo-building").exists());
    assert_eq!(files(&place.path("out/lake/r/raw/stages")).unwrap(), [Path::new("0000.parquet")]);
}

/// So many runs are killed, each at another moment of its life: `YEKUO_KILLS`, or a few.
#[test]
fn a_run_killed_at_any_moment_leaves_one_whole_report_with_its_lake() {
    let kills: u64 = std::env::var("YEKUO_KILLS").map_or(20, |kills| kills.parse().unwrap());
    assert!(kills > 0);
    let place = Place::with_exports();
    let finished = |run: u64| format!("2026-03-{:02}", 7 + run % 20);
    let stages = |run: u64| STAGES.replace("2026-03-20", &finished(run));
    place.write("data/stages.csv", stages(0));
    let begun = Instant::now();
    run(&place).ends(0);
    let takes = begun.elapsed();
    let mut moments = rand_pcg::Pcg32::new(14, 0);
    let mut published = 0;
    for number in 1..=kills {
        place.write("data/stages.csv", stages(number));
        let mut child = place.command(&RUN.split(' ').collect::<Vec<_>>()).spawn().unwrap();
        thread::sleep(takes.mul_f64(f64::from(moments.next_u32()) / f64::from(u32::MAX)));
        child.kill().unwrap();
        child.wait().unwrap();
        // What stands can be read as it is; the next run, which does not get far, puts its lake beside it.
        whole(&place.path("out/r"));
        place.write("data/applications.csv", APPLICATIONS.replace("2026-03-0", "x"));
        run(&place).ends(1);
        place.write("data/applications.csv", APPLICATIONS);
        let read = whole(&place.path("out/r"))["inputs"][1]["sha256"].clone();
        let of_report = (0..=number).rev().find(|run| read == sha256(stages(*run).as_bytes())).unwrap();
        let in_lake = place.table("out/lake/r/clean/stages.parquet").select(["finished_on"]).unwrap();
        assert!(lines(&in_lake).contains(&finished(of_report)), "{in_lake} after {number} kills");
        published += u64::from(of_report == number);
    }
    eprintln!("{kills} runs killed, {published} of them after they had published");
    run(&place).ends(0);
    assert!(!place.path("out/.yekuo-building").exists());
    assert!(!place.path("out/lake/.yekuo-building").exists());
}

/// `count` stages of A1, of which the last `unsound` cannot be read.
fn stages(count: usize, unsound: usize) -> String {
    let row = |number: usize| {
        let started = if number > count - unsound { "明天" } else { "2026-03-02" };
        format!("A1,survey,{number},营销部,{started},\n")
    };
    "application_id,stage,pass,department,started_at,finished_at\n".to_owned()
        + &(1..=count).map(row).collect::<String>()
}

#[test]
fn too_many_rejects_leave_the_report_and_keep_their_list() {
    let place = Place::with_exports();
    place.write("data/stages.csv", stages(20, 1));
    run(&place).ends(0);
    let before = tree(&place.path("out/r"));
    assert_eq!(rejects(&place.path("out/r/rejects/stages.csv")).len(), 1);

    place.write("data/stages.csv", stages(20, 2));
    let said = run(&place).ends(1).err;
    holds(&said, &["table `stages`: 20 rows read, 18 accepted, 2 rejected", "5 %", "rejects: out/r-rejects", "hint:"]);
    assert_eq!(tree(&place.path("out/r")), before);
    let lines = |name: &str| rejects(&place.path(name)).into_iter().map(|reject| reject.line).collect::<Vec<_>>();
    assert_eq!(lines("out/r-rejects/stages.csv"), [20, 21]);

    place.write("data/stages.csv", stages(20, 3));
    let said = place.yekuo("run --data data --out out/r").ends(1).err;
    holds(&said, &["拒收 3 行", "拒收明细：out/r-rejects"]);
    assert_eq!(lines("out/r-rejects/stages.csv"), [19, 20, 21]);
    assert!(!place.path("out/.yekuo-building").exists());

    // Reading alone has the same gate; explaining keeps nothing and names no list.
    place.yekuo("ingest --data data --lang en").fails(1, &["rejects: ./lake-rejects"]);
    assert_eq!(lines("lake-rejects/stages.csv"), [19, 20, 21]);
    assert!(!place.path("lake").exists());
    let said = place.yekuo("explain A1 --data data --lang en").ends(1).err;
    assert!(!said.contains("rejects:"), "{said}");
}

#[test]
fn max_rejects_moves_the_gate() {
    let place = Place::with_exports();
    place.write("data/stages.csv", stages(10, 3));
    for (max_rejects, status) in [("0.0", 1), ("0.29", 1), ("0.3", 0), ("1.0", 0)] {
        place.pipeline(&format!("max_rejects = {max_rejects}"));
        place.ingest().ends(status);
    }
    place.write("data/stages.csv", stages(10, 0));
    place.pipeline("max_rejects = 0.0");
    place.ingest().ends(0);
}

#[test]
fn a_table_of_which_nothing_is_left_stops_the_run() {
    let place = Place::with_exports();
    let header = APPLICATIONS.lines().next().unwrap();
    for (file, text, table) in [
        ("data/applications.csv", APPLICATIONS.replace("2026-03-0", "x"), "applications"),
        ("data/applications.csv", header.to_owned(), "applications"),
        ("data/stages.csv", stages(1, 1), "stages"),
    ] {
        let place = Place::with_exports();
        place.write(file, text);
        place.ingest().fails(1, &[&format!("table `{table}`"), "0 accepted"]);
    }
    place.write("data/applications.csv", "");
    place.ingest().fails(2, &["applications.csv: required columns of `applications` are missing"]);
}

#[test]
fn the_least_data_gives_a_report() {
    let place = Place::with_exports();
    let head = |text: &str, lines: usize| text.lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    place.write("data/stages.csv", head(STAGES, 1));
    run(&place).ends(0);
    let manifest = whole(&place.path("out/r"));
    assert_eq!([&manifest["cases"]["applications"], &manifest["cases"]["passes"]], [2, 0]);

    place.write("data/applications.csv", head(APPLICATIONS, 2));
    place.write("data/stages.csv", head(STAGES, 2));
    place.write("data/delays.csv", "application_id,cause,began_at\n");
    run(&place).ends(0);
    let manifest = whole(&place.path("out/r"));
    assert_eq!([&manifest["cases"]["applications"], &manifest["cases"]["passes"]], [1, 1]);
}

#[test]
fn a_strict_calendar_refuses_years_that_it_does_not_cover() {
    let place = Place::with_exports();
    let run = "run p.toml --as-of 2030-01-31 --out r --lang en";
    place.pipeline("strict_calendar = true");
    place.yekuo(run).fails(1, &["2027", "strict_calendar"]);
    assert!(!place.path("r").exists());
    place.pipeline("strict_calendar = false");
    holds(&place.yekuo(run).ends(0).err, &["note: the calendar does not cover [2027"]);
    assert_eq!(whole(&place.path("r"))["uncovered_years"][0], 2027);
}

/// What only a build in which steps can be held up shows.
#[cfg(all(feature = "failpoints", unix))]
mod steps {
    use std::process::{Child, Stdio};

    use super::*;

    /// A place with a published report, and exports that give another one.
    fn place() -> Place {
        let place = Place::with_exports();
        run(&place).ends(0);
        place.write("data/stages.csv", STAGES.replace("2026-03-20", "2026-03-21"));
        place
    }

    /// A run that is held up at a step, once it has come there.
    fn held_up(place: &Place, step: &str) -> Child {
        let reached = place.path("reached");
        let _ = fs::remove_file(&reached);
        let mut command = place.command(&RUN.split(' ').collect::<Vec<_>>());
        command.env("YEKUO_FAILPOINTS", format!("{step}=wait")).env("YEKUO_FAILPOINT_REACHED", &reached);
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        while !reached.exists() {
            thread::sleep(Duration::from_millis(2));
        }
        child
    }

    fn nothing_is_left(place: &Place) {
        for building in ["out/.yekuo-building", "out/lake/.yekuo-building"] {
            assert!(!place.path(building).exists(), "{building}");
        }
    }

    #[test]
    fn a_run_that_ends_at_any_step_leaves_one_report_with_its_lake() {
        let before_anything = ["after_lock", "mid_reading", "mid_clock", "mid_marts"];
        let steps = [
            "mid_render",
            "before_fsync",
            "after_fsync",
            "before_swap",
            "between_renames",
            "between_swaps",
            "after_swap",
            "after_tidying",
        ];
        let swapped = before_anything.into_iter().chain(steps).map(|step| ("", step));
        let renamed = steps.into_iter().map(|step| (" no_swap", step));
        for (swap, step) in swapped.filter(|(_, step)| *step != "between_renames").chain(renamed) {
            let place = place();
            let whats = |place: &Place| (tree(&place.path("out/r")), tree(&place.path("out/lake/r/clean")));
            let before = whats(&place);
            let mut command = place.command(&RUN.split(' ').collect::<Vec<_>>());
            command.env("YEKUO_ALONE", "1").env("YEKUO_FAILPOINTS", format!("{step}=abort{swap}"));
            assert_eq!(Outcome::new(command.output().unwrap()).status, -1, "{step}{swap}");
            // The next one does not get far, and leaves all the same what can be read.
            place.write("data/applications.csv", APPLICATIONS.replace("2026-03-0", "x"));
            run(&place).ends(1);
            let manifest = whole(&place.path("out/r"));
            let is_new = manifest["edition"] == 2;
            let after = whats(&place);
            assert_eq!(is_new, after != before, "{step}{swap}");
            assert_eq!(after.1 != before.1, is_new, "{step}{swap}: report and lake are of one run");
            let is_published = ["between_renames", "between_swaps", "after_swap", "after_tidying"].contains(&step);
            assert_eq!(is_new, is_published, "{step}{swap}");
            if is_new {
                assert_eq!(tree(&place.path("out/editions/r/1")), before.0, "{step}{swap}");
            }
            place.write("data/applications.csv", APPLICATIONS);
            run(&place).ends(0);
            assert_eq!(whole(&place.path("out/r"))["edition"], 2);
            assert_eq!(tree(&place.path("out/editions/r/1")), before.0, "{step}{swap}");
            nothing_is_left(&place);
        }
    }

    #[test]
    fn an_interrupted_run_says_so_and_leaves_nothing() {
        for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
            let place = place();
            let before = tree(&place.path("out"));
            for step in ["after_lock", "before_fsync", "before_swap"] {
                let child = held_up(&place, step);
                let kill = format!("kill -{signal} {}", child.id());
                assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
                let outcome = Outcome::new(child.wait_with_output().unwrap()).ends(status);
                holds(&outcome.err, &["interrupted, and nothing was published; the report before it is whole"]);
                assert_eq!(tree(&place.path("out")), before, "{signal} {step}");
                nothing_is_left(&place);
            }
        }
    }

    #[test]
    fn whoever_comes_second_is_told_who_is_at_work() {
        let place = place();
        let mut child = held_up(&place, "before_swap");
        for _ in 0..3 {
            holds(&run(&place).ends(75).err, &["another run is writing out/r (pid ", " on ", ", since 20"]);
        }
        place.yekuo(&RUN.replace("out/r", "out/s")).ends(0);
        place.yekuo("plan p.toml --as-of 2026-06-30 --out out/plan").ends(0);
        // Whoever is killed takes the work along.
        child.kill().unwrap();
        child.wait().unwrap();
        run(&place).ends(0);
        assert_eq!(whole(&place.path("out/r"))["edition"], 2);
        nothing_is_left(&place);
    }

    #[test]
    fn a_run_whose_watcher_is_gone_does_not_begin() {
        let place = place();
        let before = tree(&place.path("out"));
        let mut command = place.command(&RUN.split(' ').collect::<Vec<_>>());
        // As one finds itself whose parent was killed before it could ask to be told of that.
        command.env("YEKUO_WATCHED", place.path("")).env("YEKUO_WATCHER", "1");
        assert_eq!(Outcome::new(command.output().unwrap()).ends(2).err, "");
        assert_eq!(tree(&place.path("out")), before);
    }

    #[test]
    fn a_step_that_fails_inside_is_said_and_leaves_nothing() {
        let place = place();
        let before = tree(&place.path("out"));
        let mut command = place.command(&RUN.split(' ').collect::<Vec<_>>());
        command.env("YEKUO_FAILPOINTS", "before_fsync=abort");
        let outcome = Outcome::new(command.output().unwrap()).ends(2);
        holds(
            &outcome.err,
            &["error: the system ended the run", "nothing was published, the report before it is whole"],
        );
        assert_eq!(tree(&place.path("out")), before);
        nothing_is_left(&place);
    }
}

/// A file system of its own and of little space.
#[cfg(target_os = "linux")]
mod full {
    use std::process::Command;

    use super::*;

    struct Mounted<'a>(&'a Path);

    impl Mounted<'_> {
        /// `None` where this user may not.
        fn at(path: &Path, mib: u32) -> Option<Mounted<'_>> {
            fs::create_dir_all(path).unwrap();
            let size = format!("size={mib}m");
            let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "none"]).arg(path).output();
            let is_mounted = mounted.is_ok_and(|mounted| mounted.status.success());
            if !is_mounted {
                eprintln!("skipped: no file system of a size of its own can be mounted here");
            }
            is_mounted.then_some(Mounted(path))
        }

        /// Leaves so much free.
        fn leave(&self, kib: u64) {
            let ballast = self.0.join("ballast");
            let _ = fs::remove_file(&ballast);
            let found = rustix::fs::statvfs(self.0).unwrap();
            let filled = (found.f_bavail * found.f_frsize).saturating_sub(kib << 10);
            fs::write(&ballast, vec![0_u8; filled as usize]).unwrap();
        }
    }

    impl Drop for Mounted<'_> {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("-l").arg(self.0).status();
        }
    }

    #[test]
    fn a_full_disk_is_said_and_leaves_the_report_before_it_whole() {
        let place = Place::with_exports();
        let disk = place.path("out");
        let Some(mounted) = Mounted::at(&disk, 64) else { return };
        run(&place).ends(0);
        place.write("data/stages.csv", STAGES.replace("2026-03-20", "2026-03-21"));
        let before = tree(&place.path("out/r"));
        let mut refused = 0;
        for step in 0.. {
            mounted.leave(step * 128);
            let outcome = run(&place);
            if outcome.status == 0 {
                break;
            }
            holds(&outcome.ends(2).err, &["error: cannot write out/", "No space left on device"]);
            assert_eq!(tree(&place.path("out/r")), before, "with {step} × 128 KiB");
            for building in ["out/.yekuo-building", "out/lake/.yekuo-building"] {
                assert!(!place.path(building).exists(), "{building}, with {step} × 128 KiB");
            }
            refused += 1;
        }
        assert!(refused > 6, "{refused} refused");
        assert_eq!(whole(&place.path("out/r"))["edition"], 2);
        assert_eq!(tree(&place.path("out/editions/r/1")), before);
    }

    #[test]
    fn a_full_disk_leaves_no_half_of_a_sample_or_a_new_folder() {
        let place = Place::with_exports();
        let disk = place.path("small");
        let Some(mounted) = Mounted::at(&disk, 64) else { return };
        for typed in ["init small/new --lang en", "sample small/new --applications 300 --layout canonical --lang en"] {
            let mut refused = 0;
            for step in 0.. {
                mounted.leave(step * 64);
                let outcome = Outcome::new(place.command(&typed.split(' ').collect::<Vec<_>>()).output().unwrap());
                if outcome.status == 0 {
                    break;
                }
                holds(&outcome.ends(2).err, &["No space left on device"]);
                assert_eq!(files(&disk).unwrap(), [Path::new("ballast")], "{typed} with {step} × 64 KiB");
                assert!(!disk.join("new").exists(), "{typed}");
                refused += 1;
            }
            assert!(refused > 3, "{refused} refused");
            fs::remove_dir_all(disk.join("new")).unwrap();
        }
        // The sample that stands stays whole, too.
        mounted.leave(8_000);
        let sample = |typed: &str| {
            let typed = format!("sample small/s --applications 60 --lang en {typed}");
            Outcome::new(place.command(&typed.split(' ').collect::<Vec<_>>()).output().unwrap())
        };
        sample("--layout canonical").ends(0);
        let before = tree(&disk.join("s"));
        mounted.leave(4);
        sample("--layout canonical --format parquet").ends(2);
        assert_eq!(tree(&disk.join("s")), before);
        mounted.leave(8_000);
        sample("--layout canonical --format parquet").ends(0);
        let files = files(&disk.join("s")).unwrap();
        assert!(files.iter().all(|file| file.extension().is_none_or(|kind| kind != "csv")), "{files:?}");
    }

    #[test]
    fn a_full_folder_for_temporary_files_is_said() {
        let place = Place::with_exports();
        let disk = place.path("tmp");
        let Some(mounted) = Mounted::at(&disk, 64) else { return };
        place.remove("data/stages.csv");
        let department = "营销部".repeat(80);
        let stages: String = (1..1000).map(|pass| format!("A1,survey,{pass},{department},2026-03-02,\n")).collect();
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("stages.csv", zip::write::SimpleFileOptions::default()).unwrap();
        let text = format!("application_id,stage,pass,department,started_at,finished_at\n{stages}");
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
        place.write("data/stages.zip", zip.finish().unwrap().into_inner());
        for (free_kib, status) in [(0, 2), (64, 2), (500, 2), (8_000, 0)] {
            mounted.leave(free_kib);
            let outcome =
                Outcome::new(place.command(&RUN.split(' ').collect::<Vec<_>>()).env("TMPDIR", &disk).output().unwrap());
            if status == 2 {
                holds(&outcome.err, &["No space left on device", "tmp"]);
                assert!(!place.path("out/r").exists());
            }
            outcome.ends(status);
            assert_eq!(files(&disk).unwrap(), [Path::new("ballast")], "with {free_kib} KiB");
        }
    }
}
