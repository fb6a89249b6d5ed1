//! The connections that are kept for the next request, and how all of them are given up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Client, Response};

use crate::error::Error;

/// The present pool of connections; made by the first request.
#[derive(Default)]
pub(super) struct Pools {
    present: Mutex<Option<Arc<Pool>>>,
}

/// A pool, shared by the requests that are waiting for their answers.
pub(super) struct Pool {
    client: Client,
    /// Answers of a broken frame. One that is dropped unread may give its connection back: hyper reads a short rest and
    /// keeps it. So they are dropped with the pool, after its client.
    broken: Mutex<Vec<Response>>,
}

impl Pools {
    pub(super) fn get_or_make(&self, make: impl FnOnce() -> Result<Client, Error>) -> Result<Arc<Pool>, Error> {
        let mut present = self.lock();
        if let Some(pool) = &*present {
            return Ok(Arc::clone(pool));
        }
        let pool = Arc::new(Pool { client: make()?, broken: Mutex::default() });
        *present = Some(Arc::clone(&pool));
        Ok(pool)
    }

    /// Gives up a pool for an answer whose connection must not be used again; reqwest can end no single one. The requests
    /// that wait in it go on, and the last of them ends its connections.
    pub(super) fn give_up(&self, pool: &Arc<Pool>, answer: Response) {
        pool.broken.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
        let mut present = self.lock();
        if present.as_ref().is_some_and(|present| Arc::ptr_eq(present, pool)) {
            *present = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Pool>>> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}
