use super::*;
use crate::clock::Clock;
use crate::clock::manual::ManualClock;

const PARTS: [&[u8]; 4] = [b"https://auth.example/token", b"the-client", b"post", b"tenants:view"];
const TEXT: &str = "eyJhbGciOiJSUzI1NiJ9.secret-token";

fn sealed_by(secret: &[u8], parts: &[&[u8]]) -> Seal {
    let randomness: Randomness = |nonce| {
        nonce.fill_with(|| fastrand::u8(..));
        true
    };
    Seal::new(secret, parts.iter().copied(), randomness).unwrap()
}

fn ours() -> Seal {
    sealed_by(b"the-secret", &PARTS)
}

fn token(clock: &ManualClock, seconds: u64) -> AccessToken {
    let scope = vec!["tenants:view".to_owned(), "b".to_owned()];
    AccessToken::new(TEXT.into(), "bearer".into(), scope, clock.now(), Duration::from_secs(seconds)).unwrap()
}

#[test]
fn what_was_sealed_is_opened_by_a_member_with_the_rest_of_its_life() {
    let clock = ManualClock::new();
    let value = ours().close(&token(&clock, 300), clock.now()).unwrap();
    clock.advance(Duration::from_secs(100));
    let opened = ours().open(&value, clock.now()).unwrap();
    assert_eq!(opened.token.expose(), TEXT);
    assert_eq!((opened.token.token_type(), opened.token.scope()), ("bearer", &["tenants:view".into(), "b".into()][..]));
    assert_eq!(opened.token.left(clock.now()), Duration::from_secs(200));
    assert_eq!(opened.token.lifetime(), Duration::from_secs(300));
    assert_eq!(opened.token.expires_at_ms(), (clock.now().wall + Duration::from_secs(200)).as_secs_f64() * 1e3);
    assert!(opened.token.is_stored());
    // Another's token, put in once more, lasts no longer for that.
    let again = ours().close(&opened.token, clock.now()).unwrap();
    assert_eq!(ours().open(&again, clock.now()).unwrap().issued_at, clock.now().wall - Duration::from_secs(100));
}

#[test]
fn neither_names_nor_values_show_anything() {
    let clock = ManualClock::new();
    let seal = ours();
    let value = seal.close(&token(&clock, 300), clock.now()).unwrap();
    let bytes = STANDARD.decode(&value).unwrap();
    for hidden in ["secret", "client", "tenants", "bearer", "auth.example", "eyJ"] {
        for shown in [seal.name().as_bytes(), seal.lock_name().as_bytes(), value.as_bytes(), &bytes] {
            assert!(!shown.windows(hidden.len()).any(|part| part == hidden.as_bytes()), "{hidden}");
        }
    }
    assert_ne!(seal.name(), seal.lock_name());
    assert_ne!(value, seal.close(&token(&clock, 300), clock.now()).unwrap(), "every seal has a nonce of its own");
}

#[test]
fn every_process_makes_the_same_names_of_the_same_credentials() {
    assert_eq!(ours().name(), "3FUDBX8fD6wnO-GGgdJ-Bet7kUww016C8b9fkWOJHkU");
}

#[test]
fn no_bit_can_be_changed_and_no_end_cut_off() {
    let clock = ManualClock::new();
    let seal = ours();
    let bytes = STANDARD.decode(seal.close(&token(&clock, 300), clock.now()).unwrap()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut altered = bytes.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(seal.open(&STANDARD.encode(altered), clock.now()).unwrap_err(), Unusable::NotOurs, "bit {bit}");
    }
    for length in 0..bytes.len() {
        assert_eq!(seal.open(&STANDARD.encode(&bytes[..length]), clock.now()).unwrap_err(), Unusable::NotOurs);
    }
    for text in ["", "not base64!", "AAAA", "\u{e9}\u{1F600}"] {
        assert_eq!(seal.open(text, clock.now()).unwrap_err(), Unusable::NotOurs);
    }
}

#[test]
fn nobody_with_another_secret_or_for_another_purpose_can_open_it_or_finds_it() {
    let clock = ManualClock::new();
    let value = ours().close(&token(&clock, 300), clock.now()).unwrap();
    let others: [(&[u8], Vec<&[u8]>); 7] = [
        (b"another-secret", PARTS.to_vec()),
        (b"the-secret", vec![b"https://auth.example/other", PARTS[1], PARTS[2], PARTS[3]]),
        (b"the-secret", vec![PARTS[0], b"another-client", PARTS[2], PARTS[3]]),
        (b"the-secret", vec![PARTS[0], PARTS[1], b"basic", PARTS[3]]),
        (b"the-secret", vec![PARTS[0], PARTS[1], PARTS[2]]),
        (b"the-secret", vec![PARTS[0], PARTS[1], PARTS[2], PARTS[3], b""]),
        (b"the-secret", vec![PARTS[0], b"the-clientpost", b"", PARTS[3]]),
    ];
    for (secret, parts) in others {
        let other = sealed_by(secret, &parts);
        assert_eq!(other.open(&value, clock.now()).unwrap_err(), Unusable::NotOurs);
        assert!(other.name() != ours().name() && other.lock_name() != ours().lock_name());
    }
}

#[test]
fn what_comes_from_more_than_a_second_in_the_future_is_not_used() {
    let (ahead, clock) = (ManualClock::new(), ManualClock::new());
    ahead.suspend(Duration::from_millis(1_000));
    let value = ours().close(&token(&ahead, 300), ahead.now()).unwrap();
    let opened = ours().open(&value, clock.now()).unwrap();
    assert_eq!(opened.token.left(clock.now()), Duration::from_secs(300), "and it lasts no longer for that");
    ahead.suspend(Duration::from_millis(1));
    let value = ours().close(&token(&ahead, 300), ahead.now()).unwrap();
    assert_eq!(ours().open(&value, clock.now()).unwrap_err(), Unusable::FromTheFuture);
}

#[test]
fn what_has_ended_or_is_about_to_is_not_used_whichever_clock_says_so() {
    let clock = ManualClock::new();
    let value = ours().close(&token(&clock, 300), clock.now()).unwrap();
    clock.advance(Duration::from_secs(289));
    let opened = ours().open(&value, clock.now()).unwrap();
    clock.advance(Duration::from_secs(1));
    assert_eq!(ours().open(&value, clock.now()).unwrap_err(), Unusable::Stale);
    // Once it is in use, it ages by both clocks, as every token does.
    clock.set_back(Duration::from_secs(200));
    clock.advance(Duration::from_secs(10));
    assert!(opened.token.left(clock.now()).is_zero());
    clock.set_back(Duration::from_secs(3_600));
    assert_eq!(ours().open(&value, clock.now()).unwrap_err(), Unusable::FromTheFuture);
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let clock = ManualClock::new();
    let seal = Seal::new(b"the-secret", PARTS, |_| false).unwrap();
    assert!(seal.close(&token(&clock, 300), clock.now()).is_none());
}
