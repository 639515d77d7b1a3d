//! `yekuo lake`: what earlier runs have kept, whether it is whole, and how to be rid of it.

use std::path::Path;
use std::time::Duration;

use super::typed::{LakeArguments, LakeCommand};
use super::{json, tell};
use crate::age;
use crate::decimal::fixed;
use crate::error::{ExitStatus, Result};
use crate::store::{self, Listed};
use crate::words::Lang;

/// What was asked for, and how that ended.
pub(super) fn run(arguments: &LakeArguments, lang: Lang) -> Result<(String, ExitStatus)> {
    match &arguments.command {
        LakeCommand::List { lakes, json: true } => Ok((json(&store::list(lakes)?)?, ExitStatus::Good)),
        LakeCommand::List { lakes, json: false } => Ok((list(lakes, lang)?, ExitStatus::Good)),
        LakeCommand::Verify { lakes } => verify(lakes, lang),
        LakeCommand::Prune { lakes, days } => Ok((prune(lakes, *days, lang)?, ExitStatus::Good)),
    }
}

fn list(lakes: &Path, lang: Lang) -> Result<String> {
    let listed = store::list(lakes)?;
    if listed.is_empty() {
        tell(&nothing(lakes, lang));
    }
    Ok(listed.iter().map(|entry| line(entry, lang)).collect())
}

fn nothing(lakes: &Path, lang: Lang) -> String {
    let lakes = lakes.display();
    lang.pick(format!("{lakes} 旁没有留存的结果"), format!("nothing is kept in {lakes}"))
}

fn line(entry: &Listed, lang: Lang) -> String {
    let Listed { name, label, bytes, used, .. } = entry;
    let days = used.map_or(0, |used| age::since(used).as_secs() / DAY);
    let used = match days {
        0 => lang.pick("今天用过", "used today").to_owned(),
        _ => lang.pick(format!("{days} 天前用过"), format!("used {days} days ago")),
    };
    let told = [label.get(lang).to_owned(), megabytes(*bytes), used].join(lang.pick("，", ", "));
    format!("{name}  {told}\n")
}

fn megabytes(bytes: u64) -> String {
    fixed(bytes as f64 / 1e6, 1) + " MB"
}

fn verify(lakes: &Path, lang: Lang) -> Result<(String, ExitStatus)> {
    let verified = store::verify(lakes)?;
    if verified.is_empty() {
        tell(&nothing(lakes, lang));
    }
    let mut said = String::new();
    let mut status = ExitStatus::Good;
    for (name, wrong) in verified {
        said += &match wrong {
            None => lang.pick(format!("{name}  完好\n"), format!("{name}  whole\n")),
            Some(file) => {
                status = ExitStatus::GateFailed;
                let file = file.display();
                lang.pick(
                    format!("{name}  {file} 与留存时不同：已删除，下次运行重新计算\n"),
                    format!("{name}  {file} is not what was kept: removed, the next run works it out again\n"),
                )
            }
        };
    }
    Ok((said, status))
}

fn prune(lakes: &Path, days: u64, lang: Lang) -> Result<String> {
    let (entries, bytes) = store::prune(lakes, Duration::from_secs(days * DAY))?;
    let freed = megabytes(bytes);
    Ok(lang.pick(
        format!("删除 {entries} 项留存的结果，腾出 {freed}（已发布的报告和它们的 lake 不受影响）\n"),
        format!("removed {entries} of what was kept, which frees {freed}; published reports and their lakes stay as they are\n"),
    ))
}

/// Seconds.
const DAY: u64 = 86_400;
