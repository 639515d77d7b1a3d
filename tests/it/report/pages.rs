//! What readers do with the pages: open each at any width, sort, search, filter and download tables, and go through doors.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::place::{Place, lines};

/// A month of a small sample.
fn monthly(lang: &str) -> Place {
    let place = Place::new();
    place.yekuo("sample exports --applications 400").ends(0);
    place.report("report", &["--data", "exports", "--as-of", "2026-06-30", "--lang", lang]);
    place
}

/// The pages of a report.
fn pages(place: &Place, report: &str) -> Vec<String> {
    let files = place.files(report).into_keys();
    files.filter(|name| name.ends_with(".html")).map(|name| format!("{report}/{name}")).collect()
}

/// The size of the smallest text of the charts that are shown, in pixels of the screen.
const SMALLEST: &str = "Math.min(99, ...[...document.querySelectorAll('figure svg text')]\
    .filter((text) => text.getClientRects().length)\
    .map((text) => parseFloat(text.getAttribute('font-size')) * text.getScreenCTM().a))";

fn every_page_can_be_read(place: &Place, browser: &mut Chromium, lang: &str) {
    let pages = pages(place, "report");
    assert!(pages.len() >= 10, "{pages:?}");
    let (mut links, mut figures) = (BTreeSet::new(), 0);
    for page in &pages {
        let text = place.text(page);
        super::page::is_quiet(&text, lang);
        for width in [390, 1024, 1440] {
            browser.width(width);
            browser.open(place, page);
            let beyond = browser.run("document.documentElement.scrollWidth - innerWidth");
            assert!(beyond.as_f64().unwrap() <= 0.0, "{page} at {width}: {beyond} too wide");
            assert_eq!(browser.complaints(), Vec::<String>::new(), "{page} at {width}");
            let smallest = browser.run(SMALLEST).as_f64().unwrap();
            assert!(smallest >= 9.0, "{page} at {width}: a chart has texts of {smallest} pixels");
        }
        let count = |browser: &mut Chromium, what: &str| {
            browser.run(&format!("document.querySelectorAll('{what}').length")).as_u64().unwrap() as usize
        };
        assert_eq!(count(browser, "table.rows"), text.matches("</table>").count(), "{page}");
        // Of many cards one is like the other.
        if page.contains("/cases") {
            assert!(count(browser, "article") > 0 && count(browser, "article svg") == count(browser, "article"));
        } else {
            figures += count(browser, "figure");
        }
        if !page.contains("/cases-") {
            let part = if page.contains("/cases") { "'#c-1, header'" } else { "document" };
            browser.dark(lang == "en");
            assert_eq!(browser.serious(part), Vec::<String>::new(), "{page}");
            browser.dark(false);
        }
        let found = browser.run("[...document.querySelectorAll('a')].map((link) => link.getAttribute('href'))");
        links.extend(found.as_array().unwrap().iter().map(|link| (page, link.as_str().unwrap().to_owned())));
    }
    assert_eq!(figures, 12);
    // Every link leads to a page of the report, and to what it names there.
    for (page, link) in links {
        let (file, id) = link.split_once('#').unwrap_or((&link, ""));
        let file = file.split('?').next().unwrap();
        let file = if file.is_empty() { page.clone() } else { format!("report/{file}") };
        assert!(pages.contains(&file), "{page}: {link}");
        assert!(id.is_empty() || place.text(&file).contains(&format!(" id=\"{id}\"")), "{page}: {link}");
    }
}

/// A report in Chinese: every page, its doors, and all of it without scripts.
#[test]
fn pages_in_chinese() {
    let place = monthly("zh");
    let mut browser = Chromium::start(&place);
    every_page_can_be_read(&place, &mut browser, "zh");
    a_figure_is_a_door_to_its_cases(&place, &mut browser);
    an_application_leads_to_its_card_and_back(&place, &mut browser);
    figures_are_the_same_everywhere(&place, &mut browser);
    without_scripts_everything_is_readable(&place, &mut browser);
}

/// A report in English: every page, and what can be done with a table.
#[test]
fn pages_in_english() {
    let place = monthly("en");
    let mut browser = Chromium::start(&place);
    every_page_can_be_read(&place, &mut browser, "en");
    tables_sort_search_filter_add_up_and_are_downloaded(&place, &mut browser);
}

/// The texts of a column of the rows that a table shows.
fn column(browser: &mut Chromium, table: &str, at: usize) -> Vec<String> {
    let shown = browser.run(&format!(
        "[...document.querySelector('#t-{table} tbody').rows].filter((row) => row.offsetParent && !row.hidden)\
         .map((row) => row.cells[{at}].textContent)"
    ));
    shown.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Where a column of a table stands.
fn at(browser: &mut Chromium, table: &str, title: &str) -> usize {
    let at = browser.run(&format!(
        "[...document.querySelectorAll('#t-{table} thead th span')].findIndex((head) => head.textContent === '{title}')"
    ));
    usize::try_from(at.as_i64().unwrap()).unwrap_or_else(|_| panic!("{table} has no {title}"))
}

fn said(browser: &mut Chromium, table: &str) -> String {
    let said = browser.run(&format!(
        "document.querySelector('#t-{table}').parentElement.previousElementSibling.querySelector('output').textContent"
    ));
    said.as_str().unwrap().to_owned()
}

/// Presses a button above a table.
fn press(table: &str, number: usize) -> String {
    format!(
        "document.querySelector('#t-{table}').parentElement.previousElementSibling.querySelectorAll('button')[{number}].click()"
    )
}

/// Downloads a table as it is shown: the text after the byte-order mark.
fn downloaded(place: &Place, browser: &mut Chromium, (table, title): (&str, &str)) -> String {
    let folder = place.path("downloads");
    browser.call("Page.setDownloadBehavior", &json!({ "behavior": "allow", "downloadPath": folder }));
    browser.run(&press(table, 3));
    for _ in 0..200 {
        if let Ok(text) = std::fs::read_to_string(folder.join(format!("{title}.csv")))
            && !text.is_empty()
        {
            return text.strip_prefix('\u{feff}').expect("no byte-order mark").to_owned();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("nothing was downloaded");
}

fn tables_sort_search_filter_add_up_and_are_downloaded(place: &Place, browser: &mut Chromium) {
    browser.width(1440);
    browser.open(place, "report/index.html");
    let (over, department) = (at(browser, "overdue", "over"), at(browser, "overdue", "department"));
    let numbers = |texts: &[String]| texts.iter().map(|text| text.parse::<i64>().unwrap()).collect::<Vec<_>>();

    // By a click, and by the keyboard; the row below stays where it is.
    let all = column(browser, "overdue", over);
    let mut sorted = numbers(&all);
    sorted.sort_unstable();
    let head = format!("document.querySelectorAll('#t-overdue thead th')[{over}]");
    browser.run(&format!("{head}.click()"));
    assert_eq!(numbers(&column(browser, "overdue", over)), sorted);
    browser.run(&format!("{head}.dispatchEvent(new KeyboardEvent('keydown', {{ key: 'Enter' }}))"));
    sorted.reverse();
    assert_eq!(numbers(&column(browser, "overdue", over)), sorted);
    assert_eq!(browser.run(&format!("{head}.getAttribute('aria-sort')")), "descending");
    // What opens a definition does not sort, and shows it.
    let about = browser.run(&format!(
        "{{ const opens = {head}.querySelector('.q'); opens.click();\
         const about = document.getElementById(opens.getAttribute('popovertarget'));\
         [about.matches(':popover-open'), about.textContent] }}"
    ));
    assert_eq!(about, json!([true, "over: net − limit"]));
    assert_eq!(numbers(&column(browser, "overdue", over)), sorted);

    // Filtered by a department, and by a number.
    let departments = column(browser, "overdue", department);
    let wanted = departments[0].clone();
    let mine = departments.iter().filter(|name| **name == wanted).count();
    assert!(mine < all.len(), "one department alone");
    let fill = |column: usize, text: &str| {
        format!(
            "{{ const input = document.querySelectorAll('#t-overdue thead input')[{column}]; input.value = {};\
             input.dispatchEvent(new Event('input')) }}",
            Value::from(text)
        )
    };
    browser.run(&fill(department, &format!("={wanted}")));
    assert_eq!(column(browser, "overdue", department), vec![wanted; mine]);
    assert!(said(browser, "overdue").starts_with(&format!("{mine} of {} rows", all.len())));
    let sum: i64 = numbers(&column(browser, "overdue", over)).iter().sum();
    let below = format!("document.querySelectorAll('#t-overdue tfoot td')[{over}].textContent");
    assert_eq!(browser.run(&below), sum.to_string());
    browser.run(&fill(department, ""));
    browser.run(&fill(over, ">3"));
    let expected: Vec<i64> = sorted.iter().copied().filter(|days| *days > 3).collect();
    assert_eq!(numbers(&column(browser, "overdue", over)), expected);
    // All of them again, and those that hold a text.
    browser.run(&press("overdue", 1));
    assert_eq!(column(browser, "overdue", over).len(), all.len());
    let applications = at(browser, "overdue", "application");
    let id = column(browser, "overdue", applications)[0].clone();
    browser.run(&format!(
        "{{ const search = document.querySelector('#t-overdue').parentElement.previousElementSibling.querySelector('input');\
         search.value = '{id}'; search.dispatchEvent(new Event('input')) }}"
    ));
    let found = column(browser, "overdue", applications);
    assert!(!found.is_empty() && found.iter().all(|one| *one == id), "{found:?}");

    // What is shown is what is downloaded and copied.
    let text = downloaded(place, browser, ("overdue", "Assessment"));
    let mut records = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(&records.headers().unwrap()[over], "over");
    let rows: Vec<csv::StringRecord> = records.records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| &row[applications]).collect::<Vec<_>>(), found);
    browser.run(&press("overdue", 2));
    assert_eq!(said(browser, "overdue"), "copied");
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

/// A cell of a downloaded file begins like no formula, whatever stands in the data, and a number stays one.
#[test]
fn what_is_downloaded_is_no_formula() {
    let place = super::page::payloads();
    place.report("report", &["--data", "data", "--as-of", "2026-04-30", "--lang", "en"]);
    let mut browser = Chromium::start(&place);
    browser.open(&place, "report/index.html");
    let text = downloaded(&place, &mut browser, ("overdue", "Assessment"));
    let mut cells = 0;
    for row in csv::Reader::from_reader(text.as_bytes()).records().map(Result::unwrap) {
        for cell in row.iter() {
            assert!(cell.parse::<f64>().is_ok() || !cell.starts_with(['=', '+', '-', '@']), "{cell}");
            cells += usize::from(cell.starts_with('\''));
        }
    }
    assert!(cells > 5, "{cells} cells that looked like formulas");
}

/// A figure leads to as many rows as it says.
fn a_figure_is_a_door_to_its_cases(place: &Place, browser: &mut Chromium) {
    browser.width(1440);
    let mut doors = BTreeSet::new();
    for page in pages(place, "report") {
        browser.open(place, &page);
        let links = browser.run(
            "[...document.querySelectorAll('td.n a[href*=\"?\"]')].map((link) => [link.getAttribute('href'), link.textContent])",
        );
        let links = links.as_array().unwrap().iter().map(|link| [0, 1].map(|at| link[at].as_str().unwrap().to_owned()));
        doors.extend(links);
    }
    for [href, says] in &doors {
        let (_, list) = href.split_once('#').unwrap();
        browser.open(place, &format!("report/{href}"));
        assert_eq!(column(browser, list, 0).len().to_string(), *says, "{href}");
    }
    assert!(doors.len() > 10, "{} doors", doors.len());
    // The rate at the top, and the ranking of departments.
    assert!(place.text("report/index.html").contains("<a href=\"index.html#overdue\">"), "the headline leads nowhere");
    assert!(place.text("report/departments.html").contains("<a href=\"index.html?overdue.1="));
}

/// A card says what `explain` says, and leads back to the rows of its application.
fn an_application_leads_to_its_card_and_back(place: &Place, browser: &mut Chromium) {
    browser.open(place, "report/index.html");
    let link = browser.run(
        "{ const link = document.querySelector('#t-overdue tbody a'); [link.getAttribute('href'), link.textContent] }",
    );
    let (href, id) = (link[0].as_str().unwrap(), link[1].as_str().unwrap());
    browser.open(place, &format!("report/{href}"));
    let told = browser.run("document.querySelector(':target').innerText");
    let told = told.as_str().unwrap();
    let explained = place.run(&["explain", id, "--lake", "lake/report", "--lang", "zh"]).ends(0).out;
    // Facts stand in two cells there, and heads have other signs.
    let sentences = explained.lines().filter(|line| line.starts_with("    ") || line.starts_with("  →"));
    let missing: Vec<&str> = sentences.filter(|line| !told.contains(line.trim())).collect();
    assert_eq!(missing, Vec::<&str>::new(), "{told}");
    assert!(told.contains("超时起日") || told.contains("起超时"), "{told}");
    let back = browser.run("document.querySelector(':target p a').getAttribute('href')");
    browser.open(place, &format!("report/{}", back.as_str().unwrap()));
    let at = at(browser, "overdue", "工单编号");
    let found = column(browser, "overdue", at);
    assert!(!found.is_empty() && found.iter().all(|one| one == id), "{found:?}");
}

/// A sheet of the workbook: its cells as they stand.
fn sheet(place: &Place, title: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = calamine::open_workbook(place.path("report/assessment.xlsx")).unwrap();
    let range = book.worksheet_range(title).unwrap_or_else(|error| panic!("{title}: {error}"));
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The ranking of the departments and the headlines say the same on the page, in what is downloaded of it, in the workbook, in
/// `run.json` and in the mart.
fn figures_are_the_same_everywhere(place: &Place, browser: &mut Chromium) {
    const TITLE: &str = "部门超时排名";
    const COLUMNS: [(&str, &str); 5] = [
        ("责任部门", "department"),
        ("已判定", "settled"),
        ("超时（剔除后）", "overdue_net"),
        ("超时率（剔除后）", "rate_net"),
        ("排名", "rank"),
    ];
    let mart = place.table("report/marts/department_month.parquet");
    let months = lines(&mart.select(["month"]).unwrap());
    let of_month = |name: &str| -> Vec<String> {
        let values = lines(&mart.select([name]).unwrap());
        values
            .into_iter()
            .zip(&months)
            .filter(|(_, month)| month.starts_with("2026-06"))
            .map(|(value, _)| value)
            .collect()
    };
    browser.width(1440);
    browser.open(place, "report/departments.html");
    let downloaded = downloaded(place, browser, ("department_month", TITLE));
    let mut records = csv::Reader::from_reader(downloaded.as_bytes());
    let heads = records.headers().unwrap().clone();
    let records: Vec<csv::StringRecord> = records.records().map(Result::unwrap).collect();
    let cells: Vec<Vec<String>> =
        sheet(place, TITLE).iter().map(|row| row.iter().map(ToString::to_string).collect()).collect();
    let head = cells.iter().position(|row| row.iter().any(|cell| cell == "责任部门")).unwrap();
    // Its first day, as spreadsheets count.
    let is_of_month = |row: &&Vec<String>| row[0] == "46174";
    let departments = of_month("department");
    assert!(departments.len() > 3, "{departments:?}");
    for (title, name) in COLUMNS {
        let of_page = at(browser, "department_month", title);
        let shown = column(browser, "department_month", of_page);
        let in_csv = heads.iter().position(|head| head == title).unwrap();
        assert_eq!(
            records.iter().map(|record| record[in_csv].to_owned()).collect::<Vec<_>>(),
            shown,
            "{title}: page, CSV"
        );
        let in_sheet = cells[head].iter().position(|cell| cell == title).unwrap();
        let in_sheet: Vec<&String> = cells[head + 1..].iter().filter(is_of_month).map(|row| &row[in_sheet]).collect();
        // Each department's, whatever the order.
        let by_name =
            |names: Vec<String>, values: Vec<String>| names.into_iter().zip(values).collect::<BTreeMap<_, _>>();
        let names_at = at(browser, "department_month", "责任部门");
        let names = column(browser, "department_month", names_at);
        let (page, of_mart) = (by_name(names, shown), by_name(departments.clone(), of_month(name)));
        let name_column = cells[head].iter().position(|cell| cell == "责任部门").unwrap();
        let names = cells[head + 1..].iter().filter(is_of_month).map(|row| row[name_column].clone()).collect();
        let book = by_name(names, in_sheet.into_iter().cloned().collect());
        assert_eq!(page.len(), of_mart.len(), "{title}");
        for (department, value) in &of_mart {
            let number: Option<f64> = value.parse().ok();
            let (shown, printed) = (&page[department], &book[department]);
            match number {
                Some(rate) if name == "rate_net" => {
                    assert_eq!(*shown, format!("{:.1} %", rate * 100.0), "{department}");
                    assert!((printed.parse::<f64>().unwrap() - rate).abs() < 1e-6, "{department}: {printed}");
                }
                Some(number) => {
                    assert_eq!(shown.replace(',', "").parse(), Ok(number), "{department}: {title}");
                    assert_eq!(printed.parse(), Ok(number), "{department}: {title}");
                }
                None if value == department => assert_eq!((shown, printed), (value, value)),
                None => assert!(shown.is_empty() && printed.is_empty(), "{department}: {title}: {value}"),
            }
        }
    }
    // What is at the top is in the workbook's first sheet and in run.json.
    browser.open(place, "report/index.html");
    let cards = browser.run(
        "[...document.querySelectorAll('.card')].map((card) => [card.querySelector('.t').textContent, card.querySelector('.v').textContent])",
    );
    let summary: Vec<String> = sheet(place, "摘要").iter().flatten().map(ToString::to_string).collect();
    let run = place.json("report/run.json");
    let headlines = run["headlines"].as_array().unwrap();
    assert_eq!(cards.as_array().unwrap().len(), headlines.len());
    for headline in headlines {
        let (title, value) = (headline["title"].as_str().unwrap(), headline["value"].as_str().unwrap());
        let found = cards.as_array().unwrap().iter().any(|card| card[0] == title && card[1] == value);
        assert!(found, "{title} {value} is no card: {cards}");
        assert!(summary.iter().any(|cell| cell == value), "{title} {value} is not in the summary: {summary:?}");
    }
}

/// Without scripts nothing is lost: all rows, and no control that does nothing.
fn without_scripts_everything_is_readable(place: &Place, browser: &mut Chromium) {
    browser.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    browser.open(place, "report/index.html?overdue.1=x#overdue");
    let bars = browser.run("[...document.querySelectorAll('.bar')].filter((bar) => bar.offsetParent).length");
    assert_eq!(bars, 0);
    let page = place.text("report/index.html");
    let (_, table) = page.split_once("id=\"t-overdue\"").unwrap();
    let rows = table.split_once("</tbody>").unwrap().0.matches("</tr>").count() - 1;
    assert_eq!(column(browser, "overdue", 0).len(), rows);
    browser.call("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
}

/// However many applications the tables list, there are as many cards and no more; who has none is told how to ask.
#[test]
fn cards_are_of_the_first_applications_only() {
    let place = Place::new();
    place.yekuo("sample exports --applications 3000").ends(0);
    place.report("report", &["weekly", "--data", "exports", "--as-of", "2026-06-30", "--lang", "en"]);
    let pages = place.pages("report");
    assert_eq!(pages.matches("<article id=\"c-").count(), 250);
    assert!(
        pages.contains("of these rows are of applications without a card: `yekuo explain` with the number tells them")
    );
    assert!(place.files("report").iter().all(|(name, page)| !name.ends_with(".html") || page.len() < 1_500_000));
}
