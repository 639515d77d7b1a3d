//! What is done about cases, worked out with a pencil (docs/method.md §5): issues of callbacks, callbacks not made,
//! satisfaction, promises not kept, outages to come, visits and actions.
//!
//! The as-of day is Tuesday 30 June 2026; what happens in July is not known. Of June every Monday to Friday is a working
//! day except the 19th.

use crate::place::{Place, lines};

/// A1, A2 and A4 are energised; A3 is open, and was promised for 10 June.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,mode,manager_id,accepted_at,promised_on,energised_at,customer_class
A1,East,10,5000,order,M1,2026-03-02,2026-05-20,2026-05-10,large
A2,West,10,500,conventional,,2026-03-02,,2026-05-12,ordinary
A3,East,10,5000,order,M1,2026-06-01,2026-06-10,,
A4,East,10,500,conventional,,2026-03-02,,2026-05-20,
";

/// The survey of A3 takes seven working days: 2–5 and 8–10 June.
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at
A3,survey,Survey,2026-06-01,2026-06-10
A2,archiving,Hall,2026-05-12,2026-06-30
";

/// The crew came 63 minutes after the report.
const FAULTS: &str = "\
fault_id,bureau,area,reported_at,arrived_at,restored_at
F1,West,urban,2026-06-03 08:00,2026-06-03 09:03,2026-06-03 12:00
";

/// The issue of A1 was settled after ten days; that of F1 is settled in July, which nobody knows yet.
const CALLBACKS: &str = "\
callback_id,kind,subject_id,called_at,outcome,score,issue_category,issue_department,issue_verified,issue_action,issue_settled_at
C1,connection,A1,2026-06-08,reached,2,works,Works,true,training,2026-06-18
C2,connection,A2,2026-06-12,reached,5,,,,,
C3,fault,F1,2026-06-09,reached,4,works,Works,,,2026-07-02
C4,connection,A4,2026-06-11,unreached,,,,,,
";

/// O2 is announced in July; O3 is done.
const OUTAGES: &str = "\
outage_id,application_id,ready_at,outage_at,affects_others,outages_this_year,special_approval,planned_on,announced_at
O1,A3,2026-06-22,,true,3,false,2026-07-08,2026-06-30
O2,A3,2026-06-24,,true,,,2026-07-03,2026-07-01
O3,A1,2026-05-04,2026-05-08,false,,,,
";

const VISITS: &str = "\
visit_id,manager_id,customer,visited_at,opinion,answered_at
V1,M1,甲厂,2026-06-02,计量,2026-06-06
V2,M1,甲厂,2026-06-16,双电源,2026-07-01
V3,M1,乙厂,2026-07-01,,
";

/// Three days before A3 is due, and five days after.
const ACTIONS: &str = "\
action_id,application_id,kind,taken_at,owner_role
K1,A3,问责,2026-06-07,director
K2,A3,约谈,2026-06-15,director
";

#[test]
fn what_was_done_about_cases_by_hand() {
    let place = Place::new();
    for (table, content) in [
        ("applications", APPLICATIONS),
        ("stages", STAGES),
        ("faults", FAULTS),
        ("callbacks", CALLBACKS),
        ("outages", OUTAGES),
        ("visits", VISITS),
        ("actions", ACTIONS),
    ] {
        place.write(&format!("data/{table}.csv"), content);
    }
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    let check = |mart: &str, expected: &[&str]| {
        assert_eq!(lines(&place.table(&format!("report/marts/{mart}.parquet"))), expected, "{mart}");
    };

    // month | category | department | issues | verified | settled | median days | open
    check("callback_issue", &["2026-06-01 | works | Works | 2 | 1 | 1 | 10 | 1"]);
    check(
        "rectification",
        &[
            "Works | connection | A1 | East | M1 | 2026-06-08 | works | true | training | 2026-06-18 | -",
            "Works | fault | F1 | West | - | 2026-06-09 | works | - | - | - | 21",
        ],
    );
    check("not_called", &["connection | A4 | East | - | 2026-05-20 | 2026-06-20 | 10"]);
    // month | mode | voltage | class | scored | satisfied | rate | mean
    check(
        "satisfaction",
        &[
            "2026-06-01 | conventional | 1_35_kv | ordinary | 1 | 1 | 1 | 5",
            "2026-06-01 | order | 1_35_kv | large | 1 | 0 | 0 | 2",
        ],
    );
    // promise | case | stage | pass | bureau | department | took | promised | over, working days, then minutes
    check(
        "broken_promise",
        &[
            "arrival | F1 | - | - | West | - | - | - | - | 63 | 45 | 18",
            "survey_5wd | A3 | survey | 1 | East | Survey | 7 | 5 | 2 | - | - | -",
        ],
    );
    // week | planned | … | ready | waited | to go | others | of the year | approval | announced | ahead | announcement
    check(
        "outage_plan",
        &[
            "2026-06-29 | 2026-07-03 | O2 | A3 | East | M1 | 2026-06-24 | 4 | 3 | true | - | not_needed | - | - | missed",
            "2026-07-06 | 2026-07-08 | O1 | A3 | East | M1 | 2026-06-22 | 6 | 8 | true | 3 | missing | 2026-06-30 | 8 | in_time",
        ],
    );
    // month | manager | visits | customers | opinions | answered | rate | median days | open
    check("visit", &["2026-06-01 | M1 | 2 | 1 | 2 | 1 | 0.5 | 4 | 1"]);
    // month | owner | inquiries | talks | notices | others | by the due day | median days after it
    check("action", &["2026-06-01 | director | 1 | 1 | 0 | 0 | 1 | 1"]);
}
