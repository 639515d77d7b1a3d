//! What the customer has to do between two stages: whose the wait between them is.

use super::Network;
use crate::rules::limits::Connection;

impl Network {
    /// Whether the customer has something to do before a stage can begin that was not done before another had finished:
    /// an activity of such connections that is reached from the stage through `after`, passing over activities and over
    /// stages that such connections do not have, and that the other does not itself come after. A stage that is only
    /// missing from the records is not passed over: what the utility did not write down is not the customer's.
    pub(crate) fn awaits_customer(
        &self,
        finished: &str,
        awaited: &str,
        connection: &Connection,
        is_recorded: impl Fn(&str) -> bool,
    ) -> bool {
        let stage = |code: &str| self.steps.iter().position(|step| !step.is_customers && step.code == code);
        let Some(awaited) = stage(awaited) else { return false };
        // What is done leads no further, and what was visited need not be visited again.
        let mut closed = stage(finished).map_or_else(|| vec![false; self.steps.len()], |done| self.all_before(done));
        let mut to_visit = self.steps[awaited].after.clone();
        while let Some(number) = to_visit.pop() {
            let step = &self.steps[number];
            if std::mem::replace(&mut closed[number], true) {
                continue;
            }
            if step.is_customers && step.when.fits(connection) {
                return true;
            }
            if step.is_customers || !(step.when.fits(connection) || is_recorded(&step.code)) {
                to_visit.extend(&step.after);
            }
        }
        false
    }

    /// Which steps a step comes after, near or far.
    fn all_before(&self, number: usize) -> Vec<bool> {
        let mut before = vec![false; self.steps.len()];
        let mut to_visit = self.steps[number].after.clone();
        while let Some(number) = to_visit.pop() {
            if !std::mem::replace(&mut before[number], true) {
                to_visit.extend(&self.steps[number].after);
            }
        }
        before
    }
}

#[cfg(test)]
mod tests {
    use crate::error::TomlFile;
    use crate::rules::limits::{Connection, Supply};

    #[test]
    fn a_wait_is_the_customers_where_something_of_theirs_comes_between() {
        let file = TomlFile::new("process.toml", include_str!("../../../pipelines/process.toml"));
        let process = super::super::read(file).unwrap();
        let high = Connection { voltage_kv: 10.0, supply: Supply::Single, new_feeder: false };
        let low = Connection { voltage_kv: 0.4, ..high };
        let feeder = Connection { new_feeder: true, ..high };
        for (finished, awaited, connection, recorded, expected) in [
            ("scheme", "design_review", high, "", true),
            ("scheme", "design_review", low, "", false),
            ("scheme", "grid_works", high, "", false),
            ("scheme", "grid_works", feeder, "", true),
            ("design_review", "mid_inspection", high, "", true),
            ("mid_inspection", "final_inspection", high, "", true),
            // Something beside it was done last: the installation goes on all the same.
            ("contract", "final_inspection", high, "", true),
            ("fee", "final_inspection", low, "", true),
            ("final_inspection", "metering", high, "", false),
            // The final inspection is missing from the records: what was done then was not the customer's alone.
            ("scheme", "metering", low, "", false),
            // Connections without a design review do not wait for a design; one that has it on record is as it says.
            ("scheme", "contract", low, "", false),
            ("scheme", "contract", low, "design_review", false),
            // A repeat of what the activity led to: nothing of the customer's lies between.
            ("design_review", "design_review", high, "", false),
            ("acceptance", "survey", high, "", false),
            ("scheme", "no such stage", high, "", false),
        ] {
            let found = process.network.awaits_customer(finished, awaited, &connection, |code| code == recorded);
            assert_eq!(found, expected, "{finished} → {awaited}");
        }
    }
}
