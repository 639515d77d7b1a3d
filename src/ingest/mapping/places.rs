//! Where the columns of a table stand among some headers, and what is wrong with that.

use std::collections::BTreeSet;

use super::{TableMapping, known_units};
use crate::contract::{Column, Kind, Table};
use crate::error::{ExportProblem, MissingColumn};
use crate::ingest::called::Called;
use crate::ingest::headers::{self, Header, Place, Said, Unit};
use crate::spelling::nearest;

/// Where columns stand, by their position.
pub(crate) type Places = Vec<Option<Place>>;

/// A condition of a column: the header that is looked at, and the words under which the column holds its cell.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    /// The position of the column.
    pub column: usize,
    /// The number of the header, from 0.
    pub index: usize,
    /// The header as the mapping writes it.
    pub header: String,
}

/// Where the columns of a table stand among some headers, and what is wrong with that.
#[derive(Debug)]
pub(crate) struct Match {
    /// The places of each group of columns; of one, where the mapping has no groups.
    pub groups: Vec<Places>,
    /// The conditions, in the order of the mapping.
    pub tests: Vec<Test>,
    /// What is wrong with those that were found.
    problems: Vec<ExportProblem>,
    /// The required ones that were not.
    missing: Vec<Missing>,
    /// Whether a finish is given for what has no start.
    ends_only: bool,
}

/// A column of a group, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlaceOf<'a> {
    /// The number of the group.
    pub group: usize,
    /// The position of the column.
    pub column: usize,
    /// Where it stands.
    pub place: &'a Place,
}

/// A required column that was not found.
#[derive(Debug)]
struct Missing {
    column: &'static Column,
    /// The groups that lack it; empty: all.
    groups: Vec<String>,
}

/// Finds the columns of a table among some headers. A stage can lack its start where the process takes it from the stage
/// before (`starts_by_log`).
pub(crate) fn places(table: &'static Table, mapping: &TableMapping, starts_by_log: bool, headers: &[Header]) -> Match {
    let claims = headers::claims(table, headers);
    let taken = taken(mapping, headers);
    let mut problems = Vec::new();
    let mut groups = Vec::new();
    let mut refused: BTreeSet<&str> = BTreeSet::new();
    for (number, section) in mapping.sections().iter().enumerate() {
        let own = mapping.groups.get(number).map(|group| &group.columns);
        let finder = Finder { table, mapping: section, shared: mapping, headers, claims: &claims, taken: &taken };
        let mut places = Vec::new();
        for position in 0..table.columns.len() {
            let column = table.columns[position].name;
            places.push(match finder.place(position) {
                Ok(place) => place,
                Err(problem) => {
                    // What all groups share is wrong once.
                    if own.is_some_and(|own| own.contains_key(column)) || refused.insert(column) {
                        problems.push(problem);
                    }
                    None
                }
            });
        }
        groups.push(places);
    }
    let tests = tests(table, mapping, headers, &mut problems);
    let refused: Vec<&str> = problems.iter().filter_map(ExportProblem::column).collect();
    let (missing, ends_only) = missing(table, mapping, &groups, starts_by_log, &refused);
    Match { groups, tests, problems, missing, ends_only }
}

/// The headers that the mapping means for something: no other column takes them by its usual names.
fn taken(mapping: &TableMapping, headers: &[Header]) -> BTreeSet<usize> {
    let named = mapping.groups.iter().flat_map(|group| group.columns.values()).chain(mapping.columns.values());
    named.flat_map(Called::names_of).flat_map(|name| headers::named(name, headers)).collect()
}

/// What is looked for among which headers.
struct Finder<'a> {
    table: &'static Table,
    mapping: &'a TableMapping,
    /// The mapping with all its groups.
    shared: &'a TableMapping,
    headers: &'a [Header],
    claims: &'a [Vec<(usize, Said)>],
    taken: &'a BTreeSet<usize>,
}

impl Finder<'_> {
    /// Where a column stands, if anywhere.
    fn place(&self, position: usize) -> Result<Option<Place>, ExportProblem> {
        let Finder { table, mapping, headers, .. } = self;
        let column = &table.columns[position];
        if mapping.absent.iter().any(|absent| absent == column.name) {
            return Ok(None);
        }
        let found = match mapping.columns.get(column.name) {
            Some(called) => called.meant(column, headers),
            None => self.usual(position),
        };
        match &found[..] {
            [] => match mapping.columns.get(column.name) {
                Some(called) => Err(no_header(called.names_of(), headers)),
                None => Ok(None),
            },
            [(index, said)] => match placed(column, mapping, said) {
                Ok(unit) => Ok(Some(Place { index: *index, unit })),
                Err(unit) => Err(ExportProblem::UnknownUnit {
                    table: table.name,
                    column: column.name,
                    header: headers[*index].full(),
                    unit,
                    known: known_units(column.kind),
                }),
            },
            [..] => {
                let headers = found.iter().map(|(index, _)| headers[*index].full()).collect();
                Err(ExportProblem::TwoColumns { table: table.name, column: column.name, headers })
            }
        }
    }

    /// The headers that stand for a column by its usual names. In a wide ledger these are only what a row says of all its
    /// stages: which of its dates a stage has, the mapping says.
    fn usual(&self, position: usize) -> Vec<(usize, Said)> {
        let column = &self.table.columns[position];
        if !self.shared.groups.is_empty() && !matches!(column.kind, Kind::Id | Kind::Text) {
            return Vec::new();
        }
        // What stands below the name of a stage, such as its department, is no other stage's.
        let is_of_one = !self.shared.groups.is_empty() && column.kind == Kind::Text;
        let is_free = |index: usize| {
            let header = &self.headers[index];
            let is_foreign = is_of_one && header.group.is_some();
            !is_foreign && !self.taken.contains(&index) && !header.is_any_of(&self.mapping.ignore)
        };
        self.claims[position].iter().filter(|(index, _)| is_free(*index)).cloned().collect()
    }
}

/// That a header that the mapping names is not there.
fn no_header(named: &[String], headers: &[Header]) -> ExportProblem {
    let found = names(headers);
    let near = named.iter().find_map(|header| nearest(header, found.iter().map(String::as_str))).map(str::to_owned);
    ExportProblem::NoHeader { header: named.join(" / "), nearest: near, found }
}

/// The conditions whose headers are there; the others are problems.
fn tests(
    table: &'static Table,
    mapping: &TableMapping,
    headers: &[Header],
    problems: &mut Vec<ExportProblem>,
) -> Vec<Test> {
    let mut tests = Vec::new();
    for (name, condition) in &mapping.when {
        let column = table.position(name);
        for header in condition.keys() {
            match &headers::named(header, headers)[..] {
                [] => problems.push(no_header(std::slice::from_ref(header), headers)),
                [index] => tests.push(Test { column, index: *index, header: header.clone() }),
                several => {
                    let headers = several.iter().map(|index| headers[*index].full()).collect();
                    let column = table.columns[column].name;
                    problems.push(ExportProblem::TwoColumns { table: table.name, column, headers });
                }
            }
        }
    }
    tests
}

/// The unit of a column's cells: what the mapping says, else what the header does; an error where no column has it.
fn placed(column: &Column, mapping: &TableMapping, said: &Said) -> Result<Option<Unit>, String> {
    match (mapping.units.get(column.name), said) {
        (Some(declared), _) => Ok(headers::unit(column.kind, declared)),
        (None, Said::Plain) => Ok(None),
        (None, Said::Unit(unit)) => Ok(Some(unit.clone())),
        (None, Said::UnknownUnit(unit)) => Err(unit.clone()),
    }
}

/// The required columns that were not found, and whether a finish is given for what has no start. What has a header that
/// cannot be used is not missing.
fn missing(
    table: &'static Table,
    mapping: &TableMapping,
    groups: &[Places],
    starts_by_log: bool,
    refused: &[&str],
) -> (Vec<Missing>, bool) {
    let sections = mapping.sections();
    let mut missing = Vec::new();
    let mut ends_only = false;
    for (position, column) in table.columns.iter().enumerate().filter(|(_, column)| column.required) {
        let mut lacking = Vec::new();
        for (number, (places, section)) in groups.iter().zip(&sections).enumerate() {
            let said = section.defaults.contains_key(column.name) || section.columns.contains_key(column.name);
            if places[position].is_some() || said || refused.contains(&column.name) {
                continue;
            }
            if table.name == "stages" && column.name == "started_at" {
                let finishes = places[table.position("finished_at")].is_some();
                if starts_by_log && finishes {
                    continue;
                }
                ends_only |= finishes;
            }
            lacking.push(number);
        }
        if !lacking.is_empty() {
            let label = |number: &usize| mapping.groups.get(*number).map(|group| group.label(table, *number));
            let labels =
                if lacking.len() == groups.len() { Vec::new() } else { lacking.iter().filter_map(label).collect() };
            missing.push(Missing { column, groups: labels });
        }
    }
    (missing, ends_only)
}

impl Match {
    /// Whether the sheet can be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.problems.is_empty() && self.missing.is_empty()
    }

    /// What is wrong with the columns that were found.
    pub(crate) fn problems(&self) -> &[ExportProblem] {
        &self.problems
    }

    /// How many columns have a header, also those that cannot be read from it; those of each group.
    pub(crate) fn columns(&self) -> usize {
        let refused = self.problems.iter().filter(|problem| problem.column().is_some()).count();
        let columns = self.groups.first().map_or(0, Vec::len);
        let headers = |position: usize| -> BTreeSet<usize> {
            self.groups.iter().filter_map(|places| Some(places[position].as_ref()?.index)).collect()
        };
        (0..columns).map(|position| headers(position).len()).sum::<usize>() + refused
    }

    /// The headers that are used, each with the column, its place and the number of its group.
    pub(crate) fn uses(&self) -> Vec<PlaceOf<'_>> {
        let mut uses = Vec::new();
        for (group, places) in self.groups.iter().enumerate() {
            let placed = places.iter().enumerate().filter_map(|(column, place)| Some((column, place.as_ref()?)));
            uses.extend(placed.map(|(column, place)| PlaceOf { group, column, place }));
        }
        uses
    }

    /// Whether a header is used.
    pub(crate) fn is_used(&self, index: usize) -> bool {
        let stands = |places: &Places| places.iter().flatten().any(|place| place.index == index);
        self.groups.iter().any(stands) || self.tests.iter().any(|test| test.index == index)
    }

    /// Why the sheet cannot be read: a column that is missing is named with the nearest header that is free.
    pub(crate) fn into_problems(mut self, table: &'static Table, headers: &[Header]) -> Vec<ExportProblem> {
        if self.missing.is_empty() {
            return self.problems;
        }
        let acceptances = headers::acceptances(table, headers);
        let free: Vec<&str> = (0..headers.len())
            .filter(|index| !self.is_used(*index) && !headers[*index].text.is_empty() && !acceptances.contains(index))
            .map(|index| headers[index].text.as_str())
            .collect();
        let guess = |column: &Column| {
            column.zh.iter().copied().chain([column.name]).find_map(|name| nearest(name, free.iter().copied()))
        };
        let told = |missing: &Missing| MissingColumn {
            name: format!("{} ({})", missing.column.name, missing.column.zh.first().unwrap_or(&"")),
            groups: missing.groups.clone(),
            nearest: guess(missing.column).map(str::to_owned),
        };
        let missing = self.missing.iter().map(told).collect();
        let (found, ends_only) = (names(headers), self.ends_only);
        self.problems.push(ExportProblem::NoColumn { table: table.name, missing, found, ends_only });
        self.problems
    }
}

/// The headers by their full names.
pub(crate) fn names(headers: &[Header]) -> Vec<String> {
    headers.iter().filter(|header| !header.text.is_empty()).map(Header::full).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_is_named_with_the_nearest_header() {
        let table = Table::named("stages").unwrap();
        let headers = ["工单编号", "环节名称", "责任部门", "环节开始日期时间"].map(Header::plain);
        let problems = places(table, &TableMapping::default(), false, &headers).into_problems(table, &headers);
        let [ExportProblem::NoColumn { missing, ends_only: false, .. }] = &problems[..] else {
            panic!("started_at has no header: {problems:?}");
        };
        let [MissingColumn { name, nearest, .. }] = &missing[..] else { panic!("{missing:?}") };
        assert_eq!((name.as_str(), nearest.as_deref()), ("started_at (开始时间)", Some("环节开始日期时间")));
    }
}
