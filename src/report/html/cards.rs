//! The applications that the tables list, a card each, on pages of their own.
//!
//! What is on a card is read from the clean tables, as `explain` reads it. However many applications a report lists, it has
//! cards of the first of them only; of the others it says which command tells them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::laid::Laid;
use crate::card::{self, Card};
use crate::error::Result;
use crate::parallel;
use crate::report::Input;

/// Cards of a report, at most.
pub(super) const MOST_CARDS: usize = 250;
/// The bytes of the cards of a page, about.
const MOST_BYTES: usize = 450_000;

/// A card as the template lays it out.
pub(super) struct Told {
    pub card: Card,
    pub gantt: String,
    /// Its name on its page.
    pub anchor: String,
    /// The tables that list the application: where they do, and what they are called.
    pub listed: Vec<(String, String)>,
    bytes: usize,
}

/// Makes the cards of the applications that tables list, in the order of the pages: those that there are room for.
pub(super) fn told(input: &Input<'_>, tables: &[&Laid<'_>]) -> Result<Vec<Told>> {
    let mut listed: BTreeMap<&str, Vec<(String, String)>> = BTreeMap::new();
    let mut ids: Vec<&str> = Vec::new();
    // The text of a public report says of no application more than its tables.
    for laid in tables.iter().filter(|_| !input.config.pipeline.public) {
        let Some(at) = laid.place(card::ID) else { continue };
        for row in &laid.rows {
            let id = row[at].text.as_str();
            let places = listed.entry(id).or_default();
            if places.is_empty() && ids.len() < MOST_CARDS {
                ids.push(id);
            }
            let link = super::doors::address(laid, [(at, id)].into_iter());
            if !places.iter().any(|(known, _)| *known == link) {
                places.push((link, laid.table.title.clone()));
            }
        }
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut told = Vec::new();
    let cards = Card::read(input.clean, &ids, input.as_of, input.config, input.lang)?;
    let drawn = |card: Card| -> Result<Told> {
        let gantt = card.gantt()?;
        let bytes = gantt.len() + card.text().len();
        let listed = listed[card.application_id.as_str()].clone();
        Ok(Told { card, gantt, anchor: String::new(), listed, bytes })
    };
    parallel::in_order(cards.into_iter(), drawn, |card| {
        told.push(Told { anchor: format!("c-{}", told.len() + 1), ..card });
        Ok(())
    })?;
    Ok(told)
}

/// The cards by their pages: which of them each page has.
pub(super) fn pages(told: &[Told]) -> Vec<Range<usize>> {
    let mut pages: Vec<Range<usize>> = Vec::new();
    let mut bytes = 0;
    for (at, card) in told.iter().enumerate() {
        bytes += card.bytes;
        match pages.last_mut().filter(|_| bytes <= MOST_BYTES) {
            Some(page) => page.end = at + 1,
            None => {
                bytes = card.bytes;
                pages.push(at..at + 1);
            }
        }
    }
    pages
}

/// Leads the applications of all tables to their cards, and counts those of each table that have none.
pub(super) fn lead(tables: &mut [Laid<'_>], cards: &BTreeMap<String, String>) {
    for laid in tables {
        let Some(at) = laid.place(card::ID) else { continue };
        for row in &mut laid.rows {
            match cards.get(row[at].text.as_str()) {
                Some(link) => row[at].link.clone_from(link),
                None => laid.without_card += 1,
            }
        }
    }
}
