//! The reports that a report is divided into, one for each unit of a level; and those that stand next to a report, of its parts
//! and of what it is a part of, so that readers find them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::building::Output;
use super::facts::Facts;
use super::manifest::Manifest;
use super::phases::{Definitions, Prepared, Request};
use super::steps::Steps;
use super::{Published, run, shelf};
use crate::config::Config;
use crate::disk;
use crate::error::{Error, Result, Sought};
use crate::period::Previous;
use crate::report::{Relative, Relatives};
use crate::rules::only::Only;
use crate::rules::units::BUREAU;
use crate::spelling::nearest;
use crate::words::Words;

/// How the parts of a report have come out, by unit.
#[derive(Debug, Default)]
pub struct Divided {
    /// The folders of those that stand.
    pub stand: Vec<(String, PathBuf)>,
    /// What went wrong with the others.
    pub failed: Vec<(String, Error)>,
}

/// Publishes a report, and then, for each unit of a level that has applications in it, the report about these alone. One that
/// fails does not keep the others from being published; where the whole fails, there are no parts.
pub fn divided(
    request: &Request,
    output: &Output,
    called: &str,
    steps: &Steps,
) -> Result<(Published<Manifest>, Divided)> {
    let Definitions { config, .. } = Definitions::read(request.pipeline.as_deref())?;
    let level = level(&config, called)?;
    let whole = run(request, output, steps)?;
    // What the whole has worked out anew is new.
    let output = &Output { fresh: false, ..output.clone() };
    let as_of = Some(whole.manifest.as_of);
    let (mut divided, mut names) = (Divided::default(), BTreeSet::new());
    for unit in units(&config, level, &whole.manifest.bureaus) {
        let only = part(&request.only, level, unit);
        let published = match names.insert(only.suffix()) {
            true => run(&Request { only, as_of, ..request.clone() }, output, steps).map(|part| part.out),
            false => Err(Error::Place { path: only.suffix().into(), problem: one_name(unit) }),
        };
        match published {
            Ok(out) => divided.stand.push((unit.to_owned(), out)),
            Err(error) => divided.failed.push((unit.to_owned(), error)),
        }
    }
    // Its readers are led to the parts that stand.
    let led = run(request, output, steps)?;
    let work = if whole.work.is_none() { led.work } else { whole.work };
    Ok((Published { work, edited: whole.edited.or(led.edited), ..led }, divided))
}

fn one_name(unit: &str) -> Words {
    Words::new(
        format!("「{unit}」的报告会与另一个单位的同名"),
        format!("the report of `{unit}` would have the name of another unit's"),
    )
}

/// The level of units that is called so; what is for everybody cannot be divided.
fn level<'a>(config: &'a Config, called: &str) -> Result<&'a str> {
    config.divisible()?;
    config.units.level(called).ok_or_else(|| {
        let nearest = nearest(called, config.units.levels().map(|(name, _)| name)).map(str::to_owned);
        Error::Unknown { what: Sought::Level, name: called.to_owned(), nearest }
    })
}

/// The units of a level to which some bureaus belong.
fn units<'a>(config: &'a Config, level: &str, bureaus: &'a [String]) -> Vec<&'a str> {
    if level == BUREAU {
        return bureaus.iter().map(String::as_str).collect();
    }
    let has_any = |unit: &&str| bureaus.iter().any(|bureau| config.units.holds(unit, bureau));
    config.units.of_level(level).filter(has_any).collect()
}

/// What asks for a unit of what is asked for.
fn part(only: &Only, level: &str, unit: &str) -> Only {
    let unit = vec![unit.to_owned()];
    if level == BUREAU { Only { bureau: unit, ..only.clone() } } else { Only { unit, ..only.clone() } }
}

impl Prepared {
    /// The reports of the same day that stand next to one.
    pub(super) fn relatives(&self, out: &Path, facts: &Facts) -> Relatives {
        let config = &self.config;
        if config.pipeline.public {
            return Relatives::default();
        }
        let stands = |only: &Only| {
            let name = config.named_for(only);
            let folder = self.report_name(&name, facts.as_of);
            let place = disk::parent(out).join(&folder);
            let is_other = out.file_name().is_none_or(|own| *own != *folder);
            let is_it = || Previous::is_of(&place, &name, facts.as_of) && place.join(shelf::PAGE).is_file();
            (is_other && is_it()).then_some(folder)
        };
        let own = &config.pipeline.only;
        let all = own.of_all_bureaus();
        let mut relatives = Relatives::default();
        let bureaus = facts.told();
        for (level, _) in config.units.levels() {
            for unit in units(config, level, &bureaus) {
                let of = |only: &Only| stands(&part(only, level, unit));
                let folder = of(own).or_else(|| of(&all));
                relatives.parts.extend(folder.map(|folder| Relative { name: unit.to_owned(), folder }));
            }
        }
        let Some(asked) = own.bureaus() else { return relatives };
        let of_all = self.lang.pick("全部供电单位", "all bureaus").to_owned();
        relatives.wholes.extend(stands(&all).map(|folder| Relative { name: of_all, folder }));
        for (level, _) in config.units.levels().filter(|(level, _)| *level != BUREAU) {
            let around = config.units.of_level(level).filter(|unit| config.units.has_all(unit, &asked));
            relatives.wholes.extend(around.filter_map(|unit| {
                let folder = stands(&part(&all, level, unit))?;
                Some(Relative { name: unit.to_owned(), folder })
            }));
        }
        relatives
    }
}
