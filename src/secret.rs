//! Text that must not be seen: client secrets and access tokens.

use std::fmt;

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

    /// Replaces every echo of this secret in `text`, as it is and as a form or Basic header would carry it.
    pub(crate) fn mask_in(&self, text: &str) -> String {
        let plain = self.expose();
        if plain.is_empty() {
            return text.to_owned();
        }
        let form: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        text.replace(plain, MASK).replace(form.as_str(), MASK)
    }
}

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

const MASK: &str = "[redacted]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_never_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "[redacted]");
    }

    #[test]
    fn every_echo_is_masked_plain_or_form_encoded() {
        let secret = Secret::new("p:a+s s".into());
        assert_eq!(secret.mask_in("bad p:a+s s and p%3Aa%2Bs+s"), "bad [redacted] and [redacted]");
    }

    #[test]
    fn an_empty_secret_masks_nothing() {
        assert_eq!(Secret::new(String::new()).mask_in("as it was"), "as it was");
    }
}
