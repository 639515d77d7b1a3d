//! Charts and fonts: plain data and words in, SVG text or PNG bytes out. Nothing here knows what the charts are about.
//!
//! A chart is a struct with public fields and one method, `svg`. All its words
//! come from the caller, in the caller's language; nothing here reads a file, a
//! clock or a system font, so the same data give the same bytes.
//!
//! Three layers, one decision each:
//!
//! - `canvas`: what is on the paper. plotters maps the data and draws the
//!   shapes, on a backend of our own that writes SVG in tenths of a pixel, with
//!   dashes (plotters' own backend rounds to whole pixels and knows no dashes, and
//!   its text metrics are wrong for Chinese). Text is placed by our measurement.
//! - `layout` and `axes`: what charts share: title, legend, axes, labels that keep apart, footnote.
//! - One file for each kind. What is counted: [`BarChart`], [`LineChart`], [`StackedBarChart`], [`Gantt`]. Two groups
//!   compared: [`DifferenceChart`], [`SurvivalChart`], [`LoveChart`], [`WaterfallChart`]. Where it sticks: [`ProcessMap`] (laid out by
//!   dagre), [`ParetoChart`], [`FunnelChart`], [`XmrChart`], [`HeatMap`], [`AgeingChart`]. Whether a forecast holds:
//!   [`CalibrationChart`].
//!
//! What a colour says is also said without it: by dashes, rings, hatching, shade or a written value.
//!
//! An SVG keeps its text as text and shows it in the reader's font if ours is not
//! there; a PNG cannot, so [`render_png`] refuses characters without a glyph.

mod ageing;
mod axes;
mod bar;
mod calibration;
mod canvas;
mod difference;
pub mod fonts;
mod funnel;
mod gantt;
mod heat_map;
mod layout;
mod line;
mod love;
mod pareto;
mod process_map;
mod stacked;
mod survival;
mod text;
mod values;
mod waterfall;
mod xmr;

use std::sync::Arc;

use resvg::{tiny_skia, usvg};
use thiserror::Error;

pub use self::ageing::{AgeingChart, AgeingStage};
pub use self::bar::{BarCategory, BarChart};
pub use self::calibration::{CalibrationBin, CalibrationChart};
pub use self::canvas::Hue;
pub use self::difference::{DifferenceChart, DifferenceRow};
use self::fonts::Weight;
pub use self::fonts::{cover_missing, missing_glyphs};
pub use self::funnel::{FunnelChart, FunnelDot, FunnelLimit};
pub use self::gantt::{DayMark, Gantt, GanttRow, GanttWords, Scheduled};
pub use self::heat_map::{HeatCell, HeatMap, HeatRow};
pub use self::line::{Line, LineChart, LineStyle};
pub use self::love::{LoveChart, LoveRow};
pub use self::pareto::{ParetoBar, ParetoChart};
pub use self::process_map::{ProcessEdge, ProcessMap, ProcessNode};
pub use self::stacked::{StackedBar, StackedBarChart};
pub use self::survival::{SurvivalChart, SurvivalCurve, SurvivalStep};
pub use self::values::Unit;
pub use self::waterfall::{WaterfallChart, WaterfallStep};
pub use self::xmr::{XmrChart, XmrLimits, XmrPanel, XmrSignal};

/// Why a chart could not be drawn.
#[derive(Debug, Error)]
pub enum ChartError {
    /// A value is negative, infinite, not a number, or beyond 10¹⁵.
    #[error("chart \"{chart}\", {label}: cannot draw the value {value}; expected 0 to 1e15")]
    Value {
        /// The chart's title.
        chart: String,
        /// The category, line or part.
        label: String,
        /// The value.
        value: f64,
    },
    /// A row has more or fewer values than the chart has series, parts or months.
    #[error("chart \"{chart}\", {label}: {found} values, expected {expected}")]
    Count {
        /// The chart's title.
        chart: String,
        /// The category, line or bar.
        label: String,
        /// How many values it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// A span of days, or an interval, ends before it begins.
    #[error("chart \"{chart}\", {label}: the span from {from} to {to} ends before it begins")]
    Span {
        /// The chart's title.
        chart: String,
        /// The row or category; empty for the time that a Gantt chart shows.
        label: String,
        /// The day, or the value, it begins with.
        from: f64,
        /// The day, or the value, it ends with.
        to: f64,
    },
    /// Changes do not lead from the first total to the last.
    #[error("chart \"{chart}\", {label}: the changes lead to {found}, expected {expected}")]
    Sum {
        /// The chart's title.
        chart: String,
        /// The last total.
        label: String,
        /// The first total and all changes.
        found: f64,
        /// The last total as given.
        expected: f64,
    },
    /// The embedded fonts lack these characters; [`cover_missing`] replaces them.
    #[error("the embedded fonts have no glyph for {}", listed(.characters))]
    MissingGlyphs {
        /// The characters, sorted, each once.
        characters: Vec<char>,
    },
    /// The picture would have no pixels, or more than 32,767 in one direction.
    #[error("a picture of {width} × {height} at scale {scale} cannot be made")]
    Size {
        /// The SVG's width in pixels.
        width: f32,
        /// The SVG's height in pixels.
        height: f32,
        /// The scale asked for.
        scale: f32,
    },
    /// The text given to [`render_png`] is not an SVG.
    #[error("this SVG cannot be read")]
    Svg(#[from] usvg::Error),
    /// The PNG encoder failed.
    #[error("the PNG cannot be written")]
    Png(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn listed(characters: &[char]) -> String {
    let named = |&c: &char| format!("{c} (U+{:04X})", u32::from(c));
    characters.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// The words around every chart, and its width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// What the chart shows; wrapped where it is too long.
    pub title: String,
    /// Period, scope, unit; empty for none.
    pub subtitle: String,
    /// Source and how it was counted; empty for none.
    pub footnote: String,
    /// What stands in the place of a chart that has nothing to show.
    pub empty: String,
    /// Width in pixels, at least 340; the height follows from the data.
    pub width: u32,
}

impl Default for Caption {
    fn default() -> Self {
        Self {
            title: String::new(),
            subtitle: String::new(),
            footnote: String::new(),
            empty: String::new(),
            width: 1000,
        }
    }
}

/// A chart of any kind.
pub trait Drawing {
    /// Its words, and its width.
    fn caption(&mut self) -> &mut Caption;

    /// Draws it.
    ///
    /// # Errors
    ///
    /// Fails where its values cannot be drawn, as the method of the same name says.
    fn drawn(&self) -> Result<String, ChartError>;
}

macro_rules! drawings {
    ($($chart:ty),* $(,)?) => {$(
        impl Drawing for $chart {
            fn caption(&mut self) -> &mut Caption {
                &mut self.caption
            }

            fn drawn(&self) -> Result<String, ChartError> {
                self.svg()
            }
        }
    )*};
}

drawings! {
    AgeingChart, BarChart, CalibrationChart, DifferenceChart, FunnelChart, Gantt, HeatMap, LineChart, LoveChart, ParetoChart, ProcessMap,
    StackedBarChart, SurvivalChart, WaterfallChart, XmrChart,
}

/// A line across the chart at one value: a mean, or a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// Where, in the chart's unit.
    pub value: f64,
    /// What it is; the value is written behind it.
    pub label: String,
}

/// Draws an SVG of ours as a PNG, `scale` pixels per SVG pixel.
///
/// Only the embedded fonts are used, and the file carries no date: the same SVG
/// gives the same bytes.
///
/// # Errors
///
/// [`ChartError::MissingGlyphs`] names the characters that would come out as empty
/// boxes (pass the SVG through [`cover_missing`] to draw it all the same); others
/// report an unreadable SVG or an impossible size.
pub fn render_png(svg: &str, scale: f32) -> Result<Vec<u8>, ChartError> {
    let characters = missing_glyphs(svg);
    if !characters.is_empty() {
        return Err(ChartError::MissingGlyphs { characters });
    }
    let mut options = usvg::Options { font_family: "Noto Sans SC".into(), ..Default::default() };
    for weight in [Weight::Regular, Weight::Bold] {
        let data: Arc<dyn AsRef<[u8]> + Send + Sync> = Arc::new(weight.ttf());
        options.fontdb_mut().load_font_source(usvg::fontdb::Source::Binary(data));
    }
    let tree = usvg::Tree::from_str(svg, &options)?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let too_big = ChartError::Size { width, height, scale };
    let pixels = |length: f32| (length * scale).round();
    let drawable = |length: f32| (1.0..=32_767.0).contains(&pixels(length));
    if !drawable(width) || !drawable(height) {
        return Err(too_big);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
    let mut picture = tiny_skia::Pixmap::new(pixels(width) as u32, pixels(height) as u32).ok_or(too_big)?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut picture.as_mut());
    picture.encode_png().map_err(|error| ChartError::Png(error.into()))
}

#[cfg(test)]
mod tests;
