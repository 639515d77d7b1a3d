//! XES (IEEE 1849): a log of traces of events, read trace by trace.
//!
//! The log is gone through once before a row is given: what is not well formed, cut off or contradicts itself is an error
//! then, and the headers are known. Each later pass holds one trace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use encoding_rs::Encoding;

use super::Row;
use super::eventlog::{self, Gathered, Headers, LogNote, RowOf};
use super::held::{Held, MOST_COLUMNS, MOST_ROWS};
use super::xml::{Broken, Element, Node, Xml};
use crate::error::Result;
use crate::words::Words;

/// What stands where a tool had to write something and knew nothing.
const INVALID: &str = "__INVALID__";

/// The most events of a trace, which is held in memory.
const MOST_EVENTS: usize = 1_000_000;

/// The name of a trace, an event or a log.
const NAME: &str = "concept:name";

/// A log that has been gone through.
pub(super) struct Xes {
    declared: Option<&'static Encoding>,
    headers: Headers,
    defaults: Defaults,
    notes: Vec<LogNote>,
}

/// An attribute of a trace or an event.
#[derive(Debug, Clone, PartialEq)]
struct Attribute {
    key: String,
    held: Option<Held>,
    is_date: bool,
}

/// The values that a log names for what lacks an attribute.
#[derive(Debug, Default)]
struct Defaults {
    traces: Vec<Attribute>,
    events: Vec<Attribute>,
}

/// One trace.
#[derive(Debug, Default)]
struct Trace {
    attributes: Vec<Attribute>,
    events: Vec<Vec<Attribute>>,
}

impl Trace {
    fn name(&self) -> String {
        let name = self.attributes.iter().find(|attribute| attribute.key == NAME);
        match name.and_then(|name| name.held.as_ref()) {
            Some(Held::Text(text)) => text.clone(),
            Some(Held::Number(number)) => number.to_string(),
            _ => String::new(),
        }
    }
}

/// What comes next in a log.
enum Part {
    Trace(Trace),
    /// An event that is in no trace.
    Stray(Vec<Attribute>),
    End,
}

impl Xes {
    /// Goes through a log; `declared` is its encoding, if the mapping names it.
    pub(super) fn open(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Xes> {
        let mut walk = Walk::open(path, name, declared)?;
        let mut headers = Headers::default();
        let mut lacking: BTreeMap<String, u64> = BTreeMap::new();
        let add = |headers: &mut Headers, attributes: &[Attribute], is_case: bool| {
            let fits = attributes.iter().all(|attribute| match is_case {
                true => headers.add_case(&attribute.key),
                false => headers.add_event(&attribute.key),
            });
            if fits { Ok(()) } else { Err(Headers::too_many(name)) }
        };
        loop {
            let (trace, events) = match walk.next()? {
                Part::Trace(trace) => (trace.attributes, trace.events),
                Part::Stray(event) => (Vec::new(), vec![event]),
                Part::End => break,
            };
            add(&mut headers, &trace, true)?;
            for event in &events {
                add(&mut headers, event, false)?;
                for default in &walk.defaults.events {
                    if !event.iter().any(|own| own.key == default.key && own.held.is_some()) {
                        *lacking.entry(default.key.clone()).or_default() += 1;
                    }
                }
            }
        }
        add(&mut headers, &walk.defaults.traces, true)?;
        add(&mut headers, &walk.defaults.events, false)?;
        let Walk { defaults, not_read, .. } = walk;
        let note = |(header, events): (String, u64)| match defaults.events.iter().any(|d| d.key == header && d.is_date)
        {
            true => LogNote::NotDefaulted { header, events },
            false => LogNote::Defaulted { header, events },
        };
        let notes = eventlog::not_read(not_read).into_iter().chain(lacking.into_iter().map(note)).collect();
        Ok(Xes { declared, headers, defaults, notes })
    }

    /// What is remarkable about it.
    pub(super) fn notes(&self) -> &[LogNote] {
        &self.notes
    }

    /// Gives the headers as row 0, then every event and every trace without events, numbered from 1.
    pub(super) fn each_row(
        &self,
        path: &Path,
        name: &str,
        visit: &mut dyn FnMut(Row<'_>) -> Result<bool>,
    ) -> Result<()> {
        if !eventlog::give_headers(&self.headers, visit)? {
            return Ok(());
        }
        let mut walk = Walk::open(path, name, self.declared)?;
        let mut line = 0;
        loop {
            let trace = match walk.next()? {
                Part::Trace(trace) => trace,
                Part::Stray(event) => Trace { attributes: Vec::new(), events: vec![event] },
                Part::End => return Ok(()),
            };
            let case = trace.name();
            let mut row = self.of_trace(&trace);
            for event in &trace.events {
                line += 1;
                self.put_event(&mut row, event);
                if !row.give(&case, line, RowOf::Event, visit)? {
                    return Ok(());
                }
            }
            if trace.events.is_empty() {
                line += 1;
                if !row.give(&case, line, RowOf::Case, visit)? {
                    return Ok(());
                }
            }
        }
    }

    /// A row with what is said of a trace.
    fn of_trace(&self, trace: &Trace) -> Gathered<'_> {
        let mut row = Gathered::new(&self.headers);
        for Attribute { key, held, .. } in defaults(&self.defaults.traces).chain(&trace.attributes) {
            if let Some(held) = held {
                row.put_case(key, held.clone());
            }
        }
        row
    }

    /// Puts what is said of an event instead of the one before it.
    fn put_event(&self, row: &mut Gathered<'_>, event: &[Attribute]) {
        row.clear_event();
        for Attribute { key, held, .. } in defaults(&self.defaults.events).chain(event) {
            if let Some(held) = held {
                row.put_event(key, held.clone());
            }
        }
    }
}

/// The values that a log names for all; a time is nobody's.
fn defaults(defaults: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    defaults.iter().filter(|default| !default.is_date)
}

/// A pass over a log.
struct Walk<'a> {
    xml: Xml,
    file: &'a str,
    defaults: Defaults,
    not_read: BTreeSet<String>,
    is_begun: bool,
    /// How many traces and events were met.
    traces: u64,
    events: u64,
}

impl<'a> Walk<'a> {
    fn open(path: &Path, file: &'a str, declared: Option<&'static Encoding>) -> Result<Walk<'a>> {
        let xml = Xml::open(path, file, declared)?;
        let (defaults, not_read) = (Defaults::default(), BTreeSet::new());
        Ok(Walk { xml, file, defaults, not_read, is_begun: false, traces: 0, events: 0 })
    }

    fn next(&mut self) -> Result<Part> {
        let part = self.part();
        part.map_err(|broken| {
            let (trace, event) = (self.traces, self.events);
            let place =
                Words::new(format!("第 {trace} 条轨迹、第 {event} 个事件"), format!("trace {trace}, event {event}"));
            broken.of(self.file, &place)
        })
    }

    fn part(&mut self) -> Result<Part, Broken> {
        loop {
            let element = match self.xml.next()? {
                Node::Open(element) => element,
                Node::Close => continue,
                Node::Text(text) => {
                    blank(&text)?;
                    continue;
                }
                Node::End => return Ok(Part::End),
            };
            if !self.is_begun {
                self.is_begun = true;
                if element.name != "log" {
                    let name = &element.name;
                    return Err(Broken::Damaged(Words::new(
                        format!("「{name}」不是 XES 的 log 元素"),
                        format!("`{name}` is not the log of XES"),
                    )));
                }
                continue;
            }
            match element.name.as_str() {
                "trace" => return self.trace().map(Part::Trace),
                "event" => {
                    self.events += 1;
                    return self.attributes("event").map(Part::Stray);
                }
                "global" => {
                    let attributes = self.attributes("global")?;
                    let known = attributes.into_iter().filter(|own| own.held != Some(Held::Text(INVALID.to_owned())));
                    match element.get("scope") {
                        Some("trace") => self.defaults.traces.extend(known),
                        _ => self.defaults.events.extend(known),
                    }
                }
                // What describes the log itself.
                "extension" | "classifier" => self.xml.skip()?,
                _ => {
                    if let Some(key) = element.get("key") {
                        self.note(&format!("log/{key}"));
                    } else {
                        self.note(&format!("<{}>", element.name));
                    }
                    self.xml.skip()?;
                }
            }
        }
    }

    fn note(&mut self, key: &str) {
        if self.not_read.len() < MOST_NAMED {
            self.not_read.insert(key.chars().take(LONGEST_KEY).collect());
        }
    }

    fn trace(&mut self) -> Result<Trace, Broken> {
        self.traces += 1;
        let mut trace = Trace::default();
        loop {
            match self.xml.next()? {
                Node::Open(element) if element.name == "event" => {
                    self.events += 1;
                    let event = self.attributes("event")?;
                    trace.events.push(event);
                    if trace.events.len() > MOST_EVENTS || self.events > MOST_ROWS {
                        let count = self.events;
                        return Err(Broken::TooLarge(Words::new(format!("{count} 个事件"), format!("{count} events"))));
                    }
                }
                Node::Open(element) => self.attribute(&element, "trace", &mut trace.attributes)?,
                Node::Text(text) => blank(&text)?,
                Node::Close | Node::End => return Ok(trace),
            }
        }
    }

    /// The attributes of the element that has just opened.
    fn attributes(&mut self, of: &str) -> Result<Vec<Attribute>, Broken> {
        let mut attributes = Vec::new();
        loop {
            match self.xml.next()? {
                Node::Open(element) => self.attribute(&element, of, &mut attributes)?,
                Node::Text(text) => blank(&text)?,
                Node::Close | Node::End => return Ok(attributes),
            }
        }
    }

    fn attribute(&mut self, element: &Element, of: &str, to: &mut Vec<Attribute>) -> Result<(), Broken> {
        let key = element.get("key").unwrap_or_default().trim();
        let value = element.get("value").unwrap_or_default();
        let held = match element.name.as_str() {
            "string" | "date" | "int" | "id" => eventlog::text(value),
            "float" => eventlog::float(value),
            "boolean" => eventlog::flag(value),
            other => {
                let kind = if key.is_empty() { format!("<{other}>") } else { key.to_owned() };
                self.note(&format!("{of}/{kind}"));
                return self.xml.skip();
            }
        };
        if key.is_empty() {
            let name = &element.name;
            return Err(Broken::Damaged(Words::new(
                format!("有一个「{name}」属性没有 key"),
                format!("a `{name}` attribute has no key"),
            )));
        }
        self.inner(of, key)?;
        let attribute = Attribute { key: key.to_owned(), held, is_date: element.name == "date" };
        match to.iter().find(|own| own.key == attribute.key) {
            Some(own) if *own == attribute => {}
            Some(_) => {
                return Err(Broken::Damaged(Words::new(
                    format!("「{key}」给出了两次，值不同"),
                    format!("`{key}` is given twice, with two values"),
                )));
            }
            None if to.len() >= MOST_COLUMNS as usize => {
                let count = to.len() + 1;
                return Err(Broken::TooLarge(Words::new(format!("{count} 个属性"), format!("{count} attributes"))));
            }
            None => to.push(attribute),
        }
        Ok(())
    }

    /// Notes the attributes of an attribute, which are in no column.
    fn inner(&mut self, of: &str, key: &str) -> Result<(), Broken> {
        loop {
            match self.xml.next()? {
                Node::Open(element) => {
                    let inner = element.get("key").unwrap_or(&element.name).to_owned();
                    self.note(&format!("{of}/{key}/{inner}"));
                    self.xml.skip()?;
                }
                Node::Text(text) => blank(&text)?,
                Node::Close | Node::End => return Ok(()),
            }
        }
    }
}

/// The most keys that are named as not read, and how much of each.
const MOST_NAMED: usize = 1_000;
const LONGEST_KEY: usize = 200;

/// Text between elements is nothing but blanks.
fn blank(text: &str) -> Result<(), Broken> {
    match text.trim() {
        "" => Ok(()),
        other => Err(Broken::stray(other)),
    }
}
