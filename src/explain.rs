//! Any figure explained down to the last case: an application, a fault, a complaint, a manager, a department, a mart.
//!
//! What is printed is read from the clean tables and computed by the marts' own SQL: the explanation cannot differ from
//! the report. One module for each sort of subject; `find` says which it is.

mod application;
mod figures;
mod find;
mod json;
mod service;

use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;

use crate::calendar::Day;
use crate::disk;
use crate::draw;
use crate::error::{Error, Result, Sought};
use crate::pipeline::{Building, Definitions, Lake, REPLAYED_MONTHS, Request, Steps, building};

/// What can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// An application: its stages, claims and days.
    Application,
    /// A fault: its minutes and promises.
    Fault,
    /// A complaint: its days and promises.
    Complaint,
    /// A customer manager: the cases behind each figure of a month.
    Manager,
    /// A department: the same.
    Department,
    /// A mart: the same, of all its rows of the month.
    Mart,
}

/// What is asked.
#[derive(Debug)]
pub struct Question<'a> {
    /// The identifier or name.
    pub name: &'a str,
    /// What it is; `None`: the first that bears the name.
    pub subject: Option<Subject>,
    /// The month of the figures, its first day; `None`: that of the as-of day.
    pub month: Option<Day>,
    /// Columns of the grain that must hold these values.
    pub conditions: Vec<(String, String)>,
    /// Only this mart.
    pub mart: Option<&'a str>,
    /// Only this figure, with all that it is made of.
    pub figure: Option<&'a str>,
    /// Whether the text lists cases.
    pub cases: bool,
}

/// An answer of any kind.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Explanation {
    /// Of an application.
    Application(Box<application::Explanation>),
    /// Of a fault or a complaint.
    Service(service::Explanation),
    /// Of a manager or a department.
    Figures(figures::Explanation),
}

/// Answers a question from the exports or, where one is named, from the lake of an earlier run.
pub fn run(request: &Request, lake: Option<&Path>, question: &Question<'_>, steps: &Steps) -> Result<Explanation> {
    if let Some(lake) = lake {
        let definitions = Definitions::read(request.pipeline.as_deref())?;
        return Explanation::read(question, &Lake::open(lake, &definitions, request.lang)?);
    }
    let prepared = request.prepare()?;
    let folder = building::temporary()?;
    let known = prepared.read(&Building::temporary(&folder)?, steps)?.known(request.as_of, steps)?;
    let clean = known.clean(REPLAYED_MONTHS, None, steps)?.of_period(None)?;
    steps.done();
    Explanation::read(question, &clean.lake)
}

impl Explanation {
    /// Answers a question from the clean tables and the marts.
    fn read(question: &Question<'_>, sources: &Lake<'_>) -> Result<Explanation> {
        let find::Found { subject, name } = find::find(question, sources)?;
        // As the tables spell it.
        let question = &Question { name: &name, conditions: question.conditions.clone(), ..*question };
        match subject {
            Subject::Application => {
                let Lake { clean, as_of, config, lang, .. } = sources;
                let (as_of, lang) = (*as_of, *lang);
                let explanation = application::Explanation::read(clean, question.name, as_of, config, lang)?;
                Ok(Explanation::Application(Box::new(explanation)))
            }
            Subject::Fault | Subject::Complaint => {
                service::Explanation::read(subject, question.name, sources).map(Explanation::Service)
            }
            Subject::Manager | Subject::Department | Subject::Mart => {
                figures::Explanation::read(subject, question, sources).map(Explanation::Figures)
            }
        }
    }

    /// The answer as text for a terminal.
    pub fn text(&self) -> String {
        match self {
            Explanation::Application(explanation) => explanation.text(),
            Explanation::Service(explanation) => explanation.text(),
            Explanation::Figures(explanation) => explanation.text(),
        }
    }

    /// Writes the timeline of an application as a chart, PNG or SVG by the name of the file, which replaces one that is there only
    /// by `force`; nothing else has one.
    pub fn write_chart(&self, subject: &str, path: &Path, force: bool) -> Result<()> {
        let Explanation::Application(explanation) = self else {
            return Err(Error::Unknown { what: Sought::Application, name: subject.to_owned(), nearest: None });
        };
        let svg = explanation.gantt()?;
        let is_png = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("png"));
        let bytes = if is_png {
            draw::render_png(&draw::cover_missing(&svg), 2.0).map_err(Error::render(path.display().to_string()))?
        } else {
            svg.into_bytes()
        };
        disk::file(path, force, |out| out.write_all(&bytes))
    }
}
