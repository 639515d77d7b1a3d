//! `yekuo export`: what was typed, and what is answered.

use std::path::{Path, PathBuf};

use clap::Args;

use super::typed::{NotRead, day};
use super::{json, tell};
use crate::calendar::Day;
use crate::error::Result;
use crate::export::{self, Format, Wanted};
use crate::period::Previous;
use crate::pipeline::{Request, Steps};
use crate::words::Lang;

#[derive(Debug, Args)]
pub(super) struct ExportArguments {
    /// 文件；格式由扩展名决定：.xes、.xes.gz、.ocel.json、.jsonocel、.ocel.xml、.xmlocel · the file; what it ends in says the form: .xes, .xes.gz, .ocel.json, .jsonocel, .ocel.xml, .xmlocel
    #[arg(value_parser = file)]
    file: PathBuf,
    /// 替换已有的文件 · replace a file that is there
    #[arg(long)]
    force: bool,
    /// 也写入客户名称和电话 · write the names and telephone numbers of customers too
    #[arg(long)]
    personal: bool,
    /// 统计日，其后的事件不写入 [缺省：数据中最后一个完整报告期的末日] · as-of date: later events are not written [default: the end of the last complete period in the data]
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Day>,
    /// 流水线文件，或内置流水线的名称 [缺省：monthly] · pipeline file, or the name of one that is built in [default: monthly]
    #[arg(long)]
    pub(super) pipeline: Option<PathBuf>,
    /// 数据目录 · folder of exports with canonical or usual Chinese names
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 来源映射文件，也用于 --data · source mapping, instead of the pipeline's; for --data too
    #[arg(long, value_name = "FILE")]
    source: Option<PathBuf>,
    /// 已有的中间数据目录 [缺省：没有 --data、--source、--as-of 时，reports/ 中最近一份报告的] · the lake of an earlier run [default: without --data, --source and --as-of that of the newest report in reports/]
    #[arg(long, value_name = "DIR", conflicts_with_all = ["data", "as_of"])]
    lake: Option<PathBuf>,
    /// 以 JSON 输出结果 · answer in JSON
    #[arg(long)]
    json: bool,
}

/// A file whose name says the form.
fn file(text: &str) -> std::result::Result<PathBuf, NotRead> {
    let endings = Format::ENDINGS.map(|(ending, _)| ending);
    let wrong = || {
        NotRead::new(
            &format!("文件名以 {} 结尾", endings.join("、")),
            &format!("a file ends in {}", endings.join(", ")),
        )
    };
    let file = PathBuf::from(text);
    Format::of(&file).map(|_| file).ok_or_else(wrong)
}

impl ExportArguments {
    fn request(&self, lang: Lang) -> Request {
        let (pipeline, data, source) = (self.pipeline.clone(), self.data.clone(), self.source.clone());
        Request { pipeline, data, source, as_of: self.as_of, allow_stale: true, lang }
    }

    /// The data of the newest report in `reports/`, where nothing says what else to read.
    fn newest_lake(&self) -> Option<PathBuf> {
        if self.data.is_some() || self.source.is_some() || self.as_of.is_some() {
            return None;
        }
        let reports = Path::new("reports");
        let newest = Previous::newest(reports, self.pipeline.as_deref())?;
        let lake = reports.join("lake").join(newest.folder.file_name()?);
        lake.join("raw").is_dir().then_some(lake)
    }
}

/// Writes the event log and says what is not in it.
pub(super) fn run(arguments: &ExportArguments, lang: Lang) -> Result<String> {
    let lake = arguments.lake.clone().or_else(|| arguments.newest_lake());
    if let (None, Some(lake)) = (&arguments.lake, &lake) {
        tell(&lang.pick(
            format!("采用最近一次报告的数据：{}（--data 重新读取导出文件）", lake.display()),
            format!("from the newest report's data in {} (--data reads exports again)", lake.display()),
        ));
    }
    let &ExportArguments { force, personal, .. } = arguments;
    let file = arguments.file.clone();
    let format = Format::of(&file).unwrap_or(Format::Xes);
    let wanted = Wanted { file, format, personal, force };
    let exported = export::run(&arguments.request(lang), lake.as_deref(), &wanted, &Steps::shown())?;
    exported.losses(lang).iter().for_each(|loss| tell(loss));
    if arguments.json {
        return json(&exported);
    }
    let (place, cases, events, as_of) = (wanted.file.display(), exported.cases, exported.events, &exported.as_of);
    Ok(lang.pick(
        format!("已写入 {place}：{cases} 件工单，{events} 个事件，截至 {as_of}\n"),
        format!("{place} written: {cases} applications, {events} events, up to {as_of}\n"),
    ))
}
