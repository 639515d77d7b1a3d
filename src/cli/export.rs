//! `yekuo export`: the event log that was asked for, and what is not in it.

use super::typed::ExportArguments;
use super::{json, lake_of, tell};
use crate::error::Result;
use crate::export::{self, Format, Wanted};
use crate::pipeline::Steps;
use crate::words::Lang;

/// Writes the event log and says what is not in it.
pub(super) fn run(arguments: &ExportArguments, lang: Lang) -> Result<String> {
    let lake = lake_of(arguments.from.lake.as_ref(), || arguments.newest_lake(), lang);
    let &ExportArguments { force, personal, .. } = arguments;
    let file = arguments.file.clone();
    let format = Format::of(&file).unwrap_or(Format::Xes);
    let wanted = Wanted { file, format, personal, force };
    let exported = export::run(&arguments.request(lang), lake.as_deref(), &wanted, &Steps::shown(lang))?;
    exported.losses(lang).iter().for_each(|loss| tell(loss));
    if arguments.json {
        return json(&exported);
    }
    let (place, cases, events, as_of) = (wanted.file.display(), exported.cases, exported.events, &exported.as_of);
    Ok(lang.pick(
        format!("已写入 {place}：{cases} 件工单，{events} 个事件，截至 {as_of}\n"),
        format!("{place} written: {cases} applications, {events} events, up to {as_of}\n"),
    ))
}
