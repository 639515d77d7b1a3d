//! Which applications a report is asked to be about.

use clap::Args;

use super::{NotRead, condition};
use crate::rules::only::Only;

#[derive(Debug, Args)]
pub(in crate::cli) struct OnlyArguments {
    /// 只含符合条件的工单（可重复），例如 --only 供电单位=城东供电所；可用：供电单位、单位、服务方式、电压分档、客户类别、业务类型、重点项目 · a report about some applications only (repeatable), such as --only mode=order: by bureau, unit, mode, voltage_class, customer_class, business or key_project
    #[arg(long, value_name = "KEY=VALUE", value_parser = asked)]
    only: Vec<(String, String)>,
}

impl OnlyArguments {
    /// What is asked for.
    pub(in crate::cli) fn asked(&self) -> Only {
        let mut only = Only::default();
        for (key, value) in &self.only {
            // Each was read when it was typed.
            let _ = only.ask(key, value);
        }
        only
    }
}

/// A condition that a report can be asked for.
fn asked(text: &str) -> Result<(String, String), NotRead> {
    let (key, value) = condition(text)?;
    Only::default().ask(&key, &value).map_err(NotRead)?;
    Ok((key, value))
}
