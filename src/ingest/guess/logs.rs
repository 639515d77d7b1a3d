//! Event logs: a row an event, with its case, its activity and its moment. One sheet gives stages and applications.

use std::collections::{BTreeMap, HashSet};

use super::columns::Placed;
use super::roles::{Roles, is_start};
use super::sheets::{Assigned, Reading, Sheet};
use super::{Certainty, Guess, Item, Key, Looking, Part};
use crate::calendar::Instant;
use crate::contract::Table;
use crate::error::Result;
use crate::ingest::values::{self, DateOrder, Vocabulary};
use crate::lake::Value;
use crate::spelling::word;

/// The share of events, in per cent, that share their moment with another of their case before their order matters.
const TIES: u64 = 5;

/// The share of the cases with an activity, in per cent, in which nothing follows it, that makes it an end.
const ENDS_CASES: u64 = 95;

impl Roles {
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
        if table.name == "stages" && self.has_finishes_only() {
            let started = table.position("started_at");
            reading.known[started] = None;
            reading.guessed.retain(|assigned| assigned.column != started);
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
    at: Instant,
    begins: bool,
}

impl Looking<'_> {
    /// Takes each event log for stages, and for applications too where no other sheet has them.
    pub(super) fn sort_logs(&mut self) -> Result<()> {
        let words = self.settings.words;
        let logs: Vec<usize> = (0..self.sheets.len()).filter(|sheet| self.sheets[*sheet].log.is_some()).collect();
        if logs.is_empty() {
            return Ok(());
        }
        logs.iter().try_for_each(|sheet| self.find_starts(*sheet))?;
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
        Ok(())
    }

    /// Looks through the whole of a lifecycle whose first rows have no start.
    fn find_starts(&mut self, sheet: usize) -> Result<()> {
        let words = self.settings.words;
        let own = self.sheets[sheet].log.as_ref().filter(|own| !own.has_starts);
        let Some((line, index)) = own.and_then(|own| Some((own.line, own.transition?))) else { return Ok(()) };
        let mut has_starts = false;
        self.each_cell(sheet, line, index, |cell| has_starts |= is_start(cell, words))?;
        if let Some(roles) = self.sheets[sheet].log.as_mut() {
            roles.has_starts = has_starts;
        }
        Ok(())
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
                        add(guess, Key::Ends, &ends.iter().map(String::as_str).collect::<Vec<_>>(), Certainty::Check);
                    }
                }
            }
            return Ok(());
        }
        let of_finishes = |part: &&Part| self.sheets[part.sheet].log.as_ref().is_some_and(Roles::has_finishes_only);
        if logs.iter().any(of_finishes) {
            add(guess, Key::Starts, &["previous"], Certainty::Check);
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
        let started = stages.column("started_at");
        let order = guess.items.iter().find(|item| item.key == Key::DateOrder && item.certainty == Certainty::Sure);
        let order = order.and_then(|item| DateOrder::ALL.into_iter().find(|order| item.values == [order.name()]));
        let words = Vocabulary { order, ..self.settings.words.clone() };
        for part in logs {
            let Some(roles) = &self.sheets[part.sheet].log else { continue };
            self.each_row(part.sheet, roles.line, |row| {
                let text = |index: usize| row.get(index).display().trim().to_owned();
                let Ok(Value::Instant(at)) = values::read(started, row.get(roles.time), &words) else { return };
                let begins = roles.transition.is_none_or(|index| is_start(row.get(index), &words));
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
            let mut moments: BTreeMap<Instant, u64> = BTreeMap::new();
            let mut equal: HashSet<(Instant, &str)> = HashSet::new();
            for pair in case.windows(2) {
                events.pairs += 1;
                events.back += u64::from(pair[1].at < pair[0].at);
            }
            let last = case.iter().map(|event| event.at).max();
            for event in &case {
                events.rows += 1;
                events.timed |= !event.at.is_midnight();
                events.equal += u64::from(!equal.insert((event.at, &event.activity)));
                if event.begins {
                    *moments.entry(event.at).or_default() += 1;
                }
                let is_last = met.entry(&event.activity).or_default();
                *is_last |= Some(event.at) == last;
            }
            events.tied += moments.values().filter(|events| **events > 1).sum::<u64>();
            // Of one moment, the last of the file.
            let closing = case.iter().rev().find(|event| Some(event.at) == last).map(|event| event.activity.as_str());
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
