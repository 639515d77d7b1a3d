//! The lists for hands that act, and the managers' score, worked out with a pencil (docs/method.md §4, §5).
//!
//! The as-of day is Thursday 30 April 2026. Of March and April every Monday to Friday is a working day except 6 April;
//! from 1 to 5 May nobody works, and Saturday 9 May is made up for.

use crate::place::{Place, lines};

/// L1 is a key project with a promise that was moved; L2 runs against the standard total; L3 is past its promise and
/// has no manager; L4 was energised on 20 April.
const APPLICATIONS: &str = "\
application_id,customer_name,bureau,voltage_kv,capacity_kva,key_project,mode,manager_id,accepted_at,promised_on,energised_at,feeder_or_station,leader,live_work
L1,甲厂,East,10,5000,true,order,M1,2026-03-02,2026-05-20,,F1,李主任,是
L2,,West,10,500,,conventional,M2,2026-04-01,,,,,
L3,丙店,West,0.4,100,,order,,2026-04-01,2026-04-28,,,,
L4,,East,10,6000,true,order,M1,2026-03-02,2026-04-30,2026-04-20,,,否
";

/// ```text
/// L1 survey      4 of 5
/// L1 scheme      W(30 April) − W(9 March) = 37 of 36: breached on 30 April
/// L1 grid works  20, not assessed: no standard, no due date
/// L2 acceptance  1 of 1: nothing is left
/// L4 survey      3 of 5
/// ```
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at,due_on
L1,survey,Survey,2026-03-02,2026-03-06,2026-03-09
L1,scheme,Planning,2026-03-09,,2026-04-29
L1,grid_works,Works,2026-04-01,,
L2,acceptance,Hall,2026-04-29,,
L4,survey,Survey,2026-03-02,2026-03-05,2026-03-09
";

/// Never reported, so it takes nothing out; and it has not ended.
const DELAYS: &str = "\
delay_id,application_id,stage,cause,began_at,ended_at,reported_at
D1,L1,scheme,customer,2026-04-29,,
";

const REPLANS: &str = "application_id,replanned_at,promised_on,reason\nL1,2026-04-10,2026-05-31,works\n";

/// A answered on the same day, B has not; the second is settled.
const REQUESTS: &str = "\
request_id,application_id,customer,topic,departments,raised_at,answered,settled_at
R1,L1,甲厂,扩容,A;B,2026-04-28 09:00,A 2026-04-28 16:00,
R2,,乙厂,检修,B,2026-04-01 09:00,,2026-04-03
";

/// F1 has been restricted since March; in February it was not.
const RESTRICTIONS: &str = "\
feeder_or_station,bureau,month,load_rate,limit_kva
F1,East,2026-02,0.9,
F1,East,2026-03,1.05,
F1,East,2026-04,0.8,500
F1,West,2026-04,0.8,
";

const MANAGERS: &str = "manager_id,name,bureau,full_time,customers\nM1,王一,East,true,12\n";

fn place() -> Place {
    let place = Place::new();
    for (table, content) in [
        ("applications", APPLICATIONS),
        ("stages", STAGES),
        ("delays", DELAYS),
        ("replans", REPLANS),
        ("requests", REQUESTS),
        ("restrictions", RESTRICTIONS),
        ("managers", MANAGERS),
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
fn four_applications_by_hand() {
    let place = place();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);

    // … due | effective | elapsed | excluded | remaining | chance, its band replayed and on time, its interval | 50 % | 80 % | level | role | owner | since | next rise | stage | …
    // L1: 21 working days in March after the 2nd and 21 in April; to 20 May 6–9, 11–15 and 18–20 are left.
    // L2: 80 working days after 1 April: 20 in April, 19 in May, 21 in June, and the 20th of July's, the 28th.
    check(
        &place,
        "watchlist",
        &[
            "L1 | 甲厂 | East | order | 10 | 5000 | 2026-05-20 | 2026-05-20 | 42 | 0 | 0 | 12 | - | 0 | 0 | 0 | - | - | - | - | 1 | centre_director | - | 2026-04-20 | 2026-05-10 | grid_works | Works | M1 | 1 | 2026-05-31 | too_few_alike | - | -",
            "L2 | - | West | conventional | 10 | 500 | 2026-07-28 | 2026-07-28 | 20 | 0 | 0 | 60 | - | 0 | 0 | 0 | - | - | - | - | 0 | manager | M2 | 2026-04-01 | 2026-06-28 | acceptance | Hall | M2 | - | - | too_few_alike | - | -",
            "L3 | 丙店 | West | order | 0.4 | 100 | 2026-04-28 | 2026-04-28 | 20 | 0 | 0 | -2 | 0 | 0 | 0 | 0 | - | - | - | - | 3 | director | - | 2026-04-29 | - | - | - | - | - | - | too_few_alike | - | -",
        ],
    );

    // … started | due | limit | net | remaining | state.
    check(
        &place,
        "reminder",
        &[
            "Planning | L1 | scheme | 1 | East | order | M1 | open | 2026-03-09 | 2026-04-29 | 2026-04-29 | -1 | 36 | 37 | -1 | breached",
            "Hall | L2 | acceptance | 1 | West | conventional | M2 | open | 2026-04-29 | 2026-04-30 | 2026-04-30 | 0 | 1 | 1 | 0 | due_soon",
        ],
    );

    // … breached | due | limit | net | over | state: in the period, which is April.
    check(
        &place,
        "breach",
        &["Planning | L1 | scheme | 1 | East | order | 2026-04-30 | 2026-04-29 | 36 | 37 | 1 | open"],
    );

    // … started | finished | due | limit | gross | excluded | net | over | breached | limit from | points: 1.0 + 0.2 × 1.
    check(
        &place,
        "overdue",
        &[
            "Planning | L1 | East | order | scheme | 1 | 2026-03-09 | 2026-03-09 | start | - | 2026-04-29 | 36 | 37 | 0 | 0 | 37 | 1 | 2026-04-30 | due_on | 1.2 | - | 1.2 | - | - | -",
        ],
    );

    // … started | stage | pass | no. | claim | cause | began | ended | reported | due | verdict | claimed | excluded
    //   | outcome: from 29 to 30 April is one working day.
    check(
        &place,
        "month_claims",
        &[
            "Planning | L1 | 2026-03-09 | scheme | 1 | 1 | D1 | customer | 2026-04-29 | - | - | 2026-04-29 | pending | - | late_report | 1 | 0 | 0 | 0 | still_overdue | -",
        ],
    );

    // … level | role | since | due | days left | next rise | stage | department | manager: rose in April.
    check(
        &place,
        "escalation",
        &[
            "L1 | 甲厂 | East | order | 1 | centre_director | 2026-04-20 | centre_director | both | 2026-05-20 | 2026-05-20 | 20 | 2026-05-10 | grid_works | Works | M1",
            "L3 | 丙店 | West | order | 3 | director | 2026-04-29 | director | both | 2026-04-28 | 2026-04-28 | -2 | - | - | - | -",
        ],
    );

    // … state | started | planned | finished | limit | net | slip | promised | current promise | re-plans.
    check(
        &place,
        "progress",
        &[
            "L1 | 甲厂 | East | survey | 1 | Survey | finished | 2026-03-02 | 2026-03-02 | 2026-03-09 | 2026-03-06 | 5 | 4 | -1 | - | 2026-05-20 | 2026-05-31 | 1",
            "L1 | 甲厂 | East | scheme | 1 | Planning | open | 2026-03-09 | 2026-03-09 | 2026-04-29 | - | 36 | 37 | 1 | -1 | 2026-05-20 | 2026-05-31 | 1",
            "L1 | 甲厂 | East | grid_works | 1 | Works | open | 2026-04-01 | 2026-04-01 | - | - | - | 20 | - | - | 2026-05-20 | 2026-05-31 | 1",
            "L4 | - | East | survey | 1 | Survey | finished | 2026-03-02 | 2026-03-02 | 2026-03-09 | 2026-03-05 | 5 | 3 | -2 | - | 2026-04-30 | - | 0",
        ],
    );

    // … state | accepted | promised | current | re-plans | due | energised | elapsed | left | owner | stage | department
    //   | stages finished | overdue. L4 took 21 + 13 working days.
    check(
        &place,
        "key_project",
        &[
            "L1 | 甲厂 | East | 10 | 5000 | open | 2026-03-02 | 2026-05-20 | 2026-05-31 | 1 | 2026-05-20 | - | 42 | 12 | centre_director | grid_works | Works | 1 | 1 | 李主任 | true",
            "L4 | - | East | 10 | 6000 | energised | 2026-03-02 | 2026-04-30 | - | 0 | 2026-04-30 | 2026-04-20 | 34 | - | - | - | - | 1 | 0 | - | false",
        ],
    );

    // … why | level | role | due | days left | working days left | stage | department | stage breached | open claims
    //   | open requests | grid works since | feeder | restricted since | blocked since: March's restriction, but not
    //   before L1 was accepted.
    check(
        &place,
        "supervision",
        &[
            "L1 | 甲厂 | East | true | stage_breached | 1 | centre_director | centre_director | 2026-05-20 | 12 | 2026-05-20 | 20 | 12 | grid_works | Works | 2026-04-30 | 1 | 1 | 2026-04-01 | F1 | 2026-03-01 | 2026-03-02",
            "L3 | 丙店 | West | false | past_due | 3 | director | director | 2026-04-28 | -2 | 2026-04-28 | -2 | -2 | - | - | - | 0 | 0 | - | - | - | -",
        ],
    );

    check(&place, "request_waiting", &["R1 | B | L1 | 甲厂 | 扩容 | 2026-04-28 | 2"]);

    // … open | completed | promised | kept | rate | settled | overdue, own, others', excused | rate | scores | score |
    //   claims | late | load | points: stage, lost by own and by others', promise, callback, claims | score | rank | sample | bottom | review.
    // There are no callbacks, so there is no count of them.
    // March: all stages on time, nobody promised: 100 × 40 × (2 + 10 × 1) ÷ 12 ÷ 40.
    // April: M1's only stage is late and its only claim was never reported: 0 of 40 and of 15; the promise was kept,
    // (1 + 10 × 1) ÷ 11 = 1: 100 × 20 ÷ (40 + 20 + 15). The late stage is Planning's, where no manager belongs: it costs
    // 100 × 40 × 1 ÷ (1 + 10) ÷ 75; the rest of the 40 is what all are shrunk towards. M2 has no cases, and so the mean of all; they tie.
    check(
        &place,
        "manager",
        &[
            "2026-03-01 | M1 | 王一 | 2 | 0 | 0 | 0 | - | 2 | 0 | 0 | 0 | 0 | 0 | - | - | 0 | 0 | 1 | 100 | 0 | 0 | - | - | - | 100 | 0 | 0 | 0 | 1 | small_sample | 0 | none",
            "2026-04-01 | M1 | 王一 | 1 | 1 | 1 | 1 | 1 | 1 | 1 | 0 | 1 | 0 | 1 | - | - | 1 | 1 | 1 | 0 | 0 | 4.848484848 | 26.666666667 | - | 0 | 26.666666667 | 0 | 0 | 0 | 1 | small_sample | 0 | none",
            "2026-04-01 | M2 | - | 1 | 0 | 0 | 0 | - | 0 | 0 | 0 | 0 | 0 | - | - | - | 0 | 0 | 1 | 0 | 0 | 0 | 26.666666667 | - | 0 | 26.666666667 | 0 | 0 | 0 | 1 | small_sample | 0 | none",
        ],
    );
    // Of so few the chart names nobody.
    let chart = place.text("report/charts/managers.svg");
    assert!(chart.contains("aria-label=\"客户经理得分与全体之差\"") && chart.contains("不画区间，也不点名"), "{chart}");
}

#[test]
fn a_later_period_begins_after_the_last_report() {
    let place = place();
    place.report("reports/first", &["--data", "data", "--as-of", "2026-04-20"]);
    place.report("reports/second", &["--data", "data", "--as-of", "2026-04-30"]);
    // L1 was escalated on 20 April, which the first report listed; only L3 is new.
    let escalated = lines(&place.table("reports/second/marts/escalation.parquet"));
    assert_eq!(escalated.len(), 1, "{escalated:?}");
    assert!(escalated[0].starts_with("L3 | "), "{escalated:?}");
    assert_eq!(place.json("reports/second/run.json")["period_from"], "2026-04-21");
    assert_eq!(place.json("reports/second/run.json")["since"], "2026-04-20");
}

/// Who is last for three months running is flagged; the score of a month without any cases is none.
#[test]
fn the_bottom_is_flagged_after_three_months() {
    let place = Place::new();
    let (mut applications, mut stages) = (
        "application_id,bureau,voltage_kv,capacity_kva,manager_id,accepted_at,energised_at\n".to_owned(),
        "application_id,stage,department,started_at,finished_at\n".to_owned(),
    );
    // Eight managers; of one survey (3 working days) each month M6, M7 and M8 are late, M8 by most and only from
    // February on; shrinking keeps the order.
    for month in 1..=4 {
        for manager in 1..=8 {
            let id = format!("A{month}{manager}");
            applications += &format!("{id},East,0.4,8,M{manager},2026-{month:02}-05,\n");
            let late = manager >= 6 && (manager < 8 || month >= 2);
            let finished = if late { 28 } else { 7 };
            stages += &format!("{id},survey,Survey,2026-{month:02}-05,2026-{month:02}-{finished:02}\n");
        }
    }
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    let managers = place.table("report/marts/manager.parquet");
    let told = lines(&managers.select(["month", "manager_id", "rank", "months_at_bottom", "review"]).unwrap());
    let of = |manager: &str| -> Vec<String> {
        let mine = told.iter().filter(|line| line.contains(manager));
        mine.map(|line| line.split(" | ").skip(2).collect::<Vec<_>>().join(" ")).collect()
    };
    // In January two are late and share rank 7 of 8; the bottom begins after rank 5.
    assert_eq!(of("M6"), ["7 1 none", "6 2 none", "6 3 review", "6 4 review"]);
    assert_eq!(of("M8"), ["1 0 none", "6 1 none", "6 2 none", "6 3 review"]);
    assert_eq!(of("M1"), ["1 0 none", "1 0 none", "1 0 none", "1 0 none"]);
}

/// D1 names a stage that is not on record, D2 one that is planned, D3 one that runs; D4 names none.
#[test]
fn a_claim_of_a_stage_without_a_clock_is_listed() {
    let place = Place::with_exports();
    let with_due = |(at, line): (usize, &str)| format!("{line},{}\n", if at == 0 { "due_on" } else { "" });
    let stages: String = place.text("data/stages.csv").lines().enumerate().map(with_due).collect();
    place.write("data/stages.csv", stages + "A2,fee,营销部,,,2026-06-30\n");
    place.write(
        "data/delays.csv",
        "delay_id,application_id,stage,cause,began_at,ended_at,reported_at,reason\n\
         D1,A2,scheme,customer,2026-03-10,,2026-03-10,等图纸\n\
         D2,A2,fee,customer,2026-03-10,2026-03-12,2026-03-10,\n\
         D3,A2,survey,customer,2026-03-10,2026-03-12,2026-03-10,\n\
         D4,A2,,customer,2026-03-10,2026-03-12,2026-03-10,\n",
    );
    place.report("report", &["p.toml", "--as-of", "2026-04-30"]);
    let listed = lines(&place.table("report/marts/unheard_claim.parquet").select(["delay_id", "stage"]).unwrap());
    assert_eq!(listed, ["D1 | scheme", "D2 | fee"]);
    assert_eq!(place.json("report/run.json")["cases"]["claims_without_stage"], 2);
}
