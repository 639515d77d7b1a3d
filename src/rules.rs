//! What is promised: the process and its network, the limits, who answers when, how managers are scored; and the codes
//! that rules and cases are written in.

pub mod bounds;
pub mod house;
pub mod limits;
pub mod only;
pub mod owners;
pub mod process;
pub mod scorecard;
pub mod strata;
pub mod targets;
pub mod units;
pub mod vocabulary;
