//! When a request is made once more, and how long that waits.

mod budget;
mod policy;
mod retry_after;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;
use crate::limits::{BACKOFF_BASE, BACKOFF_LIMIT};

use budget::Budget;
pub(crate) use policy::{is_idempotent, may_repeat};
#[cfg(fuzzing)]
pub(crate) use retry_after::properties as retry_after_properties;
pub(crate) use retry_after::retry_after;

/// Waits between tries, and how many tries a client may add to its calls.
pub(crate) struct Retries {
    clock: Arc<dyn Clock>,
    random: Mutex<fastrand::Rng>,
    budget: Mutex<Budget>,
}

impl Retries {
    /// Takes the seed of the jitter: the same seed gives the same waits.
    pub(crate) fn new(clock: Arc<dyn Clock>, seed: u64) -> Self {
        let budget = Budget::full(clock.now());
        Self { clock, random: Mutex::new(fastrand::Rng::with_seed(seed)), budget: Mutex::new(budget) }
    }

    /// Counts a call: every one earns the client a part of a retry.
    pub(crate) fn count_call(&self) {
        self.budget.lock().unwrap_or_else(PoisonError::into_inner).earn();
    }

    /// Takes one retry out of the budget, if there is one left in it.
    pub(crate) fn take(&self) -> bool {
        let now = self.clock.now();
        self.budget.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    /// Draws the wait before try `tries_so_far + 1`: anywhere between nothing and a bound that doubles (full jitter),
    /// so that clients that failed together do not come back together.
    pub(crate) fn backoff(&self, tries_so_far: u32) -> Duration {
        let doublings = tries_so_far.saturating_sub(1).min(16);
        let bound = BACKOFF_BASE.saturating_mul(1 << doublings).min(BACKOFF_LIMIT);
        bound.mul_f64(self.jitter())
    }

    /// Draws a name that nothing else has.
    pub(crate) fn random_id(&self) -> [u8; 16] {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).u128(..).to_le_bytes()
    }

    /// Draws a number from 0 to 1.
    pub(crate) fn jitter(&self) -> f64 {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::manual::ManualClock;

    fn retries(seed: u64) -> Retries {
        Retries::new(Arc::new(ManualClock::new()), seed)
    }

    #[test]
    fn waits_are_spread_below_a_bound_that_doubles_up_to_its_limit() {
        let retries = retries(7);
        for (tries, bound) in [(1, 100), (2, 200), (3, 400), (40, 5_000)] {
            let waits: Vec<_> = (0..500).map(|_| retries.backoff(tries)).collect();
            let bound = Duration::from_millis(bound);
            assert!(waits.iter().all(|wait| *wait <= bound), "try {tries}");
            assert!(waits.iter().any(|wait| *wait > bound.mul_f64(0.9)), "try {tries} reaches up");
            assert!(waits.iter().any(|wait| *wait < bound.mul_f64(0.1)), "try {tries} reaches down");
        }
    }

    #[test]
    fn the_same_seed_draws_the_same_waits() {
        let draw = |seed| (1..20).map(|tries| retries(seed).backoff(tries)).collect::<Vec<_>>();
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
