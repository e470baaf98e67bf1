//! A body that nobody wants.

use std::time::Duration;

use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Incoming};

/// How long the rest of a body is read that nobody wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads a body to its end, of no more than `limit` bytes, and forgets it.
///
/// A connection that is closed on bytes nobody has read is reset, and a reset takes the answer with it: the client would
/// see a broken connection in place of, say, 413.
pub fn drain(body: Incoming, limit: usize) {
    if body.is_end_stream() {
        return;
    }
    let mut rest = Limited::new(body, limit);
    tokio::spawn(tokio::time::timeout(PATIENCE, async move {
        while let Some(Ok(_)) = rest.frame().await {}
    }));
}
