//! Answers' bodies: decoded, read to the end or to a limit, and as text only if they are UTF-8.

use std::io::{self, Write};
use std::mem;

use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

/// Why a body ended before its end.
#[derive(Debug)]
pub(crate) enum BodyError {
    TooLarge,
    /// Its compression is broken.
    Coding(String),
    Broken(reqwest::Error),
}

/// A body as it comes in, of at most so many bytes once it is decoded.
pub(super) struct Body {
    sink: Sink,
    has_bytes: bool,
}

enum Sink {
    Plain(Limited),
    Gzip(Box<MultiGzDecoder<Limited>>),
}

/// Bytes that may not become too many.
struct Limited {
    bytes: Vec<u8>,
    limit: usize,
}

impl Body {
    /// Prepares for the content coding that the headers name; any but gzip was not asked for.
    pub(super) fn new(headers: &HeaderMap, limit: usize) -> Result<Self, String> {
        let plain = Limited { bytes: Vec::new(), limit };
        let sink = match coding(headers)?.as_deref() {
            None | Some("identity") => Sink::Plain(plain),
            // RFC 9110 §8.4.1.3: the two are the same.
            Some("gzip" | "x-gzip") => Sink::Gzip(Box::new(MultiGzDecoder::new(plain))),
            Some(other) => return Err(format!("it came with the content coding {other:?}, which was not asked for")),
        };
        Ok(Self { sink, has_bytes: false })
    }

    /// Reads all that comes; what had come before an error is kept.
    pub(super) async fn read(&mut self, response: &mut Response) -> Result<(), BodyError> {
        if let Sink::Plain(plain) = &mut self.sink
            && let Some(declared) = response.content_length()
        {
            // A length that is a lie costs no memory beyond the limit.
            plain.expect(usize::try_from(declared).unwrap_or(usize::MAX))?;
        }
        while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
            self.write(&chunk)?;
        }
        Ok(())
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), BodyError> {
        self.has_bytes |= !chunk.is_empty();
        match &mut self.sink {
            Sink::Plain(plain) => plain.write_all(chunk),
            Sink::Gzip(decoder) => decoder.write_all(chunk),
        }
        .map_err(name)
    }

    /// Gives the whole body; a compressed one must have come to its end. No bytes at all are no body.
    pub(super) fn end(self) -> Result<Vec<u8>, BodyError> {
        match self.sink {
            Sink::Plain(plain) => Ok(plain.bytes),
            Sink::Gzip(_) if !self.has_bytes => Ok(Vec::new()),
            Sink::Gzip(decoder) => decoder.finish().map(|plain| plain.bytes).map_err(name),
        }
    }

    /// Gives what has come.
    pub(super) fn into_part(self) -> Vec<u8> {
        match self.sink {
            Sink::Plain(plain) => plain.bytes,
            Sink::Gzip(mut decoder) => {
                // What is decoded is in there, whether or not the rest is.
                let _ = decoder.try_finish();
                mem::take(&mut decoder.get_mut().bytes)
            }
        }
    }
}

impl Limited {
    fn expect(&mut self, length: usize) -> Result<(), BodyError> {
        if length > self.limit {
            return Err(BodyError::TooLarge);
        }
        self.bytes.reserve_exact(length);
        Ok(())
    }
}

impl Write for Limited {
    fn write(&mut self, chunk: &[u8]) -> io::Result<usize> {
        if chunk.len() > self.limit.saturating_sub(self.bytes.len()) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(chunk);
        Ok(chunk.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn name(error: io::Error) -> BodyError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => BodyError::TooLarge,
        _ => BodyError::Coding(format!("its gzip is broken ({error})")),
    }
}

/// Gives the content coding in lower case, if there is one; more than one at once is an error.
fn coding(headers: &HeaderMap) -> Result<Option<String>, String> {
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    let (Some(coding), None) = (codings.next(), codings.next()) else {
        return if headers.contains_key(CONTENT_ENCODING) {
            Err("it came with more than one content coding".to_owned())
        } else {
            Ok(None)
        };
    };
    let coding = String::from_utf8_lossy(coding.as_bytes()).trim().to_ascii_lowercase();
    Ok(Some(coding).filter(|coding| !coding.is_empty()))
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
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn body(coding: Option<&str>, limit: usize) -> Body {
        let mut headers = HeaderMap::new();
        if let Some(coding) = coding {
            headers.insert(CONTENT_ENCODING, coding.parse().unwrap());
        }
        Body::new(&headers, limit).unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn decode(compressed: &[u8], limit: usize) -> Result<Vec<u8>, BodyError> {
        let mut body = body(Some("GZip"), limit);
        for chunk in compressed.chunks(3) {
            body.write(chunk)?;
        }
        body.end()
    }

    #[test]
    fn gzip_is_decoded_however_it_is_cut() {
        assert_eq!(decode(&gzip(b"hello"), 5).unwrap(), b"hello");
        assert_eq!(decode(&[gzip(b"hello "), gzip(b"world")].concat(), 11).unwrap(), b"hello world");
        assert_eq!(decode(b"", 5).unwrap(), b"");
    }

    #[test]
    fn the_limit_is_on_what_comes_out() {
        assert!(matches!(decode(&gzip(&[0; 1_000_000]), 999_999), Err(BodyError::TooLarge)));
        assert_eq!(decode(&gzip(&[0; 1_000_000]), 1_000_000).unwrap().len(), 1_000_000);
        let mut plain = body(None, 4);
        assert!(plain.write(b"1234").is_ok() && matches!(plain.write(b"5"), Err(BodyError::TooLarge)));
    }

    #[test]
    fn truncated_corrupt_or_trailing_bytes_are_an_error_and_a_part_is_still_to_be_had() {
        let whole = gzip(b"hello");
        let (truncated, _) = whole.split_at(whole.len() - 3);
        let mut corrupt = whole.clone();
        corrupt[12] ^= 0xff;
        for broken in [truncated, &corrupt, &[whole.as_slice(), b"junk"].concat(), b"no gzip at all"] {
            assert!(matches!(decode(broken, 100), Err(BodyError::Coding(_))), "{broken:?}");
        }
        let mut part = body(Some("gzip"), 100);
        part.write(truncated).unwrap();
        assert_eq!(part.into_part(), b"hello");
    }

    #[test]
    fn other_codings_and_several_at_once_are_refused() {
        for codings in [vec!["br"], vec!["gzip, gzip"], vec!["gzip", "gzip"]] {
            let mut headers = HeaderMap::new();
            for coding in &codings {
                headers.append(CONTENT_ENCODING, coding.parse().unwrap());
            }
            assert!(Body::new(&headers, 1).is_err(), "{codings:?}");
        }
    }

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
