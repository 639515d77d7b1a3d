//! Work on all cores, taken in order.
//!
//! Items are handed out in their order and worked on side by side; what comes of them is taken in that order again, so
//! that no result depends on how many threads there are. Threads that are ahead wait: what is in flight is bounded.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;

use crate::error::{Error, Result};

/// More than any machine has cores.
const MOST_THREADS: usize = 1024;

/// The stack of a thread: planning a mart's SQL takes 2 to 3 MiB.
const STACK: usize = 16 << 20;

/// How many threads work side by side: `YEKUO_THREADS`, else one for each core.
pub fn threads() -> usize {
    let threads = told("YEKUO_THREADS").unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    threads.min(MOST_THREADS)
}

/// How many rows or cases a thread takes at a time: `most`, or fewer by `YEKUO_GRAIN`, with which tests find that results do
/// not depend on it.
pub fn grain(most: usize) -> usize {
    told("YEKUO_GRAIN").map_or(most, |grain| grain.min(most))
}

/// How many groups of cases a bucket on disk holds: one, or so many that there are no more buckets than `YEKUO_BUCKETS`, with
/// which tests find that results do not depend on it.
pub fn groups_of_bucket(groups: usize) -> usize {
    told("YEKUO_BUCKETS").map_or(1, |buckets| groups.div_ceil(buckets)).max(1)
}

fn told(variable: &str) -> Option<usize> {
    std::env::var(variable).ok()?.parse().ok().filter(|number| *number > 0)
}

/// Works on every item, several at a time, and gives what came of each to `take`, in the order of the items. The first
/// error in that order ends it.
pub fn in_order<I: Send, T: Send>(
    items: impl Iterator<Item = I> + Send,
    work: impl Fn(I) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let threads = threads();
    if threads == 1 {
        for item in items {
            take(work(item)?)?;
        }
        return Ok(());
    }
    let queue = Queue::new(items, 2 * threads);
    let (send, done) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let send = send.clone();
            let (queue, work) = (&queue, &work);
            let runs = move || {
                let _stop = StopOnPanic(queue);
                while let Some((number, item)) = queue.next() {
                    if send.send((number, work(item))).is_err() {
                        break;
                    }
                }
            };
            let spawned = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, runs);
            if let Err(refused) = spawned {
                queue.stop();
                return Err(Error::io("start", "a thread")(refused));
            }
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut next = 0;
        for (number, result) in done {
            early.insert(number, result);
            while let Some(result) = early.remove(&next) {
                if let Err(error) = result.and_then(&mut take) {
                    queue.stop();
                    return Err(error);
                }
                next += 1;
                queue.taken(next);
            }
        }
        Ok(())
    })
}

/// Does one thing beside another.
pub fn beside<A: Send, B>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), other)
    })
}

/// Items that are still to be worked on.
struct Queue<I> {
    state: Mutex<State<I>>,
    /// Somebody may go on.
    freed: Condvar,
    /// How many items may be in flight.
    most: usize,
}

struct State<I> {
    /// None once there is nothing more to do.
    items: Option<I>,
    begun: usize,
    taken: usize,
}

impl<I: Iterator> Queue<I> {
    fn new(items: I, most: usize) -> Queue<I> {
        Queue { state: Mutex::new(State { items: Some(items), begun: 0, taken: 0 }), freed: Condvar::new(), most }
    }

    /// The next item with its number, once there is room for it; none when there is none.
    fn next(&self) -> Option<(usize, I::Item)> {
        let is_full = |state: &mut State<I>| state.items.is_some() && state.begun - state.taken >= self.most;
        let mut state = self.freed.wait_while(self.lock(), is_full).unwrap_or_else(PoisonError::into_inner);
        let Some(item) = state.items.as_mut()?.next() else {
            drop(state);
            self.stop();
            return None;
        };
        state.begun += 1;
        Some((state.begun - 1, item))
    }

    fn taken(&self, taken: usize) {
        self.lock().taken = taken;
        self.freed.notify_all();
    }
}

impl<I> Queue<I> {
    fn lock(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing more is begun.
    fn stop(&self) {
        self.lock().items = None;
        self.freed.notify_all();
    }
}

/// Lets nobody wait for what will never be done.
struct StopOnPanic<'a, I>(&'a Queue<I>);

impl<I> Drop for StopOnPanic<'_, I> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    #[test]
    fn results_are_taken_in_order_and_few_are_in_flight() {
        let (begun, mut taken) = (AtomicUsize::new(0), Vec::new());
        let work = |item: u64| {
            begun.fetch_add(1, Ordering::SeqCst);
            // Every third takes its time.
            thread::sleep(Duration::from_millis(if item.is_multiple_of(3) { 3 } else { 0 }));
            Ok(item * item)
        };
        in_order(0..100, work, |square| {
            taken.push(square);
            assert!(begun.load(Ordering::SeqCst) <= taken.len() + 2 * threads() + 1);
            Ok(())
        })
        .unwrap();
        assert_eq!(taken, (0..100).map(|item| item * item).collect::<Vec<_>>());
    }

    #[test]
    fn the_first_error_ends_it() {
        let fails = |item: usize| {
            if item == 7 || item == 9 { Err(Error::engine(format!("item {item}"))("failed")) } else { Ok(item) }
        };
        let mut taken = Vec::new();
        let error = in_order(0..1_000_000, fails, |item| {
            taken.push(item);
            Ok(())
        });
        assert!(error.unwrap_err().to_string().contains("item 7"));
        assert_eq!(taken, (0..7).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_comes_of_nothing() {
        in_order(0..0, Ok, |_: usize| -> Result<()> { unreachable!("there is no item") }).unwrap();
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_not_waited_for() {
        let work = |item: usize| if item == 3 { panic!("on purpose") } else { Ok(item) };
        let _ = in_order(0..1_000, work, |_| Ok(()));
    }
}
