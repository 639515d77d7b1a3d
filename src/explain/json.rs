//! What programs get of a case: its rows in the clean tables as JSON, numbers as numbers, days and times as ISO texts,
//! codes as codes.

use std::path::Path;

use polars::prelude::{AnyValue, Column, DataFrame, col, lit};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Subject;
use crate::calendar::{Day, Instant};
use crate::clean::applications::Applications;
use crate::clean::callbacks::Callbacks;
use crate::clean::claims::{self, Claims};
use crate::clean::complaints::Complaints;
use crate::clean::faults::Faults;
use crate::clean::forecasts::Forecasts;
use crate::clean::promises::Promises;
use crate::clean::stages::{Edges, Stages};
use crate::error::{Error, Result};
use crate::rules::vocabulary::{CallbackKind, Promise};
use crate::table::Declared;
use crate::{lake, table};

/// The columns of a row by name.
type Row = Map<String, Value>;

/// The rows of a clean table that hold a text in a column.
fn rows(clean: &Path, table: &str, column: &str, text: &str) -> Result<Vec<Row>> {
    let found = lake::scan(&table::path(clean, table))?.filter(col(column).eq(lit(text)));
    let found = lake::collect(found, &format!("rows of {table}"))?;
    (0..found.height()).map(|row| of_row(&found, row)).collect()
}

fn of_row(rows: &DataFrame, row: usize) -> Result<Row> {
    rows.columns().iter().map(|column| Ok((column.name().to_string(), cell(column, row)?))).collect()
}

/// The rows of the clean tables about an application.
#[derive(Debug, Serialize)]
pub(super) struct ApplicationRows {
    /// One row.
    application: Option<Row>,
    stages: Vec<Row>,
    /// What precedes what among the stages.
    edges: Vec<Row>,
    /// Claims judged against stages.
    claims: Vec<Row>,
    /// Claims judged against the whole application.
    application_claims: Vec<Row>,
    promises: Vec<Row>,
    callbacks: Vec<Row>,
    /// Of an open application; replays among them are of earlier days.
    forecasts: Vec<Row>,
}

impl ApplicationRows {
    pub(super) fn read(clean: &Path, id: &str) -> Result<ApplicationRows> {
        let of = |table: &str| rows(clean, table, "application_id", id);
        let about = |table: &str| rows(clean, table, "subject_id", id);
        Ok(ApplicationRows {
            application: of(Applications::TABLE.name)?.pop(),
            stages: of(Stages::TABLE.name)?,
            edges: of(Edges::TABLE.name)?,
            claims: of(Claims::TABLE.name)?,
            application_claims: of(claims::OF_WHOLE.name)?,
            promises: about(Promises::TABLE.name)?,
            callbacks: about(Callbacks::TABLE.name)?,
            forecasts: of(Forecasts::TABLE.name)?,
        })
    }
}

/// The rows of the clean tables about a fault or a complaint.
#[derive(Debug, Serialize)]
pub(super) struct ServiceRows {
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    complaint: Option<Row>,
    promises: Vec<Row>,
    callbacks: Vec<Row>,
}

impl ServiceRows {
    pub(super) fn read(clean: &Path, id: &str, subject: Subject) -> Result<ServiceRows> {
        let is_complaint = subject == Subject::Complaint;
        let one = |table: &str, column: &str| rows(clean, table, column, id).map(|mut rows| rows.pop());
        let mine = |rows: Vec<Row>, column: &str, codes: &[&str]| -> Vec<Row> {
            let is_mine = |row: &Row| row[column].as_str().is_some_and(|code| codes.contains(&code));
            rows.into_iter().filter(is_mine).collect()
        };
        let promises = rows(clean, Promises::TABLE.name, "subject_id", id)?;
        let about = Promise::ALL.iter().filter(|promise| promise.is_about_complaints() == is_complaint);
        let about: Vec<&str> = about.map(|promise| promise.code()).collect();
        let callbacks = rows(clean, Callbacks::TABLE.name, "subject_id", id)?;
        let kinds: &[&str] = if is_complaint { &[] } else { &[CallbackKind::Fault.code()] };
        Ok(ServiceRows {
            fault: if is_complaint { None } else { one(Faults::TABLE.name, "fault_id")? },
            complaint: if is_complaint { one(Complaints::TABLE.name, "complaint_id")? } else { None },
            promises: mine(promises, "promise", &about),
            callbacks: mine(callbacks, "kind", kinds),
        })
    }
}

/// What stands in a column.
pub(super) fn cell(column: &Column, row: usize) -> Result<Value> {
    let value = column.get(row).map_err(Error::engine(format!("column {}", column.name())))?;
    Ok(match value {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(flag) => flag.into(),
        AnyValue::Int64(integer) => integer.into(),
        AnyValue::Int32(integer) => integer.into(),
        AnyValue::Float64(number) => number.into(),
        AnyValue::String(text) => text.into(),
        AnyValue::StringOwned(text) => text.as_str().into(),
        AnyValue::Date(day) => Day(day).to_string().into(),
        AnyValue::Datetime(at, ..) | AnyValue::DatetimeOwned(at, ..) => Instant(at).to_string().into(),
        other => other.to_string().into(),
    })
}

/// A figure that is known as a text only: a number where it is one.
pub(super) fn figure(text: &str) -> Value {
    match text {
        "" => Value::Null,
        "true" => true.into(),
        "false" => false.into(),
        _ => match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(integer), _) => integer.into(),
            (_, Ok(number)) => number.into(),
            _ => text.into(),
        },
    }
}
