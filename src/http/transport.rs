//! The connections to one origin: how many, how they are made, and how a request travels on one.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use once_cell::sync::OnceCell;
use reqwest::header::HeaderMap;
use reqwest::{Client, Proxy, Request, Response, StatusCode, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::{Network, ProxySetting, is_loopback};
use crate::error::{ConnectionFault, Error, Peer, Phase, ResponseFault};
use crate::fault_point::{self, Stage};
use crate::limits::IDLE_CONNECTION_LIMIT;

use super::body::{Body, BodyError};
use super::connections::Connections;
use super::pool::Pools;
use super::progress::{CURRENT, ConnectPhase, Progress};
use super::resolve::Resolver;
use super::tls::Unready;
use super::{fault, framing, no_proxy, tls};

/// The way to one origin, over at most so many connections.
pub(crate) struct Transport {
    network: Network,
    peer: Peer,
    proxied: bool,
    /// Made by the first request: reading certificates and setting up TLS is no work for a constructor.
    tls: OnceCell<rustls::ClientConfig>,
    pools: Pools,
    /// One that keeps no connection, for requests that must have a new one.
    unpooled: OnceCell<Client>,
    slots: Arc<Semaphore>,
    connections: Connections,
    warning: Mutex<Option<String>>,
}

/// An answer whose body is still to be read, and the slot it occupies until then.
pub(crate) struct Exchange<'a> {
    response: Response,
    transport: &'a Transport,
    connection: Option<SocketAddr>,
    _slot: OwnedSemaphorePermit,
}

impl Transport {
    pub(crate) fn new(url: &Url, network: Network) -> Self {
        let proxied = network.proxy.as_ref().is_some_and(|proxy| proxy_covers(proxy, url));
        Self {
            peer: Peer::of(url),
            proxied,
            tls: OnceCell::new(),
            pools: Pools::default(),
            unpooled: OnceCell::new(),
            slots: Arc::new(Semaphore::new(network.max_connections)),
            connections: Connections::default(),
            warning: Mutex::new(None),
            network,
        }
    }

    /// Waits for the right to use one of the connections; first come, first served.
    pub(crate) async fn slot(&self) -> Result<OwnedSemaphorePermit, Error> {
        fault_point::pass(Stage::Queue);
        let slots = Arc::clone(&self.slots);
        slots.acquire_owned().await.map_err(|_| Error::Internal("the connection slots are closed".into()))
    }

    /// Sends a request on a connection and waits for the headers of its answer.
    pub(crate) async fn send(
        &self,
        slot: OwnedSemaphorePermit,
        request: Request,
        progress: &Arc<Progress>,
    ) -> Result<Exchange<'_>, Error> {
        progress.enter(Phase::Headers);
        progress.begin_request();
        let (pool, response) = if progress.takes_new_connection() {
            let client = self.unpooled.get_or_try_init(|| self.connect(0))?;
            (None, self.execute(client, request, progress).await?)
        } else {
            let pool = self.pools.get_or_make(|| self.connect(self.network.max_connections))?;
            let response = self.execute(pool.client(), request, progress).await?;
            (Some(pool), response)
        };
        progress.enter(Phase::Body);
        if let Some(detail) = framing::fault(response.headers()) {
            if let Some(pool) = pool {
                self.pools.give_up(&pool, response);
                self.connections.forget();
            }
            let (fault, peer) = (ConnectionFault::Lost, self.peer.clone());
            return Err(Error::Connection { fault, peer, detail: detail.to_owned(), was_sent: true });
        }
        let connection = self.connections.used_by(&response);
        Ok(Exchange { response, transport: self, connection, _slot: slot })
    }

    async fn execute(&self, client: &Client, request: Request, progress: &Arc<Progress>) -> Result<Response, Error> {
        let sending = CURRENT.scope(Arc::clone(progress), client.execute(request));
        sending.await.map_err(|error| {
            progress.note_loss(fault::connection(&error));
            fault::before_headers(&error, self)
        })
    }

    pub(crate) fn peer(&self) -> &Peer {
        &self.peer
    }

    pub(crate) fn connect_timeout(&self) -> Duration {
        self.network.connect_timeout
    }

    pub(crate) fn is_proxied(&self) -> bool {
        self.proxied
    }

    pub(crate) fn open_connections(&self) -> usize {
        self.connections.open()
    }

    /// Names an error of the system that came before any connection was tried.
    pub(crate) fn out_of_resources(&self, error: &io::Error) -> Error {
        fault::without_connection(error, self)
    }

    /// Gives the warning about certificates, once.
    pub(crate) fn take_warning(&self) -> Option<String> {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn connect(&self, most_idle: usize) -> Result<Client, Error> {
        let tls = self.tls.get_or_try_init(|| -> Result<_, Error> {
            let tls =
                tls::configure(&self.network.roots, self.network.certificate.as_ref()).map_err(
                    |unready| match unready {
                        Unready::Broken(error) => error,
                        Unready::Shortage(error) => self.out_of_resources(&error),
                    },
                )?;
            *self.warning.lock().unwrap_or_else(PoisonError::into_inner) = tls.warning;
            Ok(tls.config)
        })?;
        let builder = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(self.network.connect_timeout)
            .connector_layer(ConnectPhase)
            .dns_resolver(Resolver::new())
            .pool_max_idle_per_host(most_idle)
            .pool_idle_timeout(IDLE_CONNECTION_LIMIT)
            // Redirects are judged by the caller: a token must not follow one, nor a secret.
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy();
        let builder = match self.network.proxy.as_ref().filter(|_| self.proxied) {
            Some(setting) => {
                let proxy = Proxy::all(setting.url.expose())
                    .map_err(|_| Error::Config("proxy (HTTPS_PROXY) is no proxy URL.".into()))?;
                builder.proxy(proxy)
            }
            None => builder,
        };
        builder.build().map_err(|error| Error::Internal(format!("the HTTP client cannot be made: {error}")))
    }
}

fn malformed(status: u16, detail: String) -> Error {
    Error::Response { fault: ResponseFault::Malformed, status, detail }
}

/// Tells whether a proxy is to be used for `url`: not for loopback, nor for what NO_PROXY names.
fn proxy_covers(proxy: &ProxySetting, url: &Url) -> bool {
    let Ok(destination) = url.as_str().parse::<hyper::Uri>() else { return false };
    let no_proxy = no_proxy::entries_for(url.port_or_known_default(), proxy.no_proxy.as_deref().unwrap_or_default());
    let matcher = Matcher::builder().all(proxy.url.expose().to_owned()).no(no_proxy).build();
    !is_loopback(url) && matcher.intercept(&destination).is_some()
}

impl Exchange<'_> {
    pub(crate) fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    pub(crate) fn url(&self) -> &Url {
        self.response.url()
    }

    /// Reads the body, which must not exceed `limit` bytes once it is decoded.
    pub(crate) async fn into_body(mut self, limit: usize) -> Result<Vec<u8>, Error> {
        fault_point::pass(Stage::Body);
        let status = self.status().as_u16();
        let mut body = Body::new(self.response.headers(), limit).map_err(|detail| malformed(status, detail))?;
        let ended = body.read(&mut self.response).await.and_then(|()| body.end());
        ended.map_err(|error| {
            self.drop_connection();
            match error {
                BodyError::TooLarge => {
                    let detail = format!("its body is over the limit of {limit} bytes");
                    Error::Response { fault: ResponseFault::TooLarge, status, detail }
                }
                BodyError::Coding(detail) => malformed(status, detail),
                BodyError::Broken(error) => fault::in_body(&error, self.transport),
            }
        })
    }

    /// Reads as much of the body as there is, up to `limit` bytes: for errors, where a part is better than none.
    pub(crate) async fn into_partial_body(mut self, limit: usize) -> Vec<u8> {
        fault_point::pass(Stage::ErrorBody);
        let Ok(mut body) = Body::new(self.response.headers(), limit) else { return Vec::new() };
        if body.read(&mut self.response).await.is_err() {
            self.drop_connection();
        }
        body.into_part()
    }

    fn drop_connection(&self) {
        if let Some(connection) = self.connection {
            self.transport.connections.lost(connection);
        }
    }
}
