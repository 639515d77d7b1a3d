//! Working days across a holiday: `cargo run --example calendar`.
//!
//! In 2026 Labour Day is 1 to 5 May, and Saturday 9 May is worked instead (调休). An application is accepted on Thursday
//! 30 April and energised on Monday 11 May. The first day is not counted, so the working days are the 6th, 7th, 8th, 9th
//! and 11th.

#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use yekuo::calendar::Day;
use yekuo::config::embedded_calendar;

/// What the program prints.
pub fn figures() -> Result<String, Box<dyn Error>> {
    let calendar = embedded_calendar("cn")?;
    let accepted_on: Day = "2026-04-30".parse()?;
    let energised_on: Day = "2026-05-11".parse()?;
    let calendar_days = energised_on.0 - accepted_on.0;
    let working_days = calendar.working_days(accepted_on, energised_on);
    // The fifth working day after acceptance, found the other way round.
    let fifth = calendar.first_day(calendar.ordinal(accepted_on) + 5);
    Ok(format!(
        "calendar days: {calendar_days}\n\
         working days: {working_days}\n\
         a limit of 5 working days is due on {fifth}\n\
         worked on Saturday 2026-05-09: {}\n",
        calendar.is_working("2026-05-09".parse()?)
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", figures()?);
    Ok(())
}
