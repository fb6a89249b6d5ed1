//! Numbers that JavaScript would round, kept as strings of their own digits.
//!
//! `JSON.parse` makes a double of every number, so that of `1.386770212175842462` only `1.3867702121758425` is left. A
//! text is searched here for what could be such a number, 64 bytes at a time; only what is found is read closely.

use std::ops::Range;

use strings::Strings;
use suspects::Suspects;

mod strings;
mod suspects;

/// Puts quotes around each number of a JSON text that its double does not give back, and changes nothing else.
///
/// A number stays one if printing its double gives the same decimal value: `1.10` and `1E+2` do, `1e400` does not. A
/// text that needs no quotes comes back itself, not copied; one that is no JSON stays none.
pub(crate) fn keep_digits(text: String) -> String {
    let numbers = inexact_numbers(&text);
    if numbers.is_empty() { text } else { quote(&text, &numbers) }
}

fn quote(text: &str, numbers: &[Range<usize>]) -> String {
    let marks = numbers.len().saturating_mul(2);
    let mut quoted = String::with_capacity(text.len().saturating_add(marks));
    let mut copied = 0;
    for mark in numbers.iter().flat_map(|number| [number.start, number.end]) {
        quoted.push_str(text.get(copied..mark).unwrap_or_default());
        quoted.push('"');
        copied = mark;
    }
    quoted.push_str(text.get(copied..).unwrap_or_default());
    quoted
}

/// Gives the places of the numbers to quote, in order.
///
/// The cheap questions come first: most suspects are pieces of UUIDs.
fn inexact_numbers(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut strings = Strings::of(bytes);
    let mut numbers = Vec::new();
    let mut searched = 0;
    for suspect in Suspects::of(bytes) {
        if suspect.start < searched {
            continue;
        }
        let rest = bytes.get(suspect.end..).unwrap_or_default();
        searched = suspect.end.saturating_add(number_length(rest.iter()));
        if let Some(number) = value_around(bytes, suspect.start, searched)
            && text.get(number.clone()).and_then(Decimal::parse).is_some_and(|decimal| !decimal.is_exact())
            && !strings.enclose(number.start)
        {
            numbers.push(number);
        }
    }
    numbers
}

/// Completes a number to the left of a suspect byte, if only a value can stand there.
///
/// A string may stand wherever a number may, and nowhere else but as a key, which `:` follows. So quotes in such a place
/// make no JSON of a text that is none.
fn value_around(text: &[u8], suspect: usize, end: usize) -> Option<Range<usize>> {
    let after = text.get(end..)?.iter();
    if !matches!(first_significant(after), None | Some(b',' | b']' | b'}')) {
        return None;
    }
    let start = suspect.saturating_sub(number_length(text.get(..suspect)?.iter().rev()));
    let before = text.get(..start)?.iter().rev();
    matches!(first_significant(before), None | Some(b'[' | b',' | b':')).then_some(start..end)
}

/// Counts the bytes that numbers are made of; the slash is none, but [`Suspects`] take it for one.
fn number_length<'t>(bytes: impl Iterator<Item = &'t u8>) -> usize {
    bytes.take_while(|byte| matches!(byte, b'+' | b'-'..=b'9' | b'e' | b'E')).count()
}

fn first_significant<'t>(mut bytes: impl Iterator<Item = &'t u8>) -> Option<u8> {
    bytes.find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).copied()
}

/// A number's value, but for its sign: digits without zeros at either end, in two pieces, and the first one's power of
/// ten.
struct Decimal<'t> {
    head: &'t str,
    tail: &'t str,
    exponent: i64,
}

impl<'t> Decimal<'t> {
    /// Reads what JSON's grammar calls a number (RFC 8259 §6), and nothing else.
    fn parse(token: &'t str) -> Option<Self> {
        let unsigned = token.strip_prefix('-').unwrap_or(token);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, digits(fraction)?),
            None => (mantissa, ""),
        };
        let is_padded = whole.len() > 1 && whole.starts_with('0');
        (!is_padded).then_some(Self::new(digits(whole)?, fraction, exponent))
    }

    fn new(whole: &'t str, fraction: &'t str, exponent: i64) -> Self {
        let fraction = fraction.trim_end_matches('0');
        if whole == "0" {
            let tail = fraction.trim_start_matches('0');
            let zeros = whole.len().saturating_add(fraction.len()).saturating_sub(tail.len());
            Self { head: "", tail, exponent: exponent.saturating_sub(signed(zeros)) }
        } else {
            let head = if fraction.is_empty() { whole.trim_end_matches('0') } else { whole };
            let places = whole.len().saturating_sub(1);
            Self { head, tail: fraction, exponent: exponent.saturating_add(signed(places)) }
        }
    }

    /// Tells whether printing the nearest double, as JavaScript does it, gives this value back.
    ///
    /// Up to fifteen digits always come back from a normal double: doubles lie closer together than such decimals
    /// (10^15 < 2^52), so no two of these share one, and the shortest decimal that finds it again is the one that is
    /// here. More than seventeen never come back, since no double is printed with more. Only what is left is tried out.
    fn is_exact(&self) -> bool {
        match self.head.len().saturating_add(self.tail.len()) {
            0 => true,
            // Normal doubles go from 10^-307 to 10^308.
            1..=15 if (-300..=300).contains(&self.exponent) => true,
            1..=17 => self.is_printed(),
            _ => false,
        }
    }

    fn is_printed(&self) -> bool {
        let spelled = self.spell();
        spelled.parse().is_ok_and(|double| print(double) == spelled)
    }

    /// Spells the value as `{:e}` does. This also takes away a million zeros that an exponent of a million undoes, which
    /// `str::parse` would misread.
    fn spell(&self) -> String {
        let mut spelled = String::with_capacity(SPELLED_AT_MOST);
        spelled.push_str(self.head);
        spelled.push_str(self.tail);
        if spelled.len() > 1 {
            spelled.insert(1, '.');
        }
        spelled.push('e');
        spelled.push_str(&self.exponent.to_string());
        spelled
    }
}

/// Seventeen digits, a point, an `e`, and an exponent of 64 bits.
const SPELLED_AT_MOST: usize = 40;

/// Prints the digits that JavaScript prints: the shortest that find the double again, of these the nearest, and of two
/// as near the even ones. Rust's `{:e}` does all but the last; its rounding to as many places does that, but may miss the
/// double.
fn print(double: f64) -> String {
    let shortest = format!("{double:e}");
    let places = shortest.bytes().take_while(|byte| *byte != b'e').skip(2).count();
    let nearest = format!("{double:.places$e}");
    if nearest.parse() == Ok(double) { nearest } else { shortest }
}

fn parse_exponent(text: &str) -> Option<i64> {
    let size = digits(text.strip_prefix(['+', '-']).unwrap_or(text))?
        .bytes()
        .fold(0_i64, |size, digit| size.saturating_mul(10).saturating_add(i64::from(digit & 0xf)));
    Some(if text.starts_with('-') { size.saturating_neg() } else { size })
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
