//! The secrets of servers, from the environment, and how they are kept out of what is said.

use std::collections::BTreeMap;
use std::env;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::send::settings::Variable;
use crate::words::Words;

/// What stands for a secret in what is said.
const HIDDEN: &str = "***";
/// A part of an address that is shorter gives nothing away.
const SHORTEST: usize = 6;

/// The secrets of servers. It has no `Debug`: nothing prints it.
pub(super) struct Secrets {
    values: BTreeMap<Variable, String>,
    /// What is not to be read in what is said, the longest first.
    hidden: Vec<String>,
}

impl Secrets {
    /// The values of some variables, all of which must be set.
    pub(super) fn of(needed: BTreeMap<Variable, Words>) -> Result<Secrets, Words> {
        let (mut values, mut absent) = (BTreeMap::new(), Vec::new());
        for (variable, what) in needed {
            match env::var(&variable.0).ok().filter(|value| !value.trim().is_empty()) {
                Some(value) => _ = values.insert(variable, value.trim().to_owned()),
                None => absent.push(Words::new(
                    format!("{}（{}）", variable.0, what.zh),
                    format!("{} ({})", variable.0, what.en),
                )),
            }
        }
        if !absent.is_empty() {
            let zh = absent.iter().map(|words| words.zh.as_str()).collect::<Vec<_>>().join("、");
            let en = absent.iter().map(|words| words.en.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Words::new(
                format!("环境变量没有给出：{zh}。什么都没有发送"),
                format!("the environment does not have {en}. Nothing was sent"),
            ));
        }
        let hidden = hidden(values.values());
        Ok(Secrets { values, hidden })
    }

    /// The value of a variable that was asked for.
    pub(super) fn value(&self, variable: &Variable) -> &str {
        self.values.get(variable).map_or("", String::as_str)
    }

    /// A text without any secret.
    pub(super) fn hide(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, secret| text.replace(secret, HIDDEN))
    }
}

/// Secrets as they can come back from a server: as they are, in base64, and the parts of an address.
fn hidden<'a>(secrets: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut hidden = Vec::new();
    for secret in secrets {
        hidden.push(secret.clone());
        hidden.push(STANDARD.encode(secret));
        let parts = secret.split(['/', '?', '&', '=', ' ']).filter(|part| part.len() >= SHORTEST);
        // The name of a server is no secret.
        let is_name = |part: &str| part.contains('.') || part.ends_with(':');
        if secret.contains("://") {
            hidden.extend(parts.filter(|part| !is_name(part) && *part != "access_token").map(str::to_owned));
        }
    }
    hidden.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_secret_is_told() {
        let values = ["https://hook.example.com/robot/send?access_token=abcdef123456".to_owned(), "p4ss".to_owned()];
        let secrets = Secrets { values: BTreeMap::new(), hidden: hidden(values.iter()) };
        for (text, told) in [
            ("at https://hook.example.com/robot/send?access_token=abcdef123456 now", "at *** now"),
            ("token abcdef123456 is bad", "token *** is bad"),
            ("535 p4ss", "535 ***"),
            ("535 cDRzcw==", "535 ***"),
            ("hook.example.com does not answer", "hook.example.com does not answer"),
        ] {
            assert_eq!(secrets.hide(text), told);
        }
    }
}
