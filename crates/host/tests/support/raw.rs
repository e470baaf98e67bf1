//! HTTP by hand, as no client sends it.

use std::{future::Future, net::SocketAddr, time::Duration};

use host::server::{Running, ServeOptions};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{Application, GOOD, WAITS};

/// A component that answers, and one that reads the body first.
pub async fn serve(options: ServeOptions) -> (Application, Running) {
    let app = Application::new(&[("good", GOOD), ("waits", WAITS)]);
    let host = app.serve(options).await;
    (app, host)
}

/// What a future gives, which a host that hangs would never do.
pub async fn in_the_end<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .unwrap()
}

/// Sends these bytes on a connection of their own, and gives all that comes back until the host closes it.
pub async fn exchange(host: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(host).await.unwrap();
    // Either may fail where the host has closed the connection on bytes that it does not want.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = in_the_end(stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// The statuses of the answers, none of which has a body that looks like a head.
pub fn statuses(answers: &str) -> Vec<u16> {
    answers
        .split("HTTP/1.")
        .skip(1)
        .map(|answer| answer.split(' ').nth(1).unwrap().parse().unwrap())
        .collect()
}
