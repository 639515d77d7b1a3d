//! What is written down once a month: the third party's survey, and the demand that large customers speak of.

use yekuo_calendar::Day;

use super::dice::{Dice, Subject};
use super::setting::{Setting, season};
use super::world::{BUREAUS, DEMAND_SOURCES, DISPATCH_TREND, INDICATORS, TRADES};

/// One row of `surveys`.
#[derive(Clone, Debug)]
pub struct Survey {
    pub period: Day,
    pub bureau: &'static str,
    pub indicator: &'static str,
    pub weight: f64,
    pub score: f64,
}

/// One row of `demands`.
#[derive(Clone, Debug)]
pub struct Demand {
    pub customer: String,
    pub bureau: &'static str,
    pub month: Day,
    pub expected_kva: f64,
    pub expected_on: Option<Day>,
    pub source: Option<&'static str>,
}

/// For how many months demand is listed at most, until it has become an application or come to nothing.
const LISTED_MONTHS: i64 = 8;

/// Months since the year 0.
fn months(month: Day) -> u64 {
    month.year() as u64 * 12 + season(month) as u64
}

impl Setting<'_> {
    /// Every whole month's survey of every bureau: better where less is late, slowly rising, and lower for the time
    /// that a connection takes while outages pile up.
    pub fn surveys(&self) -> Vec<Survey> {
        let mut all = Vec::new();
        for (ago, period) in self.whole_months() {
            let piled_up = DISPATCH_TREND.get(ago as usize).copied().unwrap_or(1.0) - 1.0;
            for (bureau_at, bureau) in BUREAUS.iter().enumerate() {
                let dice = &mut Dice::new(self.seed, Subject::Survey, months(period) * 10 + bureau_at as u64);
                for (indicator, weight, offset, waits) in INDICATORS {
                    let score = 98.0 - 7.5 * bureau.lateness + offset - 0.06 * f64::from(ago) - waits * piled_up
                        + dice.within((-1.4, 1.4));
                    let score = (score.clamp(75.0, 97.0) * 10.0).round() / 10.0;
                    all.push(Survey { period, bureau: bureau.name, indicator, weight, score });
                }
            }
        }
        all
    }

    /// The demand known in every whole month: what was heard of is listed month by month until it is settled.
    pub fn demands(&self) -> Vec<Demand> {
        let mut all = Vec::new();
        for (_, month) in self.whole_months() {
            for (bureau_at, bureau) in BUREAUS.iter().enumerate() {
                let mut heard_in = month;
                for age in 0..LISTED_MONTHS {
                    let number = months(heard_in) * 10 + bureau_at as u64;
                    let dice = &mut Dice::new(self.seed, Subject::Demand, number);
                    let new = dice.weighed([40, bureau.weight * 3, bureau.weight].into_iter());
                    for nth in 1..=new {
                        let trade = dice.pick(&TRADES);
                        let kva = dice.pick(&[1250.0, 2000.0, 3150.0, 4000.0, 6300.0, 8000.0, 12_500.0, 20_000.0]);
                        let (ahead, listed) = (dice.between(3, 14), dice.between(2, LISTED_MONTHS));
                        let (of_month, dated) = (dice.pick(&[0, 9, 14, 24]), dice.chance(0.88));
                        let (grows_at, source) = (dice.between(2, 12), dice.pick(&DEMAND_SOURCES));
                        let due = heard_in.plus_months(ahead as u32);
                        if age < listed.min(ahead) {
                            let label = heard_in.to_string().replace('-', "");
                            all.push(Demand {
                                customer: format!("某{trade}新建项目{}{}{nth}", &label[2..6], bureau_at + 1),
                                bureau: bureau.name,
                                month,
                                expected_kva: if age >= grows_at { kva * 1.25 } else { kva },
                                expected_on: dated.then(|| due.plus_days(of_month)),
                                source: Some(source).filter(|source| !source.is_empty()),
                            });
                        }
                    }
                    heard_in = heard_in.month_before();
                }
            }
        }
        all
    }
}
