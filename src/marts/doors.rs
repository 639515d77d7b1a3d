//! From a figure to its cases: the list that has them is another mart, found by what both have in common.

use super::{Kind, Mart};
use crate::error::{Mistake, TomlFile};
use crate::spelling::nearest;
use crate::words::Words;

impl Mart {
    /// The columns of the grain by which the cases of a figure are found in their list; a list is of one month.
    pub fn told_by(&self) -> impl Iterator<Item = &str> {
        let is_month =
            |name: &str| self.definition.columns.iter().any(|own| own.name == name && own.kind == Kind::Month);
        self.definition.grain.iter().map(String::as_str).filter(move |name| !is_month(name))
    }
}

/// The lists of cases that a mart names and that are none, or not for the public.
pub(super) fn mistakes(file: &TomlFile, mart: &Mart, marts: &[Mart]) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for named in mart.definition.columns.iter().filter_map(|column| column.cases_in.as_ref()) {
        let name = named.get_ref();
        let list = marts.iter().find(|other| other.name == *name && other.definition.is_list());
        if list.is_none_or(|list| mart.is_public() && !list.is_public()) {
            let lists = marts.iter().filter(|other| other.definition.is_list()).map(|other| other.name.as_str());
            let message = Words::new(format!("没有个案清单「{name}」"), format!("there is no list of cases `{name}`"));
            mistakes.push(file.mistake(named.span(), message).did_you_mean(nearest(name, lists)));
        }
    }
    mistakes
}
