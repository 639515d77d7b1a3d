//! Fuzz targets of what every room uses: the calendar, and the escapes of CSV and HTML.

pub(crate) mod fuzz;

use std::fmt::Write;

use askama::Template;
use html5gum::{DefaultEmitter, Token, Tokenizer};

use crate::calendar::{Calendar, CalendarFile, Day, MarkedDay};
use crate::spelling::{harmless, rearmed};
use fuzz::{Choices, fuzz};

/// Working days between two days are those that a walk from the one to the other meets.
fn calendar(input: &[u8]) -> String {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut choices = Choices(input);
    let first = choices.within(Day::FIRST.0 - 3..Day::LAST.0 - 30);
    let near = |choices: &mut Choices<'_>| Day((first + choices.within(-5..60)).clamp(Day::FIRST.0, Day::LAST.0));
    let (from, to) = (Day(first), near(&mut choices));
    let weekend = choices.flag().then(|| {
        let days = (0..choices.within(0..4)).map(|_| NAMES[choices.within(0..7) as usize].to_owned());
        days.collect::<Vec<_>>()
    });
    let (mut holidays, mut workdays) = (Vec::new(), Vec::new());
    while !choices.are_over() {
        let list = if choices.flag() { &mut workdays } else { &mut holidays };
        list.push(near(&mut choices));
    }
    let marked = |days: &[Day]| days.iter().map(|day| MarkedDay { on: day.to_string(), name: String::new() }).collect();
    let file = CalendarFile {
        covered: Some([1980, 2099]),
        weekend: weekend.clone(),
        holidays: marked(&holidays),
        workdays: marked(&workdays),
        ..CalendarFile::default()
    };
    let calendar = match Calendar::new(&file) {
        Ok(calendar) => calendar,
        Err(faults) => return faults.iter().map(|fault| format!("{:?}", fault.what)).collect(),
    };
    let off = weekend.unwrap_or_else(|| vec!["sat".to_owned(), "sun".to_owned()]);
    let is_working = |day: i32| {
        let weekday = NAMES[(day + 3).rem_euclid(7) as usize];
        let is_off = off.iter().any(|name| name == weekday) || holidays.contains(&Day(day));
        Day(day).is_known() && (workdays.contains(&Day(day)) || !is_off)
    };
    // Days before the first that is known count as that one.
    let walked =
        |from: Day, to: Day| (from.0.max(Day::FIRST.0) + 1..=to.0).filter(|day| is_working(*day)).count() as i32;
    let between = calendar.working_days(from, to);
    assert_eq!(between, if from <= to { walked(from, to) } else { -walked(to, from) });
    let known = Day(from.0.max(Day::FIRST.0));
    assert_eq!(calendar.is_working(known), is_working(known.0));
    // The first day of an ordinal is its inverse.
    if let Some(next) = (known.0..known.0 + 90).find(|day| is_working(*day)) {
        assert_eq!(calendar.next_working(known), Day(next));
        assert_eq!(calendar.first_day(calendar.ordinal(Day(next))), Day(next));
    }
    format!("{} {}", between.signum(), calendar.is_working(known))
}

/// What stands in a CSV file begins like no formula, and is read back as it was.
fn csv_escape(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["text", "x"]).unwrap();
    file.write_record([&harmless(&text), "x"]).unwrap();
    let file = file.into_inner().unwrap();
    let mut records = csv::Reader::from_reader(file.as_slice());
    let record = records.records().next().unwrap().unwrap();
    assert_eq!(rearmed(&record[0]), text);
    // A spreadsheet cuts blanks and marks that do not show, and reads a full-width sign as its ASCII form.
    let seen: String =
        record[0].chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '\u{feff}').collect();
    let begins = seen.trim_start_matches('"');
    assert!(!begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\u{2212}']), "{begins}");
    assert!(!record[0].starts_with(['\t', '\r', '\n']));
    let kinds = text.chars().take(3).map(|c| (c.is_alphanumeric(), c.is_whitespace(), c.is_control(), c.is_ascii()));
    format!("{} {:?}", record[0].starts_with('\''), kinds.collect::<Vec<_>>())
}

/// Text as the page shows it: between tags and in an attribute.
#[derive(Template)]
#[template(source = "<p title=\"{{ text }}\">{{ text }}</p>", ext = "html")]
struct Shown<'a> {
    text: &'a str,
}

/// What a page shows is the text and nothing else: a browser's reader gets it back, and no tag but ours.
fn html_escape(input: &[u8]) -> String {
    // HTML itself holds no zeros, and ends its lines in one way.
    let text = String::from_utf8_lossy(input).replace('\0', "").replace("\r\n", "\n").replace('\r', "\n");
    let page = Shown { text: &text }.render().unwrap();
    assert_eq!(page.matches('<').count(), 2, "{page}");
    let (mut shown, mut marks) = (String::new(), 0);
    for Ok(token) in Tokenizer::new_with_emitter(&page, DefaultEmitter::<()>::new_with_span()) {
        match token {
            Token::StartTag(tag) => {
                let title = tag.attributes.get(b"title".as_slice()).unwrap();
                assert_eq!((tag.name.as_slice(), tag.attributes.len()), (b"p".as_slice(), 1));
                assert_eq!(String::from_utf8_lossy(title), text);
            }
            Token::EndTag(tag) => assert_eq!(tag.name.as_slice(), b"p"),
            Token::String(part) => shown.push_str(&String::from_utf8_lossy(&part)),
            Token::Error(_) => marks += 1,
            other => panic!("{other:?} in {page}"),
        }
    }
    assert_eq!(shown, text);
    let mut outcome = format!("{marks} ");
    text.chars().filter(char::is_ascii_punctuation).take(4).for_each(|c| write!(outcome, "{c}").unwrap());
    outcome
}

#[test]
fn fuzz_calendar() {
    fuzz("calendar", calendar);
}

#[test]
fn fuzz_csv_escape() {
    fuzz("csv_escape", csv_escape);
}

#[test]
fn fuzz_html_escape() {
    fuzz("html_escape", html_escape);
}
