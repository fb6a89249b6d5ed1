//! The two addresses that a client is told: none of them may show a secret or a token to the network.

use std::net::{Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::error::Error;
use crate::target::Base;

/// Checks one of the client's two URLs; `setting` names the option and variable for the error.
pub(crate) fn parse_url(text: &str, setting: &str) -> Result<Url, Error> {
    let refuse = |what: &str| Err(Error::Config(format!("{setting} {what}.")));
    let Ok(url) = Url::parse(text) else {
        return refuse("is no absolute URL, such as https://api.example.com");
    };
    if !matches!(url.scheme(), "https" | "http") || !url.has_host() {
        return refuse("has to be an https URL");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return refuse(
            "has to be an https URL: plain http would show secret and token to the network, and is allowed for loopback only",
        );
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse("must not hold a user name or password: pass clientId and clientSecret");
    }
    if url.fragment().is_some() {
        return refuse("must not have a fragment (#)");
    }
    Ok(url)
}

/// Like [`parse_url`], for the base URL: it takes paths, so it cannot have a query of its own.
pub(crate) fn parse_base(text: &str, setting: &str) -> Result<Base, Error> {
    let url = parse_url(text, setting)?;
    if url.query().is_some() {
        return Err(Error::Config(format!("{setting} must not have a query (?).")));
    }
    Ok(Base::new(url))
}

/// Tells whether a URL leads to this very machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .and_then(|address| address.parse::<Ipv6Addr>().ok())
            .is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match parse_base(text, "baseUrl (LAYER1_BASE_URL)") {
            Err(Error::Config(sentence)) => sentence,
            other => panic!("{text} gave {other:?}"),
        }
    }

    #[test]
    fn https_anywhere_and_http_on_loopback_pass() {
        for url in [
            "https://api.example/",
            "https://api.example:8443/prefix",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://127.9.9.9/x",
            "http://[::1]:9",
        ] {
            assert!(parse_base(url, "x").is_ok(), "{url}");
        }
    }

    #[test]
    fn what_would_show_or_misplace_a_token_is_refused() {
        for url in ["http://api.example", "http://localhost.example", "http://0x7f000001.example", "ftp://localhost"] {
            assert!(refusal(url).contains("https"), "{url}");
        }
        for url in ["", "/relative", "api.example.com", "https://u:p@api.example", "https://a/#f", "https://a/?q"] {
            assert!(!refusal(url).contains("u:p"), "{url}");
        }
    }
}
