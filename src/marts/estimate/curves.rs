//! The curves of both modes, one row per day on which something happened.

use super::{MODES, Row, count, ends, life_tables, text};
use crate::error::Result;
use crate::lake::{Columns, Value};

/// The share not yet energised, cancelled ones counted until they were cancelled.
pub fn survival(cases: Columns<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (scope, tables) in life_tables(cases)? {
        for (mode, table) in MODES.iter().zip(&tables) {
            for point in table.kaplan_meier().points() {
                let moment = point.moment;
                let [low, high] = ends(point.interval);
                rows.push(vec![
                    text(&scope.name),
                    text(mode.code()),
                    Value::Integer(moment.day.into()),
                    count(moment.at_risk),
                    count(moment.events),
                    count(moment.competing + moment.censored),
                    Value::Number(point.survival),
                    low,
                    high,
                ]);
            }
        }
    }
    Ok(rows)
}

/// The share energised and the share cancelled.
pub fn cumulative_incidence(cases: Columns<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (scope, tables) in life_tables(cases)? {
        for (mode, table) in MODES.iter().zip(&tables) {
            for point in table.aalen_johansen().points() {
                let moment = point.moment;
                let mut row = vec![
                    text(&scope.name),
                    text(mode.code()),
                    Value::Integer(moment.day.into()),
                    count(moment.at_risk),
                    count(moment.events),
                    count(moment.competing),
                ];
                for share in [point.event, point.competing] {
                    let [low, high] = ends(share.interval);
                    row.extend([Value::Number(share.value), low, high]);
                }
                rows.push(row);
            }
        }
    }
    Ok(rows)
}
