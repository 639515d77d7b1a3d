//! What the cells of columns can hold: the units of numbers, and the words of exports for each code.

use super::Kind;

pub(super) const AREA: Kind = Kind::Choice {
    codes: &[("urban", &["城市", "城区", "市区", "城镇", "城网"]), ("rural", &["农村", "乡村", "农网"])],
    open: false,
};
pub(super) const KV: Kind = Kind::Number(&[("kv", 1.0), ("千伏", 1.0), ("v", 0.001), ("伏", 0.001)]);
pub(super) const KVA: Kind = Kind::Number(&[
    ("kva", 1.0),
    ("千伏安", 1.0),
    ("kw", 1.0),
    ("千瓦", 1.0),
    ("mva", 1000.0),
    ("兆伏安", 1000.0),
    ("mw", 1000.0),
    ("兆瓦", 1000.0),
]);
pub(super) const YUAN: Kind = Kind::Number(&[("元", 1.0), ("千元", 1000.0), ("万元", 10_000.0)]);
pub(super) const PERCENT: &[(&str, f64)] = &[("", 1.0), ("%", 0.01), ("百分比", 0.01), ("‰", 0.001)];
pub(super) const SCORE: Kind = Kind::Integer(
    1,
    5,
    &[
        ("非常满意", 5),
        ("很满意", 5),
        ("满意", 4),
        ("一般", 3),
        ("基本满意", 3),
        ("不满意", 2),
        ("非常不满意", 1),
        ("很不满意", 1),
    ],
);

pub(super) const CHANNEL: Kind = Kind::Choice {
    codes: &[
        ("online", &["线上", "网上", "网上国网", "互联网", "95598网站", "app"]),
        ("hall", &["营业厅", "柜台", "线下", "大厅"]),
        ("phone", &["电话", "95598"]),
    ],
    open: true,
};
pub(super) const SUPPLY: Kind = Kind::Choice {
    codes: &[("single", &["单电源", "单", "单路"]), ("dual", &["双电源", "双", "双路", "多电源"])],
    open: false,
};
pub(super) const MODE: Kind = Kind::Choice {
    codes: &[("order", &["订单式", "订单"]), ("conventional", &["常规", "常规服务", "普通"])],
    open: false,
};
pub(super) const BUSINESS: Kind = Kind::Choice {
    codes: &[
        ("new", &["新装", "新装用电", "高压新装", "低压新装", "低压居民新装", "低压非居民新装"]),
        ("increase", &["增容", "增容用电", "高压增容", "低压增容"]),
        ("temporary", &["临时用电", "临时", "装表临时用电", "无表临时用电"]),
        ("generation", &["分布式电源", "分布式光伏", "分布式电源接入", "光伏", "发电"]),
        ("charging", &["充电桩", "充电设施", "充换电设施", "电动汽车充电设施", "充电桩报装"]),
    ],
    open: true,
};
pub(super) const CAUSE: Kind = Kind::Choice {
    codes: &[
        ("customer", &["客户原因", "客户", "用户原因"]),
        ("government", &["政府原因", "政府审批", "政府"]),
        ("weather", &["天气原因", "天气", "恶劣天气"]),
        ("grid", &["电网原因", "电网"]),
        ("internal", &["内部原因", "内部", "供电企业原因"]),
    ],
    open: true,
};
pub(super) const RULING: Kind = Kind::Choice {
    codes: &[
        ("pending", &["待核实", "未核实", "待审核"]),
        ("admitted", &["属实", "认可", "剔除", "同意剔除", "同意", "通过"]),
        ("rejected", &["不属实", "不认可", "不予剔除", "不同意", "驳回"]),
    ],
    open: false,
};
/// What an event of a lifecycle log says of its stage: XES's standard transitions, and none of them.
pub(super) const TRANSITION: Kind = Kind::Choice {
    codes: &[
        ("start", &["开始", "启动", "开始处理", "started", "begin"]),
        ("complete", &["完成", "结束", "办结", "处理完成", "completed", "end", "finish", "finished"]),
        ("schedule", &["计划", "排程", "scheduled"]),
        ("assign", &["分配", "派单", "指派", "assigned"]),
        ("reassign", &["转派", "改派", "reassigned"]),
        ("suspend", &["挂起", "暂停", "suspended"]),
        ("resume", &["恢复", "继续", "resumed"]),
        ("ate_abort", &["中止", "环节中止", "aborted"]),
        ("pi_abort", &["终止", "流程终止"]),
        ("withdraw", &["撤回", "withdrawn"]),
        ("autoskip", &["自动跳过"]),
        ("manualskip", &["跳过", "人工跳过", "skipped"]),
        (NO_TRANSITION, &["不计"]),
    ],
    open: false,
};

/// The code of an event whose word the mapping declares to mean nothing: `values.transition = { "派发" = "" }`.
pub(crate) const NO_TRANSITION: &str = "none";
pub(super) const CALL_KIND: Kind = Kind::Choice {
    codes: &[
        ("connection", &["业扩", "业扩报装", "送电回访", "业扩回访"]),
        ("fault", &["故障", "故障报修", "抢修", "抢修回访"]),
    ],
    open: false,
};
pub(super) const OUTCOME: Kind = Kind::Choice {
    codes: &[
        ("reached", &["成功", "接通", "已接通", "回访成功"]),
        ("unreached", &["未接通", "失败", "无人接听", "未联系上"]),
        ("refused", &["拒访", "拒绝", "客户拒绝"]),
    ],
    open: false,
};
pub(super) const CUSTOMER_CLASS: Kind = Kind::Choice {
    codes: &[
        ("important", &["重要客户", "重要", "重要用户"]),
        ("large", &["大客户", "大用户", "大工业客户"]),
        ("ordinary", &["普通客户", "普通", "一般客户"]),
    ],
    open: true,
};
pub(super) const ORDER_SOURCE: Kind = Kind::Choice {
    codes: &[
        ("hotline", &["95598", "95598热线", "热线", "客服热线"]),
        ("government", &["政府", "政府转办", "12345", "政府热线"]),
        ("superior", &["上级", "上级转办", "上级单位", "上级部门"]),
        ("public", &["社会", "社会监督", "媒体", "群众来信", "信访"]),
    ],
    open: true,
};
pub(super) const ACTION: Kind = Kind::Choice {
    codes: &[("inquiry", &["问责", "督办", "问询"]), ("talk", &["约谈"]), ("notice", &["通报", "通报批评"])],
    open: true,
};
pub(super) const FINDING: Kind = Kind::Choice {
    codes: &[
        ("upheld", &["维持", "维持考核"]),
        ("reduced", &["减轻", "减轻考核"]),
        ("withdrawn", &["撤销", "撤销考核"]),
    ],
    open: false,
};
