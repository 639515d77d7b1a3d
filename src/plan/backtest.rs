//! How often plans came true: order-style projects planned again as they stood on the day of their acceptance.
//!
//! Each project that was accepted in the months looked back on is planned from its connection alone and from the passes
//! that had finished by that day; then is looked whether it was energised by the days that the plan named. A project
//! counts once the last of those days has come, whether it is finished or not, so that slow ones are not left out.

use std::fmt;

use serde::Serialize;

use super::facts::Application;
use super::history::{Finished, History};
use super::project::{Outlook, Planner, Usually};
use crate::calendar::Day;
use crate::clean::applications::Applications;
use crate::rules::vocabulary::Mode;
use crate::table::Rows;
use crate::words::Lang;

/// So many months are looked back on.
pub const MONTHS: u32 = 24;

/// How many of some days were met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Met {
    /// The days that have come.
    pub days: u64,
    /// Those by which the project was energised.
    pub met: u64,
}

impl Met {
    fn count(&mut self, is_met: bool) {
        self.days += 1;
        self.met += u64::from(is_met);
    }
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.met, self.days)
    }
}

/// The days that customers wished for, by what the plan said of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Wishes {
    /// Those that could be met.
    pub feasible: Met,
    /// Those that could not.
    pub not_feasible: Met,
}

impl Wishes {
    fn count(&mut self, is_feasible: bool, is_met: bool) {
        if is_feasible { self.feasible.count(is_met) } else { self.not_feasible.count(is_met) }
    }
}

/// One day that a plan names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// How often the project was energised by it.
    pub energised_by: Met,
    /// What became of the wishes that it was held against.
    pub wishes: Wishes,
}

/// How often plans came true.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Backtest {
    /// The first day of acceptance that is looked at.
    pub from: String,
    /// The projects accepted since.
    pub projects: u64,
    /// Those whose days have come: the ones judged.
    pub judged: u64,
    /// Those whose days have not come yet.
    pub not_yet: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// Those accepted when too few stages had finished to be a history.
    pub without_history: u64,
    /// Those that cannot be planned, as the process gives one of their steps no time.
    pub not_planned: u64,
    /// The earliest day by limits.
    pub by_limits: Kept,
    /// The day by the medians of history.
    pub by_half: Kept,
    /// The day by the 80th percentiles of history.
    pub by_most: Kept,
}

/// A project as it ended.
struct Past {
    application: Application,
    energised_on: Option<Day>,
    is_cancelled: bool,
}

impl Past {
    fn is_energised_by(&self, day: Day) -> bool {
        self.energised_on.is_some_and(|on| on <= day)
    }
}

impl Backtest {
    /// Plans the past again with the rules of a planner. `finished` are the passes of the lake, by day.
    pub fn run(planner: &Planner<'_>, past: &Rows<Applications>, finished: &[Finished]) -> Backtest {
        let as_of = planner.as_of;
        let from = as_of.minus_months(MONTHS);
        let mut projects: Vec<Past> = past
            .iter()
            .filter(|row| row.mode == Mode::Order && row.accepted_on >= from)
            .map(|row| Past {
                application: Application::from(&row),
                energised_on: row.energised_on,
                is_cancelled: row.energised_on.is_none() && row.cancelled_on.is_some(),
            })
            .collect();
        projects.sort_by_key(|project| project.application.accepted_on);
        let mut backtest = Backtest { from: from.to_string(), ..Backtest::default() };
        let mut then = Planner { history: History::default(), ..*planner };
        let mut finished = finished.iter().peekable();
        for project in projects {
            then.as_of = project.application.accepted_on;
            while let Some(passes) = finished.next_if(|passes| passes.on <= then.as_of) {
                then.history.add(passes);
            }
            backtest.projects += 1;
            match then.outlook(&project.application) {
                Ok(Some(outlook)) => backtest.count(&project, &outlook, as_of),
                // A step without a time, which what is planned today may not need.
                Ok(None) | Err(_) => backtest.not_planned += 1,
            }
        }
        backtest
    }

    fn count(&mut self, project: &Past, outlook: &Outlook, as_of: Day) {
        let Outlook { by_limits, by_history: Some(Usually { half_on, most_on, .. }) } = *outlook else {
            self.without_history += 1;
            return;
        };
        if project.is_cancelled {
            self.cancelled += 1;
            return;
        }
        let last = by_limits.max(half_on).max(most_on);
        if last <= as_of {
            self.judged += 1;
        } else {
            self.not_yet += 1;
        }
        let wish = project.application.desired_on.filter(|wish| *wish <= as_of);
        for (day, kept) in
            [(by_limits, &mut self.by_limits), (half_on, &mut self.by_half), (most_on, &mut self.by_most)]
        {
            if last <= as_of {
                kept.energised_by.count(project.is_energised_by(day));
            }
            if let Some(wish) = wish {
                kept.wishes.count(day <= wish, project.is_energised_by(wish));
            }
        }
    }

    /// What it says, in a few sentences.
    pub fn text(&self, lang: Lang) -> String {
        let Backtest { from, projects, judged, by_limits, by_half, by_most, .. } = self;
        let not_judged = self.not_judged(lang);
        let head = lang.pick(
            format!("回测：{from} 以来受理的订单式工单 {projects} 项，按受理当日所知重新编制；{not_judged}。"),
            format!(
                "Backtest: {projects} order-style projects accepted since {from}, planned again as known on their day of acceptance; {not_judged}."
            ),
        );
        if *judged == 0 {
            return head + lang.pick("尚无一项可以对照。", " None can be judged yet.");
        }
        let days = lang.pick(
            format!(
                "日期已到的 {judged} 项中，在按时限最早日之前（含当日）送电的 {} 项，按历史中位数 {} 项，按历史 80 分位 {} 项。",
                by_limits.energised_by.met, by_half.energised_by.met, by_most.energised_by.met,
            ),
            format!(
                " Of {judged} whose days have come, {} were energised by the earliest day by limits, {} by the day with the medians of history, {} by that with its 80th percentiles.",
                by_limits.energised_by.met, by_half.energised_by.met, by_most.energised_by.met,
            ),
        );
        let (limits, most) = (&by_limits.wishes, &by_most.wishes);
        let wishes = lang.pick(
            format!(
                "期望日期已到的：按时限可行的如期 {}，不可行的如期 {}；按历史 80 分位可行的如期 {}，不可行的如期 {}。",
                limits.feasible, limits.not_feasible, most.feasible, most.not_feasible,
            ),
            format!(
                " Wishes whose day has come: {} met where feasible by limits, {} where not; {} where feasible by 80th percentiles, {} where not.",
                limits.feasible, limits.not_feasible, most.feasible, most.not_feasible,
            ),
        );
        head + &days + &wishes
    }

    /// The projects that are not judged, and why.
    fn not_judged(&self, lang: Lang) -> String {
        let Backtest { not_yet, cancelled, without_history, not_planned, .. } = self;
        let without_times = match not_planned {
            0 => String::new(),
            _ => lang
                .pick(format!("，有环节无工期 {not_planned}"), format!(", {not_planned} with a step that has no time")),
        };
        lang.pick(
            format!("其中日期未到 {not_yet}，撤销 {cancelled}，当时历史不足 {without_history}{without_times}"),
            format!(
                "{not_yet} not due, {cancelled} cancelled, {without_history} without a history then{without_times}"
            ),
        )
    }
}
