//! The guesses that people can settle: a short question for each, and what an answer makes of it.

use super::{Certainty, Guess, Item, Key};
use crate::contract;
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::spelling::word;
use crate::words::Lang;

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is settled, or left as it was.
    Taken,
    /// It says nothing that could be: the question is put again.
    NotUnderstood,
}

impl Guess {
    /// The next question at or after a guess; those whose column was settled are passed over.
    pub fn next_question(&self, from: usize) -> Option<usize> {
        (from..self.items.len()).find(|at| {
            let item = &self.items[*at];
            item.certainty != Certainty::Sure && !item.is_told_only() && !self.is_settled(item)
        })
    }

    fn is_settled(&self, item: &Item) -> bool {
        let same = |other: &&Item| other.table.name == item.table.name && other.certainty == Certainty::Sure;
        let column = match item.key {
            Key::Column(column) | Key::Default(column) | Key::Absent(column) => Some(column.name),
            _ => None,
        };
        self.items.iter().filter(same).any(|other| match (other.key.clone(), column) {
            (Key::Column(own) | Key::Absent(own) | Key::Default(own), Some(column)) => own.name == column,
            (key, _) => key == item.key,
        })
    }

    /// The question of a guess, with what Enter answers.
    pub fn question(&self, at: usize, lang: Lang) -> String {
        let item = &self.items[at];
        let table = contract::title(item.table.name, lang);
        let guessed = item.values.iter().all(|text| !text.is_empty()) && !item.is_choice();
        let what = match &item.key {
            Key::Word { column, word, count } => {
                let title = column.title(lang);
                lang.pick(
                    format!("「{word}」（{count} 次）是哪个{title}？"),
                    format!("which {title} is `{word}` ({count} times)?"),
                )
            }
            Key::Absent(_) => lang.pick(
                format!("{}。数据中确实没有吗？", item.remark(lang)),
                format!("{}. Is it really not in the data?", item.remark(lang)),
            ),
            _ if item.is_choice() => item.remark(lang).trim_start_matches(['：', ':', ' ']).to_owned(),
            _ => format!("{}{}", item.line(), item.remark(lang)),
        };
        let keys = match (guessed, &item.key) {
            (true, Key::Group(_) | Key::Status(_)) => {
                lang.pick("[Enter = 是，n = 不是]".to_owned(), "[Enter = yes, n = no]".to_owned())
            }
            (true, _) => lang.pick(
                format!("[Enter = {}，n = 不是，或写明]", item.values.join(" / ")),
                format!("[Enter = {}, n = no, or type it]", item.values.join(" / ")),
            ),
            (false, Key::DateOrder | Key::Decimal) => lang.pick(
                format!("[写 {}，Enter = 以后再说]", item.values.join(" 或 ")),
                format!("[type {}, Enter = later]", item.values.join(" or ")),
            ),
            (false, Key::Absent(_)) => lang.pick(
                "[y = 没有，Enter = 以后再说，或写明表头]".to_owned(),
                "[y = it is not, Enter = later, or type its header]".to_owned(),
            ),
            (false, _) => lang.pick("[写明，Enter = 以后再说]".to_owned(), "[type it, Enter = later]".to_owned()),
        };
        lang.pick(format!("{table}：{what} {keys} "), format!("{table}: {what} {keys} "))
    }

    /// Takes an answer to the question of a guess.
    pub fn answer(&mut self, at: usize, answer: &str, words: &Vocabulary) -> Answered {
        let answer = answer.trim();
        let is_choice = self.items[at].is_choice();
        let is_guessed = self.items[at].values.iter().all(|text| !text.is_empty()) && !is_choice;
        let is_yes = ["y", "yes", "是", "对"].contains(&answer.to_lowercase().as_str());
        let is_no = ["n", "no", "不是", "否"].contains(&answer.to_lowercase().as_str());
        if answer.is_empty() && !is_guessed {
            return Answered::Taken;
        }
        if is_guessed && (answer.is_empty() || is_yes) || matches!(self.items[at].key, Key::Absent(_)) && is_yes {
            // Enter takes what was guessed, and leaves it to be looked at.
            self.items[at].certainty = if is_yes { Certainty::Sure } else { Certainty::Check };
            return Answered::Taken;
        }
        if is_no {
            self.items[at].certainty = Certainty::Unsure;
            return Answered::Taken;
        }
        let Item { table, key, .. } = self.items[at].clone();
        let key = match key {
            Key::Absent(column) => Key::Column(column),
            key => key,
        };
        let can_be = match &key {
            Key::Column(_) => self.has_header(table.name, answer),
            Key::Word { column, .. } | Key::Default(column) => {
                values::read(column, Cell::Text(answer), words).is_ok_and(|value| value != crate::lake::Value::Null)
            }
            Key::Unit(column) => crate::ingest::headers::unit(column.kind, answer).is_some(),
            Key::DateOrder => ["dmy", "mdy", "ymd"].contains(&answer),
            Key::Decimal => [",", "."].contains(&answer),
            Key::Repeat => ["first", "last", "pass"].contains(&answer),
            Key::Ends => answer == "last",
            Key::Files | Key::Sheet | Key::IgnoreSheets | Key::Absent(_) => false,
            Key::Group(_) | Key::Status(_) | Key::Order | Key::Begins | Key::Starts => false,
        };
        if !can_be {
            return Answered::NotUnderstood;
        }
        let item = &mut self.items[at];
        (item.key, item.values, item.certainty) = (key, vec![answer.to_owned()], Certainty::Sure);
        Answered::Taken
    }

    fn has_header(&self, table: &str, name: &str) -> bool {
        let is = |header: &str| word(header) == word(name);
        let guessed = self.items.iter().filter(|item| item.table.name == table && matches!(item.key, Key::Column(_)));
        self.spare.iter().any(|spare| spare.table.name == table && is(&spare.header))
            || self.known.iter().any(|(of, header, _)| of.name == table && is(header))
            || guessed.flat_map(|item| &item.values).any(|header| is(header))
    }
}

impl Item {
    /// Whether several answers are left, of which nobody has chosen one.
    pub(super) fn is_choice(&self) -> bool {
        matches!(self.key, Key::DateOrder | Key::Decimal) && self.values.len() > 1
    }

    /// Whether nobody need be asked: what is absent and only costs something.
    pub(super) fn is_told_only(&self) -> bool {
        matches!(self.key, Key::Absent(column) if !super::columns::is_needed(column))
    }
}
