//! Names that the exports spell in several ways, each counted as one.

use super::Input;
use crate::cells::{Cell, Format, Part, Table, column};

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
    (!rows.is_empty()).then(|| Table {
        name: "spellings".to_owned(),
        title: lang.pick("合并的名称", "Names joined").to_owned(),
        about: lang
            .pick(
                "只差全角半角、括号、引号或空格的名称按同一名称统计，显示最常见的写法。",
                "Names that differ only in width, brackets, quotes or blanks are counted as one and shown as most often written.",
            )
            .to_owned(),
        columns: titles.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect(),
        shown: (0..rows.len()).collect(),
        rows,
        total: None,
        part: Part::Quality,
        absent: None,
    })
}
