//! Tables as any renderer understands them: titles, columns with a format, cells.

use polars::prelude::DataFrame;

use super::facts::Facts;
use super::{Input, assessment, changes, quality, survey};
use crate::calendar::Day;
use crate::config::vocabularies::Tone;
use crate::config::{self, Config};
use crate::error::Result;
use crate::flow::BETWEEN_STAGES;
use crate::ingest::contract;
use crate::lake::Columns;
use crate::marts::estimate::vocabulary::MeasureUnit;
use crate::marts::{self, Kind, Mart, Show};
use crate::words::Lang;

/// One table of the report.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in links, `[a-z_]`.
    pub name: String,
    /// What users call it; at most 31 characters, for a sheet's tab.
    pub title: String,
    /// What it shows, in a sentence.
    pub about: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Which rows the page shows.
    pub shown: Vec<usize>,
    /// The last row, which adds up.
    pub total: Option<Vec<Cell>>,
    /// Where its rows stand in the page.
    pub place: Place,
    /// Why it has no rows, where that is no news about the cases: an input table is missing, there is no last report.
    pub absent: Option<String>,
}

/// The part of the page that a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The assessment itself.
    Assessment,
    /// Figures about many cases.
    Figures,
    /// What was read and what was not.
    Quality,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name in the mart, empty where the table is none.
    pub name: String,
    /// What users call it.
    pub title: String,
    /// What it means.
    pub about: String,
    /// How its cells are written.
    pub format: Format,
    /// Whether it is there to cut hand-outs by, and not to be read.
    pub hidden: bool,
}

impl Table {
    /// The table without the columns that are not to be read.
    pub fn visible(mut self) -> Table {
        let shown: Vec<bool> = self.columns.iter().map(|column| !column.hidden).collect();
        let keep = |cells: &mut Vec<Cell>| {
            let mut shown = shown.iter();
            cells.retain(|_| shown.next().copied().unwrap_or(true));
        };
        self.rows.iter_mut().chain(&mut self.total).for_each(keep);
        self.columns.retain(|column| !column.hidden);
        self
    }
}

/// How the cells of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Text,
    /// Long text that may wrap.
    Wrapped,
    /// A month, `2026-06`.
    Month,
    /// A date, `2026-06-30`.
    Date,
    /// A whole number.
    Integer,
    /// A number with this many decimals.
    Decimal(u8),
    /// A share as percent, one decimal.
    Rate,
}

impl Format {
    /// The page's style class: numbers stand to the right.
    pub fn class(self) -> &'static str {
        match self {
            Format::Integer | Format::Decimal(_) | Format::Rate => "n",
            Format::Wrapped => "w",
            Format::Date | Format::Month => "d",
            Format::Text => "",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: unknown, or a rate without a denominator.
    Empty,
    /// Text.
    Text(String),
    /// Text that stands out.
    Toned(String, Tone),
    /// A whole number.
    Integer(i64),
    /// A number or a share.
    Number(f64),
    /// A share in a column of other figures: percent, regardless of the column's format.
    Share(f64),
    /// A date, or the first day of a month.
    Date(Day),
}

impl Cell {
    /// Text.
    pub fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// A date, or nothing.
    pub fn date(day: Option<Day>) -> Cell {
        day.map_or(Cell::Empty, Cell::Date)
    }

    /// The cell as the page writes it.
    pub fn display(&self, format: Format) -> String {
        match (self, format) {
            (Cell::Empty, _) => String::new(),
            (Cell::Text(text) | Cell::Toned(text, _), _) => printable(text),
            (Cell::Integer(integer), _) => integer.to_string(),
            (Cell::Number(number), Format::Rate) | (Cell::Share(number), _) => percent(*number),
            (Cell::Number(number), Format::Decimal(places)) => {
                let text = format!("{number:.*}", usize::from(places));
                // Minus zero is zero.
                let nought = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
                if nought { text.trim_start_matches('-').to_owned() } else { text }
            }
            (Cell::Number(number), _) => number.to_string(),
            (Cell::Date(day), Format::Month) => day.month_label(),
            (Cell::Date(day), _) => day.to_string(),
        }
    }
}

/// A text of the data in which what no page and no workbook can hold, such as control characters, has become blanks.
pub fn printable(text: &str) -> String {
    let forbidden =
        |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') || (c.is_control() && c != '\n');
    text.replace(forbidden, " ")
}

/// A share as percent with one decimal: `12.3 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", tidy(share * 100.0))
}

/// Minus zero is zero.
fn tidy(number: f64) -> f64 {
    if number.abs() < 0.0005 { 0.0 } else { number }
}

/// A column of a table that is no mart.
pub fn column(title: &str, about: &str, format: Format) -> Column {
    Column { name: String::new(), title: title.to_owned(), about: about.to_owned(), format, hidden: false }
}

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
                    let rest = name == "*" && !named.contains(&mart.name) && !config::ships_mart(&mart.file);
                    if let (true, Some(rows)) = (mart.name == name || rest, input.marts.table(&mart.name)?) {
                        tables.push(of_mart(input, mart, rows)?);
                    }
                }
            }
        }
    }
    if !input.config.pipeline.public {
        tables.push(quality::ledger(input));
        tables.extend(survey::tables(input));
        tables.extend(quality::filled(input));
        tables.push(quality::reasons(input));
    }
    Ok(tables)
}

/// The cells of one column of a mart, and how they are written.
pub fn mart_cells(
    config: &Config,
    lang: Lang,
    declared: &marts::Column,
    data: Columns<'_>,
) -> Result<(Format, Vec<Cell>)> {
    let format = match &declared.kind {
        Kind::Month => Format::Month,
        Kind::Date => Format::Date,
        Kind::Count | Kind::Days => Format::Integer,
        Kind::MeanDays | Kind::Minutes | Kind::Score => Format::Decimal(1),
        Kind::Number => Format::Decimal(2),
        Kind::Kva => Format::Decimal(0),
        Kind::Measure => Format::Decimal(1),
        Kind::PValue => Format::Decimal(4),
        Kind::Rate => Format::Rate,
        Kind::Variant => Format::Wrapped,
        _ => Format::Text,
    };
    let name = &declared.name;
    let cells: Vec<Cell> = match &declared.kind {
        Kind::Month | Kind::Date => data.days(name)?.into_iter().map(Cell::date).collect(),
        Kind::Count | Kind::Days => {
            data.integers(name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Integer)).collect()
        }
        Kind::Kv => {
            let kv = |kv: f64| Cell::Text(format!("{kv} kV"));
            data.numbers(name)?.into_iter().map(|number| number.map_or(Cell::Empty, kv)).collect()
        }
        Kind::Flag => {
            let yes_no = |flag: bool| Cell::text(if flag { lang.pick("是", "yes") } else { lang.pick("否", "no") });
            data.flags(name)?.into_iter().map(|flag| flag.map_or(Cell::Empty, yes_no)).collect()
        }
        Kind::MeanDays | Kind::Number | Kind::Rate | Kind::Minutes | Kind::Score | Kind::Kva => {
            data.numbers(name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Number)).collect()
        }
        Kind::PValue => {
            let cell = |p: f64| if p < 0.0001 { Cell::text("<0.0001") } else { Cell::Number(p) };
            data.numbers(name)?.into_iter().map(|p| p.map_or(Cell::Empty, cell)).collect()
        }
        Kind::Measure => {
            let cell = |(number, unit): (Option<f64>, Option<&str>)| match (number, unit.and_then(MeasureUnit::of_code))
            {
                (None, _) => Cell::Empty,
                (Some(share), Some(MeasureUnit::Share)) => Cell::Share(share),
                (Some(projects), Some(MeasureUnit::Projects)) => Cell::Integer(projects as i64),
                (Some(number), _) => Cell::Number(number),
            };
            data.numbers(name)?.into_iter().zip(data.texts("unit")?.iter()).map(cell).collect()
        }
        Kind::Text | Kind::Stage | Kind::Variant | Kind::Role | Kind::Source | Kind::Code(_) => {
            let cell = |text: &str| text_cell(config, lang, &declared.kind, text);
            data.texts(name)?.iter().map(|text| text.map_or(Cell::Empty, cell)).collect()
        }
    };
    let cells = match &declared.empty {
        None => cells,
        Some(words) => {
            let named = |cell| if cell == Cell::Empty { Cell::text(words.get(lang)) } else { cell };
            cells.into_iter().map(named).collect()
        }
    };
    Ok((format, cells))
}

/// A text of a mart as its kind says: a code in words, a text of the data as it stands.
pub(crate) fn text_cell(config: &Config, lang: Lang, kind: &Kind, text: &str) -> Cell {
    match kind {
        Kind::Stage => Cell::text(config.process.name(text, lang)),
        Kind::Variant => {
            let stages = text.split(BETWEEN_STAGES).map(|stage| config.process.name(stage, lang));
            Cell::Text(stages.collect::<Vec<_>>().join(BETWEEN_STAGES))
        }
        Kind::Role => Cell::text(config.owners.name(text, lang)),
        Kind::Source => Cell::text(config.standards.source(text, lang)),
        Kind::Code(vocabulary) => {
            let vocabularies = &config.vocabularies;
            let title = vocabularies.title(vocabulary, text, lang).into_owned();
            match vocabularies.tone(vocabulary, text) {
                Some(tone) => Cell::Toned(title, tone),
                None => Cell::Text(title),
            }
        }
        _ => Cell::text(text),
    }
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
        place: match definition.place {
            marts::Place::Cases => Place::Assessment,
            marts::Place::Figures => Place::Figures,
        },
        absent: (!missing.is_empty()).then(|| no_data(&missing, input)),
    })
}
