//! The pages, as a browser sees them: self-contained, quiet, in one language, and no text of the data is ever markup.

use std::process::Command;

use yekuo::draw::{missing_glyphs, render_png};

use crate::chromium::Chromium;
use crate::marts::by_hand;
use crate::place::{Place, without};

/// What a text of the data may say without any effect.
pub const PAYLOADS: [&str; 14] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "' onmouseover='alert(3)",
    "</style></svg></td><b>",
    "]]>",
    "-->",
    "&lt;&amp;&#60;",
    "{{ title }}{% raw %}",
    "javascript:alert(4)",
    "a\u{2028}b\u{2029}c",
    "a\u{1}b\u{b}c\u{fffe}",
    "=1+1",
    "+cmd|' /C calc'!A1",
    "@SUM(A1)",
];

/// A case for each payload, which stands in every column of text; all are overdue in April 2026, energised in May and
/// called in June.
pub fn payloads() -> Place {
    let place = Place::new();
    let table = |name: &str, headers: &str, row: &dyn Fn(&str, String) -> Vec<String>| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(headers.split_whitespace()).unwrap();
        for (number, payload) in PAYLOADS.iter().enumerate() {
            writer.write_record(row(payload, format!("{payload}{number}"))).unwrap();
        }
        place.write(&format!("data/{name}.csv"), writer.into_inner().unwrap());
    };
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    table(
        "applications",
        "application_id customer_name customer_phone bureau channel manager_id designer voltage_kv capacity_kva accepted_at energised_at",
        &|text, id| row(&[&id, text, text, text, text, text, text, "10", "500", "2026-04-06", "2026-05-20"]),
    );
    table("stages", "application_id stage department handler started_at finished_at", &|text, id| {
        row(&[&id, "survey", text, text, "2026-04-06", "2026-06-22"])
    });
    table("delays", "delay_id application_id stage cause began_at ended_at reported_at ruling reason", &|text, id| {
        row(&[text, &id, "survey", text, "2026-04-07", "2026-04-09", "2026-04-07", "admitted", text])
    });
    table(
        "callbacks",
        "callback_id kind subject_id called_at outcome score issue_category issue_department",
        &|text, id| row(&[text, "connection", &id, "2026-06-10", "reached", "2", text, text]),
    );
    place
}

/// The files of a report's pages.
fn names(place: &Place) -> Vec<String> {
    let files = place.files("report").into_keys();
    files.filter(|name| name.ends_with(".html")).map(|name| format!("report/{name}")).collect()
}

/// A word on paper: the page, where it begins and ends from the left, and how wide the paper is, in points.
struct Printed {
    page: usize,
    text: String,
    from: f64,
    to: f64,
    paper: f64,
}

/// Prints a page, and reads what is on the paper.
fn print(place: &Place, browser: &mut Chromium, name: &str) -> Vec<Printed> {
    let pdf = place.path("print.pdf");
    browser.open(place, name);
    place.write("print.pdf", browser.print());
    let words = Command::new("pdftotext").arg("-bbox").arg(&pdf).arg("-").output();
    let words = words.expect("pdftotext is missing: run ./test once, it installs it");
    let words = String::from_utf8(words.stdout).unwrap();
    let number = |line: &str, name: &str| -> f64 {
        let (_, rest) = line.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().parse().unwrap()
    };
    let (mut page, mut paper, mut printed) = (0, 0.0, Vec::new());
    for line in words.lines().map(str::trim) {
        if line.starts_with("<page ") {
            (page, paper) = (page + 1, number(line, "width"));
        } else if let Some(word) = line.strip_prefix("<word ") {
            let text = word.split_once('>').unwrap().1.trim_end_matches("</word>").to_owned();
            printed.push(Printed { page, text, from: number(word, "xMin"), to: number(word, "xMax"), paper });
        }
    }
    printed
}

/// Opens a page in Chromium: the document it makes of it, and what it complains of.
fn open(place: &Place, browser: &mut Chromium, name: &str) -> (String, Vec<String>) {
    browser.open(place, name);
    let document = browser.run("document.documentElement.outerHTML");
    (document.as_str().unwrap().to_owned(), browser.complaints())
}

#[test]
fn the_browser_would_complain() {
    let place = Place::new();
    place.write(
        "bad.html",
        "<!doctype html><html><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\"><script>alert(1)</script></html>",
    );
    let (_, complaints) = open(&place, &mut Chromium::start(&place), "bad.html");
    assert!(complaints.iter().any(|line| line.contains("Content Security Policy")), "{complaints:?}");
}

/// The logo and the colour of the house are on each page, and nothing else comes in with them.
#[test]
fn a_house_has_its_logo_and_its_colour() {
    let place = by_hand::place();
    place.pipelines();
    let logo = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"30\"><rect width=\"90\" height=\"30\" fill=\"#00706b\"/></svg>";
    place.write("pipelines/logo.png", render_png(logo, 1.0).unwrap());
    place.write("pipelines/house.toml", "logo = \"logo.png\"\ncolour = \"#00706b\"\n");
    place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", "2026-03-31"]);
    let mut browser = Chromium::start(&place);
    for name in names(&place) {
        let (_, complaints) = open(&place, &mut browser, &name);
        assert_eq!(complaints, Vec::<String>::new(), "{name}");
        let shown = browser
            .run("[document.querySelector('.logo').naturalWidth, getComputedStyle(document.querySelector('a:not([aria-current])')).color]");
        assert_eq!(shown, serde_json::json!([90, "rgb(0, 112, 107)"]), "{name}");
    }
    place.write("pipelines/house.toml", "logo = \"other.png\"\ncolour = \"#ffff00\"\n");
    let outcome = place.yekuo("check pipelines/monthly.toml --data data --lang en").ends(2);
    crate::place::holds(&outcome.err, &["other.png", "dark enough to be read on white"]);
}

/// On A4 across, every column of every table is on the paper, in both languages.
#[test]
fn nothing_is_cut_off_on_paper() {
    let place = by_hand::place();
    let mut browser = Chromium::start(&place);
    for (lang, opinion) in [("zh", "核实意见"), ("en", "note")] {
        place.report("report", &["--data", "data", "--as-of", "2026-03-31", "--lang", lang]);
        let mut printed = Vec::new();
        let (mut pages, mut words) = (0, 0);
        for name in names(&place) {
            let on_paper = print(&place, &mut browser, &name);
            for Printed { page, text, from, to, paper } in &on_paper {
                assert!((840.0..843.0).contains(paper), "A4 across: {paper}");
                assert!(
                    *from > 20.0 && *to < paper - 20.0,
                    "{name}, page {page}, {lang}: `{text}` from {from} to {to}"
                );
            }
            pages += on_paper.iter().map(|word| word.page).max().unwrap();
            words += on_paper.len();
            if name == "report/index.html" {
                printed = on_paper;
            }
        }
        assert!(words > 1000 && (5..90).contains(&pages), "{words} words on {pages} pages");
        // What happened is a page by itself, with room for those who sign.
        let first: String =
            printed.iter().filter(|word| word.page == 1).map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
        let signs =
            if lang == "zh" { ["编制：", "审核：", "批准："] } else { ["Prepared", "Reviewed", "Approved"] };
        assert!(signs.iter().all(|sign| first.contains(sign)), "{lang}: {first}");
        let next = printed.iter().find(|word| word.page == 2).unwrap();
        assert!(["图表", "Charts"].contains(&next.text.as_str()), "{lang}: page 2 begins with {}", next.text);
        // The last column of the assessment, which is wrapped to its width.
        let all: String = printed.iter().map(|word| word.text.as_str()).collect();
        assert!(all.contains(opinion), "{opinion} is not on the paper");
    }
}

/// A page is whole by itself: its font and its one script are in it, and its policy lets nothing else in.
pub fn is_quiet(whole: &str, lang: &str) {
    assert!(whole.len() < 1_500_000, "{} bytes", whole.len());
    let page = without(&without(whole, "base64,", "\""), "<script", "</script>");
    let lower = page.to_lowercase();
    assert!(page.contains(&format!("<html lang=\"{}\">", if lang == "zh" { "zh-CN" } else { lang })));
    assert_eq!(lower.matches("<script").count(), 1);
    let policy =
        "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; script-src 'sha256-";
    assert!(page.contains(policy));
    for outside in ["<link", "<iframe", "<img", "<object", "<embed", "@import", "src=\"", "javascript:"] {
        assert!(!lower.contains(outside), "{outside}");
    }
    assert_eq!(handlers(&lower), 0);
    for (at, _) in lower.match_indices("http") {
        let is_address = lower[at..].starts_with("http://") || lower[at..].starts_with("https://");
        assert!(!is_address || lower[..at].ends_with("xmlns=\""), "{}", &lower[at..at + 40]);
    }
    assert_eq!(missing_glyphs(&page), Vec::<char>::new());
    assert_eq!(page.matches("@font-face").count(), 2);
}

/// How many attributes look like event handlers: ` onload=`.
fn handlers(page: &str) -> usize {
    let letters = |text: &str| text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len());
    page.match_indices(" on")
        .filter(|(at, _)| {
            let rest = &page[at + 1..];
            rest[letters(rest)..].starts_with("=\"")
        })
        .count()
}

#[test]
fn texts_of_the_data_are_never_markup() {
    let place = payloads();
    let mut browser = Chromium::start(&place);
    for (lang, as_of) in [("zh", "2026-04-30"), ("en", "2026-06-30")] {
        place.report("report", &["--data", "data", "--as-of", as_of, "--lang", lang]);
        assert!(place.json("report/run.json")["inputs"].as_array().unwrap().iter().all(|input| input["rejected"] == 0));
        let mut document = String::new();
        for name in names(&place) {
            let (opened, complaints) = open(&place, &mut browser, &name);
            assert_eq!(complaints, Vec::<String>::new(), "{name} {lang}");
            document += &without(&opened, "<script>", "</script>");
        }
        for text in [&place.pages("report"), &document] {
            // Each page has one script, which says nothing of the data.
            assert_eq!(text.matches("<script").count(), names(&place).len(), "{lang}");
            for markup in ["<img", "<b>", "{{", "\u{2028}", "\u{1}", "\u{b}", "\u{fffe}"] {
                // A narrow chart breaks the line behind it.
                let allowed = if markup == "{{" { text.matches("{{ title }}").count() } else { 0 };
                assert_eq!(text.matches(markup).count(), allowed, "{lang}: {markup:?}");
            }
            assert!(!text.contains("&amp;lt;script"), "{lang}: escaped twice");
        }
        assert!(document.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{lang}");
        assert!(document.contains("&amp;lt;&amp;amp;&amp;#60;"), "{lang}");
        assert_eq!(document.matches("<figure class=\"both\">").count(), 12, "{lang}");
        for (name, bytes) in place.files("report/charts").iter().filter(|(name, _)| name.ends_with(".svg")) {
            let svg = std::str::from_utf8(bytes).unwrap();
            resvg::usvg::Tree::from_str(svg, &resvg::usvg::Options::default())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!svg.contains("<script") && !svg.contains("<img") && !svg.contains("<b>"), "{name}");
        }
    }
}

/// Whether a character is Chinese, or a sign that only Chinese text has.
pub fn is_chinese(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// With English data an English report has no Chinese character.
#[test]
fn an_english_report_is_english() {
    let place = by_hand::place();
    let add = |table: &str, rows: &str| {
        let file = format!("data/{table}.csv");
        place.write(&file, place.text(&file) + rows);
    };
    // Low voltage without a promise has no due date; a limit of the rule book runs out; a claim concerns no stage; a
    // promise lies in a year that no calendar covers; some rows are rejected for every common reason.
    add("applications", &"A7,East,0.4,8,,2026-03-02,2031-01-01,,\n".repeat(2));
    add("applications", "A8,East,0.4,8,,2026-02-30,,,\nA9,,0.4,8,,2026-03-02,,,\n");
    add(
        "stages",
        "A7,scheme,Planning,2026-03-02,2026-04-10\nA7,metering,Metering,2026-03-02,\n,survey,Survey,2026-03-02,\nA99,survey,Survey,2026-03-02,\n",
    );
    add("stages", "A7,juggling,Survey,2026-03-02,\nA7,survey,Survey,2026-03-09,2026-03-02\n");
    add("delays", "D9,A7,contract,customer,2026-03-10,2026-03-13,2026-03-10,admitted\n");
    place.pipelines();
    place.set(&["max_rejects = 0.9"]);
    for as_of in ["2026-03-31", "2026-04-30"] {
        place.report("report", &["pipelines/monthly.toml", "--data", "data", "--as-of", as_of, "--lang", "en"]);
        let mut texts = vec![("the pages".to_owned(), place.pages("report"))];
        for (name, bytes) in place.files("report") {
            if name.ends_with(".svg") || name.ends_with(".csv") {
                texts.push((name, String::from_utf8(bytes).unwrap().replace('\u{feff}', "")));
            }
        }
        // These two name fonts.
        let fonts = |name: &str| matches!(name, "xl/styles.xml" | "xl/theme/theme1.xml");
        texts.extend(super::workbook::parts(&place).into_iter().filter(|(name, _)| !fonts(name)));
        for (name, text) in texts {
            let leaks: Vec<&str> =
                text.lines().flat_map(|line| line.split(['<', '>'])).filter(|part| part.contains(is_chinese)).collect();
            assert!(leaks.is_empty(), "{as_of}, {name}: {leaks:?}");
        }
    }
}
