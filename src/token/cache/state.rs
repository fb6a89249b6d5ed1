//! What is known of the token at one moment, and what a caller who comes then should do. No waiting, no I/O.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::error::{Error, Failure};
use crate::limits::{BETWEEN_REFRESHES, REFUSAL_MEMORY, REFUSED_DIGESTS};
use crate::retry::Retries;
use crate::token::AccessToken;
use crate::token::access_token::{Age, TokenDigest};
use crate::token::fleet::Ask;

use super::flight::{Flight, Takeoff};
use super::{Need, Outcome, Source};

/// What a caller should do.
pub(super) enum Step {
    /// Take this token; if it is aging, let it be renewed meanwhile.
    Serve { token: Arc<AccessToken>, is_aging: bool },
    /// Wait for the request under way, or begin one. `valid` is a token to fall back on.
    Wait { valid: Option<Arc<AccessToken>> },
    /// Hear what the endpoint said a moment ago.
    Refused(Failure),
}

/// A place with the request under way.
pub(super) struct Boarding {
    pub(super) flight: Flight,
    /// Whether it began before an invalidation.
    pub(super) is_outdated: bool,
    pub(super) source: Source,
    /// The duty to make the request, if it begins with this caller.
    pub(super) takeoff: Option<Takeoff>,
}

#[derive(Default)]
pub(super) struct State {
    current: Option<Current>,
    /// The token the API refused last, and how many requests had begun by then: none of those may bring it back. One
    /// that began later may, for then the endpoint knows better.
    refused: Option<(Arc<AccessToken>, u64)>,
    refused_at: Option<Moment>,
    /// The last that were refused or invalidated: what a store holds may not bring them back, ever.
    banned: VecDeque<TokenDigest>,
    /// When all that had been granted anywhere was invalidated here, by the wall clock.
    invalidated_at: Duration,
    /// The endpoint's last word, if it was a refusal.
    refusal: Option<(Moment, Failure)>,
    /// Counts invalidations: a request that began before one must not fill the cache after it.
    generation: u64,
    /// Counts the requests that have begun.
    flights: u64,
    flight: Option<Flight>,
    /// Whether there has been a token.
    has_granted: bool,
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

    /// Joins the request under way, or begins one.
    pub(super) fn board(&mut self, need: Need, now: Moment) -> Boarding {
        if let Some(flight) = &self.flight {
            let is_outdated = flight.is_outdated(self.generation);
            return Boarding { flight: flight.clone(), is_outdated, source: Source::Shared, takeoff: None };
        }
        let source = if self.has_granted { Source::Refreshed } else { Source::Fresh };
        self.flights = self.flights.wrapping_add(1);
        let (flight, takeoff) = Flight::prepare(self.flights, self.generation, self.ask(need, now));
        self.flight = Some(flight.clone());
        self.pace.rest = Some((now, BETWEEN_REFRESHES));
        Boarding { flight, is_outdated: false, source, takeoff: Some(takeoff) }
    }

    pub(super) fn end(&mut self, flight: &Takeoff, outcome: &Outcome, now: Moment, retries: &Retries) {
        let generation = flight.generation;
        self.flight = None;
        self.refusal = None;
        match outcome {
            // Nothing was asked of the endpoint, and another member's token may be there in a moment.
            Ok(None) => self.pace.rest = self.current.as_ref().map(|current| (now, current.token.next_look(now))),
            Ok(Some(token)) => {
                self.pace.failures = 0;
                self.has_granted = true;
                if self.generation == generation && !self.has_refused(token, flight.number) {
                    self.current = Some(Current { token: Arc::clone(token), jitter: retries.jitter() });
                }
            }
            Err(failure) => {
                self.pace.slow_down(&failure.error, now, retries);
                let is_refusal = match &failure.error {
                    Error::Auth(refusal) => !refusal.retryable,
                    // A redirect: the secret should not be shown to whatever is there again and again.
                    Error::Response { .. } => true,
                    _ => false,
                };
                if is_refusal && self.generation == generation {
                    self.refusal = Some((now, failure.clone()));
                }
            }
        }
    }

    pub(super) fn invalidate(&mut self, now: Moment) {
        self.invalidated_at = now.wall;
        self.forget();
    }

    /// Unlike an invalidation it says nothing of what other members of the fleet have: they may be ahead with the same new
    /// credentials.
    pub(super) fn start_over(&mut self) {
        self.forget();
        self.refusal = None;
    }

    fn forget(&mut self) {
        if let Some(current) = self.current.take() {
            self.ban(&current.token);
        }
        self.generation = self.generation.wrapping_add(1);
    }

    fn ban(&mut self, token: &AccessToken) {
        let digest = token.digest();
        // Many calls may have been made with it.
        if self.banned.contains(&digest) {
            return;
        }
        self.banned.truncate(REFUSED_DIGESTS.saturating_sub(1));
        self.banned.push_front(digest);
    }

    /// Says what is wanted of the fleet.
    fn ask(&self, need: Need, now: Moment) -> Ask {
        let age = |current: &&Current| current.token.age(now, current.jitter);
        let held = self.current.as_ref().filter(|current| age(current) != Age::Expired);
        Ask {
            is_forced: need == Need::New,
            is_due: held.is_some_and(|current| age(&current) == Age::Due),
            held: held.map(|current| Arc::clone(&current.token)),
            refused: self.banned.iter().copied().collect(),
            not_before: self.invalidated_at,
        }
    }

    pub(super) fn refuse(&mut self, token: &Arc<AccessToken>, now: Moment) -> bool {
        if !self.is_current(token) {
            self.ban(token);
            return true;
        }
        if self.refused_at.is_some_and(|last| now.since(last) < BETWEEN_REFRESHES) {
            return false;
        }
        self.current = None;
        self.ban(token);
        self.refused = Some((Arc::clone(token), self.flights));
        self.refused_at = Some(now);
        true
    }

    /// Tells whether a token was refused while the request that brought it was under way.
    pub(super) fn has_refused(&self, token: &AccessToken, flight: u64) -> bool {
        (token.is_stored() && self.banned.contains(&token.digest()))
            || self.refused.as_ref().is_some_and(|(refused, flights)| flight <= *flights && refused.is_same_as(token))
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
