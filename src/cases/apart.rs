//! Some of the cases for a report of their own.
//!
//! How far the exports reach and which day is reported on are settled before, by all that was read: a small bureau may have
//! nothing to tell for weeks.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::records::Records;
use super::{Application, Cases, Name};
use crate::calendar::Day;
use crate::contract::{self, Parent, TABLES};
use crate::error::{Error, Gate, Result, Sought};
use crate::rules::only::{Only, Subject};
use crate::spelling::nearest;
use crate::words::Words;

/// How many applications accepted by the as-of day a report is about, where it is not about all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Those that it is about.
    pub applications: usize,
    /// All of them.
    pub of: usize,
}

/// The tables of which nobody can say which rows belong to what is asked for: they name no application, and what is asked
/// for is not told by their bureau.
pub fn blind(only: &Only) -> Vec<&'static str> {
    let has_bureau = |table: &contract::Table| table.columns.iter().any(|column| column.name == "bureau");
    let tells = |table: &contract::Table| !only.asks_of_applications() && (only.bureau.is_empty() || has_bureau(table));
    let names_none = |table: &&contract::Table| !table.required && table.parent == Parent::None;
    let blind = TABLES.iter().filter(names_none).filter(|table| !tells(table));
    blind.map(|table| table.name).collect()
}

impl Cases {
    /// Leaves out what is not asked for; nothing where everything is.
    pub fn keep(&mut self, only: &Only, as_of: Day) -> Result<Option<Kept>> {
        if only.is_everything() {
            return Ok(None);
        }
        let bureaus = self.bureaus(only)?;
        let count = |cases: &Cases| cases.known_on(as_of).cases().count();
        let of = count(self);
        let mut applications = std::mem::take(&mut self.applications);
        applications.retain(|application| self.is_asked_for(application, only, &bureaus));
        self.applications = applications;
        if self.applications.is_empty() {
            return Err(Error::Gate { gate: Gate::Nobody { only: Words::of(|lang| only.say(lang)), of } });
        }
        let is_kept =
            |id: &str| self.applications.binary_search_by(|a| a.facts.application_id.as_str().cmp(id)).is_ok();
        self.records.keep(is_kept);
        if only.asks_of_applications() {
            self.faults = None;
            self.records.keep_bureaus(|_| false);
        } else {
            self.faults.iter_mut().for_each(|faults| faults.retain(|fault| bureaus.contains(&fault.bureau)));
            let names = &self.names;
            self.records.keep_bureaus(|bureau| names.find(bureau).is_some_and(|bureau| bureaus.contains(&bureau)));
        }
        Ok(Some(Kept { applications: count(self), of }))
    }

    /// The bureaus that are asked for, each of which must be somebody's.
    fn bureaus(&self, only: &Only) -> Result<BTreeSet<Name>> {
        let all: BTreeSet<Name> = self.applications.iter().map(|application| application.facts.bureau).collect();
        let found = only.bureau.iter().map(|bureau| {
            self.names.find(bureau).filter(|name| all.contains(name)).ok_or_else(|| Error::Unknown {
                what: Sought::Bureau,
                name: bureau.clone(),
                nearest: nearest(bureau, all.iter().map(|name| self.names.text(*name))).map(str::to_owned),
            })
        });
        found.collect()
    }

    fn is_asked_for(&self, application: &Application, only: &Only, bureaus: &BTreeSet<Name>) -> bool {
        let facts = &application.facts;
        let text = |name: Option<Name>| name.map(|name| self.names.text(name));
        let subject = Subject {
            mode: facts.served(),
            voltage_kv: facts.voltage_kv,
            customer_class: text(facts.customer_class),
            business: text(facts.business),
            is_key_project: facts.key_project == Some(true),
        };
        only.fits(&subject) && (bureaus.is_empty() || bureaus.contains(&facts.bureau))
    }
}

impl Records {
    /// Leaves out what names an application that is not kept, and what names none where it could.
    fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        let some = |id: &Option<String>| id.as_deref().is_some_and(&is_kept);
        self.outages.retain(|outage| is_kept(&outage.application_id));
        self.replans.retain(|id, _| is_kept(id));
        self.requests.retain(|request| some(&request.application_id));
        self.verifications.retain(|verification| is_kept(&verification.application_id));
        self.visits.retain(|visit| some(&visit.application_id));
        self.actions.retain(|action| is_kept(&action.application_id));
    }

    /// Leaves out what is of other bureaus.
    fn keep_bureaus(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.complaints.retain(|complaint| is_kept(&complaint.bureau));
        self.surveys.retain(|score| is_kept(&score.bureau));
        self.managers.retain(|manager| is_kept(&manager.bureau));
        self.restrictions.retain(|restriction| is_kept(&restriction.bureau));
        self.demands.retain(|demand| is_kept(&demand.bureau));
    }
}
