//! The clean tables: every derived figure of a single case.
//!
//! One pass over the cases in their order. What SQL would need a calendar, a date function or a look at the row before
//! for is decided here, so that the marts are plain counts and sums. Nothing that happened after the as-of day exists.
//! One file per table: its columns, each with its meaning and how it is taken from the case, and what the case tells.

pub mod actions;
pub mod applications;
pub mod callbacks;
pub mod claims;
pub mod complaints;
pub mod demands;
pub mod dictionary;
pub mod faults;
pub mod forecasts;
mod fulfilment;
pub mod limits;
pub mod managers;
pub mod months;
pub mod outages;
pub mod params;
pub mod promises;
pub mod replans;
pub mod requests;
pub mod restrictions;
pub mod stages;
pub mod stretches;
pub mod surveys;
pub mod verifications;
pub mod visits;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::calendar::{Day, Instant};
use crate::cases::dealings::VerifiedPass;
use crate::cases::standing::{Judge, JudgedPass, Standing};
use crate::cases::{Case, Cases, Known, Name};
use crate::clock::{Clock, Rules};
use crate::contract::Given;
use crate::error::Result;
use crate::flow::End;
use crate::parallel;
use crate::rules::limits::RuleBook;
use crate::rules::owners::Owners;
use crate::rules::process::Process;
use crate::rules::scorecard::{Managers, Proposal};
use crate::rules::strata::{Groups, Stratum};
use crate::rules::vocabulary::{CallbackKind, DueSource, Promise};
use crate::table::{self, Declared, Encoded, Part, Parts, Table};
use crate::words::{Lang, Words};
use applications::{Applications, HeldUp, Likes, OpenRequests, Replanned};
use callbacks::{Callback, Callbacks, Coming, ToCome};
use claims::{Claims, Verdicts};
use fulfilment::Fulfilment;
use months::{OpenMonths, OpenPasses};
use stages::{Edges, Order, Stages, Traces};
use stretches::Stretches;
use verifications::{Used, Verified};

/// kVA as whole VA: SQL adds up whole numbers alone.
fn whole_va(kva: f64) -> i64 {
    (kva * 1000.0).round_ties_even() as i64
}

/// Yuan as whole fen.
fn whole_fen(yuan: f64) -> i64 {
    (yuan * 100.0).round_ties_even() as i64
}

/// Every clean table, in the order in which the dictionary prints them.
pub const TABLES: [Table; 30] = [
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
    months::MonthDays::TABLE,
    promises::Promises::TABLE,
    faults::Faults::TABLE,
    complaints::Complaints::TABLE,
    outages::Outages::TABLE,
    replans::Replans::TABLE,
    requests::Requests::TABLE,
    requests::RequestAnswers::TABLE,
    surveys::Surveys::TABLE,
    managers::Managers::TABLE,
    restrictions::Restrictions::TABLE,
    demands::Demands::TABLE,
    verifications::Verifications::TABLE,
    visits::Visits::TABLE,
    actions::Actions::TABLE,
    limits::Limits::TABLE,
    forecasts::Forecasts::TABLE,
    forecasts::Backtest::TABLE,
    params::Params::TABLE,
];

/// The tables that only some marts read: a run makes those that the marts of its report read.
pub const ON_DEMAND: [&str; 4] =
    [Stretches::TABLE.name, OpenMonths::TABLE.name, OpenPasses::TABLE.name, forecasts::Backtest::TABLE.name];

/// Which of the tables on demand are made.
#[derive(Debug, Clone)]
pub enum Made<'a> {
    /// Every one.
    All,
    /// Those among the tables that are read.
    Read(BTreeSet<&'a str>),
}

impl Made<'_> {
    fn has(&self, table: &str) -> bool {
        match self {
            Made::All => true,
            Made::Read(tables) => !ON_DEMAND.contains(&table) || tables.contains(table),
        }
    }
}

/// Their names, in the same order.
pub const NAMES: [&str; TABLES.len()] = {
    let mut names = [""; TABLES.len()];
    let mut at = 0;
    while at < TABLES.len() {
        names[at] = TABLES[at].name;
        at += 1;
    }
    names
};

/// What a pass over the cases counted besides the tables.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub struct Totals {
    /// Applications accepted by the as-of day.
    pub applications: u64,
    /// Of them, energised.
    pub energised: u64,
    /// Of them, cancelled.
    pub cancelled: u64,
    /// Of them, open.
    pub open: u64,
    /// Applications that were both energised and cancelled: the end that came first counts.
    pub two_ends: u64,
    /// Open applications that have no due date.
    pub without_due: u64,
    /// Applications that the as-of day hides.
    pub later_applications: u64,
    /// Stage passes that started by the as-of day.
    pub passes: u64,
    /// Of them, without a limit: counted, and in no rate.
    pub not_assessed: u64,
    /// Of them, such as the exports give no start of: that of the stage before it was taken.
    pub starts_taken: u64,
    /// Stage passes that are due and have not begun.
    pub not_begun: u64,
    /// Stage passes that could not begin by their due date.
    pub inherited: u64,
    /// Claims that began by the as-of day.
    pub claims: u64,
    /// Of them, claims that concern no stage pass.
    pub claims_without_stage: u64,
    /// How applications stand against standard total limits.
    pub standard_totals: Against,
    /// How settled stage passes stand against standard limits.
    pub standard_stages: Against,
}

/// How many cases a set of standard limits decided, and how many of them are late.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Against {
    /// Those that kept the limit or are past it.
    pub decided: u64,
    /// Of them, those past it.
    pub late: u64,
}

impl Against {
    fn count(&mut self, late: bool) {
        self.decided += 1;
        self.late += u64::from(late);
    }

    fn add(&mut self, others: &Against) {
        self.decided += others.decided;
        self.late += others.late;
    }

    /// Whether nearly all are late: then the limits are hardly meant for such cases.
    pub fn is_hardly_meant(self) -> bool {
        const FEWEST: u64 = 30;
        self.decided >= FEWEST && self.late * 5 >= self.decided * 4
    }
}

impl Totals {
    /// Adds what was counted of other cases.
    fn add(&mut self, others: &Totals) {
        let Totals {
            applications,
            energised,
            cancelled,
            open,
            two_ends,
            without_due,
            later_applications,
            passes,
            not_assessed,
            starts_taken,
            not_begun,
            inherited,
            claims,
            claims_without_stage,
            standard_totals,
            standard_stages,
        } = others;
        self.applications += applications;
        self.energised += energised;
        self.cancelled += cancelled;
        self.open += open;
        self.two_ends += two_ends;
        self.without_due += without_due;
        self.later_applications += later_applications;
        self.passes += passes;
        self.not_assessed += not_assessed;
        self.starts_taken += starts_taken;
        self.not_begun += not_begun;
        self.inherited += inherited;
        self.claims += claims;
        self.claims_without_stage += claims_without_stage;
        self.standard_totals.add(standard_totals);
        self.standard_stages.add(standard_stages);
    }

    /// That nearly everything is late by the standard limits of a title, and what to do.
    pub fn hardly_meant(&self, limits: &Words) -> Vec<Words> {
        let say = |Against { decided, late }: Against, zh: &str, en: &str| {
            let (zh_title, en_title) = (limits.get(Lang::Zh), limits.get(Lang::En));
            Words::new(
                format!(
                    "按「{zh_title}」，{decided} 个{zh}中 {late} 个超期：这套时限恐怕不适用，请核对流水线的 standards"
                ),
                format!(
                    "by “{en_title}” {late} of {decided} {en} are late: it is hardly meant for them; check `standards` of the pipeline"
                ),
            )
        };
        let told = [
            (self.standard_totals, "按标准总时限考核的工单", "applications with a standard total limit"),
            (self.standard_stages, "按标准时限考核的环节", "stages with a standard limit"),
        ];
        told.into_iter().filter(|(against, ..)| against.is_hardly_meant()).map(|(a, zh, en)| say(a, zh, en)).collect()
    }
}

/// What the clean tables are made by.
pub struct Settings<'a> {
    /// Calendar, rules and as-of day.
    pub clock: Clock<'a>,
    /// Standard limits.
    pub standards: &'a RuleBook,
    /// What waits for what.
    pub process: &'a Process,
    /// Which tables and columns the exports have.
    pub given: &'a Given,
    /// A fault's callback is due this many calendar days after restoration.
    pub fault_days: i32,
    /// The service promises that count.
    pub promises: &'a [Promise],
    /// The stages of a high-voltage connection that must be within their limits.
    pub nodes: &'a [String],
    /// Who is responsible for an application, and from when.
    pub owners: &'a Owners,
    /// Which departments customer managers belong to.
    pub managers: &'a Managers,
    /// Strata are merged while a mode has fewer applications than this.
    pub min_arm: u64,
    /// What is proposed for an overdue stage.
    pub proposal: &'a Proposal,
    /// On the last days of how many months before the as-of day forecasts are replayed.
    pub replayed_months: u32,
    /// Which tables are made.
    pub made: Made<'a>,
}

fn on(at: Option<Instant>) -> Option<Day> {
    at.map(Instant::day)
}

/// Applications that are judged together, by one thread: what is in flight is a few of such buckets, and each is a row group of
/// the tables.
const BUCKET: usize = 16_384;

/// Writes every clean table but the parameters into a folder.
pub fn write<'a>(
    cases: &'a Cases,
    settings: &'a Settings<'a>,
    folder: &Path,
    progress: &dyn Fn(u64),
) -> Result<Totals> {
    let known = cases.known_on(settings.clock.as_of);
    let (mut files, parts) = table::parted(folder, PARTED.iter().filter(|table| settings.made.has(table.name)))?;
    let common = Common::new(known, settings, parts);
    let (mut totals, mut used, mut first_on) =
        (Totals { later_applications: known.later(), ..Totals::default() }, Used::new(), known.day());
    let mut take = |filled: Filled<'a>| -> Result<()> {
        filled.parts.into_iter().try_for_each(|part| files.append(part))?;
        totals.add(&filled.totals);
        used.extend(filled.used);
        first_on = first_on.min(filled.first_on);
        progress(totals.applications);
        Ok(())
    };
    let (all, grain) = (known.applications(), parallel::grain(BUCKET));
    let buckets = (0..all).step_by(grain).map(|from| from..all.min(from + grain));
    parallel::in_order(buckets, |numbers| common.judged(known.bucket(numbers)), &mut take)?;

    let mut others = Bucket::new(&common)?;
    for fault in known.faults() {
        if let Some(callback) = Callback::of_fault(&fault, settings.fault_days, known) {
            others.callback(&callback)?;
        }
    }
    outages::write(known, settings, folder, &mut others.promises)?;
    faults::write(known, settings, folder, &mut others.promises)?;
    complaints::write(known, folder, &mut others.promises)?;
    take(others.filled()?)?;
    files.finish()?;

    verifications::write(known, &used, folder)?;
    months::write(known, first_on, settings.clock.calendar, folder)?;
    replans::write(known, folder)?;
    requests::write(known, folder)?;
    surveys::write(known, folder)?;
    managers::write(known, folder)?;
    restrictions::write(known, folder)?;
    demands::write(known, folder)?;
    visits::write(known, folder)?;
    let due_on = |application_id: &str| common.judge.standing(known.case(application_id)?).due_on;
    actions::write(known, due_on, folder)?;
    limits::write(settings.standards, folder)?;
    forecasts::write(cases, settings, folder)?;
    Ok(totals)
}

/// The tables that buckets of applications have a part in.
const PARTED: [Table; 12] = [
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
    promises::Promises::TABLE,
];

/// What all applications are judged by.
struct Common<'a> {
    known: Known<'a>,
    settings: &'a Settings<'a>,
    judge: Judge<'a>,
    /// The rules under the other setting of `pending`.
    other: Rules,
    open_requests: BTreeMap<String, OpenRequests>,
    /// The departments that customer managers belong to.
    managers: BTreeSet<Name>,
    /// Which applications are compared with which.
    groups: Groups,
    /// The tables that they are written to.
    parts: Parts,
}

impl<'a> Common<'a> {
    fn new(known: Known<'a>, settings: &'a Settings<'a>, parts: Parts) -> Common<'a> {
        let rules = settings.clock.rules;
        Common {
            known,
            settings,
            judge: Judge::of(known, settings.clock, settings.standards, settings.process),
            other: Rules { pending: rules.pending.other(), ..rules.clone() },
            open_requests: requests::open_requests(known),
            managers: settings.managers.departments.iter().filter_map(|name| known.names().find(name)).collect(),
            groups: Groups::of(known.cases().map(|case| (stratum(&case), case.facts.served())), settings.min_arm),
            parts,
        }
    }

    /// Judges some applications.
    fn judged(&self, cases: impl Iterator<Item = Case<'a>>) -> Result<Filled<'a>> {
        let mut bucket = Bucket::new(self)?;
        for case in cases {
            bucket.application(&self.judge.standing(case))?;
        }
        bucket.filled()
    }
}

/// Some applications and what belongs to them, while their rows are made.
struct Bucket<'a, 'b> {
    common: &'b Common<'a>,
    applications: Part<Applications>,
    stages: Part<Stages>,
    edges: Part<Edges>,
    stretches: Option<Part<Stretches>>,
    claims: Part<Claims>,
    application_claims: Part<Claims>,
    unheard_claims: Part<Claims>,
    callbacks: Part<Callbacks>,
    callbacks_to_come: Part<ToCome>,
    open_months: Option<Part<OpenMonths>>,
    open_passes: Option<Part<OpenPasses>>,
    promises: promises::Book<'a>,
    verified: Verified<'a>,
    /// The day on which the first pass started, or the as-of day.
    first_on: Day,
    totals: Totals,
}

/// A bucket of which every row is made.
struct Filled<'a> {
    parts: Vec<Encoded>,
    used: Used<'a>,
    first_on: Day,
    totals: Totals,
}

impl<'a, 'b> Bucket<'a, 'b> {
    fn new(common: &'b Common<'a>) -> Result<Bucket<'a, 'b>> {
        let Common { known, settings, parts, .. } = common;
        Ok(Bucket {
            common,
            applications: parts.of()?,
            stages: parts.of()?,
            edges: parts.of()?,
            stretches: parts.of_made()?,
            claims: parts.of()?,
            application_claims: parts.named(claims::OF_WHOLE.name)?,
            unheard_claims: parts.named(claims::UNHEARD.name)?,
            callbacks: parts.of()?,
            callbacks_to_come: parts.of()?,
            open_months: parts.of_made()?,
            open_passes: parts.of_made()?,
            promises: promises::Book::new(parts.of()?, settings, known.names()),
            verified: Verified::new(*known, settings.proposal),
            first_on: known.day(),
            totals: Totals::default(),
        })
    }

    /// Encodes the rows, and says what was counted.
    fn filled(self) -> Result<Filled<'a>> {
        let on_demand =
            [self.stretches.map(Part::finish), self.open_months.map(Part::finish), self.open_passes.map(Part::finish)];
        let parts = [
            self.applications.finish()?,
            self.stages.finish()?,
            self.edges.finish()?,
            self.claims.finish()?,
            self.application_claims.finish()?,
            self.unheard_claims.finish()?,
            self.callbacks.finish()?,
            self.callbacks_to_come.finish()?,
            self.promises.finish()?,
        ];
        let on_demand = on_demand.into_iter().flatten().collect::<Result<Vec<_>>>()?;
        let parts = parts.into_iter().chain(on_demand).collect();
        Ok(Filled { parts, used: self.verified.used(), first_on: self.first_on, totals: self.totals })
    }

    /// Writes everything about one application: its row, its passes and claims, its months, its callback.
    fn application(&mut self, standing: &Standing<'a>) -> Result<()> {
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
        if let Some(open_months) = &mut self.open_months {
            months::open_months(standing, known).try_for_each(|month| open_months.push(&month))?;
        }
        if let End::Energised(at) = standing.end {
            self.callback(&connection_callback(&standing.case, at.day(), known))?;
        }
        self.count(standing);
        Ok(())
    }

    /// Writes the passes of an application, what follows what, and the promises about them.
    fn passes(&mut self, standing: &Standing<'a>, compared_in: Option<&str>) -> Result<Order> {
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
        if let Some(stretches) = &mut self.stretches {
            traces.stretches().try_for_each(|stretch| stretches.push(&stretch))?;
        }
        traces.followings().try_for_each(|following| self.edges.push(&following))?;
        if let Some(open_passes) = &mut self.open_passes {
            months::open_passes(standing, *known, calendar).try_for_each(|open| open_passes.push(&open))?;
        }
        Ok(traces.order())
    }

    fn row(&mut self, standing: &Standing<'a>, order: &Order, likes: &Likes) -> Result<()> {
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

    fn callback(&mut self, callback: &Callback<'_>) -> Result<()> {
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

    fn count(&mut self, standing: &Standing<'_>) {
        let totals = &mut self.totals;
        totals.applications += 1;
        totals.two_ends += u64::from(standing.case.other_end_on.is_some());
        for judged in &standing.passes {
            let is_begun = judged.stage.started_at.is_some();
            totals.passes += u64::from(is_begun);
            totals.not_assessed += u64::from(is_begun && judged.reading.limit.is_none());
            totals.starts_taken += u64::from(judged.stage.start_taken);
            totals.not_begun += u64::from(!is_begun);
            totals.inherited += u64::from(judged.begins.inherited().is_some());
            let settled = judged.reading.settled_on.and(judged.reading.overdue_net);
            if let Some(late) = settled.filter(|_| is_standard(judged.limit_source)) {
                totals.standard_stages.count(late);
            }
        }
        let late = standing.effective_due_on.map(|due| standing.whole.until > due);
        match (standing.end, late) {
            (End::Cancelled(_), _) | (_, None) | (End::Open, Some(false)) => {}
            (_, Some(late)) if is_standard(standing.due_source) => totals.standard_totals.count(late),
            (_, Some(_)) => {}
        }
        totals.claims += standing.claims.len() as u64;
        totals.claims_without_stage += standing.unheard().count() as u64;
        match standing.end {
            End::Cancelled(_) => totals.cancelled += 1,
            End::Energised(_) => totals.energised += 1,
            End::Open => {
                totals.open += 1;
                totals.without_due += u64::from(standing.due_on.is_none());
            }
        }
    }
}

/// Whether a limit is one of the rule book's.
fn is_standard(source: Option<&str>) -> bool {
    source.is_some_and(|source| DueSource::of_code(source).is_none())
}

fn stratum(case: &Case<'_>) -> Stratum {
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
