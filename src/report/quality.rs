//! What was read and what was not: the ledger of the files, why rows were rejected, and what was read as something else.

use polars::prelude::*;

use super::Input;
use crate::calendar::Day;
use crate::cells::{Below, Cell, Format, Part, Table, column};
use crate::contract::{self, TABLES};
use crate::error::Result;
use crate::ingest::{Grouped, Reason};
use crate::lake::{self, Columns};
use crate::rules::vocabulary::State;

/// 数据质量: the outcome of every row of every file.
pub fn ledger(input: &Input<'_>) -> Table {
    let lang = input.lang;
    let titles = lang.pick(
        ["数据表", "文件", "编码", "读入", "接受", "拒收", "重复"],
        ["table", "file", "encoding", "read", "accepted", "rejected", "duplicate"],
    );
    use Format::{Integer, Text};
    let formats = [Text, Text, Text, Integer, Integer, Integer, Integer];
    let count = |n: u64| Cell::Integer(n as i64);
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for table in TABLES {
        let files: Vec<_> = input.ledger.files.iter().filter(|file| file.table == table.name).collect();
        if files.is_empty() {
            let mut row = vec![Cell::Empty; 7];
            row[0] = Cell::Text(contract::title(table.name, lang));
            row[1] = Cell::text(lang.pick("无数据", "no data"));
            rows.push(row);
        }
        for file in files {
            rows.push(vec![
                Cell::Text(contract::title(table.name, lang)),
                Cell::text(&file.file),
                file.encoding.as_deref().map_or(Cell::Empty, Cell::text),
                count(file.read),
                count(file.accepted),
                count(file.rejected),
                count(file.duplicate),
            ]);
        }
    }
    let list = List {
        name: "ledger",
        title: lang.pick("数据质量", "Data quality"),
        about: lang.pick(
            "每个文件的每一行都有去向：读入 = 接受 + 拒收 + 重复。",
            "Every row of every file is accounted for: read = accepted + rejected + duplicate.",
        ),
        titles: &titles,
        formats: &formats,
        rows,
    };
    list.with_total(lang.pick("合计", "total"))
}

/// 缺省值补填: how many cells of accepted rows took a default of the mapping; none where no cell did.
pub fn filled(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let titles = lang
        .pick(["数据表", "文件", "列", "缺省值", "补填格数"], ["table", "file", "column", "default", "cells filled"]);
    let formats = [Format::Text, Format::Text, Format::Text, Format::Text, Format::Integer];
    let mut rows = Vec::new();
    for file in &input.ledger.files {
        let mapping = input.config.mapping.tables.get(file.table);
        for (name, cells) in &file.filled {
            let default =
                mapping.map(|mapping| mapping.defaults_of(name).join(lang.pick("、", ", "))).unwrap_or_default();
            rows.push(vec![
                Cell::Text(contract::title(file.table, lang)),
                Cell::text(&file.file),
                Cell::text(*name),
                Cell::Text(default),
                Cell::Integer(*cells as i64),
            ]);
        }
    }
    List {
        name: "filled",
        title: lang.pick("缺省值补填", "Cells filled with defaults"),
        about: lang.pick(
            "导出中没有的列或空格，以来源映射中写明的缺省值代替；这些值不是数据。",
            "What the exports do not say, said by the defaults of the source mapping: these values are not data.",
        ),
        titles: &titles,
        formats: &formats,
        rows,
    }
    .unless_empty()
}

/// 台账: what the rows of wide ledgers gave; none where no file is one.
pub fn grouped(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let titles = lang.pick(
        ["数据表", "文件", "文件行数", "组数", "得到的行", "其中只有计划", "内容不足", "没有内容"],
        [
            "table",
            "file",
            "rows of the file",
            "groups",
            "rows made",
            "of them, only planned",
            "too little",
            "without anything",
        ],
    );
    use Format::{Integer, Text};
    let formats = [Text, Text, Integer, Integer, Integer, Integer, Integer, Integer];
    let files = input.ledger.files.iter().filter_map(|file| Some((file, file.groups?)));
    let rows = files.map(|(file, Grouped { rows, groups, made, planned, partial, empty })| {
        let counts = [rows, groups, made, planned, partial, empty].map(|count| Cell::Integer(count as i64));
        [Cell::Text(contract::title(file.table, lang)), Cell::text(&file.file)].into_iter().chain(counts).collect()
    });
    List {
        name: "grouped",
        title: lang.pick("台账的分组", "Groups of ledgers"),
        about: lang.pick(
            "台账一行按来源映射分成若干组，每组一行；行数 × 组数 = 得到的行 + 内容不足 + 没有内容；内容不足的没有发生时间，也没有要求完成日期或部门等。上表的读入、接受、拒收、重复按得到的行计。",
            "The mapping makes a row of each group of a ledger's row: rows × groups = made + too little + empty; too little is no time, and no due date or no department. What is read, accepted, rejected and duplicate above counts the rows made.",
        ),
        titles: &titles,
        formats: &formats,
        rows: rows.collect(),
    }
    .unless_empty()
}

/// 另行解读: cells that were read as something that does not stand in them; none where no cell was.
pub fn taken_otherwise(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let titles = lang.pick(["数据表", "文件", "列", "读作", "格数"], ["table", "file", "column", "read as", "cells"]);
    let formats = [Format::Text, Format::Text, Format::Text, Format::Text, Format::Integer];
    let nothing = lang.pick("占位日期，视为未填", "a date that stands for none: nothing");
    let above = lang.pick("合并单元格的值", "the value of the merged cell");
    let before = lang.pick("上一环节的完成（没有则为受理）", "the finish of the stage before, else the acceptance");
    let mut rows = Vec::new();
    for file in &input.ledger.files {
        let mut row = |name: &'static str, read_as: &'static str, cells: u64| {
            rows.push(vec![
                Cell::Text(contract::title(file.table, lang)),
                Cell::text(&file.file),
                Cell::text(name),
                Cell::text(read_as),
                Cell::Integer(cells as i64),
            ]);
        };
        file.sentinels.iter().for_each(|(name, cells)| row(name, nothing, *cells));
        if file.merged > 0 {
            row("", above, file.merged);
        }
    }
    let undated = lang.pick("状态已到而没有日期，视为未发生", "a status without its date: not happened");
    let aside = lang.pick("状态不属于该列而有日期，未采用", "a date whose status word means none: not used");
    for file in &input.ledger.files {
        let undated = file.undated.iter().map(|(name, count)| (name, count, undated));
        for (name, count, read_as) in undated.chain(file.aside.iter().map(|(name, count)| (name, count, aside))) {
            rows.push(vec![
                Cell::Text(contract::title(file.table, lang)),
                Cell::text(&file.file),
                Cell::text(*name),
                Cell::text(read_as),
                Cell::Integer(*count as i64),
            ]);
        }
    }
    if input.totals.starts_taken > 0 {
        rows.push(vec![
            Cell::Text(contract::title("stages", lang)),
            Cell::Empty,
            Cell::text("started_at"),
            Cell::text(before),
            Cell::Integer(input.totals.starts_taken as i64),
        ]);
    }
    List {
        name: "read_otherwise",
        title: lang.pick("另行解读的单元格", "Cells read as something else"),
        about: lang.pick(
            "占位日期（如 9999-12-31）视为未填；纵向合并的单元格，其值属于所跨的每一行；只有完成时间的环节，按 process.toml 取上一环节的完成为开始。",
            "Dates such as 9999-12-31 stand for none; a cell that is merged down the rows has its value in each; a stage with only a finish began, as process.toml says, at the finish before it.",
        ),
        titles: &titles,
        formats: &formats,
        rows,
    }
    .unless_empty()
}

/// 拒收原因: how many rows of each table were rejected for which reason.
pub fn reasons(input: &Input<'_>) -> Table {
    let lang = input.lang;
    let titles = lang.pick(["数据表", "原因", "代码", "行数"], ["table", "reason", "code", "rows"]);
    let formats = [Format::Text, Format::Text, Format::Text, Format::Integer];
    let rows: Vec<Vec<Cell>> = input
        .ledger
        .reasons
        .iter()
        .map(|Reason { table, code, rows }| {
            vec![
                Cell::Text(contract::title(table, lang)),
                Cell::text(code.words(lang)),
                Cell::text(code.name()),
                Cell::Integer(*rows as i64),
            ]
        })
        .collect();
    List {
        name: "rejects",
        title: lang.pick("拒收原因", "Rejected rows"),
        about: lang.pick(
            "明细见 rejects/ 目录：文件、工作表、行、列、值与应填内容。",
            "Row by row in rejects/: file, sheet, line, column, value and what was expected.",
        ),
        titles: &titles,
        formats: &formats,
        rows,
    }
    .table()
}

/// 两种结束: the applications that were both energised and cancelled; none where none was.
pub fn two_ends(input: &Input<'_>) -> Result<Option<Table>> {
    let lang = input.lang;
    let both = lake::scan(&input.clean.join("applications.parquet"))?.filter(col("other_end_on").is_not_null());
    let wanted = ["application_id", "state", "energised_on", "cancelled_on", "other_end_on"].map(col);
    let both = lake::collect(both.select(wanted), "applications with two ends")?;
    let columns = Columns(&both);
    let (ids, states) = (columns.texts("application_id")?, columns.texts("state")?);
    let [energised, cancelled, others] =
        ["energised_on", "cancelled_on", "other_end_on"].map(|name| columns.days(name));
    let (energised, cancelled, others) = (energised?, cancelled?, others?);
    let day = |day: Option<Day>| day.map_or(Cell::Empty, Cell::Date);
    let row = |row: usize| {
        let state = states.get(row).and_then(State::of_code).map_or("", |state| state.title(lang));
        let remark = match energised[row] {
            Some(_) => lang.pick("送电后又撤销：按已送电计", "cancelled after the energisation: counts as energised"),
            None => lang.pick(
                "撤销后又送电：按已撤销计，相互矛盾，请核对",
                "energised after the cancellation: counts as cancelled; a contradiction to be checked",
            ),
        };
        let id = Cell::text(ids.get(row).unwrap_or_default());
        vec![id, Cell::text(state), day(energised[row].or(cancelled[row])), day(others[row]), Cell::text(remark)]
    };
    let rows = (0..ids.len()).map(row).collect();
    use Format::{Date, Text, Wrapped};
    let list = List {
        name: "two_ends",
        title: lang.pick("既送电又撤销的工单", "Energised and cancelled"),
        about: lang.pick(
            "同一工单既有送电又有撤销的，以先到的为准，同一天的以送电为准。",
            "Of an application with both ends the first counts; on one day, the energisation.",
        ),
        titles: &lang.pick(
            ["工单编号", "状态", "结束日期", "另一种结束的日期", "说明"],
            ["application", "state", "ended", "the other end", "remark"],
        ),
        formats: &[Text, Text, Date, Date, Wrapped],
        rows,
    };
    Ok(list.unless_empty())
}

/// 记录不完整的工单: how many accepted cases lost rows, and what that costs; none where no case did.
pub fn incomplete(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let rows = input.ledger.incomplete.iter().map(|lost| {
        vec![
            Cell::Text(contract::title(lost.table, lang)),
            Cell::Integer(lost.cases as i64),
            Cell::Integer(lost.rows as i64),
            Cell::text(lost.cost(lang)),
        ]
    });
    List {
        name: "incomplete",
        title: lang.pick("记录不完整的工单", "Cases that lost rows"),
        about: lang.pick(
            "已接受的工单（故障）中，有记录被拒的。是哪些，见 rejects/ 目录的 case 列；yekuo explain 会在该工单上注明。",
            "Accepted cases of which a row was rejected. Column case in rejects/ says which, and yekuo explain says it of each.",
        ),
        titles: &lang.pick(["数据表", "工单（故障）数", "被拒行数", "后果"], ["table", "cases", "rows rejected", "what it costs"]),
        formats: &[Format::Text, Format::Integer, Format::Integer, Format::Wrapped],
        rows: rows.collect(),
    }
    .unless_empty()
}

/// 合并的名称: which spellings were taken for one name; none where each name has one.
pub fn joined(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let titles = lang.pick(["统计所用名称", "并入的写法", "次数"], ["name counted", "other spelling", "times"]);
    let formats = [Format::Text, Format::Text, Format::Integer];
    let rows: Vec<Vec<Cell>> = input
        .joined
        .iter()
        .flat_map(|joined| joined.others.iter().map(move |(other, times)| (&joined.shown, other, times)))
        .map(|(shown, other, times)| vec![Cell::text(shown), Cell::text(other), Cell::Integer(*times as i64)])
        .collect();
    List {
        name: "spellings",
        title: lang.pick("合并的名称与编号", "Names and identifiers joined"),
        about: lang.pick(
            "只差全角半角、括号、引号或空格的名称、编号按同一个统计，显示最常见的写法。",
            "Names and identifiers that differ only in width, brackets, quotes or blanks are counted as one, in the commonest spelling.",
        ),
        titles: &titles,
        formats: &formats,
        rows,
    }
    .unless_empty()
}

/// 事件与先后: what was made of start and complete rows, and how many passes begin in one moment; none where there is
/// nothing to tell.
pub fn events(input: &Input<'_>) -> Option<Table> {
    let lang = input.lang;
    let rows = input.events.counts(lang).into_iter();
    let rows = rows.map(|(what, count)| vec![Cell::Text(what), Cell::Integer(count as i64)]).collect();
    List {
        name: "events",
        title: lang.pick("事件与先后", "Events and their order"),
        about: lang.pick(
            "开始、完成各占一行的日志如何配成环节；同一工单中同时开始的环节按什么排列。",
            "How start and complete rows of a log make passes, and what orders passes of a case that begin in one moment.",
        ),
        titles: &lang.pick(["内容", "数量"], ["what", "count"]),
        formats: &[Format::Wrapped, Format::Integer],
        rows,
    }
    .unless_empty()
}

/// A list about what was read, all of whose rows the page shows.
pub(super) struct List<'a> {
    /// Its name in links.
    pub name: &'static str,
    /// What users call it.
    pub title: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// What its columns are called.
    pub titles: &'a [&'static str],
    /// How their cells are written.
    pub formats: &'a [Format],
    /// Its rows.
    pub rows: Vec<Vec<Cell>>,
}

impl List<'_> {
    /// As a table of the data quality.
    pub fn table(self) -> Table {
        self.laid_out(|_, _| Below::Nothing)
    }

    /// The same; none where it has no rows.
    pub fn unless_empty(self) -> Option<Table> {
        (!self.rows.is_empty()).then(|| self.table())
    }

    /// The same, with a last row that adds up what is counted.
    fn with_total(self, total: &str) -> Table {
        self.laid_out(|at, format| match (at, format) {
            (0, _) => Below::Text(total.to_owned()),
            (_, Format::Integer) => Below::Sum,
            _ => Below::Nothing,
        })
    }

    fn laid_out(self, below: impl Fn(usize, Format) -> Below) -> Table {
        let mut columns: Vec<_> =
            self.titles.iter().zip(self.formats).map(|(title, format)| column(title, "", *format)).collect();
        for (at, column) in columns.iter_mut().enumerate() {
            column.below = below(at, column.format);
        }
        let table = Table {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            about: self.about.to_owned(),
            columns,
            rows: Vec::new(),
            shown: Vec::new(),
            total: None,
            part: Part::Quality,
            absent: None,
        };
        table.with_rows(self.rows)
    }
}
