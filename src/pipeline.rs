//! The one path from exports to a published report, and the commands that are prefixes of it.
//!
//! Only `phases` knows the order; the rooms that it calls take paths and settings and give back paths and counts.
//! Everything is built in a folder next to the output and renamed into place at the end, so that the report before it
//! stays whole at every moment.

pub(crate) mod building;
pub(crate) mod editions;
pub mod manifest;
mod phases;
pub mod publish;
mod steps;

use std::path::{Path, PathBuf};

pub use building::{Building, Output, RejectsIn};
pub(crate) use phases::uncovered_years;
pub use phases::{Definitions, Lake, REPLAYED_MONTHS, Request};
pub use steps::Steps;

use crate::calendar::Day;
use crate::config::SourceUsed;
use crate::error::Result;
use crate::ingest::survey::Survey;
use crate::marts::engine::Asked;
use crate::period::Edition;
use editions::{Next, Standing};
use manifest::{Inputs, Manifest};
use phases::Counted;
use publish::Staging;

/// What was published.
#[derive(Debug)]
pub struct Published<M> {
    /// The folder.
    pub out: PathBuf,
    /// What its `run.json` says.
    pub manifest: M,
}

/// What a run would read.
pub struct Checked {
    /// What of the exports is used, and what is not.
    pub survey: Survey,
    /// The source mapping that says so, if there is one.
    pub source: Option<SourceUsed>,
}

/// What a run would begin with.
pub struct Rehearsed {
    /// Rows of the exports.
    pub read: u64,
    /// Those of them that would be rejected.
    pub rejected: u64,
    /// The as-of day.
    pub as_of: Day,
    /// The day of the newest event by then.
    pub until: Option<Day>,
    /// The years that the calendar does not cover.
    pub uncovered_years: Vec<i32>,
}

/// Reads the exports as a run does, up to the first figure, and throws them away.
pub fn rehearse(request: &Request, steps: &Steps) -> Result<Rehearsed> {
    let prepared = request.prepare()?;
    let folder = building::temporary()?;
    let known = prepared.read(&Building::temporary(&folder)?, steps)?.known(request.as_of, steps)?;
    let rehearsed = known.reaching(request.allow_stale)?.rehearsed()?;
    steps.done();
    Ok(rehearsed)
}

/// Runs a pipeline to its published report.
pub fn run(request: &Request, output: &Output, steps: &Steps) -> Result<Published<Manifest>> {
    let mut prepared = request.prepare()?;
    prepared.config.ask_for(&request.only)?;
    let pipeline = &prepared.config.pipeline;
    let unnamed = output.report(&pipeline.name);
    let staging = Staging::open(building::parent(&unnamed))?;
    let rejects = RejectsIn::of(pipeline.public);
    let building = Building::staged(&staging, rejects, building::rejects_of(&unnamed))?;

    let known =
        prepared.read(&building, steps)?.known(request.as_of, steps)?.reaching(request.allow_stale)?.asked_for()?;
    let out = output.report(&format!("{}-{}", pipeline.name, known.as_of));
    let lake = output.lake(&out);
    for place in [&out, &lake] {
        publish::free(place)?;
    }
    let previous = output.previous(&out, &pipeline.name, known.as_of)?;
    let asked = if request.all_marts { Asked::All } else { Asked::Some(&prepared.contents.marts) };
    let mut counted = known
        .clean(previous, asked.made(&prepared.catalogue), REPLAYED_MONTHS, steps)?
        .count(asked, &building, steps)?;
    let next = next_edition(&counted, &out, &building, output.revise)?;
    match &next {
        Next::First => {}
        Next::Same(edition) | Next::Follows(edition) | Next::Stays(edition) => counted.edition(edition.clone()),
    }
    let targets = counted.render(&prepared.contents, &building.report, steps)?;
    let manifest = Manifest::new(counted, targets, &building.report)?;
    manifest::write(&building.report, &manifest)?;

    steps.step("发布", "publishing");
    if let Next::Follows(Edition { before: Some(before), .. }) = &next {
        editions::keep(&staging, before)?;
    }
    if !matches!(next, Next::Stays(_)) {
        staging.publish(&building.lake, &lake)?;
        staging.publish(&building.report, &out)?;
    }
    steps.done();
    Ok(Published { out, manifest })
}

/// Which edition of its period's report is about to be published, by what stands at its place.
fn next_edition(counted: &Counted<'_>, out: &Path, building: &Building<'_>, revise: bool) -> Result<Next> {
    let Some(standing) = Standing::at(out)? else { return Ok(Next::First) };
    let (lake, ledger) = (&counted.clean.lake, &counted.clean.ledger);
    let (pipeline, as_of) = (lake.config.pipeline.name.as_str(), lake.as_of);
    standing.next(editions::Report { pipeline, as_of, ledger, built: &building.report }, revise)
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
pub fn check(request: &Request) -> Result<Checked> {
    let prepared = request.prepare()?;
    Ok(Checked { survey: prepared.survey()?, source: prepared.config.source })
}
