//! The page of all reports in a folder: the newest first, with their headlines and what moved between editions.

use std::fmt::Write;

use askama::Template;

use super::headline::Headline;
use super::spark::{self, Line};
use crate::draw::fonts;
use crate::error::{Error, Result};
use crate::words::Lang;

/// Headlines of a report that the page shows.
const MOST_HEADLINES: usize = 6;

/// A report that stands in the folder.
#[derive(Debug)]
pub(crate) struct OnShelf {
    /// The folder, from the page.
    pub folder: String,
    /// The name of its pipeline: reports of one stand together.
    pub pipeline: String,
    /// What its pipeline is called.
    pub title: String,
    /// Which applications it is about, in words; empty: all of them.
    pub about: String,
    /// Its language.
    pub lang: Lang,
    /// The days that it is about, in words.
    pub period: String,
    /// The last day that was known.
    pub as_of: String,
    /// Who signed it and when, if somebody has.
    pub signed: Option<(String, String)>,
    /// Its headlines.
    pub headlines: Vec<Headline>,
    /// What stood in its place before, the newest first.
    pub earlier: Vec<Earlier>,
}

/// A report that stood in the place of another before.
#[derive(Debug)]
pub(crate) struct Earlier {
    /// The folder, from the page.
    pub folder: String,
    /// Which edition of its period's report.
    pub edition: u32,
    /// The last day that was known.
    pub as_of: String,
    /// Its headlines.
    pub headlines: Vec<Headline>,
}

#[derive(Template)]
#[template(path = "shelf.html")]
struct Page<'a> {
    lang: &'static str,
    zh: bool,
    title: &'static str,
    fonts: Vec<(u16, String)>,
    groups: Vec<Group<'a>>,
    unread: Vec<String>,
}

/// The reports of one pipeline.
struct Group<'a> {
    title: String,
    columns: Vec<Column<'a>>,
    reports: Vec<Row<'a>>,
    /// Headlines that are not shown.
    more: usize,
}

/// A headline through all reports.
struct Column<'a> {
    title: &'a str,
    line: Option<Line>,
}

/// A report with its figures, and the same in other languages.
struct Row<'a> {
    link: String,
    period: &'a str,
    as_of: &'a str,
    signed: String,
    others: Vec<Other>,
    earlier: Vec<Link>,
    moved: String,
    /// In the order of the columns; nothing where a report has no such headline.
    cells: Vec<Option<&'a Headline>>,
}

struct Link {
    link: String,
    name: String,
}

/// A report in another language than the page's.
struct Other {
    link: Link,
    signed: String,
    earlier: Vec<Link>,
}

/// Lays the page out. `reports` come with the newest first; of the folders `unread` nobody can tell what they hold.
pub(crate) fn page(reports: &[OnShelf], unread: &[String], lang: Lang) -> Result<String> {
    let mut pipelines: Vec<&str> = Vec::new();
    for report in reports {
        if !pipelines.contains(&report.pipeline.as_str()) {
            pipelines.push(&report.pipeline);
        }
    }
    let unread = unread.iter().map(|folder| {
        lang.pick(
            format!("「{folder}」中的报告出自别的版本，这里没有列出。"),
            format!("`{folder}` holds a report of another version, which is not listed."),
        )
    });
    let mut page = Page {
        lang: lang.pick("zh-CN", "en"),
        zh: lang == Lang::Zh,
        title: lang.pick("业扩报告目录", "Service connection: reports"),
        fonts: Vec::new(),
        groups: pipelines.into_iter().map(|pipeline| group(pipeline, reports, lang)).collect(),
        unread: unread.collect(),
    };
    let text = page.render().map_err(Error::render("index.html"))?;
    page.fonts = fonts::of_page(&text, &text);
    page.render().map_err(Error::render("index.html"))
}

fn group<'a>(pipeline: &str, reports: &'a [OnShelf], lang: Lang) -> Group<'a> {
    let of_pipeline = || reports.iter().filter(|report| report.pipeline == pipeline);
    // Of each day one is told with its figures: that in the language of the page, where there is one.
    let is_first = |report: &&OnShelf| {
        let mut of_day = of_pipeline().filter(|other| other.as_of == report.as_of);
        let first = of_day.clone().find(|other| other.lang == lang).or_else(|| of_day.next());
        first.is_some_and(|first| first.folder == report.folder)
    };
    let told: Vec<&OnShelf> = of_pipeline().filter(is_first).collect();
    let newest = told.first().copied();
    // Those of the newest; what only earlier ones had is in them.
    let headlines = newest.map(|newest| newest.headlines.as_slice()).unwrap_or_default();
    let titles: Vec<&str> = headlines.iter().take(MOST_HEADLINES).map(|headline| headline.title.as_str()).collect();
    let column = |title: &&'a str| {
        let through = told.iter().rev().filter_map(|report| named(&report.headlines, title));
        Column { title, line: line(&through.map(|headline| headline.value.as_str()).collect::<Vec<_>>(), lang) }
    };
    let row = |report: &&'a OnShelf| Row {
        link: link(&report.folder),
        period: &report.period,
        as_of: &report.as_of,
        signed: signed(report, lang),
        others: of_pipeline()
            .filter(|other| other.as_of == report.as_of && other.folder != report.folder)
            .map(|other| Other {
                link: Link { link: link(&other.folder), name: in_words(other.lang).to_owned() },
                signed: signed(other, lang),
                earlier: earlier(other, lang),
            })
            .collect(),
        earlier: earlier(report, lang),
        moved: moved(report, lang),
        cells: titles.iter().map(|title| named(&report.headlines, title)).collect(),
    };
    let title = newest.map_or_else(String::new, |newest| match newest.about.as_str() {
        "" => newest.title.clone(),
        about => format!("{} · {about}", newest.title),
    });
    Group {
        title,
        columns: titles.iter().map(column).collect(),
        reports: told.iter().map(row).collect(),
        more: headlines.len() - titles.len(),
    }
}

fn named<'a>(headlines: &'a [Headline], title: &str) -> Option<&'a Headline> {
    headlines.iter().find(|headline| headline.title == title)
}

/// What a language is called in itself.
fn in_words(lang: Lang) -> &'static str {
    lang.pick("中文", "English")
}

fn signed(report: &OnShelf, lang: Lang) -> String {
    report
        .signed
        .as_ref()
        .map_or_else(String::new, |(by, on)| lang.pick(format!("{by} 于 {on} 签署"), format!("signed by {by} on {on}")))
}

fn earlier(report: &OnShelf, lang: Lang) -> Vec<Link> {
    report.earlier.iter().map(|earlier| earlier_link(earlier, lang)).collect()
}

fn earlier_link(Earlier { folder, edition, as_of, .. }: &Earlier, lang: Lang) -> Link {
    let name = lang
        .pick(format!("此前：第 {edition} 版，统计日 {as_of}"), format!("before: edition {edition}, as of {as_of}"));
    Link { link: link(folder), name }
}

/// Which headlines are others than in the edition before.
fn moved(report: &OnShelf, lang: Lang) -> String {
    let Some(before) = report.earlier.iter().find(|earlier| earlier.as_of == report.as_of) else {
        return String::new();
    };
    let moved = report.headlines.iter().filter_map(|now| {
        let then = named(&before.headlines, &now.title).filter(|then| then.value != now.value)?;
        Some(format!("{} {} → {}", now.title, then.value, now.value))
    });
    let moved: Vec<String> = moved.collect();
    match moved.is_empty() {
        true => lang.pick("要点与上一版相同", "no headline moved since").to_owned(),
        false => moved.join(lang.pick("；", "; ")),
    }
}

/// The way of a figure from the oldest report to the newest; none of fewer than two numbers.
fn line(values: &[&str], lang: Lang) -> Option<Line> {
    let numbers: Vec<(f64, &str)> = values.iter().filter_map(|value| Some((number(value)?, *value))).collect();
    let ((_, first), (_, last)) = (numbers.first()?, numbers.last()?);
    let count = numbers.len();
    let said =
        lang.pick(format!("{count} 份报告：从 {first} 到 {last}"), format!("{count} reports: from {first} to {last}"));
    spark::through(&numbers.iter().map(|(number, _)| Some(*number)).collect::<Vec<_>>(), said)
}

/// The number that a figure begins with.
fn number(value: &str) -> Option<f64> {
    let end = value.find(|c: char| !matches!(c, '0'..='9' | '.' | ',' | '-' | '+' | '−')).unwrap_or(value.len());
    value[..end].replace('−', "-").replace(',', "").parse().ok()
}

/// A folder's page as an address, in which a name may hold anything.
fn link(folder: &str) -> String {
    let mut link = String::new();
    for byte in folder.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => link.push(byte.into()),
            _ => drop(write!(link, "%{byte:02X}")),
        }
    }
    link + "/index.html"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(as_of: &str, value: &str) -> OnShelf {
        let headline = |title: &str, value: &str| Headline {
            title: title.to_owned(),
            value: value.to_owned(),
            detail: String::new(),
            change: String::new(),
            tone: None,
            target: String::new(),
            few: false,
        };
        OnShelf {
            folder: format!("月报#{as_of}"),
            pipeline: "monthly".to_owned(),
            about: String::new(),
            title: "月报<1>".to_owned(),
            lang: Lang::Zh,
            period: as_of[..7].to_owned(),
            as_of: as_of.to_owned(),
            signed: None,
            headlines: vec![headline("超时率", value)],
            earlier: vec![Earlier {
                folder: "editions/r/1".to_owned(),
                edition: 1,
                as_of: as_of.to_owned(),
                headlines: vec![headline("超时率", "4.9 %")],
            }],
        }
    }

    #[test]
    fn reports_of_a_title_stand_together_and_tell_what_moved() {
        let reports = [report("2026-06-30", "4.8 %"), report("2026-05-31", "无数据"), report("2026-04-30", "4.9 %")];
        let page = page(&reports, &["old".to_owned()], Lang::Zh).unwrap();
        assert_eq!(page.matches("<h2>").count(), 1);
        for part in [
            "月报&#60;1&#62;",
            "href=\"%E6%9C%88%E6%8A%A5%232026-06-30/index.html\"",
            "超时率 4.9 % → 4.8 %",
            "超时率 4.9 % → 无数据",
            "要点与上一版相同",
            "2 份报告：从 4.9 % 到 4.8 %",
            "points=\"3.0,3.0 93.0,21.0\"",
            "「old」中的报告出自别的版本",
        ] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn languages_stand_beside_each_other_and_parts_by_themselves() {
        let english = OnShelf {
            folder: "m-en".to_owned(),
            title: "Monthly".to_owned(),
            lang: Lang::En,
            signed: Some(("Wang".to_owned(), "2026-07-02".to_owned())),
            ..report("2026-06-30", "4.8 %")
        };
        let part = OnShelf {
            folder: "m-east".to_owned(),
            pipeline: "monthly-east".to_owned(),
            about: "供电单位 城东".to_owned(),
            ..report("2026-06-30", "1.0 %")
        };
        let reports = [english, report("2026-06-30", "4.8 %"), part];
        let page = page(&reports, &[], Lang::Zh).unwrap();
        assert_eq!((page.matches("<h2>").count(), page.matches("<tr><td>").count()), (2, 2));
        for part in [
            "<a href=\"m-en/index.html\">English</a>",
            "Wang 于 2026-07-02 签署",
            "<h2>月报&#60;1&#62; · 供电单位 城东</h2>",
            "href=\"m-east/index.html\"",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<h2>Monthly"));
    }

    #[test]
    fn a_figure_begins_with_its_number() {
        for (value, expected) in [
            ("1,234.5 户", Some(1234.5)),
            ("−0.5", Some(-0.5)),
            ("39 条（按环节）", Some(39.0)),
            ("无数据", None),
            ("", None),
        ] {
            assert_eq!(number(value), expected, "{value}");
        }
    }
}
