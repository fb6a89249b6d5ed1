//! Results of the machine as JavaScript values.

use std::ptr;
use std::sync::Arc;

use napi::bindgen_prelude::{Buffer, ToNapiValue};
use napi::{Env, Result, check_status, sys};

use crate::client::{Answer, Body};
use crate::error::Failure;
use crate::fault_point::{self, Stage};
use crate::token::{AccessToken, Operation};
use crate::trace::Event;

use super::data::{AttemptData, FailureData, GrantData, TokenInfoData, flat, number};
use super::store::StoreWork;

/// The end of one call.
pub(super) struct Completion {
    pub(super) id: f64,
    pub(super) outcome: Outcome,
}

pub(super) enum Outcome {
    Answered {
        status: u16,
        attempts: u32,
        headers: Option<Vec<(String, String)>>,
        payload: Payload,
    },
    Token(Arc<AccessToken>),
    TokenInfo(Arc<AccessToken>),
    Failed(Failure),
    /// A token and a connection are there.
    Warm,
    /// Something to be told of; it ends no call.
    Event(Event),
    /// Something the user should be warned of; it belongs to no call.
    Warning(String),
    /// The call was cancelled: the face has told its caller already.
    Abandoned,
    /// Something that a client's store is to do, under a number if it is to answer; `id` is the store's.
    StoreWork {
        number: Option<u64>,
        operation: Operation,
    },
}

/// A body as it will cross. V8 copies pure ASCII with one `memcpy`; UTF-8 it has to transcode.
pub(super) enum Payload {
    Ascii(String),
    Utf8(String),
    Bytes(Vec<u8>),
}

/// How the face tells outcomes apart; an HTTP status stands for itself.
const FAILED: u32 = 0;
const TOKEN: u32 = 1;
const WARNING: u32 = 2;
const ATTEMPT: u32 = 3;
const GRANT_BEGAN: u32 = 4;
const GRANT_ENDED: u32 = 5;
const WARM: u32 = 6;
const ABANDONED: u32 = 7;
const STORE_WORK: u32 = 8;

impl Outcome {
    /// Tells whether this is the one outcome that a call has.
    pub(super) fn ends_a_call(&self) -> bool {
        !matches!(self, Self::Warning(_) | Self::Event(_) | Self::StoreWork { .. })
    }
}

impl From<Answer> for Outcome {
    fn from(answer: Answer) -> Self {
        let payload = match answer.body {
            Body::Text(text) if text.is_ascii() => Payload::Ascii(text),
            Body::Text(text) => Payload::Utf8(text),
            Body::Bytes(bytes) => Payload::Bytes(bytes),
        };
        Self::Answered { status: answer.status, attempts: answer.attempts, headers: answer.headers, payload }
    }
}

impl Completion {
    /// Gives the size of its body, in bytes.
    pub(super) fn size(&self) -> usize {
        match &self.outcome {
            Outcome::Answered { payload: Payload::Ascii(text) | Payload::Utf8(text), .. } => text.len(),
            Outcome::Answered { payload: Payload::Bytes(bytes), .. } => bytes.len(),
            _ => 0,
        }
    }

    /// Makes `id, kind, payload, attempts`, four places of the array that settles a batch; objects would cost more.
    pub(super) fn into_js(self, env: &Env) -> Result<[JsPayload; 4]> {
        fault_point::pass(Stage::Convert);
        let mut attempts = 0;
        let (kind, payload) = match self.outcome {
            Outcome::Answered { status, payload, attempts: made, headers } => {
                attempts = made;
                let body = payload.into_js(env)?;
                let payload = match headers {
                    None => body,
                    // `[body, headers]`
                    Some(headers) => into_js(env, vec![body, into_js(env, flat(headers))?])?,
                };
                (u32::from(status), payload)
            }
            Outcome::Warm => (WARM, into_js(env, ())?),
            Outcome::Event(Event::AttemptEnded(report)) => (ATTEMPT, into_js(env, AttemptData::from(report))?),
            Outcome::Event(Event::GrantBegan { id }) => (GRANT_BEGAN, into_js(env, number(id))?),
            Outcome::Event(Event::GrantEnded { id, outcome, store }) => {
                (GRANT_ENDED, into_js(env, GrantData::new(id, outcome, store))?)
            }
            // A token is ASCII: nothing else fits into a header.
            Outcome::Token(token) => (TOKEN, ascii_into_js(env, token.expose())?),
            Outcome::TokenInfo(token) => (TOKEN, into_js(env, TokenInfoData::from(&*token))?),
            Outcome::Failed(failure) => (FAILED, into_js(env, FailureData::from(failure))?),
            Outcome::Warning(sentence) => (WARNING, into_js(env, sentence)?),
            Outcome::Abandoned => (ABANDONED, into_js(env, ())?),
            Outcome::StoreWork { number, operation } => (STORE_WORK, into_js(env, StoreWork::new(number, operation))?),
        };
        Ok([into_js(env, self.id)?, into_js(env, kind)?, payload, into_js(env, attempts)?])
    }
}

/// A value that is in JavaScript already.
pub struct JsPayload(sys::napi_value);

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
pub(super) fn ascii_into_js(env: &Env, text: &str) -> Result<JsPayload> {
    let length = text.len().cast_signed();
    let mut value = ptr::null_mut();
    // SAFETY: `text` is valid for `length` bytes, which V8 copies before the call returns; ASCII is Latin-1.
    let status = unsafe { sys::napi_create_string_latin1(env.raw(), text.as_ptr().cast(), length, &mut value) };
    check_status!(status, "a body of {} bytes makes no JavaScript string", length)?;
    Ok(JsPayload(value))
}
