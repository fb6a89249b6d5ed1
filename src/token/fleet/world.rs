//! A world for tests: members of a fleet with caches as the product has them, a store and an identity provider between
//! them, all in time that a test hands out.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow ends the test that caused it, and nothing else")]

mod remote;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use futures_util::future::{BoxFuture, FutureExt, pending, ready};
use tokio::time::Instant;

use super::*;
use crate::error::{Endpoint, Error};
use crate::token::TokenCache;
use crate::token::cache::Need;
use remote::Remote;

/// Goes by tokio's clock, which tests pause; one machine's may be off.
pub(super) struct MachineClock {
    start: Instant,
    /// Ahead of the others, in ms; it may be changed.
    pub(super) ahead_ms: AtomicU64,
}

const NOON: Duration = Duration::from_secs(1_800_000_000);

impl Clock for MachineClock {
    fn now(&self) -> Moment {
        let elapsed = self.start.elapsed();
        Moment { monotonic: elapsed, wall: NOON + elapsed + Duration::from_millis(self.ahead_ms.load(SeqCst)) }
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}

/// What all members reach.
pub(super) struct World {
    start: Instant,
    /// Values, and when they end.
    pub(super) values: Mutex<HashMap<String, (String, Instant)>>,
    locks: Mutex<HashMap<String, (u64, Instant)>>,
    pub(super) log: Mutex<Vec<String>>,
    pub(super) manners: Mutex<Manners>,
    random: Mutex<fastrand::Rng>,
    /// When each grant was asked for.
    pub(super) grants: Mutex<Vec<Instant>>,
    pub(super) operations: AtomicU64,
    members: AtomicU64,
}

/// How store and provider behave.
#[derive(Clone)]
pub(super) struct Manners {
    pub(super) lifetime: Duration,
    pub(super) grant_time: Duration,
    /// By how much of that grants differ.
    pub(super) grant_spread: f64,
    pub(super) latency: Duration,
    /// The part of operations that is never answered.
    pub(super) loss: f64,
    /// How late the event loop of a store's client is, in ms.
    pub(super) late_ms: u64,
    /// Does not notice that it is asked.
    pub(super) is_busy: bool,
    /// Fails at once.
    pub(super) is_down: bool,
    pub(super) can_lock: bool,
    /// Says that somebody else has it, whoever asks.
    pub(super) lock_is_stuck: bool,
    pub(super) endpoint_refuses: bool,
    /// The part of grants in which the member that asks dies.
    pub(super) deaths: f64,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            lifetime: Duration::from_secs(300),
            grant_time: Duration::from_millis(30),
            grant_spread: 0.0,
            latency: Duration::from_millis(1),
            loss: 0.0,
            late_ms: 0,
            is_busy: false,
            is_down: false,
            can_lock: true,
            lock_is_stuck: false,
            endpoint_refuses: false,
            deaths: 0.0,
        }
    }
}

/// One process: its cache, and its way to the store.
pub(super) struct Member {
    pub(super) cache: Arc<TokenCache<Provider>>,
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<MachineClock>,
    pub(super) is_alive: Arc<AtomicBool>,
}

/// The provider as one member reaches it.
pub(super) struct Provider {
    world: Arc<World>,
    clock: Arc<MachineClock>,
    is_alive: Arc<AtomicBool>,
    pub(super) requests: AtomicU64,
}

impl World {
    pub(super) fn new(manners: Manners) -> Arc<Self> {
        Self::seeded(manners, 1)
    }

    pub(super) fn seeded(manners: Manners, seed: u64) -> Arc<Self> {
        Arc::new(Self {
            start: Instant::now(),
            values: Mutex::default(),
            locks: Mutex::default(),
            log: Mutex::default(),
            manners: Mutex::new(manners),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
            grants: Mutex::default(),
            operations: AtomicU64::new(0),
            members: AtomicU64::new(0),
        })
    }

    pub(super) fn member(self: &Arc<Self>) -> Member {
        self.member_with(b"a secret")
    }

    pub(super) fn member_with(self: &Arc<Self>, secret: &[u8]) -> Member {
        let owner = self.members.fetch_add(1, SeqCst);
        let clock = Arc::new(MachineClock { start: self.start, ahead_ms: AtomicU64::new(0) });
        let is_alive = Arc::new(AtomicBool::new(true));
        let handed_in = || Arc::clone(&clock) as Arc<dyn Clock>;
        let seed = self.random.lock().unwrap().u64(..);
        let retries = Arc::new(Retries::new(handed_in(), seed));
        let provider = Provider {
            world: Arc::clone(self),
            clock: Arc::clone(&clock),
            is_alive: Arc::clone(&is_alive),
            requests: AtomicU64::new(0),
        };
        let cache = TokenCache::new(provider, handed_in(), retries, |request| drop(tokio::spawn(request)));
        let store: Arc<dyn Store> =
            Arc::new(Remote { world: Arc::clone(self), owner, is_alive: Arc::clone(&is_alive) });
        cache.join(&store, seal(secret));
        Member { cache, store, clock, is_alive }
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.manners.lock().unwrap());
    }

    pub(super) fn grants(&self) -> usize {
        self.grants.lock().unwrap().len()
    }

    fn draw(&self) -> f64 {
        self.random.lock().unwrap().f64()
    }
}

impl TokenSource for Provider {
    fn useless(&self) -> Failure {
        Error::Internal("its tokens end at once".into()).into()
    }

    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        async {
            self.requests.fetch_add(1, SeqCst);
            let number = {
                let mut grants = self.world.grants.lock().unwrap();
                grants.push(Instant::now());
                grants.len()
            };
            let manners = self.world.manners.lock().unwrap().clone();
            let sent_at = self.clock.now();
            tokio::time::sleep(manners.grant_time.mul_f64(1.0 + manners.grant_spread * (self.world.draw() - 0.5)))
                .await;
            if self.world.draw() < manners.deaths {
                self.is_alive.store(false, SeqCst);
            }
            if !self.is_alive.load(SeqCst) {
                // Its process is dead: nothing comes of it.
                pending::<()>().await;
            }
            if manners.endpoint_refuses {
                return Err(Error::Request("refused".into()).at(Endpoint::Token, 1));
            }
            let text = format!("token-{number}");
            Ok(AccessToken::new(text, "Bearer".into(), vec!["a".into()], sent_at, manners.lifetime).unwrap())
        }
        .boxed()
    }
}

impl Member {
    /// Uses the token as a call does, and gives it with the time that took.
    pub(super) async fn call(&self) -> (Result<String, Failure>, Duration) {
        self.need(Need::Fresh).await
    }

    pub(super) async fn need(&self, need: Need) -> (Result<String, Failure>, Duration) {
        let began = Instant::now();
        let supply = self.cache.get(need, None).await;
        (supply.map(|supply| supply.token.expose().to_owned()), began.elapsed())
    }

    /// Ends it as SIGKILL does: nothing that is under way comes to an end.
    pub(super) fn die(&self) {
        self.is_alive.store(false, SeqCst);
    }
}

pub(super) fn seal(secret: &[u8]) -> Seal {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let randomness: Randomness = |nonce| {
        nonce[..8].copy_from_slice(&LAST.fetch_add(1, SeqCst).to_le_bytes());
        true
    };
    Seal::new(secret, [b"https://auth.example/token".as_slice(), b"client"], randomness).unwrap()
}
