//! `yekuo map`: what is guessed of a folder, what people say to it, and the file that comes of it.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::typed::MapArguments;
use crate::config::{Config, DEFAULT_PIPELINE, OWN_SOURCE};
use crate::contract::{self, TABLES};
use crate::disk;
use crate::error::{Error, ExitStatus, Result, TomlFile};
use crate::ingest::Settings;
use crate::ingest::guess::asked::Answered;
use crate::ingest::guess::{self, Certainty, Guess, UnknownWord};
use crate::ingest::mapping::Mapping;
use crate::ingest::values::Vocabulary;
use crate::schema::Kind;
use crate::words::Lang;

/// Unknown words that are told; all stand in the file.
const MOST_WORDS: usize = 10;

/// Guesses the mapping of a folder, asks where somebody can answer, and writes it.
pub(super) fn map(arguments: &MapArguments, lang: Lang) -> Result<(String, ExitStatus)> {
    let out = arguments.out.clone().unwrap_or_else(|| arguments.folder.join(OWN_SOURCE));
    if disk::is_there(&out) && !arguments.force {
        return Err(Error::Exists { path: out, option: "--force" });
    }
    // Whoever sends the exports does not say where anything is written.
    let folder = disk::parent(&out);
    if arguments.out.is_none() && folder.is_symlink() {
        let file = folder.file_name().unwrap_or_default().into();
        return Err(Error::Occupied { path: arguments.folder.clone(), file });
    }
    if out.extension().is_none_or(|extension| extension != "toml") {
        let reason = lang.pick("来源映射的文件名以 .toml 结尾", "the name of a mapping ends in .toml");
        return Err(Error::io("write", &out)(io::Error::new(io::ErrorKind::InvalidInput, reason)));
    }
    let mut config = Config::load(arguments.pipeline.as_deref())?;
    let (words, usual) = (config.vocabulary(), Mapping::default());
    let mut guess = guess::of(&settings(arguments, &config, &usual, &words, lang))?;
    if !arguments.yes && io::stdin().is_terminal() && io::stderr().is_terminal() {
        ask(&mut guess, &words, &mut io::stdin().lock(), &mut io::stderr(), lang)
            .map_err(Error::io("read", "stdin"))?;
    }
    let schema = out.with_extension("schema.json");
    if !arguments.force && disk::is_there(&schema) && !is_own_schema(&schema)? {
        return Err(Error::Exists { path: schema, option: "--force" });
    }
    let name = schema.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = format!("#:schema ./{name}\n{}", guess.text(lang));
    let mapping = Mapping::open(&TomlFile::new(out.display().to_string(), text.as_str()), &words)?;
    let schema_text = Kind::named("source")?.text()?;
    disk::file(&schema, true, |file| file.write_all(schema_text.as_bytes()))?;
    disk::file(&out, true, |file| file.write_all(text.as_bytes()))?;
    config.mapping = mapping;
    config.bound_cases();
    let left = guess::left(&settings(arguments, &config, &config.mapping, &words, lang))?;
    // What no cell decides and nobody has chosen makes a run reject every such row.
    let status = if guess.undecided().next().is_some() { ExitStatus::GateFailed } else { ExitStatus::Good };
    Ok((summary(&guess, left.as_ref(), arguments, &out, lang), status))
}

/// Whether a file is a schema that this or an older yekuo wrote, which a new one can replace.
fn is_own_schema(path: &Path) -> Result<bool> {
    let text = disk::bytes(path).map_err(Error::io("read", path))?;
    let read: Option<serde_json::Value> = serde_json::from_slice(&text).ok();
    let title = Kind::named("source")?.title(Lang::En);
    Ok(read.is_some_and(|schema| schema["$schema"].is_string() && schema["title"] == title))
}

/// How the folder is looked at, by a mapping.
fn settings<'a>(
    arguments: &'a MapArguments,
    config: &Config,
    mapping: &'a Mapping,
    words: &'a Vocabulary,
    lang: Lang,
) -> Settings<'a> {
    let nowhere = Path::new("");
    Settings {
        data: &arguments.folder,
        mapping,
        words,
        lake: nowhere,
        rejects: nowhere,
        ends_by_log: config.process.cases.ends.is_some(),
        starts_by_log: config.process.takes_starts(),
        lang,
        scans: None,
    }
}

/// Puts a question for each guess that is not sure.
fn ask(
    guess: &mut Guess,
    words: &Vocabulary,
    input: &mut impl BufRead,
    output: &mut impl Write,
    lang: Lang,
) -> io::Result<()> {
    let mut at = 0;
    while let Some(next) = guess.next_question(at) {
        write!(output, "{}", guess.question(next, lang))?;
        output.flush()?;
        let mut answer = String::new();
        if input.read_line(&mut answer)? == 0 {
            return Ok(());
        }
        match guess.answer(next, &answer, words) {
            Answered::Taken => at = next + 1,
            Answered::NotUnderstood => {
                writeln!(output, "{}", lang.pick("  没有这个名称，请再写一次", "  there is no such name; once more"))?;
                at = next;
            }
        }
    }
    Ok(())
}

fn summary(guess: &Guess, left: Option<&Error>, arguments: &MapArguments, out: &Path, lang: Lang) -> String {
    let place = out.display();
    let mut lines =
        vec![lang.pick(format!("来源映射已写入：{place}"), format!("the source mapping is written: {place}"))];
    for (table, files) in guess.tables.iter().filter(|(_, files)| !files.is_empty()) {
        let title = contract::title(table.name, lang);
        let files = files.join(lang.pick("、", ", "));
        lines.push(lang.pick(format!("  {title}：{files}"), format!("  {title}: {files}")));
    }
    for (table, files) in &guess.doubtful {
        let (title, files) = (contract::title(table.name, lang), files.join(lang.pick("、", ", ")));
        lines.push(lang.pick(
            format!("  {title}：可能是 {files}，没有采用"),
            format!("  {title}: it may be {files}, which is not used"),
        ));
    }
    let is_found = |name: &str| guess.tables.iter().any(|(table, _)| table.name == name);
    let missing = TABLES.iter().filter(|table| !is_found(table.name));
    let missing: Vec<String> = missing.map(|table| contract::title(table.name, lang)).collect();
    if !missing.is_empty() {
        let missing = missing.join(lang.pick("、", ", "));
        lines.push(lang.pick(format!("  没有找到：{missing}"), format!("  not found: {missing}")));
    }
    for (name, why) in &guess.others {
        lines.push(lang.pick(format!("  不读 {name}：{why}"), format!("  not read: {name}: {why}")));
    }
    let [sure, check, unsure] =
        [Certainty::Sure, Certainty::Check, Certainty::Unsure].map(|certainty| guess.decided(certainty));
    lines.push(lang.pick(
        format!("推测：确定 {sure} 处，请核对 {check} 处，未采用 {unsure} 处（文件中以 # 开头）"),
        format!("guesses: {sure} sure, {check} to be checked, {unsure} not used (commented out in the file)"),
    ));
    for UnknownWord { title, word, count, near } in guess.unknown_words(lang).into_iter().take(MOST_WORDS) {
        let near = if near.is_empty() {
            lang.pick("没有相近的词", "near no word that is known").to_owned()
        } else {
            near
        };
        lines.push(lang.pick(
            format!("  没有采用：{title}「{word}」{count} 行（{near}？）：在文件中去掉该行的 # 或改写，否则这些行会被拒收"),
            format!("  not used: {title} `{word}`, {count} rows ({near}?): remove the # of its line or change it, or these rows are rejected"),
        ));
    }
    for item in guess.undecided() {
        let title = contract::title(item.table.name, lang);
        let readings = item.samples.join(lang.pick("；", "; "));
        let key = item.setting();
        lines.push(lang.pick(
            format!("  无法判断（{title}）：{readings}。请在文件中选定 {key}，否则这些行都会被拒收"),
            format!("  undecided ({title}): {readings}. Choose {key} in the file, or all such rows are rejected"),
        ));
    }
    if let Some(left) = left {
        lines.push(lang.pick("还须您决定（写在上述文件中）：", "this is left to be decided, in that file:").to_owned());
        lines.extend(left.report(lang).lines().map(|line| format!("  {line}")));
    }
    let command = command(arguments);
    lines.push(match (left.is_some() || guess.undecided().next().is_some(), check + unsure) {
        (true, _) => lang.pick(
            format!("下一步：改好后运行\n  yekuo check {command}\n  yekuo run {command}"),
            format!("next: change the file, then\n  yekuo check {command}\n  yekuo run {command}"),
        ),
        (false, 0) => lang.pick(format!("下一步：\n  yekuo run {command}"), format!("next:\n  yekuo run {command}")),
        (false, _) => lang.pick(
            format!("下一步：看过「请核对」的行后运行\n  yekuo run {command}"),
            format!("next: look at the lines to be checked, then\n  yekuo run {command}"),
        ),
    });
    lines.join("\n") + "\n"
}

/// What reads the folder by the mapping.
fn command(arguments: &MapArguments) -> String {
    let quoted = |path: &PathBuf| {
        let text = path.display().to_string();
        if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text }
    };
    let pipeline = arguments.pipeline.as_ref().map_or_else(|| DEFAULT_PIPELINE.to_owned(), quoted);
    let folder = quoted(&arguments.folder);
    let source = arguments.out.as_ref().map(|out| format!(" --source {}", quoted(out))).unwrap_or_default();
    format!("{pipeline} --data {folder}{source}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_settle_guesses() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "applications.csv",
            "application_id,bureau,voltage_kv,capacity_kva,accepted_at,energised_at\nA1,城东,10,500,2026-03-02,\nA2,城东,10,500,2026-03-03,\n",
        );
        write(
            "stages.csv",
            "application_id,stage,department,started_at,日子\nA1,踏勘现场,营销部,2026-03-02,2026-03-04\n",
        );
        let config = Config::load(None).unwrap();
        let (words, usual) = (config.vocabulary(), Mapping::default());
        let nowhere = Path::new("");
        let settings = Settings {
            data: folder.path(),
            mapping: &usual,
            words: &words,
            lake: nowhere,
            rejects: nowhere,
            ends_by_log: false,
            starts_by_log: false,
            lang: Lang::Zh,
            scans: None,
        };
        let answered = |answers: &str| {
            let (mut guess, mut said) = (guess::of(&settings).unwrap(), Vec::new());
            ask(&mut guess, &words, &mut answers.as_bytes(), &mut said, Lang::Zh).unwrap();
            (guess.text(Lang::Zh), String::from_utf8(said).unwrap())
        };
        let (text, said) = answered("");
        assert!(text.contains("# columns.finished_at = \"日子\"") && said.contains("完成时间"), "{text}\n{said}");
        let (text, said) = answered("y\n没有的词\nsurvey\n");
        assert!(text.contains("\ncolumns.finished_at = \"日子\""), "{text}\n{said}");
        assert!(text.contains("\"踏勘现场\" = \"survey\""), "{text}\n{said}");
    }
}
