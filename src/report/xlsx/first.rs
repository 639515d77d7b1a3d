//! The first sheet: what the report says first, its figures, and the way to every other sheet.

use rust_xlsxwriter::{FormatAlign, Worksheet, XlsxError};

use super::{Styles, drawn, link, merged, print_setup};
use crate::cells::Table;
use crate::cells::workbook::cells_wide;
use crate::report::Input;
use crate::report::charts::Plotted;
use crate::report::headline::Headline;
use crate::report::summary::{Card, Summary};
use crate::words::Lang;

/// The columns of the figures, and how wide they are.
const WIDTHS: [f64; 7] = [27.0, 13.0, 30.0, 19.0, 22.0, 26.0, 18.0];
/// The colour of what leads to another sheet.
const LINKED: u32 = 0x001F_5F99;
const LAST: u16 = WIDTHS.len() as u16 - 1;

/// What the sheet is called.
pub(super) fn name(lang: Lang) -> &'static str {
    lang.pick("摘要", "Summary")
}

/// Lays it out; `names` are those of the tables' sheets.
pub(super) fn fill(
    sheet: &mut Worksheet,
    input: &Input<'_>,
    (title, summary): (&str, &Summary),
    (charts, tables, names): (&[&Plotted], &[Table], &[String]),
    styles: &Styles,
) -> Result<(), XlsxError> {
    let lang = input.lang;
    sheet.set_name(name(lang))?;
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    let period = input.period.label(lang);
    sheet.set_row_height(0, 30)?;
    merged(sheet, 0, LAST, &lang.pick(format!("{title}（{period}）"), format!("{title} ({period})")), &styles.title)?;
    let alarm = input.stale.map(|stale| stale.say(lang) + lang.pick("。", ". ")).unwrap_or_default();
    let heads = input.heads().iter().map(|head| format!("{head}{}", lang.pick("　", "  "))).collect::<String>();
    merged(sheet, 1, LAST, &(heads + &alarm + &input.facts()), &styles.subtitle)?;
    let mut row = 2;
    let said = styles.subtitle.clone().set_font_size(11).set_font_color(0x001B_2733);
    let room = WIDTHS.iter().sum::<f64>() * 0.8;
    for (number, sentence) in (1..).zip(&summary.sentences) {
        let text = format!("{number}. {sentence}");
        let lines = (cells_wide(&text) as f64 / room).ceil().max(1.0);
        sheet.set_row_height(row, 16.0 * lines + 2.0)?;
        merged(sheet, row, LAST, &text, &said)?;
        row += 1;
    }
    row = figures(sheet, row + 1, lang, summary, (tables, names), styles)?;
    let signed = lang.pick(
        "编制：　　　　　　　　审核：　　　　　　　　批准：",
        "Prepared by:                                Reviewed by:                                Approved by:",
    );
    sheet.set_row_height(row, 36)?;
    merged(sheet, row, LAST, signed, &said)?;
    contents(sheet, row + 2, lang, (charts, tables, names), styles)?;
    print_setup(sheet, lang)?;
    // What comes first is a page by itself; the way to the other sheets is for the screen.
    sheet.set_print_fit_to_pages(1, 1).set_print_area(0, 0, row, LAST)?;
    Ok(())
}

/// Every headline in a row; gives the row after the last.
fn figures(
    sheet: &mut Worksheet,
    row: u32,
    lang: Lang,
    summary: &Summary,
    (tables, names): (&[Table], &[String]),
    styles: &Styles,
) -> Result<u32, XlsxError> {
    let heads = lang.pick(
        ["要点", "数值", "依据", "较上月", "较去年同月", "今年累计", "目标"],
        ["headline", "figure", "rests on", "on the month before", "on the year before", "the year so far", "target"],
    );
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(row, column, head, styles.of_heads())?;
    }
    let linked = styles.wrapped.clone().set_font_color(LINKED);
    let mut at = row + 1;
    for card in summary.cards.iter().chain(&summary.others) {
        let Card { headline, year_before, of_year, door, .. } = card;
        let Headline { title, value, detail, change, target, few, .. } = headline;
        let sheet_of = door.as_ref().and_then(|door| tables.iter().position(|table| table.name == *door));
        let value_style = match few {
            true => styles.wrapped.clone().set_font_color(0x005B_6875),
            false => styles.wrapped.clone().set_bold(),
        };
        let cells = [title, value, detail, change, year_before, of_year, target];
        let lines = cells.iter().zip(WIDTHS).map(|(text, width)| (cells_wide(text) as f64 / (width - 1.0)).ceil());
        sheet.set_row_height(at, 13.5 * lines.fold(1.0, f64::max) + 3.0)?;
        for (column, text) in (0..).zip(cells) {
            let style = if column == 1 { &value_style } else { &styles.wrapped };
            match sheet_of.filter(|_| column == 0) {
                Some(of) => sheet.write_url_with_format(at, 0, link(&names[of]).set_text(text), &linked)?,
                None => sheet.write_string_with_format(at, column, text, style)?,
            };
        }
        at += 1;
    }
    Ok(at)
}

/// The other sheets, each with a link to it, its rows and what it shows.
fn contents(
    sheet: &mut Worksheet,
    row: u32,
    lang: Lang,
    (charts, tables, names): (&[&Plotted], &[Table], &[String]),
    styles: &Styles,
) -> Result<(), XlsxError> {
    let heads = lang.pick(["表（点击打开）", "行数", "内容"], ["sheet (click to open)", "rows", "what it shows"]);
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(row, column, head, styles.of_heads())?;
    }
    sheet.merge_range(row, 2, row, LAST, heads[2], styles.of_heads())?;
    let linked = styles.text.clone().set_font_color(LINKED).set_align(FormatAlign::Left);
    let titles: Vec<&str> = charts.iter().map(|chart| chart.title.as_str()).collect();
    let titles = titles.join(lang.pick("、", "; "));
    let of_charts = (!charts.is_empty()).then(|| (drawn::name(lang), None, titles.as_str()));
    let of_tables = tables
        .iter()
        .zip(names)
        .map(|(table, name)| (name.as_str(), Some(table.rows.len()), table.absent.as_deref().unwrap_or(&table.about)));
    let sheets = of_tables.chain(of_charts);
    for (at, (name, rows, shows)) in (row + 1..).zip(sheets) {
        sheet.write_url_with_format(at, 0, link(name).set_text(name), &linked)?;
        match rows {
            Some(rows) => sheet.write_number_with_format(at, 1, rows as f64, &styles.integer)?,
            None => sheet.write_blank(at, 1, &styles.integer)?,
        };
        let room: f64 = WIDTHS[2..].iter().sum();
        sheet.set_row_height(at, 13.5 * (cells_wide(shows) as f64 / room).ceil().max(1.0) + 3.0)?;
        sheet.merge_range(at, 2, at, LAST, shows, &styles.wrapped)?;
    }
    Ok(())
}
