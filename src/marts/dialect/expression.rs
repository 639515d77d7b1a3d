//! Expressions: values, operators, casts, functions and windows.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, ExactNumberInfo, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArgumentList, FunctionArguments, OrderByExpr, Spanned, UnaryOperator, Value,
    ValueWithSpan, WindowSpec, WindowType,
};
use sqlparser::tokenizer::Span;

use super::{Checker, Place, help, not_portable, sql};
use crate::words::Words;

/// What adds up the rows of a group, or of a window.
const AGGREGATES: [&str; 4] = ["count", "sum", "min", "max"];
/// What numbers the different values of a column: public tables show the latest months of those that had something.
const DENSE_RANK: &str = "dense_rank";
/// What makes one value of others of the same row.
const SCALARS: [&str; 3] = ["coalesce", "nullif", "abs"];

impl Checker<'_> {
    pub(super) fn expr(&mut self, expr: &Expr, place: Place) {
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
                self.refuse(
                    expr.span(),
                    Words::new("子查询只能写在 with 中", "a subquery stands in `with` only"),
                    help("请用常数键连接", "join on a constant key"),
                );
            }
            Expr::Extract { .. } | Expr::Interval(_) => {
                self.refuse(
                    expr.span(),
                    Words::new("日期运算不可移植", "date arithmetic is not portable"),
                    help("请用明细表中的天数", "use the day counts of the clean tables"),
                );
            }
            Expr::Floor { .. } | Expr::Ceil { .. } => {
                self.refuse(expr.span(), Words::new("取整由报告来做", "rounding belongs to the report"), None);
            }
            Expr::ILike { .. } => self.refuse(
                expr.span(),
                Words::new("ilike 不可移植", "`ilike` is not portable"),
                help("代码都是小写字母", "codes have small letters"),
            ),
            other => self.refuse(other.span(), not_portable(other), None),
        }
    }

    pub(super) fn value(&mut self, value: &ValueWithSpan) {
        let portable = matches!(
            value.value,
            Value::Number(_, false) | Value::SingleQuotedString(_) | Value::Boolean(_) | Value::Null
        );
        if !portable {
            let help = help("文字写在单引号中", "texts stand in single quotes");
            self.refuse(value.span, not_portable(&value.value), help);
        }
    }

    pub(super) fn operator(&mut self, span: Span, op: &BinaryOperator) {
        use BinaryOperator::{And, Divide, Eq, Gt, GtEq, Lt, LtEq, Minus, Multiply, NotEq, Or, Plus};
        match op {
            Plus | Minus | Multiply | Eq | NotEq | Lt | LtEq | Gt | GtEq | And | Or => {}
            Divide => self.refuse(
                span,
                Words::new("各引擎的除法不同", "engines divide differently"),
                help("请在定义中写明用什么除", "say what is divided in the definition"),
            ),
            other => self.refuse(span, not_portable(other), None),
        }
    }

    pub(super) fn cast(&mut self, span: Span, inner: &Expr, data_type: &DataType) {
        match data_type {
            DataType::BigInt(None) if is_whole(inner) => {}
            DataType::BigInt(None) => {
                self.refuse(
                    span,
                    Words::new("转换为 bigint 时各引擎的取整不同", "a cast to bigint rounds differently"),
                    help("只能把整数转换为它", "only whole numbers are cast to it"),
                );
            }
            DataType::Double(ExactNumberInfo::None) | DataType::Varchar(None) | DataType::Date => {}
            other => self.refuse(
                span,
                {
                    let kind = other.to_string().to_lowercase();
                    Words::new(format!("类型「{kind}」不可移植"), format!("the type `{kind}` is not portable"))
                },
                help("可用的类型：bigint、double、varchar、date", "types: bigint, double, varchar, date"),
            ),
        }
    }

    pub(super) fn function(&mut self, span: Span, function: &Function, place: Place) {
        let Function { name, uses_odbc_syntax, parameters, args, filter, null_treatment, over, within_group } =
            function;
        let name = name.to_string().to_lowercase();
        self.clauses(
            span,
            [
                (*uses_odbc_syntax, sql("{fn …}"), None),
                (
                    !matches!(parameters, FunctionArguments::None),
                    Words::new("函数的参数表", "parameters of a function"),
                    None,
                ),
                (filter.is_some(), sql("filter"), help("请用 case", "use `case`")),
                (null_treatment.is_some(), sql("ignore nulls"), None),
                (!within_group.is_empty(), sql("within group"), None),
            ],
        );
        let known = [AGGREGATES.as_slice(), &[DENSE_RANK], &SCALARS].concat();
        if !known.contains(&name.as_str()) {
            let known = known.join(", ");
            let help = help(format!("可用的函数：{known}"), format!("functions: {known}"));
            return self.refuse(span, not_portable(name), help);
        }
        let is_aggregate = AGGREGATES.contains(&name.as_str());
        match over {
            Some(WindowType::WindowSpec(window)) if place == Place::Row => self.window(span, &name, window),
            Some(WindowType::WindowSpec(_)) => {
                self.refuse(
                    span,
                    Words::new("分组之上的窗口不可移植", "a window over groups is not portable"),
                    help("请先在 CTE 中分组", "group in a CTE first"),
                );
            }
            Some(WindowType::NamedWindow(_)) => {
                self.refuse(
                    span,
                    Words::new("有名称的窗口不可移植", "a named window is not portable"),
                    help("请把窗口写在 over 中", "write the window in `over`"),
                );
            }
            None if is_aggregate && place != Place::Group => {
                self.refuse(
                    span,
                    Words::new(
                        format!("「{name}」写在另一个函数或条件中"),
                        format!("`{name}` within another function or a condition"),
                    ),
                    help("请先在 CTE 中算出", "compute it in a CTE"),
                );
            }
            None if name == DENSE_RANK => {
                self.refuse(span, Words::new(format!("「{name}」要有 over"), format!("`{name}` needs `over`")), None);
            }
            None => {}
        }
        let inner = if is_aggregate || over.is_some() { Place::Plain } else { place };
        self.arguments(span, &name, args, inner);
    }

    pub(super) fn arguments(&mut self, span: Span, name: &str, args: &FunctionArguments, place: Place) {
        let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, clauses }) = args else {
            return self.refuse(
                span,
                Words::new(format!("「{name}」要有参数"), format!("`{name}` needs arguments")),
                None,
            );
        };
        let distinct = matches!(duplicate_treatment, Some(DuplicateTreatment::Distinct)) && name != "count";
        self.clauses(
            span,
            [
                (distinct, sql("distinct"), help("只有 count 可用", "only `count` takes it")),
                (!clauses.is_empty(), Words::new("函数中的子句", "a clause in a function"), None),
            ],
        );
        for argument in args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => self.expr(expr, place),
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {}
                other => self.refuse(
                    span,
                    Words::new(format!("参数「{other}」不可移植"), format!("the argument `{other}` is not portable")),
                    None,
                ),
            }
        }
    }

    pub(super) fn window(&mut self, span: Span, name: &str, window: &WindowSpec) {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        if window_name.is_some() {
            self.refuse(
                span,
                Words::new("有名称的窗口不可移植", "a named window is not portable"),
                help("请把窗口写在 over 中", "write the window in `over`"),
            );
        }
        partition_by.iter().for_each(|key| self.expr(key, Place::Plain));
        for by in order_by {
            let OrderByExpr { expr, options, with_fill } = by;
            self.clauses(span, [(with_fill.is_some(), sql("with fill"), None)]);
            if options.asc == Some(false) {
                self.refuse(
                    span,
                    Words::new("over 中的 desc 不可移植", "`desc` in `over` is not portable"),
                    help("请按负数排序", "order by the negative"),
                );
            }
            if options.nulls_first.is_some() {
                self.refuse(
                    span,
                    Words::new("over 中的 nulls 不可移植", "`nulls` in `over` is not portable"),
                    help("请用 coalesce", "use coalesce"),
                );
            }
            self.expr(expr, Place::Plain);
        }
        match (name == DENSE_RANK, order_by.is_empty()) {
            (true, true) => {
                self.refuse(span, Words::new(format!("「{name}」要有次序"), format!("`{name}` needs an order")), None);
            }
            (false, false) => self.refuse(
                span,
                Words::new("累计和不可移植", "a running sum is not portable"),
                help("逐行累计请用 streak", "`streak` counts from row to row"),
            ),
            _ => {}
        }
        self.clauses(span, [(window_frame.is_some(), Words::new("over 中的窗口范围", "a frame in over"), None)]);
    }
}

/// Whether an expression adds up the rows of a group.
pub(super) fn has_aggregate(expr: &Expr) -> bool {
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
