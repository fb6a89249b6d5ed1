//! What a fleet asks of its store, and what may come back. The store itself is on the other side of the door.

use futures_util::future::BoxFuture;

/// A place that members of a fleet can all reach.
pub(crate) trait Store: Send + Sync + 'static {
    /// Performs an operation. It may never end.
    fn perform(&self, operation: Operation) -> BoxFuture<'static, Result<Reply, StoreFault>>;

    /// Performs an operation, if it can, and tells nobody what came of it.
    fn tell(&self, operation: Operation);

    /// Tells whether it is still there.
    fn is_open(&self) -> bool;

    /// Tells whether it can keep a lock.
    fn can_lock(&self) -> bool;
}

/// Keys are digests, values are sealed, times are in ms.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Get { key: String },
    Set { key: String, value: String, ttl: u64 },
    Delete { key: String },
    Acquire { key: String, ttl: u64 },
    Release { key: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Nothing,
    Text(String),
    Yes,
    No,
    /// Something of another kind than was asked for.
    Unknown,
}

/// Why an operation came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreFault {
    Failed,
    TooSlow,
    /// The store's client was closed, or its thread has ended.
    Gone,
}
