//! OCEL 2.0: applications, departments, managers, delay claims and calls as objects; the starts and ends of passes, claims
//! and calls as events. The log is held in memory while it is written.
//!
//! An event of a claim or a call concerns the claim or the call, and that the application: of an application's own events
//! all are of stages, for a tool that flattens the log as for us.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as XmlEvent};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::{Attributes, Clock, Exported, Source, events, xml_text};
use crate::calendar::Instant;
use crate::cases::{Case, Name};
use crate::lake::Value;

/// When an attribute of an object that never changes was given its value, by the standard.
const ALWAYS: &str = "1970-01-01T00:00:00Z";

const APPLICATION: &str = "application";
const DEPARTMENT: &str = "department";
const MANAGER: &str = "manager";
const CLAIM: &str = "delay_claim";
const CALLBACK: &str = "callback";

/// A type of objects or events, with the types of its attributes.
#[derive(Serialize)]
struct Kind {
    name: String,
    attributes: Vec<KindAttribute>,
}

#[derive(Serialize)]
struct KindAttribute {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// An attribute of an object or an event.
#[derive(Serialize)]
struct Attribute {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'static str>,
    value: Json,
    #[serde(skip)]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    object_id: String,
    qualifier: &'static str,
}

#[derive(Serialize)]
struct Object {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributes: Vec<Attribute>,
    relationships: Vec<Relation>,
}

#[derive(Serialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    time: String,
    attributes: Vec<Attribute>,
    relationships: Vec<Relation>,
    #[serde(skip)]
    at: Instant,
}

/// A log that is to be written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Log {
    object_types: Vec<Kind>,
    event_types: Vec<Kind>,
    events: Vec<Event>,
    objects: Vec<Object>,
}

impl Log {
    /// The log of all cases that are known.
    pub(super) fn of(
        source: &Source<'_>,
        attributes: &BTreeMap<String, Attributes>,
        clock: Clock,
        exported: &mut Exported,
    ) -> io::Result<Log> {
        // Every application that is known has attributes, if only none.
        let mut making = Making::new(source, clock, attributes.keys().cloned().collect());
        for bucket in source.known.buckets() {
            let bucket = bucket.map_err(io::Error::other)?;
            for case in source.known.cases_of(&bucket) {
                making.application(&case, attributes.get(&case.facts.application_id));
            }
        }
        making.others();
        let Making { mut objects, mut events, reasons, unzoned, .. } = making;
        // The sort is stable: events of one moment stay in the order of the cases and their passes.
        events.sort_by_key(|event| event.at);
        for (number, event) in (1..).zip(&mut events) {
            event.id = format!("e{number}");
        }
        objects.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        exported.cases = attributes.len() as u64;
        (exported.events, exported.objects) = (events.len() as u64, Some(objects.len() as u64));
        exported.reasons += reasons;
        exported.unzoned += unzoned;
        let object_types = kinds(objects.iter().map(|object| (object.kind, object.attributes.as_slice())));
        let event_types = kinds(events.iter().map(|event| (event.kind.as_str(), event.attributes.as_slice())));
        Ok(Log { object_types, event_types, events, objects })
    }
}

/// The types of some objects or events.
fn kinds<'a>(all: impl Iterator<Item = (&'a str, &'a [Attribute])>) -> Vec<Kind> {
    let mut found: BTreeMap<&str, BTreeMap<&str, &'static str>> = BTreeMap::new();
    for (kind, attributes) in all {
        let known = found.entry(kind).or_default();
        known.extend(attributes.iter().map(|attribute| (attribute.name.as_str(), attribute.kind)));
    }
    let attribute = |(name, kind): (&str, &'static str)| KindAttribute { name: name.to_owned(), kind };
    let kind = |(name, own): (&str, BTreeMap<&str, &'static str>)| Kind {
        name: name.to_owned(),
        attributes: own.into_iter().map(attribute).collect(),
    };
    found.into_iter().map(kind).collect()
}

/// A log while it is made.
struct Making<'a> {
    source: &'a Source<'a>,
    clock: Clock,
    /// The identifiers of objects that are no applications: by type and name.
    ids: BTreeMap<(&'static str, String), String>,
    taken: BTreeSet<String>,
    objects: Vec<Object>,
    events: Vec<Event>,
    reasons: u64,
    unzoned: u64,
}

impl<'a> Making<'a> {
    fn new(source: &'a Source<'a>, clock: Clock, taken: BTreeSet<String>) -> Making<'a> {
        let (objects, events) = (Vec::new(), Vec::new());
        Making { source, clock, ids: BTreeMap::new(), taken, objects, events, reasons: 0, unzoned: 0 }
    }

    /// A name as an identifier that nothing else has.
    fn unique(&mut self, kind: &'static str, name: &str) -> String {
        let mut id = name.to_owned();
        while !self.taken.insert(id.clone()) {
            id = format!("{kind}:{id}");
        }
        id
    }

    /// The identifier of a department or manager.
    fn id(&mut self, kind: &'static str, name: &str) -> String {
        if let Some(id) = self.ids.get(&(kind, name.to_owned())) {
            return id.clone();
        }
        let id = self.unique(kind, name);
        self.ids.insert((kind, name.to_owned()), id.clone());
        id
    }

    fn value(&mut self, value: &Value<'_>) -> Option<(Json, &'static str)> {
        Some(match value {
            Value::Null => return None,
            Value::Text(text) => (json!(text), "string"),
            Value::Number(number) => (json!(number), "float"),
            Value::Integer(integer) => (json!(integer), "integer"),
            Value::Flag(flag) => (json!(flag), "boolean"),
            Value::Date(day) => (json!(self.clock.day(*day, &mut self.unzoned)), "time"),
            Value::Instant(at) => (json!(self.clock.stamp(*at, &mut self.unzoned)), "time"),
        })
    }

    fn attributes<'b>(
        &mut self,
        values: impl IntoIterator<Item = (&'b str, Value<'b>)>,
        time: Option<&'static str>,
    ) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        for (name, value) in values {
            if let Some((value, kind)) = self.value(&value) {
                attributes.push(Attribute { name: name.to_owned(), time, value, kind });
            }
        }
        attributes
    }

    fn event(&mut self, kind: &str, at: Instant, attributes: Vec<Attribute>, relationships: Vec<Relation>) {
        let time = self.clock.stamp(at, &mut self.unzoned);
        self.events.push(Event { id: String::new(), kind: kind.to_owned(), time, attributes, relationships, at });
    }

    /// An event that concerns an object of its own, which is of an application.
    fn event_of_own(&mut self, kind: &'static str, name: &str, of: &str, at: Instant, attributes: Vec<Attribute>) {
        let id = self.unique(kind, name);
        let relation = |object_id: &str, qualifier| Relation { object_id: object_id.to_owned(), qualifier };
        self.event(kind, at, attributes, vec![relation(&id, kind)]);
        let relationships = vec![relation(of, APPLICATION)];
        self.objects.push(Object { id, kind, attributes: Vec::new(), relationships });
    }

    fn application(&mut self, case: &Case<'_>, own: Option<&Attributes>) {
        let id = &case.facts.application_id;
        let of_case = || Relation { object_id: id.clone(), qualifier: APPLICATION };
        let values = own.into_iter().flatten().map(|(name, value)| (name.as_str(), value.clone()));
        let attributes = self.attributes(values, Some(ALWAYS));
        let manager = case.facts.manager_id.map(|manager| self.id(MANAGER, &self.source.text(manager)));
        let relationships = manager.into_iter().map(|object_id| Relation { object_id, qualifier: MANAGER }).collect();
        self.objects.push(Object { id: id.clone(), kind: APPLICATION, attributes, relationships });
        for event in events(case) {
            let pass = event.pass;
            let handler = pass.handler.map(|handler| self.source.text(handler));
            let values = [
                ("lifecycle:transition", Value::text(event.transition.code())),
                ("concept:instance", Value::Text(pass.pass.to_string().into())),
                ("pass", Value::Integer(i64::from(pass.pass))),
                ("org:resource", Value::from(handler.as_deref())),
                ("due_on", Value::from(pass.due_on)),
                ("planned_start_on", Value::from(pass.planned_start_on)),
            ];
            let attributes = self.attributes(values, None);
            let department = self.id(DEPARTMENT, &self.source.text(pass.department));
            let by = Relation { object_id: department, qualifier: DEPARTMENT };
            self.event(&self.source.text(pass.stage), event.at, attributes, vec![of_case(), by]);
        }
        for (number, claim) in (1..).zip(case.claims()) {
            let facts = claim.facts;
            let (stage, cause) = (facts.stage.map(|stage| self.source.text(stage)), self.source.text(facts.cause));
            let values = [
                ("delay_id", Value::from(facts.delay_id.as_deref())),
                ("stage", Value::from(stage.as_deref())),
                ("cause", Value::text(&cause)),
                ("ruling", Value::text(claim.ruling.code())),
                ("ended_on", Value::from(claim.ended_on)),
                ("reported_on", Value::from(claim.reported_on)),
                ("confirmed_on", Value::from(claim.confirmed_on)),
                ("ruled_on", Value::from(claim.ruled_on)),
                ("ruled_by", Value::from(claim.ruled_by)),
            ];
            let attributes = self.attributes(values, None);
            self.reasons += u64::from(facts.reason.is_some());
            let name = facts.delay_id.clone().unwrap_or_else(|| format!("{id}/{CLAIM}/{number}"));
            self.event_of_own(CLAIM, &name, id, Instant::at(facts.began_on, 0), attributes);
        }
        for (number, call) in (1..).zip(case.calls()) {
            let text = |name: Option<Name>| name.map(|name| self.source.text(name));
            let (category, department) = (text(call.issue_category), text(call.issue_department));
            let values = [
                ("reached", Value::Flag(call.reached)),
                ("score", Value::from(call.score)),
                ("manager_score", Value::from(call.manager_score)),
                ("free_choice", Value::from(call.free_choice)),
                ("issue_category", Value::from(category.as_deref())),
                ("issue_department", Value::from(department.as_deref())),
                ("issue_verified", Value::from(call.issue_verified)),
            ];
            let attributes = self.attributes(values, None);
            self.event_of_own(CALLBACK, &format!("{id}/{CALLBACK}/{number}"), id, call.called_at, attributes);
        }
    }

    /// Departments and managers, once all that name them were met.
    fn others(&mut self) {
        for manager in self.source.known.managers() {
            self.id(MANAGER, &manager.manager_id);
        }
        for ((kind, name), id) in self.ids.clone() {
            let manager = self.source.known.managers().iter().find(|own| kind == MANAGER && own.manager_id == name);
            let bureau = manager.map(|manager| manager.bureau.clone());
            let name = (id != name).then_some(name);
            let values = [("name", Value::from(name.as_deref())), ("bureau", Value::from(bureau.as_deref()))];
            let attributes = self.attributes(values, Some(ALWAYS));
            self.objects.push(Object { id, kind, attributes, relationships: Vec::new() });
        }
    }
}

/// Writes a log as JSON.
pub(super) fn write_json(log: &Log, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, log)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// Writes a log as XML; counts the characters that it cannot hold.
pub(super) fn write_xml(log: &Log, out: &mut dyn Write, left_out: &mut u64) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 1);
    writer.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    writer.create_element("log").write_inner_content(|log_writer| {
        for (all, one, kinds) in
            [("object-types", "object-type", &log.object_types), ("event-types", "event-type", &log.event_types)]
        {
            log_writer
                .create_element(all)
                .write_inner_content(|w| kinds.iter().try_for_each(|kind| xml_kind(w, one, kind, left_out)))?;
        }
        log_writer.create_element("objects").write_inner_content(|w| {
            for object in &log.objects {
                let id = xml_text(&object.id, left_out).into_owned();
                let element = w.create_element("object").with_attributes([("id", id.as_str()), ("type", object.kind)]);
                element.write_inner_content(|w| xml_inner(w, &object.attributes, &object.relationships, left_out))?;
            }
            Ok(())
        })?;
        log_writer.create_element("events").write_inner_content(|w| {
            for event in &log.events {
                let kind = xml_text(&event.kind, left_out).into_owned();
                let head = [("id", event.id.as_str()), ("type", &kind), ("time", &event.time)];
                let element = w.create_element("event").with_attributes(head);
                element.write_inner_content(|w| xml_inner(w, &event.attributes, &event.relationships, left_out))?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    writer.get_mut().write_all(b"\n")
}

fn xml_kind<W: Write>(w: &mut Writer<W>, element: &str, kind: &Kind, left_out: &mut u64) -> io::Result<()> {
    let name = xml_text(&kind.name, left_out).into_owned();
    let element = w.create_element(element).with_attribute(("name", name.as_str()));
    element.write_inner_content(|w| {
        w.create_element("attributes").write_inner_content(|w| {
            for KindAttribute { name, kind } in &kind.attributes {
                w.create_element("attribute")
                    .with_attributes([("name", name.as_str()), ("type", kind)])
                    .write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

fn xml_inner<W: Write>(
    w: &mut Writer<W>,
    attributes: &[Attribute],
    relations: &[Relation],
    left_out: &mut u64,
) -> io::Result<()> {
    w.create_element("attributes").write_inner_content(|w| {
        for attribute in attributes {
            let text = match &attribute.value {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            let mut element = w.create_element("attribute").with_attribute(("name", attribute.name.as_str()));
            if let Some(time) = attribute.time {
                element = element.with_attribute(("time", time));
            }
            element.write_text_content(BytesText::new(&xml_text(&text, left_out)))?;
        }
        Ok(())
    })?;
    w.create_element("objects").write_inner_content(|w| {
        for Relation { object_id, qualifier } in relations {
            let id = xml_text(object_id, left_out).into_owned();
            let element = w.create_element("relationship");
            element.with_attributes([("object-id", id.as_str()), ("qualifier", qualifier)]).write_empty()?;
        }
        Ok(())
    })?;
    Ok(())
}
