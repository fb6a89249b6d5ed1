//! Proof of who the client is by a signed assertion (RFC 7523 §2.2, §3), as Keycloak's "Signed JWT" takes it.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;

use crate::clock::Moment;
use crate::error::Error;
use crate::key::PrivateKey;
use crate::limits::ASSERTION_LIFETIME;
use crate::runtime;
use crate::secret::Secret;

/// What an assertion says.
pub(super) struct Assertion {
    pub(super) client_id: String,
    pub(super) audience: String,
    pub(super) issued_at: Moment,
    /// Unlike that of any other: an endpoint takes each only once.
    pub(super) id: [u8; 16],
}

impl Assertion {
    /// Signs it: a JWT in its compact form (RFC 7515 §7.1).
    pub(super) async fn sign(self, key: &Arc<PrivateKey>) -> Result<Secret, Error> {
        let key = Arc::clone(key);
        runtime::compute(move || {
            let mut token = self.signing_input()?;
            let signature = key.sign(token.as_bytes())?;
            token.push('.');
            URL_SAFE_NO_PAD.encode_string(signature, &mut token);
            Ok(Secret::new(token))
        })
        .await?
    }

    fn signing_input(&self) -> Result<String, Error> {
        let text = |text: &str| {
            serde_json::to_string(text).map_err(|_| Error::Internal("an assertion cannot be written".into()))
        };
        let (client, audience) = (text(&self.client_id)?, text(&self.audience)?);
        let (issued, ends) = (self.issued_at.wall, self.issued_at.wall.saturating_add(ASSERTION_LIFETIME));
        let claims = format!(
            r#"{{"iss":{client},"sub":{client},"aud":{audience},"iat":{},"exp":{},"jti":"{}"}}"#,
            issued.as_secs(),
            ends.as_secs(),
            URL_SAFE_NO_PAD.encode(self.id),
        );
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(HEADER), URL_SAFE_NO_PAD.encode(claims)))
    }
}

const HEADER: &str = r#"{"alg":"RS256","typ":"JWT"}"#;

/// Gives whom an assertion is for: the realm's issuer where the URL shows one, as Keycloak asks; or the token endpoint, as
/// RFC 7523 §3 has it.
pub(super) fn audience(token_url: &Url) -> String {
    let url = token_url.as_str();
    url.strip_suffix("/protocol/openid-connect/token").unwrap_or(url).to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn audience_of(url: &str) -> String {
        audience(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_audience_is_the_realm_or_the_endpoint() {
        let realm = "https://auth.layer1.com/auth/realms/bvnk";
        assert_eq!(audience_of(&format!("{realm}/protocol/openid-connect/token")), realm);
        assert_eq!(audience_of("https://auth.example/token"), "https://auth.example/token");
    }

    #[test]
    fn what_it_says_is_what_the_rfc_asks() {
        let issued_at = Moment { monotonic: Duration::ZERO, wall: Duration::from_millis(1_800_000_000_900) };
        let (client_id, audience) = ("id \"é".to_owned(), "https://auth.example".to_owned());
        let input = Assertion { client_id, audience, issued_at, id: [255; 16] }.signing_input().unwrap();
        let parts: Vec<serde_json::Value> = input
            .split('.')
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        let claims = json!({
            "iss": "id \"é", "sub": "id \"é", "aud": "https://auth.example",
            "iat": 1_800_000_000, "exp": 1_800_000_060, "jti": "_____________________w",
        });
        assert_eq!(parts, [json!({ "alg": "RS256", "typ": "JWT" }), claims]);
    }
}
