//! Units, ticks and the check that a value can be drawn.

use super::ChartError;
use crate::decimal::fixed;

/// The largest value a chart draws; beyond it, text has more digits than sense.
const LARGEST: f64 = 1e15;

/// How the values of a chart are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Values are rates, 0–1, written as `12.3%`.
    Percent {
        /// Digits behind the point of the percentage, at most 6.
        decimals: u8,
    },
    /// Values are written as they are, with the caller's suffix: `12 天`, `12 d`.
    Plain {
        /// Digits behind the point, at most 6.
        decimals: u8,
        /// What follows the number, with its space where the language wants one.
        suffix: String,
    },
}

impl Default for Unit {
    /// Whole numbers without a suffix.
    fn default() -> Self {
        Self::Plain { decimals: 0, suffix: String::new() }
    }
}

impl Unit {
    /// What a value is multiplied with before it is written.
    fn factor(&self) -> f64 {
        match self {
            Self::Percent { .. } => 100.0,
            Self::Plain { .. } => 1.0,
        }
    }

    fn decimals(&self) -> u8 {
        match self {
            Self::Percent { decimals } | Self::Plain { decimals, .. } => (*decimals).min(6),
        }
    }

    fn suffix(&self) -> &str {
        match self {
            Self::Percent { .. } => "%",
            Self::Plain { suffix, .. } => suffix,
        }
    }

    fn number(&self, value: f64) -> String {
        grouped(value * self.factor(), usize::from(self.decimals()))
    }

    /// Takes the suffix off a written value; % stays, it is part of the number.
    pub(super) fn without_suffix<'t>(&self, written: &'t str) -> &'t str {
        match self {
            Self::Percent { .. } => written,
            Self::Plain { suffix, .. } => written.strip_suffix(suffix.as_str()).unwrap_or(written),
        }
    }

    /// Writes a value with its suffix.
    pub fn written(&self, value: f64) -> String {
        format!("{}{}", self.number(value), self.suffix())
    }

    /// Writes a change with its sign: `+3 天`, `−3 天`, and `0 天` without one.
    pub fn signed(&self, change: f64) -> String {
        let written = self.written(change.abs());
        if written == self.written(0.0) {
            return written;
        }
        format!("{}{written}", if change < 0.0 { '−' } else { '+' })
    }

    /// Writes a value where the unit is known: the number, and % where it is one.
    pub(super) fn bare(&self, value: f64) -> String {
        match self {
            Self::Percent { .. } => self.written(value),
            Self::Plain { .. } => self.number(value),
        }
    }
}

/// A value axis from 0 to `top`, a tick every `step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) top: f64,
    pub(super) step: f64,
    decimals: usize,
}

impl Scale {
    /// Finds round steps (1, 2, 5 × 10ⁿ, 25 too) that reach `largest` in about `ticks`.
    ///
    /// Steps are never finer than the unit is written, and an axis of rates up to
    /// 100 % stops there.
    pub(super) fn reaching(largest: f64, unit: &Unit, ticks: f64) -> Self {
        let factor = unit.factor();
        // nothing but zeros: an axis to 10 % or to 1, so that it still looks like one
        let shown = if largest > 0.0 { largest * factor } else { factor.sqrt() };
        let finest = (0..unit.decimals()).fold(1.0, |power, _| power / 10.0);
        let raw = (shown / ticks).max(finest);
        // by division, not logarithm: the last bit of a logarithm depends on the machine
        let (mut power, mut decimals) = (1.0, 0);
        while power * 10.0 <= raw * (1.0 + 1e-9) {
            power *= 10.0;
        }
        while power > raw * (1.0 + 1e-9) {
            power /= 10.0;
            decimals += 1;
        }
        let rounds: &[f64] = if power >= 10.0 { &[1.0, 2.0, 2.5, 5.0] } else { &[1.0, 2.0, 5.0] };
        let round = rounds.iter().copied().find(|m| m * power >= raw * (1.0 - 1e-9)).unwrap_or(10.0);
        let step = round * power;
        let mut top = (shown / step - 1e-9).ceil().max(1.0) * step;
        if matches!(unit, Unit::Percent { .. }) && shown <= 100.0 {
            top = top.min(100.0);
        }
        // a step of 10 × 0.1 needs one decimal less
        let decimals = if round >= 10.0 { usize::saturating_sub(decimals, 1) } else { decimals };
        Self { top: top / factor, step: step / factor, decimals }
    }

    /// Lists the ticks with their labels, from 0 up.
    pub(super) fn ticks(&self, unit: &Unit) -> Vec<(f64, String)> {
        let written = |value: f64| {
            let number = grouped(value * unit.factor(), self.decimals);
            format!("{number}{}", unit.suffix())
        };
        let mut ticks = Vec::new();
        let mut value = 0.0;
        while value <= self.top * (1.0 + 1e-9) {
            ticks.push((value, written(value)));
            value = count(ticks.len()) * self.step;
        }
        ticks
    }
}

/// Writes a number with thousands separators, never as −0.
fn grouped(value: f64, decimals: usize) -> String {
    let plain = fixed(value.max(0.0), decimals);
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut number = String::with_capacity(plain.len() + whole.len() / 3);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            number.push(',');
        }
        number.push(digit);
    }
    number.push_str(rest);
    number
}

/// A count as a number of pixels' arithmetic.
#[allow(clippy::cast_precision_loss)] // rows of a chart, not of a table
pub(super) fn count(number: usize) -> f64 {
    number as f64
}

/// A number of cases as a value to draw or to write.
#[allow(clippy::cast_precision_loss)] // far below 2⁵³
pub(super) fn cases(number: u64) -> f64 {
    number as f64
}

/// Checks that a value can be drawn, and takes a rounding error below 0 for 0.
pub(super) fn drawable(value: f64, chart: &str, label: &str) -> Result<f64, ChartError> {
    if (-1e-9..=LARGEST).contains(&value) {
        return Ok(value.max(0.0));
    }
    Err(ChartError::Value { chart: chart.to_owned(), label: label.to_owned(), value })
}

/// Checks that a row has as many values as the chart asks for.
pub(super) fn counted(found: usize, expected: usize, chart: &str, label: &str) -> Result<(), ChartError> {
    if found == expected {
        return Ok(());
    }
    Err(ChartError::Count { chart: chart.to_owned(), label: label.to_owned(), found, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let percent = Unit::Percent { decimals: 1 };
        let days = Unit::Plain { decimals: 1, suffix: " d".into() };
        let whole = Unit::Plain { decimals: 0, suffix: String::new() };
        let cases: [(f64, &Unit, &[&str]); 9] = [
            (0.37, &percent, &["0%", "10%", "20%", "30%", "40%"]),
            (1.0, &percent, &["0%", "20%", "40%", "60%", "80%", "100%"]),
            (0.98, &percent, &["0%", "20%", "40%", "60%", "80%", "100%"]),
            (0.0, &percent, &["0%", "2%", "4%", "6%", "8%", "10%"]),
            (0.004, &percent, &["0.0%", "0.1%", "0.2%", "0.3%", "0.4%"]),
            (87.3, &days, &["0 d", "20 d", "40 d", "60 d", "80 d", "100 d"]),
            (0.6, &days, &["0.0 d", "0.2 d", "0.4 d", "0.6 d"]),
            (2.0, &whole, &["0", "1", "2"]),
            (1.2e12, &whole, &[]),
        ];
        for (largest, unit, expected) in cases {
            let scale = Scale::reaching(largest, unit, 5.0);
            let ticks = scale.ticks(unit);
            assert!(scale.top >= largest, "{largest}");
            assert!((2..=7).contains(&ticks.len()), "{largest}: {ticks:?}");
            if !expected.is_empty() {
                let labels: Vec<&str> = ticks.iter().map(|(_, label)| label.as_str()).collect();
                assert_eq!(labels, expected, "{largest}");
            }
        }
    }

    #[test]
    fn numbers_are_written_for_people() {
        let days = Unit::Plain { decimals: 1, suffix: " 天".into() };
        let cases = [(0.0, "0.0 天"), (-0.0, "0.0 天"), (12.34, "12.3 天"), (1_234_567.0, "1,234,567.0 天")];
        for (value, expected) in cases {
            assert_eq!(days.written(value), expected);
        }
        assert_eq!(Unit::Percent { decimals: 1 }.written(0.1234), "12.3%");
        assert_eq!(Unit::Percent { decimals: 0 }.bare(1.0), "100%");
        let changes = [(-3.26, "−3.3 天"), (0.04, "0.0 天"), (-0.04, "0.0 天"), (12.0, "+12.0 天")];
        for (change, expected) in changes {
            assert_eq!(days.signed(change), expected);
        }
        assert_eq!(grouped(999.96, 1), "1,000.0");
    }

    #[test]
    fn refuses_what_cannot_be_drawn() {
        for value in [f64::NAN, f64::INFINITY, -0.5, 1e16] {
            assert!(drawable(value, "c", "l").is_err(), "{value}");
        }
        for (value, expected) in [(-1e-12, 0.0), (0.0, 0.0), (1e12, 1e12)] {
            let drawn = drawable(value, "c", "l").unwrap();
            assert!((drawn - expected).abs() < f64::EPSILON, "{value}");
        }
    }
}
