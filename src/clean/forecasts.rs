//! What is to be expected of each open application, and what was on days of the past, with what came of it.
//!
//! A replay judges every application again as it was known on that day, by the same functions as the run judges it on
//! its as-of day: later finishes, claims and reports do not exist. What the exports do not date (a ruling, a promise, a
//! capacity) is taken as it stands now.

use std::collections::HashMap;
use std::path::Path;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

use super::Settings;
use crate::calendar::Day;
use crate::cases::standing::Judge;
use crate::cases::{Bucket, Case, Cases, Facts, Known, Name, Names};
use crate::error::Result;
use crate::forecast::{ACCEPTED, Forecast, History, Journey, Question, Stage, Traits};
use crate::parallel;
use crate::rules::limits::Supply;
use crate::rules::vocabulary::{ChanceBand, Mode, TOO_FEW_ALIKE};
use crate::table::{Code, Count, Date, Flag, Integer, Maybe, Number, Text, Writer, table};

table! {
    /// One application that is open on the as-of day.
    Forecasts of ForecastRow<'a> from Expected<'a> as of;
    "forecasts" by [application_id],
    "统计日在途的每张工单一行，按编号排序。",
    "One row per application that is open on the as-of day, by identifier.";

    application_id: Text = &of.open.application_id, "工单编号", "identifier of the application";
    stage: Maybe<Text> = of.open.stage.map(|stage| of.names.text(stage)), "最近到达的环节；尚无环节为空", "stage it reached last; blank before the first";
    reached_on: Date = of.open.reached_on, "到达该环节的日期", "day it reached that stage";
    basis: Text = of.basis(), "相似工单的口径，或 too_few_alike 相似工单太少", "what the like applications share, or `too_few_alike`";
    cases: Maybe<Integer> = of.forecast.map(|forecast| forecast.cases as i64), "所依据的相似工单数", "like applications it rests on";
    p_on_time: Maybe<Number> = of.p_on_time(), "在有效应送电日期前送电的概率，0–1；已过期为 0", "probability of energisation by the effective due day, 0–1; 0 once that has passed";
    band: Maybe<Code<ChanceBand>> = of.band(), "该概率所在的十分档", "tenth that the probability falls in";
    p50_on: Maybe<Date> = of.forecast.and_then(|forecast| forecast.p50_on), "半数相似工单已送电的日期", "day by which half of the like applications were energised";
    p80_on: Maybe<Date> = of.forecast.and_then(|forecast| forecast.p80_on), "八成相似工单已送电的日期", "day by which 80 % of the like applications were energised";
}

table! {
    /// One application that was open on a day of the past: the forecast of that day, and what came of it.
    Backtest of BacktestRow<'a> from Replayed<'a> as of;
    "backtest" by [replayed_on, application_id],
    "以往各月末与当时在途的工单一行，按日期和编号排序。误差只计两日之间应送电、且已送电的工单，为预测与实际送电相差的自然日（不论先后）。",
    "One row per past month end and application open on it, by day and identifier. Errors are of those energised since whose due day lay between the two days: calendar days between the forecast and the energisation, whichever came first.";

    replayed_on: Date = of.day, "回放的日期（月末）", "day of the past, the last of a month";
    application_id: Text = &of.expected.open.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.expected.names.text(of.expected.open.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.expected.open.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    stage: Maybe<Text> = of.expected.open.stage.map(|stage| of.expected.names.text(stage)), "当时最近到达的环节；尚无环节为空", "stage it had reached last; blank before the first";
    basis: Text = of.expected.basis(), "相似工单的口径，或 too_few_alike 相似工单太少", "what the like applications share, or `too_few_alike`";
    cases: Maybe<Integer> = of.expected.forecast.map(|forecast| forecast.cases as i64), "所依据的相似工单数", "like applications it rests on";
    effective_due_on: Maybe<Date> = of.expected.open.due_on, "当时的有效应送电日期", "effective due day as known then";
    p_on_time: Maybe<Number> = of.expected.p_on_time(), "当时预测的按期概率，0–1", "on-time probability as forecast then, 0–1";
    on_time_ppm: Maybe<Integer> = of.expected.on_time_ppm, "按期概率，百万分之一", "on-time probability in millionths";
    band: Maybe<Code<ChanceBand>> = of.band(), "按期概率所在的十分档", "tenth that the on-time probability falls in";
    p50_on: Maybe<Date> = of.p50_on(), "预测的半数送电日期", "forecast day by which half of the like applications were energised";
    p80_on: Maybe<Date> = of.p80_on(), "预测的八成送电日期", "forecast day by which 80 % of the like applications were energised";
    mean_on: Maybe<Date> = of.mean_on(), "按相似工单平均剩余时间推算的送电日期", "day by the mean remaining time of the like applications";
    energised_on: Maybe<Date> = of.expected.open.energised_on, "实际送电日期", "day it was energised";
    cancelled_on: Maybe<Date> = of.expected.open.cancelled_on, "实际撤销日期", "day it was cancelled";
    on_time: Maybe<Flag> = of.on_time(), "是否在当时的有效应送电日期前送电；当时已过期、尚未到期或已撤销的为空", "whether it was energised by the effective due day known then; blank where that had passed already or is still to come, and where it was cancelled by then";
    within_p80: Maybe<Flag> = of.p80_on().and_then(|day| of.energised_by(day)), "是否在预测的八成日期前送电；尚未到或已撤销的为空", "whether it was energised by the p80 day; blank where that is still to come, and where it was cancelled by then";
    p50_error_days: Maybe<Count> = of.error_days(of.p50_on()), "半数日期的误差，自然日", "error of the p50 day, calendar days";
    due_error_days: Maybe<Count> = of.error_days(of.expected.open.due_on), "以有效应送电日期作预测的误差，自然日", "error of the due day taken as a forecast, calendar days";
    mean_error_days: Maybe<Count> = of.error_days(of.mean_on()), "以平均剩余时间作预测的误差，自然日", "error of the mean remaining time as a forecast, calendar days";
}

/// An application that was open on a day, as it was known on it, and what came of it.
#[derive(Serialize, Deserialize)]
pub struct Open {
    application_id: String,
    bureau: Name,
    mode: Mode,
    traits: Traits,
    accepted_on: Day,
    stage: Option<Name>,
    reached_on: Day,
    due_on: Option<Day>,
    /// As known on the as-of day.
    energised_on: Option<Day>,
    /// As known on the as-of day.
    cancelled_on: Option<Day>,
}

/// An open application and what is to be expected of it.
pub struct Expected<'a> {
    open: &'a Open,
    forecast: Option<Forecast>,
    /// The chance in millionths to be energised by the due date: 0 once that has passed, regardless of other cases.
    on_time_ppm: Option<i64>,
    names: &'a Names,
}

impl Expected<'_> {
    fn basis(&self) -> &'static str {
        self.forecast.map_or(TOO_FEW_ALIKE.code, |forecast| forecast.basis.code())
    }

    fn band(&self) -> Option<ChanceBand> {
        self.on_time_ppm.map(ChanceBand::of)
    }

    fn p_on_time(&self) -> Option<f64> {
        self.on_time_ppm.map(|ppm| ppm as f64 / 1e6)
    }
}

/// A forecast of the past and what came of it.
pub struct Replayed<'a> {
    day: Day,
    expected: &'a Expected<'a>,
    now: Known<'a>,
}

impl Replayed<'_> {
    fn p50_on(&self) -> Option<Day> {
        self.expected.forecast.and_then(|forecast| forecast.p50_on)
    }

    fn p80_on(&self) -> Option<Day> {
        self.expected.forecast.and_then(|forecast| forecast.p80_on)
    }

    fn mean_on(&self) -> Option<Day> {
        self.expected.forecast.and_then(|forecast| forecast.mean_on)
    }

    fn band(&self) -> Option<ChanceBand> {
        self.expected.band()
    }

    /// Whether it was energised by a day between the two; none where that cannot be known any more, or not yet.
    fn energised_by(&self, by: Day) -> Option<bool> {
        if by <= self.day || !self.now.has_come(by) {
            return None;
        }
        match (self.expected.open.energised_on, self.expected.open.cancelled_on) {
            (Some(energised_on), _) => Some(energised_on <= by),
            (None, Some(cancelled_on)) if cancelled_on <= by => None,
            (None, _) => Some(false),
        }
    }

    fn on_time(&self) -> Option<bool> {
        self.expected.open.due_on.and_then(|due_on| self.energised_by(due_on))
    }

    /// Calendar days between a forecast and the energisation. All three forecasts are compared on the same cases: those
    /// that have all three.
    fn error_days(&self, expected_on: Option<Day>) -> Option<i32> {
        self.on_time()?;
        self.p50_on().and(self.mean_on())?;
        Some((expected_on?.0 - self.expected.open.energised_on?.0).abs())
    }
}

/// The stages that an application reached, each with the day on which it first began, in that order.
fn reached(case: &Case<'_>) -> Vec<(Name, Day)> {
    let mut reached: Vec<(Name, Day)> = Vec::new();
    for pass in case.passes() {
        // There are few stages: looking through them is quicker than any index.
        if reached.iter().all(|(stage, _)| *stage != pass.stage) {
            reached.push((pass.stage, pass.started_on()));
        }
    }
    reached
}

fn traits(facts: &Facts) -> Traits {
    Traits {
        order: facts.served() == Mode::Order,
        volts: (facts.voltage_kv * 1_000.0).round() as i64,
        dual: facts.supply == Some(Supply::Dual),
    }
}

/// The stages by number, 0 where none has begun.
type Numbers = HashMap<Name, Stage, FixedState>;

/// The numbers of all stages.
pub(super) fn numbers(known: Known<'_>) -> Numbers {
    known.stages().zip(ACCEPTED + 1..).collect()
}

/// Adds what became of an application to a history.
pub(super) fn remember(case: &Case<'_>, numbers: &Numbers, history: &mut History<'_>) {
    let reached: Vec<(Stage, Day)> = reached(case).into_iter().map(|(stage, day)| (numbers[&stage], day)).collect();
    let (energised_on, cancelled_on) = (case.energised_on(), case.cancelled_on);
    let (traits, accepted_on) = (traits(case.facts), case.facts.accepted_on);
    history.add(&Journey { traits, accepted_on, reached: &reached, energised_on, cancelled_on });
}

/// The days whose forecasts are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Days {
    /// The as-of day, and those that are replayed.
    All,
    /// Those that are replayed.
    Past,
}

/// The forecasts of the as-of day, and those of the last days of the months before it, where there are such.
pub(super) struct Replays<'a> {
    cases: &'a Cases<'a>,
    settings: &'a Settings<'a>,
    numbers: Numbers,
    /// The as-of day, where it is asked for, and those that are replayed.
    days: Vec<Day>,
    past: usize,
}

impl<'a> Replays<'a> {
    pub(super) fn new(cases: &'a Cases<'a>, settings: &'a Settings<'a>, asked: Days) -> Replays<'a> {
        let as_of = settings.clock.as_of;
        let mut days = as_of.month_ends_before(settings.replayed_months);
        let past = days.len();
        if asked == Days::All {
            days.push(as_of);
        }
        Replays { cases, settings, numbers: numbers(cases.known_on(as_of)), days, past }
    }

    /// The applications of a bucket that were open on each of the days.
    pub(super) fn open_in(&self, bucket: &Bucket) -> Vec<Vec<Open>> {
        self.days.iter().map(|day| self.open_on(*day, bucket)).collect()
    }

    fn open_on(&self, day: Day, bucket: &Bucket) -> Vec<Open> {
        let (known, now) = (self.cases.known_on(day), self.cases.known_on(self.settings.clock.as_of));
        let judge = Judge::of(known, self.settings.clock, self.settings.standards, self.settings.process);
        let open = known.cases_of(bucket).filter(|case| case.ended_on().is_none()).map(|case| {
            let standing = judge.standing(case);
            let newest = reached(&case).last().copied();
            let (stage, reached_on) = newest.map_or((None, case.facts.accepted_on), |(name, day)| (Some(name), day));
            let outcome = case.known_on(now);
            Open {
                application_id: case.facts.application_id.clone(),
                bureau: case.facts.bureau,
                mode: standing.mode,
                traits: traits(case.facts),
                accepted_on: case.facts.accepted_on,
                stage,
                reached_on,
                due_on: standing.effective_due_on,
                energised_on: outcome.energised_on(),
                cancelled_on: outcome.cancelled_on,
            }
        });
        open.collect()
    }

    /// What was to be expected on a day of the applications that were open on it.
    fn expected<'b>(&'b self, day: Day, open: &'b [Open], history: &History<'_>) -> Vec<Expected<'b>> {
        let questions: Vec<Question> = open
            .iter()
            .map(|open| Question {
                traits: open.traits,
                stage: open.stage.map_or(ACCEPTED, |stage| self.numbers[&stage]),
                reached_on: open.reached_on,
                accepted_on: open.accepted_on,
                due_on: open.due_on,
            })
            .collect();
        let names = self.cases.known_on(day).names();
        let forecasts = history.forecasts(day, &questions);
        let expected = open.iter().zip(forecasts).map(|(open, forecast)| {
            let past_due = open.due_on.filter(|due_on| *due_on <= day).map(|_| 0);
            let on_time_ppm = past_due.or(forecast.and_then(|forecast| forecast.on_time_ppm));
            Expected { open, forecast, on_time_ppm, names }
        });
        expected.collect()
    }

    /// Writes the forecasts, once what became of all applications is known: of those that were open, by bucket and day.
    pub(super) fn write(&self, history: &History<'_>, open: Vec<Vec<Vec<Open>>>, folder: &Path) -> Result<()> {
        let mut of_days: Vec<Vec<Open>> = self.days.iter().map(|_| Vec::new()).collect();
        for of_bucket in open {
            of_days.iter_mut().zip(of_bucket).for_each(|(all, own)| all.extend(own));
        }
        let as_of = self.settings.clock.as_of;
        if self.past < self.days.len() {
            let mut forecasts = Writer::<Forecasts>::create(folder)?;
            let open = of_days.pop().unwrap_or_default();
            self.expected(as_of, &open, history).iter().try_for_each(|expected| forecasts.push(expected))?;
            forecasts.finish()?;
        }
        if self.past == 0 {
            return Ok(());
        }
        let mut backtest = Writer::<Backtest>::create(folder)?;
        let now = self.cases.known_on(as_of);
        let days = self.days.iter().copied().zip(&of_days);
        parallel::in_order(
            days,
            |(day, open)| Ok((day, self.expected(day, open, history))),
            |(day, expected)| expected.iter().try_for_each(|expected| backtest.push(&Replayed { day, expected, now })),
        )?;
        backtest.finish()
    }
}
