//! The client-credentials grant (RFC 6749 §4.4): one request, one answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, Request, Url};
use zeroize::Zeroizing;

use crate::clock::Clock;
use crate::config::{ClientAuth, Config, Credentials, GRANT_LIMIT, TOKEN_ANSWER_LIMIT};
use crate::error::{AuthRefusal, Endpoint, Error, Failure, ResponseFault, TimeLimit};
use crate::http::Transport;
use crate::http::progress::Progress;

use super::AccessToken;
use super::answer::{read_refusal, read_token};

/// Where tokens come from.
pub(crate) trait TokenSource: Send + Sync + 'static {
    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>>;
}

/// Asks a token endpoint for tokens.
pub(crate) struct Grant {
    config: Arc<Config>,
    transport: Transport,
    clock: Arc<dyn Clock>,
    requests: AtomicU64,
}

impl Grant {
    pub(crate) fn new(config: Arc<Config>, clock: Arc<dyn Clock>) -> Self {
        let transport = Transport::new(&config.token_url, config.network.clone());
        Self { config, transport, clock, requests: AtomicU64::new(0) }
    }

    /// Gives the number of token requests made.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(crate) fn transport(&self) -> &Transport {
        &self.transport
    }

    async fn fetch(&self, progress: &Arc<Progress>) -> Result<AccessToken, Error> {
        let request = self.make_request()?;
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Validity counts from here: the endpoint's own count begins no earlier.
        let sent_at = self.clock.now();
        let exchange = self.transport.send(request, progress).await?;
        let status = exchange.status();
        if status.is_redirection() {
            let detail = "a token request is never sent on, because it holds the secret".to_owned();
            return Err(Error::Response { fault: ResponseFault::Redirect, status: status.as_u16(), detail });
        }
        if !status.is_success() {
            let body = exchange.into_partial_body(TOKEN_ANSWER_LIMIT).await;
            let secret = &self.config.credentials.client_secret;
            return Err(Error::Auth(Box::new(read_refusal(status.as_u16(), &body, secret, self.origin()))));
        }
        let body = exchange.into_body(TOKEN_ANSWER_LIMIT).await.map_err(|error| match error {
            Error::Response { detail, .. } => self.nonsense(status.as_u16(), detail),
            other => other,
        })?;
        let body = Zeroizing::new(body);
        read_token(&body, sent_at, &self.config.scope).map_err(|detail| self.nonsense(status.as_u16(), detail))
    }

    fn make_request(&self) -> Result<Request, Error> {
        let Credentials { client_id, client_secret, method } = &self.config.credentials;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if !self.config.scope.is_empty() {
            form.append_pair("scope", &self.config.scope.join(" "));
        }
        if *method == ClientAuth::SecretPost {
            form.append_pair("client_id", client_id).append_pair("client_secret", client_secret.expose());
        }
        let mut request = Request::new(Method::POST, self.config.token_url.clone());
        *request.body_mut() = Some(form.finish().into());
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if *method == ClientAuth::SecretBasic {
            headers.insert(AUTHORIZATION, basic(client_id, client_secret.expose())?);
        }
        Ok(request)
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
            origin: self.origin(),
        }))
    }

    fn origin(&self) -> String {
        let url: &Url = &self.config.token_url;
        url.origin().ascii_serialization()
    }
}

impl TokenSource for Grant {
    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        Box::pin(async {
            let progress = Progress::new();
            let outcome = tokio::time::timeout(GRANT_LIMIT, self.fetch(&progress)).await.unwrap_or_else(|_| {
                let limit = TimeLimit::Grant(GRANT_LIMIT);
                Err(Error::Timeout { phase: progress.phase(), limit, peer: Some(self.transport.peer().clone()) })
            });
            outcome.map_err(|error| error.at(Endpoint::Token, 1))
        })
    }
}

/// Makes Basic credentials; both parts are form-encoded first (RFC 6749 §2.3.1), and Keycloak decodes them so.
fn basic(client_id: &str, client_secret: &str) -> Result<HeaderValue, Error> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = Zeroizing::new(format!("{}:{}", encode(client_id), encode(client_secret)));
    let header = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut header =
        HeaderValue::from_str(&header).map_err(|_| Error::Internal("Basic credentials make no header".into()))?;
    header.set_sensitive(true);
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_before_base64() {
        let header = basic("a b", "p:%+é").unwrap();
        let encoded = header.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(encoded).unwrap(), b"a+b:p%3A%25%2B%C3%A9");
        assert!(header.is_sensitive());
    }
}
