//! Lines that a message offers to write into a mapping, and where: what stands in the file already decides that, as a
//! table can be written once.

use std::sync::Arc;

use super::TableMapping;
use crate::contract::Table;
use crate::error::{Present, toml_text};
use crate::words::Lang;

/// The file of a mapping as people wrote it.
pub(crate) type Written = Option<Arc<str>>;

impl TableMapping {
    /// What it says of its table already.
    pub(crate) fn present(&self, table: &Table) -> Present {
        let own = format!("[tables.{}]", table.name);
        let has = |text: &Arc<str>| text.lines().any(|line| line.trim() == own);
        let header = self.written.as_ref().is_some_and(has);
        Present { header, ignore: header && !self.ignore.is_empty(), absent: header && !self.absent.is_empty() }
    }
}

/// A line of a table below the mapping of one: `values.stage`, `otherwise`.
pub(crate) struct Offer<'a> {
    /// The table.
    pub table: &'a str,
    /// The keys below it.
    pub keys: &'a [&'a str],
    /// The last key, of the line itself.
    pub key: &'a str,
    /// Its value in TOML.
    pub value: String,
}

/// Where a line goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// To the end of the file, below a header of its own.
    End,
    /// Below a header that is there.
    Below(String),
    /// Below the header of the table, with all its keys before it.
    Dotted(String),
    /// Into the braces of a table that is written in one line.
    Braces,
}

impl Spot {
    /// The first spot at which a line leaves the file one that can be read.
    pub(crate) fn of(offer: &Offer<'_>, written: &Written) -> Spot {
        let Some(text) = written.as_deref() else { return Spot::End };
        let (own, outer) = (offer.header(), format!("[tables.{}]", offer.table));
        let spots = [Spot::Below(own), Spot::End, Spot::Dotted(outer)];
        let fits = |spot: &Spot| put(text, spot, offer).is_some_and(|text| text.parse::<toml::Table>().is_ok());
        spots.into_iter().find(fits).unwrap_or(Spot::Braces)
    }
}

impl Offer<'_> {
    fn header(&self) -> String {
        format!("[tables.{}.{}]", self.table, self.keys.join("."))
    }

    /// The lines at a spot.
    fn lines(&self, spot: &Spot) -> Vec<String> {
        let line = format!("{} = {}", toml_text(self.key), self.value);
        match spot {
            Spot::End => vec![self.header(), line],
            Spot::Below(_) | Spot::Braces => vec![line],
            Spot::Dotted(_) => vec![format!("{}.{line}", self.keys.join("."))],
        }
    }

    /// Where to write what.
    pub(crate) fn say(&self, spot: &Spot, lang: Lang) -> String {
        let place = match spot {
            Spot::End => lang.pick("在来源映射末尾加：".to_owned(), "add to the end of the source mapping:".to_owned()),
            Spot::Below(header) | Spot::Dotted(header) => lang.pick(
                format!("在来源映射已有的 {header} 之下加一行："),
                format!("add below the {header} of the source mapping:"),
            ),
            Spot::Braces => {
                let (table, keys) = (self.table, self.keys.join("."));
                lang.pick(
                    format!("在来源映射 [tables.{table}] 的 {keys} 的花括号中加："),
                    format!("add inside the braces of {keys} under [tables.{table}] of the source mapping:"),
                )
            }
        };
        let lines = self.lines(spot).into_iter().map(|line| format!("\n    {line}"));
        place + &lines.collect::<String>()
    }
}

/// The file with the lines at a spot; `None` where there is no such spot.
fn put(text: &str, spot: &Spot, offer: &Offer<'_>) -> Option<String> {
    let own = offer.lines(spot).join("\n");
    match spot {
        Spot::End => Some(format!("{text}\n{own}\n")),
        Spot::Below(header) | Spot::Dotted(header) => {
            let bare = |line: &str| line.split('#').next().unwrap_or_default().split_whitespace().collect::<String>();
            let at = text.lines().position(|line| bare(line) == *header)?;
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(at + 1, &own);
            Some(lines.join("\n") + "\n")
        }
        Spot::Braces => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The ways in which a mapping can say what words of stages mean, and other things around it.
    const STAGES: [&str; 8] = [
        "",
        "[tables.stages]\nfiles = [\"a.csv\"]\n",
        "[tables.stages]\nvalues.stage = { \"甲\" = \"survey\" }\n",
        "[tables.stages]\nvalues = { stage = { \"甲\" = \"survey\" } }\n",
        "[tables.stages.values]\nstage = { \"甲\" = \"survey\" }\n",
        "[tables.stages.values]\ndepartment = { \"甲\" = \"乙\" }\n",
        "[tables.stages]\n[ tables.stages.values.stage ] # words\n\"甲\" = \"survey\"\n",
        "[tables.stages]\nvalues.stage.\"甲\" = \"survey\"\nvalues.department = { a = \"b\" }\n",
    ];
    const CASES: [&str; 4] = [
        "",
        "[tables.applications]\notherwise = { \"状态\" = [\"在途\"] }\n",
        "[tables.applications]\nabsent = [\"area\"]\n[tables.applications.otherwise]\n\"别的\" = [\"在途\"]\n",
        "[tables.applications.when]\nenergised_at = { \"状态\" = [\"完成\"] }\n",
    ];

    proptest! {
        #[test]
        fn what_is_offered_can_be_put_where_the_message_says(
            stages in prop::sample::select(&STAGES[..]),
            cases in prop::sample::select(&CASES[..]),
            first in any::<bool>(),
            word in "[\\u{4e00}-\\u{4e2f}a\"\\\\.# ]{1,6}",
        ) {
            let text = if first { format!("{stages}\n{cases}") } else { format!("{cases}\n{stages}") };
            let written: Written = Some(Arc::from(text.as_str()));
            for (table, keys, key, value) in [
                ("stages", &["values", "stage"][..], word.as_str(), "\"survey\"".to_owned()),
                ("applications", &["otherwise"][..], "新状态", format!("[{}]", toml_text(&word))),
            ] {
                let offer = Offer { table, keys, key, value };
                let spot = Spot::of(&offer, &written);
                let Some(changed) = put(&text, &spot, &offer) else {
                    prop_assert_eq!(spot, Spot::Braces);
                    continue;
                };
                let read: toml::Table = changed.parse().unwrap();
                let mut own = &read["tables"][table];
                for step in keys {
                    own = &own[*step];
                }
                prop_assert!(own.get(key).is_some(), "{changed}");
                let said = offer.say(&spot, Lang::En);
                for line in offer.lines(&spot) {
                    prop_assert!(said.contains(&line));
                }
            }
        }
    }
}
