//! Everything that can go wrong, as data: the face makes classes of it.

use std::time::Duration;

use reqwest::Url;

use crate::clock::Moment;
use crate::retry::retry_after;

mod sentence;

/// What went wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub(crate) enum Error {
    /// An option or variable is missing or wrong; the sentence names it and never quotes its value.
    Config(String),
    /// A call's path, query, header or option is wrong; nothing was sent.
    Request(String),
    /// The token endpoint refused, or answered with something that is no token.
    Auth(Box<AuthRefusal>),
    /// The API answered with a status that is no success.
    Api(Box<ApiRefusal>),
    /// No connection, or a connection that broke.
    ///
    /// `was_sent` is false only if the other side can have seen nothing of the request.
    Connection { fault: ConnectionFault, peer: Peer, detail: String, was_sent: bool },
    /// A limit on time passed.
    Timeout { phase: Phase, limit: TimeLimit, peer: Option<Peer> },
    /// An answer came that cannot be used.
    Response { fault: ResponseFault, status: u16, detail: String },
    /// A defect of this library; a panic ends here too.
    Internal(String),
}

/// A refusal by the token endpoint (RFC 6749 §5.2).
#[derive(Clone, Debug)]
pub(crate) struct AuthRefusal {
    pub(crate) status: u16,
    /// `error`, at most 512 characters, any echo of the secret masked.
    pub(crate) error: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) uri: Option<String>,
    /// What was wrong, where the endpoint did not say.
    pub(crate) detail: Option<String>,
    pub(crate) retryable: bool,
    /// How long the endpoint asked to be left alone.
    pub(crate) retry_after: Option<Duration>,
    /// What may be wrong with the credentials, for the advice.
    pub(crate) what_to_check: &'static str,
    /// Where the token endpoint is, for the advice.
    pub(crate) origin: String,
}

/// A refusal by the API; its body is read by the face.
#[derive(Clone, Debug)]
pub(crate) struct ApiRefusal {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionFault {
    Connect,
    Dns,
    /// No name server answered: it may, a moment later.
    DnsUnanswered,
    Tls,
    Proxy,
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseFault {
    Malformed,
    TooLarge,
    Redirect,
}

/// Where a call stood when its time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Token,
    Queue,
    Connect,
    Headers,
    Body,
}

/// Which limit on time it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeLimit {
    /// `timeout`: the whole call.
    Call(Duration),
    /// `connectTimeout`: one connection.
    Connect(Duration),
    /// The limit on one token request.
    Grant(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Token,
    Api,
}

/// The other side of a connection, as the URL names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Peer {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// An error with the place it happened at.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    pub(crate) endpoint: Option<Endpoint>,
    /// Requests made of that endpoint for this call.
    pub(crate) attempts: u32,
    /// Why it was not tried again, where the reason is not plain.
    pub(crate) note: Option<String>,
    /// What ended the attempt before this failure, if there was one.
    pub(crate) earlier: Option<Box<Failure>>,
}

impl Error {
    /// Gives the code that the face shows.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "ERR_LAYER1_CONFIG",
            Self::Request(_) => "ERR_LAYER1_REQUEST",
            Self::Auth(_) => "ERR_LAYER1_AUTH",
            Self::Api(_) => "ERR_LAYER1_API",
            Self::Connection { fault, .. } => match fault {
                ConnectionFault::Connect => "ERR_LAYER1_CONNECT",
                ConnectionFault::Dns | ConnectionFault::DnsUnanswered => "ERR_LAYER1_DNS",
                ConnectionFault::Tls => "ERR_LAYER1_TLS",
                ConnectionFault::Proxy => "ERR_LAYER1_PROXY",
                ConnectionFault::Lost => "ERR_LAYER1_CONNECTION_LOST",
            },
            Self::Timeout { .. } => "ERR_LAYER1_TIMEOUT",
            Self::Response { fault, .. } => match fault {
                ResponseFault::Malformed => "ERR_LAYER1_RESPONSE_MALFORMED",
                ResponseFault::TooLarge => "ERR_LAYER1_RESPONSE_TOO_LARGE",
                ResponseFault::Redirect => "ERR_LAYER1_REDIRECT",
            },
            Self::Internal(_) => "ERR_LAYER1_INTERNAL",
        }
    }

    /// Tells whether the same call may well succeed later.
    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Auth(refusal) => refusal.retryable,
            Self::Api(refusal) => is_transient(refusal.status),
            Self::Connection { fault, .. } => *fault != ConnectionFault::Tls,
            Self::Timeout { .. } => true,
            Self::Config(_) | Self::Request(_) | Self::Response { .. } | Self::Internal(_) => false,
        }
    }

    /// Gives the wait that the answer asked for, if it is an answer and asked for one that makes sense.
    pub(crate) fn retry_after(&self, now: Moment) -> Option<Duration> {
        match self {
            Self::Auth(refusal) => refusal.retry_after,
            Self::Api(refusal) => retry_after(refusal.header("retry-after")?, refusal.header("date"), now),
            _ => None,
        }
    }

    /// Pins the error to an endpoint, after `attempts` requests to it.
    pub(crate) fn at(self, endpoint: Endpoint, attempts: u32) -> Failure {
        Failure { error: self, endpoint: Some(endpoint), attempts, note: None, earlier: None }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, endpoint: None, attempts: 0, note: None, earlier: None }
    }
}

impl Peer {
    pub(crate) fn of(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
        }
    }
}

impl ApiRefusal {
    /// Tells whether the token was good and only its scope too small (RFC 6750 §3.1): a new token would change nothing.
    pub(crate) fn is_about_scope(&self) -> bool {
        let mut challenges = self.headers.iter().filter(|(name, _)| name == "www-authenticate");
        challenges.any(|(_, challenge)| challenge.contains("insufficient_scope"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// Tells whether a status says "later, perhaps": the ones that are retried.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

impl Phase {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Queue => "queue",
            Self::Connect => "connect",
            Self::Headers => "headers",
            Self::Body => "body",
        }
    }
}

impl Endpoint {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Api => "api",
        }
    }

    /// Names the option, and the variable, that lead there.
    fn setting(self) -> &'static str {
        match self {
            Self::Token => "tokenUrl (LAYER1_TOKEN_URL)",
            Self::Api => "baseUrl (LAYER1_BASE_URL)",
        }
    }
}

#[cfg(test)]
mod tests;
