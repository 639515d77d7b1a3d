//! Tables from a database: what PostgreSQL gives is what files of the same rows give, and no secret is ever shown.
//!
//! `tests/odbc` starts the server that these tests need.

use std::process::{Command, Stdio};

use crate::place::{Outcome, Place, holds};

const NEEDS: &str = "tests/odbc starts the server that this needs";

/// The password of the tests' own user: found in nothing that is written or said.
const CANARY: &str = "c4nary;of}the=mine";

/// A database of its own for a test.
struct Database {
    socket: String,
    name: &'static str,
}

impl Database {
    fn new(name: &'static str) -> Database {
        let socket = std::env::var("YEKUO_TEST_POSTGRES").expect(NEEDS);
        let database = Database { socket, name };
        let server = Database { socket: database.socket.clone(), name: "postgres" };
        server.sql(&format!("drop database if exists {name}"));
        server.sql(&format!("create database {name}"));
        server.sql(
            "do $$ begin if not exists (select from pg_roles where rolname = 'reader') then create role reader login; end if; \
             exception when others then null; end $$",
        );
        server.sql(&format!("alter role reader password '{CANARY}'"));
        database
    }

    fn sql(&self, statement: &str) {
        self.psql(&["-c", statement]);
    }

    fn psql(&self, arguments: &[&str]) {
        let mut psql = Command::new("psql");
        psql.args(["-q", "-v", "ON_ERROR_STOP=1", "-h", &self.socket, "-U", "owner", "-d", self.name]);
        let output = psql.args(arguments).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The connection as a mapping has it.
    fn odbc(&self) -> String {
        format!(
            "Driver={{PostgreSQL Unicode}};Servername={};Database={};Uid=reader;Pwd=env:DB_PASSWORD;",
            self.socket, self.name
        )
    }

    /// A mapping of queries.
    fn mapping(&self, queries: &[(&str, &str)]) -> String {
        let table = |(table, query): &(&str, &str)| {
            format!("[tables.{table}.source]\nodbc = \"{}\"\nquery = '''{query}'''\n", self.odbc())
        };
        queries.iter().map(table).collect()
    }
}

/// Runs the program with the password, and finds it in nothing that it says.
fn run(place: &Place, arguments: &[&str]) -> Outcome {
    run_with(place, arguments, &[("DB_PASSWORD", CANARY)])
}

fn run_with(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
    let mut command = place.command(arguments);
    command.env("YEKUO_LOG", "trace").envs(variables.iter().copied());
    let outcome = Outcome::new(command.output().unwrap());
    for secret in ["c4nary", "of}the", "of}}the", "the=mine"] {
        assert!(!outcome.out.contains(secret) && !outcome.err.contains(secret), "{}\n{}", outcome.out, outcome.err);
        for (name, bytes) in place.files("") {
            let holds = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!holds, "{name} holds the password");
        }
    }
    outcome
}

/// The SQL type in which a column of a table is kept.
fn sql_type(table: &str, column: &str) -> &'static str {
    use yekuo::contract::{Kind, Table};
    let table = Table::named(table).unwrap();
    match table.columns[table.position(column)].kind {
        Kind::Number(_) | Kind::Within(..) => "numeric",
        Kind::Integer(..) => "integer",
        Kind::Flag => "boolean",
        Kind::Date => "date",
        Kind::Instant => "timestamp",
        Kind::Id => "varchar(40)",
        _ => "text",
    }
}

#[test]
#[ignore = "tests/odbc starts the server that this needs"]
fn a_database_gives_the_same_marts_as_files() {
    let (place, database) = (Place::new(), Database::new("same"));
    place.yekuo("sample data --layout canonical --applications 300 --months 12").ends(0);
    let mut mapping = String::new();
    for (name, bytes) in place.files("data") {
        let (table, text) = (name.strip_suffix(".csv").unwrap(), String::from_utf8(bytes).unwrap());
        let header = text.lines().next().unwrap().trim_start_matches('\u{feff}').to_owned();
        let columns = header.split(',').map(|column| format!("{column} {}", sql_type(table, column)));
        database.sql(&format!("create table {table} ({})", columns.collect::<Vec<_>>().join(", ")));
        let file = place.path(&format!("data/{name}"));
        database.psql(&["-c", &format!("\\copy {table} from '{}' with (format csv, header true)", file.display())]);
        database.sql(&format!("grant select on {table} to reader"));
        // A Chinese header in one of them.
        let query = match table {
            "stages" => format!("select {} from stages", header.replace("department", "department as \"责任部门\"")),
            _ => format!("select * from {table}"),
        };
        mapping += &database.mapping(&[(table, &query)]);
    }
    place.write("map.toml", mapping);
    place.write("none/.keep", "");
    place.yekuo("run monthly --data data --as-of 2026-06-30 --out csv").ends(0);
    let arguments =
        ["run", "monthly", "--data", "none", "--source", "map.toml", "--as-of", "2026-06-30", "--out", "odbc"];
    run(&place, &arguments).ends(0);
    let (files, rows) = (place.files("csv/marts"), place.files("odbc/marts"));
    assert!(files.len() > 50);
    assert_eq!(files.keys().collect::<Vec<_>>(), rows.keys().collect::<Vec<_>>());
    for (name, bytes) in &files {
        assert!(bytes == &rows[name], "{name} differs");
    }
    let manifest = place.json("odbc/run.json");
    let ledger = manifest["inputs"].as_array().unwrap();
    assert_eq!(ledger.len(), place.files("data").len());
    let stages = ledger.iter().find(|file| file["table"] == "stages").unwrap();
    assert_eq!([&stages["file"], &stages["form"]], ["odbc:stages", "odbc"]);
    assert_eq!(stages["sha256"].as_str().unwrap().len(), 64);
    // The same rows give the same bytes again.
    let arguments =
        ["run", "monthly", "--data", "none", "--source", "map.toml", "--as-of", "2026-06-30", "--out", "again"];
    run(&place, &arguments).ends(0);
    assert_eq!(place.bytes("odbc/run.json"), place.bytes("again/run.json"));
}

const APPLICATIONS: &str = "select * from (values \
    (1, '1001', '城东', 10.0, 500, timestamp '2026-03-02 09:00:00.25', null::timestamp), \
    (2, '1002', '城西', 0.4, 80, '2026-03-03', '2026-04-01'), \
    (3, '1002', '城西', 0.4, 80, '2026-03-03', '2026-04-01'), \
    (4, '1003', '城西', -1, 80, '2026-03-03', null)) as \
    t (n, application_id, bureau, voltage_kv, capacity_kva, accepted_at, energised_at)";
const STAGES: &str = "select application_id, 'survey' as stage, '营销部' as department, started_at, null as finished_at \
    from (values ('1001', '2026-03-02'), ('9', '2026-03-02')) as t (application_id, started_at)";

#[test]
#[ignore = "tests/odbc starts the server that this needs"]
fn rows_of_a_query_are_judged_like_those_of_a_file() {
    let (place, database) = (Place::new(), Database::new("judged"));
    place.write("data/.keep", "");
    place.mapping(&database.mapping(&[("applications", APPLICATIONS), ("stages", STAGES)]));
    let ledger = run(&place, &["ingest", "p.toml", "--lang", "en", "--json"]).ends(0).json();
    let counts =
        |file: usize| ["read", "accepted", "rejected", "duplicate"].map(|key| ledger[file][key].as_u64().unwrap());
    assert_eq!([counts(0), counts(1)], [[4, 2, 1, 1], [2, 1, 1, 0]]);
    let faults = |table: &str| -> Vec<(String, u64, String)> {
        place.rejects(table).into_iter().map(|reject| (reject.file, reject.line, reject.code)).collect()
    };
    assert_eq!(faults("applications"), [("odbc:applications".to_owned(), 4, "out_of_range".to_owned())]);
    assert_eq!(faults("stages"), [("odbc:stages".to_owned(), 2, "unknown_case".to_owned())]);
    assert_eq!(place.column("applications", "voltage_kv"), ["10", "0.4"]);
    holds(&run(&place, &["check", "p.toml", "--lang", "en"]).ends(0).out, &["odbc:stages"]);
}

#[test]
#[ignore = "tests/odbc starts the server that this needs"]
fn a_query_that_fails_publishes_nothing_and_shows_no_secret() {
    let (place, database) = (Place::new(), Database::new("failing"));
    place.write("data/.keep", "");
    let both = |applications: &str| database.mapping(&[("applications", applications), ("stages", STAGES)]);
    let good = both(APPLICATIONS);
    place.mapping(&good);
    let report = ["run", "p.toml", "--as-of", "2026-06-30", "--out", "out", "--lang", "en"];
    run(&place, &report).ends(0);
    let fails = |words: &[&str], variables: &[(&str, &str)]| {
        let published = place.files("out");
        run_with(&place, &report, variables).fails(2, words);
        assert!(place.files("out") == published, "what was published has changed");
    };
    let right = [("DB_PASSWORD", CANARY)];
    fails(&["the environment variable DB_PASSWORD is not set"], &[]);
    fails(&["odbc:applications: cannot connect", "password authentication failed"], &[("DB_PASSWORD", "wr0ng c4nary")]);
    place.mapping(&both("select * from nowhere"));
    fails(&["odbc:applications: the query failed", "nowhere"], &right);
    // Midway, when rows have been read.
    place.mapping(&both("select 1 / (9000 - n) as application_id from generate_series(1, 10000) as n"));
    fails(&["odbc:applications: the query failed", "division by zero"], &right);
    // What is longer than its column is not cut.
    place.mapping(&both("select repeat('长', 40000) as application_id"));
    fails(&["odbc:applications: the query failed", "cast("], &right);
    place.mapping(&both("create table mine (id integer)"));
    fails(&["odbc:applications:"], &right);
    place.mapping(&good.replace("PostgreSQL Unicode", "No Such Driver"));
    fails(&["odbc:applications: cannot connect"], &right);
    place.mapping(&good.replace(&database.socket, "/nowhere"));
    fails(&["odbc:applications: cannot connect"], &right);
    // The whole connection from the environment.
    place.mapping(&good.replace(&database.odbc(), "env:YEKUO_DSN"));
    let whole =
        |password: &str| database.odbc().replace("env:DB_PASSWORD", &format!("{{{}}}", password.replace('}', "}}")));
    run_with(&place, &report, &[("YEKUO_DSN", &whole(CANARY))]).ends(0);
    fails(&["cannot connect"], &[("YEKUO_DSN", &whole("wr0ng c4nary"))]);
    fails(&["cannot connect"], &[("YEKUO_DSN", "wr0ng c4nary")]);
}
