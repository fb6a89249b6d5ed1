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
