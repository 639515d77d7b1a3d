//! `process.toml`: the stages, and the network in which a plan schedules them.
//!
//! The stages are a vocabulary (ingest and reports) and, together with the customer's own activities, the nodes of a
//! network (`plan`). Names become numbers here, once: a [`Network`] is in topological order, and that it has no cycle
//! and names nothing unknown is proved when the file is read, with the line of each mistake.

mod between;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::error::{Error, Mistake, Result, TomlFile, TomlPath};
use crate::rules::bounds::{Bounds, CaseBounds, CaseEnd, Ends, First, Last, Starts};
use crate::rules::limits::{Connection, Supply, Voltage};
use crate::spelling::{nearest, word};
use crate::words::{Lang, Words};

/// One stage of the process.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its code in tables.
    pub code: String,
    /// What users call it.
    pub title: Words,
    /// Other names under which exports carry it.
    pub aliases: Vec<String>,
}

/// The stages in their usual order, and how they wait for one another.
#[derive(Debug, Clone)]
pub struct Process {
    /// One entry per stage.
    pub stages: Vec<Stage>,
    /// Whether other stages are met as well: each is called what the export calls it, and comes after those listed, in
    /// the order in which stages are usually met (`cases`).
    pub is_open: bool,
    /// When a case begins and ends by its events, if the log itself does not say.
    pub cases: CaseBounds,
    /// When a pass began of which the exports give only the finish.
    pub starts: Starts,
    /// What a plan schedules: the stages and the customer's activities.
    pub network: Network,
}

impl Process {
    /// Every code, name and alias, as it is and folded → code.
    pub fn vocabulary(&self) -> BTreeMap<String, String> {
        let names = |stage: &Stage| {
            let own = [&stage.code, &stage.title.zh, &stage.title.en].into_iter().chain(&stage.aliases);
            // The text as it is saves folding ten million cells.
            own.flat_map(|name| [(name.clone(), stage.code.clone()), (word(name), stage.code.clone())])
                .collect::<Vec<_>>()
        };
        self.stages.iter().flat_map(names).collect()
    }

    /// Takes what a file says of when cases and stages begin and end; where it says nothing, all stays as it is.
    pub fn bound(&mut self, said: &Bounds) {
        self.cases.begins |= matches!(said.begins, Some(First::First));
        match &said.ends {
            Some(Ends::Last(Last::Last)) => self.cases.ends = Some(CaseEnd::Last),
            Some(Ends::Stages(names)) => self.cases.ends = Some(CaseEnd::Stages(self.codes(names))),
            None => {}
        }
        self.starts = said.starts.unwrap_or(self.starts);
    }

    /// The codes of stages by their names; a name that it does not list stays as it is.
    fn codes(&self, names: &[String]) -> Vec<String> {
        let codes = self.vocabulary();
        let code = |name: &String| codes.get(name).or_else(|| codes.get(&word(name))).unwrap_or(name).clone();
        names.iter().map(code).collect()
    }

    /// Whether a pass without a start begins where the one before it ended.
    pub fn takes_starts(&self) -> bool {
        self.starts == Starts::Previous
    }

    /// Where a stage stands in the usual order; unknown ones last.
    pub fn position(&self, code: &str) -> usize {
        self.stages.iter().position(|stage| stage.code == code).unwrap_or(self.stages.len())
    }

    /// Where a stage usually stands to the goal, whose finish is the energisation: before it, it, or after it. A stage
    /// that the process does not list counts as before, and so does every stage of a process without a goal.
    pub fn to_goal(&self, code: &str) -> Ordering {
        let place = |code: &str| self.stages.iter().position(|stage| stage.code == code);
        let goal = self.network.goal.and_then(|goal| place(&self.network.steps[goal].code));
        place(code).zip(goal).map_or(Ordering::Less, |(stage, goal)| stage.cmp(&goal))
    }

    /// What users call a stage; one that the process does not list is called what the export calls it.
    pub fn name<'a>(&'a self, code: &'a str, lang: Lang) -> &'a str {
        let stage = self.stages.iter().find(|stage| stage.code == code);
        stage.map_or(code, |stage| stage.title.get(lang))
    }
}

/// Stages and activities in an order in which each comes after those that it waits for.
#[derive(Debug, Clone)]
pub struct Network {
    /// The stages and activities.
    pub steps: Vec<Step>,
    /// The stage whose finish is the requested date, in [`Network::steps`].
    goal: Option<usize>,
    file: TomlFile,
}

impl Network {
    /// The stage whose finish is the requested date.
    pub fn goal(&self) -> Result<usize> {
        let missing = || {
            let message = Words::new(
                "文件没有写明 goal：计划以哪个环节的完成为目标",
                "the file names no `goal`: the stage whose finish a plan is made for",
            );
            let help = Words::new(
                "请在第一个 [[stages]] 之前写 goal = \"energisation\"，并给各环节写 after",
                "add goal = \"energisation\" above the first [[stages]], and `after` to the stages",
            );
            Error::from(vec![self.file.whole().mistake(message).help(help)])
        };
        self.goal.ok_or_else(missing)
    }

    /// The stages that a stage waits for: in place of the customer's activities, and of stages that are not on record,
    /// those that these wait for. `None`: nothing is known of what it waits for.
    pub fn before(&self, code: &str, is_recorded: impl Fn(&str) -> bool) -> Option<Vec<&str>> {
        if self.steps.iter().all(|step| step.after.is_empty()) {
            return None;
        }
        let at = self.steps.iter().position(|step| !step.is_customers && step.code == code)?;
        let mut to_visit = self.steps[at].after.clone();
        let mut visited = BTreeSet::new();
        let mut found = Vec::new();
        while let Some(number) = to_visit.pop() {
            let step = &self.steps[number];
            if !visited.insert(number) {
                continue;
            }
            if !step.is_customers && is_recorded(&step.code) {
                found.push(step.code.as_str());
            } else {
                to_visit.extend(&step.after);
            }
        }
        Some(found)
    }

    /// A mistake of the file that only a certain connection shows.
    pub fn mistake(&self, step: &Step, message: Words, help: Words) -> Error {
        let (list, number) = step.entry;
        vec![self.file.at(list).item(number).key("code").mistake(message).help(help)].into()
    }
}

/// A stage, or something that the customer does between stages.
#[derive(Debug, Clone)]
pub struct Step {
    /// The stage's code in tables; an activity is in none.
    pub code: String,
    /// What users call it.
    pub name: Words,
    /// Whether the customer does it: an activity, no stage.
    pub is_customers: bool,
    /// What must be finished before it begins, in [`Network::steps`]; each number is smaller than its own.
    pub after: Vec<usize>,
    /// The connections that have it.
    pub when: Class,
    /// Who usually does it, as departments are called in the data; none for the customer's.
    pub department: Option<ByClass<String>>,
    /// How many working days it is given where there is no standard limit: a house number.
    pub plan_wd: Option<ByClass<u16>>,
    /// What the customer must do.
    pub customer: Option<Duty>,
    /// Where it stands in the file: the list, and its number there.
    entry: (&'static str, usize),
}

/// What the customer must do before or in a stage.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Duty {
    /// In Chinese.
    zh: String,
    /// In English.
    en: String,
    /// By when.
    #[serde(default)]
    pub by: DutyBy,
}

impl Duty {
    /// What it is.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// By when the customer must have done it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DutyBy {
    /// Before the stage begins.
    Start,
    /// By the day the stage is due.
    #[default]
    Due,
}

/// A class of connections; what it does not name fits every connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Class {
    voltage: Option<Voltage>,
    min_kv: Option<f64>,
    max_kv: Option<f64>,
    supply: Option<Supply>,
    new_feeder: Option<bool>,
}

impl Class {
    /// Whether a connection is of the class.
    pub fn fits(&self, connection: &Connection) -> bool {
        self.voltage.is_none_or(|voltage| voltage == connection.voltage())
            && self.min_kv.is_none_or(|kv| connection.voltage_kv >= kv)
            && self.max_kv.is_none_or(|kv| connection.voltage_kv <= kv)
            && self.supply.is_none_or(|supply| supply == connection.supply)
            && self.new_feeder.is_none_or(|new_feeder| new_feeder == connection.new_feeder)
    }
}

/// A value that depends on the connection: the first choice that fits counts.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(
    untagged,
    expecting = "一个值，或一列选择，如 { when = { voltage = \"low\" }, is = … }\u{1e}a value, or a list of choices such as { when = { voltage = \"low\" }, is = … }"
)]
pub enum ByClass<T> {
    /// The same for all.
    Same(T),
    /// One of some; the last fits every connection.
    Choices(Vec<Choice<T>>),
}

/// A value and the connections that have it.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice<T> {
    #[serde(default)]
    when: Class,
    is: T,
}

impl<T> ByClass<T> {
    /// The value for a connection.
    pub fn of(&self, connection: &Connection) -> Option<&T> {
        match self {
            ByClass::Same(value) => Some(value),
            ByClass::Choices(choices) => choices.iter().find(|c| c.when.fits(connection)).map(|choice| &choice.is),
        }
    }

    fn fits_all(&self) -> bool {
        match self {
            ByClass::Same(_) => true,
            ByClass::Choices(choices) => choices.last().is_some_and(|choice| choice.when == Class::default()),
        }
    }
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProcessFile {
    /// The stage whose finish a plan is made for.
    goal: Option<String>,
    #[serde(default)]
    open: bool,
    /// `first`: a case is accepted when its first stage begins.
    begins: Option<First>,
    /// What a case ends with, where the export gives no end.
    ends: Option<Ends>,
    #[serde(default)]
    starts: Starts,
    #[serde(default)]
    stages: Vec<StageEntry>,
    #[serde(default)]
    activities: Vec<ActivityEntry>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct StageEntry {
    code: String,
    title: Words,
    /// Other names under which exports carry it.
    #[serde(default)]
    aliases: Vec<String>,
    /// The stages and activities that must be finished before it begins.
    #[serde(default)]
    after: Vec<String>,
    /// The connections that have it; absent: all.
    #[serde(default)]
    when: Class,
    department: Option<ByClass<String>>,
    /// How many working days it is given where there is no standard limit.
    plan_wd: Option<ByClass<u16>>,
    customer: Option<Duty>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ActivityEntry {
    code: String,
    title: Words,
    #[serde(default)]
    after: Vec<String>,
    #[serde(default)]
    when: Class,
    plan_wd: ByClass<u16>,
    customer: Option<Duty>,
}

/// A step whose predecessors are names still.
struct Named {
    after: Vec<String>,
    step: Step,
}

impl Named {
    /// Where it stands in the file.
    fn at<'a>(&'a self, file: &'a TomlFile) -> TomlPath<'a> {
        file.at(self.step.entry.0).item(self.step.entry.1)
    }
}

/// Reads a `process.toml`; every mistake of its network is returned.
pub(crate) fn read(file: TomlFile) -> Result<Process, Vec<Mistake>> {
    let entries: ProcessFile = file.read()?;
    if entries.stages.is_empty() && !entries.open {
        let message = Words::new("流程中没有环节", "the process has no stages");
        let help = Words::new(
            "请列出 [[stages]]，或写 open = true：环节名称即导出中的名称",
            "list the [[stages]], or say `open = true`: then every stage is called what the export calls it",
        );
        return Err(vec![file.whole().mistake(message).help(help)]);
    }
    let mut stages = Vec::new();
    let mut named = Vec::new();
    for (number, entry) in entries.stages.into_iter().enumerate() {
        let StageEntry { code, title, aliases, after, when, department, plan_wd, customer } = entry;
        stages.push(Stage { code: code.clone(), title: title.clone(), aliases });
        let step = Step {
            code,
            name: title,
            is_customers: false,
            after: Vec::new(),
            when,
            department,
            plan_wd,
            customer,
            entry: ("stages", number),
        };
        named.push(Named { after, step });
    }
    for (number, entry) in entries.activities.into_iter().enumerate() {
        let ActivityEntry { code, title, after, when, plan_wd, customer } = entry;
        let step = Step {
            code,
            name: title,
            is_customers: true,
            after: Vec::new(),
            when,
            department: None,
            plan_wd: Some(plan_wd),
            customer,
            entry: ("activities", number),
        };
        named.push(Named { after, step });
    }
    let network = network(file, &named, entries.goal.as_deref())?;
    let is_open = entries.open;
    let mut process = Process { stages, is_open, cases: CaseBounds::default(), starts: Starts::default(), network };
    process.bound(&Bounds { begins: entries.begins, ends: entries.ends, starts: Some(entries.starts) });
    Ok(process)
}

/// The number of each stage and activity by its code; codes that stand twice, and choices that fit not every
/// connection, are mistakes.
fn numbered<'a>(named: &'a [Named], file: &TomlFile, mistakes: &mut Vec<Mistake>) -> BTreeMap<&'a str, usize> {
    let mut numbers = BTreeMap::new();
    for (number, entry) in named.iter().enumerate() {
        let (code, here) = (entry.step.code.as_str(), entry.at(file));
        if numbers.insert(code, number).is_some() {
            let message = Words::new(format!("「{code}」写了两次"), format!("`{code}` stands here twice"));
            mistakes.push(here.key("code").mistake(message));
        }
        let partial = [
            ("department", entry.step.department.as_ref().is_some_and(|choices| !choices.fits_all())),
            ("plan_wd", entry.step.plan_wd.as_ref().is_some_and(|choices| !choices.fits_all())),
        ];
        for (key, _) in partial.into_iter().filter(|(_, partial)| *partial) {
            let message = Words::new(
                format!("「{code}」的 {key} 没有覆盖所有的接入情形"),
                format!("the choices of `{key}` of `{code}` do not fit every connection"),
            );
            let help =
                Words::new("列表最后应有一项不带 when 的 { is = … }", "end the list with { is = … }, without `when`");
            mistakes.push(here.key(key).mistake(message).help(help));
        }
    }
    numbers
}

/// The number of what a key names.
fn find(
    name: &str,
    key: &str,
    here: &TomlPath<'_>,
    numbers: &BTreeMap<&str, usize>,
    mistakes: &mut Vec<Mistake>,
) -> Option<usize> {
    let found = numbers.get(name).copied();
    if found.is_none() {
        let mistake = here.mistake(Words::new(
            format!("{key} 指向的「{name}」既不是环节，也不是客户工作"),
            format!("`{key}` names `{name}`, which is no stage or activity"),
        ));
        mistakes.push(mistake.did_you_mean(nearest(name, numbers.keys().copied())));
    }
    found
}

fn network(file: TomlFile, named: &[Named], goal: Option<&str>) -> Result<Network, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let numbers = numbered(named, &file, &mut mistakes);
    let mut after: Vec<Vec<usize>> = Vec::new();
    for entry in named {
        let here = entry.at(&file).key("after");
        let names = entry.after.iter().enumerate();
        let found = names.filter_map(|(at, name)| find(name, "after", &here.item(at), &numbers, &mut mistakes));
        after.push(found.collect());
    }
    let goal = goal.and_then(|name| find(name, "goal", &file.at("goal"), &numbers, &mut mistakes));
    if let Some(step) = goal.map(|number| &named[number].step).filter(|step| step.is_customers) {
        let code = &step.code;
        let message = Words::new(
            format!("goal 应为一个环节，而「{code}」是客户工作"),
            format!("`goal` must be a stage, and `{code}` is the customer's"),
        );
        mistakes.push(file.at("goal").mistake(message));
    }
    if mistakes.is_empty() {
        mistakes = cycles(&after, named, &file);
    }
    if !mistakes.is_empty() {
        return Err(mistakes);
    }

    // In the order of the file as far as it can be: each time the first that waits for nothing more.
    let mut order: Vec<usize> = Vec::new();
    let mut left: BTreeSet<usize> = (0..named.len()).collect();
    while let Some(next) = left.iter().copied().find(|number| !after[*number].iter().any(|n| left.contains(n))) {
        left.remove(&next);
        order.push(next);
    }
    let place_of = |number: &usize| order.iter().position(|other| other == number);
    let steps = order.iter().map(|number| {
        let mut earlier: Vec<usize> = after[*number].iter().filter_map(place_of).collect();
        earlier.sort_unstable();
        earlier.dedup();
        Step { after: earlier, ..named[*number].step.clone() }
    });
    let goal = goal.and_then(|number| place_of(&number));
    Ok(Network { steps: steps.collect(), goal, file })
}

/// One mistake for each `after` that closes a circle, at its place.
fn cycles(after: &[Vec<usize>], named: &[Named], file: &TomlFile) -> Vec<Mistake> {
    struct Walk<'a> {
        after: &'a [Vec<usize>],
        done: Vec<bool>,
        path: Vec<usize>,
        circles: Vec<(usize, usize, Vec<usize>)>,
    }
    impl Walk<'_> {
        fn visit(&mut self, number: usize) {
            self.path.push(number);
            for (index, earlier) in self.after[number].iter().enumerate() {
                if let Some(start) = self.path.iter().position(|on| on == earlier) {
                    self.circles.push((number, index, self.path[start..].to_vec()));
                } else if !self.done[*earlier] {
                    self.visit(*earlier);
                }
            }
            self.path.pop();
            self.done[number] = true;
        }
    }
    let mut walk = Walk { after, done: vec![false; after.len()], path: Vec::new(), circles: Vec::new() };
    for number in 0..after.len() {
        if !walk.done[number] {
            walk.visit(number);
        }
    }
    let told = walk.circles.iter().map(|(number, index, circle)| {
        let code = |number: &usize| named[*number].step.code.as_str();
        let names: Vec<&str> = circle.iter().chain(circle.first()).map(code).collect();
        let names = names.join(" ← ");
        let message = Words::new(
            format!("这些环节互相等待，形成循环：{names}"),
            format!("these wait for one another in a circle: {names}"),
        );
        let help = Words::new("请从某个 after 中去掉一个", "take one of them out of an `after`");
        let here = named[*number].at(file).key("after").item(*index);
        here.mistake(message).help(help)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &str) -> Result<Process, Vec<Mistake>> {
        read(TomlFile::new("process.toml", text))
    }

    fn said(text: &str) -> String {
        match open(text) {
            Ok(process) => process.network.steps.iter().map(|step| step.code.as_str()).collect::<Vec<_>>().join(" "),
            Err(mistakes) => Error::from(mistakes).report(Lang::En),
        }
    }

    fn stages(entries: &[(&str, &str)]) -> String {
        let entry = |(code, more): &(&str, &str)| {
            format!("[[stages]]\ncode = \"{code}\"\ntitle = {{ zh = \"\", en = \"\" }}\n{more}\n")
        };
        entries.iter().map(entry).collect()
    }

    #[test]
    fn steps_come_after_those_that_they_wait_for_and_else_as_in_the_file() {
        let text = stages(&[("a", "after = [\"c\"]"), ("b", ""), ("c", ""), ("d", "after = [\"b\", \"x\"]")])
            + "[[activities]]\ncode = \"x\"\ntitle = { zh = \"\", en = \"\" }\nafter = [\"a\"]\nplan_wd = 1\n";
        assert_eq!(said(&text), "b c a x d");
        let process = open(&text).unwrap();
        assert_eq!(process.network.steps[4].after, [0, 3]);
        assert_eq!(process.stages.len(), 4, "activities are no stages");
        assert!(!process.vocabulary().contains_key("x"));
    }

    #[test]
    fn mistakes_are_shown_with_their_lines() {
        for (text, parts) in [
            (
                stages(&[("survey", "after = [\"acceptence\"]"), ("acceptance", "")]),
                &["process.toml:4:10", "names `acceptence`", "did you mean `acceptance`?"][..],
            ),
            (stages(&[("a", "after = [\"a\"]")]), &["process.toml:4:10", "a ← a"]),
            (
                stages(&[("a", "after = [\"c\"]"), ("b", "after = [\"a\"]"), ("c", "after = [\"b\"]")]),
                &["process.toml:8:10", "circle", "a ← c ← b ← a"],
            ),
            (stages(&[("a", ""), ("a", "")]), &["process.toml:6:8", "twice"]),
            (format!("goal = \"z\"\n{}", stages(&[("a", "")])), &["process.toml:1:8", "`goal` names `z`"]),
            (
                stages(&[("a", "plan_wd = [{ when = { voltage = \"low\" }, is = 3 }]")]),
                &["process.toml:4:11", "do not fit every connection", "{ is = … }"],
            ),
            (stages(&[("a", "plan_wd = -3")]), &["process.toml:4", "a value, or a list of choices"]),
            (stages(&[("a", "when = { volts = 3 }")]), &["process.toml:4", "volts"]),
        ] {
            let said = said(&text);
            for part in parts {
                assert!(said.contains(part), "no `{part}` in:\n{said}");
            }
        }
    }

    #[test]
    fn starts_are_given_or_those_of_the_stage_before() {
        assert!(!open("open = true").unwrap().takes_starts());
        assert!(open("open = true\nstarts = \"previous\"").unwrap().takes_starts());
        assert!(said("open = true\nstarts = \"last\"").contains("`given` or `previous`"));
    }

    #[test]
    fn a_process_of_before_there_were_plans_is_read_and_not_planned() {
        let process = open(&stages(&[("a", ""), ("b", "")])).unwrap();
        assert!(process.network.goal().unwrap_err().report(Lang::En).contains("names no `goal`"));
    }

    #[test]
    fn the_first_choice_that_fits_counts() {
        let text = stages(&[(
            "a",
            "plan_wd = [{ when = { min_kv = 110 }, is = 60 }, { when = { new_feeder = true, supply = \"dual\" }, is = 35 }, { is = 20 }]",
        )]);
        let process = open(&text).unwrap();
        let choices = process.network.steps[0].plan_wd.clone().unwrap();
        for (voltage_kv, supply, new_feeder, wd) in [
            (110.0, Supply::Dual, true, 60),
            (10.0, Supply::Dual, true, 35),
            (10.0, Supply::Single, true, 20),
            (0.4, Supply::Single, false, 20),
        ] {
            assert_eq!(choices.of(&Connection { voltage_kv, supply, new_feeder }), Some(&wd), "{voltage_kv}");
        }
    }
}
