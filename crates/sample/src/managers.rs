//! The customer managers: who they are, and how much they differ.

use super::dice::{Dice, Subject};
use super::setting::Setting;
use super::world::{BUREAUS, FULL_TIME, NEW_MANAGERS, QUALITIES, SURNAMES};

/// One row of `managers`.
#[derive(Clone, Debug)]
pub struct Manager {
    pub id: String,
    pub name: String,
    pub bureau: &'static str,
    pub full_time: bool,
    pub customers: Option<i64>,
}

/// What a name may end in.
const GIVEN: [&str; 16] = [
    "敏", "伟", "静", "晓峰", "丽华", "志强", "海燕", "文涛", "建军", "秀兰", "晨", "雪梅", "国平", "佳", "永康",
    "思远",
];

/// The number of the `nth` manager of a bureau, counted from 1.
pub fn id(bureau_at: usize, nth: i64) -> String {
    format!("KM{:02}{nth:02}", bureau_at + 1)
}

/// How good the `nth` manager of a bureau is, from −1 to 1; 0 changes nothing.
pub fn quality(bureau_at: usize, nth: i64) -> f64 {
    QUALITIES[(nth as usize + bureau_at * 5) % QUALITIES.len()]
}

impl Setting<'_> {
    /// Everybody on the list, those without applications too.
    pub fn managers(&self) -> Vec<Manager> {
        let mut surnames = SURNAMES.iter();
        let mut all = Vec::new();
        for (bureau_at, bureau) in BUREAUS.iter().enumerate() {
            let fresh = NEW_MANAGERS.contains(&bureau.name);
            for nth in 1..=bureau.managers + i64::from(fresh) {
                let id = id(bureau_at, nth);
                let dice = &mut Dice::new(self.seed, Subject::Manager, bureau_at as u64 * 100 + nth as u64);
                let full_time = FULL_TIME.contains(&id.as_str());
                let customers = if full_time { dice.between(40, 60) } else { dice.between(9, 36) };
                all.push(Manager {
                    name: format!("{}{}", surnames.next().unwrap_or(&"某"), dice.pick(&GIVEN)),
                    bureau: bureau.name,
                    full_time,
                    customers: (nth <= bureau.managers).then_some(customers),
                    id,
                });
            }
        }
        all
    }
}
