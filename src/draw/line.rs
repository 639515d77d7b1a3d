//! Lines over months, with gaps, direct labels and a legend.

use plotters::style::RGBColor;

use super::axes::{EndLabel, by_month, left_of, levels, months};
use super::canvas::{Canvas, Dash, Frame, Hue, PAPER, Plot, SOFT, Type, filled, stroke};
use super::layout::{MARGIN, NOTE, Sign, VALUE, begin, empty, end, is_narrow, legend};
use super::values::{Scale, Unit, count, counted, drawable};
use super::{Caption, ChartError, Reference};

/// Lines over months: rates, days, percentiles by mode.
#[derive(Clone, Debug)]
pub struct LineChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// The label of each month, from the first to the last: `2026-03`.
    pub months: Vec<String>,
    /// The lines; where they cross, later ones are on top, muted ones below.
    pub lines: Vec<Line>,
    /// A dashed line across all months.
    pub target: Option<Reference>,
}

/// One line of a [`LineChart`].
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Its name in the legend.
    pub name: String,
    /// Its name at its end, before its last value; empty: the same as `name`.
    pub short_name: String,
    /// One value for each month; the line is broken where there is none.
    pub values: Vec<Option<f64>>,
    /// Its colour; percentiles of one mode share it.
    pub hue: Hue,
    /// How its stroke is interrupted; the percentile.
    pub style: LineStyle,
    /// Keeps the line thin and grey behind the others, regardless of its hue.
    pub muted: bool,
}

/// How a line is drawn; in black and white it is all that distinguishes lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LineStyle {
    #[default]
    /// Without breaks: the median, or the only one.
    Solid,
    /// Long strokes.
    Dashed,
    /// Round dots.
    Dotted,
}

impl LineStyle {
    pub(super) fn dash(self) -> Dash {
        match self {
            Self::Solid => Dash::None,
            Self::Dashed => Dash::Dashes,
            Self::Dotted => Dash::Dots,
        }
    }
}

/// The grey of muted lines and of their labels.
const MUTED: RGBColor = RGBColor(0xb4, 0xbd, 0xc7);
/// Months closer than this, in pixels, get no dots.
const DOTS_APART: f64 = 28.0;

impl LineChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, or a line has not one value a month.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        for line in &self.lines {
            counted(line.values.len(), self.months.len(), chart, &line.name)?;
            for value in line.values.iter().flatten() {
                drawable(*value, chart, &line.name)?;
            }
        }
        if let Some(target) = &self.target {
            drawable(target.value, chart, &target.label)?;
        }
        if !self.lines.iter().any(|line| line.values.iter().any(Option::is_some)) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = if self.lines.len() > 1 { legend(&mut canvas, y, &self.legend_entries()) } else { y };

        let scale = Scale::reaching(self.largest(), &self.unit, 5.0);
        let ticks = scale.ticks(&self.unit);
        let ends = self.lines.len() + usize::from(self.target.is_some());
        let top = y + 10.0;
        let mut frame = Frame {
            left: left_of(&ticks),
            top,
            right: canvas.width() - MARGIN,
            bottom: top + 300.0_f64.max(EndLabel::LEADING * count(ends)),
        };
        let widest_end = self.end_texts().map(|(kind, text)| kind.width(&text)).fold(0.0, f64::max);
        frame.right -= EndLabel::room(&canvas, widest_end);
        let plot = by_month(frame, self.months.len(), 0.0..scale.top);

        levels(&mut canvas, &plot, frame, &ticks, 8.0);
        months(&mut canvas, &plot, frame, &self.months);
        if let Some(target) = &self.target {
            let (_, y) = plot.at(0.0, target.value);
            let style = stroke(Hue::Grey.line(), 1.3);
            canvas.line((frame.left, y), (frame.right + 8.0, y), style, Dash::Dashes);
        }
        let muted_first = |muted| self.lines.iter().filter(move |line| line.muted == muted);
        for line in muted_first(true).chain(muted_first(false)) {
            Self::draw(&mut canvas, &plot, line);
        }
        self.write_ends(&mut canvas, &plot, frame);
        Ok(end(canvas, &self.caption, frame.bottom + 24.0))
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        // muted lines look alike: only the labels at their ends distinguish them
        let entries = self.lines.iter().filter(|line| !line.muted).map(|line| {
            let (colour, width) = look(line);
            (Sign::Stroke(colour, width, line.style.dash()), line.name.as_str())
        });
        let target =
            self.target.iter().map(|target| (Sign::Stroke(Hue::Grey.line(), 1.3, Dash::Dashes), target.label.as_str()));
        entries.chain(target).collect()
    }

    fn largest(&self) -> f64 {
        let values = self.lines.iter().flat_map(|line| line.values.iter().copied().flatten());
        values.chain(self.target.as_ref().map(|t| t.value)).fold(0.0, f64::max)
    }

    fn draw(canvas: &mut Canvas, plot: &Plot, line: &Line) {
        let (colour, width) = look(line);
        let (first, second) = (plot.at(0.0, 0.0).0, plot.at(1.0, 0.0).0);
        let dots = !line.muted && second - first >= DOTS_APART;
        let points: Vec<Option<(f64, f64)>> = line
            .values
            .iter()
            .enumerate()
            .map(|(month, value)| value.map(|value| (count(month), value.max(0.0))))
            .collect();
        for run in points.split(Option::is_none) {
            let run: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
            let single = run.len() == 1;
            if run.len() > 1 {
                plot.path(canvas, run.clone(), stroke(colour, width), line.style.dash());
            }
            for (index, point) in run.iter().enumerate() {
                let last = index + 1 == run.len() && Some(*point) == points.iter().rev().find_map(|p| *p);
                if dots || single || (last && !line.muted) {
                    let radius = if line.muted { 2.0 } else { 3.0 };
                    plot.dot(canvas, *point, radius + 1.0, filled(PAPER));
                    plot.dot(canvas, *point, radius, filled(colour));
                }
            }
        }
    }

    /// What is written at the end of each line, in the order of the lines.
    fn end_texts(&self) -> impl Iterator<Item = (Type, String)> + '_ {
        // Where there is little room, what the legend names has its value alone.
        let in_legend = is_narrow(&self.caption) && self.lines.len() > 1;
        let lines = self.lines.iter().filter_map(move |line| {
            let (_, value) = last_value(line)?;
            let name = match line.short_name.is_empty() {
                _ if in_legend && !line.muted => "",
                true => &line.name,
                false => &line.short_name,
            };
            let kind = if line.muted { NOTE } else { VALUE.bold() };
            Some((kind, format!("{name} {}", self.unit.written(value)).trim().to_owned()))
        });
        let target = self
            .target
            .iter()
            .map(move |target| (if in_legend { "" } else { &target.label }, target.value))
            .map(|(name, value)| (NOTE, format!("{name} {}", self.unit.written(value)).trim().to_owned()));
        lines.chain(target)
    }

    fn write_ends(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame) {
        let points = self.lines.iter().filter_map(|line| {
            let (month, value) = last_value(line)?;
            let ink = if line.muted { SOFT } else { line.hue.line() };
            Some((plot.at(count(month), value), ink))
        });
        let target = self.target.iter().map(|target| {
            let (_, y) = plot.at(0.0, target.value);
            ((frame.right + 8.0, y), SOFT)
        });
        let ends = points.chain(target).zip(self.end_texts());
        let ends = ends.map(|((at, ink), (kind, text))| EndLabel { text, at, ink, kind }).collect();
        EndLabel::write_all(ends, canvas, frame);
    }
}

/// The colour and width of a line.
fn look(line: &Line) -> (RGBColor, f64) {
    if line.muted { (MUTED, 1.4) } else { (line.hue.line(), 2.2) }
}

/// The last month that has a value.
fn last_value(line: &Line) -> Option<(usize, f64)> {
    let mut months = line.values.iter().enumerate().rev();
    months.find_map(|(month, value)| value.map(|value| (month, value.max(0.0))))
}
