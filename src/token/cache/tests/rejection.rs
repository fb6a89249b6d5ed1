//! Tokens that the API refused, or their owner: none of them comes back.

use super::*;

#[tokio::test]
async fn a_401_forgets_only_the_token_that_got_it() {
    let (cache, clock) = cache([Ok("one"), Ok("two")]);
    release(&cache, 2);
    let one = start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    assert!(cache.refuse(&one.token));
    assert!(cache.fresh().is_none());
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "two");

    clock.advance(Duration::from_secs(5));
    assert!(cache.refuse(&one.token), "a late 401 for the old token: its caller may try the new one");
    assert_eq!(cache.fresh().unwrap().expose(), "two");
    assert_eq!(requests(&cache), 2);
}

#[tokio::test]
async fn an_api_that_refuses_every_token_drives_one_grant_a_second() {
    let (cache, clock) = cache([Ok("one"), Ok("two"), Ok("three")]);
    release(&cache, 3);
    let one = start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    assert!(cache.refuse(&one.token));
    let two = start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    assert!(!cache.refuse(&two.token));
    clock.advance(Duration::from_secs(1));
    assert!(cache.refuse(&two.token));
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "three");
}

#[tokio::test]
async fn a_request_from_before_an_invalidation_does_not_fill_the_cache_after_it() {
    let (cache, _) = cache([Ok("old"), Ok("new")]);
    let before = start(&cache, Need::Fresh).await;
    cache.invalidate();
    let after = start(&cache, Need::Fresh).await;
    assert_eq!(requests(&cache), 1, "still one request at a time");
    release(&cache, 2);
    assert_eq!((text(before).await, text(after).await), ("old".to_owned(), "new".to_owned()));
    assert_eq!(cache.fresh().unwrap().expose(), "new");
}

#[tokio::test]
async fn a_request_from_before_a_401_does_not_bring_the_refused_token_back() {
    let (cache, _) = cache([Ok("one"), Ok("one"), Ok("two")]);
    release(&cache, 1);
    let one = start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    let refresh = start(&cache, Need::New).await;
    cache.refuse(&one.token);
    release(&cache, 2);
    // Not even whoever waited for that request is given its token.
    assert_eq!(text(refresh).await, "two");
    assert_eq!(cache.fresh().unwrap().expose(), "two");
}

#[tokio::test]
async fn a_token_granted_again_after_its_401_is_used() {
    let (cache, _) = cache([Ok("one"), Ok("one")]);
    release(&cache, 2);
    let one = start(&cache, Need::Fresh).await.await.unwrap().unwrap();
    cache.refuse(&one.token);
    assert_eq!(text(start(&cache, Need::Fresh).await).await, "one");
    assert_eq!(cache.fresh().unwrap().expose(), "one");
}
