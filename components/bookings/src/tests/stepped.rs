//! A bench to take the service apart on: storage in memory, a clock that moves when told to, and processes that go from one
//! request to the next only when told to.

use std::cell::Cell;

use data_api_client::memory::Memory;
use data_api_client::stepped::Stepped;
pub(super) use data_api_client::stepped::{Process, Step};
use service::Moment;

use crate::storage;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
}

/// Storage as the processes of a test see it.
pub(super) type Storage = storage::Storage<Stepped>;

/// The storage, the clock and the wires of one test.
pub(super) struct Bench {
    transport: Stepped,
    /// How many holds a ledger has at most: few, so that they are confirmed all the time.
    pub(super) most: Cell<usize>,
}

impl Bench {
    pub(super) fn new() -> Self {
        NOW.set(1_800_000_000_000);
        Self {
            transport: Stepped::default(),
            most: Cell::new(2),
        }
    }

    pub(super) fn memory(&self) -> &Memory {
        &self.transport.memory
    }

    pub(super) fn wait(&self, seconds: i64) {
        NOW.set(NOW.get() + seconds * 1000);
    }

    pub(super) fn now(&self) -> Moment {
        now()
    }

    /// A process that has sent nothing yet.
    pub(super) fn process<F, A>(&self, work: F) -> Process<A>
    where
        F: AsyncFnOnce(&Storage) -> A + 'static,
        A: 'static,
    {
        let most = self.most.get();
        self.transport.process(async move |client| {
            let mut storage = Storage::new(client, now);
            storage.ledgers.most = most;
            work(&storage).await
        })
    }

    /// Runs a process to its end.
    pub(super) fn run<F, A>(&self, work: F) -> A
    where
        F: AsyncFnOnce(&Storage) -> A + 'static,
        A: 'static,
    {
        self.process(work).finish()
    }

    /// From now on, what a process has sent when it dies is still on its way.
    pub(super) fn keep_late(&self, keep: bool) {
        self.transport.keep_late(keep);
    }

    /// The next request to be sent gets no answer in time, and arrives later.
    pub(super) fn delay_next(&self) {
        self.transport.delay_next();
    }

    /// How many requests are on their way still.
    pub(super) fn late(&self) -> usize {
        self.transport.late()
    }

    /// Lets one of them arrive.
    pub(super) fn deliver(&self, index: usize) {
        self.transport.deliver(index);
    }
}

fn now() -> Moment {
    Moment::clamped(NOW.get())
}
