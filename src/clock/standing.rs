//! How one application stands on an as-of day: its state, its mode, its due date, and the days taken out of it.
//!
//! Pure functions of a case and a [`Clock`]: the clean tables read every application on the run's as-of day, and a
//! forecast is replayed by reading it again on a day of the past, when later finishes and claims did not exist yet.

use super::cases::{Application, Cases, DelayClaim, Name};
use super::limits::{Connection, RuleBook};
use super::vocabulary::{DueSource, Mode};
use super::{Claim, Clock, Limit, Pass, Span, Verdict};
use crate::calendar::Day;
use crate::words::vocabulary;

/// The capacity from which a project is served order-style where the export does not say, in kVA [S0].
const ORDER_KVA: f64 = 4_000.0;

vocabulary! {
    /// How an application stands on the as-of day.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum State {
        /// Neither energised nor cancelled.
        Open = ["open", "在途", "open"],
        /// The supply is live.
        Energised = ["energised", "已送电", "energised"],
        /// Given up, whatever came before.
        Cancelled = ["cancelled", "已撤销", "cancelled"],
    }
}

/// An application on the as-of day.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Open, energised or cancelled.
    pub state: State,
    /// `order` or `conventional`.
    pub mode: &'a str,
    /// The day it was energised, if that has happened.
    pub energised_on: Option<Day>,
    /// The day it was cancelled, if that has happened.
    pub cancelled_on: Option<Day>,
    /// The promise of an order, else acceptance and the standard total limit.
    pub due_on: Option<Day>,
    /// Where the due date comes from.
    pub due_source: Option<&'a str>,
    /// The application as one long stage.
    pub whole: Pass,
    /// Working days that are taken out of it.
    pub excluded_wd: i32,
    /// The due date pushed out by them.
    pub effective_due_on: Option<Day>,
}

/// Reads applications on the as-of day of a clock.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// The cases that applications, passes and claims are of.
    pub cases: &'a Cases,
    /// Calendar, rules and as-of day.
    pub clock: Clock<'a>,
    /// Standard limits.
    pub standards: &'a RuleBook,
}

impl<'a> Reader<'a> {
    /// How an application stands.
    pub fn standing(&self, application: &Application) -> Standing<'a> {
        let clock = &self.clock;
        let known = |day: Option<Day>| day.filter(|day| *day <= clock.as_of);
        let (energised_on, cancelled_on) = (known(application.energised_on()), known(application.cancelled_on));
        let state = match (energised_on, cancelled_on) {
            (_, Some(_)) => State::Cancelled,
            (Some(_), None) => State::Energised,
            (None, None) => State::Open,
        };
        let mode = self.mode(application);
        let (due_on, due_source) = self.due(application, mode);
        let whole = Pass::seen(application.accepted_on, energised_on, cancelled_on, clock.as_of);
        let excluded = self.excluded(application, &whole, due_on, cancelled_on);
        let excluded_wd = excluded.iter().map(|span| clock.working_days(*span)).sum();
        let effective_due_on = due_on.map(|due| clock.pushed_out(due, excluded_wd));
        Standing { state, mode, energised_on, cancelled_on, due_on, due_source, whole, excluded_wd, effective_due_on }
    }

    /// The mode of the export; where it says none, large and key projects are served order-style (DOMAIN §4).
    pub fn mode(&self, application: &Application) -> &'a str {
        match application.mode {
            Some(mode) => self.cases.names.text(mode),
            None if application.capacity_kva >= ORDER_KVA || application.key_project == Some(true) => {
                Mode::Order.code()
            }
            None => Mode::Conventional.code(),
        }
    }

    /// The claims on an application that had begun.
    pub fn claims(&self, application: &Application) -> impl Iterator<Item = &'a DelayClaim> + use<'a> {
        let as_of = self.clock.as_of;
        self.cases.claims[application.claims.clone()].iter().filter(move |claim| claim.began_on <= as_of)
    }

    /// A claim as it was known.
    pub fn fact(&self, claim: &DelayClaim) -> Claim {
        let Clock { rules, as_of, .. } = self.clock;
        let cause = self.cases.names.text(claim.cause);
        Claim {
            excludable: rules.excludable_causes.iter().any(|excludable| excludable == cause),
            ruling: claim.ruling,
            began_on: claim.began_on,
            ended_on: self.known_end(claim),
            reported_on: claim.reported_on.filter(|day| *day <= as_of),
        }
    }

    /// Whether a claim is judged against a pass: it names its stage, or names none and overlaps it by a working day.
    pub fn concerns(&self, claim: &DelayClaim, stage: Name, pass: &Pass) -> bool {
        match claim.stage {
            Some(named) => named == stage,
            None => {
                let span = Span { after: claim.began_on, until: self.known_end(claim) };
                let window = Span { after: pass.started_on, until: pass.until };
                span.clip(window).is_some_and(|inside| self.clock.working_days(inside) > 0)
            }
        }
    }

    fn known_end(&self, claim: &DelayClaim) -> Day {
        claim.ended_on.filter(|day| *day <= self.clock.as_of).unwrap_or(self.clock.as_of)
    }

    /// The limit of a pass and where it comes from: its own due date, else the standard limit.
    pub fn limit(
        &self,
        due_on: Option<Day>,
        started_on: Day,
        stage: &str,
        connection: &Connection,
    ) -> (Option<Limit>, Option<&'a str>) {
        let clock = &self.clock;
        match (due_on, self.standards.rule(Some(stage), connection, started_on)) {
            (Some(due_on), _) => (Some(clock.limit_until(started_on, due_on)), Some(DueSource::DueOn.code())),
            (None, Some(rule)) => (Some(rule.limit(clock, started_on)), Some(rule.source.as_str())),
            (None, None) => (None, None),
        }
    }

    /// The application's due date and where it comes from: the promise of an order, else the standard total limit.
    fn due(&self, application: &Application, mode: &str) -> (Option<Day>, Option<&'a str>) {
        if let (Some(Mode::Order), Some(promised_on)) = (Mode::of_code(mode), application.promised_on) {
            return (Some(promised_on), Some(DueSource::Promise.code()));
        }
        let connection = application.connection(&self.cases.names);
        match self.standards.rule(None, &connection, application.accepted_on) {
            Some(rule) => {
                let limit = rule.limit(&self.clock, application.accepted_on);
                (Some(limit.due_on), Some(rule.source.as_str()))
            }
            None => (None, None),
        }
    }

    /// The days taken out of a whole application: of admitted claims that name a stage, inside that stage; of claims
    /// that name none, judged against the application's own due date.
    fn excluded(
        &self,
        application: &Application,
        whole: &Pass,
        due_on: Option<Day>,
        cancelled_on: Option<Day>,
    ) -> Vec<Span> {
        let clock = &self.clock;
        let window = Span { after: whole.started_on, until: whole.until };
        let mut spans = Vec::new();
        for claim in self.claims(application) {
            let fact = self.fact(claim);
            let mut admit = |pass: &Pass, due_on: Option<Day>| {
                let judged = clock.judge(&fact, pass, due_on);
                if judged.verdict == Verdict::Admitted {
                    spans.extend(judged.inside.and_then(|span| span.clip(window)));
                }
            };
            let Some(named) = claim.stage else {
                admit(whole, due_on);
                continue;
            };
            let connection = application.connection(&self.cases.names);
            let passes = &self.cases.passes[application.passes.clone()];
            for stage in passes.iter().filter(|pass| pass.stage == named && pass.started_on() <= clock.as_of) {
                let pass = Pass::seen(stage.started_on(), stage.finished_on(), cancelled_on, clock.as_of);
                let code = self.cases.names.text(named);
                let (limit, _) = self.limit(stage.due_on, stage.started_on(), code, &connection);
                admit(&pass, limit.map(|limit| limit.due_on));
            }
        }
        Span::unite(spans)
    }
}
