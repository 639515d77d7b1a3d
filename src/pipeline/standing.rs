//! A report that stands and is what a run would make again: then nothing is left to do.
//!
//! What a run has published is remembered by all that it was made from. When the same is asked for once more, the
//! `run.json` that would be written is put together again, with the hashes of the files that stand there; where it is the
//! one that stands there, byte for byte, so is the whole report.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::manifest::{self, Manifest, MartRows};
use super::phases::{Cleaned, Surveyed};
use super::{Places, Published, Run, publish, recalled};
use crate::error::{Error, Result};
use crate::ingest::{self, Outcome};
use crate::period::Edition;
use crate::report::Reached;
use crate::store::{Key, Kind, Store};

/// What is to be known of a report that was published, besides what its exports and its cases tell.
#[derive(Serialize, Deserialize)]
struct Remembered {
    /// For who looks at the store.
    out: PathBuf,
    edition: u32,
    targets: Vec<Target>,
    marts: Vec<MartRows>,
    lake: Vec<(PathBuf, u64)>,
}

/// How a figure stands to its target: its numbers to the last bit, which JSON rounds when it is read.
#[derive(Serialize, Deserialize)]
struct Target {
    reached: Reached,
    bits: [Option<u64>; 3],
}

impl From<&Reached> for Target {
    fn from(reached: &Reached) -> Target {
        let bits = reached.numbers().map(|number| number.map(f64::to_bits));
        Target { reached: reached.clone(), bits }
    }
}

impl From<Target> for Reached {
    fn from(Target { reached, bits }: Target) -> Reached {
        reached.with_numbers(bits.map(|bits| bits.map(f64::from_bits)))
    }
}

/// What became of the report of an earlier run.
pub(super) enum Stands<'a> {
    /// It is what would be made now.
    Still(Box<Published<Manifest>>),
    /// It is not, or there is none.
    NoMore(Surveyed<'a>),
}

impl<'a> Run<'a> {
    /// Whether what would be made of these exports stands there already.
    pub(super) fn standing(&self, surveyed: Surveyed<'a>) -> Result<Stands<'a>> {
        let published = match &self.building.store {
            Some(store) => self.still(&surveyed, store)?,
            None => None,
        };
        Ok(published.map_or(Stands::NoMore(surveyed), |published| Stands::Still(Box::new(published))))
    }

    fn still(&self, surveyed: &Surveyed<'a>, store: &Store) -> Result<Option<Published<Manifest>>> {
        let Run { request, prepared, .. } = self;
        let Some(outcome) = store.find(&surveyed.key).and_then(|entry| entry.facts::<Outcome>()) else {
            return Ok(None);
        };
        let clean = prepared.clean_key(&surveyed.key, request.as_of)?;
        let Some(facts) = recalled::facts(store, &clean, self.reads_on_demand()) else { return Ok(None) };
        let places = self.places(facts.as_of)?;
        let remembered = store.find(&self.key(&clean, &places)?).and_then(|entry| entry.facts::<Remembered>());
        let Some(Remembered { edition, targets, marts, lake, .. }) = remembered else { return Ok(None) };
        if !places.lake.is_dir() || files(&places.lake)? != lake {
            return Ok(None);
        }
        let ledger = outcome.ledger(surveyed.survey.clone());
        ledger.gate(prepared.config.pipeline.max_rejects)?;
        let cleaned = Cleaned::recalled(prepared, clean, ledger, facts).reaching(request.allow_stale)?;
        let mut clean = cleaned.described(places.previous);
        clean.period.edition = Edition { number: edition, before: None };
        let targets = targets.into_iter().map(Reached::from).collect();
        let manifest = Manifest::new(clean, marts, targets, &places.out)?;
        let made = manifest.bytes()?;
        let is_it = fs::read(places.out.join(manifest::FILE)).is_ok_and(|stands| stands == made);
        Ok(is_it.then_some(Published { out: places.out, manifest, work: None }))
    }

    /// Remembers what was published.
    pub(super) fn remember(&self, clean: &Key, places: &Places, manifest: &Manifest) -> Result<()> {
        let Some(store) = &self.building.store else { return Ok(()) };
        let Manifest { edition, targets, marts, .. } = manifest;
        let remembered = Remembered {
            out: places.out.clone(),
            edition: *edition,
            targets: targets.iter().map(Target::from).collect(),
            marts: marts.clone(),
            lake: files(&places.lake)?,
        };
        store.keep(&self.key(clean, places)?, &[], &remembered)
    }

    /// All that a report is made from: the cases, what the configuration says, what it is compared with, and its place.
    fn key(&self, clean: &Key, Places { out, lake, previous }: &Places) -> Result<Key> {
        let Run { request, prepared, .. } = self;
        let whole = |path: &Path| std::path::absolute(path).map_err(Error::io("read", path));
        let previous = match previous {
            Some(previous) => {
                let run = ingest::fingerprint(&previous.folder.join(manifest::FILE))?.sha256;
                Some((whole(&previous.folder)?, run))
            }
            None => None,
        };
        let asked = (request.all_marts, request.allow_stale, prepared.lang);
        let config = (&prepared.config.pipeline, prepared.config.assets.texts());
        Key::of(Kind::Run, &(clean.sha256(), asked, config, whole(out)?, whole(lake)?, previous))
    }
}

/// The files below a folder, with their sizes.
fn files(folder: &Path) -> Result<Vec<(PathBuf, u64)>> {
    let files = publish::files(folder)?.into_iter().map(|file| {
        let path = folder.join(&file);
        let bytes = fs::metadata(&path).map_err(Error::io("read", &path))?.len();
        Ok((file, bytes))
    });
    files.collect()
}
