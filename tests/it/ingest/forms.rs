//! Files that are not what their names say, files of other programs, and what stands in them beside the rows.

use std::io::{Cursor, Write};

use encoding_rs::GB18030;
use rust_xlsxwriter::Format;
use zip::write::SimpleFileOptions;

use super::{drawn, patched};
use crate::place::{APPLICATIONS, Place, holds};

const HEADER: [&str; 6] = ["工单编号", "供电单位", "电压等级", "申请容量", "受理时间", "送电时间"];
const ROWS: [[&str; 6]; 2] = [
    ["1001", "城东", "10", "48,000", "2026-03-02 09:30:00", "2026-05-20"],
    ["1002", "城西", "0.4", "80", "2026-03-03", ""],
];

fn csv() -> String {
    let line = |cells: &[&str; 6]| cells.map(|cell| format!("\"{cell}\"")).join(",") + "\n";
    line(&HEADER) + &ROWS.iter().map(line).collect::<String>()
}

/// A folder with one file of applications, and a table of stages without rows.
fn applications(name: &str, bytes: &[u8]) -> Place {
    let place = Place::with_exports();
    place.remove("data/applications.csv");
    place.write("data/stages.csv", "application_id,stage,department,started_at\n");
    place.write(&format!("data/{name}"), bytes);
    place
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        out.start_file(*name, SimpleFileOptions::default()).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// A page as systems that «export to Excel» write it, in GBK.
fn page() -> Vec<u8> {
    let line = |cells: &[&str; 6], tag: &str| {
        let cells = cells.map(|cell| format!("<{tag} style=\"mso-number-format:'\\@'\">{cell}</{tag}>"));
        format!("<tr>{}</tr>", cells.concat())
    };
    let rows = ROWS.iter().map(|row| line(row, "td")).collect::<String>();
    let page = format!(
        "<html><head><meta charset=\"gb2312\"></head><body><table border=1>{}{rows}</table></body></html>",
        line(&HEADER, "th")
    );
    GB18030.encode(&page).0.into_owned()
}

/// Tab-separated UTF-16, with a mark or without.
fn utf16(mark: bool) -> Vec<u8> {
    let line = |cells: &[&str; 6]| cells.join("\t") + "\r\n";
    let text = line(&HEADER) + &ROWS.iter().map(line).collect::<String>();
    let mark = if mark { "\u{feff}" } else { "" };
    format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// An OpenDocument spreadsheet; a row is the XML of its cells.
fn ods(rows: &[String]) -> Vec<u8> {
    let rows: String = rows.iter().map(|row| format!("<table:table-row>{row}</table:table-row>")).collect();
    let content = format!(
        "<office:document-content xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
         xmlns:table=\"urn:oasis:names:tc:opendocument:xmlns:table:1.0\" \
         xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"明细\">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    );
    let manifest = "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\"/>";
    zipped(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_bytes()),
        ("META-INF/manifest.xml", manifest.as_bytes()),
    ])
}

fn ods_cells(cells: &[&str]) -> String {
    let cell = |text: &&str| match *text {
        "" => "<table:table-cell/>".to_owned(),
        text => format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>"),
    };
    cells.iter().map(cell).collect()
}

/// One record of a binary workbook.
fn record(kind: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = match kind {
        0..=0x7f => vec![kind as u8],
        _ => vec![(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8],
    };
    let mut length = content.len();
    while length > 0x7f {
        bytes.push((length & 0x7f) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(content);
    bytes
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    [(units.len() as u32).to_le_bytes().to_vec(), units.iter().flat_map(|unit| unit.to_le_bytes()).collect()].concat()
}

/// A binary workbook of 2007 whose cells are texts.
fn xlsb() -> Vec<u8> {
    let number = |number: usize| (number as u32).to_le_bytes();
    let bundle = [number(0).as_slice(), &number(1), &wide("rId1"), &wide("明细")].concat();
    let book = [record(0x83, &[]), record(0x8f, &[]), record(0x9c, &bundle), record(0x90, &[]), record(0x84, &[])];
    let mut sheet = [record(0x81, &[]), record(0x94, &[0; 16]), record(0x91, &[])].concat();
    for (row, cells) in [HEADER].iter().chain(&ROWS).enumerate() {
        sheet.extend(record(0, &[number(row).as_slice(), &[0; 13]].concat()));
        for (column, text) in cells.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            sheet.extend(record(6, &[number(column).as_slice(), &number(0), &wide(text)].concat()));
        }
    }
    sheet.extend([record(0x92, &[]), record(0x82, &[])].concat());
    let rels = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.bin\"/></Relationships>";
    zipped(&[
        ("xl/workbook.bin", &book.concat()),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

/// A compound file that holds an encrypted package, as a workbook with a password does.
fn protected() -> Vec<u8> {
    let mut header = vec![0_u8; 512];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(24, &[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    // One sector of the allocation table (0), and the directory after it (1).
    put(44, &1_u32.to_le_bytes());
    put(48, &1_u32.to_le_bytes());
    put(56, &4_096_u32.to_le_bytes());
    put(60, &(-2_i32).to_le_bytes());
    put(68, &(-2_i32).to_le_bytes());
    put(76, &[0xff; 436]);
    put(76, &0_u32.to_le_bytes());
    let mut table = vec![0xff_u8; 512];
    table[..4].copy_from_slice(&(-3_i32).to_le_bytes());
    table[4..8].copy_from_slice(&(-2_i32).to_le_bytes());
    let entry = |name: &str, kind: u8, child: i32| {
        let mut entry = vec![0_u8; 128];
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        entry[..name.len()].copy_from_slice(&name);
        entry[64] = name.len() as u8;
        entry[66..68].copy_from_slice(&[kind, 1]);
        entry[68..76].copy_from_slice(&[0xff; 8]);
        entry[76..80].copy_from_slice(&child.to_le_bytes());
        entry[116..120].copy_from_slice(&(-2_i32).to_le_bytes());
        entry
    };
    let directory = [entry("Root Entry", 5, 1), entry("EncryptedPackage", 2, -1), vec![0; 256]].concat();
    [header, table, directory].concat()
}

/// What the ledger says of the file of applications.
fn ledger(place: &Place) -> serde_json::Value {
    place.ingest().json()[0].clone()
}

#[test]
fn the_same_table_whatever_the_file_is() {
    let expected = applications("applications.csv", csv().as_bytes());
    expected.ingest().ends(0);
    let expected = expected.rows("applications");
    assert_eq!(expected.len(), 2);
    let xls = include_bytes!("../../fixtures/applications.xls");
    let rows: Vec<String> = [HEADER].iter().chain(&ROWS).map(|row| ods_cells(row)).collect();
    for (what, name, form, bytes) in [
        ("UTF-16 text named XLSX", "业扩工单.xlsx", "text", utf16(true)),
        ("UTF-16 text without a mark", "业扩工单.xls", "text", utf16(false)),
        ("text named XLS", "业扩工单.xls", "text", csv().into_bytes()),
        ("text named Parquet", "applications.parquet", "text", csv().into_bytes()),
        ("a page named XLS", "业扩工单.xls", "html", page()),
        ("a page", "业扩工单.html", "html", page()),
        ("ODS", "业扩工单.ods", "ods", ods(&rows)),
        ("ODS named XLSX", "业扩工单.xlsx", "ods", ods(&rows)),
        ("XLSB", "业扩工单.xlsb", "xlsb", xlsb()),
        ("a packed text", "导出.zip", "text", zipped(&[("业扩工单.csv", csv().as_bytes())])),
        ("a text packed by a way out", "导出.zip", "text", zipped(&[("./../业扩工单.csv", csv().as_bytes())])),
        ("a packed page", "导出.zip", "html", zipped(&[("2026/业扩工单.xls", &page())])),
    ] {
        let place = applications(name, &bytes);
        assert_eq!(ledger(&place)["form"], form, "{what}");
        assert_eq!(place.faults("applications"), [], "{what}");
        assert_eq!(place.rows("applications"), expected, "{what}");
    }
    let place = applications("业扩工单.et", xls);
    place.mapping("[tables.applications]\nabsent = [\"energised_at\"]");
    place.ingest().ends(0);
    assert_eq!(place.rows("applications").len(), 2);
}

#[test]
fn an_archive_whose_names_are_gbk() {
    // The writer takes UTF-8 only: eight ASCII letters give way to four characters of GBK, in both places.
    let mut archive = zipped(&[("ABCDEFGH.csv", csv().as_bytes())]);
    let name = GB18030.encode("业扩工单").0.into_owned();
    while let Some(at) = archive.windows(8).position(|window| window == b"ABCDEFGH") {
        archive[at..at + 8].copy_from_slice(&name);
    }
    let place = applications("big.zip", &archive);
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "application_id"), ["1001", "1002"]);
    let place = applications("big.zip", &archive);
    place.mapping("[tables.applications]\nfiles = [\"big.zip/*.csv\"]");
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "application_id"), ["1001", "1002"]);
}

/// Files that an archive with names in GBK was unpacked to by a program that took them for bytes.
#[cfg(unix)]
#[test]
fn files_whose_names_are_gbk() {
    use std::os::unix::ffi::OsStringExt;
    let place = Place::with_exports();
    place.remove("data/applications.csv");
    place.write("data/stages.csv", "application_id,stage,department,started_at\n");
    let gbk = |name: &str| std::ffi::OsString::from_vec(GB18030.encode(name).0.into_owned());
    std::fs::write(place.path("data").join(gbk("业扩工单.csv")), csv()).unwrap();
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "application_id"), ["1001", "1002"]);
    assert_eq!(ledger(&place)["file"], "业扩工单.csv");
    // In both encodings there are two, of which neither is passed over.
    place.write("data/业扩工单.csv", csv());
    place.ingest().fails(2, &["业扩工单.csv", "name reads the same", "Rename one"]);
}

#[test]
fn two_entries_whose_names_read_the_same() {
    let place = applications("big.zip", &zipped(&[("业扩工单.csv", csv().as_bytes()), ("./业扩工单.csv", b"a\n")]));
    place.ingest().fails(2, &["big.zip/业扩工单.csv", "name reads the same"]);
}

#[test]
fn a_password_is_named() {
    let place = applications("业扩工单.xlsx", &protected());
    place.ingest().fails(2, &["业扩工单.xlsx", "protected with a password", "remove the password"]);
}

#[test]
fn a_cell_merged_down_the_rows_is_that_of_each() {
    let book = drawn(|book| {
        let sheet = book.add_worksheet();
        for (column, text) in (0..).zip(HEADER) {
            sheet.write_string(0, column, text).unwrap();
        }
        for row in 1..=4 {
            for (column, text) in (0..).zip([&*format!("100{row}"), "", "10", "5", "2026-03-02"]) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
        sheet.merge_range(1, 1, 3, 1, "城东", &Format::new()).unwrap();
        sheet.write_string(4, 1, "城西").unwrap();
    });
    let place = applications("业扩工单.xlsx", &book);
    assert_eq!(ledger(&place)["merged"], 2);
    assert_eq!(place.faults("applications"), []);
    assert_eq!(place.column("applications", "bureau"), ["城东", "城东", "城东", "城西"]);
}

#[test]
fn merged_cells_of_an_open_document() {
    let spanning = "<table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"2\" \
                    table:number-columns-spanned=\"1\"><text:p>城东</text:p></table:table-cell>";
    let rest = ods_cells(&["10", "5", "2026-03-02", ""]);
    let rows = [
        ods_cells(&HEADER),
        format!("{}{spanning}{rest}", ods_cells(&["1001"])),
        format!("{}<table:covered-table-cell/>{rest}", ods_cells(&["1002"])),
    ];
    let place = applications("业扩工单.ods", &ods(&rows));
    assert_eq!(ledger(&place)["merged"], 1);
    assert_eq!(place.column("applications", "bureau"), ["城东", "城东"]);
}

#[test]
fn a_formula_without_a_value_is_no_empty_cell() {
    let book = drawn(|book| {
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip([HEADER].iter().chain(&ROWS)) {
            for (column, text) in (0..).zip(cells) {
                sheet.write_string(row, column, *text).unwrap();
            }
        }
        sheet.write_formula(1, 5, "=DATE(2026,5,20)").unwrap();
        sheet.write_formula(2, 5, "=\"\"").unwrap().set_formula_result(2, 5, "");
    });
    let book = patched(&book, "xl/worksheets/sheet1.xml", |text| text.replacen("</f><v>0</v>", "</f>", 1));
    let place = applications("业扩工单.xlsx", &book);
    place.ingest().ends(0);
    assert_eq!(place.faults("applications"), [(2, "energised_at".into(), "formula_without_value".into())]);
    holds(&place.rejects("applications")[0].expected, &["open the file in Excel or WPS"]);

    let uncomputed = "<table:table-cell table:formula=\"of:=DATE(2026;5;20)\"/>";
    let rows = [ods_cells(&HEADER), ods_cells(&ROWS[0][..5]) + uncomputed, ods_cells(&ROWS[1])];
    let place = applications("业扩工单.ods", &ods(&rows));
    place.ingest().ends(0);
    assert_eq!(place.faults("applications"), [(2, "energised_at".into(), "formula_without_value".into())]);
}

#[test]
fn totals_and_signatures_are_no_rows_and_do_not_stop_the_run() {
    let head = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n";
    let text = format!(
        "{head}1,城东,10,5,2026-03-02,\n2,城东,10,5,2026-03-02,\n合计,,,10,,\n制表人：张三,,审核人：李四,,,\n注：本表由系统导出\n"
    );
    let place = applications("applications.csv", text.as_bytes());
    place.pipeline("max_rejects = 0.05");
    let counts = ["read", "accepted", "rejected", "footers", "duplicate"].map(|name| ledger(&place)[name].clone());
    assert_eq!(counts, [5, 2, 3, 3, 0]);
    let found: Vec<_> = place.faults("applications").into_iter().map(|(line, _, code)| (line, code)).collect();
    assert_eq!(found, [4, 5, 6].map(|line| (line, "footer".to_owned())));
    // A row of the table that begins with such a word stays one.
    let text = format!("{head}合计1,城东,10,5,2026-03-02,\n");
    let place = applications("applications.csv", text.as_bytes());
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "application_id"), ["合计1"]);
}

#[test]
fn dates_in_two_orders_need_a_word_from_the_mapping() {
    let text = "application_id;bureau;voltage_kv;capacity_kva;accepted_at;energised_at\n1;城东;10;5;07.05.2026 09:00;\n2;城东;10;5;2026-05-08;\n";
    let place = applications("applications.csv", text.as_bytes());
    place.ingest().ends(0);
    assert_eq!(place.faults("applications"), [(2, "accepted_at".into(), "ambiguous".into())]);
    let said = &place.rejects("applications")[0].expected;
    holds(said, &["2026-05-07 (date_order = \"dmy\")", "2026-07-05 (date_order = \"mdy\")", "[tables.applications]"]);
    for (order, day) in [("dmy", "2026-05-07 09:00:00"), ("mdy", "2026-07-05 09:00:00")] {
        let place = applications("applications.csv", text.as_bytes());
        place.mapping(&format!("[tables.applications]\ndate_order = \"{order}\""));
        place.ingest().ends(0);
        assert_eq!(place.column("applications", "accepted_at"), [day, "2026-05-08 00:00:00"]);
    }
}

#[test]
fn a_comma_between_semicolons_groups_no_thousands_unasked() {
    let text = "application_id;bureau;voltage_kv;capacity_kva;accepted_at;energised_at\n\
                1;城东;10;0,240 MVA;2026-03-02;\n2;城东;10;48,000;2026-03-02;\n3;城东;10;1.234,5;2026-03-02;\n4;城东;10;5;2026-03-02;\n";
    let place = applications("applications.csv", text.as_bytes());
    place.ingest().ends(0);
    assert_eq!(place.faults("applications"), [2, 3, 4].map(|line| (line, "capacity_kva".into(), "ambiguous".into())));
    holds(&place.rejects("applications")[1].expected, &["48000 (decimal = \".\")", "48 (decimal = \",\")"]);
    let place = applications("applications.csv", text.as_bytes());
    place.mapping("[tables.applications]\ndecimal = \",\"");
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "capacity_kva"), ["240", "48", "1234.5", "5"]);
}

#[test]
fn dates_that_stand_for_none_are_counted() {
    let text = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,cancelled_at\n\
                1,城东,10,5,2026-03-02,1900-01-01,9999-12-31 00:00:00\n2,城东,10,5,9999-12-31,,\n";
    let place = applications("applications.csv", text.as_bytes());
    assert_eq!(ledger(&place)["sentinels"], serde_json::json!({ "energised_at": 1, "cancelled_at": 1 }));
    assert_eq!(place.column("applications", "energised_at"), [""]);
    assert_eq!(place.faults("applications"), [(3, "accepted_at".into(), "missing".into())]);
    assert_eq!(place.rejects("applications")[0].value, "9999-12-31");
}

/// One of them would be read, and nobody told of the other.
#[test]
fn an_archive_with_two_entries_of_one_name_is_refused() {
    let place = Place::with_exports();
    place.remove("data/applications.csv");
    let text = APPLICATIONS.as_bytes();
    let mut archive = zipped(&[("applications.csv", text), ("applicationx.csv", text)]);
    let name = b"applicationx.csv";
    for at in 0..archive.len() - name.len() {
        if archive[at..].starts_with(name) {
            archive[at..][..name.len()].copy_from_slice(b"applications.csv");
        }
    }
    place.write("data/out.zip", archive);
    place.ingest().fails(2, &["out.zip", "two entries of the archive have one name"]);
}
