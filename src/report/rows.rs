//! The rows of a mart that a headline or a chart speaks of, and their columns.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::Input;
use crate::calendar::Day;
use crate::cells::Format;
use crate::cells::marts::text_cell;
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::{self, Kind};
use crate::rules::targets::Scope;
use crate::spelling::identity;

/// What a column must hold for a row to count.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(untagged)]
pub(crate) enum Wanted {
    /// A text, such as a code.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
}

/// Which rows count: those that hold what is wanted in every column named.
pub(crate) type Where = BTreeMap<Spanned<String>, Spanned<Wanted>>;

/// The same, as schemas of files describe it.
pub(crate) type PlainWhere = BTreeMap<String, Wanted>;

/// Some rows of a mart.
pub(crate) struct Rows<'a> {
    data: Columns<'a>,
    mart: &'a marts::Mart,
    kept: Vec<usize>,
}

impl<'a> Rows<'a> {
    /// The rows of a mart that hold what is wanted; nothing where the report does not have the mart.
    pub(crate) fn of(input: &'a Input<'_>, mart: &str, wanted: &Where) -> Result<Option<Rows<'a>>> {
        let definition = input.catalogue.marts.iter().find(|known| known.name == mart);
        let (Some(mart), Some(data)) = (definition, input.mart(mart)?) else { return Ok(None) };
        let mut kept: Vec<usize> = (0..data.0.height()).collect();
        for (column, wanted) in wanted {
            keep(data, &mut kept, column.get_ref(), wanted.get_ref())?;
        }
        Ok(Some(Rows { data, mart, kept }))
    }

    /// The same of the last so many months; absent: of all.
    pub(crate) fn of_last(
        input: &'a Input<'_>,
        mart: &str,
        wanted: &Where,
        months: Option<u32>,
    ) -> Result<Option<Rows<'a>>> {
        let Some(rows) = Rows::of(input, mart, wanted)? else { return Ok(None) };
        match months {
            Some(months) => rows.of_months(input.month(), months).map(Some),
            None => Ok(Some(rows)),
        }
    }

    /// Those of a part of the office, in any spelling of its name.
    pub(crate) fn within(mut self, scope: &Scope) -> Result<Rows<'a>> {
        for (column, name) in scope.columns() {
            let (texts, wanted) = (self.data.texts(column)?, identity(name));
            self.kept.retain(|row| texts.get(*row).is_some_and(|text| identity(text) == wanted));
        }
        Ok(self)
    }

    /// Those of the last `months` months, the report's own the last of them; all where the mart has no months.
    pub(crate) fn of_months(mut self, last: Day, months: u32) -> Result<Rows<'a>> {
        let Some(column) = month_column(self.mart) else { return Ok(self) };
        let by_row = self.data.days(column)?;
        let first = last.minus_months(months.saturating_sub(1));
        self.kept.retain(|row| by_row[*row].is_some_and(|month| first <= month && month <= last));
        Ok(self)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Whether the mart has months.
    pub(crate) fn has_months(&self) -> bool {
        month_column(self.mart).is_some()
    }

    /// The months of the rows; none where the mart has no months.
    pub(crate) fn months(&self) -> Result<Vec<Option<Day>>> {
        match month_column(self.mart) {
            Some(column) => Ok(self.pick(&self.data.days(column)?)),
            None => Ok(vec![None; self.kept.len()]),
        }
    }

    /// A column of numbers, whole or not.
    pub(crate) fn numbers(&self, column: &str) -> Result<Vec<Option<f64>>> {
        self.data.numbers(column).map(|values| self.pick(&values))
    }

    /// A column of whole numbers, with zero for what is unknown.
    pub(crate) fn counts(&self, column: &str) -> Result<Vec<i64>> {
        let values = self.data.integers(column)?;
        Ok(self.kept.iter().map(|row| values[*row].unwrap_or(0)).collect())
    }

    /// Two columns of whole numbers added up by month; `months` are those of the rows.
    pub(crate) fn sums(&self, months: &[Option<Day>], part: &str, whole: &str) -> Result<BTreeMap<Day, (i64, i64)>> {
        let mut sums: BTreeMap<Day, (i64, i64)> = BTreeMap::new();
        let counts = self.counts(part)?.into_iter().zip(self.counts(whole)?);
        for (month, (part, whole)) in months.iter().zip(counts) {
            if let Some(month) = month {
                let sum = sums.entry(*month).or_default();
                *sum = (sum.0 + part, sum.1 + whole);
            }
        }
        Ok(sums)
    }

    /// A column of truth values, with `false` for what is unknown.
    pub(crate) fn flags(&self, column: &str) -> Result<Vec<bool>> {
        let values = self.data.flags(column)?;
        Ok(self.kept.iter().map(|row| values[*row].unwrap_or(false)).collect())
    }

    /// A column of texts, empty where there is none.
    pub(crate) fn texts(&self, column: &str) -> Result<Vec<String>> {
        let values = self.data.texts(column)?;
        Ok(self.kept.iter().map(|row| values.get(*row).unwrap_or_default().to_owned()).collect())
    }

    /// What users call the texts of some columns, joined by blanks.
    pub(crate) fn labels(&self, input: &Input<'_>, columns: &[Spanned<String>]) -> Result<Vec<String>> {
        let mut labels = vec![String::new(); self.kept.len()];
        for column in columns {
            for (label, text) in labels.iter_mut().zip(self.texts(column.get_ref())?) {
                let words = self.words(input, column.get_ref(), &text);
                label.push_str(if label.is_empty() || words.is_empty() { "" } else { " " });
                label.push_str(&words);
            }
        }
        Ok(labels)
    }

    /// What users call a text of a column; empty where the column does not say what its absence means.
    pub(crate) fn words(&self, input: &Input<'_>, column: &str, text: &str) -> String {
        let declared = self.mart.definition.columns.iter().find(|declared| declared.name == column);
        match declared {
            Some(declared) if !text.is_empty() => {
                text_cell(input.config, input.lang, &declared.kind, text).display(Format::Text)
            }
            Some(declared) => declared.empty.as_ref().map_or("", |words| words.get(input.lang)).to_owned(),
            None => text.to_owned(),
        }
    }

    /// Whether a column holds roles of owners.
    pub(crate) fn has_roles(&self, column: &str) -> bool {
        let declared = self.mart.definition.columns.iter().find(|declared| declared.name == column);
        declared.is_some_and(|declared| declared.kind == Kind::Role)
    }

    fn pick<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.kept.iter().map(|row| values[*row]).collect()
    }
}

/// The column of months of a mart.
pub(crate) fn month_column(mart: &marts::Mart) -> Option<&str> {
    let declared = mart.definition.columns.iter().find(|declared| declared.kind == Kind::Month);
    declared.map(|declared| declared.name.as_str())
}

/// Keeps the rows that hold what is wanted in a column.
fn keep(data: Columns<'_>, kept: &mut Vec<usize>, column: &str, wanted: &Wanted) -> Result<()> {
    match wanted {
        Wanted::Text(text) => {
            let texts = data.texts(column)?;
            kept.retain(|row| texts.get(*row) == Some(text.as_str()));
        }
        Wanted::Integer(number) => {
            let numbers = data.integers(column)?;
            kept.retain(|row| numbers[*row] == Some(*number));
        }
        Wanted::Flag(flag) => {
            let flags = data.flags(column)?;
            kept.retain(|row| flags[*row] == Some(*flag));
        }
    }
    Ok(())
}
