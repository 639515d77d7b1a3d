//! How each table is exported: into which files, how they are encoded, and how they write dates.

use crate::ingest::contract::Column;

use super::super::rows::Filled;

/// What all files of a table have in common.
#[derive(Debug)]
pub struct Habits {
    /// The name of its files.
    pub stem: &'static str,
    /// The column whose year decides about the file, if there is a file a year.
    pub yearly: Option<&'static str>,
    /// The columns by which the system lists rows.
    pub order: (&'static str, &'static str),
    /// The kind of file.
    pub form: Form,
}

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// XLSX: a title row, a row with the export's date, headers.
    Workbook {
        /// The sheet's name.
        sheet: &'static str,
        /// What follows the utility's name in the title row.
        title: &'static str,
    },
    /// Delimited text.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// What follows the utility's name in a line above the header, if there is one.
        title: Option<&'static str>,
    },
}

/// How text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Gb18030,
    Utf8,
    /// UTF-8 with a byte order mark.
    MarkedUtf8,
    /// Little-endian with a byte order mark and tabs between the fields, as spreadsheets save "Unicode text".
    Utf16,
}

impl Form {
    /// What its files' names end in.
    pub const fn extension(self) -> &'static str {
        match self {
            Form::Workbook { .. } => "xlsx",
            Form::Text { .. } => "csv",
        }
    }
}

/// The habits of a table.
pub const fn habits(filled: Filled) -> Habits {
    let gb18030 = Form::Text { encoding: Encoding::Gb18030, title: None };
    match filled {
        Filled::Applications => Habits {
            stem: "业扩工单",
            yearly: Some("accepted_at"),
            order: ("application_id", "application_id"),
            form: Form::Workbook { sheet: "工单明细", title: "业扩工单明细表" },
        },
        Filled::Stages => Habits {
            stem: "环节记录",
            yearly: Some("started_at"),
            order: ("application_id", "started_at"),
            form: gb18030,
        },
        Filled::Delays => Habits {
            stem: "延误说明",
            yearly: None,
            order: ("began_at", "delay_id"),
            form: Form::Text { encoding: Encoding::Gb18030, title: Some("业扩延误说明明细") },
        },
        Filled::Faults => Habits {
            stem: "故障报修",
            yearly: None,
            order: ("reported_at", "fault_id"),
            form: Form::Text { encoding: Encoding::MarkedUtf8, title: None },
        },
        Filled::Callbacks => Habits {
            stem: "回访记录",
            yearly: None,
            order: ("called_at", "callback_id"),
            form: Form::Workbook { sheet: "回访明细", title: "95598回访明细表" },
        },
        Filled::Complaints => {
            Habits { stem: "客户投诉", yearly: None, order: ("received_at", "complaint_id"), form: gb18030 }
        }
        Filled::Outages => Habits {
            stem: "停电接入计划",
            yearly: None,
            order: ("ready_at", "outage_id"),
            form: Form::Workbook { sheet: "停电接入", title: "业扩停电接入计划表" },
        },
        Filled::Replans => {
            Habits {
                stem: "计划调整记录", yearly: None, order: ("replanned_at", "application_id"), form: gb18030
            }
        }
        Filled::Requests => Habits {
            stem: "协调事项",
            yearly: None,
            order: ("raised_at", "request_id"),
            form: Form::Workbook { sheet: "协调事项", title: "客户服务全方位协调事项登记表" },
        },
        Filled::Surveys => Habits {
            stem: "第三方满意度",
            yearly: None,
            order: ("period", "period"),
            form: Form::Workbook { sheet: "评价结果", title: "第三方客户满意度评价结果" },
        },
        Filled::Managers => Habits {
            stem: "客户经理名册",
            yearly: None,
            order: ("manager_id", "manager_id"),
            form: Form::Text { encoding: Encoding::Utf8, title: None },
        },
        Filled::Restrictions => Habits {
            stem: "受限设备清单",
            yearly: None,
            order: ("month", "month"),
            form: Form::Text { encoding: Encoding::Gb18030, title: Some("重过载及受限设备清单") },
        },
        Filled::Demands => Habits {
            stem: "潜在用电需求",
            yearly: None,
            order: ("month", "month"),
            form: Form::Text { encoding: Encoding::Utf16, title: None },
        },
    }
}

/// How a file writes a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// `2026-05-28 09:30:00`
    Iso,
    /// `2026/5/28 9:30`, with seconds where there are any.
    Slash,
    /// `2026年5月28日 9:30`
    Chinese,
    /// `20260528`, never with a time.
    Compact,
    /// `2026/5/28`, never with a time.
    SlashDay,
    /// A serial number with a date format.
    Excel,
}

/// How a file writes its cells.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub dates: Dates,
    /// What somebody who typed a row by hand wrote instead, in one row of thirty; null: nobody did.
    pub by_hand: Option<Dates>,
    pub flags: (&'static str, &'static str),
}

/// The style of the `nth` file of a table.
pub fn style(filled: Filled, nth: usize) -> Style {
    let (dates, by_hand) = match (filled, nth % 3) {
        (Filled::Applications, _) => (Dates::Excel, Some(Dates::Chinese)),
        (Filled::Stages, 0) => (Dates::Slash, Some(Dates::Compact)),
        (Filled::Stages, 1) => (Dates::Iso, Some(Dates::SlashDay)),
        (Filled::Stages, _) => (Dates::Chinese, Some(Dates::Slash)),
        (Filled::Delays, _) => (Dates::SlashDay, Some(Dates::Compact)),
        (Filled::Faults, _) => (Dates::Iso, Some(Dates::Slash)),
        (Filled::Callbacks | Filled::Outages | Filled::Requests, _) => (Dates::Excel, Some(Dates::Slash)),
        (Filled::Complaints, _) => (Dates::Slash, Some(Dates::Chinese)),
        (Filled::Replans, _) => (Dates::Slash, Some(Dates::Iso)),
        (Filled::Surveys, _) => (Dates::Chinese, None),
        (Filled::Managers | Filled::Restrictions, _) => (Dates::Iso, None),
        (Filled::Demands, _) => (Dates::Slash, Some(Dates::Compact)),
    };
    let flags = match (filled, nth) {
        (Filled::Applications, 0) => ("Y", "N"),
        (Filled::Managers, _) => ("√", "×"),
        _ => ("是", "否"),
    };
    Style { dates, by_hand, flags }
}

/// The header of a column in the `nth` file of a table: its first Chinese name, with its unit where it has one.
pub fn header(filled: Filled, column: &Column, nth: usize) -> String {
    let name = match (filled, nth) {
        (Filled::Stages, 0) => column.zh.get(1).or(column.zh.first()),
        _ => column.zh.first(),
    };
    let unit = match column.name {
        "voltage_kv" => "(kV)",
        "capacity_kva" | "limit_kva" | "expected_kva" => "(kVA)",
        "fee_charged" | "fee_standard" => "（元）",
        _ => "",
    };
    format!("{}{unit}", name.unwrap_or(&column.name))
}
