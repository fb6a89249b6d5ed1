//! Stores that do not work.

use super::*;

fn down() -> Manners {
    Manners { is_down: true, ..Manners::default() }
}

fn silent() -> Manners {
    Manners { loss: 1.0, ..Manners::default() }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_never_answers_holds_a_call_a_quarter_of_a_second_and_the_next_not_at_all() {
    let world = World::new(silent());
    let member = world.member();
    let (token, time) = member.call().await;
    assert_eq!(token.unwrap(), "token-1");
    assert!(time <= STORE_BUDGET + Duration::from_millis(30) + SLACK, "{time:?}");
    assert!(!member.cache.store_counts().unwrap().is_up);

    member.cache.invalidate();
    let (token, time) = member.call().await;
    assert_eq!(token.unwrap(), "token-2");
    assert!(time <= Duration::from_millis(30) + SLACK, "{time:?}");
    let counts = member.cache.store_counts().unwrap();
    assert_eq!((counts.errors, counts.skips, counts.hits, counts.writes), (1, 1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_store_whose_thread_does_not_notice_is_given_up_after_a_second() {
    let world = World::new(Manners { is_busy: true, ..Manners::default() });
    let member = world.member();
    let (token, time) = member.call().await;
    assert_eq!(token.unwrap(), "token-1");
    assert!(time >= LONGEST_NOTICE && time <= LONGEST_NOTICE + Duration::from_millis(30) + SLACK, "{time:?}");
    assert!(!member.cache.store_counts().unwrap().is_up);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_late_because_the_event_loop_is_busy_is_not_the_stores_slowness() {
    let world = World::new(Manners { latency: Duration::from_millis(250), late_ms: 600, ..Manners::default() });
    let member = world.member();
    let (token, _) = member.call().await;
    assert_eq!(token.unwrap(), "token-1");
    let counts = member.cache.store_counts().unwrap();
    assert_eq!((counts.errors, counts.misses, counts.writes), (0, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn all_operations_of_one_use_share_one_quarter_of_a_second() {
    // Each would be within the limit by itself.
    let slow = Manners { latency: Duration::from_millis(200), ..Manners::default() };
    for seed in 0..20 {
        let world = World::seeded(slow.clone(), seed);
        let (token, time) = world.member().call().await;
        assert!(token.is_ok() && time <= STORE_BUDGET + Duration::from_millis(30) + SLACK, "{time:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_costs_nothing_and_is_left_alone_for_longer_and_longer() {
    let world = World::new(down());
    let member = world.member();
    let mut tried = Vec::new();
    let began = member.clock.now();
    for _ in 0..3_000 {
        member.cache.invalidate();
        let before = world.operations.load(SeqCst);
        let (token, time) = member.call().await;
        assert!(token.is_ok() && time <= Duration::from_millis(31), "{time:?}");
        if world.operations.load(SeqCst) > before {
            tried.push(member.clock.now().since(began));
        }
        tokio::time::sleep(Duration::from_millis(70)).await;
    }
    let gaps: Vec<_> = tried.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps[0] < 2 * STORE_REST, "{gaps:?}");
    assert!(gaps.len() >= 8 && gaps.iter().all(|gap| *gap <= LONGEST_STORE_REST + 2 * STORE_REST), "{gaps:?}");
    assert!(gaps.last().unwrap() >= &(LONGEST_STORE_REST / 2), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_makes_the_fleet_one_again() {
    let world = World::new(down());
    let members = start(&world, 20).await;
    assert_eq!(world.grants(), 20, "each goes on alone");
    world.set(|manners| manners.is_down = false);
    for _ in 0..2 * 300 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        call_all(&members).await;
    }
    let before = world.grants();
    let tokens: Vec<_> = members.iter().map(|member| member.cache.fresh().unwrap().expose().to_owned()).collect();
    only(&tokens);
    for _ in 0..300 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        call_all(&members).await;
    }
    assert!(world.grants() - before <= 2);
    assert!(members[0].cache.store_counts().unwrap().is_up);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_nobody_holds_and_nobody_gets_is_waited_for_once() {
    let world = World::new(Manners { lock_is_stuck: true, ..Manners::default() });
    let member = world.member();
    let (token, time) = member.call().await;
    assert_eq!(token.unwrap(), "token-1");
    assert!(time >= 2 * LOCK_LIFE && time <= 2 * LOCK_LIFE + Duration::from_millis(500 + 30), "{time:?}");
    member.cache.invalidate();
    let (token, time) = member.call().await;
    assert!(token.is_ok() && time <= STORE_BUDGET + Duration::from_millis(30) + SLACK, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_refuses_is_asked_by_one_member_at_a_time_and_each_hears_it_itself() {
    let world = World::new(Manners { endpoint_refuses: true, ..Manners::default() });
    let members: Vec<_> = (0..20).map(|_| world.member()).collect();
    let calls = join_all(members.iter().map(Member::call)).await;
    assert!(calls.iter().all(|(outcome, _)| outcome.is_err()));
    assert_eq!(world.grants(), 20);
    let longest = calls.iter().map(|(_, time)| *time).max().unwrap();
    assert!(longest <= LONGEST_FLEET_WAIT + Duration::from_millis(500), "{longest:?}");
}

#[tokio::test(start_paused = true)]
async fn a_store_whose_client_is_gone_is_not_missed_and_an_older_one_takes_its_place() {
    let world = World::new(Manners::default());
    start(&world, 1).await;
    let other = World::new(Manners::default());
    let (member, newer) = (world.member(), other.member());
    member.cache.join(&newer.store, seal(b"a secret"));
    newer.die();
    assert_eq!(member.call().await.0.unwrap(), "token-1");
    assert_eq!(other.operations.load(SeqCst), 0);

    let last = world.member();
    drop(last.store);
    assert_eq!(last.cache.get(Need::Fresh, None).await.unwrap().token.expose(), "token-2");
    assert!(last.cache.store_counts().is_none());
}

#[tokio::test(start_paused = true)]
async fn of_two_stores_the_one_that_works_is_used() {
    let world = World::new(Manners::default());
    start(&world, 1).await;
    let other = World::new(down());
    let (member, newer) = (world.member(), other.member());
    member.cache.join(&newer.store, seal(b"a secret"));
    assert_eq!(member.call().await.0.unwrap(), "token-2", "the newer one failed");
    tokio::time::sleep(Duration::from_millis(1)).await;
    member.cache.start_over();
    assert_eq!(member.call().await.0.unwrap(), "token-1", "and the older one was asked while that rests");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_value_of_ours_is_ignored_and_overwritten() {
    let world = World::new(Manners::default());
    start(&world, 1).await;
    let good = world.values.lock().unwrap().values().next().unwrap().0.clone();
    let swapped = seal(b"another")
        .close(&world.member().cache.get(Need::Fresh, None).await.unwrap().token, world.member().clock.now());
    for bad in [String::new(), "nonsense".to_owned(), good.replace(char::is_numeric, "A"), swapped.unwrap()] {
        for (value, _) in world.values.lock().unwrap().values_mut() {
            value.clone_from(&bad);
        }
        let before = world.grants();
        let member = world.member();
        assert!(member.call().await.0.is_ok());
        assert_eq!((world.grants(), member.cache.store_counts().unwrap().ignored), (before + 1, 2));
        world.member().call().await.0.unwrap();
        assert_eq!(world.grants(), before + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stale_value_is_ignored_and_overwritten() {
    let world = World::new(Manners::default());
    start(&world, 1).await;
    // A store that does not let go of what has ended.
    for (_, end) in world.values.lock().unwrap().values_mut() {
        *end += 10 * LIFETIME;
    }
    tokio::time::sleep(LIFETIME).await;
    let member = world.member();
    assert_eq!(member.call().await.0.unwrap(), "token-2");
    assert_eq!(member.cache.store_counts().unwrap().ignored, 2);
}
