//! A token of three seconds under steady use, by a clock that tests set: ten seconds of it take none.

use super::*;
use crate::token::access_token::Age;

const LIFETIME: Duration = Duration::from_secs(3);
/// What the endpoint takes for an answer.
const LATENCY: Duration = Duration::from_millis(100);
/// The time between two uses.
const STEP: Duration = Duration::from_millis(10);
const HOUR: Duration = Duration::from_secs(3_600);

struct Issuer {
    clock: Arc<ManualClock>,
    requests: AtomicU64,
}

impl TokenSource for Issuer {
    fn useless(&self) -> Failure {
        Error::Internal("its tokens end at once".into()).into()
    }

    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        Box::pin(async {
            let number = self.requests.fetch_add(1, Ordering::SeqCst);
            let sent_at = self.clock.now();
            self.clock.sleep(LATENCY).await;
            let text = format!("token-{number}");
            Ok(AccessToken::new(text, "Bearer".into(), Vec::new(), sent_at, LIFETIME).unwrap())
        })
    }
}

struct SteadyUse {
    cache: Arc<TokenCache<Issuer>>,
    clock: Arc<ManualClock>,
    /// Uses that had to wait for a token.
    waits: u32,
}

impl SteadyUse {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::new());
        let handed_in = || Arc::clone(&clock) as Arc<dyn Clock>;
        let issuer = Issuer { clock: Arc::clone(&clock), requests: AtomicU64::new(0) };
        let retries = Arc::new(Retries::new(handed_in(), 1));
        let cache = TokenCache::new(issuer, handed_in(), retries, |request| drop(tokio::spawn(request)));
        Self { cache, clock, waits: 0 }
    }

    /// Uses the token for so long; each use finds one that is valid, by both clocks.
    async fn go_on(&mut self, time: Duration) {
        let mut left = time;
        while !left.is_zero() {
            let token = match self.cache.fresh() {
                Some(token) => token,
                None => self.wait().await,
            };
            assert_ne!(token.age(self.clock.now(), 1.0), Age::Expired, "an expired token was given");
            self.pass(STEP).await;
            left = left.saturating_sub(STEP);
        }
    }

    async fn wait(&mut self) -> Arc<AccessToken> {
        self.waits = self.waits.saturating_add(1);
        let caller = start_on(&self.cache);
        while !caller.is_finished() {
            self.pass(STEP).await;
        }
        caller.await.unwrap().unwrap().token
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        tokio::time::advance(time).await;
        tokio::task::yield_now().await;
    }

    fn requests(&self) -> u64 {
        self.cache.source().requests.load(Ordering::SeqCst)
    }
}

fn start_on(cache: &Arc<TokenCache<Issuer>>) -> tokio::task::JoinHandle<Result<Supply, Failure>> {
    let cache = Arc::clone(cache);
    tokio::spawn(async move { cache.get(Need::Fresh, None).await })
}

#[tokio::test(start_paused = true)]
async fn only_the_first_use_waits_and_there_is_one_request_a_window() {
    let mut steady = SteadyUse::new();
    steady.go_on(Duration::from_secs(10)).await;
    assert_eq!(steady.waits, 1);
    // A token of 3 s is renewed 2.4 to 2.55 s after its request was sent.
    assert_eq!(steady.requests(), 1 + 4);
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_jumps_ahead_an_hour_costs_one_wait_and_no_expired_token() {
    let mut steady = SteadyUse::new();
    steady.go_on(Duration::from_secs(5)).await;
    let requests = steady.requests();
    steady.clock.suspend(HOUR);
    steady.go_on(Duration::from_secs(2)).await;
    // Whatever was asked for before the jump is worth nothing after it.
    assert_eq!(steady.waits, 2);
    assert!((1..=2).contains(&steady.requests().saturating_sub(requests)));
}

#[tokio::test(start_paused = true)]
async fn a_wall_clock_that_is_set_back_an_hour_costs_nothing() {
    let mut steady = SteadyUse::new();
    steady.go_on(Duration::from_secs(5)).await;
    steady.clock.set_back(HOUR);
    steady.go_on(Duration::from_secs(5)).await;
    assert_eq!((steady.waits, steady.requests()), (1, 1 + 4));
}
