//! Chance, where a store has no lock: members that know nothing of each other seldom ask in the same moment.
//!
//! Both draws are those by which receivers of a multicast keep from all answering at once (Nonnenmacher and Biersack, "Scalable
//! feedback for large groups", 1999): exponential, so that some few come first whether there are ten members or ten
//! thousand, and see to it that the rest need not.

use std::time::Duration;

use crate::limits::LARGEST_SPREAD_FLEET;

/// Gives how long a member without a token waits before it looks again and then asks; `draw` is from 0 to 1.
pub(super) fn wait(draw: f64, budget: Duration) -> Duration {
    // A part of the budget is left for the look that follows.
    let longest = budget.mul_f64(0.8);
    longest.mul_f64((1.0 + draw.ln() / LARGEST_SPREAD_FLEET.ln()).clamp(0.0, 1.0))
}

/// Gives the chance with which a member renews its token at a look, so far through the window for that. In a short window
/// there are few looks, so the chance begins higher.
pub(super) fn chance(progress: f64, window: Duration) -> f64 {
    let smallest = 10_f64.powf(-window.as_secs_f64().clamp(1.0, LARGEST_SPREAD_FLEET.log10()));
    smallest.powf(1.0 - progress)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_come_first_however_many_there_are() {
        let budget = Duration::from_millis(250);
        for members in [10_u32, 100, 1_000, 10_000] {
            let draw = |member: u32| f64::from(member + 1) / f64::from(members);
            let waits: Vec<_> = (0..members).map(|member| wait(draw(member), budget)).collect();
            let first = *waits.iter().min().unwrap();
            let together = waits.iter().filter(|wait| **wait <= first + Duration::from_millis(30)).count();
            assert!(together <= 6, "{together} of {members} within the 30 ms of a grant");
            assert!(waits.iter().all(|wait| *wait <= Duration::from_millis(200)));
        }
        assert_eq!(wait(0.0, budget), Duration::ZERO);
    }

    #[test]
    fn the_chance_grows_to_certainty() {
        let window = Duration::from_secs(45);
        assert!((chance(0.0, window) - 1e-4).abs() < 1e-9 && (chance(1.0, window) - 1.0).abs() < 1e-9);
        assert!((chance(0.0, Duration::from_millis(500)) - 0.1).abs() < 1e-9);
        assert!(chance(0.6, window) > chance(0.5, window));
    }
}
