//! Every pipeline on the sample: whole reports in both languages, hand-outs, changes, and what everybody may see.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use calamine::{Reader, Xlsx};

use crate::place::{Place, holds, lines, project, without};

const PIPELINES: [(&str, &str, &[&str]); 7] = [
    ("monthly", "assessment.xlsx", &["考核表", "剔除明细", "客户经理考核表"]),
    ("weekly", "weekly.xlsx", &["订单式服务工作考评表", "催办清单", "本期超时环节"]),
    ("half-monthly", "half-monthly.xlsx", &["重点项目", "领导挂牌督办", "督办升级清单"]),
    ("daily", "daily.xlsx", &["督办升级清单", "全方位协调会清单", "在途工单"]),
    ("public", "public.xlsx", &[]),
    (
        "comparison",
        "comparison.xlsx",
        &["换一种算法结论变不变", "订单式是否更快", "订单式与常规同类对比", "未找到可比对象的订单式项目"],
    ),
    ("bottleneck", "bottleneck.xlsx", &["超时率控制图", "在途工单"]),
];

/// Runs a pipeline of the project on the committed sample.
fn report(place: &Place, name: &str, out: &str, more: &[&str]) {
    let file = project().join(format!("pipelines/{name}.toml"));
    place.report(out, &[&[file.to_str().unwrap()], more].concat());
}

#[test]
fn every_pipeline_runs_on_the_sample() {
    for (name, workbook, sheets) in PIPELINES {
        let place = Place::new();
        report(&place, name, "zh", &[]);
        report(&place, name, "en", &["--lang", "en"]);
        for lang in ["zh", "en"] {
            // SQL has nulls.
            let page = without(&place.pages(lang), "<code", "</code>");
            assert!(!page.contains("NaN") && !page.contains("null"), "{name} {lang}");
            assert!(page.contains("<figure"), "{name} {lang}");
            assert!(page.contains("class=\"card\""), "{name} {lang}");
            let mut book: Xlsx<_> = calamine::open_workbook(place.path(&format!("{lang}/{workbook}"))).unwrap();
            let names = book.sheet_names();
            assert!(lang == "en" || sheets.iter().all(|sheet| names.iter().any(|n| n == sheet)), "{name}: {names:?}");
            for sheet in &names {
                assert!(book.worksheet_range(sheet).unwrap().height() >= 3, "{name} {lang}: {sheet}");
            }
        }
        // The marts are the same in both languages; and the whole of what is the longest and the shortest list of
        // tables in a second run, over the first.
        assert_eq!(place.files("zh/marts"), place.files("en/marts"), "{name}");
        if ["daily", "public"].contains(&name) {
            let before = place.files("zh");
            report(&place, name, "zh", &[]);
            assert!(before == place.files("zh"), "{name}: another run, other bytes");
        }
    }
}

#[test]
fn a_pipeline_ends_where_its_rhythm_says() {
    let place = Place::new();
    for (name, from, to) in [
        ("monthly", "2026-06-01", "2026-06-30"),
        ("weekly", "2026-06-22", "2026-06-28"),
        ("half-monthly", "2026-06-16", "2026-06-30"),
        ("daily", "2026-07-03", "2026-07-03"),
        ("public", "2026-06-01", "2026-06-30"),
        ("bottleneck", "2026-06-01", "2026-06-30"),
        ("comparison", "2026-06-01", "2026-06-30"),
    ] {
        report(&place, name, &format!("{name}/report"), &[]);
        let run = place.json(&format!("{name}/report/run.json"));
        assert_eq!((&run["period_from"], &run["as_of"]), (&from.into(), &to.into()), "{name}");
    }
}

#[test]
fn each_department_and_each_owner_has_a_workbook() {
    let place = Place::new();
    report(&place, "daily", "report", &[]);
    let rows = |table: &str, column: &str, value: &str| {
        let table = place.table(&format!("report/marts/{table}.parquet"));
        lines(&table.select([column]).unwrap()).into_iter().filter(|text| text == value).count()
    };
    let reminders = place.table("report/marts/reminder.parquet");
    let waiting = place.table("report/marts/request_waiting.parquet");
    let mut departments = lines(&reminders.select(["department"]).unwrap());
    departments.extend(lines(&waiting.select(["department"]).unwrap()));
    departments.sort();
    departments.dedup();
    let files = place.files("report/handouts/部门");
    assert_eq!(
        files.keys().cloned().collect::<Vec<_>>(),
        departments.iter().map(|d| format!("{d}.xlsx")).collect::<Vec<_>>()
    );
    for department in &departments {
        let mut book: Xlsx<_> =
            calamine::open_workbook(place.path(&format!("report/handouts/部门/{department}.xlsx"))).unwrap();
        let mut told = 0;
        for sheet in book.sheet_names() {
            told += book.worksheet_range(&sheet).unwrap().height() - 3;
        }
        let expected = rows("reminder", "department", department) + rows("request_waiting", "department", department);
        assert_eq!(told, expected, "{department}");
    }
    // Every open application is in the hands of one owner.
    let mut owned = 0;
    for file in place.files("report/handouts/工单主人").keys() {
        let mut book: Xlsx<_> =
            calamine::open_workbook(place.path(&format!("report/handouts/工单主人/{file}"))).unwrap();
        let sheet = book.sheet_names().remove(0);
        owned += book.worksheet_range(&sheet).unwrap().height() - 3;
    }
    assert_eq!(owned, place.table("report/marts/watchlist.parquet").height());
}

#[test]
fn a_report_tells_what_changed_since_the_last() {
    let place = Place::new();
    report(&place, "weekly", "reports/a", &["--as-of", "2026-06-14"]);
    let page = place.pages("reports/a");
    assert!(page.contains("没有此前的报告可比较。"), "nothing to compare with");
    report(&place, "weekly", "reports/b", &["--as-of", "2026-06-28"]);
    assert_eq!(place.json("reports/b/run.json")["period_from"], "2026-06-15");
    let page = place.pages("reports/b");
    assert!(page.contains("与 2026-06-14 的报告比较。"));

    let mut book: Xlsx<_> = calamine::open_workbook(place.path("reports/b/weekly.xlsx")).unwrap();
    let sheet = book.worksheet_range("自上期以来的变化").unwrap();
    let rows: Vec<Vec<String>> =
        sheet.rows().skip(3).map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let ids = |report: &str| -> Vec<String> {
        lines(&place.table(&format!("{report}/marts/watchlist.parquet")).select(["application_id"]).unwrap())
    };
    let (before, now) = (ids("reports/a"), ids("reports/b"));
    let count = |change: &str| rows.iter().filter(|row| row[3] == change).count();
    assert_eq!(count("新增在途"), now.iter().filter(|id| !before.contains(id)).count());
    assert_eq!(count("已送电") + count("已撤销"), before.iter().filter(|id| !now.contains(id)).count());
    assert!(count("新增在途") > 0 && count("已送电") > 0 && count("环节变动") > 0);

    // Another report can be named; one of another pipeline, of a later day, or none at all cannot.
    report(&place, "weekly", "other/c", &["--as-of", "2026-06-28", "--since", "reports/a"]);
    assert_eq!(place.json("other/c/run.json")["since"], "2026-06-14");
    let weekly = project().join("pipelines/weekly.toml");
    let run = |since: &str, pipeline: &std::path::Path| {
        let pipeline = pipeline.to_str().unwrap();
        place.run(&["run", pipeline, "--as-of", "2026-06-14", "--since", since, "--out", "no", "--lang", "en"])
    };
    run("reports/b", &weekly).fails(2, &["cannot compare with reports/b", "not before 2026-06-14"]);
    run("reports", &weekly).fails(2, &["there is no report in it"]);
    run("reports/a", &project().join("pipelines/daily.toml")).fails(2, &["of the pipeline `weekly`"]);
    assert!(!place.path("no").exists());
}

#[test]
fn a_past_month_that_moves_is_told() {
    let place = Place::new();
    let applications =
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,East,0.4,8,2026-03-02,\n";
    place.write("data/applications.csv", applications);
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,Survey,2026-03-02,2026-03-12\n",
    );
    place.report("reports/march", &["--data", "data", "--as-of", "2026-03-31"]);
    place.write(
        "data/delays.csv",
        "application_id,stage,cause,began_at,ended_at,reported_at,ruling\nA1,survey,customer,2026-03-02,2026-03-11,2026-03-03,admitted\n",
    );
    place.report("reports/april", &["--data", "data", "--as-of", "2026-04-30"]);
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("reports/april/assessment.xlsx")).unwrap();
    let sheet = book.worksheet_range("以往月份变动").unwrap();
    let rows: Vec<Vec<String>> =
        sheet.rows().skip(3).map(|row| row.iter().skip(1).map(ToString::to_string).collect()).collect();
    assert_eq!(rows, [["Survey", "超时（剔除后）", "1", "0"]]);
}

#[test]
fn what_a_pipeline_names_must_be_there() {
    for (line, words) in [
        ("tables = [\"watchlst\"]", &["p.toml:3", "there is no table `watchlst`", "did you mean `watchlist`"][..]),
        ("tables = [\"watchlist\", \"*\", \"watchlist\"]", &["`watchlist` is named twice"]),
        ("charts = [\"owner\"]", &["there is no chart `owner`", "did you mean `owners`"]),
        ("headlines = [\"opens\"]", &["there is no headline `opens`", "did you mean `open`"]),
        ("rhythm = \"year\"", &["unknown variant `year`"]),
        ("workbook = \"../x.xlsx\"", &["a workbook's name"]),
        ("public = true\ntables = [\"watchlist\"]", &["`watchlist` is for the office"]),
        (
            "tables = [\"reminder\"]\nhandouts = [{ by = [\"colour\"], title = { zh = \"\", en = \"\" }, tables = [\"reminder\"] }]",
            &["`reminder` cannot be handed out by `colour`"],
        ),
    ] {
        let place = Place::new();
        place.write("p.toml", format!("name = \"p\"\ntitle = {{ zh = \"\", en = \"\" }}\n{line}\n"));
        place.yekuo("run p.toml --data data --lang en --out no").fails(2, words);
    }
}

/// Without its optional table a list, a column and a figure say «no data»; nothing is a zero.
#[test]
fn what_is_not_given_is_no_data() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,key_project,accepted_at,energised_at\nA1,East,10,500,true,2026-05-06,\n",
    );
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA1,survey,Survey,2026-05-06,\n",
    );
    for (name, words) in [
        (
            "monthly",
            &["No data: complaints not given.", "No data: faults not given.", "No data: surveys not given."][..],
        ),
        ("daily", &["No data: requests not given."]),
        ("half-monthly", &["<td>no data</td>", "No data: requests not given."]),
        ("public", &["No data: restrictions not given.", "No data: complaints not given."]),
    ] {
        let file = project().join(format!("pipelines/{name}.toml"));
        place.report(name, &[file.to_str().unwrap(), "--data", "data", "--as-of", "2026-05-31", "--lang", "en"]);
        let page = place.pages(name);
        for words in words {
            assert!(page.contains(words), "{name}: no `{words}`");
        }
    }
}

/// Marks planted wherever a name, a telephone number or free text can stand.
const CANARIES: [&str; 21] = [
    "CanaryCategory",
    "CanaryVisited",
    "CanaryOpinion",
    "CanaryRole",
    "CanaryBlamed",
    "CanaryVerifier",
    "CanaryNote",
    "CanaryCustomer",
    "13912345678",
    "CanaryHandler",
    "CanaryReason",
    "CanaryManager",
    "CanaryReplan",
    "CanaryTopic",
    "CanaryAsker",
    "CanaryDemand",
    "CanarySource",
    "CanaryIssue",
    "CanaryDesigner",
    "CanaryBuilder",
    "CanarySupplier",
];

#[test]
fn nothing_personal_is_published() {
    let place = Place::new();
    let mut applications = "application_id,customer_name,customer_phone,bureau,voltage_kv,capacity_kva,manager_id,\
        accepted_at,energised_at,designer,builder,supplier,fee_charged,fee_standard,visits,feeder_or_station\n"
        .to_owned();
    let mut stages = "application_id,stage,department,handler,started_at,finished_at\n".to_owned();
    for number in 0..40 {
        // Contractors of one project each would reveal who their customer is.
        let rare = number < 14;
        let energised = if number % 2 == 0 { "2026-05-20" } else { "" };
        applications += &format!(
            "A{number},CanaryCustomer{number},139123456{number:02},{},10,500,KM1,2026-05-06,{energised},{},{},{},100,{},1,F1\n",
            if number % 7 == 0 { "West" } else { "East" },
            if rare { format!("CanaryDesigner{number}") } else { "Design Ltd".to_owned() },
            if rare { format!("CanaryBuilder{number}") } else { "Build Ltd".to_owned() },
            if rare { format!("CanarySupplier{number}") } else { "Supply Ltd".to_owned() },
            if number % 5 == 0 { 120 } else { 100 },
        );
        stages += &format!("A{number},survey,Survey,CanaryHandler,2026-05-06,\n");
    }
    applications = applications.replace("13912345600", "13912345678");
    place.write("data/applications.csv", applications);
    place.write("data/stages.csv", stages);
    for (table, content) in [
        (
            "delays",
            "application_id,stage,cause,began_at,reported_at,reason\nA1,survey,CanaryReason,2026-05-07,2026-05-07,CanaryReason\n",
        ),
        (
            "callbacks",
            "kind,subject_id,called_at,outcome,score,issue_category,issue_department\nconnection,A0,2026-05-22,reached,5,CanaryIssue,CanaryIssue\n",
        ),
        (
            "complaints",
            "complaint_id,bureau,department,received_at,forwarded_at,satisfied,category\nC1,East,Survey,2026-05-07,2026-05-07,false,CanaryCategory\n",
        ),
        ("managers", "manager_id,name,bureau,full_time\nKM1,CanaryManager,East,true\n"),
        ("visits", "visit_id,manager_id,customer,visited_at,opinion\nV1,KM1,CanaryVisited,2026-05-08,CanaryOpinion\n"),
        (
            "actions",
            "action_id,application_id,kind,taken_at,owner_role,department\nK1,A1,talk,2026-05-20,CanaryRole,CanaryBlamed\n",
        ),
        (
            "verifications",
            "application_id,stage,period,result,verified_by,verified_at,note\nA1,survey,2026-05,withdrawn,CanaryVerifier,2026-06-05,CanaryNote\n",
        ),
        ("replans", "application_id,replanned_at,promised_on,reason\nA1,2026-05-08,2026-06-30,CanaryReplan\n"),
        (
            "requests",
            "request_id,application_id,customer,topic,departments,raised_at\nR1,A1,CanaryAsker,CanaryTopic,Survey,2026-05-08\n",
        ),
        ("demands", "customer,bureau,month,expected_kva,source\nCanaryDemand,East,2026-05,800,CanarySource\n"),
        ("restrictions", "feeder_or_station,bureau,month,load_rate\nF1,East,2026-05,1.1\n"),
        ("surveys", "period,bureau,indicator,weight,score\n2026-05,East,speed,1,90\n"),
    ] {
        place.write(&format!("data/{table}.csv"), content);
    }
    let public = project().join("pipelines/public.toml");
    for lang in ["zh", "en"] {
        place.report("public", &[public.to_str().unwrap(), "--data", "data", "--as-of", "2026-05-31", "--lang", lang]);
        let mut texts = searchable(&place, "public");
        assert!(texts.keys().any(|name| name.ends_with("sharedStrings.xml")));
        assert!(texts.keys().any(|name| name.ends_with("public_progress.parquet")));
        // What is planted can be found: the same search over the office's report finds it.
        for canary in CANARIES {
            for (name, text) in &texts {
                assert!(!text.contains(canary), "{canary} in {name}");
            }
        }
        assert!(texts.remove("run.json").unwrap().contains("public"));
        let progress = place.pages("public");
        assert!(progress.contains("<td>A1</td>") && progress.contains("Build Ltd"));
    }
    place.report("office", &["--data", "data", "--as-of", "2026-05-31"]);
    let office: String = searchable(&place, "office").into_values().collect();
    for canary in ["CanaryManager", "CanaryReason", "CanaryReplan"] {
        assert!(office.contains(canary), "{canary} should be in the office's report: the search would miss it");
    }
}

/// Every byte of a report as text: files as they are, parts of workbooks inflated, Parquet decoded.
fn searchable(place: &Place, report: &str) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for (name, bytes) in place.files(report) {
        if name.ends_with(".xlsx") {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            for index in 0..archive.len() {
                let mut part = archive.by_index(index).unwrap();
                let mut text = String::new();
                part.read_to_string(&mut text).unwrap();
                texts.insert(format!("{name}/{}", part.name().unwrap()), text);
            }
        } else if name.ends_with(".parquet") {
            let table = place.table(&format!("{report}/{name}"));
            let plain = String::from_utf8_lossy(&bytes).into_owned();
            texts.insert(name, lines(&table).join("\n") + &plain);
        } else {
            texts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    texts
}

#[test]
fn a_figure_is_explained_by_its_cases() {
    let place = Place::new();
    report(&place, "monthly", "report", &[]);
    let explain =
        |arguments: &[&str]| place.run(&[&["explain", "--lake", "lake/report"], arguments].concat()).ends(0).out;
    let department = place.table("report/marts/department_month.parquet");
    let months = department.column("month").unwrap().cast(&polars::prelude::DataType::String).unwrap();
    let names = department.column("department").unwrap().str().unwrap();
    let overdue = department.column("overdue_net").unwrap().i64().unwrap();
    let mut told = 0;
    for row in (0..department.height()).filter(|row| months.str().unwrap().get(*row) == Some("2026-06-01")) {
        let (name, count) = (names.get(row).unwrap(), overdue.get(row).unwrap());
        let answer = explain(&[name, "--month", "2026-06", "--mart", "department_month", "--json"]);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let figures = answer["marts"][0]["rows"][0]["figures"].as_array().unwrap();
        let figure = figures.iter().find(|figure| figure["name"] == "overdue_net").unwrap();
        assert_eq!(figure["cases"].as_array().unwrap().len() as i64, count, "{name}");
        assert_eq!(figure["value"], count, "{name}");
        told += count;
    }
    assert!(told > 5);

    // The figures come first; cases where they are asked for.
    let figures = explain(&["营销部"]);
    let rates = figures.lines().filter(|line| line.contains(" rate_net ")).collect::<Vec<_>>().join("\n");
    holds(&rates, &["超时率（剔除后）", " % ", " / ", "2026-06"]);
    assert!(!figures.contains('·'), "{figures}");
    holds(&figures, &["另有下列各表", "stage_overdue", "--cases", "--figure"]);
    holds(
        &explain(&["营销部", "--cases", "--mart", "department_month"]),
        &["超时率（剔除后） rate_net = ", "\n      · "],
    );
    let by_name = explain(&["客户服务 中心", "--mart", "department_month", "--figure", "rate_net"]);
    holds(&by_name, &["部门 客户服务中心", "分子 超时（剔除后） overdue_net：", "分母 已判定 settled："]);
    let across = explain(&["--mart", "department_month", "--figure", "rank", "--month", "2026-06"]);
    holds(&across, &["指标表 department_month", "各行的 参与排名的超时率 rate_ranked", "· 营销部: "]);
    // A code in either language, a voltage without its unit.
    let order = explain(&["--mart", "cycle_by_mode", "--where", "mode=order-style", "--figure", "completed"]);
    assert_eq!(order, explain(&["--mart", "cycle_by_mode", "--where", "mode=订单式", "--figure", "completed"]));
    holds(&explain(&["--mart", "cycle", "--where", "voltage_kv=10", "--figure", "completed"]), &["计入 "]);
    holds(&explain(&["--mart", "cycle", "--month", "2030-01"]), &["有记录的月份：", " 至 2026-06"]);

    let text = explain(&["callback", "--month", "2026-06", "--where", "bureau=城北供电分局", "--figure", "coverage"]);
    assert!(text.contains("回访率 coverage = ") && text.contains(" ÷ "), "{text}");
    let manager = explain(&["KM0404", "--mart", "manager", "--lang", "en"]);
    assert!(manager.starts_with("Manager KM0404, 2026-06 (as of 2026-06-30)"), "{manager}");
    let faults = place.table("lake/report/clean/faults.parquet");
    let fault = explain(&[&lines(&faults.select(["fault_id"]).unwrap())[0]]);
    assert!(fault.contains("报修至到场："), "{fault}");
    let complaints = place.table("lake/report/clean/complaints.parquet");
    let complaint = explain(&[&lines(&complaints.select(["complaint_id"]).unwrap())[0], "--kind", "complaint"]);
    assert!(complaint.contains("投诉当日转派"), "{complaint}");

    let fails = |arguments: &[&str], words: &[&str]| {
        place.run(&[&["explain", "--lake", "lake/report", "--lang", "en"], arguments].concat()).fails(2, words);
    };
    fails(&["nobody"], &["there is no case, manager, department or mart `nobody`"]);
    fails(&["KM0404", "--kind", "department"], &["there is no department `KM0404`"]);
    fails(&["营销部", "--figure", "overdue_nett"], &["no figure `overdue_nett`", "did you mean `overdue_net`"]);
    fails(&["callback", "--where", "bureu=x"], &["no column `bureu`", "did you mean `bureau`"]);
    fails(&["营销部", "--chart", "x.png"], &["there is no application `营销部`"]);
    fails(&["营销部", "--figure", "coverage"], &["no figure `coverage`"]);
    fails(&["营肖部"], &["`营肖部`; did you mean `营销部`?"]);
    fails(&["KM0440"], &["`KM0440`; did you mean `KM0404`?"]);
    fails(&["callbak"], &["did you mean `callback`?"]);
    fails(&["营销部", "--mart", "departmnt_month"], &["did you mean `department_month`?"]);
    fails(
        &["营销部", "--mart", "stage_overdue", "--where", "bureau=城中供电局"],
        &["no value `bureau=城中供电局`", "`bureau=城中供电分局`?"],
    );
    let id = lines(&place.table("lake/report/clean/applications.parquet").select(["application_id"]).unwrap());
    let typo = format!("{}x", &id[7]);
    fails(&[&typo], &[&format!("did you mean `{}`?", id[7])]);
    fails(&[&typo, "--kind", "application"], &[&format!("no application `{typo}`; did you mean `{}`?", id[7])]);
}

/// What each figure is made of is listed, or it is said why not; rates are what stands above the line over what stands
/// below it.
#[test]
fn a_figure_lists_what_makes_it_or_says_why_not() {
    let place = Place::new();
    report(&place, "monthly", "report", &[]);
    // Of each sort of measure some.
    let asked: [&[&str]; 9] = [
        &["营销部"],
        &["KM0404"],
        &["--mart", "cycle"],
        &["--mart", "callback"],
        &["--mart", "promise"],
        &["--mart", "capacity"],
        &["--mart", "survey"],
        &["--mart", "mode_comparison"],
        &["--mart", "flow"],
    ];
    let (mut rates, mut listed) = (0, 0);
    for mart in asked {
        let told = place.run(&[&["explain", "--lake", "lake/report", "--json"], mart].concat()).ends(0).json();
        let rows = told["marts"].as_array().unwrap().iter().flat_map(|mart| mart["rows"].as_array().unwrap());
        for figure in rows.flat_map(|row| row["figures"].as_array().unwrap()) {
            let parts = figure["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(!parts.is_empty() || figure["unlisted"].is_array(), "{mart:?}: {figure}");
            listed += usize::from(!parts.is_empty());
            let n = |role: &str| match parts.iter().filter(|part| part["role"] == role).collect::<Vec<_>>()[..] {
                [part] => part["n"].as_u64(),
                _ => None,
            };
            let arithmetic = figure["arithmetic"].as_str().unwrap();
            if let (Some(above), Some(below), true) = (n("numerator"), n("denominator"), figure["n_of_m"].is_array()) {
                assert_eq!(figure["n_of_m"], serde_json::json!([above, below]), "{mart:?}: {figure}");
                if arithmetic.starts_with(" = ") {
                    assert_eq!(arithmetic, format!(" = {above} ÷ {below}"), "{mart:?}: {figure}");
                }
                rates += 1;
            }
        }
    }
    assert!(rates > 50 && listed > 1_000, "{rates} rates, {listed} figures");
}

/// A figure stands next to its target: on its card, in the table, and in `run.json`.
#[test]
fn a_figure_is_compared_with_its_target() {
    let place = Place::new();
    place.pipelines();
    let mut applications = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\n".to_owned();
    let mut calls = "kind,subject_id,called_at,outcome\n".to_owned();
    // Due in May, in April and in March: of two each, both, one and one are called.
    for (number, energised) in
        ["2026-04-10", "2026-04-12", "2026-03-10", "2026-03-12", "2026-02-10", "2026-02-12"].into_iter().enumerate()
    {
        let bureau = if number % 2 == 0 { "East" } else { "West" };
        applications += &format!("A{number},{bureau},10,500,2026-01-06,{energised}\n");
        if number % 2 == 0 || number == 1 {
            calls += &format!("connection,A{number},2026-04-15,reached\n");
        }
    }
    place.write("data/applications.csv", applications);
    place.write(
        "data/stages.csv",
        "application_id,stage,department,started_at,finished_at\nA0,survey,Survey,2026-01-06,2026-05-28\n",
    );
    place.write("data/callbacks.csv", calls);
    let target = |of: &str| {
        format!("[[targets]]\nfigure = \"callback_coverage\"\ndirection = \"at_least\"\nsource = \"house\"\n{of}\n")
    };
    let head = "[sources]\nhouse = { zh = \"内部\", en = \"house rule\" }\n";
    let of = |targets: &[&str]| format!("{head}{}", targets.iter().map(|of| target(of)).collect::<String>());
    let pipeline = place.path("pipelines/monthly.toml");
    let run = |out: &str, as_of: &str, targets: &[&str]| {
        place.write("pipelines/targets.toml", of(targets));
        let arguments = ["--data", "data", "--as-of", as_of, "--lang", "en"];
        place.report(out, &[&[pipeline.to_str().unwrap()], &arguments[..]].concat());
        let manifest: serde_json::Value = serde_json::from_str(&place.text(&format!("{out}/run.json"))).unwrap();
        (place.pages(out), manifest["targets"].clone())
    };
    let (page, targets) =
        run("all", "2026-05-31", &["target = 1", "target = 1\nbureau = \" West \"", "target = 1\nbureau = \"South\""]);
    assert!(page.contains("target ≥ 100 %: ● met"), "the card says so");
    assert!(page.contains("house rule"));
    let states: Vec<String> = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|of| format!("{} {} {}", of["state"], of["value"], of["since"]))
        .collect();
    assert_eq!(states, ["\"met\" 1.0 \"2026-05\"", "\"met\" 1.0 \"2026-05\"", "\"no_data\" null null"]);

    let (page, targets) = run("near", "2026-04-30", &["target = 0.9\nwarn = 0.5"]);
    assert!(page.contains("target ≥ 90 %: ▲ near (not met)"));
    assert_eq!((&targets[0]["state"], &targets[0]["since"]), (&"near".into(), &"2026-03".into()));
    // The target of March was another one, and met.
    let (page, targets) = run(
        "changed",
        "2026-04-30",
        &["target = 0.5\nvalid_to = \"2026-03-31\"", "target = 0.9\nvalid_from = \"2026-04-01\""],
    );
    assert!(page.contains("target ≥ 90 %: ■ missed"));
    assert_eq!((targets.as_array().unwrap().len(), &targets[0]["since"]), (1, &"2026-04".into()));
}

/// A run makes the tables that its report needs. Who asks for a mart of another is told what to do, not that there is nothing.
#[test]
fn a_mart_whose_table_was_not_made_says_so() {
    let place = Place::new();
    place.yekuo("sample data --applications 120 --months 12 --layout canonical").ends(0);
    place.yekuo("run monthly --data data --as-of 2026-06-30 --allow-stale --out r --lake l").ends(0);
    let explain = "explain calibration --month 2026-06 --lake l";
    place.yekuo(&format!("{explain} --lang en")).fails(2, &["calibration", "backtest", "--all-marts"]);
    place.yekuo(&format!("{explain} --lang zh")).fails(2, &["「calibration」", "没有生成它", "--all-marts"]);
    place.yekuo("run monthly --data data --as-of 2026-06-30 --allow-stale --out r --lake l --all-marts").ends(0);
    place.yekuo(&format!("{explain} --lang en")).ends(0);
}

/// A report is made of the marts that it asks for, and the others change nothing of it.
#[test]
fn what_a_report_does_not_show_changes_nothing_of_it() {
    let place = Place::new();
    place.yekuo("sample data --applications 120 --months 12 --layout canonical").ends(0);
    for pipeline in ["monthly", "weekly", "half-monthly", "daily", "public", "bottleneck", "comparison"] {
        let run = format!("run {pipeline} --data data --as-of 2026-06-30 --allow-stale --lake lake/{pipeline}");
        place.yekuo(&format!("{run} --out own")).ends(0);
        place.yekuo(&format!("{run} --out all --all-marts")).ends(0);
        let (own, all) = (place.files("own"), place.files("all"));
        let missing: Vec<&String> = all.keys().filter(|name| !own.contains_key(*name)).collect();
        assert!(missing.iter().all(|name| name.starts_with("marts/")), "{pipeline}: {missing:?}");
        assert_eq!(missing.is_empty(), pipeline == "public", "{pipeline}");
        for (name, bytes) in own.iter().filter(|(name, _)| *name != "run.json") {
            assert!(all[name] == *bytes, "{pipeline}: {name}");
        }
        std::fs::remove_dir_all(place.path("own")).unwrap();
        std::fs::remove_dir_all(place.path("all")).unwrap();
    }
}
