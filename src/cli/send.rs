//! `yekuo send`: what would go to whom, or that it went.

use super::tell;
use super::typed::SendArguments;
use crate::error::{ExitStatus, Result};
use crate::send::{self, Asked};
use crate::words::Lang;

/// Shows what would be sent, or sends it and says what became of each message.
pub(super) fn run(arguments: &SendArguments, lang: Lang) -> Result<(String, ExitStatus)> {
    let SendArguments { report, pipeline, really, again } = arguments;
    let asked = Asked { report, pipeline: pipeline.as_deref(), again: *again };
    if !really {
        return Ok((send::preview(&asked, lang)?, ExitStatus::Good));
    }
    let sent = send::really(&asked, lang, tell)?;
    let status = if sent.failed == 0 { ExitStatus::Good } else { ExitStatus::GateFailed };
    Ok((sent.text(lang), status))
}
