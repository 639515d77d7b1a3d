//! Which marts a report is made of: those of its tables, headlines, charts and targets, and what these are printed with.
//!
//! The others are computed where somebody asks for all of them (`--all-marts`), or explains them.

use std::collections::BTreeSet;

use super::{Contents, changes, edition, tables};
use crate::config::Config;
use crate::marts::Catalogue;
use crate::marts::print::Print;

/// The names of the marts that a pipeline's report is made of.
pub(super) fn marts(config: &Config, catalogue: &Catalogue, contents: &Contents) -> BTreeSet<String> {
    let tables = &config.pipeline.tables;
    let built_in = tables.iter().flat_map(|name| of_built_in(name)).copied();
    let of_tables = catalogue.marts.iter().filter(|mart| tables::shows(tables, mart)).map(|mart| mart.name.as_str());
    let declared = contents.headlines.iter().chain(contents.aimed.values()).flat_map(|headline| headline.marts());
    let drawn = contents.charts.iter().flat_map(|chart| chart.marts());
    let mut needed: BTreeSet<&str> = built_in.chain(of_tables).chain(declared).chain(drawn).collect();
    // What is printed beside a row belongs to another mart, which is printed with nothing itself.
    for mart in catalogue.marts.iter().filter(|mart| tables::shows(tables, mart)) {
        needed.extend(mart.definition.printed.iter().filter_map(|printed| match &printed.print {
            Print::Rows(rows) => Some(rows.of.get_ref().as_str()),
            Print::RowNumber | Print::Blank => None,
        }));
    }
    needed.into_iter().map(str::to_owned).collect()
}

/// The marts of a table that is none itself.
fn of_built_in(name: &str) -> &'static [&'static str] {
    match name {
        "changes" => &[changes::CHANGES_OF],
        "moved" => &[changes::MOVED_OF],
        name if edition::TABLES.contains(&name) => &edition::OF,
        _ => &[],
    }
}
