//! What a client is told once: addresses, credentials, how it is connected.

mod address;

use std::time::Duration;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use crate::credentials::{Credentials, Proof};
use crate::error::Error;
use crate::http::ClientCertificate;
use crate::registry::Identity;
use crate::secret::Secret;
use crate::target::Base;
use crate::token::{Randomness, Seal};
pub(crate) use address::{is_loopback, parse_base, parse_url};

/// Everything about one client that lasts: its credentials may be swapped.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) token_url: Url,
    /// Sorted, without duplicates; empty sends no `scope`.
    pub(crate) scope: Vec<String>,
    pub(crate) base: Base,
    pub(crate) auth: Auth,
    /// Sent with every API call.
    pub(crate) headers: HeaderMap,
    pub(crate) user_agent: HeaderValue,
    pub(crate) network: Network,
    pub(crate) max_response_bytes: usize,
}

/// How API calls say whose they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    OAuth2,
    Signature,
    Both,
}

/// How connections are made.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub(crate) connect_timeout: Duration,
    pub(crate) max_connections: usize,
    pub(crate) roots: ExtraRoots,
    pub(crate) proxy: Option<ProxySetting>,
    /// Shown to servers that ask for one.
    pub(crate) certificate: Option<ClientCertificate>,
}

impl Network {
    /// Tells clients apart that must not share connections to `url`'s origin.
    pub(crate) fn identity(&self, url: &Url) -> Result<Identity, Error> {
        let proxy = self.proxy.as_ref();
        Identity::of([
            url.origin().ascii_serialization().as_bytes(),
            &self.connect_timeout.as_nanos().to_le_bytes(),
            &self.max_connections.to_le_bytes(),
            match &self.roots {
                ExtraRoots::None => b"".as_slice(),
                ExtraRoots::Pem(pem) => pem,
                ExtraRoots::File(path) => path.as_bytes(),
            },
            proxy.map(|proxy| proxy.url.expose()).unwrap_or_default().as_bytes(),
            proxy.and_then(|proxy| proxy.no_proxy.as_deref()).unwrap_or_default().as_bytes(),
            self.certificate_identity(),
        ])
    }

    fn certificate_identity(&self) -> &[u8] {
        self.certificate.as_ref().map(|certificate| certificate.identity().as_bytes()).unwrap_or_default()
    }
}

impl Config {
    /// Tells clients apart that must not share a token. A token may be bound to the certificate that got it (RFC 8705 §3).
    pub(crate) fn token_identity(&self, credentials: &Credentials) -> Result<Identity, Error> {
        let proof = credentials.proof();
        let [kind, secret] = proof.as_ref().map(Proof::identity).unwrap_or_default();
        let named = [
            self.token_url.as_str().as_bytes(),
            credentials.client_id.as_bytes(),
            secret,
            kind,
            self.network.certificate_identity(),
        ];
        Identity::of(named.into_iter().chain(self.scope.iter().map(String::as_bytes)))
    }

    /// Makes the seal of the fleet that shares these credentials, if they hold anything that only its members know.
    pub(crate) fn seal(&self, credentials: &Credentials, randomness: Randomness) -> Result<Option<Seal>, Error> {
        let Some(proof) = credentials.proof() else { return Ok(None) };
        let [kind, secret] = proof.identity();
        let certificate = self.network.certificate.as_ref().map(ClientCertificate::shared_secret).unwrap_or_default();
        let common = Zeroizing::new([&(secret.len() as u64).to_le_bytes(), secret, certificate].concat());
        let named = [self.token_url.as_str().as_bytes(), credentials.client_id.as_bytes(), kind];
        let parts = named.into_iter().chain(self.scope.iter().map(String::as_bytes));
        Seal::new(&common, parts, randomness).map(Some)
    }
}

/// Certificates trusted besides Mozilla's.
#[derive(Clone, Debug)]
pub(crate) enum ExtraRoots {
    None,
    /// PEM text given as an option: already known to parse.
    Pem(Vec<u8>),
    /// A file named by a variable: read by the first call, and a file that is missing or broken is only a warning.
    File(String),
}

#[derive(Clone, Debug)]
pub(crate) struct ProxySetting {
    pub(crate) url: Secret,
    pub(crate) no_proxy: Option<String>,
}

/// Splits scopes at blanks, and sorts out order and duplicates, which mean nothing (RFC 6749 §3.3).
pub(crate) fn parse_scope(parts: &[String]) -> Result<Vec<String>, Error> {
    let mut scope: Vec<String> =
        parts.iter().flat_map(|part| part.split_ascii_whitespace()).map(str::to_owned).collect();
    let is_allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    if !scope.iter().all(|token| token.bytes().all(is_allowed)) {
        return Err(Error::Config("scope (LAYER1_SCOPE) has a character that RFC 6749 §3.3 does not allow.".into()));
    }
    scope.sort_unstable();
    scope.dedup();
    Ok(scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set() {
        let scope = parse_scope(&["b a".to_owned(), "a".to_owned(), " c\t".to_owned()]).unwrap();
        assert_eq!(scope, ["a", "b", "c"]);
        assert!(parse_scope(&[]).unwrap().is_empty());
        assert!(parse_scope(&["a\"b".to_owned()]).is_err());
        assert!(parse_scope(&["é".to_owned()]).is_err());
    }
}
