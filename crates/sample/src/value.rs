//! One value of a row, and one cell of an export.

use std::borrow::Cow;

use yekuo_calendar::{Day, Instant};

/// One typed value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing was given.
    Null,
    /// Text, an identifier or a code.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// A date.
    Date(Day),
    /// A local civil time.
    Instant(Instant),
}

impl Value<'_> {
    /// The same value, borrowing nothing.
    pub(crate) fn owned(&self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Text(text) => Value::Text(Cow::Owned(text.to_string())),
            Value::Number(number) => Value::Number(*number),
            Value::Integer(integer) => Value::Integer(*integer),
            Value::Flag(flag) => Value::Flag(*flag),
            Value::Date(day) => Value::Date(*day),
            Value::Instant(at) => Value::Instant(*at),
        }
    }

    /// Text that borrows from `text`.
    pub(crate) fn text(text: &str) -> Value<'_> {
        Value::Text(Cow::Borrowed(text))
    }

    /// The value as people write it: ISO dates, no needless decimals, empty for null.
    pub fn display(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Integer(integer) => integer.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Date(day) => day.to_string(),
            Value::Instant(instant) => instant.to_string(),
        }
    }
}

impl<'a> From<Option<&'a str>> for Value<'a> {
    fn from(text: Option<&'a str>) -> Value<'a> {
        text.map_or(Value::Null, Value::text)
    }
}

impl From<Option<Day>> for Value<'_> {
    fn from(day: Option<Day>) -> Self {
        day.map_or(Value::Null, Value::Date)
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(integer: Option<i64>) -> Self {
        integer.map_or(Value::Null, Value::Integer)
    }
}

impl From<Option<bool>> for Value<'_> {
    fn from(flag: Option<bool>) -> Self {
        flag.map_or(Value::Null, Value::Flag)
    }
}

/// What one cell of an export holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Date(Day),
    Instant(Instant),
}
