//! When the tasks of one project can and must be done: a forward pass and a backward pass over days.
//!
//! Time is counted as the clock counts it (docs/method.md §3): the first day is not counted, so what starts on day `s` and
//! takes `n` working days is finished on the first day whose ordinal is `W(s) + n`, and what waits for it may start on
//! that same day. Both passes go by whole days, because a limit may be in calendar days too; [`Length::finish`] and
//! [`Length::latest_start`] undo each other as far as days off allow: `finish(s) ≤ f ⇔ s ≤ latest_start(f)`. That one
//! law is why a requested date on or after the earliest day can always be met.

use crate::calendar::{Calendar, Day};

/// How long a task takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many working days.
    Working(i32),
    /// So many calendar days.
    Calendar(i32),
}

impl Length {
    /// The day on which a task that starts on `start` is finished.
    ///
    /// ```
    /// use yekuo::plan::schedule::Length;
    /// # let calendar = yekuo::config::embedded_calendar("cn").unwrap();
    /// # let day = |text: &str| text.parse::<yekuo::calendar::Day>().unwrap();
    /// // From Friday, over the Dragon Boat Festival (Friday 19 June to Sunday 21 June 2026).
    /// assert_eq!(Length::Working(5).finish(&calendar, day("2026-06-12")), day("2026-06-22"));
    /// // The latest start that is still finished by then: the Sunday, on which nothing is counted yet.
    /// assert_eq!(Length::Working(5).latest_start(&calendar, day("2026-06-22")), day("2026-06-14"));
    /// ```
    pub fn finish(self, calendar: &Calendar, start: Day) -> Day {
        match self {
            Length::Working(days) if days > 0 => calendar.first_day(calendar.ordinal(start) + days),
            Length::Working(_) => start,
            Length::Calendar(days) => start.plus_days(days.max(0)),
        }
    }

    /// The last day on which a task can start and be finished by `finish`.
    pub fn latest_start(self, calendar: &Calendar, finish: Day) -> Day {
        match self {
            Length::Working(days) if days > 0 => calendar.first_day(calendar.ordinal(finish) - days + 1).plus_days(-1),
            Length::Working(_) => finish,
            Length::Calendar(days) => finish.plus_days(-days.max(0)),
        }
    }
}

/// Something that is still to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What must be finished before it begins, in the same list; each number is smaller than its own.
    pub after: Vec<usize>,
    /// The day it began, where it is under way.
    pub started_on: Option<Day>,
}

/// The days of one task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first day.
    pub start: Day,
    /// The day it is finished.
    pub finish: Day,
}

/// What the forward pass found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earliest {
    /// How long each task takes.
    pub lengths: Vec<Length>,
    /// When each can be done at the earliest.
    pub windows: Vec<Window>,
}

/// Does every task as soon as it can be done. What is not begun begins on `as_of` at the earliest; what is under way is
/// finished when its time is up, but not on `as_of` or before, as it is known to be open then. `length` says how long a
/// task takes that starts on a day.
pub fn forward(
    calendar: &Calendar,
    as_of: Day,
    tasks: &[Task],
    mut length: impl FnMut(usize, Day) -> Length,
) -> Earliest {
    let mut earliest = Earliest { lengths: Vec::new(), windows: Vec::new() };
    for (number, task) in tasks.iter().enumerate() {
        let ready = task.after.iter().map(|before| earliest.windows[*before].finish).max().unwrap_or(as_of).max(as_of);
        let start = task.started_on.unwrap_or(ready);
        let length = length(number, start);
        let own = length.finish(calendar, start);
        let finish = match task.started_on {
            // What it should have waited for is open still: it is finished with that at the earliest.
            Some(_) => own.max(ready).max(calendar.next_working(as_of.plus_days(1))),
            None => own,
        };
        earliest.lengths.push(length);
        earliest.windows.push(Window { start, finish });
    }
    earliest
}

/// The days of a task as the plan has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    /// When it can be done at the earliest.
    pub earliest: Window,
    /// When it must be done at the latest: it is due on `latest.finish`.
    pub latest: Window,
    /// Working days by which it may be finished later than at the earliest.
    pub slack_wd: i32,
    /// Whether the goal waits for it and it has no more slack than the goal itself: a day lost is lost to the whole.
    pub is_critical: bool,
}

/// Schedules every task backwards from `goal`, which must be finished by `by`; `by` is not before the goal's earliest
/// finish. What the goal does not wait for is due its length after what it waits for itself; without a goal (it is
/// reached already) that is everything.
pub fn backward(
    calendar: &Calendar,
    tasks: &[Task],
    earliest: &Earliest,
    goal: Option<usize>,
    by: Day,
) -> Vec<Planned> {
    let mut latest: Vec<Option<Window>> = vec![None; tasks.len()];
    // Each task hands on to those before it by when they must be finished.
    let mut bounds: Vec<Option<Day>> = vec![None; tasks.len()];
    if let Some(goal) = goal {
        bounds[goal] = Some(by);
    }
    for number in (0..tasks.len()).rev() {
        let Some(finish) = bounds[number] else { continue };
        let window = match tasks[number].started_on {
            // Its start is past: what is still open before it must be finished when it is.
            Some(start) => Window { start, finish },
            None => Window { start: earliest.lengths[number].latest_start(calendar, finish), finish },
        };
        let bound = if tasks[number].started_on.is_some() { window.finish } else { window.start };
        for before in &tasks[number].after {
            bounds[*before] = Some(bounds[*before].map_or(bound, |other| other.min(bound)));
        }
        latest[number] = Some(window);
    }
    let leads: Vec<bool> = latest.iter().map(Option::is_some).collect();
    let windows = forward_of_latest(calendar, tasks, earliest, latest);

    let slack = |number: usize| calendar.working_days(earliest.windows[number].finish, windows[number].finish);
    // All have at least the goal's, but for limits in calendar days, which run on while nobody works.
    let spare = goal.map(slack);
    let planned = windows.iter().enumerate().map(|(number, window)| {
        let early = earliest.windows[number];
        // The first of the days that count the same, which is a working day: nobody is given a Sunday.
        let shown = |day: Day, not_before: Day| calendar.first_day(calendar.ordinal(day)).max(not_before);
        let start = shown(window.start, early.start);
        let finish = match tasks[number].started_on {
            Some(_) => window.finish,
            // Calendar days begin to run on the day that is shown.
            None => window.finish.min(earliest.lengths[number].finish(calendar, start)),
        };
        Planned {
            earliest: early,
            latest: Window { start, finish: shown(finish, early.finish) },
            slack_wd: slack(number),
            is_critical: leads[number] && spare.is_some_and(|spare| slack(number) <= spare),
        }
    });
    planned.collect()
}

/// Fills in what the goal does not wait for.
fn forward_of_latest(
    calendar: &Calendar,
    tasks: &[Task],
    earliest: &Earliest,
    latest: Vec<Option<Window>>,
) -> Vec<Window> {
    let mut windows: Vec<Window> = Vec::new();
    for (number, window) in latest.into_iter().enumerate() {
        let early = earliest.windows[number];
        let trailing = || {
            let ready = tasks[number].after.iter().map(|before| windows[*before].finish).max();
            match tasks[number].started_on {
                Some(start) => Window { start, finish: early.finish.max(ready.unwrap_or(early.finish)) },
                None => {
                    let start = early.start.max(ready.unwrap_or(early.start));
                    Window { start, finish: earliest.lengths[number].finish(calendar, start) }
                }
            }
        };
        let window = window.unwrap_or_else(trailing);
        windows.push(window);
    }
    windows
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| crate::config::embedded_calendar("cn").unwrap());

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn some_length() -> impl Strategy<Value = Length> {
        prop_oneof![4 => (0..40).prop_map(Length::Working), 1 => (0..40).prop_map(Length::Calendar)]
    }

    /// A network of up to 12 tasks, some under way, and the goal among them.
    fn some_project() -> impl Strategy<Value = (Vec<(Task, Length)>, usize, Day)> {
        let task = (any::<u16>(), some_length(), prop::option::weighted(0.2, 0..60));
        (prop::collection::vec(task, 1..12), any::<prop::sample::Index>(), 20_423..20_900).prop_map(
            |(drafts, goal, as_of)| {
                let as_of = Day(as_of);
                let goal = goal.index(drafts.len());
                let tasks = drafts.into_iter().enumerate().map(|(number, (before, length, ago))| {
                    let after = (0..number).filter(|earlier| before >> earlier & 1 == 1).collect();
                    (Task { after, started_on: ago.map(|ago: i32| as_of.plus_days(-ago)) }, length)
                });
                (tasks.collect(), goal, as_of)
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn the_latest_start_is_the_last_that_is_finished_in_time(
            length in some_length(), start in 20_423..20_900, finish in 20_423..20_900,
        ) {
            let (start, finish) = (Day(start), Day(finish));
            let in_time = length.finish(&CALENDAR, start) <= finish;
            prop_assert_eq!(in_time, start <= length.latest_start(&CALENDAR, finish));
        }

        #[test]
        fn a_plan_holds_together((project, goal, as_of) in some_project(), reserve in 0..120) {
            let tasks: Vec<Task> = project.iter().map(|(task, _)| task.clone()).collect();
            let lengths: Vec<Length> = project.iter().map(|(_, length)| *length).collect();
            let early = forward(&CALENDAR, as_of, &tasks, |number, _| lengths[number]);
            let earliest_on = early.windows[goal].finish;

            for by in [earliest_on, earliest_on.plus_days(reserve)] {
                let plan = backward(&CALENDAR, &tasks, &early, Some(goal), by);
                for (number, (task, planned)) in tasks.iter().zip(&plan).enumerate() {
                    for window in [planned.earliest, planned.latest] {
                        prop_assert!(window.start <= window.finish);
                        for before in &task.after {
                            let before = &plan[*before];
                            // No stage starts before its predecessors finish; one that is under way did, and is not
                            // finished before they are.
                            let (early, late) = match task.started_on {
                                None => (planned.earliest.start, planned.latest.start),
                                Some(_) => (planned.earliest.finish, planned.latest.finish),
                            };
                            prop_assert!(before.earliest.finish <= early && before.latest.finish <= late);
                        }
                    }
                    // A requested date that can be met leaves every task its time.
                    prop_assert!(planned.slack_wd >= 0);
                    prop_assert!(planned.earliest.finish <= planned.latest.finish);
                    let Window { start, finish } = planned.latest;
                    match lengths[number] {
                        _ if task.started_on.is_some() => {}
                        Length::Working(days) => prop_assert_eq!(CALENDAR.working_days(start, finish), days),
                        Length::Calendar(days) => prop_assert!(finish <= start.plus_days(days)),
                    }
                }
                // The goal is met, and at the earliest day exactly.
                prop_assert!(plan[goal].latest.finish <= by);
                if matches!(lengths[goal], Length::Working(_)) {
                    prop_assert_eq!(CALENDAR.working_days(plan[goal].latest.finish, by), 0);
                }
                prop_assert!(plan[goal].is_critical);
                // Done as late as planned, the work is finished when it is due: the forward pass over the latest days.
                if by == earliest_on {
                    prop_assert_eq!(plan[goal].latest.finish, earliest_on);
                    prop_assert_eq!(plan[goal].slack_wd, 0);
                }
            }
        }

        #[test]
        fn longer_work_is_never_done_earlier((project, goal, as_of) in some_project(), which: prop::sample::Index) {
            let tasks: Vec<Task> = project.iter().map(|(task, _)| task.clone()).collect();
            let finish = |more: i32| {
                let early = forward(&CALENDAR, as_of, &tasks, |number, _| match project[number].1 {
                    Length::Working(days) if number == which.index(project.len()) => Length::Working(days + more),
                    other => other,
                });
                early.windows[goal].finish
            };
            prop_assert!(finish(0) <= finish(1));
        }
    }

    #[test]
    fn a_small_network_by_hand() {
        // 0 survey 5 → 1 scheme 20 ─┬→ 2 design 8 ──→ 4 energisation 7 → 5 archiving 8
        //                           └→ 3 fee 5 ─────↗
        let after = [&[][..], &[0], &[1], &[1], &[2, 3], &[4]];
        let tasks = after.map(|after| Task { after: after.to_vec(), started_on: None });
        let days = [5, 20, 8, 5, 7, 8];
        // Monday 2 March 2026; Tomb-sweeping (6 April) and May Day (1 to 5 May, 9 May worked) are met on the way.
        let early = forward(&CALENDAR, day("2026-03-02"), &tasks, |number, _| Length::Working(days[number]));
        let finish: Vec<String> = early.windows.iter().map(|window| window.finish.to_string()).collect();
        assert_eq!(finish, ["2026-03-09", "2026-04-07", "2026-04-17", "2026-04-14", "2026-04-28", "2026-05-12"]);

        let plan = backward(&CALENDAR, &tasks, &early, Some(4), day("2026-05-10"));
        let told = |planned: &Planned| {
            let Planned { latest, slack_wd, is_critical, .. } = planned;
            format!("{} {} {slack_wd} {is_critical}", latest.start, latest.finish)
        };
        // 10 May is a Sunday: due on Saturday the 9th, which is worked. From 28 April there are 6 working days to it.
        assert_eq!(
            plan.iter().map(told).collect::<Vec<_>>(),
            [
                "2026-03-10 2026-03-17 6 true",
                "2026-03-17 2026-04-15 6 true",
                "2026-04-15 2026-04-27 6 true",
                "2026-04-20 2026-04-27 9 false",
                "2026-04-27 2026-05-09 6 true",
                "2026-05-09 2026-05-20 6 false",
            ]
        );
    }

    #[test]
    fn what_is_under_way_is_not_finished_on_the_day_that_it_is_known_to_be_open() {
        let task = |started: &str| [Task { after: vec![], started_on: Some(day(started)) }];
        let finish = |started| {
            forward(&CALENDAR, day("2026-06-30"), &task(started), |_, _| Length::Working(5)).windows[0].finish
        };
        assert_eq!(finish("2026-06-29"), day("2026-07-06"));
        assert_eq!(finish("2026-06-23"), day("2026-07-01"), "its time is up today");
        assert_eq!(finish("2026-05-06"), day("2026-07-01"), "overdue");
    }
}
