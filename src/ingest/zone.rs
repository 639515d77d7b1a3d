//! Time zones: from an exact moment to the civil time of an office.
//!
//! Times in yekuo are local civil times. A stamp that carries an offset (`+02:00`, `Z`) is an exact moment, and becomes
//! the civil time of the zone that the pipeline or its calendar names. Without such a zone the clock that was written
//! down stays, as it is somebody's local time; but UTC is not, as a rule, and is then refused.

use std::fmt;

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;

use crate::calendar::Instant;
use crate::spelling::nearest;
use crate::words::Words;

/// A place's time zone, with the history of its summer times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(Tz);

/// An exact moment of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The civil time in UTC.
    pub utc: Instant,
    /// The civil time that was written down; none where that is UTC.
    pub written: Option<Instant>,
}

impl Zone {
    /// The zone of that name in the IANA database, such as `Europe/Amsterdam`.
    pub fn named(name: &str) -> Result<Zone, Words> {
        name.parse().map(Zone).map_err(|_| {
            let near = nearest(name, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
            match near {
                Some(near) => Words::new(
                    format!("没有时区「{name}」，是否指「{near}」？"),
                    format!("there is no time zone `{name}`; did you mean `{near}`?"),
                ),
                None => Words::new(format!("没有时区「{name}」"), format!("there is no time zone `{name}`")),
            }
        })
    }

    /// Whether the zone is UTC by one of its names.
    pub fn is_utc(self) -> bool {
        let utc = [Tz::UTC, Tz::GMT, Tz::UCT, Tz::Zulu, Tz::Universal, Tz::Greenwich, Tz::GMT0];
        utc.contains(&self.0) || self.0.name().starts_with("Etc/") && self.civil(Instant(0)) == Instant(0)
    }

    /// The civil time in the zone at a moment that is given in UTC.
    ///
    /// ```
    /// use yekuo::ingest::zone::Zone;
    /// use yekuo::calendar::Instant;
    /// let day = |text: &str| text.parse().unwrap();
    /// // 23:30 in UTC on the last day of winter time is the next day in Amsterdam.
    /// let amsterdam = Zone::named("Europe/Amsterdam").unwrap();
    /// let utc = Instant::at(day("2011-03-26"), 23 * 3600 + 1800);
    /// assert_eq!(amsterdam.civil(utc).to_string(), "2011-03-27 00:30:00");
    /// ```
    pub fn civil(self, utc: Instant) -> Instant {
        // Years beyond what chrono counts are far beyond what yekuo knows: they are refused as out of range.
        DateTime::from_timestamp_micros(utc.0).map_or(utc, |moment| {
            Instant(self.0.from_utc_datetime(&moment.naive_utc()).naive_local().and_utc().timestamp_micros())
        })
    }

    /// How many seconds the zone is ahead of UTC when its clocks show a time; the first time of two, none where they skip it.
    pub(crate) fn offset_at(self, civil: Instant) -> Option<i64> {
        let at = DateTime::from_timestamp_micros(civil.0)?.naive_utc();
        let moment = self.0.from_local_datetime(&at).earliest()?;
        Some(i64::from(moment.offset().fix().local_minus_utc()))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.0.name())
    }
}

impl Moment {
    /// The moment at which a clock that is `offset` seconds ahead of UTC shows `written`.
    pub fn written(written: Instant, offset: i64) -> Moment {
        Moment { utc: written.plus_seconds(-offset), written: (offset != 0).then_some(written) }
    }

    /// The civil time of the moment in a zone, or as it was written down; none where that is UTC and no zone is known.
    pub fn civil(self, zone: Option<Zone>) -> Option<Instant> {
        zone.map(|zone| zone.civil(self.utc)).or(self.written)
    }
}

/// The offset of `Z`, `UTC`, `+02:00`, `+0200` or `+02` from UTC, in seconds.
pub fn offset(text: &[u8]) -> Option<i64> {
    if [b"z".as_slice(), b"utc", b"gmt"].iter().any(|utc| text.eq_ignore_ascii_case(utc)) {
        return Some(0);
    }
    let (sign, digits) = match text {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        // The minus sign of typesetters.
        [0xe2, 0x88, 0x92, digits @ ..] => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match *digits {
        [a, b] => ([a, b], [b'0'; 2]),
        [a, b, c, d] | [a, b, b':', c, d] => ([a, b], [c, d]),
        _ => return None,
    };
    let number = |pair: [u8; 2]| {
        pair.iter().all(u8::is_ascii_digit).then(|| i64::from(pair[0] - b'0') * 10 + i64::from(pair[1] - b'0'))
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    // No zone is further from UTC than 14 hours.
    (hours * 60 + minutes <= 14 * 60 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_in_every_form() {
        for (text, seconds) in [
            ("Z", Some(0)),
            ("utc", Some(0)),
            ("+00:00", Some(0)),
            ("-00:00", Some(0)),
            ("+02:00", Some(7200)),
            ("+0200", Some(7200)),
            ("+02", Some(7200)),
            ("-03:30", Some(-12_600)),
            ("−05:00", Some(-18_000)),
            ("+05:45", Some(20_700)),
            ("+14:00", Some(50_400)),
            ("+14:30", None),
            ("+02:60", None),
            ("+2", None),
            ("+2:00", None),
            ("+02:00:00", None),
            ("CET", None),
            ("", None),
        ] {
            assert_eq!(offset(text.as_bytes()), seconds, "{text}");
        }
    }

    #[test]
    fn a_mistyped_zone_is_named_with_the_nearest() {
        assert!(Zone::named("Europe/Amsterdm").unwrap_err().en.contains("`Europe/Amsterdam`"));
        assert_eq!(Zone::named("Asia/Shanghai").unwrap().to_string(), "Asia/Shanghai");
    }

    #[test]
    fn a_civil_time_with_its_offset_is_a_moment_of_that_civil_time() {
        for name in ["Asia/Shanghai", "Europe/Amsterdam", "Australia/Lord_Howe"] {
            let zone = Zone::named(name).unwrap();
            for step in 0..20_000 {
                let civil = zone.civil(Instant::at("2010-12-31".parse().unwrap(), step * 2_777));
                let offset = zone.offset_at(civil).expect("it was shown");
                assert_eq!(zone.civil(civil.plus_seconds(-offset)), civil, "{name}");
            }
        }
        let skipped = Instant::at("2011-03-27".parse().unwrap(), 2 * 3_600 + 1_800);
        assert_eq!(Zone::named("Europe/Amsterdam").unwrap().offset_at(skipped), None);
    }
}
