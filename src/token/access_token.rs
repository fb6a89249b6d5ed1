//! One access token and how long it is good for.

use std::time::Duration;

use reqwest::header::HeaderValue;
use ring::digest;

use crate::clock::Moment;
use crate::limits::{BETWEEN_REFRESHES, SHORTEST_LOOK};
use crate::secret::Secret;

/// How far a token is through its life. The windows scale with it: a margin of fixed minutes would never keep a token
/// that lives for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Fresh,
    /// In its last 60 s, or fifth: still good, and time to ask for the next one.
    Aging,
    /// In its last 10 s, or twentieth: it may not outlive the request that carries it.
    Due,
    /// Never to be sent.
    Expired,
}

pub(crate) type TokenDigest = [u8; 32];

/// A token as the endpoint granted it, valid from the moment its request was sent.
#[derive(Debug)]
pub(crate) struct AccessToken {
    secret: Secret,
    /// `Bearer …`, made once; marked sensitive, so that nothing prints it.
    bearer: HeaderValue,
    token_type: String,
    scope: Vec<String>,
    /// When its life was measured: as its request was sent, or as it was read from the fleet's store.
    seen_at: Moment,
    /// What was left of its life then.
    left: Duration,
    /// Its whole life, with which the windows scale.
    lifetime: Duration,
    is_stored: bool,
}

impl AccessToken {
    /// Takes a token's parts; gives nothing if the token cannot be put into a header.
    pub(crate) fn new(
        token: String,
        token_type: String,
        scope: Vec<String>,
        sent_at: Moment,
        lifetime: Duration,
    ) -> Option<Self> {
        let secret = Secret::new(token);
        let is_visible = !secret.expose().is_empty() && secret.expose().bytes().all(|byte| byte.is_ascii_graphic());
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", secret.expose())).ok()?;
        bearer.set_sensitive(true);
        is_visible.then_some(Self {
            secret,
            bearer,
            token_type,
            scope,
            seen_at: sent_at,
            left: lifetime,
            lifetime,
            is_stored: false,
        })
    }

    /// Makes it one that was read from the fleet's store at `now`, with so much of its life left.
    pub(crate) fn stored(self, now: Moment, left: Duration) -> Self {
        Self { seen_at: now, left, is_stored: true, ..self }
    }

    /// Tells whether another member of the fleet got it.
    pub(crate) fn is_stored(&self) -> bool {
        self.is_stored
    }

    /// Tells how far the token is through its life; `jitter`, from 0 to 1, shortens the window of background refresh.
    pub(crate) fn age(&self, now: Moment, jitter: f64) -> Age {
        let left = self.left(now);
        let (due, aging) = self.windows();
        let aging = aging.mul_f64(1.0 - 0.25 * jitter);
        if left.is_zero() {
            Age::Expired
        } else if left <= due {
            Age::Due
        } else if left <= aging {
            Age::Aging
        } else {
            Age::Fresh
        }
    }

    /// Gives how far the token is through the window of background refresh, from 0 to 1, and how long all of that is.
    pub(crate) fn refresh_window(&self, now: Moment) -> (f64, Duration) {
        let (due, aging) = self.windows();
        let length = aging.saturating_sub(due);
        let gone = aging.saturating_sub(self.left(now));
        ((gone.as_secs_f64() / length.as_secs_f64().max(f64::MIN_POSITIVE)).min(1.0), length)
    }

    /// Gives how long to go on with the token before looking whether another member of the fleet has renewed it.
    pub(crate) fn next_look(&self, now: Moment) -> Duration {
        let (_, window) = self.refresh_window(now);
        window.mul_f64(0.06).clamp(SHORTEST_LOOK, BETWEEN_REFRESHES)
    }

    fn windows(&self) -> (Duration, Duration) {
        (LONGEST_DUE.min(self.lifetime.mul_f64(0.05)), LONGEST_AGING.min(self.lifetime.mul_f64(0.2)))
    }

    /// Gives the time for which the token is valid yet.
    pub(crate) fn left(&self, now: Moment) -> Duration {
        self.left.saturating_sub(now.since(self.seen_at))
    }

    /// Gives the moment of expiry by the wall clock, in milliseconds since the Unix epoch.
    pub(crate) fn expires_at_ms(&self) -> f64 {
        self.seen_at.wall.saturating_add(self.left).as_secs_f64() * 1e3
    }

    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.secret == other.secret
    }

    /// Gives what tells the token from others, and nothing of it.
    pub(crate) fn digest(&self) -> TokenDigest {
        let mut digest = [0; 32];
        digest.copy_from_slice(digest::digest(&digest::SHA256, self.secret.expose().as_bytes()).as_ref());
        digest
    }

    /// Gives when its request was sent, by the wall clock.
    pub(crate) fn issued_at(&self) -> Duration {
        self.seen_at.wall.saturating_sub(self.lifetime.saturating_sub(self.left))
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Gives the token itself, for a caller who asked for it.
    pub(crate) fn expose(&self) -> &str {
        self.secret.expose()
    }

    pub(crate) fn bearer(&self) -> &HeaderValue {
        &self.bearer
    }

    pub(crate) fn token_type(&self) -> &str {
        &self.token_type
    }

    pub(crate) fn scope(&self) -> &[String] {
        &self.scope
    }
}

const LONGEST_AGING: Duration = Duration::from_secs(60);
const LONGEST_DUE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::clock::manual::ManualClock;

    fn token(clock: &ManualClock, lifetime: u64) -> AccessToken {
        let lifetime = Duration::from_secs(lifetime);
        AccessToken::new("tok".into(), "Bearer".into(), Vec::new(), clock.now(), lifetime).unwrap()
    }

    /// Walks a token through its life in tenths of a second and gives the second at which each age begins.
    fn ages(lifetime: u64, jitter: f64) -> Vec<(Age, f64)> {
        let clock = ManualClock::new();
        let token = token(&clock, lifetime);
        let mut ages = vec![(token.age(clock.now(), jitter), 0.0)];
        let start = clock.now();
        while ages.last().unwrap().0 != Age::Expired {
            clock.advance(Duration::from_millis(100));
            let age = token.age(clock.now(), jitter);
            if ages.last().unwrap().0 != age {
                ages.push((age, clock.now().since(start).as_secs_f64()));
            }
        }
        ages
    }

    #[test]
    fn the_windows_scale_with_the_lifetime() {
        use Age::{Aging, Due, Expired, Fresh};
        assert_eq!(ages(300, 0.0), [(Fresh, 0.0), (Aging, 240.0), (Due, 290.0), (Expired, 300.0)]);
        assert_eq!(ages(60, 0.0), [(Fresh, 0.0), (Aging, 48.0), (Due, 57.0), (Expired, 60.0)]);
        assert_eq!(ages(10, 0.0), [(Fresh, 0.0), (Aging, 8.0), (Due, 9.5), (Expired, 10.0)]);
    }

    #[test]
    fn jitter_shortens_the_window_of_background_refresh_by_at_most_a_quarter() {
        assert_eq!(ages(300, 1.0)[1], (Age::Aging, 255.0));
        assert_eq!(ages(60, 0.5)[1], (Age::Aging, 49.5));
    }

    #[test]
    fn a_token_ages_while_the_machine_sleeps_and_when_the_clock_is_set_back() {
        let clock = ManualClock::new();
        let first = token(&clock, 300);
        clock.suspend(Duration::from_secs(400));
        assert_eq!(first.age(clock.now(), 0.0), Age::Expired);

        let second = token(&clock, 300);
        clock.set_back(Duration::from_secs(3_600));
        assert_eq!(second.age(clock.now(), 0.0), Age::Fresh);
        clock.advance(Duration::from_secs(300));
        assert_eq!(second.age(clock.now(), 0.0), Age::Expired);
    }

    #[test]
    fn a_token_that_cannot_go_into_a_header_is_none() {
        let now = ManualClock::new().now();
        for text in ["", "a b", "a\nb", "a\r", "é", "a\0"] {
            let token = AccessToken::new(text.into(), "Bearer".into(), Vec::new(), now, Duration::from_secs(1));
            assert!(token.is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_token_is_never_printed() {
        let printed = format!("{:?}", token(&ManualClock::new(), 1));
        assert!(!printed.contains("tok\"") && !printed.contains("Bearer tok"), "{printed}");
    }
}
