//! Whose the days of an application are: its time, from acceptance on, cut along its critical path into stretches of
//! which each is somebody's, without a gap and without a remainder.
//!
//! Inside a pass of the path the days are the department's, but for those of a claim, which are its cause's. The wait
//! before a pass is its department's: it is what is awaited, and not what had finished. Where the customer has something to
//! do in between, the wait is the customer's; where it is not, days of it that a claim about the whole application, or
//! about the pass since it could have begun, covers are the cause's. What comes after the last pass of the path belongs to what is awaited then. A day that two claims
//! cover is that of the claim whose days the clock takes out, then that of the first of the causes.

use super::{End, Step};
use crate::calendar::Day;
use crate::words::vocabulary;

vocabulary! {
    /// Whose a day is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Whose {
        /// The utility works on a stage.
        Work = ["work", "我方作业", "utility work"],
        /// A stage of the utility is awaited.
        Waiting = ["waiting", "我方等待", "utility waiting"],
        /// The customer holds it up, or has something to do.
        Customer = ["customer", "客户", "customer"],
        /// An authority holds it up.
        Government = ["government", "政府", "government"],
        /// Something else does, such as the weather.
        Other = ["other", "其他原因", "other causes"],
    }
}

/// Days `(after, until]` for which somebody else is held to account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// The day that is not counted.
    pub after: Day,
    /// The last day that is.
    pub until: Day,
    /// Whose they are.
    pub whose: Whose,
    /// Whether the clock takes them out of the stage.
    pub is_excluded: bool,
}

/// What is awaited after the last pass of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaited<'a> {
    /// The stage, where it is known.
    pub stage: Option<&'a str>,
    /// Who does it.
    pub department: Option<&'a str>,
    /// Until when it was, or has been, awaited.
    pub until: Day,
}

/// Whether the customer has something to do between the stage that finished and the one awaited.
pub type AwaitsCustomer<'a> = Box<dyn Fn(&str, &str) -> bool + 'a>;

/// Who besides the departments accounts for days of an application.
#[derive(Default)]
pub struct Causes<'a> {
    /// What held up each step; none: nothing did.
    pub of_steps: Vec<Vec<Held>>,
    /// What held up the whole application.
    pub of_whole: Vec<Held>,
    /// What the customer has to do between stages; absent: nothing is known of it.
    pub awaits_customer: Option<AwaitsCustomer<'a>>,
    /// What is awaited at the end; absent: nothing.
    pub awaited: Option<Awaited<'a>>,
}

/// Some days of an application on its critical path that are all somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The step that was awaited or worked on; none: what is awaited after the last.
    pub step: Option<usize>,
    /// Whether it lies before the start of the step.
    pub is_wait: bool,
    /// Whose the days are.
    pub whose: Whose,
    /// Whether they are among the critical days of the department.
    pub is_charged: bool,
    /// The day that is not counted.
    pub after: Day,
    /// The last day that is.
    pub until: Day,
}

impl Stretch {
    /// Calendar days.
    pub fn days(&self) -> i32 {
        self.until.0 - self.after.0
    }
}

/// Calendar days by whose they are; they add up to all days of the cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// Of [`Whose::Work`].
    pub work_days: i32,
    /// Of [`Whose::Waiting`].
    pub waiting_days: i32,
    /// Of [`Whose::Customer`].
    pub customer_days: i32,
    /// Of [`Whose::Government`].
    pub government_days: i32,
    /// Of [`Whose::Other`].
    pub other_days: i32,
}

impl Split {
    /// Adds up stretches.
    pub fn of(stretches: &[Stretch]) -> Split {
        let days = |whose: Whose| {
            let of_them = stretches.iter().filter(|stretch| stretch.whose == whose);
            of_them.map(Stretch::days).sum()
        };
        Split {
            work_days: days(Whose::Work),
            waiting_days: days(Whose::Waiting),
            customer_days: days(Whose::Customer),
            government_days: days(Whose::Government),
            other_days: days(Whose::Other),
        }
    }
}

/// Cuts the time of an application along its path.
pub(super) fn stretches(
    accepted_on: Day,
    steps: &[Step<'_>],
    path: &[usize],
    end: End,
    causes: &Causes<'_>,
) -> Vec<Stretch> {
    let energised_on = if let End::Energised(at) = end { Some(at.day()) } else { None };
    let mut cut = Cut { at: accepted_on, energised_on, causes, stretches: Vec::new() };
    let mut before: Option<&Step<'_>> = None;
    for &at in path {
        let step = &steps[at];
        cut.wait(Some(at), step.started_on(), before, Some(step.stage));
        let held = causes.of_steps.get(at).map_or(&[][..], Vec::as_slice);
        cut.up_to(step.until, held, Stretch { step: Some(at), is_wait: false, ..cut.plain(Whose::Work) });
        before = Some(step);
    }
    if let Some(until) = energised_on.or(causes.awaited.map(|awaited| awaited.until)) {
        cut.wait(None, until, before, causes.awaited.and_then(|awaited| awaited.stage));
    }
    cut.stretches
}

/// A cut that goes on from day to day and never back.
struct Cut<'a> {
    at: Day,
    /// The last day of all, where it has come.
    energised_on: Option<Day>,
    causes: &'a Causes<'a>,
    stretches: Vec<Stretch>,
}

impl Cut<'_> {
    /// A stretch without days yet.
    fn plain(&self, whose: Whose) -> Stretch {
        Stretch { step: None, is_wait: true, whose, is_charged: true, after: self.at, until: self.at }
    }

    /// Whether a wait is the customer's. What comes first waits for nothing but itself.
    fn is_customers(&self, before: Option<&Step<'_>>, awaited: Option<&str>) -> bool {
        let (Some(before), Some(awaited), Some(awaits)) = (before, awaited, &self.causes.awaits_customer) else {
            return false;
        };
        awaits(before.stage, awaited)
    }

    /// Goes on to the start of what is awaited after a step.
    fn wait(&mut self, step: Option<usize>, until: Day, before: Option<&Step<'_>>, awaited: Option<&str>) {
        if until <= self.at {
            return;
        }
        let causes = self.causes;
        if self.is_customers(before, awaited) {
            let customers = Stretch { step, is_charged: false, ..self.plain(Whose::Customer) };
            self.up_to(until, &[], customers);
        } else {
            let waiting = Stretch { step, ..self.plain(Whose::Waiting) };
            // The clock of a pass may run before it starts, and claims count from then on.
            let of_step = step.and_then(|at| causes.of_steps.get(at)).into_iter().flatten();
            let held: Vec<Held> = causes.of_whole.iter().chain(of_step).copied().collect();
            self.up_to(until, &held, waiting);
        }
    }

    /// Goes on to a day; the days are as `rest` says, but for those that something held up.
    fn up_to(&mut self, until: Day, held: &[Held], rest: Stretch) {
        let until = self.energised_on.map_or(until, |last| until.min(last));
        while self.at < until {
            let ends = held.iter().flat_map(|held| [held.after, held.until]).filter(|day| *day > self.at);
            let next = ends.fold(until, Day::min);
            let covering = held.iter().filter(|held| held.after <= self.at && next <= held.until);
            let covering = covering.min_by_key(|held| (!held.is_excluded, held.whose));
            let (whose, is_charged) =
                covering.map_or((rest.whose, rest.is_charged), |held| (held.whose, !held.is_excluded));
            self.push(Stretch { whose, is_charged, after: self.at, until: next, ..rest });
            self.at = next;
        }
    }

    /// Adds a stretch, to the one before it where they are alike.
    fn push(&mut self, stretch: Stretch) {
        let alike = |last: &Stretch| Stretch { after: last.after, until: last.until, ..stretch } == *last;
        match self.stretches.last_mut() {
            Some(last) if alike(last) => last.until = stretch.until,
            _ => self.stretches.push(stretch),
        }
    }
}
