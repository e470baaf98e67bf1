//! gRPC by hand over HTTP/2, for calls that no client makes.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::{Code, Status};

/// A connection.
#[derive(Clone)]
pub struct Wire {
    address: String,
    sender: SendRequest<Full<Bytes>>,
}

/// What came back.
#[derive(Debug)]
pub struct Told {
    /// The status of HTTP.
    pub http: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The messages, each with its prefix.
    pub body: Bytes,
    /// What follows them.
    pub trailers: HeaderMap,
}

/// A message with its prefix.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0][..], &length.to_be_bytes(), message].concat()
}

impl Wire {
    /// A connection to this host and port.
    pub async fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let io = TokioIo::new(stream);
        let (sender, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
        tokio::spawn(connection);
        Self {
            address: address.to_owned(),
            sender,
        }
    }

    /// A call of `Service/Method` with these headers beside those every call has, unless they are among them.
    pub async fn call(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Told {
        (self.request(Method::POST, path, headers, body).await).unwrap()
    }

    /// Any request, whose answer may end early.
    pub async fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> hyper::Result<Told> {
        let mut request = Request::new(Full::new(Bytes::copy_from_slice(body)));
        *request.method_mut() = method;
        *request.uri_mut() = format!("http://{}/cinema.v1.{path}", self.address)
            .parse()
            .unwrap();
        let usual = [("content-type", "application/grpc"), ("te", "trailers")];
        for (name, value) in usual.iter().chain(headers) {
            let name: hyper::header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = self.sender.clone().send_request(request).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        Ok(Told {
            http: parts.status.as_u16(),
            headers: parts.headers,
            body: body.to_bytes(),
            trailers,
        })
    }
}

impl Told {
    /// How it ended, which an answer without a message has among its headers.
    #[track_caller]
    pub fn told(&self) -> Status {
        let status = Status::from_header_map(&self.trailers);
        let status = status.or_else(|| Status::from_header_map(&self.headers));
        status.unwrap_or_else(|| panic!("no grpc-status: {self:?}"))
    }

    /// Its code.
    #[track_caller]
    pub fn code(&self) -> Code {
        self.told().code()
    }
}
