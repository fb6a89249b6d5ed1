//! One token for a fleet: members of one identity find each other's tokens in a store that they all can reach, and elect
//! the one that asks for the next.
//!
//! The store is somebody else's: it may be slow, full, down or wrong. Whatever it does, a member can always go on alone, as
//! it does without a store; and it learns nothing, because all it sees is sealed.

mod breaker;
mod report;
mod seal;
mod spread;
mod store;
mod visit;

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use crate::clock::{Clock, Moment};
use crate::error::Failure;
use crate::limits::{FIRST_LOOK, LOCK_LIFE, LONGEST_FLEET_WAIT, LONGEST_LOOK};
use crate::retry::Retries;

use super::AccessToken;
use super::access_token::TokenDigest;
use super::grant::TokenSource;
use breaker::Breaker;
use report::Counts;
pub(crate) use report::{StoreCounts, StoreReport};
pub(crate) use seal::{Randomness, Seal};
pub(crate) use store::{Operation, Performance, Reply, Store, StoreFault};
use visit::{Look, Visit};

/// What a member wants of its fleet.
#[derive(Default)]
pub(super) struct Ask {
    /// Whether it has to be granted now, to this member.
    pub(super) is_forced: bool,
    /// A token that is still valid: only one that lasts longer is of use.
    pub(super) held: Option<Arc<AccessToken>>,
    /// Whether that is so near its end that it is worth waiting for the next.
    pub(super) is_due: bool,
    /// Tokens that must not come back.
    pub(super) refused: Vec<TokenDigest>,
    /// When, by the wall clock, all that had been granted was declared invalid.
    pub(super) not_before: Duration,
}

/// What came of it: a token, or nothing, because another member is getting one and there is no hurry.
pub(super) struct Fetched {
    pub(super) outcome: Result<Option<AccessToken>, Failure>,
    pub(super) store: Option<StoreReport>,
}

/// One identity's part in its fleet.
pub(super) struct Fleet {
    seal: Seal,
    clock: Arc<dyn Clock>,
    retries: Arc<Retries>,
    /// The newest is at the end. Clients of several threads may each have brought one.
    stores: Mutex<Vec<Lent>>,
    counts: Counts,
}

/// A store that a client has lent, for as long as the client lives.
struct Lent {
    store: Weak<dyn Store>,
    breaker: Breaker,
}

/// What a member is to do.
enum Turn {
    Uses(AccessToken),
    /// Somebody else renews; the present token will do.
    Leaves,
    Asks {
        /// When it was elected to, if it was.
        elected_at: Option<Moment>,
        /// Whether it has waited for others as long as there is sense in it.
        gave_up: bool,
    },
}

const ALONE: Turn = Turn::Asks { elected_at: None, gave_up: false };

impl Ask {
    /// Tells whether a token of the store is what is wanted.
    fn accepts(&self, token: &AccessToken, issued_at: Duration) -> bool {
        issued_at >= self.not_before && !self.refused.contains(&token.digest())
    }

    /// Tells whether a store that fails may be tried once more, a second later, before the member goes on alone. It goes in
    /// time to renew its token behind its users.
    fn has_time(&self, now: Moment) -> bool {
        self.may_leave() && self.held.as_ref().is_some_and(|held| held.refresh_window(now).0 < 0.5)
    }

    /// Tells whether it is enough that somebody is getting the next token.
    fn may_leave(&self) -> bool {
        self.held.is_some() && !self.is_due
    }
}

impl Fleet {
    pub(super) fn new(seal: Seal, clock: Arc<dyn Clock>, retries: Arc<Retries>) -> Self {
        Self { seal, clock, retries, stores: Mutex::default(), counts: Counts::default() }
    }

    /// Uses a store from now on, for as long as it is there, before those that were lent earlier.
    pub(super) fn borrow(&self, store: &Arc<dyn Store>) {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let is_kept = |lent: &Lent| lent.store.strong_count() > 0 && !is_same(&lent.store, store);
        stores.retain(is_kept);
        stores.push(Lent { store: Arc::downgrade(store), breaker: Breaker::default() });
    }

    /// Tells what the stores did; nothing if there is none any more.
    pub(super) fn counts(&self) -> Option<StoreCounts> {
        let now = self.clock.now();
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let mut alive = stores.iter().filter(|lent| lent.is_there()).peekable();
        alive.peek()?;
        Some(self.counts.read(alive.any(|lent| lent.breaker.is_closed(now))))
    }

    /// Gets a token from the store, or from the source and into the store.
    pub(super) async fn fetch<S: TokenSource>(&self, source: &S, ask: &Ask) -> Fetched {
        let Some(mut visit) = self.visit() else {
            let store = self.counts().map(|_| self.counts.skipped());
            if store.is_some() && !ask.is_forced && ask.has_time(self.clock.now()) {
                return Fetched { outcome: Ok(None), store };
            }
            return Fetched { outcome: source.request().await.map(Some), store };
        };
        let turn = if ask.is_forced { ALONE } else { self.take_turn(&mut visit, ask).await };
        let (elected_at, gave_up) = match turn {
            Turn::Uses(token) => return Fetched { outcome: Ok(Some(token)), store: Some(visit.report("hit")) },
            Turn::Leaves => return Fetched { outcome: Ok(None), store: Some(visit.report("left")) },
            Turn::Asks { elected_at, gave_up } => (elected_at, gave_up),
        };
        let began = self.clock.now();
        let outcome = source.request().await;
        if let Ok(token) = &outcome {
            visit.put(token, elected_at.is_some()).await;
            if gave_up && self.clock.now().since(began) < LOCK_LIFE {
                // Nobody can have had the lock honestly for so long.
                visit.distrust_lock();
            }
        }
        if elected_at.is_some_and(|at| self.clock.now().since(at) < LOCK_LIFE) {
            visit.release();
        }
        Fetched { outcome: outcome.map(Some), store: Some(visit.report("miss")) }
    }

    async fn take_turn(&self, visit: &mut Visit<'_>, ask: &Ask) -> Turn {
        match visit.look(ask).await {
            Look::Found(token) => return Turn::Uses(token),
            Look::Failed => return self.alone(ask),
            Look::Nothing => {}
        }
        if !visit.can_lock() {
            return self.take_chances(visit, ask).await;
        }
        let began = self.clock.now();
        let mut bound = FIRST_LOOK;
        loop {
            let at = self.clock.now();
            let is_elected = match visit.acquire().await {
                None => return self.alone(ask),
                Some(is_elected) => is_elected,
            };
            if is_elected {
                // Another member may have come and gone between the look and the lock.
                return match visit.look(ask).await {
                    Look::Found(token) => {
                        visit.release();
                        Turn::Uses(token)
                    }
                    _ => {
                        visit.remove_refused();
                        Turn::Asks { elected_at: Some(at), gave_up: false }
                    }
                };
            }
            if ask.may_leave() {
                return Turn::Leaves;
            }
            if self.clock.now().since(began) >= LONGEST_FLEET_WAIT {
                return Turn::Asks { elected_at: None, gave_up: true };
            }
            visit.wait(bound.mul_f64(self.retries.jitter().midpoint(1.0))).await;
            bound = bound.saturating_mul(2).min(LONGEST_LOOK);
            match visit.look_again(ask).await {
                Look::Found(token) => return Turn::Uses(token),
                Look::Failed => return self.alone(ask),
                Look::Nothing => {}
            }
        }
    }

    /// Goes on without the store.
    fn alone(&self, ask: &Ask) -> Turn {
        if ask.has_time(self.clock.now()) { Turn::Leaves } else { ALONE }
    }

    /// Goes on with a store that has no lock: members ask at moments that chance keeps apart.
    async fn take_chances(&self, visit: &mut Visit<'_>, ask: &Ask) -> Turn {
        let draw = self.retries.jitter();
        if let Some(held) = ask.held.as_ref().filter(|_| !ask.is_due) {
            let (progress, window) = held.refresh_window(self.clock.now());
            return if draw < spread::chance(progress, window) { ALONE } else { Turn::Leaves };
        }
        visit.wait_within_budget(|budget| spread::wait(draw, budget)).await;
        match visit.look(ask).await {
            Look::Found(token) => Turn::Uses(token),
            _ => ALONE,
        }
    }

    /// Finds the newest store that is there and has not just failed.
    fn visit(&self) -> Option<Visit<'_>> {
        let now = self.clock.now();
        let stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let usable = stores.iter().rev().filter(|lent| lent.breaker.is_closed(now));
        let (store, lent) =
            usable.filter_map(|lent| Some((lent.store.upgrade()?, lent))).find(|(store, _)| store.is_open())?;
        let can_lock = store.can_lock() && lent.breaker.trusts_lock(now);
        Some(Visit::new(self, store, can_lock))
    }

    fn with_breaker(&self, store: &Arc<dyn Store>, work: impl FnOnce(&mut Breaker, Moment)) {
        let now = self.clock.now();
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lent) = stores.iter_mut().find(|lent| is_same(&lent.store, store)) {
            work(&mut lent.breaker, now);
        }
    }
}

impl Lent {
    fn is_there(&self) -> bool {
        self.store.upgrade().is_some_and(|store| store.is_open())
    }
}

fn is_same(one: &Weak<dyn Store>, other: &Arc<dyn Store>) -> bool {
    std::ptr::addr_eq(one.as_ptr(), Arc::as_ptr(other))
}

#[cfg(test)]
#[cfg(not(feature = "model"))]
mod simulation;
#[cfg(test)]
#[cfg(not(feature = "model"))]
mod tests;
#[cfg(test)]
#[cfg(not(feature = "model"))]
mod world;
