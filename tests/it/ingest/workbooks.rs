//! Workbooks and Parquet: the same table in every form gives the same rows.

use std::io::{Cursor, Write};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, StructArray};
use arrow_schema::Field;
use parquet::arrow::ArrowWriter;
use polars::prelude::{DataFrame, DataType, NamedFrom, Series, TimeUnit};
use rust_xlsxwriter::{Format, Workbook, Worksheet};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{drawn, patched};
use crate::place::{Place, holds, rejects};

/// What every form of the table holds.
const CSV: &str = "\
application_id,bureau,voltage_kv,capacity_kva,accepted_at,promised_on
1001,城东,10,48000,2026-03-02 09:30:00,2026-05-20
1002,城西,0.4,80,2026-03-03,2026-05-20
";

const HEADER: [&str; 6] = ["工单编号", "供电单位", "电压等级", "申请容量(kVA)", "受理时间", "承诺送电日期"];

/// 2026-03-02, 2026-03-03 and 2026-05-20 as serials.
const DAYS: [f64; 3] = [46_083.0, 46_084.0, 46_162.0];
const HALF_PAST_NINE: f64 = 9.5 / 24.0;

/// Days between the two epochs of workbooks.
const EPOCH_1904: f64 = 1462.0;

fn texts(sheet: &mut Worksheet, row: u32, cells: &[&str]) {
    for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
        sheet.write_string(row, column as u16, *cell).unwrap();
    }
}

/// A row with two date cells, shown as dates or left as plain numbers.
fn row(sheet: &mut Worksheet, row: u32, cells: &[&str; 4], days: [f64; 2], shown: bool) {
    texts(sheet, row, cells);
    let format = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (column, day) in (4..).zip(days) {
        match shown {
            true => sheet.write_number_with_format(row, column, day, &format).unwrap(),
            false => sheet.write_number(row, column, day).unwrap(),
        };
    }
}

const FIRST: [&str; 4] = ["1001", "城东", "10kV", "48,000"];
const SECOND: [&str; 4] = ["1002", "城西", "0.4", "80"];
const TEXT_ROWS: [[&str; 6]; 2] = [
    ["1001", "城东", "10", "４８０００", "2026/3/2 9:30", "20260520"],
    ["1002", "城西", "0.4千伏", "80", "2026年3月3日", "2026.5.20"],
];

fn real_dates(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    texts(sheet, 0, &HEADER);
    row(sheet, 1, &FIRST, [DAYS[0] + HALF_PAST_NINE, DAYS[2]], true);
    row(sheet, 2, &SECOND, [DAYS[1], DAYS[2]], true);
}

fn serials_and_numbers(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    texts(sheet, 0, &HEADER);
    for (at, id, numbers) in [(1, 1001.0, [10.0, 48_000.0]), (2, 1002.0, [0.4, 80.0])] {
        let bureau = if at == 1 { "城东" } else { "城西" };
        let accepted = if at == 1 { DAYS[0] + HALF_PAST_NINE } else { DAYS[1] };
        row(sheet, at, &["", bureau, "", ""], [accepted, DAYS[2]], false);
        sheet.write_number(at, 0, id).unwrap();
        sheet.write_number(at, 2, numbers[0]).unwrap();
        sheet.write_number(at, 3, numbers[1]).unwrap();
    }
}

fn header_below_a_title(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 5, "业扩工单明细", &Format::new()).unwrap();
    texts(sheet, 1, &["导出日期:2026-06-01"]);
    texts(sheet, 4, &HEADER);
    texts(sheet, 5, &TEXT_ROWS[0]);
    texts(sheet, 8, &TEXT_ROWS[1]);
}

fn header_of_two_rows(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 1, 0, HEADER[0], &Format::new()).unwrap();
    sheet.merge_range(0, 1, 0, 3, "用电信息", &Format::new()).unwrap();
    sheet.merge_range(0, 4, 0, 5, "时间节点", &Format::new()).unwrap();
    texts(sheet, 1, &["", HEADER[1], HEADER[2], HEADER[3], HEADER[4], HEADER[5]]);
    texts(sheet, 2, &TEXT_ROWS[0]);
    texts(sheet, 3, &TEXT_ROWS[1]);
}

fn two_sheets_and_others(book: &mut Workbook) {
    texts(book.add_worksheet().set_name("说明").unwrap(), 0, &["本表由营销系统导出"]);
    for (name, cells) in [("3月2日", TEXT_ROWS[0]), ("3月3日", TEXT_ROWS[1])] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        texts(sheet, 0, &HEADER);
        texts(sheet, 1, &cells);
    }
    let hidden = book.add_worksheet().set_name("旧数据").unwrap().set_hidden(true);
    texts(hidden, 0, &HEADER);
    texts(hidden, 1, &["9999", "城东", "10", "1", "2026-01-01", ""]);
}

fn days_from_1904(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    texts(sheet, 0, &HEADER);
    row(sheet, 1, &FIRST, [DAYS[0] + HALF_PAST_NINE, DAYS[2]].map(|day| day - EPOCH_1904), true);
    row(sheet, 2, &SECOND, [DAYS[1], DAYS[2]].map(|day| day - EPOCH_1904), false);
}

fn counted_from_1904(book: &[u8]) -> Vec<u8> {
    patched(book, "xl/workbook.xml", |text| {
        assert!(text.contains("<workbookPr "));
        text.replace("<workbookPr ", "<workbookPr date1904=\"1\" ")
    })
}

fn parquet() -> Vec<u8> {
    let text = |name: &str, cells: [&str; 2]| Series::new(name.into(), cells).into();
    let minutes = |day: f64, minute: i64| (day as i64 - 25_569) * 86_400_000 + minute * 60_000;
    let accepted = Series::new("accepted_at".into(), [minutes(DAYS[0], 570), minutes(DAYS[1], 0)]);
    let promised = Series::new("promised_on".into(), [DAYS[2] as i32 - 25_569; 2]);
    let columns = vec![
        Series::new("application_id".into(), [1001_i64, 1002]).into(),
        text("bureau", ["城东", "城西"]),
        Series::new("voltage_kv".into(), [10.0, 0.4]).into(),
        text("capacity_kva", ["48,000", "80"]),
        accepted.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap().into(),
        promised.cast(&DataType::Date).unwrap().into(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    yekuo::lake::write(&path, &mut DataFrame::new(2, columns).unwrap()).unwrap();
    std::fs::read(path).unwrap()
}

/// A damaged file is named as such wherever a bit of it has turned, and stops the run with a sentence, or is none.
#[test]
fn parquet_in_which_a_bit_has_turned_is_read_or_named() {
    let whole = parquet();
    let (mut tried, mut refused) = (0, 0);
    for at in (4..whole.len()).step_by(191) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        let place = Place::with_exports();
        place.remove("data/applications.csv");
        place.write("data/applications.parquet", bytes);
        let outcome = place.ingest();
        tried += 1;
        if outcome.status != 0 {
            assert_eq!(outcome.status, 2, "byte {at}: {}", outcome.err);
            // Either it cannot be read, or what it calls its columns is not what the table's are called, or a library gave up.
            let is_said = ["applications.parquet", "no export"].iter().any(|word| outcome.err.contains(word));
            assert!(is_said, "byte {at}: {}", outcome.err);
            assert!(!outcome.err.contains("cannot read /"), "byte {at}: {}", outcome.err);
            refused += 1;
        }
    }
    assert!(tried > 10 && refused > 3, "{refused} of {tried}");
}

/// What no cell of a table is stops nothing where nobody asks for it, and is refused by row where somebody does.
#[test]
fn columns_of_columns_in_parquet_are_told() {
    let structure = |name: &str| {
        let inner: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let field = Arc::new(Field::new("inner", inner.data_type().clone(), true));
        (name.to_owned(), Arc::new(StructArray::from(vec![(field, inner)])) as ArrayRef)
    };
    let text =
        |name: &str, cells: [&str; 2]| (name.to_owned(), Arc::new(StringArray::from(cells.to_vec())) as ArrayRef);
    let given = |bureau: (String, ArrayRef)| {
        let columns = vec![
            text("application_id", ["1001", "1002"]),
            bureau,
            text("voltage_kv", ["10", "0.4"]),
            text("capacity_kva", ["48,000", "80"]),
            text("accepted_at", ["2026-03-02", "2026-03-03"]),
            structure("attachments"),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        applications("applications.parquet", &writer.into_inner().unwrap())
    };
    let place = given(text("bureau", ["城东", "城西"]));
    assert_eq!(place.faults("applications"), []);
    assert_eq!(place.rows("applications").len(), 2);
    let place = given(structure("bureau"));
    place.ingest().ends(1);
    let told = rejects(&place.path("lake-rejects/applications.csv"));
    assert_eq!([&*told[0].column, &*told[0].code], ["bureau", "error_value"], "{told:?}");
}

/// A folder with one file of applications, and a table of stages without rows.
fn applications(name: &str, bytes: &[u8]) -> Place {
    let place = Place::with_exports();
    place.remove("data/applications.csv");
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.write(&format!("data/{name}"), bytes);
    place.mapping("[tables.applications]\nabsent = [\"energised_at\"]");
    place
}

#[test]
fn the_same_table_in_every_form() {
    let expected = applications("applications.csv", CSV.as_bytes());
    expected.ingest().ends(0);
    let expected = expected.rows("applications");
    assert_eq!(expected.len(), 2);
    for (what, name, bytes) in [
        ("real dates", "applications.xlsx", drawn(real_dates)),
        ("serials and numbers", "applications.xlsx", drawn(serials_and_numbers)),
        ("header below a title", "业扩工单(3月).xlsx", drawn(header_below_a_title)),
        ("header of two rows", "applications_2026-03.xlsm", drawn(header_of_two_rows)),
        ("two sheets", "applications.xlsx", drawn(two_sheets_and_others)),
        ("days from 1904", "applications.xlsx", counted_from_1904(&drawn(days_from_1904))),
        ("XLSX named XLS", "applications.xls", drawn(real_dates)),
        ("XLS", "applications.xls", include_bytes!("../../fixtures/applications.xls").to_vec()),
        ("XLS from 1904", "applications.xls", include_bytes!("../../fixtures/applications_1904.xls").to_vec()),
        ("Parquet", "applications.parquet", parquet()),
    ] {
        let place = applications(name, &bytes);
        place.ingest().ends(0);
        assert_eq!(place.faults("applications"), [], "{what}");
        assert_eq!(place.rows("applications"), expected, "{what}");
    }
}

#[test]
fn rejects_name_sheet_and_row() {
    let place = applications(
        "applications.xlsx",
        &drawn(|book| {
            for name in ["一月", "二月"] {
                let sheet = book.add_worksheet().set_name(name).unwrap();
                texts(sheet, 2, &HEADER);
                texts(sheet, 5, &[name, "城东", "10", "很大", "2026-03-02"]);
                texts(sheet, 7, &[name, "城东", "10", "5", "2026-03-02"]);
                sheet.write_formula(8, 0, "=NA()").unwrap().set_formula_result(8, 0, "#N/A");
                texts(sheet, 8, &["", "城东", "10", "5", "2026-03-02"]);
                sheet.write_number(9, 0, 1.234_567_890_123_456_7e17).unwrap();
                texts(sheet, 9, &["", "城东", "10", "5", "2026-03-02"]);
            }
        }),
    );
    place.ingest().ends(0);
    let found = place.rejects("applications");
    let found: Vec<_> = found.iter().map(|r| (&*r.sheet, r.line, &*r.column, &*r.code, &*r.value)).collect();
    let of = |sheet| {
        [
            (sheet, 6, "capacity_kva", "unparsable", "很大"),
            (sheet, 9, "application_id", "missing", ""),
            (sheet, 10, "application_id", "rounded_identifier", "123456789012345660"),
        ]
    };
    assert_eq!(found, [of("一月"), of("二月")].concat());
}

#[test]
fn conflicts_between_sheets_name_their_sheets() {
    let place = applications(
        "applications.xlsx",
        &drawn(|book| {
            for (name, capacity) in [("一月", "5"), ("二月", "6")] {
                let sheet = book.add_worksheet().set_name(name).unwrap();
                texts(sheet, 0, &HEADER);
                texts(sheet, 1, &[name, "城东", "10", "5", "2026-03-02"]);
                texts(sheet, 2, &["7", "城东", "10", capacity, "2026-03-02"]);
            }
        }),
    );
    place.ingest().ends(0);
    let found = place.rejects("applications");
    let found: Vec<_> = found.iter().map(|r| (&*r.sheet, r.line, &*r.code)).collect();
    assert_eq!(found, [("一月", 3, "conflicting_duplicate"), ("二月", 3, "conflicting_duplicate")]);
}

/// A workbook of two kilobytes whose one sheet unpacks to eight mebibytes.
fn bomb() -> Vec<u8> {
    let padding = " ".repeat(8 << 20);
    patched(&drawn(real_dates), "xl/worksheets/sheet1.xml", |text| text + &padding)
}

/// A workbook whose directory says so many bytes of its texts.
fn texts_of(bytes: u32) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<sst/>").unwrap();
    let mut zip = zip.finish().unwrap().into_inner();
    let directory = zip.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    for at in [20, 24] {
        zip[directory + at..][..4].copy_from_slice(&bytes.to_le_bytes());
    }
    zip
}

fn far_apart(book: &mut Workbook) {
    let sheet = book.add_worksheet();
    texts(sheet, 0, &HEADER);
    sheet.write_string(1, 16_383, "x").unwrap();
}

#[test]
fn what_is_no_workbook_is_refused() {
    let whole = drawn(real_dates);
    let mhtml: &[u8] = b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n";
    let xml = b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">";
    let xls = include_bytes!("../../fixtures/applications.xls");
    for (name, bytes, said) in [
        ("applications.xls", mhtml, &["looks like MHTML", "save it as .xlsx or CSV"][..]),
        ("applications.xls", xml, &["looks like XML Spreadsheet 2003"]),
        ("applications.xlsx", &whole[..whole.len() / 2], &["cut short or damaged"]),
        ("applications.xls", &xls[..xls.len() / 3], &["cut short or damaged"]),
        ("applications.xlsx", &bomb(), &["too large", "Export it in parts, or as CSV"]),
        ("applications.xlsx", &texts_of(800 << 20), &["too large", "Export it in parts, or as CSV"]),
        ("applications.xlsx", &drawn(far_apart), &["too large (column 16384)"]),
        ("applications.parquet", &parquet()[..200], &["cut short or damaged"]),
    ] {
        let place = applications(name, bytes);
        let told = place.ingest().ends(2).err;
        holds(&told, &[&[name][..], said].concat());
        assert!(!place.path("lake").exists());
    }
    let place = applications("applications.xlsx", &drawn(|book| texts(book.add_worksheet(), 0, &["别的表"])));
    place.ingest().fails(2, &["applications.xlsx, sheet `Sheet1`", "headers found: `别的表`"]);
    let long = "很长的表头".repeat(800);
    let place = applications(
        "applications.xlsx",
        &drawn(|book| {
            let sheet = book.add_worksheet();
            (0..30).for_each(|row| texts(sheet, row, &[long.as_str(); 300]));
        }),
    );
    let told = place.ingest().ends(2).err;
    holds(&told, &["applications.xlsx, sheet `Sheet1`", "…`", " and 100 more"]);
    assert!(told.len() < 200_000, "{} bytes of a message", told.len());
}

#[test]
fn the_mapping_names_the_sheet() {
    let place = applications("applications.xlsx", &drawn(two_sheets_and_others));
    place.mapping("[tables.applications]\nsheet = \"3月3日\"\nabsent = [\"energised_at\"]");
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "application_id"), ["1002"]);
}
