//! What holds of `Retry-After`, whatever it says: for random text here, and for a fuzzer's.

use std::time::Duration;

use crate::clock::Moment;

use super::{LONGEST_WAIT, retry_after};

/// Reads a wait, and checks it.
pub(crate) fn check(value: &str, date: Option<&str>, wall: Duration) {
    let wait = retry_after(value, date, Moment { monotonic: Duration::ZERO, wall });
    assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT), "{value:?} is a wait of {wait:?}");
    let seconds = value.trim().parse::<u64>().ok().filter(|seconds| *seconds <= LONGEST_WAIT.as_secs());
    if let Some(seconds) = seconds {
        assert_eq!(wait, Some(Duration::from_secs(seconds)), "{value:?}");
    }
    if value.trim_start().starts_with('-') {
        assert_eq!(wait, None, "{value:?}");
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::check;
    use crate::clock::Moment;
    use crate::retry::retry_after;

    proptest! {
        #[test]
        fn any_text_is_a_wait_of_a_day_at_most_or_none(
            value in any::<String>(),
            number in "[ +-]?[0-9]{0,22}[.e]?[0-9]?",
            date in any::<Option<String>>(),
            wall in any::<Duration>(),
        ) {
            check(&value, date.as_deref(), wall);
            check(&number, date.as_deref(), wall);
        }

        #[test]
        fn a_date_is_the_wait_until_it_on_the_servers_own_clock(
            now in 0..4_000_000_000_u64,
            ahead in 0..86_400_u64,
            ours in any::<Duration>(),
        ) {
            let time = |seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap();
            let date = |seconds| httpdate::fmt_http_date(time(seconds));
            let moment = Moment { monotonic: Duration::ZERO, wall: ours };
            let wait = retry_after(&date(now.saturating_add(ahead)), Some(&date(now)), moment);
            prop_assert_eq!(wait, Some(Duration::from_secs(ahead)));
            let past = retry_after(&date(now), Some(&date(now.saturating_add(ahead).saturating_add(1))), moment);
            prop_assert_eq!(past, None);
        }
    }
}
