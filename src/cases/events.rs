//! What was made of the events of the exports: which of them make a pass together, and how many happen in one moment.
//!
//! Exports that date events to the day, and systems that close one step and open the next in one transaction, record
//! several passes of a case as one moment. What came first is then known from the usual order of the stages, or only from
//! the order of the rows; a mapping says which. How often that matters is counted.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Lifecycle, Name, Names, StagePass};
use crate::contract::TieOrder;
use crate::rules::bounds::CaseEnd;
use crate::rules::process::Process;
use crate::words::Lang;

/// How the rows of stages are read as events of a log.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogRules<'a> {
    /// The order of what begins in one moment.
    pub order: TieOrder,
    /// The department that the mapping gives rows which name none.
    pub unknown_department: Option<&'a str>,
}

/// The share of passes that share their moment from which a log without a usual order is worth a remark.
const WORTH_A_REMARK: f64 = 0.05;

/// What was made of the events.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventLog {
    /// What became of start and complete rows, where the exports have such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lifecycle: Option<Lifecycle>,
    /// What ended cases, where the process says that events do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<EndsTaken>,
    /// Cases whose acceptance was taken from their first event, where the process says that events accept them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<BeginsTaken>,
    /// Passes that begin in one moment.
    pub ties: Ties,
    /// Finished stages that took no time at all, where nearly all are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub momentary: Option<Momentary>,
    /// Planned passes without a number whose stage has begun, or was planned again, in another row: that row counts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub superseded_plans: u64,
}

/// What was noted of the events of some applications.
#[derive(Default)]
pub(super) struct Noted {
    /// What became of them, where there are any.
    pub lifecycle: Option<Lifecycle>,
    /// The applications that they begin.
    pub begins: BeginsTaken,
    /// The applications that they end.
    pub ends: EndsTaken,
    /// Plans that other rows stand for.
    pub superseded_plans: u64,
    passes: u64,
    tied: u64,
    momentary: u64,
    finished: u64,
    stages: BTreeSet<Name>,
}

impl Noted {
    /// Counts passes by case and start.
    pub fn count(&mut self, passes: &[StagePass]) {
        let one_moment = passes.chunk_by(|a, b| (a.application, a.started_at) == (b.application, b.started_at));
        self.tied += one_moment.filter(|passes| passes.len() > 1).map(|passes| passes.len() as u64).sum::<u64>();
        self.passes += passes.len() as u64;
        for pass in passes {
            let is_finished = !pass.start_taken && pass.finished_at.is_some();
            self.finished += u64::from(is_finished);
            self.momentary += u64::from(is_finished && pass.finished_at == Some(pass.started_at));
            self.stages.insert(pass.stage);
        }
    }

    /// Adds what was noted of others.
    pub fn add(&mut self, others: &Noted) {
        if let Some(lifecycle) = &others.lifecycle {
            self.lifecycle.get_or_insert_default().add(lifecycle);
        }
        self.begins.cases += others.begins.cases;
        self.begins.moved += others.begins.moved;
        self.ends.cases += others.ends.cases;
        self.ends.before_acceptance += others.ends.before_acceptance;
        self.superseded_plans += others.superseded_plans;
        self.passes += others.passes;
        self.tied += others.tied;
        self.momentary += others.momentary;
        self.finished += others.finished;
        self.stages.extend(&others.stages);
    }

    /// What there is to tell, once that of all is added.
    pub fn log(self, process: &Process, order: TieOrder, names: &Names) -> EventLog {
        let Noted { lifecycle, begins, mut ends, superseded_plans, passes, tied, momentary, finished, stages } = self;
        if let Some(CaseEnd::Stages(codes)) = &process.cases.ends {
            let named = codes.iter().map(|code| (names.find(code), names.shown(code)));
            let never_met = named.filter(|(name, _)| name.is_none_or(|name| !stages.contains(&name)));
            ends.never_met = never_met.map(|(_, code)| code.to_owned()).collect();
        }
        EventLog {
            lifecycle,
            ends: process.cases.ends.is_some().then_some(ends),
            begins: process.cases.begins.then_some(begins),
            ties: Ties { passes, tied, order, usual_is_given: !process.is_open },
            momentary: Momentary::of(momentary, finished),
            superseded_plans,
        }
    }
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl EventLog {
    /// What became of plans that other rows of the same stage stand for.
    fn superseded(&self, lang: Lang) -> Option<String> {
        let words = lang.pick(
            "同一环节另有已开始的（或更新的计划）行、因此不计的计划行",
            "plans left out, as another row has the same stage begun, or planned anew:",
        );
        (self.superseded_plans > 0).then(|| words.to_owned())
    }

    /// What there is to tell, each with its number.
    pub fn counts(&self, lang: Lang) -> Vec<(String, u64)> {
        let mut counts = self.lifecycle.as_ref().map(|lifecycle| lifecycle.counts(lang)).unwrap_or_default();
        counts.extend(self.begins.iter().flat_map(|begins| begins.counts(lang)));
        counts.extend(self.ends.iter().flat_map(|ends| ends.counts(lang)));
        counts.extend(self.momentary.map(|momentary| (momentary.say(lang), momentary.stages)));
        counts.extend(self.superseded(lang).map(|words| (words, self.superseded_plans)));
        counts.extend((self.ties.tied > 0).then(|| (self.ties.say(lang), self.ties.tied)));
        counts
    }

    /// What a run tells: of a lifecycle everything, of ties where the exports have no usual order, or the mapping sets it
    /// aside.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(lifecycle) = &self.lifecycle {
            lines.push(told(lifecycle.counts(lang), lang).join(lang.pick("；", "; ")));
            if lifecycle.pairs_nothing() {
                lines.push(
                    lang.pick(
                        "注意：没有一个开始与完成属于同一环节实例；如「环节实例」一列逐行不同，请在来源映射的 [tables.stages] 中写入 ignore",
                        "note: no start and complete belong to one instance of a stage; if the instance differs from row to row, name its header in `ignore` under [tables.stages] of the source mapping",
                    )
                    .to_owned(),
                );
            }
        }
        lines.extend(self.begins.iter().flat_map(|begins| told(begins.counts(lang), lang)));
        lines.extend(self.ends.iter().flat_map(|ends| ends.lines(lang)));
        lines.extend(self.momentary.map(|momentary| lang.pick("注意：", "note: ").to_owned() + &momentary.say(lang)));
        lines.extend(self.superseded(lang).map(|words| format!("{words} {}", self.superseded_plans)));
        if self.ties.tied > 0 && (self.ties.order == TieOrder::File || !self.ties.usual_is_given) {
            let Ties { passes, tied, .. } = self.ties;
            let said = self.ties.say(lang);
            let line = lang.pick(format!("{said} {tied}/{passes}"), format!("{said}: {tied} of {passes}"));
            let hint = self.ties.order == TieOrder::Usual && self.ties.share() >= WORTH_A_REMARK;
            lines.push(match hint {
                false => line,
                true => {
                    line + lang.pick(
                        "；如行序即先后，请在来源映射的 [tables.stages] 中写明 order = \"file\"",
                        "; if the rows stand in the order of events, write order = \"file\" under [tables.stages] of the source mapping",
                    )
                }
            });
        }
        lines
    }
}

/// Counts as lines.
fn told(counts: Vec<(String, u64)>, lang: Lang) -> Vec<String> {
    let line = |(what, count)| lang.pick(format!("{what} {count}"), format!("{what}: {count}"));
    counts.into_iter().map(line).collect()
}

impl Lifecycle {
    /// What became of the events, each with its number.
    fn counts(&self, lang: Lang) -> Vec<(String, u64)> {
        let made = [
            ("开始与完成配成的环节", "passes of a start and a complete", self.paired),
            ("开始后中止或撤回的环节", "passes of a start and an abort or withdrawal", self.stopped),
            ("只有开始、按在途计的环节", "open passes of a start alone", self.started_only),
            ("只有完成、没有开始的环节", "passes of a complete alone", self.completed_only),
            ("一行兼有起止时间的环节", "passes of a row with both times", self.whole),
        ];
        let events = lang.pick("有生命周期的行", "rows with a lifecycle").to_owned();
        let made = made.into_iter().filter(|(.., count)| *count > 0);
        let made = made.map(|(zh, en, count)| (lang.pick(zh, en).to_owned(), count));
        let set_aside = self.set_aside.iter().map(|(transition, count)| {
            let title = transition.title(lang);
            (lang.pick(format!("不成为环节的行：{title}"), format!("rows that make no pass ({title})")), *count)
        });
        std::iter::once((events, self.events)).chain(made).chain(set_aside).collect()
    }
}

/// Acceptances that were taken from events: `begins` in `process.toml` or a mapping.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginsTaken {
    /// Cases with an event.
    pub cases: u64,
    /// Of them, cases to which the exports give another day.
    pub moved: u64,
}

impl BeginsTaken {
    fn counts(&self, lang: Lang) -> Vec<(String, u64)> {
        let counts = [
            ("以第一个事件为受理的工单", "applications that their first event accepts", self.cases),
            (
                "其中导出文件另有受理日期、未采用的",
                "of them, with another day of acceptance in the exports, which is not used",
                self.moved,
            ),
        ];
        let counts = counts.into_iter().filter(|(.., count)| *count > 0);
        counts.map(|(zh, en, count)| (lang.pick(zh, en).to_owned(), count)).collect()
    }
}

/// Ends of cases that were taken from their events: `ends` in `process.toml`.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndsTaken {
    /// Cases that end by an event.
    pub cases: u64,
    /// Cases whose event lies before their acceptance, which are left open.
    pub before_acceptance: u64,
    /// Stages that `ends` names and no case has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never_met: Vec<String>,
}

impl EndsTaken {
    fn counts(&self, lang: Lang) -> Vec<(String, u64)> {
        let counts = [
            ("以事件为送电时间的工单", "applications that an event ends", self.cases, true),
            (
                "结束事件早于受理、按未送电处理的工单",
                "applications left open, as the event that ends them lies before their acceptance",
                self.before_acceptance,
                false,
            ),
        ];
        let told = counts.into_iter().filter(|(.., count, always)| *always || *count > 0);
        told.map(|(zh, en, count, _)| (lang.pick(zh, en).to_owned(), count)).collect()
    }

    fn lines(&self, lang: Lang) -> Vec<String> {
        let mut lines = told(self.counts(lang), lang);
        lines.extend(self.never_met.iter().map(|stage| {
            lang.pick(
                format!("注意：ends 写有「{stage}」，数据中没有这个环节"),
                format!("note: `ends` names `{stage}`, which is no stage of the exports"),
            )
        }));
        lines
    }
}

/// Finished stages that start and end in one moment: an export that gives each event one time gives every stage no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Momentary {
    /// How many there are.
    pub stages: u64,
    /// Of how many finished stages whose start the exports give.
    pub finished: u64,
}

impl Momentary {
    /// The share of them, in per cent, from which they are worth a remark.
    const NEARLY_ALL: u64 = 95;

    /// So many of so many; `None` where they are not nearly all.
    fn of(stages: u64, finished: u64) -> Option<Momentary> {
        (stages > 0 && stages * 100 >= finished * Self::NEARLY_ALL).then_some(Momentary { stages, finished })
    }

    /// What it means, and what to do.
    fn say(self, lang: Lang) -> String {
        let Momentary { stages, finished } = self;
        lang.pick(
            format!(
                "已完成的 {finished} 个环节中有 {stages} 个的开始与完成是同一时刻，用时都是 0；如导出只记完成时间，请在来源映射中只写 columns.finished_at，并在 [cases] 中写 starts = \"previous\""
            ),
            format!(
                "{stages} of {finished} finished stages start and end in the same moment and take no time; if the exports record finishes only, name the time as columns.finished_at alone and write starts = \"previous\" under [cases] of the source mapping"
            ),
        )
    }
}

/// Passes that begin in the same moment as another of their case.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ties {
    /// Passes of all cases.
    pub passes: u64,
    /// Those of them that share their moment.
    pub tied: u64,
    /// What decides between those.
    pub order: TieOrder,
    /// Whether the process lists the stages in their usual order; else it is found from the log.
    pub usual_is_given: bool,
}

impl Ties {
    /// What they are, and what decides between them.
    fn say(&self, lang: Lang) -> String {
        let order = match self.order {
            TieOrder::Usual => lang.pick("按环节的通常次序排列", "in the usual order of the stages"),
            TieOrder::File => lang.pick("按文件中的行序排列", "in the order of the files"),
        };
        lang.pick(
            format!("与同一工单的其他环节同时开始、{order}的环节"),
            format!("passes that begin in the same moment as another of their case, {order}"),
        )
    }

    /// Their share of all passes, 0–1; zero where there is none.
    pub fn share(&self) -> f64 {
        if self.passes == 0 { 0.0 } else { self.tied as f64 / self.passes as f64 }
    }
}
