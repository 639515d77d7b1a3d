//! The published report: its bytes, its manifest and pictures; the page and the workbook have files of their own.

mod declared;
mod page;
mod pages;
mod summary;
mod workbook;

use std::collections::BTreeMap;

use resvg::tiny_skia::Pixmap;
use serde_json::Value;

use crate::place::{Place, sha256};

/// The same exports with the same as-of day give the same bytes of every file: again over the report that is there,
/// from another folder into another one, in any time zone and language, on any number of threads, and whatever each of
/// them takes at a time: then only the row groups of the lake are others. In another order they give the same figures.
#[test]
fn the_same_exports_give_the_same_bytes() {
    let home = Place::new();
    home.yekuo("sample exports --seed 5 --layout canonical").ends(0);
    let exports = home.path("exports");
    home.report("report", &["--data", "exports", "--as-of", "2026-06-30"]);
    let (report, lake) = (home.files("report"), home.files("lake/report"));
    assert!(report.len() >= 24 && lake.len() >= 14, "{:?} {:?}", report.keys(), lake.keys());

    let away = Place::new();
    let whole = "1000000";
    for (place, out, zone, locale, threads, grain) in [
        (&home, "report", "Asia/Shanghai", "zh_CN.UTF-8", "1", whole),
        (&away, "a/report of June", "America/St_Johns", "C", "8", whole),
        (&away, "b", "UTC", "tr_TR.UTF-8", "64", whole),
        (&away, "c", "Pacific/Kiritimati", "C", "2", "41"),
        (&away, "d", "UTC", "en_US.UTF-8", "16", whole),
    ] {
        let ran = place
            .command(&[
                "run",
                "--fresh",
                "--all-marts",
                "--data",
                exports.to_str().unwrap(),
                "--as-of",
                "2026-06-30",
                "--out",
                out,
                "--lake",
                "lake/of it",
            ])
            .envs([("TZ", zone), ("LANG", locale), ("LC_ALL", locale)])
            .envs([("POLARS_MAX_THREADS", threads), ("YEKUO_THREADS", threads), ("YEKUO_GRAIN", grain)])
            .status()
            .unwrap();
        assert!(ran.success());
        for (before, after) in [(&report, place.files(out)), (&lake, place.files("lake/of it"))] {
            assert!(before.keys().eq(after.keys()), "{:?}", after.keys());
            // Files in other groups have other sizes, which the lake lists.
            let is_list = |name: &str| grain != whole && name == ".yekuo-files.json";
            let differ = before.iter().filter(|(name, bytes)| after.get(*name) != Some(bytes)).map(|(name, _)| name);
            let differ = differ.filter(|name| !is_list(name));
            let is_grouped = |name: &str| grain != whole && (name.starts_with("raw/") || name.starts_with("clean/"));
            let (grouped, differ): (Vec<&String>, Vec<&String>) = differ.partition(|name| is_grouped(name));
            for name in grouped {
                let [one, other] = [home.path("lake/report"), place.path("lake/of it")]
                    .map(|lake| yekuo::lake::read(&lake.join(name)).unwrap());
                assert!(one.equals_missing(&other), "{name}, {grain} at a time");
            }
            assert!(differ.is_empty(), "{zone}, {locale}, {threads} threads, {grain} at a time: {differ:?}");
        }
    }

    for name in home.files("exports").keys().filter(|name| name.ends_with(".csv")) {
        let text = home.text(&format!("exports/{name}"));
        let (header, rows) = text.split_once('\n').unwrap();
        let turned: Vec<&str> = [header].into_iter().chain(rows.lines().rev()).collect();
        away.write(&format!("turned/{name}"), turned.join("\n") + "\n");
    }
    away.report("e", &["--data", "turned", "--as-of", "2026-06-30"]);
    let figures = |files: BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        files.into_iter().filter(|(name, _)| name.starts_with("marts/") || name.starts_with("charts/")).collect()
    };
    let (before, after) = (figures(report), figures(away.files("e")));
    assert!(before.len() > 60 && before.keys().eq(after.keys()), "{:?}", before.keys());
    let differ: Vec<&String> = before.keys().filter(|name| before[*name] != after[*name]).collect();
    assert!(differ.is_empty(), "from the last row to the first: {differ:?}");
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap()
}

fn sum(of: &[Value], name: &str) -> u64 {
    of.iter().map(|entry| entry[name].as_u64().unwrap()).sum()
}

#[test]
fn run_json_accounts_for_every_file_and_row() {
    let place = Place::new();
    place.awkward(21, &[]);
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    let manifest = place.json("report/run.json");

    let artefacts = list(&manifest, "artefacts");
    for artefact in artefacts {
        let path = artefact["path"].as_str().unwrap();
        let bytes = place.bytes(&format!("report/{path}"));
        assert_eq!(artefact["sha256"].as_str().unwrap(), sha256(&bytes), "{path}");
        assert_eq!(artefact["bytes"].as_u64().unwrap(), bytes.len() as u64, "{path}");
    }
    let mut named: Vec<&str> = artefacts.iter().map(|artefact| artefact["path"].as_str().unwrap()).collect();
    named.push("run.json");
    named.sort_unstable();
    let files = place.files("report");
    assert!(files.keys().eq(&named), "{named:?}");

    let inputs = list(&manifest, "inputs");
    assert_eq!(inputs.len(), 5);
    for input in inputs {
        let file = input["file"].as_str().unwrap();
        let bytes = place.bytes(&format!("data/{file}"));
        assert_eq!(input["sha256"].as_str().unwrap(), sha256(&bytes), "{file}");
        let count = |name: &str| input[name].as_u64().unwrap();
        let records = csv::Reader::from_reader(bytes.as_slice()).records().count() as u64;
        assert_eq!(count("read"), records, "{file}");
        assert_eq!(count("read"), count("accepted") + count("rejected") + count("duplicate"), "{file}");
        let listed = place.bytes(&format!("report/rejects/{}.csv", input["table"].as_str().unwrap()));
        assert!(csv::Reader::from_reader(listed.as_slice()).records().count() as u64 >= count("rejected"), "{file}");
    }
    assert!(sum(inputs, "rejected") > 0 && sum(inputs, "duplicate") > 0);
    assert_eq!(sum(list(&manifest, "rejects"), "rows"), sum(inputs, "rejected"));
    for mart in list(&manifest, "marts") {
        let name = mart["name"].as_str().unwrap();
        let table = place.table(&format!("report/marts/{name}.parquet"));
        assert_eq!(mart["rows"].as_u64().unwrap(), table.height() as u64, "{name}");
    }
}

/// A report can be passed on: nothing in it shows where, when or by whom it was made.
#[test]
fn no_file_tells_of_the_machine_or_the_clock() {
    let place = Place::new();
    place.awkward(22, &["faults"]);
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    let folder = place.path("").display().to_string();
    let home = std::env::var("HOME").unwrap_or_default();
    for (name, bytes) in place.files("report").into_iter().chain(place.files("lake")) {
        let text = String::from_utf8_lossy(&bytes);
        for private in [folder.trim_end_matches('/'), home.trim_end_matches('/')] {
            let private = format!("{private}/");
            assert!(private.len() < 3 || !text.contains(&private), "{name} tells of {private}");
        }
    }
    let manifest = place.text("report/run.json");
    assert!(!manifest.contains("\": \"/"), "an absolute path");
    let clock = |window: &[u8]| window[2] == b':' && [0, 1, 3, 4].iter().all(|at| window[*at].is_ascii_digit());
    assert!(!manifest.as_bytes().windows(5).any(clock), "a time of day");
    let user = std::env::var("USER").unwrap_or_default();
    assert!(user.is_empty() || !manifest.contains(&format!("\"{user}\"")), "a user");
}

#[test]
fn pictures_can_be_decoded_and_carry_no_date() {
    let place = Place::new();
    place.awkward(23, &["callbacks"]);
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    let charts = place.files("report/charts");
    let pictures: Vec<_> = charts.iter().filter(|(name, _)| name.ends_with(".png")).collect();
    assert_eq!(pictures.len(), 12);
    for (name, bytes) in pictures {
        let picture = Pixmap::decode_png(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            picture.width() == 2000 && picture.height() > 200,
            "{name}: {} × {}",
            picture.width(),
            picture.height()
        );
        assert!(picture.pixels().iter().any(|pixel| pixel.red() < 100), "{name} is blank");
        for chunk in [b"tIME", b"tEXt", b"zTXt", b"iTXt"] {
            assert!(!bytes.windows(4).any(|window| window == chunk), "{name}: {}", String::from_utf8_lossy(chunk));
        }
        assert!(charts.contains_key(&name.replace(".png", ".svg")), "{name}");
    }
}
