//! Processes over storage in memory that go from one request to the next only when told to, for tests of what happens where one is
//! overtaken by another, or dies.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use door::{Transport, TransportError};
use http::{Request, Response};

use crate::{Client, memory::Memory};

/// One request of a service that is being served somewhere. To drop it is to have its process die.
pub struct Process<A> {
    future: Pin<Box<dyn Future<Output = A>>>,
}

/// How far a process got.
pub enum Step<A> {
    /// To a request that is sent but not carried out, or to one that is carried out but its answer not seen.
    Going(Process<A>),
    /// To its end.
    Done(A),
}

impl<A> Process<A> {
    /// Lets it go to its next request, or from there to the answer.
    pub fn step(mut self) -> Step<A> {
        let mut context = Context::from_waker(Waker::noop());
        match self.future.as_mut().poll(&mut context) {
            Poll::Pending => Step::Going(self),
            Poll::Ready(answer) => Step::Done(answer),
        }
    }

    /// Lets it go `steps` steps, or to its end.
    pub fn go(self, steps: usize) -> Step<A> {
        let mut process = self;
        for _ in 0..steps {
            match process.step() {
                Step::Going(going) => process = going,
                done => return done,
            }
        }
        Step::Going(process)
    }

    /// Lets it go to its end.
    pub fn finish(self) -> A {
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
    /// Lets it go to its end, if it has not come there.
    pub fn finish(self) -> A {
        match self {
            Step::Going(process) => process.finish(),
            Step::Done(answer) => answer,
        }
    }
}

/// The way to storage: every request stops before it is carried out, and again before its answer is seen.
#[derive(Clone, Default)]
pub struct Stepped {
    /// Where the requests go.
    pub memory: Memory,
    wires: Rc<Wires>,
}

#[derive(Default)]
struct Wires {
    late: RefCell<Vec<Request<Vec<u8>>>>,
    keep_late: Cell<bool>,
    delay_next: Cell<bool>,
}

impl Stepped {
    /// A process over this storage that has sent nothing yet.
    pub fn process<A: 'static>(
        &self,
        work: impl AsyncFnOnce(Client<Self>) -> A + 'static,
    ) -> Process<A> {
        let client = self.memory.client_by(self.clone());
        Process {
            future: Box::pin(async move { work(client).await }),
        }
    }

    /// From now on, what a process has sent when it dies is still on its way.
    pub fn keep_late(&self, keep: bool) {
        self.wires.keep_late.set(keep);
    }

    /// The next request to be sent gets no answer in time, and arrives later.
    pub fn delay_next(&self) {
        self.wires.delay_next.set(true);
    }

    /// How many requests are on their way still.
    pub fn late(&self) -> usize {
        self.wires.late.borrow().len()
    }

    /// Lets one of them arrive.
    pub fn deliver(&self, index: usize) {
        let request = self.wires.late.borrow_mut().remove(index);
        self.memory.answer(request.uri().path(), request.body());
    }
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

/// What a random schedule goes by, and can be run again by its seed: SplitMix64, by Sebastiano Vigna: small, and the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    /// One of the numbers below a bound.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// True once in so many times.
    pub fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }
}
