//! What something was worked out from, as one hash.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::hash;

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The rows of exports, typed, with the rejects and the ledger.
    Raw,
    /// The clean tables.
    Clean,
    /// Those of a bucket of applications, until all are there.
    Bucket,
    /// What a whole run has published, and where.
    Run,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::Raw, Kind::Clean, Kind::Bucket, Kind::Run];

    /// As folders and `entry` write it.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Raw => "raw",
            Kind::Clean => "clean",
            Kind::Bucket => "bucket",
            Kind::Run => "run",
        }
    }

    /// Whether a name is that of an entry.
    pub(super) fn begins(name: &str) -> bool {
        Kind::ALL.iter().any(|kind| name.split_once('-').is_some_and(|(first, _)| first == kind.code()))
    }
}

/// What something was worked out from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    kind: Kind,
    sha256: String,
}

impl Key {
    /// The key of what this build of the program makes of something.
    pub fn of(kind: Kind, from: &impl Serialize) -> Result<Key> {
        let from = (env!("YEKUO_BUILD"), kind.code(), from);
        let bytes = serde_json::to_vec(&from).map_err(Error::render("key"))?;
        Ok(Key { kind, sha256: hash::sha256(&bytes) })
    }

    /// The hash, for the keys of what is made from it.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What is kept under it.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of its folder.
    pub(super) fn folder(&self) -> String {
        format!("{}-{}", self.kind.code(), &self.sha256[..20])
    }
}
