//! HTTP message signatures (RFC 9421), as Layer1 asks for them: over method, target and body of what is sent.

mod skew;

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};
use ring::digest::{SHA256, digest};

use crate::clock::Moment;
use crate::error::Error;
use crate::key::PrivateKey;
use crate::runtime;

pub(crate) use skew::skew_note;

/// The headers that a signature is made of.
pub(crate) const HEADERS: [HeaderName; 3] = [CONTENT_DIGEST, SIGNATURE_INPUT, SIGNATURE];
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("content-digest");
const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// Signs requests with one key.
#[derive(Debug)]
pub(crate) struct Signer {
    key: Arc<PrivateKey>,
    /// As it stands in a signature's parameters, quotes and all.
    key_id: String,
}

impl Signer {
    /// Takes a key and what it is known by, which has to be printable ASCII.
    pub(crate) fn new(key: Arc<PrivateKey>, key_id: &str) -> Result<Self, Error> {
        if !key_id.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Error::Config(
                "keyId, or the clientId (LAYER1_CLIENT_ID) in its place, has a character other than printable ASCII."
                    .into(),
            ));
        }
        // RFC 8941 §3.3.3.
        let key_id = format!("\"{}\"", key_id.replace('\\', "\\\\").replace('"', "\\\""));
        Ok(Self { key, key_id })
    }

    /// Signs a request whose body is `content`, at the time that `now` says, and adds the signature to its headers.
    pub(crate) async fn sign(
        &self,
        mut request: Request,
        content: Option<Bytes>,
        now: Moment,
    ) -> Result<Request, Error> {
        let message = Message {
            method: request.method().clone(),
            target_uri: target_uri(request.url()),
            content,
            created: now.wall.as_secs(),
        };
        let (key, key_id) = (Arc::clone(&self.key), self.key_id.clone());
        let signed = runtime::compute(move || message.sign(&key, &key_id)).await??;
        let headers = request.headers_mut();
        for (name, value) in signed {
            let mut value = HeaderValue::try_from(value)
                .map_err(|_| Error::Internal(format!("{name} cannot be sent as a header")))?;
            value.set_sensitive(name == SIGNATURE);
            headers.insert(name, value);
        }
        Ok(request)
    }
}

/// What is signed of a request.
struct Message {
    method: Method,
    target_uri: String,
    content: Option<Bytes>,
    /// Seconds since the Unix epoch.
    created: u64,
}

impl Message {
    /// Makes the headers.
    fn sign(&self, key: &PrivateKey, key_id: &str) -> Result<Vec<(HeaderName, String)>, Error> {
        let content_digest = self.content.as_ref().map(|content| {
            let digest = digest(&SHA256, content);
            format!("sha-256=:{}:", STANDARD.encode(digest))
        });
        let parameters = self.parameters(key_id);
        let signature = key.sign(self.base(&parameters, content_digest.as_deref()).as_bytes())?;
        let mut headers = vec![
            (SIGNATURE_INPUT, format!("sig={parameters}")),
            (SIGNATURE, format!("sig=:{}:", STANDARD.encode(signature))),
        ];
        headers.extend(content_digest.map(|digest| (CONTENT_DIGEST, digest)));
        Ok(headers)
    }

    fn parameters(&self, key_id: &str) -> String {
        let digest = if self.content.is_some() { " \"content-digest\"" } else { "" };
        let created = self.created;
        format!(r#"("@method" "@target-uri"{digest});created={created};keyid={key_id};alg="rsa-v1_5-sha256""#)
    }

    /// Makes the text that is signed (RFC 9421 §2.5): no line end after its last line.
    fn base(&self, parameters: &str, content_digest: Option<&str>) -> String {
        let Self { method, target_uri, .. } = self;
        let digest = content_digest.map(|digest| format!("\"content-digest\": {digest}\n")).unwrap_or_default();
        format!("\"@method\": {method}\n\"@target-uri\": {target_uri}\n{digest}\"@signature-params\": {parameters}")
    }
}

/// Gives the absolute URI of a request (RFC 9421 §2.2.2), of which no fragment and no password is sent.
fn target_uri(url: &Url) -> String {
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{}{}{query}", url.origin().ascii_serialization(), url.path())
}

#[cfg(test)]
mod tests;
