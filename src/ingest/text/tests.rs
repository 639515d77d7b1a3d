//! Fuzz targets of texts: their records and their encodings.

use std::fs;

use super::*;
use crate::tests::fuzz::fuzz;
use crate::words::Lang;

/// A file that holds the input.
fn file_of(input: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), input).unwrap();
    file
}

/// A text with one line feed at the end of each line, the last one too.
fn even_lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.is_empty() || text.ends_with('\n') { text } else { text + "\n" }
}

/// The records of a text by the csv crate: where each begins, as a line from 1, and its fields.
fn by_the_crate(text: &str, delimiter: u8) -> Vec<(u64, Vec<String>)> {
    let mut records = csv::ReaderBuilder::new();
    let mut records = records.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut all = Vec::new();
    loop {
        let mut record = StringRecord::new();
        let before = records.position().byte() as usize;
        if !records.read_record(&mut record).unwrap() {
            return all;
        }
        let blank = text[before..].len() - text[before..].trim_start_matches('\n').len();
        let line = 1 + text[..before + blank].matches('\n').count() as u64;
        all.push((line, record.iter().map(str::to_owned).collect()));
    }
}

/// No record of a text is lost or made up, and each has its line: the csv crate reads the same of the whole text.
fn records(input: &[u8]) -> String {
    let (delimiter, text) = input.split_first().unwrap_or((&0, &[]));
    let delimiter = [b',', b'\t', b';', b'|'][usize::from(*delimiter) % 4];
    if text.starts_with(b"\x1f\x8b") {
        return "packed".to_owned();
    }
    let file = file_of(text);
    let mut found = Vec::new();
    let read = each_row(file.path(), "any.csv", UTF_8, delimiter, |row| {
        let Cells::Text(record) = row.cells else { unreachable!("a text has records") };
        found.push((row.line, row.undecodable, record.fields().map(str::to_owned).collect::<Vec<_>>()));
        Ok(true)
    });
    let decoded = String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text));
    let decoded = even_lines(&decoded);
    let lines = decoded.matches('\n').count() as u64;
    assert!(found.iter().all(|(line, ..)| (1..=lines).contains(line)));
    assert!(found.is_sorted_by(|one, next| one.0 < next.0), "lines go on");
    if let Err(error) = read {
        // What was given before the fault was found may be all right; the file is refused.
        return error.report(Lang::En);
    }
    let mut whole = by_the_crate(&decoded, delimiter);
    let undecodable: BTreeSet<u64> = found.iter().filter(|found| found.1).map(|found| found.0).collect();
    whole.retain(|(line, fields)| undecodable.contains(line) || fields.iter().any(|field| !field.trim().is_empty()));
    let found: Vec<_> = found.into_iter().map(|(line, _, fields)| (line, fields)).collect();
    assert_eq!(found, whole);
    let shape = |(line, fields): &(u64, Vec<String>)| {
        let is_quoted = fields.iter().any(|field| field.contains(['\n', '"', ',']));
        [fields.len() > 1, is_quoted, undecodable.contains(line)].map(|is| if is { '+' } else { '-' })
    };
    found.iter().take(6).flat_map(shape).collect()
}

/// A text survives each encoding that can hold it; what replaces a character is in a line that is refused.
fn decoding(input: &[u8]) -> String {
    let (form, text) = input.split_first().unwrap_or((&0, &[]));
    // What holds zeros is taken for UTF-16, whatever it is declared to be.
    if form % 6 == 5 {
        return detected(text);
    }
    let text: String = String::from_utf8_lossy(text).replace(['\u{feff}', '\u{fffd}', '\0'], "");
    if text.is_empty() {
        return "nothing".to_owned();
    }
    let utf_16 = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| {
        [&mark[..], &text.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
    };
    let (encoding, bytes) = match form % 6 {
        0 => (UTF_8, text.clone().into_bytes()),
        1 => (UTF_8, [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        2 => (UTF_16LE, utf_16([0xff, 0xfe], u16::to_le_bytes)),
        3 => (UTF_16BE, utf_16([0xfe, 0xff], u16::to_be_bytes)),
        _ => (GB18030, GB18030.encode(&text).0.into_owned()),
    };
    let file = file_of(&bytes);
    let scanned = scan(file.path(), "any.csv", (encoding == GB18030).then_some(GB18030));
    let marked = form % 6 > 0;
    let encoding = match scanned {
        Ok(scan) if !marked => scan.encoding.unwrap(),
        Ok(scan) => {
            assert_eq!(scan.encoding, Some(encoding));
            encoding
        }
        Err(error) => {
            // Text with a mark or a declaration is what they say, unless it has other lines than texts have.
            assert!(!marked || encoding == GB18030, "{}", error.report(Lang::En));
            return error.report(Lang::En);
        }
    };
    if encoding != UTF_8 && !marked {
        return "taken for UTF-16".to_owned();
    }
    let (read, bad) = lines_of(file.path(), encoding);
    let expected = even_lines(&text);
    for (number, (read, expected)) in (1..).zip(read.iter().zip(split(&expected))) {
        assert!(bad.contains(&number) && encoding == GB18030 || read == expected, "line {number}: {read:?}");
    }
    assert_eq!(read.len(), split(&expected).len());
    said(encoding, &bad, &read)
}

/// Bytes in whatever encoding they are found to be in.
fn detected(bytes: &[u8]) -> String {
    let file = file_of(bytes);
    let encoding = match scan(file.path(), "any.csv", None) {
        Ok(scan) => scan.encoding.unwrap(),
        Err(error) => return error.report(Lang::En),
    };
    if bytes.starts_with(b"\x1f\x8b") {
        return "packed".to_owned();
    }
    let (lines, bad) = lines_of(file.path(), encoding);
    // U+FFFD itself, in the encodings that have it.
    let written: [&[u8]; 4] = [b"\xef\xbf\xbd", b"\xfd\xff", b"\xff\xfd", b"\x84\x31\xa4\x37"];
    let is_written = written.iter().any(|own| bytes.windows(own.len()).any(|window| window == *own));
    for (number, line) in (1..).zip(&lines) {
        assert!(is_written || bad.contains(&number) || !line.contains('\u{fffd}'), "line {number}: {line:?}");
    }
    said(encoding, &bad, &lines)
}

/// In short, which lines there are.
fn said(encoding: &'static Encoding, bad: &BTreeSet<u64>, lines: &[String]) -> String {
    let kind = |(number, line): (u64, &String)| match line {
        _ if bad.contains(&number) => '!',
        line if line.is_ascii() => 'a',
        line => line.chars().max().map_or('-', |c| if c > '\u{ffff}' { 'x' } else { '汉' }),
    };
    encoding.name().chars().filter(|c| !c.is_ascii_digit()).chain((1..).zip(lines).take(6).map(kind)).collect()
}

/// The lines of a file as they are decoded, and the numbers of those that are refused.
fn lines_of(path: &Path, encoding: &'static Encoding) -> (Vec<String>, BTreeSet<u64>) {
    let (mut lines, found) = decoded(path, "any.csv", encoding).unwrap();
    let mut text = String::new();
    lines.read_to_string(&mut text).unwrap();
    let bad = of_lines(&found).bad.clone();
    (split(&text).into_iter().map(str::to_owned).collect(), bad)
}

/// Lines that one line feed ends each.
fn split(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').map(|line| line.strip_suffix('\n').unwrap_or(line)).collect()
}

#[test]
fn fuzz_records() {
    fuzz("records", records);
}

#[test]
fn fuzz_decoding() {
    fuzz("decoding", decoding);
}
