//! The curves of both modes, one row per day on which something happened.

use super::covered::{self, CURVE, PointOf, RARE};
use super::{MODES, Row, count, ends, life_tables, text};
use crate::error::Result;
use crate::lake::{Columns, Value};

/// The share not yet energised, cancelled ones counted until they were cancelled.
pub fn survival(cases: Columns<'_>) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for (scope, tables) in life_tables(cases)? {
        for (mode, table) in MODES.iter().zip(&tables) {
            let mut ended = 0;
            for point in table.kaplan_meier().points() {
                let moment = point.moment;
                ended += moment.events;
                let of = PointOf { cases: table.cases(), ended, left: moment.left() };
                let [low, high] = ends(covered::point(point.interval, of, CURVE));
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
            let mut ended = [0; 2];
            for point in table.aalen_johansen().points() {
                let moment = point.moment;
                ended = [ended[0] + moment.events, ended[1] + moment.competing];
                let mut row = vec![
                    text(&scope.name),
                    text(mode.code()),
                    Value::Integer(moment.day.into()),
                    count(moment.at_risk),
                    count(moment.events),
                    count(moment.competing),
                ];
                for (share, ended, needed) in [(point.event, ended[0], CURVE), (point.competing, ended[1], RARE)] {
                    let of = PointOf { cases: table.cases(), ended, left: moment.left() };
                    let [low, high] = ends(covered::point(share.interval, of, needed));
                    row.extend([Value::Number(share.value), low, high]);
                }
                rows.push(row);
            }
        }
    }
    Ok(rows)
}
