//! Named steps at which tests end a run or hold it up, in a build with the feature `failpoints`:
//! `YEKUO_FAILPOINTS="before_swap=abort no_swap"`.
//!
//! Not the crate `fail`: with it in the tree Polars is compiled once more, for twenty lines.

/// A step of a run: nothing happens, or what a test wants.
pub(crate) fn failpoint(step: &str) {
    match set(step).as_deref() {
        Some("abort") => std::process::abort(),
        // Until whoever waits for it ends the run.
        Some("wait") => {
            let _ = std::fs::write(std::env::var_os("YEKUO_FAILPOINT_REACHED").unwrap_or_default(), step);
            loop {
                std::thread::park();
            }
        }
        _ => {}
    }
}

/// Whether a test has set something.
pub(crate) fn is_set(what: &str) -> bool {
    set(what).is_some()
}

#[cfg(feature = "failpoints")]
fn set(step: &str) -> Option<String> {
    let set = std::env::var("YEKUO_FAILPOINTS").ok()?;
    let mut named = set.split(' ').map(|set| set.split_once('=').unwrap_or((set, "")));
    named.find_map(|(name, action)| (name == step).then(|| action.to_owned()))
}

#[cfg(not(feature = "failpoints"))]
fn set(_: &str) -> Option<String> {
    None
}
