//! The fuzz target of workbooks.

use std::fs;
use std::io::{Cursor, Write};
use std::panic::catch_unwind;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::tests::fuzz::fuzz;
use crate::words::Lang;

/// More rows than an input can hold, unless something goes round.
const MOST_ROWS: u64 = 2_000_000;

/// The parts of a small workbook: its name in the archive and its content.
const XLSX: [(&str, &str); 6] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/sharedStrings.xml",
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>one</t></si></sst>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#,
    ),
    (
        "xl/worksheets/sheet1.xml",
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></worksheet>"#,
    ),
];

/// An archive, with checksums that fit.
fn packed<'a>(parts: impl Iterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A file whose first byte says what the rest is: the file itself, or one part of a workbook that is whole otherwise.
fn workbook(input: &[u8]) -> Vec<u8> {
    let (form, rest) = input.split_first().unwrap_or((&b'0', &[]));
    let part = match form {
        b'w' => "xl/workbook.xml",
        b't' => "xl/sharedStrings.xml",
        b'f' => "xl/styles.xml",
        b'r' => "xl/_rels/workbook.xml.rels",
        b's' => "xl/worksheets/sheet1.xml",
        b'o' => return packed([("mimetype", ODS), ("content.xml", rest)].into_iter()),
        b'm' => return packed([("mimetype", rest), ("content.xml", b"<a/>".as_slice())].into_iter()),
        _ => return rest.to_vec(),
    };
    packed(XLSX.iter().map(|(name, content)| (*name, if *name == part { rest } else { content.as_bytes() })))
}

/// How an OpenDocument spreadsheet names itself.
const ODS: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

/// A damaged workbook is refused with a reason, or its rows come one after another, each within the caps.
fn sheets(input: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    let bytes = workbook(input);
    fs::write(file.path(), &bytes).unwrap();
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        // Its reader panics where such a file is damaged; whoever watches the run says so.
        return catch_unwind(|| rows_of(file.path())).unwrap_or_else(|_| "panic of the reader".to_owned());
    }
    rows_of(file.path())
}

fn rows_of(path: &Path) -> String {
    let mut book = match Workbook::open(path, "any.xlsx", None) {
        Ok(book) => book,
        Err(error) => return error.report(Lang::En),
    };
    let mut outcome = format!("{:?} ", book.form());
    for sheet in book.sheets().into_iter().take(8) {
        let (mut rows, mut last) = (0, 0);
        let read = book.each_row("any.xlsx", &sheet.name, |row| {
            rows += 1;
            assert!(row.line > last, "row {} after row {last}", row.line);
            assert!(row.cells.len() <= MOST_COLUMNS as usize && rows < MOST_ROWS);
            for column in 0..row.cells.len() {
                if let Cell::Text(text) = row.cells.get(column) {
                    assert!(text.len() <= MOST_TEXT && !text.trim().is_empty());
                }
            }
            last = row.line;
            Ok(true)
        });
        match read {
            Ok(()) => {
                outcome += if rows > 1 {
                    "rows "
                } else if rows == 1 {
                    "row "
                } else {
                    "nothing "
                }
            }
            Err(error) => outcome += &error.report(Lang::En),
        }
    }
    outcome
}

#[test]
fn fuzz_sheets() {
    fuzz("sheets", sheets);
}
