//! Whether order-style is faster, asked in every way that a sceptic would.

use super::groups::{Cases, Drawn, Followed, horizon};
use super::{FEW, Row, count, covered, number, text};
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::rules::vocabulary::Quarter;
use crate::stats::matched::{Matched, Stratum, followed};
use crate::stats::matching::{Sample, welch};
use crate::stats::survival::{Cox, End, Subject, cox, stratified_log_rank};
use crate::stats::{Estimate, Interval};
use crate::vocabularies::estimates::{Analysis, MeasureUnit, ModeFinding, Remark};

/// The longest horizon that is looked at: a year.
const YEAR: i32 = 365;
/// Applications accepted so many months before the as-of day have had their time.
const OLD_MONTHS: u32 = 12;
/// Days of a year, for the trend in time.
const YEAR_DAYS: f64 = 365.25;
/// Below this a test finds a difference.
const FOUND: f64 = 0.05;

/// One row of `mode_sensitivity` in the making.
struct Answer {
    analysis: Analysis,
    unit: MeasureUnit,
    cases: [u64; 2],
    left_out: u64,
    values: [Option<f64>; 2],
    difference: Option<Estimate>,
    chi2: Option<f64>,
    p: Option<f64>,
    horizon: Option<i32>,
    finding: Option<ModeFinding>,
    remark: Option<Remark>,
}

impl Answer {
    fn of(analysis: Analysis, unit: MeasureUnit) -> Answer {
        Answer {
            analysis,
            unit,
            cases: [0; 2],
            left_out: 0,
            values: [None; 2],
            difference: None,
            chi2: None,
            p: None,
            horizon: None,
            finding: None,
            remark: None,
        }
    }

    /// A difference of means, in days.
    fn days(analysis: Analysis, matched: Matched, whole: u64, horizon: Option<i32>) -> Answer {
        Answer {
            cases: [matched.treated, matched.control],
            left_out: whole - matched.treated,
            values: matched.means.map_or([None; 2], |means| means.map(Some)),
            difference: matched.difference,
            horizon,
            finding: matched.difference.and_then(|difference| difference.interval).map(faster_below_zero),
            ..Answer::of(analysis, MeasureUnit::Days)
        }
    }

    fn row(self) -> Row {
        let few = self.cases.iter().any(|cases| *cases < FEW).then_some(Remark::TooFew);
        let no_match = (self.cases == [0, 0]).then_some(Remark::NoMatch);
        let has_interval = self.difference.is_none_or(|difference| difference.interval.is_some());
        let not_covered = (!has_interval).then_some(Remark::NotCovered);
        let remark = no_match.or(few).or(self.remark).or(not_covered);
        let interval = self.difference.and_then(|difference| difference.interval);
        vec![
            text(self.analysis.code()),
            text(self.unit.code()),
            count(self.cases[0]),
            count(self.cases[1]),
            count(self.left_out),
            number(self.values[0]),
            number(self.values[1]),
            number(self.difference.map(|difference| difference.value)),
            number(interval.map(|interval| interval.low)),
            number(interval.map(|interval| interval.high)),
            number(self.chi2),
            number(self.p),
            self.horizon.map_or(Value::Null, |day| Value::Integer(day.into())),
            self.finding.map_or(Value::Null, |finding| text(finding.code())),
            remark.map_or(Value::Null, |remark| text(remark.code())),
        ]
    }
}

/// What the interval of a difference in days says of order-style.
fn faster_below_zero(interval: Interval) -> ModeFinding {
    match interval {
        Interval { high, .. } if high < 0.0 => ModeFinding::Faster,
        Interval { low, .. } if low > 0.0 => ModeFinding::Slower,
        _ => ModeFinding::Undecided,
    }
}

/// What is known of each application besides its times.
struct Covariates {
    key: Vec<bool>,
    accepted_on: Vec<Option<Day>>,
    as_of: Option<Day>,
}

impl Covariates {
    fn read(columns: Columns<'_>) -> Result<Covariates> {
        Ok(Covariates {
            key: columns.flags("key_project")?.into_iter().map(|key| key == Some(true)).collect(),
            accepted_on: columns.days("accepted_on")?,
            as_of: columns.days("as_of")?.first().copied().flatten(),
        })
    }

    fn is_old(&self, case: &Followed) -> bool {
        let due = self.accepted_on[case.row].map(|accepted| accepted.plus_months(OLD_MONTHS));
        due.zip(self.as_of).is_some_and(|(due, as_of)| due <= as_of)
    }

    /// Mode first, then key project, quarters two to four, and years.
    fn of(&self, case: &Followed) -> Option<Vec<f64>> {
        let accepted_on = self.accepted_on[case.row]?;
        let flag = |holds: bool| f64::from(u8::from(holds));
        let quarter = Quarter::of(accepted_on);
        let quarters = Quarter::ALL.iter().skip(1).map(|known| flag(quarter == *known));
        let trend = f64::from(accepted_on.0) / YEAR_DAYS;
        Some([flag(case.mode == 0), flag(self.key[case.row])].into_iter().chain(quarters).chain([trend]).collect())
    }
}

/// `mode_sensitivity`: the headline first.
pub(super) fn answers(columns: Columns<'_>, drawn: &Drawn) -> Result<Vec<Row>> {
    let cases = Cases::read(columns)?;
    let covariates = Covariates::read(columns)?;
    if cases.followed.is_empty() {
        return Ok(Vec::new());
    }
    let all = cases.strata(|_| true);
    let day = horizon(&all, cases.min_at_risk);
    let compared = day.map(|day| drawn.together(&all, day)).unwrap_or_default();
    let [order, _] = cases.count(|_| true);
    let is_key = |case: &Followed| covariates.key[case.row];
    let answers = [
        Answer::days(Analysis::Headline, compared, order, day),
        never_energised(&all, compared, order, day),
        at_a_year(&cases, &all, order, drawn),
        part(&cases, Analysis::WithoutKey, day, drawn, &|case| !is_key(case)),
        part(&cases, Analysis::Older, day, drawn, &|case| covariates.is_old(case)),
        finished(&cases, drawn),
        plain(&cases),
        log_rank(&all, order),
        regression(&cases, &covariates, order),
    ];
    Ok(answers.into_iter().map(Answer::row).collect())
}

/// The mean days without energisation where a cancelled application never has one (Aalen–Johansen).
fn never_energised(strata: &[Stratum], compared: Matched, order: u64, day: Option<i32>) -> Answer {
    let Some(day) = day else { return Answer::of(Analysis::NeverEnergised, MeasureUnit::Days) };
    let weight = |stratum: &Stratum| stratum.treated.cases() as f64 / compared.treated as f64;
    let mean = |of: &dyn Fn(&Stratum) -> f64| strata.iter().map(|stratum| weight(stratum) * of(stratum)).sum::<f64>();
    let means = [
        mean(&|stratum| stratum.treated.aalen_johansen().mean_days_without(day)),
        mean(&|stratum| stratum.control.aalen_johansen().mean_days_without(day)),
    ];
    Answer {
        remark: Some(Remark::NoInterval),
        ..Answer::days(
            Analysis::NeverEnergised,
            Matched {
                means: Some(means),
                difference: Some(Estimate { value: means[0] - means[1], interval: None }),
                ..compared
            },
            order,
            Some(day),
        )
    }
}

/// The headline at 365 days, the curves carried on where they end before.
fn at_a_year(cases: &Cases, strata: &[Stratum], order: u64, drawn: &Drawn) -> Answer {
    let compared = if strata.is_empty() { Matched::default() } else { drawn.together(strata, YEAR) };
    let (_, few) = followed(strata, YEAR, cases.min_at_risk);
    Answer {
        remark: (!few.is_empty()).then_some(Remark::CarriedOn),
        ..Answer::days(Analysis::Year, compared, order, Some(YEAR))
    }
}

/// The headline of some applications, in the groups and up to the day of all: groups that have too few of them at risk on
/// it are left out.
fn part(
    cases: &Cases,
    analysis: Analysis,
    day: Option<i32>,
    drawn: &Drawn,
    wanted: &dyn Fn(&Followed) -> bool,
) -> Answer {
    let [order, _] = cases.count(wanted);
    let strata = cases.strata(wanted);
    let Some(day) = day else { return Answer::of(analysis, MeasureUnit::Days) };
    let (enough, _) = followed(&strata, day, cases.min_at_risk);
    let strata: Vec<Stratum> = enough.into_iter().map(|at| strata[at].clone()).collect();
    Answer::days(analysis, drawn.together(&strata, day), order, Some(day))
}

/// Mean days of those energised, in the groups that have enough of them.
fn finished(cases: &Cases, drawn: &Drawn) -> Answer {
    let is_energised = |case: &Followed| case.end == End::Event;
    let [order, _] = cases.count(is_energised);
    let strata = cases.strata(is_energised);
    let (enough, _) = followed(&strata, 0, cases.min_at_risk);
    let strata: Vec<Stratum> = enough.into_iter().map(|at| strata[at].clone()).collect();
    let days = strata.iter().flat_map(|stratum| [stratum.treated.last_day(), stratum.control.last_day()]);
    let last = days.flatten().max().unwrap_or(0);
    Answer::days(Analysis::Finished, drawn.together(&strata, last), order, None)
}

/// Mean days of all that are energised, whatever they are like.
fn plain(cases: &Cases) -> Answer {
    let of = |mode: usize| -> Sample {
        let mine = cases.followed.iter().filter(|case| case.mode == mode && case.end == End::Event);
        mine.map(|case| (case.days, case.cases)).collect()
    };
    let [order, other] = [of(0), of(1)];
    let cases = [order.cases(), other.cases()];
    let difference = welch(&order, &other).map(|found| covered::enough(found, cases, covered::ENERGISED));
    Answer {
        cases,
        values: [order.mean(), other.mean()],
        difference,
        finding: difference.and_then(|difference| difference.interval).map(faster_below_zero),
        ..Answer::of(Analysis::Plain, MeasureUnit::Days)
    }
}

/// Whether energisation comes at the same rate to both modes of each group.
fn log_rank(strata: &[Stratum], order: u64) -> Answer {
    let test = stratified_log_rank(strata.iter().map(|stratum| (&stratum.treated, &stratum.control)));
    let sum = |of: &dyn Fn(&Stratum) -> u64| strata.iter().map(of).sum::<u64>();
    let cases = [sum(&|stratum| stratum.treated.cases()), sum(&|stratum| stratum.control.cases())];
    Answer {
        cases,
        left_out: order - cases[0],
        chi2: test.map(|test| test.chi2),
        p: test.map(|test| test.p),
        finding: test.map(|test| match test.observed[0] as f64 > test.expected[0] {
            _ if test.p >= FOUND => ModeFinding::Undecided,
            true => ModeFinding::Faster,
            false => ModeFinding::Slower,
        }),
        ..Answer::of(Analysis::LogRank, MeasureUnit::Test)
    }
}

/// How many times as often order-style applications are energised, other things being equal.
fn regression(cases: &Cases, covariates: &Covariates, order: u64) -> Answer {
    let subject = |case: &Followed| {
        Some(Subject {
            stratum: case.group?,
            days: case.days,
            end: case.end,
            covariates: covariates.of(case)?,
            cases: case.cases,
        })
    };
    let used = cases.count(|case| case.group.is_some());
    let subjects: Vec<Subject> = cases.followed.iter().filter_map(subject).collect();
    let fitted: Option<Cox> = cox(&subjects);
    let energised = cases.count(|case| case.group.is_some() && case.end == End::Event);
    let ratio =
        fitted.as_ref().map(|fitted| Estimate { value: fitted.hazard_ratio(), interval: Some(fitted.interval()) });
    let ratio = ratio.map(|ratio| covered::enough(ratio, energised, covered::ENERGISED));
    Answer {
        cases: used,
        left_out: order - used[0],
        difference: ratio,
        p: fitted.as_ref().map(|fitted| fitted.p),
        finding: ratio.and_then(|ratio| ratio.interval).map(|interval| match interval {
            Interval { low, .. } if low > 1.0 => ModeFinding::Faster,
            Interval { high, .. } if high < 1.0 => ModeFinding::Slower,
            _ => ModeFinding::Undecided,
        }),
        ..Answer::of(Analysis::Cox, MeasureUnit::Ratio)
    }
}
