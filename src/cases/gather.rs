//! All cases: spread over buckets, and what of them must be known before any of them is in order.

use std::path::Path;

use super::bucket::{self, Ranks, Way};
use super::events::{EventLog, LogRules, Noted};
use super::faults;
use super::filed::Filed;
use super::records::Records;
use super::spread::Spread;
use super::{Bucket, Cases, Fault, Names};
use crate::error::Result;
use crate::parallel;
use crate::rules::bounds::CaseEnd;
use crate::rules::process::Process;

impl<'p> Cases<'p> {
    /// Gathers the raw tables of a lake; what does not fit into memory goes to files in a folder, which vanish with the
    /// program.
    pub fn gather(lake: &Path, folder: &Path, process: &'p Process, log: LogRules<'p>) -> Result<Cases<'p>> {
        let mut names = Names::default();
        let spread = Spread::read(lake, folder, &mut names)?;
        if let Some(CaseEnd::Stages(codes)) = &process.cases.ends {
            for code in codes {
                names.number(code);
            }
        }
        let complaints = Filed::read(lake, folder, &mut names)?;
        let requests = Filed::read(lake, folder, &mut names)?;
        let visits = Filed::read(lake, folder, &mut names)?;
        let mut records = Records::gather(lake)?;
        records.count_names(&mut names);
        names.settle();
        records.settle(&names);
        let mut way = Way::of(process, log, spread.stage_names.iter().copied(), &names);
        while way.seeks_order() {
            let mut all = Ranks::new();
            let of_bucket = |number| bucket::ranks(&spread, number, &way, &names);
            parallel::in_order(0..spread.buckets, of_bucket, |ranks| {
                for (stage, ranks) in ranks {
                    let known = all.entry(stage).or_default();
                    ranks.into_iter().for_each(|(rank, times)| *known.entry(rank).or_default() += times);
                }
                Ok(())
            })?;
            way.order(all, &names);
        }
        Ok(Cases { spread, way, complaints, requests, visits, records, names, only: None })
    }

    /// How many buckets of applications there are.
    pub fn buckets(&self) -> usize {
        self.spread.buckets
    }

    /// How applications are divided: into how many buckets, and these into groups of how many.
    pub fn division(&self) -> (usize, usize) {
        (self.buckets(), super::group())
    }

    /// A bucket of applications, in order.
    pub(super) fn bucket(&self, number: usize) -> Result<Bucket> {
        let mut bucket = Bucket::read(&self.spread, number, &self.way, &self.names)?;
        if let Some(only) = &self.only {
            for application in &mut bucket.applications {
                application.is_asked_for = only.asks_for(&application.facts, &self.names);
            }
        }
        Ok(bucket)
    }

    /// How many buckets of faults there are.
    pub(super) fn fault_buckets(&self) -> usize {
        self.spread.fault_buckets
    }

    /// A bucket of faults, by identifier.
    pub(super) fn faults(&self, number: usize) -> Result<Vec<Fault>> {
        let mut faults = {
            let Spread { faults, fault_calls, days_only, .. } = &self.spread;
            faults::read(faults, fault_calls, days_only, number)?
        };
        if let Some(only) = &self.only {
            faults.retain(|fault| only.asks_for_fault(fault));
        }
        Ok(faults)
    }

    /// What was made of the events of the exports.
    pub(super) fn event_log(&self, noted: Noted) -> EventLog {
        noted.log(self.way.process, self.way.log.order, &self.names)
    }
}
