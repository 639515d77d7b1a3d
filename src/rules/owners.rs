//! The owner of a work order: who is responsible for it now; the role rises as the due date comes near (docs/method.md §4).

use serde::Deserialize;

use crate::calendar::Day;
use crate::error::{Mistake, TomlFile};
use crate::words::{Lang, Words};

/// `owners.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnersFile {
    /// The tiers, the first of which is responsible from the beginning.
    owners: Vec<Owner>,
}

/// One tier of owners.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// Its code in tables.
    pub role: String,
    /// What users call it.
    pub title: Words,
    /// It becomes the owner this many calendar months before the due date.
    pub months_before: Option<u32>,
    /// It becomes the owner this many calendar days before the due date; 0 on it, −1 the day after.
    pub days_before: Option<i32>,
}

/// The tiers, level 0 first.
#[derive(Clone, Debug)]
pub struct Owners {
    owners: Vec<Owner>,
}

/// Who is responsible for an application on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ownership<'a> {
    /// The level, from 0.
    pub level: i64,
    /// The code of the role.
    pub role: &'a str,
    /// The day since which it has been so; `None` at level 0.
    pub since_on: Option<Day>,
    /// The day of the next escalation, if there is one.
    pub next_rise_on: Option<Day>,
}

impl Owners {
    /// Reads the tiers of a file; every mistake is returned.
    pub fn open(file: &TomlFile) -> Result<Owners, Vec<Mistake>> {
        let OwnersFile { owners } = file.read()?;
        let mut mistakes = Vec::new();
        for (level, owner) in owners.iter().enumerate() {
            let here = file.at("owners").item(level);
            mistakes.extend(match (level, owner.months_before, owner.days_before) {
                (0, None, None) | (1.., Some(_), None) | (1.., None, Some(_)) => None,
                (0, months_before, _) => {
                    let key = if months_before.is_some() { "months_before" } else { "days_before" };
                    let message = Words::new(
                        "第一级主人从一开始就负责，不写 months_before 或 days_before",
                        "the first owner answers from the beginning: it has no `months_before` or `days_before`",
                    );
                    Some(here.key(key).key_mistake(message))
                }
                (1.., months_before, _) => {
                    let key = if months_before.is_some() { "days_before" } else { "role" };
                    let message = Words::new(
                        "第二级起的主人要写 months_before 或 days_before，只写其中一个",
                        "an owner after the first has either `months_before` or `days_before`",
                    );
                    Some(here.key(key).mistake(message))
                }
            });
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let due = Day(20_000);
        let starts: Vec<Day> = owners.iter().skip(1).map(|owner| owner.starts_on(due)).collect();
        if let Some(earlier) = starts.windows(2).position(|pair| pair[0] > pair[1]) {
            let message = Words::new(
                "各级主人接手的先后不对：这一级比上一级更早接手",
                "the owners do not follow each other in time: this one answers before the one above it",
            );
            return Err(vec![file.at("owners").item(earlier + 2).key("role").mistake(message)]);
        }
        if owners.is_empty() {
            return Err(vec![file.whole().mistake(Words::new("没有写明任何主人", "there is no owner"))]);
        }
        Ok(Owners { owners })
    }

    /// Who is responsible on `as_of` for what is due, effectively, on `due_on`; without a due date there is no escalation.
    pub fn on(&self, due_on: Option<Day>, as_of: Day) -> Ownership<'_> {
        let starts: Vec<Day> = due_on
            .map(|due| self.owners.iter().skip(1).map(|owner| owner.starts_on(due)).collect())
            .unwrap_or_default();
        let level = starts.iter().filter(|start| **start <= as_of).count();
        Ownership {
            level: level as i64,
            role: &self.owners[level].role,
            since_on: level.checked_sub(1).map(|at| starts[at]),
            next_rise_on: starts.get(level).copied(),
        }
    }

    /// What users call a role.
    pub fn name<'a>(&'a self, role: &'a str, lang: Lang) -> &'a str {
        self.owners.iter().find(|owner| owner.role == role).map_or(role, |owner| owner.title.get(lang))
    }

    /// The roles, level 0 first.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.owners.iter().map(|owner| owner.role.as_str())
    }
}

impl Owner {
    fn starts_on(&self, due_on: Day) -> Day {
        match self.months_before {
            Some(months) => due_on.minus_months(months),
            None => due_on.plus_days(-self.days_before.unwrap_or(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_rises_with_lateness() {
        let owners = crate::config::embedded_owners().unwrap();
        let day = |text: &str| text.parse::<Day>().unwrap();
        // Due on 31 March: one calendar month before is 28 February.
        for (as_of, level, role, since, next) in [
            ("2026-02-27", 0, "manager", None, Some("2026-02-28")),
            ("2026-02-28", 1, "centre_director", Some("2026-02-28"), Some("2026-03-21")),
            ("2026-03-20", 1, "centre_director", Some("2026-02-28"), Some("2026-03-21")),
            ("2026-03-21", 2, "deputy_director", Some("2026-03-21"), Some("2026-04-01")),
            ("2026-03-31", 2, "deputy_director", Some("2026-03-21"), Some("2026-04-01")),
            ("2026-04-01", 3, "director", Some("2026-04-01"), None),
        ] {
            let expected = Ownership { level, role, since_on: since.map(day), next_rise_on: next.map(day) };
            assert_eq!(owners.on(Some(day("2026-03-31")), day(as_of)), expected, "{as_of}");
        }
        let nobody = owners.on(None, day("2026-04-01"));
        assert_eq!((nobody.level, nobody.next_rise_on), (0, None));
    }

    #[test]
    fn tiers_that_make_no_sense_are_told() {
        let title = "title = { zh = \"\", en = \"\" }";
        for (rest, count) in [
            (String::new(), 0),
            (format!("[[owners]]\nrole = \"b\"\n{title}"), 1),
            (format!("[[owners]]\nrole = \"b\"\n{title}\ndays_before = 1\nmonths_before = 1"), 1),
            (
                format!(
                    "[[owners]]\nrole = \"b\"\n{title}\ndays_before = 1\n[[owners]]\nrole = \"c\"\n{title}\ndays_before = 2"
                ),
                1,
            ),
        ] {
            let text = format!("[[owners]]\nrole = \"a\"\n{title}\n{rest}");
            let found = Owners::open(&TomlFile::new("owners.toml", text)).err().unwrap_or_default();
            assert_eq!(found.len(), count, "{rest}");
        }
    }
}
