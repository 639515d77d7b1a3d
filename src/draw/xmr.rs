//! Process behaviour charts: monthly rates with natural limits, one panel for each department.

use super::axes::{DotLabels, by_month, left_of, levels, months};
use super::canvas::{ALARM, Anchor, Canvas, Dash, Frame, Hue, INK, PAPER, Plot, SOFT, filled, stroke};
use super::layout::{LABEL, MARGIN, NOTE, Sign, begin, empty, end, legend, ring, spread};
use super::text::{shorten, widest};
use super::values::{Scale, Unit, count, counted, drawable};
use super::{Caption, ChartError};

/// `XmR` charts as small multiples: the months are shared, the values are each panel's own.
#[derive(Clone, Debug, Default)]
pub struct XmrChart {
    /// The words around it, and its width.
    pub caption: Caption,
    /// How its values are written.
    pub unit: Unit,
    /// The label of each month, from the first to the last: `2026-03`.
    pub months: Vec<String>,
    /// The panels, in two columns where there are more than three.
    pub panels: Vec<XmrPanel>,
    /// The line's name: `月度超期率`.
    pub value_name: String,
    /// The middle line's name: `均值`.
    pub centre_name: String,
    /// The limits' name: `自然过程限`.
    pub limits_name: String,
    /// The name of months on which a rule fired: `信号（注明规则）`.
    pub signal_name: String,
}

/// One department of an [`XmrChart`].
#[derive(Clone, Debug, Default)]
pub struct XmrPanel {
    /// Its name.
    pub name: String,
    /// How many it rests on, in grey behind the name: `n = 1,320`.
    pub note: String,
    /// One value for each month; the line is broken where there is none.
    pub values: Vec<Option<f64>>,
    /// Its centre line and limits; none where there are too few months.
    pub limits: Option<XmrLimits>,
    /// The months on which a rule fired.
    pub signals: Vec<XmrSignal>,
}

/// What a rate keeps to as long as nothing changes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct XmrLimits {
    /// The lower natural limit, at least 0.
    pub low: f64,
    /// The mean.
    pub centre: f64,
    /// The upper natural limit.
    pub high: f64,
}

/// A month on which a rule fired.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct XmrSignal {
    /// The month: its place in [`XmrChart::months`].
    pub month: usize,
    /// The rule, in a few words: `超上限`, `连续 8 点同侧`. Written once where it fires month after month.
    pub rule: String,
}

const HEIGHT: f64 = 110.0;
const HEAD: f64 = 24.0;
const FOOT: f64 = 32.0;
const GAP: f64 = 28.0;
const RADIUS: f64 = 3.2;

impl XmrChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a value cannot be drawn, a panel has not one value a month, limits are upside down, or a signal is
    /// in no month.
    pub fn svg(&self) -> Result<String, ChartError> {
        self.check()?;
        if self.panels.iter().all(|panel| panel.values.iter().all(Option::is_none)) {
            return Ok(empty(&self.caption));
        }
        let (mut canvas, y) = begin(&self.caption);
        let y = legend(&mut canvas, y, &self.legend_entries()) + 4.0;
        let columns = if self.panels.len() > 3 && canvas.width() >= 800.0 { 2 } else { 1 };
        let across = (canvas.width() - 2.0 * MARGIN - GAP * (count(columns) - 1.0)) / count(columns);
        // all panels have the same room for their numbers, so that their months stand below each other
        let scales: Vec<Scale> =
            self.panels.iter().map(|panel| Scale::reaching(largest(panel), &self.unit, 3.0)).collect();
        let ticks: Vec<_> = scales.iter().map(|scale| scale.ticks(&self.unit)).collect();
        let before = ticks.iter().map(|ticks| left_of(ticks) - MARGIN).fold(0.0, f64::max);
        let limits = self.panels.iter().flat_map(|panel| self.limit_texts(panel)).map(|(_, text)| text);
        let limits: Vec<String> = limits.collect();
        let behind = widest(limits.iter().map(String::as_str), NOTE.size, NOTE.weight) + 8.0;

        let mut bottom = y;
        for (index, (panel, scale)) in self.panels.iter().zip(&scales).enumerate() {
            let (row, column) = (index / columns, index % columns);
            let left = MARGIN + (across + GAP) * count(column);
            let top = y + (HEAD + HEIGHT + FOOT) * count(row);
            let frame = Frame {
                left: left + before,
                top: top + HEAD,
                right: left + across - behind,
                bottom: top + HEAD + HEIGHT,
            };
            let plot = by_month(frame, self.months.len(), 0.0..scale.top);
            let name = shorten(&panel.name, across * 0.65, LABEL.size, LABEL.bold().weight);
            canvas.label((left, top + 10.0), Anchor::Start, LABEL.bold(), &name);
            let room = across - LABEL.bold().width(&name) - 10.0;
            let note = shorten(&panel.note, room, NOTE.size, NOTE.weight);
            canvas.label((left + LABEL.bold().width(&name) + 10.0, top + 10.0), Anchor::Start, NOTE, &note);
            levels(&mut canvas, &plot, frame, &ticks[index], 0.0);
            months(&mut canvas, &plot, frame, &self.months);
            self.draw(&mut canvas, &plot, frame, panel);
            bottom = frame.bottom + FOOT - 8.0;
        }
        Ok(end(canvas, &self.caption, bottom))
    }

    fn check(&self) -> Result<(), ChartError> {
        let chart = &self.caption.title;
        for panel in &self.panels {
            counted(panel.values.len(), self.months.len(), chart, &panel.name)?;
            let limits = panel.limits.map(|limits| [limits.low, limits.centre, limits.high]);
            for value in panel.values.iter().flatten().chain(limits.iter().flatten()) {
                drawable(*value, chart, &panel.name)?;
            }
            if let Some([low, centre, high]) = limits
                && !(low <= centre && centre <= high)
            {
                let (chart, label) = (chart.clone(), panel.name.clone());
                return Err(ChartError::Span { chart, label, from: low, to: high });
            }
            if let Some(signal) = panel.signals.iter().find(|signal| signal.month >= self.months.len()) {
                counted(self.months.len(), signal.month + 1, chart, &panel.name)?;
            }
        }
        Ok(())
    }

    fn legend_entries(&self) -> Vec<(Sign, &str)> {
        let mut entries = vec![(Sign::Ring(Hue::Blue.line()), self.value_name.as_str())];
        if self.panels.iter().any(|panel| panel.limits.is_some()) {
            entries.push((Sign::Stroke(INK, 1.2, Dash::None), &self.centre_name));
            entries.push((Sign::Stroke(SOFT, 1.3, Dash::Dashes), &self.limits_name));
        }
        if self.panels.iter().any(|panel| !panel.signals.is_empty()) {
            entries.push((Sign::Dot(ALARM), &self.signal_name));
        }
        entries
    }

    fn limit_texts(&self, panel: &XmrPanel) -> Vec<(f64, String)> {
        let limits = panel.limits.map(|limits| [limits.high, limits.centre, limits.low]);
        limits.into_iter().flatten().map(|value| (value, self.unit.bare(value))).collect()
    }

    fn draw(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, panel: &XmrPanel) {
        let limits = self.limit_texts(panel);
        let heights: Vec<f64> = limits.iter().map(|(value, _)| plot.at(0.0, *value).1).collect();
        for ((place, y), (index, (_, text))) in
            spread(&heights, 13.0, frame.top, frame.bottom).into_iter().zip(&heights).zip(limits.iter().enumerate())
        {
            let is_centre = index == 1;
            let (style, dash) =
                if is_centre { (stroke(INK, 1.2), Dash::None) } else { (stroke(SOFT, 1.3), Dash::Dashes) };
            canvas.line((frame.left, *y), (frame.right, *y), style, dash);
            let ink = if is_centre { INK } else { SOFT };
            canvas.label((frame.right + 5.0, place), Anchor::Start, NOTE.ink(ink), text);
        }
        let points: Vec<Option<(f64, f64)>> = panel
            .values
            .iter()
            .enumerate()
            .map(|(month, value)| value.map(|value| plot.at(count(month), value)))
            .collect();
        let blue = Hue::Blue.line();
        for run in points.split(Option::is_none).filter(|run| run.len() > 1) {
            let run: Vec<(f64, f64)> = run.iter().copied().flatten().collect();
            canvas.path(&run, stroke(blue, 1.5), Dash::None);
        }
        let fired = |month: usize| panel.signals.iter().any(|signal| signal.month == month);
        // dots that would touch are left out, those of signals never are
        let apart = (frame.right - frame.left) / count(self.months.len()).max(1.0);
        for (month, point) in points.iter().enumerate() {
            let Some(at) = *point else { continue };
            let alone =
                (month == 0 || points[month - 1].is_none()) && points.get(month + 1).is_none_or(Option::is_none);
            if fired(month) {
                canvas.dot(at, RADIUS + 2.0, filled(PAPER));
                canvas.dot(at, RADIUS + 1.0, filled(ALARM));
            } else if apart >= 9.0 || alone {
                ring(canvas, at, RADIUS - 0.4, blue);
            }
        }
        // names keep off the dots, whose months are the only places where the line is known to be
        let dots = points.iter().flatten().map(|&at| (at, RADIUS + 1.5));
        let mut labels = DotLabels::new(Frame { top: frame.top - 4.0, ..frame }, dots);
        for (index, signal) in panel.signals.iter().enumerate() {
            let next = panel.signals.get(index + 1);
            let goes_on = next.is_some_and(|next| next.rule == signal.rule && next.month == signal.month + 1);
            if let Some(Some(at)) = points.get(signal.month)
                && !goes_on
            {
                labels.write(canvas, *at, RADIUS + 1.5, NOTE.ink(ALARM).halo(), &signal.rule);
            }
        }
    }
}

/// The largest thing that must fit on a panel's axis.
fn largest(panel: &XmrPanel) -> f64 {
    let high = panel.limits.map(|limits| limits.high);
    panel.values.iter().copied().flatten().chain(high).fold(0.0, f64::max)
}
