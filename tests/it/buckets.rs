//! Applications are worked on bucket by bucket: how many there are moves nothing, and what is finished is not done again.

use std::collections::BTreeMap;

use crate::place::Place;

const RUN: &str = "--lang en run --allow-stale --as-of 2026-06-30";

/// The files of a run in groups of so many applications, by so many threads, from so many buckets at most.
fn made(place: &Place, what: &str, [grain, threads, buckets]: [&str; 3]) -> BTreeMap<String, Vec<u8>> {
    let out = format!("b{buckets}/r");
    let arguments: Vec<&str> = RUN.split(' ').chain(what.split(' ')).chain(["--out", &out]).collect();
    let mut command = place.command(&arguments);
    command.envs([("YEKUO_GRAIN", grain), ("YEKUO_THREADS", threads), ("YEKUO_BUCKETS", buckets)]);
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let lake = place.files(&format!("b{buckets}/lake/r")).into_iter();
    place.files(&out).into_iter().chain(lake.map(|(name, bytes)| (format!("lake/{name}"), bytes))).collect()
}

/// Every file is the same, the tables of the lake too.
fn the_same_in_any(place: &Place, what: &str) {
    let one = made(place, what, ["5", "1", "1"]);
    for (threads, buckets) in [("3", "7"), ("2", "64")] {
        let other = made(place, what, ["5", threads, buckets]);
        assert!(one.keys().eq(other.keys()), "{:?}\n{:?}", one.keys(), other.keys());
        let differ: Vec<&String> = one.keys().filter(|name| one[*name] != other[*name]).collect();
        assert!(differ.is_empty(), "{buckets} buckets: {differ:?}");
    }
}

#[test]
fn the_number_of_buckets_moves_nothing() {
    let place = Place::new();
    place.yekuo("sample data --applications 120 --months 14 --layout canonical").ends(0);
    place.pipelines();
    // Forecasts that are replayed are among them.
    the_same_in_any(&place, "--all-marts pipelines/monthly.toml");
}

#[test]
fn the_number_of_buckets_moves_nothing_of_awkward_exports() {
    let place = Place::new();
    place.awkward(7, &[]);
    place.pipelines();
    place.set(&["max_rejects = 1.0"]);
    the_same_in_any(&place, "pipelines/monthly.toml");
}

/// A log whose stages, starts, acceptances and ends are all taken from its own events.
#[test]
fn the_number_of_buckets_moves_nothing_of_a_log() {
    let mut seed: u64 = 5;
    let mut below = |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let place = Place::new();
    let mut applications = "application_id,bureau,voltage_kv,capacity_kva,accepted_at\n".to_owned();
    (0..60).for_each(|case| applications += &format!("C{case},x,10,630,2026-03-02\n"));
    place.write("data/applications.csv", applications);
    let mut rows =
        "application_id,stage,department,handler,started_at,finished_at,due_on,transition,instance\n".to_owned();
    for _ in 0..600 {
        let (case, stage, department, handler) = (below(60), below(9), below(3), below(5));
        let at = format!("2026-03-{:02} {:02}:00:00", 3 + below(20), 9 + below(3));
        let what = match below(6) {
            0 => format!(",{at},2026-03-24,,"),
            1 => format!("{at},,,start,{}", below(2)),
            2 => format!("{at},,,complete,{}", below(2)),
            3 => format!("{at},,,{},", ["schedule", "abort", "suspend"][below(3) as usize]),
            4 => ",,2026-07-24,,".to_owned(),
            _ => format!("{at},{at},,,"),
        };
        rows += &format!("C{case},stage {stage},desk {department},hand {handler},{what}\n");
    }
    place.write("data/stages.csv", rows);
    place.write("process.toml", "open = true\nstarts = \"previous\"\nbegins = \"first\"\nends = \"last\"\n");
    place.pipeline("max_rejects = 1.0\nstandards = \"none\"");
    the_same_in_any(&place, "p.toml");
    let events = &place.json("b64/r/run.json")["events"];
    for told in ["lifecycle", "begins", "ends", "ties"] {
        assert!(events[told].is_object(), "{told}: {events}");
    }
}

/// What a run says that it has done.
#[cfg(feature = "failpoints")]
fn applications(said: &str) -> u64 {
    let (before, _) = said.split_once(" applications through the clock").unwrap();
    before.rsplit([' ', ',']).next().unwrap().parse().unwrap()
}

/// Buckets that were judged before a run died are taken by the next one, in whatever order; those of another day are not.
#[cfg(feature = "failpoints")]
#[test]
fn a_run_that_dies_in_the_clock_is_gone_on_with_by_the_bucket() {
    use crate::place::Outcome;

    let place = Place::new();
    place.yekuo("sample data --applications 90 --months 12 --layout canonical").ends(0);
    let run = |out: &str, as_of: &str, failpoint: &str| {
        let arguments =
            ["--lang", "en", "-v", "run", "--allow-stale", "--data", "data", "--as-of", as_of, "--out", out];
        let mut command = place.command(&arguments);
        command.envs([("YEKUO_GRAIN", "20"), ("YEKUO_THREADS", "1"), ("YEKUO_ALONE", "1")]);
        Outcome::new(command.env("YEKUO_FAILPOINTS", failpoint).output().unwrap())
    };
    let may = applications(&run("new/may", "2026-05-31", "").ends(0).err);
    let all = applications(&run("new/r", "2026-06-30", "").ends(0).err);
    assert!(all > 60, "{all}");
    assert_eq!(run("kept/r", "2026-06-30", "mid_clock=abort").status, -1);
    let buckets = || {
        let found = std::fs::read_dir(place.path("kept/lake/.yekuo-store")).unwrap();
        found.filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("bucket-")).count()
    };
    assert_eq!(buckets(), 1);
    // Another day has other buckets.
    assert_eq!(applications(&run("kept/may", "2026-05-31", "").ends(0).err), may);
    assert_eq!(buckets(), 1);
    let gone_on = run("kept/r", "2026-06-30", "").ends(0);
    let judged = applications(&gone_on.err);
    assert!(judged > 0 && all - judged > 0 && all - judged <= 20, "{judged} of {all}");
    // All are together now.
    assert_eq!(buckets(), 0);
    for folder in ["r", "lake/r"] {
        let [kept, new] = ["kept", "new"].map(|run| place.files(&format!("{run}/{folder}")));
        assert!(
            kept == new,
            "{folder}: {:?}",
            kept.keys().filter(|name| kept[*name] != new[*name]).collect::<Vec<_>>()
        );
    }
}
