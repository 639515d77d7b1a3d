//! Headlines and charts as files declare them: a form, what it takes from a mart, and words in both languages.
//!
//! A form is one entry of a table of forms (`headline::FORMS`, `charts::FORMS`). What a declaration says is found to be
//! right before anything is read: forms, marts, columns and what they hold, words and what is filled into them. Every
//! mistake names its line.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::ops::Range;

use schemars::JsonSchema;
use schemars::r#gen::SchemaGenerator;
use schemars::schema::{RootSchema, Schema, SchemaObject, SubschemaValidation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

use super::Input;
use super::rows::{Wanted, Where, month_column};
use crate::calendar::Day;
use crate::clock::Pending;
use crate::config::Config;
use crate::contract;
use crate::error::{Mistake, Result, TomlFile, TomlPath};
use crate::lake::Layout;
use crate::marts::{Catalogue, Mart};
use crate::rules::targets::Scope;
use crate::spelling::nearest;
use crate::words::{Lang, Words};

/// A declaration as it stands in a file.
pub(crate) struct Source<'a> {
    /// The file.
    pub(crate) file: &'a TomlFile,
    /// The declaration.
    pub(crate) table: Spanned<DeTable<'a>>,
}

/// Declarations by name.
pub(crate) type Sources<'a> = BTreeMap<String, Source<'a>>;

/// Reads the declarations that a list of the pipeline names; every mistake is collected.
pub(crate) fn read<Made>(
    (config, catalogue): (&Config, &Catalogue),
    (list, named): (&str, &[String]),
    sources: &Sources<'_>,
    forms: &[Entry<Made>],
    mistakes: &mut Vec<Mistake>,
) -> Vec<Declared<Made>> {
    let mut declared = Vec::new();
    for (number, name) in named.iter().enumerate() {
        let here = config.file.at(list).item(number);
        let missing = Missing::of_list(list);
        declared.extend(read_one((config, catalogue), (here, missing), name, sources, forms, mistakes));
    }
    declared
}

/// Reads the declaration that a place names; `None` after a mistake.
pub(crate) fn read_one<Made>(
    (config, catalogue): (&Config, &Catalogue),
    (here, missing): (TomlPath<'_>, Missing<'_>),
    name: &str,
    sources: &Sources<'_>,
    forms: &[Entry<Made>],
    mistakes: &mut Vec<Mistake>,
) -> Option<Declared<Made>> {
    let Some(source) = sources.get(name) else {
        let mistake = here.mistake(missing.named(name));
        mistakes.push(mistake.did_you_mean(nearest(name, sources.keys().map(String::as_str))));
        return None;
    };
    let mut review =
        Review { config, catalogue, here, file: source.file, mistakes, marts_need: Vec::new(), marts: Vec::new() };
    Declared::read(name, source.table.clone(), forms, &mut review)
}

/// What a form takes from a declaration, and makes of a report.
pub(crate) trait Form<Made>: Debug {
    /// Finds that what it takes is there.
    fn review(&self, review: &mut Review<'_>);
    /// Makes it.
    fn make(&self, input: &Input<'_>, head: &Head) -> Result<Made>;
    /// The one number that it shows, where it shows one that can have a target.
    fn figure(&self) -> Option<&dyn Figure> {
        None
    }
}

/// One number of a report: what a target is about.
pub(crate) trait Figure {
    /// The mart that it comes from.
    fn mart(&self) -> &str;
    /// The mart and the column of the cases that it counts, where it counts those of whole rows.
    fn counted(&self) -> Option<(&str, &str)> {
        None
    }
    /// What it is measured in.
    fn measured(&self) -> Measured;
    /// Whether more is better; nothing where neither is.
    fn more_is_better(&self) -> Option<bool>;
    /// The number by month, of a part of the office; a mart without months has that of the report's own month.
    fn by_month(&self, input: &Input<'_>, scope: &Scope) -> Result<BTreeMap<Day, f64>>;
    /// Of a share: part and whole since the year began.
    fn of_year(&self, _: &Input<'_>) -> Result<Option<(i64, i64)>> {
        Ok(None)
    }
}

/// What a figure is measured in.
#[derive(Debug, Clone)]
pub(crate) enum Measured {
    /// A share, from 0 to 1.
    Share,
    /// A whole number of something.
    Count(Words),
    /// A number of a unit.
    Number(Words),
}

/// What a form takes, or why it cannot be read.
pub(crate) type Read<Made> = Result<Box<dyn Form<Made>>, toml::de::Error>;

/// How an entry of a table of forms is made.
pub(crate) enum Maker<Made> {
    /// Of the columns that the declaration names.
    Columns {
        /// Reads what the form takes.
        read: fn(Deserializer<'_>) -> Read<Made>,
        /// The schema of that.
        schema: fn(&mut SchemaGenerator) -> Schema,
    },
    /// Of marts that it knows itself.
    Special {
        /// Makes it.
        make: fn(&Input<'_>, &Head) -> Result<Made>,
        /// The marts.
        marts: &'static [&'static str],
    },
}

/// One entry of a table of forms.
pub(crate) struct Entry<Made: 'static> {
    /// What a declaration calls it.
    pub(crate) name: &'static str,
    /// The words that it needs besides the title.
    pub(crate) words: &'static [&'static str],
    /// What it fills into words, besides what every form does.
    pub(crate) fills: &'static [&'static str],
    /// What it fills into the words `finding` and `otherwise`, which take the place of the title; empty: it has none.
    pub(crate) finds: &'static [&'static str],
    /// How it is made.
    pub(crate) maker: Maker<Made>,
}

/// A form of the columns that the declaration names.
pub(crate) const fn columns<Made, F: Form<Made> + DeserializeOwned + JsonSchema + 'static>() -> Maker<Made> {
    Maker::Columns { read: read_form::<Made, F>, schema: F::json_schema }
}

/// A form of marts that it knows itself.
pub(crate) const fn special<Made>(
    make: fn(&Input<'_>, &Head) -> Result<Made>,
    marts: &'static [&'static str],
) -> Maker<Made> {
    Maker::Special { make, marts }
}

fn read_form<Made, F: Form<Made> + DeserializeOwned + 'static>(rest: Deserializer<'_>) -> Read<Made> {
    Ok(Box::new(F::deserialize(rest)?))
}

/// What every declaration says.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    /// What it is drawn or computed as.
    #[schemars(with = "String")]
    form: Spanned<String>,
    /// What it is called.
    #[schemars(with = "Words")]
    title: Spanned<Words>,
    /// The input tables and columns (`table.column`) without which it says «no data».
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    needs: Vec<Spanned<String>>,
    /// Those without which the marts of its columns have no row.
    #[serde(skip)]
    marts_need: Vec<String>,
    /// The marts that it is made of.
    #[serde(skip)]
    marts: Vec<String>,
    /// Words by name, such as `subtitle` and `footnote`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Words>")]
    words: BTreeMap<Spanned<String>, Spanned<Words>>,
}

/// The schema of a declaration: for each form, what every declaration says, and what the form takes.
pub(crate) fn schema<Made>(generator: &mut SchemaGenerator, forms: &[Entry<Made>]) -> SchemaObject {
    let one_of = forms.iter().map(|entry| Schema::Object(schema_of_form(generator, entry))).collect();
    let subschemas = Some(Box::new(SubschemaValidation { one_of: Some(one_of), ..SubschemaValidation::default() }));
    SchemaObject { subschemas, ..SchemaObject::default() }
}

fn schema_of_form<Made>(generator: &mut SchemaGenerator, entry: &Entry<Made>) -> SchemaObject {
    let mut taken = match entry.maker {
        Maker::Columns { schema, .. } => schema(generator).into_object(),
        Maker::Special { .. } => Nothing::json_schema(generator).into_object(),
    };
    let mut head = Head::json_schema(generator).into_object();
    if let Some(Schema::Object(form)) = head.object().properties.get_mut("form") {
        form.enum_values = Some(vec![entry.name.into()]);
    }
    taken.object().properties.append(&mut head.object().properties);
    taken.object().required.append(&mut head.object().required);
    taken
}

/// The schema of a whole file, with the definitions that it has used.
pub(crate) fn root(generator: &mut SchemaGenerator, schema: SchemaObject) -> RootSchema {
    let meta_schema = generator.settings().meta_schema.clone();
    RootSchema { meta_schema, schema, definitions: generator.take_definitions() }
}

/// The keys of [`Head`].
const HEAD: [&str; 4] = ["form", "title", "needs", "words"];

/// The words that any declaration may have.
const FREE_WORDS: [&str; 2] = ["subtitle", "footnote"];

/// The words that take the place of the title, where the form finds something, or nothing.
const FOUND_WORDS: [&str; 2] = ["finding", "otherwise"];

impl Head {
    /// Whether the input tables and columns are there that it needs, or a mart of its columns.
    pub(crate) fn is_given(&self, input: &Input<'_>) -> bool {
        input.given.all(self.needs.iter().map(Spanned::get_ref).chain(&self.marts_need))
    }

    /// The title.
    pub(crate) fn title(&self, input: &Input<'_>) -> String {
        filled(input, self.title.get_ref(), &[])
    }

    /// The words of that name; empty where there are none.
    pub(crate) fn words(&self, input: &Input<'_>, name: &str) -> String {
        self.words_with(input, name, &[])
    }

    /// The words of that name, where there are any and every gap of theirs can be filled.
    pub(crate) fn said(&self, input: &Input<'_>, name: &str, fills: &[(&str, String)]) -> Option<String> {
        let words = self.words.get(name)?.get_ref();
        let is_known = |gap: &str| FILLS.contains(&gap) || fills.iter().any(|(name, _)| *name == gap);
        gaps(words.get(input.lang)).all(is_known).then(|| filled(input, words, fills))
    }

    /// The words of that name, with what the form fills in.
    pub(crate) fn words_with(&self, input: &Input<'_>, name: &str, fills: &[(&str, String)]) -> String {
        self.words.get(name).map(|words| filled(input, words.get_ref(), fills)).unwrap_or_default()
    }
}

/// What every form fills into words.
const FILLS: [&str; 4] = ["as_of", "month", "remind_wd", "other_pending"];

/// Words with their gaps filled.
pub(crate) fn filled(input: &Input<'_>, words: &Words, fills: &[(&str, String)]) -> String {
    let lang = input.lang;
    let other_pending = match input.config.rules.pending {
        Pending::Admit => lang.pick("不计入", "refused"),
        Pending::Refuse => lang.pick("计入", "admitted"),
    };
    let values = [
        input.as_of.to_string(),
        input.month().month_label(),
        input.config.pipeline.remind_wd.to_string(),
        other_pending.to_owned(),
    ];
    let own = fills.iter().map(|(name, value)| (*name, value));
    let mut text = words.get(lang).to_owned();
    for (name, value) in FILLS.into_iter().zip(&values).chain(own) {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// A headline or a chart that a file declares.
#[derive(Debug)]
pub(crate) struct Declared<Made> {
    /// Its name.
    pub(crate) name: String,
    head: Head,
    body: Body<Made>,
}

enum Body<Made> {
    Columns(Box<dyn Form<Made>>),
    Special(fn(&Input<'_>, &Head) -> Result<Made>),
}

impl<Made> Debug for Body<Made> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Columns(form) => form.fmt(out),
            Body::Special(_) => out.write_str("Special"),
        }
    }
}

/// What a special form takes: nothing but its words.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

impl<Made> Declared<Made> {
    /// Reads one declaration and finds it to be right; `None` after a mistake.
    fn read(
        name: &str,
        table: Spanned<DeTable<'_>>,
        forms: &[Entry<Made>],
        review: &mut Review<'_>,
    ) -> Option<Declared<Made>> {
        let before = review.mistakes.len();
        let whole = table.span();
        let mut rest = table.into_inner();
        let mut head = DeTable::new();
        for key in HEAD {
            if let Some((key, value)) = rest.remove_entry(key) {
                head.insert(key, value);
            }
        }
        let mut head: Head = review.parse(Spanned::new(whole, head))?;
        let form = &head.form;
        let Some(entry) = forms.iter().find(|entry| entry.name == form.get_ref()) else {
            review.unknown(Missing::Form, form, forms.iter().map(|entry| entry.name));
            return None;
        };
        // A key that is missing is missing of the form.
        let rest = Spanned::new(form.span(), rest);
        let body = match entry.maker {
            Maker::Columns { read, .. } => {
                let form = review.parsed(read(Deserializer::from(rest)))?;
                form.review(review);
                head.marts_need = std::mem::take(&mut review.marts_need);
                head.marts = std::mem::take(&mut review.marts);
                Body::Columns(form)
            }
            Maker::Special { make, marts } => {
                review.parse::<Nothing>(rest)?;
                let name = entry.name;
                review.office(&Words::new(format!("形式「{name}」"), format!("the form `{name}`")));
                head.marts = marts.iter().map(|mart| (*mart).to_owned()).collect();
                Body::Special(make)
            }
        };
        review.head(&head, entry);
        (review.mistakes.len() == before).then(|| Declared { name: name.to_owned(), head, body })
    }

    /// The one number that it shows, where it shows one that can have a target.
    pub(crate) fn figure(&self) -> Option<&dyn Figure> {
        match &self.body {
            Body::Columns(form) => form.figure(),
            Body::Special(_) => None,
        }
    }

    /// The marts that it is made of.
    pub(crate) fn marts(&self) -> impl Iterator<Item = &str> {
        self.head.marts.iter().map(String::as_str)
    }

    /// What it says of itself.
    pub(crate) fn head(&self) -> &Head {
        &self.head
    }

    /// Makes what is declared.
    pub(crate) fn make(&self, input: &Input<'_>) -> Result<Made> {
        match &self.body {
            Body::Columns(form) => form.make(input, &self.head),
            Body::Special(make) => make(input, &self.head),
        }
    }
}

/// What a declaration names and is not there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Missing<'a> {
    /// A chart.
    Chart,
    /// A headline.
    Headline,
    /// A form of either.
    Form,
    /// A mart.
    Mart,
    /// A column of a mart.
    Column(&'a str),
    /// A place of a form that takes words.
    Place,
}

impl Missing<'_> {
    /// What a list of a pipeline names.
    fn of_list(list: &str) -> Missing<'static> {
        if list == "charts" { Missing::Chart } else { Missing::Headline }
    }

    fn named(self, name: &str) -> Words {
        let (zh, en) = match self {
            Missing::Chart => ("图".to_owned(), "chart".to_owned()),
            Missing::Headline => ("要点".to_owned(), "headline".to_owned()),
            Missing::Form => ("形式".to_owned(), "form".to_owned()),
            Missing::Mart => ("指标表".to_owned(), "mart".to_owned()),
            Missing::Column(mart) => (format!("指标表「{mart}」的列"), format!("column of the mart `{mart}`")),
            Missing::Place => ("放文字的位置".to_owned(), "place for words".to_owned()),
        };
        Words::new(format!("没有{zh}「{name}」"), format!("there is no {en} `{name}`"))
    }
}

/// What a column must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Anything.
    Anything,
    /// Whole numbers.
    Counts,
    /// Numbers, whole or not.
    Numbers,
}

/// The search for mistakes of one file.
pub(crate) struct Review<'a> {
    config: &'a Config,
    catalogue: &'a Catalogue,
    /// Where the pipeline names it.
    here: TomlPath<'a>,
    file: &'a TomlFile,
    mistakes: &'a mut Vec<Mistake>,
    /// What the marts need that were asked for.
    marts_need: Vec<String>,
    /// The marts that were asked for.
    marts: Vec<String>,
}

impl<'a> Review<'a> {
    /// Reads a part of the file; `None` after a mistake.
    fn parse<T: DeserializeOwned>(&mut self, table: Spanned<DeTable<'_>>) -> Option<T> {
        self.parsed(T::deserialize(Deserializer::from(table)))
    }

    /// What was read; `None` after a mistake.
    fn parsed<T>(&mut self, read: Result<T, toml::de::Error>) -> Option<T> {
        read.map_err(|error| self.mistakes.push(self.file.refused(&error))).ok()
    }

    /// Notes a mistake at a place.
    pub(crate) fn refuse(&mut self, at: Range<usize>, message: Words) {
        self.mistakes.push(self.file.mistake(at, message));
    }

    fn unknown<'n>(&mut self, what: Missing<'_>, name: &Spanned<String>, known: impl IntoIterator<Item = &'n str>) {
        let mistake = self.file.mistake(name.span(), what.named(name.get_ref()));
        self.mistakes.push(mistake.did_you_mean(nearest(name.get_ref(), known.into_iter())));
    }

    /// Refuses what is for the office in a report for everybody, where the pipeline names it.
    fn office(&mut self, what: &Words) {
        if self.config.pipeline.public {
            let message = Words::new(
                format!("这里显示{}，仅供内部使用：公开报告只能用 public_ 开头的指标表", what.zh),
                format!("it shows {}, which is for the office: a public report has `public_` marts only", what.en),
            );
            self.mistakes.push(self.here.mistake(message));
        }
    }

    /// The mart of that name.
    pub(crate) fn mart(&mut self, name: &Spanned<String>) -> Option<&'a Mart> {
        let marts = &self.catalogue.marts;
        let found = marts.iter().find(|mart| mart.name == *name.get_ref());
        if found.is_none() {
            self.unknown(Missing::Mart, name, marts.iter().map(|mart| mart.name.as_str()));
        } else if found.is_some_and(|mart| !mart.is_public()) {
            let name = name.get_ref();
            self.office(&Words::new(format!("指标表「{name}」"), format!("the mart `{name}`")));
        }
        self.marts_need.extend(found.into_iter().flat_map(|mart| mart.definition.needs.iter().cloned()));
        self.marts.extend(found.map(|mart| mart.name.clone()));
        found
    }

    /// Finds that a mart has a column, and that it holds what is needed.
    pub(crate) fn column(&mut self, mart: &Mart, name: &Spanned<String>, holds: Holds) {
        let columns = &mart.definition.columns;
        let Some(column) = columns.iter().find(|column| column.name == *name.get_ref()) else {
            let names = columns.iter().map(|column| column.name.as_str());
            return self.unknown(Missing::Column(&mart.name), name, names);
        };
        let layout = column.kind.layout();
        let (fits, what) = match holds {
            Holds::Anything => (true, ("", "")),
            Holds::Counts => (layout == Layout::Integer, ("整数", "whole numbers")),
            Holds::Numbers => (matches!(layout, Layout::Integer | Layout::Number), ("数", "numbers")),
        };
        if !fits {
            let ((zh, en), column) = (what, name.get_ref());
            let message = Words::new(format!("「{column}」列中不是{zh}"), format!("`{column}` does not hold {en}"));
            self.refuse(name.span(), message);
        }
    }

    /// Finds that the columns named are there and hold what is needed.
    pub(crate) fn columns<'n>(
        &mut self,
        mart: &Mart,
        names: impl IntoIterator<Item = &'n Spanned<String>>,
        holds: Holds,
    ) {
        for name in names {
            self.column(mart, name, holds);
        }
    }

    /// Finds that columns can hold what is wanted of them.
    pub(crate) fn wanted(&mut self, mart: &Mart, wanted: &Where) {
        for (name, wanted) in wanted {
            let before = self.mistakes.len();
            self.column(mart, name, Holds::Anything);
            let column = mart.definition.columns.iter().find(|column| column.name == *name.get_ref());
            let layout = column.map_or(Layout::Text, |column| column.kind.layout());
            let fits = matches!(
                (wanted.get_ref(), layout),
                (Wanted::Text(_), Layout::Text)
                    | (Wanted::Integer(_), Layout::Integer)
                    | (Wanted::Flag(_), Layout::Flag)
            );
            if !fits && self.mistakes.len() == before {
                let name = name.get_ref();
                let message = Words::new(
                    format!("「{name}」列中不是这一类值"),
                    format!("`{name}` does not hold this kind of value"),
                );
                self.refuse(wanted.span(), message);
            }
        }
    }

    /// Finds that a mart has months.
    pub(crate) fn months(&mut self, mart: &Mart, at: Range<usize>) {
        if month_column(mart).is_none() {
            let name = &mart.name;
            let message =
                Words::new(format!("指标表「{name}」没有月份列"), format!("the mart `{name}` has no column of months"));
            self.refuse(at, message);
        }
    }

    /// Finds that nothing is to be filled into words that is not known.
    pub(crate) fn gaps(&mut self, words: &Spanned<Words>, fills: &[&str]) {
        for lang in [Lang::Zh, Lang::En] {
            for gap in gaps(words.get_ref().get(lang)) {
                if !FILLS.iter().chain(fills).any(|known| *known == gap) {
                    let known: Vec<String> = FILLS.iter().chain(fills).map(|name| format!("{{{name}}}")).collect();
                    let known = known.join(", ");
                    let message = Words::new(
                        format!("没有可填的「{{{gap}}}」；可用：{known}"),
                        format!("there is no `{{{gap}}}` to fill in; there are {known}"),
                    );
                    self.refuse(words.span(), message);
                }
            }
        }
    }

    fn head<Made>(&mut self, head: &Head, entry: &Entry<Made>) {
        self.gaps(&head.title, entry.fills);
        for input in &head.needs {
            if let Some(unknown) = contract::unknown_input(input.get_ref()) {
                let mistake = self.file.mistake(input.span(), unknown.message());
                self.mistakes.push(mistake.did_you_mean(unknown.nearest));
            }
        }
        let found: &[&str] = if entry.finds.is_empty() { &[] } else { &FOUND_WORDS };
        let places: Vec<&str> = entry.words.iter().chain(&FREE_WORDS).chain(found).copied().collect();
        for (name, words) in &head.words {
            if !places.contains(&name.get_ref().as_str()) {
                self.unknown(Missing::Place, name, places.iter().copied());
            }
            let finds = if found.contains(&name.get_ref().as_str()) { entry.finds } else { &[] };
            let fills: Vec<&str> = entry.fills.iter().chain(finds).copied().collect();
            self.gaps(words, &fills);
        }
        for name in entry.words.iter().filter(|name| !head.words.contains_key(**name)) {
            let form = head.form.get_ref();
            let message = Words::new(
                format!("形式「{form}」缺少「{name}」的文字"),
                format!("the form `{form}` needs words for `{name}`"),
            );
            self.refuse(head.form.span(), message);
        }
    }
}

/// The names that stand between `{` and `}`.
fn gaps(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}
