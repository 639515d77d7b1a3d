//! The funnel plot: which departments' rates differ from the overall rate by more than chance.

use super::axes::{DotLabels, below, left_of, levels, title_above, title_below};
use super::canvas::{Anchor, Canvas, Dash, Frame, Hue, INK, Plot, SOFT, filled, stroke};
use super::layout::{MARGIN, NOTE, Sign, VALUE, begin, empty, end, legend, ring, value_axis};
use super::line::LineStyle;
use super::text::{shorten, widest};
use super::values::{Scale, Unit, cases, drawable};
use super::{Caption, ChartError, Reference};

/// Rates over what they rest on, with limits of chance around the overall rate.
#[derive(Clone, Debug, Default)]
pub struct FunnelChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How rates are written.
    pub unit: Unit,
    /// What the axis at the left says: `环节超期率`.
    pub rate_name: String,
    /// What the axis below says: `当月结算环节数 n`.
    pub n_name: String,
    /// The rate of all together.
    pub overall: Reference,
    /// The limits, the inner ones first.
    pub limits: Vec<FunnelLimit>,
    /// One dot for each department.
    pub dots: Vec<FunnelDot>,
    /// What dots beyond the limits are called: `超出控制限`.
    pub outside_name: String,
    /// What the others are called: `属正常波动`.
    pub inside_name: String,
}

/// A pair of limits; the curves are cut where they leave the chart.
#[derive(Clone, Debug, Default)]
pub struct FunnelLimit {
    /// Its name in the legend: `95 %`.
    pub name: String,
    /// Its stroke.
    pub style: LineStyle,
    /// The lower limit: (n, rate), n rising.
    pub lower: Vec<(f64, f64)>,
    /// The upper limit: (n, rate), n rising.
    pub upper: Vec<(f64, f64)>,
}

/// One department of a [`FunnelChart`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FunnelDot {
    /// Its name; written only where the dot is outside.
    pub label: String,
    /// How many its rate rests on.
    pub n: u64,
    /// Its rate.
    pub rate: f64,
    /// Whether it is beyond a limit: filled, and named.
    pub is_outside: bool,
}

const RADIUS: f64 = 5.0;

impl FunnelChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        let mut top = drawable(self.overall.value, chart, &self.overall.label)? * 2.0;
        let mut most = 1.0_f64;
        for dot in &self.dots {
            top = top.max(drawable(dot.rate, chart, &dot.label)? * 1.1);
            most = most.max(drawable(cases(dot.n), chart, &dot.label)?);
        }
        for limit in &self.limits {
            for (n, rate) in limit.lower.iter().chain(&limit.upper) {
                drawable(*n, chart, &limit.name)?;
                drawable(*rate, chart, &limit.name)?;
            }
        }
        if self.dots.is_empty() {
            return Ok(empty(&self.caption));
        }
        if matches!(self.unit, Unit::Percent { .. }) && self.dots.iter().all(|dot| dot.rate <= 1.0) {
            top = top.min(1.0);
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries());
        let top_y = title_above(&mut canvas, y, &self.rate_name);
        let scale = Scale::reaching(top, &self.unit, 6.0);
        let ticks = scale.ticks(&self.unit);
        let across = Unit::default();
        let reach = Scale::reaching(most * 1.04, &across, 8.0);
        let overall = self.unit.written(self.overall.value);
        let room = widest([self.overall.label.as_str(), &overall], NOTE.size, NOTE.weight).min(canvas.width() * 0.2);
        let right = canvas.width() - MARGIN - room - 8.0;
        let frame = Frame { left: left_of(&ticks), top: top_y, right, bottom: top_y + 360.0 };
        let plot = Plot::rising(frame, 0.0..reach.top, 0.0..scale.top);

        value_axis(&mut canvas, frame, &plot, reach, &across);
        levels(&mut canvas, &plot, frame, &ticks, 0.0);
        for limit in &self.limits {
            for curve in [&limit.lower, &limit.upper] {
                let shown: Vec<(f64, f64)> = curve.iter().copied().filter(|(n, _)| *n <= reach.top).collect();
                for part in below(&shown, scale.top) {
                    plot.path(&mut canvas, part, stroke(SOFT, 1.4), limit.style.dash());
                }
            }
        }
        let (_, y) = plot.at(0.0, self.overall.value);
        canvas.line((frame.left, y), (frame.right, y), stroke(INK, 1.3), Dash::None);
        let name = shorten(&self.overall.label, room + 0.5, NOTE.size, NOTE.weight);
        let y = y.clamp(frame.top + 8.0, frame.bottom - 8.0);
        canvas.label((frame.right + 6.0, y - 7.5), Anchor::Start, NOTE, &name);
        canvas.label((frame.right + 6.0, y + 7.5), Anchor::Start, NOTE, &overall);
        self.draw_dots(&mut canvas, &plot, frame);
        let y = title_below(&mut canvas, frame, frame.bottom + 20.0, &self.n_name);
        Ok(end(canvas, &self.caption, y))
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let limits = self.limits.iter().map(|limit| (Sign::Stroke(SOFT, 1.4, limit.style.dash()), limit.name.as_str()));
        let mut entries: Vec<(Sign, &str)> = limits.collect();
        for (is_outside, sign, name) in [
            (true, Sign::Dot(Hue::Vermilion.line()), &self.outside_name),
            (false, Sign::Ring(Hue::Blue.line()), &self.inside_name),
        ] {
            if self.dots.iter().any(|dot| dot.is_outside == is_outside) {
                entries.push((sign, name));
            }
        }
        entries
    }

    fn draw_dots(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame) {
        let place = |dot: &FunnelDot| plot.at(cases(dot.n), dot.rate);
        let named = |outside: bool| self.dots.iter().filter(move |dot| dot.is_outside == outside);
        let mut labels = DotLabels::new(frame, self.dots.iter().map(|dot| (place(dot), RADIUS)));
        for dot in named(false) {
            ring(canvas, place(dot), RADIUS - 0.8, Hue::Blue.line());
        }
        for dot in named(true) {
            canvas.dot(place(dot), RADIUS, filled(Hue::Vermilion.line()));
        }
        for dot in named(true) {
            let name = shorten(&dot.label, (frame.right - frame.left) * 0.3, VALUE.size, VALUE.weight);
            let text = format!("{name} {}", self.unit.written(dot.rate));
            labels.write(canvas, place(dot), RADIUS, VALUE.halo(), text.trim());
        }
    }
}
