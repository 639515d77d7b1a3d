//! The portable subset of SQL, checked on the syntax tree when a mart is loaded.
//!
//! The same text runs on Polars and DuckDB. Only what is known to give the same rows on both passes: the lists below name
//! every clause, operator, type and function; whatever else the parser reads is refused with its line and what to write
//! instead. SQL selects cases and counts; it neither divides nor orders, which is done here. The structs of the syntax
//! tree are taken apart field by field, so that a new clause of the parser does not compile until this file says what
//! becomes of it. Only clean tables and earlier CTEs can be named: no file, no network, no other statement than one
//! select.

use std::ops::Range;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, Cte, DataType, DuplicateTreatment, ExactNumberInfo, Expr, Function,
    FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, GroupByExpr, Ident, Join, JoinConstraint,
    JoinOperator, ObjectName, ObjectNamePart, OrderByExpr, Query, Select, SelectFlavor, SelectItem, SetExpr,
    SetOperator, SetQuantifier, Spanned, Statement, TableAlias, TableFactor, TableWithJoins, UnaryOperator, Value,
    ValueWithSpan, WindowSpec, WindowType, With,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Location, Span};

pub use crate::clean::NAMES as TABLES;
use crate::error::Mistake;

/// What adds up the rows of a group, or of a window.
const AGGREGATES: [&str; 4] = ["count", "sum", "min", "max"];
/// What numbers the different values of a column: public tables show the latest months of those that had something.
const DENSE_RANK: &str = "dense_rank";
/// What makes one value of others of the same row.
const SCALARS: [&str; 3] = ["coalesce", "nullif", "abs"];

/// What a select has to offer.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The columns of its rows, in order.
    pub columns: Vec<String>,
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
    let statements = Parser::parse_sql(&GenericDialect {}, sql).map_err(|error| {
        let message = error.to_string();
        let span = line_in(&message).and_then(|line| line_span(sql, line));
        vec![Mistake::new(file, sql, span, message)]
    })?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err(vec![Mistake::new(file, sql, None, "a mart is one select")]);
    };
    let mut checker = Checker {
        file,
        sql,
        tables: TABLES.iter().chain(marts).map(|table| (*table).to_owned()).collect(),
        ctes: Vec::new(),
        mistakes: Vec::new(),
    };
    checker.query(query, true);
    let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
    let body = start(query.body.as_ref()).map_or(0, |at| byte(sql, at));
    let head = ctes.clone().next_back().map_or(body, |cte| byte(sql, cte.closing_paren_token.0.span.end));
    let selected = Selected {
        columns: first_columns(query.body.as_ref()),
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

struct Checker<'a> {
    file: &'a str,
    sql: &'a str,
    tables: Vec<String>,
    ctes: Vec<String>,
    mistakes: Vec<Mistake>,
}

impl Checker<'_> {
    fn refuse(&mut self, span: Span, message: impl Into<String>, help: &str) {
        let bytes = line_span(self.sql, span.start.line as usize);
        let mistake = Mistake::new(self.file, self.sql, bytes, message);
        self.mistakes.push(if help.is_empty() { mistake } else { mistake.help(help) });
    }

    /// Refuses each clause that is there.
    fn clauses(&mut self, span: Span, clauses: &[(bool, &str, &str)]) {
        for (_, name, help) in clauses.iter().filter(|(present, ..)| *present) {
            self.refuse(span, format!("`{name}` is not portable"), help);
        }
    }

    fn query(&mut self, query: &Query, outermost: bool) {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        let span = query.span();
        self.clauses(
            span,
            &[
                (order_by.is_some(), "order by", "a mart's SQL selects its cases; their order comes from the grain"),
                (limit_clause.is_some(), "limit", "a mart has all its rows; the report shows the first"),
                (fetch.is_some(), "fetch", "a mart has all its rows; the report shows the first"),
                (!locks.is_empty(), "for update", ""),
                (for_clause.is_some(), "for", ""),
                (settings.is_some(), "settings", ""),
                (format_clause.is_some(), "format", ""),
                (!pipe_operators.is_empty(), "|>", "write clauses"),
            ],
        );
        if let Some(with) = with {
            self.with(with, outermost);
        }
        self.body(body);
    }

    fn with(&mut self, with: &With, outermost: bool) {
        let With { with_token, recursive, cte_tables } = with;
        if *recursive {
            self.refuse(with_token.0.span, "recursion is not portable", "");
        }
        if !outermost {
            self.refuse(with_token.0.span, "a CTE has no CTEs of its own", "put it before the others");
        }
        for cte in cte_tables {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            self.alias(alias);
            let name = &alias.name.value;
            self.clauses(
                cte.span(),
                &[(from.is_some(), "from", ""), (materialized.is_some(), "materialized", "say `as (…)`")],
            );
            if self.tables.contains(name) {
                let message = format!("`{name}` is the name of a table already");
                self.refuse(cte.span(), message, "give the CTE another name");
            }
            self.query(query, false);
            // What follows can name it.
            self.ctes.push(name.clone());
        }
    }

    fn alias(&mut self, alias: &TableAlias) {
        let TableAlias { explicit: _, name, columns, at } = alias;
        self.ident(name);
        self.clauses(
            alias.span(),
            &[(!columns.is_empty(), "as t (columns)", "name the columns in the select"), (at.is_some(), "at", "")],
        );
    }

    fn ident(&mut self, ident: &Ident) {
        let plain = ident.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain || ident.quote_style.is_some() {
            let message = format!("`{}` is not a portable name", ident.value);
            self.refuse(ident.span, message, "use lowercase letters, digits and _, without quotes");
        }
    }

    fn body(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
                self.body(left);
                self.body(right);
            }
            other => self.refuse(other.span(), "only select and `union all` are portable", ""),
        }
    }

    fn select(&mut self, select: &Select) {
        let Select {
            select_token,
            optimizer_hints,
            distinct,
            select_modifiers,
            top,
            top_before_distinct: _,
            projection,
            exclude,
            into,
            from,
            lateral_views,
            prewhere,
            selection,
            connect_by,
            group_by,
            cluster_by,
            distribute_by,
            sort_by,
            having,
            named_window,
            qualify,
            window_before_qualify: _,
            value_table_mode,
            flavor,
        } = select;
        let span = select_token.0.span;
        self.clauses(
            span,
            &[
                (!optimizer_hints.is_empty(), "/*+ hint */", ""),
                (distinct.is_some(), "select distinct", "group by the columns"),
                (select_modifiers.is_some(), "a modifier of select", ""),
                (top.is_some(), "top", "a mart has all its rows; the report shows the first"),
                (exclude.is_some(), "exclude", "name the columns"),
                (into.is_some(), "into", ""),
                (!lateral_views.is_empty(), "lateral view", ""),
                (prewhere.is_some(), "prewhere", "say `where`"),
                (!connect_by.is_empty(), "connect by", ""),
                (!cluster_by.is_empty(), "cluster by", ""),
                (!distribute_by.is_empty(), "distribute by", ""),
                (!sort_by.is_empty(), "sort by", ""),
                (having.is_some(), "having", "group in a CTE, and filter what comes of it with `where`"),
                (!named_window.is_empty(), "window", "write the window in `over`"),
                (qualify.is_some(), "qualify", "compute it in a CTE, and filter what comes of it with `where`"),
                (value_table_mode.is_some(), "as struct", ""),
                (!matches!(flavor, SelectFlavor::Standard), "from before select", ""),
            ],
        );
        for table in from {
            let TableWithJoins { relation, joins } = table;
            self.relation(relation);
            for join in joins {
                self.join(join);
            }
        }
        if from.len() > 1 {
            self.refuse(span, "tables are joined with `join`", "say `inner join … on`");
        }
        let keys = self.keys(group_by);
        let grouped = !keys.is_empty() || projection.iter().any(|item| item_expr(item).is_some_and(has_aggregate));
        for item in projection {
            self.item(item, if grouped { Place::Group } else { Place::Row });
        }
        if let Some(selection) = selection {
            self.expr(selection, Place::Plain);
        }
    }

    fn keys<'q>(&mut self, group_by: &'q GroupByExpr) -> &'q [Expr] {
        match group_by {
            GroupByExpr::Expressions(keys, modifiers) => {
                for key in keys {
                    match key {
                        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.expr(key, Place::Plain),
                        _ => self.refuse(key.span(), "groups are columns", "compute it in a CTE"),
                    }
                }
                if !modifiers.is_empty() {
                    self.refuse(group_by.span(), "only plain groups are portable", "unite several selects");
                }
                keys
            }
            GroupByExpr::All(_) => {
                self.refuse(group_by.span(), "`group by all` is not portable", "name the columns");
                &[]
            }
        }
    }

    fn item(&mut self, item: &SelectItem, place: Place) {
        match item {
            SelectItem::UnnamedExpr(expr @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) => {
                self.expr(expr, place);
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.ident(alias);
                self.expr(expr, place);
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                self.refuse(item.span(), "`select *` hides the columns", "name them");
            }
            other => self.refuse(other.span(), "a computed column needs a name", "write `… as name`"),
        }
    }

    fn relation(&mut self, relation: &TableFactor) {
        let TableFactor::Table {
            name,
            alias,
            args,
            with_hints,
            version,
            with_ordinality,
            partitions,
            json_path,
            sample,
            index_hints,
        } = relation
        else {
            return self.refuse(relation.span(), "only named tables can be read", "put a select into `with`");
        };
        self.clauses(
            relation.span(),
            &[
                (args.is_some(), "a function in from", "only named tables can be read"),
                (!with_hints.is_empty(), "with (hint)", ""),
                (version.is_some(), "for system_time", ""),
                (*with_ordinality, "with ordinality", ""),
                (!partitions.is_empty(), "partition", ""),
                (json_path.is_some(), "a JSON path", ""),
                (sample.is_some(), "tablesample", ""),
                (!index_hints.is_empty(), "an index hint", ""),
            ],
        );
        if let Some(alias) = alias {
            self.alias(alias);
        }
        match plain_name(name) {
            Some(name) if self.tables.contains(&name) || self.ctes.contains(&name) => {}
            _ => {
                let help = format!("tables: {}", self.tables.join(", "));
                self.refuse(relation.span(), format!("there is no table `{name}`"), &help);
            }
        }
    }

    fn join(&mut self, join: &Join) {
        let Join { relation, global, join_operator } = join;
        self.clauses(relation.span(), &[(*global, "global join", "")]);
        self.relation(relation);
        let constraint = match join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::FullOuter(constraint) => constraint,
            _ => return self.refuse(relation.span(), "only inner, left and full joins are portable", ""),
        };
        match constraint {
            JoinConstraint::On(on) if is_equality(on) => {}
            _ => self.refuse(
                relation.span(),
                "a join is on equal columns",
                "filter in a CTE first; join on a constant key for a scalar",
            ),
        }
    }

    fn all(&mut self, expressions: &[&Expr], place: Place) {
        for expr in expressions {
            self.expr(expr, place);
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place) {
        match expr {
            Expr::Identifier(name) => self.ident(name),
            Expr::CompoundIdentifier(path) if path.len() == 2 => path.iter().for_each(|name| self.ident(name)),
            Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => self.expr(inner, place),
            Expr::Value(value) => self.value(value),
            Expr::TypedString(typed) if typed.data_type == DataType::Date && !typed.uses_odbc_syntax => {}
            Expr::InList { expr, list, negated: _ } => {
                self.expr(expr, place);
                list.iter().for_each(|item| self.expr(item, place));
            }
            Expr::Between { expr, negated: _, low, high } => self.all(&[expr, low, high], place),
            Expr::Like { negated: _, any: false, expr, pattern, escape_char: None } => {
                self.all(&[expr, pattern], place);
            }
            Expr::BinaryOp { left, op, right } => {
                self.operator(expr.span(), op);
                self.all(&[left, right], place);
            }
            Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Not, expr } => self.expr(expr, place),
            Expr::Cast { kind: CastKind::Cast, expr: inner, data_type, array: false, format: None } => {
                self.cast(expr.span(), inner, data_type);
                self.expr(inner, place);
            }
            Expr::Case { case_token: _, end_token: _, operand: None, conditions, else_result } => {
                for CaseWhen { condition, result } in conditions {
                    self.all(&[condition, result], place);
                }
                if let Some(result) = else_result {
                    self.expr(result, place);
                }
            }
            Expr::Function(function) => self.function(expr.span(), function, place),
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                self.refuse(expr.span(), "a subquery stands in `with` only", "join on a constant key");
            }
            Expr::Extract { .. } | Expr::Interval(_) => {
                self.refuse(expr.span(), "date arithmetic is not portable", "use the day counts of the clean tables");
            }
            Expr::Floor { .. } | Expr::Ceil { .. } => {
                self.refuse(expr.span(), "rounding belongs to the report", "");
            }
            Expr::ILike { .. } => self.refuse(expr.span(), "`ilike` is not portable", "codes have small letters"),
            other => self.refuse(other.span(), format!("`{other}` is not portable"), ""),
        }
    }

    fn value(&mut self, value: &ValueWithSpan) {
        let portable = matches!(
            value.value,
            Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null
        );
        if !portable {
            let help = "texts stand in single quotes";
            self.refuse(value.span, format!("`{}` is not portable", value.value), help);
        }
    }

    fn operator(&mut self, span: Span, op: &BinaryOperator) {
        use BinaryOperator::{And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Multiply, NotEq, Or, Plus};
        match op {
            Plus | Minus | Multiply | Eq | NotEq | Lt | LtEq | Gt | GtEq | And | Or => {}
            Divide => self.refuse(span, "engines divide differently", "say what is divided in the definition"),
            other => self.refuse(span, format!("`{other}` is not portable"), ""),
        }
    }

    fn cast(&mut self, span: Span, inner: &Expr, data_type: &DataType) {
        match data_type {
            DataType::BigInt(None) if is_whole(inner) => {}
            DataType::BigInt(None) => {
                self.refuse(span, "a cast to bigint rounds differently", "only whole numbers are cast to it");
            }
            DataType::Double(ExactNumberInfo::None) | DataType::Varchar(None) | DataType::Date => {}
            other => self.refuse(
                span,
                format!("the type `{}` is not portable", other.to_string().to_lowercase()),
                "types: bigint, double, varchar, date",
            ),
        }
    }

    fn function(&mut self, span: Span, function: &Function, place: Place) {
        let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
            function;
        let name = name.to_string().to_lowercase();
        self.clauses(
            span,
            &[
                (*uses_odbc_syntax, "{fn …}", ""),
                (!matches!(parameters, FunctionArguments::None), "parameters of a function", ""),
                (filter.is_some(), "filter", "use `case`"),
                (null_treatment.is_some(), "ignore nulls", ""),
                (!within_group.is_empty(), "within group", ""),
            ],
        );
        let known = [AGGREGATES.as_slice(), &[DENSE_RANK], &SCALARS].concat();
        if !known.contains(&name.as_str()) {
            let help = format!("functions: {}", known.join(", "));
            return self.refuse(span, format!("`{name}` is not portable"), &help);
        }
        let is_aggregate = AGGREGATES.contains(&name.as_str());
        match over {
            Some(WindowType::WindowSpec(window)) if place == Place::Row => self.window(span, &name, window),
            Some(WindowType::WindowSpec(_)) => {
                self.refuse(span, "a window over groups is not portable", "group in a CTE first");
            }
            Some(WindowType::NamedWindow(_)) => {
                self.refuse(span, "a named window is not portable", "write the window in `over`");
            }
            None if is_aggregate && place != Place::Group => {
                self.refuse(span, format!("`{name}` within another function or a condition"), "compute it in a CTE");
            }
            None if name == DENSE_RANK => self.refuse(span, format!("`{name}` needs `over`"), ""),
            None => {}
        }
        let inner = if is_aggregate || over.is_some() { Place::Plain } else { place };
        self.arguments(span, &name, args, inner);
    }

    fn arguments(&mut self, span: Span, name: &str, args: &FunctionArguments, place: Place) {
        let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, clauses }) = args else {
            return self.refuse(span, format!("`{name}` needs arguments"), "");
        };
        let distinct = matches!(duplicate_treatment, Some(DuplicateTreatment::Distinct)) && name != "count";
        self.clauses(
            span,
            &[(distinct, "distinct", "only `count` takes it"), (!clauses.is_empty(), "a clause in a function", "")],
        );
        for argument in args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr, place),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {}
                other => self.refuse(span, format!("the argument `{other}` is not portable"), ""),
            }
        }
    }

    fn window(&mut self, span: Span, name: &str, window: &WindowSpec) {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        if window_name.is_some() {
            self.refuse(span, "a named window is not portable", "write the window in `over`");
        }
        partition_by.iter().for_each(|key| self.expr(key, Place::Plain));
        for by in order_by {
            let OrderByExpr { expr, options, with_fill } = by;
            self.clauses(span, &[(with_fill.is_some(), "with fill", "")]);
            if options.asc == Some(false) {
                self.refuse(span, "`desc` in `over` is not portable", "order by the negative");
            }
            if options.nulls_first.is_some() {
                self.refuse(span, "`nulls` in `over` is not portable", "use coalesce");
            }
            self.expr(expr, Place::Plain);
        }
        match (name == DENSE_RANK, order_by.is_empty()) {
            (true, true) => self.refuse(span, format!("`{name}` needs an order"), ""),
            (false, false) => self.refuse(span, "a running sum is not portable", "`streak` counts from row to row"),
            _ => {}
        }
        self.clauses(span, &[(window_frame.is_some(), "a frame in over", "")]);
    }
}

fn plain_name(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] if ident.quote_style.is_none() => Some(ident.value.clone()),
        _ => None,
    }
}

fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// Whether an expression adds up the rows of a group.
fn has_aggregate(expr: &Expr) -> bool {
    match expr {
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            function.over.is_none() && (AGGREGATES.contains(&name.as_str()) || arguments(function).any(has_aggregate))
        }
        Expr::Nested(inner) | Expr::IsNull(inner) | Expr::IsNotNull(inner) => has_aggregate(inner),
        Expr::Cast { expr, .. } | Expr::UnaryOp { expr, .. } => has_aggregate(expr),
        Expr::BinaryOp { left, right, .. } => has_aggregate(left) || has_aggregate(right),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|when| has_aggregate(&when.condition) || has_aggregate(&when.result))
                || else_result.as_deref().is_some_and(has_aggregate)
        }
        _ => false,
    }
}

fn arguments(function: &Function) -> impl Iterator<Item = &Expr> {
    let list = match &function.args {
        FunctionArguments::List(list) => list.args.as_slice(),
        _ => &[],
    };
    list.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    })
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

/// What is a whole number on every engine, whatever the data.
fn is_whole(expr: &Expr) -> bool {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(number, false) => number.chars().all(|c| c.is_ascii_digit()),
            Value::Null => true,
            _ => false,
        },
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => is_whole(inner),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().all(|when| is_whole(&when.result)) && else_result.as_deref().is_none_or(is_whole)
        }
        Expr::Function(function) => function.name.to_string().eq_ignore_ascii_case("count"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_portable_is_refused_at_its_line() {
        for (sql, word) in [
            ("select *\nfrom stages", "select *"),
            ("select stage as s\nfrom read_csv('x')", "no table"),
            ("select stage as s from secrets", "there is no table"),
            ("select stage as s from (select stage from stages) t", "only named tables"),
            ("select round(net_wd) as r from stages", "`round` is not portable"),
            ("select count(*) filter (where true) as r from stages", "filter"),
            ("select a.stage as s from stages a join stages b on a.net_wd > b.net_wd", "equal columns"),
            ("select a.stage as s from stages a cross join stages b", "only inner, left and full"),
            ("select a.stage as s from stages a, stages b", "joined with `join`"),
            ("select stage as s from stages where net_wd > (select 1)", "subquery"),
            ("select stage as s from stages where stage in (select stage from stages)", "subquery"),
            ("drop table stages", "one select"),
            ("select stage as s from stages; select 1", "one select"),
            ("select stage as s frm stages", "Expected"),
            ("select count(*) from stages", "needs a name"),
            ("select dense_rank() over (order by net_wd desc) as r from stages", "desc"),
            ("select dense_rank() over (partition by stage) as r from stages", "needs an order"),
            // Answered differently, or not at all, by one of the engines.
            ("select 7 / 2 as r from stages", "divide differently"),
            ("select cast(net_wd as double) / 2 as r from stages", "divide differently"),
            ("select avg(net_wd) as r from stages", "`avg` is not portable"),
            ("select quantile_cont(net_wd, 0.8) as r from stages", "`quantile_cont` is not portable"),
            ("select stage from stages\norder by stage", "`order by` is not portable"),
            ("with a as (select stage from stages order by stage) select stage from a", "`order by` is not portable"),
            ("select stage from stages limit 1", "`limit` is not portable"),
            ("select stage from stages fetch first 1 rows only", "`fetch` is not portable"),
            ("select distinct stage from stages", "`select distinct`"),
            ("select net_wd % 7 as r from stages", "`%` is not portable"),
            ("select stage from stages where stage ilike 'S%'", "`ilike`"),
            ("select cast(net_wd as int) as r from stages", "the type `int`"),
            ("select cast(kva as bigint) as r from stages", "rounds differently"),
            ("select cast(kva + 4503599627370496.0 as bigint) as r from stages", "rounds differently"),
            ("select lag(stage) over (order by pass) as s from stages", "`lag` is not portable"),
            ("select net_wd::bigint as r from stages", "not portable"),
            ("select try_cast(net_wd as bigint) as r from stages", "not portable"),
            ("select stage, sum(sum(net_wd)) over () as r from stages group by stage", "over groups"),
            ("select stage, sum(max(net_wd)) as r from stages group by stage", "within another"),
            ("select stage, sum(net_wd) over (order by pass) as r from stages", "running sum"),
            (
                "select stage, sum(net_wd) over (order by pass rows between unbounded preceding and current row) as r \
                 from stages",
                "a frame in over",
            ),
            ("select stage, rank() over w as r from stages window w as (order by pass)", "window"),
            ("select stage, count(*) as n from stages group by stage having count(*) > 1", "`having`"),
            ("select stage, rank() over (order by pass) as r from stages qualify r = 1", "`qualify`"),
            ("select stage, count(*) as n from stages group by rollup (stage)", "groups are columns"),
            ("select stage, count(*) as n from stages group by all", "group by all"),
            ("select stage from stages union select stage from stages", "union all"),
            ("with recursive a as (select stage from stages) select stage from a", "recursion"),
            ("with stages as (select stage from claims) select stage from stages", "already"),
            ("select \"stage\" from stages", "portable name"),
            ("select extract(year from month) as y from stages", "date arithmetic"),
            ("select stage || 'x' as s from stages", "`||` is not portable"),
            ("select stage is distinct from 'x' as s from stages", "not portable"),
            ("select case stage when 'x' then 1 end as s from stages", "not portable"),
            ("select array[1] as s from stages", "not portable"),
        ] {
            let mistakes = check("x.sql", sql, &[]).expect_err(sql);
            assert!(mistakes.iter().any(|mistake| mistake.to_string().contains(word)), "{sql}: {mistakes:?}");
        }
    }

    #[test]
    fn a_select_names_its_columns_and_ctes() {
        let sql = "-- é\nwith a as (\n    select stage from stages\n)\n\n-- All.\nselect stage, pass as n from a";
        let selected = check("x.sql", sql, &[]).unwrap();
        assert_eq!(selected.columns, ["stage", "n"]);
        assert_eq!(selected.cte("a").unwrap(), ["stage"]);
        assert_eq!(&sql[..selected.body.start].lines().last(), &Some(")"));
        assert!(sql[selected.body.end..].starts_with("select stage, pass"));
    }
}
