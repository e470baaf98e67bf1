//! A client that makes calls of gRPC, several on one connection.

use std::{
    convert::Infallible,
    net::{Shutdown, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt;
use hyper::{
    body::{Body, Frame, Incoming},
    client::conn::http2::{Builder, SendRequest},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpStream,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

use super::raw::in_the_end;

/// A connection.
pub struct Client {
    sender: SendRequest<Messages>,
    socket: std::net::TcpStream,
}

/// What a client sends, of which a test decides when.
pub struct Messages(UnboundedReceiver<Frame<Bytes>>);

impl Body for Messages {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|frame| frame.map(Ok))
    }
}

/// A message, framed.
pub fn message(text: &str) -> Bytes {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[0], &length[..], text.as_bytes()].concat().into()
}

impl Client {
    /// Connects.
    pub async fn new(host: SocketAddr) -> Self {
        let stream = TcpStream::connect(host).await.unwrap();
        let stream = stream.into_std().unwrap();
        let socket = stream.try_clone().unwrap();
        let stream = TokioIo::new(TcpStream::from_std(stream).unwrap());
        // Small, so that much of a large answer is still to be sent where nobody reads it.
        let (sender, connection) = Builder::new(TokioExecutor::new())
            .initial_stream_window_size(65_535)
            .handshake(stream)
            .await
            .unwrap();
        tokio::spawn(connection);
        Self { sender, socket }
    }

    /// Closes the connection, whatever is on its way.
    pub fn hang_up(&self) {
        self.socket.shutdown(Shutdown::Both).unwrap();
    }

    /// Posts a body that begins so, and goes on with what is sent by the sender until that is dropped; waits for the answer's head.
    pub async fn post(
        &self,
        path: &str,
        content_type: &str,
        beginning: Bytes,
    ) -> (UnboundedSender<Frame<Bytes>>, Response<Incoming>) {
        let (messages, receiver) = unbounded_channel();
        messages.send(Frame::data(beginning)).unwrap();
        (messages, self.send(path, content_type, receiver).await)
    }

    /// Posts nothing, and waits for the answer's head.
    pub async fn post_nothing(&self, path: &str) -> Response<Incoming> {
        let (_, nothing) = unbounded_channel();
        self.send(path, "text/plain", nothing).await
    }

    async fn send(
        &self,
        path: &str,
        content_type: &str,
        body: UnboundedReceiver<Frame<Bytes>>,
    ) -> Response<Incoming> {
        let request = Request::post(format!("http://a/{path}"))
            .header("content-type", content_type)
            .header("te", "trailers")
            .body(Messages(body))
            .unwrap();
        let answer = self.sender.clone().send_request(request);
        in_the_end(answer).await.unwrap()
    }

    /// The same, of a call with a first message.
    pub async fn call(
        &self,
        path: &str,
        first: &str,
    ) -> (UnboundedSender<Frame<Bytes>>, Response<Incoming>) {
        self.post(path, "application/grpc", message(first)).await
    }
}

/// The next that comes of a body.
pub async fn next(body: &mut Incoming) -> Frame<Bytes> {
    in_the_end(body.frame()).await.unwrap().unwrap()
}

/// The next bytes of a body.
pub async fn data(body: &mut Incoming) -> Bytes {
    next(body).await.into_data().unwrap()
}

/// All that is left of a body, and its trailers.
pub async fn rest(body: Incoming) -> (Bytes, Option<HeaderMap>) {
    let body = in_the_end(body.collect()).await.unwrap();
    let trailers = body.trailers().cloned();
    (body.to_bytes(), trailers)
}
