//! Strata that are too small to be compared, merged with what is most like them.

use std::collections::BTreeMap;

use super::{BETWEEN, CapacityBand, Stratum, feeder_code, supply_code};
use crate::rules::limits::Supply;
use crate::rules::vocabulary::{Feeder, Mode};
use crate::words::Lang;

/// A stratum, or several merged into one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Group {
    /// The voltage, in kV; strata of different voltages are never merged.
    pub voltage_kv: f64,
    /// Single or dual supply; `None`: either.
    pub supply: Option<Supply>,
    /// With or without a new feeder; `None`: either.
    pub feeder: Option<Feeder>,
    /// The lowest of its capacity bands.
    pub lowest: CapacityBand,
    /// The highest of them.
    pub highest: CapacityBand,
}

impl From<Stratum> for Group {
    fn from(stratum: Stratum) -> Group {
        let Stratum { voltage_kv, supply, feeder, capacity } = stratum;
        Group { voltage_kv, supply: Some(supply), feeder: Some(feeder), lowest: capacity, highest: capacity }
    }
}

/// Between the lowest and the highest band of a code.
const TO: &str = "..";
/// In a code, instead of a supply or a feeder.
const ANY: &str = "any";

impl Group {
    /// The code, as tables write it; of one stratum it is that of the stratum.
    ///
    /// ```
    /// use yekuo::rules::strata::{CapacityBand, Group};
    /// use yekuo::words::Lang;
    /// let group = Group {
    ///     voltage_kv: 20.0,
    ///     supply: None,
    ///     feeder: None,
    ///     lowest: CapacityBand::From4000,
    ///     highest: CapacityBand::From10000,
    /// };
    /// assert_eq!(group.code(), "20-kv-any-any-4000_10000..from_10000");
    /// assert_eq!(Group::of_code("20-kv-any-any-4000_10000..from_10000"), Some(group));
    /// assert_eq!(group.title(Lang::En), "20 kV, any supply, with or without a new feeder, from 4000–<10000 to ≥10000 kVA");
    /// ```
    pub fn code(&self) -> String {
        let supply = self.supply.map_or(ANY, supply_code);
        let feeder = self.feeder.map_or(ANY, feeder_code);
        let bands = match self.lowest == self.highest {
            true => self.lowest.code().to_owned(),
            false => [self.lowest.code(), self.highest.code()].join(TO),
        };
        [&self.voltage_kv.to_string(), "kv", supply, feeder, &bands].join(BETWEEN)
    }

    /// The group that a code stands for.
    pub fn of_code(code: &str) -> Option<Group> {
        let parts: Vec<&str> = code.split(BETWEEN).collect();
        let [voltage_kv, "kv", supply, feeder, bands] = parts[..] else { return None };
        let (lowest, highest) = bands.split_once(TO).unwrap_or((bands, bands));
        Some(Group {
            voltage_kv: voltage_kv.parse().ok()?,
            supply: match supply {
                ANY => None,
                code => Some(Supply::ALL.iter().copied().find(|supply| supply_code(*supply) == code)?),
            },
            feeder: match feeder {
                ANY => None,
                code => Some(Feeder::ALL.iter().copied().find(|feeder| feeder_code(*feeder) == code)?),
            },
            lowest: CapacityBand::of_code(lowest)?,
            highest: CapacityBand::of_code(highest)?,
        })
    }

    /// What users call it.
    pub fn title(&self, lang: Lang) -> String {
        let supply = self.supply.map_or(lang.pick("单、双电源", "any supply"), |supply| supply.title(lang));
        let feeder = match self.feeder {
            Some(Feeder::New) => lang.pick("需新建线路", "new feeder"),
            Some(Feeder::Existing) => lang.pick("不需新建线路", "no new feeder"),
            None => lang.pick("线路新建与否均含", "with or without a new feeder"),
        };
        let (lowest, highest) = (self.lowest.title(lang), self.highest.title(lang));
        let bands = match self.lowest == self.highest {
            true => lowest.to_owned(),
            false => lang.pick(format!("{lowest} 至 {highest}"), format!("from {lowest} to {highest}")),
        };
        let voltage_kv = self.voltage_kv;
        lang.pick(
            format!("{voltage_kv} kV {supply} {feeder} {bands} kVA"),
            format!("{voltage_kv} kV, {supply}, {feeder}, {bands} kVA"),
        )
    }

    fn holds(&self, stratum: &Stratum) -> bool {
        self.voltage_kv == stratum.voltage_kv
            && self.supply.is_none_or(|supply| supply == stratum.supply)
            && self.feeder.is_none_or(|feeder| feeder == stratum.feeder)
            && (self.lowest..=self.highest).contains(&stratum.capacity)
    }

    /// The smallest group that holds both.
    fn with(&self, other: &Group) -> Group {
        Group {
            voltage_kv: self.voltage_kv,
            supply: self.supply.filter(|supply| other.supply == Some(*supply)),
            feeder: self.feeder.filter(|feeder| other.feeder == Some(*feeder)),
            lowest: self.lowest.min(other.lowest),
            highest: self.highest.max(other.highest),
        }
    }

    /// Where it stands among the others: by voltage, supply, feeder and band.
    pub fn rank(&self) -> Rank {
        (self.voltage_kv.to_bits(), self.supply, self.feeder, self.lowest)
    }
}

/// Where a group stands among others.
type Rank = (u64, Option<Supply>, Option<Feeder>, CapacityBand);

/// Over what groups are merged whose neighbouring bands were not enough, in this order.
#[derive(Clone, Copy)]
enum Over {
    Feeders,
    Supplies,
}

/// A group, and how many of its applications each mode has.
#[derive(Clone, Copy, Debug)]
struct Counted {
    group: Group,
    order: u64,
    conventional: u64,
}

impl Counted {
    /// The applications of the mode that has fewer.
    fn fewer(&self) -> u64 {
        self.order.min(self.conventional)
    }

    fn join(&mut self, other: &Counted) {
        self.group = self.group.with(&other.group);
        self.order += other.order;
        self.conventional += other.conventional;
    }
}

/// How many applications of each mode strata have.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    counted: BTreeMap<Rank, Counted>,
}

impl Sizes {
    /// Adds an application.
    pub fn add(&mut self, stratum: Stratum, mode: Mode) {
        let group = Group::from(stratum);
        let count = self.counted.entry(group.rank()).or_insert(Counted { group, order: 0, conventional: 0 });
        match mode {
            Mode::Order => count.order += 1,
            Mode::Conventional => count.conventional += 1,
        }
    }

    /// Adds other applications.
    pub fn join(&mut self, others: Sizes) {
        for (rank, Counted { group, order, conventional }) in others.counted {
            let count = self.counted.entry(rank).or_insert(Counted { group, order: 0, conventional: 0 });
            count.order += order;
            count.conventional += conventional;
        }
    }

    /// Merges strata as [`Groups::of`] does.
    pub fn groups(self, min_arm: u64) -> Groups {
        let mut groups: Vec<Counted> = self.counted.into_values().collect();
        let min_arm = min_arm.max(1);
        while let Some((small, neighbour)) = neighbours(&groups, min_arm) {
            join(&mut groups, small, neighbour);
        }
        for over in [Over::Feeders, Over::Supplies] {
            while let Some((small, other)) = overlapping(&groups, over, min_arm) {
                join(&mut groups, small, other);
            }
        }
        groups.retain(|counted| counted.fewer() >= min_arm);
        Groups { compared: groups.iter().map(|counted| counted.group).collect() }
    }
}

/// Which applications are compared with which (docs/method.md §6).
#[derive(Clone, Debug, Default)]
pub struct Groups {
    compared: Vec<Group>,
}

impl Groups {
    /// Merges strata of which a mode has fewer than `min_arm` applications: with the neighbouring band, then over new
    /// feeders, then over supplies. What is still too small is left out.
    ///
    /// ```
    /// use yekuo::rules::strata::{Groups, Stratum};
    /// use yekuo::rules::vocabulary::Mode;
    /// let small = Stratum::of_code("10-kv-one-existing-below_315").unwrap();
    /// let middle = Stratum::of_code("10-kv-one-existing-315_1000").unwrap();
    /// let far = Stratum::of_code("110-kv-two-new-from_10000").unwrap();
    /// let cases = [(small, Mode::Order), (small, Mode::Conventional), (middle, Mode::Conventional), (far, Mode::Order)];
    /// let groups = Groups::of(cases, 1);
    /// assert_eq!(groups.of_stratum(&small).unwrap().code(), "10-kv-one-existing-below_315..315_1000");
    /// assert_eq!(groups.of_stratum(&middle), groups.of_stratum(&small));
    /// assert_eq!(groups.of_stratum(&far), None);
    /// ```
    pub fn of(applications: impl IntoIterator<Item = (Stratum, Mode)>, min_arm: u64) -> Groups {
        let mut sizes = Sizes::default();
        applications.into_iter().for_each(|(stratum, mode)| sizes.add(stratum, mode));
        sizes.groups(min_arm)
    }

    /// The group in which a stratum's applications are compared; `None`: they are left out.
    pub fn of_stratum(&self, stratum: &Stratum) -> Option<Group> {
        self.compared.iter().find(|group| group.holds(stratum)).copied()
    }
}

/// Joins two groups, and all that then overlap.
fn join(groups: &mut Vec<Counted>, one: usize, other: usize) {
    let mut joined = groups[one];
    joined.join(&groups[other]);
    let mut rest: Vec<Counted> =
        groups.iter().enumerate().filter(|(at, _)| *at != one && *at != other).map(|(_, counted)| *counted).collect();
    while let Some(inside) = rest.iter().position(|counted| overlap(&joined.group, &counted.group)) {
        joined.join(&rest.remove(inside));
    }
    rest.push(joined);
    rest.sort_by_key(|counted| counted.group.rank());
    *groups = rest;
}

/// Whether a stratum could lie in both.
fn overlap(a: &Group, b: &Group) -> bool {
    fn alike<T: PartialEq + Copy>(a: Option<T>, b: Option<T>) -> bool {
        a.is_none() || b.is_none() || a == b
    }
    a.voltage_kv == b.voltage_kv
        && alike(a.supply, b.supply)
        && alike(a.feeder, b.feeder)
        && a.lowest <= b.highest
        && b.lowest <= a.highest
}

/// The smallest group that is too small, and that of its neighbouring bands which has fewer applications.
fn neighbours(groups: &[Counted], min_arm: u64) -> Option<(usize, usize)> {
    let same = |a: usize, b: usize| {
        let (a, b) = (&groups[a].group, &groups[b].group);
        a.voltage_kv == b.voltage_kv && a.supply == b.supply && a.feeder == b.feeder
    };
    let fewest = |at: &usize| (groups[*at].fewer(), *at);
    let beside = |at: usize| {
        let below = at.checked_sub(1).filter(|below| same(*below, at));
        let above = Some(at + 1).filter(|above| *above < groups.len() && same(at, *above));
        [below, above].into_iter().flatten().min_by_key(fewest)
    };
    let small = (0..groups.len()).filter(|at| groups[*at].fewer() < min_arm);
    small.filter_map(|at| Some((at, beside(at)?))).min_by_key(|(at, _)| fewest(at))
}

/// The first group that is too small, and the first that differs from it only in what is merged over.
fn overlapping(groups: &[Counted], over: Over, min_arm: u64) -> Option<(usize, usize)> {
    let widened = |group: Group| match over {
        Over::Feeders => Group { feeder: None, ..group },
        Over::Supplies => Group { feeder: None, supply: None, ..group },
    };
    let small = (0..groups.len()).filter(|at| groups[*at].fewer() < min_arm);
    small
        .filter_map(|at| {
            let wide = widened(groups[at].group);
            let other = (0..groups.len()).find(|other| *other != at && overlap(&wide, &groups[*other].group))?;
            Some((at, other))
        })
        .next()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stratum(code: &str) -> Stratum {
        Stratum::of_code(code).unwrap()
    }

    /// The strata with how many order-style and conventional applications they have.
    fn groups(strata: &[(&str, u64, u64)], min_arm: u64) -> Groups {
        let applications = strata.iter().flat_map(|(code, order, conventional)| {
            let of = |mode, n: &u64| std::iter::repeat_n((stratum(code), mode), *n as usize);
            of(Mode::Order, order).chain(of(Mode::Conventional, conventional))
        });
        Groups::of(applications, min_arm)
    }

    fn codes(groups: &Groups) -> Vec<String> {
        groups.compared.iter().map(Group::code).collect()
    }

    #[test]
    fn bands_come_first_then_feeders_then_supplies() {
        // Enough by themselves.
        assert_eq!(codes(&groups(&[("10-kv-one-new-315_1000", 2, 2)], 2)), ["10-kv-one-new-315_1000"]);
        // The middle band is too small; the lower neighbour has fewer than the upper.
        let found = groups(
            &[
                ("10-kv-one-existing-below_315", 2, 9),
                ("10-kv-one-existing-315_1000", 1, 9),
                ("10-kv-one-existing-1000_4000", 3, 9),
            ],
            2,
        );
        assert_eq!(codes(&found), ["10-kv-one-existing-below_315..315_1000", "10-kv-one-existing-1000_4000"]);
        // No neighbour, but the other feeder has the band; what overlaps then joins.
        let found = groups(
            &[
                ("10-kv-one-existing-315_1000", 2, 2),
                ("10-kv-one-existing-1000_4000", 2, 2),
                ("10-kv-one-existing-4000_10000", 2, 2),
                ("10-kv-one-new-315_1000", 1, 0),
                ("10-kv-one-new-1000_4000", 0, 1),
            ],
            2,
        );
        assert_eq!(codes(&found), ["10-kv-one-any-315_1000..1000_4000", "10-kv-one-existing-4000_10000"]);
        // Neither neighbour nor feeder: over supplies. Another voltage is never merged.
        let found = groups(
            &[
                ("35-kv-one-new-from_10000", 5, 1),
                ("35-kv-two-new-from_10000", 1, 5),
                ("110-kv-two-new-from_10000", 9, 1),
            ],
            2,
        );
        assert_eq!(codes(&found), ["35-kv-any-new-from_10000"]);
    }

    proptest! {
        /// However strata are filled, each group has enough of both modes, no two overlap, and a stratum that has enough by
        /// itself is compared.
        #[test]
        fn groups_are_large_enough_and_apart(
            counts in prop::collection::vec((0..4_usize, 0..2_usize, 0..2_usize, 0..5_usize, 0..9_u64, 0..9_u64), 0..25),
            min_arm in 1..7_u64,
        ) {
            let strata: Vec<(Stratum, u64, u64)> = counts
                .iter()
                .map(|(voltage, supply, feeder, band, order, conventional)| {
                    let stratum = Stratum {
                        voltage_kv: [0.4, 10.0, 35.0, 110.0][*voltage],
                        supply: Supply::ALL[*supply],
                        feeder: Feeder::ALL[*feeder],
                        capacity: CapacityBand::ALL[*band],
                    };
                    (stratum, *order, *conventional)
                })
                .collect();
            let applications = strata.iter().flat_map(|(stratum, order, conventional)| {
                let of = |mode, n: &u64| std::iter::repeat_n((*stratum, mode), *n as usize);
                of(Mode::Order, order).chain(of(Mode::Conventional, conventional))
            });
            let groups = Groups::of(applications, min_arm);
            for (number, group) in groups.compared.iter().enumerate() {
                let inside = || strata.iter().filter(|(stratum, ..)| group.holds(stratum));
                prop_assert!(inside().map(|(_, order, _)| order).sum::<u64>() >= min_arm);
                prop_assert!(inside().map(|(.., conventional)| conventional).sum::<u64>() >= min_arm);
                prop_assert!(groups.compared[number + 1..].iter().all(|other| !overlap(group, other)));
                prop_assert_eq!(Group::of_code(&group.code()), Some(*group));
            }
            for (stratum, order, conventional) in &strata {
                if *order >= min_arm && *conventional >= min_arm {
                    prop_assert!(groups.of_stratum(stratum).is_some());
                }
            }
        }
    }
}
