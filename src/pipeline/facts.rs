//! What is known of the cases besides the clean tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::cases::apart::Kept;
use crate::cases::{EventLog, Reach};
use crate::clean::Totals;
use crate::spelling::Joined;

/// What is known of the cases besides the clean tables.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// The as-of day.
    pub as_of: Day,
    /// How many applications it is about; `None`: all of them.
    pub kept: Option<Kept>,
    /// What the clock counted.
    pub totals: Totals,
    /// The years that the figures touch and the calendar does not cover.
    pub uncovered_years: Vec<i32>,
    /// How far the exports reach; `None`: nothing has happened by the as-of day.
    pub reach: Option<Reach>,
    /// The newest event of the exports.
    pub newest: Option<Day>,
    /// Names that the exports spell in several ways.
    pub joined: Vec<Joined>,
    /// What was made of the events of the exports.
    pub events: EventLog,
    /// Every bureau of the exports, with how many of the applications that it is about are its.
    pub bureaus: BTreeMap<String, u64>,
}

impl Facts {
    /// The bureaus of the exports.
    pub fn of_exports(&self) -> Vec<String> {
        self.bureaus.keys().cloned().collect()
    }

    /// The bureaus whose applications it is about.
    pub fn told(&self) -> Vec<String> {
        let told = self.bureaus.iter().filter(|(_, applications)| **applications > 0);
        told.map(|(bureau, _)| bureau.clone()).collect()
    }
}
