//! What a file is, by its bytes: its name is a hint that systems get wrong.
//!
//! A workbook can be called `.csv`, a text or a web page `.xls`. The first bytes decide which reader opens a file, and
//! the ledger says which one did.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::Encoding;

use super::held::FileForm;
use super::mapping::TableMapping;
use super::sheet::Workbook;
use super::values::{Comma, DecimalSign};
use super::{Row, parquet, text};
use crate::error::{Error, ExportProblem, Result};

/// Bytes in which a file is recognised.
const HEAD: usize = 1 << 16;

/// A file that is open for reading.
pub(super) enum Form {
    Text { encoding: &'static Encoding, delimiter: u8 },
    Workbook(Box<Workbook>),
    Parquet,
}

/// What the first bytes of a file say.
enum Kind {
    Text,
    Workbook,
    Parquet,
    /// Something that is known and not read: what it is.
    Foreign(&'static str),
}

fn kind(path: &Path) -> Result<Kind> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(Error::io("open", path))?;
    file.take(HEAD as u64).read_to_end(&mut head).map_err(Error::io("read", path))?;
    if head.starts_with(b"PAR1") {
        return Ok(Kind::Parquet);
    }
    if head.starts_with(b"PK") || head.starts_with(b"\xd0\xcf\x11\xe0") {
        return Ok(Kind::Workbook);
    }
    if head.starts_with(b"%PDF") {
        return Ok(Kind::Foreign("PDF"));
    }
    // Without the zeros of UTF-16, every mark-up is ASCII.
    let plain: Vec<u8> = head.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let plain = plain.strip_prefix(b"\xef\xbb\xbf").or(plain.strip_prefix(b"\xff\xfe")).unwrap_or(&plain);
    let holds = |mark: &str| plain.windows(mark.len()).any(|window| window == mark.as_bytes());
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

/// What a file says about itself: its hash, and the encoding of a text.
pub(super) fn scan(name: &str, path: &Path, mapping: &TableMapping) -> Result<text::Scan> {
    match kind(path)? {
        Kind::Text => text::scan(path, name, mapping.encoding()),
        Kind::Workbook | Kind::Parquet => text::fingerprint(path),
        Kind::Foreign(what) => Err(Error::export(name, ExportProblem::WrongFormat { looks_like: what.to_owned() })),
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
            _ => Ok(Form::Workbook(Box::new(Workbook::open(path, name, mapping.encoding())?))),
        }
    }

    /// What the ledger calls it.
    pub(super) fn name(&self) -> FileForm {
        match self {
            Form::Text { .. } => FileForm::Text,
            Form::Workbook(book) => book.form(),
            Form::Parquet => FileForm::Parquet,
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
        visit: impl FnMut(Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        match self {
            Form::Text { encoding, delimiter } => text::each_row(path, name, encoding, *delimiter, visit),
            Form::Workbook(book) => book.each_row(name, sheet.unwrap_or_default(), visit),
            Form::Parquet => parquet::each_row(path, name, visit),
        }
    }
}
