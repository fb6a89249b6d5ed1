//! Which connections of a transport are open, as far as its answers tell.
//!
//! reqwest does not say when a connection ends. Each answer names the socket it came on, so what is known is: this
//! socket was open then, and an unused one is closed after the idle limit. A connection that the server closed while
//! it was idle is counted until that limit.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hyper_util::client::legacy::connect::HttpInfo;
use reqwest::Response;
use reqwest::header::CONNECTION;

use crate::limits::IDLE_CONNECTION_LIMIT;

#[derive(Debug, Default)]
pub(super) struct Connections {
    /// By local address, with the time of the last use.
    seen: Mutex<HashMap<SocketAddr, Instant>>,
}

impl Connections {
    /// Notes the connection that `response` came on, and gives it for [`Connections::lost`].
    pub(super) fn used_by(&self, response: &Response) -> Option<SocketAddr> {
        let local = response.extensions().get::<HttpInfo>().map(HttpInfo::local_addr)?;
        let closing =
            response.headers().get(CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        if closing {
            self.lock().remove(&local);
        } else {
            self.lock().insert(local, Instant::now());
        }
        Some(local)
    }

    /// Notes that a connection broke.
    pub(super) fn lost(&self, local: SocketAddr) {
        self.lock().remove(&local);
    }

    /// Notes that all connections were given up.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }

    pub(super) fn open(&self) -> usize {
        let mut seen = self.lock();
        seen.retain(|_, used| used.elapsed() < IDLE_CONNECTION_LIMIT);
        seen.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, Instant>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
