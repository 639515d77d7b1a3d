//! What is known of the cases besides the clean tables.

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
}
