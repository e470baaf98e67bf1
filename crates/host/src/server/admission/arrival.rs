//! Bodies, which are there before their requests get a place: who is slow waits for themselves alone.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::BytesMut;
use http::StatusCode;
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout_at,
};
use wasmtime_wasi_http::{Error, WasiBody};

use super::Refusal;
use crate::{
    runtime::{Gathered, grpc},
    server::{ServeOptions, drain::drain},
};

/// What is counted of bodies that wait, in bytes.
const UNIT: usize = 1024;

/// How much all bodies together may have, in those.
const ROOM: usize = 64 * 1024;

/// How bodies arrive.
pub struct Arrivals {
    limit: usize,
    patience: Duration,
    rate: u32,
    room: Arc<Semaphore>,
}

/// A body that is there, and the room it takes.
pub struct Arrived {
    pub body: WasiBody,
    pub room: Option<OwnedSemaphorePermit>,
}

impl Arrivals {
    /// As the options say.
    pub fn new(options: &ServeOptions) -> Self {
        Self {
            limit: options.body,
            patience: options.body_time,
            rate: options.body_rate.max(1),
            room: Arc::new(Semaphore::new(ROOM)),
        }
    }

    /// Waits for all of a body; of a call of gRPC for its first message, since the client may send the others by what it is answered.
    pub async fn arrive(&self, mut body: Incoming, call: bool) -> Result<Arrived, Refusal> {
        let (mut read, mut trailers, mut room) = (BytesMut::new(), None, None);
        let begun = Instant::now();
        let mut whole = body.is_end_stream();
        while !(whole || call && grpc::has_message(&read)) {
            let due = begun + self.allowed(read.len());
            let Ok(next) = timeout_at(due.into(), body.frame()).await else {
                let detail = "the body did not arrive in time; send it again, faster";
                return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, detail));
            };
            let frame = match next {
                Some(Ok(frame)) => frame,
                Some(Err(_)) => {
                    let detail = "the body broke off, or its framing is wrong";
                    return Err(Refusal::new(StatusCode::BAD_REQUEST, detail));
                }
                None => {
                    whole = true;
                    break;
                }
            };
            match frame.into_data() {
                Ok(data) => {
                    if read.len() + data.len() > self.limit {
                        drain(body, self.limit);
                        let detail = format!("the body is larger than {} bytes", self.limit);
                        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
                    }
                    self.make_room(&mut room, read.len(), read.len() + data.len())?;
                    read.extend_from_slice(&data);
                }
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
            whole = body.is_end_stream();
        }
        let rest = (!whole).then(|| limited(body, self.limit - read.len()));
        let mut frames = VecDeque::new();
        if !read.is_empty() {
            frames.push_back(Frame::data(read.freeze()));
        }
        frames.extend(trailers.map(Frame::trailers));
        Ok(Arrived {
            body: Gathered { frames, rest }.boxed_unsync(),
            room,
        })
    }

    /// How long so many bytes may have taken: the time for all of it, or before, after a sixth of that, what the rate allows.
    fn allowed(&self, bytes: usize) -> Duration {
        let kept_up = Duration::from_secs_f64(bytes as f64 / f64::from(self.rate));
        (self.patience / 6 + kept_up).min(self.patience)
    }

    /// Takes what a body needs more of the room, when it has grown.
    fn make_room(
        &self,
        held: &mut Option<OwnedSemaphorePermit>,
        before: usize,
        after: usize,
    ) -> Result<(), Refusal> {
        let more = after.div_ceil(UNIT) - before.div_ceil(UNIT);
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.room).try_acquire_many_owned(more);
        let taken =
            taken.map_err(|_| Refusal::busy("too many bodies are on their way; try again"))?;
        match held {
            Some(held) => held.merge(taken),
            None => *held = Some(taken),
        }
        Ok(())
    }
}

/// A body that breaks off where it has more bytes.
fn limited(body: Incoming, bytes: usize) -> WasiBody {
    let broken = |error: Box<dyn std::error::Error + Send + Sync>| {
        let error = error.downcast().map(|error| Error::Hyper(*error));
        error.unwrap_or(Error::HttpRequestBodySize(None))
    };
    Limited::new(body, bytes).map_err(broken).boxed_unsync()
}
