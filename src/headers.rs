//! The headers a caller may add to API calls.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::signature;

/// Names that belong to the client: identity, framing, and what it decodes by itself.
const RESERVED: [&str; 12] = [
    "authorization",
    "proxy-authorization",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "accept-encoding",
];

/// Checks name and value pairs, laid out flat, and puts them into a map; a client that signs has more names of its own.
///
/// Answers with a sentence that names the header and never quotes its value.
pub(crate) fn parse(pairs: &[String], is_signed: bool) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::with_capacity(pairs.len() / 2);
    for pair in pairs.chunks_exact(2) {
        let [name, value] = pair else { continue };
        headers.append(parse_name(name, is_signed)?, parse_value(name, value)?);
    }
    Ok(headers)
}

fn parse_name(name: &str, is_signed: bool) -> Result<HeaderName, String> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("{name:?} is no header name: use letters, digits and hyphens"))?;
    if RESERVED.contains(&parsed.as_str()) || (is_signed && signature::HEADERS.contains(&parsed)) {
        return Err(format!("the header {parsed:?} belongs to the client and cannot be set"));
    }
    Ok(parsed)
}

fn parse_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    let is_allowed = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    if !value.bytes().all(is_allowed) {
        return Err(format!("the value of header {name:?} has a character other than printable ASCII"));
    }
    HeaderValue::from_str(value).map_err(|_| format!("the value of header {name:?} cannot be sent"))
}

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_one(name: &str, value: &str) -> Result<HeaderMap, String> {
        parse(&[name.to_owned(), value.to_owned()], false)
    }

    #[test]
    fn ordinary_headers_pass_and_repeat() {
        let pairs = ["X-Trace", "a", "x-trace", "b"].map(str::to_owned);
        let headers = parse(&pairs, false).unwrap();
        assert_eq!(headers.get_all("x-trace").iter().count(), 2);
    }

    #[test]
    fn headers_of_the_client_are_refused_in_any_case() {
        for name in ["Authorization", "HOST", "content-length", "Transfer-Encoding", "accept-encoding"] {
            assert!(parse_one(name, "x").unwrap_err().contains("belongs to the client"), "{name}");
        }
    }

    #[test]
    fn headers_of_a_signature_are_the_clients_only_if_it_signs() {
        for name in ["Signature", "signature-input", "Content-Digest"] {
            let pair = [name, "x"].map(str::to_owned);
            assert!(parse(&pair, true).unwrap_err().contains("belongs to the client"), "{name}");
            assert!(parse(&pair, false).is_ok(), "{name}");
        }
    }

    #[test]
    fn injected_lines_and_odd_bytes_are_refused_without_quoting_the_value() {
        for value in ["a\r\nx: y", "a\nb", "a\0", "café", "\u{7f}"] {
            let sentence = parse_one("x-a", value).unwrap_err();
            assert!(sentence.contains("x-a") && !sentence.contains(value), "{sentence}");
        }
        assert!(parse_one("bad name", "x").is_err());
        assert!(parse_one("", "x").is_err());
    }
}
