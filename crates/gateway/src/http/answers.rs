//! Answers whole, and as they come.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use data_api_protocol::Failure;
use futures::{Stream, stream};
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use mongodb::raw_batch_cursor::RawBatch;
use tokio::{
    sync::{
        Notify,
        mpsc::{self, Receiver, Sender},
    },
    time::timeout,
};

use super::{form::Form, place::Place};
use crate::actions::{Documents, is_last, slices};

/// The body of an answer.
pub type Body = UnsyncBoxBody<Bytes, Cut>;

/// An answer that ends before it is whole. The connection breaks off with it: what came looks like nothing that was answered.
#[derive(Debug)]
pub struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the answer ends before it is whole")
    }
}

impl std::error::Error for Cut {}

/// How much is sent at once, in bytes.
const CHUNK: usize = 64 * 1024;

/// The room for that, and for the document that goes beyond it.
const ROOM: usize = CHUNK + CHUNK / 4;

/// A part of an answer on its way to the client.
enum Part {
    Chunk(Bytes),
    End,
}

/// An answer that is all there.
pub fn whole(status: u16, media: &'static str, text: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(text.into()).map_err(|never| match never {});
    response(status, media, body.boxed_unsync())
}

/// What a failure tells.
pub fn failed(failure: &Failure) -> Response<Body> {
    let (parts, body) = failure.response().into_parts();
    let mut response = whole(failure.status, "application/json", body);
    response.headers_mut().extend(parts.headers);
    if failure.status == 503 {
        let soon = HeaderValue::from_static("1");
        response.headers_mut().insert(header::RETRY_AFTER, soon);
    }
    if let 408 | 413 = failure.status {
        // The rest of the body is not read, so nothing can follow it; HTTP/2 has no such header, and goes without.
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Documents as they come from the cursor. Those of a cursor that is at its end are sent as one.
///
/// # Errors
/// A cursor that fails before anything is sent.
pub async fn documents(
    mut documents: Box<Documents>,
    form: Form,
    stall: Duration,
    stalled: Arc<Notify>,
    place: Place,
) -> Result<Response<Body>, Failure> {
    let mut text = Text::new(form);
    match documents.next().await? {
        None => {
            text.close();
            Ok(whole(200, form.media_type(), text.bytes))
        }
        Some(batch) if is_last(&batch) => {
            // As JSON it is about as long.
            text.bytes.reserve(batch.as_raw_document().as_bytes().len());
            for document in slices(&batch)? {
                text.add(document)?;
            }
            place.counted(text.count);
            text.close();
            Ok(whole(200, form.media_type(), text.bytes))
        }
        Some(first) => {
            let (sender, receiver) = mpsc::channel(2);
            let giving = Giving {
                documents,
                text,
                sender,
                stall,
            };
            tokio::spawn(giving.give(first, stalled, place));
            let body = StreamBody::new(parts(receiver)).boxed_unsync();
            Ok(response(200, form.media_type(), body))
        }
    }
}

fn response(status: u16, media: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media = HeaderValue::from_static(media);
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    response
}

/// What was sent, up to its end; where there is none, the answer is cut.
fn parts(receiver: Receiver<Part>) -> impl Stream<Item = Result<Frame<Bytes>, Cut>> {
    stream::unfold(Some(receiver), async |receiver| {
        let mut receiver = receiver?;
        match receiver.recv().await {
            Some(Part::Chunk(bytes)) => Some((Ok(Frame::data(bytes)), Some(receiver))),
            Some(Part::End) => None,
            None => Some((Err(Cut), None)),
        }
    })
}

/// An answer as it is written.
struct Text {
    bytes: Vec<u8>,
    form: Form,
    count: u64,
}

impl Text {
    fn new(form: Form) -> Self {
        let bytes = br#"{"documents":["#.to_vec();
        Self {
            bytes,
            form,
            count: 0,
        }
    }

    fn add(&mut self, document: bson::error::Result<bson::RawBsonRef<'_>>) -> Result<(), Failure> {
        let document = document.ok().and_then(|document| document.as_document());
        let document = document.ok_or_else(|| Failure::damaged("it is no document"))?;
        if self.count > 0 {
            self.bytes.push(b',');
        }
        self.count += 1;
        self.form
            .write(document, &mut self.bytes)
            .map_err(Failure::damaged)
    }

    fn close(&mut self) {
        self.bytes.extend_from_slice(b"]}");
    }

    fn take(&mut self) -> Part {
        let bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(ROOM));
        Part::Chunk(bytes.into())
    }
}

/// An answer on its way from the cursor to the client.
struct Giving {
    documents: Box<Documents>,
    text: Text,
    sender: Sender<Part>,
    stall: Duration,
}

/// Why an answer is not given to its end.
enum Left {
    /// The client has gone away.
    Client,
    /// The client takes nothing.
    Stalled,
    /// The server, or its cursor, has failed.
    Server(Failure),
}

impl Giving {
    async fn give(mut self, first: RawBatch, stalled: Arc<Notify>, place: Place) {
        let given = self.all(first).await;
        place.counted(self.text.count);
        match given {
            Ok(()) => return,
            Err(Left::Client) => tracing::debug!(request_id = place.id(), "the client went away"),
            Err(Left::Stalled) => {
                tracing::warn!(
                    request_id = place.id(),
                    "the client takes nothing of its answer"
                );
                stalled.notify_one();
            }
            Err(Left::Server(failure)) => {
                tracing::warn!(
                    request_id = place.id(),
                    code = &*failure.code,
                    "an answer is cut"
                );
            }
        }
        place.cut();
    }

    async fn all(&mut self, first: RawBatch) -> Result<(), Left> {
        let mut next = Some(first);
        while let Some(batch) = next {
            for document in slices(&batch).map_err(Left::Server)? {
                self.text.add(document).map_err(Left::Server)?;
                if self.text.bytes.len() >= CHUNK {
                    let chunk = self.text.take();
                    self.send(chunk).await?;
                }
            }
            if is_last(&batch) {
                break;
            }
            drop(batch);
            next = tokio::select! {
                next = self.documents.next() => next.map_err(Left::Server)?,
                () = self.sender.closed() => return Err(Left::Client),
            };
        }
        self.text.close();
        let chunk = self.text.take();
        self.send(chunk).await?;
        self.send(Part::End).await
    }

    async fn send(&mut self, part: Part) -> Result<(), Left> {
        match timeout(self.stall, self.sender.send(part)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Left::Client),
            Err(_) => Err(Left::Stalled),
        }
    }
}
