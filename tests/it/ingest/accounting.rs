//! Nothing is left out without a word: every sheet and header is used, or named, or the run is refused.

use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet};
use yekuo::ingest;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::values::Vocabulary;
use yekuo::words::Lang;

use super::settings;
use crate::place::{APPLICATIONS, Place, STAGES, holds};

const STAGE_HEADERS: [&str; 5] = ["工单编号", "环节名称", "责任部门", "开始时间", "完成时间"];

/// Rows as texts from a row of a sheet on.
fn rows(sheet: &mut Worksheet, first: u32, rows: &[[&str; 5]]) {
    for (row, cells) in (first..).zip(rows) {
        for (column, cell) in (0..).zip(cells).filter(|(_, cell)| !cell.is_empty()) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
}

const MAY: [[&str; 5]; 2] =
    [["A1", "survey", "营销部", "2026-05-02", "2026-05-06"], ["A2", "survey", "营销部", "2026-05-03", "2026-05-07"]];
const JUNE: [[&str; 5]; 2] =
    [["A1", "scheme", "营销部", "2026-06-02", "2026-06-06"], ["A2", "scheme", "营销部", "2026-06-03", ""]];

/// Stages in a workbook of several sheets.
fn with_workbook(draw: impl Fn(&mut Workbook)) -> Place {
    let place = Place::with_exports();
    place.remove("data/stages.csv");
    let mut book = Workbook::new();
    draw(&mut book);
    place.write("data/stages.xlsx", book.save_to_buffer().unwrap());
    place
}

fn sheet<'a>(book: &'a mut Workbook, name: &str) -> &'a mut Worksheet {
    book.add_worksheet().set_name(name).unwrap()
}

fn may(book: &mut Workbook) {
    let first = sheet(book, "5月");
    rows(first, 0, &[STAGE_HEADERS]);
    rows(first, 1, &MAY);
}

#[test]
fn a_second_sheet_without_headers_is_not_passed_over() {
    let place = with_workbook(|book| {
        may(book);
        rows(sheet(book, "6月"), 0, &JUNE);
    });
    let words = ["stages.xlsx", "`6月`", "no headers", "`5月`", "ignore_sheets = [\"6月\"]"];
    place.ingest().fails(2, &words);
    place.mapping("[tables.stages]\nignore_sheets = [\"6月\"]");
    let said = place.ingest().ends(0);
    holds(&said.err, &["stages.xlsx, sheet `6月`: not read (the mapping ignores it)"]);
    assert_eq!(place.rows("stages").len(), 2);
}

#[test]
fn a_sheet_with_a_renamed_header_is_not_passed_over() {
    let renamed = STAGE_HEADERS.map(|header| if header == "开始时间" { "到环节的日子" } else { header });
    let place = with_workbook(|book| {
        may(book);
        let june = sheet(book, "6月");
        rows(june, 0, &[renamed]);
        rows(june, 1, &JUNE);
    });
    place.ingest().fails(2, &["stages.xlsx", "`6月`", "started_at", "到环节的日子", "ignore_sheets"]);
}

#[test]
fn other_sheets_are_named_with_their_rows() {
    let place = with_workbook(|book| {
        may(book);
        sheet(book, "说明").write_string(0, 0, "由营销系统导出").unwrap();
        sheet(book, "空");
        let hidden = sheet(book, "缓存");
        hidden.write_string(0, 0, "x").unwrap();
        hidden.set_hidden(true);
    });
    let said = place.ingest().ends(0).err;
    holds(
        &said,
        &[
            "sheet `说明`: not read (1 rows, without the headers of the table)",
            "sheet `空`: it is empty",
            "sheet `缓存`: not read (it is hidden)",
        ],
    );
}

#[test]
fn files_of_no_table_are_named() {
    let place = Place::with_exports();
    place.write("data/export.csv", STAGES);
    place.write("data/notes.txt", "nothing\n");
    place.write("data/old.bak", "nothing\n");
    holds(
        &place.ingest().ends(0).err,
        &["export.csv: not read (its name is no table's); it has the headers of stages", "notes.txt: not read"],
    );
    place.mapping("ignore_files = [\"export.csv\"]");
    holds(&place.ingest().ends(0).err, &["export.csv: not read (the mapping ignores it)"]);
    place.remove("data/stages.csv");
    place.pipeline("max_rejects = 1.0");
    place.ingest().fails(2, &["there is no file for the table `stages`", "files = [\"export.csv\"]"]);
}

#[test]
fn a_renamed_end_is_refused_with_three_ways_out() {
    let place = Place::with_exports();
    place.write("data/stages.csv", STAGES.replace("finished_at", "完成日期时间"));
    place.write("data/applications.csv", APPLICATIONS.replace("energised_at", "实际送电日期"));
    let words = [
        "2 faults in the exports",
        "energised_at (送电时间)",
        "`实际送电日期` (such as 2026-05-20)",
        "columns.energised_at = \"实际送电日期\"",
        "finished_at (完成时间)",
        "`完成日期时间` (such as 2026-03-06, 2026-03-20)",
        "columns.finished_at = \"完成日期时间\"",
        "if not: ignore = [\"完成日期时间\"] and absent = [\"finished_at\"]",
        "absent = [\"due_on\"]",
    ];
    place.ingest().fails(2, &words);
    // Below what the mapping has, no header and no list is offered twice.
    place.mapping(
        "[tables.applications]\nignore = [\"客户名称\"]\n[tables.stages]\ncolumns.finished_at = \"完成日期时间\"\n",
    );
    let words = ["# below the [tables.applications] that the mapping has:", "columns.energised_at = \"实际送电日期\""];
    place.ingest().fails(2, &words);
    place.mapping(
        "[tables.stages]\ncolumns.finished_at = \"完成日期时间\"\n[tables.applications]\nignore = [\"实际送电日期\"]\nabsent = [\"energised_at\"]",
    );
    let said = place.ingest().ends(0).err;
    holds(&said, &["headers ignored: `实际送电日期`", "no applications.energised_at: 2 rows of applications: "]);
    assert_eq!(place.column("stages", "finished_at")[0], "2026-03-06 00:00:00");
}

#[test]
fn a_needed_end_is_declared_absent_or_refused() {
    let place = Place::with_exports();
    let without: String = STAGES.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    place.write("data/stages.csv", without);
    place.ingest().fails(2, &["there is no column for finished_at (完成时间)", "absent = [\"finished_at\"]"]);
    place.mapping("[tables.stages]\nabsent = [\"finished_at\"]");
    holds(&place.ingest().ends(0).err, &["no stages.finished_at: 3 rows of stages: "]);
    place.report("out", &["p.toml", "--as-of", "2026-06-30", "--lang", "en"]);
    let run = place.json("out/run.json");
    assert!(run["survey"]["absent"].as_array().unwrap().iter().any(|absent| absent["column"] == "finished_at"));
    assert_eq!(place.table("out/marts/department_month.parquet").height(), 0);
    holds(&place.pages("out"), &["no stages.finished_at", "no data"]);
}

const CLAIMS: &str = "delay_id,application_id,cause,began_at,ended_at,反映日期,营销部审核意见\n\
    D1,A1,客户原因,2026-03-03,2026-03-04,2026-03-03,同意\nD2,A1,客户原因,2026-03-05,2026-03-06,2026-03-05,不同意\n";

#[test]
fn columns_of_claims_that_may_be_there_are_asked_for() {
    let place = Place::with_exports();
    place.write("data/delays.csv", CLAIMS);
    let words =
        ["reported_at (反馈时间), ruling (核实结论)", "`反映日期`", "`营销部审核意见` (such as 同意, 不同意): ruling?"];
    place.ingest().fails(2, &words);
    place.mapping("[tables.delays.columns]\nreported_at = \"反映日期\"\nruling = \"营销部审核意见\"");
    place.ingest().ends(0);
    assert_eq!(place.column("delays", "ruling"), ["admitted", "rejected"]);
    place.mapping("[tables.delays]\nignore = [\"反映日期\", \"营销部审核意见\", \"没有这个\"]");
    let said = place.yekuo("ingest p.toml --lang zh").ends(0).err;
    holds(
        &said,
        &["没有 反馈时间（reported_at）：延误说明 2 行，都按未报送处理", "来源映射忽略的「delays: 没有这个」不存在"],
    );
}

#[test]
fn the_unit_of_a_header_counts() {
    let place = Place::with_exports();
    let headers = APPLICATIONS.replace("voltage_kv", "电压等级(V)").replace("capacity_kva", "申请容量（MVA）");
    place.write(
        "data/applications.csv",
        headers.replace(",10,5000,", ",10000,5 MVA,").replace(",0.4,80,", ",380,0.08,"),
    );
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "voltage_kv"), ["10", "0.38"]);
    assert_eq!(place.column("applications", "capacity_kva"), ["5000", "80"]);
    holds(&place.yekuo("check p.toml --lang en").ends(0).out, &["电压等级(V) → voltage_kv (v, ×0.001)"]);
    place.write("data/applications.csv", APPLICATIONS.replace("capacity_kva", "申请容量(马力)"));
    place
        .ingest()
        .fails(2, &["the unit `马力` of the header `申请容量(马力)` is unknown", "`mva`", "units.capacity_kva = "]);
    place.mapping("[tables.applications]\nunits.capacity_kva = \"MVA\"");
    place.ingest().ends(0);
    assert_eq!(place.column("applications", "capacity_kva"), ["5000000", "80000"]);
}

#[test]
fn a_load_rate_in_per_cent_is_a_share() {
    let place = Place::with_exports();
    let file = |rates: [&str; 2]| {
        format!("线路或变电站,供电单位,月份,负载率(%)\nF1,城东,2026-06,{}\nF2,城东,2026-06,{}\n", rates[0], rates[1])
    };
    for (rates, shares) in
        [(["85", "110"], ["0.85", "1.1"]), (["85%", "60"], ["0.85", "0.6"]), (["0.85", "1.1"], ["0.85", "1.1"])]
    {
        place.write("data/受限设备清单.csv", file(rates));
        let said = place.ingest().ends(0).err;
        assert_eq!(place.column("restrictions", "load_rate"), shares, "{rates:?}");
        assert_eq!(said.contains("read as shares"), rates[0] == "0.85", "{said}");
    }
}

#[test]
fn equal_headers_are_told_apart_by_the_row_above() {
    let place = Place::with_exports();
    let stages = |above: &str| {
        format!(
            ",,,{above}\n工单编号,环节名称,责任部门,开始时间,完成时间,开始时间,完成时间\n\
             A1,survey,营销部,2026-03-01,2026-03-05,2026-03-02,2026-03-06\n"
        )
    };
    place.write("data/stages.csv", stages("计划,,实际,"));
    place.ingest().fails(2, &["due_on (要求完成日期)", "`计划/完成时间` (such as 2026-03-05): due_on?"]);
    place.mapping("[tables.stages]\ncolumns.due_on = \"计划/完成时间\"\nignore = [\"计划/开始时间\"]");
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "due_on"), ["2026-03-05"]);
    assert_eq!(place.column("stages", "started_at"), ["2026-03-02 00:00:00"]);
    place.pipeline("max_rejects = 1.0");
    place.write("data/stages.csv", stages("甲,,乙,"));
    place
        .ingest()
        .fails(2, &["several headers stand for `started_at`: `甲/开始时间`, `乙/开始时间`", "columns.started_at"]);
    place.mapping("[tables.stages.columns]\nstarted_at = \"开始时间\"\nfinished_at = \"乙/完成时间\"");
    place.ingest().fails(2, &["several headers stand for `started_at`"]);
    place.mapping(
        "[tables.stages]\nignore = [\"甲/开始时间\", \"甲/完成时间\"]\n[tables.stages.columns]\nstarted_at = \"乙/开始时间\"\nfinished_at = \"乙/完成时间\"",
    );
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "finished_at"), ["2026-03-06 00:00:00"]);
}

#[test]
fn the_last_file_is_the_one_with_the_greatest_number() {
    let place = Place::with_exports();
    place.remove("data/applications.csv");
    for number in [9, 10] {
        let capacity = format!(",{number}000,");
        place.write(&format!("data/applications_{number}.csv"), APPLICATIONS.replace(",5000,", &capacity));
    }
    place.mapping("[tables.applications]\nrepeat = \"last\"");
    place.ingest().ends(0);
    // Of the first file only the row that is equal in both stays.
    assert_eq!(place.column("applications", "capacity_kva"), ["80", "10000"]);
}

#[test]
fn a_sheet_that_ends_on_the_last_row_may_be_cut_off() {
    let place = Place::with_exports();
    let more = 65_536 - STAGES.lines().count();
    place.write("data/stages.csv", STAGES.to_owned() + &"A2,survey,营销部,2026-03-03,\n".repeat(more));
    holds(&place.ingest().ends(0).err, &["stages.csv: it ends on row 65536"]);
}

#[test]
fn identifiers_that_are_dates_are_noted() {
    let place = Place::with_exports();
    let named = |text: &str| text.replace("A1", "46149").replace("A2", "46150");
    let more = "46151,南湖酒店,城西,0.4,80,2026-03-03,\n";
    place.write("data/applications.csv", named(APPLICATIONS) + more);
    place.write("data/stages.csv", named(STAGES));
    holds(
        &place.ingest().ends(0).err,
        &["applications.csv: the identifiers under `application_id` are like a spreadsheet"],
    );
}

#[test]
fn a_mapping_that_contradicts_itself_is_refused() {
    let place = Place::with_exports();
    place.mapping(
        "ignore_files = [\"../x\"]\n[tables.stages]\nabsent = [\"finished\", \"started_at\", \"due_on\"]\nignore = [\"期限\"]\n\
         columns.due_on = \"期限\"\nunits.finished_at = \"kVA\"\n\
         [tables.stages.values]\nstage = { \"踏勘\" = \"survay\", \"现场\" = \"现场勘查\" }\nfinished_at = { \"x\" = \"2026-13-01\", \"-\" = \"\" }",
    );
    place.ingest().fails(
        2,
        &[
            "a file pattern stays inside the data folder",
            "table `stages` has no column `finished`",
            "cannot do without `started_at`",
            "`due_on` is declared absent, and `columns` says what it holds",
            "the header `期限` is ignored, and `columns` uses it for `due_on`",
            "`finished_at` has no unit",
            "`踏勘` stands for `survay`, which cannot be read as `stage`",
            "`x` stands for `2026-13-01`, which cannot be read as `finished_at`",
        ],
    );
}

#[test]
fn equal_events_are_kept_where_each_is_a_pass() {
    let place = Place::with_exports();
    let events =
        "case,activity,moment\nA1,survey,2026-05-01 10:00:00\nA1,survey,2026-05-01 10:00:00\nA1,scheme,2026-05-02\n";
    place.write("data/log.csv", events);
    place.remove("data/stages.csv");
    place.mapping(
        "[tables.stages]\nfiles = [\"log.csv\"]\nrepeat = \"pass\"\ndefaults.department = \"x\"\n\
         columns = { application_id = \"case\", stage = \"activity\", started_at = \"moment\", finished_at = \"moment\" }",
    );
    place.ingest().ends(0);
    assert_eq!(place.rows("stages").len(), 3);
    assert_eq!(place.ingest().json()[1]["duplicate"], 0);
}

/// What is no file, and what an archive calls by a way out of it, is named or read.
#[test]
fn folders_links_and_entries_with_dots_are_not_lost() {
    let place = Place::new();
    place.write("data/applications.csv", APPLICATIONS);
    place.write("data/stages.csv", STAGES);
    place.write("data/6月/delays.csv", "application_id,cause,began_at\n");
    place.write("data/notes/readme.md", "");
    place.pipeline("max_rejects = 1.0");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/nowhere/at/all", place.path("data/callbacks.csv")).unwrap();
    let said = place.yekuo("check p.toml --lang en").ends(0).out;
    holds(&said, &["6月/: not read (a folder with 1 exports"]);
    #[cfg(unix)]
    holds(&said, &["callbacks.csv: not read (a link that leads nowhere"]);
    assert!(!said.contains("notes"), "{said}");
    place.mapping("[tables.delays]\nfiles = [\"6月/*\"]\nabsent = [\"ended_at\", \"reported_at\", \"ruling\"]\n");
    let said = place.yekuo("check p.toml --lang en").ends(0).out;
    assert!(!said.contains("a folder"), "{said}");
}

/// What `run.json` says of a file is true of what was read of it: a file that is written to in between is refused.
#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let place = Place::with_exports();
    let (data, lake, rejects) = (place.path("data"), place.path("lake"), place.path("rejects"));
    let (mapping, words) = (Mapping::default(), Vocabulary { any_stage: true, ..Vocabulary::default() });
    let settings = settings(&data, &mapping, &words, &lake, &rejects);
    std::fs::create_dir_all(&lake).unwrap();
    type Change<'a> = &'a dyn Fn(&Path);
    let longer: Change<'_> = &|path| std::fs::write(path, format!("{STAGES}A2,scheme,营销部,2026-03-09,\n")).unwrap();
    let another: Change<'_> = &|path| {
        std::fs::rename(path, path.with_extension("old")).unwrap();
        std::fs::write(path, STAGES).unwrap();
        std::fs::remove_file(path.with_extension("old")).unwrap();
    };
    for change in [longer, another] {
        let survey = ingest::check(&settings).unwrap();
        change(&data.join("stages.csv"));
        let said = ingest::run(&settings, survey, &|_, _| {}).unwrap_err().report(Lang::En);
        holds(&said, &["stages.csv: the file was changed or replaced while it was read"]);
    }
    let survey = ingest::check(&settings).unwrap();
    ingest::run(&settings, survey, &|_, _| {}).unwrap();
}
