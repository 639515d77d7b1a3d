//! Targets met and missed: what `targets.toml` says of a headline, compared with the figure itself (docs/method.md §5).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Input;
use super::declared::{Declared, Measured, Missing, Sources, read_one};
use super::headline::{self, Headline};
use crate::calendar::Day;
use crate::cells::{Cell, Column, Format, Part, Table, column};
use crate::config::Config;
use crate::error::{Mistake, Result};
use crate::marts::{Catalogue, Mart};
use crate::rules::targets::{Direction, Target, TargetState};
use crate::vocabularies::Tone;
use crate::words::{Lang, Words};

/// The table of all targets.
pub(super) const TABLE: &str = "target";

/// The headlines that targets are about, by name: those that the report shows, and of a report for the office the others.
pub(super) fn figures(
    (config, catalogue): (&Config, &Catalogue),
    shown: &[Declared<Headline>],
    sources: &Sources<'_>,
    mistakes: &mut Vec<Mistake>,
) -> BTreeMap<String, Declared<Headline>> {
    let mut figures = BTreeMap::new();
    let named = config.pipeline.headlines();
    for target in &config.targets.targets {
        let figure = target.figure.as_str();
        let here = config.targets.file.at("targets").item(target.item);
        let own = shown.iter().find(|declared| declared.name == figure);
        // One that the pipeline names and that cannot be read has been found wrong already; of the others a report for
        // everybody shows nothing.
        if own.is_none() && named.iter().any(|name| name == figure) || (config.pipeline.public && own.is_none()) {
            continue;
        }
        if own.is_none() && !figures.contains_key(figure) {
            let named = (here.key("figure"), Missing::Headline);
            let Some(read) = read_one((config, catalogue), named, figure, sources, headline::FORMS, mistakes) else {
                continue;
            };
            figures.insert(figure.to_owned(), read);
        }
        if let Some(declared) = own.or_else(|| figures.get(figure)) {
            mistakes.extend(wrong(target, declared, config, catalogue));
        }
    }
    figures
}

/// What is wrong with a target for a figure.
fn wrong(target: &Target, declared: &Declared<Headline>, config: &Config, catalogue: &Catalogue) -> Option<Mistake> {
    let here = config.targets.file.at("targets").item(target.item);
    let name = &target.figure;
    let Some(figure) = declared.figure() else {
        let message = Words::new(
            format!("「{name}」不是单独一个数，不能定目标"),
            format!("`{name}` is not a single number, and can have no target"),
        );
        return Some(here.key("figure").mistake(message));
    };
    if figure.more_is_better().is_some_and(|more| more != (target.direction == Direction::AtLeast)) {
        let message = Words::new(
            format!("「{name}」的好坏方向与此相反（headlines.toml 的 better）"),
            format!("`{name}` should go the other way (`better` in headlines.toml)"),
        );
        return Some(here.key("direction").mistake(message));
    }
    if matches!(figure.measured(), Measured::Share) {
        let beyond = [("target", Some(target.target)), ("warn", target.warn)];
        let beyond = beyond.into_iter().find(|(_, number)| number.is_some_and(|number| number > 1.0));
        if let Some((key, _)) = beyond {
            let message = Words::new(format!("「{name}」是 0 至 1 的比例"), format!("`{name}` is a share from 0 to 1"));
            let help = Words::new("95 % 写作 0.95", "95 % is 0.95");
            return Some(here.key(key).mistake(message).help(help));
        }
    }
    let mart = catalogue.marts.iter().find(|mart| mart.name == figure.mart());
    let lacking = |column: &str| mart.is_none_or(|mart: &Mart| !mart.definition.has(column));
    target.scope.columns().find(|(column, _)| lacking(column)).map(|(column, _)| {
        let message = Words::new(
            format!("「{name}」没有分 {column} 的数：「{}」没有这一列", figure.mart()),
            format!("`{name}` is not known by {column}: `{}` has no such column", figure.mart()),
        );
        here.key(column).mistake(message)
    })
}

impl Measured {
    fn unit(&self, lang: Lang) -> &str {
        match self {
            Measured::Share => "%",
            Measured::Count(unit) | Measured::Number(unit) => unit.get(lang),
        }
    }
}

/// A number with what it is measured in.
#[derive(Debug, Clone, Copy)]
struct Quantity<'a> {
    number: f64,
    measured: &'a Measured,
}

impl Quantity<'_> {
    fn say(self, lang: Lang) -> String {
        let written = match self.measured {
            // As it was set: 99.95 % is not 100 %.
            Measured::Share => format!("{}", (self.number * 1e8).round() / 1e6),
            Measured::Count(_) | Measured::Number(_) => self.number.to_string(),
        };
        headline::with_unit(&written, self.measured.unit(lang))
    }

    fn cell(self) -> Cell {
        match self.measured {
            Measured::Share => Cell::Share(self.number),
            Measured::Count(_) => Cell::Integer(self.number as i64),
            Measured::Number(_) => Cell::Number(self.number),
        }
    }
}

/// How one figure stands to its target.
pub(super) struct Outcome<'a> {
    target: &'a Target,
    title: String,
    measured: Measured,
    value: Option<f64>,
    state: TargetState,
    /// The first month of the unbroken run of months in this state; absent where the figure has no months or no data.
    since: Option<Day>,
}

/// Every target that is in force on the as-of day, in the order of the file.
pub(super) fn outcomes<'a>(input: &'a Input<'_>) -> Result<Vec<Outcome<'a>>> {
    let in_force = input.config.targets.targets.iter().filter(|target| target.holds_on(input.as_of));
    let outcomes = in_force.map(|target| outcome(input, target)).collect::<Result<Vec<_>>>()?;
    Ok(outcomes.into_iter().flatten().collect())
}

fn outcome<'a>(input: &'a Input<'_>, target: &'a Target) -> Result<Option<Outcome<'a>>> {
    let shown = input.contents.headlines.iter().find(|declared| declared.name == target.figure);
    let Some(declared) = shown.or_else(|| input.contents.aimed.get(&target.figure)) else { return Ok(None) };
    let Some(figure) = declared.figure() else { return Ok(None) };
    let mut by_month = figure.by_month(input, &target.scope)?;
    if !declared.head().is_given(input) {
        by_month.clear();
    }
    let value = by_month.get(&input.month()).copied();
    let state = target.state(value);
    let has_months = by_month.keys().any(|month| *month != input.month());
    let since = (value.is_some() && has_months).then(|| since(input, target, state, &by_month));
    let (title, measured) = (declared.head().title(input), figure.measured());
    Ok(Some(Outcome { target, title, measured, value, state, since }))
}

/// The first of the months up to the report's own that a figure has been in a state without a break, each compared with
/// the target in force at its end; months without a figure are passed over.
fn since(input: &Input<'_>, target: &Target, state: TargetState, by_month: &BTreeMap<Day, f64>) -> Day {
    let mut since = input.month();
    for (month, value) in by_month.range(..input.month()).rev() {
        match input.config.targets.like(target, month.month_end()) {
            Some(then) if then.state(Some(*value)) == state => since = *month,
            _ => break,
        }
    }
    since
}

impl Outcome<'_> {
    /// The headline that it is about, where it is about the whole of it.
    pub(super) fn of_all(&self) -> Option<&str> {
        self.target.scope.columns().next().is_none().then_some(self.target.figure.as_str())
    }

    fn quantity(&self, number: f64) -> Quantity<'_> {
        Quantity { number, measured: &self.measured }
    }

    fn state_in_words(&self, lang: Lang) -> String {
        format!("{} {}", self.state.mark(), self.state.title(lang))
    }

    /// The target and how the figure stands to it, as it is written below a headline.
    pub(super) fn say(&self, lang: Lang) -> String {
        let Target { direction, target, .. } = self.target;
        let target = format!("{} {}", direction.sign(), self.quantity(*target).say(lang));
        let state = self.state_in_words(lang);
        lang.pick(format!("目标 {target}，{state}"), format!("target {target}: {state}"))
    }

    fn row(&self, lang: Lang) -> Vec<Cell> {
        let Target { scope, direction, target, warn, days, source, .. } = self.target;
        let name = |name: &Option<String>, all: [&str; 2]| {
            Cell::text(name.clone().unwrap_or_else(|| lang.pick(all[0], all[1]).to_owned()))
        };
        let number = |number: Option<f64>| number.map_or(Cell::Empty, |number| self.quantity(number).cell());
        let words = self.state_in_words(lang);
        let known = |day: Day, open: Day| Cell::date((day != open).then_some(day));
        vec![
            Cell::text(self.title.clone()),
            name(&scope.bureau, ["全部", "all"]),
            name(&scope.department, ["全部", "all"]),
            number(self.value),
            Cell::text(direction.sign().to_string()),
            number(Some(*target)),
            number(*warn),
            Cell::text(self.measured.unit(lang)),
            match self.state {
                TargetState::Met => Cell::Toned(words, Tone::Better),
                TargetState::Missed => Cell::Toned(words, Tone::Worse),
                TargetState::Near | TargetState::NoData => Cell::Text(words),
            },
            Cell::date(self.since),
            known(days.0, Day::FIRST),
            known(days.1, Day::LAST),
            Cell::text(source.get(lang)),
        ]
    }
}

/// Every target that is in force, and how its figure stands to it.
pub(super) fn table(input: &Input<'_>, outcomes: &[Outcome<'_>]) -> Table {
    let lang = input.lang;
    let head = |title: [&str; 2], about: [&str; 2], format| {
        column(lang.pick(title[0], title[1]), lang.pick(about[0], about[1]), format)
    };
    let number = Format::Decimal(1);
    let columns: Vec<Column> = vec![
        head(["指标", "figure"], ["本报告的要点数字", "a headline"], Format::Text),
        head(["供电单位", "bureau"], ["", ""], Format::Text),
        head(["部门", "department"], ["", ""], Format::Text),
        head(["本月值", "value"], ["没有数的为空", "blank where there is no figure"], number),
        head(["方向", "direction"], ["≥ 不低于，≤ 不高于", "≥ at least, ≤ at most"], Format::Text),
        head(["目标", "target"], ["", ""], number),
        head(
            ["预警线", "warning threshold"],
            ["未达目标、但没有越过预警线的为「接近」", "short of the target but not beyond it is near"],
            number,
        ),
        head(["单位", "unit"], ["", ""], Format::Text),
        head(["状态", "state"], ["", ""], Format::Text),
        head(
            ["始于", "since"],
            [
                "连续处于这一状态的首月，各月按当月月末有效的目标判；没有数的月份跳过；不分月的指标为空",
                "the first month of the unbroken run in this state, each month by the target in force at its end; months without a figure are passed over; blank for figures without months",
            ],
            Format::Month,
        ),
        head(["生效", "in force from"], ["空白为一直有效", "blank: always"], Format::Date),
        head(["失效", "until"], ["空白为一直有效", "blank: for good"], Format::Date),
        head(["出处", "source"], ["", ""], Format::Text),
    ];
    let none = lang.pick("targets.toml 中没有有效的目标。", "No target of targets.toml is in force.");
    let table = Table {
        name: TABLE.to_owned(),
        title: lang.pick("指标目标", "Targets").to_owned(),
        about: lang
            .pick(
                "targets.toml 所定的目标与本月的数：达标、接近（未达标但没有越过预警线）、未达。",
                "The targets of targets.toml and the figures of the month: met, near (not met, but not beyond the warning threshold), missed.",
            )
            .to_owned(),
        columns,
        rows: Vec::new(),
        shown: Vec::new(),
        total: None,
        part: Part::Assessment,
        absent: outcomes.is_empty().then(|| none.to_owned()),
    };
    table.with_rows(outcomes.iter().map(|outcome| outcome.row(lang)).collect())
}

/// How a figure stands to its target, as `run.json` says it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reached {
    figure: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    bureau: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    value: Option<f64>,
    direction: Direction,
    target: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    warn: Option<f64>,
    state: TargetState,
    since: Option<String>,
}

impl Reached {
    /// The figure, its target and the threshold of a warning.
    pub(crate) fn numbers(&self) -> [Option<f64>; 3] {
        [self.value, Some(self.target), self.warn]
    }

    /// The same with other numbers.
    pub(crate) fn with_numbers(self, [value, target, warn]: [Option<f64>; 3]) -> Reached {
        Reached { value, target: target.unwrap_or(self.target), warn, ..self }
    }
}

impl From<&Outcome<'_>> for Reached {
    fn from(outcome: &Outcome<'_>) -> Reached {
        let Target { figure, scope, direction, target, warn, .. } = outcome.target;
        Reached {
            figure: figure.clone(),
            bureau: scope.bureau.clone(),
            department: scope.department.clone(),
            value: outcome.value,
            direction: *direction,
            target: *target,
            warn: *warn,
            state: outcome.state,
            since: outcome.since.map(|month| month.month_label()),
        }
    }
}
