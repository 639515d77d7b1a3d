//! What a pass over the cases counts besides the tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::cases::standing::Standing;
use crate::flow::End;
use crate::rules::vocabulary::DueSource;
use crate::words::{Lang, Words};

/// What a pass over the cases counted besides the tables.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Totals {
    /// Applications accepted by the as-of day.
    pub applications: u64,
    /// Of them, energised.
    pub energised: u64,
    /// Of them, cancelled.
    pub cancelled: u64,
    /// Of them, open.
    pub open: u64,
    /// Applications that were both energised and cancelled: the end that came first counts.
    pub two_ends: u64,
    /// Open applications that have no due date.
    pub without_due: u64,
    /// Applications that the as-of day hides.
    pub later_applications: u64,
    /// Stage passes that started by the as-of day.
    pub passes: u64,
    /// Of them, without a limit: counted, and in no rate.
    pub not_assessed: u64,
    /// Of them, such as the exports give no start of: that of the stage before it was taken.
    pub starts_taken: u64,
    /// Stage passes that are due and have not begun.
    pub not_begun: u64,
    /// Stage passes that could not begin by their due date.
    pub inherited: u64,
    /// Claims that began by the as-of day.
    pub claims: u64,
    /// Of them, claims that concern no stage pass.
    pub claims_without_stage: u64,
    /// What began in each month, by its first day.
    pub months: BTreeMap<Day, Begun>,
    /// How applications stand against standard total limits.
    pub standard_totals: Against,
    /// How settled stage passes stand against standard limits.
    pub standard_stages: Against,
}

/// What began in a month.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Applications that were accepted.
    pub applications: u64,
    /// Stage passes that began.
    pub passes: u64,
}

/// How many cases a set of standard limits decided, and how many of them are late.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Against {
    /// Those that kept the limit or are past it.
    pub decided: u64,
    /// Of them, those past it.
    pub late: u64,
}

impl Against {
    fn count(&mut self, late: bool) {
        self.decided += 1;
        self.late += u64::from(late);
    }

    fn add(&mut self, others: &Against) {
        self.decided += others.decided;
        self.late += others.late;
    }

    /// Whether nearly all are late: then the limits are hardly meant for such cases.
    pub fn is_hardly_meant(self) -> bool {
        const FEWEST: u64 = 30;
        self.decided >= FEWEST && self.late * 5 >= self.decided * 4
    }
}

impl Totals {
    /// Counts an application and its passes.
    pub(super) fn count(&mut self, standing: &Standing<'_>) {
        self.applications += 1;
        self.months.entry(standing.case.facts.accepted_on.month()).or_default().applications += 1;
        self.two_ends += u64::from(standing.case.other_end_on.is_some());
        for judged in &standing.passes {
            let is_begun = judged.stage.started_at.is_some();
            self.passes += u64::from(is_begun);
            if let Some(on) = judged.stage.started_on() {
                self.months.entry(on.month()).or_default().passes += 1;
            }
            self.not_assessed += u64::from(is_begun && judged.reading.limit.is_none());
            self.starts_taken += u64::from(judged.stage.start_taken);
            self.not_begun += u64::from(!is_begun);
            self.inherited += u64::from(judged.begins.inherited().is_some());
            let settled = judged.reading.settled_on.and(judged.reading.overdue_net);
            if let Some(late) = settled.filter(|_| is_standard(judged.limit_source)) {
                self.standard_stages.count(late);
            }
        }
        let late = standing.effective_due_on.map(|due| standing.whole.until > due);
        match (standing.end, late) {
            (End::Cancelled(_), _) | (_, None) | (End::Open, Some(false)) => {}
            (_, Some(late)) if is_standard(standing.due_source) => self.standard_totals.count(late),
            (_, Some(_)) => {}
        }
        self.claims += standing.claims.len() as u64;
        self.claims_without_stage += standing.unheard().count() as u64;
        match standing.end {
            End::Cancelled(_) => self.cancelled += 1,
            End::Energised(_) => self.energised += 1,
            End::Open => {
                self.open += 1;
                self.without_due += u64::from(standing.due_on.is_none());
            }
        }
    }

    /// Adds what was counted of other cases.
    pub(super) fn add(&mut self, others: &Totals) {
        let Totals {
            applications,
            energised,
            cancelled,
            open,
            two_ends,
            without_due,
            later_applications,
            passes,
            not_assessed,
            starts_taken,
            not_begun,
            inherited,
            claims,
            claims_without_stage,
            months,
            standard_totals,
            standard_stages,
        } = others;
        self.applications += applications;
        self.energised += energised;
        self.cancelled += cancelled;
        self.open += open;
        self.two_ends += two_ends;
        self.without_due += without_due;
        self.later_applications += later_applications;
        self.passes += passes;
        self.not_assessed += not_assessed;
        self.starts_taken += starts_taken;
        self.not_begun += not_begun;
        self.inherited += inherited;
        self.claims += claims;
        self.claims_without_stage += claims_without_stage;
        for (month, Begun { applications, passes }) in months {
            let begun = self.months.entry(*month).or_default();
            begun.applications += applications;
            begun.passes += passes;
        }
        self.standard_totals.add(standard_totals);
        self.standard_stages.add(standard_stages);
    }

    /// That nearly everything is late by the standard limits of a title, and what to do.
    pub fn hardly_meant(&self, limits: &Words) -> Vec<Words> {
        let say = |Against { decided, late }: Against, zh: &str, en: &str| {
            let (zh_title, en_title) = (limits.get(Lang::Zh), limits.get(Lang::En));
            Words::new(
                format!(
                    "按「{zh_title}」，{decided} 个{zh}中 {late} 个超期：这套时限恐怕不适用，请核对流水线的 standards"
                ),
                format!(
                    "by “{en_title}” {late} of {decided} {en} are late: it is hardly meant for them; check `standards` of the pipeline"
                ),
            )
        };
        let told = [
            (self.standard_totals, "按标准总时限考核的工单", "applications with a standard total limit"),
            (self.standard_stages, "按标准时限考核的环节", "stages with a standard limit"),
        ];
        told.into_iter().filter(|(against, ..)| against.is_hardly_meant()).map(|(a, zh, en)| say(a, zh, en)).collect()
    }
}

/// Whether a limit is one of the rule book's.
fn is_standard(source: Option<&str>) -> bool {
    source.is_some_and(|source| DueSource::of_code(source).is_none())
}
