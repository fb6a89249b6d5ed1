//! What a reqwest error means, in this library's terms.
//!
//! reqwest and hyper wrap causes in errors of their own, several deep; only the innermost says what happened.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;

use crate::error::{ConnectionFault, Error, Phase, TimeLimit};

use super::progress::local_address;
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

/// Names an error of the system met before a connection was tried.
pub(super) fn without_connection(error: &io::Error, transport: &Transport) -> Error {
    Error::Connection {
        fault: ConnectionFault::Connect,
        peer: transport.peer().clone(),
        detail: innermost(error),
        was_sent: false,
    }
}

/// Says on which connection an error was met, by its local address, if there was one.
pub(super) fn connection(error: &reqwest::Error) -> Option<SocketAddr> {
    find::<hyper_util::client::legacy::Error>(error)?.connect_info().and_then(local_address)
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
    if is_out_of_resources(error) {
        return ConnectionFault::Connect;
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

/// Tells whether this process or machine, and not the other side, has come to a limit.
fn is_out_of_resources(error: &(dyn StdError + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|error| shortage(error).is_some())
}

/// Says what to do about a limit of this machine that an error tells of.
pub(super) fn shortage(error: &io::Error) -> Option<&'static str> {
    match error.raw_os_error()? {
        EMFILE | WSAEMFILE => {
            Some("this process has no file descriptor left: raise its limit, or lower maxConnections")
        }
        ENFILE => Some("this machine has no file descriptor left"),
        EADDRNOTAVAIL_LINUX | EADDRNOTAVAIL_MACOS | WSAEADDRNOTAVAIL => {
            Some("this machine may have no local port left: lower maxConnections")
        }
        _ => None,
    }
}

const ENFILE: i32 = 23;
const EMFILE: i32 = 24;
const EADDRNOTAVAIL_MACOS: i32 = 49;
const EADDRNOTAVAIL_LINUX: i32 = 99;
const WSAEMFILE: i32 = 10_024;
const WSAEADDRNOTAVAIL: i32 = 10_049;

/// Finds the first cause of a type.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// Gives the sentence of the innermost cause: the one that says what happened and not where it passed.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    let Some(last) = causes(error).last() else { return String::new() };
    match last.downcast_ref::<io::Error>().and_then(shortage) {
        Some(shortage) => format!("{last}: {shortage}"),
        None => last.to_string(),
    }
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
    fn a_shortage_of_this_machine_is_told_with_what_to_do() {
        let outer = io::Error::other(io::Error::from_raw_os_error(EMFILE));
        assert!(is_out_of_resources(&outer));
        assert!(innermost(&outer).ends_with("lower maxConnections"));
        assert!(!is_out_of_resources(&io::Error::from_raw_os_error(111)));
    }

    #[test]
    fn an_error_inside_an_io_error_is_found() {
        let tls = rustls::Error::General("inner".into());
        let outer = io::Error::other(io::Error::other(tls));
        assert!(find::<rustls::Error>(&outer).is_some());
        assert_eq!(innermost(&outer), "unexpected error: inner");
    }
}
