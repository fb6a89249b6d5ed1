//! One call from its path to its answer: target, token, attempt, and what follows a failed one.

mod attempt;
mod call;
mod course;

use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use reqwest::Url;

pub(crate) use call::{Answer, Body, Call, Content, Limit, Wanted};

use crate::authenticator::{Authenticator, Tokens};
use crate::clock::Clock;
use crate::config::Config;
use crate::credentials::{CredentialChange, Credentials};
use crate::error::{Endpoint, Error, Failure, Peer, TimeLimit};
use crate::fault_point::{self, Stage};
use crate::http::Transport;
use crate::http::progress::Progress;
use crate::registry::Shared;
use crate::retry::Retries;
use crate::runtime;
use crate::token::{AccessToken, Grant, NO_MEANS, Need, Randomness, Store, StoreCounts, TokenCache};
use crate::trace::Listener;

/// Calls one API with the tokens of one set of credentials.
pub(crate) struct Client {
    config: Arc<Config>,
    /// Another's after the credentials were swapped; calls under way keep the one they began with.
    authenticator: Mutex<Arc<Authenticator>>,
    shared: Option<&'static Shared>,
    api: Arc<Transport>,
    token_transport: Arc<Transport>,
    clock: Arc<dyn Clock>,
    retries: Arc<Retries>,
    requests: AtomicU64,
    retried: AtomicU64,
    replays: AtomicU64,
    /// Counted with credentials that were swapped since.
    past_token_requests: AtomicU64,
    past_token_hits: AtomicU64,
    /// What the token is shared with a fleet through, if it is.
    store: OnceLock<(Arc<dyn Store>, Randomness)>,
}

/// What a client has counted.
pub(crate) struct Stats {
    pub(crate) token_requests: u64,
    pub(crate) token_hits: u64,
    pub(crate) requests: u64,
    pub(crate) retries: u64,
    pub(crate) replays: u64,
    pub(crate) open_connections: usize,
    /// If there is a store.
    pub(crate) store: Option<StoreCounts>,
}

impl Client {
    /// Makes a client; `seed` is that of its jitter. With `shared`, token and connections are those of its equals.
    pub(crate) fn new(
        config: Config,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
        seed: u64,
        shared: Option<&'static Shared>,
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
        let tokens = find_tokens(&config, &credentials, &clock, &retries, shared)?;
        tokens.source().lend(&token_transport);
        let authenticator = Authenticator::new(config.auth, credentials, tokens)?;
        Ok(Self {
            api: transport(config.base.url())?,
            token_transport,
            authenticator: Mutex::new(Arc::new(authenticator)),
            shared,
            config,
            clock,
            retries,
            requests: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            replays: AtomicU64::new(0),
            past_token_requests: AtomicU64::new(0),
            past_token_hits: AtomicU64::new(0),
            store: OnceLock::new(),
        })
    }

    /// Shares the token with a fleet from now on, through a store that this client keeps; `randomness` is for what is sealed.
    pub(crate) fn use_store(&self, store: Arc<dyn Store>, randomness: Randomness) -> Result<(), Error> {
        let authenticator = self.authenticator();
        drop(self.store.set((store, randomness)));
        self.join_fleet(authenticator.tokens(), authenticator.credentials())
    }

    fn join_fleet(&self, tokens: &Tokens, credentials: &Credentials) -> Result<(), Error> {
        let Some((store, randomness)) = self.store.get() else { return Ok(()) };
        if let Some(seal) = self.config.seal(credentials, *randomness)? {
            tokens.join(store, seal);
        }
        Ok(())
    }

    /// Gives the current token if that needs no request.
    pub(crate) fn fresh_token(&self) -> Option<Arc<AccessToken>> {
        self.tokens().fresh()
    }

    pub(crate) fn token(
        self: Arc<Self>,
        need: Need,
        limit: Limit,
        listener: Option<Listener>,
    ) -> impl Future<Output = Result<Arc<AccessToken>, Failure>> {
        let tokens = self.tokens();
        async move {
            if tokens.source().credentials().proof().is_none() {
                return Err(Error::Config(NO_MEANS.into()).into());
            }
            let progress = Progress::new();
            let work = pin!(tokens.get(need, listener.as_ref()));
            let supply = self.within(limit, &progress, work).await?;
            Ok(supply.token)
        }
    }

    pub(crate) fn invalidate_token(&self) {
        self.tokens().invalidate();
    }

    /// Swaps the credentials, or some of them; the next use asks for a token with them.
    pub(crate) fn set_credentials(&self, change: CredentialChange) -> Result<(), Error> {
        let mut authenticator = self.authenticator.lock().unwrap_or_else(PoisonError::into_inner);
        let credentials = change.of(authenticator.credentials());
        let tokens = find_tokens(&self.config, &credentials, &self.clock, &self.retries, self.shared)?;
        self.join_fleet(&tokens, &credentials)?;
        let next = Authenticator::new(self.config.auth, credentials, Arc::clone(&tokens))?;
        tokens.source().lend(&self.token_transport);
        tokens.start_over();
        let past = mem::replace(&mut *authenticator, Arc::new(next));
        drop(authenticator);
        // Another key for signatures leaves the tokens what they are, and counted where they are.
        if Arc::ptr_eq(past.tokens(), &tokens) {
            return Ok(());
        }
        let past = past.tokens();
        self.past_token_requests.fetch_add(past.source().requests(), Ordering::Relaxed);
        self.past_token_hits.fetch_add(past.hits(), Ordering::Relaxed);
        Ok(())
    }

    /// Gets a token, if calls carry one, and opens a connection to the API, both at once.
    pub(crate) async fn warm_up(&self, limit: Limit, listener: Option<Listener>) -> Result<(), Failure> {
        let progress = Progress::new();
        let authenticator = self.authenticator();
        let work = pin!(async {
            let token = async {
                match authenticator.bearer() {
                    Some(tokens) => tokens.get(Need::Fresh, listener.as_ref()).await.map(drop),
                    None => Ok(()),
                }
            };
            futures_util::try_join!(token, self.open_connection(&progress)).map(drop)
        });
        self.within(limit, &progress, work).await
    }

    /// Makes a call and reads its answer, all within its limit, with the credentials that the client has now.
    pub(crate) fn call(self: Arc<Self>, call: Call) -> impl Future<Output = Result<Answer, Failure>> {
        let authenticator = self.authenticator();
        async move {
            let progress = if call.listener.is_some() { Progress::timed() } else { Progress::new() };
            let work = pin!(self.perform(&call, &authenticator, &progress));
            self.within(call.limit, &progress, work).await
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let tokens = self.tokens();
        Stats {
            token_requests: tokens.source().requests().saturating_add(self.past_token_requests.load(Ordering::Relaxed)),
            token_hits: tokens.hits().saturating_add(self.past_token_hits.load(Ordering::Relaxed)),
            requests: self.requests.load(Ordering::Relaxed),
            retries: self.retried.load(Ordering::Relaxed),
            replays: self.replays.load(Ordering::Relaxed),
            open_connections: self.open_connections(),
            store: tokens.store_counts(),
        }
    }

    /// Names the failure of a call for which no I/O can be done: the process has no descriptor or thread left.
    pub(crate) fn cannot_begin(&self, endpoint: Endpoint, error: &io::Error) -> Failure {
        let transport = match endpoint {
            Endpoint::Token => &self.token_transport,
            Endpoint::Api => &self.api,
        };
        transport.out_of_resources(error).at(endpoint, 0)
    }

    /// Gives a warning that came up while connections were prepared, once.
    pub(crate) fn take_warning(&self) -> Option<String> {
        self.api.take_warning().or_else(|| self.token_transport.take_warning())
    }

    /// Counts the connections to both sides, which may be the same.
    fn open_connections(&self) -> usize {
        let is_one = Arc::ptr_eq(&self.token_transport, &self.api);
        let others = if is_one { 0 } else { self.token_transport.open_connections() };
        self.api.open_connections().saturating_add(others)
    }

    fn tokens(&self) -> Tokens {
        Arc::clone(self.authenticator().tokens())
    }

    fn authenticator(&self) -> Arc<Authenticator> {
        Arc::clone(&self.authenticator.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits for work that is pinned where it began: moved in here, it would be held twice. Its owner drops it after it is
    /// noted why, so that an attempt under way tells how it ended.
    async fn within<T>(
        &self,
        limit: Limit,
        progress: &Progress,
        work: Pin<&mut impl Future<Output = Result<T, Failure>>>,
    ) -> Result<T, Failure> {
        let (Some(deadline), Some(timeout)) = (limit.deadline(), limit.timeout) else { return work.await };
        tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| {
            progress.run_out_of_time();
            Err(self.out_of_time(timeout, progress))
        })
    }

    fn out_of_time(&self, timeout: Duration, progress: &Progress) -> Failure {
        fault_point::pass(Stage::Deadline);
        let phase = progress.phase();
        let endpoint = progress.endpoint();
        let peer = match endpoint {
            Endpoint::Token => self.token_transport.peer(),
            Endpoint::Api => self.api.peer(),
        };
        let error = Error::Timeout { phase, limit: TimeLimit::Call(timeout), peer: Some(Peer::clone(peer)) };
        Failure { earlier: progress.take_earlier(), ..error.at(endpoint, progress.attempts()) }
    }
}

/// Finds the tokens of these credentials among the shared ones, or makes a place for them.
fn find_tokens(
    config: &Arc<Config>,
    credentials: &Credentials,
    clock: &Arc<dyn Clock>,
    retries: &Arc<Retries>,
    shared: Option<&'static Shared>,
) -> Result<Tokens, Error> {
    let identity = config.token_identity(credentials)?;
    let make = || {
        let grant = Grant::new(Arc::clone(config), credentials.clone(), Arc::clone(clock), Arc::clone(retries));
        TokenCache::new(grant, Arc::clone(clock), Arc::clone(retries), runtime::spawn)
    };
    Ok(match shared {
        Some(shared) => shared.tokens.get_or_make(identity, make),
        None => make(),
    })
}

#[cfg(test)]
mod tests;
