//! Sample data in the forms that a user can ask for.
//!
//! What is sampled is the business of `yekuo-sample`, which knows nothing of this crate's tables; here its clean rows
//! are also laid out as Parquet, and the tests hold its tables against the contract.

use std::path::{Path, PathBuf};

use yekuo_sample::Table;

use crate::calendar::Calendar;
use crate::contract;
use crate::error::{Error, Result};
use crate::lake::{TableWriter, Value};

pub use yekuo_sample::Sample;

/// The files that a sample is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A marketing system's: Chinese headers, several files and encodings, a little dirt.
    Exports,
    /// Clean canonical tables as CSV.
    Csv,
    /// Clean canonical tables as Parquet.
    Parquet,
}

/// Writes a sample into `folder` and returns its files, sorted.
pub fn write(sample: &Sample, form: Form, calendar: &Calendar, folder: &Path) -> Result<Vec<PathBuf>> {
    match form {
        Form::Exports => sample.exports(calendar, folder).map_err(Error::from),
        Form::Csv => sample.canonical(calendar, folder).map_err(Error::from),
        Form::Parquet => parquet(sample, calendar, folder),
    }
}

fn parquet(sample: &Sample, calendar: &Calendar, folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
    let path = |table: Table| folder.join(format!("{}.parquet", table.name()));
    // What a sample does not have, such as a lifecycle, comes last.
    let layouts = |table: Table| contract(table).layouts()[..table.columns().len()].to_vec();
    let create = |table: Table| TableWriter::create(&path(table), &layouts(table));
    let mut writers = Table::ALL.into_iter().map(create).collect::<Result<Vec<_>>>()?;
    sample.rows(calendar, &mut |table, row| {
        let row: Vec<Value<'_>> = row.iter().map(value).collect();
        writers[table as usize].push(&row)
    })?;
    for writer in writers {
        writer.finish()?;
    }
    let mut files = Table::ALL.map(path).to_vec();
    files.sort();
    Ok(files)
}

/// The contract of a table of the sample.
fn contract(table: Table) -> &'static contract::Table {
    contract::Table::named(table.name()).unwrap_or_else(|| unreachable!("the contract has no table {}", table.name()))
}

/// A value of the sample as the lake keeps it.
fn value<'a>(value: &'a yekuo_sample::Value<'_>) -> Value<'a> {
    match value {
        yekuo_sample::Value::Null => Value::Null,
        yekuo_sample::Value::Text(text) => Value::text(text),
        yekuo_sample::Value::Number(number) => Value::Number(*number),
        yekuo_sample::Value::Integer(integer) => Value::Integer(*integer),
        yekuo_sample::Value::Flag(flag) => Value::Flag(*flag),
        yekuo_sample::Value::Date(day) => Value::Date(*day),
        yekuo_sample::Value::Instant(at) => Value::Instant(*at),
    }
}

impl From<yekuo_sample::Error> for Error {
    fn from(error: yekuo_sample::Error) -> Error {
        match error {
            yekuo_sample::Error::Io { action, path, source } => Error::Io { action, path, source },
            yekuo_sample::Error::Made { path, source } => {
                Error::Render { artefact: path.display().to_string(), source }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::embedded_calendar;
    use crate::contract::{Kind, Parent};

    #[test]
    fn its_rows_satisfy_the_contract() {
        for table in Table::ALL {
            let own: Vec<&str> = table.columns().iter().map(|column| column.name).collect();
            let read: Vec<&str> = contract(table).columns.iter().map(|column| column.name).collect();
            let not_in_it: &[&str] = match table {
                Table::Stages => &["transition", "instance"],
                Table::Applications => &["leader", "live_work"],
                Table::Complaints => &["source", "category"],
                _ => &[],
            };
            assert_eq!([&own, not_in_it].concat(), read, "{table:?}");
        }
        let (mut keys, mut cases) = (BTreeSet::new(), BTreeSet::new());
        let sample = Sample { applications: 700, months: 7, ..Sample::default() };
        let rows = sample.rows(&embedded_calendar("cn").unwrap(), &mut |of, row| {
            let row: Vec<Value<'_>> = row.iter().map(value).collect();
            let table = contract(of);
            let value = |column: &str| &row[table.position(column)];
            for (column, value) in table.columns.iter().zip(&row) {
                let fits = match (value, column.kind) {
                    (Value::Null, _) => !column.required,
                    (Value::Text(text), Kind::Choice { codes, .. }) => codes.iter().any(|(code, _)| code == text),
                    (Value::Text(text), Kind::Id | Kind::Text | Kind::Stage) => !text.is_empty(),
                    (Value::Integer(integer), Kind::Integer(low, high, _)) => (low..=high).contains(integer),
                    (Value::Number(number), Kind::Number(_)) => *number >= 0.0,
                    (Value::Number(number), Kind::Within(most, _)) => (0.0..=most).contains(number),
                    (Value::Date(day), Kind::Date) => day.is_known(),
                    (Value::Date(day), Kind::Month) => *day == day.month(),
                    (Value::Text(text), Kind::List) => text.split(';').all(|name| !name.is_empty()),
                    (Value::Text(text), Kind::Answers) => {
                        text.split(';').all(|answer| answer.split_once('@').is_some_and(|(who, _)| !who.is_empty()))
                    }
                    (Value::Instant(at), Kind::Instant) => at.day().is_known(),
                    (Value::Flag(_), Kind::Flag) => true,
                    _ => false,
                };
                assert!(fits, "{}.{} = {value:?}", table.name, column.name);
            }
            for (first, second) in table.order {
                if let (Value::Instant(first), Value::Instant(second)) = (value(first), value(second)) {
                    assert!(first <= second, "{row:?}");
                }
            }
            let key: Vec<String> = table.key.iter().map(|column| value(column).display()).collect();
            assert!(keys.insert((of, key)), "{row:?}");
            match table.parent {
                Parent::None => {
                    cases.insert(row[0].display());
                }
                Parent::MaybeApplication if *value("application_id") == Value::Null => {}
                Parent::Application | Parent::MaybeApplication => {
                    assert!(cases.contains(&value("application_id").display()));
                }
                Parent::CallbackSubject => assert!(cases.contains(&value("subject_id").display())),
            }
            Ok::<(), Error>(())
        });
        rows.unwrap();
    }
}
