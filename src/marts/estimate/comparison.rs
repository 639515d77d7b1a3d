//! The modes compared: by stratum and matched, by every measure, and how balanced they were to begin with.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    DRAWS, Estimate, FEW, Interval, Row, SEED, Scope, count, days, ended, ends, figure, life_tables, mode, number,
    tables, text, times,
};
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::rules::limits::Supply;
use crate::rules::strata::CapacityBand;
use crate::rules::vocabulary::State;
use crate::stats::matching::{Bootstrap, Matched, Sample, Spread, Stratum, standardised_difference, welch};
use crate::stats::survival::{LifeTable, Share, common_horizon, log_rank, stratified_log_rank};
use crate::vocabularies::estimates::{ALL, Compared, CovariateName, GEOMETRIC_MEAN, MeasureUnit, Remark};

/// A covariate further apart than this is called unbalanced (Austin 2009).
const UNBALANCED: f64 = 0.1;

/// Strata by their names, in order; the number of a stratum is its place. Rows without mode or days are left out.
fn strata(cases: Columns<'_>, wanted: impl Fn(usize) -> bool) -> Result<(Vec<String>, Vec<Stratum>)> {
    let (names, modes) = (cases.texts("stratum")?, cases.texts("mode")?);
    let n = times(cases)?;
    let mut known: BTreeMap<&str, [Vec<(i32, u64)>; 2]> = BTreeMap::new();
    for (row, taken) in cases.integers("days")?.into_iter().enumerate().filter(|(row, _)| wanted(*row)) {
        if let (Some(mode), Some(taken)) = (mode(modes.get(row)), days(taken)) {
            known.entry(names.get(row).unwrap_or_default()).or_default()[mode].push((taken, n[row]));
        }
    }
    let sample = |days: &Vec<(i32, u64)>| days.iter().copied().collect::<Sample>();
    let stratum = |[order, conventional]: &[Vec<(i32, u64)>; 2]| Stratum {
        treated: sample(order),
        control: sample(conventional),
    };
    Ok((known.keys().map(|name| (*name).to_owned()).collect(), known.values().map(stratum).collect()))
}

fn bootstrap(strata: &[Stratum]) -> Bootstrap {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Bootstrap::new(strata, DRAWS, SEED, threads)
}

/// `mode_comparison`: `all` first, then the strata by voltage, supply, feeder and capacity.
pub fn by_stratum(cases: Columns<'_>) -> Result<Vec<Row>> {
    let (names, strata) = strata(cases, |_| true)?;
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let stratum = cases.texts("stratum")?;
    let (voltages, supplies) = (cases.numbers("voltage_kv")?, cases.texts("supply")?);
    let (feeders, bands) = (cases.flags("new_feeder")?, cases.texts("capacity_band")?);
    let mut firsts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in 0..voltages.len() {
        firsts.entry(stratum.get(row).unwrap_or_default()).or_insert(row);
    }
    let drawn = bootstrap(&strata);
    let matched = Matched::of(&strata);
    let all: Vec<usize> = (0..strata.len()).collect();
    let [low, high] = ends(drawn.interval(&all));
    let mut rows = vec![vec![
        text(ALL.code),
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Null,
        Value::Flag(matched.treated > 0),
        count(matched.treated),
        count(matched.control),
        number(matched.treated_mean),
        number(matched.control_mean),
        number(matched.difference()),
        low,
        high,
    ]];
    let first = |place: usize| firsts[names[place].as_str()];
    let mut order = all;
    order.sort_by(|a, b| {
        let (a, b) = (first(*a), first(*b));
        let band = |row: usize| bands.get(row).and_then(CapacityBand::of_code);
        let voltage = |row: usize| voltages[row].unwrap_or(f64::INFINITY);
        let rest =
            |row: usize| (supplies.get(row).and_then(Supply::of_code), feeders[row], band(row), stratum.get(row));
        voltage(a).total_cmp(&voltage(b)).then_with(|| rest(a).cmp(&rest(b)))
    });
    for place in order {
        let (row, Stratum { treated, control }) = (first(place), &strata[place]);
        let [low, high] = ends(drawn.interval(&[place]));
        rows.push(vec![
            text(&names[place]),
            number(voltages[row]),
            supplies.get(row).map_or(Value::Null, text),
            feeders[row].map_or(Value::Null, Value::Flag),
            bands.get(row).map_or(Value::Null, text),
            Value::Flag(strata[place].matched()),
            count(treated.cases()),
            count(control.cases()),
            number(treated.mean()),
            number(control.mean()),
            number(strata[place].difference()),
            low,
            high,
        ]);
    }
    Ok(rows)
}

/// One row of `mode_effect` in the making.
#[derive(Default)]
struct Effect {
    measure: Compared,
    unit: MeasureUnit,
    cases: [u64; 2],
    /// Each mode's figure, and the ends of its interval, of which a median may have the lower alone.
    values: [[Option<f64>; 3]; 2],
    difference: Option<Estimate>,
    test: Option<(f64, f64)>,
    horizon: Option<i32>,
    remark: Option<Remark>,
}

impl Effect {
    fn row(self, scope: &Scope) -> Row {
        let few = self.cases.iter().any(|cases| *cases < FEW);
        let remark = self.remark.or(few.then_some(Remark::TooFew));
        let mut row = vec![text(&scope.name), text(self.measure.code()), text(self.unit.code())];
        row.extend(self.cases.map(count));
        row.extend(self.values.into_iter().flatten().map(number));
        row.extend(figure(self.difference));
        row.extend([number(self.test.map(|(chi2, _)| chi2)), number(self.test.map(|(_, p)| p))]);
        row.push(self.horizon.map_or(Value::Null, |day| Value::Integer(day.into())));
        row.push(remark.map_or(Value::Null, |remark| text(remark.code())));
        row
    }
}

fn plain(value: f64) -> Estimate {
    Estimate { value, interval: None }
}

/// A figure and the ends of its interval.
fn with_ends(estimate: Option<Estimate>) -> [Option<f64>; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [estimate.map(|estimate| estimate.value), interval.map(|ends| ends.low), interval.map(|ends| ends.high)]
}

/// The difference of two figures whose variances are known.
fn difference(values: [f64; 2], variances: [f64; 2]) -> Estimate {
    let (value, variance) = (values[0] - values[1], variances[0] + variances[1]);
    Estimate { value, interval: (variance > 0.0).then(|| Interval::normal(value, variance)) }
}

/// `mode_effect`: what each measure says, for all and for each voltage class.
pub fn effects(cases: Columns<'_>) -> Result<Vec<Row>> {
    let (scopes, states) = (cases.texts("scope")?, cases.texts("state")?);
    let energised = |row: usize| states.get(row).and_then(State::of_code) == Some(State::Energised);
    let (names, all) = strata(cases, energised)?;
    let drawn = bootstrap(&all);
    // A stratum has one voltage, and so lies in one class.
    let stratum = cases.texts("stratum")?;
    let class: BTreeMap<&str, &str> = (0..cases.0.height())
        .map(|row| (stratum.get(row).unwrap_or_default(), scopes.get(row).unwrap_or_default()))
        .collect();
    let by_stratum: BTreeMap<String, [LifeTable; 2]> =
        ended(cases, "stratum")?.iter().map(|(name, modes)| (name.clone(), tables(modes))).collect();
    let mut rows = Vec::new();
    for (scope, tables) in life_tables(cases)? {
        let inside = |name: &String| scope == Scope::all() || class.get(name.as_str()) == Some(&scope.name.as_str());
        let mine: Vec<usize> = (0..names.len()).filter(|place| inside(&names[*place])).collect();
        let finished = finished(&all, &mine, &drawn);
        let like: Vec<&[LifeTable; 2]> =
            by_stratum.iter().filter(|(name, _)| inside(name)).map(|(_, tables)| tables).collect();
        rows.extend(finished.into_iter().chain(followed(&tables, &like)).map(|effect| effect.row(&scope)));
    }
    Ok(rows)
}

/// The measures of the energised alone: plainly, and matched.
fn finished(all: &[Stratum], mine: &[usize], drawn: &Bootstrap) -> Vec<Effect> {
    let whole = Sample::union(mine.iter().map(|place| &all[*place].treated));
    let control = Sample::union(mine.iter().map(|place| &all[*place].control));
    let cases = [whole.cases(), control.cases()];
    let matched = Matched::of(mine.iter().map(|place| &all[*place]));
    let interval = drawn.interval(mine);
    let no_match = (matched.treated == 0).then_some(Remark::NoMatch);
    let counts = |counts: [u64; 2]| counts.map(|count| [Some(count as f64), None, None]);
    vec![
        Effect {
            measure: Compared::Plain,
            unit: MeasureUnit::Days,
            cases,
            values: [whole.mean(), control.mean()].map(|mean| [mean, None, None]),
            difference: welch(&whole, &control),
            ..Effect::default()
        },
        Effect {
            measure: Compared::Matched,
            unit: MeasureUnit::Days,
            cases: [matched.treated, matched.control],
            values: [matched.treated_mean, matched.control_mean].map(|mean| [mean, None, None]),
            difference: matched.difference().map(|value| Estimate { value, interval }),
            remark: no_match,
            ..Effect::default()
        },
        Effect {
            measure: Compared::MatchedProjects,
            unit: MeasureUnit::Projects,
            cases,
            values: counts([matched.treated, matched.control]),
            remark: no_match,
            ..Effect::default()
        },
        Effect {
            measure: Compared::UnmatchedProjects,
            unit: MeasureUnit::Projects,
            cases,
            values: counts([matched.unmatched, cases[1] - matched.control]),
            ..Effect::default()
        },
    ]
}

/// The measures that count open cases; `strata`: the same cases by stratum.
fn followed(tables: &[LifeTable; 2], strata: &[&[LifeTable; 2]]) -> Vec<Effect> {
    let [order, conventional] = tables;
    let cases = tables.each_ref().map(LifeTable::cases);
    let horizon = common_horizon(order, conventional);
    let curves = tables.each_ref().map(LifeTable::kaplan_meier);
    let medians = curves.each_ref().map(|curve| curve.median());
    let means = horizon.map(|horizon| curves.each_ref().map(|curve| curve.restricted_mean(horizon)));
    let means = means.unwrap_or_default();
    let not_reached = medians.iter().zip(cases).any(|(median, cases)| cases >= FEW && median.day.is_none());
    let share = |measure: Compared, of: &dyn Fn(&LifeTable, i32) -> Option<Share>| {
        let known = horizon.map(|horizon| tables.each_ref().map(|table| of(table, horizon))).unwrap_or_default();
        let values =
            known.map(|share| with_ends(share.map(|share| Estimate { value: share.value, interval: share.interval })));
        let difference = known[0]
            .zip(known[1])
            .map(|(order, other)| difference([order.value, other.value], [order.variance, other.variance]));
        Effect { measure, unit: MeasureUnit::Share, cases, values, difference, horizon, ..Effect::default() }
    };
    let both = || strata.iter().filter(|tables| tables.iter().all(|table| table.cases() > 0)).copied();
    let like = [0, 1].map(|mode| both().map(|tables| tables[mode].cases()).sum());
    vec![
        Effect {
            measure: Compared::Median,
            unit: MeasureUnit::Days,
            cases,
            values: medians.map(|median| [median.day, median.low, median.high].map(|day| day.map(f64::from))),
            difference: medians[0].day.zip(medians[1].day).map(|(order, other)| plain((order - other).into())),
            remark: not_reached.then_some(Remark::NotReached),
            ..Effect::default()
        },
        Effect {
            measure: Compared::RestrictedMean,
            unit: MeasureUnit::Days,
            cases,
            values: means.map(|mean| with_ends(mean.map(|mean| mean.estimate()))),
            difference: means[0].zip(means[1]).map(|(order, other)| order.minus(&other)),
            horizon,
            ..Effect::default()
        },
        Effect {
            measure: Compared::LogRank,
            unit: MeasureUnit::Test,
            cases,
            test: log_rank(order, conventional).map(|test| (test.chi2, test.p)),
            ..Effect::default()
        },
        Effect {
            measure: Compared::LogRankMatched,
            unit: MeasureUnit::Test,
            cases: like,
            test: stratified_log_rank(both().map(|[order, conventional]| (order, conventional)))
                .map(|test| (test.chi2, test.p)),
            remark: (like == [0, 0]).then_some(Remark::NoMatch),
            ..Effect::default()
        },
        share(Compared::ShareEnergised, &|table, day| table.aalen_johansen().point(day).map(|point| point.event)),
        share(Compared::ShareCancelled, &|table, day| table.aalen_johansen().point(day).map(|point| point.competing)),
        // What is left over at the horizon: neither measure knows how it ends.
        share(Compared::ShareOpen, &|table, day| {
            let curve = table.any_end().kaplan_meier();
            let point = curve.points().iter().rfind(|point| point.moment.day <= day)?;
            Some(Share { value: point.survival, variance: point.variance, interval: point.interval })
        }),
    ]
}

/// One covariate of the energised: its value in each case.
struct Covariate {
    name: CovariateName,
    level: String,
    unit: MeasureUnit,
    values: Vec<f64>,
}

/// `balance`: capacity first, then voltage, season and bureau by level.
pub fn balance(cases: Columns<'_>) -> Result<Vec<Row>> {
    let (names, modes) = (cases.texts("stratum")?, cases.texts("mode")?);
    let groups: Vec<Option<usize>> = (0..cases.0.height()).map(|row| mode(modes.get(row))).collect();
    let n = times(cases)?;
    let mut counts: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        if let Some(group) = group {
            counts.entry(names.get(row).unwrap_or_default()).or_default()[*group] += n[row];
        }
    }
    // The weights of Stratum::control_weight; what finds no match weighs nothing.
    let weight = |row: usize, group: usize| match counts[names.get(row).unwrap_or_default()] {
        [0, _] | [_, 0] => 0.0,
        [order, conventional] => [1.0, order as f64 / conventional as f64][group],
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
    for (name, column) in [(CovariateName::Season, "accepted_quarter"), (CovariateName::Bureau, "bureau")] {
        let texts = cases.texts(column)?;
        levels(name, &|row| texts.get(row).unwrap_or_default().to_owned(), &|_| 0.0);
    }
    Ok(())
}
