//! What lies on each department's desk, and the feeders that hold it up, worked out with a pencil.
//!
//! The as-of day is Thursday 30 April 2026; March has 22 working days, April 21 (6 April is none).

use crate::place::{Place, lines};

/// The rows of a mart of which the second cell is one of these, or all.
fn rows(place: &Place, mart: &str, of: &[&str]) -> Vec<String> {
    let all = lines(&place.table(&format!("report/marts/{mart}.parquet")));
    let wanted = |line: &String| of.is_empty() || of.contains(&line.split(" | ").nth(1).unwrap());
    all.into_iter().filter(wanted).collect()
}

#[test]
fn load_and_age_by_hand() {
    let mut applications =
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,cancelled_at,energised_at\n".to_owned();
    let mut stages = "application_id,stage,department,started_at,finished_at\n".to_owned();
    let mut add = |id: &str, stage: &str, department: &str, started: &str, finished: &str, cancelled: &str| {
        applications += &format!("{id},East,0.4,8,2026-03-01,{cancelled},\n");
        stages += &format!("{id},{stage},{department},{started},{finished}\n");
    };
    // D: 4 and 18 working days; one open for 22, one for 1; one that a cancellation stopped in April.
    add("A1", "survey", "D", "2026-03-02", "2026-03-06", "");
    add("A2", "survey", "D", "2026-03-10", "2026-04-03", "");
    add("A3", "survey", "D", "2026-03-30", "", "");
    add("A4", "survey", "D", "2026-04-29", "", "");
    add("A5", "survey", "D", "2026-03-31", "", "2026-04-10");
    // E has nothing in April; F gets five on its last day.
    add("B1", "survey", "E", "2026-03-03", "2026-03-05", "");
    for number in 1..=5 {
        add(&format!("C{number}"), "survey", "F", "2026-04-30", "", "");
    }
    // G: 20 contracts of 1 working day, 12 of 2, 6 of 3, 2 of 4; and one open for each of 1 to 4.
    for (days, count) in [(3, 20), (4, 12), (5, 6), (6, 2)] {
        for number in 1..=count {
            add(&format!("G{days}{number:02}"), "contract", "G", "2026-03-02", &format!("2026-03-0{days}"), "");
        }
    }
    for (number, started) in [(1, "2026-04-29"), (2, "2026-04-28"), (3, "2026-04-27"), (4, "2026-04-24")] {
        add(&format!("H{number}"), "contract", "G", started, "", "");
    }
    let place = Place::new();
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);

    // … arrived | finished | open before | open after | change | trend | working days | a day | mean lead | Little
    //   | ages p50, p80 | history p50, p80 | aged.
    // D in March: A2 is 15 old, A3 1 and A5 0; half of 0, 1, 15 is 1, and 80 % is 1 + 0.6 × 14. 3 × 22 ÷ 1 = 66 days.
    // In April A5 is gone: 3 → 2. A3 is 22 old, more than 4 + 0.8 × 14. F: 5 ÷ √5 = 2.2.
    assert_eq!(
        rows(&place, "load", &["D", "E", "F"]),
        [
            "2026-03-01 | D | 4 | 1 | 0 | 3 | 3 | steady | 22 | 0.045454545 | 4 | 66 | 1 | 9.4 | 11 | 15.2 | 0",
            "2026-03-01 | E | 1 | 1 | 0 | 0 | 0 | steady | 22 | 0.045454545 | 2 | 0 | - | - | 2 | 2 | 0",
            "2026-04-01 | D | 1 | 1 | 3 | 2 | -1 | steady | 21 | 0.047619048 | 18 | 42 | 11.5 | 17.8 | 11 | 15.2 | 1",
            "2026-04-01 | E | 0 | 0 | 0 | 0 | 0 | steady | 21 | 0 | - | - | - | - | 2 | 2 | 0",
            "2026-04-01 | F | 5 | 0 | 0 | 5 | 5 | growing | 21 | 0 | - | - | 0 | 0 | - | - | 0",
        ]
    );

    // … started | age | done before | p50 | p80 | p95 | where. G: between the 20th and the 21st lies 1.5; 2 + 0.2 and
    // 3 + 0.05 are the others.
    let contract = |id: &str, rest: &str| {
        let (started, age, band) = (&rest[..10], &rest[11..12], &rest[13..]);
        format!(
            "{id} | contract | 1 | G | East | conventional | - | {started} | {age} | 40 | 1.5 | 2.2 | 3.05 | {band}"
        )
    };
    let survey = |id: &str, department: &str, rest: &str| {
        format!("{id} | survey | 1 | {department} | East | conventional | - | {rest} | no_history")
    };
    let mut expected = vec![
        survey("A3", "D", "2026-03-30 | 22 | 2 | 11 | 15.2 | 17.3"),
        survey("A4", "D", "2026-04-29 | 1 | 2 | 11 | 15.2 | 17.3"),
    ];
    expected.extend((1..=5).map(|number| survey(&format!("C{number}"), "F", "2026-04-30 | 0 | 0 | - | - | -")));
    expected.extend([
        contract("H1", "2026-04-29 1 within_p50"),
        contract("H2", "2026-04-28 2 within_p80"),
        contract("H3", "2026-04-27 3 within_p95"),
        contract("H4", "2026-04-24 4 beyond_p95"),
    ]);
    assert_eq!(rows(&place, "ageing", &[]), expected);

    // Surveys took 2, 4 and 18: 4, 4 + 0.6 × 14, 4 + 0.9 × 14; of seven open ones A3 is older than the second.
    assert_eq!(
        rows(&place, "stage_age", &[]),
        ["contract | 40 | 1.5 | 2.2 | 3.05 | 4 | 2", "survey | 3 | 4 | 12.4 | 16.6 | 7 | 1"]
    );
}

/// The first day of a month, and no working day of it yet: nothing is divided by zero.
#[test]
fn a_month_without_a_working_day_has_no_throughput() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,East,0.4,8,2026-04-27,\n",
    );
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\nA1,survey,D,2026-04-27,\n");
    place.report("report", &["--data", "data", "--as-of", "2026-05-01"]);
    assert_eq!(
        rows(&place, "load", &[]),
        [
            "2026-04-01 | D | 1 | 0 | 0 | 1 | 1 | steady | 21 | 0 | - | - | 3 | 3 | - | - | 0",
            "2026-05-01 | D | 0 | 0 | 1 | 1 | 0 | steady | 0 | - | - | - | 3 | 3 | - | - | 0",
        ]
    );
}

#[test]
fn feeders_by_hand() {
    let place = Place::new();
    // Two wait for F1, restricted since March; one is energised, one would be connected to another bureau's F1.
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,feeder_or_station\n\
         A1,East,10,500,2026-03-10,,F1\nA2,East,10,800.5,2026-02-01,,F1\nA3,East,10,900,2026-02-01,2026-04-01,F1\n\
         A4,West,10,100,2026-02-01,,F1\n",
    );
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\nA1,survey,D,2026-03-10,\n");
    place.write(
        "data/restrictions.csv",
        "feeder_or_station,bureau,month,load_rate,limit_kva\nF1,East,2026-02,0.9,\nF1,East,2026-03,1.05,\n\
         F1,East,2026-04,0.8,500\nF2,West,2026-04,1.2,\nF3,West,2026-04,0.85,\nF4,West,2026-03,1.5,\n",
    );
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    // F3 is loaded, but nothing must wait; F4 is no longer on the list. No list of demands is given.
    assert_eq!(
        rows(&place, "feeders", &[]),
        [
            "East | F1 | 0.8 | 500 | 2026-03-01 | 2 | 1300.5 | 2026-03-01 | -",
            "West | F2 | 1.2 | - | 2026-04-01 | 0 | 0 | - | -",
        ]
    );

    // The newest list of demands counts, whole; West has none on it.
    place.write(
        "data/demands.csv",
        "customer,bureau,month,expected_kva\nX,East,2026-03,9000\nX,East,2026-04,2000\nY,East,2026-04,3500.5\n\
         Z,West,2026-03,700\n",
    );
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    let expected: Vec<String> =
        rows(&place, "feeders", &[]).iter().map(|row| row.rsplit(" | ").next().unwrap().to_owned()).collect();
    assert_eq!(expected, ["5500.5", "0"]);

    std::fs::remove_file(place.path("data/restrictions.csv")).unwrap();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    assert!(rows(&place, "feeders", &[]).is_empty());
}
