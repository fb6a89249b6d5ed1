//! Which requests may be made again after which errors. Money is moved by some of them.

use reqwest::Method;

use crate::error::{ConnectionFault, Error, Phase, is_transient};

/// Tells whether a request may be repeated after `error`.
///
/// | | GET, HEAD, PUT, DELETE | POST, PATCH |
/// |---|---|---|
/// | nothing was sent: no connection | yes | yes |
/// | 429: refused before it was looked at | yes | yes |
/// | 408, 500, 502, 503, 504 | yes | no: it may have been done |
/// | the connection broke, or gave no answer in time | yes | no: likewise |
/// | no trusted TLS, or any other answer | no | no |
pub(crate) fn may_repeat(method: &Method, error: &Error) -> bool {
    let is_safe = matches!(*method, Method::GET | Method::HEAD | Method::PUT | Method::DELETE);
    match error {
        Error::Api(refusal) => refusal.status == 429 || (is_safe && is_transient(refusal.status)),
        Error::Connection { fault, .. } => match fault {
            ConnectionFault::Connect | ConnectionFault::Proxy => true,
            // A name that does not exist will not in a second.
            ConnectionFault::Dns | ConnectionFault::Tls => false,
            ConnectionFault::Lost => is_safe,
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
        Error::Connection { fault, peer: Peer { host: "h".into(), port: 1 }, detail: String::new() }
    }

    #[test]
    fn a_repeatable_request_is_repeated_after_what_may_pass() {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            for code in [408, 429, 500, 502, 503, 504] {
                assert!(may_repeat(&method, &status(code)), "{method} {code}");
            }
            assert!(may_repeat(&method, &connection(ConnectionFault::Lost)));
            for code in [400, 401, 403, 404, 409, 412, 422, 501] {
                assert!(!may_repeat(&method, &status(code)), "{method} {code}");
            }
        }
    }

    #[test]
    fn a_post_is_repeated_only_if_it_was_certainly_not_done() {
        for method in [Method::POST, Method::PATCH] {
            assert!(may_repeat(&method, &status(429)));
            assert!(may_repeat(&method, &connection(ConnectionFault::Connect)));
            for code in [408, 500, 502, 503, 504] {
                assert!(!may_repeat(&method, &status(code)), "{method} {code}");
            }
            assert!(!may_repeat(&method, &connection(ConnectionFault::Lost)));
        }
    }

    #[test]
    fn what_will_not_pass_is_never_repeated() {
        let too_large = Error::Response { fault: ResponseFault::TooLarge, status: 200, detail: String::new() };
        for error in [connection(ConnectionFault::Tls), connection(ConnectionFault::Dns), too_large] {
            assert!(!may_repeat(&Method::GET, &error), "{error:?}");
        }
        let deadline = |phase| Error::Timeout { phase, limit: TimeLimit::Call(Duration::ZERO), peer: None };
        assert!(may_repeat(&Method::POST, &deadline(Phase::Connect)));
        assert!(!may_repeat(&Method::GET, &deadline(Phase::Headers)));
    }
}
