//! The monthly assessment case by case: every overdue stage with its arithmetic and proposal, every claim with its verdict.

use super::Input;
use super::facts::{ClaimFact, Facts, StageFact};
use crate::calendar::Day;
use crate::cells::{Cell, Format, Part, Table, column};
use crate::clock::Verdict;
use crate::rules::vocabulary::{Cause, Mode};
use crate::words::Lang;

/// 考核表: every stage that ran out of time in the month, with its arithmetic and an empty column for the verification.
pub fn overdue(input: &Input<'_>, facts: &Facts) -> Table {
    let lang = input.lang;
    let proposal = &input.config.scorecard.proposal;
    let columns = match lang {
        Lang::Zh => [
            "序号",
            "责任部门",
            "工单编号",
            "供电单位",
            "服务方式",
            "环节",
            "次数",
            "开始日期",
            "完成日期",
            "要求完成",
            "时限",
            "毛工作日",
            "剔除",
            "净工作日",
            "超时",
            "超时起日",
            "时限依据",
            "延误说明及认定",
            "考核建议（分）",
            "核实意见",
        ],
        Lang::En => [
            "no.",
            "department",
            "application",
            "bureau",
            "mode",
            "stage",
            "pass",
            "started",
            "finished",
            "due",
            "limit",
            "gross",
            "excluded",
            "net",
            "over",
            "breached on",
            "limit from",
            "claims and verdicts",
            "proposed points",
            "verification",
        ],
    };
    use Format::{Date, Decimal, Integer, Text, Wrapped};
    let formats = [
        Integer,
        Text,
        Text,
        Text,
        Text,
        Text,
        Integer,
        Date,
        Date,
        Date,
        Integer,
        Integer,
        Integer,
        Integer,
        Integer,
        Date,
        Text,
        Wrapped,
        Decimal(1),
        Wrapped,
    ];
    let columns = columns.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect();
    let rows: Vec<Vec<Cell>> = facts
        .overdue
        .iter()
        .enumerate()
        .map(|(i, stage)| {
            let claims: Vec<String> = stage.claims.iter().map(|claim| claim_text(claim, lang)).collect();
            let claims = if !input.given.has("delays") {
                lang.pick("无数据", "no data").to_owned()
            } else {
                claims.join("\n")
            };
            vec![
                Cell::Integer(i as i64 + 1),
                Cell::text(&stage.department),
                Cell::text(&stage.application_id),
                Cell::text(&stage.bureau),
                Cell::text(Mode::of_code(&stage.mode).map_or("", |mode| mode.title(lang))),
                Cell::text(input.config.process.name(&stage.stage, lang)),
                Cell::Integer(stage.pass),
                Cell::date(stage.started_on),
                stage.finished_on.map_or_else(|| Cell::text(lang.pick("在途", "open")), Cell::Date),
                Cell::date(stage.due_on),
                Cell::Integer(stage.limit_wd),
                Cell::Integer(stage.gross_wd),
                Cell::Integer(stage.excluded_wd),
                Cell::Integer(stage.net_wd),
                Cell::Integer(stage.over_wd),
                Cell::date(stage.breached_on),
                Cell::text(input.config.standards.source(&stage.limit_source, lang)),
                Cell::Text(claims),
                Cell::Number(proposal.points(stage.over_wd)),
                Cell::Empty,
            ]
        })
        .collect();
    let proposed = facts.overdue.iter().map(|stage| proposal.points(stage.over_wd)).sum();
    let sum = |of: fn(&StageFact) -> i64| Cell::Integer(facts.overdue.iter().map(of).sum());
    let mut total = vec![Cell::Empty; 20];
    total[0] = Cell::text(lang.pick("合计", "total"));
    total[2] = Cell::text(lang.pick(format!("{} 项", rows.len()), format!("{} stages", rows.len())));
    total[11] = sum(|stage| stage.gross_wd);
    total[12] = sum(|stage| stage.excluded_wd);
    total[13] = sum(|stage| stage.net_wd);
    total[14] = sum(|stage| stage.over_wd);
    total[18] = Cell::Number(proposed);
    Table {
        name: "overdue".to_owned(),
        title: lang.pick("考核表", "Assessment").to_owned(),
        about: lang
            .pick(
                "本月超时的每个环节（剔除客户原因后仍超时）。时限、毛/剔除/净工作日、超时均为工作日，首日不计；超时环节计入超时起日所在月。考核建议按 scorecard.toml 计算，以核实意见为准。",
                "Every stage that ran out of time in the month, net of the delays that customers caused. Limit, gross, excluded, net and over are working days, the first day not counted; a stage counts in the month of the day it breached. The points are a proposal by scorecard.toml; the verification decides.",
            )
            .to_owned(),
        columns,
        shown: (0..rows.len()).collect(),
        rows,
        total: Some(total),
        part: Part::Assessment,
        absent: None,
    }
}

/// `客户原因 2026-05-03 至 2026-05-09(05-05 报送):剔除 4 天`.
fn claim_text(claim: &ClaimFact, lang: Lang) -> String {
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let cause = Cause::name(&claim.cause, lang);
    let began = day(claim.began_on).unwrap_or_default();
    let ended = day(claim.ended_on);
    let verdict = Verdict::of_code(&claim.verdict).map_or("", |verdict| verdict.title(lang));
    match lang {
        Lang::Zh => format!(
            "{cause} {began} 至 {}，{}，{verdict}：申报 {} 天，剔除 {} 天",
            ended.unwrap_or_else(|| "今".to_owned()),
            day(claim.reported_on).map_or_else(|| "未报送".to_owned(), |day| format!("{day} 报送")),
            claim.claimed_wd,
            claim.admitted_wd
        ),
        Lang::En => format!(
            "{cause}, {began} to {}, {}; {verdict}: {} claimed, {} excluded",
            ended.unwrap_or_else(|| "date".to_owned()),
            day(claim.reported_on).map_or_else(|| "not reported".to_owned(), |day| format!("reported {day}")),
            claim.claimed_wd,
            claim.admitted_wd
        ),
    }
}

/// 剔除明细: every claim about a stage settled in the month, and why its days were or were not taken out.
pub fn claims(input: &Input<'_>, facts: &Facts) -> Table {
    let lang = input.lang;
    let titles = match lang {
        Lang::Zh => [
            "责任部门",
            "工单编号",
            "环节",
            "次数",
            "说明编号",
            "原因",
            "影响开始",
            "影响结束",
            "报送日期",
            "要求完成",
            "认定",
            "申报工作日",
            "剔除工作日",
            "结果",
        ],
        Lang::En => [
            "department",
            "application",
            "stage",
            "pass",
            "claim",
            "cause",
            "began",
            "ended",
            "reported",
            "due",
            "verdict",
            "claimed",
            "excluded",
            "outcome",
        ],
    };
    use Format::{Date, Integer, Text};
    let formats = [Text, Text, Text, Integer, Text, Text, Date, Date, Date, Date, Text, Integer, Integer, Text];
    let columns = titles.iter().zip(formats).map(|(title, format)| column(title, "", format)).collect();
    let rows: Vec<Vec<Cell>> = facts
        .claimed
        .iter()
        .flat_map(|stage| stage.claims.iter().map(move |claim| (stage, claim)))
        .map(|(stage, claim)| {
            let outcome = match (stage.overdue_net, stage.gross_wd > stage.limit_wd) {
                (true, _) => lang.pick("仍超时", "still overdue"),
                (false, true) => lang.pick("剔除后不超时", "excused"),
                (false, false) => lang.pick("未超时", "not overdue"),
            };
            let open = || Cell::text(lang.pick("至今", "open"));
            vec![
                Cell::text(&stage.department),
                Cell::text(&stage.application_id),
                Cell::text(input.config.process.name(&stage.stage, lang)),
                Cell::Integer(stage.pass),
                Cell::text(&claim.delay_id),
                Cell::text(Cause::name(&claim.cause, lang)),
                Cell::date(claim.began_on),
                claim.ended_on.map_or_else(open, Cell::Date),
                claim.reported_on.map_or_else(|| Cell::text(lang.pick("未报送", "none")), Cell::Date),
                Cell::date(stage.due_on),
                Cell::text(Verdict::of_code(&claim.verdict).map_or("", |verdict| verdict.title(lang))),
                Cell::Integer(claim.claimed_wd),
                Cell::Integer(claim.admitted_wd),
                Cell::text(outcome),
            ]
        })
        .collect();
    let sum = |index: usize| {
        Cell::Integer(rows.iter().map(|row| if let Cell::Integer(days) = row[index] { days } else { 0 }).sum())
    };
    let mut total = vec![Cell::Empty; 14];
    total[0] = Cell::text(lang.pick("合计", "total"));
    total[1] = Cell::text(lang.pick(format!("{} 条", rows.len()), format!("{} claims", rows.len())));
    (total[11], total[12]) = (sum(11), sum(12));
    Table {
        name: "claims".to_owned(),
        title: lang.pick("剔除明细", "Claims of the month").to_owned(),
        about: lang
            .pick(
                "本月判定的环节所涉及的每条延误说明，及其是否剔除的理由。认定为规则次序中第一条不满足者；剔除工作日为合并重叠之前。",
                "Every delay claim about a stage settled in the month, and why its days were or were not taken out. The verdict is the first rule that fails; days excluded are before overlaps are united.",
            )
            .to_owned(),
        columns,
        shown: (0..rows.len()).collect(),
        rows,
        total: Some(total),
        part: Part::Assessment,
        absent: None,
    }
}
