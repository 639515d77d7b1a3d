//! Marts that SQL cannot express: their SQL selects the cases, an estimator turns these into the rows.
//!
//! The one place that knows both tables and [`crate::stats`]. docs/method.md §6: order-style service is the treatment, the
//! conventional one the control; energised is the end that is asked about, cancelled the other one. A scope is all
//! applications, or those of one voltage class.

mod balance;
mod comparison;
mod control;
mod cost;
pub mod covered;
mod curves;
mod groups;
mod sensitivity;
mod stages;

use std::collections::BTreeMap;

use polars::prelude::DataFrame;
use serde::Deserialize;

pub(crate) use self::groups::Drawn;
use super::compose::{Count, Holds, Query};
use crate::error::Result;
use crate::lake::Layout::{self, Date, Flag, Integer, Number, Text};
use crate::lake::{self, Columns, Value};
use crate::rules::strata::VoltageClass;
use crate::rules::vocabulary::{Mode, State};
use crate::stats::survival::{End, LifeTable};
use crate::stats::{Estimate, Interval};
use crate::vocabularies::estimates::ALL;

/// How many times the bootstrap draws (docs/method.md §6).
pub const DRAWS: usize = 2_000;
/// Where its chance comes from: any number, but always this one, so that figures do not move by themselves.
pub const SEED: u64 = 95_598;
/// Below this many cases a figure is shown with a warning.
pub const FEW: u64 = 10;
/// The modes: who is treated, who is the control.
pub const MODES: [Mode; 2] = [Mode::Order, Mode::Conventional];

/// What a column is called and how it is laid out.
pub type Schema = &'static [(&'static str, Layout)];

/// How the rows of a mart come from its cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Estimator {
    /// Order-style against conventional, stratum by stratum and matched.
    ModeComparison,
    /// Every measure of the difference between the modes, side by side.
    ModeEffect,
    /// Whether order-style is faster, by one analysis after the other.
    ModeSensitivity,
    /// The balance of the modes' applications, before and after matching.
    Balance,
    /// The share not yet energised by days since acceptance (Kaplan–Meier).
    Survival,
    /// The share energised and the share cancelled by days since acceptance (Aalen–Johansen).
    CumulativeIncidence,
    /// The monthly overdue rate of each department with its natural process limits (XmR).
    ControlLimits,
    /// The matched mean cycle of each mode by the parts of the critical path.
    ModeStage,
    /// Conventional applications while order-style load is high against those while it is low.
    ModeCost,
    /// The matched comparison within some applications alone, in groups of their own.
    ModeWidening,
}

impl Estimator {
    /// The columns of the cases that it needs: those that its counts are by, and those that are added up.
    pub fn needs(self) -> Vec<(&'static str, Layout)> {
        self.keys().iter().chain(self.sums()).copied().collect()
    }

    /// How its cases are counted: how many there are with the same values, and what these add up to.
    pub fn query(self) -> Query {
        let sums = self.sums().iter().map(|(name, _)| Count::Sum((*name).to_owned()));
        Query {
            table: None,
            keys: self.keys().iter().map(|(name, _)| (*name).to_owned()).collect(),
            holds: Holds::Counts(sums.chain([Count::All]).collect()),
        }
    }

    fn sums(self) -> Schema {
        match self {
            Estimator::ControlLimits => &[("settled", Integer), ("overdue_net", Integer)],
            Estimator::ModeStage => &[("days", Integer)],
            _ => &[],
        }
    }

    /// The columns that its cases are counted by.
    pub fn keys(self) -> Schema {
        match self {
            Estimator::ModeComparison => &[
                ("stratum", Text),
                ("matched", Flag),
                ("mode", Text),
                ("state", Text),
                ("days", Integer),
                ("min_at_risk", Integer),
            ],
            Estimator::ModeEffect => &[
                ("scope", Text),
                ("stratum", Text),
                ("mode", Text),
                ("state", Text),
                ("days", Integer),
                ("min_at_risk", Integer),
            ],
            Estimator::ModeSensitivity => &[
                ("stratum", Text),
                ("mode", Text),
                ("state", Text),
                ("days", Integer),
                ("key_project", Flag),
                ("accepted_on", Date),
                ("as_of", Date),
                ("min_at_risk", Integer),
            ],
            Estimator::Balance => &[
                ("stratum", Text),
                ("mode", Text),
                ("capacity_kva", Number),
                ("key_project", Flag),
                ("voltage_kv", Number),
                ("accepted_quarter", Text),
                ("accepted_month", Date),
                ("bureau", Text),
            ],
            Estimator::Survival | Estimator::CumulativeIncidence => {
                &[("scope", Text), ("mode", Text), ("state", Text), ("days", Integer)]
            }
            Estimator::ControlLimits => &[("department", Text), ("month", Date)],
            Estimator::ModeStage => &[("stratum", Text), ("mode", Text), ("part", Text), ("stage", Text)],
            Estimator::ModeCost => &[
                ("scope", Text),
                ("bureau", Text),
                ("month", Date),
                ("open_order", Integer),
                ("state", Text),
                ("days", Integer),
                ("min_arm", Integer),
                ("min_at_risk", Integer),
            ],
            Estimator::ModeWidening => &[
                ("stratum", Text),
                ("mode", Text),
                ("state", Text),
                ("days", Integer),
                ("min_arm", Integer),
                ("min_at_risk", Integer),
            ],
        }
    }

    /// The columns that it makes, in order.
    pub fn gives(self) -> Schema {
        match self {
            Estimator::ModeComparison | Estimator::ModeWidening => &[
                ("stratum", Text),
                ("voltage_kv", Number),
                ("supply", Text),
                ("new_feeder", Flag),
                ("capacity_band", Text),
                ("capacity_band_to", Text),
                ("matched", Flag),
                ("order_n", Integer),
                ("conventional_n", Integer),
                ("order_mean_days", Number),
                ("conventional_mean_days", Number),
                ("difference_days", Number),
                ("ci_low", Number),
                ("ci_high", Number),
                ("horizon_days", Integer),
                ("order_at_risk", Integer),
                ("conventional_at_risk", Integer),
            ],
            Estimator::ModeSensitivity => &[
                ("analysis", Text),
                ("unit", Text),
                ("order_n", Integer),
                ("conventional_n", Integer),
                ("left_out_n", Integer),
                ("order_value", Number),
                ("conventional_value", Number),
                ("difference", Number),
                ("ci_low", Number),
                ("ci_high", Number),
                ("chi2", Number),
                ("p_value", Number),
                ("horizon_days", Integer),
                ("finding", Text),
                ("remark", Text),
            ],
            Estimator::ModeEffect => &[
                ("scope", Text),
                ("measure", Text),
                ("unit", Text),
                ("order_n", Integer),
                ("conventional_n", Integer),
                ("order_value", Number),
                ("order_low", Number),
                ("order_high", Number),
                ("conventional_value", Number),
                ("conventional_low", Number),
                ("conventional_high", Number),
                ("difference", Number),
                ("ci_low", Number),
                ("ci_high", Number),
                ("chi2", Number),
                ("p_value", Number),
                ("horizon_days", Integer),
                ("remark", Text),
            ],
            Estimator::Balance => &[
                ("covariate", Text),
                ("level", Text),
                ("bureau", Text),
                ("unit", Text),
                ("order_before", Number),
                ("conventional_before", Number),
                ("smd_before", Number),
                ("unbalanced_before", Flag),
                ("order_after", Number),
                ("conventional_after", Number),
                ("smd_after", Number),
                ("unbalanced_after", Flag),
            ],
            Estimator::Survival => &[
                ("scope", Text),
                ("mode", Text),
                ("day", Integer),
                ("at_risk", Integer),
                ("energised", Integer),
                ("censored", Integer),
                ("survival", Number),
                ("ci_low", Number),
                ("ci_high", Number),
            ],
            Estimator::CumulativeIncidence => &[
                ("scope", Text),
                ("mode", Text),
                ("day", Integer),
                ("at_risk", Integer),
                ("energised", Integer),
                ("cancelled", Integer),
                ("cif_energised", Number),
                ("energised_low", Number),
                ("energised_high", Number),
                ("cif_cancelled", Number),
                ("cancelled_low", Number),
                ("cancelled_high", Number),
            ],
            Estimator::ControlLimits => &[
                ("department", Text),
                ("month", Date),
                ("settled", Integer),
                ("overdue_net", Integer),
                ("rate_net", Number),
                ("centre", Number),
                ("limit_low", Number),
                ("limit_high", Number),
                ("rule", Text),
            ],
            Estimator::ModeStage => &[
                ("part", Text),
                ("stage", Text),
                ("order_n", Integer),
                ("conventional_n", Integer),
                ("order_mean_days", Number),
                ("conventional_mean_days", Number),
                ("difference_days", Number),
            ],
            Estimator::ModeCost => &[
                ("scope", Text),
                ("bureaus", Integer),
                ("high_n", Integer),
                ("low_n", Integer),
                ("left_out_n", Integer),
                ("high_open", Number),
                ("low_open", Number),
                ("high_mean_days", Number),
                ("low_mean_days", Number),
                ("difference_days", Number),
                ("horizon_days", Integer),
                ("remark", Text),
            ],
        }
    }

    /// The column of the cases whose values are estimated from, where it is one.
    pub fn measured(self) -> Option<&'static str> {
        match self {
            Estimator::Balance => None,
            Estimator::ControlLimits => Some("overdue_net"),
            _ => Some("days"),
        }
    }

    /// Turns the counts of its [query](Estimator::query) into the rows of the mart, in the order of its grain as people read it.
    pub(crate) fn estimate(self, counts: &DataFrame, drawn: &Drawn) -> Result<DataFrame> {
        let columns = Columns(counts);
        let rows = match self {
            Estimator::ModeComparison => comparison::by_stratum(columns, drawn)?,
            Estimator::ModeEffect => comparison::effects(columns, drawn)?,
            Estimator::ModeSensitivity => sensitivity::answers(columns, drawn)?,
            Estimator::Balance => balance::balance(columns)?,
            Estimator::Survival => curves::survival(columns)?,
            Estimator::CumulativeIncidence => curves::cumulative_incidence(columns)?,
            Estimator::ControlLimits => control::limits(columns)?,
            Estimator::ModeStage => stages::by_stage(columns)?,
            Estimator::ModeCost => cost::by_scope(columns)?,
            Estimator::ModeWidening => comparison::widened(columns, drawn)?,
        };
        lake::frame(self.gives(), &rows)
    }
}

/// One row of a mart.
type Row = Vec<Value<'static>>;

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn count(count: u64) -> Value<'static> {
    Value::Integer(count as i64)
}

fn number(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Number)
}

/// The ends of an interval, nothing where there is none.
fn ends(interval: Option<Interval>) -> [Value<'static>; 2] {
    [number(interval.map(|interval| interval.low)), number(interval.map(|interval| interval.high))]
}

/// A figure and the ends of its interval.
fn figure(estimate: Option<Estimate>) -> [Value<'static>; 3] {
    let [low, high] = ends(estimate.and_then(|estimate| estimate.interval));
    [number(estimate.map(|estimate| estimate.value)), low, high]
}

/// The place of a mode in [`MODES`].
fn mode(mode: Option<&str>) -> Option<usize> {
    let mode = Mode::of_code(mode?)?;
    MODES.iter().position(|known| *known == mode)
}

/// The column of the counts that holds a sum.
fn sum(column: &str) -> String {
    Count::Sum(column.to_owned()).alias()
}

/// How many cases each row counts.
fn times(counts: Columns<'_>) -> Result<Vec<u64>> {
    let times = counts.integers(&Count::All.alias())?;
    Ok(times.into_iter().map(|n| n.and_then(|n| u64::try_from(n).ok()).unwrap_or(0)).collect())
}

fn days(days: Option<i64>) -> Option<i32> {
    days.and_then(|days| i32::try_from(days).ok())
}

/// A scope, [`ALL`] first and then by voltage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    rank: usize,
    name: String,
}

impl Scope {
    fn all() -> Scope {
        Scope { rank: 0, name: ALL.code.to_owned() }
    }

    fn class(name: &str) -> Scope {
        let rank = VoltageClass::of_code(name).map_or(VoltageClass::ALL.len(), |class| class as usize);
        Scope { rank: 1 + rank, name: name.to_owned() }
    }
}

/// The cases of both modes: after how many days they ended, how, and how many did.
type Ended = [Vec<(i32, End, u64)>; 2];

/// When the cases of both modes ended, by the values of a column.
fn ended(cases: Columns<'_>, by: &str) -> Result<BTreeMap<String, Ended>> {
    let (names, modes, states) = (cases.texts(by)?, cases.texts("mode")?, cases.texts("state")?);
    let n = times(cases)?;
    let mut ended: BTreeMap<String, Ended> = BTreeMap::new();
    for (row, followed) in cases.integers("days")?.into_iter().enumerate() {
        let end = match states.get(row).and_then(State::of_code) {
            Some(State::Energised) => End::Event,
            Some(State::Cancelled) => End::Competing,
            _ => End::Censored,
        };
        if let (Some(mode), Some(followed)) = (mode(modes.get(row)), days(followed)) {
            let name = names.get(row).unwrap_or_default();
            match ended.get_mut(name) {
                Some(known) => known[mode].push((followed, end, n[row])),
                None => ended.entry(name.to_owned()).or_default()[mode].push((followed, end, n[row])),
            }
        }
    }
    Ok(ended)
}

fn tables(ended: &Ended) -> [LifeTable; 2] {
    ended.each_ref().map(|cases| cases.iter().copied().collect())
}

/// The life tables of both modes in each scope; no scope without cases.
fn life_tables(cases: Columns<'_>) -> Result<BTreeMap<Scope, [LifeTable; 2]>> {
    let ended = ended(cases, "scope")?;
    let mut found: BTreeMap<Scope, [LifeTable; 2]> =
        ended.iter().map(|(class, modes)| (Scope::class(class), tables(modes))).collect();
    if !ended.is_empty() {
        let whole = [0, 1].map(|mode| ended.values().flat_map(|modes| &modes[mode]).copied().collect());
        found.insert(Scope::all(), whole);
    }
    Ok(found)
}
