//! From one total to another by what each stage adds or takes.

use plotters::style::RGBColor;

use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, Hue, Plot, filled, stroke};
use super::layout::{
    LABEL, MARGIN, NOTE, RowLabels, Sign, VALUE, begin, empty, end, hatched, legend, right_edge, stripes, value_axis,
};
use super::text::widest;
use super::values::{Scale, Unit, count, drawable};
use super::{Caption, ChartError, Reference};

/// A waterfall: such as from the conventional mean to the order-style mean, stage by stage.
#[derive(Clone, Debug, Default)]
pub struct WaterfallChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// The total it starts from.
    pub start: Reference,
    /// What changes, from top to bottom, in the caller's order.
    pub steps: Vec<WaterfallStep>,
    /// The total it comes to: the start and all changes.
    pub end: Reference,
    /// What bars that take something away are called: `缩短`.
    pub less_name: String,
    /// What bars that add something are called: `延长`.
    pub more_name: String,
}

/// One change of a [`WaterfallChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaterfallStep {
    /// Its name, in at most two lines.
    pub label: String,
    /// How many it rests on, in grey behind the label: `n = 132`.
    pub note: String,
    /// What it adds, or takes where it is below 0.
    pub change: f64,
}

const ROW: f64 = 27.0;
const TOTAL: RGBColor = RGBColor(0x5b, 0x67, 0x73);

/// One row: its name, how many, where its bar begins and ends, what is written behind it.
struct Row<'a> {
    label: &'a str,
    note: &'a str,
    from: f64,
    to: f64,
    text: String,
    is_total: bool,
}

impl WaterfallChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, the changes do not lead from the start to the end, or lead below 0.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        let mut largest = drawable(self.start.value, chart, &self.start.label)?;
        largest = largest.max(drawable(self.end.value, chart, &self.end.label)?);
        if self.steps.is_empty() {
            return Ok(empty(&self.caption));
        }
        let mut reached = self.start.value;
        let mut rows = vec![self.total(&self.start)];
        for step in &self.steps {
            drawable(step.change.abs(), chart, &step.label)?;
            let from = reached;
            reached = drawable(from + step.change, chart, &step.label)?;
            largest = largest.max(reached);
            let (label, note, text) = (step.label.as_str(), step.note.as_str(), self.unit.signed(step.change));
            rows.push(Row { label, note, from, to: reached, text, is_total: false });
        }
        if (reached - self.end.value).abs() > 1e-6 * largest.max(1.0) {
            let (chart, label) = (chart.clone(), self.end.label.clone());
            return Err(ChartError::Sum { chart, label, found: reached, expected: self.end.value });
        }
        rows.push(self.total(&self.end));

        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries()) + 4.0;
        let labels = RowLabels::new(rows.iter().map(|row| row.label), canvas.width() * 0.26, LABEL);
        let notes = widest(rows.iter().map(|row| row.note), NOTE.size, NOTE.weight);
        let height = if labels.two_lines() { 38.0 } else { ROW };
        let label_right = MARGIN + labels.width;
        let note_right = label_right + if notes > 0.0 { 12.0 + notes } else { 0.0 };
        let left = note_right + 12.0;
        let scale = Scale::reaching(largest, &self.unit, 6.0);
        let ends = rows.iter().map(|row| (row.from.max(row.to), VALUE.bold().width(&row.text)));
        let right = right_edge(canvas.width(), left, scale, &self.unit, ends);
        let frame = Frame { left, top: y, right, bottom: y + height * count(rows.len()) };
        let plot = Plot::listing(frame, 0.0..scale.top);

        stripes(&mut canvas, frame, height, rows.len());
        value_axis(&mut canvas, frame, &plot, scale, &self.unit);
        for (index, row) in rows.iter().enumerate() {
            let top = frame.top + height * count(index);
            let middle = top + height / 2.0;
            Self::draw(&mut canvas, &plot, row, middle);
            if index + 1 < rows.len() {
                let (x, _) = plot.at(row.to, 0.0);
                canvas.line((x, middle + 8.0), (x, middle + height - 8.0), stroke(AXIS, 1.0), Dash::None);
            }
            let (x, _) = plot.at(row.from.max(row.to), 0.0);
            let kind = if row.is_total { VALUE.bold() } else { VALUE };
            canvas.label((x + 6.0, middle), Anchor::Start, kind.halo(), &row.text);
            let kind = if row.is_total { LABEL.bold() } else { LABEL };
            labels.write(&mut canvas, index, (label_right, middle), Anchor::End, kind);
            canvas.label((note_right, middle), Anchor::End, NOTE, row.note);
        }
        Ok(end(canvas, &self.caption, frame.bottom + 20.0))
    }

    fn total<'a>(&self, total: &'a Reference) -> Row<'a> {
        let text = self.unit.written(total.value);
        Row { label: &total.label, note: "", from: 0.0, to: total.value, text, is_total: true }
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let has = |wanted: fn(f64) -> bool| self.steps.iter().any(|step| wanted(step.change));
        let mut entries: Vec<(Sign, &str)> = Vec::new();
        if has(|change| change < 0.0) {
            entries.push((Sign::Area(Hue::Blue.area()), &self.less_name));
        }
        if has(|change| change > 0.0) {
            entries.push((Sign::Hatched, &self.more_name));
        }
        entries
    }

    fn draw(canvas: &mut Canvas, plot: &Plot, row: &Row<'_>, middle: f64) {
        let (left, _) = plot.at(row.from.min(row.to), 0.0);
        let (right, _) = plot.at(row.from.max(row.to), 0.0);
        // a change too small to be seen is still a stroke
        let frame = Frame { left, top: middle - 8.0, right: right.max(left + 1.2), bottom: middle + 8.0 };
        match row {
            Row { is_total: true, .. } => canvas.rectangle(frame, filled(TOTAL)),
            Row { from, to, .. } if to > from => hatched(canvas, frame),
            _ => canvas.rectangle(frame, filled(Hue::Blue.area())),
        }
    }
}
