//! Clocks that differ: a signature tells when it was made, and a server believes only what is recent.

use std::time::UNIX_EPOCH;

use crate::clock::Moment;
use crate::limits::MOST_CLOCK_SKEW;

/// Says by how much this machine's clock differs from that of a server, if that is too much for its `Date` to have been
/// written between `sent` and `answered`.
pub(crate) fn skew_note(date: Option<&str>, sent: Moment, answered: Moment) -> Option<String> {
    let date = httpdate::parse_http_date(date?).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let ahead = sent.wall.saturating_sub(date);
    let behind = date.saturating_sub(answered.wall);
    let (skew, side) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    (skew > MOST_CLOCK_SKEW).then(|| {
        let skew = skew.as_secs();
        format!("The clock of this machine is {skew} s {side} the server's, and a signature is good only for a while: set the clock")
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// 15 January 2027, 08:00:00 GMT.
    const NOW: u64 = 1_800_000_000;
    const DATE: Option<&str> = Some("Fri, 15 Jan 2027 08:00:00 GMT");

    fn at(seconds: u64) -> Moment {
        Moment { monotonic: Duration::ZERO, wall: Duration::from_secs(seconds) }
    }

    fn note(sent: u64, answered: u64) -> Option<String> {
        skew_note(DATE, at(sent), at(answered))
    }

    #[test]
    fn more_than_half_a_minute_either_way_is_told_with_its_direction() {
        assert!(note(NOW + 3_600, NOW + 3_600).unwrap().contains("3600 s ahead of"));
        assert!(note(NOW - 31, NOW - 31).unwrap().contains("31 s behind"));
    }

    #[test]
    fn less_is_nothing_and_neither_is_an_answer_that_took_long() {
        assert_eq!(note(NOW + 30, NOW + 30), None);
        assert_eq!(note(NOW - 30, NOW - 30), None);
        assert_eq!(note(NOW - 300, NOW + 5), None);
    }

    #[test]
    fn a_date_that_is_missing_or_unreadable_tells_nothing() {
        assert_eq!(skew_note(None, at(0), at(0)), None);
        assert_eq!(skew_note(Some("yesterday"), at(0), at(0)), None);
    }
}
