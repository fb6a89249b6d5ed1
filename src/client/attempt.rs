//! One attempt: a request sent, a GET's redirects followed within the origin, the answer read.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, USER_AGENT,
};
use reqwest::{Method, Request, StatusCode, Url};
use tokio::sync::OwnedSemaphorePermit;

use crate::authenticator::Pass;
use crate::error::{ApiRefusal, ConnectionFault, Endpoint, Error, Failure, Phase, ResponseFault};
use crate::fault_point::{self, Stage};
use crate::http::progress::Progress;
use crate::http::{Exchange, body};
use crate::limits::{ERROR_BODY_LIMIT, MOST_DEAD_CONNECTIONS, REDIRECT_LIMIT};
use crate::lossless;

use super::{Answer, Body, Call, Client, Wanted};

impl Client {
    /// Sends one request, follows a GET's redirects within the origin, and reads the answer.
    pub(super) async fn attempt(
        &self,
        call: &Call,
        url: &Url,
        own_headers: &HeaderMap,
        pass: &Pass<'_>,
        mut slot: OwnedSemaphorePermit,
        progress: &Arc<Progress>,
    ) -> Result<Answer, Error> {
        let mut url = url.clone();
        let mut redirects = 0_u32;
        loop {
            let (request, content) = self.make_request(call, url, own_headers);
            let request = pass.authenticate(request, content, self.clock.now()).await?;
            self.requests.fetch_add(1, Ordering::Relaxed);
            fault_point::pass(Stage::Send);
            let exchange = self.api.send(slot, request, progress).await?;
            fault_point::pass(Stage::Headers);
            if !exchange.status().is_redirection() {
                return self.read(call, exchange, progress.attempts()).await;
            }
            redirects = redirects.saturating_add(1);
            if redirects > REDIRECT_LIMIT {
                return Err(redirect_error(
                    exchange.status(),
                    format!("it is one of more than {REDIRECT_LIMIT} in a row"),
                ));
            }
            url = redirect_target(&call.method, &exchange)?;
            drop(exchange);
            progress.enter(Phase::Queue);
            slot = self.api.slot().await?;
        }
    }

    /// Makes a request that does not say yet whose it is, and gives its body too.
    fn make_request(&self, call: &Call, url: Url, own_headers: &HeaderMap) -> (Request, Option<Bytes>) {
        let mut request = Request::new(call.method.clone(), url);
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(call.wanted.accepts()));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(USER_AGENT, self.config.user_agent.clone());
        if call.body.as_ref().is_some_and(|body| body.is_json) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for source in [&self.config.headers, own_headers] {
            for name in source.keys() {
                headers.remove(name);
            }
            for (name, value) in source {
                headers.append(name.clone(), value.clone());
            }
        }
        let content = call.body.as_ref().map(|body| body.bytes.clone()).filter(|bytes| !bytes.is_empty());
        if content.is_none() && matches!(call.method, Method::POST | Method::PUT | Method::PATCH) {
            // RFC 9110 §8.6: what usually has a body says that it has none.
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *request.body_mut() = content.clone().map(Into::into);
        (request, content)
    }

    /// Opens a connection to the API, with a request that says nothing of whose it is; any answer will do.
    pub(super) async fn open_connection(&self, progress: &Arc<Progress>) -> Result<(), Failure> {
        let is_lost = |error: &Error| matches!(error, Error::Connection { fault: ConnectionFault::Lost, .. });
        let mut outcome = self.knock(progress).await;
        // A kept connection that is dead says nothing of the next; but there are not many.
        for _ in 0..MOST_DEAD_CONNECTIONS {
            if !outcome.as_ref().is_err_and(is_lost) || !progress.was_lost_on_reuse() {
                break;
            }
            outcome = self.knock(progress).await;
        }
        outcome.map_err(|error| error.at(Endpoint::Api, progress.attempts()))
    }

    async fn knock(&self, progress: &Arc<Progress>) -> Result<(), Error> {
        fault_point::pass(Stage::WarmUp);
        progress.enter(Phase::Queue);
        let slot = self.api.slot().await?;
        progress.begin_attempt();
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut request = Request::new(Method::HEAD, self.config.base.url().clone());
        request.headers_mut().insert(USER_AGENT, self.config.user_agent.clone());
        let exchange = self.api.send(slot, request, progress).await?;
        exchange.into_partial_body(ERROR_BODY_LIMIT).await;
        progress.enter(Phase::Token);
        Ok(())
    }

    async fn read(&self, call: &Call, exchange: Exchange<'_>, attempts: u32) -> Result<Answer, Error> {
        let status = exchange.status().as_u16();
        if !exchange.status().is_success() {
            let headers = plain_headers(exchange.headers());
            let body = exchange.into_partial_body(ERROR_BODY_LIMIT).await;
            let body = String::from_utf8_lossy(&body).into_owned();
            let body = if call.wanted == Wanted::LosslessText { lossless::keep_digits(body) } else { body };
            return Err(Error::Api(Box::new(ApiRefusal { status, headers, body })));
        }
        let headers = call.with_headers.then(|| plain_headers(exchange.headers()));
        let bytes = exchange.into_body(self.config.max_response_bytes).await?;
        fault_point::pass(Stage::Answer);
        let text = |bytes| {
            let fault = ResponseFault::Malformed;
            body::text(bytes).map_err(|detail| Error::Response { fault, status, detail })
        };
        let body = match call.wanted {
            Wanted::Bytes => Body::Bytes(bytes),
            Wanted::Text => Body::Text(text(bytes)?),
            Wanted::LosslessText => Body::Text(lossless::keep_digits(text(bytes)?)),
        };
        Ok(Answer { status, headers, body, attempts })
    }
}

/// Says where a redirect leads, if it may be followed: a GET's, and only within the origin that may see the token.
fn redirect_target(method: &Method, exchange: &Exchange<'_>) -> Result<Url, Error> {
    let status = exchange.status();
    if *method != Method::GET {
        return Err(redirect_error(status, format!("a {method} is not sent on to another place")));
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
    // What is no UTF-8 is Latin-1, as HTTP has it from old.
    let latin1 = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    let plain = |value: &HeaderValue| match str::from_utf8(value.as_bytes()) {
        Ok(text) => text.to_owned(),
        Err(_) => latin1(value.as_bytes()),
    };
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), plain(value))).collect()
}
