//! The script of a page, which stands in it: what sorts tables, and what else readers do with them.

use crate::hash;

/// Sorts tables.
const SORTS: &str = include_str!("../../../assets/page/tablesort.min.js");
/// Searches, filters, copies and downloads.
const HANDLES: &str = include_str!("../../../assets/page/page.js");

/// The script, and the source by which a page's Content-Security-Policy lets it run, and nothing else.
pub(super) fn of_page() -> (String, String) {
    let script = format!("{SORTS}\n{HANDLES}");
    let source = format!("'{}'", hash::integrity(script.as_bytes()));
    (script, source)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_script_ends_no_element() {
        assert!(!super::of_page().0.to_lowercase().contains("</"), "it stands between tags");
    }
}
