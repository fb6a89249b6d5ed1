//! Where an API call goes: always the base URL's origin, always under its prefix.
//!
//! A path is text by somebody who may have put a customer's input into it. So it is never resolved against the base
//! as a reference would be (RFC 3986 §5): it is checked, encoded, and appended.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

/// What a path may hold besides letters and digits: RFC 3986 `pchar`, the slash, and escapes that are there already.
const OUTSIDE_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'%')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What has to be encoded in a query; everything else stays as the caller wrote it.
const OUTSIDE_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\'').add(b'`');

/// The API's base URL: an origin and a prefix that every path is appended to.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    url: Url,
}

impl Base {
    /// Takes a URL that is known to have neither credentials, query nor fragment.
    pub(crate) fn new(url: Url) -> Self {
        Self { url }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Makes the URL of a call from a caller's path (and its query, if it has one) and the query that came apart from it.
    ///
    /// Answers with a sentence that says what is wrong with the path.
    pub(crate) fn join(&self, path_with_query: &str, more_query: Option<&str>) -> Result<Url, String> {
        let (path, query) = match path_with_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_with_query, None),
        };
        check_path(path)?;
        if let Some(query) = query {
            check_query(query)?;
        }
        // Into a copy of the base: its scheme and host need not be parsed for every call.
        let mut url = self.url.clone();
        let slash = if path.starts_with('/') { "" } else { "/" };
        url.set_path(&format!("{}{slash}{}", self.prefix(), utf8_percent_encode(path, OUTSIDE_PATH)));
        let mut whole_query = String::new();
        for part in [query, more_query].into_iter().flatten().filter(|part| !part.is_empty()) {
            if !whole_query.is_empty() {
                whole_query.push('&');
            }
            whole_query.extend(utf8_percent_encode(part, OUTSIDE_QUERY));
        }
        if !whole_query.is_empty() {
            url.set_query(Some(&whole_query));
        }
        self.assert_inside(url)
    }

    fn prefix(&self) -> &str {
        self.url.path().trim_end_matches('/')
    }

    /// Refuses a URL that left the origin or the prefix; with the checks above this is a second lock on the same door.
    fn assert_inside(&self, url: Url) -> Result<Url, String> {
        let is_same_origin = url.scheme() == self.url.scheme()
            && url.host_str() == self.url.host_str()
            && url.port_or_known_default() == self.url.port_or_known_default();
        let below = url.path().strip_prefix(self.prefix());
        if is_same_origin && below.is_some_and(|rest| rest.starts_with('/')) {
            Ok(url)
        } else {
            Err("the path leaves the base URL".to_owned())
        }
    }
}

fn check_path(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return refuse("the path is empty");
    }
    if path.starts_with("//") {
        return refuse("the path names another host (it begins with \"//\"): give a path below baseUrl");
    }
    if has_scheme(path) {
        return refuse("the path is an absolute URL: give a path below baseUrl");
    }
    if path.contains('#') {
        return refuse("the path has a \"#\": encode it as %23");
    }
    if has_broken_escape(path) {
        return refuse("the path has a \"%\" that begins no escape: encode it as %25");
    }
    let decoded = Cow::from(percent_decode_str(path));
    if decoded.contains(&b'\\') {
        return refuse("the path has a backslash, plain or encoded");
    }
    if String::from_utf8_lossy(&decoded).chars().any(char::is_control) {
        return refuse("the path has a control character, plain or encoded");
    }
    if decoded.split(|byte| *byte == b'/').any(|segment| segment == b"." || segment == b"..") {
        return refuse("the path has a \".\" or \"..\" segment, plain or encoded");
    }
    Ok(())
}

fn check_query(query: &str) -> Result<(), String> {
    if query.contains('#') {
        return refuse("the query has a \"#\": encode it as %23");
    }
    if query.contains('\\') {
        return refuse("the query has a backslash: encode it as %5C");
    }
    if query.chars().any(char::is_control) {
        return refuse("the query has a control character");
    }
    Ok(())
}

fn refuse(sentence: &str) -> Result<(), String> {
    Err(sentence.to_owned())
}

/// Tells whether the text begins like `https:`, which no path below a base does (RFC 3986 §4.2).
fn has_scheme(path: &str) -> bool {
    let Some((scheme, _)) = path.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

fn has_broken_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|rest| {
        let mut digits = rest.bytes();
        !(digits.next().is_some_and(|digit| digit.is_ascii_hexdigit())
            && digits.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
    })
}

#[cfg(test)]
mod paths;
#[cfg(any(test, fuzzing))]
pub(crate) mod properties;
#[cfg(test)]
mod tests;
