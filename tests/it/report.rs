//! The published report.
