//! Rows by months, each cell shaded by its value, with the value in it.

use plotters::style::RGBColor;

use super::axes::ColumnLabels;
use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, GRID, SOFT, Type, filled, stroke};
use super::layout::{LABEL, MARGIN, NOTE, RowLabels, TICK, VALUE, begin, clamped, empty, end, hatched, ink_on, shade};
use super::text::{shorten, widest};
use super::values::{Scale, Unit, count, counted, drawable};
use super::{Caption, ChartError};

/// A heat map: such as the overdue rate of departments by month.
#[derive(Clone, Debug, Default)]
pub struct HeatMap {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// What the shades mean: `超期率`.
    pub value_name: String,
    /// What the hatching means: `无数据`.
    pub none_name: String,
    /// The columns' labels, from left to right: `2026-03`.
    pub columns: Vec<String>,
    /// The rows, from top to bottom, in the caller's order.
    pub rows: Vec<HeatRow>,
}

/// One row of a [`HeatMap`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatRow {
    /// Its name, in at most two lines.
    pub label: String,
    /// How many it rests on, in grey behind the label: `n = 132`.
    pub note: String,
    /// One cell for each column; none where there is nothing to divide by.
    pub cells: Vec<Option<HeatCell>>,
}

/// One cell of a [`HeatMap`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatCell {
    /// Its value.
    pub value: f64,
    /// How many it rests on, small below the value: `n = 12`; left out where there is no room.
    pub note: String,
}

/// From nothing to the most; each is darker than the one before, in grey too.
const SHADES: [RGBColor; 7] = [
    RGBColor(0xf4, 0xf7, 0xfa),
    RGBColor(0xdb, 0xe6, 0xf0),
    RGBColor(0xba, 0xd1, 0xe4),
    RGBColor(0x8e, 0xb4, 0xd4),
    RGBColor(0x5d, 0x91, 0xbd),
    RGBColor(0x35, 0x6c, 0x9c),
    RGBColor(0x1a, 0x43, 0x6b),
];
const SMALL: Type = Type::new(9.5, SOFT);

impl HeatMap {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, or a row has not one cell for each column.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        let mut largest = 0.0_f64;
        for row in &self.rows {
            counted(row.cells.len(), self.columns.len(), chart, &row.label)?;
            for cell in row.cells.iter().flatten() {
                largest = largest.max(drawable(cell.value, chart, &row.label)?);
            }
        }
        if self.rows.iter().all(|row| row.cells.iter().all(Option::is_none)) {
            return Ok(empty(&self.caption));
        }
        let scale = Scale::reaching(largest, &self.unit, 5.0);
        let (mut canvas, y) = begin(&self.caption);
        let y = self.draw_scale(&mut canvas, y, scale);
        let labels = RowLabels::new(self.rows.iter().map(|row| row.label.as_str()), canvas.width() * 0.2, LABEL);
        let notes = widest(self.rows.iter().map(|row| row.note.as_str()), NOTE.size, NOTE.weight);
        let label_right = MARGIN + labels.width;
        let note_right = label_right + if notes > 0.0 { 10.0 + notes } else { 0.0 };
        let left = note_right + 10.0;
        let width = (canvas.width() - MARGIN - left) / count(self.columns.len());
        let fitting = self.fitting(width);
        let cell_notes = self.rows.iter().flat_map(|row| &row.cells).flatten().map(|cell| cell.note.as_str());
        let note_width = widest(cell_notes, SMALL.size, SMALL.weight);
        let with_notes = note_width > 0.0 && note_width + 4.0 <= width && fitting.is_some();
        let height = if with_notes || labels.two_lines() { 36.0 } else { 26.0 };

        let y = self.write_columns(&mut canvas, left, width, y + 4.0);
        let frame = Frame { left, top: y, right: left + width, bottom: y + height };
        for (index, row) in self.rows.iter().enumerate() {
            let top = frame.top + height * count(index);
            for (column, cell) in row.cells.iter().enumerate() {
                let left = left + width * count(column);
                let place =
                    Frame { left: left + 0.5, top: top + 0.5, right: left + width - 0.5, bottom: top + height - 0.5 };
                let Some(cell) = cell else {
                    hatched(&mut canvas, place);
                    continue;
                };
                let colour = shade(&SHADES, cell.value / scale.top);
                canvas.rectangle(place, filled(colour));
                let (x, middle) = (left + width / 2.0, top + height / 2.0);
                let lift = if with_notes { 6.0 } else { 0.0 };
                if let Some((kind, with_sign)) = fitting {
                    let text = self.written(cell.value, with_sign);
                    canvas.label((x, middle - lift), Anchor::Middle, kind.ink(ink_on(colour)), &text);
                }
                if with_notes {
                    canvas.label((x, middle + 9.0), Anchor::Middle, SMALL.ink(ink_on(colour)), &cell.note);
                }
            }
            let middle = top + height / 2.0;
            labels.write(&mut canvas, index, (label_right, middle), Anchor::End, LABEL);
            canvas.label((note_right, middle), Anchor::End, NOTE, &row.note);
        }
        Ok(end(canvas, &self.caption, frame.top + height * count(self.rows.len()) + 4.0))
    }

    /// How values are written so that each fits in its cell: with %, without it, or small; none: not at all.
    fn fitting(&self, width: f64) -> Option<(Type, bool)> {
        let ways = [VALUE, TICK, SMALL].into_iter().flat_map(|kind| [(kind, true), (kind, false)]);
        let fits = |&(kind, with_sign): &(Type, bool)| {
            let mut cells = self.rows.iter().flat_map(|row| &row.cells).flatten();
            cells.all(|cell| kind.width(&self.written(cell.value, with_sign)) + 4.0 <= width)
        };
        ways.into_iter().find(fits)
    }

    fn written(&self, value: f64, with_sign: bool) -> String {
        let bare = self.unit.bare(value);
        if with_sign { bare } else { bare.trim_end_matches('%').to_owned() }
    }

    /// Draws the scale of shades with its ends and steps; gives the height reached.
    fn draw_scale(&self, canvas: &mut Canvas, y: f64, scale: Scale) -> f64 {
        const SWATCH: f64 = 36.0;
        let middle = y + 11.0;
        let name = shorten(&self.value_name, canvas.width() * 0.3, VALUE.size, VALUE.weight);
        canvas.label((MARGIN, middle), Anchor::Start, VALUE, &name);
        let left = MARGIN + VALUE.width(&name) + 12.0 + TICK.width(&self.unit.written(0.0)) / 2.0;
        for (index, &colour) in SHADES.iter().enumerate() {
            let from = left + SWATCH * count(index);
            canvas
                .rectangle(Frame { left: from, top: y + 4.0, right: from + SWATCH, bottom: y + 17.0 }, filled(colour));
        }
        let right = left + SWATCH * count(SHADES.len());
        let frame = Frame { left, top: y + 4.0, right, bottom: y + 17.0 };
        canvas.rectangle(frame, stroke(AXIS, 1.0));
        let half = widest([self.unit.written(scale.top).as_str()], TICK.size, TICK.weight) / 2.0;
        for (x, value) in [(left, 0.0), (f64::midpoint(left, right), scale.top / 2.0), (right, scale.top)] {
            canvas.line((x, frame.bottom), (x, frame.bottom + 3.0), stroke(AXIS, 1.0), Dash::None);
            let text = self.unit.written(value);
            let is_middle = value > 0.0 && value < scale.top;
            if !is_middle || 2.0 * half + 8.0 <= SWATCH * count(SHADES.len()) / 2.0 {
                let x = clamped(x, TICK.width(&text), MARGIN, canvas.width() - MARGIN);
                canvas.label((x, frame.bottom + 10.0), Anchor::Middle, TICK, &text);
            }
        }
        if self.rows.iter().any(|row| row.cells.iter().any(Option::is_none)) {
            let from = right + half.max(8.0) + 22.0;
            hatched(canvas, Frame { left: from, top: y + 4.0, right: from + 26.0, bottom: y + 17.0 });
            let room = canvas.width() - MARGIN - from - 33.0;
            let name = shorten(&self.none_name, room, VALUE.size, VALUE.weight);
            canvas.label((from + 33.0, middle), Anchor::Start, VALUE, &name);
        }
        y + 40.0
    }

    /// Writes the columns' labels, as many as there is room for, counted back from the last; gives the height reached.
    fn write_columns(&self, canvas: &mut Canvas, left: f64, width: f64, y: f64) -> f64 {
        let longest = widest(self.columns.iter().map(String::as_str), TICK.size, TICK.weight);
        // the last label may have to move to the left, towards the one before it
        let room = longest + 8.0 + (longest - width).max(0.0) / 2.0;
        let columns = self.columns.len();
        let every = (1..=columns).find(|&every| width * count(every) >= room).unwrap_or(columns.max(1));
        let shown = |column: usize| (self.columns.len() - 1 - column).is_multiple_of(every);
        let labels: Vec<&str> = self
            .columns
            .iter()
            .enumerate()
            .map(|(column, label)| if shown(column) { label.as_str() } else { "" })
            .collect();
        let labels = ColumnLabels::new(labels.into_iter(), (longest + 8.0).max(width), 1);
        let right = canvas.width() - MARGIN;
        let middle = |column: usize| clamped(left + width * (count(column) + 0.5), longest, MARGIN, right);
        let y = labels.write(canvas, y, SOFT, middle);
        canvas.line((left, y + 2.0), (right, y + 2.0), stroke(GRID, 1.0), Dash::None);
        y + 4.0
    }
}
