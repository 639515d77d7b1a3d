//! One row per verdict on a delay claim: against each stage pass that it concerns, and against the whole application.

use crate::calendar::Day;
use crate::cases::standing::{JudgedPass, Standing};
use crate::cases::{KnownClaim, Name, Names};
use crate::clock::{Judgement, Ruling, Verdict};
use crate::table::{Code, Count, Date, Declared, Flag, Maybe, Meaning, Table, Text, table};

table! {
    /// One claim against a stage pass, or against a whole application.
    Claims of ClaimRow<'a> from Judged<'a> as of;
    "claims" by [application_id, stage, pass, sequence],
    "延误说明对每次环节的认定一行，按工单、环节开始和说明次序排序。",
    "One row per verdict: a delay claim against a stage pass that it concerns, by application, start of the pass and order of the claims.";

    application_id: Text = &of.standing.case.facts.application_id, "工单编号", "identifier of the application";
    manager_id: Maybe<Text> = of.maybe(of.standing.case.facts.manager_id), "客户经理编号", "identifier of the customer manager";
    stage: Maybe<Text> = of.maybe(of.against.map(|judged| judged.stage.stage)), "所针对的环节", "stage it is judged against";
    pass: Maybe<Count> = of.against.map(|judged| judged.stage.pass as i32), "第几次办理该环节，从 1 起", "which pass of the stage, from 1";
    department: Maybe<Text> = of.maybe(of.against.map(|judged| judged.stage.department)), "该环节的责任部门", "department of that pass";
    settled_month: Maybe<Date> = of.settled_on().map(Day::month), "该环节的判定月份（该月 1 日）；未判定为空", "month the outcome of the pass was decided, its first day; blank until then";
    sequence: Count = of.at as i32 + 1, "在工单的说明中按内容排列的序号，从 1 起", "its place among the claims of the application by what they say, from 1";
    delay_id: Maybe<Text> = of.claim.facts.delay_id.as_deref(), "说明编号", "identifier of the claim";
    names_stage: Flag = of.claim.facts.stage.is_some(), "说明是否指明环节", "whether the claim names a stage";
    cause: Text = of.names.text(of.claim.facts.cause), "原因代码，或导出文件中的原文", "code of the cause, or the export's own word";
    began_on: Date = of.claim.facts.began_on, "影响开始日期（当日不计）", "day it began; not counted itself";
    ended_on: Maybe<Date> = of.claim.ended_on, "影响结束日期；未结束为空", "day it ended; blank while it lasts";
    reported_on: Maybe<Date> = of.claim.reported_on, "报送日期；未报送为空", "day it was reported; blank where it was not";
    ruling: Code<Ruling> = of.claim.facts.ruling, "核实结论：pending 待核实，admitted 属实，rejected 不属实", "ruling: `pending`, `admitted` or `rejected`";
    reason: Maybe<Text> = of.claim.facts.reason.as_deref(), "情况说明", "what is said of it";
    verdict: Code<Verdict> = of.judged.verdict, "认定：按规则次序第一条不满足者，全部满足为 admitted", "verdict: the first rule that fails, in order, or `admitted`";
    claimed_wd: Count = of.judged.claimed_wd, "说明在该环节期内的工作日", "working days of the claim inside the pass";
    admitted_wd: Count = of.judged.admitted_wd, "其中剔除的工作日；未认定为 0", "the same if it was admitted, else 0";
    inside_after: Maybe<Date> = of.judged.inside.map(|span| span.after), "在该环节期内一段的起点（当日不计）", "start of the part inside the pass; the day itself is not counted";
    inside_until: Maybe<Date> = of.judged.inside.map(|span| span.until), "在该环节期内一段的最后一天", "last day of the part inside the pass";
}

/// The table of the claims that name no stage: of the same columns.
pub const OF_WHOLE: Table = Table {
    name: "application_claims",
    grain: &["application_id", "sequence"],
    meaning: Meaning {
        zh: "未指明环节的延误说明一行，按整张工单及其应送电日期认定；列同 claims，环节各列为空。",
        en: "One row per claim that names no stage, judged against the whole application and its due day; columns as in claims, those of the stage blank.",
    },
    columns: Claims::TABLE.columns,
};

/// A claim and what it is judged against.
pub struct Judged<'a> {
    /// The application.
    pub standing: &'a Standing<'a>,
    /// The stage pass; none: the whole application.
    pub against: Option<&'a JudgedPass<'a>>,
    /// The claim.
    pub claim: &'a KnownClaim<'a>,
    /// Its place among those of the application.
    pub at: usize,
    /// The verdict.
    pub judged: &'a Judgement,
    /// The texts behind the numbers.
    pub names: &'a Names,
}

impl<'a> Judged<'a> {
    fn maybe(&self, name: Option<Name>) -> Option<&'a str> {
        name.map(|name| self.names.text(name))
    }

    fn settled_on(&self) -> Option<Day> {
        self.against.and_then(|judged| judged.reading.settled_on)
    }
}

/// The place of each claim of an application by what it says, the same in whatever order the exports have them.
pub fn places(standing: &Standing<'_>, names: &Names) -> Vec<usize> {
    let said = |claim: usize| {
        let KnownClaim { facts, ended_on, reported_on } = standing.claims[claim];
        let stage = facts.stage.map(|stage| names.text(stage));
        let ruled = (facts.ruling.code(), facts.reason.as_deref());
        (facts.began_on, facts.delay_id.as_deref(), stage, names.text(facts.cause), ended_on, reported_on, ruled)
    };
    let mut order: Vec<usize> = (0..standing.claims.len()).collect();
    order.sort_by(|one, other| said(*one).cmp(&said(*other)));
    let mut places = vec![0; order.len()];
    for (place, claim) in order.into_iter().enumerate() {
        places[claim] = place;
    }
    places
}

/// The verdicts on the claims of an application against its stage passes.
pub fn of_stages<'a>(
    standing: &'a Standing<'a>,
    places: &'a [usize],
    names: &'a Names,
) -> impl Iterator<Item = Judged<'a>> {
    standing.passes.iter().flat_map(move |pass| {
        pass.concerned.iter().zip(&pass.reading.verdicts).map(move |(claim, judged)| Judged {
            standing,
            against: Some(pass),
            claim: &standing.claims[*claim],
            at: places[*claim],
            judged,
            names,
        })
    })
}

/// The verdicts on the claims of an application that name no stage, against the whole of it.
pub fn of_whole<'a>(
    standing: &'a Standing<'a>,
    places: &'a [usize],
    names: &'a Names,
) -> impl Iterator<Item = Judged<'a>> {
    standing.of_whole.iter().map(move |(claim, judged)| Judged {
        standing,
        against: None,
        claim: &standing.claims[*claim],
        at: places[*claim],
        judged,
        names,
    })
}
