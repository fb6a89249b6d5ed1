//! What holds of what a token endpoint answers, whatever that is: for random bytes here, and for a fuzzer's.

use std::time::Duration;

use crate::clock::Moment;
use crate::limits::LONGEST_LIFETIME_SECONDS;
use crate::secret::Secret;

use super::{LONGEST_REASON, read_refusal, read_token};

pub(crate) const SECRET: &str = "s3cr3t-of-tests";
const SENT_AT: Moment = Moment { monotonic: Duration::ZERO, wall: Duration::from_secs(1_800_000_000) };

/// Reads bytes as both kinds of answer, and checks what comes of it.
pub(crate) fn check(status: u16, body: &[u8]) {
    match read_token(body, SENT_AT, &[]) {
        Ok(token) => {
            let text = token.expose();
            assert!(
                !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()),
                "a token no header can carry"
            );
            let lifetime = token.left(SENT_AT).as_secs_f64();
            assert!(lifetime > 0.0 && lifetime <= LONGEST_LIFETIME_SECONDS, "a lifetime of {lifetime} s");
            assert!(!format!("{token:?}").contains(text) || text.len() < 8, "a token that is printed");
        }
        Err(sentence) => assert!(!sentence.contains(SECRET), "{sentence}"),
    }
    let secret = Secret::new(SECRET.to_owned());
    let refusal = read_refusal(status, body, |text| secret.mask_in(text));
    for text in [&refusal.error, &refusal.description, &refusal.uri].into_iter().flatten() {
        assert!(!text.contains(SECRET), "the secret is kept of what the endpoint said");
        assert!(text.chars().count() <= LONGEST_REASON, "too much is kept of what the endpoint said");
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::{SECRET, check};

    /// Any value that JSON has, and those that endpoints send more often than others.
    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[0-9.eE+-]{0,12}".prop_map(Value::from),
            Just(json!("Bearer")),
            Just(json!(300)),
            any::<(String, String)>().prop_map(|(before, after)| json!(format!("{before}{SECRET}{after}"))),
            vec(any::<u8>(), 0..4).prop_map(|list| json!([list, { "access_token": SECRET }])),
        ]
    }

    fn answer() -> impl Strategy<Value = Value> {
        let names = ["access_token", "token_type", "expires_in", "scope", "error", "error_description", "error_uri"];
        vec(proptest::option::of(value()), names.len()).prop_map(move |values| {
            let members = names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(Map::from_iter(members))
        })
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_token_that_can_be_used_or_a_reason_that_tells_no_secret(
            status in 100..1000_u16,
            body in vec(any::<u8>(), 0..200),
        ) {
            check(status, &body);
        }

        #[test]
        fn any_json_is_a_token_that_can_be_used_or_a_reason_that_tells_no_secret(
            status in 100..1000_u16,
            answer in answer(),
            end in any::<prop::sample::Index>(),
        ) {
            let body = answer.to_string().into_bytes();
            check(status, &body);
            check(status, &body[..end.index(body.len())]);
        }
    }
}
