//! How far one call has come: what a deadline needs to know when it passes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use hyper::http::Extensions;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpInfo};
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
    /// The connection that was made for the present request, by its local address. The request may go on another one all
    /// the same, that became free meanwhile.
    made: Mutex<Option<SocketAddr>>,
    /// Whether the last request was lost on a connection that was there before it.
    was_lost_on_reuse: AtomicBool,
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
            made: Mutex::default(),
            was_lost_on_reuse: AtomicBool::new(false),
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
        self.attempts.fetch_add(1, Ordering::Relaxed);
    }

    /// Turns to the next request, and forgets what became of the connection of the one before.
    pub(super) fn begin_request(&self) {
        *self.made() = None;
        self.was_lost_on_reuse.store(false, Ordering::Relaxed);
    }

    /// Notes on which connection the present request was lost, before the head of its answer was there.
    pub(super) fn note_loss(&self, local: Option<SocketAddr>) {
        let is_another = local.is_some() && local != *self.made();
        self.was_lost_on_reuse.store(is_another, Ordering::Relaxed);
    }

    /// Tells whether the last request was lost on a connection that was there before it, and nothing of an answer came.
    pub(crate) fn was_lost_on_reuse(&self) -> bool {
        self.was_lost_on_reuse.load(Ordering::Relaxed)
    }

    fn made(&self) -> MutexGuard<'_, Option<SocketAddr>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
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
    S::Response: Connection,
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
                progress.enter(Phase::Connect);
            }
            let connection = connecting.await;
            // The call may have gone on with another connection that became free meanwhile.
            if let Some(progress) = progress.filter(|progress| progress.phase() == Phase::Connect) {
                *progress.made() =
                    connection.as_ref().ok().and_then(|connection| local_address(&connection.connected()));
                progress.enter(Phase::Headers);
            }
            connection
        })
    }
}

/// Tells connections apart.
pub(super) fn local_address(connected: &Connected) -> Option<SocketAddr> {
    let mut extensions = Extensions::new();
    connected.get_extras(&mut extensions);
    extensions.get::<HttpInfo>().map(HttpInfo::local_addr)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_is_one_on_reuse_if_its_connection_was_not_made_for_it() {
        let [one, other] = [1, 2].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        for (made, lost, is_on_reuse) in [
            (None, Some(one), true),
            (Some(one), Some(one), false),
            // Another became free while this one was being made.
            (Some(one), Some(other), true),
            // It never came to a connection.
            (None, None, false),
        ] {
            let progress = Progress::new();
            *progress.made() = made;
            progress.note_loss(lost);
            assert_eq!(progress.was_lost_on_reuse(), is_on_reuse, "{made:?} {lost:?}");
            progress.begin_request();
            assert!(!progress.was_lost_on_reuse());
        }
    }

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
