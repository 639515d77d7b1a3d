//! The codes that estimators make.

use crate::words::{Term, vocabulary};

/// The scope, or the stratum, of all.
pub const ALL: Term = Term { code: "all", zh: "全部", en: "all" };

vocabulary! {
    /// A measure of the difference between the modes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Compared {
        /// Restricted mean days of like cases, open ones counted.
        Matched = ["matched", "同类对比（计入在途）", "like with like, open ones counted"],
        /// How many are compared.
        MatchedProjects = ["matched_projects", "有可比对象的工单", "applications with a match"],
        /// How many are left out.
        UnmatchedProjects = ["unmatched_projects", "没有可比对象的工单", "applications without a match"],
        /// Mean days of the energised.
        #[default]
        Plain = ["plain", "直接比较（仅已送电，未匹配）", "plain difference (finished ones alone)"],
        /// The Kaplan–Meier median.
        Median = ["median", "送电天数中位数（计入在途）", "median days, open ones counted"],
        /// The mean up to the common horizon.
        RestrictedMean = ["restricted_mean", "共同期限内平均天数（计入在途，未匹配）", "mean days to the horizon, open ones counted, unmatched"],
        /// The log-rank test.
        LogRank = ["log_rank", "对数秩检验（未匹配）", "log-rank test, unmatched"],
        /// The log-rank test within groups.
        LogRankMatched = ["log_rank_matched", "对数秩检验（同类分层）", "log-rank test, like with like"],
        /// The share energised by the horizon.
        ShareEnergised = ["share_energised", "期限内已送电", "energised by the horizon"],
        /// The share cancelled by the horizon.
        ShareCancelled = ["share_cancelled", "期限内已撤销", "cancelled by the horizon"],
        /// The share open at the horizon.
        ShareOpen = ["share_open", "期限时仍在途", "still open at the horizon"],
    }
}

vocabulary! {
    /// What the numbers of a row count.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum MeasureUnit {
        /// Calendar days.
        #[default]
        Days = ["days", "天", "days"],
        /// Applications.
        Projects = ["projects", "户", "applications"],
        /// A share, 0–1.
        Share = ["share", "占比", "share"],
        /// A test statistic.
        Test = ["test", "检验", "test"],
        /// How many times as much.
        Ratio = ["ratio", "倍", "times"],
        /// A capacity.
        Kva = ["kva", "kVA", "kVA"],
    }
}

vocabulary! {
    /// What a reader must know of a row.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Remark {
        /// A mode has fewer than ten cases.
        TooFew = ["too_few", "户数不足 10，仅供参考", "fewer than 10 cases"],
        /// More than half are still open.
        NotReached = ["not_reached", "未过半，中位数未到", "median not reached"],
        /// No group has both modes.
        NoMatch = ["no_match", "没有可比对象", "no match"],
        /// Some curves are carried on beyond where they are known.
        CarriedOn = ["carried_on", "部分组到此已少有在观察的，曲线按最后所见延伸", "some groups have few at risk by then: their curves are carried on"],
        /// Too few for an interval of which a simulation has found that it covers.
        NotCovered = ["not_covered", "户数或送电数不足，区间的覆盖率未经检验，不给出", "too few for an interval whose coverage was tested: none is given"],
        /// The interval is left out.
        NoInterval = ["no_interval", "仅给出数值，不给区间", "figure alone, without an interval"],
    }
}

vocabulary! {
    /// What could make the modes' applications unlike.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum CovariateName {
        /// The capacity.
        Capacity = ["capacity", "容量", "capacity"],
        /// The voltage.
        Voltage = ["voltage", "电压等级", "voltage"],
        /// The quarter of acceptance.
        Season = ["season", "受理季度", "quarter of acceptance"],
        /// Whether it is a key project.
        KeyProject = ["key_project", "重点项目", "key project"],
        /// The year of acceptance: the trend in time.
        Year = ["year", "受理年份", "year of acceptance"],
        /// The bureau.
        Bureau = ["bureau", "供电单位", "bureau"],
    }
}

/// The level of a covariate of numbers.
pub const GEOMETRIC_MEAN: Term = Term { code: "geometric_mean", zh: "几何平均", en: "geometric mean" };
/// The level of being a key project.
pub const IS_KEY: Term = Term { code: "key", zh: "是", en: "yes" };

vocabulary! {
    /// A way to answer whether order-style is faster.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Analysis {
        /// Restricted means of like cases, open ones counted.
        Headline = ["headline", "主要结论：同类对比，计入在途", "headline: like with like, open ones counted"],
        /// The same, cancelled ones never energised.
        NeverEnergised = ["never_energised", "同上，撤销的视为始终未送电", "the same, cancelled ones as never energised"],
        /// The headline at 365 days.
        Year = ["at_365_days", "主要结论，期限放到 365 天", "headline at 365 days"],
        /// The headline without key projects.
        WithoutKey = ["without_key", "主要结论，不含重点项目", "headline without key projects"],
        /// The headline of those accepted twelve months or more before the as-of day.
        Older = ["accepted_12_months_ago", "主要结论，只取受理满 12 个月的", "headline, accepted at least 12 months ago"],
        /// Mean days of like cases that are finished.
        Finished = ["matched_finished", "同类对比，只取已送电的", "like with like, finished ones alone"],
        /// Mean days of all that are finished.
        Plain = ["plain", "直接比较，只取已送电的，未匹配", "plain, finished ones alone, unmatched"],
        /// The log-rank test within groups.
        LogRank = ["log_rank", "分层对数秩检验", "stratified log-rank test"],
        /// The Cox regression within groups.
        Cox = ["cox", "分层 Cox 回归，扣除重点项目、季度和年份趋势", "stratified Cox regression, adjusted for key project, quarter and trend"],
    }
}

vocabulary! {
    /// What an analysis finds.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ModeFinding {
        /// Order-style is faster.
        Faster = ["faster", "订单式更快", "order-style faster"],
        /// It is slower.
        Slower = ["slower", "订单式更慢", "order-style slower"],
        /// The interval holds no difference too.
        Undecided = ["undecided", "看不出差别", "no difference shown"],
    }
}
