//! Which plans are asked for.

use std::path::PathBuf;

use clap::Args;

use super::{AsOfArguments, SourceArguments};
use crate::plan;

#[derive(Debug, Args)]
pub(in crate::cli) struct PlanArguments {
    #[command(flatten)]
    pub(in crate::cli) source: SourceArguments,
    #[command(flatten)]
    pub(in crate::cli) as_of: AsOfArguments,
    /// 只编制这些工单（可重复）· plan these applications (repeatable)
    #[arg(long = "application", value_name = "ID", conflicts_with = "all")]
    pub(in crate::cli) applications: Vec<String>,
    /// 编制全部在途订单式工单 · plan every open order-style application
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// 工期依据：limits 标准时限，history 同类环节净工作日的 80 分位 · what says how long a stage takes: limits, the rule book, or history, the 80th percentile of the net days of like stages
    #[arg(long, value_enum, default_value = "limits", hide_possible_values = true)]
    pub(in crate::cli) basis: plan::Basis,
    /// 计划目录 [缺省：reports/<流水线>-plan-<统计日>] · where the plans go [default: reports/<pipeline>-plan-<as-of>]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl PlanArguments {
    /// What is to be planned.
    pub(in crate::cli) fn wanted(&self) -> plan::Wanted {
        let mut named = self.applications.clone();
        named.sort();
        named.dedup();
        let which = match (self.all, named.is_empty()) {
            (true, _) => plan::Which::All,
            (false, true) => plan::Which::Unplanned,
            (false, false) => plan::Which::Named(named),
        };
        plan::Wanted { which, basis: self.basis, out: self.out.clone() }
    }
}
