//! `yekuo doctor`: what can go wrong on this machine and in this folder, in one go, each with what to do.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::typed::DoctorArguments;
use super::{json, localized};
use crate::calendar::Day;
use crate::config::{Config, OWN_SOURCE};
use crate::error::{Error, ExitStatus, Result};
use crate::period::Previous;
use crate::pipeline::{self, Checked, Definitions, Rehearsed, Request, Steps, publish};
use crate::words::Lang;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Good,
    /// A run works, and somebody should know.
    Note,
    /// It stops a run.
    Stops,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Matter {
    Program,
    Terminal,
    Fonts,
    Pipelines,
    Data,
    Mapping,
    Rows,
    Calendar,
    Output,
    Space,
    Lock,
    Report,
}

impl Matter {
    fn title(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Matter::Program => ("程序", "program"),
            Matter::Terminal => ("终端", "terminal"),
            Matter::Fonts => ("字体", "fonts"),
            Matter::Pipelines => ("流水线与配置", "pipelines"),
            Matter::Data => ("数据目录", "data"),
            Matter::Mapping => ("来源映射与表头", "mapping"),
            Matter::Rows => ("数据行", "rows"),
            Matter::Calendar => ("日历", "calendar"),
            Matter::Output => ("报告目录", "output"),
            Matter::Space => ("磁盘空间", "space"),
            Matter::Lock => ("上次运行", "last run"),
            Matter::Report => ("最近的报告", "newest report"),
        };
        lang.pick(zh, en)
    }
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    matter: Matter,
    state: State,
    says: String,
}

/// The findings so far.
struct Findings {
    lang: Lang,
    all: Vec<Finding>,
}

impl Findings {
    fn add(&mut self, matter: Matter, state: State, zh: String, en: String) {
        self.all.push(Finding { matter, state, says: self.lang.pick(zh, en) });
    }

    fn stops(&mut self, matter: Matter, error: &Error) {
        self.all.push(Finding { matter, state: State::Stops, says: error.report(self.lang) });
    }

    fn text(&self) -> String {
        let line = |finding: &Finding| {
            let mark = match finding.state {
                State::Good => self.lang.pick("正常", "good"),
                State::Note => self.lang.pick("注意", "note"),
                State::Stops => self.lang.pick("问题", "stop"),
            };
            let says = finding.says.replace('\n', "\n        ");
            format!("[{mark}] {}{}{says}\n", finding.matter.title(self.lang), self.lang.pick("：", ": "))
        };
        let all: String = self.all.iter().map(line).collect();
        let stops = self.all.iter().filter(|finding| finding.state == State::Stops).count();
        all + &match stops {
            0 => self.lang.pick("可以运行。\n".to_owned(), "ready to run.\n".to_owned()),
            _ => self
                .lang
                .pick(format!("有 {stops} 处会使运行失败。\n"), format!("{stops} of these would stop a run.\n")),
        }
    }
}

/// Looks at everything; the status says whether anything would stop a run.
pub(super) fn doctor(arguments: &DoctorArguments, lang: Lang) -> Result<(String, ExitStatus)> {
    let mut findings = Findings { lang, all: Vec::new() };
    findings.surroundings();
    let request = arguments.source.request(None, lang);
    let reports = arguments.out.clone().unwrap_or_else(|| PathBuf::from("reports"));
    if findings.pipelines(request.pipeline.as_deref())
        && let Some(data) = findings.data(&request)
    {
        findings.exports(&request);
        findings.space(&data, &reports);
    }
    findings.output(&reports);
    findings.report(&reports, request.pipeline.as_deref());
    let stops = findings.all.iter().any(|finding| finding.state == State::Stops);
    let status = if stops { ExitStatus::GateFailed } else { ExitStatus::Good };
    let answer = if arguments.json { json(&findings.all)? } else { findings.text() };
    Ok((answer, status))
}

/// The first of some variables of the environment that says anything.
fn named(names: &[&str]) -> Option<String> {
    names.iter().filter_map(|name| env::var(name).ok()).find(|value| !value.is_empty())
}

impl Findings {
    /// The program, and what it is surrounded by.
    fn surroundings(&mut self) {
        let version = format!("yekuo {} ({}-{})", env!("CARGO_PKG_VERSION"), env::consts::ARCH, env::consts::OS);
        self.add(Matter::Program, State::Good, version.clone(), version);
        let locale = named(&["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default();
        let is_utf8 = cfg!(windows) || locale.to_lowercase().replace('-', "").contains("utf8");
        let said = localized::of_environment().unwrap_or_default().code();
        let zone = named(&["TZ"]).unwrap_or_else(|| self.lang.pick("系统时区", "that of the system").to_owned());
        let (state, fix_zh, fix_en) = match is_utf8 {
            true => (State::Good, "", ""),
            false => {
                (State::Note, "；中文若显示为乱码，请设 LANG=zh_CN.UTF-8", "; if Chinese looks wrong, set LANG=C.UTF-8")
            }
        };
        self.add(
            Matter::Terminal,
            state,
            format!("LANG={locale}，提示语言 {said}{fix_zh}；时区 {zone}（不影响结果）"),
            format!("LANG={locale}, messages in {said}{fix_en}; time zone {zone} (no figure depends on it)"),
        );
        self.add(
            Matter::Fonts,
            State::Good,
            "已内嵌，不需要安装".to_owned(),
            "embedded, nothing to install".to_owned(),
        );
    }

    /// The pipeline that is asked for, and those next to it; whether the first can be read.
    fn pipelines(&mut self, pipeline: Option<&Path>) -> bool {
        let own = match Definitions::read(pipeline) {
            Ok(definitions) => definitions,
            Err(error) => {
                self.stops(Matter::Pipelines, &error);
                return false;
            }
        };
        let mut right = vec![own.config.pipeline.name.clone()];
        for file in others(&own.config) {
            match Config::load(Some(&file)) {
                Ok(config) if right.contains(&config.pipeline.name) => {}
                Ok(config) => right.push(config.pipeline.name),
                Err(error) => self.stops(Matter::Pipelines, &error),
            }
        }
        let marts = own.catalogue.marts.len();
        self.add(
            Matter::Pipelines,
            State::Good,
            format!("{} 正确，指标表 {marts} 张", right.join("、")),
            format!("{}: no mistake, {marts} marts", right.join(", ")),
        );
        true
    }

    /// The data folder: its files, whether each can be read, and which is the newest.
    fn data(&mut self, request: &Request) -> Option<PathBuf> {
        let folder = Config::load(request.pipeline.as_deref())
            .and_then(|mut config| config.settle_source(request.data.as_deref(), request.source.as_deref()));
        let folder = match folder {
            Ok(folder) => folder,
            Err(error) => {
                self.stops(Matter::Data, &error);
                return None;
            }
        };
        let entries = match fs::read_dir(&folder).map_err(Error::io("read", &folder)) {
            Ok(entries) => entries,
            Err(error) => {
                self.stops(Matter::Data, &error);
                return None;
            }
        };
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        files.sort();
        for file in &files {
            if let Err(error) = fs::File::open(file).map_err(Error::io("read", file)) {
                self.stops(Matter::Data, &error);
            }
        }
        let changed = |file: &PathBuf| file.metadata().and_then(|found| found.modified()).ok();
        let newest = files.iter().filter_map(|file| Some((changed(file)?, file))).max();
        let newest = newest.map_or(String::new(), |(at, file)| {
            let seconds = at.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs();
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let day = Day((seconds / 86_400) as i32);
            self.lang.pick(format!("{name}（{day}）"), format!("{name} ({day})"))
        });
        let (place, count) = (folder.display(), files.len());
        let state = if files.is_empty() { State::Stops } else { State::Good };
        self.add(
            Matter::Data,
            state,
            format!("{place}：文件 {count} 个，最新 {newest}"),
            format!("{place}: {count} files, the newest {newest}"),
        );
        Some(folder)
    }

    /// Headers, rows and calendar: what a run would stop at.
    fn exports(&mut self, request: &Request) {
        match pipeline::check(request) {
            Err(error) => {
                self.stops(Matter::Mapping, &error);
                self.add(
                    Matter::Mapping,
                    State::Note,
                    "yekuo map 可以推测来源映射".to_owned(),
                    "yekuo map guesses a source mapping".to_owned(),
                );
                return;
            }
            Ok(Checked { survey, source }) => {
                let losses = survey.losses(self.lang, crate::ingest::survey::Costs::OfLookedAfter).len();
                let used = source.map_or_else(|| self.lang.pick("无", "none").to_owned(), |source| source.file);
                let state = if losses > 0 { State::Note } else { State::Good };
                self.add(
                    Matter::Mapping,
                    state,
                    format!("来源映射：{used}；未用与缺少的 {losses} 条（yekuo check 列出）"),
                    format!(
                        "source mapping: {used}; {losses} lines of what is not used or absent (yekuo check lists them)"
                    ),
                );
            }
        }
        match pipeline::rehearse(request, &Steps::shown(self.lang)) {
            Err(error) => self.stops(Matter::Rows, &error),
            Ok(Rehearsed { read, rejected, as_of, until, uncovered_years }) => {
                let until = until.map(|day| day.to_string()).unwrap_or_default();
                self.add(
                    Matter::Rows,
                    if rejected > 0 { State::Note } else { State::Good },
                    format!("读入 {read} 行，拒收 {rejected} 行；数据截至 {until}，统计日将为 {as_of}"),
                    format!("{read} rows read, {rejected} rejected; they reach up to {until}, the as-of day would be {as_of}"),
                );
                match &uncovered_years[..] {
                    [] => self.add(
                        Matter::Calendar,
                        State::Good,
                        "覆盖数据的全部年份".to_owned(),
                        "covers every year of the data".to_owned(),
                    ),
                    years => self.add(
                        Matter::Calendar,
                        State::Note,
                        format!("未覆盖 {years:?} 年，这些年只扣除周末；可在流水线中用 calendar = \"文件.csv\" 补充假日"),
                        format!("does not cover {years:?}, where only weekends are off; calendar = \"FILE.csv\" adds holidays"),
                    ),
                }
            }
        }
    }

    /// Whether reports can be written, and whether a run is going on or was cut off.
    fn output(&mut self, reports: &Path) {
        let place = existing(reports);
        match tempfile::tempfile_in(&place).map_err(Error::io("write", &place)) {
            Ok(_) => {
                let shown = reports.display();
                self.add(Matter::Output, State::Good, format!("{shown} 可写"), format!("{shown} can be written"));
            }
            Err(error) => self.stops(Matter::Output, &error),
        }
        match publish::state(reports) {
            publish::Left::Nothing => {
                self.add(Matter::Lock, State::Good, "没有残留".to_owned(), "nothing is left over".to_owned());
            }
            publish::Left::Unfinished => self.add(
                Matter::Lock,
                State::Note,
                "有未完成的报告（.yekuo-building），下次运行会清除，已发布的报告不受影响".to_owned(),
                "an unfinished report is left (.yekuo-building): the next run removes it, published ones are whole"
                    .to_owned(),
            ),
            publish::Left::Running(busy) => self.stops(Matter::Lock, &busy),
        }
    }

    /// Whether there is room for a lake and a report.
    fn space(&mut self, data: &Path, reports: &Path) {
        let Some(free) = free_bytes(&existing(reports)) else { return };
        let files = fs::read_dir(data).into_iter().flatten().flatten();
        let bytes: u64 = files.filter_map(|entry| entry.metadata().ok()).map(|found| found.len()).sum();
        let needed = bytes * SPACE_FACTOR + SPACE_LEAST;
        let state = if free < needed { State::Stops } else { State::Good };
        let [free, needed] = [free, needed].map(|bytes| bytes >> 20);
        self.add(
            Matter::Space,
            state,
            format!("空闲 {free} MB，运行约需 {needed} MB"),
            format!("{free} MB free, a run takes about {needed} MB"),
        );
    }

    /// The newest report of the pipeline.
    fn report(&mut self, reports: &Path, pipeline: Option<&Path>) {
        match Previous::newest(reports, pipeline) {
            Some(report) => {
                let (folder, as_of) = (report.folder.display(), report.as_of);
                self.add(
                    Matter::Report,
                    State::Good,
                    format!("{folder}，统计日 {as_of}"),
                    format!("{folder}, as of {as_of}"),
                );
            }
            None => {
                let place = reports.display();
                self.add(Matter::Report, State::Note, format!("{place} 中还没有"), format!("none in {place} yet"));
            }
        }
    }
}

/// How many times the size of the exports a run may take, and what it takes in any case, in bytes.
const SPACE_FACTOR: u64 = 4;
const SPACE_LEAST: u64 = 64 << 20;

/// The pipeline files next to the one that was read.
fn others(config: &Config) -> Vec<PathBuf> {
    let Some(folder) = &config.assets.folder else { return Vec::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder.as_path() };
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_pipeline = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "toml")
            && path.file_name().is_some_and(|name| name != Path::new(OWN_SOURCE).file_name().unwrap_or_default())
            && fs::read_to_string(path).is_ok_and(|text| text.lines().any(|line| line.starts_with("name = ")))
    };
    let mut files: Vec<PathBuf> = files.filter(is_pipeline).collect();
    files.sort();
    files
}

/// The nearest folder above a place that is there.
fn existing(place: &Path) -> PathBuf {
    let above = place.ancestors().find(|folder| folder.is_dir());
    above.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
