//! 考核表 to be answered: a workbook for each department that goes round and comes back.
//!
//! What it shows of each stage is declared in `form.toml`: few columns, so that it can be read on an A4 sheet. Only the cells for
//! result, points and note, and those for who verified and when, can be written; the keys of a row stand in hidden columns.
//! `ingest::returned` reads what comes back.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, DataValidationRule, Format as Style, Workbook, Worksheet, XlsxError,
};
use serde::Deserialize;
use toml::Spanned;

use super::Input;
use super::handouts::{HandedOut, People, file_name, names, whose};
use super::xlsx::{self, Styles};
use crate::cells::workbook::{date, tab_name};
use crate::cells::{Cell, Column, Format, Table, column};
use crate::config::{Config, Round};
use crate::error::{Error, Mistake, Result, TomlFile};
use crate::ingest::returned::{self, HIDDEN, RowKey};
use crate::marts::Catalogue;
use crate::marts::print::{self, Templates};
use crate::rules::vocabulary::Finding;
use crate::words::{Lang, Words};

/// The mart whose rows are answered.
pub(crate) const ANSWERED: &str = "overdue";
/// What the file is called that says what a form shows.
const FILE: &str = "form.toml";
/// With those that are written by hand there are at most nine columns, which can be read, and enough to sign above them.
const COLUMNS: RangeInclusive<usize> = 2..=6;
/// The width of them all with which an A4 sheet prints in 8 points or more.
const MOST_WIDTH: u16 = 120;
/// Title, what to do, who and when, headers.
const HEAD_ROWS: u32 = 4;
/// Where it is written who verified, and when; each after what it is called.
const BY: u16 = 2;
const ON: u16 = 4;

/// `form.toml`: what the 考核表 that goes round shows.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormFile {
    /// Its columns, the application first: two to six.
    #[schemars(with = "Vec<Declared>")]
    columns: Spanned<Vec<Declared>>,
}

/// A column of the form.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Declared {
    /// What users call it.
    title: Words,
    /// What stands in it: `{column}` is what stands in a column of the 考核表.
    #[schemars(with = "Templates")]
    words: Spanned<Templates>,
    /// How wide it is, in characters of half a Chinese one.
    width: u16,
}

/// What the forms show; every mistake of the file is collected.
pub(super) fn declared(config: &Config, catalogue: &Catalogue, mistakes: &mut Vec<Mistake>) -> Result<Vec<Declared>> {
    let file = config.assets.toml(FILE)?;
    let columns = match file.read::<FormFile>() {
        Ok(FormFile { columns }) => columns,
        Err(found) => {
            mistakes.extend(found);
            return Ok(Vec::new());
        }
    };
    let width: u32 = columns.get_ref().iter().map(|column| u32::from(column.width)).sum();
    let says_which = columns.get_ref().first().is_some_and(Declared::is_application);
    if !COLUMNS.contains(&columns.get_ref().len()) || width > u32::from(MOST_WIDTH) || !says_which {
        let (least, most) = COLUMNS.into_inner();
        let message = Words::new(
            format!(
                "发出的考核表须能看清：第一列为工单编号（{{application_id}}），共 {least} 至 {most} 列，列宽合计不超过 {MOST_WIDTH}"
            ),
            format!(
                "a form that goes round must be readable: the application first (`{{application_id}}`), {least} to {most} columns, and at most {MOST_WIDTH} for their widths together"
            ),
        );
        mistakes.push(file.mistake(columns.span(), message));
    }
    let columns = columns.into_inner();
    mistakes.extend(columns.iter().flat_map(|column| unknown(column, &file, catalogue)));
    Ok(columns)
}

/// The columns of the 考核表 that a column of the form names, and that are not there.
fn unknown(column: &Declared, file: &TomlFile, catalogue: &Catalogue) -> Vec<Mistake> {
    let Some(mart) = catalogue.marts.iter().find(|mart| mart.name == ANSWERED) else { return Vec::new() };
    let has = |gap: &str| mart.definition.laid_out().into_iter().any(|laid| laid.name() == gap);
    let gaps = [Lang::Zh, Lang::En].into_iter().flat_map(|lang| column.words.get_ref().get(lang).gaps());
    let gaps: BTreeSet<&str> = gaps.filter(|gap| !has(gap)).collect();
    gaps.into_iter().map(|gap| print::unknown(mart, gap, file, column.words.span())).collect()
}

impl Declared {
    /// Whether it is the identifier as it is: what comes back is compared with that.
    fn is_application(&self) -> bool {
        [Lang::Zh, Lang::En].iter().all(|lang| self.words.get_ref().get(*lang).alone() == Some("application_id"))
    }

    /// What stands in it in a row of the 考核表: the cell itself where it shows nothing else.
    fn cell(&self, row: &[Cell], columns: &[Column], lang: Lang) -> (Format, Cell) {
        let template = self.words.get_ref().get(lang);
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        if let Some(at) = template.alone().and_then(at) {
            return (columns[at].format, row[at].clone());
        }
        let text = template.filled(&|name| at(name).map(|at| row[at].display(columns[at].format)).unwrap_or_default());
        (Format::Wrapped, Cell::Text(text))
    }
}

/// Every form of the pipeline with its bytes: `handouts/<title>/<value>.xlsx`, by the columns of [`Round`].
pub(super) fn all(input: &Input<'_>, tables: &[Table], people: &People) -> Result<Vec<(HandedOut, Vec<u8>)>> {
    let (Some(round), Some(table)) =
        (&input.config.pipeline.verification, tables.iter().find(|table| table.name == ANSWERED))
    else {
        return Ok(Vec::new());
    };
    let keys = keys(input)?;
    let title = round.title.get(input.lang);
    let folder = file_name(title);
    let mut names = names();
    let mut forms = Vec::new();
    for (values, rows) in parts(table, round) {
        let called = |(by, value): (&String, &String)| people.called(input, &[ANSWERED.to_owned()], by, value);
        let value = round.by.iter().zip(&values).map(called).collect::<Vec<_>>().join(" ");
        let path = format!("handouts/{folder}/{}.xlsx", names.of(&value));
        let form = Form { input, table, rows: &rows, keys: &keys };
        let bytes = form.workbook(&value).map_err(Error::render(path.clone()))?;
        let whose = whose(&round.by, values);
        forms.push((HandedOut { path, title: title.to_owned(), whose, rows: rows.len() }, bytes));
    }
    Ok(forms)
}

/// The rows of each form, by what stands in the columns that tell them apart.
fn parts(table: &Table, round: &Round) -> Vec<(Vec<String>, Vec<usize>)> {
    let places: Vec<usize> =
        round.by.iter().filter_map(|name| table.columns.iter().position(|column| column.name == *name)).collect();
    let mut parts = BTreeMap::<Vec<String>, Vec<usize>>::new();
    for (at, row) in table.rows.iter().enumerate() {
        let values = places.iter().map(|place| row[*place].display(table.columns[*place].format)).collect();
        parts.entry(values).or_default().push(at);
    }
    parts.into_iter().collect()
}

/// A row's key and its proposed points, in thousandths.
struct Handed {
    key: RowKey,
    proposed_milli: i64,
}

/// The keys of the mart's rows, in their order.
fn keys(input: &Input<'_>) -> Result<Vec<Handed>> {
    let Some(mart) = input.mart(ANSWERED)? else { return Ok(Vec::new()) };
    let handed_out = returned_rows(mart, input.month())?;
    Ok(handed_out.into_iter().map(|(key, proposed_milli)| Handed { key, proposed_milli }).collect())
}

/// The rows of the mart as the forms of a month carry them, each with its proposed points in thousandths.
pub(crate) fn returned_rows(
    mart: crate::lake::Columns<'_>,
    period: crate::calendar::Day,
) -> Result<Vec<(RowKey, i64)>> {
    let (ids, stages) = (mart.texts("application_id")?, mart.texts("stage")?);
    let (passes, points) = (mart.integers("pass")?, mart.numbers("proposed_points")?);
    let text = |column: &polars::prelude::StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    let row = |row: usize| {
        let (application_id, stage) = (text(&ids, row), text(&stages, row));
        let key = RowKey { application_id, stage, pass: passes[row].unwrap_or(1), period };
        (key, (points[row].unwrap_or(0.0) * 1_000.0).round_ties_even() as i64)
    };
    Ok((0..ids.len()).map(row).collect())
}

/// One form.
struct Form<'a> {
    input: &'a Input<'a>,
    table: &'a Table,
    rows: &'a [usize],
    keys: &'a [Handed],
}

/// A cell that can be written, and looks so.
fn writable(styles: &Styles, format: Format) -> Style {
    styles.of(format).clone().set_unlocked().set_background_color(0x00FF_F8DC)
}

/// What stands in a column that is written by hand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Result,
    Points,
    Note,
}

impl Entry {
    const ALL: [Entry; 3] = [Entry::Result, Entry::Points, Entry::Note];

    /// The column of the input table that it becomes.
    fn name(self) -> &'static str {
        match self {
            Entry::Result => "result",
            Entry::Points => "points",
            Entry::Note => "note",
        }
    }

    fn width(self) -> f64 {
        match self {
            Entry::Result | Entry::Points => 9.0,
            Entry::Note => 21.0,
        }
    }
}

impl Form<'_> {
    fn lang(&self) -> Lang {
        self.input.lang
    }

    /// What a column of the input table is called.
    fn called(&self, name: &str) -> &'static str {
        returned::table().column(name).title(self.lang())
    }

    fn workbook(&self, value: &str) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        xlsx::set_properties(&mut book, self.input, value)?;
        let styles = Styles::new();
        let sheet = book.add_worksheet();
        sheet.set_name(tab_name(&self.table.title, &mut BTreeSet::new()))?;
        let shown = self.shown();
        self.head(sheet, value, shown.columns.len() as u16, &styles)?;
        self.body(sheet, &shown, &styles)?;
        let heads = self.input.heads().join("　").replace('&', "&&");
        sheet.set_header(format!("&L&9{heads}"));
        sheet.protect();
        book.save_to_buffer()
    }

    /// What is shown of its rows.
    fn shown(&self) -> Table {
        let (lang, declared) = (self.lang(), &self.input.contents.form);
        let cells = |own: &Declared| -> (Format, Vec<Cell>) {
            let cell = |row: &usize| own.cell(&self.table.rows[*row], &self.table.columns, lang);
            let (formats, cells): (Vec<Format>, _) = self.rows.iter().map(cell).unzip();
            (formats.first().copied().unwrap_or(Format::Wrapped), cells)
        };
        let (mut columns, mut rows) = (Vec::new(), vec![Vec::new(); self.rows.len()]);
        for own in declared {
            let (format, cells) = cells(own);
            columns.push(column(own.title.get(lang), "", format));
            rows.iter_mut().zip(cells).for_each(|(row, cell): (&mut Vec<Cell>, Cell)| row.push(cell));
        }
        Table { columns, ..self.table.clone() }.with_rows(rows)
    }

    /// Title, what to do, and who verified when.
    fn head(&self, sheet: &mut Worksheet, value: &str, shown: u16, styles: &Styles) -> Result<(), XlsxError> {
        let (lang, last) = (self.lang(), shown + Entry::ALL.len() as u16 - 1);
        let (title, period) = (&self.table.title, self.input.period.label(lang));
        sheet.set_row_height(0, 30)?;
        let title = lang.pick(format!("{value} {title}（{period}）"), format!("{value}. {title} ({period})"));
        xlsx::merged(sheet, 0, last, &title, &styles.title)?;
        sheet.set_row_height(1, 40)?;
        let what_to_do = lang.pick(
            "请在黄底各栏填写：每行选核实结果（维持、减轻、撤销），减轻的填核定分数（不高于考核建议），并填写本表的核实人和核实日期；暂不作结论的行留空。其余单元格已锁定，请勿增删、移动行。填好后原样返回，由 yekuo verify 读入。",
            "Fill in the yellow cells: choose a result in each row (upheld, reduced, withdrawn), the points where it is reduced (no more than proposed), and who verified and when. Leave a row blank while there is no conclusion. The other cells are locked; do not add, remove or move rows. Return the workbook as it is: yekuo verify reads it.",
        );
        xlsx::merged(sheet, 1, last, what_to_do, &styles.subtitle)?;
        let [open, day] = [Format::Text, Format::Date].map(|format| writable(styles, format));
        sheet.set_row_height(2, 34)?;
        let rows = self.rows.len();
        let count = lang.pick(format!("共 {rows} 项"), format!("{rows} stages"));
        sheet.write_string_with_format(2, 0, count, styles.of_heads())?;
        sheet.write_string_with_format(2, BY - 1, self.called("verified_by"), styles.of_heads())?;
        sheet.write_blank(2, BY, &open)?;
        sheet.write_string_with_format(2, ON - 1, self.called("verified_at"), styles.of_heads())?;
        sheet.write_blank(2, ON, &day)?;
        let received = lang.pick(
            "责任单位签收（盖章）：　　　　　　　　负责人：　　　　　　　　日期：",
            "received, seal:                    signed:                    date:",
        );
        if last > ON + 1 {
            sheet.merge_range(2, ON + 1, 2, last, received, styles.of(Format::Text))?;
        }
        let first = date(self.input.month())?;
        let rule = DataValidationRule::GreaterThanOrEqualTo(first);
        sheet.add_data_validation(2, ON, 2, ON, &DataValidation::new().allow_date(rule))?;
        Ok(())
    }

    fn body(&self, sheet: &mut Worksheet, shown: &Table, styles: &Styles) -> Result<(), XlsxError> {
        let entered = Entry::ALL.map(|entry| column(self.called(entry.name()), "", Format::Text));
        let widths: Vec<f64> = self.input.contents.form.iter().map(|column| f64::from(column.width)).collect();
        let entries = shown.columns.len() as u16;
        let keys = entries + Entry::ALL.len() as u16;
        for (at, width) in widths.iter().copied().chain(Entry::ALL.map(Entry::width)).enumerate() {
            sheet.set_column_width(at as u16, width)?;
        }
        let heads = shown.columns.iter().chain(&entered).map(|column: &Column| column.title.as_str());
        sheet.set_row_height(HEAD_ROWS - 1, 32)?;
        for (at, head) in heads.chain(HIDDEN).enumerate() {
            sheet.write_string_with_format(HEAD_ROWS - 1, at as u16, head, styles.of_heads())?;
        }
        for at in keys..keys + HIDDEN.len() as u16 {
            sheet.set_column_hidden(at)?;
        }
        for (offset, (cells, at)) in shown.rows.iter().zip(self.rows).enumerate() {
            let row = HEAD_ROWS + offset as u32;
            xlsx::line(sheet, row, cells, shown, &widths, styles, false)?;
            let Some(handed) = self.keys.get(*at) else { continue };
            self.entries(sheet, row, entries, handed, styles)?;
            for (column, key) in (keys..).zip(handed.key.hidden(handed.proposed_milli)) {
                sheet.write_string(row, column, key)?;
            }
        }
        sheet.autofilter(HEAD_ROWS - 1, 0, HEAD_ROWS + shown.rows.len().max(1) as u32 - 1, keys - 1)?;
        sheet.set_freeze_panes(HEAD_ROWS, 1)?;
        xlsx::print_setup(sheet, self.lang())?;
        sheet.set_repeat_rows(HEAD_ROWS - 1, HEAD_ROWS - 1)?;
        sheet.set_print_area(0, 0, HEAD_ROWS + shown.rows.len().max(1) as u32 - 1, keys - 1)?;
        Ok(())
    }

    /// The cells of a row that can be written.
    fn entries(
        &self,
        sheet: &mut Worksheet,
        row: u32,
        first: u16,
        handed: &Handed,
        styles: &Styles,
    ) -> Result<(), XlsxError> {
        let lang = self.lang();
        for (column, entry) in (first..).zip(Entry::ALL) {
            let format = match entry {
                Entry::Result => Format::Text,
                Entry::Points => Format::Decimal(2),
                Entry::Note => Format::Wrapped,
            };
            sheet.write_blank(row, column, &writable(styles, format))?;
            let rule = match entry {
                Entry::Result => {
                    let words: Vec<&str> =
                        Finding::ALL.iter().map(|finding| lang.pick(finding.term().zh, finding.term().en)).collect();
                    DataValidation::new().allow_list_strings(&words)?
                }
                Entry::Points => {
                    let most = handed.proposed_milli as f64 / 1_000.0;
                    DataValidation::new().allow_decimal_number(DataValidationRule::Between(0.0, most))
                }
                Entry::Note => continue,
            };
            let title = self.called(entry.name());
            let said = match entry {
                Entry::Result => {
                    lang.pick("请选择：维持、减轻或撤销", "choose upheld, reduced or withdrawn").to_owned()
                }
                _ => {
                    let most = returned::in_points(handed.proposed_milli);
                    lang.pick(format!("0 至 {most} 的分数"), format!("points from 0 to {most}"))
                }
            };
            let rule =
                rule.set_error_style(DataValidationErrorStyle::Stop).set_error_title(title)?.set_error_message(said)?;
            sheet.add_data_validation(row, column, row, column, &rule)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_is_a_column_of_the_input_table() {
        for entry in Entry::ALL {
            assert_eq!(returned::table().column(entry.name()).name, entry.name());
        }
    }
}
