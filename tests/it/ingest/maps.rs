//! `yekuo map`: a folder of strange exports gets a mapping, by which the next run gives the figures of the usual one.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use serde_json::json;
use yekuo::config::Config;
use yekuo::contract::{TABLES, Table};
use yekuo::error::TomlFile;
use yekuo::ingest::guess;
use yekuo::ingest::mapping::Mapping;
use yekuo::ingest::survey::{Costs, Survey};
use yekuo::ingest::values::Vocabulary;
use yekuo::lake;
use yekuo::words::Lang;

use super::losses::{cells, write};
use super::{ingested, settings};
use crate::place::{Place, holds, lines, project, shown};

/// The lines of a mapping that count.
pub(super) fn active(mapping: &str) -> Vec<&str> {
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
    ] {
        place.write("data/applications.csv", rows(dates));
        place.yekuo("map data --force").ends(0);
        let mapping = place.text("data/sources/own.toml");
        holds(&mapping, &[line, "units.voltage_kv = \"V\"  # 请核对"]);
    }
    // Where no cell decides, both are written, and the status says that somebody must choose.
    place.write("data/applications.csv", rows(["05/04/2026", "03/02/2026"]));
    let said = place.yekuo("map data --force").ends(1).out;
    let readings = "applications.csv 的「accepted_at」：03/02/2026 可读作 dmy = 2026-02-03 或 mdy = 2026-03-02";
    holds(&said, &["无法判断（业扩工单）", readings, "选定 date_order"]);
    let mapping = place.text("data/sources/own.toml");
    holds(&mapping, &[readings, "\n# date_order = \"dmy\"\n# date_order = \"mdy\"\n"]);
    // A run names the key, although each row has readings of its own.
    let refused = place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out o --lang zh");
    holds(&refused.err, &["accepted_at 有两种读法：2 行", "[tables.applications] 中写明 date_order"]);
    // The first thousand rows need not decide it; a later one does.
    let many: String = (0..1100).map(|n| format!("B{n},城东,10000,500,05/04/2026,\n")).collect();
    place.write("data/applications.csv", rows(["05/04/2026", "03/02/2026"]) + &many + "C1,城东,10,500,28/05/2026,\n");
    place.yekuo("map data --force").ends(0);
    holds(&place.text("data/sources/own.toml"), &["\ndate_order = \"dmy\"  # 确定"]);
}

#[test]
fn a_schema_that_others_wrote_is_not_replaced() {
    let place = Place::with_exports();
    place.yekuo("map data").ends(0);
    let own = place.text("data/sources/own.schema.json");
    place.remove("data/sources/own.toml");
    // What an older one wrote is replaced.
    place.write("data/sources/own.schema.json", own.replacen("\"description\"", "\"$comment\"", 1));
    place.yekuo("map data").ends(0);
    assert_eq!(place.text("data/sources/own.schema.json"), own);
    place.remove("data/sources/own.toml");
    place.write("data/sources/own.schema.json", "{ \"title\": \"mine\" }");
    place.yekuo("map data").fails(2, &["own.schema.json 已经存在"]);
    assert!(!place.path("data/sources/own.toml").exists());
    place.yekuo("map data --force").ends(0);
    assert_eq!(place.text("data/sources/own.schema.json"), own);
}

/// A ledger of three customers, with plans that no stage of the case is planned by.
const LEDGER: &str = "\
工单编号,客户名称,供电单位,电压等级,申请容量,受理时间,现场勘查日期,计划方案答复日期,供电方案答复日期,装表责任部门,装表派工日期,装表完成日期,工单状态,办结日期
A1,甲厂,城东,10,500,2026-05-04,2026-05-06,2026-05-20,2026-05-18,营销部,2026-05-20,2026-05-22,已送电,2026-05-29
A2,乙店,城西,10,315,2026-05-05,2026-05-08,2026-05-19,2026-05-21,,2026-05-25,,在途,
A3,丙院,城东,10,315,2026-05-06,2026-05-09,2026-05-20,,,,,已终止,2026-05-25
A4,丁场,城西,10,315,2026-05-06,2026-05-09,2026-05-20,,,,,转甲类,
";

#[test]
fn a_ledger_is_mapped_and_run_without_a_line_by_hand() {
    let place = Place::new();
    for name in ["业扩工单", "2026年客户服务台账", "客户投诉登记"] {
        std::fs::remove_dir_all(place.path("data")).ok();
        place.write(&format!("data/{name}.csv"), LEDGER);
        let said = place.yekuo("map data").ends(0).out;
        holds(&said, &["业扩工单", "环节记录"]);
        let mapping = place.text("data/sources/own.toml");
        holds(
            &mapping,
            &[
                "[cases]\nstarts = \"previous\"  # 请核对",
                "columns = { finished_at = \"现场勘查日期\" }  # 请核对：现场勘查 4 条",
                "defaults = { stage = \"现场勘查\", department = \"（未写明）\" }  # 请核对：4 行中 4 行没有责任部门",
                "due_on = \"计划方案答复日期\"",
                "department = \"装表责任部门\", started_at = \"装表派工日期\", finished_at = \"装表完成日期\"",
                "otherwise = { \"工单状态\" = [\"在途\"] }  # 在途 ×1 (0)",
                "energised_at = { \"工单状态\" = [\"已送电\"] }  # 已送电 ×1 (1)",
                "cancelled_at = { \"工单状态\" = [\"已终止\"] }  # 已终止 ×1 (1)",
                "# 未采用：看不出以下词指送电、撤销还是在途，请写入 when 或 otherwise：\"转甲类\"  # 转甲类 ×1 (0)",
            ],
        );
        // A plan of a stage is no wish of the customer, and an acceptance starts no stage.
        for foreign in ["columns.desired_on", "started_at = \"受理时间\"", "[tables.complaints]"] {
            assert!(!mapping.contains(foreign), "{foreign}: {mapping}");
        }
        place.yekuo("run --data data --as-of 2026-05-31 --allow-stale --out o").ends(0);
        let stages = place.table("lake/o/clean/stages.parquet");
        let columns = ["application_id", "stage", "department", "started_on", "finished_on"];
        let expected = [
            "A1 | survey | （未写明） | 2026-05-04 | 2026-05-06",
            "A1 | scheme | （未写明） | 2026-05-06 | 2026-05-18",
            "A1 | metering | 营销部 | 2026-05-20 | 2026-05-22",
            "A2 | survey | （未写明） | 2026-05-05 | 2026-05-08",
            "A2 | scheme | （未写明） | 2026-05-08 | 2026-05-21",
            "A2 | metering | （未写明） | 2026-05-25 | -",
            "A3 | survey | （未写明） | 2026-05-06 | 2026-05-09",
            "A3 | scheme | （未写明） | - | -",
            "A4 | survey | （未写明） | 2026-05-06 | 2026-05-09",
            "A4 | scheme | （未写明） | - | -",
        ];
        assert_eq!(lines(&stages.select(columns).unwrap()), expected);
        let cases = &place.json("o/run.json")["cases"];
        assert_eq!((&cases["cancelled"], &cases["starts_taken"]), (&json!(1), &json!(6)));
    }
}

#[test]
fn the_ledgers_of_the_cases_publish() {
    let cases = project().parent().map(|parent| parent.join("shared/cases"));
    for name in ["18-wide-ledger", "50-wide-ledger-with-usual-name"] {
        let Some(data) = cases.as_ref().map(|cases| cases.join(name).join("data")).filter(|data| data.is_dir()) else {
            eprintln!("{name} is not here: passed over");
            continue;
        };
        let place = Place::new();
        for entry in std::fs::read_dir(data).unwrap().map(Result::unwrap) {
            place.write(&format!("data/{}", entry.file_name().to_string_lossy()), std::fs::read(entry.path()).unwrap());
        }
        place.yekuo("map data").ends(0);
        place.yekuo("run --data data --as-of 2026-06-30 --out o").ends(0);
        assert_eq!(place.table("lake/o/clean/stages.parquet").height(), 72);
    }
}

/// What the headers of a log are called: case, activity, lifecycle, moment, department, person, bureau, voltage, capacity.
const LOGS: [[&str; 9]; 2] = [
    [
        "Case ID",
        "Activity",
        "lifecycle:transition",
        "Timestamp",
        "Org unit",
        "Resource",
        "Branch",
        "Voltage (kV)",
        "Capacity (kVA)",
    ],
    ["案例编号", "活动名称", "生命周期", "时间戳", "部门", "处理人", "供电单位", "电压等级", "申请容量"],
];

/// A log of the canonical sample: a row when a stage starts and one when it ends, in the order of time.
fn log_of(place: &Place, headers: [&str; 9], with_lifecycle: bool) -> Vec<Vec<String>> {
    let stages = cells(place, "data/stages.csv");
    let at = |name: &str| stages[0].iter().position(|header| header == name).unwrap();
    let applications = cells(place, "data/applications.csv");
    let of = |name: &str| applications[0].iter().position(|header| header == name).unwrap();
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for stage in &stages[1..] {
        let case = applications.iter().find(|row| row[of("application_id")] == stage[at("application_id")]).unwrap();
        let ends: &[(&str, &str)] = match with_lifecycle {
            true => &[("start", "started_at"), ("complete", "finished_at")],
            false => &[("complete", "finished_at")],
        };
        for (transition, moment) in ends.iter().filter(|(_, moment)| !stage[at(moment)].is_empty()) {
            let day = stage[at(moment)].clone();
            let (date, time) = day.split_once(' ').unwrap_or((&day, "00:00:00"));
            let [year, month, date] = date.split('-').collect::<Vec<_>>()[..] else { panic!("{day}") };
            let shown = format!("{date}.{month}.{year} {time}");
            let own = ["application_id", "stage"].map(|name| stage[at(name)].clone());
            let rest = ["department", "handler"].map(|name| stage[at(name)].clone());
            let case = ["bureau", "voltage_kv", "capacity_kva"].map(|name| case[of(name)].replace('.', ","));
            let row = [&own[..], &[(*transition).to_owned(), shown], &rest, &case].concat();
            rows.push((day, row));
        }
    }
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    let headers = headers.map(str::to_owned).to_vec();
    let rows = [headers].into_iter().chain(rows.into_iter().map(|(_, row)| row));
    let keep = |row: Vec<String>| -> Vec<String> {
        row.into_iter().enumerate().filter(|(index, _)| with_lifecycle || *index != 2).map(|(_, cell)| cell).collect()
    };
    rows.map(keep).collect()
}

#[test]
fn an_event_log_is_mapped_and_run_without_a_line_by_hand() {
    let place = Place::new();
    place.yekuo("sample data --applications 30 --layout canonical").ends(0);
    place.yekuo("run --data data --as-of 2026-06-30 --allow-stale --out before").ends(0);
    let passes = |out: &str| {
        let columns = ["application_id", "stage", "department", "started_on", "finished_on"];
        let all = lines(&place.table(&format!("lake/{out}/clean/stages.parquet")).select(columns).unwrap());
        let mut all: Vec<String> = all.into_iter().filter(|row| !row.ends_with("| - | -")).collect();
        all.sort();
        all
    };
    let before = passes("before");
    for headers in LOGS {
        let rows = log_of(&place, headers, true);
        let text: String = rows.iter().map(|row| row.join(";") + "\n").collect();
        std::fs::remove_dir_all(place.path("log")).ok();
        place.write("log/导出.csv", text);
        place.yekuo("map log").ends(0);
        let mapping = place.text("log/sources/own.toml");
        holds(
            &mapping,
            &[
                "begins = \"first\"  # 请核对",
                "ends = [\"energisation\"]  # 请核对",
                "repeat = \"first\"",
                "date_order = \"dmy\"  # 确定",
                "decimal = \",\"  # 确定",
            ],
        );
        let said = place.yekuo("run --data log --as-of 2026-06-30 --allow-stale --out after").ends(0).err;
        assert_eq!(passes("after"), before, "{mapping}\n{said}");
        let voltages = place.table("lake/after/clean/applications.parquet").select(["voltage_kv"]).unwrap();
        assert!(lines(&voltages).iter().all(|voltage| voltage.parse::<f64>().unwrap() > 0.0), "{mapping}");
    }
    // Without a lifecycle the moment of an event is the finish of its stage.
    let rows = log_of(&place, LOGS[0], false);
    place.write("plain/log.csv", rows.iter().map(|row| row.join(";") + "\n").collect::<String>());
    place.yekuo("map plain").ends(0);
    let mapping = place.text("plain/sources/own.toml");
    holds(&mapping, &["columns.finished_at = \"Timestamp\"", "starts = \"previous\"  # 请核对"]);
    place.yekuo("run --data plain --as-of 2026-06-30 --allow-stale --out alone").ends(0);
    let finished = before.iter().filter(|row| !row.ends_with("| -")).count();
    assert_eq!(passes("alone").len(), finished);
}

#[test]
fn events_of_one_moment_stand_in_the_order_of_the_file() {
    let place = Place::new();
    let rows: String = (0..40)
        .map(|n| {
            let at = format!("2026-05-{:02} 09:00:00", n % 28 + 1);
            format!("C{n},survey,{at},甲\nC{n},acceptance,{at},甲\nC{n},acceptance,{at},甲\nC{n},energisation,2026-06-01 10:00:00,甲\n")
        })
        .collect();
    place.write("data/log.csv", format!("case_id,activity,timestamp,resource\n{rows}"));
    place.yekuo("map data").ends(0);
    let mapping = place.text("data/sources/own.toml");
    holds(
        &mapping,
        &[
            "order = \"file\"  # 请核对：同一时刻的事件很多（120 / 160）",
            "repeat = \"pass\"  # 请核对：有 40 行的工单、环节与时间都相同",
            "defaults.bureau = \"（未写明）\"  # 请核对",
            "defaults.department = \"（未写明）\"  # 请核对",
            "defaults.voltage_kv = \"0\"  # 请核对",
        ],
    );
    place.yekuo("run --data data --as-of 2026-06-02 --out o").ends(0);
    assert_eq!(place.table("lake/o/clean/stages.parquet").height(), 160);
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

/// The rows of every table.
type Rows = BTreeMap<&'static str, Vec<Vec<String>>>;

/// What a folder gives by a mapping: the rows of every table, with the survey, or why it is refused.
fn lake_of(data: &Path, mapping: &Mapping, words: &Vocabulary) -> Result<(Rows, Survey), String> {
    let folder = tempfile::tempdir().unwrap();
    let (lake, rejects) = (folder.path().join("lake"), folder.path().join("rejects"));
    std::fs::create_dir_all(&lake).unwrap();
    let settings = settings(data, mapping, words, &lake, &rejects);
    let ledger = ingested(&settings).map_err(|error| error.report(Lang::En))?;
    ledger.gate(0.05).map_err(|error| error.report(Lang::En))?;
    let rows = |table: &Table| {
        let files = lake::raw_files(&lake, table.name).unwrap();
        let frames = files.iter().map(|file| lake::read(file).unwrap().drop("source_line").unwrap());
        let mut rows: Vec<Vec<String>> = frames.flat_map(|frame| shown(&frame)).collect();
        rows.sort();
        rows
    };
    Ok((TABLES.iter().map(|table| (table.name, rows(table))).collect(), ledger.survey))
}

/// The mapping that is guessed of a folder, with its text.
fn guessed(data: &Path, words: &Vocabulary) -> (Mapping, String) {
    let (usual, nowhere) = (Mapping::default(), Path::new(""));
    let text = guess::of(&settings(data, &usual, words, nowhere, nowhere)).unwrap().text(Lang::En);
    let mapping = Mapping::open(&TomlFile::new("own.toml", text.as_str()), words);
    (mapping.unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}")), text)
}

/// What is done to one header, or to the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Done {
    Dropped,
    Chinese,
    Renamed,
    Lost,
    Doubled,
    Moved,
    SheetDropped,
    SheetDoubled,
}

const EVERY: [Done; 8] = [
    Done::Dropped,
    Done::Chinese,
    Done::Renamed,
    Done::Lost,
    Done::Doubled,
    Done::Moved,
    Done::SheetDropped,
    Done::SheetDoubled,
];

fn changed(table: &Table, rows: &[Vec<String>], index: usize, done: Done) -> Vec<Vec<String>> {
    let mut rows = rows.to_vec();
    match done {
        Done::Dropped => rows.iter_mut().for_each(|row| drop(row.remove(index))),
        Done::Chinese => {
            let own = table.columns.iter().find(|column| column.name == rows[0][index]).unwrap();
            rows[0][index] = own.zh.first().copied().unwrap_or(own.name).to_owned();
        }
        Done::Renamed => rows[0][index] += "旧",
        Done::Lost => rows[0][index] = "某列".to_owned(),
        Done::Doubled => rows.iter_mut().for_each(|row| row.push(row[index].clone())),
        Done::Moved => rows.iter_mut().for_each(|row| row.rotate_left(index)),
        Done::SheetDropped | Done::SheetDoubled => {}
    }
    rows
}

/// Writes the tables as files, or as sheets of one workbook that say nothing by their names.
fn lay_out(place: &Place, tables: &[(String, Vec<Vec<String>>)], as_book: bool) {
    std::fs::remove_dir_all(place.path("few")).ok();
    if !as_book {
        tables.iter().for_each(|(name, rows)| write(place, &format!("few/{name}.csv"), rows));
        return;
    }
    let book = super::drawn(|book| {
        for (number, (_, rows)) in tables.iter().enumerate() {
            let sheet = book.add_worksheet().set_name(format!("表{number}")).unwrap();
            for (at, row) in rows.iter().enumerate() {
                for (column, cell) in row.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                    sheet.write_string(at as u32, column as u16, cell).unwrap();
                }
            }
        }
    });
    place.write("few/导出.xlsx", book);
}

/// The first rows of each table of the sample, and what is read of them.
struct Few {
    place: Place,
    words: Vocabulary,
    tables: Vec<(String, Vec<Vec<String>>)>,
    before: Rows,
}

impl Few {
    fn new() -> Few {
        const ROWS: usize = 12;
        let place = Place::new();
        place.yekuo("sample data --applications 40 --layout canonical").ends(0);
        let words = Config::load(None).unwrap().vocabulary();
        let rows = |table: &Table| {
            let mut rows = cells(&place, &format!("data/{}.csv", table.name));
            rows.truncate(if table.name == "applications" { usize::MAX } else { ROWS });
            (table.name.to_owned(), rows)
        };
        let tables: Vec<_> = TABLES
            .iter()
            .filter(|table| table.required || table.name == "delays" || table.name == "callbacks")
            .map(rows)
            .collect();
        lay_out(&place, &tables, false);
        let (before, _) = lake_of(&place.path("few"), &Mapping::default(), &words).unwrap();
        Few { place, words, tables, before }
    }

    /// Whether the rows are the same, or what is lost is named.
    fn holds(&self, number: usize, index: usize, done: Done, as_book: bool) -> Result<(), TestCaseError> {
        let mut tables = self.tables.clone();
        let (name, rows) = tables[number].clone();
        let table = Table::named(&name).unwrap();
        let index = index % rows[0].len();
        let column = rows[0][index].clone();
        tables[number].1 = changed(table, &rows, index, done);
        match done {
            Done::SheetDropped => drop(tables.remove(number)),
            Done::SheetDoubled => tables.push((format!("{name}_2"), rows)),
            _ => {}
        }
        tables.rotate_left(index % 3);
        lay_out(&self.place, &tables, as_book);
        let data = self.place.path("few");
        let stood_in = match tables.iter().position(|(other, _)| *other == name).filter(|_| as_book) {
            Some(number) => format!("表{number}"),
            None => format!("{name}.csv"),
        };
        let (mapping, text) = guessed(&data, &self.words);
        let read = lake_of(&data, &mapping, &self.words);
        let is_same = read.as_ref().is_ok_and(|(rows, _)| *rows == self.before);
        let is_named = match (&read, done) {
            (Ok((rows, _)), Done::SheetDropped) => rows
                .iter()
                .all(|(other, rows)| if *other == name { rows.is_empty() } else { *rows == self.before[other] }),
            (Ok((rows, survey)), _) => {
                // Without a column that every row needs the table is not read, which the run says of its file or sheet.
                let is_left_out = || survey.losses(Lang::En, Costs::OfEach).iter().any(|line| line.contains(&stood_in));
                survey.lacking().any(|absent| absent.name() == format!("{name}.{column}"))
                    || rows[name.as_str()].is_empty() && is_left_out()
            }
            (Err(refusal), Done::SheetDropped | Done::SheetDoubled) => refusal.contains(&name),
            (Err(refusal), _) => refusal.contains(&column),
        };
        prop_assert!(
            is_same || is_named,
            "{name}.{column} {done:?} as_book={as_book}: {:?}\n{text}",
            read.map(|(rows, _)| rows.into_iter().map(|(name, rows)| (name, rows.len())).collect::<Vec<_>>())
        );
        Ok(())
    }
}

#[test]
fn whatever_is_done_to_a_header_the_rows_are_the_same_or_the_loss_is_named() {
    let few = Few::new();
    let tables = few.tables.len();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 16,
        max_shrink_iters: 0,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let drawn = (0..tables, any::<prop::sample::Index>(), prop::sample::select(&EVERY[..]), any::<bool>());
    let result = runner.run(&drawn, |(table, index, done, as_book)| few.holds(table, index.index(100), done, as_book));
    result.unwrap();
}
