//! One row per conclusion of a verification, and what became of it: the points that an overdue stage costs in the end.
//!
//! What is not answered stays proposed. What is answered counts only where one answer says plainly what counts; the
//! others are in the table with why they do not.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calendar::Day;
use crate::cases::Known;
use crate::cases::dealings::{Verification, VerifiedPass};
use crate::error::Result;
use crate::rules::scorecard::Proposal;
use crate::rules::vocabulary::{Finding, FindingUse};
use crate::table::{Code, Count, Date, Integer, Maybe, Text, Writer, table};

table! {
    /// A conclusion about a month that has begun.
    Verifications of VerificationRow<'a> from Placed<'a> as of;
    "verifications" by [period, application_id, stage, pass, number],
    "核实结论每条一行，按月份、工单、环节和次数排序。",
    "One row per conclusion of a verification, by month, application, stage and pass.";

    period: Date = of.verification.period, "考核月份（该月 1 日）", "month in whose assessment the stage stood, its first day";
    application_id: Text = &of.verification.application_id, "工单编号", "identifier of the application";
    stage: Text = &of.verification.stage, "环节代码", "code of the stage";
    pass: Integer = of.verification.pass, "第几次办理该环节，从 1 起", "which pass of the stage it is, from 1";
    number: Count = of.number, "同一环节的第几条结论，从 1 起", "which conclusion about the stage it is, from 1";
    finding: Code<Finding> = of.verification.finding, "结论：upheld 维持，reduced 减轻，withdrawn 撤销", "`upheld`, `reduced` or `withdrawn`";
    points_milli: Maybe<Count> = of.verification.points_milli, "结论中的分数，千分之一分", "points of the conclusion, in thousandths";
    verified_by: Maybe<Text> = of.verification.verified_by.as_deref(), "核实人", "who verified";
    verified_on: Date = of.verification.verified_on, "核实日期", "day of the verification";
    note: Maybe<Text> = of.verification.note.as_deref(), "核实意见", "what was noted";
    finding_use: Code<FindingUse> = of.used, "采用情况：applied 已采用，capped 按现建议分，not_overdue、no_points、contradictory 未采用", "what became of it: `applied`, `capped` at the present proposal; not used: `not_overdue`, `no_points`, `contradictory`";
}

/// A conclusion and what became of it.
pub struct Placed<'a> {
    verification: &'a Verification,
    number: i32,
    used: FindingUse,
}

/// What an overdue stage costs, proposed and in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points<'a> {
    /// What is proposed, in thousandths.
    pub proposed_milli: i32,
    /// What counts: what was verified, else what is proposed; in thousandths.
    pub verified_milli: i32,
    /// The conclusion that counts.
    pub found: Option<Found<'a>>,
}

/// A conclusion that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// What was found.
    pub finding: Finding,
    /// Who verified.
    pub by: Option<&'a str>,
    /// The day of it.
    pub on: Day,
    /// What was noted.
    pub note: Option<&'a str>,
}

/// The points of overdue stages, while the stages are written.
pub struct Verified<'a> {
    known: Known<'a>,
    proposal: &'a Proposal,
    used: Used,
}

/// What became of the conclusions about stages that were overdue, by the number of the first about each.
pub type Used = BTreeMap<usize, FindingUse>;

impl<'a> Verified<'a> {
    /// Nothing has been used yet.
    pub fn new(known: Known<'a>, proposal: &'a Proposal) -> Verified<'a> {
        Verified { known, proposal, used: BTreeMap::new() }
    }

    /// The points of a stage pass that was overdue, by the conclusions about it.
    pub fn points(&mut self, pass: &VerifiedPass<'_>, over_wd: i32) -> Points<'a> {
        let proposed_milli = self.proposal.milli(over_wd);
        let (number, verifications) = self.known.verifications_of(pass);
        let proposed = Points { proposed_milli, verified_milli: proposed_milli, found: None };
        let Some(first) = verifications.first() else { return proposed };
        let (used, verified_milli) = match (verifications, first.finding, first.points_milli) {
            ([_, _, ..], ..) => (FindingUse::Contradictory, proposed_milli),
            (_, Finding::Upheld, _) => (FindingUse::Applied, proposed_milli),
            (_, Finding::Withdrawn, _) => (FindingUse::Applied, 0),
            (_, Finding::Reduced, None) => (FindingUse::NoPoints, proposed_milli),
            (_, Finding::Reduced, Some(points)) if points > proposed_milli => (FindingUse::Capped, proposed_milli),
            (_, Finding::Reduced, Some(points)) => (FindingUse::Applied, points),
        };
        self.used.insert(number, used);
        let found = Found {
            finding: first.finding,
            by: first.verified_by.as_deref(),
            on: first.verified_on,
            note: first.note.as_deref(),
        };
        let found = matches!(used, FindingUse::Applied | FindingUse::Capped).then_some(found);
        Points { proposed_milli, verified_milli, found }
    }

    /// What became of the conclusions about the stages that were asked about.
    pub fn used(self) -> Used {
        self.used
    }
}

/// Writes the table, once every stage has been.
pub fn write(known: Known<'_>, used: &Used, folder: &Path) -> Result<()> {
    let mut table = Writer::<Verifications>::create(folder)?;
    let mut before: Option<&Verification> = None;
    let (mut number, mut first) = (0, 0);
    for (place, verification) in known.verifications() {
        let again = before.is_some_and(|before| before.key() == verification.key());
        (number, first) = if again { (number + 1, first) } else { (1, place) };
        before = Some(verification);
        let used = used.get(&first).copied().unwrap_or(FindingUse::NotOverdue);
        table.push(&Placed { verification, number, used })?;
    }
    table.finish()
}
