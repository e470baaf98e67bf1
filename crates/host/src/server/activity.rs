//! Whether a connection is still of use to its client.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use hyper::body::{Body, Bytes, Frame, SizeHint};
use tokio::{sync::Notify, time::timeout};
use wasmtime_wasi_http::{Error, WasiBody};

/// The requests of a connection.
#[derive(Default)]
pub struct Activity {
    begun: AtomicUsize,
    ended: AtomicUsize,
    gives_way: Notify,
}

impl Activity {
    /// A request begins; it ends when what this gives is dropped.
    pub fn begin(self: &Arc<Self>) -> InFlight {
        self.begun.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(self))
    }

    /// How many requests have ended; none where one is being answered.
    pub fn idle_since(&self) -> Option<usize> {
        let begun = self.begun.load(Ordering::Relaxed);
        (begun == self.ended.load(Ordering::Relaxed)).then_some(begun)
    }

    /// Has whoever waits for its end see that now.
    pub fn give_way(&self) {
        self.gives_way.notify_one();
    }

    /// Waits until there has been nothing to do for so long, or the connection is to give way; looks rarely, so that busy connections pay
    /// nothing for it.
    pub async fn end(&self, patience: Duration) {
        let mut before = Some(0);
        loop {
            if timeout(patience, self.gives_way.notified()).await.is_ok() {
                return;
            }
            let now = self.idle_since();
            if now.is_some() && now == before {
                return;
            }
            before = now;
        }
    }
}

/// A request that is being answered.
pub struct InFlight(Arc<Activity>);

impl InFlight {
    /// The body of its answer, with which it ends.
    pub fn until(self, body: WasiBody) -> Answering {
        Answering {
            body,
            _request: self,
        }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// The body of an answer.
pub struct Answering {
    body: WasiBody,
    _request: InFlight,
}

impl Body for Answering {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
