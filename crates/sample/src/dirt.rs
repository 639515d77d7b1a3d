//! What is wrong with the exports, on purpose.
//!
//! Dirt is added to clean rows, never put in their place. A row that must be rejected carries a key of its own (an
//! application that does not exist, a pass that never was), so that rejecting it takes nothing else along.

use yekuo_calendar::Instant;

use super::dice::Dice;
use super::tables::Table;
use super::value::{Cell, Value};

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
    ScoreAboveHundred,
    RateWithoutPercent,
    AnswerWithoutTime,
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
            Dirt::ScoreAboveHundred => ("得分超过 100", "score above 100", true),
            Dirt::RateWithoutPercent => ("负载率漏写百分号", "load rate without its percent sign", true),
            Dirt::AnswerWithoutTime => ("答复未写时间", "answer without a time", true),
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

/// How much dirt a table gets: kind, minimum, and number per thousand rows.
type Dose = (Dirt, usize, f64);

/// The dirt of a table, where it is large enough.
pub const fn doses(table: Table) -> &'static [Dose] {
    match table {
        Table::Applications => &[
            (Dirt::ImpossibleDate, 2, 1.4),
            (Dirt::MissingValue, 2, 1.4),
            (Dirt::UnknownWord, 2, 1.4),
            (Dirt::EnergisedBeforeAccepted, 2, 1.4),
            (Dirt::ConflictingDuplicate, 1, 0.7),
            (Dirt::ExactDuplicate, 2, 1.4),
            (Dirt::BlankLine, 1, 0.7),
        ],
        Table::Stages => &[
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
        Table::Delays => &[
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
        Table::Faults => &[
            (Dirt::ImpossibleDate, 2, 1.0),
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::UnknownWord, 2, 1.0),
            (Dirt::RaggedLine, 1, 1.0),
            (Dirt::ExactDuplicate, 2, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Table::Callbacks => &[
            (Dirt::ImpossibleDate, 1, 0.7),
            (Dirt::MissingValue, 2, 1.0),
            (Dirt::UnknownWord, 2, 1.0),
            (Dirt::UnknownCase, 3, 1.5),
            (Dirt::ScoreNine, 2, 1.0),
            (Dirt::ConflictingDuplicate, 1, 0.5),
            (Dirt::ExactDuplicate, 2, 1.0),
            (Dirt::BlankLine, 1, 0.5),
        ],
        Table::Complaints => &[
            (Dirt::ImpossibleDate, 1, 1.0),
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::FinishBeforeStart, 1, 1.0),
            (Dirt::ExactDuplicate, 1, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Table::Outages => &[
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::UnknownWord, 1, 1.0),
            (Dirt::UnknownCase, 1, 1.0),
            (Dirt::ExactDuplicate, 1, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Table::Replans => &[(Dirt::ImpossibleDate, 1, 1.0), (Dirt::UnknownCase, 1, 1.0), (Dirt::TrailingTab, 1, 3.0)],
        Table::Requests => &[
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::FinishBeforeStart, 1, 1.0),
            (Dirt::UnknownCase, 1, 1.0),
            (Dirt::AnswerWithoutTime, 1, 1.0),
            (Dirt::ExactDuplicate, 1, 1.0),
        ],
        Table::Surveys => &[
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::ScoreAboveHundred, 2, 1.0),
            (Dirt::ExactDuplicate, 1, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Table::Managers => &[(Dirt::UnknownWord, 1, 1.0), (Dirt::ExactDuplicate, 1, 1.0)],
        Table::Restrictions => &[
            (Dirt::MissingValue, 1, 1.0),
            (Dirt::RateWithoutPercent, 3, 2.0),
            (Dirt::ExactDuplicate, 2, 1.0),
            (Dirt::BlankLine, 1, 1.0),
        ],
        Table::Demands => {
            &[(Dirt::ImpossibleDate, 1, 1.0), (Dirt::MissingValue, 1, 1.0), (Dirt::ExactDuplicate, 2, 1.0)]
        }
        Table::Visits => &[(Dirt::MissingValue, 1, 1.0), (Dirt::ExactDuplicate, 1, 1.0), (Dirt::BlankLine, 1, 1.0)],
        Table::Actions => {
            &[(Dirt::ImpossibleDate, 1, 1.0), (Dirt::UnknownCase, 1, 1.0), (Dirt::ExactDuplicate, 1, 1.0)]
        }
        Table::Verifications => &[(Dirt::UnknownWord, 1, 1.0), (Dirt::UnknownCase, 1, 1.0)],
    }
}

/// The most of a table that its dirt lets a reader reject, 0–1: less than a run stands for.
const MOST: f64 = 0.04;

/// How many pieces of each kind of dirt a table of `rows` rows gets.
///
/// What must be rejected is dealt out in turn until there is enough of it: a small table does without some kinds.
pub fn dealt(table: Table, rows: usize) -> Vec<(Dirt, usize)> {
    let wanted = |(dirt, least, per_thousand): &Dose| {
        (*dirt, if rows == 0 { 0 } else { (*least).max((rows as f64 * per_thousand / 1000.0) as usize) })
    };
    let wanted: Vec<(Dirt, usize)> = doses(table).iter().map(wanted).collect();
    let mut left = (rows as f64 * MOST) as usize;
    let mut dealt: Vec<(Dirt, usize)> = wanted.iter().map(|(dirt, _)| (*dirt, 0)).collect();
    for turn in 0..wanted.iter().map(|(_, pieces)| *pieces).max().unwrap_or(0) {
        for ((dirt, given), (_, pieces)) in dealt.iter_mut().zip(&wanted) {
            let costs = match dirt {
                Dirt::ConflictingDuplicate => 2,
                dirt => usize::from(dirt.words().2),
            };
            if turn < *pieces && costs <= left {
                *given += 1;
                left -= costs;
            }
        }
    }
    dealt
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

/// Makes the rows of one piece of `dirt` out of a clean `row`; the `number` keeps the keys of dirty rows distinct.
///
/// Exact duplicates, blank lines and tabs are not rows of their own and are left to the exporter.
pub fn stain<'a>(table: Table, dirt: Dirt, row: &[Value<'a>], number: usize, dice: &mut Dice) -> Vec<Stain<'a>> {
    let mut row = row.to_vec();
    let at = |column: &str| table.position(column);
    rename(table, &mut row, number);
    let mut instead = Vec::new();
    let mut cells = None;
    let Weak { began, ended, needed, word, .. } = weak(table);
    match dirt {
        Dirt::ImpossibleDate => instead.push((at(began), Cell::Text(dice.pick(&IMPOSSIBLE).to_owned()))),
        Dirt::MissingValue => {
            row[at(needed[number % needed.len()])] = Value::Null;
        }
        Dirt::UnknownWord => {
            let (column, word) = match table {
                Table::Applications if number.is_multiple_of(2) => ("supply", "三电源"),
                _ => word,
            };
            instead.push((at(column), Cell::Text(word.to_owned())));
        }
        Dirt::FinishBeforeStart | Dirt::EnergisedBeforeAccepted => {
            if let Value::Instant(start) = row[at(began)] {
                row[at(ended)] = Value::Instant(start.plus_seconds(-dice.between(3, 40) * Instant::DAY));
            }
        }
        Dirt::UnknownCase => {
            let column = if table == Table::Callbacks { "subject_id" } else { "application_id" };
            let stem: String = match &row[at(column)] {
                Value::Text(id) => id.chars().take(10).collect(),
                _ => "9020260401".to_owned(),
            };
            row[at(column)] = Value::Text(format!("{stem}{:07}", 8_000_001 + number).into());
        }
        Dirt::ScoreNine => {
            row[at("outcome")] = Value::text("reached");
            instead.push((at("score"), Cell::Number(9.0)));
        }
        Dirt::ScoreAboveHundred => instead.push((at("score"), Cell::Number(dice.pick(&[104.5, 108.0, 893.0])))),
        Dirt::RateWithoutPercent => {
            if let Value::Number(rate) = row[at("load_rate")] {
                instead.push((at("load_rate"), Cell::Number((rate * 100.0).round())));
            }
        }
        Dirt::AnswerWithoutTime => instead.push((at("answered"), Cell::Text("各部门均已答复".to_owned()))),
        Dirt::RaggedLine => cells = Some(if number.is_multiple_of(2) { 3 } else { row.len() + 1 }),
        Dirt::ConflictingDuplicate => return conflict(table, row),
        Dirt::ExactDuplicate | Dirt::BlankLine | Dirt::TrailingTab => {}
    }
    vec![Stain { row, instead, cells }]
}

/// Where the rows of a table can go wrong.
struct Weak {
    /// The column that identifies its rows; empty: no single one does.
    key: &'static str,
    /// When what a row describes began, and ended.
    began: &'static str,
    ended: &'static str,
    /// Columns that a row cannot do without.
    needed: &'static [&'static str],
    /// A column, and a word that it does not know.
    word: (&'static str, &'static str),
}

fn weak(table: Table) -> Weak {
    let of = |key, (began, ended), needed, word| Weak { key, began, ended, needed, word };
    let none = ("", "");
    match table {
        Table::Applications => of(
            "application_id",
            ("accepted_at", "energised_at"),
            &["bureau", "capacity_kva", "accepted_at"],
            ("area", "城郊结合部"),
        ),
        Table::Stages => {
            of("", ("started_at", "finished_at"), &["department", "stage", "started_at"], ("stage", "领导审批"))
        }
        Table::Delays => of("delay_id", ("began_at", "ended_at"), &["cause", "began_at"], ("ruling", "再议")),
        Table::Faults => {
            of("fault_id", ("reported_at", "restored_at"), &["area", "reported_at"], ("area", "城郊结合部"))
        }
        Table::Callbacks => {
            of("callback_id", ("called_at", "called_at"), &["outcome", "called_at", "kind"], ("outcome", "转人工"))
        }
        Table::Complaints => of("complaint_id", ("received_at", "handled_at"), &["department", "received_at"], none),
        Table::Outages => {
            of("outage_id", ("ready_at", "outage_at"), &["ready_at", "affects_others"], ("affects_others", "待核实"))
        }
        Table::Replans => of("", ("replanned_at", "promised_on"), &["promised_on"], none),
        Table::Requests => of("request_id", ("raised_at", "settled_at"), &["departments", "raised_at"], none),
        Table::Surveys => of("", ("period", "period"), &["score", "weight"], none),
        Table::Managers => of("manager_id", none, &["name"], ("full_time", "轮岗")),
        Table::Restrictions => of("", ("month", "month"), &["load_rate"], none),
        Table::Demands => of("", ("expected_on", "expected_on"), &["expected_kva"], none),
        Table::Visits => of("visit_id", ("visited_at", "answered_at"), &["customer", "visited_at"], none),
        Table::Actions => of("action_id", ("taken_at", "taken_at"), &["kind", "taken_at"], none),
        Table::Verifications => of("", ("verified_at", "verified_at"), &["result"], ("result", "再议")),
    }
}

/// Gives a dirty row a key of its own; where its key is no single column, what is wrong with it keeps it out.
fn rename(table: Table, row: &mut [Value<'_>], number: usize) {
    let key = match table {
        Table::Stages => {
            row[table.position("pass")] = Value::Integer(6 + (number % 4) as i64);
            return;
        }
        _ => weak(table).key,
    };
    if key.is_empty() {
        return;
    }
    let at = table.position(key);
    if let Value::Text(id) = &row[at] {
        let stem: String = id.chars().take(if id.len() > 14 { 10 } else { 2 }).collect();
        row[at] = Value::Text(format!("{stem}{:07}", 9_000_001 + number).into());
    }
}

/// Two rows of one key that cannot both be true. Neither changes a rate, whichever a reader might keep.
fn conflict<'a>(table: Table, mut row: Vec<Value<'a>>) -> Vec<Stain<'a>> {
    let at = |column: &str| table.position(column);
    let mut other;
    match table {
        Table::Applications => {
            for column in ["energised_at", "promised_on", "replanned_on", "fee_charged"] {
                row[at(column)] = Value::Null;
            }
            row[at("mode")] = Value::text("conventional");
            if let Value::Instant(accepted) = row[at("accepted_at")] {
                row[at("cancelled_at")] = Value::Instant(accepted.plus_seconds(6 * 3600));
            }
            other = row.clone();
            if let Value::Number(kva) = row[at("capacity_kva")] {
                other[at("capacity_kva")] = Value::Number(kva * 2.0);
            }
        }
        Table::Stages => {
            row[at("stage")] = Value::text("archiving");
            row[at("due_on")] = Value::Null;
            row[at("department")] = Value::text("客户服务中心");
            other = row.clone();
            other[at("department")] = Value::text("营销部");
        }
        Table::Delays => {
            row[at("ruling")] = Value::text("rejected");
            other = row.clone();
            other[at("reason")] = Value::text("重复申报");
        }
        Table::Callbacks => {
            for column in
                ["score", "manager_score", "free_choice", "issue_category", "issue_department", "issue_verified"]
            {
                row[at(column)] = Value::Null;
            }
            row[at("outcome")] = Value::text("unreached");
            other = row.clone();
            other[at("outcome")] = Value::text("refused");
        }
        _ => other = row.clone(),
    }
    [row, other].into_iter().map(|row| Stain { row, instead: Vec::new(), cells: None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dirt_never_fails_a_run() {
        for table in Table::ALL {
            for rows in 0..3000 {
                let dealt = dealt(table, rows);
                let rejected: usize = dealt
                    .iter()
                    .map(|(dirt, pieces)| {
                        pieces * usize::from(dirt.words().2) * if *dirt == Dirt::ConflictingDuplicate { 2 } else { 1 }
                    })
                    .sum();
                assert!(rejected as f64 <= MOST * rows as f64, "{table:?} of {rows}: {dealt:?}");
            }
        }
    }
}
