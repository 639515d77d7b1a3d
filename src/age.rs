//! How old files are, and when a message goes. Whether something is worked out again depends on it, and never what a report
//! holds.

use std::time::{Duration, SystemTime};

/// What the clock says.
#[expect(clippy::disallowed_methods, reason = "of files and messages, never of figures")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// Milliseconds since 1970, as signatures name a moment.
#[cfg(feature = "send")]
pub(crate) fn milliseconds() -> u128 {
    now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// What the clock says, for people.
pub(crate) fn now_as_text() -> String {
    chrono::DateTime::<chrono::Utc>::from(now()).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long ago a file was changed; nothing where that lies ahead.
pub(crate) fn since(changed: SystemTime) -> Duration {
    now().duration_since(changed).unwrap_or_default()
}
