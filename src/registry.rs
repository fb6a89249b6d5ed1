//! What clients of one process share, worker threads included: one token for the same credentials, one set of
//! connections for the same way to an origin.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use once_cell::sync::OnceCell;
use ring::hmac;
use ring::rand::SystemRandom;

use crate::error::Error;
use crate::http::Transport;
use crate::token::{Grant, TokenCache};

/// The registries of a process.
pub(crate) struct Shared {
    pub(crate) tokens: Registry<TokenCache<Grant>>,
    pub(crate) transports: Registry<Transport>,
}

impl Shared {
    pub(crate) fn new() -> Self {
        Self {
            // A program that makes a client for each of its requests has none in between; its token stays.
            tokens: Registry::keeping(64),
            // Connections end with the last client that uses them.
            transports: Registry::keeping(0),
        }
    }
}

/// Says what a thing is, so that equal ones are found and nothing of it can be read: a digest whose key is random and
/// known to this process only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity([u8; 32]);

impl Identity {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Digests parts; their lengths count, so that no two lists of parts run together.
    pub(crate) fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Error> {
        static KEY: OnceCell<hmac::Key> = OnceCell::new();
        let key = KEY.get_or_try_init(|| {
            hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new())
                .map_err(|_| Error::Internal("the system gives no random numbers".into()))
        })?;
        let mut digest = hmac::Context::with_key(key);
        for part in parts {
            digest.update(&(part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let mut identity = [0; 32];
        identity.copy_from_slice(digest.sign().as_ref());
        Ok(Self(identity))
    }
}

/// Things in use, and the last few that were.
pub(crate) struct Registry<T> {
    entries: Mutex<Vec<Entry<T>>>,
    keeps: usize,
}

struct Entry<T> {
    identity: Identity,
    used: Weak<T>,
    /// For the newest `keeps` entries: alive even without a user.
    kept: Option<Arc<T>>,
}

impl<T> Registry<T> {
    fn keeping(keeps: usize) -> Self {
        Self { entries: Mutex::default(), keeps }
    }

    /// Gives the thing of this identity, or makes it.
    pub(crate) fn get_or_make(&self, identity: Identity, make: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let known = entries.iter().find(|entry| entry.identity == identity).and_then(|entry| entry.used.upgrade());
        let thing = known.unwrap_or_else(make);
        // The newest are at the end; what is neither kept nor used is gone.
        entries.retain(|entry| entry.identity != identity && entry.used.strong_count() > 0);
        entries.push(Entry { identity, used: Arc::downgrade(&thing), kept: Some(Arc::clone(&thing)) });
        let old = entries.len().saturating_sub(self.keeps);
        for entry in entries.iter_mut().take(old) {
            entry.kept = None;
        }
        thing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(text: &str) -> Identity {
        Identity::of([text.as_bytes()]).unwrap()
    }

    #[test]
    fn equal_parts_have_one_identity_and_parts_do_not_run_together() {
        let of = |parts: &[&str]| Identity::of(parts.iter().map(|part| part.as_bytes())).unwrap();
        assert!(of(&["a", "b"]) == of(&["a", "b"]));
        assert!(of(&["a", "b"]) != of(&["ab", ""]));
        assert!(of(&["a", "b"]) != of(&["b", "a"]));
    }

    #[test]
    fn users_of_one_identity_share_one_thing() {
        let registry = Registry::keeping(0);
        let first = registry.get_or_make(identity("x"), || Arc::new(1));
        let second = registry.get_or_make(identity("x"), || Arc::new(2));
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*registry.get_or_make(identity("y"), || Arc::new(3)), 3);
    }

    #[test]
    fn a_thing_without_users_is_kept_only_among_the_newest() {
        let registry = Registry::keeping(2);
        drop(registry.get_or_make(identity("a"), || Arc::new(1)));
        assert_eq!(*registry.get_or_make(identity("a"), || Arc::new(9)), 1);
        for name in ["b", "c"] {
            drop(registry.get_or_make(identity(name), || Arc::new(2)));
        }
        assert_eq!(*registry.get_or_make(identity("a"), || Arc::new(9)), 9);
        assert!(registry.entries.lock().unwrap().len() <= 3);
    }

    #[test]
    fn a_thing_in_use_is_found_however_many_came_after_it() {
        let registry = Registry::keeping(2);
        let first = registry.get_or_make(identity("first"), || Arc::new(0));
        for number in 1..100 {
            drop(registry.get_or_make(identity(&number.to_string()), || Arc::new(number)));
        }
        assert!(Arc::ptr_eq(&first, &registry.get_or_make(identity("first"), || Arc::new(-1))));
        assert!(registry.entries.lock().unwrap().len() <= 4);
    }
}
