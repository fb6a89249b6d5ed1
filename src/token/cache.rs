//! The one token that all calls of a client use: fresh from here, or by one request for everyone who waits.

mod flight;
mod state;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;

use crate::clock::Clock;
use crate::config::REFRESH_PATIENCE;
use crate::error::Failure;
use crate::retry::Retries;

use super::AccessToken;
use super::grant::TokenSource;
use flight::{Flight, Landing};
use state::{State, Step};

type Outcome = Result<Arc<AccessToken>, Failure>;

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
}

impl<S: TokenSource> TokenCache<S> {
    pub(crate) fn new(source: S, clock: Arc<dyn Clock>, retries: Arc<Retries>, spawn: Spawn) -> Arc<Self> {
        Arc::new(Self { source, clock, retries, spawn, state: Mutex::default(), hits: AtomicU64::new(0) })
    }

    /// Gives the current token if it need not be waited for.
    pub(crate) fn fresh(self: &Arc<Self>) -> Option<Arc<AccessToken>> {
        let step = self.state().decide(Need::Fresh, self.clock.now());
        match step {
            Step::Serve { token, is_aging } => Some(self.serve(token, is_aging)),
            Step::Wait { .. } | Step::Refused(_) => None,
        }
    }

    /// Gives a token as needed; callers that have to wait share one request and its outcome, good or bad.
    pub(crate) async fn get(self: &Arc<Self>, need: Need) -> Outcome {
        loop {
            let step = self.state().decide(need, self.clock.now());
            let valid = match step {
                Step::Serve { token, is_aging } => return Ok(self.serve(token, is_aging)),
                Step::Refused(failure) => return Err(failure),
                Step::Wait { valid } => valid,
            };
            let (flight, is_outdated) = self.join();
            let outcome = match valid {
                Some(valid) => self.wait_or_use(flight, valid).await,
                None => Some(flight.land().await),
            };
            // A request from before an invalidation is waited for, because there is only one at a time; its token is
            // not what this caller came for.
            if let Some(outcome) = outcome.filter(|_| !is_outdated) {
                return outcome;
            }
        }
    }

    /// Forgets the token: the next use asks for a new one.
    pub(crate) fn invalidate(&self) {
        self.state().invalidate();
    }

    /// Takes note that the API answered `token` with 401, and tells whether another try may fare better.
    ///
    /// Only the token that got the 401 is forgotten: a late one for an old token leaves its successor alone. And 401s
    /// drive at most one new grant a second, so an API that refuses every token cannot turn its callers against the
    /// token endpoint.
    pub(crate) fn refuse(&self, token: &Arc<AccessToken>) -> bool {
        self.state().refuse(token, self.clock.now())
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Gives the number of uses that found a token here.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// Counts a use, and lets a token that is near its end be renewed behind the caller's back.
    fn serve(self: &Arc<Self>, token: Arc<AccessToken>, is_aging: bool) -> Arc<AccessToken> {
        self.hits.fetch_add(1, Ordering::Relaxed);
        if is_aging {
            self.join();
        }
        token
    }

    /// Waits a little for a better token; a refresh that fails or takes its time must not hurt while one is valid.
    ///
    /// Gives nothing if the time was up and the token has ended meanwhile.
    async fn wait_or_use(&self, flight: Flight, valid: Arc<AccessToken>) -> Option<Outcome> {
        let landed = tokio::time::timeout(REFRESH_PATIENCE, flight.land()).await.ok();
        if let Some(Ok(_)) = landed {
            return landed;
        }
        if self.state().still_holds(&valid, self.clock.now()) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Some(Ok(valid));
        }
        landed
    }

    /// Joins the request under way, or begins one; tells whether it began before an invalidation.
    fn join(self: &Arc<Self>) -> (Flight, bool) {
        let mut state = self.state();
        if let Some(flight) = &state.flight {
            return (flight.clone(), flight.is_outdated(state.generation));
        }
        let (flight, sender) = Flight::prepare(state.generation);
        state.begin(flight.clone(), self.clock.now());
        drop(state);
        // Without the lock: a request that cannot be run ends at once, and that takes the lock.
        let landing = Landing::new(Arc::clone(self), flight.generation(), sender);
        (self.spawn)(Box::pin(async move {
            let outcome = landing.cache().source.request().await.map(Arc::new);
            landing.touch_down(outcome);
        }));
        (flight, false)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can panic while it holds the lock; should it ever, the state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
