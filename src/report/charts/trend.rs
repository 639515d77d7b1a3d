//! The overdue rate by month: of all departments, and of the worst.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Fills;
use super::plotted::Plots;
use super::{Drawn, Finding, MONTHS, caption, labels, months, percents};
use crate::calendar::Day;
use crate::cells::points;
use crate::draw::{Hue, Line, LineChart, LineStyle};
use crate::error::Result;
use crate::lake::Columns;
use crate::report::Input;
use crate::report::declared::Head;
use crate::report::headline::in_points;

/// How the lines of the worst departments are drawn.
const LOOKS: [(Hue, LineStyle); 3] =
    [(Hue::Vermilion, LineStyle::Solid), (Hue::Ochre, LineStyle::Dashed), (Hue::Purple, LineStyle::Dotted)];

/// All departments, and the worst of the last twelve months.
pub(super) fn overdue(input: &Input<'_>, head: &Head) -> Result<Drawn> {
    let mut lines = Vec::new();
    let mut axis = Vec::new();
    let mut found = Fills::new();
    if let (Some(all), Some(departments)) = (input.mart("month_overdue")?, input.mart("department_month")?) {
        let by_month = all.days("month")?;
        axis = months(input, by_month.iter().copied(), MONTHS);
        let rates: BTreeMap<Day, Option<f64>> = by_month
            .into_iter()
            .zip(all.numbers("rate_net")?)
            .filter_map(|(month, rate)| Some((month?, rate)))
            .collect();
        let of = |month: Day| rates.get(&month).copied().flatten();
        let (now, before) = (of(input.month()), of(input.month().month_before()));
        found.extend(now.map(|now| ("latest", percents().written(now))));
        found.extend(now.zip(before).map(|(now, before)| ("change", in_points(points(now, before), input.lang))));
        lines.push(line(head.words(input, "all"), &rates, &axis, (Hue::Blue, LineStyle::Solid)));

        let departments = Departments::read(departments)?;
        let worst = departments.worst(&axis);
        found.extend(worst.first().map(|worst| ("first", worst.clone())));
        for (name, look) in worst.into_iter().zip(LOOKS) {
            lines.push(line(name.clone(), &departments.rates[&name], &axis, look));
        }
    }
    let caption = caption(input, head, &[], &Finding::Found(found));
    let chart = LineChart { caption, unit: percents(), months: labels(&axis), lines, target: None };
    Ok(chart.picture())
}

fn line(name: String, rates: &BTreeMap<Day, Option<f64>>, axis: &[Day], (hue, style): (Hue, LineStyle)) -> Line {
    let values = axis.iter().map(|month| rates.get(month).copied().flatten()).collect();
    Line { short_name: name.clone(), name, values, hue, style, muted: false }
}

/// What each department did, by month.
#[derive(Default)]
struct Departments {
    rates: BTreeMap<String, BTreeMap<Day, Option<f64>>>,
    /// Overdue and settled.
    counts: BTreeMap<String, BTreeMap<Day, (i64, i64)>>,
}

impl Departments {
    fn read(columns: Columns<'_>) -> Result<Departments> {
        let (months, names) = (columns.days("month")?, columns.texts("department")?);
        let (settled, net) = (columns.integers("settled")?, columns.integers("overdue_net")?);
        let rates = columns.numbers("rate_net")?;
        let mut departments = Departments::default();
        for (row, month) in months.into_iter().enumerate() {
            let Some(month) = month else { continue };
            let name = names.get(row).unwrap_or_default().to_owned();
            let counts = (net[row].unwrap_or(0), settled[row].unwrap_or(0));
            departments.rates.entry(name.clone()).or_default().insert(month, rates[row]);
            departments.counts.entry(name).or_default().insert(month, counts);
        }
        Ok(departments)
    }

    /// The departments by their rate in the last twelve months together, the highest first: one month alone is noise.
    fn worst(&self, axis: &[Day]) -> Vec<String> {
        let recent: BTreeSet<&Day> = axis.iter().rev().take(12).collect();
        let mut worst = Vec::new();
        for (name, counts) in &self.counts {
            let recent: Vec<_> = counts.iter().filter(|(month, _)| recent.contains(month)).map(|(_, n)| *n).collect();
            let (net, settled) = recent.iter().fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
            if !recent.is_empty() {
                worst.push((net as f64 / settled.max(1) as f64, name.clone()));
            }
        }
        worst.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        worst.into_iter().map(|(_, name)| name).collect()
    }
}
