//! The commands: one short function each, from what was typed (`typed`) to what is answered.
//!
//! stdout is the answer, stderr is for people.

mod doctor;
mod export;
mod lake;
mod localized;
mod map;
mod send;
mod sign;
mod typed;
mod verify;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches};

use crate::assets;
use crate::backtest;
use crate::calendar::Day;
use crate::clean::dictionary;
use crate::config::{self, SourceUsed};
use crate::disk;
use crate::error::{Error, ExitStatus, Result};
use crate::explain;
use crate::ingest::survey::{Costs, Survey};
use crate::pipeline::manifest::Manifest;
use crate::pipeline::publish::Site;
use crate::pipeline::{self, Checked, Definitions, Divided, Edited, Published, Request, Steps, publish};
use crate::plan;
use crate::sample::{self, Sample};
use crate::schema;
use crate::send as sending;
use crate::spelling::nearest;
use crate::supervise;
use crate::words::Lang;
use typed::{
    Arguments, BacktestArguments, Command, ExplainArguments, IngestArguments, MartsArguments, PlanArguments,
    RunArguments, SampleArguments, SampleFormat, SampleLayout, SourceArguments, TablesArguments,
};

/// The language of what is said and, where they differ, of what is made: the environment has no say in a report, which
/// must have the same bytes everywhere.
#[derive(Clone, Copy)]
struct Languages {
    said: Lang,
    made: Lang,
}

/// Runs the program on its arguments, in a process of its own; gives back the exit status.
pub fn main() -> u8 {
    let lang = localized::of_session(&typed()).unwrap_or_default();
    supervise::run(lang, run, |place| {
        // What is left is said by `doctor`, and cleared up by the next run.
        let _ = publish::clear_all(place);
    })
}

fn typed() -> Vec<String> {
    std::env::args_os().map(|typed| typed.to_string_lossy().into_owned()).collect()
}

/// Runs the program on its arguments.
fn run() -> ExitStatus {
    let typed = typed();
    let session = localized::of_session(&typed);
    let arguments = match parsed(session.unwrap_or_default()) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error, session.unwrap_or_default()),
    };
    let level = if arguments.verbose { "info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("YEKUO_LOG").unwrap_or_else(|_| level.into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).without_time().init();
    // Where the session names no language, it is that of the report.
    let made = arguments.lang.or_else(|| config::lang_of(arguments.pipeline()?)).unwrap_or_default();
    let languages = Languages { said: session.unwrap_or(made), made };
    match execute(&arguments.command, languages) {
        Ok((answer, status)) => match answered(&answer) {
            ExitStatus::Good => status,
            other => other,
        },
        Err(error) => {
            let mark = languages.said.pick("错误：", "error: ");
            let _ = writeln!(io::stderr(), "{mark}{}", error.report(languages.said));
            if let Some(meant) = nearest_path(&error) {
                let meant = meant.display();
                tell(&languages.said.pick(format!("是否指「{meant}」？"), format!("hint: did you mean `{meant}`?")));
            }
            error.status()
        }
    }
}

/// The path that was probably meant, where a folder or file is not there: what is nearest by name in the last folder of
/// the path that is.
fn nearest_path(error: &Error) -> Option<PathBuf> {
    let Error::Io { path, source, .. } = error else { return None };
    if source.kind() != io::ErrorKind::NotFound {
        return None;
    }
    let missing = path.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists()).last()?;
    let folder = missing.parent()?;
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut names: Vec<String> =
        fs::read_dir(here).ok()?.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    let near = nearest(missing.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    Some(folder.join(near))
}

fn parsed(lang: Lang) -> std::result::Result<Arguments, clap::Error> {
    let command = localized::command(Arguments::command(), lang);
    // `yekuo help run` is `yekuo run --help`.
    let mut typed: Vec<OsString> = std::env::args_os().collect();
    if typed.get(1).is_some_and(|first| first == "help") {
        typed.remove(1);
        typed.push("--help".into());
    }
    command.try_get_matches_from(typed).and_then(|matches| Arguments::from_arg_matches(&matches))
}

/// Prints what the parser has to say instead of arguments: help and version are answers.
fn refused(error: &clap::Error, lang: Lang) -> ExitStatus {
    let said = localized::said(error, lang);
    if error.use_stderr() {
        let _ = write!(io::stderr(), "{said}");
        ExitStatus::CouldNotRun
    } else {
        answered(&said)
    }
}

fn answered(answer: &str) -> ExitStatus {
    match io::stdout().lock().write_all(answer.as_bytes()) {
        Ok(()) => ExitStatus::Good,
        // Whoever read the answer has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitStatus::Good,
        Err(_) => ExitStatus::CouldNotRun,
    }
}

/// The answer of a command, and how it ends where it could be carried out.
fn execute(command: &Command, languages: Languages) -> Result<(String, ExitStatus)> {
    let lang = languages.said;
    let answer = match command {
        Command::Run(run) => return run_pipeline(run, languages),
        Command::Ingest(ingest) => ingest_only(ingest, languages),
        Command::Check(source) => check(source, lang),
        Command::Marts(marts) => show_marts(marts, lang),
        Command::Tables(tables) => show_tables(tables, lang),
        Command::Explain(explain) => explain_one(explain, lang),
        Command::Export(export) => export::run(export, lang),
        Command::Plan(plan) => make_plans(plan, languages),
        Command::Verify(asked) => return verify::run(asked, languages),
        Command::Sign(asked) => sign::run(asked, lang),
        Command::Send(asked) => return send::run(asked, lang),
        Command::Lake(asked) => return lake::run(asked, lang),
        Command::Backtest(replay) => replay_forecasts(replay, lang),
        Command::Sample(sample) => make_sample(sample, lang),
        Command::Init { folder } => init(folder, lang),
        Command::Map(asked) => return map::map(asked, lang),
        Command::Doctor(asked) => return doctor::doctor(asked, lang),
        Command::Schema { name } => schema(name.as_deref(), lang),
        Command::Completions { shell } => Ok(completions(*shell)),
        Command::Man => manual(lang),
    };
    Ok((answer?, ExitStatus::Good))
}

/// Says something to people, not to programs.
fn tell(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn run_pipeline(arguments: &RunArguments, languages: Languages) -> Result<(String, ExitStatus)> {
    let (allow_stale, lang) = (arguments.allow_stale, languages.said);
    let only = arguments.only.asked();
    let request = Request {
        allow_stale,
        only,
        all_marts: arguments.all_marts,
        ..arguments.source.request(arguments.as_of.day(), languages.made)
    };
    let (output, steps) = (arguments.output(), Steps::shown(lang));
    let (published, divided) = match &arguments.each {
        Some(level) => pipeline::divided(&request, &output, level, &steps)?,
        None => (pipeline::run(&request, &output, &steps)?, Divided::default()),
    };
    let Published { out, manifest, work, edited, not_latest } = published;
    let shelf = pipeline::shelve(&out, output.out.is_none());
    if arguments.json {
        return Ok((json(&manifest)?, ExitStatus::Good));
    }
    if request.as_of.is_none() {
        tell_as_of(manifest.as_of, lang);
    }
    tell_uncovered(&manifest.uncovered_years, lang);
    if let Some(about) = &manifest.only {
        tell(&about.say(lang));
    }
    tell_reach(&manifest, lang);
    tell_source(manifest.source.as_ref(), lang);
    tell(&manifest.inputs.text(lang));
    manifest.events.lines(lang).iter().for_each(|line| tell(&format!("  {line}")));
    if let Some(survey) = &manifest.survey {
        tell_losses(survey, lang);
    }
    tell_edition(&manifest, lang);
    tell_edited(edited.as_ref(), lang);
    not_latest.iter().for_each(|error| tell_not_latest(error, lang));
    shelf.say(lang).iter().for_each(|said| tell(said));
    let page = out.join("index.html");
    let answer = match work.is_none() {
        true => lang.pick(
            format!("导出文件、规则和程序都没有变，报告仍是原来的，请打开：{}\n", page.display()),
            format!(
                "exports, rules and program are the same, and so is the report that stands; open {}\n",
                page.display()
            ),
        ),
        false => lang
            .pick(format!("报告已发布，请打开：{}\n", page.display()), format!("published; open {}\n", page.display())),
    };
    Ok((answer + &parts(&divided, lang), tell_failed(&divided, lang)))
}

/// The pages of the parts of a report, a line each.
fn parts(divided: &Divided, lang: Lang) -> String {
    let parts = divided.stand.iter().map(|(unit, out)| {
        let page = out.join("index.html");
        lang.pick(format!("{unit}：{}\n", page.display()), format!("{unit}: {}\n", page.display()))
    });
    parts.collect()
}

/// Which parts of a report could not be published, and why; how the command ends.
fn tell_failed(divided: &Divided, lang: Lang) -> ExitStatus {
    for (unit, error) in &divided.failed {
        let error = error.report(lang);
        tell(&lang.pick(format!("错误：{unit}：{error}"), format!("error: {unit}: {error}")));
    }
    divided.failed.first().map_or(ExitStatus::Good, |(_, error)| error.status())
}

/// Which edition of its period's report it is, from the second on.
fn tell_edition(manifest: &Manifest, lang: Lang) {
    let number = manifest.edition;
    if number > 1 {
        tell(&lang.pick(
            format!("这是该报告期的第 {number} 版，以前各版在 editions 目录中"),
            format!("this is edition {number} of the period's report; the earlier ones are in the folder `editions`"),
        ));
    }
}

/// Where files are that a user had changed before another report took their place.
fn tell_edited(edited: Option<&Edited>, lang: Lang) {
    let Some(Edited { files, kept }) = edited else { return };
    const MOST: usize = 5;
    let named: Vec<_> = files.iter().take(MOST).map(|file| file.display().to_string()).collect();
    let (named, count, kept) = (named.join(lang.pick("、", ", ")), files.len(), kept.display());
    tell(&lang.pick(
        format!("注意：原报告中有 {count} 个文件被改动过（{named}），连同原报告保留在 {kept}"),
        format!(
            "note: {named} of the report before had been changed by somebody ({count} in all); kept with it in {kept}"
        ),
    ));
}

/// Why the pointer to the newest publication leads to an earlier one; the report stands all the same.
fn tell_not_latest(error: &Error, lang: Lang) {
    let error = error.report(lang);
    tell(&lang.pick(
        format!("注意：editions 目录中的 latest 没有指向这份报告，按它读取的程序读不到：{error}"),
        format!(
            "note: `latest` in the folder `editions` does not name this report, for programs that read by it: {error}"
        ),
    ));
}

/// By which mapping the exports are read.
fn tell_source(source: Option<&SourceUsed>, lang: Lang) {
    if let Some(source) = source {
        tell(&lang.pick(format!("来源映射：{}", source.file), format!("source mapping: {}", source.file)));
        if source.passes_over_own {
            tell(&lang.pick(
                format!("注意：数据目录中的 {} 没有采用", config::OWN_SOURCE),
                format!("note: {} of the data folder is not used", config::OWN_SOURCE),
            ));
        }
    }
}

fn tell_as_of(as_of: Day, lang: Lang) {
    tell(&lang.pick(
        format!("未指定统计日：采用数据中最后一个完整报告期的末日 {as_of}"),
        format!("no --as-of was given: the last complete period in the data ends on {as_of}"),
    ));
}

fn tell_uncovered(years: &[i32], lang: Lang) {
    if !years.is_empty() {
        tell(&lang.pick(
            format!("注意：日历未覆盖 {years:?} 年，只扣除周末"),
            format!("note: the calendar does not cover {years:?}; only weekends are off there"),
        ));
    }
}

/// How far the exports reach, and which names were taken for one.
fn tell_reach(manifest: &Manifest, lang: Lang) {
    if let Some(until) = &manifest.data_until {
        tell(&lang.pick(format!("数据截至 {until}"), format!("the data reach up to {until}")));
    }
    if let Some(stale) = &manifest.stale {
        let said = stale.say(lang);
        tell(&lang.pick(format!("注意：{said}"), format!("note: {said}")));
    }
    for doubt in &manifest.doubts {
        let said = doubt.get(lang);
        tell(&lang.pick(format!("注意：{said}"), format!("note: {said}")));
    }
    const MOST: usize = 20;
    for joined in manifest.joined_names.iter().take(MOST) {
        let others = joined.others.iter().map(|(text, times)| format!("「{text}」×{times}")).collect::<Vec<_>>();
        let (shown, others) = (&joined.shown, others.join(lang.pick("、", ", ")));
        tell(&lang.pick(
            format!("注意：{others} 与「{shown}」按同一名称统计"),
            format!("note: {others} counted with 「{shown}」 as one name"),
        ));
    }
    let more = manifest.joined_names.len().saturating_sub(MOST);
    if more > 0 {
        tell(&lang.pick(
            format!("注意：另有 {more} 个名称或编号有多种写法，见报告「数据质量」和 run.json"),
            format!("note: {more} more names or identifiers are spelt in several ways: see the report's data quality, and run.json"),
        ));
    }
}

/// Names what was not used of the exports, and what absent columns cost.
fn tell_losses(survey: &Survey, lang: Lang) {
    let losses = survey.losses(lang, Costs::OfLookedAfter);
    if !losses.is_empty() {
        tell(lang.pick("未用与缺少的：", "not used, or absent:"));
        losses.iter().for_each(|loss| tell(&format!("  {loss}")));
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Error::render("JSON"))
}

fn ingest_only(arguments: &IngestArguments, languages: Languages) -> Result<String> {
    let (request, lang) = (arguments.source.request(None, languages.made), languages.said);
    let (inputs, survey) = pipeline::ingest(&request, &arguments.lake, &Steps::shown(lang))?;
    tell_losses(&survey, lang);
    if arguments.json { json(&inputs) } else { Ok(inputs.text(lang) + "\n") }
}

fn check(source: &SourceArguments, lang: Lang) -> Result<String> {
    sending::check(source.pipeline.as_deref())?;
    let request = source.request(None, lang);
    let Checked { survey, source } = pipeline::check(&request)?;
    tell_source(source.as_ref(), lang);
    for said in pipeline::unassigned(&request, &Steps::shown(lang))? {
        let said = said.get(lang);
        tell(&lang.pick(format!("注意：{said}"), format!("note: {said}")));
    }
    let title = lang.pick("配置正确；找到的文件：\n", "the configuration is right; files found:\n");
    Ok(title.to_owned() + &survey.text(lang))
}

fn show_marts(arguments: &MartsArguments, lang: Lang) -> Result<String> {
    let definitions = Definitions::read(arguments.pipeline.as_deref())?;
    let Definitions { config, catalogue } = &definitions;
    let Some(name) = &arguments.name else {
        if arguments.json {
            let names: Vec<_> = catalogue.marts.iter().map(|m| (&m.name, m.definition.title.get(lang))).collect();
            return json(&names);
        }
        let line = |mart: &crate::marts::Mart| format!("{:<20} {}\n", mart.name, mart.definition.title.get(lang));
        return Ok(catalogue.marts.iter().map(line).collect());
    };
    let mart = catalogue.mart(name)?;
    let definition = &mart.definition;
    if arguments.json {
        let columns: Vec<_> =
            definition.laid_out().iter().map(|c| (c.name(), c.title().get(lang), c.about().get(lang))).collect();
        return json(
            &serde_json::json!({ "name": mart.name, "grain": definition.grain, "columns": columns, "sql": mart.texts() }),
        );
    }
    let mut answer = format!("{} · {}\n{}\n", mart.name, definition.title.get(lang), definition.about.get(lang));
    if let Some((first, rest)) = definitions.example(mart, lang)?.split_first() {
        answer += &format!("{}{first}\n", lang.pick("例：", "Example: "));
        answer.extend(rest.iter().map(|line| format!("  {line}\n")));
    }
    if !definition.source.is_empty() {
        let sources = config.vocabularies.sources(&definition.source, lang);
        answer += &format!("{}{sources}\n", lang.pick("依据：", "Source: "));
    }
    answer += &lang.pick(
        format!("粒度：{}\n\n", definition.grain.join("、")),
        format!("grain: {}\n\n", definition.grain.join(", ")),
    );
    for column in definition.laid_out() {
        let (name, title, about) = (column.name(), column.title().get(lang), column.about().get(lang));
        answer += format!("  {name:<24} {title}  {about}").trim_end();
        answer.push('\n');
    }
    if definition.estimator.is_some() {
        answer += lang.pick("\n由估计方法得出，下面的 SQL 只计数：\n", "\nestimated; the SQL below only counts:\n");
    }
    Ok(answer + "\n" + &mart.texts().join("\n"))
}

fn show_tables(arguments: &TablesArguments, lang: Lang) -> Result<String> {
    match &arguments.name {
        Some(name) => {
            let table = dictionary::table(name)?;
            if arguments.json { json(&dictionary::entry(&table, lang)) } else { Ok(dictionary::text(&table, lang)) }
        }
        None if arguments.json => json(&dictionary::entries(lang)),
        None => Ok(dictionary::list(lang)),
    }
}

/// The lake that is named, else that of the newest report, which is said then.
fn lake_of(named: Option<&PathBuf>, newest: impl FnOnce() -> Option<PathBuf>, lang: Lang) -> Option<PathBuf> {
    let told = |lake: &PathBuf| {
        tell(&lang.pick(
            format!("采用最近一次报告的数据：{}（--data 重新读取导出文件）", lake.display()),
            format!("from the newest report's data in {} (--data reads exports again)", lake.display()),
        ));
    };
    named.cloned().or_else(|| newest().inspect(told))
}

fn explain_one(arguments: &ExplainArguments, lang: Lang) -> Result<String> {
    let (request, question) = (arguments.request(lang), arguments.question());
    let lake = lake_of(arguments.from.lake.as_ref(), || arguments.newest_lake(), lang);
    let explanation = explain::run(&request, lake.as_deref(), &question, &Steps::shown(lang))?;
    if let Some(path) = &arguments.chart {
        explanation.write_chart(question.name, path, arguments.force)?;
    }
    if arguments.json { json(&explanation) } else { Ok(explanation.text()) }
}

fn make_plans(arguments: &PlanArguments, languages: Languages) -> Result<String> {
    let lang = languages.said;
    let request = arguments.source.request(arguments.as_of.day(), languages.made);
    let Published { out, manifest, edited, .. } = plan::run(&request, arguments.wanted(), &Steps::shown(lang))?;
    tell_edited(edited.as_ref(), lang);
    if arguments.json {
        return json(&manifest);
    }
    if request.as_of.is_none() {
        tell_as_of(manifest.as_of, lang);
    }
    tell_uncovered(&manifest.uncovered_years, lang);
    let count = manifest.projects.len();
    if count == 0 {
        tell(lang.pick(
            "没有需要编制计划的订单式工单：在途、有期望送电日期、尚无环节要求完成日期的才编制；--all 编制全部",
            "no order-style application is to be planned: open, with a wish, and without due dates; --all plans them all",
        ));
    }
    let late = manifest.projects.iter().filter(|project| project.is_feasible == Some(false)).count();
    tell(&lang.pick(
        format!("编制计划 {count} 项，其中期望日期不可行 {late} 项"),
        format!("{count} planned, of which {late} cannot be done by the day that was wished for"),
    ));
    if count > 0 {
        tell(&manifest.backtest.text(lang));
    }
    let book = out.join("plan.xlsx");
    Ok(lang.pick(format!("计划已发布，请打开：{}\n", book.display()), format!("published; open {}\n", book.display())))
}

fn replay_forecasts(arguments: &BacktestArguments, lang: Lang) -> Result<String> {
    let request = arguments.source.request(arguments.as_of.day(), lang);
    let backtest = backtest::run(&request, arguments.months, &Steps::shown(lang))?;
    if arguments.json { json(&backtest) } else { Ok(backtest.text().to_owned()) }
}

fn make_sample(arguments: &SampleArguments, lang: Lang) -> Result<String> {
    let &SampleArguments { applications, seed, months, .. } = arguments;
    let sample = Sample { applications, seed, months, ..Sample::default() };
    let form = match (arguments.layout, arguments.format) {
        (SampleLayout::Exports, _) => sample::Form::Exports,
        (SampleLayout::Canonical, SampleFormat::Csv) => sample::Form::Csv,
        (SampleLayout::Canonical, SampleFormat::Parquet) => sample::Form::Parquet,
    };
    let files = write_sample(&sample, form, &arguments.folder)?;
    let folder = arguments.folder.display();
    tell(&lang.pick(
        format!("已写入 {} 个文件到 {folder}", files.len()),
        format!("{} files written to {folder}", files.len()),
    ));
    Ok(files.iter().map(|file| format!("{}\n", file.display())).collect())
}

/// What is not of an earlier sample is never replaced, nor what was changed of one.
fn write_sample(sample: &Sample, form: sample::Form, folder: &Path) -> Result<Vec<PathBuf>> {
    let site = Site::at(folder)?;
    if let Some(file) = site.edited.into_iter().next() {
        return Err(Error::Occupied { path: folder.to_owned(), file });
    }
    let calendar = config::embedded_calendar("cn")?;
    let files = disk::fill(folder, |building| {
        let files = sample::write(sample, form, &calendar, building)?;
        publish::list(building)?;
        Ok(files.iter().map(|file| folder.join(file.strip_prefix(building).unwrap_or(file))).collect::<Vec<_>>())
    })?;
    // Of the sample before, which may have had other files, nothing stays to be read with this one.
    for file in site.written.iter().map(|file| folder.join(file)).filter(|file| !files.contains(file)) {
        disk::remove(&file)?;
    }
    Ok(files)
}

fn init(folder: &Path, lang: Lang) -> Result<String> {
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(Error::io("create", folder)(io::ErrorKind::AlreadyExists.into()));
    }
    disk::fill(folder, |building| {
        for (path, bytes) in assets::starter() {
            disk::write(&building.join(path), &bytes)?;
        }
        let data = building.join("data");
        fs::create_dir_all(&data).map_err(Error::io("create", &data))?;
        let small = Sample { applications: STARTER_APPLICATIONS, ..Sample::default() };
        write_sample(&small, sample::Form::Exports, &building.join("sample")).map(drop)
    })?;
    let place = folder.display();
    Ok(lang.pick(
        format!(
            "已建立 {place}，说明见其中的 README.md。\n先试示例数据：\n  cd {place}\n  yekuo run monthly --data sample --source pipelines/sources/sample.toml\n然后把导出文件放入 {place}/data，运行：\n  yekuo run monthly\n"
        ),
        format!(
            "{place} is ready; its README.md says more. Try the sample first:\n  cd {place}\n  yekuo run monthly --data sample --source pipelines/sources/sample.toml\nThen put the exports into {place}/data, and\n  yekuo run monthly\n"
        ),
    ))
}

/// Applications in the sample of a new folder: enough for every table, and read in a second.
const STARTER_APPLICATIONS: u64 = 300;

/// A schema, or what there are schemas of.
fn schema(name: Option<&str>, lang: Lang) -> Result<String> {
    let line = |kind: &schema::Kind| format!("{:<14} {}  {}\n", kind.name, kind.title(lang), kind.place);
    name.map_or_else(|| Ok(schema::KINDS.iter().map(line).collect()), |name| schema::Kind::named(name)?.text())
}

/// The manual page.
fn manual(lang: Lang) -> Result<String> {
    let mut page = Vec::new();
    let made = clap_mangen::Man::new(localized::command(Arguments::command(), lang)).render(&mut page);
    made.map_err(Error::render("yekuo.1"))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "yekuo", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
