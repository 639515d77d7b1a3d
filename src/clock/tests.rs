use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::tests::fuzz::{Choices, fuzz};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn calendar() -> &'static Calendar {
    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| crate::config::embedded_calendar("cn").unwrap());
    &CALENDAR
}

/// Days as a set, for the brute-force clock.
fn days(span: Span) -> BTreeSet<i32> {
    (span.after.0 + 1..=span.until.0).collect()
}

/// docs/method.md §4 day by day, without ordinals.
fn walked(
    clock: &Clock<'_>,
    pass: &Pass,
    limit: Option<Limit>,
    claims: &[Claim],
) -> (i32, [i32; 2], Option<Day>, Option<Day>) {
    let is_working = |day: &i32| clock.calendar.is_working(Day(*day));
    let working = |set: &BTreeSet<i32>| set.iter().filter(|day| is_working(day)).count() as i32;
    // Until which day a claim is believed that does not end: day by day, a working day at a time.
    let believed = |claim: &Claim| {
        let heard = [Some(claim.began_on), claim.reported_on, claim.confirmed_on].into_iter().flatten().max().unwrap();
        let later = (heard.0 + 1..).filter(is_working).nth(usize::from(clock.rules.open_claim_wd) - 1).unwrap();
        clock.as_of.min(Day(later))
    };
    let inside = days(pass.span());
    let (mut out, mut ruled) = (BTreeSet::new(), BTreeSet::new());
    for claim in claims {
        let until = match claim.ended_on {
            Some(ended_on) => ended_on,
            None if claim.ruling == Ruling::Admitted => clock.as_of,
            None => believed(claim),
        };
        let covered = days(Span { after: claim.began_on, until });
        let mine: BTreeSet<i32> = covered.intersection(&inside).copied().collect();
        let late = clock.rules.require_timely_report
            && claim.reported_on.is_none_or(|r| limit.is_some_and(|limit| r > limit.due_on));
        let refused = claim.ruling == Ruling::Pending && clock.rules.pending == Pending::Refuse;
        if claim.excludable && claim.ruling != Ruling::Rejected && !refused && !late {
            ruled.extend(mine.iter().filter(|_| claim.ruling == Ruling::Admitted));
            out.extend(mine);
        }
    }
    let (gross, excluded) = (working(&inside), working(&out));
    let provisional = excluded - working(&ruled);
    let breached = limit.and_then(|limit| {
        (pass.started_on.0..=pass.until.0).map(Day).find(|today| {
            let so_far = days(Span { after: pass.started_on, until: *today });
            let net = working(&so_far) - working(&so_far.intersection(&out).copied().collect());
            clock.calendar.is_working(*today) && net > limit.limit_wd
        })
    });
    let finish = pass.finished.then_some(pass.until);
    let settled = limit.and_then(|limit| if gross - excluded > limit.limit_wd { breached.or(finish) } else { finish });
    (gross, [excluded, provisional], breached, settled)
}

/// Claims of any kind against any pass: what the clock reads is what a walk from day to day finds.
fn claims(input: &[u8]) -> String {
    let mut choices = Choices(input);
    // From December 2025 on, so that make-up days, Spring Festival and the uncovered 2027 are met.
    let start = Day(choices.within(20_423..20_873));
    let pass = Pass { started_on: start, until: start.plus_days(choices.within(0..60)), finished: choices.flag() };
    let rules = Rules {
        pending: if choices.flag() { Pending::Refuse } else { Pending::Admit },
        require_timely_report: choices.flag(),
        open_claim_wd: choices.within(1..25) as u16,
        ..Rules::default()
    };
    let as_of = if pass.finished { pass.until.plus_days(choices.within(0..90)) } else { pass.until };
    let clock = Clock { calendar: calendar(), rules: &rules, as_of };
    let due = choices.maybe(-5..50);
    let limit = due.map(|due| clock.limit_until(start, start.plus_days(due)));
    let mut claims = Vec::new();
    while !choices.are_over() && claims.len() < 30 {
        let began_on = start.plus_days(choices.within(-20..60)).min(as_of);
        let known = |day: Day| Some(day).filter(|day| *day <= as_of);
        claims.push(Claim {
            excludable: !choices.flag(),
            ruling: [Ruling::Pending, Ruling::Admitted, Ruling::Rejected][choices.within(0..3) as usize],
            began_on,
            ended_on: choices.maybe(0..40).and_then(|length| known(began_on.plus_days(length))),
            reported_on: choices.maybe(-10..70).and_then(|later| known(start.plus_days(later))),
            confirmed_on: choices.maybe(0..90).and_then(|later| known(start.plus_days(later))),
        });
    }
    let reading = clock.read(&pass, limit, &claims);
    let walked = walked(&clock, &pass, limit, &claims);
    let (taken, decided) = ([reading.excluded_wd, reading.provisional_wd], reading.settled_on);
    assert_eq!((reading.gross_wd, taken, reading.breached_on, decided), walked);
    let each_day: BTreeSet<i32> = reading.excluded.iter().copied().flat_map(days).collect();
    let twice = reading.excluded.iter().copied().map(|span| days(span).len()).sum::<usize>() - each_day.len();
    assert_eq!(twice, 0, "a day is taken out twice");
    let verdicts: BTreeSet<Verdict> = reading.verdicts.iter().map(|judged| judged.verdict).collect();
    format!("{verdicts:?} {:?} {:?}", reading.overdue_gross, reading.overdue_net)
}

#[test]
fn fuzz_claims() {
    fuzz("claims", claims);
}

prop_compose! {
    fn some_claim(from: i32)(
        start in -20..60, length in prop::option::weighted(0.7, 0..40), report in prop::option::of(-10..70),
        confirmed in prop::option::weighted(0.3, 0..90),
        excludable in prop::bool::weighted(0.8), ruling in 0..3,
    ) -> Claim {
        Claim {
            excludable,
            ruling: [Ruling::Pending, Ruling::Admitted, Ruling::Rejected][ruling as usize],
            began_on: Day(from + start),
            ended_on: length.map(|length| Day(from + start + length)),
            reported_on: report.map(|report| Day(from + report)),
            confirmed_on: confirmed.map(|confirmed| Day(from + confirmed)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_clock_agrees_with_a_day_walker(
        // From December 2025 on, so that make-up days, Spring Festival and the uncovered 2027 are met.
        offset in 0..450,
        length in 0..60,
        finished: bool,
        due in prop::option::of(-5..50),
        refuse: bool,
        timely: bool,
        open_claim_wd in 1_u16..25,
        later in 0..90,
        claims in prop::collection::vec(some_claim(20_423), 0..5),
    ) {
        let calendar = calendar();
        let rules = Rules {
            pending: if refuse { Pending::Refuse } else { Pending::Admit },
            require_timely_report: timely,
            open_claim_wd,
            ..Rules::default()
        };
        let start = Day(20_423 + offset);
        let pass = Pass { started_on: start, until: start.plus_days(length), finished };
        let clock = Clock { calendar, rules: &rules, as_of: pass.until.plus_days(if finished { later } else { 0 }) };
        let known = |day: Option<Day>| day.map(|day| day.plus_days(offset)).filter(|day| *day <= clock.as_of);
        let shifted: Vec<Claim> = claims.iter().map(|claim| Claim {
            began_on: claim.began_on.plus_days(offset),
            ended_on: known(claim.ended_on),
            reported_on: known(claim.reported_on),
            confirmed_on: known(claim.confirmed_on),
            ..*claim
        }).filter(|claim| claim.began_on <= clock.as_of).collect();
        let limit = due.map(|due| clock.limit_until(start, start.plus_days(due)));
        let reading = clock.read(&pass, limit, &shifted);
        let (gross, excluded, breached, settled) = walked(&clock, &pass, limit, &shifted);
        prop_assert_eq!(reading.gross_wd, gross);
        prop_assert_eq!([reading.excluded_wd, reading.provisional_wd], excluded);
        prop_assert_eq!(reading.breached_on, breached);
        prop_assert_eq!(reading.settled_on, settled);
        if let (Some(at_limit_on), Some(limit)) = (reading.at_limit_on, limit) {
            // Finished on that day, it would have taken what it may; a day earlier, less.
            let net_until = |until: Day| {
                let span = Span { after: start, until };
                let taken = reading.excluded.iter().filter_map(|excluded| excluded.clip(span));
                clock.working_days(span) - taken.map(|span| clock.working_days(span)).sum::<i32>()
            };
            prop_assert_eq!(net_until(at_limit_on), limit.limit_wd.max(0));
            prop_assert!(at_limit_on == start || net_until(at_limit_on.plus_days(-1)) < limit.limit_wd);
            prop_assert!(reading.overdue_net == Some(true) && at_limit_on <= pass.until);
        } else {
            prop_assert!(reading.overdue_net != Some(true));
        }
        prop_assert!(reading.excluded_wd <= reading.claimed_wd && reading.claimed_wd <= gross);
        prop_assert!(reading.excluded_wd <= reading.verdicts.iter().map(|judged| judged.admitted_wd).sum::<i32>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_settled_stays_settled_as_time_passes(
        length in prop::option::of(0..60),
        due in -5..50,
        open_claim_wd in 0_u16..25,
        timely: bool,
        today in 0..60,
        later in 0..90,
        claims in prop::collection::vec(some_claim(20_423), 0..5),
    ) {
        let rules = Rules { require_timely_report: timely, open_claim_wd, ..Rules::default() };
        let start = Day(20_423);
        let outcome = |as_of: Day| {
            let clock = Clock { calendar: calendar(), rules: &rules, as_of };
            let known = |day: Option<Day>| day.filter(|day| *day <= as_of);
            let finished_on = known(length.map(|length| start.plus_days(length)));
            let pass = Pass::seen(start, finished_on, None, as_of);
            // What is said of a claim is on record on both days: only time passes.
            let said = |day: Option<Day>| day.filter(|day| *day <= start.plus_days(today));
            let claims: Vec<Claim> = claims
                .iter()
                .filter(|claim| claim.began_on <= as_of)
                .map(|claim| Claim {
                    ended_on: said(claim.ended_on),
                    reported_on: said(claim.reported_on),
                    confirmed_on: said(claim.confirmed_on),
                    ..*claim
                })
                .collect();
            let reading = clock.read(&pass, Some(clock.limit_until(start, start.plus_days(due))), &claims);
            (reading.settled_on, reading.overdue_net)
        };
        let then = outcome(start.plus_days(today));
        let now = outcome(start.plus_days(today + later));
        if then.0.is_some() {
            prop_assert_eq!(then, now);
        } else {
            prop_assert!(now.0.is_none_or(|settled_on| settled_on > start.plus_days(today)));
        }
    }
}

#[test]
fn a_claim_without_an_end_is_believed_for_a_while() {
    let rules = Rules::default();
    let clock = Clock { calendar: calendar(), rules: &rules, as_of: day("2026-06-30") };
    let open = Claim {
        excludable: true,
        ruling: Ruling::Pending,
        began_on: day("2026-04-01"),
        ended_on: None,
        reported_on: Some(day("2026-04-03")),
        confirmed_on: None,
    };
    // Twenty working days after Friday 3 April; the 6th, 1 May, the 4th and the 5th are holidays, Saturday the 9th is none.
    let covered = clock.covers(&open);
    assert_eq!(covered.span, Span { after: day("2026-04-01"), until: day("2026-05-07") });
    assert_eq!(covered.lapsed, Some(Span { after: day("2026-05-07"), until: day("2026-06-30") }));
    let confirmed = Claim { confirmed_on: Some(day("2026-06-15")), ..open };
    assert_eq!(clock.covers(&confirmed).span.until, day("2026-06-30"));
    assert_eq!(clock.covers(&confirmed).lapsed, None);
    let admitted = Claim { ruling: Ruling::Admitted, ..open };
    assert_eq!(clock.covers(&admitted).span.until, day("2026-06-30"));
    // A stage of a month that was over when the claim lapsed.
    let pass = Pass { started_on: day("2026-04-01"), until: day("2026-05-15"), finished: true };
    let judged = clock.judge(&open, &pass, None);
    assert_eq!((judged.verdict, judged.claimed_wd, judged.lapsed_wd), (Verdict::Provisional, 22, 7));
}

#[test]
fn what_is_open_when_the_application_is_cancelled_stops_there() {
    let (start, cancelled, as_of) = (day("2026-03-02"), Some(day("2026-03-20")), day("2026-06-30"));
    let seen = |finish: Option<&str>, cancelled| Pass::seen(start, finish.map(day), cancelled, as_of);
    assert_eq!(
        seen(Some("2026-03-20"), cancelled),
        Pass { started_on: start, until: day("2026-03-20"), finished: true }
    );
    assert_eq!(
        seen(Some("2026-04-01"), cancelled),
        Pass { started_on: start, until: day("2026-03-20"), finished: false }
    );
    assert_eq!(seen(None, cancelled), Pass { started_on: start, until: day("2026-03-20"), finished: false });
    assert_eq!(seen(None, None), Pass { started_on: start, until: as_of, finished: false });
}

#[test]
fn verdicts_follow_the_order_of_the_rules() {
    let calendar = calendar();
    let refuse = Rules { pending: Pending::Refuse, ..Rules::default() };
    let admit = Rules::default();
    let pass = Pass { started_on: day("2026-06-01"), until: day("2026-06-30"), finished: true };
    let due = Some(day("2026-06-12"));
    let good = Claim {
        excludable: true,
        ruling: Ruling::Admitted,
        began_on: day("2026-06-03"),
        ended_on: Some(day("2026-06-10")),
        reported_on: due,
        confirmed_on: None,
    };
    let unruled = Claim { ruling: Ruling::Pending, ..good };
    for (rules, claim, verdict) in [
        (&admit, good, Verdict::Admitted),
        (&admit, unruled, Verdict::Provisional),
        (&refuse, unruled, Verdict::Pending),
        (&admit, Claim { excludable: false, ruling: Ruling::Rejected, ..good }, Verdict::NotExcludable),
        (&admit, Claim { ruling: Ruling::Rejected, reported_on: None, ..good }, Verdict::Rejected),
        (&admit, Claim { reported_on: None, ..good }, Verdict::LateReport),
        (&admit, Claim { reported_on: Some(day("2026-06-13")), ..good }, Verdict::LateReport),
        (&admit, Claim { ended_on: Some(day("2026-06-03")), ..good }, Verdict::OutsideStage),
        // A Saturday and a Sunday: no working day is left.
        (
            &admit,
            Claim { began_on: day("2026-06-05"), ended_on: Some(day("2026-06-07")), ..good },
            Verdict::OutsideStage,
        ),
        (&admit, Claim { ended_on: Some(day("2026-06-03")), ..unruled }, Verdict::OutsideStage),
    ] {
        let clock = Clock { calendar, rules, as_of: day("2026-06-30") };
        assert_eq!(clock.judge(&claim, &pass, due).verdict, verdict, "{claim:?}");
    }
}
