//! As much of DER (X.690) as tells what kind of key, or what else, some bytes are.

/// What was found.
pub(super) enum Found<'a> {
    /// An RSA private key, as PKCS#1 (RFC 8017 §A.1.2).
    RsaKey(&'a [u8]),
    /// An RSA key that says it is for PSS alone.
    PssKey,
    EcKey,
    EdwardsKey,
    OtherKey,
    Encrypted,
    PublicKey,
    Certificate,
    Unknown,
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// 1.2.840.113549.1.1.1
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.113549.1.1.10
const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
/// 1.2.840.10045.2.1
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.3.101.112 and 1.3.101.113
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const ED448: &[u8] = &[0x2b, 0x65, 0x71];

/// Tells what some DER holds, by its outermost members.
pub(super) fn classify(der: &[u8]) -> Found<'_> {
    let Some((SEQUENCE, inside, _)) = take(der) else { return Found::Unknown };
    let Some((first, first_content, rest)) = take(inside) else { return Found::Unknown };
    let Some((second, second_content, rest)) = take(rest) else { return Found::Unknown };
    let third = take(rest);
    match (first, second, third) {
        // PKCS#8: version, algorithm, key (RFC 5958 §2).
        (INTEGER, SEQUENCE, Some((OCTET_STRING, key, _))) => of_algorithm(second_content, key),
        // PKCS#1: version and modulus and more, or in a public key modulus and exponent and nothing else.
        (INTEGER, INTEGER, Some((INTEGER, _, _))) if first_content == [0] => Found::RsaKey(der),
        (INTEGER, INTEGER, None) => Found::PublicKey,
        // SEC 1: version, key (RFC 5915 §3).
        (INTEGER, OCTET_STRING, _) => Found::EcKey,
        // An algorithm and what it made of a key (RFC 5958 §3), or a public key (RFC 5280 §4.1).
        (SEQUENCE, OCTET_STRING, None) => Found::Encrypted,
        (SEQUENCE, BIT_STRING, None) => Found::PublicKey,
        (SEQUENCE, SEQUENCE, Some((BIT_STRING, _, _))) => Found::Certificate,
        _ => Found::Unknown,
    }
}

fn of_algorithm<'a>(algorithm: &[u8], key: &'a [u8]) -> Found<'a> {
    match take(algorithm) {
        Some((OBJECT_IDENTIFIER, name, _)) => match name {
            RSA => Found::RsaKey(key),
            RSA_PSS => Found::PssKey,
            EC => Found::EcKey,
            ED25519 | ED448 => Found::EdwardsKey,
            _ => Found::OtherKey,
        },
        _ => Found::Unknown,
    }
}

/// Gives the size of an RSA key, in bits; 0 if there is no telling.
pub(super) fn modulus_bits(pkcs1: &[u8]) -> usize {
    let modulus = take(pkcs1).and_then(|(_, inside, _)| take(inside)).and_then(|(_, _, rest)| take(rest));
    let Some((INTEGER, modulus, _)) = modulus else { return 0 };
    let digits = modulus.iter().skip_while(|byte| **byte == 0);
    let unused = digits.clone().next().map_or(0, |first| first.leading_zeros() as usize);
    digits.count().saturating_mul(8).saturating_sub(unused)
}

/// Takes one element off: its tag, its content, and what follows it.
fn take(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        (digits.iter().fold(0_usize, |length, digit| (length << 8) | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
