//! What stands below a table and is no row of it: totals, signatures, remarks, the time of printing.
//!
//! Such a line is looked for only among rows that were rejected, so that no row of the table is ever taken for one.

use super::Row;
use super::values::Cell;
use crate::spelling::word;

/// Words that stand at the beginning of such a line.
const BEGINNINGS: [&str; 44] = [
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "汇总",
    "制表",
    "制单",
    "填表",
    "填报",
    "审核人",
    "审核:",
    "审核日",
    "复核",
    "审批人",
    "审批:",
    "批准人",
    "负责人",
    "打印",
    "导出",
    "注:",
    "备注:",
    "说明:",
    "附注",
    "以下空白",
    "以下无",
    "数据来源",
    "统计时间",
    "统计日期",
    "统计人",
    "total",
    "subtotal",
    "grandtotal",
    "endof",
    "eof",
    "***",
    "---",
    "===",
    "printed",
    "exported",
    "preparedby",
    "note:",
    "remark",
    "已选择",
];

/// The ends of `本页小计` and `城东所合计`.
const ENDS: [&str; 4] = ["合计", "小计", "总计", "total"];

/// The first text of a row that is a total, a signature or a remark.
pub(super) fn text(row: &Row<'_>) -> Option<String> {
    let first = (0..row.cells.len()).map(|index| row.cells.get(index)).find_map(|cell| match cell {
        Cell::Text(text) if !text.trim().is_empty() => Some(Some(text)),
        Cell::Empty | Cell::Text(_) => None,
        _ => Some(None),
    });
    first.flatten().filter(|text| says_footer(text)).map(str::to_owned)
}

fn says_footer(text: &str) -> bool {
    let text = word(text);
    // ——以下空白——, 【合计】
    let text = text.trim_start_matches(['—', '–', '【', '<']);
    BEGINNINGS.iter().any(|beginning| text.starts_with(beginning))
        || ENDS.iter().any(|end| text.ends_with(end)) && text.chars().count() <= 12
        || is_count(text)
}

/// `共24条`, `第1页共3页`, `(24 rows)`, `24 rows selected.`
fn is_count(text: &str) -> bool {
    let inner = text.trim_start_matches(['(', '第', '共']);
    let rest = inner.trim_start_matches(|c: char| c.is_ascii_digit());
    let counted = rest.len() < inner.len();
    let chinese = inner.len() < text.len() && rest.starts_with(['条', '行', '页', '户', '笔', '项']);
    counted && (chinese || rest.starts_with("rows"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_signatures_and_remarks() {
        for text in [
            "合计",
            "合 计：",
            "本页小计",
            "城东所合计",
            "制表人：张三",
            "审核：李四",
            "打印时间：2026-06-30",
            "注：本表由系统导出",
            "——以下空白——",
            "以下空白",
            "Total",
            "Grand total",
            "End of file",
            "--- END ---",
            "共24条",
            "第1页 共3页",
            "(24 rows)",
            "24 rows selected.",
            "Prepared by: Li",
        ] {
            assert!(says_footer(text), "{text}");
        }
        for text in ["202605000001", "审核中", "注册站", "共青路所", "第二所", "TW-1", "营销部", "", "24"]
        {
            assert!(!says_footer(text), "{text}");
        }
    }
}
