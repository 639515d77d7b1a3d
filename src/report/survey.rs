//! What was used of the exports: every header with its column, and what was left out or is absent.

use super::Input;
use super::quality::List;
use crate::cells::{Cell, Format, Table};
use crate::contract;
use crate::ingest::survey::{FileSurvey, HeaderSurvey, SheetState, SheetSurvey};
use crate::words::Lang;

/// 表头与列, 未用的内容 and 缺少的列, as far as there are any.
pub(super) fn tables(input: &Input<'_>) -> Vec<Table> {
    let (survey, lang) = (&input.ledger.survey, input.lang);
    let headers: Vec<Vec<Cell>> = survey.files.iter().flat_map(|file| header_rows(file, lang)).collect();
    let left_out: Vec<Vec<Cell>> = survey.files.iter().flat_map(|file| left_out_rows(file, lang)).collect();
    let absent = survey.absent.iter().map(|absent| {
        let (_, column) = absent.definition();
        vec![
            Cell::Text(contract::title(absent.table, lang)),
            Cell::text(column.title(lang)),
            Cell::text(absent.files.join("\n")),
            absent.rows.map_or(Cell::Empty, |rows| Cell::Integer(rows as i64)),
            Cell::text(column.absence.map_or("", |absence| absence.cost(lang))),
            Cell::text(if absent.declared { lang.pick("是", "yes") } else { "" }),
        ]
    });
    let absent: Vec<Vec<Cell>> = absent.collect();
    let words = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    let lists = [
        List {
            name: "headers",
            title: words("表头与列", "Headers and columns"),
            about: words(
                "每个文件、工作表的每个表头：读作哪一列、以什么单位，或者未用。",
                "Every header of every file and sheet: the column and unit that it is read as, or that it is not used.",
            ),
            titles: lang
                .pick(&["数据表", "文件", "工作表", "表头", "用作"], &["table", "file", "sheet", "header", "used as"]),
            formats: &[Format::Text; 5],
            rows: headers,
        },
        List {
            name: "left_out",
            title: words("未用的内容", "Not used"),
            about: words(
                "没有读取的文件和工作表，以及需要核对之处。",
                "Files and sheets that were not read, and what should be checked.",
            ),
            titles: lang.pick(&["文件", "工作表", "说明"], &["file", "sheet", "remark"]),
            formats: &[Format::Text, Format::Text, Format::Wrapped],
            rows: left_out,
        },
        List {
            name: "absent",
            title: words("缺少的列", "Absent columns"),
            about: words(
                "导出中没有的可选列，以及由此产生的影响；「文件」为空时，所有文件都没有。",
                "Optional columns that the exports lack, and what that costs; where no file is named, none has it.",
            ),
            titles: lang.pick(
                &["数据表", "列", "文件", "涉及行数", "影响", "已声明"],
                &["table", "column", "files", "rows", "cost", "declared"],
            ),
            formats: &[Format::Text, Format::Text, Format::Wrapped, Format::Integer, Format::Wrapped, Format::Text],
            rows: absent,
        },
    ];
    lists.into_iter().filter_map(List::unless_empty).collect()
}

/// The headers of a file, of the sheets that are read.
fn header_rows(file: &FileSurvey, lang: Lang) -> Vec<Vec<Cell>> {
    let Some(table) = file.table.and_then(contract::Table::named) else { return Vec::new() };
    let row = |sheet: &SheetSurvey, header: &HeaderSurvey| {
        vec![
            Cell::Text(contract::title(table.name, lang)),
            Cell::text(&file.file),
            Cell::text(sheet.sheet.as_deref().unwrap_or_default()),
            Cell::text(&header.header),
            Cell::Text(header.used_for(table, lang)),
        ]
    };
    let mut rows = Vec::new();
    for sheet in &file.sheets {
        if let SheetState::Read(reading) = &sheet.state {
            rows.extend(reading.headers.iter().map(|header| row(sheet, header)));
        }
    }
    rows
}

/// What of a file was not read, and what is remarkable about it.
fn left_out_rows(file: &FileSurvey, lang: Lang) -> Vec<Vec<Cell>> {
    let row = |sheet: &str, remark: String| vec![Cell::text(&file.file), Cell::text(sheet), Cell::Text(remark)];
    if let Some(unused) = &file.unused {
        return vec![row("", unused.say(lang))];
    }
    let remarks = |state: &SheetState| match state {
        SheetState::Read(reading) => reading.notes.iter().map(|note| note.say(lang)).collect(),
        other => other.losses(lang),
    };
    let sheets = file.sheets.iter().flat_map(|sheet| {
        let name = sheet.sheet.as_deref().unwrap_or_default();
        remarks(&sheet.state).into_iter().map(move |remark| row(name, remark))
    });
    sheets.collect()
}
