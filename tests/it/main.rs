//! The built program, driven as users drive it.

mod marts;
mod report;
mod support;
