//! Cases as they were known on a day: what came later does not exist.
//!
//! The one place that compares a day of the data with the day that is looked at. The clean tables see the cases on the
//! as-of day, a replayed forecast on a day of the past, by the same functions. What the exports do not date (a promise, a
//! capacity, a ruling without its day) is taken as it stands.

use std::cmp::Ordering;

use super::apart::Asked;
use super::dealings::{Action, Verification, VerifiedPass, Visit};
use super::records::{Complaint, Demand, Manager, Outage, Replan, Request, Restriction, Score};
use super::{Application, Bucket, Call, Cases, ClaimFacts, Facts, Fault, KnownPass, Name, Names, StagePass};
use crate::calendar::{Day, Instant};
use crate::clock::{Pass, Ruling};
use crate::error::Result;
use crate::flow::End;
use crate::parallel;

/// The cases as they were known on a day.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    cases: &'a Cases<'a>,
    on: Day,
    newest_restrictions: Option<Day>,
}

/// An application as it was known on a day.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// What it is.
    pub facts: &'a Facts,
    /// When it was energised, unless it was cancelled before.
    pub energised_at: Option<Instant>,
    /// The day it was cancelled, unless it was energised by then.
    pub cancelled_on: Option<Day>,
    /// The day of the end that came too late to count: a cancellation after the energisation, or the reverse.
    pub other_end_on: Option<Day>,
    application: &'a Application,
    bucket: &'a Bucket,
    known: Known<'a>,
}

/// A delay claim as it was known on a day.
#[derive(Clone, Copy)]
pub struct KnownClaim<'a> {
    /// What it says.
    pub facts: &'a ClaimFacts,
    /// The day it ended.
    pub ended_on: Option<Day>,
    /// The day it was reported.
    pub reported_on: Option<Day>,
    /// The day it was last confirmed to go on.
    pub confirmed_on: Option<Day>,
    /// What was ruled.
    pub ruling: Ruling,
    /// The day that was ruled, where the exports have it.
    pub ruled_on: Option<Day>,
    /// Who ruled.
    pub ruled_by: Option<&'a str>,
}

/// What of an application a day hides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Later {
    /// Passes.
    pub passes: u64,
    /// Finishes of passes that it shows.
    pub finishes: u64,
}

/// A month, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Day,
    /// Its last day, or the day that is looked at.
    pub until: Day,
}

impl Cases<'_> {
    /// The cases as they were known at the end of a day.
    pub fn known_on(&self, day: Day) -> Known<'_> {
        let months = self.records.restrictions.iter().map(|restriction| restriction.month);
        let newest_restrictions = months.filter(|month| *month <= day).max();
        Known { cases: self, on: day, newest_restrictions }
    }
}

impl<'a> Known<'a> {
    /// The day.
    pub fn day(&self) -> Day {
        self.on
    }

    /// The texts behind the numbers.
    pub fn names(&self) -> &'a Names {
        &self.cases.names
    }

    /// The text behind a number.
    pub fn text(&self, name: Name) -> &'a str {
        self.cases.names.text(name)
    }

    /// Every stage that the exports name.
    pub fn stages(self) -> impl Iterator<Item = Name> + use<'a> {
        self.cases.spread.stage_names.iter().copied()
    }

    /// Whether the exports have delay claims.
    pub fn has_delays(&self) -> bool {
        self.cases.spread.has_delays
    }

    /// Whether the exports have calls.
    pub fn has_callbacks(&self) -> bool {
        self.cases.spread.has_callbacks
    }

    /// Whether the exports have requests.
    pub fn has_requests(&self) -> bool {
        self.cases.requests.is_given
    }

    /// Whether a day has come.
    pub fn has_come(&self, day: Day) -> bool {
        day <= self.on
    }

    fn day_of(&self, day: Option<Day>) -> Option<Day> {
        day.filter(|day| *day <= self.on)
    }

    fn time_of(&self, at: Option<Instant>) -> Option<Instant> {
        at.filter(|at| at.day() <= self.on)
    }

    fn view(self, bucket: &'a Bucket, application: &'a Application) -> Case<'a> {
        let (energised_at, cancelled_on) =
            (self.time_of(application.energised_at), self.day_of(application.cancelled_on));
        // The end that comes first counts; on one day, the energisation.
        let (energised_at, cancelled_on, other_end_on) = match (energised_at, cancelled_on) {
            (Some(at), Some(cancelled_on)) if at.day() <= cancelled_on => (Some(at), None, Some(cancelled_on)),
            (Some(at), Some(cancelled_on)) => (None, Some(cancelled_on), Some(at.day())),
            (energised_at, cancelled_on) => (energised_at, cancelled_on, None),
        };
        Case { facts: &application.facts, energised_at, cancelled_on, other_end_on, application, bucket, known: self }
    }

    /// Works on every bucket of applications, several at a time; what comes of them is taken in their order.
    pub fn in_buckets<T: Send>(
        self,
        work: impl Fn(&Bucket) -> Result<T> + Sync,
        take: impl FnMut(T) -> Result<()>,
    ) -> Result<()> {
        parallel::in_order(0..self.cases.buckets(), |number| work(&self.cases.bucket(number)?), take)
    }

    /// A bucket of applications, by its number.
    pub fn bucket(self, number: usize) -> Result<Bucket> {
        self.cases.bucket(number)
    }

    /// The buckets of applications, one after the other.
    pub fn buckets(self) -> impl Iterator<Item = Result<Bucket>> + use<'a> {
        (0..self.cases.buckets()).map(move |number| self.cases.bucket(number))
    }

    /// The applications of a bucket that the report is about and that were accepted by the day, by identifier.
    pub fn cases_of(self, bucket: &'a Bucket) -> impl Iterator<Item = Case<'a>> {
        self.asked_for(bucket, &bucket.applications)
    }

    /// The same, a group after the other.
    pub fn groups_of(self, bucket: &'a Bucket) -> impl Iterator<Item = impl Iterator<Item = Case<'a>>> {
        bucket.applications.chunks(super::group()).map(move |group| self.asked_for(bucket, group))
    }

    fn asked_for(self, bucket: &'a Bucket, some: &'a [Application]) -> impl Iterator<Item = Case<'a>> + use<'a> {
        let has_come = move |application: &&Application| self.has_come(application.facts.accepted_on);
        let asked_for = some.iter().filter(|application| application.is_asked_for);
        asked_for.filter(has_come).map(move |application| self.view(bucket, application))
    }

    /// The applications of a bucket that the report is about and that the day hides.
    pub fn later_of(self, bucket: &Bucket) -> u64 {
        let asked_for = bucket.applications.iter().filter(|application| application.is_asked_for);
        asked_for.filter(|application| application.facts.accepted_on > self.on).count() as u64
    }

    /// Whether a pass is on record: what has only a finish is not before it.
    fn shows(self, pass: &StagePass) -> bool {
        pass.started_on() <= self.on && (!pass.start_taken || pass.finished_on() <= Some(self.on))
    }

    /// Gives the faults reported by the day to `visit`, by identifier.
    pub fn each_fault(self, mut visit: impl FnMut(&Fault) -> Result<()>) -> Result<()> {
        parallel::in_order(
            0..self.cases.fault_buckets(),
            |number| self.cases.faults(number),
            |faults| {
                let reported = faults.into_iter().filter(|fault| fault.reported_at.day() <= self.on);
                reported.map(|fault| self.fault(fault)).try_for_each(|fault| visit(&fault))
            },
        )
    }

    fn fault(&self, fault: Fault) -> Fault {
        Fault {
            outage_at: self.time_of(fault.outage_at),
            notified_at: self.time_of(fault.notified_at),
            arrived_at: self.time_of(fault.arrived_at),
            arrival_call_at: self.time_of(fault.arrival_call_at),
            restored_at: self.time_of(fault.restored_at),
            completion_call_at: self.time_of(fault.completion_call_at),
            calls: self.calls(&fault.calls).to_vec(),
            ..fault
        }
    }

    fn calls<'b>(&self, calls: &'b [Call]) -> &'b [Call] {
        &calls[..calls.partition_point(|call| call.called_at.day() <= self.on)]
    }

    /// Gives the complaints received by the day to `visit`, by identifier.
    pub fn each_complaint(self, mut visit: impl FnMut(&Complaint) -> Result<()>) -> Result<()> {
        self.cases.complaints.each(&self.cases.names, |complaint| {
            let is_asked_for = self.only().is_none_or(|only| only.asks_of_bureau(&complaint.bureau, self.names()));
            if !is_asked_for || complaint.received_at.day() > self.on {
                return Ok(());
            }
            let handled_at = self.time_of(complaint.handled_at);
            visit(&Complaint {
                forwarded_at: self.time_of(complaint.forwarded_at),
                // How the customer felt is asked when all is done; without a day for it, it is taken as it stands.
                satisfied: complaint.satisfied.filter(|_| complaint.handled_at == handled_at),
                handled_at,
                ..complaint
            })
        })
    }

    fn only(self) -> Option<&'a Asked> {
        self.cases.only.as_ref()
    }

    /// The outages that were asked for by the day, by identifier, each with its number.
    pub fn outages(self) -> impl Iterator<Item = (usize, Outage)> {
        let outages = self.cases.records.outages.iter().enumerate();
        outages.filter(move |(_, outage)| outage.ready_at.day() <= self.on).map(move |(number, outage)| {
            let (outage_at, announced_at) = (self.time_of(outage.outage_at), self.time_of(outage.announced_at));
            (number, Outage { outage_at, announced_at, ..outage.clone() })
        })
    }

    /// The numbers of the outages of an application.
    pub fn outages_of(self, application_id: &str) -> Vec<usize> {
        self.cases.records.outages_of(application_id)
    }

    /// The conclusions about a stage pass that was overdue in a month, and the number of the first. A conclusion answers a month's table, which is made
    /// after the month has ended: it counts whenever it was reached.
    pub fn verifications_of(self, key: &VerifiedPass<'_>) -> (usize, &'a [Verification]) {
        self.cases.records.verifications_of(key)
    }

    /// The conclusions about months that have begun, by month, application, stage and pass, each with its number.
    pub fn verifications(self) -> impl Iterator<Item = (usize, &'a Verification)> {
        let verifications = self.cases.records.verifications.iter().enumerate();
        verifications.filter(move |(_, verification)| verification.period <= self.on)
    }

    /// Gives the visits made by the day to `visit`, by identifier.
    pub fn each_visit(self, mut visit: impl FnMut(&Visit) -> Result<()>) -> Result<()> {
        self.cases.visits.each(&self.cases.names, |own| {
            let is_asked_for = self.only().is_none_or(|only| only.asks_of(own.application_id.as_deref()));
            if !is_asked_for || own.visited_on > self.on {
                return Ok(());
            }
            visit(&Visit { answered_on: self.day_of(own.answered_on), ..own })
        })
    }

    /// What was done against delay by the day, by identifier, each with its number.
    pub fn actions(self) -> impl Iterator<Item = (usize, &'a Action)> {
        let actions = self.cases.records.actions.iter().enumerate();
        actions.filter(move |(_, action)| action.taken_on <= self.on)
    }

    /// The numbers of what was done against the delay of an application.
    pub fn actions_of(self, application_id: &str) -> Vec<usize> {
        self.cases.records.actions_of(application_id)
    }

    fn replans_by(&self, replans: &'a [Replan]) -> &'a [Replan] {
        &replans[..replans.partition_point(|replan| replan.replanned_at.day() <= self.on)]
    }

    /// Gives the requests raised by the day to `visit`, by identifier.
    pub fn each_request(self, mut visit: impl FnMut(&Request) -> Result<()>) -> Result<()> {
        self.cases.requests.each(&self.cases.names, |mut request| {
            let is_asked_for = self.only().is_none_or(|only| only.asks_of(request.application_id.as_deref()));
            if !is_asked_for || request.raised_at.day() > self.on {
                return Ok(());
            }
            request.answered.retain(|_, at| at.day() <= self.on);
            request.settled_at = self.time_of(request.settled_at);
            visit(&request)
        })
    }

    /// The scores of surveys of months begun by the day: by month, bureau and indicator.
    pub fn surveys(self) -> impl Iterator<Item = &'a Score> {
        self.cases.records.surveys.iter().filter(move |score| score.month <= self.on)
    }

    /// The customer managers, by identifier; nothing dates them.
    pub fn managers(&self) -> &'a [Manager] {
        &self.cases.records.managers
    }

    /// Loaded or restricted equipment, by bureau, equipment and month.
    pub fn restrictions(self) -> impl Iterator<Item = &'a Restriction> {
        self.cases.records.restrictions.iter().filter(move |restriction| restriction.month <= self.on)
    }

    /// The month of the newest list of restricted equipment.
    pub fn newest_restrictions(&self) -> Option<Day> {
        self.newest_restrictions
    }

    /// Since which month equipment has been restricted without a break up to the newest month of the lists; none where
    /// it is no longer on them.
    pub fn restricted_since(&self, bureau: &str, feeder_or_station: &str) -> Option<Day> {
        let mut expected = self.newest_restrictions?;
        let mut since = None;
        let all = self.cases.records.restrictions_of(bureau, feeder_or_station);
        for restriction in all.iter().rev().filter(|restriction| restriction.month <= self.on) {
            if !restriction.restricts() || restriction.month != expected {
                break;
            }
            since = Some(restriction.month);
            expected = expected.month_before();
        }
        since
    }

    /// The demands on lists of months begun by the day: by month, bureau and customer.
    pub fn demands(self) -> impl DoubleEndedIterator<Item = &'a Demand> {
        self.cases.records.demands.iter().filter(move |demand| demand.month <= self.on)
    }

    /// The months from that of `from` to that of the day, each as far as it has come.
    pub fn months(self, from: Day) -> impl Iterator<Item = Month> {
        std::iter::successors(Some(from.month()), |month| Some(month.plus_months(1)))
            .take_while(move |month| *month <= self.on)
            .map(move |first| Month { first, until: first.month_end().min(self.on) })
    }

    /// The first and the last day that any figure of a bucket is counted from or to.
    pub fn extent_of(self, bucket: &Bucket) -> Extent {
        let days = self.cases_of(bucket).flat_map(|case| {
            let ends = case.passes().flat_map(|pass| [Some(pass.started_on()), pass.finished_on(), pass.due_on]);
            let own = [Some(case.facts.accepted_on), case.energised_on(), case.facts.promised_on];
            own.into_iter().chain(ends)
        });
        days.flatten()
            .fold(Extent { first: self.on, last: self.on }, |extent, day| extent.with(Extent { first: day, last: day }))
    }
}

/// The first and the last of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// The first.
    pub first: Day,
    /// The last.
    pub last: Day,
}

impl Extent {
    /// With those of others.
    pub fn with(self, others: Extent) -> Extent {
        Extent { first: self.first.min(others.first), last: self.last.max(others.last) }
    }
}

impl<'a> Case<'a> {
    /// How many of its rows were rejected.
    pub fn rejected_rows(&self) -> u32 {
        self.application.rejected_rows
    }

    /// The same application as it was known on a later day.
    pub fn known_on(&self, later: Known<'a>) -> Case<'a> {
        later.view(self.bucket, self.application)
    }

    /// The day it was energised.
    pub fn energised_on(&self) -> Option<Day> {
        self.energised_at.map(Instant::day)
    }

    /// The day on which it ended.
    pub fn ended_on(&self) -> Option<Day> {
        self.energised_on().or(self.cancelled_on)
    }

    /// How it stands.
    pub fn end(&self) -> End {
        match (self.energised_at, self.cancelled_on) {
            (Some(at), _) => End::Energised(at),
            (None, Some(day)) => End::Cancelled(day),
            (None, None) => End::Open,
        }
    }

    /// The passes that had started, by start, usual order and number.
    pub fn passes(&self) -> impl Iterator<Item = StagePass> + use<'a> {
        let known = self.known;
        let passes = &self.bucket.passes[self.application.passes.clone()];
        let started = passes.iter().take_while(move |pass| pass.started_on() <= known.on);
        started
            .filter(move |pass| known.shows(pass))
            .map(move |pass| StagePass { finished_at: known.time_of(pass.finished_at), ..*pass })
    }

    /// How many of its passes the exports give no start.
    pub fn plans(&self) -> u64 {
        self.application.plans.len() as u64
    }

    /// The passes that are due and had not started, in usual order: those of which the exports give no start, then those
    /// that started later.
    pub fn planned(&self) -> impl Iterator<Item = KnownPass> + use<'a> {
        let known = self.known;
        let plans = self.bucket.plans[self.application.plans.clone()].iter().map(|plan| plan.pass);
        let passes = self.bucket.passes[self.application.passes.clone()].iter();
        let later = passes.filter(move |pass| !known.shows(pass) && pass.due_on.is_some()).map(|pass| KnownPass {
            started_at: None,
            start_taken: false,
            finished_at: None,
            handler: None,
            ..KnownPass::from(*pass)
        });
        plans.chain(later)
    }

    /// How many of its passes the day hides, and how many finishes of the others.
    pub(crate) fn later(&self) -> Later {
        let passes = &self.bucket.passes[self.application.passes.clone()];
        let (shown, hidden): (Vec<&StagePass>, Vec<&StagePass>) =
            passes.iter().partition(|pass| self.known.shows(pass));
        let finishes = shown.iter().filter(|pass| pass.finished_on() > Some(self.known.on)).count();
        Later { passes: hidden.len() as u64, finishes: finishes as u64 }
    }

    /// A pass in whole days, from a day on: what was still open at a cancellation stops there, and what never began at
    /// the end of its application, if it does not usually come after the energisation.
    pub fn pass(&self, stage: &KnownPass, from: Day) -> Pass {
        Pass::seen(from, stage.finished_on(), self.begins_no_more(stage).or(self.cancelled_on), self.known.on)
    }

    /// The day after which a pass that has not begun never will: the end of its application, unless its stage usually
    /// comes after the energisation.
    pub fn begins_no_more(&self, stage: &KnownPass) -> Option<Day> {
        match (stage.started_at, stage.to_goal) {
            (Some(_), _) => None,
            (None, Ordering::Less | Ordering::Equal) => self.ended_on(),
            (None, Ordering::Greater) => self.cancelled_on,
        }
    }

    /// The application as one long pass.
    pub fn whole(&self) -> Pass {
        Pass::seen(self.facts.accepted_on, self.energised_on(), self.cancelled_on, self.known.on)
    }

    /// The claims that had begun, in the order of the files.
    pub fn claims(&self) -> impl Iterator<Item = KnownClaim<'a>> + use<'a> {
        let known = self.known;
        let claims = self.bucket.claims[self.application.claims.clone()].iter();
        claims.filter(move |claim| claim.facts.began_on <= known.on).map(move |claim| {
            let is_ruled = claim.ruled_on.is_none_or(|ruled_on| known.has_come(ruled_on));
            KnownClaim {
                facts: &claim.facts,
                ended_on: known.day_of(claim.ended_on),
                reported_on: known.day_of(claim.reported_on),
                confirmed_on: known.day_of(claim.confirmed_on),
                ruling: if is_ruled { claim.ruling } else { Ruling::Pending },
                ruled_on: known.day_of(claim.ruled_on),
                ruled_by: claim.ruled_by.as_deref().filter(|_| is_ruled),
            }
        })
    }

    /// The calls to its customer, by time.
    pub fn calls(&self) -> &'a [Call] {
        let application = self.application;
        self.known.calls(&application.calls)
    }

    /// Its re-plans by time; none where the exports have no history of it by the day.
    pub fn replans(&self) -> Option<&'a [Replan]> {
        let replans = self.known.cases.records.replans.get(&self.facts.application_id)?;
        Some(self.known.replans_by(replans)).filter(|replans| !replans.is_empty())
    }

    /// The day that its promise was moved to, where the exports have no history of re-plans: nobody knows when that
    /// was. With a history, what it does not tell has not happened yet.
    pub fn replanned_on(&self) -> Option<Day> {
        self.facts.replanned_on.filter(|_| !self.known.cases.records.has_replans)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::events::Noted;
    use super::super::{DelayClaim, LogRules, Names};
    use super::*;
    use crate::config::Config;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::at(day(text), 3_600)
    }

    /// One application: accepted on the 1st, a stage from the 2nd to the 12th with a claim of the 3rd to the 9th that
    /// was confirmed on the 8th, reported on the 10th and admitted on the 12th, a second stage from the 12th, called on the 25th, energised on the 20th.
    fn bucket(names: &mut Names) -> Bucket {
        let name = names.number("East");
        let facts = Facts {
            application_id: "A".into(),
            bureau: name,
            area: None,
            channel: None,
            voltage_kv: 10.0,
            capacity_kva: 315.0,
            supply: None,
            new_feeder: None,
            key_project: None,
            mode: None,
            manager_id: None,
            accepted_on: day("2026-06-01"),
            desired_on: None,
            promised_on: None,
            replanned_on: None,
            feeder_or_station: None,
            customer_name: None,
            visits: None,
            designer: None,
            builder: None,
            supplier: None,
            fee_charged: None,
            fee_standard: None,
            business: None,
            customer_class: None,
            leader: None,
            live_work: None,
        };
        let pass = |started: &str, finished: &str| StagePass {
            stage: name,
            pass: 1,
            department: name,
            handler: None,
            started_at: at(started),
            start_taken: false,
            finished_at: Some(at(finished)),
            due_on: None,
            planned_start_on: None,
            position: 0,
            to_goal: Ordering::Less,
            application: 0,
            line: 0,
        };
        let claim = ClaimFacts { delay_id: None, stage: None, cause: name, began_on: day("2026-06-03"), reason: None };
        let call = Call {
            called_at: at("2026-06-25"),
            reached: true,
            score: None,
            manager_score: None,
            free_choice: None,
            issue_category: None,
            issue_department: None,
            issue_verified: None,
            issue_action: None,
            issue_settled_on: None,
        };
        let application = Application::new(facts, Some(at("2026-06-20")), None);
        Bucket {
            applications: vec![Application { passes: 0..2, claims: 0..1, calls: vec![call], ..application }],
            plans: Vec::new(),
            passes: vec![pass("2026-06-02", "2026-06-12"), pass("2026-06-12", "2026-06-20")],
            claims: vec![DelayClaim {
                facts: claim,
                ended_on: Some(day("2026-06-09")),
                reported_on: Some(day("2026-06-10")),
                confirmed_on: Some(day("2026-06-08")),
                ruling: Ruling::Admitted,
                ruled_on: Some(day("2026-06-12")),
                ruled_by: None,
                application: 0,
            }],
            noted: Noted::default(),
        }
    }

    #[test]
    fn what_is_later_does_not_exist() {
        let (nothing, process) = (tempfile::tempdir().unwrap(), Config::load(None).unwrap().process);
        let mut cases = Cases::gather(nothing.path(), nothing.path(), &process, LogRules::default()).unwrap();
        let bucket = bucket(&mut cases.names);
        let before = cases.known_on(day("2026-05-31"));
        assert_eq!((before.cases_of(&bucket).count(), before.later_of(&bucket)), (0, 1));
        // Day, passes with those finished, claims with those ended, confirmed, reported and ruled on, calls, whether it is
        // energised.
        let seen: HashMap<&str, [usize; 9]> = ["2026-06-01", "2026-06-03", "2026-06-09", "2026-06-12", "2026-06-30"]
            .into_iter()
            .map(|on| {
                let case = cases.known_on(day(on)).cases_of(&bucket).next().unwrap();
                let finished = case.passes().filter(|pass| pass.finished_at.is_some()).count();
                let ended = case.claims().filter(|claim| claim.ended_on.is_some()).count();
                let confirmed = case.claims().filter(|claim| claim.confirmed_on.is_some()).count();
                let reported = case.claims().filter(|claim| claim.reported_on.is_some()).count();
                let ruled = case.claims().filter(|claim| claim.ruling == Ruling::Admitted).count();
                let energised = usize::from(case.energised_at.is_some());
                (
                    on,
                    [
                        case.passes().count(),
                        finished,
                        case.claims().count(),
                        ended,
                        confirmed,
                        reported,
                        ruled,
                        case.calls().len(),
                        energised,
                    ],
                )
            })
            .collect();
        assert_eq!(seen["2026-06-01"], [0; 9]);
        assert_eq!(seen["2026-06-03"], [1, 0, 1, 0, 0, 0, 0, 0, 0]);
        assert_eq!(seen["2026-06-09"], [1, 0, 1, 1, 1, 0, 0, 0, 0]);
        assert_eq!(seen["2026-06-12"], [2, 1, 1, 1, 1, 1, 1, 0, 0]);
        assert_eq!(seen["2026-06-30"], [2, 2, 1, 1, 1, 1, 1, 1, 1]);
    }
}
