//! Every word of a report is in its language: those of the data, of files and of columns apart.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use crate::place::{Place, without};

/// Words in Latin letters that Chinese readers know: units, names of methods and of people, of files and of ours.
const KNOWN: &[&str] = &[
    "kVA",
    "kva",
    "yekuo",
    "CSV",
    "csv",
    "xlsx",
    "SQL",
    "UTF-",
    "Parquet",
    "TOML",
    "verify",
    "explain",
    "case",
    "backtest",
    "run.json",
    "rejects",
    "README.md",
    "units.toml",
    "process.toml",
    "scorecard.toml",
    "targets.toml",
    "owners.toml",
    "standards.toml",
    "Aalen",
    "Johansen",
    "Kaplan",
    "Meier",
    "Wilson",
    "Newcombe",
    "Brier",
    "Cox",
    "Wald",
    "Welch",
    "Greenwood",
    "Little",
    "Wheeler",
    "XmR",
    "log",
    "delta",
    "bootstrap-t",
    "min_arm",
    "min_at_risk",
    "Shanghai",
    "Asia",
];

/// The texts of a page or a drawing that are read, also aloud.
fn texts_of_markup(whole: &str) -> String {
    let mut page = whole.to_owned();
    for (open, close) in [("<script", "</script>"), ("<style", "</style>"), ("<pre", "</pre>"), ("<code", "</code>")] {
        page = without(&page, open, close).replace(open, "").replace(close, " ");
    }
    let mut texts = String::new();
    page = page.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'");
    for part in page.split('<') {
        let (tag, text) = part.split_once('>').unwrap_or(("", part));
        for name in ["aria-label=\"", "title=\"", "placeholder=\""] {
            texts += tag.split_once(name).map_or("", |(_, rest)| rest.split('"').next().unwrap());
            texts += "\n";
        }
        texts += text;
        texts += "\n";
    }
    texts
}

/// The texts of a workbook: cells, names of sheets, charts, heads and feet of printed pages, and what forms ask for.
fn texts_of_workbook(bytes: Vec<u8>) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut texts = String::new();
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).unwrap();
        let name = part.name().unwrap().into_owned();
        if !["sharedStrings", "worksheets/sheet", "charts/chart"].iter().any(|known| name.contains(known)) {
            continue;
        }
        let mut xml = String::new();
        part.read_to_string(&mut xml).unwrap();
        for element in ["t", "a:t", "c:v", "oddHeader", "oddFooter"] {
            for found in xml.split(&format!("<{element}")).skip(1) {
                let Some((attributes, rest)) = found.split_once('>') else { continue };
                if attributes.is_empty() || attributes.starts_with(' ') {
                    texts += &rest.split('<').next().unwrap().replace("&amp;", "&");
                    texts += "\n";
                }
            }
        }
    }
    texts
}

/// Longest runs of characters that satisfy a predicate.
fn runs(text: &str, is_of_word: fn(char) -> bool) -> impl Iterator<Item = &str> {
    text.split(move |c| !is_of_word(c)).filter(|run| !run.is_empty())
}

fn is_chinese(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '-')
}

/// The words of a report in another language than its own, each with a file in which it stands. What the data say is theirs.
pub fn untranslated(place: &Place, report: &str, lang: &str, data: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut files = 0;
    for (name, bytes) in place.files(report) {
        let texts = match name.rsplit('.').next() {
            Some("html" | "svg") => texts_of_markup(&String::from_utf8(bytes).unwrap()),
            Some("xlsx") => texts_of_workbook(bytes),
            _ => continue,
        };
        files += 1;
        // Who wrote a book is called as on its cover.
        if lang == "zh" && name == "definitions.html" {
            continue;
        }
        let words: Vec<&str> = match lang {
            "en" => runs(&texts, is_chinese).filter(|run| !data.contains(*run)).collect(),
            _ => {
                let words = runs(&texts, is_latin).map(|word| word.trim_matches(['.', '-', '_']));
                let is_ours = |word: &str| KNOWN.iter().any(|known| known.trim_matches('-') == word);
                // Hidden columns of forms that go round hold keys and seals.
                let is_key = |word: &str| word.starts_with("yekuo.") || word.chars().all(|c| ('a'..='f').contains(&c));
                words
                    .filter(|word| word.len() > 2 && !is_ours(word) && !is_key(word) && !data.contains(*word))
                    .collect()
            }
        };
        found.extend(words.into_iter().map(|word| (word.to_owned(), name.clone())));
    }
    assert!(files >= 5, "{report} has {files} pages, drawings and workbooks");
    found
}

#[test]
fn a_word_of_the_other_language_is_found() {
    assert_eq!(
        texts_of_markup("<p title=\"甲\">b<code>c</code></p><script>d</script>").split_whitespace().collect::<Vec<_>>(),
        ["甲", "b"]
    );
    assert_eq!(runs("one甲乙two", is_chinese).collect::<Vec<_>>(), ["甲乙"]);
    assert_eq!(runs("甲one乙_two.", is_latin).collect::<Vec<_>>(), ["one", "_two."]);
}
