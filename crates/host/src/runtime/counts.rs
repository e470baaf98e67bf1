//! What has become of a component's instances.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

/// Why an instance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It failed, was over time, or nobody waited for its answer any more.
    Failure,
    /// It had served as many requests as it may.
    Requests,
    /// It was too old.
    Age,
    /// It had too much memory.
    Memory,
    /// Its last request had left something behind.
    Leftovers,
    /// Enough others waited for a request.
    Surplus,
    /// Another component's needed its place.
    Displaced,
}

impl Ending {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Failure,
        Self::Requests,
        Self::Age,
        Self::Memory,
        Self::Leftovers,
        Self::Surplus,
        Self::Displaced,
    ];

    /// Its name for operators.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failure => "failure",
            Self::Requests => "requests",
            Self::Age => "age",
            Self::Memory => "memory",
            Self::Leftovers => "leftovers",
            Self::Surplus => "surplus",
            Self::Displaced => "displaced",
        }
    }
}

/// How often what has happened to the instances of a component, since the host's start.
#[derive(Debug, Default)]
pub struct Counts {
    made: AtomicU64,
    reused: AtomicU64,
    ended: [AtomicU64; Ending::ALL.len()],
}

impl Counts {
    /// How many were made.
    pub fn made(&self) -> u64 {
        self.made.load(Relaxed)
    }

    /// How many requests were given to one that had served before.
    pub fn reused(&self) -> u64 {
        self.reused.load(Relaxed)
    }

    /// How many ended for this reason.
    pub fn ended(&self, ending: Ending) -> u64 {
        self.ended[ending as usize].load(Relaxed)
    }
}

/// The life of one instance, counted.
#[derive(Debug)]
pub struct Life {
    counts: Arc<Counts>,
    ending: Ending,
}

impl Life {
    /// It is made.
    pub fn begin(counts: &Arc<Counts>) -> Self {
        counts.made.fetch_add(1, Relaxed);
        Self {
            counts: Arc::clone(counts),
            ending: Ending::Failure,
        }
    }

    /// It is given one more request.
    pub fn reuse(&self) {
        self.counts.reused.fetch_add(1, Relaxed);
    }

    /// It is about to end, for another reason than a failure.
    pub fn end(&mut self, ending: Ending) {
        self.ending = ending;
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.counts.ended[self.ending as usize].fetch_add(1, Relaxed);
    }
}
