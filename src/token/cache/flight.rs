//! A token request under way. It belongs to no caller, so none can take it down.

use std::sync::Arc;

use tokio::sync::watch;

use crate::error::{Endpoint, Error};
use crate::token::fleet::{Ask, StoreReport};
use crate::token::grant::TokenSource;

use super::{Outcome, Report, TokenCache};

/// A place among those who wait for the outcome.
#[derive(Clone)]
pub(super) struct Flight {
    number: u64,
    generation: u64,
    outcome: watch::Receiver<Option<Outcome>>,
}

/// A flight that is still on the ground.
pub(super) struct Takeoff {
    pub(super) number: u64,
    pub(super) generation: u64,
    /// What is wanted of the fleet, if there is one.
    pub(super) ask: Ask,
    sender: watch::Sender<Option<Outcome>>,
}

impl Flight {
    pub(super) fn prepare(number: u64, generation: u64, ask: Ask) -> (Self, Takeoff) {
        let (sender, outcome) = watch::channel(None);
        (Self { number, generation, outcome }, Takeoff { number, generation, ask, sender })
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn is_outdated(&self, generation: u64) -> bool {
        self.generation != generation
    }

    pub(super) async fn land(mut self) -> Outcome {
        let landed = self.outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        // Only a runtime that is going down drops a flight without its outcome.
        landed.unwrap_or_else(|| Err(Error::Internal("the I/O thread has ended".into()).at(Endpoint::Token, 1)))
    }
}

/// Ends a flight exactly once, whatever becomes of the task that flies it.
pub(super) struct Landing<S: TokenSource> {
    cache: Arc<TokenCache<S>>,
    takeoff: Takeoff,
    outcome: Option<Outcome>,
    store: Option<StoreReport>,
    report: Option<Report>,
}

impl<S: TokenSource> Landing<S> {
    pub(super) fn new(cache: Arc<TokenCache<S>>, takeoff: Takeoff, report: Option<Report>) -> Self {
        Self { cache, takeoff, outcome: None, store: None, report }
    }

    pub(super) fn cache(&self) -> &TokenCache<S> {
        &self.cache
    }

    pub(super) fn ask(&self) -> &Ask {
        &self.takeoff.ask
    }

    pub(super) fn touch_down(mut self, outcome: Outcome, store: Option<StoreReport>) {
        (self.outcome, self.store) = (Some(outcome), store);
    }
}

impl<S: TokenSource> Drop for Landing<S> {
    fn drop(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| {
            Err(Error::Internal("the token request ended without an outcome".into()).at(Endpoint::Token, 1))
        });
        let cache = &self.cache;
        // The state first: whoever is woken by the outcome finds it settled.
        cache.state().end(&self.takeoff, &outcome, cache.clock.now(), &cache.retries);
        if let Some(report) = self.report.take() {
            report.end(outcome.clone(), self.store);
        }
        self.takeoff.sender.send_replace(Some(outcome));
    }
}
