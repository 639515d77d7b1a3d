//! How long comparable stages took, net of the days that were taken out of them.
//!
//! A history grows by the passes that finish, in the order of their days, so that a plan of the past can be made from
//! what was known then. Net days are those of today: a claim that was ruled on later counts as it was ruled.

use std::collections::BTreeMap;
use std::path::Path;

use crate::calendar::Day;
use crate::clean::applications::Applications;
use crate::clean::stages::Stages;
use crate::error::Result;
use crate::rules::limits::{Connection, Supply, Voltage};
use crate::rules::vocabulary::StageState;
use crate::table::{self, Code, Count, Date, Declared as _, Flag, Maybe, Number, Text, record};

/// So many finished passes make a history.
pub const ENOUGH: u64 = 10;

record! {
    /// What makes the stages of an application comparable.
    Connections of ConnectionRow<'a>:
    /// The application.
    application_id: Text;
    /// Its voltage, kV.
    voltage_kv: Number;
    /// Its supply.
    supply: Maybe<Code<Supply>>;
    /// Whether it has a new feeder.
    new_feeder: Maybe<Flag>;
}

record! {
    /// How long a pass took.
    Durations of DurationRow<'a>:
    /// The application.
    application_id: Text;
    /// The stage.
    stage: Text;
    /// How the pass stands.
    state: Code<StageState>;
    /// The day it finished.
    finished_on: Maybe<Date>;
    /// Net working days.
    net_wd: Count;
}

/// The finished passes of one stage, like connections, length and day.
#[derive(Clone, Debug)]
pub struct Finished {
    stage: String,
    like: Likeness,
    net_wd: i32,
    /// The day they finished.
    pub on: Day,
    passes: u64,
}

/// What makes stages comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Likeness {
    is_high: bool,
    /// Dual supply and new feeder; `None`: any.
    scheme: Option<(bool, bool)>,
}

impl Likeness {
    fn of(connection: &Connection) -> Likeness {
        let scheme = Some((connection.supply == Supply::Dual, connection.new_feeder));
        Likeness { is_high: connection.voltage() == Voltage::High, scheme }
    }

    /// All of the voltage class.
    fn whole_class(self) -> Likeness {
        Likeness { scheme: None, ..self }
    }
}

/// Which part of comparable passes took no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// Half of them.
    Half,
    /// Eight in ten.
    Most,
}

impl Share {
    fn tenths(self) -> u64 {
        match self {
            Share::Half => 5,
            Share::Most => 8,
        }
    }
}

/// How long comparable stages took.
#[derive(Debug, Default)]
pub struct History {
    /// How often a stage of a class took a number of net working days.
    counts: BTreeMap<String, BTreeMap<Likeness, BTreeMap<i32, u64>>>,
}

/// What a history says of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usual {
    /// The net working days that the asked share of the passes took at most, rounded up.
    pub days_wd: i32,
    /// How many finished passes it rests on.
    pub passes: u64,
    /// Whether those are all of the voltage class, as too few have the same supply and feeder.
    pub is_of_whole_class: bool,
}

/// The finished passes of a lake, by the day they finished.
pub fn finished(lake: &Path) -> Result<Vec<Finished>> {
    let clean = lake.join("clean");
    let mut likes: BTreeMap<String, Likeness> = BTreeMap::new();
    table::each_row::<Connections>(&table::path(&clean, Applications::TABLE.name), |row| {
        let connection = Connection::known(row.voltage_kv, row.supply, row.new_feeder);
        likes.insert(row.application_id.to_owned(), Likeness::of(&connection));
        Ok(())
    })?;
    let mut stages: BTreeMap<String, BTreeMap<(Day, Likeness, i32), u64>> = BTreeMap::new();
    table::each_row::<Durations>(&table::path(&clean, Stages::TABLE.name), |row| {
        let (StageState::Finished, Some(on), Some(like)) = (row.state, row.finished_on, likes.get(row.application_id))
        else {
            return Ok(());
        };
        let counts = match stages.get_mut(row.stage) {
            Some(counts) => counts,
            None => stages.entry(row.stage.to_owned()).or_default(),
        };
        *counts.entry((on, *like, row.net_wd)).or_default() += 1;
        Ok(())
    })?;
    let of_stage = |(stage, counts): (String, BTreeMap<_, u64>)| {
        counts.into_iter().map(move |((on, like, net_wd), passes)| Finished {
            stage: stage.clone(),
            like,
            net_wd,
            on,
            passes,
        })
    };
    let mut finished: Vec<Finished> = stages.into_iter().flat_map(of_stage).collect();
    finished.sort_by_key(|passes| passes.on);
    Ok(finished)
}

impl<'a> FromIterator<&'a Finished> for History {
    fn from_iter<I: IntoIterator<Item = &'a Finished>>(passes: I) -> History {
        let mut history = History::default();
        passes.into_iter().for_each(|passes| history.add(passes));
        history
    }
}

impl History {
    /// Learns of passes that finished.
    pub fn add(&mut self, finished: &Finished) {
        let classes = match self.counts.get_mut(&finished.stage) {
            Some(classes) => classes,
            None => self.counts.entry(finished.stage.clone()).or_default(),
        };
        for like in [finished.like, finished.like.whole_class()] {
            *classes.entry(like).or_default().entry(finished.net_wd).or_default() += finished.passes;
        }
    }

    /// How long a share of comparable stages took at most: of the same voltage class, supply and feeder if there are [`ENOUGH`],
    /// else of the voltage class, else nothing.
    pub fn usual(&self, stage: &str, connection: &Connection, share: Share) -> Option<Usual> {
        let classes = self.counts.get(stage)?;
        let alike = Likeness::of(connection);
        [(alike, false), (alike.whole_class(), true)].into_iter().find_map(|(like, is_of_whole_class)| {
            let counts = classes.get(&like)?;
            let passes: u64 = counts.values().sum();
            (passes >= ENOUGH).then(|| Usual { days_wd: quantile(counts, passes, share), passes, is_of_whole_class })
        })
    }
}

/// A quantile, interpolated linearly and rounded up to whole days, of values with their counts.
fn quantile(counts: &BTreeMap<i32, u64>, passes: u64, share: Share) -> i32 {
    let at = |rank: u64| {
        let mut seen = 0;
        let found = counts.iter().find(|(_, count)| {
            seen += **count;
            seen > rank
        });
        found.map_or(0, |(value, _)| i64::from(*value))
    };
    // In tenths, so that no fraction is lost: 0.8 · (n − 1) is a rank and a number of tenths of the way to the next.
    let tenths = (passes - 1) * share.tenths();
    let (rank, way) = (tenths / 10, (tenths % 10) as i64);
    let below = at(rank);
    let scaled = below * 10 + (at(rank + 1) - below) * way;
    // Rounded up; net days are never negative.
    i32::try_from((scaled + 9).div_euclid(10)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_quantile_is_that_of_the_sorted_days(mut days in prop::collection::vec(0_i32..60, 1..80)) {
            let mut counts = BTreeMap::new();
            for day in &days {
                *counts.entry(*day).or_default() += 1;
            }
            days.sort_unstable();
            for (share, part) in [(Share::Half, 0.5), (Share::Most, 0.8)] {
                let place = part * (days.len() - 1) as f64;
                let (below, above) = (days[place.floor() as usize], days[place.ceil() as usize]);
                let exact = f64::from(below) + f64::from(above - below) * place.fract();
                // The exact value in tenths, for floats cannot hold a tenth.
                let rounded = ((exact * 10.0).round() / 10.0).ceil();
                prop_assert_eq!(quantile(&counts, days.len() as u64, share), rounded as i32);
            }
        }
    }

    #[test]
    fn a_history_widens_where_too_few_are_alike() {
        let connection = |supply, new_feeder, voltage_kv| Connection { voltage_kv, supply, new_feeder };
        let scheme = |connection: Connection, net_wd| Finished {
            stage: "scheme".to_owned(),
            like: Likeness::of(&connection),
            net_wd,
            on: Day::FIRST,
            passes: 1,
        };
        let single = connection(Supply::Single, false, 10.0);
        let mut history = History::default();
        for net_wd in 1..=9 {
            history.add(&scheme(single, net_wd));
        }
        assert_eq!(history.usual("scheme", &single, Share::Most), None, "nine are too few");
        history.add(&scheme(connection(Supply::Dual, false, 110.0), 30));
        // 1 … 9 and 30: the rank 7.2 lies between 8 and 9, the rank 4.5 between 5 and 6.
        let other = connection(Supply::Single, true, 20.0);
        let whole = |days_wd| Some(Usual { days_wd, passes: 10, is_of_whole_class: true });
        assert_eq!(history.usual("scheme", &other, Share::Most), whole(9));
        assert_eq!(history.usual("scheme", &other, Share::Half), whole(6));
        history.add(&scheme(connection(Supply::Single, false, 35.0), 2));
        // 1, 2, 2, 3 … 9: the rank 7.2 lies between 7 and 8, the rank 4.5 between 4 and 5.
        let alike = |days_wd| Some(Usual { days_wd, passes: 10, is_of_whole_class: false });
        assert_eq!(history.usual("scheme", &single, Share::Most), alike(8));
        assert_eq!(history.usual("scheme", &single, Share::Half), alike(5));
        assert_eq!(history.usual("scheme", &connection(Supply::Single, false, 0.4), Share::Most), None);
        assert_eq!(history.usual("survey", &single, Share::Most), None);
    }
}
