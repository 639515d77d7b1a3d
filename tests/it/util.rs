//! A folder for one test, and the built binary run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use polars::prelude::{AnyValue, DataFrame};
use serde_json::Value;
use tempfile::TempDir;

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

/// A folder that vanishes with the test.
pub struct Case {
    folder: TempDir,
}

/// What a run of the program left.
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
    /// The same outcome, which must have ended so.
    #[track_caller]
    pub fn ends(self, status: i32) -> Outcome {
        assert_eq!(self.status, status, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).expect(&self.out)
    }
}

impl Case {
    /// An empty folder.
    pub fn empty() -> Case {
        Case { folder: tempfile::tempdir().unwrap() }
    }

    /// A folder with `data/applications.csv` and `data/stages.csv`, and a pipeline that tolerates every reject.
    pub fn new() -> Case {
        let case = Case::empty();
        case.write("data/applications.csv", APPLICATIONS);
        case.write("data/stages.csv", STAGES);
        case.pipeline("max_rejects = 1.0");
        case
    }

    /// Writes `p.toml`, the pipeline of [`Case::ingest`], with these further settings.
    pub fn pipeline(&self, settings: &str) {
        let title = "title = { zh = \"月报\", en = \"Monthly\" }";
        self.write("p.toml", format!("name = \"p\"\n{title}\ndata = \"data\"\n{settings}\n"));
    }

    /// Writes `map.toml` and a pipeline that uses it.
    pub fn mapping(&self, mapping: &str) {
        self.write("map.toml", mapping);
        self.pipeline("max_rejects = 1.0\nsource = \"map.toml\"");
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The program in this folder, with nothing of our own surroundings.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yekuo"));
        command.args(arguments).current_dir(&self.folder).env_remove("YEKUO_LOG").env_remove("NO_COLOR");
        command.stdin(Stdio::null());
        command
    }

    /// Runs the program: `case.yekuo("run --data data")`.
    pub fn yekuo(&self, arguments: &str) -> Outcome {
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        let output = self.command(&arguments).output().unwrap();
        Outcome {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Reads `data` into `lake` by `p.toml`; the messages are English.
    pub fn ingest(&self) -> Outcome {
        self.yekuo("ingest p.toml --lang en --json")
    }

    /// Reads `data`, which must be possible, and gives back what is wrong with a table: `(line, column, code)`.
    #[track_caller]
    pub fn faults(&self, table: &str) -> Vec<(u64, String, String)> {
        self.ingest().ends(0);
        self.rejects(table).into_iter().map(|r| (r.line, r.column, r.code)).collect()
    }

    /// The rejects of a table in `lake`.
    pub fn rejects(&self, table: &str) -> Vec<Reject> {
        rejects(&self.path(format!("lake/rejects/{table}.csv")))
    }

    /// The rows of a table in `lake`, without their lines.
    pub fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let files = yekuo::lake::raw_files(&self.path("lake"), table).unwrap();
        files.iter().flat_map(|file| shown(&yekuo::lake::read(file).unwrap().drop("source_line").unwrap())).collect()
    }

    /// One column of a table in `lake`.
    pub fn column(&self, table: &str, name: &str) -> Vec<String> {
        let files = yekuo::lake::raw_files(&self.path("lake"), table).unwrap();
        let frames = files.iter().map(|file| yekuo::lake::read(file).unwrap().select([name]).unwrap());
        frames.flat_map(|frame| shown(&frame)).map(|mut row| row.remove(0)).collect()
    }
}

/// The rows of a table as text, nulls empty.
pub fn shown(frame: &DataFrame) -> Vec<Vec<String>> {
    let cell = |value: AnyValue<'_>| match value {
        AnyValue::Null => String::new(),
        other => other.get_str().map_or_else(|| other.to_string(), str::to_owned),
    };
    let row = |row| frame.columns().iter().map(|column| cell(column.get(row).unwrap())).collect();
    (0..frame.height()).map(row).collect()
}

/// A line of a reject file.
#[derive(Debug, PartialEq)]
pub struct Reject {
    pub file: String,
    pub sheet: String,
    pub line: u64,
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
    assert_eq!(reader.headers().unwrap(), &["file", "sheet", "line", "column", "code", "value", "expected"][..]);
    let reject = |row: csv::StringRecord| {
        let cell = |index: usize| row[index].to_owned();
        let [file, sheet, column, code, value, expected] = [0, 1, 3, 4, 5, 6].map(cell);
        Reject { file, sheet, line: row[2].parse().unwrap(), column, code, value, expected }
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
