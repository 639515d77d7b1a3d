//! Some applications and what belongs to them: what a thread judges at a time, and a row group of each table.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::applications::{self, Applications, HeldUp, Likes, OpenRequests, Replanned};
use super::callbacks::{Callback, Callbacks, Coming, ToCome};
use super::claims::{self, Claims, Verdicts};
use super::forecasts::{Open, Replays};
use super::fulfilment::Fulfilment;
use super::months::{self, OpenMonths, OpenPasses};
use super::promises::{self, Promises};
use super::replans::Replans;
use super::stages::{Edges, Order, Stages, Traces};
use super::stretches::Stretches;
use super::totals::Totals;
use super::verifications::{Used, Verified};
use super::{Settings, actions, outages, replans, requests};
use crate::calendar::Day;
use crate::cases::dealings::VerifiedPass;
use crate::cases::standing::{Judge, JudgedPass, Standing};
use crate::cases::{self, Case, Known, Name};
use crate::clock::{Clock, Rules};
use crate::error::Result;
use crate::flow::End;
use crate::rules::strata::{Groups, Stratum};
use crate::rules::vocabulary::CallbackKind;
use crate::table::{self, Declared, Part, PartedFiles, Parts, Table};

/// The tables that buckets of applications have a part in.
pub(super) const TABLES: [Table; 13] = [
    Applications::TABLE,
    Stages::TABLE,
    Edges::TABLE,
    Stretches::TABLE,
    Claims::TABLE,
    claims::OF_WHOLE,
    claims::UNHEARD,
    Callbacks::TABLE,
    ToCome::TABLE,
    OpenMonths::TABLE,
    OpenPasses::TABLE,
    Promises::TABLE,
    Replans::TABLE,
];

/// What all applications are judged by.
pub(super) struct Common<'a> {
    known: Known<'a>,
    settings: &'a Settings<'a>,
    pub(super) judge: Judge<'a>,
    /// The rules under the other setting of `pending`.
    other: Rules,
    open_requests: BTreeMap<String, OpenRequests>,
    /// The departments that customer managers belong to.
    managers: BTreeSet<Name>,
    /// Which applications are compared with which.
    groups: &'a Groups,
    /// What is asked of those that are, or were, open.
    replays: &'a Replays<'a>,
}

impl<'a> Common<'a> {
    pub(super) fn new(
        known: Known<'a>,
        settings: &'a Settings<'a>,
        groups: &'a Groups,
        replays: &'a Replays<'a>,
    ) -> Result<Common<'a>> {
        let rules = settings.clock.rules;
        Ok(Common {
            known,
            settings,
            judge: Judge::of(known, settings.clock, settings.standards, settings.process),
            other: Rules { pending: rules.pending.other(), ..rules.clone() },
            open_requests: requests::open_requests(known)?,
            managers: settings.managers.departments.iter().filter_map(|name| known.names().find(name)).collect(),
            groups,
            replays,
        })
    }

    /// Judges the applications of a bucket, a group after the other, and writes their tables into a folder.
    pub(super) fn judged(&self, bucket: &cases::Bucket, folder: &Path) -> Result<Told> {
        let (mut files, parts) = table::parted(folder, &TABLES)?;
        let mut told = Told::new(self.known.day());
        for group in self.known.groups_of(bucket) {
            let mut filling = Filling::new(self, &parts)?;
            for case in group {
                filling.application(&self.judge.standing(case))?;
            }
            filling.fill(&mut files, &mut told)?;
        }
        files.finish()?;
        told.open = self.replays.open_in(bucket);
        Ok(told)
    }
}

/// Some applications and what belongs to them, while their rows are made.
pub(super) struct Filling<'a, 'b> {
    common: &'b Common<'a>,
    applications: Part<Applications>,
    stages: Part<Stages>,
    edges: Part<Edges>,
    stretches: Part<Stretches>,
    claims: Part<Claims>,
    application_claims: Part<Claims>,
    unheard_claims: Part<Claims>,
    callbacks: Part<Callbacks>,
    callbacks_to_come: Part<ToCome>,
    open_months: Part<OpenMonths>,
    open_passes: Part<OpenPasses>,
    replans: Part<Replans>,
    pub(super) promises: promises::Book<'a>,
    verified: Verified<'a>,
    /// The day on which the first pass started, or the as-of day.
    first_on: Day,
    totals: Totals,
    outages: Vec<(usize, outages::Of)>,
    actions: Vec<(usize, actions::Of)>,
}

/// What is to be known of the applications of a bucket beside their tables.
#[derive(Serialize, Deserialize)]
pub(super) struct Told {
    pub(super) used: Used,
    /// The day on which the first of them was accepted or the first pass started, or the as-of day.
    pub(super) first_on: Day,
    pub(super) totals: Totals,
    /// What outages are to know of them, by their numbers.
    pub(super) outages: Vec<(usize, outages::Of)>,
    /// What actions are to know of them, by their numbers.
    pub(super) actions: Vec<(usize, actions::Of)>,
    /// Those that are open, on the as-of day and on each day that is replayed.
    pub(super) open: Vec<Vec<Open>>,
}

impl Told {
    pub(super) fn new(as_of: Day) -> Told {
        let (totals, outages, actions, open) = (Totals::default(), Vec::new(), Vec::new(), Vec::new());
        Told { used: Used::new(), first_on: as_of, totals, outages, actions, open }
    }
}

impl<'a, 'b> Filling<'a, 'b> {
    pub(super) fn new(common: &'b Common<'a>, parts: &Parts) -> Result<Filling<'a, 'b>> {
        let Common { known, settings, .. } = common;
        Ok(Filling {
            common,
            applications: parts.of()?,
            stages: parts.of()?,
            edges: parts.of()?,
            stretches: parts.of()?,
            claims: parts.of()?,
            application_claims: parts.named(claims::OF_WHOLE.name)?,
            unheard_claims: parts.named(claims::UNHEARD.name)?,
            callbacks: parts.of()?,
            callbacks_to_come: parts.of()?,
            open_months: parts.of()?,
            open_passes: parts.of()?,
            replans: parts.of()?,
            promises: promises::Book::new(parts.of()?, settings, known.names()),
            verified: Verified::new(*known, settings.proposal),
            first_on: known.day(),
            totals: Totals::default(),
            outages: Vec::new(),
            actions: Vec::new(),
        })
    }

    /// Encodes the rows, and adds what was counted.
    pub(super) fn fill(self, files: &mut PartedFiles, told: &mut Told) -> Result<()> {
        let parts = [
            self.applications.finish()?,
            self.stages.finish()?,
            self.edges.finish()?,
            self.stretches.finish()?,
            self.claims.finish()?,
            self.application_claims.finish()?,
            self.unheard_claims.finish()?,
            self.callbacks.finish()?,
            self.callbacks_to_come.finish()?,
            self.open_months.finish()?,
            self.open_passes.finish()?,
            self.promises.finish()?,
            self.replans.finish()?,
        ];
        parts.into_iter().try_for_each(|part| files.append(part))?;
        told.used.extend(self.verified.used());
        told.first_on = told.first_on.min(self.first_on);
        told.totals.add(&self.totals);
        told.outages.extend(self.outages);
        told.actions.extend(self.actions);
        Ok(())
    }

    /// Writes everything about one application: its row, its passes and claims, its months, its callback.
    fn application(&mut self, standing: &Standing<'_>) -> Result<()> {
        let Common { known, judge, groups, .. } = self.common;
        let (known, stratum) = (*known, stratum(&standing.case));
        let compared_in = groups.of_stratum(&stratum).map(|group| group.code());
        let order = self.passes(standing, compared_in.as_deref())?;
        let places = claims::places(standing, known.names());
        let verdicts = Verdicts { standing, judge, places: &places };
        verdicts.of_stages().try_for_each(|claim| self.claims.push(&claim))?;
        verdicts.of_whole().try_for_each(|claim| self.application_claims.push(&claim))?;
        verdicts.unheard().try_for_each(|claim| self.unheard_claims.push(&claim))?;
        self.row(standing, &order, &Likes { stratum: stratum.code(), compared_in })?;
        months::open_months(standing, known).try_for_each(|month| self.open_months.push(&month))?;
        if let End::Energised(at) = standing.end {
            self.callback(&connection_callback(&standing.case, at.day(), known))?;
        }
        replans::moved(&standing.case, known).try_for_each(|moved| self.replans.push(&moved))?;
        let id = &standing.case.facts.application_id;
        let (outage, action) = (outages::Of::case(&standing.case), actions::Of::case(standing));
        self.outages.extend(known.outages_of(id).into_iter().map(|number| (number, outage)));
        self.actions.extend(known.actions_of(id).into_iter().map(|number| (number, action)));
        self.totals.count(standing);
        Ok(())
    }

    /// Writes the passes of an application, what follows what, and the promises about them.
    fn passes(&mut self, standing: &Standing<'_>, compared_in: Option<&str>) -> Result<Order> {
        let Common { known, settings, judge, other, managers, .. } = self.common;
        let (names, calendar) = (known.names(), settings.clock.calendar);
        for judged in &standing.passes {
            self.first_on = self.first_on.min(judged.stage.started_on().unwrap_or(self.first_on));
            self.promises.stage(standing, judged)?;
        }
        let causes = judge.causes(standing);
        let traces = Traces::of(standing, &causes, names, calendar);
        let verified = &mut self.verified;
        let application_id = standing.case.facts.application_id.as_str();
        let points = |judged: &JudgedPass<'_>| {
            let (period, stage) = (judged.reading.breached_on?.month(), names.text(judged.stage.stage));
            let pass = VerifiedPass { period, application_id, stage, pass: i64::from(judged.stage.pass) };
            Some(verified.points(&pass, judged.reading.over_wd?))
        };
        for pass in traces.passes(compared_in, managers, |judged| judge.outcome_by(other, judged), points) {
            self.stages.push(&pass)?;
        }
        traces.stretches().try_for_each(|stretch| self.stretches.push(&stretch))?;
        traces.followings().try_for_each(|following| self.edges.push(&following))?;
        months::open_passes(standing, *known, calendar).try_for_each(|open| self.open_passes.push(&open))?;
        Ok(traces.order())
    }

    fn row(&mut self, standing: &Standing<'_>, order: &Order, likes: &Likes) -> Result<()> {
        let Common { known, settings, judge, open_requests, .. } = self.common;
        let (known, calendar, as_of) = (*known, settings.clock.calendar, known.day());
        self.first_on = self.first_on.min(standing.case.facts.accepted_on);
        let stages = applications::Stages::of(standing, known);
        let requests = open_requests.get(&standing.case.facts.application_id).copied();
        let is_open = standing.end == End::Open;
        self.applications.push(&applications::Subject {
            facts: standing.case.facts,
            standing,
            known,
            gross_wd: calendar.working_days(standing.whole.started_on, standing.whole.until).max(0),
            remaining_wd: standing.effective_due_on.map(|due| calendar.working_days(as_of, due)),
            stages: &stages,
            order,
            fulfilment: Fulfilment::of(standing, settings.nodes, known.names()),
            held_up: HeldUp::of(standing, known, &stages, requests),
            replanned: Replanned::of(standing),
            owner: is_open.then(|| settings.owners.on(standing.effective_due_on, as_of)),
            original_owner: is_open.then(|| settings.owners.on(standing.due_on, as_of)),
            calendar,
            idle: judge.idle(standing),
            original_remaining_wd: standing.due_on.map(|due| calendar.working_days(as_of, due)),
            likes,
        })
    }

    pub(super) fn callback(&mut self, callback: &Callback<'_>) -> Result<()> {
        if callback.is_due() {
            self.callbacks.push(callback)
        } else if callback.is_to_come() {
            let Clock { calendar, as_of, .. } = self.common.settings.clock;
            let due_in_wd = calendar.working_days(as_of, callback.due_on);
            self.callbacks_to_come.push(&Coming { callback, due_in_wd })
        } else {
            Ok(())
        }
    }
}

pub(super) fn stratum(case: &Case<'_>) -> Stratum {
    Stratum::of(&case.facts.connection(), case.facts.capacity_kva)
}

/// The callback of an application, due a month after its energisation.
fn connection_callback<'a>(case: &Case<'a>, energised_on: Day, known: Known<'a>) -> Callback<'a> {
    Callback {
        kind: CallbackKind::Connection,
        subject_id: &case.facts.application_id,
        bureau: case.facts.bureau,
        manager_id: case.facts.manager_id,
        completed_on: energised_on,
        due_on: energised_on.plus_months(1),
        calls: case.calls(),
        known,
    }
}
