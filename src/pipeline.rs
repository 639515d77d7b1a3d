//! The one path from exports to a published report, and the commands that are prefixes of it.
//!
//! Only `phases` knows the order; the rooms that it calls take paths and settings and give back paths and counts.
//! Everything is built in a folder next to the output and renamed into place at the end, so that the report before it
//! stays whole at every moment.

pub(crate) mod building;
pub(crate) mod editions;
mod facts;
mod fewer;
mod latest;
pub mod manifest;
mod parts;
mod phases;
pub mod publish;
mod recalled;
mod shelf;
mod standing;
mod steps;

use std::fs;
use std::path::{Path, PathBuf};

pub use building::{Building, Output, RejectsIn};
pub use parts::{Divided, divided};
pub(crate) use phases::uncovered_years;
pub use phases::{Clean, Definitions, Lake, REPLAYED_MONTHS, Request};
pub use shelf::{Shelf, shelve};
pub use steps::{Steps, Work};

use crate::calendar::Day;
use crate::clean::Kept;
use crate::config::SourceUsed;
use crate::disk;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::ingest::survey::Survey;
use crate::marts::engine::Asked;
use crate::period::Previous;
use crate::store::{Key, Store};
use crate::words::Words;
use editions::{Next, Standing};
use manifest::{Inputs, Manifest};
use phases::{Cleaned, Counted, Prepared, Read};
use publish::{Lock, Publication, Site, Staging};
use recalled::KeptClean;

/// What was published.
#[derive(Debug)]
pub struct Published<M> {
    /// The folder.
    pub out: PathBuf,
    /// What its `run.json` says.
    pub manifest: M,
    /// What was done for it; nothing where what stands there is what would have been made.
    pub work: Work,
    /// What users had changed of the report that stood there.
    pub edited: Option<Edited>,
    /// Why `latest` leads to an earlier publication, where it does.
    pub not_latest: Option<Error>,
}

/// Files of a report that users had changed before another one took its place.
#[derive(Debug)]
pub struct Edited {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Where they are now, with the rest of that report.
    pub kept: PathBuf,
}

impl Edited {
    /// What users had changed of what stood at a place, and is kept now.
    pub(crate) fn of(site: Site, kept: Option<PathBuf>) -> Option<Edited> {
        kept.filter(|_| !site.edited.is_empty()).map(|kept| Edited { files: site.edited, kept })
    }
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
    let output = &output.settled()?;
    // Without a day the report has no name yet.
    let name = request.as_of.map_or_else(|| pipeline.name.clone(), |as_of| prepared.report_name(&pipeline.name, as_of));
    let [report, lake] = output.places(&name)?;
    let staging = Staging::open(&report)?;
    let of_lake = Staging::open(&lake)?;
    let store = output.store(&report)?;
    let rejects = RejectsIn::of(pipeline.public);
    let places = [&*output.report(&pipeline.name), &*lake];
    let building = Building::staged([&staging, &of_lake], rejects, places, Some(store))?;
    let asked = if request.all_marts { Asked::All } else { Asked::Some(&prepared.contents.marts) };
    let run = Run { request, prepared: &prepared, output, building: &building, begun: &report, asked, steps };

    steps.step("读取导出文件", "reading exports");
    let surveyed = prepared.survey(building.store.as_ref())?;
    let key = prepared.clean_key(&surveyed.key, request.as_of)?;
    if let Some(published) = run.standing(&surveyed, &key)? {
        steps.done();
        return Ok(published);
    }
    let (cleaned, places) = run.cleaned(surveyed.read(&building, steps)?, &key)?;
    let relatives = prepared.relatives(&places.out, &cleaned.facts);
    let mut counted = cleaned.of_period(places.previous.clone())?.count(asked, &building, steps)?;
    let standing = Standing::at(&places.out)?;
    let next = next_edition(&counted, standing.as_ref(), &building, output.revise)?;
    match &next {
        Next::First => {}
        Next::Same(edition) | Next::Follows(edition) | Next::Stays(edition) => counted.edition(edition.clone()),
    }
    let repeated = counted.marts.repeated.clone();
    let doubts = [counted.clean.doubts(), repeated.clone()].concat();
    let shown = counted.render(&prepared.contents, &doubts, &relatives, &building.report, steps)?;
    let (work, marts) = (counted.clean.work, counted.published_marts());
    let manifest = Manifest::new(counted.clean, marts, shown, doubts, &building.report)?;
    manifest::write(&building.report, &manifest)?;

    steps.step("发布", "publishing");
    let [site, of_lake_site] = [Site::at(&places.out)?, Site::at(&places.lake)?];
    let kept = editions::put_away(&site, standing.as_ref(), &next)?;
    let lake = Publication { staging: &of_lake, built: &building.lake, site: &of_lake_site, kept: None };
    let report = Publication { staging: &staging, built: &building.report, site: &site, kept: kept.clone() };
    let stands = site.is_whole && manifest.bytes()? == fs::read(places.out.join(publish::MANIFEST)).unwrap_or_default();
    match next {
        Next::Stays(_) => {}
        _ if stands => publish::publish(&[lake])?,
        _ => publish::publish(&[lake, report])?,
    }
    run.remember(&key, (&places, &relatives), &manifest, repeated);
    steps.worked(work);
    steps.done();
    let edited = Edited::of(site, kept);
    let not_latest = latest::name(&places.out, manifest.edition).err();
    Ok(Published { out: places.out, manifest, work, edited, not_latest })
}

/// What a run is about.
struct Run<'a> {
    request: &'a Request,
    prepared: &'a Prepared,
    output: &'a Output,
    building: &'a Building<'a>,
    /// The place for which it was begun, and whose lock it holds.
    begun: &'a Path,
    asked: Asked<'a>,
    steps: &'a Steps,
}

/// Where a report goes, and which one it is compared with.
struct Places {
    out: PathBuf,
    lake: PathBuf,
    previous: Option<Previous>,
    /// Whether what stands at both is as it was published.
    is_whole: bool,
    /// The place is this run's, where that was not known when it began.
    _claim: Option<Lock>,
}

impl<'a> Run<'a> {
    /// Fails where something else is in the way.
    fn places(&self, as_of: Day) -> Result<Places> {
        let Run { prepared, output, begun, .. } = self;
        let name = &prepared.config.pipeline.name;
        let [out, lake] = output.places(&prepared.report_name(name, as_of))?;
        let claim = (out != *begun).then(|| publish::claim(&out)).transpose()?;
        editions::are_folders(&out)?;
        let is_whole = Site::at(&out)?.is_whole && Site::at(&lake)?.is_whole;
        let previous = output.previous(&out, name, as_of, prepared.lang)?;
        Ok(Places { out, lake, previous, is_whole, _claim: claim })
    }

    /// The clean tables of what was read, worked out from and by what `key` says: those of an earlier run, or made now. What is
    /// in the way of the report is told before the long part.
    fn cleaned(&self, read: Read<'a>, key: &Key) -> Result<(Cleaned<'a>, Places)> {
        let Run { request, building, steps, .. } = self;
        let reads_on_demand = self.reads_on_demand();
        let months = if reads_on_demand { REPLAYED_MONTHS } else { 0 };
        let kept = recalled::clean(building, key, reads_on_demand)?;
        if kept.is_some() {
            steps.step("沿用已计算的明细表", "taking the clean tables of an earlier run");
        }
        let kept = match kept {
            Some(KeptClean { facts, has_on_demand }) if has_on_demand || !reads_on_demand => {
                let cleaned = read.recalled(facts).reaching(request.allow_stale)?;
                let places = self.places(cleaned.facts.as_of)?;
                return Ok((cleaned, places));
            }
            other => other,
        };
        let known = read.known(request.as_of, steps)?.reaching(request.allow_stale)?.asked_for()?;
        let places = self.places(known.as_of)?;
        let buckets = recalled::Buckets::of(building, key, known.division(), months)?;
        let cleaned = match (kept, &buckets) {
            (Some(KeptClean { facts, .. }), _) => known.replay(facts, months, steps)?,
            (None, Some(buckets)) => {
                let find = |number: usize, folder: &Path| buckets.find(number, folder);
                let keep = |number: usize, folder: &Path| buckets.keep(number, folder);
                known.clean(months, Some(&Kept { find: &find, keep: &keep }), steps)?
            }
            (None, None) => known.clean(months, None, steps)?,
        };
        recalled::keep_clean(building, key, &cleaned.facts, reads_on_demand);
        if let Some(buckets) = &buckets {
            buckets.forget();
        }
        failpoint("after_clock");
        Ok((cleaned, places))
    }

    fn reads_on_demand(&self) -> bool {
        self.asked.read_on_demand(&self.prepared.catalogue)
    }
}

/// Which edition of its period's report is about to be published, by what stands at its place.
fn next_edition(
    counted: &Counted<'_>,
    standing: Option<&Standing>,
    building: &Building<'_>,
    revise: bool,
) -> Result<Next> {
    let Some(standing) = standing else { return Ok(Next::First) };
    let (lake, ledger) = (&counted.clean.lake, &counted.clean.ledger);
    let (pipeline, as_of, lang) = (lake.config.pipeline.name.as_str(), lake.as_of, lake.lang);
    standing.next(editions::Report { pipeline, as_of, lang, ledger, built: &building.report }, revise)
}

/// A report that was signed.
pub struct Signed {
    /// Which edition of its period's report it is.
    pub edition: u32,
    /// Why what `latest` names is not signed, where it is not.
    pub not_latest: Option<Error>,
}

/// Signs the report in a folder, alone: from then on no run replaces it unless it is told to revise.
pub fn sign(report: &Path, by: &str, on: Day) -> Result<Signed> {
    let folder = fs::canonicalize(report).map_err(|_| Error::NoReport { path: report.to_owned() })?;
    if editions::is_among(&folder) {
        let problem = Words::new(
            "这是以前的一版或按 latest 读取的副本，请签署报告本身",
            "this is an earlier edition, or the copy that `latest` names: sign the report itself",
        );
        return Err(Error::Place { path: report.to_owned(), problem });
    }
    let _alone = publish::claim(&folder)?;
    let edition = editions::sign(&folder, by, on)?.edition;
    Ok(Signed { edition, not_latest: latest::name(&folder, edition).err() })
}

/// Reads exports into a published lake of raw tables, and stops there.
pub fn ingest(request: &Request, lake: &Path, steps: &Steps) -> Result<(Inputs, Survey)> {
    let prepared = request.prepare()?;
    let settled = Output { lake: Some(lake.to_owned()), ..Output::default() }.settled()?.lake;
    let lake = settled.as_deref().unwrap_or(lake);
    let staging = Staging::open(lake)?;
    let store = Store::open(disk::parent(lake), false)?;
    let building = Building::staged([&staging, &staging], RejectsIn::Lake, [lake, lake], Some(store))?;
    let mut ledger = prepared.read(&building, steps)?.ledger;
    let survey = std::mem::take(&mut ledger.survey);
    staging.publish(&building.lake, &Site::at(lake)?, None)?;
    steps.done();
    Ok((ledger.into(), survey))
}

/// What a run would read, and what it would not; configuration and headers are found to be right, nothing is written.
pub fn check(request: &Request) -> Result<Checked> {
    let prepared = request.prepare()?;
    let survey = prepared.survey(None)?.survey;
    Ok(Checked { survey, source: prepared.config.source })
}

/// Which bureaus and units belong to no unit above them, in words. Only the rows name the bureaus: where there are units these
/// are read, and thrown away.
pub fn unassigned(request: &Request, steps: &Steps) -> Result<Vec<Words>> {
    let prepared = request.prepare()?;
    if prepared.config.units.is_empty() {
        return Ok(Vec::new());
    }
    let folder = building::temporary()?;
    let known = prepared.read(&Building::temporary(&folder)?, steps)?.known(request.as_of, steps)?;
    steps.done();
    Ok(known.unassigned())
}
