//! When an open application will be energised, from comparable cases: same stage reached, same time spent in it.
//!
//! Facts in, forecasts out; no files, no tables. For an application that reached its newest stage `u` working days ago,
//! the comparable cases are those that were still in the same stage `u` working days after they had reached it. What was left
//! to them from there to energisation, the open ones counted for as long as they were seen and the cancelled ones until
//! they were cancelled, is a Kaplan–Meier curve; the forecast is read off it. That is landmarking (J. R. Anderson,
//! K. C. Cain and R. D. Gelber, J. Clin. Oncol. 1 (1983) 710–719; H. C. van Houwelingen, Scand. J. Statist. 34 (2007)
//! 70–85): it is conditional on the stage reached and on the time already spent, and supposes nothing of either.
//!
//! The basis of comparison ([`Basis`]) is the finest for which there are [`FEWEST`] cases. Only what was known on the day of
//! the forecast is looked at, so that the same history, asked about a day of the past, says what it would have said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::{Calendar, Day};
use crate::words::vocabulary;

/// With fewer comparable cases than this there is no forecast.
pub const FEWEST: u64 = 30;
/// No forecast looks further ahead, or back, than this many working days: four years.
const HORIZON_WD: usize = 1_000;
/// Beyond the longest time that any comparable case was observed, a probability is given only if no more than this is left unknown.
const UNKNOWN: f64 = 0.05;
/// Shares this near to each other are one: a product of fractions that should be 0.5 seldom is to the last bit.
const HAIR: f64 = 1e-9;
/// A probability is kept in millionths, so that many of them can be added up in any order.
const MILLION: f64 = 1e6;

/// What makes one application like another from the outset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Traits {
    /// Whether it is served order-style.
    pub order: bool,
    /// Its voltage, in V.
    pub volts: i64,
    /// Whether its supply is dual.
    pub dual: bool,
}

impl Traits {
    fn high_voltage(&self) -> bool {
        self.volts >= 1_000
    }
}

/// A stage by number; 0 where no stage has begun.
pub type Stage = u16;

/// The stage of an application that was accepted, and no more.
pub const ACCEPTED: Stage = 0;

vocabulary! {
    /// What the comparable cases have in common, the finest first.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Basis {
        /// Stage, mode, voltage and supply.
        Supply = ["like_supply", "同环节、服务方式、电压、电源", "same stage, mode, voltage and supply"],
        /// Stage, mode, and high or low voltage.
        Mode = ["like_mode", "同环节、服务方式、高低压", "same stage, mode and voltage class"],
        /// Stage, and high or low voltage.
        Class = ["like_class", "同环节、高低压", "same stage and voltage class"],
        /// The stage.
        Stage = ["like_stage", "同环节", "same stage"],
        /// High or low voltage, and how long they had been open, however far they had come.
        Age = ["like_age", "同高低压、受理后同样久", "same voltage class, open as long"],
    }
}

impl Basis {
    /// What two applications must share to be comparable: traits that stand for all of its group.
    fn group(self, traits: Traits) -> Traits {
        let volts = if traits.high_voltage() { 1_000 } else { 0 };
        match self {
            Basis::Supply => traits,
            Basis::Mode => Traits { volts, dual: false, ..traits },
            Basis::Class | Basis::Age => Traits { order: false, volts, dual: false },
            Basis::Stage => Traits { order: false, volts: 0, dual: false },
        }
    }
}

/// The history of one application, as it is in the export: later days are hidden when a forecast is made.
#[derive(Debug, Clone, Copy)]
pub struct Journey<'a> {
    /// What it is like.
    pub traits: Traits,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The stages in the order in which it reached them, with the day on which each began for the first time.
    pub reached: &'a [(Stage, Day)],
    /// The day it was energised, unless it was cancelled before.
    pub energised_on: Option<Day>,
    /// The day it was cancelled, unless it was energised before.
    pub cancelled_on: Option<Day>,
}

/// One application in one stage, in days since [`Day::FIRST`].
#[derive(Debug, Clone, Copy)]
struct Mark {
    reached: u16,
    /// When it reached the next stage.
    left: u16,
    /// When it was energised or cancelled.
    ended: u16,
    energised: bool,
}

const NEVER: u16 = u16::MAX;

fn short(day: Day) -> u16 {
    (day.0.clamp(Day::FIRST.0, Day::LAST.0) - Day::FIRST.0) as u16
}

fn long(day: u16) -> Day {
    Day::FIRST.plus_days(i32::from(day))
}

/// What is asked: an application that is open on the day of the forecast.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// What it is like.
    pub traits: Traits,
    /// The newest stage that it has reached.
    pub stage: Stage,
    /// The day it reached it.
    pub reached_on: Day,
    /// The day it was accepted.
    pub accepted_on: Day,
    /// The day it is due, if it has one.
    pub due_on: Option<Day>,
}

/// What the comparable cases say about an open application.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// What the comparable cases have in common.
    pub basis: Basis,
    /// How many of them there are.
    pub cases: u64,
    /// The probability in millionths of being energised by its due date; `None` without one, and if the comparable cases
    /// have not been observed for that long.
    pub on_time_ppm: Option<i64>,
    /// The first day by which half of the comparable cases were energised; `None` if the curve does not fall that far.
    pub p50_on: Option<Day>,
    /// The first day by which 80 % of them were.
    pub p80_on: Option<Day>,
    /// The as-of day and the mean of what was left to those that have been energised: the naive forecast, which forgets
    /// the open ones.
    pub mean_on: Option<Day>,
}

/// The histories of many applications.
#[derive(Debug)]
pub struct History<'a> {
    calendar: &'a Calendar,
    /// Some of the applications each.
    parts: Vec<Marks>,
}

/// By traits, and by stage.
#[derive(Debug, Default)]
struct Marks(BTreeMap<Traits, Vec<Vec<Mark>>>);

impl<'a> History<'a> {
    /// A history without applications.
    pub fn new(calendar: &'a Calendar) -> History<'a> {
        History { calendar, parts: Vec::new() }
    }

    /// Adds the history of one application.
    pub fn add(&mut self, journey: &Journey<'_>) {
        let ended = journey.energised_on.or(journey.cancelled_on).map_or(NEVER, short);
        let stages = [(ACCEPTED, journey.accepted_on)].into_iter().chain(journey.reached.iter().copied());
        let next = journey.reached.iter().map(|(_, day)| short(*day)).chain([NEVER]);
        if self.parts.is_empty() {
            self.parts.push(Marks::default());
        }
        let Some(Marks(marks)) = self.parts.last_mut() else { return };
        let marks = marks.entry(journey.traits).or_default();
        for ((stage, day), left) in stages.zip(next) {
            let stage = usize::from(stage);
            if marks.len() <= stage {
                marks.resize_with(stage + 1, Vec::new);
            }
            marks[stage].push(Mark { reached: short(day), left, ended, energised: journey.energised_on.is_some() });
        }
    }

    /// Adds the histories of other applications; what they are kept in stays as it is, and holds no more than it must.
    pub fn join(&mut self, others: History<'a>) {
        self.parts.extend(others.parts.into_iter().map(|Marks(mut marks)| {
            marks.values_mut().flatten().for_each(Vec::shrink_to_fit);
            Marks(marks)
        }));
    }

    /// What was to be expected of open applications on a day: an answer to each question, `None` where too few cases
    /// are like it.
    ///
    /// ```
    /// use yekuo::calendar::Day;
    /// use yekuo::forecast::{Basis, History, Journey, Traits, Question};
    /// # let calendar = yekuo::config::embedded_calendar("cn").unwrap();
    /// # let day = |text: &str| text.parse::<Day>().unwrap();
    /// let traits = Traits { order: true, volts: 10_000, dual: false };
    /// let mut history = History::new(&calendar);
    /// // 40 cases reached stage 1 on Monday 2 March; half were energised after 10 working days, half after 20.
    /// for energised in ["2026-03-16", "2026-03-30"].repeat(20) {
    ///     let reached = &[(1, day("2026-03-02"))];
    ///     let energised_on = Some(day(energised));
    ///     history.add(&Journey { traits, accepted_on: day("2026-03-02"), reached, energised_on, cancelled_on: None });
    /// }
    /// // On Monday 11 May an application has been in stage 1 for 5 working days: 5 are left to half of the comparable cases, 15 to
    /// // the others. It is due in 10 working days.
    /// let (accepted_on, reached_on, due_on) = (day("2026-05-01"), day("2026-05-01"), Some(day("2026-05-25")));
    /// let question = Question { traits, stage: 1, reached_on, accepted_on, due_on };
    /// let forecast = history.forecasts(day("2026-05-11"), &[question])[0].unwrap();
    /// assert_eq!((forecast.basis, forecast.cases, forecast.on_time_ppm), (Basis::Supply, 40, Some(500_000)));
    /// assert_eq!(forecast.p50_on, Some(day("2026-05-18")));
    /// assert_eq!(forecast.p80_on, Some(day("2026-06-01")));
    /// assert_eq!(forecast.mean_on, Some(day("2026-05-25")));
    /// ```
    pub fn forecasts(&self, on: Day, questions: &[Question]) -> Vec<Option<Forecast>> {
        let mut answers = vec![None; questions.len()];
        for &basis in Basis::ALL {
            // Questions of a group, and within it those with the same time spent, have the same comparable cases.
            let mut asked: Vec<(Stage, Traits, i32, usize)> = (0..questions.len())
                .filter(|number| answers[*number].is_none())
                .map(|number| {
                    let Question { traits, stage, reached_on, accepted_on, .. } = questions[number];
                    let (stage, since) =
                        if basis == Basis::Age { (ACCEPTED, accepted_on) } else { (stage, reached_on) };
                    (stage, basis.group(traits), self.calendar.working_days(since, on).max(0), number)
                })
                .collect();
            asked.sort_unstable();
            for group in asked.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
                let mut spent: Vec<i32> = group.iter().map(|(_, _, spent_wd, _)| *spent_wd).collect();
                spent.dedup();
                let mut waiting = self.waiting(on, basis, group[0].0, group[0].1, &spent);
                // From the longest time spent down: who was still there later was there before.
                for alike in group.chunk_by(|a, b| a.2 == b.2).rev() {
                    let Some(left) = waiting.next_curve() else { continue };
                    for (.., number) in alike {
                        answers[*number] = Some(left.read(basis, on, questions[*number].due_on, self.calendar));
                    }
                }
            }
        }
        answers
    }

    /// The cases of a group that were still waiting after each of some times spent, ascending and without repeats.
    fn waiting(&self, on: Day, basis: Basis, stage: Stage, like: Traits, spent: &[i32]) -> Waiting {
        let all = self.parts.iter().flat_map(|Marks(marks)| marks);
        let alike = all.filter(|(traits, _)| basis.group(**traits) == like);
        let marks = alike.filter_map(|(_, marks)| marks.get(usize::from(stage))).flatten();
        let today = short(on);
        let known = |day: u16| if day <= today { day } else { today };
        let wd = |from: u16, to: u16| self.calendar.working_days(long(from), long(to));
        // How many of the times a case that waited `stayed` working days outlasted: its slot, from 1.
        let outlasted = |stayed: i32| spent.partition_point(|spent_wd| *spent_wd < stayed);
        let slots: Vec<usize> = (0..=spent.last().map_or(0, |last| last + 1)).map(outlasted).collect();
        let mut waiting = Waiting::new(spent);
        for mark in marks.filter(|mark| mark.reached <= today) {
            let until = known(mark.ended);
            let stayed = if basis == Basis::Age { until } else { known(mark.left).min(until) };
            let stayed_wd = wd(mark.reached, stayed).min(slots.len() as i32 - 1);
            if stayed_wd > spent[0] {
                let energised = mark.energised && mark.ended <= today;
                waiting.count(slots[stayed_wd as usize], wd(mark.reached, until), energised);
            }
        }
        waiting
    }
}

/// How long the cases of a group took, counted by the longest of the times spent that they outlasted.
struct Waiting {
    spent: Vec<i32>,
    /// For each slot and working day: cases energised on it, and cases last seen on it.
    counts: Vec<Vec<[u32; 2]>>,
    /// The same, added up from the last slot on.
    sums: Vec<[u64; 2]>,
    at_risk: u64,
}

impl Waiting {
    fn new(spent: &[i32]) -> Waiting {
        let counts = vec![Vec::new(); spent.len()];
        Waiting { spent: spent.to_vec(), counts, sums: Vec::new(), at_risk: 0 }
    }

    /// Counts a case that outlasted the first `slot` times.
    fn count(&mut self, slot: usize, took_wd: i32, energised: bool) {
        let (took, energised) = if took_wd as usize > HORIZON_WD {
            (HORIZON_WD, false) // Nobody looks that far.
        } else {
            (took_wd as usize, energised)
        };
        let days = &mut self.counts[slot - 1];
        if days.len() <= took {
            days.resize(took + 1, [0; 2]);
        }
        days[took][usize::from(!energised)] += 1;
    }

    /// The curve of those that outlasted the longest time not yet asked for; `None` where they are too few.
    fn next_curve(&mut self) -> Option<Curve> {
        let (spent_wd, days) = (self.spent.pop()?, self.counts.pop()?);
        if self.sums.len() < days.len() {
            self.sums.resize(days.len(), [0; 2]);
        }
        for (sum, day) in self.sums.iter_mut().zip(days) {
            sum[0] += u64::from(day[0]);
            sum[1] += u64::from(day[1]);
            self.at_risk += u64::from(day[0]) + u64::from(day[1]);
        }
        (self.at_risk >= FEWEST).then(|| Curve::new(self.sums.get(spent_wd as usize..).unwrap_or(&[]), self.at_risk))
    }
}

/// The share of comparable cases that are still waiting, by the working days that were left to them.
#[derive(Debug)]
struct Curve {
    cases: u64,
    /// The days on which somebody was energised, and the share left after each.
    falls: Vec<(i32, f64)>,
    /// The longest that any case was watched.
    last_wd: i32,
    /// The mean working days left to those that were energised, rounded.
    mean_wd: Option<i32>,
}

impl Curve {
    /// The product-limit estimate: `days[r]` holds the cases energised, and those last seen, `r` working days on.
    fn new(days: &[[u64; 2]], cases: u64) -> Curve {
        let (mut at_risk, mut share) = (cases, 1.0);
        let (mut falls, mut last_wd) = (Vec::new(), 0);
        let (mut sum, mut energised) = (0, 0);
        for (left_wd, [events, last_seen]) in days.iter().enumerate() {
            if *events > 0 {
                let stay = at_risk - events;
                share = if stay == 0 { 0.0 } else { share * (stay as f64 / at_risk as f64) };
                falls.push((left_wd as i32, share));
                sum += events * left_wd as u64;
                energised += events;
            }
            if events + last_seen > 0 {
                last_wd = left_wd as i32;
            }
            at_risk -= events + last_seen;
        }
        let mean_wd = (energised > 0).then(|| ((2 * sum + energised) / (2 * energised)) as i32);
        Curve { cases, falls, last_wd, mean_wd }
    }

    /// The share still waiting after this many working days.
    fn at(&self, left_wd: i32) -> f64 {
        let fallen = self.falls.partition_point(|(day, _)| *day <= left_wd);
        fallen.checked_sub(1).map_or(1.0, |last| self.falls[last].1)
    }

    /// The first working day after which no more than this share is waiting.
    fn first_below(&self, share: f64) -> Option<i32> {
        self.falls.iter().find(|(_, left)| *left <= share + HAIR).map(|(day, _)| *day)
    }

    fn read(&self, basis: Basis, on: Day, due_on: Option<Day>, calendar: &Calendar) -> Forecast {
        let chance = |due_on: Day| {
            let left_wd = calendar.working_days(on, due_on);
            let known = left_wd <= self.last_wd || self.at(self.last_wd) <= UNKNOWN;
            known.then(|| ((1.0 - self.at(left_wd)) * MILLION).round() as i64)
        };
        let day = |left_wd: i32| calendar.first_day(calendar.ordinal(on) + left_wd);
        Forecast {
            basis,
            cases: self.cases,
            on_time_ppm: due_on.and_then(chance),
            p50_on: self.first_below(0.5).map(day),
            p80_on: self.first_below(0.2).map(day),
            mean_on: self.mean_wd.map(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::stats::survival::{End, LifeTable};

    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| crate::config::embedded_calendar("cn").unwrap());

    const FIRST: i32 = 20_000;

    /// A case in plain days: accepted, the days of its stages 1, 2, …, its end and whether that is energisation.
    #[derive(Debug, Clone)]
    struct Case {
        traits: Traits,
        accepted: i32,
        stages: Vec<i32>,
        end: Option<(i32, bool)>,
    }

    impl Case {
        /// Where it stood on a day: its newest stage, since when, and its end; `None` before it was accepted.
        fn on(&self, day: i32) -> Option<(Stage, i32)> {
            let reached = self.stages.iter().filter(|start| **start <= day).count();
            let since = if reached == 0 { self.accepted } else { self.stages[reached - 1] };
            (self.accepted <= day).then_some((reached as Stage, since))
        }

        fn open_on(&self, day: i32) -> bool {
            self.accepted <= day && self.end.is_none_or(|(end, _)| end > day)
        }

        fn add_to(&self, history: &mut History<'_>) {
            let reached: Vec<(Stage, Day)> = (1..).zip(self.stages.iter().map(|day| Day(*day))).collect();
            let end = |wanted: bool| self.end.filter(|(_, energised)| *energised == wanted).map(|(day, _)| Day(day));
            let (energised_on, cancelled_on) = (end(true), end(false));
            let (traits, accepted_on) = (self.traits, Day(self.accepted));
            history.add(&Journey { traits, accepted_on, reached: &reached, energised_on, cancelled_on });
        }
    }

    fn case() -> impl Strategy<Value = Case> {
        let traits = (any::<bool>(), prop::sample::select(vec![380, 10_000, 20_000]), any::<bool>());
        let ends = prop::option::weighted(0.8, (0..60, prop::bool::weighted(0.8)));
        (traits, 0..150, prop::collection::vec(0..30, 0..4), ends).prop_map(|(traits, accepted, gaps, end)| {
            let (order, volts, dual) = traits;
            let accepted = FIRST + accepted;
            let mut stages = Vec::new();
            for gap in gaps {
                stages.push(stages.last().copied().unwrap_or(accepted) + gap);
            }
            let end = end.map(|(days, energised)| (stages.last().copied().unwrap_or(accepted) + days, energised));
            Case { traits: Traits { order, volts, dual }, accepted, stages, end }
        })
    }

    /// The comparable cases found one by one, by walking to the day on which each had been in the stage for as long; what was
    /// left to them goes into the life table of the published estimator.
    fn by_hand(cases: &[Case], asked: &Case, on: i32) -> Option<(Basis, LifeTable)> {
        let wd = |from: i32, to: i32| CALENDAR.working_days(Day(from), Day(to));
        let (stage, since) = asked.on(on)?;
        for &basis in Basis::ALL {
            let by_age = basis == Basis::Age;
            let spent = wd(if by_age { asked.accepted } else { since }, on);
            let like = |case: &&Case| {
                let (a, b) = (case.traits, asked.traits);
                let high = |traits: Traits| traits.volts >= 1_000;
                match basis {
                    Basis::Supply => a == b,
                    Basis::Mode => a.order == b.order && high(a) == high(b),
                    Basis::Class | Basis::Age => high(a) == high(b),
                    Basis::Stage => true,
                }
            };
            let left = |case: &Case| {
                let reached = if by_age || stage == 0 {
                    Some(case.accepted)
                } else {
                    case.stages.get(stage as usize - 1).copied()
                };
                let reached = reached.filter(|reached| *reached <= on && *reached >= case.accepted)?;
                let next = if by_age { None } else { case.stages.get(stage as usize).copied() };
                let known = |day: i32| day <= on;
                let (until, end) = match case.end.filter(|(end, _)| known(*end)) {
                    Some((end, true)) => (end, End::Event),
                    Some((end, false)) => (end, End::Censored),
                    None => (on, End::Censored),
                };
                let stayed = next.filter(|next| known(*next)).unwrap_or(until).min(until);
                (wd(reached, stayed) > spent).then(|| (wd(reached, until) - spent, end))
            };
            let table: LifeTable = cases.iter().filter(like).filter_map(left).collect();
            if table.cases() >= FEWEST {
                return Some((basis, table));
            }
        }
        None
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Read off in one sweep or case by case: the same comparable cases and the same curve.
        #[test]
        fn the_sweep_finds_what_one_by_one_finds(
            cases in prop::collection::vec(case(), 40..400),
            on in 60..220,
            due in 0..60,
        ) {
            let on = FIRST + on;
            let mut history = History::new(&CALENDAR);
            cases.iter().for_each(|case| case.add_to(&mut history));
            let open: Vec<&Case> = cases.iter().filter(|case| case.open_on(on)).collect();
            let due_on = Some(Day(on + due));
            let questions: Vec<Question> = open.iter().map(|case| {
                let (stage, since) = case.on(on).unwrap();
                Question { traits: case.traits, stage, reached_on: Day(since), accepted_on: Day(case.accepted), due_on }
            }).collect();
            for (case, got) in open.iter().zip(history.forecasts(Day(on), &questions)) {
                let Some((basis, table)) = by_hand(&cases, case, on) else {
                    prop_assert_eq!(got, None);
                    continue;
                };
                let (got, curve) = (got.unwrap(), table.kaplan_meier());
                prop_assert_eq!((got.basis, got.cases), (basis, table.cases()));
                let left_wd = CALENDAR.working_days(Day(on), Day(on + due));
                let last = table.last_day().unwrap();
                let known = left_wd <= last || curve.at(last) <= UNKNOWN;
                prop_assert_eq!(got.on_time_ppm.is_some(), known);
                if let Some(ppm) = got.on_time_ppm {
                    prop_assert!((ppm as f64 / MILLION - (1.0 - curve.at(left_wd))).abs() < 1e-6);
                }
                let day = |wd: i32| CALENDAR.first_day(CALENDAR.ordinal(Day(on)) + wd);
                prop_assert_eq!(got.p50_on, curve.median().day.map(day));
                let p80 = curve.points().iter().find(|point| point.survival <= 0.2 + HAIR);
                prop_assert_eq!(got.p80_on, p80.map(|point| day(point.moment.day)));
            }
        }

        /// What comes after the day of a forecast moves nothing in it.
        #[test]
        fn later_days_do_not_exist(cases in prop::collection::vec(case(), 40..200), on in 60..200) {
            let on = FIRST + on;
            let (mut all, mut then) = (History::new(&CALENDAR), History::new(&CALENDAR));
            for case in &cases {
                case.add_to(&mut all);
                if case.accepted <= on {
                    let mut known = case.clone();
                    known.stages.retain(|day| *day <= on);
                    known.end = known.end.filter(|(day, _)| *day <= on);
                    known.add_to(&mut then);
                }
            }
            let questions: Vec<Question> = cases.iter().filter(|case| case.open_on(on)).map(|case| {
                let (stage, since) = case.on(on).unwrap();
                let due_on = Some(Day(on + 20));
                Question { traits: case.traits, stage, reached_on: Day(since), accepted_on: Day(case.accepted), due_on }
            }).collect();
            prop_assert_eq!(all.forecasts(Day(on), &questions), then.forecasts(Day(on), &questions));
        }
    }

    /// 29 comparable cases are too few, and 30 enough.
    #[test]
    fn too_few_say_nothing() {
        let traits = Traits { order: false, volts: 380, dual: false };
        let done = Case { traits, accepted: FIRST, stages: vec![], end: Some((FIRST + 28, true)) };
        let question = Question {
            traits,
            stage: ACCEPTED,
            reached_on: Day(FIRST + 100),
            accepted_on: Day(FIRST + 100),
            due_on: None,
        };
        let answer = |count: usize| {
            let mut history = History::new(&CALENDAR);
            (0..count).for_each(|_| done.add_to(&mut history));
            history.forecasts(Day(FIRST + 101), &[question])[0]
        };
        assert_eq!(answer(29), None);
        let forecast = answer(30).unwrap();
        assert_eq!((forecast.basis, forecast.cases, forecast.on_time_ppm), (Basis::Supply, 30, None));
        assert!(forecast.p50_on.is_some() && forecast.p50_on == forecast.p80_on);
    }

    /// A curve that does not fall far enough gives no date, and no chance beyond what was watched.
    #[test]
    fn what_was_not_watched_is_not_said() {
        let traits = Traits { order: true, volts: 10_000, dual: true };
        let mut history = History::new(&CALENDAR);
        for number in 0..40 {
            // Ten were energised after 14 days; thirty are still open on day 28.
            let end = (number < 10).then_some((FIRST + 14, true));
            Case { traits, accepted: FIRST, stages: vec![], end }.add_to(&mut history);
        }
        let (on, accepted_on) = (Day(FIRST + 28), Day(FIRST + 27));
        let ask = |days: i32| {
            let due_on = Some(on.plus_days(days));
            let question = Question { traits, stage: ACCEPTED, reached_on: accepted_on, accepted_on, due_on };
            history.forecasts(on, &[question])[0].unwrap()
        };
        let near = ask(14);
        assert_eq!((near.on_time_ppm, near.p50_on, near.p80_on), (Some(250_000), None, None));
        assert_eq!(ask(60).on_time_ppm, None);
    }
}
