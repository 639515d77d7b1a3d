//! Stages that begin late, or never: each rule of docs/method.md §4 on applications counted by hand.
//!
//! June 2026 has one holiday, Friday the 19th; otherwise Monday to Friday are working days.

use crate::place::{Place, holds, lines};

const APPLICATIONS: &str = "application_id,bureau,voltage_kv,capacity_kva,mode,accepted_at,energised_at,cancelled_at\n\
    A,East,10,500,conventional,2026-06-01,,\n\
    B,East,10,500,conventional,2026-06-01,,\n\
    C,East,10,500,conventional,2026-06-01,,2026-06-12\n\
    D,East,10,500,conventional,2026-06-01,,2026-06-09\n\
    E,East,10,500,conventional,2026-06-15,,\n\
    F,East,10,500,conventional,2026-06-01,2026-06-24,\n";

/// A: scheme was ready on the 4th, due on the 10th and began on the 16th; nobody has begun the review, which is due on
/// the 22nd and waits for scheme (done on the 18th). B: scheme waits for a survey that was done late; the review waits on.
/// C: nobody began the scheme before the cancellation, two working days after its due date; D: before it was due. E was
/// accepted after the plan was over. F was energised without a contract; it is archived later.
const STAGES: &str = "application_id,stage,department,started_at,finished_at,due_on,planned_start_on\n\
    A,survey,Survey,2026-06-01,2026-06-04,2026-06-08,\n\
    A,scheme,Planning,2026-06-16,2026-06-18,2026-06-10,\n\
    A,design_review,Design,,,2026-06-22,\n\
    A,metering,Metering,,,2026-07-15,\n\
    B,survey,Survey,2026-06-01,2026-06-17,2026-06-08,\n\
    B,scheme,Planning,2026-06-18,2026-06-26,2026-06-12,2026-06-09\n\
    B,design_review,Design,,,2026-06-24,\n\
    C,survey,Survey,2026-06-01,2026-06-04,2026-06-08,\n\
    C,scheme,Planning,,,2026-06-10,\n\
    D,survey,Survey,2026-06-01,2026-06-04,2026-06-08,\n\
    D,scheme,Planning,,,2026-06-10,\n\
    E,survey,Survey,2026-06-17,2026-06-22,2026-06-12,\n\
    F,energisation,Dispatch,2026-06-22,2026-06-24,,\n\
    F,contract,Marketing,,,2026-07-10,\n\
    F,archiving,Hall,,,2026-06-26,\n";

fn place() -> Place {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    place
}

/// What the clock says of each pass on a day: its state, from when it runs and why, limit, gross time, whether it is overdue, when it
/// was settled, what it inherited from whom.
fn told(place: &Place, name: &str, as_of: &str) -> Vec<String> {
    place.report(name, &["--data", "data", "--as-of", as_of]);
    let table = place.table(&format!("lake/{name}/clean/stages.parquet"));
    let columns = [
        "application_id",
        "stage",
        "state",
        "clock_on",
        "clock_from",
        "due_on",
        "limit_wd",
        "gross_wd",
        "overdue_net",
        "settled_on",
        "limit_source",
        "inherited_wd",
        "late_stage",
    ];
    let rows = lines(&table.select(columns).unwrap());
    rows.into_iter().filter(|row| !row.contains("| survey | finished | 2026-06-01")).collect()
}

#[test]
fn late_and_missing_starts_by_hand() {
    let place = place();
    assert_eq!(
        told(&place, "report", "2026-06-30"),
        [
            // From the 4th to the 18th are ten working days for the four up to the 10th; it ran out on the 11th.
            "A | scheme | finished | 2026-06-04 | ready | 2026-06-10 | 4 | 10 | true | 2026-06-11 | due_on | - | -",
            // Ready on the 18th, two working days before the 22nd: overdue on the 23rd, and still not begun.
            "A | design_review | not_started | 2026-06-18 | ready | 2026-06-22 | 1 | 7 | true | 2026-06-23 | due_on | - | -",
            // Not due; the review is open.
            "A | metering | waiting | - | - | 2026-07-15 | - | 0 | - | - | due_on | - | -",
            // The survey came on the 17th, three working days after the 12th. Three days were planned, from the 9th to the
            // 12th: from the 18th on, that is the 24th (the 19th is a holiday). It took five.
            "B | scheme | finished | 2026-06-18 | start | 2026-06-24 | 3 | 5 | true | 2026-06-25 | inherited | 3 | survey",
            // The scheme was done on the 26th, two days after the review was due.
            "B | design_review | waiting | - | - | 2026-06-24 | - | 0 | - | - | inherited | 2 | scheme",
            // Stopped on the 12th: it had run out of time on the 11th.
            "C | scheme | stopped | 2026-06-04 | ready | 2026-06-10 | 4 | 6 | true | 2026-06-11 | due_on | - | -",
            "D | scheme | passed_over | - | - | 2026-06-10 | - | 0 | - | - | due_on | - | -",
            // Accepted on the 15th, one day after the plan was over: the standard limit of five days, from its own start.
            "E | survey | finished | 2026-06-17 | start | 2026-06-25 | 5 | 2 | false | 2026-06-22 | inherited | 1 | -",
            "F | energisation | finished | 2026-06-22 | start | 2026-07-01 | 7 | 2 | false | 2026-06-24 | key_accounts | - | -",
            "F | contract | passed_over | - | - | 2026-07-10 | - | 0 | - | - | due_on | - | -",
            // It comes after the energisation: that does not stop it.
            "F | archiving | not_started | 2026-06-24 | ready | 2026-06-26 | 2 | 4 | true | 2026-06-29 | due_on | - | -",
        ]
    );
}

#[test]
fn what_is_not_begun_is_in_the_lists() {
    let place = place();
    place
        .write("p.toml", "name = \"p\"\ntables = [\"reminder\", \"inherited\", \"idle\", \"overdue\", \"progress\"]\n");
    place.report("report", &["p.toml", "--data", "data", "--as-of", "2026-06-30"]);
    let column = |mart: &str, columns: &[&str]| {
        lines(&place.table(&format!("report/marts/{mart}.parquet")).select(columns.to_vec()).unwrap())
    };
    assert_eq!(
        column("reminder", &["application_id", "stage", "state", "due_in_wd", "remaining_wd", "urgency"]),
        [
            "A | design_review | not_started | -6 | -6 | breached",
            "B | design_review | waiting | -4 | - | past_original",
            "F | archiving | not_started | -2 | -2 | breached",
        ]
    );
    assert_eq!(
        column(
            "inherited",
            &["late_department", "late_finished_on", "inherited_wd", "department", "application_id", "state"]
        ),
        [
            "Planning | 2026-06-26 | 2 | Design | B | waiting",
            "Survey | 2026-06-17 | 3 | Planning | B | finished",
            "- | - | 1 | Survey | E | finished",
        ]
    );
    // Nobody works on A since the 18th, on B since the 26th, on E since the 22nd.
    assert_eq!(
        column("idle", &["application_id", "idle_since_on", "idle_wd", "next_stage", "department"]),
        ["A | 2026-06-18 | 7 | design_review | Design", "E | 2026-06-22 | 6 | scheme | 发展策划部"]
    );
    assert_eq!(
        column("overdue", &["application_id", "stage", "started_on", "clock_on", "over_wd"]),
        [
            "A | design_review | - | 2026-06-18 | 6",
            "F | archiving | - | 2026-06-24 | 2",
            "A | scheme | 2026-06-16 | 2026-06-04 | 6",
            "B | scheme | 2026-06-18 | 2026-06-18 | 2",
            "C | scheme | - | 2026-06-04 | 2",
            // From the 1st to the 17th are twelve working days, for five up to the 8th.
            "B | survey | 2026-06-01 | 2026-06-01 | 7",
        ]
    );
}

/// Not beginning a stage, and beginning it later, never makes it less overdue.
#[test]
fn beginning_later_never_helps() {
    let place = place();
    let overdue = |name: &str, start: &str| {
        let stages = STAGES.replace("A,scheme,Planning,2026-06-16,2026-06-18", &format!("A,scheme,Planning,{start}"));
        place.write("data/stages.csv", stages);
        let row = |row: &String| row.starts_with("A | scheme");
        let rows = told(&place, name, "2026-06-30");
        let row = rows.iter().find(|found| row(found)).unwrap().clone();
        let cells: Vec<String> = row.split(" | ").map(str::to_owned).collect();
        (cells[8].clone(), cells[9].clone())
    };
    // The first working day after the due date, whenever it began.
    let starts = [
        ("in-time", "2026-06-05,2026-06-18"),
        ("on-the-day", "2026-06-10,2026-06-18"),
        ("after", "2026-06-11,2026-06-12"),
        ("never", ","),
    ];
    for (name, start) in starts {
        assert_eq!(overdue(name, start), ("true".to_owned(), "2026-06-11".to_owned()), "{name}");
    }
}

/// On the same records, what was settled stays as it was: only time passes.
#[test]
fn what_is_settled_does_not_move_as_time_passes() {
    let place = Place::new();
    place.yekuo("sample data --layout canonical --applications 300").ends(0);
    // What a ruling, a report or the end of a claim says later is another record: claims that ended by then are kept.
    let delays = place.text("data/delays.csv");
    let mut rows = delays.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let at = |name: &str| header.iter().position(|column| *column == name).unwrap();
    let (ended, reported, ruled) = (at("ended_at"), at("reported_at"), at("ruled_at"));
    let is_old = |cell: &str| !cell.is_empty() && cell < "2026-04-30";
    let kept = rows.filter(|row| is_old(row[ended]) && row[reported] < "2026-05-01").map(|mut row| {
        row[ruled] = "";
        row.join(",")
    });
    let kept: Vec<String> = std::iter::once(header.join(",")).chain(kept).collect();
    place.write("data/delays.csv", kept.join("\n") + "\n");
    let settled = |name: &str, as_of: &str| {
        place.report(name, &["--data", "data", "--as-of", as_of]);
        let table = place.table(&format!("lake/{name}/clean/stages.parquet"));
        let columns = ["settled_on", "application_id", "stage", "pass", "overdue_net", "over_wd"];
        let mut rows = lines(&table.select(columns).unwrap());
        rows.retain(|row| !row.starts_with('-') && row.as_str() < "2026-05-01");
        // How far a stage that is still open is over goes on.
        let mut rows: Vec<String> = rows.into_iter().map(|row| row.rsplit_once(" | ").unwrap().0.to_owned()).collect();
        rows.sort();
        rows
    };
    let (then, now) = (settled("then", "2026-04-30"), settled("now", "2026-06-30"));
    assert!(then.len() > 1_000, "{} are settled", then.len());
    assert_eq!(then, now);
}

/// An export that is repeated as work goes on: what was planned has begun since. Without numbers it is the same pass.
#[test]
fn what_has_begun_since_is_planned_no_more() {
    let place = place();
    let planned = "application_id,stage,department,started_at,finished_at,due_on\n\
        A,survey,Survey,,,2026-06-08\nA,scheme,Planning,,,2026-06-12\nA,scheme,Planning,,,2026-06-15\n";
    let begun = "application_id,stage,department,started_at,finished_at,due_on\n\
        A,survey,Survey,2026-06-02,2026-06-04,2026-06-08\n";
    place.write("data/stages_1.csv", planned);
    place.write("data/stages_2.csv", begun);
    place.remove("data/stages.csv");
    let said = place
        .run(&["run", "--data", "data", "--as-of", "2026-06-10", "--allow-stale", "--out", "o", "--lang", "en"])
        .ends(0);
    holds(&said.err, &["plans left out, as another row has the same stage begun, or planned anew: 2"]);
    let stages = place.table("lake/o/clean/stages.parquet");
    let columns = ["application_id", "stage", "pass", "state", "due_on"];
    assert_eq!(
        lines(&stages.select(columns).unwrap()),
        ["A | survey | 1 | finished | 2026-06-08", "A | scheme | 1 | planned | 2026-06-15"]
    );
}
