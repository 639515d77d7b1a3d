//! What makes applications comparable (docs/method.md §6): voltage, supply, feeder and size, as bands that can be compared.
//!
//! Tables carry the codes of bands and strata; what users call them is made of the codes where they are printed. The
//! bytes of the codes have an order that the draws of a bootstrap and sums of fractions follow: another order would move
//! their last digits.

mod groups;

use serde::{Deserialize, Serialize};

pub use self::groups::{Group, Groups, Sizes};
use super::limits::{Connection, Supply};
use super::vocabulary::Feeder;
use crate::words::{Lang, vocabulary};

vocabulary! {
    /// A capacity band, the smallest first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum CapacityBand {
        /// Below 315 kVA.
        Below315 = ["below_315", "<315", "<315"],
        /// From 315 kVA.
        From315 = ["315_1000", "315–<1000", "315–<1000"],
        /// From 1,000 kVA.
        From1000 = ["1000_4000", "1000–<4000", "1000–<4000"],
        /// From 4,000 kVA.
        From4000 = ["4000_10000", "4000–<10000", "4000–<10000"],
        /// From 10,000 kVA.
        From10000 = ["from_10000", "≥10000", "≥10000"],
    }
}

impl CapacityBand {
    /// The band of an application, `capacity_kva` in kVA.
    pub fn of(capacity_kva: f64) -> CapacityBand {
        match capacity_kva {
            kva if kva < 315.0 => CapacityBand::Below315,
            kva if kva < 1_000.0 => CapacityBand::From315,
            kva if kva < 4_000.0 => CapacityBand::From1000,
            kva if kva < 10_000.0 => CapacityBand::From4000,
            _ => CapacityBand::From10000,
        }
    }
}

vocabulary! {
    /// A class of voltages, the lowest first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
    pub enum VoltageClass {
        /// Below 1 kV.
        #[serde(rename = "below_1_kv")]
        Below1 = ["below_1_kv", "<1 kV", "<1 kV"],
        /// From 1 kV.
        #[serde(rename = "1_35_kv")]
        From1 = ["1_35_kv", "1–<35 kV", "1–<35 kV"],
        /// From 35 kV.
        #[serde(rename = "35_110_kv")]
        From35 = ["35_110_kv", "35–<110 kV", "35–<110 kV"],
        /// From 110 kV.
        #[serde(rename = "from_110_kv")]
        From110 = ["from_110_kv", "≥110 kV", "≥110 kV"],
    }
}

impl VoltageClass {
    /// The class of an application, `voltage_kv` in kV.
    pub fn of(voltage_kv: f64) -> VoltageClass {
        match voltage_kv {
            kv if kv < 1.0 => VoltageClass::Below1,
            kv if kv < 35.0 => VoltageClass::From1,
            kv if kv < 110.0 => VoltageClass::From35,
            _ => VoltageClass::From110,
        }
    }
}

/// What two applications share that can be compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stratum {
    /// The voltage, in kV.
    pub voltage_kv: f64,
    /// Single or dual supply.
    pub supply: Supply,
    /// With or without a new feeder.
    pub feeder: Feeder,
    /// The capacity band.
    pub capacity: CapacityBand,
}

/// Between the parts of a stratum's code.
const BETWEEN: &str = "-";

impl Stratum {
    /// The stratum of an application, `capacity_kva` in kVA.
    pub fn of(connection: &Connection, capacity_kva: f64) -> Stratum {
        let Connection { voltage_kv, supply, new_feeder } = *connection;
        Stratum { voltage_kv, supply, feeder: new_feeder.into(), capacity: CapacityBand::of(capacity_kva) }
    }

    /// The code, as tables write it.
    ///
    /// ```
    /// use yekuo::rules::limits::{Connection, Supply};
    /// use yekuo::rules::strata::Stratum;
    /// use yekuo::words::Lang;
    /// let connection = Connection { voltage_kv: 10.0, supply: Supply::Single, new_feeder: false };
    /// let stratum = Stratum::of(&connection, 500.0);
    /// assert_eq!(stratum.code(), "10-kv-one-existing-315_1000");
    /// assert_eq!(Stratum::of_code("10-kv-one-existing-315_1000"), Some(stratum));
    /// assert_eq!(stratum.title(Lang::En), "10 kV, single supply, no new feeder, 315–<1000 kVA");
    /// ```
    pub fn code(self) -> String {
        Group::from(self).code()
    }

    /// The stratum that a code stands for.
    pub fn of_code(code: &str) -> Option<Stratum> {
        let Group { voltage_kv, supply, feeder, lowest, highest } = Group::of_code(code)?;
        (lowest == highest).then_some(Stratum { voltage_kv, supply: supply?, feeder: feeder?, capacity: lowest })
    }

    /// What users call it.
    pub fn title(self, lang: Lang) -> String {
        Group::from(self).title(lang)
    }
}

/// A supply in the code of a stratum.
fn supply_code(supply: Supply) -> &'static str {
    match supply {
        Supply::Single => "one",
        Supply::Dual => "two",
    }
}

/// A feeder in the code of a stratum.
fn feeder_code(feeder: Feeder) -> &'static str {
    match feeder {
        Feeder::Existing => "existing",
        Feeder::New => "new",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_begins_with_its_lower_limit() {
        let capacities = [0.0, 314.9, 315.0, 999.0, 1_000.0, 3_999.0, 4_000.0, 9_999.9, 10_000.0, 1e9];
        let bands = capacities.map(|kva| CapacityBand::of(kva).title(Lang::En));
        assert_eq!(
            bands,
            [
                "<315",
                "<315",
                "315–<1000",
                "315–<1000",
                "1000–<4000",
                "1000–<4000",
                "4000–<10000",
                "4000–<10000",
                "≥10000",
                "≥10000"
            ]
        );
        assert_eq!(
            [0.4, 1.0, 10.0, 20.0, 35.0, 66.0, 110.0, 500.0].map(|kv| VoltageClass::of(kv).title(Lang::En)),
            ["<1 kV", "1–<35 kV", "1–<35 kV", "1–<35 kV", "35–<110 kV", "35–<110 kV", "≥110 kV", "≥110 kV"]
        );
    }

    #[test]
    fn the_order_of_the_codes_is_that_of_the_first_names_of_strata() {
        // Until codes came, strata were named in Chinese, and a bootstrap drew them in the order of these names.
        let mut strata = Vec::new();
        for voltage_kv in [0.22, 0.4, 1.0, 6.0, 10.0, 20.0, 35.0, 66.0, 110.0, 220.0, 500.0] {
            for supply in [Supply::Single, Supply::Dual] {
                for feeder in [Feeder::New, Feeder::Existing] {
                    for &capacity in CapacityBand::ALL {
                        strata.push(Stratum { voltage_kv, supply, feeder, capacity });
                    }
                }
            }
        }
        let mut by_name = strata.clone();
        strata.sort_by_key(|stratum| stratum.code());
        by_name.sort_by_key(|stratum| stratum.title(Lang::Zh));
        assert_eq!(strata, by_name);
        assert!(strata.iter().all(|stratum| Stratum::of_code(&stratum.code()) == Some(*stratum)));
    }
}
