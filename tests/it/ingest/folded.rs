//! Identities are compared folded: a key in another spelling is the same key, also where tables meet.

use proptest::prelude::*;
use proptest::sample::select;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::values::Vocabulary;
use yekuo::spelling::identity;

use super::{ingested, settings};
use crate::place::Place;

/// What is asked of each table whose key has names or identifiers: a row with `{}` in the place of one of them, and what
/// makes it say something else.
const ROWS: [(&str, &str, &str); 8] = [
    ("surveys", "period,bureau,indicator,weight,score", "2026-06,{},接电速度,1,{n}"),
    ("surveys", "period,bureau,indicator,weight,score", "2026-06,城东,{},1,{n}"),
    ("restrictions", "feeder_or_station,bureau,month,load_rate", "{},城东,2026-06,0.{n}"),
    ("restrictions", "feeder_or_station,bureau,month,load_rate", "东线,{},2026-06,0.{n}"),
    ("managers", "manager_id,name,bureau,full_time,customers", "{},王伟,城东,是,{n}"),
    ("faults", "fault_id,bureau,area,reported_at", "{},城东,urban,2026-06-0{n}"),
    ("complaints", "complaint_id,bureau,department,received_at", "{},城东,营销部,2026-06-0{n}"),
    ("requests", "request_id,departments,raised_at", "{},营销部,2026-06-0{n}"),
];

const APPLICATIONS: &str = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n";
const STAGES: &str = "application_id,stage,department,started_at,finished_at\n";

/// Accepted, rejected and repeated rows of a table.
fn counts(place: &Place, table: &str, repeat: &str) -> [u64; 3] {
    let mapping: Mapping = toml::from_str(&format!("[tables.{table}]\nrepeat = \"{repeat}\"\n")).unwrap();
    let words = Vocabulary { any_stage: true, ..Vocabulary::default() };
    let (data, lake, rejects) = (place.path("data"), place.path("lake"), place.path("rejects"));
    for folder in [&lake, &rejects] {
        std::fs::create_dir_all(folder).unwrap();
    }
    let settings = settings(&data, &mapping, &words, &lake, &rejects);
    let ledger = ingested(&settings).unwrap();
    let [_, accepted, rejected, duplicate] = ledger.table(table).unwrap();
    [accepted, rejected, duplicate]
}

/// A name and one that may be the same in another spelling.
fn names() -> impl Strategy<Value = (String, String)> {
    let piece = select(
        &["江城", "电力", "(一)", "（一）", "【东】", "[东]", "1001", "１００１", "A1", "Ａ１", "-", "b", " ", "　"][..],
    );
    let name = || prop::collection::vec(piece.clone(), 1..5).prop_map(|pieces| pieces.concat());
    let around = select(&["", " ", "\u{3000}", "“", "\u{200b}"][..]);
    let respelt = (name(), around, any::<bool>()).prop_map(|(name, around, wide)| {
        let close = if around == "“" { "”" } else { around };
        let other: String = name.chars().map(|c| if wide && ('!'..='~').contains(&c) { wider(c) } else { c }).collect();
        (name, format!("{around}{other}{close}"))
    });
    prop_oneof![3 => respelt, 1 => (name(), name()), 1 => select(&["1001", "1002"][..]).prop_map(|id| (id.to_owned(), "1001.0".to_owned()))]
        .prop_filter("a name is something", |(a, b)| [a, b].iter().all(|name| identity(name).chars().any(char::is_alphanumeric)))
}

fn wider(c: char) -> char {
    char::from_u32(c as u32 + 0xfee0).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two rows whose keys fold to the same repeat each other; two whose keys do not are two.
    #[test]
    fn a_key_in_another_spelling_is_the_same_key(row in select(&ROWS[..]), (name, other) in names()) {
        let (table, header, line) = row;
        let place = Place::new();
        place.write("data/applications.csv", format!("{APPLICATIONS}A1,城东,10,500,2026-03-02,\n"));
        place.write("data/stages.csv", format!("{STAGES}A1,survey,营销部,2026-03-02,\n"));
        let line = |name: &str, n: &str| line.replace("{n}", n).replace("{}", &format!("\"{}\"", name.trim_matches('"')));
        let is_same = identity(&name) == identity(&other);
        place.write(&format!("data/{table}.csv"), format!("{header}\n{}\n{}\n", line(&name, "1"), line(&other, "2")));
        prop_assert_eq!(counts(&place, table, "reject"), if is_same { [0, 2, 0] } else { [2, 0, 0] });
        prop_assert_eq!(counts(&place, table, "last"), if is_same { [1, 0, 1] } else { [2, 0, 0] });
        place.write(&format!("data/{table}.csv"), format!("{header}\n{}\n{}\n", line(&name, "1"), line(&other, "1")));
        prop_assert_eq!(counts(&place, table, "reject"), if is_same { [1, 0, 1] } else { [2, 0, 0] });
    }

    /// A stage belongs to an application whose number folds to the same, and to no other.
    #[test]
    fn a_parent_is_found_in_another_spelling((name, other) in names()) {
        let place = Place::new();
        place.write("data/applications.csv", format!("{APPLICATIONS}\"{name}\",城东,10,500,2026-03-02,\n"));
        place.write("data/stages.csv", format!("{STAGES}\"{other}\",survey,营销部,2026-03-02,\n"));
        let is_same = identity(&name) == identity(&other);
        prop_assert_eq!(counts(&place, "stages", "reject"), if is_same { [1, 0, 0] } else { [0, 1, 0] });
    }
}
