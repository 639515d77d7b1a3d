//! The headers of an event log: which of them is the case, the activity, the moment and so on.

use std::collections::HashSet;

use crate::contract::Table;
use crate::ingest::headers::{self, Header};
use crate::ingest::survey::sample::{HEADER_ROWS, Sample, different, is_dated};
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::lake::Value;
use crate::spelling::word;

/// What logs call the case, the activity and so on besides the names of the table, folded and without signs.
const CASES: &[&str] = &[
    "caseid",
    "case",
    "caseidentifier",
    "casenumber",
    "caseno",
    "casekey",
    "traceid",
    "案例",
    "案例编号",
    "案例id",
    "案例号",
    "案件",
    "案件编号",
    "流程实例",
    "流程实例编号",
    "流程实例id",
    "业务编号",
];
const ACTIVITIES: &[&str] = &[
    "activity",
    "activityname",
    "event",
    "eventname",
    "task",
    "taskname",
    "活动",
    "活动名称",
    "事件",
    "事件名称",
    "节点",
    "节点名称",
    "步骤",
    "步骤名称",
    "任务",
    "任务名称",
];
const TIMES: &[&str] = &[
    "timestamp",
    "timetimestamp",
    "time",
    "eventtime",
    "datetime",
    "eventtimestamp",
    "时间戳",
    "时间",
    "发生时间",
    "事件时间",
    "操作时间",
    "记录时间",
    "事件发生时间",
];
const STARTS: &[&str] = &["starttimestamp", "timestampstart", "starttime", "startdate", "开始时间戳"];
const ENDS: &[&str] = &[
    "completetimestamp",
    "endtimestamp",
    "timestampend",
    "completetime",
    "endtime",
    "enddate",
    "finishtime",
    "完成时间戳",
    "结束时间戳",
];
const TRANSITIONS: &[&str] = &["lifecycle", "transition", "eventtype", "操作类型", "操作", "事件状态", "状态"];
const RESOURCES: &[&str] = &["resource", "user", "username", "agent", "执行人", "操作人", "资源", "人员"];
const DEPARTMENTS: &[&str] =
    &["orgunit", "organization", "organisation", "dept", "group", "orgrole", "role", "team", "班组", "组织", "角色"];

/// A share of cells, in per cent, that must be like what a header says.
const MOST: usize = 90;

/// The headers of an event log.
pub(super) struct Roles {
    pub line: u64,
    pub headers: Vec<Header>,
    pub case: usize,
    pub activity: usize,
    /// When an event happened, or began.
    pub time: usize,
    /// When it began, where a header says that.
    start: Option<usize>,
    /// When it ended, where that is another header.
    end: Option<usize>,
    pub transition: Option<usize>,
    /// Whether the lifecycle knows a start: without one the completes are finishes of stages and nothing else.
    pub has_starts: bool,
    resource: Option<usize>,
    department: Option<usize>,
}

fn plain(text: &str) -> String {
    word(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

impl Roles {
    /// The headers of a sheet that looks like an event log.
    pub(super) fn of(sample: &Sample, words: &Vocabulary) -> Option<Roles> {
        let texts = sample.texts(HEADER_ROWS);
        texts.iter().find_map(|(line, own)| {
            let headers = headers::of_rows(&[], own);
            Roles::among(sample, *line, headers, words)
        })
    }

    fn among(sample: &Sample, line: u64, headers: Vec<Header>, words: &Vocabulary) -> Option<Roles> {
        let texts: Vec<String> = headers.iter().map(|header| plain(&header.text)).collect();
        // The first in the order of the names is the likeliest.
        let named = |names: &[&str]| names.iter().find_map(|name| texts.iter().position(|text| text == name));
        let stages = Table::named("stages")?;
        let of_column = |column: &str, more: &[&str]| {
            let own: Vec<String> = stages.column(column).names().map(plain).collect();
            named(more).or_else(|| named(&own.iter().map(String::as_str).collect::<Vec<_>>()))
        };
        let case = of_column("application_id", CASES)?;
        let activity = of_column("stage", ACTIVITIES).filter(|index| *index != case)?;
        let (start, end) = (named(STARTS), named(ENDS));
        let time = start.or_else(|| named(TIMES)).or(end)?;
        let transition = of_column("transition", TRANSITIONS)
            .filter(|index| is_lifecycle(&texts[*index], &sample.column(line, *index), words));
        let has_start = |index: usize| sample.column(line, index).iter().any(|cell| is_start(*cell, words));
        let roles = Roles {
            line,
            case,
            activity,
            time,
            start,
            end: end.filter(|end| *end != time),
            transition,
            has_starts: transition.is_some_and(has_start),
            resource: of_column("handler", RESOURCES),
            department: of_column("department", DEPARTMENTS),
            headers,
        };
        roles.holds_events(sample).then_some(roles)
    }

    /// Whether the moments are dates and the cases come more than once.
    fn holds_events(&self, sample: &Sample) -> bool {
        let times = sample.column(self.line, self.time);
        let dated = times.iter().filter(|cell| is_dated(**cell)).count();
        let cases: Vec<String> = sample.column(self.line, self.case).iter().map(Cell::display).collect();
        let distinct: HashSet<&String> = cases.iter().collect();
        !times.is_empty() && dated * 100 >= times.len() * MOST && distinct.len() < cases.len()
    }

    /// The headers that are of events.
    pub(super) fn own(&self) -> impl Iterator<Item = usize> {
        [
            Some(self.case),
            Some(self.activity),
            Some(self.time),
            self.end,
            self.transition,
            self.resource,
            self.department,
        ]
        .into_iter()
        .flatten()
    }

    /// Whether nothing says when a stage began: each event has one moment, and that is the finish of its stage.
    pub(super) fn has_finishes_only(&self) -> bool {
        self.end.is_none() && self.start.is_none() && !self.has_starts
    }

    /// What each header stands for in the table of stages.
    pub(super) fn of_stages(&self) -> Vec<(&'static str, usize)> {
        // The complete of a lifecycle is the finish of its stage.
        let (start, end) = match self.has_finishes_only() {
            true => (None, Some(self.time)),
            false => (Some(self.time), self.end),
        };
        let all = [
            ("application_id", Some(self.case)),
            ("stage", Some(self.activity)),
            ("started_at", start),
            ("finished_at", end),
            ("transition", self.transition),
            ("handler", self.resource),
            ("department", self.department),
        ];
        all.into_iter().filter_map(|(column, index)| Some((column, index?))).collect()
    }
}

/// Whether a word of a lifecycle says that something began.
pub(super) fn is_start(cell: Cell<'_>, words: &Vocabulary) -> bool {
    let Some(stages) = Table::named("stages") else { return false };
    let column = stages.column("transition");
    values::read(column, cell, words) == Ok(Value::text("start"))
}

/// Whether words are those of a lifecycle: by an unmistakable name most are known; else there are starts and completes.
fn is_lifecycle(name: &str, cells: &[Cell<'_>], words: &Vocabulary) -> bool {
    let Some(stages) = Table::named("stages") else { return false };
    let column = stages.column("transition");
    let read: Vec<Option<String>> = different(cells, 30)
        .iter()
        .map(|text| values::read(column, Cell::Text(text), words).ok().map(|value| value.display()))
        .collect();
    let has = |code: &str| read.iter().flatten().any(|own| own == code);
    let known = read.iter().flatten().count();
    let is_named = name.contains("lifecycle") || name.contains("transition") || name.contains("生命周期");
    if is_named {
        known * 2 >= read.len() && known > 0
    } else {
        has("start") && has("complete") && known * 2 >= read.len()
    }
}
