//! What the token endpoint answered: a token that may be kept, or a refusal with its reason (RFC 6749 §5).

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use crate::clock::Moment;
use crate::error::{AuthRefusal, is_transient};
use crate::limits::{LONGEST_LIFETIME_SECONDS, UNSTATED_LIFETIME};

use super::AccessToken;

/// The members that matter; unknown ones are ignored, as RFC 6749 §5.1 asks.
///
/// The outer `Option` tells a member that is missing, the inner value may still be `null`.
#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    token_type: Option<String>,
    #[serde(default, deserialize_with = "present")]
    expires_in: Option<Value>,
    scope: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    error: Option<String>,
    error_description: Option<String>,
    error_uri: Option<String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads an answer with a success status; a sentence says why it is no token.
pub(super) fn read_token(body: &[u8], sent_at: Moment, asked_scope: &[String]) -> Result<AccessToken, String> {
    let granted: Granted = serde_json::from_slice(body).map_err(|error| what_is_wrong(&error))?;
    let lifetime = match granted.expires_in {
        None => UNSTATED_LIFETIME,
        Some(value) => lifetime(&value).ok_or("expires_in is no positive number of seconds")?,
    };
    let token_type = granted.token_type.ok_or("token_type is missing")?;
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err("token_type is not Bearer".to_owned());
    }
    // A scope that is left out is the one asked for (RFC 6749 §5.1).
    let scope = match granted.scope {
        Some(scope) => scope.split_ascii_whitespace().map(str::to_owned).collect(),
        None => asked_scope.to_vec(),
    };
    let token = granted.access_token.ok_or("access_token is missing")?;
    AccessToken::new(token, token_type, scope, sent_at, lifetime)
        .ok_or_else(|| "access_token is empty or has characters that no header can carry".to_owned())
}

/// Reads an answer with any other status; `mask` hides echoes of what must not be seen.
pub(super) fn read_refusal(status: u16, body: &[u8], mask: impl Fn(&str) -> String) -> AuthRefusal {
    let refused: Refused = serde_json::from_slice(body).unwrap_or_default();
    let clean = |text: Option<String>| text.filter(|text| !text.is_empty()).map(|text| shorten(&mask(&text)));
    AuthRefusal {
        status,
        error: clean(refused.error),
        description: clean(refused.error_description),
        uri: clean(refused.error_uri),
        detail: None,
        retryable: status >= 500 || is_transient(status),
        retry_after: None,
        what_to_check: "",
        origin: String::new(),
    }
}

/// Says what is wrong with an answer. serde_json's own words may quote a value, and that may be the token.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        Category::Data => {
            format!("a member of it has another type than RFC 6749 §5.1 says (line {line}, column {column})")
        }
        Category::Eof => "it is no JSON: it ends too soon".to_owned(),
        Category::Syntax | Category::Io => format!("it is no JSON (line {line}, column {column})"),
    }
}

/// Takes `300`, `299.5` or `"300"`; nothing that is not finite, positive and believable.
fn lifetime(value: &Value) -> Option<Duration> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => {
            let is_decimal = text.starts_with(|first: char| first.is_ascii_digit())
                && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            is_decimal.then(|| text.parse::<f64>().ok())??
        }
        _ => return None,
    };
    let is_believable = seconds > 0.0 && seconds <= LONGEST_LIFETIME_SECONDS;
    is_believable.then(|| Duration::try_from_secs_f64(seconds).ok()).flatten()
}

fn shorten(text: &str) -> String {
    text.chars().take(LONGEST_REASON).collect()
}

/// How much of an endpoint's own words is kept, in characters.
const LONGEST_REASON: usize = 512;

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
