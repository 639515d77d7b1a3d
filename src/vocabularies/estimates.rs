//! The codes that estimators make.

use crate::words::{Term, vocabulary};

/// The scope, or the stratum, of all.
pub const ALL: Term = Term { code: "all", zh: "全部", en: "all" };

vocabulary! {
    /// A measure of the difference between the modes.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum Compared {
        /// Mean days of the energised.
        #[default]
        Plain = ["plain", "直接比较（仅已送电，未匹配）", "plain difference (finished ones alone)"],
        /// Mean days of the energised, matched.
        Matched = ["matched", "匹配后比较（仅已送电）", "matched difference (finished ones)"],
        /// How many have a match.
        MatchedProjects = ["matched_projects", "有可比对象的工单", "applications with a match"],
        /// How many have none.
        UnmatchedProjects = ["unmatched_projects", "没有可比对象的工单", "applications without a match"],
        /// The Kaplan–Meier median.
        Median = ["median", "送电天数中位数（计入在途）", "median days, open ones counted"],
        /// The mean up to the common horizon.
        RestrictedMean = ["restricted_mean", "共同期限内平均天数（计入在途）", "mean days to the horizon, open ones counted"],
        /// The log-rank test.
        LogRank = ["log_rank", "对数秩检验", "log-rank test"],
        /// The log-rank test within strata.
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
        /// No stratum has both modes.
        NoMatch = ["no_match", "没有可比对象", "no match"],
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
        /// The bureau.
        Bureau = ["bureau", "供电单位", "bureau"],
    }
}

/// The level of a covariate of numbers.
pub const GEOMETRIC_MEAN: Term = Term { code: "geometric_mean", zh: "几何平均", en: "geometric mean" };
