//! The love plot: the balance of two groups, before and after matching.

use super::canvas::{Anchor, Dash, Frame, Hue, Plot, SOFT, filled, stroke};
use super::layout::{
    LABEL, MARGIN, NOTE, RowLabels, Sign, begin, empty, end, legend, reference, ring, stripes, value_axis,
};
use super::text::widest;
use super::values::{Scale, Unit, count, drawable};
use super::{Caption, ChartError, Reference};

/// Absolute standardised differences of covariates between two groups.
#[derive(Clone, Debug, Default)]
pub struct LoveChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How the differences are written; they are pure numbers.
    pub unit: Unit,
    /// The hollow dot's name: `匹配前`.
    pub before_name: String,
    /// The filled dot's name: `匹配后`.
    pub after_name: String,
    /// Below it two groups count as balanced: 0.1.
    pub threshold: Reference,
    /// The rows, from top to bottom, in the caller's order.
    pub rows: Vec<LoveRow>,
}

/// One level of a covariate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoveRow {
    /// Covariate and level, in at most two lines: `合同容量：315–1,250 kVA`.
    pub label: String,
    /// The absolute difference of all cases; none where it is not defined.
    pub before: Option<f64>,
    /// The absolute difference of the matched cases.
    pub after: Option<f64>,
}

impl LoveChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn; differences are given without their sign.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        let mut largest = drawable(self.threshold.value, chart, &self.threshold.label)?;
        for row in &self.rows {
            for value in row.before.iter().chain(&row.after) {
                largest = largest.max(drawable(*value, chart, &row.label)?);
            }
        }
        if self.rows.iter().all(|row| row.before.is_none() && row.after.is_none()) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let (soft, dark) = (SOFT, Hue::Blue.line());
        let entries = [(Sign::Ring(soft), self.before_name.as_str()), (Sign::Dot(dark), self.after_name.as_str())];
        let y = legend(&mut canvas, y, &entries) + 22.0;
        let labels = self.rows.iter().map(|row| row.label.as_str());
        let labels = RowLabels::new(labels, canvas.width() * 0.32, LABEL);
        let height = if labels.two_lines() { 36.0 } else { 25.0 };
        let texts: Vec<String> = self.rows.iter().map(|row| self.written(row)).collect();
        let room = widest(texts.iter().map(String::as_str), NOTE.size, NOTE.weight);
        let left = MARGIN + labels.width + 14.0;
        let right = canvas.width() - MARGIN - room - 16.0;
        let frame = Frame { left, top: y, right, bottom: y + height * count(self.rows.len()) };
        let scale = Scale::reaching(largest * 1.05, &self.unit, 6.0);
        let plot = Plot::listing(frame, 0.0..scale.top);

        stripes(&mut canvas, frame, height, self.rows.len());
        value_axis(&mut canvas, frame, &plot, scale, &self.unit);
        reference(&mut canvas, &plot, frame, &self.threshold, &self.unit);

        for (index, (row, text)) in self.rows.iter().zip(&texts).enumerate() {
            let middle = frame.top + height * (count(index) + 0.5);
            let place = |value: f64| (plot.at(value, 0.0).0, middle);
            if let (Some(before), Some(after)) = (row.before, row.after) {
                canvas.line(place(before), place(after), stroke(soft, 1.0), Dash::None);
            }
            if let Some(before) = row.before {
                ring(&mut canvas, place(before), 4.5, soft);
            }
            if let Some(after) = row.after {
                canvas.dot(place(after), 4.0, filled(dark));
            }
            labels.write(&mut canvas, index, (left - 14.0, middle), Anchor::End, LABEL);
            canvas.label((canvas.width() - MARGIN, middle), Anchor::End, NOTE, text);
        }
        Ok(end(canvas, &self.caption, frame.bottom + 20.0))
    }

    fn written(&self, row: &LoveRow) -> String {
        let [before, after] =
            [row.before, row.after].map(|value| value.map_or_else(|| "–".to_owned(), |value| self.unit.bare(value)));
        format!("{before} → {after}")
    }
}
