//! The stages of one application over time: planned, actual, excluded, overdue; or as they are scheduled.

use plotters::style::RGBColor;

use super::canvas::{ALARM, AXIS, Anchor, Canvas, Dash, Frame, GRID, INK, Plot, SOFT, filled, stroke};
use super::layout::{
    LABEL, MARGIN, NOTE, RowLabels, Sign, TICK, VALUE, alarm_if, arrow, begin, clamped, empty, end, hatched, legend,
    scheduled, stripes,
};
use super::text::shorten;
use super::values::count;
use super::{Caption, ChartError};

/// A Gantt chart. Days are numbers counted from any fixed day, the same in all fields.
///
/// A span runs from the instant its first day begins to the instant its last number
/// says: `(10, 12)` is two days long, and a stage done on the day it started,
/// `(10, 10)`, is a short mark.
#[derive(Clone, Debug)]
pub struct Gantt {
    /// The words around it, and its width.
    pub caption: Caption,
    /// The first day shown; what is before it is cut off.
    pub first_day: i32,
    /// The last day shown.
    pub last_day: i32,
    /// The first day of each month, with its label: `2026-03`.
    pub months: Vec<DayMark>,
    /// The as-of day: a line from top to bottom.
    pub as_of: Option<DayMark>,
    /// The day that everything is scheduled for: a dotted line.
    pub goal: Option<DayMark>,
    /// The rows, from top to bottom, in the caller's order.
    pub rows: Vec<GanttRow>,
    /// The names in its legend.
    pub words: GanttWords,
}

/// A day with a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayMark {
    /// The day, counted as in the chart.
    pub day: i32,
    /// What stands there.
    pub label: String,
}

/// The names in the legend of a [`Gantt`]; a sign that no row uses is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GanttWords {
    /// The thin bar: 计划.
    pub planned: String,
    /// The bar: 实际.
    pub actual: String,
    /// The hatching: 剔除（客户原因）.
    pub excluded: String,
    /// The red: 超期.
    pub overdue: String,
    /// The arrow: 进行中.
    pub open: String,
    /// The light bar: 计划.
    pub scheduled: String,
    /// The dark bar: 关键环节.
    pub critical: String,
    /// The hatched bar: 客户工作.
    pub customers: String,
    /// The hatched bar in a dark frame: 关键的客户工作.
    pub critical_customers: String,
}

/// One stage pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GanttRow {
    /// The stage.
    pub label: String,
    /// The department, in grey behind it.
    pub department: String,
    /// From the planned start to the due day.
    pub planned: Option<(i32, i32)>,
    /// From the start to the finish, or to the as-of day while open.
    pub actual: Option<(i32, i32)>,
    /// Whether it goes on: the bar ends in an arrow.
    pub open: bool,
    /// Spans that are taken out of its time.
    pub excluded: Vec<(i32, i32)>,
    /// The part of the actual span past its limit.
    pub overdue: Option<(i32, i32)>,
    /// When it is to be done, in a plan.
    pub scheduled: Option<Scheduled>,
    /// A few words behind the bar, such as how late it is.
    pub note: String,
}

/// The bar of something that is still to be done. It can be distinguished in black and white: what is critical is dark or
/// has a dark frame, what the customer does is hatched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduled {
    /// From its start, or the as-of day, to the day it is due.
    pub span: (i32, i32),
    /// Whether it has no reserve.
    pub is_critical: bool,
    /// Whether the customer does it.
    pub is_customers: bool,
}

const PLANNED: RGBColor = RGBColor(0x9a, 0xa6, 0xb2);
const ACTUAL: RGBColor = RGBColor(0x6f, 0xa3, 0xcc);
const ROW: f64 = 32.0;
/// Where a row's two bars are, from its top, in pixels.
const PLANNED_AT: (f64, f64) = (6.0, 10.0);
const ACTUAL_AT: (f64, f64) = (13.0, 25.0);

impl Gantt {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a span, or the time shown, ends before it begins.
    pub fn svg(&self) -> Result<String, ChartError> {
        self.check()?;
        if !self.rows.iter().any(|row| row.planned.is_some() || row.actual.is_some() || row.scheduled.is_some()) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let top = legend(&mut canvas, y, &self.legend_entries()) + 26.0;
        let width = canvas.width();
        let stages = self.rows.iter().map(|row| row.label.as_str());
        let stages = RowLabels::new(stages, width * 0.17, LABEL);
        let departments = self.rows.iter().map(|row| row.department.as_str());
        let departments = RowLabels::new(departments, width * 0.14, NOTE);
        let department_left = MARGIN + stages.width + 12.0;
        let gap = if departments.width > 0.0 { 14.0 } else { 2.0 };
        let frame = Frame {
            left: department_left + departments.width + gap,
            top,
            right: width - MARGIN,
            bottom: top + ROW * count(self.rows.len()),
        };
        let plot = Plot::listing(frame, f64::from(self.first_day)..f64::from(self.last_day));

        stripes(&mut canvas, frame, ROW, self.rows.len());
        self.draw_months(&mut canvas, &plot, frame);
        for (index, row) in self.rows.iter().enumerate() {
            let top = frame.top + ROW * count(index);
            let middle = top + ROW / 2.0;
            stages.write(&mut canvas, index, (MARGIN, middle), Anchor::Start, LABEL);
            departments.write(&mut canvas, index, (department_left, middle), Anchor::Start, NOTE);
            self.draw_bars(&mut canvas, &plot, row, top);
        }
        // above the bars, below their notes
        let bottom = self.draw_marks(&mut canvas, &plot, frame);
        for (index, row) in self.rows.iter().enumerate() {
            let top = frame.top + ROW * count(index);
            self.write_note(&mut canvas, &plot, frame, row, top);
        }
        Ok(end(canvas, &self.caption, bottom))
    }

    fn check(&self) -> Result<(), ChartError> {
        let refuse = |label: &str, (from, to): (i32, i32)| ChartError::Span {
            chart: self.caption.title.clone(),
            label: label.to_owned(),
            from: f64::from(from),
            to: f64::from(to),
        };
        for row in &self.rows {
            let scheduled = row.scheduled.as_ref().map(|bar| &bar.span);
            let spans = row.planned.iter().chain(&row.actual).chain(&row.overdue).chain(scheduled);
            for &span in spans.chain(&row.excluded) {
                if span.0 > span.1 {
                    return Err(refuse(&row.label, span));
                }
            }
        }
        if self.first_day >= self.last_day && !self.rows.is_empty() {
            return Err(refuse("", (self.first_day, self.last_day)));
        }
        Ok(())
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let words = &self.words;
        let used = |has: fn(&GanttRow) -> bool| self.rows.iter().any(has);
        let signs = [
            (used(|row| row.planned.is_some()), Sign::Thin(PLANNED), &words.planned),
            (used(|row| row.actual.is_some()), Sign::Area(ACTUAL), &words.actual),
            (used(|row| !row.excluded.is_empty()), Sign::Hatched, &words.excluded),
            (used(|row| row.overdue.is_some()), Sign::Area(ALARM), &words.overdue),
            (used(|row| row.open), Sign::Open(ACTUAL), &words.open),
        ];
        let bars = [
            (false, false, &words.scheduled),
            (true, false, &words.critical),
            (false, true, &words.customers),
            (true, true, &words.critical_customers),
        ];
        let bars = bars.map(|(is_critical, is_customers, name)| {
            let is = |bar: &Scheduled| bar.is_critical == is_critical && bar.is_customers == is_customers;
            let used = self.rows.iter().filter_map(|row| row.scheduled.as_ref()).any(is);
            (used, Sign::Scheduled { is_critical, is_customers }, name)
        });
        signs
            .into_iter()
            .chain(bars)
            .filter(|&(used, _, _)| used)
            .map(|(_, sign, name)| (sign, name.as_str()))
            .collect()
    }

    fn shows(&self, day: i32) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }

    /// Draws the months' lines, and as many of their labels as there is room for.
    fn draw_months(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame) {
        canvas.line((frame.left, frame.top), (frame.right, frame.top), stroke(AXIS, 1.2), Dash::None);
        let shown: Vec<&DayMark> = self.months.iter().filter(|month| self.shows(month.day)).collect();
        let left = |month: &DayMark| plot.at(f64::from(month.day), 0.0).0;
        let right = |month: &DayMark| left(month) + 4.0 + TICK.width(&month.label);
        let fits = |every: usize| {
            let kept: Vec<&DayMark> = shown.iter().copied().step_by(every).collect();
            kept.windows(2).all(|pair| right(pair[0]) + 6.0 <= left(pair[1]))
        };
        let every = [1, 2, 3, 6, 12].into_iter().find(|&every| fits(every)).unwrap_or(shown.len().max(1));
        for (index, month) in shown.into_iter().enumerate() {
            let x = left(month);
            canvas.line((x, frame.top), (x, frame.bottom), stroke(GRID, 1.0), Dash::None);
            if index % every == 0 && right(month) <= frame.right + MARGIN - 4.0 {
                canvas.line((x, frame.top - 16.0), (x, frame.top), stroke(AXIS, 1.0), Dash::None);
                canvas.label((x + 4.0, frame.top - 9.0), Anchor::Start, TICK, &month.label);
            }
        }
    }

    /// Finds a span on the canvas, cut to the days shown; none if it is not in them.
    fn frame(&self, plot: &Plot, span: (i32, i32), top: f64, at: (f64, f64)) -> Option<Frame> {
        if span.1 < self.first_day || span.0 > self.last_day {
            return None;
        }
        let (left, _) = plot.at(f64::from(span.0.max(self.first_day)), 0.0);
        let (right, _) = plot.at(f64::from(span.1.min(self.last_day)), 0.0);
        let right = right.max(left + 2.5);
        Some(Frame { left, top: top + at.0, right, bottom: top + at.1 })
    }

    fn draw_bars(&self, canvas: &mut Canvas, plot: &Plot, row: &GanttRow, top: f64) {
        if let Some(frame) = row.planned.and_then(|span| self.frame(plot, span, top, PLANNED_AT)) {
            canvas.rectangle(frame, filled(PLANNED));
        }
        if let Some(bar) = row.scheduled
            && let Some(frame) = self.frame(plot, bar.span, top, ACTUAL_AT)
        {
            scheduled(canvas, frame, bar.is_critical, bar.is_customers);
        }
        let Some(actual) = row.actual else { return };
        let Some(frame) = self.frame(plot, actual, top, ACTUAL_AT) else { return };
        canvas.rectangle(frame, filled(ACTUAL));
        let overdue = row.overdue.and_then(|span| self.frame(plot, span, top, ACTUAL_AT));
        if let Some(overdue) = overdue {
            canvas.rectangle(overdue, filled(ALARM));
        }
        for &span in &row.excluded {
            let clipped = (span.0.max(actual.0), span.1.min(actual.1));
            if clipped.0 < clipped.1
                && let Some(excluded) = self.frame(plot, clipped, top, ACTUAL_AT)
            {
                hatched(canvas, excluded);
            }
        }
        if row.open || actual.1 > self.last_day {
            let late = row.overdue.is_some_and(|(_, to)| to >= actual.1);
            arrow(canvas, frame.right, frame, alarm_if(late, ACTUAL));
        }
    }

    /// Writes a row's note behind its bar, or before it where there is more room.
    fn write_note(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, row: &GanttRow, top: f64) {
        const GAP: f64 = 6.0;
        let kind = NOTE.ink(alarm_if(row.overdue.is_some(), SOFT)).halo();
        let span = row.scheduled.map(|bar| bar.span).or(row.actual).or(row.planned);
        let span = span.and_then(|span| self.frame(plot, span, top, ACTUAL_AT));
        let Some(bar) = span else { return };
        let arrow = if row.open { 9.0 } else { 0.0 };
        let (before, behind) = (bar.left - GAP, bar.right + arrow + GAP);
        let room_before = before - frame.left;
        let room_behind = frame.right + MARGIN - 4.0 - behind;
        let y = top + f64::midpoint(ACTUAL_AT.0, ACTUAL_AT.1);
        let text = shorten(&row.note, room_before.max(room_behind), kind.size, kind.weight);
        if kind.width(&text) <= room_behind {
            canvas.label((behind, y), Anchor::Start, kind, &text);
        } else {
            canvas.label((before, y), Anchor::End, kind, &text);
        }
    }

    /// Draws the lines of the as-of day and of the goal with their labels below; gives the height reached.
    fn draw_marks(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame) -> f64 {
        const LEADING: f64 = 17.0;
        let marks = [(&self.as_of, Dash::Dashes, 1.2), (&self.goal, Dash::Dots, 2.0)];
        let mut bottom = frame.bottom;
        let mut taken: Option<(f64, f64)> = None;
        for (mark, dash, width) in marks {
            let Some(mark) = mark.as_ref().filter(|mark| self.shows(mark.day)) else { continue };
            let (x, _) = plot.at(f64::from(mark.day), 0.0);
            let label = shorten(&mark.label, canvas.width() - 2.0 * MARGIN, VALUE.size, VALUE.weight);
            let half = VALUE.width(&label) / 2.0;
            let middle = clamped(x, 2.0 * half, MARGIN, canvas.width() - MARGIN);
            // Labels that would touch stand one below the other.
            let touches =
                taken.is_some_and(|(left, right)| middle - half < right + 10.0 && left < middle + half + 10.0);
            let y = frame.bottom + 15.0 + if touches { LEADING } else { 0.0 };
            canvas.line((x, frame.top), (x, frame.bottom + 6.0), stroke(INK, width), dash);
            canvas.label((middle, y), Anchor::Middle, VALUE, &label);
            taken = Some((middle - half, middle + half));
            bottom = f64::max(bottom, y + 7.0);
        }
        bottom
    }
}
