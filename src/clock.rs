//! Time, handed in: what the machine knows of "now".

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;

/// Tells the time on two clocks, and lets it go by.
pub(crate) trait Clock: Send + Sync + 'static {
    fn now(&self) -> Moment;

    /// Ends when so much time has gone by.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
}

/// One instant, read on both clocks.
///
/// Neither is enough alone: the monotonic clock stands still while a laptop sleeps or a function is frozen, and the
/// wall clock can be set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Since a fixed but arbitrary start; never goes back.
    pub(crate) monotonic: Duration,
    /// Since the Unix epoch; may jump either way.
    pub(crate) wall: Duration,
}

impl Moment {
    /// Gives the time gone by since `earlier`, as the clock that saw more of it says.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let wall = self.wall.saturating_sub(earlier.wall);
        monotonic.max(wall)
    }
}

/// The clocks of this machine.
pub(crate) struct SystemClock {
    start: Instant,
}

impl SystemClock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment {
            monotonic: self.start.elapsed(),
            // A clock set before 1970 counts as 1970; the monotonic clock still ages tokens.
            wall: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "an overflow ends the test that caused it, and nothing else")]
pub(crate) mod manual {
    //! A clock that tests set by hand.

    use std::sync::{Mutex, PoisonError};

    use super::{BoxFuture, Clock, Duration, Moment};

    pub(crate) struct ManualClock(Mutex<Moment>);

    impl ManualClock {
        pub(crate) fn new() -> Self {
            Self(Mutex::new(Moment { monotonic: Duration::from_secs(1), wall: Duration::from_secs(1_800_000_000) }))
        }

        /// Lets both clocks run.
        pub(crate) fn advance(&self, by: Duration) {
            self.change(|moment| {
                moment.monotonic += by;
                moment.wall += by;
            });
        }

        /// Lets only the wall clock run, as in a suspended machine.
        pub(crate) fn suspend(&self, by: Duration) {
            self.change(|moment| moment.wall += by);
        }

        /// Sets the wall clock back.
        pub(crate) fn set_back(&self, by: Duration) {
            self.change(|moment| moment.wall -= by);
        }

        fn change(&self, change: impl FnOnce(&mut Moment)) {
            change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Moment {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// Goes by tokio's clock, which tests pause.
        fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
            Box::pin(tokio::time::sleep(time))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(monotonic: u64, wall: u64) -> Moment {
        Moment { monotonic: Duration::from_secs(monotonic), wall: Duration::from_secs(wall) }
    }

    #[test]
    fn elapsed_time_is_what_the_faster_clock_says() {
        assert_eq!(moment(10, 1_000).since(moment(5, 100)), Duration::from_secs(900));
        assert_eq!(moment(10, 50).since(moment(5, 100)), Duration::from_secs(5));
    }

    #[test]
    fn the_system_clock_moves_forward() {
        let clock = SystemClock::new();
        let first = clock.now();
        assert!(clock.now().monotonic >= first.monotonic);
        assert!(first.wall > Duration::from_secs(1_600_000_000));
    }
}
