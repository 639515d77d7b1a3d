//! A folder for each test, the built program run in it, and what it wrote read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use polars::prelude::{AnyValue, DataFrame};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use yekuo::calendar::Day;
use yekuo::{config, lake};

/// The project's own folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder that vanishes with the test; every path given to it is relative to it.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Place {
        Place(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and the folders that it stands in.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// A Parquet file.
    pub fn table(&self, name: &str) -> DataFrame {
        lake::read(&self.path(name)).unwrap()
    }

    /// The program, to be run here.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yekuo"));
        command.current_dir(self.0.path()).args(arguments).env_remove("YEKUO_LOG").env("NO_COLOR", "1");
        command
    }

    /// Runs the program here.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::new(self.command(arguments).output().unwrap())
    }

    /// Runs a report of `data` into `out`, which must be published.
    pub fn report(&self, out: &str, arguments: &[&str]) {
        self.run(&[&["run", "--out", out], arguments].concat()).succeeds();
    }

    /// Writes data that are full of awkward cases into `data`, always the same for a seed.
    pub fn awkward(&self, seed: u32, without: &[&str]) {
        let seed = seed.to_string();
        let mut arguments = vec!["data", "--seed", &seed, "--applications", "120"];
        arguments.extend(without.iter().flat_map(|table| ["--without", *table]));
        self.python("awkward.py", &arguments);
    }

    /// Runs a script of `tests/oracle` here, which must find nothing to complain of.
    pub fn python(&self, script: &str, arguments: &[&str]) {
        let script = project().join("tests/oracle").join(script);
        let mut command = python();
        command.current_dir(self.0.path()).arg(&script).args(arguments);
        let ran = Ran::new(command.output().unwrap());
        assert!(ran.status == 0, "{}:\n{}{}", script.display(), ran.stdout, ran.stderr);
    }

    /// The embedded pipelines as files in `pipelines/`.
    pub fn pipelines(&self) {
        for (path, content) in config::starter() {
            self.write(path.to_str().unwrap(), content);
        }
    }

    /// Changes one line of `pipelines/monthly.toml` each: `key = …`.
    pub fn set(&self, settings: &[&str]) {
        let mut text = self.text("pipelines/monthly.toml");
        for setting in settings {
            let key = setting.split(" = ").next().unwrap();
            let old =
                text.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap_or_else(|| panic!("no {key}"));
            text = text.replace(old, setting);
        }
        self.write("pipelines/monthly.toml", text);
    }

    /// Every file below a folder with its bytes.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path(folder);
        let named = |path: PathBuf| (path.to_str().unwrap().to_owned(), fs::read(folder.join(&path)).unwrap());
        yekuo::pipeline::publish::files(&folder).unwrap().into_iter().map(named).collect()
    }
}

/// Whether Python can import a module that not every test needs.
pub fn python_has(module: &str) -> bool {
    python().args(["-c", &format!("import {module}")]).output().is_ok_and(|output| output.status.success())
}

/// The Python that has the packages of `tests/requirements.txt`.
fn python() -> Command {
    assert!(can_import("duckdb"), "duckdb cannot be imported: run ./test once, it installs tests/requirements.txt");
    interpreter()
}

fn interpreter() -> Command {
    let own = project().join(".venv/bin/python");
    let program = match std::env::var_os("YEKUO_PYTHON") {
        Some(program) => PathBuf::from(program),
        None if own.exists() => own,
        None => PathBuf::from("python3"),
    };
    let mut command = Command::new(&program);
    command.env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUTF8", "1");
    command
}

/// Whether Python has a package.
pub fn can_import(package: &str) -> bool {
    let import = format!("import {package}");
    interpreter().args(["-c", &import]).output().is_ok_and(|output| output.status.success())
}

/// What a run said.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    fn new(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    pub fn succeeds(self) -> Ran {
        assert_eq!(self.status, 0, "{}", self.stderr);
        self
    }

    /// It ended with this status, and said each of these on stderr.
    pub fn fails(self, status: i32, words: &[&str]) {
        assert_eq!(self.status, status, "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "no `{word}` in:\n{}", self.stderr);
        }
    }
}

/// The SHA-256 of some bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A table as text, a line a row, the cells between ` | `; numbers with at most 9 decimals, null as `-`.
pub fn lines(table: &DataFrame) -> Vec<String> {
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => "-".to_owned(),
        AnyValue::Date(day) => Day(day).to_string(),
        AnyValue::Float64(number) => {
            let text = format!("{number:.9}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        AnyValue::String(text) => text.to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        other => other.to_string(),
    };
    let row = |row: usize| {
        let cells: Vec<String> = table.columns().iter().map(|column| cell(column.get(row).unwrap())).collect();
        cells.join(" | ")
    };
    (0..table.height()).map(row).collect()
}
