//! Errors as sentences for a tired person: what failed, on what, and what to do.

use std::fmt;

use super::{AuthRefusal, ConnectionFault, Endpoint, Error, Failure, Peer, Phase, ResponseFault, TimeLimit};

impl fmt::Display for Peer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_error(out)?;
        match &self.note {
            Some(note) => write!(out, " {note}."),
            None => Ok(()),
        }
    }
}

impl Failure {
    fn write_error(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Error::Config(sentence) => out.write_str(sentence),
            Error::Request(sentence) => write!(out, "{sentence}."),
            Error::Auth(refusal) => write!(out, "{refusal}"),
            Error::Api(refusal) => write!(out, "Layer1 answered {}.", refusal.status),
            Error::Connection { fault, peer, detail, .. } => self.write_connection(out, *fault, peer, detail),
            Error::Timeout { phase, limit, peer } => write_timeout(out, *phase, *limit, peer.as_ref()),
            Error::Response { fault, status, detail } => self.write_response(out, *fault, *status, detail),
            Error::Internal(detail) => write!(out, "a defect in layer1, please report it: {detail}."),
        }
    }

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
            ConnectionFault::DnsUnanswered => write!(
                out,
                "no name server answered for {} ({detail}). Check this machine's DNS, and {setting}.",
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
        let Self { status, origin, what_to_check, .. } = self;
        match self.error.as_deref() {
            Some("invalid_scope") => write!(
                out,
                "Layer1 refused the scope ({status}{reason}). Check `scope` (LAYER1_SCOPE) against what this client may ask for at {origin}."
            ),
            Some("invalid_client" | "unauthorized_client") => {
                write!(out, "Layer1 refused the credentials ({status}{reason}). Check {what_to_check} for {origin}.")
            }
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
