//! Every example is worked: its rows of clean tables go through the engine, and what comes of them must be what the file
//! says, to the bit. `BLESS=1` writes what was found into the files instead.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use polars::prelude::{AnyValue, DataFrame};
use toml::Value;
use yekuo::calendar::Day;
use yekuo::cases::LogRules;
use yekuo::clean;
use yekuo::clean::params::{self, Parameters};
use yekuo::config::Config;
use yekuo::contract::Given;
use yekuo::lake::{self, Layout};
use yekuo::marts::Mart;
use yekuo::marts::engine::Engine;
use yekuo::marts::example::{ExampleFile, Row, frame};
use yekuo::table::Declared;

use super::cases::shipped;
use crate::place::{Place, holds, project};

/// What begins the part of a file that the engine writes.
const MARK: &str = "# Found by the engine; BLESS=1 writes it anew.\n[found]\n";

/// Clean lakes for examples, and the parameters of a monthly report as of 30 June 2026 with every input table given.
struct Bench {
    place: Place,
    params: Row,
}

impl Bench {
    fn new() -> Bench {
        let place = Place::new();
        let config = Config::load(None).unwrap();
        let day = |text: &str| text.parse::<Day>().unwrap();
        let given = Given::default();
        let parameters = Parameters {
            as_of: day("2026-06-30"),
            period_from: day("2026-06-01"),
            remind_wd: config.pipeline.remind_wd,
            open_claim_wd: 20,
            idle_wd: 3,
            announce_days: 7,
            warn_wd: 3,
            warn_elapsed_milli: 800,
            warn_p_on_time: 0.5,
            min_cases: 10,
            some_bureaus: false,
            min_arm: 10,
            min_at_risk: 5,
            given: &given,
            scorecard: &config.scorecard,
            process: &config.process,
            ends: None,
            log: LogRules::default(),
        };
        params::write(&place.path(""), &parameters).unwrap();
        let mut params = row(&place.table("params.parquet"), 0);
        for (_, value) in params.iter_mut().filter(|(name, _)| name.starts_with("has_")) {
            *value = Value::Boolean(true);
        }
        Bench { place, params }
    }

    /// An engine over the rows of an example.
    fn engine(&self, name: &str, file: &ExampleFile) -> Engine {
        let folder = self.place.path(&format!("given/{name}"));
        fs::create_dir_all(&folder).unwrap();
        for table in clean::TABLES {
            let mut rows = file.given.get(table.name).cloned().unwrap_or_default();
            if table.name == params::Params::TABLE.name {
                let own = rows.pop().unwrap_or_default();
                rows = vec![self.params.clone().into_iter().chain(own).collect()];
            }
            let columns: Vec<(&str, Layout)> =
                table.columns.iter().map(|column| (column.name, column.layout)).collect();
            let mut rows = frame(&columns, &rows).unwrap_or_else(|error| panic!("{name}: {}: {error:?}", table.name));
            lake::write(&folder.join(format!("{}.parquet", table.name)), &mut rows).unwrap();
        }
        Engine::open(&folder).unwrap()
    }

    /// What the engine makes of an example, as the file must say it.
    fn found(&self, name: &str, file: &ExampleFile, marts: &[&Mart]) -> String {
        let mut engine = self.engine(name, file);
        let mut text = MARK.to_owned();
        if !marts[0].definition.is_list() {
            let mut cases = lines(&engine.cases(marts[0]).unwrap());
            // Engines give the cases in any order.
            cases.sort();
            assert!(cases.len() >= 2, "{name}: an example of {} cases", cases.len());
            text += &format!("cases = [\n{}]\n\n", cases.concat());
        }
        text += "[found.rows]\n";
        for mart in marts {
            let rows = lines(&engine.mart(mart).unwrap());
            assert!(!rows.is_empty(), "{name}: no rows of {}", mart.name);
            text += &format!("{} = [\n{}]\n", mart.name, rows.concat());
        }
        text
    }
}

/// The cells of a row that hold something, in the order of the columns.
fn cells(table: &DataFrame, row: usize) -> impl Iterator<Item = (String, Value)> {
    let cell = move |column: &polars::prelude::Column| {
        let value = match column.get(row).unwrap() {
            AnyValue::Null => return None,
            AnyValue::Boolean(flag) => Value::Boolean(flag),
            AnyValue::Date(day) => Value::Datetime(Day(day).to_string().parse().unwrap()),
            AnyValue::Float64(number) => Value::Float(number),
            text @ (AnyValue::String(_) | AnyValue::StringOwned(_)) => {
                Value::String(text.get_str().unwrap().to_owned())
            }
            whole => Value::Integer(whole.extract().unwrap()),
        };
        Some((column.name().to_string(), value))
    };
    table.columns().iter().filter_map(cell)
}

fn row(table: &DataFrame, row: usize) -> Row {
    cells(table, row).collect()
}

/// The rows of a table as they stand in a file.
fn lines(table: &DataFrame) -> Vec<String> {
    let line = |row: usize| {
        let cells: Vec<String> = cells(table, row).map(|(name, value)| format!("{name} = {value}")).collect();
        format!("    {{ {} }},\n", cells.join(", "))
    };
    (0..table.height()).map(line).collect()
}

/// The example files of the project.
fn files() -> Vec<PathBuf> {
    let folder = project().join("pipelines/marts/examples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The marts that the pair of files of a name defines.
fn defined(name: &str) -> Vec<String> {
    let text = fs::read_to_string(project().join(format!("pipelines/marts/{name}.toml"))).unwrap();
    let file: toml::Table = toml::from_str(&text).unwrap();
    let grains = file.get("grains").and_then(Value::as_array);
    grains.map_or_else(
        || vec![name.to_owned()],
        |grains| grains.iter().map(|grain| grain["name"].as_str().unwrap().to_owned()).collect(),
    )
}

/// Runs on a thread with room: the engine's planner, built for debugging, needs more than a test has.
#[test]
fn every_example_is_what_the_engine_makes_of_it() {
    let room = std::thread::Builder::new().stack_size(1 << 25);
    room.spawn(work_every_example).unwrap().join().unwrap();
}

fn work_every_example() {
    let bench = Bench::new();
    let catalogue = shipped();
    let mut without: BTreeSet<&str> = catalogue.marts.iter().map(|mart| mart.name.as_str()).collect();
    let mut wrong = Vec::new();
    for path in files() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let names = defined(name);
        let marts: Vec<&Mart> = catalogue.marts.iter().filter(|mart| names.contains(&mart.name)).collect();
        assert!(!marts.is_empty(), "{name}: an example of no mart");
        marts.iter().for_each(|mart| assert!(without.remove(mart.name.as_str()), "{name}"));
        let file: ExampleFile = toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let unknown = file.given.keys().find(|table| !clean::NAMES.contains(&table.as_str()));
        assert_eq!(unknown, None, "{name}: no clean table");
        let (given, said) = text.split_at(text.find(MARK).unwrap_or(text.len()));
        let found = bench.found(name, &file, &marts);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, format!("{}\n\n{found}", given.trim_end())).unwrap();
        } else if said != found {
            wrong.push(format!("{name}: the file says\n{said}\nthe engine\n{found}"));
        }
    }
    assert!(without.is_empty(), "without an example: {without:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What users read is made of the files.
#[test]
fn every_mart_tells_its_example() {
    let catalogue = shipped();
    let told: Vec<&String> = catalogue.examples.keys().collect();
    let marts: Vec<&String> = catalogue.marts.iter().map(|mart| &mart.name).collect();
    assert_eq!(told, marts);

    let place = Place::new();
    let english = place.yekuo("marts cycle_by_mode --lang en").ends(0).out;
    holds(&english, &["Example: 2 cases:", "give 1 row:", "p80 net working days: 23.4; p90 net working days: 25.2"]);
    let chinese = place.yekuo("marts cycle_by_mode --lang zh").ends(0).out;
    holds(&chinese, &["例：2 个案例：", "得 1 行：", "净工作日 80 % 分位：23.4；净工作日 90 % 分位：25.2"]);
}

/// A file next to the pipeline wins; what does not fit its mart is not told, and what no engine can read is a mistake.
#[test]
fn an_example_of_ones_own() {
    let place = Place::new();
    place.pipelines();
    let tell = |given: &str, completed: &str| {
        let found = format!("[found.rows]\ncycle = [{{ month = 2026-04-01, completed = {completed} }}]\n");
        place.write("pipelines/marts/examples/cycle.toml", format!("[given]\n{given} = []\n{found}"));
        place.yekuo("marts cycle --pipeline pipelines/monthly.toml --lang en")
    };
    holds(
        &tell("applications", "7").ends(0).out,
        &["Example: 0 rows of applications:", "give 1 row:", "completed: 7\n"],
    );
    let changed = tell("applications", "\"seven\"").ends(0).out;
    assert!(!changed.contains("Example"), "{changed}");
    tell("stagez", "7").fails(2, &["marts/examples/cycle.toml:2", "there is no clean table `stagez`"]);
}
