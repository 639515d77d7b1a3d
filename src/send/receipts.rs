//! What was sent of a report: a line for each message, in `sent/<report>.jsonl` next to the report.
//!
//! A line is written when a server has taken its message, and is on the disk before the next one goes. So what an
//! interrupted run has sent is not sent again, but for one message at most.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk;
use crate::error::{Error, Result};
use crate::words::Words;

/// The folder, next to the reports.
const FOLDER: &str = "sent";

/// A message that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Receipt {
    /// When.
    pub(super) at: String,
    /// `mail`, or the kind of robot.
    pub(super) channel: String,
    /// The address, or the variable that holds that of the robot.
    pub(super) to: String,
    /// Which publication of the report, by its `run.json`.
    pub(super) run_sha256: String,
    /// SHA-256 of the text.
    pub(super) text_sha256: String,
    pub(super) files: Vec<SentFile>,
}

/// A file that was sent.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SentFile {
    pub(super) path: String,
    pub(super) sha256: String,
}

/// What was sent of a report so far.
#[derive(Debug)]
pub(super) struct Receipts {
    pub(super) path: PathBuf,
    all: Vec<Receipt>,
    /// Held while messages are sent: nobody else sends of this report meanwhile.
    held: Option<File>,
}

impl Receipts {
    /// Those of a report, to look at.
    pub(super) fn read(report: &Path) -> Result<Receipts> {
        let path = place(report)?;
        let text = match disk::is_there(&path) {
            true => fs::read_to_string(&path).map_err(Error::io("read", &path))?,
            false => String::new(),
        };
        let (all, _) = parsed(&path, &text)?;
        Ok(Receipts { path, all, held: None })
    }

    /// Those of a report, to be added to.
    pub(super) fn held(report: &Path) -> Result<Receipts> {
        let path = place(report)?;
        let folder = disk::parent(&path);
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let mut file = disk::lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Busy { path, holder: None }),
            Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(Error::io("read", &path))?;
        let (all, whole) = parsed(&path, &text)?;
        // What was cut off goes, and what cannot be written is found before anything is sent.
        file.set_len(whole).and_then(|()| file.sync_all()).map_err(Error::io("write", &path))?;
        disk::sync_folder(folder)?;
        Ok(Receipts { path, all, held: Some(file) })
    }

    /// When a file was sent to an address.
    pub(super) fn of_file(&self, channel: &str, to: &str, sha256: &str) -> Option<&str> {
        let mut all = self.to(channel, to);
        all.find(|receipt| receipt.files.iter().any(|file| file.sha256 == sha256)).map(|receipt| receipt.at.as_str())
    }

    /// When a text without files was sent.
    pub(super) fn of_text(&self, channel: &str, to: &str, sha256: &str) -> Option<&str> {
        let mut all = self.to(channel, to);
        all.find(|receipt| receipt.text_sha256 == sha256).map(|receipt| receipt.at.as_str())
    }

    /// How much was sent to an address.
    pub(super) fn count(&self, channel: &str, to: &str) -> usize {
        self.to(channel, to).count()
    }

    fn to(&self, channel: &str, to: &str) -> impl DoubleEndedIterator<Item = &Receipt> {
        self.all.iter().rev().filter(move |receipt| receipt.channel == channel && receipt.to == to)
    }

    /// Writes one down, and waits until it is on the disk.
    pub(super) fn add(&mut self, receipt: Receipt) -> Result<()> {
        let mut line = serde_json::to_vec(&receipt).map_err(Error::render(FOLDER))?;
        line.push(b'\n');
        if let Some(mut file) = self.held.as_ref() {
            let written =
                file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(&line)).and_then(|()| file.sync_all());
            written.map_err(Error::io("write", &self.path))?;
        }
        self.all.push(receipt);
        Ok(())
    }
}

/// Where the receipts of a report are; a folder that is a link is nobody's.
fn place(report: &Path) -> Result<PathBuf> {
    let whole = fs::canonicalize(report).map_err(Error::io("read", report))?;
    let name = whole.file_name().ok_or_else(|| Error::NoReport { path: report.to_owned() })?.to_owned();
    let reports = disk::parent(&whole);
    let folder = reports.join(FOLDER);
    if fs::symlink_metadata(&folder).is_ok_and(|found| !found.is_dir()) {
        return Err(Error::Occupied { path: reports.to_owned(), file: FOLDER.into() });
    }
    let mut file = name;
    file.push(".jsonl");
    Ok(folder.join(file))
}

/// The receipts of a text, and how many bytes of it are whole lines.
fn parsed(path: &Path, text: &str) -> Result<(Vec<Receipt>, u64)> {
    let whole = text.rfind('\n').map_or(0, |at| at + 1);
    let read = |(number, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|_| {
            let problem = Words::new(
                format!("第 {} 行不能读取；移走这个文件后，全部都会再发一次", number + 1),
                format!(
                    "its line {} cannot be read; once the file is moved away, everything is sent again",
                    number + 1
                ),
            );
            Error::Unsendable { path: path.to_owned(), problem }
        })
    };
    let all = text[..whole].lines().enumerate().map(read).collect::<Result<_>>()?;
    Ok((all, whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(to: &str, sha256: &str) -> Receipt {
        let files = vec![SentFile { path: "f".to_owned(), sha256: sha256.to_owned() }];
        let [at, channel, run, text] = ["now", "mail", "run", "text"].map(str::to_owned);
        Receipt { at, channel, to: to.to_owned(), run_sha256: run, text_sha256: text, files }
    }

    #[test]
    fn what_was_cut_off_is_dropped_and_the_rest_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("r");
        fs::create_dir(&report).unwrap();
        let mut receipts = Receipts::held(&report).unwrap();
        receipts.add(receipt("a@b", "1")).unwrap();
        assert!(matches!(Receipts::held(&report), Err(Error::Busy { .. })));
        let path = receipts.path.clone();
        drop(receipts);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{whole}{{\"at\": \"no")).unwrap();
        assert_eq!(Receipts::read(&report).unwrap().all.len(), 1);
        let mut receipts = Receipts::held(&report).unwrap();
        receipts.add(receipt("c@d", "2")).unwrap();
        drop(receipts);
        let receipts = Receipts::read(&report).unwrap();
        assert_eq!(receipts.of_file("mail", "a@b", "1"), Some("now"));
        assert_eq!(receipts.of_file("mail", "a@b", "2"), None);
        assert_eq!(receipts.of_file("wecom", "a@b", "1"), None);
        assert_eq!(receipts.count("mail", "c@d"), 1);
        fs::write(&path, "tea\n").unwrap();
        assert!(Receipts::read(&report).unwrap_err().report(crate::words::Lang::En).contains("line 1"));
    }
}
