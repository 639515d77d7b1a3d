//! Whether an end comes at another rate in one group than in another (log-rank).

use std::collections::BTreeMap;

use super::life_table::LifeTable;
use crate::stats::chi_squared_tail;

/// The log-rank test of two groups.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogRank {
    /// Chi-squared with one degree of freedom.
    pub chi2: f64,
    /// The chance of at least this much between groups that do not differ.
    pub p: f64,
    /// Ends in each group.
    pub observed: [u64; 2],
    /// Ends that each group would have had, were there no difference.
    pub expected: [f64; 2],
}

/// Whether the end comes at another rate in one group than in the other, the other end censored.
///
/// (O − E)² ÷ V with the hypergeometric variance (N. Mantel, Cancer Chemother. Rep. 50 (1966) 163–170). `None` where no
/// day has an end and both groups at risk, one group being empty for instance.
///
/// ```
/// use yekuo::stats::survival::{End, LifeTable, log_rank};
/// // A ends on day 1 and 2, B on day 3 and 4: of the ends, A expects 2/4 on day 1 and 1/3 on day 2, then it is gone.
/// let a: LifeTable = [(1, End::Event), (2, End::Event)].into_iter().collect();
/// let b: LifeTable = [(3, End::Event), (4, End::Event)].into_iter().collect();
/// let test = log_rank(&a, &b).unwrap();
/// assert!((test.expected[0] - (1.0 / 2.0 + 1.0 / 3.0)).abs() < 1e-12);
/// // Two ends were observed, 7/6 more than that.
/// let variance = 1.0 / 4.0 + 2.0 / 9.0;
/// assert!((test.chi2 - (7.0 / 6.0) * (7.0 / 6.0) / variance).abs() < 1e-12);
/// ```
pub fn log_rank(a: &LifeTable, b: &LifeTable) -> Option<LogRank> {
    stratified_log_rank([(a, b)])
}

/// The same with like compared to like: what was observed and expected, and its variance, added up over strata (Klein &
/// Moeschberger, §7.5). A stratum with one group adds nothing to the test.
pub fn stratified_log_rank<'a>(strata: impl IntoIterator<Item = (&'a LifeTable, &'a LifeTable)>) -> Option<LogRank> {
    let (mut observed, mut expected, mut variance) = ([0; 2], [0.0; 2], 0.0);
    for (a, b) in strata {
        let mut days: BTreeMap<i32, [u64; 2]> = BTreeMap::new();
        for (group, table) in [a, b].into_iter().enumerate() {
            for moment in table.moments.iter().filter(|moment| moment.events > 0) {
                days.entry(moment.day).or_default()[group] += moment.events;
            }
        }
        for (day, [ends_a, ends_b]) in days {
            let (risk_a, risk_b) = (a.at_risk(day) as f64, b.at_risk(day) as f64);
            let (risk, ends) = (risk_a + risk_b, (ends_a + ends_b) as f64);
            observed = [observed[0] + ends_a, observed[1] + ends_b];
            expected = [expected[0] + ends * risk_a / risk, expected[1] + ends * risk_b / risk];
            if risk > 1.0 {
                variance += ends * (risk_a / risk) * (risk_b / risk) * (risk - ends) / (risk - 1.0);
            }
        }
    }
    let excess = observed[0] as f64 - expected[0];
    let chi2 = excess * excess / variance;
    (variance > 0.0).then(|| LogRank { chi2, p: chi_squared_tail(chi2), observed, expected })
}
