//! Names of input tables and their columns, `table.column`, as definitions write them and as users call them.

use super::{TABLES, Table};
use crate::spelling::nearest;
use crate::words::{Lang, Words};

/// What users call a table of the exports, or a column of one by the name `table.column`.
pub fn title(name: &str, lang: Lang) -> String {
    let (table, column) = name.split_once('.').map_or((name, None), |(table, column)| (table, Some(column)));
    let known = Table::named(table);
    let title = lang.pick(known.and_then(|table| table.zh.first().copied()).unwrap_or(table), table);
    match column.and_then(|column| known?.columns.iter().find(|known| known.name == column)) {
        Some(column) => format!("{title}·{}", column.title(lang)),
        None => title.to_owned(),
    }
}

/// A name that should be one of an input table, or of a column of one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownInput<'a> {
    name: &'a str,
    /// The nearest name that there is.
    pub nearest: Option<&'static str>,
}

impl UnknownInput<'_> {
    /// What is wrong with it.
    pub(crate) fn message(&self) -> Words {
        let table = match self.name.split_once('.') {
            Some((table, column)) if Table::named(table).is_some() => {
                return Words::new(
                    format!("输入表「{table}」没有「{column}」列"),
                    format!("the input table `{table}` has no column `{column}`"),
                );
            }
            Some((table, _)) => table,
            None => self.name,
        };
        Words::new(format!("没有输入表「{table}」"), format!("there is no input table `{table}`"))
    }
}

/// What is wrong with the name of an input table, or of a column by the name `table.column`.
pub(crate) fn unknown_input(name: &str) -> Option<UnknownInput<'_>> {
    let (table, column) = name.split_once('.').map_or((name, None), |(table, column)| (table, Some(column)));
    let nearest = match (Table::named(table), column) {
        (Some(_), None) => return None,
        (Some(known), Some(column)) if known.columns.iter().any(|own| own.name == column) => return None,
        (Some(known), Some(column)) => nearest(column, known.columns.iter().map(|own| own.name)),
        (None, _) => nearest(table, TABLES.iter().map(|known| known.name)),
    };
    Some(UnknownInput { name, nearest })
}
