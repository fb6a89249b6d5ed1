use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::*;
use crate::clock::manual::ManualClock;
use crate::error::{AuthRefusal, Endpoint, Error};

mod rejection;
mod steady_use;

const LIFETIME: Duration = Duration::from_secs(300);

/// Gives the answers it was told, each when the test lets it.
struct Script {
    clock: Arc<ManualClock>,
    answers: Mutex<VecDeque<Result<&'static str, Error>>>,
    released: Semaphore,
    requests: AtomicU64,
}

impl TokenSource for Script {
    fn useless(&self) -> Failure {
        Error::Internal("its tokens end at once".into()).into()
    }

    fn request(&self) -> BoxFuture<'_, Result<AccessToken, Failure>> {
        Box::pin(async {
            self.requests.fetch_add(1, Ordering::SeqCst);
            let sent_at = self.clock.now();
            self.released.acquire().await.unwrap().forget();
            let answer = self.answers.lock().unwrap().pop_front().expect("one more answer in the script");
            let text = answer.map_err(|error| error.at(Endpoint::Token, 1))?;
            assert_ne!(text, "panic");
            Ok(AccessToken::new(text.into(), "Bearer".into(), Vec::new(), sent_at, LIFETIME).unwrap())
        })
    }
}

fn refusal() -> Error {
    Error::Request("refused".into())
}

fn cache(
    answers: impl IntoIterator<Item = Result<&'static str, Error>>,
) -> (Arc<TokenCache<Script>>, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new());
    let script = Script {
        clock: Arc::clone(&clock),
        answers: Mutex::new(answers.into_iter().collect()),
        released: Semaphore::new(0),
        requests: AtomicU64::new(0),
    };
    let handed_in = || Arc::clone(&clock) as Arc<dyn Clock>;
    let retries = Arc::new(Retries::new(handed_in(), 1));
    let spawn: Spawn = |request| drop(tokio::spawn(request));
    (TokenCache::new(script, handed_in(), retries, spawn), clock)
}

fn release(cache: &TokenCache<Script>, answers: usize) {
    cache.source().released.add_permits(answers);
}

fn requests(cache: &TokenCache<Script>) -> u64 {
    cache.source().requests.load(Ordering::SeqCst)
}

/// Starts a caller and lets it come as far as it can without an answer.
async fn start(cache: &Arc<TokenCache<Script>>, need: Need) -> tokio::task::JoinHandle<Result<Supply, Failure>> {
    let cache = Arc::clone(cache);
    let caller = tokio::spawn(async move { cache.get(need, None).await });
    for _ in 0..5 {
        tokio::task::yield_now().await;
    }
    caller
}

async fn text(caller: tokio::task::JoinHandle<Result<Supply, Failure>>) -> String {
    caller.await.unwrap().unwrap().token.expose().to_owned()
}

#[tokio::test]
async fn any_number_of_callers_of_a_cold_cache_share_one_request() {
    let (cache, _) = cache([Ok("one")]);
    let mut callers = Vec::new();
    for _ in 0..100 {
        callers.push(start(&cache, Need::Fresh).await);
    }
    release(&cache, 1);
    for caller in callers {
        assert_eq!(text(caller).await, "one");
    }
    assert_eq!(requests(&cache), 1);
}

#[tokio::test]
async fn a_bad_outcome_is_shared_too_and_the_next_call_tries_again() {
    let (cache, _) = cache([Err(refusal()), Ok("two")]);
    let first = start(&cache, Need::Fresh).await;
    let second = start(&cache, Need::Fresh).await;
    release(&cache, 2);
    assert!(first.await.unwrap().is_err() && second.await.unwrap().is_err());
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "two");
    assert_eq!(requests(&cache), 2);
}

#[tokio::test]
async fn a_fresh_token_needs_no_request_and_an_expired_one_is_never_given() {
    let (cache, clock) = cache([Ok("one"), Ok("two")]);
    release(&cache, 2);
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "one");
    assert_eq!(cache.fresh().unwrap().expose(), "one");
    clock.suspend(LIFETIME);
    assert!(cache.fresh().is_none());
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "two");
}

#[tokio::test]
async fn the_request_belongs_to_no_caller() {
    let (cache, _) = cache([Ok("one")]);
    let first = start(&cache, Need::Fresh).await;
    let second = start(&cache, Need::Fresh).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    release(&cache, 1);
    assert_eq!(text(second).await, "one");
    assert_eq!(requests(&cache), 1);
}

#[tokio::test]
async fn a_panic_in_the_request_is_an_outcome_and_not_the_end() {
    let (cache, _) = cache([Ok("panic"), Ok("two")]);
    let first = start(&cache, Need::Fresh).await;
    release(&cache, 2);
    assert_eq!(first.await.unwrap().unwrap_err().error.code(), "ERR_LAYER1_INTERNAL");
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "two");
}

#[tokio::test]
async fn a_new_token_joins_the_request_under_way_and_leaves_a_valid_token_if_it_fails() {
    let (cache, _) = cache([Ok("one"), Err(refusal())]);
    let waiting = start(&cache, Need::Fresh).await;
    let joining = start(&cache, Need::New).await;
    release(&cache, 1);
    assert_eq!((text(waiting).await, text(joining).await), ("one".to_owned(), "one".to_owned()));

    let failing = start(&cache, Need::New).await;
    assert_eq!(cache.fresh().unwrap().expose(), "one");
    release(&cache, 1);
    assert!(failing.await.unwrap().is_err());
    assert_eq!(cache.fresh().unwrap().expose(), "one");
}

fn auth_refusal() -> Error {
    Error::Auth(Box::new(AuthRefusal {
        status: 401,
        error: Some("invalid_client".into()),
        description: None,
        uri: None,
        detail: None,
        retryable: false,
        retry_after: None,
        what_to_check: "",
        origin: String::new(),
    }))
}

/// Makes a cache whose first token has come, and whose clock stands at `age` of it.
async fn aged(age: u64, answers: Vec<Result<&'static str, Error>>) -> (Arc<TokenCache<Script>>, Arc<ManualClock>) {
    let (cache, clock) = cache([Ok("one")].into_iter().chain(answers));
    release(&cache, 1);
    start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    clock.advance(Duration::from_secs(age));
    (cache, clock)
}

#[tokio::test]
async fn an_aging_token_is_served_at_once_and_renewed_by_one_request_behind_the_callers() {
    let (cache, _) = aged(270, vec![Ok("two")]).await;
    for _ in 0..10 {
        assert_eq!(cache.fresh().unwrap().expose(), "one");
    }
    let joining = start(&cache, Need::New).await;
    release(&cache, 1);
    assert_eq!(text(joining).await, "two", "joins the refresh");
    assert_eq!(cache.fresh().unwrap().expose(), "two");
    assert_eq!(requests(&cache), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_at_its_end_is_waited_for_a_second_and_then_used_while_it_is_valid() {
    let (cache, clock) = aged(295, vec![Ok("two")]).await;
    assert!(cache.fresh().is_none(), "it may not outlive a request");
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "one", "the endpoint hangs");

    let waiting = start(&cache, Need::Fresh).await;
    clock.advance(Duration::from_secs(5));
    tokio::time::advance(REFRESH_PATIENCE).await;
    release(&cache, 1);
    assert_eq!(text(waiting).await, "two", "an expired token is never served");
    assert_eq!(requests(&cache), 2);
}

#[tokio::test(start_paused = true)]
async fn failing_refreshes_never_hurt_while_the_token_is_valid_and_are_spaced() {
    let (cache, clock) = aged(270, (0..20).map(|_| Err(refusal())).collect()).await;
    release(&cache, 20);
    for _ in 0..29 {
        for _ in 0..10 {
            assert_eq!(text(start(&cache, Need::Fresh).await).await, "one");
        }
        clock.advance(Duration::from_secs(1));
    }
    let tries = requests(&cache) - 1;
    assert!((6..=20).contains(&tries), "{tries} tries in 29 s");
    clock.advance(Duration::from_secs(1));
    assert!(start(&cache, Need::Fresh).await.await.unwrap().is_err(), "an expired token is never served");
}

#[tokio::test]
async fn a_refusal_answers_for_the_endpoint_for_one_second() {
    let (cache, clock) = cache([Err(auth_refusal()), Ok("two")]);
    release(&cache, 2);
    for _ in 0..50 {
        let failure = start(&cache, Need::Fresh).await.await.unwrap().unwrap_err();
        assert_eq!(failure.error.code(), "ERR_LAYER1_AUTH");
        assert!(start(&cache, Need::New).await.await.unwrap().is_err());
    }
    assert_eq!(requests(&cache), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "two");
}

#[tokio::test]
async fn a_request_that_cannot_be_run_is_an_outcome() {
    let (refusing, _) = cache([]);
    let nowhere: Spawn = |request| drop(request);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new());
    let script = Arc::into_inner(refusing).unwrap().source;
    let cache = TokenCache::new(script, Arc::clone(&clock), Arc::new(Retries::new(clock, 1)), nowhere);
    assert_eq!(start(&cache, Need::Fresh).await.await.unwrap().unwrap_err().error.code(), "ERR_LAYER1_INTERNAL");
}
