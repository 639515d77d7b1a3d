//! `yekuo sign`: a report that no run replaces unless it is told to.

use super::typed::SignArguments;
use super::{tell, tell_not_latest};
use crate::error::Result;
use crate::pipeline::{self, editions};
use crate::words::Lang;

/// Signs a report and says which edition it is.
pub(super) fn run(arguments: &SignArguments, lang: Lang) -> Result<String> {
    let signed = editions::sign(&arguments.report, &arguments.by, arguments.on)?;
    if let Err(error) = pipeline::name_latest(&arguments.report, signed.edition) {
        tell_not_latest(&error, lang);
    }
    if let Some(said) = pipeline::shelve(&arguments.report, false).say(lang) {
        tell(&said);
    }
    let (path, edition) = (arguments.report.display(), signed.edition);
    Ok(lang.pick(
        format!("{path}：第 {edition} 版已由 {} 于 {} 签署\n", signed.by, signed.on),
        format!("{path}: edition {edition} signed by {} on {}\n", signed.by, signed.on),
    ))
}
