//! The 考核表 as it comes back: workbooks in which departments have answered the month's overdue stages.
//!
//! Each row of the form carries its keys in hidden columns, under headers that no office writes, and a seal over them. A
//! row is judged by what was handed out: its keys must be whole and among them, its result one of the three words, its
//! points between zero and the proposal. Every row ends in one place: not answered, accepted, rejected or repeated.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::rejects::{self, Code, Reject};
use super::sheet::Workbook;
use super::values::{self, Cell, Vocabulary};
use super::{Row, text};
use crate::calendar::Day;
use crate::contract::{Column, Table};
use crate::error::{Error, ExportProblem, Result};
use crate::hash;
use crate::lake::Value;
use crate::rules::scorecard;
use crate::rules::vocabulary::Finding;
use crate::words::{Lang, Words};

/// The input table that the answers become.
pub(crate) const VERIFICATIONS: &str = "verifications";

/// The headers of the hidden columns.
pub(crate) const HIDDEN: [&str; 6] =
    ["yekuo.application_id", "yekuo.stage", "yekuo.pass", "yekuo.period", "yekuo.proposed", "yekuo.seal"];

/// What a row of the form is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey {
    /// The application.
    pub application_id: String,
    /// The stage's code.
    pub stage: String,
    /// Which pass of it, from 1.
    pub pass: i64,
    /// The month of the assessment, its first day.
    pub period: Day,
}

impl RowKey {
    /// The cells of the hidden columns, for a row with such a proposal.
    pub(crate) fn hidden(&self, proposed_milli: i64) -> [String; 6] {
        let RowKey { application_id, stage, pass, period } = self;
        let [pass, proposed] = [pass, &proposed_milli].map(i64::to_string);
        let seal = self.seal(proposed_milli);
        [application_id.clone(), stage.clone(), pass, period.month_label(), proposed, seal]
    }

    /// What shows that none of them was changed.
    fn seal(&self, proposed_milli: i64) -> String {
        let RowKey { application_id, stage, pass, period } = self;
        let sealed = format!("{application_id}\n{stage}\n{pass}\n{period}\n{proposed_milli}");
        let mut seal = hash::sha256(sealed.as_bytes());
        seal.truncate(16);
        seal
    }
}

/// The rows that were handed out, each with its proposed points in thousandths.
pub(crate) type HandedOut = BTreeMap<RowKey, i64>;

/// What a department answered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    /// The row.
    pub key: RowKey,
    /// What was found.
    pub finding: Finding,
    /// The points that it is reduced to, in thousandths.
    pub points_milli: Option<i32>,
    /// Who verified.
    pub verified_by: String,
    /// The day of it.
    pub verified_on: Day,
    /// What was noted.
    pub note: String,
}

impl Answer {
    /// Whether it decides the same.
    pub(crate) fn agrees_with(&self, other: &Answer) -> bool {
        (self.finding, self.points_milli) == (other.finding, other.points_milli)
    }
}

/// Where an answer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The number of its file.
    pub file: usize,
    /// The sheet.
    pub sheet: String,
    /// Its row, from 1.
    pub line: u64,
}

/// What became of the rows of one returned workbook: `rows = unanswered + read`, `read = accepted + rejected + duplicate`.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct ReturnedFile {
    /// The file.
    pub file: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Rows of the form.
    pub rows: u64,
    /// Rows without an answer.
    pub unanswered: u64,
    /// Rows with one.
    pub read: u64,
    /// Answers that count.
    pub accepted: u64,
    /// Answers that were refused.
    pub rejected: u64,
    /// Answers that say what another says too.
    pub duplicate: u64,
}

/// What some returned workbooks say.
#[derive(Debug, Default)]
pub(crate) struct Returned {
    /// One line per file.
    pub files: Vec<ReturnedFile>,
    /// The answers that can be read, in the order of the files, sheets and rows.
    pub answers: Vec<(Answer, Spot)>,
    /// The rows that cannot.
    pub rejects: Vec<Reject>,
}

/// What is said on the command line for sheets that do not say it themselves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Otherwise<'a> {
    /// Who verified.
    pub by: Option<&'a str>,
    /// The day of it.
    pub on: Option<Day>,
}

/// Reads returned workbooks; fails where one is no form at all.
pub(crate) fn read(files: &[PathBuf], handed_out: &HandedOut, otherwise: Otherwise<'_>) -> Result<Returned> {
    let mut returned = Returned::default();
    for path in files {
        let name = path.display().to_string();
        let sha256 = text::fingerprint(path)?.sha256;
        returned.files.push(ReturnedFile { file: name.clone(), sha256, ..ReturnedFile::default() });
        let mut book = Workbook::open(path, &name, None)?;
        let mut forms = 0;
        for sheet in book.sheets() {
            let mut form =
                Form { handed_out, otherwise, head: None, signed: Signed::default(), returned: &mut returned };
            book.each_row(&name, &sheet.name, |row| {
                form.row(&row);
                Ok(true)
            })?;
            forms += usize::from(form.head.is_some());
        }
        if forms == 0 {
            return Err(Error::export(&name, ExportProblem::NoForm));
        }
    }
    Ok(returned)
}

/// Where the columns of a form stand.
struct Head {
    hidden: [usize; 6],
    /// The application as people see it.
    shown: Option<usize>,
    result: usize,
    points: usize,
    note: usize,
}

/// Who signed a sheet above its headers, and when, as its cells hold it.
#[derive(Default)]
struct Signed {
    by: Option<String>,
    on: Option<Result<Day, (String, Code)>>,
}

/// One sheet, while its rows are read.
struct Form<'a> {
    handed_out: &'a HandedOut,
    otherwise: Otherwise<'a>,
    head: Option<Head>,
    signed: Signed,
    returned: &'a mut Returned,
}

/// Why a row is refused: the column, why, what stands there, what was expected.
struct Refused {
    column: &'static str,
    code: Code,
    value: String,
    expected: Words,
}

impl Refused {
    fn new(column: &'static str, code: Code, value: impl Into<String>, expected: Words) -> Refused {
        Refused { column, code, value: value.into(), expected }
    }
}

/// The column of the input table by its name.
fn column(name: &'static str) -> &'static Column {
    table().column(name)
}

/// The input table that the answers become.
pub(crate) fn table() -> &'static Table {
    Table::named(VERIFICATIONS).unwrap_or_else(|| unreachable!("the contract has no table {VERIFICATIONS}"))
}

/// Whether a header is what the form calls a column, in either language.
fn is_called(header: &str, name: &'static str) -> bool {
    [Lang::Zh, Lang::En].iter().any(|lang| column(name).title(*lang) == header.trim())
}

/// What the form calls the application.
const SHOWN: [&str; 2] = ["工单编号", "application"];

impl Form<'_> {
    fn row(&mut self, row: &Row<'_>) {
        let cells: Vec<Cell<'_>> = (0..row.cells.len()).map(|at| row.cells.get(at)).collect();
        match &self.head {
            None => self.above(&cells),
            Some(head) => {
                let spot = Spot {
                    file: self.returned.files.len() - 1,
                    sheet: row.sheet.unwrap_or_default().to_owned(),
                    line: row.line,
                };
                let cell = |at: usize| cells.get(at).copied().unwrap_or(Cell::Empty);
                let hidden = head.hidden.map(|at| cell(at).display().trim().to_owned());
                let said = Said { result: cell(head.result), points: cell(head.points), note: cell(head.note) };
                let shown = head.shown.map(|at| cell(at).display());
                self.answer(&hidden, shown.as_deref(), &said, spot);
            }
        }
    }

    /// A row above the headers, or the headers themselves.
    fn above(&mut self, cells: &[Cell<'_>]) {
        let texts: Vec<String> = cells.iter().map(|cell| cell.display().trim().to_owned()).collect();
        let place = |is: &dyn Fn(&str) -> bool| texts.iter().position(|text| is(text));
        for (at, text) in texts.iter().enumerate() {
            let next = cells.get(at + 1).copied().unwrap_or(Cell::Empty);
            if is_called(text, "verified_by") && next != Cell::Empty {
                self.signed.by = Some(next.display().trim().to_owned());
            } else if is_called(text, "verified_at") && next != Cell::Empty {
                self.signed.on = Some(day(next));
            }
        }
        let hidden = HIDDEN.map(|header| place(&|text| text == header));
        let entered = ["result", "points", "note"].map(|name| place(&|text| is_called(text, name)));
        if let ([Some(a), Some(b), Some(c), Some(d), Some(e), Some(f)], [Some(result), Some(points), Some(note)]) =
            (hidden, entered)
        {
            let shown = place(&|text| SHOWN.contains(&text));
            self.head = Some(Head { hidden: [a, b, c, d, e, f], shown, result, points, note });
        }
    }

    fn answer(&mut self, hidden: &[String; 6], shown: Option<&str>, said: &Said<'_>, spot: Spot) {
        // What stands below the rows, such as a signature, carries no key.
        if hidden.iter().all(String::is_empty) && said.is_empty() {
            return;
        }
        let file = &mut self.returned.files[spot.file];
        file.rows += 1;
        if said.is_empty() {
            file.unanswered += 1;
            return;
        }
        file.read += 1;
        match self.judged(hidden, shown, said) {
            Ok(answer) => self.returned.answers.push((answer, spot)),
            Err(Refused { column, code, value, expected }) => {
                let case = hidden[0].clone();
                self.returned.refuse(&spot, Reject { case, column, code, value, expected, ..Reject::nowhere() });
            }
        }
    }

    fn judged(&self, hidden: &[String; 6], shown: Option<&str>, said: &Said<'_>) -> Result<Answer, Refused> {
        let (key, proposed_milli) = self.key(hidden, shown)?;
        let (finding, points_milli) = said.decided(proposed_milli)?;
        let verified_by = self.signed.by.as_deref().or(self.otherwise.by).unwrap_or_default().to_owned();
        if verified_by.is_empty() {
            let expected = Words::new(
                "表头上方「核实人」一格填写核实人，或用 --by 指明",
                "the name of who verified above the headers, or --by",
            );
            return Err(Refused::new("verified_by", Code::Missing, "", expected));
        }
        let verified_on = self.verified_on(&key)?;
        Ok(Answer { key, finding, points_milli, verified_by, verified_on, note: said.noted()? })
    }

    /// The key of a row, if nobody changed it and it was handed out as it is.
    fn key(&self, hidden: &[String; 6], shown: Option<&str>) -> Result<(RowKey, i64), Refused> {
        let [application_id, stage, pass, period, proposed, seal] = hidden;
        let changed = || {
            let expected = Words::new(
                "发出时的工单编号和隐藏的键：请从原表重新填写这一行，不要粘贴或移动行",
                "the identifier and hidden keys as they were handed out: fill the row of the original form in, and do not paste or move rows",
            );
            Refused::new("application_id", Code::ChangedKey, hidden.join(" · "), expected)
        };
        let month = match values::read(column("period"), Cell::Text(period), &Vocabulary::default()) {
            Ok(Value::Date(month)) => month,
            _ => return Err(changed()),
        };
        let (Ok(pass), Ok(proposed_milli)) = (pass.parse(), proposed.parse()) else { return Err(changed()) };
        let key = RowKey { application_id: application_id.clone(), stage: stage.clone(), pass, period: month };
        if key.seal(proposed_milli) != *seal || shown.is_some_and(|shown| shown.trim() != application_id) {
            return Err(changed());
        }
        match self.handed_out.get(&key) {
            Some(now) if *now == proposed_milli => Ok((key, proposed_milli)),
            Some(now) => {
                let [then, now] = [proposed_milli, *now].map(in_points);
                let expected = Words::new(
                    format!("现行版次的表：该环节的建议分数已由 {then} 变为 {now}，请在新版考核表中核实"),
                    format!(
                        "the form of the present edition: the proposal has become {now} instead of {then}; verify it there"
                    ),
                );
                Err(Refused::new("points", Code::ForeignRow, then, expected))
            }
            None => {
                let expected = Words::new(
                    "该报告发出的考核表中的一行；其他月份或版次的表用 --report 指明其报告",
                    "a row that this report handed out; of another month's form name the report with --report",
                );
                Err(Refused::new("application_id", Code::ForeignRow, hidden[..4].join(" · "), expected))
            }
        }
    }

    fn verified_on(&self, key: &RowKey) -> Result<Day, Refused> {
        let expected = Words::new(
            "表头上方「核实日期」一格填写核实日期，例如 2026-07-05，或用 --on 指明；不早于考核月份",
            "the day of the verification above the headers, such as 2026-07-05, or --on; not before the month assessed",
        );
        let refused = |code, value: String| Refused::new("verified_at", code, value, expected.clone());
        let on = match (&self.signed.on, self.otherwise.on) {
            (Some(Err((value, code))), _) => return Err(refused(*code, value.clone())),
            (Some(Ok(on)), _) => *on,
            (None, Some(on)) => on,
            (None, None) => return Err(refused(Code::Missing, String::new())),
        };
        if on < key.period { Err(refused(Code::OutOfRange, on.to_string())) } else { Ok(on) }
    }
}

/// What was entered in a row.
struct Said<'a> {
    result: Cell<'a>,
    points: Cell<'a>,
    note: Cell<'a>,
}

impl Said<'_> {
    fn is_empty(&self) -> bool {
        // A formula whose value the file does not hold is something that was entered.
        let is_blank = |cell: &Cell<'_>| *cell != Cell::Uncomputed && cell.display().trim().is_empty();
        [self.result, self.points, self.note].iter().all(is_blank)
    }

    /// The result, and the points of one that is reduced.
    fn decided(&self, proposed_milli: i64) -> Result<(Finding, Option<i32>), Refused> {
        let result = column("result");
        let finding = match values::read(result, self.result, &Vocabulary::default()) {
            Ok(Value::Text(code)) => Finding::of_code(&code),
            Ok(_) => None,
            Err(refusal) => {
                let expected = Words::of(|lang| rejects::expectation(result, lang));
                return Err(Refused::new("result", refusal.into(), self.result.display(), expected));
            }
        };
        let Some(finding) = finding else {
            let expected = Words::new(
                "核实结果：维持、减轻或撤销；不作结论的，把分数和意见也清空",
                "a result: upheld, reduced or withdrawn; or neither points nor note where there is none yet",
            );
            return Err(Refused::new("result", Code::Missing, "", expected));
        };
        let points = self.points()?;
        let proposed = in_points(proposed_milli);
        let wrong = |zh: String, en: String| {
            Err(Refused::new("points", Code::OutOfRange, self.points.display(), Words::new(zh, en)))
        };
        match (finding, points.map(i64::from)) {
            (_, Some(points)) if points > proposed_milli => wrong(
                format!("0 至 {proposed} 的分数：核定分数不能高于建议分数"),
                format!("points from 0 to {proposed}: no more than was proposed"),
            ),
            (Finding::Upheld, Some(points)) if points != proposed_milli => wrong(
                format!("维持时分数留空或为 {proposed}；要少扣分，结果选「减轻」"),
                format!("nothing or {proposed} where it is upheld; choose reduced for fewer points"),
            ),
            (Finding::Withdrawn, Some(points)) if points != 0 => wrong(
                "撤销时分数留空或为 0；仍要扣分，结果选「减轻」".to_owned(),
                "nothing or 0 where it is withdrawn; choose reduced for some points".to_owned(),
            ),
            (Finding::Reduced, None) => {
                let expected = Words::new(
                    format!("减轻后的分数，0 至 {proposed}"),
                    format!("the points that it is reduced to, from 0 to {proposed}"),
                );
                Err(Refused::new("points", Code::Missing, "", expected))
            }
            (Finding::Reduced, Some(points)) if points == proposed_milli => wrong(
                format!("少于 {proposed} 的分数；不减分的，结果选「维持」"),
                format!("fewer points than {proposed}; choose upheld where they stay"),
            ),
            (Finding::Reduced, Some(_)) => Ok((finding, points)),
            (Finding::Upheld | Finding::Withdrawn, _) => Ok((finding, None)),
        }
    }

    /// The note that was entered.
    fn noted(&self) -> Result<String, Refused> {
        let note = column("note");
        match values::read(note, self.note, &Vocabulary::default()) {
            Ok(Value::Text(text)) => Ok(text.into_owned()),
            Ok(_) => Ok(String::new()),
            Err(refusal) => {
                let expected = Words::of(|lang| rejects::expected(table(), note, refusal, &self.note, lang));
                Err(Refused::new("note", refusal.into(), self.note.display(), expected))
            }
        }
    }

    /// The points that were entered, in thousandths.
    fn points(&self) -> Result<Option<i32>, Refused> {
        let expected = || Words::new("不小于 0 的分数，例如 0.5", "points of at least 0, such as 0.5");
        let negative = |number: f64| Refused::new("points", Code::OutOfRange, number.to_string(), expected());
        if let Cell::Number(number) = self.points
            && number < 0.0
        {
            return Err(negative(number));
        }
        match values::read(column("points"), self.points, &Vocabulary::default()) {
            Ok(Value::Number(number)) => Ok(Some(scorecard::in_thousandths(number))),
            Ok(_) => Ok(None),
            Err(refusal) => Err(Refused::new("points", refusal.into(), self.points.display(), expected())),
        }
    }
}

/// A day as a sheet holds it.
fn day(cell: Cell<'_>) -> Result<Day, (String, Code)> {
    match values::read(column("verified_at"), cell, &Vocabulary::default()) {
        Ok(Value::Instant(at)) => Ok(at.day()),
        Ok(_) => Err((cell.display(), Code::Unparsable)),
        Err(refusal) => Err((cell.display(), refusal.into())),
    }
}

/// Thousandths as people write points: `1.6`.
pub(crate) fn in_points(milli: i64) -> String {
    (milli as f64 / 1_000.0).to_string()
}

impl Returned {
    /// Lists a row as refused.
    pub(crate) fn refuse(&mut self, spot: &Spot, reject: Reject) {
        let file = &mut self.files[spot.file];
        file.rejected += 1;
        let place = file.file.clone();
        self.rejects.push(Reject { file: place, sheet: spot.sheet.clone(), line: spot.line, ..reject });
    }

    /// How a spot is called.
    pub(crate) fn place(&self, spot: &Spot, lang: Lang) -> String {
        let file = Path::new(&self.files[spot.file].file).file_name().unwrap_or_default().to_string_lossy();
        let Spot { sheet, line, .. } = spot;
        lang.pick(format!("{file}「{sheet}」第 {line} 行"), format!("{file}, sheet {sheet}, row {line}"))
    }
}
