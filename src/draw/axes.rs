//! What charts with vertical values share: axes, months, columns, labels at ends and next to dots.

use plotters::style::RGBColor;

use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, GRID, Plot, SOFT, Type, stroke};
use super::layout::{MARGIN, NOTE, TICK, clamped, paler, spread};
use super::text::{shorten, widest, wrap_at_most};
use super::values::count;

/// Values with their labels, from the lowest up.
pub(super) type Ticks = [(f64, String)];

/// Where a frame begins so that the labels of its value axis stand left of it.
pub(super) fn left_of(ticks: &Ticks) -> f64 {
    MARGIN + widest(ticks.iter().map(|(_, label)| label.as_str()), TICK.size, TICK.weight) + 8.0
}

/// Draws level lines with their labels at the left; the lines run `beyond` the frame at the right.
pub(super) fn levels(canvas: &mut Canvas, plot: &Plot, frame: Frame, ticks: &Ticks, beyond: f64) {
    for (value, label) in ticks {
        let (_, y) = plot.at(0.0, *value);
        let style = if *value > 0.0 { stroke(GRID, 1.0) } else { stroke(AXIS, 1.2) };
        canvas.line((frame.left, y), (frame.right + beyond, y), style, Dash::None);
        canvas.label((frame.left - 8.0, y), Anchor::End, TICK, label);
    }
}

/// Puts months at whole numbers, half a month from the edges.
pub(super) fn by_month(frame: Frame, months: usize, values: std::ops::Range<f64>) -> Plot {
    let edge = if months > 24 { 0.2 } else { 0.4 };
    Plot::rising(frame, -edge..count(months) - 1.0 + edge, values)
}

/// Labels as many months as there is room for, counted back from the last one.
pub(super) fn months(canvas: &mut Canvas, plot: &Plot, frame: Frame, months: &[String]) {
    let labels = months.iter().map(String::as_str);
    let room = widest(labels, TICK.size, TICK.weight) + 10.0;
    let apart = (frame.right - frame.left) / count(months.len()).max(1.0);
    let every = [1, 2, 3, 6, 12, 24]
        .into_iter()
        .find(|&every| count(every) * apart >= room)
        .unwrap_or_else(|| months.len().max(1));
    for (index, label) in months.iter().enumerate() {
        let (x, _) = plot.at(count(index), 0.0);
        let shown = (months.len() - 1 - index).is_multiple_of(every);
        let length = if shown { 5.0 } else { 3.0 };
        canvas.line((x, frame.bottom), (x, frame.bottom + length), stroke(AXIS, 1.0), Dash::None);
        if shown {
            let x = clamped(x, TICK.width(label), MARGIN, canvas.width() - MARGIN);
            canvas.label((x, frame.bottom + 15.0), Anchor::Middle, TICK, label);
        }
    }
}

/// Says what an axis from left to right measures, below its labels; gives the height reached.
pub(super) fn title_below(canvas: &mut Canvas, frame: Frame, y: f64, title: &str) -> f64 {
    if title.is_empty() {
        return y;
    }
    let title = shorten(title, canvas.width() - 2.0 * MARGIN, TICK.size, TICK.weight);
    let middle = f64::midpoint(frame.left, frame.right);
    let x = clamped(middle, TICK.width(&title), MARGIN, canvas.width() - MARGIN);
    canvas.label((x, y + 9.0), Anchor::Middle, TICK, &title);
    y + 18.0
}

/// Says what the axis at the left measures, above it; gives where the frame may begin.
pub(super) fn title_above(canvas: &mut Canvas, y: f64, title: &str) -> f64 {
    if !title.is_empty() {
        let title = shorten(title, canvas.width() - 2.0 * MARGIN, TICK.size, TICK.weight);
        canvas.label((MARGIN, y + 8.0), Anchor::Start, TICK, &title);
        return y + 26.0;
    }
    y + 10.0
}

/// The labels of columns, broken to the width of one.
pub(super) struct ColumnLabels {
    lines: Vec<Vec<String>>,
    kind: Type,
}

impl ColumnLabels {
    /// Breaks labels to columns of `width` pixels, in at most `most` lines; smaller where a word would be cut.
    pub(super) fn new<'a>(labels: impl Iterator<Item = &'a str> + Clone, width: f64, most: usize) -> Self {
        let room = width - 5.0;
        let words = labels.clone().flat_map(str::split_whitespace).filter(|word| word.is_ascii());
        let kind = if widest(words, TICK.size, TICK.weight) <= room { TICK } else { Type { size: 10.0, ..TICK } };
        Self { lines: labels.map(|label| evenly(label, room, kind, most)).collect(), kind }
    }

    /// Writes the labels from `y` down around the places `at`; gives the height reached.
    pub(super) fn write(&self, canvas: &mut Canvas, y: f64, ink: RGBColor, at: impl Fn(usize) -> f64) -> f64 {
        let leading = self.kind.size + 2.5;
        for (column, lines) in self.lines.iter().enumerate() {
            let mut middle = y + leading / 2.0;
            for line in lines {
                canvas.label((at(column), middle), Anchor::Middle, self.kind.ink(ink), line);
                middle += leading;
            }
        }
        y + leading * count(self.lines.iter().map(Vec::len).max().unwrap_or(0))
    }
}

/// Breaks a label into as few lines as it takes, all about equally long: 客户服 / 务中心, not 客户服务中 / 心.
fn evenly(label: &str, room: f64, kind: Type, most: usize) -> Vec<String> {
    let broken = |width: f64| wrap_at_most(label, width, kind.size, kind.weight, most);
    let cut = |lines: &[String]| lines.last().is_some_and(|line| line.ends_with('…'));
    // no word is cut for it
    let words = label.split_whitespace().filter(|word| word.is_ascii());
    let least = widest(words, kind.size, kind.weight).max(2.0 * kind.size);
    let (mut lines, mut width) = (broken(room), room);
    while lines.len() > 1 && width - 2.0 >= least {
        width -= 2.0;
        let narrower = broken(width);
        if narrower.len() > lines.len() || cut(&narrower) != cut(&lines) || cut(&lines) {
            break;
        }
        lines = narrower;
    }
    lines
}

/// What stands at the end of a line, right of the frame.
pub(super) struct EndLabel {
    pub(super) text: String,
    /// Where the line ends.
    pub(super) at: (f64, f64),
    pub(super) ink: RGBColor,
    pub(super) kind: Type,
}

impl EndLabel {
    /// Between the frame and the labels, in pixels.
    pub(super) const GUTTER: f64 = 22.0;
    /// Between the middles of labels, in pixels.
    pub(super) const LEADING: f64 = 15.0;

    /// How much a frame must leave free at its right for labels of this width.
    pub(super) fn room(canvas: &Canvas, widest: f64) -> f64 {
        Self::GUTTER + widest.min(canvas.width() * 0.3)
    }

    /// Writes the labels apart from each other, each joined to its end where it had to move.
    pub(super) fn write_all(mut ends: Vec<Self>, canvas: &mut Canvas, frame: Frame) {
        let right = frame.right + Self::GUTTER;
        let room = canvas.width() - MARGIN - right;
        // a stable sort: lines that end together keep the caller's order
        ends.sort_by(|a, b| a.at.1.total_cmp(&b.at.1));
        let wanted: Vec<f64> = ends.iter().map(|label| label.at.1).collect();
        let places = spread(&wanted, Self::LEADING, frame.top, frame.bottom);
        for (label, place) in ends.iter().zip(places) {
            let (x, y) = label.at;
            if right - x > Self::GUTTER + 8.0 || (place - y).abs() > 4.0 {
                let style = stroke(paler(label.ink), 0.8);
                canvas.line((x + 5.0, y), (right - 10.0, place), style, Dash::None);
                canvas.line((right - 10.0, place), (right - 3.0, place), style, Dash::None);
            }
            let text = shorten(&label.text, room + 0.5, label.kind.size, label.kind.weight);
            canvas.label((right, place), Anchor::Start, label.kind.ink(label.ink), &text);
        }
    }
}

/// Labels next to dots that keep off each other, off the dots and inside a frame.
pub(super) struct DotLabels {
    frame: Frame,
    taken: Vec<Frame>,
}

impl DotLabels {
    /// Starts with what must stay free: dots as middle and radius.
    pub(super) fn new(frame: Frame, dots: impl Iterator<Item = ((f64, f64), f64)>) -> Self {
        let around = |((x, y), r): ((f64, f64), f64)| Frame { left: x - r, top: y - r, right: x + r, bottom: y + r };
        Self { frame, taken: dots.map(around).collect() }
    }

    /// Writes a label as near to its dot as it can, with a line to the dot where it is far.
    ///
    /// Gives false where there is no room within 250 pixels.
    pub(super) fn write(&mut self, canvas: &mut Canvas, at: (f64, f64), radius: f64, kind: Type, text: &str) -> bool {
        // right, left, above, below, then between them
        const WAYS: [(f64, f64); 8] =
            [(1.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (0.8, -0.7), (-0.8, -0.7), (0.8, 0.7), (-0.8, 0.7)];
        const STEPS: [f64; 11] = [4.0, 8.0, 14.0, 24.0, 36.0, 52.0, 72.0, 100.0, 140.0, 190.0, 250.0];
        let text = shorten(text, (self.frame.right - self.frame.left) * 0.4, kind.size, kind.weight);
        let (width, height) = (kind.width(&text), kind.size + 2.0);
        for step in STEPS {
            let far = radius + step;
            for (across, down) in WAYS {
                let middle = (at.0 + across * (far + width / 2.0), at.1 + down * (far + height / 2.0));
                let place = Frame {
                    left: middle.0 - width / 2.0,
                    top: middle.1 - height / 2.0,
                    right: middle.0 + width / 2.0,
                    bottom: middle.1 + height / 2.0,
                };
                if !inside(place, self.frame) || self.taken.iter().any(|taken| overlap(place, *taken)) {
                    continue;
                }
                if step > 14.0 {
                    let near = |from: f64, low: f64, high: f64| from.clamp(low, high);
                    let to = (near(at.0, place.left, place.right), near(at.1, place.top, place.bottom));
                    canvas.line(at, to, stroke(paler(SOFT), 0.8), Dash::None);
                }
                canvas.label(middle, Anchor::Middle, kind, &text);
                self.taken.push(place);
                return true;
            }
        }
        false
    }
}

fn inside(inner: Frame, outer: Frame) -> bool {
    inner.left >= outer.left && inner.right <= outer.right && inner.top >= outer.top && inner.bottom <= outer.bottom
}

fn overlap(a: Frame, b: Frame) -> bool {
    a.left < b.right + 1.0 && b.left < a.right + 1.0 && a.top < b.bottom + 1.0 && b.top < a.bottom + 1.0
}

/// The corners of a line that keeps each value until the next place, up to `last`.
pub(super) fn staircase(steps: &[(f64, f64)], last: f64) -> Vec<(f64, f64)> {
    let mut corners: Vec<(f64, f64)> = Vec::with_capacity(2 * steps.len() + 1);
    for &(x, y) in steps.iter().filter(|step| step.0 <= last) {
        if let Some(&(_, before)) = corners.last() {
            corners.push((x, before));
        }
        corners.push((x, y));
    }
    if let Some(&(x, y)) = corners.last()
        && x < last
    {
        corners.push((last, y));
    }
    corners
}

/// The parts of a line through points that are not above `top`, cut where it crosses.
pub(super) fn below(points: &[(f64, f64)], top: f64) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut part: Vec<(f64, f64)> = Vec::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| points[before]);
        if let Some((x0, y0)) = before
            && (y0 > top) != (y > top)
        {
            part.push((x0 + (x - x0) * (top - y0) / (y - y0), top));
        }
        if y > top {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push((x, y));
        }
    }
    parts.push(part);
    parts.retain(|part| part.len() > 1);
    parts
}

/// Writes counts around their places, leaving out each that would touch the one before it.
pub(super) fn counts(canvas: &mut Canvas, places: &[(f64, String)], y: f64, ink: RGBColor) {
    let mut free = f64::NEG_INFINITY;
    for (x, text) in places {
        let half = NOTE.width(text) / 2.0;
        let x = clamped(*x, 2.0 * half, MARGIN, canvas.width() - MARGIN);
        if x - half >= free {
            canvas.label((x, y), Anchor::Middle, NOTE.ink(ink), text);
            free = x + half + 7.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staircase_keeps_each_value_until_the_next() {
        let steps = [(0.0, 1.0), (3.0, 0.5), (9.0, 0.2)];
        assert_eq!(staircase(&steps, 5.0), [(0.0, 1.0), (3.0, 1.0), (3.0, 0.5), (5.0, 0.5)]);
        assert_eq!(staircase(&steps, 9.0).last(), Some(&(9.0, 0.2)));
        assert!(staircase(&[], 5.0).is_empty());
    }

    #[test]
    fn columns_have_lines_of_equal_length() {
        let cases: [(&str, f64, &[&str]); 4] = [
            ("营销部", 60.0, &["营销部"]),
            ("客户服务中心", 60.0, &["客户服", "务中心"]),
            ("Power Dispatching Centre", 70.0, &["Power", "Dispatching", "Centre"]),
            ("国网某某市供电公司客户服务分中心", 30.0, &["国网", "某某", "市…"]),
        ];
        for (label, room, expected) in cases {
            assert_eq!(evenly(label, room, TICK, 3), expected, "{label}");
        }
    }

    #[test]
    fn what_is_above_the_frame_is_cut_where_it_crosses() {
        let points = [(0.0, 2.0), (1.0, 0.0), (2.0, 0.0), (3.0, 4.0), (4.0, 0.0)];
        let parts = below(&points, 1.0);
        assert_eq!(parts, [vec![(0.5, 1.0), (1.0, 0.0), (2.0, 0.0), (2.25, 1.0)], vec![(3.75, 1.0), (4.0, 0.0)]]);
        assert!(below(&points, -1.0).is_empty());
    }

    #[test]
    fn labels_beside_dots_keep_apart_and_inside() {
        let frame = Frame { left: 0.0, top: 0.0, right: 300.0, bottom: 100.0 };
        let mut canvas = Canvas::new(480.0);
        let dots: Vec<(f64, f64)> = vec![(150.0, 50.0), (152.0, 51.0), (295.0, 3.0), (150.0, 50.0)];
        let mut labels = DotLabels::new(frame, dots.iter().map(|&at| (at, 4.0)));
        for &at in &dots {
            assert!(labels.write(&mut canvas, at, 4.0, NOTE, "客户服务中心"));
        }
        let written = &labels.taken[dots.len()..];
        for (index, a) in written.iter().enumerate() {
            assert!(inside(*a, frame), "{a:?}");
            assert!(!labels.taken[..dots.len() + index].iter().any(|b| overlap(*a, *b)), "{a:?}");
        }
        let cramped = Frame { right: 20.0, bottom: 10.0, ..frame };
        assert!(!DotLabels::new(cramped, std::iter::empty()).write(&mut canvas, (5.0, 5.0), 4.0, NOTE, "客"));
    }
}
