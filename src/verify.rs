//! `yekuo verify`: what the departments answered to the month's 考核表, as the input table `verifications`.
//!
//! The answers are held against the report that handed the forms out, and added to those of earlier rounds: an office
//! gets its forms back one by one. The table lies where the next run reads it. What cannot be used is listed with its
//! place and what to do, and changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::calendar::Day;
use crate::contract::{Column, Table};
use crate::disk;
use crate::error::{Error, Result};
use crate::ingest::rejects::{Code, Reject, RejectFile};
use crate::ingest::returned::{self, Answer, HandedOut, Otherwise, Returned, ReturnedFile, RowKey, Spot};
use crate::ingest::values::{self, Cell, Vocabulary};
use crate::lake::{self, Columns, Value};
use crate::period::Previous;
use crate::report::form;
use crate::rules::scorecard;
use crate::rules::vocabulary::Finding;
use crate::spelling::harmless;
use crate::words::{Lang, Words};

/// What is to be read, and where it goes.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The returned workbooks.
    pub files: &'a [PathBuf],
    /// The report that handed them out.
    pub report: &'a Path,
    /// The table.
    pub out: &'a Path,
    /// Who verified, where a workbook does not say.
    pub by: Option<&'a str>,
    /// The day of it, where a workbook does not say.
    pub on: Option<Day>,
    /// Whether an answer replaces an earlier one that says something else.
    pub replace: bool,
    /// The language of what rejects expected.
    pub lang: Lang,
}

/// What became of the answers.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// The month of the report.
    month: String,
    /// One line per workbook.
    files: Vec<ReturnedFile>,
    /// Rows that were handed out.
    handed_out: usize,
    /// Of them, rows that have an answer now.
    answered: usize,
    /// Earlier answers that were replaced.
    replaced: usize,
    /// Where the refused rows are listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejects: Option<PathBuf>,
    /// The refused rows in words.
    #[serde(skip)]
    refused: Vec<Words>,
}

impl Verified {
    /// Whether a row was refused.
    pub fn has_rejects(&self) -> bool {
        self.rejects.is_some()
    }

    /// What became of each workbook, and of each row that was refused.
    pub fn lines(&self, lang: Lang) -> Vec<String> {
        let files = self.files.iter().map(|file| {
            let ReturnedFile { file, rows, unanswered, read, accepted, rejected, duplicate, .. } = file;
            lang.pick(
                format!("{file}：{rows} 行，未答复 {unanswered}；读入 {read} = 接受 {accepted} + 拒收 {rejected} + 重复 {duplicate}"),
                format!("{file}: {rows} rows, {unanswered} not answered; {read} read = {accepted} accepted + {rejected} rejected + {duplicate} duplicate"),
            )
        });
        let refused = self.refused.iter().map(|words| words.get(lang).to_owned());
        let rejects = self.rejects.iter().map(|path| {
            let path = path.display();
            lang.pick(format!("拒收清单：{path}"), format!("the refused rows are listed in {path}"))
        });
        files.chain(refused).chain(rejects).collect()
    }

    /// How far the month is verified.
    pub fn text(&self, out: &Path, lang: Lang) -> String {
        let Verified { month, handed_out, answered, replaced, .. } = self;
        let out = out.display();
        let replaced = match replaced {
            0 => String::new(),
            _ => lang.pick(format!("，替换 {replaced} 条"), format!(", {replaced} replaced")),
        };
        lang.pick(
            format!("已写入 {out}：{month} 考核表 {handed_out} 个环节，已核实 {answered} 个{replaced}。重新运行 yekuo run 即计入考核\n"),
            format!("{out} written: of {handed_out} stages of {month}, {answered} are verified{replaced}. Run yekuo run again to count them\n"),
        )
    }
}

/// Reads returned workbooks, and writes the answers that can be used next to those of before.
pub fn run(asked: &Asked<'_>) -> Result<Verified> {
    let (month, handed_out) = handed_out(asked.report)?;
    let mut table = Answered::open(asked.out)?;
    let mut returned = returned::read(asked.files, &handed_out, Otherwise { by: asked.by, on: asked.on })?;
    let answers = settled(&mut returned, asked.lang);
    let mut replaced = 0;
    for (answer, spot) in answers {
        let kept = match table.rows.get(&answer.key) {
            None => Kept::New,
            Some(before) if before.agrees_with(&answer) => Kept::Repeated,
            Some(_) if asked.replace => Kept::Replaces,
            Some(before) => Kept::Conflicts(before.clone()),
        };
        match kept {
            Kept::New | Kept::Replaces => {
                replaced += usize::from(matches!(kept, Kept::Replaces));
                returned.files[spot.file].accepted += 1;
                table.rows.insert(answer.key.clone(), answer);
            }
            Kept::Repeated => returned.files[spot.file].duplicate += 1,
            Kept::Conflicts(before) => {
                let name = asked.out.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let said = before.said();
                let expected = Words::new(
                    format!("与 {name} 中已有的结论（{}）一致；确要更改的，用 --replace", said.zh),
                    format!("what {name} says already ({}); --replace changes it", said.en),
                );
                conflict(&mut returned, &answer, &spot, expected);
            }
        }
    }
    table.write(asked.out)?;
    let rejects = listed(asked, &returned.rejects)?;
    let refused = returned.rejects.iter().map(|reject| Words::of(|lang| reject.say(returned::table(), lang))).collect();
    let answered = handed_out.keys().filter(|key| table.rows.contains_key(*key)).count();
    let (month, handed_out) = (month.month_label(), handed_out.len());
    Ok(Verified { month, files: returned.files, handed_out, answered, replaced, rejects, refused })
}

/// What an answer is to those of before.
enum Kept {
    New,
    Repeated,
    Replaces,
    Conflicts(Answer),
}

impl Answer {
    /// The conclusion in words.
    fn said(&self) -> Words {
        let term = self.finding.term();
        match self.points_milli {
            None => Words::new(term.zh, term.en),
            Some(points) => {
                let points = returned::in_points(i64::from(points));
                Words::new(format!("{} {points} 分", term.zh), format!("{} to {points}", term.en))
            }
        }
    }
}

/// The month of a report, and the rows that its forms carry.
fn handed_out(report: &Path) -> Result<(Day, HandedOut)> {
    let month = Previous::in_folder(report)?.as_of.month();
    let mart = lake::read(&report.join("marts").join(format!("{}.parquet", form::ANSWERED)))?;
    Ok((month, form::returned_rows(Columns(&mart), month)?.into_iter().collect()))
}

/// One answer for each row: those that say the same are one, and where they do not, all are refused.
fn settled(returned: &mut Returned, lang: Lang) -> Vec<(Answer, Spot)> {
    let mut by_key: BTreeMap<RowKey, Vec<(Answer, Spot)>> = BTreeMap::new();
    for (answer, spot) in std::mem::take(&mut returned.answers) {
        by_key.entry(answer.key.clone()).or_default().push((answer, spot));
    }
    let mut settled = Vec::new();
    for answers in by_key.into_values() {
        let Some((first, _)) = answers.first() else { continue };
        if answers.iter().all(|(answer, _)| answer.agrees_with(first)) {
            let mut answers = answers.into_iter();
            settled.extend(answers.next());
            answers.for_each(|(_, spot)| returned.files[spot.file].duplicate += 1);
            continue;
        }
        let places: Vec<String> = answers.iter().map(|(_, spot)| returned.place(spot, lang)).collect();
        for (number, (answer, spot)) in answers.iter().enumerate() {
            let others: BTreeSet<&str> = places
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != number)
                .map(|(_, place)| place.as_str())
                .collect();
            let others = others.into_iter().collect::<Vec<_>>();
            let expected = Words::new(
                format!("每个环节一个结论；另见 {}，请只保留一个", others.join("、")),
                format!("one conclusion for a stage; another is in {}: keep one of them", others.join(", ")),
            );
            conflict(returned, answer, spot, expected);
        }
    }
    settled
}

fn conflict(returned: &mut Returned, answer: &Answer, spot: &Spot, expected: Words) {
    let reject = Reject {
        case: answer.key.application_id.clone(),
        column: "result",
        code: Code::ConflictingDuplicate,
        value: answer.finding.code().to_owned(),
        expected,
        ..Reject::nowhere()
    };
    returned.refuse(spot, reject);
}

/// Lists the refused rows next to the report; a list of before is removed where there are none.
fn listed(asked: &Asked<'_>, rejects: &[Reject]) -> Result<Option<PathBuf>> {
    let name = asked.report.file_name().unwrap_or_default().to_string_lossy();
    let folder = asked.report.with_file_name(format!("{name}-verify-rejects"));
    let table = returned::table();
    if rejects.is_empty() {
        let _ = std::fs::remove_file(folder.join(format!("{}.csv", table.name)));
        let _ = std::fs::remove_dir(&folder);
        return Ok(None);
    }
    let mut file = RejectFile::create(&folder, table, asked.lang)?;
    rejects.iter().try_for_each(|reject| file.push(reject))?;
    file.finish()?;
    Ok(Some(folder.join(format!("{}.csv", table.name))))
}

/// The table of answers.
struct Answered {
    rows: BTreeMap<RowKey, Answer>,
}

impl Answered {
    /// The answers of before; none where there is no table yet.
    fn open(path: &Path) -> Result<Answered> {
        let mut rows = BTreeMap::new();
        if !path.exists() {
            return Ok(Answered { rows });
        }
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::Reader::from_reader(bytes);
        let table = returned::table();
        let own =
            reader.headers().is_ok_and(|headers| headers.iter().eq(table.columns.iter().map(|column| column.name)));
        let foreign = || Error::Foreign { path: path.to_owned() };
        if !own {
            return Err(foreign());
        }
        for record in reader.records() {
            let record = record.map_err(|_| foreign())?;
            let answer = answer(table, &record).ok_or_else(foreign)?;
            rows.insert(answer.key.clone(), answer);
        }
        Ok(Answered { rows })
    }

    /// Writes the table, as a CSV that a spreadsheet opens and the next run reads.
    fn write(&self, path: &Path) -> Result<()> {
        disk::file(path, true, |out| {
            out.write_all(b"\xef\xbb\xbf")?;
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(returned::table().columns.iter().map(|column| column.name))?;
            for answer in self.rows.values() {
                writer.write_record(cells(answer))?;
            }
            writer.flush()
        })
    }
}

/// An answer as the table holds it.
fn cells(answer: &Answer) -> [String; 9] {
    let Answer { key, finding, points_milli, verified_by, verified_on, note } = answer;
    let RowKey { application_id, stage, pass, period } = key;
    [
        harmless(application_id).into_owned(),
        harmless(stage).into_owned(),
        pass.to_string(),
        period.month_label(),
        finding.code().to_owned(),
        points_milli.map(|points| returned::in_points(i64::from(points))).unwrap_or_default(),
        harmless(verified_by).into_owned(),
        verified_on.to_string(),
        harmless(note).into_owned(),
    ]
}

/// An answer that [`cells`] has written.
fn answer(table: &'static Table, record: &csv::StringRecord) -> Option<Answer> {
    let words = Vocabulary { any_stage: true, ..Vocabulary::default() };
    let cell = |column: &Column| {
        let text = record.get(table.position(column.name)).unwrap_or_default();
        values::read(column, Cell::Text(text), &words).ok()
    };
    let text = |name: &str| match cell(table.column(name))? {
        Value::Text(text) => Some(text.into_owned()),
        Value::Null => Some(String::new()),
        _ => None,
    };
    let day = |name: &str| match cell(table.column(name))? {
        Value::Date(day) => Some(day),
        Value::Instant(at) => Some(at.day()),
        _ => None,
    };
    let Value::Integer(pass) = cell(table.column("pass"))? else { return None };
    let points_milli = match cell(table.column("points"))? {
        Value::Number(points) => Some(scorecard::in_thousandths(points)),
        _ => None,
    };
    // As it was written: the forms of the next round bear the same spelling.
    let application_id = record.get(table.position("application_id"))?.to_owned();
    let key = RowKey { application_id, stage: text("stage")?, pass, period: day("period")? };
    Some(Answer {
        key,
        finding: Finding::of_code(&text("result")?)?,
        points_milli,
        verified_by: text("verified_by")?,
        verified_on: day("verified_at")?,
        note: text("note")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_back_as_it_was_written() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        for (application_id, finding, points_milli) in [
            ("业扩〔2026〕1号", Finding::Reduced, Some(1_600)),
            ("00120", Finding::Withdrawn, None),
            ("Ａ 3", Finding::Upheld, None),
        ] {
            let key = RowKey {
                application_id: application_id.to_owned(),
                stage: "grid_works".to_owned(),
                pass: 2,
                period: day("2026-06-01"),
            };
            let (verified_by, note) = ("裴勇".to_owned(), String::new());
            let written = Answer { key, finding, points_milli, verified_by, verified_on: day("2026-07-05"), note };
            let record = csv::StringRecord::from(cells(&written).to_vec());
            assert_eq!(answer(returned::table(), &record), Some(written));
        }
    }
}
