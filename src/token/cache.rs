//! The one token that all calls of a client use: fresh from here, or by one request for everyone who waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Moment};
use crate::error::{Endpoint, Error, Failure};

use super::AccessToken;
use super::grant::TokenSource;

type Outcome = Result<Arc<AccessToken>, Failure>;

/// What a caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Any token that is fresh.
    Fresh,
    /// One granted from now on, or by the request that is under way.
    New,
}

/// Keeps the current token and makes sure that there is never more than one request for the next.
pub(crate) struct TokenCache<S> {
    source: S,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    hits: AtomicU64,
}

#[derive(Default)]
struct State {
    current: Option<Arc<AccessToken>>,
    /// The last token the API refused: a grant that yields it again is not kept.
    refused: Option<Arc<AccessToken>>,
    refused_at: Option<Moment>,
    /// Counts invalidations: a request that began before one must not fill the cache after it.
    generation: u64,
    flight: Option<Flight>,
}

/// A request under way. It belongs to no caller, so none can take it down.
#[derive(Clone)]
struct Flight {
    generation: u64,
    outcome: watch::Receiver<Option<Outcome>>,
}

impl<S: TokenSource> TokenCache<S> {
    pub(crate) fn new(source: S, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { source, clock, state: Mutex::default(), hits: AtomicU64::new(0) })
    }

    /// Gives the current token if it is fresh, without waiting for anything.
    pub(crate) fn fresh(&self) -> Option<Arc<AccessToken>> {
        let token = self.state().fresh(&*self.clock)?;
        self.hits.fetch_add(1, Ordering::Relaxed);
        Some(token)
    }

    /// Gives a token as needed; callers that have to wait share one request and its outcome, good or bad.
    pub(crate) async fn get(self: &Arc<Self>, need: Need) -> Outcome {
        loop {
            let (flight, generation) = {
                let mut state = self.state();
                if need == Need::Fresh
                    && let Some(token) = state.fresh(&*self.clock)
                {
                    self.hits.fetch_add(1, Ordering::Relaxed);
                    return Ok(token);
                }
                let generation = state.generation;
                let flight = state.flight.clone().unwrap_or_else(|| self.take_off(&mut state));
                (flight, generation)
            };
            let is_outdated = flight.generation != generation;
            let outcome = flight.land().await;
            // A request from before an invalidation is waited for, because there is only one at a time; its token is
            // not what this caller came for.
            if !is_outdated {
                return outcome;
            }
        }
    }

    /// Forgets the token: the next use asks for a new one.
    pub(crate) fn invalidate(&self) {
        let mut state = self.state();
        state.current = None;
        state.generation = state.generation.wrapping_add(1);
    }

    /// Takes note that the API answered `token` with 401, and tells whether another try may fare better.
    ///
    /// Only the token that got the 401 is forgotten: a late one for an old token leaves its successor alone. And 401s
    /// drive at most one new grant a second, so an API that refuses every token cannot turn its callers against the
    /// token endpoint.
    pub(crate) fn refuse(&self, token: &Arc<AccessToken>) -> bool {
        let now = self.clock.now();
        let mut state = self.state();
        let is_current = state.current.as_ref().is_some_and(|current| current.is_same_as(token));
        if !is_current {
            return true;
        }
        if state.refused_at.is_some_and(|last| now.since(last) < BETWEEN_REFUSALS) {
            return false;
        }
        state.refused = state.current.take();
        state.refused_at = Some(now);
        true
    }

    pub(crate) fn source(&self) -> &S {
        &self.source
    }

    /// Gives the number of uses that found a fresh token here.
    pub(crate) fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    fn take_off(self: &Arc<Self>, state: &mut State) -> Flight {
        let (sender, outcome) = watch::channel(None);
        let flight = Flight { generation: state.generation, outcome };
        state.flight = Some(flight.clone());
        let landing = Landing { cache: Arc::clone(self), generation: flight.generation, sender, outcome: None };
        tokio::spawn(async move {
            let outcome = landing.cache.source.request().await.map(Arc::new);
            landing.touch_down(outcome);
        });
        flight
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing below can panic while it holds the lock; should it ever, the state is still whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often a 401 may drive a new grant.
const BETWEEN_REFUSALS: Duration = Duration::from_secs(1);

impl State {
    fn fresh(&self, clock: &dyn Clock) -> Option<Arc<AccessToken>> {
        let token = self.current.as_ref()?;
        token.is_fresh(clock.now()).then(|| Arc::clone(token))
    }

    fn keep(&mut self, token: &Arc<AccessToken>) {
        let was_refused = self.refused.as_ref().is_some_and(|refused| refused.is_same_as(token));
        if !was_refused {
            self.current = Some(Arc::clone(token));
        }
    }
}

impl Flight {
    async fn land(mut self) -> Outcome {
        let landed = self.outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        // Only a runtime that is going down drops a flight without its outcome.
        landed.unwrap_or_else(|| Err(Error::Internal("the I/O thread has ended".into()).at(Endpoint::Token, 1)))
    }
}

/// Ends a flight exactly once, whatever becomes of the task that flies it.
struct Landing<S: TokenSource> {
    cache: Arc<TokenCache<S>>,
    generation: u64,
    sender: watch::Sender<Option<Outcome>>,
    outcome: Option<Outcome>,
}

impl<S: TokenSource> Landing<S> {
    fn touch_down(mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
    }
}

impl<S: TokenSource> Drop for Landing<S> {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| {
            Err(Error::Internal("the token request ended without an outcome".into()).at(Endpoint::Token, 1))
        });
        let mut state = self.cache.state();
        if let Ok(token) = &outcome
            && state.generation == self.generation
        {
            state.keep(token);
        }
        state.flight = None;
        drop(state);
        self.sender.send_replace(Some(outcome));
    }
}

#[cfg(test)]
mod tests;
