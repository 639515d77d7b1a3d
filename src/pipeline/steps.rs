//! Progress for people: a bar on a terminal, nothing elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::contract;
use crate::supervise::{Note, note};
use crate::words::Lang;

/// What a run has done itself, and did not take from an earlier one.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Rows that were read.
    pub rows: u64,
    /// Applications that went through the clock.
    pub applications: u64,
    /// Marts that were computed.
    pub marts: usize,
}

impl Work {
    /// Whether nothing was to be done.
    pub fn is_none(self) -> bool {
        self == Work::default()
    }
}

/// The steps of a run, as they are shown and logged.
pub struct Steps {
    /// The language of whoever watches, which may be another than that of the report.
    lang: Lang,
    bar: Option<ProgressBar>,
    begun: Instant,
}

impl Steps {
    /// Shows progress on stderr where that is a terminal.
    pub fn shown(lang: Lang) -> Steps {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix}  {msg}  {elapsed}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Steps { lang, bar, begun: Instant::now() }
    }

    /// Says which step begins.
    pub fn step(&self, zh: &str, en: &str) {
        let name = self.lang.pick(zh, en);
        // What was read is read.
        note(Note::Reading, "");
        tracing::info!("{:7.1} s  {name}", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.set_prefix(name.to_owned());
            bar.set_message("");
        }
    }

    pub(super) fn detail(&self, detail: &str) {
        tracing::debug!("{:7.1} s    {detail}", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.set_message(detail.to_owned());
        }
    }

    pub(super) fn rows(&self, table: &str, rows: u64) {
        self.detail(&format!("{} {rows}", contract::title(table, self.lang)));
    }

    /// Says what a run has done itself, and did not take from an earlier one.
    pub(super) fn worked(&self, Work { rows, applications, marts }: Work) {
        let said = self.lang.pick(
            format!("读入 {rows} 行，计时 {applications} 张工单，计算 {marts} 个指标表"),
            format!("{rows} rows read, {applications} applications through the clock, {marts} marts computed"),
        );
        tracing::info!("{said}");
    }

    /// Says that all is done.
    pub fn done(&self) {
        tracing::info!("{:7.1} s", self.begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
