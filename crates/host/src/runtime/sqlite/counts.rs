//! How long statements have waited, for their turn or for a lock.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

/// What waiting there has been since the host's start.
#[derive(Debug, Default)]
pub struct Waits {
    waiting: AtomicU64,
    ended: AtomicU64,
    microseconds: AtomicU64,
    refused: AtomicU64,
}

impl Waits {
    /// How many statements wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// How many waits have ended.
    pub fn ended(&self) -> u64 {
        self.ended.load(Relaxed)
    }

    /// How long those were, together.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.microseconds.load(Relaxed))
    }

    /// How many statements were given up, since somebody else held a lock for too long.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// A statement is given up.
    pub(super) fn refuse(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// A wait, which lasts until this is dropped.
    pub(super) fn begin(&self) -> Wait<'_> {
        self.waiting.fetch_add(1, Relaxed);
        Wait {
            waits: self,
            start: Instant::now(),
        }
    }
}

/// One that waits.
pub struct Wait<'a> {
    waits: &'a Waits,
    start: Instant,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let microseconds = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waits.waiting.fetch_sub(1, Relaxed);
        self.waits.ended.fetch_add(1, Relaxed);
        self.waits.microseconds.fetch_add(microseconds, Relaxed);
    }
}
