//! What holds of headers, whatever a caller names them: for random text here, and for a fuzzer's.

use reqwest::header::HeaderMap;

use super::{RESERVED, parse};

/// Parses one header, and checks what comes of it.
pub(crate) fn check(name: &str, value: &str) {
    match parse(&[name.to_owned(), value.to_owned()], false) {
        Ok(headers) => check_kept(&headers, name, value),
        Err(sentence) => {
            let is_quoted = value.len() >= LEAST_TELLING && sentence.contains(value);
            // A caller may have put the value into the name too, or have written what the sentence says anyway.
            let is_elsewhere = format!("{name:?}").contains(value) || OWN_WORDS.iter().any(|own| own.contains(value));
            assert!(!is_quoted || is_elsewhere, "the value {value:?} is in {sentence:?}");
        }
    }
}

fn check_kept(headers: &HeaderMap, name: &str, value: &str) {
    assert_eq!(headers.len(), 1);
    for (kept, bytes) in headers {
        assert!(kept.as_str().eq_ignore_ascii_case(name), "{name:?} became {kept:?}");
        assert!(!RESERVED.contains(&kept.as_str()), "{name:?} is the client's own");
        assert_eq!(bytes.as_bytes(), value.as_bytes());
        assert!(bytes.as_bytes().iter().all(|byte| *byte == b'\t' || (b' '..=b'~').contains(byte)), "{value:?}");
    }
}

/// Shorter values are in any sentence.
const LEAST_TELLING: usize = 4;

const OWN_WORDS: [&str; 4] = [
    "is no header name: use letters, digits and hyphens",
    "the header belongs to the client and cannot be set",
    "the value of header has a character other than printable ASCII",
    "the value of header cannot be sent",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::{RESERVED, check};
    use crate::headers::parse;

    proptest! {
        #[test]
        fn any_text_as_a_header_is_kept_as_it_is_or_refused_without_its_value(name in any::<String>(), value in any::<String>()) {
            check(&name, &value);
            check("x-a", &value);
            check(&name, "a value");
        }

        #[test]
        fn a_header_of_the_client_is_refused_however_its_name_is_written(
            name in select(&RESERVED[..]),
            capitals in any::<u32>(),
            value in "[ -~]{0,20}",
        ) {
            let flip = |(at, letter): (usize, char)| if capitals >> at & 1 == 1 { letter.to_ascii_uppercase() } else { letter };
            let name: String = name.chars().enumerate().map(flip).collect();
            prop_assert!(parse(&[name, value], false).is_err());
        }
    }
}
