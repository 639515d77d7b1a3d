//! The rows that were not accepted, each with its place and what was expected.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::values::{self, Cell, Refusal};
use crate::contract::{Column, Kind, Table};
use crate::error::{Error, Result};
use crate::spelling::harmless;
use crate::words::{Lang, Words};

/// Why a row was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A cell cannot be read as what its column holds.
    Unparsable,
    /// A required cell is empty.
    Missing,
    /// A cell is none of the column's words.
    UnknownWord,
    /// A value that cannot be true.
    OutOfRange,
    /// A date or number that can be read in two ways.
    Ambiguous,
    /// A cell is an error value of a spreadsheet.
    ErrorValue,
    /// A cell is a formula, and the file does not hold its value.
    FormulaWithoutValue,
    /// A name or identifier that is longer than any.
    TooLong,
    /// An identifier that a spreadsheet has rounded.
    RoundedIdentifier,
    /// An identifier that a spreadsheet has made a date.
    DatedIdentifier,
    /// A time in UTC, and the pipeline names no time zone.
    NoTimeZone,
    /// It ends before it begins.
    EndBeforeStart,
    /// It belongs to no accepted case.
    UnknownCase,
    /// Another row has the same key and says something else.
    ConflictingDuplicate,
    /// The row has more or fewer fields than the header.
    RaggedRow,
    /// The line is not in the file's encoding.
    MixedEncoding,
    /// The file ends in the middle of it, or may do so.
    CutOff,
    /// A total, a signature or a remark below the data: no row of the table.
    Footer,
    /// A row of a returned form whose keys are not those that were handed out.
    ChangedKey,
    /// A row of a returned form that was not handed out.
    ForeignRow,
}

impl Code {
    /// Every code, in the order of the rules.
    pub const ALL: [Code; 20] = [
        Code::Footer,
        Code::MixedEncoding,
        Code::RaggedRow,
        Code::CutOff,
        Code::Missing,
        Code::Unparsable,
        Code::UnknownWord,
        Code::OutOfRange,
        Code::Ambiguous,
        Code::ErrorValue,
        Code::FormulaWithoutValue,
        Code::TooLong,
        Code::RoundedIdentifier,
        Code::DatedIdentifier,
        Code::NoTimeZone,
        Code::EndBeforeStart,
        Code::UnknownCase,
        Code::ConflictingDuplicate,
        Code::ChangedKey,
        Code::ForeignRow,
    ];

    /// The code as files write it.
    pub fn name(self) -> &'static str {
        match self {
            Code::Unparsable => "unparsable",
            Code::Missing => "missing",
            Code::UnknownWord => "unknown_word",
            Code::OutOfRange => "out_of_range",
            Code::Ambiguous => "ambiguous",
            Code::ErrorValue => "error_value",
            Code::FormulaWithoutValue => "formula_without_value",
            Code::TooLong => "too_long",
            Code::RoundedIdentifier => "rounded_identifier",
            Code::DatedIdentifier => "dated_identifier",
            Code::NoTimeZone => "no_time_zone",
            Code::EndBeforeStart => "end_before_start",
            Code::UnknownCase => "unknown_case",
            Code::ConflictingDuplicate => "conflicting_duplicate",
            Code::RaggedRow => "ragged_row",
            Code::MixedEncoding => "mixed_encoding",
            Code::CutOff => "cut_off",
            Code::Footer => "footer",
            Code::ChangedKey => "changed_key",
            Code::ForeignRow => "foreign_row",
        }
    }

    /// What the code means, in a few words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Code::Unparsable => lang.pick("无法识别的值", "value cannot be read"),
            Code::Missing => lang.pick("必填项为空", "required value is missing"),
            Code::UnknownWord => lang.pick("不在允许的取值中", "not one of the known words"),
            Code::OutOfRange => lang.pick("超出合理范围", "out of range"),
            Code::Ambiguous => lang.pick("有两种读法", "can be read in two ways"),
            Code::ErrorValue => lang.pick("表格软件的错误值", "error value of a spreadsheet"),
            Code::FormulaWithoutValue => lang.pick("公式没有计算结果", "formula without a value"),
            Code::TooLong => lang.pick("名称或编号超过 1,000 个字", "name or identifier of more than 1,000 characters"),
            Code::RoundedIdentifier => lang.pick("编号被表格软件舍入", "identifier rounded by a spreadsheet"),
            Code::DatedIdentifier => {
                lang.pick("编号被表格软件改成日期", "identifier turned into a date by a spreadsheet")
            }
            Code::NoTimeZone => lang.pick("UTC 时间，但未指明时区", "time in UTC, and no time zone is named"),
            Code::EndBeforeStart => lang.pick("结束早于开始", "ends before it begins"),
            Code::UnknownCase => lang.pick("找不到所属工单", "belongs to no accepted case"),
            Code::ConflictingDuplicate => lang.pick("编号重复且内容不同", "same key, different content"),
            Code::RaggedRow => lang.pick("列数与表头不符", "fields do not match the header"),
            Code::MixedEncoding => lang.pick("编码与文件不一致", "line is in another encoding"),
            Code::CutOff => {
                lang.pick("文件可能在此中断（不计入拒收率）", "the file may be cut off here (not counted by the gate)")
            }
            Code::ChangedKey => lang.pick("键被改动", "key was changed"),
            Code::ForeignRow => lang.pick("不是发出的行", "not a row that was handed out"),
            Code::Footer => {
                lang.pick("合计、签名或备注行（不计入拒收率）", "total, signature or remark (not counted by the gate)")
            }
        }
    }
}

impl From<Refusal> for Code {
    fn from(refusal: Refusal) -> Code {
        match refusal {
            Refusal::Unparsable => Code::Unparsable,
            Refusal::UnknownWord => Code::UnknownWord,
            Refusal::OutOfRange => Code::OutOfRange,
            Refusal::Ambiguous => Code::Ambiguous,
            // A date that stands for none is missing where one is required.
            Refusal::Sentinel => Code::Missing,
            Refusal::ErrorValue => Code::ErrorValue,
            Refusal::Uncomputed => Code::FormulaWithoutValue,
            Refusal::TooLong => Code::TooLong,
            Refusal::RoundedIdentifier => Code::RoundedIdentifier,
            Refusal::DatedIdentifier => Code::DatedIdentifier,
            Refusal::NoZone => Code::NoTimeZone,
        }
    }
}

/// One rejected row.
#[derive(Debug, Clone)]
pub struct Reject {
    /// The file, relative to the data folder.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: String,
    /// The line of a text file or row of a sheet, from 1.
    pub line: u64,
    /// The application or other case that it belongs to, empty where that is not known.
    pub case: String,
    /// The canonical column, empty where the row as a whole is at fault.
    pub column: &'static str,
    /// Why.
    pub code: Code,
    /// What stood there, at most 512 characters.
    pub value: String,
    /// What was expected.
    pub expected: Words,
}

impl Reject {
    /// A row whose place is not said yet.
    pub(crate) fn nowhere() -> Reject {
        Reject {
            file: String::new(),
            sheet: String::new(),
            line: 0,
            case: String::new(),
            column: "",
            code: Code::Unparsable,
            value: String::new(),
            expected: Words::default(),
        }
    }

    /// The row of a returned form, what is wrong with it and what to do, in a line for a terminal.
    pub(crate) fn say(&self, table: &Table, lang: Lang) -> String {
        let Reject { file, sheet, line, case, code, value, expected, .. } = self;
        let column = table.columns.iter().find(|column| column.name == self.column);
        let column = column.map_or("", |column| column.title(lang));
        let (why, expected) = (code.words(lang), expected.get(lang));
        lang.pick(
            format!("{file}「{sheet}」第 {line} 行（{case}）{column}「{value}」：{why}；应为{expected}"),
            format!("{file}, sheet {sheet}, row {line} ({case}), {column} `{value}`: {why}; expected {expected}"),
        )
    }
}

/// What a column expects, for people.
pub fn expectation(column: &Column, lang: Lang) -> String {
    let list = |words: &mut dyn Iterator<Item = String>| words.collect::<Vec<_>>().join(lang.pick("、", ", "));
    match column.kind {
        Kind::Id => lang.pick("编号（请以文本格式导出）", "an identifier (export it as text)").into(),
        Kind::Text => lang.pick("文字", "text").into(),
        Kind::Stage => lang.pick("process.toml 中的环节名称", "a stage of process.toml").into(),
        Kind::Number([("kv", _), ..]) => lang
            .pick(
                "电压，例如 10、10kV、交流10kV、10(20)kV、380V、380/220V、低压",
                "a voltage, such as 10, 10kV, AC 10kV, 10(20)kV, 380V, 380/220V",
            )
            .into(),
        Kind::Number([("kva", _), ..]) => lang
            .pick(
                "0 至 10 亿千伏安的容量，例如 630、48,000、630kVA、0.63MVA、630+400、2×1000kVA",
                "a capacity from 0 to a billion kVA, such as 630, 48,000, 630kVA, 0.63MVA, 630+400, 2×1000kVA",
            )
            .into(),
        Kind::Number(units) => {
            let unit = units.first().map_or("", |(unit, _)| unit);
            lang.pick(
                format!("0 至 10 亿的数值，单位 {unit}，例如 48,000"),
                format!("a number from 0 to a billion in {unit}, such as 48,000"),
            )
        }
        Kind::Within(most, _) => lang.pick(format!("0 至 {most} 的数值"), format!("a number from 0 to {most}")),
        Kind::Integer(least, most, []) => {
            lang.pick(format!("{least} 至 {most} 的整数"), format!("a whole number from {least} to {most}"))
        }
        Kind::Integer(least, most, words) => {
            let words = list(&mut words.iter().map(|(word, _)| (*word).to_owned()));
            lang.pick(
                format!("{least} 至 {most} 的整数，或 {words}"),
                format!("a whole number from {least} to {most}, or {words}"),
            )
        }
        Kind::Flag => lang.pick("是/否、Y/N、1/0", "是/否, Y/N, 1/0").into(),
        Kind::Date | Kind::Instant => lang
            .pick(
                "1980 至 2099 年的日期，例如 2010-05-28、2010年5月28日",
                "a date from 1980 to 2099, such as 2010-05-28 or 2010/5/28",
            )
            .into(),
        Kind::Month => lang.pick("月份，例如 2010-05、2010年5月", "a month, such as 2010-05").into(),
        Kind::List => lang.pick("以分号或顿号分隔的名称", "names with semicolons between them").into(),
        Kind::Answers => lang
            .pick(
                "部门与答复时间，以分号分隔，例如 营销部 2010-05-28 15:00；配电工区 2010-05-29",
                "departments with the times of their answers, such as Marketing 2010-05-28 15:00; Works 2010-05-29",
            )
            .into(),
        Kind::Choice { codes, .. } => {
            list(&mut codes.iter().map(|(code, words)| format!("{code} ({})", words.first().unwrap_or(&""))))
        }
    }
}

/// What a refused cell lacks, for people.
pub fn expected(table: &Table, column: &Column, refusal: Refusal, cell: &Cell<'_>, lang: Lang) -> String {
    match refusal {
        Refusal::NoZone => zone_expected(lang).to_owned(),
        Refusal::Ambiguous => one_reading(table, column, &cell.display(), lang),
        Refusal::Sentinel => missing_expected(table, column, lang),
        Refusal::Uncomputed => lang
            .pick(
                "公式的计算结果：请用 Excel 或 WPS 打开该文件并保存后重新读取",
                "the value of the formula: open the file in Excel or WPS, save it, and read it again",
            )
            .to_owned(),
        Refusal::UnknownWord if column.name == "transition" => {
            expectation(column, lang)
                + lang.pick(
                    "；如该列不是生命周期，请在来源映射 [tables.stages] 的 ignore 中写明其表头",
                    "; if the column is no lifecycle, name its header in `ignore` under [tables.stages] of the source mapping",
                )
        }
        _ => expectation(column, lang),
    }
}

/// The two ways in which a date or number can be read, and the key that says which one is meant.
fn one_reading(table: &Table, column: &Column, text: &str, lang: Lang) -> String {
    let dated = matches!(column.kind, Kind::Date | Kind::Instant | Kind::Month);
    let (key, readings): (&str, Vec<String>) = if dated {
        let reading = |(order, day): (values::DateOrder, _)| format!("{day} (date_order = \"{}\")", order.name());
        ("date_order", values::date_readings(text).into_iter().map(reading).collect())
    } else {
        let named = [".", ","].into_iter().zip(values::number_readings(text));
        let reading = |(sign, number): (&str, Option<f64>)| Some(format!("{} (decimal = \"{sign}\")", number?));
        ("decimal", named.filter_map(reading).collect())
    };
    let table = table.name;
    lang.pick(
        format!("可读作 {}；请在来源映射的 [tables.{table}] 中写明 {key}", readings.join(" 或 ")),
        format!("it can be {}: set {key} under [tables.{table}] of the source mapping", readings.join(" or ")),
    )
}

/// What an empty cell of a required column lacks, for people.
pub fn missing_expected(table: &Table, column: &Column, lang: Lang) -> String {
    let expected = expectation(column, lang);
    if column.kind == Kind::Stage || table.key.contains(&column.name) {
        return expected;
    }
    let (table, column) = (table.name, column.name);
    lang.pick(
        format!("{expected}；或在来源映射的 [tables.{table}.defaults] 中写明 {column} 的缺省值"),
        format!("{expected}; or a default for {column} under [tables.{table}.defaults] of the source mapping"),
    )
}

/// What more can be done about a stage with a finish and no start, for people.
pub fn start_expected(lang: Lang) -> &'static str {
    lang.pick(
        "；或在 process.toml 中写 starts = \"previous\"，开始取上一环节的完成",
        "; or starts = \"previous\" in process.toml: it begins when the stage before ended",
    )
}

/// What a stage lacks that has not begun, for people.
pub fn plan_expected(lang: Lang) -> &'static str {
    lang.pick(
        "；尚未开始的环节须给出 due_on（要求完成日期）",
        "; a stage that has not begun needs its due date, due_on",
    )
}

/// What a time in UTC lacks, for people.
pub fn zone_expected(lang: Lang) -> &'static str {
    lang.pick(
        "当地时间；或在流水线文件中写明 time_zone，例如 \"Europe/Amsterdam\"",
        "local time; or a time_zone in the pipeline file, such as \"Europe/Amsterdam\"",
    )
}

/// What a line below the table is not.
pub fn row_expected(lang: Lang) -> String {
    lang.pick("表中的一行；此行不计入拒收率", "a row of the table; this line is not counted by the gate").to_owned()
}

/// What rows with the same key lack, for people.
pub fn unique_expected(table: &Table, key: &[&str], lang: Lang) -> String {
    let repeat = match key.contains(&"transition") {
        // One of several starts of a moment would leave the completes of the others alone.
        true => lang.pick("repeat = \"pass\"（各为一次）", "repeat = \"pass\" (each is a pass)"),
        false => lang.pick(
            "repeat = \"last\"（取最后一行）或 \"first\"（取第一行）",
            "repeat = \"last\" or \"first\" (the row that counts)",
        ),
    };
    let (key, table) = (key.join(" + "), table.name);
    lang.pick(
        format!("{key} 唯一；或在来源映射的 [tables.{table}] 中写明 {repeat}"),
        format!("one row for each {key}; or {repeat} under [tables.{table}] of the source mapping"),
    )
}

/// Characters of a rejected value that are listed.
pub(super) const SHOWN: usize = 512;

/// Writes the rejects of one table, as a CSV that a spreadsheet opens.
pub struct RejectFile {
    path: PathBuf,
    writer: csv::Writer<File>,
    lang: Lang,
    columns: &'static [Column],
}

impl RejectFile {
    /// Opens `<folder>/<table>.csv`: UTF-8 with a mark, so that spreadsheets read its Chinese.
    pub fn create(folder: &Path, table: &Table, lang: Lang) -> Result<RejectFile> {
        std::fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        let path = folder.join(format!("{}.csv", table.name));
        let mut file = File::create(&path).map_err(Error::io("write", &path))?;
        file.write_all(b"\xef\xbb\xbf").map_err(Error::io("write", &path))?;
        let mut rejects = RejectFile { writer: csv::Writer::from_writer(file), path, lang, columns: table.columns };
        rejects.record(&lang.pick(
            ["文件", "工作表", "行号", "工单", "列", "列名", "原因", "代码", "原值", "应为"],
            ["file", "sheet", "line", "case", "column", "name", "reason", "code", "value", "expected"],
        ))?;
        Ok(rejects)
    }

    /// Adds one row.
    pub fn push(&mut self, reject: &Reject) -> Result<()> {
        let line = reject.line.to_string();
        let texts =
            [&reject.file, &reject.sheet, &reject.case, &reject.value, reject.expected.get(self.lang)].map(harmless);
        let [file, sheet, case, value, expected] = &texts;
        let column = self.columns.iter().find(|column| column.name == reject.column);
        let title = column.map_or(reject.column, |column| column.title(self.lang));
        let (why, code) = (reject.code.words(self.lang), reject.code.name());
        self.record(&[file, sheet, &*line, case, title, reject.column, why, code, value, expected])
    }

    fn record(&mut self, cells: &[&str]) -> Result<()> {
        self.writer.write_record(cells).map_err(|source| self.failed(source.into()))
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::io("write", &self.path)(source)
    }

    /// Flushes the file.
    pub fn finish(mut self) -> Result<()> {
        self.writer.flush().map_err(|source| self.failed(source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_how_long_names_may_be() {
        assert_eq!(values::MOST_NAME, 1_000);
        assert!([Lang::Zh, Lang::En].iter().all(|lang| Code::TooLong.words(*lang).contains("1,000")));
    }
}
