//! One application, explained day by day: its card, and for programs its rows in the clean tables.

use std::path::Path;

use serde::Serialize;

use super::json::ApplicationRows;
use crate::calendar::Day;
use crate::card::Card;
use crate::config::Config;
use crate::error::{Error, Result, Sought};
use crate::words::Lang;

/// Everything about one application.
#[derive(Debug, Serialize)]
pub struct Explanation {
    application_id: String,
    as_of: String,
    #[serde(flatten)]
    rows: ApplicationRows,
    #[serde(skip)]
    card: Card,
}

impl Explanation {
    /// Reads one application from the clean tables.
    pub fn read(clean: &Path, id: &str, as_of: Day, config: &Config, lang: Lang) -> Result<Explanation> {
        let Some(card) = Card::read(clean, &[id], as_of, config, lang)?.pop() else {
            return Err(Error::Unknown { what: Sought::Application, name: id.to_owned(), nearest: None });
        };
        let rows = ApplicationRows::read(clean, id)?;
        Ok(Explanation { application_id: id.to_owned(), as_of: as_of.to_string(), rows, card })
    }

    /// The explanation as text for a terminal.
    pub fn text(&self) -> String {
        self.card.text()
    }

    /// The timeline as a chart.
    pub fn gantt(&self) -> Result<String> {
        self.card.gantt()
    }
}
