//! `yekuo send`: a published report goes to those who may have it, by mail and to the groups of 企业微信 and 钉钉.
//!
//! It is shown first, and nothing is connected to; `--really` sends it. What may pass is decided in `message`, from the
//! report as it was published (`published`), from who gets what (`settings`, the file `send.toml`) and from what was sent
//! before (`receipts`). `wire`, a feature, is the only place of the program that opens a connection here: it is given the
//! finished messages, and the secrets that the environment holds.
//!
//! The report itself stays as it is: what was sent is noted next to it.

mod message;
mod published;
mod receipts;
#[cfg_attr(not(feature = "send"), expect(dead_code, reason = "only who sends needs it"))]
pub(crate) mod settings;
#[cfg(feature = "send")]
mod wire;

/// A program that cannot send has no wire.
#[cfg(not(feature = "send"))]
mod wire {
    use super::message::Message;
    use super::settings::Settings;
    use crate::words::Words;

    pub(super) enum Wire {}

    impl Wire {
        pub(super) fn open(_: &Settings, _: &[Message]) -> Result<Wire, Words> {
            Err(Words::new(
                "本程序编译时未含发送功能；请以 cargo install --path . 重新编译",
                "this yekuo was built without the feature `send`; build it with `cargo install --path .`",
            ))
        }

        pub(super) fn send(&self, _: &Message, _: Vec<Vec<u8>>) -> Result<(), Words> {
            match *self {}
        }
    }
}

use std::fmt::Write;
use std::path::{Path, PathBuf};

use self::message::{Channel, Composer, MAIL, Message, Plan};
use self::published::Published;
use self::receipts::{Receipt, Receipts, SentFile};
use self::settings::Settings;
use self::wire::Wire;
use crate::age;
use crate::assets::{Assets, Found};
use crate::config;
use crate::error::{Error, Result};
use crate::failpoint::failpoint;
use crate::hash;
use crate::rules::house::House;
use crate::words::{Lang, Words};

/// What is to be sent.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The folder of the report.
    pub report: &'a Path,
    /// The pipeline next to which `send.toml` is looked for; absent: those in `pipelines/`.
    pub pipeline: Option<&'a Path>,
    /// Whether what was sent before is sent again.
    pub again: bool,
}

/// What became of the messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// A server has taken them.
    pub sent: usize,
    /// None has.
    pub failed: usize,
    /// What had been sent before: files to an address, texts to a group.
    pub already: usize,
}

/// Where a configuration is that no pipeline names.
const FOLDER: &str = "pipelines";

/// The files of a configuration: those next to a pipeline, or in `pipelines/`.
fn assets(pipeline: Option<&Path>) -> Result<Assets> {
    let folder = pipeline.map(Found::of).transpose()?.and_then(|found| found.folder());
    Ok(Assets::of(Some(folder.unwrap_or_else(|| PathBuf::from(FOLDER)))))
}

/// Finds that the `send.toml` of a configuration is right.
pub fn check(pipeline: Option<&Path>) -> Result<()> {
    Settings::read(&assets(pipeline)?).map(drop)
}

/// All that a report is sent by.
struct Prepared {
    report: Published,
    settings: Settings,
    /// What the settings stand in.
    file: String,
    house: House,
}

impl Prepared {
    fn new(asked: &Asked<'_>) -> Result<Prepared> {
        let assets = assets(asked.pipeline)?;
        let settings = Settings::read(&assets)?;
        let house = config::house_of(&assets)?;
        let file = assets.folder.as_deref().unwrap_or(Path::new(FOLDER)).join(settings::FILE).display().to_string();
        Ok(Prepared { report: Published::read(asked.report)?, settings, file, house })
    }

    fn plan(&self, receipts: &Receipts, again: bool) -> Plan {
        let Prepared { report, settings, file, house } = self;
        Composer { report, settings, file, house, receipts, again }.plan()
    }
}

/// What would be sent, in words; nothing is connected to.
pub fn preview(asked: &Asked<'_>, lang: Lang) -> Result<String> {
    let prepared = Prepared::new(asked)?;
    let receipts = Receipts::read(asked.report)?;
    Ok(shown(&prepared, &prepared.plan(&receipts, asked.again), lang))
}

/// Sends it, and says what became of each message as it goes; one that fails holds none of the others up.
pub fn really(asked: &Asked<'_>, lang: Lang, say: impl Fn(&str)) -> Result<Sent> {
    let prepared = Prepared::new(asked)?;
    let mut receipts = Receipts::held(asked.report)?;
    let Plan { messages, already, left_out } = prepared.plan(&receipts, asked.again);
    let unsendable = |problem: Words| Error::Unsendable { path: asked.report.to_owned(), problem };
    let wire = Wire::open(&prepared.settings, &messages).map_err(unsendable)?;
    let note = |zh: &str, en: &str, words: &Words| {
        say(&lang.pick(format!("{zh}：{}", words.zh), format!("{en}: {}", words.en)).replace('\n', " "));
    };
    left_out.iter().for_each(|words| note("不发送", "not sent", words));
    already.iter().for_each(|words| note("不再发送", "not again", words));
    let mut outcome = Sent { already: already.len(), ..Sent::default() };
    for message in &messages {
        let to = message.address(&prepared.settings.robots, lang);
        let files: Result<Vec<Vec<u8>>> =
            message.files.iter().map(|attached| prepared.report.bytes(&attached.file)).collect();
        let sent = files.map_err(|error| error.words()).and_then(|files| wire.send(message, files));
        match sent {
            Ok(()) => {
                say(&lang.pick(format!("已发送：{to}"), format!("sent: {to}")));
                // Whoever has sent a message and cannot note it sends no other.
                receipts.add(receipt(message, &prepared))?;
                outcome.sent += 1;
                failpoint("sent");
            }
            Err(why) => {
                outcome.failed += 1;
                say(&lang.pick(format!("失败：{to}：{}", why.zh), format!("failed: {to}: {}", why.en)));
            }
        }
    }
    Ok(outcome)
}

impl Sent {
    /// What became of the messages, in a sentence.
    pub fn text(&self, lang: Lang) -> String {
        let Sent { sent, failed, already } = self;
        let again = match failed {
            0 => String::new(),
            _ => lang.pick(
                "。改正后再运行一次，已发送的不会重发".to_owned(),
                ". Once that is put right, run it again: what was sent is not sent again".to_owned(),
            ),
        };
        lang.pick(
            format!("已发送 {sent} 条，失败 {failed} 条，以前已发送 {already} 项{again}\n"),
            format!("{sent} sent, {failed} failed, {already} sent before{again}\n"),
        )
    }
}

/// How a message is noted.
fn receipt(message: &Message, prepared: &Prepared) -> Receipt {
    let (channel, to) = match &message.channel {
        Channel::Mail(address) => (MAIL, address.clone()),
        Channel::Robot(number) => {
            let robot = &prepared.settings.robots[*number];
            (robot.kind.code(), robot.webhook.0.clone())
        }
    };
    let file = |file: &published::File| SentFile { path: file.path.clone(), sha256: file.sha256.clone() };
    Receipt {
        at: age::now_as_text(),
        channel: channel.to_owned(),
        to,
        run_sha256: prepared.report.run_sha256.clone(),
        text_sha256: hash::sha256(message.text.as_bytes()),
        files: message.files.iter().map(|attached| file(&attached.file)).collect(),
    }
}

/// A plan, as people read it.
fn shown(prepared: &Prepared, plan: &Plan, lang: Lang) -> String {
    let Prepared { report, settings, .. } = prepared;
    let kind = match report.is_public {
        true => lang.pick("公开报告", "public"),
        false => lang.pick("内部报告", "for the office"),
    };
    let (folder, title, period) = (report.folder.display(), &report.title, &report.period);
    let mut text = lang.pick(
        format!("{folder}：「{title}」{period}，{kind}\n以下只是预览，没有连接任何服务器；加 --really 才发送。\n"),
        format!("{folder}: `{title}` {period}, {kind}\nThis is what would be sent; nothing was connected to. --really sends it.\n"),
    );
    for (number, message) in (1..).zip(&plan.messages) {
        let _ = write!(text, "\n{number}. {}\n{}", message.address(&settings.robots, lang), letter(message, lang));
    }
    if plan.messages.is_empty() {
        text += lang.pick("\n没有要发送的。\n", "\nThere is nothing to send.\n");
    }
    for (title, all) in [
        (lang.pick("不再发送（--again 重发）", "not sent again (--again does)"), &plan.already),
        (lang.pick("不发送", "left out"), &plan.left_out),
        (lang.pick("发送前须在环境中给出", "to be set in the environment first"), &not_set(settings, plan)),
    ] {
        if !all.is_empty() {
            let _ = writeln!(text, "\n{title}{}", lang.pick("：", ":"));
        }
        for words in all {
            let _ = writeln!(text, "- {}", words.get(lang).replace('\n', "\n    "));
        }
    }
    text
}

/// A message, as people read it.
fn letter(message: &Message, lang: Lang) -> String {
    let mut text = String::new();
    if !message.subject.is_empty() {
        let _ = writeln!(text, "   {}{}", lang.pick("主题：", "subject: "), message.subject);
    }
    for line in message.text.lines() {
        let _ = writeln!(text, "   | {line}");
    }
    for attached in &message.files {
        let (name, bytes, path) = (&attached.name, attached.file.bytes, &attached.file.path);
        let _ = writeln!(
            text,
            "   {}",
            lang.pick(
                format!("附件：{name}（{bytes} 字节），即 {path}"),
                format!("attached: {name} ({bytes} bytes), which is {path}"),
            )
        );
    }
    text
}

/// The variables that the messages need and the environment does not have.
fn not_set(settings: &Settings, plan: &Plan) -> Vec<Words> {
    let absent = message::needed(&plan.messages, settings)
        .into_iter()
        .filter(|(variable, _)| std::env::var_os(&variable.0).is_none());
    absent
        .map(|(variable, what)| {
            let name = &variable.0;
            Words::new(format!("{name}：{}", what.zh), format!("{name}: {}", what.en))
        })
        .collect()
}
