//! What must not be seen: client secrets, access tokens, private keys.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Holds text that is wiped on drop and never printed.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Gives the text itself, for the one place that has to send it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Replaces every echo of this secret in `text`: as it is, and as forms and URLs carry it, in either case of escape.
    pub(crate) fn mask_in(&self, text: &str) -> String {
        let plain = self.expose();
        let form: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let percent = utf8_percent_encode(plain, NON_ALPHANUMERIC).to_string();
        let component = utf8_percent_encode(plain, OUTSIDE_COMPONENT).to_string();
        [plain, &form, &percent, &component].into_iter().fold(text.to_owned(), |text, echo| {
            let lower_escapes = lower_escapes(echo);
            mask(&mask(&text, echo), &lower_escapes)
        })
    }
}

/// Replaces every echo of a piece of text that must not be seen.
pub(crate) fn mask(text: &str, echo: &str) -> String {
    if echo.is_empty() { text.to_owned() } else { text.replace(echo, MASK) }
}

/// Writes `%3A` as `%3a`, and leaves everything else alone.
fn lower_escapes(text: &str) -> String {
    let mut digits_left = 0_u8;
    let lowered = text.chars().map(|character| {
        let is_digit = digits_left > 0;
        digits_left = if character == '%' { 2 } else { digits_left.saturating_sub(1) };
        if is_digit { character.to_ascii_lowercase() } else { character }
    });
    lowered.collect()
}

/// What JavaScript's `encodeURIComponent` leaves as it is.
const OUTSIDE_COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

/// Holds bytes that are wiped on drop and never printed: keys, which are no text.
#[derive(Clone)]
pub(crate) struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Gives the bytes themselves.
    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(MASK)
    }
}

const MASK: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "[redacted]");
        assert_eq!(format!("{:?}", SecretBytes::new(vec![7])), "[redacted]");
    }

    #[test]
    fn every_echo_is_masked_plain_or_encoded() {
        let secret = Secret::new("p:a+s s-é".into());
        for echo in [
            "p:a+s s-é",
            "p%3Aa%2Bs+s-%C3%A9",
            "p%3aa%2bs+s-%c3%a9",
            "p%3Aa%2Bs%20s-%C3%A9",
            "p%3aa%2bs%20s-%c3%a9",
            "p%3Aa%2Bs%20s%2D%C3%A9",
        ] {
            assert_eq!(secret.mask_in(&format!("bad {echo}, {echo}")), "bad [redacted], [redacted]");
        }
    }

    #[test]
    fn an_empty_secret_masks_nothing() {
        assert_eq!(Secret::new(String::new()).mask_in("as it was"), "as it was");
    }
}
