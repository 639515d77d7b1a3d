//! How one application stands on a day: its mode, its due date, its stage passes with what the clock shows of each, and
//! the days taken out of it.
//!
//! Each stage pass and each claim is judged here, once. The clean tables judge every application on the run's as-of day;
//! a forecast is replayed by judging it again as it was known on a day of the past.

use super::beginning::{Begins, Starts};
use super::{Case, Known, KnownClaim, KnownPass, Name, Names};
use crate::calendar::Day;
use crate::clock::{Claim, Clock, Covered, Judgement, Limit, Pass, Reading, Rules, Ruling, Span, Verdict};
use crate::flow::End;
use crate::rules::limits::{Connection, RuleBook};
use crate::rules::process::Process;
use crate::rules::vocabulary::{DueSource, Mode, State};

/// The capacity from which a project is served order-style where the export does not say, in kVA (docs/method.md §4).
const ORDER_KVA: f64 = 4_000.0;

impl super::Facts {
    /// The mode of the export; where it says none, large and key projects are served order-style (docs/method.md §4).
    pub fn served(&self) -> Mode {
        match self.mode {
            Some(mode) => mode,
            None if self.capacity_kva >= ORDER_KVA || self.key_project == Some(true) => Mode::Order,
            None => Mode::Conventional,
        }
    }
}

impl From<End> for State {
    fn from(end: End) -> State {
        match end {
            End::Open => State::Open,
            End::Energised(_) => State::Energised,
            End::Cancelled(_) => State::Cancelled,
        }
    }
}

/// An application as it stood on a day.
pub struct Standing<'a> {
    /// The application.
    pub case: Case<'a>,
    /// How it is served.
    pub mode: Mode,
    /// How it stands.
    pub end: End,
    /// The promise of an order, else acceptance and the standard total limit.
    pub due_on: Option<Day>,
    /// Where the due date comes from: [`DueSource`] or the source of a rule.
    pub due_source: Option<&'a str>,
    /// The application as one long stage.
    pub whole: Pass,
    /// Working days that are taken out of it.
    pub excluded_wd: i32,
    /// The same, by what they rest on.
    pub excused: Excused,
    /// The due date pushed out by them.
    pub effective_due_on: Option<Day>,
    /// Its claims, in the order of the files.
    pub claims: Vec<KnownClaim<'a>>,
    /// The claims that name no stage, by their numbers, judged against the whole application.
    pub of_whole: Vec<(usize, Judgement)>,
    /// Its passes by start, usual order and number; and those that have not begun, in usual order.
    pub passes: Vec<JudgedPass<'a>>,
}

impl Standing<'_> {
    /// The claims that concern no pass, by their numbers.
    pub fn unheard(&self) -> impl Iterator<Item = usize> {
        let is_heard = |claim: &usize| self.passes.iter().any(|judged| judged.concerned.contains(claim));
        (0..self.claims.len()).filter(move |claim| !is_heard(claim))
    }
}

/// The working days that are taken out of a whole application, by what they rest on. A day that several claims cover
/// rests on the firmest of them, so that the first three add up to all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Excused {
    /// On claims with an end that were admitted.
    pub ruled_wd: i32,
    /// On claims with an end that nobody has ruled on.
    pub unruled_wd: i32,
    /// On claims without an end.
    pub open_wd: i32,
    /// Of all of them, those that would not be taken out if claims that are not ruled on were refused.
    pub provisional_wd: i32,
}

impl Excused {
    fn total(&self) -> i32 {
        self.ruled_wd + self.unruled_wd + self.open_wd
    }
}

/// A stage pass and what the clock shows of it.
pub struct JudgedPass<'a> {
    /// The pass.
    pub stage: KnownPass,
    /// From when its clock runs.
    pub begins: Begins,
    /// The same in whole days, from then on; no day where the clock does not run.
    pub pass: Pass,
    /// Its net working days from its start on, whenever it could have begun.
    pub worked_wd: i32,
    /// Where its limit comes from: [`DueSource`] or the source of a rule.
    pub limit_source: Option<&'a str>,
    /// The claims judged against it, by their numbers in [`Standing::claims`].
    pub concerned: Vec<usize>,
    /// The same as the clock reads them.
    claims: Vec<Claim>,
    /// What the clock shows; one verdict for each claim concerned.
    pub reading: Reading,
}

/// A claim as the clock reads it, once for all passes of its application.
struct Said {
    stage: Option<Name>,
    claim: Claim,
    /// The days that it stands for.
    span: Span,
}

/// The outcome of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the net time exceeds the limit.
    pub overdue_net: Option<bool>,
    /// The day it was decided.
    pub settled_on: Option<Day>,
}

impl From<&Reading> for Outcome {
    fn from(reading: &Reading) -> Outcome {
        Outcome { overdue_net: reading.overdue_net, settled_on: reading.settled_on }
    }
}

/// Judges applications as they are known on the day of a clock.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// Calendar, rules and day.
    pub clock: Clock<'a>,
    /// Standard limits.
    pub standards: &'a RuleBook,
    /// What waits for what.
    pub process: &'a Process,
    /// The texts behind the numbers.
    pub names: &'a Names,
}

impl<'a> Judge<'a> {
    /// Judges cases on the day on which they are known.
    pub fn of(known: Known<'a>, clock: Clock<'a>, standards: &'a RuleBook, process: &'a Process) -> Judge<'a> {
        Judge { clock: Clock { as_of: known.day(), ..clock }, standards, process, names: known.names() }
    }

    /// How an application stands.
    pub fn standing(&self, case: Case<'a>) -> Standing<'a> {
        let mode = case.facts.served();
        let connection = case.facts.connection();
        let (due_on, due_source) = self.due(&case, mode, &connection);
        let claims: Vec<KnownClaim<'a>> = case.claims().collect();
        let said: Vec<Said> = claims.iter().map(|claim| self.said(claim)).collect();
        let known: Vec<KnownPass> = case.passes().map(KnownPass::from).chain(case.planned()).collect();
        let starts = Starts::of(self.clock.calendar, self.clock.as_of, self.process, self.names, &known);
        let passes: Vec<JudgedPass<'a>> =
            known.iter().map(|stage| self.pass(&case, &starts, *stage, &connection, &said)).collect();
        let whole = case.whole();
        let of_whole: Vec<(usize, Judgement)> = (0..claims.len())
            .filter(|claim| claims[*claim].facts.stage.is_none())
            .map(|claim| (claim, self.clock.judge(&said[claim].claim, &whole, due_on)))
            .collect();
        let excused = self.excused(&whole, &claims, &of_whole, &passes);
        let excluded_wd = excused.total();
        let effective_due_on = due_on.map(|due| self.clock.pushed_out(due, excluded_wd));
        let end = case.end();
        Standing {
            case,
            mode,
            end,
            due_on,
            due_source,
            whole,
            excluded_wd,
            excused,
            effective_due_on,
            claims,
            of_whole,
            passes,
        }
    }

    /// The days taken out of a whole application: of claims that name a stage, inside its passes; of claims that name
    /// none, as judged against the application's own due date.
    fn excused(
        &self,
        whole: &Pass,
        claims: &[KnownClaim<'_>],
        of_whole: &[(usize, Judgement)],
        passes: &[JudgedPass<'_>],
    ) -> Excused {
        let window = Span { after: whole.started_on, until: whole.until };
        let of_stages = passes.iter().flat_map(|judged| judged.concerned.iter().zip(&judged.reading.verdicts));
        let of_stages = of_stages.filter(|(claim, _)| claims[**claim].facts.stage.is_some());
        let of_stages = of_stages.map(|(claim, judged)| (&claims[*claim], judged));
        let of_whole = of_whole.iter().map(|(claim, judged)| (&claims[*claim], judged));
        let counting: Vec<(&KnownClaim<'_>, &Judgement, Span)> = of_stages
            .chain(of_whole)
            .filter(|(_, judged)| judged.verdict.counts())
            .filter_map(|(claim, judged)| Some((claim, judged, judged.inside?.clip(window)?)))
            .collect();
        let days = |rests: &dyn Fn(&KnownClaim<'_>, &Judgement) -> bool| -> i32 {
            let spans = counting.iter().filter(|(claim, judged, _)| rests(claim, judged)).map(|(_, _, span)| *span);
            Span::unite(spans.collect()).into_iter().map(|span| self.clock.working_days(span)).sum()
        };
        let all_wd = days(&|_, _| true);
        let ended_wd = days(&|claim, _| claim.ended_on.is_some());
        let ruled_wd = days(&|claim, judged| claim.ended_on.is_some() && judged.verdict == Verdict::Admitted);
        let admitted_wd = days(&|_, judged| judged.verdict == Verdict::Admitted);
        Excused {
            ruled_wd,
            unruled_wd: ended_wd - ruled_wd,
            open_wd: all_wd - ended_wd,
            provisional_wd: all_wd - admitted_wd,
        }
    }

    fn pass(
        &self,
        case: &Case<'a>,
        starts: &Starts<'_>,
        stage: KnownPass,
        connection: &Connection,
        claims: &[Said],
    ) -> JudgedPass<'a> {
        let begins = starts.begins(case, &stage);
        let (limit, limit_source) = self.limit(&stage, begins, connection);
        let Some(clock_on) = begins.clock_on() else {
            let until = case.pass(&stage, self.clock.as_of).until;
            let pass = Pass { started_on: until, until, finished: false };
            let due_in_wd = stage.due_on.map(|due_on| self.clock.calendar.working_days(self.clock.as_of, due_on));
            let reading = Reading { due_in_wd, effective_due_on: stage.due_on, ..Reading::default() };
            let (concerned, claims) = (Vec::new(), Vec::new());
            return JudgedPass { stage, begins, pass, worked_wd: 0, limit_source, concerned, claims, reading };
        };
        let pass = case.pass(&stage, clock_on);
        let concerned: Vec<usize> =
            (0..claims.len()).filter(|claim| self.concerns(&claims[*claim], stage.stage, &pass)).collect();
        let claims: Vec<Claim> = concerned.iter().map(|claim| claims[*claim].claim).collect();
        let reading = self.clock.read(&pass, limit, &claims);
        let worked_wd = stage.started_on().map_or(0, |started_on| self.net_since(started_on, &pass, &reading));
        JudgedPass { stage, begins, pass, worked_wd, limit_source, concerned, claims, reading }
    }

    /// The outcome of a pass under the other setting of `pending`, which the tables show too.
    pub fn outcome_by(&self, other: &Rules, judged: &JudgedPass<'_>) -> Outcome {
        if judged.claims.iter().all(|claim| claim.ruling != Ruling::Pending) {
            return Outcome::from(&judged.reading);
        }
        let clock = Clock { rules: other, ..self.clock };
        Outcome::from(&clock.read(&judged.pass, judged.reading.limit, &judged.claims))
    }

    fn said(&self, claim: &KnownClaim<'_>) -> Said {
        let read = self.claim(claim);
        Said { stage: claim.facts.stage, span: self.clock.covers(&read).span, claim: read }
    }

    /// A claim as the clock reads it.
    pub(super) fn claim(&self, claim: &KnownClaim<'_>) -> Claim {
        let cause = self.names.text(claim.facts.cause);
        Claim {
            excludable: self.clock.rules.excludable_causes.iter().any(|excludable| excludable == cause),
            ruling: claim.ruling,
            began_on: claim.facts.began_on,
            ended_on: claim.ended_on,
            reported_on: claim.reported_on,
            confirmed_on: claim.confirmed_on,
        }
    }

    /// The verdict on a claim that concerns no pass: that of a pass without a day.
    pub fn of_no_pass(&self, claim: &KnownClaim<'_>, whole: &Pass) -> Judgement {
        let nothing = Pass { until: whole.started_on, finished: false, ..*whole };
        self.clock.judge(&self.claim(claim), &nothing, None)
    }

    /// The days that a claim stands for.
    pub fn covered(&self, claim: &KnownClaim<'_>) -> Covered {
        self.clock.covers(&self.claim(claim))
    }

    /// How far a pass would be over its limit were one of its claims admitted, and were it rejected.
    pub fn over_by_ruling(&self, judged: &JudgedPass<'_>, claim: usize) -> [Option<i32>; 2] {
        [Ruling::Admitted, Ruling::Rejected].map(|ruling| {
            let mut claims = judged.claims.clone();
            for (_, judged) in judged.concerned.iter().zip(&mut claims).filter(|(concerned, _)| **concerned == claim) {
                judged.ruling = ruling;
            }
            self.clock.read(&judged.pass, judged.reading.limit, &claims).over_wd
        })
    }

    /// Whether a claim is judged against a pass: it names its stage, or names none and overlaps it by a working day.
    fn concerns(&self, said: &Said, stage: Name, pass: &Pass) -> bool {
        match said.stage {
            Some(named) => named == stage,
            None => {
                let window = Span { after: pass.started_on, until: pass.until };
                said.span.clip(window).is_some_and(|inside| self.clock.working_days(inside) > 0)
            }
        }
    }

    /// Net working days of a pass from a day on.
    fn net_since(&self, day: Day, pass: &Pass, reading: &Reading) -> i32 {
        let span = Span { after: day, until: pass.until };
        let excluded = reading.excluded.iter().filter_map(|excluded| excluded.clip(span));
        self.clock.working_days(span).max(0) - excluded.map(|span| self.clock.working_days(span)).sum::<i32>()
    }

    /// The limit of a pass and where it comes from: its own due date, else the standard limit; of one that inherited a
    /// delay, its planned duration, else the standard limit.
    fn limit(&self, stage: &KnownPass, begins: Begins, connection: &Connection) -> (Option<Limit>, Option<&'a str>) {
        let standard = |day: Day| {
            let rule = self.standards.rule(Some(self.names.text(stage.stage)), connection, day)?;
            Some((self.clock.limit_by(rule, day), rule.source.as_str()))
        };
        match (begins, stage.due_on) {
            (Begins::Inherited(inherited), due_on) => {
                let planned_wd = due_on.zip(stage.planned_start_on).map(|(due_on, planned_start_on)| {
                    self.clock.calendar.working_days(planned_start_on, due_on).max(0)
                });
                let limit = inherited.started_on.and_then(|day| match planned_wd {
                    Some(planned_wd) => Some(self.clock.limit_of(day, planned_wd)),
                    None => standard(day).map(|(limit, _)| limit),
                });
                (limit, Some(DueSource::Inherited.code()))
            }
            (_, Some(due_on)) => {
                let limit = begins.clock_on().map(|day| self.clock.limit_until(day, due_on));
                (limit, Some(DueSource::DueOn.code()))
            }
            (_, None) => match begins.clock_on().and_then(standard) {
                Some((limit, source)) => (Some(limit), Some(source)),
                None => (None, None),
            },
        }
    }

    /// The application's due date and where it comes from: the promise of an order, else the standard total limit.
    fn due(&self, case: &Case<'a>, mode: Mode, connection: &Connection) -> (Option<Day>, Option<&'a str>) {
        let accepted_on = case.facts.accepted_on;
        match (mode, case.facts.promised_on, self.standards.rule(None, connection, accepted_on)) {
            (Mode::Order, Some(promised_on), _) => (Some(promised_on), Some(DueSource::Promise.code())),
            (_, _, Some(rule)) => (Some(self.clock.limit_by(rule, accepted_on).due_on), Some(rule.source.as_str())),
            (_, _, None) => (None, None),
        }
    }
}
