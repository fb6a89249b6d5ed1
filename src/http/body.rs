//! Answers' bodies: read to the end or to a limit, and as text only if they are UTF-8.

use reqwest::Response;

/// Why a body ended before its end.
#[derive(Debug)]
pub(crate) enum BodyError {
    TooLarge,
    Broken(reqwest::Error),
}

/// Reads a whole body of at most `limit` decoded bytes.
pub(crate) async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, BodyError> {
    let mut body = Vec::new();
    read_into(&mut body, response, limit).await?;
    Ok(body)
}

/// Like [`read`], but what had come before an error stays in `body`.
pub(crate) async fn read_into(body: &mut Vec<u8>, response: &mut Response, limit: usize) -> Result<(), BodyError> {
    // Known only when nothing has to be decoded; a length that is a lie costs no memory beyond the limit.
    if let Some(declared) = response.content_length() {
        let declared = usize::try_from(declared).unwrap_or(usize::MAX);
        if declared > limit {
            return Err(BodyError::TooLarge);
        }
        body.reserve_exact(declared);
    }
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if chunk.len() > limit.saturating_sub(body.len()) {
            return Err(BodyError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(())
}

/// Takes bytes as UTF-8 text, without the byte order mark that some servers put before JSON (RFC 8259 §8.1).
pub(crate) fn text(mut bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("its body is no UTF-8 (first wrong byte at {})", error.utf8_error().valid_up_to()))
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text(b"\xef\xbb\xbf{}".to_vec()).unwrap(), "{}");
        assert_eq!(text(Vec::new()).unwrap(), "");
    }

    #[test]
    fn broken_utf8_is_an_error_that_says_where() {
        assert!(text(b"ab\xff".to_vec()).unwrap_err().contains("at 2"));
    }
}
