//! The way to a store that lives in JavaScript, and its answers' way back.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::FutureExt;
use napi::bindgen_prelude::ToNapiValue;
use napi::{Result, sys};
use napi_derive::napi;
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::oneshot::{Sender, channel};

use crate::token::{Operation, Performance, Reply, Store, StoreCounts, StoreFault};

use super::client::count;
use super::completion::{Completion, Outcome};
use super::data::number;
use super::door::{Queue, Wake};

/// How the face tells answers apart; any other kind says that there was none.
const NOTHING: u32 = 0;
const TEXT: u32 = 1;
const YES: u32 = 2;
const NO: u32 = 3;
const UNKNOWN: u32 = 4;

type Answer = std::result::Result<Reply, StoreFault>;

/// A store as the machine sees it. It is not waited for: it may be on a thread that is busy, or gone.
pub(super) struct StoreLink {
    queue: Arc<Queue>,
    wake: Arc<Wake>,
    id: f64,
    can_lock: bool,
    is_closed: AtomicBool,
}

/// What has been asked and not answered, by its number, with the store that it was asked of.
#[derive(Default)]
pub(super) struct Questions {
    last: AtomicU64,
    open: Mutex<HashMap<u64, Question>>,
}

struct Question {
    /// Of whom it is asked.
    store: u64,
    /// Told when JavaScript has been handed it.
    begun: Option<Sender<()>>,
    answer: Sender<Answer>,
}

/// Forgets a question that nobody waits for any more.
struct Asked {
    queue: Arc<Queue>,
    number: u64,
}

impl StoreLink {
    pub(super) fn new(queue: Arc<Queue>, wake: Arc<Wake>, id: f64, can_lock: bool) -> Self {
        Self { queue, wake, id, can_lock, is_closed: AtomicBool::new(false) }
    }

    /// Ends it: nothing more is asked, and nobody waits for an answer.
    pub(super) fn close(&self) {
        self.is_closed.store(true, Ordering::Release);
        self.queue.questions().lock().retain(|_, question| question.store != self.id.to_bits());
    }

    fn send(&self, number: Option<u64>, operation: Operation) {
        let completion = Completion { id: self.id, outcome: Outcome::StoreWork { number, operation } };
        if !self.queue.push(&self.wake, completion) {
            self.close();
        }
    }
}

impl Store for StoreLink {
    fn perform(&self, operation: Operation) -> Performance {
        let questions = self.queue.questions();
        let number = questions.last.fetch_add(1, Ordering::Relaxed);
        let ((begin, begun), (sender, answer)) = (channel(), channel());
        let question = Question { store: self.id.to_bits(), begun: Some(begin), answer: sender };
        questions.lock().insert(number, question);
        let asked = Asked { queue: Arc::clone(&self.queue), number };
        // After the question is noted: what closes it from now on finds it.
        if self.is_open() {
            self.send(Some(number), operation);
        } else {
            self.close();
        }
        let answer = async move {
            let _asked = asked;
            answer.await.unwrap_or(Err(StoreFault::Gone))
        };
        Performance { begun: begun.map(drop).boxed(), answer: answer.boxed() }
    }

    fn tell(&self, operation: Operation) {
        if self.is_open() {
            self.send(None, operation);
        }
    }

    fn is_open(&self) -> bool {
        !self.is_closed.load(Ordering::Acquire)
    }

    fn can_lock(&self) -> bool {
        self.can_lock
    }
}

impl Drop for StoreLink {
    fn drop(&mut self) {
        self.close();
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.queue.questions().lock().remove(&self.number);
    }
}

impl Questions {
    /// Takes note that JavaScript has been handed a question.
    pub(super) fn begin(&self, number: u64) {
        let begun = self.lock().get_mut(&number).and_then(|question| question.begun.take());
        let _ = begun.map(|begun| begun.send(()));
    }

    /// Hands an answer to whoever waits for it, if anybody still does.
    pub(super) fn answer(&self, number: f64, kind: u32, text: Option<String>) {
        let Some(question) = self.lock().remove(&whole(number)) else { return };
        let answer = match (kind, text) {
            (NOTHING, _) => Ok(Reply::Nothing),
            (TEXT, Some(text)) => Ok(Reply::Text(text)),
            (YES, _) => Ok(Reply::Yes),
            (NO, _) => Ok(Reply::No),
            (UNKNOWN, _) => Ok(Reply::Unknown),
            _ => Err(StoreFault::Failed),
        };
        // Its time may have been up just now.
        drop(question.answer.send(answer));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Question>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was a whole number when it went out")]
fn whole(number: f64) -> u64 {
    number as u64
}

/// Fills a nonce with what the system has of randomness.
pub(super) fn randomness(nonce: &mut [u8; 12]) -> bool {
    SystemRandom::new().fill(nonce).is_ok()
}

/// What a store is to do, as `[number, name, key, value, ttl]`: without a number, nobody waits for its answer.
pub(super) struct StoreWork {
    number: Option<u64>,
    name: &'static str,
    key: String,
    value: Option<String>,
    ttl: Option<u64>,
}

impl StoreWork {
    pub(super) fn new(number: Option<u64>, operation: Operation) -> Self {
        let (name, key, value, ttl) = match operation {
            Operation::Get { key } => ("get", key, None, None),
            Operation::Set { key, value, ttl } => ("set", key, Some(value), Some(ttl)),
            Operation::Delete { key } => ("delete", key, None, None),
            Operation::Acquire { key, ttl } => ("acquire", key, None, Some(ttl)),
            Operation::Release { key } => ("release", key, None, None),
            Operation::Turn => ("turn", String::new(), None, None),
        };
        Self { number, name, key, value, ttl }
    }
}

impl ToNapiValue for StoreWork {
    #[expect(unsafe_code, reason = "the trait's method is unsafe; it is called on the environment's thread")]
    unsafe fn to_napi_value(env: sys::napi_env, work: Self) -> Result<sys::napi_value> {
        let numbers = (work.number.map(number), work.ttl.map(number));
        let parts = (numbers.0, work.name, work.key, work.value, numbers.1);
        // SAFETY: as for this method.
        unsafe { ToNapiValue::to_napi_value(env, parts) }
    }
}

/// What a store has done for the tokens of a client.
#[napi(object, object_from_js = false)]
pub struct StoreStats {
    pub hits: f64,
    pub misses: f64,
    pub ignored: f64,
    pub writes: f64,
    pub waits: f64,
    pub errors: f64,
    pub skips: f64,
    pub is_up: bool,
}

impl From<StoreCounts> for StoreStats {
    fn from(counts: StoreCounts) -> Self {
        Self {
            hits: count(counts.hits),
            misses: count(counts.misses),
            ignored: count(counts.ignored),
            writes: count(counts.writes),
            waits: count(counts.waits),
            errors: count(counts.errors),
            skips: count(counts.skips),
            is_up: counts.is_up,
        }
    }
}
