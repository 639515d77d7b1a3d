//! The month's cases: the stages that were settled in it and either ran out of time or had days taken out.

use std::collections::BTreeMap;
use std::path::Path;

use polars::prelude::*;

use crate::calendar::Day;
use crate::error::Result;
use crate::lake::{self, Columns};

/// One stage pass that the month's assessment speaks of.
#[derive(Debug, Clone)]
pub struct StageFact {
    /// The application.
    pub application_id: String,
    /// The bureau.
    pub bureau: String,
    /// `order` or `conventional`.
    pub mode: String,
    /// The stage's code.
    pub stage: String,
    /// Which pass.
    pub pass: i64,
    /// The department.
    pub department: String,
    /// When it started, finished, and was due.
    pub started_on: Option<Day>,
    /// The finish; none while it is open.
    pub finished_on: Option<Day>,
    /// The due date.
    pub due_on: Option<Day>,
    /// Where the limit comes from.
    pub limit_source: String,
    /// The limit, in working days.
    pub limit_wd: i64,
    /// Gross working days.
    pub gross_wd: i64,
    /// Working days excluded.
    pub excluded_wd: i64,
    /// Net working days.
    pub net_wd: i64,
    /// Working days over the limit.
    pub over_wd: i64,
    /// Whether the net time exceeds the limit.
    pub overdue_net: bool,
    /// The day it ran out of time.
    pub breached_on: Option<Day>,
    /// What was claimed.
    pub claims: Vec<ClaimFact>,
}

/// One claim against a stage pass.
#[derive(Debug, Clone)]
pub struct ClaimFact {
    /// Its identifier.
    pub delay_id: String,
    /// Its cause.
    pub cause: String,
    /// When it began, ended and was reported.
    pub began_on: Option<Day>,
    /// The end; none while it is open.
    pub ended_on: Option<Day>,
    /// The report; none if there was none.
    pub reported_on: Option<Day>,
    /// What became of it.
    pub verdict: String,
    /// Its working days inside the stage.
    pub claimed_wd: i64,
    /// The same if it was admitted.
    pub admitted_wd: i64,
}

/// The stages of the month, by department, application and start.
#[derive(Debug, Default)]
pub struct Facts {
    /// Those that ran out of time in the month, net.
    pub overdue: Vec<StageFact>,
    /// Those settled in the month about which something was claimed.
    pub claimed: Vec<StageFact>,
}

/// What is being read, for an error.
const MONTH: &str = "the month's stages";

type Key = (String, String, i64);

impl Facts {
    /// Reads the stages settled in `month` (its first day) that are overdue, net, or have claims.
    pub fn read(clean: &Path, month: Day) -> Result<Facts> {
        let in_month = col("settled_month").cast(DataType::Int32).eq(lit(month.0));
        let settled = lake::scan(&clean.join("stages.parquet"))?.filter(in_month);
        let keys = settled.clone().select([col("application_id"), col("stage"), col("pass")]);
        let on = [col("application_id"), col("stage"), col("pass")];
        let claims =
            lake::scan(&clean.join("claims.parquet"))?.join(keys, on.clone(), on, JoinArgs::new(JoinType::Inner));
        let claims = read_claims(&lake::collect(claims, MONTH)?)?;
        let concerned =
            settled.filter(col("overdue_gross").or(col("claimed_wd").gt(lit(0))).or(col("excluded_wd").gt(lit(0))));

        let mut facts = Facts::default();
        for mut stage in read_stages(&lake::collect(concerned, MONTH)?)? {
            let key = (stage.application_id.clone(), stage.stage.clone(), stage.pass);
            stage.claims = claims.get(&key).cloned().unwrap_or_default();
            if !stage.claims.is_empty() {
                facts.claimed.push(stage.clone());
            }
            if stage.overdue_net {
                facts.overdue.push(stage);
            }
        }
        for stages in [&mut facts.overdue, &mut facts.claimed] {
            stages.sort_by(|a, b| {
                (&a.department, &a.application_id, a.started_on, &a.stage, a.pass).cmp(&(
                    &b.department,
                    &b.application_id,
                    b.started_on,
                    &b.stage,
                    b.pass,
                ))
            });
        }
        Ok(facts)
    }
}

/// Every stage of some rows of the clean table, without its claims.
pub fn read_stages(table: &DataFrame) -> Result<Vec<StageFact>> {
    let columns = Columns(table);
    let text = |name| columns.texts(name);
    let (ids, bureaus, modes, stages) = (text("application_id")?, text("bureau")?, text("mode")?, text("stage")?);
    let (departments, sources) = (text("department")?, text("limit_source")?);
    let whole = |name| columns.integers(name);
    let (passes, limits, gross) = (whole("pass")?, whole("limit_wd")?, whole("gross_wd")?);
    let (excluded, net, over) = (whole("excluded_wd")?, whole("net_wd")?, whole("over_wd")?);
    let overdue = columns.flags("overdue_net")?;
    let day = |name| columns.days(name);
    let (started, finished, due, breached) =
        (day("started_on")?, day("finished_on")?, day("due_on")?, day("breached_on")?);
    let owned = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    Ok((0..table.height())
        .map(|row| StageFact {
            application_id: owned(&ids, row),
            bureau: owned(&bureaus, row),
            mode: owned(&modes, row),
            stage: owned(&stages, row),
            pass: passes[row].unwrap_or(1),
            department: owned(&departments, row),
            started_on: started[row],
            finished_on: finished[row],
            due_on: due[row],
            limit_source: owned(&sources, row),
            limit_wd: limits[row].unwrap_or_default(),
            gross_wd: gross[row].unwrap_or_default(),
            excluded_wd: excluded[row].unwrap_or_default(),
            net_wd: net[row].unwrap_or_default(),
            over_wd: over[row].unwrap_or_default(),
            overdue_net: overdue[row] == Some(true),
            breached_on: breached[row],
            claims: Vec::new(),
        })
        .collect())
}

fn read_claims(table: &DataFrame) -> Result<BTreeMap<Key, Vec<ClaimFact>>> {
    let columns = Columns(table);
    let text = |name| columns.texts(name);
    let (ids, stages, delays) = (text("application_id")?, text("stage")?, text("delay_id")?);
    let (causes, verdicts) = (text("cause")?, text("verdict")?);
    let whole = |name| columns.integers(name);
    let (passes, claimed, admitted) = (whole("pass")?, whole("claimed_wd")?, whole("admitted_wd")?);
    let day = |name| columns.days(name);
    let (began, ended, reported) = (day("began_on")?, day("ended_on")?, day("reported_on")?);
    let owned = |column: &StringChunked, row: usize| column.get(row).unwrap_or_default().to_owned();
    let mut claims: BTreeMap<Key, Vec<ClaimFact>> = BTreeMap::new();
    for row in 0..table.height() {
        let key = (owned(&ids, row), owned(&stages, row), passes[row].unwrap_or(1));
        claims.entry(key).or_default().push(ClaimFact {
            delay_id: owned(&delays, row),
            cause: owned(&causes, row),
            began_on: began[row],
            ended_on: ended[row],
            reported_on: reported[row],
            verdict: owned(&verdicts, row),
            claimed_wd: claimed[row].unwrap_or_default(),
            admitted_wd: admitted[row].unwrap_or_default(),
        });
    }
    for list in claims.values_mut() {
        list.sort_by(|a, b| (a.began_on, &a.delay_id, &a.verdict).cmp(&(b.began_on, &b.delay_id, &b.verdict)));
    }
    Ok(claims)
}
