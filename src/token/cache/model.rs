//! The cache under a model checker: threads run in every order that its lock allows, and what must always hold is
//! asserted in each of them. `cargo test --features model -- --nocapture` prints how many orders there were.

#![expect(clippy::arithmetic_side_effects, reason = "an overflow ends the test that caused it, and nothing else")]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex as StdMutex};
use std::time::Duration;

use futures_util::future::{BoxFuture, pending};
use shuttle::scheduler::{DfsScheduler, RandomScheduler};
use shuttle::{Config, FailurePersistence, Runner, thread};

use super::*;
use crate::clock::Moment;
use crate::clock::manual::ManualClock;
use crate::error::Error;

const LIFETIME: Duration = Duration::from_secs(300);

/// How many orders of one scenario are explored one by one: some seconds' worth.
const MOST_ORDERS: usize = 20_000;

/// Grants `token-1`, `token-2` and so on, and notices if it is ever asked twice at once.
struct Issuer {
    clock: Arc<ManualClock>,
    is_busy: AtomicBool,
    requests: AtomicUsize,
    /// The endpoint gives the same token for so many requests, as one with a cache of its own does.
    repeats: usize,
    /// What each request granted.
    granted: StdMutex<Vec<String>>,
}

impl Issuer {
    /// Gives the number of the last request that granted this token.
    fn last_grant_of(&self, token: &AccessToken) -> usize {
        self.granted.lock().unwrap().iter().rposition(|text| text == token.expose()).map_or(0, |index| index + 1)
    }
}

impl TokenSource for Issuer {
    fn useless(&self) -> Failure {
        Error::Internal("its tokens end at once".into()).into()
    }

    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        Box::pin(async {
            assert!(!self.is_busy.swap(true, SeqCst), "two requests at once");
            let text = format!("token-{}", self.requests.fetch_add(1, SeqCst) / self.repeats + 1);
            self.granted.lock().unwrap().push(text.clone());
            let sent_at = self.clock.now();
            shuttle::future::yield_now().await;
            self.is_busy.store(false, SeqCst);
            Ok(AccessToken::new(text, "Bearer".into(), Vec::new(), sent_at, LIFETIME).unwrap())
        })
    }
}

/// A clock that tests set, and whose sleeps never end: patience is not what is modelled.
struct ModelClock(Arc<ManualClock>);

impl Clock for ModelClock {
    fn now(&self) -> Moment {
        self.0.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

/// One cache, and what is known of what happened to it.
struct World {
    cache: Arc<TokenCache<Issuer>>,
    clock: Arc<ManualClock>,
    /// Tokens that may not be given to whoever asks from now on, unless a request after so many grants them again.
    banned: StdMutex<Vec<(Arc<AccessToken>, usize)>>,
}

impl World {
    fn new(repeats: usize) -> Arc<Self> {
        let clock = Arc::new(ManualClock::new());
        let issuer = Issuer {
            clock: Arc::clone(&clock),
            is_busy: AtomicBool::new(false),
            requests: AtomicUsize::new(0),
            repeats,
            granted: StdMutex::default(),
        };
        let handed_in = || Arc::new(ModelClock(Arc::clone(&clock))) as Arc<dyn Clock>;
        let retries = Arc::new(Retries::new(handed_in(), 1));
        let spawn: Spawn = |request| drop(shuttle::future::spawn(request));
        let cache = TokenCache::new(issuer, handed_in(), retries, spawn);
        Arc::new(Self { cache, clock, banned: StdMutex::default() })
    }

    fn requests(&self) -> usize {
        self.cache.source().requests.load(SeqCst)
    }

    /// Asks for a token as a call does, and checks what comes.
    fn call(&self) -> Arc<AccessToken> {
        let banned = self.banned.lock().unwrap().clone();
        let asked_at = self.clock.now();
        let token = shuttle::future::block_on(self.cache.get(Need::Fresh, None)).unwrap().token;
        let last_grant = self.cache.source().last_grant_of(&token);
        let comes_back =
            |(banned, requests): &(Arc<AccessToken>, usize)| banned.is_same_as(&token) && last_grant <= *requests;
        assert!(!banned.iter().any(comes_back), "{} came back", token.expose());
        assert_ne!(token.age(asked_at, 0.0), super::super::access_token::Age::Expired, "an expired token was given");
        token
    }

    /// Hears a 401 for a token; from then on nobody may be given it.
    fn refuse(&self, token: &Arc<AccessToken>) -> bool {
        let requests = self.requests();
        let may_replay = self.cache.refuse(token);
        if may_replay {
            self.banned.lock().unwrap().push((Arc::clone(token), requests));
        }
        may_replay
    }

    /// Invalidates; from then on nobody may be given what was granted before.
    fn invalidate(&self, known: &Arc<AccessToken>) {
        let requests = self.requests();
        self.cache.invalidate();
        self.banned.lock().unwrap().push((Arc::clone(known), requests));
    }
}

/// Something that happens to a world in which `Arc<AccessToken>` is the token that everybody knows.
type Actor = fn(&World, &Arc<AccessToken>);

const CALL: Actor = |world, _| drop(world.call());
/// Finds the fresh token without waiting, as the JavaScript thread does.
const GLANCE: Actor = |world, _| drop(world.cache.fresh());
const EXPIRE: Actor = |world, _| world.clock.advance(LIFETIME);
const AGE: Actor = |world, _| world.clock.advance(LIFETIME.mul_f64(0.9));
const INVALIDATE: Actor = |world, known| world.invalidate(known);
/// A call that was made with the known token gets 401, and is replayed if it may be.
const LATE_401: Actor = |world, known| {
    if world.refuse(known) {
        world.call();
    }
};

/// Lets actors act on a cache that has a token, in every order, and gives the number of orders. Where there are more
/// than can be waited for, as many again are drawn from all over the rest.
fn explore(name: &str, repeats: usize, most_requests: usize, actors: &'static [Actor]) -> usize {
    let act = move || {
        let world = World::new(repeats);
        let known = world.call();
        let threads: Vec<_> = actors
            .iter()
            .map(|actor| {
                let (world, known) = (Arc::clone(&world), Arc::clone(&known));
                thread::spawn(move || actor(&world, &known))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        // Whatever happened, the next call finds its token.
        world.call();
        assert!(world.requests() <= most_requests, "{} requests", world.requests());
    };
    let mut config = Config::new();
    config.failure_persistence = FailurePersistence::None;
    let orders = Runner::new(DfsScheduler::new(Some(MOST_ORDERS), false), config.clone()).run(act);
    let is_whole = orders < MOST_ORDERS;
    let drawn = if is_whole { 0 } else { Runner::new(RandomScheduler::new(MOST_ORDERS), config).run(act) };
    say(name, orders + drawn, is_whole);
    orders + drawn
}

#[expect(clippy::print_stdout, reason = "the number of orders is what a reader of the test's output looks for")]
fn say(name: &str, orders: usize, is_whole: bool) {
    let extent = if is_whole { "all there are" } else { "half of them drawn at random" };
    println!("{name}: {orders} interleavings, {extent}");
}

#[test]
fn every_order_of_fetch_expiry_invalidation_and_a_late_401_keeps_what_the_cache_promises() {
    let scenarios: [(&str, usize, usize, &'static [Actor]); 11] = [
        ("call, expiry", 1, 3, &[CALL, EXPIRE]),
        ("call, invalidation", 1, 2, &[CALL, INVALIDATE]),
        ("call, late 401", 1, 2, &[CALL, LATE_401]),
        ("late 401, late 401", 1, 2, &[LATE_401, LATE_401]),
        ("invalidation, late 401", 1, 3, &[INVALIDATE, LATE_401]),
        ("expiry, late 401", 1, 3, &[EXPIRE, LATE_401]),
        ("renewal behind a glance, late 401, the endpoint repeats its token", 2, 3, &[AGE, GLANCE, LATE_401]),
        ("call, expiry, invalidation", 1, 4, &[CALL, EXPIRE, INVALIDATE]),
        ("call, invalidation, late 401", 1, 3, &[CALL, INVALIDATE, LATE_401]),
        ("call, expiry, late 401", 1, 4, &[CALL, EXPIRE, LATE_401]),
        ("expiry, invalidation, late 401", 1, 4, &[EXPIRE, INVALIDATE, LATE_401]),
    ];
    let orders: usize = scenarios
        .into_iter()
        .map(|(name, repeats, most_requests, actors)| explore(name, repeats, most_requests, actors))
        .sum();
    say_total(orders);
    assert!(orders > 10_000);
}

#[expect(clippy::print_stdout, reason = "as above")]
fn say_total(orders: usize) {
    println!("Model: {orders} interleavings explored");
}
