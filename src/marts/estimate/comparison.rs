//! The modes compared: by group and matched, and by every measure.

use super::groups::{Cases, Drawn, Followed, horizon};
use super::{Estimate, FEW, Row, Scope, count, covered, ends, figure, life_tables, number, text};
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::rules::strata::Group;
use crate::rules::vocabulary::Feeder;
use crate::stats::matched::{Matched, Stratum};
use crate::stats::matching::{Sample, welch};
use crate::stats::survival::{End, LifeTable, Share, common_horizon, log_rank, stratified_log_rank};
use crate::vocabularies::estimates::{ALL, Compared, MeasureUnit, Remark};

/// `mode_comparison`: `all` first, then the groups by voltage, supply, feeder and capacity, those left out too.
pub fn by_stratum(columns: Columns<'_>, drawn: &Drawn) -> Result<Vec<Row>> {
    let cases = Cases::read(columns)?;
    let matched = columns.flags("matched")?;
    let mut is_matched = vec![false; cases.groups.len()];
    for case in &cases.followed {
        if let Some(group) = case.group {
            is_matched[group] |= matched[case.row] == Some(true);
        }
    }
    Ok(compared(&cases, &is_matched, drawn))
}

/// `mode_widening`: the same of some applications, whose groups are made of them alone.
pub fn widened(columns: Columns<'_>, drawn: &Drawn) -> Result<Vec<Row>> {
    let min_arm = columns.integers("min_arm")?.first().copied().flatten();
    let (cases, is_matched) = Cases::read(columns)?.regrouped(min_arm.and_then(|n| u64::try_from(n).ok()).unwrap_or(1));
    Ok(compared(&cases, &is_matched, drawn))
}

/// The whole of the groups that are matched first, then each group.
fn compared(cases: &Cases, is_matched: &[bool], drawn: &Drawn) -> Vec<Row> {
    if cases.followed.is_empty() {
        return Vec::new();
    }
    let all = cases.strata(|_| true);
    let compared: Vec<usize> = (0..all.len()).filter(|at| is_matched[*at]).collect();
    let strata: Vec<Stratum> = compared.iter().map(|at| all[*at].clone()).collect();
    let day = horizon(&strata, cases.min_at_risk);
    let drawn = day.map(|day| drawn.compare(&strata, day));
    let of = |strata: &[usize]| drawn.as_ref().map(|drawn| covered::matched(drawn.of(strata))).unwrap_or_default();
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
    rows
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
        let has_interval = self.difference.is_none_or(|difference| difference.interval.is_some());
        let without = match self.measure {
            // Each mode has one, the difference never.
            Compared::Median => None,
            Compared::ShareOpen => Some(Remark::NoInterval),
            _ => Some(Remark::NotCovered),
        };
        let too_few = few.then_some(Remark::TooFew);
        let remark = self.remark.or(too_few).or(without.filter(|_| !has_interval));
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

/// A mode's restricted mean, with its interval where it covers.
fn of_mean(mean: Estimate, cases: u64) -> Estimate {
    covered::enough(mean, [cases; 2], covered::MEAN)
}

/// A mode's share, with its interval where it covers; one that no end has moved yet has none.
fn of_share(share: Share, cases: u64) -> Estimate {
    let interval = share.interval.filter(|interval| interval.low < interval.high);
    covered::enough(Estimate { value: share.value, interval }, [cases; 2], covered::SHARE)
}

/// `mode_effect`: what each measure says, for all and for each voltage class.
pub fn effects(columns: Columns<'_>, drawn: &Drawn) -> Result<Vec<Row>> {
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
        let alike = alike(&cases, &mine, drawn, &of_scope);
        let followed = followed(&tables, &mine, cases.min_at_risk);
        let plain = plain(&cases, &of_scope);
        rows.extend(alike.into_iter().chain([plain]).chain(followed).map(|effect| effect.row(&scope)));
    }
    Ok(rows)
}

/// Like compared with like, and how many are.
fn alike(cases: &Cases, strata: &[Stratum], drawn: &Drawn, of_scope: &dyn Fn(&Followed) -> bool) -> Vec<Effect> {
    let whole = cases.count(of_scope);
    let day = horizon(strata, cases.min_at_risk);
    let matched = day.map(|day| drawn.together(strata, day)).unwrap_or_default();
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
    let energised = [order.cases(), other.cases()];
    Effect {
        measure: Compared::Plain,
        unit: MeasureUnit::Days,
        cases: energised,
        values: [order.mean(), other.mean()].map(|mean| [mean, None, None]),
        difference: welch(&order, &other).map(|found| covered::enough(found, energised, covered::ENERGISED)),
        ..Effect::default()
    }
}

/// The measures that count open cases; `strata`: those with a match by group.
fn followed(tables: &[LifeTable; 2], strata: &[Stratum], min_at_risk: u64) -> Vec<Effect> {
    let [order, conventional] = tables;
    let cases = tables.each_ref().map(LifeTable::cases);
    let horizon = common_horizon([order, conventional], min_at_risk);
    let curves = tables.each_ref().map(LifeTable::kaplan_meier);
    let medians = [0, 1].map(|mode: usize| covered::median(curves[mode].median(), cases[mode]));
    let means = horizon.map(|horizon| curves.each_ref().map(|curve| curve.restricted_mean(horizon)));
    let means = means.unwrap_or_default();
    let not_reached = medians.iter().zip(cases).any(|(median, cases)| cases >= FEW && median.day.is_none());
    let share = |measure: Compared, of: &dyn Fn(&LifeTable, i32) -> Option<Share>| {
        let known = horizon.map(|horizon| tables.each_ref().map(|table| of(table, horizon))).unwrap_or_default();
        let values = [0, 1].map(|mode: usize| with_ends(known[mode].map(|share| of_share(share, cases[mode]))));
        let difference = known[0].zip(known[1]).map(|(order, other)| order.minus(&other));
        let difference = difference.map(|found| covered::enough(found, cases, covered::SHARE));
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
            values: [0, 1].map(|mode: usize| with_ends(means[mode].map(|mean| of_mean(mean.estimate(), cases[mode])))),
            difference: means[0]
                .zip(means[1])
                .map(|(order, other)| covered::enough(order.minus(&other), cases, covered::MEAN)),
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
        still_open(tables, cases, horizon),
    ]
}

/// What is left over at the horizon: neither measure knows how it ends. Few are left to judge it by, so that no interval of
/// it covers.
fn still_open(tables: &[LifeTable; 2], cases: [u64; 2], horizon: Option<i32>) -> Effect {
    let share = |table: &LifeTable| {
        let curve = table.any_end().kaplan_meier();
        horizon.filter(|_| table.cases() > 0).map(|day| curve.at(day))
    };
    let [order, conventional] = tables.each_ref().map(share);
    Effect {
        measure: Compared::ShareOpen,
        unit: MeasureUnit::Share,
        cases,
        values: [[order, None, None], [conventional, None, None]],
        difference: order.zip(conventional).map(|(order, other)| Estimate { value: order - other, interval: None }),
        horizon,
        ..Effect::default()
    }
}
