//! What users call the codes in marts: the vocabularies that a column can name, `kind = { code = "verdict" }`.
//!
//! A vocabulary is one of the program's own, declared as an enum in the room that owns it and listed here, or one of
//! `vocabularies.toml`, for codes that only SQL makes. A `vocabularies.toml` next to a pipeline adds to the program's
//! own file: new vocabularies, new codes, other titles. A code that its vocabulary does not know is printed as it stands;
//! texts of the data are in no vocabulary, and columns of them are `kind = "text"`.

pub mod estimates;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::estimates::{
    ALL, Analysis, Compared, CovariateName, GEOMETRIC_MEAN, IS_KEY, MeasureUnit, ModeFinding, Remark,
};
use crate::clock::{Ruling, Verdict};
use crate::error::{Mistake, TomlFile};
use crate::flow::EdgeKind;
use crate::flow::days::Whose;
use crate::forecast::Basis;
use crate::rules::limits::{Area, Supply, Unit, Voltage};
use crate::rules::strata::{CapacityBand, Group, VoltageClass};
use crate::rules::vocabulary::{
    ActionKind, CallbackKind, Cause, ChanceBand, ClockFrom, CustomerClass, Feeder, Finding, FindingUse,
    FulfilmentClass, LimitFor, Mode, OPEN_CLAIM, PastDue, Promise, Quarter, RequestState, StageState, State,
    TOO_FEW_ALIKE, Undecided,
};
use crate::stats::control::Rule;
use crate::words::{Lang, Term, Words};

/// How a cell stands out: a figure that is better or worse than chance explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// Good news.
    Better,
    /// Bad news.
    Worse,
}

impl Tone {
    /// Its class on a page.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Better => "better",
            Tone::Worse => "worse",
        }
    }
}

/// What users call one code.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Title {
    zh: String,
    en: String,
    tone: Option<Tone>,
}

impl From<&Term> for Title {
    fn from(term: &Term) -> Title {
        Title { zh: term.zh.to_owned(), en: term.en.to_owned(), tone: None }
    }
}

/// `vocabularies.toml`: vocabulary → code → title.
pub(crate) type Layer = BTreeMap<String, BTreeMap<String, Title>>;

/// The vocabulary of strata, whose codes are made of parts: [`Group`].
const STRATUM: &str = "stratum";

/// The vocabulary of the levels of units, which `units.toml` fills.
pub const UNIT_LEVEL: &str = "unit_level";

/// The vocabularies that the program makes codes of itself.
fn own() -> Vec<(&'static str, Vec<&'static [Term]>)> {
    vec![
        ("action_kind", vec![ActionKind::TERMS]),
        ("analysis", vec![Analysis::TERMS]),
        ("application_state", vec![State::TERMS]),
        ("area", vec![Area::TERMS]),
        ("callback_kind", vec![CallbackKind::TERMS]),
        ("capacity_band", vec![CapacityBand::TERMS]),
        ("cause", vec![Cause::TERMS]),
        ("chance_band", vec![ChanceBand::TERMS]),
        ("clock_from", vec![ClockFrom::TERMS]),
        ("control_rule", vec![Rule::TERMS]),
        ("covariate", vec![CovariateName::TERMS]),
        ("covariate_level", vec![&[GEOMETRIC_MEAN, IS_KEY], Quarter::TERMS]),
        ("customer_class", vec![CustomerClass::TERMS]),
        ("edge_kind", vec![EdgeKind::TERMS]),
        ("feeder", vec![Feeder::TERMS]),
        ("finding", vec![Finding::TERMS]),
        ("finding_use", vec![FindingUse::TERMS]),
        ("forecast_basis", vec![Basis::TERMS, &[TOO_FEW_ALIKE]]),
        ("fulfilment_class", vec![FulfilmentClass::TERMS]),
        ("limit_for", vec![LimitFor::TERMS]),
        ("limit_unit", vec![Unit::TERMS]),
        ("long_open", vec![PastDue::TERMS, &[OPEN_CLAIM]]),
        ("measure", vec![Compared::TERMS]),
        ("measure_unit", vec![MeasureUnit::TERMS]),
        ("mode", vec![Mode::TERMS]),
        ("mode_finding", vec![ModeFinding::TERMS]),
        ("promise", vec![Promise::TERMS]),
        ("remark", vec![Remark::TERMS]),
        ("request_state", vec![RequestState::TERMS]),
        ("ruling", vec![Ruling::TERMS]),
        ("stage_state", vec![StageState::TERMS]),
        ("supply", vec![Supply::TERMS]),
        ("undecided", vec![Undecided::TERMS]),
        ("verdict", vec![Verdict::TERMS]),
        ("voltage", vec![Voltage::TERMS]),
        ("voltage_scope", vec![&[ALL], VoltageClass::TERMS]),
        ("whose", vec![Whose::TERMS]),
        (STRATUM, vec![&[ALL]]),
        (UNIT_LEVEL, vec![]),
    ]
}

/// Every vocabulary that a column can name.
#[derive(Debug)]
pub struct Vocabularies {
    titles: BTreeMap<String, BTreeMap<String, Title>>,
}

impl Vocabularies {
    /// Reads `vocabularies.toml`, layer by layer: the program's own file, then the one next to the pipeline. Every
    /// mistake is collected.
    pub fn open(layers: &[TomlFile]) -> Result<Vocabularies, Vec<Mistake>> {
        let of_terms = |terms: Vec<&[Term]>| {
            terms.into_iter().flatten().map(|term| (term.code.to_owned(), Title::from(term))).collect()
        };
        let mut titles: BTreeMap<String, BTreeMap<String, Title>> =
            own().into_iter().map(|(name, terms)| (name.to_owned(), of_terms(terms))).collect();
        let fixed = titles.clone();
        let mut mistakes = Vec::new();
        for file in layers {
            let layer: Layer = match file.read() {
                Ok(layer) => layer,
                Err(more) => {
                    mistakes.extend(more);
                    continue;
                }
            };
            for (name, codes) in layer {
                for (code, title) in codes {
                    if fixed.get(&name).is_some_and(|own| own.contains_key(&code)) {
                        let message = Words::new(
                            format!("「{code}」是程序自带的代码表「{name}」中的代码"),
                            format!("`{code}` is a code of the program's own `{name}`"),
                        );
                        let mistake = file.at(&name).key(&code).key_mistake(message);
                        let help = Words::new(
                            "请删去这一行；该代码表的其他代码可以写在这里",
                            "take it out; other codes of the vocabulary can stand here",
                        );
                        mistakes.push(mistake.help(help));
                    }
                    titles.entry(name.clone()).or_default().insert(code, title);
                }
            }
        }
        if mistakes.is_empty() { Ok(Vocabularies { titles }) } else { Err(mistakes) }
    }

    /// Calls codes of a vocabulary as a configuration does.
    pub fn call<'a>(&mut self, vocabulary: &str, titles: impl Iterator<Item = (&'a str, &'a Words)>) {
        let titles = titles
            .map(|(code, words)| (code.to_owned(), Title { zh: words.zh.clone(), en: words.en.clone(), tone: None }));
        self.titles.entry(vocabulary.to_owned()).or_default().extend(titles);
    }

    /// The name of every vocabulary.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.titles.keys().map(String::as_str)
    }

    /// Whether there is a vocabulary of that name.
    pub fn has(&self, vocabulary: &str) -> bool {
        self.titles.contains_key(vocabulary)
    }

    /// Every code of a vocabulary, by code.
    pub fn codes(&self, vocabulary: &str) -> impl Iterator<Item = &str> {
        self.titles.get(vocabulary).into_iter().flat_map(|codes| codes.keys().map(String::as_str))
    }

    /// What users call a code; one that the vocabulary does not know stays as it is.
    pub fn title<'a>(&'a self, vocabulary: &str, code: &'a str, lang: Lang) -> Cow<'a, str> {
        match self.known(vocabulary, code) {
            Some(title) => Cow::Borrowed(lang.pick(&title.zh, &title.en)),
            None if vocabulary == STRATUM => {
                Group::of_code(code).map_or(Cow::Borrowed(code), |group| Cow::Owned(group.title(lang)))
            }
            None => Cow::Borrowed(code),
        }
    }

    /// Where a rule stands written, in words: codes of the vocabulary `source`, and texts.
    pub fn sources(&self, sources: &[String], lang: Lang) -> String {
        let titles: Vec<Cow<'_, str>> = sources.iter().map(|source| self.title("source", source, lang)).collect();
        titles.join(lang.pick("；", "; "))
    }

    /// How a code stands out.
    pub fn tone(&self, vocabulary: &str, code: &str) -> Option<Tone> {
        self.known(vocabulary, code)?.tone
    }

    fn known(&self, vocabulary: &str, code: &str) -> Option<&Title> {
        self.titles.get(vocabulary)?.get(code)
    }
}
