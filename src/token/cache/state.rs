//! What is known of the token at one moment, and what a caller who comes then should do. No waiting, no I/O.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::config::{BETWEEN_REFRESHES, REFUSAL_MEMORY};
use crate::error::{Error, Failure};
use crate::retry::Retries;
use crate::token::AccessToken;
use crate::token::access_token::Age;

use super::flight::Flight;
use super::{Need, Outcome};

/// What a caller should do.
pub(super) enum Step {
    /// Take this token; if it is aging, let it be renewed meanwhile.
    Serve { token: Arc<AccessToken>, is_aging: bool },
    /// Wait for the request under way, or begin one. `valid` is a token to fall back on.
    Wait { valid: Option<Arc<AccessToken>> },
    /// Hear what the endpoint said a moment ago.
    Refused(Failure),
}

#[derive(Default)]
pub(super) struct State {
    current: Option<Current>,
    /// The token the API refused while a request was under way: that request must not bring it back. One that began
    /// later may, for then the endpoint knows better.
    refused: Option<Arc<AccessToken>>,
    refused_at: Option<Moment>,
    /// The endpoint's last word, if it was a refusal.
    refusal: Option<(Moment, Failure)>,
    /// Counts invalidations: a request that began before one must not fill the cache after it.
    pub(super) generation: u64,
    pub(super) flight: Option<Flight>,
    pace: Pace,
}

struct Current {
    token: Arc<AccessToken>,
    /// Drawn for each token, so that a fleet that started together does not refresh together.
    jitter: f64,
}

/// When the next refresh of a valid token may begin.
#[derive(Default)]
struct Pace {
    rest: Option<(Moment, Duration)>,
    failures: u32,
}

impl State {
    pub(super) fn decide(&self, need: Need, now: Moment) -> Step {
        let current = self.current.as_ref().filter(|_| need == Need::Fresh);
        let age = current.map_or(Age::Expired, |current| current.token.age(now, current.jitter));
        match (age, current.map(|current| Arc::clone(&current.token))) {
            (Age::Fresh, Some(token)) => Step::Serve { token, is_aging: false },
            (Age::Aging, Some(token)) => {
                let is_aging = self.flight.is_none() && self.pace.allows_refresh(now);
                Step::Serve { token, is_aging }
            }
            (Age::Due, Some(token)) if self.flight.is_some() || self.pace.allows_refresh(now) => {
                Step::Wait { valid: Some(token) }
            }
            (Age::Due, Some(token)) => Step::Serve { token, is_aging: false },
            (Age::Expired, _) | (_, None) => match &self.refusal {
                Some((at, failure)) if self.flight.is_none() && now.since(*at) < REFUSAL_MEMORY => {
                    Step::Refused(failure.clone())
                }
                _ => Step::Wait { valid: None },
            },
        }
    }

    pub(super) fn begin(&mut self, flight: Flight, now: Moment) {
        self.flight = Some(flight);
        self.pace.rest = Some((now, BETWEEN_REFRESHES));
    }

    pub(super) fn end(&mut self, generation: u64, outcome: &Outcome, now: Moment, retries: &Retries) {
        self.flight = None;
        self.refusal = None;
        let refused = self.refused.take();
        match outcome {
            Ok(token) => {
                self.pace.failures = 0;
                let was_refused = refused.is_some_and(|refused| refused.is_same_as(token));
                if self.generation == generation && !was_refused {
                    self.current = Some(Current { token: Arc::clone(token), jitter: retries.jitter() });
                }
            }
            Err(failure) => {
                self.pace.slow_down(&failure.error, now, retries);
                if matches!(&failure.error, Error::Auth(refusal) if !refusal.retryable) {
                    self.refusal = Some((now, failure.clone()));
                }
            }
        }
    }

    pub(super) fn invalidate(&mut self) {
        self.current = None;
        self.generation = self.generation.wrapping_add(1);
    }

    pub(super) fn refuse(&mut self, token: &Arc<AccessToken>, now: Moment) -> bool {
        if !self.is_current(token) {
            return true;
        }
        if self.refused_at.is_some_and(|last| now.since(last) < BETWEEN_REFRESHES) {
            return false;
        }
        let token = self.current.take().map(|current| current.token);
        self.refused = token.filter(|_| self.flight.is_some());
        self.refused_at = Some(now);
        true
    }

    /// Tells whether a token that a caller was about to use may still be used.
    pub(super) fn still_holds(&self, token: &Arc<AccessToken>, now: Moment) -> bool {
        self.is_current(token) && token.age(now, 1.0) != Age::Expired
    }

    fn is_current(&self, token: &AccessToken) -> bool {
        self.current.as_ref().is_some_and(|current| current.token.is_same_as(token))
    }
}

impl Pace {
    fn allows_refresh(&self, now: Moment) -> bool {
        self.rest.is_none_or(|(since, rest)| now.since(since) >= rest)
    }

    fn slow_down(&mut self, error: &Error, now: Moment, retries: &Retries) {
        self.failures = self.failures.saturating_add(1);
        let asked = error.retry_after(now);
        let rest = asked.unwrap_or_else(|| retries.backoff(self.failures)).max(BETWEEN_REFRESHES);
        self.rest = Some((now, rest));
    }
}
