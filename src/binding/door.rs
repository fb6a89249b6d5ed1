//! The way back to JavaScript: a queue of completions, and one wake-up that settles all of them.

use std::collections::HashMap;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread;

use futures_util::future::AbortHandle;
use napi::bindgen_prelude::{Function, ToNapiValue};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Error as NapiError, Result, Status, check_status, sys};
use napi_derive::napi;

use crate::error::{Error, Failure};
use crate::fault_point::{self, Stage};
use crate::trace::Listener;

use super::completion::{Completion, JsPayload, Outcome};
use super::store::{Questions, StoreLink};

/// Takes nothing, is handled here, holds no environment open by itself.
pub(super) type Wake = ThreadsafeFunction<(), (), Batch, Status, false, true>;

/// One environment's way out of the machine.
///
/// It must not outlive its environment, and does not: after the end of the environment the wake-up answers that it is
/// closing, and completions are dropped with the queue.
#[napi]
pub struct Door {
    queue: Arc<Queue>,
    wake: Arc<Wake>,
}

/// Completions that wait for JavaScript, and whether it has been told.
#[derive(Default)]
pub(super) struct Queue {
    completions: Mutex<Vec<Completion>>,
    /// Set from the first completion until JavaScript has settled all there are: one wake-up serves them.
    is_wake_due: AtomicBool,
    /// Calls that have not been settled; they hold the process open. Touched on the JavaScript thread only.
    in_flight: AtomicUsize,
    /// Weak, because the threadsafe function's callback holds the queue.
    wake: OnceLock<Weak<Wake>>,
    /// What stores of this environment have been asked, and have not answered.
    questions: Questions,
}

#[napi]
impl Door {
    /// Opens the door; `settle` is called with `[id, kind, payload, attempts, id, …]`.
    #[napi(constructor, catch_unwind)]
    pub fn new(
        #[napi(ts_arg_type = "(batch: Array<unknown>) => void")] settle: Function<'_, Batch, ()>,
    ) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let source = Arc::clone(&queue);
        let wake = settle
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .callee_handled::<false>()
            .build_callback(move |_| Ok(Batch(Arc::clone(&source))))?;
        let wake = Arc::new(wake);
        let _ = queue.wake.set(Arc::downgrade(&wake));
        Ok(Self { queue, wake })
    }

    /// Gives what has become ready since the last batch, or nothing, and then the next completion wakes JavaScript.
    ///
    /// It is to be asked once after every batch, in a later turn of the event loop. Node calls a woken callback again
    /// and again, up to a thousand times, while wake-ups come in: the host's timers and sockets would wait for all of
    /// that. So there is no wake-up before a turn has found nothing.
    #[napi(catch_unwind, ts_return_type = "Array<unknown> | null")]
    pub fn take_more(&self) -> Option<Batch> {
        let completions = self.queue.lock();
        if completions.is_empty() {
            self.queue.is_wake_due.store(false, Ordering::Release);
            return None;
        }
        drop(completions);
        Some(Batch(Arc::clone(&self.queue)))
    }

    /// Takes what a store says to a question: one of the kinds in `lib/token-store.js`, and its text.
    #[napi(catch_unwind)]
    pub fn answer_store(&self, number: f64, kind: u32, text: Option<String>) {
        self.queue.questions.answer(number, kind, text);
    }
}

impl Door {
    /// Lets one call in: from now to its completion it keeps the process alive, as a `fetch` does.
    pub(super) fn admit(&self, env: &Env, id: f64, calls: &Arc<Calls>) -> Result<Ticket> {
        self.queue.hold(env)?;
        Ok(Ticket {
            queue: Arc::clone(&self.queue),
            wake: Arc::clone(&self.wake),
            calls: Arc::clone(calls),
            id,
            outcome: None,
        })
    }

    /// Makes the way to a store that JavaScript knows by `id`.
    pub(super) fn store(&self, id: f64, can_lock: bool) -> StoreLink {
        StoreLink::new(Arc::clone(&self.queue), Arc::clone(&self.wake), id, can_lock)
    }

    /// Makes a listener that tells JavaScript, under the id of a call; it does not keep the process alive.
    pub(super) fn listener(&self, id: f64) -> Listener {
        let (queue, wake) = (Arc::clone(&self.queue), Arc::clone(&self.wake));
        Arc::new(move |event| {
            fault_point::pass(Stage::Event);
            queue.push(&wake, Completion { id, outcome: Outcome::Event(event) });
        })
    }
}

impl Queue {
    /// Counts a call in; the first keeps the event loop alive.
    fn hold(&self, env: &Env) -> Result<()> {
        match self.in_flight.fetch_add(1, Ordering::Relaxed) {
            0 => self.with_wake(|wake| ref_wake(env, wake)),
            _ => Ok(()),
        }
    }

    /// Counts a call out; the last lets the event loop end.
    fn release(&self, env: &Env) -> Result<()> {
        match self.in_flight.fetch_sub(1, Ordering::Relaxed) {
            1 => self.with_wake(|wake| unref_wake(env, wake)),
            _ => Ok(()),
        }
    }

    /// Lends the threadsafe function, unless its environment is ending.
    fn with_wake(&self, work: impl FnOnce(&Wake) -> Result<()>) -> Result<()> {
        let Some(wake) = self.wake.get().and_then(Weak::upgrade) else { return Ok(()) };
        wake.handle.with_read_aborted(|is_aborted| if is_aborted { Ok(()) } else { work(&wake) })
    }

    /// Tells whether there is still somebody to be told.
    pub(super) fn push(&self, wake: &Wake, completion: Completion) -> bool {
        self.lock().push(completion);
        // Any other status than ok means that the environment is ending.
        self.is_wake_due.swap(true, Ordering::AcqRel)
            || wake.call((), ThreadsafeFunctionCallMode::NonBlocking) == Status::Ok
    }

    pub(super) fn questions(&self) -> &Questions {
        &self.questions
    }

    /// Takes what one turn of the event loop is to settle; the rest stays for the next.
    fn take(&self) -> Vec<Completion> {
        let mut completions = self.lock();
        let mut bytes = 0_usize;
        let fitting = completions.iter().take_while(|completion| {
            let fits = bytes < BYTES_PER_TURN;
            bytes = bytes.saturating_add(completion.size());
            fits
        });
        let count = fitting.count();
        if count == completions.len() {
            return mem::replace(&mut *completions, Vec::with_capacity(ORDINARY_BATCH));
        }
        let rest = completions.split_off(count);
        mem::replace(&mut *completions, rest)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Completion>> {
        self.completions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(unsafe_code, reason = "napi's own way is deprecated and asks for a threadsafe function that nobody shares")]
fn ref_wake(env: &Env, wake: &Wake) -> Result<()> {
    // SAFETY: the caller holds the lock that keeps the function from being finalized; this is its environment's thread.
    check_status!(unsafe { sys::napi_ref_threadsafe_function(env.raw(), wake.raw()) })
}

#[expect(unsafe_code, reason = "as above")]
fn unref_wake(env: &Env, wake: &Wake) -> Result<()> {
    // SAFETY: as above.
    check_status!(unsafe { sys::napi_unref_threadsafe_function(env.raw(), wake.raw()) })
}

/// Completions in one crossing with some tens of callers; more only costs a reallocation.
const ORDINARY_BATCH: usize = 32;

/// Bodies that are settled in one turn of the event loop: as JSON, a fraction of a millisecond to parse. One that is
/// larger comes alone.
const BYTES_PER_TURN: usize = 64 * 1024;

/// All that is ready, made into one flat array on the JavaScript thread.
pub struct Batch(Arc<Queue>);

impl ToNapiValue for Batch {
    #[expect(unsafe_code, reason = "the trait's method is unsafe; napi calls it on the environment's thread")]
    unsafe fn to_napi_value(raw_env: sys::napi_env, batch: Self) -> Result<sys::napi_value> {
        let env = Env::from_raw(raw_env);
        let mut values = Vec::new();
        for completion in batch.0.take() {
            let is_call = completion.outcome.ends_a_call();
            if let Outcome::StoreWork { number: Some(number), .. } = &completion.outcome {
                batch.0.questions.begin(*number);
            }
            values.extend(into_js(completion, &env)?);
            if is_call {
                batch.0.release(&env)?;
            }
        }
        // SAFETY: the values were just made in this environment and scope.
        unsafe { Vec::to_napi_value(raw_env, values) }
    }
}

/// Makes a completion's values, or, if they cannot be made (a body over V8's limit on strings), its failure's. Node calls
/// this from C, which no panic may reach, and the other completions of the batch have nothing to do with it.
fn into_js(completion: Completion, env: &Env) -> Result<[JsPayload; 4]> {
    let id = completion.id;
    let made = panic::catch_unwind(AssertUnwindSafe(|| completion.into_js(env)));
    made.unwrap_or_else(|_| Err(NapiError::from_reason("an outcome could not be handed over"))).or_else(|error| {
        let outcome = Outcome::Failed(Error::Internal(error.reason.to_string()).into());
        Completion { id, outcome }.into_js(env)
    })
}

/// The handles of one client's calls, for cancelling.
#[derive(Default)]
pub(super) struct Calls(Mutex<HashMap<u64, AbortHandle>>);

impl Calls {
    pub(super) fn add(&self, id: f64, handle: AbortHandle) {
        self.lock().insert(id.to_bits(), handle);
    }

    pub(super) fn cancel(&self, id: f64) {
        if let Some(handle) = self.lock().remove(&id.to_bits()) {
            handle.abort();
        }
    }

    pub(super) fn cancel_all(&self) {
        for (_, handle) in self.lock().drain() {
            handle.abort();
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, AbortHandle>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to settle one call, and the duty: dropped without an outcome, it says so.
pub(super) struct Ticket {
    queue: Arc<Queue>,
    wake: Arc<Wake>,
    calls: Arc<Calls>,
    id: f64,
    outcome: Option<Outcome>,
}

impl Ticket {
    pub(super) fn settle(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }

    pub(super) fn warn(&self, sentence: String) {
        self.queue.push(&self.wake, Completion { id: 0.0, outcome: Outcome::Warning(sentence) });
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.id.to_bits());
        let outcome = self.outcome.take().unwrap_or_else(|| {
            // A call that was cancelled is settled already. One that a panic ended is not, and nobody else will.
            if thread::panicking() { Outcome::Failed(panicked()) } else { Outcome::Abandoned }
        });
        self.queue.push(&self.wake, Completion { id: self.id, outcome });
    }
}

/// Makes the failure of a call that ended in a panic.
pub(super) fn panicked() -> Failure {
    Error::Internal("the call ended in a panic".into()).into()
}
