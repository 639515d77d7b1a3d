//! The one path from exports to a published report, and the commands that are prefixes of it.
//!
//! Only `phases` knows the order; the rooms that it calls take paths and settings and give back paths and counts.
//! Everything is built in a folder next to the output and renamed into place at the end, so that the report before it
//! stays whole at every moment.

pub(crate) mod building;
pub mod manifest;
mod phases;
pub mod publish;
mod steps;

use std::path::{Path, PathBuf};

pub use building::{Building, Output, RejectsIn};
pub use phases::{Definitions, Lake, REPLAYED_MONTHS, Request};
pub(crate) use phases::{log_rules, uncovered_years};
pub use steps::Steps;

use crate::error::Result;
use crate::ingest::survey::Survey;
use manifest::{Inputs, Manifest};
use publish::Staging;

/// What was published.
#[derive(Debug)]
pub struct Published<M> {
    /// The folder.
    pub out: PathBuf,
    /// What its `run.json` says.
    pub manifest: M,
}

/// Runs a pipeline to its published report.
pub fn run(request: &Request, output: &Output, steps: &Steps) -> Result<Published<Manifest>> {
    let prepared = request.prepare()?;
    let pipeline = &prepared.config.pipeline;
    let unnamed = output.report(&pipeline.name);
    let staging = Staging::open(building::parent(&unnamed))?;
    let rejects = RejectsIn::of(pipeline.public);
    let building = Building::staged(&staging, rejects, building::rejects_of(&unnamed))?;

    let known = prepared.read(&building, steps)?.known(request.as_of, steps)?.reaching(request.allow_stale)?;
    let out = output.report(&format!("{}-{}", pipeline.name, known.as_of));
    let lake = output.lake(&out);
    for place in [&out, &lake] {
        publish::free(place)?;
    }
    let previous = output.previous(&out, &pipeline.name, known.as_of)?;
    let counted = known.clean(previous, REPLAYED_MONTHS, steps)?.count(&building, steps)?;
    counted.render(&prepared.contents, &building.report, steps)?;
    let manifest = Manifest::new(counted, &building.report)?;
    manifest::write(&building.report, &manifest)?;

    steps.step(prepared.lang.pick("发布", "publishing"));
    staging.publish(&building.lake, &lake)?;
    staging.publish(&building.report, &out)?;
    steps.done();
    Ok(Published { out, manifest })
}

/// Reads exports into a published lake of raw tables, and stops there.
pub fn ingest(request: &Request, lake: &Path, steps: &Steps) -> Result<(Inputs, Survey)> {
    let prepared = request.prepare()?;
    let staging = Staging::open(building::parent(lake))?;
    let building = Building::staged(&staging, RejectsIn::Lake, building::rejects_of(lake))?;
    let mut ledger = prepared.read(&building, steps)?.ledger;
    let survey = std::mem::take(&mut ledger.survey);
    staging.publish(&building.lake, lake)?;
    steps.done();
    Ok((ledger.into(), survey))
}

/// What a run would read, and what it would not; configuration and headers are found to be right, nothing is written.
pub fn check(request: &Request) -> Result<Survey> {
    request.prepare()?.survey()
}
