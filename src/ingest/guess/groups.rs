//! Wide ledgers: the groups of columns that a mapping needs, with how many rows give each stage a date.

use super::columns::{Placed, SHOWN};
use super::sheets::Ledger;
use super::{Certainty, Guess, Item, Key, Looking};
use crate::contract::Table;
use crate::error::Result;
use crate::ingest::headers;
use crate::ingest::mapping::{own_name, owner};
use crate::ingest::survey::ledger::{FINISHES, of_all_stages};
use crate::ingest::survey::sample::different;
use crate::ingest::values::is_missing;
use crate::spelling::word;

/// One column of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupColumn {
    /// The canonical column.
    pub column: &'static str,
    /// Its headers, of which each file has one.
    pub headers: Vec<String>,
    /// Some of its cells.
    pub samples: Vec<String>,
}

/// The columns of one stage.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupGuess {
    /// What the stage is called.
    pub stage: String,
    /// Its columns.
    pub columns: Vec<GroupColumn>,
    /// The columns on which figures depend that it has no header for.
    pub absent: Vec<&'static str>,
    /// Rows in which a time is given.
    pub rows: u64,
    /// Those of them in which no department is.
    pub without_department: u64,
}

impl GroupGuess {
    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|own| own.column == column)
    }

    /// How sure the group is: a date that does not say that it is the finish, or that is a plan, must be looked at.
    fn certainty(&self) -> Certainty {
        let is_sure = |own: &GroupColumn| match own.column {
            "finished_at" => own.headers.iter().all(|header| FINISHES.iter().any(|end| word(header).contains(end))),
            "due_on" => false,
            _ => true,
        };
        let all = self.columns.iter().all(is_sure) && self.without_department == 0;
        if all { Certainty::Sure } else { Certainty::Check }
    }
}

/// A ledger with the number of its sheet.
#[derive(Clone, Copy)]
struct Numbered<'a> {
    sheet: usize,
    ledger: &'a Ledger,
}

impl Looking<'_> {
    /// The ledgers of the folder.
    pub(super) fn has_ledger(&self) -> bool {
        self.ledgers().next().is_some()
    }

    fn ledgers(&self) -> impl Iterator<Item = Numbered<'_>> {
        let shown = self.sheets.iter().enumerate().filter(|(_, sheet)| sheet.is_shown);
        shown.filter_map(|(sheet, own)| Some(Numbered { sheet, ledger: own.ledger.as_ref()? }))
    }

    /// Writes down the stages of the ledgers: those of the first, and of others with the same stages.
    pub(super) fn guess_ledger(&self, table: &'static Table, guess: &mut Guess) -> Result<()> {
        let all: Vec<Numbered<'_>> = self.ledgers().collect();
        let Some(first) = all.first() else { return Ok(()) };
        let is_like = |other: &Numbered<'_>| other.ledger.shape() == first.ledger.shape();
        let (own, others): (Vec<Numbered<'_>>, Vec<Numbered<'_>>) = all.iter().copied().partition(is_like);
        for other in others {
            let why = self.settings.lang.pick(
                "也像台账，但环节与第一份不同，一张表只能用一种分组：请另建来源映射",
                "a ledger too, and of other stages than the first: one mapping has one set of groups",
            );
            guess.others.push((self.place_of(other.sheet), why.to_owned()));
        }
        self.ledger_files(table, &own, guess);
        self.ledger_id(table, *first, guess);
        let mut placed = Vec::new();
        let mut takes_starts = false;
        for number in 0..first.ledger.offer.groups.len() {
            let group = self.group(table, number, &own, &mut placed)?;
            takes_starts |= group.has("finished_at") && !group.has("started_at");
            let (values, certainty) = (vec![group.stage.clone()], group.certainty());
            let key = Key::Group(Box::new(group));
            guess.items.push(Item { table, key, values, certainty, samples: Vec::new() });
        }
        if takes_starts {
            let values = vec!["previous".to_owned()];
            let certainty = Certainty::Check;
            guess.items.push(Item { table, key: Key::Starts, values, certainty, samples: Vec::new() });
        }
        self.orders_of(table, &placed, guess)
    }

    /// A sheet as people name it.
    fn place_of(&self, sheet: usize) -> String {
        let own = &self.sheets[sheet];
        own.name.as_ref().map_or_else(|| self.name(own).to_owned(), |name| format!("{} [{name}]", self.name(own)))
    }

    /// Which files and sheets are the ledger's.
    fn ledger_files(&self, table: &'static Table, own: &[Numbered<'_>], guess: &mut Guess) {
        let mut files: Vec<String> = own.iter().map(|of| self.name(&self.sheets[of.sheet]).to_owned()).collect();
        files.dedup();
        if !files.iter().all(|file| owner(own_name(file)) == Some(table.name)) {
            let values = files.iter().map(|file| glob::Pattern::escape(file)).collect();
            guess.items.push(Item { table, key: Key::Files, values, certainty: Certainty::Sure, samples: Vec::new() });
        }
        let is_own = |number: usize| own.iter().any(|of| of.sheet == number);
        let in_files = |number: usize| files.iter().any(|file| file == self.name(&self.sheets[number]));
        let others = self.sheets.iter().enumerate().filter(|(number, sheet)| {
            in_files(*number) && !is_own(*number) && sheet.is_shown && !sheet.sample.rows.is_empty()
        });
        let others: Vec<String> = others.filter_map(|(_, sheet)| sheet.name.clone()).collect();
        let names: Vec<&String> = own.iter().filter_map(|of| self.sheets[of.sheet].name.as_ref()).collect();
        let rule = match &names[..] {
            _ if others.is_empty() => None,
            [one] => Some((Key::Sheet, vec![(*one).clone()])),
            _ => Some((Key::IgnoreSheets, others)),
        };
        if let Some((key, values)) = rule {
            guess.items.push(Item { table, key, values, certainty: Certainty::Sure, samples: Vec::new() });
        }
        guess.tables.push((table, files));
    }

    /// The header of the case, where it has none of the usual names.
    fn ledger_id(&self, table: &'static Table, first: Numbered<'_>, guess: &mut Guess) {
        let position = table.position("application_id");
        if !headers::claims(table, &first.ledger.headers)[position].is_empty() {
            return;
        }
        let of_case = self.parts_of("applications").find(|part| part.sheet == first.sheet).and_then(|part| {
            let own = part.reading.table.position("application_id");
            let guessed = part.reading.guessed.iter().find(|assigned| assigned.column == own);
            let index = part.reading.known[own].or(guessed.map(|assigned| assigned.header))?;
            Some(part.reading.headers[index].full())
        });
        let offered = first.ledger.offer.shared.iter().find(|(column, _)| *column == "application_id");
        let Some(header) = of_case.or_else(|| offered.map(|(_, header)| header.clone())) else { return };
        let samples = first.ledger.index(&header).map(|index| self.shown(first, index)).unwrap_or_default();
        let (key, values) = (Key::Column(&table.columns[position]), vec![header]);
        guess.items.push(Item { table, key, values, certainty: Certainty::Check, samples });
    }

    fn shown(&self, of: Numbered<'_>, index: usize) -> Vec<String> {
        different(&self.sheets[of.sheet].cells(of.ledger.line, index), SHOWN)
    }

    /// One group of all ledgers, with how many rows give it a time.
    fn group(
        &self,
        table: &'static Table,
        number: usize,
        own: &[Numbered<'_>],
        placed: &mut Vec<Placed>,
    ) -> Result<GroupGuess> {
        let mut group = GroupGuess {
            stage: own[0].ledger.offer.groups[number].stage.clone(),
            columns: Vec::new(),
            absent: Vec::new(),
            rows: 0,
            without_department: 0,
        };
        for of in own {
            let mut times = Vec::new();
            let mut department = of_all_stages(table, &of.ledger.headers, "department");
            for (column, header) in &of.ledger.offer.groups[number].columns {
                let Some(index) = of.ledger.index(header) else { continue };
                match *column {
                    "started_at" | "finished_at" => times.push(index),
                    "department" => department = Some(index),
                    _ => {}
                }
                let definition = table.column(column);
                placed.push(Placed {
                    sheet: of.sheet,
                    line: of.ledger.line,
                    header: header.clone(),
                    column: definition,
                    index,
                });
                let at = group.columns.iter().position(|known| known.column == *column).unwrap_or_else(|| {
                    group.columns.push(GroupColumn { column, headers: Vec::new(), samples: Vec::new() });
                    group.columns.len() - 1
                });
                let known = &mut group.columns[at];
                if !known.headers.contains(header) {
                    known.headers.push(header.clone());
                }
                if known.samples.is_empty() {
                    known.samples = self.shown(*of, index).into_iter().take(2).collect();
                }
            }
            self.each_row(of.sheet, of.ledger.line, |row| {
                let is_filled = |index: usize| !is_missing(row.get(index).display().trim());
                if times.iter().any(|index| is_filled(*index)) {
                    group.rows += 1;
                    group.without_department += u64::from(!department.is_some_and(is_filled));
                }
            })?;
        }
        group.absent = ["finished_at", "due_on"].into_iter().filter(|column| !group.has(column)).collect();
        Ok(group)
    }
}
