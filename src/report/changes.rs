//! What changed since the last report: on the watch-list, and in the figures of months that had ended by then.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;

use super::Input;
use crate::calendar::Day;
use crate::cells::{Cell, Format, Part, Table, column};
use crate::error::Result;
use crate::lake::{self, Columns};
use crate::period::Previous;
use crate::words::Lang;

/// The mart whose rows are compared by [`changes`].
pub(super) const CHANGES_OF: &str = "watchlist";

/// The mart whose figures are compared by [`moved`].
pub(super) const MOVED_OF: &str = "department_month";

/// What the watch-list says of one application.
#[derive(Debug, Clone, PartialEq)]
struct Watched {
    customer: String,
    bureau: String,
    role: String,
    stage: String,
    effective_due_on: Option<Day>,
    /// The original due date, the working days that claims with an end push it out by, and whether others do; absent
    /// where an earlier edition did not say.
    moved_by: Option<(Option<Day>, i64, bool)>,
}

impl Watched {
    /// Whether somebody moved the due date: not the passing of days under a claim without an end.
    fn is_due_as(&self, other: &Watched) -> bool {
        match (&self.moved_by, &other.moved_by) {
            (Some(one), Some(other)) => one == other,
            _ => self.effective_due_on == other.effective_due_on,
        }
    }
}

fn watched(list: Columns<'_>) -> Result<BTreeMap<String, Watched>> {
    let text = |name| list.texts(name);
    let (ids, customers, bureaus) = (text("application_id")?, text("customer_name")?, text("bureau")?);
    let (roles, stages, due) = (text("owner_role")?, text("current_stage")?, list.days("effective_due_on")?);
    let original = list.days("due_on")?;
    let excluded = list.integers("excluded_wd")?;
    let open = if list.0.column("excused_open_wd").is_ok() { Some(list.integers("excused_open_wd")?) } else { None };
    let moved_by = |row: usize| {
        let open_wd = open.as_ref()?[row].unwrap_or(0);
        Some((original[row], excluded[row].unwrap_or(0) - open_wd, open_wd > 0))
    };
    let owned = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    let row = |row: usize| Watched {
        customer: owned(&customers, row),
        bureau: owned(&bureaus, row),
        role: owned(&roles, row),
        stage: owned(&stages, row),
        effective_due_on: due[row],
        moved_by: moved_by(row),
    };
    Ok((0..ids.len()).map(|at| (owned(&ids, at), row(at))).collect())
}

/// How the applications ended that are open no more: the words, and the day.
fn ended(clean: &Path, lang: Lang) -> Result<BTreeMap<String, (&'static str, Option<Day>)>> {
    let rows = lake::scan(&clean.join("applications.parquet"))?.filter(col("state").neq(lit("open")));
    let rows = rows.select(["application_id", "state", "energised_on", "cancelled_on"].map(col));
    let table = lake::collect(rows, "the applications that ended")?;
    let columns = Columns(&table);
    let (ids, states) = (columns.texts("application_id")?, columns.texts("state")?);
    let (energised, cancelled) = (columns.days("energised_on")?, columns.days("cancelled_on")?);
    let end = |row: usize| match states.get(row) {
        Some("energised") => (lang.pick("已送电", "energised"), energised[row]),
        _ => (lang.pick("已撤销", "cancelled"), cancelled[row]),
    };
    Ok((0..ids.len()).filter_map(|row| Some((ids.get(row)?.to_owned(), end(row)))).collect())
}

fn table(input: &Input<'_>, name: &str, title: [&str; 2], about: [&str; 2], heads: &[([&str; 2], Format)]) -> Table {
    let pick = |words: [&str; 2]| input.lang.pick(words[0], words[1]).to_owned();
    let since = match &input.period.previous {
        Some(previous) => input
            .lang
            .pick(format!("与 {} 的报告比较。", previous.as_of), format!("Against the report of {}. ", previous.as_of)),
        None => String::new(),
    };
    let absent = input.lang.pick("没有此前的报告可比较。", "There is no earlier report to compare with.");
    Table {
        name: name.to_owned(),
        title: pick(title),
        about: since + &pick(about),
        columns: heads.iter().map(|(words, format)| column(&pick(*words), "", *format)).collect(),
        rows: Vec::new(),
        shown: Vec::new(),
        total: None,
        part: Part::Assessment,
        absent: input.period.previous.is_none().then(|| absent.to_owned()),
    }
}

/// What is read of a mart of an earlier report. Where that is not there, or is not what marts are now, the table says so: the
/// report does without.
fn earlier<T>(
    input: &Input<'_>,
    previous: &Previous,
    mart: &str,
    table: &mut Table,
    read: impl FnOnce(Columns<'_>) -> Result<T>,
) -> Option<T> {
    let path = previous.folder.join("marts").join(format!("{mart}.parquet"));
    let found = path.is_file().then(|| lake::read(&path).and_then(|frame| read(Columns(&frame))));
    let problem = match found {
        Some(Ok(found)) => return Some(found),
        Some(Err(_)) => ["无法读取，或列已不同", "cannot be read, or has other columns"],
        None => ["已不在其中", "is not in it"],
    };
    // Neither the folder nor what the engine says of it: the page has the same bytes everywhere.
    let (as_of, problem) = (previous.as_of, input.lang.pick(problem[0], problem[1]));
    table.absent = Some(input.lang.pick(
        format!("无法与 {as_of} 的报告比较：{mart}.parquet {problem}。"),
        format!("It cannot be compared with the report of {as_of}: {mart}.parquet {problem}."),
    ));
    None
}

/// 自上期以来的变化: what is new on the watch-list, left it, was escalated, moved to another stage or has another due date.
pub fn changes(input: &Input<'_>) -> Result<Table> {
    use Format::Text;
    let lang = input.lang;
    let mut changes = table(
        input,
        "changes",
        ["自上期以来的变化", "Changes since the last report"],
        [
            "新受理、送电、撤销、工单主人升级、环节推进和应送电日期变动的工单。",
            "Applications that came, ended, rose to another owner, moved to another stage or are due on another day.",
        ],
        &[
            (["工单编号", "application"], Text),
            (["客户名称", "customer"], Text),
            (["供电单位", "bureau"], Text),
            (["变化", "change"], Text),
            (["上期", "before"], Text),
            (["本期", "now"], Text),
        ],
    );
    let (Some(previous), Some(list)) = (&input.period.previous, input.mart(CHANGES_OF)?) else { return Ok(changes) };
    let Some(before) = earlier(input, previous, CHANGES_OF, &mut changes, watched) else { return Ok(changes) };
    let now = watched(list)?;
    let ended = ended(input.clean, lang)?;
    let process = &input.config.process;
    let owner = |of: &Watched| input.config.owners.name(&of.role, lang).to_owned();
    let stage = |of: &Watched| match of.stage.as_str() {
        "" => lang.pick("环节之间", "between stages").to_owned(),
        code => process.name(code, lang).to_owned(),
    };
    let due = |of: &Watched| {
        of.effective_due_on.map_or_else(|| lang.pick("无应送电日期", "no due date").to_owned(), |day| day.to_string())
    };
    let mut push = |id: &str, of: &Watched, change: &str, was: String, is: String| {
        let cells = [id, &of.customer, &of.bureau, change, &was, &is].map(Cell::text);
        changes.rows.push(cells.to_vec());
    };
    for id in before.keys().chain(now.keys().filter(|id| !before.contains_key(*id))) {
        match (before.get(id), now.get(id)) {
            (None, Some(is)) => push(id, is, lang.pick("新增在途", "new"), String::new(), stage(is)),
            (Some(was), None) => {
                let (change, day) =
                    ended.get(id).copied().unwrap_or((lang.pick("数据中已没有", "no longer in the data"), None));
                push(id, was, change, stage(was), day.map(|day| day.to_string()).unwrap_or_default());
            }
            (Some(was), Some(is)) => {
                if was.role != is.role {
                    push(id, is, lang.pick("工单主人变动", "owner"), owner(was), owner(is));
                }
                if was.stage != is.stage {
                    push(id, is, lang.pick("环节变动", "stage"), stage(was), stage(is));
                }
                if !was.is_due_as(is) {
                    push(id, is, lang.pick("应送电日期变动", "due date"), due(was), due(is));
                }
            }
            (None, None) => {}
        }
    }
    changes.shown = (0..changes.rows.len()).collect();
    Ok(changes)
}

/// Settled, overdue gross and overdue net stages by month and department.
type Figures = BTreeMap<(Day, String), [i64; 3]>;

const FIGURES: [(&str, [&str; 2]); 3] = [
    ("settled", ["判定环节", "stages settled"]),
    ("overdue_gross", ["超时（未剔除）", "overdue, gross"]),
    ("overdue_net", ["超时（剔除后）", "overdue, net"]),
];

fn figures(mart: Columns<'_>, until: Day) -> Result<Figures> {
    let (months, departments) = (mart.days("month")?, mart.texts("department")?);
    let counts = FIGURES.map(|(name, _)| mart.integers(name));
    let [settled, gross, net] = counts;
    let (settled, gross, net) = (settled?, gross?, net?);
    let mut figures = Figures::new();
    for (row, month) in months.into_iter().enumerate() {
        if let (Some(month), Some(department)) = (month.filter(|month| *month <= until), departments.get(row)) {
            let counts = [settled[row], gross[row], net[row]].map(|count| count.unwrap_or(0));
            figures.insert((month, department.to_owned()), counts);
        }
    }
    Ok(figures)
}

/// 以往月份变动: figures of months that had ended when the last report was made, and that are others now.
pub fn moved(input: &Input<'_>) -> Result<Table> {
    let mut moved = table(
        input,
        "moved",
        ["以往月份变动", "Past months that moved"],
        [
            "上期已结束的月份中，因补报、改判或补录而变动的环节数；没有变动则为空。",
            "Stage counts of months that had ended by then, moved by late rulings, reports or entries; empty where none did.",
        ],
        &[
            (["月份", "month"], Format::Month),
            (["责任部门", "department"], Format::Text),
            (["指标", "figure"], Format::Text),
            (["上期", "before"], Format::Integer),
            (["本期", "now"], Format::Integer),
        ],
    );
    let (Some(previous), Some(mart)) = (&input.period.previous, input.mart(MOVED_OF)?) else {
        return Ok(moved);
    };
    // A month that had not ended then was not published as final.
    let whole = previous.as_of == previous.as_of.month_end();
    let until = if whole { previous.as_of } else { previous.as_of.month().plus_days(-1) };
    let of_then = |mart: Columns<'_>| figures(mart, until);
    let Some(before) = earlier(input, previous, MOVED_OF, &mut moved, of_then) else { return Ok(moved) };
    let now = figures(mart, until)?;
    let keys: std::collections::BTreeSet<_> = before.keys().chain(now.keys()).collect();
    for key in keys {
        let of = |figures: &Figures| figures.get(key).copied().unwrap_or_default();
        for ((was, is), (_, words)) in of(&before).into_iter().zip(of(&now)).zip(FIGURES) {
            if was != is {
                moved.rows.push(vec![
                    Cell::Date(key.0),
                    Cell::text(&key.1),
                    Cell::text(input.lang.pick(words[0], words[1])),
                    Cell::Integer(was),
                    Cell::Integer(is),
                ]);
            }
        }
    }
    moved.shown = (0..moved.rows.len()).collect();
    Ok(moved)
}
