//! One row per indicator of a third party's survey.

use std::path::Path;

use crate::cases::Known;
use crate::cases::records::Score;
use crate::error::Result;
use crate::table::{Date, Number, Text, Writer, table};

table! {
    /// One indicator of a survey.
    Surveys of SurveyRow<'a> from Score as of;
    "surveys" by [month, bureau, indicator],
    "第三方满意度调查的每个指标一行，按月份、单位和指标排序。",
    "One row per indicator of a third party's survey, by month, bureau and indicator.";

    month: Date = of.month, "调查月份（该月 1 日）", "month of the survey, its first day";
    month_before: Date = of.month.month_before(), "上一月份（该月 1 日）", "month before it, its first day";
    bureau: Text = &of.bureau, "供电单位", "bureau";
    indicator: Text = &of.indicator, "指标名称", "what was asked";
    weight: Number = of.weight, "指标权重", "weight of the indicator";
    score: Number = of.score, "得分，0–100", "score, 0–100";
}

/// Writes the table.
pub fn write(known: Known<'_>, folder: &Path) -> Result<()> {
    let mut table = Writer::<Surveys>::create(folder)?;
    known.surveys().try_for_each(|score| table.push(score))?;
    table.finish()
}
