//! Lives as rows: one value a column, in the contract's order.

use crate::calendar::Day;
use crate::error::Result;
use crate::ingest::contract::Table;
use crate::lake::{Instant, Value};

use super::hotline::{Call, Fault};
use super::story::{Application, Case, Claim, Pass};

/// The tables that the sample has, in the order in which they are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Filled {
    Applications,
    Stages,
    Delays,
    Faults,
    Callbacks,
}

impl Filled {
    /// All of them; a new table is one entry here, one in [`Filled::name`], and its rows.
    pub const ALL: [Filled; 5] =
        [Filled::Applications, Filled::Stages, Filled::Delays, Filled::Faults, Filled::Callbacks];

    /// The table's canonical name.
    pub const fn name(self) -> &'static str {
        match self {
            Filled::Applications => "applications",
            Filled::Stages => "stages",
            Filled::Delays => "delays",
            Filled::Faults => "faults",
            Filled::Callbacks => "callbacks",
        }
    }

    /// The table's contract.
    pub fn table(self) -> &'static Table {
        Table::named(self.name()).unwrap_or_else(|| unreachable!("the contract has no table {}", self.name()))
    }
}

/// Where rows go: a table, and one value a column.
pub type Push<'p> = dyn FnMut(Filled, &[Value<'_>]) -> Result<()> + 'p;

/// Hands every row of a case to `push`, parents first.
pub fn of_case(case: &Case, push: &mut Push<'_>) -> Result<()> {
    let id = case.application.id.as_str();
    push(Filled::Applications, &application(&case.application))?;
    for pass in &case.passes {
        push(Filled::Stages, &stage(id, pass))?;
    }
    for claim in &case.claims {
        push(Filled::Delays, &delay(id, claim))?;
    }
    for call in &case.calls {
        push(Filled::Callbacks, &callback(id, call))?;
    }
    Ok(())
}

/// Hands the rows of a fault to `push`, the fault first.
pub fn of_fault(fault: &Fault, calls: &[Call], push: &mut Push<'_>) -> Result<()> {
    push(Filled::Faults, &fault_row(fault))?;
    for call in calls {
        push(Filled::Callbacks, &callback(&fault.id, call))?;
    }
    Ok(())
}

fn number(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Number)
}

fn instant(instant: Option<Instant>) -> Value<'static> {
    instant.map_or(Value::Null, Value::Instant)
}

fn day(day: Option<Day>) -> Value<'static> {
    day.map_or(Value::Null, Value::Date)
}

fn application(of: &Application) -> [Value<'_>; 26] {
    [
        Value::text(&of.id),
        Value::text(&of.customer_name),
        Value::text(&of.customer_phone),
        Value::text(of.bureau),
        Value::text(of.area),
        Value::text(of.channel),
        Value::Number(of.voltage_kv),
        Value::Number(of.capacity_kva),
        of.supply.into(),
        of.new_feeder.into(),
        Value::Flag(of.key_project),
        of.mode.into(),
        Value::text(&of.manager_id),
        Value::Instant(of.accepted_at),
        day(of.desired_on),
        day(of.promised_on),
        day(of.replanned_on),
        instant(of.energised_at),
        instant(of.cancelled_at),
        Value::Integer(of.visits),
        Value::Null,
        of.designer.into(),
        of.builder.into(),
        of.supplier.into(),
        number(of.fee_charged),
        Value::Number(of.fee_standard),
    ]
}

fn stage<'a>(id: &'a str, of: &'a Pass) -> [Value<'a>; 8] {
    [
        Value::text(id),
        Value::text(of.step.facts().code),
        Value::Integer(of.pass),
        Value::text(of.department.name()),
        Value::text(&of.handler),
        Value::Instant(of.started_at),
        instant(of.finished_at),
        day(of.due_on),
    ]
}

fn delay<'a>(id: &'a str, of: &'a Claim) -> [Value<'a>; 9] {
    [
        Value::text(&of.id),
        Value::text(id),
        of.step.map(|step| step.facts().code).into(),
        Value::text(of.cause),
        Value::Instant(of.began_at),
        instant(of.ended_at),
        instant(of.reported_at),
        of.ruling.into(),
        Value::text(of.reason),
    ]
}

fn fault_row(of: &Fault) -> [Value<'_>; 10] {
    [
        Value::text(&of.id),
        Value::text(of.bureau),
        Value::text(of.area),
        instant(of.outage_at),
        Value::Instant(of.reported_at),
        instant(of.notified_at),
        instant(of.arrived_at),
        instant(of.arrival_call_at),
        instant(of.restored_at),
        instant(of.completion_call_at),
    ]
}

fn callback<'a>(id: &'a str, of: &'a Call) -> [Value<'a>; 11] {
    let issue = of.issue;
    [
        Value::text(&of.id),
        Value::text(of.kind),
        Value::text(id),
        Value::Instant(of.called_at),
        Value::text(of.outcome),
        of.score.into(),
        of.manager_score.into(),
        of.free_choice.into(),
        issue.map(|(category, ..)| category).into(),
        issue.map(|(_, department, _)| department.name()).into(),
        issue.and_then(|(.., verified)| verified).into(),
    ]
}
