//! Results of the machine as JavaScript values.

use std::ptr;
use std::sync::Arc;

use napi::bindgen_prelude::{Buffer, ToNapiValue};
use napi::{Env, Result, check_status, sys};
use napi_derive::napi;

use crate::client::{Answer, Body};
use crate::error::{Endpoint, Error, Failure};
use crate::token::AccessToken;

/// The end of one call.
pub(super) struct Completion {
    pub(super) id: f64,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    Answered {
        status: u16,
        attempts: u32,
        payload: Payload,
    },
    Token(Arc<AccessToken>),
    TokenInfo(Arc<AccessToken>),
    Failed(Failure),
    /// Something the user should be warned of; it belongs to no call.
    Warning(String),
    /// The call was cancelled: the face has told its caller already.
    Abandoned,
}

/// A body as it will cross. V8 copies pure ASCII with one `memcpy`; UTF-8 it has to transcode.
pub(super) enum Payload {
    Ascii(String),
    Utf8(String),
    Bytes(Vec<u8>),
}

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

/// How the face tells outcomes apart; an HTTP status stands for itself.
const FAILED: u32 = 0;
const TOKEN: u32 = 1;
const WARNING: u32 = 2;

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        let payload = match answer.body {
            Body::Text(text) if text.is_ascii() => Payload::Ascii(text),
            Body::Text(text) => Payload::Utf8(text),
            Body::Bytes(bytes) => Payload::Bytes(bytes),
        };
        Self::Answered { status: answer.status, attempts: answer.attempts, payload }
    }
}

impl Completion {
    /// Makes `id, kind, payload, attempts`, four places of the array that settles a batch; objects would cost more.
    pub(super) fn into_js(self, env: &Env) -> Result<Option<[JsPayload; 4]>> {
        let mut attempts = 0;
        let (kind, payload) = match self.outcome {
            Outcome::Answered { status, payload, attempts: made } => {
                attempts = made;
                (u32::from(status), payload.into_js(env)?)
            }
            Outcome::Token(token) => (TOKEN, into_js(env, token.expose())?),
            Outcome::TokenInfo(token) => (TOKEN, into_js(env, TokenInfoData::from(&*token))?),
            Outcome::Failed(failure) => (FAILED, into_js(env, FailureData::from(failure))?),
            Outcome::Warning(sentence) => (WARNING, into_js(env, sentence)?),
            Outcome::Abandoned => return Ok(None),
        };
        Ok(Some([into_js(env, self.id)?, into_js(env, kind)?, payload, into_js(env, attempts)?]))
    }
}

/// A value that is in JavaScript already.
pub(super) struct JsPayload(sys::napi_value);

impl ToNapiValue for JsPayload {
    #[expect(unsafe_code, reason = "the trait's method is unsafe; a finished value is handed on")]
    unsafe fn to_napi_value(_: sys::napi_env, value: Self) -> Result<sys::napi_value> {
        Ok(value.0)
    }
}

#[expect(unsafe_code, reason = "conversion to a JavaScript value takes the raw environment")]
fn into_js(env: &Env, value: impl ToNapiValue) -> Result<JsPayload> {
    // SAFETY: `env` is the environment whose callback is running on this thread, inside a handle scope.
    unsafe { ToNapiValue::to_napi_value(env.raw(), value) }.map(JsPayload)
}

impl Payload {
    fn into_js(self, env: &Env) -> Result<JsPayload> {
        match self {
            Self::Ascii(text) => ascii_into_js(env, &text),
            Self::Utf8(text) => into_js(env, text),
            Self::Bytes(bytes) => into_js(env, Buffer::from(bytes)),
        }
    }
}

#[expect(unsafe_code, reason = "napi has no safe way to make a one-byte string of text known to be ASCII")]
fn ascii_into_js(env: &Env, text: &str) -> Result<JsPayload> {
    let length = text.len().cast_signed();
    let mut value = ptr::null_mut();
    // SAFETY: `text` is valid for `length` bytes, which V8 copies before the call returns; ASCII is Latin-1.
    let status = unsafe { sys::napi_create_string_latin1(env.raw(), text.as_ptr().cast(), length, &mut value) };
    check_status!(status, "a body of {} bytes makes no JavaScript string", length)?;
    Ok(JsPayload(value))
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
                self.headers = Some(refusal.headers.into_iter().flat_map(|(name, value)| [name, value]).collect());
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
