//! The survival estimators against a peer library, on drawn samples and on the sample's own applications.

mod coverage;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use yekuo::lake::Columns;
use yekuo::marts::engine::Engine;
use yekuo::marts::estimate::MODES;
use yekuo::stats::Interval;
use yekuo::stats::survival::{End, LifeTable, Share, Subject, common_horizon, cox, log_rank};

use crate::marts::cases::shipped;
use crate::place::{Place, can_import};

type Groups = BTreeMap<String, Vec<(i32, End)>>;

/// The cases of a file with sample, group, days and end.
fn read(place: &Place, file: &str) -> BTreeMap<String, Groups> {
    let mut samples: BTreeMap<String, Groups> = BTreeMap::new();
    for row in csv::Reader::from_reader(place.bytes(file).as_slice()).records() {
        let row = row.unwrap();
        let end = match &row[3] {
            "event" => End::Event,
            "competing" => End::Competing,
            "censored" => End::Censored,
            other => panic!("{other}"),
        };
        let groups = samples.entry(row[0].to_owned()).or_default();
        groups.entry(row[1].to_owned()).or_default().push((row[2].parse().unwrap(), end));
    }
    samples
}

/// What the estimators say of two groups.
fn estimates(groups: &Groups) -> Value {
    let tables: BTreeMap<&String, LifeTable> =
        groups.iter().map(|(group, cases)| (group, cases.iter().copied().collect())).collect();
    let [a, b] = tables.values().collect::<Vec<_>>()[..] else { panic!("two groups: {groups:?}") };
    let horizon = common_horizon([a, b], 1).unwrap();
    let limits =
        |interval: Option<Interval>| interval.map_or([None; 2], |Interval { low, high }| [Some(low), Some(high)]);
    let of_group = |table: &LifeTable| {
        let (curve, incidence) = (table.kaplan_meier(), table.aalen_johansen());
        let shares = |share: &dyn Fn(usize) -> Share| -> Vec<Value> {
            let row = |place: usize| {
                let (moment, share) = (incidence.points()[place].moment, share(place));
                let [low, high] = limits(share.interval);
                json!([moment.day, share.value, share.variance, low, high])
            };
            (0..incidence.points().len()).map(row).collect()
        };
        let kaplan_meier = curve.points().iter().map(|point| {
            let [low, high] = limits(point.interval);
            json!([point.moment.day, point.moment.at_risk, point.moment.events, point.survival, low, high])
        });
        let (median, mean) = (curve.median(), curve.restricted_mean(horizon).unwrap());
        json!({
            "kaplan_meier": kaplan_meier.collect::<Vec<_>>(),
            "median": [median.day, median.low, median.high],
            "restricted_mean": mean.value,
            "restricted_variance": mean.variance,
            "without": incidence.mean_days_without(horizon),
            "event": shares(&|place| incidence.points()[place].event),
            "competing": shares(&|place| incidence.points()[place].competing),
        })
    };
    let of_groups: BTreeMap<_, _> = tables.iter().map(|(group, table)| (group, of_group(table))).collect();
    let test = log_rank(a, b).map(|test| [test.chi2, test.p]);
    json!({ "horizon": horizon, "groups": of_groups, "log_rank": test, "cox": regression(groups) })
}

/// Coefficient, standard error and p of the first group, every second case of a group in a stratum of its own, adjusted for
/// a covariate that goes 0, 1, 2.
fn regression(groups: &Groups) -> Option<[f64; 3]> {
    let subject = |group: usize, number: usize, (days, end): &(i32, End)| Subject {
        stratum: number % 2,
        days: *days,
        end: *end,
        covariates: vec![1.0 - group as f64, (number % 3) as f64],
        cases: 1,
    };
    let subjects = groups.values().enumerate().flat_map(|(group, cases)| {
        cases.iter().enumerate().map(move |(number, case)| subject(group, number, case)).collect::<Vec<_>>()
    });
    let fitted = cox(&subjects.collect::<Vec<_>>())?;
    Some([fitted.coefficient, fitted.standard_error, fitted.p])
}

/// Holds the estimators against lifelines on the cases of a file.
fn agrees(place: &Place, file: &str) {
    let samples = read(place, file);
    let said: BTreeMap<_, _> = samples.iter().map(|(sample, groups)| (sample, estimates(groups))).collect();
    place.write("estimates.json", serde_json::to_vec(&said).unwrap());
    place.python("survival.py", &["compare", file, "estimates.json"]);
}

/// Whether the peer library is there; a test that goes without says so.
fn lifelines() -> bool {
    let there = can_import("lifelines");
    if !there {
        eprintln!("skipped: lifelines cannot be imported; ./test installs tests/requirements.txt");
    }
    there
}

#[test]
fn lifelines_agrees_on_drawn_samples() {
    if lifelines() {
        let place = Place::new();
        place.python("survival.py", &["cases", "1", "cases.csv"]);
        agrees(&place, "cases.csv");
    }
}

/// The same on the applications of the sample, all of them and by voltage class.
#[test]
fn lifelines_agrees_on_the_sample() {
    if !lifelines() {
        return;
    }
    let place = Place::new();
    place.yekuo("sample exports --seed 3").ends(0);
    place.report("report", &["--data", "exports"]);
    let mut engine = Engine::open(&place.path("lake/report/clean")).unwrap();
    let cases = engine.cases(shipped().mart("survival").unwrap()).unwrap();
    let columns = Columns(&cases);
    let [scopes, modes, states] = ["scope", "mode", "state"].map(|name| columns.texts(name).unwrap());
    let mut rows: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (row, days) in columns.integers("days").unwrap().into_iter().enumerate() {
        let end = match states.get(row) {
            Some("energised") => "event",
            Some("cancelled") => "competing",
            _ => "censored",
        };
        for scope in ["all", scopes.get(row).unwrap()] {
            let mode = modes.get(row).unwrap();
            let line = format!("{scope},{mode},{},{end}\n", days.unwrap());
            rows.entry((scope.to_owned(), mode.to_owned())).or_default().push(line);
        }
    }
    // A class that has one mode compares nothing.
    let both = |scope: &str| MODES.iter().all(|mode| rows.contains_key(&(scope.to_owned(), mode.code().to_owned())));
    let lines: String = rows.iter().filter(|((scope, _), _)| both(scope)).map(|(_, lines)| lines.concat()).collect();
    place.write("cases.csv", format!("sample,group,days,end\n{lines}"));
    agrees(&place, "cases.csv");
}
