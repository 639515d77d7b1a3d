//! When cases and their stages begin and end, where exports record no more than events: in `process.toml`, and in a
//! mapping, which counts more.

use serde::Deserialize;

/// When a case begins and ends by its own events.
#[derive(Debug, Clone, Default)]
pub struct CaseBounds {
    /// Whether it is accepted when its first stage begins, regardless of the export.
    pub begins: bool,
    /// What it ends with, where the export gives no end.
    pub ends: Option<CaseEnd>,
}

/// What a case ends with.
#[derive(Debug, Clone)]
pub enum CaseEnd {
    /// The last of its stages, once all are finished.
    Last,
    /// The last finish of one of these stages, by their codes.
    Stages(Vec<String>),
}

/// What a file says of when cases and their stages begin and end by their events.
#[derive(Debug, Default, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// `first`: a case is accepted when its first stage begins.
    pub begins: Option<First>,
    /// What a case ends with: `last`, or a list of stages of which the last finish ends it.
    pub ends: Option<Ends>,
    /// `previous`: a stage of which only the finish is given began when the one before it ended.
    pub starts: Option<Starts>,
}

/// When a pass began of which the exports give only the finish.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Starts {
    /// Nobody knows: such rows are rejected.
    #[default]
    Given,
    /// When the last pass of the case that finished before it did, or at acceptance if none had.
    Previous,
}

/// The first event.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum First {
    /// When it begins.
    First,
}

/// The last event.
#[derive(Debug, Clone, Copy, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Last {
    /// When it ends.
    Last,
}

/// What a case ends with, as a file writes it.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(
    untagged,
    expecting = "ends 应为 \"last\"，或一列环节，如 [\"Case closed\"]\u{1e}`ends` is \"last\", or a list of stages such as [\"Case closed\"]"
)]
pub enum Ends {
    /// Its last event.
    Last(Last),
    /// The last of these stages.
    Stages(Vec<String>),
}
