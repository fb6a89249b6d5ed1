use super::*;
use crate::clock::Clock;
use crate::clock::manual::ManualClock;
use crate::secret::Secret;

fn read(body: &str) -> Result<AccessToken, String> {
    read_token(body.as_bytes(), ManualClock::new().now(), &["asked".to_owned()])
}

fn with_lifetime(expires_in: &str) -> Result<AccessToken, String> {
    read(&format!(r#"{{"access_token":"abc","token_type":"Bearer","expires_in":{expires_in}}}"#))
}

fn life_of(token: &AccessToken) -> f64 {
    token.expires_at_ms() - ManualClock::new().now().wall.as_secs_f64() * 1e3
}

#[test]
fn keycloaks_answer_is_a_token() {
    let token = read(
        r#"{"access_token":"eyJ","expires_in":300,"refresh_expires_in":0,"token_type":"Bearer","not-before-policy":0,
            "scope":"tenants:view networks:view"}"#,
    )
    .unwrap();
    assert_eq!(token.expose(), "eyJ");
    assert_eq!(token.scope(), ["tenants:view", "networks:view"]);
    assert_eq!(life_of(&token), 300_000.0);
}

#[test]
fn a_lifetime_may_be_a_number_or_a_decimal_string_and_is_a_minute_when_missing() {
    for (text, milliseconds) in [("300", 3e5), ("299.5", 299_500.0), ("\"300\"", 3e5), ("1e2", 1e5), ("1e9", 1e12)] {
        assert_eq!(life_of(&with_lifetime(text).unwrap()), milliseconds, "{text}");
    }
    assert_eq!(life_of(&read(r#"{"access_token":"a","token_type":"bearer"}"#).unwrap()), 60_000.0);
}

#[test]
fn any_other_lifetime_is_refused() {
    for text in [
        "0", "-1", "1e10", "1e999", "null", "true", "[]", "\"\"", "\"-1\"", "\"1e2\"", "\" 300\"", "\"inf\"",
        "\"NaN\"", "\".\"",
    ] {
        assert!(with_lifetime(text).is_err(), "{text}");
    }
}

#[test]
fn only_bearer_tokens_are_kept_in_whatever_case_they_are_named() {
    assert!(read(r#"{"access_token":"a","token_type":"BEARER"}"#).is_ok());
    for body in [
        r#"{"access_token":"a","token_type":"mac"}"#,
        r#"{"access_token":"a"}"#,
        r#"{"access_token":"a","token_type":null}"#,
        r#"{"token_type":"Bearer"}"#,
        r#"{"access_token":"","token_type":"Bearer"}"#,
        r#"{"access_token":"a\nb","token_type":"Bearer"}"#,
        r#"{"access_token":7,"token_type":"Bearer"}"#,
        "[]",
        "<html>",
        "",
    ] {
        assert!(read(body).is_err(), "{body}");
    }
}

#[test]
fn what_was_wrong_is_said_without_the_token() {
    let sentence = read(r#"{"access_token":"very secret","token_type":"Bearer"}"#).unwrap_err();
    assert!(sentence.contains("access_token") && !sentence.contains("very"), "{sentence}");
    for body in [
        r#"{"access_token":"topsecret","token_type":"Bearer","scope":7}"#,
        r#""topsecret""#,
        r#"{"access_token":"a","token_type":{"topsecret":1}}"#,
        r#"{"access_token":["topsecret"]}"#,
        "topsecret",
    ] {
        let sentence = read(body).unwrap_err();
        assert!(!sentence.contains("topsecret"), "{sentence}");
    }
}

#[test]
fn a_scope_left_out_is_the_scope_asked_for() {
    assert_eq!(read(r#"{"access_token":"a","token_type":"Bearer"}"#).unwrap().scope(), ["asked"]);
}

#[test]
fn a_refusal_keeps_the_reason_cut_and_without_the_secret() {
    let long = "x".repeat(600);
    let body = format!(r#"{{"error":"invalid_client","error_description":"s3cret is wrong {long}","other":"s3cret"}}"#);
    let refusal = read_refusal(401, body.as_bytes(), |text| Secret::new("s3cret".into()).mask_in(text));
    let description = refusal.description.clone().unwrap();
    assert_eq!(refusal.error.as_deref(), Some("invalid_client"));
    assert!(description.starts_with("[redacted] is wrong") && description.chars().count() == 512);
    assert!(!refusal.retryable && !format!("{refusal:?}").contains("s3cret"));
}

#[test]
fn overload_is_retryable_whatever_its_body() {
    for status in [429, 500, 502, 503, 504] {
        let refusal = read_refusal(status, b"<html>busy</html>", str::to_owned);
        assert!(refusal.retryable && refusal.error.is_none(), "{status}");
    }
}
