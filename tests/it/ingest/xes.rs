//! Event logs in XES and OCEL 2.0: read like the same log as CSV, and refused whole where they are broken.

use std::io::Write;

use encoding_rs::GB18030;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use crate::place::{Place, holds};

const MAPPING: &str = r#"
[tables.applications]
files = ["log*"]
absent = ["promised_on", "cancelled_at"]
columns = { accepted_at = "case:opened", energised_at = "case:closed" }
defaults = { voltage_kv = "0", capacity_kva = "0", bureau = "South" }
[tables.stages]
files = ["log*"]
absent = ["due_on"]
values.department = { NONE = "" }
defaults = { department = "(unknown)" }
"#;

/// The same log as CSV, in the headers of a data frame of pm4py.
const CSV: &str = "\
case:concept:name,case:opened,case:closed,concept:name,time:timestamp,org:group,org:resource,case:size
A1,2011-10-28T23:30:00+02:00,2011-11-02,Check,2011-10-31T08:00:00Z,Desk,<王> & \"Co\",1.5
A1,2011-10-28T23:30:00+02:00,2011-11-02,报告 · Report,2011-11-01T10:00:00+01:00,,,1.5
A2,2011-10-29T00:30:00+02:00,,Check,2011-10-30T09:00:00,NONE,,
";

const XES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <classifier name="Activity" keys="concept:name"/>
  <string key="source" value="hand"/>
  <trace>
    <string key="concept:name" value="A1"/>
    <date key="opened" value="2011-10-28T23:30:00+02:00"/>
    <date key="closed" value="2011-11-02"/>
    <float key="size" value="1.5"/>
    <event>
      <string key="concept:name" value="Check"><string key="language" value="en"/></string>
      <date key="time:timestamp" value="2011-10-31T08:00:00Z"/>
      <string key="org:group" value="Desk"/>
      <string key="org:resource" value="&lt;王&gt; &amp; &quot;Co&#34;"/>
      <list key="parts"><values><int key="part" value="1"/></values></list>
    </event>
    <event>
      <string key="concept:name" value="报告 · Report"/>
      <date key="time:timestamp" value="2011-11-01T10:00:00+01:00"/>
    </event>
  </trace>
  <trace>
    <string key="concept:name" value="A2"/>
    <date key="opened" value="2011-10-29T00:30:00+02:00"/>
    <event>
      <string key="concept:name" value="Check"/>
      <date key="time:timestamp" value="2011-10-30T09:00:00"/>
      <string key="org:group" value="NONE"/>
    </event>
  </trace>
</log>
"#;

/// A folder with one log by the mapping of this file.
fn log(name: &str, bytes: impl AsRef<[u8]>) -> Place {
    let place = Place::new();
    place.write(&format!("data/{name}"), bytes);
    place.write("map.toml", MAPPING);
    place.write("process.toml", "open = true\n");
    place.pipeline("max_rejects = 1.0\nsource = \"map.toml\"\ncalendar = \"nl\"\nstandards = \"none\"");
    place
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn utf16(text: &str, mark: bool) -> Vec<u8> {
    let mark = if mark { "\u{feff}" } else { "" };
    format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An event log in OCEL 2.0: two applications, a department, and an event of the department alone.
const OCEL: &str = r#"{
  "objectTypes": [{ "name": "application", "attributes": [] }, { "name": "department", "attributes": [] }],
  "eventTypes": [{ "name": "Check", "attributes": [] }],
  "events": [
    { "id": "e1", "type": "Check", "time": "2011-10-31T08:00:00Z",
      "attributes": [{ "name": "org:resource", "value": "<王> & \"Co\"" }],
      "relationships": [{ "objectId": "A1", "qualifier": "of" }, { "objectId": "Desk", "qualifier": "by" }] },
    { "id": "e2", "type": "报告 · Report", "time": "2011-11-01T10:00:00+01:00",
      "relationships": [{ "objectId": "A1", "qualifier": "of" }] },
    { "id": "e3", "type": "Check", "time": "2011-10-30T09:00:00", "attributes": [],
      "relationships": [{ "objectId": "A2", "qualifier": "of" }, { "objectId": "NONE", "qualifier": "by" }] },
    { "id": "e4", "type": "Meet", "time": "2011-10-30T09:00:00", "attributes": [],
      "relationships": [{ "objectId": "Desk", "qualifier": "of" }] }
  ],
  "objects": [
    { "id": "A1", "type": "application", "attributes": [
      { "name": "opened", "time": "1970-01-01T00:00:00Z", "value": "2011-10-28T23:30:00+02:00" },
      { "name": "closed", "time": "1970-01-01T00:00:00Z", "value": "2011-11-03" },
      { "name": "closed", "time": "2011-11-02T00:00:00Z", "value": "2011-11-02" },
      { "name": "size", "time": "1970-01-01T00:00:00Z", "value": 1.5 }], "relationships": [] },
    { "id": "A2", "type": "application", "attributes": [
      { "name": "opened", "time": "1970-01-01T00:00:00Z", "value": "2011-10-29T00:30:00+02:00" }] },
    { "id": "Desk", "type": "department", "attributes": [{ "name": "floor", "time": "1970-01-01T00:00:00Z", "value": 2 }] },
    { "id": "NONE", "type": "department" }
  ]
}"#;

const OCEL_XML: &str = r#"<?xml version='1.0' encoding='UTF-8'?>
<log>
  <object-types>
    <object-type name="application"><attributes><attribute name="size" type="float"/></attributes></object-type>
    <object-type name="department"><attributes/></object-type>
  </object-types>
  <event-types><event-type name="Check"><attributes/></event-type></event-types>
  <objects>
    <object id="A1" type="application"><attributes>
      <attribute name="opened" time="1970-01-01T00:00:00Z">2011-10-28T23:30:00+02:00</attribute>
      <attribute name="closed" time="1970-01-01T00:00:00Z">2011-11-02</attribute>
      <attribute name="size" time="1970-01-01T00:00:00Z">1.5</attribute>
    </attributes><objects/></object>
    <object id="A2" type="application"><attributes>
      <attribute name="opened" time="1970-01-01T00:00:00Z">2011-10-29T00:30:00+02:00</attribute>
    </attributes></object>
    <object id="Desk" type="department"/>
    <object id="NONE" type="department"/>
  </objects>
  <events>
    <event id="e1" type="Check" time="2011-10-31T08:00:00Z">
      <attributes><attribute name="org:resource">&lt;王&gt; &amp; "Co"</attribute></attributes>
      <objects><relationship object-id="A1" qualifier="of"/><relationship object-id="Desk" qualifier="by"/></objects>
    </event>
    <event id="e2" type="报告 · Report" time="2011-11-01T10:00:00+01:00">
      <objects><relationship object-id="A1" qualifier="of"/></objects>
    </event>
    <event id="e3" type="Check" time="2011-10-30T09:00:00">
      <objects><relationship object-id="A2" qualifier="of"/><relationship object-id="NONE" qualifier="by"/></objects>
    </event>
  </events>
</log>
"#;

/// What the mapping of this file needs besides for an object-centric log.
fn object_centric(name: &str, bytes: impl AsRef<[u8]>) -> Place {
    let place = log(name, bytes);
    let mapping = MAPPING
        .replace("files = [\"log*\"]", "files = [\"log*\"]\nobject = \"application\"")
        .replace("values.department", "columns.department = \"ocel:type:department\"\nvalues.department");
    place.write("map.toml", mapping);
    place
}

#[test]
fn every_form_of_a_log_reads_like_its_csv() {
    let csv = log("log.csv", CSV);
    csv.ingest().ends(0);
    let expected = (csv.rows("applications"), csv.rows("stages"));
    assert_eq!((expected.0.len(), expected.1.len()), (2, 3));
    let declared = |encoding: &str| XES.replace("UTF-8", encoding);
    for (name, bytes) in [
        ("log.xes", XES.into()),
        ("log.csv", XES.into()),
        ("log.xes.gz", gz(XES.as_bytes())),
        ("log", gz(XES.as_bytes())),
        ("log.xes", format!("\u{feff}{XES}").into()),
        ("log.xes", GB18030.encode(&declared("GBK")).0.into_owned()),
        ("log.xes", utf16(&declared("UTF-16"), true)),
        ("log.xes", utf16(&declared("UTF-16"), false)),
    ] {
        let place = log(name, &bytes);
        let inputs = place.ingest().ends(0).json();
        assert_eq!(inputs[0]["form"], "xes", "{name}");
        assert_eq!((place.rows("applications"), place.rows("stages")), expected, "{name}");
    }
    for (name, bytes) in [
        ("log.ocel.json", OCEL.into()),
        ("log.jsonocel", gz(OCEL.as_bytes())),
        ("log.ocel.xml", OCEL_XML.into()),
        ("log.xmlocel", utf16(&OCEL_XML.replace("UTF-8", "UTF-16"), true)),
    ] {
        let place = object_centric(name, &bytes);
        let inputs = place.ingest().ends(0).json();
        assert_eq!(inputs[0]["form"], "ocel", "{name}");
        assert_eq!((place.rows("applications"), place.rows("stages")), expected, "{name}");
    }
}

#[test]
fn what_no_row_holds_is_named() {
    let said = log("log.xes", XES).yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["`event/concept:name/language`, `event/parts`, `log/source`"]);
    let said = object_centric("log.json", OCEL).yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["`department/floor`", "values of `case:closed` changed", "1 events concern no object of the type"]);
    // What OCEL has no place for is named too, wherever it stands.
    let more = OCEL.replacen("\"id\": \"e1\"", "\"cost\": 7, \"id\": \"e1\"", 1).replacen(
        "\"objectTypes\"",
        "\"source\": [1], \"objectTypes\"",
        1,
    );
    let said = object_centric("log.json", more).yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["`events/cost`", "`events/relationships/qualifier`", "`source`"]);
    let more = OCEL_XML.replacen("<event id", "<event cost='7' id", 1);
    let said = object_centric("log.xml", more).yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["`event/cost`", "`relationship/qualifier`"]);
}

#[test]
fn a_log_may_name_what_its_events_do_not() {
    let global = r#"<global scope="event">
        <string key="org:group" value="Post"/><string key="org:resource" value="__INVALID__"/>
        <date key="time:timestamp" value="2011-01-01T00:00:00Z"/></global><trace>"#;
    let text =
        XES.replacen("<trace>", global, 1).replace(r#"<date key="time:timestamp" value="2011-10-30T09:00:00"/>"#, "");
    let place = log("log.xes", text);
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "department"), ["Desk", "Post"]);
    let rejects = place.rejects("stages");
    let reject = &rejects[0];
    // The second trace's event is the third of the file.
    assert_eq!((reject.sheet.as_str(), reject.line, reject.column.as_str()), ("A2", 3, "started_at"));
    let said = place.yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["1 events have no `org:group` and took", "1 events have no `time:timestamp`; the log's default"]);
}

#[test]
fn a_case_without_events_is_a_case() {
    let text = XES.replace(
        "</log>",
        r#"<trace><string key="concept:name" value="A3"/>
        <date key="opened" value="2011-10-29T00:30:00+02:00"/></trace></log>"#,
    );
    let place = log("log.xes", text);
    let inputs = place.ingest().ends(0).json();
    assert_eq!((&inputs[0]["read"], &inputs[1]["read"]), (&4.into(), &3.into()));
    assert_eq!(place.column("applications", "application_id"), ["A1", "A2", "A3"]);
}

#[test]
fn an_event_does_not_speak_for_its_case() {
    let text = XES.replacen("<list", "<string key=\"case:opened\" value=\"2001-01-01\"/><list", 1);
    let place = log("log.xes", text);
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "accepted_at")[0], "2011-10-28 23:30:00");
    holds(&place.yekuo("check p.toml --lang en").ends(0).out, &["event:case:opened"]);
}

#[test]
fn an_object_centric_log_says_everything_once() {
    let two = OCEL.replacen(
        "\"value\": \"<王> & \\\"Co\\\"\" }",
        "\"value\": \"x\" }, { \"name\": \"org:resource\", \"value\": \"y\" }",
        1,
    );
    assert_ne!(two, OCEL);
    for (text, words) in [
        (two, "the event `e1` gives `org:resource` two values"),
        (OCEL.replace("\"e2\"", "\"e1\""), "the event `e1` is there twice"),
        (OCEL.replace("\"events\"", "\"Events\""), "events"),
    ] {
        object_centric("log.json", text).ingest().fails(2, &[words]);
    }
}

#[test]
fn a_broken_log_is_refused_as_a_whole() {
    let cut = XES.find("<event>").unwrap() + 40;
    let late = XES.rfind("</trace>").unwrap();
    let long = XES.replace("Desk", &"x".repeat(2 << 20));
    let packed = gz(XES.as_bytes());
    let entity = XES
        .replacen("<log", "<!DOCTYPE log [<!ENTITY big \"boom\"><!ENTITY file SYSTEM \"map.toml\">]><log", 1)
        .replace("Desk", "&file;");
    for (bytes, words) in [
        (XES.as_bytes()[..cut].to_vec(), "trace 1, event 1"),
        (XES.as_bytes()[..late].to_vec(), "trace 2, event 3"),
        (XES.replacen("</event>", "</trace>", 1).into(), "trace 1, event 1"),
        (XES.replace("</log>", "</log><log/>").into(), "something follows the end"),
        (packed[..packed.len() - 30].to_vec(), "cut short or damaged"),
        (GB18030.encode(XES).0.into_owned(), "cannot be decoded as UTF-8"),
        (XES.replace("UTF-8", "klingon").into(), "cannot be decoded as klingon"),
        (entity.into(), "file"),
        (XES.replace("NONE\"/>", "NONE\"/><string key=\"org:group\" value=\"Desk\"/>").into(), "is given twice"),
        (XES.replace("key=\"org:group\" ", "").into(), "has no key"),
        (long.into(), "more than 1 MiB"),
        (XES.replace("<list", &"<container>".repeat(200)).into(), "100 elements in one another"),
        (OCEL[..OCEL.len() - 9].into(), "cut short or damaged"),
        (b"SQLite format 3\0 and more".to_vec(), "an event log in SQLite is not read"),
        (br#"{"ocel:global-log": {}, "ocel:events": {}}"#.to_vec(), "an event log in OCEL 1.0 is not read"),
    ] {
        let place = log("log.xes", bytes);
        place.ingest().fails(2, &[words, "log.xes"]);
        assert!(!place.path("lake").exists(), "{words}");
    }
    log("log.ocel.json", OCEL).ingest().fails(2, &["several types of objects", "object = \"application\""]);
}

/// A text in XML, in some ways of writing it.
fn written(text: &str) -> String {
    let character = |c: char| match c {
        '<' => "&lt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\t' | '\n' | '\r' => format!("&#{};", c as u32),
        c if (c as u32).is_multiple_of(3) => format!("&#x{:x};", c as u32),
        c => c.to_string(),
    };
    text.chars().map(character).collect()
}

/// Characters that XML can hold.
fn text() -> impl Strategy<Value = String> {
    let character = any::<char>().prop_filter("XML", |c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    let special = proptest::sample::select("<>&\"'\t\n;#x ]】&amp;".chars().collect::<Vec<_>>());
    proptest::collection::vec(prop_oneof![character, special], 1..20)
        .prop_map(|chars| format!("x{}x", chars.iter().collect::<String>()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Any text and any time comes out of a log as it comes out of the same log as CSV.
    #[test]
    fn values_are_those_of_the_csv(
        handlers in proptest::collection::vec(text(), 8),
        seconds in 0_i64..400_000_000,
        offset in -14_i64..=14,
    ) {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(["case:concept:name", "case:opened", "case:closed", "concept:name", "time:timestamp", "org:resource"]).unwrap();
        let mut xes = "<log><trace><string key='concept:name' value='A1'/><date key='opened' value='2009-01-01'/>\
                       <date key='closed' value=''/>".to_owned();
        for (number, handler) in (0..).zip(&handlers) {
            let at = yekuo::calendar::Instant::at("2010-01-01".parse().unwrap(), seconds + number * 3_601);
            let sign = if offset < 0 { '-' } else { '+' };
            let at = format!("{}.25{sign}{:02}:00", at.to_string().replace(' ', "T"), offset.abs());
            csv.write_record(["A1", "2009-01-01", "", "Check", &at, handler]).unwrap();
            xes += &format!("<event><string value=\"{}\" key='org:resource'/><date key='time:timestamp' value='{at}'/>\
                             <string key='concept:name' value='Check'/></event>", written(handler));
        }
        let (csv, xes) = (log("log.csv", csv.into_inner().unwrap()), log("log.xes", xes + "</trace></log>"));
        csv.ingest().ends(0);
        xes.ingest().ends(0);
        prop_assert_eq!(csv.rows("stages").len(), 8);
        prop_assert_eq!(csv.rows("stages"), xes.rows("stages"));
    }
}
