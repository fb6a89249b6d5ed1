//! Heads of answers that leave it open where the body ends.
//!
//! hyper refuses lengths that contradict each other; it takes chunks as stronger than a length, and a coding that it does
//! not know as "until the connection ends". Both are allowed (RFC 9112 §6.3), and both are how an answer is smuggled to
//! the next request: whoever stands between may see another end. As in Node, such an answer is none.

use reqwest::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};

/// Says what is wrong with the frame that `headers` declare, if anything is.
pub(super) fn fault(headers: &HeaderMap) -> Option<&'static str> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    let coding = codings.next()?;
    if codings.next().is_some() || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
        return Some("its head names a transfer coding that was not asked for");
    }
    headers.contains_key(CONTENT_LENGTH).then_some("its head declares both a length and chunks")
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(codings: &[&'static str], length: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for coding in codings {
            headers.append(TRANSFER_ENCODING, HeaderValue::from_static(coding));
        }
        if let Some(length) = length {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static(length));
        }
        headers
    }

    #[test]
    fn one_length_or_plain_chunks_or_neither_are_a_frame() {
        for (codings, length) in
            [(vec![], None), (vec![], Some("2")), (vec!["chunked"], None), (vec![" Chunked "], None)]
        {
            assert_eq!(fault(&headers(&codings, length)), None, "{codings:?} {length:?}");
        }
    }

    #[test]
    fn both_at_once_and_other_codings_are_none() {
        for codings in [vec!["gzip"], vec!["gzip, chunked"], vec!["chunked", "chunked"], vec!["xchunked"], vec![""]] {
            assert!(fault(&headers(&codings, None)).is_some(), "{codings:?}");
        }
        assert!(fault(&headers(&["chunked"], Some("0"))).is_some());
    }
}
