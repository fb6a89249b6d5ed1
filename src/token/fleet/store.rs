//! What a fleet asks of its store, and what may come back. The store itself is on the other side of the door.

use futures_util::future::BoxFuture;

/// A place that members of a fleet can all reach.
pub(crate) trait Store: Send + Sync + 'static {
    /// Performs an operation. It may never begin, and never end.
    fn perform(&self, operation: Operation) -> Performance;

    /// Performs an operation, if it can, and tells nobody what came of it.
    fn tell(&self, operation: Operation);

    /// Tells whether it is still there.
    fn is_open(&self) -> bool;

    /// Tells whether it can keep a lock.
    fn can_lock(&self) -> bool;
}

/// An operation under way.
pub(crate) struct Performance {
    /// Ends when the store has been asked.
    pub(crate) begun: BoxFuture<'static, ()>,
    pub(crate) answer: BoxFuture<'static, Result<Reply, StoreFault>>,
}

/// Keys are digests, values are sealed, times are in ms.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Get {
        key: String,
    },
    Set {
        key: String,
        value: String,
        ttl: u64,
    },
    Delete {
        key: String,
    },
    Acquire {
        key: String,
        ttl: u64,
    },
    Release {
        key: String,
    },
    /// Nothing that a store is asked: it is answered when its event loop has seen to all that had come by then.
    Turn,
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
