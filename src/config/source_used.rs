//! Which source mapping a run reads by.

use std::path::Path;

use serde::Serialize;

use crate::assets::Assets;
use crate::ingest::fingerprint;

/// The source mapping that rows are read by, as `run.json` names it.
#[derive(Debug, Clone, Serialize)]
pub struct SourceUsed {
    /// As the pipeline names it; `sources/own.toml` of the data folder; of one given by hand, its name.
    pub file: String,
    /// Its SHA-256, where it lies on disk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Whether the data folder brings one of its own, which does not count then.
    #[serde(skip)]
    pub passes_over_own: bool,
}

impl SourceUsed {
    pub(super) fn of(assets: &Assets, source: &str) -> SourceUsed {
        let path = assets.folder.clone().unwrap_or_default().join(source);
        SourceUsed::at(source.to_owned(), &path)
    }

    pub(super) fn at(file: String, path: &Path) -> SourceUsed {
        let sha256 = fingerprint(path).ok().map(|found| found.sha256);
        SourceUsed { file, sha256, passes_over_own: false }
    }
}
