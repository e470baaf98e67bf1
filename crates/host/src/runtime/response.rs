//! A component's answer, gathered or passed on while the component still runs.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot::Receiver;
use tracing::Instrument as _;
use wasmtime_wasi_http::{Error, WasiBody, p2::bindings::http::types::ErrorCode};

use super::{failure, grpc};

/// How much of a body is gathered before the rest is streamed, in bytes.
const GATHERED: usize = 256 * 1024;

type Guest<E> = Pin<Box<dyn Future<Output = wasmtime::Result<E>> + Send>>;

/// The answer of a guest that is still to be run.
///
/// A small answer is gathered whole, in the same task, so that nothing has to be woken up for it. When the body is long, or
/// the component goes on after its answer, the guest runs on in a task of its own.
///
/// The answer to a call of gRPC, of which is told when it is over time, is passed on as it comes. The guest ends with whoever reads it,
/// and has ended, well or not, before the answer does.
///
/// # Errors
/// Whatever ended the guest before it had answered.
pub async fn gather(
    mut guest: Guest<()>,
    mut answer: Receiver<Result<Response<WasiBody>, ErrorCode>>,
    call: Option<Instant>,
) -> wasmtime::Result<Response<WasiBody>> {
    let mut ended = false;
    let head = poll_fn(|context| {
        if !ended && let Poll::Ready(result) = guest.as_mut().poll(context) {
            ended = true;
            result?;
        }
        // Of what is there, tokio may say that it is not where the task has used up its turn, which is no reason to give up.
        let answer = match Pin::new(&mut answer).poll(context) {
            Poll::Pending if ended => answer.try_recv().ok(),
            Poll::Pending => return Poll::Pending,
            Poll::Ready(answer) => answer.ok(),
        };
        Poll::Ready(match answer {
            Some(Ok(response)) => Ok(response),
            Some(Err(code)) => Err(wasmtime::Error::msg(format!(
                "it answered with an error: {code:?}"
            ))),
            None => Err(wasmtime::Error::msg("it ended without an answer")),
        })
    })
    .await?;
    let (parts, mut body) = head.into_parts();
    let mut frames = VecDeque::new();
    let mut size = 0;
    let complete = poll_fn(|context| {
        loop {
            if !ended && let Poll::Ready(result) = guest.as_mut().poll(context) {
                ended = true;
                result?;
            }
            if call.is_some() && !ended {
                return Poll::Ready(Ok(false));
            }
            match Pin::new(&mut body).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(true)),
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Err(wasmtime::Error::msg(format!(
                        "its answer broke off: {error}"
                    ))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    size += frame.data_ref().map_or(0, Bytes::len);
                    frames.push_back(frame);
                    if size > GATHERED {
                        return Poll::Ready(Ok(false));
                    }
                }
            }
        }
    })
    .await?;
    if !ended {
        let rest = async move {
            let error = guest.await.err()?;
            crate::logs::fault(&format!(
                "a component failed after it had answered: {error:#}"
            ));
            Some(error)
        };
        let rest = rest.in_current_span();
        if let Some(end) = call {
            let rest = wasmtime_wasi::runtime::spawn(rest);
            let trailers = async move {
                rest.await?;
                Some(Ok(if Instant::now() >= end {
                    grpc::end(StatusCode::GATEWAY_TIMEOUT, failure::LATE)
                } else {
                    grpc::end(StatusCode::INTERNAL_SERVER_ERROR, failure::FAILED)
                }))
            };
            body = body.with_trailers(trailers).boxed_unsync();
        } else {
            tokio::spawn(rest);
        }
    }
    let rest = (!complete).then_some(body);
    Ok(Response::from_parts(
        parts,
        Gathered { frames, rest }.boxed_unsync(),
    ))
}

/// A body of which a part is there already.
pub struct Gathered {
    /// What is there.
    pub frames: VecDeque<Frame<Bytes>>,
    /// What is not, if anything.
    pub rest: Option<WasiBody>,
}

impl Body for Gathered {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match (self.frames.pop_front(), &mut self.rest) {
            (Some(frame), _) => Poll::Ready(Some(Ok(frame))),
            (None, Some(rest)) => Pin::new(rest).poll_frame(context),
            (None, None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_none_or(|rest| rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let there: usize = self
            .frames
            .iter()
            .filter_map(Frame::data_ref)
            .map(Bytes::len)
            .sum();
        match self.rest {
            None => SizeHint::with_exact(there as u64),
            Some(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_found_where_the_task_has_used_up_its_turn() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let guest = Box::pin(async {
            while tokio::task::coop::has_budget_remaining() {
                tokio::task::coop::consume_budget().await;
            }
            let body = http_body_util::Empty::new().map_err(|never| match never {});
            let answer = Response::new(body.boxed_unsync());
            sender.send(Ok(answer)).unwrap();
            Ok(())
        });
        gather(guest, receiver, None).await.unwrap();
    }
}
