//! The client-credentials grant (RFC 6749 §4.4): one request, one answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::BoxFuture;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT,
};
use reqwest::{Method, Request, StatusCode, Url};
use zeroize::Zeroizing;

use crate::clock::{Clock, Moment};
use crate::config::Config;
use crate::credentials::{Credentials, Proof};
use crate::error::{AuthRefusal, Endpoint, Error, Failure, Peer, ResponseFault, TimeLimit};
use crate::fault_point::{self, Stage};
use crate::http::Transport;
use crate::http::progress::Progress;
use crate::limits::{GRANT_LIMIT, REQUESTS_PER_GRANT, ROUNDS_FOR_A_TOKEN, TOKEN_ANSWER_LIMIT};
use crate::retry::{Retries, may_repeat, retry_after};
use crate::secret::Secret;

use super::AccessToken;
use super::access_token::Age;
use super::answer::{read_refusal, read_token};
use super::assertion::{Assertion, audience};

/// Where tokens come from.
pub(crate) trait TokenSource: Send + Sync + 'static {
    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>>;

    /// Makes the failure of a source whose tokens end before anybody can use them.
    fn useless(&self) -> Failure;
}

/// Asks a token endpoint for tokens.
pub(crate) struct Grant {
    config: Arc<Config>,
    credentials: Credentials,
    /// The connections of a client that is alive: with the last one they end, and the token stays.
    transport: Mutex<Weak<Transport>>,
    clock: Arc<dyn Clock>,
    retries: Arc<Retries>,
    requests: AtomicU64,
}

impl Grant {
    pub(crate) fn new(
        config: Arc<Config>,
        credentials: Credentials,
        clock: Arc<dyn Clock>,
        retries: Arc<Retries>,
    ) -> Self {
        Self { config, credentials, transport: Mutex::default(), clock, retries, requests: AtomicU64::new(0) }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Gives the number of token requests made.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Lets requests use a client's connections, for as long as it has them.
    pub(crate) fn lend(&self, transport: &Arc<Transport>) {
        *self.transport.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(transport);
    }

    fn transport(&self) -> Arc<Transport> {
        let lent = self.transport.lock().unwrap_or_else(PoisonError::into_inner).upgrade();
        lent.unwrap_or_else(|| Arc::new(Transport::new(&self.config.token_url, self.config.network.clone())))
    }

    async fn fetch(&self, progress: &Arc<Progress>) -> Result<AccessToken, Error> {
        fault_point::pass(Stage::Grant);
        let proof = self.credentials.proof().ok_or_else(|| Error::Config(NO_MEANS.into()))?;
        let assertion = match proof {
            Proof::Assertion(key) => Some(self.assertion().sign(key).await?),
            _ => None,
        };
        let request = self.make_request(&proof, assertion.as_ref())?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Validity counts from here: the endpoint's own count begins no earlier.
        let sent_at = self.clock.now();
        let transport = self.transport();
        let exchange = transport.send(transport.slot().await?, request, progress).await?;
        fault_point::pass(Stage::GrantAnswer);
        let status = exchange.status();
        if status.is_redirection() {
            let detail = "a token request is never sent on, because it holds the secret".to_owned();
            return Err(Error::Response { fault: ResponseFault::Redirect, status: status.as_u16(), detail });
        }
        if !status.is_success() {
            let retry_after = wanted_wait(exchange.headers(), self.clock.now());
            let body = exchange.into_partial_body(TOKEN_ANSWER_LIMIT).await;
            let refusal = read_refusal(status.as_u16(), &body, |text| {
                let text = self.credentials.mask_in(text);
                assertion.as_ref().map_or_else(|| text.clone(), |assertion| assertion.mask_in(&text))
            });
            let (origin, what_to_check) = (self.origin(), proof.what_to_check());
            return Err(Error::Auth(Box::new(AuthRefusal { retry_after, origin, what_to_check, ..refusal })));
        }
        let body = exchange.into_body(TOKEN_ANSWER_LIMIT).await.map_err(|error| match error {
            Error::Response { detail, .. } => self.nonsense(status.as_u16(), detail),
            other => other,
        })?;
        let body = Zeroizing::new(body);
        let token = read_token(&body, sent_at, &self.config.scope);
        token
            .and_then(|token| match token.age(self.clock.now(), 1.0) {
                Age::Expired => Err("its token had ended before it came".to_owned()),
                _ => Ok(token),
            })
            .map_err(|detail| self.nonsense(status.as_u16(), detail))
    }

    fn assertion(&self) -> Assertion {
        Assertion {
            client_id: self.credentials.client_id.clone(),
            audience: audience(&self.config.token_url),
            issued_at: self.clock.now(),
            id: self.retries.random_id(),
        }
    }

    fn make_request(&self, proof: &Proof<'_>, assertion: Option<&Secret>) -> Result<Request, Error> {
        let client_id = &self.credentials.client_id;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.config.scope.is_empty() {
            form.append_pair("scope", &self.config.scope.join(" "));
        }
        if !matches!(proof, Proof::Basic(_)) {
            form.append_pair("client_id", client_id);
        }
        if let Proof::Post(secret) = proof {
            form.append_pair("client_secret", secret.expose());
        }
        if let Some(assertion) = assertion {
            form.append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
            form.append_pair("client_assertion", assertion.expose());
        }
        let mut request = Request::new(Method::POST, self.config.token_url.clone());
        *request.body_mut() = Some(form.finish().into());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, self.config.user_agent.clone());
        if let Proof::Basic(secret) = proof {
            headers.insert(AUTHORIZATION, self.basic_header(secret)?);
        }
        Ok(request)
    }

    fn basic_header(&self, secret: &Secret) -> Result<HeaderValue, Error> {
        let header = Zeroizing::new(format!("Basic {}", *self.credentials.basic(secret)));
        let mut header =
            HeaderValue::from_str(&header).map_err(|_| Error::Internal("Basic credentials make no header".into()))?;
        header.set_sensitive(true);
        Ok(header)
    }

    /// An answer with a success status that is no token: the endpoint is broken, and may be mended later.
    fn nonsense(&self, status: u16, detail: String) -> Error {
        Error::Auth(Box::new(AuthRefusal {
            status,
            error: None,
            description: None,
            uri: None,
            detail: Some(detail),
            retryable: true,
            retry_after: None,
            what_to_check: "",
            origin: self.origin(),
        }))
    }

    fn origin(&self) -> String {
        let url: &Url = &self.config.token_url;
        url.origin().ascii_serialization()
    }
}

impl Grant {
    /// Makes one request, given up when it has taken too long.
    async fn fetch_in_time(&self) -> Result<AccessToken, Error> {
        let progress = Progress::new();
        tokio::time::timeout(GRANT_LIMIT, self.fetch(&progress)).await.unwrap_or_else(|_| {
            let limit = TimeLimit::Grant(GRANT_LIMIT);
            Err(Error::Timeout { phase: progress.phase(), limit, peer: Some(Peer::of(&self.config.token_url)) })
        })
    }

    /// Says how long to wait before the next request; nothing if there should be none.
    fn wait_after(&self, error: &Error, requests: u32) -> Option<Duration> {
        let may_pass = match error {
            Error::Auth(refusal) => refusal.retryable,
            Error::Timeout { .. } => true,
            other => may_repeat(true, other),
        };
        let wait = error.retry_after(self.clock.now()).unwrap_or_else(|| self.retries.backoff(requests));
        // Whoever asks for a longer wait is better asked again by the next call.
        (may_pass && requests < REQUESTS_PER_GRANT && wait <= GRANT_LIMIT).then_some(wait)
    }
}

impl TokenSource for Grant {
    fn useless(&self) -> Failure {
        let detail = "its tokens end, or are refused, before a call can use them".to_owned();
        self.nonsense(StatusCode::OK.as_u16(), detail).at(Endpoint::Token, ROUNDS_FOR_A_TOKEN)
    }

    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        Box::pin(async {
            let mut requests = 1;
            loop {
                let error = match self.fetch_in_time().await {
                    Ok(token) => return Ok(token),
                    Err(error) => error,
                };
                match self.wait_after(&error, requests) {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => return Err(error.at(Endpoint::Token, requests)),
                }
                requests = requests.saturating_add(1);
            }
        })
    }
}

/// What a client whose calls are only signed answers when it is asked for a token.
pub(crate) const NO_MEANS: &str = "clientSecret is missing, and so is every other means of getting a token: pass { clientSecret } to new Layer1() or set LAYER1_CLIENT_SECRET; or, with a privateKey, pass clientAuth: 'private_key_jwt'.";

fn wanted_wait(headers: &HeaderMap, now: Moment) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    retry_after(text(RETRY_AFTER)?, text(DATE), now)
}
