//! Instances that have served, and wait for the next request: to make one costs more than most requests do.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::{Limits, counts::Ending, instance::Instance};

/// How many instances of a component wait at most.
const MOST: usize = 64;

/// The largest memory that is kept for the next request, in bytes.
const LARGEST: usize = 32 * 1024 * 1024;

/// The instances of one component that wait.
pub struct Idle {
    requests: u32,
    age: Duration,
    waiting: Mutex<Vec<Instance>>,
}

impl Idle {
    /// None yet, of instances within these limits.
    pub fn new(limits: &Limits) -> Self {
        Self {
            requests: limits.requests,
            age: limits.age,
            waiting: Mutex::default(),
        }
    }

    /// The one that has waited for the shortest time: its memory is the likeliest to be in the processor's caches, and those that
    /// are not needed grow old.
    pub fn take(&self) -> Option<Instance> {
        let mut waiting = self.waiting();
        while let Some(instance) = waiting.pop() {
            if instance.age() < self.age {
                return Some(instance);
            }
            instance.end(Ending::Age);
        }
        None
    }

    /// Keeps an instance for the next request, where that is worth it and safe.
    pub fn keep(&self, mut instance: Instance) {
        let ending = if instance.served() >= self.requests {
            Ending::Requests
        } else if instance.age() >= self.age {
            Ending::Age
        } else if instance.memory() > LARGEST {
            Ending::Memory
        } else if instance.is_littered() {
            Ending::Leftovers
        } else {
            let mut waiting = self.waiting();
            waiting.push(instance);
            let longest = (waiting.len() > MOST).then(|| waiting.remove(0));
            drop(waiting);
            if let Some(longest) = longest {
                longest.end(Ending::Surplus);
            }
            return;
        };
        instance.end(ending);
    }

    /// How many wait.
    pub fn count(&self) -> usize {
        self.waiting().len()
    }

    /// Ends the instances that are too old.
    pub fn expire(&self) {
        let expired = |instance: &mut Instance| instance.age() >= self.age;
        // Apart, so that nobody waits while they are taken down.
        let expired: Vec<_> = self.waiting().extract_if(.., expired).collect();
        for instance in expired {
            instance.end(Ending::Age);
        }
    }

    /// Ends one instance, so that there is room for another component's; whether there was one.
    pub fn give_up(&self) -> bool {
        let mut waiting = self.waiting();
        let longest = (!waiting.is_empty()).then(|| waiting.remove(0));
        drop(waiting);
        longest
            .map(|instance| instance.end(Ending::Displaced))
            .is_some()
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Instance>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
