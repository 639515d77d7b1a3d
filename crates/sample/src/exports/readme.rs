//! What the folder of an export says of itself.

use std::fmt::Write as _;
use std::path::PathBuf;

use yekuo_calendar::Instant;

use super::super::Sample;
use super::super::tables::Table;
use super::super::world::UTILITY;
use super::Counts;

/// The README: what the data are, and what is wrong with them on purpose.
pub fn readme(sample: &Sample, exported_at: Instant, written: &[PathBuf], totals: &[usize], counts: &Counts) -> String {
    let files: Vec<String> = written
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| format!("`{}`", name.to_string_lossy()))
        .collect();
    let rows: Vec<String> =
        Table::ALL.iter().zip(totals).map(|(table, rows)| format!("{} {rows}", table.name())).collect();
    let as_of = sample.last_month.month_end();
    let mut out = format!(
        "# 样例数据 / Sample data\n\n\
         {UTILITY}的业扩导出,全部虚构,由程序生成:没有真实的单位、个人或电话。导出于 {day},统计截止日用 {as_of},之后发生的事不应计入。\n\n\
         The connection exports of an invented utility, all made by a program: no real company, person or number. \
         Exported on {day}; use {as_of} as the as-of day, what happened later must not count.\n\n\
         ```\nyekuo sample DIR --applications {applications} --seed {seed} --months {months}{last}\n```\n\n\
         文件 / Files: {files}\n\n\
         干净的行数 / Clean rows: {rows}\n\n\
         ## 故意放入的脏数据 / Dirty on purpose\n\n\
         脏行都是另外添加的:剔除之后,剩下的正是 `--layout canonical` 的数据(个别手工录入的行只有日期没有时间)。\n\
         Dirty rows are only added: without them the data are those of `--layout canonical` (some rows, typed by hand, have dates without times).\n\n\
         | 表 table | 问题 | problem | 行 rows | 处理 |\n| --- | --- | --- | ---: | --- |\n",
        day = exported_at.day(),
        applications = sample.applications,
        seed = sample.seed,
        months = sample.months,
        last = if sample.last_month.month() == Sample::default().last_month {
            String::new()
        } else {
            format!("  # last month {}", sample.last_month.month_label())
        },
        files = files.join(", "),
        rows = rows.join(", "),
    );
    for ((table, dirt), pieces) in counts {
        let (zh, en, rejected) = dirt.words();
        let fate = if rejected { "拒收 rejected" } else { "无害 harmless" };
        let _ = writeln!(out, "| {} | {zh} | {en} | {pieces} | {fate} |", table.name());
    }
    out
}
