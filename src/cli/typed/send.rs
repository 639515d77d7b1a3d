//! What is typed to send a report.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(in crate::cli) struct SendArguments {
    /// 报告目录 · the folder of the report
    #[arg(value_name = "DIR")]
    pub(in crate::cli) report: PathBuf,
    /// 流水线文件或名称，send.toml 在它旁边 [缺省：pipelines 目录中的 send.toml] · pipeline file or name, next to which send.toml is [default: send.toml in the folder pipelines]
    #[arg(long)]
    pub(in crate::cli) pipeline: Option<PathBuf>,
    /// 真正发送；不加则只预览 · send it; without, it is only shown
    #[arg(long)]
    pub(in crate::cli) really: bool,
    /// 以前发送过的也再发一次 · send what was sent before once more
    #[arg(long)]
    pub(in crate::cli) again: bool,
}
