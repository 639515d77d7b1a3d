//! The laws of the house: which room may use which, and that no files go round in a circle.
//!
//! The rooms and what each may use stand in the table of ARCHITECTURE.md; here the paths in the code are held against
//! it, those of the other members of the workspace too. Tests at the end of a file may use anything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::slice;

use crate::place::project;

/// A module by its path: `["report", "charts"]`, or below the name of another member of the workspace.
type Module = Vec<String>;

/// The modules that have a file, and what each file says, without comments and tests.
struct House {
    code: BTreeMap<Module, String>,
    /// The other members of the workspace, as code names them: `yekuo_sample`.
    members: Vec<String>,
}

impl House {
    /// Reads the sources, but for the `lib.rs` and `main.rs` that join the rooms.
    fn read() -> House {
        let mut code = BTreeMap::new();
        gather(&project().join("src"), &mut Vec::new(), &mut code);
        let mut members = Vec::new();
        for member in fs::read_dir(project().join("crates")).unwrap() {
            let folder = member.unwrap().path();
            let name = format!("yekuo_{}", folder.file_name().unwrap().to_str().unwrap());
            gather(&folder.join("src"), &mut vec![name.clone()], &mut code);
            members.push(name);
        }
        House { code, members }
    }

    /// The nearest module with a file at or above a path; `crate::calendar` is the member `yekuo_calendar`.
    fn holds(&self, path: &[String]) -> Option<Module> {
        let above = |path: &[String]| {
            let mut lengths = (1..=path.len()).rev();
            lengths.find_map(|length| self.code.get_key_value(&path[..length])).map(|(module, _)| module.clone())
        };
        above(path).or_else(|| {
            let (first, rest) = path.split_first()?;
            above(&[&[format!("yekuo_{first}")], rest].concat())
        })
    }

    /// The other modules that a module uses, by `use` or by a path in its code.
    fn used_by(&self, module: &Module) -> BTreeSet<Module> {
        let code = &self.code[module];
        let mut paths = Vec::new();
        for root in ["crate", "super", "self"] {
            for after in occurrences(code, root) {
                let mut tree = Vec::new();
                expand(&mut after.chars().peekable(), &[], &mut tree);
                paths.extend(tree.into_iter().map(|rest| self.absolute(module, root, rest)));
            }
        }
        for member in &self.members {
            for after in occurrences(code, member) {
                expand(&mut after.chars().peekable(), slice::from_ref(member), &mut paths);
            }
        }
        // A module that was imported by its name is the root of further paths.
        let imported: Vec<Module> = paths.iter().filter(|path| self.code.contains_key(*path)).cloned().collect();
        for base in imported {
            let Some(name) = base.last() else { continue };
            for after in occurrences(code, name) {
                expand(&mut after.chars().peekable(), &base, &mut paths);
            }
        }
        let mut used: BTreeSet<Module> = paths.iter().filter_map(|path| self.holds(path)).collect();
        used.remove(module);
        used
    }

    /// A path from the root of the house; `super` may be followed by others.
    fn absolute(&self, module: &Module, root: &str, rest: Vec<String>) -> Module {
        let up = usize::from(root == "super") + rest.iter().take_while(|name| *name == "super").count();
        let kept = match root {
            "crate" => usize::from(self.members.contains(&module[0])),
            _ => module.len().saturating_sub(up),
        };
        module[..kept].iter().cloned().chain(rest.into_iter().filter(|name| name != "super")).collect()
    }

    /// Files that reach one another, a module and its own submodules counting as one.
    fn circles(&self) -> Vec<Vec<String>> {
        let kin = |one: &Module, other: &Module| one.starts_with(other) || other.starts_with(one);
        let mut reach: BTreeMap<&Module, BTreeSet<Module>> = BTreeMap::new();
        for module in self.code.keys() {
            let used = self.used_by(module).into_iter().filter(|other| !kin(module, other));
            reach.insert(module, used.collect());
        }
        loop {
            let further: BTreeMap<&Module, BTreeSet<Module>> = reach
                .iter()
                .map(|(module, used)| (*module, used.iter().flat_map(|other| &reach[other]).cloned().collect()))
                .collect();
            let before: usize = reach.values().map(BTreeSet::len).sum();
            for (module, more) in further {
                reach.entry(module).or_default().extend(more);
            }
            if reach.values().map(BTreeSet::len).sum::<usize>() == before {
                break;
            }
        }
        let mut circles: BTreeSet<Vec<String>> = BTreeSet::new();
        for (module, reached) in &reach {
            if reached.contains(*module) {
                let round = reached.iter().filter(|other| reach[other].contains(*module));
                circles.insert(round.map(|module| module.join("/")).collect());
            }
        }
        circles.into_iter().collect()
    }
}

/// Reads the modules of a folder and of those below it.
fn gather(folder: &Path, path: &mut Module, code: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        match stem.as_str() {
            "tests" => continue,
            "lib" | "main" if path.is_empty() => continue,
            "lib" => _ = code.insert(path.clone(), without_tests(&file)),
            _ => {
                path.push(stem);
                if file.is_dir() {
                    gather(&file, path, code);
                } else {
                    code.insert(path.clone(), without_tests(&file));
                }
                path.pop();
            }
        }
    }
}

fn without_tests(file: &Path) -> String {
    code(&fs::read_to_string(file).unwrap())
}

/// The code of a file, without its comments and the tests at its end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// What follows each `root::` that begins a path.
fn occurrences<'a>(code: &'a str, root: &str) -> impl Iterator<Item = &'a str> {
    let start = format!("{root}::");
    let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
    let length = start.len();
    let found: Vec<usize> = code.match_indices(&start).map(|(at, _)| at).filter(|at| begins(*at)).collect();
    found.into_iter().map(move |at| &code[at + length..])
}

/// The paths of a tree such as `a::{b, c::d}`, each below `base`.
fn expand(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, base: &[String], paths: &mut Vec<Module>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
    if rest.next_if_eq(&'{').is_some() {
        loop {
            expand(rest, base, paths);
            // Past `as name`, to the comma or the end.
            while rest.next_if(|c| !",}".contains(*c)).is_some() {}
            if rest.next() != Some(',') {
                return;
            }
        }
    }
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
        name.push(c);
    }
    let mut path = base.to_vec();
    if !name.is_empty() && name != "self" {
        path.push(name);
    }
    if rest.next_if_eq(&':').is_some() && rest.next_if_eq(&':').is_some() {
        expand(rest, &path, paths);
    } else {
        paths.push(path);
    }
}

/// A room of the table: the files that it owns, and the rooms that it may use.
struct Room {
    name: String,
    files: Vec<String>,
    uses: BTreeSet<String>,
}

/// The rooms of ARCHITECTURE.md. The first cell names a room, and its files where they are not named like it.
fn rooms() -> Vec<Room> {
    let text = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let table = text.split_once("| room | owns | uses |").expect("ARCHITECTURE.md has a table of rooms").1;
    let names = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let room = |line: &str| {
        let cells: Vec<&str> = line.split('|').collect();
        let mut first = names(cells[1]);
        let name = first[0].clone();
        let files = if first.len() > 1 { first.split_off(1) } else { first };
        Room { name, files, uses: names(cells[cells.len() - 2]).into_iter().collect() }
    };
    rows.map(room).collect()
}

/// The room of a module: the one that owns the longest part of its path.
fn room<'a>(rooms: &'a [Room], module: &Module) -> &'a Room {
    let path = module.join("/") + "/";
    let owned =
        |room: &Room| room.files.iter().filter(|file| path.starts_with(&format!("{file}/"))).map(String::len).max();
    let owners = rooms.iter().filter_map(|room| owned(room).map(|length| (length, room)));
    owners.max_by_key(|(length, _)| *length).unwrap_or_else(|| panic!("no room of ARCHITECTURE.md owns {path}")).1
}

#[test]
fn arrows_point_where_architecture_allows() {
    let (rooms, house) = (rooms(), House::read());
    let mut broken = Vec::new();
    for module in house.code.keys() {
        let from = room(&rooms, module);
        for used in house.used_by(module) {
            let to = room(&rooms, &used);
            if from.name != to.name && !from.uses.contains(&to.name) {
                broken.push(format!("{} → {}: {} uses {}", from.name, to.name, module.join("/"), used.join("/")));
            }
        }
    }
    assert!(broken.is_empty(), "arrows that ARCHITECTURE.md does not allow:\n{}", broken.join("\n"));
}

#[test]
fn rooms_and_what_they_use_exist() {
    let (rooms, house) = (rooms(), House::read());
    let names: BTreeSet<&String> = rooms.iter().map(|room| &room.name).collect();
    for room in &rooms {
        for file in &room.files {
            let module: Module = file.split('/').map(str::to_owned).collect();
            assert!(house.code.contains_key(&module), "{}: there is no {file}", room.name);
        }
        for used in &room.uses {
            assert!(names.contains(used), "{} uses {used}, which is no room", room.name);
        }
    }
}

/// The rooms themselves go round in no circle, whatever the table allows.
#[test]
fn rooms_stand_on_one_another() {
    let mut left = rooms();
    while !left.is_empty() {
        let names: BTreeSet<String> = left.iter().map(|room| room.name.clone()).collect();
        let before = left.len();
        left.retain(|room| room.uses.iter().any(|used| names.contains(used)));
        assert!(left.len() < before, "these rooms use one another in circles: {names:?}");
    }
}

#[test]
fn no_files_go_round_in_a_circle() {
    assert_eq!(House::read().circles(), Vec::<Vec<String>>::new());
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let text = "use crate::a::{self, b::C, d as e};\nlet x = super::super::f(super::g::H); // crate::no\nb::i::j();\n\
                use crate::b;\nuse yekuo_own::{C, a::D};\n#[cfg(test)]\nmod tests { use crate::k; }";
    let names = ["a", "a/d", "b", "b/i", "f", "k", "m/f", "m/n", "yekuo_own", "yekuo_own/a"];
    let split = |path: &str| -> Module { path.split('/').map(str::to_owned).collect() };
    let mut all: BTreeMap<Module, String> = names.iter().map(|name| (split(name), String::new())).collect();
    for here in ["m/n/o", "yekuo_own/n/o"] {
        all.insert(split(here), code(text));
    }
    let house = House { code: all, members: vec!["yekuo_own".to_owned()] };
    let used = |here: &str| -> Vec<String> { house.used_by(&split(here)).iter().map(|m| m.join("/")).collect() };
    assert_eq!(used("m/n/o"), ["a", "a/d", "b", "b/i", "m/f", "m/n", "yekuo_own", "yekuo_own/a"]);
    assert_eq!(used("yekuo_own/n/o"), ["yekuo_own", "yekuo_own/a"]);
}
