//! The clean tables of what lies on a department's desk: each month with its working days, and the passes that were
//! open at its end.

use std::path::Path;

use super::Pass;
use super::cases::Cases;
use super::clean::{Settings, writer};
use crate::error::Result;
use crate::lake::Layout::{Date, Integer, Text};
use crate::lake::{Layout, Value};

/// One row a month from that of the first pass to that of the as-of day.
///
/// `until_on` is its last day, or the as-of day; `working_wd` the working days up to it.
pub const MONTH_DAYS: &[(&str, Layout)] = &[("month", Date), ("until_on", Date), ("working_wd", Integer)];

/// One row a pass and a month at whose end, or on the as-of day, it was open: with its working days until then.
pub const OPEN_PASSES: &[(&str, Layout)] = &[
    ("application_id", Text),
    ("stage", Text),
    ("pass", Integer),
    ("department", Text),
    ("month", Date),
    ("age_wd", Integer),
];

/// Writes both tables.
pub fn write(cases: &Cases, settings: &Settings<'_>, folder: &Path) -> Result<()> {
    let (as_of, calendar) = (settings.clock.as_of, settings.clock.calendar);
    let mut open = writer(folder, "open_passes", OPEN_PASSES)?;
    let mut first = as_of.month();
    for application in cases.applications.iter().filter(|application| application.accepted_on <= as_of) {
        for stage in cases.passes[application.passes.clone()].iter().filter(|pass| pass.started_on() <= as_of) {
            first = first.min(stage.started_on().month());
            let pass = Pass::seen(stage.started_on(), stage.finished_on(), application.cancelled_on, as_of);
            let stopped = application.cancelled_on.is_some_and(|cancelled_on| cancelled_on <= as_of);
            let ended_on = (pass.finished || stopped).then_some(pass.until);
            let mut until = pass.started_on.month_end().min(as_of);
            while ended_on.is_none_or(|ended_on| ended_on > until) {
                open.push(&[
                    Value::text(&application.application_id),
                    Value::text(cases.names.text(stage.stage)),
                    Value::Integer(i64::from(stage.pass)),
                    Value::text(cases.names.text(stage.department)),
                    Value::Date(until.month()),
                    Value::Integer(i64::from(calendar.working_days(pass.started_on, until))),
                ])?;
                if until == as_of {
                    break;
                }
                until = until.plus_days(1).month_end().min(as_of);
            }
        }
    }
    open.finish()?;

    let mut months = writer(folder, "month_days", MONTH_DAYS)?;
    for month in std::iter::successors(Some(first), |month| Some(month.plus_months(1))).take_while(|m| *m <= as_of) {
        let until = month.month_end().min(as_of);
        let working_wd = calendar.working_days(month.plus_days(-1), until);
        months.push(&[Value::Date(month), Value::Date(until), Value::Integer(i64::from(working_wd))])?;
    }
    months.finish().map(drop)
}
