//! Formulas of figures: `change / sqrt(arrived + finished)`, `case when z > params.z_signal then 'high' else 'none' end`.
//!
//! Written as SQL writes expressions, and computed here: whole numbers stay whole but for `/`, which divides as it does
//! on paper; what is nothing makes nothing of what is computed from it, and so does a division by zero.

use std::fmt::{Display, Write as _};

use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, UnaryOperator, Value,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::{Datum, ratio};
use crate::words::Words;

/// A formula that has been read.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    text: String,
    node: Node,
}

/// What a formula names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'a> {
    /// A figure of the row.
    Figure(&'a str),
    /// A parameter of the run, `params.…`.
    Param(&'a str),
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Literal(Datum),
    Figure(String),
    Param(String),
    Nested(Box<Node>),
    Minus(Box<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>, bool),
    Operation(Box<Node>, Operator, Box<Node>),
    Among(Box<Node>, Vec<Node>, bool),
    Case(Vec<(Node, Node)>, Option<Box<Node>>),
    Call(Call, Vec<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Plus,
    Minus,
    Times,
    Over,
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

impl Operator {
    const ALL: [(Operator, BinaryOperator, &'static str); 12] = [
        (Operator::Plus, BinaryOperator::Plus, "+"),
        (Operator::Minus, BinaryOperator::Minus, "−"),
        (Operator::Times, BinaryOperator::Multiply, "×"),
        (Operator::Over, BinaryOperator::Divide, "÷"),
        (Operator::Equal, BinaryOperator::Eq, "="),
        (Operator::Unequal, BinaryOperator::NotEq, "≠"),
        (Operator::Less, BinaryOperator::Lt, "<"),
        (Operator::LessOrEqual, BinaryOperator::LtEq, "≤"),
        (Operator::Greater, BinaryOperator::Gt, ">"),
        (Operator::GreaterOrEqual, BinaryOperator::GtEq, "≥"),
        (Operator::And, BinaryOperator::And, "and"),
        (Operator::Or, BinaryOperator::Or, "or"),
    ];

    fn sign(self) -> &'static str {
        Operator::ALL.iter().find(|(operator, ..)| *operator == self).map_or("", |(.., sign)| sign)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Coalesce,
    Nullif,
    Abs,
    Sqrt,
    Round,
    Least,
    Greatest,
}

impl Call {
    /// Each function, its name, and how many arguments it takes at least and at most.
    const ALL: [(Call, &'static str, usize, usize); 7] = [
        (Call::Coalesce, "coalesce", 1, usize::MAX),
        (Call::Nullif, "nullif", 2, 2),
        (Call::Abs, "abs", 1, 1),
        (Call::Sqrt, "sqrt", 1, 1),
        (Call::Round, "round", 1, 1),
        (Call::Least, "least", 1, usize::MAX),
        (Call::Greatest, "greatest", 1, usize::MAX),
    ];

    fn name(self) -> &'static str {
        Call::ALL.iter().find(|(call, ..)| *call == self).map_or("", |(_, name, ..)| name)
    }
}

impl Formula {
    /// Reads a formula, or says what in it is none.
    pub fn read(text: &str) -> Result<Formula, Words> {
        let dialect = GenericDialect {};
        let mut parser = Parser::new(&dialect).try_with_sql(text).map_err(unread)?;
        let expr = parser.parse_expr().map_err(unread)?;
        let rest = parser.peek_token();
        if rest.token != Token::EOF {
            return Err(Words::new(format!("公式之后多了「{rest}」"), format!("`{rest}` follows the formula")));
        }
        Ok(Formula { text: text.to_owned(), node: node(&expr)? })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Everything that it names.
    pub fn names(&self) -> Vec<Name<'_>> {
        let mut names = Vec::new();
        collect(&self.node, &mut names);
        names
    }

    /// What it is for one row.
    ///
    /// ```
    /// use yekuo::measures::{Datum, formula::{Formula, Name}};
    /// let formula = Formula::read("change / sqrt(arrived + finished)").unwrap();
    /// let of = |name: Name<'_>| match name {
    ///     Name::Figure("change") => Datum::Whole(20),
    ///     Name::Figure("arrived") => Datum::Whole(15),
    ///     _ => Datum::Whole(10),
    /// };
    /// assert_eq!(formula.evaluate(&of).unwrap(), Datum::Real(4.0));
    /// assert_eq!(formula.shown(&|name| of(name).shown()), "20 ÷ sqrt(15 + 10)");
    /// ```
    pub fn evaluate(&self, of: &dyn Fn(Name<'_>) -> Datum) -> Result<Datum, Words> {
        evaluate(&self.node, of)
    }

    /// The formula with something in the place of each name.
    pub fn shown(&self, of: &dyn Fn(Name<'_>) -> String) -> String {
        let mut out = String::new();
        show(&self.node, of, &mut out);
        out
    }
}

fn unread(error: impl Display) -> Words {
    Words::quoting("公式的写法不对", error)
}

fn not_in_formulas(what: impl Display) -> Words {
    Words::new(format!("公式中不能用「{what}」"), format!("a formula has no `{what}`"))
}

fn no_number(text: &str) -> Words {
    Words::new(format!("「{text}」不是数"), format!("`{text}` is no number"))
}

fn too_large(a: i64, b: i64) -> Words {
    Words::new(format!("{a} 与 {b} 太大"), format!("{a} and {b} are too large"))
}

fn node(expr: &Expr) -> Result<Node, Words> {
    let boxed = |expr: &Expr| node(expr).map(Box::new);
    let several = |list: &[Expr]| list.iter().map(node).collect::<Result<Vec<_>, _>>();
    Ok(match expr {
        Expr::Identifier(name) => Node::Figure(name.value.clone()),
        Expr::CompoundIdentifier(path) => match path.as_slice() {
            [space, name] if space.value == "params" => Node::Param(name.value.clone()),
            _ => {
                return Err(Words::new(
                    format!("「{expr}」既不是指标，也不是 params 中的参数"),
                    format!("`{expr}` is neither a figure nor one of `params`"),
                ));
            }
        },
        Expr::Nested(inner) => Node::Nested(boxed(inner)?),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => Node::Minus(boxed(expr)?),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => Node::Not(boxed(expr)?),
        Expr::IsNull(inner) => Node::IsNull(boxed(inner)?, true),
        Expr::IsNotNull(inner) => Node::IsNull(boxed(inner)?, false),
        Expr::InList { expr, list, negated } => Node::Among(boxed(expr)?, several(list)?, !negated),
        Expr::Value(value) => Node::Literal(literal(&value.value)?),
        Expr::BinaryOp { left, op, right } => {
            let known = Operator::ALL.iter().find(|(_, parsed, _)| parsed == op);
            let Some((operator, ..)) = known else { return Err(not_in_formulas(op)) };
            Node::Operation(boxed(left)?, *operator, boxed(right)?)
        }
        Expr::Case { operand: None, conditions, else_result, .. } => {
            let when = |CaseWhen { condition, result }: &CaseWhen| Ok((node(condition)?, node(result)?));
            let conditions = conditions.iter().map(when).collect::<Result<Vec<_>, Words>>()?;
            Node::Case(conditions, else_result.as_deref().map(boxed).transpose()?)
        }
        Expr::Function(function) if function.over.is_none() && function.filter.is_none() => {
            let name = function.name.to_string().to_lowercase();
            let known = Call::ALL.iter().find(|(_, known, ..)| *known == name);
            let Some((call, _, least, most)) = known else {
                let known: Vec<&str> = Call::ALL.iter().map(|(_, name, ..)| *name).collect();
                return Err(Words::new(
                    format!("公式中没有函数「{name}」；可用：{}", known.join("、")),
                    format!("a formula has no function `{name}`; it has {}", known.join(", ")),
                ));
            };
            let FunctionArguments::List(list) = &function.args else {
                return Err(Words::new(format!("「{name}」没有参数"), format!("`{name}` of nothing")));
            };
            let argument = |argument: &FunctionArg| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => node(expr),
                other => Err(not_in_formulas(other)),
            };
            let arguments = list.args.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
            if !(*least..=*most).contains(&arguments.len()) {
                let count = arguments.len();
                return Err(Words::new(
                    format!("「{name}」的参数不能是 {count} 个"),
                    format!("`{name}` does not take {count} arguments"),
                ));
            }
            Node::Call(*call, arguments)
        }
        other => return Err(not_in_formulas(other)),
    })
}

fn literal(value: &Value) -> Result<Datum, Words> {
    match value {
        Value::Number(number, _) => {
            let whole = number.parse().map(Datum::Whole);
            whole.or_else(|_| number.parse().map(Datum::Real)).map_err(|_| no_number(number))
        }
        Value::SingleQuotedString(text) => Ok(Datum::text(text)),
        Value::Boolean(flag) => Ok(Datum::Flag(*flag)),
        Value::Null => Ok(Datum::Null),
        other => Err(not_in_formulas(other)),
    }
}

fn collect<'a>(node: &'a Node, names: &mut Vec<Name<'a>>) {
    match node {
        Node::Literal(_) => {}
        Node::Figure(name) => names.push(Name::Figure(name)),
        Node::Param(name) => names.push(Name::Param(name)),
        Node::Nested(inner) | Node::Minus(inner) | Node::Not(inner) | Node::IsNull(inner, _) => collect(inner, names),
        Node::Operation(left, _, right) => {
            collect(left, names);
            collect(right, names);
        }
        Node::Among(node, list, _) => {
            collect(node, names);
            list.iter().for_each(|node| collect(node, names));
        }
        Node::Case(conditions, otherwise) => {
            for (condition, result) in conditions {
                collect(condition, names);
                collect(result, names);
            }
            otherwise.iter().for_each(|node| collect(node, names));
        }
        Node::Call(_, arguments) => arguments.iter().for_each(|node| collect(node, names)),
    }
}

fn evaluate(node: &Node, of: &dyn Fn(Name<'_>) -> Datum) -> Result<Datum, Words> {
    Ok(match node {
        Node::Literal(datum) => datum.clone(),
        Node::Figure(name) => of(Name::Figure(name)),
        Node::Param(name) => of(Name::Param(name)),
        Node::Nested(inner) => evaluate(inner, of)?,
        Node::Minus(inner) => match evaluate(inner, of)? {
            Datum::Null => Datum::Null,
            Datum::Whole(whole) => Datum::Whole(-whole),
            other => Datum::Real(-number(&other)?),
        },
        Node::Not(inner) => truth(&evaluate(inner, of)?)?.map_or(Datum::Null, |flag| Datum::Flag(!flag)),
        Node::IsNull(inner, wanted) => Datum::Flag(evaluate(inner, of)?.is_null() == *wanted),
        Node::Operation(left, operator, right) => operation(&evaluate(left, of)?, *operator, &evaluate(right, of)?)?,
        Node::Among(node, list, wanted) => among(&evaluate(node, of)?, list, *wanted, of)?,
        Node::Case(conditions, otherwise) => {
            for (condition, result) in conditions {
                if truth(&evaluate(condition, of)?)? == Some(true) {
                    return evaluate(result, of);
                }
            }
            otherwise.as_ref().map_or(Ok(Datum::Null), |node| evaluate(node, of))?
        }
        Node::Call(call, arguments) => {
            let arguments = arguments.iter().map(|node| evaluate(node, of)).collect::<Result<Vec<_>, _>>()?;
            called(*call, &arguments)?
        }
    })
}

fn number(datum: &Datum) -> Result<f64, Words> {
    datum.number().ok_or_else(|| no_number(&datum.shown()))
}

fn truth(datum: &Datum) -> Result<Option<bool>, Words> {
    match datum {
        Datum::Null => Ok(None),
        Datum::Flag(flag) => Ok(Some(*flag)),
        other => {
            let shown = other.shown();
            Err(Words::new(format!("「{shown}」不是是否值"), format!("`{shown}` is neither yes nor no")))
        }
    }
}

/// Which of two is the lesser.
fn order(left: &Datum, right: &Datum) -> Result<std::cmp::Ordering, Words> {
    match (left, right) {
        (Datum::Whole(a), Datum::Whole(b)) => Ok(a.cmp(b)),
        (Datum::Text(a), Datum::Text(b)) => Ok(a.cmp(b)),
        (Datum::Day(a), Datum::Day(b)) => Ok(a.cmp(b)),
        (Datum::Flag(a), Datum::Flag(b)) => Ok(a.cmp(b)),
        _ => {
            let (a, b) = (number(left)?, number(right)?);
            a.partial_cmp(&b)
                .ok_or_else(|| Words::new(format!("{a} 与 {b} 不能比较"), format!("{a} and {b} cannot be compared")))
        }
    }
}

fn operation(left: &Datum, operator: Operator, right: &Datum) -> Result<Datum, Words> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    match operator {
        Operator::And | Operator::Or => {
            let decisive = operator == Operator::Or;
            return Ok(match (truth(left)?, truth(right)?) {
                (Some(a), _) if a == decisive => Datum::Flag(decisive),
                (_, Some(b)) if b == decisive => Datum::Flag(decisive),
                (Some(_), Some(_)) => Datum::Flag(!decisive),
                _ => Datum::Null,
            });
        }
        _ if left.is_null() || right.is_null() => return Ok(Datum::Null),
        _ => {}
    }
    let compared = |wanted: &[std::cmp::Ordering]| order(left, right).map(|is| Datum::Flag(wanted.contains(&is)));
    let computed = |whole: fn(i64, i64) -> Option<i64>, real: fn(f64, f64) -> f64| match (left, right) {
        (Datum::Whole(a), Datum::Whole(b)) => whole(*a, *b).map(Datum::Whole).ok_or_else(|| too_large(*a, *b)),
        _ => Ok(Datum::Real(real(number(left)?, number(right)?))),
    };
    match operator {
        Operator::Plus => computed(i64::checked_add, |a, b| a + b),
        Operator::Minus => computed(i64::checked_sub, |a, b| a - b),
        Operator::Times => computed(i64::checked_mul, |a, b| a * b),
        Operator::Over => {
            number(left)?;
            number(right)?;
            Ok(ratio(left, right))
        }
        Operator::Equal => compared(&[Equal]),
        Operator::Unequal => compared(&[Less, Greater]),
        Operator::Less => compared(&[Less]),
        Operator::LessOrEqual => compared(&[Less, Equal]),
        Operator::Greater => compared(&[Greater]),
        Operator::GreaterOrEqual => compared(&[Greater, Equal]),
        Operator::And | Operator::Or => unreachable!("handled above"),
    }
}

fn among(datum: &Datum, list: &[Node], wanted: bool, of: &dyn Fn(Name<'_>) -> Datum) -> Result<Datum, Words> {
    let mut unknown = datum.is_null();
    for item in list {
        match operation(datum, Operator::Equal, &evaluate(item, of)?)? {
            Datum::Flag(true) => return Ok(Datum::Flag(wanted)),
            Datum::Null => unknown = true,
            _ => {}
        }
    }
    Ok(if unknown { Datum::Null } else { Datum::Flag(!wanted) })
}

fn called(call: Call, arguments: &[Datum]) -> Result<Datum, Words> {
    let first = &arguments[0];
    let extreme = |wanted: std::cmp::Ordering| {
        let mut best = Datum::Null;
        for datum in arguments.iter().filter(|datum| !datum.is_null()) {
            if best.is_null() || order(datum, &best)? == wanted {
                best = datum.clone();
            }
        }
        Ok(best)
    };
    match call {
        Call::Coalesce => Ok(arguments.iter().find(|datum| !datum.is_null()).cloned().unwrap_or(Datum::Null)),
        Call::Nullif => {
            let equal = operation(first, Operator::Equal, &arguments[1])?;
            Ok(if equal == Datum::Flag(true) { Datum::Null } else { first.clone() })
        }
        Call::Least => extreme(std::cmp::Ordering::Less),
        Call::Greatest => extreme(std::cmp::Ordering::Greater),
        Call::Abs | Call::Sqrt | Call::Round if first.is_null() => Ok(Datum::Null),
        Call::Abs => match first {
            Datum::Whole(whole) => Ok(Datum::Whole(whole.abs())),
            other => Ok(Datum::Real(number(other)?.abs())),
        },
        Call::Sqrt => Ok(Datum::real(Some(number(first)?).filter(|number| *number >= 0.0).map(f64::sqrt))),
        Call::Round => match first {
            Datum::Whole(whole) => Ok(Datum::Whole(*whole)),
            other => Ok(Datum::Whole(number(other)?.round() as i64)),
        },
    }
}

fn show(node: &Node, of: &dyn Fn(Name<'_>) -> String, out: &mut String) {
    let list = |nodes: &[Node], out: &mut String| {
        for (place, node) in nodes.iter().enumerate() {
            if place > 0 {
                out.push_str(", ");
            }
            show(node, of, out);
        }
    };
    // Writing to a String cannot fail.
    match node {
        Node::Literal(Datum::Text(text)) => drop(write!(out, "'{text}'")),
        Node::Literal(Datum::Null) => out.push_str("null"),
        Node::Literal(Datum::Real(real)) => drop(write!(out, "{real}")),
        Node::Literal(datum) => out.push_str(&datum.shown()),
        Node::Figure(name) => out.push_str(&of(Name::Figure(name))),
        Node::Param(name) => out.push_str(&of(Name::Param(name))),
        Node::Nested(inner) => {
            out.push('(');
            show(inner, of, out);
            out.push(')');
        }
        Node::Minus(inner) => {
            out.push('−');
            show(inner, of, out);
        }
        Node::Not(inner) => {
            out.push_str("not ");
            show(inner, of, out);
        }
        Node::IsNull(inner, wanted) => {
            show(inner, of, out);
            out.push_str(if *wanted { " is null" } else { " is not null" });
        }
        Node::Operation(left, operator, right) => {
            show(left, of, out);
            let _ = write!(out, " {} ", operator.sign());
            show(right, of, out);
        }
        Node::Among(node, nodes, wanted) => {
            show(node, of, out);
            out.push_str(if *wanted { " in (" } else { " not in (" });
            list(nodes, out);
            out.push(')');
        }
        Node::Case(conditions, otherwise) => {
            out.push_str("case");
            for (condition, result) in conditions {
                out.push_str(" when ");
                show(condition, of, out);
                out.push_str(" then ");
                show(result, of, out);
            }
            if let Some(node) = otherwise {
                out.push_str(" else ");
                show(node, of, out);
            }
            out.push_str(" end");
        }
        Node::Call(call, arguments) => {
            let _ = write!(out, "{}(", call.name());
            list(arguments, out);
            out.push(')');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: Name<'_>) -> Datum {
        match name {
            Name::Figure("a") => Datum::Whole(7),
            Name::Figure("b") => Datum::Whole(2),
            Name::Figure("zero") => Datum::Whole(0),
            Name::Figure("half") | Name::Param("half") => Datum::Real(0.5),
            Name::Figure("word") => Datum::text("open"),
            _ => Datum::Null,
        }
    }

    #[test]
    fn formulas_are_computed_as_on_paper() {
        for (text, expected) in [
            ("a + b * 2", Datum::Whole(11)),
            ("a / b", Datum::Real(3.5)),
            ("a / zero", Datum::Null),
            ("a - -b", Datum::Whole(9)),
            ("a * half", Datum::Real(3.5)),
            ("a + nothing", Datum::Null),
            ("a > b and nothing > 1", Datum::Null),
            ("a < b and nothing > 1", Datum::Flag(false)),
            ("a > b or nothing > 1", Datum::Flag(true)),
            ("not a > b", Datum::Flag(false)),
            ("nothing is null", Datum::Flag(true)),
            ("case when nothing > 1 then 'x' when a = 7 then 'y' else 'z' end", Datum::text("y")),
            ("case when a < b then 1 end", Datum::Null),
            ("word in ('open', 'shut')", Datum::Flag(true)),
            ("word not in ('shut', null)", Datum::Null),
            ("coalesce(nothing, b)", Datum::Whole(2)),
            ("nullif(b, 2)", Datum::Null),
            ("sqrt(a + b)", Datum::Real(3.0)),
            ("sqrt(-a)", Datum::Null),
            ("round(half * 5)", Datum::Whole(3)),
            ("greatest(a, b, nothing)", Datum::Whole(7)),
            ("least(params.half, a)", Datum::Real(0.5)),
        ] {
            assert_eq!(Formula::read(text).unwrap().evaluate(&of).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for (text, word) in [
            ("a +", "Expected"),
            ("a b", "follows the formula"),
            ("sum(a)", "no function `sum`"),
            ("a % 2", "no `%`"),
            ("stages.a", "neither a figure nor one of `params`"),
            ("(select 1)", "a formula has no"),
            ("nullif(a)", "does not take 1"),
        ] {
            let message = Formula::read(text).expect_err(text);
            assert!(message.en.contains(word), "{text}: {message:?}");
        }
        let message = Formula::read("word + 1").unwrap().evaluate(&of).unwrap_err();
        assert!(message.en.contains("`open` is no number"), "{message:?}");
    }

    #[test]
    fn a_formula_is_shown_with_its_values() {
        let formula = Formula::read("case when (a - b) / 2 >= params.half then 'x' else null end").unwrap();
        let shown = formula.shown(&|name| of(name).shown());
        assert_eq!(shown, "case when (7 − 2) ÷ 2 ≥ 0.5 then 'x' else null end");
        let names = [Name::Figure("a"), Name::Figure("b"), Name::Param("half")];
        assert_eq!(formula.names(), names);
    }
}
