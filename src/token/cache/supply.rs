//! A token in the hand of a caller, and how it came there.

use std::sync::Arc;

use crate::error::Failure;
use crate::token::AccessToken;

use super::Outcome;

/// A token, and how the caller came by it.
#[derive(Clone, Debug)]
pub(crate) struct Supply {
    pub(crate) token: Arc<AccessToken>,
    pub(crate) source: Source,
}

/// How a caller came by a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It was there.
    Cache,
    /// By the first request for one, which this caller began.
    Fresh,
    /// By a request for the next one, which this caller began.
    Refreshed,
    /// By a request that another caller began.
    Shared,
    /// By another member of the fleet.
    Store,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Fresh => "fresh",
            Self::Refreshed => "refreshed",
            Self::Shared => "shared",
            Self::Store => "store",
        }
    }
}

/// Makes what a caller gets of an outcome; nothing if that is no outcome for somebody who waits.
pub(super) fn supply(outcome: Outcome, source: Source) -> Option<Result<Supply, Failure>> {
    let token = outcome.transpose()?;
    Some(token.map(|token| {
        let is_own = token.is_stored() && source != Source::Shared;
        Supply { token, source: if is_own { Source::Store } else { source } }
    }))
}
