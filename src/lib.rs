//! yekuo (业扩): how fast and how well an electric utility connects its customers.
//!
//! Files go in at one end, one whole dated report comes out at the other. Every row and every number can be traced
//! back, and running it again gives the same bytes.
//!
//! ```text
//! exports ── ingest ──► lake/raw ── clock ──► lake/clean ── marts ──► <out>/marts ── report ──► <out>
//!               └► rejects
//! ```
//!
//! One way, `cli → pipeline → ingest → clock → marts → report`: [`pipeline`] alone knows the order, the others take
//! paths and settings and give back paths and counts. The heart is [`clock`]; what it counts by is [`calendar`]; what
//! it is asked to do is [`config`].

pub use yekuo_calendar as calendar;

mod age;
pub mod assets;
pub mod backtest;
pub mod card;
pub mod cases;
pub mod cells;
pub mod clean;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod decimal;
pub mod disk;
pub mod draw;
pub mod error;
pub mod explain;
pub mod export;
mod failpoint;
pub mod flow;
pub mod forecast;
mod hash;
pub mod ingest;
pub mod lake;
pub mod marts;
pub mod measures;
pub mod parallel;
pub mod period;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod rules;
pub mod sample;
pub mod schema;
pub mod send;
pub mod spelling;
pub mod stats;
pub mod store;
mod supervise;
pub mod table;
pub mod verify;
pub mod vocabularies;
pub mod words;

#[cfg(test)]
mod tests;
