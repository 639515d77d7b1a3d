//! The portable subset of SQL, checked on the syntax tree when a mart is loaded.
//!
//! The same text runs on Polars and DuckDB. Only what is known to give the same rows on both passes: its lists name
//! every clause, operator, type and function; whatever else the parser reads is refused with its line and what to write
//! instead. SQL selects cases and counts; it neither divides nor orders, which is done here. The structs of the syntax
//! tree are taken apart field by field, so that a new clause of the parser does not compile until this file says what
//! becomes of it. Only clean tables and earlier CTEs can be named: no file, no network, no other statement than one
//! select.

mod bounds;
mod expression;
mod query;
mod spread;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use sqlparser::ast::{Expr, SelectItem, SetExpr, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Span};

pub use crate::clean::NAMES as TABLES;
use crate::error::Mistake;
use crate::words::Words;

/// What a select has to offer.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The columns of its rows, in order.
    pub columns: Vec<String>,
    /// The tables and marts that it reads.
    pub tables: BTreeSet<String>,
    /// Its CTEs and their columns, in order.
    pub ctes: Vec<(String, Vec<String>)>,
    /// The bytes after its last CTE, and where its final select begins.
    pub body: Range<usize>,
}

impl Selected {
    /// The columns of one of its CTEs.
    pub fn cte(&self, name: &str) -> Option<&[String]> {
        self.ctes.iter().find(|(known, _)| known == name).map(|(_, columns)| columns.as_slice())
    }
}

/// Reads one select, or finds every mistake in it.
///
/// `marts` can be named besides the clean tables.
pub fn check(file: &str, sql: &str, marts: &[&str]) -> Result<Selected, Vec<Mistake>> {
    if let Some(too_much) = bounds::broken(sql) {
        return Err(vec![Mistake::new(file, sql, None, too_much)]);
    }
    let statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| {
        let message = error.to_string();
        let span = line_in(&message).and_then(|line| line_span(sql, line));
        vec![Mistake::new(file, sql, span, Words::quoting("SQL 的写法不对", message))]
    })?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err(vec![Mistake::new(file, sql, None, Words::new("指标表应是一条 select", "a mart is one select"))]);
    };
    let mut checker = Checker {
        file,
        sql,
        tables: TABLES.iter().chain(marts).map(|table| (*table).to_owned()).collect(),
        met: BTreeSet::new(),
        ctes: Vec::new(),
        expanded: 1,
        mistakes: Vec::new(),
    };
    checker.query(query, true);
    if checker.expanded > bounds::MOST_EXPANDED {
        return Err(vec![Mistake::new(file, sql, None, bounds::expanded(checker.expanded))]);
    }
    if let Some(span) = spread::beyond(query) {
        checker.refuse(
            span,
            Words::new("按常数连接会把每一行与每一行配成一对", "a join on constants pairs every row with every row"),
            help(
                "请按相等的列连接，或者先 group by；单行的表（如 params）可以按常数连接",
                "join on columns that are equal, or group first; a table of one row, such as params, can be joined on a constant",
            ),
        );
    }
    let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
    let body = start(query.body.as_ref()).map_or(0, |at| byte(sql, at));
    let head = ctes.clone().next_back().map_or(body, |cte| byte(sql, cte.closing_paren_token.0.span.end));
    let selected = Selected {
        columns: first_columns(query.body.as_ref()),
        tables: std::mem::take(&mut checker.met),
        ctes: ctes.map(|cte| (cte.alias.name.value.clone(), first_columns(cte.query.body.as_ref()))).collect(),
        body: head..body,
    };
    if checker.mistakes.is_empty() { Ok(selected) } else { Err(checker.mistakes) }
}

/// The names of the columns of a select, or of the first of several that are united.
fn first_columns(body: &SetExpr) -> Vec<String> {
    match body {
        SetExpr::Select(select) => select.projection.iter().map(column).collect(),
        SetExpr::SetOperation { left, .. } => first_columns(left),
        _ => Vec::new(),
    }
}

fn column(item: &SelectItem) -> String {
    match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.clone(),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(path)) => {
            path.last().map(|name| name.value.clone()).unwrap_or_default()
        }
        SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
        other => other.to_string(),
    }
}

/// Where the first select of a body begins.
fn start(body: &SetExpr) -> Option<Location> {
    match body {
        SetExpr::Select(select) => Some(select.select_token.0.span.start),
        SetExpr::SetOperation { left, .. } => start(left),
        _ => None,
    }
}

fn line_in(message: &str) -> Option<usize> {
    message.split("Line: ").nth(1)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The byte at a place of the parser, which counts lines and characters from 1.
fn byte(sql: &str, at: Location) -> usize {
    let lines = sql.split_inclusive('\n').take((at.line as usize).saturating_sub(1)).map(str::len).sum::<usize>();
    let column = (at.column as usize).saturating_sub(1);
    sql[lines..].char_indices().nth(column).map_or(sql.len(), |(within, _)| lines + within)
}

/// The bytes of a line, from 1.
fn line_span(sql: &str, line: usize) -> Option<Range<usize>> {
    let before: usize = sql.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let text = sql[before..].lines().next().unwrap_or_default();
    let indent = text.len() - text.trim_start().len();
    Some(before + indent..before + text.len())
}

/// Where an expression stands, and so which functions it may call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A select without groups: windows, no aggregates.
    Row,
    /// A select with groups or aggregates: aggregates, no windows.
    Group,
    /// The argument of an aggregate or window, or a condition: neither.
    Plain,
}

/// A piece of SQL, which is called the same in both languages.
fn sql(text: &str) -> Words {
    Words::new(text, text)
}

fn help(zh: impl Into<String>, en: impl Into<String>) -> Option<Words> {
    Some(Words::new(zh, en))
}

fn not_portable(what: impl fmt::Display) -> Words {
    Words::new(format!("「{what}」不可移植"), format!("`{what}` is not portable"))
}

struct Checker<'a> {
    file: &'a str,
    sql: &'a str,
    tables: Vec<String>,
    /// Those of them that were met.
    met: BTreeSet<String>,
    /// The CTEs so far, each with how many selects stand for it where it is named.
    ctes: Vec<(String, u64)>,
    /// How many selects stand for what is being looked at.
    expanded: u64,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn refuse(&mut self, span: Span, message: Words, help: Option<Words>) {
        let bytes = line_span(self.sql, span.start.line as usize);
        let mistake = Mistake::new(self.file, self.sql, bytes, message);
        self.mistakes.push(match help {
            Some(help) => mistake.help(help),
            None => mistake,
        });
    }

    /// Refuses each clause that is there.
    fn clauses<const N: usize>(&mut self, span: Span, clauses: [(bool, Words, Option<Words>); N]) {
        for (_, name, help) in clauses.into_iter().filter(|(present, ..)| *present) {
            let message = Words::new(format!("「{}」不可移植", name.zh), format!("`{}` is not portable", name.en));
            self.refuse(span, message, help);
        }
    }
}

#[cfg(test)]
mod tests;
