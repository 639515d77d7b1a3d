//! The paper a chart is drawn on: shapes by plotters, text by our measurement.
//!
//! [`Pen`] is a plotters backend. Its pixel is a tenth of an SVG pixel, so whole
//! numbers in give one decimal out, the same on every machine; dashes are
//! attributes, not hundreds of short lines. Nothing has an id, so that any number
//! of charts can stand in one page.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::drawing::{DrawingArea, IntoDrawingArea as _};
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle};
use plotters::style::{Color as _, RGBColor, ShapeStyle};
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind};

use super::Caption;
use super::fonts::{self, Weight};

/// Colours that stay apart for colour-blind readers; see the constants for ink.
///
/// Blue against Vermilion is the safest pair; Grey is for what stays behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Hue {
    /// The first to take.
    #[default]
    Blue,
    /// The second: red-orange.
    Vermilion,
    /// Blue-green.
    Teal,
    /// Brownish yellow as a line, sand as an area.
    Ochre,
    /// Violet.
    Purple,
    /// For what is only there to compare with.
    Grey,
}

impl Hue {
    /// All hues, in the order in which series should take them.
    pub const ALL: [Self; 6] = [Self::Blue, Self::Vermilion, Self::Teal, Self::Ochre, Self::Purple, Self::Grey];

    /// The colour of lines and text: dark enough to be read on white.
    pub(super) fn line(self) -> RGBColor {
        match self {
            Self::Blue => RGBColor(0x1f, 0x5f, 0x99),
            Self::Vermilion => RGBColor(0xc2, 0x4e, 0x12),
            Self::Teal => RGBColor(0x00, 0x7c, 0x6c),
            Self::Ochre => RGBColor(0x96, 0x6a, 0x00),
            Self::Purple => RGBColor(0x76, 0x4a, 0x90),
            Self::Grey => RGBColor(0x6b, 0x75, 0x80),
        }
    }

    /// The colour of lines as `0xRRGGBB`.
    pub fn of_lines(self) -> u32 {
        code(self.line())
    }

    /// The colour of areas as `0xRRGGBB`.
    pub fn of_areas(self) -> u32 {
        code(self.area())
    }

    /// The colour of areas: neighbours differ in lightness, so print in grey works.
    pub(super) fn area(self) -> RGBColor {
        match self {
            Self::Blue => RGBColor(0x26, 0x55, 0x82),
            Self::Vermilion => RGBColor(0xd6, 0x73, 0x3c),
            Self::Teal => RGBColor(0x2a, 0x74, 0x6b),
            Self::Ochre => RGBColor(0xec, 0xcb, 0x77),
            Self::Purple => RGBColor(0xb5, 0xa0, 0xcf),
            Self::Grey => RGBColor(0xd9, 0xde, 0xe4),
        }
    }
}

/// A colour as `0xRRGGBB`.
pub(super) fn code(RGBColor(red, green, blue): RGBColor) -> u32 {
    u32::from_be_bytes([0, red, green, blue])
}

/// Titles, labels and values.
pub(super) const INK: RGBColor = RGBColor(0x1f, 0x29, 0x33);
/// Subtitles, counts, ticks.
pub(super) const SOFT: RGBColor = RGBColor(0x5b, 0x67, 0x73);
/// The axis at 0.
pub(super) const AXIS: RGBColor = RGBColor(0x8a, 0x95, 0xa1);
/// Grid lines and rules.
pub(super) const GRID: RGBColor = RGBColor(0xe3, 0xe7, 0xec);
/// The ground of an empty chart and of every other row.
pub(super) const TINT: RGBColor = RGBColor(0xf5, 0xf7, 0xf9);
/// The paper.
pub(super) const PAPER: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Lateness, and nothing else.
pub(super) const ALARM: RGBColor = RGBColor(0xb3, 0x26, 0x1e);

/// How a stroke is interrupted; lengths are in SVG pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Dash {
    #[default]
    None,
    Dashes,
    Dots,
}

impl Dash {
    fn attributes(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Dashes => " stroke-dasharray=\"7 4\"",
            Self::Dots => " stroke-dasharray=\"0.1 4.4\" stroke-linecap=\"round\"",
        }
    }
}

/// Where the `x` of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks; `size` is in pixels per em.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) weight: Weight,
    pub(super) ink: RGBColor,
    /// A white rim, for text that may cross lines.
    pub(super) halo: bool,
}

impl Type {
    pub(super) const fn new(size: f64, ink: RGBColor) -> Self {
        Self { size, weight: Weight::Regular, ink, halo: false }
    }

    pub(super) const fn bold(self) -> Self {
        Self { weight: Weight::Bold, ..self }
    }

    pub(super) const fn halo(self) -> Self {
        Self { halo: true, ..self }
    }

    pub(super) const fn ink(self, ink: RGBColor) -> Self {
        Self { ink, ..self }
    }

    /// Measures a line of text in pixels.
    pub(super) fn width(&self, text: &str) -> f64 {
        fonts::text_width(text, self.size, self.weight)
    }
}

/// A rectangle of the canvas, in pixels, y downwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// A filled shape without an outline.
pub(super) fn filled(colour: RGBColor) -> ShapeStyle {
    colour.filled()
}

/// A filled shape that what is below it shows through.
pub(super) fn veil(colour: RGBColor, alpha: f64) -> ShapeStyle {
    colour.mix(alpha).filled()
}

/// A stroke of `width` pixels.
pub(super) fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: tenths(width).unsigned_abs() }
}

/// An SVG under way.
pub(super) struct Canvas {
    width: f64,
    body: String,
}

impl Canvas {
    pub(super) fn new(width: f64) -> Self {
        Self { width, body: String::new() }
    }

    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// Draws a line between two points of the canvas.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), style: ShapeStyle, dash: Dash) {
        self.draw(dash, &PathElement::new(vec![pixel(from), pixel(to)], style));
    }

    /// Draws a rectangle of the canvas; one thinner than a tenth of a pixel is lost.
    pub(super) fn rectangle(&mut self, frame: Frame, style: ShapeStyle) {
        let corners = [pixel((frame.left, frame.top)), pixel((frame.right, frame.bottom))];
        self.draw(Dash::None, &Rectangle::new(corners, style));
    }

    /// Draws a line through points of the canvas.
    pub(super) fn path(&mut self, points: &[(f64, f64)], style: ShapeStyle, dash: Dash) {
        let points: Vec<BackendCoord> = points.iter().copied().map(pixel).collect();
        self.draw(dash, &PathElement::new(points, style));
    }

    /// Fills a polygon of the canvas.
    pub(super) fn polygon(&mut self, points: &[(f64, f64)], style: ShapeStyle) {
        let points: Vec<BackendCoord> = points.iter().copied().map(pixel).collect();
        self.draw(Dash::None, &Polygon::new(points, style));
    }

    /// Draws a circle of the canvas, filled or as a ring.
    pub(super) fn dot(&mut self, at: (f64, f64), radius: f64, style: ShapeStyle) {
        self.draw(Dash::None, &Circle::new(pixel(at), tenths(radius), style));
    }

    /// Draws slanted lines over a rectangle, cut off at its edges.
    pub(super) fn hatching(&mut self, frame: Frame, style: ShapeStyle) {
        const GAP: f64 = 5.0;
        let (width, height) = (frame.right - frame.left, frame.bottom - frame.top);
        // lines rise to the right at 45°: x + y = offset, both from the top left corner.
        // They stand on one grid for the whole canvas, so that spans that touch match.
        let phase = (frame.left + frame.top).rem_euclid(GAP);
        let mut offset = GAP - phase;
        while offset < width + height {
            let enters = offset.min(width);
            let leaves = (offset - height).max(0.0);
            let from = (frame.left + enters, frame.top + offset - enters);
            let to = (frame.left + leaves, frame.top + offset - leaves);
            self.line(from, to, style, Dash::None);
            offset += GAP;
        }
    }

    /// Writes a line of text on the baseline `y`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, kind: Type, text: &str) {
        if text.is_empty() {
            return;
        }
        let at = (Tenths(tenths(x)), Tenths(tenths(y)));
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = match kind.weight {
            Weight::Regular => String::new(),
            Weight::Bold => format!(" font-weight=\"{}\"", kind.weight.css()),
        };
        let halo = if kind.halo {
            " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\""
        } else {
            ""
        };
        self.write(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{weight} fill=\"{}\"{anchor}{halo}>{}</text>\n",
            at.0,
            at.1,
            Tenths(tenths(kind.size)),
            hex(kind.ink),
            escaped(text),
        ));
    }

    /// Writes a line of text whose middle is at height `y`.
    pub(super) fn label(&mut self, (x, y): (f64, f64), anchor: Anchor, kind: Type, text: &str) {
        self.text((x, y + middle(kind.size)), anchor, kind, text);
    }

    /// Closes the canvas at `height` and gives the whole SVG.
    pub(super) fn finish(self, caption: &Caption, height: f64) -> String {
        let (width, height) = (Tenths(tenths(self.width)), Tenths(tenths(height.ceil())));
        let described = [caption.subtitle.as_str(), caption.footnote.as_str()];
        let described: Vec<&str> = described.into_iter().filter(|text| !text.is_empty()).collect();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"{}\" role=\"img\" aria-label=\"{}\">\n\
             <desc>{}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            fonts::FAMILY,
            escaped(&caption.title),
            escaped(&described.join(" ")),
            hex(PAPER),
            self.body,
        )
    }

    fn draw<'p, E>(&'p mut self, dash: Dash, element: &E)
    where
        for<'e> &'e E: PointCollection<'e, BackendCoord>,
        E: Drawable<Pen<'p>>,
    {
        let area: DrawingArea<Pen<'p>, Shift> = Pen { body: &mut self.body, dash }.into_drawing_area();
        area.draw(element).expect("writing to memory does not fail");
    }

    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.body.write_fmt(arguments).expect("writing to memory does not fail");
    }
}

/// How far below its middle a text of this size has its baseline.
fn middle(size: f64) -> f64 {
    // half of Noto Sans SC's capital height, 0.733 em
    size * 0.367
}

/// Data coordinates on a frame of the canvas.
pub(super) struct Plot {
    coordinates: Cartesian2d<RangedCoordf64, RangedCoordf64>,
}

impl Plot {
    /// Lays `x` from left to right and `y` from its start at the bottom up.
    pub(super) fn rising(frame: Frame, x: Range<f64>, y: Range<f64>) -> Self {
        let across = tenths(frame.left)..tenths(frame.right);
        let up = tenths(frame.bottom)..tenths(frame.top);
        Self { coordinates: Cartesian2d::new(x, y, (across, up)) }
    }

    /// Lays `x` from left to right; `y` is in pixels from the top of the frame.
    pub(super) fn listing(frame: Frame, x: Range<f64>) -> Self {
        let height = 0.0..frame.bottom - frame.top;
        let across = tenths(frame.left)..tenths(frame.right);
        let down = tenths(frame.top)..tenths(frame.bottom);
        Self { coordinates: Cartesian2d::new(x, height, (across, down)) }
    }

    /// Finds a point on the canvas, in pixels.
    pub(super) fn at(&self, x: f64, y: f64) -> (f64, f64) {
        use plotters::coord::CoordTranslate as _;
        let (x, y) = self.coordinates.translate(&(x, y));
        (f64::from(x) / 10.0, f64::from(y) / 10.0)
    }

    /// Draws a rectangle between two corners.
    pub(super) fn bar(&self, canvas: &mut Canvas, from: (f64, f64), to: (f64, f64), style: ShapeStyle) {
        self.draw(canvas, Dash::None, &Rectangle::new([from, to], style));
    }

    /// Draws a line through points.
    pub(super) fn path(&self, canvas: &mut Canvas, points: Vec<(f64, f64)>, style: ShapeStyle, dash: Dash) {
        self.draw(canvas, dash, &PathElement::new(points, style));
    }

    /// Draws a dot of a radius in pixels.
    pub(super) fn dot(&self, canvas: &mut Canvas, at: (f64, f64), radius: f64, style: ShapeStyle) {
        self.draw(canvas, Dash::None, &Circle::new(at, tenths(radius), style));
    }

    fn draw<'p, E>(&self, canvas: &'p mut Canvas, dash: Dash, element: &E)
    where
        for<'e> &'e E: PointCollection<'e, (f64, f64)>,
        E: Drawable<Pen<'p>>,
    {
        let area = Pen { body: &mut canvas.body, dash }.into_drawing_area();
        let area = area.apply_coord_spec(self.coordinates.clone());
        area.draw(element).expect("writing to memory does not fail");
    }
}

/// A plotters backend that writes SVG; one pixel of it is a tenth of an SVG pixel.
pub(super) struct Pen<'p> {
    body: &'p mut String,
    dash: Dash,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Pen<'_> {
    /// Writes one element: its geometry, then how it is painted.
    #[allow(clippy::unnecessary_wraps)] // it is what each drawing method ends with
    fn element<S: BackendStyle>(&mut self, geometry: &str, style: &S, fill: bool) -> Drawn {
        let colour = style.color();
        if colour.alpha <= 0.0 {
            return Ok(());
        }
        let (r, g, b) = colour.rgb;
        let colour = hex(RGBColor(r, g, b));
        let paint = if fill && style.color().alpha < 1.0 {
            format!("fill=\"{colour}\" fill-opacity=\"{:.2}\"", style.color().alpha)
        } else if fill {
            format!("fill=\"{colour}\"")
        } else {
            let width = Tenths(i32::try_from(style.stroke_width()).unwrap_or(i32::MAX));
            let dash = self.dash.attributes();
            format!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dash}")
        };
        writeln!(self.body, "<{geometry} {paint}/>").expect("writing to memory does not fail");
        Ok(())
    }
}

impl DrawingBackend for Pen<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        // plotters asks only to cut an area into parts, which is never done here
        (u32::from(u16::MAX), u32::from(u16::MAX))
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        let (width, height) = ((b.0 - a.0).abs(), (b.1 - a.1).abs());
        if width == 0 || height == 0 {
            return Ok(());
        }
        let (x, y) = (Tenths(a.0.min(b.0)), Tenths(a.1.min(b.1)));
        let (width, height) = (Tenths(width), Tenths(height));
        let geometry = format!("rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"");
        self.element(&geometry, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let geometry = format!("path d=\"{}\"", steps(path));
        self.element(&geometry, style, false)
    }

    fn draw_circle<S: BackendStyle>(&mut self, (x, y): BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let radius = Tenths(i32::try_from(radius).unwrap_or(i32::MAX));
        let geometry = format!("circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"", Tenths(x), Tenths(y));
        self.element(&geometry, style, fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Drawn {
        let geometry = format!("path d=\"{}Z\"", steps(points));
        self.element(&geometry, style, true)
    }

    fn draw_text<T: BackendTextStyle>(&mut self, _: &str, _: &T, _: BackendCoord) -> Drawn {
        Ok(()) // never asked for: `Canvas::text` writes text
    }
}

fn steps(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.into_iter().enumerate() {
        let step = if index == 0 { 'M' } else { 'L' };
        write!(path, "{step}{} {}", Tenths(x), Tenths(y)).expect("writing to memory does not fail");
    }
    path
}

/// Rounds pixels to whole tenths.
#[allow(clippy::cast_possible_truncation)] // a canvas is some thousand pixels
fn tenths(pixels: f64) -> i32 {
    (pixels * 10.0).round() as i32
}

fn pixel((x, y): (f64, f64)) -> BackendCoord {
    (tenths(x), tenths(y))
}

/// Tenths of a pixel, written in pixels: 125 is `12.5`, 120 is `12`.
struct Tenths(i32);

impl std::fmt::Display for Tenths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10);
        match tenth {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

fn hex(RGBColor(r, g, b): RGBColor) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Escapes text for XML; control characters and line separators become spaces.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}') => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_at_most() {
        let cases = [(0, "0"), (5, "0.5"), (-5, "-0.5"), (120, "12"), (-1234, "-123.4")];
        for (number, expected) in cases {
            assert_eq!(Tenths(number).to_string(), expected);
        }
    }

    #[test]
    fn text_cannot_leave_its_element() {
        assert_eq!(escaped("a<b> & \"c\"\u{0}\n"), "a&lt;b&gt; &amp; &quot;c&quot;  ");
    }

    #[test]
    fn hatching_stays_inside() {
        let mut canvas = Canvas::new(500.0);
        let frame = Frame { left: 10.0, top: 20.0, right: 33.3, bottom: 31.0 };
        canvas.hatching(frame, stroke(INK, 1.0));
        let numbers: Vec<f64> = canvas
            .body
            .split("d=\"")
            .skip(1)
            .flat_map(|path| path.split('"').next().unwrap().split(['M', 'L', ' ']))
            .filter_map(|number| number.parse().ok())
            .collect();
        assert!(numbers.len() > 12);
        for point in numbers.chunks(2) {
            assert!((10.0..=33.3).contains(&point[0]), "{point:?}");
            assert!((20.0..=31.0).contains(&point[1]), "{point:?}");
        }
    }
}
