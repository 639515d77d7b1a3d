//! A pipeline file as it is written, with what counts where it says nothing.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::DEFAULT_PIPELINE;
use crate::assets::Assets;
use crate::clock::{Pending, Rules};
use crate::error::{Error, Mistake, Result, TomlFile};
use crate::period::Rhythm;
use crate::rules::only::Only;
use crate::rules::vocabulary::Promise;
use crate::spelling::is_name;
use crate::words::{Lang, Words};

/// A pipeline file.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PipelineFile {
    /// Its name, also that of its reports.
    pub name: String,
    /// What its report is called.
    #[serde(default)]
    pub title: Words,
    /// The folder of the exports, relative to the file.
    pub data: Option<PathBuf>,
    /// The source mapping, relative to the file.
    pub source: Option<String>,
    /// The calendar: a name, or a `.csv` or `.toml` file relative to this one.
    #[serde(default = "default_calendar")]
    pub calendar: String,
    /// The time zone that moments are turned into, such as `Europe/Amsterdam`; absent: the calendar's.
    pub time_zone: Option<String>,
    /// Whether figures that touch uncovered years are an error.
    #[serde(default)]
    pub strict_calendar: bool,
    /// The set of standard limits, by name.
    #[serde(default = "default_standards")]
    pub standards: String,
    /// The causes whose delays can be taken out.
    #[serde(default = "default_causes")]
    pub excludable_causes: Vec<String>,
    /// How claims that are not ruled on are treated.
    #[serde(default)]
    pub pending: Pending,
    /// Whether claims must be reported by the due date.
    #[serde(default = "default_true")]
    pub require_timely_report: bool,
    /// A claim without an end that is not admitted is believed for this many working days after it was last heard of.
    #[serde(default = "default_open_claim_wd")]
    pub open_claim_wd: u16,
    /// The service promises that count.
    #[serde(default = "default_promises")]
    pub promises: Vec<Promise>,
    /// Of fewer settled stages than this, a department gets no rank and no signal.
    #[serde(default = "default_min_cases")]
    pub min_cases: u16,
    /// Order-style against conventional: strata with fewer applications of a mode are merged with like ones.
    #[serde(default = "default_min_arm")]
    pub min_arm: u16,
    /// The horizon of that comparison: the last day on which each mode still has so many at risk in every group.
    #[serde(default = "default_min_at_risk")]
    pub min_at_risk: u16,
    /// An open application without a running stage is idle after this many working days.
    #[serde(default = "default_idle_wd")]
    pub idle_wd: u16,
    /// An outage that affects others is announced this many calendar days ahead.
    #[serde(default = "default_announce_days")]
    pub announce_days: u16,
    /// Early warning: a claim that lapses, a callback that falls due, an owner that rises within this many working days.
    #[serde(default = "default_warn_wd")]
    pub warn_wd: u16,
    /// Early warning: a stage or an application that has used this share of its limit, 0–1.
    #[serde(default = "default_warn_elapsed")]
    pub warn_elapsed: f64,
    /// Early warning: an application whose on-time probability is below this, 0–1.
    #[serde(default = "default_warn_p_on_time")]
    pub warn_p_on_time: f64,
    /// A fault's callback is due this many calendar days after restoration.
    #[serde(default = "default_fault_days")]
    pub fault_days: u16,
    /// The share of a table that may be rejected, 0–1.
    #[serde(default = "default_max_rejects")]
    pub max_rejects: f64,
    /// The language of the report, where the command line does not say.
    #[serde(default)]
    pub lang: Lang,
    /// How often there is a report.
    #[serde(default)]
    pub rhythm: Rhythm,
    /// Working days by which the newest event of the exports may lie before the as-of day.
    #[serde(default = "default_fresh_wd")]
    pub fresh_wd: u16,
    /// A stage is reminded of this many working days before it is due.
    #[serde(default = "default_remind_wd")]
    pub remind_wd: u16,
    /// The tables of the report in their order; `*` stands for every custom mart that is not named.
    #[serde(default = "default_tables")]
    pub tables: Vec<String>,
    /// The charts of the report.
    charts: Option<Vec<String>>,
    /// The figures at the top of the report.
    headlines: Option<Vec<String>>,
    /// What is cut up and handed out.
    #[serde(default)]
    pub handouts: Vec<Handout>,
    /// The 考核表 that goes round to be answered.
    pub verification: Option<Round>,
    /// The name of the workbook; absent: that of the pipeline.
    pub workbook: Option<String>,
    /// Which applications the report is about; absent: all of them.
    #[serde(default)]
    pub only: Only,
    /// Whether the report is for everybody: only the tables named, no rejects, no explanation of cases.
    #[serde(default)]
    pub public: bool,
}

/// The keys that no figure of a single case depends on: what the report shows and how, and what only marts bind.
const OF_REPORTS: [&str; 23] = [
    "name",
    "title",
    "data",
    "source",
    "max_rejects",
    "lang",
    "rhythm",
    "fresh_wd",
    "remind_wd",
    "idle_wd",
    "announce_days",
    "warn_wd",
    "warn_elapsed",
    "warn_p_on_time",
    "min_cases",
    "min_at_risk",
    "tables",
    "charts",
    "headlines",
    "handouts",
    "verification",
    "workbook",
    "public",
];

impl PipelineFile {
    /// The settings that figures of single cases depend on.
    pub(super) fn of_cases(&self) -> Result<serde_json::Value> {
        let mut settings = serde_json::to_value(self).map_err(Error::render("settings"))?;
        if let Some(settings) = settings.as_object_mut() {
            OF_REPORTS.iter().for_each(|key| drop(settings.remove(*key)));
        }
        Ok(settings)
    }

    /// The file name of the workbook.
    pub fn workbook(&self) -> String {
        self.workbook.clone().unwrap_or_else(|| format!("{}.xlsx", self.name))
    }

    /// The share of a limit after which there is a warning, in thousandths.
    pub(crate) fn warn_elapsed_milli(&self) -> u16 {
        (self.warn_elapsed * 1000.0).round_ties_even() as u16
    }

    /// The charts of the report; where the file does not say, those of the monthly pipeline.
    pub fn charts(&self) -> Vec<String> {
        self.charts.clone().unwrap_or_else(|| self.default_of("charts"))
    }

    /// The figures at the top of the report; where the file does not say, those of the monthly pipeline.
    pub fn headlines(&self) -> Vec<String> {
        self.headlines.clone().unwrap_or_else(|| self.default_of("headlines"))
    }

    /// What is for everybody shows nothing of the office that it does not name.
    fn default_of(&self, key: &str) -> Vec<String> {
        if self.public { Vec::new() } else { of_monthly(key) }
    }
}

/// Tables cut up by columns, a workbook for each of their values.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Handout {
    /// The columns, such as `department`; the last of them that is not empty names the workbook.
    pub by: Vec<String>,
    /// What the folder of its workbooks is called.
    pub title: Words,
    /// The tables, of which each must have the columns.
    pub tables: Vec<String>,
}

/// The 考核表 as forms that go round and come back: one for each value of some of its columns.
#[derive(Debug, Clone, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// What the folder of the forms is called.
    pub title: Words,
    /// The columns that tell the forms apart.
    #[serde(default = "default_by")]
    pub by: Vec<String>,
}

fn default_by() -> Vec<String> {
    vec!["department".to_owned()]
}

fn default_calendar() -> String {
    "cn".to_owned()
}
fn default_standards() -> String {
    "default".to_owned()
}
fn default_causes() -> Vec<String> {
    Rules::default().excludable_causes
}
fn default_true() -> bool {
    true
}
fn default_open_claim_wd() -> u16 {
    Rules::default().open_claim_wd
}
fn default_promises() -> Vec<Promise> {
    Promise::ALL.iter().copied().filter(|promise| *promise != Promise::SchemeOneDay).collect()
}
fn default_min_cases() -> u16 {
    10
}
fn default_min_arm() -> u16 {
    10
}
fn default_min_at_risk() -> u16 {
    5
}
fn default_idle_wd() -> u16 {
    3
}
fn default_announce_days() -> u16 {
    7
}
fn default_warn_wd() -> u16 {
    3
}
fn default_warn_elapsed() -> f64 {
    0.8
}
fn default_warn_p_on_time() -> f64 {
    0.5
}
fn default_fault_days() -> u16 {
    7
}
fn default_fresh_wd() -> u16 {
    3
}

fn default_remind_wd() -> u16 {
    1
}
/// What the monthly pipeline says of a key: the default of the others.
fn of_monthly(key: &str) -> Vec<String> {
    let monthly = Assets::embedded().toml(&format!("{DEFAULT_PIPELINE}.toml")).ok();
    let file: toml::Table = monthly.and_then(|file| file.read().ok()).unwrap_or_default();
    let names = file.get(key).and_then(toml::Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}
fn default_tables() -> Vec<String> {
    of_monthly("tables")
}
fn default_max_rejects() -> f64 {
    0.05
}

impl PipelineFile {
    /// What is wrong with it, whatever it names.
    pub(super) fn mistakes(&self, file: &TomlFile) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        if !is_name(&self.name) {
            let message = Words::new(
                "名称只用小写字母、数字、「-」和「_」，并以字母开头",
                "a name has small letters, digits, `-` and `_`, and begins with a letter",
            );
            mistakes.push(file.at("name").mistake(message));
        }
        if !self.workbook.as_deref().is_none_or(is_workbook) {
            let message = Words::new(
                "工作簿名只用字母、汉字、数字、「-」和「_」，并以 .xlsx 结尾",
                "a workbook's name has letters, digits, `-` and `_`, and ends with `.xlsx`",
            );
            mistakes.push(file.at("workbook").mistake(message));
        }
        for (key, share) in [
            ("max_rejects", self.max_rejects),
            ("warn_elapsed", self.warn_elapsed),
            ("warn_p_on_time", self.warn_p_on_time),
        ] {
            if !(0.0..=1.0).contains(&share) {
                let message = Words::new(format!("{key} 是 0 至 1 的比例"), format!("{key} is a share from 0 to 1"));
                let help = Words::new("5 % 写作 0.05", "5 % is 0.05");
                mistakes.push(file.at(key).mistake(message).help(help));
            }
        }
        mistakes
    }
}

fn is_workbook(name: &str) -> bool {
    let stem = name.strip_suffix(".xlsx").unwrap_or_default();
    !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}
