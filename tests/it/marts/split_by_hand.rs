//! Whose the days of four applications are, how many there were, and which were on time, worked out with a pencil
//! (docs/method.md §5, §8).
//!
//! In March 2026 every Monday to Friday is a working day; in April all but Monday the 6th.

use crate::place::{Place, lines};

/// S1 is a high-voltage connection, S2 of low voltage without a stage on record, S3 is generation whose scheme was late;
/// S4 was accepted and S5 cancelled a year before, S6 is open.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,mode,business,accepted_at,energised_at,cancelled_at
S1,East,10,500.5,conventional,new,2026-03-02,2026-04-01,
S2,East,0.4,20,conventional,new,2026-03-02,2026-03-12,
S3,East,10,500,conventional,分布式光伏,2026-03-02,2026-03-31,
S4,East,10,1000,conventional,new,2025-03-10,2025-04-10,
S5,East,10,2000,conventional,new,2025-03-10,,2025-03-20
S6,East,10,300,conventional,new,2026-04-20,,
";

/// ```text
/// S1 survey 2 | 1 waited for the scheme | scheme 4, of which an authority held up 1 | 7 while the customer has the design
///    made | design review 4, of which the customer held up 2 | 3 waited for the contract | contract 1 | 6 waited for the
///    metering | metering 1 | 1 waited for the energisation
///    work 2 + 3 + 2 + 1 + 1 = 9, waiting 1 + 3 + 6 + 1 = 11, customer 7 + 2 = 9, government 1: 30 days
/// S2 10 days for which nobody is on record: waiting
/// S3 scheme 28 from the 2nd on, energised a day after
/// S4 a month later: 31 days
/// ```
const STAGES: &str = "\
application_id,stage,pass,department,started_at,finished_at,due_on
S1,survey,1,Survey,2026-03-02,2026-03-04,
S1,scheme,1,Planning,2026-03-05,2026-03-09,
S1,design_review,1,Review,2026-03-16,2026-03-20,
S1,contract,1,Marketing,2026-03-23,2026-03-24,
S1,metering,1,Metering,2026-03-30,2026-03-31,
S1,archiving,1,Office,2026-04-02,2026-04-03,
S3,scheme,1,Planning,2026-03-02,2026-03-30,2026-03-20
S6,survey,1,Survey,2026-04-21,2026-04-22,
";

/// The claim of the authority would count if its cause were taken out of a stage's time; the clock leaves it in.
const DELAYS: &str = "\
delay_id,application_id,stage,cause,began_at,ended_at,reported_at,ruling
D1,S1,design_review,customer,2026-03-17,2026-03-19,2026-03-17,admitted
D2,S1,scheme,government,2026-03-05,2026-03-06,2026-03-06,admitted
D3,S1,contract,internal,2026-03-23,2026-03-24,2026-03-23,admitted
D4,S1,metering,customer,2026-03-30,2026-03-31,2026-03-30,rejected
";

fn report() -> Place {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    place.write("data/delays.csv", DELAYS);
    place.pipelines();
    place.report("zh", &["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-04-24", "--lang", "zh"]);
    place
}

#[track_caller]
fn check(place: &Place, mart: &str, expected: &[&str]) {
    assert_eq!(lines(&place.table(&format!("zh/marts/{mart}.parquet"))), expected, "{mart}");
}

#[test]
fn days_volume_and_fulfilment_by_hand() {
    let place = report();
    // Completed | days in all | work | waiting | customer | government | others; then the sums.
    check(
        &place,
        "time_split",
        &[
            "2025-04-01 | East | conventional | 1 | 31 | 0 | 31 | 0 | 0 | 0 | 31 | 0 | 31 | 0 | 0 | 0",
            "2026-03-01 | East | conventional | 2 | 19.5 | 14 | 5.5 | 0 | 0 | 0 | 39 | 28 | 11 | 0 | 0 | 0",
            "2026-04-01 | East | conventional | 1 | 30 | 9 | 11 | 9 | 1 | 0 | 30 | 9 | 11 | 9 | 1 | 0",
        ],
    );
    // The customer's row: five working days of the design and two of the claim; the authority's day stays Planning's.
    // Working days: the scheme of S1 queues 1 and takes 2, that of S3 takes 20; the survey of S6 queues 1 and takes 1, and
    // since the 22nd its scheme has been awaited, 2 days, by 发展策划部, which usually does it.
    let bottleneck = lines(&place.table("zh/marts/bottleneck.parquet"));
    let critical = |start: &str| {
        let line = bottleneck.iter().find(|line| line.starts_with(start)).unwrap_or_else(|| panic!("{bottleneck:#?}"));
        line.split(" | ").nth(6).unwrap().to_owned()
    };
    for (row, wd) in [
        ("customer | design_review", "7"),
        ("Planning | scheme", "23"),
        ("Review | design_review", "2"),
        ("Survey | survey", "4"),
        ("Marketing | contract", "2"),
        ("Metering | metering", "5"),
        ("发展策划部 | scheme", "2"),
    ] {
        assert_eq!(critical(row), wd, "{row}: {bottleneck:#?}");
    }
    // High voltage: cases, met, rate; low voltage; generation; the index; without a limit.
    check(
        &place,
        "fulfilment",
        &[
            "2025-04-01 | East | 0 | 0 | - | 0 | 0 | - | 0 | 0 | - | - | 1",
            "2026-03-01 | East | 0 | 0 | - | 0 | 0 | - | 1 | 0 | 0 | 0 | 1",
            "2026-04-01 | East | 1 | 1 | 1 | 0 | 0 | - | 0 | 0 | - | 1 | 0",
        ],
    );
    // Of March and April 2026: accepted, energised, cancelled, open at the end, with kVA; the same a year before; since
    // January.
    let volume = lines(&place.table("zh/marts/volume_month.parquet"));
    let of_month = |month: &str| volume.iter().find(|line| line.starts_with(month)).unwrap().clone();
    assert_eq!(
        of_month("2026-03-01"),
        "2026-03-01 | 3 | 1020.5 | 2 | 520 | 0 | 0 | 1 | 500.5 | 2 | 3000 | 0 | 0 | 1 | 2000 | 1 | 1000 \
         | 3 | 1020.5 | 2 | 520 | 0 | 0 | 5 | 3 | 1"
    );
    assert_eq!(
        of_month("2026-04-01"),
        "2026-04-01 | 1 | 300 | 1 | 500.5 | 0 | 0 | 1 | 300 | 0 | 0 | 1 | 1000 | 0 | 0 | 0 | 0 \
         | 4 | 1320.5 | 3 | 1020.5 | 0 | 0 | 6 | 4 | 1"
    );
    // Where the data do not reach back a year, the year before is blank, and not nothing.
    assert_eq!(
        of_month("2025-03-01"),
        "2025-03-01 | 2 | 3000 | 0 | 0 | 1 | 2000 | 1 | 1000 | - | - | - | - | - | - | - | - | 2 | 3000 | 0 | 0 | 1 | 2000 | 2 | 0 | 1"
    );
}

/// What is shown adds up: the headline of April, and its change.
#[test]
fn the_first_headline_is_whose_the_days_are() {
    let place = report();
    let page = place.pages("zh");
    assert!(
        page.contains("其中：我方作业 9.0，客户 9.0，等待我方 11.0，政府 1.0，其他原因 0.0；1 户送电"),
        "the headline"
    );
    place.report("en", &["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-04-24", "--lang", "en"]);
    let page = place.pages("en");
    let words =
        "of which utility work 9.0, customer 9.0, utility waiting 11.0, government 1.0, other causes 0.0; 1 energised";
    assert!(page.contains(words), "the headline");
}
