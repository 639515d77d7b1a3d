//! What is wrong with the exports, on purpose.
//!
//! Dirt is added to clean rows, never put in their place. A row that must be rejected carries a key of its own (an
//! application that does not exist, a pass that never was), so that rejecting it takes nothing else along.

use crate::ingest::contract::Table;
use crate::lake::{Instant, Value};

use super::dice::Dice;
use super::exports::Cell;
use super::rows::Filled;

/// A kind of dirt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dirt {
    ImpossibleDate,
    MissingValue,
    UnknownWord,
    FinishBeforeStart,
    EnergisedBeforeAccepted,
    UnknownCase,
    ScoreNine,
    RaggedLine,
    ConflictingDuplicate,
    ExactDuplicate,
    BlankLine,
    TrailingTab,
}

impl Dirt {
    /// Its name in Chinese and English, and whether its rows can only be rejected.
    pub const fn words(self) -> (&'static str, &'static str, bool) {
        match self {
            Dirt::ImpossibleDate => ("不存在的日期", "impossible date", true),
            Dirt::MissingValue => ("必填项为空", "required value missing", true),
            Dirt::UnknownWord => ("无法识别的取值", "unknown word", true),
            Dirt::FinishBeforeStart => ("结束早于开始", "finish before start", true),
            Dirt::EnergisedBeforeAccepted => ("送电早于受理", "energised before accepted", true),
            Dirt::UnknownCase => ("工单不存在", "unknown application", true),
            Dirt::ScoreNine => ("评分 9 分", "score of 9", true),
            Dirt::RaggedLine => ("列数不齐", "ragged line", true),
            Dirt::ConflictingDuplicate => {
                ("重复且内容冲突(两行一组)", "conflicting duplicate (rows, two a pair)", true)
            }
            Dirt::ExactDuplicate => ("完全重复", "exact duplicate", false),
            Dirt::BlankLine => ("空行", "blank line", false),
            Dirt::TrailingTab => ("编号后带制表符", "tab after the id", false),
        }
    }
}

/// How much dirt a table gets: kind, at least so many, and per thousand rows.
type Dose = (Dirt, usize, f64);

/// The dirt of a table.
pub const fn doses(filled: Filled) -> &'static [Dose] {
    match filled {
        Filled::Applications => &[
            (Dirt::ImpossibleDate, 2, 1.4),
            (Dirt::MissingValue, 2, 1.4),
            (Dirt::UnknownWord, 2, 1.4),
            (Dirt::EnergisedBeforeAccepted, 2, 1.4),
            (Dirt::ConflictingDuplicate, 1, 0.7),
            (Dirt::ExactDuplicate, 2, 1.4),
            (Dirt::BlankLine, 1, 0.7),
        ],
        Filled::Stages => &[
            (Dirt::ImpossibleDate, 2, 0.9),
            (Dirt::MissingValue, 2, 0.9),
            (Dirt::UnknownWord, 2, 0.7),
            (Dirt::FinishBeforeStart, 2, 1.2),
            (Dirt::UnknownCase, 2, 1.2),
            (Dirt::RaggedLine, 2, 0.6),
            (Dirt::ConflictingDuplicate, 2, 0.5),
            (Dirt::ExactDuplicate, 2, 1.3),
            (Dirt::BlankLine, 2, 0.5),
            (Dirt::TrailingTab, 2, 1.0),
        ],
        Filled::Delays => &[
            (Dirt::ImpossibleDate, 1, 1.0),
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::UnknownWord, 1, 1.0),
            (Dirt::FinishBeforeStart, 1, 1.0),
            (Dirt::UnknownCase, 2, 1.5),
            (Dirt::RaggedLine, 1, 1.0),
            (Dirt::ConflictingDuplicate, 1, 0.5),
            (Dirt::ExactDuplicate, 1, 1.0),
            (Dirt::BlankLine, 1, 1.0),
            (Dirt::TrailingTab, 2, 3.0),
        ],
        Filled::Faults => &[
            (Dirt::ImpossibleDate, 2, 1.0),
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::UnknownWord, 2, 1.0),
            (Dirt::RaggedLine, 1, 1.0),
            (Dirt::ExactDuplicate, 2, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Filled::Callbacks => &[
            (Dirt::ImpossibleDate, 1, 0.7),
            (Dirt::MissingValue, 2, 1.0),
            (Dirt::UnknownWord, 2, 1.0),
            (Dirt::UnknownCase, 3, 1.5),
            (Dirt::ScoreNine, 2, 1.0),
            (Dirt::ConflictingDuplicate, 1, 0.5),
            (Dirt::ExactDuplicate, 2, 1.0),
            (Dirt::BlankLine, 1, 0.5),
        ],
    }
}

/// Dates that no calendar has; all are written as the exports write real ones.
const IMPOSSIBLE: [&str; 6] = ["2025-02-30", "2025/6/31", "2025年13月8日", "20251340", "2025-00-12", "0000-00-00"];

/// One dirty row: the clean values, and cells that stand in some of their places.
pub struct Stain<'a> {
    /// The row's values.
    pub row: Vec<Value<'a>>,
    /// What is written instead of the value, by column position.
    pub instead: Vec<(usize, Cell)>,
    /// How many cells the line has, where it is not the number of columns; a longer one is torn at a comma.
    pub cells: Option<usize>,
}

/// Makes the rows of one piece of `dirt` out of a clean `row`; the `number` tells the keys of dirty rows apart.
///
/// Exact duplicates, blank lines and tabs are not rows of their own and are left to the exporter.
pub fn stain<'a>(filled: Filled, dirt: Dirt, row: &[Value<'a>], number: usize, dice: &mut Dice) -> Vec<Stain<'a>> {
    let table = filled.table();
    let mut row = row.to_vec();
    let at = |column: &str| table.position(column);
    rename(filled, table, &mut row, number);
    let mut instead = Vec::new();
    let mut cells = None;
    let (began, ended) = match filled {
        Filled::Applications => ("accepted_at", "energised_at"),
        Filled::Stages => ("started_at", "finished_at"),
        Filled::Delays => ("began_at", "ended_at"),
        Filled::Faults => ("reported_at", "restored_at"),
        Filled::Callbacks => ("called_at", "called_at"),
    };
    match dirt {
        Dirt::ImpossibleDate => instead.push((at(began), Cell::Text(dice.pick(&IMPOSSIBLE).to_owned()))),
        Dirt::MissingValue => {
            let candidates: &[&str] = match filled {
                Filled::Applications => &["bureau", "capacity_kva", "accepted_at"],
                Filled::Stages => &["department", "stage", "started_at"],
                Filled::Delays => &["cause", "began_at"],
                Filled::Faults => &["area", "reported_at"],
                Filled::Callbacks => &["outcome", "called_at", "kind"],
            };
            row[at(candidates[number % candidates.len()])] = Value::Null;
        }
        Dirt::UnknownWord => {
            let (column, word) = match filled {
                Filled::Applications if number.is_multiple_of(2) => ("supply", "三电源"),
                Filled::Applications | Filled::Faults => ("area", "城郊结合部"),
                Filled::Stages => ("stage", "领导审批"),
                Filled::Delays => ("ruling", "再议"),
                Filled::Callbacks => ("outcome", "转人工"),
            };
            instead.push((at(column), Cell::Text(word.to_owned())));
        }
        Dirt::FinishBeforeStart | Dirt::EnergisedBeforeAccepted => {
            if let Value::Instant(start) = row[at(began)] {
                row[at(ended)] = Value::Instant(Instant(start.0 - dice.between(3, 40) * Instant::DAY));
            }
        }
        Dirt::UnknownCase => {
            let column = if filled == Filled::Callbacks { "subject_id" } else { "application_id" };
            if let Value::Text(id) = &row[at(column)] {
                let stem: String = id.chars().take(10).collect();
                row[at(column)] = Value::Text(format!("{stem}{:07}", 8_000_001 + number).into());
            }
        }
        Dirt::ScoreNine => {
            row[at("outcome")] = Value::text("reached");
            instead.push((at("score"), Cell::Number(9.0)));
        }
        Dirt::RaggedLine => cells = Some(if number.is_multiple_of(2) { 3 } else { row.len() + 1 }),
        Dirt::ConflictingDuplicate => return conflict(filled, table, row),
        Dirt::ExactDuplicate | Dirt::BlankLine | Dirt::TrailingTab => {}
    }
    vec![Stain { row, instead, cells }]
}

/// Gives a dirty row a key of its own.
fn rename(filled: Filled, table: &Table, row: &mut [Value<'_>], number: usize) {
    let key = match filled {
        Filled::Stages => {
            row[table.position("pass")] = Value::Integer(6 + (number % 4) as i64);
            return;
        }
        Filled::Applications => "application_id",
        Filled::Delays => "delay_id",
        Filled::Faults => "fault_id",
        Filled::Callbacks => "callback_id",
    };
    let at = table.position(key);
    if let Value::Text(id) = &row[at] {
        let stem: String = id.chars().take(if id.len() > 14 { 10 } else { 2 }).collect();
        row[at] = Value::Text(format!("{stem}{:07}", 9_000_001 + number).into());
    }
}

/// Two rows of one key that cannot both be true. Neither changes a rate, whichever a reader might keep.
fn conflict<'a>(filled: Filled, table: &Table, mut row: Vec<Value<'a>>) -> Vec<Stain<'a>> {
    let at = |column: &str| table.position(column);
    let mut other;
    match filled {
        Filled::Applications => {
            for column in ["energised_at", "promised_on", "replanned_on", "fee_charged"] {
                row[at(column)] = Value::Null;
            }
            row[at("mode")] = Value::text("conventional");
            if let Value::Instant(accepted) = row[at("accepted_at")] {
                row[at("cancelled_at")] = Value::Instant(Instant(accepted.0 + 6 * 3600));
            }
            other = row.clone();
            if let Value::Number(kva) = row[at("capacity_kva")] {
                other[at("capacity_kva")] = Value::Number(kva * 2.0);
            }
        }
        Filled::Stages => {
            row[at("stage")] = Value::text("archiving");
            row[at("due_on")] = Value::Null;
            row[at("department")] = Value::text("客户服务中心");
            other = row.clone();
            other[at("department")] = Value::text("营销部");
        }
        Filled::Delays => {
            row[at("ruling")] = Value::text("rejected");
            other = row.clone();
            other[at("reason")] = Value::text("重复申报");
        }
        Filled::Callbacks => {
            for column in
                ["score", "manager_score", "free_choice", "issue_category", "issue_department", "issue_verified"]
            {
                row[at(column)] = Value::Null;
            }
            row[at("outcome")] = Value::text("unreached");
            other = row.clone();
            other[at("outcome")] = Value::text("refused");
        }
        Filled::Faults => other = row.clone(),
    }
    [row, other].into_iter().map(|row| Stain { row, instead: Vec::new(), cells: None }).collect()
}
