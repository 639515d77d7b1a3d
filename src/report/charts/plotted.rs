//! What a chart of bars, stacks or lines is drawn from, so that a workbook can have it as a chart of its own.

use crate::draw::{self, BarChart, ChartError, DifferenceChart, Drawing, Hue, LineChart, LineStyle, StackedBarChart};

/// A chart as it was drawn.
#[derive(Debug)]
pub(crate) struct Picture {
    /// The drawing.
    pub(crate) svg: String,
    /// The same for a narrow screen, where it can be narrow.
    pub(crate) narrow: Option<String>,
    /// What it was drawn from, where a spreadsheet has such charts.
    pub(crate) plotted: Option<Plotted>,
}

/// The width of a drawing for a narrow screen, in pixels.
const NARROW: u32 = 344;

impl Picture {
    /// Draws a chart for paper and wide screens, and for narrow ones.
    pub(super) fn of(mut chart: impl Drawing, plotted: Option<Plotted>) -> Result<Picture, ChartError> {
        let svg = chart.drawn()?;
        chart.caption().width = NARROW;
        Ok(Picture { svg, narrow: Some(chart.drawn()?), plotted })
    }

    /// Draws a chart that is as wide as what is in it.
    pub(super) fn wide(chart: &impl Drawing) -> Result<Picture, ChartError> {
        Ok(Picture { svg: chart.drawn()?, narrow: None, plotted: None })
    }
}

/// Series of values over labels.
#[derive(Debug, Clone)]
pub(crate) struct Plotted {
    /// How they are shown.
    pub(crate) shape: Shape,
    /// What it shows.
    pub(crate) title: String,
    /// More about it.
    pub(crate) subtitle: String,
    /// How its values are written.
    pub(crate) unit: draw::Unit,
    /// What the values are of: bars, or months.
    pub(crate) labels: Vec<String>,
    /// The series.
    pub(crate) series: Vec<Series>,
}

/// How series are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Bars beside each other.
    Bars,
    /// Bars in parts.
    Stacks,
    /// Lines.
    Lines,
}

/// A value for each label.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What it is called.
    pub(crate) name: String,
    /// Its colour, `0xRRGGBB`.
    pub(crate) colour: u32,
    /// Whether its line is interrupted.
    pub(crate) is_dashed: bool,
    /// Its values.
    pub(crate) values: Vec<Option<f64>>,
}

/// A chart that a spreadsheet can have too.
pub(super) trait Plots: Drawing + Sized {
    /// What it is drawn from.
    fn plotted(&self) -> Plotted;

    /// The drawings, and what they are drawn from.
    fn picture(self) -> Result<Picture, ChartError> {
        let plotted = Some(self.plotted()).filter(|plotted| !plotted.is_empty());
        Picture::of(self, plotted)
    }
}

impl Plotted {
    fn is_empty(&self) -> bool {
        self.series.iter().all(|series| series.values.iter().all(Option::is_none))
    }
}

impl Plots for BarChart {
    fn plotted(&self) -> Plotted {
        let series = |(at, name): (usize, &String)| Series {
            // The only one is called what the chart is.
            name: if name.is_empty() { self.caption.title.clone() } else { name.clone() },
            colour: self.colour(at),
            is_dashed: false,
            values: self.categories.iter().map(|category| category.values[at]).collect(),
        };
        Plotted {
            shape: Shape::Bars,
            title: self.caption.title.clone(),
            subtitle: self.caption.subtitle.clone(),
            unit: self.unit.clone(),
            labels: self.categories.iter().map(|category| category.label.clone()).collect(),
            series: self.series.iter().enumerate().map(series).collect(),
        }
    }
}

impl Plots for DifferenceChart {
    fn plotted(&self) -> Plotted {
        let series = Series {
            name: self.caption.title.clone(),
            colour: Hue::Blue.of_areas(),
            is_dashed: false,
            values: self.rows.iter().map(|row| row.value).collect(),
        };
        Plotted {
            shape: Shape::Bars,
            title: self.caption.title.clone(),
            subtitle: self.caption.subtitle.clone(),
            unit: self.unit.clone(),
            labels: self.rows.iter().map(|row| row.label.clone()).collect(),
            series: vec![series],
        }
    }
}

impl Plots for StackedBarChart {
    fn plotted(&self) -> Plotted {
        let series = |(at, (name, hue)): (usize, &(String, Hue))| Series {
            name: name.clone(),
            colour: hue.of_areas(),
            is_dashed: false,
            values: self.bars.iter().map(|bar| Some(bar.values[at])).collect(),
        };
        let is_drawn = |series: &Series| series.values.iter().any(|value| value.is_some_and(|value| value != 0.0));
        Plotted {
            shape: Shape::Stacks,
            title: self.caption.title.clone(),
            subtitle: self.caption.subtitle.clone(),
            unit: self.unit.clone(),
            labels: self.bars.iter().map(|bar| bar.label.clone()).collect(),
            series: self.parts.iter().enumerate().map(series).filter(is_drawn).collect(),
        }
    }
}

impl Plots for LineChart {
    fn plotted(&self) -> Plotted {
        let lines = self.lines.iter().map(|line| Series {
            name: line.name.clone(),
            colour: if line.muted { Hue::Grey } else { line.hue }.of_lines(),
            is_dashed: line.style != LineStyle::Solid,
            values: line.values.clone(),
        });
        let target = self.target.as_ref().map(|target| Series {
            name: target.label.clone(),
            colour: Hue::Grey.of_lines(),
            is_dashed: true,
            values: vec![Some(target.value); self.months.len()],
        });
        Plotted {
            shape: Shape::Lines,
            title: self.caption.title.clone(),
            subtitle: self.caption.subtitle.clone(),
            unit: self.unit.clone(),
            labels: self.months.clone(),
            series: lines.chain(target).collect(),
        }
    }
}
