use super::*;

const PEM: &str = include_str!("../../__test__/fixtures/signing-key.pem");

#[test]
fn one_key_is_the_same_however_its_lines_end() {
    let key = PrivateKey::parse(PEM.as_bytes()).unwrap();
    for text in [PEM.replace('\n', "\r\n"), PEM.replace('\n', "\\n"), PEM.replace('\n', "\\r\\n")] {
        assert_eq!(PrivateKey::parse(text.as_bytes()).unwrap().expose(), key.expose());
    }
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(format!("{:?}", PrivateKey::parse(PEM.as_bytes()).unwrap()), "PrivateKey([redacted])");
}

#[test]
fn what_is_cut_off_anywhere_is_refused_and_never_a_panic() {
    let der = from_pem(PEM.as_bytes()).unwrap();
    for length in 0..der.len() {
        let text = STANDARD.encode(&der[..length]);
        assert!(PrivateKey::parse(text.as_bytes()).is_err(), "{length}");
    }
    assert!(PrivateKey::parse(STANDARD.encode(&*der).as_bytes()).is_ok());
}

#[test]
fn a_changed_byte_never_makes_a_panic() {
    let der = from_pem(PEM.as_bytes()).unwrap();
    for position in 0..64 {
        for value in [0x00, 0x7f, 0x80, 0x84, 0xff] {
            let mut changed = der.to_vec();
            changed[position] = value;
            drop(PrivateKey::parse(STANDARD.encode(changed).as_bytes()));
        }
    }
}

#[test]
fn a_key_that_is_too_large_is_refused_with_its_size() {
    let modulus = [&[0x02, 0x82, 0x04, 0x01, 0x00], [0xff; 1024].as_slice()].concat();
    let inside = [&[0x02, 0x01, 0x00], modulus.as_slice(), &[0x02, 0x01, 0x03]].concat();
    let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
    let der = [&[0x30, 0x82], length.as_slice(), &inside].concat();
    assert!(PrivateKey::parse(STANDARD.encode(der).as_bytes()).unwrap_err().contains("8192 bits"));
}
