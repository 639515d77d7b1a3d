//! The sheet of charts: bars, stacks and lines as charts of the workbook, each beside the values that it shows.

use rust_xlsxwriter::{
    Chart, ChartAxisCrossing, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartLineDashType,
    ChartSolidFill, ChartType, Url, Worksheet, XlsxError,
};

use super::{Styles, leads_back, merged, print_setup};
use crate::cells::Format;
use crate::draw;
use crate::report::Input;
use crate::report::charts::{Plotted, Series, Shape};
use crate::words::Lang;

/// The columns that a chart covers, which are what is printed, and where its values begin.
const COLUMNS: u16 = 10;
const VALUES: u16 = COLUMNS + 1;
/// Pixels of a column and of a row, and rows between one chart and the next.
const COLUMN: u32 = 89;
const ROW: u32 = 20;
const BETWEEN: u32 = 2;
/// What a chart needs besides its bars.
const AROUND: u32 = 150;

/// What the sheet is called.
pub(super) fn name(lang: Lang) -> &'static str {
    lang.pick("图表", "Charts")
}

/// Lays it out, a chart below the other.
pub(super) fn fill(
    sheet: &mut Worksheet,
    input: &Input<'_>,
    title: &str,
    charts: &[&Plotted],
    back: Url,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let lang = input.lang;
    sheet.set_name(name(lang))?;
    for column in 0..COLUMNS {
        sheet.set_column_width_pixels(column, COLUMN)?;
    }
    sheet.set_column_width(VALUES, 24)?;
    let period = input.period.label(lang);
    sheet.set_row_height(0, 30)?;
    let title = lang.pick(format!("{title}（{period}）"), format!("{title} ({period})"));
    merged(sheet, 0, COLUMNS - 1, &title, &styles.title)?;
    leads_back(sheet, back, &title, lang, styles)?;
    sheet.write_string_with_format(0, VALUES, lang.pick("图中数值", "what the charts show"), &styles.subtitle)?;
    let mut row = 2;
    let mut breaks = Vec::new();
    let mut printed = 0;
    for chart in charts {
        let height = height(chart);
        let rows = height.div_ceil(ROW) + BETWEEN;
        // What does not fit on the page any more begins the next one.
        if printed > 0 && printed + rows > PAGE {
            breaks.push(row);
            printed = 0;
        }
        values(sheet, row, chart, styles)?;
        let mut own = own(chart, row, name(lang));
        own.set_width(COLUMN * u32::from(COLUMNS)).set_height(height);
        sheet.insert_chart(row, 0, &own)?;
        row += rows;
        printed += rows;
    }
    print_setup(sheet, lang)?;
    sheet.set_print_area(0, 0, row, COLUMNS - 1)?;
    sheet.set_page_breaks(&breaks)?;
    Ok(())
}

/// Rows of a page across.
const PAGE: u32 = 34;

/// How high a chart is, in pixels: it ends below its values, and bars take room.
fn height(chart: &Plotted) -> u32 {
    let labels = chart.labels.len() as u32;
    let own = match chart.shape {
        Shape::Lines => 300,
        Shape::Stacks => AROUND + 24 * labels,
        Shape::Bars => AROUND + 14 * labels * (chart.series.len() as u32 + 1),
    };
    own.clamp(220, 640).max((labels + 1) * ROW)
}

/// The values beside a chart: a row for each label, a column for each series.
fn values(sheet: &mut Worksheet, row: u32, chart: &Plotted, styles: &Styles) -> Result<(), XlsxError> {
    let format = match &chart.unit {
        draw::Unit::Percent { .. } => Format::Rate,
        draw::Unit::Plain { decimals, .. } => Format::Decimal(*decimals),
    };
    sheet.write_string_with_format(row, VALUES, &chart.title, styles.of_heads())?;
    for (at, label) in (row + 1..).zip(&chart.labels) {
        sheet.write_string_with_format(at, VALUES, label, styles.of(Format::Text))?;
    }
    for (column, series) in (VALUES + 1..).zip(&chart.series) {
        sheet.write_string_with_format(row, column, &series.name, styles.of_heads())?;
        for (at, value) in (row + 1..).zip(&series.values) {
            match value {
                Some(value) => sheet.write_number_with_format(at, column, *value, styles.of(format))?,
                None => sheet.write_blank(at, column, styles.of(format))?,
            };
        }
    }
    Ok(())
}

/// The chart of the values that begin in a row.
fn own(plotted: &Plotted, row: u32, sheet: &str) -> Chart {
    let kind = match plotted.shape {
        Shape::Bars => ChartType::Bar,
        Shape::Stacks => ChartType::BarStacked,
        Shape::Lines => ChartType::Line,
    };
    let mut chart = Chart::new(kind);
    let (first, last) = (row + 1, row + plotted.labels.len() as u32);
    for (column, series) in (VALUES + 1..).zip(&plotted.series) {
        chart
            .add_series()
            .set_name((sheet, row, column))
            .set_categories((sheet, first, VALUES, last, VALUES))
            .set_values((sheet, first, column, last, column))
            .set_format(&mut look(plotted.shape, series));
    }
    let title = match plotted.subtitle.is_empty() {
        true => plotted.title.clone(),
        false => format!("{}\n{}", plotted.title, plotted.subtitle),
    };
    chart.title().set_name(title.as_str()).set_font(ChartFont::new().set_size(11).set_bold());
    chart.set_alt_text(title.as_str());
    match plotted.series.len() {
        1 => chart.legend().set_hidden(),
        _ => chart.legend().set_position(ChartLegendPosition::Bottom),
    };
    let written = match &plotted.unit {
        draw::Unit::Percent { .. } => "0%".to_owned(),
        draw::Unit::Plain { suffix, .. } => format!("General\"{}\"", suffix.replace('"', "")),
    };
    // Of bars that lie the vertical axis is that of their names; the first stands at the top, the values below the last.
    match plotted.shape {
        Shape::Lines => chart.y_axis().set_num_format(written),
        Shape::Bars | Shape::Stacks => {
            chart.y_axis().set_reverse().set_crossing(ChartAxisCrossing::Max);
            chart.x_axis().set_num_format(written)
        }
    };
    chart
}

fn look(shape: Shape, series: &Series) -> ChartFormat {
    let mut format = ChartFormat::new();
    if shape == Shape::Lines {
        let mut line = ChartLine::new();
        line.set_color(series.colour).set_width(2.0);
        if series.is_dashed {
            line.set_dash_type(ChartLineDashType::Dash);
        }
        format.set_line(&line);
    } else {
        format.set_solid_fill(ChartSolidFill::new().set_color(series.colour));
    }
    format
}
