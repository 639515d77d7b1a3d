//! How many rows a query may have, where its joins on constants pair every row with every row: one such join of lists that
//! have been grouped is a table of all months and departments, one of cases a hundred thousand million rows.

use std::collections::{BTreeMap, BTreeSet};

use sqlparser::ast::{BinaryOperator, Expr, GroupByExpr, Join, JoinConstraint, Query, Select, SetExpr};
use sqlparser::ast::{Spanned, TableFactor};
use sqlparser::tokenizer::Span;

use super::column;
use super::expression::has_aggregate;
use super::query::{constraint, item_expr, plain_name};

/// One row.
const ONE: u32 = 0;
/// As many as there are months, departments, kinds.
const FEW: u32 = 1;
/// As many as there are cases.
const MANY: u32 = 3;
/// What pairs of every row with every row may come to.
const MOST: u32 = MANY;

/// Tables that do not grow with the cases.
const SMALL: [(&str, u32); 3] = [("params", ONE), ("month_days", FEW), ("limits", FEW)];

/// The rows of a table, a CTE or what is joined of them.
#[derive(Debug, Clone)]
struct Spread {
    /// [`ONE`], [`FEW`], [`MANY`], or the sum of those that were paired.
    rows: u32,
    /// The columns that are the same in all rows.
    constants: BTreeSet<String>,
}

impl Spread {
    fn is_constant(&self, column: &str) -> bool {
        self.rows == ONE || self.constants.contains(column)
    }
}

/// The first join that pairs too many rows with too many.
pub(super) fn beyond(query: &Query) -> Option<Span> {
    let mut known = BTreeMap::new();
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        match of_body(&cte.query.body, &known) {
            Ok(spread) => drop(known.insert(cte.alias.name.value.clone(), spread)),
            Err(span) => return Some(span),
        }
    }
    of_body(&query.body, &known).err()
}

fn of_body(body: &SetExpr, known: &BTreeMap<String, Spread>) -> Result<Spread, Span> {
    match body {
        SetExpr::Select(select) => of_select(select, known),
        SetExpr::SetOperation { left, right, .. } => {
            let (left, right) = (of_body(left, known)?, of_body(right, known)?);
            let constants = left.constants.intersection(&right.constants).cloned().collect();
            Ok(Spread { rows: left.rows.max(right.rows).max(FEW), constants })
        }
        _ => Ok(Spread { rows: MANY, constants: BTreeSet::new() }),
    }
}

fn of_select(select: &Select, known: &BTreeMap<String, Spread>) -> Result<Spread, Span> {
    let mut relations = BTreeMap::new();
    let mut rows = ONE;
    for table in &select.from {
        rows = relation(&table.relation, known, &mut relations);
        for join in &table.joins {
            let joined = relation(&join.relation, known, &mut relations);
            rows = match is_linked(join, &relations) {
                true => rows.max(joined),
                false if rows + joined > MOST => return Err(join.relation.span()),
                false => rows + joined,
            };
        }
    }
    let is_grouped = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if !keys.is_empty());
    let expressions = || select.projection.iter().filter_map(|item| Some((column(item), item_expr(item)?)));
    if is_grouped {
        rows = if rows == MANY { FEW } else { rows };
    } else if expressions().any(|(_, expr)| has_aggregate(expr)) {
        rows = ONE;
    }
    let constants = expressions().filter(|(_, expr)| is_constant(expr, &relations)).map(|(name, _)| name).collect();
    Ok(Spread { rows, constants })
}

/// The rows of a relation, which its columns can be looked up by from then on.
fn relation(of: &TableFactor, known: &BTreeMap<String, Spread>, relations: &mut BTreeMap<String, Spread>) -> u32 {
    let TableFactor::Table { name, alias, .. } = of else { return MANY };
    let Some(name) = plain_name(name) else { return MANY };
    let spread = known.get(&name).cloned().unwrap_or_else(|| {
        let rows = SMALL.iter().find(|(small, _)| *small == name).map_or(MANY, |(_, rows)| *rows);
        Spread { rows, constants: BTreeSet::new() }
    });
    let rows = spread.rows;
    relations.insert(alias.as_ref().map_or(name, |alias| alias.name.value.clone()), spread);
    rows
}

/// Whether a join is on a pair of columns that differ from row to row.
fn is_linked(join: &Join, relations: &BTreeMap<String, Spread>) -> bool {
    fn links(on: &Expr, relations: &BTreeMap<String, Spread>) -> bool {
        match on {
            Expr::Nested(inner) => links(inner, relations),
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                links(left, relations) || links(right, relations)
            }
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                !is_constant(left, relations) && !is_constant(right, relations)
            }
            _ => false,
        }
    }
    matches!(constraint(&join.join_operator), Some(JoinConstraint::On(on)) if links(on, relations))
}

/// Whether an expression has no column in it, or none that differs from row to row.
fn is_constant(expr: &Expr, relations: &BTreeMap<String, Spread>) -> bool {
    let all = |expressions: &[&Expr]| expressions.iter().all(|expr| is_constant(expr, relations));
    match expr {
        Expr::Value(_) => true,
        Expr::Identifier(name) => {
            let mut spreads = relations.values();
            matches!((spreads.next(), spreads.next()), (Some(only), None) if only.is_constant(&name.value))
        }
        Expr::CompoundIdentifier(path) => match path.as_slice() {
            [relation, name] => relations.get(&relation.value).is_some_and(|spread| spread.is_constant(&name.value)),
            _ => false,
        },
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } | Expr::UnaryOp { expr: inner, .. } => all(&[inner]),
        Expr::BinaryOp { left, right, .. } => all(&[left, right]),
        _ => false,
    }
}
