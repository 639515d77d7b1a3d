//! Drop, rename, double or reorder any header of the sample: the same figures, or a loss that is named.

use std::collections::BTreeMap;
use std::path::Path;

use yekuo::config::Config;
use yekuo::contract::{Care, Column, TABLES, Table};
use yekuo::ingest;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::survey::{Survey, Use};
use yekuo::ingest::values::Vocabulary;
use yekuo::pipeline;
use yekuo::words::Lang;

use super::settings;
use crate::place::{Place, lines};

/// A small sample with canonical names. It has no lifecycle, whose columns the tests pass over.
fn sample() -> Place {
    let place = Place::new();
    place.yekuo("sample data --applications 40 --layout canonical").ends(0);
    place.pipeline("max_rejects = 1.0");
    place
}

/// The rows of a CSV file, cell by cell.
pub(super) fn cells(place: &Place, name: &str) -> Vec<Vec<String>> {
    let text = place.text(name);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

pub(super) fn write(place: &Place, name: &str, rows: &[Vec<String>]) {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    place.write(name, writer.into_inner().unwrap());
}

/// What `check` says of a folder: a survey, or why a run would be refused.
fn check(data: &Path, words: &Vocabulary) -> Result<Survey, String> {
    let (mapping, nowhere) = (Mapping::default(), Path::new(""));
    let settings = settings(data, &mapping, words, nowhere, nowhere);
    ingest::check(&settings).map_err(|error| error.report(Lang::En))
}

/// The words of the embedded pipeline.
fn words() -> Vocabulary {
    Config::load(None).unwrap().vocabulary()
}

/// An absent column of `run.json`, as `table.column`.
fn name_of(absent: &serde_json::Value) -> String {
    format!("{}.{}", absent["table"].as_str().unwrap(), absent["column"].as_str().unwrap())
}

/// The tables that the sample has.
fn of_the_sample(place: &Place) -> impl Iterator<Item = &'static Table> {
    TABLES.iter().filter(|table| place.path(&file(table)).exists())
}

fn file(table: &Table) -> String {
    format!("data/{}.csv", table.name)
}

/// The first rows of a table, in a folder with no more than must be there.
fn alone(place: &Place, table: &Table) -> Vec<Vec<String>> {
    const ROWS: usize = 20;
    std::fs::remove_dir_all(place.path("few")).ok();
    for needed in TABLES.iter().filter(|needed| needed.required) {
        let mut rows = cells(place, &file(needed));
        rows.truncate(2);
        write(place, &few(needed), &rows);
    }
    let mut rows = cells(place, &file(table));
    rows.truncate(ROWS);
    write(place, &few(table), &rows);
    rows
}

fn few(table: &Table) -> String {
    format!("few/{}.csv", table.name)
}

/// Rows without one column.
fn without(rows: &[Vec<String>], index: usize) -> Vec<Vec<String>> {
    let mut rows = rows.to_vec();
    rows.iter_mut().for_each(|row| drop(row.remove(index)));
    rows
}

/// Asserts that the loss of a column is named: by a refusal, or by a survey that says what it costs.
#[track_caller]
fn is_named(table: &Table, column: &Column, said: &Result<Survey, String>, how: &str) {
    let (table, name) = (table.name, column.name);
    match said {
        Err(refusal) => assert!(refusal.contains(name), "{table}.{name} {how}: {refusal}"),
        Ok(survey) => {
            assert!(!column.required, "{table}.{name} {how}: not refused");
            assert!(survey.lacking().any(|absent| absent.name() == format!("{table}.{name}")), "{table}.{name} {how}");
            assert!(survey.text(Lang::En).contains(&format!("{table}.{name}")), "{table}.{name} {how}: not said");
        }
    }
}

#[test]
fn every_header_that_is_lost_is_named() {
    let (place, words) = (sample(), words());
    for table in of_the_sample(&place) {
        let whole = alone(&place, table);
        for column in table.columns {
            let Some(index) = whole[0].iter().position(|header| header == column.name) else { continue };
            write(&place, &few(table), &without(&whole, index));
            let dropped = check(&place.path("few"), &words);
            is_named(table, column, &dropped, "dropped");
            if column.absence.is_some_and(|absence| absence.care == Care::Needed) {
                assert!(dropped.is_err(), "{}.{} is needed", table.name, column.name);
            }

            let mut renamed = whole.clone();
            renamed[0][index] += "旧";
            write(&place, &few(table), &renamed);
            let said = check(&place.path("few"), &words);
            is_named(table, column, &said, "renamed");
            let header = format!("{}旧", column.name);
            match &said {
                Err(refusal) => assert!(refusal.contains(&header), "{header}: {refusal}"),
                Ok(survey) => assert!(survey.text(Lang::En).contains(&header), "{header} is not named"),
            }

            let mut doubled = whole.clone();
            doubled.iter_mut().for_each(|row| row.push(row[index].clone()));
            write(&place, &few(table), &doubled);
            let refusal = check(&place.path("few"), &words).expect_err("two headers of one name");
            assert!(refusal.contains(column.name), "{refusal}");
        }
    }
}

#[test]
fn a_dropped_date_that_another_could_be_is_refused() {
    let (place, words) = (sample(), words());
    for table in of_the_sample(&place) {
        let whole = alone(&place, table);
        for column in table.columns.iter().filter(|c| c.absence.is_some_and(|absence| absence.care > Care::Named)) {
            let Some(index) = whole[0].iter().position(|header| header == column.name) else { continue };
            if whole[1..].iter().all(|row| row[index].is_empty()) {
                continue;
            }
            let mut renamed = whole.clone();
            renamed[0][index] = "某个日子".to_owned();
            write(&place, &few(table), &renamed);
            let refusal = check(&place.path("few"), &words).expect_err(column.name);
            for part in [column.name, "某个日子", "ignore = ", "absent = "] {
                assert!(refusal.contains(part), "`{part}` is not in: {refusal}");
            }
        }
    }
}

/// The marts of a run, each as its columns.
fn marts(place: &Place, out: &str) -> BTreeMap<String, BTreeMap<String, Vec<String>>> {
    place.report(out, &["p.toml", "--as-of", "2026-06-30"]);
    let names = place.files(&format!("{out}/marts"));
    let table = |name: &String| {
        let frame = place.table(&format!("{out}/marts/{name}"));
        frame
            .columns()
            .iter()
            .map(|column| (column.name().to_string(), lines(&frame.select([column.name().as_str()]).unwrap())))
            .collect()
    };
    names.keys().map(|name| (name.clone(), table(name))).collect()
}

#[test]
fn the_order_of_headers_and_columns_without_figures_move_nothing() {
    let place = sample();
    let before = marts(&place, "before");
    let mut dropped = Vec::new();
    for table in of_the_sample(&place) {
        let mut rows = cells(&place, &file(table));
        for column in table.columns.iter().filter(|column| !column.required && column.absence.is_none()) {
            let Some(index) = rows[0].iter().position(|header| header == column.name) else { continue };
            rows = without(&rows, index);
            dropped.push(column.name);
        }
        rows.iter_mut().for_each(|row| row.reverse());
        write(&place, &file(table), &rows);
    }
    let after = marts(&place, "after");
    for (mart, columns) in before {
        for (name, cells) in columns {
            let own = dropped.contains(&name.as_str());
            assert!(own || after[&mart][&name] == cells, "{mart}: {name} moved without a word");
        }
    }
}

#[test]
fn figures_that_need_an_absent_column_are_no_data() {
    let place = sample();
    let mut absent = Vec::new();
    for table in of_the_sample(&place) {
        let mut rows = cells(&place, &file(table));
        for column in table.columns.iter().filter(|c| c.absence.is_some_and(|absence| absence.care < Care::Needed)) {
            let Some(index) = rows[0].iter().position(|header| header == column.name) else { continue };
            rows = without(&rows, index);
            absent.push(format!("{}.{}", table.name, column.name));
        }
        write(&place, &file(table), &rows);
    }
    let marts = marts(&place, "out");
    let definitions = pipeline::Definitions::read(None).unwrap();
    let mut checked = 0;
    for mart in &definitions.catalogue.marts {
        let Some(columns) = marts.get(&format!("{}.parquet", mart.name)) else { continue };
        // Passes without a number are told by their starts.
        let lacks = |needs: &[String]| needs.iter().any(|need| need != "stages.pass" && absent.contains(need));
        for column in &mart.definition.columns {
            let cells = &columns[&column.name];
            if lacks(&mart.definition.needs) {
                assert!(cells.is_empty(), "{}: {} has rows", mart.name, column.name);
                checked += 1;
            } else if lacks(&column.needs) {
                assert!(cells.iter().all(|cell| cell == "-"), "{}: {} is {cells:?}", mart.name, column.name);
                checked += 1;
            }
        }
    }
    assert!(checked > 50, "{checked} figures need a column");
    let page = place.pages("out");
    assert!(page.contains("没有 反馈时间（reported_at）") && page.contains("无数据"));
    let survey = place.json("out/run.json")["survey"].clone();
    // What the sample never had is absent too.
    let named: Vec<String> = survey["absent"].as_array().unwrap().iter().map(name_of).collect();
    assert!(absent.iter().all(|column| named.contains(column)), "{absent:?} {named:?}");
    let used = |header: &serde_json::Value| header.get("column").is_some();
    assert!(survey["files"][0]["sheets"][0]["headers"].as_array().unwrap().iter().all(used));
}

#[test]
fn the_survey_of_the_exports_uses_every_header_but_row_numbers() {
    let place = Place::new();
    place.yekuo("sample data --applications 40").ends(0);
    let survey = check(&place.path("data"), &words()).unwrap();
    for file in &survey.files {
        for reading in file.readings() {
            for header in &reading.headers {
                let used = matches!(header.used, Use::Column { .. });
                assert!(used || header.header == "序号", "{}: {header:?}", file.file);
            }
        }
    }
}
