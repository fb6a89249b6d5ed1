//! One call from its path to its answer: target, token, attempt, and what follows a failed one.

mod attempt;

use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Method, StatusCode, Url};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::config::Config;
use crate::error::{ConnectionFault, Endpoint, Error, Failure, Peer, Phase, TimeLimit};
use crate::headers;
use crate::http::Transport;
use crate::http::progress::Progress;
use crate::registry::Shared;
use crate::retry::{Retries, may_repeat};
use crate::runtime;
use crate::token::{AccessToken, Grant, Need, TokenCache};

/// Calls one API with the tokens of one set of credentials.
pub(crate) struct Client {
    config: Arc<Config>,
    tokens: Arc<TokenCache<Grant>>,
    api: Arc<Transport>,
    token_transport: Arc<Transport>,
    clock: Arc<dyn Clock>,
    retries: Arc<Retries>,
    requests: AtomicU64,
    retried: AtomicU64,
    replays: AtomicU64,
}

/// One call as it came through the door; nothing of it is checked yet.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Encoded, without its question mark.
    pub(crate) query: Option<String>,
    /// Names and values, laid out flat.
    pub(crate) headers: Vec<String>,
    pub(crate) limit: Limit,
    pub(crate) max_retries: u32,
    pub(crate) wanted: Wanted,
}

/// How long a call may take, counted from its beginning in JavaScript.
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) began: Instant,
    pub(crate) timeout: Option<Duration>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Text,
    Bytes,
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Body,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

/// What a client has counted.
pub(crate) struct Stats {
    pub(crate) token_requests: u64,
    pub(crate) token_hits: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) replays: u64,
    pub(crate) open_connections: usize,
}

impl Client {
    /// Makes a client; `seed` is that of its jitter. With `shared`, token and connections are those of its equals.
    pub(crate) fn new(
        config: Config,
        clock: Arc<dyn Clock>,
        seed: u64,
        shared: Option<&Shared>,
    ) -> Result<Self, Error> {
        let config = Arc::new(config);
        let retries = Arc::new(Retries::new(Arc::clone(&clock), seed));
        let transport = |url: &Url| {
            let make = || Arc::new(Transport::new(url, config.network.clone()));
            match shared {
                Some(shared) => Ok(shared.transports.get_or_make(config.network.identity(url)?, make)),
                None => Ok(make()),
            }
        };
        let token_transport = transport(&config.token_url)?;
        let make_tokens = || {
            let grant = Grant::new(Arc::clone(&config), Arc::clone(&clock), Arc::clone(&retries));
            TokenCache::new(grant, Arc::clone(&clock), Arc::clone(&retries), runtime::spawn)
        };
        let tokens = match shared {
            Some(shared) => shared.tokens.get_or_make(config.token_identity()?, make_tokens),
            None => make_tokens(),
        };
        tokens.source().lend(&token_transport);
        Ok(Self {
            api: transport(config.base.url())?,
            token_transport,
            tokens,
            config,
            clock,
            retries,
            requests: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            replays: AtomicU64::new(0),
        })
    }

    /// Gives the current token if that needs no request.
    pub(crate) fn fresh_token(&self) -> Option<Arc<AccessToken>> {
        self.tokens.fresh()
    }

    pub(crate) async fn token(&self, need: Need, limit: Limit) -> Result<Arc<AccessToken>, Failure> {
        let progress = Progress::new();
        self.within(limit, &progress, self.tokens.get(need)).await
    }

    pub(crate) fn invalidate_token(&self) {
        self.tokens.invalidate();
    }

    /// Makes a call and reads its answer, all within its limit.
    pub(crate) async fn call(&self, call: Call) -> Result<Answer, Failure> {
        let progress = Progress::new();
        self.within(call.limit, &progress, self.perform(&call, &progress)).await
    }

    pub(crate) fn stats(&self) -> Stats {
        let grant = self.tokens.source();
        Stats {
            token_requests: grant.requests(),
            token_hits: self.tokens.hits(),
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retried.load(Ordering::Relaxed),
            replays: self.replays.load(Ordering::Relaxed),
            open_connections: self.open_connections(),
        }
    }

    /// Counts the connections to both sides, which may be the same.
    fn open_connections(&self) -> usize {
        let is_one = Arc::ptr_eq(&self.token_transport, &self.api);
        let others = if is_one { 0 } else { self.token_transport.open_connections() };
        self.api.open_connections().saturating_add(others)
    }

    /// Gives a warning that came up while connections were prepared, once.
    pub(crate) fn take_warning(&self) -> Option<String> {
        self.api.take_warning().or_else(|| self.token_transport.take_warning())
    }

    async fn within<T>(
        &self,
        limit: Limit,
        progress: &Progress,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let (Some(deadline), Some(timeout)) = (limit.deadline(), limit.timeout) else { return work.await };
        tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(self.out_of_time(timeout, progress)))
    }

    fn out_of_time(&self, timeout: Duration, progress: &Progress) -> Failure {
        let phase = progress.phase();
        let endpoint = progress.endpoint();
        let peer = match endpoint {
            Endpoint::Token => self.token_transport.peer(),
            Endpoint::Api => self.api.peer(),
        };
        Error::Timeout { phase, limit: TimeLimit::Call(timeout), peer: Some(Peer::clone(peer)) }
            .at(endpoint, progress.attempts())
    }

    async fn perform(&self, call: &Call, progress: &Arc<Progress>) -> Result<Answer, Failure> {
        let refuse = |sentence: String| Failure::from(Error::Request(sentence));
        let url = self.config.base.join(&call.path, call.query.as_deref()).map_err(refuse)?;
        let own_headers = headers::parse(&call.headers).map_err(refuse)?;
        self.retries.count_call();
        let mut course = Course::default();
        loop {
            progress.enter(Phase::Token);
            let token = self.tokens.get(Need::Fresh).await?;
            progress.enter(Phase::Queue);
            let error = match self.attempt(call, &url, &own_headers, &token, progress).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            match self.next(call, &error, &token, progress, &mut course) {
                Next::Now => {}
                Next::After(wait) => {
                    self.retried.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(wait).await;
                }
                Next::Never(note) => return Err(Failure { note, ..error.at(Endpoint::Api, progress.attempts()) }),
            }
        }
    }

    /// Decides what follows a failed attempt.
    fn next(
        &self,
        call: &Call,
        error: &Error,
        token: &Arc<AccessToken>,
        progress: &Progress,
        course: &mut Course,
    ) -> Next {
        if let Error::Api(refusal) = error
            && refusal.status == StatusCode::UNAUTHORIZED
        {
            if refusal.is_about_scope() {
                return Next::Never(None);
            }
            let may_replay = self.tokens.refuse(token) && !mem::replace(&mut course.had_replay, true);
            self.replays.fetch_add(u64::from(may_replay), Ordering::Relaxed);
            return if may_replay { Next::Now } else { Next::Never(None) };
        }
        if !may_repeat(&call.method, error) {
            return Next::Never(None);
        }
        // A server may close a kept connection at the very moment it is used again: that is nobody's failure.
        let was_reused =
            matches!(error, Error::Connection { fault: ConnectionFault::Lost, .. }) && progress.is_reused();
        if was_reused && !mem::replace(&mut course.had_free_retry, true) {
            return Next::After(Duration::ZERO);
        }
        if course.retries >= call.max_retries {
            return Next::Never(None);
        }
        let asked = error.retry_after(self.clock.now());
        let wait = asked.unwrap_or_else(|| self.retries.backoff(course.retries.saturating_add(1)));
        if call.limit.left().is_some_and(|left| left <= wait) {
            let asker = if asked.is_some() { " (Retry-After)" } else { "" };
            let wait = wait.as_millis();
            return Next::Never(Some(format!(
                "It was not tried again: a wait of {wait} ms{asker} is past the deadline"
            )));
        }
        if !self.retries.take() {
            return Next::Never(Some("It was not tried again: the retry budget is spent".to_owned()));
        }
        course.retries = course.retries.saturating_add(1);
        Next::After(wait)
    }
}

/// What a call has used of its second chances.
#[derive(Default)]
struct Course {
    retries: u32,
    had_replay: bool,
    had_free_retry: bool,
}

/// What follows a failed attempt.
enum Next {
    Now,
    After(Duration),
    /// The end, with a reason if it is not plain.
    Never(Option<String>),
}

impl Limit {
    /// Gives the moment at which the time is up, if it ever is.
    fn deadline(self) -> Option<Instant> {
        self.began.checked_add(self.timeout?)
    }

    fn left(self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
