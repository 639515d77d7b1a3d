//! The headers of a sheet: what each is called, which column it stands for, and the unit of its cells.
//!
//! A header says more than a name. `申请容量(MVA)` has a unit, `完成时间(计划)` is another column than `完成时间`, and in a
//! header of two rows `开始时间` under `计划` is another than `开始时间` under `实际`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Serialize;

use super::values::{self, Cell, Refusal, Vocabulary};
use crate::contract::{Column, Kind, Parent, TABLES, Table};
use crate::lake::Value;
use crate::spelling::{before_brackets, word};

/// Words that make a header the plan of something, not the thing itself.
const PLANNED: [&str; 16] = [
    "计划", "预计", "预定", "要求", "应", "拟", "期望", "承诺", "期限", "plan", "due", "expect", "target", "desired",
    "promis", "deadline",
];

/// What stands in brackets after a header and is no unit.
const REMARKS: [&str; 6] = ["必填", "选填", "必录", "可空", "可不填", "数字"];

/// No column is called by more bytes, remarks in brackets included.
const LONGEST: usize = 1_000;

/// Units that no column without units of its own can have.
const SCALES: [&str; 5] = ["%", "‰", "万", "千", "百"];

/// One header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The text directly above the cells.
    pub text: String,
    /// In a header of two rows, the text above it that it shares with its neighbours.
    pub group: Option<String>,
}

impl Header {
    /// A header of one row.
    #[cfg(test)]
    pub(crate) fn plain(text: &str) -> Header {
        Header { text: text.to_owned(), group: None }
    }

    /// Its text with the group before it: `实际/开始时间`.
    pub(crate) fn full(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.text),
            None => self.text.clone(),
        }
    }

    /// Whether a mapping means this header by `name`.
    fn is_called(&self, name: &str) -> bool {
        let name = word(name);
        word(&self.text) == name || word(&self.full()) == name
    }

    /// The same, regardless of what stands in brackets.
    fn is_called_loosely(&self, name: &str) -> bool {
        let base = |text: &str| Parts::of(text).base;
        base(&self.text) == base(name) || base(&self.full()) == base(name)
    }

    /// Whether it says that it is the plan of something, by itself or by its group.
    pub(crate) fn is_planned(&self) -> bool {
        let full = word(&self.full());
        is_plan(&word(&self.text)) || PLANNED.iter().any(|plan| plan.chars().count() > 1 && full.contains(plan))
    }

    /// Whether any of some names means this header.
    pub(crate) fn is_any_of(&self, names: &[String]) -> bool {
        names.iter().any(|name| self.is_called(name))
    }
}

/// The headers of a row and of the row above it. Where a cell is empty the one above it is the header; where both are
/// full the upper one is the group, which goes on to the right until the next one begins.
pub(crate) fn of_rows(upper: &[String], own: &[String]) -> Vec<Header> {
    let upper = if is_title(upper) { &[] } else { upper };
    let above = |index: usize| upper.get(index).map_or("", |text| text.as_str());
    let mut group: Option<&str> = None;
    let mut headers = Vec::new();
    for index in 0..own.len().max(upper.len()) {
        let text = own.get(index).map_or("", |text| text.as_str());
        if text.is_empty() || text == above(index) {
            group = None;
            headers.push(Header { text: above(index).to_owned(), group: None });
            continue;
        }
        if !above(index).is_empty() {
            group = Some(above(index));
        }
        headers.push(Header { text: text.to_owned(), group: group.map(str::to_owned) });
    }
    headers
}

/// Whether a row is the upper half of headers that go on in the row below: that one says nothing where the upper one names
/// a column alone, and tells apart the columns that share a name of the upper one.
pub(crate) fn go_on_below(upper: &[String], lower: &[String]) -> bool {
    if is_title(upper) {
        return false;
    }
    let below = |index: usize| lower.get(index).filter(|text| !text.is_empty() && Some(*text) != upper.get(index));
    if upper.iter().position(|text| !text.is_empty()).is_none_or(|first| below(first).is_some()) {
        return false;
    }
    let (mut group, mut own, mut tells_apart) = ("", Vec::new(), false);
    for index in 0..lower.len() {
        if let Some(next) = upper.get(index).filter(|text| !text.is_empty() && *text != group) {
            group = next;
            own.clear();
        }
        let Some(text) = below(index) else { continue };
        if group.is_empty() || !is_named(text) {
            return false;
        }
        tells_apart |= !own.is_empty() && !own.contains(&text);
        own.push(text);
    }
    tells_apart
}

/// Whether a text is a name rather than a date or a number.
fn is_named(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits * 3 < text.chars().count()
}

/// Whether a row above headers is a title: it says one thing, from the first cell on.
fn is_title(row: &[String]) -> bool {
    let mut texts = row.iter().filter(|text| !text.is_empty());
    let first = texts.next();
    row.first().is_some_and(|text| !text.is_empty()) && texts.all(|text| Some(text) == first)
}

/// A header's text, folded and taken apart.
struct Parts {
    /// What stands before the first bracket.
    base: String,
    /// What stands in brackets.
    remarks: Vec<String>,
}

impl Parts {
    fn of(text: &str) -> Parts {
        let folded = word(text);
        let (base, rest) = before_brackets(&folded);
        let remarks = rest.split(['(', ')', '[', ']', '【', '】']).filter(|remark| !remark.is_empty());
        let remarks = remarks.map(|remark| remark.trim_start_matches("单位").trim_start_matches(':').to_owned());
        Parts { base: base.to_owned(), remarks: remarks.collect() }
    }
}

/// The unit of the cells under a header.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unit {
    /// As the header writes it.
    pub name: String,
    /// How many of the column's own unit it is.
    pub factor: f64,
}

impl Unit {
    /// The unit, with its factor where it is not the column's own.
    pub(crate) fn say(&self) -> String {
        if self.factor == 1.0 { self.name.clone() } else { format!("{}, ×{}", self.name, self.factor) }
    }
}

/// What is said of a column by the header that stands for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Said {
    /// Nothing more.
    Plain,
    /// The unit of its cells.
    Unit(Unit),
    /// A unit that the column cannot have.
    UnknownUnit(String),
}

/// Where a column stands in a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Place {
    /// The number of the header, from 0.
    pub index: usize,
    /// The unit of its cells, where it is not the column's own.
    pub unit: Option<Unit>,
}

/// The units that a column can have, each with how many of the column's own unit it is.
pub(crate) fn units(kind: Kind) -> &'static [(&'static str, f64)] {
    match kind {
        Kind::Number(units) | Kind::Within(_, units) => units,
        Kind::Integer(..) => values::PIECES,
        _ => &[],
    }
}

/// The unit of some name, where a column can have it.
pub(crate) fn unit(kind: Kind, name: &str) -> Option<Unit> {
    let factor = values::factor(units(kind), &word(name))?;
    Some(Unit { name: name.to_owned(), factor })
}

/// What the remarks after a column's name say; `None` where they make it the name of another column.
fn said(column: &Column, remarks: &[String]) -> Option<Said> {
    if units(column.kind).is_empty() {
        let other = !is_planned_itself(column) && remarks.iter().any(|remark| is_plan(remark));
        return (!other).then_some(Said::Plain);
    }
    if let Some(unit) = remarks.iter().find_map(|remark| unit(column.kind, remark)) {
        return Some(Said::Unit(unit));
    }
    Some(
        remarks
            .iter()
            .find(|remark| is_unknown_unit(column.kind, remark))
            .map_or(Said::Plain, |remark| Said::UnknownUnit(remark.clone())),
    )
}

/// Whether a remark is a unit that a column does not have. A column of one unit can say anything in brackets but a scale.
fn is_unknown_unit(kind: Kind, remark: &str) -> bool {
    if REMARKS.iter().any(|known| remark.starts_with(known)) {
        return false;
    }
    let is_scaled = units(kind).iter().any(|(_, factor)| *factor != 1.0);
    is_scaled || SCALES.iter().any(|scale| remark.starts_with(scale))
}

fn is_plan(text: &str) -> bool {
    PLANNED.iter().any(|plan| text.starts_with(plan))
}

/// What the names of dates end in, and what tells no two of them apart.
const DATE_ENDS: [&str; 10] = ["日期", "时间", "时刻", "日", "_at", "_on", "_date", "_time", "date", "time"];

/// A name without what every date's name ends in.
pub(crate) fn stem(name: &str) -> &str {
    let mut stem = name;
    while let Some(shorter) = DATE_ENDS.iter().find_map(|end| stem.strip_suffix(end)).filter(|rest| !rest.is_empty()) {
        stem = shorter;
    }
    stem
}

/// Whether a column is a plan by its own name.
pub(crate) fn is_planned_itself(column: &Column) -> bool {
    !matches!(column.kind, Kind::Date | Kind::Instant)
        || column.names().any(|name| PLANNED.iter().any(|plan| name.contains(plan)))
}

/// What a header says below the name of a step when the time is the one at which it happened.
const ACTUAL: [&str; 2] = ["实际", "actual"];

/// A header folded once, to be compared with many columns.
struct Folded {
    text: String,
    parts: Parts,
    /// Together with its group.
    with_group: Option<Parts>,
    /// Whether it says only that its group happened: `实际` under `送电`.
    is_actual: bool,
    is_planned: bool,
    /// What stands before the last slash or underscore, and behind it: `容量/MVA` and `容量_kVA`.
    split: Option<(String, String)>,
}

impl Folded {
    fn of(header: &Header) -> Folded {
        let text = word(&header.text);
        let own = ACTUAL.iter().find_map(|actual| text.strip_prefix(actual)).unwrap_or(&text);
        let with_group = header.group.as_ref().map(|group| Parts::of(&format!("{group}{own}")));
        Folded {
            is_actual: own.is_empty(),
            parts: Parts::of(&header.text),
            split: text.rsplit_once(['/', '_']).map(|(name, tail)| (name.to_owned(), tail.to_owned())),
            text,
            with_group,
            is_planned: header.group.as_ref().is_some_and(|group| is_plan(&word(group))),
        }
    }

    /// What it says of a column, if it stands for it together with its group: `完成日期` under `计划`.
    fn with_group(&self, column: &Column, names: &[String]) -> Option<Said> {
        let dated = matches!(column.kind, Kind::Date | Kind::Instant);
        let is_name = |base: &String| {
            let is_step = |name: &String| stem(name) == stem(base);
            names.contains(base) || self.is_actual && dated && !is_plan(base) && names.iter().any(is_step)
        };
        let together = self.with_group.as_ref().filter(|parts| is_name(&parts.base))?;
        said(column, &together.remarks)
    }

    /// What it says of a column, if it stands for it by one of the column's names.
    fn own(&self, column: &Column, names: &[String]) -> Option<Said> {
        if self.is_planned && !is_planned_itself(column) {
            return None;
        }
        if names.contains(&self.text) {
            return Some(Said::Plain);
        }
        if names.contains(&self.parts.base) {
            return said(column, &self.parts.remarks);
        }
        let (_, unit_of_it) = self.split.as_ref().filter(|(name, _)| names.contains(name))?;
        unit(column.kind, unit_of_it).map(Said::Unit)
    }
}

/// The names of every column of every table, folded.
static NAMES: LazyLock<BTreeMap<&str, Vec<Vec<String>>>> = LazyLock::new(|| {
    let names = |column: &Column| column.names().map(word).collect();
    TABLES.iter().map(|table| (table.name, table.columns.iter().map(names).collect())).collect()
});

/// A header as a table of cases sees it: in an event log the attributes of the case are called `case:bureau`. The name of
/// the case is told from that of the event by nothing else.
fn of_case<'a>(table: &Table, header: &'a Header) -> Cow<'a, Header> {
    let own = header.text.strip_prefix("case:").filter(|own| table.parent == Parent::None && *own != "concept:name");
    match own {
        Some(own) => Cow::Owned(Header { text: own.to_owned(), group: header.group.clone() }),
        None => Cow::Borrowed(header),
    }
}

/// The headers that stand for each column of a table by its own names, with what they say of it.
pub(crate) fn claims(table: &Table, headers: &[Header]) -> Vec<Vec<(usize, Said)>> {
    let mut claims = vec![Vec::new(); table.columns.len()];
    let can_be_named = |header: &Header| (1..=LONGEST).contains(&header.text.len());
    for (index, header) in headers.iter().enumerate().filter(|(_, header)| can_be_named(header)) {
        let folded = Folded::of(&of_case(table, header));
        let of = |claim: fn(&Folded, &Column, &[String]) -> Option<Said>| -> Vec<(usize, Said)> {
            let columns = table.columns.iter().zip(&NAMES[table.name]).enumerate();
            columns.filter_map(|(number, (column, names))| Some((number, claim(&folded, column, names)?))).collect()
        };
        let mut own = of(Folded::with_group);
        if own.is_empty() {
            own = of(Folded::own);
        }
        for (number, said) in own {
            claims[number].push((index, said));
        }
    }
    claims
}

/// The headers that say when a case was accepted: no stage of it begins or ends by them.
pub(crate) fn acceptances(table: &Table, headers: &[Header]) -> Vec<usize> {
    let Some(applications) = Table::named("applications").filter(|_| table.name == "stages") else { return Vec::new() };
    let claims = claims(applications, headers);
    claims[applications.position("accepted_at")].iter().map(|(index, _)| *index).collect()
}

/// The headers that a mapping means by a name: those that are called so, else those that are but for their brackets.
pub(crate) fn named(name: &str, headers: &[Header]) -> Vec<usize> {
    let pick = |is: fn(&Header, &str) -> bool| -> Vec<usize> {
        (0..headers.len()).filter(|index| !headers[*index].text.is_empty() && is(&headers[*index], name)).collect()
    };
    let mut found = pick(Header::is_called);
    if found.is_empty() {
        found = pick(Header::is_called_loosely);
    }
    found
}

/// The same, with what each says of a column.
pub(crate) fn meant(column: &Column, name: &str, headers: &[Header]) -> Vec<(usize, Said)> {
    let said = |index: usize| said(column, &Parts::of(&headers[index].text).remarks).unwrap_or(Said::Plain);
    named(name, headers).into_iter().map(|index| (index, said(index))).collect()
}

/// Reads a cell under a header with a unit; a unit in the cell itself counts more.
pub(crate) fn read<'a>(
    column: &Column,
    place: &Place,
    cell: Cell<'a>,
    words: &Vocabulary,
) -> Result<Value<'a>, Refusal> {
    let Some(unit) = place.unit.as_ref().filter(|unit| unit.factor != 1.0 && is_bare(cell)) else {
        return values::read(column, cell, words);
    };
    let unbounded = Column { kind: Kind::Number(units(column.kind)), ..*column };
    match values::read(&unbounded, cell, words)? {
        Value::Number(number) => {
            let number = scaled(number, unit.factor);
            let most = if let Kind::Within(most, _) = column.kind { most } else { values::MOST_NUMBER };
            if number <= most { Ok(Value::Number(number)) } else { Err(Refusal::OutOfRange) }
        }
        other => Ok(other),
    }
}

/// Whether a cell is a number without a unit.
pub(crate) fn is_bare(cell: Cell<'_>) -> bool {
    match cell {
        Cell::Number(_) | Cell::Serial(_) | Cell::Integer(_) | Cell::NumberSince1904(_) => true,
        Cell::Text(text) => {
            let folded = word(text);
            folded.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
                && folded.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ',' | 'e'))
        }
        _ => false,
    }
}

/// A number of some unit in the unit that `factor` is a multiple or a decimal fraction of.
fn scaled(number: f64, factor: f64) -> f64 {
    // 35 × 0.01 is not 0.35 in binary, and 35 ÷ 100 is.
    if factor < 1.0 { number / (1.0 / factor).round() } else { number * factor }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(column: &Column, header: &Header) -> Option<Said> {
        let names: Vec<String> = column.names().map(word).collect();
        Folded::of(header).own(column, &names)
    }

    fn column(table: &str, name: &str) -> &'static Column {
        let table = Table::named(table).unwrap();
        table.column(name)
    }

    #[test]
    fn a_header_has_a_unit() {
        for (name, header, factor) in [
            ("capacity_kva", "申请容量(MVA)", Some(1000.0)),
            ("capacity_kva", "申请容量（千伏安）", Some(1.0)),
            ("capacity_kva", "申请容量[MVA]", Some(1000.0)),
            ("capacity_kva", "申请容量【单位：MVA】", Some(1000.0)),
            ("capacity_kva", "容量/MVA", Some(1000.0)),
            ("capacity_kva", "容量_kVA", Some(1.0)),
            ("capacity_kva", "合同容量(合同)(万kVA)", Some(10_000.0)),
            ("capacity_kva", "申请容量(必填)", None),
            ("voltage_kv", "电压等级(V)", Some(0.001)),
            ("fee_charged", "实收费用（万元）", Some(10_000.0)),
            ("visits", "上门次数(次)", Some(1.0)),
            ("capacity_kva", "capacity_kva", None),
        ] {
            let said = claim(column("applications", name), &Header::plain(header));
            match (said, factor) {
                (Some(Said::Unit(unit)), Some(factor)) => assert_eq!(unit.factor, factor, "{header}"),
                (said, None) => assert_eq!(said, Some(Said::Plain), "{header}"),
                (said, _) => panic!("{header}: {said:?}"),
            }
        }
        let unknown = claim(column("applications", "capacity_kva"), &Header::plain("申请容量(马力)"));
        assert_eq!(unknown, Some(Said::UnknownUnit("马力".into())));
        let score = claim(column("surveys", "score"), &Header::plain("得分(满分100)"));
        assert_eq!(score, Some(Said::Plain));
    }

    #[test]
    fn a_planned_time_is_another_column() {
        let finished = column("stages", "finished_at");
        for (header, stands) in
            [("完成时间", true), ("完成时间(实际)", true), ("完成时间(计划)", false), ("完成时间（要求）", false)]
        {
            assert_eq!(claim(finished, &Header::plain(header)).is_some(), stands, "{header}");
        }
    }

    #[test]
    fn a_group_tells_equal_headers_apart() {
        let row = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let headers = of_rows(
            &row(&["工单编号", "计划", "", "实际", ""]),
            &row(&["", "开始时间", "完成日期", "开始时间", "完成日期"]),
        );
        let full: Vec<String> = headers.iter().map(Header::full).collect();
        assert_eq!(full, ["工单编号", "计划/开始时间", "计划/完成日期", "实际/开始时间", "实际/完成日期"]);
        let stages = Table::named("stages").unwrap();
        let claims = claims(stages, &headers);
        let of = |name: &str| claims[stages.position(name)].iter().map(|(index, _)| *index).collect::<Vec<_>>();
        assert_eq!((of("started_at"), of("finished_at"), of("due_on")), (vec![3], vec![4], vec![2]));
        // A title over the whole table is no group.
        let headers = of_rows(&row(&["停电计划", "", ""]), &row(&["工单编号", "停电时间", "特批"]));
        assert!(headers.iter().all(|header| header.group.is_none()));
    }

    #[test]
    fn cells_take_the_unit_of_their_header() {
        let load = column("restrictions", "load_rate");
        let percent = Place { index: 0, unit: unit(load.kind, "%") };
        for (cell, expected) in [
            (Cell::Text("85"), Ok(0.85)),
            (Cell::Number(35.0), Ok(0.35)),
            (Cell::Text("85%"), Ok(0.85)),
            (Cell::Text("900"), Err(Refusal::OutOfRange)),
        ] {
            assert_eq!(read(load, &percent, cell, &Vocabulary::default()), expected.map(Value::Number), "{cell:?}");
        }
        let kva = column("applications", "capacity_kva");
        let mva = Place { index: 0, unit: unit(kva.kind, "MVA") };
        for (text, expected) in [("0.63", 630.0), ("630 kVA", 630.0), ("1,000", 1_000_000.0)] {
            assert_eq!(
                read(kva, &mva, Cell::Text(text), &Vocabulary::default()),
                Ok(Value::Number(expected)),
                "{text}"
            );
        }
    }
}
