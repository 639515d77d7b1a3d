//! One stage with a delay that the customer caused: `cargo run --example clock`.
//!
//! The stage starts on Monday 1 June 2026, is due on Monday the 8th (5 working days) and finishes on Monday the 15th (10).
//! The customer held it up from the 3rd to the 9th: the 4th, 5th, 8th and 9th, 4 working days, are taken out if the delay
//! was reported by the due date. Then 6 days are left, one more than the limit. What uses up the limit are the 2nd and
//! 3rd, before the delay, and the 10th, 11th and 12th after it; so the limit is passed on the next working day, the 15th.
//! Without the exclusion it is passed on the first working day after the due date, the 9th.

#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use yekuo::calendar::Day;
use yekuo::clock::{Claim, Clock, Pass, Rules, Ruling};
use yekuo::config::embedded_calendar;

/// The figures of the stage, where the delay was reported on a day of June.
fn reading(reported_on: &str) -> Result<String, Box<dyn Error>> {
    let calendar = embedded_calendar("cn")?;
    let rules = Rules::default();
    let clock = Clock { calendar: &calendar, rules: &rules, as_of: "2026-06-30".parse()? };
    let pass = Pass { started_on: "2026-06-01".parse()?, until: "2026-06-15".parse()?, finished: true };
    let limit = clock.limit_until(pass.started_on, "2026-06-08".parse()?);
    let claim = Claim {
        excludable: true,
        ruling: Ruling::Admitted,
        began_on: "2026-06-03".parse()?,
        ended_on: Some("2026-06-09".parse()?),
        reported_on: Some(reported_on.parse()?),
        confirmed_on: None,
    };
    let reading = clock.read(&pass, Some(limit), &[claim]);
    let breached_on = reading.breached_on.map_or_else(|| "never".to_owned(), |day: Day| day.to_string());
    Ok(format!(
        "reported on {reported_on}: {:?}\n\
         gross {} - excluded {} = net {} working days, limit {}\n\
         limit passed on {breached_on}\n",
        reading.verdicts[0].verdict, reading.gross_wd, reading.excluded_wd, reading.net_wd, limit.limit_wd
    ))
}

/// What the program prints.
pub fn figures() -> Result<String, Box<dyn Error>> {
    Ok(format!("{}\n{}", reading("2026-06-05")?, reading("2026-06-10")?))
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", figures()?);
    Ok(())
}
