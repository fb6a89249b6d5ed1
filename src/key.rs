//! The RSA key that signs calls and assertions: read from whatever form it comes in, never shown.

mod der;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::pem::{PemObject, SectionKind};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::secret::SecretBytes;

use der::Found;

/// An RSA private key of 2048 to 4096 bits.
pub(crate) struct PrivateKey {
    pair: RsaKeyPair,
    /// The key as PKCS#1, whatever form it came in: one key is the same key in all of them.
    der: SecretBytes,
}

impl PrivateKey {
    /// Reads a key as PKCS#8 or PKCS#1: PEM, or its base64 alone; line ends may have become `\n` on the way.
    ///
    /// Answers with what was found instead, and how the right key is made; never with a part of it.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let text = with_line_ends(text);
        let der = if contains(&text, b"-----BEGIN ") { from_pem(&text)? } else { from_base64(&text)? };
        let pkcs1 = match der::classify(&der) {
            Found::RsaKey(pkcs1) => pkcs1,
            other => return Err(other.refusal()),
        };
        let bits = der::modulus_bits(pkcs1);
        if !(SMALLEST..=LARGEST).contains(&bits) {
            return Err(format!("is an RSA key of {bits} bits: {WANTED}. {MAKE_ONE}"));
        }
        let pair = RsaKeyPair::from_der(pkcs1)
            .map_err(|fault| format!("is an RSA key that cannot be used ({fault}): {WANTED}. {MAKE_ONE}"))?;
        Ok(Self { pair, der: SecretBytes::new(pkcs1.to_vec()) })
    }

    /// Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 §8.2): "rsa-v1_5-sha256", and the RS256 of JWTs. It takes about
    /// a millisecond.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| Error::Internal("the key signs nothing".into()))?;
        Ok(signature)
    }

    /// Gives the key itself, for digests that tell keys apart.
    pub(crate) fn expose(&self) -> &[u8] {
        self.der.expose()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("PrivateKey").field(&self.der).finish()
    }
}

/// What Layer1 takes; below 2048 bits an RSA key protects nothing any more (NIST SP 800-131A).
const SMALLEST: usize = 2048;
const LARGEST: usize = 4096;

const WANTED: &str = "it has to be an RSA private key of 2048 to 4096 bits, as PEM or base64, not encrypted";
const MAKE_ONE: &str =
    "Make one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out layer1-key.pem`";
const DECRYPT_IT: &str = "Decrypt it with `openssl pkey -in encrypted.pem -out layer1-key.pem`";

/// Says what a key has to be, and how the right one is made.
pub(crate) fn how_to_make_one() -> String {
    format!("{WANTED}. {MAKE_ONE}")
}

/// Turns line ends that were written as `\n`, as environment variables and JSON have them, into line ends again.
pub(crate) fn with_line_ends(text: &[u8]) -> Zeroizing<Vec<u8>> {
    // Its full size at once: a vector that grows leaves copies of the key behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    loop {
        rest = match rest {
            [b'\\', b'n', after @ ..] => {
                plain.push(b'\n');
                after
            }
            [b'\\', b'r', after @ ..] => after,
            [byte, after @ ..] => {
                plain.push(*byte);
                after
            }
            [] => return plain,
        };
    }
}

fn from_pem(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    if contains(text, b"Proc-Type: 4,ENCRYPTED") {
        return Err(Found::Encrypted.refusal());
    }
    let mut other = None;
    for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text) {
        let (kind, der) = section.map_err(|_| format!("is broken PEM: {WANTED}. {MAKE_ONE}"))?;
        let der = Zeroizing::new(der);
        if matches!(kind, SectionKind::RsaPrivateKey | SectionKind::PrivateKey | SectionKind::EcPrivateKey) {
            return Ok(der);
        }
        other.get_or_insert(der);
    }
    if contains(text, b"-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return Err(Found::Encrypted.refusal());
    }
    if contains(text, b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        let convert = "Convert an RSA key with `ssh-keygen -p -N '' -m PKCS8 -f layer1-key.pem`";
        return Err(format!("is in the format of OpenSSH: {WANTED}. {convert}"));
    }
    other.ok_or_else(|| Found::Unknown.refusal())
}

fn from_base64(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bare = Zeroizing::new(Vec::with_capacity(text.len()));
    bare.extend(text.iter().filter(|byte| !byte.is_ascii_whitespace()));
    STANDARD.decode(&*bare).map(Zeroizing::new).map_err(|_| Found::Unknown.refusal())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

impl Found<'_> {
    fn refusal(&self) -> String {
        let (what, cure) = match self {
            Self::RsaKey(_) | Self::Unknown => ("is no private key that can be read", MAKE_ONE),
            Self::Encrypted => ("is encrypted", DECRYPT_IT),
            Self::EcKey => ("is an EC key", MAKE_ONE),
            Self::EdwardsKey => ("is an Ed25519 or Ed448 key", MAKE_ONE),
            Self::PssKey => ("is a key for RSASSA-PSS only", MAKE_ONE),
            Self::OtherKey => ("is a key of another kind than RSA", MAKE_ONE),
            Self::PublicKey => ("is a public key, which can only verify", MAKE_ONE),
            Self::Certificate => ("is a certificate, which holds only a public key", MAKE_ONE),
        };
        format!("{what}: {WANTED}. {cure}")
    }
}

#[cfg(test)]
mod tests;
