//! Every sentence that users read, in Chinese and English.
//!
//! One function or table a message, both languages side by side, so that neither can be forgotten. Codes of data
//! (stages, causes, verdicts …) have their words here too; what a configuration file names (stages, marts) carries
//! its words itself.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// The language of what users read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The one of the two that this language asks for.
    pub fn pick<T>(self, zh: T, en: T) -> T {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// `zh` or `en`.
    pub fn code(self) -> &'static str {
        self.pick("zh", "en")
    }
}

/// A text in both languages, as configuration files write it: `{ zh = "…", en = "…" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Words {
    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// What users call a code of the data; an unknown one stays as it is, and of `中文 · English` its own half.
pub fn code(code: &str, lang: Lang) -> &str {
    match code {
        "order" => lang.pick("订单式", "order-style"),
        "conventional" => lang.pick("常规", "conventional"),
        "customer" => lang.pick("客户原因", "customer"),
        "government" => lang.pick("政府原因", "government"),
        "weather" => lang.pick("天气原因", "weather"),
        "grid" => lang.pick("电网原因", "grid"),
        "internal" => lang.pick("内部原因", "internal"),
        "not_excludable" => lang.pick("不属可剔除原因", "not excludable"),
        "rejected" => lang.pick("核实不属实", "ruled against"),
        "pending" => lang.pick("待核实", "not ruled on"),
        "late_report" => lang.pick("未按时报送", "reported late"),
        "outside_stage" => lang.pick("不在环节期内", "outside the stage"),
        "admitted" => lang.pick("剔除", "admitted"),
        "connection" => lang.pick("业扩送电", "connection"),
        "fault" => lang.pick("故障报修", "fault"),
        "high" => lang.pick("偏高", "high"),
        "low" => lang.pick("偏低", "low"),
        "none" => lang.pick("—", "–"),
        "open" => lang.pick("在途", "open"),
        "finished" => lang.pick("已完成", "finished"),
        "stopped" => lang.pick("随撤单中止", "stopped"),
        "energised" => lang.pick("已送电", "energised"),
        "cancelled" => lang.pick("已撤销", "cancelled"),
        "promise" => lang.pick("承诺送电日期", "promised date"),
        "done" => lang.pick("已完成", "done"),
        "under_way" => lang.pick("办理中", "under way"),
        "presumed_under_way" => lang.pick("推定进行中", "presumed under way"),
        "passed_over" => lang.pick("未经办理", "passed over"),
        "ahead" => lang.pick("未开始", "ahead"),
        "due_on" => lang.pick("导出的要求完成日期", "due date of the export"),
        "breached" => lang.pick("已超时", "out of time"),
        "due_soon" => lang.pick("即将到期", "due soon"),
        "start" => lang.pick("开始", "start"),
        "next" => lang.pick("顺序", "onward"),
        "back" => lang.pick("退回", "back"),
        "again" => lang.pick("重办", "again"),
        "end" => lang.pick("结束", "end"),
        "past_due" => lang.pick("已超期", "past due"),
        "stage_breached" => lang.pick("环节超时", "stage out of time"),
        "key_project" => lang.pick("重点项目", "key project"),
        "small_sample" => lang.pick("小样本", "small sample"),
        "enough" => lang.pick("足够", "enough"),
        "stage" => lang.pick("环节", "stage"),
        "callback" => lang.pick("回访", "callback"),
        "claim" => lang.pick("延误说明", "delay claim"),
        "review" => lang.pick("请研判", "for review"),
        "scheme_one_day" => lang.pick("供电方案一日答复", "supply scheme within a day"),
        "outage_7wd" => lang.pick("停电接入七个工作日内安排", "outage within seven working days"),
        "third_outage_approved" => lang.pick("年度第三次及以上停电特批", "third and later outages approved"),
        "arrival" => lang.pick("抢修到达现场", "arrival at a fault"),
        "restore" => lang.pick("故障恢复送电", "power restored"),
        "outage_notice" => lang.pick("停电后告知客户", "notice of an outage"),
        "two_calls" => lang.pick("抢修两次回访", "both calls of a repair"),
        "complaint_same_day" => lang.pick("投诉当日转派", "complaint passed on the same day"),
        "complaint_handled" => lang.pick("投诉按期办结", "complaint handled in time"),
        "survey_5wd" => lang.pick("订单式项目五个工作日内洽谈", "order-style negotiation within five working days"),
        "total" => lang.pick("全过程", "whole application"),
        "urban" => lang.pick("城市", "urban"),
        "rural" => lang.pick("农村", "rural"),
        "settled" => lang.pick("已办结", "settled"),
        "low_voltage" => lang.pick("低压", "low voltage"),
        "high_voltage" => lang.pick("高压", "high voltage"),
        "single" => lang.pick("单电源", "single supply"),
        "dual" => lang.pick("双电源", "dual supply"),
        "new_feeder" => lang.pick("需新建线路", "with a new feeder"),
        "no_new_feeder" => lang.pick("不需新建线路", "without a new feeder"),
        "working_days" => lang.pick("工作日", "working days"),
        "calendar_days" => lang.pick("自然日", "calendar days"),
        "minutes" => lang.pick("分钟", "minutes"),
        "designer" => lang.pick("设计单位", "designer"),
        "builder" => lang.pick("施工单位", "builder"),
        "supplier" => lang.pick("供货单位", "supplier"),
        "unsaid" => lang.pick("未说明", "not said"),
        "other" => lang.pick("其他", "other"),
        other => other.split_once(" · ").map_or(other, |(zh, en)| lang.pick(zh, en)),
    }
}

/// What users call a table of the exports.
pub fn table(name: &str, lang: Lang) -> String {
    let zh = crate::ingest::contract::Table::named(name).and_then(|table| table.zh.first());
    lang.pick(zh.map_or_else(|| name.to_owned(), |zh| (*zh).to_owned()), name.to_owned())
}
