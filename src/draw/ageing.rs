//! Work in progress by stage and age, against how long cases like it stayed in the stage.

use plotters::style::RGBColor;

use super::axes::{ColumnLabels, left_of, levels, title_above};
use super::canvas::{ALARM, Anchor, Canvas, Dash, Frame, GRID, Hue, INK, Plot, SOFT, TINT, filled, stroke};
use super::layout::{MARGIN, NOTE, Sign, begin, empty, end, legend, ring};
use super::line::LineStyle;
use super::text::shorten;
use super::values::{Scale, Unit, count, drawable};
use super::{Caption, ChartError};

/// Ageing work in progress: one dot for each open case.
#[derive(Clone, Debug, Default)]
pub struct AgeingChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How ages are written.
    pub unit: Unit,
    /// What the axis says: `在本环节已历工作日`.
    pub age_name: String,
    /// The stages in their usual order.
    pub stages: Vec<AgeingStage>,
    /// The names of the percentile lines, the lowest first: p50, p80, p95 of the history.
    pub percentile_names: [String; 3],
    /// The name of a dot up to the highest percentile: `在办工单`.
    pub open_name: String,
    /// The name of a dot above it: `超过历史 95 %`.
    pub late_name: String,
    /// What stands before the number of cases beyond the axis: `更久`.
    pub beyond_name: String,
    /// The name of bars, where a stage has too many cases for dots: `工单较多时按龄期计数`.
    pub crowd_name: String,
}

/// One stage of an [`AgeingChart`].
#[derive(Clone, Debug, Default)]
pub struct AgeingStage {
    /// Its name, in at most four lines.
    pub label: String,
    /// How many are open, below the name: `n = 23`.
    pub note: String,
    /// The age of each open case.
    pub ages: Vec<f64>,
    /// How long finished cases took, p50, p80 and p95; none without history.
    pub percentiles: Option<[f64; 3]>,
}

/// More open cases in a stage than this are counted by age, not drawn one by one.
const CROWD: usize = 400;
/// How the percentile lines look, p50, p80, p95.
const LINES: [(LineStyle, f64); 3] = [(LineStyle::Dotted, 1.8), (LineStyle::Dashed, 1.5), (LineStyle::Solid, 1.8)];
/// The height in pixels of the ages that a crowd is counted in.
const BIN: f64 = 6.0;

impl AgeingChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, or percentiles do not rise.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        for stage in &self.stages {
            for age in stage.ages.iter().chain(stage.percentiles.iter().flatten()) {
                drawable(*age, chart, &stage.label)?;
            }
            if let Some([p50, p80, p95]) = stage.percentiles
                && !(p50 <= p80 && p80 <= p95)
            {
                let (chart, label) = (chart.clone(), stage.label.clone());
                return Err(ChartError::Span { chart, label, from: p50, to: p95 });
            }
        }
        if self.stages.iter().all(|stage| stage.ages.is_empty()) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries());
        let top = title_above(&mut canvas, y, &self.age_name) + 14.0;
        let scale = Scale::reaching(self.reach(), &self.unit, 6.0);
        let ticks = scale.ticks(&self.unit);
        let right = canvas.width() - MARGIN;
        let frame = Frame { left: left_of(&ticks), top, right, bottom: top + 340.0 };
        let plot = Plot::rising(frame, 0.0..count(self.stages.len()), 0.0..scale.top);
        let width = (frame.right - frame.left) / count(self.stages.len());

        for column in (1..self.stages.len()).step_by(2) {
            let left = frame.left + width * count(column);
            canvas.rectangle(Frame { left, right: left + width, ..frame }, filled(TINT));
        }
        levels(&mut canvas, &plot, frame, &ticks, 0.0);
        for (column, stage) in self.stages.iter().enumerate() {
            let left = frame.left + width * count(column);
            let place = Frame { left, right: left + width, ..frame };
            self.draw(&mut canvas, &plot, place, stage, scale.top);
        }
        let middle = |column: usize| frame.left + width * (count(column) + 0.5);
        let labels = ColumnLabels::new(self.stages.iter().map(|stage| stage.label.as_str()), width, 4);
        let y = labels.write(&mut canvas, frame.bottom + 6.0, INK, middle);
        let notes = ColumnLabels::new(self.stages.iter().map(|stage| stage.note.as_str()), width, 2);
        let y = notes.write(&mut canvas, y + 1.0, SOFT, middle);
        Ok(end(canvas, &self.caption, y))
    }

    /// What the axis reaches: all ages, unless a few are so high that the rest would be squeezed.
    fn reach(&self) -> f64 {
        let oldest = self.stages.iter().flat_map(|stage| &stage.ages).copied().fold(0.0, f64::max);
        let usual = self.stages.iter().filter_map(|stage| stage.percentiles).map(|[_, _, p95]| p95).fold(0.0, f64::max);
        if usual > 0.0 && oldest > 2.5 * usual { usual * 1.6 } else { oldest.max(usual) * 1.02 }
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let mut entries = Vec::new();
        let is_late = |stage: &AgeingStage, age: &f64| late(stage, *age);
        let some =
            |wanted: bool| self.stages.iter().any(|stage| stage.ages.iter().any(|age| is_late(stage, age) == wanted));
        if some(false) {
            entries.push((Sign::Ring(Hue::Blue.line()), self.open_name.as_str()));
        }
        if some(true) {
            entries.push((Sign::Dot(ALARM), &self.late_name));
        }
        if self.stages.iter().any(|stage| stage.ages.len() > CROWD) {
            entries.push((Sign::Area(Hue::Grey.line()), &self.crowd_name));
        }
        if self.stages.iter().any(|stage| stage.percentiles.is_some()) {
            let lines = LINES.iter().zip(&self.percentile_names);
            entries.extend(lines.map(|(line, name)| (Sign::Stroke(INK, line.1, line.0.dash()), name.as_str())));
        }
        entries
    }

    fn draw(&self, canvas: &mut Canvas, plot: &Plot, place: Frame, stage: &AgeingStage, top: f64) {
        let height = |age: f64| plot.at(0.0, age).1;
        let shown: Vec<f64> = stage.ages.iter().copied().filter(|age| *age <= top).collect();
        if stage.ages.len() > CROWD {
            draw_crowd(canvas, place, stage, &shown, height);
        } else {
            draw_dots(canvas, place, stage, &shown, height);
        }
        for ((style, width), age) in LINES.iter().zip(stage.percentiles.iter().flatten()) {
            let y = height(age.min(top));
            canvas.line((place.left + 2.0, y), (place.right - 2.0, y), stroke(INK, *width), style.dash());
        }
        let beyond = stage.ages.len() - shown.len();
        if beyond > 0 {
            let text = format!("{} {beyond}", self.beyond_name);
            let room = place.right - place.left - 14.0;
            let text = shorten(text.trim(), room, NOTE.size, NOTE.weight);
            let middle = f64::midpoint(place.left, place.right);
            let half = NOTE.width(&text) / 2.0;
            let y = place.top - 9.0;
            canvas.label((middle + 6.0, y), Anchor::Middle, NOTE.ink(ALARM), &text);
            let x = middle - half - 4.0;
            canvas.polygon(&[(x, y - 4.5), (x + 4.0, y + 3.5), (x - 4.0, y + 3.5)], filled(ALARM));
        }
        canvas.line((place.right, place.top), (place.right, place.bottom), stroke(GRID, 1.0), Dash::None);
    }
}

/// Whether a case is older than nearly all before it were.
fn late(stage: &AgeingStage, age: f64) -> bool {
    stage.percentiles.is_some_and(|[_, _, p95]| age > p95)
}

fn ink(stage: &AgeingStage, age: f64) -> RGBColor {
    if late(stage, age) { ALARM } else { Hue::Blue.line() }
}

/// Draws each case, cases of about one age side by side from the middle out.
fn draw_dots(canvas: &mut Canvas, place: Frame, stage: &AgeingStage, ages: &[f64], height: impl Fn(f64) -> f64) {
    let mut ages = ages.to_vec();
    ages.sort_by(f64::total_cmp);
    let radius = if ages.len() > 120 { 2.2 } else { 3.2 };
    let side = 2.0 * radius + 1.0;
    let (middle, room) = (f64::midpoint(place.left, place.right), (place.right - place.left) / 2.0 - radius - 3.0);
    let band = |age: f64| (height(age) / side).floor();
    for run in ages.chunk_by(|a, b| (band(*a) - band(*b)).abs() < 0.5) {
        // as far apart as there is room for, so that none hides another wholly
        let step = side.min(2.0 * room / count(run.len()).max(1.0));
        for (index, &age) in run.iter().enumerate() {
            let x = middle + step * (count(index) - (count(run.len()) - 1.0) / 2.0);
            let at = (x, height(age));
            if late(stage, age) {
                canvas.dot(at, radius + 0.4, filled(ALARM));
            } else {
                ring(canvas, at, radius - 0.3, ink(stage, age));
            }
        }
    }
}

/// Draws how many cases there are of each age as bars around the middle.
fn draw_crowd(canvas: &mut Canvas, place: Frame, stage: &AgeingStage, ages: &[f64], height: impl Fn(f64) -> f64) {
    let mut bins: std::collections::BTreeMap<i64, (usize, f64)> = std::collections::BTreeMap::new();
    for &age in ages {
        #[allow(clippy::cast_possible_truncation)] // some dozens of pixels
        let bin = ((place.bottom - height(age)) / BIN).floor() as i64;
        let entry = bins.entry(bin).or_insert((0, age));
        *entry = (entry.0 + 1, entry.1.min(age));
    }
    let most = bins.values().map(|(cases, _)| *cases).max().unwrap_or(1);
    let (middle, room) = (f64::midpoint(place.left, place.right), (place.right - place.left) / 2.0 - 5.0);
    for (bin, (cases, youngest)) in bins {
        let half = (room * count(cases) / count(most)).max(0.8);
        #[allow(clippy::cast_precision_loss)]
        let bottom = place.bottom - BIN * bin as f64;
        let frame =
            Frame { left: middle - half, top: (bottom - BIN + 1.0).max(place.top), right: middle + half, bottom };
        let colour = if late(stage, youngest) { ALARM } else { Hue::Grey.line() };
        canvas.rectangle(frame, filled(colour));
    }
}
