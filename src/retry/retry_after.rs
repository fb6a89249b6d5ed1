//! `Retry-After`: what a server says about when to come back (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::clock::Moment;

/// Reads a wait in seconds or until a date; nothing if it is unreadable, negative, or longer than anyone waits.
///
/// `date` is the answer's own `Date`: against it a deadline on the server's clock is right even if ours is not.
pub(crate) fn retry_after(value: &str, date: Option<&str>, now: Moment) -> Option<Duration> {
    let value = value.trim();
    let wait = match value.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = httpdate::parse_http_date(value).ok()?;
            let from = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(wall_time(now));
            until.duration_since(from).ok()?
        }
    };
    (wait <= LONGEST_WAIT).then_some(wait)
}

fn wall_time(now: Moment) -> SystemTime {
    UNIX_EPOCH.checked_add(now.wall).unwrap_or(UNIX_EPOCH)
}

/// A day: a server that says more means "never", or has its units wrong.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

#[cfg(any(test, fuzzing))]
pub(crate) mod properties;

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Moment = Moment { monotonic: Duration::ZERO, wall: Duration::from_secs(1_800_000_000) };

    #[test]
    fn seconds_and_dates_are_waits() {
        assert_eq!(retry_after("0", None, NOW), Some(Duration::ZERO));
        assert_eq!(retry_after(" 120 ", None, NOW), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Fri, 15 Jan 2027 08:01:00 GMT", None, NOW), Some(Duration::from_secs(60)));
    }

    #[test]
    fn a_date_counts_from_the_answers_own_clock() {
        let date = Some("Thu, 14 Jan 2027 08:00:30 GMT");
        assert_eq!(retry_after("Thu, 14 Jan 2027 08:01:00 GMT", date, NOW), Some(Duration::from_secs(30)));
    }

    #[test]
    fn what_is_unreadable_negative_or_absurd_is_ignored() {
        for value in ["", "-1", "soon", "1.5", "86401", "99999999999999999999", "Fri, 15 Jan 2027 07:00:00 GMT", "1e3"]
        {
            assert_eq!(retry_after(value, None, NOW), None, "{value:?}");
        }
    }
}
