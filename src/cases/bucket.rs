//! One bucket of applications in memory, put in order: what a thread works on.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use foldhash::fast::FixedState;

use super::events::{LogRules, Noted};
use super::lifecycle::{self, Paired};
use super::spread::Spread;
use super::stages::{NOT_NUMBERED, Place, Rows};
use super::starts;
use super::{Application, Bucket, Call, DelayClaim, Name, Names, Plan, StagePass};
use crate::calendar::Instant;
use crate::contract::TieOrder;
use crate::error::Result;
use crate::rules::bounds::CaseEnd;
use crate::rules::process::Process;

/// How rows become passes in their order, the same for all buckets.
pub(super) struct Way<'p> {
    pub process: &'p Process,
    pub log: LogRules<'p>,
    /// Where each stage stands by the process, by the number of its name.
    places: Vec<Place>,
    /// What is found of all applications where the process is open: the usual order of the stages that it does not list, by
    /// the times as they are given, and then by those that were taken for them.
    usual: Vec<HashMap<Name, u16>>,
    /// The stages that end a case; none: the last of them does.
    ends: Option<Vec<Name>>,
}

/// How often the stages that an open process does not list first began after so many passes.
pub(super) type Ranks = BTreeMap<Name, BTreeMap<usize, u64>>;

impl<'p> Way<'p> {
    /// Where the stages of some names stand.
    pub fn of(
        process: &'p Process,
        log: LogRules<'p>,
        stages: impl IntoIterator<Item = Name>,
        names: &Names,
    ) -> Way<'p> {
        let mut places = Vec::new();
        for stage in stages {
            let text = names.text(stage);
            let position = u16::try_from(process.position(text)).unwrap_or(u16::MAX);
            let nowhere = Place { position, to_goal: process.to_goal(text) };
            if places.len() <= stage.place() {
                places.resize(stage.place() + 1, nowhere);
            }
            places[stage.place()] = nowhere;
        }
        let ends = process.cases.ends.as_ref().map(|end| match end {
            CaseEnd::Last => Vec::new(),
            // A stage that nothing bears ends nothing.
            CaseEnd::Stages(codes) => codes.iter().filter_map(|code| names.find(code)).collect(),
        });
        Way { process, log, places, usual: Vec::new(), ends }
    }

    /// Whether the usual order is still to be found.
    pub fn seeks_order(&self) -> bool {
        self.process.is_open && self.usual.len() < 1 + usize::from(self.process.takes_starts())
    }

    /// Takes the usual order of the stages that the process does not list: by the median, over the applications, of how many
    /// passes began before the stage first did. It does not depend on the order of rows.
    pub fn order(&mut self, ranks: Ranks, names: &Names) {
        let mut order: Vec<(usize, &str, Name)> =
            ranks.into_iter().map(|(stage, ranks)| (twice_the_median(&ranks), names.text(stage), stage)).collect();
        order.sort_unstable();
        let place = |at: usize| u16::try_from(self.process.stages.len() + at).unwrap_or(u16::MAX);
        self.usual.push(order.iter().enumerate().map(|(at, (.., stage))| (*stage, place(at))).collect());
    }

    fn is_listed(&self, stage: Name) -> bool {
        usize::from(self.places[stage.place()].position) != self.process.stages.len()
    }
}

/// Twice, so that it is a whole number.
fn twice_the_median(ranks: &BTreeMap<usize, u64>) -> usize {
    let all: u64 = ranks.values().sum();
    let at = |place: u64| {
        let mut before = 0;
        let found = ranks.iter().find(|(_, times)| {
            before += **times;
            before > place
        });
        found.map_or(0, |(rank, _)| *rank)
    };
    at(all.saturating_sub(1) / 2) + at(all / 2)
}

/// The applications of a bucket with their passes, before these are in order.
struct Begun {
    applications: Vec<Application>,
    passes: Vec<StagePass>,
    plans: Vec<Plan>,
    /// The first event that makes no pass, by application.
    first_aside: HashMap<u32, Instant>,
    noted: Noted,
}

impl Begun {
    /// Reads the bucket, with as much of the usual order as is known.
    fn read(spread: &Spread, number: usize, way: &Way<'_>, names: &Names) -> Result<Begun> {
        let mut applications = Vec::with_capacity(spread.applications.rows(number));
        spread.applications.each(number, |_, application, _| applications.push(application))?;
        applications.sort_unstable_by(|a: &Application, b| a.facts.application_id.cmp(&b.facts.application_id));
        let Rows { mut passes, plans, events, .. } = rows(spread, number, &applications, way)?;
        let mut noted = Noted::default();
        let mut first_aside = HashMap::new();
        if !events.is_empty() {
            let paired = lifecycle::pair(events, names, way.log.unknown_department);
            let Paired { begun, only_ended, lifecycle, first_aside: aside } = paired;
            passes.extend(begun);
            let start_taken = way.process.takes_starts();
            passes.extend(only_ended.into_iter().map(|pass| StagePass { start_taken, ..pass }));
            (noted.lifecycle, first_aside) = (Some(lifecycle), aside);
        }
        let mut usual = way.usual.iter();
        let mut order = |passes: &mut [StagePass]| {
            let Some(usual) = usual.next() else { return };
            for pass in passes {
                pass.position = usual.get(&pass.stage).copied().unwrap_or(pass.position);
            }
        };
        order(&mut passes);
        if way.process.takes_starts() && (!way.process.is_open || !way.usual.is_empty()) {
            // The usual order, by the finishes as yet, decides between finishes of one moment.
            starts::take(&mut passes, &applications, &way.process.cases, way.log.order);
            order(&mut passes);
        }
        Ok(Begun { applications, passes, plans, first_aside, noted })
    }
}

/// The rows of stages of a bucket, each as what it makes.
fn rows(spread: &Spread, number: usize, applications: &[Application], way: &Way<'_>) -> Result<Rows> {
    let (numbers, mut rows) = (Numbers::of(applications), Rows::default());
    // What grows as it is filled holds everything twice when it moves.
    rows.passes.reserve_exact(spread.stages.rows(number));
    let mut of = numbers.lookup();
    spread.stages.each(number, |case, row, _| {
        if let Some(application) = of(case) {
            let place = way.places[row.stage().place()];
            rows.add(&row, application, place);
        }
    })?;
    Ok(rows)
}

/// How often each stage that an open process does not list first began after how many passes, in a bucket.
pub(super) fn ranks(spread: &Spread, number: usize, way: &Way<'_>, names: &Names) -> Result<Ranks> {
    let mut passes = Begun::read(spread, number, way, names)?.passes;
    passes.sort_unstable_by_key(|pass| (pass.application, pass.started_at));
    let mut ranks = Ranks::new();
    for case in passes.chunk_by(|a, b| a.application == b.application) {
        let mut met = HashSet::new();
        for (at, pass) in case.iter().enumerate() {
            if !way.is_listed(pass.stage) && met.insert(pass.stage) {
                // What began in the same moment did not begin before.
                let rank = case[..at].partition_point(|earlier| earlier.started_at < pass.started_at);
                *ranks.entry(pass.stage).or_default().entry(rank).or_default() += 1;
            }
        }
    }
    Ok(ranks)
}

impl Bucket {
    /// Reads a bucket and puts it in order.
    pub(super) fn read(spread: &Spread, number: usize, way: &Way<'_>, names: &Names) -> Result<Bucket> {
        let Begun { mut applications, mut passes, mut plans, first_aside, mut noted } =
            Begun::read(spread, number, way, names)?;
        number_passes(&mut passes, way.log.order);
        noted.superseded_plans = drop_superseded(&mut plans, &passes);
        number_plans(&mut plans, &passes, names);
        noted.count(&passes);
        let mut claims: Vec<DelayClaim> = Vec::with_capacity(spread.claims.rows(number));
        let (mut calls, mut rejected) = (Vec::new(), Vec::new());
        {
            let numbers = Numbers::of(&applications);
            let mut of = numbers.lookup();
            spread.claims.each(number, |case, claim, _| {
                claims.extend(of(case).map(|application| DelayClaim { application, ..claim }));
            })?;
            spread.calls.each(number, |case, call, _| calls.extend(of(case).map(|number| (number, call))))?;
            spread.rejected.each(number, |case, rows, _| rejected.extend(of(case).map(|number| (number, rows))))?;
        }
        claims.sort_by_key(|claim| claim.application);
        for (number, rows) in rejected {
            applications[number as usize].rejected_rows += rows;
        }
        for (number, call) in calls {
            let call: Call = call;
            applications[number as usize].calls.push(call);
        }
        let (mut pass, mut plan, mut claim) = (0, 0, 0);
        for (number, application) in applications.iter_mut().enumerate() {
            application.passes = range_of(&passes, number as u32, &mut pass, |pass| pass.application);
            application.plans = range_of(&plans, number as u32, &mut plan, |plan| plan.application);
            application.claims = range_of(&claims, number as u32, &mut claim, |claim| claim.application);
            // The sort is stable: calls made at the same time stay in the order of the files.
            application.calls.sort_by_key(|call| call.called_at);
        }
        let mut bucket = Bucket { applications, passes, plans, claims, noted };
        bucket.bound_by_events(&first_aside, way);
        Ok(bucket)
    }

    /// Begins and ends applications by their own events, where the process says so: a log of nothing but events.
    fn bound_by_events(&mut self, first_aside: &HashMap<u32, Instant>, way: &Way<'_>) {
        let Noted { begins, ends: taken, .. } = &mut self.noted;
        for (number, application) in self.applications.iter_mut().enumerate() {
            let passes = &self.passes[application.passes.clone()];
            let first = passes.first().map(|pass| pass.started_at).into_iter();
            let first = first.chain(first_aside.get(&(number as u32)).copied()).min();
            if let (true, Some(first)) = (way.process.cases.begins, first) {
                begins.cases += 1;
                begins.moved += u64::from(application.facts.accepted_on != first.day());
                application.facts.accepted_on = first.day();
            }
            let Some(ends) = way.ends.as_ref().filter(|_| application.energised_at.is_none()) else { continue };
            // Without a stage that ends cases, any does.
            let by_last = matches!(way.process.cases.ends, Some(CaseEnd::Last));
            let closing = || passes.iter().filter(|pass| by_last || ends.contains(&pass.stage));
            // One that is still running or to come keeps its case open, where all must be finished.
            let is_done = || application.plans.is_empty() && closing().all(|pass| pass.finished_at.is_some());
            if !by_last || is_done() {
                let end = closing().filter_map(|pass| pass.finished_at).max();
                // What ends before it is accepted has not ended by this event.
                let accepted_on = application.facts.accepted_on;
                application.energised_at = end.filter(|end| end.day() >= accepted_on);
                taken.cases += u64::from(application.energised_at.is_some());
                taken.before_acceptance += u64::from(end.is_some() && application.energised_at.is_none());
            }
        }
    }
}

/// The applications of a bucket by identifier.
struct Numbers<'a>(HashMap<&'a str, u32, FixedState>);

impl<'a> Numbers<'a> {
    fn of(applications: &'a [Application]) -> Numbers<'a> {
        let identifiers = applications.iter().map(|application| application.facts.application_id.as_str());
        Numbers(identifiers.zip(0..).collect())
    }

    /// The number of a case; rows of one mostly come one after the other.
    fn lookup(&self) -> impl FnMut(&str) -> Option<u32> {
        let (mut last, mut number) = (String::new(), None);
        move |case| {
            if number.is_none() || last != case {
                number = self.0.get(case).copied();
                case.clone_into(&mut last);
            }
            number
        }
    }
}

/// Sorts passes by application, start, usual order (or order of the files) and number, and numbers those that have
/// none: a stage that comes again in an event log is another pass of it.
fn number_passes(passes: &mut [StagePass], order: TieOrder) {
    match order {
        // A start to the second orders what is done on one day; the end orders what is recorded as one moment.
        TieOrder::Usual => {
            passes.sort_unstable_by_key(|p| (p.application, p.started_at, p.position, p.pass, p.finished_at, p.said()));
        }
        TieOrder::File => passes.sort_unstable_by_key(|p| (p.application, p.started_at, p.line)),
    }
    for case in passes.chunk_by_mut(|a, b| a.application == b.application) {
        if case.iter().any(|pass| pass.pass == NOT_NUMBERED) {
            number_case(case);
        }
    }
}

/// Gives each pass of one case that has no number the next one of its stage that is free.
fn number_case(case: &mut [StagePass]) {
    let taken: HashSet<(Name, u32)> = case.iter().map(|pass| (pass.stage, pass.pass)).collect();
    let mut last: HashMap<Name, u32> = HashMap::new();
    for pass in case.iter_mut().filter(|pass| pass.pass == NOT_NUMBERED) {
        let number = last.entry(pass.stage).or_default();
        *number += 1;
        while taken.contains(&(pass.stage, *number)) {
            *number += 1;
        }
        pass.pass = *number;
    }
}

/// Takes away plans that nothing tells from a later export of the same stage: where passes have no numbers, a plan of a
/// stage that has begun since, and all but the last plan of a stage. Says how many there were.
fn drop_superseded(plans: &mut Vec<Plan>, passes: &[StagePass]) -> u64 {
    let before = plans.len();
    let planned: HashSet<(u32, Name)> = plans.iter().map(|plan| (plan.application, plan.pass.stage)).collect();
    let own = passes.iter().map(|pass| (pass.application, pass.stage));
    let mut met: HashSet<(u32, Name)> = own.filter(|stage| planned.contains(stage)).collect();
    // The rows stand in the order of the files, the newest last.
    plans.reverse();
    plans.retain(|plan| plan.pass.pass != NOT_NUMBERED || met.insert((plan.application, plan.pass.stage)));
    (before - plans.len()) as u64
}

/// Sorts plans by application, usual order and number, and numbers those that have none after the passes of their stage.
fn number_plans(plans: &mut [Plan], passes: &[StagePass], names: &Names) {
    let said = |plan: &Plan| {
        let (stage, department) = (names.text(plan.pass.stage).to_owned(), names.text(plan.pass.department).to_owned());
        (
            plan.application,
            plan.pass.position,
            stage,
            plan.pass.pass,
            plan.pass.due_on,
            plan.pass.planned_start_on,
            department,
        )
    };
    plans.sort_by_cached_key(said);
    let stages: HashSet<(u32, Name)> = plans.iter().map(|plan| (plan.application, plan.pass.stage)).collect();
    let mut taken: HashMap<(u32, Name), HashSet<u32>> = HashMap::new();
    let begun = passes.iter().map(|pass| (pass.application, pass.stage, pass.pass));
    let numbered = plans.iter().filter(|plan| plan.pass.pass != NOT_NUMBERED);
    for (application, stage, pass) in
        begun.chain(numbered.map(|plan| (plan.application, plan.pass.stage, plan.pass.pass)))
    {
        if stages.contains(&(application, stage)) {
            taken.entry((application, stage)).or_default().insert(pass);
        }
    }
    for plan in plans.iter_mut().filter(|plan| plan.pass.pass == NOT_NUMBERED) {
        let taken = taken.entry((plan.application, plan.pass.stage)).or_default();
        plan.pass.pass = (1..).find(|number| taken.insert(*number)).unwrap_or(u32::MAX);
    }
    plans.sort_by_cached_key(said);
}

/// Where the rows of an application stand among rows sorted by it; `next`: where the applications before it end.
fn range_of<T>(rows: &[T], number: u32, next: &mut usize, of: impl Fn(&T) -> u32) -> Range<usize> {
    let start = *next;
    *next += rows[start..].iter().take_while(|row| of(row) == number).count();
    start..*next
}
