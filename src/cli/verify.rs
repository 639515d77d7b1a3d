//! `yekuo verify`: where the answers are read and written, and what became of them.

use std::path::{Path, PathBuf};

use super::typed::VerifyArguments;
use super::{Languages, json, tell};
use crate::config::{Config, DEFAULT_PIPELINE};
use crate::error::{Error, ExitStatus, Result};
use crate::period::Previous;
use crate::verify::{self, Asked};

/// The table's name in a data folder.
const TABLE: &str = "verifications.csv";

/// Reads returned workbooks and says what became of their rows.
pub(super) fn run(arguments: &VerifyArguments, languages: Languages) -> Result<(String, ExitStatus)> {
    let lang = languages.said;
    let (report, out) = (report(arguments)?, out(arguments)?);
    let (by, &VerifyArguments { on, replace, .. }) = (arguments.by.as_deref(), arguments);
    let asked = Asked { files: &arguments.files, report: &report, out: &out, by, on, replace, lang: languages.made };
    let verified = verify::run(&asked)?;
    let status = if verified.has_rejects() { ExitStatus::GateFailed } else { ExitStatus::Good };
    if arguments.json {
        return Ok((json(&verified)?, status));
    }
    verified.lines(lang).iter().for_each(|line| tell(line));
    Ok((verified.text(&out, lang), status))
}

/// The report that handed the forms out: that which is named, else the newest one of the pipeline.
fn report(arguments: &VerifyArguments) -> Result<PathBuf> {
    if let Some(named) = &arguments.report {
        return Ok(named.clone());
    }
    let reports = Path::new("reports");
    let pipeline = arguments.pipeline.as_deref().unwrap_or(Path::new(DEFAULT_PIPELINE));
    let newest = Previous::newest(reports, Some(pipeline));
    newest.map(|newest| newest.folder).ok_or_else(|| Error::NoReport { path: reports.to_owned() })
}

/// Where the table goes: where the next run finds it.
fn out(arguments: &VerifyArguments) -> Result<PathBuf> {
    let data = match (&arguments.out, &arguments.data) {
        (Some(out), _) => return Ok(out.clone()),
        (None, Some(data)) => data.clone(),
        (None, None) => Config::load(arguments.pipeline.as_deref())?.data().ok_or(Error::NoExports)?,
    };
    std::fs::metadata(&data).map_err(Error::io("read", &data))?;
    Ok(data.join(TABLE))
}
