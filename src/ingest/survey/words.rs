//! A survey in words: what `check` prints in full, and a run as far as something is lost.

use std::collections::HashSet;

use super::{Absent, FileSurvey, HeaderSurvey, Note, Reading, SheetState, SheetSurvey, Survey, UnusedFile, Use};
use crate::contract::{self, Care, TABLES, Table};
use crate::words::Lang;

/// Names between commas.
fn listed(names: &[String], lang: Lang) -> String {
    names.join(lang.pick("、", ", "))
}

impl Survey {
    /// Everything: what each header is used for, and what is lost.
    pub fn text(&self, lang: Lang) -> String {
        let mut lines = Vec::new();
        for table in TABLES {
            let title = contract::title(table.name, lang);
            let mut files = self.of_table(table.name).peekable();
            if files.peek().is_none() {
                lines.push(lang.pick(format!("  {title}：无数据"), format!("  {title}: no data")));
            }
            for file in files {
                lines.push(lang.pick(format!("  {title}：{}", file.file), format!("  {title}: {}", file.file)));
                lines.extend(file.used(lang).into_iter().map(|line| format!("    {line}")));
            }
        }
        let losses = self.losses(lang, Costs::OfEach);
        if losses.is_empty() {
            lines.push(lang.pick("没有未用的内容", "nothing is left out").to_owned());
        } else {
            lines.push(lang.pick("未用与缺少的：", "not used, or absent:").to_owned());
            lines.extend(losses.into_iter().map(|line| format!("  {line}")));
        }
        lines.join("\n") + "\n"
    }

    /// What is not used and what is absent, a line each.
    pub fn losses(&self, lang: Lang, costs: Costs) -> Vec<String> {
        let mut lines: Vec<String> = self.files.iter().flat_map(|file| file.losses(lang)).collect();
        // A file that several tables read is listed for each.
        let mut said = HashSet::new();
        lines.retain(|line| said.insert(line.clone()));
        lines.extend(self.ignored_nowhere.iter().map(|name| {
            lang.pick(
                format!("来源映射忽略的「{name}」不存在"),
                format!("`{name}`, which the mapping ignores, is nowhere"),
            )
        }));
        let is_told = |absent: &&Absent| match costs {
            Costs::OfEach => absent.definition().1.absence.is_some(),
            Costs::OfLookedAfter => absent.is_looked_after(),
        };
        let (told, others): (Vec<&Absent>, Vec<&Absent>) = self.absent.iter().partition(is_told);
        lines.extend(told.into_iter().map(|absent| absent.say(lang)));
        let others = others.into_iter().filter(|absent| absent.files.is_empty());
        let others: Vec<String> = others.map(|absent| absent.title(lang)).collect();
        if !others.is_empty() {
            let others = listed(&others, lang);
            lines.push(match costs {
                Costs::OfEach => lang.pick(
                    format!("另外没有（不影响指标）：{others}"),
                    format!("also absent, without a figure that needs them: {others}"),
                ),
                Costs::OfLookedAfter => lang.pick(
                    format!("另外没有（影响见报告的“数据质量”）：{others}"),
                    format!("also absent (their cost is in the report, data quality): {others}"),
                ),
            });
        }
        lines
    }
}

/// Of which absent columns the cost is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Costs {
    /// Of those that figures hang on.
    OfLookedAfter,
    /// Of each that has a cost.
    OfEach,
}

impl Absent {
    /// That it is absent, where, and what that costs.
    pub fn say(&self, lang: Lang) -> String {
        let (table, column) = self.definition();
        let name = match lang {
            Lang::Zh => format!("{}（{}）", column.title(lang), column.name),
            Lang::En => format!("{}.{}", table.name, column.name),
        };
        let files = match self.files.is_empty() {
            true => String::new(),
            false => lang.pick("，见于 ", " in ").to_owned() + &listed(&self.files, lang),
        };
        format!(
            "{}{files}{}{}",
            lang.pick(format!("没有 {name}"), format!("no {name}")),
            lang.pick("：", ": "),
            self.cost(lang)
        )
    }

    /// Its table and name, as users call them.
    fn title(&self, lang: Lang) -> String {
        let (table, column) = self.definition();
        match lang {
            Lang::Zh => format!("{}·{}", contract::title(table.name, lang), column.title(lang)),
            Lang::En => self.name(),
        }
    }

    /// What it costs, with the rows that it concerns.
    pub fn cost(&self, lang: Lang) -> String {
        let (table, column) = self.definition();
        let cost = match self.once {
            true => lang.pick(
                "台账中每个环节只有一次，是否重做过无从得知，重做的指标为“无数据”",
                "a ledger has each stage once and does not tell whether it was done again: figures of rework are «no data»",
            ),
            false => column.absence.map_or("", |absence| absence.cost(lang)),
        };
        let title = contract::title(table.name, lang);
        match self.rows {
            Some(rows) => lang.pick(format!("{title} {rows} 行，{cost}"), format!("{rows} rows of {title}: {cost}")),
            None => cost.to_owned(),
        }
    }

    /// Whether figures hang on it that cut bonuses.
    pub fn is_looked_after(&self) -> bool {
        self.definition().1.absence.is_some_and(|absence| absence.care >= Care::LookedAfter)
    }
}

impl FileSurvey {
    /// What each sheet's headers are used for.
    fn used(&self, lang: Lang) -> Vec<String> {
        let mut lines = Vec::new();
        for SheetSurvey { sheet, state } in &self.sheets {
            let SheetState::Read(reading) = state else { continue };
            let columns: Vec<String> = reading.headers.iter().filter_map(|header| header.use_text(lang)).collect();
            let (line, mut columns) = (reading.header_line, columns.join(lang.pick("，", ", ")));
            let groups = reading.layout.groups.len();
            if groups > 1 {
                columns += &lang.pick(format!("（每行 {groups} 组）"), format!(" ({groups} groups in each row)"));
            }
            lines.push(match sheet {
                Some(sheet) => lang.pick(
                    format!("工作表「{sheet}」，表头第 {line} 行：{columns}"),
                    format!("sheet `{sheet}`, headers in row {line}: {columns}"),
                ),
                None => lang.pick(format!("表头第 {line} 行：{columns}"), format!("headers in line {line}: {columns}")),
            });
        }
        lines
    }

    fn losses(&self, lang: Lang) -> Vec<String> {
        let file = &self.file;
        let told = |what: String| lang.pick(format!("{file}：{what}"), format!("{file}: {what}"));
        if let Some(unused) = &self.unused {
            return vec![told(unused.say(lang))];
        }
        let mut lines = Vec::new();
        for SheetSurvey { sheet, state } in &self.sheets {
            let place = match sheet {
                Some(sheet) => lang.pick(format!("{file}，工作表「{sheet}」"), format!("{file}, sheet `{sheet}`")),
                None => file.clone(),
            };
            lines.extend(
                state
                    .losses(lang)
                    .into_iter()
                    .map(|loss| lang.pick(format!("{place}：{loss}"), format!("{place}: {loss}"))),
            );
        }
        lines
    }
}

impl UnusedFile {
    /// Why what is no file is not read: a folder of exports, or a link that leads nowhere.
    pub(in crate::ingest) fn beside(exports: Option<usize>) -> UnusedFile {
        exports.map_or(UnusedFile::LeadsNowhere, |exports| UnusedFile::Folder { exports })
    }

    /// Why a file is not read.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            UnusedFile::Folder { exports } => lang.pick(
                format!("不读（子目录，其中有 {exports} 个导出文件；要读时在 files 中写 \"目录/*\"）"),
                format!("not read (a folder with {exports} exports; `\"folder/*\"` in `files` reads them)"),
            ),
            UnusedFile::LeadsNowhere => {
                let words = (
                    "不读（链接所指的不存在，或者是管道、设备，或无权打开）",
                    "not read (a link that leads nowhere, a pipe, a device, or what you may not open)",
                );
                lang.pick(words.0, words.1).to_owned()
            }
            UnusedFile::Ignored => lang.pick("不读（来源映射忽略）", "not read (the mapping ignores it)").to_owned(),
            UnusedFile::NoTable { looks_like: None } => {
                lang.pick("不读（文件名不属于任何表）", "not read (its name is no table's)").to_owned()
            }
            UnusedFile::NoTable { looks_like: Some(table) } => {
                let title = contract::title(table, lang);
                lang.pick(
                    format!("不读（文件名不属于任何表）；表头像是{title}：可改名，或在 [tables.{table}] 中用 files 指明"),
                    format!("not read (its name is no table's); it has the headers of {title}: rename it, or name it in `files` under [tables.{table}]"),
                )
            }
        }
    }
}

impl SheetState {
    /// Why a sheet is not read, or what of it is not used.
    pub fn losses(&self, lang: Lang) -> Vec<String> {
        let one = |zh: &str, en: &str| vec![lang.pick(zh, en).to_owned()];
        match self {
            SheetState::Read(reading) => reading.losses(lang),
            SheetState::Ignored => one("不读（来源映射忽略）", "not read (the mapping ignores it)"),
            SheetState::NotNamed => one("不读（来源映射指明了另一张）", "not read (the mapping names another)"),
            SheetState::Hidden => one("不读（隐藏的工作表）", "not read (it is hidden)"),
            SheetState::Empty => one("空的工作表", "it is empty"),
            SheetState::NoHeaders { rows, more, looks_like } => {
                let rows = format!("{}{rows}", if *more { "≥ " } else { "" });
                let likely = looks_like.map(|table| {
                    let title = contract::title(table, lang);
                    lang.pick(
                        format!("；表头像是{title}：可在 [tables.{table}] 中用 files 和 sheet 指明"),
                        format!(
                            "; it has the headers of {title}: name it by `files` and `sheet` under [tables.{table}]"
                        ),
                    )
                });
                let why = lang.pick(
                    format!("不读（{rows} 行，没有这张表的表头）"),
                    format!("not read ({rows} rows, without the headers of the table)"),
                );
                vec![why + &likely.unwrap_or_default()]
            }
        }
    }
}

impl Reading {
    fn losses(&self, lang: Lang) -> Vec<String> {
        let named = |is: fn(&Use) -> bool| -> Vec<String> {
            self.headers.iter().filter(|header| is(&header.used)).map(|header| header.say(lang)).collect()
        };
        let unused = named(|used| matches!(used, Use::Unused { .. }));
        let ignored = named(|used| *used == Use::Ignored);
        let mut lines = Vec::new();
        if !unused.is_empty() {
            let unused = listed(&unused, lang);
            lines.push(lang.pick(format!("未用的表头：{unused}"), format!("headers not used: {unused}")));
        }
        if !ignored.is_empty() {
            let ignored = listed(&ignored, lang);
            lines.push(lang.pick(format!("忽略的表头：{ignored}"), format!("headers ignored: {ignored}")));
        }
        lines.extend(self.notes.iter().map(|note| note.say(lang)));
        lines
    }
}

/// A column, after the group of a ledger that has it.
fn in_group(column: &str, group: Option<&str>) -> String {
    group.map_or(column.to_owned(), |group| format!("{group}·{column}"))
}

/// That words say whether a column holds its cell.
fn condition(column: &str, lang: Lang) -> String {
    lang.pick(format!("{column} 的条件"), format!("condition of {column}"))
}

impl HeaderSurvey {
    /// The header with what it is used for; `None` where it is used for nothing.
    fn use_text(&self, lang: Lang) -> Option<String> {
        let header = &self.header;
        let (column, unit) = match &self.used {
            Use::Column { column, unit, group } => (in_group(column, group.as_deref()), unit),
            Use::Condition { of } => (condition(of, lang), &None),
            _ => return None,
        };
        Some(match unit {
            None if *header == column => header.clone(),
            None => format!("{header} → {column}"),
            Some(unit) => lang.pick(
                format!("{header} → {column}（{}）", unit.say()),
                format!("{header} → {column} ({})", unit.say()),
            ),
        })
    }

    /// The header, with the column that it may be meant for.
    fn say(&self, lang: Lang) -> String {
        let header = &self.header;
        match self.used {
            Use::Unused { nearest: Some(column) } => {
                lang.pick(format!("「{header}」（是否为 {column}？）"), format!("`{header}` (is it {column}?)"))
            }
            _ => lang.pick(format!("「{header}」"), format!("`{header}`")),
        }
    }

    /// What it is used for, in a few words.
    pub fn used_for(&self, table: &Table, lang: Lang) -> String {
        match &self.used {
            Use::Column { column, unit, group } => {
                let title = in_group(table.column(column).title(lang), group.as_deref());
                match unit {
                    Some(unit) => format!("{title} · {}", unit.say()),
                    None => title,
                }
            }
            Use::Condition { of } => condition(table.column(of).title(lang), lang),
            Use::Unused { nearest: Some(column) } => {
                let title = table.column(column).title(lang);
                lang.pick(format!("未用（是否为{title}？）"), format!("not used (is it {title}?)"))
            }
            Use::Unused { nearest: None } => lang.pick("未用", "not used").to_owned(),
            Use::Ignored => lang.pick("忽略", "ignored").to_owned(),
            Use::Elsewhere => lang.pick("用于另一张表", "used by another table").to_owned(),
        }
    }
}

impl Note {
    /// The note in words.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Note::SharesUnderPercent { header } => lang.pick(
                format!("「{header}」的数值都很小，按比例（1 = 100 %）读取，不再除以 100"),
                format!("the numbers under `{header}` are so small that they are read as shares (1 = 100 %)"),
            ),
            Note::DateIdentifiers { header } => lang.pick(
                format!("「{header}」的编号像是表格软件的日期序号（如 46149），请核对是否被改成了日期"),
                format!("the identifiers under `{header}` are like a spreadsheet's numbers for dates (46149): check that they were not made dates"),
            ),
            Note::Log(note) => note.say(lang),
            Note::LeftOut { table, like } => {
                let title = contract::title(table, lang);
                lang.pick(
                    format!("注意：{title}不读这个文件，而读表头相同的 {like}；要读时写入 [tables.{table}] 的 files"),
                    format!("note: {title} does not read it, and reads {like}, which has the same headers; to read it too, name it in `files` under [tables.{table}]"),
                )
            }
            Note::Unended { line } => lang.pick(
                format!("最后一行（第 {line} 行）没有换行，文件可能不完整，请核对；不能确定完整的那一行列入拒收明细"),
                format!("nothing ends the last line ({line}): check that the file is whole; where that line may be cut off, it is among the rejects"),
            ),
            Note::Full { rows } => lang.pick(
                format!("恰好在第 {rows} 行结束，可能被表格软件截断，请核对"),
                format!("it ends on row {rows}, the last that a spreadsheet holds: check that it was not cut off"),
            ),
        }
    }
}
