//! Statements run where they may wait, and nobody else waits with them.

use std::{
    panic::resume_unwind,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::{Error, ErrorCode, Result, ffi::SQLITE_BUSY_SNAPSHOT};
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
    time::sleep,
};

/// How many threads work for the store at once.
const THREADS: usize = 16;

/// How long a statement waits for a lock that somebody else holds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest that a lock is left alone before it is asked for again.
const LONGEST_STEP: Duration = Duration::from_millis(50);

/// The threads of the store: those that serve requests never wait for a disk or a lock.
pub struct Threads(Arc<Semaphore>);

impl Default for Threads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(THREADS)))
    }
}

impl Threads {
    /// Does the work on one of the threads, and again as long as a lock is in its way. No thread is kept in between, so readers,
    /// whom no writer's lock concerns, always find one.
    pub async fn run<T, W>(&self, mut work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnMut() -> Result<T> + Send + 'static,
    {
        let end = Instant::now() + PATIENCE;
        let mut step = Duration::from_millis(1);
        loop {
            // Nobody closes the semaphore.
            let permit = Arc::clone(&self.0).acquire_owned().await;
            let worked = spawn_blocking(move || {
                let result = work();
                drop(permit);
                (work, result)
            });
            let (again, result) = worked
                .await
                .map_err(JoinError::into_panic)
                .unwrap_or_else(|panic| resume_unwind(panic));
            if Instant::now() >= end || !result.as_ref().is_err_and(is_locked) {
                return result;
            }
            work = again;
            sleep(step).await;
            step = (step * 2).min(LONGEST_STEP);
        }
    }
}

/// Whether to wait helps: a transaction that has read what has changed since can only begin anew.
fn is_locked(error: &Error) -> bool {
    error.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DatabaseBusy && error.extended_code != SQLITE_BUSY_SNAPSHOT
    })
}
