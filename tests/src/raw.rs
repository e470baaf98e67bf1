//! HTTP by hand, for requests that no well-behaved client sends.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back over the connection, until it was closed or nothing more came.
#[derive(Debug)]
pub struct RawAnswer {
    /// The status, if what came begins as an answer does.
    pub status: Option<u16>,
    /// The status line and the headers, in lower case.
    pub head: String,
    /// What follows them.
    pub body: Vec<u8>,
    /// Whether the other side closed the connection, rather than leaving us waiting.
    pub closed: bool,
}

/// Sends bytes over a connection of their own, and reads what comes back.
pub fn exchange(address: &str, request: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream
        .set_write_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // The other side may well have refused half-way, and closed.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => {
                break !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            }
        }
    };
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let (head, body) = match end {
        Some(end) => (&answer[..end], answer[end + 4..].to_vec()),
        None => (&answer[..], Vec::new()),
    };
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head
        .strip_prefix("http/1.")
        .and_then(|rest| rest.get(2..5)?.parse().ok());
    RawAnswer {
        status,
        head,
        body,
        closed,
    }
}

/// A request with these lines between its first line and its body, on a connection that is then closed.
pub fn request(first_line: &str, headers: &[&[u8]], body: &[u8]) -> Vec<u8> {
    let mut request =
        format!("{first_line} HTTP/1.1\r\nhost: cinema.test\r\nconnection: close\r\n").into_bytes();
    for header in headers {
        request.extend_from_slice(header);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(body);
    request
}

/// The same request with `Authorization` as its first header.
pub fn signed_in(request: &[u8], authorization: &str) -> Vec<u8> {
    let first_line = request
        .windows(2)
        .position(|window| window == b"\r\n")
        .map_or(request.len(), |end| end + 2);
    let (before, after) = request.split_at(first_line);
    let header = format!("authorization: {authorization}\r\n");
    [before, header.as_bytes(), after].concat()
}
