//! Exports in every shape → typed rows and rejects.

mod accounting;
mod encodings;
mod forms;
mod ledger;
mod lines;
mod logs;
mod losses;
mod rules;
mod sources;
mod workbooks;
