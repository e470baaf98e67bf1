//! Whether a component has read the body of its request.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use wasmtime_wasi_http::{Error, WasiBody};

/// Tells of one request after the other whether its body is unread.
#[derive(Clone, Default)]
pub struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Whether there is something left of the body that was watched last.
    pub fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Watches this body.
    pub fn watch(&self, body: WasiBody) -> Watched {
        self.0.store(!body.is_end_stream(), Ordering::Relaxed);
        Watched {
            body,
            unread: self.clone(),
        }
    }
}

/// A body that is watched.
pub struct Watched {
    body: WasiBody,
    unread: Unread,
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.unread.0.store(false, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Whoever knows a body's length reads no further, and leaves an end of no bytes.
impl Drop for Watched {
    fn drop(&mut self) {
        if self.unread.is_left() {
            let rest = Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(Waker::noop()));
            let left = !matches!(rest, Poll::Ready(None));
            self.unread.0.store(left, Ordering::Relaxed);
        }
    }
}
