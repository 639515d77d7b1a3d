//! The tables that yekuo reads: names, columns, kinds, keys and the headers under which exports carry them.
//!
//! docs/method.md §2 as data. The first Chinese name of a table or column is the one that users see; the others are names
//! under which marketing systems export it, matched by [`super::headers`], which folds width, case and spaces and reads units.

mod given;
mod kinds;
mod named;
pub(crate) mod recall;

use serde::{Deserialize, Serialize};

use crate::lake::Layout;
use crate::table::{Cell, Date, Flag, Integer, Maybe, Number, Record, Text, Time, record};
use crate::words::Lang;
pub use given::Given;
pub(crate) use kinds::NO_TRANSITION;
use kinds::{
    ACTION, AREA, BUSINESS, CALL_KIND, CAUSE, CHANNEL, CUSTOMER_CLASS, FINDING, KV, KVA, MODE, ORDER_SOURCE, OUTCOME,
    PERCENT, RULING, SCORE, SUPPLY, TRANSITION, YUAN,
};
pub use named::title;
pub(crate) use named::unknown_input;

/// One input table.
#[derive(Debug)]
pub struct Table {
    /// The canonical name, also the stem of its canonical file.
    pub name: &'static str,
    /// What users call it, then other stems that its files bear.
    pub zh: &'static [&'static str],
    /// Whether a run can do without it.
    pub required: bool,
    /// The columns that make a row unique; empty cells in the key make the whole row its key.
    pub key: &'static [&'static str],
    /// The columns in canonical order.
    pub columns: &'static [Column],
    /// The column that must name a known case, if any.
    pub parent: Parent,
    /// Pairs of instants of which the second must not precede the first.
    pub order: &'static [(&'static str, &'static str)],
    /// What the reader notes of each accepted row beside its columns.
    pub beside: &'static [(&'static str, Layout)],
}

/// What the folder `raw` of a lake calls the counts of rejected rows by case, a file for each table.
pub const REJECTED: &str = "rejected";

/// The columns of an application that say who its customer is.
pub const PERSONAL: [&str; 2] = ["customer_name", "customer_phone"];

/// Which known case a row belongs to.
#[derive(Debug, PartialEq, Eq)]
pub enum Parent {
    /// None: the row is a case.
    None,
    /// `application_id` must be an accepted application.
    Application,
    /// `application_id` must be an accepted application where it is given.
    MaybeApplication,
    /// `subject_id` must be an accepted application, or fault where faults are given, by `kind`.
    CallbackSubject,
}

/// One column of an input table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// The canonical name.
    pub name: &'static str,
    /// What users call it, then other headers it bears.
    pub zh: &'static [&'static str],
    /// What its cells hold.
    pub kind: Kind,
    /// Whether a row without it is rejected.
    pub required: bool,
    /// What follows where no file has it; `None`: no figure depends on it, or it is required.
    pub absence: Option<Absence>,
}

/// What follows where the exports lack a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// How closely the column is looked after.
    pub care: Care,
    /// What it costs, in Chinese.
    pub zh: &'static str,
    /// What it costs, in English.
    pub en: &'static str,
}

/// How closely a column is looked after where it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// Its absence is reported.
    Named,
    /// The run is refused where a header that is not used could be the column.
    LookedAfter,
    /// The run is refused unless the mapping declares it absent.
    Needed,
}

impl Absence {
    const fn costs(zh: &'static str, en: &'static str) -> Absence {
        Absence { care: Care::Named, zh, en }
    }

    const fn looked_after(zh: &'static str, en: &'static str) -> Absence {
        Absence { care: Care::LookedAfter, zh, en }
    }

    const fn needed(zh: &'static str, en: &'static str) -> Absence {
        Absence { care: Care::Needed, zh, en }
    }

    /// What it costs.
    pub fn cost(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh, self.en)
    }
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// An identifier: text, never a number, width folded.
    Id,
    /// Free text.
    Text,
    /// A stage code or its Chinese name, from `process.toml`.
    Stage,
    /// A number in the first unit; the others are multiples of it. Never negative.
    Number(&'static [(&'static str, f64)]),
    /// A number from 0 to the bound; the units are multiples of it.
    Within(f64, &'static [(&'static str, f64)]),
    /// A whole number from the first to the second bound; words stand for some.
    Integer(i64, i64, &'static [(&'static str, i64)]),
    /// Yes or no.
    Flag,
    /// A date.
    Date,
    /// A month, as its first day.
    Month,
    /// A date with an optional time of day.
    Instant,
    /// Several names in one cell, kept as `a;b`.
    List,
    /// Several names, each with the time at which it answered, kept as `a@2026-05-28 09:30:00;b@…`.
    Answers,
    /// One of some codes, each with its words; an open choice keeps a word that it does not know.
    Choice {
        /// `(code, words)`.
        codes: &'static [(&'static str, &'static [&'static str])],
        /// Whether other words are accepted as they are.
        open: bool,
    },
}

/// How passes of a case that begin in the same moment are put in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TieOrder {
    /// In the usual order of their stages: the order of the rows does not matter.
    #[default]
    Usual,
    /// In the order of the files, their sheets and rows.
    File,
}

/// Declares the input tables, each once: what it is called, its columns with the headers that they bear, and its rows.
/// A column that is not [`Maybe`] is required, and so is one that a row may lack only where the log itself makes it (`as
/// required`); that its cells have the layout of its kind is found at compile time.
macro_rules! inputs {
    ($(
        $(#[$doc:meta])* $table:ident of $row:ident<$life:lifetime> {
            $name:literal, $zh:tt, required: $required:literal, key: $key:tt, parent: $parent:expr, order: $order:tt
            $(, beside: $beside:ident: $besides:ty)?;
            $( $column:ident: $cell:ty $(as $given:ident)? = $kind:expr, $headers:tt $(, $absence:expr)?; )+
        }
    )+) => {
        $(
            record! {
                $(#[$doc])* $table of $row<$life>:
                $( #[doc = concat!("As [`TABLES`] says of `", stringify!($column), "`.")] $column: $cell; )+
                $( #[doc = "As [`Table::beside`] says."] $beside: $besides; )?
            }

            impl Input for $table {
                const NAME: &'static str = $name;
            }
        )+

        /// Every table that is read, parents before children.
        pub static TABLES: &[Table] = &[ $(
            Table {
                name: $name,
                zh: &$zh,
                required: $required,
                key: &$key,
                columns: &[ $( column::<$cell>(stringify!($column), &$headers, $kind)$(.$given())?$(.absent($absence))?, )+ ],
                parent: $parent,
                order: &$order,
                beside: &[ $( (stringify!($beside), <$besides as Cell>::LAYOUT), )? ],
            },
        )+ ];
    };
}

/// An input table whose accepted rows can be read back.
pub trait Input: Record {
    /// Its canonical name.
    const NAME: &'static str;
}

const fn column<C: Cell>(name: &'static str, zh: &'static [&'static str], kind: Kind) -> Column {
    assert!(kind.layout() as u8 == C::LAYOUT as u8, "a column is laid out as its kind says");
    Column { name, zh, kind, required: !C::OPTIONAL, absence: None }
}

inputs! {
    /// One application as it is in the export.
    Applications of RawApplication<'a> {
        "applications", ["业扩工单", "报装申请", "业扩申请", "业扩报装工单", "工单"],
        required: true, key: ["application_id"],
        parent: Parent::None, order: [("accepted_at", "energised_at"), ("accepted_at", "cancelled_at")];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号", "业扩工单编号", "case:concept:name"];
        customer_name: Maybe<Text> = Kind::Text, ["客户名称", "用户名称", "户名"];
        customer_phone: Maybe<Text> = Kind::Id, ["联系电话", "客户电话", "手机号码", "手机"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        area: Maybe<Text> = AREA, ["城乡类别", "城乡", "区域类型", "城农网"],
            Absence::costs("城乡类别为空", "the area is empty");
        channel: Maybe<Text> = CHANNEL, ["受理渠道", "申请渠道", "渠道"],
            Absence::costs("线上办理比例为「无数据」", "the online share is “no data”");
        voltage_kv: Number = KV, ["电压等级", "供电电压", "电压"];
        capacity_kva: Number = KVA, ["申请容量", "报装容量", "容量", "合同容量"];
        supply: Maybe<Text> = SUPPLY, ["电源数目", "供电方式", "电源类型", "电源"],
            Absence::costs("都按单电源套用标准时限与分层", "standard limits and strata treat all as single supply");
        new_feeder: Maybe<Flag> = Kind::Flag, ["新建线路", "是否新建线路", "新出线", "是否新出线"],
            Absence::costs("都按没有新建线路套用标准时限与分层", "standard limits and strata treat all as without a new feeder");
        key_project: Maybe<Flag> = Kind::Flag, ["重点项目", "是否重点项目", "重点工程", "是否重点工程"],
            Absence::costs("都按非重点项目处理", "none counts as a key project");
        mode: Maybe<Text> = MODE, ["服务方式", "服务模式"],
            Absence::costs("服务方式按容量与重点项目推定", "the service mode follows from capacity and key project");
        manager_id: Maybe<Text> = Kind::Id, ["客户经理编号", "客户经理工号", "客户经理"],
            Absence::costs("客户经理考核没有工单，预警名单没有经理", "the managers’ assessment has no applications");
        accepted_at: Time = Kind::Instant, ["受理时间", "受理日期", "申请时间", "申请日期"];
        desired_on: Maybe<Date> = Kind::Date, ["期望送电日期", "客户期望日期", "期望用电日期", "期望接电日期"],
            Absence::costs("无法编制计划，期望日期指标为「无数据」", "nothing can be planned by the desired date");
        promised_on: Maybe<Date> = Kind::Date, ["承诺送电日期", "承诺日期", "计划送电日期"],
            Absence::looked_after("应送电日期一律按标准总时限推算，承诺兑现情况为「无数据」", "every due date follows from the standard total limit, and kept promises are “no data”");
        replanned_on: Maybe<Date> = Kind::Date, ["调整后日期", "调整后送电日期", "滚动调整日期"],
            Absence::costs("不显示调整后日期", "re-planned dates are not shown");
        energised_at: Maybe<Time> = Kind::Instant, ["送电时间", "送电日期", "投运时间", "投运日期", "接电时间", "接电日期"],
            Absence::needed("送电时间与总周期为「无数据」，全部按未送电处理", "energisation and cycle times are “no data”, and all count as not energised");
        cancelled_at: Maybe<Time> = Kind::Instant, ["撤销时间", "终止时间", "取消时间", "撤单时间", "撤销日期"],
            Absence::looked_after("都按未撤销处理，撤销情况为「无数据」", "all count as not cancelled, and cancellations are “no data”");
        visits: Maybe<Integer> = Kind::Integer(0, 1000, &[]), ["客户往返次数", "临柜次数", "上门次数"],
            Absence::costs("一次办结比例为「无数据」", "the one-visit share is “no data”");
        feeder_or_station: Maybe<Text> = Kind::Text, ["接入线路", "供电线路", "电源线路", "接入变电站"],
            Absence::costs("与受限设备对应不上", "no application is matched with restricted equipment");
        designer: Maybe<Text> = Kind::Text, ["设计单位"],
            Absence::costs("设计单位集中度为「无数据」", "the concentration of designers is “no data”");
        builder: Maybe<Text> = Kind::Text, ["施工单位"],
            Absence::costs("施工单位集中度为「无数据」", "the concentration of builders is “no data”");
        supplier: Maybe<Text> = Kind::Text, ["供货单位", "设备供应商", "设备供货单位"],
            Absence::costs("供货单位集中度为「无数据」", "the concentration of suppliers is “no data”");
        fee_charged: Maybe<Number> = YUAN, ["实收费用", "实收金额", "收取费用"],
            Absence::costs("收费偏差为「无数据」", "the fee deviation is “no data”");
        fee_standard: Maybe<Number> = YUAN, ["标准费用", "应收费用", "应收金额"],
            Absence::costs("收费偏差为「无数据」", "the fee deviation is “no data”");
        business: Maybe<Text> = BUSINESS, ["业务类型", "业务类别", "业务种类", "申请类型"],
            Absence::costs("时限达标率不单列分布式电源与充电设施", "on-time connection has no class of generation and charging");
        customer_class: Maybe<Text> = CUSTOMER_CLASS, ["客户类别", "客户分类", "客户等级"],
            Absence::costs("满意度不分客户类别", "satisfaction is not told apart by class of customer");
        leader: Maybe<Text> = Kind::Text, ["挂牌领导", "督办领导", "牵头领导", "责任领导"],
            Absence::costs("重点项目不列挂牌领导", "key projects are listed without who leads them");
        live_work: Maybe<Flag> = Kind::Flag, ["带电作业", "是否带电作业", "带电接火"],
            Absence::costs("重点项目不列是否带电作业", "key projects are listed without whether they are live work");
    }

    /// One stage pass as the export tells it.
    Stages of RawStage<'a> {
        "stages", ["环节记录", "流程环节", "环节", "工单环节"],
        required: true, key: ["application_id", "stage", "pass"],
        parent: Parent::Application, order: [("started_at", "finished_at")];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号", "case:concept:name"];
        stage: Text = Kind::Stage, ["环节名称", "环节", "流程环节", "concept:name"];
        pass: Maybe<Integer> = Kind::Integer(1, 1000, &[]), ["次数", "第几次", "环节次数"],
            Absence::costs("按开始时间先后编次数", "passes are numbered by their start");
        department: Text = Kind::Text, ["责任部门", "处理部门", "部门", "org:group"];
        handler: Maybe<Text> = Kind::Text, ["处理人", "经办人", "处理人员", "org:resource"],
            Absence::costs("没有经办人统计", "there are no figures by handler");
        started_at: Maybe<Time> as required = Kind::Instant, ["开始时间", "环节开始时间", "到达时间", "开始日期", "time:timestamp", "start_timestamp"];
        finished_at: Maybe<Time> = Kind::Instant, ["完成时间", "环节完成时间", "结束时间", "完成日期", "time:timestamp"],
            Absence::needed("全部按未完成处理，环节时长与超时为「无数据」", "all count as unfinished; stage durations and overdue rates are “no data”");
        due_on: Maybe<Date> = Kind::Date, ["要求完成日期", "应完成日期", "时限日期", "到期日期", "计划完成日期"],
            Absence::looked_after("时限一律按标准时限推算，没有标准时限的不考核", "limits follow from the standard ones; without one a stage is not assessed");
        planned_start_on: Maybe<Date> = Kind::Date, ["计划开始时间", "计划开始日期", "计划开始", "要求开始日期", "应开始日期"],
            Absence::costs("受上游延误的环节按标准时限考核，不按计划工期", "a stage that inherited a delay has the standard limit, not its planned duration");
        transition: Maybe<Text> = TRANSITION, ["生命周期", "事件类型", "生命周期转换", "lifecycle:transition"],
            Absence::looked_after("每一行各算一次环节", "each row counts as a pass of its own");
        instance: Maybe<Text> = Kind::Text, ["环节实例", "实例编号", "concept:instance"];
    }

    /// One delay claim as it is in the export.
    Delays of RawDelay<'a> {
        "delays", ["延误说明", "客户原因说明", "延误申报"],
        required: false, key: ["delay_id"],
        parent: Parent::Application, order: [("began_at", "ended_at")];
        delay_id: Maybe<Text> = Kind::Id, ["说明编号", "延误编号"];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"];
        stage: Maybe<Text> = Kind::Stage, ["环节名称", "环节", "流程环节"],
            Absence::costs("每条说明都对整个工单评判", "each claim is judged against the whole application");
        cause: Text = CAUSE, ["延误原因", "原因类别", "原因"];
        began_at: Time = Kind::Instant, ["影响开始时间", "延误开始时间", "开始时间", "开始日期"];
        ended_at: Maybe<Time> = Kind::Instant, ["影响结束时间", "延误结束时间", "结束时间", "结束日期"],
            Absence::looked_after("影响时段都按未结束处理", "every claim counts as still going on");
        reported_at: Maybe<Time> = Kind::Instant, ["反馈时间", "报送时间", "上报时间", "说明时间"],
            Absence::looked_after("都按未报送处理（要求按时报送时一律不剔除）", "all count as not reported, and take nothing out where a timely report is required");
        ruling: Maybe<Text> = RULING, ["核实结论", "认定结果", "审核结果"],
            Absence::looked_after("都按待核实处理", "all count as not ruled on");
        reason: Maybe<Text> = Kind::Text, ["情况说明", "说明", "备注"];
        ruled_at: Maybe<Time> = Kind::Instant, ["核实时间", "认定时间", "审核时间"],
            Absence::costs("核实结论不分先后，统计日之后作出的也计入", "rulings count whenever they were made, those after the as-of day too");
        ruled_by: Maybe<Text> = Kind::Text, ["核实人", "认定人", "审核人"];
        confirmed_at: Maybe<Time> = Kind::Instant, ["确认时间", "最近确认时间", "持续确认时间"],
            Absence::costs("未结束的说明只自影响开始或报送起采信", "a claim without an end is believed from its beginning or report alone");
    }

    /// One fault as it is in the export. Beside it: the columns that hold a day without a time, between semicolons.
    Faults of RawFault<'a> {
        "faults", ["故障报修", "故障工单", "抢修工单"],
        required: false, key: ["fault_id"],
        parent: Parent::None, order: [],
        beside: days_only: Maybe<Text>;
        fault_id: Text = Kind::Id, ["故障编号", "报修编号", "抢修工单编号"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        area: Text = AREA, ["城乡类别", "城乡", "区域类型", "城农网"];
        outage_at: Maybe<Time> = Kind::Instant, ["停电时间"],
            Absence::costs("停电告知及时率为「无数据」", "the outage notice rate is “no data”");
        reported_at: Time = Kind::Instant, ["报修时间", "受理时间"];
        notified_at: Maybe<Time> = Kind::Instant, ["停电告知时间", "告知时间"],
            Absence::costs("停电告知及时率为「无数据」", "the outage notice rate is “no data”");
        arrived_at: Maybe<Time> = Kind::Instant, ["到达现场时间", "到达时间"],
            Absence::costs("到场与修复时限为「无数据」", "arrival and repair times are “no data”");
        arrival_call_at: Maybe<Time> = Kind::Instant, ["到场回访时间", "第一次回访时间"],
            Absence::costs("两次回访率为「无数据」", "the two-calls rate is “no data”");
        restored_at: Maybe<Time> = Kind::Instant, ["恢复送电时间", "修复时间", "复电时间"],
            Absence::looked_after("都按未恢复送电处理，修复时限与故障回访为「无数据」", "all count as not restored; repair times and fault callbacks are “no data”");
        completion_call_at: Maybe<Time> = Kind::Instant, ["完工回访时间", "第二次回访时间"],
            Absence::costs("两次回访率为「无数据」", "the two-calls rate is “no data”");
    }

    /// One call to a customer as the export tells it.
    Callbacks of RawCall<'a> {
        "callbacks", ["回访记录", "客户回访", "回访"],
        required: false, key: ["callback_id"],
        parent: Parent::CallbackSubject, order: [];
        callback_id: Maybe<Text> = Kind::Id, ["回访编号"];
        kind: Text = CALL_KIND, ["回访类型", "回访类别"];
        subject_id: Text = Kind::Id, ["业务编号", "工单编号", "关联工单编号", "回访对象编号"];
        called_at: Time = Kind::Instant, ["回访时间", "回访日期"];
        outcome: Text = OUTCOME, ["回访结果", "回访状态"];
        score: Maybe<Integer> = SCORE, ["满意度", "满意度评分", "评分"],
            Absence::costs("满意度为「无数据」", "satisfaction is “no data”");
        manager_score: Maybe<Integer> = SCORE, ["客户经理评分", "客户经理满意度"],
            Absence::costs("客户经理满意度为「无数据」", "satisfaction with managers is “no data”");
        free_choice: Maybe<Flag> = Kind::Flag, ["自主选择", "是否自主选择"],
            Absence::costs("自主选择情况为「无数据」", "free choice is “no data”");
        issue_category: Maybe<Text> = Kind::Text, ["问题类别", "反映问题"],
            Absence::costs("回访问题为「无数据」", "issues are “no data”");
        issue_department: Maybe<Text> = Kind::Text, ["问题责任部门", "问题部门"],
            Absence::costs("回访问题没有责任部门", "issues name no department");
        issue_verified: Maybe<Flag> = Kind::Flag, ["问题属实", "问题是否属实"],
            Absence::costs("问题核实情况为「无数据」", "verified issues are “no data”");
        issue_action: Maybe<Text> = Kind::Text, ["整改措施", "问题处理情况", "处理措施"],
            Absence::costs("整改措施为空", "what was done about issues is blank");
        issue_settled_at: Maybe<Time> = Kind::Instant, ["整改完成时间", "问题办结时间", "整改时间"],
            Absence::costs("问题整改情况为「无数据」", "settled issues are “no data”");
    }

    /// One complaint as the export tells it.
    Complaints of RawComplaint<'a> {
        "complaints", ["客户投诉", "投诉工单", "投诉"],
        required: false, key: ["complaint_id"],
        parent: Parent::None, order: [("received_at", "forwarded_at"), ("received_at", "handled_at")];
        complaint_id: Text = Kind::Id, ["投诉编号", "投诉工单编号", "工单编号"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        department: Text = Kind::Text, ["责任部门", "处理部门", "部门"];
        received_at: Time = Kind::Instant, ["受理时间", "投诉时间", "受理日期"];
        forwarded_at: Maybe<Time> = Kind::Instant, ["转派时间", "传递时间", "下派时间"],
            Absence::costs("当日转派率为「无数据」", "the same-day rate is “no data”");
        due_at: Maybe<Time> = Kind::Instant, ["要求办结时间", "办结期限", "处理期限"],
            Absence::costs("按期办结率为「无数据」", "the handled-in-time rate is “no data”");
        handled_at: Maybe<Time> = Kind::Instant, ["办结时间", "处理时间", "处理完成时间"],
            Absence::costs("办结情况为「无数据」", "handling is “no data”");
        satisfied: Maybe<Flag> = Kind::Flag, ["是否满意", "客户满意"],
            Absence::costs("投诉满意度为「无数据」", "satisfaction with complaints is “no data”");
        source: Maybe<Text> = ORDER_SOURCE, ["工单来源", "投诉来源", "来源", "来源渠道"],
            Absence::costs("外联工单不分来源", "external orders are not told apart by their source");
        category: Maybe<Text> = Kind::Text, ["投诉类别", "投诉类型", "工单类别", "类别"],
            Absence::costs("外联工单不分类别", "external orders are not told apart by category");
    }

    /// One outage that an application waits for as the export tells it.
    Outages of RawOutage<'a> {
        "outages", ["停电接入计划", "停电计划", "停电安排", "业扩停电"],
        required: false, key: ["outage_id"],
        parent: Parent::Application, order: [];
        outage_id: Text = Kind::Id, ["停电编号", "停电计划编号"];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"];
        ready_at: Time = Kind::Instant, ["具备条件时间", "具备接入条件时间", "竣工检验合格时间"];
        outage_at: Maybe<Time> = Kind::Instant, ["停电时间", "停电接火时间", "停电日期"],
            Absence::costs("停电接入时限为「无数据」", "the outage promise is “no data”");
        affects_others: Flag = Kind::Flag, ["影响其他客户", "是否影响其他客户"];
        outages_this_year: Maybe<Integer> = Kind::Integer(0, 1000, &[]), ["本年停电次数", "年度停电次数"],
            Absence::costs("三次及以上停电审批为「无数据」", "the third-outage promise is “no data”");
        special_approval: Maybe<Flag> = Kind::Flag, ["特批", "是否特批", "一支笔审批"],
            Absence::costs("三次及以上停电审批为「无数据」", "the third-outage promise is “no data”");
        planned_on: Maybe<Date> = Kind::Date, ["计划停电日期", "计划停电时间", "拟停电日期"],
            Absence::costs("停电接入计划没有计划日期", "the outage plan has no days");
        announced_at: Maybe<Time> = Kind::Instant, ["停电公告时间", "公告时间", "停电公告日期"],
            Absence::costs("停电是否提前公告为「无数据」", "whether outages were announced in time is “no data”");
    }

    /// One promise moved to another day as the export tells it.
    Replans of RawReplan<'a> {
        "replans", ["计划调整记录", "计划调整", "承诺调整记录"],
        required: false, key: ["application_id", "replanned_at"],
        parent: Parent::Application, order: [];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"];
        replanned_at: Time = Kind::Instant, ["调整时间", "调整日期"];
        promised_on: Date = Kind::Date, ["调整后承诺日期", "调整后日期", "新承诺日期", "调整后送电日期"];
        reason: Maybe<Text> = Kind::Text, ["调整原因", "原因"],
            Absence::costs("计划调整不分原因", "re-plans are not told apart by reason");
    }

    /// One request that departments must answer as the export tells it.
    Requests of RawRequest<'a> {
        "requests", ["协调事项", "跨部门协调", "协调请求", "全方位协调"],
        required: false, key: ["request_id"],
        parent: Parent::MaybeApplication, order: [("raised_at", "settled_at")];
        request_id: Text = Kind::Id, ["协调编号", "事项编号"];
        application_id: Maybe<Text> = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"],
            Absence::costs("协调事项对应不到工单", "requests belong to no application");
        customer: Maybe<Text> = Kind::Text, ["客户名称", "客户", "用户名称"];
        topic: Maybe<Text> = Kind::Text, ["协调内容", "诉求内容", "事项"];
        departments: Text = Kind::List, ["协调部门", "涉及部门", "相关部门"];
        raised_at: Time = Kind::Instant, ["提出时间", "发起时间", "提出日期"];
        answered: Maybe<Text> = Kind::Answers, ["答复情况", "部门答复", "答复"],
            Absence::costs("都按未答复处理", "all count as unanswered");
        settled_at: Maybe<Time> = Kind::Instant, ["办结时间", "解决时间", "落实时间"],
            Absence::costs("都按未办结处理", "all count as not settled");
    }

    /// One score of an indicator as the export tells it.
    Surveys of RawScore<'a> {
        "surveys", ["第三方满意度", "满意度调查", "第三方满意度评价"],
        required: false, key: ["period", "bureau", "indicator"],
        parent: Parent::None, order: [];
        period: Date = Kind::Month, ["评价月份", "调查月份", "月份"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        indicator: Text = Kind::Text, ["指标名称", "评价指标", "指标"];
        weight: Number = Kind::Number(PERCENT), ["权重", "指标权重"];
        score: Number = Kind::Within(100.0, &[("", 1.0), ("分", 1.0)]), ["得分", "评分", "指标得分"];
    }

    /// One customer manager as the export tells it.
    Managers of RawManager<'a> {
        "managers", ["客户经理名册", "客户经理档案", "客户经理"],
        required: false, key: ["manager_id"],
        parent: Parent::None, order: [];
        manager_id: Text = Kind::Id, ["客户经理编号", "客户经理工号", "工号"];
        name: Text = Kind::Text, ["姓名", "客户经理姓名"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        full_time: Flag = Kind::Flag, ["是否专职", "专职"];
        customers: Maybe<Integer> = Kind::Integer(0, 10_000_000, &[]), ["服务客户数", "服务大客户数", "客户数"],
            Absence::costs("人均服务客户数为「无数据」", "customers per manager are “no data”");
    }

    /// One feeder or station in a month as the export tells it.
    Restrictions of RawRestriction<'a> {
        "restrictions", ["受限设备清单", "业扩受限信息", "受限设备", "重过载设备"],
        required: false, key: ["feeder_or_station", "bureau", "month"],
        parent: Parent::None, order: [];
        feeder_or_station: Text = Kind::Text, ["线路或变电站", "设备名称", "受限设备名称"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        month: Date = Kind::Month, ["月份", "发布月份"];
        load_rate: Number = Kind::Within(5.0, PERCENT), ["负载率", "最大负载率"];
        limit_kva: Maybe<Number> = KVA, ["限制容量", "可开放容量", "剩余可开放容量"],
            Absence::costs("限制容量为空", "the limit is empty");
    }

    /// One demand of a large customer as the export tells it.
    Demands of RawDemand<'a> {
        "demands", ["潜在用电需求", "大客户用电需求", "用电需求"],
        required: false, key: ["customer", "bureau", "month", "expected_kva", "expected_on", "source"],
        parent: Parent::None, order: [];
        customer: Text = Kind::Text, ["客户名称", "客户", "用户名称"];
        bureau: Text = Kind::Text, ["供电单位", "供电局", "供电公司", "管理单位"];
        month: Date = Kind::Month, ["月份", "填报月份"];
        expected_kva: Number = KVA, ["预计容量", "需求容量", "预计用电容量"];
        expected_on: Maybe<Date> = Kind::Date, ["预计用电日期", "预计用电时间"],
            Absence::costs("预计用电日期为空", "the expected date is empty");
        source: Maybe<Text> = Kind::Text, ["需求来源", "信息来源", "来源"],
            Absence::costs("潜在需求不分来源", "demand is not told apart by its source");
    }

    /// One visit to a customer as the export tells it.
    Visits of RawVisit<'a> {
        "visits", ["客户走访", "走访记录", "走访"],
        required: false, key: ["visit_id"],
        parent: Parent::MaybeApplication, order: [("visited_at", "answered_at")];
        visit_id: Text = Kind::Id, ["走访编号", "走访记录编号"];
        manager_id: Text = Kind::Id, ["客户经理编号", "客户经理工号", "客户经理"];
        customer: Text = Kind::Text, ["客户名称", "客户", "走访客户"];
        application_id: Maybe<Text> = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"],
            Absence::costs("走访对应不到工单", "visits belong to no application");
        visited_at: Time = Kind::Instant, ["走访时间", "走访日期"];
        opinion: Maybe<Text> = Kind::Text, ["客户意见", "意见建议", "客户意见建议"],
            Absence::costs("走访意见为「无数据」", "opinions of visits are “no data”");
        answered_at: Maybe<Time> = Kind::Instant, ["意见答复时间", "答复时间", "答复日期"],
            Absence::costs("意见答复情况为「无数据」", "answers to opinions are “no data”");
    }

    /// One action against delay as the export tells it.
    Actions of RawAction<'a> {
        "actions", ["督办问责记录", "问责记录", "约谈通报记录"],
        required: false, key: ["action_id"],
        parent: Parent::Application, order: [];
        action_id: Text = Kind::Id, ["问责编号", "督办编号"];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"];
        kind: Text = ACTION, ["问责方式", "措施类型", "督办方式"];
        taken_at: Time = Kind::Instant, ["问责时间", "实施时间", "问责日期"];
        owner_role: Maybe<Text> = Kind::Text, ["实施人职务", "工单主人职务", "工单主人"],
            Absence::costs("问责不分工单主人", "actions are not told apart by owner");
        department: Maybe<Text> = Kind::Text, ["责任部门", "被问责部门"],
            Absence::costs("问责不分部门", "actions are not told apart by department");
    }

    /// One conclusion of the verification of an overdue stage, as a returned 考核表 says it.
    Verifications of RawVerification<'a> {
        "verifications", ["考核核实结论", "核实结论表"],
        required: false, key: ["application_id", "stage", "pass", "period"],
        parent: Parent::Application, order: [];
        application_id: Text = Kind::Id, ["工单编号", "申请编号", "工单号", "申请号", "流程编号"];
        stage: Text = Kind::Stage, ["环节名称", "环节", "流程环节"];
        pass: Maybe<Integer> = Kind::Integer(1, 1000, &[]), ["次数", "第几次", "环节次数"],
            Absence::costs("核实结论都按第一次办理", "every conclusion is about the first pass");
        period: Date = Kind::Month, ["考核月份", "考核期", "月份"];
        result: Text = FINDING, ["核实结果", "核实结论", "考核结论"];
        points: Maybe<Number> = Kind::Within(1_000.0, &[("", 1.0), ("分", 1.0)]), ["核定分数", "核定考核分", "考核分"],
            Absence::costs("减轻的按建议分数考核", "what is reduced keeps its proposed points");
        verified_by: Maybe<Text> = Kind::Text, ["核实人", "审核人"],
            Absence::costs("不知道由谁核实", "nobody knows who verified");
        verified_at: Time = Kind::Instant, ["核实日期", "核实时间"];
        note: Maybe<Text> = Kind::Text, ["核实意见", "核实说明", "备注"];
    }
}

impl Kind {
    /// How its cells are laid out in Parquet.
    pub const fn layout(self) -> Layout {
        match self {
            Kind::Id | Kind::Text | Kind::Stage | Kind::Choice { .. } | Kind::List | Kind::Answers => Layout::Text,
            Kind::Number(_) | Kind::Within(..) => Layout::Number,
            Kind::Integer(..) => Layout::Integer,
            Kind::Flag => Layout::Flag,
            Kind::Date | Kind::Month => Layout::Date,
            Kind::Instant => Layout::Instant,
        }
    }
}

impl Table {
    /// Its columns as they are laid out in Parquet, in canonical order, and what is noted beside them.
    pub fn layouts(&self) -> Vec<(&'static str, Layout)> {
        let columns = self.columns.iter().map(|column| (column.name, column.kind.layout()));
        columns.chain(self.beside.iter().copied()).collect()
    }

    /// The table of that canonical name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The column that says to which case a row belongs, or which case it is; none where its rows are about no case.
    pub fn case_column(&self) -> Option<&'static str> {
        match self.parent {
            Parent::Application | Parent::MaybeApplication => Some("application_id"),
            Parent::CallbackSubject => Some("subject_id"),
            Parent::None => self.columns.first().filter(|column| column.kind == Kind::Id).map(|column| column.name),
        }
    }

    /// A column.
    ///
    /// # Panics
    /// Where the table has no such column, as [`Table::position`].
    pub fn column(&self, name: &str) -> &'static Column {
        &self.columns[self.position(name)]
    }

    /// The position of a column.
    ///
    /// # Panics
    /// Where the table has no such column: the names are this crate's own.
    pub fn position(&self, column: &str) -> usize {
        self.columns
            .iter()
            .position(|c| c.name == column)
            .unwrap_or_else(|| unreachable!("table {} has no column {column}", self.name))
    }
}

impl Column {
    const fn required(self) -> Column {
        Column { required: true, ..self }
    }

    const fn absent(self, absence: Absence) -> Column {
        assert!(!self.required, "a required column is never absent");
        Column { absence: Some(absence), ..self }
    }

    /// The names that users and exports know it by, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.zh.iter().copied())
    }

    /// What users call it.
    pub fn title(&self, lang: Lang) -> &'static str {
        lang.pick(self.zh.first().copied().unwrap_or(self.name), self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::headers::{self, Header};

    #[test]
    fn every_header_of_a_table_stands_for_one_column() {
        for table in TABLES {
            for (i, column) in table.columns.iter().enumerate() {
                for name in column.zh.iter().chain([&column.name]) {
                    let claims = headers::claims(table, &[Header::plain(name)]);
                    let found: Vec<usize> = (0..claims.len()).filter(|j| !claims[*j].is_empty()).collect();
                    // The time of an event is both its start and its end.
                    let shares = *name == "time:timestamp" && matches!(column.name, "started_at" | "finished_at");
                    assert!(found == [i] || shares && found.contains(&i), "{}: {name}: {found:?}", table.name);
                }
            }
            assert!(table.key.iter().all(|key| table.columns.iter().any(|c| c.name == *key)));
        }
    }
}
