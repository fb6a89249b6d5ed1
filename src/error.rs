//! Everything that can go wrong, as data: the face makes classes of it.

use std::fmt;
use std::time::Duration;

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
    Connection { fault: ConnectionFault, peer: Peer, detail: String },
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
    /// Where the credentials come from, for the advice.
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
                ConnectionFault::Dns => "ERR_LAYER1_DNS",
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

    /// Pins the error to an endpoint, after `attempts` requests to it.
    pub(crate) fn at(self, endpoint: Endpoint, attempts: u32) -> Failure {
        Failure { error: self, endpoint: Some(endpoint), attempts }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, endpoint: None, attempts: 0 }
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

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Error::Config(sentence) => out.write_str(sentence),
            Error::Request(sentence) => write!(out, "{sentence}."),
            Error::Auth(refusal) => refusal.fmt(out),
            Error::Api(refusal) => write!(out, "the API answered {}.", refusal.status),
            Error::Connection { fault, peer, detail } => self.write_connection(out, *fault, peer, detail),
            Error::Timeout { phase, limit, peer } => write_timeout(out, *phase, *limit, peer.as_ref()),
            Error::Response { fault, status, detail } => self.write_response(out, *fault, *status, detail),
            Error::Internal(detail) => write!(out, "a defect in layer1, please report it: {detail}."),
        }
    }
}

impl Failure {
    fn write_connection(
        &self,
        out: &mut fmt::Formatter<'_>,
        fault: ConnectionFault,
        peer: &Peer,
        detail: &str,
    ) -> fmt::Result {
        let setting = self.endpoint.unwrap_or(Endpoint::Api).setting();
        match fault {
            ConnectionFault::Connect => {
                write!(out, "could not connect to {peer} ({detail}). Check that the host is up, and {setting}.")
            }
            ConnectionFault::Dns => write!(
                out,
                "the name {} does not resolve ({detail}). Check {setting} and this machine's DNS.",
                peer.host
            ),
            ConnectionFault::Tls => write!(
                out,
                "no trusted TLS connection to {peer} ({detail}). Check {setting}; for a private authority pass its certificate as `ca`."
            ),
            ConnectionFault::Proxy => write!(
                out,
                "the proxy made no connection to {peer} ({detail}). Check `proxy`, HTTPS_PROXY and NO_PROXY."
            ),
            ConnectionFault::Lost => {
                write!(out, "the connection to {peer} broke before the answer was complete ({detail}).")
            }
        }
    }

    fn write_response(
        &self,
        out: &mut fmt::Formatter<'_>,
        fault: ResponseFault,
        status: u16,
        detail: &str,
    ) -> fmt::Result {
        match fault {
            ResponseFault::Malformed => write!(out, "the answer with status {status} cannot be read: {detail}."),
            ResponseFault::TooLarge => write!(out, "the answer with status {status} is too large: {detail}."),
            ResponseFault::Redirect => {
                let setting = self.endpoint.unwrap_or(Endpoint::Api).setting();
                write!(out, "the answer {status} is a redirect that is not followed: {detail}. Check {setting}.")
            }
        }
    }
}

fn write_timeout(out: &mut fmt::Formatter<'_>, phase: Phase, limit: TimeLimit, peer: Option<&Peer>) -> fmt::Result {
    match limit {
        TimeLimit::Connect(limit) => write!(out, "no connection within {} ms (`connectTimeout`)", limit.as_millis())?,
        TimeLimit::Grant(limit) => write!(out, "the token endpoint gave no answer within {} ms", limit.as_millis())?,
        TimeLimit::Call(limit) => {
            let waiting_for = match phase {
                Phase::Token => "an access token",
                Phase::Queue => "a free connection (`maxConnections`)",
                Phase::Connect => "a connection",
                Phase::Headers => "the answer's headers",
                Phase::Body => "the rest of the answer's body",
            };
            write!(out, "no success within {} ms (`timeout`), still waiting for {waiting_for}", limit.as_millis())?;
        }
    }
    if let Some(peer) = peer {
        write!(out, ", {peer}")?;
    }
    out.write_str(".")
}

impl fmt::Display for AuthRefusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match (&self.error, &self.description) {
            (Some(error), Some(description)) => format!(" {error}: {description}"),
            (Some(error), None) => format!(" {error}"),
            (None, _) => self.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default(),
        };
        let Self { status, origin, .. } = self;
        match self.error.as_deref() {
            Some("invalid_scope") => write!(
                out,
                "Layer1 refused the scope ({status}{reason}). Check `scope` (LAYER1_SCOPE) against what this client may ask for at {origin}."
            ),
            Some("invalid_client" | "unauthorized_client") => write!(
                out,
                "Layer1 refused the credentials ({status}{reason}). Check LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET for {origin}."
            ),
            _ if self.retryable => {
                write!(out, "the token endpoint gave no token ({status}{reason}). It may work again later: {origin}.")
            }
            _ => write!(
                out,
                "the token endpoint refused ({status}{reason}). Check the credentials and tokenUrl: {origin}."
            ),
        }
    }
}

#[cfg(test)]
mod tests;
