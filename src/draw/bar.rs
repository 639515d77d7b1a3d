//! Horizontal bars, grouped by category, with intervals and a line for the mean.

use plotters::style::RGBColor;

use super::canvas::{Anchor, Canvas, Dash, Frame, INK, Plot, code, filled, stroke};
use super::layout::{
    LABEL, MARGIN, NOTE, RowLabels, Sign, VALUE, begin, empty, end, legend, reference, right_edge, stripes, value_axis,
};
use super::text::widest;
use super::values::{Scale, Unit, count, counted, drawable};
use super::{Caption, ChartError, Reference};

/// Bars by category: such as a department's overdue rate without and with exclusion.
#[derive(Clone, Debug, Default)]
pub struct BarChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// The name of each bar of a category, from top to bottom; the last one is the
    /// one that matters: it is dark and has the interval. At most three.
    pub series: Vec<String>,
    /// The rows, from top to bottom, in the caller's order.
    pub categories: Vec<BarCategory>,
    /// What the interval is, for the legend: `95 % 置信区间`; empty without intervals.
    pub interval_name: String,
    /// A line across all categories, such as all departments' mean.
    pub reference: Option<Reference>,
}

/// One row of a [`BarChart`].
#[derive(Clone, Debug, Default)]
pub struct BarCategory {
    /// Its name, in at most two lines.
    pub label: String,
    /// How many it rests on, in grey behind the label: `n = 132`.
    pub note: String,
    /// One value for each series; none where there is nothing to divide by.
    pub values: Vec<Option<f64>>,
    /// Low and high end of the interval around the last series' value.
    pub interval: Option<(f64, f64)>,
    /// Whether it rests on so few that it is grey, has no interval, and does not scale the axis.
    pub is_few: bool,
}

impl BarCategory {
    fn drawn_interval(&self) -> Option<(f64, f64)> {
        self.interval.filter(|_| !self.is_few)
    }
}

/// Bar colours by how many series there are, the last one darkest.
const SHADES: [RGBColor; 3] = [RGBColor(0xe3, 0xc9, 0x8b), RGBColor(0xc3, 0xcc, 0xd6), RGBColor(0x3a, 0x76, 0xa8)];
/// Bars of few.
const OF_FEW: RGBColor = RGBColor(0xdd, 0xe1, 0xe6);
/// How far below its bar an interval is drawn: the value stands at the end of the bar.
const BELOW: f64 = 4.0;

impl BarChart {
    /// The colour of a series, `0xRRGGBB`.
    pub fn colour(&self, series: usize) -> u32 {
        code(SHADES[(SHADES.len() + series).saturating_sub(self.series.len()).min(SHADES.len() - 1)])
    }

    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, a category has not one value for each
    /// series, or an interval is upside down.
    pub fn svg(&self) -> Result<String, ChartError> {
        self.check()?;
        if !self.categories.iter().any(|category| category.values.iter().any(Option::is_some)) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries());
        let y = if self.reference.is_some() { y + 22.0 } else { y + 4.0 };

        let series = self.series.len();
        let thickness = if self.categories.len() > 14 { 10.0 } else { 12.0 };
        let bars = count(series) * (thickness + 2.0) - 2.0;
        let labels = self.labels(canvas.width());
        let row = (bars + 14.0).max(if labels.two_lines() { 38.0 } else { 26.0 });
        let notes = widest(self.categories.iter().map(|c| c.note.as_str()), NOTE.size, NOTE.weight);
        let label_right = MARGIN + labels.width;
        let note_right = label_right + if notes > 0.0 { 12.0 + notes } else { 0.0 };

        let scale = Scale::reaching(self.largest(), &self.unit, 6.0);
        let left = note_right + 12.0;
        let ends = self.categories.iter().flat_map(|category| ends(category, scale.top));
        let ends = ends.filter_map(|(at, value)| Some((at, VALUE.bold().width(&self.unit.written(value?)))));
        let frame = Frame {
            left,
            top: y,
            right: right_edge(canvas.width(), left, scale, &self.unit, ends),
            bottom: y + row * count(self.categories.len()),
        };
        let plot = Plot::listing(frame, 0.0..scale.top);
        stripes(&mut canvas, frame, row, self.categories.len());
        value_axis(&mut canvas, frame, &plot, scale, &self.unit);
        for (index, category) in self.categories.iter().enumerate() {
            let top = row * count(index) + (row - bars) / 2.0;
            self.draw_bars(&mut canvas, &plot, category, (top, scale.top), thickness);
        }
        if let Some(mark) = &self.reference {
            reference(&mut canvas, &plot, frame, mark, &self.unit);
        }
        for (index, category) in self.categories.iter().enumerate() {
            let top = row * count(index) + (row - bars) / 2.0;
            self.write_values(&mut canvas, &plot, category, (top, scale.top), thickness);
            let middle = frame.top + row * (count(index) + 0.5);
            labels.write(&mut canvas, index, (label_right, middle), Anchor::End, LABEL);
            canvas.label((note_right, middle), Anchor::End, NOTE, &category.note);
        }
        Ok(end(canvas, &self.caption, frame.bottom + 20.0))
    }

    fn check(&self) -> Result<(), ChartError> {
        let chart = &self.caption.title;
        for category in &self.categories {
            let label = &category.label;
            counted(category.values.len(), self.series.len(), chart, label)?;
            for value in category.values.iter().flatten() {
                drawable(*value, chart, label)?;
            }
            if let Some((low, high)) = category.interval {
                drawable(low, chart, label)?;
                drawable(high, chart, label)?;
                if low > high {
                    let (chart, label) = (chart.clone(), label.clone());
                    return Err(ChartError::Span { chart, label, from: low, to: high });
                }
            }
        }
        if let Some(reference) = &self.reference {
            drawable(reference.value, chart, &reference.label)?;
        }
        Ok(())
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let names = self.series.iter().enumerate();
        let mut entries: Vec<(Sign, &str)> =
            names.map(|(index, name)| (Sign::Area(self.shade(index)), name.as_str())).collect();
        if self.categories.iter().any(|category| category.drawn_interval().is_some()) {
            entries.push((Sign::Whisker, &self.interval_name));
        }
        entries
    }

    fn labels(&self, width: f64) -> RowLabels {
        RowLabels::new(self.categories.iter().map(|c| c.label.as_str()), width * 0.24, LABEL)
    }

    fn shade(&self, index: usize) -> RGBColor {
        let from_last = self.series.len() - 1 - index;
        SHADES[(SHADES.len() - 1).saturating_sub(from_last)]
    }

    /// The largest thing that must fit on the axis: of few only where there is nothing else.
    fn largest(&self) -> f64 {
        let all_are_few = self.categories.iter().all(|category| category.is_few);
        let scaling = self.categories.iter().filter(|category| all_are_few || !category.is_few);
        let values = scaling.flat_map(|category| {
            let high = category.drawn_interval().map(|(_, high)| high);
            category.values.iter().copied().flatten().chain(high)
        });
        values.chain(self.reference.as_ref().map(|r| r.value)).fold(0.0, f64::max)
    }

    fn draw_bars(
        &self,
        canvas: &mut Canvas,
        plot: &Plot,
        category: &BarCategory,
        (top, most): (f64, f64),
        thickness: f64,
    ) {
        let mut y = top;
        for (index, value) in category.values.iter().enumerate() {
            if let Some(value) = value {
                let shade = if category.is_few { OF_FEW } else { self.shade(index) };
                plot.bar(canvas, (0.0, y), (value.min(most), y + thickness), filled(shade));
            }
            y += thickness + 2.0;
        }
        if let Some((low, high)) = category.drawn_interval() {
            let (y, style) = (y - 2.0 + BELOW, stroke(INK, 1.3));
            plot.path(canvas, vec![(low, y), (high, y)], style, Dash::None);
            for value in [low, high] {
                plot.path(canvas, vec![(value, y - 3.0), (value, y + 3.0)], style, Dash::None);
            }
        }
    }

    fn write_values(
        &self,
        canvas: &mut Canvas,
        plot: &Plot,
        category: &BarCategory,
        (top, most): (f64, f64),
        thickness: f64,
    ) {
        let last = self.series.len().saturating_sub(1);
        let mut y = top + thickness / 2.0;
        for (index, (at, value)) in ends(category, most).enumerate() {
            let (x, middle) = plot.at(at, y);
            let kind = if index == last && !category.is_few { VALUE.bold() } else { NOTE };
            let text = value.map_or_else(|| "–".to_owned(), |value| self.unit.written(value));
            canvas.label((x + 6.0, middle), Anchor::Start, kind.halo(), &text);
            y += thickness + 2.0;
        }
    }
}

/// The values at the ends of a category's bars, each with where its bar ends: of few, at the end of the axis at most.
fn ends(category: &BarCategory, most: f64) -> impl Iterator<Item = (f64, Option<f64>)> + '_ {
    category.values.iter().map(move |&value| (value.unwrap_or_default().min(most), value))
}
