//! What all lives share: the months, the calendar, office time, and the moment of the export.

use yekuo_calendar::{Calendar, Day, Instant};

use super::dice::Dice;
use super::world::{DISPATCH_TREND, Department, SEASON_DEMAND, SEASON_FAULTS, SEASON_LATENESS};

/// Office minutes in a working day, 8:30 to 16:30.
pub const OFFICE_MIN: i64 = 480;
/// When the office opens, in seconds of the day.
pub const OPENS_S: i64 = 8 * 3600 + 30 * 60;
/// Never: what starts then is beyond every export.
pub const NEVER: i64 = i64::MAX / 4;

/// Office time: working-day ordinal × [`OFFICE_MIN`] + minutes since opening.
pub type Tick = i64;

/// A day as `20260528`.
pub fn digits(day: Day) -> String {
    day.to_string().replace('-', "")
}

/// What all lives share: the months, the calendar and the moment of the export.
#[derive(Debug)]
pub struct Setting<'a> {
    pub calendar: &'a Calendar,
    pub seed: u64,
    /// First days of the months, the one of the export last.
    months: Vec<Day>,
    /// Calendar month of each of `months`, January = 0.
    seasons: Vec<usize>,
    /// How many applications each of `months` has, as weights.
    pub demand: Vec<u32>,
    /// How many faults each of `months` has, as weights.
    pub faults: Vec<u32>,
    /// The last moment that the export knows.
    pub exported_at: Instant,
}

/// The calendar month of a first of a month, January = 0.
pub fn season(month: Day) -> usize {
    // The first of a month is less than half a month away from 31 days for each month before it.
    let january = Day::from_ymd(month.year(), 1, 1).unwrap_or(month);
    ((month.0 - january.0 + 15) / 31).clamp(0, 11) as usize
}

impl<'a> Setting<'a> {
    /// `months` months of which `last` is the last, exported three days after it.
    pub fn new(calendar: &'a Calendar, seed: u64, last: Day, months: u32) -> Setting<'a> {
        let last = last.month();
        let mut firsts = vec![last.plus_months(1), last];
        for _ in 1..months.max(1) {
            let before = firsts[firsts.len() - 1].month_before();
            firsts.push(before);
        }
        firsts.reverse();
        let seasons: Vec<usize> = firsts.iter().map(|month| season(*month)).collect();
        let share = |table: &[u32; 12]| -> Vec<u32> {
            let mut weights: Vec<u32> = seasons.iter().map(|season| table[*season] * 10).collect();
            if let Some(torn) = weights.last_mut() {
                *torn /= 10;
            }
            weights
        };
        let (demand, faults) = (share(&SEASON_DEMAND), share(&SEASON_FAULTS));
        let exported_at = Instant::at(last.month_end().plus_days(3), Instant::DAY - 1);
        Setting { calendar, seed, months: firsts, seasons, demand, faults, exported_at }
    }

    /// The first day of the first month.
    pub fn first_day(&self) -> Day {
        self.months[0]
    }

    /// The first days of the whole months, in order, and how many months each is before the last of them.
    pub fn whole_months(&self) -> impl Iterator<Item = (i32, Day)> + '_ {
        let whole = self.months.len() - 1;
        self.months[..whole].iter().enumerate().map(move |(at, month)| ((whole - 1 - at) as i32, *month))
    }

    /// A day of a month drawn by `weights`; of the month of the export, the days before it.
    pub fn day(&self, dice: &mut Dice, weights: &[u32]) -> Day {
        let at = dice.weighed(weights.iter().copied());
        let first = self.months[at];
        let last = first.month_end().0.min(self.exported_at.day().0);
        Day(dice.between(i64::from(first.0), i64::from(last)) as i32)
    }

    pub fn instant(&self, tick: Tick) -> Instant {
        let day = self.calendar.first_day((tick.div_euclid(OFFICE_MIN)) as i32);
        Instant::at(day, OPENS_S + tick.rem_euclid(OFFICE_MIN) * 60)
    }

    pub fn day_of(&self, ordinal: i64) -> Day {
        self.calendar.first_day(ordinal as i32)
    }

    /// How late a department is in the month of `day`, against its usual share.
    pub fn lateness(&self, department: Department, day: Day) -> f64 {
        let at = self.months.partition_point(|month| *month <= day).saturating_sub(1);
        let ago = (self.months.len() - 2).saturating_sub(at);
        let trend = match department {
            Department::Dispatch => DISPATCH_TREND.get(ago).copied().unwrap_or(1.0),
            _ => 1.0,
        };
        // The dispatch centre's own trend already has its season in it.
        let season = if department == Department::Dispatch { 1.0 } else { SEASON_LATENESS[self.seasons[at]] };
        trend * season
    }
}
