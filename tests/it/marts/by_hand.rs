//! Six applications, every figure of every mart worked out with a pencil (docs/method.md §3–§5).
//!
//! In March and April 2026 every Monday to Friday is a working day except Monday 6 April (Qingming).

use crate::place::{Place, lines};

/// A1 and A2 are small and conventional; A3 is late and still open; A4 (by its size) and A5 (a key project) are
/// order-style; A6 is cancelled.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,key_project,accepted_at,promised_on,energised_at,cancelled_at
A1,East,0.4,8,,2026-03-02,2026-03-20,2026-03-13,
A2,East,0.4,8,,2026-03-09,2026-03-24,2026-03-27,
A3,East,10,500,,2026-03-16,,,
A4,West,10,5000,,2026-03-02,2026-04-01,2026-04-09,
A5,West,0.4,8,true,2026-04-01,,2026-04-15,
A6,West,0.4,8,,2026-04-07,,,2026-04-14
";

/// ```text
/// A1 survey    3 of 3, metering 5 of 5: both met, settled in March
/// A2 survey    6 of 3, less 3 admitted = 3: excused, settled 17 March; metering 5 of 5
/// A3 survey    limit 5, finished 10 April after 18: breached on the 6th working day, 24 March; 13 over
/// A3 scheme    13 of 20 by the as-of day: open, not settled
/// A4 survey    5 of 5; contract has no limit: not assessed; metering 7 of 7 (without 6 April), settled 9 April
/// A5 survey    4 of 3: breached and finished 8 April, 1 over; metering 4 of 5
/// A6 survey    stopped by the cancellation after 5 of 3, less 2 = 3: not overdue, never settled;
///              with the pending claim refused, breached on 13 April
/// ```
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at
A1,survey,Survey,2026-03-02,2026-03-05
A1,metering,Metering,2026-03-06,2026-03-13
A2,survey,Survey,2026-03-09,2026-03-17
A2,metering,Metering,2026-03-18,2026-03-25
A3,survey,Survey,2026-03-16,2026-04-10
A3,scheme,Planning,2026-04-13,
A4,survey,Survey,2026-03-02,2026-03-09
A4,contract,Marketing,2026-03-10,2026-03-20
A4,metering,Metering,2026-03-30,2026-04-09
A5,survey,Survey,2026-04-01,2026-04-08
A5,metering,Metering,2026-04-09,2026-04-15
A6,survey,Survey,2026-04-07,
";

/// D1 takes out 11–13 March; D2 is reported after 23 March, when the survey was due; D5 names no stage and takes out
/// 9 and 10 April.
const DELAYS: &str = "\
delay_id,application_id,stage,cause,began_at,ended_at,reported_at,ruling
D1,A2,survey,customer,2026-03-10,2026-03-13,2026-03-10,admitted
D2,A3,survey,customer,2026-03-18,2026-03-20,2026-03-30,admitted
D3,A3,survey,government,2026-03-17,2026-03-19,2026-03-17,admitted
D4,A5,survey,customer,2026-04-02,2026-04-03,2026-04-02,rejected
D5,A6,,customer,2026-04-08,2026-04-10,2026-04-08,pending
";

/// Due 13 April (A1), 27 April (A2) and, seven days after its repair, 10 April (F1); A4 and A5 are not due yet.
const CALLBACKS: &str = "\
kind,subject_id,called_at,outcome,score,free_choice,issue_category,issue_verified
connection,A1,2026-04-10,reached,5,true,,
connection,A2,2026-04-20,unreached,,,,
connection,A2,2026-04-28,reached,3,false,fee,true
fault,F1,2026-04-11,reached,,,,
";

const FAULTS: &str = "fault_id,bureau,area,reported_at,restored_at\nF1,West,rural,2026-04-03,2026-04-03\n";

/// The six applications in `data`.
pub fn place() -> Place {
    let place = Place::new();
    for (table, content) in [
        ("applications", APPLICATIONS),
        ("stages", STAGES),
        ("delays", DELAYS),
        ("callbacks", CALLBACKS),
        ("faults", FAULTS),
    ] {
        place.write(&format!("data/{table}.csv"), content);
    }
    place
}

#[track_caller]
fn check(place: &Place, mart: &str, expected: &[&str]) {
    assert_eq!(lines(&place.table(&format!("report/marts/{mart}.parquet"))), expected, "{mart}");
}

#[test]
fn six_applications_by_hand() {
    let place = place();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);

    // … settled | overdue gross | net | excused | rates | excluded | provisional | mean over. East in March: A1 met, A2 excused,
    // A3 13 over; it counts in March, though it finished in April.
    check(
        &place,
        "stage_overdue",
        &[
            "2026-03-01 | East | Metering | metering | conventional | 2 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | -",
            "2026-03-01 | East | Survey | survey | conventional | 3 | 2 | 1 | 1 | 0.666666667 | 0.333333333 | 3 | 0 | 13",
            "2026-03-01 | West | Survey | survey | order | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | -",
            "2026-04-01 | West | Metering | metering | order | 2 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | -",
            "2026-04-01 | West | Survey | survey | order | 1 | 1 | 1 | 0 | 1 | 1 | 0 | 0 | 1",
        ],
    );

    // … settled | overdue gross | net | rates | excluded | provisional | mean over: the same over both bureaus and modes.
    check(
        &place,
        "department_stage",
        &[
            "2026-03-01 | Metering | metering | 2 | 0 | 0 | 0 | 0 | 0 | 0 | -",
            "2026-03-01 | Survey | survey | 4 | 2 | 1 | 0.5 | 0.25 | 3 | 0 | 13",
            "2026-04-01 | Metering | metering | 2 | 0 | 0 | 0 | 0 | 0 | 0 | -",
            "2026-04-01 | Survey | survey | 1 | 1 | 1 | 1 | 1 | 0 | 0 | 1",
        ],
    );

    // … settled | overdue gross | net | rates | Wilson | expected | ratio | p | signal | rate ranked | rank, with c = 1.959963984540054² = 3.841458821:
    //   0 of 2: 0 to c/(2 + c) = 0.657619772; 1 of 1: 1/(1 + c) = 0.206549314 to 1
    //   1 of 4: middle (1/4 + c/8)/(1 + c/4) = 0.372472709, half √(c·(3/64 + c/64))/(1 + c/4) = 0.326885448
    //   Expected: surveys of March 3 · 1/3 (conventional) + 1 · 0 (order); of April 1 · 1/2, as one of two was late.
    //   March, all 1/6: none of two (5/6)², one or more of four 1 − (5/6)⁴; April, all 1/3: (2/3)², 1/3. All are few.
    check(
        &place,
        "department_month",
        &[
            "2026-03-01 | Metering | 2 | 0 | 0 | 0 | 0 | 0 | 0.657619772 | 0 | - | 0.694444444 | few | - | -",
            "2026-03-01 | Survey | 4 | 2 | 1 | 0.5 | 0.25 | 0.045587261 | 0.699358157 | 1 | 1 | 0.517746914 | few | - | -",
            "2026-04-01 | Metering | 2 | 0 | 0 | 0 | 0 | 0 | 0.657619772 | 0 | - | 0.444444444 | few | - | -",
            "2026-04-01 | Survey | 1 | 1 | 1 | 1 | 1 | 0.206549314 | 1 | 0.5 | 2 | 0.333333333 | few | - | -",
        ],
    );

    // … level | unit | part of | settled | overdue net | rate | median net | points | rate ranked | rank | before | movement |
    // note | place: 3, 3, 5, 5 and 18 days in the East, and 7, 4 and 4 in the West in April; all are few.
    check(
        &place,
        "rank_unit",
        &[
            "2026-03-01 | bureau | East | - | 5 | 1 | 0.2 | 5 | 3.6 | - | - | - | - | few | 1999998",
            "2026-03-01 | bureau | West | - | 1 | 0 | 0 | 5 | 0 | - | - | - | - | few | 1999998",
            "2026-04-01 | bureau | West | - | 3 | 1 | 0.333333333 | 4 | 1.2 | - | - | - | - | few | 1999998",
        ],
    );

    // … settled | overdue gross | net | rates | with D5 refused: settled | overdue | rate.
    check(
        &place,
        "month_overdue",
        &[
            "2026-03-01 | 6 | 2 | 1 | 0.333333333 | 0.166666667 | 6 | 1 | 0.166666667",
            "2026-04-01 | 3 | 1 | 1 | 0.333333333 | 0.333333333 | 4 | 2 | 0.5",
        ],
    );

    // … completed | mean calendar days | gross | net | p50 p80 p90 | promised | kept | rate | all met | rate.
    // March: A1 11 days, 9 − 0; A2 18 days, 14 − 3 = 11; its promise was missed by three days.
    // A4 38 days and 27 working days, promise missed; A5 14 and 9, not promised, its survey overdue.
    check(
        &place,
        "cycle",
        &[
            "2026-03-01 | East | conventional | 0.4 | 2 | 14.5 | 11.5 | 10 | 10 | 10.6 | 10.8 | 2 | 1 | 0.5 | 2 | 1",
            "2026-04-01 | West | order | 0.4 | 1 | 14 | 9 | 9 | 9 | 9 | 9 | 0 | 0 | - | 0 | 0",
            "2026-04-01 | West | order | 10 | 1 | 38 | 27 | 27 | 27 | 27 | 27 | 1 | 0 | 0 | 1 | 1",
        ],
    );
    // April: 9 and 27 have p80 = 9 + 0.8 · 18 and p90 = 9 + 0.9 · 18.
    check(
        &place,
        "cycle_by_mode",
        &[
            "2026-03-01 | conventional | 2 | 14.5 | 11.5 | 10 | 10 | 10.6 | 10.8 | 2 | 1 | 0.5 | 2 | 1",
            "2026-04-01 | order | 2 | 26 | 18 | 18 | 18 | 23.4 | 25.2 | 1 | 0 | 0 | 1 | 0.5",
        ],
    );

    // … due | called | on time | coverage | on-time rate | scored | satisfied | rate | mean | issues | verified | violations.
    check(
        &place,
        "callback",
        &[
            "2026-04-01 | East | connection | 2 | 2 | 1 | 1 | 0.5 | 2 | 1 | 0.5 | 4 | 1 | 1 | 1",
            "2026-04-01 | West | fault | 1 | 1 | 0 | 1 | 0 | 0 | 0 | - | - | 0 | 0 | 0",
        ],
    );

    // … claims | days claimed | admitted: D1 3 and D5 2; D2 19–20 March; D4 3 April; D3 18–19 March.
    check(
        &place,
        "exclusion",
        &[
            "Survey | survey | customer | admitted | 1 | 3 | 3",
            "Survey | survey | customer | late_report | 1 | 2 | 0",
            "Survey | survey | customer | provisional | 1 | 2 | 2",
            "Survey | survey | customer | rejected | 1 | 1 | 0",
            "Survey | survey | government | not_excludable | 1 | 2 | 0",
        ],
    );
}

#[test]
fn a_missing_table_is_no_data_and_not_zero() {
    let place = place();
    std::fs::remove_file(place.path("data/callbacks.csv")).unwrap();
    std::fs::remove_file(place.path("data/delays.csv")).unwrap();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30", "--lang", "en"]);
    check(&place, "callback", &[]);
    check(&place, "exclusion", &[]);
    // A title leads to its table, where the report has one.
    let page = place.pages("report").replace("</a>", "");
    for title in [
        "Connection callbacks: coverage",
        "Connection callbacks: on time",
        "Connection callbacks: satisfied",
        "Overdue rate, claims not ruled on refused",
    ] {
        let card = format!(">{title}</div><div class=\"v\">no data</div>");
        assert!(page.contains(&card), "{title}");
    }
    let told = page.split("Not given: ").nth(1).and_then(|rest| rest.split('.').next()).unwrap();
    assert!(["delays", "callbacks"].iter().all(|table| told.split(", ").any(|name| name == *table)), "{told}");
    assert!(!told.contains("faults"), "{told}");
    for chart in ["callback", "exclusion"] {
        assert!(place.text(&format!("report/charts/{chart}.svg")).contains(">no data<"), "{chart}");
    }
}
