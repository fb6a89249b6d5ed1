//! Requests over the network: connections to one origin, answers read within limits, errors named.

pub(crate) mod body;
mod certificate;
mod connections;
mod fault;
mod framing;
mod no_proxy;
mod pool;
pub(crate) mod progress;
mod resolve;
mod tls;
mod transport;

pub(crate) use certificate::ClientCertificate;
pub(crate) use tls::parse_pem;
pub(crate) use transport::{Exchange, Transport};
