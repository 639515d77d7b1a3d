//! What order-style costs the others: conventional applications of months that began with many open order-style projects
//! against those of the other months, within a bureau and class of voltage (docs/method.md §6).
//!
//! No interval: the applications of a month share whatever else it brought, which drawing them one by one does not know.

use std::collections::BTreeMap;

use super::groups::horizon;
use super::{Row, Scope, count, days, number, text, times};
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::rules::vocabulary::State;
use crate::stats::matched::{Comparison, Matched, Stratum};
use crate::stats::percentile;
use crate::stats::survival::{End, LifeTable};
use crate::vocabularies::estimates::Remark;

/// In tenths of a per cent.
const MEDIAN: u64 = 500;

/// Conventional applications that agree in all that is looked at.
struct Case {
    scope: String,
    bureau: String,
    month: Day,
    /// Order-style projects of the bureau that were open when the month began.
    load: i64,
    days: i32,
    end: End,
    cases: u64,
}

fn read(columns: Columns<'_>) -> Result<Vec<Case>> {
    let (scopes, bureaus, states) = (columns.texts("scope")?, columns.texts("bureau")?, columns.texts("state")?);
    let (months, loads, taken) = (columns.days("month")?, columns.integers("open_order")?, columns.integers("days")?);
    let times = times(columns)?;
    let case = |row: usize| {
        let end = match State::of_code(states.get(row)?)? {
            State::Energised => End::Event,
            State::Cancelled => End::Competing,
            State::Open => End::Censored,
        };
        Some(Case {
            scope: scopes.get(row)?.to_owned(),
            bureau: bureaus.get(row)?.to_owned(),
            month: months[row]?,
            load: loads[row]?,
            days: days(taken[row])?,
            end,
            cases: times[row],
        })
    };
    Ok((0..times.len()).filter_map(case).collect())
}

/// The load of each bureau that half of its months do not exceed, each month counting once.
fn medians(cases: &[Case]) -> BTreeMap<&str, f64> {
    let mut loads: BTreeMap<&str, BTreeMap<Day, i64>> = BTreeMap::new();
    for case in cases {
        loads.entry(&case.bureau).or_default().insert(case.month, case.load);
    }
    let median = |months: BTreeMap<Day, i64>| {
        let mut sorted: Vec<f64> = months.into_values().map(|load| load as f64).collect();
        sorted.sort_by(f64::total_cmp);
        percentile(&sorted, MEDIAN).unwrap_or_default()
    };
    loads.into_iter().map(|(bureau, months)| (bureau, median(months))).collect()
}

/// The cases of months with many open order-style projects, and those of the others.
#[derive(Default)]
struct Sides {
    ended: [Vec<(i32, End, u64)>; 2],
    cases: [u64; 2],
    /// Σ load over the cases.
    load: [i64; 2],
}

impl Sides {
    fn add(&mut self, side: usize, case: &Case) {
        self.ended[side].push((case.days, case.end, case.cases));
        self.cases[side] += case.cases;
        self.load[side] += case.load * case.cases as i64;
    }

    fn stratum(&self) -> Stratum {
        let [treated, control] = self.ended.each_ref().map(|cases| cases.iter().copied().collect::<LifeTable>());
        Stratum { treated, control }
    }
}

/// `mode_cost`: a row for each class of voltage.
pub(super) fn by_scope(columns: Columns<'_>) -> Result<Vec<Row>> {
    let cases = read(columns)?;
    let first = |name: &str| -> Result<u64> {
        let given = columns.integers(name)?.first().copied().flatten();
        Ok(given.and_then(|n| u64::try_from(n).ok()).unwrap_or(1).max(1))
    };
    let (min_arm, min_at_risk) = (first("min_arm")?, first("min_at_risk")?);
    let medians = medians(&cases);
    let mut scopes: BTreeMap<Scope, BTreeMap<&str, Sides>> = BTreeMap::new();
    for case in &cases {
        let has_many = case.load as f64 > medians[case.bureau.as_str()];
        let bureaus = scopes.entry(Scope::class(&case.scope)).or_default();
        bureaus.entry(&case.bureau).or_default().add(usize::from(!has_many), case);
    }
    Ok(scopes.iter().map(|(scope, bureaus)| row(scope, bureaus, min_arm, min_at_risk)).collect())
}

fn row(scope: &Scope, bureaus: &BTreeMap<&str, Sides>, min_arm: u64, min_at_risk: u64) -> Row {
    let compared: Vec<&Sides> =
        bureaus.values().filter(|sides| sides.cases.iter().all(|cases| *cases >= min_arm)).collect();
    let strata: Vec<Stratum> = compared.iter().map(|sides| sides.stratum()).collect();
    let day = horizon(&strata, min_at_risk);
    let found: Matched = day.map(|day| Comparison::new(&strata, day, 0, 0, 1).all()).unwrap_or_default();
    let whole: u64 = bureaus.values().flat_map(|sides| sides.cases).sum();
    let cases = [found.treated, found.control];
    let load = [0, 1].map(|side: usize| {
        let load = compared.iter().map(|sides| sides.load[side]).sum::<i64>();
        (cases[side] > 0).then(|| load as f64 / cases[side] as f64)
    });
    let means = found.means.map_or([None; 2], |means| means.map(Some));
    let remark = if found.means.is_some() { Remark::NoInterval } else { Remark::NoMatch };
    vec![
        text(&scope.name),
        count(if day.is_some() { compared.len() as u64 } else { 0 }),
        count(cases[0]),
        count(cases[1]),
        count(whole - cases[0] - cases[1]),
        number(load[0]),
        number(load[1]),
        number(means[0]),
        number(means[1]),
        number(found.difference.map(|difference| difference.value)),
        day.map_or(Value::Null, |day| Value::Integer(day.into())),
        text(remark.code()),
    ]
}
