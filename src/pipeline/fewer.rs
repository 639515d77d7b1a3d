//! Whether exports hold less of the past than they did when an earlier report was made of them: what has begun does not
//! become fewer by itself, so an export that was cut short or half selected shows here.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::publish;
use crate::calendar::Day;
use crate::clean::{Begun, Totals};
use crate::disk;
use crate::words::{Lang, Words};

/// The part of an earlier `run.json` that says how much it was made from.
#[derive(Deserialize)]
struct Earlier {
    as_of: Day,
    cases: Cases,
    /// Which applications it is about, where it is not about all of them.
    only: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Cases {
    #[serde(default)]
    months: BTreeMap<Day, Begun>,
}

/// Fewer than so many tell nothing.
const FEWEST: u64 = 10;
/// Corrections take away a few: what is told is one in so many.
const ONE_IN: u64 = 20;
/// Months that are named.
const MOST: usize = 6;

/// What of the months that an earlier report saw is missing now, in words; nothing where that report does not say, or is about
/// some applications only.
pub(super) fn than(report: &Path, totals: &Totals) -> Vec<Words> {
    let read =
        disk::small(&report.join(publish::MANIFEST)).and_then(|json| serde_json::from_slice::<Earlier>(&json).ok());
    let Some(Earlier { as_of, cases, only: None }) = read else { return Vec::new() };
    // Exports that begin later than they did are meant to.
    let Some(first) = totals.months.keys().next() else { return Vec::new() };
    let before: BTreeMap<Day, Begun> = cases.months.into_iter().filter(|(month, _)| month >= first).collect();
    let told = [("受理的工单", "applications accepted"), ("开始的环节", "stages begun")];
    let told = told.into_iter().enumerate().filter_map(|(which, (zh, en))| {
        let count = |begun: &Begun| [begun.applications, begun.passes][which];
        let now = |month: &Day| totals.months.get(month).map_or(0, &count);
        let fewer: Vec<(Day, u64, u64)> = before
            .iter()
            .map(|(month, begun)| (*month, count(begun), now(month)))
            .filter(|(_, was, is)| *was >= FEWEST && (was.saturating_sub(*is)) * ONE_IN >= *was)
            .collect();
        (!fewer.is_empty()).then(|| say(as_of, &fewer, zh, en))
    });
    told.collect()
}

fn say(as_of: Day, fewer: &[(Day, u64, u64)], zh: &str, en: &str) -> Words {
    let named = |lang: Lang| {
        let month = |(month, was, is): &(Day, u64, u64)| format!("{} {was} → {is}", month.month_label());
        let named = fewer.iter().rev().take(MOST).map(month).collect::<Vec<_>>().join(lang.pick("，", ", "));
        let more = fewer.len().saturating_sub(MOST);
        match more {
            0 => named,
            _ => named + &lang.pick(format!(" 等 {} 个月", fewer.len()), format!(" and {more} months more")),
        }
    };
    Words::new(
        format!("{zh}比 {as_of} 的报告少：{}；导出可能不全，请核对", named(Lang::Zh)),
        format!("fewer {en} than in the report of {as_of}: {}; the exports may be incomplete", named(Lang::En)),
    )
}
