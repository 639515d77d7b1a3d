//! One table of examples per form of docs/method.md §2.

use super::*;
use crate::contract::{TABLES, Table};
use crate::tests::fuzz::fuzz;

fn column(table: &str, name: &str) -> &'static Column {
    let table = Table::named(table).unwrap();
    table.column(name)
}

fn show(table: &str, name: &str, cell: Cell<'_>) -> Result<String, Refusal> {
    let mut words = Vocabulary::default();
    words.stages.insert("现场勘查".into(), "survey".into());
    read(column(table, name), cell, &words).map(|value| value.display())
}

#[test]
fn dates_and_times_in_every_form() {
    for (text, expected) in [
        ("2010-05-28", "2010-05-28 00:00:00"),
        ("2010/5/28", "2010-05-28 00:00:00"),
        ("2010.5.28", "2010-05-28 00:00:00"),
        ("2010年5月28日", "2010-05-28 00:00:00"),
        ("20100528", "2010-05-28 00:00:00"),
        ("2010-05-28 09:30", "2010-05-28 09:30:00"),
        ("2010-05-28T09:30:05", "2010-05-28 09:30:05"),
        ("2010-05-28 09:30:05.123", "2010-05-28 09:30:05"),
        ("2010/5/28 9:30", "2010-05-28 09:30:00"),
        ("2010年5月28日 9时30分", "2010-05-28 09:30:00"),
        ("2010年5月28日9时30分", "2010-05-28 09:30:00"),
        ("20100528093005", "2010-05-28 09:30:05"),
        ("20100528 09:30", "2010-05-28 09:30:00"),
        ("２０１０-05-28", "2010-05-28 00:00:00"),
        ("40326", "2010-05-28 00:00:00"),
        ("40326.395833333", "2010-05-28 09:30:00"),
        (" 2010-05-28\t", "2010-05-28 00:00:00"),
    ] {
        assert_eq!(show("applications", "accepted_at", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
    }
    assert_eq!(show("applications", "promised_on", Cell::Serial(40326.4)).as_deref(), Ok("2010-05-28"));
    assert_eq!(show("applications", "promised_on", Cell::Number(20_100_528.0)).as_deref(), Ok("2010-05-28"));
}

#[test]
fn a_moment_becomes_the_civil_time_of_the_zone() {
    let accepted = column("applications", "accepted_at");
    let said = |zone: Option<&str>, text: &str| {
        let words = Vocabulary { zone: zone.map(|name| Zone::named(name).unwrap()), ..Vocabulary::default() };
        match read(accepted, Cell::Text(text), &words) {
            Ok(Value::Instant(at)) => Ok(format!("{at}.{:06}", at.0.rem_euclid(1_000_000))),
            other => other.map(|value| value.display()),
        }
    };
    let (nl, cn) = (Some("Europe/Amsterdam"), Some("Asia/Shanghai"));
    for (zone, text, civil) in [
        (nl, "2011-10-11 13:42:22.688000+02:00", "2011-10-11 13:42:22.688000"),
        (nl, "2011-10-11T13:42:22Z", "2011-10-11 15:42:22.000000"),
        (nl, "2011-10-11T13:42:22.5 UTC", "2011-10-11 15:42:22.500000"),
        (nl, "2011-10-11 13:42+0200", "2011-10-11 13:42:00.000000"),
        (nl, "2011-10-11 13:42:22 +02", "2011-10-11 13:42:22.000000"),
        // What has no offset is civil time already.
        (nl, "2011-10-11T13:42:22.688", "2011-10-11 13:42:22.688000"),
        (cn, "2011-10-11T13:42:22,6889999", "2011-10-11 13:42:22.688999"),
        // The date changes with the zone, and so does the year.
        (cn, "2011-10-11 20:30:00+02:00", "2011-10-12 02:30:00.000000"),
        (nl, "2011-12-31 23:30:00Z", "2012-01-01 00:30:00.000000"),
        (Some("America/New_York"), "2012-01-01T04:59:59Z", "2011-12-31 23:59:59.000000"),
        // An hour is skipped in spring: 02:00 to 03:00 on 2011-03-27.
        (nl, "2011-03-27T00:59:59Z", "2011-03-27 01:59:59.000000"),
        (nl, "2011-03-27T01:00:00Z", "2011-03-27 03:00:00.000000"),
        // And comes twice in autumn: two moments with the same civil time.
        (nl, "2011-10-30T00:30:00Z", "2011-10-30 02:30:00.000000"),
        (nl, "2011-10-30T01:30:00Z", "2011-10-30 02:30:00.000000"),
        // China had summer time from 1986 to 1991.
        (cn, "1988-07-01T00:00:00Z", "1988-07-01 09:00:00.000000"),
        // Without a zone the clock that was written down stays.
        (None, "2011-10-11 13:42:22.688+02:00", "2011-10-11 13:42:22.688000"),
        (None, "2011-10-11 23:42:22-05:00", "2011-10-11 23:42:22.000000"),
    ] {
        assert_eq!(said(zone, text).as_deref(), Ok(civil), "{text} in {zone:?}");
    }
    // But UTC is hardly anybody's civil time.
    for text in ["2011-10-11T13:42:22Z", "2011-10-11 13:42:22+00:00", "2011-10-11 13:42 UTC"] {
        assert_eq!(said(None, text), Err(Refusal::NoZone), "{text}");
    }
    for text in ["2011-10-11 13:42:22+25:00", "2011-10-11 13:42:22 CET", "2011-10-11 13:42:22.5x", "2011-10-11Z"] {
        assert_eq!(said(nl, text), Err(Refusal::Unparsable), "{text}");
    }
}

#[test]
fn a_moment_of_a_typed_file_does_too() {
    let (day, four) = (Day::from_ymd(2011, 10, 11).unwrap(), 4 * 3600);
    let promised = column("applications", "promised_on");
    let read = |moment, zone: Option<&str>| {
        let words = Vocabulary { zone: zone.map(|name| Zone::named(name).unwrap()), ..Vocabulary::default() };
        read(promised, Cell::Moment(moment), &words).map(|value| value.display())
    };
    let utc = Moment::written(Instant::at(day, four), 0);
    let written = Moment::written(Instant::at(day, four), 5 * 3600);
    assert_eq!(read(utc, Some("America/New_York")).as_deref(), Ok("2011-10-11"));
    assert_eq!(read(utc, Some("America/Los_Angeles")).as_deref(), Ok("2011-10-10"));
    assert_eq!(read(utc, None), Err(Refusal::NoZone));
    assert_eq!(read(written, None).as_deref(), Ok("2011-10-11"));
    assert_eq!(read(written, Some("Europe/London")).as_deref(), Ok("2011-10-11"));
    assert_eq!(read(written, Some("America/New_York")).as_deref(), Ok("2011-10-10"));
}

#[test]
fn a_word_can_mean_nothing_and_any_stage_its_own_code() {
    let mut words = Vocabulary::default();
    words.values.insert("department".into(), BTreeMap::from([("empty".into(), String::new())]));
    assert_eq!(read(column("stages", "department"), Cell::Text(" EMPTY "), &words), Ok(Value::Null));
    let stage = column("stages", "stage");
    assert_eq!(read(stage, Cell::Text("核查 · T02"), &words), Err(Refusal::UnknownWord));
    words.any_stage = true;
    words.stages.insert("survey".into(), "survey".into());
    assert_eq!(read(stage, Cell::Text(" 核查 · T02 "), &words), Ok(Value::text("核查 · T02")));
    assert_eq!(read(stage, Cell::Text("SURVEY"), &words), Ok(Value::text("survey")));
    assert_eq!(read(stage, Cell::Integer(7), &words), Ok(Value::text("7")));
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "2010-02-30",
        "2010-13-01",
        "28/05/20100",
        "2010-05",
        "明天",
        "2010-05-28 25:00",
        "2010-05-28 24:01",
        "2010-05-28 24:00:00.5",
        "2010-5/28",
        "2010-05-28 9",
        "2010-05-28x",
        "201005281",
        "2010-05-281",
        "1e300",
    ] {
        assert_eq!(show("applications", "accepted_at", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
    }
    for text in ["1950-01-01", "2100-01-01", "5"] {
        assert_eq!(show("applications", "accepted_at", Cell::Text(text)), Err(Refusal::OutOfRange), "{text}");
    }
}

#[test]
fn numbers_with_separators_widths_and_units() {
    for (text, expected) in [
        ("48000", "48000"),
        ("48,000", "48000"),
        ("４８０００", "48000"),
        ("48000 kVA", "48000"),
        ("48000千伏安", "48000"),
        ("48 MVA", "48000"),
        ("4.8万", "48000"),
        ("1,234,567.5", "1234567.5"),
        ("48,000", "48000"),
        ("630+400", "1030"),
        ("630kVA＋400kVA", "1030"),
        ("2×1000kVA", "2000"),
        ("2*1000", "2000"),
        ("1000×2", "2000"),
        ("2x630+1x400kVA", "1660"),
        ("1.25+0.8MVA", "2050"),
    ] {
        assert_eq!(show("applications", "capacity_kva", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
    }
    for (text, expected) in [("10kV", "10"), ("交流10kV", "10"), ("380V", "0.38"), ("0.4", "0.4"), ("AC110kV", "110")]
    {
        assert_eq!(show("applications", "voltage_kv", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
    }
    for text in ["abc", "10(20)kV", "48000 kg", "1.2.3", "inf", "1,23,456", "2×", "60×60", "2MVA+1"] {
        assert_eq!(show("applications", "capacity_kva", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
    }
    for text in ["高压", "10/0.4kV", "低压10kV", "10(abc)kV", "中等"] {
        assert_eq!(show("applications", "voltage_kv", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
    }
    assert_eq!(show("applications", "capacity_kva", Cell::Text("-5")), Err(Refusal::OutOfRange));
    // Sums of what no connection has would not hold.
    for text in ["1e308", "9e15", "99999999999999999999999999", "1,000,001 MVA"] {
        assert_eq!(show("applications", "capacity_kva", Cell::Text(text)), Err(Refusal::OutOfRange), "{text}");
    }
    assert_eq!(show("applications", "fee_charged", Cell::Number(1e10)), Err(Refusal::OutOfRange));
}

#[test]
fn months_lists_answers_and_bounds() {
    for (table, name, text, expected) in [
        ("surveys", "period", "2026-05", Ok("2026-05-01")),
        ("surveys", "period", "2026年5月", Ok("2026-05-01")),
        ("surveys", "period", "2026/5", Ok("2026-05-01")),
        ("surveys", "period", "202605", Ok("2026-05-01")),
        ("surveys", "period", "２０２６-05", Ok("2026-05-01")),
        ("surveys", "period", "2026-05-17", Ok("2026-05-01")),
        ("surveys", "period", "2026-13", Err(Refusal::Unparsable)),
        ("surveys", "period", "五月", Err(Refusal::Unparsable)),
        ("surveys", "weight", "30%", Ok("0.3")),
        ("surveys", "score", "86.5分", Ok("86.5")),
        ("surveys", "score", "101", Err(Refusal::OutOfRange)),
        ("restrictions", "load_rate", "85 %", Ok("0.85")),
        ("restrictions", "load_rate", "0.85", Ok("0.85")),
        ("restrictions", "load_rate", "85", Err(Refusal::OutOfRange)),
        ("requests", "departments", "营销部、配电工区；营销部", Ok("营销部;配电工区")),
        ("requests", "departments", "；", Err(Refusal::Unparsable)),
        ("requests", "answered", "营销部 2026-05-28 15:00", Ok("营销部@2026-05-28 15:00:00")),
        (
            "requests",
            "answered",
            "营销部：2026/5/28 15:00；110kV工区(2026年5月29日)",
            Ok("营销部@2026-05-28 15:00:00;110kV工区@2026-05-29 00:00:00"),
        ),
        ("requests", "answered", "营销部", Err(Refusal::Unparsable)),
        ("requests", "answered", "2026-05-28", Err(Refusal::Unparsable)),
    ] {
        assert_eq!(show(table, name, Cell::Text(text)).as_deref().map_err(|e| *e), expected, "{text}");
    }
    assert_eq!(show("surveys", "period", Cell::Number(202_605.0)).as_deref(), Ok("2026-05-01"));
    assert_eq!(show("surveys", "period", Cell::Serial(40326.0)).as_deref(), Ok("2010-05-01"));
}

#[test]
fn identifiers_words_scores_and_flags() {
    for (name, cell, expected) in [
        ("application_id", Cell::Text("\t00123 "), Ok("00123")),
        ("application_id", Cell::Text("=\"00123\""), Ok("00123")),
        ("application_id", Cell::Text("'00123"), Ok("00123")),
        ("application_id", Cell::Text("ＹＫ01"), Ok("YK01")),
        ("application_id", Cell::Number(202_600_123.0), Ok("202600123")),
        ("application_id", Cell::Text("2.026E+17"), Err(Refusal::RoundedIdentifier)),
        ("application_id", Cell::Number(1.234_567_890_123_456_7e17), Err(Refusal::RoundedIdentifier)),
        ("supply", Cell::Text("双电源"), Ok("dual")),
        ("supply", Cell::Text("Dual"), Ok("dual")),
        ("supply", Cell::Text("三电源"), Err(Refusal::UnknownWord)),
        ("channel", Cell::Text("政务大厅"), Ok("政务大厅")),
        ("key_project", Cell::Text("是"), Ok("true")),
        ("key_project", Cell::Text("N"), Ok("false")),
        ("key_project", Cell::Number(1.0), Ok("true")),
        ("key_project", Cell::Text("true"), Ok("true")),
        ("key_project", Cell::Text("也许"), Err(Refusal::UnknownWord)),
        ("customer_name", Cell::Text("NULL"), Ok("")),
        ("application_id", Cell::Text("202605000001.0"), Ok("202605000001")),
        ("application_id", Cell::Text("1001.00"), Ok("1001")),
        ("application_id", Cell::Text("1001.5"), Ok("1001.5")),
        ("application_id", Cell::Text("V1.0"), Ok("V1.0")),
        ("application_id", Cell::Serial(46_149.0), Err(Refusal::DatedIdentifier)),
        ("application_id", Cell::Text("“1001”"), Ok("1001")),
        ("application_id", Cell::Text("\" 1001\""), Ok("1001")),
        ("channel", Cell::Text("“A”和“B”"), Ok("“A”和“B”")),
        ("bureau", Cell::Text("“西城所”"), Ok("“西城所”")),
        ("bureau", Cell::Text("#N/A"), Ok("")),
        ("bureau", Cell::Broken("#N/A"), Ok("")),
        ("bureau", Cell::Text("#REF!"), Err(Refusal::ErrorValue)),
        ("bureau", Cell::Broken("#REF!"), Err(Refusal::ErrorValue)),
        ("bureau", Cell::Text("########"), Err(Refusal::ErrorValue)),
        ("bureau", Cell::Text("Err:502"), Err(Refusal::ErrorValue)),
        ("bureau", Cell::Text("#1所"), Ok("#1所")),
        ("energised_at", Cell::Uncomputed, Err(Refusal::Uncomputed)),
    ] {
        assert_eq!(show("applications", name, cell).as_deref().map_err(|e| *e), expected, "{cell:?}");
    }
    assert_eq!(show("stages", "stage", Cell::Text("现场勘查")).as_deref(), Ok("survey"));
    assert_eq!(show("stages", "stage", Cell::Text("喝茶")), Err(Refusal::UnknownWord));
    assert_eq!(show("callbacks", "score", Cell::Text("非常满意")).as_deref(), Ok("5"));
    assert_eq!(show("callbacks", "score", Cell::Text("4.0")).as_deref(), Ok("4"));
    assert_eq!(show("callbacks", "score", Cell::Text("4.5")), Err(Refusal::Unparsable));
    assert_eq!(show("callbacks", "score", Cell::Text("9")), Err(Refusal::OutOfRange));
}

#[test]
fn names_have_a_length() {
    let longest = "局".repeat(1_000);
    assert_eq!(show("applications", "bureau", Cell::Text(&longest)).as_deref(), Ok(longest.as_str()));
    let longer = "局".repeat(1_001);
    assert_eq!(show("applications", "bureau", Cell::Text(&longer)), Err(Refusal::TooLong));
    assert_eq!(show("applications", "application_id", Cell::Text(&"1".repeat(1_001))), Err(Refusal::TooLong));
}

#[test]
fn a_date_that_stands_for_none() {
    for text in [
        "1900-01-01",
        "1900/1/1 00:00:00",
        "9999-12-31",
        "9999-12-31 23:59:59",
        "99991231",
        "1753-01-01",
        "0000-00-00",
        "0000-00-00 00:00:00",
        "00000000",
        "0001-01-01",
        "1970-01-01",
        "0",
        "1",
    ] {
        assert_eq!(show("applications", "energised_at", Cell::Text(text)), Err(Refusal::Sentinel), "{text}");
        assert_eq!(show("applications", "promised_on", Cell::Text(text)), Err(Refusal::Sentinel), "{text}");
    }
    for cell in [
        Cell::Serial(0.0),
        Cell::Serial(1.0),
        Cell::Serial(2_958_465.0),
        Cell::Number(0.0),
        Cell::NumberSince1904(0.0),
        Cell::Integer(99_991_231),
        // 1900-01-01 and 9999-12-31.
        Cell::Date(Day(-25_567)),
        Cell::Instant(Instant::at(Day(2_932_896), 0)),
    ] {
        assert_eq!(show("applications", "energised_at", cell), Err(Refusal::Sentinel), "{cell:?}");
    }
}

#[test]
fn a_mapping_names_a_date_as_every_cell_shows_it() {
    let cancelled = column("applications", "cancelled_at");
    for named in ["9999-12-31", "9999/12/31", "9999-12-31 00:00:00", "2958465"] {
        let mapped = BTreeMap::from([(named.to_owned(), String::new())]);
        let words = Vocabulary {
            values: BTreeMap::from([("cancelled_at".to_owned(), folded_words(Some(cancelled), &mapped))]),
            ..Vocabulary::default()
        };
        for cell in [Cell::Text("9999-12-31"), Cell::Text("9999/12/31 00:00"), Cell::Serial(2_958_465.0)] {
            assert_eq!(read(cancelled, cell, &words), Ok(Value::Null), "{named}: {cell:?}");
        }
    }
    let mapped = BTreeMap::from([("1".to_owned(), "同意剔除".to_owned())]);
    let ruling = column("delays", "ruling");
    let words = Vocabulary {
        values: BTreeMap::from([("ruling".to_owned(), folded_words(Some(ruling), &mapped))]),
        ..Vocabulary::default()
    };
    assert_eq!(read(ruling, Cell::Number(1.0), &words), Ok(Value::text("admitted")));
}

#[test]
fn halves_of_the_day_weekdays_and_the_end_of_a_day() {
    for (text, expected) in [
        ("2026/5/7 上午 9:00:00", "2026-05-07 09:00:00"),
        ("2026-05-07 09:00:00 AM", "2026-05-07 09:00:00"),
        ("2026年5月7日 上午9:00", "2026-05-07 09:00:00"),
        ("2026年5月7日下午2点30分", "2026-05-07 14:30:00"),
        ("2026/5/7 2:30 PM", "2026-05-07 14:30:00"),
        ("2026/5/7 2:30:15pm", "2026-05-07 14:30:15"),
        ("2026/5/7 2:30 p.m.", "2026-05-07 14:30:00"),
        ("2026/5/7 PM 2:30", "2026-05-07 14:30:00"),
        ("2026/5/7 12:30 AM", "2026-05-07 00:30:00"),
        ("2026/5/7 12:30 PM", "2026-05-07 12:30:00"),
        ("2026/5/7 上午 12:30", "2026-05-07 00:30:00"),
        ("2026/5/7 中午 12:30", "2026-05-07 12:30:00"),
        ("2026/5/7 中午 1:00", "2026-05-07 13:00:00"),
        ("2026/5/7 晚上 8:15", "2026-05-07 20:15:00"),
        ("2026/5/7 下午 14:30", "2026-05-07 14:30:00"),
        ("2026-05-20 24:00:00", "2026-05-21 00:00:00"),
        ("2026-05-31 24:00", "2026-06-01 00:00:00"),
        ("2026-05-20 星期三", "2026-05-20 00:00:00"),
        ("2026-05-20 星期三 09:30", "2026-05-20 09:30:00"),
        ("2026年5月20日星期三", "2026-05-20 00:00:00"),
        ("2026-05-20(周三)", "2026-05-20 00:00:00"),
        ("2026-05-20（三） 9:30", "2026-05-20 09:30:00"),
        ("2026-05-24 星期天", "2026-05-24 00:00:00"),
        ("2026-05-20 Wed", "2026-05-20 00:00:00"),
        ("2026-05-20, Wednesday 2:30 PM", "2026-05-20 14:30:00"),
        ("2026年5月20日9:30", "2026-05-20 09:30:00"),
        ("2026年5月20日 9时30分15秒", "2026-05-20 09:30:15"),
    ] {
        assert_eq!(show("applications", "accepted_at", Cell::Text(text)).as_deref(), Ok(expected), "{text}");
    }
    for text in [
        "2026/5/7 上午 14:30",
        "2026/5/7 晚上 12:00",
        "2026/5/7 13:00 AM",
        "2026/5/7 中午 9:00",
        "2026-05-20 星期四",
        "2026-05-20 Thu",
        "2026-05-20 下午",
        "2026-05-20 9",
    ] {
        assert_eq!(show("applications", "accepted_at", Cell::Text(text)), Err(Refusal::Unparsable), "{text}");
    }
    // As a date, the end of a day is that day.
    assert_eq!(show("applications", "promised_on", Cell::Text("2026-05-20 24:00:00")).as_deref(), Ok("2026-05-20"));
}

#[test]
fn a_serial_stays_on_its_day() {
    const DAY: f64 = 46_162.0;
    for (seconds, expected) in [
        (86_398.995, "2026-05-20 23:59:59"),
        (86_399.7, "2026-05-20 23:59:59"),
        (86_399.999_9, "2026-05-21 00:00:00"),
        (-0.000_1, "2026-05-20 00:00:00"),
        (34_199.6, "2026-05-20 09:30:00"),
    ] {
        let read = show("applications", "accepted_at", Cell::Serial(DAY + seconds / 86_400.0));
        assert_eq!(read.as_deref(), Ok(expected), "{seconds}");
    }
}

#[test]
fn day_and_month_are_read_in_the_order_that_was_named() {
    let read_by = |order, text| {
        let words = Vocabulary { order, ..Vocabulary::default() };
        read(column("applications", "accepted_at"), Cell::Text(text), &words).map(|value| value.display())
    };
    for (order, text, expected) in [
        (DateOrder::Dmy, "07.05.2026 09:00", "2026-05-07 09:00:00"),
        (DateOrder::Dmy, "16.01.2017", "2017-01-16 00:00:00"),
        (DateOrder::Dmy, "7/5/26", "2026-05-07 00:00:00"),
        (DateOrder::Mdy, "05/07/2026 2:30 PM", "2026-05-07 14:30:00"),
        (DateOrder::Ymd, "26-05-07", "2026-05-07 00:00:00"),
        (DateOrder::Dmy, "2026-05-07", "2026-05-07 00:00:00"),
        (DateOrder::Mdy, "2026年5月7日", "2026-05-07 00:00:00"),
    ] {
        assert_eq!(read_by(Some(order), text).as_deref(), Ok(expected), "{order:?} {text}");
    }
    for text in ["07.05.2026", "16.01.2017", "01/13/2016 08:00", "26-05-07"] {
        assert_eq!(read_by(None, text), Err(Refusal::Ambiguous), "{text}");
    }
    assert_eq!(read_by(None, "41.13.2017"), Err(Refusal::Unparsable));
    assert_eq!(read_by(Some(DateOrder::Mdy), "16.01.2017"), Err(Refusal::Unparsable));
    let said =
        |text| date_readings(text).iter().map(|(order, day)| format!("{} {day}", order.name())).collect::<Vec<_>>();
    assert_eq!(said("07.05.2026 09:00"), ["dmy 2026-05-07", "mdy 2026-07-05"]);
    assert_eq!(said("16.01.2017"), ["dmy 2017-01-16"]);
}

#[test]
fn a_comma_begins_decimals_where_that_was_said() {
    let read_by = |comma, text| {
        let words = Vocabulary { comma, ..Vocabulary::default() };
        read(column("applications", "capacity_kva"), Cell::Text(text), &words).map(|value| value.display())
    };
    for (text, expected) in [
        ("0,240", "0.24"),
        ("0,240 MVA", "240"),
        ("1.234,5", "1234.5"),
        ("1 234,5 kVA", "1234.5"),
        ("48.000", "48000"),
        ("48000", "48000"),
    ] {
        assert_eq!(read_by(Comma::Decimal, text).as_deref(), Ok(expected), "{text}");
    }
    for text in ["0.240", "1.23", "1,2,3"] {
        assert_eq!(read_by(Comma::Decimal, text), Err(Refusal::Unparsable), "{text}");
    }
    for comma in [Comma::Groups, Comma::Unsure] {
        for text in ["0,240", "4,80", "1.234,5", "0,240 MVA"] {
            assert_eq!(read_by(comma, text), Err(Refusal::Ambiguous), "{comma:?} {text}");
        }
        assert_eq!(read_by(comma, "1,234,567").as_deref(), Ok("1234567"));
        assert_eq!(read_by(comma, "1,234.5").as_deref(), Ok("1234.5"));
    }
    assert_eq!(read_by(Comma::Unsure, "48,000"), Err(Refusal::Ambiguous));
    assert_eq!(number_readings("48,000 kVA"), [Some(48_000.0), Some(48.0)]);
    assert_eq!(number_readings("0,240"), [None, Some(0.24)]);
}

/// A plain date has a way of its own; written with other separators it is read as all others are, and says the same.
#[test]
fn a_plain_date_says_what_any_other_does() {
    let times = ["", " 00:00:00", " 09:30:05", " 23:59:59", " 24:00:00", " 24:00:01", " 12:60:00", " 12:00:60"];
    let mut read = 0;
    for year in ["0000", "0001", "1899", "1900", "1970", "2000", "2026", "2999", "9999"] {
        for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
            for time in times {
                let plain = format!("{year}-{month:02}-{day:02}{time}");
                let other = plain.replace('-', "/");
                for (table, name) in [("stages", "started_at"), ("stages", "due_on")] {
                    let [plain, other] = [&plain, &other].map(|text| show(table, name, Cell::Text(text)));
                    assert_eq!(plain, other, "{name} {other:?}");
                    read += usize::from(plain.is_ok());
                }
            }
        }
    }
    assert!(read > 2_000, "{read}");
}

/// What is read of a cell is the same when it is written and read again, and in full width.
fn cells(input: &[u8]) -> String {
    let text = String::from_utf8_lossy(input);
    let text = text.as_ref();
    let words = Vocabulary { any_stage: true, ..Vocabulary::default() };
    let wide: String = text.chars().map(|c| if c.is_ascii_digit() { full_width(c) } else { c }).collect();
    let mut outcome = String::new();
    let mut kinds: Vec<&Kind> = Vec::new();
    for column in TABLES.iter().flat_map(|table| table.columns) {
        if kinds.contains(&&column.kind) {
            continue;
        }
        kinds.push(&column.kind);
        let first = read(column, Cell::Text(text), &words);
        outcome.push(match &first {
            Ok(Value::Null) => '.',
            Ok(_) => '+',
            Err(refusal) => char::from(b'a' + *refusal as u8),
        });
        // Of quotes, and marks of spreadsheets, one pair is cut off: what is left may have another.
        if let Ok(value) = &first
            && !text.contains(is_quote)
        {
            let written = value.display();
            let again = read(column, Cell::Text(&written), &words).map(|value| value.display());
            assert_eq!(again.as_deref(), Ok(written.as_str()), "{}: {text:?} is {value:?}", column.name);
        }
        // The quick readers see ASCII alone; a number may have an exponent there.
        let same = |value: &Value<'_>| value.display();
        match column.kind {
            Kind::Date | Kind::Month | Kind::Instant if !text.contains(['e', 'E']) => {
                let slow = read(column, Cell::Text(&wide), &words);
                assert_eq!(slow.as_ref().map(same), first.as_ref().map(same), "{}: {wide:?}", column.name);
            }
            Kind::Number(_) | Kind::Within(..) if text.bytes().all(|byte| b"0123456789,. ".contains(&byte)) => {
                let slow = read(column, Cell::Text(&wide), &words);
                assert_eq!(slow.as_ref().map(same), first.as_ref().map(same), "{}: {wide:?}", column.name);
            }
            _ => {}
        }
    }
    outcome
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'' | '＂' | '“' | '”' | '‘' | '’' | '「' | '」')
}

fn full_width(digit: char) -> char {
    char::from_u32(u32::from(digit) + 0xfee0).unwrap()
}

#[test]
fn fuzz_cells() {
    fuzz("cells", cells);
}
