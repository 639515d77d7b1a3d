//! Names of the contract, read back from what a run before has written.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};

use super::TABLES;

/// The name of a table as the contract has it: a type of its own name, as serde takes references for parts of the input.
pub type TableName = &'static str;

/// The name of a table.
pub(crate) fn table<'de, D: Deserializer<'de>>(from: D) -> Result<&'static str, D::Error> {
    let name = String::deserialize(from)?;
    let mut names = TABLES.iter().map(|table| table.name);
    names.find(|known| *known == name).ok_or_else(|| D::Error::custom(format!("no table {name}")))
}

/// Numbers by the name of a column.
pub(crate) fn by_column<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<&'static str, u64>, D::Error> {
    let named = BTreeMap::<String, u64>::deserialize(from)?;
    named.into_iter().map(|(name, number)| Ok((column::<D>(&name)?, number))).collect()
}

fn column<'de, D: Deserializer<'de>>(name: &str) -> Result<&'static str, D::Error> {
    let mut names = TABLES.iter().flat_map(|table| table.columns).map(|column| column.name);
    names.find(|known| *known == name).ok_or_else(|| D::Error::custom(format!("no column {name}")))
}
