//! Event logs: a row an event, with its case, its activity and its moment. One sheet gives stages and applications.

use std::collections::{BTreeMap, HashSet};

use super::columns::Placed;
use super::sheets::{Assigned, HEADER_ROWS, Reading, Sheet};
use super::{Certainty, Guess, Item, Key, Looking, Part, not_said};
use crate::contract::Table;
use crate::error::Result;
use crate::ingest::headers::{self, Header};
use crate::ingest::survey::sample::{Sample, different, is_dated};
use crate::ingest::values::{self, Cell, DateOrder, Vocabulary};
use crate::lake::Value;
use crate::spelling::word;
use crate::words::Lang;

/// What logs call the case, the activity and so on, folded and without signs.
const CASES: &[&str] = &[
    "caseid",
    "case",
    "caseconceptname",
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
    "工单编号",
    "工单号",
    "申请编号",
    "申请号",
    "业务编号",
    "流程编号",
];
const ACTIVITIES: &[&str] = &[
    "activity",
    "activityname",
    "conceptname",
    "event",
    "eventname",
    "task",
    "taskname",
    "活动",
    "活动名称",
    "环节名称",
    "环节",
    "流程环节",
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
const TRANSITIONS: &[&str] = &[
    "lifecycletransition",
    "lifecycle",
    "transition",
    "eventtype",
    "生命周期",
    "生命周期转换",
    "事件类型",
    "操作类型",
    "操作",
    "事件状态",
    "状态",
];
const RESOURCES: &[&str] =
    &["resource", "orgresource", "user", "username", "agent", "执行人", "处理人", "经办人", "操作人", "资源", "人员"];
const DEPARTMENTS: &[&str] = &[
    "orggroup",
    "orgunit",
    "organization",
    "organisation",
    "department",
    "dept",
    "group",
    "orgrole",
    "role",
    "team",
    "部门",
    "责任部门",
    "处理部门",
    "班组",
    "组织",
    "角色",
];

/// A share of cells, in per cent, that must be like what a header says.
const MOST: usize = 90;

/// The share of events, in per cent, that share their moment with another of their case before their order matters.
const TIES: u64 = 5;

/// The share of the cases with an activity, in per cent, in which nothing follows it, that makes it an end.
const ENDS_CASES: u64 = 95;

/// The headers of an event log.
pub(super) struct Roles {
    line: u64,
    headers: Vec<Header>,
    case: usize,
    activity: usize,
    /// When an event happened, or began.
    time: usize,
    /// When it ended, where that is another header.
    end: Option<usize>,
    transition: Option<usize>,
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
        let named = |names: &[&str]| {
            let found: Vec<usize> = (0..texts.len()).filter(|index| names.contains(&texts[*index].as_str())).collect();
            // The first in the order of the names is the likeliest.
            found.into_iter().min_by_key(|index| names.iter().position(|name| *name == texts[*index]))
        };
        let (case, activity) = (named(CASES)?, named(ACTIVITIES).filter(|index| Some(*index) != named(CASES))?);
        let (start, end) = (named(STARTS), named(ENDS));
        let time = start.or_else(|| named(TIMES)).or(end)?;
        let roles = Roles {
            line,
            case,
            activity,
            time,
            end: end.filter(|end| *end != time),
            transition: named(TRANSITIONS)
                .filter(|index| is_lifecycle(&texts[*index], &sample.column(line, *index), words)),
            resource: named(RESOURCES),
            department: named(DEPARTMENTS),
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
    fn own(&self) -> impl Iterator<Item = usize> {
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

    /// What each header stands for in the table of stages.
    fn of_stages(&self) -> Vec<(&'static str, usize)> {
        // The complete of a lifecycle is the finish of its stage.
        let end = self.end.or_else(|| self.transition.is_none().then_some(self.time));
        let all = [
            ("application_id", Some(self.case)),
            ("stage", Some(self.activity)),
            ("started_at", Some(self.time)),
            ("finished_at", end),
            ("transition", self.transition),
            ("handler", self.resource),
            ("department", self.department),
        ];
        all.into_iter().filter_map(|(column, index)| Some((column, index?))).collect()
    }

    /// The sheet as a part of a table: what the headers stand for in it, and what else is guessed of the others.
    fn reading(&self, sheet: &Sheet, table: &'static Table, words: &Vocabulary) -> Reading {
        let own: HashSet<usize> = self.own().collect();
        let stands: Vec<(&str, usize)> = match table.name {
            "stages" => self.of_stages(),
            _ => vec![("application_id", self.case), ("accepted_at", self.time)],
        };
        let mut reading = Reading::of_headers(sheet, table, self.line, self.headers.clone(), words);
        reading.guessed.retain(|assigned| !own.contains(&assigned.header));
        for (column, header) in stands {
            let position = table.position(column);
            let is_found = reading.known[position].is_some() || reading.has_guess(position);
            // What the case itself says of its acceptance counts more than its first event.
            if column == "accepted_at" && is_found {
                continue;
            }
            if reading.known[position] == Some(header) {
                continue;
            }
            reading.known[position] = None;
            reading.guessed.retain(|assigned| assigned.column != position);
            let certainty = if column == "accepted_at" { Certainty::Check } else { Certainty::Sure };
            reading.guessed.push(Assigned { column: position, header, certainty, rivals: Vec::new() });
        }
        // Of a case that has stages alone nothing else is known by the headers of its events.
        if table.name != "stages" {
            for place in &mut reading.known {
                *place = place.filter(|index| *index == self.case || !own.contains(index));
            }
        }
        reading.guessed.sort_by_key(|assigned| assigned.column);
        reading
    }
}

/// Whether words are those of a lifecycle: by an unmistakable name most are known; else there are starts and completes.
fn is_lifecycle(name: &str, cells: &[Cell<'_>], words: &Vocabulary) -> bool {
    let Some(stages) = Table::named("stages") else { return false };
    let column = &stages.columns[stages.position("transition")];
    let read: Vec<Option<String>> = different(cells, 30)
        .iter()
        .map(|text| values::read(column, Cell::Text(text), words).ok().map(|value| value.display()))
        .collect();
    let has = |code: &str| read.iter().flatten().any(|own| own == code);
    let known = read.iter().flatten().count();
    let is_named = name.contains("lifecycle") || name.contains("transition") || name.contains("生命周期");
    if is_named { known * 2 >= read.len() && known > 0 } else { has("start") && has("complete") && known == read.len() }
}

/// The events of a log, as far as their order matters.
#[derive(Default)]
struct Events {
    rows: u64,
    /// Events that share their moment with another of their case that begins a pass too.
    tied: u64,
    /// Pairs of events of a case that follow one another in the file, and how many of them go back in time.
    pairs: u64,
    back: u64,
    /// Rows that are equal in case, activity and moment.
    equal: u64,
    /// Whether any moment has a time of day.
    timed: bool,
    /// Activity → the cases that have it, and those in which nothing follows it.
    activities: BTreeMap<String, Ended>,
}

#[derive(Default, Clone, Copy)]
struct Ended {
    cases: u64,
    last: u64,
}

/// One event of a case.
struct Event {
    activity: String,
    at: Value<'static>,
    begins: bool,
}

impl Looking<'_> {
    /// Takes each event log for stages, and for applications too where no other sheet has them.
    pub(super) fn sort_logs(&mut self) {
        let words = self.settings.words;
        let logs: Vec<usize> = (0..self.sheets.len()).filter(|sheet| self.sheets[*sheet].log.is_some()).collect();
        if logs.is_empty() {
            return;
        }
        let is_log = |part: &Part| logs.contains(&part.sheet);
        self.parts.retain(|part| !is_log(part));
        let has_cases = self.parts_of("applications").any(|part| part.reading.is_whole());
        for sheet in logs {
            let own = &self.sheets[sheet];
            let Some(roles) = &own.log else { continue };
            let tables = ["applications", "stages"].into_iter().filter(|name| *name == "stages" || !has_cases);
            for table in tables.filter_map(Table::named) {
                self.parts.push(Part { sheet, reading: roles.reading(own, table, words), is_log: true });
            }
        }
        self.parts.sort_by_key(|part| part.sheet);
    }

    /// What a log needs besides its columns: which of the rows of a case counts, when it begins and ends, and in which
    /// order events of one moment stand.
    pub(super) fn guess_log(
        &self,
        table: &'static Table,
        parts: &[&Part],
        placed: &[Placed],
        guess: &mut Guess,
    ) -> Result<()> {
        let logs: Vec<&Part> = parts.iter().filter(|part| part.is_log).copied().collect();
        if logs.is_empty() {
            return Ok(());
        }
        let add = |guess: &mut Guess, key: Key, values: &[&str], certainty: Certainty| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            guess.items.push(Item { table, key, values, certainty, samples: Vec::new() });
        };
        if table.name == "applications" {
            add(guess, Key::Repeat, &["first"], Certainty::Check);
            let accepted = placed.iter().find(|placed| placed.column.name == "accepted_at");
            let by_events = accepted.is_some_and(|placed| {
                self.sheets[placed.sheet].log.as_ref().is_some_and(|roles| roles.time == placed.index)
            });
            if by_events {
                add(guess, Key::Begins, &["first"], Certainty::Check);
            }
            if !placed.iter().any(|placed| placed.column.name == "energised_at") {
                let events = self.events(&logs, guess)?;
                let ends = events.ends(self.settings.words);
                match &ends[..] {
                    [] => add(guess, Key::Ends, &["last"], Certainty::Unsure),
                    ends => {
                        add(guess, Key::Ends, &ends.iter().map(String::as_str).collect::<Vec<_>>(), Certainty::Check)
                    }
                }
            }
            return Ok(());
        }
        let events = self.events(&logs, guess)?;
        let is_in_order = events.back * 100 <= events.pairs;
        if events.tied * 100 >= events.rows * TIES && is_in_order {
            // Dates without a time of day stand in an order that may mean nothing.
            let certainty = if events.timed { Certainty::Check } else { Certainty::Unsure };
            guess.items.push(Item {
                table,
                key: Key::Order,
                values: vec!["file".to_owned()],
                certainty,
                samples: vec![format!("{} / {}", events.tied, events.rows)],
            });
        }
        if events.equal > 0 && logs.iter().all(|part| !part.has("transition")) {
            guess.items.push(Item {
                table,
                key: Key::Repeat,
                values: vec!["pass".to_owned()],
                certainty: Certainty::Check,
                samples: vec![events.equal.to_string()],
            });
        }
        Ok(())
    }

    /// What the rows of some logs say of the order of their events.
    fn events(&self, logs: &[&Part], guess: &Guess) -> Result<Events> {
        let mut cases: BTreeMap<String, Vec<Event>> = BTreeMap::new();
        let Some(stages) = Table::named("stages") else { return Ok(Events::default()) };
        let (started, transition) =
            (&stages.columns[stages.position("started_at")], &stages.columns[stages.position("transition")]);
        let order = guess.items.iter().find(|item| item.key == Key::DateOrder && item.certainty == Certainty::Sure);
        let order = order.and_then(|item| DateOrder::ALL.into_iter().find(|order| item.values == [order.name()]));
        let words = Vocabulary { order, ..self.settings.words.clone() };
        for part in logs {
            let Some(roles) = &self.sheets[part.sheet].log else { continue };
            self.each_row(part.sheet, roles.line, |row| {
                let text = |index: usize| row.get(index).display().trim().to_owned();
                let Ok(at) = values::read(started, row.get(roles.time), &words) else { return };
                let begins = roles
                    .transition
                    .is_none_or(|index| values::read(transition, row.get(index), &words) == Ok(Value::text("start")));
                let at = match at {
                    Value::Instant(at) => Value::Instant(at),
                    Value::Date(day) => Value::Date(day),
                    _ => return,
                };
                cases.entry(text(roles.case)).or_default().push(Event { activity: text(roles.activity), at, begins });
            })?;
        }
        Ok(Events::of(cases))
    }
}

impl Part {
    /// Whether a header stands for a column.
    pub(super) fn has(&self, column: &str) -> bool {
        let position = self.reading.table.position(column);
        self.reading.known[position].is_some() || self.reading.has_guess(position)
    }
}

impl Events {
    fn of(cases: BTreeMap<String, Vec<Event>>) -> Events {
        let mut events = Events::default();
        for case in cases.into_values() {
            let mut met: BTreeMap<&str, bool> = BTreeMap::new();
            let key = |event: &Event| event.at.display();
            let mut moments: BTreeMap<String, u64> = BTreeMap::new();
            let mut equal: HashSet<(String, &str)> = HashSet::new();
            for pair in case.windows(2) {
                events.pairs += 1;
                events.back += u64::from(key(&pair[1]) < key(&pair[0]));
            }
            let last = case.iter().map(key).max().unwrap_or_default();
            for event in &case {
                events.rows += 1;
                let at = key(event);
                events.timed |= at.len() > 10 && !at.ends_with("00:00:00");
                events.equal += u64::from(!equal.insert((at.clone(), &event.activity)));
                if event.begins {
                    *moments.entry(at.clone()).or_default() += 1;
                }
                let is_last = met.entry(&event.activity).or_default();
                *is_last |= at == last;
            }
            events.tied += moments.values().filter(|events| **events > 1).sum::<u64>();
            // Of one moment, the last of the file.
            let closing = case.iter().rev().find(|event| key(event) == last).map(|event| event.activity.as_str());
            for (activity, is_last) in met {
                let ended = events.activities.entry(activity.to_owned()).or_default();
                ended.cases += 1;
                ended.last += u64::from(is_last && closing == Some(activity));
            }
        }
        events
    }

    /// The activities that end a case: the goal of the process, else those after which nothing happens.
    fn ends(&self, words: &Vocabulary) -> Vec<String> {
        let code = |activity: &String| words.stages.get(activity).or_else(|| words.stages.get(&word(activity)));
        let goal: Vec<String> = self
            .activities
            .keys()
            .filter(|activity| words.goal.is_some() && code(activity) == words.goal.as_ref())
            .cloned()
            .collect();
        if !goal.is_empty() {
            return goal;
        }
        let ends = self.activities.iter().filter(|(_, ended)| ended.last * 100 >= ended.cases * ENDS_CASES);
        let ends = ends.filter(|(activity, _)| words.any_stage || code(activity).is_some());
        ends.map(|(activity, _)| activity.clone()).collect()
    }
}

/// The text that stands for what every case must have, where a log has none.
pub(super) fn stands_in(column: &str, lang: Lang) -> Option<&'static str> {
    match column {
        "bureau" | "department" => Some(not_said(lang)),
        "voltage_kv" | "capacity_kva" => Some("0"),
        _ => None,
    }
}
