//! The workbook: text stays text, sums are right, and every sheet is ready to print.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};

use super::page::{PAYLOADS, payloads};
use crate::place::Place;

/// The parts of `report/assessment.xlsx`, as text.
pub fn parts(place: &Place) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(place.bytes("report/assessment.xlsx"))).unwrap();
    let mut parts = BTreeMap::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        let name = part.name().unwrap().into_owned();
        parts.insert(name, text);
    }
    parts
}

/// The rows of a sheet.
fn rows(place: &Place, sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
    let range = book.worksheet_range(sheet).unwrap_or_else(|error| panic!("{sheet}: {error}"));
    range.rows().map(<[Data]>::to_vec).collect()
}

fn number(cell: &Data) -> f64 {
    match cell {
        Data::Float(number) => *number,
        Data::Int(number) => *number as f64,
        other => panic!("{other:?} is no number"),
    }
}

#[test]
fn every_text_stays_text() {
    let place = payloads();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    let parts = parts(&place);
    for (name, part) in &parts {
        for active in ["<f ", "TargetMode", "externalLink", "oleObject", "ddeLink", "<script"] {
            assert!(!part.contains(active), "{name} has {active}");
        }
        // The only formulas are the sums below lists.
        for formula in part.split("<f>").skip(1) {
            let formula = formula.split("</f>").next().unwrap();
            let cells = formula.strip_prefix("SUBTOTAL(109,").and_then(|cells| cells.strip_suffix(')'));
            let is_range =
                |cells: &str| cells.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ':');
            assert!(cells.is_some_and(is_range), "{name}: {formula}");
        }
        assert!(!name.contains("external") && !name.contains("vba") && !name.contains("macro"), "{name}");
        assert!(!part.contains(|c: char| c.is_control() && !c.is_whitespace()) && !part.contains('\u{fffe}'), "{name}");
    }

    // 部门, 工单编号, 供电单位: as they were written, but for white space and what no file can hold.
    let rows = rows(&place, "考核表");
    let texts = |column: usize| {
        rows[3..3 + PAYLOADS.len()].iter().map(move |row| match &row[column] {
            Data::String(text) => text.clone(),
            other => panic!("{other:?} is no text"),
        })
    };
    for (column, number) in [(1, ""), (2, "3"), (3, "")] {
        let texts: Vec<String> = texts(column).collect();
        for payload in ["=1+1", "+cmd|' /C calc'!A1", "@SUM(A1)", "<script>alert(1)</script>", "]]>", "&lt;&amp;&#60;"]
        {
            assert!(texts.iter().any(|text| text.starts_with(payload)), "{column}{number}: {payload} not in {texts:?}");
        }
    }
}

/// Links lead to sheets of the same workbook, and to nowhere else: from the first to every other, and back.
fn links_lead_to_sheets(parts: &BTreeMap<String, String>, sheets: &[&str]) {
    let (first, last) = (sheets[0], sheets[sheets.len() - 1]);
    for (index, name) in sheets.iter().enumerate() {
        let part = &parts[&format!("xl/worksheets/sheet{}.xml", index + 1)];
        let links = part.split("<hyperlink ").skip(1).map(|rest| rest.split("/>").next().unwrap());
        let locations: Vec<&str> = links
            .map(|link| {
                assert!(!link.contains("r:id"), "{name}: {link}");
                let location = link.split("location=\"").nth(1).unwrap().split("!A1\"").next().unwrap();
                location.trim_matches('\'')
            })
            .collect();
        match *name {
            name if name == first => {
                let others = &sheets[1..sheets.len() - 1];
                // Figures lead to their tables, and the list of sheets to each of them.
                let (figures, list) = locations.split_at(locations.len() - others.len());
                assert_eq!(list, others, "{name}");
                assert!(figures.len() > 6 && figures.iter().all(|sheet| others.contains(sheet)), "{figures:?}");
            }
            name if name == last => assert!(locations.is_empty(), "{name}"),
            name => assert_eq!(locations, [first], "{name}"),
        }
    }
}

/// Each chart of the workbook takes its values, names and labels from cells beside it, all of which are filled.
fn charts_show_what_stands_beside_them(parts: &BTreeMap<String, String>) {
    let charts: Vec<&String> =
        parts.iter().filter(|(name, _)| name.starts_with("xl/charts/chart")).map(|(_, part)| part).collect();
    assert_eq!(charts.len(), 12, "a chart for each of bars, stacks and lines of the report");
    for chart in charts {
        let ranges: Vec<&str> = chart.split("<c:f>").skip(1).map(|rest| rest.split("</c:f>").next().unwrap()).collect();
        assert!(ranges.len() >= 3 && ranges.iter().all(|range| range.starts_with("图表!$")));
        let values = chart.matches("<c:v>").count();
        assert!(values > ranges.len(), "{values} values of {ranges:?}");
    }
}

#[test]
fn identifiers_of_digits_stay_text() {
    let place = Place::new();
    let id = "0012345678901234567";
    place.write(
        "data/applications.csv",
        format!(
            "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n{id},007,10,500,2026-04-01,\n"
        ),
    );
    place.write(
        "data/stages.csv",
        format!("application_id,stage,department,started_at,finished_at\n{id},survey,1e5,2026-04-01,\n"),
    );
    place.write(
        "data/delays.csv",
        format!("delay_id,application_id,stage,cause,began_at,reported_at,ruling\n000123,{id},survey,customer,2026-04-02,2026-04-02,admitted\n"),
    );
    place.report("report", &["--data", "data", "--as-of", "2026-05-31"]);
    let text = |text: &str| Data::String(text.to_owned());
    // The claim is open and admitted, and so the stage is excused; without it the stage is overdue.
    assert_eq!(rows(&place, "考核表")[3][0], text("本期没有记录"));
    place.write("data/delays.csv", format!("delay_id,application_id,stage,cause,began_at,ended_at,reported_at\n000123,{id},survey,customer,2026-04-02,2026-04-03,2026-04-02\n"));
    place.report("report", &["--data", "data", "--as-of", "2026-04-30"]);
    let overdue = rows(&place, "考核表");
    assert_eq!(overdue[3][1..4], [text("1e5"), text(id), text("007")]);
    assert_eq!(rows(&place, "剔除明细")[3][..2], [text("1e5"), text(id)]);
    assert_eq!(rows(&place, "剔除明细")[3][4], text("000123"));
    assert_eq!(rows(&place, "环节超时统计")[3][1..3], [text("007"), text("1e5")]);
}

/// Sheets of the sample without rows: it has no earlier report, and its conclusions fit.
const WITHOUT_ROWS: [&str; 4] = ["未对应环节的延误说明", "无法判定的承诺", "以往月份变动", "未采用的核实结论"];

#[test]
fn every_sheet_is_ready_to_print() {
    let place = Place::new();
    place.yekuo("sample exports").ends(0);
    place.report("report", &["--data", "exports", "--as-of", "2026-06-30"]);
    let parts = parts(&place);
    let workbook = &parts["xl/workbook.xml"];
    let sheets: Vec<&str> =
        workbook.split("<sheet name=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(
        sheets,
        [
            "摘要",
            "考核表",
            "未采用的核实结论",
            "部门考核汇总",
            "供电单位考核汇总",
            "个人考核汇总",
            "指标目标",
            "剔除明细",
            "取决于核实的环节",
            "待核实延误说明清单",
            "未对应环节的延误说明",
            "长期挂起清单",
            "上游延误",
            "以往月份变动",
            "各级单位排名",
            "部门超时排名",
            "部门 × 环节",
            "经办人",
            "客户经理考核表",
            "客户回访",
            "回访问题",
            "回访问题整改表",
            "应回访未回访",
            "送电回访满意度",
            "服务承诺兑现",
            "未兑现的服务承诺",
            "第三方满意度指数",
            "第三方满意度分项",
            "阳光业扩（三不指定）",
            "客户投诉",
            "外联工单",
            "故障抢修",
            "无法判定的承诺",
            "部门协调答复",
            "计划调整统计",
            "停电接入计划",
            "客户走访",
            "问责约谈通报",
            "受限设备与潜在需求",
            "重载受限设备",
            "潜在需求",
            "大客户经理配备",
            "周期归谁",
            "送电周期（按服务方式）",
            "送电周期",
            "时限达标率",
            "业务量（全部）",
            "业务量",
            "延误说明认定",
            "环节超时统计",
            "全部门月度超时率",
            "数据质量",
            "表头与列",
            "未用的内容",
            "缺少的列",
            "事件与先后",
            "拒收原因",
            "记录不完整的工单",
            "图表",
            "指标说明",
        ]
    );
    for (index, name) in sheets.iter().enumerate() {
        let sheet = &parts[&format!("xl/worksheets/sheet{}.xml", index + 1)];
        assert!(sheet.contains("<pageSetup paperSize=\"9\"") && sheet.contains("orientation=\"landscape\""), "{name}");
        if *name == "摘要" {
            // A page of its own; the way to the other sheets is for the screen.
            assert!(sheet.contains("fitToPage=\"1\"") && !sheet.contains("fitToHeight"), "{name}");
            assert!(workbook.contains("<definedName name=\"_xlnm.Print_Area\" localSheetId=\"0\">摘要!$A$1:$G$"));
            continue;
        }
        if *name == "图表" {
            assert!(sheet.contains("<drawing ") && sheet.contains("fitToPage=\"1\""), "{name}");
            continue;
        }
        assert!(sheet.contains("state=\"frozen\""), "{name}");
        assert!(sheet.contains("fitToPage=\"1\"") && sheet.contains("fitToHeight=\"0\""), "{name}");
        if *name != "指标说明" {
            let quoted = if name.contains(['（', ' ']) { format!("'{name}'") } else { (*name).to_owned() };
            // Without rows there is nothing to filter; without an earlier report nothing has moved.
            assert_eq!(sheet.contains("<autoFilter ref=\"A3:"), !WITHOUT_ROWS.contains(name), "{name}");
            assert!(
                workbook.contains(&format!(
                    "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{index}\">{quoted}!$3:$3<"
                )),
                "{name}"
            );
        }
    }
    links_lead_to_sheets(&parts, &sheets);
    charts_show_what_stands_beside_them(&parts);
    // Of figures by month the report's own are printed.
    let area = workbook.split("部门超时排名!$A$1:$N$").find_map(|rest| rest.split('<').next()?.parse::<usize>().ok());
    let (ranking, end) = (rows(&place, "部门超时排名"), area.unwrap());
    assert!(end > 8 && ranking[3..end].iter().all(|row| row[0] == ranking[3][0]) && ranking[end][0] != ranking[3][0]);
    let properties = &parts["docProps/core.xml"];
    assert_eq!(properties.matches(">2026-06-30T00:00:00Z<").count(), 2, "{properties}");

    // 合计 stands below the filtered rows, as figures that add up.
    for (sheet, sums, counted) in [("考核表", &[12, 13, 14, 15, 16][..], "项"), ("剔除明细", &[13, 14, 15, 16], "条")]
    {
        let rows = rows(&place, sheet);
        let (total, cases) = rows[3..].split_last().unwrap();
        assert!(cases.len() > 5, "{sheet}: {}", cases.len());
        assert_eq!(total[0], Data::String("合计".to_owned()), "{sheet}");
        assert!(total.contains(&Data::String(format!("{} {counted}", cases.len()))), "{sheet}");
        for column in sums {
            let sum: f64 = cases.iter().map(|row| number(&row[*column])).sum();
            assert_eq!(number(&total[*column]), sum, "{sheet}: {}", rows[2][*column]);
        }
        let index = sheets.iter().position(|name| *name == sheet).unwrap() + 1;
        let filter = format!("<autoFilter ref=\"A3:{}{}\"", if sheet == "考核表" { "Z" } else { "S" }, cases.len() + 3);
        assert!(parts[&format!("xl/worksheets/sheet{index}.xml")].contains(&filter), "{sheet}");
    }
    // Net is gross less excluded, and over is what it exceeds the limit by.
    let rows = rows(&place, "考核表");
    for row in &rows[3..rows.len() - 1] {
        assert_eq!(number(&row[15]), number(&row[12]) - number(&row[13]), "{row:?}");
        assert_eq!(number(&row[16]), number(&row[15]) - number(&row[11]), "{row:?}");
    }
}
