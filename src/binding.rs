//! The door between JavaScript and the machine: the only room that knows Node-API.
//!
//! A call comes in as one synchronous call with an id. Completions go into a queue, and one weak threadsafe function
//! per environment settles all that are ready in one crossing. Errors cross as data; the face makes them classes and
//! throws them, so that their stack shows the caller's own `await`.

#[expect(clippy::too_many_arguments, reason = "arguments cross the door for a fraction of what an object costs")]
mod client;
mod completion;
mod data;
mod door;
#[cfg(debug_assertions)]
mod fault_point;
mod flags;
mod options;
mod store;
