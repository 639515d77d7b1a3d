//! One row per service promise (docs/method.md §7) that has fallen due: whether it was kept.
//!
//! A promise is due once its outcome is decided: it was kept or broken, or its limit has passed. An open case past its
//! limit is not kept; one still within it is not yet due, and no row.

use super::Settings;
use crate::calendar::Day;
use crate::cases::Names;
use crate::cases::standing::{JudgedPass, Standing};
use crate::error::Result;
use crate::rules::vocabulary::{Mode, Promise, Undecided};
use crate::table::{Code, Count, Date, Encoded, Flag, Maybe, Part, Text, table};

table! {
    /// One promise that has fallen due.
    Promises of PromiseRow<'a> from Decided<'a> as of;
    "promises" by [promise, subject_id, stage, pass],
    "已到期的每项服务承诺一行：先工单环节，后停电、故障、投诉，各按编号排序。",
    "One row per service promise that has fallen due: of stage passes, then of outages, faults and complaints, each by identifier.";

    promise: Code<Promise> = of.promise, "服务承诺的代码", "code of the promise";
    subject_id: Text = of.subject_id, "工单、停电、故障或投诉的编号", "identifier of the application, outage, fault or complaint";
    stage: Maybe<Text> = of.pass.map(|pass| pass.stage), "所涉环节；与环节无关的为空", "stage it is about; blank where it is about none";
    pass: Maybe<Count> = of.pass.map(|pass| pass.number), "第几次办理该环节，从 1 起", "which pass of the stage, from 1";
    bureau: Text = of.bureau, "供电单位", "bureau";
    month: Date = of.started_on.month(), "起算日所在月份（该月 1 日）", "month in which its time began, its first day";
    kept: Maybe<Flag> = of.outcome.kept(), "是否兑现；无法判定为空", "whether it was kept; blank where nobody can say";
    undecided: Maybe<Code<Undecided>> = of.outcome.undecided(), "为何无法判定", "why nobody can say";
}

/// What came of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was kept.
    Kept,
    /// It was not.
    Broken,
    /// Nobody can say.
    Undecided(Undecided),
}

impl Outcome {
    /// The outcome of one that can be decided.
    pub fn of(kept: bool) -> Outcome {
        if kept { Outcome::Kept } else { Outcome::Broken }
    }

    /// Whether it was kept; none where nobody can say.
    pub fn kept(self) -> Option<bool> {
        match self {
            Outcome::Kept => Some(true),
            Outcome::Broken => Some(false),
            Outcome::Undecided(_) => None,
        }
    }

    /// Why nobody can say whether it was kept.
    pub fn undecided(self) -> Option<Undecided> {
        match self {
            Outcome::Undecided(why) => Some(why),
            Outcome::Kept | Outcome::Broken => None,
        }
    }
}

/// The voltage from which a supply scheme is promised within a day, in kV (docs/method.md §7).
const SCHEME_KV: f64 = 10.0;

/// A promise whose outcome is decided.
pub struct Decided<'a> {
    promise: Promise,
    subject_id: &'a str,
    pass: Option<PassOf<'a>>,
    bureau: &'a str,
    started_on: Day,
    outcome: Outcome,
}

/// The stage pass that a promise is about.
#[derive(Clone, Copy)]
struct PassOf<'a> {
    stage: &'a str,
    number: i32,
}

/// A case that promises are about.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its identifier.
    pub id: &'a str,
    /// The bureau that is responsible for it.
    pub bureau: &'a str,
}

/// Part of the table while it is written.
pub struct Book<'a> {
    settings: &'a Settings<'a>,
    names: &'a Names,
    rows: Part<Promises>,
}

impl<'a> Book<'a> {
    /// Begins a part of the table.
    pub fn new(rows: Part<Promises>, settings: &'a Settings<'a>, names: &'a Names) -> Book<'a> {
        Book { settings, names, rows }
    }

    /// Encodes the part.
    pub fn finish(self) -> Result<Encoded> {
        self.rows.finish()
    }

    /// Writes a promise whose time began on `started_on`, if it is decided.
    pub fn decide(
        &mut self,
        promise: Promise,
        subject: Subject<'_>,
        started_on: Day,
        outcome: Option<Outcome>,
    ) -> Result<()> {
        let Some(outcome) = outcome.filter(|_| self.counts(promise)) else { return Ok(()) };
        let Subject { id: subject_id, bureau } = subject;
        self.rows.push(&Decided { promise, subject_id, pass: None, bureau, started_on, outcome })
    }

    /// Whether the pipeline lists a promise, and the exports say what decides it; where they do not, nobody knows whether it
    /// was kept.
    fn counts(&self, promise: Promise) -> bool {
        self.settings.promises.contains(&promise) && self.is_known(promise)
    }

    fn is_known(&self, promise: Promise) -> bool {
        let needs: &[&str] = match promise {
            Promise::SchemeOneDay | Promise::Survey => &["stages.finished_at"],
            Promise::Outage => &["outages.outage_at"],
            Promise::ThirdOutageApproved => &["outages.outages_this_year", "outages.special_approval"],
            Promise::Arrival => &["faults.arrived_at"],
            Promise::Restore => &["faults.arrived_at", "faults.restored_at"],
            Promise::OutageNotice => &["faults.outage_at", "faults.notified_at"],
            Promise::TwoCalls => &["faults.restored_at", "faults.arrival_call_at", "faults.completion_call_at"],
            Promise::ComplaintSameDay => &["complaints.forwarded_at"],
            Promise::ComplaintHandled => &["complaints.due_at", "complaints.handled_at"],
        };
        needs.iter().all(|name| self.settings.given.has(name))
    }

    /// Writes the promises about one stage pass: the scheme within a day, the negotiation of an order within five.
    pub fn stage(&mut self, standing: &Standing<'_>, judged: &JudgedPass<'_>) -> Result<()> {
        let (stage, facts) = (self.names.text(judged.stage.stage), standing.case.facts);
        let promise = match (stage, standing.mode) {
            ("scheme", _) if facts.voltage_kv >= SCHEME_KV => Promise::SchemeOneDay,
            ("survey", Mode::Order) => Promise::Survey,
            _ => return Ok(()),
        };
        if !self.counts(promise) {
            return Ok(());
        }
        // A late or missing start gains nothing: the time is that of the clock, which runs from when the pass could have begun.
        let Some(started_on) = judged.begins.clock_on() else { return Ok(()) };
        let Some(limit_wd) = self.settings.standards.promise(promise, None, started_on) else { return Ok(()) };
        let kept = match (judged.reading.net_wd > limit_wd, judged.pass.finished) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => return Ok(()),
        };
        let pass = Some(PassOf { stage, number: judged.stage.pass as i32 });
        let (subject_id, bureau) = (facts.application_id.as_str(), self.names.text(facts.bureau));
        self.rows.push(&Decided { promise, subject_id, pass, bureau, started_on, outcome: Outcome::of(kept) })
    }
}
