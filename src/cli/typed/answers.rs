//! What is typed for the round of the 考核表: what came back, and who signs.

use std::path::PathBuf;

use clap::Args;

use super::{NotRead, day};
use crate::calendar::Day;

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    /// 返回的工作簿 · the returned workbooks
    #[arg(required = true, value_name = "FILE")]
    pub(in crate::cli) files: Vec<PathBuf>,
    /// 发出考核表的报告目录 [缺省：最近的一份] · the report that handed the forms out [default: the newest one of the pipeline in reports/]
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) report: Option<PathBuf>,
    /// 流水线文件或名称 [缺省：monthly] · pipeline file or name [default: monthly]
    #[arg(long)]
    pub(in crate::cli) pipeline: Option<PathBuf>,
    /// 数据目录，核实结论表写入其中 [缺省：流水线所写的] · the data folder, into which the table goes [default: that of the pipeline]
    #[arg(long, value_name = "DIR", conflicts_with = "out")]
    pub(in crate::cli) data: Option<PathBuf>,
    /// 核实结论表 [缺省：数据目录中的核实结论表] · the table [default: verifications.csv in the data folder]
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// 核实人，表中未写明时采用 · who verified, where a sheet does not say
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) by: Option<String>,
    /// 核实日期，表中未写明时采用 · the day of the verification, where a sheet does not say
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(in crate::cli) on: Option<Day>,
    /// 与已有结论不一致时，以这次的为准 · let answers replace earlier ones that say something else
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

/// A name that is not blank.
fn name(text: &str) -> Result<String, NotRead> {
    let text = text.trim();
    let wrong = || NotRead::new("请写明姓名", "a name is needed");
    if text.is_empty() { Err(wrong()) } else { Ok(text.to_owned()) }
}

#[derive(Debug, Args)]
pub(in crate::cli) struct SignArguments {
    /// 报告目录 · the folder of the report
    #[arg(value_name = "DIR")]
    pub(in crate::cli) report: PathBuf,
    /// 签署人 · who signs
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(in crate::cli) by: String,
    /// 签署日期 · the day of it
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(in crate::cli) on: Day,
}
