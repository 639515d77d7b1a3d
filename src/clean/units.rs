//! One row per bureau and level of units: where the bureau counts.

use std::path::Path;

use crate::error::Result;
use crate::rules::units::Membership;
use crate::table::{Count, Maybe, Text, Writer, table};

table! {
    /// Where a bureau counts at a level.
    Units of UnitRow<'a> from Membership<'a> as of;
    "units" by [level, bureau],
    "每个供电单位在每一级（units.toml）各一行，自上而下；最低一级是供电单位自身。",
    "One row per bureau and level (units.toml), from the top down; the lowest level is that of the bureaus themselves.";

    level_at: Count = of.level_at as i32, "层级的位置，1 为最高", "place of the level, 1 at the top";
    level: Text = of.level, "层级的代码；bureau 为供电单位", "code of the level; `bureau`: that of bureaus";
    unit: Maybe<Text> = of.unit, "所属的单位；空为未归属", "unit that it belongs to there; blank: none";
    part_of: Maybe<Text> = of.part_of, "该单位所属的上一级单位", "unit of the next higher level that this unit belongs to";
    bureau: Text = of.bureau, "供电单位", "bureau";
}

/// Writes the table.
pub fn write(folder: &Path, memberships: &[Membership<'_>]) -> Result<()> {
    let mut table = Writer::<Units>::create(folder)?;
    memberships.iter().try_for_each(|membership| table.push(membership))?;
    table.finish()
}
