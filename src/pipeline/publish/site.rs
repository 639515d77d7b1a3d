//! What stands at a place where something is about to be published: what yekuo wrote there, what users have changed of it,
//! and what is not yekuo's.
//!
//! What yekuo did not write is never deleted, and neither is what was changed since: a place that holds the former is
//! refused, and what holds the latter is put away whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{MANIFEST, SIGNED};
use crate::disk;
use crate::error::{Error, Result};
use crate::ingest;

/// What lists the files of a folder that has no `run.json`: a lake, a list of rejects.
const LISTING: &str = ".yekuo-files.json";

/// A place, with what is to be known of what stands there.
#[derive(Debug)]
pub(crate) struct Site {
    /// Where it is.
    pub place: PathBuf,
    /// The files that were written there.
    pub written: Vec<PathBuf>,
    /// Those of them that are other than they were written.
    pub edited: Vec<PathBuf>,
    /// Whether every file that was written is there as it was written.
    pub is_whole: bool,
}

/// The part of `run.json` that lists files; all of a [`LISTING`].
#[derive(Serialize, Deserialize)]
struct Listed {
    artefacts: Vec<Written>,
}

/// A file as it was written.
#[derive(Serialize, Deserialize)]
struct Written {
    path: PathBuf,
    bytes: u64,
    /// Of what people open and change.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Site {
    /// Looks at a place, which may be empty; fails where it holds anything that yekuo did not make.
    pub fn at(place: &Path) -> Result<Site> {
        let mut site = Site { place: place.to_owned(), written: Vec::new(), edited: Vec::new(), is_whole: false };
        match fs::symlink_metadata(place) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                let file = place.file_name().unwrap_or_default().into();
                return Err(Error::Occupied { path: disk::parent(place).to_owned(), file });
            }
            Err(_) => return Ok(site),
        }
        let listed = listed(place);
        let (files, empty) = disk::below(place)?;
        if let Some(folder) = empty.into_iter().next() {
            return Err(Error::Occupied { path: place.to_owned(), file: folder });
        }
        for file in files {
            let is_ours = listed.as_ref().is_some_and(|(list, listed)| {
                [Path::new(list), Path::new(SIGNED)].contains(&&*file) || listed.contains_key(&file)
            });
            if !is_ours && !is_litter(&file) {
                return Err(Error::Occupied { path: place.to_owned(), file });
            }
        }
        site.is_whole = listed.is_some();
        for (path, written) in listed.into_iter().flat_map(|(_, listed)| listed) {
            match found(&place.join(&path), &written)? {
                Found::Whole => {}
                Found::Missing => site.is_whole = false,
                Found::Edited => {
                    site.is_whole = false;
                    site.edited.push(path.clone());
                }
            }
            site.written.push(path);
        }
        Ok(site)
    }

    /// Whether anything stands there.
    pub fn is_taken(&self) -> bool {
        self.place.exists()
    }
}

/// Lists the files of a folder that is about to be published without a `run.json`.
pub(crate) fn list(built: &Path) -> Result<()> {
    let is_listed = |path: &PathBuf| path != Path::new(LISTING);
    let files = disk::files(built)?.into_iter().filter(is_listed).map(|path| {
        let whole = built.join(&path);
        let found = fs::metadata(&whole).map_err(Error::io("read", &whole))?;
        let sha256 = match path.extension().is_some_and(|extension| extension == "csv") {
            true => Some(ingest::fingerprint(&whole)?.sha256),
            false => None,
        };
        Ok(Written { path, bytes: found.len(), sha256 })
    });
    let listed = Listed { artefacts: files.collect::<Result<_>>()? };
    let bytes = serde_json::to_vec(&listed).map_err(Error::render(LISTING))?;
    disk::write(&built.join(LISTING), &bytes)
}

/// What was written into a folder, and the file that lists it; `None` where nothing says so.
fn listed(place: &Path) -> Option<(&'static str, BTreeMap<PathBuf, Written>)> {
    let of = |name: &'static str| {
        let listed: Listed = serde_json::from_slice(&disk::small(&place.join(name))?).ok()?;
        let files = listed.artefacts.into_iter().map(|file| (file.path.clone(), file));
        Some((name, files.collect()))
    };
    of(MANIFEST).or_else(|| of(LISTING))
}

/// What file managers and open spreadsheets leave behind.
pub(crate) fn is_litter(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    matches!(&*name, "Thumbs.db" | "desktop.ini") || (name.starts_with(['.', '~']) && name != LISTING)
}

/// What has become of a file that was written.
enum Found {
    Whole,
    Edited,
    Missing,
}

fn found(path: &Path, written: &Written) -> Result<Found> {
    let Ok(file) = fs::symlink_metadata(path) else { return Ok(Found::Missing) };
    let is_same = file.is_file()
        && file.len() == written.bytes
        && match &written.sha256 {
            Some(sha256) => ingest::fingerprint(path)?.sha256 == *sha256,
            None => true,
        };
    Ok(if is_same { Found::Whole } else { Found::Edited })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::spelling;

    proptest! {
        /// A name that comes from the data is never taken for what a file manager has left behind.
        #[test]
        fn no_text_names_litter(text in "[~.\\sa-zA-Z中]{0,12}|\\PC{0,100}|Thumbs.db|desktop.ini") {
            let name = format!("{}.xlsx", spelling::file_name(&text, 80));
            prop_assert!(!is_litter(Path::new(&name)), "{name}");
            prop_assert!(!is_litter(&Path::new(&spelling::file_name(&text, 80)).join("a.xlsx")));
        }
    }
}
