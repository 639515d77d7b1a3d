//! The house that issues reports: what it is called, and how its documents are numbered.

use serde::Deserialize;

use crate::calendar::Day;
use crate::error::{Mistake, TomlFile};
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
}

/// Who issues reports.
#[derive(Debug, Clone, Default)]
pub struct House {
    unit: Words,
    number: Words,
    /// Whom readers can ask; empty: nobody is named.
    pub contact: Words,
}

/// What a number can have gaps for.
const GAPS: [&str; 4] = ["year", "month", "day", "edition"];

impl House {
    /// Reads a `house.toml`; every mistake of it is returned.
    pub(crate) fn open(file: &TomlFile) -> Result<House, Vec<Mistake>> {
        let HouseFile { unit, number, contact } = file.read()?;
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
        if mistakes.is_empty() { Ok(House { unit, number, contact }) } else { Err(mistakes) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_the_number_of_its_day_and_edition() {
        let read = |text: &str| House::open(&TomlFile::new("house.toml", text));
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
