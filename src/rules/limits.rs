//! The dated rule book of standard limits.
//!
//! A rule says how long a stage, or a whole application, may take where everything that it names fits. Which rule fits
//! depends on the case and the day it starts; that no two fit is proved when the book is opened, not when a case meets
//! them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::vocabulary::{DueSource, LimitFor, Promise};
use crate::calendar::{Day, NoDay};
use crate::error::{Mistake, Result, TomlFile, TomlPath};
use crate::spelling::nearest;
use crate::words::{Lang, Words, vocabulary};

/// `standards.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StandardsFile {
    /// What users call the places where limits stand written, by the name that rules give.
    #[serde(default)]
    pub sources: BTreeMap<String, Words>,
    /// The sets of rules, by name.
    pub sets: BTreeMap<String, RuleSet>,
}

/// One set of rules.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSet {
    /// What users call it.
    pub title: Words,
    /// For whom it is, and what must be known of it.
    pub about: Option<Words>,
    /// A set whose rules apply to every stage for which this one has none.
    pub base: Option<String>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule of the book; what it does not name fits every case.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The stage that it limits.
    pub stage: Option<String>,
    /// Whether it limits the whole application.
    #[serde(default)]
    pub total: bool,
    /// The service promise that it limits (docs/method.md §7).
    pub promise: Option<Promise>,
    /// In town or in the country, for a promise.
    pub area: Option<Area>,
    /// Low (below 1 kV) or high voltage.
    pub voltage: Option<Voltage>,
    /// The least voltage, in kV, inclusive.
    pub min_kv: Option<f64>,
    /// The greatest voltage, in kV, inclusive.
    pub max_kv: Option<f64>,
    /// Single or dual supply.
    pub supply: Option<Supply>,
    /// With or without a new feeder.
    pub new_feeder: Option<bool>,
    /// How long it may take, in `unit`.
    pub limit: i32,
    /// What the limit counts.
    #[serde(default)]
    pub unit: Unit,
    /// The first start day that it applies to.
    pub valid_from: Option<String>,
    /// The last start day that it applies to.
    pub valid_to: Option<String>,
    /// Where it stands written: the name of one of [`StandardsFile::sources`].
    pub source: String,
}

vocabulary! {
    /// The voltage class of a supply.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Voltage {
        /// Below 1 kV.
        Low = ["low_voltage", "低压", "low voltage"],
        /// From 1 kV.
        High = ["high_voltage", "高压", "high voltage"],
    }
}

vocabulary! {
    /// How many sources feed a customer.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Supply {
        /// One.
        Single = ["single", "单电源", "single supply"],
        /// Two.
        Dual = ["dual", "双电源", "dual supply"],
    }
}

vocabulary! {
    /// Where a customer lives.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "lowercase")]
    pub enum Area {
        /// In town.
        Urban = ["urban", "城市", "urban"],
        /// In the country.
        Rural = ["rural", "农村", "rural"],
    }
}

vocabulary! {
    /// What a limit counts.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum Unit {
        /// Working days.
        #[default]
        WorkingDays = ["working_days", "工作日", "working days"],
        /// Calendar days.
        CalendarDays = ["calendar_days", "自然日", "calendar days"],
        /// Minutes by the clock; for promises.
        Minutes = ["minutes", "分钟", "minutes"],
    }
}

/// What a rule is chosen by.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// The voltage, in kV.
    pub voltage_kv: f64,
    /// Single where it is not given.
    pub supply: Supply,
    /// False where it is not given.
    pub new_feeder: bool,
}

impl Connection {
    /// That of an application: a supply that is not given is single, a feeder that is not given is not new.
    pub fn known(voltage_kv: f64, supply: Option<Supply>, new_feeder: Option<bool>) -> Connection {
        let supply = supply.unwrap_or(Supply::Single);
        Connection { voltage_kv, supply, new_feeder: new_feeder.unwrap_or(false) }
    }

    /// The voltage class.
    pub fn voltage(&self) -> Voltage {
        if self.voltage_kv < HIGH_KV { Voltage::Low } else { Voltage::High }
    }
}

/// The rules that a run applies.
#[derive(Debug, Clone)]
pub struct RuleBook {
    /// What users call it.
    pub title: Words,
    /// For whom it is, and what must be known of it.
    pub about: Option<Words>,
    sources: BTreeMap<String, Words>,
    rules: Vec<DatedRule>,
}

#[derive(Debug, Clone)]
struct DatedRule {
    rule: Rule,
    kv: (f64, f64),
    days: (Day, Day),
}

/// The codes of the promises that are of some sort, for a message.
fn promises(of: fn(Promise) -> bool) -> String {
    let codes = Promise::ALL.iter().filter(|promise| of(**promise)).map(|promise| promise.code());
    codes.collect::<Vec<_>>().join(", ")
}

/// The least voltage of the high class.
const HIGH_KV: f64 = 1.0;

impl DatedRule {
    /// The rule that stands at `here`.
    fn new(rule: Rule, here: &TomlPath<'_>) -> Result<DatedRule, Mistake> {
        let below_high = f64::from_bits(HIGH_KV.to_bits() - 1);
        let class = match rule.voltage {
            None => (0.0, f64::INFINITY),
            Some(Voltage::Low) => (0.0, below_high),
            Some(Voltage::High) => (HIGH_KV, f64::INFINITY),
        };
        let kv = (class.0.max(rule.min_kv.unwrap_or(0.0)), class.1.min(rule.max_kv.unwrap_or(f64::INFINITY)));
        let valid_from = date(rule.valid_from.as_deref(), Day::FIRST, &here.key("valid_from"))?;
        let valid_to = date(rule.valid_to.as_deref(), Day::LAST, &here.key("valid_to"))?;
        let days = (valid_from, valid_to);
        if kv.0 > kv.1 || days.0 > days.1 || rule.limit < 0 {
            return Err(here.mistake(Words::new(
                "这条规则永远不会适用：请检查电压范围、日期和时限",
                "the rule can never apply: look at its voltages, its dates and its limit",
            )));
        }
        if [rule.total, rule.stage.is_some(), rule.promise.is_some()].iter().filter(|given| **given).count() != 1 {
            return Err(here.mistake(Words::new(
                "规则应针对一个环节（stage）或一项承诺（promise），或写 total = true",
                "a rule limits a `stage` or a `promise`, or says `total = true`",
            )));
        }
        let by_clock = rule.promise.is_some_and(Promise::counts_minutes);
        if by_clock != (rule.unit == Unit::Minutes) || (rule.area.is_some() && !by_clock) {
            let minutes = promises(Promise::counts_minutes);
            return Err(here.mistake(Words::new(
                format!("minutes 和 area 只用于这些承诺：{minutes}"),
                format!("`minutes` and `area` are for the promises {minutes}, and only for them"),
            )));
        }
        if let Some(promise) = rule.promise.filter(|promise| !promise.has_limit()) {
            let (code, limited) = (promise.code(), promises(Promise::has_limit));
            let message = Words::new(
                format!("「{code}」不是有时限的承诺；可用：{limited}"),
                format!("`{code}` is no promise with a limit; there are {limited}"),
            );
            return Err(here.key("promise").mistake(message));
        }
        Ok(DatedRule { rule, kv, days })
    }

    fn fits(&self, stage: Option<&str>, connection: &Connection, on: Day) -> bool {
        self.rule.stage.as_deref() == stage
            && self.rule.promise.is_none()
            && (self.kv.0..=self.kv.1).contains(&connection.voltage_kv)
            && self.rule.supply.is_none_or(|supply| supply == connection.supply)
            && self.rule.new_feeder.is_none_or(|new_feeder| new_feeder == connection.new_feeder)
            && (self.days.0..=self.days.1).contains(&on)
    }

    /// Whether some case fits both rules.
    fn meets(&self, other: &DatedRule) -> bool {
        fn same<T: PartialEq + Copy>(a: Option<T>, b: Option<T>) -> bool {
            a.is_none() || b.is_none() || a == b
        }
        self.rule.stage == other.rule.stage
            && self.rule.promise == other.rule.promise
            && same(self.rule.area, other.rule.area)
            && self.kv.0 <= other.kv.1
            && other.kv.0 <= self.kv.1
            && same(self.rule.supply, other.rule.supply)
            && same(self.rule.new_feeder, other.rule.new_feeder)
            && self.days.0 <= other.days.1
            && other.days.0 <= self.days.1
    }
}

/// The day that a rule names at `here`, or `open` where it names none.
pub(super) fn date(text: Option<&str>, open: Day, here: &TomlPath<'_>) -> Result<Day, Mistake> {
    text.map_or(Ok(open), |text| {
        text.parse().map_err(|error: NoDay| here.mistake(Words::new(error.in_chinese(), error.to_string())))
    })
}

/// A rule that says it stands written where the file names no place.
fn unknown_source(source: &str, standards: &StandardsFile, here: &TomlPath<'_>) -> Mistake {
    let mistake = here.mistake(Words::new(
        format!("[sources] 中没有「{source}」，而规则说它出自那里"),
        format!("[sources] has no `{source}`, where a rule is said to stand written"),
    ));
    match nearest(source, standards.sources.keys().map(String::as_str)) {
        None => mistake.help(Words::new(
            "请在各 [sets] 之前补上：[sources] 与 名称 = { zh = \"…\", en = \"…\" }",
            "add it above the sets: [sources] and name = { zh = \"…\", en = \"…\" }",
        )),
        near => mistake.did_you_mean(near),
    }
}

/// The rules of a set, each with its place in the file.
fn rules_of<'a>(set: &'a RuleSet, here: &TomlPath<'a>) -> impl Iterator<Item = (&'a Rule, TomlPath<'a>)> + use<'a> {
    let rules = here.key("rules");
    set.rules.iter().enumerate().map(move |(number, rule)| (rule, rules.item(number)))
}

impl RuleBook {
    /// Its title, and for whom it is.
    pub fn called(&self, lang: Lang) -> String {
        let title = self.title.get(lang);
        match &self.about {
            None => title.to_owned(),
            Some(about) => lang.pick(format!("{title}。{}", about.get(lang)), format!("{title}. {}", about.get(lang))),
        }
    }

    /// Opens the set called `name` of what was read from `file`; every mistake of it is returned. Rules are for `stages`,
    /// or for any stage where none are given.
    pub fn open(
        standards: &StandardsFile,
        (name, set): (&str, &RuleSet),
        file: &TomlFile,
        stages: Option<&[&str]>,
    ) -> Result<RuleBook, Vec<Mistake>> {
        let here = file.at("sets").key(name);
        let mut rules: Vec<(&Rule, TomlPath<'_>)> = rules_of(set, &here).collect();
        if let Some(base_name) = &set.base {
            let Some(base) = standards.sets.get(base_name) else {
                let message = Words::new(
                    format!("没有时限规则集「{base_name}」"),
                    format!("there is no set of standards `{base_name}`"),
                );
                return Err(vec![here.key("base").mistake(message)]);
            };
            let silent =
                |rule: &Rule| !set.rules.iter().any(|own| own.stage == rule.stage && own.promise == rule.promise);
            rules.extend(rules_of(base, &file.at("sets").key(base_name)).filter(|(rule, _)| silent(rule)));
        }
        let mut mistakes = Vec::new();
        for name in standards.sources.keys().filter(|name| DueSource::of_code(name).is_some()) {
            let message = Words::new(
                format!("「{name}」指导出中的应完成日期，不能作规则的出处"),
                format!("`{name}` is what due dates of the export are called, and no place where a rule stands"),
            );
            let mistake = file.at("sources").key(name).key_mistake(message);
            mistakes.push(mistake.help(Words::new("请给出处另取名称", "give the source another name")));
        }
        let mut dated: Vec<(DatedRule, TomlPath<'_>)> = Vec::new();
        for (rule, here) in rules {
            if let Some((stage, stages)) = rule.stage.as_deref().zip(stages)
                && !stages.contains(&stage)
            {
                let message = Words::new(
                    format!("process.toml 中没有环节「{stage}」"),
                    format!("process.toml has no stage `{stage}`"),
                );
                mistakes.push(here.key("stage").mistake(message));
            }
            if !standards.sources.contains_key(&rule.source) {
                mistakes.push(unknown_source(&rule.source, standards, &here.key("source")));
            }
            match DatedRule::new(rule.clone(), &here) {
                Ok(rule) => {
                    if let Some((_, earlier)) = dated.iter().find(|(earlier, _)| earlier.meets(&rule)) {
                        let (subject, line) = (rule.rule.subject(), earlier.line());
                        let message = Words::new(
                            format!("「{subject}」的两条规则适用于同一情形：这一条和第 {line} 行的那一条"),
                            format!("two rules of `{subject}` fit the same case: this one and the one in line {line}"),
                        );
                        let help = Words::new(
                            "请用电压、电源数或日期把它们分开",
                            "give them different voltages, supplies or dates",
                        );
                        mistakes.push(here.mistake(message).help(help));
                    }
                    dated.push((rule, here));
                }
                Err(mistake) => mistakes.push(mistake),
            }
        }
        let rules = dated.into_iter().map(|(rule, _)| rule).collect();
        if mistakes.is_empty() {
            Ok(RuleBook {
                title: set.title.clone(),
                about: set.about.clone(),
                sources: standards.sources.clone(),
                rules,
            })
        } else {
            Err(mistakes)
        }
    }

    /// The rule for a stage (`None`: the whole application) that starts on `on`.
    pub fn rule(&self, stage: Option<&str>, connection: &Connection, on: Day) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.fits(stage, connection, on)).map(|dated| &dated.rule)
    }

    /// The limit of a promise that starts on `on`, in the unit of the promise; none if the book has no rule for it.
    pub fn promise(&self, promise: Promise, area: Option<Area>, on: Day) -> Option<i32> {
        let fits = |dated: &&DatedRule| {
            dated.rule.promise == Some(promise)
                && dated.rule.area.is_none_or(|named| Some(named) == area)
                && (dated.days.0..=dated.days.1).contains(&on)
        };
        self.rules.iter().find(fits).map(|dated| dated.rule.limit)
    }

    /// What users call that on which a limit or a due date rests: where a rule stands written, or a [`DueSource`].
    pub fn source<'a>(&'a self, source: &'a str, lang: Lang) -> &'a str {
        match DueSource::of_code(source) {
            Some(source) => source.title(lang),
            None => self.sources.get(source).map_or(source, |words| words.get(lang)),
        }
    }

    /// Every rule, in the order of the book.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|dated| &dated.rule)
    }
}

impl Rule {
    /// What it limits.
    pub fn limits(&self) -> LimitFor {
        match (&self.stage, self.promise) {
            (Some(_), _) => LimitFor::Stage,
            (None, Some(_)) => LimitFor::Promise,
            (None, None) => LimitFor::Total,
        }
    }

    /// The stage or the promise that it limits, as the file names it.
    fn subject(&self) -> &str {
        let promise = self.promise.map(Promise::code);
        self.stage.as_deref().or(promise).unwrap_or(LimitFor::Total.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book_of(rules: &str) -> Result<RuleBook, Vec<Mistake>> {
        let sources = ["old", "new"].map(|name| format!("{name} = {{ zh = \"\", en = \"\" }}\n")).concat();
        let text = format!("[sources]\n{sources}[sets.default]\ntitle = {{ zh = \"\", en = \"\" }}\nrules = [{rules}]");
        let file = TomlFile::new("standards.toml", text);
        let standards: StandardsFile = file.read()?;
        RuleBook::open(&standards, ("default", &standards.sets["default"]), &file, Some(&["scheme"]))
    }

    #[test]
    fn the_default_book_is_domain_4() {
        let book = crate::config::embedded_standards("default").unwrap();
        let on = "2026-01-05".parse().unwrap();
        let limit = |stage: Option<&str>, voltage_kv: f64, supply, new_feeder| {
            book.rule(stage, &Connection { voltage_kv, supply, new_feeder }, on).map(|rule| rule.limit)
        };
        for (stage, low, single, dual) in [
            ("acceptance", Some(1), Some(1), Some(1)),
            ("survey", Some(3), Some(5), Some(5)),
            ("scheme", Some(8), Some(20), Some(45)),
            ("design_review", Some(8), Some(20), Some(20)),
            ("mid_inspection", Some(5), Some(7), Some(7)),
            ("final_inspection", Some(5), Some(7), Some(7)),
            ("metering", Some(5), Some(7), Some(7)),
            ("energisation", Some(5), Some(7), Some(7)),
            ("fee", None, None, None),
            ("grid_works", None, None, None),
            ("contract", None, None, None),
            ("archiving", None, None, None),
        ] {
            assert_eq!(limit(Some(stage), 0.4, Supply::Single, false), low, "{stage}");
            assert_eq!(limit(Some(stage), 1.0, Supply::Single, true), single, "{stage}");
            assert_eq!(limit(Some(stage), 110.0, Supply::Dual, false), dual, "{stage}");
        }
        for (kv, supply, new_feeder, total) in [
            (10.0, Supply::Single, false, Some(80)),
            (10.0, Supply::Dual, false, Some(80)),
            (20.0, Supply::Single, true, Some(80)),
            (20.0, Supply::Dual, true, Some(90)),
            (35.0, Supply::Single, false, None),
            (0.4, Supply::Single, false, None),
        ] {
            assert_eq!(limit(None, kv, supply, new_feeder), total, "{kv}");
        }
    }

    #[test]
    fn rules_are_dated_and_must_not_meet() {
        let dated = r#"
            { stage = "scheme", limit = 15, valid_to = "2025-12-31", source = "old" },
            { stage = "scheme", limit = 10, valid_from = "2026-01-01", source = "new" },"#;
        let book = book_of(dated).unwrap();
        let any = Connection { voltage_kv: 10.0, supply: Supply::Single, new_feeder: false };
        let limit = |on: &str| book.rule(Some("scheme"), &any, on.parse().unwrap()).map(|rule| rule.limit);
        assert_eq!((limit("2025-12-31"), limit("2026-01-01")), (Some(15), Some(10)));

        for (rules, count) in [
            (
                r#"{ stage = "scheme", limit = 1, source = "old" }, { stage = "scheme", supply = "dual", limit = 2, source = "old" }"#,
                1,
            ),
            (r#"{ stage = "tea", limit = 1, source = "old" }"#, 1),
            (r#"{ stage = "scheme", min_kv = 10, max_kv = 1, limit = 1, source = "old" }"#, 1),
            (r#"{ limit = 1, source = "old" }"#, 1),
        ] {
            assert_eq!(book_of(rules).unwrap_err().len(), count, "{rules}");
        }
    }

    #[test]
    fn every_shipped_set_opens() {
        for set in ["default", "sgcc_promises", "sgcc_promises_2023"] {
            assert!(crate::config::embedded_standards(set).is_ok(), "{set}");
        }
    }
}
