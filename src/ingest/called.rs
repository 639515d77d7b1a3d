//! What a mapping calls a column: the header that it has, or one of several where files differ.

use std::fmt;

use serde::Deserialize;

use super::headers::{Header, Said, meant};
use crate::contract::Column;
use crate::spelling::word;

/// The header of a column; where its files differ, a list of which the first that a sheet has counts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(
    untagged,
    expecting = "应为表头，或一列表头，如 [\"送电时间\", \"投运时间\"]\u{1e}expected a header, or a list of headers such as [\"送电时间\", \"投运时间\"]"
)]
pub enum Called {
    /// This header.
    One(String),
    /// One of these headers.
    Any(Vec<String>),
}

impl Called {
    /// The headers.
    pub fn names_of(&self) -> &[String] {
        match self {
            Called::One(name) => std::slice::from_ref(name),
            Called::Any(names) => names,
        }
    }

    /// Whether a header is one of them.
    pub(super) fn names(&self, header: &str) -> bool {
        self.names_of().iter().any(|name| word(name) == word(header))
    }

    /// The headers of a sheet that are meant.
    pub(super) fn meant(&self, column: &Column, headers: &[Header]) -> Vec<(usize, Said)> {
        let found = self.names_of().iter().map(|name| meant(column, name, headers));
        found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }
}

impl fmt::Display for Called {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.names_of().join(" / "))
    }
}
