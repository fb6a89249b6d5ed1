//! What the store did, for those who watch.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counted since the first store came.
#[derive(Default)]
pub(super) struct Counts {
    /// Tokens taken from the store.
    pub(super) hits: AtomicU64,
    /// Looks that found no token.
    pub(super) misses: AtomicU64,
    /// Values that could not be used: altered, stale, another's, refused.
    pub(super) ignored: AtomicU64,
    /// Tokens put into the store.
    pub(super) writes: AtomicU64,
    /// Waits for a token that another member was getting.
    pub(super) waits: AtomicU64,
    /// Operations that failed, or took too long.
    pub(super) errors: AtomicU64,
    /// Uses that went on without the store, because it had just failed.
    pub(super) skips: AtomicU64,
}

/// The counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StoreCounts {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
    pub(crate) ignored: u64,
    pub(crate) writes: u64,
    pub(crate) waits: u64,
    pub(crate) errors: u64,
    pub(crate) skips: u64,
    /// Whether the store would be used now.
    pub(crate) is_up: bool,
}

/// What the store was for one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoreReport {
    pub(crate) outcome: &'static str,
    /// Spent on its operations.
    pub(crate) time: Duration,
    /// Spent waiting for another member.
    pub(crate) waited: Duration,
}

impl Counts {
    pub(super) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn read(&self, is_up: bool) -> StoreCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        StoreCounts {
            hits: of(&self.hits),
            misses: of(&self.misses),
            ignored: of(&self.ignored),
            writes: of(&self.writes),
            waits: of(&self.waits),
            errors: of(&self.errors),
            skips: of(&self.skips),
            is_up,
        }
    }

    pub(super) fn skipped(&self) -> StoreReport {
        Self::count(&self.skips);
        StoreReport { outcome: "skipped", time: Duration::ZERO, waited: Duration::ZERO }
    }
}
