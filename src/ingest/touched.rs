//! Cases of which a row was rejected: what is left of them tells less than the exports do.
//!
//! A stage that was rejected is missing among the passes of its application, and what is taken from its neighbours (their
//! starts, waits and numbers) may be another than it would be. The lake remembers how many rows each case lost, so that
//! the page counts such cases and `explain` says it of each.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::contract::recall::{self, TableName};
use crate::contract::{self, Table};
use crate::error::Result;
use crate::lake::{Layout, TableWriter, Value};
use crate::words::Lang;

/// Accepted cases that lost rows of a table, in the order of their identifiers.
#[derive(Default)]
pub(super) struct Touched(BTreeMap<String, u64>);

/// How many accepted cases lost rows of a table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Incomplete {
    /// The table.
    #[serde(deserialize_with = "recall::table")]
    pub table: TableName,
    /// Accepted applications and faults of which a row was rejected.
    pub cases: u64,
    /// The rows.
    pub rows: u64,
}

impl Touched {
    /// Counts a rejected row of an accepted case.
    pub(super) fn add(&mut self, case: &str) {
        match self.0.get_mut(case) {
            Some(rows) => *rows += 1,
            None => {
                self.0.insert(case.to_owned(), 1);
            }
        }
    }

    /// Keeps the cases that were accepted.
    pub(super) fn retain(&mut self, is_accepted: impl Fn(&str) -> bool) {
        self.0.retain(|case, _| is_accepted(case));
    }

    /// Writes the cases into the lake; `None` where there are none.
    pub(super) fn write(&self, lake: &Path, table: &Table) -> Result<Option<Incomplete>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let path = lake.join("raw").join(contract::REJECTED).join(format!("{}.parquet", table.name));
        let mut writer = TableWriter::create(&path, &[("case", Layout::Text), ("rows", Layout::Integer)])?;
        for (case, rows) in &self.0 {
            writer.push(&[Value::text(case), Value::Integer(*rows as i64)])?;
        }
        writer.finish()?;
        Ok(Some(Incomplete { table: table.name, cases: self.0.len() as u64, rows: self.0.values().sum() }))
    }
}

impl Incomplete {
    /// What it costs that the rows are missing.
    pub fn cost(&self, lang: Lang) -> &'static str {
        match self.table {
            "stages" => lang.pick(
                "这些工单少了环节：其余环节的次数、等待，以及取自上一环节的开始时间可能不同",
                "their other stages may have other numbers, waits and starts that are taken from the stage before",
            ),
            "delays" => lang.pick(
                "被拒的延误说明不剔除：净用时可能偏大",
                "claims that were rejected take no days out: net times may be too long",
            ),
            "callbacks" => lang.pick(
                "被拒的回访不计：可能少计已回访",
                "calls that were rejected are not counted: a case may seem not called",
            ),
            "applications" | "faults" => lang.pick(
                "同一编号另有一行被接受：采用的未必是最新的一行",
                "another row of each was accepted, which need not be the newest",
            ),
            _ => lang.pick("被拒的记录不计", "what was rejected is not counted"),
        }
    }

    /// The counts in words.
    pub fn say(&self, lang: Lang) -> String {
        let Incomplete { table, cases, rows } = self;
        let (title, cost) = (contract::title(table, lang), self.cost(lang));
        lang.pick(
            format!("  不完整：{cases} 件已接受的工单（故障）有 {rows} 行{title}被拒；{cost}"),
            format!("  incomplete: {cases} accepted cases lost {rows} rows of {title}; {cost}"),
        )
    }
}
