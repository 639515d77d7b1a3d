//! Whether a connection was on time, as the rate 时限达标率 asks (docs/method.md §5): of high voltage, each node within its
//! limit; of low voltage, the whole of it within its total.

use crate::calendar::Day;
use crate::cases::Names;
use crate::cases::standing::Standing;
use crate::rules::limits::Voltage;
use crate::rules::vocabulary::{Business, FulfilmentClass};

/// The stage with whose finish the papers are done.
const ARCHIVING: &str = "archiving";

/// How an energised application counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fulfilment {
    /// How it is judged.
    pub class: FulfilmentClass,
    /// The day in whose month it counts: on which it was archived, else energised.
    pub on: Day,
    /// Whether it was on time; nothing where nothing of it has a limit.
    pub is_met: Option<bool>,
}

impl Fulfilment {
    /// Of an application; nothing of one that is not energised.
    pub fn of(standing: &Standing<'_>, nodes: &[String], names: &Names) -> Option<Fulfilment> {
        let energised_on = standing.case.energised_on()?;
        let archived = standing.passes.iter().filter(|judged| names.text(judged.stage.stage) == ARCHIVING);
        let archived_on = archived.filter(|judged| judged.pass.finished).map(|judged| judged.pass.until).max();
        let voltage = standing.case.facts.connection().voltage();
        let is_met = match voltage {
            Voltage::High => nodes_met(standing, nodes, names),
            Voltage::Low => standing.effective_due_on.map(|due_on| energised_on <= due_on),
        };
        let business = standing.case.facts.business.and_then(|business| Business::of_code(names.text(business)));
        let class = match (business, voltage) {
            (Some(Business::Generation | Business::Charging), _) => FulfilmentClass::Generation,
            (_, Voltage::High) => FulfilmentClass::High,
            (_, Voltage::Low) => FulfilmentClass::Low,
        };
        Some(Fulfilment { class, on: archived_on.unwrap_or(energised_on), is_met })
    }
}

/// Whether no pass of any node is overdue net; nothing where none of them has a limit.
fn nodes_met(standing: &Standing<'_>, nodes: &[String], names: &Names) -> Option<bool> {
    let of_nodes =
        standing.passes.iter().filter(|judged| nodes.iter().any(|node| node == names.text(judged.stage.stage)));
    let overdue = of_nodes.filter_map(|judged| judged.reading.overdue_net);
    overdue.reduce(|any, overdue| any || overdue).map(|any| !any)
}
