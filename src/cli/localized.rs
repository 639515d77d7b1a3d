//! What the argument parser says, in the language of the session: its help and its errors know English only.
//!
//! Our own help says each thing twice, `中文 · English` on a line and a paragraph for each in what is longer; a session
//! sees its own half.

use std::error::Error;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory};

use super::typed::{Arguments, NotRead};
use crate::spelling::nearest;
use crate::words::Lang;

/// Between the two languages of a line of help.
const BETWEEN: &str = " · ";

/// A command whose help is in one language.
pub(super) fn command(command: Command, lang: Lang) -> Command {
    let (about, long) = (command.get_about().cloned(), command.get_long_about().cloned());
    let mut command = command.mut_args(|arg| argument(arg, lang)).mut_subcommands(|own| self::command(own, lang));
    if let Some(about) = about {
        command = command.about(line(&about, lang));
    }
    if let Some(long) = long {
        command = command.long_about(paragraphs(&long, lang));
    }
    command.disable_help_subcommand(true)
}

fn argument(arg: Arg, lang: Lang) -> Arg {
    match arg.get_help().cloned() {
        Some(help) => arg.help(line(&help, lang)),
        None => arg,
    }
}

fn line(text: &StyledStr, lang: Lang) -> String {
    let text = text.to_string();
    match text.split_once(BETWEEN).or_else(|| text.split_once("· ")) {
        Some((zh, en)) => lang.pick(zh, en).trim().to_owned(),
        None => text,
    }
}

/// The paragraphs of one language; a line of both languages first.
fn paragraphs(text: &StyledStr, lang: Lang) -> String {
    let text = text.to_string();
    let own = text.split("\n\n").filter_map(|paragraph| match paragraph.split_once(BETWEEN) {
        Some((zh, en)) => Some(lang.pick(zh, en)),
        None => (is_chinese(paragraph) == (lang == Lang::Zh)).then_some(paragraph),
    });
    own.collect::<Vec<_>>().join("\n\n")
}

/// Whether a text is Chinese rather than English that names something Chinese.
fn is_chinese(text: &str) -> bool {
    let chinese = text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    2 * chinese > latin
}

/// What the parser's own words are in Chinese; longer ones before those that they contain.
const WORDS: [(&str, &str); 18] = [
    ("Print help (see more with '--help')", "显示帮助（--help 更详细）"),
    ("Print help (see a summary with '-h')", "显示帮助（-h 为摘要）"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Usage:", "用法："),
    ("Commands:", "命令："),
    ("Arguments:", "参数："),
    ("Options:", "选项："),
    ("Possible values:", "可选值："),
    ("[possible values: ", "[可选值："),
    ("[default: ", "[缺省："),
    ("[OPTIONS]", "[选项]"),
    ("<COMMAND>", "<命令>"),
    ("[COMMAND]", "[命令]"),
    ("[PIPELINE]", "[流水线]"),
    ("<SUBJECT>", "<对象>"),
    ("[SUBJECT]", "[对象]"),
    ("<FOLDER>", "<目录>"),
];

/// What the parser prints, in the language of the session.
pub(super) fn said(error: &clap::Error, lang: Lang) -> String {
    let text = error.render().to_string();
    match (lang, error.kind()) {
        (Lang::En, ErrorKind::InvalidSubcommand) => match nearest_command(error) {
            Some(command) => format!("{}\n  tip: did you mean `{command}`?\n", text.trim_end()),
            None => text,
        },
        (Lang::En, _) => text,
        (_, ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand) => in_chinese(text),
        (_, ErrorKind::DisplayVersion) => text,
        (..) => {
            let usage = text.lines().find(|line| line.starts_with("Usage:"));
            let usage = usage.map(|usage| format!("{usage}\n\n")).unwrap_or_default();
            in_chinese(format!("错误：{}\n\n{usage}更多说明：--help\n", mistake(error)))
        }
    }
}

fn in_chinese(text: String) -> String {
    WORDS.iter().fold(text, |text, (en, zh)| text.replace(en, zh))
}

/// What is wrong with what was typed.
fn mistake(error: &clap::Error) -> String {
    let told = |kind: ContextKind| error.get(kind).map(listed).unwrap_or_default();
    let argument = told(ContextKind::InvalidArg);
    let value = told(ContextKind::InvalidValue);
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .map(told)
        .find(|meant| !meant.is_empty())
        .map(|meant| format!("，是否指「{meant}」？"))
        .unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let meant = nearest_command(error).map(|command| format!("，是否指「{command}」？")).unwrap_or_default();
            format!("没有命令「{}」{meant}", told(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("没有选项「{argument}」{meant}"),
        ErrorKind::InvalidValue if value.is_empty() => format!("「{argument}」缺少值"),
        ErrorKind::InvalidValue => {
            let valid = told(ContextKind::ValidValue);
            // A question mark ends a sentence.
            let between = if meant.is_empty() { "；" } else { "" };
            let valid = if valid.is_empty() { valid } else { format!("{between}可选：{valid}") };
            format!("「{argument}」的值「{value}」无效{meant}{valid}")
        }
        ErrorKind::ValueValidation => {
            let why = error.source().map(|why| match why.downcast_ref::<NotRead>() {
                Some(NotRead(words)) => words.zh.clone(),
                None => of_parser(&why.to_string()),
            });
            format!("「{argument}」的值「{value}」无效：{}", why.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => format!("「{argument}」不能与「{}」同时使用", told(ContextKind::PriorArg)),
        ErrorKind::NoEquals => format!("「{argument}」要写作 {argument}=值"),
        ErrorKind::TooManyValues => format!("「{argument}」的值太多：「{value}」"),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("「{argument}」的值数目不对"),
        ErrorKind::InvalidUtf8 => "参数不是有效的文字".to_owned(),
        _ => format!("命令行无法识别（原文「{}」）", error.to_string().trim_end()),
    }
}

/// Why a parser of the library does not take a value.
fn of_parser(why: &str) -> String {
    match (why, why.split_once(" is not in ")) {
        (_, Some((_, range))) => format!("应在 {range} 之内"),
        ("invalid digit found in string" | "cannot parse integer from empty string", _) => "应为整数".to_owned(),
        ("invalid float literal", _) => "应为数".to_owned(),
        _ => format!("原文「{why}」"),
    }
}

/// The command that was probably meant.
fn nearest_command(error: &clap::Error) -> Option<String> {
    let typed = error.get(ContextKind::InvalidSubcommand).map(listed)?;
    let commands = Arguments::command();
    nearest(&typed, commands.get_subcommands().map(Command::get_name)).map(str::to_owned)
}

fn listed(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(all) => all.join("、"),
        ContextValue::StyledStrs(all) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("、"),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

/// The language of a session before its arguments are understood: `--lang` where it is among them, else that of the
/// environment, else none.
pub(super) fn of_session(arguments: &[String]) -> Option<Lang> {
    let named = arguments.iter().enumerate().find_map(|(at, argument)| match argument.strip_prefix("--lang") {
        Some("") => arguments.get(at + 1).map(String::as_str),
        Some(rest) => rest.strip_prefix('='),
        None => None,
    });
    named.and_then(of_code).or_else(of_environment)
}

/// The language that the environment names, as `LC_ALL`, `LC_MESSAGES` and `LANG` do, the first that says anything.
pub(super) fn of_environment() -> Option<Lang> {
    let mut named = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    of_code(&named.find(|value| !value.is_empty())?)
}

fn of_code(locale: &str) -> Option<Lang> {
    match locale.split(['_', '-', '.', '@']).next()? {
        "zh" => Some(Lang::Zh),
        "en" => Some(Lang::En),
        _ => None,
    }
}
