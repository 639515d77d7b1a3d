//! The program as its users meet it: the built binary in a folder of its own.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod buckets;
mod chromium;
mod cli;
mod durable;
mod editions;
mod ends;
mod examples;
mod export;
mod forms_agree;
mod hostile;
mod house;
mod ingest;
mod marts;
mod mistakes;
#[cfg(feature = "odbc")]
mod odbc;
mod only;
mod pipelines;
mod place;
mod plan;
mod promises;
mod publish;
mod reach;
mod receipt;
mod report;
mod sample;
mod schemas;
mod send;
mod session;
mod stats;
mod store;
mod translated;
mod units;
mod verify;
mod words;
