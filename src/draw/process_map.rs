//! The process as it ran: stages as boxes, what followed what as arrows.
//!
//! dagre says where everything is: layers, crossings, bends, room for labels, loops. It is given the stages in the
//! caller's order, and every arrow against that order turned round, so that the layers follow the usual course of
//! the work and what goes back is drawn going up.

use std::f64::consts::FRAC_1_SQRT_2;

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};
use plotters::style::RGBColor;

use super::canvas::{AXIS, Anchor, Canvas, Dash, Frame, Hue, INK, PAPER, Type, filled, stroke, veil};
use super::layout::{LABEL, MARGIN, NOTE, Sign, begin, clamped, empty, end, ink_on, legend, shade};
use super::text::{widest, wrap_at_most};
use super::values::{Unit, cases, count, drawable};
use super::{Caption, ChartError};

/// A process map: directly-follows arrows between stages.
#[derive(Clone, Debug, Default)]
pub struct ProcessMap {
    /// The words around it; the picture becomes wider where the process needs it.
    pub caption: Caption,
    /// How the days are written in the scale of shades.
    pub unit: Unit,
    /// What the shade of a stage says: `平均工作日`.
    pub days_name: String,
    /// What an ordinary arrow is called: `前后相继（越粗越多）`.
    pub edge_name: String,
    /// What an arrow that goes back or repeats is called: `返工、回退`.
    pub rework_name: String,
    /// The stages in their usual order, the start first and the end last.
    pub nodes: Vec<ProcessNode>,
    /// The arrows; the caller leaves out the rare ones.
    pub edges: Vec<ProcessEdge>,
}

/// A stage of a [`ProcessMap`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessNode {
    /// Its name, in at most two lines.
    pub label: String,
    /// What stands below the name: `n = 132 · 12.3 天`.
    pub note: String,
    /// Its mean days: the longer, the darker; none for what takes no time, such as start and end.
    pub days: Option<f64>,
    /// Whether it is where cases begin or end: a box with round ends.
    pub is_terminal: bool,
}

/// An arrow of a [`ProcessMap`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessEdge {
    /// The stage it leaves: its place in [`ProcessMap::nodes`].
    pub from: usize,
    /// The stage it comes to; the same stage for a repetition.
    pub to: usize,
    /// How often: the more, the wider.
    pub n: u64,
    /// What is written on it: `132 · 5 天`.
    pub label: String,
    /// Whether it goes back or repeats: dashed, in another colour.
    pub is_rework: bool,
}

type Point = (f64, f64);

/// The shades of stages by their days, the longest last; neighbours differ in grey too.
const SHADES: [RGBColor; 4] =
    [RGBColor(0xf3, 0xf6, 0xf9), RGBColor(0xc9, 0xda, 0xe9), RGBColor(0x86, 0xae, 0xd0), RGBColor(0x26, 0x55, 0x82)];
/// The least and the largest width of a box, in pixels.
const BOX: (f64, f64) = (72.0, 140.0);
const LEADING: f64 = 15.0;
const EDGE: Type = Type::new(10.5, INK).halo();

impl ProcessMap {
    /// Draws the map.
    ///
    /// # Errors
    ///
    /// Fails where days cannot be drawn, or an arrow leaves or comes to a stage that is not there.
    pub fn svg(&self) -> Result<String, ChartError> {
        let chart = &self.caption.title;
        for node in &self.nodes {
            drawable(node.days.unwrap_or(0.0), chart, &node.label)?;
        }
        for edge in &self.edges {
            if let Some(&found) = [edge.from, edge.to].iter().find(|&&place| place >= self.nodes.len()) {
                let (chart, label) = (chart.clone(), edge.label.clone());
                return Err(ChartError::Count { chart, label, found: self.nodes.len(), expected: found + 1 });
            }
        }
        if self.nodes.is_empty() {
            return Ok(empty(&self.caption));
        }
        let boxes: Vec<Shape> = self.nodes.iter().map(Shape::new).collect();
        let plan = self.plan(&boxes);
        let mut caption = self.caption.clone();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some thousand pixels
        let needed = (plan.size.0 + 2.0 * MARGIN).ceil() as u32;
        caption.width = caption.width.max(480).max(needed);

        let (mut canvas, y) = begin(&caption);
        let y = legend(&mut canvas, y, &self.arrows());
        let shades = self.shades();
        let entries: Vec<(Sign, &str)> = shades.iter().map(|(sign, text)| (*sign, text.as_str())).collect();
        let y = legend(&mut canvas, y, &entries);
        let origin = ((canvas.width() - plan.size.0) / 2.0, y + 8.0);
        let moved = |(x, y): Point| (x + origin.0, y + origin.1);
        for (edge, route) in self.edges.iter().zip(&plan.routes) {
            let points: Vec<Point> = route.points.iter().copied().map(moved).collect();
            self.draw_edge(&mut canvas, edge, &points);
        }
        for ((node, shape), middle) in self.nodes.iter().zip(&boxes).zip(&plan.middles) {
            self.draw_node(&mut canvas, node, shape, moved(*middle));
        }
        for (edge, route) in self.edges.iter().zip(&plan.routes) {
            let (x, y) = moved(route.label);
            let x = clamped(x, EDGE.width(&edge.label), MARGIN, canvas.width() - MARGIN);
            let ink = if edge.is_rework { Hue::Vermilion.line() } else { INK };
            let half = EDGE.width(&edge.label) / 2.0 + 2.0;
            let plate = Frame { left: x - half, top: y - 7.0, right: x + half, bottom: y + 7.0 };
            canvas.rectangle(plate, veil(PAPER, 0.8));
            canvas.label((x, y), Anchor::Middle, EDGE.ink(ink), &edge.label);
        }
        Ok(end(canvas, &caption, origin.1 + plan.size.1 + 8.0))
    }

    /// The legend of the arrows.
    fn arrows(&self) -> Vec<(Sign, &str)> {
        let mut entries = Vec::new();
        if self.edges.iter().any(|edge| !edge.is_rework) {
            entries.push((Sign::Stroke(AXIS, 3.0, Dash::None), self.edge_name.as_str()));
        }
        if self.edges.iter().any(|edge| edge.is_rework) {
            entries.push((Sign::Stroke(Hue::Vermilion.line(), 2.0, Dash::Dashes), self.rework_name.as_str()));
        }
        entries
    }

    /// The legend of the shades.
    fn shades(&self) -> Vec<(Sign, String)> {
        let longest = self.longest();
        let upper = |shade: usize| self.unit.written(longest * count(shade + 1) / count(SHADES.len()));
        let text = |shade: usize| match shade {
            0 => format!("{} ≤ {}", self.days_name, upper(0)),
            _ => format!("≤ {}", upper(shade)),
        };
        let shown = SHADES.iter().enumerate().filter(|_| longest > 0.0);
        shown.map(|(shade, &colour)| (Sign::Shade(colour), text(shade))).collect()
    }

    fn longest(&self) -> f64 {
        self.nodes.iter().filter_map(|node| node.days).fold(0.0, f64::max)
    }

    /// Has dagre lay the process out from top to bottom.
    fn plan(&self, boxes: &[Shape]) -> Plan {
        let options = GraphOptions { directed: true, multigraph: true, compound: false };
        let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
        for (place, shape) in boxes.iter().enumerate() {
            let node = NodeLabel { width: shape.size.0, height: shape.size.1, ..NodeLabel::default() };
            graph.set_node(place.to_string(), Some(node));
        }
        let ends = |edge: &ProcessEdge| (edge.from.min(edge.to).to_string(), edge.from.max(edge.to).to_string());
        for (number, edge) in self.edges.iter().enumerate() {
            let (from, to) = ends(edge);
            let label = EdgeLabel {
                width: EDGE.width(&edge.label) + 8.0,
                height: EDGE.size + 6.0,
                labelpos: LabelPos::Center,
                // what happens often is drawn straight
                weight: if edge.is_rework { 1 } else { 1 + self.tenths(edge.n) },
                ..EdgeLabel::default()
            };
            graph.set_edge(from, to, Some(label), Some(&number.to_string()));
        }
        let (nodesep, edgesep, ranksep) = (26.0, 12.0, 28.0);
        dagre::layout(&mut graph, Some(LayoutOptions { nodesep, edgesep, ranksep, ..LayoutOptions::default() }));

        let place = |x: Option<f64>, y: Option<f64>| (x.unwrap_or(0.0), y.unwrap_or(0.0));
        let middles: Vec<Point> = (0..boxes.len())
            .map(|node| graph.node(&node.to_string()).map_or((0.0, 0.0), |node| place(node.x, node.y)))
            .collect();
        let routes: Vec<Route> = self
            .edges
            .iter()
            .enumerate()
            .map(|(number, edge)| {
                let (from, to) = ends(edge);
                let found = graph.edge(&from, &to, Some(&number.to_string()));
                let mut points: Vec<Point> =
                    found.map(|edge| edge.points.iter().map(|point| (point.x, point.y)).collect()).unwrap_or_default();
                if edge.from > edge.to {
                    points.reverse();
                }
                Route { points, label: found.map_or((0.0, 0.0), |edge| place(edge.x, edge.y)) }
            })
            .collect();
        Plan::fitted(middles, routes, boxes, &self.edges)
    }

    fn most(&self) -> u64 {
        self.edges.iter().map(|edge| edge.n).max().unwrap_or(0).max(1)
    }

    /// A count as tenths of the largest.
    fn tenths(&self, n: u64) -> i32 {
        i32::try_from(u128::from(n) * 10 / u128::from(self.most())).unwrap_or(10)
    }

    fn draw_edge(&self, canvas: &mut Canvas, edge: &ProcessEdge, points: &[Point]) {
        let share = cases(edge.n) / cases(self.most());
        let width = 1.0 + 5.0 * share;
        let (colour, dash) = if edge.is_rework { (Hue::Vermilion.line(), Dash::Dashes) } else { (AXIS, Dash::None) };
        let mut line = curve(points);
        let Some(&tip) = line.last() else { return };
        // the head begins where the line comes within its length, so that a bend does not turn it
        let length = 6.0 + 1.3 * width;
        while line.len() > 1 && line.last().is_some_and(|&point| distance(point, tip) < length) {
            line.pop();
        }
        let Some(&neck) = line.last() else { return };
        canvas.path(&line, stroke(colour, width), dash);
        let far = distance(neck, tip).max(0.1);
        let (dx, dy) = ((tip.0 - neck.0) / far, (tip.1 - neck.1) / far);
        let foot = (tip.0 - dx * length, tip.1 - dy * length);
        let half = 2.6 + width * 0.9;
        canvas.line(neck, foot, stroke(colour, width), Dash::None);
        let corners = [tip, (foot.0 - dy * half, foot.1 + dx * half), (foot.0 + dy * half, foot.1 - dx * half)];
        canvas.polygon(&corners, filled(colour));
    }

    fn draw_node(&self, canvas: &mut Canvas, node: &ProcessNode, shape: &Shape, middle: Point) {
        let (half_width, half_height) = (shape.size.0 / 2.0, shape.size.1 / 2.0);
        let frame = Frame {
            left: middle.0 - half_width,
            top: middle.1 - half_height,
            right: middle.0 + half_width,
            bottom: middle.1 + half_height,
        };
        let colour = shade(&SHADES, node.days.unwrap_or(0.0) / self.longest().max(f64::MIN_POSITIVE));
        if node.is_terminal {
            let outline = pill(frame);
            canvas.polygon(&outline, filled(colour));
            canvas.path(&outline, stroke(INK, 1.4), Dash::None);
        } else {
            canvas.rectangle(frame, filled(colour));
            canvas.rectangle(frame, stroke(Hue::Blue.line(), 1.0));
        }
        let ink = ink_on(colour);
        let mut y = middle.1 - LEADING / 2.0 * (count(shape.lines.len() + shape.note.len()) - 1.0);
        for line in &shape.lines {
            canvas.label((middle.0, y), Anchor::Middle, LABEL.bold().ink(ink), line);
            y += LEADING;
        }
        for line in &shape.note {
            canvas.label((middle.0, y), Anchor::Middle, NOTE.ink(ink), line);
            y += LEADING;
        }
    }
}

/// A stage's texts and how large its box is.
struct Shape {
    lines: Vec<String>,
    note: Vec<String>,
    size: Point,
}

impl Shape {
    fn new(node: &ProcessNode) -> Self {
        let (bold, room) = (LABEL.bold(), BOX.1 - 16.0);
        let lines = wrap_at_most(&node.label, room, bold.size, bold.weight, 2);
        let note = wrap_at_most(&node.note, room, NOTE.size, NOTE.weight, 1);
        let width = widest(lines.iter().map(String::as_str), bold.size, bold.weight).max(widest(
            note.iter().map(String::as_str),
            NOTE.size,
            NOTE.weight,
        ));
        let height = LEADING * count((lines.len() + note.len()).max(1)) + 12.0;
        Self { lines, note, size: ((width + 16.0).max(BOX.0), height) }
    }
}

/// Where an arrow runs, and the middle of its label.
struct Route {
    points: Vec<Point>,
    label: Point,
}

/// Where everything is, from (0, 0).
struct Plan {
    middles: Vec<Point>,
    routes: Vec<Route>,
    size: Point,
}

impl Plan {
    /// Moves all to (0, 0) and measures it.
    fn fitted(mut middles: Vec<Point>, mut routes: Vec<Route>, boxes: &[Shape], edges: &[ProcessEdge]) -> Self {
        let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        let mut reach = |(x, y): Point, (width, height): Point| {
            low = (low.0.min(x - width / 2.0), low.1.min(y - height / 2.0));
            high = (high.0.max(x + width / 2.0), high.1.max(y + height / 2.0));
        };
        for (middle, shape) in middles.iter().zip(boxes) {
            reach(*middle, shape.size);
        }
        for (route, edge) in routes.iter().zip(edges) {
            reach(route.label, (EDGE.width(&edge.label), EDGE.size));
            route.points.iter().for_each(|point| reach(*point, (6.0, 6.0)));
        }
        let moved = |point: &mut Point| *point = (point.0 - low.0, point.1 - low.1);
        middles.iter_mut().for_each(moved);
        for route in &mut routes {
            route.points.iter_mut().for_each(moved);
            moved(&mut route.label);
        }
        Self { middles, routes, size: (high.0 - low.0, high.1 - low.1) }
    }
}

fn distance(a: Point, b: Point) -> f64 {
    let (dx, dy) = (a.0 - b.0, a.1 - b.1);
    (dx * dx + dy * dy).sqrt()
}

/// A smooth line near `points`: a quadratic B-spline, with the first and the last point on it.
fn curve(points: &[Point]) -> Vec<Point> {
    const PIECES: usize = 8;
    let middle = |a: Point, b: Point| (f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1));
    let [first, .., last] = points else { return points.to_vec() };
    let mut line = vec![*first];
    for three in points.windows(3) {
        let (from, bend, to) = (middle(three[0], three[1]), three[1], middle(three[1], three[2]));
        for piece in 0..=PIECES {
            let t = count(piece) / count(PIECES);
            let (a, b, c) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
            line.push((a * from.0 + b * bend.0 + c * to.0, a * from.1 + b * bend.1 + c * to.1));
        }
    }
    line.push(*last);
    line
}

/// The outline of a box whose short sides are half circles.
fn pill(frame: Frame) -> Vec<Point> {
    // cosines of 0°, 15° … 90°: written down, since those of the library differ between machines
    const COSINES: [f64; 7] = [1.0, 0.965_926, 0.866_025, FRAC_1_SQRT_2, 0.5, 0.258_819, 0.0];
    let radius = (frame.bottom - frame.top) / 2.0;
    let quarter = (0..7).map(|step| (COSINES[step] * radius, COSINES[6 - step] * radius));
    let quarter: Vec<Point> = quarter.collect();
    let (left, right, middle) = (frame.left + radius, frame.right - radius, frame.top + radius);
    let mut outline: Vec<Point> = Vec::new();
    outline.extend(quarter.iter().map(|(x, y)| (right + x, middle + y)));
    outline.extend(quarter.iter().rev().map(|(x, y)| (left - x, middle + y)));
    outline.extend(quarter.iter().map(|(x, y)| (left - x, middle - y)));
    outline.extend(quarter.iter().rev().map(|(x, y)| (right + x, middle - y)));
    outline.push((right + radius, middle));
    outline
}
