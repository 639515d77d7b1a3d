//! How likely a header stands for a column: by its name, by the words that such headers contain, and by its cells.
//!
//! Nothing here decides alone. A name that is nearly a column's own and cells that are like it make a guess sure; either
//! alone makes one that people must check.

use std::collections::HashSet;

use super::Certainty;
use crate::contract::{Care, Column, Kind};
use crate::ingest::headers::{Header, is_planned_itself, stem};
use crate::ingest::survey::sample::is_dated;
use crate::ingest::values::{self, Cell, Comma, Vocabulary};
use crate::lake::Value;
use crate::spelling::{likeness, nearest, normal, word};

/// How much of a column's cells must be like it, in per cent.
const MOST: usize = 90;

/// The name of a header that contains a word of the column.
const HINTED: f64 = 0.55;

/// Words that the headers of a column contain, whatever else they say.
const HINTS: &[(&str, &[&str])] = &[
    ("application_id", &["工单", "申请单", "单号", "流水", "业务号", "流程号", "编号", "case", "order"]),
    ("subject_id", &["单号", "编号", "工单"]),
    ("customer_name", &["客户", "户名", "用户", "用电户", "customer"]),
    ("bureau", &["单位", "分局", "供电所", "公司", "网点", "支局", "营业厅", "bureau", "office", "branch", "district"]),
    ("voltage_kv", &["电压", "voltage"]),
    ("capacity_kva", &["容量", "capacity"]),
    ("expected_kva", &["容量", "capacity"]),
    ("limit_kva", &["容量", "capacity"]),
    ("accepted_at", &["受理", "申请", "报装", "登记", "立项", "accept", "appl"]),
    ("energised_at", &["送电", "接电", "通电", "投运", "energis", "energiz"]),
    ("promised_on", &["承诺", "promis"]),
    ("desired_on", &["期望", "希望", "意向", "desired"]),
    ("cancelled_at", &["撤销", "终止", "取消", "作废", "cancel"]),
    ("mode", &["模式", "服务方式"]),
    ("supply", &["电源"]),
    ("area", &["城乡", "城农", "区域"]),
    ("channel", &["渠道", "来源"]),
    ("manager_id", &["经理"]),
    ("stage", &["环节", "步骤", "节点", "流程", "工序", "stage", "step", "activity"]),
    ("department", &["部门", "班组", "科室", "责任", "department", "dept"]),
    ("departments", &["部门", "单位", "department"]),
    ("handler", &["处理人", "经办", "人员", "handler"]),
    ("started_at", &["开始", "开工", "起始", "到达", "接收", "派发", "start", "begin"]),
    ("finished_at", &["完成", "结束", "办结", "办毕", "完毕", "完工", "finish", "end", "complet"]),
    ("due_on", &["应完", "应办", "要求", "期限", "时限", "截止", "计划", "due", "deadline"]),
    ("due_at", &["要求", "期限", "时限", "截止", "due", "deadline"]),
    ("cause", &["原因", "cause", "reason"]),
    ("began_at", &["开始", "起", "自", "begin", "start"]),
    ("ended_at", &["结束", "止", "至", "解除", "end"]),
    ("reported_at", &["反馈", "反映", "报送", "上报", "提交", "报修", "report"]),
    ("ruling", &["审核", "核实", "认定", "裁定", "审批", "意见", "结论", "ruling"]),
    ("kind", &["类型", "类别", "种类", "kind", "type"]),
    ("called_at", &["回访", "call"]),
    ("outcome", &["结果", "状态", "情况", "outcome", "result"]),
    ("score", &["满意", "评分", "得分", "评价", "score"]),
    ("arrived_at", &["到达", "到场", "arriv"]),
    ("restored_at", &["恢复", "复电", "修复", "restor"]),
    ("received_at", &["受理", "投诉", "receiv"]),
    ("forwarded_at", &["转派", "下派", "派发", "forward"]),
    ("handled_at", &["办结", "处理", "完成", "handl"]),
    ("satisfied", &["满意", "satisf"]),
    ("ready_at", &["具备", "合格", "ready"]),
    ("outage_at", &["停电", "outage"]),
    ("raised_at", &["提出", "发起", "rais"]),
    ("settled_at", &["办结", "解决", "落实", "settl"]),
    ("replanned_at", &["调整", "replan"]),
    ("month", &["月", "month"]),
    ("period", &["月", "month"]),
    ("load_rate", &["负载", "load"]),
    ("feeder_or_station", &["线路", "变电站", "设备", "feeder"]),
];

/// How well some cells are what a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// They are something else.
    Against,
    /// Nothing can be said.
    Neutral,
    /// They can be read as the column's.
    Fits,
    /// They are like hardly another column's.
    Strong,
}

/// A header as one that a column may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rated {
    /// The more, the likelier.
    pub score: f64,
    /// How sure that is.
    pub certainty: Certainty,
}

/// The identifiers of the applications, folded.
pub(super) type Ids = HashSet<String>;

/// How likely a header with these cells stands for a column; `None`: it does not.
pub(super) fn rate(
    column: &Column,
    header: &Header,
    cells: &[Cell<'_>],
    words: &Vocabulary,
    ids: &Ids,
) -> Option<Rated> {
    let by_name = name_score(column, header);
    let dated = matches!(column.kind, Kind::Date | Kind::Instant);
    let (is_plan, is_planned) = (header.is_planned(), is_planned_itself(column));
    let is_hinted = has_hint(column, header);
    let is_called = is_hinted || is_named_like(column, header);
    let name = if is_hinted { by_name.max(HINTED) } else { by_name };
    let is_of_the_other = is_plan && !is_planned || is_planned && !is_plan && !is_hinted;
    if dated && by_name < ALIKE && is_of_the_other {
        return None;
    }
    let rated = |score: f64, certainty: Certainty| Some(Rated { score, certainty });
    let is_looked_after = column.required || column.absence.is_some_and(|absence| absence.care >= Care::LookedAfter);
    // Which of its kind a column is, its name says: of the cells only the words of a vocabulary do, and the numbers of
    // the applications.
    match fit(column, cells, words, ids) {
        Fit::Against => None,
        Fit::Strong if is_called => rated(2.0 + name, Certainty::Sure),
        Fit::Strong => rated(1.5 + name, Certainty::Check),
        Fit::Fits if name >= ALIKE => rated(2.0 + name, Certainty::Sure),
        Fit::Fits if is_called => rated(1.0 + name, Certainty::Check),
        Fit::Fits if name >= 0.4 || is_looked_after && dated => rated(name, Certainty::Unsure),
        Fit::Fits => None,
        Fit::Neutral if name >= ALIKE => rated(1.0 + name, Certainty::Check),
        Fit::Neutral if is_called => rated(name, Certainty::Check),
        Fit::Neutral if name >= 0.4 => rated(name, Certainty::Unsure),
        Fit::Neutral => None,
    }
}

/// The likeness of two spellings of one name.
const ALIKE: f64 = 0.85;

/// The likeness from which a name of several words is another spelling of one.
const NEAR: f64 = 0.7;

/// Whether a header contains a name of the column, or is nearly one by its spelling.
fn is_named_like(column: &Column, header: &Header) -> bool {
    let full = normal(&header.full().replace('/', ""));
    let contains = |name: &str| {
        let name = normal(name);
        let long_enough = if name.is_ascii() { name.len() > 3 } else { name.chars().count() > 1 };
        long_enough && full.contains(&name)
    };
    name_score(column, header) >= NEAR || column.names().any(contains)
}

fn name_score(column: &Column, header: &Header) -> f64 {
    let dated = matches!(column.kind, Kind::Date | Kind::Instant);
    let folded = |text: &str| if dated { stem(&normal(text)).to_owned() } else { normal(text) };
    let (text, full) = (folded(&header.text), folded(&header.full().replace('/', "")));
    let names = column.names().map(folded);
    names.map(|name| likeness(&text, &name).max(likeness(&full, &name))).fold(0.0, f64::max)
}

fn has_hint(column: &Column, header: &Header) -> bool {
    let full = normal(&header.full().replace('/', ""));
    let hints = HINTS.iter().find(|(name, _)| *name == column.name).map_or(&[][..], |(_, hints)| hints);
    hints.iter().any(|hint| full.contains(hint))
}

fn fit(column: &Column, cells: &[Cell<'_>], words: &Vocabulary, ids: &Ids) -> Fit {
    if cells.is_empty() {
        return Fit::Neutral;
    }
    let reads = |cell: &Cell<'_>| values::read(column, *cell, words).is_ok_and(|value| value != Value::Null);
    let share = |is: &dyn Fn(&Cell<'_>) -> bool| 100 * cells.iter().filter(|cell| is(cell)).count() / cells.len();
    let mostly = |is: &dyn Fn(&Cell<'_>) -> bool| if share(is) >= MOST { Fit::Fits } else { Fit::Against };
    match column.kind {
        Kind::Date | Kind::Instant => mostly(&|cell| is_dated(*cell) && reads_in_any_order(column, *cell, words)),
        Kind::Month => mostly(&|cell| reads(cell)),
        Kind::Answers if share(&|cell| reads(cell)) >= MOST => Fit::Strong,
        Kind::Answers => Fit::Against,
        Kind::Choice { open, .. } => match known_words(column, cells, words) {
            Known { share: 50.., codes: 2.. } if !open => Fit::Strong,
            Known { share: 50.., .. } => Fit::Fits,
            _ if open => Fit::Neutral,
            _ => Fit::Against,
        },
        Kind::Stage if words.any_stage => Fit::Neutral,
        Kind::Stage => {
            let near = |cell: &Cell<'_>| nearest(&cell.display(), words.stages.keys().map(String::as_str)).is_some();
            match (share(&|cell| reads(cell)), share(&near)) {
                (50.., _) => Fit::Strong,
                (_, 50..) => Fit::Fits,
                _ => Fit::Against,
            }
        }
        Kind::Flag => mostly(&|cell| reads(cell)),
        Kind::Number(units) if share(&|cell| has_unit(cell, units)) >= MOST => Fit::Fits,
        Kind::Number(_) | Kind::Within(..) => {
            mostly(&|cell| reads_with_any_comma(column, *cell, words) && !is_dated(*cell))
        }
        Kind::Integer(..) => mostly(&|cell| reads(cell) && !is_dated(*cell)),
        Kind::Id => identifiers(column, cells, words, ids),
        Kind::List => Fit::Neutral,
        Kind::Text if share(&|cell| is_dated(*cell)) >= MOST || share(&is_number) >= MOST => Fit::Against,
        Kind::Text => Fit::Neutral,
    }
}

/// Whether a date can be read, if its order were known.
fn reads_in_any_order(column: &Column, cell: Cell<'_>, words: &Vocabulary) -> bool {
    match values::read(column, cell, words) {
        Ok(value) => value != Value::Null,
        Err(values::Refusal::Sentinel | values::Refusal::Ambiguous) => true,
        Err(_) => !values::date_readings(&cell.display()).is_empty(),
    }
}

/// Whether a number can be read, if it were known what a comma in it is.
fn reads_with_any_comma(column: &Column, cell: Cell<'_>, words: &Vocabulary) -> bool {
    let by = |comma: Comma| {
        let words = Vocabulary { comma, values: words.values.clone(), ..Vocabulary::default() };
        values::read(column, cell, &words).is_ok_and(|value| value != Value::Null)
    };
    by(Comma::Groups) || by(Comma::Decimal)
}

/// What of the different words of a column is known.
struct Known {
    /// How many of them, in per cent.
    share: usize,
    /// How many different things those mean that are no bare numbers.
    codes: usize,
}

/// How many of the different words are known, by the column or by the well-known list.
fn known_words(column: &Column, cells: &[Cell<'_>], words: &Vocabulary) -> Known {
    let mut different: Vec<String> = cells.iter().map(|cell| word(&cell.display())).collect();
    different.sort_unstable();
    different.dedup();
    let Kind::Choice { codes, .. } = column.kind else { return Known { share: 0, codes: 0 } };
    let meaning = |text: &String| -> Option<String> {
        let is_own = |(code, words): &&(&str, &[&str])| code == text || words.iter().any(|known| word(known) == *text);
        let own = codes.iter().find(is_own).map(|(code, _)| (*code).to_owned());
        let mapped = || words.values.get(column.name).and_then(|words| words.get(text)).cloned();
        own.or_else(mapped).or_else(|| super::words::well_known(column, text).map(str::to_owned))
    };
    let known: Vec<(&String, String)> = different.iter().filter_map(|text| Some((text, meaning(text)?))).collect();
    let worded = known.iter().filter(|(text, _)| text.parse::<f64>().is_err()).map(|(_, code)| code);
    Known { share: 100 * known.len() / different.len().max(1), codes: worded.collect::<HashSet<&String>>().len() }
}

/// Identifiers of the applications are known by the applications' own; others have digits.
fn identifiers(column: &Column, cells: &[Cell<'_>], words: &Vocabulary, ids: &Ids) -> Fit {
    let texts: Vec<String> = cells.iter().filter_map(|cell| identifier(column, *cell, words)).collect();
    if texts.len() * 100 < cells.len() * MOST {
        return Fit::Against;
    }
    let of_applications = matches!(column.name, "application_id" | "subject_id");
    if of_applications && !ids.is_empty() {
        let own = texts.iter().filter(|text| ids.contains(*text)).count();
        // A third of the calls concern faults.
        return if own * 10 >= texts.len() { Fit::Strong } else { Fit::Against };
    }
    let digits = texts.iter().filter(|text| text.bytes().any(|byte| byte.is_ascii_digit())).count();
    if digits * 100 >= texts.len() * MOST { Fit::Fits } else { Fit::Against }
}

/// A cell as an identifier.
pub(super) fn identifier(column: &Column, cell: Cell<'_>, words: &Vocabulary) -> Option<String> {
    match values::read(column, cell, words) {
        Ok(Value::Text(text)) => Some(text.into_owned()),
        _ => None,
    }
}

fn has_unit(cell: &Cell<'_>, units: &[(&str, f64)]) -> bool {
    let Cell::Text(text) = cell else { return false };
    let folded = word(text);
    let name = folded.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    name.len() < folded.len() && units.iter().any(|(unit, _)| *unit == name)
}

fn is_number(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Number(_) | Cell::Integer(_) => true,
        Cell::Text(text) => text.trim().parse::<f64>().is_ok(),
        _ => false,
    }
}
