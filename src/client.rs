//! One call from its path to its answer: target, token, attempt, and once more after a 401.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Request, StatusCode, Url};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::config::{Config, ERROR_BODY_LIMIT, REDIRECT_LIMIT};
use crate::error::{ApiRefusal, Endpoint, Error, Failure, Peer, Phase, ResponseFault, TimeLimit};
use crate::headers;
use crate::http::progress::Progress;
use crate::http::{Exchange, Transport, body};
use crate::token::{AccessToken, Grant, Need, TokenCache};

/// Calls one API with the tokens of one set of credentials.
pub(crate) struct Client {
    config: Arc<Config>,
    tokens: Arc<TokenCache<Grant>>,
    api: Transport,
    requests: AtomicU64,
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
    pub(crate) replays: u64,
    pub(crate) open_connections: usize,
}

impl Client {
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        let config = Arc::new(config);
        let grant = Grant::new(Arc::clone(&config), Arc::clone(&clock));
        Self {
            api: Transport::new(config.base.url(), config.network.clone()),
            tokens: TokenCache::new(grant, clock),
            config,
            requests: AtomicU64::new(0),
            replays: AtomicU64::new(0),
        }
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
            replays: self.replays.load(Ordering::Relaxed),
            open_connections: self.api.open_connections().saturating_add(grant.transport().open_connections()),
        }
    }

    /// Gives a warning that came up while connections were prepared, once.
    pub(crate) fn take_warning(&self) -> Option<String> {
        self.api.take_warning().or_else(|| self.tokens.source().transport().take_warning())
    }

    async fn within<T>(
        &self,
        limit: Limit,
        progress: &Progress,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let deadline = limit.timeout.and_then(|timeout| Some((limit.began.checked_add(timeout)?, timeout)));
        let Some((deadline, timeout)) = deadline else { return work.await };
        tokio::time::timeout_at(deadline, work).await.unwrap_or_else(|_| Err(self.out_of_time(timeout, progress)))
    }

    fn out_of_time(&self, timeout: Duration, progress: &Progress) -> Failure {
        let phase = progress.phase();
        let endpoint = progress.endpoint();
        let peer = match endpoint {
            Endpoint::Token => self.tokens.source().transport().peer(),
            Endpoint::Api => self.api.peer(),
        };
        Error::Timeout { phase, limit: TimeLimit::Call(timeout), peer: Some(Peer::clone(peer)) }
            .at(endpoint, progress.attempts())
    }

    async fn perform(&self, call: &Call, progress: &Arc<Progress>) -> Result<Answer, Failure> {
        let refuse = |sentence: String| Failure::from(Error::Request(sentence));
        let url = self.config.base.join(&call.path, call.query.as_deref()).map_err(refuse)?;
        let own_headers = headers::parse(&call.headers).map_err(refuse)?;
        let mut is_replay = false;
        loop {
            progress.enter(Phase::Token);
            let token = self.tokens.get(Need::Fresh).await?;
            progress.enter(Phase::Queue);
            let attempts = progress.begin_attempt();
            let outcome = self.attempt(call, &url, &own_headers, &token, progress).await;
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let is_refused = matches!(&error, Error::Api(refusal) if refusal.status == StatusCode::UNAUTHORIZED);
            if is_refused && self.tokens.refuse(&token) && !is_replay {
                self.replays.fetch_add(1, Ordering::Relaxed);
                is_replay = true;
                continue;
            }
            return Err(error.at(Endpoint::Api, attempts));
        }
    }

    /// Sends one request, follows a GET's redirects within the origin, and reads the answer.
    async fn attempt(
        &self,
        call: &Call,
        url: &Url,
        own_headers: &HeaderMap,
        token: &AccessToken,
        progress: &Arc<Progress>,
    ) -> Result<Answer, Error> {
        let mut url = url.clone();
        for _ in 0..=REDIRECT_LIMIT {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let request = self.make_request(call, url, own_headers, token);
            let exchange = self.api.send(request, progress).await?;
            if !exchange.status().is_redirection() {
                return self.read(call, exchange).await;
            }
            url = redirect_target(&call.method, &exchange)?;
        }
        Err(redirect_error(StatusCode::FOUND, format!("more than {REDIRECT_LIMIT} in a row")))
    }

    fn make_request(&self, call: &Call, url: Url, own_headers: &HeaderMap, token: &AccessToken) -> Request {
        let mut request = Request::new(call.method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(call.wanted.accepts()));
        for source in [&self.config.headers, own_headers] {
            for name in source.keys() {
                headers.remove(name);
            }
            for (name, value) in source {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.insert(AUTHORIZATION, token.bearer().clone());
        request
    }

    async fn read(&self, call: &Call, exchange: Exchange<'_>) -> Result<Answer, Error> {
        let status = exchange.status().as_u16();
        if !exchange.status().is_success() {
            let headers = plain_headers(exchange.headers());
            let body = exchange.into_partial_body(ERROR_BODY_LIMIT).await;
            let body = String::from_utf8_lossy(&body).into_owned();
            return Err(Error::Api(Box::new(ApiRefusal { status, headers, body })));
        }
        let bytes = exchange.into_body(self.config.max_response_bytes).await?;
        let body = match call.wanted {
            Wanted::Bytes => Body::Bytes(bytes),
            Wanted::Text => Body::Text(body::text(bytes).map_err(|detail| Error::Response {
                fault: ResponseFault::Malformed,
                status,
                detail,
            })?),
        };
        Ok(Answer { status, body })
    }
}

impl Wanted {
    fn accepts(self) -> &'static str {
        match self {
            Self::Text => "application/json",
            Self::Bytes => "*/*",
        }
    }
}

/// Says where a redirect leads, if it may be followed: a GET's, and only within the origin that may see the token.
fn redirect_target(method: &Method, exchange: &Exchange<'_>) -> Result<Url, Error> {
    let status = exchange.status();
    if *method != Method::GET {
        return Err(redirect_error(status, format!("{method} is never sent twice")));
    }
    let location = exchange.headers().get(LOCATION).and_then(|location| location.to_str().ok());
    let is_a_place = matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308);
    let (true, Some(location)) = (is_a_place, location) else {
        return Err(redirect_error(status, "it leads nowhere".to_owned()));
    };
    let target =
        exchange.url().join(location).map_err(|_| redirect_error(status, "its location is no URL".to_owned()))?;
    if target.origin() == exchange.url().origin() {
        Ok(target)
    } else {
        Err(redirect_error(status, "it leads to another host, which must not see the token".to_owned()))
    }
}

fn redirect_error(status: StatusCode, detail: String) -> Error {
    Error::Response { fault: ResponseFault::Redirect, status: status.as_u16(), detail }
}

fn plain_headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let plain = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), plain(value))).collect()
}
