//! What a printed list of cases has besides the columns of its mart: columns that only people read, and a last row.
//!
//! A column with `print` is in no Parquet file: a number for each row, room for what somebody writes by hand, or the
//! rows of another mart that belong to it, each in words. `total` says what stands below a column.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::Mart;
use crate::error::{Mistake, TomlFile};
use crate::spelling::nearest;
use crate::words::{Lang, Words};

/// A column that is printed and that the mart does not have.
#[derive(Debug, Clone)]
pub struct Printed {
    /// Its name.
    pub name: String,
    /// What users call it.
    pub title: Words,
    /// What it means.
    pub about: Words,
    /// The input tables without which it says «no data».
    pub needs: Vec<String>,
    /// What stands in it.
    pub print: Print,
    /// The words below it.
    pub total: Option<Total>,
    /// How many columns of the mart stand before it.
    pub after: usize,
}

/// What stands in a printed column.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Print {
    /// The number of the row, from 1.
    RowNumber,
    /// Nothing: somebody fills it in by hand.
    Blank,
    /// Rows of another mart, one a line.
    Rows(RowsOf),
}

/// Rows of another mart that belong to a row, in words.
#[derive(Debug, Clone, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsOf {
    /// The other mart.
    #[schemars(with = "String")]
    pub of: Spanned<String>,
    /// The columns whose values both rows share.
    #[schemars(with = "Vec<String>")]
    pub by: Vec<Spanned<String>>,
    /// What is printed of each row.
    #[schemars(with = "Templates")]
    pub words: Spanned<Templates>,
}

/// What stands below a column, in the last row.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Total {
    /// The sum of its cells.
    Sum,
    /// Words; `{rows}` is how many rows there are.
    Words(Words),
}

/// A template in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Templates {
    #[schemars(with = "String")]
    zh: Template,
    #[schemars(with = "String")]
    en: Template,
}

impl Templates {
    /// The template in one language.
    pub fn get(&self, lang: Lang) -> &Template {
        lang.pick(&self.zh, &self.en)
    }
}

/// Words about a row: `{column}` is what stands there, `[reported {reported_on}|not reported]` the words after the bar
/// where nothing does.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Gap(String),
    /// The first if all its gaps can be filled, else the second.
    Either(Template, Template),
}

impl Part {
    fn gaps(&self) -> Vec<&str> {
        match self {
            Part::Text(_) => Vec::new(),
            Part::Gap(column) => vec![column],
            Part::Either(one, other) => [one.gaps(), other.gaps()].concat(),
        }
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Template, String> {
        Template::read(&text).map_err(|words| words.carried())
    }
}

impl Template {
    fn read(text: &str) -> Result<Template, Words> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['[', ']']) {
            let inside = rest[at..].strip_prefix('[').and_then(|after| after.split_once(']'));
            let (inside, after) = inside.ok_or_else(|| unpaired("[", "]"))?;
            let (one, other) = inside
                .split_once('|')
                .ok_or_else(|| Words::new(format!("「[{inside}]」中缺少「|」"), format!("`[{inside}]` has no `|`")))?;
            parts.extend(plain(&rest[..at])?);
            parts.push(Part::Either(Template(plain(one)?), Template(plain(other)?)));
            rest = after;
        }
        parts.extend(plain(rest)?);
        Ok(Template(parts))
    }
}

fn unpaired(open: &str, shut: &str) -> Words {
    Words::new(format!("「{open}」与「{shut}」应成对"), format!("`{open}` and `{shut}` come in pairs"))
}

/// Text and gaps.
fn plain(text: &str) -> Result<Vec<Part>, Words> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['{', '}']) {
        let inside = rest[at..].strip_prefix('{').and_then(|after| after.split_once('}'));
        let (gap, after) = inside.ok_or_else(|| unpaired("{", "}"))?;
        parts.extend([Part::Text(rest[..at].to_owned()), Part::Gap(gap.to_owned())]);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

impl Template {
    /// The columns that it names.
    pub fn gaps(&self) -> Vec<&str> {
        self.0.iter().flat_map(Part::gaps).collect()
    }

    /// The column that it shows, where it shows nothing else.
    pub fn alone(&self) -> Option<&str> {
        let empty = Part::Text(String::new());
        let mut parts = self.0.iter().filter(|part| **part != empty);
        match (parts.next(), parts.next()) {
            (Some(Part::Gap(column)), None) => Some(column),
            _ => None,
        }
    }

    /// The words of a row; `cell` says what stands in a column, nothing where nothing does.
    pub fn filled(&self, cell: &dyn Fn(&str) -> String) -> String {
        let fill = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Gap(column) => cell(column),
            Part::Either(one, other) => {
                let whole = one.gaps().into_iter().all(|gap| !cell(gap).is_empty());
                if whole { one.filled(cell) } else { other.filled(cell) }
            }
        };
        self.0.iter().map(fill).collect()
    }
}

/// What the printed columns of a mart take from others and do not find.
pub(super) fn mistakes(file: &TomlFile, mart: &Mart, marts: &[Mart]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for printed in &mart.definition.printed {
        let Print::Rows(rows) = &printed.print else { continue };
        let name = rows.of.get_ref();
        let Some(other) = marts.iter().find(|other| other.name == *name) else {
            let near = nearest(name, marts.iter().map(|mart| mart.name.as_str()));
            let message = Words::new(format!("没有指标表「{name}」"), format!("there is no mart `{name}`"));
            let mistake = file.mistake(rows.of.span(), message);
            mistakes.push(mistake.did_you_mean(near));
            continue;
        };
        if mart.is_public() && !other.is_public() {
            let message = Words::new(
                format!("这里用了指标表「{name}」，它仅供内部使用：公开报告只能用 public_ 开头的指标表"),
                format!(
                    "it shows the mart `{name}`, which is for the office: a public report has `public_` marts only"
                ),
            );
            mistakes.push(file.mistake(rows.of.span(), message));
        }
        for by in &rows.by {
            let lacking = [mart, other].into_iter().find(|mart| !mart.definition.has(by.get_ref()));
            mistakes.extend(lacking.map(|mart| unknown(mart, by.get_ref(), file, by.span())));
        }
        let words = [Lang::Zh, Lang::En].map(|lang| rows.words.get_ref().get(lang));
        let gaps: BTreeSet<&str> = words.into_iter().flat_map(Template::gaps).collect();
        let lacking = gaps.into_iter().filter(|gap| !other.definition.has(gap));
        mistakes.extend(lacking.map(|gap| unknown(other, gap, file, rows.words.span())));
    }
    mistakes
}

/// That a mart has no such column.
pub(crate) fn unknown(mart: &Mart, column: &str, file: &TomlFile, span: Range<usize>) -> Mistake {
    let near = nearest(column, mart.definition.columns.iter().map(|column| column.name.as_str()));
    let name = &mart.name;
    let message = Words::new(
        format!("指标表「{name}」没有「{column}」列"),
        format!("there is no column `{column}` of the mart `{name}`"),
    );
    file.mistake(span, message).did_you_mean(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, reported: &str) -> String {
        let cell = |column: &str| if column == "reported_on" { reported.to_owned() } else { format!("<{column}>") };
        Template::try_from(template.to_owned()).unwrap().filled(&cell)
    }

    #[test]
    fn a_template_is_filled_with_what_there_is() {
        let template = "{cause}, [reported {reported_on}|not reported]; {verdict}";
        assert_eq!(filled(template, "2026-05-05"), "<cause>, reported 2026-05-05; <verdict>");
        assert_eq!(filled(template, ""), "<cause>, not reported; <verdict>");
        assert_eq!(filled("", ""), "");
    }

    #[test]
    fn a_template_that_cannot_be_read_says_why() {
        for (template, why) in [
            ("{cause", "`{` and `}` come in pairs"),
            ("cause}", "`{` and `}` come in pairs"),
            ("[{ended_on}|date", "`[` and `]` come in pairs"),
            ("ended_on]", "`[` and `]` come in pairs"),
            ("[{ended_on}]", "`[{ended_on}]` has no `|`"),
        ] {
            assert_eq!(Template::read(template).map_err(|words| words.en), Err(why.to_owned()), "{template}");
        }
    }
}
