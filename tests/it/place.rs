//! A folder for each test, the built program run in it, and what it wrote read back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use polars::prelude::{AnyValue, DataFrame};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use yekuo::calendar::Day;
use yekuo::{assets, lake};

/// Applications A1 and A2, canonical.
pub const APPLICATIONS: &str = "\
application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at,energised_at
A1,城东机械厂,城东,10,5000,2026-03-02 09:00,2026-05-20
A2,南湖酒店,城西,0.4,80,2026-03-03,
";

/// Three stages of them, canonical.
pub const STAGES: &str = "\
application_id,stage,department,started_at,finished_at
A1,survey,营销部,2026-03-02,2026-03-06
A1,scheme,发展策划部,2026-03-06,2026-03-20
A2,survey,营销部,2026-03-03,
";

/// The project's own folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder that vanishes with the test; every path given to it is relative to it.
pub struct Place(TempDir);

impl Place {
    /// An empty folder.
    pub fn new() -> Place {
        Place(TempDir::new().unwrap())
    }

    /// A folder with `data/applications.csv` and `data/stages.csv`, and a pipeline that tolerates every reject.
    pub fn with_exports() -> Place {
        let place = Place::new();
        place.write("data/applications.csv", APPLICATIONS);
        place.write("data/stages.csv", STAGES);
        place.pipeline("max_rejects = 1.0");
        place
    }
}

/// Files.
impl Place {
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file and the folders that it stands in.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    /// A Parquet file.
    pub fn table(&self, name: &str) -> DataFrame {
        lake::read(&self.path(name)).unwrap()
    }

    /// All pages of a report, one after another, the first one first, without their fonts and scripts.
    pub fn pages(&self, folder: &str) -> String {
        let mut pages = self.files(folder);
        pages.retain(|name, _| name.ends_with(".html") && !name.contains('/'));
        let first = pages.remove("index.html").unwrap();
        let pages = [first].into_iter().chain(pages.into_values()).map(|page| String::from_utf8(page).unwrap());
        let page = pages.collect::<String>();
        without(&without(&page, "base64,", "\""), "<script", "</script>")
    }

    /// Every file below a folder with its bytes.
    pub fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let folder = self.path(folder);
        let named = |path: PathBuf| (path.to_str().unwrap().to_owned(), fs::read(folder.join(&path)).unwrap());
        yekuo::disk::files(&folder).unwrap().into_iter().map(named).collect()
    }
}

/// Configuration and data.
impl Place {
    /// Writes `p.toml`, the pipeline of [`Place::ingest`], with these further settings.
    pub fn pipeline(&self, settings: &str) {
        let title = "title = { zh = \"月报\", en = \"Monthly\" }";
        // What tests write by hand ends when it likes.
        let fresh = if settings.contains("fresh_wd") { "" } else { "fresh_wd = 9999\n" };
        self.write("p.toml", format!("name = \"p\"\n{title}\ndata = \"data\"\n{fresh}{settings}\n"));
    }

    /// Writes `map.toml` and a pipeline that uses it.
    pub fn mapping(&self, mapping: &str) {
        self.write("map.toml", mapping);
        self.pipeline("max_rejects = 1.0\nsource = \"map.toml\"");
    }

    /// The embedded pipelines as files in `pipelines/`.
    pub fn pipelines(&self) {
        for (path, content) in assets::starter() {
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

    /// Writes data that are full of awkward cases into `data`, always the same for a seed.
    pub fn awkward(&self, seed: u32, without: &[&str]) {
        let seed = seed.to_string();
        let mut arguments = vec!["data", "--seed", &seed, "--applications", "120"];
        arguments.extend(without.iter().flat_map(|table| ["--without", *table]));
        self.python("awkward.py", &arguments);
    }
}

/// Programs.
impl Place {
    /// The program in this folder, with nothing of our own surroundings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yekuo"));
        command.args(arguments).current_dir(&self.0).env_remove("YEKUO_LOG").env_remove("NO_COLOR");
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program with arguments that may hold spaces.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::new(self.command(arguments).output().unwrap())
    }

    /// Runs the program as it would be typed: `place.yekuo("run --data data")`.
    pub fn yekuo(&self, arguments: &str) -> Outcome {
        self.run(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    /// Runs a report into `out`, which must be published.
    pub fn report(&self, out: &str, arguments: &[&str]) {
        self.run(&[&["run", "--allow-stale", "--all-marts", "--out", out], arguments].concat()).ends(0);
    }

    /// Reads `data` into `lake` by `p.toml`; the messages are English.
    pub fn ingest(&self) -> Outcome {
        self.yekuo("ingest p.toml --lang en --json")
    }

    /// Runs a script of `tests/oracle`, which must find nothing to complain of.
    pub fn python(&self, script: &str, arguments: &[&str]) {
        let script = project().join("tests/oracle").join(script);
        assert!(can_import("duckdb"), "duckdb cannot be imported: run ./test once, it installs tests/requirements.txt");
        let output = python().current_dir(&self.0).arg(&script).args(arguments).output().unwrap();
        Outcome::new(output).ends(0);
    }
}

/// What [`Place::ingest`] left in `lake`.
impl Place {
    /// Reads `data`, which must be possible, and gives back what is wrong with a table: `(line, column, code)`.
    #[track_caller]
    pub fn faults(&self, table: &str) -> Vec<(u64, String, String)> {
        self.ingest().ends(0);
        self.rejects(table).into_iter().map(|reject| (reject.line, reject.column, reject.code)).collect()
    }

    pub fn rejects(&self, table: &str) -> Vec<Reject> {
        rejects(&self.path(&format!("lake/rejects/{table}.csv")))
    }

    /// The rows of a table, without their lines.
    pub fn rows(&self, table: &str) -> Vec<Vec<String>> {
        self.raw(table).iter().flat_map(|frame| shown(&frame.drop("source_line").unwrap())).collect()
    }

    pub fn column(&self, table: &str, name: &str) -> Vec<String> {
        self.raw(table).iter().flat_map(|frame| shown(&frame.select([name]).unwrap()).concat()).collect()
    }

    fn raw(&self, table: &str) -> Vec<DataFrame> {
        let files = lake::raw_files(&self.path("lake"), table).unwrap();
        files.iter().map(|file| lake::read(file).unwrap()).collect()
    }
}

/// What a run of a program left.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit status; -1 where a signal ended it.
    pub status: i32,
    /// What it answered.
    pub out: String,
    /// What it said.
    pub err: String,
}

impl Outcome {
    pub fn new(output: Output) -> Outcome {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Outcome { status: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The same outcome, which must have ended with this status.
    #[track_caller]
    pub fn ends(self, status: i32) -> Outcome {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// It ended with this status, and said each of these on stderr.
    #[track_caller]
    pub fn fails(self, status: i32, words: &[&str]) {
        holds(&self.ends(status).err, words);
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect(&self.out)
    }
}

/// Whether Python can import a package.
pub fn can_import(package: &str) -> bool {
    let import = format!("import {package}");
    python().args(["-c", &import]).output().is_ok_and(|output| output.status.success())
}

/// The Python that has the packages of `tests/requirements.txt`.
pub fn python() -> Command {
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

/// The rows of a table as text, nulls empty.
pub fn shown(table: &DataFrame) -> Vec<Vec<String>> {
    cells(table, "")
}

/// The rows of a table as lines, the cells between ` | `, null as `-`.
pub fn lines(table: &DataFrame) -> Vec<String> {
    cells(table, "-").iter().map(|row| row.join(" | ")).collect()
}

/// The rows of a table as text; numbers with at most 9 decimals.
fn cells(table: &DataFrame, null: &str) -> Vec<Vec<String>> {
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => null.to_owned(),
        AnyValue::Date(day) => Day(day).to_string(),
        AnyValue::Float64(number) => {
            let text = format!("{number:.9}");
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let row = |row| table.columns().iter().map(|column| cell(column.get(row).unwrap())).collect();
    (0..table.height()).map(row).collect()
}

/// A line of a reject file.
#[derive(Debug, PartialEq)]
pub struct Reject {
    pub file: String,
    pub sheet: String,
    pub line: u64,
    pub case: String,
    pub column: String,
    pub code: String,
    pub value: String,
    pub expected: String,
}

/// Reads a reject file, which must be one that spreadsheets read as UTF-8.
pub fn rejects(path: &Path) -> Vec<Reject> {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = text.strip_prefix('\u{feff}').expect("a reject file begins with a mark");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = [
        ["文件", "工作表", "行号", "工单", "列", "列名", "原因", "代码", "原值", "应为"],
        ["file", "sheet", "line", "case", "column", "name", "reason", "code", "value", "expected"],
    ];
    let heads: Vec<&str> = reader.headers().unwrap().iter().collect();
    assert!(headers.iter().any(|known| heads == known), "{heads:?}");
    let is_chinese = heads[0] == "文件";
    let reject = |row: csv::StringRecord| {
        let cell = |index: usize| row[index].to_owned();
        let has_chinese = |text: &str| text.contains(|c: char| c > '\u{4e00}');
        assert!(!row[6].is_empty() && has_chinese(&row[6]) == is_chinese, "the reason is in one language: {row:?}");
        assert_eq!(row[4].is_empty(), row[5].is_empty(), "{row:?}");
        let [file, sheet, case, column, code, value, expected] = [0, 1, 3, 5, 7, 8, 9].map(cell);
        Reject { file, sheet, line: row[2].parse().unwrap(), case, column, code, value, expected }
    };
    reader.records().map(|row| reject(row.unwrap())).collect()
}

/// Asserts that a text holds each of some others.
#[track_caller]
pub fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

/// The SHA-256 of some bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A text without what stands between some marks, each from the first to the next second one.
pub fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |text, part| text + from + &part[part.find(to).unwrap()..])
}
