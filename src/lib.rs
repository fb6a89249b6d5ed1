//! The native core of `layer1`: OAuth2 client-credentials tokens looked after, API calls off the event loop.
//!
//! JavaScript is the face, Rust is the machine, and they meet at one narrow door:
//!
//! ```text
//!  lib/            the face: class Layer1, options, errors          (JavaScript)
//!    │  one call in: (id, method, target, headers, limits)
//!  binding         the door: the only room that knows Node-API
//!    │
//!  client  ─ target, retry ───────────────────┐
//!    └─ authenticator ─ token (cache, grant) ─┴─ http (reqwest) ─ network
//!         └─ signature, key
//!    │  many calls out at once: one wake-up settles every call that is ready
//!  lib/            promise settled: JSON.parse of one string, or an error built from plain data
//! ```

mod authenticator;
mod binding;
mod client;
mod clock;
mod config;
mod credentials;
mod error;
mod fault_point;
#[cfg(fuzzing)]
pub mod fuzz;
mod headers;
mod http;
mod key;
mod limits;
mod lossless;
mod registry;
mod retry;
mod runtime;
mod secret;
mod signature;
mod sync;
mod target;
mod token;
mod trace;

/// Tests keep the system's, which memory checkers know.
#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
