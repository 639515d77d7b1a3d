//! How each table is exported: into which files, how they are encoded, and how they write dates.

use super::super::tables::{Column, OLDER_STAGE_HEADERS, Table};

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
pub const fn habits(table: Table) -> Habits {
    let gb18030 = Form::Text { encoding: Encoding::Gb18030, title: None };
    match table {
        Table::Applications => Habits {
            stem: "业扩工单",
            yearly: Some("accepted_at"),
            order: ("application_id", "application_id"),
            form: Form::Workbook { sheet: "工单明细", title: "业扩工单明细表" },
        },
        Table::Stages => Habits {
            stem: "环节记录",
            yearly: Some("started_at"),
            order: ("application_id", "started_at"),
            form: gb18030,
        },
        Table::Delays => Habits {
            stem: "延误说明",
            yearly: None,
            order: ("began_at", "delay_id"),
            form: Form::Text { encoding: Encoding::Gb18030, title: Some("业扩延误说明明细") },
        },
        Table::Faults => Habits {
            stem: "故障报修",
            yearly: None,
            order: ("reported_at", "fault_id"),
            form: Form::Text { encoding: Encoding::MarkedUtf8, title: None },
        },
        Table::Callbacks => Habits {
            stem: "回访记录",
            yearly: None,
            order: ("called_at", "callback_id"),
            form: Form::Workbook { sheet: "回访明细", title: "95598回访明细表" },
        },
        Table::Complaints => {
            Habits { stem: "客户投诉", yearly: None, order: ("received_at", "complaint_id"), form: gb18030 }
        }
        Table::Outages => Habits {
            stem: "停电接入计划",
            yearly: None,
            order: ("ready_at", "outage_id"),
            form: Form::Workbook { sheet: "停电接入", title: "业扩停电接入计划表" },
        },
        Table::Replans => {
            Habits {
                stem: "计划调整记录", yearly: None, order: ("replanned_at", "application_id"), form: gb18030
            }
        }
        Table::Requests => Habits {
            stem: "协调事项",
            yearly: None,
            order: ("raised_at", "request_id"),
            form: Form::Workbook { sheet: "协调事项", title: "客户服务全方位协调事项登记表" },
        },
        Table::Surveys => Habits {
            stem: "第三方满意度",
            yearly: None,
            order: ("period", "period"),
            form: Form::Workbook { sheet: "评价结果", title: "第三方客户满意度评价结果" },
        },
        Table::Managers => Habits {
            stem: "客户经理名册",
            yearly: None,
            order: ("manager_id", "manager_id"),
            form: Form::Text { encoding: Encoding::Utf8, title: None },
        },
        Table::Restrictions => Habits {
            stem: "受限设备清单",
            yearly: None,
            order: ("month", "month"),
            form: Form::Text { encoding: Encoding::Gb18030, title: Some("重过载及受限设备清单") },
        },
        Table::Demands => Habits {
            stem: "潜在用电需求",
            yearly: None,
            order: ("month", "month"),
            form: Form::Text { encoding: Encoding::Utf16, title: None },
        },
        Table::Visits => {
            Habits { stem: "客户走访", yearly: None, order: ("visited_at", "visit_id"), form: gb18030 }
        }
        Table::Actions => {
            Habits { stem: "督办问责记录", yearly: None, order: ("taken_at", "action_id"), form: gb18030 }
        }
        Table::Verifications => Habits {
            stem: "考核核实结论",
            yearly: None,
            order: ("verified_at", "application_id"),
            form: Form::Text { encoding: Encoding::MarkedUtf8, title: None },
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
pub fn style(table: Table, nth: usize) -> Style {
    let (dates, by_hand) = match (table, nth % 3) {
        (Table::Applications, _) => (Dates::Excel, Some(Dates::Chinese)),
        (Table::Stages, 0) => (Dates::Slash, Some(Dates::Compact)),
        (Table::Stages, 1) => (Dates::Iso, Some(Dates::SlashDay)),
        (Table::Stages, _) => (Dates::Chinese, Some(Dates::Slash)),
        (Table::Delays, _) => (Dates::SlashDay, Some(Dates::Compact)),
        (Table::Faults, _) => (Dates::Iso, Some(Dates::Slash)),
        (Table::Callbacks | Table::Outages | Table::Requests, _) => (Dates::Excel, Some(Dates::Slash)),
        (Table::Complaints, _) => (Dates::Slash, Some(Dates::Chinese)),
        (Table::Replans, _) => (Dates::Slash, Some(Dates::Iso)),
        (Table::Visits | Table::Actions, _) => (Dates::Slash, Some(Dates::Chinese)),
        (Table::Verifications, _) => (Dates::Iso, None),
        (Table::Surveys, _) => (Dates::Chinese, None),
        (Table::Managers | Table::Restrictions, _) => (Dates::Iso, None),
        (Table::Demands, _) => (Dates::Slash, Some(Dates::Compact)),
    };
    let flags = match (table, nth) {
        (Table::Applications, 0) => ("Y", "N"),
        (Table::Managers, _) => ("√", "×"),
        _ => ("是", "否"),
    };
    Style { dates, by_hand, flags }
}

/// The header of a column in the `nth` file of a table, with its unit where it has one.
pub fn header(table: Table, column: &Column, nth: usize) -> String {
    let name = match (table, nth) {
        (Table::Stages, 0) => OLDER_STAGE_HEADERS[table.position(column.name)],
        _ => column.header,
    };
    let unit = match column.name {
        "voltage_kv" => "(kV)",
        "capacity_kva" | "limit_kva" | "expected_kva" => "(kVA)",
        "fee_charged" | "fee_standard" => "（元）",
        _ => "",
    };
    format!("{name}{unit}")
}
