//! Breaking and shortening text by its measured width, Chinese and Latin alike.

use super::fonts::{Weight, text_width};

/// Marks that must not begin a line: they stay with what is before them.
const CLOSING: &str = "、。，．：；！？）》〉】」』〕〗”’…—％‰℃,.:;!?)]}%·";
/// Marks that must not end a line: they stay with what follows.
const OPENING: &str = "（《〈【「『〔〖“‘([{";

/// Breaks a text into lines no wider than `width`; the empty text has no lines.
///
/// Lines break at spaces and between Chinese characters. A word wider than a line
/// is broken anywhere.
pub(super) fn wrap(text: &str, width: f64, size: f64, weight: Weight) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for piece in pieces(paragraph) {
            let longer = format!("{line}{piece}");
            if text_width(longer.trim_end(), size, weight) <= width {
                line = longer;
                continue;
            }
            if !line.is_empty() {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            for c in piece.chars() {
                if !line.is_empty() && text_width(&format!("{line}{c}"), size, weight) > width {
                    if c == ' ' {
                        continue;
                    }
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        }
        let line = line.trim_end();
        if !line.is_empty() {
            lines.push(line.to_owned());
        }
    }
    lines
}

/// Breaks a text into at most `most` lines and shortens the last if need be.
pub(super) fn wrap_at_most(text: &str, width: f64, size: f64, weight: Weight, most: usize) -> Vec<String> {
    let mut lines = wrap(text, width, size, weight);
    if lines.len() > most {
        let mut rest = String::new();
        for line in lines.split_off(most.saturating_sub(1)) {
            let spaced = rest.chars().last().zip(line.chars().next());
            if spaced.is_some_and(|(a, b)| !is_wide(a) && !is_wide(b)) {
                rest.push(' ');
            }
            rest.push_str(&line);
        }
        lines.push(shorten(&format!("{rest}…"), width, size, weight));
    }
    lines
}

/// Cuts a text to `width` and ends it with … where something is left out.
pub(super) fn shorten(text: &str, width: f64, size: f64, weight: Weight) -> String {
    if text_width(text, size, weight) <= width {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let short = format!("{}…", kept.trim_end_matches([' ', '…']));
        if text_width(&short, size, weight) <= width {
            return short;
        }
    }
    String::new()
}

/// The widest of some texts, in pixels; 0 of none.
pub(super) fn widest<'a>(texts: impl IntoIterator<Item = &'a str>, size: f64, weight: Weight) -> f64 {
    texts.into_iter().map(|text| text_width(text, size, weight)).fold(0.0, f64::max)
}

/// Cuts a line into what must stay together, each piece with the spaces after it.
fn pieces(line: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in line.chars() {
        let c = if c.is_control() { ' ' } else { c };
        let together = match pieces.last() {
            None => false,
            Some(_) if c == ' ' || CLOSING.contains(c) || OPENING.contains(last) => true,
            Some(_) => last != ' ' && !is_wide(last) && !is_wide(c),
        };
        match pieces.last_mut() {
            Some(piece) if together => piece.push(c),
            _ => pieces.push(c.into()),
        }
        last = c;
    }
    pieces
}

/// Whether a line may break on either side: Chinese characters and full-width forms.
fn is_wide(c: char) -> bool {
    u32::from(c) >= 0x2E80 || matches!(c, '“' | '”' | '‘' | '’' | '…' | '—')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_where_it_may() {
        let cases: [(&str, f64, &[&str]); 8] = [
            ("", 100.0, &[]),
            ("客户服务中心", 40.0, &["客户服务", "中心"]),
            ("客户服务，中心", 40.0, &["客户服", "务，中心"]),
            ("现场（客户）核实", 35.0, &["现场", "（客", "户）核", "实"]),
            ("net of customer delay", 60.0, &["net of", "customer", "delay"]),
            ("共 1,234 件工单", 45.0, &["共 1,234", "件工单"]),
            ("一\n二", 100.0, &["一", "二"]),
            ("WWWWWWWW", 30.0, &["WWW", "WWW", "WW"]),
        ];
        for (text, width, expected) in cases {
            let lines = wrap(text, width, 10.0, Weight::Regular);
            assert_eq!(lines, expected, "{text}");
            for line in lines {
                let wide = text_width(&line, 10.0, Weight::Regular);
                assert!(wide <= width, "{line}: {wide} > {width}");
            }
        }
    }

    #[test]
    fn shortens_with_an_ellipsis() {
        assert_eq!(shorten("电力调度中心", 60.0, 10.0, Weight::Regular), "电力调度中心");
        let short = shorten("电力调度中心", 45.0, 10.0, Weight::Regular);
        assert_eq!(short, "电力调…");
        assert_eq!(shorten("电力", 2.0, 10.0, Weight::Regular), "");
        let lines = wrap_at_most("国网某某供电公司电力调度控制中心", 60.0, 10.0, Weight::Regular, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        let lines = wrap_at_most("Power Dispatching and the Control Centre", 90.0, 10.0, Weight::Regular, 2);
        assert_eq!(lines, ["Power Dispatching", "and the Control…"]);
    }
}
