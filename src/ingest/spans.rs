//! The merged regions of an OpenDocument spreadsheet, which its reader does not give.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;

use calamine::Dimensions;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::archive;
use super::reasons::ill_formed;
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// The regions of each sheet that span rows.
pub(super) fn regions(path: &Path, name: &str) -> Result<BTreeMap<String, Vec<Dimensions>>> {
    let mut archive = archive::open(path, name)?;
    let damaged = |reason: Words| Error::export(name, ExportProblem::Damaged { reason });
    let content = archive.by_name("content.xml");
    let content = content.map_err(|error| damaged(Words::quoting("其中没有 content.xml", error)))?;
    parse(Reader::from_reader(BufReader::new(content))).map_err(|error| damaged(ill_formed(error)))
}

fn parse<R: std::io::BufRead>(
    mut content: Reader<R>,
) -> std::result::Result<BTreeMap<String, Vec<Dimensions>>, quick_xml::Error> {
    content.config_mut().expand_empty_elements = true;
    content.config_mut().check_end_names = false;
    let mut found: BTreeMap<String, Vec<Dimensions>> = BTreeMap::new();
    let mut sheet = String::new();
    let (mut row, mut column, mut rows) = (0_u32, 0_u32, 1_u32);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match content.read_event_into(&mut buffer)? {
            Event::Start(tag) => match tag.name().as_ref() {
                "table:table" => {
                    sheet = text(&tag, "table:name").unwrap_or_default();
                    row = 0;
                }
                "table:table-row" => {
                    rows = number(&tag, "table:number-rows-repeated");
                    column = 0;
                }
                "table:table-cell" | "table:covered-table-cell" => {
                    let spanned = number(&tag, "table:number-rows-spanned");
                    if spanned > 1 {
                        let last = column + number(&tag, "table:number-columns-spanned") - 1;
                        let region = Dimensions::new((row, column), (row.saturating_add(spanned - 1), last));
                        found.entry(sheet.clone()).or_default().push(region);
                    }
                    column = column.saturating_add(number(&tag, "table:number-columns-repeated"));
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => row = row.saturating_add(rows),
            Event::Eof => return Ok(found),
            _ => {}
        }
    }
}

fn text(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    Some(tag.try_get_attribute(name).ok()??.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

/// How often or how far, 1 where nothing is said.
fn number(tag: &BytesStart<'_>, name: &str) -> u32 {
    text(tag, name).and_then(|number| number.parse().ok()).unwrap_or(1).clamp(1, 1 << 20)
}
