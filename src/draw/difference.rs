//! Differences from one value, with what is uncertain about each.

use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, GRID, Hue, INK, Plot, SOFT, filled, stroke};
use super::layout::{
    LABEL, MARGIN, NOTE, RowLabels, Sign, TICK, VALUE, begin, clamped, empty, end, legend, ring, stripes,
};
use super::text::{shorten, widest};
use super::values::{Scale, Unit, count, drawable};
use super::{Caption, ChartError};

/// A dot for each row on both sides of zero, such as managers against all managers.
#[derive(Clone, Debug, Default)]
pub struct DifferenceChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How differences are written.
    pub unit: Unit,
    /// What zero is: `全体`.
    pub zero_name: String,
    /// The filled dot's name: `区间不含 0`.
    pub apart_name: String,
    /// The hollow dot's name: `可由偶然解释`.
    pub alike_name: String,
    /// What the interval is.
    pub interval_name: String,
    /// The rows, from top to bottom, in the caller's order.
    pub rows: Vec<DifferenceRow>,
}

/// One row of a [`DifferenceChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DifferenceRow {
    /// Its name, in at most two lines.
    pub label: String,
    /// How many it rests on: `n = 132`.
    pub note: String,
    /// The difference; none where it is not known.
    pub value: Option<f64>,
    /// The interval around it.
    pub interval: Option<(f64, f64)>,
}

impl DifferenceRow {
    fn is_apart(&self) -> bool {
        self.interval.is_some_and(|(low, high)| low > 0.0 || high < 0.0)
    }
}

impl DifferenceChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a difference cannot be drawn, or an interval is upside down.
    pub fn svg(&self) -> Result<String, ChartError> {
        let largest = self.check()?;
        if self.rows.iter().all(|row| row.value.is_none()) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries()) + 22.0;
        let labels = self.rows.iter().map(|row| row.label.as_str());
        let labels = RowLabels::new(labels, canvas.width() * 0.24, LABEL);
        let height = if labels.two_lines() { 36.0 } else { 25.0 };
        let notes = widest(self.rows.iter().map(|row| row.note.as_str()), NOTE.size, NOTE.weight);
        let note_right = MARGIN + labels.width + if notes > 0.0 { 12.0 + notes } else { 0.0 };
        let values: Vec<String> = self.rows.iter().map(|row| self.written(row)).collect();
        let room = widest(values.iter().map(String::as_str), VALUE.size, VALUE.bold().weight);
        let left = note_right + 14.0;
        let right = (canvas.width() - MARGIN - room - 12.0).max(left + 40.0);
        let frame = Frame { left, top: y, right, bottom: y + height * count(self.rows.len()) };
        let scale = Scale::reaching(largest * 1.05, &self.unit, 3.0);
        let plot = Plot::listing(frame, -scale.top..scale.top);

        stripes(&mut canvas, frame, height, self.rows.len());
        self.axis(&mut canvas, &plot, frame, scale);
        for (index, (row, value)) in self.rows.iter().zip(&values).enumerate() {
            let middle = frame.top + height * (count(index) + 0.5);
            draw(&mut canvas, row, |value| (plot.at(value, 0.0).0, middle));
            labels.write(&mut canvas, index, (MARGIN + labels.width, middle), Anchor::End, LABEL);
            canvas.label((note_right, middle), Anchor::End, NOTE, &row.note);
            let kind = if row.is_apart() { VALUE.bold() } else { NOTE };
            canvas.label((canvas.width() - MARGIN, middle), Anchor::End, kind, value);
        }
        Ok(end(canvas, &self.caption, frame.bottom + 20.0))
    }

    /// Finds that all can be drawn; gives how far from zero it reaches.
    fn check(&self) -> Result<f64, ChartError> {
        let chart = &self.caption.title;
        let mut largest: f64 = 0.0;
        for row in &self.rows {
            let (low, high) = row.interval.unwrap_or_default();
            for value in row.value.into_iter().chain([low, high]) {
                largest = largest.max(drawable(value.abs(), chart, &row.label)?);
            }
            if low > high {
                let (chart, label) = (chart.clone(), row.label.clone());
                return Err(ChartError::Span { chart, label, from: low, to: high });
            }
        }
        Ok(largest)
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let some = |wanted: bool| self.rows.iter().any(|row| row.value.is_some() && row.is_apart() == wanted);
        let mut entries = Vec::new();
        if some(true) {
            entries.push((Sign::Dot(Hue::Vermilion.line()), self.apart_name.as_str()));
        }
        if some(false) {
            entries.push((Sign::Ring(Hue::Blue.line()), self.alike_name.as_str()));
        }
        if self.rows.iter().any(|row| row.interval.is_some()) {
            entries.push((Sign::Whisker, self.interval_name.as_str()));
        }
        entries
    }

    /// The grid on both sides of zero, and what zero is.
    fn axis(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, scale: Scale) {
        let ticks = scale.ticks(&self.unit);
        for value in ticks.iter().map(|(value, _)| *value).filter(|value| *value > 0.0) {
            for value in [-value, value] {
                let (x, _) = plot.at(value, 0.0);
                canvas.line((x, frame.top), (x, frame.bottom), stroke(GRID, 1.0), Dash::None);
            }
        }
        let ends = [-scale.top, scale.top].map(|value| (plot.at(value, 0.0).0, self.unit.signed(value)));
        let room = frame.right - frame.left;
        let fits = ends.iter().all(|(_, text)| TICK.width(text) + 8.0 <= room);
        for (x, text) in ends.iter().skip(usize::from(!fits)) {
            canvas.label((*x, frame.bottom + 12.0), Anchor::Middle, TICK, text);
        }
        let (zero, _) = plot.at(0.0, 0.0);
        canvas.line((zero, frame.top - 6.0), (zero, frame.bottom), stroke(AXIS, 1.6), Dash::None);
        let name = shorten(&self.zero_name, canvas.width() - 2.0 * MARGIN, VALUE.size, VALUE.weight);
        let x = clamped(zero, VALUE.width(&name), MARGIN, canvas.width() - MARGIN);
        canvas.label((x, frame.top - 14.0), Anchor::Middle, VALUE, &name);
    }

    fn written(&self, row: &DifferenceRow) -> String {
        row.value.map_or_else(|| "–".to_owned(), |value| self.unit.signed(value))
    }
}

fn draw(canvas: &mut Canvas, row: &DifferenceRow, place: impl Fn(f64) -> (f64, f64)) {
    let Some(value) = row.value else { return };
    let colour = if row.is_apart() { INK } else { SOFT };
    if let Some((low, high)) = row.interval {
        let (low, high) = (place(low), place(high));
        canvas.line(low, high, stroke(colour, 1.3), Dash::None);
        for (x, y) in [low, high] {
            canvas.line((x, y - 4.0), (x, y + 4.0), stroke(colour, 1.3), Dash::None);
        }
    }
    if row.is_apart() {
        canvas.dot(place(value), 4.5, filled(Hue::Vermilion.line()));
    } else {
        ring(canvas, place(value), 4.0, Hue::Blue.line());
    }
}
