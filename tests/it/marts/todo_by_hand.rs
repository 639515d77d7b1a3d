//! Early warnings, loaded equipment and expected demand, worked out with a pencil (docs/method.md §5).
//!
//! The as-of day is Tuesday 30 June 2026. Of June and July every Monday to Friday is a working day except 19 June.

use crate::place::{Place, lines};

/// A1 was promised for 2 July: 20 working days are used, 2 are left. A2 has 80 in all, until September. The callback of A3 is
/// due on 2 July.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,mode,manager_id,accepted_at,promised_on,energised_at,feeder_or_station
A1,East,10,5000,order,M1,2026-06-01,2026-07-02,,F1
A2,East,10,500,conventional,M1,2026-06-01,,,F1
A3,West,10,500,conventional,M2,2026-03-02,,2026-06-02,
";

/// The works of A1 have used 9 of 11 days; 16 June to 2 July. The review of A2 has used 6, and a claim takes all out. The contract
/// of A2 has used 4 of 5 and is due tomorrow: that is a reminder. Its works have used 7 of 10.
const STAGES: &str = "\
application_id,stage,department,started_at,finished_at,due_on
A1,grid_works,Works,2026-06-16,,2026-07-02
A2,design_review,Review,2026-06-22,,2026-07-20
A2,contract,Hall,2026-06-24,,2026-07-01
A2,grid_works,Works,2026-06-18,,2026-07-03
A3,survey,Survey,2026-03-02,2026-03-04,
";

/// Heard of on 3 June, it is believed for 20 working days, until 2 July.
const DELAYS: &str = "\
delay_id,application_id,stage,cause,began_at,ended_at,reported_at,ruling
D1,A2,design_review,customer,2026-06-03,,2026-06-03,
";

const CALLBACKS: &str = "\
callback_id,kind,subject_id,called_at,outcome
C1,connection,A3,2026-06-20,unreached
";

const RESTRICTIONS: &str = "\
feeder_or_station,bureau,month,load_rate,limit_kva
F1,East,2026-06,1.05,300
F2,East,2026-06,0.85,
F2,East,2026-05,1.02,
";

const DEMANDS: &str = "\
customer,bureau,month,expected_kva,expected_on,source
Mill,East,2026-06,2000,2026-10-15,visit
Dairy,East,2026-06,500,2026-10-01,visit
Mill,East,2026-05,1000,2026-10-15,visit
";

#[test]
fn what_is_likely_to_run_out_by_hand() {
    let place = Place::new();
    for (table, content) in [
        ("applications", APPLICATIONS),
        ("stages", STAGES),
        ("delays", DELAYS),
        ("callbacks", CALLBACKS),
        ("restrictions", RESTRICTIONS),
        ("demands", DEMANDS),
    ] {
        place.write(&format!("data/{table}.csv"), content);
    }
    place.report("report", &["--data", "data", "--as-of", "2026-06-30"]);
    let check = |mart: &str, expected: &[&str]| {
        assert_eq!(lines(&place.table(&format!("report/marts/{mart}.parquet"))), expected, "{mart}");
    };
    // kind | case | stage | pass | claim | bureau | department | manager | due | left | used | limit | chance | to do
    check(
        "warning",
        &[
            "callback | A3 | - | - | - | West | - | M2 | 2026-07-02 | 2 | - | - | - | callback",
            "claim | A2 | design_review | 1 | 1 | East | Review | M1 | 2026-07-02 | 2 | - | - | - | claim",
            "owner | A1 | grid_works | - | - | East | Works | M1 | 2026-07-03 | 3 | - | - | - | owner",
            "stage | A1 | grid_works | 1 | - | East | Works | M1 | 2026-07-02 | 2 | 9 | 11 | - | stage",
            "total | A1 | grid_works | - | - | East | Works | M1 | 2026-07-02 | 2 | 20 | 22 | - | total",
        ],
    );
    // bureau | equipment | list | state | load | available | since | applications | waiting | left
    check(
        "restricted",
        &[
            "East | F1 | 2026-06-01 | over | 1.05 | 300 | 2026-06-01 | 2 | 5500 | -5200",
            "East | F2 | 2026-06-01 | heavy | 0.85 | - | - | 0 | 0 | -",
        ],
    );
    check("demand", &["East | 2026-10-01 | visit | 2 | 2500"]);
}
