//! The row ledger: every row of every file ends in exactly one place.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use encoding_rs::GB18030;
use proptest::prelude::*;
use proptest::sample::select;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::values::Vocabulary;

use super::{ingested, settings};
use crate::place::{APPLICATIONS, Place, Reject, STAGES, holds, rejects, shown};

/// A cell: often sound, sometimes not.
fn cell(sound: &'static [&'static str], unsound: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => select(sound), 1 => select(unsound)]
}

fn application() -> impl Strategy<Value = String> {
    let row = (
        cell(&["A1", "A2", "A3", "A4", "A5", "A6"], &["", "2.0E+17", "-"]),
        cell(&["城东", "城西"], &["", "NULL"]),
        cell(&["10", "0.4kV", "20"], &["高", "-1"]),
        cell(&["2026-03-02", "2026年3月9日", "20260316"], &["", "明天", "1900-01-01"]),
        cell(&["", "2026-05-20"], &["2001-01-01", "x"]),
    );
    row.prop_map(|(id, bureau, kv, accepted, energised)| format!("{id},{bureau},{kv},500,{accepted},{energised}"))
}

fn stage() -> impl Strategy<Value = String> {
    let row = (
        cell(&["A1", "A2", "A3", "A4"], &["", "B9"]),
        cell(&["survey", "现场勘查", "装表"], &["喝茶", ""]),
        cell(&["营销部", "配电工区"], &[""]),
        cell(&["2026-03-02 08:30", "2026-04-01"], &["", "3月"]),
        cell(&["", "2026-04-02"], &["2026-01-01"]),
        cell(&["", "1", "2"], &["0"]),
    );
    row.prop_map(|(id, stage, department, start, end, pass)| format!("{id},{stage},{department},{start},{end},{pass}"))
}

/// The lines of a file below its header: rows, ragged rows, formulas and blank lines.
fn lines(row: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        12 => row,
        1 => select(&["A1", "A1,城东,10,500,2026-03-02,,x", "=cmd,营销部"][..]).prop_map(str::to_owned),
        1 => select(&["", "  ", ",,,,,"][..]).prop_map(str::to_owned),
    ];
    prop::collection::vec(line, 0..30)
}

/// A file: its lines, whether it is GB18030, and whether one line is in the other encoding.
#[derive(Debug)]
struct Export {
    lines: Vec<String>,
    gb18030: bool,
    odd_line: bool,
}

impl Export {
    fn bytes(&self, header: &str) -> Vec<u8> {
        let encoded =
            |text: &str, gb: bool| if gb { GB18030.encode(text).0.into_owned() } else { text.as_bytes().to_vec() };
        let mut bytes = encoded(&format!("{header}\n"), self.gb18030);
        let last = self.lines.len().saturating_sub(1);
        for (index, line) in self.lines.iter().enumerate() {
            bytes.extend(encoded(line, self.gb18030 ^ (self.odd_line && index == last)));
            bytes.push(b'\n');
        }
        bytes
    }
}

fn files(row: impl Strategy<Value = String> + Clone + 'static) -> impl Strategy<Value = Vec<Export>> {
    let export = (lines(row), any::<bool>(), any::<bool>());
    let export = export.prop_map(|(lines, gb18030, odd)| {
        let chinese = lines.iter().filter(|line| !line.is_ascii()).count();
        Export { lines, gb18030, odd_line: odd && chinese > 5 }
    });
    prop::collection::vec(export, 1..4)
}

/// The accepted applications.
fn ids(lake: &Path) -> BTreeSet<String> {
    let parts = yekuo::lake::raw_files(lake, "applications").unwrap();
    let ids = parts.iter().map(|part| yekuo::lake::read(part).unwrap().select(["application_id"]).unwrap());
    ids.flat_map(|ids| shown(&ids).concat()).collect()
}

/// What is taken from the rows beside a rejected one is another than it would be: every place says of which cases.
#[test]
fn a_case_that_lost_rows_is_named_wherever_it_is_shown() {
    let place = Place::with_exports();
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at
A1,survey,营销部,2026-03-02,2026-03-06
A1,scheme,发展策划部,2026-03-06,soon
A2,survey,营销部,2026-03-03,
A2,metering,营销部,2026-03-04,2026-03-05
A2,metering,配电工区,2026-03-04,2026-03-06
A9,survey,营销部,2026-03-03,
",
    );
    let run = place.yekuo("run p.toml --as-of 2026-06-30 --allow-stale --out out/r --lang en").ends(0);
    holds(&run.err, &["incomplete: 2 accepted cases lost 3 rows of stages"]);
    let case = |reject: Reject| (reject.line, reject.case);
    let listed: Vec<_> = rejects(&place.path("out/r/rejects/stages.csv")).into_iter().map(case).collect();
    let expected = [(3, "A1"), (7, "A9"), (5, "A2"), (6, "A2")].map(|(line, case)| (line, case.to_owned()));
    assert_eq!(listed, expected);
    let told = serde_json::json!([{ "table": "stages", "cases": 2, "rows": 3 }]);
    assert_eq!(place.json("out/r/run.json")["incomplete"], told);
    holds(&place.pages("out/r"), &["Cases that lost rows"]);
    let explain = |id: &str| place.yekuo(&format!("explain {id} --lake out/lake/r --lang en")).ends(0).out;
    holds(&explain("A1"), &["rejected rows: 1 were rejected"]);
    holds(&explain("A2"), &["rejected rows: 2 were rejected"]);

    // A row of the same application that cannot be read may be the newest.
    place.write("data/stages.csv", STAGES);
    place.write("data/applications_2.csv", APPLICATIONS.replace("2026-05-20", "soon"));
    let run = place.yekuo("run p.toml --as-of 2026-06-30 --allow-stale --out out/s --lang en").ends(0);
    holds(&run.err, &["incomplete: 1 accepted cases lost 1 rows of applications"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_ends_in_one_place(applications in files(application().boxed()), stages in files(stage().boxed())) {
        let folder = tempfile::tempdir().unwrap();
        let [data, lake, kept] = ["data", "lake", "rejects"].map(|name| folder.path().join(name));
        std::fs::create_dir_all(&data).unwrap();
        std::fs::create_dir_all(&lake).unwrap();
        let tables = [
            ("applications", "工单编号,供电单位,电压等级,申请容量,受理时间,送电时间", applications),
            ("stages", "工单编号,环节名称,责任部门,开始时间,完成时间,次数", stages),
        ];
        for (table, header, exports) in &tables {
            for (index, export) in exports.iter().enumerate() {
                std::fs::write(data.join(format!("{table}_{index}.csv")), export.bytes(header)).unwrap();
            }
        }
        let names = [("survey", "survey"), ("现场勘查", "survey"), ("装表", "metering")];
        let stages: BTreeMap<String, String> = names.map(|(name, code)| (name.to_owned(), code.to_owned())).into();
        let (mapping, words) = (Mapping::default(), Vocabulary { stages, ..Vocabulary::default() });
        let settings = settings(&data, &mapping, &words, &lake, &kept);
        let ledger = ingested(&settings).unwrap();
        let known: BTreeSet<String> = ids(&lake);
        for (table, _, exports) in &tables {
            let listed = rejects(&kept.join(format!("{table}.csv")));
            let parts = yekuo::lake::raw_files(&lake, table).unwrap();
            prop_assert_eq!(parts.len(), exports.len());
            let mut keys = Vec::new();
            for (index, export) in exports.iter().enumerate() {
                let name = format!("{table}_{index}.csv");
                let file = ledger.files.iter().find(|file| file.file == name).unwrap();
                let filled = export.lines.iter().filter(|line| line.chars().any(|c| c != ',' && c != ' ')).count() as u64;
                prop_assert_eq!(file.read, filled);
                prop_assert_eq!(file.read, file.accepted + file.rejected + file.duplicate);
                prop_assert_eq!(file.rejected, listed.iter().filter(|reject| reject.file == name).count() as u64);
                let rows = yekuo::lake::read(&parts[index]).unwrap();
                prop_assert_eq!(file.accepted, rows.height() as u64);
                let key: &[&str] = if *table == "stages" { &["application_id", "stage", "pass"] } else { &["application_id"] };
                keys.extend(shown(&rows.select(key.iter().copied()).unwrap()));
            }
            let lost: Vec<_> = listed.iter().filter(|reject| known.contains(&reject.case)).collect();
            let cases: BTreeSet<_> = lost.iter().map(|reject| &reject.case).collect();
            let told = ledger.incomplete.iter().find(|lost| lost.table == *table).map(|lost| (lost.cases, lost.rows));
            prop_assert_eq!(told.unwrap_or_default(), (cases.len() as u64, lost.len() as u64));
            let rows = keys.len();
            keys.sort();
            keys.dedup();
            prop_assert_eq!(keys.len(), rows, "a key stands in the lake twice");
        }
        let rejected: u64 = ledger.files.iter().map(|file| file.rejected).sum();
        prop_assert_eq!(ledger.reasons.iter().map(|reason| reason.rows).sum::<u64>(), rejected);
    }
}
