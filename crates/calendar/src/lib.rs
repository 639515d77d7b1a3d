//! Days, instants and working days.
//!
//! Everything that yekuo counts in working days is a subtraction of two *ordinals*: `W(d)` is the number of
//! working days in the calendar up to and including day `d`, so from `a` to `b` there are `W(b) − W(a)`, and the
//! first day is not counted. The calendar is therefore one prefix table: an ordinal is a look-up, and so is its
//! inverse, "the first day whose ordinal is n".
//!
//! A calendar is data (`pipelines/calendars/*.toml`, or your own list): the weekend, holidays, make-up working
//! days (调休), and the years that it covers. Outside those years only weekends are off, and a report must say
//! so: see [`Calendar::uncovered_years`].

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Datelike, Months, NaiveDate, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A local civil date, as days since 1970-01-01, the way Parquet stores it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(pub i32);

/// Days from 0001-01-01 (day 1 of the common era) to 1970-01-01.
const EPOCH_FROM_CE: i32 = 719_163;

impl Day {
    /// The first day that yekuo knows: 1980-01-01. Earlier dates in an export are typing errors.
    pub const FIRST: Day = Day(3_652);
    /// The last day that yekuo knows: 2099-12-31.
    pub const LAST: Day = Day(47_481);

    /// The day of a year, month and day of month, if there is one between [`Day::FIRST`] and [`Day::LAST`].
    ///
    /// ```
    /// use yekuo_calendar::Day;
    /// assert_eq!(Day::from_ymd(2010, 5, 28).unwrap().to_string(), "2010-05-28");
    /// assert_eq!(Day::from_ymd(2010, 2, 29), None);
    /// assert_eq!(Day::from_ymd(1899, 12, 31), None);
    /// ```
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Day> {
        NaiveDate::from_ymd_opt(year, month, day).map(Day::from).filter(|day| day.is_known())
    }

    /// Whether the day lies between [`Day::FIRST`] and [`Day::LAST`].
    pub fn is_known(self) -> bool {
        (Day::FIRST..=Day::LAST).contains(&self)
    }

    fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0.saturating_add(EPOCH_FROM_CE)).unwrap_or(NaiveDate::MAX)
    }

    /// The calendar year.
    pub fn year(self) -> i32 {
        self.date().year()
    }

    /// The first day of the month.
    #[inline]
    pub fn month(self) -> Day {
        Day(self.0 - self.date().day0() as i32)
    }

    /// The first day of the year.
    pub fn january(self) -> Day {
        Day(self.0 - self.date().ordinal0() as i32)
    }

    /// The quarter of its year, 1 to 4.
    pub fn quarter(self) -> u32 {
        self.date().month0() / 3 + 1
    }

    /// The last day of the month.
    pub fn month_end(self) -> Day {
        Day(self.month().plus_months(1).0 - 1)
    }

    /// The day `days` calendar days later.
    pub fn plus_days(self, days: i32) -> Day {
        Day(self.0 + days)
    }

    /// The same day of the month `months` later, or that month's last day where it is shorter.
    ///
    /// ```
    /// use yekuo_calendar::Day;
    /// let day = Day::from_ymd(2026, 1, 31).unwrap();
    /// assert_eq!(day.plus_months(1).to_string(), "2026-02-28");
    /// ```
    pub fn plus_months(self, months: u32) -> Day {
        self.date().checked_add_months(Months::new(months)).map_or(Day::LAST, Day::from)
    }

    /// The same day of the month `months` earlier, or that month's last day where it is shorter.
    pub fn minus_months(self, months: u32) -> Day {
        self.date().checked_sub_months(Months::new(months)).map_or(Day::FIRST, Day::from)
    }

    /// The first day of the month before this day's month.
    pub fn month_before(self) -> Day {
        Day(self.month().0 - 1).month()
    }

    /// The last days of a number of months before this day's month, the oldest first.
    pub fn month_ends_before(self, months: u32) -> Vec<Day> {
        let before = |day: &Day| Some(day.month().plus_days(-1));
        let mut days: Vec<Day> = std::iter::successors(before(&self), before).take(months as usize).collect();
        days.reverse();
        days
    }

    /// `2010-05`, the day's month as people write it.
    pub fn month_label(self) -> String {
        self.date().format("%Y-%m").to_string()
    }

    fn weekday(self) -> Weekday {
        self.date().weekday()
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Day {
        Day(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().format("%Y-%m-%d").fmt(out)
    }
}

impl std::str::FromStr for Day {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Day, NoDay> {
        NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d")
            .ok()
            .map(Day::from)
            .filter(|day| day.is_known())
            .ok_or_else(|| NoDay(text.to_owned()))
    }
}

/// As text, `2026-06-30`.
impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A text that is no day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoDay(String);

impl NoDay {
    /// What is wrong, for a Chinese reader; `Display` is for an English one.
    pub fn in_chinese(&self) -> String {
        format!("「{}」不是日期；应为 1980 至 2099 年间的日期，写作 2026-06-30", self.0)
    }
}

impl fmt::Display for NoDay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` is not a date between 1980 and 2099 written as 2026-06-30", self.0)
    }
}

impl std::error::Error for NoDay {}

/// Local civil time, in microseconds since 1970-01-01T00:00:00: an event log orders what happens within a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

impl Instant {
    const SECOND: i64 = 1_000_000;
    /// Seconds in a day.
    pub const DAY: i64 = 86_400;

    /// `seconds` after the beginning of `day`.
    #[inline]
    pub fn at(day: Day, seconds: i64) -> Instant {
        Instant((i64::from(day.0) * Instant::DAY + seconds) * Instant::SECOND)
    }

    /// So many seconds later.
    pub fn plus_seconds(self, seconds: i64) -> Instant {
        Instant(self.0 + seconds * Instant::SECOND)
    }

    /// Seconds from `earlier` to this instant.
    pub fn seconds_since(self, earlier: Instant) -> f64 {
        (self.0 - earlier.0) as f64 / Instant::SECOND as f64
    }

    /// The day that it falls on.
    #[inline]
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(Instant::DAY * Instant::SECOND) as i32)
    }

    /// Whether it is a day's very beginning, as where no time of day was given.
    #[inline]
    pub fn is_midnight(self) -> bool {
        self == Instant::at(self.day(), 0)
    }

    /// Whole seconds since that day began.
    pub fn seconds_of_day(self) -> i64 {
        self.0.div_euclid(Instant::SECOND).rem_euclid(Instant::DAY)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds_of_day();
        write!(out, "{} {:02}:{:02}:{:02}", self.day(), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// What users call a calendar, `{ zh = "…", en = "…" }`.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarTitle {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// A calendar as its file says it.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CalendarFile {
    /// What the calendar is called; empty: by the name of its file.
    #[serde(default)]
    pub title: CalendarTitle,
    /// The time zone of its offices, such as `Europe/Amsterdam`.
    pub time_zone: Option<String>,
    /// The first and the last year that it covers; absent: those of its first and its last holiday.
    pub covered: Option<[i32; 2]>,
    /// The days off of every week, such as `["fri", "sat"]`; absent: Saturday and Sunday.
    pub weekend: Option<Vec<String>>,
    /// Days off, weekends within a holiday too.
    #[serde(default)]
    pub holidays: Vec<MarkedDay>,
    /// Days of the weekend that are worked.
    #[serde(default)]
    pub workdays: Vec<MarkedDay>,
}

/// One day that differs from its weekday.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkedDay {
    /// The date, `2026-10-01`.
    pub on: String,
    /// The holiday that it belongs to.
    #[serde(default)]
    pub name: String,
}

/// Working days as ordinals.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// `W(Day::FIRST + i)`.
    ordinals: Vec<i32>,
    /// The first day whose ordinal is `i`.
    firsts: Vec<Day>,
    covered: [i32; 2],
}

/// What is wrong with a calendar file, and under which of its keys.
#[derive(Debug)]
pub struct CalendarFault {
    /// The key.
    pub key: &'static str,
    /// Which item of the key's list, from 0.
    pub item: Option<usize>,
    /// What is wrong.
    pub what: CalendarProblem,
}

/// What can be wrong with a calendar file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarProblem {
    /// A text is no day.
    NoDay(NoDay),
    /// A text is no day of the week.
    NoWeekday(String),
    /// A day stands in both lists.
    OffAndWorked(String),
    /// Nothing says which years are covered.
    Uncovered,
    /// The years that are covered end before they begin.
    Backwards([i32; 2]),
}

impl CalendarProblem {
    /// What is wrong, for a Chinese reader; `Display` is for an English one.
    pub fn in_chinese(&self) -> String {
        match self {
            CalendarProblem::NoDay(day) => day.in_chinese(),
            CalendarProblem::NoWeekday(name) => format!("「{name}」不是星期几：mon、tue、wed……"),
            CalendarProblem::OffAndWorked(day) => format!("{day} 既是节假日，又是调休上班日"),
            CalendarProblem::Uncovered => "没有写明 covered，也没有节假日，无法知道日历覆盖哪些年份".to_owned(),
            CalendarProblem::Backwards(covered) => format!("covered = {covered:?} 的结束早于开始"),
        }
    }
}

impl fmt::Display for CalendarProblem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CalendarProblem::NoDay(day) => day.fmt(out),
            CalendarProblem::NoWeekday(name) => write!(out, "`{name}` is no day of the week: mon, tue, wed …"),
            CalendarProblem::OffAndWorked(day) => write!(out, "{day} is both a holiday and a make-up working day"),
            CalendarProblem::Uncovered => {
                out.write_str("covered is missing, and there is no holiday to tell which years the calendar covers")
            }
            CalendarProblem::Backwards(covered) => write!(out, "covered = {covered:?} ends before it begins"),
        }
    }
}

/// The days of a list; each that cannot be read is a fault.
fn days_of(key: &'static str, days: &[MarkedDay], faults: &mut Vec<CalendarFault>) -> BTreeSet<Day> {
    let mut read = BTreeSet::new();
    for (number, day) in days.iter().enumerate() {
        match day.on.parse() {
            Ok(day) => _ = read.insert(day),
            Err(error) => {
                let what = CalendarProblem::NoDay(error);
                faults.push(CalendarFault { key, item: Some(number), what });
            }
        }
    }
    read
}

/// The days of the week by their names; each that is none is a fault.
fn weekdays_of(names: &[String], faults: &mut Vec<CalendarFault>) -> Vec<Weekday> {
    let mut read = Vec::new();
    for (number, name) in names.iter().enumerate() {
        match name.parse() {
            Ok(day) => read.push(day),
            Err(_) => {
                let what = CalendarProblem::NoWeekday(name.clone());
                faults.push(CalendarFault { key: "weekend", item: Some(number), what });
            }
        }
    }
    read
}

impl Calendar {
    /// Builds the prefix table; every fault of the file is returned, such as a date that cannot be read or stands in
    /// both lists.
    pub fn new(file: &CalendarFile) -> Result<Calendar, Vec<CalendarFault>> {
        let mut faults = Vec::new();
        let holidays = days_of("holidays", &file.holidays, &mut faults);
        let workdays = days_of("workdays", &file.workdays, &mut faults);
        for (number, day) in file.workdays.iter().enumerate() {
            if day.on.parse::<Day>().is_ok_and(|day| holidays.contains(&day)) {
                let what = CalendarProblem::OffAndWorked(day.on.clone());
                faults.push(CalendarFault { key: "workdays", item: Some(number), what });
            }
        }
        let weekend = match &file.weekend {
            None => vec![Weekday::Sat, Weekday::Sun],
            Some(names) => weekdays_of(names, &mut faults),
        };
        let listed = holidays.first().zip(holidays.last()).map(|(first, last)| [first.year(), last.year()]);
        let covered = file.covered.or(listed).unwrap_or([Day::FIRST.year(), Day::LAST.year()]);
        if file.covered.is_none() && file.holidays.is_empty() {
            faults.push(CalendarFault { key: "covered", item: None, what: CalendarProblem::Uncovered });
        }
        if covered[0] > covered[1] {
            let what = CalendarProblem::Backwards(covered);
            faults.push(CalendarFault { key: "covered", item: None, what });
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut ordinals = Vec::with_capacity((Day::LAST.0 - Day::FIRST.0 + 1) as usize);
        let mut firsts = vec![Day::FIRST];
        let mut ordinal = 0;
        for day in (Day::FIRST.0..=Day::LAST.0).map(Day) {
            if workdays.contains(&day) || !(weekend.contains(&day.weekday()) || holidays.contains(&day)) {
                ordinal += 1;
                firsts.push(day);
            }
            ordinals.push(ordinal);
        }
        Ok(Calendar { ordinals, firsts, covered })
    }

    /// `W(day)`: working days up to and including `day`. Days outside the known range count as its nearest end.
    #[inline]
    pub fn ordinal(&self, day: Day) -> i32 {
        let index = day.0.clamp(Day::FIRST.0, Day::LAST.0) - Day::FIRST.0;
        self.ordinals[index as usize]
    }

    /// The first day whose ordinal is `ordinal`: a working day, or the end of the known range.
    pub fn first_day(&self, ordinal: i32) -> Day {
        let index = usize::try_from(ordinal).unwrap_or(0);
        self.firsts.get(index).copied().unwrap_or(Day::LAST)
    }

    /// Working days in `(from, to]`; negative where `to` lies before `from`.
    ///
    /// ```
    /// # use yekuo_calendar::{Calendar, CalendarFile};
    /// # let file = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../pipelines/calendars/cn.toml"));
    /// # let calendar = Calendar::new(&toml::from_str::<CalendarFile>(file).unwrap()).unwrap();
    /// # let day = |text: &str| text.parse().unwrap();
    /// // Starts on Saturday, finishes on Monday: one working day.
    /// assert_eq!(calendar.working_days(day("2026-06-06"), day("2026-06-08")), 1);
    /// // 2026-10-01 to 2026-10-07 is National Day; Saturday the 10th is worked.
    /// assert_eq!(calendar.working_days(day("2026-09-30"), day("2026-10-10")), 3);
    /// ```
    #[inline]
    pub fn working_days(&self, from: Day, to: Day) -> i32 {
        self.ordinal(to) - self.ordinal(from)
    }

    /// Whether `day` is a working day.
    pub fn is_working(&self, day: Day) -> bool {
        self.ordinal(day) > self.ordinal(day.plus_days(-1)) || (day == Day::FIRST && self.ordinal(day) == 1)
    }

    /// The first working day that is not before `day`.
    pub fn next_working(&self, day: Day) -> Day {
        if self.is_working(day) { day } else { self.first_day(self.ordinal(day) + 1) }
    }

    /// The years from `from` to `to` that the calendar does not cover.
    pub fn uncovered_years(&self, from: Day, to: Day) -> impl Iterator<Item = i32> + use<> {
        let [first, last] = self.covered;
        (from.year()..=to.year()).filter(move |year| !(first..=last).contains(year))
    }

    /// The first and the last year that the calendar covers.
    pub fn covered(&self) -> [i32; 2] {
        self.covered
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| {
        let file: CalendarFile = toml::from_str(include_str!("../../../pipelines/calendars/cn.toml")).unwrap();
        Calendar::new(&file).unwrap()
    });

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn working_days_are_those_between(from in Day::FIRST.0 + 1..Day::LAST.0 - 400, length in 0..400) {
            let (from, to) = (Day(from), Day(from + length));
            let walked = (from.0 + 1..=to.0).filter(|d| CALENDAR.is_working(Day(*d))).count() as i32;
            prop_assert_eq!(CALENDAR.working_days(from, to), walked);
            prop_assert_eq!(CALENDAR.working_days(to, from), -walked);
        }

        #[test]
        fn the_first_day_of_an_ordinal_is_its_inverse(of in Day::FIRST.0..Day::LAST.0 - 30) {
            let ordinal = CALENDAR.ordinal(Day(of));
            let first = CALENDAR.first_day(ordinal);
            prop_assert!(first <= Day(of));
            prop_assert_eq!(CALENDAR.ordinal(first), ordinal);
            prop_assert!(first == Day::FIRST || CALENDAR.ordinal(first.plus_days(-1)) == ordinal - 1);
            let next = CALENDAR.next_working(Day(of));
            let walked = (of..).map(Day).find(|day| CALENDAR.is_working(*day));
            prop_assert_eq!(Some(next), walked);
        }
    }

    #[test]
    fn the_first_day_of_all_is_its_own_next_working_day() {
        assert!(CALENDAR.is_working(Day::FIRST));
        assert_eq!(CALENDAR.next_working(Day::FIRST), Day::FIRST);
    }

    #[test]
    fn holidays_and_make_up_days_of_the_notices() {
        for (text, working) in [
            ("2026-02-14", true),  // Saturday before Spring Festival, worked
            ("2026-02-16", false), // Spring Festival
            ("2026-02-24", true),
            ("2026-10-07", false),
            ("2026-10-10", true),  // Saturday, made up
            ("2020-01-31", false), // the extended Spring Festival
            ("2015-09-03", false),
            ("2005-12-31", true), // Saturday, made up for New Year 2006
            ("2004-05-03", false),
            ("2027-10-01", true), // not covered: a Friday
            ("2027-10-02", false),
        ] {
            assert_eq!(CALENDAR.is_working(day(text)), working, "{text}");
        }
        let of_year = |year: i32| {
            CALENDAR.working_days(Day::from_ymd(year - 1, 12, 31).unwrap(), Day::from_ymd(year, 12, 31).unwrap())
        };
        assert_eq!([2024, 2025, 2026].map(of_year), [251, 248, 248]);
    }

    #[test]
    fn years_without_a_notice_are_named() {
        let years = |from: &str, to: &str| CALENDAR.uncovered_years(day(from), day(to)).collect::<Vec<_>>();
        assert_eq!(years("2026-06-30", "2028-01-01"), [2027, 2028]);
        assert_eq!(years("2004-01-01", "2026-12-31"), [0; 0]);
        assert_eq!(years("2003-12-31", "2004-01-01"), [2003]);
    }

    #[test]
    fn months_are_clamped_and_the_known_range_is_what_it_says() {
        for (from, months, to) in
            [("2026-01-31", 1, "2026-02-28"), ("2024-01-31", 1, "2024-02-29"), ("2026-12-15", 1, "2027-01-15")]
        {
            assert_eq!(day(from).plus_months(months), day(to));
        }
        assert_eq!((Day::FIRST.to_string(), Day::LAST.to_string()), ("1980-01-01".into(), "2099-12-31".into()));
        assert_eq!(day("2026-03-31").month_before(), day("2026-02-01"));
        assert_eq!(day("2026-02-10").month_end(), day("2026-02-28"));
    }

    #[test]
    fn a_day_cannot_be_off_and_worked() {
        let marked = |on: &str| vec![MarkedDay { on: on.to_owned(), name: String::new() }];
        let file =
            CalendarFile { holidays: marked("2026-10-01"), workdays: marked("2026-10-01"), ..CalendarFile::default() };
        assert!(Calendar::new(&file).unwrap_err()[0].what.to_string().contains("2026-10-01"));
    }

    #[test]
    fn a_calendar_of_ones_own_has_its_own_weekend() {
        let file: CalendarFile =
            toml::from_str("weekend = [\"fri\", \"Saturday\"]\nholidays = [{ on = \"2026-03-22\" }]").unwrap();
        let calendar = Calendar::new(&file).unwrap();
        // Thursday to Monday; Sunday is the holiday. A week later it is worked.
        let works = |from: i32| (from..from + 5).map(|d| calendar.is_working(day("2026-03-19").plus_days(d)));
        assert_eq!(works(0).collect::<Vec<_>>(), [true, false, false, false, true]);
        assert_eq!(works(7).collect::<Vec<_>>(), [true, false, false, true, true]);
        assert_eq!(calendar.covered(), [2026, 2026]);
        for (text, said) in [
            ("weekend = [\"fry\"]\ncovered = [2026, 2026]", "`fry` is no day of the week"),
            ("weekend = [\"fri\"]", "covered is missing"),
            ("covered = [2027, 2026]", "ends before it begins"),
        ] {
            let faults = Calendar::new(&toml::from_str(text).unwrap()).unwrap_err();
            assert!(faults.iter().any(|fault| fault.what.to_string().contains(said)), "{faults:?}");
        }
    }
}
