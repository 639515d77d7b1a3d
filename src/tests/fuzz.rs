//! Fuzzing under the ordinary test harness.
//!
//! A target is a function of bytes: it asserts a property of them and says in words what came of them. [`fuzz`] first
//! replays the target's corpus, `tests/fuzz/<target>/`, then mutates it. An input whose outcome was not met before joins
//! those that are mutated, so that the search goes on from whatever gets further. An input that breaks the property is
//! cut down and put into the corpus, where it is replayed from then on.
//!
//! Without more ado a target runs for up to two seconds, from the same seed every time. `YEKUO_FUZZ_SECONDS` makes it
//! longer and starts from another seed; each input is then written to `target/fuzz/<target>` before it is tried, for the
//! case that the process does not survive it.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, catch_unwind};
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, Instant};

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::Rng;
use xxhash_rust::xxh3::xxh3_64;

/// What every commit pays for a target.
const SHORT: Duration = Duration::from_secs(2);
/// One input may take so long, in a debug build on a busy machine.
const MOST_TIME: Duration = Duration::from_secs(10);
/// The largest input that mutation makes, in bytes.
const MOST_BYTES: usize = 1 << 14;
/// Inputs with outcomes of their own that are kept besides the corpus.
const MOST_KEPT: usize = 5_000;

/// Asserts a property of bytes, and says what came of them.
pub(crate) type Target = fn(&[u8]) -> String;

/// Replays the corpus of a target and then tries what mutation makes of it.
pub(crate) fn fuzz(name: &str, target: Target) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz").join(name);
    let mut search = Search { name, target, folder, outcomes: BTreeSet::new(), pool: Vec::new(), trace: None };
    let corpus = search.corpus();
    assert!(corpus.len() >= 3, "{name}: {} has fewer than three inputs", search.folder.display());
    let longer = std::env::var("YEKUO_FUZZ_SECONDS").ok().map(|seconds| seconds.parse().expect("a number of seconds"));
    for (file, input) in corpus {
        if longer.is_some() {
            println!("{name}: {file}");
        }
        let at = Instant::now();
        let outcome = catch_unwind(|| target(&input)).unwrap_or_else(|_| panic!("{name}: {file} breaks the property"));
        let took = at.elapsed();
        if took > MOST_TIME / 10 {
            println!("{name}: {file} took {took:?}");
        }
        assert!(took < MOST_TIME, "{name}: {file} took {took:?}");
        search.is_new(&outcome);
        search.pool.push(input);
    }
    search.trace = longer.map(|_| trace(name));
    let seed = longer.map_or(1, |_| u128::from(process::id()));
    let (began, most) = (Instant::now(), longer.map_or(SHORT, Duration::from_secs));
    let mut dice = Dice(Pcg64Mcg::new(seed));
    let mut tried = 0_u64;
    while began.elapsed() < most {
        let input = dice.mutated(&search.pool);
        search.attempt(input);
        tried += 1;
    }
    println!("{name}: {tried} inputs in {most:?}, {} kinds of outcome", search.outcomes.len());
}

/// Where the input that is being tried is written.
fn trace(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    fs::create_dir_all(&folder).unwrap();
    folder.join(name)
}

struct Search<'a> {
    name: &'a str,
    target: Target,
    folder: PathBuf,
    outcomes: BTreeSet<u64>,
    pool: Vec<Vec<u8>>,
    trace: Option<PathBuf>,
}

impl Search<'_> {
    /// The inputs that are committed, by the names of their files.
    fn corpus(&self) -> Vec<(String, Vec<u8>)> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        let named =
            |path: PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap());
        let mut all: Vec<_> = files.map(named).collect();
        all.sort();
        all
    }

    /// Whether no input had such an outcome before; numbers make no new kind.
    fn is_new(&mut self, outcome: &str) -> bool {
        let kind: String = outcome.chars().filter(|c| !c.is_ascii_digit()).take(300).collect();
        self.outcomes.insert(xxh3_64(kind.as_bytes()))
    }

    fn attempt(&mut self, input: Vec<u8>) {
        if let Some(trace) = &self.trace {
            fs::write(trace, &input).unwrap();
        }
        let (target, at) = (self.target, Instant::now());
        let Ok(outcome) = catch_unwind(|| target(&input)) else { self.found(input) };
        let took = at.elapsed();
        if took > MOST_TIME {
            self.give_up(&input, &format!("took {took:?}"));
        }
        if self.is_new(&outcome) && self.pool.len() < MOST_KEPT {
            self.pool.push(input);
        }
    }

    /// Cuts an input down that breaks the property, keeps it and fails.
    fn found(&self, mut input: Vec<u8>) -> ! {
        let (target, began) = (self.target, Instant::now());
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let mut length = input.len().next_power_of_two() / 2;
        while length > 0 && began.elapsed() < Duration::from_secs(30) {
            let mut at = 0;
            while at < input.len() {
                let rest = [&input[..at], &input[(at + length).min(input.len())..]].concat();
                if catch_unwind(|| target(&rest)).is_err() {
                    input = rest;
                } else {
                    at += length;
                }
            }
            length /= 2;
        }
        panic::set_hook(hook);
        self.give_up(&input, "breaks the property")
    }

    fn give_up(&self, input: &[u8], what: &str) -> ! {
        let file = self.folder.join(format!("found-{:08x}", xxh3_64(input) as u32));
        fs::write(&file, input).unwrap();
        panic!("{}: {} {what}: {}", self.name, file.display(), input.escape_ascii());
    }
}

/// Random choices.
struct Dice(Pcg64Mcg);

/// Texts at which readers turn.
const TURNS: [&str; 24] = [
    "\0",
    "\n",
    "\r",
    "\r\n",
    "\"",
    "\"\"",
    "'",
    ",",
    ";",
    "\t",
    "\u{feff}",
    "\u{3000}",
    "０",
    "，",
    "-",
    "0",
    "9999",
    "-1",
    "4294967296",
    "1e308",
    "=",
    "<",
    "é",
    "汉字",
];

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        // Mostly short ones.
        let most = if self.below(4) == 0 { length } else { 8 };
        start..(start + self.below(most + 1)).min(length)
    }

    /// An input of the pool with a few changes.
    fn mutated(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(pool).clone();
        for _ in 0..=self.below(6) {
            self.change(&mut input, pool);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>, pool: &[Vec<u8>]) {
        let at = self.below(input.len() + 1);
        match self.below(8) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.0.next_u64() as u8,
            2 => drop(input.drain(self.range(input.len()))),
            3 => insert(input, at, self.pick(&TURNS).as_bytes()),
            4 => {
                let piece = input[self.range(input.len())].repeat(1 + self.below(3));
                insert(input, at, &piece);
            }
            5 => {
                let other = self.pick(pool);
                insert(input, at, &other[self.range(other.len())]);
            }
            6 => {
                let other = self.pick(pool);
                let over = self.range(input.len());
                input.splice(over, other[self.range(other.len())].iter().copied());
            }
            _ => self.change_number(input),
        }
    }

    /// Replaces the digits that stand somewhere by other ones.
    fn change_number(&mut self, input: &mut Vec<u8>) {
        let from = self.below(input.len() + 1);
        let Some(start) = input[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
        let count = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = match self.below(4) {
            0 => self.below(4).to_string(),
            1 => (self.0.next_u64() >> self.below(64)).to_string(),
            2 => (1_u64 << self.below(64)).to_string(),
            _ => format!("{:0count$}", self.below(10_usize.saturating_pow(count.min(9) as u32))),
        };
        input.splice(start..start + count, number.into_bytes());
    }
}

fn insert(input: &mut Vec<u8>, at: usize, piece: &[u8]) {
    input.splice(at..at, piece.iter().copied());
}

/// Bytes as a row of choices; 0 once they are used up.
pub(crate) struct Choices<'a>(pub(crate) &'a [u8]);

impl Choices<'_> {
    /// A number of two bytes in a range.
    pub(crate) fn within(&mut self, range: std::ops::Range<i32>) -> i32 {
        let mut byte = || {
            let (first, rest) = self.0.split_first().unwrap_or((&0, &[]));
            self.0 = rest;
            i32::from(*first)
        };
        let number = byte() | byte() << 8;
        range.start + number % (range.end - range.start)
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self) -> bool {
        self.within(0..2) == 1
    }

    /// A number, or none in a third of the cases.
    pub(crate) fn maybe(&mut self, range: std::ops::Range<i32>) -> Option<i32> {
        let is_given = self.within(0..3) > 0;
        is_given.then(|| self.within(range))
    }

    /// Whether all are used up.
    pub(crate) fn are_over(&self) -> bool {
        self.0.is_empty()
    }
}
