//! The way in for the targets in `fuzz/`; there only when fuzzing.

use std::time::Duration;

use crate::{headers, lossless, retry, target, token};

/// A call's path, and after a line end its query.
pub fn target(text: &str) {
    let (path, query) = halves(text);
    target::properties::check(path, query);
}

/// A header's name, and after a line end its value.
pub fn headers(text: &str) {
    let (name, value) = halves(text);
    headers::properties::check(name, value.unwrap_or_default());
}

/// The body of a token endpoint's answer, after the low byte of its status.
pub fn token_answer(bytes: &[u8]) {
    if let Some((status, body)) = bytes.split_first() {
        token::answer_properties::check(u16::from(*status).saturating_add(300), body);
    }
}

/// `Retry-After`, and after a line end the answer's `Date`.
pub fn retry_after(text: &str) {
    let (value, date) = halves(text);
    retry::retry_after_properties::check(value, date, Duration::from_secs(1_800_000_000));
}

/// Text that may be JSON: only quotes are added, and JSON stays JSON.
pub fn lossless(text: &str) {
    let kept = lossless::keep_digits(text.to_owned());
    let without_quotes = |text: &str| text.replace('"', "");
    assert_eq!(without_quotes(&kept), without_quotes(text));
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    assert_eq!(is_json(&kept), is_json(text), "{text:?} became {kept:?}");
}

fn halves(text: &str) -> (&str, Option<&str>) {
    text.split_once('\n').map_or((text, None), |(first, second)| (first, Some(second)))
}
