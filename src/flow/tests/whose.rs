//! Whose the days are: a case with a pencil, and thousands day by day.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{at, calendar, day, some_step, step};
use crate::calendar::Instant;
use crate::flow::days::{Awaited, AwaitsCustomer, Causes, Held, Stretch, Whose};
use crate::flow::{End, trace};

#[test]
fn days_of_others_are_not_the_departments() {
    // Accepted on Monday the 2nd, energised on Tuesday the 31st.
    let steps = [
        step("a", "2026-03-02", "2026-03-06"),
        step("b", "2026-03-09", "2026-03-20"),
        step("c", "2026-03-25", "2026-03-27"),
    ];
    let held = |after: &str, until: &str, whose, is_excluded| Held {
        after: day(after),
        until: day(until),
        whose,
        is_excluded,
    };
    let causes = Causes {
        of_steps: vec![
            vec![],
            // The customer from the 10th to the 13th, an authority from the 12th to the 17th, which the clock leaves in.
            vec![
                held("2026-03-11", "2026-03-17", Whose::Government, false),
                held("2026-03-09", "2026-03-13", Whose::Customer, true),
            ],
        ],
        // A storm on the weekend before b and the Monday on which it begins, and later while b is worked on.
        of_whole: vec![held("2026-03-06", "2026-03-11", Whose::Other, true)],
        // Between b and c the customer builds.
        awaits_customer: Some(Box::new(|finished, awaited| (finished, awaited) == ("b", "c"))),
        awaited: Some(Awaited { stage: Some("g"), department: None, until: day("2026-03-31") }),
    };
    let trace = trace(day("2026-03-02"), &steps, End::Energised(at("2026-03-31")), &causes, calendar());
    let told = |stretch: &Stretch| {
        let step = stretch.step.map_or("-", |at| steps[at].stage);
        let charged = if stretch.is_charged { " charged" } else { "" };
        format!("{step} {} {}{charged}", stretch.whose.code(), stretch.days())
    };
    assert_eq!(
        trace.stretches.iter().map(told).collect::<Vec<_>>(),
        [
            "a work 4 charged",
            "b other 3",
            "b customer 4",
            "b government 4 charged",
            "b work 3 charged",
            "c customer 5",
            "c work 2 charged",
            "- waiting 4 charged",
        ]
    );
    let split = trace.split();
    let parts = [split.work_days, split.waiting_days, split.customer_days, split.government_days, split.other_days];
    assert_eq!((parts, parts.iter().sum::<i32>()), ([9, 4, 9, 4, 3], 29));
    // Net days of b: ten working days less the customer's four; c has no queue.
    let wd = |at: usize| trace.steps[at].critical.map(|critical| (critical.wd, critical.queue_wd));
    assert_eq!([wd(0), wd(1), wd(2)], [Some((4, 0)), Some((5, 0)), Some((2, 0))]);
}

prop_compose! {
    fn some_held()(
        after in -10..50_i32, length in 1..20_i32, whose in 2..5_usize, is_excluded: bool,
    ) -> Held {
        let whose = [Whose::Work, Whose::Waiting, Whose::Customer, Whose::Government, Whose::Other][whose];
        let after = day("2026-03-02").plus_days(after);
        Held { after, until: after.plus_days(length), whose, is_excluded }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Day by day: each day of the cycle is in exactly one stretch, and it is whose the rules say.
    #[test]
    fn every_day_of_the_cycle_is_somebodys(
        mut steps in prop::collection::vec(some_step(), 0..9), ended in 0..60_i32, accepted in -5..10_i32,
        held in prop::collection::vec(prop::collection::vec(some_held(), 0..4), 9),
        of_whole in prop::collection::vec(some_held(), 0..4), customers: bool,
    ) {
        let accepted_on = day("2026-03-02").plus_days(accepted);
        let energised_on = accepted_on.plus_days(ended);
        steps.sort_by_key(|step| (step.started_at, step.position, step.finished_at));
        let awaits_customer: AwaitsCustomer<'_> = Box::new(move |finished, _| customers && finished < "c");
        let causes = Causes { of_steps: held, of_whole, awaits_customer: Some(awaits_customer), awaited: None };
        let end = End::Energised(Instant::at(energised_on, 0));
        let trace = trace(accepted_on, &steps, end, &causes, calendar());
        let split = trace.split();
        let sum = split.work_days + split.waiting_days + split.customer_days + split.government_days + split.other_days;
        prop_assert_eq!(sum, ended);
        let mut whose = BTreeMap::new();
        for stretch in &trace.stretches {
            for number in stretch.after.0 + 1..=stretch.until.0 {
                prop_assert_eq!(whose.insert(number, (stretch.whose, stretch.is_wait, stretch.step)), None);
            }
        }
        prop_assert_eq!(whose.len(), ended as usize);
        for (day, (whose, is_wait, step)) in whose {
            // Of the path the last that is worked on, or the first that is still to come.
            let working = trace.path.iter().find(|at| steps[**at].started_on().0 < day && day <= steps[**at].until.0);
            prop_assert_eq!(is_wait, working.is_none());
            let next = working.or(trace.path.iter().find(|at| steps[**at].started_on().0 >= day));
            prop_assert_eq!(step, next.copied());
            let place = next.map_or(trace.path.len(), |at| trace.path.iter().position(|other| other == at).unwrap());
            let before = place.checked_sub(1).map(|before| steps[trace.path[before]].stage);
            let of_whole = causes.of_whole.iter().filter(|_| working.is_none());
            let of_step = next.into_iter().flat_map(|at| &causes.of_steps[*at]);
            let held = of_whole.chain(of_step).filter(|held| held.after.0 < day && day <= held.until.0);
            let held = held.min_by_key(|held| (!held.is_excluded, held.whose)).map(|held| held.whose);
            let rest = if working.is_some() { Whose::Work } else { Whose::Waiting };
            let is_customers = working.is_none() && next.is_some() && customers && before.is_some_and(|stage| stage < "c");
            prop_assert_eq!(whose, if is_customers { Whose::Customer } else { held.unwrap_or(rest) });
        }
    }
}
