//! What single steps cost: `cargo bench`. Ratios within one run mean something, times on a shared machine little.
//!
//! Each is measured over as many items as divan counts, so that it prints items a second beside the time.

#![expect(clippy::unwrap_used, reason = "what fails here is seen by whoever measures")]

use std::fs;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use tempfile::TempDir;
use yekuo::calendar::{Calendar, Day};
use yekuo::clock::{Claim, Clock, Limit, Pass, Rules, Ruling};
use yekuo::config;
use yekuo::contract::Table;
use yekuo::ingest::values::{self, Cell, Vocabulary};
use yekuo::ingest::{self, Settings, mapping::Mapping};
use yekuo::marts::engine::Engine;
use yekuo::pipeline::{self, Definitions, Output, Request, Steps};
use yekuo::rules::only::Only;
use yekuo::sample::{self, Form, Sample};
use yekuo::words::Lang;

fn main() {
    divan::main();
}

/// So many days, passes or cells at a time.
const MANY: i32 = 10_000;

fn calendar() -> Calendar {
    config::embedded_calendar("cn").unwrap()
}

/// A day of 2025 and those that follow.
fn day(number: i32) -> Day {
    "2025-01-02".parse::<Day>().unwrap().plus_days(number % 500)
}

#[divan::bench]
fn working_days_between(bencher: Bencher<'_, '_>) {
    let calendar = calendar();
    bencher.counter(ItemsCount::new(MANY as usize)).bench_local(|| {
        (0..MANY).map(|number| calendar.working_days(day(number), day(number).plus_days(number % 90))).sum::<i32>()
    });
}

/// Passes of up to 90 days with a limit of ten working days and so many claims.
#[divan::bench(args = [0, 1, 4])]
fn clock_of_a_pass(bencher: Bencher<'_, '_>, claims: i32) {
    let (calendar, rules) = (calendar(), Rules::default());
    let clock = Clock { calendar: &calendar, rules: &rules, as_of: day(499).plus_days(100) };
    let passes: Vec<(Pass, Limit, Vec<Claim>)> = (0..MANY)
        .map(|number| {
            let started_on = day(number);
            let pass = Pass { started_on, until: started_on.plus_days(number % 90), finished: true };
            let claim = |at: i32| Claim {
                excludable: true,
                ruling: Ruling::Admitted,
                began_on: started_on.plus_days(7 * at),
                ended_on: Some(started_on.plus_days(7 * at + 10)),
                reported_on: Some(started_on.plus_days(7 * at)),
                confirmed_on: None,
            };
            (pass, clock.limit_of(started_on, 10), (0..claims).map(claim).collect())
        })
        .collect();
    bencher.counter(ItemsCount::new(passes.len())).bench_local(|| {
        passes.iter().map(|(pass, limit, claims)| clock.read(pass, Some(*limit), claims).net_wd).sum::<i32>()
    });
}

/// Cells of a table as texts: a date as most exports write it, one as people do, a number, a word.
#[divan::bench(args = [
    ("stages", "finished_at", "2026-03-02 09:15:00"),
    ("stages", "finished_at", "2026年3月2日"),
    ("applications", "capacity_kva", "1,250.5"),
    ("delays", "cause", "客户原因"),
])]
fn cells(bencher: Bencher<'_, '_>, (table, column, text): (&str, &str, &str)) {
    let column = Table::named(table).unwrap().column(column);
    let words = Vocabulary::default();
    bencher.counter(ItemsCount::new(MANY as usize)).bench_local(|| {
        (0..MANY).filter(|_| values::read(column, divan::black_box(Cell::Text(text)), &words).is_ok()).count()
    });
}

/// Canonical exports of so many applications in a folder of their own.
fn exports(applications: u64) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    sample::write(&Sample { applications, ..Sample::default() }, Form::Csv, &calendar(), &data).unwrap();
    (folder, data)
}

/// Records of text files, split, judged and written as Parquet: everything that reading is.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn records(bencher: Bencher<'_, '_>) {
    let (folder, data) = exports(5_000);
    let bytes: u64 = fs::read_dir(&data).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    let (mapping, words) = (Mapping::default(), Definitions::read(None).unwrap().config.vocabulary());
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let settings = Settings {
            data: &data,
            mapping: &mapping,
            words: &words,
            lake: &folder.path().join("lake"),
            rejects: &folder.path().join("rejects"),
            ends_by_log: false,
            starts_by_log: false,
            lang: Lang::En,
            scans: None,
        };
        let survey = ingest::check(&settings).unwrap();
        ingest::run(&settings, survey, &|_, _| {}).unwrap().files.len()
    });
}

/// One mart over the clean tables of 5,000 applications: what the engine counts and what measures make of it.
#[divan::bench(args = ["department_stage", "manager", "cycle"], sample_count = 5, sample_size = 1)]
fn mart(bencher: Bencher<'_, '_>, name: &str) {
    let (folder, data) = exports(5_000);
    let request = Request {
        pipeline: None,
        data: Some(data),
        source: None,
        as_of: Some("2026-06-30".parse().unwrap()),
        allow_stale: true,
        only: Only::default(),
        all_marts: false,
        lang: Lang::En,
    };
    let out = folder.path().join("reports/r");
    pipeline::run(&request, &Output { out: Some(out), ..Output::default() }, &Steps::shown(Lang::En)).unwrap();
    let definitions = Definitions::read(None).unwrap();
    let mart = definitions.catalogue.mart(name).unwrap();
    let mut engine = Engine::open(&folder.path().join("reports/lake/r/clean")).unwrap();
    bencher.bench_local(|| engine.mart(mart).unwrap().height());
}
