//! The language of what users read, and the two kinds of words that are data.
//!
//! Where words live:
//!
//! - A sentence that the program prints stands where it is printed, both languages side by side: `lang.pick(zh, en)`.
//! - A code of the program's own has its title in its vocabulary: an enum made by [`vocabulary!`] in the room that owns
//!   it, code and title in both languages on one line. A code that only SQL makes has its title in
//!   `pipelines/vocabularies.toml` (see [`crate::vocabularies`]).
//! - What a configuration file defines (stages, marts, owners) carries its words itself, always as
//!   `{ zh = "…", en = "…" }`: [`Words`].
//!
//! - A reason that is found far from where it is printed, such as that of a mistake, is [`Words`] too: whoever finds it
//!   says it twice, and nobody can pass it on in one language only. What a library says, in English, is quoted after a
//!   sentence of our own: [`Words::quoting`].
//!
//! A text of the user's data is none of these. It is never looked up, and is printed as it stands.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The language of what users read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    #[default]
    #[value(aliases = ["cn", "zh_CN", "chinese", "中文"])]
    Zh,
    /// English.
    #[value(aliases = ["en_US", "english", "英文"])]
    En,
}

impl Lang {
    /// The one of the two that this language asks for.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// `zh` or `en`.
    pub fn code(self) -> &'static str {
        self.pick("zh", "en")
    }
}

/// A text in both languages, as configuration files write it: `{ zh = "…", en = "…" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Between the two languages where a library carries a reason of ours as one text: no export and no file holds it.
const CARRIED: char = '\u{1e}';

impl Words {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Words {
        Words { zh: zh.into(), en: en.into() }
    }

    /// What is said in each language.
    pub(crate) fn of<T: Into<String>>(said: impl Fn(Lang) -> T) -> Words {
        Words::new(said(Lang::Zh), said(Lang::En))
    }

    /// What a library said: an English session reads it as it stands, a Chinese one after a sentence of ours.
    pub(crate) fn quoting(zh: &str, original: impl fmt::Display) -> Words {
        Words::new(format!("{zh}（原文「{original}」）"), original.to_string())
    }

    /// These words after those of a place or a name.
    pub(crate) fn after(&self, place: &Words) -> Words {
        Words::new(format!("{}：{}", place.zh, self.zh), format!("{}: {}", place.en, self.en))
    }

    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }

    /// Both languages in one text, as an error of serde carries them.
    pub(crate) fn carried(&self) -> String {
        format!("{}{CARRIED}{}", self.zh, self.en)
    }

    /// The two languages of a text that carries them.
    pub(crate) fn carried_by(text: &str) -> Option<Words> {
        text.split_once(CARRIED).map(|(zh, en)| Words::new(zh, en))
    }
}

/// A code of the data and what users call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// The code, as tables write it.
    pub code: &'static str,
    /// What users call it, in Chinese.
    pub zh: &'static str,
    /// What users call it, in English.
    pub en: &'static str,
}

/// What columns of codes need to know of a vocabulary; [`vocabulary!`] implements it.
pub trait Vocabulary: Copy + fmt::Debug + 'static {
    /// The code, as tables write it.
    fn code(self) -> &'static str;
    /// The value that a code stands for.
    fn of_code(code: &str) -> Option<Self>;
}

/// Declares a closed vocabulary: an enum whose every value has a code and a title in both languages.
///
/// ```text
/// vocabulary! {
///     /// How many sources feed a customer.
///     pub enum Supply {
///         /// One.
///         Single = ["single", "单电源", "single supply"],
///     }
/// }
/// ```
macro_rules! vocabulary {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident {
            $( $(#[$of_value:meta])* $value:ident = [$code:literal, $zh:literal, $en:literal], )+
        }
    ) => {
        $(#[$meta])*
        $visibility enum $name {
            $( $(#[$of_value])* $value, )+
        }

        #[allow(dead_code, reason = "each vocabulary answers the same questions")]
        impl $name {
            /// Every value, in the order of declaration.
            $visibility const ALL: &[$name] = &[$($name::$value),+];
            /// Every code with its titles.
            $visibility const TERMS: &[$crate::words::Term] = &[$($name::$value.term()),+];

            /// The code, as tables write it.
            $visibility const fn code(self) -> &'static str {
                self.term().code
            }

            /// Its code and titles.
            $visibility const fn term(self) -> $crate::words::Term {
                match self {
                    $($name::$value => $crate::words::Term { code: $code, zh: $zh, en: $en },)+
                }
            }

            /// What users call it.
            $visibility fn title(self, lang: $crate::words::Lang) -> &'static str {
                let term = self.term();
                lang.pick(term.zh, term.en)
            }

            /// The value that a code stands for.
            $visibility fn of_code(code: &str) -> Option<$name> {
                match code {
                    $($code => Some($name::$value),)+
                    _ => None,
                }
            }
        }

        impl $crate::words::Vocabulary for $name {
            fn code(self) -> &'static str {
                self.term().code
            }

            fn of_code(code: &str) -> Option<$name> {
                $name::of_code(code)
            }
        }
    };
}
pub(crate) use vocabulary;
