//! A session reads its own language, and nothing of the other but what it quotes.
//!
//! Mistakes of every kind are made and run through the built program with `LANG` set: no run of three Latin words may
//! remain in a Chinese session, and no Chinese character in an English one, once the data, names and code that a message
//! shows are taken out.

use std::io::Write;

use crate::place::{APPLICATIONS, Place, STAGES};

/// What is done to a good folder, and the command that finds it.
struct Case {
    name: &'static str,
    file: &'static str,
    content: Vec<u8>,
    command: &'static str,
}

fn case(name: &'static str, file: &'static str, content: impl AsRef<[u8]>, command: &'static str) -> Case {
    Case { name, file, content: content.as_ref().to_vec(), command }
}

/// A pipeline that names everything beside it.
const PIPELINE: &str = "name = \"p\"\ndata = \"data\"\nmax_rejects = 1.0\nfresh_wd = 9999\nsource = \"map.toml\"\ncalendar = \"days.toml\"\n";

/// The mistakes that every TOML file can hold.
const TOML_MISTAKES: [(&str, &str); 9] = [
    ("unknown key", "nosuch = 1\n"),
    ("no value", "title = \n"),
    ("bare word", "title = cn\n"),
    ("no equals", "title \"a\"\n"),
    ("open table", "[tables\n"),
    ("open list", "list = [1, 2\n"),
    ("open quote", "title = \"a\n"),
    ("twice", "aa = 1\naa = 2\n"),
    ("bad date", "on = 2026-13-45\n"),
];

const TOML_FILES: [&str; 11] = [
    "p.toml",
    "map.toml",
    "days.toml",
    "process.toml",
    "standards.toml",
    "owners.toml",
    "scorecard.toml",
    "targets.toml",
    "house.toml",
    "send.toml",
    "vocabularies.toml",
];

/// A mistake of each kind in each file, and the mistakes of types that a file's own keys make.
fn of_toml() -> Vec<Case> {
    let mut cases = Vec::new();
    for file in TOML_FILES {
        for (name, text) in TOML_MISTAKES {
            let head = if file == "p.toml" { PIPELINE } else { "" };
            cases.push(case(name, file, format!("{text}{head}"), "check p.toml"));
        }
    }
    for (name, file, text) in [
        ("wrong type", "p.toml", "fault_days = \"seven\"\n"),
        ("wrong word", "p.toml", "pending = \"maybe\"\n"),
        ("too large", "p.toml", "fault_days = 700000\n"),
        ("list for text", "p.toml", "time_zone = [1]\n"),
        ("no zone", "p.toml", "time_zone = \"Europe/Tea\"\n"),
        ("no table", "p.toml", "tables = [\"overdeu\"]\n"),
        ("no chart", "p.toml", "charts = [\"overdeu\"]\n"),
        ("no standards", "p.toml", "standards = \"tea\"\n"),
    ] {
        cases.push(case(name, file, format!("{PIPELINE}{text}"), "check p.toml"));
    }
    for (name, file, text) in [
        ("no name", "p.toml", "data = \"data\"\n"),
        ("no calendar", "p.toml", "name = \"p\"\ncalendar = \"atlantis\"\n"),
        ("no mapping", "p.toml", "name = \"p\"\nsource = \"nosuch.toml\"\n"),
        ("no share", "p.toml", "name = \"p\"\nmax_rejects = 5.0\n"),
        ("no column", "map.toml", "[tables.stages]\ncolumns.finish_at = \"x\"\n"),
        ("no table", "map.toml", "[tables.stagse]\nencoding = \"utf-8\"\n"),
        ("no encoding", "map.toml", "[tables.stages]\nencoding = \"utf-9\"\n"),
        ("no delimiter", "map.toml", "[tables.stages]\ndelimiter = \"ab\"\n"),
        ("no pattern", "map.toml", "[tables.stages]\nfiles = [\"../a.csv\"]\n"),
        ("no header", "map.toml", "[tables.stages]\ncolumns.stage = \"nosuch\"\n"),
        ("no unit", "map.toml", "[tables.applications]\nunits.capacity_kva = \"kg\"\n"),
        ("no default", "map.toml", "[tables.applications.defaults]\nvoltage_kv = \"tea\"\n"),
        ("no weekday", "days.toml", "covered = [2026, 2026]\nweekend = [\"fry\"]\n"),
        ("no day", "days.toml", "covered = [2026, 2026]\nholidays = [{ on = \"2026-02-30\" }]\n"),
        ("backwards", "days.toml", "covered = [2027, 2026]\n"),
        ("no years", "days.toml", ""),
        (
            "no stage",
            "process.toml",
            "[[stages]]\ncode = \"a\"\ntitle = { zh = \"甲\", en = \"a\" }\nafter = [\"tea\"]\n",
        ),
        ("no stages", "process.toml", ""),
        ("choices", "process.toml", "[[stages]]\ncode = \"a\"\ntitle = { zh = \"甲\", en = \"a\" }\nplan_wd = \"x\"\n"),
        (
            "no rule",
            "standards.toml",
            "[sources]\n[sets.default]\ntitle = { zh = \"甲\", en = \"a\" }\nrules = [{ limit = 3, source = \"a\" }]\n",
        ),
        (
            "first owner",
            "owners.toml",
            "[[owners]]\nrole = \"a\"\ntitle = { zh = \"甲\", en = \"a\" }\ndays_before = 1\n",
        ),
        ("no robot", "send.toml", "[public]\nrobot = [\"tea\"]\n"),
        ("secret", "send.toml", "[[robot]]\nname = \"a\"\nkind = \"wecom\"\nwebhook = \"https://h/?key=abcdef\"\n"),
        ("no kind", "send.toml", "[[robot]]\nname = \"a\"\nkind = \"tea\"\nwebhook = \"env:H\"\n"),
        ("no server", "send.toml", "[[recipient]]\nfor = { bureau = \"a\" }\nmail = [\"a@b\"]\n"),
        ("no mailbox", "send.toml", "[[recipient]]\nfor = { bureau = \"a\" }\nmail = [\"tea\"]\n"),
        (
            "unencrypted",
            "send.toml",
            "[mail]\nserver = \"a.example\"\nsecurity = \"none\"\nfrom = \"a\"\nuser = \"a\"\n",
        ),
        ("own code", "vocabularies.toml", "[verdict]\nadmitted = { zh = \"甲\", en = \"a\" }\n"),
    ] {
        cases.push(case(name, file, text, "check p.toml"));
    }
    cases
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// Files that cannot be read, of every form, and rows that cannot.
fn of_data() -> Vec<Case> {
    let log =
        |inside: &str| format!("<?xml version=\"1.0\"?>\n<log xmlns=\"http://www.xes-standard.org/\">{inside}</log>");
    let gz = packed(APPLICATIONS.as_bytes());
    let command = "check --data data";
    vec![
        case("cut gz", "data/stages.csv.gz", &gz[..gz.len() / 2], command),
        case("gz twice", "data/stages.csv.gz", packed(&gz), command),
        case("bad zip", "data/stages.xlsx", b"PK\x03\x04 nothing of a zip", command),
        case("bad xls", "data/stages.xls", b"\xd0\xcf\x11\xe0 nothing of a workbook", command),
        case("bad parquet", "data/stages.parquet", b"PAR1 nothing PAR1", command),
        case("a pdf", "data/stages.csv", b"%PDF-1.4", command),
        case("sqlite", "data/stages.csv", b"SQLite format 3\0", command),
        case("bad utf-8", "data/stages.csv", b"\xff\xc3\x28\x81,\xc3\x28\x80\n\xff\xff\xc3\x28\n", command),
        case("no headers", "data/stages.csv", "one,two\n1,2\n", command),
        case("open quote", "data/stages.csv", format!("{STAGES}\"A1,\n{}", "x\n".repeat(600_000)), command),
        case(
            "given twice",
            "data/log.xes",
            log("<trace><event><string key=\"a\" value=\"1\"/><string key=\"a\" value=\"2\"/></event></trace>"),
            "check m.toml",
        ),
        case("no key", "data/log.xes", log("<trace><event><string value=\"1\"/></event></trace>"), "check m.toml"),
        case("stray text", "data/log.xes", log("<trace>words that stand here</trace>"), "check m.toml"),
        case("cut xes", "data/log.xes", "<log><trace><event>", "check m.toml"),
        case("ill formed", "data/log.xes", log("<trace></event></trace>"), "check m.toml"),
        case("bad json", "data/log.xes", "{\"objectTypes\": [], \"objects\": [}", "check m.toml"),
        case("no type", "data/log.xes", "<log><objects><object id=\"1\"/></objects></log>", "check m.toml"),
        case(
            "bad rows",
            "data/stages.csv",
            format!(
                "{STAGES}A1,nosuch,营销部,2026-03-02,\nA1,survey,营销部,yesterday,\nA9,survey,营销部,2026-03-02,\n"
            ),
            "ingest --data data",
        ),
        case(
            "too many rejects",
            "data/stages.csv",
            format!("{}A1,survey,营销部,yesterday,\n", STAGES.lines().next().unwrap().to_owned() + "\n"),
            "run --data data --as-of 2026-05-20",
        ),
    ]
}

/// What can be typed wrongly.
const TYPED: [&str; 26] = [
    "",
    "frobnicate",
    "run --nosuch",
    "run a.toml b.toml",
    "run --as-of yesterday",
    "run --as-of",
    "run --month 2026-13",
    "run --as-of 2026-06-30 --month 2026-06",
    "run --lang fr",
    "run weekyl",
    "run nosuch.toml",
    "run --data nosuch",
    "run",
    "explain",
    "explain A1 --lake l --data d",
    "explain A7 --data data --as-of 2026-05-20",
    "sample x --months 0",
    "sample x --months many",
    "completions nosuch",
    "marts cycel",
    "schema nosuch",
    "export nosuch",
    "send",
    "send nosuch",
    "map nosuch",
    "init data",
];

/// A text without what is quoted in it: code, names, paths, the lines of a file that are shown, and originals.
fn unquoted(text: &str) -> String {
    let shown = |line: &&str| !line.contains('│') && !line.contains("╭─[") && !line.contains("╰─");
    let mut text = text.lines().filter(shown).collect::<Vec<_>>().join("\n");
    for (open, shut) in [("原文「", "」"), ("「", "」"), ("`", "`"), ("\"", "\""), ("<", ">"), ("[", "]"), ("{", "}")]
    {
        let mut left = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(open) {
            let Some((_, behind)) = after.split_once(shut) else { break };
            left.push_str(before);
            left.push('\u{1}');
            rest = behind;
        }
        left.push_str(rest);
        text = left;
    }
    text
}

fn is_word(word: &str) -> bool {
    word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic() || c == '\'')
}

/// Three Latin words after one another.
fn english(text: &str) -> Option<String> {
    let text = unquoted(text);
    text.lines().find_map(|line| {
        let words: Vec<&str> = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|w| w.trim_matches([',', '.', ';', ':', '(', ')']))
            .collect();
        words.windows(3).find(|three| three.iter().all(|word| is_word(word))).map(|three| three.join(" "))
    })
}

fn chinese(text: &str) -> Option<String> {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    // A column is named with what exports call it: `stage (环节名称)`.
    let without = |part: &str| match part.split_once(')') {
        Some((name, rest)) if name.chars().all(is_han) => rest.to_owned(),
        _ => part.to_owned(),
    };
    let text = unquoted(text).split('(').map(without).collect::<Vec<_>>().join("\n");
    let found = text.lines().find(|line| line.chars().any(is_han));
    found.map(str::to_owned)
}

/// What the program says in a session of a language.
fn said(place: &Place, lang: &str, command: &str) -> String {
    let arguments: Vec<&str> = command.split_whitespace().collect();
    let output = place.command(&arguments).env("LANG", lang).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// What is foreign in either session.
fn foreign(place: &Place, name: &str, command: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let zh = said(place, "zh_CN.UTF-8", command);
    faults.extend(english(&zh).map(|words| format!("{name}: `{words}` in\n{zh}")));
    let en = said(place, "en_US.UTF-8", command);
    faults.extend(chinese(&en).map(|words| format!("{name}: `{words}` in\n{en}")));
    faults
}

fn folder() -> Place {
    let place = Place::with_exports();
    place.write("p.toml", PIPELINE);
    place.write("map.toml", "");
    place.write("days.toml", "covered = [2026, 2026]\n");
    place.write("m.toml", "name = \"m\"\ndata = \"data\"\nsource = \"log.toml\"\n");
    place.write("log.toml", "[tables.applications]\nfiles = [\"log.xes\"]\n[tables.stages]\nfiles = [\"log.xes\"]\n");
    place
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} of the other language:\n{}", faults.len(), faults.join("\n\n"));
}

fn cases_are_said(cases: Vec<Case>) {
    let mut faults = Vec::new();
    for Case { name, file, content, command } in cases {
        let place = folder();
        if file.starts_with("data/stages") {
            place.remove("data/stages.csv");
        }
        place.write(file, content);
        faults.extend(foreign(&place, &format!("{file}, {name}"), command));
    }
    none(&faults);
}

#[test]
fn mistakes_of_configuration_are_said_in_the_language_of_the_session() {
    cases_are_said(of_toml());
}

#[test]
fn damaged_files_are_said_in_the_language_of_the_session() {
    cases_are_said(of_data());
}

#[test]
fn what_is_typed_wrongly_is_said_in_the_language_of_the_session() {
    let place = folder();
    none(&TYPED.iter().flat_map(|typed| foreign(&place, typed, typed)).collect::<Vec<_>>());
}

#[test]
fn the_terminal_speaks_the_sessions_language_and_the_report_the_pipelines() {
    let place = Place::with_exports();
    place.write("data/stages.csv", format!("{STAGES}A1,survey,营销部,yesterday,\n"));
    for (made, said_in) in [("zh", "en_US.UTF-8"), ("en", "zh_CN.UTF-8")] {
        place.pipeline(&format!("max_rejects = 1.0\nlang = \"{made}\""));
        let said = said(&place, said_in, &format!("run p.toml --as-of 2026-05-20 --out {made}"));
        let other = if made == "zh" { chinese(&said) } else { english(&said) };
        assert_eq!(other, None, "{said}");
        assert_eq!(place.json(&format!("{made}/run.json"))["lang"], made);
    }
}
