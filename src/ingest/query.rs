//! Rows that a database gives instead of a file: what a mapping says of them, and the secrets that it may not say.
//!
//! `source = { odbc = "env:YEKUO_DSN", query = "select …" }`. Whatever is secret about a connection comes from the
//! environment, and leaves this room for the driver alone: `connection` hides it in what a driver says.
//! `odbc`, a feature, asks the database; `queried` keeps the rows in a file for as long as they are read.

#[cfg(any(feature = "odbc", test))]
pub(super) mod connection;

use serde::Deserialize;

use crate::contract::Table;
use crate::error::{Error, ExportProblem, Mistake, QueryFault, TomlPath};
use crate::words::Words;

/// A table's rows from a database.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The connection: `env:NAME`, or its attributes, of which the secret ones are `env:NAME` each.
    pub odbc: String,
    /// The select; its columns are called as headers are.
    pub query: String,
}

/// What says that a value stands in the environment.
const ENV: &str = "env:";

/// The attributes of a connection that a mapping can say: what everybody may read. All others come from the environment.
const PLAIN: [&str; 19] = [
    "driver",
    "dsn",
    "server",
    "servername",
    "host",
    "hostname",
    "address",
    "port",
    "database",
    "dbname",
    "dbq",
    "service",
    "uid",
    "user",
    "username",
    "charset",
    "sslmode",
    "encrypt",
    "trustservercertificate",
];

/// One attribute of a connection string.
struct Attribute {
    key: String,
    value: String,
}

impl Attribute {
    fn is_plain(&self) -> bool {
        PLAIN.contains(&self.key.to_lowercase().as_str())
    }
}

/// The attributes of a connection string; nothing where it is none.
fn attributes(text: &str) -> Option<Vec<Attribute>> {
    let mut attributes = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let value;
        (value, rest) = match after.strip_prefix('{') {
            Some(braced) => in_braces(braced)?,
            None => {
                let (value, rest) = after.split_once(';').unwrap_or((after, ""));
                (value.trim().to_owned(), rest)
            }
        };
        attributes.push(Attribute { key: key.trim().to_owned(), value });
        rest = rest.trim_start_matches([';', ' ']);
    }
    Some(attributes).filter(|attributes| !attributes.is_empty())
}

/// A value up to its closing brace, of which two stand for one; and what follows.
fn in_braces(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (c, chars.peek()) {
            ('}', Some((_, '}'))) => {
                chars.next();
                value.push('}');
            }
            ('}', _) => return Some((value, &text[at + 1..])),
            (c, _) => value.push(c),
        }
    }
    None
}

/// What else the mapping of the table says.
pub(super) struct Beside {
    pub(super) goes_by_order: bool,
    pub(super) has_files: bool,
}

impl Query {
    /// What is wrong with it.
    pub(super) fn mistakes(&self, table: &Table, beside: &Beside, here: &TomlPath<'_>) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut add = |key: &str, message: Words, help: Words| {
            let name = table.name;
            let message = Words::new(format!("{name} 表：{}", message.zh), format!("`{name}`: {}", message.en));
            mistakes.push(here.key("source").key(key).mistake(message).help(help));
        };
        if !cfg!(feature = "odbc") {
            let message = Words::new("本程序编译时未含 ODBC", "this yekuo was built without ODBC");
            let help = Words::new(
                "请以 cargo install --path . --features odbc 重新编译（需要 unixODBC 及其头文件），或把查询结果导出为文件",
                "build it with `cargo install --path . --features odbc` (unixODBC and its headers are needed), or export \
                 the query to a file",
            );
            add("odbc", message, help);
        }
        if self.query.trim().is_empty() {
            let help =
                Words::new("请写一条 select，它的列名即表头", "write the select whose columns are the table's headers");
            add("query", Words::new("没有查询", "there is no query"), help);
        }
        if beside.goes_by_order && !self.query.to_lowercase().contains("order by") {
            let message = Words::new(
                "repeat 取决于行的先后，而查询没有排序",
                "`repeat` goes by the order of the rows, and the query has none",
            );
            add("query", message, Words::new("请以 order by … 结尾", "end it with `order by …`"));
        }
        if beside.has_files {
            let help = Words::new(
                "一张表要么来自文件，要么来自查询",
                "a table comes from files or from a query, not from both",
            );
            add("query", Words::new("该表同时写了 files", "the table has `files` too"), help);
        }
        let whole = self.odbc.strip_prefix(ENV);
        match whole.map_or_else(|| attributes(&self.odbc), |_| Some(Vec::new())) {
            None => {
                let help =
                    Words::new("请写 env:变量名，由该变量给出连接", "write `env:NAME`, the variable that holds it");
                add("odbc", Words::new("这不是连接字符串", "this is no connection"), help);
            }
            Some(attributes) => {
                for attribute in attributes.iter().filter(|own| !own.is_plain() && !own.value.starts_with(ENV)) {
                    let key = &attribute.key;
                    let message = Words::new(format!("「{key}」可能是机密"), format!("`{key}` may be secret"));
                    let help = Words::new(
                        format!("请写 {key}=env:变量名，由该变量给出"),
                        format!("write `{key}=env:NAME`, the variable that holds it"),
                    );
                    add("odbc", message, help);
                }
            }
        }
        mistakes
    }
}

/// The texts of a mapping that may hold a secret although none may stand there; mistakes are shown without them.
pub(super) fn secrets_in(text: &str) -> Vec<String> {
    let is_key = |key: &str| !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ');
    let may_be_secret = |own: &Attribute| is_key(&own.key) && !own.is_plain() && !own.value.starts_with(ENV);
    let holds = |quoted: &str| attributes(quoted).is_some_and(|own| own.iter().any(may_be_secret));
    let mut secrets = Vec::new();
    let mut in_source = false;
    for line in text.lines() {
        if let Some(section) = line.trim_start().strip_prefix('[') {
            in_source = is_source(section.split(']').next().unwrap_or_default());
        }
        let is_of_source = in_source || is_source(line.split('=').next().unwrap_or_default()) || opens_source(line);
        let mut key = "";
        // Every second piece stands between quotes.
        for (number, piece) in line.split(['"', '\'']).enumerate() {
            if number % 2 == 0 {
                key = piece;
                continue;
            }
            let is_query = key.trim_end().trim_end_matches('=').trim_end().ends_with("query");
            let is_open = is_query || piece.starts_with(ENV) && !piece.contains(';') || piece.is_empty();
            if holds(piece) || is_of_source && !is_open && !attributes(piece).is_some_and(|own| own.iter().all(is_told))
            {
                secrets.push(piece.to_owned());
            }
        }
    }
    secrets
}

/// Whether a key or the name of a section is a table's `source`, or of it.
fn is_source(key: &str) -> bool {
    key.split('.').any(|part| part.trim() == "source")
}

/// Whether a `source` begins within a line: `stages = { source = { …`.
fn opens_source(line: &str) -> bool {
    let bare: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    bare.match_indices("source={").any(|(at, _)| matches!(bare[..at].chars().next_back(), Some('{' | ',')))
}

/// Whether an attribute of a connection can be shown.
fn is_told(own: &Attribute) -> bool {
    own.is_plain() || own.value.starts_with(ENV)
}

/// The queries of a mapping that ask one connection, in the order of the tables.
pub(super) struct Asked<'a> {
    pub(super) odbc: &'a str,
    pub(super) queries: Vec<(&'static Table, &'a Query)>,
}

/// What the rows of a table's query are called where files have names.
pub(super) fn name(table: &Table) -> String {
    format!("odbc:{}", table.name)
}

/// A fault of a table's query.
pub(super) fn fault(table: &Table) -> impl Fn(QueryFault) -> Error {
    move |fault| Error::export(&name(table), ExportProblem::Query(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_does_not_show_what_may_be_secret() {
        let line = "source = { odbc = \"Driver=x;Pwd=canary\", query = \"select 1\", mistake = 1 }";
        assert_eq!(secrets_in(line), ["Driver=x;Pwd=canary"]);
        let section =
            "[tables.stages.source]\npassword = \"GEHEIM\"\nurl = \"oracle://u:GEHEIM@h/db\"\nodbc = \"env:DSN\"";
        assert_eq!(secrets_in(section), ["GEHEIM", "oracle://u:GEHEIM@h/db"]);
        let escaped = "[tables.stages.source]\nodbc = \"Driver=x;P\\u0077d=GEHEIM\"";
        assert_eq!(secrets_in(escaped), ["Driver=x;P\\u0077d=GEHEIM"]);
        for inline in ["tables.stages.source.password = \"GEHEIM\"", "stages = { source = { token = \"GEHEIM\" } }"] {
            assert_eq!(secrets_in(inline), ["GEHEIM"], "{inline}");
        }
        assert!(secrets_in("columns = { handler = \"org:resource\", stage = \"源\" }").is_empty());
        assert!(secrets_in("absent=[\"due_on\"]\nbad=1").is_empty());
        assert!(secrets_in("columns = { pass = \"次数\" }\nodbc = \"Driver=x;Pwd=env:P\"").is_empty());
    }
}
