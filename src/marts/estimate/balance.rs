//! How unlike the applications of the modes were to begin with, and how unlike they still are after matching.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, mode, number, text, times};
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::stats::matching::{Spread, standardised_difference};
use crate::vocabularies::estimates::{CovariateName, GEOMETRIC_MEAN, IS_KEY, MeasureUnit};

/// A covariate further apart than this is called unbalanced (Austin 2009).
const UNBALANCED: f64 = 0.1;

/// One covariate: its value in each case.
struct Covariate {
    name: CovariateName,
    level: String,
    unit: MeasureUnit,
    values: Vec<f64>,
}

/// `balance`: capacity first, then key projects, voltage, season, year of acceptance and bureau by level.
pub fn balance(cases: Columns<'_>) -> Result<Vec<Row>> {
    let (names, modes) = (cases.texts("stratum")?, cases.texts("mode")?);
    let groups: Vec<Option<usize>> = (0..cases.0.height()).map(|row| mode(modes.get(row))).collect();
    let n = times(cases)?;
    let mut counts: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        if let Some((group, name)) = group.zip(names.get(row)) {
            counts.entry(name).or_default()[group] += n[row];
        }
    }
    // Each conventional one weighs as many order-style ones as its group has for it; what finds no match weighs nothing.
    let weight = |row: usize, group: usize| match names.get(row).and_then(|name| counts.get(name)) {
        None | Some([0, _] | [_, 0]) => 0.0,
        Some([order, conventional]) => [1.0, *order as f64 / *conventional as f64][group],
    };
    let rows_of = [0, 1].map(|group| (0..groups.len()).filter(|row| groups[*row] == Some(group)).collect::<Vec<_>>());
    let row = |covariate: &Covariate| {
        let weighed = |group: usize, weight: &dyn Fn(usize) -> f64| {
            let values: Vec<(f64, f64)> =
                rows_of[group].iter().map(|row| (covariate.values[*row], weight(*row) * n[*row] as f64)).collect();
            Spread::of(&values)
        };
        let before = [0, 1].map(|group| weighed(group, &|_| 1.0));
        let after = [0, 1].map(|group| weighed(group, &|row| weight(row, group)));
        let smd = |now: [Option<Spread>; 2]| match (before, now) {
            ([Some(a), Some(b)], [Some(order), Some(other)]) => {
                standardised_difference([order.mean, other.mean], [a, b])
            }
            _ => None,
        };
        // The mean of logarithms, as the capacity that has it.
        let shown = |spread: Option<Spread>| {
            let mean = spread.map(|spread| spread.mean);
            number(if covariate.unit == MeasureUnit::Kva { mean.map(|mean| libm::pow(10.0, mean)) } else { mean })
        };
        let unbalanced = |smd: Option<f64>| smd.map_or(Value::Null, |smd| Value::Flag(smd.abs() > UNBALANCED));
        // A bureau is a name of the data, and no code of a level.
        let level = text(&covariate.level);
        let [level, bureau] =
            if covariate.name == CovariateName::Bureau { [Value::Null, level] } else { [level, Value::Null] };
        let mut row = vec![text(covariate.name.code()), level, bureau, text(covariate.unit.code())];
        for spreads in [before, after] {
            row.extend([shown(spreads[0]), shown(spreads[1]), number(smd(spreads)), unbalanced(smd(spreads))]);
        }
        row
    };
    let mut rows = Vec::new();
    if rows_of.iter().any(|rows| !rows.is_empty()) {
        covariates(cases, &mut |covariate| rows.push(row(covariate)))?;
    }
    Ok(rows)
}

/// Each covariate in turn, so that only one is held at a time.
fn covariates(cases: Columns<'_>, take: &mut dyn FnMut(&Covariate)) -> Result<()> {
    let capacity = cases.numbers("capacity_kva")?;
    // Below 1 kVA there is no connection, only a slip.
    let values = capacity.iter().map(|kva| libm::log10(kva.unwrap_or(1.0).max(1.0))).collect();
    take(&Covariate {
        name: CovariateName::Capacity,
        level: GEOMETRIC_MEAN.code.to_owned(),
        unit: MeasureUnit::Kva,
        values,
    });
    let keys = cases.flags("key_project")?;
    let values = keys.iter().map(|key| f64::from(u8::from(*key == Some(true)))).collect();
    take(&Covariate {
        name: CovariateName::KeyProject,
        level: IS_KEY.code.to_owned(),
        unit: MeasureUnit::Share,
        values,
    });
    let mut levels = |name: CovariateName, of_row: &dyn Fn(usize) -> String, order: &dyn Fn(&str) -> f64| {
        let given: Vec<String> = (0..capacity.len()).map(of_row).collect();
        let mut distinct: Vec<&String> = given.iter().collect::<BTreeSet<_>>().into_iter().collect();
        distinct.sort_by(|a, b| order(a).total_cmp(&order(b)));
        for level in distinct {
            let values = given.iter().map(|given| f64::from(u8::from(given == level))).collect();
            take(&Covariate { name, level: level.clone(), unit: MeasureUnit::Share, values });
        }
    };
    let voltages = cases.numbers("voltage_kv")?;
    let kv = |row: usize| voltages[row].map_or_else(String::new, |kv| format!("{kv} kV"));
    levels(CovariateName::Voltage, &kv, &|level| level.trim_end_matches(" kV").parse().unwrap_or(f64::INFINITY));
    let seasons = cases.texts("accepted_quarter")?;
    levels(CovariateName::Season, &|row| seasons.get(row).unwrap_or_default().to_owned(), &|_| 0.0);
    let months = cases.days("accepted_month")?;
    let year = |row: usize| months[row].map_or_else(String::new, |month| month.year().to_string());
    levels(CovariateName::Year, &year, &|_| 0.0);
    let bureaus = cases.texts("bureau")?;
    levels(CovariateName::Bureau, &|row| bureaus.get(row).unwrap_or_default().to_owned(), &|_| 0.0);
    Ok(())
}
