//! The clean tables of forecasts: what is to be expected of each open application, and what was on days of the past,
//! beside what came of it.
//!
//! A replay reads every application again as it stood on that day, by the same functions as the run reads it on its
//! as-of day: later finishes, claims and reports do not exist. What the exports do not date (a ruling, a promise, a
//! capacity) is taken as it stands now.

use std::collections::BTreeMap;
use std::path::Path;

use super::Clock;
use super::cases::{Application, Cases, Name, StagePass};
use super::clean::{Settings, writer};
use super::standing::Reader;
use super::vocabulary::{ChanceBand, Mode, TOO_FEW_ALIKE};
use crate::calendar::Day;
use crate::error::Result;
use crate::forecast::{ACCEPTED, Forecast, History, Journey, Kind, Question, Stage};
use crate::lake::Layout::{Date, Flag, Integer, Number, Text};
use crate::lake::{Layout, TableWriter, Value};

/// One row an application that is open on the as-of day, by identifier.
pub const FORECASTS: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("stage", Text),
    ("reached_on", Date),
    ("basis", Text),
    ("cases", Integer),
    ("p_on_time", Number),
    ("p50_on", Date),
    ("p80_on", Date),
];

/// One row a day of the past and an application that was open on it, by day and identifier: what was to be expected
/// then, and what came of it by the as-of day.
///
/// `on_time` is what `p_on_time` is held against: whether it was energised by the effective due date known then. It is
/// null where that had passed already or is still to come, and where the application was cancelled by then. The errors
/// are of those energised since whose due date lay between the two days: calendar days between the forecast and the
/// day, whichever came first. `within_p80` is null where that day is still to come or the application was cancelled.
pub const BACKTEST: &[(&str, Layout)] = &[
    ("replayed_on", Date),
    ("application_id", Text),
    ("bureau", Text),
    ("mode", Text),
    ("stage", Text),
    ("basis", Text),
    ("cases", Integer),
    ("effective_due_on", Date),
    ("p_on_time", Number),
    ("on_time_ppm", Integer),
    ("band", Text),
    ("p50_on", Date),
    ("p80_on", Date),
    ("mean_on", Date),
    ("energised_on", Date),
    ("cancelled_on", Date),
    ("on_time", Flag),
    ("within_p80", Flag),
    ("p50_error_days", Integer),
    ("due_error_days", Integer),
    ("mean_error_days", Integer),
];

/// The last days of so many months before the as-of day, the oldest first.
pub fn month_ends(as_of: Day, months: u32) -> Vec<Day> {
    let before = |day: &Day| Some(day.month().plus_days(-1));
    let mut days: Vec<Day> = std::iter::successors(before(&as_of), before).take(months as usize).collect();
    days.reverse();
    days
}

/// The stages that an application reached by a day, each with the day on which it first began, in that order.
fn reached(passes: &[StagePass], by: Day) -> Vec<(Name, Day)> {
    let mut reached: Vec<(Name, Day)> = Vec::with_capacity(passes.len());
    for pass in passes.iter().take_while(|pass| pass.started_on() <= by) {
        if reached.iter().all(|(stage, _)| *stage != pass.stage) {
            reached.push((pass.stage, pass.started_on()));
        }
    }
    reached
}

/// How an application ended, whichever end came first.
fn ends(application: &Application) -> (Option<Day>, Option<Day>) {
    match (application.energised_on(), application.cancelled_on) {
        (Some(energised_on), Some(cancelled_on)) if energised_on > cancelled_on => (None, Some(cancelled_on)),
        (Some(energised_on), _) => (Some(energised_on), None),
        (None, cancelled_on) => (None, cancelled_on),
    }
}

struct Replayer<'a> {
    cases: &'a Cases,
    settings: &'a Settings<'a>,
    history: History<'a>,
    numbers: BTreeMap<Name, Stage>,
}

/// An open application and what is to be expected of it.
struct Expected<'a> {
    application: &'a Application,
    mode: &'a str,
    stage: Option<Name>,
    reached_on: Day,
    due_on: Option<Day>,
    forecast: Option<Forecast>,
    /// The chance in millionths to be energised by the due date: 0 once that has passed, whatever others did.
    on_time_ppm: Option<i64>,
}

impl<'a> Replayer<'a> {
    fn new(cases: &'a Cases, settings: &'a Settings<'a>) -> Replayer<'a> {
        let history = History::new(settings.clock.calendar);
        let mut replayer = Replayer { cases, settings, history, numbers: BTreeMap::new() };
        let as_of = settings.clock.as_of;
        for application in cases.applications.iter().filter(|application| application.accepted_on <= as_of) {
            let reached: Vec<(Stage, Day)> = reached(&cases.passes[application.passes.clone()], as_of)
                .into_iter()
                .map(|(stage, day)| {
                    let next = replayer.numbers.len() as Stage + 1;
                    (*replayer.numbers.entry(stage).or_insert(next), day)
                })
                .collect();
            let (energised_on, cancelled_on) = ends(application);
            let (kind, accepted_on) = (replayer.kind(application), application.accepted_on);
            replayer.history.add(&Journey { kind, accepted_on, reached: &reached, energised_on, cancelled_on });
        }
        replayer
    }

    fn reader(&self, on: Day) -> Reader<'a> {
        let clock = Clock { as_of: on, ..self.settings.clock };
        Reader { cases: self.cases, clock, standards: self.settings.standards }
    }

    fn kind(&self, application: &Application) -> Kind {
        let names = &self.cases.names;
        Kind {
            order: self.reader(self.settings.clock.as_of).mode(application) == Mode::Order.code(),
            volts: (application.voltage_kv * 1_000.0).round() as i64,
            dual: application.supply.is_some_and(|supply| names.text(supply) == "dual"),
        }
    }

    /// What was to be expected on a day of the applications that were open on it.
    fn on(&self, day: Day) -> Vec<Expected<'a>> {
        let reader = self.reader(day);
        let is_open = |application: &&Application| {
            let ended_on = application.energised_on().into_iter().chain(application.cancelled_on).min();
            application.accepted_on <= day && ended_on.is_none_or(|ended_on| ended_on > day)
        };
        let mut expected: Vec<Expected<'a>> = Vec::new();
        let mut questions = Vec::new();
        for application in self.cases.applications.iter().filter(is_open) {
            let standing = reader.standing(application);
            let newest = reached(&self.cases.passes[application.passes.clone()], day).last().copied();
            let (stage, reached_on) = newest.map_or((None, application.accepted_on), |(name, day)| (Some(name), day));
            let due_on = standing.effective_due_on;
            questions.push(Question {
                kind: self.kind(application),
                stage: stage.map_or(ACCEPTED, |stage| self.numbers[&stage]),
                reached_on,
                accepted_on: application.accepted_on,
                due_on,
            });
            let on_time_ppm = due_on.filter(|due_on| *due_on <= day).map(|_| 0);
            let mode = standing.mode;
            expected.push(Expected { application, mode, stage, reached_on, due_on, forecast: None, on_time_ppm });
        }
        let forecasts = self.history.forecasts(day, &questions);
        for (expected, forecast) in expected.iter_mut().zip(forecasts) {
            expected.forecast = forecast;
            expected.on_time_ppm = expected.on_time_ppm.or(forecast.and_then(|forecast| forecast.on_time_ppm));
        }
        expected
    }

    fn name(&self, name: Name) -> Value<'a> {
        Value::text(self.cases.names.text(name))
    }

    fn stage(&self, expected: &Expected<'a>) -> Value<'a> {
        expected.stage.map_or(Value::Null, |stage| self.name(stage))
    }

    fn forecast_row(&self, table: &mut TableWriter, expected: &Expected<'a>) -> Result<()> {
        let forecast = expected.forecast;
        table.push(&[
            Value::text(&expected.application.application_id),
            self.stage(expected),
            Value::Date(expected.reached_on),
            basis(forecast),
            forecast.map(|forecast| forecast.cases as i64).into(),
            chance(expected.on_time_ppm),
            forecast.and_then(|forecast| forecast.p50_on).into(),
            forecast.and_then(|forecast| forecast.p80_on).into(),
        ])
    }

    fn backtest_row(&self, table: &mut TableWriter, day: Day, expected: &Expected<'a>) -> Result<()> {
        let as_of = self.settings.clock.as_of;
        let Expected { application, due_on, forecast, on_time_ppm: ppm, .. } = *expected;
        let (energised_on, cancelled_on) = ends(application);
        let known = |day: Option<Day>| day.filter(|day| *day <= as_of);
        let (energised_on, cancelled_on) = (known(energised_on), known(cancelled_on));
        // Whether it was energised by a day between the two, or is it no longer to be known?
        let energised_by = |by: Day| match (energised_on, cancelled_on) {
            _ if by <= day || by > as_of => None,
            (Some(energised_on), _) => Some(energised_on <= by),
            (None, Some(cancelled_on)) if cancelled_on <= by => None,
            (None, _) => Some(false),
        };
        let on_time = due_on.and_then(energised_by);
        let (p50_on, mean_on) = (forecast.and_then(|f| f.p50_on), forecast.and_then(|f| f.mean_on));
        let p80_on = forecast.and_then(|f| f.p80_on);
        // All three are held against the same cases.
        let errors = match (energised_on, on_time, p50_on, mean_on, due_on) {
            (Some(came_on), Some(_), Some(p50_on), Some(mean_on), Some(due_on)) => {
                [p50_on, due_on, mean_on].map(|expected_on| Some(i64::from((expected_on.0 - came_on.0).abs())))
            }
            _ => [None; 3],
        };
        let band = ppm.map(|ppm| ChanceBand::of(ppm).code());
        table.push(&[
            Value::Date(day),
            Value::text(&application.application_id),
            self.name(application.bureau),
            Value::text(expected.mode),
            self.stage(expected),
            basis(forecast),
            forecast.map(|forecast| forecast.cases as i64).into(),
            due_on.into(),
            chance(ppm),
            ppm.into(),
            band.into(),
            p50_on.into(),
            p80_on.into(),
            mean_on.into(),
            energised_on.into(),
            cancelled_on.into(),
            on_time.into(),
            p80_on.and_then(energised_by).into(),
            errors[0].into(),
            errors[1].into(),
            errors[2].into(),
        ])
    }
}

fn basis(forecast: Option<Forecast>) -> Value<'static> {
    Value::text(forecast.map_or(TOO_FEW_ALIKE.code, |forecast| forecast.basis.code()))
}

fn chance(ppm: Option<i64>) -> Value<'static> {
    ppm.map_or(Value::Null, |ppm| Value::Number(ppm as f64 / 1e6))
}

/// Writes the forecasts of the as-of day, and those of the last days of the months before it.
pub fn write(cases: &Cases, settings: &Settings<'_>, folder: &Path) -> Result<()> {
    let replayer = Replayer::new(cases, settings);
    let mut forecasts = writer(folder, "forecasts", FORECASTS)?;
    for expected in replayer.on(settings.clock.as_of) {
        replayer.forecast_row(&mut forecasts, &expected)?;
    }
    forecasts.finish()?;
    let mut backtest = writer(folder, "backtest", BACKTEST)?;
    for day in month_ends(settings.clock.as_of, settings.replayed_months) {
        for expected in replayer.on(day) {
            replayer.backtest_row(&mut backtest, day, &expected)?;
        }
    }
    backtest.finish().map(drop)
}
