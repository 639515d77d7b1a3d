//! JSON schemas of every kind of configuration file, for editors: made from the types that read the files.
//!
//! They stand in `pipelines/schema/`, embedded like the files themselves, so that the line `#:schema …` of a file works
//! offline; a test compares them with the types.

use schemars::JsonSchema;
use schemars::r#gen::{SchemaGenerator, SchemaSettings};
use schemars::schema::RootSchema;

use crate::calendar::CalendarFile;
use crate::config::PipelineFile;
use crate::error::{Error, Result, Sought};
use crate::ingest::mapping::Mapping;
use crate::marts::{AuditDefinition, definition, example};
use crate::report::form::FormFile;
use crate::report::{charts, headline};
use crate::rules::house::HouseFile;
use crate::rules::limits::StandardsFile;
use crate::rules::owners::OwnersFile;
use crate::rules::process::ProcessFile;
use crate::rules::scorecard::Scorecard;
use crate::rules::targets::TargetsFile;
use crate::rules::units::UnitsFile;
use crate::send::settings::SendFile;
use crate::spelling::nearest;
use crate::vocabularies;
use crate::words::Lang;

/// A kind of configuration file.
pub struct Kind {
    /// What its schema is called.
    pub name: &'static str,
    /// Where such files stand.
    pub place: &'static str,
    zh: &'static str,
    en: &'static str,
    make: fn(SchemaGenerator) -> RootSchema,
}

/// Every kind of configuration file.
pub const KINDS: [Kind; 20] = [
    kind("pipeline", "pipelines/*.toml", "流水线", "a pipeline", root::<PipelineFile>),
    kind("source", "sources/*.toml", "来源映射", "a source mapping", root::<Mapping>),
    kind("process", "pipelines/process.toml", "环节与流程", "stages and their network", root::<ProcessFile>),
    kind("standards", "pipelines/standards.toml", "标准时限", "standard limits", root::<StandardsFile>),
    kind("calendar", "pipelines/calendars/*.toml", "日历", "a calendar", root::<CalendarFile>),
    kind("owners", "pipelines/owners.toml", "工单主人", "the owners of an application", root::<OwnersFile>),
    kind("scorecard", "pipelines/scorecard.toml", "评分", "scores and proposals", root::<Scorecard>),
    kind("targets", "pipelines/targets.toml", "目标", "what figures are to reach", root::<TargetsFile>),
    kind("form", "pipelines/form.toml", "发出的考核表", "the assessment form that goes round", root::<FormFile>),
    kind("house", "pipelines/house.toml", "单位与文号", "the unit and its documents' numbers", root::<HouseFile>),
    kind("send", "pipelines/send.toml", "谁收什么报告", "who gets which reports", root::<SendFile>),
    kind("units", "pipelines/units.toml", "单位层级", "the units that bureaus belong to", root::<UnitsFile>),
    kind(
        "vocabularies",
        "pipelines/vocabularies.toml",
        "代码的名称",
        "what codes are called",
        root::<vocabularies::Layer>,
    ),
    kind("columns", "pipelines/columns.toml", "指标的名称与含义", "what columns mean", root::<definition::Meanings>),
    kind("mart", "pipelines/marts/*.toml", "指标表", "a mart", root::<definition::MartFile>),
    kind("examples", "pipelines/examples.toml", "算例的措辞", "how worked examples are told", root::<example::Telling>),
    kind(
        "example",
        "pipelines/marts/examples/*.toml",
        "指标表的算例",
        "a mart worked out",
        root::<example::ExampleFile>,
    ),
    kind("audit", "pipelines/audits/*.toml", "校验", "an audit", root::<AuditDefinition>),
    kind("chart", "pipelines/charts/*.toml", "图表", "a chart", charts::schema),
    kind("headlines", "pipelines/headlines.toml", "要点数字", "the figures at the top", headline::schema),
];

const fn kind(
    name: &'static str,
    place: &'static str,
    zh: &'static str,
    en: &'static str,
    make: fn(SchemaGenerator) -> RootSchema,
) -> Kind {
    Kind { name, place, zh, en, make }
}

fn root<T: JsonSchema>(generator: SchemaGenerator) -> RootSchema {
    generator.into_root_schema_for::<T>()
}

impl Kind {
    /// What files of the kind hold.
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Result<&'static Kind> {
        KINDS.iter().find(|kind| kind.name == name).ok_or_else(|| {
            let nearest = nearest(name, KINDS.iter().map(|kind| kind.name)).map(str::to_owned);
            Error::Unknown { what: Sought::Schema, name: name.to_owned(), nearest }
        })
    }

    /// The schema, as a file.
    pub fn text(&self) -> Result<String> {
        // Editors of TOML read this draft; TOML has no null.
        let settings = SchemaSettings::draft07().with(|settings| settings.option_add_null_type = false);
        let mut schema = (self.make)(settings.into_generator());
        schema.schema.metadata().title = Some(self.en.to_owned());
        let text = serde_json::to_string_pretty(&schema).map_err(Error::render("a schema"))?;
        Ok(text + "\n")
    }
}
