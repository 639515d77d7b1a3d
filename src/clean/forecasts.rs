//! What is to be expected of each open application, and what was on days of the past, with what came of it.
//!
//! A replay judges every application again as it was known on that day, by the same functions as the run judges it on
//! its as-of day: later finishes, claims and reports do not exist. What the exports do not date (a ruling, a promise, a
//! capacity) is taken as it stands now.

use std::collections::HashMap;
use std::path::Path;

use foldhash::fast::FixedState;

use super::Settings;
use crate::calendar::Day;
use crate::cases::standing::Judge;
use crate::cases::{Case, Cases, Facts, Known, Name, Names};
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

    application_id: Text = &of.facts.application_id, "工单编号", "identifier of the application";
    stage: Maybe<Text> = of.stage.map(|stage| of.names.text(stage)), "最近到达的环节；尚无环节为空", "stage it reached last; blank before the first";
    reached_on: Date = of.reached_on, "到达该环节的日期", "day it reached that stage";
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
    application_id: Text = &of.expected.facts.application_id, "工单编号", "identifier of the application";
    bureau: Text = of.expected.names.text(of.expected.facts.bureau), "供电单位", "bureau";
    mode: Code<Mode> = of.expected.mode, "服务方式：order 订单式，conventional 常规", "`order` or `conventional`";
    stage: Maybe<Text> = of.expected.stage.map(|stage| of.expected.names.text(stage)), "当时最近到达的环节；尚无环节为空", "stage it had reached last; blank before the first";
    basis: Text = of.expected.basis(), "相似工单的口径，或 too_few_alike 相似工单太少", "what the like applications share, or `too_few_alike`";
    cases: Maybe<Integer> = of.expected.forecast.map(|forecast| forecast.cases as i64), "所依据的相似工单数", "like applications it rests on";
    effective_due_on: Maybe<Date> = of.expected.due_on, "当时的有效应送电日期", "effective due day as known then";
    p_on_time: Maybe<Number> = of.expected.p_on_time(), "当时预测的按期概率，0–1", "on-time probability as forecast then, 0–1";
    on_time_ppm: Maybe<Integer> = of.expected.on_time_ppm, "按期概率，百万分之一", "on-time probability in millionths";
    band: Maybe<Code<ChanceBand>> = of.band(), "按期概率所在的十分档", "tenth that the on-time probability falls in";
    p50_on: Maybe<Date> = of.p50_on(), "预测的半数送电日期", "forecast day by which half of the like applications were energised";
    p80_on: Maybe<Date> = of.p80_on(), "预测的八成送电日期", "forecast day by which 80 % of the like applications were energised";
    mean_on: Maybe<Date> = of.mean_on(), "按相似工单平均剩余时间推算的送电日期", "day by the mean remaining time of the like applications";
    energised_on: Maybe<Date> = of.outcome.energised_on(), "实际送电日期", "day it was energised";
    cancelled_on: Maybe<Date> = of.outcome.cancelled_on, "实际撤销日期", "day it was cancelled";
    on_time: Maybe<Flag> = of.on_time(), "是否在当时的有效应送电日期前送电；当时已过期、尚未到期或已撤销的为空", "whether it was energised by the effective due day known then; blank where that had passed already or is still to come, and where it was cancelled by then";
    within_p80: Maybe<Flag> = of.p80_on().and_then(|day| of.energised_by(day)), "是否在预测的八成日期前送电；尚未到或已撤销的为空", "whether it was energised by the p80 day; blank where that is still to come, and where it was cancelled by then";
    p50_error_days: Maybe<Count> = of.error_days(of.p50_on()), "半数日期的误差，自然日", "error of the p50 day, calendar days";
    due_error_days: Maybe<Count> = of.error_days(of.expected.due_on), "以有效应送电日期作预测的误差，自然日", "error of the due day taken as a forecast, calendar days";
    mean_error_days: Maybe<Count> = of.error_days(of.mean_on()), "以平均剩余时间作预测的误差，自然日", "error of the mean remaining time as a forecast, calendar days";
}

/// An open application and what is to be expected of it.
pub struct Expected<'a> {
    /// As known on that day.
    case: Case<'a>,
    facts: &'a Facts,
    mode: Mode,
    stage: Option<Name>,
    reached_on: Day,
    due_on: Option<Day>,
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
    /// As known now.
    outcome: Case<'a>,
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
        match (self.outcome.energised_on(), self.outcome.cancelled_on) {
            (Some(energised_on), _) => Some(energised_on <= by),
            (None, Some(cancelled_on)) if cancelled_on <= by => None,
            (None, _) => Some(false),
        }
    }

    fn on_time(&self) -> Option<bool> {
        self.expected.due_on.and_then(|due_on| self.energised_by(due_on))
    }

    /// Calendar days between a forecast and the energisation. All three forecasts are compared on the same cases: those
    /// that have all three.
    fn error_days(&self, expected_on: Option<Day>) -> Option<i32> {
        self.on_time()?;
        self.p50_on().and(self.mean_on())?;
        Some((expected_on?.0 - self.outcome.energised_on()?.0).abs())
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

struct Replayer<'a> {
    cases: &'a Cases,
    settings: &'a Settings<'a>,
    history: History<'a>,
    numbers: HashMap<Name, Stage, FixedState>,
}

impl<'a> Replayer<'a> {
    fn new(cases: &'a Cases, settings: &'a Settings<'a>) -> Replayer<'a> {
        let history = History::new(settings.clock.calendar);
        let mut replayer = Replayer { cases, settings, history, numbers: HashMap::default() };
        for case in cases.known_on(settings.clock.as_of).cases() {
            let reached: Vec<(Stage, Day)> =
                reached(&case).into_iter().map(|(stage, day)| (replayer.number(stage), day)).collect();
            let (energised_on, cancelled_on) = (case.energised_on(), case.cancelled_on);
            let (traits, accepted_on) = (traits(case.facts), case.facts.accepted_on);
            replayer.history.add(&Journey { traits, accepted_on, reached: &reached, energised_on, cancelled_on });
        }
        replayer
    }

    fn number(&mut self, stage: Name) -> Stage {
        let next = self.numbers.len() as Stage + 1;
        *self.numbers.entry(stage).or_insert(next)
    }

    /// What was to be expected on a day of the applications that were open on it.
    fn on(&self, day: Day) -> Vec<Expected<'a>> {
        let known = self.cases.known_on(day);
        let judge = Judge::of(known, self.settings.clock, self.settings.standards, self.settings.process);
        let mut expected: Vec<Expected<'a>> = Vec::new();
        let mut questions = Vec::new();
        for case in known.cases().filter(|case| case.ended_on().is_none()) {
            let standing = judge.standing(case);
            let (facts, due_on) = (case.facts, standing.effective_due_on);
            let newest = reached(&case).last().copied();
            let (stage, reached_on) = newest.map_or((None, facts.accepted_on), |(name, day)| (Some(name), day));
            questions.push(Question {
                traits: traits(facts),
                stage: stage.map_or(ACCEPTED, |stage| self.numbers[&stage]),
                reached_on,
                accepted_on: facts.accepted_on,
                due_on,
            });
            let on_time_ppm = due_on.filter(|due_on| known.has_come(*due_on)).map(|_| 0);
            let (mode, names) = (standing.mode, known.names());
            expected.push(Expected {
                case,
                facts,
                mode,
                stage,
                reached_on,
                due_on,
                forecast: None,
                on_time_ppm,
                names,
            });
        }
        let forecasts = self.history.forecasts(day, &questions);
        for (expected, forecast) in expected.iter_mut().zip(forecasts) {
            expected.forecast = forecast;
            expected.on_time_ppm = expected.on_time_ppm.or(forecast.and_then(|forecast| forecast.on_time_ppm));
        }
        expected
    }
}

/// Writes the forecasts of the as-of day, and those of the last days of the months before it, where there are such.
pub fn write(cases: &Cases, settings: &Settings<'_>, folder: &Path) -> Result<()> {
    let replayer = Replayer::new(cases, settings);
    let mut forecasts = Writer::<Forecasts>::create(folder)?;
    for expected in &replayer.on(settings.clock.as_of) {
        forecasts.push(expected)?;
    }
    forecasts.finish()?;
    if settings.replayed_months == 0 { Ok(()) } else { replayer.write(folder) }
}

/// Writes the forecasts of the last days of the months before the as-of day.
pub fn write_backtest(cases: &Cases, settings: &Settings<'_>, folder: &Path) -> Result<()> {
    Replayer::new(cases, settings).write(folder)
}

impl Replayer<'_> {
    fn write(&self, folder: &Path) -> Result<()> {
        let as_of = self.settings.clock.as_of;
        let mut backtest = Writer::<Backtest>::create(folder)?;
        let now = self.cases.known_on(as_of);
        let days = as_of.month_ends_before(self.settings.replayed_months).into_iter();
        parallel::in_order(
            days,
            |day| Ok((day, self.on(day))),
            |(day, open)| {
                open.iter().try_for_each(|expected| {
                    let outcome = expected.case.known_on(now);
                    backtest.push(&Replayed { day, expected, outcome, now })
                })
            },
        )?;
        backtest.finish()
    }
}
