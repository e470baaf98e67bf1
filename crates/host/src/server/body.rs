//! A body that a component left unread.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};

/// How long the rest of a body is read that nobody wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request's body, which is read to its end when it is dropped before.
///
/// A connection that is closed on bytes nobody has read is reset, and a reset takes the answer with it: the client would
/// see a broken connection in place of, say, 413.
pub struct Emptied {
    body: Option<Incoming>,
    limit: usize,
}

impl Emptied {
    /// A body of which no more than `limit` bytes are read for the answer's sake.
    pub fn new(body: Incoming, limit: usize) -> Self {
        Self {
            body: Some(body),
            limit,
        }
    }
}

impl Body for Emptied {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, Body::size_hint)
    }
}

impl Drop for Emptied {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let mut rest = Limited::new(body, self.limit);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(PATIENCE, async move {
                while let Some(Ok(_)) = rest.frame().await {}
            }));
        }
    }
}
