//! Tables as any renderer understands them: titles, columns with a format, cells.

use polars::prelude::DataFrame;

use super::Input;
use super::facts::{ClaimFact, Facts, StageFact};
use crate::calendar::Day;
use crate::error::Result;
use crate::ingest::contract::TABLES;
use crate::lake::Columns;
use crate::marts::{Kind, Mart, Show};
use crate::words::{self, Lang};

/// One table of the report.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name in links, `[a-z_]`.
    pub name: String,
    /// What users call it; at most 31 characters, for a sheet's tab.
    pub title: String,
    /// What it tells, in a sentence.
    pub about: String,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
    /// Which rows the page shows.
    pub shown: Vec<usize>,
    /// The last row, which adds up.
    pub total: Option<Vec<Cell>>,
    /// Where its rows stand in the page.
    pub place: Place,
}

/// The part of the page that a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The assessment itself.
    Assessment,
    /// Figures about many cases.
    Figures,
    /// What was read and what was not.
    Quality,
}

/// One column.
#[derive(Debug, Clone)]
pub struct Column {
    /// What users call it.
    pub title: String,
    /// What it means.
    pub about: String,
    /// How its cells are written.
    pub format: Format,
}

/// How the cells of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Text,
    /// Long text that may wrap.
    Wrapped,
    /// A month, `2026-06`.
    Month,
    /// A date, `2026-06-30`.
    Date,
    /// A whole number.
    Integer,
    /// A number with so many decimals.
    Decimal(u8),
    /// A share as percent, one decimal.
    Rate,
}

impl Format {
    /// The page's style class: numbers stand to the right.
    pub fn class(self) -> &'static str {
        match self {
            Format::Integer | Format::Decimal(_) | Format::Rate => "n",
            Format::Wrapped => "w",
            Format::Date | Format::Month => "d",
            Format::Text => "",
        }
    }
}

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing: unknown, or a rate without a denominator.
    Empty,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number or a share.
    Number(f64),
    /// A date, or the first day of a month.
    Date(Day),
}

impl Cell {
    fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    fn date(day: Option<Day>) -> Cell {
        day.map_or(Cell::Empty, Cell::Date)
    }

    /// The cell as the page writes it.
    pub fn display(&self, format: Format) -> String {
        match (self, format) {
            (Cell::Empty, _) => String::new(),
            (Cell::Text(text), _) => printable(text),
            (Cell::Integer(integer), _) => integer.to_string(),
            (Cell::Number(number), Format::Rate) => percent(*number),
            (Cell::Number(number), Format::Decimal(places)) => format!("{:.*}", usize::from(places), tidy(*number)),
            (Cell::Number(number), _) => number.to_string(),
            (Cell::Date(day), Format::Month) => day.month_label(),
            (Cell::Date(day), _) => day.to_string(),
        }
    }
}

/// A text of the data in which what no page and no workbook can hold, such as control characters, has become blanks.
pub fn printable(text: &str) -> String {
    let forbidden =
        |c: char| matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') || (c.is_control() && c != '\n');
    text.replace(forbidden, " ")
}

/// A share as percent with one decimal: `12.3 %`.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", tidy(share * 100.0))
}

/// Minus nought is nought.
fn tidy(number: f64) -> f64 {
    if number.abs() < 0.0005 { 0.0 } else { number }
}

fn column(title: &str, about: &str, format: Format) -> Column {
    Column { title: title.to_owned(), about: about.to_owned(), format }
}

/// Every table of the report, in the order of the page and the workbook.
pub fn all(input: &Input<'_>, facts: &Facts) -> Result<Vec<Table>> {
    let mut tables = vec![overdue(input, facts), claims(input, facts)];
    // The office reads departments first; what a user adds comes after the built-in ones, by name.
    let order = [
        "department_month",
        "department_stage",
        "cycle_by_mode",
        "cycle",
        "callback",
        "exclusion",
        "stage_overdue",
        "month_overdue",
    ];
    let place = |mart: &Mart| order.iter().position(|name| *name == mart.name).unwrap_or(order.len());
    let mut marts: Vec<(&Mart, &DataFrame)> = input.catalogue.marts.iter().zip(input.marts).collect();
    marts.sort_by_key(|(mart, _)| (place(mart), mart.name.clone()));
    for (mart, rows) in marts {
        tables.push(of_mart(input, mart, rows)?);
    }
    tables.push(ledger(input));
    tables.push(reasons(input));
    Ok(tables)
}

/// 考核表: every stage that ran out of time in the month, with its arithmetic and an empty column for the verification.
fn overdue(input: &Input<'_>, facts: &Facts) -> Table {
    let lang = input.lang;
    let columns = match lang {
        Lang::Zh => [
            "序号",
            "责任部门",
            "工单编号",
            "供电单位",
            "服务方式",
            "环节",
            "次数",
            "开始日期",
            "完成日期",
            "要求完成",
            "时限",
            "毛工作日",
            "剔除",
            "净工作日",
            "超时",
            "超时起日",
            "时限依据",
            "延误说明及认定",
            "核实意见",
        ],
        Lang::En => [
            "no.",
            "department",
            "application",
            "bureau",
            "mode",
            "stage",
            "pass",
            "started",
            "finished",
            "due",
            "limit",
            "gross",
            "excluded",
            "net",
            "over",
            "breached on",
            "limit from",
            "claims and verdicts",
            "verification",
        ],
    };
    use Format::{Date, Integer, Text, Wrapped};
    let formats = [
        Integer, Text, Text, Text, Text, Text, Integer, Date, Date, Date, Integer, Integer, Integer, Integer, Integer,
        Date, Text, Wrapped, Wrapped,
    ];
    let columns = columns.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect();
    let rows: Vec<Vec<Cell>> = facts
        .overdue
        .iter()
        .enumerate()
        .map(|(i, stage)| {
            let claims: Vec<String> = stage.claims.iter().map(|claim| claim_text(claim, lang)).collect();
            let claims = if !input.given.has("delays") {
                lang.pick("无数据", "no data").to_owned()
            } else {
                claims.join("\n")
            };
            vec![
                Cell::Integer(i as i64 + 1),
                Cell::text(&stage.department),
                Cell::text(&stage.application_id),
                Cell::text(&stage.bureau),
                Cell::text(words::code(&stage.mode, lang)),
                Cell::text(input.config.process.name(&stage.stage, lang)),
                Cell::Integer(stage.pass),
                Cell::date(stage.started_on),
                stage.finished_on.map_or_else(|| Cell::text(lang.pick("在途", "open")), Cell::Date),
                Cell::date(stage.due_on),
                Cell::Integer(stage.limit_wd),
                Cell::Integer(stage.gross_wd),
                Cell::Integer(stage.excluded_wd),
                Cell::Integer(stage.net_wd),
                Cell::Integer(stage.over_wd),
                Cell::date(stage.breached_on),
                Cell::text(limit_source(&stage.limit_source, lang)),
                Cell::Text(claims),
                Cell::Empty,
            ]
        })
        .collect();
    let sum = |of: fn(&StageFact) -> i64| Cell::Integer(facts.overdue.iter().map(of).sum());
    let mut total = vec![Cell::Empty; 19];
    total[0] = Cell::text(lang.pick("合计", "total"));
    total[2] = Cell::text(lang.pick(format!("{} 项", rows.len()), format!("{} stages", rows.len())));
    total[11] = sum(|stage| stage.gross_wd);
    total[12] = sum(|stage| stage.excluded_wd);
    total[13] = sum(|stage| stage.net_wd);
    total[14] = sum(|stage| stage.over_wd);
    Table {
        name: "overdue".to_owned(),
        title: lang.pick("考核表", "Assessment").to_owned(),
        about: lang
            .pick(
                "本月超时的每个环节（剔除客户原因后仍超时）。时限、毛/剔除/净工作日、超时均为工作日，首日不计；超时环节计入超时起日所在月。",
                "Every stage that ran out of time in the month, net of the delays that customers caused. Limit, gross, excluded, net and over are working days, the first day not counted; a stage counts in the month of the day it breached.",
            )
            .to_owned(),
        columns,
        shown: (0..rows.len()).collect(),
        rows,
        total: Some(total),
        place: Place::Assessment,
    }
}

/// Where a limit comes from, for people.
pub fn limit_source(source: &str, lang: Lang) -> String {
    match source {
        "due_on" => lang.pick("计划要求", "plan").to_owned(),
        // `内部规定 · house rule`: the rule book has both languages side by side.
        other => other.split_once(" · ").map_or(other, |(zh, en)| lang.pick(zh, en)).to_owned(),
    }
}

/// `客户原因 2026-05-03 至 2026-05-09(05-05 报送):剔除 4 天`.
fn claim_text(claim: &ClaimFact, lang: Lang) -> String {
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let cause = words::code(&claim.cause, lang);
    let began = day(claim.began_on).unwrap_or_default();
    let ended = day(claim.ended_on);
    let verdict = words::code(&claim.verdict, lang);
    match lang {
        Lang::Zh => format!(
            "{cause} {began} 至 {}，{}，{verdict}：申报 {} 天，剔除 {} 天",
            ended.unwrap_or_else(|| "今".to_owned()),
            day(claim.reported_on).map_or_else(|| "未报送".to_owned(), |day| format!("{day} 报送")),
            claim.claimed_wd,
            claim.admitted_wd
        ),
        Lang::En => format!(
            "{cause}, {began} to {}, {}; {verdict}: {} claimed, {} excluded",
            ended.unwrap_or_else(|| "date".to_owned()),
            day(claim.reported_on).map_or_else(|| "not reported".to_owned(), |day| format!("reported {day}")),
            claim.claimed_wd,
            claim.admitted_wd
        ),
    }
}

/// 剔除明细: every claim about a stage settled in the month, and why its days were or were not taken out.
fn claims(input: &Input<'_>, facts: &Facts) -> Table {
    let lang = input.lang;
    let titles = match lang {
        Lang::Zh => [
            "责任部门",
            "工单编号",
            "环节",
            "次数",
            "说明编号",
            "原因",
            "影响开始",
            "影响结束",
            "报送日期",
            "要求完成",
            "认定",
            "申报工作日",
            "剔除工作日",
            "结果",
        ],
        Lang::En => [
            "department",
            "application",
            "stage",
            "pass",
            "claim",
            "cause",
            "began",
            "ended",
            "reported",
            "due",
            "verdict",
            "claimed",
            "excluded",
            "outcome",
        ],
    };
    use Format::{Date, Integer, Text};
    let formats = [Text, Text, Text, Integer, Text, Text, Date, Date, Date, Date, Text, Integer, Integer, Text];
    let columns = titles.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect();
    let rows: Vec<Vec<Cell>> = facts
        .claimed
        .iter()
        .flat_map(|stage| stage.claims.iter().map(move |claim| (stage, claim)))
        .map(|(stage, claim)| {
            let outcome = match (stage.overdue_net, stage.gross_wd > stage.limit_wd) {
                (true, _) => lang.pick("仍超时", "still overdue"),
                (false, true) => lang.pick("剔除后不超时", "excused"),
                (false, false) => lang.pick("未超时", "not overdue"),
            };
            let open = || Cell::text(lang.pick("至今", "open"));
            vec![
                Cell::text(&stage.department),
                Cell::text(&stage.application_id),
                Cell::text(input.config.process.name(&stage.stage, lang)),
                Cell::Integer(stage.pass),
                Cell::text(&claim.delay_id),
                Cell::text(words::code(&claim.cause, lang)),
                Cell::date(claim.began_on),
                claim.ended_on.map_or_else(open, Cell::Date),
                claim.reported_on.map_or_else(|| Cell::text(lang.pick("未报送", "none")), Cell::Date),
                Cell::date(stage.due_on),
                Cell::text(words::code(&claim.verdict, lang)),
                Cell::Integer(claim.claimed_wd),
                Cell::Integer(claim.admitted_wd),
                Cell::text(outcome),
            ]
        })
        .collect();
    let sum = |index: usize| {
        Cell::Integer(rows.iter().map(|row| if let Cell::Integer(days) = row[index] { days } else { 0 }).sum())
    };
    let mut total = vec![Cell::Empty; 14];
    total[0] = Cell::text(lang.pick("合计", "total"));
    total[1] = Cell::text(lang.pick(format!("{} 条", rows.len()), format!("{} claims", rows.len())));
    (total[11], total[12]) = (sum(11), sum(12));
    Table {
        name: "claims".to_owned(),
        title: lang.pick("剔除明细", "Claims of the month").to_owned(),
        about: lang
            .pick(
                "本月判定的环节所涉及的每条延误说明，及其是否剔除的理由。认定为规则次序中第一条不满足者；剔除工作日为合并重叠之前。",
                "Every delay claim about a stage settled in the month, and why its days were or were not taken out. The verdict is the first rule that fails; days excluded are before overlaps are united.",
            )
            .to_owned(),
        columns,
        shown: (0..rows.len()).collect(),
        rows,
        total: Some(total),
        place: Place::Assessment,
    }
}

/// A mart as its definition describes it.
fn of_mart(input: &Input<'_>, mart: &Mart, rows: &DataFrame) -> Result<Table> {
    let lang = input.lang;
    let definition = &mart.definition;
    let data = Columns(rows);
    let mut columns = Vec::new();
    let mut cells: Vec<Vec<Cell>> = vec![Vec::new(); rows.height()];
    for declared in &definition.columns {
        let format = match declared.kind {
            Kind::Month => Format::Month,
            Kind::Date => Format::Date,
            Kind::Count | Kind::Days => Format::Integer,
            Kind::MeanDays | Kind::Minutes | Kind::Score => Format::Decimal(1),
            Kind::Number => Format::Decimal(2),
            Kind::Kva => Format::Decimal(0),
            Kind::Rate => Format::Rate,
            _ => Format::Text,
        };
        let fresh: Vec<Cell> = match declared.kind {
            Kind::Month | Kind::Date => data.days(&declared.name)?.into_iter().map(Cell::date).collect(),
            Kind::Count | Kind::Days => {
                data.integers(&declared.name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Integer)).collect()
            }
            Kind::Kv => data
                .numbers(&declared.name)?
                .into_iter()
                .map(|kv| kv.map_or(Cell::Empty, |kv| Cell::Text(format!("{kv} kV"))))
                .collect(),
            Kind::Flag => {
                let yes_no =
                    |flag: bool| Cell::text(if flag { lang.pick("是", "yes") } else { lang.pick("否", "no") });
                data.flags(&declared.name)?.into_iter().map(|flag| flag.map_or(Cell::Empty, yes_no)).collect()
            }
            Kind::MeanDays | Kind::Number | Kind::Rate | Kind::Minutes | Kind::Score | Kind::Kva => {
                data.numbers(&declared.name)?.into_iter().map(|n| n.map_or(Cell::Empty, Cell::Number)).collect()
            }
            kind => {
                let name = |text: &str| match kind {
                    Kind::Stage => input.config.process.name(text, lang).to_owned(),
                    Kind::Role => input.config.owners.name(text, lang).to_owned(),
                    Kind::Text => text.to_owned(),
                    _ => words::code(text, lang).to_owned(),
                };
                data.texts(&declared.name)?
                    .iter()
                    .map(|text| text.map_or(Cell::Empty, |text| Cell::Text(name(text))))
                    .collect()
            }
        };
        columns.push(column(declared.title.get(lang), declared.about.get(lang), format));
        for (row, cell) in cells.iter_mut().zip(fresh) {
            row.push(cell);
        }
    }
    let month = definition.columns.iter().position(|column| column.kind == Kind::Month);
    let mut shown: Vec<usize> = match (definition.show, month) {
        (Show::Month, Some(month)) => {
            (0..cells.len()).filter(|row| cells[*row][month] == Cell::Date(input.month())).collect()
        }
        _ => (0..cells.len()).collect(),
    };
    if let Some(by) = definition.sort.as_ref().and_then(|sort| definition.columns.iter().position(|c| c.name == *sort))
    {
        let number = |row: usize| match cells[row][by] {
            Cell::Integer(integer) => integer as f64,
            Cell::Number(number) => number,
            _ => f64::INFINITY,
        };
        shown.sort_by(|a, b| number(*a).total_cmp(&number(*b)));
    }
    Ok(Table {
        name: mart.name.clone(),
        title: definition.title.get(lang).to_owned(),
        about: definition.about.get(lang).to_owned(),
        columns,
        rows: cells,
        shown,
        total: None,
        place: Place::Figures,
    })
}

/// 数据质量: what became of every row of every file.
fn ledger(input: &Input<'_>) -> Table {
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
            row[0] = Cell::Text(words::table(table.name, lang));
            row[1] = Cell::text(lang.pick("无数据", "no data"));
            rows.push(row);
        }
        for file in files {
            rows.push(vec![
                Cell::Text(words::table(table.name, lang)),
                Cell::text(&file.file),
                file.encoding.as_deref().map_or(Cell::Empty, Cell::text),
                count(file.read),
                count(file.accepted),
                count(file.rejected),
                count(file.duplicate),
            ]);
        }
    }
    let sum = |of: fn(&crate::ingest::FileLedger) -> u64| count(input.ledger.files.iter().map(of).sum());
    let total = vec![
        Cell::text(lang.pick("合计", "total")),
        Cell::Empty,
        Cell::Empty,
        sum(|file| file.read),
        sum(|file| file.accepted),
        sum(|file| file.rejected),
        sum(|file| file.duplicate),
    ];
    Table {
        name: "ledger".to_owned(),
        title: lang.pick("数据质量", "Data quality").to_owned(),
        about: lang
            .pick(
                "每个文件的每一行都有去向：读入 = 接受 + 拒收 + 重复。",
                "Every row of every file is accounted for: read = accepted + rejected + duplicate.",
            )
            .to_owned(),
        columns: titles.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect(),
        shown: (0..rows.len()).collect(),
        rows,
        total: Some(total),
        place: Place::Quality,
    }
}

/// 拒收原因: how many rows of each table were rejected for which reason.
fn reasons(input: &Input<'_>) -> Table {
    let lang = input.lang;
    let titles = lang.pick(["数据表", "原因", "代码", "行数"], ["table", "reason", "code", "rows"]);
    let formats = [Format::Text, Format::Text, Format::Text, Format::Integer];
    let rows: Vec<Vec<Cell>> = input
        .ledger
        .reasons
        .iter()
        .map(|((table, code), rows)| {
            vec![
                Cell::Text(words::table(table, lang)),
                Cell::text(code.words(lang)),
                Cell::text(code.name()),
                Cell::Integer(*rows as i64),
            ]
        })
        .collect();
    Table {
        name: "rejects".to_owned(),
        title: lang.pick("拒收原因", "Rejected rows").to_owned(),
        about: lang
            .pick(
                "明细见 rejects/ 目录：文件、工作表、行、列、值与应填内容。",
                "Row by row in rejects/: file, sheet, line, column, value and what was expected.",
            )
            .to_owned(),
        columns: titles.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect(),
        shown: (0..rows.len()).collect(),
        rows,
        total: None,
        place: Place::Quality,
    }
}
