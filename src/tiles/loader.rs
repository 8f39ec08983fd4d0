//! Tiles read on threads of their own, from one queue that the latest view orders.

use super::grid::{Grid, TileKey};
use super::read::{self, TileBytes};
use crate::slide::SlideSource;
use crossbeam_channel::{Receiver, Sender};
use std::collections::{HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A tile that has arrived; [`read::broken`]'s stripes where it can't be read.
pub struct Loaded {
    /// Which.
    pub key: TileKey,
    /// Its pixels.
    pub bytes: TileBytes,
}

#[derive(Default)]
struct Queue {
    wishes: VecDeque<TileKey>,
    /// Being read, or read and not yet taken by [`Loader::take`].
    under_way: HashSet<TileKey>,
}

struct Shared {
    source: Arc<dyn SlideSource>,
    grid: Arc<Grid>,
    queue: Mutex<Queue>,
    changed: Condvar,
    stop: AtomicBool,
    /// Has a failure been logged?
    reported: AtomicBool,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Shared {
    /// The queue holds plain values that are whole after every statement, so a panic elsewhere does not spoil it.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The next wish, after a wait; `None` at the end.
    fn next(&self) -> Option<TileKey> {
        let mut queue = self.queue();
        loop {
            if self.stopped() {
                return None;
            }
            if let Some(key) = queue.wishes.pop_front() {
                if queue.under_way.insert(key) {
                    return Some(key);
                }
                continue;
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn read(&self, key: TileKey) -> Option<TileBytes> {
        let level = &self.grid.levels[usize::from(key.level)];
        let why = match catch_unwind(AssertUnwindSafe(|| {
            read::read(&*self.source, level, key, &|| self.stopped())
        })) {
            Ok(Ok(bytes)) => return bytes,
            Ok(Err(e)) => e.to_string(),
            Err(_) => "the reader failed".into(),
        };
        if !self.reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "a tile can't be shown (level {}, column {}, row {}): {why}",
                key.level,
                key.x,
                key.y
            );
        }
        Some(read::broken())
    }

    fn work(&self, results: &Sender<Loaded>) {
        while let Some(key) = self.next() {
            let Some(bytes) = self.read(key) else { return };
            if results.send(Loaded { key, bytes }).is_err() {
                return;
            }
            (self.wake)();
        }
    }
}

/// The threads and their queue. Dropping it ends and joins them.
pub struct Loader {
    shared: Arc<Shared>,
    results: Receiver<Loaded>,
    threads: Vec<JoinHandle<()>>,
}

impl Loader {
    /// Starts `threads` threads (1 at least). `wake` is called from them when a tile has arrived.
    pub fn new(
        source: Arc<dyn SlideSource>,
        grid: Arc<Grid>,
        threads: usize,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let shared = Arc::new(Shared {
            source,
            grid,
            queue: Mutex::default(),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            reported: AtomicBool::new(false),
            wake,
        });
        let (sender, results) = crossbeam_channel::unbounded();
        let threads = (0..threads.clamp(1, 64))
            .filter_map(|n| {
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                let started = std::thread::Builder::new()
                    .name(format!("tiles-{n}"))
                    .spawn(move || shared.work(&sender));
                started.map_err(|e| tracing::error!("no thread for tiles: {e}")).ok()
            })
            .collect();
        Self { shared, results, threads }
    }

    /// Replaces the wish list, the most urgent first. Tiles under way are not read twice.
    pub fn wish(&self, wishes: impl IntoIterator<Item = TileKey>) {
        let mut queue = self.shared.queue();
        let Queue { wishes: list, under_way } = &mut *queue;
        list.clear();
        list.extend(wishes.into_iter().filter(|key| !under_way.contains(key)));
        if !list.is_empty() {
            self.shared.changed.notify_all();
        }
    }

    /// Tiles that have arrived since the last call. Does not wait.
    pub fn take(&self) -> Vec<Loaded> {
        let arrived: Vec<Loaded> = self.results.try_iter().collect();
        self.forget(&arrived);
        arrived
    }

    /// As [`Self::take`], after a wait of `timeout` at most for the first.
    pub fn wait(&self, timeout: Duration) -> Vec<Loaded> {
        let mut arrived: Vec<Loaded> = self.results.recv_timeout(timeout).into_iter().collect();
        arrived.extend(self.results.try_iter());
        self.forget(&arrived);
        arrived
    }

    fn forget(&self, arrived: &[Loaded]) {
        if !arrived.is_empty() {
            let mut queue = self.shared.queue();
            for loaded in arrived {
                queue.under_way.remove(&loaded.key);
            }
        }
    }

    /// Are no tiles wished, under way or waiting to be taken?
    pub fn idle(&self) -> bool {
        let queue = self.shared.queue();
        queue.wishes.is_empty() && queue.under_way.is_empty()
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Under the lock, so that no thread is between its look at `stop` and its wait.
        drop(self.shared.queue());
        self.shared.changed.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
