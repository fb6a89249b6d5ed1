//! What one use does with the store, all of it within one budget of time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, select};

use crate::limits::{LEAST_STORE_BUDGET, LOCK_LIFE, LONGEST_NOTICE, PROMPT_TURN, PROMPT_TURNS, STORE_BUDGET};
use crate::token::AccessToken;

use super::report::Counts;
use super::{Ask, Fleet, Operation, Performance, Reply, Store, StoreFault, StoreReport};

type Answer = BoxFuture<'static, Result<Reply, StoreFault>>;

pub(super) struct Visit<'a> {
    fleet: &'a Fleet,
    store: Arc<dyn Store>,
    can_lock: bool,
    /// What is left of the budget.
    left: Duration,
    time: Duration,
    waited: Duration,
    has_waited: bool,
    has_failed: bool,
    /// Whether what is in the store now must not be used by anybody.
    found_refused: bool,
}

pub(super) enum Look {
    Found(AccessToken),
    Nothing,
    Failed,
}

impl<'a> Visit<'a> {
    pub(super) fn new(fleet: &'a Fleet, store: Arc<dyn Store>, can_lock: bool) -> Self {
        Self {
            fleet,
            store,
            can_lock,
            left: STORE_BUDGET,
            time: Duration::ZERO,
            waited: Duration::ZERO,
            has_waited: false,
            has_failed: false,
            found_refused: false,
        }
    }

    pub(super) fn can_lock(&self) -> bool {
        self.can_lock
    }

    /// Looks for a token that is what is asked for.
    pub(super) fn look<'b>(&'b mut self, ask: &'b Ask) -> BoxFuture<'b, Look> {
        Box::pin(async move {
            let get = || Operation::Get { key: self.fleet.seal.name().to_owned() };
            let (first, second) = (get(), get());
            let reply = match self.perform(first).await {
                // The last word of a connection that was lost, perhaps: the next may be well.
                None if self.left > STORE_BUDGET.mul_f64(0.5) && self.store.is_open() => self.perform(second).await,
                reply => reply,
            };
            let counts = &self.fleet.counts;
            self.found_refused = false;
            let value = match reply {
                None => return Look::Failed,
                Some(Reply::Text(value)) => value,
                Some(reply) => {
                    Counts::count(if reply == Reply::Nothing { &counts.misses } else { &counts.ignored });
                    return Look::Nothing;
                }
            };
            let now = self.fleet.clock.now();
            match self.fleet.seal.open(&value, now) {
                Ok(opened) if ask.held.as_ref().is_some_and(|held| held.left(now) >= opened.token.left(now)) => {
                    Counts::count(&counts.misses);
                    Look::Nothing
                }
                Ok(opened) if ask.accepts(&opened.token, opened.issued_at) => {
                    Counts::count(&counts.hits);
                    Look::Found(opened.token)
                }
                other => {
                    self.found_refused = other.is_ok();
                    Counts::count(&counts.ignored);
                    Look::Nothing
                }
            }
        })
    }

    /// Looks while another member is getting a token. As long as that is not there, the time is not the store's.
    pub(super) async fn look_again(&mut self, ask: &Ask) -> Look {
        let (left, time) = (self.left, self.time);
        let look = self.look(ask).await;
        if matches!(look, Look::Nothing) {
            self.waited = self.waited.saturating_add(self.time.saturating_sub(time));
            (self.left, self.time) = (left, time);
        }
        look
    }

    /// Tries to become the one member that asks; gives nothing if the store fails.
    pub(super) async fn acquire(&mut self) -> Option<bool> {
        let (left, time) = (self.left, self.time);
        let ttl = u64::try_from(LOCK_LIFE.as_millis()).unwrap_or(u64::MAX);
        let key = self.fleet.seal.lock_name().to_owned();
        let Some(reply) = self.perform(Operation::Acquire { key, ttl }).await else {
            // It may have been done though its answer is lost, and the others would wait for nobody.
            self.release();
            return None;
        };
        let is_elected = reply == Reply::Yes;
        if !is_elected {
            // As above: another member has it, and that is what is waited for.
            self.waited = self.waited.saturating_add(self.time.saturating_sub(time));
            (self.left, self.time) = (left, time);
        }
        Some(is_elected)
    }

    /// Lets others have the lock, and does not wait for that.
    pub(super) fn release(&self) {
        self.store.tell(Operation::Release { key: self.fleet.seal.lock_name().to_owned() });
    }

    /// Takes a refused token out of the store, for those who do not know that it was. Only under the lock: it is still there.
    pub(super) fn remove_refused(&self) {
        if self.found_refused {
            self.store.tell(Operation::Delete { key: self.fleet.seal.name().to_owned() });
        }
    }

    /// Puts a token into the store for the rest of its life. If others wait for it, that is done too when the budget is spent,
    /// and nobody waits for it here.
    pub(super) async fn put(&mut self, token: &AccessToken, is_awaited: bool) {
        let now = self.fleet.clock.now();
        let ttl = u64::try_from(token.left(now).as_millis()).unwrap_or(u64::MAX);
        let Some(value) = self.fleet.seal.close(token, now).filter(|_| ttl > 0) else { return };
        let key = self.fleet.seal.name().to_owned();
        let operation = Operation::Set { key, value, ttl };
        if self.left.is_zero() && is_awaited {
            self.store.tell(operation);
        } else if self.perform(operation).await.is_some() {
            Counts::count(&self.fleet.counts.writes);
        }
    }

    /// Waits for another member, which is not the store's fault.
    pub(super) async fn wait(&mut self, time: Duration) {
        if !self.has_waited {
            self.has_waited = true;
            Counts::count(&self.fleet.counts.waits);
        }
        let began = self.fleet.clock.now();
        self.fleet.clock.sleep(time).await;
        self.waited = self.waited.saturating_add(self.fleet.clock.now().since(began));
    }

    /// Waits for as long as `length` makes of what is left of the budget, and takes that out of it.
    pub(super) async fn wait_within_budget(&mut self, length: impl FnOnce(Duration) -> Duration) {
        let wait = length(self.left);
        self.wait(wait).await;
        self.left = self.left.saturating_sub(wait);
    }

    /// Does without the store's lock for a while.
    pub(super) fn distrust_lock(&self) {
        self.fleet.with_breaker(&self.store, |breaker, now| breaker.distrust_lock(now));
    }

    pub(super) fn report(&self, outcome: &'static str) -> StoreReport {
        let outcome = if self.has_failed && outcome != "hit" { "failed" } else { outcome };
        StoreReport { outcome, time: self.time, waited: self.waited }
    }

    /// Performs an operation within what is left of the budget. In a box, as what follows: it is rare, and smaller so.
    fn perform(&mut self, operation: Operation) -> BoxFuture<'_, Option<Reply>> {
        Box::pin(async move {
            if self.left.is_zero() {
                return None;
            }
            let began = self.fleet.clock.now();
            let needs_word = matches!(operation, Operation::Acquire { .. });
            let Performance { begun, answer } = self.store.perform(operation);
            let outcome = match select(begun, self.fleet.clock.sleep(LONGEST_NOTICE)).await {
                Either::Left(_) => self.wait_for(answer).await,
                Either::Right(_) => Err(StoreFault::TooSlow),
            };
            let outcome = match outcome {
                Ok(Reply::Unknown) if needs_word => Err(StoreFault::Failed),
                outcome => outcome,
            };
            self.time = self.time.saturating_add(self.fleet.clock.now().since(began));
            if outcome == Err(StoreFault::TooSlow) {
                self.left = Duration::ZERO;
            }
            let fault = outcome.as_ref().err().copied();
            if fault != Some(StoreFault::Gone) {
                let jitter = self.fleet.retries.jitter();
                self.fleet.with_breaker(&self.store, |breaker, now| breaker.note(fault, now, jitter));
            }
            if fault.is_some() {
                self.has_failed = true;
                Counts::count(&self.fleet.counts.errors);
            }
            outcome.ok()
        })
    }

    /// Waits for an answer until the budget is spent; and then for as long as the event loop has not had a look at what has come.
    /// A loop that is late with that is not the store's slowness.
    async fn wait_for(&mut self, answer: Answer) -> Result<Reply, StoreFault> {
        let began = self.fleet.clock.now();
        let outcome = match select(answer, self.fleet.clock.sleep(self.left)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((_, answer)) => {
                let patience = select(Box::pin(self.see_loop_catch_up()), self.fleet.clock.sleep(LONGEST_NOTICE));
                match select(answer, patience).await {
                    Either::Left((outcome, _)) => outcome,
                    Either::Right(_) => Err(StoreFault::TooSlow),
                }
            }
        };
        let time = self.fleet.clock.now().since(began);
        // An answer after its time: it was this machine that was late.
        let least = if time >= self.left { LEAST_STORE_BUDGET } else { Duration::ZERO };
        self.left = self.left.saturating_sub(time).max(least);
        outcome
    }

    /// Ends when the event loop turns without delay, some times in a row: what comes over a connection that is being made needs
    /// several turns.
    async fn see_loop_catch_up(&self) {
        let mut prompt = 0_u32;
        while prompt < PROMPT_TURNS {
            let began = self.fleet.clock.now();
            if self.store.perform(Operation::Turn).answer.await.is_err() {
                return;
            }
            let is_prompt = self.fleet.clock.now().since(began) < PROMPT_TURN;
            prompt = if is_prompt { prompt.saturating_add(1) } else { 0 };
        }
    }
}
