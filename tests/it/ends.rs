//! How applications end: the end that came first counts, and both are listed.

use crate::place::{Place, holds, lines};

#[test]
fn the_end_that_came_first_counts() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,promised_on,mode,energised_at,cancelled_at\n\
         A1,东,10,500,2026-03-02,2026-05-01,order,2026-04-20,2026-05-06\n\
         A2,东,10,500,2026-03-02,2026-05-01,order,2026-04-20,2026-04-20\n\
         A3,东,10,500,2026-03-02,2026-05-01,order,2026-05-06,2026-04-20\n\
         A4,东,10,500,2026-03-02,2026-05-01,order,,2026-05-06\n\
         A5,东,10,500,2026-03-02,2026-05-01,order,2026-04-20,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\n\
         A1,survey,营销部,2026-03-03,2026-03-05\nA1,archiving,营销部,2026-04-21,\nA3,survey,营销部,2026-03-03,\n",
    );
    place.pipeline("max_rejects = 1.0");
    let ends = |report: &str| {
        let columns = ["application_id", "state", "energised_on", "cancelled_on", "other_end_on", "promise_kept"];
        let applications = place.table(&format!("lake/{report}/clean/applications.parquet"));
        lines(&applications.select(columns).unwrap())
    };
    place.report("out", &["p.toml", "--as-of", "2026-06-30", "--lang", "en"]);
    let expected = [
        "A1 | energised | 2026-04-20 | - | 2026-05-06 | true",
        "A2 | energised | 2026-04-20 | - | 2026-04-20 | true",
        "A3 | cancelled | - | 2026-04-20 | 2026-05-06 | -",
        "A4 | cancelled | - | 2026-05-06 | - | -",
        "A5 | energised | 2026-04-20 | - | - | true",
    ];
    assert_eq!(ends("out"), expected);
    // What is open of an energised application runs on; of a cancelled one it stopped on its day.
    let stages = place.table("lake/out/clean/stages.parquet");
    let columns = ["application_id", "stage", "finished_on", "until_on", "state"];
    let expected = [
        "A1 | survey | 2026-03-05 | 2026-03-05 | finished",
        "A1 | archiving | - | 2026-06-30 | open",
        "A3 | survey | - | 2026-04-20 | stopped",
    ];
    assert_eq!(lines(&stages.select(columns).unwrap()), expected);
    let cases = &place.json("out/run.json")["cases"];
    let counted = ["energised", "cancelled", "open", "two_ends"].map(|key| cases[key].as_u64().unwrap());
    assert_eq!(counted, [3, 2, 0, 3]);
    let page = place.pages("out");
    holds(&page, &["Energised and cancelled", "counts as energised", "a contradiction to be checked"]);

    // On a day before the second end there is but one.
    place.report("early", &["p.toml", "--as-of", "2026-04-30"]);
    let expected = [
        "A1 | energised | 2026-04-20 | - | - | true",
        "A2 | energised | 2026-04-20 | - | 2026-04-20 | true",
        "A3 | cancelled | - | 2026-04-20 | - | -",
        "A4 | open | - | - | - | -",
        "A5 | energised | 2026-04-20 | - | - | true",
    ];
    assert_eq!(ends("early"), expected);
}
