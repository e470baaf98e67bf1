//! Bodies of requests and answers: read and written whole, or piece by piece.

use std::{future::poll_fn, pin::pin};

use bytes::Bytes;
use futures::{Stream, stream};
use http_body::Body;
use spin_sdk::{
    http::Fields,
    wit::wasi::http0_2_0::types::{IncomingBody, OutgoingBody},
};
use wasi::io::streams::{InputStream, OutputStream, StreamError};

use crate::{headers, wait};

/// How much is asked for at a time, in bytes; the host gives what it has.
const READ_SIZE: u64 = 64 * 1024;

/// Why a body was not read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is longer than the limit.
    TooLarge,
    /// Whoever sent it stopped in the middle.
    BrokenOff,
}

/// Reads a body of up to `limit` bytes. Where `length`, its announced length, is reached, nothing more is waited for.
pub(crate) async fn read(
    body: IncomingBody,
    length: Option<u64>,
    limit: usize,
) -> Result<Vec<u8>, Unread> {
    let stream = body.stream().map_err(|()| Unread::BrokenOff)?;
    let mut content = Vec::new();
    while length.is_none_or(|length| (content.len() as u64) < length) {
        match next(&stream).await? {
            Some(piece) if content.len() + piece.len() > limit => return Err(Unread::TooLarge),
            Some(piece) if content.is_empty() => content = piece,
            Some(piece) => content.extend_from_slice(&piece),
            None => break,
        }
    }
    Ok(content)
}

/// A body as it comes.
pub(crate) fn pieces(body: IncomingBody) -> impl Stream<Item = Result<Bytes, Unread>> {
    let opened = body.stream().map_err(|()| Unread::BrokenOff);
    // The stream goes before the body that it is of.
    stream::try_unfold((opened, body), |(opened, body)| async move {
        let stream = opened?;
        let piece = next(&stream).await?;
        Ok(piece.map(|piece| (piece.into(), (Ok(stream), body))))
    })
}

/// What comes next of a body; nothing after its end.
async fn next(stream: &InputStream) -> Result<Option<Vec<u8>>, Unread> {
    loop {
        match stream.read(READ_SIZE) {
            Ok(piece) if piece.is_empty() => wait::ready(stream.subscribe()).await,
            Ok(piece) => return Ok(Some(piece)),
            Err(StreamError::Closed) => return Ok(None),
            Err(StreamError::LastOperationFailed(_)) => return Err(Unread::BrokenOff),
        }
    }
}

/// Writes a body, and ends it. An error says that whoever it was for is gone.
pub(crate) async fn write(body: OutgoingBody, content: &[u8]) -> Result<(), ()> {
    if !content.is_empty() {
        write_to(&body.write()?, content).await?;
    }
    OutgoingBody::finish(body, None).map_err(|_| ())
}

/// Writes a body piece by piece as it is made, and its trailers. An error says that whoever it was for is gone, or that the rest can't
/// be made.
pub(crate) async fn write_frames(
    sink: OutgoingBody,
    body: impl Body<Data = Bytes>,
) -> Result<(), ()> {
    let mut trailers = None;
    {
        let stream = sink.write()?;
        let mut body = pin!(body);
        while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
            match frame.map_err(|_| ())?.into_data() {
                Ok(data) => write_to(&stream, &data).await?,
                Err(frame) => trailers = frame.into_trailers().ok(),
            }
        }
    }
    let trailers = trailers.map(|trailers| Fields::from_list(&headers::written(&trailers)));
    let trailers = trailers.transpose().map_err(|_| ())?;
    OutgoingBody::finish(sink, trailers).map_err(|_| ())
}

async fn write_to(stream: &OutputStream, mut rest: &[u8]) -> Result<(), ()> {
    while !rest.is_empty() {
        let room = stream.check_write().map_err(|_| ())?;
        if room == 0 {
            wait::ready(stream.subscribe()).await;
            continue;
        }
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let (chunk, more) = rest.split_at(room.min(rest.len()));
        stream.write(chunk).map_err(|_| ())?;
        rest = more;
    }
    Ok(())
}
