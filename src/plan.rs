//! The plan confirmation table (业扩工程计划安排确认表): every stage scheduled backwards from the requested date (docs/method.md §9).
//!
//! The exports are read and the clock is run as for a report, into a lake that is thrown away; `facts` takes from it
//! what is on record and how long stages usually take, `network` what is left to do, `schedule` when it can and must be
//! done, `project` puts the three together; `table`, `sheet` and `chart` lay those out. The cost is that of
//! reading the exports, plus a sheet and two pictures for each project. `history` knows how long stages took, and
//! `backtest` how often plans of the past came true.
//!
//! What the text of the rule leaves open is decided so:
//!
//! - Nothing that is left begins before the as-of day; what is under way keeps its own due date, even one that is past.
//! - A stage is due on its latest finish. If the requested date cannot be met, the plan is that of the earliest day.
//! - A stage's time is the limit that the rule book has for the day on which it can begin at the earliest.

pub mod backtest;
pub mod chart;
pub mod facts;
pub mod history;
pub mod network;
pub mod project;
pub mod schedule;
pub mod sheet;
pub mod table;

use std::path::PathBuf;

use clap::ValueEnum;
use serde::Serialize;

use crate::calendar::Day;
use crate::clean::applications::Applications;
use crate::disk;
use crate::draw;
use crate::error::{Error, Result};
use crate::pipeline::editions::{self, Next, Standing};
use crate::pipeline::manifest::{self, Artefact, Inputs};
use crate::pipeline::publish::{self, Site, Staging};
use crate::pipeline::{Building, Clean, Edited, Output, Published, RejectsIn, Request, Steps, uncovered_years};
use crate::spelling::FileNames;
use crate::table::Rows;
use backtest::Backtest;
use project::{Outcome, Planner, Project};

/// Which applications are planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The open order-style ones with a requested date, none of whose stages has a due date in the export.
    Unplanned,
    /// Every open order-style one.
    All,
    /// These.
    Named(Vec<String>),
}

/// What says how long a stage takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// 标准时限 · the rule book
    #[default]
    Limits,
    /// 同类环节净工作日的 80 分位 · the 80th percentile of the net days of like stages
    History,
}

/// What is to be planned, and where the plans go.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which applications.
    pub which: Which,
    /// How long stages take.
    pub basis: Basis,
    /// The folder; `None`: `reports/<pipeline>-plan-<as-of>`.
    pub out: Option<PathBuf>,
}

/// What was planned, for programs: `run.json`.
#[derive(Debug, Serialize)]
pub struct Manifest {
    program: String,
    pipeline: String,
    /// The last day that was known.
    pub as_of: Day,
    lang: &'static str,
    basis: Basis,
    standards: String,
    /// The years that the plans touch and the calendar does not cover.
    pub uncovered_years: Vec<i32>,
    /// One line per file: its hash and the outcome of its rows.
    pub inputs: Inputs,
    /// How often plans of the past came true.
    pub backtest: Backtest,
    /// One line per project.
    pub projects: Vec<Summary>,
    artefacts: Vec<Artefact>,
}

/// The summary of one project.
#[derive(Debug, Serialize)]
pub struct Summary {
    application_id: String,
    desired_on: Option<String>,
    earliest_on: String,
    planned_on: String,
    /// Whether the requested date can be met; null without one.
    pub is_feasible: Option<bool>,
    short_wd: Option<i32>,
    /// The earliest day by due dates and limits; null where the supply is live.
    by_limits_on: Option<String>,
    /// The day if each stage takes the median of what like stages took; null without a history.
    half_on: Option<String>,
    /// The same with their 80th percentiles.
    most_on: Option<String>,
    critical: Vec<String>,
}

/// Plans what is asked for and publishes it, whole or not at all.
pub fn run(request: &Request, wanted: Wanted, steps: &Steps) -> Result<Published<Manifest>> {
    let Wanted { which, basis, out } = wanted;
    let prepared = request.prepare()?;
    let (config, lang) = (&prepared.config, prepared.lang);
    let goal = config.process.network.goal()?;
    let output = Output { out, ..Output::default() };
    let unnamed = format!("{}-plan", config.pipeline.name);
    let output = output.settled()?;
    let begun = output.report(&unnamed);
    let staging = Staging::open(&begun)?;
    let rejects = RejectsIn::of(config.pipeline.public);
    let building = Building::staged([&staging; 2], rejects, [&begun; 2], None)?;
    let known = prepared.read(&building, steps)?.known(request.as_of, steps)?;
    let as_of = known.as_of;
    let out = output.report(&format!("{unnamed}-{as_of}"));
    let _claim = (out != begun).then(|| publish::claim(&out)).transpose()?;
    Site::at(&out)?;
    let standing = Standing::at(&out)?;
    standing.as_ref().map_or(Ok(()), |standing| standing.unsigned(false))?;
    let Clean { ledger, work, .. } = known.clean(0, None, steps)?.of_period(None)?;
    let (lake, built) = (&building.lake, &building.report);

    steps.step("编制计划", "planning");
    let applications = facts::applications(lake, &which)?;
    let finished = history::finished(lake)?;
    let planner = Planner { config, goal, as_of, lang, basis, history: finished.iter().collect() };
    let mut projects = applications.into_iter().map(|a| planner.project(a)).collect::<Result<Vec<_>>>()?;
    let backtest = Backtest::run(&planner, &Rows::<Applications>::read(&lake.join("clean"))?, &finished);
    name_files(&mut projects);
    let last_on = projects.iter().map(Project::last_on).max().unwrap_or(as_of);
    let uncovered_years = uncovered_years(config, as_of, last_on)?;

    steps.step("生成计划表", "rendering the plans");
    disk::write(&built.join("plan.csv"), &table::csv(&projects)?)?;
    let context = sheet::Context {
        standards: config.standards.title.get(lang),
        basis,
        backtest: &backtest,
        uncovered_years: &uncovered_years,
        as_of,
        lang,
    };
    disk::write(&built.join("plan.xlsx"), &sheet::workbook(&context, &projects)?)?;
    for project in &projects {
        let artefact = format!("charts/{}", project.file_name);
        let svg = chart::svg(project, as_of, lang).map_err(Error::render(&artefact))?;
        let png = draw::render_png(&draw::cover_missing(&svg), 2.0).map_err(Error::render(&artefact))?;
        disk::write(&built.join(format!("{artefact}.svg")), svg.as_bytes())?;
        disk::write(&built.join(format!("{artefact}.png")), &png)?;
    }
    let manifest = Manifest {
        program: format!("yekuo {}", env!("CARGO_PKG_VERSION")),
        pipeline: config.pipeline.name.clone(),
        as_of,
        lang: lang.code(),
        basis,
        standards: config.pipeline.standards.clone(),
        uncovered_years,
        inputs: ledger.into(),
        backtest,
        projects: projects.iter().map(summary).collect(),
        artefacts: Artefact::list(built)?,
    };
    manifest::write(built, &manifest)?;
    steps.step("发布", "publishing");
    let site = Site::at(&out)?;
    let kept = editions::put_away(&site, standing.as_ref(), &Next::First)?;
    staging.publish(built, &site, kept.clone())?;
    steps.done();
    Ok(Published { out, manifest, work, edited: Edited::of(site, kept), not_latest: None })
}

fn summary(project: &Project) -> Summary {
    let Outcome { desired_on, earliest_on, planned_on, short_wd, .. } = project.outcome;
    let critical = project.todo().filter(|(_, todo)| todo.days.is_critical).map(|(line, _)| line.code.clone());
    let usually = project.outlook.and_then(|outlook| outlook.by_history);
    Summary {
        application_id: project.application.application_id.clone(),
        desired_on: desired_on.map(|day| day.to_string()),
        earliest_on: earliest_on.to_string(),
        planned_on: planned_on.to_string(),
        is_feasible: project.outcome.is_feasible(),
        short_wd,
        by_limits_on: project.outlook.map(|outlook| outlook.by_limits.to_string()),
        half_on: usually.map(|usually| usually.half_on.to_string()),
        most_on: usually.map(|usually| usually.most_on.to_string()),
        critical: critical.collect(),
    }
}

/// Gives each project a file name of its own.
fn name_files(projects: &mut [Project]) {
    let mut names = FileNames::new(60, "-");
    for project in projects {
        let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let id = project.application.application_id.chars().map(|c| if kept(c) { c } else { '-' });
        project.file_name = names.of(&id.collect::<String>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;
    use crate::rules::limits::{Connection, Supply};

    /// A project without anything to do.
    fn bare(id: &str) -> Project {
        let day = Day::FIRST;
        Project {
            application: facts::Application {
                application_id: id.to_owned(),
                customer_name: None,
                bureau: String::new(),
                capacity_kva: 0.0,
                connection: Connection { voltage_kv: 10.0, supply: Supply::Single, new_feeder: false },
                manager_id: None,
                accepted_on: day,
                desired_on: None,
                promised_on: None,
                has_plan: false,
                records: std::collections::BTreeMap::new(),
            },
            outcome: Outcome { desired_on: None, earliest_on: day, planned_on: day, short_wd: None, is_reached: false },
            outlook: None,
            lines: Vec::new(),
            file_name: String::new(),
        }
    }

    #[test]
    fn every_identifier_makes_a_file_name_of_its_own() {
        let ids = ["A1", "a1", "../etc/passwd", "业扩/2026:1", "...", "nul.x", "COM7", "COMB", ".hidden", "A*1", "A?1"];
        let mut projects: Vec<Project> = ids.iter().map(|id| bare(id)).collect();
        name_files(&mut projects);
        let names: Vec<&str> = projects.iter().map(|project| project.file_name.as_str()).collect();
        assert_eq!(
            names,
            ["A1", "a1-2", "-etc-passwd", "业扩-2026-1", "-", "-nul.x", "-COM7", "COMB", "hidden", "A-1", "A-1-2"]
        );
    }
}
