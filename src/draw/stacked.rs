//! Horizontal bars made of parts, with totals.

use super::canvas::{Anchor, Canvas, Frame, Hue, Plot, filled};
use super::layout::{
    LABEL, MARGIN, RowLabels, Sign, VALUE, begin, empty, end, ink_on, legend, right_edge, stripes, value_axis,
};
use super::values::{Scale, Unit, count, counted, drawable};
use super::{Caption, ChartError};

/// Stacked bars by category: such as claimed working days by cause and verdict.
#[derive(Clone, Debug)]
pub struct StackedBarChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// The parts, from left to right: name and colour. A part that is 0 everywhere
    /// is not in the legend.
    pub parts: Vec<(String, Hue)>,
    /// The rows, from top to bottom, in the caller's order.
    pub bars: Vec<StackedBar>,
}

/// One row of a [`StackedBarChart`].
#[derive(Clone, Debug, Default)]
pub struct StackedBar {
    /// Its name, in at most two lines.
    pub label: String,
    /// One value for each part.
    pub values: Vec<f64>,
}

impl StackedBar {
    fn total(&self) -> f64 {
        self.values.iter().sum()
    }
}

const THICKNESS: f64 = 20.0;

impl StackedBarChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, or a bar has not one value for each part.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        for bar in &self.bars {
            counted(bar.values.len(), self.parts.len(), chart, &bar.label)?;
            for value in bar.values.iter().copied().chain([bar.total()]) {
                drawable(value, chart, &bar.label)?;
            }
        }
        let largest = self.bars.iter().map(StackedBar::total).fold(0.0, f64::max);
        if largest <= 0.0 {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let used = |part: usize| self.bars.iter().any(|bar| bar.values[part] > 0.0);
        let entries: Vec<(Sign, &str)> = self
            .parts
            .iter()
            .enumerate()
            .filter(|&(part, _)| used(part))
            .map(|(_, (name, hue))| (Sign::Area(hue.area()), name.as_str()))
            .collect();
        let y = legend(&mut canvas, y, &entries) + 4.0;

        let labels = self.bars.iter().map(|bar| bar.label.as_str());
        let labels = RowLabels::new(labels, canvas.width() * 0.24, LABEL);
        let row = if labels.two_lines() { 40.0 } else { 34.0 };
        let label_right = MARGIN + labels.width;
        let scale = Scale::reaching(largest, &self.unit, 6.0);
        let left = label_right + 12.0;
        let totals = self.bars.iter().map(StackedBar::total);
        let ends = totals.map(|total| (total, VALUE.bold().width(&self.unit.written(total))));
        let frame = Frame {
            left,
            top: y,
            right: right_edge(canvas.width(), left, scale, &self.unit, ends),
            bottom: y + row * count(self.bars.len()),
        };
        let plot = Plot::listing(frame, 0.0..scale.top);
        stripes(&mut canvas, frame, row, self.bars.len());
        value_axis(&mut canvas, frame, &plot, scale, &self.unit);
        for (index, bar) in self.bars.iter().enumerate() {
            let middle = row * (count(index) + 0.5);
            self.draw(&mut canvas, &plot, bar, middle);
            let at = (label_right, frame.top + middle);
            labels.write(&mut canvas, index, at, Anchor::End, LABEL);
        }
        Ok(end(canvas, &self.caption, frame.bottom + 20.0))
    }

    fn draw(&self, canvas: &mut Canvas, plot: &Plot, bar: &StackedBar, middle: f64) {
        let (top, bottom) = (middle - THICKNESS / 2.0, middle + THICKNESS / 2.0);
        let mut from = 0.0;
        for ((_, hue), &value) in self.parts.iter().zip(&bar.values) {
            let to = from + value;
            let (left, y) = plot.at(from, middle);
            let (right, _) = plot.at(to, middle);
            // a white pixel between parts, so that print in grey keeps them apart
            let gap = if right - left > 3.0 && from > 0.0 { 1.0 } else { 0.0 };
            let frame = Frame { left: left + gap, top: plot.at(from, top).1, right, bottom: plot.at(from, bottom).1 };
            canvas.rectangle(frame, filled(hue.area()));
            let text = self.unit.bare(value);
            if VALUE.width(&text) + 8.0 <= right - left {
                let kind = VALUE.ink(ink_on(hue.area()));
                canvas.label((f64::midpoint(left, right), y), Anchor::Middle, kind, &text);
            }
            from = to;
        }
        let (x, y) = plot.at(from, middle);
        let text = self.unit.written(from);
        canvas.label((x + 6.0, y), Anchor::Start, VALUE.bold().halo(), &text);
    }
}
