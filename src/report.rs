//! What a report contains, as files: rows in, bytes out.
//!
//! [`tables`] turns the marts into tables of `cells`, [`charts`] into drawings, [`headline`] into the figures at the
//! top; what those show is declared in files (`declared`). [`html`] and [`xlsx`] only lay out; neither computes
//! anything, and nothing here touches the disk except to read.

mod changes;
pub mod charts;
mod declared;
mod edition;
pub(crate) mod example;
mod findings;
pub(crate) mod form;
mod handouts;
pub mod headline;
pub mod html;
mod needed;
mod quality;
mod rows;
pub(crate) mod shelf;
mod spark;
mod summary;
mod survey;
pub mod tables;
mod targets;
pub mod xlsx;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use self::charts::Drawn;
use self::declared::Declared;
pub use self::handouts::HandedOut;
use self::handouts::People;
use self::headline::Headline;
pub use self::targets::Reached;
use crate::calendar::Day;
use crate::cases::EventLog;
use crate::cases::apart::Kept;
use crate::cells::Table;
use crate::clean::Totals;
use crate::config::Config;
use crate::contract::Given;
use crate::draw;
use crate::error::{Error, Mistake, Result, Stale};
use crate::ingest::Ledger;
use crate::lake::Columns;
use crate::marts::engine::MartFiles;
use crate::marts::{Catalogue, Laid};
use crate::parallel;
use crate::period::Period;
use crate::spelling::{Joined, nearest};
use crate::words::{Lang, Words};

/// Everything that a report is made from.
pub struct Input<'a> {
    /// The configuration of the run.
    pub config: &'a Config,
    /// The marts' definitions.
    pub catalogue: &'a Catalogue,
    /// The headlines and charts.
    pub contents: &'a Contents,
    /// The marts.
    pub marts: &'a MartFiles,
    /// The folder of the clean tables.
    pub clean: &'a Path,
    /// What became of every row.
    pub ledger: &'a Ledger,
    /// What the clock counted.
    pub totals: &'a Totals,
    /// What makes the figures doubtful as a whole, in words.
    pub doubts: &'a [Words],
    /// Which tables there are.
    pub given: &'a Given,
    /// How many applications it is about; `None`: all of them.
    pub kept: Option<&'a Kept>,
    /// The years that the figures touch and the calendar does not cover.
    pub uncovered_years: &'a [i32],
    /// The newest event of the exports.
    pub data_until: Option<Day>,
    /// What of the exports ends too early.
    pub stale: Option<&'a Stale>,
    /// Names that the exports spell in several ways.
    pub joined: &'a [Joined],
    /// What was made of the events of the exports.
    pub events: &'a EventLog,
    /// The days that the report is about.
    pub period: &'a Period,
    /// The reports next to it that belong to it.
    pub relatives: &'a Relatives,
    /// The last day that is known.
    pub as_of: Day,
    /// The language.
    pub lang: Lang,
}

impl Input<'_> {
    /// The columns of a mart; nothing where the catalogue has been stripped of it.
    fn mart(&self, name: &str) -> Result<Option<Columns<'_>>> {
        Ok(self.marts.table(name)?.map(Columns))
    }

    /// Whether some table of the report needs an input table.
    fn needs(&self, table: &str) -> bool {
        let shown = |mart: &&crate::marts::Mart| {
            let tables = &self.config.pipeline.tables;
            tables.contains(&mart.name)
        };
        let needs = |mart: &crate::marts::Mart| {
            let columns = mart.definition.laid_out().into_iter().flat_map(Laid::needs);
            mart.definition.needs.iter().chain(columns).any(|needed| needed == table)
        };
        self.catalogue.marts.iter().filter(shown).any(needs)
    }

    /// The unit and the number of the document, as far as they are known.
    fn heads(&self) -> Vec<String> {
        self.config.house.heads(self.as_of, self.period.edition.number, self.lang)
    }

    /// Which applications it is about, in words; empty: all of them.
    fn about(&self) -> String {
        self.config.pipeline.only.say(self.lang)
    }

    /// What each sheet says of the report as a whole: which applications it is about, its day, and how far the exports reach.
    fn facts(&self) -> String {
        let (as_of, until, about) = (self.as_of, self.data_until(), self.about());
        let dated = self
            .lang
            .pick(format!("统计日 {as_of}，数据截至 {until}。"), format!("As of {as_of}, data up to {until}."));
        match about.is_empty() {
            true => dated,
            false => self.lang.pick(format!("只含：{about}。{dated}"), format!("About {about} only. {dated}")),
        }
    }

    /// The newest event of the exports, as readers see it.
    fn data_until(&self) -> String {
        self.data_until.map_or_else(|| self.lang.pick("无数据", "no data").to_owned(), |day| day.to_string())
    }

    /// The month that the report is about, its first day.
    fn month(&self) -> Day {
        self.as_of.month()
    }
}

/// The reports of the same day that stand next to one and that it leads to.
#[derive(Debug, Default, Serialize)]
pub struct Relatives {
    /// Of its units.
    pub parts: Vec<Relative>,
    /// Of what it is a part of, the greatest first.
    pub wholes: Vec<Relative>,
}

/// A report next to another.
#[derive(Debug, Serialize)]
pub struct Relative {
    /// What it is about.
    pub name: String,
    /// Its folder.
    pub folder: String,
}

/// What a report is.
pub struct Rendered {
    /// Its files.
    pub artefacts: Vec<Artefact>,
    /// What it shows of its figures.
    pub shown: Shown,
}

/// What a report shows of its figures as a whole, and what it hands out.
#[derive(Debug)]
pub struct Shown {
    /// The figures at the top.
    pub headlines: Vec<Headline>,
    /// How figures stand to their targets.
    pub targets: Vec<Reached>,
    /// What it hands out.
    pub handouts: Vec<HandedOut>,
}

/// One file of a report: its path in the report's folder, and its bytes.
pub type Artefact = (String, Vec<u8>);

/// The headlines and charts of a report, as files declare them.
#[derive(Debug)]
pub struct Contents {
    headlines: Vec<Declared<Headline>>,
    charts: Vec<Declared<Drawn>>,
    /// Headlines that targets are about and the report does not show, by name.
    aimed: BTreeMap<String, Declared<Headline>>,
    /// The columns of the 考核表 that goes round.
    form: Vec<form::Declared>,
    /// The marts that the report is made of.
    pub marts: BTreeSet<String>,
}

impl Contents {
    /// Reads what a pipeline names, and finds that its tables and hand-outs are there; every mistake is collected.
    pub fn read(config: &Config, catalogue: &Catalogue) -> Result<Contents> {
        let (pipeline, of) = (&config.pipeline, (config, catalogue));
        let mut mistakes = table_mistakes(config, catalogue);
        mistakes.extend(handout_mistakes(config, catalogue));
        mistakes.extend(round_mistakes(config, catalogue));
        let (headline_files, chart_files) = (config.assets.layers("headlines.toml")?, charts::files(config)?);
        let sources = headline::sources(&headline_files, &mut mistakes);
        let charts = charts::sources(&chart_files, &mut mistakes);
        let headlines =
            declared::read(of, ("headlines", &pipeline.headlines()), &sources, headline::FORMS, &mut mistakes);
        let aimed = targets::figures(of, &headlines, &sources, &mut mistakes);
        let charts = declared::read(of, ("charts", &pipeline.charts()), &charts, charts::FORMS, &mut mistakes);
        let form = form::declared(config, catalogue, &mut mistakes)?;
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        let mut contents = Contents { headlines, charts, aimed, form, marts: BTreeSet::new() };
        contents.marts = needed::marts(config, catalogue, &contents);
        Ok(contents)
    }
}

/// The tables that a pipeline hands out and that are not there, or lack the column to cut them by.
fn handout_mistakes(config: &Config, catalogue: &Catalogue) -> Vec<Mistake> {
    let pipeline = &config.pipeline;
    let mut mistakes = Vec::new();
    for (number, handout) in pipeline.handouts.iter().enumerate() {
        let here = config.file.at("handouts").item(number).key("tables");
        for (number, table) in handout.tables.iter().enumerate() {
            let mart = catalogue.marts.iter().find(|mart| mart.name == *table);
            let has = mart.is_some_and(|mart| handout.by.iter().all(|by| mart.definition.has(by)));
            if !has || pipeline.public || !pipeline.tables.contains(table) {
                let by = handout.by.join("`, `");
                mistakes.push(here.item(number).mistake(Words::new(
                    format!("「{table}」不能按「{by}」分发：本报告没有带这些列的这张表"),
                    format!(
                        "`{table}` cannot be handed out by `{by}`: it is no table of this report with such columns"
                    ),
                )));
            }
        }
    }
    mistakes
}

/// What keeps the 考核表 from going round: it is no table of the report, or lacks a column to cut it by.
fn round_mistakes(config: &Config, catalogue: &Catalogue) -> Vec<Mistake> {
    let Some(round) = &config.pipeline.verification else { return Vec::new() };
    let here = config.file.at("verification");
    let table = form::ANSWERED;
    if config.pipeline.public || !config.pipeline.tables.iter().any(|name| name == table) {
        let message = Words::new(
            format!("没有考核表可发：本报告的 tables 中没有「{table}」"),
            format!("there is nothing to verify: `{table}` is no table of this report"),
        );
        return vec![here.key_mistake(message)];
    }
    let mart = catalogue.marts.iter().find(|mart| mart.name == table);
    let lacks = |by: &String| mart.is_none_or(|mart| !mart.definition.has(by));
    let lacking = round.by.iter().enumerate().filter(|(_, by)| lacks(by));
    let mistake = |(number, by): (usize, &String)| {
        let message = Words::new(format!("「{table}」没有「{by}」列"), format!("`{table}` has no column `{by}`"));
        here.key("by").item(number).mistake(message)
    };
    lacking.map(mistake).collect()
}

/// The tables of a pipeline that are not there, named twice, or not for the public.
fn table_mistakes(config: &Config, catalogue: &Catalogue) -> Vec<Mistake> {
    let pipeline = &config.pipeline;
    let marts = catalogue.marts.iter().map(|mart| mart.name.as_str());
    let known: Vec<&str> = marts.chain(tables::BUILT_IN).chain(["*"]).collect();
    let mut mistakes = Vec::new();
    for (number, name) in pipeline.tables.iter().enumerate() {
        let here = config.file.at("tables").item(number);
        if !known.contains(&name.as_str()) {
            let near = nearest(name, known.iter().copied());
            let message = Words::new(format!("没有表「{name}」"), format!("there is no table `{name}`"));
            mistakes.push(here.mistake(message).did_you_mean(near));
        } else if pipeline.public && !name.starts_with("public_") {
            let message = Words::new(
                format!("「{name}」仅供内部使用：公开报告只能有 public_ 开头的表"),
                format!("`{name}` is for the office: a public report has `public_` tables only"),
            );
            mistakes.push(here.mistake(message));
        }
        if pipeline.tables[..number].contains(name) {
            let message = Words::new(format!("「{name}」写了两次"), format!("`{name}` is named twice"));
            mistakes.push(here.mistake(message));
        }
    }
    mistakes
}

/// Renders every file of the report, besides the marts, the rejects and the manifest.
pub fn render(input: &Input<'_>) -> Result<Rendered> {
    let targets = targets::outcomes(input)?;
    let tables = tables::all(input, &targets)?;
    let people = People::read(input)?;
    let mut handouts = handouts::all(input, &tables, &people)?;
    handouts.extend(form::all(input, &tables, &people)?);
    let tables: Vec<Table> = tables.into_iter().map(Table::visible).collect();
    let contents = input.contents;
    let charts = contents.charts.iter().map(|declared| charts::draw(input, declared)).collect::<Result<Vec<_>>>()?;
    let headline = |declared: &Declared<Headline>| {
        let mut headline = declared.make(input)?;
        let target = targets.iter().find(|outcome| outcome.of_all() == Some(declared.name.as_str()));
        headline.target = target.map(|outcome| outcome.say(input.lang)).unwrap_or_default();
        Ok(headline)
    };
    let headlines = contents.headlines.iter().map(headline).collect::<Result<Vec<_>>>()?;
    let summary = summary::of(input, &headlines, &tables)?;

    let png = |chart: &charts::Chart| {
        let drawable = draw::cover_missing(&chart.svg);
        draw::render_png(&drawable, 2.0).map_err(Error::render(format!("charts/{}", chart.name)))
    };
    let workbook = input.config.pipeline.workbook();
    let (pngs, files) = parallel::beside(
        || charts.iter().map(png).collect::<Result<Vec<_>>>(),
        || -> Result<_> {
            let book = xlsx::workbook(input, &workbook, &summary, &charts, &tables)?;
            let mut files = html::pages(input, summary, &charts, &tables)?;
            files.push((workbook, book));
            Ok(files)
        },
    );
    let mut artefacts = Vec::new();
    for (chart, png) in charts.iter().zip(pngs?) {
        artefacts.push((format!("charts/{}.svg", chart.name), chart.svg.clone().into_bytes()));
        artefacts.push((format!("charts/{}.png", chart.name), png));
    }
    artefacts.extend(files?);
    let mut handed_out = Vec::new();
    for (handout, bytes) in handouts {
        artefacts.push((handout.path.clone(), bytes));
        handed_out.push(handout);
    }
    let targets = targets.iter().map(Reached::from).collect();
    let shown = Shown { headlines, targets, handouts: handed_out };
    Ok(Rendered { artefacts, shown })
}
