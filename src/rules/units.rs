//! The units that bureaus belong to, level by level (地市, 区县), as `units.toml` says it: what is ranked with what, and whom a
//! report can be about. Names are compared as those of the exports are; whether there are such bureaus only these tell.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::only::Only;
use crate::error::{Mistake, TomlFile};
use crate::spelling::{identity, is_name, nearest};
use crate::words::{Lang, Words};

/// `units.toml`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitsFile {
    /// What bureaus are called; absent: 供电单位.
    bureaus: Option<Words>,
    /// The levels above the bureaus, from the top down.
    #[serde(default)]
    levels: Vec<LevelFile>,
}

/// One level.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    /// Its code in tables, and its name for `--each`.
    name: String,
    /// What users call it.
    title: Words,
    /// Its units, each with those of the level below that belong to it; at the lowest level, with its bureaus.
    units: BTreeMap<String, Vec<String>>,
}

/// The code of the level of bureaus.
pub const BUREAU: &str = "bureau";

/// The units that bureaus belong to.
#[derive(Debug)]
pub struct Units {
    bureaus: Words,
    levels: Vec<Level>,
    file: TomlFile,
}

#[derive(Debug)]
struct Level {
    name: String,
    title: Words,
    units: Vec<Unit>,
}

#[derive(Debug)]
struct Unit {
    name: String,
    /// Those of the level below, as they are written.
    members: Vec<String>,
    /// Its bureaus, folded.
    bureaus: BTreeSet<String>,
}

impl Unit {
    fn has(&self, member: &str) -> bool {
        self.members.iter().any(|own| identity(own) == identity(member))
    }
}

/// Where a bureau counts at a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership<'a> {
    /// The level's place, 1 at the top.
    pub level_at: usize,
    /// The level's code.
    pub level: &'a str,
    /// The unit; none: the bureau belongs to no unit of the level.
    pub unit: Option<&'a str>,
    /// The unit of the level above that this one belongs to.
    pub part_of: Option<&'a str>,
    /// The bureau.
    pub bureau: &'a str,
}

impl Units {
    /// Reads a `units.toml`; every mistake of it is returned.
    pub(crate) fn open(file: TomlFile) -> Result<Units, Vec<Mistake>> {
        let UnitsFile { bureaus, levels } = file.read()?;
        let mut mistakes = level_mistakes(&levels, &file);
        mistakes.extend(name_mistakes(&levels, &file));
        mistakes.extend(member_mistakes(&levels, &file));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut settled: Vec<Level> = Vec::new();
        for level in levels.into_iter().rev() {
            let below = settled.last();
            let units = level.units.into_iter().map(|(name, members)| {
                let bureaus = match below {
                    None => members.iter().map(|bureau| identity(bureau)).collect(),
                    Some(below) => below
                        .units
                        .iter()
                        .filter(|unit| members.iter().any(|member| identity(member) == identity(&unit.name)))
                        .flat_map(|unit| unit.bureaus.iter().cloned())
                        .collect(),
                };
                Unit { name, members, bureaus }
            });
            let units = units.collect();
            settled.push(Level { name: level.name, title: level.title, units });
        }
        settled.reverse();
        let bureaus = bureaus.unwrap_or_else(|| Words::new("供电单位", "bureau"));
        Ok(Units { bureaus, levels: settled, file })
    }

    /// Whether there are none above the bureaus.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The codes of the levels and what users call them, from the top down; the last is that of bureaus.
    pub fn levels(&self) -> impl Iterator<Item = (&str, &Words)> {
        let levels = self.levels.iter().map(|level| (level.name.as_str(), &level.title));
        levels.chain([(BUREAU, &self.bureaus)])
    }

    /// The code of the level that is called so, by its code or its title.
    pub fn level(&self, called: &str) -> Option<&str> {
        let is = |title: &Words| [&title.zh, &title.en].iter().any(|title| identity(title) == identity(called));
        self.levels().find(|(name, title)| *name == called || is(title)).map(|(name, _)| name)
    }

    /// The units of a level above the bureaus.
    pub fn of_level(&self, level: &str) -> impl Iterator<Item = &str> {
        let units = self.levels.iter().filter(move |own| own.name == level).flat_map(|own| &own.units);
        units.map(|unit| unit.name.as_str())
    }

    fn units(&self) -> impl Iterator<Item = &Unit> {
        self.levels.iter().flat_map(|level| &level.units)
    }

    /// The unit of that name, as it is written.
    pub fn named(&self, name: &str) -> Option<&str> {
        self.units().find(|unit| identity(&unit.name) == identity(name)).map(|unit| unit.name.as_str())
    }

    /// The unit that is nearest by name.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.units().map(|unit| unit.name.as_str()))
    }

    /// Whether a bureau belongs to a unit.
    pub fn holds(&self, unit: &str, bureau: &str) -> bool {
        self.units().any(|own| own.name == unit && own.bureaus.contains(&identity(bureau)))
    }

    /// Whether all of some bureaus belong to a unit.
    pub fn has_all(&self, unit: &str, bureaus: &[&str]) -> bool {
        bureaus.iter().all(|bureau| self.holds(unit, bureau))
    }

    /// Writes the bureaus of the units that are asked for into what asks for them, and the units as they are written here:
    /// reports are called by them.
    pub fn settle(&self, only: &mut Only) {
        for unit in &mut only.unit {
            if let Some(own) = self.named(unit) {
                *unit = own.to_owned();
            }
        }
        let asked = |unit: &&Unit| only.unit.iter().any(|name| identity(name) == identity(&unit.name));
        let bureaus: BTreeSet<String> = self.units().filter(asked).flat_map(|unit| unit.bureaus.clone()).collect();
        only.of_units = bureaus.into_iter().collect();
    }

    /// Where each of some bureaus counts, from the top level down. Of a report that is `about` some bureaus only, a unit is told
    /// where it has all of its own.
    pub fn memberships<'a>(&'a self, bureaus: &'a [String], about: Option<&[&str]>) -> Vec<Membership<'a>> {
        let is_whole = |unit: &Unit| match about {
            None => true,
            Some(asked) => unit.bureaus.iter().all(|own| asked.iter().any(|bureau| identity(bureau) == *own)),
        };
        let part_of = |at: usize, name: &str| {
            let above = at.checked_sub(1).map(|above| &self.levels[above]);
            above.and_then(|level| level.units.iter().find(|unit| unit.has(name))).map(|unit| unit.name.as_str())
        };
        let mut all = Vec::new();
        for (at, level) in self.levels.iter().enumerate() {
            for bureau in bureaus {
                let unit = level.units.iter().find(|unit| unit.bureaus.contains(&identity(bureau)));
                if unit.map_or(about.is_none(), is_whole) {
                    let (unit, name) = (unit.map(|unit| unit.name.as_str()), level.name.as_str());
                    let part_of = unit.and_then(|unit| part_of(at, unit));
                    all.push(Membership { level_at: at + 1, level: name, unit, part_of, bureau });
                }
            }
        }
        let at = self.levels.len();
        all.extend(bureaus.iter().map(|bureau| Membership {
            level_at: at + 1,
            level: BUREAU,
            unit: Some(bureau),
            part_of: part_of(at, bureau),
            bureau,
        }));
        all
    }

    /// What cannot be of the bureaus that the exports have.
    pub fn mistakes(&self, bureaus: &[String]) -> Vec<Mistake> {
        let known: BTreeSet<String> = bureaus.iter().map(|bureau| identity(bureau)).collect();
        let levels = self.file.at("levels");
        let mut mistakes = Vec::new();
        for (at, level) in self.levels.iter().enumerate() {
            let units = levels.item(at).key("units");
            for unit in &level.units {
                let here = units.key(&unit.name);
                if known.contains(&identity(&unit.name)) {
                    mistakes.push(here.key_mistake(twice(&unit.name)).help(help_names()));
                }
                let is_lowest = at + 1 == self.levels.len();
                let strange = unit.members.iter().enumerate().filter(|(_, own)| !known.contains(&identity(own)));
                for (number, bureau) in strange.filter(|_| is_lowest) {
                    let message = Words::new(
                        format!("数据中没有供电单位「{bureau}」"),
                        format!("the exports have no bureau `{bureau}`"),
                    );
                    let mistake = here.item(number).mistake(message);
                    mistakes.push(match nearest(bureau, bureaus.iter().map(String::as_str)) {
                        None => mistake.help(Words::new(
                            "数据中还没有它的工单时，请先把它从单位中去掉",
                            "where it has no application yet, leave it out of its unit",
                        )),
                        near => mistake.did_you_mean(near),
                    });
                }
            }
        }
        mistakes
    }

    /// Which bureaus, and which units, belong to nothing above them, a sentence for each level.
    pub fn unassigned(&self, bureaus: &[String]) -> Vec<Words> {
        let said = |at: usize, level: &Level| {
            let below = self.levels.get(at + 1);
            let those: Vec<&str> = match below {
                Some(below) => below.units.iter().map(|unit| unit.name.as_str()).collect(),
                None => bureaus.iter().map(String::as_str).collect(),
            };
            let alone: Vec<&str> =
                those.into_iter().filter(|name| !level.units.iter().any(|unit| unit.has(name))).collect();
            let called = below.map_or(&self.bureaus, |below| &below.title);
            let say = |lang: Lang| {
                let (names, called) = (alone.join(lang.pick("、", ", ")), called.get(lang));
                let level = level.title.get(lang);
                lang.pick(
                    format!("units.toml 没有把{called} {names} 归入任何{level}，它们在{level}一级列为「未归属」"),
                    format!("units.toml puts {called} {names} into no {level}: there they count as “not assigned”"),
                )
            };
            (!alone.is_empty()).then(|| Words::of(say))
        };
        self.levels.iter().enumerate().filter_map(|(at, level)| said(at, level)).collect()
    }
}

/// What is wrong with what levels are called.
fn level_mistakes(levels: &[LevelFile], file: &TomlFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (at, level) in levels.iter().enumerate() {
        let here = file.at("levels").item(at).key("name");
        if !is_name(&level.name) {
            let message = Words::new(
                "层级的代码只用小写字母、数字、「-」和「_」，并以字母开头",
                "the name of a level has small letters, digits, `-` and `_`, and begins with a letter",
            );
            mistakes.push(here.mistake(message));
        } else if level.name == BUREAU || levels[..at].iter().any(|other| other.name == level.name) {
            let name = &level.name;
            mistakes.push(here.mistake(Words::new(
                format!("已有层级「{name}」（bureau 是供电单位一级）"),
                format!("there is a level `{name}` already (`bureau` is that of bureaus)"),
            )));
        }
    }
    mistakes
}

/// The names of units that are those of others, or of bureaus: reports are called by them.
fn name_mistakes(levels: &[LevelFile], file: &TomlFile) -> Vec<Mistake> {
    let bureaus = levels.last().into_iter().flat_map(|level| level.units.values().flatten());
    let mut taken: BTreeSet<String> = bureaus.map(|bureau| identity(bureau)).collect();
    let mut mistakes = Vec::new();
    for (at, level) in levels.iter().enumerate() {
        for name in level.units.keys() {
            if identity(name).is_empty() || !taken.insert(identity(name)) {
                let here = file.at("levels").item(at).key("units").key(name);
                mistakes.push(here.key_mistake(twice(name)).help(help_names()));
            }
        }
    }
    mistakes
}

fn twice(name: &str) -> Words {
    Words::new(
        format!("「{name}」已是另一个单位或供电单位的名称"),
        format!("`{name}` is the name of another unit or of a bureau"),
    )
}

fn help_names() -> Words {
    Words::new(
        "各级单位的名称不能相同，也不能为空：报告按名称命名",
        "no two units of any level have one name, and none is empty: reports are called by them",
    )
}

/// Members that are in two units, or are no units of the level below.
fn member_mistakes(levels: &[LevelFile], file: &TomlFile) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (at, level) in levels.iter().enumerate() {
        let units = file.at("levels").item(at).key("units");
        let mut taken: BTreeMap<String, &str> = BTreeMap::new();
        for (unit, members) in &level.units {
            for (number, member) in members.iter().enumerate() {
                let here = units.key(unit).item(number);
                if let Some(first) = taken.insert(identity(member), unit) {
                    mistakes.push(here.mistake(Words::new(
                        format!("「{member}」已归入「{first}」"),
                        format!("`{member}` belongs to `{first}` already"),
                    )));
                }
                let Some(below) = levels.get(at + 1) else { continue };
                let is_unit = |level: &LevelFile| level.units.keys().any(|name| identity(name) == identity(member));
                if is_unit(below) {
                    continue;
                }
                let title = &below.title;
                let message = match levels[..=at].iter().any(is_unit) {
                    true => Words::new(
                        format!("「{member}」不在「{unit}」之下：一级的单位只含下一级「{}」的单位", title.zh),
                        format!(
                            "`{member}` is not below `{unit}`: units have those of the next level, {}, only",
                            title.en
                        ),
                    ),
                    false => Words::new(
                        format!("下一级「{}」没有单位「{member}」", title.zh),
                        format!("the next level, {}, has no unit `{member}`", title.en),
                    ),
                };
                let near = nearest(member, below.units.keys().map(String::as_str));
                mistakes.push(here.mistake(message).did_you_mean(near));
            }
        }
    }
    mistakes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn read(text: &str) -> Result<Units, Vec<Mistake>> {
        Units::open(TomlFile::new("units.toml", text))
    }

    const UNITS: &str = "\
[[levels]]
name = \"city\"
title = { zh = \"地市\", en = \"city\" }
[levels.units]
\"江城\" = [\"城区\"]

[[levels]]
name = \"county\"
title = { zh = \"区县\", en = \"county\" }
[levels.units]
\"城区\" = [\"城东（一）\", \"城西\"]
\"郊区\" = [\"北山\"]
";

    /// Level, unit, what it is a part of, bureau.
    fn told(units: &Units, bureaus: &[String], about: Option<&[&str]>) -> Vec<String> {
        let told = |row: Membership<'_>| {
            let [unit, part_of] = [row.unit, row.part_of].map(|name| name.unwrap_or("-"));
            format!("{} {unit} < {part_of}: {}", row.level, row.bureau)
        };
        units.memberships(bureaus, about).into_iter().map(told).collect()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_bureau_counts_once_at_each_level() {
        let units = read(UNITS).unwrap();
        let bureaus = names(&["城东(一)", "北山", "南湖"]);
        let all = [
            "city 江城 < -: 城东(一)",
            "city - < -: 北山",
            "city - < -: 南湖",
            "county 城区 < 江城: 城东(一)",
            "county 郊区 < -: 北山",
            "county - < -: 南湖",
            "bureau 城东(一) < 城区: 城东(一)",
            "bureau 北山 < 郊区: 北山",
            "bureau 南湖 < -: 南湖",
        ];
        assert_eq!(told(&units, &bureaus, None), all);
        // Of a part, only the units that it has whole are told.
        let part = ["county 郊区 < -: 北山", "bureau 北山 < 郊区: 北山"];
        assert_eq!(told(&units, &names(&["北山"]), Some(&["北山"])), part);
        assert_eq!(told(&units, &names(&["城西"]), Some(&["城西"])), ["bureau 城西 < 城区: 城西"]);
        let said = units.unassigned(&bureaus).into_iter().map(|words| words.en).collect::<Vec<_>>();
        assert!(said[0].contains("county 郊区 into no city"), "{said:?}");
        assert!(said[1].contains("bureau 南湖 into no county"), "{said:?}");
        assert_eq!(units.level("区县"), Some("county"));
        assert!(units.has_all("江城", &["城西", "城东（一）"]) && !units.has_all("城区", &["城西", "北山"]));
    }

    #[test]
    fn what_cannot_be_is_named_with_its_line() {
        let at = |text: &str, line: usize, word: &str| {
            let mistakes = read(text).map(|units| units.mistakes(&names(&["城东（一）", "城西", "北山"])));
            let said = Error::from(mistakes.unwrap_or_else(|mistakes| mistakes)).report(Lang::En);
            assert!(said.contains(&format!("units.toml:{line}:")) && said.contains(word), "{word}: {said}");
        };
        assert!(read(UNITS).unwrap().mistakes(&names(&["城东（一）", "城西", "北山"])).is_empty());
        at(&UNITS.replace("\"北山\"", "\"北山\", \"城西\""), 12, "belongs to `城区` already");
        at(&UNITS.replace("\"北山\"", "\"北山寺\""), 12, "no bureau `北山寺`");
        at(&UNITS.replace("[\"城区\"]", "[\"城区\", \"江城\"]"), 5, "is not below `江城`");
        at(&UNITS.replace("[\"城区\"]", "[\"城曲\"]"), 5, "has no unit `城曲`");
        at(&UNITS.replace("\"郊区\" =", "\"城西\" ="), 12, "another unit or of a bureau");
        at(&UNITS.replace("\"郊区\" =", "\"江城\" ="), 12, "another unit or of a bureau");
        at(&UNITS.replace("\"county\"\n", "\"bureau\"\n"), 8, "there is a level `bureau` already");
        at(&UNITS.replace("\"county\"\n", "\"Big County\"\n"), 8, "small letters");
    }
}
