//! The XML of event logs, tag by tag, in UTF-8: what is cut off, not well formed or in another encoding is an error.
//!
//! Entities other than XML's own are refused and nothing that a document names is opened. No tag is held that is longer
//! than any field of an export.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::DecodeReaderBytesBuilder;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::reasons::{ill_formed, unpacking};
use super::text::{LONGEST_FIELD, unpacked};
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// Bytes in which a document says what it is.
const HEAD: usize = 1 << 10;

/// How deep elements may stand in one another.
const DEEPEST: usize = 100;

/// An element as it opens.
#[derive(Debug, Default)]
pub(super) struct Element {
    /// Its name without a prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// The attributes that are none of these, as `element/attribute`.
    pub(super) fn others(&self, known: &[&str]) -> impl Iterator<Item = String> {
        let others = self.attributes.iter().filter(|(own, _)| !known.contains(&own.as_str()));
        others.map(|(own, _)| format!("{}/{own}", self.name))
    }

    /// The value of an attribute.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What comes next in a document.
pub(super) enum Node {
    /// An element opens; one without content closes at once.
    Open(Element),
    /// Text, or blanks between elements.
    Text(String),
    /// The innermost element closes.
    Close,
    /// The document ends, with every element closed.
    End,
}

/// What is wrong with a document.
#[derive(Debug)]
pub(super) enum Broken {
    /// It is not in this encoding.
    Encoding(String),
    /// It is cut off, not well formed, or not what it should be.
    Damaged(Words),
    /// Something in it is longer than anything in an export.
    TooLarge(Words),
}

impl Broken {
    /// Text where there should be none.
    pub(super) fn stray(text: &str) -> Broken {
        let start: String = text.trim().chars().take(40).collect();
        Broken::Damaged(Words::new(
            format!("不应有文字的地方有文字「{start}」"),
            format!("text where there should be none: {start}"),
        ))
    }

    /// The error of a file; `place` says where in it.
    pub(super) fn of(self, file: &str, place: &Words) -> Error {
        let problem = match self {
            Broken::Encoding(tried) => ExportProblem::Encoding { tried },
            Broken::Damaged(reason) => ExportProblem::Damaged { reason: reason.after(place) },
            Broken::TooLarge(what) => ExportProblem::TooLarge { what: what.after(place) },
        };
        Error::export(file, problem)
    }
}

/// A document that is read tag by tag.
pub(super) struct Xml {
    reader: Reader<Bounded>,
    buffer: Vec<u8>,
    left: Rc<Cell<usize>>,
    encoding: &'static Encoding,
    /// How many elements are open.
    depth: usize,
    /// Whether the outermost element has been met.
    is_begun: bool,
}

impl Xml {
    /// Opens a document, packed or not, in the encoding that is declared for it, or that it declares itself.
    pub(super) fn open(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Xml> {
        let file = File::open(path).map_err(Error::io("open", path))?;
        let damaged = |error: io::Error| Error::export(name, ExportProblem::Damaged { reason: unpacking(&error) });
        let text = unpacked(file, name).map_err(damaged)?;
        let mut text = BufReader::with_capacity(1 << 16, text);
        let encoding = match declared {
            Some(encoding) => encoding,
            None => of_head(text.fill_buf().map_err(damaged)?)
                .map_err(|broken| broken.of(name, &Words::new("文件开头", "its head")))?,
        };
        let text: Box<dyn BufRead> = if encoding == UTF_8 {
            Box::new(text)
        } else {
            let decoded = DecodeReaderBytesBuilder::new().encoding(Some(encoding)).build(text);
            Box::new(BufReader::with_capacity(1 << 16, decoded))
        };
        let left = Rc::new(Cell::new(LONGEST_FIELD));
        let mut reader = Reader::from_reader(Bounded { text, left: left.clone() });
        reader.config_mut().expand_empty_elements = true;
        Ok(Xml { reader, buffer: Vec::new(), left, encoding, depth: 0, is_begun: false })
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Result<Node, Broken> {
        loop {
            self.buffer.clear();
            self.left.set(LONGEST_FIELD);
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| broken(error, self.encoding))?;
            match event {
                Event::Start(tag) => {
                    if self.depth == 0 && self.is_begun {
                        return Err(Broken::Damaged(Words::new(
                            "文档结束之后还有内容",
                            "something follows the end of the document",
                        )));
                    }
                    self.depth += 1;
                    self.is_begun = true;
                    if self.depth > DEEPEST {
                        return Err(Broken::TooLarge(Words::new(
                            format!("{DEEPEST} 层元素"),
                            format!("{DEEPEST} elements in one another"),
                        )));
                    }
                    return element(&tag, self.encoding).map(Node::Open);
                }
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(Node::Close);
                }
                Event::Text(text) => {
                    let text: &str = &text;
                    return decoded(text, self.encoding).map(|text| Node::Text(text.to_owned()));
                }
                Event::CData(text) => {
                    let text: &str = &text;
                    return decoded(text, self.encoding).map(|text| Node::Text(text.to_owned()));
                }
                Event::GeneralRef(reference) => {
                    let name: &str = &reference;
                    let whole = format!("&{name};");
                    let text = quick_xml::escape::unescape(&whole).map_err(|error| {
                        Broken::Damaged(Words::new(
                            format!("不展开实体 {whole}（原文「{error}」）"),
                            format!("the entity {whole} is not followed: {error}"),
                        ))
                    })?;
                    return Ok(Node::Text(text.into_owned()));
                }
                Event::Eof if self.depth > 0 => {
                    return Err(Broken::Damaged(Words::new(
                        "元素还没有关闭，文件就结束了",
                        "it ends before its elements are closed",
                    )));
                }
                Event::Eof if !self.is_begun => {
                    return Err(Broken::Damaged(Words::new("文件是空的", "it holds nothing")));
                }
                Event::Eof => return Ok(Node::End),
                _ => {}
            }
        }
    }

    /// Passes over the rest of the element that has just opened.
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        let outside = self.depth - 1;
        while self.depth > outside {
            self.next()?;
        }
        Ok(())
    }
}

fn broken(error: quick_xml::Error, encoding: &'static Encoding) -> Broken {
    match error {
        quick_xml::Error::Encoding(_) => Broken::Encoding(encoding.name().to_owned()),
        quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Broken::TooLarge(Words::new("超过 1 MiB 的标记或文字", "a tag or a text of more than 1 MiB"))
        }
        quick_xml::Error::Io(error) => Broken::Damaged(unpacking(&error)),
        error => Broken::Damaged(ill_formed(error)),
    }
}

fn element(tag: &BytesStart<'_>, encoding: &'static Encoding) -> Result<Element, Broken> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| Broken::Damaged(ill_formed(error)))?;
        let value =
            attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| Broken::Damaged(ill_formed(error)))?;
        let key = attribute.key.local_name();
        let key: &str = key.as_ref();
        attributes.push((key.to_owned(), decoded(&value, encoding)?.to_owned()));
    }
    let name = tag.local_name();
    let name: &str = name.as_ref();
    Ok(Element { name: name.to_owned(), attributes })
}

/// A text of the document; what could not be decoded became a replacement character, which no other encoding can hold.
fn decoded<'a>(text: &'a str, encoding: &'static Encoding) -> Result<&'a str, Broken> {
    match encoding != UTF_8 && text.contains('\u{fffd}') {
        true => Err(Broken::Encoding(encoding.name().to_owned())),
        false => Ok(text),
    }
}

/// The encoding of a document by its mark, else by what it declares, else UTF-8.
fn of_head(head: &[u8]) -> Result<&'static Encoding, Broken> {
    if let Some((encoding, _)) = Encoding::for_bom(head) {
        return Ok(encoding);
    }
    match head {
        [b'<', 0, ..] => return Ok(encoding_rs::UTF_16LE),
        [0, b'<', ..] => return Ok(encoding_rs::UTF_16BE),
        _ => {}
    }
    let head = String::from_utf8_lossy(&head[..head.len().min(HEAD)]);
    let declaration = head.split_once("?>").map_or("", |(declaration, _)| declaration);
    let Some((_, rest)) = declaration.split_once("encoding") else { return Ok(UTF_8) };
    let label = rest.trim_start_matches([' ', '=', '"', '\'']);
    let label = &label[..label.find(['"', '\'', ' ']).unwrap_or(label.len())];
    match Encoding::for_label(label.as_bytes()) {
        // Every GBK text is GB18030 too.
        Some(encoding) if encoding == encoding_rs::GBK => Ok(encoding_rs::GB18030),
        Some(encoding) => Ok(encoding),
        None => Err(Broken::Encoding(label.to_owned())),
    }
}

/// A text of which no more than so many bytes are taken at a time.
struct Bounded {
    text: Box<dyn BufRead>,
    left: Rc<Cell<usize>>,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.fill_buf()?;
        let count = given.len().min(buffer.len());
        buffer[..count].copy_from_slice(&given[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left.get() == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.text.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.left.set(self.left.get().saturating_sub(count));
        self.text.consume(count);
    }
}
