//! What a component prints: line by line into the log, under its name.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::AsyncWrite;
use wasmtime_wasi::{
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

use super::call::Serving;
use crate::{logs, manifest::Component};

/// The longest line that is kept together, in bytes.
const LONGEST_LINE: usize = 64 * 1024;

/// One of a component's output streams.
#[derive(Clone)]
pub struct Output {
    component: Arc<Component>,
    serving: Serving,
    line: Arc<Mutex<Vec<u8>>>,
}

impl Output {
    /// A stream of the component, whose lines belong to the request that is served.
    pub fn new(component: &Arc<Component>, serving: &Serving) -> Self {
        Self {
            component: Arc::clone(component),
            serving: serving.clone(),
            line: Arc::default(),
        }
    }

    fn take(&self, bytes: &[u8]) {
        let mut line = self
            .line
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        for &byte in bytes {
            if byte == b'\n' || line.len() >= LONGEST_LINE {
                self.print(&line);
                line.clear();
            }
            if byte != b'\n' {
                line.push(byte);
            }
        }
    }

    /// Prints what is left of a line whose end has not come: what comes next is another request's.
    pub fn end(&self) {
        let mut line = self
            .line
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if !line.is_empty() {
            self.print(&line);
            line.clear();
        }
    }

    fn print(&self, line: &[u8]) {
        logs::printed(
            &self.component.id,
            &self.serving.call().origin.request_id,
            &String::from_utf8_lossy(line),
        );
    }
}

/// A last line needs no end.
impl Drop for Output {
    fn drop(&mut self) {
        if Arc::strong_count(&self.line) == 1 {
            self.end();
        }
    }
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

impl AsyncWrite for Output {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
