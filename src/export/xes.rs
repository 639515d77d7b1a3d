//! XES (IEEE 1849): a trace for each application, and for each pass a start and, if it has finished, a complete event.
//!
//! Traces are written as they come: nothing of the document is held.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, Event};

use super::{Attributes, Clock, Exported, Source, events, xml_text};
use crate::cases::Case;
use crate::lake::Value;

/// The standard extensions whose keys are used: name, prefix.
const EXTENSIONS: [(&str, &str); 4] =
    [("Concept", "concept"), ("Lifecycle", "lifecycle"), ("Organizational", "org"), ("Time", "time")];

/// What an event is called: by its stage, and by its transition too.
const CLASSIFIERS: [(&str, &str); 2] =
    [("Activity", "concept:name"), ("Event Name", "concept:name lifecycle:transition")];

/// Writes the log.
pub(super) fn write(
    source: &Source<'_>,
    attributes: &BTreeMap<String, Attributes>,
    clock: Clock,
    out: &mut dyn Write,
    exported: &mut Exported,
) -> io::Result<()> {
    let mut log = Log { writer: Writer::new_with_indent(out, b' ', 1), clock, exported };
    log.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root = [("xes.version", "1849.2016"), ("xes.features", ""), ("xmlns", "http://www.xes-standard.org/")];
    log.begin("log", &root)?;
    for (name, prefix) in EXTENSIONS {
        let uri = format!("http://www.xes-standard.org/{prefix}.xesext");
        log.element("extension", &[("name", name), ("prefix", prefix), ("uri", &uri)])?;
    }
    for (name, keys) in CLASSIFIERS {
        log.element("classifier", &[("name", name), ("keys", keys)])?;
    }
    for bucket in source.known.buckets() {
        let bucket = bucket.map_err(io::Error::other)?;
        source.known.cases_of(&bucket).try_for_each(|case| log.trace(source, &case, attributes))?;
    }
    log.end("log")?;
    log.writer.get_mut().write_all(b"\n")
}

struct Log<'a, W: Write> {
    writer: Writer<W>,
    clock: Clock,
    exported: &'a mut Exported,
}

impl<W: Write> Log<'_, W> {
    /// The trace of an application.
    fn trace(
        &mut self,
        source: &Source<'_>,
        case: &Case<'_>,
        attributes: &BTreeMap<String, Attributes>,
    ) -> io::Result<()> {
        let id = &case.facts.application_id;
        self.exported.cases += 1;
        self.begin("trace", &[])?;
        self.text("concept:name", id)?;
        for (key, value) in attributes.get(id).into_iter().flatten() {
            self.value(key, value)?;
        }
        for event in events(case) {
            let pass = &event.pass;
            self.exported.events += 1;
            self.begin("event", &[])?;
            self.text("concept:name", source.known.text(pass.stage))?;
            self.text("lifecycle:transition", event.transition.code())?;
            self.value("time:timestamp", &Value::Instant(event.at))?;
            self.text("org:group", source.known.text(pass.department))?;
            if let Some(handler) = pass.handler {
                self.text("org:resource", source.known.text(handler))?;
            }
            self.text("concept:instance", &pass.pass.to_string())?;
            self.value("pass", &Value::Integer(i64::from(pass.pass)))?;
            if let Some(due_on) = pass.due_on {
                self.value("due_on", &Value::Date(due_on))?;
            }
            if let Some(planned_start_on) = pass.planned_start_on {
                self.value("planned_start_on", &Value::Date(planned_start_on))?;
            }
            self.end("event")?;
        }
        self.end("trace")?;
        Ok(())
    }

    fn begin(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.writer.write_event(Event::Start(start))
    }

    fn end(&mut self, name: &str) -> io::Result<()> {
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    fn element(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let element = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.writer.write_event(Event::Empty(element))
    }

    fn text(&mut self, key: &str, text: &str) -> io::Result<()> {
        let text = xml_text(text, &mut self.exported.characters).into_owned();
        self.element("string", &[("key", key), ("value", &text)])
    }

    fn value(&mut self, key: &str, value: &Value<'_>) -> io::Result<()> {
        let unzoned = &mut self.exported.unzoned;
        let (kind, text): (&str, Cow<'_, str>) = match value {
            Value::Null => return Ok(()),
            Value::Text(text) => return self.text(key, text),
            Value::Number(number) => ("float", number.to_string().into()),
            Value::Integer(integer) => ("int", integer.to_string().into()),
            Value::Flag(flag) => ("boolean", flag.to_string().into()),
            Value::Date(day) => ("date", self.clock.day(*day, unzoned).into()),
            Value::Instant(at) => ("date", self.clock.stamp(*at, unzoned).into()),
        };
        self.element(kind, &[("key", key), ("value", &text)])
    }
}
