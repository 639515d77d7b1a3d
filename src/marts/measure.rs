//! How a column of a mart comes from the cases of its row, as its definition writes it.

use std::fmt;

use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{Schema, SchemaObject, SubschemaValidation};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use crate::measures::formula::{Formula, Name};
use crate::words::Words;

/// A column of the cases, or of an earlier CTE of the mart: `net_wd`, `history.net_wd`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The CTE; absent: the cases.
    pub table: Option<String>,
    /// The column, or `*` for every row.
    pub column: String,
}

impl Source {
    /// Whether it stands for every row, whatever stands in it.
    pub fn is_every_row(&self) -> bool {
        self.column == "*"
    }
}

impl<'de> Deserialize<'de> for Source {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Source, D::Error> {
        let text = String::deserialize(from)?;
        Ok(match text.split_once('.') {
            Some((table, column)) => Source { table: Some(table.to_owned()), column: column.to_owned() },
            None => Source { table: None, column: text },
        })
    }
}

/// Texts that are read further are texts to an editor.
macro_rules! text_schema {
    ($($name:ident),+) => {$(
        impl JsonSchema for $name {
            fn schema_name() -> String {
                stringify!($name).to_owned()
            }

            fn is_referenceable() -> bool {
                false
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    )+};
}
text_schema!(Source, By);

/// As definitions write it, but shorter: `rate(overdue_net, settled)`.
impl fmt::Display for Measure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Count(source) => write!(out, "count({source})"),
            Measure::Given(source) => write!(out, "given({source})"),
            Measure::Sum(source) => write!(out, "sum({source})"),
            Measure::Mean(source) => write!(out, "mean({source})"),
            Measure::WeightedMean([value, weight]) => write!(out, "weighted_mean({value}, {weight})"),
            Measure::Expected([part, whole]) => write!(out, "expected({part}, {whole})"),
            Measure::Percentile(source, percent) => write!(out, "percentile({source}, {percent})"),
            Measure::Distinct(source) => write!(out, "distinct({source})"),
            Measure::Most(source) => write!(out, "most({source})"),
            Measure::First(source) => write!(out, "first({source})"),
            Measure::TopShare(source) => write!(out, "top_share({source})"),
            Measure::Concentration(source) => write!(out, "concentration({source})"),
            Measure::Above(source, figure) => write!(out, "above({source}, {figure})"),
            Measure::Rate([part, whole]) => write!(out, "rate({part}, {whole})"),
            Measure::WilsonLow([part, whole]) => write!(out, "wilson_low({part}, {whole})"),
            Measure::WilsonHigh([part, whole]) => write!(out, "wilson_high({part}, {whole})"),
            Measure::BinomialTail(figures) => write!(out, "binomial_tail({})", figures.join(", ")),
            Measure::Total(figure) => write!(out, "total({figure})"),
            Measure::Share(figure) => write!(out, "share({figure})"),
            Measure::Rank(By { figure, descending }) => {
                write!(out, "rank({}{figure})", if *descending { "-" } else { "" })
            }
            Measure::Previous(figure) => write!(out, "previous({figure})"),
            Measure::Streak(figure) => write!(out, "streak({figure})"),
            Measure::Formula(formula) => out.write_str(&formula.shown(&|name| match name {
                Name::Figure(figure) => figure.to_owned(),
                Name::Param(param) => format!("params.{param}"),
            })),
        }
    }
}

impl JsonSchema for Measure {
    fn schema_name() -> String {
        "Measure".to_owned()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let ways = vec![generator.subschema_for::<String>(), generator.subschema_for::<Keyed>()];
        let subschemas = Some(Box::new(SubschemaValidation { any_of: Some(ways), ..SubschemaValidation::default() }));
        Schema::Object(SchemaObject { subschemas, ..SchemaObject::default() })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.table {
            Some(table) => write!(out, "{table}.{}", self.column),
            None => out.write_str(&self.column),
        }
    }
}

/// A figure by which rows are ordered, `-` before it: the greatest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The figure.
    pub figure: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl<'de> Deserialize<'de> for By {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<By, D::Error> {
        let text = String::deserialize(from)?;
        Ok(match text.strip_prefix('-') {
            Some(figure) => By { figure: figure.to_owned(), descending: true },
            None => By { figure: text, descending: false },
        })
    }
}

/// How a figure comes from the cases of its row, or from other figures.
///
/// In a definition, `from = { sum = "net_wd" }`; a text is a formula: `from = "open_end - open_start"`.
#[derive(Debug, Clone, PartialEq)]
pub enum Measure {
    /// How many cases there are (`*`), or of how many a flag is true.
    Count(Source),
    /// How many cases have something in a column.
    Given(Source),
    /// The sum of a column of whole numbers.
    Sum(Source),
    /// The mean of a column of whole numbers, without the cases that have nothing there.
    Mean(Source),
    /// The mean of a column, each case by the weight in another.
    WeightedMean([Source; 2]),
    /// What is expected of the cases: the sum, over them, of one column divided by another.
    Expected([Source; 2]),
    /// A percentile (0–100) of a column, by linear interpolation.
    Percentile(Source, u8),
    /// How many different values a column has.
    Distinct(Source),
    /// The greatest value of a column.
    Most(Source),
    /// The least value of a column: of days, the first.
    First(Source),
    /// The share of the most frequent value of a column.
    TopShare(Source),
    /// Σ share² of the values of a column (Herfindahl–Hirschman index, 0–1).
    Concentration(Source),
    /// How many cases lie above a figure of the row.
    Above(Source, String),
    /// One figure of the row divided by another.
    Rate([String; 2]),
    /// The lower end of Wilson's 95 % interval of one count of the row in another.
    WilsonLow([String; 2]),
    /// Its upper end.
    WilsonHigh([String; 2]),
    /// The smaller of the exact binomial tails of one count of the row in another, at a rate.
    BinomialTail([String; 3]),
    /// The sum of a figure over the rows compared.
    Total(String),
    /// The share of a figure in that sum.
    Share(String),
    /// The place of the row among those compared, by a figure; equal ones share.
    Rank(By),
    /// The figure in the row of the calendar month before that is about the same otherwise.
    Previous(String),
    /// For how many of the rows compared, up to this one, a flag has been true.
    Streak(String),
    /// A formula of other figures of the row.
    Formula(Formula),
}

/// The same, as TOML tables hold it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Keyed {
    Count(Source),
    Given(Source),
    Sum(Source),
    Mean(Source),
    WeightedMean([Source; 2]),
    Expected([Source; 2]),
    Percentile(Source, u8),
    Distinct(Source),
    Most(Source),
    First(Source),
    TopShare(Source),
    Concentration(Source),
    Above(Source, String),
    Rate([String; 2]),
    WilsonLow([String; 2]),
    WilsonHigh([String; 2]),
    BinomialTail([String; 3]),
    Total(String),
    Share(String),
    Rank(By),
    Previous(String),
    Streak(String),
}

impl From<Keyed> for Measure {
    fn from(keyed: Keyed) -> Measure {
        match keyed {
            Keyed::Count(source) => Measure::Count(source),
            Keyed::Given(source) => Measure::Given(source),
            Keyed::Sum(source) => Measure::Sum(source),
            Keyed::Mean(source) => Measure::Mean(source),
            Keyed::WeightedMean(sources) => Measure::WeightedMean(sources),
            Keyed::Expected(sources) => Measure::Expected(sources),
            Keyed::Percentile(source, percent) => Measure::Percentile(source, percent),
            Keyed::Distinct(source) => Measure::Distinct(source),
            Keyed::Most(source) => Measure::Most(source),
            Keyed::First(source) => Measure::First(source),
            Keyed::TopShare(source) => Measure::TopShare(source),
            Keyed::Concentration(source) => Measure::Concentration(source),
            Keyed::Above(source, figure) => Measure::Above(source, figure),
            Keyed::Rate(figures) => Measure::Rate(figures),
            Keyed::WilsonLow(figures) => Measure::WilsonLow(figures),
            Keyed::WilsonHigh(figures) => Measure::WilsonHigh(figures),
            Keyed::BinomialTail(figures) => Measure::BinomialTail(figures),
            Keyed::Total(figure) => Measure::Total(figure),
            Keyed::Share(figure) => Measure::Share(figure),
            Keyed::Rank(by) => Measure::Rank(by),
            Keyed::Previous(figure) => Measure::Previous(figure),
            Keyed::Streak(figure) => Measure::Streak(figure),
        }
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Measure, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Measure;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                let words = Words::new(
                    "指标的算法，如 { sum = \"column\" }，或公式",
                    "a measure, as `{ sum = \"column\" }`, or a formula",
                );
                out.write_str(&words.carried())
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Measure, E> {
                Formula::read(text).map(Measure::Formula).map_err(|words| E::custom(words.carried()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Measure, A::Error> {
                let keyed = Keyed::deserialize(MapAccessDeserializer::new(map)).map_err(A::Error::custom)?;
                Ok(keyed.into())
            }
        }
        from.deserialize_any(Reader)
    }
}

impl Measure {
    /// The columns of the cases, or of an earlier CTE, that it is made of.
    pub fn sources(&self) -> Vec<&Source> {
        match self {
            Measure::Count(source)
            | Measure::Given(source)
            | Measure::Sum(source)
            | Measure::Mean(source)
            | Measure::Percentile(source, _)
            | Measure::Distinct(source)
            | Measure::Most(source)
            | Measure::First(source)
            | Measure::TopShare(source)
            | Measure::Concentration(source)
            | Measure::Above(source, _) => vec![source],
            Measure::WeightedMean(sources) | Measure::Expected(sources) => sources.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The figures of the row that it is made of.
    pub fn figures(&self) -> Vec<&str> {
        match self {
            Measure::Above(_, figure)
            | Measure::Total(figure)
            | Measure::Share(figure)
            | Measure::Previous(figure)
            | Measure::Streak(figure) => vec![figure],
            Measure::Rank(by) => vec![&by.figure],
            Measure::Rate(figures) | Measure::WilsonLow(figures) | Measure::WilsonHigh(figures) => {
                figures.iter().map(String::as_str).collect()
            }
            Measure::BinomialTail(figures) => figures.iter().map(String::as_str).collect(),
            Measure::Formula(formula) => {
                let figure = |name| if let Name::Figure(figure) = name { Some(figure) } else { None };
                formula.names().into_iter().filter_map(figure).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The parameters of the run that it names.
    pub fn params(&self) -> Vec<&str> {
        let Measure::Formula(formula) = self else { return Vec::new() };
        let param = |name| if let Name::Param(param) = name { Some(param) } else { None };
        formula.names().into_iter().filter_map(param).collect()
    }
}
