//! Texts of the data are printed as they stand, whatever codes and marks of the program's own they look like.

use std::collections::BTreeSet;

use calamine::{Data, Reader, Xlsx};
use yekuo::config::Config;
use yekuo::marts::Kind;
use yekuo::pipeline::Definitions;
use yekuo::words::Lang;

use crate::marts::cases::shipped;
use crate::place::{Place, holds};

/// The texts of a sheet below its heads, a row each, by the titles of the columns.
fn sheet(place: &Place, title: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
    let range = book.worksheet_range(title).unwrap_or_else(|error| panic!("{title}: {error}"));
    let text = |cell: &Data| if let Data::String(text) = cell { text.clone() } else { String::new() };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

#[test]
fn two_contractors_of_one_company_stay_two() {
    let place = Place::new();
    let mut rows = "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at,builder\n".to_owned();
    for number in 0..12 {
        let branch = if number < 7 { "一" } else { "二" };
        rows += &format!("A{number},East,10,500,2026-05-06,2026-06-10,江城电力 · {branch}分公司\n");
    }
    place.write("data/applications.csv", rows);
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.pipelines();
    for lang in ["zh", "en"] {
        let arguments = ["pipelines/public.toml", "--data", "data", "--as-of", "2026-06-30", "--lang", lang];
        place.report(lang, &arguments);
        let page = place.pages(lang);
        for name in ["江城电力 · 一分公司", "江城电力 · 二分公司"] {
            assert!(page.contains(&format!("<td>{name}</td>")), "{lang}: {name}");
            // The chart breaks long names.
            assert!(place.text(&format!("{lang}/charts/public_contractors.svg")).contains(&name[name.len() - 12..]));
        }
    }
}

#[test]
fn a_reason_to_re_plan_keeps_its_halves() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,promised_on,energised_at\nA1,East,10,500,2026-05-06,2026-06-20,\n",
    );
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.write(
        "data/replans.csv",
        "application_id,replanned_at,promised_on,reason\n\
         A1,2026-06-02,2026-07-01,客户要求 · 设备未到货\nA1,2026-06-03,2026-07-02,customer\nA1,2026-06-04,2026-07-03,\n",
    );
    let data = ["--data", "data", "--as-of", "2026-06-30"];
    place.report("report", &data);
    let rows = sheet(&place, "计划调整统计");
    let reasons: Vec<&str> = rows.iter().skip(3).map(|row| row[1].as_str()).collect();
    assert_eq!(reasons, ["customer", "客户要求 · 设备未到货", "未说明"]);
    holds(&place.pages("report"), &["<td>客户要求 · 设备未到货</td>", "<td>customer</td>"]);
    let told = place.run(&[&["explain", "replan_month"], &data[..]].concat()).ends(0).out;
    holds(&told, &["\n  2026-06  customer\n", "\n  2026-06  客户要求 · 设备未到货\n", "\n  2026-06  未说明\n"]);
}

#[test]
fn an_activity_of_an_open_log_is_what_the_log_calls_it() {
    let place = Place::new();
    let activities = ["high", "pending", "Intake · desk", "arrival", "total"];
    let mut rows = "case,opened,what,who,when,done\n".to_owned();
    for (day, activity) in (2..).zip(activities) {
        rows += &format!("C1,2026-06-01,{activity},Desk,2026-06-0{day},2026-06-0{}\n", day + 1);
    }
    rows += "C2,2026-06-01,low,Desk,2026-06-02,\n";
    place.write("data/log.csv", rows);
    place.write("process.toml", "open = true\nbegins = \"first\"\nends = \"last\"\n");
    place.write(
        "map.toml",
        "[tables.applications]\nfiles = [\"log.csv\"]\ncolumns = { application_id = \"case\", accepted_at = \"opened\" }\nrepeat = \"first\"\n\
         defaults = { voltage_kv = \"10\", capacity_kva = \"5\", bureau = \"order\", mode = \"order\" }\n\
         [tables.stages]\nfiles = [\"log.csv\"]\n\
         columns = { application_id = \"case\", stage = \"what\", department = \"who\", started_at = \"when\", finished_at = \"done\" }\n",
    );
    let marts = ["bottleneck", "mode_stage", "flow", "stage_age"].map(|mart| format!("\"{mart}\"")).join(", ");
    place.write(
        "p.toml",
        format!(
            "name = \"p\"\ntitle = {{ zh = \"月报\", en = \"Monthly\" }}\ndata = \"data\"\nsource = \"map.toml\"\n\
             standards = \"none\"\ntables = [{marts}]\ncharts = [\"process_map\", \"critical_stages\"]\n"
        ),
    );
    for lang in ["zh", "en"] {
        let arguments = ["p.toml", "--as-of", "2026-06-30", "--lang", lang];
        place.report(lang, &arguments);
        let page = place.pages(lang);
        let explain = ["explain", "C1", "--pipeline", "p.toml", "--as-of", "2026-06-30", "--lang", lang];
        let told = place.run(&explain).ends(0).out;
        for activity in activities {
            assert!(page.contains(&format!("<td>{activity}</td>")), "{lang}: {activity}");
            assert!(told.contains(&format!("\n■ {activity}  Desk")), "{lang}: {activity} in\n{told}");
        }
        assert!(!page.contains("class=\"worse\"") && !page.contains("class=\"better\""), "{lang}");
    }
}

#[test]
fn a_manager_numbered_like_a_role_is_handed_what_is_theirs() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,manager_id,accepted_at,promised_on,energised_at\n\
         A1,East,10,5000,director,2026-06-01,2026-12-20,\nA2,East,10,5000,M2,2026-03-01,2026-05-20,\n\
         A3,East,10,5000,局长,2026-06-01,2026-12-20,\n",
    );
    place.write("data/stages.csv", "application_id,stage,department,started_at\n");
    place.pipelines();
    place.report("report", &["pipelines/daily.toml", "--data", "data", "--as-of", "2026-06-30"]);
    let files: Vec<String> = place.files("report/handouts/工单主人").into_keys().collect();
    assert_eq!(files, ["director.xlsx", "局长 2.xlsx", "局长.xlsx"]);

    // Known by name they are called by it, with the number where two have one name.
    let register =
        "manager_id,name,bureau,full_time\ndirector,周秀兰,East,true\n局长,CON,East,true\nM9,周秀兰,East,true\n";
    place.write("data/managers.csv", register);
    place.report("report", &["pipelines/daily.toml", "--data", "data", "--as-of", "2026-06-30"]);
    let files: Vec<String> = place.files("report/handouts/工单主人").into_keys().collect();
    assert_eq!(files, ["-CON.xlsx", "周秀兰 director.xlsx", "局长.xlsx"]);
    let handed = &place.json("report/run.json")["handouts"];
    let whose = handed.as_array().unwrap().iter().find(|one| one["path"] == "handouts/工单主人/周秀兰 director.xlsx");
    assert_eq!(whose.unwrap()["for"]["owner"], "director");
}

/// Every code of the program's own, and a text that looks like two languages.
fn codes() -> Vec<String> {
    let vocabularies = Config::load(None).unwrap().vocabularies;
    let codes = vocabularies.names().flat_map(|name| vocabularies.codes(name));
    let known: BTreeSet<&str> = codes.chain(["due_on", "other", "unsaid", "director", "左 · right"]).collect();
    // An export says with `none` that it says nothing.
    known.into_iter().filter(|code| *code != "none").map(str::to_owned).collect()
}

/// Every code in every column of free text; of every eighth code five applications, so that its bureau and builder are
/// published.
fn coded(codes: &[String]) -> Place {
    let place = Place::new();
    let heads = [
        (
            "applications",
            "application_id,customer_name,bureau,voltage_kv,capacity_kva,mode,manager_id,accepted_at,promised_on,energised_at,feeder_or_station,designer,builder,supplier,fee_charged,fee_standard,key_project,leader",
        ),
        ("stages", "application_id,stage,department,handler,started_at,finished_at,due_on"),
        ("delays", "delay_id,application_id,stage,cause,began_at,ended_at,reported_at,reason"),
        ("callbacks", "callback_id,kind,subject_id,called_at,outcome,score,issue_category,issue_department"),
        ("faults", "fault_id,bureau,area,reported_at,arrived_at,restored_at"),
        (
            "complaints",
            "complaint_id,bureau,department,received_at,forwarded_at,due_at,handled_at,satisfied,source,category",
        ),
        ("replans", "application_id,replanned_at,promised_on,reason"),
        ("requests", "request_id,application_id,customer,topic,departments,raised_at,answered"),
        ("surveys", "period,bureau,indicator,weight,score"),
        ("managers", "manager_id,name,bureau,full_time"),
        ("restrictions", "feeder_or_station,bureau,month,load_rate,limit_kva"),
        ("demands", "customer,bureau,month,expected_kva,source"),
    ];
    let mut rows = heads.map(|(_, head)| vec![head.to_owned()]);
    for (n, code) in codes.iter().enumerate() {
        for k in 0..if n % 8 == 0 { 5 } else { 2 } {
            let energised = if k == 0 { "" } else { "2026-06-12" };
            rows[0].push(format!("A{n}-{k},{code},{code},10,5000,order,{code},2026-05-06,2026-06-20,{energised},{code},{code},{code},{code},10,10,true,{code}"));
            rows[1].push(format!("A{n}-{k},survey,{code},{code},2026-05-07,2026-06-01,2026-05-12"));
        }
        rows[1].push(format!("A{n}-0,scheme,{code},{code},2026-06-10,,2026-06-15"));
        rows[2].push(format!("D{n},A{n}-1,survey,customer,2026-05-08,2026-05-09,2026-05-09,{code}"));
        rows[3].push(format!("K{n},connection,A{n}-1,2026-06-20,reached,5,{code},{code}"));
        rows[4].push(format!("F{n},{code},urban,2026-06-05 10:00,2026-06-05 10:30,2026-06-05 11:00"));
        rows[5].push(format!(
            "M{n},{code},{code},2026-06-05 10:00,2026-06-05 11:00,2026-06-09 10:00,2026-06-08 10:00,true,{code},{code}"
        ));
        rows[6].push(format!("A{n}-0,2026-06-03,2026-06-25,{code}"));
        rows[7].push(format!("R{n},A{n}-0,{code},{code},{code},2026-06-03,"));
        rows[8].push(format!("2026-06,{code},{code},1,90"));
        rows[9].push(format!("{code},{code},{code},true"));
        rows[10].push(format!("{code},{code},2026-06,0.9,10"));
        rows[11].push(format!("{code},{code},2026-06,100,{code}"));
    }
    for ((table, _), rows) in heads.iter().zip(&rows) {
        place.write(&format!("data/{table}.csv"), rows.join("\n") + "\n");
    }
    place
}

/// Whatever the codes, what is printed in a column of text is what stands in the data.
#[test]
fn codes_in_texts_of_the_data_are_texts() {
    let codes = codes();
    let place = coded(&codes);
    let marts = shipped().marts;
    place.pipelines();
    let named: Vec<String> = marts.iter().map(|mart| format!("\"{}\"", mart.name)).collect();
    let (from, to) = (place.text("pipelines/monthly.toml"), format!("tables = [{}]\n", named.join(", ")));
    let (before, rest) = from.split_once("tables = [").unwrap();
    let (_, after) = rest.split_once("]\n").unwrap();
    place.write("pipelines/monthly.toml", [before, &to, after].concat());
    let data = ["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-06-30"];
    place.report("report", &data);

    let mut cells = 0;
    for mart in &marts {
        let rows = place.table(&format!("report/marts/{}.parquet", mart.name));
        let printed = sheet(&place, mart.definition.title.get(Lang::Zh));
        let columns = mart.definition.columns.iter().filter(|column| !column.hidden);
        for column in columns.filter(|column| column.kind == Kind::Text) {
            // Columns that are only printed stand between.
            let place = printed[2].iter().position(|title| title == column.title.get(Lang::Zh)).unwrap();
            let texts = rows.column(&column.name).unwrap().str().unwrap();
            let empty = column.empty.as_ref().map_or("", |words| words.get(Lang::Zh));
            let mut expected: Vec<String> = texts.iter().map(|text| text.unwrap_or(empty).to_owned()).collect();
            let mut got: Vec<String> =
                printed.iter().skip(3).take(expected.len()).map(|row| row[place].clone()).collect();
            expected.sort();
            got.sort();
            assert_eq!(got, expected, "{}: {}", mart.name, column.name);
            cells += expected.len();
        }
    }
    assert!(cells > 40 * codes.len(), "{cells} of {} codes", codes.len());
    let page = place.pages("report");
    for code in &codes {
        let row = format!("<td>{code}</td><td>{code}</td>");
        assert!(page.contains(&row), "no cells of `{code}` side by side on the page");
        assert!(page.contains(&format!("<td class=\"w\">{code}</td>")) || page.contains(&format!("<td>{code}</td>")));
    }
    assert!(!page.contains("class=\"worse\""), "all departments are alike");

    // A department and a manager of the name of a code are told by it, and so is each claim.
    for code in ["high", "pending", "order", "左 · right"] {
        let of = |subject: &str| {
            place
                .run(&["explain", code, "--kind", subject, "--cases", "--lake", "lake/report", "--lang", "en"])
                .ends(0)
                .out
        };
        holds(&of("department"), &[&format!("Department {code}, 2026-06")]);
        holds(&of("manager"), &[&format!("Manager {code}, 2026-06"), &format!("name = {code}")]);
        let number = codes.iter().position(|known| known == code).unwrap();
        let id = format!("A{number}-1");
        let told = place.run(&["explain", &id, "--lake", "lake/report", "--lang", "en"]).ends(0).out;
        holds(&told, &[&format!("bureau: {code}"), &format!("excluded; {code}\n")]);
    }
    let told = place.run(&["explain", "replan_month", "--lake", "lake/report", "--lang", "en"]).ends(0).out;
    for code in &codes {
        holds(&told, &[&format!("\n  2026-06  {code}\n")]);
    }
}

#[test]
fn a_vocabulary_of_ones_own_is_joined_at_display() {
    let place = Place::new();
    place.write(
        "data/applications.csv",
        "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,East,10,500,2026-05-06,\nA2,West,10,9000,2026-05-06,\n",
    );
    place.write("data/stages.csv", "application_id,stage,department,started_at,finished_at\n");
    place.pipelines();
    place.write(
        "pipelines/marts/size.sql",
        "select\n    application_id,\n    case when capacity_kva > 4000.0 then 'big' else 'small' end as size\nfrom applications\n",
    );
    let definition = |vocabulary: &str| {
        format!(
            "title = {{ zh = \"大小\", en = \"Sizes\" }}\ngrain = [\"application_id\"]\n\n[[columns]]\nname = \"application_id\"\n\
             kind = \"text\"\ntitle = {{ zh = \"工单\", en = \"application\" }}\n\n[[columns]]\nname = \"size\"\n\
             kind = {{ code = \"{vocabulary}\" }}\ntitle = {{ zh = \"大小\", en = \"size\" }}\n"
        )
    };
    let run = |lang: &str| {
        let data = ["--data", "data", "--as-of", "2026-06-30"];
        place.run(
            &[&["run", "pipelines/monthly.toml", "--allow-stale", "--out", "report", "--lang", lang], &data[..]]
                .concat(),
        )
    };
    // There is no such vocabulary: the mistake is shown where it stands, with what to do.
    place.write("pipelines/marts/size.toml", definition("sizes"));
    run("en").fails(2, &["marts/size.toml:11:17", "there is no vocabulary `sizes`", "vocabularies.toml", "[sizes]"]);

    // A file next to the pipeline defines it; a code that it does not know stays as it stands.
    let shipped = place.text("pipelines/vocabularies.toml");
    let own = "[sizes]\nbig = { zh = \"大户\", en = \"large one\", tone = \"worse\" }\n";
    place.write("pipelines/vocabularies.toml", own);
    run("en").ends(0);
    holds(&place.pages("report"), &["<td class=\"worse\">large one</td>", "<td>small</td>"]);
    place.write("pipelines/vocabularies.toml", shipped + own);
    run("zh").ends(0);
    holds(&place.pages("report"), &["<td class=\"worse\">大户</td>"]);

    // The program's own codes have their words already.
    place.write("pipelines/vocabularies.toml", "[verdict]\nadmitted = { zh = \"算\", en = \"counts\" }\n");
    run("en").fails(2, &["vocabularies.toml:2:1", "`admitted` is a code of the program's own `verdict`"]);
}

/// A word in Latin letters that a Chinese reader of a worked example need not know: neither a unit, an identifier or range, nor a name.
fn is_foreign(word: &str) -> bool {
    let is_known = matches!(word, "kV" | "kVA" | "VA" | "Brier");
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    word.chars().filter(char::is_ascii_alphabetic).count() > 1 && !is_known && !has_digit
}

#[test]
fn worked_examples_are_told_in_the_language_of_their_reader() {
    let definitions = Definitions::read(None).unwrap();
    let (mut told, mut wrong) = (0, Vec::new());
    for mart in &definitions.catalogue.marts {
        for line in definitions.example(mart, Lang::Zh).unwrap() {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'));
            wrong.extend(words.filter(|word| is_foreign(word)).map(|word| format!("{}: {word}: {line}", mart.name)));
            told += 1;
        }
        for line in definitions.example(mart, Lang::En).unwrap() {
            let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            wrong.extend(line.contains(is_chinese).then(|| format!("{}: {line}", mart.name)));
        }
    }
    assert!(told > 200, "{told}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
