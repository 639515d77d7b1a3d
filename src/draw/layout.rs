//! What all charts share: title, legend, value axis, footnote, the empty chart.

use plotters::style::RGBColor;

use super::canvas::{
    ALARM, AXIS, Anchor, Canvas, Dash, Frame, GRID, Hue, INK, PAPER, Plot, SOFT, TINT, Type, filled, stroke, veil,
};
use super::text::{shorten, widest, wrap, wrap_at_most};
use super::values::{Scale, Unit, count};
use super::{Caption, Reference};

/// The narrowest chart, in pixels: what a telephone shows.
const NARROWEST: u32 = 340;

/// Whether a chart is for a narrow screen: what needs much width is written in another way.
pub(super) fn is_narrow(caption: &Caption) -> bool {
    caption.width < 480
}

/// The white margin left and right of everything, in pixels.
pub(super) const MARGIN: f64 = 24.0;

pub(super) const TITLE: Type = Type::new(19.0, INK).bold();
pub(super) const SUBTITLE: Type = Type::new(13.0, SOFT);
pub(super) const LABEL: Type = Type::new(13.0, INK);
pub(super) const VALUE: Type = Type::new(12.0, INK);
pub(super) const TICK: Type = Type::new(11.5, SOFT);
pub(super) const NOTE: Type = Type::new(11.5, SOFT);

/// A sign in the legend.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    Area(RGBColor),
    Shade(RGBColor),
    Thin(RGBColor),
    Hatched,
    Stroke(RGBColor, f64, Dash),
    Ringed(RGBColor, Dash),
    Whisker,
    Open(RGBColor),
    Scheduled { is_critical: bool, is_customers: bool },
    Dot(RGBColor),
    Ring(RGBColor),
    Band(RGBColor),
    Censored(RGBColor),
}

/// Starts a canvas with title and subtitle; gives the height reached.
pub(super) fn begin(caption: &Caption) -> (Canvas, f64) {
    let mut canvas = Canvas::new(f64::from(caption.width.max(NARROWEST)));
    let width = canvas.width() - 2.0 * MARGIN;
    let mut y = 16.0;
    for (kind, text, leading) in [(TITLE, &caption.title, 26.0), (SUBTITLE, &caption.subtitle, 20.0)] {
        for line in wrap(text, width, kind.size, kind.weight) {
            y += leading;
            canvas.text((MARGIN, y - leading * 0.25), Anchor::Start, kind, &line);
        }
    }
    (canvas, y + 6.0)
}

/// Writes the footnote below `y` and closes the canvas.
pub(super) fn end(mut canvas: Canvas, caption: &Caption, y: f64) -> String {
    let (left, right) = (MARGIN, canvas.width() - MARGIN);
    let lines = wrap(&caption.footnote, right - left, NOTE.size, NOTE.weight);
    let mut y = y + 14.0;
    if !lines.is_empty() {
        canvas.line((left, y), (right, y), stroke(GRID, 1.0), Dash::None);
        y += 4.0;
    }
    for line in lines {
        y += 17.0;
        canvas.text((left, y - 3.0), Anchor::Start, NOTE, &line);
    }
    canvas.finish(caption, y + 12.0)
}

/// Draws the chart that has nothing to show, and says so.
pub(super) fn empty(caption: &Caption) -> String {
    let (mut canvas, y) = begin(caption);
    let frame = Frame { left: MARGIN, top: y + 6.0, right: canvas.width() - MARGIN, bottom: y + 166.0 };
    canvas.rectangle(frame, filled(TINT));
    let kind = Type::new(15.0, SOFT);
    let lines = wrap_at_most(&caption.empty, frame.right - frame.left - 40.0, 15.0, kind.weight, 4);
    let mut middle = f64::midpoint(frame.top, frame.bottom) - 12.0 * (count(lines.len()) - 1.0);
    for line in lines {
        canvas.label((canvas.width() / 2.0, middle), Anchor::Middle, kind, &line);
        middle += 24.0;
    }
    end(canvas, caption, frame.bottom)
}

/// Draws the legend from `y` down, in as many rows as it takes; gives the height reached.
pub(super) fn legend(canvas: &mut Canvas, y: f64, entries: &[(Sign, &str)]) -> f64 {
    const ROW: f64 = 22.0;
    const SIGN: f64 = 26.0;
    let (left, right) = (MARGIN, canvas.width() - MARGIN);
    let (mut x, mut middle) = (left, y + ROW / 2.0);
    let named: Vec<_> = entries.iter().filter(|(_, name)| !name.is_empty()).collect();
    if named.is_empty() {
        return y;
    }
    for (sign, name) in named {
        let name = shorten(name, right - left - SIGN - 7.0, VALUE.size, VALUE.weight);
        let width = SIGN + 7.0 + VALUE.width(&name);
        if x > left && x + width > right {
            x = left;
            middle += ROW;
        }
        draw_sign(canvas, *sign, Frame { left: x, top: middle - 6.0, right: x + SIGN, bottom: middle + 6.0 });
        canvas.label((x + SIGN + 7.0, middle), Anchor::Start, VALUE, &name);
        x += width + 22.0;
    }
    middle + ROW / 2.0 + 4.0
}

fn draw_sign(canvas: &mut Canvas, sign: Sign, frame: Frame) {
    let Frame { left, top, right, bottom } = frame;
    let middle = f64::midpoint(top, bottom);
    match sign {
        Sign::Area(colour) => canvas.rectangle(frame, filled(colour)),
        Sign::Shade(colour) => {
            canvas.rectangle(frame, filled(colour));
            canvas.rectangle(frame, stroke(AXIS, 1.0));
        }
        Sign::Thin(colour) => {
            let frame = Frame { top: middle - 2.0, bottom: middle + 2.0, ..frame };
            canvas.rectangle(frame, filled(colour));
        }
        Sign::Hatched => hatched(canvas, frame),
        Sign::Scheduled { is_critical, is_customers } => scheduled(canvas, frame, is_critical, is_customers),
        Sign::Stroke(colour, width, dash) => {
            canvas.line((left, middle), (right, middle), stroke(colour, width), dash);
        }
        Sign::Ringed(colour, dash) => {
            canvas.line((left, middle), (right, middle), stroke(colour, 2.2), dash);
            ring(canvas, (f64::midpoint(left, right), middle), 3.4, colour);
        }
        Sign::Whisker => {
            let style = stroke(INK, 1.3);
            canvas.line((left + 3.0, middle), (right - 3.0, middle), style, Dash::None);
            for x in [left + 3.0, right - 3.0] {
                canvas.line((x, middle - 4.0), (x, middle + 4.0), style, Dash::None);
            }
        }
        Sign::Dot(colour) => canvas.dot((f64::midpoint(left, right), middle), 4.5, filled(colour)),
        Sign::Ring(colour) => ring(canvas, (f64::midpoint(left, right), middle), 4.0, colour),
        Sign::Band(colour) => canvas.rectangle(frame, veil(colour, BAND)),
        Sign::Censored(colour) => {
            let x = f64::midpoint(left, right);
            canvas.line((left, middle), (right, middle), stroke(colour, 1.2), Dash::None);
            canvas.line((x, middle - 4.5), (x, middle + 4.5), stroke(colour, 1.2), Dash::None);
        }
        Sign::Open(colour) => {
            let right = right - 6.0;
            canvas.rectangle(Frame { right, ..frame }, filled(colour));
            arrow(canvas, right, frame, colour);
        }
    }
}

/// How much of a band of uncertainty hides what is below it.
pub(super) const BAND: f64 = 0.16;

/// Draws a hollow dot.
pub(super) fn ring(canvas: &mut Canvas, at: (f64, f64), radius: f64, colour: RGBColor) {
    canvas.dot(at, radius, filled(PAPER));
    canvas.dot(at, radius, stroke(colour, 1.6));
}

/// Draws an excluded span: white, hatched, with an outline.
pub(super) fn hatched(canvas: &mut Canvas, frame: Frame) {
    canvas.rectangle(frame, filled(PAPER));
    canvas.hatching(frame, stroke(SOFT, 1.0));
    canvas.rectangle(frame, stroke(SOFT, 1.0));
}

/// Draws the bar of something that is still to be done.
pub(super) fn scheduled(canvas: &mut Canvas, frame: Frame, is_critical: bool, is_customers: bool) {
    const LIGHT: RGBColor = RGBColor(0xd3, 0xde, 0xe8);
    match (is_critical, is_customers) {
        (true, false) => canvas.rectangle(frame, filled(Hue::Blue.area())),
        (false, false) => {
            canvas.rectangle(frame, filled(LIGHT));
            canvas.rectangle(frame, stroke(SOFT, 1.0));
        }
        (_, true) => {
            hatched(canvas, frame);
            if is_critical {
                canvas.rectangle(frame, stroke(INK, 2.2));
            }
        }
    }
}

/// Draws the head that says a bar goes on: a triangle behind `x`.
pub(super) fn arrow(canvas: &mut Canvas, x: f64, frame: Frame, colour: RGBColor) {
    let middle = f64::midpoint(frame.top, frame.bottom);
    let points = [(x, frame.top - 2.0), (x + 7.0, middle), (x, frame.bottom + 2.0)];
    canvas.polygon(&points, filled(colour));
}

/// Tints every other one of `rows` rows of `height` pixels, from margin to margin.
pub(super) fn stripes(canvas: &mut Canvas, frame: Frame, height: f64, rows: usize) {
    for index in (1..rows).step_by(2) {
        let top = frame.top + height * count(index);
        let right = canvas.width() - MARGIN;
        canvas.rectangle(Frame { left: MARGIN - 6.0, top, right, bottom: top + height }, filled(TINT));
    }
}

/// Draws an upright grid with tick labels below it, for bars that lie.
///
/// The unit stands at the last label only; labels that would touch are left out.
pub(super) fn value_axis(canvas: &mut Canvas, frame: Frame, plot: &Plot, scale: Scale, unit: &Unit) {
    let ticks = scale.ticks(unit);
    let room = widest(ticks.iter().map(|(_, label)| label.as_str()), TICK.size, TICK.weight) + 12.0;
    let apart = (frame.right - frame.left) * scale.step / scale.top;
    let every = (1..ticks.len()).find(|&every| count(every) * apart >= room).unwrap_or(ticks.len());
    let last = (ticks.len() - 1) / every * every;
    for (index, (value, label)) in ticks.iter().enumerate() {
        let (x, _) = plot.at(*value, 0.0);
        let style = if index > 0 { stroke(GRID, 1.0) } else { stroke(AXIS, 1.2) };
        canvas.line((x, frame.top), (x, frame.bottom), style, Dash::None);
        if index % every == 0 {
            let label = if index == last { label } else { unit.without_suffix(label) };
            let x = clamped(x, TICK.width(label), MARGIN, canvas.width() - MARGIN);
            canvas.label((x, frame.bottom + 12.0), Anchor::Middle, TICK, label);
        }
    }
}

/// How far right an axis may reach so that what is written behind each bar still fits.
///
/// `ends` are the values that the bars reach, with the width of the text behind each.
pub(super) fn right_edge(
    width: f64,
    left: f64,
    scale: Scale,
    unit: &Unit,
    ends: impl Iterator<Item = (f64, f64)>,
) -> f64 {
    let room = width - MARGIN;
    let ticks = scale.ticks(unit);
    let last = ticks.last().map(|(_, label)| label.as_str());
    let fits = ends.filter(|(at, _)| *at > 0.0).map(|(at, text)| left + (room - text - 8.0 - left) * scale.top / at);
    fits.fold(room - widest(last, TICK.size, TICK.weight) / 2.0, f64::min).max(left + 60.0)
}

/// Draws a dashed line at a value from top to bottom, with its label above, for bars that lie.
pub(super) fn reference(canvas: &mut Canvas, plot: &Plot, frame: Frame, mark: &Reference, unit: &Unit) {
    let (x, _) = plot.at(mark.value, 0.0);
    let ink = Hue::Vermilion.line();
    canvas.line((x, frame.top - 6.0), (x, frame.bottom), stroke(ink, 1.4), Dash::Dashes);
    let text = format!("{} {}", mark.label, unit.written(mark.value));
    let text = shorten(text.trim(), canvas.width() - 2.0 * MARGIN, VALUE.size, VALUE.weight);
    let x = clamped(x, VALUE.width(&text), MARGIN, canvas.width() - MARGIN);
    canvas.label((x, frame.top - 14.0), Anchor::Middle, VALUE.ink(ink), &text);
}

/// Where to put the middles of labels that want to be at `wanted`, in ascending order.
///
/// Labels keep `gap` between their middles and stay within `low..high` where there is
/// room; labels that push each other settle around their common middle.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    // groups of labels in touch: the sum of (wanted − place in the group), and how many
    let mut groups: Vec<(f64, f64)> = Vec::new();
    let start = |(sum, size): (f64, f64)| (sum / size).min(high - gap * (size - 1.0)).max(low);
    for &want in wanted {
        let mut group = (want, 1.0);
        while let Some(&before) = groups.last() {
            if start(before) + gap * before.1 <= start(group) {
                break;
            }
            groups.pop();
            group = (before.0 + group.0 - gap * before.1 * group.1, before.1 + group.1);
        }
        groups.push(group);
    }
    let mut places = Vec::with_capacity(wanted.len());
    for group in groups {
        let (mut place, mut left) = (start(group), group.1);
        while left > 0.5 {
            places.push(place);
            place += gap;
            left -= 1.0;
        }
    }
    places
}

/// The labels of rows: broken into at most two lines, in a column of their own width.
pub(super) struct RowLabels {
    pub(super) lines: Vec<Vec<String>>,
    pub(super) width: f64,
}

impl RowLabels {
    /// Breaks the labels to a column of at most `width` pixels.
    pub(super) fn new<'a>(labels: impl Iterator<Item = &'a str>, width: f64, kind: Type) -> Self {
        let lines: Vec<Vec<String>> =
            labels.map(|label| wrap_at_most(label, width, kind.size, kind.weight, 2)).collect();
        let widths = lines.iter().flatten().map(|line| kind.width(line));
        let width = widths.fold(0.0, f64::max);
        Self { lines, width }
    }

    /// Whether some label takes two lines.
    pub(super) fn two_lines(&self) -> bool {
        self.lines.iter().any(|lines| lines.len() > 1)
    }

    /// Writes the label of a row around the height `middle`.
    pub(super) fn write(&self, canvas: &mut Canvas, row: usize, at: (f64, f64), anchor: Anchor, kind: Type) {
        const LEADING: f64 = 15.0;
        let Some(lines) = self.lines.get(row) else { return };
        let mut middle = at.1 - LEADING / 2.0 * (count(lines.len()) - 1.0);
        for line in lines {
            canvas.label((at.0, middle), anchor, kind, line);
            middle += LEADING;
        }
    }
}

/// A text that stays between `left` and `right` with its middle as near to `x` as can be.
pub(super) fn clamped(x: f64, width: f64, left: f64, right: f64) -> f64 {
    x.min(right - width / 2.0).max(left + width / 2.0)
}

/// The ink that can be read on an area: white on dark, dark on light.
pub(super) fn ink_on(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let light = 0.299 * f64::from(r) + 0.587 * f64::from(g) + 0.114 * f64::from(b);
    if light > 120.0 { INK } else { PAPER }
}

/// A colour half way to white, for what only connects.
pub(super) fn paler(RGBColor(r, g, b): RGBColor) -> RGBColor {
    let half = |part: u8| part / 2 + 127;
    RGBColor(half(r), half(g), half(b))
}

/// The shade of a share of a scale, from the lightest to the darkest in equal parts.
pub(super) fn shade(shades: &[RGBColor], share: f64) -> RGBColor {
    let passed = (1..shades.len()).filter(|&shade| share > count(shade) / count(shades.len()));
    shades[passed.count()]
}

/// Takes the colour of lateness where `late`, else `ink`.
pub(super) fn alarm_if(late: bool, ink: RGBColor) -> RGBColor {
    if late { ALARM } else { ink }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_part_a_scale_equally() {
        let shades = [PAPER, GRID, SOFT, INK];
        for (share, expected) in [(0.0, PAPER), (0.25, PAPER), (0.26, GRID), (0.75, SOFT), (1.0, INK), (9.0, INK)] {
            assert_eq!(shade(&shades, share), expected, "{share}");
        }
    }

    #[test]
    fn spread_labels_keep_their_distance() {
        let cases: [(&[f64], f64, f64); 6] = [
            (&[], 0.0, 100.0),
            (&[50.0], 0.0, 100.0),
            (&[50.0, 50.0, 50.0], 0.0, 100.0),
            (&[0.0, 1.0, 2.0, 90.0], 0.0, 100.0),
            (&[97.0, 98.0, 99.0, 100.0], 0.0, 100.0),
            (&[10.0, 40.0, 41.0, 42.0, 43.0, 44.0, 80.0], 0.0, 100.0),
        ];
        for (wanted, low, high) in cases {
            let places = spread(wanted, 14.0, low, high);
            assert_eq!(places.len(), wanted.len());
            for pair in places.windows(2) {
                assert!(pair[1] - pair[0] >= 14.0 - 1e-9, "{wanted:?}: {places:?}");
            }
            assert!(places.iter().all(|&y| (low..=high).contains(&y)), "{wanted:?}: {places:?}");
        }
        assert_eq!(spread(&[50.0, 50.0], 10.0, 0.0, 100.0), [45.0, 55.0]);
        // too many for the room: they keep their distance and run over at the end
        assert_eq!(spread(&[5.0, 5.0, 5.0], 10.0, 0.0, 10.0), [0.0, 10.0, 20.0]);
    }
}
