//! A call as it comes in, and an answer as it goes out.

use std::time::Duration;

use bytes::Bytes;
use reqwest::Method;
use tokio::time::Instant;

use crate::retry;
use crate::trace::Listener;

/// One call as it came through the door; nothing of it is checked yet.
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Encoded, without its question mark.
    pub(crate) query: Option<String>,
    /// Names and values, laid out flat.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Option<Content>,
    pub(crate) limit: Limit,
    pub(crate) max_retries: u32,
    /// Whether it may be done twice, where the caller knows better than its method tells.
    pub(crate) idempotent: Option<bool>,
    pub(crate) wanted: Wanted,
    /// Whether the answer's headers are wanted too.
    pub(crate) with_headers: bool,
    pub(crate) listener: Option<Listener>,
}

/// What a call sends: the same bytes with every attempt.
pub(crate) struct Content {
    pub(crate) bytes: Bytes,
    /// Whether it is JSON, and says so unless the caller's headers say otherwise.
    pub(crate) is_json: bool,
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
    /// Text whose numbers are strings where a double would change them.
    LosslessText,
    Bytes,
}

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names and values, if they were asked for.
    pub(crate) headers: Option<Vec<(String, String)>>,
    pub(crate) body: Body,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

impl Call {
    pub(super) fn is_idempotent(&self) -> bool {
        self.idempotent.unwrap_or_else(|| retry::is_idempotent(&self.method))
    }
}

impl Limit {
    /// Gives the moment at which the time is up, if it ever is.
    pub(super) fn deadline(self) -> Option<Instant> {
        self.began.checked_add(self.timeout?)
    }

    pub(super) fn left(self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }

    pub(super) fn has_passed(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

impl Wanted {
    pub(super) fn accepts(self) -> &'static str {
        match self {
            Self::Text | Self::LosslessText => "application/json",
            Self::Bytes => "*/*",
        }
    }
}
