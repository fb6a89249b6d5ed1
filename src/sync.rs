//! The lock of what threads share, where a model checker can take its place (`--features model`).

#[cfg(not(feature = "model"))]
pub(crate) use std::sync::{Mutex, MutexGuard};

#[cfg(feature = "model")]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
