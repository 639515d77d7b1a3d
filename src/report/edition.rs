//! 版次变动: what an edition of a period's report says otherwise than the one before it, case by case with the cause, and
//! which published figures moved from what to what.
//!
//! Both editions are read from their marts: what a stage was settled by and what a claim was judged by stand there. A
//! cause is found by comparing those facts, never by guessing: a conclusion or ruling that is another, a fact that came
//! late, one that was corrected, and where all facts of the stage are the same, what it waited for, else a rule.

use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::DataFrame;

use super::Input;
use super::rows::month_column;
use crate::calendar::Day;
use crate::cells::marts::mart_cells;
use crate::cells::{Cell, Format, Part, Table, column};
use crate::decimal::fixed;
use crate::error::Result;
use crate::lake::{self, Columns};
use crate::marts::{Mart, Place};
use crate::period::Before;
use crate::rules::vocabulary::Finding;
use crate::words::{Lang, vocabulary};

vocabulary! {
    /// Why an edition says something else than the one before it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum Moved {
        /// A claim was ruled on, or a stage verified.
        Ruling = ["ruling", "核实结论", "ruling"],
        /// Something was not on record before.
        Late = ["late", "补录", "late data"],
        /// Something was on record otherwise.
        Corrected = ["corrected", "更正", "corrected data"],
        /// All facts of the stage are the same; what it waited for is not.
        Upstream = ["upstream", "上游环节的数据变动", "data of the stages before it"],
        /// All facts are the same.
        Rule = ["rule", "规则变化", "rule change"],
        /// None of a manager's own stages moved.
        Others = ["others", "其他指标或全体平均变动", "other figures, or the mean of all"],
    }
}

/// The tables of an edition, by the name that a pipeline gives them.
pub(super) const TABLES: [&str; 2] = ["edition_changes", "edition_figures"];

/// The marts that editions are compared by.
pub(super) const OF: [&str; 3] = ["settlement", "verdict", "manager"];

/// One of them; nothing in the first edition of a period.
pub(super) fn table(input: &Input<'_>, name: &str) -> Result<Option<Table>> {
    let edition = &input.period.edition;
    if edition.number < 2 {
        return Ok(None);
    }
    let mut table = head(input, name);
    match &edition.before {
        None => table.absent = Some(gone(input.lang, edition.number - 1)),
        Some(before) if name == TABLES[0] => table.rows = Changes::between(input, before)?.rows(input),
        Some(before) => table.rows = moved_figures(input, before)?,
    }
    table.shown = (0..table.rows.len()).collect();
    Ok(Some(table))
}

fn gone(lang: Lang, number: u32) -> String {
    lang.pick(
        format!("第 {number} 版已不在 editions 目录中，无法比较。"),
        format!("Edition {number} is no longer in the folder `editions`: there is nothing to compare with."),
    )
}

fn head(input: &Input<'_>, name: &str) -> Table {
    let lang = input.lang;
    let number = input.period.edition.number;
    let against = lang.pick(
        format!("第 {number} 版与第 {} 版比较。", number - 1),
        format!("Edition {number} compared with edition {}. ", number - 1),
    );
    let heads =
        |heads: &[[&str; 2]]| heads.iter().map(|[zh, en]| column(lang.pick(zh, en), "", Format::Text)).collect();
    let is_changes = name == TABLES[0];
    let (title, about) = match is_changes {
        true => (
            lang.pick("版次变动", "What the edition changed"),
            lang.pick(
                "本月判定、认定、考核分数或客户经理得分与上一版不同的每个环节、说明和客户经理，及其原因。",
                "Every stage, claim and manager whose settlement, verdict, points or score differ, with the cause.",
            ),
        ),
        false => (
            lang.pick("版次变动（指标）", "Figures that moved"),
            lang.pick(
                "与上一版不同的已发布指标，由多少变为多少。",
                "Every published figure that differs, from what to what.",
            ),
        ),
    };
    let columns = match is_changes {
        true => heads(&[
            ["工单或客户经理", "application or manager"],
            ["环节", "stage"],
            ["次数", "pass"],
            ["责任部门", "department"],
            ["变动", "what"],
            ["上一版", "before"],
            ["本版", "now"],
            ["原因", "cause"],
        ]),
        false => heads(&[["表", "table"], ["对象", "of"], ["指标", "figure"], ["上一版", "before"], ["本版", "now"]]),
    };
    Table {
        name: name.to_owned(),
        title: title.to_owned(),
        about: against + about,
        columns,
        rows: Vec::new(),
        shown: Vec::new(),
        total: None,
        part: Part::Assessment,
        absent: None,
    }
}

/// A mart of the edition before; nothing where it had none.
fn earlier(before: &Before, mart: &str) -> Result<Option<DataFrame>> {
    let path = before.folder.join("marts").join(format!("{mart}.parquet"));
    if path.is_file() { lake::read(&path).map(Some) } else { Ok(None) }
}

/// A stage pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct PassKey {
    application_id: String,
    stage: String,
    pass: i64,
}

/// What a stage pass was settled by, and how.
#[derive(Debug, Clone, PartialEq)]
struct Settled {
    department: String,
    manager_id: String,
    /// Started, finished, due by the plan.
    facts: [Option<Day>; 3],
    clock_on: Option<Day>,
    month: Option<Day>,
    settled_on: Option<Day>,
    overdue: bool,
    points: [Option<f64>; 2],
    finding: Option<Finding>,
}

/// What a claim was judged by, and how.
#[derive(Debug, Clone, PartialEq)]
struct Claimed {
    cause: String,
    /// Began, ended, reported, confirmed.
    facts: [Option<Day>; 4],
    ruling: String,
    ruled_on: Option<Day>,
    verdict: String,
}

/// A claim about a stage pass: by its identifier, or by its place among the claims.
type ClaimKey = (PassKey, String);

/// The facts of one edition.
#[derive(Default)]
struct Facts {
    stages: BTreeMap<PassKey, Settled>,
    claims: BTreeMap<ClaimKey, Claimed>,
    scores: BTreeMap<String, f64>,
}

/// The keys of a mart about stage passes.
fn pass_keys(mart: Columns<'_>) -> Result<Vec<PassKey>> {
    let (ids, stages, passes) = (texts(mart, "application_id")?, texts(mart, "stage")?, mart.integers("pass")?);
    let keys = ids.into_iter().zip(stages).zip(passes);
    Ok(keys.map(|((application_id, stage), pass)| PassKey { application_id, stage, pass: pass.unwrap_or(1) }).collect())
}

/// A column of text, blank where nothing stands.
fn texts(mart: Columns<'_>, name: &str) -> Result<Vec<String>> {
    Ok(mart.texts(name)?.iter().map(|text| text.unwrap_or_default().to_owned()).collect())
}

impl Facts {
    /// The facts of three marts, as far as an edition has them.
    fn of(
        settlement: Option<&DataFrame>,
        verdict: Option<&DataFrame>,
        manager: Option<&DataFrame>,
        month: Day,
    ) -> Result<Facts> {
        Ok(Facts {
            stages: settlement.map(|mart| stages(Columns(mart))).transpose()?.unwrap_or_default(),
            claims: verdict.map(|mart| claims(Columns(mart))).transpose()?.unwrap_or_default(),
            scores: manager.map(|mart| scores(Columns(mart), month)).transpose()?.unwrap_or_default(),
        })
    }
}

fn stages(mart: Columns<'_>) -> Result<BTreeMap<PassKey, Settled>> {
    let (departments, managers) = (texts(mart, "department")?, texts(mart, "manager_id")?);
    let [started, finished, due] = ["started_on", "finished_on", "planned_due_on"].map(|name| mart.days(name));
    let (started, finished, due) = (started?, finished?, due?);
    let (clock, months, settled) = (mart.days("clock_on")?, mart.days("settled_month")?, mart.days("settled_on")?);
    let (overdue, findings) = (mart.flags("overdue_net")?, texts(mart, "finding")?);
    let (proposed, verified) = (mart.numbers("proposed_points")?, mart.numbers("verified_points")?);
    let row = |row: usize| Settled {
        department: departments[row].clone(),
        manager_id: managers[row].clone(),
        facts: [started[row], finished[row], due[row]],
        clock_on: clock[row],
        month: months[row],
        settled_on: settled[row],
        overdue: overdue[row] == Some(true),
        points: [proposed[row], verified[row]],
        finding: Finding::of_code(&findings[row]),
    };
    Ok(pass_keys(mart)?.into_iter().enumerate().map(|(at, key)| (key, row(at))).collect())
}

fn claims(mart: Columns<'_>) -> Result<BTreeMap<ClaimKey, Claimed>> {
    let (ids, sequences) = (texts(mart, "delay_id")?, mart.integers("sequence")?);
    let (causes, rulings, verdicts) = (texts(mart, "cause")?, texts(mart, "ruling")?, texts(mart, "verdict")?);
    let [began, ended, reported, confirmed] =
        ["began_on", "ended_on", "reported_on", "confirmed_on"].map(|name| mart.days(name));
    let (began, ended, reported, confirmed) = (began?, ended?, reported?, confirmed?);
    let ruled = mart.days("ruled_on")?;
    let row = |row: usize| Claimed {
        cause: causes[row].clone(),
        facts: [began[row], ended[row], reported[row], confirmed[row]],
        ruling: rulings[row].clone(),
        ruled_on: ruled[row],
        verdict: verdicts[row].clone(),
    };
    let id = |row: usize| match ids[row].as_str() {
        "" => format!("#{}", sequences[row].unwrap_or(0)),
        id => id.to_owned(),
    };
    Ok(pass_keys(mart)?.into_iter().enumerate().map(|(at, key)| ((key, id(at)), row(at))).collect())
}

fn scores(mart: Columns<'_>, month: Day) -> Result<BTreeMap<String, f64>> {
    let (months, managers, scores) = (mart.days("month")?, texts(mart, "manager_id")?, mart.numbers("score")?);
    let rows = months.into_iter().zip(managers).zip(scores);
    Ok(rows.filter_map(|((of, manager), score)| Some((manager, score.filter(|_| of == Some(month))?))).collect())
}

/// Why facts differ: what was not known before, and what was known to be otherwise.
fn of_facts<const N: usize>(before: &[Option<Day>; N], now: &[Option<Day>; N]) -> BTreeSet<Moved> {
    let differing = before.iter().zip(now).filter(|(before, now)| before != now);
    differing.map(|(before, _)| if before.is_none() { Moved::Late } else { Moved::Corrected }).collect()
}

impl Settled {
    /// Why the same stage is settled otherwise, as far as its own facts say.
    fn causes(&self, now: &Settled) -> BTreeSet<Moved> {
        let mut causes = of_facts(&self.facts, &now.facts);
        if self.finding != now.finding || (self.points[1] != now.points[1] && self.points[0] == now.points[0]) {
            causes.insert(Moved::Ruling);
        }
        if self.department != now.department {
            causes.insert(Moved::Corrected);
        }
        if causes.is_empty() && self.clock_on != now.clock_on {
            causes.insert(Moved::Upstream);
        }
        causes
    }
}

/// Why a claim is judged otherwise.
fn of_claim(before: Option<&Claimed>, now: Option<&Claimed>) -> BTreeSet<Moved> {
    let (Some(before), Some(now)) = (before, now) else {
        return BTreeSet::from([if before.is_none() { Moved::Late } else { Moved::Corrected }]);
    };
    let mut causes = of_facts(&before.facts, &now.facts);
    if (&before.ruling, before.ruled_on) != (&now.ruling, now.ruled_on) {
        causes.insert(Moved::Ruling);
    }
    if before.cause != now.cause {
        causes.insert(Moved::Corrected);
    }
    causes
}

/// What an edition says otherwise than the one before it.
struct Changes {
    before: Facts,
    now: Facts,
    month: Day,
}

impl Changes {
    fn between(input: &Input<'_>, before: &Before) -> Result<Changes> {
        let month = input.month();
        let [settlement, verdict, manager] = OF.map(|mart| earlier(before, mart));
        let (settlement, verdict, manager) = (settlement?, verdict?, manager?);
        let of_before = Facts::of(settlement.as_ref(), verdict.as_ref(), manager.as_ref(), month)?;
        let [settlement, verdict, manager] = OF.map(|mart| input.marts.table(mart));
        let now = Facts::of(settlement?, verdict?, manager?, month)?;
        Ok(Changes { before: of_before, now, month })
    }

    /// Why a stage is settled otherwise: its own facts, the claims about it, else a rule.
    fn causes(&self, key: &PassKey) -> BTreeSet<Moved> {
        let (before, now) = (self.before.stages.get(key), self.now.stages.get(key));
        let mut causes = match (before, now) {
            (Some(before), Some(now)) => before.causes(now),
            (None, _) => BTreeSet::from([Moved::Late]),
            (Some(_), None) => BTreeSet::from([Moved::Corrected]),
        };
        causes.extend(self.claims_of(key).into_iter().flat_map(|claim| {
            let (before, now) = (self.before.claims.get(&claim), self.now.claims.get(&claim));
            of_claim(before, now)
        }));
        if causes.is_empty() {
            causes.insert(Moved::Rule);
        }
        causes
    }

    /// The claims about a stage pass, in either edition.
    fn claims_of(&self, key: &PassKey) -> BTreeSet<ClaimKey> {
        let from = (key.clone(), String::new());
        let of = |facts: &Facts| {
            facts
                .claims
                .range(from.clone()..)
                .take_while(|((pass, _), _)| pass == key)
                .map(|(key, _)| key.clone())
                .collect::<Vec<_>>()
        };
        of(&self.before).into_iter().chain(of(&self.now)).collect()
    }

    fn rows(&self, input: &Input<'_>) -> Vec<Vec<Cell>> {
        let words = RowWords { input };
        let mut rows = Vec::new();
        let mut of_managers: BTreeMap<&str, BTreeSet<Moved>> = BTreeMap::new();
        let keys: BTreeSet<&PassKey> = self.before.stages.keys().chain(self.now.stages.keys()).collect();
        for key in keys {
            let in_month =
                |facts: &'_ Facts| facts.stages.get(key).cloned().filter(|stage| stage.month == Some(self.month));
            let (before, now) = (in_month(&self.before), in_month(&self.now));
            let differing = words.stage(before.as_ref(), now.as_ref());
            if differing.is_empty() {
                continue;
            }
            let causes = self.causes(key);
            let known = self.now.stages.get(key).or(self.before.stages.get(key));
            if let Some(stage) = known {
                of_managers.entry(&stage.manager_id).or_default().extend(&causes);
            }
            let department = known.map_or("", |stage| stage.department.as_str());
            rows.extend(
                differing
                    .into_iter()
                    .map(|change| words.row(Some(key), &key.application_id, department, change, &causes)),
            );
        }
        let claims: BTreeSet<&ClaimKey> = self.before.claims.keys().chain(self.now.claims.keys()).collect();
        for claim in claims {
            let (before, now) = (self.before.claims.get(claim), self.now.claims.get(claim));
            if before.map(|claim| &claim.verdict) == now.map(|claim| &claim.verdict) {
                continue;
            }
            let mut causes = of_claim(before, now);
            if causes.is_empty() {
                let stage = self.causes(&claim.0);
                causes.extend(stage);
            }
            let (key, id) = claim;
            let known = self.now.stages.get(key).or(self.before.stages.get(key));
            let department = known.map_or("", |stage| stage.department.as_str());
            rows.push(words.row(Some(key), &key.application_id, department, words.verdict(id, before, now), &causes));
        }
        let managers: BTreeSet<&String> = self.before.scores.keys().chain(self.now.scores.keys()).collect();
        for manager in managers {
            let (before, now) = (self.before.scores.get(manager), self.now.scores.get(manager));
            if before != now {
                let causes =
                    of_managers.get(manager.as_str()).cloned().unwrap_or_else(|| BTreeSet::from([Moved::Others]));
                rows.push(words.row(None, manager, "", words.score(before, now), &causes));
            }
        }
        rows
    }
}

/// What differs: what it is, before, and now.
struct Change {
    what: String,
    before: String,
    now: String,
}

/// Changes in words.
struct RowWords<'a> {
    input: &'a Input<'a>,
}

impl RowWords<'_> {
    fn lang(&self) -> Lang {
        self.input.lang
    }

    fn row(
        &self,
        key: Option<&PassKey>,
        id: &str,
        department: &str,
        change: Change,
        causes: &BTreeSet<Moved>,
    ) -> Vec<Cell> {
        let lang = self.lang();
        let causes: Vec<&str> = causes.iter().map(|cause| lang.pick(cause.term().zh, cause.term().en)).collect();
        let text = |text: &str| if text.is_empty() { Cell::Empty } else { Cell::text(text) };
        vec![
            text(id),
            key.map_or(Cell::Empty, |key| Cell::text(self.input.config.process.name(&key.stage, lang))),
            key.map_or(Cell::Empty, |key| Cell::Integer(key.pass)),
            text(department),
            Cell::Text(change.what),
            text(&change.before),
            text(&change.now),
            Cell::Text(causes.join(lang.pick("、", ", "))),
        ]
    }

    /// What differs of a stage as it is settled in the month; nothing stands for one that is not.
    fn stage(&self, before: Option<&Settled>, now: Option<&Settled>) -> Vec<Change> {
        let lang = self.lang();
        let change = |[zh, en]: [&str; 2], said: &dyn Fn(&Settled) -> String| {
            let of = |stage: Option<&Settled>| {
                stage.map_or_else(|| lang.pick("不计入本月", "not in the month").to_owned(), said)
            };
            let (before, now) = (of(before), of(now));
            (before != now).then(|| Change { what: lang.pick(zh, en).to_owned(), before, now })
        };
        let outcome = |stage: &Settled| {
            let word =
                if stage.overdue { lang.pick("超时", "overdue") } else { lang.pick("未超时", "not overdue") };
            let on = stage.settled_on.map(|day| day.to_string()).unwrap_or_default();
            format!("{word} {on}")
        };
        let points = |stage: &Settled| points(stage.points[1]);
        let department = |stage: &Settled| stage.department.clone();
        let mut changes: Vec<Change> = change(["判定", "settlement"], &outcome).into_iter().collect();
        if before.is_some() && now.is_some() {
            changes.extend(change(["责任部门", "department"], &department));
        }
        let costs = [before, now].into_iter().flatten().any(|stage| stage.points[1].is_some());
        changes.extend(change(["考核分数", "points"], &points).filter(|_| costs));
        changes
    }

    fn verdict(&self, id: &str, before: Option<&Claimed>, now: Option<&Claimed>) -> Change {
        let lang = self.lang();
        let said = |claim: Option<&Claimed>| match claim {
            None => lang.pick("没有这条说明", "no such claim").to_owned(),
            Some(claim) => self.input.config.vocabularies.title("verdict", &claim.verdict, lang).into_owned(),
        };
        let what = lang.pick(format!("说明 {id} 的认定"), format!("verdict of claim {id}"));
        Change { what, before: said(before), now: said(now) }
    }

    fn score(&self, before: Option<&f64>, now: Option<&f64>) -> Change {
        let said = |score: Option<&f64>| score.map(|score| fixed(*score, 1)).unwrap_or_default();
        let what = self.lang().pick("客户经理得分", "score").to_owned();
        Change { what, before: said(before), now: said(now) }
    }
}

/// Points as people write them.
fn points(points: Option<f64>) -> String {
    points.map(|points| points.to_string()).unwrap_or_default()
}

/// Every figure of the report's tables that differs: of a mart by months, those of the report's month.
fn moved_figures(input: &Input<'_>, before: &Before) -> Result<Vec<Vec<Cell>>> {
    let mut rows = Vec::new();
    for name in &input.config.pipeline.tables {
        let mart = input.catalogue.marts.iter().find(|mart| mart.name == *name);
        let Some(mart) = mart.filter(|mart| mart.definition.place == Place::Figures) else { continue };
        let (Some(now), Some(then)) = (input.marts.table(name)?, earlier(before, name)?) else { continue };
        let of = |data| figures(input, mart, data);
        let (then, now) = (of(Columns(&then))?, of(Columns(now))?);
        let keys: BTreeSet<&FigureKey> = then.keys().chain(now.keys()).collect();
        for key in keys {
            let (was, is) = (then.get(key), now.get(key));
            if was != is {
                let shown =
                    |figure: Option<&String>| figure.filter(|text| !text.is_empty()).map_or(Cell::Empty, Cell::text);
                let table = Cell::text(mart.definition.title.get(input.lang));
                rows.push(vec![table, Cell::text(&key.of), Cell::text(&key.figure), shown(was), shown(is)]);
            }
        }
    }
    Ok(rows)
}

/// A figure of a mart: whose it is, and which.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct FigureKey {
    of: String,
    /// Where its column stands.
    at: usize,
    figure: String,
}

/// The figures of a mart as the report writes them.
fn figures(input: &Input<'_>, mart: &Mart, data: Columns<'_>) -> Result<BTreeMap<FigureKey, String>> {
    let definition = &mart.definition;
    let by_month = month_column(mart);
    let months = by_month.map(|column| data.days(column)).transpose()?;
    let is_of_month = |row: usize| months.as_ref().is_none_or(|months| months[row] == Some(input.month()));
    let (mut grain, mut columns) = (Vec::new(), Vec::new());
    for (at, declared) in definition.columns.iter().enumerate() {
        // An edition that an earlier version of the program made can lack a column.
        if by_month == Some(declared.name.as_str()) || data.0.column(&declared.name).is_err() {
            continue;
        }
        let (format, cells) = mart_cells(input.config, input.lang, declared, data)?;
        let shown: Vec<String> = cells.iter().map(|cell| cell.display(format)).collect();
        match definition.grain.contains(&declared.name) {
            true => grain.push(shown),
            false => columns.push((at, declared.title.get(input.lang).to_owned(), shown)),
        }
    }
    let mut figures = BTreeMap::new();
    for row in (0..data.0.height()).filter(|row| is_of_month(*row)) {
        let of = grain.iter().map(|column| column[row].as_str()).collect::<Vec<_>>().join(" · ");
        for (at, figure, shown) in &columns {
            figures.insert(FigureKey { of: of.clone(), at: *at, figure: figure.clone() }, shown[row].clone());
        }
    }
    Ok(figures)
}
