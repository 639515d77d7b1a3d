//! What is typed about what earlier runs have kept.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(in crate::cli) struct LakeArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: LakeCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LakeCommand {
    /// 列出留存的结果 · list what is kept
    List {
        /// 各份报告的 lake 所在的目录 · the folder that the lakes of reports are in
        #[arg(default_value = "reports/lake", value_name = "DIR")]
        lakes: PathBuf,
        /// 以 JSON 输出结果 · answer in JSON
        #[arg(long)]
        json: bool,
    },
    /// 逐个文件核对，与留存时不同的删除 · compare every file with what was kept, and remove what is not that any more
    Verify {
        /// 各份报告的 lake 所在的目录 · the folder that the lakes of reports are in
        #[arg(default_value = "reports/lake", value_name = "DIR")]
        lakes: PathBuf,
    },
    /// 删除留存的结果；已发布的报告和它们的 lake 不受影响 · remove what is kept; published reports and their lakes stay
    Prune {
        /// 各份报告的 lake 所在的目录 · the folder that the lakes of reports are in
        #[arg(default_value = "reports/lake", value_name = "DIR")]
        lakes: PathBuf,
        /// 只删除这么多天没有用过的 · only what no run has used for so many days
        #[arg(long, default_value_t = 0)]
        days: u64,
    },
}
