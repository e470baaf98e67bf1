//! A bench to take the service apart on: storage in memory, a clock that moves when told to, and processes that go from one
//! request to the next only when told to.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use data_api_client::memory::Memory;
use data_api_client::{Auth, Client, Config};
use door::{Transport, TransportError};
use http::{Request, Response};
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
        let (transport, most) = (self.transport.clone(), self.most.get());
        Process {
            future: Box::pin(async move {
                let client = Client::new(nowhere(), transport);
                let mut storage = Storage::new(client, now);
                storage.ledgers.most = most;
                work(&storage).await
            }),
        }
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
        self.transport.wires.keep_late.set(keep);
    }

    /// The next request to be sent gets no answer in time, and arrives later.
    pub(super) fn delay_next(&self) {
        self.transport.wires.delay_next.set(true);
    }

    /// How many requests are on their way still.
    pub(super) fn late(&self) -> usize {
        self.transport.wires.late.borrow().len()
    }

    /// Lets one of them arrive.
    pub(super) fn deliver(&self, index: usize) {
        let request = self.transport.wires.late.borrow_mut().remove(index);
        self.memory().answer(request.uri().path(), request.body());
    }
}

fn nowhere() -> Config {
    Config {
        url: "http://memory.invalid".to_owned(),
        path: String::new(),
        data_source: "cinema".to_owned(),
        database: "cinema".to_owned(),
        auth: Auth::None,
    }
}

fn now() -> Moment {
    Moment::clamped(NOW.get())
}

/// One request of a service that is being served somewhere. To drop it is to have its process die.
pub(super) struct Process<A> {
    future: Pin<Box<dyn Future<Output = A>>>,
}

/// How far a process got.
pub(super) enum Step<A> {
    /// To a request that is sent but not carried out, or to one that is carried out but its answer not seen.
    Going(Process<A>),
    /// To its end.
    Done(A),
}

impl<A> Process<A> {
    pub(super) fn step(mut self) -> Step<A> {
        let mut context = Context::from_waker(Waker::noop());
        match self.future.as_mut().poll(&mut context) {
            Poll::Pending => Step::Going(self),
            Poll::Ready(answer) => Step::Done(answer),
        }
    }

    /// Lets it go `steps` steps, or to its end.
    pub(super) fn go(self, steps: usize) -> Step<A> {
        let mut process = self;
        for _ in 0..steps {
            match process.step() {
                Step::Going(going) => process = going,
                done => return done,
            }
        }
        Step::Going(process)
    }

    pub(super) fn finish(self) -> A {
        let mut process = self;
        loop {
            match process.step() {
                Step::Going(going) => process = going,
                Step::Done(answer) => return answer,
            }
        }
    }
}

impl<A> Step<A> {
    pub(super) fn finish(self) -> A {
        match self {
            Step::Going(process) => process.finish(),
            Step::Done(answer) => answer,
        }
    }
}

/// The way to storage: every request stops before it is carried out, and again before its answer is seen.
#[derive(Clone, Default)]
pub(super) struct Stepped {
    memory: Memory,
    wires: Rc<Wires>,
}

#[derive(Default)]
struct Wires {
    late: RefCell<Vec<Request<Vec<u8>>>>,
    keep_late: Cell<bool>,
    delay_next: Cell<bool>,
}

/// A request on the wire. It arrives late when its sender dies.
struct Sent {
    request: Option<Request<Vec<u8>>>,
    wires: Rc<Wires>,
}

impl Drop for Sent {
    fn drop(&mut self) {
        if let Some(request) = self.request.take()
            && self.wires.keep_late.get()
        {
            self.wires.late.borrow_mut().push(request);
        }
    }
}

impl Transport for Stepped {
    async fn send(
        &self,
        request: Request<Vec<u8>>,
        timeout: Duration,
    ) -> Result<Response<Vec<u8>>, TransportError> {
        if self.wires.delay_next.take() {
            self.wires.late.borrow_mut().push(request);
            pause().await;
            return Err(TransportError::Timeout);
        }
        let mut sent = Sent {
            request: Some(request),
            wires: Rc::clone(&self.wires),
        };
        pause().await;
        let answer = match sent.request.take() {
            Some(request) => self.memory.send(request, timeout).await,
            None => Err(TransportError::Timeout),
        };
        pause().await;
        answer
    }

    async fn sleep(&self, duration: Duration) {
        self.memory.sleep(duration).await;
    }

    fn elapsed(&self) -> Duration {
        self.memory.elapsed()
    }

    fn random(&self) -> f64 {
        self.memory.random()
    }
}

/// Returns to whoever drives the process, once.
async fn pause() {
    let mut paused = false;
    std::future::poll_fn(|_| {
        if paused {
            return Poll::Ready(());
        }
        paused = true;
        Poll::Pending
    })
    .await;
}
