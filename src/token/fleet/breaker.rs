//! Leaves a store alone that does not work, so that it costs a moment now and then, and not one for each call.

use std::time::Duration;

use crate::clock::Moment;
use crate::limits::{LONGEST_STORE_REST, STORE_REST};

use super::StoreFault;

#[derive(Default)]
pub(super) struct Breaker {
    failures: u32,
    rest: Option<(Moment, Duration)>,
    /// Since when it is known that its lock is held by nobody.
    lock_is_stuck: Option<Moment>,
}

impl Breaker {
    pub(super) fn is_closed(&self, now: Moment) -> bool {
        self.rest.is_none_or(|(since, rest)| now.since(since) >= rest)
    }

    pub(super) fn trusts_lock(&self, now: Moment) -> bool {
        self.lock_is_stuck.is_none_or(|since| now.since(since) >= LONGEST_STORE_REST)
    }

    pub(super) fn distrust_lock(&mut self, now: Moment) {
        self.lock_is_stuck = Some(now);
    }

    /// Takes note of how an operation ended; `jitter`, from 0 to 1, keeps members from coming back together.
    ///
    /// One that took all the time there was is reason enough. One that failed at once has cost nothing, and may be the last
    /// of a connection that is being made anew.
    pub(super) fn note(&mut self, fault: Option<StoreFault>, now: Moment, jitter: f64) {
        let Some(fault) = fault else {
            self.failures = 0;
            self.rest = None;
            return;
        };
        self.failures = self.failures.saturating_add(if fault == StoreFault::TooSlow { 2 } else { 1 });
        if self.failures >= 2 {
            let doublings = (self.failures / 2).saturating_sub(1).min(16);
            let rest = STORE_REST.saturating_mul(1 << doublings).min(LONGEST_STORE_REST);
            self.rest = Some((now, rest.mul_f64(jitter.midpoint(1.0))));
        }
    }
}
