//! Sheets as bytes: delimited text in several encodings, and workbooks.

use std::path::Path;

use encoding_rs::GB18030;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use yekuo_calendar::Instant;

use super::super::tables::Table;
use super::super::value::Cell;
use super::super::world::UTILITY;
use super::super::{Error, Result};
use super::Sheet;
use super::habits::{Encoding, Form, habits};

/// The header groups of the applications' first header row: how many columns each spans, the id's own first.
const GROUPS: [(&str, u16); 8] = [
    ("", 1),
    ("客户信息", 5),
    ("用电信息", 5),
    ("服务安排", 2),
    ("时间节点", 6),
    ("客户工程", 5),
    ("业务费用", 2),
    ("业务分类", 2),
];

/// Excel's number for A3 paper.
const A3: u8 = 8;

/// Excel's day 0 is 1899-12-30.
const EXCEL_EPOCH: f64 = 25_569.0;

/// Writes a sheet as its table is exported.
pub fn write(sheet: &Sheet, exported_at: Instant, path: &Path) -> Result<()> {
    let bytes = match habits(sheet.table).form {
        Form::Workbook { sheet: name, title } => {
            workbook(sheet, name, title, exported_at).map_err(Error::made(path))?
        }
        Form::Text { encoding, title } => {
            let delimiter = if encoding == Encoding::Utf16 { b'\t' } else { b',' };
            let mut text = String::new();
            if let Some(title) = title {
                let commas = ",".repeat(sheet.header.len() - 1);
                text = format!("{UTILITY}{title}  导出日期：{}{commas}\r\n", exported_at.day());
            }
            text += &csv(sheet, delimiter, path)?;
            match encoding {
                Encoding::Gb18030 => GB18030.encode(&text).0.into_owned(),
                Encoding::Utf8 => text.into_bytes(),
                Encoding::MarkedUtf8 => format!("\u{feff}{text}").into_bytes(),
                Encoding::Utf16 => format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect(),
            }
        }
    };
    std::fs::write(path, bytes).map_err(Error::io("write", path))
}

/// The header and the lines; a line without cells is a blank one.
fn csv(sheet: &Sheet, delimiter: u8, path: &Path) -> Result<String> {
    let mut out = Vec::new();
    let mut writer = csv_writer(&mut out, delimiter);
    let push = |writer: &mut csv::Writer<&mut Vec<u8>>, record: &[String]| {
        writer.write_record(record).map_err(Error::made(path))
    };
    push(&mut writer, &sheet.header)?;
    for line in &sheet.lines {
        if line.is_empty() {
            drop(writer);
            out.extend_from_slice(b"\r\n");
            writer = csv_writer(&mut out, delimiter);
            continue;
        }
        let record: Vec<String> = line.iter().map(text).collect();
        push(&mut writer, &record)?;
    }
    drop(writer);
    String::from_utf8(out).map_err(Error::made(path))
}

fn csv_writer(out: &mut Vec<u8>, delimiter: u8) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new().flexible(true).delimiter(delimiter).terminator(csv::Terminator::CRLF).from_writer(out)
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(number) => number.to_string(),
        Cell::Date(day) => day.to_string(),
        Cell::Instant(at) => at.to_string(),
    }
}

/// The formats of a workbook.
struct Looks {
    title: Format,
    note: Format,
    header: Format,
    body: Format,
    date: Format,
    instant: Format,
}

fn workbook(sheet: &Sheet, name: &str, title: &str, exported_at: Instant) -> std::result::Result<Vec<u8>, XlsxError> {
    let body = Format::new().set_font_name("宋体").set_font_size(10).set_border(FormatBorder::Thin);
    let looks = Looks {
        title: Format::new().set_font_name("宋体").set_font_size(16).set_bold().set_align(FormatAlign::Center),
        note: Format::new().set_font_name("宋体").set_font_size(10).set_align(FormatAlign::Left),
        header: body.clone().set_bold().set_align(FormatAlign::Center).set_background_color(0xD9_E1_F2).set_text_wrap(),
        date: body.clone().set_num_format("yyyy/m/d"),
        instant: body.clone().set_num_format("yyyy/m/d h:mm"),
        body,
    };
    let created = exported_at.day().to_string();
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_author("业扩报装系统")
        .set_creation_datetime(&ExcelDateTime::parse_from_str(&format!("{created}T23:59:59"))?);
    workbook.set_properties(&properties);
    let worksheet = workbook.add_worksheet();
    worksheet.set_name(name)?;

    // Applications carry a running number before the contract's columns.
    let numbered = u16::from(sheet.table == Table::Applications);
    let last = sheet.header.len() as u16 - 1 + numbered;
    let stem = sheet.name.split('.').next().unwrap_or_default();
    let title = match stem.split_once('_') {
        Some((_, year)) => format!("{UTILITY}{title}（{year}年受理）"),
        None => format!("{UTILITY}{title}"),
    };
    worksheet.merge_range(0, 0, 0, last, &title, &looks.title)?;
    let note = format!("导出日期：{created}    导出单位：营销部    制表：业扩报装系统");
    worksheet.merge_range(1, 0, 1, last, &note, &looks.note)?;
    let mut row = 2;
    if numbered == 1 {
        grouped_header(worksheet, sheet, &looks)?;
        row += 2;
    } else {
        for (column, name) in (0..).zip(&sheet.header) {
            worksheet.write_string_with_format(row, column, name, &looks.header)?;
        }
        row += 1;
    }
    let first = row;
    for line in &sheet.lines {
        if numbered == 1 && !line.is_empty() && line.iter().any(|cell| *cell != Cell::Empty) {
            worksheet.write_number_with_format(row, 0, f64::from(row - first + 1), &looks.body)?;
        }
        for (column, cell) in (numbered..).zip(line) {
            write_cell(worksheet, row, column, cell, &looks)?;
        }
        row += 1;
    }
    worksheet.set_freeze_panes(first, 1 + numbered)?;
    worksheet.set_landscape().set_paper_size(A3).set_print_fit_to_pages(1, 0);
    for (column, name) in (numbered..).zip(&sheet.header) {
        let wide =
            if name.ends_with("编号") || name.ends_with("时间") || name.contains("名称") { 19.0 } else { 12.0 };
        worksheet.set_column_width(column, wide)?;
    }
    workbook.save_to_buffer()
}

/// Two header rows: groups above, columns below; the running number and the id span both.
fn grouped_header(worksheet: &mut Worksheet, sheet: &Sheet, looks: &Looks) -> std::result::Result<(), XlsxError> {
    worksheet.merge_range(2, 0, 3, 0, "序号", &looks.header)?;
    let mut column = 1_u16;
    for (group, span) in GROUPS {
        let names = sheet.header.iter().skip(usize::from(column) - 1).take(usize::from(span));
        if group.is_empty() {
            for name in names {
                worksheet.merge_range(2, column, 3, column, name, &looks.header)?;
            }
        } else {
            worksheet.merge_range(2, column, 2, column + span - 1, group, &looks.header)?;
            for (at, name) in (column..).zip(names) {
                worksheet.write_string_with_format(3, at, name, &looks.header)?;
            }
        }
        column += span;
    }
    Ok(())
}

fn write_cell(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    looks: &Looks,
) -> std::result::Result<(), XlsxError> {
    match cell {
        Cell::Empty => worksheet.write_blank(row, column, &looks.body)?,
        Cell::Text(text) => worksheet.write_string_with_format(row, column, text, &looks.body)?,
        Cell::Number(number) => worksheet.write_number_with_format(row, column, *number, &looks.body)?,
        Cell::Date(day) => {
            worksheet.write_number_with_format(row, column, f64::from(day.0) + EXCEL_EPOCH, &looks.date)?
        }
        Cell::Instant(at) => {
            let days = f64::from(at.day().0) + EXCEL_EPOCH + at.seconds_of_day() as f64 / 86_400.0;
            worksheet.write_number_with_format(row, column, days, &looks.instant)?
        }
    };
    Ok(())
}
