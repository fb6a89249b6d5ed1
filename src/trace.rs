//! What a call tells of its course while it goes on, to whoever listens: never a token, never a query.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Failure, Phase};
use crate::token::{AccessToken, Source, StoreReport};

/// Hears of events as they happen, on the thread they happen on.
pub(crate) type Listener = Arc<dyn Fn(Event) + Send + Sync>;

pub(crate) enum Event {
    AttemptEnded(AttemptReport),
    /// A token request began; whoever caused it hears of its end too.
    GrantBegan {
        id: u64,
    },
    GrantEnded {
        id: u64,
        /// No token, if another member of the fleet is getting one.
        outcome: Result<Option<Arc<AccessToken>>, Failure>,
        store: Option<StoreReport>,
    },
}

/// One attempt of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AttemptReport {
    /// 1 for the first.
    pub(crate) number: u32,
    pub(crate) ending: Ending,
    /// Nothing where no token was needed.
    pub(crate) token_source: Option<Source>,
    pub(crate) timings: Timings,
}

/// How an attempt ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ending {
    /// With an answer, of this status.
    Status(u16),
    /// Without one that could be used; the code of its error.
    Code(&'static str),
    /// Its caller went away.
    GivenUp,
}

/// Time spent in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timings([Duration; 5]);

impl Timings {
    pub(crate) fn of(&self, phase: Phase) -> Duration {
        self.0.get(phase as usize).copied().unwrap_or_default()
    }

    fn add(&mut self, phase: Phase, time: Duration) {
        if let Some(spent) = self.0.get_mut(phase as usize) {
            *spent = spent.saturating_add(time);
        }
    }
}

/// Measures the phases of an attempt.
#[derive(Debug)]
pub(crate) struct Stopwatch(Mutex<Reading>);

#[derive(Clone, Copy, Debug)]
struct Reading {
    phase: Phase,
    since: Instant,
    spent: Timings,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(Mutex::new(Reading::new(Phase::Token)))
    }

    /// Forgets what it measured.
    pub(crate) fn restart(&self, phase: Phase) {
        self.with(|reading| *reading = Reading::new(phase));
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.with(|reading| reading.turn_to(phase));
    }

    /// Gives the time spent in each phase up to now.
    pub(crate) fn read(&self) -> Timings {
        self.with(|reading| {
            reading.turn_to(reading.phase);
            reading.spent
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Reading) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reading {
    fn new(phase: Phase) -> Self {
        Self { phase, since: Instant::now(), spent: Timings::default() }
    }

    fn turn_to(&mut self, phase: Phase) {
        let now = Instant::now();
        self.spent.add(self.phase, now.saturating_duration_since(self.since));
        self.phase = phase;
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_to_the_phase_it_was_spent_in_and_a_restart_forgets_it() {
        let watch = Stopwatch::start();
        std::thread::sleep(Duration::from_millis(2));
        watch.enter(Phase::Headers);
        assert!(watch.read().of(Phase::Token) >= Duration::from_millis(2));
        assert_eq!(watch.read().of(Phase::Body), Duration::ZERO);
        watch.restart(Phase::Queue);
        assert_eq!(watch.read().of(Phase::Token), Duration::ZERO);
    }
}
