//! The shares of a month against what chance alone would do.

use serde::Deserialize;
use toml::Spanned;

use super::finding::Fills;
use super::{Drawn, Finding, Picture, caption, percents};
use crate::draw::{FunnelChart, FunnelDot, FunnelLimit, LineStyle, Reference};
use crate::error::Result;
use crate::report::Input;
use crate::report::declared::{Form, Head, Holds, Review};
use crate::report::rows::{PlainWhere, Rows, Where};
use crate::stats::binomial_limits;

/// `form = "funnel"`: a dot per row of the month, `part` ÷ `whole` by `whole`, between binomial limits.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Funnel {
    #[schemars(with = "String")]
    mart: Spanned<String>,
    #[serde(default, rename = "where")]
    #[schemars(with = "PlainWhere")]
    wanted: Where,
    /// The columns that name a dot.
    #[schemars(with = "Vec<String>")]
    label: Vec<Spanned<String>>,
    #[schemars(with = "String")]
    part: Spanned<String>,
    #[schemars(with = "String")]
    whole: Spanned<String>,
}

/// The quantiles of the funnel's limits: 95 % and 99.8 % of what chance alone would do lie within.
const LIMITS: [(&str, f64, LineStyle); 2] = [("95 %", 0.95, LineStyle::Dashed), ("99.8 %", 0.998, LineStyle::Dotted)];

/// One row of the mart.
struct Counted {
    label: String,
    part: u64,
    whole: u64,
}

impl Form<Drawn> for Funnel {
    fn review(&self, review: &mut Review<'_>) {
        let Some(mart) = review.mart(&self.mart) else { return };
        review.wanted(mart, &self.wanted);
        review.columns(mart, &self.label, Holds::Anything);
        review.columns(mart, [&self.part, &self.whole], Holds::Counts);
    }

    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Drawn> {
        let counted = self.counted(input)?;
        let n: u64 = counted.iter().map(|row| row.whole).sum();
        let overall = counted.iter().map(|row| row.part).sum::<u64>() as f64 / n.max(1) as f64;
        let most = counted.iter().map(|row| row.whole).max().unwrap_or(0);
        let dots: Vec<FunnelDot> = counted.into_iter().map(|row| dot(row, overall)).collect();
        let above = dots.iter().filter(|dot| dot.is_outside && dot.rate > overall);
        let above: Vec<&str> = above.map(|dot| dot.label.as_str()).collect();
        let finding = match above.is_empty() {
            _ if n == 0 => Finding::Nothing,
            true => Finding::Otherwise(Fills::new()),
            false => Finding::Found(vec![("above", above.join(input.lang.pick("、", ", ")))]),
        };
        let chart = FunnelChart {
            caption: caption(input, head, &[("n", n.to_string())], &finding),
            unit: percents(),
            rate_name: head.words(input, "rate"),
            n_name: head.words(input, "n"),
            overall: Reference { value: overall, label: head.words(input, "overall") },
            limits: if n == 0 { Vec::new() } else { LIMITS.map(|of| limit(of, most, overall)).into() },
            dots,
            outside_name: head.words(input, "outside"),
            inside_name: head.words(input, "inside"),
        };
        Ok(Picture::of(chart, None))
    }
}

impl Funnel {
    fn counted(&self, input: &Input<'_>) -> Result<Vec<Counted>> {
        let Some(rows) = Rows::of(input, self.mart.get_ref(), &self.wanted)? else { return Ok(Vec::new()) };
        let rows = rows.of_months(input.month(), 1)?;
        let whole = |count: i64| u64::try_from(count).unwrap_or(0);
        let counts = rows.counts(self.part.get_ref())?.into_iter().zip(rows.counts(self.whole.get_ref())?);
        let counted =
            |(label, (part, all)): (String, (i64, i64))| Counted { label, part: whole(part), whole: whole(all) };
        Ok(rows.labels(input, &self.label)?.into_iter().zip(counts).map(counted).collect())
    }
}

/// The curves between which chance alone would leave a share of all.
fn limit((name, inside, style): (&str, f64, LineStyle), most: u64, overall: f64) -> FunnelLimit {
    let mut limit = FunnelLimit { name: name.to_owned(), style, lower: Vec::new(), upper: Vec::new() };
    // Enough points for a smooth curve, closer together where it is steep.
    for n in (1..=80_u64).map(|step| (most * step * step / 6_400).max(1)) {
        if limit.lower.last().is_some_and(|(last, _)| *last >= n as f64) {
            continue;
        }
        let bounds = binomial_limits(n, overall, inside);
        limit.lower.push((n as f64, bounds.low));
        limit.upper.push((n as f64, bounds.high));
    }
    limit
}

fn dot(row: Counted, overall: f64) -> FunnelDot {
    let rate = row.part as f64 / row.whole.max(1) as f64;
    let bounds = binomial_limits(row.whole, overall, LIMITS[0].1);
    let is_outside = rate < bounds.low || rate > bounds.high;
    FunnelDot { label: row.label, n: row.whole, rate, is_outside }
}
