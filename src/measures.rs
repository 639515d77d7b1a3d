//! Measures: counts in, figures out.
//!
//! Engines count, and this room divides: rates, means, percentiles, ranks and formulas are computed here alone, from
//! whole numbers, days, texts and flags, by the marts and by `explain` alike. Pure arithmetic: no tables, no files, no
//! SQL. Nothing in, or nothing to divide by, is nothing out ([`Datum::Null`]), never a NaN.

pub mod formula;
pub mod rows;
pub mod tally;

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::calendar::Day;
use crate::stats;

/// What formulas can name besides the parameters of the run, as `params.…`.
pub const CONSTANTS: [(&str, f64); 3] =
    [("z_signal", stats::Z_SIGNAL), ("tail_signal", stats::TAIL_SIGNAL), ("few_cases", FEW_CASES)];

/// Of fewer cases no pattern is told from chance: a history, a calibration or a skill is not judged.
pub const FEW_CASES: f64 = 30.0;

/// What stands in one cell.
#[derive(Debug, Clone)]
pub enum Datum {
    /// Nothing.
    Null,
    /// A whole number.
    Whole(i64),
    /// Any number.
    Real(f64),
    /// A text or code.
    Text(Arc<str>),
    /// A day.
    Day(Day),
    /// Yes or no.
    Flag(bool),
}

impl Datum {
    /// A text.
    pub fn text(text: &str) -> Datum {
        Datum::Text(Arc::from(text))
    }

    /// A number, or nothing.
    pub fn real(number: Option<f64>) -> Datum {
        number.map_or(Datum::Null, Datum::Real)
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Datum::Whole(whole) => Some(*whole as f64),
            Datum::Real(real) => Some(*real),
            _ => None,
        }
    }

    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Datum::Null)
    }

    /// As people write it in a formula: numbers with up to six decimals.
    pub fn shown(&self) -> String {
        match self {
            Datum::Null => "–".to_owned(),
            Datum::Whole(whole) => whole.to_string(),
            Datum::Real(real) => {
                let text = format!("{real:.6}");
                let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
                text.to_owned()
            }
            Datum::Text(text) => text.to_string(),
            Datum::Day(day) => day.to_string(),
            Datum::Flag(flag) => flag.to_string(),
        }
    }
}

/// The same value of the same kind, to the bit: what a key needs.
impl PartialEq for Datum {
    fn eq(&self, other: &Datum) -> bool {
        match (self, other) {
            (Datum::Null, Datum::Null) => true,
            (Datum::Whole(a), Datum::Whole(b)) => a == b,
            (Datum::Real(a), Datum::Real(b)) => a.to_bits() == b.to_bits(),
            (Datum::Text(a), Datum::Text(b)) => a == b,
            (Datum::Day(a), Datum::Day(b)) => a == b,
            (Datum::Flag(a), Datum::Flag(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Datum {}

impl Hash for Datum {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Datum::Null => 0_u8.hash(state),
            Datum::Whole(whole) => whole.hash(state),
            Datum::Real(real) => real.to_bits().hash(state),
            Datum::Text(text) => text.hash(state),
            Datum::Day(day) => day.0.hash(state),
            Datum::Flag(flag) => flag.hash(state),
        }
    }
}

/// One figure divided by another.
///
/// ```
/// use yekuo::measures::{Datum, ratio};
/// assert_eq!(ratio(&Datum::Whole(1), &Datum::Whole(4)), Datum::Real(0.25));
/// assert_eq!(ratio(&Datum::Whole(1), &Datum::Whole(0)), Datum::Null);
/// ```
pub fn ratio(part: &Datum, whole: &Datum) -> Datum {
    let divided = part.number().zip(whole.number()).filter(|(_, whole)| *whole != 0.0);
    Datum::real(divided.map(|(part, whole)| part / whole))
}

/// The end of an interval that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The lower one.
    Low,
    /// The upper one.
    High,
}

/// An end of Wilson's 95 % interval of a share; nothing of none.
pub fn wilson(part: &Datum, whole: &Datum, end: End) -> Datum {
    let (Datum::Whole(part), Datum::Whole(whole)) = (part, whole) else { return Datum::Null };
    let counts = u64::try_from(*part).ok().zip(u64::try_from(*whole).ok());
    let interval = counts.and_then(|(part, whole)| stats::wilson(part, whole));
    Datum::real(interval.map(|interval| match end {
        End::Low => interval.low,
        End::High => interval.high,
    }))
}

/// How likely a count at least as far from what a rate lets expect is, on its side: the smaller of the exact tails of a
/// binomial.
pub fn binomial_tail(part: &Datum, whole: &Datum, rate: &Datum) -> Datum {
    let (Datum::Whole(part), Datum::Whole(whole)) = (part, whole) else { return Datum::Null };
    let counts = u64::try_from(*part).ok().zip(u64::try_from(*whole).ok());
    let tails = counts.zip(rate.number()).and_then(|((part, whole), rate)| stats::binomial_tails(part, whole, rate));
    Datum::real(tails.map(|[low, high]| low.min(high)))
}
