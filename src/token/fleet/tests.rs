use std::sync::atomic::Ordering::SeqCst;

use futures_util::future::join_all;

use super::world::{Manners, Member, World, seal};
use super::*;
use crate::limits::{LONGEST_NOTICE, LONGEST_STORE_REST, STORE_BUDGET, STORE_REST};
use crate::token::cache::Need;

mod trouble;

const LIFETIME: Duration = Duration::from_secs(300);
/// What calls may take besides: the latencies of the store, and what a timer rounds.
const SLACK: Duration = Duration::from_millis(25);

async fn start(world: &Arc<World>, members: usize) -> Vec<Member> {
    let members: Vec<_> = (0..members).map(|_| world.member()).collect();
    call_all(&members).await;
    members
}

/// Lets all use the token at once, and gives the tokens and the longest wait. None may fail.
async fn call_all(members: &[Member]) -> (Vec<String>, Duration) {
    let calls = join_all(members.iter().map(Member::call)).await;
    let longest = calls.iter().map(|(_, time)| *time).max().unwrap();
    (calls.into_iter().map(|(token, _)| token.unwrap()).collect(), longest)
}

/// Gives the one token that is in use.
fn only(tokens: &[String]) -> &str {
    assert!(tokens.iter().all(|token| *token == tokens[0]), "{tokens:?}");
    &tokens[0]
}

#[tokio::test(start_paused = true)]
async fn a_cold_fleet_makes_one_grant_and_waits_hardly_longer_than_that_takes() {
    let world = World::new(Manners::default());
    let members: Vec<_> = (0..200).map(|_| world.member()).collect();
    let (tokens, longest) = call_all(&members).await;
    assert_eq!((only(&tokens), world.grants()), ("token-1", 1));
    assert!(longest <= Duration::from_millis(30 + 250), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_later_finds_the_token_and_its_end_in_the_store() {
    let world = World::new(Manners::default());
    let first = start(&world, 1).await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    let late = world.member();
    let (token, time) = late.call().await;
    assert_eq!((token.unwrap().as_str(), world.grants()), ("token-1", 1));
    assert!(time < Duration::from_millis(5), "{time:?}");
    let end = |member: &Member| member.cache.fresh().unwrap().expires_at_ms();
    assert!((end(&first[0]) - end(&late)).abs() <= 1.0, "both know when it ends");
}

#[tokio::test(start_paused = true)]
async fn one_member_renews_ahead_and_the_rest_go_on_without_waiting() {
    let world = World::new(Manners::default());
    let members = start(&world, 50).await;
    let mut longest = Duration::ZERO;
    for _ in 0..3 * 300 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        longest = longest.max(call_all(&members).await.1);
    }
    // A token is renewed when a fifth of its life is left, or a little later.
    assert!((4..=5).contains(&world.grants()), "{} grants in three lifetimes", world.grants());
    assert_eq!(longest, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_a_member_that_died_lives_two_seconds_and_then_another_takes_over() {
    let world = World::new(Manners { grant_time: Duration::from_millis(500), ..Manners::default() });
    let holder = world.member();
    let dying = tokio::spawn(async move {
        holder.cache.join(&holder.store, seal(b"a secret"));
        let call = holder.call();
        let death = async {
            tokio::time::sleep(Duration::from_millis(250)).await;
            holder.die();
            std::future::pending::<()>().await;
        };
        futures_util::future::select(Box::pin(call), Box::pin(death)).await;
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let members: Vec<_> = (0..49).map(|_| world.member()).collect();
    let (tokens, longest) = call_all(&members).await;
    assert_eq!((only(&tokens), world.grants()), ("token-2", 2));
    // The lock is 100 ms old when they come, and the grant takes 500.
    assert!(longest <= LOCK_LIFE + Duration::from_millis(400 + 250), "{longest:?}");
    dying.abort();
}

#[tokio::test(start_paused = true)]
async fn a_forced_refresh_does_not_read_the_store_but_writes_it() {
    let world = World::new(Manners::default());
    let members = start(&world, 2).await;
    world.log.lock().unwrap().clear();
    assert_eq!(members[0].need(Need::New).await.0.unwrap(), "token-2");
    assert_eq!(*world.log.lock().unwrap(), ["Set"]);
    assert_eq!(world.member().call().await.0.unwrap(), "token-2");
    assert_eq!(world.grants(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_forced_refresh_that_joins_a_look_at_the_store_still_has_a_token_of_its_own() {
    let world = World::new(Manners { latency: Duration::from_millis(50), ..Manners::default() });
    start(&world, 1).await;
    let late = world.member();
    let (plain, forced) = tokio::join!(late.call(), late.need(Need::New));
    assert_eq!((plain.0.unwrap().as_str(), forced.0.unwrap().as_str()), ("token-1", "token-2"));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_got_a_401_is_replaced_once_for_all_and_does_not_come_back() {
    let world = World::new(Manners::default());
    let members = start(&world, 20).await;
    let rejected = members[0].cache.fresh().unwrap();
    for member in &members {
        let own = member.cache.fresh().unwrap();
        assert!(member.cache.refuse(&own) && own.is_same_as(&rejected));
    }
    let (tokens, _) = call_all(&members).await;
    assert_eq!((only(&tokens), world.grants()), ("token-2", 2));

    // Put back by force, it is ignored by those who know it, and overwritten.
    let old = seal(b"a secret").close(&rejected, members[0].clock.now()).unwrap();
    for (value, _) in world.values.lock().unwrap().values_mut() {
        value.clone_from(&old);
    }
    let second = members[0].cache.fresh().unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(members[0].cache.refuse(&second));
    assert_eq!(members[0].call().await.0.unwrap(), "token-3");
    assert_eq!(members[0].cache.store_counts().unwrap().ignored, 4);
    assert_eq!(world.member().call().await.0.unwrap(), "token-3");
}

#[tokio::test(start_paused = true)]
async fn while_a_refused_token_is_replaced_nobody_finds_it_in_the_store() {
    let world = World::new(Manners { grant_time: Duration::from_millis(300), ..Manners::default() });
    let members = start(&world, 1).await;
    let rejected = members[0].cache.fresh().unwrap();
    assert!(members[0].cache.refuse(&rejected));
    let late = world.member();
    let ((first, _), (second, _)) = tokio::join!(members[0].call(), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        late.call().await
    });
    assert_eq!((first.unwrap().as_str(), second.unwrap().as_str()), ("token-2", "token-2"));
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_asks_for_a_token_that_was_granted_after_it() {
    let world = World::new(Manners::default());
    let members = start(&world, 3).await;
    assert_eq!(members[1].need(Need::New).await.0.unwrap(), "token-2");
    tokio::time::sleep(Duration::from_millis(10)).await;
    members[0].cache.invalidate();
    assert_eq!(members[0].call().await.0.unwrap(), "token-3", "token-2 is as old as what it declared invalid");
    members[2].cache.invalidate();
    assert_eq!(members[2].call().await.0.unwrap(), "token-4");
}

#[tokio::test(start_paused = true)]
async fn other_credentials_share_nothing_and_a_swap_to_them_takes_what_the_fleet_has() {
    let world = World::new(Manners::default());
    start(&world, 2).await;
    let others = [world.member_with(b"another"), world.member_with(b"another")];
    let (tokens, _) = call_all(&others).await;
    assert_eq!((only(&tokens), world.grants()), ("token-2", 2));
    let swapped = world.member_with(b"another");
    swapped.cache.start_over();
    assert_eq!(swapped.call().await.0.unwrap(), "token-2");
}

#[tokio::test(start_paused = true)]
async fn without_a_lock_grants_are_few_and_calls_are_held_a_quarter_of_a_second_at_most() {
    let world = World::new(Manners { can_lock: false, ..Manners::default() });
    let members: Vec<_> = (0..500).map(|_| world.member()).collect();
    let (_, longest) = call_all(&members).await;
    let cold = world.grants();
    assert!(cold <= 15, "{cold} grants by 500 members");
    assert!(longest <= STORE_BUDGET + Duration::from_millis(30) + SLACK, "{longest:?}");
    for _ in 0..2 * 300 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(call_all(&members).await.1, Duration::ZERO, "renewal is behind all");
    }
    let renewals = world.grants() - cold;
    assert!((2..=12).contains(&renewals), "{renewals} renewals in two lifetimes");
}

#[tokio::test(start_paused = true)]
async fn a_member_of_its_own_renews_ahead_without_a_lock_too() {
    let world = World::new(Manners { can_lock: false, ..Manners::default() });
    let members = start(&world, 1).await;
    for second in 1..600 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(members[0].call().await.1 <= STORE_BUDGET + SLACK + Duration::from_millis(30), "second {second}");
    }
    assert!((2..=4).contains(&world.grants()), "{} grants", world.grants());
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_clock_is_ahead_by_more_than_a_second_is_not_believed_and_overwritten() {
    let world = World::new(Manners::default());
    let ahead = world.member();
    ahead.clock.ahead_ms.store(1_500, SeqCst);
    ahead.call().await.0.unwrap();
    let member = world.member();
    assert_eq!(member.call().await.0.unwrap(), "token-2");
    assert_eq!(member.cache.store_counts().unwrap().ignored, 2);
    assert_eq!(world.member().call().await.0.unwrap(), "token-2");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_takes_longer_than_a_lock_lives_is_asked_by_some_and_not_by_all() {
    let world = World::new(Manners { grant_time: Duration::from_millis(3_500), ..Manners::default() });
    let members: Vec<_> = (0..200).map(|_| world.member()).collect();
    let (tokens, longest) = call_all(&members).await;
    assert!(tokens.iter().filter(|token| *token == "token-1").count() >= 190);
    assert!(world.grants() <= 3, "{} grants", world.grants());
    assert!(longest <= Duration::from_millis(2_000 + 3_500 + 300), "{longest:?}");
}
