//! What a chart shows first of all: what is filled into its title.

use super::draw::Unit;
use crate::report::headline::FEW;

/// Values by the names of their gaps.
pub(super) type Fills = Vec<(&'static str, String)>;

/// What a chart shows, as far as a title can say it.
#[derive(Debug)]
pub(super) enum Finding {
    /// Nothing that a sentence could say.
    Nothing,
    /// What is filled into the words `finding`.
    Found(Fills),
    /// Nothing stands out: what is filled into the words `otherwise`.
    Otherwise(Fills),
}

impl Finding {
    /// The name of its words, and what is filled into them.
    pub(super) fn said(&self) -> Option<(&'static str, &Fills)> {
        match self {
            Finding::Nothing => None,
            Finding::Found(fills) => Some(("finding", fills)),
            Finding::Otherwise(fills) => Some(("otherwise", fills)),
        }
    }

    /// The first of some values in their order; nothing stands out where all are written alike.
    pub(super) fn first<'a>(values: impl IntoIterator<Item = (&'a str, f64)>, unit: &Unit) -> Finding {
        let written: Vec<(&str, String)> =
            values.into_iter().map(|(label, value)| (label, unit.written(value))).collect();
        let Some((label, value)) = written.first() else { return Finding::Nothing };
        let fills = vec![("first", (*label).to_owned()), ("first_value", value.clone())];
        match written.iter().all(|(_, other)| other == value) {
            true => Finding::Otherwise(fills),
            false => Finding::Found(fills),
        }
    }

    /// The same with more to fill in.
    pub(super) fn with(mut self, more: impl IntoIterator<Item = (&'static str, String)>) -> Finding {
        if let Finding::Found(fills) | Finding::Otherwise(fills) = &mut self {
            fills.extend(more);
        }
        self
    }
}

/// What `first` fills in.
pub(super) const FIRST: &[&str] = &["first", "first_value"];

/// Whether a share of so many is one that a title can name.
pub(super) fn is_enough(whole: i64) -> bool {
    whole >= FEW
}
