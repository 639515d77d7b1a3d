//! The monthly rates of each department as control charts: which months are signal, and which only noise.

use std::collections::BTreeMap;

use super::{Row, count, number, sum, text};
use crate::calendar::Day;
use crate::error::Result;
use crate::lake::{Columns, Value};
use crate::stats::control::chart;

/// With fewer months than this a department gets no limits: they would move with every month that comes.
const MONTHS: usize = 6;
/// With fewer stages than this a month's rate jumps by itself: it is charted, and is no signal.
const SMALL: u64 = 5;

/// One row per department and month in which something was settled.
pub fn limits(counts: Columns<'_>) -> Result<Vec<Row>> {
    let (departments, months) = (counts.texts("department")?, counts.days("month")?);
    let (settled, overdue) = (counts.integers(&sum("settled"))?, counts.integers(&sum("overdue_net"))?);
    let whole = |number: Option<i64>| u64::try_from(number.unwrap_or(0)).unwrap_or(0);
    let mut by_department: BTreeMap<&str, BTreeMap<Day, (u64, u64)>> = BTreeMap::new();
    for (row, month) in months.iter().enumerate() {
        if let Some(month) = month {
            let department = departments.get(row).unwrap_or_default();
            let counts = (whole(settled[row]), whole(overdue[row]));
            by_department.entry(department).or_default().insert(*month, counts);
        }
    }
    let mut rows = Vec::new();
    for (department, months) in by_department {
        let rates: Vec<f64> = months.values().map(|(settled, late)| *late as f64 / *settled as f64).collect();
        let chart = chart(&rates).filter(|_| rates.len() >= MONTHS);
        for (place, (month, (settled, late))) in months.iter().enumerate() {
            let limit = |limit: f64| number(Some(limit.clamp(0.0, 1.0)));
            let rule = chart.as_ref().and_then(|chart| chart.rules[place].first()).filter(|_| *settled >= SMALL);
            let [centre, low, high] = match &chart {
                Some(chart) => [limit(chart.centre), limit(chart.limits.low), limit(chart.limits.high)],
                None => [Value::Null, Value::Null, Value::Null],
            };
            rows.push(vec![
                text(department),
                Value::Date(*month),
                count(*settled),
                count(*late),
                Value::Number(rates[place]),
                centre,
                low,
                high,
                rule.map_or(Value::Null, |rule| text(rule.code())),
            ]);
        }
    }
    Ok(rows)
}
