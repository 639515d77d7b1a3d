//! The portable subset of SQL, checked on the syntax tree when a mart is loaded.
//!
//! The same text runs on Polars, DuckDB and DataFusion. What one of them refuses, or worse, answers differently
//! without a word, is refused here with its line and what to write instead. Only clean tables and earlier CTEs can be
//! named: no file, no network, no other statement than one select.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArguments, JoinConstraint, JoinOperator, Query, Select, SelectItem, SetExpr,
    SetOperator, SetQuantifier, Spanned, Statement, TableFactor, Visit, Visitor, WindowType,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Span;

pub use crate::clean::NAMES as TABLES;
use crate::error::Mistake;

const FUNCTIONS: [&str; 14] = [
    "count",
    "sum",
    "min",
    "max",
    "avg",
    "coalesce",
    "nullif",
    "abs",
    "sqrt",
    "quantile_cont",
    "rank",
    "row_number",
    "dense_rank",
    "lag",
];

/// Checks one select and returns the names of its columns, or every mistake.
///
/// `marts` can be named besides the clean tables.
pub fn check(file: &str, sql: &str, marts: &[&str]) -> Result<Vec<String>, Vec<Mistake>> {
    let mistake = |message: String| vec![Mistake::new(file, sql, None, message)];
    let statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| {
        let message = error.to_string();
        let span = line_in(&message).and_then(|line| line_span(sql, line));
        vec![Mistake::new(file, sql, span, message)]
    })?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err(mistake("a mart is one select".to_owned()));
    };
    let mut checker = Checker {
        file,
        sql,
        known: TABLES.iter().chain(marts).map(|t| (*t).to_owned()).collect(),
        tables: TABLES.iter().chain(marts).map(|t| (*t).to_owned()).collect(),
        mistakes: Vec::new(),
    };
    let ControlFlow::Continue(()) = query.visit(&mut checker);
    if query.order_by.is_none() {
        checker.refuse(query.span(), "a mart ends with `order by` over its grain: its bytes are published", None);
    }
    let columns = first_columns(query.body.as_ref());
    if checker.mistakes.is_empty() { Ok(columns) } else { Err(checker.mistakes) }
}

/// The cases behind the figures of a mart, as a select of their own.
pub struct CaseQuery {
    /// The columns, one row a case.
    pub columns: Vec<String>,
    /// The select.
    pub sql: String,
}

/// The CTE `cases` of a mart, with what it builds on: the very text by which the figures are made.
pub fn cases(sql: &str) -> Option<CaseQuery> {
    let statements = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    let [Statement::Query(query)] = statements.as_slice() else { return None };
    let tables = &query.with.as_ref()?.cte_tables;
    let last = tables.iter().position(|cte| cte.alias.name.value == "cases")?;
    let columns = first_columns(tables[last].query.body.as_ref());
    let ctes: Vec<String> = tables[..=last].iter().map(ToString::to_string).collect();
    let sql = format!("with {} select {} from cases", ctes.join(", "), columns.join(", "));
    Some(CaseQuery { columns, sql })
}

/// The names of the columns of a select, or of the first of several that are united.
fn first_columns(body: &SetExpr) -> Vec<String> {
    match body {
        SetExpr::Select(select) => columns(select),
        SetExpr::SetOperation { left, .. } => first_columns(left),
        _ => Vec::new(),
    }
}

fn columns(select: &Select) -> Vec<String> {
    let name = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.clone(),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(path)) => {
            path.last().map(|name| name.value.clone()).unwrap_or_default()
        }
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        other => other.to_string(),
    };
    select.projection.iter().map(name).collect()
}

fn line_in(message: &str) -> Option<usize> {
    message.split("Line: ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The bytes of a line, from 1.
fn line_span(sql: &str, line: usize) -> Option<std::ops::Range<usize>> {
    let before: usize = sql.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let text = sql[before..].lines().next().unwrap_or_default();
    let indent = text.len() - text.trim_start().len();
    Some(before + indent..before + text.len())
}

struct Checker<'a> {
    file: &'a str,
    sql: &'a str,
    known: Vec<String>,
    tables: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: Option<&str>) {
        let bytes = line_span(self.sql, span.start.line as usize);
        let mistake = Mistake::new(self.file, self.sql, bytes, message);
        self.mistakes.push(match help {
            Some(help) => mistake.help(help),
            None => mistake,
        });
    }

    fn select(&mut self, select: &Select) {
        for item in &select.projection {
            match item {
                SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                    self.refuse(item.span(), "`select *` hides the columns", Some("name them"));
                }
                SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_))
                | SelectItem::ExprWithAlias { .. } => {}
                other => self.refuse(other.span(), "a computed column needs a name", Some("write `… as name`")),
            }
        }
        for table in &select.from {
            self.relation(&table.relation);
            for join in &table.joins {
                self.relation(&join.relation);
                let constraint = match &join.join_operator {
                    JoinOperator::Join(c)
                    | JoinOperator::Inner(c)
                    | JoinOperator::Left(c)
                    | JoinOperator::LeftOuter(c)
                    | JoinOperator::FullOuter(c) => c,
                    _ => {
                        self.refuse(join.relation.span(), "only inner, left and full joins are portable", None);
                        continue;
                    }
                };
                match constraint {
                    JoinConstraint::On(on) if is_equality(on) => {}
                    _ => self.refuse(
                        join.relation.span(),
                        "a join is on equal columns",
                        Some("filter in a CTE first; join on a constant key for a scalar"),
                    ),
                }
            }
        }
    }

    fn relation(&mut self, relation: &TableFactor) {
        match relation {
            TableFactor::Table { name, args: None, .. } => {
                let name = name.to_string();
                if !self.known.contains(&name) {
                    let help = format!("tables: {}", TABLES.join(", "));
                    self.refuse(relation.span(), format!("there is no table `{name}`"), Some(&help));
                }
            }
            TableFactor::Derived { .. } => {}
            other => self.refuse(other.span(), "only named tables can be read", None),
        }
    }
}

fn is_equality(on: &Expr) -> bool {
    match on {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => is_equality(left) && is_equality(right),
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            [left, right].iter().all(|side| matches!(side.as_ref(), Expr::CompoundIdentifier(_) | Expr::Identifier(_)))
        }
        Expr::Nested(inner) => is_equality(inner),
        _ => false,
    }
}

impl Visitor for Checker<'_> {
    type Break = std::convert::Infallible;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        // A CTE can be named by what follows it; the name of a table stays the table's.
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            if self.tables.contains(&cte.alias.name.value) {
                let message = format!("`{}` is the name of a table already", cte.alias.name.value);
                self.refuse(cte.span(), message, Some("give the CTE another name"));
            }
            self.known.push(cte.alias.name.value.clone());
        }
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            self.refuse(query.span(), "recursion is not portable", None);
        }
        let mut bodies = vec![query.body.as_ref()];
        while let Some(body) = bodies.pop() {
            match body {
                SetExpr::Select(select) => self.select(select),
                SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
                    bodies.extend([left.as_ref(), right.as_ref()]);
                }
                SetExpr::Query(_) => {}
                other => self.refuse(other.span(), "only select and `union all` are portable", None),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Self::Break> {
        match expr {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                self.refuse(expr.span(), "a subquery stands in `with` or `from` only", Some("join on a constant key"));
            }
            Expr::Extract { .. } | Expr::Interval(_) => {
                self.refuse(
                    expr.span(),
                    "date arithmetic is not portable",
                    Some("use the day counts of the clean tables"),
                );
            }
            Expr::Floor { .. } | Expr::Ceil { .. } => {
                self.refuse(expr.span(), "rounding belongs to the report", None);
            }
            Expr::Function(function) => {
                let name = function.name.to_string().to_lowercase();
                if !FUNCTIONS.contains(&name.as_str()) {
                    let help = format!("functions: {}", FUNCTIONS.join(", "));
                    self.refuse(expr.span(), format!("`{name}` is not portable"), Some(&help));
                }
                if function.filter.is_some() || !function.within_group.is_empty() {
                    self.refuse(expr.span(), "`filter` and `within group` are not portable", Some("use `case`"));
                }
                if name == "lag" && matches!(&function.args, FunctionArguments::List(list) if list.args.len() > 2) {
                    self.refuse(expr.span(), "`lag` takes no default", Some("use coalesce"));
                }
                if let Some(WindowType::WindowSpec(window)) = &function.over {
                    let mixed = window.order_by.iter().any(|by| by.options.asc == Some(false));
                    if mixed {
                        self.refuse(expr.span(), "`desc` in `over` is not portable", Some("order by the negative"));
                    }
                    if name == "sum" && !window.order_by.is_empty() && window.window_frame.is_none() {
                        self.refuse(
                            expr.span(),
                            "a running sum needs its frame",
                            Some("rows between unbounded preceding and current row"),
                        );
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_portable_is_refused_at_its_line() {
        for (sql, word) in [
            ("select *\nfrom stages\norder by 1", "select *"),
            ("select stage as s\nfrom read_csv('x')\norder by s", "only named tables"),
            ("select stage as s from secrets order by s", "there is no table"),
            ("select round(net_wd) as r from stages order by r", "`round` is not portable"),
            ("select count(*) filter (where true) as r from stages order by r", "filter"),
            ("select stage as s from stages", "order by"),
            ("select a.stage as s from stages a join stages b on a.net_wd > b.net_wd order by s", "equal columns"),
            ("select stage as s from stages where net_wd > (select 1) order by s", "subquery"),
            ("drop table stages", "one select"),
            ("select stage as s from stages order by s; select 1", "one select"),
            ("select stage as s frm stages", "Expected"),
            ("select count(*) from stages order by 1", "needs a name"),
            ("select rank() over (order by net_wd desc) as r from stages order by r", "desc"),
        ] {
            let mistakes = check("x.sql", sql, &[]).expect_err(sql);
            assert!(mistakes.iter().any(|mistake| mistake.to_string().contains(word)), "{sql}: {mistakes:?}");
        }
        assert_eq!(
            check("x.sql", "select stage, count(*) as n from stages group by stage order by stage", &[]).unwrap(),
            ["stage", "n"]
        );
    }
}
