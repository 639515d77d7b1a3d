//! Exports in every shape → typed rows and rejects.

mod accounting;
mod encodings;
mod folded;
mod forms;
mod guesses;
mod ledger;
mod lifecycle;
mod lines;
mod logs;
mod losses;
mod maps;
mod rules;
mod sources;
mod wide;
mod workbooks;
mod xes;

use std::io::{Cursor, Read, Write};
use std::path::Path;

use rust_xlsxwriter::Workbook;
use yekuo::error::Result;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::values::Vocabulary;
use yekuo::ingest::{self, Ledger, Settings};
use yekuo::words::Lang;
use zip::write::SimpleFileOptions;

/// An ingest of a folder by a process that takes nothing from the log.
fn settings<'a>(
    data: &'a Path,
    mapping: &'a Mapping,
    words: &'a Vocabulary,
    lake: &'a Path,
    rejects: &'a Path,
) -> Settings<'a> {
    let (ends_by_log, starts_by_log, lang) = (false, false, Lang::En);
    Settings { data, mapping, words, lake, rejects, ends_by_log, starts_by_log, lang, scans: None }
}

/// Surveys the exports and reads them.
fn ingested(settings: &Settings<'_>) -> Result<Ledger> {
    ingest::run(settings, ingest::check(settings)?, &|_, _| {})
}

/// A workbook as it is drawn.
fn drawn(draw: impl Fn(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    draw(&mut book);
    book.save_to_buffer().unwrap()
}

/// The workbook with one of its parts changed.
pub(crate) fn patched(book: &[u8], part: &str, change: impl Fn(String) -> String) -> Vec<u8> {
    let mut parts = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..parts.len() {
        let mut entry = parts.by_index(index).unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        let name = entry.name().unwrap().into_owned();
        out.start_file(&name, SimpleFileOptions::default()).unwrap();
        let text = if name == part { change(text) } else { text };
        out.write_all(text.as_bytes()).unwrap();
    }
    out.finish().unwrap().into_inner()
}
