//! Exports that cannot be read as a whole: where, what is wrong, and what to write into the mapping.

use std::fmt;

use super::absence::{self, Candidate, Present};
use super::ledger::{LedgerOffer, StatusOffer};
use super::toml_file::toml_text;
use crate::words::{Lang, Words};

/// Why an export file cannot be read as a whole.
#[derive(Debug, Clone)]
pub struct ExportFault {
    /// The file, as it was named.
    pub file: String,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The line of a text file or the row of a sheet, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: ExportProblem,
}

/// What is wrong with an export file.
#[derive(Debug, Clone)]
pub enum ExportProblem {
    /// Nothing matches the table's file names.
    NoFile {
        /// The table.
        table: &'static str,
        /// The names that were looked for.
        looked_for: Vec<String>,
        /// The files that are there.
        found: Vec<String>,
        /// Those of them that have the table's headers.
        likely: Vec<String>,
    },
    /// A required column has no header.
    NoColumn {
        /// The table.
        table: &'static str,
        /// The missing columns.
        missing: Vec<MissingColumn>,
        /// The headers found.
        found: Vec<String>,
        /// Whether a stage has a finish and no start.
        ends_only: bool,
    },
    /// Two headers claim the same column.
    TwoColumns {
        /// The table.
        table: &'static str,
        /// The canonical column.
        column: &'static str,
        /// The headers.
        headers: Vec<String>,
    },
    /// The mapping names a header that is not there.
    NoHeader {
        /// The header that the mapping names.
        header: String,
        /// The nearest that is there.
        nearest: Option<String>,
        /// The headers found.
        found: Vec<String>,
    },
    /// The mapping names a sheet that is not there.
    NoSheet {
        /// The sheet that the mapping names.
        sheet: String,
        /// The sheets found.
        found: Vec<String>,
    },
    /// The mapping names a row of headers that is not among the first rows.
    NoHeaderRow {
        /// The table.
        table: &'static str,
        /// The row that the mapping names.
        row: u64,
        /// How many rows were looked at.
        looked_at: usize,
    },
    /// A header's unit is none that its column can have.
    UnknownUnit {
        /// The table.
        table: &'static str,
        /// The canonical column.
        column: &'static str,
        /// The header.
        header: String,
        /// The unit.
        unit: String,
        /// The units that the column can have.
        known: Vec<String>,
    },
    /// Columns on which figures hang are absent, and headers that are not used could be them.
    Absent {
        /// The table.
        table: &'static str,
        /// The columns, canonical and Chinese.
        columns: Vec<(&'static str, &'static str)>,
        /// The headers that could be them.
        candidates: Vec<Candidate>,
        /// The groups of columns that lack them, where the table has groups.
        groups: Vec<AbsentOf>,
        /// How one header and a status word could be all of them.
        status: Option<Box<StatusOffer>>,
        /// What the mapping says of the table already.
        written: Present,
    },
    /// The sheet is a wide ledger by its headers, and the mapping names no groups.
    Ledger(Box<LedgerOffer>),
    /// A sheet looks like the table and cannot be read, next to others that can.
    SheetLeftOut {
        /// The table.
        table: &'static str,
        /// Why it cannot be read.
        why: SheetFault,
    },
    /// The bytes are not what the name says.
    WrongFormat {
        /// What it seems to be: the name of a form of files.
        looks_like: &'static str,
    },
    /// An object-centric event log in a form that is not read.
    OtherOcel {
        /// Which.
        what: &'static str,
    },
    /// An object-centric event log of which nobody says what its cases are.
    WhichObject {
        /// The type that the mapping names.
        named: Option<String>,
        /// The types that there are.
        found: Vec<String>,
    },
    /// The text is in none of the encodings that are read, or not in the declared one.
    Encoding {
        /// The encodings that were tried.
        tried: String,
    },
    /// A quote opens and does not close, or a line is longer than a mebibyte.
    Runaway,
    /// The file is protected with a password.
    Protected,
    /// Another file's name reads the same: in another encoding, or with other signs between its folders.
    SameName,
    /// A returned workbook has no sheet of a form.
    NoForm,
    /// A packed file holds another packed file.
    PackedTwice,
    /// The file was written to while it was read.
    Changed,
    /// The file ends too early or is damaged.
    Damaged {
        /// What the reader said.
        reason: Words,
    },
    /// A database did not give the rows of a query.
    Query(QueryFault),
    /// A workbook that would take more memory than any export needs.
    TooLarge {
        /// What exceeds its cap.
        what: Words,
    },
}

/// The columns that a group of a wide ledger lacks.
#[derive(Debug, Clone)]
pub struct AbsentOf {
    /// The group.
    pub group: String,
    /// The columns.
    pub columns: Vec<&'static str>,
}

/// A required column without a header.
#[derive(Debug, Clone)]
pub struct MissingColumn {
    /// Its name, canonical and Chinese.
    pub name: String,
    /// The groups of columns that lack it; empty: all.
    pub groups: Vec<String>,
    /// The nearest header found.
    pub nearest: Option<String>,
}

/// Why a sheet that looks like the table cannot be read.
#[derive(Debug, Clone)]
pub enum SheetFault {
    /// Its headers are not right.
    Headers(Box<ExportProblem>),
    /// It has no headers, and its cells are like those of the sheet before it.
    Continues(String),
}

/// Why a database did not give the rows of a query. What drivers say is without secrets here.
#[derive(Debug, Clone)]
pub enum QueryFault {
    /// A variable of the environment is not set.
    NoVariable {
        /// Its name.
        name: String,
    },
    /// There is no connection.
    Connect {
        /// What the driver said.
        said: String,
    },
    /// The query failed, at its start or midway.
    Refused {
        /// What the driver said.
        said: String,
    },
    /// The statement gives no rows: it is no select.
    NoRows,
    /// The program was built without ODBC.
    NotBuilt,
}

impl QueryFault {
    fn say(&self, place: &str, lang: Lang) -> String {
        match self {
            QueryFault::NoVariable { name } => lang.pick(
                format!("{place}：环境变量 {name} 没有设置。请在运行前设置它"),
                format!("{place}: the environment variable {name} is not set. Set it before the run"),
            ),
            QueryFault::Connect { said } => lang.pick(
                format!("{place}：无法连接数据库（原文「{said}」）。请检查驱动程序（odbcinst -q -d）、地址、用户和密码"),
                format!("{place}: cannot connect to the database: {said}. Check driver (odbcinst -q -d), address, user and password"),
            ),
            QueryFault::Refused { said } => lang.pick(
                format!("{place}：查询失败（原文「{said}」）。没有发布任何内容；请在数据库客户端中试运行该查询；文本过长时用 cast(… as varchar(…)) 指明长度"),
                format!("{place}: the query failed: {said}. Nothing was published; try the query in a client of the database; of a text that is too long say the length, as cast(… as varchar(…))"),
            ),
            QueryFault::NoRows => lang.pick(
                format!("{place}：该语句没有返回行。source.query 应为一条 select"),
                format!("{place}: the statement gives no rows. source.query is a select"),
            ),
            QueryFault::NotBuilt => lang.pick(
                format!("{place}：本程序编译时未含 ODBC，请以 --features odbc 重新编译"),
                format!("{place}: this program was built without ODBC; build it with --features odbc"),
            ),
        }
    }
}

impl ExportProblem {
    /// The column that a header was found for and cannot be read from.
    pub(crate) fn column(&self) -> Option<&'static str> {
        match self {
            ExportProblem::TwoColumns { column, .. } | ExportProblem::UnknownUnit { column, .. } => Some(column),
            _ => None,
        }
    }
}

/// What is wrong with some exports; where there is more than one fault, how many. A file that is read for two tables has
/// its own faults once.
pub(super) fn faults_text(faults: &[ExportFault], lang: Lang) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in faults.iter().map(|fault| fault.say(lang)) {
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    if let [one] = &texts[..] {
        return one.clone();
    }
    let count = texts.len();
    let title = lang.pick(format!("导出文件有 {count} 处问题："), format!("{count} faults in the exports:"));
    [title].into_iter().chain(texts).collect::<Vec<_>>().join("\n\n")
}

/// Names in the quotes of a language, between its commas.
fn quoted(names: &[String], lang: Lang) -> String {
    let name = |name: &String| {
        let cut = name.char_indices().nth(LONGEST).map_or(name.clone(), |(at, _)| format!("{}…", &name[..at]));
        lang.pick(format!("「{cut}」"), format!("`{cut}`"))
    };
    let shown = names.iter().take(MOST).map(name).collect::<Vec<_>>().join(lang.pick("、", ", "));
    match names.len().saturating_sub(MOST) {
        0 => shown,
        more => shown + &lang.pick(format!("，另有 {more} 个"), format!(" and {more} more")),
    }
}

/// Names that a message lists, and characters of each that it shows.
const MOST: usize = 200;
const LONGEST: usize = 200;

/// The files that have the headers of a table without files, ready to paste into its mapping.
fn likely_text(table: &str, likely: &[String], lang: Lang) -> String {
    if likely.is_empty() {
        return String::new();
    }
    let files = likely.iter().map(|file| toml_text(file)).collect::<Vec<_>>().join(", ");
    lang.pick(
        format!("；表头相符的文件：\n    [tables.{table}]\n    files = [{files}]"),
        format!("; these have its headers:\n    [tables.{table}]\n    files = [{files}]"),
    )
}

impl fmt::Display for ExportFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.say(Lang::En))
    }
}

impl ExportFault {
    fn place(&self, lang: Lang) -> String {
        let mut place = self.file.clone();
        if let Some(sheet) = &self.sheet {
            place += &lang.pick(format!("，工作表「{sheet}」"), format!(", sheet `{sheet}`"));
        }
        if let Some(line) = self.line {
            place += &lang.pick(format!("，第 {line} 行"), format!(", line {line}"));
        }
        place
    }

    pub(super) fn say(&self, lang: Lang) -> String {
        self.problem.say(&self.place(lang), self.sheet.as_deref().unwrap_or_default(), lang)
    }
}

impl ExportProblem {
    fn say(&self, place: &str, sheet: &str, lang: Lang) -> String {
        let quoted = |names: &[String]| quoted(names, lang);
        match self {
            ExportProblem::NoFile { table, looked_for, found, likely } => lang.pick(
                format!(
                    "{place}：没有找到 {table} 表的文件。\n  查找的名称：{}\n  目录中的文件：{}\n  请把文件改成其中一个名称，或在来源映射(sources)里用 files 指明{}",
                    quoted(looked_for),
                    quoted(found),
                    likely_text(table, likely, lang)
                ),
                format!(
                    "{place}: there is no file for the table `{table}`.\n  looked for: {}\n  files here: {}\n  hint: rename the file, or name it in `files` of the source mapping{}",
                    quoted(looked_for),
                    quoted(found),
                    likely_text(table, likely, lang)
                ),
            ),
            ExportProblem::NoColumn { table, missing, found, ends_only } => {
                let list: Vec<String> = missing.iter().map(|missing| missing.say(lang)).collect();
                let list = list.join("\n");
                let text = lang.pick(
                    format!(
                        "{place}：{table} 表缺少必需的列：\n{list}\n  找到的表头：{}\n  请在来源映射的 [tables.{table}.columns] 中写明，例如 列名 = \"表头\"；导出中没有的列，在 [tables.{table}.defaults] 中写明缺省值，例如 列名 = \"…\"",
                        quoted(found)
                    ),
                    format!(
                        "{place}: required columns of `{table}` are missing:\n{list}\n  headers found: {}\n  hint: name them under [tables.{table}.columns] in the source mapping, as column = \"header\";\n        what the export does not have, under [tables.{table}.defaults], as column = \"the text that stands for it\"",
                        quoted(found)
                    ),
                );
                if *ends_only { text + starts_hint(lang) } else { text }
            }
            ExportProblem::TwoColumns { table, column, headers } => {
                let first = toml_text(headers.first().map_or("", String::as_str));
                lang.pick(
                    format!(
                        "{place}：多个表头都对应 {column}：{}。\n  请在来源映射的 [tables.{table}] 中指明用哪一个，例如 columns.{column} = {first}；两行表头写作「上/下」；完全同名的请先在导出中改名",
                        quoted(headers)
                    ),
                    format!(
                        "{place}: several headers stand for `{column}`: {}.\n  hint: choose one under [tables.{table}] in the source mapping, as columns.{column} = {first}; of a header of two rows, \"upper/lower\"; equal names must be changed in the export",
                        quoted(headers)
                    ),
                )
            }
            ExportProblem::UnknownUnit { table, column, header, unit, known } => {
                let first = toml_text(known.first().map_or("", String::as_str));
                lang.pick(
                    format!(
                        "{place}：表头「{header}」的单位「{unit}」不认识，{column} 可用的单位：{}。\n  请改表头，或在来源映射的 [tables.{table}] 中写明单位，例如 units.{column} = {first}",
                        quoted(known)
                    ),
                    format!(
                        "{place}: the unit `{unit}` of the header `{header}` is unknown; `{column}` can be in {}.\n  hint: change the header, or declare the unit under [tables.{table}] in the source mapping, as units.{column} = {first}",
                        quoted(known)
                    ),
                )
            }
            ExportProblem::Absent { table, candidates, groups, .. } if !groups.is_empty() => {
                say_absent_of_groups(place, table, groups, candidates, lang)
            }
            ExportProblem::Absent { table, columns, candidates, status, written, .. } => {
                let offered = absence::Offered { table, candidates, status: status.as_deref(), written: *written };
                say_absent(place, columns, &offered, lang)
            }
            ExportProblem::SheetLeftOut { table, why } => {
                let why = match why {
                    SheetFault::Headers(problem) => problem.say(place, sheet, lang),
                    SheetFault::Continues(before) => lang.pick(
                        format!("{place}：没有表头，而内容像是工作表「{before}」的续页。请在首行补上表头"),
                        format!("{place}: it has no headers, and looks like the rest of the sheet `{before}`. Give it the headers of that sheet"),
                    ),
                };
                let sheet = toml_text(sheet);
                why + &lang.pick(
                    format!("\n  这张工作表不是数据时，在 [tables.{table}] 中写 ignore_sheets = [{sheet}]"),
                    format!("\n  hint: if the sheet is no data, write ignore_sheets = [{sheet}] under [tables.{table}]"),
                )
            }
            ExportProblem::NoHeader { header, nearest, found } => {
                let near = |near: &String| lang.pick(format!("是否为「{near}」？"), format!(" Is it `{near}`?"));
                let near = nearest.as_ref().map(near).unwrap_or_default();
                lang.pick(
                    format!("{place}：来源映射中的表头「{header}」不存在。{near}找到的表头：{}", quoted(found)),
                    format!("{place}: the mapping names the header `{header}`, which is not there.{near} Headers found: {}", quoted(found)),
                )
            }
            ExportProblem::Ledger(offer) => offer.say(place, lang),
            ExportProblem::NoHeaderRow { table, row, looked_at } => lang.pick(
                format!(
                    "{place}：来源映射 [tables.{table}] 写明 header_row = {row}，看过的前 {looked_at} 行里没有这一行。\n  请改为表头所在的行，或删去 header_row，由程序去找"
                ),
                format!(
                    "{place}: [tables.{table}] of the source mapping says header_row = {row}, which is none of the first {looked_at} rows with content.\n  hint: name the row of the headers, or take header_row away and it is looked for"
                ),
            ),
            ExportProblem::NoSheet { sheet, found } => lang.pick(
                format!("{place}：来源映射中的工作表「{sheet}」不存在。找到的工作表：{}", quoted(found)),
                format!("{place}: the mapping names the sheet `{sheet}`, which is not there. Sheets found: {}", quoted(found)),
            ),
            ExportProblem::WrongFormat { looks_like } => lang.pick(
                format!("{place}：文件内容与扩展名不符（看起来是 {looks_like}）。请用 Excel 打开后另存为 .xlsx 或 CSV"),
                format!("{place}: the content is not what its name says (it looks like {looks_like}). Open it in Excel and save it as .xlsx or CSV"),
            ),
            ExportProblem::OtherOcel { what } => lang.pick(
                format!("{place}：不读取 {what} 形式的事件日志。请另存为 OCEL 2.0 的 JSON 或 XML（pm4py：read_ocel2_sqlite、write_ocel2_json）"),
                format!("{place}: an event log in {what} is not read. Write it as OCEL 2.0 in JSON or XML (pm4py: read_ocel2_sqlite, write_ocel2_json)"),
            ),
            ExportProblem::WhichObject { named, found } => {
                let first = toml_text(found.first().map_or("", String::as_str));
                let why = match named {
                    Some(named) => lang.pick(
                        format!("没有类型为「{named}」的对象"),
                        format!("there are no objects of the type `{named}`"),
                    ),
                    None => lang.pick(
                        "有多种对象，无法确定哪一种是工单".to_owned(),
                        "there are several types of objects, and any could be the case".to_owned(),
                    ),
                };
                lang.pick(
                    format!("{place}：{why}。对象类型：{}。\n  请在来源映射各表的 [tables.…] 中写明，例如 object = {first}", quoted(found)),
                    format!("{place}: {why}. Types: {}.\n  hint: name it under the [tables.…] of the source mapping that read the file, as object = {first}", quoted(found)),
                )
            }
            ExportProblem::Encoding { tried } => lang.pick(
                format!("{place}：无法按 {tried} 解码。请另存为 UTF-8，或在来源映射中用 encoding 指明编码"),
                format!("{place}: cannot be decoded as {tried}. Save it as UTF-8, or declare `encoding` in the source mapping"),
            ),
            ExportProblem::Runaway => lang.pick(
                format!("{place}：这一行的引号没有闭合，后面的行会被并入同一字段（或该行超过 1 MiB）。请修正该行的引号"),
                format!("{place}: a quote opens here and does not close, so that it would swallow the rows that follow (or the line is longer than 1 MiB). Correct the quotes of that line"),
            ),
            ExportProblem::Protected => lang.pick(
                format!("{place}：文件设有密码。请打开后去掉密码（Excel：文件 → 信息 → 保护工作簿），另存后再读取"),
                format!("{place}: the file is protected with a password. Open it, remove the password (Excel: File → Info → Protect Workbook), and save it"),
            ),
            ExportProblem::SameName => lang.pick(
                format!("{place}：另有一个文件的名称读出来相同（编码或路径写法不同），无法区分。请给其中一个改名"),
                format!("{place}: another file's name reads the same (in another encoding or with other signs between its folders), and they cannot be told apart. Rename one of them"),
            ),
            ExportProblem::NoForm => lang.pick(
                format!("{place}：不是发出的考核表，其中没有带隐藏键的工作表。请返回报告 handouts 目录中原来的工作簿"),
                format!("{place}: it is no form that was handed out: no sheet has the hidden keys. Return the workbook from the report's handouts"),
            ),
            ExportProblem::PackedTwice => lang.pick(
                format!("{place}：文件被压缩了两次（.gz 中还是 .gz）。请先解压一次"),
                format!("{place}: the file is packed twice (a .gz within a .gz). Unpack it once"),
            ),
            ExportProblem::Changed => lang.pick(
                format!("{place}：读入过程中文件被改动或替换。等导出或保存结束后再运行"),
                format!("{place}: the file was changed or replaced while it was read. Run again when it is no longer written to"),
            ),
            ExportProblem::Damaged { reason } => lang.pick(
                format!("{place}：文件不完整或已损坏：{}。请重新导出", reason.zh),
                format!("{place}: the file is cut short or damaged ({}). Export it again", reason.en),
            ),
            ExportProblem::Query(fault) => fault.say(place, lang),
            ExportProblem::TooLarge { what } => lang.pick(
                format!("{place}：文件过大（{}）。请分开导出，或改为导出 CSV", what.zh),
                format!("{place}: the file is too large ({}). Export it in parts, or as CSV", what.en),
            ),
        }
    }
}

/// Columns that are absent, the headers that could be them, and the ways out, ready to paste.
fn say_absent(
    place: &str,
    columns: &[(&'static str, &'static str)],
    offered: &absence::Offered<'_>,
    lang: Lang,
) -> String {
    let candidates = offered.candidates;
    let named: Vec<String> = columns.iter().map(|(name, zh)| format!("{name} ({zh})")).collect();
    let named = named.join(lang.pick("、", ", "));
    let mut lines = vec![if candidates.is_empty() {
        lang.pick(format!("{place}：没有 {named} 列"), format!("{place}: there is no column for {named}"))
    } else {
        lang.pick(
            format!("{place}：没有 {named} 列，而以下未用的表头可能就是："),
            format!("{place}: there is no column for {named}, and headers that are not used could be it:"),
        )
    }];
    lines.extend(candidates.iter().map(|candidate| candidate.say(lang)));
    let ways = lang.pick(
        "  请在来源映射中写明（以下各行可直接粘贴，请核对）：",
        "  hint: say so in the source mapping (paste these lines, and check them):",
    );
    lines.push(ways.to_owned());
    let columns: Vec<&'static str> = columns.iter().map(|(name, _)| *name).collect();
    lines.extend(absence::lines(&columns, offered, lang).into_iter().map(|line| format!("    {line}")));
    lines.join("\n")
}

/// Columns that groups of a wide ledger lack, the headers that could be them, and the ways out.
fn say_absent_of_groups(place: &str, table: &str, groups: &[AbsentOf], candidates: &[Candidate], lang: Lang) -> String {
    let mut lines =
        vec![lang.pick(
            format!("{place}：以下各组没有写明这些列："),
            format!("{place}: these groups of columns do not say:"),
        )];
    for AbsentOf { group, columns } in groups {
        let columns = columns.join(lang.pick("、", ", "));
        lines.push(lang.pick(format!("    「{group}」：{columns}"), format!("    `{group}`: {columns}")));
    }
    if !candidates.is_empty() {
        lines.push(lang.pick("  未用的表头可能就是：", "  headers that are not used could be it:").to_owned());
        lines.extend(candidates.iter().map(|candidate| candidate.say(lang)));
    }
    lines.push(lang.pick("  请在来源映射中写明：", "  hint: say so in the source mapping:").to_owned());
    for AbsentOf { group, columns } in groups {
        let columns: Vec<String> = columns.iter().map(|column| toml_text(column)).collect();
        let remark =
            lang.pick(format!("# 加入「{group}」组，该组没有时"), format!("# in the group `{group}`, if it has none"));
        lines.push(format!("    absent = [{}]  {remark}", columns.join(", ")));
    }
    if !candidates.is_empty() {
        let headers: Vec<String> = candidates.iter().map(|candidate| toml_text(&candidate.header)).collect();
        let remark = lang.pick(
            format!("# 加入 [tables.{table}]，都不用时；某组用到的，写入该组的 columns"),
            format!("# under [tables.{table}], if none is used; what a group has, name in its `columns`"),
        );
        lines.push(format!("    ignore = [{}]  {remark}", headers.join(", ")));
    }
    lines.join("\n")
}

impl Candidate {
    /// The header, some of its cells, and what it could be.
    fn say(&self, lang: Lang) -> String {
        let Candidate { header, columns, samples, .. } = self;
        let (samples, columns) = (samples.join(lang.pick("、", ", ")), columns.join(" / "));
        lang.pick(
            format!("    「{header}」（例如 {samples}）—— {columns}？"),
            format!("    `{header}` (such as {samples}): {columns}?"),
        )
    }
}

impl MissingColumn {
    /// The column, the groups that lack it, and the header that it may be.
    fn say(&self, lang: Lang) -> String {
        let groups = match self.groups.is_empty() {
            true => String::new(),
            false => lang
                .pick(format!("（{}）", quoted(&self.groups, lang)), format!(" (of {})", quoted(&self.groups, lang))),
        };
        let name = &self.name;
        match &self.nearest {
            Some(nearest) => lang.pick(
                format!("    {name}{groups} —— 是否为「{nearest}」？"),
                format!("    {name}{groups}: is it `{nearest}`?"),
            ),
            None => format!("    {name}{groups}"),
        }
    }
}

/// The way out for stages with only a finish.
fn starts_hint(lang: Lang) -> &'static str {
    lang.pick(
        "\n  有环节只有完成时间、没有开始时间：在流水线旁的 process.toml 中写 starts = \"previous\"，开始即取上一环节的完成；或写明开始时间的表头",
        "\n  hint: stages have a finish and no start: write starts = \"previous\" in the process.toml next to the pipeline, and each begins when the one before it ended; or name the header of the start",
    )
}
