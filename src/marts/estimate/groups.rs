//! The applications of both modes by the group in which they are compared (docs/method.md §6).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{DRAWS, MODES, SEED, covered, days, mode, times};
use crate::error::Result;
use crate::lake::Columns;
use crate::rules::strata as rules;
use crate::rules::vocabulary::State;
use crate::stats::matched::{Comparison, Matched, Stratum};
use crate::stats::survival::{End, LifeTable, common_horizon};

/// Applications that agree in all that is looked at.
pub(super) struct Followed {
    /// Their row.
    pub row: usize,
    /// The number of their group; `None`: they have no match.
    pub group: Option<usize>,
    /// The place of their mode in [`super::MODES`].
    pub mode: usize,
    /// Days until they ended, or were last seen.
    pub days: i32,
    /// How.
    pub end: End,
    /// How many there are.
    pub cases: u64,
}

/// All applications, and the groups.
pub(super) struct Cases {
    /// The codes of the groups, in order.
    pub groups: Vec<String>,
    /// The applications.
    pub followed: Vec<Followed>,
    /// So many are at risk in each mode of every group at the horizon.
    pub min_at_risk: u64,
}

impl Cases {
    pub fn read(columns: Columns<'_>) -> Result<Cases> {
        let (names, modes, states) = (columns.texts("stratum")?, columns.texts("mode")?, columns.texts("state")?);
        let at_risk = columns.integers("min_at_risk")?;
        let cases = times(columns)?;
        let mut groups: BTreeMap<&str, usize> = names.iter().flatten().map(|name| (name, 0)).collect();
        groups.values_mut().enumerate().for_each(|(number, place)| *place = number);
        let mut followed = Vec::new();
        for (row, taken) in columns.integers("days")?.into_iter().enumerate() {
            let end = match states.get(row).and_then(State::of_code) {
                Some(State::Energised) => End::Event,
                Some(State::Cancelled) => End::Competing,
                _ => End::Censored,
            };
            if let (Some(mode), Some(days)) = (mode(modes.get(row)), days(taken)) {
                let group = names.get(row).and_then(|name| groups.get(name)).copied();
                followed.push(Followed { row, group, mode, days, end, cases: cases[row] });
            }
        }
        Ok(Cases {
            groups: groups.keys().map(|name| (*name).to_owned()).collect(),
            followed,
            min_at_risk: at_risk.first().copied().flatten().and_then(|n| u64::try_from(n).ok()).unwrap_or(1).max(1),
        })
    }

    /// The same applications in groups made of them alone, and which of these are matched: before, a group is a stratum.
    pub fn regrouped(self, min_arm: u64) -> (Cases, Vec<bool>) {
        let strata: Vec<Option<rules::Stratum>> =
            self.groups.iter().map(|code| rules::Stratum::of_code(code)).collect();
        let each = self.followed.iter().filter_map(|case| Some(((strata[case.group?]?, MODES[case.mode]), case.cases)));
        let applications = each.flat_map(|(one, cases)| std::iter::repeat_n(one, cases as usize));
        let groups = rules::Groups::of(applications, min_arm);
        let named = strata.iter().zip(&self.groups).map(|(stratum, own)| {
            let group = stratum.and_then(|stratum| groups.of_stratum(&stratum));
            (group.map_or_else(|| own.clone(), |group| group.code()), group.is_some())
        });
        let named: Vec<(String, bool)> = named.collect();
        let codes: BTreeMap<&str, bool> = named.iter().map(|(code, matched)| (code.as_str(), *matched)).collect();
        let place = |group: usize| codes.keys().position(|code| *code == named[group].0);
        let followed = self.followed.into_iter();
        let followed = followed.map(|case| Followed { group: case.group.and_then(place), ..case }).collect();
        let cases = Cases { groups: codes.keys().map(|code| (*code).to_owned()).collect(), followed, ..self };
        (cases, codes.into_values().collect())
    }

    /// Some applications by group; a group can be empty.
    pub fn strata(&self, wanted: impl Fn(&Followed) -> bool) -> Vec<Stratum> {
        let mut found: Vec<[Vec<(i32, End, u64)>; 2]> = self.groups.iter().map(|_| Default::default()).collect();
        for case in self.followed.iter().filter(|case| wanted(case)) {
            if let Some(group) = case.group {
                found[group][case.mode].push((case.days, case.end, case.cases));
            }
        }
        let table = |cases: Vec<(i32, End, u64)>| cases.into_iter().collect::<LifeTable>();
        found.into_iter().map(|[order, other]| Stratum { treated: table(order), control: table(other) }).collect()
    }

    /// How many of some applications each mode has, in groups or not.
    pub fn count(&self, wanted: impl Fn(&Followed) -> bool) -> [u64; 2] {
        let mut count = [0; 2];
        self.followed.iter().filter(|case| wanted(case)).for_each(|case| count[case.mode] += case.cases);
        count
    }
}

/// The last day on which each mode still has enough at risk in every group; `None` without groups.
pub(super) fn horizon(strata: &[Stratum], min_at_risk: u64) -> Option<i32> {
    common_horizon(strata.iter().flat_map(|stratum| [&stratum.treated, &stratum.control]), min_at_risk)
}

/// The comparisons of a run, each drawn once: several marts ask for that of all applications.
#[derive(Default)]
pub(crate) struct Drawn {
    known: RefCell<Vec<Known>>,
}

struct Known {
    strata: Vec<Stratum>,
    horizon: i32,
    comparison: Rc<Comparison>,
}

impl Drawn {
    /// The groups compared up to a horizon, with the draws of the bootstrap.
    pub(super) fn compare(&self, strata: &[Stratum], horizon: i32) -> Rc<Comparison> {
        let is_same = |known: &&Known| known.horizon == horizon && known.strata == strata;
        if let Some(known) = self.known.borrow().iter().find(is_same) {
            return Rc::clone(&known.comparison);
        }
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let comparison = Rc::new(Comparison::new(strata, horizon, DRAWS, SEED, threads));
        let known = Known { strata: strata.to_vec(), horizon, comparison: Rc::clone(&comparison) };
        self.known.borrow_mut().push(known);
        comparison
    }

    /// The groups taken together, with an interval where it covers.
    pub(super) fn together(&self, strata: &[Stratum], horizon: i32) -> Matched {
        covered::matched(self.compare(strata, horizon).all())
    }
}
