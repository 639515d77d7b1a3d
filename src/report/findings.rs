//! What a report says first, in sentences made from its figures: what changed, who is worst, what hangs, what is to be done.
//!
//! Each finding is about one mart of the report and says nothing where there is nothing to say. Fewer than ten are told as
//! «3 of 7», and no sentence speaks of probabilities.

use std::collections::BTreeMap;

use super::Input;
use super::headline::{FEW, bottleneck, effect, in_points};
use super::rows::{Rows, Where};
use crate::cells::{percent, points};
use crate::decimal::fixed;
use crate::error::Result;
use crate::words::Lang;

/// The most sentences that a report begins with.
const MOST: usize = 5;

/// One kind of finding.
struct Finding {
    /// The mart that it is about.
    mart: &'static str,
    /// The columns that it takes; where one is missing from a mart of one's own, nothing is said.
    columns: &'static [&'static str],
    say: fn(&Input<'_>, &Rows<'_>) -> Result<Option<String>>,
}

/// In the order in which they are told.
const FINDINGS: [Finding; 10] = [
    Finding { mart: "mode_effect", columns: &["scope", "measure", "difference"], say: comparison },
    Finding { mart: "month_overdue", columns: &["month", "settled", "overdue_net"], say: overdue },
    Finding {
        mart: "department_month",
        columns: &["month", "department", "settled", "overdue_net", "rate_ranked", "signal"],
        say: departments,
    },
    Finding { mart: "bottleneck_department", columns: &["department", "critical_share"], say: path },
    Finding { mart: "key_project", columns: &["state", "remaining_wd", "department", "application_id"], say: projects },
    Finding { mart: "reminder", columns: &["department", "urgency"], say: reminders },
    Finding {
        mart: "long_open",
        columns: &["past_original", "original_remaining_wd", "application_id", "bureau", "department", "current_stage"],
        say: hanging,
    },
    Finding { mart: "claims_to_rule", columns: &["department", "turns", "points_at_stake"], say: claims },
    Finding { mart: "callback_issue", columns: &["department", "verified", "open_now"], say: issues },
    Finding { mart: "request_waiting", columns: &["department", "waited_days"], say: requests },
];

/// The sentences that a report begins with.
pub(super) fn all(input: &Input<'_>) -> Result<Vec<String>> {
    let mut said = Vec::new();
    if input.config.pipeline.public {
        return Ok(said);
    }
    for Finding { mart, columns, say } in &FINDINGS {
        let Some(known) = input.catalogue.marts.iter().find(|known| known.name == *mart) else { continue };
        let is_there = columns.iter().all(|column| known.definition.has(column));
        // What was computed for something else is no part of this report.
        let is_shown = input.contents.marts.contains(*mart);
        if said.len() < MOST
            && is_there
            && is_shown
            && input.given.all(&known.definition.needs)
            && let Some(rows) = Rows::of(input, mart, &Where::new())?
        {
            said.extend(say(input, &rows)?);
        }
    }
    Ok(said)
}

/// So many stages of so many, as a share too where there are enough.
fn of(part: i64, whole: i64, lang: Lang) -> String {
    let share = match whole < FEW {
        true => String::new(),
        false => {
            let share = percent(part as f64 / whole as f64);
            lang.pick(format!("（{share}）"), format!(" ({share})"))
        }
    };
    lang.pick(format!("{whole} 项中 {part} 项{share}"), format!("{part} of {whole}{share}"))
}

/// The name that stands in most rows that are wanted, and in how many; the first by name of equals.
fn most_named(names: &[String], is_wanted: impl Fn(usize) -> bool) -> Option<(&str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, name) in names.iter().enumerate().filter(|(row, name)| !name.is_empty() && is_wanted(*row)) {
        *counts.entry(name).or_default() += 1;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count)
}

/// With whom the most of it is.
fn mostly(named: Option<(&str, usize)>, unit: &str, lang: Lang) -> String {
    named.map_or_else(String::new, |(name, count)| {
        lang.pick(format!("，{name}最多（{count} {unit}）"), format!(", the most with {name} ({count})"))
    })
}

/// Whether order-style is faster among like cases.
fn comparison(input: &Input<'_>, _: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let Some((days, interval, [order, conventional])) = effect::matched_days(input)? else { return Ok(None) };
    let size = fixed(days.abs(), 1);
    let cases = lang.pick(
        format!("依据订单式 {order} 户、常规 {conventional} 户"),
        format!("{order} order-style and {conventional} conventional applications"),
    );
    let by = lang.pick(
        format!("同类相比，订单式平均{} {size} 天", if days < 0.0 { "少用" } else { "多用" }),
        format!(
            "Among like applications order-style takes {size} days {} on average",
            if days < 0.0 { "less" } else { "more" }
        ),
    );
    let verdict = match interval {
        Some((_, high)) if high < 0.0 => lang.pick("，可以认为更快", ": it is faster"),
        Some((low, _)) if low > 0.0 => lang.pick("，可以认为更慢", ": it is slower"),
        Some(_) => lang.pick("，还不能说两者有差别", ", which does not show that they differ"),
        None => lang.pick("，户数太少，不下结论", ", of too few to conclude anything"),
    };
    let others = effect::agreement(input)?.map_or_else(String::new, |others| {
        lang.pick(format!("；换一种算法，{others}"), format!("; by other methods, {others}"))
    });
    Ok(Some(lang.pick(format!("{by}{verdict}（{cases}）{others}。"), format!("{by}{verdict} ({cases}){others}."))))
}

/// How many stages of the month were overdue, and what that is against other months.
fn overdue(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let (lang, month) = (input.lang, input.month());
    let sums = rows.sums(&rows.months()?, "overdue_net", "settled")?;
    let rate =
        |month| sums.get(&month).filter(|(_, whole)| *whole >= FEW).map(|(part, whole)| *part as f64 / *whole as f64);
    let Some((part, whole)) = sums.get(&month).filter(|(_, whole)| *whole > 0) else { return Ok(None) };
    let mut text = lang.pick(
        format!("{} 判定的环节剔除后超时：{}", month.month_label(), of(*part, *whole, lang)),
        format!("Overdue of the stages settled in {}, net: {}", month.month_label(), of(*part, *whole, lang)),
    );
    if let Some(now) = rate(month) {
        if let Some(before) = rate(month.month_before()) {
            text += lang.pick("，", "; ");
            text += &in_points(points(now, before), lang);
        }
        if let Some(before) = rate(month.minus_months(12)) {
            let moved = points(now, before);
            text += &lang
                .pick(format!("，较去年同月 {moved:+.1} 个百分点"), format!(", {moved:+.1} points on the year before"));
        }
    }
    Ok(Some(text + lang.pick("。", ".")))
}

/// The department with the highest rate, or with the most overdue where none has enough for a rate.
fn departments(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let (lang, month) = (input.lang, input.month());
    let of_month: Vec<bool> = rows.months()?.into_iter().map(|of| of == Some(month)).collect();
    let (names, signals) = (rows.texts("department")?, rows.texts("signal")?);
    let (settled, late, ranked) = (rows.counts("settled")?, rows.counts("overdue_net")?, rows.numbers("rate_ranked")?);
    let this_month = || (0..rows.len()).filter(|row| of_month[*row]);
    let shown = |row: usize| of(late[row], settled[row], lang);
    let by_rate = |a: &usize, b: &usize| {
        let rate = |row: usize| ranked[row].unwrap_or(-1.0);
        rate(*a).total_cmp(&rate(*b)).then(late[*a].cmp(&late[*b])).then_with(|| names[*b].cmp(&names[*a]))
    };
    if let Some(worst) = this_month().filter(|row| ranked[*row].is_some_and(|rate| rate > 0.0)).max_by(by_rate) {
        let beyond: Vec<usize> = this_month().filter(|row| signals[*row] == "high").collect();
        let others: Vec<&str> = beyond.iter().filter(|row| **row != worst).map(|row| names[*row].as_str()).collect();
        let others = others.join(lang.pick("、", ", "));
        let beyond = match (beyond.contains(&worst), others.is_empty()) {
            (true, true) => lang
                .pick("，明显高于其环节应有的水平", ", clearly beyond what its stages would lead one to expect")
                .to_owned(),
            (true, false) => lang.pick(
                format!("，明显高于其环节应有的水平；{others}也是"),
                format!(", clearly beyond what its stages would lead one to expect, as is {others}"),
            ),
            (false, true) => {
                lang.pick("，还不能说高于其环节应有的水平", ", for which its stages may account").to_owned()
            }
            (false, false) => lang.pick(
                format!("，还不能说高于其环节应有的水平；明显高于的是{others}"),
                format!(", for which its stages may account; clearly beyond what is to be expected: {others}"),
            ),
        };
        return Ok(Some(lang.pick(
            format!("超时率最高的是{}：{}{beyond}。", names[worst], shown(worst)),
            format!("The highest rate is that of {}: {}{beyond}.", names[worst], shown(worst)),
        )));
    }
    let is_any_ranked = this_month().any(|row| ranked[row].is_some());
    let most = this_month()
        .filter(|row| late[*row] > 0)
        .max_by(|a, b| late[*a].cmp(&late[*b]).then_with(|| names[*b].cmp(&names[*a])));
    let before = match is_any_ranked {
        true => lang.pick("判定数够排名的部门都没有超时", "No department with enough stages to be ranked was overdue"),
        false => lang.pick("各部门判定数都不够排名", "No department has enough stages to be ranked"),
    };
    Ok(most.map(|row| {
        lang.pick(
            format!("{before}；超时最多的是{}：{}。", names[row], shown(row)),
            format!("{before}; the most are with {}: {}.", names[row], shown(row)),
        )
    }))
}

/// Who holds the critical path, and what it would bring to meet the limits.
fn path(input: &Input<'_>, _: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let held = bottleneck::holds_most(input)?.map(|(department, share)| {
        let share = percent(share);
        lang.pick(
            format!("关键路径上占比最大的是{department}（{share}）"),
            format!("{department} holds most of the critical path ({share})"),
        )
    });
    let gain = bottleneck::gains_most(input)?.map(|(department, mean, after)| {
        let [mean, after] = [mean, after].map(|days| fixed(days, 1));
        lang.pick(
            format!("若{department}都在时限内办完，平均周期由 {mean} 天降到 {after} 天"),
            format!("had {department} met its limits, the mean cycle of {mean} days would have been {after}"),
        )
    });
    let parts: Vec<String> = held.into_iter().chain(gain).collect();
    Ok((!parts.is_empty()).then(|| parts.join(lang.pick("；", "; ")) + lang.pick("。", ".")))
}

/// Key projects that are past their due dates.
fn projects(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let (states, left, departments) = (rows.texts("state")?, rows.numbers("remaining_wd")?, rows.texts("department")?);
    let open: Vec<usize> = (0..rows.len()).filter(|row| states[*row] == "open").collect();
    if open.is_empty() {
        return Ok(None);
    }
    let late = |row: usize| left[row].is_some_and(|days| days < 0.0);
    let count = open.iter().filter(|row| late(**row)).count();
    let most = mostly(most_named(&departments, |row| open.contains(&row) && late(row)), "个", lang);
    let open = open.len();
    Ok(Some(match count {
        0 => lang.pick(
            format!("在办重点项目 {open} 个，都未过应送电日期。"),
            format!("{open} key projects are open, none of them past its due date."),
        ),
        _ => lang.pick(
            format!("在办重点项目 {open} 个，已过应送电日期 {count} 个{most}。"),
            format!("{open} key projects are open, {count} of them past their due dates{most}."),
        ),
    }))
}

/// Stages that are to be finished at once.
fn reminders(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let (departments, urgencies) = (rows.texts("department")?, rows.texts("urgency")?);
    let (all, breached) = (rows.len(), urgencies.iter().filter(|urgency| *urgency == "breached").count());
    if all == 0 {
        return Ok(None);
    }
    let most = mostly(most_named(&departments, |_| true), "项", lang);
    Ok(Some(lang.pick(
        format!("需要催办的环节 {all} 项，其中已超时 {breached} 项{most}。"),
        format!("{all} stages are to be hastened, {breached} of them overdue already{most}."),
    )))
}

/// Open applications beyond their original due dates, and the oldest.
fn hanging(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let past = rows.flags("past_original")?;
    let left = rows.numbers("original_remaining_wd")?;
    let late = (0..rows.len()).filter(|row| past[*row]);
    let Some(oldest) = late.clone().min_by(|a, b| {
        let days = |row: usize| left[row].unwrap_or(0.0);
        days(*a).total_cmp(&days(*b))
    }) else {
        return Ok(None);
    };
    let (count, over) = (late.count(), fixed(-left[oldest].unwrap_or(0.0), 0));
    let (id, bureau) = (&rows.texts("application_id")?[oldest], &rows.texts("bureau")?[oldest]);
    let (stage, department) = (&rows.texts("current_stage")?[oldest], &rows.texts("department")?[oldest]);
    let stage = rows.words(input, "current_stage", stage);
    let now = match stage.is_empty() || department.is_empty() {
        true => lang.pick("目前没有在办环节".to_owned(), "no stage of it is running".to_owned()),
        false => lang.pick(format!("现在{department}办“{stage}”"), format!("now with {department} ({stage})")),
    };
    Ok(Some(lang.pick(
        format!("在途申请已过原定送电日期 {count} 户；最久的是 {id}（{bureau}），超出 {over} 个工作日，{now}。"),
        format!("{count} open applications are past their original dates; the longest is {id} ({bureau}), by {over} working days, {now}."),
    )))
}

/// Claims that wait for a ruling.
fn claims(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let turns = rows.flags("turns")?;
    let decide = turns.iter().filter(|turns| **turns).count();
    let at_stake: f64 = rows.numbers("points_at_stake")?.into_iter().flatten().sum();
    let all = rows.len();
    if all == 0 {
        return Ok(None);
    }
    let points = match at_stake > 0.0 {
        true => lang.pick(
            format!("，关系考核 {} 分", fixed(at_stake, 1)),
            format!(", with {} points at stake", fixed(at_stake, 1)),
        ),
        false => String::new(),
    };
    let departments = rows.texts("department")?;
    let most = mostly(most_named(&departments, |row| decide == 0 || turns[row]), "条", lang);
    Ok(Some(match decide {
        0 => lang.pick(format!("待核实的延误说明 {all} 条（按环节），都不影响超时与否{most}。"), format!("{all} delay claims, counted by stage, wait for a ruling; none decides whether a stage is overdue{most}.")),
        _ => lang.pick(
            format!("待核实的延误说明 {all} 条（按环节），其中 {decide} 条决定环节是否超时{points}{most}：请先核实这些。"),
            format!("{all} delay claims, counted by stage, wait for a ruling; {decide} of them decide whether a stage is overdue{points}{most}: rule on these first."),
        ),
    }))
}

/// Issues that customers named and nobody has settled.
fn issues(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let (open, departments) = (rows.counts("open_now")?, rows.texts("department")?);
    let mut by_department: BTreeMap<&str, i64> = BTreeMap::new();
    for (name, open) in departments.iter().zip(&open).filter(|(name, _)| !name.is_empty()) {
        *by_department.entry(name).or_default() += open;
    }
    let all: i64 = open.iter().sum();
    if all == 0 {
        return Ok(None);
    }
    let most = by_department.into_iter().rev().max_by_key(|(_, open)| *open);
    let most = mostly(most.map(|(name, open)| (name, usize::try_from(open).unwrap_or_default())), "个", lang);
    Ok(Some(lang.pick(
        format!("回访反映而未整改的问题 {all} 个{most}。"),
        format!("{all} issues that customers named in callbacks are not settled{most}."),
    )))
}

/// Requests that departments have not answered.
fn requests(input: &Input<'_>, rows: &Rows<'_>) -> Result<Option<String>> {
    let lang = input.lang;
    let waited = rows.numbers("waited_days")?.into_iter().flatten().fold(0.0, f64::max);
    let all = rows.len();
    if all == 0 {
        return Ok(None);
    }
    let departments = rows.texts("department")?;
    let most = mostly(most_named(&departments, |_| true), "件", lang);
    let waited = fixed(waited, 0);
    Ok(Some(lang.pick(
        format!("未答复的协调事项 {all} 件，最久的已等 {waited} 天{most}。"),
        format!("{all} requests wait for an answer, one of them for {waited} days{most}."),
    )))
}
