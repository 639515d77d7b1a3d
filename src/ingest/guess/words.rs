//! What the words of an export may mean: by a short list of well-known ones, and by the nearest that is known.

use std::collections::BTreeMap;

use super::{Certainty, Item, Key};
use crate::contract::{Column, Kind, Table};
use crate::ingest::values::{self, Cell, Refusal, Vocabulary};
use crate::spelling::{likeness, normal, word};

/// The likeness from which a word is proposed as a known one.
const NEAR: f64 = 0.4;

/// Different words that are listed for one column; how many more there are is said.
const MOST_WORDS: usize = 60;

/// Well-known words that are not the contract's own: column, what they stand for, and the words.
const WELL_KNOWN: &[(&str, &str, &[&str])] = &[
    (
        "ruling",
        "rejected",
        &[
            "审核不通过",
            "不通过",
            "未通过",
            "退回",
            "不准",
            "不成立",
            "情况不属实",
            "不予认可",
            "不予同意",
            "否",
            "×",
            "no",
        ],
    ),
    (
        "ruling",
        "admitted",
        &["审核通过", "已通过", "准予", "核准", "成立", "情况属实", "予以剔除", "可剔除", "予以认可", "是", "√", "yes"],
    ),
    ("ruling", "pending", &["审核中", "待认定", "待定", "核实中", "未审核", "在审", "审批中"]),
    ("outcome", "unreached", &["无法接通", "关机", "空号", "停机", "占线", "无应答", "未接", "未接听", "不在服务区"]),
    ("outcome", "refused", &["不愿接受", "不配合", "拒绝回访", "挂断", "客户拒访"]),
    ("outcome", "reached", &["已回访", "回访完成", "已接听", "有效回访", "完成"]),
    ("mode", "conventional", &["常规模式", "常规式", "传统", "一般", "非订单", "非订单式", "普通服务"]),
    ("mode", "order", &["订单式服务", "订单制", "订单模式"]),
    ("kind", "connection", &["业扩类", "新装", "增容", "新装增容", "报装"]),
    ("kind", "fault", &["故障类", "抢修类", "故障抢修"]),
    ("area", "urban", &["城", "城镇地区", "城市地区"]),
    ("area", "rural", &["农", "乡", "农村地区", "乡镇"]),
    ("supply", "dual", &["双回路", "两路", "二路", "多路", "多回路", "2"]),
    ("supply", "single", &["单回路", "一路", "1"]),
    ("channel", "online", &["手机app", "微信", "网厅", "掌厅", "掌上电力"]),
    ("channel", "hall", &["窗口", "柜面", "供电营业厅"]),
    ("channel", "phone", &["热线", "电话受理"]),
    (
        "cause",
        "customer",
        &["客户自身原因", "客户自身", "客户侧", "客户侧原因", "用户", "用户自身原因", "客户方", "客户方原因"],
    ),
    ("cause", "government", &["政府部门", "政府部门原因", "市政", "市政原因"]),
    ("cause", "weather", &["气候", "气候原因", "暴雨", "台风"]),
    ("cause", "internal", &["供电原因", "供电方原因", "我方原因", "供电企业"]),
    ("score", "5", &["十分满意", "优", "优秀"]),
    ("score", "4", &["较满意", "比较满意", "良", "良好"]),
    ("score", "3", &["尚可", "中"]),
    ("score", "2", &["较不满意", "差"]),
    ("score", "1", &["极不满意", "很差"]),
];

/// Yes and no in other words, for columns of one question each.
const YES_AND_NO: &[(&str, &[&str], &[&str])] = &[
    ("satisfied", &["满意", "非常满意", "基本满意"], &["不满意", "非常不满意"]),
    ("issue_verified", &["属实", "已核实", "部分属实"], &["不属实", "查无"]),
    ("full_time", &["专职"], &["兼职"]),
    ("new_feeder", &["新建"], &["利旧", "原有"]),
    ("key_project", &["重点"], &["一般", "普通", "非重点"]),
    ("special_approval", &["已批", "已审批"], &["未批", "未审批"]),
    ("free_choice", &["自主"], &["指定"]),
];

/// What a word stands for by the well-known lists, as a mapping writes it.
pub(super) fn well_known(column: &Column, text: &str) -> Option<&'static str> {
    let folded = word(text);
    let is = |words: &[&str]| words.iter().any(|known| word(known) == folded);
    if column.kind == Kind::Flag {
        let (_, yes, no) = YES_AND_NO.iter().find(|(name, ..)| *name == column.name)?;
        return if is(yes) { Some("是") } else { is(no).then_some("否") };
    }
    WELL_KNOWN.iter().find(|(name, _, words)| *name == column.name && is(words)).map(|(_, code, _)| *code)
}

/// Whether a column's cells are words.
pub(super) fn has_words(column: &Column) -> bool {
    matches!(column.kind, Kind::Choice { .. } | Kind::Stage | Kind::Flag)
        || matches!(column.kind, Kind::Integer(_, _, named) if !named.is_empty())
}

/// A guess for each word of a column that is not known, the commonest first, and how many words are left out.
pub(super) fn guesses(
    table: &'static Table,
    column: &'static Column,
    counts: &BTreeMap<String, u64>,
    words: &Vocabulary,
) -> (Vec<Item>, usize) {
    let is_open = matches!(column.kind, Kind::Choice { open: true, .. });
    let is_known = |text: &str| match column.kind {
        Kind::Choice { codes, .. } => {
            let folded = word(text);
            codes.iter().any(|(code, words)| *code == folded || words.iter().any(|known| word(known) == folded))
        }
        _ => !matches!(values::read(column, Cell::Text(text), words), Err(Refusal::UnknownWord)),
    };
    let mut unknown: Vec<(&String, u64)> =
        counts.iter().filter(|(text, _)| !is_known(text)).map(|(text, count)| (text, *count)).collect();
    unknown.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    // An open choice keeps them.
    let left = if is_open { 0 } else { unknown.len().saturating_sub(MOST_WORDS) };
    unknown.truncate(MOST_WORDS);
    let item = |(text, count): (&String, u64)| {
        let means = well_known(column, text).map(|means| (means.to_owned(), Certainty::Check));
        let means = means.or_else(|| near(column, text, words).map(|near| (near, Certainty::Unsure)));
        // An open choice keeps a word of its own.
        if means.is_none() && is_open {
            return None;
        }
        let (means, certainty) = means.unwrap_or_else(|| (String::new(), Certainty::Unsure));
        let key = Key::Word { column, word: text.clone(), count };
        Some(Item { table, key, values: vec![means], certainty, samples: Vec::new() })
    };
    (unknown.into_iter().filter_map(item).collect(), left)
}

/// The code whose name is nearest to a word.
fn near(column: &Column, text: &str, words: &Vocabulary) -> Option<String> {
    let known: Vec<(&str, &str)> = match column.kind {
        Kind::Stage => words.stages.iter().map(|(name, code)| (name.as_str(), code.as_str())).collect(),
        Kind::Choice { codes, .. } => {
            codes.iter().flat_map(|(code, words)| words.iter().map(move |name| (*name, *code))).collect()
        }
        _ => return None,
    };
    let rated = known.into_iter().map(|(name, code)| (likeness(&normal(text), &normal(name)), code));
    let nearest = rated.filter(|(likeness, _)| *likeness > NEAR).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(nearest.1.to_owned())
}
