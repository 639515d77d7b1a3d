//! Rows of the raw lake, in whatever order, gathered under their cases.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::path::Path;

use super::events::{BeginsTaken, EndsTaken, EventLog, LogRules, Momentary, Ties};
use super::faults;
use super::raw::{self, each};
use super::records::Records;
use super::stages::{self, NOT_NUMBERED, Numbers, Stages};
use super::starts;
use super::{Application, Call, Cases, ClaimFacts, DelayClaim, Facts, Fault, Name, Names, Plan, StagePass};
use crate::calendar::Instant;
use crate::clock::Ruling;
use crate::contract::{self, RawApplication, RawCall, RawDelay, TieOrder};
use crate::error::Result;
use crate::rules::bounds::{CaseBounds, CaseEnd};
use crate::rules::limits::{Area, Supply};
use crate::rules::process::Process;
use crate::rules::vocabulary::{CallbackKind, Mode};

impl Cases {
    /// Gathers the raw tables of a lake.
    pub fn gather(lake: &Path, process: &Process, log: &LogRules<'_>) -> Result<Cases> {
        let mut names = Names::default();
        let mut applications = Vec::with_capacity(raw::rows::<contract::Applications>(lake)?);
        each::<contract::Applications>(lake, |row| applications.push(application(&row, &mut names)))?;
        applications.sort_unstable_by(|a, b| a.facts.application_id.cmp(&b.facts.application_id));
        let numbers = numbered(applications.iter().map(|application| application.facts.application_id.as_str()));

        let Stages { mut passes, mut plans, lifecycle, first_aside } =
            stages::read(lake, process, log, &numbers, &mut names)?;
        let order = |passes: &mut [StagePass]| {
            if process.is_open {
                order_stages(passes, process, &names);
            }
        };
        order(&mut passes);
        if process.takes_starts() {
            // The usual order, by the finishes as yet, decides between finishes of one moment.
            starts::take(&mut passes, &applications, &process.cases, log.order);
            order(&mut passes);
        }
        number_passes(&mut passes, log.order);
        let superseded_plans = drop_superseded(&mut plans, &passes);
        number_plans(&mut plans, &passes, &names);
        let mut events = EventLog {
            begins: None,
            ends: None,
            lifecycle,
            ties: Ties::of(&passes, log.order, !process.is_open),
            momentary: Momentary::of(&passes),
            superseded_plans,
        };
        let mut claims = Vec::with_capacity(raw::rows::<contract::Delays>(lake)?);
        let has_delays = each::<contract::Delays>(lake, |row| {
            claims.extend(numbers.get(row.application_id).map(|number| claim(&row, *number, &mut names)));
        })?;
        claims.sort_by_key(|claim| claim.application);
        let faults_given = faults::read(lake, &mut names)?;
        let (has_faults, mut faults) = (faults_given.is_some(), faults_given.unwrap_or_default());
        let calls = read_calls(lake, &numbers, &faults, &mut names)?;
        let mut rejected = Vec::new();
        raw::each_rejected(lake, |case, rows| rejected.extend(numbers.get(case).map(|number| (*number, rows))))?;
        drop(numbers);

        for (number, rows) in rejected {
            applications[number as usize].rejected_rows += rows;
        }
        for (number, call) in calls.of_applications {
            applications[number as usize].calls.push(call);
        }
        for (number, call) in calls.of_faults {
            faults[number as usize].calls.push(call);
        }
        let (mut pass, mut plan, mut claim) = (0, 0, 0);
        for (number, application) in applications.iter_mut().enumerate() {
            application.passes = range_of(&passes, number as u32, &mut pass, |pass| pass.application);
            application.plans = range_of(&plans, number as u32, &mut plan, |plan| plan.application);
            application.claims = range_of(&claims, number as u32, &mut claim, |claim| claim.application);
            // The sort is stable: calls made at the same time stay in the order of the files.
            application.calls.sort_by_key(|call| call.called_at);
        }
        (events.begins, events.ends) =
            bound_by_events(&mut applications, &passes, &first_aside, &process.cases, &mut names);
        for fault in &mut faults {
            fault.calls.sort_by_key(|call| call.called_at);
        }
        let mut records = Records::gather(lake)?;
        records.count_names(&mut names);
        names.settle();
        records.settle(&names);
        Ok(Cases {
            applications,
            passes,
            plans,
            claims,
            faults: has_faults.then_some(faults),
            has_delays,
            has_callbacks: calls.are_given,
            records,
            events,
            names,
        })
    }
}

fn numbered<'a>(identifiers: impl Iterator<Item = &'a str>) -> Numbers<'a> {
    identifiers.enumerate().map(|(number, identifier)| (identifier, number as u32)).collect()
}

fn application(row: &RawApplication<'_>, names: &mut Names) -> Application {
    let facts = Facts {
        application_id: row.application_id.to_owned(),
        bureau: names.number(row.bureau),
        area: row.area.and_then(Area::of_code),
        channel: names.maybe(row.channel),
        voltage_kv: row.voltage_kv,
        capacity_kva: row.capacity_kva,
        supply: row.supply.and_then(Supply::of_code),
        new_feeder: row.new_feeder,
        key_project: row.key_project,
        mode: row.mode.and_then(Mode::of_code),
        manager_id: names.maybe(row.manager_id),
        accepted_on: row.accepted_at.day(),
        desired_on: row.desired_on,
        promised_on: row.promised_on,
        replanned_on: row.replanned_on,
        feeder_or_station: names.maybe(row.feeder_or_station),
        customer_name: row.customer_name.map(Box::from),
        visits: row.visits,
        designer: names.maybe(row.designer),
        builder: names.maybe(row.builder),
        supplier: names.maybe(row.supplier),
        fee_charged: row.fee_charged,
        fee_standard: row.fee_standard,
        business: names.maybe(row.business),
        customer_class: names.maybe(row.customer_class),
        leader: names.maybe(row.leader),
        live_work: row.live_work,
    };
    Application {
        facts,
        energised_at: row.energised_at,
        cancelled_on: row.cancelled_at.map(Instant::day),
        passes: 0..0,
        plans: 0..0,
        claims: 0..0,
        calls: Vec::new(),
        rejected_rows: 0,
    }
}

fn claim(row: &RawDelay<'_>, application: u32, names: &mut Names) -> DelayClaim {
    let facts = ClaimFacts {
        delay_id: row.delay_id.map(str::to_owned),
        stage: names.maybe(row.stage),
        cause: names.number(row.cause),
        began_on: row.began_at.day(),
        reason: row.reason.map(str::to_owned),
    };
    DelayClaim {
        facts,
        ended_on: row.ended_at.map(Instant::day),
        reported_on: row.reported_at.map(Instant::day),
        confirmed_on: row.confirmed_at.map(Instant::day),
        ruling: row.ruling.and_then(Ruling::of_code).unwrap_or(Ruling::Pending),
        ruled_on: row.ruled_at.map(Instant::day),
        ruled_by: row.ruled_by.map(str::to_owned),
        application,
    }
}

fn call(row: &RawCall<'_>, names: &mut Names) -> Call {
    Call {
        called_at: row.called_at,
        reached: row.outcome == "reached",
        score: row.score,
        manager_score: row.manager_score,
        free_choice: row.free_choice,
        issue_category: names.maybe(row.issue_category),
        issue_department: names.maybe(row.issue_department),
        issue_verified: row.issue_verified,
        issue_action: names.maybe(row.issue_action),
        issue_settled_on: row.issue_settled_at.map(Instant::day),
    }
}

/// Calls, each with the number of its case, in the order of the files.
struct Calls {
    of_applications: Vec<(u32, Call)>,
    of_faults: Vec<(u32, Call)>,
    are_given: bool,
}

fn read_calls(lake: &Path, applications: &Numbers<'_>, faults: &[Fault], names: &mut Names) -> Result<Calls> {
    let faults = numbered(faults.iter().map(|fault| fault.fault_id.as_str()));
    let mut calls = Calls { of_applications: Vec::new(), of_faults: Vec::new(), are_given: false };
    calls.are_given = each::<contract::Callbacks>(lake, |row| {
        let (known, list) = match CallbackKind::of_code(row.kind) {
            Some(CallbackKind::Fault) => (&faults, &mut calls.of_faults),
            _ => (applications, &mut calls.of_applications),
        };
        if let Some(number) = known.get(row.subject_id) {
            list.push((*number, call(&row, names)));
        }
    })?;
    Ok(calls)
}

/// Puts the stages that an open process does not list into the order in which they are usually met: by the median,
/// over the applications, of how many passes began before the stage first did. It does not depend on the order of rows.
fn order_stages(passes: &mut [StagePass], process: &Process, names: &Names) {
    passes.sort_unstable_by_key(|pass| (pass.application, pass.started_at));
    let mut ranks: HashMap<Name, Vec<usize>> = HashMap::new();
    for case in passes.chunk_by(|a, b| a.application == b.application) {
        let mut met = HashSet::new();
        for (at, pass) in case.iter().enumerate() {
            if names_no_stage(process, names, pass.stage) && met.insert(pass.stage) {
                // What began in the same moment did not begin before.
                let rank = case[..at].partition_point(|earlier| earlier.started_at < pass.started_at);
                ranks.entry(pass.stage).or_default().push(rank);
            }
        }
    }
    let mut order: Vec<(usize, &str, Name)> = ranks
        .into_iter()
        .map(|(stage, mut ranks)| {
            ranks.sort_unstable();
            // Twice the median, so that it is a whole number.
            let twice = ranks[(ranks.len() - 1) / 2] + ranks[ranks.len() / 2];
            (twice, names.text(stage), stage)
        })
        .collect();
    order.sort_unstable();
    let place = |at: usize| u16::try_from(process.stages.len() + at).unwrap_or(u16::MAX);
    let places: HashMap<Name, u16> = order.iter().enumerate().map(|(at, (.., stage))| (*stage, place(at))).collect();
    for pass in passes {
        pass.position = places.get(&pass.stage).copied().unwrap_or(pass.position);
    }
}

fn names_no_stage(process: &Process, names: &Names, stage: Name) -> bool {
    process.position(names.text(stage)) == process.stages.len()
}

/// Sorts passes by application, start, usual order (or order of the files) and number, and numbers those that have
/// none: a stage that comes again in an event log is another pass of it.
fn number_passes(passes: &mut [StagePass], order: TieOrder) {
    match order {
        // A start to the second orders what is done on one day; the end orders what is recorded as one moment.
        TieOrder::Usual => passes
            .sort_unstable_by_key(|p| (p.application, p.started_at, p.position, p.pass, p.finished_at, p.department)),
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

/// Begins and ends applications by their own events, where the process says so: a log of nothing but events.
fn bound_by_events(
    applications: &mut [Application],
    passes: &[StagePass],
    first_aside: &HashMap<u32, Instant>,
    bounds: &CaseBounds,
    names: &mut Names,
) -> (Option<BeginsTaken>, Option<EndsTaken>) {
    let (mut taken, mut begun) = (EndsTaken::default(), BeginsTaken::default());
    let ends: Option<Vec<Name>> = bounds.ends.as_ref().map(|end| match end {
        CaseEnd::Last => Vec::new(),
        CaseEnd::Stages(codes) => codes.iter().map(|code| names.number(code)).collect(),
    });
    for (number, application) in applications.iter_mut().enumerate() {
        let passes = &passes[application.passes.clone()];
        let first =
            passes.first().map(|pass| pass.started_at).into_iter().chain(first_aside.get(&(number as u32)).copied());
        if let (true, Some(first)) = (bounds.begins, first.min()) {
            begun.cases += 1;
            begun.moved += u64::from(application.facts.accepted_on != first.day());
            application.facts.accepted_on = first.day();
        }
        let Some(ends) = ends.as_ref().filter(|_| application.energised_at.is_none()) else { continue };
        let closing = || passes.iter().filter(|pass| ends.is_empty() || ends.contains(&pass.stage));
        // One that is still running or to come keeps its case open, where all must be finished.
        let is_done = || application.plans.is_empty() && closing().all(|pass| pass.finished_at.is_some());
        if !ends.is_empty() || is_done() {
            let end = closing().filter_map(|pass| pass.finished_at).max();
            // What ends before it is accepted has not ended by this event.
            let accepted_on = application.facts.accepted_on;
            application.energised_at = end.filter(|end| end.day() >= accepted_on);
            taken.cases += u64::from(application.energised_at.is_some());
            taken.before_acceptance += u64::from(end.is_some() && application.energised_at.is_none());
        }
    }
    let never_met = |end: &&Name| !passes.iter().any(|pass| pass.stage == **end);
    let begins = bounds.begins.then_some(begun);
    let Some(ends) = ends else { return (begins, None) };
    taken.never_met = ends.iter().filter(never_met).map(|end| names.text(*end).to_owned()).collect();
    (begins, Some(taken))
}

/// Where the rows of an application stand among rows sorted by it; `next`: where the applications before it end.
fn range_of<T>(rows: &[T], number: u32, next: &mut usize, of: impl Fn(&T) -> u32) -> Range<usize> {
    let start = *next;
    *next += rows[start..].iter().take_while(|row| of(row) == number).count();
    start..*next
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An application of which nothing more is known.
    pub(in crate::cases) fn application(id: &str, accepted_on: &str) -> Application {
        let row = RawApplication {
            application_id: id,
            bureau: "East",
            voltage_kv: 10.0,
            capacity_kva: 315.0,
            accepted_at: Instant::at(accepted_on.parse().unwrap(), 0),
            customer_name: None,
            customer_phone: None,
            area: None,
            channel: None,
            supply: None,
            new_feeder: None,
            key_project: None,
            mode: None,
            manager_id: None,
            desired_on: None,
            promised_on: None,
            replanned_on: None,
            energised_at: None,
            cancelled_at: None,
            visits: None,
            feeder_or_station: None,
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
        super::application(&row, &mut Names::default())
    }
}
