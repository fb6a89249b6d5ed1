//! A client's settings as the face resolved them: options over variables over defaults.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either};
use napi_derive::napi;
use reqwest::Url;
use reqwest::header::HeaderValue;
use zeroize::Zeroizing;

use crate::config::{Auth, Config, ExtraRoots, Network, ProxySetting, parse_base, parse_scope, parse_url};
use crate::credentials::{ClientAuth, Credentials};
use crate::error::Error;
use crate::headers;
use crate::http::{ClientCertificate, parse_pem};
use crate::key::{self, PrivateKey, with_line_ends};
use crate::limits::LARGEST_KEY_FILE;
use crate::secret::Secret;

/// Settings with nothing left open; the face has checked their types.
#[napi(object, object_to_js = false)]
pub struct ClientSettings {
    pub client_id: String,
    pub client_secret: Option<String>,
    /// `oauth2`, `signature` or `both`.
    pub auth: String,
    /// PEM or base64.
    pub private_key: Option<Either<String, Buffer>>,
    /// A file that holds it, named by a variable.
    pub private_key_file: Option<String>,
    pub key_id: Option<String>,
    /// A client certificate and its key, PEM.
    pub cert: Option<Either<String, Buffer>>,
    pub key: Option<Either<String, Buffer>>,
    /// `client_secret_post`, `client_secret_basic` or `private_key_jwt`.
    pub client_auth: String,
    pub base_url: String,
    pub token_url: String,
    pub scope: Vec<String>,
    /// Names and values, laid out flat.
    pub headers: Vec<String>,
    /// Goes before our own.
    pub user_agent: Option<String>,
    /// Milliseconds.
    pub connect_timeout: f64,
    pub max_connections: u32,
    pub max_response_bytes: f64,
    /// PEM text.
    pub ca: Option<Buffer>,
    /// A PEM file, read by the first call.
    pub ca_file: Option<String>,
    pub proxy_url: Option<String>,
    pub no_proxy: Option<String>,
    /// Share token and connections with other clients in this process.
    pub share: bool,
}

impl ClientSettings {
    /// Parts the settings into what lasts and what may be swapped.
    pub(super) fn part(mut self) -> Result<(Config, Credentials), Error> {
        let key = read_private_key(self.private_key.take(), self.private_key_file.take())?;
        let network = network(&mut self)?;
        let settings = self;
        let credentials = Credentials {
            client_id: settings.client_id,
            client_secret: settings.client_secret.map(Secret::new),
            key: key.map(Arc::new),
            key_id: settings.key_id,
            method: match settings.client_auth.as_str() {
                "client_secret_basic" => ClientAuth::SecretBasic,
                "private_key_jwt" => ClientAuth::PrivateKeyJwt,
                _ => ClientAuth::SecretPost,
            },
            has_certificate: network.certificate.is_some(),
        };
        let auth = match settings.auth.as_str() {
            "signature" => Auth::Signature,
            "both" => Auth::Both,
            _ => Auth::OAuth2,
        };
        let config = Config {
            token_url: parse_url(&settings.token_url, "tokenUrl (LAYER1_TOKEN_URL)")?,
            base: parse_base(&settings.base_url, "baseUrl (LAYER1_BASE_URL)")?,
            auth,
            scope: parse_scope(&settings.scope)?,
            headers: headers::parse(&settings.headers, auth != Auth::OAuth2)
                .map_err(|what| Error::Config(format!("headers: {what}.")))?,
            user_agent: user_agent(settings.user_agent.as_deref())?,
            network,
            max_response_bytes: bytes(settings.max_response_bytes),
        };
        Ok((config, credentials))
    }
}

fn network(settings: &mut ClientSettings) -> Result<Network, Error> {
    let roots = match (&settings.ca, &settings.ca_file) {
        (Some(pem), _) => {
            parse_pem(pem).map_err(|what| Error::Config(format!("ca {what}.")))?;
            ExtraRoots::Pem(pem.to_vec())
        }
        (None, Some(path)) => ExtraRoots::File(path.clone()),
        (None, None) => ExtraRoots::None,
    };
    let certificate = match (settings.cert.take(), settings.key.take()) {
        (Some(cert), Some(key)) => {
            Some(ClientCertificate::parse(&with_line_ends(&into_secret(cert)), &with_line_ends(&into_secret(key)))?)
        }
        _ => None,
    };
    let proxy = settings.proxy_url.as_deref().map(parse_proxy).transpose()?;
    Ok(Network {
        connect_timeout: milliseconds(settings.connect_timeout).unwrap_or(Duration::MAX),
        max_connections: usize::try_from(settings.max_connections).unwrap_or(usize::MAX),
        roots,
        proxy: proxy.map(|url| ProxySetting { url, no_proxy: settings.no_proxy.clone() }),
        certificate,
    })
}

/// Reads the key that was given, or else the file that holds it.
fn read_private_key(given: Option<Either<String, Buffer>>, file: Option<String>) -> Result<Option<PrivateKey>, Error> {
    if let Some(given) = given {
        return parse_private_key(given).map(Some);
    }
    let Some(file) = file else { return Ok(None) };
    let refuse = |what: String| Error::Config(format!("{KEY_FILE} {what}."));
    let text = read_key_file(&file)
        .map_err(|why| refuse(format!("names a file that cannot be read ({why}): {}", key::how_to_make_one())))?;
    PrivateKey::parse(&text).map_err(|what| refuse(format!("names a file whose content {what}"))).map(Some)
}

/// Reads a file that may turn out to be anything, even one without an end.
fn read_key_file(path: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    const MOST: usize = LARGEST_KEY_FILE + 1;
    // Its full size at once: a vector that grows leaves copies of the key behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MOST));
    let read = |text: &mut Vec<u8>| -> io::Result<usize> { File::open(path)?.take(MOST as u64).read_to_end(text) };
    match read(&mut text) {
        Ok(length) if length <= LARGEST_KEY_FILE => Ok(text),
        Ok(_) => Err(format!("it is longer than {LARGEST_KEY_FILE} bytes")),
        Err(error) => Err(error.kind().to_string()),
    }
}

/// Reads a key, of which no copy is left.
pub(super) fn parse_private_key(text: Either<String, Buffer>) -> Result<PrivateKey, Error> {
    PrivateKey::parse(&into_secret(text))
        .map_err(|what| Error::Config(format!("privateKey (LAYER1_PRIVATE_KEY) {what}.")))
}

fn into_secret(text: Either<String, Buffer>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match text {
        Either::A(text) => text.into_bytes(),
        Either::B(bytes) => bytes.to_vec(),
    })
}

const KEY_FILE: &str = "privateKey (LAYER1_PRIVATE_KEY_FILE)";

const OWN_USER_AGENT: &str = concat!("layer1/", env!("CARGO_PKG_VERSION"));

fn user_agent(given: Option<&str>) -> Result<HeaderValue, Error> {
    let text = given.map_or_else(|| OWN_USER_AGENT.into(), |given| format!("{given} {OWN_USER_AGENT}"));
    let is_printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let header = is_printable.then(|| HeaderValue::from_str(&text).ok()).flatten();
    header.ok_or_else(|| Error::Config("userAgent has a character other than printable ASCII.".into()))
}

/// Takes `http://user:password@host:port`, and, as curl does, `host:port`.
fn parse_proxy(text: &str) -> Result<Secret, Error> {
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let is_usable =
        Url::parse(&with_scheme).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_usable {
        Ok(Secret::new(with_scheme))
    } else {
        Err(Error::Config("proxy (HTTPS_PROXY) has to be an http or https URL, or false for none.".into()))
    }
}

/// Takes milliseconds; gives nothing for a time without end. Nothing wraps, however large.
pub(super) fn milliseconds(value: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(value / 1e3).ok()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, which is what is meant")]
fn bytes(value: f64) -> usize {
    value as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_never_wrap() {
        assert_eq!(milliseconds(1.5), Some(Duration::from_micros(1_500)));
        assert_eq!(milliseconds(f64::INFINITY), None);
        assert!(milliseconds(1e15).is_some_and(|limit| limit > Duration::from_secs(1_000_000_000)));
        assert_eq!(milliseconds(f64::MAX), None);
    }

    #[test]
    fn a_proxy_may_come_without_its_scheme_and_never_shows_its_password() {
        assert_eq!(parse_proxy("proxy:3128").unwrap().expose(), "http://proxy:3128");
        let error = format!("{:?}", parse_proxy("socks5://user:pass@proxy").unwrap_err());
        assert!(error.contains("HTTPS_PROXY") && !error.contains("pass@"), "{error}");
    }
}
