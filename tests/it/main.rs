//! The program as its users meet it: the built binary in a folder of its own.

mod cli;
mod ingest;
mod publish;
mod util;
