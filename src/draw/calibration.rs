//! Whether forecasts come true: forecast against observed share, by bins.

use super::axes::{counts, left_of, levels, title_above, title_below};
use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, Hue, INK, Plot, SOFT, filled, stroke};
use super::layout::{MARGIN, NOTE, Sign, TICK, begin, empty, end, legend, paler};
use super::text::shorten;
use super::values::{Scale, Unit, cases, drawable};
use super::{Caption, ChartError};

/// A calibration plot: of those forecast 70–80 %, how many came true.
#[derive(Clone, Debug, Default)]
pub struct CalibrationChart {
    /// The words around it, and its width; the Brier score goes into the subtitle.
    pub caption: Caption,
    /// What the axis at the left says: `实际按期比例`.
    pub observed_name: String,
    /// What the axis below says: `预测按期概率（组内平均）`.
    pub forecast_name: String,
    /// The dots' name: `实际比例`.
    pub dot_name: String,
    /// The whiskers' name: `95 % 置信区间`.
    pub interval_name: String,
    /// The diagonal's name: `完全准确`.
    pub perfect_name: String,
    /// What the bars below count: `每组工单数`.
    pub n_name: String,
    /// The bins, the forecasts rising; bins without cases are left out.
    pub bins: Vec<CalibrationBin>,
}

/// The cases with about the same forecast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CalibrationBin {
    /// The mean of their forecasts, 0–1.
    pub forecast: f64,
    /// The share that came true, 0–1.
    pub observed: f64,
    /// Low and high end of that share's interval.
    pub interval: (f64, f64),
    /// How many they are.
    pub n: u64,
}

const HEIGHT: f64 = 380.0;
const BARS: f64 = 64.0;

impl CalibrationChart {
    /// Draws the chart.
    ///
    /// # Errors
    ///
    /// Fails where a probability is not from 0 to 1, an interval is upside down, or forecasts do not rise.
    pub fn svg(&self) -> Result<String, ChartError> {
        self.check()?;
        if self.bins.iter().all(|bin| bin.n == 0) {
            return Ok(empty(&self.caption));
        }
        let bins: Vec<&CalibrationBin> = self.bins.iter().filter(|bin| bin.n > 0).collect();
        let blue = Hue::Blue.line();
        let (mut canvas, y) = begin(&self.caption);
        let entries = [
            (Sign::Dot(blue), self.dot_name.as_str()),
            (Sign::Whisker, &self.interval_name),
            (Sign::Stroke(AXIS, 1.4, Dash::Dashes), &self.perfect_name),
        ];
        let y = legend(&mut canvas, y, &entries);
        let top = title_above(&mut canvas, y, &self.observed_name);
        let percent = Unit::Percent { decimals: 0 };
        let ticks = Scale::reaching(1.0, &percent, 5.0).ticks(&percent);
        let left = left_of(&ticks);
        let right = canvas.width() - MARGIN - TICK.width("100%") / 2.0;
        let frame = Frame { left, top, right, bottom: top + HEIGHT };
        let plot = Plot::rising(frame, 0.0..1.0, 0.0..1.0);
        levels(&mut canvas, &plot, frame, &ticks, 0.0);
        for (share, label) in &ticks {
            let (x, y) = plot.at(*share, 0.0);
            canvas.line((x, frame.bottom), (x, frame.bottom + 4.0), stroke(AXIS, 1.0), Dash::None);
            canvas.label((x, y + 14.0), Anchor::Middle, TICK, label);
        }
        canvas.line((frame.left, frame.top), (frame.left, frame.bottom), stroke(AXIS, 1.2), Dash::None);
        plot.path(&mut canvas, vec![(0.0, 0.0), (1.0, 1.0)], stroke(AXIS, 1.4), Dash::Dashes);
        let line: Vec<(f64, f64)> = bins.iter().map(|bin| plot.at(bin.forecast, bin.observed)).collect();
        canvas.path(&line, stroke(paler(blue), 1.2), Dash::None);
        for bin in &bins {
            let (x, low) = plot.at(bin.forecast, bin.interval.0);
            let (_, high) = plot.at(bin.forecast, bin.interval.1);
            canvas.line((x, low), (x, high), stroke(INK, 1.3), Dash::None);
            for y in [low, high] {
                canvas.line((x - 4.0, y), (x + 4.0, y), stroke(INK, 1.3), Dash::None);
            }
            canvas.dot(plot.at(bin.forecast, bin.observed), 4.5, filled(blue));
        }
        let y = title_below(&mut canvas, frame, frame.bottom + 20.0, &self.forecast_name);
        let y = self.draw_counts(&mut canvas, &plot, frame, y + 8.0, &bins);
        Ok(end(canvas, &self.caption, y))
    }

    fn check(&self) -> Result<(), ChartError> {
        let chart = &self.caption.title;
        let backwards =
            |label: &str, from, to| ChartError::Span { chart: chart.clone(), label: label.to_owned(), from, to };
        for bin in &self.bins {
            for (label, value) in [
                (&self.forecast_name, bin.forecast),
                (&self.observed_name, bin.observed),
                (&self.interval_name, bin.interval.0),
                (&self.interval_name, bin.interval.1),
            ] {
                if drawable(value, chart, label)? > 1.0 + 1e-9 {
                    return Err(ChartError::Value { chart: chart.clone(), label: label.clone(), value });
                }
            }
            if bin.interval.0 > bin.interval.1 {
                return Err(backwards(&self.interval_name, bin.interval.0, bin.interval.1));
            }
        }
        let falls = self.bins.windows(2).find(|pair| pair[0].forecast > pair[1].forecast);
        falls.map_or(Ok(()), |pair| Err(backwards(&self.forecast_name, pair[0].forecast, pair[1].forecast)))
    }

    /// Draws how many cases each bin has, below the axis and hanging from it; gives the height reached.
    fn draw_counts(&self, canvas: &mut Canvas, plot: &Plot, frame: Frame, y: f64, bins: &[&CalibrationBin]) -> f64 {
        let name = shorten(&self.n_name, frame.right - MARGIN, NOTE.size, NOTE.weight);
        canvas.label((MARGIN, y + 8.0), Anchor::Start, NOTE.bold(), &name);
        let foot = y + 22.0 + BARS;
        let most = bins.iter().map(|bin| bin.n).max().unwrap_or(1);
        let mut places = Vec::new();
        let apart = bins.windows(2).map(|pair| plot.at(pair[1].forecast, 0.0).0 - plot.at(pair[0].forecast, 0.0).0);
        let half = (apart.fold(f64::INFINITY, f64::min) * 0.4).clamp(1.0, 9.0);
        for bin in bins {
            let height = (BARS - 4.0) * cases(bin.n) / cases(most);
            let (x, _) = plot.at(bin.forecast, 0.0);
            let bar = Frame { left: x - half, top: foot - height, right: x + half, bottom: foot };
            canvas.rectangle(bar, filled(Hue::Grey.area()));
            canvas.rectangle(bar, stroke(SOFT, 0.8));
            places.push((x, Unit::default().written(cases(bin.n))));
        }
        canvas.line((frame.left, foot), (frame.right, foot), stroke(AXIS, 1.2), Dash::None);
        counts(canvas, &places, foot + 11.0, INK);
        foot + 20.0
    }
}
