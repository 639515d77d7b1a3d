//! Who bears a name: a case, a manager, a department or a mart, however the name is spelt, and the nearest where nobody
//! does.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;

use super::{Lake, Question, Subject};
use crate::error::{Error, Result, Sought};
use crate::lake;
use crate::spelling::{identity, nearest, nearest_number};

/// Where subjects are found.
struct Place {
    subject: Subject,
    /// The clean table.
    table: &'static str,
    /// Its column of what subjects are asked for by.
    column: &'static str,
    /// Its column of names, by which they can be asked for too.
    name: Option<&'static str>,
}

const fn place(subject: Subject, table: &'static str, column: &'static str) -> Place {
    Place { subject, table, column, name: None }
}

/// In the order in which they are looked for.
const PLACES: [Place; 9] = [
    place(Subject::Application, "applications", "application_id"),
    place(Subject::Fault, "faults", "fault_id"),
    place(Subject::Complaint, "complaints", "complaint_id"),
    Place { subject: Subject::Manager, table: "managers", column: "manager_id", name: Some("name") },
    place(Subject::Manager, "applications", "manager_id"),
    place(Subject::Department, "stages", "department"),
    place(Subject::Department, "request_answers", "department"),
    place(Subject::Department, "complaints", "department"),
    place(Subject::Department, "claims", "department"),
];

/// A subject, and its name as the tables have it.
pub(super) struct Found {
    pub subject: Subject,
    pub name: String,
}

/// Which sort of subject bears a name.
pub(super) fn find(question: &Question<'_>, sources: &Lake<'_>) -> Result<Found> {
    let wanted = |subject: Subject| question.subject.is_none_or(|asked| asked == subject);
    let folded = identity(question.name);
    let mut near = Near::default();
    for place in PLACES.iter().filter(|place| wanted(place.subject)) {
        let names = texts(&sources.clean, place)?;
        // As it is written, before what is only spelt like it.
        let bears = |by: &dyn Fn(&str) -> bool| names.iter().find(|(id, _)| by(id)).map(|(id, _)| id.clone());
        let found = bears(&|id| id == question.name).or_else(|| bears(&|id| identity(id) == folded));
        if let Some(name) = found {
            return Ok(Found { subject: place.subject, name });
        }
        if let Some(name) = called(&names, &folded)? {
            return Ok(Found { subject: place.subject, name });
        }
        near.add(place.subject, question.name, &names);
    }
    if wanted(Subject::Mart) {
        let marts = || sources.catalogue.marts.iter().map(|mart| mart.name.as_str());
        if marts().any(|name| name == question.name) {
            return Ok(Found { subject: Subject::Mart, name: question.name.to_owned() });
        }
        near.names.extend(marts().map(str::to_owned));
    }
    let what = question.subject.map_or(Sought::Subject, Sought::from);
    Err(Error::Unknown { what, name: question.name.to_owned(), nearest: near.best(question.name) })
}

/// The identifiers in a place, each with its name where it has one.
fn texts(clean: &Path, place: &Place) -> Result<BTreeMap<String, String>> {
    let Place { table, column, name, .. } = place;
    let rows = lake::scan(&clean.join(format!("{table}.parquet")))?;
    let columns: Vec<Expr> = [Some(*column), *name].into_iter().flatten().map(col).collect();
    let rows = rows.select(columns).filter(col(*column).is_not_null()).unique(None, UniqueKeepStrategy::Any);
    let rows = lake::collect(rows, table)?;
    let texts = |name: &str| -> Result<Vec<String>> {
        let texts = rows.column(name).and_then(|column| column.str().cloned());
        let texts = texts.map_err(Error::engine((*table).to_owned()))?;
        Ok(texts.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
    };
    let names = match name {
        Some(name) => texts(name)?,
        None => vec![String::new(); rows.height()],
    };
    Ok(texts(column)?.into_iter().zip(names).collect())
}

/// The identifier of the one who is called so; an error where several are.
fn called(names: &BTreeMap<String, String>, folded: &str) -> Result<Option<String>> {
    let mut bear = names.iter().filter(|(_, name)| !name.is_empty() && identity(name) == folded).map(|(id, _)| id);
    match (bear.next(), bear.next()) {
        (Some(first), Some(second)) => {
            let ids = [first, second].into_iter().chain(bear).cloned().collect();
            Err(Error::Ambiguous { what: Sought::Manager, name: folded.to_owned(), ids })
        }
        (found, _) => Ok(found.cloned()),
    }
}

/// What could have been meant.
#[derive(Default)]
struct Near {
    /// The nearest number of a case or manager.
    number: Option<String>,
    /// What is called by names.
    names: Vec<String>,
}

impl Near {
    fn add(&mut self, subject: Subject, asked: &str, names: &BTreeMap<String, String>) {
        if subject == Subject::Department {
            self.names.extend(names.keys().cloned());
            return;
        }
        let numbers = self.number.iter().map(String::as_str).chain(names.keys().map(String::as_str));
        self.number = nearest_number(asked, numbers).map(str::to_owned);
        self.names.extend(names.values().filter(|name| !name.is_empty()).cloned());
    }

    fn best(self, asked: &str) -> Option<String> {
        self.number.or_else(|| nearest(asked, self.names.iter().map(String::as_str)).map(str::to_owned))
    }
}

impl From<Subject> for Sought {
    fn from(subject: Subject) -> Sought {
        match subject {
            Subject::Mart => Sought::Mart,
            Subject::Application => Sought::Application,
            Subject::Fault => Sought::Fault,
            Subject::Complaint => Sought::Complaint,
            Subject::Manager => Sought::Manager,
            Subject::Department => Sought::Department,
        }
    }
}
