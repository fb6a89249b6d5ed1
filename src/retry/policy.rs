//! Which requests may be made again after which errors. Money is moved by some of them.

use reqwest::Method;

use crate::error::{ConnectionFault, Error, Phase, is_transient};

/// Tells whether doing a request twice is the same as doing it once (RFC 9110 §9.2.2).
pub(crate) fn is_idempotent(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::PUT | Method::DELETE)
}

/// Tells whether a request may be repeated after `error`.
///
/// | | idempotent | POST, PATCH |
/// |---|---|---|
/// | nothing was sent: no connection | yes | yes |
/// | 429: refused before it was looked at | yes | yes |
/// | 408, 500, 502, 503, 504 | yes | no: it may have been done |
/// | the connection broke after something was sent | yes | no: likewise |
/// | no trusted TLS, a name that does not exist, any other answer | no | no |
pub(crate) fn may_repeat(is_idempotent: bool, error: &Error) -> bool {
    match error {
        Error::Api(refusal) => refusal.status == 429 || (is_idempotent && is_transient(refusal.status)),
        Error::Connection { fault, was_sent, .. } => match fault {
            ConnectionFault::Connect | ConnectionFault::Proxy | ConnectionFault::DnsUnanswered => true,
            // A name that does not exist will not in a second.
            ConnectionFault::Dns | ConnectionFault::Tls => false,
            ConnectionFault::Lost => is_idempotent || !was_sent,
        },
        Error::Timeout { phase, .. } => *phase == Phase::Connect,
        Error::Config(_) | Error::Request(_) | Error::Auth(_) | Error::Response { .. } | Error::Internal(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{ApiRefusal, Peer, ResponseFault, TimeLimit};

    fn status(status: u16) -> Error {
        Error::Api(Box::new(ApiRefusal { status, headers: Vec::new(), body: String::new() }))
    }

    fn connection(fault: ConnectionFault) -> Error {
        broken(fault, true)
    }

    fn broken(fault: ConnectionFault, was_sent: bool) -> Error {
        Error::Connection { fault, peer: Peer { host: "h".into(), port: 1 }, detail: String::new(), was_sent }
    }

    #[test]
    fn methods_are_idempotent_as_rfc_9110_says() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::DELETE] {
            assert!(is_idempotent(&method), "{method}");
        }
        for method in [Method::POST, Method::PATCH] {
            assert!(!is_idempotent(&method), "{method}");
        }
    }

    #[test]
    fn an_idempotent_request_is_repeated_after_what_may_pass() {
        for code in [408, 429, 500, 502, 503, 504] {
            assert!(may_repeat(true, &status(code)), "{code}");
        }
        assert!(may_repeat(true, &connection(ConnectionFault::Lost)));
        for code in [400, 401, 403, 404, 409, 412, 422, 501] {
            assert!(!may_repeat(true, &status(code)), "{code}");
        }
    }

    #[test]
    fn any_other_is_repeated_only_if_it_was_certainly_not_done() {
        assert!(may_repeat(false, &status(429)));
        assert!(may_repeat(false, &connection(ConnectionFault::Connect)));
        assert!(may_repeat(false, &broken(ConnectionFault::Lost, false)));
        assert!(!may_repeat(false, &broken(ConnectionFault::Lost, true)));
        for code in [408, 500, 502, 503, 504] {
            assert!(!may_repeat(false, &status(code)), "{code}");
        }
    }

    #[test]
    fn what_will_not_pass_is_never_repeated() {
        let too_large = Error::Response { fault: ResponseFault::TooLarge, status: 200, detail: String::new() };
        for error in [connection(ConnectionFault::Tls), connection(ConnectionFault::Dns), too_large] {
            assert!(!may_repeat(true, &error), "{error:?}");
        }
        let deadline = |phase| Error::Timeout { phase, limit: TimeLimit::Call(Duration::ZERO), peer: None };
        assert!(may_repeat(false, &deadline(Phase::Connect)));
        assert!(may_repeat(false, &connection(ConnectionFault::DnsUnanswered)));
        assert!(!may_repeat(true, &deadline(Phase::Headers)));
    }
}
