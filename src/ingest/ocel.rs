//! OCEL 2.0, in JSON or XML: events that concern objects of several types, one type of which is the case.
//!
//! A row is an event with each of its objects of that type. The attributes of the object are those of the case; the other
//! objects of the event are in a column for each type, `ocel:type:department`. Objects and events refer to one another
//! across the file, so that it is held in memory, and no more of it than [`MOST_BYTES`].

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use chrono::DateTime;
use encoding_rs::{Encoding, UTF_8};
use serde::Deserialize;
use serde_json::Value;

use super::Row;
use super::eventlog::{self, Gathered, Headers, LogNote, RowOf};
use super::held::Held;
use super::reasons::{bytes as size, unpacking};
use super::text::unpacked;
use super::xml::{Broken, Element, Node, Xml};
use crate::error::{Error, ExportProblem, Result};
use crate::words::Words;

/// The largest log that is read, in bytes and unpacked.
const MOST_BYTES: u64 = 512 << 20;

const NAME: &str = "concept:name";
const TIME: &str = "time:timestamp";
const EVENT_ID: &str = "ocel:eid";
/// Before the type of other objects.
const TYPE: &str = "ocel:type:";

/// In what a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Json,
    Xml,
}

/// A log as it is written.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    events: Vec<Event>,
    objects: Vec<Object>,
    /// What it holds besides, which is not read.
    #[serde(skip)]
    unread: BTreeSet<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    time: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    relationships: Vec<Relation>,
}

#[derive(Debug, Default, Deserialize)]
struct Object {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
    #[serde(default)]
    relationships: Vec<Relation>,
}

#[derive(Debug, Default, Deserialize)]
struct Attribute {
    name: String,
    #[serde(default)]
    time: String,
    value: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    object_id: String,
}

/// A log that has been read.
pub(super) struct Ocel {
    document: Document,
    /// Object → its place.
    places: BTreeMap<String, usize>,
    /// The type that is the case.
    case: String,
    headers: Headers,
    notes: Vec<LogNote>,
}

impl Ocel {
    /// Reads a log; `declared` is its encoding and `object` the type of its cases, as far as the mapping names them.
    pub(super) fn open(
        path: &Path,
        name: &str,
        notation: Notation,
        declared: Option<&'static Encoding>,
        object: Option<&str>,
    ) -> Result<Ocel> {
        let document = match notation {
            Notation::Json => json(path, name, declared)?,
            Notation::Xml => Document::of_xml(path, name, declared)?,
        };
        let mut places = BTreeMap::new();
        for (place, object) in document.objects.iter().enumerate() {
            if places.insert(object.id.clone(), place).is_some() {
                let id = &object.id;
                let reason = Words::new(format!("对象「{id}」列了两次"), format!("the object `{id}` is listed twice"));
                return Err(Error::export(name, ExportProblem::Damaged { reason }));
            }
        }
        let case = case_type(&document, object).map_err(|problem| Error::export(name, problem))?;
        let mut log = Ocel { document, places, case, headers: Headers::default(), notes: Vec::new() };
        (log.headers, log.notes) = log.laid_out(name)?;
        Ok(log)
    }

    /// What is remarkable about it.
    pub(super) fn notes(&self) -> &[LogNote] {
        &self.notes
    }

    /// Gives the headers as row 0, then each event with each of its cases, and the cases without events.
    pub(super) fn each_row(&self, visit: &mut dyn FnMut(Row<'_>) -> Result<bool>) -> Result<()> {
        if !eventlog::give_headers(&self.headers, visit)? {
            return Ok(());
        }
        let mut met = BTreeSet::new();
        let mut line = 0;
        for event in &self.document.events {
            line += 1;
            for case in self.cases(event) {
                met.insert(case.id.as_str());
                let mut row = self.gathered(case);
                self.put_event(&mut row, event);
                if !row.give(&case.id, line, RowOf::Event, visit)? {
                    return Ok(());
                }
            }
        }
        for case in self.document.objects.iter().filter(|object| object.kind == self.case) {
            if !met.contains(case.id.as_str()) {
                line += 1;
                if !self.gathered(case).give(&case.id, line, RowOf::Case, visit)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The objects of an event, each once.
    fn objects<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Object> {
        let mut met = BTreeSet::new();
        let ids = event.relationships.iter().map(|relation| relation.object_id.as_str());
        ids.filter(move |id| met.insert(*id)).filter_map(|id| Some(&self.document.objects[*self.places.get(id)?]))
    }

    fn cases<'a>(&'a self, event: &'a Event) -> impl Iterator<Item = &'a Object> {
        self.objects(event).filter(|object| object.kind == self.case)
    }

    fn gathered(&self, case: &Object) -> Gathered<'_> {
        let mut row = Gathered::new(&self.headers);
        for (name, attribute) in newest(&case.attributes).newest {
            if let Some(held) = held(&attribute.value) {
                row.put_case(name, held);
            }
        }
        row.put_case(NAME, Held::Text(case.id.clone()));
        row
    }

    fn put_event(&self, row: &mut Gathered<'_>, event: &Event) {
        for attribute in &event.attributes {
            if let Some(held) = held(&attribute.value) {
                row.put_event(&attribute.name, held);
            }
        }
        let mut others: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for object in self.objects(event).filter(|object| object.kind != self.case) {
            others.entry(&object.kind).or_default().push(&object.id);
        }
        for (kind, ids) in others {
            row.put(&format!("{TYPE}{kind}"), Held::Text(ids.join(";")));
        }
        for (header, text) in [(EVENT_ID, &event.id), (NAME, &event.kind), (TIME, &event.time)] {
            if let Some(held) = eventlog::text(text) {
                row.put(header, held);
            }
        }
    }

    /// The headers, and what of the log is not in the rows.
    fn laid_out(&self, file: &str) -> Result<(Headers, Vec<LogNote>)> {
        let mut headers = Headers::default();
        let mut not_read = self.document.unread.clone();
        let (mut changed, mut unrelated) = (BTreeMap::<&str, u64>::new(), 0);
        let mut fits = headers.add_case(NAME) && [NAME, TIME, EVENT_ID].iter().all(|header| headers.add(header));
        for object in self.document.objects.iter().filter(|object| object.kind == self.case) {
            let found = newest(&object.attributes);
            for (name, earlier) in found.earlier {
                *changed.entry(name).or_default() += earlier;
            }
            for name in found.newest.into_keys() {
                match name {
                    NAME => drop(not_read.insert(format!("{}/{NAME}", object.kind))),
                    name => fits &= headers.add_case(name),
                }
            }
        }
        for object in &self.document.objects {
            if !object.relationships.is_empty() {
                not_read.insert(format!("{} → objects", object.kind));
            }
            if object.kind != self.case {
                not_read.extend(object.attributes.iter().map(|own| format!("{}/{}", object.kind, own.name)));
            }
        }
        let mut met = BTreeSet::new();
        for event in &self.document.events {
            if let Some(reason) = (!met.insert(&event.id))
                .then(|| Words::new("出现了两次", "is there twice"))
                .or_else(|| contradiction(event))
            {
                let id = &event.id;
                let reason =
                    Words::new(format!("事件「{id}」{}", reason.zh), format!("the event `{id}` {}", reason.en));
                return Err(Error::export(file, ExportProblem::Damaged { reason }));
            }
            for attribute in &event.attributes {
                match attribute.name.as_str() {
                    name @ (NAME | TIME | EVENT_ID) => drop(not_read.insert(format!("event/{name}"))),
                    name => fits &= headers.add_event(name),
                }
            }
            for object in self.objects(event).filter(|object| object.kind != self.case) {
                fits &= headers.add(&format!("{TYPE}{}", object.kind));
            }
            if event.relationships.iter().any(|relation| !self.places.contains_key(&relation.object_id)) {
                not_read.insert("event → objects that are not listed".to_owned());
            }
            unrelated += u64::from(self.cases(event).next().is_none());
        }
        if !fits {
            return Err(Headers::too_many(file));
        }
        let changed = changed.into_iter().filter(|(_, values)| *values > 0);
        let changed = changed.map(|(name, values)| LogNote::Changed { header: format!("case:{name}"), values });
        let unrelated = (unrelated > 0).then(|| LogNote::Unrelated { object: self.case.clone(), events: unrelated });
        Ok((headers, eventlog::not_read(not_read).into_iter().chain(changed).chain(unrelated).collect()))
    }
}

/// That an event gives one attribute two values.
fn contradiction(event: &Event) -> Option<Words> {
    let mut values: BTreeMap<&str, &Value> = BTreeMap::new();
    let other =
        event.attributes.iter().find(|own| values.insert(&own.name, &own.value).is_some_and(|v| *v != own.value));
    other.map(|own| {
        let name = &own.name;
        Words::new(format!("给「{name}」两个不同的值"), format!("gives `{name}` two values"))
    })
}

/// The type of the objects that are the cases: the one that is named, or the only one.
fn case_type(document: &Document, named: Option<&str>) -> Result<String, ExportProblem> {
    let found: BTreeSet<&str> = document.objects.iter().map(|object| object.kind.as_str()).collect();
    let only = (found.len() == 1).then(|| found.first().copied()).flatten();
    match named {
        Some(named) if found.contains(named) => Ok(named.to_owned()),
        None if only.is_some() => Ok(only.unwrap_or_default().to_owned()),
        _ => Err(ExportProblem::WhichObject {
            named: named.map(str::to_owned),
            found: found.into_iter().map(str::to_owned).collect(),
        }),
    }
}

/// The newest value of each attribute, and how many other values came before it.
#[derive(Default)]
struct Newest<'a> {
    newest: BTreeMap<&'a str, &'a Attribute>,
    earlier: BTreeMap<&'a str, u64>,
}

fn newest(attributes: &[Attribute]) -> Newest<'_> {
    let mut found = Newest::default();
    for attribute in attributes {
        let name = attribute.name.as_str();
        let Some(known) = found.newest.get(name) else {
            found.newest.insert(name, attribute);
            continue;
        };
        *found.earlier.entry(name).or_default() += u64::from(known.value != attribute.value);
        if !is_before(&attribute.time, &known.time) {
            found.newest.insert(name, attribute);
        }
    }
    found
}

fn is_before(one: &str, other: &str) -> bool {
    match (DateTime::parse_from_rfc3339(one), DateTime::parse_from_rfc3339(other)) {
        (Ok(one), Ok(other)) => one < other,
        _ => one < other,
    }
}

fn held(value: &Value) -> Option<Held> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(Held::Flag(*flag)),
        Value::Number(number) if number.is_f64() => number.as_f64().map(Held::Number),
        Value::Number(number) => Some(Held::Text(number.to_string())),
        Value::String(text) => eventlog::text(text),
        other => Some(Held::Text(other.to_string())),
    }
}

fn too_large(name: &str) -> Error {
    Error::export(name, ExportProblem::TooLarge { what: size(MOST_BYTES) })
}

/// Why a text is no log in JSON.
fn not_json(error: &serde_json::Error) -> Words {
    let (line, column) = (error.line(), error.column());
    let zh = match error.classify() {
        serde_json::error::Category::Eof => format!("JSON 在第 {line} 行第 {column} 列中断"),
        serde_json::error::Category::Data => {
            format!("第 {line} 行第 {column} 列的内容不符合 OCEL 2.0（原文「{error}」）")
        }
        _ => format!("JSON 在第 {line} 行第 {column} 列写法不对（原文「{error}」）"),
    };
    Words::new(zh, error.to_string())
}

fn json(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Document> {
    let damaged = |reason: Words| Error::export(name, ExportProblem::Damaged { reason });
    let file = File::open(path).map_err(Error::io("open", path))?;
    let text = unpacked(file, name).map_err(|error| damaged(unpacking(&error)))?;
    let mut bytes = Vec::new();
    text.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(|error| damaged(unpacking(&error)))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(too_large(name));
    }
    let encoding = Encoding::for_bom(&bytes).map(|(encoding, _)| encoding).or(declared).unwrap_or(UTF_8);
    let (text, _, broken) = encoding.decode(&bytes);
    if broken {
        return Err(Error::export(name, ExportProblem::Encoding { tried: encoding.name().to_owned() }));
    }
    let mut unread = BTreeSet::new();
    let mut source = serde_json::Deserializer::from_str(&text);
    let document = serde_ignored::deserialize(&mut source, |path| {
        // Which attributes there are is seen from their values.
        unread.extend(Some(key(&path)).filter(|key| !TYPES.contains(&key.as_str())));
    });
    let document: Document = document.map_err(|error| damaged(not_json(&error)))?;
    source.end().map_err(|error| damaged(not_json(&error)))?;
    Ok(Document { unread, ..document })
}

/// What declares the types of objects and events in JSON.
const TYPES: [&str; 2] = ["objectTypes", "eventTypes"];

/// A place of a document, whichever of several it is: `events/relationships/qualifier`.
fn key(path: &serde_ignored::Path<'_>) -> String {
    use serde_ignored::Path;
    match path {
        Path::Root => String::new(),
        Path::Map { parent, key: own } => match key(parent) {
            above if above.is_empty() => own.clone(),
            above => format!("{above}/{own}"),
        },
        Path::Seq { parent, .. }
        | Path::Some { parent }
        | Path::NewtypeStruct { parent }
        | Path::NewtypeVariant { parent } => key(parent),
    }
}

impl Document {
    fn of_xml(path: &Path, name: &str, declared: Option<&'static Encoding>) -> Result<Document> {
        let mut xml = Xml::open(path, name, declared)?;
        let mut document = Document::default();
        let place = |document: &Document| {
            let (objects, events) = (document.objects.len(), document.events.len());
            Words::new(format!("第 {objects} 个对象、第 {events} 个事件"), format!("object {objects}, event {events}"))
        };
        document.fill(&mut xml).map_err(|broken| broken.of(name, &place(&document)))?;
        Ok(document)
    }

    fn fill(&mut self, xml: &mut Xml) -> Result<(), Broken> {
        let mut kinds = Kinds::default();
        let mut held = 0;
        loop {
            match xml.next()? {
                Node::Open(element) => match element.name.as_str() {
                    "log" | "objects" | "events" => {}
                    "object-types" | "event-types" => kinds.fill(xml)?,
                    "object" => {
                        let (id, kind) = (needed(&element, "id")?, needed(&element, "type")?);
                        self.unread.extend(element.others(&["id", "type"]));
                        let (attributes, relationships) = inner(xml, &kinds, &kind, &mut held, &mut self.unread)?;
                        self.objects.push(Object { id, kind, attributes, relationships });
                    }
                    "event" => {
                        let (id, kind) = (needed(&element, "id")?, needed(&element, "type")?);
                        let time = needed(&element, "time")?;
                        self.unread.extend(element.others(&["id", "type", "time"]));
                        let (attributes, relationships) = inner(xml, &kinds, &kind, &mut held, &mut self.unread)?;
                        self.events.push(Event { id, kind, time, attributes, relationships });
                    }
                    other => return Err(no_element(other)),
                },
                Node::Close => {}
                Node::Text(text) if text.trim().is_empty() => {}
                Node::Text(text) => return Err(Broken::stray(&text)),
                Node::End => return Ok(()),
            }
        }
    }
}

/// The types of attributes, by the type of their objects or events.
#[derive(Default)]
struct Kinds(BTreeMap<(String, String), String>);

impl Kinds {
    fn fill(&mut self, xml: &mut Xml) -> Result<(), Broken> {
        let mut depth = 1;
        let mut owner = String::new();
        while depth > 0 {
            match xml.next()? {
                Node::Open(element) => {
                    depth += 1;
                    match element.name.as_str() {
                        "attribute" => {
                            let name = needed(&element, "name")?;
                            self.0.insert((owner.clone(), name), needed(&element, "type")?);
                        }
                        "object-type" | "event-type" => owner = needed(&element, "name")?,
                        _ => {}
                    }
                }
                Node::Close | Node::End => depth -= 1,
                Node::Text(_) => {}
            }
        }
        Ok(())
    }

    /// The value that a text writes in an attribute.
    fn value(&self, owner: &str, name: &str, text: String) -> Value {
        let kind = self.0.get(&(owner.to_owned(), name.to_owned())).map(String::as_str);
        let read = match kind {
            Some("float") => text.trim().parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number),
            Some("boolean") => text.trim().parse().ok().map(Value::Bool),
            _ => None,
        };
        read.unwrap_or(Value::String(text))
    }
}

fn no_element(name: &str) -> Broken {
    Broken::Damaged(Words::new(format!("OCEL 2.0 中没有元素「{name}」"), format!("`{name}` is no element of OCEL 2.0")))
}

fn needed(element: &Element, name: &str) -> Result<String, Broken> {
    let of = &element.name;
    let missing = || Broken::Damaged(Words::new(format!("「{of}」缺少「{name}」"), format!("`{of}` has no `{name}`")));
    element.get(name).map(str::to_owned).ok_or_else(missing)
}

/// The attributes and relations of the object or event that has just opened; `held` counts the bytes of all, and `unread`
/// lists what is not read.
fn inner(
    xml: &mut Xml,
    kinds: &Kinds,
    owner: &str,
    held: &mut u64,
    unread: &mut BTreeSet<String>,
) -> Result<(Vec<Attribute>, Vec<Relation>), Broken> {
    let (mut attributes, mut relations) = (Vec::new(), Vec::new());
    let mut depth = 1;
    let mut open: Option<(String, String, String)> = None;
    while depth > 0 {
        match xml.next()? {
            Node::Open(element) => {
                depth += 1;
                match element.name.as_str() {
                    "attribute" => {
                        unread.extend(element.others(&["name", "time"]));
                        let time = element.get("time").unwrap_or_default().to_owned();
                        open = Some((needed(&element, "name")?, time, String::new()));
                    }
                    "relationship" | "relobj" | "relationships" => {
                        unread.extend(element.others(&["object-id"]));
                        if let Some(object_id) = element.get("object-id") {
                            *held += object_id.len() as u64;
                            relations.push(Relation { object_id: object_id.to_owned() });
                        }
                    }
                    "attributes" | "objects" => {}
                    other => return Err(no_element(other)),
                }
            }
            Node::Text(text) => match &mut open {
                Some((.., value)) => value.push_str(&text),
                None if text.trim().is_empty() => {}
                None => return Err(Broken::stray(&text)),
            },
            Node::Close | Node::End => {
                depth -= 1;
                if let Some((name, time, text)) = open.take() {
                    *held += (name.len() + text.len()) as u64;
                    let value = kinds.value(owner, &name, text);
                    attributes.push(Attribute { name, time, value });
                }
            }
        }
        if *held > MOST_BYTES {
            return Err(Broken::TooLarge(size(MOST_BYTES)));
        }
    }
    Ok((attributes, relations))
}
