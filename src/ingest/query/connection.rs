//! A connection string with its secrets, and what drivers say without them.

use super::{Attribute, ENV, Query, attributes};
use crate::error::{QueryFault, Result};

/// The shortest secret that can be told apart in what a driver says.
const SHORTEST: usize = 4;

/// A connection, ready for a driver; never shown, and so without `Debug`.
pub(in crate::ingest) struct Connection {
    text: String,
    /// What may be shown to nobody.
    secrets: Vec<String>,
}

impl Attribute {
    /// The attribute as a connection string has it, in braces where it must be.
    fn written(&self) -> String {
        let Attribute { key, value } = self;
        let is_bare = value.chars().all(|c| c.is_alphanumeric() || "-_./:\\ ".contains(c)) && value.trim() == value;
        if is_bare { format!("{key}={value};") } else { format!("{key}={{{}}};", value.replace('}', "}}")) }
    }
}

impl Query {
    /// The connection, with what the environment holds of it.
    pub(in crate::ingest) fn connection(&self) -> Result<Connection, QueryFault> {
        if let Some(name) = self.odbc.strip_prefix(ENV) {
            let text = variable(name)?;
            let parts = attributes(&text).unwrap_or_default();
            return Ok(Connection::new(text, &parts));
        }
        let mut parts = attributes(&self.odbc).unwrap_or_default();
        for part in &mut parts {
            if let Some(name) = part.value.strip_prefix(ENV) {
                part.value = variable(name)?;
            }
        }
        let text = parts.iter().map(Attribute::written).collect();
        Ok(Connection::new(text, &parts))
    }
}

fn variable(name: &str) -> Result<String, QueryFault> {
    let value = std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    value.ok_or_else(|| QueryFault::NoVariable { name: name.to_owned() })
}

impl Connection {
    fn new(text: String, parts: &[Attribute]) -> Connection {
        let mut secrets = vec![text.clone()];
        for part in parts.iter().filter(|part| !part.is_plain() && !part.value.is_empty()) {
            secrets.extend([part.value.clone(), part.value.replace('}', "}}")]);
        }
        // A secret within another is hidden after it.
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        Connection { text, secrets }
    }

    /// For the driver's eyes only.
    pub(in crate::ingest) fn text(&self) -> &str {
        &self.text
    }

    /// What a driver says, without what is secret, which some quote; nothing of it where a secret is too short to be found.
    pub(in crate::ingest) fn scrubbed(&self, said: &str) -> String {
        if self.secrets.iter().any(|secret| secret.chars().count() < SHORTEST) {
            return "…".to_owned();
        }
        let said = self.secrets.iter().fold(said.to_owned(), |said, secret| said.replace(secret, "***"));
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(text: &str) -> Connection {
        Connection::new(text.to_owned(), &attributes(text).unwrap())
    }

    #[test]
    fn attributes_are_read_as_drivers_read_them() {
        let text = " Driver={PostgreSQL Unicode}; Server=/run/pg ;Pwd={a;b}}c=d};Port=5432";
        let read: Vec<_> = attributes(text).unwrap().into_iter().map(|own| (own.key, own.value)).collect();
        let expected = [("Driver", "PostgreSQL Unicode"), ("Server", "/run/pg"), ("Pwd", "a;b}c=d"), ("Port", "5432")];
        assert_eq!(read, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let again: String = attributes(text).unwrap().iter().map(Attribute::written).collect();
        let twice: Vec<_> = attributes(&again).unwrap().into_iter().map(|own| (own.key, own.value)).collect();
        assert_eq!(twice, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        for none in ["", "nonsense", "Pwd={open"] {
            assert!(attributes(none).is_none(), "{none}");
        }
    }

    #[test]
    fn what_a_driver_says_bears_no_secret() {
        let said = "FATAL: password \"can;ary}1\" of Server=db;Pwd={can;ary}}1};Token=abcdef; is wrong\nfor  user u";
        let own = connection("Server=db;Uid=u;Pwd={can;ary}}1};Token=abcdef;");
        assert!(own.text().contains("can;ary"));
        assert_eq!(own.scrubbed(said), "FATAL: password \"***\" of Server=db;Pwd={***};Token=***; is wrong for user u");
        // All of it where the secret could be any part of a word.
        assert_eq!(connection("Server=db;Pwd=ab").scrubbed("table is absent"), "…");
    }

    #[test]
    fn a_variable_that_is_not_set_is_named() {
        let odbc = "Driver=x;Pwd=env:YEKUO_NO_SUCH_VARIABLE".to_owned();
        let fault = Query { odbc, query: "select 1".to_owned() }.connection().err();
        assert!(matches!(fault, Some(QueryFault::NoVariable { name }) if name == "YEKUO_NO_SUCH_VARIABLE"));
    }
}
