//! Queries: what they select, from which relations, joined and grouped how.

use super::expression::has_aggregate;
use super::{Checker, Place, help, sql};
use crate::words::Words;
use sqlparser::ast::{
    BinaryOperator, Cte, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, ObjectNamePart,
    Query, Select, SelectFlavor, SelectItem, SetExpr, SetOperator, SetQuantifier, Spanned, TableAlias, TableFactor,
    TableWithJoins, With,
};

impl Checker<'_> {
    pub(super) fn query(&mut self, query: &Query, outermost: bool) {
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
            [
                (
                    order_by.is_some(),
                    sql("order by"),
                    help(
                        "指标表的 SQL 只选出明细，次序由粒度决定",
                        "a mart's SQL selects its cases; their order comes from the grain",
                    ),
                ),
                (
                    limit_clause.is_some(),
                    sql("limit"),
                    help("指标表保留所有行，报告只显示前几行", "a mart has all its rows; the report shows the first"),
                ),
                (
                    fetch.is_some(),
                    sql("fetch"),
                    help("指标表保留所有行，报告只显示前几行", "a mart has all its rows; the report shows the first"),
                ),
                (!locks.is_empty(), sql("for update"), None),
                (for_clause.is_some(), sql("for"), None),
                (settings.is_some(), sql("settings"), None),
                (format_clause.is_some(), sql("format"), None),
                (!pipe_operators.is_empty(), sql("|>"), help("请写普通的子句", "write clauses")),
            ],
        );
        if let Some(with) = with {
            self.with(with, outermost);
        }
        self.body(body);
    }

    pub(super) fn with(&mut self, with: &With, outermost: bool) {
        let With { with_token, recursive, cte_tables } = with;
        if *recursive {
            self.refuse(with_token.0.span, Words::new("递归的 CTE 不可移植", "recursion is not portable"), None);
        }
        if !outermost {
            self.refuse(
                with_token.0.span,
                Words::new("CTE 中不能再有 CTE", "a CTE has no CTEs of its own"),
                help("请把它写在其他 CTE 之前", "put it before the others"),
            );
        }
        for cte in cte_tables {
            let Cte { alias, query, from, materialized, closing_paren_token: _ } = cte;
            self.alias(alias);
            let name = &alias.name.value;
            self.clauses(
                cte.span(),
                [
                    (from.is_some(), sql("from"), None),
                    (materialized.is_some(), sql("materialized"), help("请写 as (…)", "say `as (…)`")),
                ],
            );
            if self.tables.contains(name) {
                let message =
                    Words::new(format!("「{name}」已是表的名称"), format!("`{name}` is the name of a table already"));
                self.refuse(cte.span(), message, help("请给这个 CTE 另取名称", "give the CTE another name"));
            }
            let around = std::mem::replace(&mut self.expanded, 1);
            self.query(query, false);
            // What follows can name it.
            self.ctes.push((name.clone(), self.expanded));
            self.expanded = around;
        }
    }

    /// Whether it is the name of a CTE, for which all its selects stand.
    fn names_cte(&mut self, name: &str) -> bool {
        let selects = self.ctes.iter().find(|(known, _)| known == name).map(|(_, selects)| *selects);
        self.expanded = self.expanded.saturating_add(selects.unwrap_or(0));
        selects.is_some()
    }

    pub(super) fn alias(&mut self, alias: &TableAlias) {
        let TableAlias { explicit: _, name, columns, at } = alias;
        self.ident(name);
        self.clauses(
            alias.span(),
            [
                (
                    !columns.is_empty(),
                    sql("as t (columns)"),
                    help("请在 select 中给列取名", "name the columns in the select"),
                ),
                (at.is_some(), sql("at"), None),
            ],
        );
    }

    pub(super) fn ident(&mut self, ident: &Ident) {
        let plain = ident.value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !plain || ident.quote_style.is_some() {
            let message = Words::new(
                format!("「{}」不能作名称", ident.value),
                format!("`{}` is not a portable name", ident.value),
            );
            self.refuse(
                ident.span,
                message,
                help("只用小写字母、数字和下划线，不加引号", "use lowercase letters, digits and _, without quotes"),
            );
        }
    }

    pub(super) fn body(&mut self, body: &SetExpr) {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
                self.body(left);
                self.body(right);
            }
            other => self.refuse(
                other.span(),
                Words::new("只能用 select 和 union all", "only select and `union all` are portable"),
                None,
            ),
        }
    }

    pub(super) fn select(&mut self, select: &Select) {
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
            [
                (!optimizer_hints.is_empty(), sql("/*+ hint */"), None),
                (distinct.is_some(), sql("select distinct"), help("请按这些列 group by", "group by the columns")),
                (select_modifiers.is_some(), Words::new("select 的修饰词", "a modifier of select"), None),
                (
                    top.is_some(),
                    sql("top"),
                    help("指标表保留所有行，报告只显示前几行", "a mart has all its rows; the report shows the first"),
                ),
                (exclude.is_some(), sql("exclude"), help("请逐一写明列名", "name the columns")),
                (into.is_some(), sql("into"), None),
                (!lateral_views.is_empty(), sql("lateral view"), None),
                (prewhere.is_some(), sql("prewhere"), help("请用 where", "say `where`")),
                (!connect_by.is_empty(), sql("connect by"), None),
                (!cluster_by.is_empty(), sql("cluster by"), None),
                (!distribute_by.is_empty(), sql("distribute by"), None),
                (!sort_by.is_empty(), sql("sort by"), None),
                (
                    having.is_some(),
                    sql("having"),
                    help(
                        "请先在 CTE 中分组，再用 where 筛选",
                        "group in a CTE, and filter what comes of it with `where`",
                    ),
                ),
                (!named_window.is_empty(), sql("window"), help("请把窗口写在 over 中", "write the window in `over`")),
                (
                    qualify.is_some(),
                    sql("qualify"),
                    help(
                        "请先在 CTE 中算出，再用 where 筛选",
                        "compute it in a CTE, and filter what comes of it with `where`",
                    ),
                ),
                (value_table_mode.is_some(), sql("as struct"), None),
                (!matches!(flavor, SelectFlavor::Standard), sql("from before select"), None),
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
            self.refuse(
                span,
                Words::new("表与表要用 join 连接", "tables are joined with `join`"),
                help("请用 inner join … on", "say `inner join … on`"),
            );
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

    pub(super) fn keys<'q>(&mut self, group_by: &'q GroupByExpr) -> &'q [Expr] {
        match group_by {
            GroupByExpr::Expressions(keys, modifiers) => {
                for key in keys {
                    match key {
                        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.expr(key, Place::Plain),
                        _ => self.refuse(
                            key.span(),
                            Words::new("只能按列分组", "groups are columns"),
                            help("请先在 CTE 中算出", "compute it in a CTE"),
                        ),
                    }
                }
                if !modifiers.is_empty() {
                    self.refuse(
                        group_by.span(),
                        Words::new("只能用普通的分组", "only plain groups are portable"),
                        help("请用 union all 合并几个 select", "unite several selects"),
                    );
                }
                keys
            }
            GroupByExpr::All(_) => {
                self.refuse(
                    group_by.span(),
                    Words::new("group by all 不可移植", "`group by all` is not portable"),
                    help("请逐一写明列名", "name the columns"),
                );
                &[]
            }
        }
    }

    pub(super) fn item(&mut self, item: &SelectItem, place: Place) {
        match item {
            SelectItem::UnnamedExpr(expr @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_))) => {
                self.expr(expr, place);
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                self.ident(alias);
                self.expr(expr, place);
            }
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                self.refuse(
                    item.span(),
                    Words::new("select * 看不出有哪些列", "`select *` hides the columns"),
                    help("请逐一写明", "name them"),
                );
            }
            other => self.refuse(
                other.span(),
                Words::new("算出的列要有名称", "a computed column needs a name"),
                help("请写 … as 名称", "write `… as name`"),
            ),
        }
    }

    pub(super) fn relation(&mut self, relation: &TableFactor) {
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
            return self.refuse(
                relation.span(),
                Words::new("只能读有名称的表", "only named tables can be read"),
                help("请把 select 写进 with", "put a select into `with`"),
            );
        };
        self.clauses(
            relation.span(),
            [
                (
                    args.is_some(),
                    Words::new("from 中的函数", "a function in from"),
                    help("只能读有名称的表", "only named tables can be read"),
                ),
                (!with_hints.is_empty(), sql("with (hint)"), None),
                (version.is_some(), sql("for system_time"), None),
                (*with_ordinality, sql("with ordinality"), None),
                (!partitions.is_empty(), sql("partition"), None),
                (json_path.is_some(), Words::new("JSON 路径", "a JSON path"), None),
                (sample.is_some(), sql("tablesample"), None),
                (!index_hints.is_empty(), Words::new("索引提示", "an index hint"), None),
            ],
        );
        if let Some(alias) = alias {
            self.alias(alias);
        }
        match plain_name(name) {
            Some(name) if self.names_cte(&name) => {}
            Some(name) if self.tables.contains(&name) => {
                self.met.insert(name);
            }
            _ => {
                let tables = self.tables.join(", ");
                let help = help(format!("可用的表：{tables}"), format!("tables: {tables}"));
                self.refuse(
                    relation.span(),
                    Words::new(format!("没有表「{name}」"), format!("there is no table `{name}`")),
                    help,
                );
            }
        }
    }

    pub(super) fn join(&mut self, join: &Join) {
        let Join { relation, global, join_operator } = join;
        self.clauses(relation.span(), [(*global, sql("global join"), None)]);
        self.relation(relation);
        let Some(constraint) = constraint(join_operator) else {
            return self.refuse(
                relation.span(),
                Words::new("只能用 inner、left 和 full join", "only inner, left and full joins are portable"),
                None,
            );
        };
        match constraint {
            JoinConstraint::On(on) if is_equality(on) => {}
            _ => self.refuse(
                relation.span(),
                Words::new("只能按相等的列连接", "a join is on equal columns"),
                help(
                    "请先在 CTE 中筛选；单个值用常数键连接",
                    "filter in a CTE first; join on a constant key for a scalar",
                ),
            ),
        }
    }

    pub(super) fn all(&mut self, expressions: &[&Expr], place: Place) {
        for expr in expressions {
            self.expr(expr, place);
        }
    }
}

pub(super) fn plain_name(name: &ObjectName) -> Option<String> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] if ident.quote_style.is_none() => Some(ident.value.clone()),
        _ => None,
    }
}

pub(super) fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

/// What a join of a portable kind is on.
pub(super) fn constraint(join: &JoinOperator) -> Option<&JoinConstraint> {
    match join {
        JoinOperator::Join(constraint)
        | JoinOperator::Inner(constraint)
        | JoinOperator::Left(constraint)
        | JoinOperator::LeftOuter(constraint)
        | JoinOperator::FullOuter(constraint) => Some(constraint),
        _ => None,
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
