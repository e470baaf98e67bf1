//! Statements run where they may wait, and nobody else waits with them.

use std::{
    panic::resume_unwind,
    sync::Arc,
    time::{Duration, Instant},
};

use rusqlite::{
    Error, ErrorCode, Result,
    ffi::{SQLITE_BUSY, SQLITE_BUSY_SNAPSHOT},
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, Semaphore},
    task::{JoinError, spawn_blocking},
    time::{sleep, timeout_at},
};

use super::counts::Waits;

/// How many threads work for the store at once.
const THREADS: usize = 16;

/// How long a statement waits for a lock that somebody else holds.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest that a lock is left alone before it is asked for again.
const LONGEST_STEP: Duration = Duration::from_millis(50);

/// The threads of the store: those that serve requests never wait for a disk or a lock.
pub struct Threads {
    free: Arc<Semaphore>,
    /// Whose turn it is to write: SQLite knows no queue, and lets those who wait ask again and again.
    writer: Arc<Mutex<()>>,
    waits: Waits,
}

/// Somebody's turn to write, which ends when this is dropped.
pub struct Turn(#[expect(dead_code, reason = "held, not used")] OwnedMutexGuard<()>);

impl Default for Threads {
    fn default() -> Self {
        Self {
            free: Arc::new(Semaphore::new(THREADS)),
            writer: Arc::default(),
            waits: Waits::default(),
        }
    }
}

impl Threads {
    /// How long work has waited.
    pub fn waits(&self) -> &Waits {
        &self.waits
    }

    /// Does the work on one of the threads.
    pub async fn read<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnMut() -> Result<T> + Send + 'static,
    {
        self.run(work, Instant::now() + PATIENCE).await
    }

    /// Does the work on one of the threads, when all have written that came before. The turn is handed over, for it may be for more.
    pub async fn write<T, W>(&self, work: W, turn: &mut Option<Turn>) -> Result<T>
    where
        T: Send + 'static,
        W: FnMut() -> Result<T> + Send + 'static,
    {
        let end = Instant::now() + PATIENCE;
        let writer = || Arc::clone(&self.writer);
        let taken = match writer().try_lock_owned() {
            Ok(taken) => Ok(taken),
            Err(_) => {
                let _wait = self.waits.begin();
                timeout_at(end.into(), writer().lock_owned()).await
            }
        };
        match taken {
            Ok(taken) => {
                *turn = Some(Turn(taken));
                self.run(work, end).await
            }
            Err(_) => {
                self.waits.refuse();
                Err(Error::SqliteFailure(
                    rusqlite::ffi::Error::new(SQLITE_BUSY),
                    Some("database is locked".into()),
                ))
            }
        }
    }

    /// Does the work, and again as long as a lock is in its way. No thread is kept in between, so readers, whom no writer's lock
    /// concerns, always find one.
    async fn run<T, W>(&self, mut work: W, end: Instant) -> Result<T>
    where
        T: Send + 'static,
        W: FnMut() -> Result<T> + Send + 'static,
    {
        let mut step = Duration::from_millis(1);
        loop {
            // Nobody closes the semaphore.
            let permit = Arc::clone(&self.free).acquire_owned().await;
            let worked = spawn_blocking(move || {
                let result = work();
                drop(permit);
                (work, result)
            });
            let (again, result) = worked
                .await
                .map_err(JoinError::into_panic)
                .unwrap_or_else(|panic| resume_unwind(panic));
            if !result.as_ref().is_err_and(is_locked) {
                return result;
            }
            if Instant::now() >= end {
                self.waits.refuse();
                return result;
            }
            work = again;
            let _wait = self.waits.begin();
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
