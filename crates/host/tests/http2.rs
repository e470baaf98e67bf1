//! HTTP/2, and HEAD.
#![allow(clippy::unwrap_used)]

mod support;

use std::{net::SocketAddr, time::Duration};

use host::server::ServeOptions;
use support::raw::{exchange, in_the_end, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request of HTTP/2 on a connection of its own: its preface, empty settings, and one block of headers.
fn http2(method: &str, path: &str) -> Vec<u8> {
    let literal = |name: u8, text: &str| {
        let length = u8::try_from(text.len()).unwrap();
        [&[name, length], text.as_bytes()].concat()
    };
    // The static table of RFC 7541 has the names: 1 is the authority, 2 the method, 4 the path; 6 is the scheme, with its value.
    let block = [
        literal(0x02, method),
        vec![0x86],
        literal(0x04, path),
        literal(0x01, "a"),
    ]
    .concat();
    let length = u8::try_from(block.len()).unwrap();
    [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &[0, 0, 0, 4, 0, 0, 0, 0, 0],
        // Both the headers and the stream end with it.
        &[0, 0, length, 1, 0x05, 0, 0, 0, 1],
        &block,
    ]
    .concat()
}

/// All that comes back until the host closes the connection, as types of frames and their lengths.
async fn frames(host: SocketAddr, request: &[u8]) -> Vec<(u8, usize)> {
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    in_the_end(stream.read_to_end(&mut answer)).await.unwrap();
    let (mut frames, mut rest) = (Vec::new(), &answer[..]);
    while let [a, b, c, kind, ..] = *rest {
        let length = usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap();
        frames.push((kind, length));
        rest = &rest[9 + length..];
    }
    frames
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;

/// Also, the connection is closed once it is of no more use.
#[tokio::test]
async fn head_over_http2_has_no_body() {
    let (_app, host) = serve(ServeOptions {
        head: Duration::from_millis(300),
        ..ServeOptions::default()
    })
    .await;
    for (method, bodies) in [("GET", true), ("HEAD", false)] {
        let frames = frames(host.address(), &http2(method, "/nowhere")).await;
        let count = |kind| frames.iter().filter(|frame| frame.0 == kind).count();
        assert_eq!(count(HEADERS), 1, "{method}: {frames:?}");
        assert_eq!(count(DATA) > 0, bodies, "{method}: {frames:?}");
    }
}

#[tokio::test]
async fn head_tells_the_length_of_the_body() {
    let (_app, host) = serve(ServeOptions::default()).await;
    let ask = async |method| {
        let request = format!(
            "{method} /nowhere HTTP/1.1\r\nhost: a\r\nx-request-id: 1\r\nconnection: close\r\n\r\n"
        );
        exchange(host.address(), request.as_bytes()).await
    };
    let (get, head) = (ask("GET").await, ask("HEAD").await);
    let (get_head, body) = get.split_once("\r\n\r\n").unwrap();
    let length = format!("content-length: {}", body.len());
    assert!(
        get_head.contains(&length) && head.contains(&length),
        "{head}"
    );
    assert!(head.ends_with("\r\n\r\n"), "{head}");
}
