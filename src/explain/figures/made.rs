//! A mart as it was made, and what each figure of each row is made of: cases, or rows that are compared.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use polars::prelude::{DataFrame, DataType};
use serde::Serialize;
use serde_json::Value;

use super::super::{Lake, json};
use super::Step;
use crate::cells::marts::mart_cells;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::lake::Columns;
use crate::marts::engine::Engine;
use crate::marts::{Definition, Kind, Mart, Measure, Source};
use crate::words::Lang;

/// What some cases or rows are to a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// It counts, adds up or averages them.
    Counted,
    /// They are counted above the line.
    Numerator,
    /// They are counted below the line.
    Denominator,
    /// Another figure of the formula counts them.
    Term,
    /// Rows of the mart that are compared or added up.
    Rows,
    /// The row is one case.
    Case,
}

/// Cases, or rows, that a figure is made of.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Part {
    /// What they are to the figure.
    pub role: Role,
    /// The figure that counts them.
    pub figure: String,
    /// How many they are.
    pub n: usize,
    /// What each is called, with what it brings where it is not just counted; of figures that are not asked for by name
    /// JSON says only how many they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// The places of the cases among all that the row's figures are made of.
    #[serde(skip)]
    pub places: Vec<usize>,
    /// The title of that figure.
    #[serde(skip)]
    pub title: String,
}

/// Why what a figure is made of is not listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unlisted {
    /// An estimator made the whole row of all its cases.
    Estimated,
    /// It is this figure of the row of the month before.
    MonthBefore(String),
    /// It counts rows of a table on the way that bear no name of a case.
    Nameless(String),
    /// The SQL of this mart selects it as it stands, case by case or already counted.
    Selected(String),
    /// It is made of parameters of the run alone.
    Parameters,
    /// The exports do not have what it needs.
    NoData(Vec<String>),
}

impl Unlisted {
    /// The reason as users read it.
    pub(super) fn say(&self, lang: Lang) -> String {
        match self {
            Unlisted::Estimated => lang
                .pick("由全部个案一并估计得出，不能逐件计入；个案见本表末尾", "estimated from all of the cases together, which are listed below the table: no case counts on its own")
                .to_owned(),
            Unlisted::MonthBefore(figure) => lang.pick(
                format!("取自上月的 {figure}：用 --month 查看上月"),
                format!("taken from {figure} of the month before: see it with --month"),
            ),
            Unlisted::Nameless(table) => lang.pick(
                format!("计的是中间结果 {table} 的行，其中没有个案的编号；SQL 见 yekuo marts"),
                format!("counts rows of {table}, which name no case; `yekuo marts` shows its SQL"),
            ),
            Unlisted::Selected(mart) => lang.pick(
                format!("由 SQL 按行得出，其中不含个案编号；SQL 见 yekuo marts {mart}"),
                format!("selected row by row, without the numbers of cases; `yekuo marts {mart}` shows the SQL"),
            ),
            Unlisted::Parameters => {
                lang.pick("只由运行参数得出，没有个案", "made of parameters of the run alone, of no cases").to_owned()
            }
            Unlisted::NoData(needs) => lang.pick(
                format!("没有数据：导出文件中没有 {}", needs.join("、")),
                format!("no data: the exports lack {}", needs.join(", ")),
            ),
        }
    }
}

/// What a figure is made of, and why the rest of it is not listed.
#[derive(Debug, Default)]
pub(super) struct Listing {
    pub parts: Vec<Part>,
    pub unlisted: Vec<Unlisted>,
}

impl Listing {
    /// The cases of a figure that is made of them alone.
    pub(super) fn own(&self) -> &[String] {
        match &self.parts[..] {
            [part] if matches!(part.role, Role::Counted | Role::Term) => &part.cases,
            _ => &[],
        }
    }

    /// The part of a role, where there is just one.
    pub(super) fn only(&self, role: Role) -> Option<&Part> {
        let mut of_role = self.parts.iter().filter(|part| part.role == role);
        of_role.next().filter(|_| of_role.next().is_none())
    }
}

/// One way to tell cases apart: the values of some columns, and where each group of them stands.
type Groups = HashMap<Vec<String>, Vec<usize>>;

/// The rows of a table of cases, named.
struct Cases {
    table: DataFrame,
    labels: Vec<String>,
    texts: RefCell<BTreeMap<String, Rc<Vec<String>>>>,
    groups: RefCell<BTreeMap<Vec<String>, Rc<Groups>>>,
}

impl Cases {
    /// Whether there is such a column.
    fn has(&self, column: &str) -> bool {
        self.table.column(column).is_ok()
    }

    fn texts(&self, column: &str, doing: &str) -> Result<Rc<Vec<String>>> {
        if let Some(known) = self.texts.borrow().get(column) {
            return Ok(Rc::clone(known));
        }
        let read = Rc::new(texts(&self.table, column, doing)?);
        self.texts.borrow_mut().insert(column.to_owned(), Rc::clone(&read));
        Ok(read)
    }

    /// The places of the cases with the same values in some columns.
    fn groups(&self, keys: &[String], doing: &str) -> Result<Rc<Groups>> {
        if let Some(known) = self.groups.borrow().get(keys) {
            return Ok(Rc::clone(known));
        }
        let columns = keys.iter().map(|key| self.texts(key, doing)).collect::<Result<Vec<_>>>()?;
        let mut groups = Groups::new();
        for row in 0..self.table.height() {
            groups.entry(columns.iter().map(|column| column[row].clone()).collect()).or_default().push(row);
        }
        let groups = Rc::new(groups);
        self.groups.borrow_mut().insert(keys.to_vec(), Rc::clone(&groups));
        Ok(groups)
    }
}

/// A mart as it was made.
pub(super) struct Made<'a> {
    pub mart: &'a Mart,
    pub rows: DataFrame,
    /// By column, as people read it.
    pub shown: Vec<Vec<String>>,
    lang: Lang,
    /// By column of the rows, as keys.
    raw: BTreeMap<String, Vec<String>>,
    /// What formulas name besides the columns.
    steps: BTreeMap<String, Vec<String>>,
    /// The cases, under no name, and the tables on the way to them.
    cases: BTreeMap<Option<String>, Cases>,
    /// What the exports lack of what each column needs, by column.
    lacks: BTreeMap<String, Vec<String>>,
    doing: String,
}

impl<'a> Made<'a> {
    /// Makes a mart, and names its cases.
    pub(super) fn new(engine: &mut Engine, mart: &'a Mart, sources: &Lake<'_>) -> Result<Made<'a>> {
        let (definition, lang) = (&mart.definition, sources.lang);
        let doing = format!("mart {}", mart.name);
        let (rows, steps) = engine.with_steps(mart)?;
        let (mut shown, mut raw, mut lacks) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for column in &definition.columns {
            let (format, cells) = mart_cells(sources.config, lang, column, Columns(&rows))?;
            shown.push(cells.iter().map(|cell| cell.display(format)).collect());
            raw.insert(column.name.clone(), texts(&rows, &column.name, &doing)?);
            let missing = engine.lacking(&column.needs);
            if !missing.is_empty() {
                lacks.insert(column.name.clone(), missing);
            }
        }
        let mut made = Made { mart, rows, shown, lang, raw, steps, cases: BTreeMap::new(), lacks, doing };
        made.read_cases(engine, sources)?;
        Ok(made)
    }

    /// Reads the cases, and what rows of other tables figures count, where they name cases.
    fn read_cases(&mut self, engine: &mut Engine, sources: &Lake<'_>) -> Result<()> {
        let definition = &self.mart.definition;
        if definition.estimator.is_some() || self.rows.height() == 0 {
            return Ok(());
        }
        let measures: Vec<_> = definition.measures().collect();
        let tables = measures.iter().flat_map(|(measure, _)| measure.sources()).map(|source| source.table.clone());
        let tables: std::collections::BTreeSet<Option<String>> = tables.collect();
        for name in tables {
            let table = match &name {
                None => engine.cases(self.mart)?,
                Some(name) => engine.on_the_way(self.mart, name)?,
            };
            if let Some(labels) = labels(&table, self.mart, sources)? {
                let (texts, groups) = (RefCell::default(), RefCell::default());
                self.cases.insert(name, Cases { table, labels, texts, groups });
            }
        }
        Ok(())
    }

    fn definition(&self) -> &'a Definition {
        &self.mart.definition
    }

    /// A column of the rows as keys; nothing where there is none.
    pub(super) fn raw(&self, column: &str) -> Option<&[String]> {
        self.raw.get(column).map(Vec::as_slice)
    }

    /// A column of the rows as people read it.
    fn shown(&self, column: &str) -> Option<&[String]> {
        let at = self.definition().columns.iter().position(|own| own.name == column)?;
        Some(&self.shown[at])
    }

    /// A column of the rows in every way that it can be asked for: as it is stored, and in both languages.
    pub(super) fn spelt(&self, column: &str, config: &Config) -> Result<Vec<Vec<String>>> {
        let Some(declared) = self.definition().columns.iter().find(|own| own.name == column) else {
            return Ok(Vec::new());
        };
        let mut spelt: Vec<Vec<String>> = self.raw(column).map(<[String]>::to_vec).into_iter().collect();
        for lang in [Lang::Zh, Lang::En] {
            let (format, cells) = mart_cells(config, lang, declared, Columns(&self.rows))?;
            spelt.push(cells.iter().map(|cell| cell.display(format)).collect());
        }
        Ok(spelt)
    }

    /// A figure of a row as people read it, also one that no column shows.
    pub(super) fn value(&self, figure: &str, row: usize) -> &str {
        let step = || self.steps.get(figure).map(Vec::as_slice);
        self.shown(figure).or_else(step).map_or("", |values| &values[row])
    }

    /// The same to as many digits as it takes to count on with it.
    pub(super) fn exact(&self, figure: &str, row: usize) -> String {
        let known = self.raw(figure).or_else(|| self.steps.get(figure).map(Vec::as_slice));
        known.map_or_else(String::new, |values| rounded(&values[row]))
    }

    /// The figure of a column as JSON has it.
    pub(super) fn number(&self, figure: &str, row: usize) -> Result<Value> {
        json::cell(self.rows.column(figure).map_err(Error::engine(self.doing.clone()))?, row)
    }

    /// What a column says of its figure.
    pub(super) fn about(&self, figure: &str) -> &'a str {
        let column = self.definition().columns.iter().find(|column| column.name == figure);
        column.map_or("", |column| column.about.get(self.lang))
    }

    /// The figures that one is made of, each once, from the ones that it names down to those that count cases.
    pub(super) fn steps(&self, figure: &str, row: usize, arithmetic: &impl Fn(&str, &Measure) -> String) -> Vec<Step> {
        let mut names: Vec<String> = Vec::new();
        let mut next = vec![figure.to_owned()];
        while let Some(name) = next.pop() {
            let Some((measure, _)) = self.origin(&name) else { continue };
            let first = names.len();
            for named in measure.figures() {
                if named != figure && !names.iter().any(|known| known == named) {
                    names.push(named.to_owned());
                }
            }
            next.extend(names[first..].iter().rev().cloned());
        }
        let step = |name: String| {
            let measure = self.origin(&name).map(|(measure, _)| measure);
            let known = self.raw(&name).or_else(|| self.steps.get(&name).map(Vec::as_slice));
            Step {
                title: self.title(&name),
                value: json::figure(known.map_or("", |values| &values[row])),
                arithmetic: measure.map_or_else(String::new, |measure| arithmetic(&name, &measure)),
                name,
            }
        };
        names.into_iter().map(step).collect()
    }

    fn title(&self, figure: &str) -> String {
        let column = self.definition().columns.iter().find(|column| column.name == figure);
        column.map(|column| column.title.get(self.lang).to_owned()).unwrap_or_default()
    }

    /// What a figure of a row is made of.
    pub(super) fn listing(&self, figure: &str, row: usize) -> Result<Listing> {
        let mut listing = Listing::default();
        if self.definition().estimator.is_some() {
            listing.unlisted.push(Unlisted::Estimated);
        } else if let Some(needs) = self.lacks.get(figure) {
            listing.unlisted.push(Unlisted::NoData(needs.clone()));
        } else {
            self.add(figure, Role::Counted, row, &mut listing)?;
        }
        if listing.parts.is_empty() && listing.unlisted.is_empty() {
            listing.unlisted.push(Unlisted::Parameters);
        }
        Ok(listing)
    }

    /// How a figure comes about, and within which columns; nothing of a column of the row itself.
    fn origin(&self, figure: &str) -> Option<(Measure, Vec<String>)> {
        let definition = self.definition();
        let column = definition.columns.iter().find(|column| column.name == figure);
        let (from, within) = match (column, definition.steps.get(figure)) {
            (Some(column), _) => (column.from.clone(), column.within.clone()),
            (None, Some(step)) => (Some(step.from.clone()), step.within.clone()),
            (None, None) => return None,
        };
        let summed = || Measure::Sum(Source { table: None, column: figure.to_owned() });
        let measure = match from {
            Some(measure) => measure,
            None if definition.is_list() || definition.grain.iter().any(|key| key == figure) => return None,
            None => summed(),
        };
        // What compares rows says with whom by `within`; what counts cases counts those of the row where it says nothing.
        let within =
            within.unwrap_or_else(|| if measure.sources().is_empty() { Vec::new() } else { definition.grain.clone() });
        Some((measure, within))
    }

    fn add(&self, figure: &str, role: Role, row: usize, listing: &mut Listing) -> Result<()> {
        if listing.parts.iter().any(|part| part.role == role && part.figure == figure) {
            return Ok(());
        }
        let Some((measure, within)) = self.origin(figure) else {
            self.add_row(figure, row, listing);
            return Ok(());
        };
        // Terms of a formula stay terms; what stands above or below a line stays there.
        let inner = if role == Role::Counted { Role::Term } else { role };
        match &measure {
            Measure::Rate([part, whole]) | Measure::WilsonLow([part, whole]) | Measure::WilsonHigh([part, whole]) => {
                let of = |own| if role == Role::Counted { own } else { role };
                self.add(part, of(Role::Numerator), row, listing)?;
                self.add(whole, of(Role::Denominator), row, listing)
            }
            Measure::BinomialTail([part, whole, _]) => {
                self.add(part, Role::Numerator, row, listing)?;
                self.add(whole, Role::Denominator, row, listing)
            }
            Measure::Previous(figure) => {
                let before = Unlisted::MonthBefore(figure.clone());
                if !listing.unlisted.contains(&before) {
                    listing.unlisted.push(before);
                }
                Ok(())
            }
            Measure::Total(of) | Measure::Streak(of) => {
                self.add_rows(of, &within, row, listing);
                Ok(())
            }
            Measure::Rank(by) => {
                self.add_rows(&by.figure, &within, row, listing);
                Ok(())
            }
            Measure::Share(of) => {
                self.add(of, Role::Numerator, row, listing)?;
                self.add_rows(of, &within, row, listing);
                Ok(())
            }
            Measure::Formula(_) => {
                measure.figures().into_iter().try_for_each(|named| self.add(named, inner, row, listing))
            }
            _ => self.add_cases(figure, &measure, &within, role, row, listing),
        }
    }

    /// The row itself, where it is a case; where it is not, the mart's SQL selects what stands in it.
    fn add_row(&self, figure: &str, row: usize, listing: &mut Listing) {
        let is_case = self.definition().grain.iter().any(|key| key.ends_with("_id"));
        if !self.definition().is_list() || listing.parts.iter().any(|part| part.role == Role::Case) {
            return;
        }
        if is_case {
            let cases = vec![self.label(row, &[])];
            listing.parts.push(self.part(Role::Case, figure, cases, vec![row]));
        } else if !listing.unlisted.contains(&Unlisted::Selected(self.mart.name.clone())) {
            listing.unlisted.push(Unlisted::Selected(self.mart.name.clone()));
        }
    }

    /// The rows that are compared with one, with the figure that they are compared by.
    fn add_rows(&self, figure: &str, within: &[String], row: usize, listing: &mut Listing) {
        if listing.parts.iter().any(|part| part.role == Role::Rows && part.figure == figure) {
            return;
        }
        let is_same =
            |other: &usize| within.iter().filter_map(|key| self.raw(key)).all(|column| column[*other] == column[row]);
        let places: Vec<usize> = (0..self.rows.height()).filter(is_same).collect();
        let cases = places.iter().map(|at| format!("{}: {}", self.label(*at, within), self.value(figure, *at)));
        listing.parts.push(self.part(Role::Rows, figure, cases.collect(), places));
    }

    fn add_cases(
        &self,
        figure: &str,
        measure: &Measure,
        within: &[String],
        role: Role,
        row: usize,
        listing: &mut Listing,
    ) -> Result<()> {
        let Some(source) = measure.sources().into_iter().next() else { return Ok(()) };
        let named = self.cases.get(&source.table).filter(|cases| {
            (source.is_every_row() || cases.has(&source.column)) && within.iter().all(|key| cases.has(key))
        });
        let (Some(cases), Some(keys)) = (named, self.keys(within, row)) else {
            let table = source.table.clone().unwrap_or_else(|| self.mart.name.clone());
            let nameless = Unlisted::Nameless(table);
            if !listing.unlisted.contains(&nameless) {
                listing.unlisted.push(nameless);
            }
            return Ok(());
        };
        let groups = cases.groups(within, &self.doing)?;
        let mine = groups.get(&keys).map(Vec::as_slice).unwrap_or_default();
        let limit = match measure {
            Measure::Above(_, figure) => Some(self.known_number(figure, row)),
            _ => None,
        };
        let every;
        let values = if source.is_every_row() {
            every = Rc::new(vec!["1".to_owned(); cases.table.height()]);
            every
        } else {
            cases.texts(&source.column, &self.doing)?
        };
        let mut counted = counted(measure, mine, &values, limit.flatten());
        counted.sort_by(|(a, _), (b, _)| (&cases.labels[*a], a).cmp(&(&cases.labels[*b], b)));
        let told = counted.iter().map(|(place, value)| match value {
            Some(value) => format!("{}: {value}", cases.labels[*place]),
            None => cases.labels[*place].clone(),
        });
        let told = told.collect();
        // Cases of other tables are others, whatever their place.
        let places = match source.table {
            None => counted.iter().map(|(place, _)| *place).collect(),
            Some(_) => Vec::new(),
        };
        listing.parts.push(self.part(role, figure, told, places));
        Ok(())
    }

    /// What a row holds in some columns.
    fn keys(&self, within: &[String], row: usize) -> Option<Vec<String>> {
        within.iter().map(|key| self.raw(key).map(|raw| raw[row].clone())).collect()
    }

    fn part(&self, role: Role, figure: &str, cases: Vec<String>, places: Vec<usize>) -> Part {
        Part { role, figure: figure.to_owned(), n: cases.len(), cases, places, title: self.title(figure) }
    }

    /// Whether a column counts cases, or other things.
    fn is_count(&self, figure: &str) -> bool {
        self.definition().columns.iter().any(|column| column.name == figure && column.kind == Kind::Count)
    }

    fn known_number(&self, figure: &str, row: usize) -> Option<f64> {
        let raw = self.raw(figure).map(|raw| raw[row].as_str());
        raw.or_else(|| self.steps.get(figure).map(|step| step[row].as_str()))?.parse().ok()
    }

    /// How many cases a figure counts, and of how many; nothing where that is not what it does.
    pub(super) fn n_of_m(&self, figure: &str, listing: &Listing, row: usize) -> Result<Option<[u64; 2]>> {
        let Some((measure, within)) = self.origin(figure) else { return Ok(None) };
        if let Measure::Rate(of) | Measure::WilsonLow(of) | Measure::WilsonHigh(of) = &measure {
            let counts = of.iter().all(|figure| self.is_count(figure));
            let counted = || of.each_ref().map(|figure| self.raw(figure).and_then(|raw| raw[row].parse().ok()));
            return Ok(match counts.then(counted) {
                Some([Some(part), Some(whole)]) => Some([part, whole]),
                _ => None,
            });
        }
        let source = measure.sources().into_iter().next();
        let (Some(source), Some(part)) = (source, listing.only(Role::Counted)) else { return Ok(None) };
        let Some(cases) = self.cases.get(&source.table) else { return Ok(None) };
        let groups = cases.groups(&within, &self.doing)?;
        let whole = self.keys(&within, row).and_then(|keys| groups.get(&keys).map(Vec::len)).unwrap_or_default();
        Ok(Some([part.n as u64, whole as u64]))
    }

    /// What a row is about, without some columns.
    pub(super) fn label(&self, row: usize, without: &[String]) -> String {
        let keys = self.definition().grain.iter().filter(|key| !without.contains(key));
        let keys = keys.filter_map(|key| Some(self.shown(key)?[row].as_str()));
        keys.collect::<Vec<_>>().join("  ")
    }
}

/// The cases that a figure counts, by their places: those that bring something to it, with what they bring where they
/// are not just counted. A 0 brings nothing to a sum, but is a value like others to a mean.
fn counted(measure: &Measure, mine: &[usize], values: &[String], limit: Option<f64>) -> Vec<(usize, Option<String>)> {
    let adds = matches!(measure, Measure::Count(_) | Measure::Sum(_));
    let is_above = |value: &str| limit.zip(value.parse().ok()).is_some_and(|(limit, value): (f64, f64)| value > limit);
    let above = matches!(measure, Measure::Above(..));
    let told = mine.iter().filter_map(|place| match values[*place].as_str() {
        "" => None,
        value if above && !is_above(value) => None,
        "0" | "false" if adds => None,
        "1" | "true" if adds => Some((*place, None)),
        value => Some((*place, Some(value.to_owned()))),
    });
    told.collect()
}

/// A number to eight digits, which is more than any figure shows; other texts as they are.
pub(super) fn rounded(text: &str) -> String {
    match text.parse::<f64>() {
        Ok(number) if number.fract() != 0.0 => {
            let whole = format!("{:.0}", number.abs().floor()).len();
            let fixed = format!("{number:.*}", 8_usize.saturating_sub(whole));
            fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => text.to_owned(),
    }
}

/// A column as texts, for keys.
pub(super) fn texts(table: &DataFrame, name: &str, doing: &str) -> Result<Vec<String>> {
    let column = table.column(name).map_err(Error::engine(doing.to_owned()))?;
    let column = column.cast(&DataType::String).map_err(Error::engine(doing.to_owned()))?;
    let column = column.str().map_err(Error::engine(doing.to_owned()))?;
    Ok(column.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

/// The columns that name a case wherever no mart says which do.
const NAMES: [&str; 3] = ["application_id", "stage", "pass"];

/// What each row of a table of cases is called: the columns that name it, stages and codes in words, texts of the data
/// as they stand. Nothing where no column names it.
pub(super) fn labels(cases: &DataFrame, mart: &Mart, sources: &Lake<'_>) -> Result<Option<Vec<String>>> {
    let doing = format!("cases of {}", mart.name);
    let definition = &mart.definition;
    let declared = if definition.is_list() { &definition.grain } else { &definition.cases };
    let has = |name: &&str| cases.column(name).is_ok();
    let mut names: Vec<&str> = declared.iter().map(String::as_str).filter(has).collect();
    if names.len() < declared.len() || names.is_empty() {
        names = NAMES.into_iter().filter(has).collect();
        if !names.contains(&NAMES[0]) {
            return Ok(None);
        }
    }
    let columns = names.iter().map(|name| texts(cases, name, &doing)).collect::<Result<Vec<_>>>()?;
    let part = |name: &str, text: &str| match name {
        _ if text.is_empty() => None,
        "stage" => Some(sources.config.process.name(text, sources.lang).to_owned()),
        "pass" if text == "1" => None,
        "pass" => Some(sources.lang.pick(format!("第 {text} 次"), format!("pass {text}"))),
        name => Some(match definition.case_code(name) {
            Some(vocabulary) => sources.config.vocabularies.title(vocabulary, text, sources.lang).into_owned(),
            None => text.to_owned(),
        }),
    };
    let label = |row: usize| {
        let parts = names.iter().zip(&columns).filter_map(|(name, column)| part(name, &column[row]));
        parts.collect::<Vec<_>>().join(" ")
    };
    Ok(Some((0..cases.height()).map(label).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three cases of 0, 3 and 1 days, and one of none.
    fn told(measure: &Measure, limit: Option<f64>) -> Vec<(usize, Option<String>)> {
        let days = ["0", "3", "1", ""].map(str::to_owned);
        counted(measure, &[0, 1, 2, 3], &days, limit)
    }

    #[test]
    fn a_zero_is_a_case_of_a_mean_and_not_of_a_sum() {
        let days = || Source { table: None, column: "days".to_owned() };
        let value = |text: &str| Some(text.to_owned());
        let every = [(0, value("0")), (1, value("3")), (2, value("1"))];
        assert_eq!(told(&Measure::Mean(days()), None), every);
        assert_eq!(told(&Measure::Percentile(days(), 80), None), every);
        assert_eq!(told(&Measure::Given(days()), None), every);
        assert_eq!(told(&Measure::Sum(days()), None), [(1, value("3")), (2, None)]);
        assert_eq!(told(&Measure::Above(days(), "limit".to_owned()), Some(0.5)), [(1, value("3")), (2, value("1"))]);
    }
}
