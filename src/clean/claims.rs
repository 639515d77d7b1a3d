//! One row per verdict on a delay claim: against each stage pass that it concerns, and against the whole application.

use crate::calendar::Day;
use crate::cases::standing::{Judge, JudgedPass, Standing};
use crate::cases::{KnownClaim, Name, Names};
use crate::clock::{Covered, Judgement, Ruling, Verdict};
use crate::flow::End;
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
    named_stage: Maybe<Text> = of.maybe(of.claim.facts.stage), "说明所指的环节；未指明为空", "stage that the claim names; blank where it names none";
    named_department: Maybe<Text> = of.maybe(of.named_department()), "所指环节最近一次办理的责任部门；未指明或尚未办理为空", "department of the last pass of the stage that it names; blank without one";
    cause: Text = of.names.text(of.claim.facts.cause), "原因代码，或导出文件中的原文", "code of the cause, or the export's own word";
    began_on: Date = of.claim.facts.began_on, "影响开始日期（当日不计）", "day it began; not counted itself";
    ended_on: Maybe<Date> = of.claim.ended_on, "影响结束日期；未结束为空", "day it ended; blank while it lasts";
    reported_on: Maybe<Date> = of.claim.reported_on, "报送日期；未报送为空", "day it was reported; blank where it was not";
    confirmed_on: Maybe<Date> = of.claim.confirmed_on, "最近一次确认仍在持续的日期", "day it was last confirmed to go on";
    covered_until: Date = of.covered.span.until, "算至的日期：结束之日；未结束的，属实者算至统计日，其余算至不再采信之日", "last day it stands for: its end; while it is open, the as-of day if it was admitted, else the last day it is believed";
    age_wd: Count = of.working_days_since(of.claim.reported_on.unwrap_or(of.claim.facts.began_on)), "报送（未报送的，影响开始）至统计日的工作日", "working days from the day it was reported, else began, to the as-of day";
    is_excludable: Flag = of.judged.verdict != Verdict::NotExcludable, "原因是否可剔除", "whether its cause is one whose delays are taken out";
    ruling: Code<Ruling> = of.claim.ruling, "核实结论：pending 待核实，admitted 属实，rejected 不属实", "ruling: `pending`, `admitted` or `rejected`";
    ruled_on: Maybe<Date> = of.claim.ruled_on, "核实日期；未核实或导出未给出为空", "day of the ruling; blank without one, or where the export has no day";
    ruled_by: Maybe<Text> = of.claim.ruled_by, "核实人", "who ruled";
    reason: Maybe<Text> = of.claim.facts.reason.as_deref(), "情况说明", "what is said of it";
    verdict: Code<Verdict> = of.judged.verdict, "认定：按规则次序第一条不满足者；全部满足的，已核实为 admitted，未核实为 provisional", "verdict: the first rule that fails, in order; if none does, `admitted` where it was ruled on, else `provisional`";
    claimed_wd: Count = of.judged.claimed_wd, "说明在该环节期内的工作日", "working days of the claim inside the pass";
    admitted_wd: Count = of.judged.admitted_wd, "其中剔除的工作日（含暂剔除）；不剔除为 0", "the same if they are taken out, provisionally too, else 0";
    provisional_wd: Count = if of.judged.verdict == Verdict::Provisional { of.judged.admitted_wd } else { 0 }, "其中暂剔除的工作日", "of them, those taken out provisionally";
    lapsed_wd: Count = of.judged.lapsed_wd, "未结束、也未核实属实的说明，不再采信之后在该环节期内的工作日", "working days inside the pass for which an open claim that was not admitted is no longer believed";
    lapses_on: Maybe<Date> = of.covered.believed_until, "未结束、也未核实属实的说明，最后采信之日（可在统计日之后）；其余为空", "last day that an open claim that was not admitted is believed, which may lie after the as-of day; blank for others";
    lapses_in_wd: Maybe<Count> = of.covered.believed_until.map(|day| of.working_days_until(day)), "统计日至该日的工作日；负数为已过", "working days from the as-of day to it; negative once it has passed";
    pass_is_open: Flag = of.pass_is_open(), "该环节是否仍在办理；针对整张工单的为否", "whether the pass is still being worked on; false for a claim against the whole application";
    over_if_admitted_wd: Maybe<Count> = of.over_by_ruling[0], "若核实为属实，该环节净超时的工作日；已核实或没有时限为空", "working days over the limit of the pass were it admitted; blank where it is ruled on or there is no limit";
    over_if_rejected_wd: Maybe<Count> = of.over_by_ruling[1], "若核实为不属实，该环节净超时的工作日；已核实或没有时限为空", "the same were it rejected";
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

/// The table of the claims that name a stage of which no pass has a clock: of the same columns.
pub const UNHEARD: Table = Table {
    name: "unheard_claims",
    grain: &["application_id", "sequence"],
    meaning: Meaning {
        zh: "指明了环节、而工单没有该环节的在计时记录（没有这个环节，或尚未开始、未经办理）的延误说明一行：没有剔除任何工作日；列同 claims，环节各列为空，所指环节见 named_stage。",
        en: "One row per claim that names a stage of which the application has no pass with a clock (no such stage, or not begun, or passed over): it takes nothing out; columns as in claims, those of the stage blank, the stage named in named_stage.",
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
    /// How far the pass would be over its limit were the claim admitted, and were it rejected; nothing where it is ruled on.
    over_by_ruling: [Option<i32>; 2],
    /// The days that it stands for.
    covered: Covered,
    /// The verdict.
    pub judged: Judgement,
    /// Who judged it.
    judge: &'a Judge<'a>,
    /// The texts behind the numbers.
    pub names: &'a Names,
}

impl<'a> Judged<'a> {
    fn maybe(&self, name: Option<Name>) -> Option<&'a str> {
        name.map(|name| self.names.text(name))
    }

    fn working_days_since(&self, day: Day) -> i32 {
        self.judge.clock.calendar.working_days(day, self.judge.clock.as_of)
    }

    fn working_days_until(&self, day: Day) -> i32 {
        self.judge.clock.calendar.working_days(self.judge.clock.as_of, day)
    }

    fn pass_is_open(&self) -> bool {
        let is_open = self.standing.end == End::Open;
        is_open && self.against.is_some_and(|judged| judged.stage.started_at.is_some() && !judged.pass.finished)
    }

    fn named_department(&self) -> Option<Name> {
        let stage = self.claim.facts.stage?;
        self.standing
            .passes
            .iter()
            .rev()
            .find(|judged| judged.stage.stage == stage)
            .map(|judged| judged.stage.department)
    }

    fn settled_on(&self) -> Option<Day> {
        self.against.and_then(|judged| judged.reading.settled_on)
    }
}

/// The place of each claim of an application by what it says, the same in whatever order the exports have them.
pub fn places(standing: &Standing<'_>, names: &Names) -> Vec<usize> {
    let said = |claim: usize| {
        let KnownClaim { facts, ended_on, reported_on, confirmed_on, ruling, ruled_on, ruled_by } =
            standing.claims[claim];
        let stage = facts.stage.map(|stage| names.text(stage));
        let ruled = (ruling.code(), facts.reason.as_deref(), confirmed_on, ruled_on, ruled_by);
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

/// The verdicts of an application's claims.
#[derive(Clone, Copy)]
pub struct Verdicts<'a> {
    /// The application.
    pub standing: &'a Standing<'a>,
    /// Who judged it.
    pub judge: &'a Judge<'a>,
    /// The place of each claim by what it says.
    pub places: &'a [usize],
}

impl<'a> Verdicts<'a> {
    /// Against its stage passes.
    pub fn of_stages(self) -> impl Iterator<Item = Judged<'a>> {
        self.standing.passes.iter().flat_map(move |pass| {
            let judged = pass.concerned.iter().zip(&pass.reading.verdicts);
            judged.map(move |(claim, judged)| self.judged(*claim, Some(pass), *judged))
        })
    }

    /// Of those that name no stage, against the whole of it.
    pub fn of_whole(self) -> impl Iterator<Item = Judged<'a>> {
        self.standing.of_whole.iter().map(move |(claim, judged)| self.judged(*claim, None, *judged))
    }

    /// Of those that name a stage of which no pass has a clock.
    pub fn unheard(self) -> impl Iterator<Item = Judged<'a>> {
        let Standing { claims, whole, .. } = self.standing;
        let named = self.standing.unheard().filter(|claim| claims[*claim].facts.stage.is_some());
        named.map(move |claim| self.judged(claim, None, self.judge.of_no_pass(&claims[claim], whole)))
    }

    fn judged(self, number: usize, against: Option<&'a JudgedPass<'a>>, judged: Judgement) -> Judged<'a> {
        let claim = &self.standing.claims[number];
        let over_by_ruling = match against {
            Some(pass) if claim.ruling == Ruling::Pending => self.judge.over_by_ruling(pass, number),
            _ => [None; 2],
        };
        Judged {
            standing: self.standing,
            against,
            claim,
            at: self.places[number],
            over_by_ruling,
            covered: self.judge.covered(claim),
            judged,
            judge: self.judge,
            names: self.judge.names,
        }
    }
}
