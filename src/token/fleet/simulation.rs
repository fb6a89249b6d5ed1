//! Fleets of one to ten thousand members through some lifetimes, in time that costs nothing, with the very caches that the
//! product has. `docs/fleet.md` has the table, and what is read from it.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    reason = "figures of a simulation, and nothing else"
)]

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use tokio::time::{Instant, sleep};

use super::world::{Manners, World};
use super::*;
use crate::limits::STORE_BUDGET;

/// One line of the table.
struct Scenario {
    name: &'static str,
    members: usize,
    manners: Manners,
    /// Whether there is a store at all.
    has_store: bool,
}

#[derive(Debug)]
struct Figures {
    /// Grants of the fleet's start: in its first five seconds.
    cold_grants: usize,
    /// For each lifetime after that.
    grants_a_lifetime: f64,
    /// The most that fell into one second, after the start.
    herd: usize,
    longest_cold_wait: Duration,
    longest_wait: Duration,
    calls: u64,
    failures: u64,
    deaths: usize,
    operations_a_second: f64,
}

const LIFETIMES: u32 = 3;
const START: Duration = Duration::from_secs(5);

/// Lets a fleet start in one moment and use its token about once a second, for three lifetimes.
async fn run(scenario: &Scenario, seed: u64) -> Figures {
    let world = World::seeded(scenario.manners.clone(), seed);
    let began = Instant::now();
    let [longest, longest_cold, calls, failures] = [const { AtomicU64::new(0) }; 4].map(Arc::new);
    let mut users = Vec::new();
    let mut fates = Vec::new();
    for number in 0..scenario.members {
        let mut member = world.member();
        if !scenario.has_store {
            member.store = world.member().store;
        }
        fates.push(Arc::clone(&member.is_alive));
        let mut random = fastrand::Rng::with_seed(seed ^ number as u64);
        let (longest, longest_cold) = (Arc::clone(&longest), Arc::clone(&longest_cold));
        let (calls, failures) = (Arc::clone(&calls), Arc::clone(&failures));
        users.push(tokio::spawn(async move {
            loop {
                let (outcome, time) = member.call().await;
                calls.fetch_add(1, SeqCst);
                failures.fetch_add(u64::from(outcome.is_err()), SeqCst);
                let slot = if began.elapsed() - time < START { &longest_cold } else { &longest };
                slot.fetch_max(u64::try_from(time.as_micros()).unwrap(), SeqCst);
                sleep(Duration::from_secs_f64(0.5 + random.f64())).await;
            }
        }));
    }
    let length = scenario.manners.lifetime * LIFETIMES;
    sleep(length).await;
    for user in &users {
        user.abort();
    }
    let times: Vec<_> = world.grants.lock().unwrap().iter().map(|at| *at - began).collect();
    let later: Vec<_> = times.iter().filter(|at| **at >= START).collect();
    let within =
        |from: &Duration| later.iter().filter(|at| ***at >= *from && ***at < *from + Duration::from_secs(1)).count();
    Figures {
        cold_grants: times.len() - later.len(),
        grants_a_lifetime: later.len() as f64 / f64::from(LIFETIMES),
        herd: later.iter().map(|at| within(at)).max().unwrap_or(0),
        longest_cold_wait: Duration::from_micros(longest_cold.load(SeqCst)),
        longest_wait: Duration::from_micros(longest.load(SeqCst)),
        calls: calls.load(SeqCst),
        failures: failures.load(SeqCst),
        deaths: fates.iter().filter(|is_alive| !is_alive.load(SeqCst)).count(),
        operations_a_second: world.operations.load(SeqCst) as f64 / length.as_secs_f64(),
    }
}

fn manners(lifetime: u64) -> Manners {
    Manners {
        lifetime: Duration::from_secs(lifetime),
        latency: Duration::from_millis(2),
        grant_spread: 1.0,
        ..Manners::default()
    }
}

fn scenarios(members: usize, lifetime: u64) -> Vec<Scenario> {
    let usual = manners(lifetime);
    let with = |name, manners| Scenario { name, members, manners, has_store: true };
    vec![
        Scenario { has_store: false, ..with("no store", Manners { is_down: true, ..usual.clone() }) },
        with("store of 2 ms", usual.clone()),
        with("store of 40 ms", Manners { latency: Duration::from_millis(40), ..usual.clone() }),
        with("1 % of operations lost", Manners { loss: 0.01, ..usual.clone() }),
        with("half of the askers die", Manners { deaths: 0.5, ..usual.clone() }),
        with("no lock", Manners { can_lock: false, ..usual }),
    ]
}

#[expect(clippy::print_stdout, reason = "the table is what it is for")]
async fn print_line(scenario: &Scenario) -> Figures {
    let figures = run(scenario, 7).await;
    println!(
        "| {} | {} s | {} | {} | {:.1} | {} | {:.0} ms | {:.0} ms | {} | {} | {:.0} |",
        scenario.members,
        scenario.manners.lifetime.as_secs(),
        scenario.name,
        figures.cold_grants,
        figures.grants_a_lifetime,
        figures.herd,
        figures.longest_cold_wait.as_secs_f64() * 1e3,
        figures.longest_wait.as_secs_f64() * 1e3,
        figures.failures,
        figures.deaths,
        figures.operations_a_second,
    );
    figures
}

/// `cargo test --release fleet_table -- --ignored --nocapture` prints the table of `docs/fleet.md`.
#[test]
#[ignore = "it takes minutes; the essential results are tested below at a smaller size"]
#[expect(clippy::print_stdout, reason = "as above")]
fn fleet_table() {
    println!(
        "| members | lifetime | world | grants at the start | grants a lifetime | most in a second | longest wait at the start | later | calls failed | members died | operations a second |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for members in [1, 10, 100, 1_000, 10_000] {
        for lifetime in [60, 300] {
            for scenario in scenarios(members, lifetime) {
                in_virtual_time(print_line(&scenario));
            }
        }
    }
}

fn in_virtual_time<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(work)
}

#[test]
fn a_small_fleet_behaves_as_the_table_says() {
    for (members, lifetime) in [(100, 60)] {
        let mut lines = scenarios(members, lifetime).into_iter().map(|scenario| in_virtual_time(print_line(&scenario)));
        let [none, fast, slow, lossy, deadly, unlocked] = std::array::from_fn(|_| lines.next().unwrap());
        assert_eq!(none.cold_grants, members, "what the store is for");
        for figures in [&none, &fast, &slow, &lossy, &deadly, &unlocked] {
            assert_eq!(figures.failures, 0, "{figures:?}");
            assert!(figures.calls > (members as u64) * u64::from(LIFETIMES) * lifetime * 9 / 20, "{figures:?}");
        }
        for figures in [&fast, &slow] {
            assert_eq!((figures.cold_grants, figures.herd), (1, 1), "{figures:?}");
            assert!(figures.grants_a_lifetime <= 1.4 && figures.longest_wait.is_zero(), "{figures:?}");
            assert!(figures.longest_cold_wait <= Duration::from_millis(45) + 2 * STORE_BUDGET, "{figures:?}");
        }
        assert!(lossy.cold_grants <= members / 10 && lossy.grants_a_lifetime <= 3.0, "{lossy:?}");
        assert!(deadly.deaths > 0 && deadly.herd <= 2 && deadly.grants_a_lifetime <= 4.0, "{deadly:?}");
        assert!(unlocked.cold_grants <= 20 && unlocked.grants_a_lifetime <= 20.0, "{unlocked:?}");
    }
}
