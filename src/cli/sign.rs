//! `yekuo sign`: a report that no run replaces unless it is told to.

use super::typed::SignArguments;
use super::{tell, tell_not_latest};
use crate::error::Result;
use crate::pipeline;
use crate::words::Lang;

/// Signs a report and says which edition it is.
pub(super) fn run(arguments: &SignArguments, lang: Lang) -> Result<String> {
    let SignArguments { report, by, on, .. } = arguments;
    let signed = pipeline::sign(report, by, *on)?;
    signed.not_latest.iter().for_each(|error| tell_not_latest(error, lang));
    if let Some(said) = pipeline::shelve(report, false).say(lang) {
        tell(&said);
    }
    let (path, edition) = (report.display(), signed.edition);
    Ok(lang.pick(
        format!("{path}：第 {edition} 版已由 {by} 于 {on} 签署\n"),
        format!("{path}: edition {edition} signed by {by} on {on}\n"),
    ))
}
