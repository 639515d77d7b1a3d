//! Kaplan–Meier and cumulative incidence curves, with the numbers at risk below.

use super::axes::{EndLabel, counts, left_of, levels, staircase, title_above, title_below};
use super::canvas::{Anchor, Canvas, Dash, Frame, Hue, INK, Plot, SOFT, filled, stroke, veil};
use super::layout::{BAND, MARGIN, NOTE, RowLabels, Sign, VALUE, begin, empty, end, legend, paler, ring, value_axis};
use super::line::LineStyle;
use super::text::shorten;
use super::values::{Scale, Unit, cases, count, drawable};
use super::{Caption, ChartError, Reference};

/// Shares over the days since the start: of those still waiting, or of those who got there.
#[derive(Clone, Debug, Default)]
pub struct SurvivalChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// What the axis at the left says: `尚未送电的比例`.
    pub share_name: String,
    /// What the axis below says: `受理后的天数`.
    pub days_name: String,
    /// How days are written, in the medians.
    pub unit: Unit,
    /// The curves; later ones are on top.
    pub curves: Vec<SurvivalCurve>,
    /// Where the axis ends, in days; none: where the last curve does.
    pub last_day: Option<f64>,
    /// A dotted line at one day, such as the common horizon of restricted means.
    pub horizon: Option<Reference>,
    /// The bands' name in the legend: `95 % 置信区间`.
    pub interval_name: String,
    /// The name of the small strokes on the curves: `在办（截尾）`.
    pub censored_name: String,
    /// What stands above the numbers at risk: `在险数`.
    pub at_risk_name: String,
}

/// One curve of a [`SurvivalChart`].
#[derive(Clone, Debug, Default)]
pub struct SurvivalCurve {
    /// Its name in the legend and at its end.
    pub name: String,
    /// Its name next to its numbers at risk; empty: it has no row there.
    pub at_risk_name: String,
    /// Its colour.
    pub hue: Hue,
    /// Its stroke: what distinguishes it in black and white.
    pub style: LineStyle,
    /// Puts rings along it: they distinguish groups in black and white where strokes distinguish their ends.
    pub is_ringed: bool,
    /// One step for each day on which something happened, the days rising; the first is where it starts: day 0.
    pub steps: Vec<SurvivalStep>,
    /// The day on which the curve reaches a half, with its name: `订单式中位`.
    pub median: Option<Reference>,
}

/// A day on which someone arrived or left without arriving.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SurvivalStep {
    /// Days since the start.
    pub day: f64,
    /// The share from this day on, 0–1.
    pub share: f64,
    /// Low and high end of the share's interval.
    pub interval: Option<(f64, f64)>,
    /// How many were under observation just before this day.
    pub at_risk: u64,
    /// How many of them were last seen on this day.
    pub censored: u64,
}

impl SurvivalCurve {
    /// How many are still under observation on a day.
    fn at_risk(&self, day: f64) -> u64 {
        self.steps.iter().find(|step| step.day >= day).map_or(0, |step| step.at_risk)
    }

    fn shares(&self) -> Vec<(f64, f64)> {
        self.steps.iter().map(|step| (step.day, step.share)).collect()
    }
}

/// Rings along a curve are so far apart, in pixels.
const RINGS_APART: f64 = 64.0;
/// Strokes for those last seen are no closer than this, in pixels.
const CENSORED_APART: f64 = 6.0;

impl SurvivalChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, a share is above 1, an interval is upside down, or days do not rise.
    pub fn svg(&self) -> Result<String, ChartError> {
        self.check()?;
        let reached = self.curves.iter().flat_map(|curve| &curve.steps).map(|step| step.day).fold(0.0, f64::max);
        let last_day = self.last_day.unwrap_or(reached);
        if self.curves.iter().all(|curve| curve.steps.is_empty()) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries());
        let top = title_above(&mut canvas, y, &self.share_name);
        let percent = Unit::Percent { decimals: 0 };
        let shares = Scale::reaching(1.0, &percent, 5.0).ticks(&percent);
        let days = Unit::Plain { decimals: 0, suffix: String::new() };
        let scale = Scale::reaching(last_day.max(1.0), &days, 8.0);

        let rows: Vec<&SurvivalCurve> = self.curves.iter().filter(|curve| !curve.at_risk_name.is_empty()).collect();
        let names = RowLabels::new(rows.iter().map(|curve| curve.at_risk_name.as_str()), canvas.width() * 0.2, NOTE);
        let ends = self.curves.iter().map(|curve| VALUE.bold().width(&end_text(curve, last_day))).fold(0.0, f64::max);
        // the first number is centred on the left edge, next to its name
        let first = rows.iter().map(|curve| NOTE.width(&days.written(cases(curve.at_risk(0.0))))).fold(0.0, f64::max);
        let left = left_of(&shares).max(MARGIN + names.width + 10.0 + first / 2.0);
        let right = canvas.width() - MARGIN - EndLabel::room(&canvas, ends);
        let frame = Frame { left, top, right, bottom: top + 320.0 };
        let plot = Plot::rising(frame, 0.0..scale.top, 0.0..1.0);

        value_axis(&mut canvas, frame, &plot, scale, &days);
        levels(&mut canvas, &plot, frame, &shares, 0.0);
        for curve in &self.curves {
            draw_band(&mut canvas, &plot, curve, last_day);
        }
        self.draw_medians(&mut canvas, &plot, last_day);
        for curve in &self.curves {
            draw_curve(&mut canvas, &plot, curve, last_day);
        }
        self.write_marks(&mut canvas, &plot, frame, last_day);
        self.write_ends(&mut canvas, &plot, frame, last_day);
        let mut y = title_below(&mut canvas, frame, frame.bottom + 20.0, &self.days_name);
        if !rows.is_empty() {
            y += 16.0;
            canvas.label((MARGIN, y), Anchor::Start, NOTE.bold(), &self.at_risk_name);
            for (row, curve) in rows.iter().enumerate() {
                y += if names.two_lines() { 32.0 } else { 18.0 };
                let ink = curve.hue.line();
                names.write(&mut canvas, row, (MARGIN, y), Anchor::Start, NOTE.ink(ink));
                let numbers: Vec<(f64, String)> = scale
                    .ticks(&days)
                    .iter()
                    .filter(|(day, _)| *day <= last_day)
                    .map(|(day, _)| (plot.at(*day, 0.0).0, days.written(cases(curve.at_risk(*day)))))
                    .collect();
                counts(&mut canvas, &numbers, y, INK);
            }
            y += 4.0;
        }
        Ok(end(canvas, &self.caption, y))
    }

    fn check(&self) -> Result<(), ChartError> {
        let chart = &self.caption.title;
        for curve in &self.curves {
            let label = &curve.name;
            let refuse = |value| ChartError::Value { chart: chart.clone(), label: label.clone(), value };
            let backwards = |from, to| ChartError::Span { chart: chart.clone(), label: label.clone(), from, to };
            for step in &curve.steps {
                drawable(step.day, chart, label)?;
                let (low, high) = step.interval.unwrap_or((step.share, step.share));
                for share in [step.share, low, high] {
                    if drawable(share, chart, label)? > 1.0 + 1e-9 {
                        return Err(refuse(share));
                    }
                }
                if low > high {
                    return Err(backwards(low, high));
                }
            }
            if let Some(pair) = curve.steps.windows(2).find(|pair| pair[0].day >= pair[1].day) {
                return Err(backwards(pair[0].day, pair[1].day));
            }
        }
        let medians = self.curves.iter().filter_map(|curve| curve.median.as_ref());
        for mark in medians.chain(&self.horizon) {
            drawable(mark.value, chart, &mark.label)?;
        }
        self.last_day.map_or(Ok(0.0), |day| drawable(day, chart, &self.days_name)).map(|_| ())
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let curves = self.curves.iter().map(|curve| {
            let (colour, dash) = (curve.hue.line(), curve.style.dash());
            let sign = if curve.is_ringed { Sign::Ringed(colour, dash) } else { Sign::Stroke(colour, 2.2, dash) };
            (sign, curve.name.as_str())
        });
        let mut entries: Vec<(Sign, &str)> = curves.collect();
        let mut steps = self.curves.iter().flat_map(|curve| &curve.steps);
        if steps.clone().any(|step| step.interval.is_some()) {
            entries.push((Sign::Band(SOFT), &self.interval_name));
        }
        if steps.any(|step| step.censored > 0) {
            entries.push((Sign::Censored(SOFT), &self.censored_name));
        }
        entries
    }

    fn draw_medians(&self, canvas: &mut Canvas, plot: &Plot, last_day: f64) {
        let shown = self.curves.iter().filter_map(|curve| Some((curve, curve.median.as_ref()?.value)));
        for (curve, day) in shown.filter(|&(_, day)| day <= last_day) {
            let style = stroke(curve.hue.line(), 1.2);
            canvas.path(&[plot.at(0.0, 0.5), plot.at(day, 0.5), plot.at(day, 0.0)], style, Dash::Dashes);
        }
        if let Some(horizon) = self.horizon.as_ref().filter(|horizon| horizon.value <= last_day) {
            let ends = (plot.at(horizon.value, 0.0), plot.at(horizon.value, 1.0));
            canvas.line(ends.0, ends.1, stroke(SOFT, 1.8), Dash::Dots);
        }
    }

    /// Writes the medians one below the other next to the feet of their lines, the horizon next to its top.
    fn write_marks(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, last_day: f64) {
        let mut medians: Vec<(&SurvivalCurve, &Reference)> =
            self.curves.iter().filter_map(|curve| Some((curve, curve.median.as_ref()?))).collect();
        medians.retain(|(_, median)| median.value <= last_day);
        medians.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let lines = medians.len();
        let mut marks: Vec<_> = medians
            .into_iter()
            .enumerate()
            .map(|(line, (curve, median))| {
                (frame.bottom - 11.0 - 16.0 * count(lines - 1 - line), curve.hue.line(), median)
            })
            .collect();
        marks.extend(
            self.horizon.iter().filter(|mark| mark.value <= last_day).map(|mark| (frame.top + 10.0, SOFT, mark)),
        );
        for (y, ink, mark) in marks {
            let kind = VALUE.ink(ink).halo();
            let days = self.unit.written(mark.value);
            let room = (frame.right - frame.left) * 0.45 - kind.width(&days);
            let text = format!("{} {days}", shorten(&mark.label, room, kind.size, kind.weight));
            let (x, _) = plot.at(mark.value, 0.0);
            let (x, anchor) = if x + 6.0 + kind.width(&text) <= frame.right {
                (x + 6.0, Anchor::Start)
            } else {
                (x - 6.0, Anchor::End)
            };
            canvas.label((x, y), anchor, kind, text.trim());
        }
    }

    fn write_ends(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, last_day: f64) {
        let ends = self.curves.iter().filter_map(|curve| {
            let (day, share) = staircase(&curve.shares(), own_end(curve, last_day)).pop()?;
            let (text, ink) = (end_text(curve, last_day), curve.hue.line());
            Some(EndLabel { text, at: plot.at(day, share), ink, kind: VALUE.bold() })
        });
        EndLabel::write_all(ends.collect(), canvas, frame);
    }
}

/// The last day of a curve that is shown.
fn own_end(curve: &SurvivalCurve, last_day: f64) -> f64 {
    curve.steps.last().map_or(0.0, |step| step.day.min(last_day))
}

fn end_text(curve: &SurvivalCurve, last_day: f64) -> String {
    let share = curve.steps.iter().rfind(|step| step.day <= last_day).map_or(0.0, |step| step.share);
    format!("{} {}", curve.name, Unit::Percent { decimals: 0 }.written(share)).trim().to_owned()
}

fn draw_band(canvas: &mut Canvas, plot: &Plot, curve: &SurvivalCurve, last_day: f64) {
    let last = own_end(curve, last_day);
    for run in curve.steps.split(|step| step.interval.is_none()) {
        let edge = |end: fn((f64, f64)) -> f64| -> Vec<(f64, f64)> {
            let steps = run.iter().filter_map(|step| Some((step.day, end(step.interval?))));
            let until = run.last().map_or(0.0, |step| next_day(curve, step.day).min(last));
            let corners = staircase(&steps.collect::<Vec<_>>(), until);
            corners.into_iter().map(|(day, share)| plot.at(day, share)).collect()
        };
        let (low, high) = (edge(|(low, _)| low), edge(|(_, high)| high));
        if low.len() < 2 {
            continue;
        }
        let outline: Vec<(f64, f64)> = low.iter().chain(high.iter().rev()).copied().collect();
        canvas.polygon(&outline, veil(curve.hue.line(), BAND));
        for edge in [low, high] {
            canvas.path(&edge, stroke(paler(curve.hue.line()), 0.7), curve.style.dash());
        }
    }
}

/// The day of the step behind one, or of that one if it is the last.
fn next_day(curve: &SurvivalCurve, day: f64) -> f64 {
    curve.steps.iter().find(|step| step.day > day).map_or(day, |step| step.day)
}

fn draw_curve(canvas: &mut Canvas, plot: &Plot, curve: &SurvivalCurve, last_day: f64) {
    let last = own_end(curve, last_day);
    let corners: Vec<(f64, f64)> =
        staircase(&curve.shares(), last).into_iter().map(|(day, share)| plot.at(day, share)).collect();
    if let [only] = corners[..] {
        canvas.dot(only, 3.0, filled(curve.hue.line()));
        return;
    }
    canvas.path(&corners, stroke(curve.hue.line(), 2.2), curve.style.dash());
    let mut next = corners.first().map_or(0.0, |first| first.0 + RINGS_APART);
    // level runs only: there a ring stands on the curve wherever it is
    for pair in corners.windows(2).filter(|pair| curve.is_ringed && pair[0].1.to_bits() == pair[1].1.to_bits()) {
        while next <= pair[1].0 {
            ring(canvas, (next.max(pair[0].0), pair[0].1), 3.4, curve.hue.line());
            next += RINGS_APART;
        }
    }
    let mut before = f64::NEG_INFINITY;
    for step in curve.steps.iter().filter(|step| step.censored > 0 && step.day <= last) {
        let (x, y) = plot.at(step.day, step.share);
        if x - before >= CENSORED_APART {
            canvas.line((x, y - 4.5), (x, y + 4.5), stroke(curve.hue.line(), 1.2), Dash::None);
            before = x;
        }
    }
}
