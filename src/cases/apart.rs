//! Some of the cases for a report of their own.
//!
//! How far the exports reach and which day is reported on are settled before, by all that was read: a small bureau may have
//! nothing to tell for weeks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::records::Records;
use super::{Bucket, Cases, Facts, Fault, Name, Names};
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
    let tells =
        |table: &contract::Table| !only.asks_of_applications() && (only.bureaus().is_none() || has_bureau(table));
    let names_none = |table: &&contract::Table| !table.required && table.parent == Parent::None;
    let blind = TABLES.iter().filter(names_none).filter(|table| !tells(table));
    blind.map(|table| table.name).collect()
}

/// What a report is about, where that is not everything.
pub(super) struct Asked {
    only: Only,
    /// The bureaus that are asked for; `None`: all of them.
    bureaus: Option<BTreeSet<Name>>,
    /// Of the applications that records name, those that it is about.
    named: HashSet<String>,
}

impl Asked {
    /// Whether it is about an application.
    pub fn asks_for(&self, facts: &Facts, names: &Names) -> bool {
        let text = |name: Option<Name>| name.map(|name| names.text(name));
        let subject = Subject {
            mode: facts.served(),
            voltage_kv: facts.voltage_kv,
            customer_class: text(facts.customer_class),
            business: text(facts.business),
            is_key_project: facts.key_project == Some(true),
        };
        self.only.fits(&subject) && self.bureaus.as_ref().is_none_or(|bureaus| bureaus.contains(&facts.bureau))
    }

    /// Whether it is about the application that a record names; of a record that names none nobody can say.
    pub fn asks_of(&self, application_id: Option<&str>) -> bool {
        application_id.is_some_and(|id| self.named.contains(id))
    }

    /// Whether it is about what is told of a bureau alone.
    pub fn asks_of_bureau(&self, bureau: &str, names: &Names) -> bool {
        names.find(bureau).is_some_and(|bureau| self.is_all_of(bureau))
    }

    /// Whether it is about a fault.
    pub fn asks_for_fault(&self, fault: &Fault) -> bool {
        self.is_all_of(fault.bureau)
    }

    /// Whether it is about all that there is of a bureau.
    fn is_all_of(&self, bureau: Name) -> bool {
        let is_asked_for = self.bureaus.as_ref().is_some_and(|bureaus| bureaus.contains(&bureau));
        !self.only.asks_of_applications() && is_asked_for
    }
}

impl Cases<'_> {
    /// Leaves out what is not asked for; nothing where everything is.
    pub fn keep(&mut self, only: &Only, as_of: Day) -> Result<Option<Kept>> {
        if only.is_everything() {
            return Ok(None);
        }
        let bureaus = self.bureaus(only)?;
        let all = self.count(as_of)?;
        self.only = Some(Asked { only: only.clone(), bureaus, named: HashSet::new() });
        let Counted { known, asked_for, named } = self.count(as_of)?;
        if asked_for == 0 {
            return Err(Error::Gate { gate: Gate::Nobody { only: Words::of(|lang| only.say(lang)), of: all.known } });
        }
        if let Some(asked) = &mut self.only {
            asked.named = named;
            self.records.keep(|id| asked.asks_of(Some(id)));
            self.records.keep_bureaus(|bureau| asked.asks_of_bureau(bureau, &self.names));
            self.records.index();
        }
        Ok(Some(Kept { applications: known, of: all.known }))
    }

    /// Counts the applications that are asked for.
    fn count(&self, as_of: Day) -> Result<Counted> {
        let (named, known) = (self.named()?, self.known_on(as_of));
        let mut all = Counted::default();
        let count = |bucket: &Bucket| {
            let asked_for = bucket.applications.iter().filter(|application| application.is_asked_for);
            let ids = asked_for.clone().map(|application| &application.facts.application_id);
            Ok(Counted {
                known: known.cases_of(bucket).count(),
                asked_for: asked_for.count(),
                named: ids.filter(|id| named.contains(*id)).cloned().collect(),
            })
        };
        known.in_buckets(count, |own| {
            all.known += own.known;
            all.asked_for += own.asked_for;
            all.named.extend(own.named);
            Ok(())
        })?;
        Ok(all)
    }

    /// The applications that records name.
    fn named(&self) -> Result<HashSet<String>> {
        let mut named = self.records.named();
        self.requests.each(&self.names, |request| {
            named.extend(request.application_id);
            Ok(())
        })?;
        self.visits.each(&self.names, |visit| {
            named.extend(visit.application_id);
            Ok(())
        })?;
        Ok(named)
    }

    /// The bureaus that are asked for, each of which must be somebody's.
    fn bureaus(&self, only: &Only) -> Result<Option<BTreeSet<Name>>> {
        let all = &self.spread.bureaus;
        let find = |bureau: &str| {
            self.names.find(bureau).filter(|name| all.contains(name)).ok_or_else(|| Error::Unknown {
                what: Sought::Bureau,
                name: bureau.to_owned(),
                nearest: nearest(bureau, all.iter().map(|name| self.names.text(*name))).map(str::to_owned),
            })
        };
        // One that no application has is a mistake, whether or not a unit has it.
        only.bureau.iter().try_for_each(|bureau| find(bureau).map(drop))?;
        only.bureaus().map(|bureaus| bureaus.into_iter().map(find).collect()).transpose()
    }

    /// Every bureau that is responsible for an application, by name, with how many of those that are asked for it had by a day.
    pub fn of_bureaus(&self, known: &BTreeMap<Name, u64>) -> BTreeMap<String, u64> {
        let count = |name: &Name| known.get(name).copied().unwrap_or_default();
        self.spread.bureaus.iter().map(|name| (self.names.text(*name).to_owned(), count(name))).collect()
    }
}

/// Applications that are asked for.
#[derive(Default)]
struct Counted {
    /// Those accepted by the day.
    known: usize,
    /// All of them.
    asked_for: usize,
    /// Those that records name.
    named: HashSet<String>,
}

impl Records {
    /// The applications that they name.
    fn named(&self) -> HashSet<String> {
        let outages = self.outages.iter().map(|outage| &outage.application_id);
        let verifications = self.verifications.iter().map(|verification| &verification.application_id);
        let actions = self.actions.iter().map(|action| &action.application_id);
        outages.chain(verifications).chain(actions).chain(self.replans.keys()).cloned().collect()
    }

    /// Leaves out what names an application that is not kept.
    fn keep(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.outages.retain(|outage| is_kept(&outage.application_id));
        self.replans.retain(|id, _| is_kept(id));
        self.verifications.retain(|verification| is_kept(&verification.application_id));
        self.actions.retain(|action| is_kept(&action.application_id));
    }

    /// Leaves out what is of other bureaus.
    fn keep_bureaus(&mut self, is_kept: impl Fn(&str) -> bool) {
        self.surveys.retain(|score| is_kept(&score.bureau));
        self.managers.retain(|manager| is_kept(&manager.bureau));
        self.restrictions.retain(|restriction| is_kept(&restriction.bureau));
        self.demands.retain(|demand| is_kept(&demand.bureau));
    }
}
