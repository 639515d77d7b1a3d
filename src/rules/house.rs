//! The house that issues reports: what it is called, and how its documents are numbered.

use serde::Deserialize;
use toml::Spanned;

use crate::calendar::Day;
use crate::error::{self, Error, Mistake, TomlFile};
use crate::words::{Lang, Words};

/// `house.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HouseFile {
    /// What the unit is called, at the top of each report.
    unit: Option<Words>,
    /// The number of a document: `{year}`, `{month}` and `{day}` are those of the as-of day, `{edition}` that of the report.
    number: Option<Words>,
    /// Whom readers can ask, at the foot of each page.
    contact: Option<Words>,
    /// A PNG next to the file, at the top of each page.
    #[schemars(with = "Option<String>")]
    logo: Option<Spanned<String>>,
    /// The colour of headings and links, `#rrggbb`.
    #[schemars(with = "Option<String>")]
    colour: Option<Spanned<String>>,
}

/// Who issues reports.
#[derive(Debug, Clone, Default)]
pub struct House {
    unit: Words,
    number: Words,
    /// Whom readers can ask; empty: nobody is named.
    pub contact: Words,
    /// A PNG for the top of each page.
    pub logo: Option<Vec<u8>>,
    /// The colour of headings and links, `#rrggbb`.
    pub colour: Option<String>,
}

/// The most bytes of a logo: it is in each page.
const MOST_BYTES: usize = 100 << 10;
/// The most pixels of its sides.
const MOST_PIXELS: u32 = 4_000;
/// How a PNG begins: its signature, and the head that holds its size.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
/// The least contrast with white in which text can be read.
const CONTRAST: f64 = 4.5;

/// What a number can have gaps for.
const GAPS: [&str; 4] = ["year", "month", "day", "edition"];

impl House {
    /// Reads a `house.toml`, and the logo that it names; every mistake of it is returned.
    pub(crate) fn open(
        file: &TomlFile,
        read: impl FnOnce(&str) -> error::Result<Vec<u8>>,
    ) -> Result<House, Vec<Mistake>> {
        let HouseFile { unit, number, contact, logo, colour } = file.read()?;
        let [unit, number, contact] = [unit, number, contact].map(Option::unwrap_or_default);
        let mut mistakes = Vec::new();
        for gap in [&number.zh, &number.en].into_iter().flat_map(|text| text.split('{').skip(1)) {
            let gap = gap.split('}').next().unwrap_or_default();
            if !GAPS.contains(&gap) {
                let message =
                    Words::new(format!("文号中不能填「{{{gap}}}」"), format!("nothing fills `{{{gap}}}` of a number"));
                let help = GAPS.map(|gap| format!("{{{gap}}}")).join(" ");
                let help = Words::new(format!("可用：{help}"), format!("there are {help}"));
                mistakes.push(file.at("number").mistake(message).help(help));
            }
        }
        let logo = logo.and_then(|named| match logo_of(named.get_ref(), read) {
            Ok(bytes) => Some(bytes),
            Err(problem) => {
                mistakes.push(file.mistake(named.span(), problem));
                None
            }
        });
        if let Some(colour) = colour.as_ref().filter(|colour| contrast(colour.get_ref()).is_none_or(|of| of < CONTRAST))
        {
            let message = Words::new(
                "颜色要写作 #rrggbb，并深到能在白底上看清",
                "a colour is written #rrggbb, and dark enough to be read on white",
            );
            mistakes.push(file.mistake(colour.span(), message));
        }
        let colour = colour.map(Spanned::into_inner);
        if mistakes.is_empty() { Ok(House { unit, number, contact, logo, colour }) } else { Err(mistakes) }
    }

    /// What the unit is called; empty where that is not known.
    pub(crate) fn unit(&self, lang: Lang) -> &str {
        self.unit.get(lang)
    }

    /// What stands at the top of a report: the unit and the document's number, as far as they are known.
    pub(crate) fn heads(&self, as_of: Day, edition: u32, lang: Lang) -> Vec<String> {
        let day = as_of.to_string();
        let (year, month, day) = (&day[..4], &day[5..7], &day[8..]);
        let mut number = self.number.get(lang).to_owned();
        for (gap, value) in GAPS.into_iter().zip([year, month, day, &edition.to_string()]) {
            number = number.replace(&format!("{{{gap}}}"), value);
        }
        [self.unit.get(lang).to_owned(), number].into_iter().filter(|text| !text.is_empty()).collect()
    }
}

/// A logo, or what is wrong with it.
fn logo_of(name: &str, read: impl FnOnce(&str) -> error::Result<Vec<u8>>) -> Result<Vec<u8>, Words> {
    if name.contains(['/', '\\']) || !name.ends_with(".png") {
        return Err(Words::new(
            "标志须是与本文件在同一目录中的 PNG 图片",
            "a logo is a PNG in the folder of this file",
        ));
    }
    let bytes = read(name).map_err(|error: Error| error.words())?;
    let side =
        |at: usize| bytes.get(at..at + 4).map_or(0, |side| u32::from_be_bytes([side[0], side[1], side[2], side[3]]));
    let is_picture = bytes.starts_with(PNG) && [16, 20].iter().all(|at| (1..=MOST_PIXELS).contains(&side(*at)));
    match is_picture && bytes.len() <= MOST_BYTES {
        true => Ok(bytes),
        false => Err(Words::new(
            "标志须是不超过 100 KiB、边长不超过 4000 像素的 PNG 图片",
            "a logo is a PNG of at most 100 KiB and 4000 pixels",
        )),
    }
}

/// The contrast of a colour with white, from 1 to 21, by WCAG 2; nothing where it is no colour.
fn contrast(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| {
        let part = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).ok()?) / 255.0;
        Some(if part <= 0.040_45 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) })
    };
    let light = 0.2126 * part(0)? + 0.7152 * part(2)? + 0.0722 * part(4)?;
    Some(1.05 / (light + 0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logo_is_a_small_png_beside_the_file_and_a_colour_can_be_read() {
        let png = |width: u32, more: usize| {
            let mut bytes = PNG.to_vec();
            bytes.extend(width.to_be_bytes().iter().chain(&40_u32.to_be_bytes()));
            bytes.extend(vec![0; more]);
            bytes
        };
        let open = |text: &str, bytes: Vec<u8>| House::open(&TomlFile::new("house.toml", text), |_| Ok(bytes));
        let house = open("logo = \"l.png\"\ncolour = \"#00706b\"\n", png(120, 9)).unwrap();
        assert_eq!((house.logo.unwrap().len(), house.colour.as_deref()), (33, Some("#00706b")));
        for (text, bytes) in [
            ("logo = \"../l.png\"", png(120, 9)),
            ("logo = \"l.svg\"", png(120, 9)),
            ("logo = \"l.png\"", b"<svg/>".to_vec()),
            ("logo = \"l.png\"", png(0, 9)),
            ("logo = \"l.png\"", png(9_000, 9)),
            ("logo = \"l.png\"", png(120, 200 << 10)),
            ("colour = \"#ffee00\"", Vec::new()),
            ("colour = \"red;}\"", Vec::new()),
            ("colour = \"#12345\"", Vec::new()),
        ] {
            assert_eq!(open(text, bytes).unwrap_err().len(), 1, "{text}");
        }
    }

    #[test]
    fn a_document_has_the_number_of_its_day_and_edition() {
        let read = |text: &str| House::open(&TomlFile::new("house.toml", text), |_| Ok(Vec::new()));
        let as_of = Day::from_ymd(2026, 6, 30).unwrap();
        assert!(read("").unwrap().heads(as_of, 1, Lang::Zh).is_empty());
        let text = "unit = { zh = \"某市供电公司\", en = \"City Power\" }\n\
                    number = { zh = \"业扩考〔{year}〕{month}-{edition} 号\", en = \"{year}/{month}/{day} no. {edition}\" }\n";
        let house = read(text).unwrap();
        assert_eq!(house.heads(as_of, 2, Lang::Zh), ["某市供电公司", "业扩考〔2026〕06-2 号"]);
        assert_eq!(house.heads(as_of, 2, Lang::En), ["City Power", "2026/06/30 no. 2"]);
        let mistakes = read("number = { zh = \"{yaer}\", en = \"{year}\" }").unwrap_err();
        assert!(mistakes[0].to_string().contains("{yaer}"), "{}", mistakes[0]);
    }
}
