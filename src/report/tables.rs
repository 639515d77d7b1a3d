//! Which tables a report shows, in what order; marts by their definitions.

use polars::prelude::DataFrame;

use super::facts::Facts;
use super::{Input, assessment, changes, quality, spellings};
use crate::assets;
use crate::cells::marts::mart_cells;
use crate::cells::{Cell, Column, Part, Table, column};
use crate::contract;
use crate::error::Result;
use crate::lake::Columns;
use crate::marts::{self, Kind, Mart, Show};

/// «No data»: what needs an input table that is not there.
pub fn no_data(missing: &[&String], input: &Input<'_>) -> String {
    let lang = input.lang;
    let missing: Vec<String> = missing.iter().map(|table| contract::title(table, lang)).collect();
    let missing = missing.join(lang.pick("、", ", "));
    lang.pick(format!("无数据：没有导入{missing}。"), format!("No data: {missing} not given."))
}

/// The tables that are no marts: lists of the month's cases, and what changed since the last report.
pub const BUILT_IN: [&str; 4] = ["overdue", "claims", "changes", "moved"];

/// Every table of the report, in the order of the page and the workbook.
pub fn all(input: &Input<'_>) -> Result<Vec<Table>> {
    let named = &input.config.pipeline.tables;
    let facts = match named.iter().any(|name| name == "overdue" || name == "claims") {
        true => Facts::read(input.clean, input.month())?,
        false => Facts::default(),
    };
    let mut tables = Vec::new();
    for name in named {
        match name.as_str() {
            "overdue" => tables.push(assessment::overdue(input, &facts)),
            "claims" => tables.push(assessment::claims(input, &facts)),
            "changes" => tables.push(changes::changes(input)?),
            "moved" => tables.push(changes::moved(input)?),
            name => {
                for mart in &input.catalogue.marts {
                    // What a user adds comes where the pipeline says `*`, by name.
                    let rest = name == "*" && !named.contains(&mart.name) && !assets::ships_mart(&mart.file);
                    if let (true, Some(rows)) = (mart.name == name || rest, input.marts.table(&mart.name)?) {
                        tables.push(of_mart(input, mart, rows)?);
                    }
                }
            }
        }
    }
    if !input.config.pipeline.public {
        tables.push(quality::ledger(input));
        tables.extend(quality::filled(input));
        tables.extend(spellings::joined(input));
        tables.push(quality::reasons(input));
    }
    Ok(tables)
}

/// A mart as its definition describes it.
fn of_mart(input: &Input<'_>, mart: &Mart, rows: &DataFrame) -> Result<Table> {
    let lang = input.lang;
    let definition = &mart.definition;
    let data = Columns(rows);
    let missing: Vec<&String> = definition.needs.iter().filter(|table| !input.given.has(table)).collect();
    let mut columns = Vec::new();
    let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); rows.height()];
    for declared in &definition.columns {
        let (format, fresh) = mart_cells(input.config, lang, declared, data)?;
        let known = input.given.all(&declared.needs);
        let unknown = || Cell::text(lang.pick("无数据", "no data"));
        let fresh = if known { fresh } else { fresh.iter().map(|_| unknown()).collect() };
        let titled = column(declared.title.get(lang), declared.about.get(lang), format);
        columns.push(Column { name: declared.name.clone(), hidden: declared.hidden, ..titled });
        for (row, cell) in cells.iter_mut().zip(fresh) {
            row.push(cell);
        }
    }
    let month = definition.columns.iter().position(|column| column.kind == Kind::Month);
    let mut shown: Vec<usize> = match (definition.show, month) {
        (Show::Month, Some(month)) => {
            (0..cells.len()).filter(|row| cells[*row][month] == Cell::Date(input.month())).collect()
        }
        _ => (0..cells.len()).collect(),
    };
    if let Some((column, descending)) = definition.sorted_by()
        && let Some(by) = definition.columns.iter().position(|declared| declared.name == column)
    {
        let sign = if descending { -1.0 } else { 1.0 };
        let number = |row: usize| match cells[row][by] {
            Cell::Integer(integer) => sign * integer as f64,
            Cell::Number(number) => sign * number,
            _ => f64::INFINITY,
        };
        shown.sort_by(|a, b| number(*a).total_cmp(&number(*b)));
    }
    // A list of cases is to be acted on: the most urgent first.
    if definition.place == marts::Place::Cases {
        cells = shown.iter().map(|row| std::mem::take(&mut cells[*row])).collect();
        shown = (0..cells.len()).collect();
    }
    Ok(Table {
        name: mart.name.clone(),
        title: definition.title.get(lang).to_owned(),
        about: definition.about.get(lang).to_owned(),
        columns,
        rows: if missing.is_empty() { cells } else { Vec::new() },
        shown: if missing.is_empty() { shown } else { Vec::new() },
        total: None,
        part: match definition.place {
            marts::Place::Cases => Part::Assessment,
            marts::Place::Figures => Part::Figures,
        },
        absent: (!missing.is_empty()).then(|| no_data(&missing, input)),
    })
}
