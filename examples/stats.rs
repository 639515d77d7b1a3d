//! Three estimators on samples small enough for a pencil: `cargo run --example stats`.
//!
//! - Net working days 9 and 11: p80 = 9 + 0.8 × (11 − 9) = 10.6.
//! - Two of four on time. Wilson's interval is (0.5 + z²/8 ± z √(0.25/4 + z²/64)) ÷ (1 + z²/4), with z = 1.96: half of it
//!   is 1.96 √(0.0625 + 0.0600) ÷ 1.9604 = 0.350.
//! - Four applications: energised after 3 and 8 days, still open after 5 and 9. 3/4 are left after day 3. On day 8 two are
//!   still watched and one of them is energised: 3/4 × 1/2 = 3/8 are left, less than half, so the median is 8 days.

#![allow(clippy::print_stdout, reason = "printing is what an example is for")]

use std::error::Error;

use yekuo::stats::survival::{End, LifeTable};
use yekuo::stats::{percentile, wilson};

/// What the program prints.
pub fn figures() -> Result<String, Box<dyn Error>> {
    let p80 = percentile(&[9.0, 11.0], 800).ok_or("no days")?;
    let on_time = wilson(2, 4).ok_or("no cases")?;
    let cases: LifeTable =
        [(3, End::Event), (5, End::Censored), (8, End::Event), (9, End::Censored)].into_iter().collect();
    let curve = cases.kaplan_meier();
    let median = curve.median().day.ok_or("fewer than half were energised")?;
    Ok(format!(
        "p80 of 9 and 11 days: {p80:.1}\n\
         2 of 4 on time: 50 %, interval {:.3} to {:.3}\n\
         open after 3 days: {:.3}, after 8 days: {:.3}, median {median} days\n",
        on_time.low,
        on_time.high,
        curve.at(3),
        curve.at(8)
    ))
}

fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", figures()?);
    Ok(())
}
