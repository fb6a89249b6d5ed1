//! Plain data for JavaScript: the face makes errors, dates and events of it.

use std::result::Result as StdResult;
use std::sync::Arc;

use napi_derive::napi;

use crate::error::{Endpoint, Error, Failure, Phase};
use crate::token::{AccessToken, StoreReport};
use crate::trace::{AttemptReport, Ending};

/// What went wrong, as plain data.
#[napi(object, object_from_js = false)]
pub(super) struct FailureData {
    pub code: String,
    pub message: String,
    pub endpoint: Option<String>,
    pub attempts: u32,
    pub retryable: bool,
    /// Why it was not tried again, where the reason is not plain; part of the message already.
    pub note: Option<String>,
    pub status: Option<u16>,
    pub oauth_error: Option<String>,
    pub oauth_error_description: Option<String>,
    pub oauth_error_uri: Option<String>,
    /// Names and values, laid out flat.
    pub headers: Option<Vec<String>>,
    pub body: Option<String>,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub phase: Option<String>,
    /// The innermost reason of a connection that failed.
    pub reason: Option<String>,
    /// What ended the attempt before, if there was one.
    pub earlier: Vec<FailureData>,
}

/// How one attempt of a call went; times are in milliseconds.
#[napi(object, object_from_js = false)]
pub(super) struct AttemptData {
    pub number: u32,
    pub status: Option<u16>,
    pub code: Option<String>,
    pub token_source: Option<String>,
    pub token: f64,
    pub queue: f64,
    pub connect: f64,
    pub headers: f64,
    pub body: f64,
}

/// How a token request ended.
#[napi(object, object_from_js = false)]
pub(super) struct GrantData {
    /// Which one: its beginning was told under this number.
    pub grant: f64,
    /// Milliseconds since the Unix epoch.
    pub expires_at: Option<f64>,
    pub scope: Option<Vec<String>>,
    pub failure: Option<FailureData>,
    pub store: Option<StoreData>,
}

/// What the store was for a token request; times are in milliseconds.
#[napi(object, object_from_js = false)]
pub(super) struct StoreData {
    pub outcome: String,
    pub time: f64,
    pub waited: f64,
}

/// A token and what is known of it.
#[napi(object, object_from_js = false)]
pub struct TokenInfoData {
    pub access_token: String,
    pub token_type: String,
    /// Milliseconds since the Unix epoch.
    pub expires_at: f64,
    pub scope: Vec<String>,
}

impl From<&AccessToken> for TokenInfoData {
    fn from(token: &AccessToken) -> Self {
        Self {
            access_token: token.expose().to_owned(),
            token_type: token.token_type().to_owned(),
            expires_at: token.expires_at_ms(),
            scope: token.scope().to_vec(),
        }
    }
}

impl From<Failure> for FailureData {
    fn from(failure: Failure) -> Self {
        let message = failure.to_string();
        let mut data = Self {
            code: failure.error.code().to_owned(),
            message,
            endpoint: failure.endpoint.map(Endpoint::name).map(str::to_owned),
            attempts: failure.attempts,
            retryable: failure.error.is_retryable(),
            note: failure.note,
            status: None,
            oauth_error: None,
            oauth_error_description: None,
            oauth_error_uri: None,
            headers: None,
            body: None,
            host: None,
            port: None,
            phase: None,
            reason: None,
            earlier: failure.earlier.into_iter().map(|earlier| Self::from(*earlier)).collect(),
        };
        data.add_details(failure.error);
        data
    }
}

impl FailureData {
    fn add_details(&mut self, error: Error) {
        match error {
            Error::Auth(refusal) => {
                self.status = Some(refusal.status);
                self.oauth_error = refusal.error;
                self.oauth_error_description = refusal.description;
                self.oauth_error_uri = refusal.uri;
            }
            Error::Api(refusal) => {
                self.status = Some(refusal.status);
                self.headers = Some(flat(refusal.headers));
                self.body = Some(refusal.body);
            }
            Error::Connection { peer, detail, .. } => {
                self.reason = Some(detail);
                self.host = Some(peer.host);
                self.port = Some(peer.port);
            }
            Error::Timeout { phase, peer, .. } => {
                self.phase = Some(phase.name().to_owned());
                self.port = peer.as_ref().map(|peer| peer.port);
                self.host = peer.map(|peer| peer.host);
            }
            Error::Response { status, .. } => self.status = Some(status),
            Error::Config(_) | Error::Request(_) | Error::Internal(_) => {}
        }
    }
}

impl From<AttemptReport> for AttemptData {
    fn from(report: AttemptReport) -> Self {
        let (status, code) = match report.ending {
            Ending::Status(status) => (Some(status), None),
            Ending::Code(code) => (None, Some(code.to_owned())),
            Ending::GivenUp => (None, None),
        };
        let spent = |phase| report.timings.of(phase).as_secs_f64() * 1e3;
        Self {
            number: report.number,
            status,
            code,
            token_source: report.token_source.map(|source| source.name().to_owned()),
            token: spent(Phase::Token),
            queue: spent(Phase::Queue),
            connect: spent(Phase::Connect),
            headers: spent(Phase::Headers),
            body: spent(Phase::Body),
        }
    }
}

impl GrantData {
    pub(super) fn new(
        id: u64,
        outcome: StdResult<Option<Arc<AccessToken>>, Failure>,
        store: Option<StoreReport>,
    ) -> Self {
        let (token, failure) = match outcome {
            Ok(token) => (token, None),
            Err(failure) => (None, Some(FailureData::from(failure))),
        };
        Self {
            grant: number(id),
            expires_at: token.as_ref().map(|token| token.expires_at_ms()),
            scope: token.map(|token| token.scope().to_vec()),
            failure,
            store: store.map(|report| StoreData {
                outcome: report.outcome.to_owned(),
                time: report.time.as_secs_f64() * 1e3,
                waited: report.waited.as_secs_f64() * 1e3,
            }),
        }
    }
}

pub(super) fn flat(headers: Vec<(String, String)>) -> Vec<String> {
    headers.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it counts up from nothing and stays far below 2^53")]
pub(super) fn number(id: u64) -> f64 {
    id as f64
}
