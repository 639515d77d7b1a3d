//! What figures are to reach: targets and warning thresholds, each in force from one day to another (docs/method.md §5).
//!
//! A target names a figure by its headline. That no two are in force for the same figure on the same day is proved when
//! the file is opened; that the figure exists is for whoever knows the headlines.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::date;
use crate::calendar::Day;
use crate::error::{Mistake, TomlFile, TomlPath};
use crate::spelling::{identity, nearest};
use crate::words::{Words, vocabulary};

/// `targets.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetsFile {
    /// What users call the places where targets stand written, by the name that targets give.
    #[serde(default)]
    sources: BTreeMap<String, Words>,
    /// The targets.
    #[serde(default)]
    targets: Vec<TargetEntry>,
}

/// What one figure is to reach, as a file says it.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetEntry {
    /// The figure: a headline by its name.
    figure: String,
    /// Whether it is to be at least or at most the target.
    direction: Direction,
    /// The target; of a share, from 0 to 1.
    target: f64,
    /// Short of the target, but not beyond this, is near; absent: nothing is.
    warn: Option<f64>,
    /// The first day that it is in force.
    valid_from: Option<String>,
    /// The last day that it is in force.
    valid_to: Option<String>,
    /// Where it stands written: the name of one of the sources.
    source: String,
    /// The bureau whose figure it is about, as the exports name it, in any spelling; absent: all of them together.
    bureau: Option<String>,
    /// The department whose figure it is about.
    department: Option<String>,
}

/// Which side of its target a figure is to be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Direction {
    /// The target or more.
    AtLeast,
    /// The target or less.
    AtMost,
}

impl Direction {
    /// Whether a figure is on the right side of a bound, or at it.
    fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Direction::AtLeast => value >= bound,
            Direction::AtMost => value <= bound,
        }
    }

    /// The sign that stands before the target.
    pub(crate) fn sign(self) -> char {
        match self {
            Direction::AtLeast => '≥',
            Direction::AtMost => '≤',
        }
    }
}

vocabulary! {
    /// How a figure stands to its target.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub(crate) enum TargetState {
        /// It reaches it.
        Met = ["met", "达标", "met"],
        /// It does not, but is within the warning threshold.
        Near = ["near", "接近（未达标）", "near (not met)"],
        /// It does not.
        Missed = ["missed", "未达", "missed"],
        /// There is no figure.
        NoData = ["no_data", "无数据", "no data"],
    }
}

impl TargetState {
    /// A shape for each, so that none is told by its colour alone.
    pub(crate) fn mark(self) -> char {
        match self {
            TargetState::Met => '●',
            TargetState::Near => '▲',
            TargetState::Missed => '■',
            TargetState::NoData => '○',
        }
    }
}

/// Whose figure a target is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The bureau; absent: all.
    pub(crate) bureau: Option<String>,
    /// The department; absent: all.
    pub(crate) department: Option<String>,
}

impl Scope {
    /// The columns that it narrows, with the name wanted of each.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let columns = [("bureau", &self.bureau), ("department", &self.department)];
        columns.into_iter().filter_map(|(column, name)| Some((column, name.as_deref()?)))
    }

    /// The same whatever the spelling.
    fn folded(&self) -> [Option<String>; 2] {
        [&self.bureau, &self.department].map(|name| name.as_deref().map(identity))
    }
}

/// What one figure is to reach.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The headline.
    pub(crate) figure: String,
    /// Whose figure it is.
    pub(crate) scope: Scope,
    /// Which side of the target it is to be on.
    pub(crate) direction: Direction,
    /// The target.
    pub(crate) target: f64,
    /// The warning threshold.
    pub(crate) warn: Option<f64>,
    /// The days that it is in force.
    pub(crate) days: (Day, Day),
    /// Where it stands written.
    pub(crate) source: Words,
    /// Its number in the file, from 0.
    pub(crate) item: usize,
}

impl Target {
    /// How a figure stands to it.
    pub(crate) fn state(&self, value: Option<f64>) -> TargetState {
        match value {
            None => TargetState::NoData,
            Some(value) if self.direction.holds(value, self.target) => TargetState::Met,
            Some(value) if self.warn.is_some_and(|warn| self.direction.holds(value, warn)) => TargetState::Near,
            Some(_) => TargetState::Missed,
        }
    }

    /// Whether it is in force on a day.
    pub(crate) fn holds_on(&self, day: Day) -> bool {
        (self.days.0..=self.days.1).contains(&day)
    }

    /// Whether it is about the same figure of the same part of the office.
    pub(crate) fn is_about(&self, other: &Target) -> bool {
        self.figure == other.figure && self.scope.folded() == other.scope.folded()
    }

    fn read(entry: &TargetEntry, item: usize, sources: &BTreeMap<String, Words>, here: &TomlPath<'_>) -> Made {
        let day = |key, text: &Option<String>, open| date(text.as_deref(), open, &here.key(key));
        let days = (day("valid_from", &entry.valid_from, Day::FIRST), day("valid_to", &entry.valid_to, Day::LAST));
        let source = sources.get(&entry.source).ok_or_else(|| unknown_source(&entry.source, sources, here));
        let (from, to, source, ()) = match (days.0, days.1, source, of_numbers(entry, here)) {
            (Ok(from), Ok(to), Ok(source), Ok(())) => (from, to, source, ()),
            (from, to, source, numbers) => {
                let mistakes = [from.err(), to.err(), source.err(), numbers.err()];
                return Err(mistakes.into_iter().flatten().collect());
            }
        };
        if from > to {
            let message =
                Words::new("valid_to 早于 valid_from，永远不会生效", "it ends before it begins: see `valid_to`");
            return Err(vec![here.key("valid_to").mistake(message)]);
        }
        Ok(Target {
            figure: entry.figure.clone(),
            scope: Scope { bureau: entry.bureau.clone(), department: entry.department.clone() },
            direction: entry.direction,
            target: entry.target,
            warn: entry.warn,
            days: (from, to),
            source: source.clone(),
            item,
        })
    }
}

type Made = Result<Target, Vec<Mistake>>;

/// Finds that a target and its threshold are numbers, and that the threshold is on the far side of the target.
fn of_numbers(entry: &TargetEntry, here: &TomlPath<'_>) -> Result<(), Mistake> {
    let is_number = |number: f64| number.is_finite() && number >= 0.0;
    for (key, number) in [("target", Some(entry.target)), ("warn", entry.warn)] {
        if !number.is_none_or(is_number) {
            let message =
                Words::new(format!("「{key}」应为不小于 0 的数"), format!("`{key}` is a number of at least 0"));
            return Err(here.key(key).mistake(message));
        }
    }
    if entry.warn.is_some_and(|warn| entry.direction.holds(warn, entry.target)) {
        let sign = entry.direction.sign();
        let (zh, en) = match entry.direction {
            Direction::AtLeast => ("小于", "less"),
            Direction::AtMost => ("大于", "more"),
        };
        let message = Words::new(
            format!("目标是 {sign} {}：warn 应{zh}它——未达目标、但没有越过 warn 的为「接近」", entry.target),
            format!(
                "the target is {sign} {}: `warn` is {en} than it; short of the target but not beyond `warn` is near",
                entry.target
            ),
        );
        return Err(here.key("warn").mistake(message));
    }
    Ok(())
}

fn unknown_source(source: &str, sources: &BTreeMap<String, Words>, here: &TomlPath<'_>) -> Mistake {
    let mistake = here.key("source").mistake(Words::new(
        format!("[sources] 中没有「{source}」，而目标说它出自那里"),
        format!("[sources] has no `{source}`, where a target is said to stand written"),
    ));
    mistake.did_you_mean(nearest(source, sources.keys().map(String::as_str)))
}

/// The targets of a run.
#[derive(Debug, Clone)]
pub struct Targets {
    /// In the order of the file.
    pub(crate) targets: Vec<Target>,
    /// The file, to show mistakes in.
    pub(crate) file: TomlFile,
}

impl Targets {
    /// Reads a `targets.toml`; every mistake of it is returned.
    pub(crate) fn open(file: TomlFile) -> Result<Targets, Vec<Mistake>> {
        let TargetsFile { sources, targets: entries } = file.read()?;
        let (mut targets, mut mistakes) = (Vec::<Target>::new(), Vec::new());
        for (item, entry) in entries.iter().enumerate() {
            let here = file.at("targets").item(item);
            let target = match Target::read(entry, item, &sources, &here) {
                Ok(target) => target,
                Err(more) => {
                    mistakes.extend(more);
                    continue;
                }
            };
            let both = |other: &&Target| {
                other.is_about(&target) && other.days.0 <= target.days.1 && target.days.0 <= other.days.1
            };
            if let Some(other) = targets.iter().find(both) {
                let (figure, line) = (&target.figure, file.at("targets").item(other.item).key("figure").line());
                let message = Words::new(
                    format!("「{figure}」同一天有两个目标：另一个在第 {line} 行"),
                    format!("`{figure}` has two targets on the same day: the other stands on line {line}"),
                );
                let help =
                    Words::new("请用 valid_from、valid_to 分开", "tell them apart by `valid_from` and `valid_to`");
                mistakes.push(here.key("figure").mistake(message).help(help));
            }
            targets.push(target);
        }
        if mistakes.is_empty() { Ok(Targets { targets, file }) } else { Err(mistakes) }
    }

    /// The target in force on a day for the same figure of the same part of the office.
    pub(crate) fn like(&self, target: &Target, on: Day) -> Option<&Target> {
        self.targets.iter().find(|other| other.is_about(target) && other.holds_on(on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(targets: &str) -> Result<Targets, Vec<Mistake>> {
        let text = format!("[sources]\nhouse = {{ zh = \"内部\", en = \"house\" }}\n{targets}");
        Targets::open(TomlFile::new("targets.toml", text))
    }

    fn states(target: &str, values: &[f64]) -> Vec<&'static str> {
        let target = format!("[[targets]]\nfigure = \"f\"\nsource = \"house\"\n{target}");
        let targets = read(&target).unwrap().targets;
        values.iter().map(|value| targets[0].state(Some(*value)).code()).collect()
    }

    #[test]
    fn near_is_short_of_the_target_and_not_beyond_the_threshold() {
        let least = "direction = \"at_least\"\ntarget = 0.95\nwarn = 0.9";
        assert_eq!(states(least, &[0.96, 19.0 / 20.0, 0.949, 0.9, 0.899]), ["met", "met", "near", "near", "missed"]);
        let most = "direction = \"at_most\"\ntarget = 0.05\nwarn = 0.06";
        assert_eq!(states(most, &[0.0, 1.0 / 20.0, 0.051, 0.06, 0.061]), ["met", "met", "near", "near", "missed"]);
        assert_eq!(states("direction = \"at_least\"\ntarget = 1", &[1.0, 0.999]), ["met", "missed"]);
    }

    #[test]
    fn two_targets_that_both_fit_are_a_mistake() {
        let of = |more: &str| {
            format!("[[targets]]\nfigure = \"f\"\ndirection = \"at_least\"\ntarget = 1\nsource = \"house\"\n{more}\n")
        };
        let both = |one: &str, other: &str| read(&(of(one) + &of(other))).is_err();
        assert!(both("", "valid_from = \"2026-01-01\""));
        assert!(both("bureau = \"城东\"", "bureau = \" 城东 \""));
        assert!(!both("valid_to = \"2025-12-31\"", "valid_from = \"2026-01-01\""));
        assert!(!both("", "bureau = \"城东\""), "a bureau's figure is not that of all");
        assert!(!both("bureau = \"城东\"", "department = \"城东\""));
    }
}
