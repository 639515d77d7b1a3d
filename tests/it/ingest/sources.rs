//! Which files, headers and words are found without a mapping, and which a mapping names.

use rust_xlsxwriter::Workbook;

use crate::place::{Place, STAGES, holds};

#[test]
fn chinese_names_and_headers_need_no_mapping() {
    let place = Place::new();
    place.write(
        "data/业扩工单_2026-03.csv",
        "工单号,供电公司,供电电压,报装容量(kVA),受理日期,是否重点工程,投运日期\nA1,城东,10kV,48 MVA,2026年3月2日,是,\n",
    );
    place.write("data/环节记录(3月).csv", "申请编号,环节,部门,开始日期,结束时间\nA1,现场勘察,营销部,2026-3-2,\n");
    place.write("data/读我.txt", "说明");
    place.write("data/~$业扩工单.xlsx", "lock");
    let ledger = place.yekuo("ingest --data data --json").ends(0).json();
    assert_eq!(ledger.as_array().unwrap().len(), 2);
    assert_eq!(place.column("applications", "capacity_kva"), ["48000"]);
    assert_eq!(place.column("applications", "key_project"), ["true"]);
    assert_eq!(place.column("stages", "stage"), ["survey"]);
}

#[test]
fn a_missing_file_is_named_with_what_was_looked_for() {
    let place = Place::with_exports();
    place.remove("data/stages.csv");
    place.write("data/stage_list.csv", STAGES);
    let said = place.ingest().ends(2).err;
    let looked_for = "looked for: `stages.csv`, `环节记录.csv`, `流程环节.csv`";
    holds(&said, &["data: there is no file for the table `stages`", looked_for, "`stage_list.csv`", "hint:"]);
    holds(
        &place.yekuo("run p.toml").ends(2).err,
        &["没有找到 stages 表的文件", "「环节记录.csv」", "「stage_list.csv」"],
    );
    place.yekuo("ingest --data nowhere --lang en").fails(2, &["cannot read nowhere"]);
}

#[test]
fn a_missing_column_is_named_with_the_nearest_header() {
    let place = Place::with_exports();
    place.write("data/stages.csv", "工单编号,环节名称,责任部门,环节开始日期时间\nA1,survey,营销部,2026-03-02\n");
    let said = place.ingest().ends(2).err;
    holds(
        &said,
        &[
            "stages.csv, line 1: required columns of `stages` are missing",
            "started_at (开始时间): is it `环节开始日期时间`?",
            "headers found: `工单编号`, `环节名称`, `责任部门`, `环节开始日期时间`",
            "[tables.stages.columns]",
        ],
    );
}

#[test]
fn two_headers_for_one_column_are_refused_until_the_mapping_says_which() {
    let place = Place::with_exports();
    place.write("data/stages.csv", "工单编号,申请编号,环节,部门,开始时间,完成时间\nX9,A1,survey,营销部,2026-03-02,\n");
    let said = place.ingest().ends(2).err;
    holds(&said, &["several headers stand for `application_id`: `工单编号`, `申请编号`"]);
    place.mapping("[tables.stages.columns]\napplication_id = \"申请编号\"");
    place.ingest().ends(0);
    assert_eq!(place.column("stages", "application_id"), ["A1"]);
}

#[test]
fn a_mapping_names_columns_words_lines_and_files() {
    let place = Place::with_exports();
    place.remove("data/stages.csv");
    let rows =
        "工单编号;环节名称;谁;何时\n占位;;;\nNo;Step;Who;When\nA1;踏勘;营销部;2026-03-02\nA2;踏勘;营销部;2026-03-03\n";
    place.write("data/old/step-1.csv", rows);
    place.write("data/old/step-2.csv", rows.replace("踏勘", "装表"));
    place.write("data/old/notes.csv", "x");
    place.mapping(
        r#"
        name = "old system"
        [tables.stages]
        files = ["old/step-*.csv"]
        delimiter = ";"
        header_row = 3
        absent = ["finished_at"]
        columns = { application_id = "No", stage = "Step", department = "Who", started_at = "When" }
        values = { stage = { "踏勘" = "现场勘查" }, department = { "营销部" = "市场营销部" } }
        "#,
    );
    let ledger = place.ingest().ends(0).json();
    assert_eq!([&ledger[1]["file"], &ledger[2]["file"]], ["old/step-1.csv", "old/step-2.csv"]);
    assert_eq!(place.column("stages", "stage"), ["survey", "survey", "metering", "metering"]);
    assert_eq!(place.column("stages", "department"), ["市场营销部"; 4]);
    assert_eq!(place.column("stages", "source_line"), ["4", "5", "4", "5"]);
}

#[test]
fn a_mapping_that_names_what_is_not_there_is_refused() {
    let place = Place::with_exports();
    for (mapping, said) in [
        ("[tables.stages.columns]\nstarted_at = \"何时\"", "the mapping names the header `何时`, which is not there"),
        ("[tables.stages]\nheader_row = 3", "required columns of `stages` are missing"),
        ("[tables.stages]\nheader_row = 99", "[tables.stages] of the source mapping says header_row = 99"),
        ("[tables.delays]\nfiles = [\"delay*.xlsx\"]", "looked for: `delay*.xlsx`"),
    ] {
        place.mapping(mapping);
        place.ingest().fails(2, &[said]);
    }
    place.remove("data/stages.csv");
    let mut book = Workbook::new();
    book.add_worksheet();
    place.write("data/stages.xlsx", book.save_to_buffer().unwrap());
    place.mapping("[tables.stages]\nsheet = \"三月\"");
    place.ingest().fails(2, &["stages.xlsx", "the mapping names the sheet `三月`", "Sheets found: `Sheet1`"]);
}

#[test]
fn mistakes_of_a_mapping_are_all_shown_with_their_lines() {
    let place = Place::with_exports();
    place.mapping(
        "[tables.stages]\nencoding = \"big5\"\nfiles = [\"../x.csv\"]\n[tables.stages.columns]\nstarted = \"何时\"\n\
         [tables.stages.values]\nstagee = { a = \"b\" }\n[tables.aplications]\n",
    );
    let said = place.ingest().ends(2).err;
    holds(
        &said,
        &[
            "there is no encoding `big5`",
            "map.toml:2:",
            "a file pattern stays inside the data folder",
            "map.toml:3:",
            "table `stages` has no column `started`",
            "map.toml:5:1",
            "did you mean `started_at`?",
            "table `stages` has no column `stagee`",
            "map.toml:7:1",
            "did you mean `stage`?",
            "there is no table `aplications`",
            "map.toml:8:",
            "did you mean `applications`?",
        ],
    );
    place.mapping("[tables.stages]\ncolums = {}\n");
    place.ingest().fails(2, &["unknown field `colums`", "map.toml:2:1", "columns"]);
    place.mapping("[tables.stages]\ndelimiter = \"——\"\n");
    place.ingest().fails(2, &["map.toml:2:"]);
    place.mapping("[tables.stages]\ndelimiter = \"，\"\n");
    place.ingest().fails(2, &["map.toml:2:", "，"]);
}

/// Whatever is wrong with a connection, what may be secret about it is not shown; without the feature it is refused.
#[test]
fn a_mapping_shows_no_secret_of_a_connection() {
    let place = Place::with_exports();
    let mapping = |source: &str| place.mapping(&format!("[tables.stages]\nsource = {source}\n"));
    let refused = |words: &[&str]| {
        let outcome = place.yekuo("check p.toml --lang en").ends(2);
        assert!(!outcome.err.contains("c4nary"), "{}", outcome.err);
        holds(&outcome.err, words);
    };
    mapping("{ odbc = \"Driver=x;Pwd=c4nary\", query = \"select 1\" }");
    refused(&["`Pwd` may be secret", "Pwd=env:NAME"]);
    mapping("{ odbc = \"Driver=x;Pwd=c4nary\", qery = \"select 1\" }");
    refused(&["qery"]);
    mapping("\"Driver=x;Pwd=c4nary\"");
    refused(&["stages"]);
    mapping("{ odbc = \"env:DSN\", query = \"\" }\nrepeat = \"last\"\nfiles = [\"a.csv\"]");
    refused(&["there is no query", "order by", "not from both"]);
    if !cfg!(feature = "odbc") {
        mapping("{ odbc = \"env:DSN\", query = \"select 1\" }");
        refused(&["built without ODBC", "--features odbc"]);
    }
}

/// Without its mapping a folder would give other figures.
#[cfg(unix)]
#[test]
fn a_mapping_of_the_folder_that_cannot_be_read_is_not_passed_over() {
    use std::os::unix::fs::symlink;
    let place = Place::with_exports();
    let run = || place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out out/r --lang en");
    symlink("gone", place.path("data/sources")).unwrap();
    run().fails(2, &["data/sources"]);
    place.remove("data/sources");
    place.write("data/sources/readme.txt", "");
    symlink("../../gone.toml", place.path("data/sources/own.toml")).unwrap();
    run().fails(2, &["data/sources/own.toml"]);
    place.remove("data/sources/own.toml");
    std::fs::create_dir(place.path("data/sources/own.toml")).unwrap();
    run().fails(2, &["data/sources/own.toml"]);
    std::fs::remove_dir(place.path("data/sources/own.toml")).unwrap();
    run().ends(0);
}

/// Whoever sends exports does not say where anything is written.
#[cfg(unix)]
#[test]
fn a_mapping_is_written_through_no_link() {
    use std::os::unix::fs::symlink;
    let place = Place::with_exports();
    let map = |more: &str| place.yekuo(&format!("map data --yes --lang en {more}"));
    place.write("elsewhere/mine.toml", "mine");
    symlink("../elsewhere", place.path("data/sources")).unwrap();
    map("").fails(2, &["data holds sources, which yekuo did not make"]);
    place.remove("data/sources");
    place.write("data/sources/readme.txt", "");
    for target in ["../../elsewhere/mine.toml", "../../elsewhere/new.toml"] {
        symlink(target, place.path("data/sources/own.toml")).unwrap();
        map("").fails(2, &["own.toml", "--force"]);
        map("--force").ends(0);
        assert!(!place.path("data/sources/own.toml").is_symlink());
        place.remove("data/sources/own.toml");
    }
    assert_eq!(place.text("elsewhere/mine.toml"), "mine");
    assert!(!place.path("elsewhere/new.toml").exists());
}
