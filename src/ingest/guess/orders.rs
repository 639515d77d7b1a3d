//! The order of dates and the sign of decimals: what every cell allows, and what must be asked where several do.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{Placed, SHOWN};
use super::{Certainty, Guess, Item, Key, Looking};
use crate::contract::{Column, Kind, Table};
use crate::error::Result;
use crate::ingest::survey::sample::is_dated;
use crate::ingest::values::{self, Cell, Comma, DateOrder, Refusal, Vocabulary};
use crate::words::Lang;

/// Different cells that are compared.
const MOST_CELLS: usize = 20_000;

/// Which of two questions is put to the cells of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    Dates,
    Decimals,
}

/// One answer to it.
struct Way {
    /// As the mapping writes it.
    name: String,
    /// How cells are read then.
    words: Vocabulary,
}

/// A cell that the usual way of reading leaves open, and where it stands.
struct Open<'a> {
    placed: &'a Placed,
    text: String,
}

impl Question {
    fn key(self) -> Key {
        match self {
            Question::Dates => Key::DateOrder,
            Question::Decimals => Key::Decimal,
        }
    }

    fn is_of(self, column: &Column) -> bool {
        match self {
            Question::Dates => matches!(column.kind, Kind::Date | Kind::Instant),
            Question::Decimals => matches!(column.kind, Kind::Number(_) | Kind::Within(..)),
        }
    }

    fn concerns(self, cell: Cell<'_>) -> bool {
        match self {
            Question::Dates => is_dated(cell),
            Question::Decimals => matches!(cell, Cell::Text(text) if text.contains([',', '.'])),
        }
    }

    fn usual(self, words: &Vocabulary) -> Vocabulary {
        match self {
            Question::Dates => words.clone(),
            Question::Decimals => Vocabulary { comma: Comma::Unsure, ..words.clone() },
        }
    }

    fn ways(self, words: &Vocabulary) -> Vec<Way> {
        let comma =
            |name: &str, comma: Comma| Way { name: name.to_owned(), words: Vocabulary { comma, ..words.clone() } };
        let order = |order: &DateOrder| Way {
            name: order.name().to_owned(),
            words: Vocabulary { order: Some(*order), ..words.clone() },
        };
        match self {
            Question::Dates => DateOrder::ALL.iter().map(order).collect(),
            Question::Decimals => vec![comma(",", Comma::Decimal), comma(".", Comma::Groups)],
        }
    }
}

impl Looking<'_> {
    /// The order of dates and the sign of decimals, where not every cell can be read without.
    pub(super) fn orders_of(&self, table: &'static Table, placed: &[Placed], guess: &mut Guess) -> Result<()> {
        for question in [Question::Dates, Question::Decimals] {
            let of_sample = placed.iter().filter(|placed| question.is_of(placed.column));
            let is_plain =
                |placed: &&Placed| question == Question::Decimals && self.sheets[placed.sheet].comma != Comma::Unsure;
            let own: Vec<&Placed> = of_sample.filter(|placed| !is_plain(placed)).collect();
            self.one_way(table, &own, question, guess)?;
        }
        Ok(())
    }

    /// The way of reading that every cell of some columns allows, where the usual one does not.
    fn one_way(&self, table: &'static Table, placed: &[&Placed], question: Question, guess: &mut Guess) -> Result<()> {
        let (words, lang) = (self.settings.words, self.settings.lang);
        let usual = question.usual(words);
        let is_open = |column: &Column, cell: Cell<'_>| {
            question.concerns(cell) && matches!(values::read(column, cell, &usual), Err(Refusal::Ambiguous))
        };
        let in_sample = |placed: &&&Placed| {
            let cells = self.sheets[placed.sheet].sample.column(placed.line, placed.index);
            cells.into_iter().any(|cell| is_open(placed.column, cell))
        };
        if !placed.iter().any(|placed| in_sample(&placed)) {
            return Ok(());
        }
        // What the first rows leave open, later ones may decide.
        let mut texts: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (number, placed) in placed.iter().enumerate() {
            let own = texts.entry(number).or_default();
            self.each_cell(placed.sheet, placed.line, placed.index, |cell| {
                if own.len() < MOST_CELLS && question.concerns(cell) {
                    own.insert(cell.display());
                }
            })?;
        }
        let cells = || texts.iter().flat_map(|(number, own)| own.iter().map(|text| (placed[*number], text)));
        let unread = |way: &Way| {
            let refused = |(placed, text): &(&Placed, &String)| {
                matches!(
                    values::read(placed.column, Cell::Text(text), &way.words),
                    Err(Refusal::Ambiguous | Refusal::Unparsable | Refusal::OutOfRange)
                )
            };
            cells().filter(refused).count()
        };
        let rated: Vec<(usize, String)> =
            question.ways(words).into_iter().map(|way| (unread(&way), way.name)).collect();
        let fewest = rated.iter().map(|(unread, _)| *unread).min().unwrap_or_default();
        let values: Vec<String> =
            rated.into_iter().filter(|(unread, _)| *unread == fewest).map(|(_, name)| name).collect();
        let is_open = |(placed, text): &(&Placed, &String)| is_open(placed.column, Cell::Text(text));
        let open = cells().filter(is_open).map(|(placed, text)| Open { placed, text: text.clone() });
        let samples = match values.len() {
            1 => open.take(SHOWN).map(|open| open.text).collect(),
            _ => self.readings(open, question, lang),
        };
        let certainty = if values.len() == 1 { Certainty::Sure } else { Certainty::Unsure };
        guess.items.push(Item { table, key: question.key(), values, certainty, samples });
        Ok(())
    }

    /// One cell of each header that is open, with all its readings.
    fn readings<'a>(&self, open: impl Iterator<Item = Open<'a>>, question: Question, lang: Lang) -> Vec<String> {
        let mut met: Vec<(usize, usize)> = Vec::new();
        let mut readings = Vec::new();
        for Open { placed, text } in open {
            if met.contains(&(placed.sheet, placed.index)) || readings.len() == SHOWN {
                continue;
            }
            met.push((placed.sheet, placed.index));
            let ways: Vec<String> = match question {
                Question::Dates => values::date_readings(&text)
                    .into_iter()
                    .map(|(order, day)| format!("{} = {day}", order.name()))
                    .collect(),
                Question::Decimals => [".", ","]
                    .into_iter()
                    .zip(values::number_readings(&text))
                    .filter_map(|(sign, number)| Some(format!("\"{sign}\" = {}", number?)))
                    .collect(),
            };
            let (file, header) = (self.name(&self.sheets[placed.sheet]), &placed.header);
            readings.push(lang.pick(
                format!("{file} 的「{header}」：{text} 可读作 {}", ways.join(" 或 ")),
                format!("`{header}` of {file}: {text} can be {}", ways.join(" or ")),
            ));
        }
        readings
    }
}
