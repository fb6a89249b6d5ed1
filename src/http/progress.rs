//! How far one call has come: what a deadline needs to know when it passes.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tower_layer::Layer;
use tower_service::Service;

use crate::error::{Endpoint, Failure, Phase};
use crate::fault_point::{self, Stage};
use crate::trace::{Stopwatch, Timings};

tokio::task_local! {
    /// The progress of the call whose request is being sent by this task.
    pub(super) static CURRENT: Arc<Progress>;
}

/// Phase and attempts of one call; written where the work is done, read where it is given up.
#[derive(Debug)]
pub(crate) struct Progress {
    phase: AtomicU8,
    attempts: AtomicU32,
    /// Whether the present attempt needed no new connection.
    is_reused: AtomicBool,
    /// Whether the next request is to have a connection of its own.
    needs_new_connection: AtomicBool,
    is_out_of_time: AtomicBool,
    /// For a call that somebody watches.
    stopwatch: Option<Stopwatch>,
    /// What ended the attempt before.
    earlier: Mutex<Option<Box<Failure>>>,
}

const PHASES: [Phase; 5] = [Phase::Token, Phase::Queue, Phase::Connect, Phase::Headers, Phase::Body];

impl Progress {
    pub(crate) fn new() -> Arc<Self> {
        Self::with(None)
    }

    /// Like [`Progress::new`], and measures the phases.
    pub(crate) fn timed() -> Arc<Self> {
        Self::with(Some(Stopwatch::start()))
    }

    fn with(stopwatch: Option<Stopwatch>) -> Arc<Self> {
        Arc::new(Self {
            phase: AtomicU8::new(Phase::Token as u8),
            attempts: AtomicU32::new(0),
            is_reused: AtomicBool::new(true),
            needs_new_connection: AtomicBool::new(false),
            is_out_of_time: AtomicBool::new(false),
            stopwatch,
            earlier: Mutex::default(),
        })
    }

    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.enter(phase);
        }
    }

    /// Turns to the token that the next attempt needs; what is measured belongs to that attempt.
    pub(crate) fn enter_next_attempt(&self) {
        self.phase.store(Phase::Token as u8, Ordering::Relaxed);
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.restart(Phase::Token);
        }
    }

    /// Gives what was measured of the present attempt.
    pub(crate) fn timings(&self) -> Timings {
        self.stopwatch.as_ref().map(Stopwatch::read).unwrap_or_default()
    }

    pub(crate) fn phase(&self) -> Phase {
        let stored = usize::from(self.phase.load(Ordering::Relaxed));
        PHASES.get(stored).copied().unwrap_or(Phase::Token)
    }

    /// Which endpoint the call is busy with.
    pub(crate) fn endpoint(&self) -> Endpoint {
        if self.phase() == Phase::Token { Endpoint::Token } else { Endpoint::Api }
    }

    /// Counts one more attempt.
    pub(crate) fn begin_attempt(&self) {
        self.is_reused.store(true, Ordering::Relaxed);
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Tells whether the present attempt went out on a connection that was there before.
    pub(crate) fn is_reused(&self) -> bool {
        self.is_reused.load(Ordering::Relaxed)
    }

    /// Notes that the deadline has passed, for whoever cleans up.
    pub(crate) fn run_out_of_time(&self) {
        self.is_out_of_time.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_out_of_time(&self) -> bool {
        self.is_out_of_time.load(Ordering::Relaxed)
    }

    /// Asks for a new connection for the next request: the kept ones may all be as dead as the one that was tried.
    pub(crate) fn need_new_connection(&self) {
        self.needs_new_connection.store(true, Ordering::Relaxed);
    }

    pub(super) fn takes_new_connection(&self) -> bool {
        self.needs_new_connection.swap(false, Ordering::Relaxed)
    }

    pub(crate) fn attempts(&self) -> u32 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Keeps what ended an attempt, for a failure that may follow it.
    pub(crate) fn remember(&self, failure: Failure) {
        *self.earlier.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(failure));
    }

    /// Gives the failure that was remembered, once.
    pub(crate) fn take_earlier(&self) -> Option<Box<Failure>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A layer around reqwest's connector that tells the call when its connection is being made.
///
/// reqwest says nothing of that by itself. Its connector runs in the task of the call that needs the connection, so a
/// task-local finds the way; a call that gets an idle connection never passes here.
#[derive(Clone, Copy, Debug)]
pub(super) struct ConnectPhase;

impl<S> Layer<S> for ConnectPhase {
    type Service = ConnectPhaseService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ConnectPhaseService { inner }
    }
}

#[derive(Clone, Debug)]
pub(super) struct ConnectPhaseService<S> {
    inner: S,
}

impl<S, Destination> Service<Destination> for ConnectPhaseService<S>
where
    S: Service<Destination>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<S::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, destination: Destination) -> Self::Future {
        let connecting = self.inner.call(destination);
        let progress = CURRENT.try_with(Arc::clone).ok();
        Box::pin(async move {
            fault_point::pass(Stage::Connect);
            if let Some(progress) = &progress {
                progress.is_reused.store(false, Ordering::Relaxed);
                progress.enter(Phase::Connect);
            }
            let connection = connecting.await;
            // The call may have gone on with another connection that became free meanwhile.
            if let Some(progress) = progress.filter(|progress| progress.phase() == Phase::Connect) {
                progress.enter(Phase::Headers);
            }
            connection
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_gives_back_each_phase_it_was_told() {
        let progress = Progress::new();
        for phase in PHASES {
            progress.enter(phase);
            assert_eq!(progress.phase(), phase);
        }
        progress.begin_attempt();
        progress.begin_attempt();
        assert_eq!(progress.attempts(), 2);
    }
}
