//! The certificate that a client shows to servers (RFC 8705, RFC 8446 §4.4.2).

use std::fmt;
use std::sync::Arc;

use ring::digest;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs1KeyDer, PrivatePkcs8KeyDer, PrivateSec1KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::registry::Identity;
use crate::secret::SecretBytes;

use super::tls::parse_pem;

/// A chain of certificates and the key of its first.
#[derive(Clone)]
pub(crate) struct ClientCertificate {
    certified: Arc<SingleCertAndKey>,
    /// Tells it from others.
    identity: Identity,
    /// The same in every process that has this certificate and its key; known to nobody else.
    shared_secret: SecretBytes,
}

impl ClientCertificate {
    /// Reads chain and key, both PEM.
    pub(crate) fn parse(cert: &[u8], key: &[u8]) -> Result<Self, Error> {
        let refuse = |sentence: String| Error::Config(format!("{sentence}."));
        let chain = parse_pem(cert).map_err(|what| refuse(format!("cert {what}")))?;
        let identity = Identity::of(chain.iter().map(AsRef::as_ref).chain([key]))?;
        let signing_key = read_key(key).map_err(|what| refuse(format!("key {what}")))?;
        let certified = CertifiedKey::new(chain, signing_key);
        match certified.keys_match() {
            Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
                Err(refuse("key is not the key of the first certificate of cert".to_owned()))
            }
            _ => Ok(Self { certified: Arc::new(certified.into()), identity, shared_secret: shared_secret(cert, key) }),
        }
    }

    /// Gives what those who have the certificate and its key have in common.
    pub(crate) fn shared_secret(&self) -> &[u8] {
        self.shared_secret.expose()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(super) fn resolver(&self) -> Arc<SingleCertAndKey> {
        Arc::clone(&self.certified)
    }
}

fn shared_secret(cert: &[u8], key: &[u8]) -> SecretBytes {
    let mut digest = digest::Context::new(&digest::SHA256);
    for part in [cert, key] {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    SecretBytes::new(digest.finish().as_ref().to_vec())
}

fn read_key(pem: &[u8]) -> Result<Arc<dyn rustls::sign::SigningKey>, String> {
    let is_encrypted = pem.windows(ENCRYPTED.len()).any(|window| window == ENCRYPTED);
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem) {
        let Ok((kind, der)) = section else { break };
        let der = Zeroizing::new(der);
        let key: PrivateKeyDer<'_> = match kind {
            SectionKind::PrivateKey => PrivatePkcs8KeyDer::from(der.as_slice()).into(),
            SectionKind::RsaPrivateKey => PrivatePkcs1KeyDer::from(der.as_slice()).into(),
            SectionKind::EcPrivateKey => PrivateSec1KeyDer::from(der.as_slice()).into(),
            _ => continue,
        };
        return any_supported_type(&key).map_err(|_| {
            "is of no kind that can be used: RSA of 2048 to 4096 bits, EC on P-256 or P-384, or Ed25519".to_owned()
        });
    }
    Err(if is_encrypted {
        "is encrypted: decrypt it with `openssl pkey -in encrypted.pem -out client-key.pem`".to_owned()
    } else {
        "holds no private key: it has to be PEM text with BEGIN PRIVATE KEY lines".to_owned()
    })
}

/// In the label of PKCS#8, and in the headers of older forms.
const ENCRYPTED: &[u8] = b"ENCRYPTED";

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ClientCertificate([redacted])")
    }
}
