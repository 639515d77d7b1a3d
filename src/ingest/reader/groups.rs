//! The rows of a wide ledger: which of its groups a row of the file gives, and cells that depend on the word of another.

use super::Batch;
use super::judge::{Flaw, Judge};
use super::rules::{Holds, Rule};
use crate::contract::{Kind, Table};
use crate::error::{Result, toml_text};
use crate::ingest::mapping::Offer;
use crate::ingest::rejects::{self, Code};
use crate::ingest::survey::Layout as Headers;
use crate::ingest::values::Refusal;
use crate::ingest::{Grouped, Row, footer, headers};
use crate::lake::Value;
use crate::spelling::word;
use crate::words::{Lang, Words};

/// What the groups of a row give.
struct Reached {
    made: Vec<usize>,
    /// How many of those are only planned.
    planned: u64,
    /// How many say something, and not enough for a row.
    partial: u64,
    empty: u64,
}

impl Judge<'_> {
    /// Takes the rows that a row of a wide ledger gives, or rejects it as a whole.
    pub(super) fn take_groups(&self, row: &Row<'_>, layout: &Headers, batch: &mut Batch) -> Result<()> {
        if let Err(flaw) = self.whole(row, layout) {
            self.reject(row, layout, flaw, batch);
            return Ok(());
        }
        let reached = self.reached(row, layout);
        if reached.made.is_empty() {
            let said = self.identified(row, layout).and_then(|()| self.no_footer(row));
            if let Err(flaw) = said {
                self.reject(row, layout, flaw, batch);
                return Ok(());
            }
        }
        let mut judged = Vec::new();
        for group in &reached.made {
            let made = self.judge(row, layout, *group);
            if let Err(flaw) = made {
                let flaw = self.footer(row, flaw);
                // What is below the table is one line, whatever its cells look like.
                if flaw.code == Code::Footer {
                    self.reject(row, layout, flaw, batch);
                    return Ok(());
                }
                judged.push(Err(flaw.under(layout, *group, self.table)));
            } else {
                judged.push(made);
            }
        }
        batch.judged.counts.groups.get_or_insert_default().add(&Grouped {
            rows: 1,
            groups: layout.groups.len() as u64,
            made: reached.made.len() as u64,
            planned: reached.planned,
            partial: reached.partial,
            empty: reached.empty,
        });
        judged.into_iter().try_for_each(|judged| self.keep(judged, row, layout, batch))
    }

    /// Which groups of a row have something that happened or is due.
    fn reached(&self, row: &Row<'_>, layout: &Headers) -> Reached {
        let mut reached = Reached { made: Vec::new(), planned: 0, partial: 0, empty: 0 };
        for (group, telling) in self.rules.telling.iter().enumerate() {
            let (plan, own) = (&self.rules.plan[group], &self.rules.own[group]);
            let says = |position: &usize| match self.cell(row, layout, group, *position) {
                Ok(read) => read.value != Value::Null,
                Err(_) => true,
            };
            if telling.iter().any(says) {
                reached.made.push(group);
            } else if !plan.is_empty() && plan.iter().all(says) {
                reached.made.push(group);
                reached.planned += 1;
            } else if own.iter().any(says) {
                reached.partial += 1;
            } else {
                reached.empty += 1;
            }
        }
        reached
    }

    /// Whether a row from which no stage was reached says whose it is: else it is no row of the table.
    fn identified(&self, row: &Row<'_>, layout: &Headers) -> Result<(), Flaw> {
        for (position, column) in self.table.columns.iter().enumerate() {
            let shared = !self.rules.own.iter().any(|own| own.contains(&position));
            if column.kind == Kind::Id && column.required && shared {
                let value = self.cell(row, layout, 0, position)?.value;
                if value == Value::Null {
                    return Err(self.lacks(position));
                }
            }
        }
        Ok(())
    }

    /// Whether a row of no stage is more than a remark below the table.
    fn no_footer(&self, row: &Row<'_>) -> Result<(), Flaw> {
        let expected = || Words::of(rejects::row_expected);
        let flaw = |text| Flaw { column: "", code: Code::Footer, value: text, expected: expected() };
        footer::text(row).map_or(Ok(()), |text| Err(flaw(text)))
    }

    /// Whether a column holds its cell: the word of its condition may say that it does not. A word that no condition
    /// names, beside a cell that holds something, is refused: nobody knows what became of the case.
    pub(super) fn holds(&self, row: &Row<'_>, layout: &Headers, group: usize, position: usize) -> Result<Holds, Flaw> {
        let mut holds = Holds::Always;
        for rule in self.rules.conditions.iter().filter(|rule| rule.column == position) {
            let test = layout.tests.iter().find(|test| test.column == position && test.header == rule.header);
            let Some(test) = test else { continue };
            let said = row.cells.get(test.index).display();
            let folded = word(&said);
            if rule.words.contains(&folded) {
                if !matches!(holds, Holds::Nothing | Holds::Aside) {
                    holds = Holds::ByWord;
                }
                continue;
            }
            if !rule.any && !rule.known.contains(&folded) && self.is_filled(row, layout, group, position) {
                return Err(self.unknown_status(rule, said));
            }
            let means_none = rule.others.contains(&folded) || rule.any && !rule.known.contains(&folded);
            holds = match means_none && self.is_filled(row, layout, group, position) {
                true => Holds::Aside,
                false => Holds::Nothing,
            };
        }
        Ok(holds)
    }

    /// Whether the cell of a column holds anything, whatever its condition.
    fn is_filled(&self, row: &Row<'_>, layout: &Headers, group: usize, position: usize) -> bool {
        let Some(place) = &layout.groups[group][position] else { return false };
        let read = headers::read(&self.table.columns[position], place, row.cells.get(place.index), &self.words);
        !matches!(read, Ok(Value::Null) | Err(Refusal::Sentinel))
    }

    /// That a word is none that the mapping knows.
    fn unknown_status(&self, rule: &Rule, said: String) -> Flaw {
        let quoted = |lang: Lang| {
            let quoted = |text: &String| lang.pick(format!("「{text}」"), format!("`{text}`"));
            rule.known.iter().map(quoted).collect::<Vec<_>>().join(lang.pick("、", ", "))
        };
        let known = Words::of(quoted);
        let (table, header) = (self.table.name, &rule.header);
        let said_word = toml_text(said.trim());
        let offered = match &rule.spot {
            Some(spot) => Words::of(|lang| {
                let value = format!("[{said_word}]");
                Offer { table, keys: &["otherwise"], key: header, value }.say(spot, lang)
            }),
            None => Words::new(
                format!("在来源映射 [tables.{table}] 已有的 otherwise 的 {} 列表中加 {said_word}", toml_text(header)),
                format!(
                    "add {said_word} to the list of {} in the `otherwise` of [tables.{table}] of the source mapping",
                    toml_text(header)
                ),
            ),
        };
        let expected = Words::new(
            format!("「{header}」为 {}；都不是时，{}", known.zh, offered.zh),
            format!("`{header}` is {}; if the word means none of them, {}", known.en, offered.en),
        );
        Flaw { column: self.table.columns[rule.column].name, code: Code::UnknownWord, value: said, expected }
    }
}

impl Flaw {
    /// The same flaw of a group, with the header at fault.
    fn under(self, layout: &Headers, group: usize, table: &Table) -> Flaw {
        let position = table.columns.iter().position(|column| column.name == self.column);
        let place = position.and_then(|position| layout.groups[group][position].as_ref());
        let Some(header) = place.and_then(|place| layout.names.get(place.index)) else { return self };
        let expected =
            Words::new(format!("「{header}」 {}", self.expected.zh), format!("`{header}`: {}", self.expected.en));
        Flaw { expected, ..self }
    }
}
