//! What a report begins with: its sentences say what its marts hold, on the page and on the first sheet.

use calamine::{Reader, Xlsx};
use polars::prelude::{DataFrame, IntoLazy, col, lit};

use crate::marts::by_hand;
use crate::place::{Place, holds};
use crate::translated::untranslated;

/// The sentences of a report's page.
fn sentences(place: &Place, report: &str) -> Vec<String> {
    let page = place.pages(report);
    let Some((_, list)) = page.split_once("<ol class=\"said\">") else { return Vec::new() };
    let list = list.split("</ol>").next().unwrap();
    list.split("<li>").skip(1).map(|item| item.split("</li>").next().unwrap().to_owned()).collect()
}

fn wanted(table: &DataFrame, condition: polars::prelude::Expr) -> DataFrame {
    table.clone().lazy().filter(condition).collect().unwrap()
}

fn integer(table: &DataFrame, column: &str) -> i64 {
    table.column(column).unwrap().i64().unwrap().get(0).unwrap()
}

#[test]
fn sentences_say_what_the_marts_hold() {
    let place = Place::new();
    place.yekuo("sample exports").ends(0);
    place.report("monthly", &["--data", "exports", "--as-of", "2026-06-30", "--lang", "en"]);
    let said = sentences(&place, "monthly");
    assert_eq!(said.len(), 5, "{said:?}");
    let mart = |name: &str| place.table(&format!("monthly/marts/{name}.parquet"));
    let is_june = || col("month").cast(polars::prelude::DataType::String).eq(lit("2026-06-01"));

    let june = wanted(&mart("month_overdue"), is_june());
    let (part, whole) = (integer(&june, "overdue_net"), integer(&june, "settled"));
    let share = part as f64 / whole as f64 * 100.0;
    holds(&said[0], &[&format!("settled in 2026-06, net: {part} of {whole} ({share:.1} %)")]);
    // As the headline says it.
    let page = place.pages("monthly");
    let moved = said[0].split("; ").nth(1).unwrap().split(" on the month").next().unwrap();
    holds(&page, &[&format!(">{moved} on the month before</div>")]);

    let ranked = wanted(&mart("department_month"), is_june().and(col("rate_ranked").is_not_null()));
    let rates = ranked.column("rate_ranked").unwrap().f64().unwrap();
    let worst = (0..ranked.height()).max_by(|a, b| rates.get(*a).unwrap().total_cmp(&rates.get(*b).unwrap())).unwrap();
    let name = ranked.column("department").unwrap().str().unwrap().get(worst).unwrap();
    holds(&said[1], &[&format!("The highest rate is that of {name}: ")]);

    let past = wanted(&mart("long_open"), col("past_original").eq(lit(true)));
    let oldest = wanted(&past, col("original_remaining_wd").eq(col("original_remaining_wd").min()));
    let (id, over) = (
        oldest.column("application_id").unwrap().str().unwrap().get(0).unwrap(),
        -integer(&oldest, "original_remaining_wd"),
    );
    holds(
        &said[2],
        &[
            &format!("{} open applications are past their original dates; the longest is {id} ", past.height()),
            &format!("by {over} working days"),
        ],
    );

    let claims = mart("claims_to_rule");
    let decide = wanted(&claims, col("turns").eq(lit(true))).height();
    holds(
        &said[3],
        &[&format!("{} delay claims, counted by stage, wait for a ruling; {decide} of them decide", claims.height())],
    );

    // The first sheet says the same.
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("monthly/assessment.xlsx")).unwrap();
    let sheet = book.worksheet_range("Summary").unwrap();
    let texts: Vec<String> = sheet.rows().map(|row| row[0].to_string()).collect();
    for (number, sentence) in (1..).zip(&said) {
        let sentence = sentence.replace("&#38;", "&").replace("&#39;", "'");
        assert!(texts.contains(&format!("{number}. {sentence}")), "{sentence} is not in {texts:?}");
    }
}

#[test]
fn every_report_is_in_one_language_and_those_of_the_office_begin_with_something() {
    let place = Place::new();
    place.yekuo("sample exports --applications 400 --layout canonical").ends(0);
    let data: String = place.files("exports").into_values().map(|bytes| String::from_utf8(bytes).unwrap()).collect();
    for pipeline in ["monthly", "weekly", "half-monthly", "daily", "comparison", "bottleneck", "public"] {
        for lang in ["zh", "en"] {
            place
                .run(&[
                    "run",
                    pipeline,
                    "--data",
                    "exports",
                    "--as-of",
                    "2026-06-30",
                    "--out",
                    pipeline,
                    "--lang",
                    lang,
                ])
                .ends(0);
            let foreign = untranslated(&place, pipeline, lang, &data);
            assert!(foreign.is_empty(), "{pipeline} {lang}: {foreign:#?}");
            let said = sentences(&place, pipeline);
            assert_eq!(said.is_empty(), pipeline == "public", "{pipeline} {lang}: {said:?}");
            for sentence in &said {
                let has_chinese_signs = sentence.contains(['，', '。', '；', '（']);
                assert_eq!(has_chinese_signs, lang == "zh", "{pipeline} {lang}: {sentence}");
                assert!(!sentence.contains("NaN") && !sentence.contains("-0.0"), "{pipeline} {lang}: {sentence}");
            }
        }
    }
}

/// Of six applications no share is told, and a department without ten stages has no rate.
#[test]
fn few_are_told_as_so_many_of_so_many() {
    let place = by_hand::place();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30", "--lang", "en"]);
    let said = sentences(&place, "report");
    assert!(said.iter().all(|sentence| !sentence.contains('%')), "{said:?}");
    assert!(said[0].starts_with("Overdue of the stages settled in 2026-04, net: "), "{said:?}");
    let page = place.pages("report");
    assert!(page.contains("class=\"v few\""), "shares of few are grey");
}

#[test]
fn the_unit_and_the_number_of_the_document_stand_on_top() {
    let place = by_hand::place();
    place.pipelines();
    place.write(
        "pipelines/house.toml",
        "unit = { zh = \"某市<供电>公司\", en = \"City Power\" }\nnumber = { zh = \"业扩考〔{year}〕{month} 号\", en = \"{year}-{month}\" }\n\
         contact = { zh = \"业扩班 95598\", en = \"office, 95598\" }\n",
    );
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-04-30", "--lang", "zh"]);
    let page = place.pages("report");
    holds(&page, &["<span>某市&#60;供电&#62;公司</span><span>业扩考〔2026〕04 号</span>"]);
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
    let sheet = book.worksheet_range("摘要").unwrap();
    holds(&sheet.get_value((1, 0)).unwrap().to_string(), &["某市<供电>公司　业扩考〔2026〕04 号　"]);
    // Whom readers can ask stands at the foot of every page; the public is told when there will be news, and nothing that is
    // the office's to mend.
    let waits = ["没有承诺日期", "未计入剔除", "没有导出"];
    place.report("public", &["pipelines/public.toml", "--data", "data", "--as-of", "2026-04-30", "--lang", "zh"]);
    for file in place.files("public").keys().filter(|file| file.ends_with(".html")) {
        let page = place.text(&format!("public/{file}"));
        holds(&page, &["<p>联系：业扩班 95598</p>", "<p>下一期统计至 2026-05-31。</p>"]);
        assert!(!waits.iter().any(|word| page.contains(word)), "{file}");
    }
    assert!(page.contains("<p>联系：业扩班 95598</p>") && !page.contains("下一期统计至"));
}
