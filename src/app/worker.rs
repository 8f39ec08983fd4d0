//! Threads beside the window: what takes time is done there, and the window reads what came of it.

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

type Job<T> = Box<dyn FnOnce(&Outbox<T>) + Send>;
/// Called after every result, from the worker's thread: it asks for a frame.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Where a job puts its results.
pub struct Outbox<T> {
    results: Sender<T>,
    stop: Arc<AtomicBool>,
    wake: Wake,
}

impl<T> Outbox<T> {
    /// Hands a result to the window.
    pub fn put(&self, result: T) {
        // Nobody listens any more when the window closes.
        let _ = self.results.send(result);
        (self.wake)();
    }

    /// Should a long job end early? The window closes, or its user cancelled.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// One named thread that does one job after the other. Dropping it ends and joins the thread.
pub struct Worker<T> {
    jobs: Option<Sender<Job<T>>>,
    results: Receiver<T>,
    pending: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    closing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Worker<T> {
    /// Starts the thread. A job that ends in a panic gives `fault` for a result.
    pub fn start(name: &str, wake: Wake, fault: fn() -> T) -> Self {
        let (jobs, inbox) = unbounded::<Job<T>>();
        let (sender, results) = unbounded();
        let (pending, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let outbox = Outbox { results: sender, stop: Arc::clone(&stop), wake };
        let closing = Arc::new(AtomicBool::new(false));
        let of_thread = (Arc::clone(&pending), Arc::clone(&closing));
        let started = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let (pending, closing) = of_thread;
            for job in inbox {
                // At the end nobody waits for what is still queued.
                if !closing.load(Ordering::Relaxed) {
                    // A reader's panic must not end this thread; the hook has reported it.
                    if catch_unwind(AssertUnwindSafe(|| job(&outbox))).is_err() {
                        outbox.put(fault());
                    }
                }
                pending.fetch_sub(1, Ordering::AcqRel);
                (outbox.wake)();
            }
        });
        let thread = started.map_err(|e| tracing::error!("no thread for {name}: {e}")).ok();
        Self { jobs: Some(jobs), results, pending, stop, closing, thread }
    }

    /// Queues a job.
    pub fn run(&self, job: impl FnOnce(&Outbox<T>) + Send + 'static) {
        self.pending.fetch_add(1, Ordering::AcqRel);
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(Box::new(job)).is_ok());
        if !sent {
            self.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// The next result, if one came.
    pub fn poll(&self) -> Option<T> {
        self.results.try_recv().ok()
    }

    /// Jobs that are not done yet.
    pub fn pending(&self) -> usize {
        self.pending.load(Ordering::Acquire)
    }

    /// Is nothing to be done and nothing to be read?
    pub fn idle(&self) -> bool {
        self.pending() == 0 && self.results.is_empty()
    }

    /// Asks the running job to end early; jobs that are queued later run as ever.
    pub fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Takes a cancel back before a new job.
    pub fn resume(&self) {
        self.stop.store(false, Ordering::Relaxed);
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.closing.store(true, Ordering::Relaxed);
        self.stop.store(true, Ordering::Relaxed);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // Its jobs answer to panics themselves.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T: Send + 'static>(worker: &Worker<T>) -> T {
        worker.results.recv().unwrap()
    }

    #[test]
    fn jobs_are_done_in_order_and_a_panic_is_survived() {
        let worker = Worker::start("test", Arc::new(|| {}), || 99);
        worker.run(|out| out.put(1));
        worker.run(|_| panic!("a fault of a test"));
        worker.run(|out| out.put(2));
        assert_eq!((wait(&worker), wait(&worker), wait(&worker)), (1, 99, 2));
    }

    #[test]
    fn a_long_job_ends_when_the_worker_goes() {
        let worker = Worker::start("test", Arc::new(|| {}), || 99);
        worker.run(|out: &Outbox<u32>| {
            out.put(7);
            while !out.stopped() {
                std::hint::spin_loop();
            }
        });
        assert_eq!(wait(&worker), 7);
        drop(worker);
    }
}
