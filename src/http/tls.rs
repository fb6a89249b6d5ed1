//! TLS settings: ring, TLS 1.2 or newer, Mozilla's roots and what the user adds. Verification has no switch.

use std::io;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::config::ExtraRoots;
use crate::error::Error;

use super::{ClientCertificate, fault};

/// Settings for one client's connections, and a warning about a certificate file that could not be used.
pub(super) struct Tls {
    pub(super) config: ClientConfig,
    pub(super) warning: Option<String>,
}

/// Why TLS cannot be set up.
#[derive(Debug)]
pub(super) enum Unready {
    Broken(Error),
    /// The file with more certificates is there, and this process has no descriptor left to read it: not to be taken
    /// for a file that is missing, for what is set up stays.
    Shortage(io::Error),
}

impl From<Error> for Unready {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

pub(super) fn configure(extra: &ExtraRoots, own: Option<&ClientCertificate>) -> Result<Tls, Unready> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let warning = match extra {
        ExtraRoots::None => None,
        ExtraRoots::Pem(pem) => {
            for certificate in parse_pem(pem).map_err(|detail| Error::Config(format!("ca {detail}.")))? {
                roots.add_parsable_certificates([certificate]);
            }
            None
        }
        ExtraRoots::File(path) => match std::fs::read(path) {
            Err(error) if fault::shortage(&error).is_some() => return Err(Unready::Shortage(error)),
            read => add_file(&mut roots, path, read).err(),
        },
    };
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Internal(format!("TLS cannot be set up: {error}")))?
        .with_root_certificates(roots);
    let config = match own {
        Some(own) => config.with_client_cert_resolver(own.resolver()),
        None => config.with_no_client_auth(),
    };
    Ok(Tls { config, warning })
}

/// Reads every certificate of a PEM text; none at all is an error too.
pub(crate) fn parse_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("is no readable PEM: {error}"))?;
    if certificates.is_empty() {
        return Err("holds no certificate: it has to be PEM text with BEGIN CERTIFICATE lines".to_owned());
    }
    let mut trial = RootCertStore::empty();
    for certificate in &certificates {
        trial.add(certificate.clone()).map_err(|error| format!("holds a certificate that cannot be used: {error}"))?;
    }
    Ok(certificates)
}

/// Adds a file's certificates as Node does: what cannot be used is a warning, never an error.
fn add_file(roots: &mut RootCertStore, path: &str, read: io::Result<Vec<u8>>) -> Result<(), String> {
    let ignoring = |detail: String| format!("ignoring certificates of NODE_EXTRA_CA_CERTS ({path}): {detail}");
    let pem = read.map_err(|error| ignoring(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| ignoring(error.to_string()))?;
    if certificates.is_empty() {
        return Err(ignoring("it holds no certificate".to_owned()));
    }
    match roots.add_parsable_certificates(certificates) {
        (_, 0) => Ok(()),
        (_, unusable) => Err(ignoring(format!("{unusable} of its certificates cannot be used"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_without_a_certificate_is_refused_with_its_reason() {
        assert!(parse_pem(b"").unwrap_err().contains("no certificate"));
        assert!(parse_pem(b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").is_err());
        assert!(parse_pem(b"-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n").is_err());
    }

    #[test]
    fn a_missing_file_is_a_warning_and_the_built_in_roots_stay() {
        let tls = configure(&ExtraRoots::File("/nonexistent/roots.pem".into()), None).unwrap();
        assert!(tls.warning.unwrap().contains("NODE_EXTRA_CA_CERTS"));
    }
}
