//! The plan of one application: its steps with their days, what their times rest on, and whether the requested date can be met.

use super::Basis;
use super::facts::Application;
use super::history::{History, Share, Usual};
use super::network::{self, Node, Progress, Record};
use super::schedule::{self, Earliest, Length, Planned, Task};
use crate::calendar::Day;
use crate::config::Config;
use crate::error::Result;
use crate::rules::limits::Unit;
use crate::rules::process::{DutyBy, Network, Step};
use crate::words::{Lang, Words};

/// Where the time that a step is given comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// The rule book; where it stands written, as users call it.
    Rule(String),
    /// The due date that the export gives the open pass.
    DueDate,
    /// `plan_wd` of process.toml.
    House,
    /// Comparable stages that were finished.
    History(Usual),
}

impl Ground {
    /// The ground as tables write it.
    pub fn name(&self) -> &'static str {
        match self {
            Ground::Rule(_) => "limit",
            Ground::DueDate => "due_on",
            Ground::House => "house",
            Ground::History(usual) if usual.is_of_whole_class => "history_of_voltage",
            Ground::History(_) => "history",
        }
    }

    /// How many finished passes it rests on.
    pub fn passes(&self) -> Option<u64> {
        match self {
            Ground::History(usual) => Some(usual.passes),
            _ => None,
        }
    }

    /// The ground in words.
    pub fn text(&self, lang: Lang) -> String {
        match self {
            Ground::Rule(source) => source.clone(),
            Ground::DueDate => lang.pick("导出的要求完成日期", "due date of the export").to_owned(),
            Ground::House => lang.pick("内部计划工期", "house number").to_owned(),
            Ground::History(usual) => {
                let passes = usual.passes;
                match usual.is_of_whole_class {
                    false => lang.pick(format!("历史 80 分位（{passes} 次）"), format!("p80 of {passes} passes")),
                    true => lang.pick(
                        format!("历史 80 分位（同电压等级 {passes} 次）"),
                        format!("p80 of {passes} passes of the voltage class"),
                    ),
                }
            }
        }
    }
}

/// One step of a project.
#[derive(Debug, Clone)]
pub struct Line {
    /// The stage's or activity's code.
    pub code: String,
    /// What users call it.
    pub name: String,
    /// Whether the customer does it.
    pub is_customers: bool,
    /// The department that does it; empty where nobody says.
    pub department: String,
    /// How it stands on the as-of day.
    pub standing: Progress,
    /// Which pass of the stage it is.
    pub pass: i64,
    /// The day it began, or is presumed to have begun.
    pub started_on: Option<Day>,
    /// The day it was finished.
    pub finished_on: Option<Day>,
    /// What is planned, where something is left to do.
    pub todo: Option<Todo>,
}

/// What is planned of one step.
#[derive(Debug, Clone)]
pub struct Todo {
    /// When it can and must be done.
    pub days: Planned,
    /// The day it begins: its start, or the latest.
    pub start_on: Day,
    /// The day it is due.
    pub due_on: Day,
    /// Its time, in working days: from `start_on` to `due_on`, or the customer's own.
    pub limit_wd: i32,
    /// Where its time comes from.
    pub ground: Ground,
    /// The day after which its net time is past its limit, if it is.
    pub overdue_after: Option<Day>,
    /// What the customer must do, and by when.
    pub duty: Option<(String, Day)>,
}

/// Whether the requested date can be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The requested date.
    pub desired_on: Option<Day>,
    /// The earliest day.
    pub earliest_on: Day,
    /// The day that the plan is made for: the requested date if it can be met, else the earliest day.
    pub planned_on: Day,
    /// Whether the stage that brings the supply is finished, on the earliest day.
    pub is_reached: bool,
    /// Working days from the requested date to the earliest day: above 0 if it is missed, below 0 if days are to spare.
    pub short_wd: Option<i32>,
}

impl Outcome {
    /// Whether the requested date can be met; `None` without one.
    pub fn is_feasible(&self) -> Option<bool> {
        self.desired_on.map(|wish| self.earliest_on <= wish)
    }
}

/// When the goal is reached at the earliest, by what must be promised and by what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// By the due dates of the export, the rule book and the house's own durations.
    pub by_limits: Day,
    /// By history, where there is any.
    pub by_history: Option<Usually>,
}

/// When the goal is reached if all that is left takes as long as comparable stages did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usually {
    /// With the median of each stage.
    pub half_on: Day,
    /// With the 80th percentile of each.
    pub most_on: Day,
    /// How many of the departments' stages that are left have a history.
    pub known: usize,
    /// How many of those there are.
    pub stages: usize,
}

/// The plan of one application.
#[derive(Debug, Clone)]
pub struct Project {
    /// The application.
    pub application: Application,
    /// Whether the requested date can be met.
    pub outcome: Outcome,
    /// When the goal is reached by limits and by history; `None` where it is reached already.
    pub outlook: Option<Outlook>,
    /// What is done and what is left, in the order in which it is done; what was passed over stands last.
    pub lines: Vec<Line>,
    /// The name of its files: its identifier, without what file systems do not like.
    pub file_name: String,
}

impl Project {
    /// What is left to do.
    pub fn todo(&self) -> impl Iterator<Item = (&Line, &Todo)> {
        self.lines.iter().filter_map(|line| Some((line, line.todo.as_ref()?)))
    }

    /// The last day that anything is planned for.
    pub fn last_on(&self) -> Day {
        self.todo().map(|(_, todo)| todo.days.latest.finish).max().unwrap_or(self.outcome.earliest_on)
    }
}

/// What the days of the steps that are left are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// What a plan is made of: due dates of the export first, then the basis that was asked for.
    Plan(Basis),
    /// What comparable stages took, wherever that is known.
    Usual(Share),
}

/// An application laid out on the network.
struct Laid<'a> {
    application: &'a Application,
    /// What is on record of each step of the network.
    records: Vec<Option<&'a Record>>,
    nodes: Vec<Node>,
    tasks: Vec<Task>,
    /// The task that is the goal; `None` once it is reached.
    goal: Option<usize>,
}

impl<'a> Laid<'a> {
    fn of(network: &'a Network, application: &'a Application, goal: usize) -> Laid<'a> {
        let records: Vec<_> = network.steps.iter().map(|step| application.records.get(&step.code)).collect();
        let (nodes, tasks) =
            network::of_application(network, &application.connection, application.accepted_on, &records, goal);
        let goal = nodes.iter().find(|node| node.step == goal).and_then(|node| node.task);
        Laid { application, records, nodes, tasks, goal }
    }

    /// The nodes that are left, one for each task.
    fn left(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.task.is_some())
    }
}

/// Every task as soon as it can be done, and what its time rests on.
struct Soonest {
    earliest: Earliest,
    times: Vec<(Length, Ground)>,
}

/// All that a project depends on besides its application.
pub struct Planner<'a> {
    /// Calendar, standards and process.
    pub config: &'a Config,
    /// The process' goal.
    pub goal: usize,
    /// The last day that is known.
    pub as_of: Day,
    /// The language of names.
    pub lang: Lang,
    /// What the plan's own days are taken from.
    pub basis: Basis,
    /// How long stages took.
    pub history: History,
}

impl Planner<'_> {
    /// When one application reaches the goal at the earliest, by limits and by history; `None` if it has reached it.
    pub fn outlook(&self, application: &Application) -> Result<Option<Outlook>> {
        let laid = Laid::of(&self.config.process.network, application, self.goal);
        self.outlook_of(&laid, &self.soonest(&laid, Pace::Plan(Basis::Limits))?)
    }

    fn outlook_of(&self, laid: &Laid<'_>, by_limits: &Soonest) -> Result<Option<Outlook>> {
        let Some(goal) = laid.goal else { return Ok(None) };
        let by_limits = by_limits.earliest.windows[goal].finish;
        let half = self.soonest(laid, Pace::Usual(Share::Half))?;
        let most = self.soonest(laid, Pace::Usual(Share::Most))?;
        let is_stage = |node: &Node| !self.config.process.network.steps[node.step].is_customers;
        let stages = laid.left().filter(|node| is_stage(node)).count();
        let known = most.times.iter().filter(|(_, ground)| matches!(ground, Ground::History(_))).count();
        let by_history = (known > 0).then(|| Usually {
            half_on: half.earliest.windows[goal].finish,
            most_on: most.earliest.windows[goal].finish,
            known,
            stages,
        });
        Ok(Some(Outlook { by_limits, by_history }))
    }

    /// Does all that is left as soon as it can be done.
    fn soonest(&self, laid: &Laid<'_>, pace: Pace) -> Result<Soonest> {
        let calendar = &self.config.calendar;
        let left: Vec<&Node> = laid.left().collect();
        let mut times = Vec::new();
        let mut failure = None;
        let earliest = schedule::forward(calendar, self.as_of, &laid.tasks, |number, start| {
            let (length, ground) = self.length(left[number], laid.application, start, pace).unwrap_or_else(|error| {
                failure.get_or_insert(error);
                (Length::Working(0), Ground::House)
            });
            times.push((length, ground));
            // Days that were taken out of an open pass are still its own to use.
            match (length, laid.records[left[number].step].map_or(0, |record| record.excluded_wd)) {
                (length, 0) => length,
                (Length::Working(days), excluded_wd) => Length::Working(days + excluded_wd),
                (length, excluded_wd) => {
                    Length::Working(calendar.working_days(start, length.finish(calendar, start)) + excluded_wd)
                }
            }
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(Soonest { earliest, times }),
        }
    }

    /// Plans one application.
    pub fn project(&self, application: Application) -> Result<Project> {
        let calendar = &self.config.calendar;
        let network = &self.config.process.network;
        let laid = Laid::of(network, &application, self.goal);
        let soonest = self.soonest(&laid, Pace::Plan(self.basis))?;
        let outlook = match self.basis {
            Basis::Limits => self.outlook_of(&laid, &soonest)?,
            Basis::History => self.outlook_of(&laid, &self.soonest(&laid, Pace::Plan(Basis::Limits))?)?,
        };
        let Soonest { earliest, times } = soonest;
        let Laid { records, nodes, tasks, goal, .. } = laid;
        let reached_on = records[self.goal].and_then(|record| record.finished_on);
        let earliest_on = goal.map(|goal| earliest.windows[goal].finish).or(reached_on).unwrap_or(self.as_of);
        // What is reached needs no planning towards it.
        let wish = application.desired_on.filter(|_| goal.is_some());
        let planned_on = wish.unwrap_or(earliest_on).max(earliest_on);
        let plan = schedule::backward(calendar, &tasks, &earliest, goal, planned_on);

        let mut lines = Vec::new();
        for node in &nodes {
            let step = &network.steps[node.step];
            let record = records[node.step];
            let todo = node.task.map(|task| {
                let (length, ground) = times[task].clone();
                let own_finish = earliest.lengths[task].finish(calendar, plan[task].earliest.start);
                let is_overdue = record.is_some() && calendar.working_days(own_finish, self.as_of) > 0;
                Todo {
                    overdue_after: is_overdue.then_some(own_finish),
                    ..self.todo(node, step, plan[task], length, ground, record)
                }
            });
            let usual = || step.department.as_ref().and_then(|choices| choices.of(&application.connection)).cloned();
            let department = record.map(|record| record.department.clone()).or_else(usual);
            let customer = || self.lang.pick("客户", "customer").to_owned();
            lines.push(Line {
                code: step.code.clone(),
                name: step.name.get(self.lang).to_owned(),
                is_customers: step.is_customers,
                department: if step.is_customers { customer() } else { department.unwrap_or_default() },
                standing: node.standing,
                pass: record.map_or(1, |record| record.pass),
                started_on: node.started_on,
                finished_on: record.and_then(|record| record.finished_on),
                todo,
            });
        }
        // The sort is stable: what begins and ends on the same days stays in the order of the network.
        lines.sort_by_key(|line| {
            let start = line.started_on.or(line.todo.as_ref().map(|todo| todo.start_on));
            let end = line.finished_on.or(line.todo.as_ref().map(|todo| todo.due_on));
            (start.is_none(), line.todo.is_some(), start, end)
        });
        let short_wd = application.desired_on.map(|wish| calendar.working_days(wish, earliest_on));
        let desired_on = application.desired_on;
        let outcome = Outcome { desired_on, earliest_on, planned_on, short_wd, is_reached: goal.is_none() };
        Ok(Project { application, outcome, outlook, lines, file_name: String::new() })
    }

    /// How long a step takes that starts on `start`, and what says so.
    fn length(&self, node: &Node, application: &Application, start: Day, pace: Pace) -> Result<(Length, Ground)> {
        let step = &self.config.process.network.steps[node.step];
        let connection = &application.connection;
        if !step.is_customers {
            let usual = |share| self.history.usual(&step.code, connection, share);
            let of_history = |usual: Usual| (Length::Working(usual.days_wd), Ground::History(usual));
            if let Pace::Usual(share) = pace
                && let Some(usual) = usual(share)
            {
                return Ok(of_history(usual));
            }
            if let Some(due_on) = application.records.get(&step.code).and_then(|record| record.due_on) {
                return Ok((Length::Working(self.config.calendar.working_days(start, due_on)), Ground::DueDate));
            }
            if pace == Pace::Plan(Basis::History)
                && let Some(usual) = usual(Share::Most)
            {
                return Ok(of_history(usual));
            }
            if let Some(rule) = self.config.standards.rule(Some(&step.code), connection, start) {
                let length = match rule.unit {
                    Unit::WorkingDays => Length::Working(rule.limit),
                    Unit::CalendarDays => Length::Calendar(rule.limit),
                    Unit::Minutes => unreachable!("only a promise counts minutes, and it is no stage"),
                };
                let source = self.config.standards.source(&rule.source, self.lang);
                return Ok((length, Ground::Rule(source.to_owned())));
            }
        }
        match step.plan_wd.as_ref().and_then(|choices| choices.of(connection)) {
            Some(days) => Ok((Length::Working(i32::from(*days)), Ground::House)),
            None => Err(self.config.process.network.mistake(
                step,
                Words::new(
                    format!(
                        "「{}」没有规定时限，也没有 plan_wd：工单「{}」无法编制计划",
                        step.code, application.application_id
                    ),
                    format!(
                        "`{}` has no standard limit and no `plan_wd`: application `{}` cannot be planned",
                        step.code, application.application_id
                    ),
                ),
                Words::new("请写明 plan_wd = …（工作日）", "give it plan_wd = …, in working days"),
            )),
        }
    }

    fn todo(
        &self,
        node: &Node,
        step: &Step,
        days: Planned,
        length: Length,
        ground: Ground,
        record: Option<&Record>,
    ) -> Todo {
        let calendar = &self.config.calendar;
        let is_begun = node.standing != Progress::Ahead;
        let start_on = if is_begun { days.earliest.start } else { days.latest.start };
        let due_on = match (&ground, record) {
            (Ground::DueDate, Some(record)) => record.due_on.unwrap_or(days.latest.finish),
            // What a department has begun is due when its own time is up, however long ago that was.
            _ if is_begun && !step.is_customers => length.finish(calendar, start_on),
            _ => days.latest.finish,
        };
        let limit_wd = match length {
            Length::Working(days) => days,
            Length::Calendar(_) => calendar.working_days(start_on, due_on),
        };
        let duty = step.customer.as_ref().filter(|duty| !(is_begun && duty.by == DutyBy::Start)).map(|duty| {
            // Of what is past its due date, the customer's part is due when it can be done at the earliest.
            let by = match duty.by {
                DutyBy::Start => start_on,
                DutyBy::Due if due_on <= self.as_of => days.earliest.finish,
                DutyBy::Due => due_on,
            };
            (duty.get(self.lang).to_owned(), by)
        });
        Todo { days, start_on, due_on, limit_wd, ground, duty, overdue_after: None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::rules::limits::{Connection, Supply};

    static CONFIG: LazyLock<Config> = LazyLock::new(|| Config::load(None).unwrap());

    fn planner(as_of: Day) -> Planner<'static> {
        let goal = CONFIG.process.network.goal().unwrap();
        Planner { config: &CONFIG, goal, as_of, lang: Lang::En, basis: Basis::Limits, history: History::default() }
    }

    prop_compose! {
        /// An application with any stages on record, in any order, as exports have them.
        fn some_application(as_of: Day)(
            voltage_kv in prop::sample::select(vec![0.4, 10.0, 20.0, 35.0, 110.0]),
            dual: bool,
            new_feeder: bool,
            age in 0_i32..400,
            wish in prop::option::of(-100_i32..600),
            passes in prop::collection::btree_map(
                0_usize..12,
                (0_i32..400, prop::option::weighted(0.7, 0_i32..60), prop::option::weighted(0.3, -20_i32..90)),
                0..8,
            ),
        ) -> Application {
            let record = |(stage, (ago, length, due)): (usize, (i32, Option<i32>, Option<i32>))| {
                let started_on = as_of.plus_days(-ago);
                let finished_on = length.map(|length| started_on.plus_days(length)).filter(|day| *day <= as_of);
                let record = Record {
                    started_on,
                    finished_on,
                    pass: 1,
                    department: "D".to_owned(),
                    due_on: due.map(|due| started_on.plus_days(due)),
                    excluded_wd: i32::from(finished_on.is_none()) * ago % 7,
                };
                (CONFIG.process.stages[stage].code.clone(), record)
            };
            Application {
                application_id: "A1".to_owned(),
                customer_name: None,
                bureau: "B".to_owned(),
                capacity_kva: 5_000.0,
                connection: Connection {
                    voltage_kv,
                    supply: if dual { Supply::Dual } else { Supply::Single },
                    new_feeder,
                },
                manager_id: None,
                accepted_on: as_of.plus_days(-age),
                desired_on: wish.map(|days| as_of.plus_days(days)),
                promised_on: None,
                has_plan: false,
            records: passes.into_iter().map(record).collect(),
            }
        }
    }

    fn some_case() -> impl Strategy<Value = (Day, Application)> {
        // From December 2025 on: holidays, make-up days and the uncovered 2027.
        (20_423..20_900).prop_flat_map(|as_of| (Just(Day(as_of)), some_application(Day(as_of))))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn nothing_begins_before_what_it_waits_for((as_of, application) in some_case()) {
            let calendar = &CONFIG.calendar;
            let project = planner(as_of).project(application).unwrap();
            let lines: BTreeMap<&str, &Line> = project.lines.iter().map(|line| (line.code.as_str(), line)).collect();
            let steps = &CONFIG.process.network.steps;
            for step in steps {
                let Some(line) = lines.get(step.code.as_str()) else { continue };
                let Some(todo) = &line.todo else { continue };
                prop_assert!(line.standing.is_left() && line.finished_on.is_none());
                prop_assert!(todo.days.slack_wd >= 0);
                if line.standing != Progress::Ahead {
                    prop_assert!(todo.start_on <= as_of && todo.days.earliest.finish > as_of);
                    continue;
                }
                prop_assert!(todo.start_on >= as_of && todo.due_on >= todo.start_on);
                // Given back to the clock, the due date is the limit again.
                prop_assert_eq!(calendar.working_days(todo.start_on, todo.due_on), todo.limit_wd);
                for before in &step.after {
                    let before = lines.get(steps[*before].code.as_str());
                    if let Some(days) = before.and_then(|before| before.todo.as_ref()).map(|todo| todo.days) {
                        prop_assert!(days.latest.finish <= todo.start_on);
                        prop_assert!(days.earliest.finish <= todo.days.earliest.start);
                    }
                }
            }
        }

        #[test]
        fn a_later_wish_is_never_worse((as_of, application) in some_case(), later in 0..200) {
            let plan = |desired_on| {
                planner(as_of).project(Application { desired_on, ..application.clone() }).unwrap().outcome
            };
            let without = plan(None);
            prop_assert_eq!((without.is_feasible(), without.planned_on), (None, without.earliest_on));
            if let Some(wish) = application.desired_on {
                let (now, then) = (plan(Some(wish)), plan(Some(wish.plus_days(later))));
                prop_assert!(now.is_feasible() == Some(false) || then.is_feasible() == Some(true));
                prop_assert_eq!((now.earliest_on, then.earliest_on), (without.earliest_on, without.earliest_on));
                let planned_on = if now.is_reached { without.earliest_on } else { wish.max(without.earliest_on) };
                prop_assert_eq!(now.planned_on, planned_on);
                prop_assert!(now.short_wd >= then.short_wd);
            }
        }

        #[test]
        fn the_earliest_day_is_met_exactly((as_of, application) in some_case()) {
            let earliest_on = planner(as_of).project(application.clone()).unwrap().outcome.earliest_on;
            let wish = |desired_on| planner(as_of).project(Application { desired_on, ..application.clone() }).unwrap();
            let project = wish(Some(earliest_on));
            prop_assert_eq!(project.outcome.is_feasible(), Some(true));
            prop_assert_eq!(project.outcome.short_wd, Some(0));
            if let Some((_, goal)) = project.todo().find(|(line, _)| line.code == "energisation") {
                prop_assert!(!project.outcome.is_reached);
                prop_assert_eq!((goal.days.latest.finish, goal.days.slack_wd), (earliest_on, 0));
                prop_assert!(goal.days.is_critical);
                let before = wish(Some(earliest_on.plus_days(-1)));
                prop_assert_eq!(before.outcome.is_feasible(), Some(false));
            }
        }
    }

    #[test]
    fn a_stage_without_any_time_is_a_mistake_of_the_process_file() {
        let mut config = Config::load(None).unwrap();
        let fee = config.process.network.steps.iter_mut().find(|step| step.code == "fee").unwrap();
        fee.plan_wd = None;
        let goal = config.process.network.goal().unwrap();
        let as_of = "2026-06-30".parse().unwrap();
        let planner =
            Planner { config: &config, goal, as_of, lang: Lang::En, basis: Basis::Limits, history: History::default() };
        let application = Application {
            application_id: "A1".to_owned(),
            customer_name: None,
            bureau: String::new(),
            capacity_kva: 5_000.0,
            connection: Connection { voltage_kv: 10.0, supply: Supply::Single, new_feeder: false },
            manager_id: None,
            accepted_on: as_of,
            desired_on: None,
            promised_on: None,
            has_plan: false,
            records: BTreeMap::new(),
        };
        let said = planner.project(application).unwrap_err().report(Lang::En);
        for part in ["process.toml:", "code = \"fee\"", "`fee` has no standard limit", "plan_wd"] {
            assert!(said.contains(part), "no `{part}` in:\n{said}");
        }
    }
}
