//! What a mapping says of the rows of a wide ledger: its groups, and the words on which cells depend.

use std::collections::BTreeSet;

use crate::contract::{Kind, Table};
use crate::ingest::mapping::{Group, Offer, Spot, TableMapping};
use crate::spelling::word;

/// What a mapping says of the groups and conditions of a table, ready for its rows.
pub(super) struct Rules {
    /// By group, the positions of the columns of which one says whether there is a row.
    pub(super) telling: Vec<Vec<usize>>,
    /// By group, the positions of what must be said of a pass that is only planned: its due date, and its own columns
    /// that are required and have no default; nothing where the group has no due date.
    pub(super) plan: Vec<Vec<usize>>,
    /// By group, the positions of its own columns.
    pub(super) own: Vec<Vec<usize>>,
    /// The conditions by column and header.
    pub(super) conditions: Vec<Rule>,
}

/// A condition of a column.
pub(super) struct Rule {
    pub(super) column: usize,
    /// The header as the mapping writes it.
    pub(super) header: String,
    /// The folded words under which the column holds its cell.
    pub(super) words: BTreeSet<String>,
    /// The folded words that say something of the header.
    pub(super) known: BTreeSet<String>,
    /// The folded words that mean none of the header's columns.
    pub(super) others: BTreeSet<String>,
    /// Whether all other words mean nothing.
    pub(super) any: bool,
    /// Where a word that means none of them is written; `None`: into the list that the header has.
    pub(super) spot: Option<Spot>,
}

impl Rules {
    pub(super) fn of(table: &Table, mapping: &TableMapping) -> Rules {
        let own = |group: &Group| -> Vec<usize> {
            let columns = table.columns.iter().enumerate();
            columns.filter(|(_, column)| group.columns.contains_key(column.name)).map(|(at, _)| at).collect()
        };
        let plan = |group: &Group| -> Vec<usize> {
            let is_due = group.columns.contains_key("due_on");
            let needed = |at: &usize| {
                let column = &table.columns[*at];
                let has_default =
                    group.defaults.contains_key(column.name) || mapping.defaults.contains_key(column.name);
                column.name == "due_on" || column.required && column.kind != Kind::Instant && !has_default
            };
            own(group).into_iter().filter(|at| is_due && needed(at)).collect()
        };
        let mut conditions = Vec::new();
        for (name, condition) in &mapping.when {
            for (header, words) in condition {
                let (known, any) = mapping.named_words(header);
                let has_list = mapping.otherwise.keys().any(|own| word(own) == word(header));
                let offer = Offer { table: table.name, keys: &["otherwise"], key: header, value: "[]".to_owned() };
                let spot = (!has_list).then(|| Spot::of(&offer, &mapping.written));
                conditions.push(Rule {
                    column: table.position(name),
                    header: header.clone(),
                    words: words.iter().map(|named| word(named)).collect(),
                    known,
                    others: mapping.other_words(header),
                    any,
                    spot,
                });
            }
        }
        Rules {
            telling: mapping.groups.iter().map(|group| group.telling(table)).collect(),
            plan: mapping.groups.iter().map(plan).collect(),
            own: mapping.groups.iter().map(own).collect(),
            conditions,
        }
    }

    /// Whether the mapping has no groups.
    pub(super) fn is_plain(&self) -> bool {
        self.own.is_empty()
    }
}

/// Whether a column holds its cell in a row.
pub(super) enum Holds {
    /// It does, whatever other words say.
    Always,
    /// It does: the words of its condition stand there.
    ByWord,
    /// It does not.
    Nothing,
    /// It is filled, and a word that means none of the header's columns stands there.
    Aside,
}
