//! Where most of it comes from: bars by size and their running share.

use super::axes::{ColumnLabels, left_of, levels, title_above};
use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, Hue, INK, PAPER, Plot, SOFT, filled, stroke};
use super::layout::{MARGIN, NOTE, Sign, TICK, VALUE, begin, empty, end, ink_on, is_narrow, legend};
use super::text::shorten;
use super::values::{Scale, Unit, count, drawable};
use super::{BarCategory, BarChart, Caption, ChartError};

/// A Pareto chart: such as critical days by department.
#[derive(Clone, Debug, Default)]
pub struct ParetoChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// What a bar measures: `关键路径天数`.
    pub value_name: String,
    /// What the line measures: `累计占比`.
    pub share_name: String,
    /// The bars; drawn from the largest down, equal ones in the caller's order.
    pub bars: Vec<ParetoBar>,
    /// The name of the column that adds up the smallest where there is no room for each: `其他`.
    pub rest_name: String,
}

/// One bar of a [`ParetoChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParetoBar {
    /// Its name.
    pub label: String,
    /// How many it rests on, in grey below the name: `n = 132`.
    pub note: String,
    /// How long it is.
    pub value: f64,
}

/// Columns are at least this wide, in pixels: a word of a label fits.
const COLUMN: f64 = 64.0;

/// So many bars lie below each other.
const LYING: f64 = 14.0;

impl ParetoChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        for bar in &self.bars {
            drawable(bar.value, chart, &bar.label)?;
        }
        let total = drawable(self.bars.iter().map(|bar| bar.value.max(0.0)).sum(), chart, &self.value_name)?;
        if total <= 0.0 {
            return Ok(empty(&self.caption));
        }
        if is_narrow(&self.caption) {
            return self.lying(total).svg();
        }
        let (mut canvas, y) = begin(&self.caption);
        let line = Hue::Vermilion.line();
        let entries = [
            (Sign::Area(Hue::Blue.area()), self.value_name.as_str()),
            (Sign::Stroke(line, 2.2, Dash::None), self.share_name.as_str()),
        ];
        let y = legend(&mut canvas, y, &entries);
        let top = title_above(&mut canvas, y, "") + 14.0;
        let scale = Scale::reaching(total, &self.unit, 5.0);
        let ticks = scale.ticks(&self.unit);
        let percent = Unit::Percent { decimals: 0 };
        let right = canvas.width() - MARGIN - TICK.width("100%") - 8.0;
        let frame = Frame { left: left_of(&ticks), top, right, bottom: top + 300.0 };
        let bars = self.columns(((frame.right - frame.left) / COLUMN).max(2.0));
        let plot = Plot::rising(frame, 0.0..count(bars.len()), 0.0..scale.top);

        levels(&mut canvas, &plot, frame, &ticks, 0.0);
        canvas.line((frame.right, frame.top), (frame.right, frame.bottom), stroke(AXIS, 1.0), Dash::None);
        for (share, label) in Scale::reaching(1.0, &percent, 5.0).ticks(&percent) {
            let (x, y) = plot.at(count(bars.len()), share * total);
            canvas.line((x, y), (x + 4.0, y), stroke(AXIS, 1.0), Dash::None);
            canvas.label((x + 8.0, y), Anchor::Start, TICK, &label);
        }
        for (index, bar) in bars.iter().enumerate() {
            self.draw_bar(&mut canvas, &plot, index, bar.value);
        }
        draw_shares(&mut canvas, &plot, &bars, total);
        let width = (frame.right - frame.left) / count(bars.len());
        let middle = |column: usize| plot.at(count(column) + 0.5, 0.0).0;
        let names = ColumnLabels::new(bars.iter().map(|bar| bar.label.as_str()), width, 4);
        let y = names.write(&mut canvas, frame.bottom + 6.0, INK, middle);
        let notes = ColumnLabels::new(bars.iter().map(|bar| bar.note.as_str()), width, 1);
        let y = notes.write(&mut canvas, y + 1.0, SOFT, middle);
        Ok(end(canvas, &self.caption, y))
    }

    /// The same as bars that lie, each with the share that is reached with it.
    fn lying(&self, total: f64) -> BarChart {
        let mut reached = 0.0;
        let category = |bar: ParetoBar| {
            reached += bar.value.max(0.0);
            let share = Unit::Percent { decimals: 0 }.written((reached / total).min(1.0));
            BarCategory { label: bar.label, note: share, values: vec![Some(bar.value)], ..BarCategory::default() }
        };
        let said = [self.caption.subtitle.as_str(), self.share_name.as_str()];
        let said: Vec<&str> = said.into_iter().filter(|text| !text.is_empty()).collect();
        let caption = Caption { subtitle: said.join(" · "), ..self.caption.clone() };
        BarChart {
            caption,
            unit: self.unit.clone(),
            series: vec![self.value_name.clone()],
            categories: self.columns(LYING).into_iter().map(category).collect(),
            ..BarChart::default()
        }
    }

    /// The bars from the largest down, at most this many: the last one adds up what has no room.
    fn columns(&self, most: f64) -> Vec<ParetoBar> {
        let mut bars = self.bars.clone();
        bars.sort_by(|a, b| b.value.total_cmp(&a.value));
        let kept = (2..).find(|&kept| count(kept) + 1.0 > most).unwrap_or(2);
        if bars.len() > kept {
            let rest = bars.split_off(kept - 1);
            let value = rest.iter().map(|bar| bar.value.max(0.0)).sum();
            let label = format!("{} ({})", self.rest_name, rest.len());
            bars.push(ParetoBar { label, note: String::new(), value });
        }
        bars
    }

    fn draw_bar(&self, canvas: &mut Canvas, plot: &Plot, index: usize, value: f64) {
        let (left, foot) = plot.at(count(index) + 0.1, 0.0);
        let (right, head) = plot.at(count(index) + 0.9, value);
        let colour = Hue::Blue.area();
        canvas.rectangle(Frame { left, top: head, right, bottom: foot }, filled(colour));
        let text = shorten(&self.unit.bare(value), right - left - 2.0, VALUE.size, VALUE.weight);
        let middle = f64::midpoint(left, right);
        // at the foot of the bar where it fits: there the line never passes
        if foot - head >= 17.0 {
            canvas.label((middle, foot - 9.0), Anchor::Middle, VALUE.ink(ink_on(colour)), &text);
        } else {
            canvas.label((middle, head - 9.0), Anchor::Middle, VALUE.halo(), &text);
        }
    }
}

/// Draws the running share, with a dot and its value at the right edge of each bar.
fn draw_shares(canvas: &mut Canvas, plot: &Plot, bars: &[ParetoBar], total: f64) {
    let ink = Hue::Vermilion.line();
    let mut reached = 0.0;
    let mut points = Vec::new();
    let mut texts = Vec::new();
    for (index, bar) in bars.iter().enumerate() {
        reached += bar.value.max(0.0);
        points.push(plot.at(count(index) + 1.0, reached.min(total)));
        texts.push(Unit::Percent { decimals: 0 }.written((reached / total).min(1.0)));
    }
    if points.len() > 1 {
        canvas.path(&points, stroke(ink, 2.2), Dash::None);
    }
    for (&(x, y), text) in points.iter().zip(&texts) {
        canvas.dot((x, y), 4.5, filled(PAPER));
        canvas.dot((x, y), 3.5, filled(ink));
        canvas.label((x - 4.0, y - 11.0), Anchor::Middle, NOTE.ink(ink).halo(), text);
    }
}
