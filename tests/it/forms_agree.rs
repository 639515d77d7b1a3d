//! One log in every form in which offices export it: all give the same clean tables and marts, byte for byte.
//!
//! [`Log::made`] makes a log of applications with parallel stages, rework, stages without duration and open ends. A form
//! is a function that writes it below a folder, with the mapping that reads it; [`Log::agree`] runs every one of them.

use crate::place::{Place, holds};

/// The day on which the log is looked at.
const AS_OF: &str = "2026-06-30";

/// One application.
struct Application {
    id: String,
    accepted: String,
    energised: Option<String>,
    steps: Vec<Step>,
}

/// One pass of a stage.
struct Step {
    stage: &'static str,
    department: &'static str,
    handler: String,
    started: String,
    finished: Option<String>,
}

/// A log, before anybody writes it down.
struct Log(Vec<Application>);

/// A way to write a log: what it is called, and what writes it and its mapping.
type Form = (&'static str, fn(&Log, &Place));

/// Stages in their order, with who does them.
const STAGES: [(&str, &str); 5] = [
    ("survey", "营销部"),
    ("scheme", "发展策划部"),
    ("design_review", "生产技术部"),
    ("metering", "营销部"),
    ("energisation", "配电工区"),
];

/// Numbers that are always the same for a seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn shuffle<T>(&mut self, rows: &mut [T]) {
        for at in (1..rows.len()).rev() {
            rows.swap(at, self.below(at as u64 + 1) as usize);
        }
    }
}

/// An hour of the spring of 2026, counted from its first.
fn hour(hours: u64) -> String {
    let (day, hour) = (hours / 24, hours % 24);
    let (month, day) = [31, 28, 31, 30, 31, 30].iter().enumerate().fold((1, day), |(month, day), (at, length)| {
        if month == at as u64 + 1 && day >= *length { (month + 1, day - length) } else { (month, day) }
    });
    format!("2026-{month:02}-{:02} {hour:02}:30:00", day + 1)
}

impl Log {
    /// A log of applications, some of which do a stage twice where that can be told.
    fn made(seed: u64, rework: bool) -> Log {
        let mut numbers = Numbers(seed);
        let applications = (0..40).map(|number| {
            let accepted = numbers.below(24 * 90);
            let reached = 1 + numbers.below(STAGES.len() as u64) as usize;
            let (mut steps, mut at) = (Vec::new(), accepted);
            for (index, (stage, department)) in STAGES[..reached].iter().enumerate() {
                let is_last = index + 1 == reached;
                for again in 0..1 + u64::from(rework && numbers.below(4) == 0) {
                    // Nobody could tell two passes of one stage apart that begin in one moment.
                    at += again;
                    // One in five takes no time, and one in three begins as the one before ends.
                    let lasts = if numbers.below(5) == 0 { 0 } else { numbers.below(24 * 12) };
                    at += if numbers.below(3) == 0 { 0 } else { numbers.below(48) };
                    steps.push(Step {
                        stage,
                        department,
                        handler: format!("经办{}", numbers.below(7)),
                        started: hour(at),
                        finished: Some(hour(at + lasts)),
                    });
                    at += lasts;
                }
                let last = steps.last_mut().unwrap();
                if is_last && reached < STAGES.len() && numbers.below(2) == 0 {
                    last.finished = None;
                } else if !is_last && numbers.below(4) == 0 {
                    // The next stage begins while this one runs.
                    at -= numbers.below(12).min(at - accepted);
                }
            }
            let energised = (reached == STAGES.len()).then(|| steps.last().unwrap().finished.clone().unwrap());
            Application { id: format!("A{number:03}"), accepted: hour(accepted), energised, steps }
        });
        Log(applications.collect())
    }

    /// The applications, the same for every form whose stages stand in a file of their own.
    fn applications(&self) -> String {
        let rows = self.0.iter().map(|application| {
            let Application { id, accepted, energised, .. } = application;
            format!("{id},城东,10,630,order,{accepted},{}\n", energised.as_deref().unwrap_or_default())
        });
        let header = "application_id,bureau,voltage_kv,capacity_kva,mode,accepted_at,energised_at\n";
        std::iter::once(header.to_owned()).chain(rows).collect()
    }

    fn steps(&self) -> impl Iterator<Item = (&Application, &Step)> {
        self.0.iter().flat_map(|application| application.steps.iter().map(move |step| (application, step)))
    }

    /// Runs every form, and finds the same clean tables and marts.
    fn agree(&self, forms: &[Form]) {
        let runs = forms.iter().map(|(name, write)| {
            let place = Place::new();
            write(self, &place);
            place.pipeline("source = \"map.toml\"");
            place.report("report", &["p.toml", "--as-of", AS_OF]);
            (*name, place)
        });
        let runs: Vec<(&str, Place)> = runs.collect();
        let [(first, one), others @ ..] = &runs[..] else { panic!("a form agrees with another") };
        for folder in ["lake/report/clean", "report/marts"] {
            // What a form lacks of the contract's columns stands in the parameters: they differ in that alone.
            let all = |place: &Place| {
                let mut files = place.files(folder);
                files.remove("params.parquet");
                files
            };
            let theirs = all(one);
            assert!(theirs.len() > 10, "{folder} of {first} holds {} files", theirs.len());
            for (name, other) in others {
                let ours = all(other);
                assert!(ours.keys().eq(theirs.keys()), "{folder}: {name} and {first} have different files");
                for (file, bytes) in &ours {
                    assert!(theirs[file] == *bytes, "{folder}/{file}: {name} and {first} differ");
                }
            }
        }
    }
}

/// A row a pass, with its start and its end.
fn interval(log: &Log, place: &Place) {
    let rows = log.steps().map(|(application, step)| {
        let Step { stage, department, handler, started, finished } = step;
        format!(
            "{},{stage},{department},{handler},{started},{}\n",
            application.id,
            finished.as_deref().unwrap_or_default()
        )
    });
    let header = "application_id,stage,department,handler,started_at,finished_at\n";
    place.write("data/applications.csv", log.applications());
    place.write("data/stages.csv", std::iter::once(header.to_owned()).chain(rows).collect::<String>());
    place.write("map.toml", "");
}

/// A row for each start and each end, and some that say neither, in no order.
fn lifecycle(log: &Log, place: &Place) {
    let mut numbers = Numbers(7);
    let mut rows = Vec::new();
    for (application, step) in log.steps() {
        let Step { stage, department, handler, started, finished } = step;
        let mut row = |transition: &str, at: &str| {
            rows.push(format!("{},{stage},{department},{handler},{transition},{at}\n", application.id));
        };
        row("start", started);
        if let Some(finished) = finished {
            row("COMPLETE", finished);
        }
        if numbers.below(3) == 0 {
            row("派发", started);
        }
    }
    numbers.shuffle(&mut rows);
    place.write("data/applications.csv", log.applications());
    place.write(
        "data/log.csv",
        format!("case,concept:name,org:group,org:resource,lifecycle:transition,time:timestamp\n{}", rows.concat()),
    );
    place.write(
        "map.toml",
        "[tables.stages]\nfiles = [\"log.csv\"]\nvalues.transition = { \"派发\" = \"\" }\n\
         columns = { application_id = \"case\", stage = \"concept:name\", department = \"org:group\", handler = \"org:resource\", started_at = \"time:timestamp\" }\n",
    );
}

/// A row for each application, with a start, an end and a handler for each stage; for logs without rework.
fn ledger(log: &Log, place: &Place) {
    let mut file = "case".to_owned();
    let mut mapping = "[tables.stages]\nfiles = [\"ledger.csv\"]\ncolumns = { application_id = \"case\" }\n".to_owned();
    for (at, (stage, department)) in STAGES.iter().enumerate() {
        file += &format!(",began {at},ended {at},handler {at}");
        mapping += &format!(
            "[[tables.stages.groups]]\ndefaults = {{ stage = \"{stage}\", pass = \"1\", department = \"{department}\" }}\n\
             columns = {{ started_at = \"began {at}\", finished_at = \"ended {at}\", handler = \"handler {at}\" }}\n"
        );
    }
    for application in &log.0 {
        file += &format!("\n{}", application.id);
        for (stage, _) in STAGES {
            let step = application.steps.iter().find(|step| step.stage == stage);
            let cells = step.map(|step| {
                format!(",{},{},{}", step.started, step.finished.as_deref().unwrap_or_default(), step.handler)
            });
            file += &cells.unwrap_or_else(|| ",,,".to_owned());
        }
    }
    place.write("data/applications.csv", log.applications());
    place.write("data/ledger.csv", file + "\n");
    place.write("map.toml", mapping);
}

/// An event log as other tools write it, which needs no mapping but the name of its file.
fn xes(log: &Log, place: &Place) {
    let text = |key: &str, value: &str| format!("<string key=\"{key}\" value=\"{value}\"/>");
    let mut file = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1.0\">\n".to_owned();
    for application in &log.0 {
        file += &format!("<trace>{}\n", text("concept:name", &application.id));
        for Step { stage, department, handler, started, finished } in &application.steps {
            for (transition, at) in [("start", Some(started)), ("complete", finished.as_ref())] {
                let Some(at) = at else { continue };
                let (stage, group) = (text("concept:name", stage), text("org:group", department));
                let (who, what) = (text("org:resource", handler), text("lifecycle:transition", transition));
                let at = at.replace(' ', "T");
                file += &format!(
                    "<event>{stage}{group}{who}{what}<date key=\"time:timestamp\" value=\"{at}.000+08:00\"/></event>\n"
                );
            }
        }
        file += "</trace>\n";
    }
    place.write("data/applications.csv", log.applications());
    place.write("data/log.xes", file + "</log>\n");
    place.write("map.toml", "[tables.stages]\nfiles = [\"log.xes\"]\n");
}

#[test]
fn every_form_of_a_log_gives_the_same_figures() {
    for seed in [1, 2] {
        Log::made(seed, true).agree(&[("interval", interval), ("lifecycle", lifecycle), ("xes", xes)]);
    }
    Log::made(3, false).agree(&[("interval", interval), ("ledger", ledger), ("lifecycle", lifecycle), ("xes", xes)]);
}

/// As pm4py pairs the starts and completes of the same rows.
#[test]
fn starts_and_completes_are_paired_as_pm4py_does() {
    if !crate::place::can_import("pm4py") {
        eprintln!("skipped: pm4py cannot be imported; ./test installs tests/requirements.txt");
        return;
    }
    let place = Place::new();
    lifecycle(&Log::made(3, true), &place);
    place.pipeline("source = \"map.toml\"");
    let said = place.yekuo("run p.toml --lang en --out report --allow-stale --as-of 2026-06-30").ends(0).err;
    holds(
        &said,
        &[
            "rows with a lifecycle: ",
            "passes of a start and a complete: ",
            "rows that make no pass (declared to mean nothing): ",
        ],
    );
    place.python("lifecycle.py", &["data/log.csv", "lake/report/clean"]);
}
