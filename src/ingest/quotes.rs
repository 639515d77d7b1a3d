//! Quotes that swallow rows.
//!
//! A quote that opens and does not close makes the lines after it one field: rows vanish and nothing looks wrong. The
//! CSV reader takes such text as it comes, so the text is watched on its way in, by the reader's own rules, and the
//! file is refused with the line on which the quote opens.

use std::io::{self, Read};

/// The most line breaks that one field may hold: as many as a cell of Excel.
const MOST_BREAKS: u64 = 253;

/// A quote that opens on a line and does not close, or a line that is too long.
#[derive(Debug, thiserror::Error)]
#[error("line {line} does not end")]
pub struct Runaway {
    /// The line, from 1.
    pub line: u64,
}

impl Runaway {
    /// The line that an error of reading is about, where it is one of these.
    pub fn line_of(error: &io::Error) -> Option<u64> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Runaway>()).map(|runaway| runaway.line)
    }
}

/// Where the text stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Before a field.
    Start,
    /// In a field without quotes: those that it holds are part of it.
    Bare,
    /// In a field with quotes.
    Quoted,
    /// After a quote in such a field: the field ends, or the quote is doubled.
    Closed,
}

/// Text with one `\n` a line, watched while it is read.
pub struct Watched<R> {
    text: R,
    delimiter: u8,
    place: Place,
    line: u64,
    opened: u64,
}

impl<R: Read> Watched<R> {
    /// Watches a text from its first line on.
    pub fn new(text: R, delimiter: u8) -> Watched<R> {
        Watched { text, delimiter, place: Place::Start, line: 1, opened: 1 }
    }

    fn see(&mut self, bytes: &[u8]) -> Result<(), Runaway> {
        if matches!(self.place, Place::Start | Place::Bare) && !bytes.contains(&b'"') {
            self.line += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            if let Some(last) = bytes.last() {
                self.place = if *last == b'\n' || *last == self.delimiter { Place::Start } else { Place::Bare };
            }
            return Ok(());
        }
        for byte in bytes {
            let breaks = *byte == b'\n';
            self.line += u64::from(breaks);
            self.place = match (self.place, *byte) {
                (Place::Start, b'"') => {
                    self.opened = self.line;
                    Place::Quoted
                }
                (Place::Quoted, b'"') => Place::Closed,
                (Place::Closed, b'"') => Place::Quoted,
                (Place::Quoted, _) if self.line - self.opened <= MOST_BREAKS => Place::Quoted,
                (Place::Quoted, _) => return Err(Runaway { line: self.opened }),
                (_, byte) if breaks || byte == self.delimiter => Place::Start,
                // The quote that closed this field was meant to open another.
                (Place::Closed, _) if self.line > self.opened => return Err(Runaway { line: self.opened }),
                _ => Place::Bare,
            };
        }
        Ok(())
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        self.see(&buffer[..count]).map_err(io::Error::other)?;
        if count == 0 && !buffer.is_empty() && self.place == Place::Quoted {
            return Err(io::Error::other(Runaway { line: self.opened }));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of the quote that is refused, however the text is split into pieces.
    fn runaway(text: &str) -> Option<u64> {
        let whole = io::copy(&mut Watched::new(text.as_bytes(), b','), &mut io::sink()).err();
        let mut pieces = Watched::new(text.as_bytes(), b',');
        let mut byte = [0; 1];
        let piecewise = loop {
            match pieces.read(&mut byte) {
                Ok(0) => break None,
                Ok(_) => {}
                Err(error) => break Some(error),
            }
        };
        let [whole, piecewise] = [whole, piecewise].map(|error| error.as_ref().and_then(Runaway::line_of));
        assert_eq!(whole, piecewise, "{text}");
        whole
    }

    #[test]
    fn a_quote_that_swallows_rows_is_refused() {
        let breaks = |count| format!("a\nb,\"{}\",c\nd\n", "\n".repeat(count));
        for (text, line) in [
            ("a,b\nc,\"d\"\n", None),
            ("a,\"b\nc\",d\ne,\"\"\"f\"\"\n\",g\n", None),
            ("a,5\" pipe\nb,c\n", None),
            ("a,\"5\" pipe\nb,c\n", None),
            ("a,b\nc,\"d\n", Some(2)),
            ("a,b\nc,\"d\ne,f\ng,\"h\"\n", Some(2)),
            ("\"a\",\"b\n\"c\",\"d\"\n", Some(1)),
            (&breaks(253), None),
            (&breaks(254), Some(2)),
        ] {
            assert_eq!(runaway(text), line, "{text}");
        }
    }
}
