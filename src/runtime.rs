//! The I/O thread: one tokio runtime for the whole process, started by the first call.
//!
//! Not the runtime that comes with the binding: that starts a worker for every core when the addon is loaded. One current-thread runtime on a
//! thread of its own used the least CPU of all arrangements measured, and a second worker bought nothing.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use futures_util::future::BoxFuture;
use once_cell::sync::OnceCell;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use crate::error::Error;
use crate::limits::HARD_WORKERS;

type Job = BoxFuture<'static, ()>;

/// Lives as long as the process: threads and connections are shared by every environment in it.
static JOBS: OnceCell<UnboundedSender<Job>> = OnceCell::new();

/// How many jobs one wake-up of the I/O thread takes before it looks at its sockets again.
const JOBS_PER_TURN: usize = 128;

/// How long a timer runs that is good for nothing else, again and again while there is work. A timer that ends before all
/// others makes tokio wake its own thread up once more; without this one that would be the deadline of each call of a lonely
/// caller, at the price of two system calls.
const PULSE: Duration = Duration::from_secs(1);

/// Hands `job` to the I/O thread, which is started if there is none yet.
///
/// Jobs handed in while the thread is awake cost no further wake-up.
pub(crate) fn submit(job: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
    let jobs = JOBS
        .get_or_try_init(start)
        .map_err(|error| Error::Internal(format!("the I/O thread could not be started: {error}")))?;
    jobs.send(Box::pin(job)).map_err(|_| Error::Internal("the I/O thread has ended".into()))
}

/// Starts the I/O thread if there is none yet: a process may have no descriptor or thread left for it, and later again.
pub(crate) fn ready() -> io::Result<()> {
    JOBS.get_or_try_init(start).map(drop)
}

/// Like [`submit`], for work that tells of its own end: without a thread to run on, it is dropped.
pub(crate) fn spawn(job: BoxFuture<'static, ()>) {
    drop(submit(job));
}

/// Does work that takes a processor for a while, on a thread that is neither the I/O thread nor JavaScript's.
///
/// At most [`HARD_WORKERS`] pieces are done at once, first come, first served. Work whose caller goes away before its
/// turn is not done.
pub(crate) async fn compute<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    static TURNS: Semaphore = Semaphore::const_new(HARD_WORKERS);
    let turn = TURNS.acquire().await.map_err(|_| Error::Internal("the threads for hard work are gone".into()))?;
    let done = tokio::task::spawn_blocking(move || {
        // Held by the work and not by its caller, who may go away while it is done.
        let _turn = turn;
        work()
    });
    done.await.map_err(|_| Error::Internal("hard work ended in a panic".into()))
}

fn start() -> io::Result<UnboundedSender<Job>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // Those for work that would hold the I/O thread up: signatures, and looking up names.
        .thread_name("layer1-work")
        .build()?;
    let (sender, receiver) = unbounded_channel();
    thread::Builder::new().name("layer1-io".into()).spawn(move || runtime.block_on(dispatch(receiver)))?;
    Ok(sender)
}

async fn dispatch(mut receiver: UnboundedReceiver<Job>) {
    let mut jobs = Vec::with_capacity(JOBS_PER_TURN);
    let mut pulse = pin!(sleep(PULSE));
    let mut is_idle = true;
    loop {
        tokio::select! {
            count = receiver.recv_many(&mut jobs, JOBS_PER_TURN) => {
                if count == 0 {
                    return;
                }
                is_idle = false;
                if pulse.is_elapsed() {
                    pulse.set(sleep(PULSE));
                }
                for job in jobs.drain(..) {
                    tokio::spawn(job);
                }
            }
            () = &mut pulse, if !pulse.is_elapsed() => {
                if !is_idle {
                    is_idle = true;
                    pulse.set(sleep(PULSE));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, mpsc};
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn hard_work_is_done_elsewhere_and_a_panic_harms_no_other() {
        assert_ne!(compute(|| thread::current().id()).await.unwrap(), thread::current().id());
        for _ in 0..=HARD_WORKERS {
            assert!(compute(|| panic!("work that fails")).await.is_err());
        }
        assert_eq!(compute(|| 7).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn no_more_is_done_at_once_than_there_are_turns() {
        let (busy, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let (busy, most) = (Arc::clone(&busy), Arc::clone(&most));
            compute(move || {
                most.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(2));
                busy.fetch_sub(1, Ordering::SeqCst);
            })
        };
        futures_util::future::join_all((0..20).map(|_| work())).await;
        assert_eq!(busy.load(Ordering::SeqCst), 0);
        assert!((1..=HARD_WORKERS).contains(&most.load(Ordering::SeqCst)));
    }

    #[test]
    fn jobs_run_on_one_named_thread_and_a_panic_harms_no_other_job() {
        let (sender, receiver) = mpsc::channel();
        submit(async { panic!("a job that fails") }).unwrap();
        for _ in 0..3 {
            let sender = sender.clone();
            submit(async move { sender.send(thread::current().name().map(str::to_owned)).unwrap() }).unwrap();
        }
        for _ in 0..3 {
            assert_eq!(receiver.recv().unwrap().as_deref(), Some("layer1-io"));
        }
    }
}
