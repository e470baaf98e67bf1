//! Work that is broken off where it turns out to be long.

use std::{
    ffi::c_int,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use rusqlite::{Connection, Error, ErrorCode, Result};

/// How often SQLite tells how far it is, in instructions of its virtual machine.
const STEP: c_int = 1000;

/// How many steps are brief: together about a millisecond.
const BRIEF: u32 = 50;

/// What bounds a connection's work.
pub struct Bound(Arc<AtomicU32>);

impl Bound {
    /// Bounds the work of a connection, when asked to.
    pub fn of(connection: &mut Connection) -> Result<Self> {
        let left = Arc::new(AtomicU32::new(u32::MAX));
        let steps = Arc::clone(&left);
        let is_last = move || steps.fetch_sub(1, Ordering::Relaxed) == 0;
        connection.progress_handler(STEP, Some(is_last))?;
        Ok(Self(left))
    }

    /// Does work that only reads. None where it is long, or has to wait, and is still to be done.
    pub fn briefly<T>(&self, work: impl FnOnce() -> Result<T>) -> Option<Result<T>> {
        self.0.store(BRIEF, Ordering::Relaxed);
        let result = work();
        self.0.store(u32::MAX, Ordering::Relaxed);
        let unfinished = [
            ErrorCode::OperationInterrupted,
            ErrorCode::DatabaseBusy,
            ErrorCode::DatabaseLocked,
        ];
        let error = result.as_ref().err().and_then(Error::sqlite_error_code);
        error
            .is_none_or(|error| !unfinished.contains(&error))
            .then_some(result)
    }
}
