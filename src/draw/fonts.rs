//! The embedded fonts: how wide a text is, and which characters it can show.
//!
//! A report must look the same on a machine that has no Chinese font at all, so
//! Noto Sans SC (Regular and Bold, OFL-1.1) is part of the program and nothing
//! here ever asks the system for a font. The files keep no kerning or other
//! OpenType layout (`assets/fonts/make-fonts.py`), hence one rule that the charts
//! rely on: **a text is as wide as the sum of its advances**, in the SVG, in the
//! PNG, and in a browser that has loaded [`subset_font_base64`].

mod subset;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider as _};

/// The font list of every SVG and page: ours first, then what readers may have.
pub const FAMILY: &str = "Noto Sans SC, Microsoft YaHei, PingFang SC, sans-serif";

/// What stands for a character that the fonts lack: 〓, the printer's own mark.
pub const GETA: char = '〓';

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold.ttf");

/// Which of the two embedded fonts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// CSS weight 400.
    #[default]
    Regular,
    /// CSS weight 700.
    Bold,
}

impl Weight {
    /// Gives the whole TrueType file, 2.8 MB.
    #[must_use]
    pub fn ttf(self) -> &'static [u8] {
        match self {
            Self::Regular => REGULAR,
            Self::Bold => BOLD,
        }
    }

    /// Gives the number that CSS and SVG use.
    #[must_use]
    pub fn css(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::Bold => 700,
        }
    }

    fn parsed(self) -> FontRef<'static> {
        FontRef::new(self.ttf()).expect("the embedded font is a TrueType file")
    }
}

/// Lists the characters that the embedded fonts cannot show, sorted, each once.
///
/// Line breaks, tabs and other control characters are no glyphs and never listed.
#[must_use]
pub fn missing_glyphs(text: &str) -> Vec<char> {
    // both weights are cut to the same characters (see the tests)
    let charmap = Weight::Regular.parsed().charmap();
    let mut missing: Vec<char> =
        text.chars().filter(|&c| !c.is_ascii() && !c.is_control() && charmap.map(c).is_none()).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Puts [`GETA`] in place of each character that the embedded fonts lack.
///
/// It may be given a whole SVG: markup is ASCII, which is never missing.
#[must_use]
pub fn cover_missing(text: &str) -> String {
    let missing = missing_glyphs(text);
    if missing.is_empty() {
        return text.to_owned();
    }
    let shown = |c: char| if missing.binary_search(&c).is_ok() { GETA } else { c };
    text.chars().map(shown).collect()
}

/// Measures one line of text, in pixels, at `size` pixels per em.
///
/// A character that the fonts lack counts as one em: any font that a browser
/// takes it from, it is most likely a Chinese character.
#[must_use]
pub fn text_width(text: &str, size: f64, weight: Weight) -> f64 {
    let font = weight.parsed();
    let charmap = font.charmap();
    let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
    let em = f64::from(font.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    let advance = |c: char| charmap.map(c).and_then(|glyph| metrics.advance_width(glyph)).map_or(em, f64::from);
    text.chars().map(advance).sum::<f64>() * size / em
}

/// The fonts of a page, for its `@font-face`: each with its weight in CSS, and only the characters that the page has, of
/// the bold one those of its bold text, so that Chinese shows on a machine without fonts.
#[must_use]
pub fn of_page(text: &str, bold: &str) -> Vec<(u16, String)> {
    let of = |text, weight: Weight| (weight.css(), subset_font_base64(text, weight));
    vec![of(text, Weight::Regular), of(bold, Weight::Bold)]
}

/// Makes a WOFF of just the characters of `text`, in base64, for `@font-face`.
///
/// Characters that the fonts lack are left out. The same text gives the same
/// bytes. Its place in a page, whose Content-Security-Policy needs `font-src data:`:
///
/// ```css
/// @font-face { font-family: "Noto Sans SC"; font-weight: 400;
///              src: url("data:font/woff;base64,…") format("woff"); }
/// ```
#[must_use]
pub fn subset_font_base64(text: &str, weight: Weight) -> String {
    STANDARD.encode(subset_font(text, weight))
}

/// Makes a WOFF of just the characters of `text`; see [`subset_font_base64`].
#[must_use]
pub fn subset_font(text: &str, weight: Weight) -> Vec<u8> {
    subset::woff(&weight.parsed(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_each_missing_character_once() {
        let cases = [
            ("", ""),
            ("客户服务中心 Ⅲ ①⑳ ≤ 3 ℃ → ▲▼●○■□ ‰ “”‘’《》【】、。，：；！？（）％", ""),
            ("Überfällig – café — … · − × ÷ ≥ ↑ ↓ ←", ""),
            ("第一行\n第二行\t", ""),
            ("彧翀𬇕𫚖", ""),
            ("丂㐂😀丂", "㐂丂😀"),
        ];
        for (text, missing) in cases {
            let missing: Vec<char> = missing.chars().collect();
            assert_eq!(missing_glyphs(text), missing, "{text}");
        }
        assert_eq!(cover_missing("张丂 <b>"), "张〓 <b>");
    }

    #[test]
    fn both_weights_have_the_same_characters() {
        let characters = |weight: Weight| weight.parsed().charmap().mappings().map(|(c, _)| c).collect::<Vec<_>>();
        assert_eq!(characters(Weight::Regular), characters(Weight::Bold));
        assert!(characters(Weight::Regular).len() > 9_000);
    }

    #[test]
    fn a_text_is_as_wide_as_its_advances() {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(text_width("", 20.0, Weight::Regular), 0.0));
        assert!(near(text_width("报装", 20.0, Weight::Regular), 40.0));
        // digits are all alike, so columns of numbers line up
        for weight in [Weight::Regular, Weight::Bold] {
            let zero = text_width("0", 100.0, weight);
            for digit in "123456789".chars() {
                assert!(near(text_width(&digit.to_string(), 100.0, weight), zero), "{digit}");
            }
        }
        assert!(near(text_width("😀", 10.0, Weight::Bold), 10.0));
    }
}
