//! The program as its users meet it: the built binary in a folder of its own.

mod cli;
mod ingest;
mod marts;
mod publish;
mod report;
mod support;
mod util;
