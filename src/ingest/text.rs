//! Text exports: bytes → UTF-8 records with their true line numbers.
//!
//! A file is looked through once before it is read: its SHA-256 for the manifest, and its encoding. A byte order mark
//! decides; then strict UTF-8; then strict GB18030 (the order matters: a short UTF-8 text can pass as GB18030). No
//! character is ever replaced silently: in a file whose lines disagree, the lines of the lesser encoding are rejected
//! one by one, and a file that is mostly neither is refused.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use csv::StringRecord;
use encoding_rs::{Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use memchr::memchr2;
use sha2::{Digest, Sha256};

use super::held::MOST_COLUMNS;
use super::quotes::{Runaway, Watched};
use super::reasons::{column, unpacking};
use super::values::Cell;
use super::{Cells, Row};
use crate::disk;
use crate::error::{Error, ExportFault, ExportProblem, Result};
use crate::hash::hex;
use crate::parallel;
use crate::words::Words;

/// The longest field and line that is read; a longer one is an unclosed quote.
pub(super) const LONGEST_FIELD: usize = 1 << 20;

/// What a scan of a file finds.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Lower-case hexadecimal SHA-256 of the file as it lies on disk.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its encoding, for a text file.
    pub encoding: Option<&'static Encoding>,
}

/// Hashes a file that is not text.
pub fn fingerprint(path: &Path) -> Result<Scan> {
    let mut hashed = Hashed::open(path)?;
    io::copy(&mut hashed, &mut io::sink()).map_err(Error::io("read", path))?;
    Ok(hashed.scan())
}

/// Looks through a text file: hash and encoding, `declared` or detected.
pub fn scan(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Scan> {
    // Both look at every byte, one beside the other.
    let (scan, encoding) = parallel::beside(|| fingerprint(path), || encoding_of(path, name, declared));
    Ok(Scan { encoding: Some(encoding?), ..scan? })
}

fn encoding_of(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<&'static Encoding> {
    let file = File::open(path).map_err(Error::io("open", path))?;
    let text = unpacked(file, name).map_err(Error::io("read", path))?;
    let mut text = BufReader::with_capacity(1 << 16, text);
    let found = look_through(&mut text, declared).map_err(|source| damaged(name, &source))?;
    found.map_err(|tried| Error::export(name, ExportProblem::Encoding { tried }))
}

struct Hashed {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Hashed {
    fn open(path: &Path) -> Result<Hashed> {
        disk::plain(path).map_err(Error::io("open", path))?;
        let file = File::open(path).map_err(Error::io("open", path))?;
        Ok(Hashed { file, hash: Sha256::new(), bytes: 0 })
    }

    fn scan(self) -> Scan {
        Scan { sha256: hex(&self.hash.finalize()), bytes: self.bytes, encoding: None }
    }
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// A file as the text that it packs, if its name or its first bytes say that it is packed.
pub(super) fn unpacked<'a>(file: impl Read + Send + 'a, name: &str) -> io::Result<Box<dyn Read + Send + 'a>> {
    let mut file = BufReader::with_capacity(1 << 16, file);
    let packed = name.to_lowercase().ends_with(".gz") || file.fill_buf()?.starts_with(b"\x1f\x8b");
    Ok(if packed { Box::new(Unpacked::of(file)) } else { Box::new(file) })
}

/// What comes out of a packed file, which must not be out of all proportion to what went in.
struct Unpacked<R: Read> {
    text: flate2::bufread::MultiGzDecoder<BufReader<Counted<R>>>,
    bytes: u64,
}

/// Counts what is read.
struct Counted<R> {
    file: R,
    bytes: u64,
}

/// Tables of text are packed to a tenth, to a fiftieth where they repeat themselves.
const MOST_UNPACKED: u64 = 200;
/// Up to so many bytes anything goes.
const UNPACKED_FREELY: u64 = 64 << 20;

impl<R: Read> Unpacked<R> {
    fn of(file: R) -> Unpacked<R> {
        let file = BufReader::with_capacity(1 << 16, Counted { file, bytes: 0 });
        Unpacked { text: flate2::bufread::MultiGzDecoder::new(file), bytes: 0 }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.bytes += count as u64;
        let packed = self.text.get_ref().get_ref().bytes;
        if self.bytes > UNPACKED_FREELY && self.bytes > packed.saturating_mul(MOST_UNPACKED) {
            return Err(io::Error::other(format!(
                "more than {MOST_UNPACKED} times as much comes out of it as went in · 解压后超过原来的 {MOST_UNPACKED} 倍"
            )));
        }
        Ok(count)
    }
}

fn damaged(name: &str, source: &io::Error) -> Error {
    match Runaway::line_of(source) {
        Some(line) => runaway(name, line),
        None => Error::export(name, ExportProblem::Damaged { reason: unpacking(source) }),
    }
}

fn runaway(name: &str, line: u64) -> Error {
    let fault = ExportFault { file: name.to_owned(), sheet: None, line: Some(line), problem: ExportProblem::Runaway };
    Error::Export { faults: vec![fault] }
}

/// The encoding, or the names of those that were tried.
fn look_through(
    text: &mut impl BufRead,
    declared: Option<&'static Encoding>,
) -> io::Result<Result<&'static Encoding, String>> {
    let head = text.fill_buf()?;
    let marked = Encoding::for_bom(head).map(|(encoding, _)| encoding).or_else(|| unmarked_utf16(head));
    let certain = marked.or(declared);
    if let Some(encoding) = certain.filter(|encoding| *encoding == UTF_16LE || *encoding == UTF_16BE) {
        let mut decoder = encoding.new_decoder();
        let mut chunk = vec![0; 1 << 16];
        let mut sink = String::with_capacity(1 << 18);
        loop {
            let count = text.read(&mut chunk)?;
            sink.clear();
            let (.., broken) = decoder.decode_to_string(&chunk[..count], &mut sink, count == 0);
            if broken {
                return Ok(Err(encoding.name().to_owned()));
            }
            if count == 0 {
                return Ok(Ok(encoding));
            }
        }
    }
    let mut lines = LineCounts::default();
    let mut line = Vec::new();
    let mut number = 1;
    while read_line(text, &mut line, number)? != ReadLine::Over {
        lines.add(&line);
        number += 1;
    }
    Ok(match certain {
        // A mark or a declaration decides, as long as most lines agree with it.
        Some(encoding) if encoding == UTF_8 && lines.utf8 * 2 >= lines.all => Ok(encoding),
        Some(encoding) if encoding == GB18030 && lines.gb18030 * 2 >= lines.all => Ok(encoding),
        Some(encoding) => Err(encoding.name().to_owned()),
        None if lines.all == lines.utf8 => Ok(UTF_8),
        None if lines.utf8 * 2 > lines.all => Ok(UTF_8),
        None if lines.gb18030 * 2 > lines.all => Ok(GB18030),
        None => Err("UTF-8, GB18030".to_owned()),
    })
}

/// UTF-16 without a mark: separators and digits have a zero beside them, and no other text holds zeros.
fn unmarked_utf16(head: &[u8]) -> Option<&'static Encoding> {
    let head = &head[..head.len().min(4_096)];
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // A tenth of the characters at least.
    match even.max(odd) * 20 > head.len() {
        true if odd > even * 10 => Some(UTF_16LE),
        true if even > odd * 10 => Some(UTF_16BE),
        _ => None,
    }
}

/// Of the lines that are not plain ASCII: how many there are, are UTF-8, and are GB18030.
#[derive(Default)]
struct LineCounts {
    all: u64,
    utf8: u64,
    gb18030: u64,
}

impl LineCounts {
    fn add(&mut self, line: &[u8]) {
        if line.is_ascii() {
            return;
        }
        self.all += 1;
        if std::str::from_utf8(line).is_ok() {
            self.utf8 += 1;
        } else if GB18030.decode_without_bom_handling_and_without_replacement(line).is_some() {
            self.gb18030 += 1;
        }
    }
}

/// What was read of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ReadLine {
    Ended,
    /// The last one, which nothing ends.
    Unended,
    /// None: the text is over.
    Over,
}

/// Reads the next line, which ends with `\n`, `\r\n` or a bare `\r`, without its end.
fn read_line(text: &mut impl BufRead, line: &mut Vec<u8>, number: u64) -> io::Result<ReadLine> {
    line.clear();
    let mut any = false;
    loop {
        let chunk = text.fill_buf()?;
        if chunk.is_empty() {
            return Ok(if any { ReadLine::Unended } else { ReadLine::Over });
        }
        any = true;
        let end = memchr2(b'\n', b'\r', chunk);
        line.extend_from_slice(&chunk[..end.unwrap_or(chunk.len())]);
        let bare = end.is_some_and(|end| chunk[end] == b'\r');
        let used = end.map_or(chunk.len(), |end| end + 1);
        text.consume(used);
        if bare && text.fill_buf()?.first() == Some(&b'\n') {
            text.consume(1);
        }
        if line.len() > LONGEST_FIELD {
            return Err(io::Error::other(Runaway { line: number }));
        }
        if end.is_some() {
            return Ok(ReadLine::Ended);
        }
    }
}

/// What the decoder finds of lines, shared with the reader behind it.
#[derive(Default)]
struct Found {
    /// The lines that could not be decoded.
    bad: BTreeSet<u64>,
    /// The last line, where nothing ends it, and whether a quote does.
    unended: Option<(u64, bool)>,
}

type FoundLines = Arc<Mutex<Found>>;

fn of_lines(found: &FoundLines) -> MutexGuard<'_, Found> {
    found.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Decodes line by line (neither encoding uses a line end inside a character) and ends every line with one line feed,
/// so that lines can be counted: the CSV reader sees a record end at `\r`, before the line does.
struct LineDecoder<R> {
    text: BufReader<R>,
    encoding: &'static Encoding,
    line: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
    number: u64,
    found: FoundLines,
}

impl<R: Read> Read for LineDecoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.ready.clear();
            self.given = 0;
            while self.ready.len() < buffer.len() {
                match read_line(&mut self.text, &mut self.line, self.number + 1)? {
                    ReadLine::Over => break,
                    ReadLine::Ended => {}
                    ReadLine::Unended => {
                        let is_quoted = self.line.trim_ascii_end().ends_with(b"\"");
                        of_lines(&self.found).unended = Some((self.number + 1, is_quoted));
                    }
                }
                self.number += 1;
                let line = if self.number == 1 {
                    self.line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.line)
                } else {
                    &self.line
                };
                if line.is_ascii() {
                    self.ready.extend_from_slice(line);
                } else {
                    let (decoded, broken) = self.encoding.decode_without_bom_handling(line);
                    if broken || (self.encoding == GB18030 && is_utf8_chinese(line)) {
                        of_lines(&self.found).bad.insert(self.number);
                    }
                    self.ready.extend_from_slice(decoded.as_bytes());
                }
                self.ready.push(b'\n');
            }
        }
        let count = buffer.len().min(self.ready.len() - self.given);
        buffer[..count].copy_from_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

/// Whether a line of a GB18030 file is really UTF-8: valid, with at least two Chinese characters, which GB18030 text
/// is not by chance.
fn is_utf8_chinese(line: &[u8]) -> bool {
    !line.is_ascii()
        && std::str::from_utf8(line)
            .is_ok_and(|text| text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count() >= 2)
}

/// A text as lines of UTF-8.
type Lines = BufReader<LineDecoder<Box<dyn Read + Send>>>;

/// A text file as lines of UTF-8, and what is found of them.
fn decoded(path: &Path, name: &str, encoding: &'static Encoding) -> Result<(Lines, FoundLines)> {
    let found = FoundLines::default();
    let file = File::open(path).map_err(Error::io("open", path))?;
    let file = unpacked(file, name).map_err(|source| damaged(name, &source))?;
    let (file, encoding): (Box<dyn Read + Send>, _) = if encoding == UTF_16LE || encoding == UTF_16BE {
        (Box::new(encoding_rs_io::DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(file)), UTF_8)
    } else {
        (file, encoding)
    };
    let text = BufReader::with_capacity(1 << 16, file);
    let (line, ready) = (Vec::new(), Vec::new());
    let lines = LineDecoder { text, encoding, line, ready, given: 0, number: 0, found: found.clone() };
    Ok((BufReader::with_capacity(1 << 16, lines), found))
}

/// The separator that occurs most in the first lines.
pub fn likely_delimiter(path: &Path, name: &str, encoding: &'static Encoding) -> Result<u8> {
    let (mut decoded, _) = decoded(path, name, encoding)?;
    let start = decoded.fill_buf().map_err(|source| damaged(name, &source))?;
    let head: Vec<&[u8]> = start.split(|byte| *byte == b'\n').take(10).collect();
    let count =
        |separator: u8| head.iter().map(|line| line.iter().filter(|byte| **byte == separator).count()).sum::<usize>();
    Ok([b',', b'\t', b';', b'|'].into_iter().rev().max_by_key(|separator| count(*separator)).unwrap_or(b','))
}

/// The records of a text file, some at a time.
pub(super) struct TextFile<'a> {
    name: &'a str,
    records: csv::Reader<Watched<Lines>>,
    found: FoundLines,
    /// How many are given at a time.
    most: usize,
    /// How much the last records took: the next take about as much, and nothing moves while they are read.
    room: Room,
    is_over: bool,
    ends: Ends,
}

/// How much some records take.
#[derive(Default)]
struct Room {
    text: usize,
    fields: usize,
    records: usize,
}

/// How many bytes the last field had in the last records, and how many of them had as many.
#[derive(Default)]
struct Ends {
    bytes: usize,
    records: u64,
}

impl Ends {
    fn add(&mut self, bytes: usize) {
        let records = if bytes == self.bytes { self.records + 1 } else { 1 };
        *self = Ends { bytes, records };
    }

    /// Whether a field is as long as that of each of the records before it, so many that it is no accident.
    fn is_usual(&self, bytes: usize) -> bool {
        self.bytes == bytes && self.records >= ENDS
    }
}

/// Records in a row whose last fields are of one length, from which on the last one is held to be whole.
const ENDS: u64 = 8;

/// Records take no more memory at a time.
const BATCH_BYTES: usize = 16 << 20;

/// Records of a text file that hold anything: all their text, and where the fields and the records end in it.
pub(super) struct Records {
    text: String,
    /// By field, where it ends.
    fields: Vec<usize>,
    records: Vec<RecordEnd>,
}

struct RecordEnd {
    /// How many fields there are up to its end.
    fields: usize,
    line: u64,
    undecodable: bool,
    unended: Option<bool>,
}

/// One record: its fields.
#[derive(Clone, Copy)]
pub(super) struct Record<'a> {
    text: &'a str,
    /// Where the first field begins.
    start: usize,
    /// Where each field ends.
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn fields(self) -> impl Iterator<Item = &'a str> {
        let starts = std::iter::once(self.start).chain(self.ends.iter().copied());
        starts.zip(self.ends).map(move |(start, end)| &self.text[start..*end])
    }

    /// A field as a cell.
    pub(super) fn cell(&self, index: usize) -> Cell<'a> {
        let Some(end) = self.ends.get(index) else { return Cell::Empty };
        let start = if index == 0 { self.start } else { self.ends[index - 1] };
        match &self.text[start..*end] {
            "" => Cell::Empty,
            text => Cell::Text(text),
        }
    }
}

impl Records {
    fn with_room(room: &Room) -> Records {
        Records {
            text: String::with_capacity(room.text),
            fields: Vec::with_capacity(room.fields),
            records: Vec::with_capacity(room.records),
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// The rows that the records are.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let mut first = 0;
        self.records.iter().map(move |end| {
            let start = if first == 0 { 0 } else { self.fields[first - 1] };
            let record = Record { text: &self.text, start, ends: &self.fields[first..end.fields] };
            first = end.fields;
            let RecordEnd { line, undecodable, unended, .. } = *end;
            Row { sheet: None, line, undecodable, unended, merged: 0, cells: Cells::Text(record) }
        })
    }

    fn push(&mut self, record: &StringRecord, line: u64, undecodable: bool, unended: Option<bool>) {
        let before = self.text.len();
        self.text.push_str(record.as_slice());
        self.fields.extend((0..record.len()).filter_map(|field| record.range(field)).map(|range| before + range.end));
        self.records.push(RecordEnd { fields: self.fields.len(), line, undecodable, unended });
    }
}

impl<'a> TextFile<'a> {
    /// Opens a file whose records are given `most` at a time.
    pub(super) fn open(
        path: &Path,
        name: &'a str,
        encoding: &'static Encoding,
        delimiter: u8,
        most: usize,
    ) -> Result<TextFile<'a>> {
        let (decoded, found) = decoded(path, name, encoding)?;
        let mut records = csv::ReaderBuilder::new();
        records.has_headers(false).flexible(true).delimiter(delimiter).buffer_capacity(1 << 16);
        let records = records.from_reader(Watched::new(decoded, delimiter));
        Ok(TextFile { name, records, found, most, room: Room::default(), is_over: false, ends: Ends::default() })
    }

    fn read(&mut self) -> Result<Records> {
        let mut read = Records::with_room(&self.room);
        let mut record = StringRecord::new();
        while read.records.len() < self.most && read.text.len() < BATCH_BYTES {
            let more = self.records.read_record(&mut record).map_err(|source| match source.into_kind() {
                csv::ErrorKind::Io(source) => damaged(self.name, &source),
                other => Error::export(
                    self.name,
                    ExportProblem::Damaged { reason: Words::quoting("这一行无法读取", format!("{other:?}")) },
                ),
            })?;
            if !more {
                self.is_over = true;
                break;
            }
            // The reader's own position of a record is that of the blank lines before it.
            let next = self.records.position().line();
            let text = record.as_slice();
            let inside = text.bytes().filter(|byte| *byte == b'\n').count() as u64;
            let line = next - 1 - inside;
            if text.len() >= LONGEST_FIELD && record.iter().any(|field| field.len() >= LONGEST_FIELD) {
                return Err(runaway(self.name, line));
            }
            if record.len() > MOST_COLUMNS as usize
                && let Some(last) = (0..record.len()).rfind(|index| !record[*index].trim().is_empty())
                && last >= MOST_COLUMNS as usize
            {
                return Err(Error::export(self.name, ExportProblem::TooLarge { what: column(last + 1) }));
            }
            let (undecodable, unended) = {
                let found = of_lines(&self.found);
                let unended = found.unended.filter(|(unended, _)| (line..next).contains(unended));
                (found.bad.range(line..next).next().is_some(), unended)
            };
            let last = record.iter().next_back().map_or(0, str::len);
            if undecodable || record.iter().any(|field| !field.trim().is_empty()) {
                let is_whole = |(_, is_quoted)| is_quoted || self.ends.is_usual(last);
                read.push(&record, line, undecodable, unended.map(is_whole));
                self.ends.add(last);
            }
        }
        self.room = Room { text: read.text.len(), fields: read.fields.len(), records: read.records.len() };
        Ok(read)
    }
}

impl Iterator for TextFile<'_> {
    type Item = Result<Records>;

    fn next(&mut self) -> Option<Result<Records>> {
        if self.is_over {
            return None;
        }
        let read = self.read();
        self.is_over |= read.is_err();
        match read {
            Ok(read) if read.records.is_empty() => None,
            read => Some(read),
        }
    }
}

/// Gives every record of a text file to `visit`, until it says that it has seen enough.
pub fn each_row(
    path: &Path,
    name: &str,
    encoding: &'static Encoding,
    delimiter: u8,
    mut visit: impl FnMut(Row<'_>) -> Result<bool>,
) -> Result<()> {
    /// Few, for those that look at the first rows alone.
    const FEW: usize = 256;
    for records in TextFile::open(path, name, encoding, delimiter, FEW)? {
        for row in records?.rows() {
            if !visit(row)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
