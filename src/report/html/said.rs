//! What a page says besides its figures: what a reader must know first, and what the figures were computed by.

use crate::cases::apart::{self, Kept};
use crate::clean::Totals;
use crate::clock::Pending;
use crate::contract::{self, TABLES};
use crate::report::Input;
use crate::rules::vocabulary::Cause;
use crate::words::Lang;

/// Whom readers can ask; for the public also until when the next report counts.
pub(super) fn foot(input: &Input<'_>) -> Vec<String> {
    let lang = input.lang;
    let contact = input.config.house.contact.get(lang);
    let contact = (!contact.is_empty()).then(|| lang.pick(format!("联系：{contact}"), format!("Contact: {contact}")));
    let next = input.config.pipeline.public.then(|| {
        let next = input.period.rhythm.next(input.as_of);
        lang.pick(format!("下一期统计至 {next}。"), format!("The next issue counts up to {next}."))
    });
    contact.into_iter().chain(next).collect()
}

/// What a reader must know before the figures.
pub(super) fn notices(input: &Input<'_>) -> Vec<String> {
    let lang = input.lang;
    let blind = apart::blind(&input.config.pipeline.only);
    let mut notices: Vec<String> = input.kept.map(|kept| about_some(input, *kept, &blind)).into_iter().collect();
    if !input.uncovered_years.is_empty() {
        let years = input.uncovered_years.iter().map(i32::to_string).collect::<Vec<_>>().join(lang.pick("、", ", "));
        notices.push(lang.pick(
            format!("工作日历未覆盖 {years} 年（放假安排尚未公布或未收录），涉及该年的时限只扣除周末。"),
            format!("The calendar does not cover {years}: in those years only weekends are off."),
        ));
    }
    let missing: Vec<String> = TABLES
        .iter()
        .filter(|table| !input.given.has(table.name) && !blind.contains(&table.name) && input.needs(table.name))
        .map(|table| contract::title(table.name, lang))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(lang.pick("、", ", "));
        notices.push(lang.pick(
            format!("没有导入：{missing}。相关指标为「无数据」，不是零。"),
            format!("Not given: {missing}. What needs them says “no data”, which is not zero."),
        ));
    }
    // What the office has to mend is no news for the public.
    if input.config.pipeline.public {
        return notices;
    }
    let absent = input.ledger.survey.absent.iter().filter(|absent| absent.is_looked_after());
    notices.extend(absent.map(|absent| absent.say(lang) + lang.pick("。", ".")));
    let totals = input.totals;
    if totals.later_applications > 0 {
        let (count, as_of) = (totals.later_applications, input.as_of);
        notices.push(lang.pick(
            format!("{as_of} 之后受理的 {count} 户不在本报告内。"),
            format!("Left out are {count} applications that were accepted after {as_of}."),
        ));
    }
    if totals.claims_without_stage > 0 {
        let count = totals.claims_without_stage;
        notices.push(lang.pick(
            format!("有 {count} 条延误说明不涉及任何环节记录（环节不存在或时间不重叠），未计入剔除。"),
            format!(
                "{count} delay claims concern no stage record (no such stage, or no overlap) and take nothing out."
            ),
        ));
    }
    if totals.without_due > 0 {
        let count = totals.without_due;
        notices.push(lang.pick(
            format!("有 {count} 户在途申请没有承诺日期，也没有适用的总时限，因此没有应送电日期。"),
            format!("{count} open applications have no promise and no standard total limit, and so no due date."),
        ));
    }
    notices.extend(input.doubts.iter().map(|doubt| doubt.get(lang).to_owned() + lang.pick("。", ".")));
    notices
}

/// That the report is about some applications only, and what cannot be said of them.
fn about_some(input: &Input<'_>, kept: Kept, blind: &[&'static str]) -> String {
    let lang = input.lang;
    let (only, Kept { applications, of }) = (input.config.pipeline.only.say(lang), kept);
    let about = lang.pick(
        format!("本报告只含：{only}（{of} 户中的 {applications} 户）。未涉及工单的走访和协调事项不在内。"),
        format!("This report is about some applications only: {only} ({applications} of {of}). Visits and requests about no application are left out."),
    );
    let titles: Vec<String> = blind
        .iter()
        .filter(|table| input.ledger.files.iter().any(|file| file.table == **table))
        .map(|table| contract::title(table, lang))
        .collect();
    if titles.is_empty() {
        return about;
    }
    let titles = titles.join(lang.pick("、", ", "));
    about
        + &lang.pick(
            format!("无法按此划分而不在内的数据：{titles}；相关指标为「无数据」。"),
            format!(" Left out too, as nobody can say which of their rows belong here: {titles}; what needs them says “no data”."),
        )
}

/// What the figures were computed by.
pub(super) fn rules(input: &Input<'_>) -> Vec<(String, String)> {
    let lang = input.lang;
    let config = input.config;
    let pair = |zh: &str, en: &str, value: String| (lang.pick(zh, en).to_owned(), value);
    let causes = config.rules.excludable_causes.iter().map(|cause| Cause::name(cause, lang)).collect::<Vec<_>>();
    let [first, last] = config.calendar.covered();
    let name = config.calendar_name.get(lang);
    let zone = config.zone.map_or_else(|| lang.pick("未指明", "none named").to_owned(), |zone| zone.to_string());
    let totals = input.totals;
    vec![
        pair("统计日", "as-of day", input.as_of.to_string()),
        pair(
            "工作日历",
            "working days",
            lang.pick(
                format!("{name}，{first}–{last} 年；首日不计"),
                format!("{name}, {first}–{last}; the first day is not counted"),
            ),
        ),
        pair("时区", "time zone", zone),
        pair("标准时限", "standard limits", config.standards.called(lang)),
        pair("可剔除原因", "excludable causes", causes.join(lang.pick("、", ", "))),
        pair(
            "待核实的说明",
            "claims not ruled on",
            match config.rules.pending {
                Pending::Admit => lang.pick("暂剔除，另作标明", "taken out provisionally, and marked so"),
                Pending::Refuse => lang.pick("不计入剔除", "refused"),
            }
            .to_owned(),
        ),
        pair(
            "未结束的说明",
            "claims without an end",
            lang.pick(
                format!(
                    "核实属实的算至统计日；其余自最后一次得知（开始、报送、确认）起采信 {} 个工作日",
                    config.rules.open_claim_wd
                ),
                format!(
                    "up to the as-of day if admitted, else for {} working days after they began, were reported or were last \
                     confirmed",
                    config.rules.open_claim_wd
                ),
            ),
        ),
        pair(
            "按时报送",
            "timely report",
            if config.rules.require_timely_report {
                lang.pick("须在环节要求完成日及以前报送", "required by the stage's due date")
            } else {
                lang.pick("不要求", "not required")
            }
            .to_owned(),
        ),
        pair(
            "申请",
            "applications",
            lang.pick(
                format!(
                    "{} 户：已送电 {}，在途 {}，已撤销 {}",
                    totals.applications, totals.energised, totals.open, totals.cancelled
                ),
                format!(
                    "{}: {} energised, {} open, {} cancelled",
                    totals.applications, totals.energised, totals.open, totals.cancelled
                ),
            ),
        ),
        pair("环节", "stages", stages_text(totals, lang)),
    ]
}

/// How many stage passes there are, and what must be known about them.
fn stages_text(totals: &Totals, lang: Lang) -> String {
    let Totals { passes, not_assessed, starts_taken, .. } = totals;
    let text = lang.pick(
        format!("{passes} 项，其中 {not_assessed} 项没有时限（只计数，不进入任何比率）"),
        format!("{passes}, of which {not_assessed} have no limit (counted, and in no rate)"),
    );
    match starts_taken {
        0 => text,
        _ => {
            text + &lang.pick(
                format!("；{starts_taken} 项没有开始时间，取自上一环节的完成"),
                format!("; {starts_taken} have no start of their own: that is the finish of the stage before"),
            )
        }
    }
}
