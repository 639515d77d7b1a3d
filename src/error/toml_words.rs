//! What the TOML parser and serde say of a file, in both languages.
//!
//! They say it in English, in a few fixed forms: each is read back into what it is about and said anew in Chinese. An
//! English session reads the original. What has no known form is quoted after a sentence that says what it is.

use crate::spelling::nearest;
use crate::words::Words;

/// A message in both languages, and the name that was probably meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) words: Words,
    pub(super) near: Option<String>,
}

/// What a message of the parser or of serde says.
pub(super) fn said(message: &str) -> Said {
    // A reason of ours, which serde only carries.
    if let Some(words) = Words::carried_by(message).filter(|_| !message.starts_with("invalid ")) {
        return Said { words, near: None };
    }
    match Form::of(message) {
        Some(form) => Said { words: Words::new(form.zh(), english(message)), near: form.near() },
        None => Said { words: Words::quoting("TOML 内容有误", message), near: None },
    }
}

/// The message without the Chinese half of what our own readers expect.
fn english(message: &str) -> String {
    match expected_of(message) {
        Some((before, expected)) => match Words::carried_by(expected) {
            Some(words) => format!("{before}, expected {}", words.en),
            None if message.starts_with("invalid ") => format!("{before}, expected {}", type_in_english(expected)),
            None => message.to_owned(),
        },
        None => message.to_owned(),
    }
}

/// A kind of value as a user calls it, who does not know the types of the program.
fn type_in_english(kind: &str) -> &str {
    match kind {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "a table",
        _ if kind.starts_with("struct ") => "a table",
        _ => kind,
    }
}

fn expected_of(message: &str) -> Option<(&str, &str)> {
    message.split_once(", expected ")
}

/// The forms of serde and of the parser.
#[derive(Debug)]
enum Form<'a> {
    UnknownField {
        name: &'a str,
        known: Vec<&'a str>,
    },
    UnknownVariant {
        name: &'a str,
        known: Vec<&'a str>,
    },
    MissingField(&'a str),
    DuplicateField(&'a str),
    /// A value of another type, or one that its type does not allow.
    Invalid {
        found: &'a str,
        expected: &'a str,
    },
    InvalidLength {
        length: &'a str,
        expected: &'a str,
    },
    /// A mistake of TOML itself.
    Syntax {
        what: &'static str,
        expected: Option<&'a str>,
    },
    /// A key below a value that is no table.
    CannotExtend(&'a str),
    UnexpectedKeys {
        names: &'a str,
        known: &'a str,
    },
}

impl<'a> Form<'a> {
    fn of(message: &'a str) -> Option<Form<'a>> {
        let named = |prefix: &str| message.strip_prefix(prefix)?.strip_suffix('`');
        if let Some(rest) = message.strip_prefix("unknown field `") {
            let (name, known) = unknown(rest)?;
            return Some(Form::UnknownField { name, known });
        }
        if let Some(rest) = message.strip_prefix("unknown variant `") {
            let (name, known) = unknown(rest)?;
            return Some(Form::UnknownVariant { name, known });
        }
        if let Some(name) = named("missing field `") {
            return Some(Form::MissingField(name));
        }
        if let Some(name) = named("duplicate field `").or_else(|| named("duplicate key: `")) {
            return Some(Form::DuplicateField(name));
        }
        for prefix in ["invalid type: ", "invalid value: "] {
            if let Some(rest) = message.strip_prefix(prefix) {
                let (found, expected) = rest.rsplit_once(", expected ")?;
                return Some(Form::Invalid { found, expected });
            }
        }
        if let Some(rest) = message.strip_prefix("invalid length ") {
            let (length, expected) = rest.split_once(", expected ")?;
            return Some(Form::InvalidLength { length, expected });
        }
        if let Some(rest) = message.strip_prefix("unexpected keys in table: ") {
            let (names, known) = rest.split_once(", available keys: ")?;
            return Some(Form::UnexpectedKeys { names, known });
        }
        if let Some(rest) = message.strip_prefix("cannot extend value of type ") {
            return rest.strip_suffix(" with a dotted key").map(Form::CannotExtend);
        }
        // Of dates the parser says which part is wrong; how one is written says more.
        if ["invalid date", "invalid time", "invalid offset"].iter().any(|start| message.starts_with(start)) {
            return Some(Form::Syntax {
                what: "日期时间的写法不对（日期写作 2026-06-30）", expected: None
            });
        }
        let (what, expected) = match expected_of(message) {
            Some((what, expected)) => (what, Some(expected)),
            None => (message, None),
        };
        let (_, what) = SYNTAX.iter().find(|(english, _)| *english == what)?;
        Some(Form::Syntax { what, expected })
    }

    fn zh(&self) -> String {
        match self {
            Form::UnknownField { name, known } => format!("没有「{name}」这个键{}", listed("；可用的键：", known)),
            Form::UnknownVariant { name, known } => {
                format!("没有「{name}」这个取值{}", listed("；可用的取值：", known))
            }
            Form::MissingField(name) => format!("缺少「{name}」"),
            Form::DuplicateField(name) => format!("「{name}」写了两次"),
            Form::Invalid { found, expected } => {
                format!("这里是{}，应为{}", found_in_chinese(found), type_in_chinese(expected))
            }
            Form::InvalidLength { length, expected } => {
                format!("这里有 {length} 项，应为{}", type_in_chinese(expected))
            }
            Form::Syntax { what, expected } => match expected.map(tokens) {
                Some(expected) if !expected.is_empty() => format!("{what}，此处应为{expected}"),
                _ => (*what).to_owned(),
            },
            Form::CannotExtend(kind) => format!("这个键已经是{}，不能再用带点的键补充", type_in_chinese(kind)),
            Form::UnexpectedKeys { names, known } => format!("表中有多余的键「{names}」；可用的键：{known}"),
        }
    }

    fn near(&self) -> Option<String> {
        match self {
            Form::UnknownField { name, known } | Form::UnknownVariant { name, known } => {
                nearest(name, known.iter().copied()).map(str::to_owned)
            }
            _ => None,
        }
    }
}

/// A name and those that could stand there, of ``name`, expected one of `a`, `b```.
fn unknown(rest: &str) -> Option<(&str, Vec<&str>)> {
    if let Some((name, _)) = rest.split_once("`, there are no ") {
        return Some((name, Vec::new()));
    }
    let (name, known) = rest.rsplit_once("`, expected ")?;
    Some((name, known.split('`').skip(1).step_by(2).collect()))
}

fn listed(title: &str, names: &[&str]) -> String {
    if names.is_empty() { String::new() } else { format!("{title}{}", names.join("、")) }
}

/// What stands in the file, as `string "seven"`.
fn found_in_chinese(found: &str) -> String {
    const KINDS: [(&str, &str); 6] = [
        ("boolean ", "是否值"),
        ("integer ", "整数"),
        ("floating point ", "小数"),
        ("character ", "字符"),
        ("string ", "文字"),
        ("datetime ", "日期时间"),
    ];
    let of_kind = KINDS.iter().find_map(|(english, zh)| Some((found.strip_prefix(english)?, zh)));
    match of_kind {
        Some((value, zh)) => format!("{zh}「{}」", value.trim_matches(['`', '"'])),
        None => type_in_chinese(found),
    }
}

/// A kind of value. What has no Chinese name is the name of a type of ours, which says less than the place that is shown.
fn type_in_chinese(kind: &str) -> String {
    if let Some(words) = Words::carried_by(kind) {
        return words.zh;
    }
    if let Some((_, zh)) = TYPES.iter().find(|(english, _)| *english == kind) {
        return (*zh).to_owned();
    }
    let count = kind.split(' ').find_map(|word| word.parse::<usize>().ok());
    match count {
        Some(count) => format!(" {count} 项的列表"),
        None if kind.starts_with("enum") || kind.ends_with("variant") || kind.ends_with("identifier") => {
            "规定的几个词之一".to_owned()
        }
        None if kind.starts_with("struct") => "表".to_owned(),
        None => format!("其他写法（原文「{kind}」）"),
    }
}

/// The kinds of values of serde, and the types of numbers.
const TYPES: [(&str, &str); 41] = [
    ("i8", "整数"),
    ("i16", "整数"),
    ("i32", "整数"),
    ("i64", "整数"),
    ("i128", "整数"),
    ("isize", "整数"),
    ("u8", "0 至 255 的整数"),
    ("u16", "0 至 65535 的整数"),
    ("u32", "不小于 0 的整数"),
    ("u64", "不小于 0 的整数"),
    ("u128", "不小于 0 的整数"),
    ("usize", "不小于 0 的整数"),
    ("f32", "数"),
    ("f64", "数"),
    ("integer", "整数"),
    ("float", "小数"),
    ("boolean", "是否值"),
    ("a boolean", " true 或 false"),
    ("bool", " true 或 false"),
    ("a character", "一个字符"),
    ("character", "字符"),
    ("a string", "文字（写在引号中）"),
    ("string", "文字"),
    ("string or table", "文字或表"),
    ("path string", "路径（写在引号中）"),
    ("a path string", "路径（写在引号中）"),
    ("a borrowed string", "文字（写在引号中）"),
    ("a sequence", "列表（写作 [ … ]）"),
    ("sequence", "列表"),
    ("array", "列表"),
    ("a map", "表（写作 { … }）"),
    ("map", "表"),
    ("table", "表"),
    ("inline table", "表"),
    ("datetime", "日期时间"),
    ("option", "值或不写"),
    ("unit", "空"),
    ("unit value", "空"),
    ("an empty array", "空列表"),
    ("any valid TOML value", "任意 TOML 值"),
    ("anything at all", "任意值"),
];

/// What the parser says of the text itself.
const SYNTAX: &[(&str, &str)] = &[
    ("unclosed array table", "[[表名]] 没有写完"),
    ("unclosed table", "[表名] 没有写完"),
    ("unclosed array", "列表没有写完"),
    ("unclosed inline table", "{ … } 没有写完"),
    ("key with no value", "这个键没有值"),
    ("missing value for key", "这个键没有值"),
    ("missing value", "缺少值"),
    ("missing key for inline table element", "{ … } 中缺少键"),
    ("missing assignment between key-value pairs", "键与值之间缺少等号"),
    ("missing comma between key-value pairs", "{ … } 的两项之间缺少逗号"),
    ("missing comma between array elements", "列表的两项之间缺少逗号"),
    ("missing inline table opening", "缺少左花括号"),
    ("missing array opening", "缺少左方括号"),
    ("missing table open", "缺少左方括号"),
    ("missing opening quote", "缺少前引号"),
    ("missing escaped value", "反斜杠后缺少字符"),
    ("extra `=`", "多了一个等号"),
    ("extra comma in array", "列表中多了逗号"),
    ("extra comma in inline table", "{ … } 中多了逗号"),
    ("extra assignment between key-value pairs", "键与值之间多了等号"),
    ("unexpected `=` in array", "列表中不能有等号"),
    ("unexpected key or value", "此处不应再有内容"),
    ("unexpected content", "此处不应有这些内容"),
    ("unexpected content between comment and newline", "注释之后不应有这些内容"),
    ("unexpected sign", "此处不应有正负号"),
    ("unexpected leading zero", "数不能以 0 开头"),
    ("invalid key", "键的写法不对"),
    ("invalid unquoted key", "键的写法不对（含中文等字符的键要写在引号中）"),
    ("unquoted keys cannot be empty", "键不能是空的"),
    ("string values must be quoted", "文字要写在引号中"),
    ("invalid inline table element", "{ … } 中的内容不对"),
    ("invalid table", "[表名] 的写法不对"),
    ("invalid string", "文字的写法不对"),
    ("invalid basic string", "引号中的文字写法不对，或引号没有闭合"),
    ("invalid literal string", "单引号中的文字写法不对，或引号没有闭合"),
    ("invalid multi-line basic string", "多行文字写法不对，或引号没有闭合"),
    ("invalid multi-line literal string", "多行文字写法不对，或引号没有闭合"),
    ("invalid value", "值的写法不对"),
    ("invalid integer number", "整数的写法不对"),
    ("invalid binary number", "二进制数的写法不对"),
    ("invalid octal number", "八进制数的写法不对"),
    ("invalid hexadecimal number", "十六进制数的写法不对"),
    ("invalid mantissa", "小数的写法不对"),
    ("invalid exponent", "指数的写法不对"),
    ("invalid boolean", "是否值应写作 true 或 false"),
    ("invalid float", "小数的写法不对"),
    ("invalid fraction", "小数的写法不对"),
    ("invalid key-value pair", "「键 = 值」的写法不对"),
    ("redundant numeric sign", "多了一个正负号"),
    ("redundant integer number prefix", "多了一个进制前缀"),
    ("radix must be lowercase", "进制前缀要用小写"),
    ("integers with a radix cannot be signed", "带进制前缀的整数不能有正负号"),
    ("too few unicode value digits", "\\u 之后的十六进制数位数不够"),
    ("missing comment start", "缺少井号"),
    ("invalid comment character", "注释中有不能用的字符"),
    ("`_` may only go between digits", "下划线只能写在数字之间"),
    ("carriage return must be followed by newline", "回车符之后应为换行"),
    ("duplicate key", "这个键写了两次"),
    ("cannot extend value of type array with a dotted key", "列表不能再用带点的键补充"),
    ("recursion limit", "嵌套的层数太多"),
    ("integer number overflowed", "整数太大"),
    ("floating-point number overflowed", "小数太大"),
    ("wanted string or table", "应为文字或表"),
];

/// What the parser waits for, as `` `]`, key``.
fn tokens(expected: &str) -> String {
    const WORDS: [(&str, &str); 16] = [
        ("key", "键"),
        ("value", "值"),
        ("newline", "换行"),
        ("digits", "数字"),
        ("numbers", "数字"),
        ("letters", "字母"),
        ("characters", "字符"),
        ("literal string", "单引号中的文字"),
        ("basic string", "引号中的文字"),
        ("multi-line basic string", "多行文字"),
        ("multi-line literal string", "多行文字"),
        ("unquoted string", "键名"),
        ("non-double-quote visible characters", "双引号之外的字符"),
        ("non-single-quote visible characters", "单引号之外的字符"),
        ("printable characters", "可见字符"),
        ("nothing", ""),
    ];
    let parts = expected.split(", ").map(|part| match WORDS.iter().find(|(english, _)| *english == part) {
        Some((_, zh)) => (*zh).to_owned(),
        // A sign that stands for itself.
        None => match part.trim_matches('`') {
            sign if sign.chars().any(char::is_alphanumeric) && sign.contains(' ') => String::new(),
            sign => format!("「{sign}」"),
        },
    });
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// A file of every kind of value.
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only how it is refused matters")]
    struct File {
        name: String,
        days: u16,
        whole: i64,
        share: f64,
        flag: bool,
        list: Vec<String>,
        pair: [i32; 2],
        sign: char,
        word: Word,
        table: std::collections::BTreeMap<String, i32>,
        inner: Inner,
        path: std::path::PathBuf,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only how it is refused matters")]
    struct Inner {
        on: String,
    }

    const GOOD: &str = r#"name = "p"  # a comment
days = 7
whole = -1_000
share = 0.05
flag = true
list = ["a", 'b']
pair = [1, 2]
sign = ","
word = "one"
path = "a/b"
[table]
a = 1
"b c" = 0x1f
[inner]
on = "2026-06-30"
"#;

    fn refused(text: &str) -> Option<String> {
        toml::from_str::<File>(text).err().map(|error| error.message().to_owned())
    }

    #[test]
    fn serdes_forms_are_said_in_chinese() {
        let of = |message: &str| said(message).words.zh;
        for (message, zh) in [
            ("unknown field `dayz`, expected one of `name`, `days`", "没有「dayz」这个键；可用的键：name、days"),
            ("unknown field `a`, there are no fields", "没有「a」这个键"),
            ("unknown variant `maybe`, expected `one` or `two`", "没有「maybe」这个取值；可用的取值：one、two"),
            ("missing field `name`", "缺少「name」"),
            ("duplicate field `name`", "「name」写了两次"),
            ("invalid type: string \"seven\", expected u16", "这里是文字「seven」，应为0 至 65535 的整数"),
            ("invalid type: integer `7`, expected a string", "这里是整数「7」，应为文字（写在引号中）"),
            ("invalid type: sequence, expected struct Words", "这里是列表，应为表"),
            ("invalid value: integer `70000`, expected u16", "这里是整数「70000」，应为0 至 65535 的整数"),
            ("invalid length 1, expected an array of length 2", "这里有 1 项，应为 2 项的列表"),
            ("unclosed array, expected `]`", "列表没有写完，此处应为「]」"),
        ] {
            assert_eq!(of(message), zh, "{message}");
            // The types of the program mean nothing to who writes the file.
            let en = message.replace("expected u16", "expected a whole number").replace("struct Words", "a table");
            assert_eq!(said(message).words.en, en);
        }
        assert_eq!(said("unknown field `dayz`, expected one of `name`, `days`").near.as_deref(), Some("days"));
    }

    #[test]
    fn a_reason_of_ours_is_carried_in_both_languages() {
        let words = Words::new("甲「x · y」", "a `x · y`");
        assert_eq!(said(&words.carried()).words, words);
        let expected = format!("invalid type: integer `1`, expected {}", Words::new("一条公式", "a formula").carried());
        assert_eq!(said(&expected).words.zh, "这里是整数「1」，应为一条公式");
        assert_eq!(said(&expected).words.en, "invalid type: integer `1`, expected a formula");
    }

    #[test]
    fn an_unknown_form_is_quoted() {
        let words = said("something that nobody has foreseen").words;
        assert_eq!(words.zh, "TOML 内容有误（原文「something that nobody has foreseen」）");
        assert_eq!(words.en, "something that nobody has foreseen");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever is done to a file, what is wrong with it has a form that is known.
        #[test]
        fn every_form_is_known(
            at in 0..GOOD.len(),
            length in 0..12_usize,
            put in "[-+_=,.#'\"a-z0-9 \n{}\\\\\\[\\]:中]{0,4}",
        ) {
            let end = (at + length).min(GOOD.len());
            let text = format!("{}{put}{}", &GOOD[..at], &GOOD[end..]);
            if let Some(message) = refused(&text) {
                let zh = said(&message).words.zh;
                prop_assert!(!zh.contains("原文"), "{message}: {zh}\n{text}");
            }
        }
    }
}
