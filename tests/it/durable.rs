//! What is published is on the disk before it has its name: what a run asks of the system, in its order, as strace tells it.

#![cfg(target_os = "linux")]

use std::process::Command;

use yekuo::disk::files;

use crate::place::Place;

/// What a run syncs and renames, in order; `None` where no program can be looked at here.
fn calls(place: &Place, arguments: &[&str]) -> Option<Vec<String>> {
    let mut command = Command::new("strace");
    command.args(["-f", "-y", "-qq", "-s", "4096", "-e", "trace=fsync,fdatasync,rename,renameat,renameat2"]);
    command.args(["-o", "calls.txt", env!("CARGO_BIN_EXE_yekuo")]).args(arguments);
    command.current_dir(place.path("")).env("YEKUO_ALONE", "1");
    let Ok(ended) = command.output() else {
        eprintln!("skipped: strace is not installed");
        return None;
    };
    let said = String::from_utf8_lossy(&ended.stderr);
    if said.contains("ptrace") {
        eprintln!("skipped: no program can be traced here: {said}");
        return None;
    }
    assert!(ended.status.success(), "{said}");
    Some(place.text("calls.txt").lines().filter(|line| line.ends_with("= 0")).map(str::to_owned).collect())
}

#[test]
fn every_file_is_on_the_disk_before_it_has_its_name() {
    let place = Place::with_exports();
    let arguments = ["run", "--data", "data", "--as-of", "2026-04-30", "--allow-stale", "--out", "out/r"];
    for stands in [false, true] {
        if stands {
            let stages = place.text("data/stages.csv");
            place.write("data/stages.csv", stages.replacen("2026-03-20", "2026-03-21", 1));
        }
        let Some(calls) = calls(&place, &arguments) else { return };
        let synced = |from: usize, path: &str| {
            calls[from..].iter().position(|call| call.contains("sync(") && call.contains(path)).map(|at| from + at)
        };
        for (published, parent, built) in [
            ("out/r", "/out>", ".yekuo-building/r/report"),
            ("out/lake/r", "/out/lake>", "lake/.yekuo-building/r/lake"),
        ] {
            let named = calls
                .iter()
                .position(|call| call.contains("rename") && call.contains(&format!("\"{published}\"")))
                .unwrap_or_else(|| panic!("nothing is renamed to {published}: {calls:#?}"));
            let all = files(&place.path(published)).unwrap();
            assert!(all.len() > 10, "{published}: {all:?}");
            for file in all {
                let path = format!("{built}/{}>", file.display());
                let at = synced(0, &path).unwrap_or_else(|| panic!("{path} is not brought to the disk"));
                assert!(at < named, "{path} has its name before it is on the disk");
            }
            assert!(synced(0, &format!("{built}>")).is_some_and(|at| at < named), "{built}: the names in it");
            assert!(synced(named, parent).is_some(), "{published}: its own name");
        }
        let named = calls.iter().position(|call| call.contains("rename") && call.contains("editions/r/published/"));
        let named = named.expect("nothing is published under a name of its own");
        let latest = calls.iter().position(|call| call.contains("rename") && call.contains("editions/r/latest"));
        let at = synced(named, "editions/r/published>").expect("the name of the publication");
        assert!(at < latest.expect("nothing is the latest"), "`latest` names what is not on the disk");
    }
}
