//! A run is a process of its own, and the one that the user has started watches it: however it ends, a sentence says so, and
//! nothing of it is left lying about.
//!
//! The work is done in a second process of the same program. It may be interrupted, run out of memory or meet a damaged file
//! that makes a library panic; then the first one, which does nothing but wait, removes what was being built and says what
//! happened. Where no second process can be had the work is done in the first, as it would be without all this.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus as Ended};
use std::sync::{Mutex, OnceLock, PoisonError};

use tempfile::TempDir;

use crate::error::ExitStatus;
use crate::words::{Lang, Words};

/// Tells the second process in which folder it may write things down.
const WATCHED: &str = "YEKUO_WATCHED";
/// Tells it the number of the first one.
const WATCHER: &str = "YEKUO_WATCHER";
/// Keeps everything in one process, for debuggers and tests.
const ALONE: &str = "YEKUO_ALONE";
/// What the work writes down, a line each.
const NOTES: &str = "notes";
/// The stack of the thread that does the work; on some systems that of a first thread is too small.
const STACK: usize = 32 << 20;

/// What the first process is to know if the second one does not get to say it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Note {
    /// A folder in which something is being built.
    Building,
    /// A file that is being read.
    Reading,
    /// A report that stands.
    Published,
    /// What went wrong inside the program.
    Panicked,
}

impl Note {
    fn code(self) -> &'static str {
        match self {
            Note::Building => "building",
            Note::Reading => "reading",
            Note::Published => "published",
            Note::Panicked => "panicked",
        }
    }
}

static NOTED: OnceLock<Mutex<File>> = OnceLock::new();

/// Writes something down for the first process.
pub(crate) fn note(what: Note, text: impl std::fmt::Display) {
    if let Some(notes) = NOTED.get() {
        let line = format!("{} {}\n", what.code(), text.to_string().replace(['\n', '\r'], " "));
        // What cannot be written down will not be said, nothing else.
        let _ = notes.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes());
    }
}

/// The process that the user has started.
pub(crate) fn started() -> u32 {
    watcher().unwrap_or_else(std::process::id)
}

/// The process that watches this one, if one does.
fn watcher() -> Option<u32> {
    std::env::var(WATCHER).ok()?.parse().ok()
}

/// Does the work in a process of its own and says how it ended; `clear` clears up a folder in which something was being built.
pub(crate) fn run(lang: Lang, work: fn() -> ExitStatus, clear: fn(&Path)) -> u8 {
    if let Some(watched) = std::env::var_os(WATCHED) {
        return if begin(Path::new(&watched)) { on_a_thread(work) } else { ExitStatus::CouldNotRun } as u8;
    }
    let scratch = tempfile::Builder::new().prefix("yekuo-").tempdir();
    match (std::env::var_os(ALONE), scratch) {
        (None, Ok(scratch)) => match start(&scratch) {
            Ok(child) => watch(child, &scratch, lang, clear),
            Err(_) => on_a_thread(work) as u8,
        },
        _ => on_a_thread(work) as u8,
    }
}

fn on_a_thread(work: fn() -> ExitStatus) -> ExitStatus {
    match std::thread::Builder::new().stack_size(STACK).spawn(work) {
        Ok(thread) => thread.join().unwrap_or(ExitStatus::CouldNotRun),
        Err(_) => work(),
    }
}

/// The second process gets ready; not, where the first has been killed in the meantime: then nobody wants the work.
fn begin(watched: &Path) -> bool {
    let notes = OpenOptions::new().append(true).create(true).open(watched.join(NOTES));
    if let Ok(notes) = notes {
        let _ = NOTED.set(Mutex::new(notes));
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload_as_str().unwrap_or("?");
        note(Note::Panicked, format!("{said} ({place})"));
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            let _ = writeln!(std::io::stderr(), "{panic}\n{}", std::backtrace::Backtrace::force_capture());
        }
        std::process::abort();
    }));
    system::follow(watcher())
}

/// Starts the second process with the same arguments; its temporary files are in `scratch`.
fn start(scratch: &TempDir) -> std::io::Result<Child> {
    let mut arguments = std::env::args_os();
    let name = arguments.next();
    let mut command = system::this_program(name)?;
    command.args(arguments).env(WATCHED, scratch.path()).env(WATCHER, std::process::id().to_string());
    // What libraries take from there, and fail with.
    command.env_remove("RUST_MIN_STACK");
    if std::env::var("POLARS_MAX_THREADS").is_ok_and(|threads| threads.trim().parse().unwrap_or(0) == 0) {
        command.env_remove("POLARS_MAX_THREADS");
    }
    for variable in ["TMPDIR", "TEMP", "TMP"] {
        command.env(variable, scratch.path());
    }
    command.spawn()
}

/// Waits for the second process; where it did not end by itself, clears up after it and says so.
fn watch(mut child: Child, scratch: &TempDir, lang: Lang, clear: fn(&Path)) -> u8 {
    let signals = system::Signals::pass_on(child.id());
    let ended = child.wait();
    let notes = fs::read_to_string(scratch.path().join(NOTES)).unwrap_or_default();
    let Ok(ended) = ended else { return ExitStatus::CouldNotRun as u8 };
    // Elsewhere than on Unix a process that was ended has a code too, which is none of ours.
    if let Some(code) = ended.code().and_then(|code| u8::try_from(code).ok()) {
        return code;
    }
    let noted = |what: Note| notes.lines().filter_map(move |line| line.strip_prefix(what.code())?.strip_prefix(' '));
    let places: Vec<PathBuf> = noted(Note::Building).map(PathBuf::from).collect();
    places.iter().for_each(|place| clear(place));
    let published = noted(Note::Published).next_back();
    let (words, code) = match signals.interrupted(ended) {
        Some(signal) => (interrupted(published, !places.is_empty()), 128 + signal),
        None => {
            let panic = noted(Note::Panicked).next();
            let file = noted(Note::Reading).next_back().filter(|file| !file.is_empty());
            (broken(panic, file, published, ended), ExitStatus::CouldNotRun as u8)
        }
    };
    let _ = writeln!(std::io::stderr(), "{}", words.get(lang));
    code
}

fn interrupted(published: Option<&str>, was_building: bool) -> Words {
    match published {
        Some(report) => Words::new(
            format!("已中断；报告此前已经发布：{report}"),
            format!("interrupted; the report had been published before: {report}"),
        ),
        None if was_building => Words::new(
            "已中断，没有发布；以前的报告仍然完整，未完成的文件已清除",
            "interrupted, and nothing was published; the report before it is whole, and what was unfinished is removed",
        ),
        None => Words::new("已中断", "interrupted"),
    }
}

fn broken(panic: Option<&str>, file: Option<&str>, published: Option<&str>, ended: Ended) -> Words {
    let at = file.map_or_else(
        || Words::new("", ""),
        |file| {
            Words::new(
                format!("，当时正在读取 {file}：它可能已损坏，请重新导出"),
                format!(" while {file} was being read: it may be damaged, export it again"),
            )
        },
    );
    let rest = published.map_or_else(
        || Words::new("没有发布，以前的报告仍然完整", "nothing was published, the report before it is whole"),
        |report| {
            Words::new(format!("报告此前已经发布：{report}"), format!("the report had been published before: {report}"))
        },
    );
    match panic {
        Some(panic) => Words::new(
            format!("错误：程序内部的一步没有完成{}；{}。请把以下文字报告给维护者（原文「{panic}」）", at.zh, rest.zh),
            format!("error: a step inside the program failed{}; {}. Please report this: {panic}", at.en, rest.en),
        ),
        None => Words::new(
            format!("错误：运行被系统终止（{ended}），多半是内存不足{}；{}", at.zh, rest.zh),
            format!("error: the system ended the run ({ended}), probably for want of memory{}; {}", at.en, rest.en),
        ),
    }
}

/// What Unix has for it.
#[cfg(unix)]
mod system {
    use std::ffi::OsString;
    use std::io;
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::{Command, ExitStatus as Ended};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

    use rustix::process::{Pid, Signal, kill_process};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};

    /// This program: the one that runs, even if another one has taken its place in the meantime.
    pub(super) fn this_program(name: Option<OsString>) -> io::Result<Command> {
        let own = std::path::Path::new("/proc/self/exe");
        let mut command = if own.exists() { Command::new(own) } else { Command::new(std::env::current_exe()?) };
        if let Some(name) = name {
            command.arg0(name);
        }
        Ok(command)
    }

    /// Ends with the process that watches, and takes a limit on the size of files for an error; whether it is still there.
    pub(super) fn follow(watcher: Option<u32>) -> bool {
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        // Only the end of whoever is the parent from now on is heard of.
        #[cfg(target_os = "linux")]
        let _ = rustix::process::set_parent_process_death_signal(Some(Signal::KILL));
        watcher.is_none_or(|watcher| watcher == std::os::unix::process::parent_id())
    }

    /// The signals that interrupt a run, passed on to it.
    pub(super) struct Signals {
        got: Arc<AtomicI32>,
    }

    impl Signals {
        pub(super) fn pass_on(child: u32) -> Signals {
            let got = Arc::new(AtomicI32::new(0));
            // Whoever has had a signal ignored, as nohup does, wants it so.
            let heard: Vec<i32> = [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|signal| !is_ignored(*signal)).collect();
            if let Ok(mut signals) = signal_hook::iterator::Signals::new(heard) {
                let got = Arc::clone(&got);
                std::thread::spawn(move || {
                    for signal in signals.forever() {
                        got.store(signal, Ordering::SeqCst);
                        if let Some(child) = Pid::from_raw(child as i32) {
                            let _ = kill_process(child, Signal::KILL);
                        }
                    }
                });
            }
            Signals { got }
        }

        /// The signal that interrupted the run, if one did.
        pub(super) fn interrupted(&self, ended: Ended) -> Option<u8> {
            let got = self.got.load(Ordering::SeqCst);
            let of_child = ended.signal().filter(|signal| [SIGINT, SIGTERM, SIGHUP].contains(signal));
            if got != 0 { Some(got as u8) } else { of_child.map(|signal| signal as u8) }
        }
    }

    /// Whether a signal is ignored, as Linux says.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
    }
}

/// Elsewhere a console ends both processes.
#[cfg(not(unix))]
mod system {
    use std::ffi::OsString;
    use std::io;
    use std::process::{Command, ExitStatus as Ended};

    pub(super) fn this_program(_: Option<OsString>) -> io::Result<Command> {
        std::env::current_exe().map(Command::new)
    }

    pub(super) fn follow(_: Option<u32>) -> bool {
        true
    }

    pub(super) struct Signals;

    impl Signals {
        pub(super) fn pass_on(_: u32) -> Signals {
            Signals
        }

        pub(super) fn interrupted(&self, _: Ended) -> Option<u8> {
            None
        }
    }
}
