//! Access tokens: how they are asked for, what is accepted, how long they are used.

mod access_token;
mod answer;
mod assertion;
mod cache;
mod fleet;
mod grant;

pub(crate) use access_token::AccessToken;
#[cfg(fuzzing)]
pub(crate) use answer::properties as answer_properties;
pub(crate) use cache::{Need, Source, Supply, TokenCache};
pub(crate) use fleet::{Operation, Performance, Randomness, Reply, Seal, Store, StoreCounts, StoreFault, StoreReport};
pub(crate) use grant::{Grant, NO_MEANS, TokenSource};
