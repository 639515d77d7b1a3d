//! Which tables a report shows, in what order; marts by their definitions.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, DataType};

use super::rows::month_column;
use super::targets::{self, Outcome};
use super::{Input, changes, edition, quality, survey};
use crate::assets;
use crate::cases::apart;
use crate::cells::marts::{bare_cells, mart_cells};
use crate::cells::{Below, Cell, Column, Format, Part, Table, column};
use crate::contract;
use crate::error::{Error, Result};
use crate::lake::Columns;
use crate::marts::print::{Print, RowsOf, Total};
use crate::marts::{self, Laid, Mart, Show};

/// «No data»: what needs an input table that is not there.
pub fn no_data(missing: &[&String], input: &Input<'_>) -> String {
    let lang = input.lang;
    // Of a table that is not there no column need be named.
    let absent = |name: &&String| {
        let table = name.split('.').next().unwrap_or_default();
        if input.given.has(table) { name.to_string() } else { table.to_owned() }
    };
    let mut missing_tables: Vec<String> = missing.iter().map(absent).collect();
    missing_tables.dedup();
    let blind = apart::blind(&input.config.pipeline.only);
    let missing: Vec<String> = missing_tables.iter().map(|name| contract::title(name, lang)).collect();
    let missing = missing.join(lang.pick("、", ", "));
    if missing_tables.iter().any(|table| blind.contains(&table.as_str())) {
        return lang.pick(
            format!("无数据：{missing}不能按本报告的条件划分。"),
            format!("No data: nobody can say which rows of {missing} belong to this report."),
        );
    }
    lang.pick(format!("无数据：没有导入{missing}。"), format!("No data: {missing} not given."))
}

/// The tables that are no marts: the targets, what changed since the last report, and since the edition before.
pub const BUILT_IN: [&str; 5] = [targets::TABLE, "changes", "moved", edition::TABLES[0], edition::TABLES[1]];

/// Every table of the report, in the order of the page and the workbook.
pub(super) fn all(input: &Input<'_>, targets: &[Outcome<'_>]) -> Result<Vec<Table>> {
    let named = &input.config.pipeline.tables;
    let mut tables = Vec::new();
    for name in named {
        match name.as_str() {
            targets::TABLE => tables.push(targets::table(input, targets)),
            "changes" => tables.push(changes::changes(input)?),
            "moved" => tables.push(changes::moved(input)?),
            own if edition::TABLES.contains(&own) => tables.extend(edition::table(input, own)?),
            name => {
                for mart in input.catalogue.marts.iter().filter(|mart| names(name, named, mart)) {
                    if let Some(rows) = input.marts.table(&mart.name)? {
                        tables.push(of_mart(input, mart, rows)?);
                    }
                }
            }
        }
    }
    if !input.config.pipeline.public {
        tables.push(quality::ledger(input));
        tables.extend(survey::tables(input));
        tables.extend(quality::grouped(input));
        tables.extend(quality::filled(input));
        tables.extend(quality::joined(input));
        tables.extend(quality::events(input));
        tables.extend(quality::taken_otherwise(input));
        tables.push(quality::reasons(input));
        tables.extend(quality::incomplete(input));
        tables.extend(quality::two_ends(input)?);
    }
    Ok(tables)
}

/// Whether an entry of a pipeline's tables names a mart: what a user adds comes where it says `*`, by name.
fn names(entry: &str, tables: &[String], mart: &Mart) -> bool {
    mart.name == entry || entry == "*" && !tables.contains(&mart.name) && !assets::ships_mart(&mart.file)
}

/// Whether a mart is a table of the report.
pub(super) fn shows(tables: &[String], mart: &Mart) -> bool {
    tables.iter().any(|entry| names(entry, tables, mart))
}

/// A mart as its definition describes it.
fn of_mart(input: &Input<'_>, mart: &Mart, rows: &DataFrame) -> Result<Table> {
    let lang = input.lang;
    let definition = &mart.definition;
    let missing: Vec<&String> = definition.needs.iter().filter(|table| !input.given.has(table)).collect();
    let mut columns = Vec::new();
    let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); rows.height()];
    for laid in definition.laid_out() {
        let (column, fresh) = laid_out(input, laid, Columns(rows))?;
        columns.push(column);
        for (row, cell) in cells.iter_mut().zip(fresh) {
            row.push(cell);
        }
    }
    let table = Table {
        name: mart.name.clone(),
        title: definition.title.get(lang).to_owned(),
        about: definition.about.get(lang).to_owned(),
        columns,
        rows: Vec::new(),
        shown: Vec::new(),
        total: None,
        part: match definition.place {
            marts::Place::Cases => Part::Assessment,
            marts::Place::Figures => Part::Figures,
        },
        absent: (!missing.is_empty()).then(|| no_data(&missing, input)),
    };
    if !missing.is_empty() {
        return Ok(table);
    }
    // Of figures by month the newest come first: they are what the report is about.
    if let (marts::Place::Figures, Some(at)) = (definition.place, month_at(mart, &table.columns)) {
        let month = |row: &[Cell]| if let Cell::Date(day) = row[at] { Some(day) } else { None };
        cells.sort_by_key(|row| std::cmp::Reverse(month(row)));
    }
    let shown = shown(input, mart, &table.columns, &cells);
    // A list of cases is to be acted on: the most urgent first.
    Ok(match definition.place {
        marts::Place::Cases => table.with_rows(shown.iter().map(|row| std::mem::take(&mut cells[*row])).collect()),
        marts::Place::Figures => Table { shown, ..table.with_rows(cells) },
    })
}

/// A column of a mart as the report has it, and its cells.
fn laid_out(input: &Input<'_>, laid: Laid<'_>, data: Columns<'_>) -> Result<(Column, Vec<Cell>)> {
    let lang = input.lang;
    let empty = || vec![Cell::Empty; data.0.height()];
    let (format, cells) = match laid {
        Laid::Column(declared) => mart_cells(input.config, lang, declared, data)?,
        Laid::Printed(printed) => match &printed.print {
            Print::RowNumber => (Format::Integer, empty()),
            Print::Blank => (Format::Wrapped, empty()),
            Print::Rows(rows) => (Format::Wrapped, rows_of(input, rows, data)?),
        },
    };
    let known = input.given.all(laid.needs());
    let unknown = || Cell::text(lang.pick("无数据", "no data"));
    let cells = if known { cells } else { cells.iter().map(|_| unknown()).collect() };
    let titled = column(laid.title().get(lang), laid.about().get(lang), format);
    let below = match laid.total() {
        None => Below::Nothing,
        Some(Total::Sum) => Below::Sum,
        Some(Total::Words(words)) => Below::Text(words.get(lang).to_owned()),
    };
    let column = match laid {
        Laid::Column(declared) => Column { name: declared.name.clone(), hidden: declared.hidden, below, ..titled },
        Laid::Printed(printed) => {
            let (name, numbered) = (printed.name.clone(), printed.print == Print::RowNumber);
            Column { name, numbered, below, ..titled }
        }
    };
    Ok((column, cells))
}

/// The rows of another mart that belong to each row, in words, one a line.
fn rows_of(input: &Input<'_>, rows: &RowsOf, data: Columns<'_>) -> Result<Vec<Cell>> {
    let of = rows.of.get_ref();
    let other = input.catalogue.marts.iter().find(|mart| mart.name == *of);
    let (Some(other), Some(theirs)) = (other, input.mart(of)?) else { return Ok(vec![Cell::Empty; data.0.height()]) };
    let template = rows.words.get_ref().get(input.lang);
    let mut cells = BTreeMap::new();
    for gap in template.gaps() {
        if let Some(declared) = other.definition.columns.iter().find(|column| column.name == gap) {
            cells.insert(gap, bare_cells(input.config, input.lang, declared, theirs)?);
        }
    }
    let mut lines: BTreeMap<Vec<String>, Vec<String>> = BTreeMap::new();
    for (row, key) in keys(rows, theirs)?.into_iter().enumerate() {
        let cell = |column: &str| cells.get(column).map(|(format, cells)| cells[row].display(*format));
        lines.entry(key).or_default().push(template.filled(&|column| cell(column).unwrap_or_default()));
    }
    let cell = |key| lines.get(&key).map_or(Cell::Empty, |lines| Cell::Text(lines.join("\n")));
    Ok(keys(rows, data)?.into_iter().map(cell).collect())
}

/// What each row of a mart has in the columns that it shares with another.
fn keys(rows: &RowsOf, data: Columns<'_>) -> Result<Vec<Vec<String>>> {
    let mut keys = vec![Vec::new(); data.0.height()];
    for by in &rows.by {
        let doing = || Error::engine(format!("column {}", by.get_ref()));
        let column = data.0.column(by.get_ref()).map_err(doing())?.cast(&DataType::String).map_err(doing())?;
        for (key, text) in keys.iter_mut().zip(column.str().map_err(doing())?.iter()) {
            key.push(text.unwrap_or_default().to_owned());
        }
    }
    Ok(keys)
}

/// Where the months of a mart stand among its columns.
fn month_at(mart: &Mart, columns: &[Column]) -> Option<usize> {
    month_column(mart).and_then(|name| columns.iter().position(|column| column.name == name))
}

/// The rows that the page shows, in its order.
fn shown(input: &Input<'_>, mart: &Mart, columns: &[Column], cells: &[Vec<Cell>]) -> Vec<usize> {
    let definition = &mart.definition;
    let place = |name: &str| columns.iter().position(|column| column.name == name);
    let month = month_at(mart, columns).filter(|_| definition.show == Show::Month);
    let is_shown = |row: &usize| month.is_none_or(|at| cells[*row][at] == Cell::Date(input.month()));
    let mut shown: Vec<usize> = (0..cells.len()).filter(is_shown).collect();
    if let Some((column, descending)) = definition.sorted_by()
        && let Some(by) = place(column)
    {
        let sign = if descending { -1.0 } else { 1.0 };
        let number = |row: usize| match cells[row][by] {
            Cell::Integer(integer) => sign * integer as f64,
            Cell::Number(number) => sign * number,
            _ => f64::INFINITY,
        };
        shown.sort_by(|a, b| number(*a).total_cmp(&number(*b)));
    }
    shown
}
