//! One access token and how long it is good for.

use std::time::Duration;

use reqwest::header::HeaderValue;

use crate::clock::Moment;
use crate::secret::Secret;

/// A token as the endpoint granted it, valid from the moment its request was sent.
#[derive(Debug)]
pub(crate) struct AccessToken {
    secret: Secret,
    /// `Bearer …`, made once; marked sensitive, so that nothing prints it.
    bearer: HeaderValue,
    token_type: String,
    scope: Vec<String>,
    sent_at: Moment,
    lifetime: Duration,
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
        is_visible.then_some(Self { secret, bearer, token_type, scope, sent_at, lifetime })
    }

    /// Tells whether the token may still be sent: it must outlive the request that carries it.
    pub(crate) fn is_fresh(&self, now: Moment) -> bool {
        now.since(self.sent_at) < self.lifetime.saturating_sub(self.margin())
    }

    /// The time before expiry at which the token is no longer used: 10 s, or 5 % of a life too short for that.
    fn margin(&self) -> Duration {
        LONGEST_MARGIN.min(self.lifetime.checked_div(20).unwrap_or_default())
    }

    /// Gives the moment of expiry by the wall clock, in milliseconds since the Unix epoch.
    pub(crate) fn expires_at_ms(&self) -> f64 {
        self.sent_at.wall.saturating_add(self.lifetime).as_secs_f64() * 1e3
    }

    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        self.secret == other.secret
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

const LONGEST_MARGIN: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::clock::manual::ManualClock;

    fn token(clock: &ManualClock, lifetime: u64) -> AccessToken {
        let lifetime = Duration::from_secs(lifetime);
        AccessToken::new("tok".into(), "Bearer".into(), Vec::new(), clock.now(), lifetime).unwrap()
    }

    #[test]
    fn a_token_is_used_until_shortly_before_its_end() {
        for (lifetime, last_second) in [(300, 290), (60, 57), (1_000_000, 999_990)] {
            let clock = ManualClock::new();
            let token = token(&clock, lifetime);
            clock.advance(Duration::from_secs(last_second) - Duration::from_millis(1));
            assert!(token.is_fresh(clock.now()), "{lifetime} s token just before {last_second} s");
            clock.advance(Duration::from_millis(1));
            assert!(!token.is_fresh(clock.now()), "{lifetime} s token at {last_second} s");
        }
    }

    #[test]
    fn a_token_ages_while_the_machine_sleeps_and_when_the_clock_is_set_back() {
        let clock = ManualClock::new();
        let first = token(&clock, 300);
        clock.suspend(Duration::from_secs(400));
        assert!(!first.is_fresh(clock.now()));

        let second = token(&clock, 300);
        clock.set_back(Duration::from_secs(3_600));
        assert!(second.is_fresh(clock.now()));
        clock.advance(Duration::from_secs(300));
        assert!(!second.is_fresh(clock.now()));
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
