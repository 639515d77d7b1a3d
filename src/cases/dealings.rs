//! What was done about cases: what the verification of overdue stages concluded, which customers were visited, and what
//! was done against delay.

use super::filed::Listed;
use super::spill::packed;
use crate::calendar::{Day, Instant};
use crate::contract::{self, RawAction, RawVerification, RawVisit};
use crate::rules::scorecard;
use crate::rules::vocabulary::Finding;

/// What a verification concluded of an overdue stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// The month in whose assessment the stage stood, its first day.
    pub period: Day,
    /// The application.
    pub application_id: String,
    /// The stage's code.
    pub stage: String,
    /// Which pass of it, from 1.
    pub pass: i64,
    /// The conclusion.
    pub finding: Finding,
    /// The points that count, in thousandths.
    pub points_milli: Option<i32>,
    /// Who verified.
    pub verified_by: Option<String>,
    /// The day of it.
    pub verified_on: Day,
    /// What was noted.
    pub note: Option<String>,
}

/// The stage pass that a verification is about, and the month in whose assessment it stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerifiedPass<'a> {
    /// The month, its first day.
    pub period: Day,
    /// The application.
    pub application_id: &'a str,
    /// The stage's code.
    pub stage: &'a str,
    /// Which pass of it, from 1.
    pub pass: i64,
}

impl Verification {
    /// A row of the export; the contract knows no result that [`Finding`] does not.
    pub(super) fn read(row: &RawVerification<'_>) -> Option<Verification> {
        Some(Verification {
            period: row.period,
            application_id: row.application_id.to_owned(),
            stage: row.stage.to_owned(),
            pass: row.pass.unwrap_or(1),
            finding: Finding::of_code(row.result)?,
            points_milli: row.points.map(scorecard::in_thousandths),
            verified_by: row.verified_by.map(str::to_owned),
            verified_on: row.verified_at.day(),
            note: row.note.map(str::to_owned),
        })
    }

    /// The stage pass that it is about.
    pub fn key(&self) -> VerifiedPass<'_> {
        let Verification { period, application_id, stage, pass, .. } = self;
        VerifiedPass { period: *period, application_id, stage, pass: *pass }
    }
}

/// A manager's visit to a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Its identifier.
    pub visit_id: String,
    /// The manager.
    pub manager_id: String,
    /// The customer.
    pub customer: String,
    /// The application that it is about, if any.
    pub application_id: Option<String>,
    /// The day of it.
    pub visited_on: Day,
    /// What the customer said.
    pub opinion: Option<String>,
    /// The day that was answered.
    pub answered_on: Option<Day>,
}

packed! { Visit: visit_id manager_id customer application_id visited_on opinion answered_on }

impl Listed for Visit {
    type Table = contract::Visits;

    fn identifier(&self) -> &str {
        &self.visit_id
    }

    fn each_name(&mut self, visit: impl FnMut(&mut String)) {
        [&mut self.manager_id, &mut self.customer].into_iter().for_each(visit);
    }
}

impl From<RawVisit<'_>> for Visit {
    fn from(row: RawVisit<'_>) -> Visit {
        Visit {
            visit_id: row.visit_id.to_owned(),
            manager_id: row.manager_id.to_owned(),
            customer: row.customer.to_owned(),
            application_id: row.application_id.map(str::to_owned),
            visited_on: row.visited_at.day(),
            opinion: row.opinion.map(str::to_owned),
            answered_on: row.answered_at.map(Instant::day),
        }
    }
}

/// What was done against the delay of an application.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Its identifier.
    pub action_id: String,
    /// The application.
    pub application_id: String,
    /// What was done: [`crate::rules::vocabulary::ActionKind`], or the export's own word.
    pub kind: String,
    /// The day of it.
    pub taken_on: Day,
    /// The role of who did it.
    pub owner_role: Option<String>,
    /// The department that it concerns.
    pub department: Option<String>,
}

impl From<RawAction<'_>> for Action {
    fn from(row: RawAction<'_>) -> Action {
        Action {
            action_id: row.action_id.to_owned(),
            application_id: row.application_id.to_owned(),
            kind: row.kind.to_owned(),
            taken_on: row.taken_at.day(),
            owner_role: row.owner_role.map(str::to_owned),
            department: row.department.map(str::to_owned),
        }
    }
}
