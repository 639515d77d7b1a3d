//! The pages: each a file by itself, with its own font and script, no network, and everything readable without the script.
//!
//! `index.html` has the summary, the charts and the tables with which the pipeline begins; each other table stands on the
//! page of its topic, which its mart's definition names. What is too long for one page goes on to the next one.

mod cards;
mod doors;
mod laid;
mod said;
mod script;

use std::ops::Range;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::cards::Told;
use self::laid::Laid;
use super::charts::Chart;
use super::summary::{Card, Summary};
use super::{Artefact, Input, Relative, example};
use crate::cells::{Column, Part, Table};
use crate::contract;
use crate::draw::fonts;
use crate::error::{Error, Result};
use crate::marts::{Mart, Topic};
use crate::parallel;
use crate::words::Lang;

/// The first page.
const INDEX: &str = "index.html";
/// The page that says what figures mean.
const DEFINITIONS: &str = "definitions.html";
/// Tables that the first page shows of those with which the pipeline begins, of those that have rows.
const FIRST_TABLES: usize = 4;
/// The bytes of the tables of a page, about: with fonts and charts no page has 1.5 MB.
const MOST_BYTES: usize = 550_000;

/// What all pages of a report have in common.
struct Frame<'a> {
    zh: bool,
    title: &'a str,
    heads: Vec<String>,
    /// The logo of the house, in base64.
    logo: Option<String>,
    /// The colour of the house.
    colour: Option<&'a str>,
    month: String,
    as_of: String,
    data_until: String,
    alarm: Option<String>,
    /// Which applications it is about, in words; empty: all of them.
    about: String,
    /// The reports that this one is a part of.
    wholes: Vec<Link>,
    /// Whom readers can ask, and until when the next report counts.
    foot: Vec<String>,
    program: String,
    workbook: String,
    /// The script, and the source that may run it.
    script: (String, String),
    pages: Vec<Link>,
    has_cards: bool,
}

/// A page as the others link to it.
#[derive(Clone)]
struct Link {
    file: String,
    name: String,
    /// What stands on it.
    tables: String,
}

/// A page of tables as it is put together.
struct Sheet {
    file: String,
    name: String,
    tables: Vec<usize>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Index<'a> {
    lang: &'static str,
    fonts: Vec<(u16, String)>,
    frame: &'a Frame<'a>,
    file: &'a str,
    notices: Vec<String>,
    summary: &'a Summary,
    charts: &'a [Chart],
    tables: Vec<&'a Laid<'a>>,
}

#[derive(Template)]
#[template(path = "tables.html")]
struct Tables<'a> {
    lang: &'static str,
    fonts: Vec<(u16, String)>,
    frame: &'a Frame<'a>,
    file: &'a str,
    name: &'a str,
    tables: Vec<&'a Laid<'a>>,
}

#[derive(Template)]
#[template(path = "cards.html")]
struct Cards<'a> {
    lang: &'static str,
    fonts: Vec<(u16, String)>,
    frame: &'a Frame<'a>,
    file: &'a str,
    name: &'a str,
    /// The pages of cards.
    others: &'a [Link],
    most: usize,
    cards: &'a [Told],
}

#[derive(Template)]
#[template(path = "definitions.html")]
struct Defined<'a> {
    lang: &'static str,
    fonts: Vec<(u16, String)>,
    frame: &'a Frame<'a>,
    file: &'a str,
    name: &'a str,
    rules: Vec<(String, String)>,
    files: Vec<(String, String)>,
    definitions: Vec<Definitions<'a>>,
}

/// What the figures of one table mean.
struct Definitions<'a> {
    name: &'a str,
    title: &'a str,
    about: &'a str,
    /// Where the table is.
    link: String,
    example: Vec<String>,
    source: String,
    columns: Vec<&'a Column>,
    /// How each figure comes about, by the title of its column.
    measures: Vec<(String, String)>,
    /// What selects its cases; empty where readers are not of the house.
    sql: &'a str,
    /// The command that tells the cases of its figures.
    explain: String,
}

/// Lays the pages out.
pub(super) fn pages(
    input: &Input<'_>,
    mut summary: Summary,
    charts: &[Chart],
    tables: &[Table],
) -> Result<Vec<Artefact>> {
    let lang = input.lang;
    let mut laid: Vec<Laid<'_>> = tables.iter().map(|table| Laid::new(table, lang)).collect();
    let sheets = sheets(input, &laid);
    for sheet in &sheets {
        for at in &sheet.tables {
            laid[*at].file.clone_from(&sheet.file);
        }
    }
    let is_defined = |table: &Table| input.catalogue.marts.iter().any(|mart| mart.name == table.name);
    for one in laid.iter_mut().filter(|one| is_defined(one.table)) {
        one.defined = format!("{DEFINITIONS}#{}", one.table.name);
    }
    doors::open(&mut laid, input.catalogue, input.month());
    doors::lead(&mut laid, input.catalogue, input.relatives);
    for card in summary.cards.iter_mut().chain(&mut summary.others) {
        lead(card, &laid);
    }
    let in_order: Vec<&Laid<'_>> = sheets.iter().flat_map(|sheet| &sheet.tables).map(|at| &laid[*at]).collect();
    let told = cards::told(input, &in_order)?;
    let of_cards = cards::pages(&told);
    let card_pages: Vec<Link> = (0..of_cards.len()).map(|number| card_page(number, lang)).collect();
    let link =
        |(page, card): (&Link, &Told)| (card.card.application_id.clone(), format!("{}#{}", page.file, card.anchor));
    let on_pages = card_pages
        .iter()
        .zip(&of_cards)
        .flat_map(|(page, cards)| told[cards.clone()].iter().map(move |card| (page, card)));
    cards::lead(&mut laid, &on_pages.map(link).collect());
    let frame = frame(input, &sheets, &laid, card_pages.first());
    let notices = said::notices(input);
    let definitions = definitions(input, &laid)?;
    let render = |sheet: &Sheet| -> Result<Artefact> {
        let tables: Vec<&Laid<'_>> = sheet.tables.iter().map(|at| &laid[*at]).collect();
        let (file, name, fonts) = (sheet.file.as_str(), sheet.name.as_str(), Vec::new());
        let (frame, lang) = (&frame, lang.pick("zh-CN", "en"));
        let text = match file {
            INDEX => {
                let notices = notices.clone();
                let page = Index { lang, fonts, frame, file, notices, summary: &summary, charts, tables };
                with_fonts(page, |page, fonts| page.fonts = fonts)
            }
            _ => with_fonts(Tables { lang, fonts, frame, file, name, tables }, |page, fonts| page.fonts = fonts),
        };
        Ok((sheet.file.clone(), text.map_err(Error::render(sheet.file.clone()))?.into_bytes()))
    };
    let mut pages = Vec::new();
    parallel::in_order(sheets.iter(), render, |page| {
        pages.push(page);
        Ok(())
    })?;
    let cards = |(page, cards): (&Link, &Range<usize>)| -> Result<Artefact> {
        let page = Cards {
            lang: lang.pick("zh-CN", "en"),
            fonts: Vec::new(),
            frame: &frame,
            file: &page.file,
            name: &page.name,
            others: &card_pages,
            most: cards::MOST_CARDS,
            cards: &told[cards.clone()],
        };
        let file = page.file.to_owned();
        let text = with_fonts(page, |page, fonts| page.fonts = fonts).map_err(Error::render(file.clone()))?;
        Ok((file, text.into_bytes()))
    };
    parallel::in_order(card_pages.iter().zip(&of_cards), cards, |page| {
        pages.push(page);
        Ok(())
    })?;
    let page = Defined {
        lang: lang.pick("zh-CN", "en"),
        fonts: Vec::new(),
        frame: &frame,
        file: DEFINITIONS,
        name: definitions_title(lang),
        rules: said::rules(input),
        files: files(input),
        definitions,
    };
    let text = with_fonts(page, |page, fonts| page.fonts = fonts).map_err(Error::render(DEFINITIONS))?;
    pages.push((DEFINITIONS.to_owned(), text.into_bytes()));
    Ok(pages)
}

/// Renders a page with the fonts of its text.
fn with_fonts<P: Template>(mut page: P, set: impl FnOnce(&mut P, Vec<(u16, String)>)) -> askama::Result<String> {
    let text = page.render()?;
    set(&mut page, fonts::of_page(&text, &bold(&text)));
    page.render()
}

/// What of a page may be bold: all but the elements that never are, which are most of it.
fn bold(page: &str) -> String {
    let mut left = page.to_owned();
    for (open, close) in
        [("<td>", "</td>"), ("<td class", "</td>"), ("<dd>", "</dd>"), ("<p ", "</p>"), ("<script", "</script>")]
    {
        let mut kept = String::new();
        let mut rest = left.as_str();
        while let Some((before, after)) = rest.split_once(open) {
            kept += before;
            rest = after.split_once(close).map_or("", |(_, after)| after);
        }
        left = kept + rest;
    }
    left
}

fn frame<'a>(input: &Input<'a>, sheets: &[Sheet], laid: &[Laid<'_>], cards: Option<&Link>) -> Frame<'a> {
    let lang = input.lang;
    let titles = |sheet: &Sheet| {
        let titles = sheet.tables.iter().map(|at| laid[*at].table.title.as_str());
        titles.collect::<Vec<_>>().join(lang.pick("、", ", "))
    };
    let link = |sheet: &Sheet| Link { file: sheet.file.clone(), name: sheet.name.clone(), tables: titles(sheet) };
    let mut pages: Vec<Link> = sheets.iter().map(link).collect();
    pages.extend(cards.cloned());
    pages.push(Link { file: DEFINITIONS.to_owned(), name: definitions_title(lang).to_owned(), tables: String::new() });
    Frame {
        zh: lang == Lang::Zh,
        title: input.config.pipeline.title.get(lang),
        heads: input.heads(),
        logo: input.config.house.logo.as_ref().map(|logo| STANDARD.encode(logo)),
        colour: input.config.house.colour.as_deref(),
        month: input.period.label(lang),
        as_of: input.as_of.to_string(),
        data_until: input.data_until(),
        about: input.about(),
        wholes: input.relatives.wholes.iter().map(whole).collect(),
        alarm: input.stale.map(|stale| stale.say(lang)),
        foot: said::foot(input),
        program: format!("yekuo {}", env!("CARGO_PKG_VERSION")),
        workbook: input.config.pipeline.workbook(),
        script: script::of_page(),
        pages,
        has_cards: cards.is_some(),
    }
}

/// A report that this one is a part of.
fn whole(Relative { name, folder }: &Relative) -> Link {
    Link { file: doors::beside(folder), name: name.clone(), tables: String::new() }
}

/// A page of cards.
fn card_page(before: usize, lang: Lang) -> Link {
    let Sheet { file, name, .. } = sheet("cases", lang.pick("工单过程", "Applications"), before, Vec::new());
    Link { file, name, tables: String::new() }
}

fn definitions_title(lang: Lang) -> &'static str {
    lang.pick("指标说明", "Definitions")
}

/// Which tables stand on which page, in the order of the pages.
fn sheets(input: &Input<'_>, laid: &[Laid<'_>]) -> Vec<Sheet> {
    let lang = input.lang;
    let with_rows = laid.iter().enumerate().filter(|(_, one)| !one.rows.is_empty()).map(|(at, _)| at);
    let begins: Vec<usize> = with_rows.filter(|at| laid[*at].table.part != Part::Quality).take(FIRST_TABLES).collect();
    let topic = |at: &usize| match mart(input, laid[*at].table) {
        _ if begins.contains(at) => Some(Topic::Overview),
        Some(mart) => Some(mart.definition.topic),
        None if laid[*at].table.part == Part::Quality => None,
        None => Some(Topic::Overview),
    };
    let mut sheets = Vec::new();
    let topics = Topic::ALL.iter().map(|topic| (Some(*topic), topic.code(), topic.title(lang)));
    let quality = (None, "data-quality", lang.pick("数据质量", "Data quality"));
    for (wanted, page, title) in topics.chain([quality]) {
        let tables: Vec<usize> = (0..laid.len()).filter(|at| topic(at) == wanted).collect();
        sheets.extend(split(laid, &tables, page, title));
    }
    sheets
}

fn mart<'a>(input: &Input<'a>, table: &Table) -> Option<&'a Mart> {
    input.catalogue.marts.iter().find(|mart| mart.name == table.name)
}

/// The pages of a topic: as many as its tables take. The first page of the report is one by itself, whatever stands on it.
fn split(laid: &[Laid<'_>], tables: &[usize], page: &str, title: &str) -> Vec<Sheet> {
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut bytes = 0;
    for at in tables {
        bytes += laid[*at].bytes;
        match sheets.last_mut().filter(|_| bytes <= MOST_BYTES) {
            Some(sheet) => sheet.tables.push(*at),
            None => {
                bytes = laid[*at].bytes;
                sheets.push(sheet(page, title, sheets.len(), vec![*at]));
            }
        }
    }
    if sheets.is_empty() && format!("{page}.html") == INDEX {
        sheets.push(sheet(page, title, 0, Vec::new()));
    }
    sheets
}

fn sheet(page: &str, title: &str, before: usize, tables: Vec<usize>) -> Sheet {
    match before {
        0 => Sheet { file: format!("{page}.html"), name: title.to_owned(), tables },
        before => {
            let number = before + 1;
            Sheet { file: format!("{page}-{number}.html"), name: format!("{title} {number}"), tables }
        }
    }
}

/// Leads a figure at the top to its table, and what it counts to the cases.
fn lead(card: &mut Card, laid: &[Laid<'_>]) {
    let named = |name: &Option<String>| laid.iter().find(|one| Some(&one.table.name) == name.as_ref());
    card.door = named(&card.door).map(Laid::address);
    // Only to as many rows as it says.
    let counts = |list: &&Laid<'_>| card.headline.detail.split(' ').next() == Some(&list.count.to_string());
    card.cases = named(&card.cases).filter(counts).map(Laid::address);
}

/// The files that the report was made from, by the table that they bring.
fn files(input: &Input<'_>) -> Vec<(String, String)> {
    if input.config.pipeline.public {
        return Vec::new();
    }
    let mut files: Vec<(String, String)> = Vec::new();
    for read in &input.ledger.files {
        let title = contract::title(read.table, input.lang);
        match files.iter_mut().find(|(table, _)| *table == title) {
            Some((_, names)) => *names = format!("{names}{}{}", input.lang.pick("、", ", "), read.file),
            None => files.push((title, read.file.clone())),
        }
    }
    files
}

fn definitions<'a>(input: &Input<'a>, laid: &[Laid<'a>]) -> Result<Vec<Definitions<'a>>> {
    let of_marts = laid.iter().filter_map(|one| mart(input, one.table).map(|mart| (one, mart)));
    let definitions = of_marts.map(|(one, mart)| {
        let (table, definition) = (one.table, &mart.definition);
        let example = input.catalogue.examples.get(&table.name);
        // What readers of a public report are shown is what they can use.
        let is_public = input.config.pipeline.public;
        let measures = definition.columns.iter().filter(|column| !column.hidden && !is_public).filter_map(|column| {
            Some((column.title.get(input.lang).to_owned(), format!("{} = {}", column.name, column.from.as_ref()?)))
        });
        Ok(Definitions {
            name: &table.name,
            title: &table.title,
            about: &table.about,
            link: one.address(),
            example: example.map_or(Ok(Vec::new()), |example| example::lines(input.config, input.lang, example))?,
            source: input.config.vocabularies.sources(&definition.source, input.lang),
            columns: table.columns.iter().filter(|column| !column.about.is_empty()).collect(),
            measures: measures.collect(),
            sql: if is_public { "" } else { &mart.sql },
            explain: if is_public || definition.is_list() {
                String::new()
            } else {
                format!("yekuo explain {} --cases", mart.name)
            },
        })
    });
    definitions.collect()
}
