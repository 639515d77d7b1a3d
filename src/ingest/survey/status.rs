//! One date for every end and a word that says which end it was: the lines of a mapping that tell them apart.

use std::collections::BTreeMap;

use super::sample::{Kept, Sample};
use crate::error::{Candidate, StatusOffer};
use crate::ingest::headers::Header;
use crate::ingest::values::Cell;
use crate::spelling::word;

/// Different words of a header that can be those of a status.
const MOST_WORDS: usize = 12;

/// Beginnings and parts of words that say that a case was given up.
const CANCELLED: [&str; 11] =
    ["终止", "中止", "撤", "取消", "作废", "退单", "废止", "cancel", "withdraw", "terminat", "abort"];

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
    let of = |wanted: bool| -> Vec<String> {
        let dated = words.iter().filter(|(_, dated)| **dated).map(|(named, _)| named);
        dated.filter(|named| is_cancelled(named) == wanted).cloned().collect()
    };
    let mut others: Vec<String> = words.iter().filter(|(_, dated)| !**dated).map(|(named, _)| named.clone()).collect();
    let mut conditions = Vec::new();
    if candidate.columns.contains(&"energised_at") {
        conditions.push(("energised_at", of(false)));
    } else {
        others.extend(of(false));
    }
    conditions.push(("cancelled_at", of(true)));
    conditions.retain(|(_, words)| !words.is_empty());
    Some(StatusOffer { header: candidate.header.clone(), status: headers[status].full(), words: conditions, others })
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
    words.iter().any(|(named, dated)| *dated && is_cancelled(named)).then_some(words)
}

fn is_cancelled(text: &str) -> bool {
    let text = word(text);
    CANCELLED.iter().any(|part| text.contains(part))
}
