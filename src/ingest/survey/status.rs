//! One date for every end and a word that says which end it was: the lines of a mapping that tell them apart.

use std::collections::BTreeMap;

use super::sample::{Kept, Sample};
use crate::error::{Candidate, StatusOffer};
use crate::ingest::headers::Header;
use crate::ingest::values::Cell;
use crate::spelling::word;

/// Different words of a header that can be those of a status.
const MOST_WORDS: usize = 12;

/// What a word says of the end of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) enum Meaning {
    /// It was energised.
    Energised,
    /// It was given up.
    Cancelled,
    /// It goes on.
    Neither,
}

/// Parts of words that say what became of a case. The first that fits counts: 未送电 is no energisation, and 终止归档 is none.
const PARTS: [(Meaning, &[&str]); 3] = [
    (
        Meaning::Neither,
        &[
            "未",
            "待",
            "在途",
            "流程中",
            "处理中",
            "办理中",
            "进行中",
            "施工中",
            "实施中",
            "执行中",
            "挂起",
            "暂停",
            "在办",
            "在建",
            "pending",
            "open",
            "progress",
            "active",
            "hold",
            "suspend",
            "not",
            "wait",
        ],
    ),
    (
        Meaning::Cancelled,
        &["终止", "中止", "撤", "取消", "作废", "退单", "废止", "cancel", "withdraw", "terminat", "abort"],
    ),
    (
        Meaning::Energised,
        &[
            "送电",
            "接电",
            "通电",
            "投运",
            "归档",
            "办结",
            "办毕",
            "完成",
            "竣工",
            "完工",
            "结束",
            "energis",
            "energiz",
            "inservice",
            "complete",
            "done",
            "closed",
            "finish",
        ],
    ),
];

/// What a word says of the end of a case, where its parts say it.
pub(in crate::ingest) fn meaning(text: &str) -> Option<Meaning> {
    let text = word(text);
    PARTS.iter().find(|(_, parts)| parts.iter().any(|part| text.contains(part))).map(|(meaning, _)| *meaning)
}

/// Finds a header of dates that could be those of a cancellation, and another whose words say so.
pub(super) fn offer(
    sample: &Sample,
    line: u64,
    headers: &[Header],
    candidates: &[(usize, Candidate)],
    is_used: impl Fn(usize) -> bool,
) -> Option<StatusOffer> {
    let (dates, candidate) = candidates.iter().find(|(_, candidate)| candidate.columns.contains(&"cancelled_at"))?;
    let free = (0..headers.len()).filter(|index| index != dates && !is_used(*index));
    let (status, words) = free.filter_map(|index| Some((index, words(sample, line, index, *dates)?))).next()?;
    let of = |wanted: Meaning| -> Vec<String> {
        words.keys().filter(|named| meaning(named) == Some(wanted)).cloned().collect()
    };
    let mut others = of(Meaning::Neither);
    let mut conditions = Vec::new();
    if candidate.columns.contains(&"energised_at") {
        conditions.push(("energised_at", of(Meaning::Energised)));
    } else {
        others.extend(of(Meaning::Energised));
    }
    conditions.push(("cancelled_at", of(Meaning::Cancelled)));
    conditions.retain(|(_, words)| !words.is_empty());
    let unsure = words.keys().filter(|named| meaning(named).is_none()).cloned().collect();
    let (header, status) = (candidate.header.clone(), headers[status].full());
    Some(StatusOffer { header, status, words: conditions, others, unsure })
}

/// The words of a header, each with whether the cell of dates beside it ever holds something; `None` where they are not
/// those of a status.
fn words(sample: &Sample, line: u64, index: usize, dates: usize) -> Option<BTreeMap<String, bool>> {
    let mut words: BTreeMap<String, bool> = BTreeMap::new();
    for (_, cells) in sample.rows.iter().filter(|(at, _)| *at > line) {
        let says = |index: usize| cells.get(index).map(Kept::cell).filter(|cell| !cell.display().trim().is_empty());
        match says(index) {
            None => continue,
            Some(Cell::Text(text)) => *words.entry(text.trim().to_owned()).or_default() |= says(dates).is_some(),
            Some(_) => return None,
        }
        if words.len() > MOST_WORDS {
            return None;
        }
    }
    let is_cancelled = |named: &String| meaning(named) == Some(Meaning::Cancelled);
    words.iter().any(|(named, dated)| *dated && is_cancelled(named)).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_became_of_a_case() {
        for (text, expected) in [
            ("已送电", Some(Meaning::Energised)),
            ("未送电", Some(Meaning::Neither)),
            ("终止归档", Some(Meaning::Cancelled)),
            ("在途", Some(Meaning::Neither)),
            ("In Service", Some(Meaning::Energised)),
            ("甲类", None),
        ] {
            assert_eq!(meaning(text), expected, "{text}");
        }
    }
}
