//! The programs of `examples/`: what each prints is what its opening comment works out by hand.
//!
//! Their files are compiled into this harness, so that running them links nothing more.

#[path = "../../examples/calendar.rs"]
#[allow(dead_code, reason = "its `main` is for `cargo run --example`")]
mod calendar;
#[path = "../../examples/clock.rs"]
#[allow(dead_code, reason = "its `main` is for `cargo run --example`")]
mod clock;
#[path = "../../examples/stats.rs"]
#[allow(dead_code, reason = "its `main` is for `cargo run --example`")]
mod stats;

#[test]
fn the_calendar_counts_across_a_holiday() {
    let expected = "\
calendar days: 11
working days: 5
a limit of 5 working days is due on 2026-05-11
worked on Saturday 2026-05-09: true
";
    assert_eq!(calendar::figures().unwrap(), expected);
}

#[test]
fn the_clock_takes_out_what_was_reported_by_the_due_date() {
    let expected = "\
reported on 2026-06-05: Admitted
gross 10 - excluded 4 = net 6 working days, limit 5
limit passed on 2026-06-15

reported on 2026-06-10: LateReport
gross 10 - excluded 0 = net 10 working days, limit 5
limit passed on 2026-06-09
";
    assert_eq!(clock::figures().unwrap(), expected);
}

#[test]
fn the_estimators_agree_with_the_pencil() {
    let expected = "\
p80 of 9 and 11 days: 10.6
2 of 4 on time: 50 %, interval 0.150 to 0.850
open after 3 days: 0.750, after 8 days: 0.375, median 8 days
";
    assert_eq!(stats::figures().unwrap(), expected);
}
