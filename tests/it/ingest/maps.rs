//! `yekuo map`: a folder of strange exports gets a mapping, by which the next run gives the figures of the usual one.

use super::losses::{cells, write};
use crate::place::{Place, holds};

/// The lines of a mapping that count.
fn active(mapping: &str) -> Vec<&str> {
    mapping.lines().filter(|line| !line.starts_with(['#', '[']) && !line.is_empty()).collect()
}

#[test]
fn a_folder_of_usual_names_needs_no_line() {
    let place = Place::new();
    place.yekuo("sample data --applications 60").ends(0);
    let said = place.yekuo("map data --yes").ends(0).out;
    holds(
        &said,
        &["data/sources/own.toml", "业扩工单：业扩工单_2024.xlsx、业扩工单_2025.xlsx", "yekuo run monthly --data data"],
    );
    assert_eq!(active(&place.text("data/sources/own.toml")), Vec::<&str>::new());
    // What is written is not written again without a word.
    place.yekuo("map data").fails(2, &["data/sources/own.toml 已经存在：", "--force"]);
    place.yekuo("map data --force").ends(0);
}

/// Pairs of what is usual and what another office writes instead.
type Instead = &'static [(&'static str, &'static str)];

/// Headers as another office writes them, files by other names, and words of its own.
const STRANGE: [(&str, &str, Instead, Instead); 4] = [
    (
        "applications",
        "客户报装一览表",
        &[
            ("application_id", "业务流水"),
            ("customer_name", "用电户"),
            ("bureau", "所属单位"),
            ("voltage_kv", "受电电压"),
            ("capacity_kva", "新装容量"),
            ("accepted_at", "客户申请受理日"),
            ("energised_at", "实际送电完成日"),
            ("promised_on", "对客户承诺的日期"),
            ("desired_on", "希望用电日"),
            ("cancelled_at", "作废日"),
            ("manager_id", "经理工号"),
        ],
        &[],
    ),
    (
        "stages",
        "工作流明细",
        &[
            ("application_id", "流程单"),
            ("stage", "节点"),
            ("department", "承办科室"),
            ("started_at", "到达日期时间"),
            ("finished_at", "办毕日期时间"),
            ("due_on", "应办结日"),
        ],
        &[],
    ),
    (
        "delays",
        "客户责任认定",
        &[
            ("application_id", "单据"),
            ("stage", "所在节点"),
            ("cause", "责任原因"),
            ("began_at", "起始日"),
            ("ended_at", "截止到"),
            ("reported_at", "反映日期"),
            ("ruling", "营销部审核意见"),
        ],
        &[("admitted", "审核通过"), ("rejected", "退回"), ("pending", "审核中")],
    ),
    ("callbacks", "95598业务", &[("subject_id", "单据号"), ("called_at", "回访日"), ("outcome", "结果")], &[]),
];

/// Makes a folder of canonical files one that looks like another office's.
fn make_strange(place: &Place) {
    for (table, file, headers, words) in STRANGE {
        let mut rows = cells(place, &format!("data/{table}.csv"));
        for cell in &mut rows[0] {
            if let Some((_, strange)) = headers.iter().find(|(column, _)| column == cell) {
                *cell = (*strange).to_owned();
            }
        }
        for row in &mut rows[1..] {
            for cell in row {
                if let Some((_, strange)) = words.iter().find(|(word, _)| word == cell) {
                    *cell = (*strange).to_owned();
                }
            }
        }
        place.remove(&format!("data/{table}.csv"));
        write(place, &format!("data/{file}.csv"), &rows);
    }
}

#[test]
fn a_strange_folder_gives_the_figures_of_the_usual_one() {
    let place = Place::new();
    place.yekuo("sample data --applications 60 --layout canonical").ends(0);
    place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out before").ends(0);
    make_strange(&place);
    place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out refused").fails(2, &["applications"]);
    let said = place.yekuo("map data").ends(0);
    let mapping = place.text("data/sources/own.toml");
    holds(
        &mapping,
        &[
            "columns.finished_at = \"办毕日期时间\"  # 请核对：完成时间（样例 ",
            "columns.ruling = \"营销部审核意见\"  # 确定",
            "\"退回\" = \"rejected\"  # 请核对",
        ],
    );
    assert!(said.err.is_empty(), "nobody is asked where nobody can answer: {}", said.err);
    let run = place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out after").ends(0);
    holds(&run.err, &["来源映射：sources/own.toml"]);
    for (mart, bytes) in place.files("before/marts") {
        assert_eq!(bytes, place.bytes(&format!("after/marts/{mart}")), "{mart} moved\n{mapping}");
    }
    let source = &place.json("after/run.json")["source"];
    assert_eq!(source["file"], "sources/own.toml");
    assert_eq!(source["sha256"], crate::place::sha256(mapping.as_bytes()));
    // Where the folder is the current one, nothing need be named.
    let here = place.command(&["check", "--lang", "en"]).current_dir(place.path("data")).output().unwrap();
    assert!(here.status.success(), "{}", String::from_utf8_lossy(&here.stderr));
    assert!(String::from_utf8_lossy(&here.stderr).contains("source mapping: sources/own.toml"));
    // A mapping given by hand comes first, and that is said.
    place.write("other.toml", mapping);
    let checked = place.yekuo("check --data data --source other.toml").ends(0);
    holds(&checked.err, &["来源映射：other.toml", "数据目录中的 sources/own.toml 没有采用"]);
}

#[test]
fn dates_whose_order_the_cells_show_get_it() {
    let place = Place::new();
    let rows = |dates: [&str; 2]| {
        format!(
            "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,城东,10000,500,{},\nA2,城东,380,80,{},\n",
            dates[0], dates[1]
        )
    };
    place.write("data/stages.csv", crate::place::STAGES);
    for (dates, line) in [
        (["28/05/2026", "03/02/2026"], "\ndate_order = \"dmy\"  # 确定"),
        (["05/28/2026", "03/02/2026"], "\ndate_order = \"mdy\"  # 确定"),
        (["05/04/2026", "03/02/2026"], "\n# date_order = \"dmy\"  # 未采用：有不止一种读法"),
    ] {
        place.write("data/applications.csv", rows(dates));
        place.yekuo("map data --force").ends(0);
        let mapping = place.text("data/sources/own.toml");
        holds(&mapping, &[line, "units.voltage_kv = \"V\"  # 请核对"]);
    }
}

#[test]
fn one_workbook_of_many_tables_is_told_apart() {
    let place = Place::new();
    place.yekuo("sample canon --applications 40 --layout canonical").ends(0);
    let mut book = rust_xlsxwriter::Workbook::new();
    for (table, name) in [("applications", "台账一"), ("stages", "台账二")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (at, row) in cells(&place, &format!("canon/{table}.csv")).iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                sheet.write_string(at as u32, column as u16, cell).unwrap();
            }
        }
    }
    std::fs::create_dir_all(place.path("data")).unwrap();
    book.save(place.path("data/全部.xlsx")).unwrap();
    place.yekuo("map data").ends(0);
    let mapping = place.text("data/sources/own.toml");
    holds(&mapping, &["sheet = \"台账一\"", "sheet = \"台账二\"", "files = [\"全部.xlsx\"]"]);
    place.yekuo("check --data data").ends(0);
}
