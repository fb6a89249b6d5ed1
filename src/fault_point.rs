//! Stages of a call at which a debug build can be made to panic, to see what becomes of that call, of the others, and of
//! the process. A release build holds nothing of it.

/// A place that every call, or every call of a kind, comes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A client is made.
    Construct = 1,
    /// A method is called; JavaScript's thread.
    Door,
    /// Work is about to go to the I/O thread; JavaScript's thread.
    Begin,
    /// The URL is made.
    Target,
    /// The token is looked at, under its lock.
    Token,
    /// A token is asked for.
    Grant,
    /// The token endpoint has answered.
    GrantAnswer,
    /// A connection is waited for.
    Queue,
    /// A request is sent.
    Send,
    /// A connection is made.
    Connect,
    /// The headers of an answer are there.
    Headers,
    /// The body of an answer is read.
    Body,
    /// The body of an answer that is an error is read.
    ErrorBody,
    /// An answer is made of a body.
    Answer,
    /// It is decided what follows a failed attempt.
    Next,
    /// The deadline has passed.
    Deadline,
    /// A connection is opened ahead of the first call.
    WarmUp,
    /// A listener is told of an attempt.
    Event,
    /// A call is settled.
    Settle,
    /// An outcome becomes JavaScript's values; JavaScript's thread.
    Convert,
}

#[cfg(not(debug_assertions))]
#[inline(always)]
pub(crate) const fn pass(_: Stage) {}

#[cfg(debug_assertions)]
pub(crate) use armed::{arm, names, pass};

#[cfg(debug_assertions)]
mod armed {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::Stage;

    const ALL: [Stage; 20] = [
        Stage::Construct,
        Stage::Door,
        Stage::Begin,
        Stage::Target,
        Stage::Token,
        Stage::Grant,
        Stage::GrantAnswer,
        Stage::Queue,
        Stage::Send,
        Stage::Connect,
        Stage::Headers,
        Stage::Body,
        Stage::ErrorBody,
        Stage::Answer,
        Stage::Next,
        Stage::Deadline,
        Stage::WarmUp,
        Stage::Event,
        Stage::Settle,
        Stage::Convert,
    ];

    /// The stage that panics when it is come by; 0 for none.
    static ARMED: AtomicU8 = AtomicU8::new(0);

    /// Gives the names of all stages.
    pub(crate) fn names() -> Vec<String> {
        ALL.iter().map(|stage| format!("{stage:?}")).collect()
    }

    /// Lets the stage of this name panic, once; tells whether there is one.
    pub(crate) fn arm(name: &str) -> bool {
        let stage = ALL.iter().find(|stage| format!("{stage:?}") == name);
        ARMED.store(stage.map_or(0, |stage| *stage as u8), Ordering::SeqCst);
        stage.is_some()
    }

    /// Comes by a stage: panics if it is armed.
    #[expect(clippy::panic, reason = "that is what it is for; only debug builds hold it")]
    pub(crate) fn pass(stage: Stage) {
        let armed = stage as u8;
        if ARMED.compare_exchange(armed, 0, Ordering::SeqCst, Ordering::Relaxed).is_ok() {
            panic!("the fault point {stage:?}");
        }
    }
}
