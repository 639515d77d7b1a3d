//! Exports in every shape → typed rows and rejects.

mod encodings;
mod forms;
mod ledger;
mod lines;
mod logs;
mod rules;
mod sources;
mod workbooks;
