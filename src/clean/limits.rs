//! One row per rule of the rule book.

use std::path::Path;

use crate::error::Result;
use crate::rules::limits::{Area, Rule, RuleBook, Supply, Unit};
use crate::rules::vocabulary::{Feeder, LimitFor, Promise};
use crate::table::{Code, Count, Integer, Maybe, Text, Writer, table};

table! {
    /// A rule of the rule book.
    Limits of LimitRow<'a> from Numbered<'a> as of;
    "limits" by [number],
    "标准时限的每条规则一行，按文件中的次序。",
    "One row per rule of the standard limits, in the order of the file.";

    number: Count = of.number, "规则的次序，从 1 起", "place of the rule in the file, from 1";
    limits: Code<LimitFor> = of.rule.limits(), "时限的对象：stage 环节，promise 服务承诺，total 全过程", "what is limited: a `stage`, a `promise`, or the `total`";
    stage: Maybe<Text> = of.rule.stage.as_deref(), "环节代码", "code of the stage";
    promise: Maybe<Code<Promise>> = of.rule.promise, "服务承诺的代码", "code of the promise";
    voltage: Maybe<Text> = of.voltage.as_deref(), "适用的电压：low_voltage、high_voltage，或 kV 范围", "voltages it is for: `low_voltage`, `high_voltage`, or a range in kV";
    supply: Maybe<Code<Supply>> = of.rule.supply, "适用的电源：single、dual", "supply it is for: `single` or `dual`";
    new_feeder: Maybe<Code<Feeder>> = of.rule.new_feeder.map(Feeder::from), "适用于是否新建线路：new_feeder、no_new_feeder", "whether it is for those with a new feeder: `new_feeder` or `no_new_feeder`";
    area: Maybe<Code<Area>> = of.rule.area, "适用的城乡：urban、rural", "area it is for: `urban` or `rural`";
    limit_count: Integer = i64::from(of.rule.limit), "时限数值，单位见 unit", "the limit, in `unit`";
    unit: Code<Unit> = of.rule.unit, "单位：working_days 工作日，calendar_days 自然日，minutes 分钟", "`working_days`, `calendar_days` or `minutes`";
    source: Text = &of.rule.source, "出处", "where the rule stands written";
}

/// A rule and its place in the file.
pub struct Numbered<'a> {
    number: i32,
    rule: &'a Rule,
    voltage: Option<String>,
}

/// Writes the table.
pub fn write(standards: &RuleBook, folder: &Path) -> Result<()> {
    let mut table = Writer::<Limits>::create(folder)?;
    for (number, rule) in (1..).zip(standards.rules()) {
        table.push(&Numbered { number, rule, voltage: voltages(rule) })?;
    }
    table.finish()
}

/// The voltages that a rule is for; none: all.
fn voltages(rule: &Rule) -> Option<String> {
    match (rule.voltage, rule.min_kv, rule.max_kv) {
        (Some(class), ..) => Some(class.code().to_owned()),
        (None, Some(low), Some(high)) => Some(format!("{low}–{high} kV")),
        (None, Some(low), None) => Some(format!("≥ {low} kV")),
        (None, None, Some(high)) => Some(format!("≤ {high} kV")),
        (None, None, None) => None,
    }
}
