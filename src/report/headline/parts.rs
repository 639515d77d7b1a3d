//! A whole of the month and the parts that it is made of, which add up as they are shown.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::{Better, Headline, changed, months, none, with_unit};
use crate::calendar::Day;
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Figure, Form, Head, Holds, Measured, Review, filled};
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::rules::targets::Scope;
use crate::words::Words;

/// The mean of a whole number over the cases of the month, and the means of its parts.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Parts {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The sum over the cases.
    #[schemars(with = "String")]
    whole: Spanned<String>,
    /// How many cases there are.
    #[schemars(with = "String")]
    n: Spanned<String>,
    /// The sums of the parts, in their order.
    parts: Vec<Part>,
    better: Better,
    unit: Words,
    /// What it rests on, `{parts}` and `{n}`.
    #[schemars(with = "Words")]
    detail: Spanned<Words>,
}

/// One part.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Part {
    #[schemars(with = "String")]
    column: Spanned<String>,
    title: Words,
}

/// Sums of a month.
#[derive(Clone, Default)]
struct Sums {
    n: i64,
    parts: Vec<i64>,
}

impl Parts {
    fn of_month(&self, input: &Input<'_>, month: Day) -> Result<Option<Sums>> {
        let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? else { return Ok(None) };
        let months = months(input, &rows)?;
        let sum = |column: &Spanned<String>| -> Result<i64> {
            let counts = rows.counts(column.get_ref())?.into_iter().zip(&months);
            Ok(counts.filter(|(_, of)| **of == Some(month)).map(|(count, _)| count).sum())
        };
        let parts = self.parts.iter().map(|part| sum(&part.column)).collect::<Result<Vec<_>>>()?;
        let sums = Sums { n: sum(&self.n)?, parts };
        Ok(Some(sums).filter(|sums| sums.n > 0))
    }
}

impl Form<Headline> for Parts {
    fn review(&self, review: &mut Review<'_>) {
        if let Some(mart) = review.mart(&self.mart) {
            review.wanted(mart, &self.wanted);
            let parts = self.parts.iter().map(|part| &part.column);
            review.columns(mart, parts.chain([&self.whole, &self.n]), Holds::Counts);
        }
        review.gaps(&self.detail, &["parts", "n"]);
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Headline> {
        let (lang, month) = (input.lang, input.month());
        let now = self.of_month(input, month)?.filter(|_| head.is_given(input));
        let Some(now) = now else {
            return Ok(Headline::plain(head.title(input), none(input, head), String::new()));
        };
        let unit = self.unit.get(lang);
        let tenths = rounded(&now.parts, now.n);
        let parts = self.parts.iter().zip(&tenths);
        let parts = parts.map(|(part, tenths)| format!("{} {}", part.title.get(lang), in_tenths(*tenths)));
        let parts = parts.collect::<Vec<_>>().join(lang.pick("，", ", "));
        let before = self.of_month(input, month.month_before())?;
        let (change, tone) = before.map_or((String::new(), None), |before| {
            // As both are shown.
            let moved = tenths.iter().sum::<i64>() - rounded(&before.parts, before.n).iter().sum::<i64>();
            changed(moved as f64 / 10.0, unit, self.better, lang)
        });
        Ok(Headline {
            title: head.title(input),
            value: with_unit(&in_tenths(tenths.iter().sum()), unit),
            detail: filled(input, self.detail.get_ref(), &[("parts", parts), ("n", now.n.to_string())]),
            change,
            tone,
            target: String::new(),
            few: false,
        })
    }

    fn figure(&self) -> Option<&dyn Figure> {
        Some(self)
    }
}

impl Figure for Parts {
    fn mart(&self) -> &str {
        self.mart.get_ref()
    }

    fn measured(&self) -> Measured {
        Measured::Number(self.unit.clone())
    }

    fn more_is_better(&self) -> Option<bool> {
        Some(self.better == Better::More)
    }

    fn by_month(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, f64>> {
        let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? else { return Ok(BTreeMap::new()) };
        let rows = rows.within(scope)?;
        let sums = rows.sums(&months(input, &rows)?, self.whole.get_ref(), self.n.get_ref())?;
        let means = sums.into_iter().filter(|(_, (_, n))| *n > 0);
        Ok(means.map(|(month, (whole, n))| (month, whole as f64 / n as f64)).collect())
    }
}

/// Each sum ÷ n in tenths, rounded so that they add up to the rounded whole: those with the largest remainders go up, of
/// equals the first.
fn rounded(parts: &[i64], n: i64) -> Vec<i64> {
    let whole = (parts.iter().sum::<i64>() * 20 + n).div_euclid(2 * n);
    let mut tenths: Vec<i64> = parts.iter().map(|part| (part * 10).div_euclid(n)).collect();
    let mut by_remainder: Vec<usize> = (0..parts.len()).collect();
    by_remainder.sort_by_key(|at| -(parts[*at] * 10).rem_euclid(n));
    let short = usize::try_from(whole - tenths.iter().sum::<i64>()).unwrap_or_default();
    for at in by_remainder.into_iter().take(short) {
        tenths[at] += 1;
    }
    tenths
}

fn in_tenths(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_as_they_are_shown() {
        assert_eq!(rounded(&[1, 1, 1], 3), [4, 3, 3], "1.0 = 0.4 + 0.3 + 0.3");
        assert_eq!(rounded(&[70, 11, 60, 8, 2], 2), [350, 55, 300, 40, 10]);
        assert_eq!(rounded(&[0, 0], 7), [0, 0]);
        for n in 1..40 {
            let parts = [n * 3 + 1, n / 2, 17, 0, 5];
            let sum = rounded(&parts, n).iter().sum::<i64>();
            assert_eq!(
                in_tenths(sum),
                format!("{:.1}", (parts.iter().sum::<i64>() as f64 / n as f64 * 10.0).round() / 10.0)
            );
        }
    }
}
