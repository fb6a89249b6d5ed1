//! The native class behind `Layer1`.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::future::{AbortHandle, Abortable, FutureExt};
use napi::bindgen_prelude::{Buffer, Either};
use napi::{Env, Error as NapiError, Result, Status};
use napi_derive::napi;
use once_cell::sync::OnceCell;
use reqwest::Method;
use tokio::time::Instant;

use crate::client::{Call, Client, Content, Limit};
use crate::clock::SystemClock;
use crate::credentials::CredentialChange;
use crate::error::{Endpoint, Error, Failure};
use crate::fault_point::{self, Stage};
use crate::headers;
use crate::registry::Shared;
use crate::runtime;
use crate::secret::Secret;
use crate::token::Need;

use super::completion::{JsPayload, Outcome, ascii_into_js};
use super::data::TokenInfoData;
use super::door::{Calls, Door, Ticket, panicked};
use super::flags;
use super::options::{ClientSettings, milliseconds, parse_private_key};
use super::store::{self, StoreLink, StoreStats};

/// What the clients of this process share, whichever thread they are on.
static SHARED: OnceCell<Shared> = OnceCell::new();

/// One client; its calls are settled through the door they came in by.
#[napi]
pub struct NativeClient {
    /// Gone once the client is closed, and its connections with it.
    client: Mutex<Option<Arc<Client>>>,
    calls: Arc<Calls>,
    /// The way to the client's store, which ends with the client.
    store: OnceCell<Arc<StoreLink>>,
}

/// What the native side has counted.
#[napi(object, object_from_js = false)]
pub struct NativeStats {
    pub token_requests: f64,
    pub token_hits: f64,
    pub requests: f64,
    pub retries: f64,
    pub replays401: f64,
    pub open_connections: f64,
    pub token_store: Option<StoreStats>,
}

#[napi]
impl NativeClient {
    /// Checks the settings; an error with status `InvalidArg` holds a sentence for the user.
    #[napi(constructor, catch_unwind)]
    pub fn new(settings: ClientSettings) -> Result<Self> {
        fault_point::pass(Stage::Construct);
        let shared = settings.share.then(|| SHARED.get_or_init(Shared::new));
        let client = settings
            .part()
            .and_then(|(config, credentials)| {
                Client::new(config, credentials, Arc::new(SystemClock::new()), fastrand::u64(..), shared)
            })
            .map_err(refusal)?;
        Ok(Self { client: Mutex::new(Some(Arc::new(client))), calls: Arc::default(), store: OnceCell::new() })
    }

    /// Shares the token with a fleet, through the store that JavaScript knows by `id`.
    #[napi(catch_unwind)]
    pub fn use_store(&self, door: &Door, id: f64, can_lock: bool) -> Result<()> {
        let Some(client) = self.client() else { return Ok(()) };
        let link = self.store.get_or_init(|| Arc::new(door.store(id, can_lock)));
        client.use_store(Arc::<StoreLink>::clone(link), store::randomness).map_err(refusal)
    }

    /// Says what is wrong with headers, names and values laid out flat, if anything is.
    #[napi(catch_unwind)]
    pub fn fault_of_headers(pairs: Vec<String>) -> Option<String> {
        headers::parse(&pairs, false).err()
    }

    /// Gives the token at once, if there is a fresh one.
    #[napi(catch_unwind, ts_return_type = "string | null")]
    pub fn fresh_token(&self, env: Env) -> Result<Option<JsPayload>> {
        let token = self.client().and_then(|client| client.fresh_token());
        token.map(|token| ascii_into_js(&env, token.expose())).transpose()
    }

    /// Gives the token with what is known of it at once, if there is a fresh one.
    #[napi(catch_unwind)]
    pub fn fresh_token_info(&self) -> Option<TokenInfoData> {
        let token = self.client()?.fresh_token()?;
        Some(TokenInfoData::from(&*token))
    }

    /// Asks for a token; `timeout` in milliseconds, absent for none.
    #[napi(catch_unwind)]
    pub fn request_token(
        &self,
        env: Env,
        door: &Door,
        id: f64,
        must_be_new: bool,
        with_info: bool,
        timeout: Option<f64>,
        traced: bool,
    ) -> Result<()> {
        let limit = limit(timeout);
        let listener = traced.then(|| door.listener(id));
        let need = if must_be_new { Need::New } else { Need::Fresh };
        self.begin(&env, door, id, Endpoint::Token, move |client| {
            client.token(need, limit, listener).map(move |token| match token {
                Ok(token) if with_info => Outcome::TokenInfo(token),
                Ok(token) => Outcome::Token(token),
                Err(failure) => Outcome::Failed(failure),
            })
        })
    }

    /// Asks for a token and opens a connection to the API, both at once; settled with nothing.
    #[napi(catch_unwind)]
    pub fn warm_up(&self, env: Env, door: &Door, id: f64, timeout: Option<f64>, traced: bool) -> Result<()> {
        let limit = limit(timeout);
        let listener = traced.then(|| door.listener(id));
        self.begin(&env, door, id, Endpoint::Api, move |client| async move {
            client.warm_up(limit, listener).await.map_or_else(Outcome::Failed, |()| Outcome::Warm)
        })
    }

    /// Makes a call.
    ///
    /// `query` is encoded, without its question mark; `headers` are names and values, laid out flat; `flags` are those
    /// of [`flags`]; `timeout` is in milliseconds, absent for none.
    #[napi(catch_unwind)]
    pub fn call(
        &self,
        env: Env,
        door: &Door,
        id: f64,
        method: String,
        path: String,
        query: Option<String>,
        headers: Option<Vec<String>>,
        body: Option<Either<String, Buffer>>,
        flags: u32,
        timeout: Option<f64>,
        max_retries: u32,
    ) -> Result<()> {
        let has = |flag: u32| flags & flag != 0;
        let call = Call {
            method: Method::from_bytes(method.as_bytes())
                .map_err(|_| NapiError::new(Status::InvalidArg, "no HTTP method"))?,
            path,
            query,
            headers: headers.unwrap_or_default(),
            body: body.map(|body| Content { bytes: into_bytes(body), is_json: has(flags::SENDS_JSON) }),
            limit: limit(timeout),
            max_retries,
            idempotent: (has(flags::IS_IDEMPOTENT) || has(flags::IS_NOT_IDEMPOTENT)).then(|| has(flags::IS_IDEMPOTENT)),
            wanted: flags::wanted(flags),
            with_headers: has(flags::WANTS_HEADERS),
            listener: has(flags::IS_TRACED).then(|| door.listener(id)),
        };
        self.begin(&env, door, id, Endpoint::Api, move |client| {
            client.call(call).map(|answer| answer.map_or_else(Outcome::Failed, Outcome::from))
        })
    }

    /// Swaps the credentials, or some of them; an error holds a sentence for the user.
    #[napi(catch_unwind)]
    pub fn set_credentials(
        &self,
        client_id: Option<String>,
        client_secret: Option<String>,
        private_key: Option<Either<String, Buffer>>,
        key_id: Option<String>,
    ) -> Result<()> {
        let Some(client) = self.client() else { return Ok(()) };
        let key = private_key.map(parse_private_key).transpose().map_err(refusal)?;
        let client_secret = client_secret.map(Secret::new);
        client.set_credentials(CredentialChange { client_id, client_secret, key, key_id }).map_err(refusal)
    }

    /// Stops a call, whatever it is doing, and frees its connection; nothing is settled.
    #[napi(catch_unwind)]
    pub fn cancel(&self, id: f64) {
        self.calls.cancel(id);
    }

    /// Forgets the token.
    #[napi(catch_unwind)]
    pub fn invalidate_token(&self) {
        if let Some(client) = self.client() {
            client.invalidate_token();
        }
    }

    #[napi(catch_unwind)]
    pub fn stats(&self) -> Option<NativeStats> {
        let stats = self.client()?.stats();
        Some(NativeStats {
            token_requests: count(stats.token_requests),
            token_hits: count(stats.token_hits),
            requests: count(stats.requests),
            retries: count(stats.retries),
            replays401: count(stats.replays),
            open_connections: count(stats.open_connections as u64),
            token_store: stats.store.map(StoreStats::from),
        })
    }

    /// Stops all calls and lets the connections go.
    #[napi(catch_unwind)]
    pub fn close(&self) {
        if let Some(store) = self.store.get() {
            store.close();
        }
        self.calls.cancel_all();
        self.client.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl NativeClient {
    fn client(&self) -> Option<Arc<Client>> {
        fault_point::pass(Stage::Door);
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Starts work on the I/O thread; its outcome is settled under `id`.
    fn begin<F>(
        &self,
        env: &Env,
        door: &Door,
        id: f64,
        endpoint: Endpoint,
        work: impl FnOnce(Arc<Client>) -> F,
    ) -> Result<()>
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let client = self.client().ok_or_else(|| NapiError::new(Status::Closing, "the client is closed"))?;
        let (handle, registration) = AbortHandle::new_pair();
        let ticket = door.admit(env, id, &self.calls)?;
        if let Err(error) = runtime::ready() {
            ticket.settle(Outcome::Failed(client.cannot_begin(endpoint, &error)));
            return Ok(());
        }
        self.calls.add(id, handle);
        fault_point::pass(Stage::Begin);
        let job = settle(ticket, Arc::clone(&client), work(client));
        // An abort is no error: whoever caused it has told the caller.
        runtime::submit(Abortable::new(job, registration).map(drop))
            .map_err(|error| NapiError::new(Status::GenericFailure, Failure::from(error).to_string()))
    }
}

/// Settles a call with what becomes of its work. Combinators, because an `async fn` would hold the work twice: as it was
/// handed in, and as it is awaited.
fn settle(ticket: Ticket, client: Arc<Client>, work: impl Future<Output = Outcome>) -> impl Future<Output = ()> {
    AssertUnwindSafe(work).catch_unwind().map(move |ended| {
        fault_point::pass(Stage::Settle);
        if let Some(sentence) = client.take_warning() {
            ticket.warn(sentence);
        }
        ticket.settle(ended.unwrap_or_else(|_| Outcome::Failed(panicked())));
    })
}

/// Copies a body: its caller may change a buffer while attempts are made.
fn into_bytes(body: Either<String, Buffer>) -> Bytes {
    match body {
        Either::A(text) => text.into(),
        Either::B(bytes) => Bytes::copy_from_slice(&bytes),
    }
}

fn refusal(error: Error) -> NapiError {
    NapiError::new(Status::InvalidArg, Failure::from(error).to_string())
}

fn limit(timeout: Option<f64>) -> Limit {
    Limit { began: Instant::now(), timeout: timeout.and_then(milliseconds) }
}

#[expect(clippy::cast_precision_loss, reason = "counters stay far below 2^53")]
pub(super) fn count(value: u64) -> f64 {
    value as f64
}
