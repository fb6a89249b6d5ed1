//! What the store is given to keep: a token that only members of the fleet can read, under a name that tells nobody whose
//! it is.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::error::Error;
use crate::limits::{LONGEST_LIFETIME_SECONDS, MOST_FLEET_SKEW};
use crate::token::AccessToken;
use crate::token::access_token::Age;

/// Fills a nonce with random bytes; tells whether there were any.
pub(crate) type Randomness = fn(&mut [u8; NONCE_LEN]) -> bool;

/// Seals tokens (AES-256-GCM) with a key that members of one fleet make of what they have in common (HKDF-SHA256, RFC
/// 5869): their secret, and what the token is for.
///
/// With random nonces of 96 bits a key is good for 2³² seals (NIST SP 800-38D §8.3): one grant a second for a century.
pub(crate) struct Seal {
    key: LessSafeKey,
    /// What the key is bound to, said once more to the cipher.
    binding: Vec<u8>,
    randomness: Randomness,
    name: String,
    lock_name: String,
}

/// Why a value is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It was altered, or is another's, or no such value.
    NotOurs,
    /// It comes from a clock that is too far ahead.
    FromTheFuture,
    /// It has ended, or is about to.
    Stale,
}

/// A token as it was put in, and when.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) token: AccessToken,
    /// When its request was sent, by the wall clock of whoever sent it.
    pub(super) issued_at: Duration,
}

impl Seal {
    /// Makes the seal of those who have `secret`; `parts` say what the token is for, in a fixed order.
    pub(crate) fn new<'a>(
        secret: &[u8],
        parts: impl IntoIterator<Item = &'a [u8]>,
        randomness: Randomness,
    ) -> Result<Self, Error> {
        let mut binding = FORMAT.to_vec();
        for part in parts {
            binding.extend_from_slice(&(part.len() as u64).to_le_bytes());
            binding.extend_from_slice(part);
        }
        let common = Salt::new(HKDF_SHA256, FORMAT).extract(secret);
        let derive = |purpose: &[u8]| derive(&common, &[&binding, purpose]).ok_or_else(no_key);
        let key = UnboundKey::new(&AES_256_GCM, derive(b"seal")?.as_slice()).map_err(|_| no_key())?;
        let name = URL_SAFE_NO_PAD.encode(derive(b"name")?.as_slice());
        let lock_name = URL_SAFE_NO_PAD.encode(derive(b"lock")?.as_slice());
        Ok(Self { key: LessSafeKey::new(key), binding, randomness, name, lock_name })
    }

    /// Gives the name under which the store keeps the token: a digest.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Gives the name of the lock: another, so that a store may keep both in one place.
    pub(super) fn lock_name(&self) -> &str {
        &self.lock_name
    }

    /// Seals a token; gives nothing if there is no randomness to be had.
    pub(super) fn close(&self, token: &AccessToken, now: Moment) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        if !(self.randomness)(&mut nonce) {
            return None;
        }
        let mut plain = Zeroizing::new(Vec::with_capacity(token.expose().len().saturating_add(256)));
        // Exact to the millisecond, and never later than it was.
        for time in [token.issued_at(), now.wall, token.lifetime()] {
            plain.extend_from_slice(&milliseconds(time).to_le_bytes());
        }
        for text in [token.token_type(), &token.scope().join(" ")] {
            plain.extend_from_slice(&u32::try_from(text.len()).ok()?.to_le_bytes());
            plain.extend_from_slice(text.as_bytes());
        }
        plain.extend_from_slice(token.expose().as_bytes());
        let tag = self
            .key
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&self.binding), &mut plain)
            .ok()?;
        Some(STANDARD.encode([&nonce, plain.as_slice(), tag.as_ref()].concat()))
    }

    /// Opens a value of the store, if it is one of ours and good for something.
    pub(super) fn open(&self, value: &str, now: Moment) -> Result<Opened, Unusable> {
        let sealed = STANDARD.decode(value).map_err(|_| Unusable::NotOurs)?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(Unusable::NotOurs)?;
        let mut plain = Zeroizing::new(sealed.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let plain = self.key.open_in_place(nonce, Aad::from(&self.binding), &mut plain).ok();
        let parts = plain.and_then(|plain| Parts::read(plain)).ok_or(Unusable::NotOurs)?;
        if parts.issued_at.max(parts.sealed_at) > now.wall.saturating_add(MOST_FLEET_SKEW) {
            return Err(Unusable::FromTheFuture);
        }
        let left = parts.lifetime.saturating_sub(now.wall.saturating_sub(parts.issued_at));
        let scope = parts.scope.split_ascii_whitespace().map(str::to_owned).collect();
        let token = AccessToken::new(parts.token.to_owned(), parts.token_type.to_owned(), scope, now, parts.lifetime)
            .ok_or(Unusable::NotOurs)?
            .stored(now, left);
        match token.age(now, 1.0) {
            Age::Due | Age::Expired => Err(Unusable::Stale),
            Age::Fresh | Age::Aging => Ok(Opened { token, issued_at: parts.issued_at }),
        }
    }
}

/// What is inside a seal.
struct Parts<'a> {
    issued_at: Duration,
    sealed_at: Duration,
    lifetime: Duration,
    token_type: &'a str,
    scope: &'a str,
    token: &'a str,
}

impl<'a> Parts<'a> {
    fn read(mut rest: &'a [u8]) -> Option<Self> {
        let mut times = [Duration::ZERO; 3];
        for time in &mut times {
            let (bytes, after) = rest.split_first_chunk::<8>()?;
            (*time, rest) = (Duration::from_millis(u64::from_le_bytes(*bytes)), after);
        }
        let mut texts = [""; 2];
        for text in &mut texts {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let (bytes, after) = after.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            (*text, rest) = (str::from_utf8(bytes).ok()?, after);
        }
        let ([issued_at, sealed_at, lifetime], [token_type, scope]) = (times, texts);
        let is_believable = !lifetime.is_zero() && lifetime.as_secs_f64() <= LONGEST_LIFETIME_SECONDS;
        let token = str::from_utf8(rest).ok()?;
        is_believable.then_some(Self { issued_at, sealed_at, lifetime, token_type, scope, token })
    }
}

/// Names the format, whose change makes other keys.
const FORMAT: &[u8] = b"layer1 token store 1";

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn no_key() -> Error {
    Error::Internal("no key for the token store can be made".into())
}

fn derive(common: &Prk, info: &[&[u8]]) -> Option<Zeroizing<[u8; 32]>> {
    struct Length;
    impl KeyType for Length {
        fn len(&self) -> usize {
            32
        }
    }
    let mut key = Zeroizing::new([0; 32]);
    common.expand(info, Length).ok()?.fill(key.as_mut_slice()).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests;
