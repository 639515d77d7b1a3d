//! Reads the definition of a mart beside its SQL, and finds what in the two cannot be.
//!
//! A file may define several marts of the same cases (`[[grains]]`), each a row per grain of its own. What a column name
//! means everywhere stands in `columns.toml`; a definition says what differs.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::compose::{self, Holds, Need, Query};
use super::dialect::{self, Selected};
use super::estimate::Estimator;
use super::measure::Measure;
use super::{Column, Definition, Kind, Mart, Place, Show, Step};
use crate::config::{self, is_name};
use crate::error::Mistake;
use crate::ingest::contract::Table;
use crate::lake::Layout;
use crate::words::Words;

/// What a column name means wherever no definition says otherwise.
#[derive(Debug, Clone, Deserialize)]
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

/// `<name>.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MartFile {
    title: Option<Words>,
    #[serde(default)]
    about: Words,
    #[serde(default)]
    example: Words,
    grain: Option<Spanned<Vec<String>>>,
    sort: Option<Spanned<String>>,
    #[serde(default)]
    grains: Vec<GrainFile>,
    #[serde(default)]
    nulls_first: Vec<String>,
    #[serde(default)]
    source: String,
    estimator: Option<Estimator>,
    #[serde(default)]
    show: Show,
    #[serde(default)]
    place: Place,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    cases: Vec<String>,
    #[serde(default)]
    steps: BTreeMap<String, StepFile>,
    #[serde(default)]
    columns: Vec<ColumnFile>,
}

/// One of several marts of the same cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrainFile {
    name: Spanned<String>,
    title: Words,
    #[serde(default)]
    about: Words,
    #[serde(default)]
    example: Words,
    grain: Spanned<Vec<String>>,
    sort: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    from: Spanned<Measure>,
    within: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnFile {
    name: Spanned<String>,
    kind: Option<Kind>,
    title: Option<Words>,
    about: Option<Words>,
    #[serde(default)]
    needs: Vec<String>,
    #[serde(default)]
    hidden: bool,
    from: Option<Spanned<Measure>>,
    within: Option<Vec<String>>,
    /// The marts of the file that have it; none: all.
    #[serde(default)]
    only: Vec<String>,
}

/// The texts of a mart.
struct Texts<'a> {
    sql_file: String,
    sql: &'a str,
    toml_file: String,
    toml: &'a str,
}

/// Reads the marts of a pair of files, or finds every mistake in it.
pub fn read(name: &str, sql: &str, toml: &str, meanings: &Meanings) -> Result<Vec<Mart>, Vec<Mistake>> {
    let texts = Texts { sql_file: format!("marts/{name}.sql"), sql, toml_file: format!("marts/{name}.toml"), toml };
    let file: MartFile = config::parse(&texts.toml_file, toml).map_err(super::mistakes_of)?;
    let selected = dialect::check(&texts.sql_file, sql, &[]);
    // What still ends with `order by` makes its rows itself.
    let composed = selected.as_ref().is_ok_and(|selected| selected.order.is_empty());
    let mut reader = Reader { texts: &texts, file: &file, meanings, composed, mistakes: Vec::new() };
    let drafts = reader.drafts(name);
    let mut mistakes = reader.mistakes;
    let selected = selected.map_err(|more| mistakes.extend(more)).ok();
    let mut marts = Vec::new();
    for (name, definition) in drafts {
        let Some(selected) = &selected else { break };
        if composed {
            match composed_mart(&name, &texts, &file, definition, selected) {
                Ok(mart) => marts.push(mart),
                Err(more) => mistakes.extend(more),
            }
        } else if mistakes.is_empty() {
            match super::read_mart(&name, sql, toml, definition) {
                Ok(mart) => marts.push(mart),
                Err(more) => mistakes.extend(more),
            }
        }
    }
    if mistakes.is_empty() { Ok(marts) } else { Err(mistakes) }
}

/// Puts the definitions of a file together.
struct Reader<'a> {
    texts: &'a Texts<'a>,
    file: &'a MartFile,
    meanings: &'a Meanings,
    composed: bool,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn refuse(&mut self, span: Option<Range<usize>>, message: String) {
        self.mistakes.push(Mistake::new(&self.texts.toml_file, self.texts.toml, span, message));
    }

    /// The marts that the file defines, by name.
    fn drafts(&mut self, name: &str) -> Vec<(String, Definition)> {
        let file = self.file;
        match (&file.title, &file.grain, file.grains.as_slice()) {
            (Some(title), Some(grain), []) => {
                let words = [title, &file.about, &file.example];
                vec![(name.to_owned(), self.draft(name, words, grain, file.sort.as_ref()))]
            }
            (None, None, grains @ [_, ..]) => {
                let mut drafts = Vec::new();
                for grain in grains {
                    let name = grain.name.get_ref();
                    if !is_name(name) {
                        self.refuse(Some(grain.name.span()), super::no_name(name));
                    }
                    let words = [&grain.title, &grain.about, &grain.example];
                    drafts.push((name.clone(), self.draft(name, words, &grain.grain, grain.sort.as_ref())));
                }
                drafts
            }
            _ => {
                let message = "a mart has a `title` and a `grain`, or `[[grains]]` with one each";
                self.refuse(None, message.to_owned());
                Vec::new()
            }
        }
    }

    fn draft(
        &mut self,
        mart: &str,
        [title, about, example]: [&Words; 3],
        grain: &Spanned<Vec<String>>,
        sort: Option<&Spanned<String>>,
    ) -> Definition {
        let file = self.file;
        let mine: Vec<&ColumnFile> =
            file.columns.iter().filter(|column| column.only.is_empty() || column.only.iter().any(|only| only == mart)).collect();
        let declared = |name: &str| mine.iter().any(|column| column.name.get_ref() == name);
        // A part of another grain of the file is no column of this one.
        let others: BTreeSet<&String> = file.grains.iter().flat_map(|other| other.grain.get_ref()).collect();
        let mut columns = Vec::new();
        for key in grain.get_ref().iter().filter(|key| !declared(key)) {
            match self.meanings.get(key) {
                Some(meaning) if self.composed => columns.push(meant(key, meaning)),
                _ => self.refuse(Some(grain.span()), format!("the grain names `{key}`, which is no column")),
            }
        }
        for column in mine {
            let name = column.name.get_ref();
            if grain.get_ref().contains(name) || !others.contains(name) {
                columns.extend(self.column(column));
            }
        }
        let steps = file.steps.iter().map(|(name, step)| {
            (name.clone(), Step { from: step.from.get_ref().clone(), within: step.within.clone() })
        });
        let definition = Definition {
            title: title.clone(),
            about: about.clone(),
            example: example.clone(),
            grain: grain.get_ref().clone(),
            nulls_first: file.nulls_first.clone(),
            source: file.source.clone(),
            estimator: file.estimator,
            show: file.show,
            place: file.place,
            needs: file.needs.clone(),
            cases: file.cases.clone(),
            sort: sort.map(|sort| sort.get_ref().clone()),
            steps: steps.collect(),
            columns,
        };
        if let (Some((by, _)), Some(sort)) = (definition.sorted_by(), sort) {
            let column = definition.columns.iter().find(|column| column.name == *by);
            if !column.is_some_and(|column| matches!(column.kind.layout(), Layout::Integer | Layout::Number)) {
                self.refuse(Some(sort.span()), format!("`{by}` is no column of numbers to sort by"));
            }
        }
        definition
    }

    fn column(&mut self, column: &ColumnFile) -> Option<Column> {
        let name = column.name.get_ref();
        let meaning = self.meanings.get(name);
        if !is_name(name) {
            self.refuse(Some(column.name.span()), super::no_name(name));
        }
        let kind = column.kind.or(meaning.map(|meaning| meaning.kind));
        let title = column.title.clone().or_else(|| meaning.map(|meaning| meaning.title.clone()));
        let (Some(kind), Some(title)) = (kind, title) else {
            let message = format!("`{name}` needs a `kind` and a `title`: `columns.toml` does not have it");
            self.refuse(Some(column.name.span()), message);
            return None;
        };
        let about = column.about.clone().or_else(|| meaning.map(|meaning| meaning.about.clone()));
        let from = column.from.as_ref().map(|from| from.get_ref().clone());
        Some(Column {
            name: name.clone(),
            kind,
            title,
            about: about.unwrap_or_default(),
            needs: column.needs.clone(),
            hidden: column.hidden,
            from: from.or_else(|| meaning.and_then(|meaning| meaning.from.clone()).filter(|_| self.composed)),
            within: column.within.clone(),
        })
    }
}

/// A column as `columns.toml` has it.
fn meant(name: &str, meaning: &Meaning) -> Column {
    Column {
        name: name.to_owned(),
        kind: meaning.kind,
        title: meaning.title.clone(),
        about: meaning.about.clone(),
        needs: Vec::new(),
        hidden: false,
        from: meaning.from.clone(),
        within: None,
    }
}

/// A mart whose SQL is composed, or what in it cannot be.
fn composed_mart(
    name: &str,
    texts: &Texts<'_>,
    file: &MartFile,
    definition: Definition,
    selected: &Selected,
) -> Result<Mart, Vec<Mistake>> {
    let mut mart = Mart {
        name: name.to_owned(),
        sql: texts.sql.to_owned(),
        definition,
        selected: selected.clone(),
        queries: Vec::new(),
    };
    let mut check = Check { texts, file, mart: &mart, mistakes: Vec::new() };
    check.names();
    let mistakes = check.mistakes;
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    mart.queries = queries(&mart);
    Ok(mart)
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

/// Finds what keeps a mart from being computed, each with its place.
struct Check<'a> {
    texts: &'a Texts<'a>,
    file: &'a MartFile,
    mart: &'a Mart,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    fn refuse(&mut self, span: Option<Range<usize>>, message: String) {
        self.mistakes.push(Mistake::new(&self.texts.toml_file, self.texts.toml, span, message));
    }

    /// Where a figure is defined.
    fn place(&self, figure: &str) -> Option<Range<usize>> {
        let column = self.file.columns.iter().find(|column| column.name.get_ref() == figure);
        let of_column = column.map(|column| column.from.as_ref().map_or(column.name.span(), Spanned::span));
        of_column.or_else(|| self.file.steps.get(figure).map(|step| step.from.span()))
    }

    fn grain_place(&self) -> Option<Range<usize>> {
        let of_file = self.file.grain.as_ref().map(Spanned::span);
        let of_mart = self.file.grains.iter().find(|grain| *grain.name.get_ref() == self.mart.name);
        of_file.or_else(|| of_mart.map(|grain| grain.grain.span()))
    }

    fn names(&mut self) {
        let (mart, definition) = (self.mart, &self.mart.definition);
        if dialect::TABLES.contains(&mart.name.as_str()) {
            let message = format!("`{}` is a clean table, which no mart can stand in for", mart.name);
            self.refuse(None, message);
        }
        for table in definition.needs.iter().chain(definition.columns.iter().flat_map(|column| &column.needs)) {
            if Table::named(table).is_none() {
                self.refuse(None, format!("there is no input table `{table}`"));
            }
        }
        let has = |name: &str| definition.columns.iter().any(|column| column.name == name);
        if definition.columns.iter().any(|column| column.kind == Kind::Measure) && !has("unit") {
            self.refuse(None, "a `measure` needs a column `unit` beside it".to_owned());
        }
        for case in &definition.cases {
            if !mart.selected.columns.contains(case) {
                self.refuse(None, format!("the SQL selects no column `{case}` to name a case by"));
            }
        }
        if let Some(estimator) = definition.estimator {
            return self.estimated(estimator);
        }
        for key in definition.grain.iter().filter(|key| !mart.selected.columns.contains(key)) {
            let message = format!("the grain names `{key}`, which the SQL does not select");
            self.refuse(self.grain_place(), message);
        }
        for column in &definition.columns {
            self.column(column);
        }
        for (name, step) in &definition.steps {
            self.measure(name, &step.from, step.within.as_deref());
        }
        self.circles();
    }

    fn estimated(&mut self, estimator: Estimator) {
        let definition = &self.mart.definition;
        for (name, _) in estimator.needs() {
            if !self.mart.selected.columns.iter().any(|column| column == name) {
                let message = format!("the estimator needs a column `{name}`, which the SQL does not select");
                self.refuse(None, message);
            }
        }
        for column in definition.columns.iter().filter(|column| column.from.is_some()) {
            let message = format!("`{}` comes from the estimator, and has no other origin", column.name);
            self.refuse(self.place(&column.name), message);
        }
        let made: Vec<&str> = estimator.gives().iter().map(|(name, _)| *name).collect();
        let declared: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
        if made != declared {
            let message = format!(
                "the columns of the estimator are not those declared\n  estimator: {}\n  declared: {}",
                made.join(", "),
                declared.join(", ")
            );
            let first = self.file.columns.first().map(|column| column.name.span());
            self.refuse(first, message);
        }
    }

    fn column(&mut self, column: &Column) {
        let definition = &self.mart.definition;
        if definition.grain.contains(&column.name) {
            return;
        }
        match &column.from {
            Some(measure) => self.measure(&column.name, measure, column.within.as_deref()),
            None if self.mart.selected.columns.contains(&column.name) => {}
            None => {
                let message = format!("`{}` has no `from`, and the SQL selects no column of that name", column.name);
                self.refuse(self.place(&column.name), message);
            }
        }
    }

    fn measure(&mut self, name: &str, measure: &Measure, within: Option<&[String]>) {
        let definition = &self.mart.definition;
        let place = self.place(name);
        for source in measure.sources() {
            let columns = match &source.table {
                None => Some(self.mart.selected.columns.as_slice()),
                Some(table) => self.mart.selected.cte(table),
            };
            match columns {
                None => {
                    let message = format!("`{name}` comes from `{source}`, but the SQL has no such CTE");
                    self.refuse(place.clone(), message);
                }
                Some(columns) if !source.is_every_row() && !columns.contains(&source.column) => {
                    let message = format!("`{name}` comes from `{source}`, which the SQL does not select");
                    self.refuse(place.clone(), message);
                }
                Some(columns) => {
                    for key in within.into_iter().flatten().filter(|key| !columns.contains(key)) {
                        let message = format!("`{name}` is counted within `{key}`, which is no column of its cases");
                        self.refuse(place.clone(), message);
                    }
                }
            }
            if source.table.is_some() && within.is_none() {
                let message = format!("`{name}` comes from other cases: `within` says by which columns of the row");
                self.refuse(place.clone(), message);
            }
            if definition.is_list() && source.table.is_none() {
                self.refuse(place.clone(), format!("`{name}` counts cases, but each row is one"));
            }
        }
        for key in within.into_iter().flatten() {
            let known = definition.grain.contains(key)
                || definition.is_list() && self.mart.selected.columns.contains(key);
            if !known {
                self.refuse(place.clone(), format!("`{name}` is within `{key}`, which no row has"));
            }
        }
        for figure in measure.figures() {
            if !self.mart.has_figure(figure) {
                self.refuse(place.clone(), format!("`{name}` comes from `{figure}`, which is no figure of the row"));
            }
        }
        if matches!(measure, Measure::Figures(_)) {
            self.refuse(place, format!("`{name}` needs a formula"));
        }
    }

    /// A figure that is made of itself.
    fn circles(&mut self) {
        let measures: BTreeMap<&str, &Measure> = self.mart.definition.figures().collect();
        for start in measures.keys() {
            let (mut seen, mut ahead) = (BTreeSet::new(), measures[start].figures());
            while let Some(figure) = ahead.pop() {
                if seen.insert(figure) && figure != *start {
                    ahead.extend(measures.get(figure).iter().flat_map(|measure| measure.figures()));
                }
            }
            if seen.contains(start) {
                self.refuse(self.place(start), format!("`{start}` is made of itself"));
            }
        }
    }
}
