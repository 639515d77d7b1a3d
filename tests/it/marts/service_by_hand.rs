//! The marts of service and those for everybody, worked out with a pencil (docs/method.md §5, §7, §9).
//!
//! In April, May and June 2026 every Monday to Friday is a working day except 1, 4 and 5 May and 19 June; Saturday
//! 9 May is made up for.

use super::cases;
use crate::place::{Place, holds, lines};

/// A1 to A3 are East's, the others West's; A3 is order-style by its size, A6 is cancelled, A4 has no name, A5 is of low
/// voltage. A1, A2 and A4 are energised.
const APPLICATIONS: &str = "\
application_id,customer_name,bureau,channel,voltage_kv,capacity_kva,manager_id,accepted_at,promised_on,replanned_on,energised_at,cancelled_at,visits,designer,builder,supplier,fee_charged,fee_standard
A1,Ajax,East,online,10,500,M1,2026-04-07,2026-05-20,,2026-05-20,,1,D1,B1,S1,100.10,100.1
A2,Ajax,East,,10,500,,2026-04-08,2026-05-20,2026-05-29,2026-05-28,,2,D1,B2,,200,180
A3,Bolt,East,,10,5000,,2026-05-06,2026-06-10,,,,,D2,,,,
A4,,West,phone,10,500,,2026-05-06,,,2026-06-11,,0,D1,B1,S1,50,
A5,Crow,West,online,0.4,8,,2026-06-02,,,,,,,,,,
A6,Dove,West,online,110,500,M3,2026-06-03,,,,2026-06-10,,,,,,
A7,Ajax,West,hall,35,500,M3,2026-06-04,,,,,,,,,,
";

/// The schemes took one and two working days; the negotiation is open since 6 May.
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at
A1,scheme,Planning,2026-04-13,2026-04-14
A2,scheme,Planning,2026-04-13,2026-04-15
A3,survey,Survey,2026-05-06,
";

/// O1 and O3 waited 7 working days, O2 10 so far; the third outages of O1 and O3 are approved and not.
const OUTAGES: &str = "\
outage_id,application_id,ready_at,outage_at,affects_others,outages_this_year,special_approval
O1,A1,2026-05-11,2026-05-20,true,3,true
O2,A3,2026-06-15,,true,,
O3,A4,2026-06-01,2026-06-10,true,3,
";

/// C3 can still be forwarded and handled on time, C4 has no due date, C5 is past it.
const COMPLAINTS: &str = "\
complaint_id,bureau,department,received_at,forwarded_at,due_at,handled_at,satisfied,source,category
C1,East,Survey,2026-06-01 10:00,2026-06-01 11:00,2026-06-08,2026-06-05,true,95598热线,fees
C2,East,Survey,2026-06-02 10:00,2026-06-03 09:00,2026-06-09,2026-06-10,false,hotline,fees
C3,East,Survey,2026-06-30 09:00,,2026-07-07,,,政府转办,
C4,East,Survey,2026-06-03 10:00,2026-06-03 11:00,,2026-06-04,true,hotline,fees
C5,East,Survey,2026-06-04 10:00,2026-06-04 11:00,2026-06-11,,,government,
C6,West,Grid,2026-06-05 10:00,2026-06-05 11:00,2026-06-12,2026-06-12 17:00,true,上级,works
C7,West,Grid,2026-06-08 10:00,2026-06-08 11:00,2026-06-15,2026-06-12,true,superior,works
C8,East,Survey,2026-05-12 10:00,2026-05-12 11:00,2026-05-19,2026-05-18,true,hotline,fees
";

/// ```text
/// F1 arrived after 30 minutes, restored after 120 more, notified after 4, both calls
/// F2 50 and 250, no calls; F3 nobody wrote down an arrival
/// F4 can still be reached on time; F5 90 and 300, notified after 6, one call
/// ```
const FAULTS: &str = "\
fault_id,bureau,area,outage_at,reported_at,notified_at,arrived_at,arrival_call_at,restored_at,completion_call_at
F1,East,urban,2026-06-01 09:50,2026-06-01 10:00,2026-06-01 09:54,2026-06-01 10:30,2026-06-01 10:40,2026-06-01 12:30,2026-06-01 13:00
F2,East,urban,,2026-06-02 10:00,,2026-06-02 10:50,,2026-06-02 15:00,
F3,East,urban,,2026-06-03 10:00,,,,2026-06-03 15:00,
F4,West,rural,,2026-06-30 23:30,,,,,
F5,West,rural,2026-06-20 07:50,2026-06-20 08:00,2026-06-20 07:56,2026-06-20 09:30,2026-06-20 09:40,2026-06-20 14:30,
";

/// A1's is due on 20 June, A2's on 28 June, A4's in July; those of the faults a week after their repair.
const CALLBACKS: &str = "\
kind,subject_id,called_at,outcome,score,free_choice
connection,A1,2026-06-10,reached,5,false
connection,A2,2026-06-12,reached,,true
connection,A4,2026-06-20,reached,5,true
fault,F1,2026-06-05,reached,5,
fault,F2,2026-06-05,unreached,,
";

/// A3's promise was moved by 10 and by 4 days, A7 never had a first one.
const REPLANS: &str = "\
application_id,replanned_at,promised_on,reason
A3,2026-05-20,2026-06-20,customer
A3,2026-06-12,2026-06-24,
A7,2026-06-15,2026-07-31,customer
A7,2026-06-20,2026-08-04,customer
";

/// R1 waits for Grid since 28 days, R2 was answered after two, R3 can still be answered on its day.
const REQUESTS: &str = "\
request_id,application_id,customer,topic,departments,raised_at,answered,settled_at
R1,A3,Bolt,inspection,Survey;Grid,2026-06-02 09:00,Survey@2026-06-02 10:00,
R2,,Crow,meter,Grid,2026-06-10 09:00,Grid@2026-06-12 09:00,2026-06-15
R3,,,,Survey;Grid,2026-06-30 09:00,Survey@2026-06-30 11:00,
";

const SURVEYS: &str = "\
period,bureau,indicator,weight,score
2026-04,East,speed,0.6,80
2026-04,East,manner,0.4,90
2026-05,East,speed,0.5,81
2026-05,East,manner,0.5,90
2026-05,West,speed,0.5,70
2026-06,East,speed,0.5,82
";

const MANAGERS: &str = "\
manager_id,name,bureau,full_time,customers
M1,Ann,East,true,30
M2,Bob,East,true,
M3,Cid,West,false,
M4,Dan,North,true,10
";

const RESTRICTIONS: &str = "\
feeder_or_station,bureau,month,load_rate,limit_kva
E1,East,2026-05,0.8,
E2,East,2026-05,1.0,1500
E2,East,2026-06,0.95,
W1,West,2026-06,0.5,100
";

const DEMANDS: &str = "\
customer,bureau,month,expected_kva
Kiln,East,2026-05,2000
Loom,North,2026-06,3500
Mill,North,2026-06,1500.5
";

/// Every table in `data`, without some.
fn place(without: &[&str]) -> Place {
    let place = Place::new();
    for (table, content) in [
        ("applications", APPLICATIONS),
        ("stages", STAGES),
        ("outages", OUTAGES),
        ("complaints", COMPLAINTS),
        ("faults", FAULTS),
        ("callbacks", CALLBACKS),
        ("replans", REPLANS),
        ("requests", REQUESTS),
        ("surveys", SURVEYS),
        ("managers", MANAGERS),
        ("restrictions", RESTRICTIONS),
        ("demands", DEMANDS),
    ] {
        if !without.contains(&table) {
            place.write(&format!("data/{table}.csv"), content);
        }
    }
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    place
}

#[track_caller]
fn check(place: &Place, mart: &str, expected: &[&str]) {
    assert_eq!(lines(&place.table(&format!("report/marts/{mart}.parquet"))), expected, "{mart}");
}

/// The SQL says the same in DuckDB, and every figure is that of its cases.
fn agrees_everywhere(place: &Place) -> cases::Traced {
    super::agrees_in_duckdb(place);
    cases::trace(place)
}

#[test]
fn promises_and_how_customers_were_served() {
    let place = place(&[]);

    // … due | kept | broken | rate | undecided. The limits of C3, F4 and A4's callback have not passed.
    check(
        &place,
        "promise",
        &[
            "2026-05-01 | complaint_handled | 1 | 1 | 0 | 1 | 0",
            "2026-05-01 | complaint_same_day | 1 | 1 | 0 | 1 | 0",
            "2026-05-01 | outage_7wd | 1 | 1 | 0 | 1 | 0",
            "2026-05-01 | survey_5wd | 1 | 0 | 1 | 0 | 0",
            "2026-05-01 | third_outage_approved | 1 | 1 | 0 | 1 | 0",
            "2026-06-01 | arrival | 4 | 2 | 2 | 0.5 | 0",
            "2026-06-01 | complaint_handled | 5 | 3 | 2 | 0.6 | 0",
            "2026-06-01 | complaint_same_day | 6 | 5 | 1 | 0.833333333 | 0",
            "2026-06-01 | outage_7wd | 2 | 1 | 1 | 0.5 | 0",
            "2026-06-01 | outage_notice | 2 | 1 | 1 | 0.5 | 0",
            "2026-06-01 | restore | 3 | 2 | 1 | 0.666666667 | 0",
            "2026-06-01 | third_outage_approved | 1 | 0 | 1 | 0 | 0",
            "2026-06-01 | two_calls | 4 | 1 | 3 | 0.25 | 0",
        ],
    );

    // … faults | arrival due, kept, rate, undecided, missing, p50, p90 | restore due, kept, rate,
    // undecided, p50, p90 | notice due, kept, rate, undecided | calls |
    // callbacks. 30 and 50: p90 = 30 + 0.9 · 20; 120 and 250: p90 = 120 + 0.9 · 130.
    check(
        &place,
        "repair",
        &[
            "2026-06-01 | East | urban | 3 | 3 | 1 | 0.333333333 | 0 | 1 | 40 | 48 | 2 | 1 | 0.5 | 0 | 185 | 237 | 1 | 1 | 1 | 0 | 3 | 1 | 0.333333333 | 3 | 1 | 0.333333333",
            "2026-06-01 | West | rural | 2 | 1 | 1 | 1 | 0 | 0 | 90 | 90 | 1 | 1 | 1 | 0 | 300 | 300 | 1 | 0 | 0 | 0 | 1 | 0 | 0 | 1 | 0 | 0",
        ],
    );

    // … received | same day due, same day, rate | handled due, on time, rate | scored, satisfied, rate.
    check(
        &place,
        "complaint",
        &[
            "2026-05-01 | East | Survey | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1",
            "2026-06-01 | East | Survey | 5 | 4 | 3 | 0.75 | 3 | 1 | 0.333333333 | 3 | 2 | 0.666666667",
            "2026-06-01 | West | Grid | 2 | 2 | 2 | 1 | 2 | 2 | 1 | 2 | 2 | 1",
        ],
    );

    // … open | received | same day … handled … satisfied.
    check(
        &place,
        "external_order",
        &[
            "2026-05-01 | hotline | fees | 0 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1",
            "2026-06-01 | government | - | 2 | 2 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0 | -",
            "2026-06-01 | hotline | fees | 0 | 3 | 3 | 2 | 0.666666667 | 2 | 1 | 0.5 | 3 | 2 | 0.666666667",
            "2026-06-01 | superior | works | 0 | 2 | 2 | 2 | 1 | 2 | 2 | 1 | 2 | 2 | 1",
        ],
    );

    // 0.6 · 80 + 0.4 · 90 = 84; 0.5 · 81 + 0.5 · 90 = 85.5; 0.5 · 82 ÷ 0.5 = 82.
    check(
        &place,
        "survey",
        &[
            "2026-04-01 | East | 84 | -",
            "2026-05-01 | East | 85.5 | 1.5",
            "2026-05-01 | West | 70 | -",
            "2026-06-01 | East | 82 | -3.5",
        ],
    );
    check(
        &place,
        "survey_indicator",
        &[
            "2026-04-01 | East | manner | 0.4 | 90 | -",
            "2026-04-01 | East | speed | 0.6 | 80 | -",
            "2026-05-01 | East | manner | 0.5 | 90 | 0",
            "2026-05-01 | East | speed | 0.5 | 81 | 1",
            "2026-05-01 | West | speed | 0.5 | 70 | -",
            "2026-06-01 | East | speed | 0.5 | 82 | 1",
        ],
    );

    check(
        &place,
        "request",
        &[
            "R1 | A3 | Bolt | inspection | 2026-06-02 | 2 | 1 | false | open | - | 28 | Grid",
            "R2 | - | Crow | meter | 2026-06-10 | 1 | 1 | false | settled | 2026-06-15 | 5 | -",
            "R3 | - | - | - | 2026-06-30 | 2 | 1 | - | open | - | 0 | Grid",
        ],
    );
    // … asked | answered | same day | rate of R1 and R2 | waited for | (28 + 2 + 0) ÷ 3.
    check(
        &place,
        "request_department",
        &["2026-06-01 | Grid | 3 | 1 | 0 | 0 | 2 | 10", "2026-06-01 | Survey | 2 | 2 | 2 | 1 | 0 | 0"],
    );

    let traced = agrees_everywhere(&place);
    for mart in ["promise", "repair", "complaint", "survey", "survey_indicator", "request_department"] {
        assert!(traced.again.contains_key(mart), "{mart}");
    }
    // The claims, which these data have none of.
    assert!(traced.no_data > 0, "{traced:?}");
}

#[test]
fn how_the_work_was_planned_and_given_out() {
    let place = place(&[]);

    // A2 is not in the history, so it was not re-planned; A7 was first promised in its first re-plan.
    check(
        &place,
        "replan",
        &[
            "A3 | East | order | 2026-06-10 | 2026-06-24 | 2 | 14 | - | - | -",
            "A7 | West | conventional | 2026-07-31 | 2026-08-04 | 2 | 4 | customer | - | -",
        ],
    );
    // … re-plans | applications | slip | mean: A7's first step has no earlier date.
    check(
        &place,
        "replan_month",
        &[
            "2026-05-01 | customer | 1 | 1 | 10 | 10",
            "2026-06-01 | customer | 2 | 1 | 4 | 4",
            "2026-06-01 | - | 1 | 1 | 4 | 4",
        ],
    );

    // … answered, violations | completed | designed, top, HHI | built | supplied | fees, deviations | visited, one
    // visit, share | accepted, online, share. A2 and A3 name no channel; A6 is cancelled.
    check(
        &place,
        "openness",
        &[
            "2026-04-01 | East | 0 | 0 | 0 | 0 | - | - | 0 | - | - | 0 | - | - | 0 | 0 | 0 | 0 | - | 2 | 1 | 1",
            "2026-05-01 | East | 0 | 0 | 2 | 2 | 1 | 1 | 2 | 0.5 | 0.5 | 1 | 1 | 1 | 2 | 1 | 2 | 1 | 0.5 | 1 | - | -",
            "2026-05-01 | West | 0 | 0 | 0 | 0 | - | - | 0 | - | - | 0 | - | - | 0 | 0 | 0 | 0 | - | 1 | 0 | 0",
            "2026-06-01 | East | 2 | 1 | 0 | 0 | - | - | 0 | - | - | 0 | - | - | 0 | 0 | 0 | 0 | - | 0 | - | -",
            "2026-06-01 | West | 0 | 0 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 0 | 0 | 1 | 1 | 1 | 2 | 1 | 0.5",
        ],
    );

    // … equipment | heavy | over | limited | expected kVA.
    check(
        &place,
        "capacity",
        &[
            "2026-05-01 | East | 2 | 2 | 1 | 1 | 2000",
            "2026-06-01 | East | 1 | 1 | 0 | 0 | 0",
            "2026-06-01 | North | 0 | 0 | 0 | 0 | 5000.5",
            "2026-06-01 | West | 1 | 0 | 0 | 1 | 0",
        ],
    );

    // … large customers | with a manager | share | full time | part time | served | per manager | target | met.
    // East: Ajax and Bolt, A1 names a manager; West: A4 and Ajax, not A5 (low voltage) and A6 (cancelled).
    check(
        &place,
        "coverage",
        &[
            "East | 2 | 1 | 0.5 | 2 | 0 | 30 | 15 | 50 | true",
            "North | 0 | 0 | - | 1 | 0 | 10 | 10 | 50 | true",
            "West | 2 | 1 | 0.5 | 0 | 1 | - | - | 50 | false",
        ],
    );

    // Open, or energised in June; 80 working days from 6 May end on 26 August; other voltages have no total. A3 is past both
    // its dates.
    check(
        &place,
        "public_progress",
        &[
            "A3 | East | 10 | order | open | 2026-05-06 | survey | 2026-06-10 | 2026-06-10 | true | past_both | -",
            "A4 | West | 10 | conventional | energised | 2026-05-06 | - | 2026-08-26 | 2026-08-26 | false | - | 2026-06-11",
            "A5 | West | 0.4 | conventional | open | 2026-06-02 | - | - | - | false | - | -",
            "A7 | West | 35 | conventional | open | 2026-06-04 | - | - | - | false | - | -",
        ],
    );
    check(&place, "public_restrictions", &["2026-06-01 | East | E2 | 0.95 | -", "2026-06-01 | West | W1 | 0.5 | 100"]);
    // C1, C2, C4, C6 and C7 have an answer; the one complaint of May shows nothing.
    check(&place, "public_service", &["2026-05-01 | - | - | - | - | - | -", "2026-06-01 | 7 | 5 | 3 | 5 | 4 | 0.8"]);
    // Two fees and three projects are fewer than five.
    check(&place, "public_fees", &[]);
    check(&place, "public_contractors", &[]);
    let limits = lines(&place.table("report/marts/public_limits.parquet"));
    for limit in [
        "6 | stage | scheme | - | high_voltage | dual | - | - | 45 | working_days | supervision_2009",
        "19 | total | - | - | 10–20 kV | dual | new_feeder | - | 90 | working_days | key_accounts",
        "23 | promise | - | arrival | - | - | - | urban | 45 | minutes | repair",
    ] {
        assert!(limits.iter().any(|line| line == limit), "{limit}: {limits:#?}");
    }
}

#[test]
fn without_a_table_a_figure_is_empty_and_not_zero() {
    let of = |without: &[&str]| {
        let place = place(without);
        let traced = agrees_everywhere(&place);
        assert!(traced.no_data > 0);
        place
    };

    let place = of(&["restrictions", "managers", "callbacks", "replans"]);
    check(
        &place,
        "capacity",
        &["2026-05-01 | East | - | - | - | - | 2000", "2026-06-01 | North | - | - | - | - | 5000.5"],
    );
    check(
        &place,
        "coverage",
        &["East | 2 | 1 | 0.5 | - | - | - | - | 50 | -", "West | 2 | 1 | 0.5 | - | - | - | - | 50 | -"],
    );
    let callbacks = |mart: &str, from: usize| -> Vec<String> {
        let cells = |line: String| line.split(" | ").skip(from).map(str::to_owned).collect::<Vec<_>>().join(" ");
        lines(&place.table(&format!("report/marts/{mart}.parquet"))).into_iter().map(cells).collect()
    };
    assert_eq!(callbacks("repair", 24), ["- - -", "- - -"]);
    assert!(callbacks("openness", 2).iter().all(|cells| cells.starts_with("- - ")), "{:?}", callbacks("openness", 2));
    // Without any history A2's re-planned date counts as one; whether it kept its promise is judged by the first.
    check(&place, "replan", &["A2 | East | conventional | 2026-05-20 | 2026-05-29 | 1 | 9 | - | 2026-05-28 | false"]);
    check(&place, "replan_month", &[]);
    check(&place, "public_restrictions", &[]);

    let place = of(&["demands", "complaints", "faults", "requests", "surveys", "outages"]);
    check(
        &place,
        "capacity",
        &[
            "2026-05-01 | East | 2 | 2 | 1 | 1 | -",
            "2026-06-01 | East | 1 | 1 | 0 | 0 | -",
            "2026-06-01 | West | 1 | 0 | 0 | 1 | -",
        ],
    );
    check(&place, "promise", &["2026-05-01 | survey_5wd | 1 | 0 | 1 | 0 | 0"]);
    for mart in [
        "complaint",
        "external_order",
        "repair",
        "request",
        "request_department",
        "survey",
        "survey_indicator",
        "public_service",
    ] {
        check(&place, mart, &[]);
    }
}

/// Limits in minutes are judged by minutes: what cannot say them is listed, and in no rate and no median.
///
/// ```text
/// F1 arrived after 30 minutes and was restored after 60 more
/// F2 «arrived» on a bare day: neither its arrival nor its restoration can be judged
/// F3 arrived at midnight, which is a time like any other in a column of times: 20 minutes, restored after 10
/// F4 was notified before the outage
/// F5 was reported on a bare day and nobody came: the limit has passed, whatever the hour
/// F6 was reported on the as-of day at a time unknown: it can still be in time
/// ```
#[test]
fn minutes_need_minutes() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    let faults = "fault_id,bureau,area,outage_at,reported_at,notified_at,arrived_at,restored_at\n";
    let rows = [
        "F1,East,urban,,2026-06-01 10:00,,2026-06-01 10:30,2026-06-01 11:30",
        "F2,East,urban,,2026-06-02 09:30,,2026-06-02,2026-06-02 12:00",
        "F3,East,urban,,2026-06-03 23:40,,2026-06-04 00:00,2026-06-04 00:10",
        "F4,East,urban,2026-06-05 10:00,2026-06-05 10:00,2026-06-05 09:50,2026-06-05 10:20,2026-06-05 11:00",
        "F5,East,urban,,2026-06-08,,,",
        "F6,East,urban,,2026-06-30,,,",
    ];
    place.write("data/faults.csv", format!("{faults}{}\n", rows.join("\n")));
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    // The arrivals of F1, F3 and F4 are kept, F5's is not; 20, 20, 30: the median is 20, p90 = 20 + 0.8 · 10.
    let east = "6 | 4 | 3 | 0.75 | 1 | 1 | 20 | 28 | 3 | 3 | 1 | 1 | 40 | 56 | 0 | 0 | - | 1 | - | - | - | - | - | -";
    check(&place, "repair", &[&format!("2026-06-01 | East | urban | {east}")]);
    let undecided = [
        "2026-06-01 | arrival | F2 | East | no_time",
        "2026-06-01 | outage_notice | F4 | East | backwards",
        "2026-06-01 | restore | F2 | East | no_time",
    ];
    check(&place, "promise_undecided", &undecided);
    let said = place.yekuo("explain F2 --data data --as-of 2026-06-30 --lang zh").ends(0).out;
    holds(&said, &["算不出分钟，限 45：无法判定（只有日期，没有时刻）"]);
    agrees_everywhere(&place);

    // In a file whose times are all midnight, as a sheet of dates is, they are days.
    let days = ["F1,East,urban,,2026-06-01 00:00,,2026-06-01 00:00,", "F2,East,urban,,2026-06-02 00:00,,,"];
    place.write("data/faults.csv", format!("{faults}{}\n", days.join("\n")));
    place.report("days", &["--data", "data", "--as-of", "2026-06-30"]);
    let undecided = lines(&place.table("days/marts/promise_undecided.parquet"));
    assert_eq!(undecided, ["2026-06-01 | arrival | F1 | East | no_time"]);
}

/// What is for everybody: as many applications as asked for, of a bureau and with contractors, energised in June.
struct Public {
    applications: String,
    number: usize,
}

impl Public {
    fn new() -> Public {
        let columns = "application_id,customer_name,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,designer,builder,supplier,fee_charged,fee_standard\n";
        Public { applications: columns.to_owned(), number: 0 }
    }

    fn add(&mut self, count: usize, bureau: &str, energised: &str, rest: &str) {
        for _ in 0..count {
            self.number += 1;
            let row = format!("P{:03},Nemo,{bureau},10,500,2025-01-06,{energised},{rest}\n", self.number);
            self.applications.push_str(&row);
        }
    }

    fn report(&self, complaints: &str) -> Place {
        let place = Place::new();
        place.write("data/applications.csv", &self.applications);
        place.write("data/stages.csv", "application_id,stage,department,started_at\n");
        let columns = "complaint_id,bureau,department,received_at,forwarded_at,due_at,handled_at,satisfied\n";
        place.write("data/complaints.csv", format!("{columns}{complaints}"));
        place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
        place
    }
}

#[test]
fn what_is_for_everybody_shows_no_group_of_fewer_than_five() {
    let mut public = Public::new();
    public.add(8, "North", "2026-06-10", "X,P,,100.10,100.1");
    public.add(2, "South", "2026-06-10", "X,Q,,100.10,100.1");
    public.add(1, "South", "2026-06-10", "Y,Q,U,120,100.1");
    public.add(3, "South", "2026-06-10", "Y,R,U,100.10,100.1");
    public.add(1, "East", "2026-06-10", "Y,T,,100.10,100.1");
    public.add(1, "East", "2026-06-10", "Z,T,,100.10,100.1");
    // Eleven earlier months, and a twelfth that is too long ago.
    for month in
        ["2025-08", "2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    {
        public.add(1, "North", &format!("{month}-10"), ",,,,");
    }
    public.add(1, "North", "2025-07-10", ",,,100.10,100.1");
    public.add(9, "North", "2025-06-10", "X,P,U,999,100.1");

    // April: five complaints, four answers; May: four complaints; June: five and five.
    let mut complaints = String::new();
    for (month, count, answers) in [("04", 5, 4), ("05", 4, 4), ("06", 5, 5)] {
        for number in 0..count {
            let satisfied = if number >= answers {
                ""
            } else if number == 0 {
                "false"
            } else {
                "true"
            };
            complaints.push_str(&format!(
                "C{month}{number},East,Survey,2026-{month}-13 10:00,2026-{month}-13 11:00,2026-{month}-20,2026-{month}-15,{satisfied}\n"
            ));
        }
    }
    let place = public.report(&complaints);

    // East's 2 are too few, and so is a rest of 2: South, the smaller of the others, goes with it. 5 · 100.1 + 120
    // + 2 · 100.1 = 820.7.
    check(&place, "public_fees", &["North | 9 | 900.9 | 900.9 | 0", "- | 8 | 820.7 | 800.8 | 1"]);
    // Designers X 10, Y 5, Z 1: Y goes with Z. Builders P 8, Q 3, R 3, T 2: a rest of 8 stands alone. Suppliers: U 4.
    check(
        &place,
        "public_contractors",
        &["builder | P | 8 | 0.5", "builder | - | 8 | 0.5", "designer | X | 10 | 0.625", "designer | - | 6 | 0.375"],
    );
    check(
        &place,
        "public_service",
        &[
            "2026-04-01 | 5 | 5 | 5 | 4 | - | -",
            "2026-05-01 | - | - | - | - | - | -",
            "2026-06-01 | 5 | 5 | 5 | 5 | 4 | 0.8",
        ],
    );
    agrees_everywhere(&place);
}

#[test]
fn a_rest_of_small_groups_is_shown_once_it_is_five() {
    let mut public = Public::new();
    public.add(3, "North", "2026-06-10", "X,P,U,1,1");
    public.add(2, "South", "2026-06-10", "X,Q,U,1,1");
    let place = public.report("");
    check(&place, "public_fees", &["- | 5 | 5 | 5 | 0"]);
    check(&place, "public_contractors", &["builder | - | 5 | 1", "designer | X | 5 | 1", "supplier | U | 5 | 1"]);
}

/// Nothing in what is for everybody names a person or a customer, or repeats what somebody wrote.
#[test]
fn what_is_for_everybody_names_nobody() {
    let place = place(&[]);
    for mart in cases::shipped().marts.iter().filter(|mart| mart.name.starts_with("public_")) {
        for word in ["customer", "phone", "handler", "manager", "reason", "topic"] {
            assert!(!mart.sql.contains(word), "{}: {word}", mart.name);
        }
        let rows = lines(&place.table(&format!("report/marts/{}.parquet", mart.name))).join("\n");
        for name in ["Ajax", "Bolt", "Crow", "Dove", "Kiln", "Loom", "Mill", "Ann", "Bob", "Cid", "Dan"] {
            assert!(!rows.contains(name), "{}: {name}", mart.name);
        }
    }
}
