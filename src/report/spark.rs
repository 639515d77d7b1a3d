//! The way of a figure as a small line.

/// The width and the height of it.
const WIDE: f64 = 96.0;
const HIGH: f64 = 24.0;
/// What is left free around it.
const EDGE: f64 = 3.0;

/// A line through the known ones of some values, from the oldest to the newest.
#[derive(Debug)]
pub(super) struct Line {
    /// `x,y` by blanks.
    pub points: String,
    /// Where it ends.
    pub last: (String, String),
    /// What it shows, in words.
    pub said: String,
}

/// Draws it; none through fewer than two values.
pub(super) fn through(values: &[Option<f64>], said: String) -> Option<Line> {
    let known = || values.iter().enumerate().filter_map(|(at, value)| Some((at, (*value)?)));
    if known().count() < 2 {
        return None;
    }
    let least = known().map(|(_, value)| value).fold(f64::INFINITY, f64::min);
    let most = known().map(|(_, value)| value).fold(f64::NEG_INFINITY, f64::max);
    let place = |(at, value): (usize, f64)| {
        let x = EDGE + at as f64 / (values.len() - 1) as f64 * (WIDE - 2.0 * EDGE);
        let height = if most > least { (value - least) / (most - least) } else { 0.5 };
        (format!("{x:.1}"), format!("{:.1}", HIGH - EDGE - height * (HIGH - 2.0 * EDGE)))
    };
    let places: Vec<(String, String)> = known().map(place).collect();
    let points = places.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
    Some(Line { points, last: places.last()?.clone(), said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_to_its_frame_and_its_months() {
        assert!(through(&[None, Some(1.0), None], String::new()).is_none());
        let line = through(&[Some(2.0), None, Some(4.0), Some(3.0)], "said".to_owned()).unwrap();
        assert_eq!(line.points, "3.0,21.0 63.0,3.0 93.0,12.0");
        assert_eq!(line.last, ("93.0".to_owned(), "12.0".to_owned()));
        assert_eq!(through(&[Some(5.0), Some(5.0)], String::new()).unwrap().points, "3.0,12.0 93.0,12.0");
    }
}
