//! The modes compared: by group and matched, and by every measure.

use super::groups::{Cases, Followed, compare, horizon};
use super::{Estimate, FEW, Interval, Row, Scope, count, ends, figure, life_tables, number, text};
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::rules::strata::Group;
use crate::rules::vocabulary::Feeder;
use crate::stats::matched::{Matched, Stratum};
use crate::stats::matching::{Sample, welch};
use crate::stats::survival::{End, LifeTable, Share, common_horizon, log_rank, stratified_log_rank};
use crate::vocabularies::estimates::{ALL, Compared, MeasureUnit, Remark};

/// `mode_comparison`: `all` first, then the groups by voltage, supply, feeder and capacity, those left out too.
pub fn by_stratum(columns: Columns<'_>) -> Result<Vec<Row>> {
    let cases = Cases::read(columns)?;
    if cases.followed.is_empty() {
        return Ok(Vec::new());
    }
    let matched = columns.flags("matched")?;
    let mut is_matched = vec![false; cases.groups.len()];
    for case in &cases.followed {
        if let Some(group) = case.group {
            is_matched[group] |= matched[case.row] == Some(true);
        }
    }
    let all = cases.strata(|_| true);
    let compared: Vec<usize> = (0..all.len()).filter(|at| is_matched[*at]).collect();
    let strata: Vec<Stratum> = compared.iter().map(|at| all[*at].clone()).collect();
    let day = horizon(&strata, cases.min_at_risk);
    let drawn = day.map(|day| compare(&strata, day));
    let of = |strata: &[usize]| drawn.as_ref().map(|drawn| drawn.of(strata)).unwrap_or_default();
    let mut rows = vec![comparison_row(ALL.code, None, of(&(0..strata.len()).collect::<Vec<_>>()), [0; 2], day)];
    let groups: Vec<Option<Group>> = cases.groups.iter().map(|code| Group::of_code(code)).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| (groups[*at].map(|group| group.rank()), cases.groups[*at].clone()));
    for at in order {
        let place = compared.iter().position(|compared| *compared == at);
        let tables = [&all[at].treated, &all[at].control];
        let matched = match place {
            Some(place) => of(&[place]),
            None => Matched { treated: tables[0].cases(), control: tables[1].cases(), ..Matched::default() },
        };
        let day = day.filter(|_| place.is_some());
        let at_risk = day.map_or([0; 2], |day| tables.map(|table| table.at_risk(day)));
        rows.push(comparison_row(&cases.groups[at], groups[at], matched, at_risk, day));
    }
    Ok(rows)
}

fn comparison_row(code: &str, group: Option<Group>, of: Matched, at_risk: [u64; 2], day: Option<i32>) -> Row {
    let [low, high] = ends(of.difference.and_then(|difference| difference.interval));
    let means = of.means.map_or([None; 2], |means| means.map(Some));
    let at_risk = at_risk.map(|at_risk| if day.is_some() && group.is_some() { count(at_risk) } else { Value::Null });
    let [order_at_risk, conventional_at_risk] = at_risk;
    vec![
        text(code),
        number(group.map(|group| group.voltage_kv)),
        group.and_then(|group| group.supply).map_or(Value::Null, |supply| text(supply.code())),
        group.and_then(|group| group.feeder).map_or(Value::Null, |feeder| Value::Flag(feeder == Feeder::New)),
        group.map_or(Value::Null, |group| text(group.lowest.code())),
        group.map_or(Value::Null, |group| text(group.highest.code())),
        Value::Flag(of.means.is_some()),
        count(of.treated),
        count(of.control),
        number(means[0]),
        number(means[1]),
        number(of.difference.map(|difference| difference.value)),
        low,
        high,
        day.map_or(Value::Null, |day| Value::Integer(day.into())),
        order_at_risk,
        conventional_at_risk,
    ]
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

/// A figure and the ends of its interval.
fn with_ends(estimate: Option<Estimate>) -> [Option<f64>; 3] {
    let interval = estimate.and_then(|estimate| estimate.interval);
    [estimate.map(|estimate| estimate.value), interval.map(|ends| ends.low), interval.map(|ends| ends.high)]
}

/// The difference of two shares, its interval made of theirs, so that it stays within −1 and 1 (R. G. Newcombe, Statistics
/// in Medicine 17 (1998) 873–890, method 10).
fn difference(order: Share, other: Share) -> Estimate {
    let value = order.value - other.value;
    let interval = order.interval.zip(other.interval).map(|(of_order, of_other)| {
        let (below, above) = (order.value - of_order.low, of_other.high - other.value);
        let (over, under) = (of_order.high - order.value, other.value - of_other.low);
        Interval {
            low: value - (below * below + above * above).sqrt(),
            high: value + (over * over + under * under).sqrt(),
        }
    });
    Estimate { value, interval: interval.filter(|interval| interval.low < interval.high) }
}

/// `mode_effect`: what each measure says, for all and for each voltage class.
pub fn effects(columns: Columns<'_>) -> Result<Vec<Row>> {
    let cases = Cases::read(columns)?;
    let scopes = columns.texts("scope")?;
    let all = cases.strata(|_| true);
    let mut class_of: Vec<Option<&str>> = vec![None; all.len()];
    for case in &cases.followed {
        if let Some(group) = case.group {
            class_of[group] = scopes.get(case.row);
        }
    }
    let mut rows = Vec::new();
    for (scope, tables) in life_tables(columns)? {
        let inside = |class: Option<&str>| scope == Scope::all() || class == Some(scope.name.as_str());
        let mine: Vec<Stratum> = (0..all.len()).filter(|at| inside(class_of[*at])).map(|at| all[at].clone()).collect();
        let of_scope = |case: &Followed| inside(scopes.get(case.row));
        let alike = alike(&cases, &mine, &of_scope);
        let followed = followed(&tables, &mine, cases.min_at_risk);
        let plain = plain(&cases, &of_scope);
        rows.extend(alike.into_iter().chain([plain]).chain(followed).map(|effect| effect.row(&scope)));
    }
    Ok(rows)
}

/// Like compared with like, and how many are.
fn alike(cases: &Cases, strata: &[Stratum], of_scope: &dyn Fn(&Followed) -> bool) -> Vec<Effect> {
    let whole = cases.count(of_scope);
    let day = horizon(strata, cases.min_at_risk);
    let matched = day.map(|day| compare(strata, day).all()).unwrap_or_default();
    let compared = [matched.treated, matched.control];
    let no_match = (compared == [0, 0]).then_some(Remark::NoMatch);
    let counts = |counts: [u64; 2]| counts.map(|count| [Some(count as f64), None, None]);
    vec![
        Effect {
            measure: Compared::Matched,
            unit: MeasureUnit::Days,
            cases: compared,
            values: matched.means.map_or([[None; 3]; 2], |means| means.map(|mean| [Some(mean), None, None])),
            difference: matched.difference,
            horizon: day,
            remark: no_match,
            ..Effect::default()
        },
        Effect {
            measure: Compared::MatchedProjects,
            unit: MeasureUnit::Projects,
            cases: whole,
            values: counts(compared),
            remark: no_match,
            ..Effect::default()
        },
        Effect {
            measure: Compared::UnmatchedProjects,
            unit: MeasureUnit::Projects,
            cases: whole,
            values: counts([whole[0] - compared[0], whole[1] - compared[1]]),
            ..Effect::default()
        },
    ]
}

/// The energised alone, whatever they are like.
fn plain(cases: &Cases, of_scope: &dyn Fn(&Followed) -> bool) -> Effect {
    let of = |mode: usize| -> Sample {
        let mine = cases.followed.iter().filter(|case| case.mode == mode && case.end == End::Event && of_scope(case));
        mine.map(|case| (case.days, case.cases)).collect()
    };
    let [order, other] = [of(0), of(1)];
    Effect {
        measure: Compared::Plain,
        unit: MeasureUnit::Days,
        cases: [order.cases(), other.cases()],
        values: [order.mean(), other.mean()].map(|mean| [mean, None, None]),
        difference: welch(&order, &other),
        ..Effect::default()
    }
}

/// The measures that count open cases; `strata`: those with a match by group.
fn followed(tables: &[LifeTable; 2], strata: &[Stratum], min_at_risk: u64) -> Vec<Effect> {
    let [order, conventional] = tables;
    let cases = tables.each_ref().map(LifeTable::cases);
    let horizon = common_horizon([order, conventional], min_at_risk);
    let curves = tables.each_ref().map(LifeTable::kaplan_meier);
    let medians = curves.each_ref().map(|curve| curve.median());
    let means = horizon.map(|horizon| curves.each_ref().map(|curve| curve.restricted_mean(horizon)));
    let means = means.unwrap_or_default();
    let not_reached = medians.iter().zip(cases).any(|(median, cases)| cases >= FEW && median.day.is_none());
    let share = |measure: Compared, of: &dyn Fn(&LifeTable, i32) -> Option<Share>| {
        let known = horizon.map(|horizon| tables.each_ref().map(|table| of(table, horizon))).unwrap_or_default();
        let values =
            known.map(|share| with_ends(share.map(|share| Estimate { value: share.value, interval: share.interval })));
        let difference = known[0].zip(known[1]).map(|(order, other)| difference(order, other));
        Effect { measure, unit: MeasureUnit::Share, cases, values, difference, horizon, ..Effect::default() }
    };
    let sum = |of: &dyn Fn(&Stratum) -> u64| strata.iter().map(of).sum::<u64>();
    let like = [sum(&|stratum| stratum.treated.cases()), sum(&|stratum| stratum.control.cases())];
    vec![
        Effect {
            measure: Compared::Median,
            unit: MeasureUnit::Days,
            cases,
            values: medians.map(|median| [median.day, median.low, median.high].map(|day| day.map(f64::from))),
            difference: medians[0]
                .day
                .zip(medians[1].day)
                .map(|(order, other)| Estimate { value: (order - other).into(), interval: None }),
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
            test: stratified_log_rank(strata.iter().map(|stratum| (&stratum.treated, &stratum.control)))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A share with an interval that holds it.
    fn share(ends: [f64; 3]) -> Share {
        let mut ends = ends;
        ends.sort_by(f64::total_cmp);
        Share { value: ends[1], variance: 0.0, interval: Some(Interval { low: ends[0], high: ends[2] }) }
    }

    /// 56 of 70 against 48 of 80 with Wilson's intervals: 0.2 (0.0524 to 0.3339), the first row of Newcombe's table.
    #[test]
    fn the_difference_of_newcombe() {
        let of = |part, whole| Share {
            value: part as f64 / whole as f64,
            variance: 0.0,
            interval: crate::stats::wilson(part, whole),
        };
        let Interval { low, high } = difference(of(56, 70), of(48, 80)).interval.unwrap();
        assert!((low - 0.0524).abs() < 5e-5 && (high - 0.3339).abs() < 5e-5, "{low} {high}");
    }

    proptest! {
        /// A difference of shares and its interval never leave −1 to 1.
        #[test]
        fn a_difference_of_shares_is_one_of_shares(a in prop::array::uniform3(0.0..=1.0), b in prop::array::uniform3(0.0..=1.0)) {
            let found = difference(share(a), share(b));
            if let Some(Interval { low, high }) = found.interval {
                prop_assert!(-1.0 - 1e-12 <= low && low <= found.value && found.value <= high && high <= 1.0 + 1e-12);
            }
        }
    }
}
