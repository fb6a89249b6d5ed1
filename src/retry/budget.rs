//! How many retries a client may add to its calls: an outage must not be multiplied by those who suffer it.

use std::time::Duration;

use crate::clock::Moment;
use crate::limits::{RETRIES_PER_CALL, RETRY_RESERVE, RETRY_SAVINGS};

/// A balance of retries. Calls earn parts of one, retries cost one, and a small reserve grows back with time, so that
/// a client with few calls has retries too.
pub(super) struct Budget {
    earned: f64,
    reserve: f64,
    refilled_at: Moment,
}

impl Budget {
    pub(super) fn full(now: Moment) -> Self {
        Self { earned: 0.0, reserve: RETRY_RESERVE, refilled_at: now }
    }

    pub(super) fn earn(&mut self) {
        self.earned = (self.earned + RETRIES_PER_CALL).min(RETRY_SAVINGS);
    }

    pub(super) fn take(&mut self, now: Moment) -> bool {
        self.refill(now);
        for balance in [&mut self.earned, &mut self.reserve] {
            if *balance >= 1.0 {
                *balance -= 1.0;
                return true;
            }
        }
        false
    }

    fn refill(&mut self, now: Moment) {
        let grown = now.since(self.refilled_at).as_secs_f64() / RESERVE_GROWTH.as_secs_f64();
        self.reserve = (self.reserve + grown).min(RETRY_RESERVE);
        self.refilled_at = now;
    }
}

/// The time in which the reserve grows by one retry.
const RESERVE_GROWTH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::clock::manual::ManualClock;

    #[test]
    fn retries_stay_under_a_fifth_of_the_calls_once_the_reserve_is_spent() {
        let now = ManualClock::new().now();
        let mut budget = Budget::full(now);
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.earn();
            // Every call fails as often as it may be tried.
            while budget.take(now) {
                retries += 1;
            }
        }
        assert!((200..=210).contains(&retries), "{retries}");
    }

    #[test]
    fn the_reserve_grows_back_with_time_and_no_further() {
        let clock = ManualClock::new();
        let mut budget = Budget::full(clock.now());
        let spend =
            |budget: &mut Budget| std::iter::repeat_with(|| budget.take(clock.now())).take_while(|took| *took).count();
        assert_eq!(spend(&mut budget), 10);
        clock.advance(Duration::from_secs(3));
        assert_eq!(spend(&mut budget), 3);
        clock.advance(Duration::from_secs(3_600));
        assert_eq!(spend(&mut budget), 10);
    }
}
