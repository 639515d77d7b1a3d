//! The tables that the sample has, as the invented marketing system keeps and exports them.
//!
//! The headers and words are that system's own: a reader must know them, and the tests of yekuo read every export.

/// The tables that the sample has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "a table is described where its rows are lived")]
pub enum Table {
    Applications,
    Stages,
    Delays,
    Faults,
    Callbacks,
    Complaints,
    Outages,
    Replans,
    Requests,
    Surveys,
    Managers,
    Restrictions,
    Demands,
    Visits,
    Actions,
    Verifications,
}

impl Table {
    /// All of them; a new table is one entry here, one in [`Table::name`], its columns, and its rows.
    pub const ALL: [Table; 16] = [
        Table::Applications,
        Table::Stages,
        Table::Delays,
        Table::Faults,
        Table::Callbacks,
        Table::Complaints,
        Table::Outages,
        Table::Replans,
        Table::Requests,
        Table::Surveys,
        Table::Managers,
        Table::Restrictions,
        Table::Demands,
        Table::Visits,
        Table::Actions,
        Table::Verifications,
    ];

    /// The table's canonical name.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Applications => "applications",
            Table::Stages => "stages",
            Table::Delays => "delays",
            Table::Faults => "faults",
            Table::Callbacks => "callbacks",
            Table::Complaints => "complaints",
            Table::Outages => "outages",
            Table::Replans => "replans",
            Table::Requests => "requests",
            Table::Surveys => "surveys",
            Table::Managers => "managers",
            Table::Restrictions => "restrictions",
            Table::Demands => "demands",
            Table::Visits => "visits",
            Table::Actions => "actions",
            Table::Verifications => "verifications",
        }
    }

    /// Its columns, in the order of a row's values.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Table::Applications => APPLICATIONS,
            Table::Stages => STAGES,
            Table::Delays => DELAYS,
            Table::Faults => FAULTS,
            Table::Callbacks => CALLBACKS,
            Table::Complaints => COMPLAINTS,
            Table::Outages => OUTAGES,
            Table::Replans => REPLANS,
            Table::Requests => REQUESTS,
            Table::Surveys => SURVEYS,
            Table::Managers => MANAGERS,
            Table::Restrictions => RESTRICTIONS,
            Table::Demands => DEMANDS,
            Table::Visits => VISITS,
            Table::Actions => ACTIONS,
            Table::Verifications => VERIFICATIONS,
        }
    }

    /// The position of a column.
    ///
    /// # Panics
    /// Where the table has no such column: the names are this crate's own.
    pub(crate) fn position(self, column: &str) -> usize {
        let found = self.columns().iter().position(|c| c.name == column);
        found.unwrap_or_else(|| unreachable!("{} has no column {column}", self.name()))
    }
}

/// One column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its canonical name.
    pub name: &'static str,
    /// Its header in an export.
    pub(crate) header: &'static str,
    /// How an export writes what it holds.
    pub(crate) content: Content,
}

/// How an export writes what a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Content {
    /// As it is.
    Plain,
    /// A month, kept as its first day.
    Month,
    /// A stage code, as the stage's name.
    Stage,
    /// A code, as one of its words: the first is usual.
    Words(Words),
    /// A score of satisfaction, now and then as a word.
    Score,
    /// Several names in one cell, kept as `a;b`.
    List,
    /// Several names, each with the time at which it answered, kept as `a@2026-05-28 09:30:00;b@…`.
    Answers,
}

/// Codes, each with the words that clerks have for it.
pub(crate) type Words = &'static [(&'static str, &'static [&'static str])];

/// What clerks write for a score of satisfaction.
pub(crate) const SCORES: [(&str, i64); 8] = [
    ("非常满意", 5),
    ("很满意", 5),
    ("满意", 4),
    ("一般", 3),
    ("基本满意", 3),
    ("不满意", 2),
    ("非常不满意", 1),
    ("很不满意", 1),
];

/// Headers of an older release of the system, for the columns of [`Table::Stages`].
pub(crate) const OLDER_STAGE_HEADERS: [&str; 9] =
    ["申请编号", "环节", "第几次", "处理部门", "经办人", "环节开始时间", "环节完成时间", "应完成日期", "计划开始"];

const fn plain(name: &'static str, header: &'static str) -> Column {
    column(name, header, Content::Plain)
}

const fn column(name: &'static str, header: &'static str, content: Content) -> Column {
    Column { name, header, content }
}

const AREA: Words = &[("urban", &["城市", "城区", "市区", "城镇", "城网"]), ("rural", &["农村", "乡村", "农网"])];
const CHANNEL: Words = &[
    ("online", &["线上", "网上", "网上国网", "互联网", "95598网站", "app"]),
    ("hall", &["营业厅", "柜台", "线下", "大厅"]),
    ("phone", &["电话", "95598"]),
];
const SUPPLY: Words = &[("single", &["单电源", "单", "单路"]), ("dual", &["双电源", "双", "双路", "多电源"])];
const MODE: Words = &[("order", &["订单式", "订单"]), ("conventional", &["常规", "常规服务", "普通"])];
const CAUSE: Words = &[
    ("customer", &["客户原因", "客户", "用户原因"]),
    ("government", &["政府原因", "政府审批", "政府"]),
    ("weather", &["天气原因", "天气", "恶劣天气"]),
    ("grid", &["电网原因", "电网"]),
    ("internal", &["内部原因", "内部", "供电企业原因"]),
];
const RULING: Words = &[
    ("pending", &["待核实", "未核实", "待审核"]),
    ("admitted", &["属实", "认可", "剔除", "同意剔除", "通过"]),
    ("rejected", &["不属实", "不认可", "不予剔除", "驳回"]),
];
const CALLBACK_KIND: Words = &[
    ("connection", &["业扩", "业扩报装", "送电回访", "业扩回访"]),
    ("fault", &["故障", "故障报修", "抢修", "抢修回访"]),
];
const OUTCOME: Words = &[
    ("reached", &["成功", "接通", "已接通", "回访成功"]),
    ("unreached", &["未接通", "失败", "无人接听", "未联系上"]),
    ("refused", &["拒访", "拒绝", "客户拒绝"]),
];

const BUSINESS: Words = &[
    ("new", &["新装", "新装用电", "高压新装"]),
    ("increase", &["增容", "增容用电"]),
    ("temporary", &["临时用电", "临时"]),
    ("generation", &["分布式电源", "分布式光伏"]),
    ("charging", &["充电桩", "充电设施"]),
];
const CUSTOMER_CLASS: Words =
    &[("important", &["重要客户", "重要"]), ("large", &["大客户", "大用户"]), ("ordinary", &["普通客户", "普通"])];
const ACTION: Words = &[("inquiry", &["问责", "督办"]), ("talk", &["约谈"]), ("notice", &["通报", "通报批评"])];
const FINDING: Words = &[("upheld", &["维持"]), ("reduced", &["减轻"]), ("withdrawn", &["撤销"])];

const APPLICATIONS: &[Column] = &[
    plain("application_id", "工单编号"),
    plain("customer_name", "客户名称"),
    plain("customer_phone", "联系电话"),
    plain("bureau", "供电单位"),
    column("area", "城乡类别", Content::Words(AREA)),
    column("channel", "受理渠道", Content::Words(CHANNEL)),
    plain("voltage_kv", "电压等级"),
    plain("capacity_kva", "申请容量"),
    column("supply", "电源数目", Content::Words(SUPPLY)),
    plain("new_feeder", "新建线路"),
    plain("key_project", "重点项目"),
    column("mode", "服务方式", Content::Words(MODE)),
    plain("manager_id", "客户经理编号"),
    plain("accepted_at", "受理时间"),
    plain("desired_on", "期望送电日期"),
    plain("promised_on", "承诺送电日期"),
    plain("replanned_on", "调整后日期"),
    plain("energised_at", "送电时间"),
    plain("cancelled_at", "撤销时间"),
    plain("visits", "客户往返次数"),
    plain("feeder_or_station", "接入线路"),
    plain("designer", "设计单位"),
    plain("builder", "施工单位"),
    plain("supplier", "供货单位"),
    plain("fee_charged", "实收费用"),
    plain("fee_standard", "标准费用"),
    column("business", "业务类型", Content::Words(BUSINESS)),
    column("customer_class", "客户类别", Content::Words(CUSTOMER_CLASS)),
];

const STAGES: &[Column] = &[
    plain("application_id", "工单编号"),
    column("stage", "环节名称", Content::Stage),
    plain("pass", "次数"),
    plain("department", "责任部门"),
    plain("handler", "处理人"),
    plain("started_at", "开始时间"),
    plain("finished_at", "完成时间"),
    plain("due_on", "要求完成日期"),
    plain("planned_start_on", "计划开始日期"),
];

const DELAYS: &[Column] = &[
    plain("delay_id", "说明编号"),
    plain("application_id", "工单编号"),
    column("stage", "环节名称", Content::Stage),
    column("cause", "延误原因", Content::Words(CAUSE)),
    plain("began_at", "影响开始时间"),
    plain("ended_at", "影响结束时间"),
    plain("reported_at", "反馈时间"),
    column("ruling", "核实结论", Content::Words(RULING)),
    plain("reason", "情况说明"),
    plain("ruled_at", "核实时间"),
    plain("ruled_by", "核实人"),
    plain("confirmed_at", "确认时间"),
];

const FAULTS: &[Column] = &[
    plain("fault_id", "故障编号"),
    plain("bureau", "供电单位"),
    column("area", "城乡类别", Content::Words(AREA)),
    plain("outage_at", "停电时间"),
    plain("reported_at", "报修时间"),
    plain("notified_at", "停电告知时间"),
    plain("arrived_at", "到达现场时间"),
    plain("arrival_call_at", "到场回访时间"),
    plain("restored_at", "恢复送电时间"),
    plain("completion_call_at", "完工回访时间"),
];

const CALLBACKS: &[Column] = &[
    plain("callback_id", "回访编号"),
    column("kind", "回访类型", Content::Words(CALLBACK_KIND)),
    plain("subject_id", "业务编号"),
    plain("called_at", "回访时间"),
    column("outcome", "回访结果", Content::Words(OUTCOME)),
    column("score", "满意度", Content::Score),
    column("manager_score", "客户经理评分", Content::Score),
    plain("free_choice", "自主选择"),
    plain("issue_category", "问题类别"),
    plain("issue_department", "问题责任部门"),
    plain("issue_verified", "问题属实"),
    plain("issue_action", "整改措施"),
    plain("issue_settled_at", "整改完成时间"),
];

const COMPLAINTS: &[Column] = &[
    plain("complaint_id", "投诉编号"),
    plain("bureau", "供电单位"),
    plain("department", "责任部门"),
    plain("received_at", "受理时间"),
    plain("forwarded_at", "转派时间"),
    plain("due_at", "要求办结时间"),
    plain("handled_at", "办结时间"),
    plain("satisfied", "是否满意"),
];

const OUTAGES: &[Column] = &[
    plain("outage_id", "停电编号"),
    plain("application_id", "工单编号"),
    plain("ready_at", "具备条件时间"),
    plain("outage_at", "停电时间"),
    plain("affects_others", "影响其他客户"),
    plain("outages_this_year", "本年停电次数"),
    plain("special_approval", "特批"),
    plain("planned_on", "计划停电日期"),
    plain("announced_at", "停电公告时间"),
];

const REPLANS: &[Column] = &[
    plain("application_id", "工单编号"),
    plain("replanned_at", "调整时间"),
    plain("promised_on", "调整后承诺日期"),
    plain("reason", "调整原因"),
];

const REQUESTS: &[Column] = &[
    plain("request_id", "协调编号"),
    plain("application_id", "工单编号"),
    plain("customer", "客户名称"),
    plain("topic", "协调内容"),
    column("departments", "协调部门", Content::List),
    plain("raised_at", "提出时间"),
    column("answered", "答复情况", Content::Answers),
    plain("settled_at", "办结时间"),
];

const SURVEYS: &[Column] = &[
    column("period", "评价月份", Content::Month),
    plain("bureau", "供电单位"),
    plain("indicator", "指标名称"),
    plain("weight", "权重"),
    plain("score", "得分"),
];

const MANAGERS: &[Column] = &[
    plain("manager_id", "客户经理编号"),
    plain("name", "姓名"),
    plain("bureau", "供电单位"),
    plain("full_time", "是否专职"),
    plain("customers", "服务客户数"),
];

const RESTRICTIONS: &[Column] = &[
    plain("feeder_or_station", "线路或变电站"),
    plain("bureau", "供电单位"),
    column("month", "月份", Content::Month),
    plain("load_rate", "负载率"),
    plain("limit_kva", "限制容量"),
];

const DEMANDS: &[Column] = &[
    plain("customer", "客户名称"),
    plain("bureau", "供电单位"),
    column("month", "月份", Content::Month),
    plain("expected_kva", "预计容量"),
    plain("expected_on", "预计用电日期"),
    plain("source", "需求来源"),
];

const VISITS: &[Column] = &[
    plain("visit_id", "走访编号"),
    plain("manager_id", "客户经理编号"),
    plain("customer", "客户名称"),
    plain("application_id", "工单编号"),
    plain("visited_at", "走访时间"),
    plain("opinion", "客户意见"),
    plain("answered_at", "意见答复时间"),
];

const ACTIONS: &[Column] = &[
    plain("action_id", "问责编号"),
    plain("application_id", "工单编号"),
    column("kind", "问责方式", Content::Words(ACTION)),
    plain("taken_at", "问责时间"),
    plain("owner_role", "工单主人"),
    plain("department", "责任部门"),
];

const VERIFICATIONS: &[Column] = &[
    plain("application_id", "工单编号"),
    column("stage", "环节名称", Content::Stage),
    plain("pass", "次数"),
    column("period", "考核月份", Content::Month),
    column("result", "核实结果", Content::Words(FINDING)),
    plain("points", "核定分数"),
    plain("verified_by", "核实人"),
    plain("verified_at", "核实时间"),
    plain("note", "核实意见"),
];
