//! The raw tables spread over buckets: each row is read once, by whichever thread comes, and packed for its bucket.
//!
//! Portions are taken in the order of the exports, and so names are numbered and rows lie in it, however many threads read
//! them.

use std::collections::BTreeSet;
use std::path::Path;

use super::faults::{self, Marked};
use super::raw::{self, RowGroup};
use super::spill::{Identifiers, Packed, Packet, Portion, Sheets, Spill, Splits, packed};
use super::stages::StageRow;
use super::{Application, Call, ClaimFacts, DaysOnly, DelayClaim, Facts, Fault, Name, Names};
use crate::calendar::Instant;
use crate::clock::Ruling;
use crate::contract::{self, Input, RawApplication, RawCall, RawDelay};
use crate::error::Result;
use crate::parallel;
use crate::rules::limits::{Area, Supply};
use crate::rules::vocabulary::{CallbackKind, Mode};
use crate::table;

table::record! {
    /// The identifiers of applications alone.
    ApplicationIds of ApplicationId<'a>:
    application_id: table::Text;
}

table::record! {
    /// The identifiers of faults alone.
    FaultIds of FaultId<'a>:
    fault_id: table::Text;
}

packed! {
    Facts:
    application_id bureau area channel voltage_kv capacity_kva supply new_feeder key_project mode manager_id accepted_on
    desired_on promised_on replanned_on feeder_or_station customer_name visits designer builder supplier fee_charged
    fee_standard business customer_class leader live_work
}

packed! { ClaimFacts: delay_id stage cause began_on reason }
packed! { DelayClaim: facts ended_on reported_on confirmed_on ruling ruled_on ruled_by application }
packed! {
    Call:
    called_at reached score manager_score free_choice issue_category issue_department issue_verified issue_action
    issue_settled_on
}

impl Packed for Application {
    fn pack(&self, to: &mut Vec<u8>) {
        self.facts.pack(to);
        self.energised_at.pack(to);
        self.cancelled_on.pack(to);
    }

    fn unpack(from: &mut Packet<'_>) -> Application {
        Application::new(Packed::unpack(from), Packed::unpack(from), Packed::unpack(from))
    }
}

/// The tables of cases on disk, by bucket.
pub(super) struct Spread {
    pub applications: Spill<Application>,
    pub stages: Spill<StageRow>,
    pub claims: Spill<DelayClaim>,
    pub calls: Spill<Call>,
    /// How many rows of an application were rejected.
    pub rejected: Spill<u32>,
    pub faults: Spill<Fault>,
    pub fault_calls: Spill<Call>,
    /// Of the faults of each portion, the times of which only the day is known as the file holds nothing else.
    pub days_only: Vec<DaysOnly>,
    /// How many buckets of applications there are.
    pub buckets: usize,
    /// How many buckets of faults there are.
    pub fault_buckets: usize,
    /// Every bureau that is responsible for an application.
    pub bureaus: BTreeSet<Name>,
    /// Every stage.
    pub stage_names: BTreeSet<Name>,
    pub has_delays: bool,
    pub has_callbacks: bool,
    pub has_faults: bool,
}

impl Spread {
    /// Spreads the raw tables of a lake over files in a folder, with so many groups of applications to a bucket.
    pub fn read(lake: &Path, folder: &Path, names: &mut Names) -> Result<Spread> {
        let mut identifiers = Identifiers::default();
        raw::each_of::<ApplicationIds>(lake, contract::Applications::NAME, |row| identifiers.push(row.application_id))?;
        let each = super::group() * parallel::groups_of_bucket(identifiers.count().div_ceil(super::group()));
        let splits = &Splits::of(identifiers, each);
        let mut identifiers = Identifiers::default();
        raw::each_of::<FaultIds>(lake, contract::Faults::NAME, |row| identifiers.push(row.fault_id))?;
        let each = faults::BUCKET * parallel::groups_of_bucket(identifiers.count().div_ceil(faults::BUCKET));
        let fault_splits = &Splits::of(identifiers, each);
        let mut spread = Spread {
            applications: Spill::create(folder, splits)?,
            stages: Spill::create(folder, splits)?,
            claims: Spill::create(folder, splits)?,
            calls: Spill::create(folder, splits)?,
            rejected: Spill::create(folder, splits)?,
            faults: Spill::create(folder, fault_splits)?,
            fault_calls: Spill::create(folder, fault_splits)?,
            days_only: Vec::new(),
            buckets: splits.buckets(),
            fault_buckets: fault_splits.buckets(),
            bureaus: BTreeSet::new(),
            stage_names: BTreeSet::new(),
            has_delays: false,
            has_callbacks: false,
            has_faults: false,
        };
        spread.read_applications(lake, splits, names)?;
        spread.read_stages(lake, splits, names)?;
        spread.read_claims(lake, splits, names)?;
        spread.read_faults(lake, fault_splits, names)?;
        spread.read_calls(lake, [splits, fault_splits], names)?;
        let mut rejected = Sheets::new(splits);
        raw::each_rejected(lake, |case, rows| rejected.push(case, &rows))?;
        spread.rejected.add(&rejected, &[])?;
        Ok(spread)
    }

    fn read_applications(&mut self, lake: &Path, splits: &Splits, names: &mut Names) -> Result<()> {
        let read = |group: RowGroup<contract::Applications>| {
            let (mut portion, mut bureaus) = (Portion::new(splits), BTreeSet::new());
            group.each(|row| {
                let application = application(&row, &mut portion.names);
                bureaus.insert(application.facts.bureau);
                portion.sheets.push(row.application_id, &application);
            })?;
            Ok((portion, bureaus))
        };
        parallel::in_order(raw::groups(lake)?.into_iter(), read, |(Portion { names: own, sheets }, bureaus)| {
            let own = names.merge(&own);
            self.bureaus.extend(bureaus.into_iter().map(|bureau| own[bureau.place()]));
            self.applications.add(&sheets, &own)
        })
    }

    fn read_stages(&mut self, lake: &Path, splits: &Splits, names: &mut Names) -> Result<()> {
        let read = |group: RowGroup<contract::Stages>| {
            let (mut portion, mut stages) = (Portion::new(splits), BTreeSet::new());
            group.each(|row| {
                let stage = StageRow::read(&row, &mut portion.names);
                stages.insert(stage.stage());
                portion.sheets.push(row.application_id, &stage);
            })?;
            Ok((portion, stages))
        };
        parallel::in_order(raw::groups(lake)?.into_iter(), read, |(Portion { names: own, sheets }, stages)| {
            let own = names.merge(&own);
            self.stage_names.extend(stages.into_iter().map(|stage| own[stage.place()]));
            self.stages.add(&sheets, &own)
        })
    }

    fn read_claims(&mut self, lake: &Path, splits: &Splits, names: &mut Names) -> Result<()> {
        let read = |group: RowGroup<contract::Delays>| {
            let mut portion = Portion::new(splits);
            group.each(|row| portion.sheets.push(row.application_id, &claim(&row, &mut portion.names)))?;
            Ok(portion)
        };
        let groups = raw::groups(lake)?;
        self.has_delays = raw::is_given::<contract::Delays>(lake)?;
        parallel::in_order(groups.into_iter(), read, |Portion { names: own, sheets }| {
            self.claims.add(&sheets, &names.merge(&own))
        })
    }

    fn read_faults(&mut self, lake: &Path, splits: &Splits, names: &mut Names) -> Result<()> {
        let read = |group: RowGroup<contract::Faults>| {
            let (mut portion, mut marked) = (Portion::new(splits), Marked::default());
            let file = group.file;
            group.each(|row| {
                let fault = faults::fault(&row, &mut portion.names);
                marked.add(&fault);
                portion.sheets.push(row.fault_id, &fault);
            })?;
            Ok((portion, marked, file))
        };
        self.has_faults = raw::is_given::<contract::Faults>(lake)?;
        let (mut files, mut of_files): (Vec<usize>, Vec<Marked>) = (Vec::new(), Vec::new());
        parallel::in_order(raw::groups(lake)?.into_iter(), read, |(Portion { names: own, sheets }, marked, file)| {
            files.push(file);
            of_files.resize_with(of_files.len().max(file + 1), Marked::default);
            of_files[file].join(&marked);
            self.faults.add(&sheets, &names.merge(&own))
        })?;
        self.days_only = files.into_iter().map(|file| of_files[file].days_only()).collect();
        Ok(())
    }

    /// Calls about a fault belong to it, where faults are given.
    fn read_calls(&mut self, lake: &Path, splits: [&Splits; 2], names: &mut Names) -> Result<()> {
        let [splits, fault_splits] = splits;
        let has_faults = self.has_faults;
        let read = |group: RowGroup<contract::Callbacks>| {
            let (mut portion, mut of_faults) = (Portion::new(splits), Sheets::new(fault_splits));
            group.each(|row| match CallbackKind::of_code(row.kind) {
                Some(CallbackKind::Fault) if has_faults => {
                    of_faults.push(row.subject_id, &call(&row, &mut portion.names));
                }
                Some(CallbackKind::Fault) => {}
                _ => portion.sheets.push(row.subject_id, &call(&row, &mut portion.names)),
            })?;
            Ok((portion, of_faults))
        };
        self.has_callbacks = raw::is_given::<contract::Callbacks>(lake)?;
        parallel::in_order(raw::groups(lake)?.into_iter(), read, |(Portion { names: own, sheets }, of_faults)| {
            let own = names.merge(&own);
            self.fault_calls.add(&of_faults, &own)?;
            self.calls.add(&sheets, &own)
        })
    }
}

/// One application, of which nothing more is known yet.
fn application(row: &RawApplication<'_>, names: &mut Names) -> Application {
    let facts = Facts {
        application_id: row.application_id.to_owned(),
        bureau: names.number(row.bureau),
        area: row.area.and_then(Area::of_code),
        channel: names.maybe(row.channel),
        voltage_kv: row.voltage_kv,
        capacity_kva: row.capacity_kva,
        supply: row.supply.and_then(Supply::of_code),
        new_feeder: row.new_feeder,
        key_project: row.key_project,
        mode: row.mode.and_then(Mode::of_code),
        manager_id: names.maybe(row.manager_id),
        accepted_on: row.accepted_at.day(),
        desired_on: row.desired_on,
        promised_on: row.promised_on,
        replanned_on: row.replanned_on,
        feeder_or_station: names.maybe(row.feeder_or_station),
        customer_name: row.customer_name.map(Box::from),
        visits: row.visits,
        designer: names.maybe(row.designer),
        builder: names.maybe(row.builder),
        supplier: names.maybe(row.supplier),
        fee_charged: row.fee_charged,
        fee_standard: row.fee_standard,
        business: names.maybe(row.business),
        customer_class: names.maybe(row.customer_class),
        leader: names.maybe(row.leader),
        live_work: row.live_work,
    };
    Application::new(facts, row.energised_at, row.cancelled_at.map(Instant::day))
}

/// One claim, without the number of its application.
fn claim(row: &RawDelay<'_>, names: &mut Names) -> DelayClaim {
    let facts = ClaimFacts {
        delay_id: row.delay_id.map(str::to_owned),
        stage: names.maybe(row.stage),
        cause: names.number(row.cause),
        began_on: row.began_at.day(),
        reason: row.reason.map(str::to_owned),
    };
    DelayClaim {
        facts,
        ended_on: row.ended_at.map(Instant::day),
        reported_on: row.reported_at.map(Instant::day),
        confirmed_on: row.confirmed_at.map(Instant::day),
        ruling: row.ruling.and_then(Ruling::of_code).unwrap_or(Ruling::Pending),
        ruled_on: row.ruled_at.map(Instant::day),
        ruled_by: row.ruled_by.map(str::to_owned),
        application: 0,
    }
}

fn call(row: &RawCall<'_>, names: &mut Names) -> Call {
    Call {
        called_at: row.called_at,
        reached: row.outcome == "reached",
        score: row.score,
        manager_score: row.manager_score,
        free_choice: row.free_choice,
        issue_category: names.maybe(row.issue_category),
        issue_department: names.maybe(row.issue_department),
        issue_verified: row.issue_verified,
        issue_action: names.maybe(row.issue_action),
        issue_settled_on: row.issue_settled_at.map(Instant::day),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An application of which nothing more is known.
    pub(in crate::cases) fn application(id: &str, accepted_on: &str) -> Application {
        let row = RawApplication {
            application_id: id,
            bureau: "East",
            voltage_kv: 10.0,
            capacity_kva: 315.0,
            accepted_at: Instant::at(accepted_on.parse().unwrap(), 0),
            customer_name: None,
            customer_phone: None,
            area: None,
            channel: None,
            supply: None,
            new_feeder: None,
            key_project: None,
            mode: None,
            manager_id: None,
            desired_on: None,
            promised_on: None,
            replanned_on: None,
            energised_at: None,
            cancelled_at: None,
            visits: None,
            feeder_or_station: None,
            designer: None,
            builder: None,
            supplier: None,
            fee_charged: None,
            fee_standard: None,
            business: None,
            customer_class: None,
            leader: None,
            live_work: None,
        };
        super::application(&row, &mut Names::default())
    }
}
