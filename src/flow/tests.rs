//! Cases with a pencil, and thousands of small ones against docs/method.md §8 done in the plain way.

mod whose;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

fn calendar() -> &'static Calendar {
    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| crate::config::embedded_calendar("cn").unwrap());
    &CALENDAR
}

/// `2026-03-02`, or `2026-03-02 14` o'clock.
fn at(text: &str) -> Instant {
    let (day, hour) = text.split_once(' ').unwrap_or((text, "0"));
    Instant::at(day.parse().unwrap(), hour.parse::<i64>().unwrap() * 3600)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A step of the stage and department that its letter names, `g` the goal; the second text is its finish, or
/// `- 2026-03-31` the day that an unfinished one is looked at.
fn step<'a>(stage: &'a str, from: &str, to: &str) -> Step<'a> {
    let open = to.strip_prefix("- ");
    let until = open.map_or_else(|| at(to).day(), day);
    Step {
        stage,
        department: stage,
        position: stage.bytes().next().map_or(0, u16::from),
        to_goal: stage.cmp("g"),
        started_at: at(from),
        finished_at: open.is_none().then(|| at(to)),
        until,
        net_wd: calendar().working_days(at(from).day(), until),
        at_limit_on: None,
    }
}

fn path(steps: &[Step<'_>], end: End) -> String {
    let trace = trace(day("2026-03-02"), steps, end, &Causes::default(), calendar());
    trace.path.iter().map(|at| steps[*at].stage).collect()
}

#[test]
fn what_finished_last_before_gates() {
    let energised = |text: &str| End::Energised(at(text));
    for (why, steps, end, expected) in [
        (
            "one after another",
            vec![step("a", "2026-03-02", "2026-03-04"), step("b", "2026-03-05", "2026-03-09")],
            energised("2026-03-10"),
            "ab",
        ),
        (
            "b runs beside c, which finishes later",
            vec![
                step("a", "2026-03-02", "2026-03-04"),
                step("b", "2026-03-04", "2026-03-06"),
                step("c", "2026-03-05", "2026-03-09"),
                step("d", "2026-03-10", "2026-03-11"),
            ],
            energised("2026-03-11"),
            "acd",
        ),
        (
            "out of order: what usually comes first is what is waited for",
            vec![step("b", "2026-03-02", "2026-03-04"), step("a", "2026-03-05", "2026-03-09")],
            energised("2026-03-09"),
            "ba",
        ),
        (
            "rework: the second a waits for b",
            vec![
                step("a", "2026-03-02", "2026-03-04"),
                step("b", "2026-03-04", "2026-03-06"),
                step("a", "2026-03-09", "2026-03-10"),
            ],
            energised("2026-03-10"),
            "aba",
        ),
        (
            "a finishes after b has begun, and gates only what comes then",
            vec![
                step("a", "2026-03-02", "2026-03-12"),
                step("b", "2026-03-04", "2026-03-06"),
                step("c", "2026-03-09", "2026-03-16"),
            ],
            energised("2026-03-16"),
            "bc",
        ),
        (
            "what comes after the energisation is not on the way to it",
            vec![step("a", "2026-03-02", "2026-03-04"), step("z", "2026-03-06", "2026-03-10")],
            energised("2026-03-05"),
            "a",
        ),
        (
            "nor on its day, where the hours are known",
            vec![
                step("a", "2026-03-02 9", "2026-03-05 10"),
                step("b", "2026-03-02 9", "2026-03-05 12"),
                step("z", "2026-03-05 11", "2026-03-05 16"),
            ],
            energised("2026-03-05 12"),
            "b",
        ),
        (
            "the goal is closed minutes after, and what comes after it later that day",
            vec![
                step("f", "2026-03-02 9", "2026-03-04 10"),
                step("g", "2026-03-05 9", "2026-03-05 11"),
                step("z", "2026-03-05 11", "2026-03-05 16"),
            ],
            energised("2026-03-05 10"),
            "fg",
        ),
        (
            "by the day: the goal, not what comes after it",
            vec![
                step("f", "2026-03-02", "2026-03-05"),
                step("g", "2026-03-04", "2026-03-05"),
                step("z", "2026-03-05", "2026-03-05"),
            ],
            energised("2026-03-05"),
            "g",
        ),
        (
            "the goal by the day, the energisation by the hour",
            vec![step("f", "2026-03-02", "2026-03-04"), step("g", "2026-03-05", "2026-03-05")],
            energised("2026-03-05 10"),
            "fg",
        ),
        (
            "what comes after the goal usually, but did not here",
            vec![step("g", "2026-03-02", "2026-03-03"), step("z", "2026-03-03", "2026-03-04")],
            energised("2026-03-05"),
            "gz",
        ),
        (
            "nothing that began after it, though it says no hour of its finish",
            vec![step("a", "2026-03-02 9", "2026-03-04 10"), step("b", "2026-03-05 11", "2026-03-05")],
            energised("2026-03-05 10"),
            "a",
        ),
        (
            "by the hour b did not wait for a",
            vec![step("a", "2026-03-02 9", "2026-03-04 15"), step("b", "2026-03-04 11", "2026-03-09 9")],
            energised("2026-03-09 12"),
            "b",
        ),
        (
            "a start without an hour waits for all that finished on its day",
            vec![step("a", "2026-03-02 9", "2026-03-04 15"), step("b", "2026-03-04", "2026-03-09")],
            energised("2026-03-09"),
            "ab",
        ),
        (
            "no length at one instant: the usual order, and no loop",
            vec![
                step("a", "2026-03-04", "2026-03-04"),
                step("b", "2026-03-04", "2026-03-04"),
                step("b", "2026-03-04", "2026-03-04"),
            ],
            energised("2026-03-04"),
            "abb",
        ),
        (
            "of two that finish together the one that started last",
            vec![
                step("a", "2026-03-02", "2026-03-06"),
                step("b", "2026-03-03", "2026-03-06"),
                step("c", "2026-03-09", "2026-03-10"),
            ],
            energised("2026-03-10"),
            "bc",
        ),
        ("nothing on record", vec![], energised("2026-03-10"), ""),
        (
            "open: the start of what runs is the latest event",
            vec![step("a", "2026-03-02", "2026-03-04"), step("b", "2026-03-05", "- 2026-03-31")],
            End::Open,
            "ab",
        ),
        (
            "open: a finish is, though something else still runs",
            vec![
                step("a", "2026-03-02", "- 2026-03-31"),
                step("b", "2026-03-03", "2026-03-05"),
                step("c", "2026-03-06", "2026-03-20"),
            ],
            End::Open,
            "bc",
        ),
        (
            "open: what waited for the last finish, though it says no hour",
            vec![step("a", "2026-03-02", "2026-03-06 15"), step("b", "2026-03-06", "2026-03-06")],
            End::Open,
            "ab",
        ),
        (
            "open: what runs since a day, though something else finished in its course",
            vec![
                step("a", "2026-03-02", "2026-03-06 15"),
                step("b", "2026-03-03", "2026-03-06 10"),
                step("c", "2026-03-06", "- 2026-03-31"),
            ],
            End::Open,
            "ac",
        ),
        ("open: only what runs", vec![step("a", "2026-03-02", "- 2026-03-31")], End::Open, "a"),
        ("open: nothing on record", vec![], End::Open, ""),
        (
            "cancelled: what ran then; what would have started later never did",
            vec![
                step("a", "2026-03-02", "2026-03-04"),
                step("b", "2026-03-05", "- 2026-03-12"),
                step("c", "2026-03-16", "- 2026-03-12"),
            ],
            End::Cancelled(day("2026-03-12")),
            "ab",
        ),
    ] {
        assert_eq!(path(&steps, end), expected, "{why}");
    }
}

#[test]
fn a_wait_belongs_to_what_is_awaited() {
    // Accepted on Monday 2 March; April the 6th is a holiday.
    let steps = [
        step("a", "2026-03-04", "2026-03-06"),
        step("b", "2026-03-05", "2026-03-05"),
        step("c", "2026-03-16", "2026-04-03"),
    ];
    let read = |end| trace(day("2026-03-02"), &steps, end, &Causes::default(), calendar());
    let energised = read(End::Energised(at("2026-04-08")));
    assert_eq!((energised.path.as_slice(), energised.lead_days, energised.tail_days), (&[0, 2][..], Some(2), Some(5)));
    assert_eq!(energised.steps.iter().map(|step| step.waiting_wd).collect::<Vec<_>>(), [None, None, Some(6)]);
    let part = |trace: &Trace, at: usize| {
        trace.steps[at].critical.map(|critical| (critical.wd, critical.wait_days, critical.work_days))
    };
    // The first waits since the acceptance; what comes after the last is nobody's of the path.
    assert_eq!(part(&energised, 0), Some((2 + 2, 0, 2)));
    assert_eq!(part(&energised, 1), None);
    assert_eq!(part(&energised, 2), Some((6 + 14, 10, 18)));
    assert_eq!(part(&read(End::Open), 2), Some((6 + 14, 10, 18)));
    let cancelled = read(End::Cancelled(day("2026-04-07")));
    assert_eq!(part(&cancelled, 2), Some((6 + 14, 10, 18)));
    assert_eq!((cancelled.lead_days, cancelled.tail_days), (None, None));
}

#[test]
fn a_gain_ends_where_other_work_would_gate() {
    let mut steps = [
        step("a", "2026-03-02", "2026-03-12"),
        step("b", "2026-03-13", "2026-03-20"),
        step("c", "2026-03-04", "2026-03-16"),
        step("d", "2026-03-22", "2026-03-24"),
    ];
    steps.sort_by_key(|step| (step.started_at, step.position));
    let limit = |steps: &mut [Step<'_>], stage: &str, on: &str| {
        steps.iter_mut().filter(|step| step.stage == stage).for_each(|step| step.at_limit_on = Some(day(on)));
    };
    let saved = |steps: &[Step<'_>]| {
        let trace = trace(day("2026-03-02"), steps, End::Energised(at("2026-03-24")), &Causes::default(), calendar());
        let part = |stage: &str| {
            let at = steps.iter().position(|step| step.stage == stage).unwrap();
            trace.steps[at]
                .critical
                .map(|critical| (critical.saved_at_limit_days, f64::from(critical.saved_half_wait_half_days) / 2.0))
        };
        (["a", "b", "c", "d"].map(part), trace.saved_at_limits_days)
    };
    // One day waited before b, two before d. Halved, half a day and a day.
    assert_eq!(saved(&steps), ([Some((0, 0.0)), Some((0, 0.5)), None, Some((0, 1.0))], 0));
    // a could have been done on the 6th, and b with it on the 14th: but c was not until the 16th.
    limit(&mut steps, "a", "2026-03-06");
    assert_eq!(saved(&steps).0[0], Some((4, 0.0)));
    // b alone: five days, of which c leaves four. Both are no better.
    limit(&mut steps, "b", "2026-03-15");
    assert_eq!((saved(&steps).0.map(|part| part.map_or(0, |(limit, _)| limit)), saved(&steps).1), ([4, 4, 0, 0], 4));
    // Of one department they share the four days.
    steps.iter_mut().filter(|step| step.stage == "b").for_each(|step| step.department = "a");
    assert_eq!((saved(&steps).0.map(|part| part.map_or(0, |(limit, _)| limit)), saved(&steps).1), ([4, 0, 0, 0], 4));
    // An overdue one off the path brings nothing.
    limit(&mut steps, "c", "2026-03-05");
    assert_eq!((saved(&steps).0[2], saved(&steps).1), (None, 4));
}

#[test]
fn edges_lead_from_the_acceptance_to_the_end() {
    let steps = [
        step("b", "2026-03-04", "2026-03-06"),
        step("c", "2026-03-05", "2026-03-09"),
        step("a", "2026-03-13", "- 2026-04-30"),
        step("a", "2026-03-16", "2026-03-16"),
    ];
    let read = |steps: &[Step<'_>], end| {
        let traced = trace(day("2026-03-02"), steps, end, &Causes::default(), calendar()).steps;
        let told = |edge: Edge| {
            let flags = [(edge.rework, "rework"), (edge.overlap, "overlap")];
            let flags: Vec<&str> = flags.into_iter().filter(|(flag, _)| *flag).map(|(_, word)| word).collect();
            format!("{:?} {:?} {:?} {}", edge.kind, edge.wd, edge.days, flags.join(" "))
        };
        edges(day("2026-03-02"), steps, &traced, end, calendar()).map(told).collect::<Vec<_>>()
    };
    assert_eq!(
        read(&steps, End::Energised(at("2026-04-30"))),
        [
            "Start Some(2) Some(2) ",
            "Next Some(0) Some(0) overlap",
            "Back Some(4) Some(4) ",
            "Again Some(1) Some(3) rework overlap",
            "End None None ",
        ]
    );
    assert_eq!(read(&steps[..1], End::Cancelled(day("2026-04-30")))[1], "Cancelled None None ");
    assert_eq!(read(&steps[..1], End::Open).len(), 1);
    assert!(read(&[], End::Energised(at("2026-04-30"))).is_empty());
    assert_eq!((variant(&steps).as_deref(), variant(&[])), (Some("b→c→a→a"), None));
}

/// Whether a time has a time of day.
fn timed(at: Instant) -> bool {
    at.0.rem_euclid(86_400_000_000) != 0
}

/// Whether a step was finished when something began.
fn done(step: &Step<'_>, begun: Instant) -> bool {
    step.finished_at.is_some_and(|done| if timed(begun) { done.0 <= begun.0 } else { done.day() <= begun.day() })
}

/// Whether a step was finished when the supply went live.
fn done_at_energisation(step: &Step<'_>, live: Instant) -> bool {
    let hours = timed(step.started_at) && timed(live);
    let is_later = if hours { step.started_at > live } else { step.started_at.day() > live.day() };
    let is_earlier = if hours { step.started_at < live } else { step.started_at.day() < live.day() };
    let goal_of_the_day = step.to_goal.is_eq() && step.finished_at.is_some_and(|done| done.day() == live.day());
    goal_of_the_day || (done(step, live) && !is_later && (is_earlier || !step.to_goal.is_gt()))
}

/// docs/method.md §8 to the letter: the one that finished last of those finished before, by a sorted list.
fn walked(steps: &[Step<'_>], end: End) -> Vec<usize> {
    let rank = |at: usize| {
        let step = &steps[at];
        (step.finished_at, step.started_at, step.position, at)
    };
    let before = |begun: Instant| {
        let mut all: Vec<usize> = (0..steps.len()).filter(|at| done(&steps[*at], begun)).collect();
        all.sort_by_key(|at| rank(*at));
        all
    };
    let gate_of = |at: usize| before(steps[at].started_at).into_iter().rev().find(|other| *other < at);
    let gates: BTreeSet<usize> = (0..steps.len()).filter_map(gate_of).collect();
    let last_finish = (0..steps.len())
        .filter(|at| steps[*at].finished_at.is_some() && !gates.contains(at))
        .max_by_key(|at| rank(*at));
    let mut next = match end {
        End::Energised(at) => (0..steps.len())
            .filter(|step| done_at_energisation(&steps[*step], at))
            .max_by_key(|step| (steps[*step].finished_at, steps[*step].to_goal.is_eq(), rank(*step))),
        _ => {
            let running = (0..steps.len()).rev().find(|at| steps[*at].finished_at.is_none());
            running
                .filter(|at| last_finish.is_none_or(|last| done(&steps[last], steps[*at].started_at)))
                .or(last_finish)
        }
    };
    let mut path = Vec::new();
    while let Some(at) = next {
        path.insert(0, at);
        next = gate_of(at);
    }
    path
}

/// Days of the energisation, run again the plain way: all that was finished before is waited for.
fn rerun(
    steps: &[Step<'_>],
    energised_at: Instant,
    length: &dyn Fn(usize) -> f64,
    wait: &dyn Fn(usize, f64) -> f64,
) -> f64 {
    let mut finish: Vec<f64> = Vec::new();
    for at in 0..=steps.len() {
        let begun = steps.get(at).map_or(energised_at, |step| step.started_at);
        let waited_for = |other: &usize| match steps.get(at) {
            Some(step) => done(&steps[*other], step.started_at),
            None => done_at_energisation(&steps[*other], energised_at),
        };
        let all: Vec<usize> = (0..at.min(steps.len())).filter(waited_for).collect();
        let was = all.iter().map(|other| f64::from(steps[*other].until.0)).reduce(f64::max);
        let is = all.iter().map(|other| finish[*other]).reduce(f64::max);
        let start = f64::from(begun.day().0);
        let start = was.zip(is).map_or(start, |(was, is)| is + wait(at, start - was));
        finish.push(start + if at < steps.len() { length(at) } else { 0.0 });
    }
    finish[steps.len()]
}

const STAGES: [&str; 5] = ["a", "b", "c", "d", "e"];
const DEPARTMENTS: [&str; 3] = ["x", "y", "z"];

prop_compose! {
    /// A step within five weeks of March 2026; its times on the hour, or without one.
    fn some_step()(
        stage in 0..5_usize, department in 0..3_usize, start in 0..35_i64, length in prop_oneof![Just(0), 0..12_i64],
        from in prop_oneof![2 => Just(0), 1 => 1..24_i64], to in prop_oneof![2 => Just(0), 1 => 1..24_i64],
        finished in prop::bool::weighted(0.9), limit in prop::option::of(0.0..1.0_f64),
    ) -> Step<'static> {
        let first = day("2026-03-02");
        let started_at = Instant::at(first, start * Instant::DAY + from * 3600);
        let finished_at = Instant::at(first, (start + length) * Instant::DAY + to * 3600).max(started_at);
        let until = if finished { finished_at.day() } else { day("2026-05-31") };
        let begun = started_at.day();
        let at_limit_on = limit.map(|share| begun.plus_days((f64::from(until.0 - begun.0) * share) as i32));
        Step {
            stage: STAGES[stage],
            department: DEPARTMENTS[department],
            position: stage as u16,
            to_goal: STAGES[stage].cmp("d"),
            started_at,
            finished_at: finished.then_some(finished_at),
            until,
            net_wd: calendar().working_days(begun, until),
            at_limit_on,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn the_path_is_the_one_that_domain_8_walks(
        mut steps in prop::collection::vec(some_step(), 0..9), ended in 0..60_i64, hour in prop_oneof![Just(0), 0..24_i64],
        accepted in -5..10_i32, energised: bool,
    ) {
        let accepted_on = day("2026-03-02").plus_days(accepted);
        steps.sort_by_key(|step| (step.started_at, step.position, step.finished_at));
        let energised_at = Instant::at(day("2026-03-02"), ended * Instant::DAY + hour * 3600);
        let end = if energised { End::Energised(energised_at) } else { End::Open };
        let trace = trace(accepted_on, &steps, end, &Causes::default(), calendar());
        prop_assert_eq!(&trace.path, &walked(&steps, end));

        // The path is a chain in time without a gap, each pass at most once.
        prop_assert_eq!(trace.path.iter().collect::<BTreeSet<_>>().len(), trace.path.len());
        let critical: Vec<Critical> = trace.path.iter().map(|at| trace.steps[*at].critical.unwrap()).collect();
        prop_assert_eq!(trace.steps.iter().filter(|step| step.critical.is_some()).count(), critical.len());
        for (place, at) in trace.path.iter().enumerate().skip(1) {
            let waited = trace.steps[*at].waiting_wd.unwrap();
            if steps[*at].started_on() >= accepted_on && steps[trace.path[place - 1]].until >= accepted_on {
                prop_assert_eq!((critical[place].wd - steps[*at].net_wd, critical[place].queue_wd), (waited, waited));
            }
            prop_assert!(waited >= 0 && critical[place].wait_days >= 0 && critical[place].work_days >= 0);
        }
        if energised {
            let tiled = critical.iter().map(|part| part.work_days + part.wait_days).sum::<i32>();
            let (lead, tail) = (trace.lead_days.unwrap(), trace.tail_days.unwrap());
            prop_assert_eq!(lead + tiled + tail, energised_at.day().0 - accepted_on.0);
            prop_assert!(tail >= 0);
        } else {
            prop_assert!(critical.iter().all(|part| part.saved_at_limit_days == 0 && part.saved_half_wait_half_days == 0));
        }
    }

    #[test]
    fn what_a_department_would_bring_is_what_a_rerun_says(
        mut steps in prop_oneof![4 => prop::collection::vec(some_step(), 1..9), 1 => prop::collection::vec(some_step(), 9..40)],
        ended in 10..60_i64,
    ) {
        steps.sort_by_key(|step| (step.started_at, step.position, step.finished_at));
        let energised_at = Instant::at(day("2026-03-02"), ended * Instant::DAY);
        let trace = trace(day("2026-03-02"), &steps, End::Energised(energised_at), &Causes::default(), calendar());
        let length = |at: usize| f64::from(steps[at].until.0 - steps[at].started_on().0);
        let at_limit = |at: usize| steps[at].at_limit_on.map_or(length(at), |on| f64::from(on.0 - steps[at].started_on().0));
        let kept = |_: usize, wait: f64| wait;
        let end = f64::from(energised_at.day().0);
        prop_assert_eq!(rerun(&steps, energised_at, &length, &kept), end);
        for department in DEPARTMENTS {
            let mended = |at: usize| trace.path.contains(&at) && steps[at].department == department;
            let sum = |part: &dyn Fn(&Critical) -> f64| -> f64 {
                let of = trace.path.iter().filter(|at| mended(**at));
                of.map(|at| part(&trace.steps[*at].critical.unwrap())).sum()
            };
            let shorter = |at: usize| if mended(at) { at_limit(at) } else { length(at) };
            let gain = end - rerun(&steps, energised_at, &shorter, &kept);
            prop_assert_eq!(sum(&|critical| f64::from(critical.saved_at_limit_days)), gain);
            let halved = |at: usize, wait: f64| if mended(at) { wait / 2.0 } else { wait };
            let gain = end - rerun(&steps, energised_at, &length, &halved);
            prop_assert_eq!(sum(&|critical| f64::from(critical.saved_half_wait_half_days) / 2.0), gain);
        }
        let all = |at: usize| if trace.path.contains(&at) { at_limit(at) } else { length(at) };
        prop_assert_eq!(f64::from(trace.saved_at_limits_days), end - rerun(&steps, energised_at, &all, &kept));
    }
}
