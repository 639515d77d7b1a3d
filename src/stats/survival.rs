//! Times to an end, of which not all have come: what was still open is counted for as long as it was seen.
//!
//! A [`LifeTable`] holds the days on which something happened. From it come the share still waiting
//! ([`LifeTable::kaplan_meier`]), its median and restricted mean, the test whether two groups differ ([`log_rank`]),
//! and, where another end takes cases away for good, the share that has met each end ([`LifeTable::aalen_johansen`]).
//! On a day, ends come before censorings: who was last seen on a day was at risk on it.
//!
//! Sources: E. L. Kaplan and P. Meier, JASA 53 (1958) 457–481; M. Greenwood (1926) for the variance; J. D. Kalbfleisch
//! and R. L. Prentice, *The Statistical Analysis of Failure Time Data* (1980) for the log-log interval; R. Brookmeyer and
//! J. Crowley, Biometrics 38 (1982) 29–41 for that of the median; J. P. Klein and M. L. Moeschberger, *Survival Analysis*
//! (2003) for the restricted mean; O. O. Aalen and S. Johansen, Scand. J. Statist. 5 (1978) 141–150.

mod cox;
mod incidence;
mod kaplan_meier;
mod life_table;
mod log_rank;
#[cfg(test)]
mod tests;

pub use self::cox::{Cox, Subject, cox};
pub use self::incidence::{Incidence, IncidencePoint, Share};
pub use self::kaplan_meier::{Curve, Median, Point, RestrictedMean};
pub use self::life_table::{End, LifeTable, Moment, common_horizon};
pub use self::log_rank::{LogRank, log_rank, stratified_log_rank};
