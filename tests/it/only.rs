//! Reports about some of the applications.

use std::collections::{BTreeSet, HashMap};

use crate::place::{Place, holds, shown};

/// The rows of a canonical table, each by its columns.
fn rows(place: &Place, table: &str) -> (Vec<String>, Vec<HashMap<String, String>>) {
    let text = place.bytes(&format!("data/{table}.csv"));
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let headers: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.deserialize().collect::<Result<_, _>>().unwrap();
    (headers, rows)
}

/// Writes the rows of a table that are kept into another folder.
fn copy(place: &Place, table: &str, to: &str, is_kept: impl Fn(&HashMap<String, String>) -> bool) {
    let (headers, rows) = rows(place, table);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&headers).unwrap();
    for row in rows.iter().filter(|row| is_kept(row)) {
        writer.write_record(headers.iter().map(|header| &row[header])).unwrap();
    }
    place.write(&format!("{to}/{table}.csv"), writer.into_inner().unwrap());
}

/// Every mart of a report, in words.
fn marts(place: &Place, report: &str) -> Vec<(String, Vec<Vec<String>>)> {
    let names = place.files(&format!("{report}/marts")).into_keys();
    names.map(|name| (name.clone(), shown(&place.table(&format!("{report}/marts/{name}"))))).collect()
}

fn agrees(place: &Place, one: &str, other: &str) {
    for ((name, found), (_, wanted)) in marts(place, one).into_iter().zip(marts(place, other)) {
        // In a report about some bureaus units are not ranked.
        assert!(found == wanted || name == "rank_unit.parquet", "{name}: {found:?}, {wanted:?}");
    }
}

/// A report about some applications is that of exports which hold nothing else.
#[test]
fn a_report_about_some_is_that_of_exports_which_hold_only_them() {
    let place = Place::new();
    place.pipeline("max_rejects = 1.0");
    place.yekuo("sample data --applications 160 --months 12 --layout canonical").ends(0);
    let (_, applications) = rows(&place, "applications");
    let bureau = applications[0]["bureau"].clone();
    let tables: Vec<String> =
        place.files("data").into_keys().filter_map(|name| Some(name.strip_suffix(".csv")?.to_owned())).collect();
    assert!(tables.len() > 9, "{tables:?}");

    // Those of one bureau: the tables that name a bureau and no application go with it.
    let ids: BTreeSet<String> =
        applications.iter().filter(|row| row["bureau"] == bureau).map(|row| row["application_id"].clone()).collect();
    let faults: BTreeSet<String> = rows(&place, "faults")
        .1
        .into_iter()
        .filter(|row| row["bureau"] == bureau)
        .map(|row| row["fault_id"].clone())
        .collect();
    for table in &tables {
        copy(&place, table, "bureau", |row| {
            match (row.get("subject_id"), row.get("application_id"), row.get("bureau")) {
                (Some(subject), ..) => ids.contains(subject) || faults.contains(subject),
                (_, Some(id), _) => ids.contains(id),
                (.., named) => named == Some(&bureau),
            }
        });
    }
    place.report("asked", &["p.toml", "--as-of", "2026-06-30", "--only", &format!("供电单位={bureau}")]);
    place.report("held", &["p.toml", "--as-of", "2026-06-30", "--data", "bureau"]);
    agrees(&place, "asked", "held");
    // Those accepted after the as-of day are not of it.
    let known: Vec<_> = applications.iter().filter(|row| row["accepted_at"].as_str() < "2026-07-01").collect();
    let own = known.iter().filter(|row| ids.contains(&row["application_id"])).count();
    let about = &place.json("asked/run.json")["only"];
    assert_eq!((&about["bureau"][0], &about["of"]), (&bureau.as_str().into(), &known.len().into()));
    assert_eq!(about["applications"], own);
    let said = format!("本报告只含：供电单位 {bureau}（{} 户中的 {own} 户）", known.len());
    holds(&place.pages("asked"), &[said.as_str()]);

    // Order-style ones: nobody can say which faults and complaints are theirs.
    let is_large = |row: &HashMap<String, String>| row["capacity_kva"].parse::<f64>().unwrap() >= 4_000.0;
    let is_order = |row: &HashMap<String, String>| {
        row["mode"] == "order" || (row["mode"].is_empty() && (is_large(row) || row["key_project"] == "true"))
    };
    let ids: BTreeSet<String> =
        applications.iter().filter(|row| is_order(row)).map(|row| row["application_id"].clone()).collect();
    assert!(!ids.is_empty() && ids.len() < 160);
    for table in &tables {
        let (headers, _) = rows(&place, table);
        let subject = if headers.iter().any(|header| header == "subject_id") { "subject_id" } else { "application_id" };
        if headers.iter().any(|header| header == subject) {
            copy(&place, table, "order", |row| ids.contains(&row[subject]));
        }
    }
    place.report("asked", &["p.toml", "--as-of", "2026-06-30", "--only", "mode=order", "--lang", "en"]);
    place.report("held", &["p.toml", "--as-of", "2026-06-30", "--data", "order", "--lang", "en"]);
    agrees(&place, "asked", "held");
    holds(
        &place.pages("asked"),
        &["some applications only: mode order-style", "nobody can say which of their rows belong here: "],
    );
}

#[test]
fn what_nobody_is_of_is_told_and_nothing_is_published() {
    let place = Place::with_exports();
    let run = |arguments: &str| place.yekuo(&format!("run p.toml --as-of 2026-06-30 --out o {arguments}"));
    run("--only bureau=城东电 --lang en").fails(2, &["there is no bureau `城东电`; did you mean `城东`?"]);
    run("--only mode=conventional --only bureau=城东 --lang en")
        .fails(1, &["none of the 2 applications is one of bureau 城东; mode conventional"]);
    run("--only department=营销部 --lang en").fails(2, &["there is no condition `department`"]);
    assert!(!place.path("o").exists());
    // A bureau in any spelling; the file asks, the command asks before it.
    place.pipeline("max_rejects = 1.0\nonly = { bureau = [\"城西\"] }");
    let count = || place.json("o/run.json")["cases"]["applications"].clone();
    run("").ends(0);
    assert_eq!(count(), 1);
    assert_eq!(place.json("o/run.json")["pipeline"], "p-城西");
    place.yekuo("run p.toml --as-of 2026-06-30 --out both --only bureau=“城东”,城西").ends(0);
    assert_eq!(place.json("both/run.json")["cases"]["applications"], 2);
    // What was accepted later is not of this day: A2 was accepted on 3 March.
    place.yekuo("run p.toml --as-of 2026-03-02 --out day --only bureau=城东 --allow-stale").ends(0);
    assert_eq!(place.json("day/run.json")["only"]["of"], 1);
    // Groups of a few would be persons.
    place.pipeline("max_rejects = 1.0\npublic = true\ntables = []");
    run("--only bureau=城西 --lang en").fails(2, &["a report for everybody is about all applications"]);
    place.pipeline("max_rejects = 1.0\nonly = { bureaus = [\"城西\"] }");
    run("--lang en").fails(2, &["p.toml:", "bureaus"]);
}
