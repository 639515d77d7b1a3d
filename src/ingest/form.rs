//! What a file is, by its bytes: its name is a hint that systems get wrong.
//!
//! A workbook can be called `.csv`, a text or a web page `.xls`. The first bytes decide which reader opens a file, and
//! the ledger says which one did.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::Encoding;
use flate2::read::MultiGzDecoder;

use super::eventlog::LogNote;
use super::held::FileForm;
use super::mapping::TableMapping;
use super::ocel::{Notation, Ocel};
use super::sheet::Workbook;
use super::values::{Comma, DecimalSign};
use super::xes::Xes;
use super::{Row, parquet, text};
use crate::error::{Error, ExportProblem, Result};

/// Bytes in which a file is recognised.
const HEAD: usize = 1 << 16;

/// A file that is open for reading.
pub(super) enum Form {
    Text { encoding: &'static Encoding, delimiter: u8 },
    Workbook(Box<Workbook>),
    Parquet,
    Xes(Xes),
    Ocel(Ocel),
}

/// What the first bytes of a file say.
enum Kind {
    Text,
    Workbook,
    Parquet,
    Xes,
    Ocel(Notation),
    /// An object-centric event log in a form that is not read: which.
    OtherOcel(&'static str),
    /// A packed file within a packed file.
    PackedTwice,
    /// Something that is known and not read: what it is.
    Foreign(&'static str),
}

fn kind(path: &Path) -> Result<Kind> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(Error::io("open", path))?;
    file.take(HEAD as u64).read_to_end(&mut head).map_err(Error::io("read", path))?;
    if head.starts_with(b"\x1f\x8b") {
        let mut inner = Vec::new();
        // What the first bytes hold, or as much of it as they do: what is cut off or damaged is found when it is read.
        let _ = MultiGzDecoder::new(&head[..]).take(HEAD as u64).read_to_end(&mut inner);
        if inner.starts_with(b"\x1f\x8b") {
            return Ok(Kind::PackedTwice);
        }
        // Of what is packed, texts and event logs are read.
        return Ok(event_log(&inner).unwrap_or(Kind::Text));
    }
    if let Some(kind) = event_log(&head) {
        return Ok(kind);
    }
    if head.starts_with(b"PAR1") {
        return Ok(Kind::Parquet);
    }
    if head.starts_with(b"PK") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Ok(Kind::Workbook);
    }
    if head.starts_with(b"%PDF") {
        return Ok(Kind::Foreign("PDF"));
    }
    let plain = plain(&head);
    let holds = |mark: &str| holds(&plain, mark);
    let plain_start = plain.trim_ascii_start();
    if plain_start.starts_with(b"mime-version:") {
        return Ok(Kind::Foreign("MHTML"));
    }
    if !plain_start.starts_with(b"<") {
        return Ok(Kind::Text);
    }
    if holds("urn:schemas-microsoft-com:office:spreadsheet") && holds("<workbook") {
        return Ok(Kind::Foreign("XML Spreadsheet 2003"));
    }
    Ok(if holds("<html") || holds("<table") { Kind::Workbook } else { Kind::Text })
}

/// A head in lower case and without its mark. Without the zeros of UTF-16, every mark-up is ASCII.
fn plain(head: &[u8]) -> Vec<u8> {
    let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    let head = marks.iter().find_map(|mark| head.strip_prefix(*mark)).unwrap_or(head);
    head.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect()
}

fn holds(plain: &[u8], mark: &str) -> bool {
    plain.windows(mark.len()).any(|window| window == mark.as_bytes())
}

/// What a head is, if it is that of an event log.
fn event_log(head: &[u8]) -> Option<Kind> {
    if head.starts_with(b"SQLite format 3\0") {
        return Some(Kind::OtherOcel("SQLite"));
    }
    let plain = plain(head);
    let plain = plain.trim_ascii_start();
    let holds = |mark: &str| holds(plain, mark);
    if plain.starts_with(b"{") {
        return match () {
            () if holds("\"ocel:global-log\"") || holds("\"ocel:events\"") => Some(Kind::OtherOcel("OCEL 1.0")),
            () if holds("\"objecttypes\"") || holds("\"eventtypes\"") => Some(Kind::Ocel(Notation::Json)),
            () if holds("\"relationships\"") && (holds("\"events\"") || holds("\"objects\"")) => {
                Some(Kind::Ocel(Notation::Json))
            }
            () => None,
        };
    }
    if root(plain) != Some(b"log") {
        return None;
    }
    match () {
        () if holds("<object-types") || holds("<event-types") => Some(Kind::Ocel(Notation::Xml)),
        () if holds("<global scope=\"log\"") => Some(Kind::OtherOcel("OCEL 1.0")),
        // Without lists of types; a log of cases has neither.
        () if holds("<objects") || holds("<events") => Some(Kind::Ocel(Notation::Xml)),
        () => Some(Kind::Xes),
    }
}

/// The name of the outermost element of some mark-up, without a prefix.
fn root(mut plain: &[u8]) -> Option<&[u8]> {
    let after =
        |text: &[u8], end: &[u8]| text.windows(end.len()).position(|window| window == end).map(|at| at + end.len());
    loop {
        plain = plain.trim_ascii_start();
        let passed = match plain {
            [b'<', b'?', ..] => after(plain, b"?>"),
            [b'<', b'!', b'-', b'-', ..] => after(plain, b"-->"),
            [b'<', b'!', ..] => {
                let inner = plain.iter().position(|byte| *byte == b'[');
                let end = plain.iter().position(|byte| *byte == b'>');
                match (inner, end) {
                    (Some(inner), Some(end)) if inner < end => after(plain, b"]>"),
                    _ => end.map(|end| end + 1),
                }
            }
            [b'<', name @ ..] => {
                let end = name.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
                let name = &name[..end];
                return Some(name.iter().position(|byte| *byte == b':').map_or(name, |at| &name[at + 1..]));
            }
            _ => None,
        };
        plain = &plain[passed?..];
    }
}

/// What a file says about itself: its hash, and the encoding of a text.
pub(super) fn scan(name: &str, path: &Path, mapping: &TableMapping) -> Result<text::Scan> {
    match kind(path)? {
        Kind::Text => text::scan(path, name, mapping.encoding()),
        Kind::Workbook | Kind::Parquet | Kind::Xes | Kind::Ocel(_) => text::fingerprint(path),
        Kind::OtherOcel(what) => Err(Error::export(name, ExportProblem::OtherOcel { what })),
        Kind::PackedTwice => Err(Error::export(name, ExportProblem::PackedTwice)),
        Kind::Foreign(what) => Err(Error::export(name, ExportProblem::WrongFormat { looks_like: what })),
    }
}

impl Form {
    /// Opens a file that has been scanned.
    pub(super) fn open(name: &str, path: &Path, mapping: &TableMapping, scan: &text::Scan) -> Result<Form> {
        if let Some(encoding) = scan.encoding {
            let delimiter = match mapping.delimiter.and_then(|c| u8::try_from(c).ok()) {
                Some(delimiter) => delimiter,
                None => text::likely_delimiter(path, name, encoding)?,
            };
            return Ok(Form::Text { encoding, delimiter });
        }
        match kind(path)? {
            Kind::Parquet => Ok(Form::Parquet),
            Kind::Xes => Ok(Form::Xes(Xes::open(path, name, mapping.encoding())?)),
            Kind::Ocel(notation) => {
                let object = mapping.object.as_deref();
                Ok(Form::Ocel(Ocel::open(path, name, notation, mapping.encoding(), object)?))
            }
            _ => Ok(Form::Workbook(Box::new(Workbook::open(path, name, mapping.encoding())?))),
        }
    }

    /// What the ledger calls it.
    pub(super) fn name(&self) -> FileForm {
        match self {
            Form::Text { .. } => FileForm::Text,
            Form::Workbook(book) => book.form(),
            Form::Parquet => FileForm::Parquet,
            Form::Xes(_) => FileForm::Xes,
            Form::Ocel(_) => FileForm::Ocel,
        }
    }

    /// What is remarkable about an event log.
    pub(super) fn notes(&self) -> &[LogNote] {
        match self {
            Form::Xes(log) => log.notes(),
            Form::Ocel(log) => log.notes(),
            Form::Text { .. } | Form::Workbook(_) | Form::Parquet => &[],
        }
    }

    /// What a comma in the file's numbers is: where semicolons separate the fields, nobody knows unless the mapping says.
    pub(super) fn comma(&self, declared: Option<DecimalSign>) -> Comma {
        match (declared, self) {
            (Some(DecimalSign::Comma), _) => Comma::Decimal,
            (None, Form::Text { delimiter: b';', .. }) => Comma::Unsure,
            _ => Comma::Groups,
        }
    }

    /// Gives every row that holds anything to `visit`, until it says that it has seen enough.
    pub(super) fn each_row(
        &mut self,
        path: &Path,
        name: &str,
        sheet: Option<&str>,
        mut visit: impl FnMut(Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        match self {
            Form::Text { encoding, delimiter } => text::each_row(path, name, encoding, *delimiter, visit),
            Form::Workbook(book) => book.each_row(name, sheet.unwrap_or_default(), visit),
            Form::Parquet => parquet::each_row(path, name, visit),
            Form::Xes(log) => log.each_row(path, name, &mut visit),
            Form::Ocel(log) => log.each_row(&mut visit),
        }
    }
}
