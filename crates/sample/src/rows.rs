//! Lives as rows: one value per column, in the order of the table.

use yekuo_calendar::{Day, Instant};

use super::case::{Application, Case, Claim, Pass, Replan};
use super::dealings::{Action, Around, Sort, Verification, Visit};
use super::grid::Restriction;
use super::hotline::{Call, Complaint, Fault};
use super::managers::Manager;
use super::monthly::{Demand, Survey};
use super::service::{Outage, Request};
use super::setting::Setting;
use super::tables::Table;
use super::value::Value;

/// Where rows go: a table, and one value per column.
pub type Push<'p, E> = dyn FnMut(Table, &[Value<'_>]) -> Result<(), E> + 'p;

/// Hands the rows that belong to no case to `push`: who is on the list, and what is written down once a month.
pub fn of_setting<E>(setting: &Setting<'_>, push: &mut Push<'_, E>) -> Result<(), E> {
    for of in &setting.managers() {
        push(Table::Managers, &manager(of))?;
    }
    for of in &setting.surveys() {
        push(Table::Surveys, &survey(of))?;
    }
    for of in &setting.restrictions() {
        push(Table::Restrictions, &restriction(of))?;
    }
    for of in &setting.demands() {
        push(Table::Demands, &demand(of))?;
    }
    Ok(())
}

/// Hands every row of a case to `push`, parents first, and what was done around it.
pub fn of_case<E>(case: &Case, around: &Around, push: &mut Push<'_, E>) -> Result<(), E> {
    let id = case.application.id.as_str();
    push(Table::Applications, &application(&case.application, around.sort))?;
    for pass in &case.passes {
        push(Table::Stages, &stage(id, pass))?;
    }
    for claim in &case.claims {
        push(Table::Delays, &delay(id, claim))?;
    }
    for replan in &case.replans {
        push(Table::Replans, &replan_row(id, replan))?;
    }
    for call in &case.calls {
        push(Table::Callbacks, &callback(id, call))?;
    }
    if let Some(outage) = &around.outage {
        push(Table::Outages, &outage_row(id, outage))?;
    }
    if let Some(asked) = &around.asked {
        push(Table::Requests, &request(Some(id), asked))?;
    }
    if let Some(visit) = &around.visit {
        push(Table::Visits, &visit_row(id, visit))?;
    }
    for action in &around.actions {
        push(Table::Actions, &action_row(id, action))?;
    }
    for verification in &around.verifications {
        push(Table::Verifications, &verification_row(id, verification))?;
    }
    Ok(())
}

/// Hands the rows of a fault to `push`, the fault first.
pub fn of_fault<E>(fault: &Fault, calls: &[Call], push: &mut Push<'_, E>) -> Result<(), E> {
    push(Table::Faults, &fault_row(fault))?;
    for call in calls {
        push(Table::Callbacks, &callback(&fault.id, call))?;
    }
    Ok(())
}

/// Hands the row of a request without a case to `push`.
pub fn of_request<E>(of: &Request, push: &mut Push<'_, E>) -> Result<(), E> {
    push(Table::Requests, &request(None, of))
}

/// Hands the row of a complaint to `push`.
pub fn of_complaint<E>(of: &Complaint, push: &mut Push<'_, E>) -> Result<(), E> {
    push(Table::Complaints, &complaint(of))
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

fn application(of: &Application, sort: Sort) -> [Value<'_>; 28] {
    [
        Value::text(&of.id),
        Value::text(&of.customer_name),
        Value::text(&of.customer_phone),
        Value::text(of.bureau.name),
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
        of.feeder_or_station.as_deref().into(),
        of.designer.into(),
        of.builder.into(),
        of.supplier.into(),
        number(of.fee_charged),
        Value::Number(of.fee_standard),
        sort.business.into(),
        sort.customer_class.into(),
    ]
}

fn stage<'a>(id: &'a str, of: &'a Pass) -> [Value<'a>; 9] {
    [
        Value::text(id),
        Value::text(of.step.facts().code),
        Value::Integer(of.pass),
        Value::text(of.department.name()),
        Value::text(&of.handler),
        Value::Instant(of.started_at),
        instant(of.finished_at),
        day(of.due_on),
        day(of.planned_start_on),
    ]
}

fn delay<'a>(id: &'a str, of: &'a Claim) -> [Value<'a>; 12] {
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
        instant(of.ruled_at),
        of.ruled_by.into(),
        instant(of.confirmed_at),
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

fn callback<'a>(id: &'a str, of: &'a Call) -> [Value<'a>; 13] {
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
        of.issue_action.into(),
        instant(of.issue_settled_at),
    ]
}

fn replan_row<'a>(id: &'a str, of: &Replan) -> [Value<'a>; 4] {
    [Value::text(id), Value::Instant(of.replanned_at), Value::Date(of.promised_on), Value::text(of.reason)]
}

fn outage_row<'a>(id: &'a str, of: &'a Outage) -> [Value<'a>; 9] {
    [
        Value::text(&of.id),
        Value::text(id),
        Value::Instant(of.ready_at),
        instant(of.outage_at),
        Value::Flag(of.affects_others),
        of.outages_this_year.into(),
        of.special_approval.into(),
        day(of.planned_on),
        instant(of.announced_at),
    ]
}

fn visit_row<'a>(id: &'a str, of: &'a Visit) -> [Value<'a>; 7] {
    [
        Value::text(&of.id),
        Value::text(&of.manager_id),
        Value::text(&of.customer),
        of.of_application.then_some(id).into(),
        Value::Instant(of.visited_at),
        of.opinion.into(),
        instant(of.answered_at),
    ]
}

fn action_row<'a>(id: &'a str, of: &'a Action) -> [Value<'a>; 6] {
    [
        Value::text(&of.id),
        Value::text(id),
        Value::text(of.kind),
        Value::Instant(of.taken_at),
        Value::text(of.owner_role),
        of.department.map(|department| department.name()).into(),
    ]
}

fn verification_row<'a>(id: &'a str, of: &'a Verification) -> [Value<'a>; 9] {
    [
        Value::text(id),
        Value::text(of.step.facts().code),
        Value::Integer(of.pass),
        Value::Date(of.period),
        Value::text(of.result),
        number(of.points),
        Value::text(of.verified_by),
        Value::Instant(of.verified_at),
        of.note.into(),
    ]
}

/// Lists are kept as the contract keeps them: `a;b`, and `a@2026-05-28 09:30:00;b@…`.
fn request<'a>(id: Option<&'a str>, of: &'a Request) -> [Value<'a>; 8] {
    let departments: Vec<&str> = of.departments.iter().map(|department| department.name()).collect();
    let answered: Vec<String> = of.answered.iter().map(|(who, at)| format!("{}@{at}", who.name())).collect();
    [
        Value::text(&of.id),
        id.into(),
        Value::text(&of.customer),
        Value::text(of.topic),
        Value::Text(departments.join(";").into()),
        Value::Instant(of.raised_at),
        if answered.is_empty() { Value::Null } else { Value::Text(answered.join(";").into()) },
        instant(of.settled_at),
    ]
}

fn complaint(of: &Complaint) -> [Value<'_>; 8] {
    [
        Value::text(&of.id),
        Value::text(of.bureau),
        Value::text(of.department.name()),
        Value::Instant(of.received_at),
        instant(of.forwarded_at),
        instant(of.due_at),
        instant(of.handled_at),
        of.satisfied.into(),
    ]
}

fn manager(of: &Manager) -> [Value<'_>; 5] {
    [Value::text(&of.id), Value::text(&of.name), Value::text(of.bureau), Value::Flag(of.full_time), of.customers.into()]
}

fn survey(of: &Survey) -> [Value<'_>; 5] {
    [
        Value::Date(of.period),
        Value::text(of.bureau),
        Value::text(of.indicator),
        Value::Number(of.weight),
        Value::Number(of.score),
    ]
}

fn restriction(of: &Restriction) -> [Value<'_>; 5] {
    [
        Value::text(&of.feeder_or_station),
        Value::text(of.bureau),
        Value::Date(of.month),
        Value::Number(of.load_rate),
        number(of.limit_kva),
    ]
}

fn demand(of: &Demand) -> [Value<'_>; 6] {
    [
        Value::text(&of.customer),
        Value::text(of.bureau),
        Value::Date(of.month),
        Value::Number(of.expected_kva),
        day(of.expected_on),
        of.source.into(),
    ]
}
