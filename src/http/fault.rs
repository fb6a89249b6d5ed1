//! What a reqwest error means, in this library's terms.
//!
//! reqwest and hyper wrap causes in errors of their own, several deep; only the innermost says what happened.

use std::error::Error as StdError;
use std::io;

use crate::error::{ConnectionFault, Error, Phase, TimeLimit};

use super::transport::Transport;

/// Names an error met before the headers of an answer were complete.
pub(super) fn before_headers(error: &reqwest::Error, transport: &Transport) -> Error {
    let connection = |fault| Error::Connection {
        fault,
        peer: transport.peer().clone(),
        detail: innermost(error),
        was_sent: !error.is_connect(),
    };
    if error.is_connect() {
        if error.is_timeout() {
            return timed_out(transport);
        }
        return connection(connect_fault(error, transport));
    }
    if find::<rustls::Error>(error).is_some() {
        return connection(ConnectionFault::Tls);
    }
    connection(ConnectionFault::Lost)
}

/// Names an error met while a body was read.
pub(super) fn in_body(error: &reqwest::Error, transport: &Transport) -> Error {
    let peer = transport.peer().clone();
    Error::Connection { fault: ConnectionFault::Lost, peer, detail: innermost(error), was_sent: true }
}

fn timed_out(transport: &Transport) -> Error {
    Error::Timeout {
        phase: Phase::Connect,
        limit: TimeLimit::Connect(transport.connect_timeout()),
        peer: Some(transport.peer().clone()),
    }
}

fn connect_fault(error: &reqwest::Error, transport: &Transport) -> ConnectionFault {
    if find::<rustls::Error>(error).is_some() {
        return ConnectionFault::Tls;
    }
    if transport.is_proxied() {
        return ConnectionFault::Proxy;
    }
    if error.is_dns() {
        let is_unanswered = NO_ANSWER_FROM_DNS.iter().any(|sentence| innermost(error).contains(sentence));
        return if is_unanswered { ConnectionFault::DnsUnanswered } else { ConnectionFault::Dns };
    }
    // The connection stood and was closed or reset in the TLS handshake.
    let is_loss = |kind| {
        matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
    };
    let mut kinds = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    if kinds.any(is_loss) { ConnectionFault::Lost } else { ConnectionFault::Connect }
}

/// What `getaddrinfo` says for EAI_AGAIN: glibc and macOS, musl, Windows. Its code does not come through std.
const NO_ANSWER_FROM_DNS: [&str; 3] = ["Temporary failure in name resolution", "Try again", "os error 11002"];

/// Finds the first cause of a type.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// Gives the sentence of the innermost cause: the one that says what happened and not where it passed.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

/// Walks from an error to its innermost cause.
///
/// An `io::Error` made of another error skips it in its own `source()`, so it is asked for it by name.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| next_cause(*error))
}

fn next_cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(io_error) => io_error.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let tls = rustls::Error::General("inner".into());
        let outer = io::Error::other(io::Error::other(tls));
        assert!(find::<rustls::Error>(&outer).is_some());
        assert_eq!(innermost(&outer), "unexpected error: inner");
    }
}
