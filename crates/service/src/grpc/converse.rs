//! Methods that are no routes.

use bytes::Bytes;
use door::{IncomingRequest, ResponseOutparam, Trace, log};
use futures::{Stream, StreamExt, TryStreamExt, future::ready};
use http::{Method, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use prost::Message;
use send_wrapper::SendWrapper;
use tonic::{Status, Streaming, body::Body, server::Grpc};
use tower::service_fn;

use super::{
    Kind, bare,
    codec::{Raw, decoded},
    identified,
};
use crate::{
    Context,
    serve::{self, BODY_LIMIT},
    settings::Settings,
};

/// The messages of a client, as they come.
pub struct Messages(Streaming<Bytes>);

impl Messages {
    /// The next one; none after the last.
    pub async fn next<M: Message + Default>(&mut self) -> Result<Option<M>, Status> {
        self.0.try_next().await?.map(decoded).transpose()
    }
}

/// Serves one request of the service called `name` for a method whose `answers` may begin before the client has said all.
pub async fn converse<A, M>(
    name: &'static str,
    request: IncomingRequest,
    out: ResponseOutparam,
    answers: impl FnOnce(Context, Messages) -> A,
) where
    A: Stream<Item = Result<M, Status>> + 'static,
    M: Message + 'static,
{
    let request = match door::open(&request) {
        Ok(request) => request,
        Err(reason) => {
            let status = Status::internal(reason.to_string());
            return door::stream(out, status.into_http::<Body>()).await;
        }
    };
    let unfit = match Kind::of(request.headers()) {
        _ if request.method() != Method::POST => Some(StatusCode::METHOD_NOT_ALLOWED),
        Some(Kind::Grpc) => None,
        _ => Some(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    };
    if let Some(status) = unfit {
        return door::stream(out, bare(status)).await;
    }
    let trace = Trace::of(request.headers());
    log::begin(name, &trace.request_id);
    log::route(request.uri().path());
    let context = Context::new(
        trace.clone(),
        Settings::own(),
        serve::token(request.headers()),
    );
    let request = request.map(|pieces| {
        let pieces = pieces.map_ok(Frame::data);
        let broken = |reason: door::Reason| Status::internal(reason.to_string());
        StreamBody::new(SendWrapper::new(pieces.map_err(broken).boxed_local()))
    });
    // It is asked once.
    let mut answers = SendWrapper::new(Some((context, answers)));
    let service = service_fn(move |request: tonic::Request<Streaming<Bytes>>| {
        let asked = Option::take(&mut answers).ok_or_else(|| Status::internal("asked twice"));
        ready(asked.map(|(context, answers)| {
            let answers = answers(context, Messages(request.into_inner()));
            let messages = answers.map_ok(|message| message.encode_to_vec());
            tonic::Response::new(SendWrapper::new(messages.boxed_local()))
        }))
    });
    let mut grpc = Grpc::new(Raw).max_decoding_message_size(BODY_LIMIT);
    let response = grpc.streaming(service, request).await;
    door::stream(out, identified(response, &trace)).await;
}
