//! The SQL that counts a mart's cases: what its definition asks for, around the select that its file holds.
//!
//! A file says what a case is. What an engine is asked is composed here: `select grain, counts and sums from cases group
//! by grain order by grain`, and for percentiles and their like each value with how often it comes. Engines are asked for
//! whole numbers, days, texts and flags alone, and so all of them answer the same.

use std::collections::BTreeSet;

use super::dialect::Selected;
use super::measure::{Measure, Source};

/// The name of the cases in what is composed.
const CASES: &str = "cases";

/// What is counted over the rows of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// The rows.
    All,
    /// Those with a flag.
    Flagged(String),
    /// Those that have something in a column.
    Given(String),
    /// The sum of a column.
    Sum(String),
    /// The greatest value.
    Most(String),
    /// The least value.
    Least(String),
}

impl Count {
    /// What its column is called.
    pub fn alias(&self) -> String {
        match self {
            Count::All => "all_cases".to_owned(),
            Count::Flagged(column) => format!("flagged_{column}"),
            Count::Given(column) => format!("given_{column}"),
            Count::Sum(column) => format!("sum_{column}"),
            Count::Most(column) => format!("most_{column}"),
            Count::Least(column) => format!("least_{column}"),
        }
    }

    fn sql(&self) -> String {
        match self {
            Count::All => "count(*)".to_owned(),
            Count::Flagged(column) => format!("count(case when {column} then 1 end)"),
            Count::Given(column) => format!("count({column})"),
            Count::Sum(column) => format!("sum(cast({column} as bigint))"),
            Count::Most(column) => format!("max({column})"),
            Count::Least(column) => format!("min({column})"),
        }
    }
}

/// What the rows of a query hold besides its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// The cases themselves: all columns that the file selects.
    Cases,
    /// Counts of each group.
    Counts(BTreeSet<Count>),
    /// The values of some columns, with how often they come together.
    Values(Vec<String>),
}

/// The column that says how often values come.
pub const TIMES: &str = "n";

/// One query: which rows of which table, by which columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The CTE; absent: the cases.
    pub table: Option<String>,
    /// The columns that it is grouped and ordered by.
    pub keys: Vec<String>,
    /// What else its rows hold.
    pub holds: Holds,
}

/// What a figure asks of an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// Counts of each group.
    Counts(Vec<Count>),
    /// Values with how often they come.
    Values(Vec<String>),
}

/// What a measure asks of an engine; nothing where it is made of other figures.
pub fn need(measure: &Measure) -> Option<Need> {
    let column = |source: &Source| source.column.clone();
    Some(match measure {
        Measure::Count(source) if source.is_every_row() => Need::Counts(vec![Count::All]),
        Measure::Count(source) => Need::Counts(vec![Count::Flagged(column(source))]),
        Measure::Given(source) => Need::Counts(vec![Count::Given(column(source))]),
        Measure::Sum(source) => Need::Counts(vec![Count::Sum(column(source))]),
        Measure::Mean(source) => Need::Counts(vec![Count::Sum(column(source)), Count::Given(column(source))]),
        Measure::Most(source) => Need::Counts(vec![Count::Most(column(source))]),
        Measure::First(source) => Need::Counts(vec![Count::Least(column(source))]),
        Measure::Percentile(source, _)
        | Measure::Distinct(source)
        | Measure::TopShare(source)
        | Measure::Concentration(source)
        | Measure::Above(source, _) => Need::Values(vec![column(source)]),
        Measure::WeightedMean(sources) | Measure::Expected(sources) => {
            Need::Values(sources.iter().map(column).collect())
        }
        Measure::Rate(_)
        | Measure::WilsonLow(_)
        | Measure::WilsonHigh(_)
        | Measure::BinomialTail(_)
        | Measure::Total(_)
        | Measure::Share(_)
        | Measure::Rank(_)
        | Measure::Previous(_)
        | Measure::Streak(_)
        | Measure::Formula(_) => return None,
    })
}

impl Query {
    /// The query's text: the file's own, and what is asked of it. `nulls_first`: keys of which nothing comes first.
    pub fn sql(&self, text: &str, selected: &Selected, nulls_first: &[String]) -> String {
        let head = &text[..selected.body.start];
        let between = text[selected.body.start..selected.body.end].trim();
        let body = text[selected.body.end..].trim_end().trim_end_matches(';').trim_end();
        let order = self.keys.iter().map(|key| {
            let nulls = if nulls_first.contains(key) { " nulls first" } else { "" };
            format!("{key}{nulls}")
        });
        let order = match order.collect::<Vec<_>>().join(", ") {
            keys if keys.is_empty() => String::new(),
            keys => format!("\norder by {keys}"),
        };
        if self.holds == Holds::Cases {
            return format!("{}{body}{order}\n", &text[..selected.body.end]);
        }
        let ctes = match (&self.table, selected.ctes.is_empty()) {
            (Some(_), _) => head.to_owned(),
            (None, true) => format!("{}with {}", line(text[..selected.body.end].trim()), cte(body)),
            (None, false) => format!("{head},\n\n{}{}", line(between), cte(body)),
        };
        let (columns, only) = match &self.holds {
            Holds::Cases => unreachable!("answered above"),
            Holds::Counts(counts) => {
                let counts = counts.iter().map(|count| format!("{} as {}", count.sql(), count.alias()));
                (self.keys.iter().cloned().chain(counts).collect::<Vec<_>>(), String::new())
            }
            Holds::Values(values) => {
                let columns = self.keys.iter().chain(values).cloned();
                let given: Vec<String> = values.iter().map(|value| format!("{value} is not null")).collect();
                let columns = columns.chain([format!("count(*) as {TIMES}")]).collect();
                (columns, format!("\nwhere {}", given.join(" and ")))
            }
        };
        let grouped: Vec<String> = match &self.holds {
            Holds::Values(values) => self.keys.iter().chain(values).cloned().collect(),
            _ => self.keys.clone(),
        };
        let group = if grouped.is_empty() { String::new() } else { format!("\ngroup by {}", grouped.join(", ")) };
        let order = match &self.holds {
            Holds::Values(values) if order.is_empty() => format!("\norder by {}", values.join(", ")),
            Holds::Values(values) => format!("{order}, {}", values.join(", ")),
            _ => order,
        };
        let from = self.table.as_deref().unwrap_or(CASES);
        format!("{ctes}\n\nselect\n    {}\nfrom {from}{only}{group}{order}\n", columns.join(",\n    "))
    }
}

/// A comment on a line of its own, where there is one.
fn line(comment: &str) -> String {
    if comment.is_empty() { String::new() } else { format!("{comment}\n") }
}

/// The final select of a file as a CTE.
fn cte(body: &str) -> String {
    let lines: Vec<String> =
        body.lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") }).collect();
    format!("{CASES} as (\n{}\n)", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marts::dialect;

    fn composed(text: &str, query: &Query) -> String {
        let selected = dialect::check("x.sql", text, &[]).unwrap();
        let sql = query.sql(text, &selected, &["stage".to_owned()]);
        // The parser reads it again.
        assert!(sqlparser::parser::Parser::parse_sql(&sqlparser::dialect::GenericDialect {}, &sql).is_ok(), "{sql}");
        sql
    }

    #[test]
    fn what_is_asked_stands_around_what_the_file_says() {
        let counts = Query {
            table: None,
            keys: vec!["stage".to_owned()],
            holds: Holds::Counts([Count::All, Count::Sum("net_wd".to_owned())].into()),
        };
        let plain = "-- One row per pass.\nselect\n    stage,\n    net_wd\nfrom stages\n";
        assert_eq!(
            composed(plain, &counts),
            "-- One row per pass.\nwith cases as (\n    select\n        stage,\n        net_wd\n    from stages\n)\n\n\
             select\n    stage,\n    count(*) as all_cases,\n    sum(cast(net_wd as bigint)) as sum_net_wd\n\
             from cases\ngroup by stage\norder by stage nulls first\n"
        );
        let with = "with history as (\n    select stage, net_wd from stages\n)\n\n-- All.\nselect stage, net_wd from history\n";
        let cases = "with history as (\n    select stage, net_wd from stages\n),\n\n-- All.\ncases as (\n    \
                     select stage, net_wd from history\n)\n\nselect\n";
        assert!(composed(with, &counts).starts_with(cases), "{}", composed(with, &counts));
        let values = Query {
            table: Some("history".to_owned()),
            keys: Vec::new(),
            holds: Holds::Values(vec!["net_wd".to_owned()]),
        };
        assert_eq!(
            composed(with, &values),
            "with history as (\n    select stage, net_wd from stages\n)\n\nselect\n    net_wd,\n    count(*) as n\n\
             from history\nwhere net_wd is not null\ngroup by net_wd\norder by net_wd\n"
        );
        let list = Query { table: None, keys: vec!["stage".to_owned()], holds: Holds::Cases };
        assert_eq!(composed(plain, &list), format!("{}\norder by stage nulls first\n", plain.trim_end()));
    }
}
