//! Reads the definition of a mart next to its SQL, and finds what in the two cannot be.
//!
//! A file may define several marts of the same cases (`[[grains]]`), each a row per grain of its own. What a column name
//! means everywhere stands in `columns.toml`; a definition says what differs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::compose::{self, Holds, Need, Query};
use super::dialect;
use super::estimate::Estimator;
use super::measure::Measure;
use super::print::{Print, Printed, Total};
use super::{Column, Definition, Kind, Mart, Place, Show, Step};
use crate::contract;
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

/// Finds what keeps a mart from being computed, each with its place.
struct Check<'a> {
    file: &'a MartFile,
    source: &'a TomlFile,
    at: TomlPath<'a>,
    mart: &'a Mart,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    /// Where a figure is defined.
    fn place(&self, figure: &str) -> TomlPath<'_> {
        match self.file.columns.iter().position(|column| column.name == figure) {
            Some(number) => self.source.at("columns").item(number).key("from"),
            None => self.source.at("steps"),
        }
    }

    /// Something is wrong with a figure.
    fn refuse(&mut self, figure: &str, message: Words) {
        let mistake = self.place(figure).mistake(message);
        self.mistakes.push(mistake);
    }

    fn everything(&mut self) {
        let (mart, definition) = (self.mart, &self.mart.definition);
        if dialect::TABLES.contains(&mart.name.as_str()) {
            let name = &mart.name;
            let message = Words::new(
                format!("「{name}」是明细表的名称，指标表不能用"),
                format!("`{name}` is a clean table, which no mart can stand in for"),
            );
            self.mistakes.push(self.source.whole().mistake(message));
        }
        self.needs();
        self.list();
        for (number, case) in definition.cases.iter().enumerate() {
            if !mart.selected.columns.contains(case) {
                let message =
                    Words::new(format!("明细中没有「{case}」列"), format!("the cases have no column `{case}`"));
                self.mistakes.push(self.source.at("cases").item(number).mistake(message));
            }
        }
        if let Some(estimator) = definition.estimator {
            return self.estimated(estimator);
        }
        for (number, key) in definition.grain.iter().enumerate() {
            let declared = definition.columns.iter().any(|column| column.name == *key);
            if declared && !mart.selected.columns.contains(key) {
                let message = Words::new(
                    format!("粒度中的「{key}」没有被 SQL 选出"),
                    format!("the grain names `{key}`, which the SQL does not select"),
                );
                self.mistakes.push(self.at.key("grain").item(number).mistake(message));
            }
        }
        for column in &definition.columns {
            self.column(column);
        }
        for (name, step) in &definition.steps {
            self.measure(name, &step.from, step.within.as_deref());
        }
        self.circles();
    }

    /// The input tables and columns, and the column `unit`, that the mart needs and does not have.
    fn needs(&mut self) {
        let columns = self.source.at("columns");
        let file = self.file;
        let of_mart =
            file.needs.iter().enumerate().map(|(number, table)| (table, self.source.at("needs").item(number)));
        let of_columns = file.columns.iter().enumerate().flat_map(|(number, column)| {
            let needs = columns.item(number).key("needs");
            column.needs.iter().enumerate().map(move |(number, table)| (table, needs.item(number)))
        });
        let unknown =
            of_mart.chain(of_columns).filter_map(|(input, here)| Some((contract::unknown_input(input)?, here)));
        let unknown = unknown.map(|(unknown, here)| here.mistake(unknown.message()).did_you_mean(unknown.nearest));
        self.mistakes.extend(unknown);
        let measure = file.columns.iter().position(|column| column.kind == Some(Kind::Measure));
        if let Some(number) = measure.filter(|_| !file.columns.iter().any(|column| column.name == "unit")) {
            let message =
                Words::new("measure 类型的列要有一列 unit 与它并列", "a `measure` needs a column `unit` next to it");
            self.mistakes.push(columns.item(number).key("kind").mistake(message));
        }
    }

    /// What only lists of cases have: they are read to their end, and each row is one case.
    fn list(&mut self) {
        for (number, column) in self.file.columns.iter().enumerate() {
            let at = self.source.at("columns").item(number);
            for (key, given) in [("print", column.print.is_some()), ("total", column.total.is_some())] {
                if given && self.file.place != Place::Cases {
                    let message = Words::new(
                        format!("{key} 只用于逐件清单，即 place = \"cases\""),
                        format!("`{key}` is for lists of cases, with `place = \"cases\"`"),
                    );
                    self.mistakes.push(at.key(key).mistake(message));
                }
            }
            if column.total == Some(Total::Sum) && !self.adds_up(column) {
                let name = &column.name;
                let message =
                    Words::new(format!("「{name}」的值不能相加"), format!("the values of `{name}` do not add up"));
                self.mistakes.push(at.key("total").mistake(message));
            }
        }
    }

    /// Whether a sum over the rows of a column means something.
    fn adds_up(&self, file: &ColumnFile) -> bool {
        let column = self.mart.definition.columns.iter().find(|column| column.name == file.name);
        column.map_or(file.print.is_none(), |column| {
            matches!(column.kind, Kind::Count | Kind::Days | Kind::Minutes | Kind::Score | Kind::Kva | Kind::Number)
        })
    }

    fn estimated(&mut self, estimator: Estimator) {
        let definition = &self.mart.definition;
        for (name, _) in estimator.needs() {
            if !self.mart.selected.columns.iter().any(|column| column == name) {
                let message = Words::new(
                    format!("估计方法需要「{name}」列，而 SQL 没有选出"),
                    format!("the estimator needs a column `{name}`, which the SQL does not select"),
                );
                self.mistakes.push(self.source.at("estimator").mistake(message));
            }
        }
        for column in definition.columns.iter().filter(|column| column.from.is_some()) {
            let name = &column.name;
            let message = Words::new(
                format!("「{name}」由估计方法给出，不能另有来源"),
                format!("`{name}` comes from the estimator, and has no other origin"),
            );
            self.refuse(&column.name, message);
        }
        let made: Vec<&str> = estimator.gives().iter().map(|(name, _)| *name).collect();
        let declared: Vec<&str> = definition.columns.iter().map(|column| column.name.as_str()).collect();
        if made != declared {
            let (made_ones, declared_ones) = (made.join(", "), declared.join(", "));
            let message = Words::new(
                format!("估计方法给出的列与写明的列不同\n  估计方法：{made_ones}\n  写明的列：{declared_ones}"),
                format!(
                    "the columns of the estimator are not those declared\n  estimator: {made_ones}\n  declared: {declared_ones}"
                ),
            );
            // The first column that differs, or the last where more are made.
            let same = made.iter().zip(&declared).take_while(|(made, declared)| *made == *declared).count();
            let column = self.source.at("columns").item(same.min(declared.len().saturating_sub(1)));
            self.mistakes.push(column.key("name").mistake(message));
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
                let name = &column.name;
                let message = Words::new(
                    format!("「{name}」没有 from，SQL 也没有选出同名的列"),
                    format!("`{name}` has no `from`, and the SQL selects no column of that name"),
                );
                let number = self.file.columns.iter().position(|file| file.name == column.name).unwrap_or_default();
                self.mistakes.push(self.source.at("columns").item(number).key("name").mistake(message));
            }
        }
    }

    fn measure(&mut self, name: &str, measure: &Measure, within: Option<&[String]>) {
        let definition = &self.mart.definition;
        for source in measure.sources() {
            let columns = match &source.table {
                None => Some(self.mart.selected.columns.as_slice()),
                Some(table) => self.mart.selected.cte(table),
            };
            match columns {
                None => {
                    let message = Words::new(
                        format!("「{name}」来自「{source}」，而 SQL 中没有这个 CTE"),
                        format!("`{name}` comes from `{source}`, but the SQL has no such CTE"),
                    );
                    self.refuse(name, message);
                }
                Some(columns) if !source.is_every_row() && !columns.contains(&source.column) => {
                    let message = Words::new(
                        format!("「{name}」来自「{source}」，而 SQL 没有选出它"),
                        format!("`{name}` comes from `{source}`, which the SQL does not select"),
                    );
                    self.refuse(name, message);
                }
                Some(columns) => {
                    for key in within.into_iter().flatten().filter(|key| !columns.contains(key)) {
                        let message = Words::new(
                            format!("「{name}」按「{key}」分组计数，而它的明细没有这一列"),
                            format!("`{name}` is counted within `{key}`, which is no column of its cases"),
                        );
                        self.refuse(name, message);
                    }
                }
            }
            if source.table.is_some() && within.is_none() {
                let message = Words::new(
                    format!("「{name}」来自另一些明细：请用 within 写明按哪些列对应"),
                    format!("`{name}` comes from other cases: `within` says by which columns of the row"),
                );
                self.refuse(name, message);
            }
            if definition.is_list() && source.table.is_none() {
                let message = Words::new(
                    format!("「{name}」要计数，而每一行就是一件"),
                    format!("`{name}` counts cases, but each row is one"),
                );
                self.refuse(name, message);
            }
        }
        for key in within.into_iter().flatten() {
            let known =
                definition.grain.contains(key) || definition.is_list() && self.mart.selected.columns.contains(key);
            if !known {
                let message = Words::new(
                    format!("「{name}」的 within 写了「{key}」，而行中没有这一列"),
                    format!("`{name}` is within `{key}`, which no row has"),
                );
                self.refuse(name, message);
            }
        }
        for figure in measure.figures() {
            if !self.mart.has_figure(figure) {
                let message = Words::new(
                    format!("「{name}」来自「{figure}」，而行中没有这个指标"),
                    format!("`{name}` comes from `{figure}`, which is no figure of the row"),
                );
                self.refuse(name, message);
            }
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
                let message = Words::new(format!("「{start}」由它自身算出"), format!("`{start}` is made of itself"));
                self.refuse(start, message);
            }
        }
    }
}
