//! Reads the definition of a mart next to its SQL, and finds what in the two cannot be.
//!
//! A file may define several marts of the same cases (`[[grains]]`), each a row per grain of its own. What a column name
//! means everywhere stands in `columns.toml`; a definition says what differs.

mod check;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use self::check::Check;
use super::compose::{self, Holds, Need, Query};
use super::dialect;
use super::estimate::Estimator;
use super::measure::Measure;
use super::print::{Print, Printed, Total};
use super::{Column, Definition, Kind, Mart, Place, Show, Step, Topic};
use crate::error::{Mistake, TomlFile, TomlPath};
use crate::lake::Layout;
use crate::spelling::{is_name, nearest};
use crate::vocabularies::Vocabularies;
use crate::words::Words;

/// What a column name means wherever no definition says otherwise.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    kind: Kind,
    title: Words,
    #[serde(default)]
    about: Words,
    from: Option<Measure>,
}

/// `columns.toml`.
pub type Meanings = BTreeMap<String, Meaning>;

/// Reads what columns mean everywhere, and finds the vocabularies that there are not.
pub(super) fn meanings(file: &TomlFile, known: &Vocabularies) -> Result<Meanings, Vec<Mistake>> {
    let meanings: Meanings = file.read()?;
    let mut mistakes = Vec::new();
    for (name, meaning) in &meanings {
        if let Kind::Code(vocabulary) = &meaning.kind
            && !known.has(vocabulary)
        {
            mistakes.push(unknown_vocabulary(vocabulary, known, &file.at(name).key("kind").key("code")));
        }
    }
    if mistakes.is_empty() { Ok(meanings) } else { Err(mistakes) }
}

/// `<name>.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MartFile {
    /// What users call the mart.
    title: Option<Words>,
    /// What it shows.
    #[serde(default)]
    about: Words,
    /// The columns that tell its rows apart.
    grain: Option<Vec<String>>,
    /// The column by which the report orders the rows, `-` before it: the greatest first.
    sort: Option<String>,
    /// Several marts of the same cases, instead of `grain`.
    #[serde(default)]
    grains: Vec<GrainFile>,
    /// Columns of the grain of which empty cells come first.
    #[serde(default)]
    nulls_first: Vec<String>,
    /// Where its figures are defined: names from the vocabulary `source`, or citations.
    #[serde(default)]
    source: Vec<String>,
    /// What computes the rows; absent: they are added up.
    estimator: Option<Estimator>,
    /// Which rows the report's page shows.
    #[serde(default)]
    show: Show,
    /// The part of the report that it belongs to.
    #[serde(default)]
    place: Place,
    /// The page of the report that it stands on; absent: the first.
    #[serde(default)]
    topic: Topic,
    /// The input tables and columns (`table.column`) without which it says «no data».
    #[serde(default)]
    needs: Vec<String>,
    /// The columns that tell cases apart; none: each row is a case.
    #[serde(default)]
    cases: Vec<String>,
    /// Vocabularies of columns that only the cases have.
    #[serde(default)]
    case_codes: BTreeMap<String, String>,
    /// Figures on the way to others, which no table shows.
    #[serde(default)]
    steps: BTreeMap<String, StepFile>,
    /// The columns, in their order.
    #[serde(default)]
    columns: Vec<ColumnFile>,
}

/// One of several marts of the same cases.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct GrainFile {
    name: String,
    title: Words,
    #[serde(default)]
    about: Words,
    grain: Vec<String>,
    sort: Option<String>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct StepFile {
    from: Measure,
    within: Option<Vec<String>>,
    /// The marts of the file that have it; none: all.
    #[serde(default)]
    only: Vec<String>,
}

#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    /// Its name in SQL and Parquet.
    name: String,
    /// What it holds; absent: as columns.toml says.
    kind: Option<Kind>,
    /// What users call it.
    title: Option<Words>,
    /// What it means.
    about: Option<Words>,
    /// The input tables and columns without which it says «no data».
    #[serde(default)]
    needs: Vec<String>,
    /// Whether it is there to cut hand-outs by, and the report does not show it.
    #[serde(default)]
    hidden: bool,
    /// What an empty cell is called.
    empty: Option<Words>,
    /// What is printed in its place, in lists alone.
    print: Option<Print>,
    /// What stands below it in a list.
    total: Option<Total>,
    /// The list that has the cases of the figure, a row each: those with the same values of the grain.
    #[schemars(with = "Option<String>")]
    cases_in: Option<Spanned<String>>,
    /// How it comes about; absent: the sum of the cases' column of that name.
    from: Option<Measure>,
    /// The columns whose values the rows or cases share that it is computed over; absent: those of the grain.
    within: Option<Vec<String>>,
    /// The marts of the file that have it; none: all.
    #[serde(default)]
    only: Vec<String>,
}

/// Reads the marts of a pair of files, or finds every mistake in it.
pub fn read(
    name: &str,
    sql: &str,
    source: &TomlFile,
    meanings: &Meanings,
    vocabularies: &Vocabularies,
) -> Result<Vec<Mart>, Vec<Mistake>> {
    let selected = dialect::check(&format!("marts/{name}.sql"), sql, &[]);
    let file: MartFile = match (source.read(), &selected) {
        (Ok(file), _) => file,
        (Err(mut mistakes), _) => {
            mistakes.extend(selected.err().into_iter().flatten());
            return Err(mistakes);
        }
    };
    let mut reader = Reader { source, file: &file, meanings, mistakes: Vec::new() };
    let drafts = reader.drafts(name);
    let mut mistakes = reader.mistakes;
    mistakes.extend(vocabulary_mistakes(&file, vocabularies, source));
    let selected = selected.map_err(|more| mistakes.extend(more)).ok();
    let stem = name;
    let mut marts = Vec::new();
    for Draft { name, definition, at } in drafts {
        let Some(selected) = selected.clone() else { break };
        let (stem, sql) = (stem.to_owned(), sql.to_owned());
        let mart = Mart { name, file: stem, sql, definition, selected, queries: Vec::new() };
        let mut check = Check { file: &file, source, at, mart: &mart, mistakes: Vec::new() };
        check.everything();
        mistakes.extend(check.mistakes);
        if mistakes.is_empty() {
            marts.push(Mart { queries: queries(&mart), ..mart });
        }
    }
    if mistakes.is_empty() { Ok(marts) } else { Err(mistakes) }
}

/// The vocabularies that the columns, or the columns of the cases, name and that there are not.
fn vocabulary_mistakes(file: &MartFile, known: &Vocabularies, source: &TomlFile) -> Vec<Mistake> {
    let columns = source.at("columns");
    let of_columns = file.columns.iter().enumerate().filter_map(|(number, column)| match &column.kind {
        Some(Kind::Code(vocabulary)) => Some((vocabulary, columns.item(number).key("kind").key("code"))),
        _ => None,
    });
    let of_cases = file.case_codes.iter().map(|(name, code)| (code, source.at("case_codes").key(name)));
    let unknown = of_columns.chain(of_cases).filter(|(name, _)| !known.has(name));
    unknown.map(|(name, here)| unknown_vocabulary(name, known, &here)).collect()
}

fn unknown_vocabulary(name: &str, known: &Vocabularies, here: &TomlPath<'_>) -> Mistake {
    let message = Words::new(format!("没有代码表「{name}」"), format!("there is no vocabulary `{name}`"));
    let mistake = here.mistake(message);
    match nearest(name, known.names()) {
        None => mistake.help(Words::new(
            format!(
                "可在流水线旁的 vocabularies.toml 中定义：[{name}] 与 代码 = {{ zh = \"…\", en = \"…\" }}；\
                 列中是数据原有的文字时，写 kind = \"text\""
            ),
            format!(
                "a vocabularies.toml next to the pipeline can define it: [{name}] and code = {{ zh = \"…\", en = \"…\" }}; \
                 a column of texts of the data is kind = \"text\""
            ),
        )),
        near => mistake.did_you_mean(near),
    }
}

/// A mart that has been put together, and not been held against its SQL.
struct Draft<'a> {
    name: String,
    definition: Definition,
    /// Where its title, grain and sort stand.
    at: TomlPath<'a>,
}

/// Puts the definitions of a file together.
struct Reader<'a> {
    source: &'a TomlFile,
    file: &'a MartFile,
    meanings: &'a Meanings,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    /// The marts that the file defines.
    fn drafts(&mut self, name: &str) -> Vec<Draft<'a>> {
        let (file, whole) = (self.file, self.source.whole());
        match (&file.title, &file.grain, file.grains.as_slice()) {
            (Some(title), Some(grain), []) => {
                let definition = self.draft(name, [title, &file.about], grain, file.sort.as_ref(), &whole);
                vec![Draft { name: name.to_owned(), definition, at: whole }]
            }
            (None, None, grains @ [_, ..]) => {
                let mut drafts = Vec::new();
                for (number, grain) in grains.iter().enumerate() {
                    let at = self.source.at("grains").item(number);
                    if !is_name(&grain.name) {
                        self.mistakes.push(at.key("name").mistake(super::no_name(&grain.name)));
                    }
                    let words = [&grain.title, &grain.about];
                    let definition = self.draft(&grain.name, words, &grain.grain, grain.sort.as_ref(), &at);
                    drafts.push(Draft { name: grain.name.clone(), definition, at });
                }
                drafts
            }
            _ => {
                let message = Words::new(
                    "指标表应有 title 和 grain，或在每个 [[grains]] 中各有一份",
                    "a mart has a `title` and a `grain`, or `[[grains]]` with one each",
                );
                self.mistakes.push(whole.mistake(message));
                Vec::new()
            }
        }
    }

    fn draft(
        &mut self,
        mart: &str,
        [title, about]: [&Words; 2],
        grain: &[String],
        sort: Option<&String>,
        at: &TomlPath<'_>,
    ) -> Definition {
        let file = self.file;
        let mine: Vec<(usize, &ColumnFile)> =
            file.columns.iter().enumerate().filter(|(_, column)| is_for(&column.only, mart)).collect();
        let (mut columns, mut printed) = (Vec::new(), Vec::new());
        for (number, key) in grain.iter().enumerate() {
            if mine.iter().any(|(_, column)| column.name == *key) {
                continue;
            }
            match self.meanings.get(key) {
                Some(meaning) => columns.push(meant(key, meaning)),
                None => {
                    let message = Words::new(
                        format!("粒度中的「{key}」不是列"),
                        format!("the grain names `{key}`, which is no column"),
                    );
                    self.mistakes.push(at.key("grain").item(number).mistake(message));
                }
            }
        }
        // A part of another grain of the file is no column of this one.
        let others: BTreeSet<&String> = file.grains.iter().flat_map(|other| &other.grain).collect();
        for (number, column) in mine {
            if let Some(print) = &column.print {
                printed.extend(self.printed(number, column, print, columns.len()));
            } else if grain.contains(&column.name) || !others.contains(&column.name) {
                columns.extend(self.column(number, column));
            }
        }
        let steps = file.steps.iter().filter(|(_, step)| is_for(&step.only, mart));
        let step = |step: &StepFile| Step { from: step.from.clone(), within: step.within.clone() };
        let definition = Definition {
            title: title.clone(),
            about: about.clone(),
            grain: grain.to_vec(),
            nulls_first: file.nulls_first.clone(),
            source: file.source.clone(),
            estimator: file.estimator,
            show: file.show,
            place: file.place,
            topic: file.topic,
            needs: file.needs.clone(),
            cases: file.cases.clone(),
            case_codes: file.case_codes.clone(),
            sort: sort.cloned(),
            steps: steps.map(|(name, file)| (name.clone(), step(file))).collect(),
            columns,
            printed,
        };
        if let Some((by, _)) = definition.sorted_by() {
            let column = definition.columns.iter().find(|column| column.name == *by);
            if !column.is_some_and(|column| matches!(column.kind.layout(), Layout::Integer | Layout::Number)) {
                let message = Words::new(
                    format!("「{by}」不是数值列，不能用来排序"),
                    format!("`{by}` is no column of numbers to sort by"),
                );
                self.mistakes.push(at.key("sort").mistake(message));
            }
        }
        definition
    }

    fn column(&mut self, number: usize, column: &ColumnFile) -> Option<Column> {
        let (name, at) = (&column.name, self.source.at("columns").item(number));
        let meaning = self.meanings.get(name);
        if !is_name(name) {
            self.mistakes.push(at.key("name").mistake(super::no_name(name)));
        }
        let kind = column.kind.clone().or_else(|| meaning.map(|meaning| meaning.kind.clone()));
        let title = column.title.clone().or_else(|| meaning.map(|meaning| meaning.title.clone()));
        let (Some(kind), Some(title)) = (kind, title) else {
            let message = Words::new(
                format!("「{name}」要写 kind 和 title：columns.toml 中没有这一列"),
                format!("`{name}` needs a `kind` and a `title`: `columns.toml` does not have it"),
            );
            self.mistakes.push(at.key("name").mistake(message));
            return None;
        };
        let about = column.about.clone().or_else(|| meaning.map(|meaning| meaning.about.clone()));
        let meant = || meaning.and_then(|meaning| meaning.from.clone());
        Some(Column {
            name: name.clone(),
            kind,
            title,
            about: about.unwrap_or_default(),
            needs: column.needs.clone(),
            hidden: column.hidden,
            empty: column.empty.clone(),
            total: column.total.clone(),
            cases_in: column.cases_in.clone(),
            from: column.from.clone().or_else(meant),
            within: column.within.clone(),
        })
    }

    /// A column that is printed, and that no query answers.
    fn printed(&mut self, number: usize, column: &ColumnFile, print: &Print, after: usize) -> Option<Printed> {
        let (name, at) = (&column.name, self.source.at("columns").item(number));
        let of_marts = [
            ("kind", column.kind.is_some()),
            ("from", column.from.is_some()),
            ("within", column.within.is_some()),
            ("empty", column.empty.is_some()),
            ("hidden", column.hidden),
            ("cases_in", column.cases_in.is_some()),
        ];
        for (key, _) in of_marts.iter().filter(|(_, given)| *given) {
            let message = Words::new(
                format!("「{name}」只用于打印，不写 {key}"),
                format!("`{name}` is only printed, and has no `{key}`"),
            );
            self.mistakes.push(at.key(key).mistake(message));
        }
        let Some(title) = column.title.clone() else {
            let message = Words::new(format!("「{name}」缺少 title"), format!("`{name}` needs a `title`"));
            self.mistakes.push(at.key("name").mistake(message));
            return None;
        };
        Some(Printed {
            name: name.clone(),
            title,
            about: column.about.clone().unwrap_or_default(),
            needs: column.needs.clone(),
            print: print.clone(),
            total: column.total.clone(),
            after,
        })
    }
}

/// Whether a mart is one of those that something is `only` for; none are named where all have it.
fn is_for(only: &[String], mart: &str) -> bool {
    only.is_empty() || only.iter().any(|name| name == mart)
}

/// A column as `columns.toml` has it.
fn meant(name: &str, meaning: &Meaning) -> Column {
    Column {
        name: name.to_owned(),
        kind: meaning.kind.clone(),
        title: meaning.title.clone(),
        about: meaning.about.clone(),
        needs: Vec::new(),
        hidden: false,
        empty: None,
        total: None,
        cases_in: None,
        from: meaning.from.clone(),
        within: None,
    }
}

/// What a mart asks of an engine; the first query makes its rows.
fn queries(mart: &Mart) -> Vec<Query> {
    let definition = &mart.definition;
    if let Some(estimator) = definition.estimator {
        return vec![estimator.query()];
    }
    let grain = definition.grain.clone();
    let holds = if definition.is_list() { Holds::Cases } else { Holds::Counts(BTreeSet::new()) };
    let mut queries = vec![Query { table: None, keys: grain.clone(), holds }];
    for (measure, within) in definition.measures() {
        let Some(need) = compose::need(&measure) else { continue };
        let table = measure.sources().first().and_then(|source| source.table.clone());
        let keys = within.unwrap_or_else(|| grain.clone());
        match need {
            Need::Counts(counts) => {
                let same = |query: &&mut Query| {
                    query.table == table && query.keys == keys && matches!(query.holds, Holds::Counts(_))
                };
                match queries.iter_mut().find(same) {
                    Some(Query { holds: Holds::Counts(known), .. }) => known.extend(counts),
                    _ => queries.push(Query { table, keys, holds: Holds::Counts(counts.into_iter().collect()) }),
                }
            }
            Need::Values(values) => {
                let query = Query { table, keys, holds: Holds::Values(values) };
                if !queries.contains(&query) {
                    queries.push(query);
                }
            }
        }
    }
    // Rows that nothing is counted of are still rows.
    if let Holds::Counts(counts) = &mut queries[0].holds
        && counts.is_empty()
    {
        counts.insert(compose::Count::All);
    }
    queries
}
