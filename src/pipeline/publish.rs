//! Whole or not at all: what is built next to its place is swapped into it, and nothing of the user's goes with what was there.

mod lock;
mod site;
mod staging;

use std::path::Path;

use crate::error::Error;

pub(crate) use lock::Lock;
pub(crate) use site::{Site, is_litter, list};
pub use staging::Staging;
pub(crate) use staging::{LAKE, Publication, REPORT, claim, clear_all, is_building, publish};

/// The file of a report that lists the others.
pub(crate) const MANIFEST: &str = "run.json";
/// What says that a report was signed, in its folder.
pub(crate) const SIGNED: &str = "signed.json";

/// What an earlier run has left next to its reports.
#[derive(Debug)]
pub enum Left {
    /// Nothing.
    Nothing,
    /// What it was building when it was cut off.
    Unfinished,
    /// It is not over.
    Running(Error),
}

/// What is left in a folder of reports; nothing is changed.
pub fn state(parent: &Path) -> Left {
    match staging::left(parent) {
        (Some(lock), _) => Left::Running(Error::Busy { path: parent.to_owned(), holder: lock::holder(&lock) }),
        (None, true) => Left::Unfinished,
        (None, false) => Left::Nothing,
    }
}
