//! Who a client is, and how it proves that: to the token endpoint, and by signatures.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::key::PrivateKey;
use crate::secret::{Secret, mask};

/// Who the client is, and all that it may prove it with.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) key: Option<Arc<PrivateKey>>,
    /// What the key is known by, where that is not the client id.
    pub(crate) key_id: Option<String>,
    pub(crate) method: ClientAuth,
    /// Whether connections present a certificate of the client's.
    pub(crate) has_certificate: bool,
}

/// What is to be another's in some credentials; what is not given stays.
#[derive(Debug)]
pub(crate) struct CredentialChange {
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) key: Option<PrivateKey>,
    pub(crate) key_id: Option<String>,
}

impl CredentialChange {
    pub(crate) fn of(self, present: &Credentials) -> Credentials {
        let present = present.clone();
        Credentials {
            client_id: self.client_id.unwrap_or(present.client_id),
            client_secret: self.client_secret.or(present.client_secret),
            key: self.key.map(Arc::new).or(present.key),
            key_id: self.key_id.or(present.key_id),
            ..present
        }
    }
}

/// How the client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// `client_secret_post` (RFC 6749 §2.3.1).
    SecretPost,
    /// `client_secret_basic` (RFC 6749 §2.3.1).
    SecretBasic,
    /// `private_key_jwt` (RFC 7523 §2.2).
    PrivateKeyJwt,
}

/// What goes to the token endpoint as proof.
#[derive(Debug)]
pub(crate) enum Proof<'a> {
    Post(&'a Secret),
    Basic(&'a Secret),
    Assertion(&'a Arc<PrivateKey>),
    /// Nothing: the connection's certificate is the proof (RFC 8705 §2).
    Certificate,
}

impl Credentials {
    /// Gives the means of getting a token, if there are any.
    pub(crate) fn proof(&self) -> Option<Proof<'_>> {
        match (self.method, &self.client_secret) {
            (ClientAuth::PrivateKeyJwt, _) => self.key.as_ref().map(Proof::Assertion),
            (ClientAuth::SecretPost, Some(secret)) => Some(Proof::Post(secret)),
            (ClientAuth::SecretBasic, Some(secret)) => Some(Proof::Basic(secret)),
            (_, None) => self.has_certificate.then_some(Proof::Certificate),
        }
    }

    /// Gives what signatures name the key by.
    pub(crate) fn key_id(&self) -> &str {
        self.key_id.as_deref().unwrap_or(&self.client_id)
    }

    /// Makes the value of a Basic header without its scheme. Both parts are form-encoded first (RFC 6749 §2.3.1), and
    /// Keycloak decodes them so.
    pub(crate) fn basic(&self, secret: &Secret) -> Zeroizing<String> {
        let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = Zeroizing::new(format!("{}:{}", encode(&self.client_id), encode(secret.expose())));
        Zeroizing::new(STANDARD.encode(pair.as_bytes()))
    }

    /// Replaces every echo of the secret in `text`, in whatever form it was sent.
    pub(crate) fn mask_in(&self, text: &str) -> String {
        let Some(secret) = &self.client_secret else { return text.to_owned() };
        let basic = self.basic(secret);
        let text = mask(text, &basic);
        secret.mask_in(&mask(&text, basic.trim_end_matches('=')))
    }
}

impl Proof<'_> {
    /// Tells kinds of proof apart, and those of one kind.
    pub(crate) fn identity(&self) -> [&[u8]; 2] {
        match self {
            Self::Post(secret) => [b"post", secret.expose().as_bytes()],
            Self::Basic(secret) => [b"basic", secret.expose().as_bytes()],
            Self::Assertion(key) => [b"assertion", key.expose()],
            Self::Certificate => [b"certificate", b""],
        }
    }

    /// Says what to check when the endpoint refuses.
    pub(crate) fn what_to_check(&self) -> &'static str {
        match self {
            Self::Post(_) | Self::Basic(_) => "LAYER1_CLIENT_ID and LAYER1_CLIENT_SECRET",
            Self::Assertion(_) => {
                "LAYER1_CLIENT_ID, that the public key of privateKey (LAYER1_PRIVATE_KEY) is registered, and this machine's clock"
            }
            Self::Certificate => "LAYER1_CLIENT_ID, and that the certificate `cert` is registered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_form_encoded_before_base64() {
        let secret = Secret::new("p:%+é".into());
        let credentials = Credentials {
            client_id: "a b".into(),
            client_secret: Some(secret.clone()),
            key: None,
            key_id: None,
            method: ClientAuth::SecretBasic,
            has_certificate: false,
        };
        assert_eq!(STANDARD.decode(credentials.basic(&secret).as_bytes()).unwrap(), b"a+b:p%3A%25%2B%C3%A9");
        let echo = format!("Basic {} was sent", *credentials.basic(&secret));
        assert_eq!(credentials.mask_in(&echo), "Basic [redacted] was sent");
    }
}
