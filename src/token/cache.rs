//! The one token that all calls of a client use: fresh from here, or by one request for everyone who waits.

mod flight;
mod state;
mod supply;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use futures_util::future::{BoxFuture, Either, select};

use crate::clock::Clock;
use crate::error::Failure;
use crate::fault_point::{self, Stage};
use crate::limits::{REFRESH_PATIENCE, ROUNDS_FOR_A_TOKEN};
use crate::retry::Retries;
use crate::sync::{Mutex, MutexGuard};
use crate::trace::{Event, Listener};

use super::AccessToken;
use super::access_token::Age;
use super::fleet::{Fetched, Fleet, Seal, Store, StoreCounts, StoreReport};
use super::grant::TokenSource;
use flight::{Flight, Landing, Takeoff};
use state::{Boarding, State, Step};
use supply::supply;
pub(crate) use supply::{Source, Supply};

/// A token, or none because another member of the fleet is getting one, or why there is none.
type Outcome = Result<Option<Arc<AccessToken>>, Failure>;

/// Runs a request apart from whoever asked for it.
pub(crate) type Spawn = fn(BoxFuture<'static, ()>);

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Any token that is fresh.
    Fresh,
    /// One granted from now on, or by the request that is under way.
    New,
}

/// Keeps the current token and makes sure that there is never more than one request for the next.
///
/// There is no timer: only use refreshes a token, so an idle client costs nothing.
pub(crate) struct TokenCache<S> {
    source: S,
    clock: Arc<dyn Clock>,
    retries: Arc<Retries>,
    spawn: Spawn,
    state: Mutex<State>,
    hits: AtomicU64,
    /// The part in a fleet, once a client has brought a store.
    fleet: OnceLock<Fleet>,
}

impl<S: TokenSource> TokenCache<S> {
    pub(crate) fn new(source: S, clock: Arc<dyn Clock>, retries: Arc<Retries>, spawn: Spawn) -> Arc<Self> {
        let (state, hits, fleet) = (Mutex::default(), AtomicU64::new(0), OnceLock::new());
        Arc::new(Self { source, clock, retries, spawn, state, hits, fleet })
    }

    /// Gives the current token if it need not be waited for.
    pub(crate) fn fresh(self: &Arc<Self>) -> Option<Arc<AccessToken>> {
        let now = self.clock.now();
        let mut state = self.state();
        let Step::Serve { token, is_aging } = state.decide(Need::Fresh, now) else { return None };
        let takeoff = if is_aging { state.board(Need::Fresh, now).takeoff } else { None };
        drop(state);
        self.launch(takeoff, None);
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(token)
    }

    /// Tells whether a token is still the current one, and valid.
    pub(crate) fn holds(&self, token: &Arc<AccessToken>) -> bool {
        self.state().still_holds(token, self.clock.now())
    }

    /// Gives a token as needed; callers that have to wait share one request and its outcome, good or bad.
    ///
    /// A listener hears of the request that its caller begins, if it begins one.
    pub(crate) async fn get(self: &Arc<Self>, need: Need, listener: Option<&Listener>) -> Result<Supply, Failure> {
        for _ in 0..ROUNDS_FOR_A_TOKEN {
            let (flight, is_outdated, source, valid) = match self.take_turn(need, listener) {
                Turn::Served(token) => return Ok(Supply { token, source: Source::Cache }),
                Turn::Refused(failure) => return Err(failure),
                Turn::Waits { flight, is_outdated, source, valid } => (flight, is_outdated, source, valid),
            };
            let number = flight.number();
            let outcome = match valid {
                Some(valid) => self.wait_or_use(flight, valid, source).await,
                None => supply(flight.land().await, source),
            };
            // A request from before an invalidation is waited for, because there is only one at a time; its token is
            // not what this caller came for. Nor is another member's, for one who wants a new one.
            match outcome {
                Some(Ok(supply)) if need == Need::New && supply.token.is_stored() => {}
                Some(Ok(supply)) if !is_outdated && self.may_give(&supply.token, number) => return Ok(supply),
                Some(Err(failure)) if !is_outdated => return Err(failure),
                _ => {}
            }
        }
        Err(self.source.useless())
    }

    /// Tells whether a token that was waited for is any good: the API may have refused it meanwhile, or a clock jumped.
    fn may_give(&self, token: &Arc<AccessToken>, flight: u64) -> bool {
        token.age(self.clock.now(), 1.0) != Age::Expired && !self.state().has_refused(token, flight)
    }

    /// Looks at the state and acts on it, both under one lock: between two, a request could land and another begin.
    fn take_turn(self: &Arc<Self>, need: Need, listener: Option<&Listener>) -> Turn {
        let now = self.clock.now();
        let mut state = self.state();
        fault_point::pass(Stage::Token);
        let (turn, takeoff) = match state.decide(need, now) {
            Step::Serve { token, is_aging } => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                let takeoff = if is_aging { state.board(need, now).takeoff } else { None };
                (Turn::Served(token), takeoff)
            }
            Step::Wait { valid } => {
                let Boarding { flight, is_outdated, source, takeoff } = state.board(need, now);
                (Turn::Waits { flight, is_outdated, source, valid }, takeoff)
            }
            Step::Refused(failure) => (Turn::Refused(failure), None),
        };
        drop(state);
        self.launch(takeoff, listener);
        turn
    }

    /// Forgets the token: the next use asks for a new one.
    pub(crate) fn invalidate(&self) {
        self.state().invalidate(self.clock.now());
    }

    /// Forgets the token, and what the endpoint said last: the next use asks it anew.
    pub(crate) fn start_over(&self) {
        self.state().start_over();
    }

    /// Takes note that the API answered `token` with 401, and tells whether another try may fare better.
    ///
    /// Only the token that got the 401 is forgotten: a late one for an old token leaves its successor alone. And 401s
    /// drive at most one new grant a second, so an API that refuses every token cannot turn its callers against the
    /// token endpoint.
    pub(crate) fn refuse(&self, token: &Arc<AccessToken>) -> bool {
        self.state().refuse(token, self.clock.now())
    }

    /// Shares the token with a fleet, through a store that is there as long as its client; `seal` makes what the fleet has in
    /// common.
    pub(crate) fn join(&self, store: &Arc<dyn Store>, seal: Seal) {
        let make = || Fleet::new(seal, Arc::clone(&self.clock), Arc::clone(&self.retries));
        self.fleet.get_or_init(make).borrow(store);
    }

    /// Tells what the store did; nothing if there is none.
    pub(crate) fn store_counts(&self) -> Option<StoreCounts> {
        self.fleet.get()?.counts()
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Gives the number of uses that found a token here.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Waits a little for a better token; a refresh that fails or takes its time must not hurt while one is valid.
    ///
    /// Gives nothing if the time was up and the token has ended meanwhile.
    async fn wait_or_use(
        &self,
        flight: Flight,
        valid: Arc<AccessToken>,
        source: Source,
    ) -> Option<Result<Supply, Failure>> {
        // Half of what is left, so that a request that hangs leaves the other half to use the token in.
        let patience = REFRESH_PATIENCE.min(valid.left(self.clock.now()).mul_f64(0.5));
        let landed = match select(Box::pin(flight.land()), self.clock.sleep(patience)).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        };
        if let Some(Ok(Some(token))) = landed {
            return supply(Ok(Some(token)), source);
        }
        if self.state().still_holds(&valid, self.clock.now()) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Some(Ok(Supply { token: valid, source: Source::Cache }));
        }
        landed.and_then(|outcome| supply(outcome, source))
    }

    /// Begins a request. Without the lock: one that cannot be run ends at once, and that takes the lock.
    fn launch(self: &Arc<Self>, takeoff: Option<Takeoff>, listener: Option<&Listener>) {
        let Some(takeoff) = takeoff else { return };
        let landing = Landing::new(Arc::clone(self), takeoff, listener.map(Report::begin));
        (self.spawn)(Box::pin(async move {
            let cache = landing.cache();
            match cache.fleet.get() {
                // In a box of its own: it is larger than a request, and most programs have no fleet.
                Some(fleet) => {
                    let Fetched { outcome, store } = Box::pin(fleet.fetch(&cache.source, landing.ask())).await;
                    landing.touch_down(outcome.map(|token| token.map(Arc::new)), store);
                }
                None => {
                    let outcome = cache.source.request().await;
                    landing.touch_down(outcome.map(|token| Some(Arc::new(token))), None);
                }
            }
        }));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can panic while it holds the lock; should it ever, the state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a caller is to do.
enum Turn {
    Served(Arc<AccessToken>),
    Refused(Failure),
    Waits {
        flight: Flight,
        /// Whether it began before an invalidation.
        is_outdated: bool,
        source: Source,
        /// A token to fall back on.
        valid: Option<Arc<AccessToken>>,
    },
}

/// Tells a listener of one request: that it began, and how it ended.
struct Report {
    id: u64,
    listener: Listener,
}

impl Report {
    fn begin(listener: &Listener) -> Self {
        static LAST_ID: AtomicU64 = AtomicU64::new(0);
        let id = LAST_ID.fetch_add(1, Ordering::Relaxed);
        listener(Event::GrantBegan { id });
        Self { id, listener: Arc::clone(listener) }
    }

    fn end(self, outcome: Outcome, store: Option<StoreReport>) {
        (self.listener)(Event::GrantEnded { id: self.id, outcome, store });
    }
}

#[cfg(test)]
#[cfg(not(feature = "model"))]
mod tests;

#[cfg(test)]
#[cfg(feature = "model")]
mod model;
