//! The network of one application: which stages and activities it has, and what is left of them on the as-of day.
//!
//! The process file says what waits for what in general. An application has some of it (by its connection, and what it
//! has on record in any case), has done some, and passed over some: what is not on record although something that
//! waits for it has begun will not be done any more. What waits for a step that is not left waits, instead, for what
//! that step itself waits for.

use crate::calendar::Day;
use crate::rules::limits::Connection;
use crate::rules::process::Network;
use crate::words::vocabulary;

use super::schedule::Task;

/// What is on record of a stage by the as-of day: its last pass decides how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The day it began: its last pass while that is open, else its first.
    pub started_on: Day,
    /// The day its last pass was finished.
    pub finished_on: Option<Day>,
    /// The number of its last pass.
    pub pass: i64,
    /// The department that did, or does, its last pass.
    pub department: String,
    /// The due date that the export gives its last pass.
    pub due_on: Option<Day>,
    /// Working days that admitted claims take out of its last pass while that is open, else 0.
    pub excluded_wd: i32,
}

impl Record {
    /// The passes of one stage as one record.
    pub fn of_passes(passes: Vec<Record>) -> Option<Record> {
        let first_on = passes.iter().map(|pass| pass.started_on).min()?;
        let last = passes.into_iter().max_by_key(|pass| (pass.pass, pass.started_on))?;
        let started_on = if last.finished_on.is_some() { first_on } else { last.started_on };
        Some(Record { started_on, ..last })
    }
}

vocabulary! {
    /// How a step of an application stands on the as-of day.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Progress {
        /// Finished, by the record.
        Done = ["done", "已完成", "done"],
        /// Not on record, and something that waits for it has begun.
        PassedOver = ["passed_over", "未经办理", "passed over"],
        /// Begun and not finished, by the record.
        UnderWay = ["under_way", "办理中", "under way"],
        /// Not on record: it is taken to have begun when it could.
        Presumed = ["presumed_under_way", "推定进行中", "presumed under way"],
        /// Not begun.
        Ahead = ["ahead", "未开始", "ahead"],
    }
}

impl Progress {
    /// Whether something is left to do.
    pub fn is_left(self) -> bool {
        matches!(self, Progress::UnderWay | Progress::Presumed | Progress::Ahead)
    }
}

/// One step of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which it is, in [`Network::steps`].
    pub step: usize,
    /// How it stands.
    pub standing: Progress,
    /// The day it began, or is presumed to have begun.
    pub started_on: Option<Day>,
    /// The task that is left of it, in the list that goes with the nodes.
    pub task: Option<usize>,
}

/// The steps of an application, and the tasks that are left of them; both in the order of the network.
///
/// `records` has one entry per step of the network. A stage that waits for nothing begins when the application is
/// accepted.
pub fn of_application(
    network: &Network,
    connection: &Connection,
    accepted_on: Day,
    records: &[Option<&Record>],
    goal: usize,
) -> (Vec<Node>, Vec<Task>) {
    let steps = &network.steps;
    let has = |number: usize| records[number].is_some() || number == goal || steps[number].when.fits(connection);

    // From the last to the first: whether something that waits for a step has begun.
    let mut passed_over = vec![false; steps.len()];
    for number in (0..steps.len()).rev() {
        if records[number].is_some() || passed_over[number] {
            for before in &steps[number].after {
                passed_over[*before] = true;
            }
        }
    }

    let mut nodes: Vec<Node> = Vec::new();
    let mut tasks: Vec<Task> = Vec::new();
    // For each step, the tasks to wait for in its place, and the day by which all that it waits for was finished.
    let mut stands_for: Vec<(Vec<usize>, Option<Day>)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        let mut after: Vec<usize> = step.after.iter().flat_map(|before| stands_for[*before].0.clone()).collect();
        after.sort_unstable();
        after.dedup();
        let finished_before = step.after.iter().filter_map(|before| stands_for[*before].1).max();
        let ready_on = match step.after.is_empty() {
            true => Some(accepted_on),
            false => finished_before,
        };
        let record = records[number];
        let standing = match record {
            Some(Record { finished_on: Some(_), .. }) => Progress::Done,
            Some(_) => Progress::UnderWay,
            None if passed_over[number] && number != goal => Progress::PassedOver,
            None if after.is_empty() && ready_on.is_some() && (step.is_customers || step.after.is_empty()) => {
                Progress::Presumed
            }
            None => Progress::Ahead,
        };
        if !has(number) {
            stands_for.push((after, finished_before));
            continue;
        }
        let started_on = match standing {
            Progress::Presumed => ready_on,
            _ => record.map(|record| record.started_on),
        };
        let mut node = Node { step: number, standing, started_on, task: None };
        if standing.is_left() {
            node.task = Some(tasks.len());
            stands_for.push((vec![tasks.len()], None));
            tasks.push(Task { after, started_on });
        } else {
            stands_for.push((after, record.and_then(|record| record.finished_on).max(finished_before)));
        }
        nodes.push(node);
    }
    (nodes, tasks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::rules::limits::Supply;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// The tasks of the shipped process: `code (started) ← what it waits for`.
    fn told(voltage_kv: f64, new_feeder: bool, on_record: &[(&str, &str, Option<&str>)]) -> Vec<String> {
        let process = Config::load(None).unwrap().process;
        let network = &process.network;
        let records: Vec<Option<Record>> = network
            .steps
            .iter()
            .map(|step| {
                let (_, start, finish) = on_record.iter().find(|(code, ..)| *code == step.code)?;
                Some(Record {
                    started_on: day(start),
                    finished_on: finish.map(day),
                    pass: 1,
                    department: String::new(),
                    due_on: None,
                    excluded_wd: 0,
                })
            })
            .collect();
        let records: Vec<Option<&Record>> = records.iter().map(Option::as_ref).collect();
        let connection = Connection { voltage_kv, supply: Supply::Single, new_feeder };
        let goal = network.goal().unwrap();
        let (nodes, tasks) = of_application(network, &connection, day("2026-03-02"), &records, goal);
        let left: Vec<&Node> = nodes.iter().filter(|node| node.task.is_some()).collect();
        assert!(left.iter().enumerate().all(|(number, node)| node.task == Some(number)));
        let code = |number: &usize| network.steps[left[*number].step].code.as_str();
        let line = |(number, task): (usize, &Task)| {
            let started = task.started_on.map(|day| format!(" ({day})")).unwrap_or_default();
            let after: Vec<&str> = task.after.iter().map(code).collect();
            format!("{}{started} ← {}", code(&number), after.join(" "))
        };
        tasks.iter().enumerate().map(line).collect()
    }

    #[test]
    fn the_last_pass_of_a_stage_decides() {
        let pass = |pass, start: &str, finish: Option<&str>| Record {
            started_on: day(start),
            finished_on: finish.map(day),
            pass,
            department: format!("D{pass}"),
            due_on: None,
            excluded_wd: 0,
        };
        let of = |passes: Vec<Record>| {
            let record = Record::of_passes(passes).unwrap();
            (record.started_on.to_string(), record.finished_on.map(|day| day.to_string()), record.department)
        };
        let (first, open) = (pass(1, "2026-03-02", Some("2026-03-05")), pass(2, "2026-03-09", None));
        let done = pass(3, "2026-03-11", Some("2026-03-13"));
        assert_eq!(of(vec![open.clone(), first.clone()]), ("2026-03-09".into(), None, "D2".into()));
        let all = vec![done, open, first];
        assert_eq!(of(all), ("2026-03-02".into(), Some("2026-03-13".into()), "D3".into()));
        assert_eq!(Record::of_passes(vec![]), None);
    }

    #[test]
    fn a_new_high_voltage_connection_has_every_step_of_its_class() {
        assert_eq!(
            told(10.0, false, &[]),
            [
                "acceptance (2026-03-02) ← ",
                "survey ← acceptance",
                "scheme ← survey",
                "fee ← scheme",
                "design ← scheme",
                "design_review ← design",
                "contract ← design_review",
                // No new feeder, no corridor: the works wait for the scheme alone.
                "grid_works ← scheme",
                "civil_works ← design_review",
                "mid_inspection ← civil_works",
                "installation ← scheme mid_inspection",
                "final_inspection ← mid_inspection installation",
                "metering ← fee contract final_inspection",
                "energisation ← grid_works metering",
                "archiving ← energisation",
            ]
        );
        assert!(told(10.0, true, &[]).contains(&"grid_works ← scheme route_permit".to_owned()));
    }

    #[test]
    fn a_low_voltage_connection_waits_for_what_it_has() {
        assert_eq!(
            told(0.4, false, &[]),
            [
                "acceptance (2026-03-02) ← ",
                "survey ← acceptance",
                "scheme ← survey",
                "fee ← scheme",
                "contract ← scheme",
                "installation ← scheme",
                "final_inspection ← scheme installation",
                "metering ← fee contract final_inspection",
                "energisation ← scheme metering",
                "archiving ← energisation",
            ]
        );
    }

    #[test]
    fn what_is_done_is_past_and_what_was_passed_over_will_not_be_done() {
        let record = [
            ("acceptance", "2026-03-02", Some("2026-03-03")),
            ("survey", "2026-03-03", Some("2026-03-06")),
            ("scheme", "2026-03-06", Some("2026-03-26")),
            // The fee is not on record, and metering has begun without it; the design must have been made.
            ("design_review", "2026-04-08", Some("2026-04-20")),
            ("metering", "2026-05-11", None),
        ];
        assert_eq!(
            told(10.0, false, &record),
            // The works are not on record either, but nothing that waits for them has begun.
            [
                "grid_works ← ",
                "metering (2026-05-11) ← ",
                "energisation ← grid_works metering",
                "archiving ← energisation"
            ]
        );
        // The customer is taken to design since the scheme was given.
        assert!(told(10.0, false, &record[..3]).contains(&"design (2026-03-26) ← ".to_owned()));
    }

    #[test]
    fn what_is_open_behind_something_done_is_waited_for_by_what_comes_next() {
        let record = [
            ("acceptance", "2026-03-02", Some("2026-03-03")),
            ("survey", "2026-03-03", Some("2026-03-06")),
            ("scheme", "2026-03-06", Some("2026-03-26")),
            ("fee", "2026-03-26", None),
            ("grid_works", "2026-03-27", Some("2026-04-20")),
            ("metering", "2026-05-11", Some("2026-05-13")),
        ];
        let told = told(10.0, false, &record);
        assert_eq!(told, ["fee (2026-03-26) ← ", "energisation ← fee", "archiving ← energisation"]);
    }
}
