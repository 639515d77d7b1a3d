//! How old files are. Whether something is worked out again depends on it, and never what comes out.

use std::time::{Duration, SystemTime};

/// What the clock says.
#[expect(clippy::disallowed_methods, reason = "of files, never of figures")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

/// What the clock says, for people.
pub(crate) fn now_as_text() -> String {
    chrono::DateTime::<chrono::Utc>::from(now()).format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// How long ago a file was changed; nothing where that lies ahead.
pub(crate) fn since(changed: SystemTime) -> Duration {
    now().duration_since(changed).unwrap_or_default()
}
