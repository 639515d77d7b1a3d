//! The applications of both modes by the group in which they are compared (docs/method.md §6).

use std::collections::BTreeMap;

use super::{DRAWS, SEED, days, mode, times};
use crate::error::Result;
use crate::lake::Columns;
use crate::rules::vocabulary::State;
use crate::stats::matched::{Comparison, Stratum};
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

/// The groups compared up to a horizon, with the draws of the bootstrap.
pub(super) fn compare(strata: &[Stratum], horizon: i32) -> Comparison {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Comparison::new(strata, horizon, DRAWS, SEED, threads)
}
