//! Four applications, their critical paths and what follows what worked out with a pencil (docs/method.md §8).
//!
//! In March 2026 every Monday to Friday is a working day.

use crate::place::{Place, lines, project};

/// B1 and B2 are energised after 18 and 29 days, B3 is open, B4 cancelled.
const APPLICATIONS: &str = "\
application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,cancelled_at
B1,East,10,500,2026-03-02,2026-03-20,
B2,East,10,500,2026-03-02,2026-03-31,
B3,West,10,500,2026-03-09,,
B4,West,10,500,2026-03-16,,2026-03-20
";

/// ```text
/// B1 survey → scheme → metering; the contract, in parallel with the scheme, is done before it
///    days           4 + 3 waited + 3 + 4 waited + 2 + 2 after = 18
///    working days   4, 1+3, 2+2, and 2 for the energisation = 14
///    The survey is 2 days over its limit; at it, all that follows would have come 2 days earlier.
/// B2 survey → scheme → survey → scheme → metering; the contract is done 2 days before the second scheme
///    days           3 + 4 waited + 2 + 1 waited + 1 + 3 waited + 9 + 1 waited + 4 + 1 after = 29
///    working days   3, 2+2, 1+1, 1+7, 1+2, and 1 for the energisation = 21
///    The second scheme is 6 days over its limit; at it, the contract would have held the metering: 2 days.
/// B3 survey → scheme: 2, 1+13 so far = 16
/// B4 survey: 2, which counts in no share
///    Who is awaited after the metering is the department that usually energises, 电力调度中心.
/// ```
const STAGES: &str = "\
application_id,stage,pass,department,started_at,finished_at,due_on
B1,survey,1,Survey,2026-03-02,2026-03-06,2026-03-04
B1,scheme,1,Planning,2026-03-09,2026-03-12,
B1,contract,1,Marketing,2026-03-09,2026-03-10,
B1,metering,1,Metering,2026-03-16,2026-03-18,
B2,survey,1,Survey,2026-03-02,2026-03-05,
B2,scheme,1,Planning,2026-03-09,2026-03-11,
B2,survey,2,Survey,2026-03-12,2026-03-13,
B2,scheme,2,Planning,2026-03-16,2026-03-25,2026-03-19
B2,contract,1,Marketing,2026-03-16,2026-03-23,
B2,metering,1,Metering,2026-03-26,2026-03-30,
B3,survey,1,Survey,2026-03-09,2026-03-11,
B3,scheme,1,Planning,2026-03-12,,
B4,survey,1,Survey,2026-03-16,2026-03-18,
";

#[track_caller]
fn check(place: &Place, mart: &str, expected: &[&str]) {
    assert_eq!(lines(&place.table(&format!("zh/marts/{mart}.parquet"))), expected, "{mart}");
}

#[test]
fn four_applications_by_hand() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    let pipeline = project().join("pipelines/bottleneck.toml");
    for lang in ["zh", "en"] {
        place.report(lang, &[pipeline.to_str().unwrap(), "--data", "data", "--as-of", "2026-03-31", "--lang", lang]);
    }
    assert_eq!(place.files("zh/marts"), place.files("en/marts"));

    // … passes | rework | net | waiting | critical | share of 11 + 30 + 7 + 3 = 51 | work and wait of the energised |
    // open | their P80 age | saved at the limits | by half the waits | energised | the two, over 2.
    // Half the waits: survey 1; scheme 3, 4 and 3; metering 4 and 1.
    check(
        &place,
        "bottleneck",
        &[
            "Marketing | contract | 2 | 0 | 6 | 2 | 0 | 0 | 0 | 0 | 0 | - | 0 | 0 | 2 | 0 | 0",
            "Metering | metering | 2 | 0 | 4 | 3 | 7 | 0.137254902 | 6 | 5 | 0 | - | 0 | 2.5 | 2 | 0 | 1.25",
            "Planning | scheme | 4 | 1 | 25 | 5 | 30 | 0.588235294 | 14 | 10 | 1 | 13 | 2 | 5 | 2 | 1 | 2.5",
            "Survey | survey | 5 | 1 | 12 | 1 | 11 | 0.215686275 | 8 | 1 | 0 | - | 2 | 0.5 | 2 | 1 | 0.25",
            "电力调度中心 | energisation | 0 | 0 | - | - | 3 | 0.058823529 | 0 | 3 | 0 | - | 0 | 0 | 2 | 0 | 0",
        ],
    );
    // The same, with the mean cycle (18 + 29) ÷ 2 before the two gains, and what they leave of it behind.
    check(
        &place,
        "bottleneck_department",
        &[
            "Marketing | 2 | 0 | 6 | 2 | 0 | 0 | 0 | 0 | 0 | - | 0 | 0 | 2 | 23.5 | 0 | 0 | 23.5 | 23.5",
            "Metering | 2 | 0 | 4 | 3 | 7 | 0.137254902 | 6 | 5 | 0 | - | 0 | 2.5 | 2 | 23.5 | 0 | 1.25 | 23.5 | 22.25",
            "Planning | 4 | 1 | 25 | 5 | 30 | 0.588235294 | 14 | 10 | 1 | 13 | 2 | 5 | 2 | 23.5 | 1 | 2.5 | 22.5 | 21",
            "Survey | 5 | 1 | 12 | 1 | 11 | 0.215686275 | 8 | 1 | 0 | - | 2 | 0.5 | 2 | 23.5 | 1 | 0.25 | 22.5 | 23.25",
            "电力调度中心 | 0 | 0 | - | - | 3 | 0.058823529 | 0 | 3 | 0 | - | 0 | 0 | 2 | 23.5 | 0 | 0 | 23.5 | 23.5",
        ],
    );
    // … transitions | applications | rework | overlapping | median and P90 of the working days, of the days.
    // From survey to scheme: 1, 2, 1 and 1 working days, 3, 4, 3 and 1 days.
    check(
        &place,
        "flow",
        &[
            "- | survey | start | 4 | 4 | 0 | 0 | 0 | 0 | 0 | 0",
            "contract | metering | next | 2 | 2 | 0 | 0 | 3.5 | 3.9 | 4.5 | 5.7",
            "metering | - | end | 2 | 2 | 0 | 0 | - | - | - | -",
            "scheme | contract | next | 2 | 2 | 0 | 2 | 0 | 0 | 0 | 0",
            "scheme | survey | back | 1 | 1 | 1 | 0 | 1 | 1 | 1 | 1",
            "survey | scheme | next | 4 | 3 | 1 | 0 | 1 | 1.7 | 3 | 3.7",
            "survey | - | cancelled | 1 | 1 | 0 | 0 | - | - | - | -",
        ],
    );
    check(
        &place,
        "handover",
        &[
            "Marketing | Metering | true | 2 | 2 | 0 | 3.5 | 3.9 | 4.5 | 5.7",
            "Planning | Marketing | true | 2 | 2 | 2 | 0 | 0 | 0 | 0",
            "Planning | Survey | true | 1 | 1 | 0 | 1 | 1 | 1 | 1",
            "Survey | Planning | true | 4 | 3 | 0 | 1 | 1.7 | 3 | 3.7",
        ],
    );
    // … rank | applications | share | stages | rework | energised | open | mean and median cycle.
    check(
        &place,
        "variant",
        &[
            "survey | 1 | 1 | 0.25 | 1 | 0 | 0 | 0 | - | -",
            "survey→scheme | 1 | 1 | 0.25 | 2 | 0 | 0 | 1 | - | -",
            "survey→scheme→contract→metering | 1 | 1 | 0.25 | 4 | 0 | 1 | 0 | 18 | 18",
            "survey→scheme→survey→scheme→contract→metering | 1 | 1 | 0.25 | 6 | 2 | 1 | 0 | 29 | 29",
        ],
    );
    check(
        &place,
        "rework",
        &[
            "contract | Marketing | 2 | 2 | 0 | 0 | 0 | 0",
            "metering | Metering | 2 | 2 | 0 | 0 | 0 | 0",
            "scheme | Planning | 4 | 3 | 1 | 1 | 7 | 0.333333333",
            "survey | Survey | 5 | 4 | 1 | 1 | 1 | 0.25",
        ],
    );

    // Waits of 3 + 4 + 2 and 4 + 1 + 3 + 1 + 1 days in cycles of 18 + 29; one of four applications did a stage again.
    let figures = [("58.8 %", "（−1.0）"), ("58.8 %", "(−1.0)")];
    for (lang, (share, gain)) in ["zh", "en"].into_iter().zip(figures) {
        let page = place.pages(lang);
        let cards: String = page.split("class=\"card\"").skip(1).collect();
        for word in ["Planning", share, gain, "23.5 → 22.5", "40.4 %", "19 / 47", "25.0 %", "1 / 4"] {
            assert!(cards.contains(word), "{lang}: {word}");
        }
    }

    let told = place.yekuo("explain B2 --lake lake/en --lang en").ends(0).out;
    for words in [
        "critical path (the queue before + net working days, 20 in all): site survey 3 → supply scheme 2+2 → \
         site survey (2) 1+1 → supply scheme (2) 1+7 → metering 1+2; \
         29 calendar days = 19 utility work + 10 utility waiting + 0 customer + 0 government + 0 other causes",
        "on the critical path: 1 queued before + 7 net = 8 working days; at its limit, energised 2 days earlier",
    ] {
        assert!(told.contains(words), "{told}");
    }
    let told = place.yekuo("explain B3 --lake lake/zh --lang zh").ends(0).out;
    assert!(told.contains("关键路径（其前排队+净工作日，共 16）：现场勘查 2 → 供电方案答复 1+13\n"), "{told}");
}

/// The path runs through the stage whose finish is the energisation: written down five minutes after it (T1), by the
/// day (T2, due two days before), or by the day where the energisation has an hour (T3). Archiving comes after it.
#[test]
fn the_energisation_gates_itself() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n\
         T1,East,10,500,2026-03-02 09:00,2026-03-20 10:00\n\
         T2,East,10,500,2026-03-02,2026-03-20\n\
         T3,East,10,500,2026-03-02 09:00,2026-03-20 10:00\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,pass,department,started_at,finished_at,due_on\n\
         T1,metering,1,Metering,2026-03-09 09:00,2026-03-11 16:00,\n\
         T1,energisation,1,Works,2026-03-16 09:00,2026-03-20 10:05,\n\
         T1,archiving,1,Files,2026-03-20 11:00,2026-03-20 16:00,\n\
         T2,metering,1,Metering,2026-03-09,2026-03-11,\n\
         T2,energisation,1,Works,2026-03-16,2026-03-20,2026-03-18\n\
         T2,archiving,1,Files,2026-03-20,2026-03-20,\n\
         T3,metering,1,Metering,2026-03-09,2026-03-11,\n\
         T3,energisation,1,Works,2026-03-16,2026-03-20,\n\
         T3,archiving,1,Files,2026-03-20,2026-03-20,\n",
    );
    let pipeline = project().join("pipelines/bottleneck.toml");
    place.report("zh", &[pipeline.to_str().unwrap(), "--data", "data", "--as-of", "2026-03-31"]);
    let columns = ["application_id", "stage", "waiting_wd", "on_critical", "critical_wd", "saved_at_limit_days"];
    let stages = place.table("lake/zh/clean/stages.parquet").select(columns).unwrap();
    // Metering has been awaited since the 2nd and takes 9 to 11: 5 + 2. The energisation waits to the 16th and takes 16
    // to 20: 3 + 4.
    let mut expected = Vec::new();
    for (application, saved) in [("T1", 0), ("T2", 2), ("T3", 0)] {
        expected.push(format!("{application} | metering | - | true | 7 | 0"));
        expected.push(format!("{application} | energisation | 3 | true | 7 | {saved}"));
        expected.push(format!("{application} | archiving | 0 | false | 0 | 0"));
    }
    assert_eq!(lines(&stages), expected);
}

/// Where nothing has ended, nothing can be gained, and nothing is made up.
#[test]
fn no_stage_and_no_energisation_is_no_figure() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nC1,East,10,500,2026-03-02,\nC2,East,10,500,2026-03-02,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nC1,survey,Survey,2026-03-02,\n",
    );
    let pipeline = project().join("pipelines/bottleneck.toml");
    place.report("zh", &[pipeline.to_str().unwrap(), "--data", "data", "--as-of", "2026-03-31"]);
    check(
        &place,
        "bottleneck_department",
        // C2 has been waiting for its acceptance all the time.
        &[
            "Survey | 1 | 0 | 21 | - | 21 | 0.5 | 0 | 0 | 1 | 21 | 0 | 0 | 0 | - | - | - | - | -",
            "客户服务中心 | 0 | 0 | - | - | 21 | 0.5 | 0 | 0 | 0 | - | 0 | 0 | 0 | - | - | - | - | -",
        ],
    );
    check(
        &place,
        "variant",
        &["- | 1 | 1 | 0.5 | 0 | 0 | 0 | 1 | - | -", "survey | 1 | 1 | 0.5 | 1 | 0 | 0 | 1 | - | -"],
    );
    check(&place, "flow", &["- | survey | start | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0"]);
    check(&place, "handover", &[]);
}
