//! What a run takes from the store, and what it leaves there: rows that were read, and clean tables.
//!
//! Both are taken whole or not at all. Where a file is not what was kept, the entry is dropped and the run works it out.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::building::Building;
use super::facts::Facts;
use crate::clean::ON_DEMAND;
use crate::disk;
use crate::error::Result;
use crate::ingest::{Ledger, Outcome};
use crate::store::{Entry, Key, Kind, Store, not_kept};
use crate::words::Words;

/// The folders of an entry.
const RAW: &str = "raw";
const REJECTS: &str = "rejects";
const CLEAN: &str = "clean";

/// The rows of exports, put into the lake and the rejects; `None` where they were not kept.
pub(super) fn raw(building: &Building<'_>, key: &Key) -> Result<Option<Outcome>> {
    let Some((store, entry, outcome)) = found::<Outcome>(building, key) else { return Ok(None) };
    let place = |file: &Path| match file.strip_prefix(REJECTS) {
        Ok(reject) => Some(building.rejects.join(reject)),
        Err(_) => Some(building.lake.join(file)),
    };
    laid(store, &entry, place, &[&building.lake.join(RAW), &building.rejects]).map(|whole| whole.then_some(outcome))
}

/// Keeps the rows of exports.
pub(super) fn keep_raw(building: &Building<'_>, key: &Key, ledger: &Ledger) {
    let Some(store) = &building.store else { return };
    let (files, rows) = (ledger.files.len(), ledger.read());
    let label = Words::new(
        format!("读入的数据：{files} 个文件，{rows} 行"),
        format!("rows of exports: {files} files, {rows} rows"),
    );
    let folders = [(RAW, &*building.lake.join(RAW)), (REJECTS, &*building.rejects)];
    store.keep(key, label, &folders, &Outcome::from(ledger));
}

/// What is known of the clean tables of some cases, and whether the one that is made on demand is among them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptClean {
    pub(super) facts: Facts,
    pub(super) has_on_demand: bool,
}

/// What is known of clean tables that were kept, if they are all that is read; nothing is put anywhere.
pub(super) fn facts(store: &Store, key: &Key, reads_on_demand: bool) -> Option<Facts> {
    let KeptClean { facts, has_on_demand } = store.find(key)?.facts()?;
    (has_on_demand || !reads_on_demand).then_some(facts)
}

/// The clean tables, put into the lake; `None` where they were not kept.
pub(super) fn clean(building: &Building<'_>, key: &Key, reads_on_demand: bool) -> Result<Option<KeptClean>> {
    let Some((store, entry, kept)) = found::<KeptClean>(building, key) else { return Ok(None) };
    let is_read = |file: &Path| reads_on_demand || file.file_stem().is_none_or(|table| table != ON_DEMAND);
    let place = |file: &Path| is_read(file).then(|| building.lake.join(file));
    laid(store, &entry, place, &[&building.lake.join(CLEAN)]).map(|whole| whole.then_some(kept))
}

/// Keeps the clean tables that are in the lake.
pub(super) fn keep_clean(building: &Building<'_>, key: &Key, facts: &Facts, has_on_demand: bool) {
    let Some(store) = &building.store else { return };
    let (as_of, cases) = (facts.as_of, facts.totals.applications);
    let label = Words::new(
        format!("截至 {as_of} 的明细表：{cases} 张工单"),
        format!("clean tables as of {as_of}: {cases} applications"),
    );
    let kept = KeptClean { facts: facts.clone(), has_on_demand };
    store.keep(key, label, &[(CLEAN, &building.lake.join(CLEAN))], &kept);
}

/// Buckets of applications whose clean tables are kept one by one, until all of them are.
pub(super) struct Buckets<'a> {
    store: &'a Store,
    keys: Vec<Key>,
}

impl<'a> Buckets<'a> {
    /// Those of the clean tables with a key, by how the applications are divided and how many months are replayed; `None` where
    /// nothing is kept, or there is but one.
    pub(super) fn of(
        building: &'a Building<'_>,
        key: &Key,
        division: (usize, usize),
        months: u32,
    ) -> Result<Option<Buckets<'a>>> {
        let Some(store) = building.store.as_ref().filter(|_| division.0 > 1) else { return Ok(None) };
        let key_of = |number| Key::of(Kind::Bucket, &(key.sha256(), division, months, number));
        Ok(Some(Buckets { store, keys: (0..division.0).map(key_of).collect::<Result<_>>()? }))
    }

    /// Puts the files of a bucket into a folder; false where it was not kept.
    pub(super) fn find(&self, number: usize, folder: &Path) -> Result<bool> {
        let Some(entry) = self.store.find(&self.keys[number]) else { return Ok(false) };
        let place = |file: &Path| file.strip_prefix(CLEAN).ok().map(|file| folder.join(file));
        laid(self.store, &entry, place, &[folder])
    }

    /// Keeps the files of a bucket.
    pub(super) fn keep(&self, number: usize, folder: &Path) {
        let (bucket, of) = (number + 1, self.keys.len());
        let label = Words::new(
            format!("明细表的一部分：第 {bucket} 份，共 {of} 份"),
            format!("a part of clean tables: {bucket} of {of}"),
        );
        self.store.keep(&self.keys[number], label, &[(CLEAN, folder)], &());
    }

    /// Removes them, once all are together.
    pub(super) fn forget(&self) {
        not_kept(self.keys.iter().try_for_each(|key| self.store.forget(key)));
    }
}

fn found<'a, T: DeserializeOwned>(building: &'a Building<'_>, key: &Key) -> Option<(&'a Store, Entry, T)> {
    let store = building.store.as_ref()?;
    let entry = store.find(key)?;
    let facts = entry.facts()?;
    Some((store, entry, facts))
}

/// Puts the files of an entry into their places; where one is not what was kept, nothing is left of them.
fn laid(store: &Store, entry: &Entry, place: impl Fn(&Path) -> Option<PathBuf>, folders: &[&Path]) -> Result<bool> {
    if entry.lay(place)? {
        return Ok(true);
    }
    store.drop(entry)?;
    folders.iter().try_for_each(|folder| disk::remove(folder))?;
    Ok(false)
}
